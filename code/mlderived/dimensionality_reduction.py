"""Chapter 17: principal components, their kernel form, Fisher's discriminant, t-SNE and independent components.

Samples are rows. Covariances divide by N, as in the formulas; scikit-learn's divide by N − 1. A direction is known up
to its sign, and here its largest entry is made positive.
"""

import numpy as np
from scipy.linalg import eigh
from scipy.spatial.distance import cdist

from .columns import centred, units
from .estimator import Transformer
from .linear_algebra import logsumexp
from .svm import linear_kernel, poly_kernel, rbf_kernel
from .validation import (
    check_fitted,
    check_labels,
    check_number,
    check_rng,
    check_symmetric,
    check_X,
    check_y,
    shown,
    warn,
)

__all__ = [
    "PCA",
    "FastICA",
    "FisherLDA",
    "KernelPCA",
    "center_kernel",
    "conditional_affinities",
    "joint_affinities",
    "kurtosis",
    "scatter_matrices",
    "tsne",
    "tsne_cost_grad",
    "whiten",
]

EPS = np.finfo(float).eps
TIE = 1e-8  # entries whose sizes differ by less, relatively, count as equal


# Input ------------------------------------------------------------------------------------------------


def _signed(W):
    """The columns of W, each with the sign that makes its largest entry positive; of equal ones, the first."""
    first = np.argmax(np.abs(W) >= (1 - TIE) * np.abs(W).max(axis=0), axis=0)
    return W * np.where(W[first, np.arange(W.shape[1])] < 0, -1.0, 1.0)


def _scattered(X):
    """X centred, its means and its thin SVD, with zeros for the singular values that are rounding only."""
    rest, mean = centred(X)
    peak = np.abs(rest).max()
    if peak <= 16 * EPS * np.abs(X).max():
        raise ValueError(f"X must hold two different samples at least: all {len(X)} are equal")
    U, s, Vt = np.linalg.svd(rest / peak, full_matrices=False)  # so that no square of the shares is out of range
    return rest, mean, U, np.where(s > max(X.shape) * EPS * s[0], s, 0.0) * peak, Vt


def _components(n, most):
    return most if n is None else check_number(n, "n_components", low=1, high=most, integer=True)


# Principal components ---------------------------------------------------------------------------------


class _Directions(Transformer):
    """What has a mean and directions: mean_ (d,) and components_ (k, d)."""

    def transform(self, X):
        """The k coordinates of each sample: its products with the directions, measured from the mean.

        Parameters
        ----------
        X : array (M, d)

        Returns
        -------
        array (M, k)
        """
        check_fitted(self, "components_")
        return (check_X(X, n_features=len(self.mean_)) - self.mean_) @ self.components_.T


class PCA(_Directions):
    """Principal components by the singular value decomposition of the centred data (`eq-pca-svd`).

    After Pearson (1901) and Hotelling (1933). Cost O(Nd min(N, d)); the covariance is never formed.

    Parameters
    ----------
    n_components : k in 1 … min(N, d); a float in (0, 1] for the least k that keeps this share of the variance
        (`eq-pca-ratio`); None for min(N, d)
    """

    def __init__(self, n_components=None):
        self.n_components = n_components

    def fit(self, X, y=None):
        """Find the directions.

        Parameters
        ----------
        X : array (N, d)
        y : ignored

        Returns
        -------
        self, with components_ (k, d) of orthonormal rows, explained_variance_ and explained_variance_ratio_ (k,),
        singular_values_ (k,) and mean_ (d,); variances divide by N

        Raises
        ------
        ValueError
            for samples that are all equal, and for another n_components
        """
        X = check_X(X)
        _, mean, _, s, Vt = _scattered(X)
        share = (s / s[0]) ** 2 / np.sum((s / s[0]) ** 2)
        k = self.n_components
        if isinstance(k, (float, np.floating)):
            k = check_number(k, "n_components as a share", low=EPS, high=1)
            k = 1 + np.flatnonzero(np.cumsum(share) >= k - 1e-12)[0]  # 1 is reached, whatever the last digit
        k = _components(k, len(s))
        self.components_ = _signed(Vt[:k].T).T
        self.singular_values_, self.explained_variance_ = s[:k], s[:k] ** 2 / len(X)
        self.explained_variance_ratio_, self.mean_ = share[:k], mean
        return self

    def inverse_transform(self, Z):
        """Points x̄ + W_k z from scores: the reconstruction (`eq-pca-decomposition`).

        Parameters
        ----------
        Z : array (M, k)

        Returns
        -------
        array (M, d)
        """
        check_fitted(self, "components_")
        return self.mean_ + check_X(Z, "Z", len(self.components_)) @ self.components_


def whiten(X):
    """Scores in units of their own standard deviations: their covariance is I (`eq-pca-whiten`). Samples must differ.

    Parameters
    ----------
    X : array (N, d)

    Returns
    -------
    array (N, r) of covariance I_r, r the rank (a spread 10¹⁵ times less than the greatest counts as 0: the units are
        yours), and array (d, r) that makes it from X less its means
    """
    X = check_X(X)
    rest, _, _, s, Vt = _scattered(X)
    K = _signed(Vt[s > 0].T) * (np.sqrt(len(X)) / s[s > 0])
    return rest @ K, K


# Kernels ----------------------------------------------------------------------------------------------


def center_kernel(K):
    """HKH with H = I − 11ᵀ/N: the Gram matrix of the features less their mean (`eq-kpca-centre`). K must be symmetric.

    Parameters
    ----------
    K : array (N, N), symmetric

    Returns
    -------
    array (N, N)
    """
    return centred(centred(check_symmetric(K, "K"))[0].T)[0]


class KernelPCA(Transformer):
    """Principal components of features that only a kernel knows (`eq-kpca-eigen`): Schölkopf, Smola and Müller (1998).

    Cost O(N²d + N³).

    Parameters
    ----------
    n_components : k, or None for all that have a variance
    kernel : "rbf", "poly" or "linear", as chapter 8 has them
    gamma, degree, coef0 : γ > 0 of "rbf" and "poly", p and r of "poly"
    """

    def __init__(self, n_components=None, kernel="rbf", gamma=1.0, degree=3, coef0=1.0):
        self.n_components = n_components
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.coef0 = coef0

    def _gram(self, X, Z):
        if self.kernel == "rbf":
            return rbf_kernel(X, Z, self.gamma)
        if self.kernel == "linear":  # centring takes the mean out anyway; far from zero it would not find it again
            return linear_kernel(X - self._mean, Z - self._mean)
        if self.kernel == "poly":
            return poly_kernel(X, Z, self.degree, self.gamma, self.coef0)
        raise ValueError(f"kernel must be rbf, poly or linear: got {self.kernel!r}")

    def fit(self, X, y=None):
        """Solve the eigenproblem of the centred Gram matrix.

        Parameters
        ----------
        X : array (N, d)
        y : ignored

        Returns
        -------
        self, with dual_coef_ (N, k), the α of each component in a column, scaled as in `eq-kpca-norm`, and
        explained_variance_ (k,)

        Raises
        ------
        ValueError
            for another kernel, for features that are all equal, and for an n_components above their rank
        """
        X = check_X(X)
        self._mean, self.X_ = X.mean(axis=0), X
        K = self._gram(X, X)
        k = _components(self.n_components, len(X))
        values, A = eigh(center_kernel(K), subset_by_index=(len(X) - k, len(X) - 1))
        values, A = values[::-1], A[:, ::-1]
        positive = np.count_nonzero(values > max(1e-12, len(X) * EPS) * values[0])
        if values[0] <= len(X) * EPS * np.abs(K).max():
            raise ValueError("the features of the samples are all equal: no direction has a variance")
        k = _components(self.n_components, positive)
        self._K_mean = K.mean(axis=0)
        self.explained_variance_ = values[:k] / len(X)
        self.dual_coef_ = _signed(A[:, :k]) / np.sqrt(values[:k])
        return self

    def transform(self, X):
        """Scores of new samples, their kernels centred by the means of the training set (`eq-kpca-project`).

        Parameters
        ----------
        X : array (M, d)

        Returns
        -------
        array (M, k)
        """
        check_fitted(self, "dual_coef_")
        K = self._gram(check_X(X, n_features=self.X_.shape[1]), self.X_) - self._K_mean
        return (K - K.mean(axis=1, keepdims=True)) @ self.dual_coef_


# Fisher's discriminant --------------------------------------------------------------------------------


def _classes(y, n):
    classes, codes = np.unique(check_labels(y, n), return_inverse=True)
    if len(classes) < 2:
        raise ValueError(f"y must hold at least two classes: got only {shown(classes[0])}")
    return classes, codes


def _parted(X, codes):
    """X less the mean of all, what each row lacks to the mean of its class, and √N_c times the means of the classes."""
    rest, mean = centred(X)
    sizes = np.bincount(codes)
    within, means = rest.copy(), np.empty((len(sizes), X.shape[1]))
    for c in range(len(sizes)):
        within[codes == c], means[c] = centred(rest[codes == c])
    return within, means * np.sqrt(sizes)[:, None], mean


def scatter_matrices(X, y):
    """Scatter within the classes and between them, whose sum is the scatter of all (`eq-lda-scatter`).

    Parameters
    ----------
    X : array (N, d)
    y : (N,) labels of two classes or more

    Returns
    -------
    S_W (d, d) and S_B (d, d)
    """
    X = check_X(X)
    within, between, _ = _parted(X, _classes(y, len(X))[1])
    return within.T @ within, between.T @ between


class FisherLDA(_Directions):
    """The directions along which classes lie farthest apart for their width (`eq-lda-multi`).

    Whitens the scatter within by the SVD of the data less their class means (without shrinkage in units of each
    column's own spread, with it in yours), then takes the principal directions of the class means. Fisher (1936).

    Parameters
    ----------
    n_components : k ≤ min(C − 1, d), or None for that many
    shrinkage : ρ in [0, 1]: S_W is replaced by (1 − ρ)S_W + ρ (tr S_W / d) I
    """

    def __init__(self, n_components=None, shrinkage=0.0):
        self.n_components = n_components
        self.shrinkage = shrinkage

    def fit(self, X, y):
        """Find the directions.

        Parameters
        ----------
        X : array (N, d)
        y : (N,) labels of two classes or more

        Returns
        -------
        self, with components_ (k, d), in whose coordinates the covariance within (divisor N) is I, eigenvalues_ (k,),
        the criterion along each, explained_variance_ratio_ (k,), mean_ (d,) and classes_

        Raises
        ------
        ValueError
            for one class only, another n_components, and a scatter within that is zero, or singular without shrinkage
        """
        X = check_X(X)
        N, d = X.shape
        self.classes_, codes = _classes(y, N)
        k = _components(self.n_components, min(len(self.classes_) - 1, d))
        rho = check_number(self.shrinkage, "shrinkage", low=0, high=1)
        within, between, self.mean_ = _parted(X, codes)
        if not within.any():
            raise ValueError("within-class scatter is zero: each class is a single point")
        unit = np.sqrt(np.mean(within**2, axis=0)) if rho == 0 else np.full(d, np.sqrt(np.mean(within**2)))
        if np.all(unit > 0):
            _, s, Vt = np.linalg.svd(within / unit, full_matrices=rho > 0)
            if rho > 0:
                s = np.sqrt((1 - rho) * np.pad(s, (0, d - len(s))) ** 2 + rho * N)  # N is tr S_W / d in these units
        if not np.all(unit > 0) or len(s) < d or s[-1] <= max(N, d) * EPS * s[0]:
            raise ValueError("within-class scatter is singular: use shrinkage > 0, or fewer columns")
        white = Vt.T * (np.sqrt(N) / s) / unit[:, None]
        _, t, Rt = np.linalg.svd(between @ white, full_matrices=False)
        J, self.components_ = t**2 / N, _signed(white @ Rt[:k].T).T
        self.eigenvalues_, self.explained_variance_ratio_ = J[:k], J[:k] / (J.sum() or 1.0)
        return self


# t-SNE ------------------------------------------------------------------------------------------------


def conditional_affinities(X, perplexity=30.0):
    """p_{j|i} ∝ exp(−β_i‖x_i − x_j‖²), β_i such that the entropy of each row is log(perplexity) (`def-tsne-p`).

    Where more points than the perplexity share the least distance, the row is uniform on them.

    Parameters
    ----------
    X : array (N, d), N ≥ 3
    perplexity : in [1, N − 1]

    Returns
    -------
    array (N, N) with rows of sum one and a diagonal of zeros, and β, array (N,), in one over the square of X's unit

    Raises
    ------
    ValueError
        for another perplexity
    """
    X = check_X(X)
    N = len(X)
    if N < 3:
        raise ValueError(f"X must hold at least three samples: got {N}")
    target = np.log(check_number(perplexity, "perplexity", low=1, high=N - 1))
    scale = np.abs(centred(X)[0]).max() or 1.0
    D = cdist(X / scale, X / scale, "sqeuclidean")
    D = D[~np.eye(N, dtype=bool)].reshape(N, N - 1)
    D -= D.min(axis=1, keepdims=True)
    unit = D.mean(axis=1)
    D /= np.where(unit > 0, unit, 1.0)[:, None]
    low, high = np.full(N, -40.0), np.full(N, 40.0)  # log β, in units of the row's mean distance
    for _ in range(64):
        middle = (low + high) / 2
        log_p = -np.exp(middle)[:, None] * D
        log_p -= logsumexp(log_p)[:, None]
        wide = -np.sum(np.exp(log_p) * log_p, axis=1) > target  # the entropy falls with β (`eq-tsne-perplexity`)
        low, high = np.where(wide, middle, low), np.where(wide, high, middle)
    P = np.zeros((N, N))
    P[~np.eye(N, dtype=bool)] = np.exp(log_p).ravel()
    return P, np.exp(middle) / np.where(unit > 0, unit, 1.0) / scale**2


def joint_affinities(X, perplexity=30.0):
    """p_ij = (p_{j|i} + p_{i|j})/2N, which sum to one (`def-tsne-p`). Raises as `conditional_affinities`.

    Parameters
    ----------
    X : array (N, d)
    perplexity : in [1, N − 1]

    Returns
    -------
    array (N, N), symmetric
    """
    P, _ = conditional_affinities(X, perplexity)
    return (P + P.T) / (2 * len(P))


def _near(Y):
    """(1 + ‖y_i − y_j‖²)⁻¹ with a zero diagonal."""
    h = 1 / (1 + cdist(Y, Y, "sqeuclidean"))
    np.fill_diagonal(h, 0.0)
    return h


def _pull(F, Y):
    """Σ_j F_ij (y_i − y_j) for each i."""
    return F.sum(axis=1)[:, None] * Y - F @ Y


def tsne_cost_grad(Y, P):
    """The divergence of the map's affinities from P, and its gradient (`eq-tsne-grad`). Cost O(N²).

    Parameters
    ----------
    Y : array (N, m), the map
    P : array (N, N), symmetric with sum one and zero diagonal

    Returns
    -------
    float, in nats, and array (N, m)

    Raises
    ------
    ValueError
        for a P that holds no affinities of N points
    """
    Y = check_X(Y, "Y")
    P, N = check_symmetric(P, "P"), len(Y)
    if len(P) != N or P.min() < 0 or np.diagonal(P).any() or abs(P.sum() - 1) > 1e-8:
        raise ValueError(f"P must hold {N} × {N} affinities, zero on the diagonal, of sum one: got shape {P.shape}")
    h = _near(Y)
    Q, some = h / h.sum(), P > 0
    return float(np.sum(P[some] * np.log(P[some] / Q[some]))), 4 * _pull((P - Q) * h, Y)


def tsne(X, perplexity=30.0, n_iter=500, random_state=0):
    """A map of X in the plane by gradient descent with momentum (`alg-tsne`). Cost O(N²) a step.

    It starts at the first two principal components, made small, plus a little noise, and for the first quarter of the
    steps the affinities are exaggerated twelvefold. The cost has many local minima, and this ends near one of them.
    Source: van der Maaten and Hinton (2008); the gains are those of Jacobs (1988).

    Parameters
    ----------
    X : array (N, d)
    perplexity : in [1, N − 1]
    n_iter : int ≥ 1
    random_state : non-negative integer or Generator, for the noise

    Returns
    -------
    Y (N, 2), with mean zero, and the cost, array (n_iter,), before each step

    Raises
    ------
    ValueError
        as `conditional_affinities`, and for samples that are all equal
    """
    n_iter, rng = check_number(n_iter, "n_iter", low=1, integer=True), check_rng(random_state, "random_state")
    P = joint_affinities(X, perplexity)
    scores, Y = PCA().fit_transform(X)[:, :2], np.zeros((len(P), 2))
    Y[:, : scores.shape[1]] = 1e-4 * scores / scores[:, 0].std()
    Y += 1e-6 * rng.standard_normal(Y.shape)
    some, early = P > 0, n_iter // 4
    fixed = np.sum(P[some] * np.log(P[some]))
    velocity, gain, costs = np.zeros_like(Y), np.ones_like(Y), np.empty(n_iter)
    for step in range(n_iter):
        h = _near(Y)
        total = h.sum()
        costs[step] = fixed - np.sum(P[some] * np.log(h[some])) + np.log(total)
        grad = 4 * _pull(((12 if step < early else 1) * P - h / total) * h, Y)
        gain = np.maximum(np.where(grad * velocity > 0, 0.8 * gain, gain + 0.2), 0.01)
        velocity = (0.5 if step < early else 0.8) * velocity - max(len(P) / 48, 50.0) * gain * grad
        Y = Y + velocity
        Y -= Y.mean(axis=0)
    return Y, costs


# Independent components -------------------------------------------------------------------------------


def kurtosis(x):
    """E z⁴ − 3 of the standardised z, with divisor N (`def-ica-kurtosis`).

    Parameters
    ----------
    x : (N,), not constant; or (N, d), column by column

    Returns
    -------
    float, or array (d,)

    Raises
    ------
    ValueError
        for a constant column
    """
    x = np.asarray(x)
    X = centred(check_X(x) if x.ndim == 2 else check_y(x, "x")[:, None])[0]
    if not X.any(axis=0).all():
        raise ValueError("x must not be constant: its kurtosis is undefined")
    z = X / np.abs(X).max(axis=0)
    values = np.mean(z**4, axis=0) / np.mean(z**2, axis=0) ** 2 - 3
    return values if x.ndim == 2 else float(values[0])


class FastICA(_Directions):
    """Independent components: a rotation of the whitened data that is stationary for a criterion (`eq-ica-fastica`).

    After Hyvärinen and Oja (2000). With as many components as the rank, the columns' units do not matter.

    Parameters
    ----------
    n_components : k ≤ the rank of the centred data, or None for that; fewer are taken from the first k principal ones
    fun : "cube" for the kurtosis, or "tanh", which outliers disturb less
    tol : it stops when no direction turns by more than about √(2 tol)
    max_iter : int ≥ 1
    random_state : non-negative integer or Generator, for the first rotation
    """

    def __init__(self, n_components=None, fun="tanh", tol=1e-10, max_iter=500, random_state=0):
        self.n_components = n_components
        self.fun = fun
        self.tol = tol
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X, y=None):
        """Whiten, then turn.

        Parameters
        ----------
        X : array (N, d)
        y : ignored

        Returns
        -------
        self, with components_ (k, d), which unmix the centred data into sources of unit variance, mixing_ (d, k), its
        pseudoinverse, mean_ (d,) and n_iter_

        Raises
        ------
        ValueError
            for samples that are all equal, an n_components above the rank, and another fun

        Warns
        -----
        RuntimeWarning
            if max_iter steps are not enough. Gaussian sources mostly give no warning: what is returned is then chance
        """
        if self.fun not in ("tanh", "cube"):
            raise ValueError(f"fun must be tanh or cube: got {self.fun!r}")
        X = check_X(X)
        rest, self.mean_ = centred(X)
        rest = np.where(np.abs(rest).max(axis=0) > 16 * EPS * np.abs(X).max(axis=0), rest, 0.0)  # not rounding only
        unit = units(rest)
        white, K = whiten(rest / unit)
        k = _components(self.n_components, K.shape[1])
        if k < K.shape[1]:  # the first k principal ones, of the columns as they stand
            (white, K), unit = whiten(X), np.ones(X.shape[1])
            white, K = white[:, :k], K[:, : _components(k, K.shape[1])]
        tol, most = check_number(self.tol, "tol", low=0), check_number(self.max_iter, "max_iter", low=1, integer=True)
        W = _orthogonal(check_rng(self.random_state, "random_state").standard_normal((k, k)))
        for self.n_iter_ in range(1, most + 1):
            u = white @ W.T
            g, slope = (u**3, 3 * u**2) if self.fun == "cube" else (np.tanh(u), 1 - np.tanh(u) ** 2)
            new = _orthogonal(g.T @ white / len(X) - slope.mean(axis=0)[:, None] * W)
            turned = np.max(np.abs(1 - np.abs(np.sum(new * W, axis=1))))
            W = new
            if turned <= tol:
                break
        else:
            warn(f"FastICA did not converge in {most} steps: raise max_iter")
        self.components_ = _signed(K @ W.T / unit[:, None]).T
        self.mixing_ = unit[:, None] * np.linalg.pinv(self.components_ * unit)
        return self


def _orthogonal(W):
    """(WWᵀ)^(−1/2) W, the nearest orthogonal matrix."""
    U, _, Vt = np.linalg.svd(W)
    return U @ Vt
