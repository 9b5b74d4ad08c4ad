"""Chapter 20: knobs that hold a fit back, and data, prices and bounds that say how far to turn them.

Losses are such that smaller is better. Candidates of a choice are listed from the simplest to the most flexible.
"""

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import nnls
from scipy.stats import norm

from .gaussian_mixture import aic
from .learning_theory import min_norm_risk
from .optimization import soft_threshold
from .resampling import cross_val_score, kfold
from .validation import check_number, check_rng, check_X, check_X_y, check_y

__all__ = [
    *("aicc", "dropout_expected_loss", "dropout_mask", "expanding_window", "gd_filter", "hard_threshold"),
    *("lasso_knots", "mallows_cp", "nested_cv", "one_se_rule", "rademacher_linear", "subset_risk"),
    *("threshold_df", "threshold_risk", "tuned_ridge_risk"),
]

ROUNDING = 1e-9  # what differs by less, relatively, is equal


# One effect -------------------------------------------------------------------------------------------


def hard_threshold(z, t):
    """z where |z| > t, else 0 (`eq-reg-hard`).

    Parameters
    ----------
    z : array of any shape
    t : number ≥ 0

    Returns
    -------
    array of the shape of z

    Raises
    ------
    ValueError
        for a negative t, and for a z that is not finite
    """
    z, t = np.asarray(z, dtype=float), check_number(t, "t", low=0)
    if not np.all(np.isfinite(z)):
        raise ValueError("z contains NaN or infinity")
    return np.where(np.abs(z) > t, z, 0.0)


RULES = {"hard": hard_threshold, "soft": soft_threshold}


def _rule(kind):
    if kind not in list(RULES):
        raise ValueError(f"kind must be one of {sorted(RULES)}: got {kind!r}")
    return kind


def threshold_df(mu, t, kind):
    """Degrees of freedom Cov(T(z), z) of a threshold T at z ~ N(mu, 1) (`eq-reg-soft-df`, `eq-reg-hard-df`).

    Parameters
    ----------
    mu : array of any shape, the true effect in standard errors
    t : threshold ≥ 0
    kind : "soft" or "hard"

    Returns
    -------
    array of the shape of mu

    Raises
    ------
    ValueError
        for a negative t and an unknown kind

    References
    ----------
    Stein (1981); Donoho and Johnstone (1994)
    """
    mu, t = np.asarray(mu, dtype=float), check_number(t, "t", low=0)
    used = norm.sf(t - mu) + norm.cdf(-t - mu)
    return used if _rule(kind) == "soft" else used + t * (norm.pdf(t - mu) + norm.pdf(t + mu))


def threshold_risk(mu, t, kind):
    """E (T(z) − mu)² of a thresholded z ~ N(mu, 1) (`eq-reg-threshold-risk`).

    Parameters
    ----------
    mu : array of any shape, the true effect in standard errors
    t : threshold ≥ 0
    kind : "soft" or "hard"

    Returns
    -------
    array of the shape of mu

    Raises
    ------
    ValueError
        for a negative t and an unknown kind

    References
    ----------
    Donoho and Johnstone (1994)
    """
    mu, t = np.asarray(mu, dtype=float), check_number(t, "t", low=0)
    kept = norm.sf(t - mu) + norm.cdf(-t - mu)
    off = norm.cdf(t - mu) - norm.cdf(-t - mu)
    hard = (np.sqrt(off) * mu) ** 2 + kept + (t - mu) * norm.pdf(t - mu) + (t + mu) * norm.pdf(t + mu)
    if _rule(kind) == "hard":
        return hard
    return hard + t**2 * kept - 2 * t * (norm.pdf(t - mu) + norm.pdf(t + mu))


def gd_filter(s2, eta, t):
    """1 − (1 − ηs²)ᵗ, the share that t steps of gradient descent from 0 have learnt (`eq-reg-gd-filter`).

    Exact to rounding for small ηs² too. The iteration converges if and only if η·max s² < 2.

    Parameters
    ----------
    s2 : array of any shape, numbers ≥ 0: squared singular values
    eta : step η > 0
    t : int ≥ 0, steps

    Returns
    -------
    array of the shape of s2

    Raises
    ------
    ValueError
        for numbers outside these ranges
    """
    s2, eta = np.asarray(s2, dtype=float), check_number(eta, "eta", low=0, strict=True)
    t = check_number(t, "t", low=0, integer=True)
    if not np.all(s2 >= 0):
        raise ValueError(f"s2 must hold non-negative numbers: got {np.min(s2)}")
    x = eta * s2
    below = np.where(x < 1, x, 0)
    with np.errstate(over="ignore"):  # beyond 2 the iteration diverges, and its share with it
        beyond = 1 - (1 - x) ** t
    return np.where(x < 1, -np.expm1(t * np.log1p(-below)), beyond)


# Many effects -----------------------------------------------------------------------------------------


def lasso_knots(X, y, max_knots=10_000):
    """The whole lasso path: minimisers of ½‖y − Xw‖² + λ‖w‖₁ at the λ where it bends (`alg-reg-knots`).

    Between two knots w is linear in λ (`eq-linreg-path`). There is no intercept: centre the columns and y first. Where
    columns tie, a small least-squares problem with signs says which of them start; where they repeat, one is used.

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)
    max_knots : int ≥ 1

    Returns
    -------
    lams : array (n_knots,), falling from λ_max = max_j |X_jᵀy| to 0
    W : array (n_knots, d), the weights there

    Raises
    ------
    ValueError
        for bad input
    RuntimeError
        if there are more than max_knots

    References
    ----------
    Osborne, Presnell and Turlach (2000); Efron, Hastie, Johnstone and Tibshirani (2004)
    """
    X, y = check_X_y(X, y)
    max_knots = check_number(max_knots, "max_knots", low=1, integer=True)
    if len(X) > X.shape[1]:  # inner products of columns, with each other and with y, are all that matters
        Q, X = np.linalg.qr(X)
        y = Q.T @ y
    length = np.linalg.norm(X, axis=0)
    w, c = np.zeros(X.shape[1]), X.T @ y  # weights, and the pull of each column on what is left of y
    lam = float(np.max(np.abs(c)))
    lams, path = [lam], [w]
    while lam > 0:
        if len(lams) == max_knots:
            raise RuntimeError(f"the path has more than {max_knots} knots: raise max_knots")
        tied = np.abs(c) >= lam * (1 - ROUNDING)  # all columns that pull with the whole force λ
        v = _direction(X, np.sign(c), w != 0, tied & (w == 0), length)
        a = X.T @ (X @ v)  # as λ falls by g, w grows by g·v and c falls by g·a
        with np.errstate(divide="ignore", invalid="ignore"):
            up = np.where(tied & (c > 0), np.inf, _ahead((lam - c) / (1 - a)))  # whoever pulls with λ now
            down = np.where(tied & (c < 0), np.inf, _ahead((lam + c) / (1 + a)))  # may return on the other side
            joins = np.where((w != 0) | (v != 0), np.inf, np.minimum(up, down))
            drops = np.where(w != 0, _ahead(-w / v), np.inf)
        g = min(lam, joins.min(), drops.min())
        used = (w != 0) | (v != 0)
        w = np.where(drops <= g * (1 + ROUNDING), 0.0, w + g * v)
        lam -= g
        c = np.where(used, np.sign(c) * lam, c - g * a)
        lams.append(lam)
        path.append(w)
    return np.array(lams), np.array(path)


def _ahead(g):
    """The steps g that lie ahead; inf for the others."""
    return np.where(g > 0, g, np.inf)


def _direction(X, sign, used, waiting, length):
    """−dw/dλ: v with X_jᵀXv = sign_j on the used columns, and on those that wait and can start in their sign."""
    v = np.zeros(X.shape[1])
    Q, R = np.linalg.qr(X[:, used])
    base = Q @ solve_triangular(R, sign[used], trans="T") if used.any() else np.zeros(len(X))
    W = X[:, waiting] * sign[waiting]
    rest = W - Q @ (Q.T @ W)
    news = np.linalg.norm(rest, axis=0) > ROUNDING * length[waiting]  # another column says nothing new
    u = np.zeros(len(news))
    if news.any():
        u[news] = _nonnegative(rest[:, news], 1 - W[:, news].T @ base)
    v[used] = solve_triangular(R, Q.T @ (base - W @ u)) if used.any() else 0
    v[waiting] = sign[waiting] * u
    return v


def _nonnegative(A, d):
    """The u ≥ 0 that minimises ½‖Au‖² − dᵀu."""
    scale = np.linalg.norm(A, axis=0)
    A, d = A / scale, d / scale
    return nnls(A, np.linalg.lstsq(A.T, d, rcond=None)[0])[0] / scale


def dropout_mask(shape, p, random_state=0, inverted=True):
    """Zeros with probability p, and 1/(1 − p), or 1 without the scaling, otherwise (`eq-reg-dropout-moments`).

    Parameters
    ----------
    shape : int or tuple
    p : probability in [0, 1) that an entry is dropped
    random_state : seed or Generator
    inverted : True divides what stays by 1 − p, so that the mean is 1

    Returns
    -------
    array of that shape

    Raises
    ------
    ValueError
        for p outside [0, 1)
    """
    p = _dropped(p)
    kept = check_rng(random_state, "random_state").random(shape) >= p
    return kept / (1 - p) if inverted else kept.astype(float)


def _dropped(p):
    if check_number(p, "p", low=0, high=1) == 1:
        raise ValueError("p must lie in [0, 1): got 1, which drops everything")
    return float(p)


def dropout_expected_loss(x, y, w, p, inverted=True):
    """E (y − (m ⊙ x)ᵀw)² over all masks m, exactly (`eq-reg-dropout-ridge`).

    Parameters
    ----------
    x, w : arrays (d,)
    y : number
    p : probability in [0, 1) that an entry is dropped
    inverted : as in `dropout_mask`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for p outside [0, 1) and shapes that differ

    References
    ----------
    Srivastava et al. (2014); Wager, Wang and Liang (2013)
    """
    x, w, p = check_y(x, "x"), check_y(w, "w"), _dropped(p)
    if x.shape != w.shape:
        raise ValueError(f"x and w must have equally many entries: got {len(x)} and {len(w)}")
    y = check_number(y, "y")
    keep = 1 if inverted else 1 - p
    return float((y - keep * (x @ w)) ** 2 + p / (1 - p) * keep**2 * np.sum((x * w) ** 2))


# Choosing by data -------------------------------------------------------------------------------------


def expanding_window(n, k):
    """k folds in time: each block of n // (k + 1) samples is predicted from all that lie before it (`def-reg-cv`).

    Parameters
    ----------
    n : int, samples in order of time
    k : int in [1, n − 1]

    Returns
    -------
    list of k pairs (train, test) of integer arrays

    Raises
    ------
    ValueError
        unless 1 ≤ k < n
    """
    n = check_number(n, "n", low=2, integer=True)
    k = check_number(k, "k", low=1, high=n - 1, integer=True)
    size = n // (k + 1)
    return [(np.arange(start), np.arange(start, start + size)) for start in range(n - k * size, n, size)]


def one_se_rule(losses):
    """The simplest candidate whose mean loss is within one standard error of the least (`sec-reg-cv`).

    Parameters
    ----------
    losses : array (n_candidates, k), k ≥ 2 losses of each candidate, one per fold; the simplest candidate first

    Returns
    -------
    int, its row

    Raises
    ------
    ValueError
        for fewer than two folds

    References
    ----------
    Breiman, Friedman, Olshen and Stone (1984)
    """
    losses = check_X(losses, "losses")
    if losses.shape[1] < 2:
        raise ValueError("losses must have at least two columns, one per fold: got 1")
    mean = losses.mean(axis=1)
    best = mean.argmin()
    return int(np.argmax(mean <= mean[best] + losses[best].std(ddof=1) / np.sqrt(losses.shape[1])))


def nested_cv(candidates, X, y, outer, k, loss):
    """Losses of the whole procedure "choose by k-fold cross-validation, then fit", on folds that no choice has seen.

    Parameters
    ----------
    candidates : list of functions (X_train, y_train, X_test) → predictions
    X, y : N rows each
    outer : pairs (train, test), as from `kfold`
    k : int, folds of each choice, dealt within the outer training rows as they come; each counts alike in the mean
    loss : function (y_true, prediction) → number

    Returns
    -------
    losses : array (len(outer),)
    chosen : integer array (len(outer),), the candidate chosen in each

    Raises
    ------
    ValueError
        for no candidates, for a loss that is not finite, and what `cross_val_score` refuses

    References
    ----------
    Stone (1974); Varma and Simon (2006)
    """
    candidates = list(candidates)
    if not candidates:
        raise ValueError("candidates must hold at least one function: got none")
    X, y, chosen = np.asarray(X), np.asarray(y), []

    def procedure(X_train, y_train, X_test):
        folds = kfold(len(y_train), k)
        means = [cross_val_score(fit, X_train, y_train, folds, loss).mean() for fit in candidates]
        if not np.all(np.isfinite(means)):
            raise ValueError(f"candidate {int(np.argmin(np.isfinite(means)))} has a loss that is not finite")
        chosen.append(int(np.argmin(means)))
        return candidates[chosen[-1]](X_train, y_train, X_test)

    losses = cross_val_score(procedure, X, y, outer, loss)
    return losses, np.array(chosen)


# Prices -----------------------------------------------------------------------------------------------


def mallows_cp(rss, df, sigma2, N):
    """RSS/σ² − N + 2 df, an unbiased estimate of E‖ŷ − f‖²/σ² (`eq-reg-cp`).

    Parameters
    ----------
    rss : sum of squared residuals ≥ 0
    df : degrees of freedom ≥ 0 of the fit
    sigma2 : noise variance > 0
    N : int ≥ 1, samples

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for numbers outside these ranges

    References
    ----------
    Mallows (1973)
    """
    rss, df = check_number(rss, "rss", low=0), check_number(df, "df", low=0)
    N = check_number(N, "N", low=1, integer=True)
    return rss / check_number(sigma2, "sigma2", low=0, strict=True) - N + 2 * df


def aicc(loglik, p, N):
    """AIC + 2p(p + 1)/(N − p − 1): AIC right on average for a Gaussian linear model with p parameters, σ² too.

    Parameters
    ----------
    loglik : ℓ, at its maximum
    p : int ≥ 1, free parameters
    N : int > p + 1, samples

    Returns
    -------
    float

    Raises
    ------
    ValueError
        unless N > p + 1

    References
    ----------
    Hurvich and Tsai (1989)
    """
    p, N = check_number(p, "p", low=1, integer=True), check_number(N, "N", low=1, integer=True)
    if p + 1 >= N:
        raise ValueError(f"AICc needs N > p + 1: got N = {N} and p = {p}")
    return aic(loglik, p) + 2 * p * (p + 1) / (N - p - 1)


# How much a class can follow --------------------------------------------------------------------------


def rademacher_linear(X, B, n_draws=None, random_state=0):
    """(B/N) E‖Σ σ_i x_i‖, the Rademacher complexity of x ↦ wᵀx with ‖w‖ ≤ B on these samples (`eq-reg-rademacher`).

    Parameters
    ----------
    X : array (N, d)
    B : bound of the norm ≥ 0
    n_draws : None for all 2^N signs (N ≤ 16), or how many random sign vectors
    random_state : seed or Generator, for draws

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for a negative B, and for N > 16 without draws

    References
    ----------
    Bartlett and Mendelson (2002)
    """
    X, B = check_X(X), check_number(B, "B", low=0)
    N = len(X)
    if n_draws is not None:
        n_draws = check_number(n_draws, "n_draws", low=1, integer=True)
        signs = check_rng(random_state, "random_state").choice([-1.0, 1.0], size=(n_draws, N))
    elif N <= 16:
        signs = 1 - 2.0 * (np.arange(2**N)[:, None] >> np.arange(N) & 1)
    else:
        raise ValueError(f"all signs of more than 16 samples are too many: got N = {N}; give n_draws")
    return float(B / N * np.mean(np.linalg.norm(signs @ X, axis=1)))


def _split(N, p, beta2, sigma2):
    """Signal that p features see, and the variance of what they do not see, noise included."""
    beta2 = check_y(beta2, "beta2")
    if beta2.min() < 0:
        raise ValueError(f"beta2 must hold non-negative numbers: got {beta2.min()}")
    p, N = check_number(p, "p", low=0, high=len(beta2), integer=True), check_number(N, "N", low=1, integer=True)
    unseen = float(beta2[p:].sum())
    return N, p, float(beta2[:p].sum()), unseen, check_number(sigma2, "sigma2", low=0) + unseen


def subset_risk(N, p, beta2, sigma2):
    """Excess risk of least squares (of smallest norm) on the first p of many features (`eq-reg-double-descent`).

    Parameters
    ----------
    N : int ≥ 1, samples with standard Gaussian features
    p : int in [0, len(beta2)], features used
    beta2 : array, squared weights of all features
    sigma2 : noise variance ≥ 0

    Returns
    -------
    float, inf for |p − N| ≤ 1 and p ≥ 1, unless there is neither noise nor a feature unused

    Raises
    ------
    ValueError
        for numbers outside these ranges

    References
    ----------
    Breiman and Freedman (1983); Belkin, Hsu and Xu (2020)
    """
    N, p, seen, unseen, noise = _split(N, p, beta2, sigma2)
    return unseen + (min_norm_risk(N, p, seen, noise) if p else 0.0)


def tuned_ridge_risk(N, p, beta2, sigma2, n_draws=200, random_state=0):
    """Excess risk of ridge on the first p features with its best penalty, λ = pσ_p²/r_p (`eq-reg-ridge-no-peak`).

    The expectation of a trace is estimated from random spectra.

    Parameters
    ----------
    N, p, beta2, sigma2 : as in `subset_risk`, but with some signal among the p ≥ 1 features
    n_draws : int ≥ 2
    random_state : seed or Generator

    Returns
    -------
    risk, se : its estimate and the standard error of that

    Raises
    ------
    ValueError
        for numbers outside these ranges, and where the p features have no weight

    References
    ----------
    Hastie, Montanari, Rosset and Tibshirani (2022)
    """
    N, p, seen, unseen, noise = _split(N, p, beta2, sigma2)
    n_draws, rng = check_number(n_draws, "n_draws", low=2, integer=True), check_rng(random_state, "random_state")
    if seen == 0:
        raise ValueError(f"the first p = {p} features must carry some weight: got none, where λ would be infinite")
    lam = p * noise / seen
    if lam == 0:  # all is seen without noise: least squares of smallest norm
        return unseen + min_norm_risk(N, p, seen, 0.0), 0.0
    traces = np.empty(n_draws)
    for i in range(n_draws):
        X = rng.standard_normal((min(N, p), max(N, p)))
        s2 = np.linalg.eigvalsh(X @ X.T)  # the nonzero part of the spectrum of XᵀX
        traces[i] = np.sum(1 / (np.maximum(s2, 0) + lam)) + (p - len(s2)) / lam
    return float(unseen + noise * traces.mean()), float(noise * traces.std(ddof=1) / np.sqrt(n_draws))
