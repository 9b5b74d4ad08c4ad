"""Chapter 13: the EM algorithm, and mixtures of Gaussians.

A mixture is (weights, means, covs) of shapes (K,), (K, d) and (K, d, d), whatever form the covariances are held to.
Densities stay logarithms, in nats. Nothing is added to a covariance on the quiet: a component that shrinks onto samples
is a failure of the model, which is told, and the cure is chosen by name.
"""

import numpy as np
from scipy.linalg import solve_triangular

from .clustering import kmeans_plusplus, lloyd
from .columns import centred, units
from .estimator import Estimator
from .linear_algebra import is_pd, logsumexp
from .validation import check_fitted, check_number, check_rng, check_symmetric, check_X, check_y, shown, warn

__all__ = [
    "GaussianMixture",
    "aic",
    "bic",
    "e_step",
    "elbo",
    "impute_em",
    "log_joint",
    "loglik_grad_means",
    "louis_information_means",
    "m_step",
    "n_parameters",
    "q_function",
]

TYPES = ("full", "tied", "diag", "spherical")
SAME = 1e-6  # nats per sample: starts that end so close are equally good, and the first of them is kept
SMALL = 1e-10  # a component with less of the weight, or a pivot with less of the sample's, has collapsed


# Input ------------------------------------------------------------------------------------------------


def _mixture(weights, means, covs, d):
    """A mixture over d features as float arrays, its Cholesky factors last."""
    weights, means = check_y(weights, "weights"), check_X(means, "means", n_features=d)
    K = len(means)
    if len(weights) != K or weights.min() < 0 or abs(weights.sum() - 1) > 1e-8:
        raise ValueError(f"weights must hold {K} non-negative numbers of sum one: got {shown(weights)}")
    covs = np.asarray(covs, dtype=float)
    if covs.shape != (K, d, d) or not np.isfinite(covs).all():
        raise ValueError(f"covs must be finite, of shape {(K, d, d)}: got shape {covs.shape}")
    scale = np.abs(covs).max(axis=(1, 2))
    if np.any(np.abs(covs - covs.transpose(0, 2, 1)).max(axis=(1, 2)) > 1e-8 * scale):
        raise ValueError("covs must be symmetric")
    try:
        return weights, means, covs, np.linalg.cholesky(covs)
    except np.linalg.LinAlgError:
        raise ValueError("covs must be positive definite") from None


def _responsibilities(resp, N):
    resp = check_X(resp, "resp")
    if len(resp) != N or resp.min() < 0 or np.abs(resp.sum(axis=1) - 1).max() > 1e-8:
        raise ValueError(f"resp must hold {N} rows of non-negative numbers of sum one: got shape {resp.shape}")
    return resp


def _known_type(covariance_type):
    if covariance_type not in TYPES:
        raise ValueError(f"covariance_type must be one of {', '.join(TYPES)}: got {covariance_type!r}")
    return covariance_type


class _Collapsed(Exception):
    """Of the component of that number."""


def _factor(C, floor=0.0):
    """The Cholesky factor of C, or None where a squared pivot is at most the floor, or lost to rounding."""
    try:
        L = np.linalg.cholesky(C)
    except np.linalg.LinAlgError:
        return None
    least = np.maximum(floor, 16 * len(C) * np.finfo(float).eps * np.diagonal(C))
    return L if np.all(np.diagonal(L) ** 2 > least) else None


# The two steps ----------------------------------------------------------------------------------------


def _log_joint(X, weights, means, L):
    out = np.empty((len(X), len(weights)))
    for k, factor in enumerate(L):
        Z = solve_triangular(factor, (X - means[k]).T, lower=True, check_finite=False)
        out[:, k] = -0.5 * np.sum(Z**2, axis=0) - np.log(np.diagonal(factor)).sum()
    with np.errstate(divide="ignore"):  # a component of weight zero
        return out + np.log(weights) - 0.5 * X.shape[1] * np.log(2 * np.pi)


def _e_step(X, weights, means, L):
    a = _log_joint(X, weights, means, L)
    log_p = logsumexp(a)
    return np.exp(a - log_p[:, None]), float(log_p.sum())


def _m_step(X, resp, covariance_type, prior=None):
    """The mixture; N_k > 0 is taken for granted."""
    N, d = X.shape
    sizes = resp.sum(axis=0)
    means = (resp / sizes).T @ X
    covs = np.empty((len(sizes), d, d))
    for k, r in enumerate((resp / sizes).T):
        D = X - means[k]
        covs[k] = np.diag(r @ D**2) if covariance_type in ("diag", "spherical") else (D.T * r) @ D
    if covariance_type == "tied":
        covs[:] = np.tensordot(sizes / N, covs, axes=1)
    elif covariance_type == "spherical":
        covs = (np.trace(covs, axis1=1, axis2=2) / d)[:, None, None] * np.eye(d)
    elif prior is not None:
        Psi, nu = prior
        covs = (Psi + sizes[:, None, None] * covs) / (nu + sizes + d + 1)[:, None, None]
    return sizes / N, means, (covs + covs.transpose(0, 2, 1)) / 2


def log_joint(X, weights, means, covs):
    """log π_k + log N(x_i; μ_k, Σ_k), by Cholesky (`eq-gmm-logspace`). Cost O(Kd³ + NKd²).

    Parameters
    ----------
    X : array (N, d)
    weights : (K,), non-negative with sum one
    means : (K, d)
    covs : (K, d, d), symmetric positive definite

    Returns
    -------
    array (N, K), in nats; −∞ for a component of weight zero

    Raises
    ------
    ValueError
        for shapes that do not match, and for what is no mixture
    """
    X = check_X(X)
    weights, means, _, L = _mixture(weights, means, covs, X.shape[1])
    return _log_joint(X, weights, means, L)


def e_step(X, weights, means, covs):
    """Responsibilities (`eq-gmm-resp`), and the log-likelihood of the sample. Raises as `log_joint`.

    Parameters
    ----------
    X : array (N, d)
    weights, means, covs : the mixture, (K,), (K, d) and (K, d, d)

    Returns
    -------
    array (N, K) with rows of sum one, and float
    """
    X = check_X(X)
    weights, means, _, L = _mixture(weights, means, covs, X.shape[1])
    return _e_step(X, weights, means, L)


def m_step(X, resp, covariance_type="full"):
    """Weights, means and covariances from soft labels (`eq-gmm-mstep`; the other types `eq-gmm-types`).

    Parameters
    ----------
    X : array (N, d)
    resp : (N, K), non-negative with rows of sum one
    covariance_type : "full", "tied" (one for all), "diag", or "spherical" (a multiple of the identity)

    Returns
    -------
    arrays (K,), (K, d) and (K, d, d); a covariance is singular where the samples that count lie in a hyperplane

    Raises
    ------
    ValueError
        for shapes that do not match, and "component k collapsed" for a column of resp that is zero
    """
    X = check_X(X)
    resp = _responsibilities(resp, len(X))
    empty = np.flatnonzero(resp.sum(axis=0) == 0)
    if empty.size:
        raise ValueError(f"component {empty[0]} collapsed: its column of resp is zero")
    return _m_step(X, resp, _known_type(covariance_type))


def q_function(X, resp, weights, means, covs):
    """Σ_i Σ_k γ_ik (log π_k + log N(x_i; μ_k, Σ_k)), which the M-step raises (`eq-em-q`).

    Parameters
    ----------
    X : array (N, d)
    resp : (N, K), non-negative with rows of sum one
    weights, means, covs : the mixture, (K,), (K, d) and (K, d, d)

    Returns
    -------
    float; −∞ if a component of weight zero has responsibility

    Raises
    ------
    ValueError
        as `log_joint`, and for a resp that is none
    """
    a = log_joint(X, weights, means, covs)
    resp = _responsibilities(resp, len(a))
    if resp.shape != a.shape:
        raise ValueError(f"resp must have shape {a.shape}: got {resp.shape}")
    return float(np.sum(np.where(resp > 0, resp * np.where(resp > 0, a, 0.0), 0.0)))


def elbo(X, resp, weights, means, covs):
    """The floor under the log-likelihood, Q plus the entropy of the labels (`eq-em-elbo`). Raises as `q_function`.

    Parameters
    ----------
    X : array (N, d)
    resp : (N, K), q of each label, non-negative with rows of sum one
    weights, means, covs : the mixture, (K,), (K, d) and (K, d, d)

    Returns
    -------
    float
    """
    q = np.asarray(resp, dtype=float)
    Q = q_function(X, resp, weights, means, covs)
    return Q - float(np.sum(q * np.log(np.where(q > 0, q, 1.0))))


# Slopes and rates -------------------------------------------------------------------------------------


def _pulls(X, means, covs):
    """Σ_k⁻¹(x_i − μ_k), (N, K, d)."""
    return np.stack([np.linalg.solve(C, (X - m).T).T for m, C in zip(means, covs, strict=True)], axis=1)


def loglik_grad_means(X, weights, means, covs):
    """∂ℓ/∂μ_k = Σ_i γ_ik Σ_k⁻¹(x_i − μ_k), by Fisher's identity (`eq-em-fisher-means`). Raises as `log_joint`.

    Parameters
    ----------
    X : array (N, d)
    weights, means, covs : the mixture, (K,), (K, d) and (K, d, d)

    Returns
    -------
    array (K, d)
    """
    resp, _ = e_step(X, weights, means, covs)
    return np.einsum("nk,nkd->kd", resp, _pulls(check_X(X), check_X(means), np.asarray(covs, dtype=float)))


def louis_information_means(X, weights, means, covs):
    """Complete and missing information about the means (`eq-em-louis`), weights and covariances known.

    The observed information, −∇²ℓ, is the first less the second. Raises as `log_joint`.

    Parameters
    ----------
    X : array (N, d)
    weights, means, covs : the mixture, (K,), (K, d) and (K, d, d)

    Returns
    -------
    two arrays (Kd, Kd), component after component
    """
    resp, _ = e_step(X, weights, means, covs)
    X, covs = check_X(X), np.asarray(covs, dtype=float)
    N, K = resp.shape
    d = X.shape[1]
    pulls = _pulls(X, check_X(means), covs)
    complete, missing = np.zeros((K, d, K, d)), np.zeros((K, d, K, d))
    for k in range(K):
        complete[k, :, k] = resp[:, k].sum() * np.linalg.solve(covs[k], np.eye(d))
        missing[k, :, k] = (pulls[:, k].T * resp[:, k]) @ pulls[:, k]
    mean_pull = (resp[:, :, None] * pulls).reshape(N, K * d)
    return complete.reshape(K * d, K * d), missing.reshape(K * d, K * d) - mean_pull.T @ mean_pull


# How many ---------------------------------------------------------------------------------------------


def n_parameters(K, d, covariance_type="full"):
    """How many free numbers a mixture has (`eq-gmm-count`).

    Parameters
    ----------
    K, d : ints ≥ 1, components and features
    covariance_type : "full", "tied", "diag" or "spherical"

    Returns
    -------
    int

    Raises
    ------
    ValueError
        for other values
    """
    K, d = (check_number(v, name, low=1, integer=True) for v, name in ((K, "K"), (d, "d")))
    half = d * (d + 1) // 2
    spread = {"full": K * half, "tied": half, "diag": K * d, "spherical": K}
    return K - 1 + K * d + spread[_known_type(covariance_type)]


def bic(loglik, p, N):
    """−2ℓ + p log N (`def-gmm-bic`); the smaller, the better. Raises ValueError for p < 0 and N < 1.

    Parameters
    ----------
    loglik : ℓ, at its maximum
    p : int, free parameters
    N : int, samples

    Returns
    -------
    float
    """
    p, N = check_number(p, "p", low=0, integer=True), check_number(N, "N", low=1, integer=True)
    return -2 * check_number(loglik, "loglik") + p * float(np.log(N))


def aic(loglik, p):
    """−2ℓ + 2p (`def-gmm-aic`); the smaller, the better. Raises ValueError for p < 0.

    Parameters
    ----------
    loglik : ℓ, at its maximum
    p : int, free parameters

    Returns
    -------
    float
    """
    return -2 * check_number(loglik, "loglik") + 2.0 * check_number(p, "p", low=0, integer=True)


# The estimator ----------------------------------------------------------------------------------------


class GaussianMixture(Estimator):
    """A mixture of Gaussians, fitted by EM from several starts, of which the likeliest is kept (`alg-em`).

    After `fit`: weights_ (K,), means_ (K, d), covariances_ (K, d, d), all of the best start; loglik_ of these very
    parameters, loglik_path_ and objective_path_ before each round and after the last (they agree without a prior),
    n_iter_, converged_, and collapsed_starts_, the numbers of the starts that were given up.

    A start is given up when a component's weight falls below 1e-10, or a squared pivot of its Cholesky factor below
    1e-10 of the same pivot of the whole sample's covariance (of that type): it is taken to be on its way to infinite
    likelihood (`thm-gmm-unbounded`). A genuine cluster 1e5 times narrower than the sample is given up too.
    Columns are fitted less their means and in units of their own, so that neither matters to rounding.

    Parameters
    ----------
    n_components : K, from 1 to N
    covariance_type : "full", "tied", "diag" or "spherical"
    cov_prior : (Ψ, ν), a prior on full covariances (`eq-gmm-map`), with Ψ (d, d) positive definite and ν ≥ 0; or None
    n_init : int ≥ 1, starts (one is made of a mixture that is given)
    init : "kmeans" (labels of K-means on standardised columns, itself from k-means++), "k-means++" or "random" (means
        at such rows, or at any, with the sample's covariance), or a mixture (weights, means, covs)
    max_iter : int ≥ 1, rounds of a start
    tol : ≥ 0; a start ends when a round gains no more than this per sample
    random_state : seed, a non-negative integer, or a numpy Generator
    """

    def __init__(
        self,
        n_components=1,
        covariance_type="full",
        cov_prior=None,
        n_init=10,
        init="kmeans",
        max_iter=1000,
        tol=1e-8,
        random_state=0,
    ):
        self.n_components, self.covariance_type, self.cov_prior = n_components, covariance_type, cov_prior
        self.n_init, self.init, self.max_iter, self.tol = n_init, init, max_iter, tol
        self.random_state = random_state

    def fit(self, X, y=None):
        """Run EM from each start; warns if the best one did not converge.

        Parameters
        ----------
        X : array (N, d)
        y : ignored

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for bad input; without a prior, for an X that does not vary in all directions; and "component k collapsed"
            if all starts collapse
        """
        X = check_X(X)
        N, d = X.shape
        K, kind = self.n_components, _known_type(self.covariance_type)
        if isinstance(K, bool) or not isinstance(K, (int, np.integer)) or not 1 <= K <= N:
            raise ValueError(f"n_components must be in [1, N], N = {N}: got {shown(K)}")
        max_iter = check_number(self.max_iter, "max_iter", low=1, integer=True)
        tol, rng = check_number(self.tol, "tol", low=0), check_rng(self.random_state, "random_state")
        rest, centre = centred(X)
        unit = units(rest)
        X = rest / unit
        prior, floor = self._prior(unit, d), 0.0
        cure = "cov_prior" if kind == "full" else "covariance_type 'full' with cov_prior"
        if prior is None:
            L = _factor(_m_step(X, np.ones((N, 1)), kind)[2][0])
            if L is None:
                raise ValueError(f"X does not vary in all directions: use {cure}")
            floor = SMALL * np.diagonal(L) ** 2
        best, failure, self.collapsed_starts_ = None, None, []
        for number, start in enumerate(self._starts(X, centre, unit, prior, rng)):
            try:
                run = self._run(X, start, floor, prior, max_iter, tol)
            except _Collapsed as error:
                self.collapsed_starts_.append(number)
                failure = error
                continue
            if best is None or run[1][-1] > best[1][-1] + SAME * N:
                best = run
        if best is None:
            cure, fewer = cure if prior is None else "a larger Psi", " or fewer components" if K > 1 else ""
            raise ValueError(f"component {failure} collapsed: use {cure}{fewer}")
        (weights, means, covs, _), objective, loglik, self.converged_ = best
        jump = N * np.log(unit).sum()  # a density is per unit
        self.weights_, self.means_ = weights, centre + unit * means
        self.covariances_ = covs * np.outer(unit, unit)
        self.loglik_path_ = np.array(loglik) - jump
        penalty_jump = 0.0 if prior is None else K * (prior[1] + d + 1) * np.log(unit).sum()
        self.objective_path_ = np.array(objective) - jump - penalty_jump
        self.loglik_, self.n_iter_, self.n_features_in_ = float(self.loglik_path_[-1]), len(loglik) - 1, d
        if not self.converged_:
            warn(f"EM did not converge in {max_iter} rounds: raise max_iter or tol")
        return self

    def _prior(self, unit, d):
        if self.cov_prior is None:
            return None
        if self.covariance_type != "full":
            raise ValueError(f"cov_prior is for full covariances: got covariance_type {self.covariance_type!r}")
        if not isinstance(self.cov_prior, (tuple, list)) or len(self.cov_prior) != 2:
            raise ValueError(f"cov_prior must be a pair (Psi, nu): got {shown(self.cov_prior)}")
        Psi, nu = check_symmetric(self.cov_prior[0], "Psi"), check_number(self.cov_prior[1], "nu", low=0)
        if len(Psi) != d or not is_pd(Psi):
            raise ValueError(f"Psi must be positive definite, of shape {(d, d)}: got shape {Psi.shape}")
        return Psi / np.outer(unit, unit), nu

    def _starts(self, X, centre, unit, prior, rng):
        """Mixtures or labels to start from, in the columns' own units."""
        N, d = X.shape
        K = self.n_components
        if not isinstance(self.init, str):
            if not isinstance(self.init, (tuple, list)) or len(self.init) != 3:
                raise ValueError(f"init must be a name or a mixture (weights, means, covs): got {shown(self.init)}")
            weights, means, covs, _ = _mixture(*self.init, d)
            if len(weights) != K:
                raise ValueError(f"init must be a mixture of n_components = {K}: got {len(weights)}")
            yield weights, (means - centre) / unit, covs / np.outer(unit, unit)
            return
        if self.init not in ("kmeans", "k-means++", "random"):
            raise ValueError(f"init must be kmeans, k-means++, random or a mixture: got {self.init!r}")
        spread = np.where(X.any(axis=0), X.std(axis=0), 1.0)
        Z = X / spread
        cov = _m_step(X, np.ones((N, 1)), self.covariance_type, prior)[2]
        for _ in range(check_number(self.n_init, "n_init", low=1, integer=True)):
            means = Z[rng.permutation(N)[:K]] if self.init == "random" else kmeans_plusplus(Z, K, rng)
            labels = lloyd(Z, means)[0] if self.init == "kmeans" else []
            if len(set(labels)) == K:
                yield np.eye(K)[labels]
            else:
                yield np.full(K, 1 / K), means * spread, np.repeat(cov, K, axis=0)

    def _run(self, X, start, floor, prior, max_iter, tol):
        """EM from one start: the mixture, the objective and the log-likelihood before each round, whether it ended."""
        N = len(X)
        mixture = (self._factored if isinstance(start, tuple) else self._next)(X, start, floor, prior)
        objective, logliks = [], []
        for _ in range(max_iter + 1):
            weights, means, _, L = mixture
            resp, loglik = _e_step(X, weights, means, L)
            logliks.append(loglik)
            objective.append(loglik + self._penalty(L, prior))
            if len(objective) > 1 and objective[-1] - objective[-2] <= tol * N:
                return mixture, objective, logliks, True
            if len(objective) <= max_iter:
                mixture = self._next(X, resp, floor, prior)
        return mixture, objective, logliks, False

    def _next(self, X, resp, floor, prior):
        sizes = resp.sum(axis=0)
        if sizes.min() < SMALL * len(X):
            raise _Collapsed(int(sizes.argmin()))
        return self._factored(X, _m_step(X, resp, self.covariance_type, prior), floor, prior)

    @staticmethod
    def _factored(X, mixture, floor, prior):
        """The mixture with its Cholesky factors; none of them may be degenerate."""
        weights, means, covs = mixture
        factors = [_factor(C, floor) for C in covs]
        for k, L in enumerate(factors):
            if L is None:
                raise _Collapsed(k)
        return weights, means, covs, np.array(factors)

    @staticmethod
    def _penalty(L, prior):
        """The logarithm of the prior's density, less its normaliser."""
        if prior is None:
            return 0.0
        Psi, nu = prior
        log_det = 2 * np.log(np.diagonal(L, axis1=1, axis2=2)).sum()
        traces = [np.trace(np.linalg.solve(factor @ factor.T, Psi)) for factor in L]
        return -0.5 * ((nu + len(Psi) + 1) * log_det + sum(traces))

    def _log_joint(self, X):
        check_fitted(self, "weights_")
        X = check_X(X, n_features=self.n_features_in_)
        return log_joint(X, self.weights_, self.means_, self.covariances_)

    def score_samples(self, X):
        """log p(x) of each row of X (N, d), in nats: array (N,)."""
        return logsumexp(self._log_joint(X))

    def score(self, X, y=None):
        """The mean of log p(x) over the rows of X (N, d)."""
        return float(self.score_samples(X).mean())

    def predict_proba(self, X):
        """Responsibilities (`eq-gmm-resp`) for the rows of X (N, d): array (N, K), rows of sum one."""
        a = self._log_joint(X)
        return np.exp(a - logsumexp(a)[:, None])

    def predict(self, X):
        """The most probable component of each row; of equally probable ones the first.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        int array (N,), from 0 to K − 1
        """
        a = self._log_joint(X)
        return np.argmax(a >= a.max(axis=1, keepdims=True) - 1e-12, axis=1)

    def sample(self, n, random_state):
        """n draws (`eq-gmm-density`): array (n, d), and the component of each, (n,)."""
        check_fitted(self, "weights_")
        n, rng = check_number(n, "n", low=1, integer=True), check_rng(random_state, "random_state")
        z = np.minimum(np.searchsorted(np.cumsum(self.weights_), rng.random(n), side="right"), len(self.weights_) - 1)
        noise = rng.standard_normal((n, self.n_features_in_))
        L = np.linalg.cholesky(self.covariances_)
        return self.means_[z] + np.einsum("nij,nj->ni", L[z], noise), z

    def bic(self, X):
        """−2ℓ + p log N on X (`def-gmm-bic`)."""
        log_p = self.score_samples(X)
        p = n_parameters(len(self.weights_), self.n_features_in_, self.covariance_type)
        return bic(float(log_p.sum()), p, len(log_p))

    def aic(self, X):
        """−2ℓ + 2p on X (`def-gmm-aic`)."""
        p = n_parameters(len(self.weights_), self.n_features_in_, self.covariance_type)
        return aic(float(self.score_samples(X).sum()), p)

    def __sklearn_tags__(self):
        from sklearn.utils import Tags, TargetTags  # only scikit-learn calls this

        return Tags(None, TargetTags(required=False))


# Missing entries --------------------------------------------------------------------------------------


SINGULAR = "the covariance became singular: the seen entries of X fit into a hyperplane"


def impute_em(X, max_iter=10_000, tol=1e-12):
    """Mean and covariance of one Gaussian from a table with missing entries (NaN), by EM (`eq-em-missing`).

    Rows of which nothing is seen are left out. Warns if it does not converge.

    Parameters
    ----------
    X : array (N, d), NaN where missing
    max_iter : int ≥ 1
    tol : ≥ 0; ends when no entry of mean or covariance moves by more, in units of the seen spreads

    Returns
    -------
    arrays (d,) and (d, d), and the number of rounds

    Raises
    ------
    ValueError
        for infinity, a column of which nothing is seen or that does not vary, two columns that are never seen together
        (nothing tells their covariance), and a covariance that becomes singular, a squared pivot below 1e-10 of the
        seen variance (the likelihood has no bound)
    """
    X = np.asarray(X, dtype=float)
    seen = ~np.isnan(X)
    check_X(np.where(seen, X, 0.0))
    X, seen = X[seen.any(axis=1)], seen[seen.any(axis=1)]
    if not len(X) or not seen.any(axis=0).all():
        raise ValueError("X must hold an entry in each column: got one of which nothing is seen")
    apart = np.argwhere(seen.T.astype(float) @ seen == 0)
    if apart.size:
        raise ValueError("X must hold each two columns together in some row: got {} and {} apart".format(*apart[0]))
    max_iter = check_number(max_iter, "max_iter", low=1, integer=True)
    tol = check_number(tol, "tol", low=0)
    shift, spread = np.nanmean(X, axis=0), np.nanstd(X, axis=0)
    if np.any(np.nanmax(X, axis=0) == np.nanmin(X, axis=0)):
        raise ValueError("X must vary in each column: the seen entries of one are all equal")
    X = (X - shift) / spread
    patterns, which = np.unique(seen, axis=0, return_inverse=True)
    groups = [(o, X[which.ravel() == g][:, o]) for g, o in enumerate(patterns)]
    d, N = X.shape[1], len(X)
    mean, cov = np.zeros(d), np.eye(d)
    n_iter, move = 0, np.inf
    while move > tol and n_iter < max_iter:
        n_iter += 1
        first, second = np.zeros(d), np.zeros((d, d))
        for o, rows in groups:
            filled = np.empty((len(rows), d))
            filled[:, o] = rows
            if not o.all():
                L = _factor(cov[np.ix_(o, o)])
                if L is None:
                    raise ValueError(SINGULAR)
                half = solve_triangular(L, cov[np.ix_(o, ~o)], lower=True)
                gain = solve_triangular(L, half, lower=True, trans="T")
                filled[:, ~o] = mean[~o] + (rows - mean[o]) @ gain
                second[np.ix_(~o, ~o)] += len(rows) * (cov[np.ix_(~o, ~o)] - half.T @ half)
            first += filled.sum(axis=0)
            second += filled.T @ filled
        new_mean = first / N
        new_cov = second / N - np.outer(new_mean, new_mean)
        move = max(np.abs(new_mean - mean).max(), np.abs(new_cov - cov).max())
        mean, cov = new_mean, new_cov
    if _factor(cov, SMALL) is None:
        raise ValueError(SINGULAR)
    if move > tol:
        warn(f"EM did not converge in {max_iter} rounds: raise max_iter or tol")
    return shift + spread * mean, cov * np.outer(spread, spread), n_iter
