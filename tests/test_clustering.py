"""Clusterings against scikit-learn, scipy, enumeration and their own invariances."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster import hierarchy
from scipy.sparse.csgraph import connected_components, minimum_spanning_tree
from scipy.spatial.distance import cdist
from sklearn import cluster as theirs
from sklearn import metrics
from sklearn.base import clone
from sklearn.datasets import make_moons
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import clustering as cl
from mlderived import datasets

ROAD = np.array([[0.0], [1], [3], [7], [12]])
IRIS = datasets.load_iris()
few = settings(deadline=None, derandomize=True, max_examples=15)


def cost(X, labels):
    return sum(np.sum((X[labels == k] - X[labels == k].mean(axis=0)) ** 2) for k in np.unique(labels))


def grid(seed, N=12, d=2):
    return np.random.default_rng(seed).integers(-512, 512, (N, d)) / 64


def same_groups(a, b):
    return metrics.adjusted_rand_score(a, b) == 1


# K-means


def test_on_the_road_by_hand():
    labels, centres, costs, done = cl.lloyd(ROAD, ROAD[:2])
    assert labels.tolist() == [0, 0, 0, 1, 1] and done
    np.testing.assert_allclose(centres.ravel(), [4 / 3, 19 / 2])
    np.testing.assert_allclose(costs[[0, -1]], [161, 103 / 6])
    stuck = cl.lloyd(ROAD, ROAD[3:])
    assert stuck[0].tolist() == [0, 0, 0, 0, 1] and stuck[2].tolist() == pytest.approx([101, 28.75])
    assert cl.hartigan_change(ROAD, stuck[0], 3, 1) == pytest.approx(103 / 6 - 28.75)


@pytest.mark.parametrize("seed", range(6))
def test_from_the_same_start_as_scikit_learn(seed):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((200, 3)) + 4 * rng.integers(0, 2, (200, 3))
    start = X[rng.permutation(200)[:5]]
    ours = cl.KMeans(5, init=start).fit(X)
    other = theirs.KMeans(5, init=start, n_init=1, tol=0).fit(X)
    assert ours.inertia_ == pytest.approx(other.inertia_, rel=1e-10)
    assert ours.labels_.tolist() == other.labels_.tolist() == ours.predict(X).tolist()
    np.testing.assert_allclose(ours.cluster_centers_, other.cluster_centers_)
    assert ours.inertia_ == pytest.approx(cost(X, ours.labels_)) == pytest.approx(cl.within_ss(X, ours.labels_))
    assert np.all(np.diff(ours.history_) <= 1e-12 * ours.history_[0])


@few
@given(st.integers(0, 2**32 - 1), st.integers(1, 3))
def test_the_best_of_many_starts_is_the_best_of_all_partitions(seed, K):
    X = grid(seed, 7)
    least = min(cost(X, np.array(labels)) for labels in product(range(K), repeat=7))
    assert cl.KMeans(K, n_init=60).fit(X).inertia_ == pytest.approx(least, abs=1e-9)


@settings(few, max_examples=6)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 2.0**33, 1.7e9]), st.sampled_from([1.0, 2.0**-40, 2.0**30]))
def test_zero_and_unit_do_not_matter(seed, shift, unit):
    X = grid(seed, 20)
    here, there = cl.KMeans(3).fit(X), cl.KMeans(3).fit(unit * (X + shift))
    assert here.labels_.tolist() == there.labels_.tolist()
    assert there.inertia_ / unit**2 == pytest.approx(here.inertia_, rel=1e-6)
    for one, other in (
        (cl.DBSCAN(4, 3), cl.DBSCAN(4 * unit, 3)),
        (cl.SpectralClustering(2, 4.0), cl.SpectralClustering(2, 4.0 * unit)),
    ):
        assert same_groups(one.fit_predict(X), other.fit_predict(unit * (X + shift)))
    np.testing.assert_allclose(
        cl.silhouette(unit * (X + shift), here.labels_), cl.silhouette(X, here.labels_), atol=1e-9
    )
    np.testing.assert_allclose(cl.k_distance(unit * (X + shift), 3) / unit, cl.k_distance(X, 3), rtol=1e-7)


def test_an_empty_cluster_is_refilled_and_too_few_points_are_borne():
    X = np.array([[0.0], [0], [0], [5], [5], [5]])
    for start in ([[0.0], [0]], [[9.0], [9]], [[5.0], [100]]):
        labels, _, costs, done = cl.lloyd(X, start)
        assert done and cost(X, labels) == 0 and len(set(labels)) == 2 and np.all(np.diff(costs) <= 0)
    model = cl.KMeans(3).fit(X)
    assert model.inertia_ == 0 and set(model.labels_) < {0, 1, 2} and model.converged_
    assert cl.KMeans(1).fit([[2.0, 3]]).labels_.tolist() == [0]
    assert len(cl.KMeans(2, n_init=1).fit(ROAD).starts_) == 1
    assert cl.KMeans(4).fit(np.ones((5, 2))).inertia_ == 0
    with pytest.warns(RuntimeWarning, match="raise max_iter") as caught:
        model = cl.KMeans(2, init=ROAD[:2], max_iter=1).fit(ROAD)
    assert caught[0].filename == __file__
    assert model.inertia_ == pytest.approx(np.sum((ROAD - model.cluster_centers_[model.labels_]) ** 2))
    assert model.predict(ROAD).tolist() == model.labels_.tolist()
    for rounds in (1, 2):  # the cost before each round and after the last
        labels, centres, costs, done = cl.lloyd(ROAD, ROAD[:2], rounds)
        assert len(costs) == rounds + 1 and not done
        assert costs[-1] == pytest.approx(np.sum((ROAD - centres[labels]) ** 2))


def test_ties_do_not_hang_on_where_zero_lies():
    X, start = np.array([[0.0], [0.5], [0.625], [0.875]]), np.array([[0.25], [0.75]])
    for far in (0.0, 2.0**20, 2.0**33):
        assert cl.lloyd(X + far, start + far)[0].tolist() == [0, 0, 1, 1]
        assert cl.KMeans(2, init=start + far).fit(X + far).labels_.tolist() == [0, 0, 1, 1]


def test_a_refilled_group_never_raises_the_cost():
    X = np.array([[4.0], [5], [6], [10], [11], [11], [990], [1010]])
    labels, centres, costs, done = cl.lloyd(X, [[1.0], [9], [11], [1000]])
    assert done and np.all(np.diff(costs) <= 0) and len(set(labels)) == 4
    assert costs[-1] == pytest.approx(cost(X, labels)) == pytest.approx(np.sum((X - centres[labels]) ** 2))


def test_columns_rows_and_names():
    X = grid(3, 30)
    labels = cl.KMeans(3).fit_predict(X)
    wide = np.c_[X, np.full((30, 1), 1e9)]
    assert cl.KMeans(3).fit_predict(wide).tolist() == labels.tolist()
    twice = cl.KMeans(3, n_init=30).fit(np.r_[X, X])
    assert twice.inertia_ == pytest.approx(2 * cl.KMeans(3, n_init=30).fit(X).inertia_)
    assert twice.labels_[:30].tolist() == twice.labels_[30:].tolist()
    assert cl.within_ss(X, np.array(list("abc"))[labels]) == pytest.approx(cl.within_ss(X, labels))


@few
@given(st.integers(0, 2**32 - 1))
def test_hartigans_change_is_what_the_cost_changes_by(seed):
    X = grid(seed)
    labels = np.arange(12) % 3
    for i, k in product(range(12), range(3)):
        if labels[i] != k:
            moved = labels.copy()
            moved[i] = k
            assert cl.hartigan_change(X, labels, i, k) == pytest.approx(cost(X, moved) - cost(X, labels), abs=1e-9)


def test_seeds_are_drawn_by_squared_distance():
    line = np.array([[0.0], [1], [3]])
    second = [cl.kmeans_plusplus(line, 2, seed)[1, 0] for seed in range(3000)]
    shares = [(0 + 1 / 5 + 9 / 13) / 3, (1 / 10 + 0 + 4 / 13) / 3, (9 / 10 + 4 / 5 + 0) / 3]
    np.testing.assert_allclose([np.mean(np.array(second) == v) for v in (0, 1, 3)], shares, atol=0.035)


# Scores


@few
@given(st.integers(0, 2**32 - 1), st.integers(2, 5))
def test_scores_are_scikit_learns(seed, K):
    rng = np.random.default_rng(seed)
    X, a, b = rng.standard_normal((40, 3)), np.r_[np.arange(K), rng.integers(0, K, 40 - K)], rng.integers(0, 4, 40)
    np.testing.assert_allclose(cl.silhouette(X, a), metrics.silhouette_samples(X, a), atol=1e-12)
    assert cl.adjusted_rand(a, b) == pytest.approx(metrics.adjusted_rand_score(a, b), abs=1e-12)
    assert cl.adjusted_rand(a, b) == cl.adjusted_rand(b, a) == cl.adjusted_rand(np.array(list("vwxyz"))[a], b)
    assert cl.adjusted_rand(a, a) == 1


def test_scores_at_the_ends():
    assert cl.adjusted_rand([0], [1]) == 1 == cl.adjusted_rand([0, 0, 0], [5, 5, 5]) == cl.adjusted_rand([0, 1], [1, 0])
    assert cl.adjusted_rand([0, 0, 1, 1], [0, 1, 0, 1]) == pytest.approx(-0.5)
    assert cl.silhouette([[0.0], [0], [0], [0]], [0, 0, 1, 1]).tolist() == [0, 0, 0, 0]
    assert cl.silhouette([[0.0], [1], [9]], [0, 0, 1])[2] == 0


# Hierarchies


@pytest.mark.parametrize("method", cl.LINKAGES)
@pytest.mark.parametrize("seed", range(3))
def test_merges_are_scipys(method, seed):
    X = np.random.default_rng(seed).standard_normal((60, 3))
    ours, other = cl.linkage(cdist(X, X), method), hierarchy.linkage(X, method)
    np.testing.assert_allclose(ours, other, rtol=1e-10)
    np.testing.assert_allclose(cl.linkage(1e-9 * cdist(X, X), method)[:, 2], 1e-9 * other[:, 2], rtol=1e-10)


def test_merges_of_equal_distances_and_of_one_sample():
    for method in cl.LINKAGES:
        Z = cl.linkage(np.ones((4, 4)) - np.eye(4), method)
        assert Z[0].tolist() == [0, 1, 1, 2] and Z[-1, 3] == 4
        assert cl.linkage([[0.0]], method).shape == (0, 4)
        assert np.all(cl.linkage(np.zeros((3, 3)), method)[:, 2] == 0)


def test_single_linkage_is_the_spanning_tree():
    D = cdist(grid(5, 30), grid(5, 30))
    tree = minimum_spanning_tree(D).data
    np.testing.assert_allclose(cl.linkage(D, "single")[:, 2], np.sort(tree))


def test_wards_heights_are_what_the_cost_grows_by():
    Z = cl.linkage(cdist(IRIS.X, IRIS.X), "ward")
    assert np.sum(Z[:, 2] ** 2) / 2 == pytest.approx(cl.within_ss(IRIS.X, np.zeros(150)))
    for K in (2, 3, 7):
        labels = hierarchy.fcluster(Z, K, "maxclust")
        assert np.sum(Z[: 150 - K, 2] ** 2) / 2 == pytest.approx(cl.within_ss(IRIS.X, labels))


# Density


@few
@given(st.integers(0, 2**32 - 1), st.floats(0.3, 6), st.integers(1, 6))
def test_dense_regions_are_scikit_learns(seed, eps, least):
    X = np.random.default_rng(seed).standard_normal((50, 2)) * 3
    ours, other = cl.DBSCAN(eps, least).fit(X), theirs.DBSCAN(eps=eps, min_samples=least).fit(X)
    assert ours.core_sample_indices_.tolist() == other.core_sample_indices_.tolist()
    assert ours.labels_.tolist() == other.labels_.tolist()
    if least > 1:
        assert np.flatnonzero(cl.k_distance(X, least - 1) <= eps).tolist() == ours.core_sample_indices_.tolist()


def test_core_and_noise_do_not_depend_on_order_and_a_tie_is_within():
    X = np.r_[np.arange(-3, 1) * 0.2, 1.0, 2 + 0.2 * np.arange(4)][:, None]
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(20):
        order = rng.permutation(9)
        model = cl.DBSCAN(1.0, 4).fit(X[order])
        back = np.empty(9, dtype=int)
        back[order] = model.labels_
        assert sorted(order[model.core_sample_indices_]) == [0, 1, 2, 3, 5, 6, 7, 8]
        seen.add(bool(back[4] == back[3]))
    assert seen == {True, False}
    assert cl.DBSCAN(0.2, 2).fit(np.array([[0.1], [0.3]])).labels_.tolist() == [0, 0]  # 0.3 - 0.1 is below 0.2
    assert cl.DBSCAN(0.1, 2).fit(np.array([[0.2], [0.3]])).labels_.tolist() == [0, 0]
    assert cl.DBSCAN(1, 2).fit([[5.0]]).labels_.tolist() == [-1]
    assert cl.DBSCAN(1, 1).fit([[5.0], [9]]).labels_.tolist() == [0, 1]


def test_the_k_distance_of_the_moons():
    X, _ = make_moons(300, noise=0.05, random_state=0)
    core = theirs.DBSCAN(eps=0.15, min_samples=5).fit(X).core_sample_indices_
    assert len(core) == np.sum(cl.k_distance(X, 4) <= 0.15) == 297
    assert np.sum(cl.k_distance(X, 5) <= 0.15) == 292


# Graphs


def random_graph(seed, n=7):
    W = np.triu(np.random.default_rng(seed).random((n, n)), 1)
    return W + W.T


@few
@given(st.integers(0, 2**32 - 1))
def test_laplacians(seed):
    W = random_graph(seed)
    degrees, f = W.sum(axis=1), np.random.default_rng(seed).standard_normal(7)
    half = 0.5 * np.sum(W * (f[:, None] - f) ** 2)
    assert f @ cl.laplacian(W) @ f == pytest.approx(half)
    g = f / np.sqrt(degrees)
    assert f @ cl.laplacian(W, normalised=True) @ f == pytest.approx(0.5 * np.sum(W * (g[:, None] - g) ** 2))
    rows, values = cl.spectral_embedding(W, 3)
    assert abs(values[0]) < 1e-12 and values[-1] <= 2 and np.allclose(np.linalg.norm(rows, axis=1), 1)
    best = min(cl.ncut(W, labels) for labels in product((0, 1), repeat=7) if 0 < sum(labels) < 7)
    assert values[1] <= best + 1e-12


def test_components_are_found_exactly():
    W = np.zeros((9, 9))
    for block in (slice(0, 3), slice(3, 5), slice(5, 9)):
        n = block.stop - block.start
        W[block, block] = random_graph(n, n)
    model = cl.SpectralClustering(3, sigma=None).fit(W)
    assert np.sum(model.eigenvalues_ < 1e-12) == 3
    assert same_groups(model.labels_, connected_components(W)[1])
    gram = model.embedding_ @ model.embedding_.T
    np.testing.assert_allclose(gram, (model.labels_[:, None] == model.labels_).astype(float), atol=1e-9)


def test_spectral_clusters_are_scikit_learns():
    for X in (datasets.moons(200, 0.05, 0)[0], datasets.rings(200, [1, 0.5], 0.05, 0)[0]):
        W = cl.gaussian_affinity(X, 0.1)
        other = theirs.SpectralClustering(2, affinity="precomputed", random_state=0).fit(W)
        assert same_groups(cl.SpectralClustering(2, 0.1).fit_predict(X), other.labels_)


# Manners


def test_they_work_in_scikit_learn():
    for model in (cl.KMeans(3), cl.DBSCAN(0.5, 4), cl.SpectralClustering(2, 0.5)):
        assert repr(clone(model)) == repr(model)
    pipe = make_pipeline(StandardScaler(), cl.KMeans(3, random_state=1)).fit(IRIS.X)
    assert len(pipe.predict(IRIS.X)) == 150
    assert same_groups(make_pipeline(StandardScaler(), cl.DBSCAN(0.6, 5)).fit_predict(IRIS.X)[:2], [0, 0])


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: cl.KMeans(6).fit(ROAD), "n_clusters must lie in"),
        (lambda: cl.KMeans(2, init="best").fit(ROAD), "init must be k-means"),
        (lambda: cl.KMeans(2, init=ROAD).fit(ROAD), "init must hold n_clusters = 2 centres: got 5"),
        (lambda: cl.KMeans(2).fit([[np.nan], [1.0]]), "contains NaN"),
        (lambda: cl.KMeans(2).predict(ROAD), "not fitted"),
        (lambda: cl.KMeans(2).fit(ROAD).predict([[1.0, 2]]), "must have 1 features"),
        (lambda: cl.kmeans_plusplus(ROAD, 6, 0), "K must lie in"),
        (lambda: cl.lloyd(ROAD, [[0.0, 1]]), "centres must have 1 features"),
        (lambda: cl.within_ss(ROAD, [0, 1]), "one label for each row"),
        (lambda: cl.hartigan_change(ROAD, [0, 0, 0, 0, 1], 4, 0), "must leave company"),
        (lambda: cl.hartigan_change(ROAD, [0, 0, 0, 0, 1], 0, 2), "must leave company"),
        (lambda: cl.silhouette(ROAD, np.zeros(5)), "2 to N - 1 clusters, N = 5: got 1"),
        (lambda: cl.silhouette(ROAD, np.arange(5)), "got 5"),
        (lambda: cl.adjusted_rand([0, 1], [0]), "different lengths: 2 and 1"),
        (lambda: cl.adjusted_rand([], []), "at least one label"),
        (lambda: cl.linkage([[0.0, 1], [2, 0]]), "must be symmetric"),
        (lambda: cl.linkage([[0.0, -1], [-1, 0]]), "must hold distances"),
        (lambda: cl.linkage([[1.0, 1], [1, 0]]), "must hold distances"),
        (lambda: cl.linkage(np.zeros((2, 2)), "median"), "method must be one of single"),
        (lambda: cl.DBSCAN(0).fit(ROAD), "eps must be positive"),
        (lambda: cl.DBSCAN(1, 0).fit(ROAD), "min_samples must be at least 1"),
        (lambda: cl.k_distance(ROAD, 5), "k must lie in"),
        (lambda: cl.gaussian_affinity(ROAD, 0), "sigma must be positive"),
        (lambda: cl.laplacian([[0.0, -1], [-1, 0]]), "W must be non-negative"),
        (lambda: cl.laplacian(np.diag([1.0, 0])), "isolated vertex, of degree 0: number 1"),
        (lambda: cl.ncut(np.ones((2, 2)), [0]), "one label for each row"),
        (lambda: cl.SpectralClustering(6).fit(ROAD), "n_clusters must lie in"),
        (lambda: cl.SpectralClustering(2, sigma=None).fit(ROAD), "W must be square"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call()
