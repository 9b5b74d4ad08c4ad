"""Chapter 8: the widest street between two classes, its dual, kernels, and sequential minimal optimisation.

The functions take labels −1 and 1, the estimators any two. A solver holds β_i = α_i y_i, which lies between 0 and C for
a positive label and between −C and 0 for a negative one: then W(α) = yᵀβ − ½βᵀKβ, both labels obey one rule, and the
regression of `eq-svm-svr` is the same problem with other numbers. Nothing here decides by a tolerance whether a
multiplier is at a bound: a step that ends at a wall is set to the wall.
"""

from itertools import combinations

import numpy as np
from scipy.spatial.distance import cdist

from .columns import centred, units
from .estimator import Classifier, Regressor
from .learning_theory import hinge_loss
from .linear_regression import add_intercept
from .logistic_regression import separation, sigmoid, softplus
from .validation import check_fitted, check_number, check_symmetric, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "SVC",
    "SVR",
    "OneVsOneSVC",
    "best_offset",
    "dual_objective",
    "duality_gap",
    "geometric_margin",
    "hard_margin",
    "linear_kernel",
    "nearest_hull_points",
    "offset_interval",
    "platt_scaling",
    "poly_kernel",
    "primal_objective",
    "rbf_kernel",
    "sigmoid_kernel",
    "smo",
    "smo_bounds",
    "smo_step",
    "working_pair",
]

EPS = np.finfo(float).eps
TINY = 1e-200  # stands for ‖φ_i − φ_j‖² where rounding, or what is no kernel, leaves nothing: the step ends at a wall


# What is given


def _signs(y, N=None, both=False):
    y = check_y(y)
    if N is not None and len(y) != N:
        raise ValueError(f"y must hold {N} labels, one for each sample: got {len(y)}")
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y must hold -1 and 1: got {shown(y, ~np.isin(y, (-1, 1)))}")
    if both and y.min() == y.max():
        raise ValueError(f"SVM needs exactly two classes: got only {y[0]:g}")
    return y


def _line(w, b, X, y):
    X, w = check_X(X), check_y(w, "w")
    if len(w) != X.shape[1]:
        raise ValueError(f"w must have shape ({X.shape[1]},), one weight per feature: got {w.shape}")
    return w, check_number(b, "b"), X, _signs(y, len(X))


def _gram(K, y, alpha=None):
    K = check_symmetric(K, "K")
    y = _signs(y, len(K))
    if alpha is None:
        return K, y
    alpha = check_y(alpha, "alpha")
    if alpha.shape != y.shape:
        raise ValueError(f"alpha must have shape {y.shape}, one multiplier for each sample: got {alpha.shape}")
    return K, y, alpha


def _cost(C):
    return C if isinstance(C, float) and np.isposinf(C) else check_number(C, "C", low=0, strict=True)


# Kernels


def _two(X, Z):
    X = check_X(X)
    return X, check_X(Z, "Z", X.shape[1])


def linear_kernel(X, Z):
    """xᵀz for all pairs of rows (`thm-svm-kernels`).

    Parameters
    ----------
    X, Z : arrays (N, d) and (M, d)

    Returns
    -------
    array (N, M)
    """
    X, Z = _two(X, Z)
    return X @ Z.T


def poly_kernel(X, Z, degree=3, gamma=1.0, coef0=1.0):
    """(γ xᵀz + r)^p for all pairs of rows (`prop-svm-closure`); a kernel for γ ≥ 0, r ≥ 0.

    Parameters
    ----------
    X, Z : arrays (N, d) and (M, d)
    degree, gamma, coef0 : p ≥ 1, γ > 0, r; scikit-learn's default is r = 0, which keeps the top degree only

    Returns
    -------
    array (N, M)
    """
    X, Z = _two(X, Z)
    degree = check_number(degree, "degree", low=1, integer=True)
    return (check_number(gamma, "gamma", low=0, strict=True) * (X @ Z.T) + check_number(coef0, "coef0")) ** degree


def rbf_kernel(X, Z, gamma=1.0):
    """exp(−γ‖x − z‖²) for all pairs of rows (`eq-svm-gauss`), from differences: right far from zero too.

    Parameters
    ----------
    X, Z : arrays (N, d) and (M, d)
    gamma : γ > 0, in one over the square of the features' unit

    Returns
    -------
    array (N, M)
    """
    X, Z = _two(X, Z)
    return np.exp(-check_number(gamma, "gamma", low=0, strict=True) * cdist(X, Z, "sqeuclidean"))


def sigmoid_kernel(X, Z, gamma=1.0, coef0=0.0):
    """tanh(γ xᵀz + r) for all pairs of rows: no kernel in the sense of `thm-svm-kernels` on all of ℝᵈ.

    Parameters
    ----------
    X, Z : arrays (N, d) and (M, d)
    gamma, coef0 : γ and r

    Returns
    -------
    array (N, M)
    """
    X, Z = _two(X, Z)
    return np.tanh(check_number(gamma, "gamma") * (X @ Z.T) + check_number(coef0, "coef0"))


# Margins and objectives


def geometric_margin(w, b, X, y):
    """The signed distances y_i(wᵀx_i + b)/‖w‖ from the line, in the unit of the features (`eq-svm-distance`).

    Parameters
    ----------
    w, b : array (d,), not zero, and number
    X, y : arrays (N, d), and (N,) of −1 and 1

    Returns
    -------
    array (N,)
    """
    w, b, X, y = _line(w, b, X, y)
    if not w.any():
        raise ValueError("w must not be zero: it is normal to no line")
    scale = np.abs(w).max()
    return y * (X @ (w / scale) + b / scale) / np.linalg.norm(w / scale)


def primal_objective(w, b, X, y, C):
    """½‖w‖² + C Σ max(0, 1 − y_i f(x_i)) (`eq-svm-hinge`).

    Parameters
    ----------
    w, b, X, y : as in `geometric_margin`
    C : price of slack, positive

    Returns
    -------
    float
    """
    w, b, X, y = _line(w, b, X, y)
    return float(w @ w / 2 + check_number(C, "C", low=0, strict=True) * hinge_loss(y * (X @ w + b)).sum())


def dual_objective(alpha, K, y):
    """W(α) = Σ α_i − ½ Σ α_i α_j y_i y_j K_ij (`eq-svm-dual-hard`).

    Parameters
    ----------
    alpha : array (N,)
    K : Gram matrix (N, N)
    y : array (N,) of −1 and 1

    Returns
    -------
    float
    """
    K, y, alpha = _gram(K, y, alpha)
    beta = alpha * y
    return float(alpha.sum() - beta @ K @ beta / 2)


def duality_gap(alpha, b, K, y, C):
    """‖w‖² + C Σ ξ_i − Σ α_i for a feasible α, never negative, and zero at the optimum alone (`eq-svm-gap`).

    Parameters
    ----------
    alpha, K, y : as in `dual_objective`
    b : offset, as `best_offset` gives it
    C : price of slack, positive

    Returns
    -------
    float
    """
    K, y, alpha = _gram(K, y, alpha)
    f = K @ (alpha * y)
    slack = hinge_loss(y * (f + check_number(b, "b")))
    return float(alpha * y @ f + check_number(C, "C", low=0, strict=True) * slack.sum() - alpha.sum())


def best_offset(f, y):
    """The b for which Σ max(0, 1 − y_i(f_i + b)) is least; the middle one of an interval (`eq-svm-gap`).

    The sum has its kinks at y_i − f_i, where its slope rises by 1, and begins with the slope −N₊: the least value lies
    between the N₊-th kink and the next.

    Parameters
    ----------
    f : array (N,), decision values without offset
    y : array (N,) of −1 and 1, both

    Returns
    -------
    float
    """
    f = check_y(f, "f")
    y = _signs(y, len(f), both=True)
    kinks, positive = np.sort(y - f), int(np.sum(y > 0))
    return float(kinks[positive - 1] / 2 + kinks[positive] / 2)


# The pair to move


def _box(y, C):
    return np.where(y > 0, 0.0, -C), np.where(y > 0, C, 0.0)


def _highest(values, least=0.0):
    """The first index of the largest value. What is equal on paper counts as equal, lest rounding choose the way."""
    top = values.max()
    return int((values >= top - 1e-10 * (top - least)).argmax())


def _pick(rising, falling, K_i, i, diag, selection):
    """j and ‖φ_i − φ_j‖² for the first index i: the s that may fall, least, or best for a step with i."""
    D = np.maximum(diag[i] + diag - 2 * K_i, TINY)
    if selection == "mvp":
        j = _highest(-falling, -rising[i])
    else:
        gain = np.maximum(rising[i] - falling, 0)
        gain *= gain
        gain /= D
        j = _highest(gain)
    return j, D[j]


def _move(beta, s, i, j, t, low, high, K_i, K_j):
    """Raise β_i and lower β_j by t, or to the nearer wall if that comes first; s follows in O(N)."""
    rooms = high[i] - beta[i], beta[j] - low[j]
    t = min(t, *rooms)
    left = [t < (1 - 8 * EPS) * room for room in rooms]  # what is nearer is rounding, and at the wall
    beta[i] = beta[i] + t if left[0] else high[i]
    beta[j] = beta[j] - t if left[1] else low[j]
    s -= t * (K_i - K_j)
    return t


def _free_step(beta, s, low, high, rows):
    """All free β at once to the maximum over them, or to the first wall on the way: whether it met one.

    Where their equations contradict each other, what is left over is a direction with hardly any curvature, and it
    goes the way that gains more.
    """
    free = np.flatnonzero((beta > low) & (beta < high))
    if not 2 <= len(free) <= 200:
        return False
    K = [rows(k) for k in free]
    within = np.array([row[free] for row in K])
    peak = np.abs(within).max() or 1.0
    ones = np.ones((len(free), 1))
    A = np.block([[within / peak, ones], [ones.T, np.zeros((1, 1))]])
    goal = np.append(s[free], 0)
    found = np.linalg.lstsq(A, goal, rcond=None)[0]
    best = 0.0
    for way in (found[:-1], (goal - A @ found)[:-1]):
        way = (way - way.mean()) / (np.abs(way - way.mean()).max() or 1.0)
        slope, curvature = s[free] @ way, max(way @ within @ way, TINY)
        wall = np.where(way > 0, high[free], low[free])
        room = np.divide(wall - beta[free], way, out=np.full(len(free), np.inf), where=way != 0)
        t = min(max(slope, 0) / curvature, room.min())
        if t > 1e100:
            continue  # no curvature and no wall: rounding
        gain = t * slope - t * t * curvature / 2
        if gain > best:
            best, step, met = gain, t * way, (room.argmin(), wall) if t == room.min() else None
    if best == 0:
        return False
    beta[free] = np.clip(beta[free] + step, low[free], high[free])
    for d, row in zip(step, K, strict=True):
        s -= d * row
    if met:
        beta[free[met[0]]] = met[1][met[0]]
    return met is not None


def _maximise(rows, diag, p, low, high, tol, max_iter, selection="second_order"):
    """β that maximises pᵀβ − ½βᵀKβ over Σβ = 0 and the box, by SMO from 0; b, steps, history, the last violation, Kβ.

    `rows(i)` is row i of K. Every 100 steps the free β are moved at once (`_free_step`), which does what a long zigzag
    would do. The answer's s is computed afresh before it is believed.
    """
    beta, s = np.zeros(len(p)), p.astype(float).copy()
    history, fresh, n, rounding = [0.0], True, 0, 0.0
    no_rise, no_fall = np.where(beta < high, 0, -np.inf), np.where(beta > low, 0, np.inf)
    while True:
        rising, falling = s + no_rise, s + no_fall
        most, least = rising.max(), falling.min()
        if most - least <= max(tol, rounding):
            if fresh and most - least > 1e3 * tol:
                warn(f"SMO can do no better than a violation of {most - least:.2g}, the kernel's rounding: scale X")
            if fresh:
                break
            s, fresh = p - sum((beta[k] * rows(k) for k in np.flatnonzero(beta)), np.zeros(len(p))), True
            continue
        if n == max_iter:
            warn(f"SMO stopped after {n} steps with a violation of {most - least:.2g}: raise max_iter or tol, scale X")
            break
        i = _highest(rising, least)
        K_i = rows(i)
        j, D = _pick(rising, falling, K_i, i, diag, selection)
        slope, fresh, n = s[i] - s[j], False, n + 1
        t = _move(beta, s, i, j, slope / D, low, high, K_i, rows(j))
        history.append(history[-1] + t * slope - t * t * D / 2)
        changed = [i, j]
        if n % 100 == 0:
            while _free_step(beta, s, low, high, rows):
                pass
            history[-1], changed = beta @ (p + s) / 2, slice(None)
            rounding = 8 * EPS * max(np.abs(beta) @ np.abs(rows(k)) for k in (i, falling.argmin()))  # of these two s
        no_rise[changed] = np.where(beta[changed] < high[changed], 0, -np.inf)
        no_fall[changed] = np.where(beta[changed] > low[changed], 0, np.inf)
    free = (beta > low) & (beta < high)
    b = s[free].mean() if free.any() else most / 2 + least / 2
    return beta, float(b), n, np.array(history), float(most - least), p - s


def smo_bounds(a1, a2, y1, y2, C):
    """The ends L and H of the segment on which α₂ may move while y₁α₁ + y₂α₂ stays (`eq-svm-smo-box`).

    Parameters
    ----------
    a1, a2 : multipliers in [0, C]
    y1, y2 : their labels, −1 or 1
    C : upper bound of both

    Returns
    -------
    (float, float)
    """
    if y1 == y2:
        return max(0.0, a1 + a2 - C), min(C, a1 + a2)
    return max(0.0, a2 - a1), min(C, C + a2 - a1)


def _state(alpha, K, y, C):
    K, y, alpha = _gram(K, y, alpha)
    C = _cost(C)
    if np.any((alpha < 0) | (alpha > C)):
        raise ValueError(f"alpha must lie in [0, {C:g}]: got {shown(alpha, (alpha < 0) | (alpha > C))}")
    beta, (low, high) = alpha * y, _box(y, C)
    return K, y, beta, y - K @ beta, low, high


def working_pair(alpha, K, y, C, selection="second_order"):
    """The pair that SMO moves next: α_i y_i is to rise, α_j y_j to fall (`eq-svm-smo-criterion`).

    Parameters
    ----------
    alpha, K, y : as in `dual_objective`, α in [0, C]
    C : price of slack, or infinity
    selection : "mvp", the maximal violating pair; or "second_order", the best partner of its first

    Returns
    -------
    (int, int)

    Raises
    ------
    ValueError
        for another selection, and an α outside the box

    References
    ----------
    Keerthi, Shevade, Bhattacharyya and Murthy (2001); Fan, Chen and Lin (2005)
    """
    K, y, beta, s, low, high = _state(alpha, K, y, C)
    rising, falling = np.where(beta < high, s, -np.inf), np.where(beta > low, s, np.inf)
    i = _highest(rising, falling.min())
    return i, _pick(rising, falling, K[i], i, K.diagonal(), _known(selection))[0]


def _known(selection):
    if selection not in ("mvp", "second_order"):
        raise ValueError(f"selection must be 'mvp' or 'second_order': got {selection!r}")
    return selection


def smo_step(alpha, i, j, K, y, C):
    """The best α on the segment in which α_i y_i + α_j y_j stays (`eq-svm-smo-update`).

    Parameters
    ----------
    alpha, K, y, C : as in `working_pair`
    i, j : two different samples

    Returns
    -------
    array (N,), and the gain in W, float

    Raises
    ------
    ValueError
        for i = j, an index that is no sample, and an α outside the box
    """
    K, y, beta, s, low, high = _state(alpha, K, y, C)
    i, j = (check_number(k, name, low=0, high=len(y) - 1, integer=True) for k, name in ((i, "i"), (j, "j")))
    if i == j:
        raise ValueError(f"i and j must differ: got {i} twice")
    if s[i] < s[j]:
        i, j = j, i
    slope, D = s[i] - s[j], K[i, i] + K[j, j] - 2 * K[i, j]
    t = _move(beta, s, i, j, slope / max(D, TINY), low, high, K[i], K[j])
    return np.abs(beta), float(t * slope - t * t * D / 2)


def offset_interval(alpha, K, y, C):
    """The largest s_i that may rise and the least that may fall, in order at an optimum (`eq-svm-smo-criterion`).

    Parameters
    ----------
    alpha, K, y, C : as in `working_pair`, both labels present

    Returns
    -------
    (low, high), floats: at an optimum every b between them is one
    """
    _, _, beta, s, low, high = _state(alpha, K, y, C)
    return float(s[beta < high].max(initial=-np.inf)), float(s[beta > low].min(initial=np.inf))


def smo(K, y, C, tol=1e-8, selection="second_order", max_iter=200_000):
    """Maximises W over 0 ≤ α ≤ C, yᵀα = 0, two multipliers at a time, from α = 0 (`thm-svm-smo`).

    Parameters
    ----------
    K : Gram matrix (N, N); an indefinite one leads to a stationary point at best
    y : array (N,) of −1 and 1, both
    C : price of slack, positive, or infinity where a street without slack is known to exist
    tol : stops when low − high ≤ tol, of `offset_interval`; W is then ½NC·tol below its top at most (`eq-svm-smo-stop`)
    selection : as in `working_pair`
    max_iter : after which it warns and stops

    Returns
    -------
    dict: alpha (N,), b (the mean over free multipliers, without any the middle of `offset_interval`), n_iter, history
    (W after each step, from 0 on), violation (low − high), and gap (`duality_gap` at b; for C = ∞ ‖w‖² − Σα)

    Raises
    ------
    ValueError
        for labels of one class, a K that is not symmetric, and a C or tol that is not positive

    References
    ----------
    Platt (1998); Fan, Chen and Lin (2005)
    """
    K, y = _gram(K, y)
    return _solve(K.__getitem__, K.diagonal(), _signs(y, both=True), _cost(C), tol, _known(selection), max_iter)


def _solve(rows, diag, y, C, tol, selection, max_iter):
    tol = check_number(tol, "tol", low=0, strict=True)
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    low, high = _box(y, C)
    beta, b, n_iter, history, violation, f = _maximise(rows, diag, y, low, high, tol, max_iter, selection)
    alpha = np.abs(beta)
    gap = float(beta @ f - alpha.sum() + (C * hinge_loss(y * (f + b)).sum() if np.isfinite(C) else 0))
    return {"alpha": alpha, "b": b, "n_iter": n_iter, "history": history, "violation": violation, "gap": gap}


# Without slack


def hard_margin(X, y):
    """The widest street between two separable classes (`eq-svm-primal`).

    Parameters
    ----------
    X : array (N, d)
    y : array (N,) of −1 and 1, both

    Returns
    -------
    w (d,), b, and a solution α (N,) of the dual: the street has the width 2/‖w‖

    Raises
    ------
    ValueError
        if no hyperplane separates the classes strictly
    """
    X, y = check_X_y(X, y)
    y = _signs(y, both=True)
    X, middle = centred(X)
    if separation(add_intercept(X), (y + 1) / 2)[0] != "complete":
        raise ValueError("data are not linearly separable: the hard-margin problem is infeasible")
    unit = np.abs(X).max()
    found = smo(linear_kernel(X / unit, X / unit), y, np.inf, tol=1e-10)
    w = (X / unit).T @ (found["alpha"] * y) / unit
    return w, float(found["b"] - middle @ w), found["alpha"] / unit**2


def nearest_hull_points(X, y):
    """The nearest points of the two classes' convex hulls, the ends of the shortest bridge (`eq-svm-hulls`).

    Parameters
    ----------
    X, y : as in `hard_margin`

    Returns
    -------
    two arrays (d,), first that of the class 1

    Raises
    ------
    ValueError
        if the classes are not separable
    """
    X, y = check_X_y(X, y)
    _, _, alpha = hard_margin(X, y)
    share = 2 * alpha / alpha.sum()
    return X[y > 0].T @ share[y > 0], X[y < 0].T @ share[y < 0]


def platt_scaling(scores, y, max_iter=100):
    """A and B of P(y = 1 | f) = σ(−(Af + B)), fitted to held-out scores by Newton's method (`eq-svm-platt`).

    Parameters
    ----------
    scores : array (N,)
    y : array (N,) of −1 and 1, both
    max_iter : after which it warns and stops

    Returns
    -------
    (float, float): A is negative where larger scores mean class 1

    References
    ----------
    Platt (1999); Lin, Lin and Weng (2007)
    """
    scores = check_y(scores, "scores")
    y = _signs(y, len(scores), both=True)
    n1, n0 = np.sum(y > 0), np.sum(y < 0)
    target = np.where(y > 0, (n1 + 1) / (n1 + 2), 1 / (n0 + 2))
    f, middle = centred(scores)
    unit = units(f)
    Z = np.column_stack([f / unit, np.ones(len(f))])

    def loss(v):  # of the log-odds Zv
        return np.mean(softplus(Z @ v) - target * (Z @ v))

    v = np.array([0.0, np.log(n1 + 1) - np.log(n0 + 1)])
    for _ in range(check_number(max_iter, "max_iter", low=1, integer=True)):
        p = sigmoid(Z @ v)
        g, H = Z.T @ (p - target), (Z * (p * (1 - p))[:, None]).T @ Z
        step = np.linalg.lstsq(H, -g, rcond=None)[0]
        size = 1.0
        while loss(v + size * step) > loss(v) + 1e-15 and size > 1e-10:
            size /= 2
        v = v + size * step
        if -g @ step <= 1e-20 * len(f):
            break
    else:
        warn(f"platt_scaling stopped after {max_iter} steps: raise max_iter")
    return float(-v[0] / unit), float(-(v[1] - v[0] / unit * middle))


# Estimators


class _Kernelised:
    """What classification and regression share: the kernel of a fit, its Gram matrix, and decision values."""

    def _gamma(self, X):
        if not (isinstance(self.gamma, str) and self.gamma == "scale"):
            return check_number(self.gamma, "gamma", low=0, strict=True)
        spread = np.mean(np.sum(centred(X)[0] ** 2, axis=1))
        return 1 / spread if spread > 0 else 1.0

    def _prepare(self, X):
        """X about its middle where the kernel cannot tell, as with Σβ = 0 the linear one cannot; sets the kernel."""
        named = {"linear": linear_kernel, "poly": poly_kernel, "rbf": rbf_kernel, "sigmoid": sigmoid_kernel}
        if self.kernel not in named and not callable(self.kernel):
            raise ValueError(f"unknown kernel {self.kernel!r}: it must be one of {', '.join(named)}, or a function")
        self.gamma_ = self._gamma(X)
        options = {"poly": ("degree", "gamma", "coef0"), "rbf": ("gamma",), "sigmoid": ("gamma", "coef0")}
        settings = {"degree": self.degree, "gamma": self.gamma_, "coef0": self.coef0}
        chosen = {name: settings[name] for name in options.get(self.kernel, ())}
        function = named.get(self.kernel, self.kernel)
        self._K = lambda X, Z: function(X, Z, **chosen)
        self._middle = centred(X)[1] if self.kernel in ("linear", "rbf") else np.zeros(X.shape[1])
        return X - self._middle

    def _rows(self, X):
        """Row i of the Gram matrix as a function of i, computed when it is first asked for; and the diagonal."""
        parts = [X[k : k + 64] for k in range(0, len(X), 64)]
        blocks = [check_symmetric(self._K(A, A), "the kernel's Gram matrix") for A in parts]
        kept = {}

        def row(i):
            if i not in kept:
                kept[i] = self._K(X[i : i + 1], X)[0]
            return kept[i]

        return row, np.concatenate([block.diagonal() for block in blocks])

    def _store(self, X, beta, b):
        self.support_ = np.flatnonzero(beta)
        self.dual_coef_, self._vectors, self._b = beta[self.support_], X[self.support_], b
        self.intercept_ = b
        if self.kernel == "linear":
            self.coef_ = X.T @ beta
            self.intercept_ = float(b - self._middle @ self.coef_)
        return self

    def _decide(self, X):
        check_fitted(self, "dual_coef_")
        X = check_X(X, n_features=len(self._middle)) - self._middle
        if self.kernel == "linear":
            return X @ self.coef_ + self._b
        if not len(self.support_):
            return np.full(len(X), self._b)
        return self._K(X, self._vectors) @ self.dual_coef_ + self._b


class _Machine(_Kernelised, Classifier):
    def __init__(self, C=1.0, kernel="rbf", gamma="scale", degree=3, coef0=0.0, tol=1e-6, max_iter=200_000):
        self.C, self.kernel, self.gamma, self.degree, self.coef0 = C, kernel, gamma, degree, coef0
        self.tol, self.max_iter = tol, max_iter


class SVC(_Machine):
    """½‖w‖² + C Σ max(0, 1 − y_i f(x_i)) for two classes, in the space of a kernel (`eq-svm-hinge`).

    A fit sets classes_, (2,), of which the second is the positive one; alpha_, (N,); support_, where it is positive;
    dual_coef_, α_i y_i there; intercept_; coef_, (d,), for the linear kernel; gamma_, n_iter_ and gap_.

    Parameters
    ----------
    C : price of slack, positive
    kernel : "linear", "poly", "rbf", "sigmoid", or a function of (N, d) and (M, d) that returns (N, M)
    gamma : γ of the kernel, or "scale", 1 over the sum of the columns' variances; of centred columns that is
        scikit-learn's, which otherwise depends on the origin and on columns that are constant
    degree, coef0 : p and r of `poly_kernel`, r of `sigmoid_kernel`
    tol : of the optimality conditions, in units of the margin
    max_iter : of steps, after which it warns
    """

    def fit(self, X, y):
        """Fit by `smo`.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,) of two labels

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for another number of classes, an unknown kernel, and parameters that are not positive
        """
        X = check_X(X)
        y = self._encoded(y, len(X), "exactly")
        sign, C = np.where(y == 1, 1.0, -1.0), check_number(self.C, "C", low=0, strict=True)
        X = self._prepare(X)
        found = _solve(*self._rows(X), sign, C, self.tol, "second_order", self.max_iter)
        self.alpha_, self.n_iter_, self.gap_ = found["alpha"], found["n_iter"], found["gap"]
        return self._store(X, self.alpha_ * sign, found["b"])

    def decision_function(self, X):
        """f(x) = Σ α_i y_i K(x_i, x) + b, of (M, d) features, (M,); positive for classes_[1]."""
        return self._decide(X)

    def predict(self, X):
        """The class on whose side a sample lies; on the boundary classes_[1].

        Parameters
        ----------
        X : array (M, d)

        Returns
        -------
        array (M,) of labels
        """
        positive = self._decide(X) >= 0
        return self.classes_[positive.astype(int)]


class OneVsOneSVC(_Machine):
    """A machine for each pair of K classes, K(K − 1)/2 of them; the class with most votes wins, the first of a tie.

    A fit sets classes_, (K,), and machines_, a dict from pairs of class numbers to `SVC`.

    Parameters
    ----------
    C, kernel, gamma, degree, coef0, tol, max_iter : as in `SVC`; the scale is that of all samples
    """

    def fit(self, X, y):
        """Fit a machine to each pair.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,) of labels, at least two

        Returns
        -------
        the estimator
        """
        X = check_X(X)
        y = self._encoded(y, len(X), "at least")
        self.machines_, settings = {}, {**self.get_params(), "gamma": self._gamma(X)}
        for k, m in combinations(range(len(self.classes_)), 2):
            rows = (y == k) | (y == m)
            self.machines_[k, m] = SVC(**settings).fit(X[rows], y[rows] == k)
        return self

    def predict(self, X):
        """The class with most votes.

        Parameters
        ----------
        X : array (M, d)

        Returns
        -------
        array (M,) of labels
        """
        check_fitted(self, "machines_")
        votes = np.zeros((len(check_X(X)), len(self.classes_)), dtype=int)
        for (k, m), machine in self.machines_.items():
            votes[np.arange(len(votes)), np.where(machine.predict(X), k, m)] += 1
        return self.classes_[votes.argmax(axis=1)]


class SVR(_Kernelised, Regressor):
    """½‖w‖² + C Σ max(0, |y_i − f(x_i)| − ε): regression that does not see errors within ε (`eq-svm-svr`).

    A fit sets beta_, (N,), one multiplier for each sample; support_, where it is not zero; dual_coef_, its values
    there; intercept_; coef_, (d,), for the linear kernel; gamma_ and n_iter_.

    Parameters
    ----------
    C : price of what leaves the tube, positive
    epsilon : ε ≥ 0, half the height of the tube, in units of y
    kernel, gamma, degree, coef0 : as in `SVC`
    tol : of the optimality conditions, as a share of the spread of y
    max_iter : of steps, after which it warns
    """

    def __init__(
        self, C=1.0, epsilon=0.1, kernel="rbf", gamma="scale", degree=3, coef0=0.0, tol=1e-6, max_iter=200_000
    ):
        self.C, self.epsilon, self.kernel, self.gamma, self.degree = C, epsilon, kernel, gamma, degree
        self.coef0, self.tol, self.max_iter = coef0, tol, max_iter

    def fit(self, X, y):
        """Fit by SMO in 2N multipliers, β⁺ in [0, C] with y − ε and β⁻ in [−C, 0] with y + ε.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,)

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for an unknown kernel, C that is not positive, ε that is negative
        """
        X, y = check_X_y(X, y)
        C, epsilon = check_number(self.C, "C", low=0, strict=True), check_number(self.epsilon, "epsilon", low=0)
        X = self._prepare(X)
        row, diag = self._rows(X)
        tol = check_number(self.tol, "tol", low=0, strict=True) * (np.abs(centred(y)[0]).max() or 1.0)
        max_iter = check_number(self.max_iter, "max_iter", low=1, integer=True)
        N, (rest, middle) = len(y), centred(y)
        p = np.concatenate([rest - epsilon, rest + epsilon])
        low, high = np.repeat([0.0, -C], N), np.repeat([C, 0.0], N)

        def rows(i):
            return np.tile(row(i % N), 2)

        found = _maximise(rows, np.tile(diag, 2), p, low, high, tol, max_iter)
        self.beta_, self.n_iter_ = found[0][:N] + found[0][N:], found[2]
        return self._store(X, self.beta_, found[1] + float(middle))

    def predict(self, X):
        """f(x) = Σ β_i K(x_i, x) + b.

        Parameters
        ----------
        X : array (M, d)

        Returns
        -------
        array (M,)
        """
        return self._decide(X)
