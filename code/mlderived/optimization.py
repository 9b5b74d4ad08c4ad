"""Chapter 4: minimisation by gradients, curvature, proximal steps and splitting, with certificates.

A solver never warns: its result says in `converged` whether the stopping test was met.
"""

from dataclasses import dataclass
from itertools import repeat
from typing import NamedTuple

import numpy as np
from scipy.linalg import cho_solve

from .columns import units
from .linear_algebra import cholesky, solve_cholesky
from .validation import check_number, check_rng, check_symmetric, check_X, check_X_y, check_y, shown

__all__ = [
    "AdamState",
    "AdmmResult",
    "History",
    "OptimizeResult",
    "adam",
    "adam_update",
    "admm",
    "admm_lasso",
    "bfgs",
    "bfgs_update",
    "convexity_slack",
    "dual_quadratic",
    "equality_qp",
    "gradient_descent",
    "heavy_ball",
    "kkt_residual",
    "kkt_solve",
    "lasso_duality_gap",
    "lasso_gap",
    "lbfgs",
    "nesterov",
    "newton",
    "project_ball",
    "project_box",
    "project_simplex",
    "prox_l2",
    "prox_nuclear",
    "proximal_gradient",
    "rate_slope",
    "sgd",
    "smoothness_slack",
    "soft_threshold",
    "subgradient_method",
    "two_loop",
    "wolfe_search",
]


class History(NamedTuple):
    """The trajectory: x, (n_iter + 1, …), and f, (n_iter + 1,), start included; step, (n_iter,)."""

    x: np.ndarray
    f: np.ndarray
    step: np.ndarray


@dataclass(frozen=True)
class OptimizeResult:
    """Where a solver stopped: x, f there, the norm of its stopping test's gradient, steps taken, whether it passed."""

    x: np.ndarray
    f: float
    grad_norm: float
    n_iter: int
    converged: bool
    history: History


# ---- the loop that all descent methods share -------------------------------------------------------------------------


def _iterate(f, grad, x0, move, max_iter, tol):
    """x ← x + p with (p, step) = move(x, f(x), ∇f(x)), until ‖∇f‖ ≤ tol, f is not finite, or the step is 0."""
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    tol = check_number(tol, "tol", low=0)
    x = check_y(x0, "x0")
    xs, fs, steps, g = [x], [f(x)], [], grad(x)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is told by the result
        while np.linalg.norm(g) > tol and np.isfinite(fs[-1]) and len(steps) < max_iter:
            p, step = move(x, fs[-1], g)
            if step == 0:
                break
            x = x + p
            g = grad(x)
            xs.append(x), fs.append(f(x)), steps.append(step)
        return _result(xs, fs, steps, np.linalg.norm(g), tol)


def _remembering(f):
    """f, which when asked again at the point where it was asked last answers from memory."""
    where = answer = None

    def asked(x):
        nonlocal where, answer
        if where is None or not np.array_equal(where, x):
            where, answer = np.array(x), f(x)
        return answer

    return asked


def _result(xs, fs, steps, grad_norm, tol):
    history = History(np.array(xs), np.array(fs), np.array(steps))
    return OptimizeResult(
        x=history.x[-1],
        f=float(fs[-1]),
        grad_norm=float(grad_norm),
        n_iter=len(steps),
        converged=bool(grad_norm <= tol and np.isfinite(fs[-1])),
        history=history,
    )


# ---- gradient descent and momentum -----------------------------------------------------------------------------------


def gradient_descent(f, grad, x0, step=None, L=None, max_iter=10_000, tol=1e-8):
    """x ← x − α∇f(x) (`eq-opt-gd-decrease`, `eq-opt-gd-rate`).

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    step : α; or None for 1/L; or "armijo": from 1 halved until f falls by at least 10⁻⁴α‖∇f‖² (`eq-opt-armijo`)
    L : the gradient's Lipschitz constant
    max_iter, tol : it stops when ‖∇f‖ ≤ tol, after max_iter steps, or (not converged) where f is no longer finite or no
        step descends

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        unless step and L are positive, and if both are missing
    """
    if step is None:
        if L is None:
            raise ValueError("gradient_descent needs a step or L: got neither")
        step = 1 / check_number(L, "L", low=0, strict=True)
    elif step != "armijo":
        step = check_number(step, "step", low=0, strict=True)

    def move(x, fx, g):
        alpha = _backtrack(f, x, fx, g, -g) if step == "armijo" else step
        return -alpha * g, alpha

    return _iterate(f, grad, x0, move, max_iter, tol)


def _backtrack(f, x, fx, g, p, c=1e-4):
    """The first α of 1, ½, ¼, … with f(x + αp) ≤ f(x) + cα gᵀp; 0 where rounding hides any descent."""
    alpha = 1.0
    while np.any(x + alpha * p != x):
        if f(x + alpha * p) <= fx + c * alpha * (g @ p):
            return alpha
        alpha /= 2
    return 0.0


def heavy_ball(f, grad, x0, step, beta, max_iter=10_000, tol=1e-8):
    """Polyak's momentum, x_{k+1} = x_k − α∇f(x_k) + β(x_k − x_{k−1}) with x_{−1} = x₀ (`eq-opt-heavy-ball`).

    On a quadratic with eigenvalues in [μ, L] the best choice is α = 4/(√L + √μ)², β = ((√κ − 1)/(√κ + 1))²; on other
    functions it may cycle for ever.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    step : α > 0
    beta : β in [0, 1)
    max_iter, tol : as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        "step must be positive", "beta must lie in [0, 1)"

    References
    ----------
    Polyak (1964)
    """
    step, beta = check_number(step, "step", low=0, strict=True), _momentum(beta, "beta")
    p = np.zeros_like(check_y(x0, "x0"))

    def move(x, fx, g):
        nonlocal p
        p = beta * p - step * g
        return p, step

    return _iterate(f, grad, x0, move, max_iter, tol)


def _momentum(beta, name):
    if check_number(beta, name, low=0) >= 1:
        raise ValueError(f"{name} must lie in [0, 1): got {beta}")
    return float(beta)


def nesterov(f, grad, x0, L, mu=0.0, max_iter=10_000, tol=1e-8):
    """Accelerated gradients: x_{k+1} = y_k − ∇f(y_k)/L, y_k = x_k + β_k(x_k − x_{k−1}) (`eq-opt-nag-rate`).

    f may rise on the way.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    L : the gradient's Lipschitz constant
    mu : 0: β_k = (t_k − 1)/t_{k+1} with t₁ = 1, t_{k+1} = (1 + √(1 + 4t_k²))/2; above 0, the constant of strong
        convexity: β = (√κ − 1)/(√κ + 1), κ = L/mu (`eq-opt-nag-strong`)
    max_iter, tol : it stops when ‖∇f(y_k)‖, the result's grad_norm, is at most tol; the rest as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        "L must be positive", "mu must satisfy 0 <= mu <= L"

    References
    ----------
    Nesterov (1983)
    """
    L, mu = check_number(L, "L", low=0, strict=True), check_number(mu, "mu")
    if not 0 <= mu <= L:
        raise ValueError(f"mu must satisfy 0 <= mu <= L: got mu {mu} and L {L}")
    root = np.sqrt(mu / L)
    weights = repeat((1 - root) / (1 + root)) if mu else _nesterov_weights()
    return _prox_steps(f, grad, lambda v, t: v, x0, L, weights, max_iter, tol)


def _nesterov_weights():
    t = 1.0
    while True:
        t_old, t = t, (1 + np.sqrt(1 + 4 * t**2)) / 2
        yield (t_old - 1) / t


# ---- subgradients and stochastic gradients ---------------------------------------------------------------------------


def subgradient_method(f, subgrad, x0, steps):
    """x ← x − α_k g_k with any g_k ∈ ∂f(x_k), for convex f (`eq-opt-subgrad-rate`). Not a descent method: f may rise.

    Parameters
    ----------
    f : function (d,) → float
    subgrad : function (d,) → (d,)
    x0 : array (d,)
    steps : array (K,), all positive

    Returns
    -------
    OptimizeResult
        with the best of x₀ … x_K and its f; grad_norm, which tests nothing here, is nan, and `converged` says that f
        stayed finite

    Raises
    ------
    ValueError
        "step must be positive"

    References
    ----------
    Shor (1985)
    """
    steps, x = _positive_steps(steps), check_y(x0, "x0")
    xs, fs = [x], [f(x)]
    for alpha in steps:
        x = x - alpha * subgrad(x)
        xs.append(x), fs.append(f(x))
    history = History(np.array(xs), np.array(fs), steps)
    best = np.argmin(fs)
    return OptimizeResult(history.x[best], float(fs[best]), np.nan, len(steps), bool(np.all(np.isfinite(fs))), history)


def _positive_steps(steps):
    steps = check_y(steps, "steps")
    if np.any(steps <= 0):
        raise ValueError(f"step must be positive: got {steps.min()}")
    return steps


def sgd(grad_batch, x0, n, batch_size, steps, seed=0, average=False):
    """Stochastic gradients: x ← x − α_k g, g from `batch_size` of n samples drawn with replacement (`eq-opt-sgd-rate`).

    Parameters
    ----------
    grad_batch : function (x, idx) → an unbiased estimate of the gradient at x, of x's shape, from the samples idx,
        (batch_size,)
    x0 : array of any shape (so that chains can run side by side)
    n, batch_size : int ≥ 1
    steps : array (K,), all step sizes
    seed : an integer or a Generator, whose `integers(0, n, (K, batch_size))` are the samples
    average : True returns the mean of x₁ … x_K (Polyak–Ruppert)

    Returns
    -------
    OptimizeResult
        f and grad_norm, which SGD never sees, are nan, history.f is empty, and `converged` says that all iterates
        stayed finite

    Raises
    ------
    ValueError
        for a step that is not positive, an n or a batch below 1

    References
    ----------
    Robbins and Monro (1951)
    """
    n = check_number(n, "n", low=1, integer=True)
    batch_size = check_number(batch_size, "batch_size", low=1, integer=True)
    steps = _positive_steps(steps)
    x = np.array(x0, dtype=float)
    if not np.all(np.isfinite(x)):
        raise ValueError("x0 contains NaN or infinity")
    xs = np.empty((len(steps) + 1, *x.shape))
    xs[0] = x
    k = 0
    batches = check_rng(seed).integers(0, n, (len(steps), batch_size))
    with np.errstate(over="ignore", invalid="ignore"):
        while k < len(steps) and np.all(np.isfinite(x)):
            x = x - steps[k] * grad_batch(x, batches[k])
            k += 1
            xs[k] = x
        x = xs[1 : k + 1].mean(axis=0) if average else x
    history = History(xs[: k + 1], np.empty(0), steps[:k])
    return OptimizeResult(x, np.nan, np.nan, k, bool(np.all(np.isfinite(x))), history)


# ---- Adam ------------------------------------------------------------------------------------------------------------


class AdamState(NamedTuple):
    """Adam's memory after k steps: running means m of g and v of g², and AMSGrad's maximum v_max of all v so far."""

    k: int
    m: np.ndarray
    v: np.ndarray
    v_max: np.ndarray


def adam_update(g, state=None, step=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, bias_correction=True, amsgrad=False):
    """One step of Adam, −α m̂/(√v̂ + ε), and the new state (`eq-opt-adam-bias`). Pure: `state` is not changed.

    Parameters
    ----------
    g : array of any shape, as the step has it
    state : AdamState, or None to start from zeros
    step, beta1, beta2 : α > 0, β₁ and β₂ in [0, 1)
    eps : ε ≥ 0, added after the root; at 0 an entry whose gradients were all 0 stays
    bias_correction : whether m̂ = m/(1 − β₁ᵏ) and v̂ = v/(1 − β₂ᵏ)
    amsgrad : whether the maximum of all v so far, taken before the correction, is put in the place of v

    Returns
    -------
    step, of g's shape, and AdamState

    Raises
    ------
    ValueError
        "step must be positive", "beta1 must lie in [0, 1)", "eps must be non-negative"

    References
    ----------
    Kingma and Ba (2015); Reddi, Kale and Kumar (2018)
    """
    step, eps = check_number(step, "step", low=0, strict=True), check_number(eps, "eps", low=0)
    beta1, beta2 = _momentum(beta1, "beta1"), _momentum(beta2, "beta2")
    g = np.asarray(g, dtype=float)
    k, m, v, v_max = state or AdamState(0, *np.zeros((3, *g.shape)))
    k += 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = m, v_max if amsgrad else v
    if bias_correction:
        m_hat, v_hat = m_hat / (1 - beta1**k), v_hat / (1 - beta2**k)
    size = np.sqrt(v_hat) + eps
    delta = -step * np.divide(m_hat, size, out=np.zeros_like(m_hat), where=size != 0)  # NaN stays NaN
    return delta, AdamState(k, m, v, v_max)


def adam(
    f,
    grad,
    x0,
    step=1e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    bias_correction=True,
    amsgrad=False,
    max_iter=10_000,
    tol=1e-8,
):
    """x ← x + `adam_update`(∇f(x)): steps whose size hardly depends on the gradient's.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    step, beta1, beta2, eps, bias_correction, amsgrad : as in `adam_update`
    max_iter, tol : as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        as `adam_update`
    """
    state = None

    def move(x, fx, g):
        nonlocal state
        delta, state = adam_update(g, state, step, beta1, beta2, eps, bias_correction, amsgrad)
        return delta, step

    return _iterate(f, grad, x0, move, max_iter, tol)


# ---- Newton and quasi-Newton -----------------------------------------------------------------------------------------


def newton(f, grad, hess, x0, damped=True, max_iter=100, tol=1e-8):
    """x ← x − α H⁻¹∇f(x) by Cholesky (`eq-opt-newton`, `eq-opt-newton-rate`).

    Where H is not positive definite, τI is added with the first τ of 0, τ₀, 2τ₀, … that makes it so.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    hess : function (d,) → (d, d), symmetric
    damped : whether α is the first of 1, ½, ¼, … that lowers f by 10⁻⁴α times the slope; else α = 1
    max_iter, tol : as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        where H is not symmetric
    """

    def move(x, fx, g):
        p = -solve_cholesky(_shifted_cholesky(hess(x)), g)
        # a promised descent below the rounding of f cannot be tested, and so near Newton needs no test
        certain = not damped or -g @ p <= np.finfo(float).eps * abs(fx)
        alpha = 1.0 if certain else _backtrack(f, x, fx, g, p)
        return alpha * p, alpha

    return _iterate(f, grad, x0, move, max_iter, tol)


def _shifted_cholesky(H):
    """The Cholesky factor of H + τI, τ the first of 0, τ₀, 2τ₀, 4τ₀, … for which there is one."""
    tau = 0.0
    while True:
        try:
            return cholesky(H + tau * np.eye(len(H)))
        except np.linalg.LinAlgError:
            tau = 2 * tau or 1e-3 * max(np.linalg.norm(H), 1e-8)


def wolfe_search(f, grad, x, p, c1=1e-4, c2=0.9):
    """A step α along the descent direction p that satisfies both Wolfe conditions, by bisection.

    f(x + αp) ≤ f(x) + c₁α gᵀp, and ∇f(x + αp)ᵀp ≥ c₂ gᵀp: long enough that a quasi-Newton update stays positive
    definite. Tries α = 1 first, doubles while the slope is too steep, then bisects; such an α exists if f is smooth and
    bounded below.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x, p : arrays (d,)
    c1, c2 : 0 < c₁ < c₂ < 1

    Returns
    -------
    float
        0.0 where rounding hides any descent, or where f falls for ever

    Raises
    ------
    ValueError
        unless 0 < c1 < c2 < 1 and gᵀp < 0
    """
    if not 0 < c1 < c2 < 1:
        raise ValueError(f"c1 and c2 must satisfy 0 < c1 < c2 < 1: got {c1} and {c2}")
    fx, slope = f(x), grad(x) @ p
    if slope >= 0:
        raise ValueError(f"p must be a descent direction: its slope is {slope}")
    low, high, alpha = 0.0, np.inf, 1.0
    while low < alpha < high and np.any(x + alpha * p != x):
        # ≤ in this form also sends a NaN, from a point outside the domain, back towards x
        if not f(x + alpha * p) <= fx + c1 * alpha * slope:
            high = alpha
        elif grad(x + alpha * p) @ p < c2 * slope:
            low = alpha
        else:
            return alpha
        alpha = 2 * low if high == np.inf else (low + high) / 2
    return 0.0


def bfgs_update(H, s, y):
    """H⁺ = (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, ρ = 1/yᵀs: the inverse Hessian that maps y to s (`eq-opt-bfgs`).

    Parameters
    ----------
    H : array (d, d), symmetric positive definite
    s, y : arrays (d,), differences of points and of gradients

    Returns
    -------
    array (d, d)
        positive definite

    Raises
    ------
    ValueError
        unless yᵀs > 0
    """
    if not y @ s > 0:
        raise ValueError(f"the curvature yᵀs must be positive: got {y @ s}")
    rho, Hy = 1 / (y @ s), H @ y
    return H - rho * (np.outer(s, Hy) + np.outer(Hy, s)) + rho * (1 + rho * (y @ Hy)) * np.outer(s, s)


def bfgs(f, grad, x0, max_iter=1000, tol=1e-8):
    """x ← x − α H∇f(x) with H from `bfgs_update` and α from `wolfe_search` (`eq-opt-bfgs`).

    The first step is along −∇f; then H starts as γI, γ = sᵀy/yᵀy. f and grad are asked once at each point.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    max_iter, tol : as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        as `gradient_descent`

    References
    ----------
    Nocedal and Wright (2006), chapter 6
    """
    H = None

    def direction(g, s, y):
        nonlocal H
        if s is not None:
            H = bfgs_update((s @ y) / (y @ y) * np.eye(len(g)) if H is None else H, s, y)
        return -g if H is None else -H @ g

    return _quasi_newton(f, grad, x0, direction, max_iter, tol)


def _quasi_newton(f, grad, x0, direction, max_iter, tol):
    """x ← x + αp, p = direction(∇f(x), s, y), where s and y are the last differences of points and gradients with
    yᵀs > 0, which Wolfe's search guarantees but for rounding; None before there are any, and where there is no news."""
    f, grad, last = _remembering(f), _remembering(grad), None  # the search and the loop ask at the same points

    def move(x, fx, g):
        nonlocal last
        s, y = (None, None) if last is None else (x - last[0], g - last[1])
        p = direction(g, *((s, y) if s is not None and y @ s > 0 else (None, None)))
        last = x, g
        return _wolfe_step(f, grad, x, g, p)

    return _iterate(f, grad, x0, move, max_iter, tol)


def _wolfe_step(f, grad, x, g, p):
    alpha = wolfe_search(f, grad, x, p) if g @ p < 0 else 0.0
    return alpha * p, alpha


def two_loop(g, pairs):
    """H g, where H is γI updated with the pairs (s, y), oldest first: 4md operations, no matrix (`eq-opt-bfgs`).

    Parameters
    ----------
    g : array (d,)
    pairs : sequence of m pairs of arrays (d,) with yᵀs > 0; γ = sᵀy/yᵀy of the newest (1 if there is none)

    Returns
    -------
    array (d,)

    References
    ----------
    Nocedal and Wright (2006), algorithm 7.4
    """
    q, kept = np.array(g, dtype=float), []
    for s, y in reversed(pairs):
        a = (s @ q) / (y @ s)
        q -= a * y
        kept.append(a)
    if pairs:
        s, y = pairs[-1]
        q *= (s @ y) / (y @ y)
    for (s, y), a in zip(pairs, reversed(kept), strict=True):
        q += (a - (y @ q) / (y @ s)) * s
    return q


def lbfgs(f, grad, x0, memory=10, max_iter=1000, tol=1e-8):
    """As `bfgs`, with H from the last `memory` pairs by `two_loop`: O(memory·d) per step, and linear convergence only.

    Parameters
    ----------
    f : function (d,) → float
    grad : function (d,) → (d,)
    x0 : array (d,)
    memory : int ≥ 1
    max_iter, tol : as in `gradient_descent`

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        for a memory below 1

    References
    ----------
    Nocedal and Wright (2006), chapter 7
    """
    memory, pairs = check_number(memory, "memory", low=1, integer=True), []

    def direction(g, s, y):
        if s is not None:
            pairs.append((s, y))
            del pairs[:-memory]
        return -two_loop(g, pairs)

    return _quasi_newton(f, grad, x0, direction, max_iter, tol)


# ---- proximal steps --------------------------------------------------------------------------------------------------


def proximal_gradient(f, grad, prox, x0, L, accelerated=False, max_iter=10_000, tol=1e-8):
    """Minimises smooth + h by x ← prox_{h/L}(x − ∇smooth(x)/L): ISTA, or FISTA if `accelerated` (`eq-opt-prox-grad`).

    ISTA's objective never rises; FISTA's may.

    Parameters
    ----------
    f : function (d,) → float, the whole objective smooth + h (recorded, never differentiated)
    grad : function (d,) → (d,), the gradient of the smooth part alone
    prox : function (v, t) → argmin h(x) + ‖x − v‖²/2t
    x0 : array (d,)
    L : Lipschitz constant of grad
    accelerated : bool
    max_iter, tol : it stops when the gradient mapping L‖y − prox(y − ∇smooth(y)/L)‖, the result's grad_norm, is at most
        tol (y = x for ISTA, the extrapolated point for FISTA), after max_iter steps, or (not converged) where f is no
        longer finite

    Returns
    -------
    OptimizeResult

    Raises
    ------
    ValueError
        unless L is positive

    References
    ----------
    Beck and Teboulle (2009)
    """
    L = check_number(L, "L", low=0, strict=True)
    return _prox_steps(f, grad, prox, x0, L, _nesterov_weights() if accelerated else repeat(0.0), max_iter, tol)


def _prox_steps(f, grad, prox, x0, L, weights, max_iter, tol):
    """x ← prox(y − ∇smooth(y)/L), y ← x + β(x − x_old), β from the iterator `weights`."""
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    tol = check_number(tol, "tol", low=0)
    x = y = check_y(x0, "x0")
    xs, fs, grad_norm = [x], [f(x)], np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        while grad_norm > tol and np.isfinite(fs[-1]) and len(xs) <= max_iter:
            x_old, x = x, prox(y - grad(y) / L, 1 / L)
            grad_norm = L * np.linalg.norm(y - x)
            y = x + next(weights) * (x - x_old)
            xs.append(x), fs.append(f(x))
    return _result(xs, fs, np.full(len(xs) - 1, 1 / L), grad_norm, tol)


def soft_threshold(v, t):
    """S(v, t) = sign(v) max(|v| − t, 0), the proximal map of t|·|, elementwise (`eq-opt-soft`).

    Parameters
    ----------
    v : array of any shape
    t : number ≥ 0, or an array of these that broadcasts with v

    Returns
    -------
    array of v's shape

    Raises
    ------
    ValueError
        if any t is negative
    """
    t = np.asarray(t)
    if (t < 0).any():
        raise ValueError(f"t must be non-negative: got {t.min()}")
    return v - np.minimum(np.maximum(v, -t), t)  # v less its clipping to [−t, t]: the same number, and never −0.0


def prox_l2(v, t):
    """max(1 − t/‖v‖, 0) v, the proximal map of t‖·‖₂, for each row of v: zero as a whole, or shorter by t.

    Parameters
    ----------
    v : array (…, d)
    t : number ≥ 0

    Returns
    -------
    array of v's shape

    Raises
    ------
    ValueError
        if t is negative
    """
    v, t = np.asarray(v, dtype=float), check_number(t, "t", low=0)
    norm = np.linalg.norm(v, axis=-1, keepdims=True)
    return v * (np.maximum(norm - t, 0) / np.where(norm > 0, norm, 1))


def prox_nuclear(V, t):
    """U diag(max(s − t, 0)) Wᵀ, the proximal map of t times the nuclear norm, for V = U diag(s) Wᵀ.

    Parameters
    ----------
    V : array (m, n)
    t : number ≥ 0

    Returns
    -------
    array (m, n)

    Raises
    ------
    ValueError
        if t is negative or V not finite
    """
    U, s, Wt = np.linalg.svd(check_X(V, "V"), full_matrices=False)
    return U * np.maximum(s - check_number(t, "t", low=0), 0) @ Wt


def project_simplex(v, total=1.0):
    """The nearest point of {x ≥ 0, Σx = total} to each row of v, by sorting: O(d log d) (`eq-opt-simplex`).

    Parameters
    ----------
    v : array (…, d), d ≥ 1
    total : positive number

    Returns
    -------
    array of v's shape

    Raises
    ------
    ValueError
        unless total is positive and v finite with at least one entry a row
    """
    v, total = _rows(v), check_number(total, "total", low=0, strict=True)
    v = v - v.max(axis=-1, keepdims=True)  # moves no projection, and keeps a large v from swallowing the total
    return np.maximum(v - _simplex_threshold(v, total), 0)


def _rows(v):
    """v, (…, d), as a finite float array with d ≥ 1."""
    v = np.asarray(v, dtype=float)
    if v.ndim == 0 or v.shape[-1] == 0:
        raise ValueError(f"v must hold rows of at least one entry: got shape {v.shape}")
    if not np.isfinite(v).all():
        raise ValueError("v contains NaN or infinity")
    return v


def _simplex_threshold(v, total):
    """The θ, (…, 1), with Σ max(v − θ, 0) = total along the last axis: the k largest entries exceed it."""
    u = np.sort(v, axis=-1)[..., ::-1]
    theta = (np.cumsum(u, axis=-1) - total) / np.arange(1, v.shape[-1] + 1)
    k = np.sum(u > theta, axis=-1, keepdims=True)
    return np.take_along_axis(theta, k - 1, axis=-1)


def project_ball(v, radius=1.0, p=2):
    """The nearest point of {‖x‖_p ≤ radius} to each row of v (`eq-opt-projection`).

    The projection on the 1-ball is a soft threshold: it makes exact zeros. That on the 2-ball only rescales.

    Parameters
    ----------
    v : array (…, d), d ≥ 1
    radius : positive number
    p : 1 or 2

    Returns
    -------
    array of v's shape

    Raises
    ------
    ValueError
        unless radius is positive, p is 1 or 2, and v finite with at least one entry a row
    """
    v, radius = _rows(v), check_number(radius, "radius", low=0, strict=True)
    if p == 1:
        inside = np.abs(v).sum(axis=-1, keepdims=True) <= radius
        return np.where(inside, v, np.where(v < 0, -1.0, 1.0) * project_simplex(np.abs(v), radius))
    if p == 2:
        peak = np.maximum(np.abs(v).max(axis=-1, keepdims=True), radius)  # no square under- or overflows
        return v / peak * (radius / np.maximum(np.linalg.norm(v / peak, axis=-1, keepdims=True), radius / peak))
    raise ValueError(f"p must be 1 or 2: got {shown(p)}")


def project_box(v, low, high):
    """The nearest point of {low ≤ x ≤ high} to v, entry by entry (`eq-opt-projection`).

    Parameters
    ----------
    v : array of any shape
    low, high : numbers or arrays that broadcast with v

    Returns
    -------
    array of v's shape

    Raises
    ------
    ValueError
        where low exceeds high, and for NaN
    """
    low, high = np.broadcast_arrays(low, high)
    if np.isnan(v).any() or np.isnan(low).any() or np.isnan(high).any():
        raise ValueError("v, low and high must not contain NaN")
    if np.any(low > high):
        raise ValueError(f"low must not exceed high: got {low[low > high][0]} and {high[low > high][0]}")
    return np.minimum(np.maximum(v, low), high)


# ---- splitting -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class AdmmResult:
    """Where ADMM stopped, and its way.

    x, z, u: the two copies and the scaled dual, (d,); n_iter; converged; primal and dual: the norms of the residuals
    r_k = x_k − z_k and s_k = ρ(z_k − z_{k−1}), (n_iter,); zs and us: z and u with the start, (n_iter + 1, d).
    """

    x: np.ndarray
    z: np.ndarray
    u: np.ndarray
    n_iter: int
    converged: bool
    primal: np.ndarray
    dual: np.ndarray
    zs: np.ndarray
    us: np.ndarray


def admm(prox_f, prox_g, x0, rho=1.0, max_iter=10_000, tol=1e-8):
    """Minimises f(x) + g(z) subject to x = z, with the scaled dual u = y/ρ (`eq-opt-admm-scaled`).

    x ← prox_{f/ρ}(z − u), z ← prox_{g/ρ}(x + u), u ← u + x − z, from z = x0 and u = 0. Where g makes zeros, z has them
    and x does not.

    Parameters
    ----------
    prox_f, prox_g : functions (v, t) → argmin f(x) + ‖x − v‖²/2t, and likewise for g
    x0 : array (d,)
    rho : ρ > 0
    max_iter, tol : it stops when max(‖r‖, ‖s‖) ≤ tol, or after max_iter steps

    Returns
    -------
    AdmmResult

    Raises
    ------
    ValueError
        "rho must be positive"

    References
    ----------
    Boyd et al. (2011)
    """
    rho = check_number(rho, "rho", low=0, strict=True)
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    tol = check_number(tol, "tol", low=0)
    z = check_y(x0, "x0")
    u = np.zeros_like(z)
    zs, us, primal, dual = [z], [u], [], []
    while not primal or (max(primal[-1], dual[-1]) > tol and len(primal) < max_iter):
        x = prox_f(z - u, 1 / rho)
        z_old, z = z, prox_g(x + u, 1 / rho)
        u = u + x - z
        primal.append(np.linalg.norm(x - z)), dual.append(rho * np.linalg.norm(z - z_old))
        zs.append(z), us.append(u)
    converged = bool(max(primal[-1], dual[-1]) <= tol)
    return AdmmResult(x, z, u, len(primal), converged, *map(np.array, (primal, dual, zs, us)))


def admm_lasso(X, y, lam, rho=None, max_iter=10_000, tol=1e-8):
    """The lasso ½‖y − Xw‖² + λ‖w‖₁ by `admm` from zeros: a ridge solve, a soft threshold, and a dual step.

    The matrix of the ridge solve never changes: one Cholesky factor of XᵀX + ρI, or of XXᵀ + ρI where N < d (Woodbury),
    serves all steps.

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    lam : λ ≥ 0, on the sum scale
    rho : ρ > 0; None is the mean of the columns' squared lengths, the size of XᵀX: one that is far from it may need
        more than max_iter steps, which `converged` tells
    max_iter, tol : as in `admm`

    Returns
    -------
    AdmmResult
        the weights are `z`: it has the exact zeros

    Raises
    ------
    ValueError
        for bad shapes, "lam must be non-negative", "rho must be positive"
    """
    X, y = check_X_y(X, y)
    N, d = X.shape
    lam, rho = check_number(lam, "lam", low=0), (np.sum(X**2) / d or 1.0) if rho is None else rho
    rho = check_number(rho, "rho", low=0, strict=True)
    wide = d > N
    # factored once; the substitutions of each step are LAPACK's, for there may be thousands of steps
    factor = cholesky((X @ X.T if wide else X.T @ X) + rho * np.eye(min(N, d))), True
    Xty = X.T @ y

    def ridge(v, t):
        q = Xty + rho * v
        return (q - X.T @ cho_solve(factor, X @ q)) / rho if wide else cho_solve(factor, q)

    return admm(ridge, lambda v, t: soft_threshold(v, lam * t), np.zeros(d), rho, max_iter, tol)


def lasso_duality_gap(X, y, w, lam):
    """How far at most w is from the minimum of ½‖y − Xw‖² + λ‖w‖₁: primal minus dual objective (`eq-opt-lasso-gap`).

    The dual point is the residual scaled into the feasible set, θ = s e with s = min(1, λ/‖Xᵀe‖∞); its dual value ½‖y‖²
    − ½‖y − θ‖² is a lower bound of the minimum.

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    w : array (d,)
    lam : λ ≥ 0, on the sum scale

    Returns
    -------
    float
        ≥ 0 up to rounding

    Raises
    ------
    ValueError
        for bad shapes, non-finite entries and a negative lam
    """
    X, y = check_X_y(X, y)
    w, lam = check_y(w, "w"), check_number(lam, "lam", low=0)
    if len(w) != X.shape[1]:
        raise ValueError(f"w must have {X.shape[1]} entries, one per feature: got {len(w)}")
    e = y - X @ w
    return float(lasso_gap(e @ e, X.T @ e, w, lam))


def lasso_gap(sse, q, w, lam):
    """`lasso_duality_gap` for those who have the residual's square and its products with the columns.

    Parameters
    ----------
    sse : ‖e‖²
    q : array (d,), Xᵀe
    w : array (d,)
    lam : λ ≥ 0

    Returns
    -------
    number
    """
    s = lam / max(lam, np.abs(q).max()) if q.any() else 1.0
    # ½‖e‖² + λ‖w‖₁ − θᵀy + ½‖θ‖² with y = e + Xw: two terms that are never negative, and cancel nothing large
    return 0.5 * (1 - s) ** 2 * sse + (lam * np.abs(w).sum() - s * (w @ q))


# ---- constraints and certificates ------------------------------------------------------------------------------------


def equality_qp(P, q, A, b):
    """(x, ν) that solve min ½xᵀPx + qᵀx subject to Ax = b, from one linear system, [P Aᵀ; A 0] (`eq-opt-kkt-qp`).

    What decides is the same in any units of x, of the objective and of the constraints.

    Parameters
    ----------
    P : array (d, d), symmetric, positive definite on the kernel of A
    q : array (d,)
    A : array (m, d) with independent rows
    b : array (m,)

    Returns
    -------
    x, array (d,), and ν, array (m,)

    Raises
    ------
    ValueError
        for bad shapes and a P that is not symmetric
    LinAlgError
        where the system is singular, or P not positive definite on the kernel: there is then no minimum
    """
    x, nu, negative = _kkt_system(P, q, A, b)
    if negative > len(nu):  # the matrix has as many negative eigenvalues as A has rows, and those of P on the kernel
        raise np.linalg.LinAlgError("P is not positive definite on the kernel of A: there is no minimum")
    return x, nu


def kkt_solve(P, q, A, b):
    """(x, ν) with Px + q + Aᵀν = 0 and Ax = b: the stationary point of `equality_qp`, be it a minimum or a saddle.

    Parameters
    ----------
    P : array (d, d), symmetric, not singular on the kernel of A
    q, A, b : as in `equality_qp`

    Returns
    -------
    x, array (d,), and ν, array (m,)

    Raises
    ------
    ValueError
        for bad shapes and a P that is not symmetric
    LinAlgError
        where the system is singular
    """
    return _kkt_system(P, q, A, b)[:2]


def _kkt_system(P, q, A, b):
    """x, ν and the number of negative eigenvalues of [P Aᵀ; A 0], which no change of units moves (Sylvester)."""
    P, q, A, b = _quadratic_programme(P, q, A, b)
    m, scale = len(b), np.ones(len(q))
    for _ in range(8):  # units of x in which the largest entry of each column of P is near 1,
        scale /= np.sqrt(units(scale[:, None] * P * scale))
    scale = np.r_[scale, 1 / units((A * scale).T)]  # and then units of ν, for the rows of A
    K = scale[:, None] * np.block([[P, A.T], [A, np.zeros((m, m))]]) * scale
    values = np.linalg.eigvalsh(K)
    if np.abs(values).min() <= len(K) * np.finfo(float).eps * np.abs(values).max():
        raise np.linalg.LinAlgError("the KKT matrix is singular: A has dependent rows, or P is singular on its kernel")
    solution = scale * np.linalg.solve(K, scale * np.r_[-q, b])
    return solution[:-m], solution[-m:], np.count_nonzero(values < 0)


def dual_quadratic(P, q, A, b):
    """(Q, c, r) of the dual function −½λᵀQλ − cᵀλ − r of min ½xᵀPx + qᵀx subject to Ax ≤ b (`eq-opt-dual-qp`).

    Maximise it over λ ≥ 0; then x = −P⁻¹(q + Aᵀλ).

    Parameters
    ----------
    P : array (d, d), symmetric positive definite
    q : array (d,)
    A : array (m, d)
    b : array (m,)

    Returns
    -------
    Q = AP⁻¹Aᵀ, array (m, m), c = b + AP⁻¹q, array (m,), r = ½qᵀP⁻¹q, float

    Raises
    ------
    ValueError
        for bad shapes and a P that is not symmetric
    LinAlgError
        unless P ≻ 0
    """
    P, q, A, b = _quadratic_programme(P, q, A, b)
    L = cholesky(P)
    PinvAt, Pinvq = solve_cholesky(L, A.T), solve_cholesky(L, q)
    return A @ PinvAt, b + A @ Pinvq, float(0.5 * q @ Pinvq)


def _quadratic_programme(P, q, A, b):
    P, q, A, b = check_X(P, "P"), check_y(q, "q"), check_X(A, "A"), check_y(b, "b")
    d = len(q)
    if P.shape != (d, d) or A.shape != (len(b), d):
        raise ValueError(
            f"P and A must have shapes {(d, d)} and {(len(b), d)}, by q and b: got {P.shape} and {A.shape}"
        )
    return check_symmetric(P, "P"), q, A, b


def kkt_residual(x, lam, nu, grad_f, g=None, jac_g=None, h=None, jac_h=None):
    """How far (x, λ, ν) is from the four KKT conditions of min f, g ≤ 0, h = 0 (`eq-opt-kkt`).

    Parameters
    ----------
    x : array (d,)
    lam, nu : arrays (m,) and (p,)
    grad_f : function (d,) → (d,)
    g, jac_g : functions (d,) → (m,) and (m, d), or None where there are no such constraints: the multipliers are then
        not read
    h, jac_h : likewise

    Returns
    -------
    dict of norms
        stationarity: ‖∇f + J_gᵀλ + J_hᵀν‖; primal: ‖(max(g, 0), h)‖; dual: ‖min(λ, 0)‖; slackness: ‖λ ∘ g‖

    Raises
    ------
    ValueError
        for NaN and infinity
    """
    x = check_y(x, "x")
    stationarity, primal = np.asarray(grad_f(x), dtype=float), np.zeros(0)
    dual = slackness = np.zeros(0)
    if g is not None:
        lam, gx = check_y(lam, "lam"), np.asarray(g(x), dtype=float)
        stationarity = stationarity + jac_g(x).T @ lam
        primal, dual, slackness = np.maximum(gx, 0), np.minimum(lam, 0), lam * gx
    if h is not None:
        stationarity = stationarity + jac_h(x).T @ check_y(nu, "nu")
        primal = np.r_[primal, h(x)]
    parts = {"stationarity": stationarity, "primal": primal, "dual": dual, "slackness": slackness}
    return {name: float(np.linalg.norm(part)) for name, part in parts.items()}


def convexity_slack(f, sampler, n, seed):
    """The least of θf(x) + (1−θ)f(y) − f(θx + (1−θ)y) on n random chords: negative if f is not convex.

    A value ≥ 0, up to rounding, proves nothing; one below refutes.

    Parameters
    ----------
    f : function of a point → float
    sampler : function Generator → point of the domain; θ is uniform on [0, 1], drawn after x and y
    n : int ≥ 1
    seed : an integer or a Generator

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for n below 1 and a bad seed
    """
    rng, worst = check_rng(seed), np.inf
    for _ in range(check_number(n, "n", low=1, integer=True)):
        x, y, theta = sampler(rng), sampler(rng), rng.uniform()
        worst = min(worst, theta * f(x) + (1 - theta) * f(y) - f(theta * x + (1 - theta) * y))
    return float(worst)


def smoothness_slack(grad, L, sampler, n, seed):
    """The least L‖x − y‖ − ‖∇f(x) − ∇f(y)‖ over n random pairs: negative if L is too small (`def-opt-smooth`).

    Parameters
    ----------
    grad : function (d,) → (d,)
    L : positive number
    sampler : function Generator → point
    n : int ≥ 1
    seed : an integer or a Generator

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for L ≤ 0, n below 1 and a bad seed
    """
    L, rng, worst = check_number(L, "L", low=0, strict=True), check_rng(seed), np.inf
    for _ in range(check_number(n, "n", low=1, integer=True)):
        x, y = sampler(rng), sampler(rng)
        worst = min(worst, L * np.linalg.norm(x - y) - np.linalg.norm(grad(x) - grad(y)))
    return float(worst)


def rate_slope(k, gap, law="power"):
    """The least-squares slope of log(gap) against log k (law "power"), or against k (law "geometric").

    −2 under "power" is a gap like 1/k²; under "geometric" the gap shrinks by e^slope per step.

    Parameters
    ----------
    k, gap : arrays (n,), n ≥ 2, gap > 0, and k > 0 under "power"
    law : "power" or "geometric"

    Returns
    -------
    float

    Raises
    ------
    ValueError
        otherwise
    """
    k, gap = check_y(k, "k"), check_y(gap, "gap")
    if law not in ("power", "geometric"):
        raise ValueError(f"law must be 'power' or 'geometric': got {shown(law)}")
    if len(k) != len(gap) or len(np.unique(k)) < 2:
        raise ValueError(f"k and gap must have one length and two different k: got {len(k)} and {len(gap)} entries")
    if np.any(gap <= 0) or (law == "power" and np.any(k <= 0)):
        raise ValueError("gap, and k under the power law, must be positive")
    return float(np.polyfit(np.log(k) if law == "power" else k, np.log(gap), 1)[0])
