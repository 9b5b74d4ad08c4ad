"""Chapter 4: minimisation by gradients and proximal steps, with certificates.

A solver never warns: its result says in `converged` whether the stopping test was met.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .validation import check_number, check_X_y, check_y

__all__ = [
    "History",
    "OptimizeResult",
    "gradient_descent",
    "lasso_duality_gap",
    "project_ball",
    "project_simplex",
    "proximal_gradient",
    "sgd",
    "soft_threshold",
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


def gradient_descent(f, grad, x0, step=None, L=None, max_iter=10_000, tol=1e-8):
    """x ← x − α∇f(x) (`eq-opt-gd-decrease`, `eq-opt-gd-rate`).

    f: (d,) → float; grad: (d,) → (d,); x0: (d,). step: α; or None for 1/L, L the gradient's Lipschitz constant; or
    "armijo": from 1 halved until f falls by at least 10⁻⁴α‖∇f‖² (`eq-opt-armijo`).
    Stops when ‖∇f‖ ≤ tol, after max_iter steps, or (not converged) where f is no longer finite or no step descends.
    Returns an `OptimizeResult`. Raises ValueError unless step and L are positive, and if both are missing.
    """
    if step is None:
        if L is None:
            raise ValueError("gradient_descent needs a step or L: got neither")
        step = 1 / check_number(L, "L", low=0, strict=True)
    elif step != "armijo":
        step = check_number(step, "step", low=0, strict=True)
    max_iter, tol = _check_stop(max_iter, tol)
    x = check_y(x0, "x0")
    xs, fs, steps, g = [x], [f(x)], [], grad(x)
    with np.errstate(over="ignore", invalid="ignore"):  # divergence is told by the result
        while np.linalg.norm(g) > tol and np.isfinite(fs[-1]) and len(steps) < max_iter:
            alpha = _backtrack(f, x, fs[-1], g) if step == "armijo" else step
            if alpha == 0:
                break
            x = x - alpha * g
            g = grad(x)
            xs.append(x), fs.append(f(x)), steps.append(alpha)
    return _result(xs, fs, steps, np.linalg.norm(g), tol)


def _backtrack(f, x, fx, g, c=1e-4):
    """The first of 1, ½, ¼, … that lowers f by cα‖g‖² or more; 0 where rounding hides any descent."""
    alpha = 1.0
    while np.any(x - alpha * g != x):
        if f(x - alpha * g) <= fx - c * alpha * (g @ g):
            return alpha
        alpha /= 2
    return 0.0


def sgd(grad_batch, x0, n, batch_size, steps, random_state=None, average=False):
    """Stochastic gradients: x ← x − α_k g, g from `batch_size` of n samples drawn with replacement (`eq-opt-sgd-rate`).

    grad_batch(x, idx): an unbiased estimate of the gradient at x, of x's shape, from the samples idx, (batch_size,);
    x0: any shape (so that chains can run side by side); steps: (K,), all step sizes; random_state: a seed or Generator,
    whose `integers(0, n, (K, batch_size))` are the samples. average=True returns the mean of x₁ … x_K (Polyak–Ruppert).
    Returns an `OptimizeResult`: f and grad_norm, which SGD never sees, are nan, history.f is empty, and `converged`
    says that all iterates stayed finite. Raises ValueError on a step that is not positive, an n or a batch below 1.
    Robbins and Monro (1951).
    """
    n = check_number(n, "n", low=1, integer=True)
    batch_size = check_number(batch_size, "batch_size", low=1, integer=True)
    steps = check_y(steps, "steps")
    if np.any(steps <= 0):
        raise ValueError(f"step must be positive: got {steps.min()}")
    x = np.array(x0, dtype=float)
    if not np.all(np.isfinite(x)):
        raise ValueError("x0 contains NaN or infinity")
    xs = np.empty((len(steps) + 1, *x.shape))
    xs[0] = x
    k = 0
    batches = np.random.default_rng(random_state).integers(0, n, (len(steps), batch_size))
    with np.errstate(over="ignore", invalid="ignore"):
        while k < len(steps) and np.all(np.isfinite(x)):
            x = x - steps[k] * grad_batch(x, batches[k])
            k += 1
            xs[k] = x
        x = xs[1 : k + 1].mean(axis=0) if average else x
    history = History(xs[: k + 1], np.empty(0), steps[:k])
    return OptimizeResult(x, np.nan, np.nan, k, bool(np.all(np.isfinite(x))), history)


def proximal_gradient(f, grad, prox, x0, L, accelerated=False, max_iter=10_000, tol=1e-8):
    """Minimises smooth + h by x ← prox_{h/L}(x − ∇smooth(x)/L): ISTA, or FISTA if `accelerated` (`eq-opt-prox-grad`).

    f: (d,) → float, the whole objective smooth + h (recorded, never differentiated); grad: the gradient of the smooth
    part alone; prox(v, t): argmin h(x) + ‖x − v‖²/2t; x0: (d,); L: Lipschitz constant of grad.
    Stops when the gradient mapping L‖y − prox(y − ∇smooth(y)/L)‖, the result's grad_norm, is at most tol (y = x for
    ISTA, the extrapolated point for FISTA), after max_iter steps, or (not converged) where f is no longer finite.
    ISTA's objective never rises; FISTA's may. Raises ValueError unless L is positive. Beck and Teboulle (2009).
    """
    L = check_number(L, "L", low=0, strict=True)
    max_iter, tol = _check_stop(max_iter, tol)
    x = y = check_y(x0, "x0")
    xs, fs, t, grad_norm = [x], [f(x)], 1.0, np.inf
    with np.errstate(over="ignore", invalid="ignore"):
        while grad_norm > tol and np.isfinite(fs[-1]) and len(xs) <= max_iter:
            x_old, x = x, prox(y - grad(y) / L, 1 / L)
            grad_norm = L * np.linalg.norm(y - x)
            t_old, t = t, (1 + np.sqrt(1 + 4 * t**2)) / 2
            y = x + (t_old - 1) / t * (x - x_old) if accelerated else x
            xs.append(x), fs.append(f(x))
    return _result(xs, fs, np.full(len(xs) - 1, 1 / L), grad_norm, tol)


def soft_threshold(v, t):
    """S(v, t) = sign(v) max(|v| − t, 0), the proximal map of t|·|, elementwise (`eq-opt-soft`).

    v: any shape; t ≥ 0, a number or an array that broadcasts with v. Raises ValueError if any t is negative.
    """
    t = np.asarray(t)
    if (t < 0).any():
        raise ValueError(f"t must be non-negative: got {t.min()}")
    return v - np.minimum(np.maximum(v, -t), t)  # v less its clipping to [−t, t]: the same number, and never −0.0


def project_simplex(v, total=1.0):
    """The nearest point of {x ≥ 0, Σx = total} to each row of v, (…, d), by sorting: O(d log d) (`eq-opt-projection`).

    Raises ValueError unless total is positive.
    """
    v = np.asarray(v, dtype=float)
    return np.maximum(v - _simplex_threshold(v, check_number(total, "total", low=0, strict=True)), 0)


def _simplex_threshold(v, total):
    """The θ, (…, 1), with Σ max(v − θ, 0) = total along the last axis: the k largest entries exceed it."""
    u = np.sort(v, axis=-1)[..., ::-1]
    theta = (np.cumsum(u, axis=-1) - total) / np.arange(1, v.shape[-1] + 1)
    k = np.sum(u > theta, axis=-1, keepdims=True)
    return np.take_along_axis(theta, k - 1, axis=-1)


def project_ball(v, radius=1.0, p=2):
    """The nearest point of {‖x‖_p ≤ radius} to each row of v, (…, d), for p = 1 or 2 (`eq-opt-projection`).

    The projection on the 1-ball is a soft threshold: it makes exact zeros. That on the 2-ball only rescales.
    Raises ValueError unless radius is positive and p is 1 or 2.
    """
    v = np.asarray(v, dtype=float)
    radius = check_number(radius, "radius", low=0, strict=True)
    if p == 1:
        return soft_threshold(v, np.maximum(_simplex_threshold(np.abs(v), radius), 0))
    if p == 2:
        return v * (radius / np.maximum(np.linalg.norm(v, axis=-1, keepdims=True), radius))
    raise ValueError(f"p must be 1 or 2: got {p!r}")


def lasso_duality_gap(X, y, w, lam):
    """How far at most w is from the minimum of ½‖y − Xw‖² + λ‖w‖₁: primal minus dual objective.

    The dual point is the residual scaled into the feasible set, θ = s e with s = min(1, λ/‖Xᵀe‖∞); its dual value
    ½‖y‖² − ½‖y − θ‖² is a lower bound of the minimum. X: (N, d); y: (N,); w: (d,); λ ≥ 0, on the sum scale.
    Returns a float ≥ 0 up to rounding. Raises ValueError on bad shapes, non-finite entries and a negative lam.
    """
    X, y = check_X_y(X, y)
    w, lam = check_y(w, "w"), check_number(lam, "lam", low=0)
    if len(w) != X.shape[1]:
        raise ValueError(f"w must have {X.shape[1]} entries, one per feature: got {len(w)}")
    e = y - X @ w
    q = X.T @ e
    s = lam / max(lam, np.abs(q).max()) if q.any() else 1.0
    # ½‖e‖² + λ‖w‖₁ − θᵀy + ½‖θ‖² with y = e + Xw: two terms that are never negative, and cancel nothing large
    return float(0.5 * (1 - s) ** 2 * (e @ e) + (lam * np.abs(w).sum() - s * (w @ q)))


def _check_stop(max_iter, tol):
    return check_number(max_iter, "max_iter", low=1, integer=True), check_number(tol, "tol", low=0)
