"""Chapter 14: variational inference. The best approximation within a family, and the bound that says how good it is.

A law that cannot be normalised is given by the logarithm of its joint with the data, log p(x, z). The *bound* of an
approximation q is L(q) = E_q log p(x, z) − E_q log q(z), in nats, and log p(x) = L(q) + D(q‖p(·|x)). Factors are
improved one at a time, each to its optimum while the others stay (`eq-vi-factor`), so that the bound never falls.
Precisions, not covariances, are what Gaussian approximations are made of; they are kept as Cholesky factors.
"""

import math
from functools import reduce
from typing import NamedTuple

import numpy as np
from scipy.linalg import solve_triangular
from scipy.optimize import minimize
from scipy.special import digamma, gammaln, multigammaln, xlogy

from .clustering import kmeans_plusplus, lloyd
from .estimator import Estimator
from .gaussian_mixture import SAME
from .linear_algebra import logsumexp, softmax
from .validation import check_fitted, check_number, check_rng, check_symmetric, check_X, check_y, shown, warn

__all__ = [
    "LDA",
    "VariationalGaussianMixture",
    "cavi_gaussian",
    "cavi_table",
    "elbo_table",
    "gauss_seidel_rate",
    "mean_field_gap",
    "optimal_factor",
    "reverse_kl_gaussian",
    "svi_step",
]


# Tables: unknowns with finitely many values


def _table(log_joint):
    log_joint = np.asarray(log_joint, dtype=float)
    if log_joint.ndim < 1 or log_joint.size == 0 or np.isnan(log_joint).any() or np.any(log_joint == np.inf):
        raise ValueError(f"log_joint must hold finite numbers or −∞, an axis for each factor: got {shown(log_joint)}")
    return log_joint


def _factors(q, shape):
    q = [check_y(factor, f"q[{j}]") for j, factor in enumerate(q)]
    if tuple(map(len, q)) != shape:
        raise ValueError(f"q must hold one law for each axis, of lengths {shape}: got {tuple(map(len, q))}")
    for j, factor in enumerate(q):
        if factor.min() < 0 or abs(factor.sum() - 1) > 1e-9:
            raise ValueError(f"q[{j}] must be non-negative and sum to 1: got {shown(factor)}")
    return q


def elbo_table(log_joint, q):
    """L(q) = E_q log p(x, z) − E_q log q(z) of independent factors (`def-vi-elbo`).

    Parameters
    ----------
    log_joint : array (n1, …, nM) of log p(x, z), −∞ where it is impossible
    q : list of M laws, of lengths n1, …, nM

    Returns
    -------
    float; −∞ where q believes in what is impossible. A belief counts if the product of its factors, in double
    precision, is positive: below 1e-308 it does not

    Raises
    ------
    ValueError
        for NaN, and for factors that are no laws or do not fit the table
    """
    log_joint = _table(log_joint)
    q = _factors(q, log_joint.shape)
    weight = reduce(np.multiply.outer, q)
    believed = weight > 0
    return float(weight[believed] @ log_joint[believed] - sum(xlogy(factor, factor).sum() for factor in q))


def optimal_factor(log_joint, q, j):
    """The best factor j while the others stay: proportional to exp E_{−j} log p(x, z) (`eq-vi-factor`).

    Parameters
    ----------
    log_joint : array (n1, …, nM) of log p(x, z), −∞ where it is impossible
    q : list of M laws, of lengths n1, …, nM; that of factor j is not used
    j : int, from 0

    Returns
    -------
    array (n_j,), a law

    Raises
    ------
    ValueError
        as `elbo_table`; for another j; and if the other factors leave factor j no possible value
    """
    log_joint = _table(log_joint)
    q = _factors(q, log_joint.shape)
    j = check_number(j, "j", low=0, high=len(q) - 1, integer=True)
    weight = reduce(np.multiply.outer, q[:j] + q[j + 1 :], np.array(1.0)).ravel()
    rows = np.moveaxis(log_joint, j, 0).reshape(len(q[j]), -1)
    average = rows[:, weight > 0] @ weight[weight > 0]
    if np.all(average == -np.inf):
        raise ValueError(
            f"log_joint leaves factor {j} no possible value under the other factors: start from wider ones"
        )
    return softmax(average)


def cavi_table(log_joint, n_sweeps, init=None):
    """Coordinate ascent: each factor in turn is set to its optimum (`alg-vi-cavi`).

    Parameters
    ----------
    log_joint : array (n1, …, nM) of log p(x, z), −∞ where it is impossible
    n_sweeps : int ≥ 0
    init : list of M laws, or None for uniform ones (which a symmetric table keeps for ever, best or not)

    Returns
    -------
    dict with q, a list of M laws, and elbo, array (n_sweeps + 1,): the bound before, and after each sweep

    Raises
    ------
    ValueError
        as `optimal_factor`
    """
    log_joint = _table(log_joint)
    n_sweeps = check_number(n_sweeps, "n_sweeps", low=0, integer=True)
    q = [np.full(n, 1 / n) for n in log_joint.shape] if init is None else _factors(init, log_joint.shape)
    elbo = [elbo_table(log_joint, q)]
    for _ in range(n_sweeps):
        for j in range(len(q)):
            q[j] = optimal_factor(log_joint, q, j)
        elbo.append(elbo_table(log_joint, q))
    return {"q": q, "elbo": np.array(elbo)}


# Gaussian targets

WIDEST = 60.0  # how far the search for a width may go from its start, as a logarithm


def _precision(precision):
    """(Λ, the Cholesky factor of Λ with its diagonal scaled to 1): no decision depends on units."""
    try:
        precision = check_symmetric(precision, "precision")
        root = np.sqrt(np.diagonal(precision))
        if not np.all(root > 0):
            raise np.linalg.LinAlgError
        return precision, np.linalg.cholesky(precision / root / root[:, None])
    except np.linalg.LinAlgError:
        raise ValueError(
            "precision must be symmetric positive definite: it has a direction without curvature"
        ) from None


def cavi_gaussian(mean, precision, m0, var0, n_sweeps):
    """Coordinate ascent for the target N(μ, Λ⁻¹), factor by factor (`eq-vi-gaussian`).

    Parameters
    ----------
    mean : array (d,), μ
    precision : array (d, d), Λ
    m0, var0 : arrays (d,), means and variances to start from
    n_sweeps : int ≥ 0

    Returns
    -------
    dict with means and variances, arrays (n_sweeps + 1, d), and elbo, (n_sweeps + 1,), that of the normalised target

    Raises
    ------
    ValueError
        for shapes that do not match, variances that are not positive, and a precision that is not positive definite
    """
    precision, root = _precision(precision)
    d = len(precision)
    mean, m, v = (check_y(part, name) for part, name in ((mean, "mean"), (m0, "m0"), (var0, "var0")))
    if not len(mean) == len(m) == len(v) == d or v.min() <= 0:
        raise ValueError(f"mean, m0 and var0 must have {d} entries, and var0 positive ones: got {shown(v)}")
    n_sweeps = check_number(n_sweeps, "n_sweeps", low=0, integer=True)
    curvature = np.diagonal(precision)
    log_det = 2 * np.log(np.diagonal(root)).sum()

    def elbo(m, v):
        off = m - mean
        return 0.5 * (log_det + np.log(curvature * v).sum() + d - curvature @ v - off @ precision @ off)

    means, variances, bounds = [m.copy()], [v.copy()], [elbo(m, v)]
    off, v = m - mean, v.copy()
    for _ in range(n_sweeps):
        for j in range(d):
            off[j] -= precision[j] @ off / curvature[j]
            v[j] = 1 / curvature[j]
        means.append(mean + off)
        variances.append(v.copy())
        bounds.append(elbo(means[-1], v))
    return {"means": np.array(means), "variances": np.array(variances), "elbo": np.array(bounds)}


def mean_field_gap(precision):
    """½(Σ log Λ_jj − log det Λ), what independence costs a Gaussian in nats (`eq-vi-gaussian-gap`).

    Parameters
    ----------
    precision : array (d, d), Λ

    Returns
    -------
    float ≥ 0

    Raises
    ------
    ValueError
        unless Λ is symmetric positive definite
    """
    return max(0.0, float(-np.log(np.diagonal(_precision(precision)[1])).sum()))


def gauss_seidel_rate(precision):
    """The factor by which the means' error shrinks in a sweep, in the long run (`eq-vi-gaussian-rate`).

    Parameters
    ----------
    precision : array (d, d), Λ

    Returns
    -------
    float in [0, 1), the spectral radius of −(lower triangle of Λ)⁻¹(strict upper triangle)

    Raises
    ------
    ValueError
        unless Λ is symmetric positive definite
    """
    root = _precision(precision)[1]
    scaled = root @ root.T
    step = solve_triangular(np.tril(scaled), -np.triu(scaled, 1), lower=True)
    return float(np.abs(np.linalg.eigvals(step)).max())


def reverse_kl_gaussian(logp, init, step=0.02):
    """The Gaussian q of least D(q‖p) near a start, by the trapezoid rule within 12 standard deviations.

    Parameters
    ----------
    logp : function array → array, log p up to a constant; the constant shifts `kl`
    init : (mean, sd) from which the search walks downhill to a local minimum
    step : width of the rule in standard deviations, in (0, 1]

    Returns
    -------
    dict with mean, sd and kl

    Raises
    ------
    ValueError
        for a start with sd ≤ 0; where p vanishes within reach of the start or just beyond that of the end, so that
        D = ∞; where logp is NaN; and if p does not fall off, so that wider is always nearer
    """
    mean, sd = check_number(init[0], "mean"), check_number(init[1], "sd", low=0, strict=True)
    half = round(12 / check_number(step, "step", low=0, high=1) + 0.5) if step else 0
    if half == 0:
        raise ValueError(f"step must be positive: got {step}")
    t = np.linspace(-12, 12, 2 * half + 1)
    weight = np.exp(-(t**2) / 2) / math.sqrt(2 * math.pi) * (t[1] - t[0])

    def divergence(place):
        if abs(place[1]) > WIDEST:
            return np.inf
        width = sd * math.exp(place[1])
        value = (
            -weight @ logp(mean + sd * place[0] + width * t) - 0.5 * math.log(2 * math.pi * math.e) - math.log(width)
        )
        return value if np.isfinite(value) else np.inf

    if np.isnan(logp(mean + sd * t)).any():
        raise ValueError("logp must not be NaN within 12 standard deviations of the start")
    if not np.isfinite(divergence((0.0, 0.0))):
        raise ValueError("logp must be finite within 12 standard deviations of the start: D(q‖p) is infinite there")
    simplex = np.array([[0.0, 0], [0.05, 0], [0, 0.05]])
    found = minimize(
        divergence,
        (0.0, 0.0),
        method="Nelder-Mead",
        options={"initial_simplex": simplex, "xatol": 1e-9, "fatol": 1e-14, "maxfev": 4000},
    )
    if found.x[1] > WIDEST - 1:
        raise ValueError("logp must fall off on both sides: the wider q is, the nearer")
    end, width = mean + sd * found.x[0], sd * math.exp(found.x[1])
    if not np.all(np.isfinite(logp(end + width * np.array([-13.0, 13.0])))):  # a minimum that leans on the rule's end
        raise ValueError("logp must be finite on the whole line: D(q‖p) is infinite for the Gaussian at the end")
    return {"mean": end, "sd": width, "kl": float(found.fun)}


# A mixture of Gaussians whose parameters are random too


class _Prior(NamedTuple):
    alpha: float
    beta: float
    nu: float
    mean: np.ndarray
    root: np.ndarray  # the Cholesky factor of W₀⁻¹


class _State(NamedTuple):
    alpha: np.ndarray
    beta: np.ndarray
    nu: np.ndarray
    means: np.ndarray  # measured from the prior's mean
    roots: np.ndarray  # (K, d, d), Cholesky factors of W_k⁻¹


def _log_wishart(roots, nu):
    """log B(W, ν), the constant of a Wishart density, from Cholesky factors of W⁻¹."""
    d = roots.shape[-1]
    half_log_det = np.log(np.diagonal(roots, axis1=-2, axis2=-1)).sum(axis=-1)
    return nu * half_log_det - nu * d / 2 * math.log(2) - multigammaln(np.asarray(nu) / 2, d)


def _log_dirichlet(alpha):
    """log C(α), the constant of a Dirichlet density, along the last axis."""
    return gammaln(alpha.sum(axis=-1)) - gammaln(alpha).sum(axis=-1)


def _update(X, R, prior):
    """q(π) and q(μ_k, Λ_k) from responsibilities (`eq-vb-gmm-updates`); X is measured from the prior's mean.

    Σ r(x − m_k)(x − m_k)ᵀ + β₀m_km_kᵀ is N_kS_k plus the prior's pull, without a division by N_k, which may be 0.
    """
    counts = R.sum(axis=0)
    beta = prior.beta + counts
    means = R.T @ X / beta[:, None]
    roots = np.empty((len(counts), *prior.root.shape))
    for k, m in enumerate(means):  # a QR of the summands' roots: no square whose small eigenvalues would be rounded off
        summands = np.vstack([prior.root.T, np.sqrt(R[:, k, None]) * (X - m), math.sqrt(prior.beta) * m])
        L = np.linalg.qr(summands, mode="r").T
        roots[k] = L * np.sign(np.diagonal(L))
    return _State(prior.alpha + counts, beta, prior.nu + counts, means, roots)


def _squares(X, state):
    """(x − m_k)ᵀW_k(x − m_k), (N, K)."""
    pairs = zip(state.means, state.roots, strict=True)
    return np.column_stack([np.sum(solve_triangular(L, (X - m).T, lower=True) ** 2, axis=0) for m, L in pairs])


def _log_rho(X, state):
    """log ρ_nk of the responsibilities, before they are normalised (`eq-vb-gmm-rho`)."""
    d = X.shape[1]
    log_pi = digamma(state.alpha) - digamma(state.alpha.sum())
    log_det = digamma((state.nu[:, None] - np.arange(d)) / 2).sum(axis=1) + d * math.log(2)
    log_det -= 2 * np.log(np.diagonal(state.roots, axis1=1, axis2=2)).sum(axis=1)
    quadratic = d / state.beta + state.nu * _squares(X, state)
    return log_pi + 0.5 * (log_det - d * math.log(2 * math.pi) - quadratic)


def _bound(R, state, prior):
    """The bound at responsibilities R and the parameters' factors that are optimal for them (`eq-vb-gmm-bound`)."""
    N, K = R.shape
    d = prior.root.shape[0]
    weights = _log_dirichlet(np.full(K, prior.alpha)) - _log_dirichlet(state.alpha)
    scales = _log_wishart(prior.root, prior.nu) - _log_wishart(state.roots, state.nu)
    return float(
        weights
        + np.sum(scales + 0.5 * d * np.log(prior.beta / state.beta))
        - 0.5 * N * d * math.log(2 * math.pi)
        - xlogy(R, R).sum()
    )


class VariationalGaussianMixture(Estimator):
    """A mixture of Gaussians with a Dirichlet prior on the weights and Normal-Wishart priors (`def-vb-gmm`).

    Each of `n_init` starts deals the samples to the nearest of K seeds, after a few rounds of K-means in the metric of
    the prior's covariance, so that no unit matters; the start with the largest bound is kept, of equal ones
    (within `SAME` nats for each sample) the first. After `fit`: `alpha_`,
    `beta_`, `nu_` (K,), `means_` (K, d), `scale_inv_chol_` (K, d, d), lower triangular with W_k⁻¹ = LLᵀ, `weights_`,
    the mean of the weights, `elbo_`, `elbo_path_`, `elbo_starts_` (one bound for each start), `n_iter_`, `converged_`.
    O(NKd² + Kd³) for a sweep. Bishop (2006), section 10.2.

    Parameters
    ----------
    n_components : int K ≥ 1
    weight_prior : α₀ > 0 of the symmetric Dirichlet prior
    mean_precision_prior : β₀ > 0, how many samples the prior mean counts for
    dof_prior : ν₀ > d − 1, or None for d
    covariance_prior : array (d, d), W₀⁻¹, positive definite; or None for the sample covariance (divisor N − 1)
    mean_prior : array (d,), or None for the sample mean
    n_init : int ≥ 1
    max_iter : int ≥ 1
    tol : a run ends when a sweep gains no more than tol for each sample, in nats
    random_state : non-negative integer, or a Generator
    """

    def __init__(
        self,
        n_components=1,
        weight_prior=1.0,
        mean_precision_prior=1.0,
        dof_prior=None,
        covariance_prior=None,
        mean_prior=None,
        n_init=5,
        max_iter=1000,
        tol=1e-8,
        random_state=0,
    ):
        self.n_components = n_components
        self.weight_prior = weight_prior
        self.mean_precision_prior = mean_precision_prior
        self.dof_prior = dof_prior
        self.covariance_prior = covariance_prior
        self.mean_prior = mean_prior
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def _prior(self, X):
        N, d = X.shape
        alpha = check_number(self.weight_prior, "weight_prior", low=0, strict=True)
        beta = check_number(self.mean_precision_prior, "mean_precision_prior", low=0, strict=True)
        nu = float(d) if self.dof_prior is None else check_number(self.dof_prior, "dof_prior")
        if nu <= d - 1:
            raise ValueError(f"dof_prior must exceed d - 1 = {d - 1}: got {nu:g}")
        mean = X.mean(axis=0) if self.mean_prior is None else check_y(self.mean_prior, "mean_prior")
        if len(mean) != d:
            raise ValueError(f"mean_prior must have {d} entries: got {len(mean)}")
        if self.covariance_prior is None:
            off = X - X.mean(axis=0)
            flat = np.ptp(X, axis=0) == 0
            scatter, hint = off.T @ off / max(N - 1, 1), "covariance_prior must be given: the sample covariance"
        else:
            scatter, hint = check_symmetric(self.covariance_prior, "covariance_prior"), "covariance_prior"
            flat = np.diagonal(scatter) <= 0
            if len(scatter) != d:
                raise ValueError(f"covariance_prior must have shape {(d, d)}: got {scatter.shape}")
        unit = np.sqrt(np.where(flat, 1.0, np.diagonal(scatter)))
        try:
            root = np.linalg.cholesky(scatter / unit / unit[:, None])
            if flat.any() or np.diagonal(root).min() < 1e-7:  # a column that is a sum of others, up to rounding
                raise np.linalg.LinAlgError
        except np.linalg.LinAlgError:
            raise ValueError(f"{hint} must be positive definite, and has a direction without spread") from None
        return _Prior(alpha, beta, nu, mean, unit[:, None] * root)

    def fit(self, X, y=None, resp=None):
        """Raise the bound until a sweep gains next to nothing, from each start.

        Parameters
        ----------
        X : array (N, d)
        y : ignored
        resp : array (N, K) of responsibilities to start from, rows that sum to 1, or None for `n_init` starts

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for NaN or infinity; for priors outside their ranges; and for a sample covariance that is singular where no
            `covariance_prior` is given
        """
        X = check_X(X)
        K = check_number(self.n_components, "n_components", low=1, integer=True)
        max_iter = check_number(self.max_iter, "max_iter", low=1, integer=True)
        tol = check_number(self.tol, "tol", low=0)
        n_init = check_number(self.n_init, "n_init", low=1, integer=True)
        rng, prior = check_rng(self.random_state, "random_state"), self._prior(X)
        centred = X - prior.mean
        if resp is None:
            white = solve_triangular(prior.root, centred.T, lower=True).T
            starts = [np.eye(K)[_seeded_labels(white, K, rng)] for _ in range(n_init if K > 1 else 1)]
        else:
            resp = check_X(resp, "resp")
            if resp.shape != (len(X), K) or resp.min() < 0 or np.abs(resp.sum(axis=1) - 1).max() > 1e-9:
                raise ValueError(f"resp must have shape {(len(X), K)}, and rows that are laws: got {resp.shape}")
            starts = [resp]
        runs = [self._run(centred, R, prior, tol * len(X), max_iter) for R in starts]
        self.elbo_starts_ = np.array([path[-1] for _, path, _ in runs])
        state, path, self.converged_ = runs[
            int(np.argmax(self.elbo_starts_ >= self.elbo_starts_.max() - SAME * len(X)))
        ]
        if not self.converged_:
            warn(f"the bound still grew after {max_iter} sweeps: raise max_iter, or tol")
        self._state, self._centre, self.n_features_in_ = state, prior.mean, X.shape[1]
        self.alpha_, self.beta_, self.nu_ = state.alpha, state.beta, state.nu
        self.means_, self.scale_inv_chol_ = prior.mean + state.means, state.roots
        self.weights_ = state.alpha / state.alpha.sum()
        self.elbo_path_, self.elbo_, self.n_iter_ = np.array(path), path[-1], len(path)
        return self

    @staticmethod
    def _run(X, R, prior, tol, max_iter):
        path = []
        for _ in range(max_iter):
            state = _update(X, R, prior)
            path.append(_bound(R, state, prior))
            if len(path) > 1 and path[-1] - path[-2] <= tol:
                return state, path, True
            R = softmax(_log_rho(X, state), axis=1)
        return state, path, False

    def _input(self, X):
        check_fitted(self, "alpha_")
        return check_X(X, n_features=self.n_features_in_) - self._centre

    def predict_proba(self, X):
        """Responsibilities (N, K) of samples, (N, d) (`eq-vb-gmm-rho`)."""
        return softmax(_log_rho(self._input(X), self._state), axis=1)

    def predict(self, X):
        """The component with the largest responsibility; of equal ones the first.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        int array (N,)

        Raises
        ------
        ValueError
            for NaN, infinity, another number of features, and before `fit`
        """
        R = self.predict_proba(X)
        return np.argmax(R.max(axis=1, keepdims=True) - 1e-12 <= R, axis=1)

    def score_samples(self, X):
        """log of the predictive density, a mixture of Student's laws (`eq-vb-predictive`), (N,)."""
        X, state = self._input(X), self._state
        d, freedom = X.shape[1], state.nu + 1 - X.shape[1]
        shrink = state.beta / (1 + state.beta)
        log_scale = 0.5 * d * np.log(shrink / math.pi) - np.log(np.diagonal(state.roots, axis1=1, axis2=2)).sum(axis=1)
        log_t = gammaln((freedom + d) / 2) - gammaln(freedom / 2) + log_scale
        log_t = log_t - (freedom + d) / 2 * np.log1p(shrink * _squares(X, state))
        return logsumexp(np.log(self.weights_) + log_t, axis=1)


def _seeded_labels(X, K, rng, rounds=20):
    """Labels of a few rounds of K-means from the seeds of k-means++; with N < K some labels stay unused."""
    return lloyd(X, kmeans_plusplus(X, min(K, len(X)), rng), rounds - 1)[0]


# Topics


def _counts(counts, n_words=None):
    counts = check_X(counts, "counts", n_features=n_words)
    if counts.min() < 0 or np.any(counts != np.floor(counts)):
        raise ValueError(
            f"counts must be non-negative integers: got {shown(counts[counts != np.abs(np.floor(counts))])}"
        )
    return counts


def _log_mean(alpha):
    """E log θ of Dirichlet laws, one in each row."""
    return digamma(alpha) - digamma(alpha.sum(axis=1, keepdims=True))


class _Words(NamedTuple):
    """Σ_w n_dw φ_dwk for each document and topic, Σ_d n_dw φ_dwk for each topic and word, and Σ n log Σ_k exp(·)."""

    by_topic: np.ndarray
    by_word: np.ndarray
    log_norm: float


def _assign(counts, log_theta, log_beta):
    """φ_dwk ∝ exp(E log θ_dk + E log β_kw), summed as the updates need it, without an array of (D, V, K)."""
    top_d, top_w = log_theta.max(axis=1, keepdims=True), log_beta.max(axis=0)
    theta, beta = np.exp(log_theta - top_d), np.exp(log_beta - top_w)
    norm = theta @ beta
    seen = counts > 0
    lost = np.argwhere(seen & (norm < 1e-290))  # each factor is large only where the other one vanishes
    norm[~seen] = 1.0
    norm[tuple(lost.T)] = np.inf
    share = counts / norm
    by_topic, by_word = theta * (share @ beta.T), beta * (theta.T @ share)
    norm[tuple(lost.T)] = 1.0
    log_norm = np.sum(counts * (np.log(norm) + np.where(seen, top_d + top_w, 0.0)))
    for d, w in lost:
        logs = log_theta[d] + log_beta[:, w]
        by_topic[d] += counts[d, w] * softmax(logs)
        by_word[:, w] += counts[d, w] * softmax(logs)
        log_norm += counts[d, w] * (logsumexp(logs) - top_d[d, 0] - top_w[w])
    return _Words(by_topic, by_word, float(log_norm))


def _dirichlet_kl(alpha, prior):
    """Σ over rows of D(Dir(α)‖Dir(prior, …, prior))."""
    constants = _log_dirichlet(alpha) - _log_dirichlet(np.full(alpha.shape, prior))
    return float(np.sum(constants) + np.sum((alpha - prior) * _log_mean(alpha)))


def _documents(counts, lam, alpha, gamma, max_iter=100, tol=1e-6):
    """γ for fixed topics, from a start, until no entry moves by more than tol relative to its document."""
    log_beta = _log_mean(lam)
    for _ in range(max_iter):
        new = alpha + _assign(counts, _log_mean(gamma), log_beta).by_topic
        moved = np.max(np.abs(new - gamma) / new.sum(axis=1, keepdims=True))
        gamma = new
        if moved <= tol:
            break
    return gamma


def svi_step(lam, counts, n_docs, alpha, eta, step):
    """λ ← (1 − ρ)λ + ρλ̂, a natural-gradient step on a batch of documents (`eq-vi-svi`).

    Parameters
    ----------
    lam : array (K, V), Dirichlet parameters of the topics
    counts : array (B, V), the batch
    n_docs : int, how many documents the batch stands for
    alpha, eta : > 0, parameters of the priors of documents and of topics
    step : ρ in [0, 1]; 1 with all documents is the update of coordinate ascent

    Returns
    -------
    array (K, V)

    Raises
    ------
    ValueError
        for counts that are no non-negative integers, and numbers outside their ranges
    """
    lam, counts = check_X(lam, "lam"), _counts(counts, np.shape(lam)[-1])
    alpha, eta = (check_number(v, name, low=0, strict=True) for v, name in ((alpha, "alpha"), (eta, "eta")))
    step = check_number(step, "step", low=0, high=1)
    if lam.min() <= 0:
        raise ValueError(f"lam must be positive: got {shown(lam[lam <= 0])}")
    times = check_number(n_docs, "n_docs", low=1, integer=True) / len(counts)
    start = np.repeat(alpha + counts.sum(axis=1, keepdims=True) / len(lam), len(lam), axis=1)
    gamma = _documents(counts, lam, alpha, start)
    words = _assign(counts, _log_mean(gamma), _log_mean(lam))
    return (1 - step) * lam + step * (eta + times * words.by_word)


class LDA(Estimator):
    """Latent Dirichlet allocation: documents as mixtures of topics, by coordinate ascent (`eq-vi-lda`).

    After `fit`: `lambda_` (K, V), `topic_word_`, its rows as laws, `gamma_` (D, K), `bound_` and `bound_path_`, without
    the multinomial coefficients, `n_iter_`, `converged_`. Blei, Ng and Jordan (2003); Hoffman and others (2013).

    Parameters
    ----------
    n_topics : int K ≥ 1
    alpha : > 0, of the Dirichlet prior of each document's topics
    eta : > 0, of the Dirichlet prior of each topic's words
    max_iter : int ≥ 1, sweeps
    tol : a run ends when a sweep gains no more than tol nats for each word counted
    random_state : non-negative integer, or a Generator
    """

    def __init__(self, n_topics=10, alpha=0.1, eta=0.1, max_iter=500, tol=1e-7, random_state=0):
        self.n_topics = n_topics
        self.alpha = alpha
        self.eta = eta
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    def fit(self, counts, y=None):
        """Raise the bound until a sweep gains next to nothing, from topics that are drawn at random.

        Parameters
        ----------
        counts : array (D, V), how often each word stands in each document
        y : ignored

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for counts that are no non-negative integers, and parameters outside their ranges
        """
        counts = _counts(counts)
        K = check_number(self.n_topics, "n_topics", low=1, integer=True)
        alpha = check_number(self.alpha, "alpha", low=0, strict=True)
        eta = check_number(self.eta, "eta", low=0, strict=True)
        max_iter, tol = (
            check_number(self.max_iter, "max_iter", low=1, integer=True),
            check_number(self.tol, "tol", low=0),
        )
        rng = check_rng(self.random_state, "random_state")
        lam = rng.gamma(100.0, 0.01, (K, counts.shape[1]))
        gamma = np.repeat(alpha + counts.sum(axis=1, keepdims=True) / K, K, axis=1)
        path, self.converged_ = [], False
        for _ in range(max_iter):
            gamma = _documents(counts, lam, alpha, gamma, max_iter=20)
            lam = eta + _assign(counts, _log_mean(gamma), _log_mean(lam)).by_word
            words = _assign(counts, _log_mean(gamma), _log_mean(lam)).log_norm
            path.append(words - _dirichlet_kl(gamma, alpha) - _dirichlet_kl(lam, eta))
            if len(path) > 1 and path[-1] - path[-2] <= tol * max(counts.sum(), 1):
                self.converged_ = True
                break
        if not self.converged_:
            warn(f"the bound still grew after {max_iter} sweeps: raise max_iter, or tol")
        self.lambda_, self.gamma_, self.topic_word_ = lam, gamma, lam / lam.sum(axis=1, keepdims=True)
        self.bound_, self.bound_path_, self.n_iter_ = path[-1], np.array(path), len(path)
        return self

    def transform(self, counts):
        """The mean shares of the topics, (D, K), in documents, (D, V), for the topics as they stand."""
        check_fitted(self, "lambda_")
        counts = _counts(counts, self.lambda_.shape[1])
        K = len(self.lambda_)
        start = np.repeat(self.alpha + counts.sum(axis=1, keepdims=True) / K, K, axis=1)
        gamma = _documents(counts, self.lambda_, self.alpha, start, max_iter=1000, tol=1e-11)
        return gamma / gamma.sum(axis=1, keepdims=True)

    def predict(self, counts):
        """The topic with the largest share; of equal ones the first.

        Parameters
        ----------
        counts : array (D, V)

        Returns
        -------
        int array (D,)

        Raises
        ------
        ValueError
            for counts that are no non-negative integers, another number of words, and before `fit`
        """
        shares = self.transform(counts)
        return np.argmax(shares.max(axis=1, keepdims=True) - 1e-9 <= shares, axis=1)
