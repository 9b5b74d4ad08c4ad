"""Chapter 18: K-means, hierarchies, density and graphs, and how clusterings are judged.

A clustering is an integer array (N,), one number for each sample, from 0; −1 marks noise. Of equally near centres the
first is taken, and near counts as equal what differs by no more than rounding.
"""

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from scipy.spatial.distance import cdist

from .columns import centred
from .estimator import Estimator
from .linear_algebra import spectral
from .validation import check_fitted, check_labels, check_number, check_rng, check_symmetric, check_X, shown, warn

__all__ = [
    "DBSCAN",
    "KMeans",
    "SpectralClustering",
    "adjusted_rand",
    *("gaussian_affinity", "hartigan_change", "k_distance", "kmeans_plusplus", "laplacian", "linkage", "lloyd"),
    *("ncut", "silhouette", "spectral_embedding", "within_ss"),
]

ROUNDING = 1e-9  # what differs by less, relatively, is equal
LINKAGES = ("single", "complete", "average", "ward")


class _Clusterer(Estimator):
    """An estimator of groups."""

    def fit_predict(self, X, y=None):
        """The clusters of the samples from which it learns: `fit`, then `labels_`."""
        return self.fit(X).labels_

    def __sklearn_tags__(self):
        from sklearn.utils import Tags, TargetTags  # only scikit-learn calls this

        return Tags("clusterer", TargetTags(required=False))


def _groups(labels, n, name="labels"):
    """The numbers 0 … K − 1 of n labels (of any positive number of labels for None), and K."""
    labels = np.asarray(labels)
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"{name} must hold at least one label: got shape {labels.shape}")
    known, numbers = np.unique(check_labels(labels, n or len(labels)), return_inverse=True)
    return numbers, len(known)


def _count(K, N, name="n_clusters"):
    return check_number(K, name, low=1, high=N, integer=True)


# K-means ----------------------------------------------------------------------------------------------


def within_ss(X, labels):
    """J: the squared distances of the samples from the means of their clusters, summed (`def-km-objective`).

    Parameters
    ----------
    X : array (N, d)
    labels : array (N,), the cluster of each sample

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for bad input and another number of labels
    """
    X, _ = centred(check_X(X))
    numbers, K = _groups(labels, len(X))
    return float(sum(np.sum(centred(X[numbers == k])[0] ** 2) for k in range(K)))


def _nearest(X, centres):
    """The nearest centre of each row, and the squared distance to it."""
    distances = cdist(centres, X, "sqeuclidean")
    least = distances.min(axis=0)
    return np.argmax(distances <= least * (1 + ROUNDING), axis=0), least


def _refill(labels, distances, K):
    """Give each empty cluster the sample that is farthest from its centre, if any is off its centre."""
    for k in np.setdiff1d(np.arange(K), labels):
        free = np.where(np.bincount(labels, minlength=K)[labels] > 1, distances, 0.0)
        if free.max() > 0:
            labels[free.argmax()], distances[free.argmax()] = k, 0.0
    return labels


def lloyd(X, centres, max_iter=100):
    """Lloyd's algorithm (`alg-km-lloyd`). An empty group gets the sample farthest from its centre, if one is off it.

    Parameters
    ----------
    X : array (N, d)
    centres : array (K, d), where it starts
    max_iter : int ≥ 1, rounds

    Returns
    -------
    labels (N,), the centres (K, d) to which they are nearest, the cost before each round and after the last, and
    whether it came to rest

    Raises
    ------
    ValueError
        for bad input
    """
    X = check_X(X)
    centres, middle, labels, costs = check_X(centres, "centres", X.shape[1]), X.mean(axis=0), None, []
    X, centres = X - middle, centres - middle  # both by the same numbers, so that ties stay ties
    for _ in range(check_number(max_iter, "max_iter", low=1, integer=True) + 1):
        nearest, distances = _nearest(X, centres)
        costs.append(distances.sum())
        nearest = _refill(nearest, distances, len(centres))
        if labels is not None and np.array_equal(nearest, labels):
            return labels, middle + centres, np.array(costs), True
        labels, before = nearest, centres
        held = [labels == k for k in range(len(centres))]
        centres = np.array([X[h].mean(axis=0) if h.any() else c for h, c in zip(held, centres, strict=True)])
    return labels, middle + before, np.array(costs), False


def kmeans_plusplus(X, K, random_state):
    """K rows of X, far apart: each drawn with probability ∝ squared distance to the nearest before it (`alg-km-pp`).

    Where all rows lie on those drawn already, one is drawn uniformly. (Arthur and Vassilvitskii, 2007.)

    Parameters
    ----------
    X : array (N, d)
    K : int, 1 … N
    random_state : seed, a non-negative integer, or a numpy Generator

    Returns
    -------
    array (K, d)

    Raises
    ------
    ValueError
        for another K, and a bad X or seed
    """
    X, rng = check_X(X), check_rng(random_state, "random_state")
    K = _count(K, len(X), "K")
    centres = [X[rng.integers(len(X))]]
    scale = np.abs(X - centres[0]).max() or 1.0
    nearest = np.full(len(X), np.inf)
    while len(centres) < K:
        nearest = np.minimum(nearest, np.sum(((X - centres[-1]) / scale) ** 2, axis=1))
        heights = np.cumsum(nearest if nearest.any() else np.ones(len(X)))
        centres.append(X[np.searchsorted(heights, rng.random() * heights[-1], side="right")])
    return np.array(centres)


def hartigan_change(X, labels, i, k):
    """What J gains if sample i moves to cluster k, both means following (`eq-km-hartigan`).

    Parameters
    ----------
    X : array (N, d)
    labels : integer array (N,), from 0
    i : int, a sample that is not alone in its cluster
    k : int, another cluster that is not empty

    Returns
    -------
    float, negative where the move pays

    Raises
    ------
    ValueError
        for a sample that is alone, its own cluster, and an empty one
    """
    X, _ = centred(check_X(X))
    labels = check_labels(labels, len(X))
    i = check_number(i, "i", low=0, high=len(X) - 1, integer=True)
    own, other = X[labels == labels[i]], X[labels == k]
    if len(own) < 2 or len(other) == 0 or labels[i] == k:
        raise ValueError(f"i must leave company for another cluster that is not empty: got i = {i}, k = {shown(k)}")
    there, here = (np.sum((X[i] - group.mean(axis=0)) ** 2) for group in (other, own))
    return float(len(other) / (len(other) + 1) * there - len(own) / (len(own) - 1) * here)


class KMeans(_Clusterer):
    """K-means by Lloyd's algorithm from several starts, of which the cheapest is kept (`alg-km-lloyd`).

    After `fit`: cluster_centers_ (K, d), labels_ (N,), inertia_ (their cost J), history_ (the costs of the best start),
    starts_ (J of each), n_iter_, converged_. With fewer distinct samples than clusters some clusters stay empty.

    Parameters
    ----------
    n_clusters : K, from 1 to N
    init : "k-means++", "random" (K different samples), or centres (K, d)
    n_init : int ≥ 1, starts (one if centres are given)
    max_iter : int ≥ 1, rounds of a start
    random_state : seed, a non-negative integer, or a numpy Generator
    """

    def __init__(self, n_clusters=2, init="k-means++", n_init=10, max_iter=300, random_state=0):
        self.n_clusters, self.init, self.n_init = n_clusters, init, n_init
        self.max_iter, self.random_state = max_iter, random_state

    def fit(self, X, y=None):
        """Run Lloyd's algorithm from each start; warns if the best one did not come to rest.

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
            for bad input, and for n_clusters beyond 1 … N
        """
        X = check_X(X)
        middle = X.mean(axis=0)
        X = X - middle
        K, rng = _count(self.n_clusters, len(X)), check_rng(self.random_state, "random_state")
        unit = np.abs(X).max() or 1.0  # one for all columns, so that no square is out of range
        X, best, self.starts_ = X / unit, None, []
        for start in self._starts(X, K, middle, unit, rng):
            run = lloyd(X, start, self.max_iter)
            cost = np.sum((X - run[1][run[0]]) ** 2)
            self.starts_.append(cost * unit**2)
            if best is None or cost < best[0] * (1 - ROUNDING):
                best = cost, run
        cost, (self.labels_, centres, costs, self.converged_) = best
        self.cluster_centers_, self.inertia_, self._middle = middle + unit * centres, cost * unit**2, middle
        self.history_, self.n_iter_, self.n_features_in_ = costs * unit**2, len(costs) - 1, X.shape[1]
        if not self.converged_:
            warn(f"K-means did not come to rest in {self.max_iter} rounds: raise max_iter")
        return self

    def _starts(self, X, K, middle, unit, rng):
        if not isinstance(self.init, str):
            centres = check_X(self.init, "init", X.shape[1])
            if len(centres) != K:
                raise ValueError(f"init must hold n_clusters = {K} centres: got {len(centres)}")
            yield (centres - middle) / unit
            return
        if self.init not in ("k-means++", "random"):
            raise ValueError(f"init must be k-means++, random or centres: got {self.init!r}")
        for _ in range(check_number(self.n_init, "n_init", low=1, integer=True)):
            yield kmeans_plusplus(X, K, rng) if self.init == "k-means++" else X[rng.permutation(len(X))[:K]]

    def predict(self, X):
        """The nearest centre of each row.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        int array (N,), from 0 to K − 1
        """
        check_fitted(self, "labels_")
        X = check_X(X, n_features=self.n_features_in_)
        centres = self.cluster_centers_ - self._middle
        unit = np.abs(centres).max() or 1.0
        return _nearest((X - self._middle) / unit, centres / unit)[0]


# Judging a clustering ---------------------------------------------------------------------------------


def silhouette(X, labels):
    """(b − a)/max(a, b) of each sample (`def-cl-silhouette`); 0 for one that is alone, and where a = b = 0.

    Parameters
    ----------
    X : array (N, d)
    labels : array (N,), of at least two clusters

    Returns
    -------
    array (N,), in [−1, 1]

    Raises
    ------
    ValueError
        unless there are at least two clusters, and fewer than N
    """
    X, _ = centred(check_X(X))
    numbers, K = _groups(labels, len(X))
    if not 2 <= K <= len(X) - 1:
        raise ValueError(f"silhouette needs 2 to N - 1 clusters, N = {len(X)}: got {K}")
    X = X / (np.abs(X).max() or 1.0)
    sizes = np.bincount(numbers)
    sums = np.stack([cdist(X, X[numbers == k]).sum(axis=1) for k in range(K)], axis=1)
    own = np.arange(K) == numbers[:, None]
    a = sums[own] / np.maximum(sizes[numbers] - 1, 1)
    b = np.where(own, np.inf, sums / sizes).min(axis=1)
    top = np.maximum(a, b)
    return np.where((sizes[numbers] > 1) & (top > 0), (b - a) / np.where(top > 0, top, 1.0), 0.0)


def adjusted_rand(a, b):
    """The pairs on which two clusterings agree, less what chance would give, over the most it could be (`eq-cl-ari`).

    Parameters
    ----------
    a, b : arrays (N,), labels of any names

    Returns
    -------
    float, at most 1; 1 where both put all samples together, or each by itself

    Raises
    ------
    ValueError
        for different lengths
    """
    (rows, _), (columns, C) = _groups(a, None, "a"), _groups(b, None, "b")
    if len(rows) != len(columns):
        raise ValueError(f"a and b have different lengths: {len(rows)} and {len(columns)}")

    def pairs(n):
        return np.sum(n * (n - 1.0) / 2)

    met = np.unique(rows * C + columns, return_counts=True)[1]
    both, in_a, in_b, all_pairs = map(pairs, (met, np.bincount(rows), np.bincount(columns), np.array(len(rows))))
    chance = in_a * in_b / all_pairs if all_pairs else 0.0
    most = (in_a + in_b) / 2
    return 1.0 if most == chance else float((both - chance) / (most - chance))


# Hierarchies ------------------------------------------------------------------------------------------


def linkage(D, method="ward"):
    """The merges of agglomerative clustering (`def-hc-linkage`), by the rule of Lance and Williams (`eq-hc-lw`).

    Parameters
    ----------
    D : array (N, N), symmetric distances with zero diagonal; for "ward" they must be Euclidean
    method : "single", "complete", "average" or "ward"

    Returns
    -------
    array (N − 1, 4) in the form of scipy: the numbers of the two clusters (N + t is made in merge t), the height, the
    size. Heights of "ward" are √(2ΔJ). Of equally near pairs the one with the lowest row is merged

    Raises
    ------
    ValueError
        for what are no distances, and another method
    """
    D = check_symmetric(D, "D")
    if np.any(D < 0) or np.diagonal(D).any():
        raise ValueError("D must hold distances, non-negative with zero diagonal")
    if method not in LINKAGES:
        raise ValueError(f"method must be one of {', '.join(LINKAGES)}: got {method!r}")
    N, squares = len(D), method == "ward"
    scale = D.max() or 1.0
    D = (D / scale) ** 2 if squares else D / scale
    np.fill_diagonal(D, np.inf)
    size, name, merges = np.ones(N), np.arange(N), np.empty((N - 1, 4))
    near, height = D.argmin(axis=1), D.min(axis=1)
    for t in range(N - 1):
        a = int(np.argmax(height <= height.min() * (1 + ROUNDING)))
        b = int(near[a])
        a, b = min(a, b), max(a, b)
        d_ab, total = D[a, b], size[a] + size[b]
        merges[t] = *sorted((name[a], name[b])), scale * (np.sqrt(max(d_ab, 0.0)) if squares else d_ab), total
        if method == "ward":
            row = ((size[a] + size) * D[a] + (size[b] + size) * D[b] - size * d_ab) / (total + size)
        elif method == "average":
            row = (size[a] * D[a] + size[b] * D[b]) / total
        else:
            row = np.minimum(D[a], D[b]) if method == "single" else np.maximum(D[a], D[b])
        row[[a, b]] = np.inf
        D[a] = D[:, a] = row
        D[b] = D[:, b] = np.inf
        size[a], name[a], height[b] = total, N + t, np.inf
        moved = (near == a) | (near == b)
        stale = np.append(np.flatnonzero(moved & (row > height)), a)  # their nearest has moved away
        closer = moved | (row < height)
        near[closer], height[closer] = a, row[closer]
        near[stale], height[stale] = D[stale].argmin(axis=1), D[stale].min(axis=1)
    return merges


# Density ----------------------------------------------------------------------------------------------


def k_distance(X, k):
    """The distance of each sample to its k-th nearest *other* sample, by which `DBSCAN` is tuned.

    Parameters
    ----------
    X : array (N, d)
    k : int, from 1 to N − 1

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        for another k
    """
    X, _ = centred(check_X(X))
    k = check_number(k, "k", low=1, high=len(X) - 1, integer=True)
    unit = np.abs(X).max() or 1.0
    return unit * cKDTree(X / unit).query(X / unit, [k + 1])[0][:, 0]


class DBSCAN(_Clusterer):
    """Clusters as dense regions (`alg-db`): components of the core samples, and what lies within eps of them.

    After `fit`: labels_ (N,), −1 for noise; core_sample_indices_. Clusters are numbered by their first core sample; a
    border sample near several of them joins the first. A distance that equals eps up to rounding counts as within.

    Parameters
    ----------
    eps : number > 0, the radius of a neighbourhood, in the units of X
    min_samples : int ≥ 1, how many samples a core sample has in its neighbourhood, itself among them
    """

    def __init__(self, eps=0.5, min_samples=5):
        self.eps, self.min_samples = eps, min_samples

    def fit(self, X, y=None):
        """Find core samples, their components, and the border.

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
            for bad input
        """
        X, _ = centred(check_X(X))
        N, eps = len(X), check_number(self.eps, "eps", low=0, strict=True)
        least = check_number(self.min_samples, "min_samples", low=1, integer=True)
        unit = np.abs(X).max() or 1.0
        pairs = cKDTree(X / unit).query_pairs(eps / unit * (1 + ROUNDING), output_type="ndarray")
        core = np.bincount(pairs.ravel(), minlength=N) + 1 >= least
        joined = pairs[core[pairs].all(axis=1)]
        graph = coo_array((np.ones(len(joined)), tuple(joined.T)), shape=(N, N))
        component = connected_components(graph, directed=False)[1]
        labels = np.full(N, N)
        _, first, numbers = np.unique(component[core], return_index=True, return_inverse=True)
        labels[core] = np.argsort(np.argsort(first))[numbers]
        border = labels.copy()
        for here, there in (pairs.T, pairs.T[::-1]):
            reached = core[there] & ~core[here]
            np.minimum.at(border, here[reached], labels[there[reached]])
        self.labels_ = np.where(border == N, -1, border)
        self.core_sample_indices_, self.n_features_in_ = np.flatnonzero(core), X.shape[1]
        return self


# Graphs -----------------------------------------------------------------------------------------------


def gaussian_affinity(X, sigma):
    """exp(−‖x_i − x_j‖²/2σ²), with zeros on the diagonal (`eq-sp-affinity`).

    Parameters
    ----------
    X : array (N, d)
    sigma : number > 0, in the units of X

    Returns
    -------
    array (N, N)

    Raises
    ------
    ValueError
        for bad input
    """
    X, _ = centred(check_X(X))
    sigma = check_number(sigma, "sigma", low=0, strict=True)
    W = np.exp(-np.square(cdist(X, X) / sigma) / 2)
    np.fill_diagonal(W, 0.0)
    return W


def _affinity(W):
    W = check_symmetric(W, "W")
    if np.any(W < 0):
        raise ValueError(f"W must be non-negative: got {shown(W, W < 0)}")
    degrees = W.sum(axis=1)
    if np.any(degrees == 0):
        raise ValueError(f"the graph has an isolated vertex, of degree 0: number {np.flatnonzero(degrees == 0)[0]}")
    return W, degrees


def laplacian(W, normalised=False):
    """D − W, or I − D^(−1/2) W D^(−1/2) (`eq-sp-quadratic`).

    Parameters
    ----------
    W : array (N, N), symmetric and non-negative; each vertex has a positive degree, in which a diagonal counts
    normalised : bool

    Returns
    -------
    array (N, N)

    Raises
    ------
    ValueError
        for another W
    """
    W, degrees = _affinity(W)
    L = np.diag(degrees) - W
    root = np.sqrt(degrees)
    return L / np.outer(root, root) if normalised else L


def ncut(W, labels):
    """Σ over clusters of the weight that leaves it over its volume (`def-sp-ncut`).

    Parameters
    ----------
    W : array (N, N), symmetric and non-negative; each vertex has a positive degree
    labels : array (N,)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for another W and other labels
    """
    W, degrees = _affinity(W)
    numbers, K = _groups(labels, len(W))
    inside = [numbers == k for k in range(K)]
    return float(sum(W[np.ix_(k, ~k)].sum() / degrees[k].sum() for k in inside))


def spectral_embedding(W, K):
    """Rows of the K lowest eigenvectors of the normalised Laplacian, each scaled to length 1 (`alg-sp-njw`).

    Parameters
    ----------
    W : array (N, N), symmetric and non-negative; each vertex has a positive degree
    K : int, from 1 to N

    Returns
    -------
    array (N, K), and all eigenvalues, ascending

    Raises
    ------
    ValueError
        for another W or K
    """
    L = laplacian(W, normalised=True)
    values, vectors = spectral((L + L.T) / 2)
    order = np.argsort(values, kind="stable")
    rows = vectors[:, order[: _count(K, len(L), "K")]]
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return rows / np.where(length == 0, 1.0, length), values[order]


class SpectralClustering(_Clusterer):
    """K-means on the low eigenvectors of a graph's Laplacian (`alg-sp-njw`).

    After `fit`: labels_ (N,), embedding_ (N, K), eigenvalues_ (N,). Cost O(N³).

    Parameters
    ----------
    n_clusters : K, from 1 to N
    sigma : number > 0, the width of the affinity, in the units of X; or None if X is an affinity matrix already
    n_init : int ≥ 1, starts of K-means
    random_state : seed, a non-negative integer, or a numpy Generator
    """

    def __init__(self, n_clusters=2, sigma=1.0, n_init=10, random_state=0):
        self.n_clusters, self.sigma, self.n_init, self.random_state = n_clusters, sigma, n_init, random_state

    def fit(self, X, y=None):
        """Build the graph, its eigenvectors, and cluster their rows.

        Parameters
        ----------
        X : array (N, d), or an affinity matrix (N, N) where sigma is None
        y : ignored

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for bad input, and a vertex without neighbours
        """
        W = check_X(X, "W") if self.sigma is None else gaussian_affinity(X, self.sigma)
        self.embedding_, self.eigenvalues_ = spectral_embedding(W, _count(self.n_clusters, len(W)))
        means = KMeans(self.n_clusters, n_init=self.n_init, random_state=self.random_state).fit(self.embedding_)
        self.labels_, self.n_features_in_ = means.labels_, np.shape(X)[1]
        return self
