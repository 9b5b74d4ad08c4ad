"""Chapter 5: least squares and its relatives, with the inference, diagnostics and penalties that go with them.

Penalties are on the sum scale: ½‖y − Xw‖² + (λ/2)‖w‖² for ridge, ½‖y − Xw‖² + λ‖w‖₁ for the lasso. Functions take the
design matrix as it stands and add no intercept unless they say so; the estimators fit one, and never penalise it.
"""

from typing import NamedTuple

import numpy as np
from scipy import special

from .columns import centred, units
from .estimator import Regressor
from .learning_theory import huber_loss, huber_loss_grad
from .linear_algebra import EPS, lstsq, thin_svd
from .optimization import lasso_gap
from .validation import check_fitted, check_number, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "ElasticNet",
    "HuberRegressor",
    "Lasso",
    "LinearRegression",
    "Ridge",
    "add_intercept",
    "cooks_distance",
    "coordinate_descent",
    "durbin_watson",
    "enet_cd",
    "gaussian_loglik",
    "gcv",
    "hat_diagonal",
    "huber_irls",
    "lasso_cd",
    "lasso_kkt_residual",
    "lasso_lambda_max",
    "least_squares_grad",
    "least_squares_hessian",
    "least_squares_loss",
    "log_evidence",
    "loo_residuals",
    "ols_inference",
    "polynomial_features",
    "posterior_predictive",
    "press",
    "ridge_df",
    "ridge_mse",
    "ridge_path",
    "vif",
    "weight_posterior",
]


# Design matrices


def add_intercept(X):
    """X with a leading column of ones (`def-linreg-model`).

    Parameters
    ----------
    X : array (N, d)

    Returns
    -------
    array (N, d + 1)

    Raises
    ------
    ValueError
        unless X is finite and 2-dimensional
    """
    X = check_X(X)
    return np.column_stack([np.ones(len(X)), X])


def polynomial_features(x, degree, basis="monomial", domain=None):
    """The columns φ₀(x) … φ_degree(x) (`def-linreg-model`).

    Parameters
    ----------
    x : array (N,)
    degree : int ≥ 0
    basis : "monomial", φ_k(x) = x^k; or "chebyshev", T_k of x mapped linearly from the domain to [−1, 1]
    domain : (low, high), or None for the range of x: pass the training range when new points are to be predicted

    Returns
    -------
    array (N, degree + 1)

    Raises
    ------
    ValueError
        for a negative degree, an unknown basis, a domain without length
    """
    x, degree = check_y(x, "x"), check_number(degree, "degree", low=0, integer=True)
    if basis == "monomial":
        return np.vander(x, degree + 1, increasing=True)
    if basis != "chebyshev":
        raise ValueError(f"basis must be 'monomial' or 'chebyshev': got {shown(basis)}")
    low, high = (x.min(), x.max()) if domain is None else domain
    if not low < high:
        raise ValueError(f"domain must be an interval (low, high) with low < high: got ({low}, {high})")
    return np.polynomial.chebyshev.chebvander(((x - low) - (high - x)) / (high - low), degree)


# Least squares


def _residual(w, X, y):
    X, y = check_X_y(X, y)
    w = np.asarray(w)  # may be complex, for the complex step, and infinite, for a step size that diverges
    if w.shape != X.shape[1:]:
        raise ValueError(f"w must have shape {X.shape[1:]}, one weight per column of X: got {w.shape}")
    return y - X @ w


def least_squares_loss(w, X, y):
    """J(w) = ½‖y − Xw‖² (`eq-linreg-gradient`).

    Parameters
    ----------
    w : array (p,), real or complex
    X : array (N, p)
    y : array (N,)

    Returns
    -------
    number

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    e = _residual(w, X, y)
    return 0.5 * (e @ e)


def least_squares_grad(w, X, y):
    """∇J(w) = Xᵀ(Xw − y) (`eq-linreg-gradient`).

    Parameters
    ----------
    w, X, y : as in `least_squares_loss`

    Returns
    -------
    array (p,)

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    return -np.asarray(X).T @ _residual(w, X, y)


def least_squares_hessian(X):
    """∇²J = XᵀX, the same at every w (`eq-linreg-gradient`).

    Parameters
    ----------
    X : array (N, p)

    Returns
    -------
    array (p, p)

    Raises
    ------
    ValueError
        unless X is finite and 2-dimensional
    """
    X = check_X(X)
    return X.T @ X


def _centre(X, y, fit_intercept):
    """X and y less their means, and the means: a free intercept makes any fit pass through (x̄, ȳ)."""
    if not fit_intercept:
        return X, y, np.zeros(X.shape[1]), 0.0
    (Xc, x_mean), (yc, y_mean) = centred(X), centred(y)
    return Xc, yc, x_mean, y_mean


# Inference and diagnostics


def gaussian_loglik(w, sigma2, X, y):
    """log p(y | X, w, σ²) = −(N/2) log 2πσ² − ‖y − Xw‖²/2σ², in nats (`eq-linreg-mle`).

    Parameters
    ----------
    w : array (p,)
    sigma2 : σ² > 0
    X : array (N, p)
    y : array (N,)

    Returns
    -------
    number

    Raises
    ------
    ValueError
        unless sigma2 is positive and the shapes match
    """
    sigma2 = check_number(sigma2, "sigma2", low=0, strict=True)
    e = _residual(w, X, y)
    return -len(e) / 2 * np.log(2 * np.pi * sigma2) - (e @ e) / (2 * sigma2)


def _independent(X):
    """The columns of X less their means in units of their own, Xc = C diag(unit), the means, and V/s of C = USVᵀ.

    Raises ValueError where [1, X] has dependent columns: where a singular value of C is not above what the rounding
    of X itself may have left, ε‖x_j‖ in column j.
    """
    Xc, mean = centred(X)
    unit = units(Xc)
    C, given = Xc / unit, np.linalg.norm(X / unit, axis=0)
    U, s, Vt = np.linalg.svd(C, full_matrices=False)
    rank = np.count_nonzero(s > EPS * (max(X.shape) * s[0] + np.linalg.norm(given)))
    if rank < X.shape[1]:
        columns = X.shape[1] + 1
        raise ValueError(f"X does not have full column rank: rank {rank + 1}, {columns} columns, intercept included")
    return C, unit, mean, U, s, Vt


def ols_inference(X, y):
    """Least squares with an intercept, and what Gaussian noise lets one say about it (`eq-linreg-sampling`).

    Columns are centred and taken in units of their own, so that neither the zero nor the unit of any decides its rank.

    Parameters
    ----------
    X : array (N, d) without a column of ones, N > d + 1
    y : array (N,), not constant

    Returns
    -------
    dict
        coef, (d + 1,), the intercept first, with se, t, and two-sided p of each being zero; s2 = SSE/(N − d − 1); r2,
        r2_adj; f, and its p-value f_p, of all d slopes being zero

    Raises
    ------
    ValueError
        where [1, X] is rank-deficient, for too few samples, and for a fit that is exact up to the rounding of the data
    """
    fit = _ols(X, y)
    N, p = len(fit.e), len(fit.w)
    se = np.sqrt(fit.s2 * fit.spread)
    sse = fit.e @ fit.e
    r2 = 1 - sse / fit.sst
    F = (fit.sst - sse) / (p - 1) / fit.s2
    return {
        "coef": fit.w,
        "se": se,
        "t": fit.w / se,
        "p": 2 * special.stdtr(N - p, -np.abs(fit.w / se)),
        "s2": fit.s2,
        "r2": r2,
        "r2_adj": 1 - (1 - r2) * (N - 1) / (N - p),
        "f": F,
        "f_p": special.fdtrc(p - 1, N - p, F),
    }


class _Ols(NamedTuple):
    """A least-squares fit with an intercept: the weights w and the diagonal of (AᵀA)⁻¹ of A = [1, X], `spread`, both
    (p,), the intercept first; residuals e and leverages h, (N,); s² and the total sum of squares."""

    w: np.ndarray
    spread: np.ndarray
    e: np.ndarray
    h: np.ndarray
    s2: float
    sst: float


def _ols(X, y):
    X, y = check_X_y(X, y)
    N, p = len(X), X.shape[1] + 1
    C, unit, x_mean, U, s, Vt = _independent(X)
    if p >= N:
        raise ValueError(f"X must have more samples than columns, intercept included: got {N} and {p}")
    yc, y_mean = centred(y)
    V = Vt.T / s  # the slopes are V Uᵀyc, and (CᵀC)⁻¹ is VVᵀ
    w = V @ (U.T @ yc)
    e = yc - C @ w
    # what the rounding of y and X may have left of a fit that is exact
    rounding = np.linalg.norm(y) + np.linalg.norm(X / unit, axis=0) @ np.abs(w) + N * np.linalg.norm(yc)
    if np.linalg.norm(e) <= EPS * rounding:
        raise ValueError("the fit is exact: no residual is left to estimate the noise from")
    z = x_mean / unit
    return _Ols(
        w=np.r_[y_mean - z @ w, w / unit],
        spread=np.r_[1 / N + np.sum((z @ V) ** 2), np.sum(V**2, axis=1) / unit**2],
        e=e,
        h=1 / N + np.sum(U**2, axis=1),
        s2=e @ e / (N - p),
        sst=yc @ yc,
    )


def hat_diagonal(X, lam=0.0):
    """The leverages h_i = H_ii of H = X(XᵀX + λI)⁻¹Xᵀ, H = XX⁺ at λ = 0 (`eq-linreg-hat`).

    Cost O(Np²): the N×N matrix is never formed.

    Parameters
    ----------
    X : array (N, p) of any rank
    lam : λ ≥ 0

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        for a negative lam
    """
    lam = check_number(lam, "lam", low=0)
    X = check_X(X)
    U, s, _ = thin_svd(X if lam else X / units(X))  # without a penalty the column space alone counts
    return U**2 @ (s**2 / (s**2 + lam))


def _leverages(Xc, lam, fit_intercept):
    return hat_diagonal(Xc, lam) + (1 / len(Xc) if fit_intercept else 0)


def loo_residuals(X, y, lam=0.0, fit_intercept=True):
    """y_i − ŷ_i⁽⁻ⁱ⁾ = e_i/(1 − h_i): each sample predicted from the others by one fit (`eq-linreg-loo`).

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    lam : ridge penalty λ ≥ 0
    fit_intercept : whether there is an intercept, never penalised (each fold centres anew)

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        for a negative lam, and for a sample of leverage 1, without which the fit is undetermined
    """
    X, y = check_X_y(X, y)
    Xc, yc, _, _ = _centre(X, y, fit_intercept)
    h = _leverages(Xc, lam, fit_intercept)
    if np.any(1 - h <= 10 * max(X.shape) * EPS):
        raise ValueError(f"sample {np.argmax(h)} has leverage 1: it cannot be left out")
    e = yc - Xc @ _ridge(Xc, yc, lam)
    return e / (1 - h)


def press(X, y, lam=0.0, fit_intercept=True):
    """Predicted residual sum of squares, Σ (y_i − ŷ_i⁽⁻ⁱ⁾)² (`eq-linreg-loo`).

    Parameters
    ----------
    X, y, lam, fit_intercept : as in `loo_residuals`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        as `loo_residuals`
    """
    return float(np.sum(loo_residuals(X, y, lam, fit_intercept) ** 2))


def gcv(X, y, lam=0.0, fit_intercept=True):
    """The mean of e_i²/(1 − tr H/N)²: PRESS/N with each leverage replaced by their mean (`eq-linreg-loo`).

    Parameters
    ----------
    X, y, lam, fit_intercept : as in `loo_residuals`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        where tr H = N

    References
    ----------
    Golub, Heath and Wahba (1979)
    """
    X, y = check_X_y(X, y)
    Xc, yc, _, _ = _centre(X, y, fit_intercept)
    h = np.mean(_leverages(Xc, lam, fit_intercept))
    if 1 - h <= 10 * max(X.shape) * EPS:
        raise ValueError("every sample has leverage 1: none can be left out")
    e = yc - Xc @ _ridge(Xc, yc, lam)
    return float(np.mean(e**2) / (1 - h) ** 2)


def vif(X):
    """Variance inflation 1/(1 − R_j²) of each column regressed on the others and an intercept (`eq-linreg-vif`).

    It is the diagonal of the inverse correlation matrix, by SVD.

    Parameters
    ----------
    X : array (N, d) without a column of ones

    Returns
    -------
    array (d,)

    Raises
    ------
    ValueError
        where [1, X] does not have full column rank
    """
    C, _, _, _, s, Vt = _independent(check_X(X))
    return np.sum((Vt / s[:, None]) ** 2, axis=0) * np.sum(C**2, axis=0)


def cooks_distance(X, y):
    """D_i = e_i²h_i / (p s²(1 − h_i)²): the shift of all fitted values when i is deleted (`eq-linreg-cook`).

    Parameters
    ----------
    X : array (N, d) without a column of ones; p = d + 1
    y : array (N,)

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        as `ols_inference`, and for a leverage of 1

    References
    ----------
    Cook (1977)
    """
    fit = _ols(X, y)
    if np.any(1 - fit.h <= 10 * len(fit.e) * EPS):
        raise ValueError(f"sample {np.argmax(fit.h)} has leverage 1: it cannot be left out")
    return fit.h * (fit.e / (1 - fit.h)) ** 2 / (len(fit.w) * fit.s2)


def durbin_watson(e):
    """Σ(e_i − e_{i−1})²/Σe_i²: near 2 without serial correlation, 0 to 4 (`eq-linreg-cook`).

    Parameters
    ----------
    e : array (N,), residuals in their order in time

    Returns
    -------
    float

    Raises
    ------
    ValueError
        if all are zero
    """
    e = check_y(e, "e")
    if not np.any(e):
        raise ValueError("e must not be zero throughout: the ratio is undefined")
    return float(np.sum(np.diff(e) ** 2) / np.sum(e**2))


# Ridge


def _check_penalties(lams):
    lams = check_y(lams, "lams")
    if np.any(lams < 0):
        raise ValueError(f"lam must be non-negative: got {lams.min()}")
    return lams


def ridge_path(X, y, lams):
    """The minimisers ŵ_λ = Σ_j s_j/(s_j² + λ) (u_jᵀy) v_j for all λ by one SVD (`eq-linreg-ridge`).

    Cost O(Nd min(N, d) + Ld²).

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    lams : array (L,) of numbers ≥ 0, where 0 gives the least-squares solution of smallest norm

    Returns
    -------
    array (L, d)

    Raises
    ------
    ValueError
        for a negative lam

    References
    ----------
    Hoerl and Kennard (1970)
    """
    X, y = check_X_y(X, y)
    lams = _check_penalties(lams)
    U, s, Vt = thin_svd(X)
    filters = s / (s**2 + lams[:, None])
    return (filters * (U.T @ y)) @ Vt


def _ridge(X, y, lam):
    """One penalty of the path; without any, the least squares that no unit of a column leads astray."""
    return ridge_path(X, y, [lam])[0] if lam else lstsq(X, y, "svd")


def ridge_df(X, lam):
    """Effective degrees of freedom tr H_λ = Σ s_j²/(s_j² + λ) (`eq-linreg-ridge`); a free intercept adds one.

    Parameters
    ----------
    X : array (N, d), centred if there is an intercept
    lam : λ ≥ 0

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for a negative lam
    """
    return float(np.sum(hat_diagonal(X, lam)))


def ridge_mse(X, w, sigma2, lam):
    """E‖ŵ_λ − w‖² when y = Xw + noise of variance σ², exactly (`eq-linreg-hoerl-kennard`).

    Parameters
    ----------
    X : array (N, d) of any rank
    w : array (d,), the true weights
    sigma2 : σ² ≥ 0
    lam : λ ≥ 0

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for a negative sigma2 or lam, and for a w that does not match X

    References
    ----------
    Hoerl and Kennard (1970)
    """
    X, w = check_X(X), check_y(w, "w")
    sigma2, lam = check_number(sigma2, "sigma2", low=0), check_number(lam, "lam", low=0)
    if len(w) != X.shape[1]:
        raise ValueError(f"w must have {X.shape[1]} entries, one per feature: got {len(w)}")
    _, s, Vt = thin_svd(X)
    a = Vt @ w
    unseen = w - Vt.T @ a  # the part of w in the kernel of X: no data show it, and every λ estimates it by zero
    return float(np.sum((sigma2 * s**2 + lam**2 * a**2) / (s**2 + lam) ** 2) + unseen @ unseen)


def weight_posterior(X, y, sigma2, tau2):
    """w | y ~ N(m, S), S⁻¹ = I/τ² + XᵀX/σ², m = SXᵀy/σ², under the prior N(0, τ²I) (`eq-linreg-bayes`).

    By the SVD of X, whose condition number is never squared.

    Parameters
    ----------
    X : array (N, p) as it stands
    y : array (N,)
    sigma2, tau2 : σ² > 0 and τ² > 0

    Returns
    -------
    m, array (p,), and S, array (p, p)

    Raises
    ------
    ValueError
        unless both variances are positive
    """
    X, y = check_X_y(X, y)
    sigma2, tau2 = check_number(sigma2, "sigma2", low=0, strict=True), check_number(tau2, "tau2", low=0, strict=True)
    Q, R = np.linalg.qr(X)  # Qᵀy ~ N(Rw, σ²I) holds all that y knows about w
    U, s, Vt = np.linalg.svd(R)
    k = len(s)
    # along v_j: y tells u_jᵀQᵀy = s_j v_jᵀw + noise, and nothing in the other directions, where the prior stays
    s = np.r_[s, np.zeros(len(Vt) - k)]
    spread = sigma2 * tau2 / (sigma2 + tau2 * s**2)
    return (spread[:k] * s[:k] / sigma2 * (U.T @ (Q.T @ y))) @ Vt[:k], (Vt.T * spread) @ Vt


def posterior_predictive(X_new, m, S, sigma2):
    """Mean xᵀm and variance σ² + xᵀSx of y at each row x of X_new (`eq-linreg-bayes`).

    Parameters
    ----------
    X_new : array (M, p)
    m, S : arrays (p,) and (p, p), from `weight_posterior`
    sigma2 : σ² > 0

    Returns
    -------
    two arrays (M,)

    Raises
    ------
    ValueError
        for shapes that do not match, and a sigma2 that is not positive
    """
    m, S = check_y(m, "m"), check_X(S, "S")
    if S.shape != (len(m), len(m)):
        raise ValueError(f"S must have shape {(len(m), len(m))}, as m has {len(m)} entries: got {S.shape}")
    X_new, sigma2 = check_X(X_new, "X_new", n_features=len(m)), check_number(sigma2, "sigma2", low=0, strict=True)
    return X_new @ m, sigma2 + np.sum(X_new @ S * X_new, axis=1)


def log_evidence(X, y, sigma2, tau2):
    """log N(y; 0, σ²I + τ²XXᵀ), in nats, from the eigenvalues σ² + τ²s_j² and σ² (`eq-linreg-bayes`).

    Cost O(Np min(N, p)): the N×N covariance is never formed.

    Parameters
    ----------
    X, y, sigma2, tau2 : as in `weight_posterior`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        as `weight_posterior`
    """
    X, y = check_X_y(X, y)
    sigma2, tau2 = check_number(sigma2, "sigma2", low=0, strict=True), check_number(tau2, "tau2", low=0, strict=True)
    U, s, _ = thin_svd(X)
    z = U.T @ y
    e = y - U @ z
    along = sigma2 + tau2 * s**2
    log_det = np.sum(np.log(along)) + (len(y) - len(s)) * np.log(sigma2)
    return float(-0.5 * (len(y) * np.log(2 * np.pi) + log_det + np.sum(z**2 / along) + e @ e / sigma2))


# Lasso and elastic net


def lasso_lambda_max(X, y):
    """‖Xᵀy‖∞, the smallest λ at which w = 0 is optimal (`eq-linreg-lasso-kkt`).

    Parameters
    ----------
    X : array (N, d), centred if there is an intercept
    y : array (N,), centred likewise

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    X, y = check_X_y(X, y)
    return float(np.max(np.abs(X.T @ y)))


def lasso_kkt_residual(X, y, w, lam):
    """The largest violation of X_jᵀe = λ sign w_j (w_j ≠ 0) and |X_jᵀe| ≤ λ (w_j = 0) (`eq-linreg-lasso-kkt`).

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    w : array (d,)
    lam : λ ≥ 0

    Returns
    -------
    float
        zero iff w is optimal

    Raises
    ------
    ValueError
        for a negative lam and a wrong shape of w
    """
    w, lam = check_y(w, "w"), check_number(lam, "lam", low=0)
    q = -least_squares_grad(w, X, y)
    return float(np.max(np.where(w != 0, np.abs(q - lam * np.sign(w)), np.maximum(np.abs(q) - lam, 0))))


def coordinate_descent(X, y, l1, l2=0.0, tol=1e-10, max_iter=10_000, w0=None):
    """Minimises ½‖y − Xw‖² + λ₁‖w‖₁ + (λ₂/2)‖w‖² exactly over one coordinate at a time (`eq-linreg-lasso-kkt`).

    Parameters
    ----------
    X : (N, d)
    y : (N,)
    l1, l2 : λ₁ > 0 and λ₂ ≥ 0, on the sum scale
    tol, max_iter : it stops when the duality gap is at most tol·½‖y‖², or after max_iter sweeps
    w0 : (d,), where to start; None is zero

    Returns
    -------
    w, (d,), the gap, and the number of sweeps

    Raises
    ------
    ValueError
        for l1 ≤ 0, l2 < 0, and a wrong shape of w0

    Warns
    -----
    RuntimeWarning
        where max_iter sweeps are not enough
    """
    X, y = check_X_y(X, y)
    l1, l2 = check_number(l1, "l1", low=0, strict=True), check_number(l2, "l2", low=0)
    tol, max_iter = check_number(tol, "tol", low=0), check_number(max_iter, "max_iter", low=1, integer=True)
    columns = np.ascontiguousarray(X.T)
    norms2 = np.sum(columns**2, axis=1)
    w = np.zeros(X.shape[1]) if w0 is None else check_y(w0, "w0").copy()
    e, enough, n_iter = _residual(w, X, y), tol * 0.5 * (y @ y), 0
    w[norms2 == 0] = 0
    q = X.T @ e - l2 * w
    while (gap := lasso_gap(e @ e + l2 * (w @ w), q, w, l1)) > enough and n_iter < max_iter:
        for j in np.flatnonzero((w != 0) | (np.abs(q) > l1)):  # the other zeros would stay zero in this sweep
            x_j, w_old = columns[j], w[j]
            w[j] = _shrink(x_j @ e + norms2[j] * w_old, l1) / (norms2[j] + l2)
            if w[j] != w_old:
                e += x_j * (w_old - w[j])
        e, n_iter = y - X @ w, n_iter + 1
        q = X.T @ e - l2 * w
    if gap > enough:
        warn(f"lasso_cd stopped after {n_iter} sweeps at a duality gap of {gap:.3g}: raise max_iter or tol")
    return w, float(gap), n_iter


def _shrink(z, t):
    """`soft_threshold` of a single number, for which it is faster."""
    return max(z - t, 0.0) + min(z + t, 0.0)


def lasso_cd(X, y, lam, tol=1e-10, max_iter=10_000, w0=None):
    """Minimises ½‖y − Xw‖² + λ‖w‖₁ by `coordinate_descent` (`eq-linreg-lasso-kkt`).

    Parameters
    ----------
    X : (N, d), as it stands: no intercept
    y : (N,)
    lam : λ ≥ 0 (λ/N is scikit-learn's alpha); 0 is answered by the least-squares solution of smallest norm
    tol, max_iter, w0 : as in `coordinate_descent`

    Returns
    -------
    w, (d,), the duality gap, and the number of sweeps

    Raises
    ------
    ValueError
        for a negative lam and a wrong shape of w0
    """
    X, y = check_X_y(X, y)
    lam = check_number(lam, "lam", low=0)
    if lam == 0:
        return lstsq(X, y, "svd"), 0.0, 0
    return coordinate_descent(X, y, lam, 0.0, tol, max_iter, w0)


def enet_cd(X, y, lam, l1_ratio, tol=1e-10, max_iter=10_000, w0=None):
    """Minimises ½‖y − Xw‖² + λ(α‖w‖₁ + (1 − α)/2 ‖w‖²), α = l1_ratio, by `coordinate_descent` (`eq-linreg-enet`).

    It is a lasso with √(λ(1 − α)) I below X and zeros below y; the gap is that lasso's, and the rows are never made.

    Parameters
    ----------
    X : (N, d), as it stands: no intercept
    y : (N,)
    lam : λ ≥ 0 (λ/N is scikit-learn's alpha)
    l1_ratio : 0 ≤ α ≤ 1; 0 is answered by ridge
    tol, max_iter, w0 : as in `coordinate_descent`

    Returns
    -------
    w, (d,), the duality gap, and the number of sweeps

    Raises
    ------
    ValueError
        for a negative lam and an l1_ratio outside [0, 1]

    References
    ----------
    Zou and Hastie (2005)
    """
    X, y = check_X_y(X, y)
    lam, l1_ratio = check_number(lam, "lam", low=0), check_number(l1_ratio, "l1_ratio", low=0, high=1)
    l1, l2 = lam * l1_ratio, lam * (1 - l1_ratio)
    if l1 == 0:
        return _ridge(X, y, l2), 0.0, 0
    return coordinate_descent(X, y, l1, l2, tol, max_iter, w0)


# Huber


def huber_irls(X, y, delta, tol=1e-8, max_iter=1000):
    """Minimises Σ ρ_δ(y_i − x_iᵀw) by weighted least squares with weights min(1, δ/|e_i|) (`eq-linreg-huber`).

    Each step minimises a parabola above every ρ_δ that touches it at e_i, so that the objective never rises.

    Parameters
    ----------
    X : array (N, p), as it stands
    y : array (N,)
    delta : δ > 0, in units of y
    tol, max_iter : it stops when |X_jᵀψ(e)| ≤ tol·δ Σ_i|X_ij| for all j, or after max_iter steps

    Returns
    -------
    w, array (p,), and the history of the objective

    Raises
    ------
    ValueError
        unless delta is positive

    Warns
    -----
    RuntimeWarning
        where max_iter steps are not enough

    References
    ----------
    Huber (1964)
    """
    X, y = check_X_y(X, y)
    delta, tol = check_number(delta, "delta", low=0, strict=True), check_number(tol, "tol", low=0)
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    w = lstsq(X, y, "svd")
    e = y - X @ w
    history, enough = [np.sum(huber_loss(e, delta))], tol * delta * np.sum(np.abs(X), axis=0)
    while np.any(np.abs(X.T @ huber_loss_grad(e, delta)) > enough):
        if len(history) > max_iter:
            objective = f"the objective is {history[-1]:.6g}"
            warn(f"huber_irls stopped after {max_iter} steps: raise max_iter or tol ({objective})")
            break
        root = np.sqrt(delta / np.maximum(np.abs(e), delta))  # of the weights min(1, δ/|e_i|)
        w = lstsq(root[:, None] * X, root * y, "svd")
        e = y - X @ w
        history.append(np.sum(huber_loss(e, delta)))
    return w, np.array(history)


# Estimators


class _LinearModel(Regressor):
    """fit: centre, solve, and recover the intercept ȳ − x̄ᵀw, which is thus never penalised."""

    def fit(self, X, y):
        """Fit coef_, (d,), and intercept_.

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
            for input that is not finite, or shapes that do not match
        """
        X, y = check_X_y(X, y)
        Xc, yc, x_mean, y_mean = _centre(X, y, self.fit_intercept)
        self.coef_ = self._solve(Xc, yc)
        self.intercept_ = float(y_mean - x_mean @ self.coef_)
        return self

    def predict(self, X):
        """Xw + b.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        array (N,)

        Raises
        ------
        ValueError
            before `fit`, and for another number of features
        """
        check_fitted(self)
        return check_X(X, n_features=len(self.coef_)) @ self.coef_ + self.intercept_


class LinearRegression(_LinearModel):
    """Least squares by SVD; of all minimisers the one of smallest ‖w‖ (`eq-linreg-normal`, `eq-linreg-pinv`).

    Parameters
    ----------
    fit_intercept : whether there is an intercept, never penalised
    """

    def __init__(self, fit_intercept=True):
        self.fit_intercept = fit_intercept

    def _solve(self, X, y):
        return lstsq(X, y, "svd")


class Ridge(_LinearModel):
    """½‖y − b − Xw‖² + (λ/2)‖w‖² (`eq-linreg-ridge`).

    Parameters
    ----------
    lam : λ ≥ 0, scikit-learn's alpha; `fit` raises ValueError otherwise
    fit_intercept : whether there is an intercept, never penalised
    """

    def __init__(self, lam=1.0, fit_intercept=True):
        self.lam, self.fit_intercept = lam, fit_intercept

    def _solve(self, X, y):
        return _ridge(X, y, check_number(self.lam, "lam", low=0))


class ElasticNet(_LinearModel):
    """½‖y − b − Xw‖² + λ(α‖w‖₁ + (1 − α)/2 ‖w‖²) (`eq-linreg-enet`). Fits gap_ and n_iter_ besides.

    Parameters
    ----------
    lam : λ ≥ 0, N times scikit-learn's alpha
    l1_ratio : α in [0, 1]
    fit_intercept : whether there is an intercept, never penalised
    tol, max_iter : as in `coordinate_descent`, which also says what `fit` raises and of what it warns
    """

    def __init__(self, lam=1.0, l1_ratio=0.5, fit_intercept=True, tol=1e-10, max_iter=10_000):
        self.lam, self.l1_ratio, self.fit_intercept = lam, l1_ratio, fit_intercept
        self.tol, self.max_iter = tol, max_iter

    def _solve(self, X, y):
        w, self.gap_, self.n_iter_ = enet_cd(X, y, self.lam, self.l1_ratio, self.tol, self.max_iter)
        return w


class Lasso(_LinearModel):
    """½‖y − b − Xw‖² + λ‖w‖₁ (`eq-linreg-lasso-kkt`). Fits gap_ and n_iter_ besides.

    Parameters
    ----------
    lam : λ ≥ 0, N times scikit-learn's alpha
    fit_intercept : whether there is an intercept, never penalised
    tol, max_iter : as in `coordinate_descent`, which also says what `fit` raises and of what it warns

    References
    ----------
    Tibshirani (1996)
    """

    def __init__(self, lam=1.0, fit_intercept=True, tol=1e-10, max_iter=10_000):
        self.lam, self.fit_intercept, self.tol, self.max_iter = lam, fit_intercept, tol, max_iter

    def _solve(self, X, y):
        w, self.gap_, self.n_iter_ = lasso_cd(X, y, self.lam, self.tol, self.max_iter)
        return w


class HuberRegressor(_LinearModel):
    """Σ ρ_δ(y_i − b − x_iᵀw), without an estimate of scale (`eq-linreg-huber`); resists outliers in y, not in x.

    Parameters
    ----------
    delta : δ > 0, in units of y
    fit_intercept : whether there is an intercept
    tol, max_iter : as in `huber_irls`, which also says what `fit` raises and of what it warns
    """

    def __init__(self, delta=1.345, fit_intercept=True, tol=1e-8, max_iter=1000):
        self.delta, self.fit_intercept, self.tol, self.max_iter = delta, fit_intercept, tol, max_iter

    def fit(self, X, y):
        """Fit coef_, (d,), intercept_ and history_, the objective step by step.

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
            for input that is not finite, or shapes that do not match
        """
        X, y = check_X_y(X, y)
        Xc, yc, x_mean, y_mean = _centre(X, y, self.fit_intercept)
        design = add_intercept(Xc) if self.fit_intercept else Xc
        w, self.history_ = huber_irls(design, yc, self.delta, self.tol, self.max_iter)
        shift, self.coef_ = (w[0], w[1:]) if self.fit_intercept else (0.0, w)
        self.intercept_ = float(shift + y_mean - x_mean @ self.coef_)
        return self
