"""Chapter 3: densities, Bayes' rule in closed form, tail bounds, estimates and their error bars, information.

Everything is in nats and in log space where products would underflow. Parameters of densities may be arrays and
broadcast against x. Variances, not standard deviations, are parameters of a Gaussian; a Gamma law has shape and *rate*.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from scipy import special

from .columns import centred
from .linear_algebra import cholesky, forward_substitution, logsumexp, solve_cholesky
from .resampling import bootstrap
from .validation import check_number, check_rng, check_X, check_y, shown

__all__ = [
    "BetaBernoulli",
    "DirichletMultinomial",
    "GammaPoisson",
    "NormalNormal",
    "bayes_posterior",
    "benjamini_hochberg",
    "bernoulli_kl_bound",
    "bernstein_bound",
    "bin_poisson_tv",
    "bootstrap_interval",
    "chebyshev_bound",
    "coverage",
    "cross_entropy",
    "entropy",
    "fisher_information",
    "fit_bernoulli",
    "fit_exponential",
    "fit_mvn",
    "fit_normal",
    "fit_poisson",
    "fit_uniform",
    "gaussian_condition",
    "gaussian_marginal",
    "hoeffding_bound",
    "hoeffding_sample_size",
    "kl_divergence",
    "kl_mvn",
    "kl_normal",
    "linear_gaussian_posterior",
    "log_pdf_beta",
    "log_pdf_dirichlet",
    "log_pdf_exponential",
    "log_pdf_gamma",
    "log_pdf_mvn",
    "log_pdf_normal",
    "log_pdf_student_t",
    "log_pmf_bernoulli",
    "log_pmf_binomial",
    "log_pmf_poisson",
    "markov_bound",
    "mcdiarmid_bound",
    "mean_interval",
    "mutual_information",
    "predictive_value",
    "running_moments",
    "sandwich_variance",
    "score",
    "t_power",
    "t_test_1samp",
    "wald_interval",
    "wilson_interval",
]


# Input ------------------------------------------------------------------------------------------------


def _real(value, name, low=-np.inf, high=np.inf):
    """`value` as a finite float array of any shape with entries in [low, high]."""
    array = np.asarray(value, dtype=float)
    if not np.all(np.isfinite(array)):
        raise ValueError(f"{name} contains NaN or infinity")
    if np.any((array < low) | (array > high)):
        raise ValueError(f"{name} must lie in [{low:g}, {high:g}]: got {shown(array, (array < low) | (array > high))}")
    return array


def _positive(value, name):
    array = _real(value, name)
    if np.any(array <= 0):
        raise ValueError(f"{name} must be positive: got {shown(array, array <= 0)}")
    return array


def _counts(value, name):
    array = check_y(value, name)
    wrong = (array < 0) | (array != np.floor(array))
    if np.any(wrong):
        raise ValueError(f"{name} must hold counts 0, 1, 2, …: got {shown(array, wrong)}")
    return array


def _distribution(p, name, axis=-1):
    """Probabilities that are non-negative and sum to one along `axis`, to 1e-8."""
    p = _real(p, name)
    if p.ndim == 0 or np.any(p < 0) or np.any(np.abs(p.sum(axis=axis) - 1) > 1e-8):
        raise ValueError(f"{name} must be non-negative and sum to one")
    return p


def _share(k, n):
    """(k, n) as integers with 0 ≤ k ≤ n, n ≥ 1."""
    n = check_number(n, "n", low=1, integer=True)
    return check_number(k, "k", low=0, high=n, integer=True), n


def _level(level):
    return check_number(level, "level", low=0, high=1, strict=True)


def _cholesky(cov, d, name):
    """The lower Cholesky factor of a (d, d) covariance; ValueError under its `name` if there is none."""
    cov = check_X(cov, name)
    if cov.shape != (d, d):
        raise ValueError(f"{name} must have shape {(d, d)}: got {cov.shape}")
    if np.abs(cov - cov.T).max() > 1e-8 * np.abs(cov).max():
        raise ValueError(f"{name} must be symmetric")
    try:
        return cholesky((cov + cov.T) / 2)  # a covariance that was computed is symmetric up to rounding
    except np.linalg.LinAlgError:
        raise ValueError(f"{name} must be positive definite") from None


# Bayes' rule for finitely many hypotheses -------------------------------------------------------------


def bayes_posterior(prior, likelihood):
    """P(H_k | data) ∝ P(H_k) ∏_i P(x_i | H_k) (`eq-prob-bayes`), in log space.

    Parameters
    ----------
    prior : array (K,), non-negative with sum one
    likelihood : array (K,), or (K, N) for N findings that are independent given the hypothesis

    Returns
    -------
    array (K,)

    Raises
    ------
    ValueError
        "prior must be non-negative and sum to one", "evidence is zero" if no hypothesis with a positive prior allows
        the data, and for negative likelihoods or shapes that do not match
    """
    prior = _distribution(check_y(prior, "prior"), "prior")
    likelihood = _real(likelihood, "likelihood", low=0)
    if likelihood.ndim not in (1, 2) or len(likelihood) != len(prior):
        raise ValueError(f"likelihood must have {len(prior)} rows, one per hypothesis: got shape {likelihood.shape}")
    with np.errstate(divide="ignore"):  # log 0 = −∞ is meant
        log_joint = np.log(prior) + np.log(likelihood.reshape(len(prior), -1)).sum(axis=1)
    log_evidence = logsumexp(log_joint)
    if log_evidence == -np.inf:
        raise ValueError("evidence is zero: no hypothesis with a positive prior allows the data")
    return np.exp(log_joint - log_evidence)


def predictive_value(prevalence, sensitivity, specificity):
    """P(ill | positive) and P(healthy | negative) of a test (`eq-prob-bayes`).

    Parameters
    ----------
    prevalence, sensitivity, specificity : numbers in [0, 1]

    Returns
    -------
    (PPV, NPV), floats

    Raises
    ------
    ValueError
        for a number outside [0, 1], and where one of the two findings has probability zero
    """
    values = {"prevalence": prevalence, "sensitivity": sensitivity, "specificity": specificity}
    pi, sens, spec = (check_number(value, name, low=0, high=1) for name, value in values.items())
    return (
        float(bayes_posterior([pi, 1 - pi], [sens, 1 - spec])[0]),
        float(bayes_posterior([pi, 1 - pi], [1 - sens, spec])[1]),
    )


# Log densities ----------------------------------------------------------------------------------------


def _on_support(x, inside, log_density, somewhere):
    """log_density(x) where x lies inside the support, −∞ elsewhere; `somewhere` is any point of the support."""
    return np.where(inside, log_density(np.where(inside, x, somewhere)), -np.inf)[()]


def log_pmf_bernoulli(x, p):
    """log p for x = 1, log(1 − p) for x = 0, −∞ for any other x.

    Parameters
    ----------
    x, p : numbers or arrays, p in [0, 1]

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        for p outside [0, 1]
    """
    return log_pmf_binomial(x, 1, p)


def log_pmf_binomial(k, n, p):
    """log C(n, k) pᵏ(1 − p)ⁿ⁻ᵏ; −∞ unless k = 0, …, n.

    Parameters
    ----------
    k, n, p : numbers or arrays, n positive integers, p in [0, 1]

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        for another n or p
    """
    k, n, p = _real(k, "k"), _positive(n, "n"), _real(p, "p", 0, 1)
    if np.any(n != np.floor(n)):
        raise ValueError(f"n must hold integers: got {shown(n, n != np.floor(n))}")

    def log_pmf(k):
        choose = -np.log1p(n) - special.betaln(k + 1, n - k + 1)
        return choose + special.xlogy(k, p) + special.xlog1py(n - k, -p)

    return _on_support(k, (k >= 0) & (k <= n) & (k == np.floor(k)), log_pmf, 0.0)


def log_pmf_poisson(k, lam):
    """k log λ − λ − log k!; −∞ unless k = 0, 1, ….

    Parameters
    ----------
    k, lam : numbers or arrays, lam > 0

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless lam > 0
    """
    k, lam = _real(k, "k"), _positive(lam, "lam")
    inside = (k >= 0) & (k == np.floor(k))
    return _on_support(k, inside, lambda k: special.xlogy(k, lam) - lam - special.gammaln(k + 1), 0.0)


def log_pdf_normal(x, mean=0.0, var=1.0):
    """−½ log 2πσ² − (x − μ)²/2σ².

    Parameters
    ----------
    x, mean : numbers or arrays
    var : the variance σ² > 0

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless var > 0
    """
    x, mean, var = _real(x, "x"), _real(mean, "mean"), _positive(var, "var")
    return -0.5 * (np.log(2 * np.pi * var) + (x - mean) ** 2 / var)


def log_pdf_exponential(x, rate):
    """log b − bx for x ≥ 0, else −∞.

    Parameters
    ----------
    x : number or array
    rate : b > 0

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless rate > 0
    """
    x, rate = _real(x, "x"), _positive(rate, "rate")
    return _on_support(x, x >= 0, lambda x: np.log(rate) - rate * x, 0.0)


def log_pdf_gamma(x, shape, rate):
    """k log b − log Γ(k) + (k − 1) log x − bx for x > 0, else −∞.

    Parameters
    ----------
    x : number or array
    shape : k > 0
    rate : b > 0

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless both are positive
    """
    x, shape, rate = _real(x, "x"), _positive(shape, "shape"), _positive(rate, "rate")

    def log_pdf(x):
        return special.xlogy(shape, rate) - special.gammaln(shape) + special.xlogy(shape - 1, x) - rate * x

    return _on_support(x, x > 0, log_pdf, 1.0)


def log_pdf_beta(x, alpha, beta):
    """(α − 1) log x + (β − 1) log(1 − x) − log B(α, β) on (0, 1), else −∞.

    Parameters
    ----------
    x : number or array
    alpha, beta : positive

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless both are positive
    """
    x, alpha, beta = _real(x, "x"), _positive(alpha, "alpha"), _positive(beta, "beta")

    def log_pdf(x):
        return special.xlogy(alpha - 1, x) + special.xlog1py(beta - 1, -x) - special.betaln(alpha, beta)

    return _on_support(x, (x > 0) & (x < 1), log_pdf, 0.5)


def log_pdf_dirichlet(X, alpha):
    """log Γ(Σα) − Σ log Γ(α_k) + Σ (α_k − 1) log x_k for each row of X; −∞ off the open simplex (to 1e-8).

    Parameters
    ----------
    X : array (N, K)
    alpha : array (K,), positive

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        for shapes that do not match, and alpha ≤ 0
    """
    alpha = _positive(check_y(alpha, "alpha"), "alpha")
    X = check_X(X, n_features=len(alpha))
    inside = np.all(X > 0, axis=1) & (np.abs(X.sum(axis=1) - 1) < 1e-8)
    normaliser = special.gammaln(alpha.sum()) - special.gammaln(alpha).sum()
    return np.where(inside, normaliser + np.log(np.where(inside[:, None], X, 1.0)) @ (alpha - 1), -np.inf)


def log_pdf_student_t(x, df, loc=0.0, scale=1.0):
    """Student's law: log Γ((ν+1)/2) − log Γ(ν/2) − ½ log νπs² − (ν+1)/2 · log(1 + z²/ν), z = (x − loc)/s.

    Parameters
    ----------
    x, loc : numbers or arrays
    df : ν > 0, however large
    scale : s > 0 (not the standard deviation, which is s√(ν/(ν − 2)) for ν > 2)

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless df and scale are positive
    """
    x, loc, df, scale = _real(x, "x"), _real(loc, "loc"), _positive(df, "df"), _positive(scale, "scale")
    # Pochhammer's symbol (ν/2)_½ is the ratio of the two Gammas, whose logarithms agree in ever more digits as ν grows
    normaliser = np.log(special.poch(df / 2, 0.5)) - 0.5 * np.log(df * np.pi) - np.log(scale)
    return normaliser - (df + 1) / 2 * np.log1p(((x - loc) / scale) ** 2 / df)


# The Gaussian in d dimensions -------------------------------------------------------------------------


def log_pdf_mvn(X, mean, cov):
    """log N(x; μ, Σ) for each row x of X, by Cholesky (`eq-prob-mvn`). Cost O(d³ + Nd²).

    Parameters
    ----------
    X : array (N, d)
    mean : array (d,)
    cov : array (d, d)

    Returns
    -------
    array (N,), in nats

    Raises
    ------
    ValueError
        for shapes that do not match, and a covariance that is not symmetric positive definite
    """
    mean = check_y(mean, "mean")
    d = len(mean)
    X = check_X(X, n_features=d)
    L = _cholesky(cov, d, "covariance")
    Z = forward_substitution(L, (X - mean).T)
    return -0.5 * np.sum(Z**2, axis=0) - np.sum(np.log(np.diagonal(L))) - d / 2 * np.log(2 * np.pi)


def _indices(idx, d):
    idx = np.asarray(idx)
    if (
        idx.ndim != 1
        or idx.size == 0
        or idx.dtype.kind not in "iu"
        or len(set(idx.tolist()) & set(range(d))) < idx.size
    ):
        raise ValueError(f"idx must hold different integers from 0 to {d - 1}: got {shown(idx)}")
    return idx


def gaussian_marginal(mean, cov, idx):
    """Mean and covariance of the coordinates `idx` of N(μ, Σ).

    Parameters
    ----------
    mean : array (d,)
    cov : array (d, d)
    idx : m different indices

    Returns
    -------
    arrays (m,) and (m, m)

    Raises
    ------
    ValueError
        for shapes that do not match, and a covariance that is not symmetric positive definite; for indices that repeat
        or are out of range
    """
    mean = check_y(mean, "mean")
    _cholesky(cov, len(mean), "covariance")
    idx = _indices(idx, len(mean))
    return mean[idx], np.asarray(cov, dtype=float)[np.ix_(idx, idx)]


def gaussian_condition(mean, cov, idx, values):
    """Mean and covariance of the rest of N(μ, Σ), given that the coordinates `idx` are `values` (`eq-prob-gauss-cond`).

    One Cholesky factor, with the given coordinates first, holds it all.

    Parameters
    ----------
    mean : array (d,)
    cov : array (d, d)
    idx : m < d different indices
    values : array (m,)

    Returns
    -------
    arrays (d − m,) and (d − m, d − m), in the coordinates' order

    Raises
    ------
    ValueError
        for shapes that do not match, and a covariance that is not symmetric positive definite; for indices that repeat,
        are out of range or leave nothing over
    """
    mean, values = check_y(mean, "mean"), check_y(values, "values")
    d = len(mean)
    idx = _indices(idx, d)
    m = len(idx)
    if len(values) != m:
        raise ValueError(f"values must hold one number for each of {m} indices: got {len(values)}")
    rest = np.setdiff1d(np.arange(d), idx)
    if rest.size == 0:
        raise ValueError("idx must leave at least one coordinate over")
    cov, order = check_X(cov, "covariance"), np.r_[idx, rest]
    # With the given coordinates first, Σ = LLᵀ says it all: L_ab L_bb⁻¹ is Σ_ab Σ_bb⁻¹, and L_aa L_aaᵀ what it leaves
    L = _cholesky(cov[np.ix_(order, order)] if cov.shape == (d, d) else cov, d, "covariance")
    given, across, left = L[:m, :m], L[m:, :m], L[m:, m:]
    return mean[rest] + across @ forward_substitution(given, values - mean[idx]), left @ left.T


def linear_gaussian_posterior(prior_mean, prior_cov, A, b, noise_cov, y):
    """The law of x given y, where x ~ N(μ, P) and y = Ax + b + noise, noise ~ N(0, R) (`eq-prob-lin-gauss`).

    Cost O(m³ + m²d + md² + d³). By QR, so that the condition number is not squared.

    Parameters
    ----------
    prior_mean : array (d,)
    prior_cov : array (d, d)
    A : array (m, d)
    b : array (m,)
    noise_cov : array (m, m)
    y : array (m,)

    Returns
    -------
    mean, array (d,), and covariance (P⁻¹ + AᵀR⁻¹A)⁻¹, array (d, d)

    Raises
    ------
    ValueError
        for shapes that do not match, and covariances that are not symmetric positive definite
    """
    prior_mean, y = check_y(prior_mean, "prior_mean"), check_y(y)
    d, m = len(prior_mean), len(y)
    A, b = check_X(A, "A", n_features=d), check_y(b, "b")
    if not len(A) == len(b) == m:
        raise ValueError(f"A, b and y must have equally many rows: got {len(A)}, {len(b)} and {m}")
    P, R = _cholesky(prior_cov, d, "prior_cov"), _cholesky(noise_cov, m, "noise_cov")
    # In x = μ + Pz both the prior of z and the whitened noise are standard: z has posterior precision I + BᵀB.
    B = forward_substitution(R, A @ P)
    residual = forward_substitution(R, y - b - A @ prior_mean)
    # least squares for [B; I] z = [residual; 0]: by QR, for BᵀB would square the condition number
    Q, C = np.linalg.qr(np.vstack([B, np.eye(d)]))
    root = forward_substitution(C.T, P.T)
    return prior_mean + root.T @ (Q[:m].T @ residual), root.T @ root


# Tail bounds ------------------------------------------------------------------------------------------


def _tail(bound, cap, two_sided=False):
    bound = 2 * bound if two_sided else bound
    return np.minimum(bound, 1.0) if cap else bound


def markov_bound(mean, a, cap=True):
    """P(X ≥ a) ≤ E X/a for X ≥ 0 (`eq-prob-markov`).

    Parameters
    ----------
    mean : ≥ 0
    a : > 0
    cap : whether it is at most 1

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        for a negative mean, and unless a > 0
    """
    return _tail(_real(mean, "mean", low=0) / _positive(a, "a"), cap)


def chebyshev_bound(var, t, cap=True):
    """P(|X − E X| ≥ t) ≤ Var X/t² (`eq-prob-chebyshev`).

    Parameters
    ----------
    var : ≥ 0; for a mean of n draws it is σ²/n
    t : > 0
    cap : whether it is at most 1

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        for a negative var, and unless t > 0
    """
    return _tail(_real(var, "var", low=0) / _positive(t, "t") ** 2, cap)


def hoeffding_bound(n, t, a=0.0, b=1.0, two_sided=True, cap=True):
    """P(|X̄ − μ| ≥ t) ≤ 2 exp(−2nt²/(b − a)²) for n independent X_i in [a, b] (`eq-prob-hoeffding`).

    Parameters
    ----------
    n : int ≥ 1
    t : > 0, array or number
    a, b : a < b
    two_sided : one-sided without the 2
    cap : whether it is at most 1

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        for n < 1, t ≤ 0, b ≤ a

    References
    ----------
    Hoeffding (1963)
    """
    n, t = check_number(n, "n", low=1, integer=True), _positive(t, "t")
    width = check_number(b, "b") - check_number(a, "a")
    if width <= 0:
        raise ValueError(f"a must be less than b: got {a} and {b}")
    return _tail(np.exp(-2 * n * (t / width) ** 2), cap, two_sided)


def bernstein_bound(n, t, var, b, two_sided=True, cap=True):
    """P(|X̄ − μ| ≥ t) ≤ 2 exp(−nt²/(2σ² + 2bt/3)) for n independent X_i, |X_i − E X_i| ≤ b (`eq-prob-bernstein`).

    Parameters
    ----------
    n : int ≥ 1
    t, b : > 0
    var : σ² ≥ 0, the mean of their variances
    two_sided : one-sided, X_i − E X_i ≤ b is enough, and the 2 falls away
    cap : whether it is at most 1

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, t, b = check_number(n, "n", low=1, integer=True), _positive(t, "t"), _positive(b, "b")
    return _tail(np.exp(-n * t**2 / (2 * _real(var, "var", low=0) + 2 * b * t / 3)), cap, two_sided)


def bernoulli_kl_bound(n, p, t):
    """P(X̄ ≥ p + t) ≤ exp(−n kl(p + t‖p)) for n independent Bernoulli(p) (`eq-prob-kl-chernoff`); 0 if p + t > 1.

    Parameters
    ----------
    n : int ≥ 1
    p : in (0, 1)
    t : > 0

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, t = check_number(n, "n", low=1, integer=True), _positive(t, "t")
    p = check_number(p, "p", low=0, high=1, strict=True)
    q = np.minimum(p + t, 1.0)
    kl = special.rel_entr(q, p) + special.rel_entr(1 - q, 1 - p)
    return np.where(p + t > 1 + 1e-12, 0.0, np.exp(-n * kl))[()]


def mcdiarmid_bound(c, t):
    """P(f − E f ≥ t) ≤ exp(−2t²/Σc_i²) if input i moves f by at most c_i (`eq-prob-mcdiarmid`).

    Parameters
    ----------
    c : array (n,), positive
    t : > 0

    Returns
    -------
    number or array

    Raises
    ------
    ValueError
        outside these ranges
    """
    return np.exp(-2 * _positive(t, "t") ** 2 / np.sum(_positive(check_y(c, "c"), "c") ** 2))


def hoeffding_sample_size(t, delta):
    """The least n for which Hoeffding promises P(|X̄ − μ| ≥ t) ≤ δ for X_i in [0, 1]: ⌈log(2/δ)/2t²⌉.

    Parameters
    ----------
    t : > 0
    delta : in (0, 1)

    Returns
    -------
    int

    Raises
    ------
    ValueError
        outside these ranges
    """
    t = check_number(t, "t", low=0, strict=True)
    delta = check_number(delta, "delta", low=0, high=1, strict=True)
    return int(np.ceil(np.log(2 / delta) / (2 * t**2)))


# Moments ----------------------------------------------------------------------------------------------


def running_moments(x):
    """Mean and variance (divisor N − 1) in one pass and without cancellation.

    Parameters
    ----------
    x : array (N,)

    Returns
    -------
    two floats

    Raises
    ------
    ValueError
        for fewer than two numbers

    References
    ----------
    Welford (1962)
    """
    x = check_y(x, "x")
    if len(x) < 2:
        raise ValueError("x must hold at least two numbers: got 1")
    mean = squares = 0.0
    for n, value in enumerate(x.tolist(), start=1):
        step = value - mean
        mean += step / n
        squares += step * (value - mean)  # one factor with the old mean, one with the new
    return mean, squares / (n - 1)


def bin_poisson_tv(n, lam):
    """Total variation distance ½ Σ_k |P(Bin(n, λ/n) = k) − P(Poisson(λ) = k)| (`eq-prob-lecam`).

    Parameters
    ----------
    n : int ≥ 1
    lam : 0 < λ ≤ n

    Returns
    -------
    float

    Raises
    ------
    ValueError
        outside these ranges
    """
    n = check_number(n, "n", low=1, integer=True)
    lam = check_number(lam, "lam", low=0, strict=True)
    k = np.arange(n + 1)
    gaps = np.abs(np.exp(log_pmf_binomial(k, n, lam / n)) - np.exp(log_pmf_poisson(k, lam)))
    return float(gaps.sum() + special.pdtrc(n, lam)) / 2


# Maximum likelihood -----------------------------------------------------------------------------------


def fit_bernoulli(x):
    """p̂ = x̄.

    Parameters
    ----------
    x : array (N,) of zeros and ones

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for other numbers
    """
    x = check_y(x, "x")
    if not np.all((x == 0) | (x == 1)):
        raise ValueError(f"x must hold zeros and ones: got {shown(x, (x != 0) & (x != 1))}")
    return float(x.mean())


def fit_normal(x, ddof=0):
    """(x̄, Σ(x_i − x̄)²/(N − ddof)) (`eq-stat-bessel`).

    Parameters
    ----------
    x : array (N,)
    ddof : 0 is maximum likelihood, 1 unbiased

    Returns
    -------
    two floats

    Raises
    ------
    ValueError
        unless N > ddof ≥ 0
    """
    x = check_y(x, "x")
    check_number(ddof, "ddof", low=0, high=len(x) - 1, integer=True)
    rest, mean = centred(x)
    return float(mean), float(rest @ rest) / (len(x) - ddof)


def fit_exponential(x):
    """The rate 1/x̄.

    Parameters
    ----------
    x : array (N,), non-negative and not all zero

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for other numbers
    """
    x = _real(check_y(x, "x"), "x", low=0)
    if not x.any():
        raise ValueError("x must not be all zero: the rate would be infinite")
    return float(1 / x.mean())


def fit_poisson(x):
    """λ̂ = x̄.

    Parameters
    ----------
    x : array (N,) of counts

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for other numbers
    """
    return float(_counts(x, "x").mean())


def fit_uniform(x):
    """θ̂ = max x_i for a uniform law on [0, θ] (`eq-stat-uniform-rate`).

    Parameters
    ----------
    x : array (N,), non-negative

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for other numbers
    """
    return float(_real(check_y(x, "x"), "x", low=0).max())


def fit_mvn(X):
    """(x̄, (1/N) Σ (x_i − x̄)(x_i − x̄)ᵀ).

    Parameters
    ----------
    X : array (N, d)

    Returns
    -------
    arrays (d,) and (d, d)

    Raises
    ------
    ValueError
        for a non-finite X
    """
    X = check_X(X)
    rest, mean = centred(X)
    return mean, rest.T @ rest / len(X)


class _Family(NamedTuple):
    """A law with one parameter: the score of one observation, its information, the parameter's open range."""

    score: Callable
    information: Callable
    range: tuple


_FAMILIES = {
    "bernoulli": _Family(
        score=lambda x, p: (x - p) / (p * (1 - p)),
        information=lambda p: 1 / (p * (1 - p)),
        range=(0, 1),
    ),
    "normal_mean": _Family(
        score=lambda x, mu: x - mu,
        information=lambda mu: np.ones_like(mu)[()],
        range=(-np.inf, np.inf),
    ),
    "exponential": _Family(
        score=lambda x, rate: 1 / rate - x,
        information=lambda rate: 1 / rate**2,
        range=(0, np.inf),
    ),
    "poisson": _Family(
        score=lambda x, lam: x / lam - 1,
        information=lambda lam: 1 / lam,
        range=(0, np.inf),
    ),
}


def _family(dist, theta):
    if dist not in _FAMILIES:
        raise ValueError(f"dist must be one of {', '.join(_FAMILIES)}: got {shown(dist)}")
    family = _FAMILIES[dist]
    low, high = family.range
    theta = _real(theta, "theta")
    wrong = (theta <= low) | (theta >= high)
    if np.any(wrong):
        raise ValueError(f"theta must lie in ({low:g}, {high:g}) for {dist}: got {shown(theta, wrong)}")
    return family.score, family.information, theta


def score(dist, x, theta):
    """∂ log f(x; θ)/∂θ of each observation (`eq-stat-fisher`).

    Parameters
    ----------
    dist : "bernoulli", "normal_mean" (unit variance), "exponential" (rate) or "poisson"
    x, theta : numbers or arrays

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        for another dist and a theta outside its open range
    """
    slope, _, theta = _family(dist, theta)
    return slope(_real(x, "x"), theta)


def fisher_information(dist, theta):
    """I₁(θ), of *one* observation (`eq-stat-fisher`); N observations have N times as much.

    Parameters
    ----------
    dist, theta : as in `score`

    Returns
    -------
    array of theta's shape

    Raises
    ------
    ValueError
        as `score`
    """
    _, information, theta = _family(dist, theta)
    return information(theta)


def sandwich_variance(scores, hessian):
    """A⁻¹BA⁻¹/N, the variance of a maximum-likelihood estimate whether or not the model is right (`eq-stat-sandwich`).

    Parameters
    ----------
    scores : array (N, p), one row per observation, at the estimate
    hessian : array (p, p), the *mean* Hessian of the log density there, A = −hessian

    Returns
    -------
    array (p, p)

    Raises
    ------
    ValueError
        for shapes that do not match and if A is not positive definite
    """
    scores = check_X(scores, "scores")
    N, p = scores.shape
    half = solve_cholesky(_cholesky(-check_X(hessian, "hessian"), p, "-hessian"), scores.T)
    return half @ half.T / N**2


# Conjugate families -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class BetaBernoulli:
    """A Beta(α, β) belief about a probability (`eq-bayes-beta`). Immutable: `update` returns the posterior.

    Raises ValueError on parameters that are not positive.
    """

    alpha: float
    beta: float

    def __post_init__(self):
        for name in ("alpha", "beta"):
            check_number(getattr(self, name), name, low=0, strict=True)

    def update(self, k, n):
        """The posterior after k successes in n ≥ 1 trials; ValueError unless 0 ≤ k ≤ n."""
        k, n = _share(k, n)
        return BetaBernoulli(self.alpha + k, self.beta + n - k)

    @property
    def mean(self):
        return self.alpha / (self.alpha + self.beta)

    @property
    def variance(self):
        return self.mean * (1 - self.mean) / (self.alpha + self.beta + 1)

    @property
    def mode(self):
        """(α − 1)/(α + β − 2); ValueError unless α, β > 1, for else the density is largest at the boundary or flat."""
        if min(self.alpha, self.beta) <= 1:
            raise ValueError(f"the mode needs alpha and beta greater than 1: got {self.alpha} and {self.beta}")
        return (self.alpha - 1) / (self.alpha + self.beta - 2)

    def interval(self, level=0.95):
        """The equal-tail credible interval (low, high); level in (0, 1), else ValueError."""
        return tuple(special.betaincinv(self.alpha, self.beta, _tails(level)).tolist())

    def log_evidence(self, k, n):
        """log of the probability of k successes in n trials under this belief: the beta-binomial law."""
        k, n = _share(k, n)
        gain = special.betaln(self.alpha + k, self.beta + n - k) - special.betaln(self.alpha, self.beta)
        return float(gain - np.log1p(n) - special.betaln(k + 1, n - k + 1))


@dataclass(frozen=True)
class GammaPoisson:
    """A Gamma belief, of shape k and rate b, about the mean of Poisson counts. Immutable; errors as BetaBernoulli."""

    shape: float
    rate: float

    def __post_init__(self):
        for name in ("shape", "rate"):
            check_number(getattr(self, name), name, low=0, strict=True)

    def update(self, counts):
        """The posterior after the counts, (N,); ValueError unless they are 0, 1, 2, …."""
        counts = _counts(counts, "counts")
        return GammaPoisson(self.shape + float(counts.sum()), self.rate + len(counts))

    @property
    def mean(self):
        return self.shape / self.rate

    @property
    def variance(self):
        return self.shape / self.rate**2

    @property
    def mode(self):
        """(k − 1)/b; ValueError unless k > 1, for else the density is largest at zero."""
        if self.shape <= 1:
            raise ValueError(f"the mode needs a shape greater than 1: got {self.shape}")
        return (self.shape - 1) / self.rate

    @property
    def predictive_variance(self):
        """Variance of the next count, k/b + k/b²: that of the counts and that of the belief."""
        return self.mean + self.variance

    def log_predictive(self, x):
        """log probability of the next count being x, −∞ unless x = 0, 1, …: a negative binomial law; x of any shape."""
        x = _real(x, "x")
        k, b = self.shape, self.rate

        def log_pmf(x):
            choose = special.gammaln(k + x) - special.gammaln(k) - special.gammaln(x + 1)
            return choose + k * np.log(b / (b + 1)) - x * np.log1p(b)

        return _on_support(x, (x >= 0) & (x == np.floor(x)), log_pmf, 0.0)

    def interval(self, level=0.95):
        """The equal-tail credible interval (low, high); level in (0, 1), else ValueError."""
        return tuple((special.gammaincinv(self.shape, _tails(level)) / self.rate).tolist())

    def log_evidence(self, counts):
        """log of the probability of the counts, in their order, under this belief."""
        posterior = self.update(counts)
        gain = special.gammaln(posterior.shape) - special.gammaln(self.shape)
        powers = self.shape * np.log(self.rate) - posterior.shape * np.log(posterior.rate)
        return float(gain + powers - special.gammaln(np.asarray(counts) + 1.0).sum())


@dataclass(frozen=True)
class NormalNormal:
    """A belief N(μ₀, τ²) about the mean of Gaussian data of known variance σ². Immutable; errors as BetaBernoulli."""

    mu0: float
    tau2: float
    sigma2: float

    def __post_init__(self):
        check_number(self.mu0, "mu0")
        for name in ("tau2", "sigma2"):
            check_number(getattr(self, name), name, low=0, strict=True)

    def update(self, x):
        """The posterior after x, (N,): precisions add, and the mean is weighed by them."""
        x = check_y(x, "x")
        precision = 1 / self.tau2 + len(x) / self.sigma2
        mean = (self.mu0 / self.tau2 + float(x.sum()) / self.sigma2) / precision
        return replace(self, mu0=mean, tau2=1 / precision)

    @property
    def mean(self):
        return self.mu0

    @property
    def mode(self):
        return self.mu0

    @property
    def variance(self):
        return self.tau2

    @property
    def predictive_variance(self):
        """Variance of the next observation, σ² + τ²."""
        return self.sigma2 + self.tau2

    def interval(self, level=0.95):
        """The equal-tail credible interval (low, high); level in (0, 1), else ValueError."""
        return tuple((self.mu0 + np.sqrt(self.tau2) * special.ndtri(_tails(level))).tolist())

    def log_evidence(self, x):
        """log density of x, (N,), under this belief: likelihood times prior over posterior, at any mean."""
        x, posterior = check_y(x, "x"), self.update(x)
        joint = log_pdf_normal(x, posterior.mu0, self.sigma2).sum() + log_pdf_normal(posterior.mu0, self.mu0, self.tau2)
        return float(joint - log_pdf_normal(posterior.mu0, posterior.mu0, posterior.tau2))


@dataclass(frozen=True, eq=False)
class DirichletMultinomial:
    """A Dirichlet(α) belief about K probabilities, α: (K,), positive, K ≥ 2; else ValueError. `alpha` is read-only."""

    alpha: np.ndarray

    def __post_init__(self):
        alpha = _positive(check_y(self.alpha, "alpha"), "alpha").copy()
        if len(alpha) < 2:
            raise ValueError("alpha must hold at least two numbers: got 1")
        alpha.flags.writeable = False
        object.__setattr__(self, "alpha", alpha)

    def update(self, counts):
        """The posterior after the counts of the K categories, (K,)."""
        return DirichletMultinomial(self.alpha + self._counts(counts))

    def _counts(self, counts):
        counts = _counts(counts, "counts")
        if len(counts) != len(self.alpha):
            raise ValueError(f"counts must hold {len(self.alpha)} numbers: got {len(counts)}")
        return counts

    @property
    def mean(self):
        return self.alpha / self.alpha.sum()

    @property
    def variance(self):
        return self.mean * (1 - self.mean) / (self.alpha.sum() + 1)

    @property
    def mode(self):
        """(α − 1)/(Σα − K); ValueError unless all α > 1, for else the density is largest at the boundary or flat."""
        if self.alpha.min() <= 1:
            raise ValueError(f"the mode needs every alpha greater than 1: got {shown(self.alpha, self.alpha <= 1)}")
        return (self.alpha - 1) / (self.alpha - 1).sum()

    def interval(self, level=0.95):
        """Equal-tail credible intervals of the K probabilities, each for itself: (K, 2)."""
        rest = self.alpha.sum() - self.alpha  # each marginal is a Beta law
        return special.betaincinv(self.alpha[:, None], rest[:, None], _tails(level))

    def log_evidence(self, counts):
        """log of the probability of the counts under this belief, multinomial coefficient included."""
        counts = self._counts(counts)
        total, n = self.alpha.sum(), counts.sum()
        choose = special.gammaln(n + 1) - special.gammaln(counts + 1).sum()
        gain = (special.gammaln(self.alpha + counts) - special.gammaln(self.alpha)).sum()
        return float(choose + gain + special.gammaln(total) - special.gammaln(total + n))


def _tails(level):
    """The two probabilities between which a central interval of this level lies."""
    level = _level(level)
    return np.array([(1 - level) / 2, (1 + level) / 2])


# Tests and intervals ----------------------------------------------------------------------------------


def _mean_and_error(x):
    x = check_y(x, "x")
    if len(x) < 2 or np.ptp(x) == 0:
        raise ValueError("x must hold at least two numbers that are not all equal")
    rest, mean = centred(x)
    return mean, np.sqrt(rest @ rest / (len(x) - 1) / len(x)), len(x) - 1


def t_test_1samp(x, mu0, level=0.95):
    """Student's two-sided test of E x = μ₀ (`eq-stat-t`). Exact for Gaussian data.

    Parameters
    ----------
    x : array (N,), N ≥ 2, not constant
    mu0 : number
    level : that of the interval, in (0, 1)

    Returns
    -------
    t, p, (low, high)

    Raises
    ------
    ValueError
        for other x or level
    """
    mu0 = check_number(mu0, "mu0")
    away, error, df = _mean_and_error(check_y(x, "x") - mu0)
    t = away / error
    low, high = mu0 + (away + error * special.stdtrit(df, _tails(level)))
    return float(t), float(2 * special.stdtr(df, -abs(t))), (float(low), float(high))


def t_power(effect, sigma, n, alpha=0.05):
    """Power of the two-sided t-test of size alpha against a mean that is off by `effect` (`eq-stat-power`).

    Parameters
    ----------
    effect : number
    sigma : > 0, standard deviation of the data
    n : int ≥ 2, sample size
    alpha : in (0, 1)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        outside these ranges
    """
    effect, sigma = check_number(effect, "effect"), check_number(sigma, "sigma", low=0, strict=True)
    n = check_number(n, "n", low=2, integer=True)
    critical = special.stdtrit(n - 1, 1 - check_number(alpha, "alpha", low=0, high=1, strict=True) / 2)
    shift = abs(effect) / sigma * np.sqrt(n)  # the noncentrality
    return float(1 - special.nctdtr(n - 1, shift, critical) + special.nctdtr(n - 1, shift, -critical))


def mean_interval(x, level=0.95, sigma=None):
    """An interval for the mean: with Student's quantiles, or Gaussian ones if sigma is known (`eq-stat-ci`).

    Parameters
    ----------
    x : array (N,)
    level : in (0, 1)
    sigma : > 0, or None

    Returns
    -------
    (low, high), floats

    Raises
    ------
    ValueError
        for a level outside (0, 1), sigma ≤ 0, and without sigma for fewer than two different numbers
    """
    if sigma is None:
        mean, error, df = _mean_and_error(x)
        quantiles = special.stdtrit(df, _tails(level))
    else:
        x = check_y(x, "x")
        mean, error = x.mean(), check_number(sigma, "sigma", low=0, strict=True) / np.sqrt(len(x))
        quantiles = special.ndtri(_tails(level))
    return tuple((mean + error * quantiles).tolist())


def wald_interval(k, n, level=0.95):
    """p̂ ± z√(p̂(1 − p̂)/n), cut to [0, 1], for k successes in n trials. It covers too rarely: see `wilson_interval`.

    Parameters
    ----------
    k, n : int, 0 ≤ k ≤ n, n ≥ 1
    level : in (0, 1)

    Returns
    -------
    (low, high), floats

    Raises
    ------
    ValueError
        outside these ranges
    """
    k, n = _share(k, n)
    p = k / n
    return tuple(np.clip(p + special.ndtri(_tails(level)) * np.sqrt(p * (1 - p) / n), 0, 1).tolist())


def wilson_interval(k, n, level=0.95):
    """All p that a score test does not reject after k successes in n trials (`eq-stat-wilson`).

    Parameters
    ----------
    k, n : int, 0 ≤ k ≤ n, n ≥ 1
    level : in (0, 1)

    Returns
    -------
    (low, high), floats

    Raises
    ------
    ValueError
        outside these ranges

    References
    ----------
    Wilson (1927); Brown, Cai and DasGupta (2001)
    """
    k, n = _share(k, n)
    p, z = k / n, special.ndtri(_tails(level))
    centre = (p + z**2 / (2 * n)) / (1 + z**2 / n)
    ends = centre + z / (1 + z**2 / n) * np.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return tuple(np.clip(ends, 0, 1).tolist())  # rounding may leave [0, 1] by a hair


def bootstrap_interval(x, statistic=np.mean, level=0.95, n_draws=2000, seed=0):
    """The percentile interval: quantiles of the statistic over resamples with replacement.

    The resamples are drawn a million entries at a time: the memory does not grow with their number.

    Parameters
    ----------
    x : array (N,)
    statistic : function of (rows, N) and axis=1 → (rows,), such as np.mean or np.median; it is asked for some of the
        resamples at a time
    level : in (0, 1)
    n_draws : int ≥ 1, number of resamples
    seed : an integer or a Generator

    Returns
    -------
    (low, high), floats

    Raises
    ------
    ValueError
        for bad x, level, n_draws, and a statistic that does not return one number a row

    References
    ----------
    Efron (1979)
    """
    x, rng = check_y(x, "x"), check_rng(seed)
    n_draws = check_number(n_draws, "n_draws", low=1, integer=True)
    size = max(1, 10**6 // len(x))  # a block of resamples at a time: the memory does not grow with their number
    values = []
    for start in range(0, n_draws, size):
        resamples = x[bootstrap(len(x), min(size, n_draws - start), rng)]
        values.append(np.asarray(statistic(resamples, axis=1)))
        if values[-1].shape != resamples.shape[:1]:
            shape = values[-1].shape
            raise ValueError(f"statistic must return one number for each of {len(resamples)} resamples: got {shape}")
    return tuple(np.quantile(np.concatenate(values), _tails(level)).tolist())


def coverage(simulate, interval, truth, n_rep, seed):
    """The share of n_rep samples whose interval covers the truth.

    Parameters
    ----------
    simulate : function of a numpy Generator → a sample
    interval : function of a sample → (low, high)
    truth : number
    n_rep : int ≥ 1
    seed : an integer or a Generator

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for n_rep < 1 and a bad seed
    """
    n_rep, rng = check_number(n_rep, "n_rep", low=1, integer=True), check_rng(seed)
    low, high = np.array([interval(simulate(rng)) for _ in range(n_rep)]).T
    return float(np.mean((low <= truth) & (truth <= high)))


def benjamini_hochberg(p, q):
    """Which of m hypotheses to reject so that at most a share q of the rejections is false on average.

    Parameters
    ----------
    p : array (m,), p-values
    q : in (0, 1)

    Returns
    -------
    reject, adjusted, arrays (m,)
        booleans, and min over the larger p of p_(k)·m/k

    Raises
    ------
    ValueError
        for p outside [0, 1] and q outside (0, 1)

    References
    ----------
    Benjamini and Hochberg (1995)
    """
    p = _real(check_y(p, "p"), "p", 0, 1)
    q = check_number(q, "q", low=0, high=1, strict=True)
    order, rank = np.argsort(p), np.arange(1, len(p) + 1) / len(p)
    passes = p[order] <= q * rank
    adjusted, reject = np.empty_like(p), np.zeros(len(p), dtype=bool)
    adjusted[order] = np.minimum(np.minimum.accumulate((p[order] / rank)[::-1])[::-1], 1.0)
    if passes.any():
        reject[order[: np.flatnonzero(passes)[-1] + 1]] = True
    return reject, adjusted


# Information ------------------------------------------------------------------------------------------


def entropy(p, axis=-1, base=np.e):
    """H(p) = −Σ p log p along `axis`, 0 log 0 = 0.

    Parameters
    ----------
    p : array of any shape, non-negative with sum one along the axis
    axis : int
    base : e gives nats, 2 bits; > 1

    Returns
    -------
    array of p's shape without the axis

    Raises
    ------
    ValueError
        for p that is negative or does not sum to one
    """
    base = check_number(base, "base", low=1, strict=True)
    return special.entr(_distribution(p, "p", axis)).sum(axis=axis) / np.log(base)


def kl_divergence(p, q):
    """D(p‖q) = Σ p log(p/q) along the last axis, in nats; ∞ where p has mass and q none (`eq-info-ce`).

    Parameters
    ----------
    p, q : arrays (…, K)

    Returns
    -------
    array (…)

    Raises
    ------
    ValueError
        for shapes that differ and p or q that is negative or does not sum to one
    """
    p, q = _distribution(p, "p"), _distribution(q, "q")
    if p.shape != q.shape:
        raise ValueError(f"p and q must have the same shape: got {p.shape} and {q.shape}")
    return special.rel_entr(p, q).sum(axis=-1)


def cross_entropy(p, q):
    """H(p, q) = −Σ p log q = H(p) + D(p‖q) along the last axis, in nats (`eq-info-ce`).

    Parameters
    ----------
    p, q : arrays (…, K)

    Returns
    -------
    array (…)

    Raises
    ------
    ValueError
        as `kl_divergence`
    """
    return entropy(p) + kl_divergence(p, q)


def kl_normal(mean0, var0, mean1, var1):
    """D(N(m₀, v₀)‖N(m₁, v₁)) = ½(v₀/v₁ + (m₀ − m₁)²/v₁ − 1 + log v₁/v₀) (`eq-info-kl-gauss`).

    Parameters
    ----------
    mean0, mean1 : numbers or arrays
    var0, var1 : > 0

    Returns
    -------
    array of the shape to which the arguments broadcast

    Raises
    ------
    ValueError
        unless the variances are positive
    """
    var0, var1 = _positive(var0, "var0"), _positive(var1, "var1")
    squares = (_real(mean0, "mean0") - _real(mean1, "mean1")) ** 2
    return 0.5 * ((var0 + squares) / var1 - 1 + np.log(var1 / var0))


def kl_mvn(mean0, cov0, mean1, cov1):
    """D(N(μ₀, Σ₀)‖N(μ₁, Σ₁)) = ½(tr Σ₁⁻¹Σ₀ + δᵀΣ₁⁻¹δ − d + log det Σ₁/det Σ₀) (`eq-info-kl-gauss`).

    Parameters
    ----------
    mean0, mean1 : arrays (d,)
    cov0, cov1 : arrays (d, d)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for shapes that do not match and covariances that are not positive definite
    """
    mean0, mean1 = check_y(mean0, "mean0"), check_y(mean1, "mean1")
    d = len(mean0)
    if len(mean1) != d:
        raise ValueError(f"mean0 and mean1 must be equally long: got {d} and {len(mean1)}")
    L0, L1 = _cholesky(cov0, d, "cov0"), _cholesky(cov1, d, "cov1")
    root = forward_substitution(L1, np.column_stack([L0, mean1 - mean0]))
    log_dets = 2 * np.log(np.diagonal(L1) / np.diagonal(L0)).sum()
    return float(np.sum(root**2) - d + log_dets) / 2


def mutual_information(P_xy):
    """I(X; Y) = D(P_XY‖P_X P_Y), in nats.

    Parameters
    ----------
    P_xy : array (K, L), a joint table

    Returns
    -------
    float

    Raises
    ------
    ValueError
        unless it sums to one
    """
    P_xy = check_X(P_xy, "P_xy")
    _distribution(P_xy.ravel(), "P_xy")
    return float(special.rel_entr(P_xy, np.outer(P_xy.sum(axis=1), P_xy.sum(axis=0))).sum())
