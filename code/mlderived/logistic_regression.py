"""Chapter 6: logistic and softmax regression, when their fits exist, and what they say of their own uncertainty.

Losses are means over samples unless a name says otherwise, in nats. `irls` and the functions take the design matrix as
it stands and penalties on the scale of the mean, J(w) + ½ Σ λ_j w_j²; the estimators take scikit-learn's C, which is
1/(Nλ), fit an intercept, and never penalise it.
"""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import linprog, minimize
from scipy.sparse import block_array, eye_array
from scipy.stats import norm

from .columns import centred, units
from .estimator import Classifier
from .linear_algebra import logsumexp, softmax
from .linear_regression import add_intercept, coordinate_descent
from .validation import check_binary, check_fitted, check_number, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "LogisticRegression",
    "SoftmaxRegression",
    "deviance",
    "irls",
    "is_separable",
    "laplace_posterior",
    "laplace_predict",
    "lipschitz_constant",
    "log_sigmoid",
    "log_softmax",
    "logit",
    "newton_step",
    "nll",
    "nll_grad",
    "nll_hessian",
    "separation",
    "sigmoid",
    "softmax_grad",
    "softmax_hessian",
    "softmax_nll",
    "softplus",
    "wald_table",
]

TINY = 1e-300  # the least weight p(1 − p) that is divided by


# One number between 0 and 1


def sigmoid(z):
    """σ(z) = 1/(1 + e⁻ᶻ), elementwise (`eq-logreg-sigmoid`), without overflow on either side (`eq-logreg-stable`).

    Parameters
    ----------
    z : array of scores, any shape

    Returns
    -------
    array of that shape, in [0, 1]
    """
    z = np.asarray(z, dtype=float)
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0, e) / (1 + e)


def softplus(t):
    """log(1 + eᵗ), elementwise, as max(t, 0) + log(1 + e^−|t|): the integral of σ (`eq-logreg-stable`).

    Parameters
    ----------
    t : array, any shape

    Returns
    -------
    array of that shape, at least 0
    """
    t = np.asarray(t, dtype=float)
    return np.maximum(t, 0) + np.log1p(np.exp(-np.abs(t)))


def log_sigmoid(z):
    """log σ(z) = −softplus(−z), elementwise, exact to rounding where σ(z) itself is 0 or 1 in floating point.

    Parameters
    ----------
    z : array of scores, any shape

    Returns
    -------
    array of that shape, at most 0
    """
    return -softplus(-np.asarray(z, dtype=float))


def logit(p):
    """log p/(1 − p), elementwise, the inverse of σ (`eq-logreg-logit`); −∞ at 0 and ∞ at 1.

    Parameters
    ----------
    p : array of probabilities, any shape

    Returns
    -------
    array of that shape

    Raises
    ------
    ValueError
        for a p outside [0, 1]
    """
    p = np.asarray(p, dtype=float)
    if not np.all((p >= 0) & (p <= 1)):
        raise ValueError(f"p must lie in [0, 1]: got {shown(p, ~((p >= 0) & (p <= 1)))}")
    with np.errstate(divide="ignore"):
        return np.log(p) - np.log1p(-p)


def log_softmax(Z):
    """z_k − log Σ_j exp z_j along the last axis, (…, K) → (…, K) (`eq-logreg-softmax`).

    Parameters
    ----------
    Z : array (…, K), scores, real or complex

    Returns
    -------
    array (…, K), at most 0 if real

    Raises
    ------
    ValueError
        for NaN, +∞, and −∞ throughout
    """
    total = logsumexp(Z)
    if not np.all(np.isfinite(total)):
        raise ValueError("Z must be finite somewhere along the last axis: got -inf throughout")
    rest = Z - np.expand_dims(total, -1)
    return rest - np.expand_dims(logsumexp(rest), -1)  # again: in large scores rounding drowns what is small


# The loss of two classes


def _binary(X, y, both=False):
    X, y = check_X_y(X, y)
    return X, check_binary(y, both=both)


def _scores(w, X):
    w = check_y(w, "w")
    if len(w) != X.shape[1]:
        raise ValueError(f"w must have shape ({X.shape[1]},), one weight per column of X: got {w.shape}")
    return X @ w


def nll(w, X, y, mean=True):
    """J(w) = (1/N) Σ softplus(−ỹ_i x_iᵀw), ỹ = 2y − 1: the mean log loss (`eq-logreg-cross-entropy`).

    Parameters
    ----------
    w : (p,)
    X : (N, p), as it stands: no intercept
    y : (N,), zeros and ones
    mean : False gives the sum, the negative log-likelihood (`eq-logreg-likelihood`)

    Returns
    -------
    float, in nats

    Raises
    ------
    ValueError
        for other labels, and for shapes that do not match
    """
    X, y = _binary(X, y)
    losses = softplus((1 - 2 * y) * _scores(w, X))
    return float(np.mean(losses) if mean else np.sum(losses))


def nll_grad(w, X, y):
    """∇J(w) = Xᵀ(p − y)/N, (p,): predicted minus observed (`eq-logreg-gradient`).

    Parameters
    ----------
    w, X, y : as in `nll`

    Returns
    -------
    array (p,)
    """
    X, y = _binary(X, y)
    return X.T @ (sigmoid(_scores(w, X)) - y) / len(y)


def nll_hessian(w, X):
    """∇²J(w) = XᵀSX/N, (p, p), S = diag p_i(1 − p_i), never formed (`eq-logreg-hessian`).

    Parameters
    ----------
    w : (p,)
    X : (N, p), as it stands

    Returns
    -------
    array (p, p), positive semidefinite
    """
    X = check_X(X)
    z = _scores(w, X)
    return (X * (sigmoid(z) * sigmoid(-z))[:, None]).T @ X / len(X)


def lipschitz_constant(X):
    """L = λ_max(XᵀX)/(4N), of which ∇J is Lipschitz (`eq-logreg-smooth`).

    Parameters
    ----------
    X : (N, p), as it stands

    Returns
    -------
    float
    """
    X = check_X(X)
    return np.linalg.norm(X, 2) ** 2 / (4 * len(X))


# Does a fit exist?


def separation(X, y):
    """How far a hyperplane parts the classes: "none", "quasi" or "complete", and its normal v (`eq-logreg-separation`).

    A linear programme finds v with ỹ_i x_iᵀv ≥ 0 for all i that is positive for as many i as can be: it maximises Σ t_i
    subject to 0 ≤ t_i ≤ 1 and t_i ≤ ỹ_i x_iᵀv, and scaling v up makes each t_i that can be positive 1. All of them:
    complete. Only some: quasi-complete. None: a finite maximum-likelihood estimate exists, if the columns of X are
    independent.

    Parameters
    ----------
    X : (N, p), with a column of ones where there is an intercept
    y : (N,), zeros and ones

    Returns
    -------
    str, and (p,): v has largest entry 1 in units of the columns; zero for "none"

    References
    ----------
    Albert and Anderson (1984)
    """
    X, y = _binary(X, y)
    N, p = X.shape
    A, scale = _balanced(X * (2 * y - 1)[:, None])
    rows = block_array([[-A, eye_array(N)], [-A, None]], format="csr")
    bounds = [(None, None)] * p + [(0, 1)] * N
    found = linprog(np.r_[np.zeros(p), -np.ones(N)], A_ub=rows, b_ub=np.zeros(2 * N), bounds=bounds)
    v, parted = found.x[:p], np.sum(found.x[p:] > 0.5)
    if parted == 0:
        return "none", np.zeros(p)
    v = v / np.abs(v).max() / scale
    return "complete" if parted == N else "quasi", v / np.abs(v * units(X)).max()


def _balanced(A):
    """A with rows and columns scaled by powers of two, and the columns' scales.

    No verdict on separation depends on the length of a row or the unit of a column; a solver's does. So both are chosen
    such that the logarithms of what is not zero have mean zero in each row and column, by turns; then each row's
    largest entry is made 1. Whoever changes units finds the same matrix.
    """
    there = A != 0
    logs = np.log2(np.abs(A), where=there, out=np.zeros(A.shape))
    in_row, in_column = (np.maximum(there.sum(axis=axis), 1) for axis in (1, 0))
    column = np.zeros(A.shape[1])
    for _ in range(60):
        row = (there * (logs - column)).sum(axis=1) / in_row
        column = (there * (logs - row[:, None])).sum(axis=0) / in_column
    row, column = (np.exp2(np.rint(power).clip(-500, 500)) for power in (row, column))
    A = A / row[:, None] / column
    return A / np.maximum(np.abs(A).max(axis=1), np.finfo(float).tiny)[:, None], column


def is_separable(X, y):
    """(whether no finite maximum-likelihood estimate exists, the direction v in which the loss falls for ever).

    Arguments as in `separation`, whose "quasi" and "complete" are both True here (`eq-logreg-separation`).

    Parameters
    ----------
    X, y : as in `separation`

    Returns
    -------
    bool, and array (p,)
    """
    kind, v = separation(X, y)
    return kind != "none", v


# Newton's method as repeated weighted least squares


def _penalties(lam, p):
    lam = np.asarray(lam, dtype=float)
    if lam.shape not in ((), (p,)) or not np.all(np.isfinite(lam)) or np.any(lam < 0):
        raise ValueError(f"lam must be non-negative, one number or one for each of {p} weights: got {shown(lam)}")
    return np.broadcast_to(lam, (p,))


def _rows(w, X, lam):
    """√S X above √(NΛ): the matrix whose QR decomposition stands for the Hessian, which is never squared."""
    z = _scores(w, X)
    root = np.sqrt(np.maximum(sigmoid(z) * sigmoid(-z), TINY))
    return np.vstack([root[:, None] * X, np.diag(np.sqrt(len(X) * lam))[lam > 0]]), root


def newton_step(w, X, y, lam=0.0):
    """−(∇²F)⁻¹∇F at w for F = J + ½ Σ λ_j w_j², (p,), by a QR decomposition of √S X (`eq-logreg-irls`).

    Parameters
    ----------
    w : (p,), where the step begins
    X, y, lam : as in `irls`

    Returns
    -------
    array (p,)

    Raises
    ------
    ValueError
        if the weighted columns are dependent, and as `nll`
    """
    X, y = _binary(X, y)
    lam = _penalties(lam, X.shape[1])
    A, root = _rows(w, X, lam)
    right = np.r_[(y - sigmoid(X @ w)) / root, -(np.sqrt(len(X) * lam) * w)[lam > 0]]
    scale = np.linalg.norm(A, axis=0)
    if np.any(scale == 0):
        raise ValueError("X does not have full column rank: a column is zero")
    Q, R = np.linalg.qr(A / scale)
    if np.abs(np.diag(R)).min() <= max(A.shape) * np.finfo(float).eps:
        raise ValueError("X does not have full column rank")
    return solve_triangular(R, Q.T @ right) / scale


def irls(X, y, lam=0.0, damped=True, tol=1e-10, max_iter=100):
    """Minimises J(w) + ½ Σ λ_j w_j² by Newton's method, each step a weighted least-squares fit (`eq-logreg-irls`).

    Parameters
    ----------
    X : (N, p), as it stands, with a column of ones for an intercept
    y : (N,), zeros and ones
    lam : λ ≥ 0 on the scale of the mean, one number or one for each weight (0 for a free intercept)
    damped : halve a step until it lowers the objective enough; without, Newton's method may diverge
    tol : stops when the step promises to lower the objective by at most tol²
    max_iter : after which it warns and stops

    Returns
    -------
    w, (p,), and the history of the objective, from w = 0 on

    Raises
    ------
    ValueError
        if no minimiser exists: along a direction without penalty the data are separable, or the unpenalised columns are
        dependent; and as `nll`
    """
    X, y = _binary(X, y)
    lam = _penalties(lam, X.shape[1])
    tol = check_number(tol, "tol", low=0)
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    free = lam == 0
    if free.any():
        _binary(X, y, both=True)
        if np.linalg.matrix_rank(X[:, free] / units(X[:, free])) < free.sum():
            raise ValueError("X does not have full column rank: an unpenalised fit is not unique")
        if is_separable(X[:, free], y)[0]:
            raise ValueError("data are linearly separable: the maximum-likelihood estimate does not exist")

    def objective(w):
        return nll(w, X, y) + 0.5 * np.sum(lam * w**2)

    w, history, before = np.zeros(X.shape[1]), [], np.inf
    for _ in range(max_iter):
        history.append(objective(w))
        step = newton_step(w, X, y, lam)
        promised = -(nll_grad(w, X, y) + lam * w) @ step  # the square of Newton's decrement
        at_rounding = promised <= 1e-13 * history[-1] and promised >= before / 4  # it does not fall any more
        if promised <= tol**2 or at_rounding or not np.isfinite(promised):
            return w + step if np.isfinite(promised) else w, np.array(history)
        before = promised
        size = 1.0
        while damped and objective(w + size * step) > history[-1] * (1 + 1e-15) - 0.25 * size * promised:
            size /= 2
        w = w + size * step
    warn(f"irls stopped after {max_iter} steps: raise max_iter or tol")
    return w, np.array([*history, objective(w)])


# What the fit knows of itself


def deviance(w, X, y):
    """2 NLL, twice the sum of the log losses: a saturated model has none (`eq-logreg-inference`).

    Parameters
    ----------
    w, X, y : as in `nll`

    Returns
    -------
    float
    """
    return 2 * nll(w, X, y, mean=False)


def _inverse_root(w, X, lam):
    """B with BBᵀ = (XᵀSX + NΛ)⁻¹, from the triangle of the QR decomposition."""
    A, _ = _rows(w, X, lam)
    scale = np.linalg.norm(A, axis=0)
    R = np.linalg.qr(A / scale, mode="r")
    return solve_triangular(R, np.eye(len(R))) / scale[:, None]


def wald_table(w, X, y):
    """Standard errors from the Fisher information XᵀSX, and the test of each weight being zero (`eq-logreg-inference`).

    Parameters
    ----------
    w : (p,), the maximum-likelihood estimate
    X, y : as in `nll`

    Returns
    -------
    dict of arrays (p,): coef, se, z = coef/se, and the two-sided p of the Gaussian law
    """
    X, y = _binary(X, y)
    w = check_y(w, "w")
    se = np.linalg.norm(_inverse_root(w, X, np.zeros(len(w))), axis=1)
    return {"coef": w, "se": se, "z": w / se, "p": 2 * norm.sf(np.abs(w / se))}


def laplace_posterior(X, y, lam):
    """The Gaussian at the mode of the posterior with its curvature: w and (XᵀSX + NΛ)⁻¹ (`eq-logreg-laplace`).

    Parameters
    ----------
    X, y, lam : as in `irls`: weight j has the prior N(0, 1/(Nλ_j)), a flat one where λ_j = 0

    Returns
    -------
    w, (p,), and its covariance, (p, p)
    """
    w, _ = irls(X, y, lam)
    B = _inverse_root(w, check_X(X), _penalties(lam, len(w)))
    return w, B @ B.T


def laplace_predict(X, w, cov):
    """σ(μ/√(1 + πs²/8)) for scores of mean μ = Xw and variance s² = diag XCXᵀ, (N,) (`eq-logreg-laplace`).

    An approximation of the mean of σ under the Gaussian, off by at most 0.0132 for |μ| ≤ 6 and s ≤ 6.

    Parameters
    ----------
    X : (N, p), as it stands
    w : (p,), mean of the weights
    cov : (p, p), their covariance

    Returns
    -------
    array (N,) of probabilities
    """
    X = check_X(X)
    variance = np.einsum("ij,jk,ik->i", X, cov, X)
    return sigmoid(X @ w / np.sqrt(1 + np.pi * variance / 8))


# More classes


def _classes(W, X, y):
    X, y = check_X(X), check_y(y)
    W = np.asarray(W, dtype=float)
    if W.ndim != 2 or len(W) != X.shape[1]:
        raise ValueError(f"W must have shape ({X.shape[1]}, K), a column for each class: got {W.shape}")
    if len(X) != len(y):
        raise ValueError(f"X and y have different numbers of samples: {len(X)} and {len(y)}")
    if not np.isin(y, np.arange(W.shape[1])).all():
        raise ValueError(f"y must hold whole numbers from 0 to {W.shape[1] - 1}: got {shown(y)}")
    return W, X, y.astype(int)


def softmax_nll(W, X, y):
    """J(W), the mean of −z_c + log Σ_k exp z_k, z = Wᵀx, c the class (`eq-logreg-softmax-gradient`).

    Parameters
    ----------
    W : (p, K), a column for each class
    X : (N, p), as it stands
    y : (N,), whole numbers from 0 to K − 1

    Returns
    -------
    float, in nats

    Raises
    ------
    ValueError
        for other labels, and for shapes that do not match
    """
    W, X, y = _classes(W, X, y)
    return float(-np.mean(log_softmax(X @ W)[np.arange(len(y)), y]))


def softmax_grad(W, X, y):
    """∇J(W) = Xᵀ(P − T)/N, (p, K), T the one-hot rows (`eq-logreg-softmax-gradient`).

    Parameters
    ----------
    W, X, y : as in `softmax_nll`

    Returns
    -------
    array (p, K)
    """
    W, X, y = _classes(W, X, y)
    rest = softmax(X @ W)
    rest[np.arange(len(y)), y] -= 1
    return X.T @ rest / len(y)


def softmax_hessian(W, X):
    """∇²J(W), (Kp, Kp), the columns of W stacked: the mean of (diag P − PPᵀ) ⊗ xxᵀ (`eq-logreg-softmax-hessian`).

    Parameters
    ----------
    W : (p, K), a column for each class
    X : (N, p), as it stands

    Returns
    -------
    array (Kp, Kp), positive semidefinite
    """
    X, W = check_X(X), np.asarray(W, dtype=float)
    p, K = W.shape
    P = softmax(X @ W)
    spread = P[:, :, None] * (np.eye(K) - P[:, None, :])
    return np.einsum("nkl,ni,nj->kilj", spread, X, X, optimize=True).reshape(K * p, K * p) / len(X)


# Estimators


class _Probabilistic(Classifier):
    def predict_proba(self, X):
        """P(class k | x), (N, K), in the order of classes_. Raises ValueError before `fit`."""
        raise NotImplementedError

    def _C(self):
        return check_number(self.C, "C", low=0, strict=True)


class LogisticRegression(_Probabilistic):
    """C · NLL + penalty(w), the intercept free: two classes, any labels (`eq-logreg-l2`, `eq-logreg-l1`).

    A fit sets coef_, (d,), intercept_, classes_, (2,), in order, and n_iter_.
    "l2" and None are fitted by `irls`; the others by the same steps with the lasso's `coordinate_descent` in the place
    of least squares.

    Parameters
    ----------
    C : 1/(Nλ), as scikit-learn has it
    penalty : "l2", ½‖w‖²; "l1", ‖w‖₁; "elasticnet", l1_ratio‖w‖₁ + (1 − l1_ratio)/2 ‖w‖²; or None
    l1_ratio : in [0, 1], for "elasticnet" alone
    fit_intercept : without, the boundary passes through the origin
    tol, max_iter : as in `irls`
    """

    def __init__(self, C=1.0, penalty="l2", l1_ratio=0.5, fit_intercept=True, tol=1e-10, max_iter=100):
        self.C, self.penalty, self.l1_ratio, self.fit_intercept = C, penalty, l1_ratio, fit_intercept
        self.tol, self.max_iter = tol, max_iter

    def fit(self, X, y):
        """Fit to X, (N, d), and y, (N,), with two labels; returns the estimator.

        Parameters
        ----------
        X : (N, d)
        y : (N,), labels of two classes

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for another number of classes, and as `irls`
        """
        X = check_X(X)
        y = self._encoded(y, len(X), "exactly")
        ratios = {"l2": 0.0, "l1": 1.0, "elasticnet": self.l1_ratio, None: 0.0}
        if self.penalty not in ratios:
            raise ValueError(f"penalty must be 'l1', 'l2', 'elasticnet' or None: got {self.penalty!r}")
        ratio = check_number(ratios[self.penalty], "l1_ratio", low=0, high=1)
        lam = 0.0 if self.penalty is None else 1 / (len(X) * self._C())
        X, middle = centred(X) if self.fit_intercept else (X, np.zeros(X.shape[1]))
        if ratio == 0:
            A = add_intercept(X) if self.fit_intercept else X
            each = np.full(A.shape[1], lam)
            each[: int(self.fit_intercept)] = 0
            w, history = irls(A, y, each, tol=self.tol, max_iter=self.max_iter)
            b, self.coef_ = (w[0], w[1:]) if self.fit_intercept else (0.0, w)
            self.n_iter_ = len(history) - 1
        else:
            b, self.coef_ = self._sparse(X, y, lam * ratio, lam * (1 - ratio))
        self.intercept_ = float(b - middle @ self.coef_)
        return self

    def _sparse(self, X, y, l1, l2):
        """Each step minimises the parabola of `irls` plus the penalty, by the coordinate descent of chapter 5."""
        N, d = X.shape
        w, b = np.zeros(d), (float(-logit(1 - y.mean())) if self.fit_intercept else 0.0)

        def objective(w, b):
            return np.mean(softplus((1 - 2 * y) * (X @ w + b))) + l1 * np.abs(w).sum() + l2 / 2 * w @ w

        value, exact = objective(w, b), 1e-4  # the first parabolas need not be minimised to the last digit
        for self.n_iter_ in range(1, self.max_iter + 1):  # noqa: B020
            p = sigmoid(X @ w + b)
            s = np.maximum(p * (1 - p), 1e-10)
            u = (y - p) / s  # what the next step is to add to the scores
            mean = s / s.sum() if self.fit_intercept else np.zeros(N)
            x_mean, u_mean = mean @ X, mean @ u
            root = np.sqrt(s)
            D, t = root[:, None] * (X - x_mean), root * (u - u_mean + (X - x_mean) @ w)
            w_new, _, _ = coordinate_descent(D, t, N * l1, N * l2, exact, 10_000, w)
            dw = w_new - w
            db = u_mean - x_mean @ dw
            promised = ((p - y) @ (X @ dw + db)) / N
            promised += l1 * (np.abs(w_new).sum() - np.abs(w).sum()) + l2 / 2 * (w_new @ w_new - w @ w)
            if -promised <= max(self.tol**2, 1e-15 * value) and exact <= 1e-13:
                w, b = w_new, b + db
                break
            exact = max(1e-13, min(exact / 10, 0.1 * N * max(-promised, 0) / (t @ t)))
            size, rounding = 1.0, 1e-15 * abs(value)
            while objective(w + size * dw, b + size * db) > value + 0.25 * size * promised + rounding:
                size /= 2
            w, b = w + size * dw if size < 1 else w_new, b + size * db
            value = objective(w, b)
        else:
            warn(f"LogisticRegression stopped after {self.max_iter} steps: raise max_iter or tol")
        return b, w

    def decision_function(self, X):
        """The scores Xw + b, (N,): the log-odds of classes_[1].

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,)
        """
        check_fitted(self)
        return check_X(X, n_features=len(self.coef_)) @ self.coef_ + self.intercept_

    def predict_proba(self, X):
        """P(class | x), (N, 2), in the order of classes_."""
        z = self.decision_function(X)
        return np.column_stack([sigmoid(-z), sigmoid(z)])

    def predict(self, X, threshold=0.5):
        """classes_[1] where its probability is at least `threshold`, else classes_[0] (`eq-logreg-threshold`).

        Parameters
        ----------
        X : (N, d)
        threshold : in [0, 1]

        Returns
        -------
        array (N,) of labels
        """
        threshold = check_number(threshold, "threshold", low=0, high=1)
        chosen = self.predict_proba(X)[:, 1] >= threshold
        return self.classes_[chosen.astype(int)]


class SoftmaxRegression(_Probabilistic):
    """C · NLL + ½‖W‖², the intercepts free and of sum zero: any number of classes (`eq-logreg-softmax`).

    A fit sets coef_, (K, d), intercept_, (K,), classes_, (K,), and n_iter_.

    Parameters
    ----------
    C : 1/(Nλ), as scikit-learn has it
    tol : of the gradient of the mean objective, in units of the columns
    max_iter : of scipy's L-BFGS, after which it warns
    """

    def __init__(self, C=1.0, tol=1e-9, max_iter=10_000):
        self.C, self.tol, self.max_iter = C, tol, max_iter

    def fit(self, X, y):
        """Fit to X, (N, d), and y, (N,); returns the estimator.

        Parameters
        ----------
        X : (N, d)
        y : (N,), labels of at least two classes

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for a single class
        """
        X = check_X(X)
        y = self._encoded(y, len(X), "at least")
        K, lam = len(self.classes_), 1 / (len(X) * self._C())
        X, middle = centred(X)
        scale = np.sqrt(X.var(axis=0) + 4 * lam)  # makes the curvatures alike
        A = add_intercept(X / scale)
        price = np.r_[0.0, lam / scale**2][:, None]

        def objective(v):
            W = v.reshape(A.shape[1], K)
            value = softmax_nll(W, A, y) + 0.5 * np.sum(price * W**2)
            return value, (softmax_grad(W, A, y) + price * W).ravel()

        options = {"maxiter": self.max_iter, "maxfun": 2 * self.max_iter, "gtol": self.tol, "ftol": 0, "maxcor": 30}
        found = minimize(objective, np.zeros(A.shape[1] * K), jac=True, method="L-BFGS-B", options=options)
        if np.abs(found.jac).max() > 10 * self.tol and found.nit >= self.max_iter:
            warn(f"SoftmaxRegression stopped after {self.max_iter} steps: raise max_iter or tol")
        W = found.x.reshape(A.shape[1], K)
        self.coef_ = (W[1:] / scale[:, None]).T
        b = W[0] - self.coef_ @ middle
        self.intercept_, self.n_iter_ = b - b.mean(), found.nit
        return self

    def decision_function(self, X):
        """The scores XWᵀ + b, (N, K)."""
        check_fitted(self)
        return check_X(X, n_features=self.coef_.shape[1]) @ self.coef_.T + self.intercept_

    def predict_proba(self, X):
        """P(class k | x), (N, K), in the order of classes_."""
        return softmax(self.decision_function(X))

    def predict(self, X):
        """The most probable class, (N,).

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,) of labels
        """
        best = self.decision_function(X).argmax(axis=1)
        return self.classes_[best]
