"""Trees, graphs, inference and scores against pgmpy, networkx, scipy, scikit-learn and enumeration, hard data too."""

import itertools
import warnings
from fractions import Fraction
from functools import lru_cache

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.sparse.csgraph import minimum_spanning_tree
from scipy.special import gammaln
from sklearn import naive_bayes as sk
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KBinsDiscretizer

from mlderived import bayesian_network as bn
from mlderived import datasets, resampling
from mlderived.naive_bayes import CategoricalNB
from mlderived.probability import mutual_information

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from pgmpy.estimators import TreeSearch
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork
    from pgmpy.structure_score import BIC, K2, BDeu

ONE = np.array([220, 44, 4, 20, 5, 1, 11, 55])[::-1].reshape(2, 2, 2)
GRAPEVINE = np.stack([ONE[::-1, ::-1, ::-1], ONE])  # axes y, x1, x2, x3
ROWS = np.repeat(np.argwhere(GRAPEVINE > 0), GRAPEVINE.ravel(), axis=0)
CUBE = np.array(list(itertools.product([0, 1], repeat=3)))
CHAIN = ((), (0,), (1,), (2,))
STAR = ((), (0,), (0,), (0,))
SPRINKLER = bn.BayesianNetwork(
    ((), (0,), (0,), (1, 2)),
    [
        [0.5, 0.5],
        [[0.5, 0.5], [0.9, 0.1]],
        [[0.8, 0.2], [0.2, 0.8]],
        [[[1, 0], [0.1, 0.9]], [[0.1, 0.9], [0.01, 0.99]]],
    ],
)
FOUR = np.array([[0, 0], [0, 0], [0, 1], [1, 1]])


def drawn(seed, N=80, d=4, K=3):
    """Codes of 2 to 4 values that depend on the class and on each other, and classes with text for their names."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 5, d)
    y = np.r_[np.arange(K), rng.integers(K, size=N - K)]
    X = np.empty((N, d), dtype=int)
    for j in range(d):
        before = X[:, j - 1] if j else y
        X[:, j] = (y * (rng.random(N) < 0.3) + before + rng.integers(0, 2, N)) % sizes[j]
    return X, np.array(["ash", "birch", "cedar", "dog"])[y], sizes


def random_network(seed, n=6, most=3, arrows=0.5, zeros=False):
    rng = np.random.default_rng(seed)
    names, sizes = rng.permutation(n), rng.integers(2, most + 1, n)
    parents = [()] * n
    for place in range(n):
        of = [int(p) for p in names[:place] if rng.random() < arrows]
        parents[names[place]] = tuple(of)
    cpts = []
    for i, of in enumerate(parents):
        table = rng.dirichlet(np.ones(sizes[i]), [sizes[p] for p in of])
        if zeros:
            table = np.where(rng.random(table.shape) < 0.2, 0, table)
            table[..., 0] += table.sum(axis=-1) == 0
            table /= table.sum(axis=-1, keepdims=True)
        cpts.append(table)
    return bn.BayesianNetwork(tuple(parents), cpts)


def theirs(network):
    """The same network as pgmpy writes it: columns of a CPD run through the parents' values, the last one fastest."""
    n = len(network.parents)
    model = DiscreteBayesianNetwork()
    model.add_nodes_from([str(i) for i in range(n)])
    model.add_edges_from([(str(p), str(i)) for i, of in enumerate(network.parents) for p in of])
    for i, (of, table) in enumerate(zip(network.parents, network.cpts, strict=True)):
        r = table.shape[-1]
        cards = [network.cpts[p].shape[-1] for p in of]
        model.add_cpds(TabularCPD(str(i), r, table.reshape(-1, r).T, [str(p) for p in of], cards))
    return model


def conditional(joint, query, evidence):
    """P(query | evidence) by summing the table of everything."""
    table = joint[tuple(evidence.get(v, slice(None)) for v in range(joint.ndim))]
    left = [v for v in range(joint.ndim) if v not in evidence]
    table = table.sum(axis=tuple(k for k, v in enumerate(left) if v not in query))
    left = [v for v in left if v in query]
    return table.transpose([left.index(v) for v in query]) / table.sum()


def digraph(parents):
    graph = nx.DiGraph()
    graph.add_nodes_from(range(len(parents)))
    graph.add_edges_from((p, i) for i, of in enumerate(parents) for p in of)
    return graph


@lru_cache
def dags(n):
    return bn.enumerate_dags(n)


# The worth of an edge, and the best tree


@pytest.mark.parametrize("seed", range(5))
def test_conditional_information_by_its_definition(seed):
    X, y, sizes = drawn(seed)
    weights = bn.conditional_mutual_information(X, y, sizes)
    for i, j in itertools.combinations(range(4), 2):
        total = 0
        for k in np.unique(y):
            table = np.zeros((sizes[i], sizes[j]))
            np.add.at(table, (X[y == k, i], X[y == k, j]), 1 / np.sum(y == k))
            total += np.mean(y == k) * mutual_information(table)
        assert weights[i, j] == weights[j, i] == pytest.approx(total, rel=1e-11, abs=1e-15)
    assert not weights.diagonal().any()
    plain = bn.conditional_mutual_information(X, np.zeros(len(y)))
    table = np.zeros((sizes[0], sizes[1]))
    np.add.at(table, (X[:, 0], X[:, 1]), 1 / len(y))
    assert plain[0, 1] == pytest.approx(mutual_information(table), rel=1e-11)


def test_grapevine_by_hand():
    w = bn.conditional_mutual_information(ROWS[:, 1:], ROWS[:, 0])
    log = np.log
    expected = [11 / 12 * log(11) - 7 / 4 * log(3), 5 / 6 * log(5 / 4), 7 / 9 * log(7) - log(3) - 4 / 9 * log(2)]
    np.testing.assert_allclose([w[0, 1], w[1, 2], w[0, 2]], expected, rtol=1e-13)
    X, y = ROWS[:, 1:], ROWS[:, 0]
    naive = CategoricalNB(0).fit(X, y).predict_proba(CUBE)[:, 1]
    np.testing.assert_allclose(naive, [1 / 25, 1 / 7, 3 / 11, 3 / 5, 2 / 5, 8 / 11, 6 / 7, 24 / 25], rtol=1e-12)
    for model, right in ((bn.TAN(0), 576), (bn.SPODE(0), 576), (bn.SPODE(0, 2), 570), (bn.AODE(0, 0), 576)):
        assert round(720 * model.fit(X, y).score(X, y)) == right
    tan, spode = bn.TAN(0).fit(X, y), bn.SPODE(0).fit(X, y)
    np.testing.assert_allclose(tan.predict_proba(CUBE)[:, 1], [0.2] * 4 + [0.8] * 4, rtol=1e-12)
    np.testing.assert_array_equal(tan.parents_, [-1, 0, 1])
    np.testing.assert_array_equal(spode.parents_, [1, -1, 1])
    np.testing.assert_array_equal(bn.SPODE(0, "mi").fit(X, y).parents_, [-1, 0, 0])
    assert bn.AODE(0, 0).fit(X, y).predict_proba([[0, 1, 0]])[0, 1] == pytest.approx(8 / 19, rel=1e-12)
    assert bn.SPODE(0, 2).fit(X, y).predict_proba([[0, 1, 0]])[0, 1] == pytest.approx(3 / 5, rel=1e-12)


def all_trees(d):
    """Every labelled tree, by its Prüfer code."""
    for code in itertools.product(range(d), repeat=d - 2):
        degree, edges = [1 + code.count(i) for i in range(d)], []
        for node in code:
            leaf = degree.index(1)
            edges.append((leaf, node))
            degree[leaf] = 0
            degree[node] -= 1
        edges.append(tuple(i for i in range(d) if degree[i] == 1))
        yield edges


@pytest.mark.parametrize("d", [2, 3, 4, 5, 6])
def test_no_tree_is_heavier(d):
    rng = np.random.default_rng(d)
    trees = list(all_trees(d))
    assert len(trees) == d ** (d - 2)
    for _ in range(5):
        W = rng.normal(size=(d, d)) * 10.0 ** rng.integers(-9, 9)
        W = W + W.T
        edges = bn.maximum_spanning_tree(W)
        weights = [sum(W[edge] for edge in tree) for tree in trees]
        assert sum(W[edge] for edge in edges) == pytest.approx(max(weights), rel=1e-12)
        best = trees[int(np.argmax(weights))]
        assert {frozenset(e) for e in edges} == {frozenset(e) for e in best}


@pytest.mark.parametrize("seed", range(4))
def test_spanning_tree_against_networkx_and_scipy(seed):
    rng = np.random.default_rng(seed)
    W = rng.uniform(0, 1, (40, 40))
    W = W + W.T
    edges = bn.maximum_spanning_tree(W)
    graph = nx.from_numpy_array(W - np.diag(W.diagonal()))
    assert {frozenset(e) for e in edges} == {frozenset(e) for e in nx.maximum_spanning_tree(graph).edges}
    other = minimum_spanning_tree(np.triu(3 - W, 1)).tocoo()
    assert {frozenset(e) for e in edges} == {
        frozenset(e) for e in zip(other.row.tolist(), other.col.tolist(), strict=True)
    }


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 9))
def test_of_equal_weights_the_lowest_pair_goes_first_whatever_the_last_digit(seed, d):
    rng = np.random.default_rng(seed)
    W = np.triu(rng.integers(0, 3, (d, d)), 1).astype(float)
    left, edges = {i: {i} for i in range(d)}, set()  # Kruskal, in exact integers
    for _, i, j in sorted((-W[i, j], i, j) for i, j in itertools.combinations(range(d), 2)):
        if left[i] is not left[j]:
            edges.add((i, j))
            merged = left[i] | left[j]
            left.update(dict.fromkeys(merged, merged))
    noisy = (W + W.T) * (1 + 1e-15 * rng.integers(-3, 4)) * 10.0 ** rng.integers(-6, 6)
    noise = np.triu(rng.normal(size=(d, d)), 1) * 1e-15 * np.abs(noisy).max()
    assert set(bn.maximum_spanning_tree(noisy + noise + noise.T)) == edges


def test_small_trees_and_their_orientation():
    assert bn.maximum_spanning_tree([[5.0]]) == []
    assert bn.maximum_spanning_tree(np.zeros((3, 3))) == [(0, 1), (0, 2)]
    W = np.zeros((4, 4))
    for (i, j), weight in zip(itertools.combinations(range(4), 2), [8, 5, 2, 6, 4, 7], strict=True):
        W[i, j] = W[j, i] = weight
    assert set(bn.maximum_spanning_tree(W)) == {(0, 1), (2, 3), (1, 2)}
    np.testing.assert_array_equal(bn.orient([(0, 1), (1, 2), (2, 3)], 2), [1, 2, -1, 2])
    np.testing.assert_array_equal(bn.orient([], 0), [-1])
    for edges in ([(0, 1), (0, 1)], [(0, 1), (2, 3)], [(0, 1), (1, 2), (2, 0)], [(0, 5)]):
        with pytest.raises(ValueError, match="edges must make a tree on"):
            bn.orient(edges, 0)
    with pytest.raises(ValueError, match="root must lie in"):
        bn.orient([(0, 1)], 2)
    with pytest.raises(ValueError, match="W must be symmetric"):
        bn.maximum_spanning_tree([[0, 1], [2, 0]])


@pytest.mark.parametrize("seed", range(4))
def test_tan_structure_against_pgmpy(seed):
    X, y, _ = drawn(seed, N=300, d=5)
    frame = pd.DataFrame(X, columns=list("abcde")).assign(y=y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dag = TreeSearch(frame, root_node="a", n_jobs=1).estimate("tan", class_node="y", show_progress=False)
    edges = {frozenset(e) for e in dag.edges if "y" not in e}
    parents = bn.TAN(root=0).fit(X, y).parents_
    assert edges == {frozenset(("abcde"[j], "abcde"[p])) for j, p in enumerate(parents) if p >= 0}
    assert parents[0] == -1


# The classifiers against the table of everything


@pytest.mark.parametrize("alpha", [0.0, 0.5, 2.0])
@pytest.mark.parametrize("seed", range(3))
def test_posteriors_in_exact_fractions(seed, alpha):
    X, y, sizes = drawn(seed, N=40, d=3, K=2)
    a, N = Fraction(alpha), len(y)
    labels = np.unique(y)

    def count(*, y_is=None, **at):
        keep = np.ones(N, dtype=bool) if y_is is None else y == y_is
        for j, v in at.items():
            keep = keep & (X[:, int(j[1:])] == v)
        return Fraction(int(keep.sum()))

    def child(k, j, v, p, u):
        total = count(y_is=k, **{f"x{p}": u}) + a * int(sizes[j])
        return (count(y_is=k, **{f"x{p}": u, f"x{j}": v}) + a) / total if total else Fraction(0)

    def alone(k, j, v):
        return (count(y_is=k, **{f"x{j}": v}) + a) / (count(y_is=k) + a * int(sizes[j]))

    tan, spode = bn.TAN(alpha, 0, sizes), bn.SPODE(alpha, 1, sizes)
    aode = bn.AODE(alpha, 5, sizes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # alpha=0 may leave zeros
        for model in (tan, spode, aode):
            model.fit(X, y)
    for x, *logs in zip(X, *(m.predict_joint_log_proba(X) for m in (tan, spode, aode)), strict=True):
        able = [i for i in range(3) if count(**{f"x{i}": x[i]}) >= 5]
        for c, k in enumerate(labels):
            prior = count(y_is=k) / N
            values = []
            for model in (tan, spode):
                value = prior
                for j, p in enumerate(model.parents_):
                    value *= alone(k, j, x[j]) if p < 0 else child(k, j, x[j], int(p), x[p])
                values.append(value)
            value = prior * np.prod([alone(k, j, x[j]) for j in range(3)])
            if able:
                value = Fraction(0)
                for i in able:
                    term = (count(y_is=k, **{f"x{i}": x[i]}) + a) / (N + a * len(labels) * int(sizes[i]))
                    for j in set(range(3)) - {i}:
                        term *= child(k, j, x[j], i, x[i])
                    value += term / len(able)
            values.append(value)
            np.testing.assert_allclose(np.exp([log[c] for log in logs]), np.array(values, dtype=float), rtol=1e-11)


def test_without_neighbours_all_are_naive_bayes():
    X, y, sizes = drawn(2, d=1)
    expected = sk.CategoricalNB(alpha=0.7, min_categories=sizes).fit(X, y).predict_log_proba(X)
    for model in (bn.TAN(0.7, "mi", sizes), bn.SPODE(0.7, "ml", sizes)):
        np.testing.assert_allclose(model.fit(X, y).predict_log_proba(X), expected, rtol=1e-11, atol=1e-12)
    X, y, sizes = drawn(3)
    fallen = bn.AODE(0.7, 1000, sizes).fit(X, y)
    expected = sk.CategoricalNB(alpha=0.7, min_categories=sizes).fit(X, y).predict_log_proba(X)
    np.testing.assert_allclose(fallen.predict_log_proba(X), expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_each_classifier_is_a_law(seed):
    X, y, sizes = drawn(seed, d=3)
    everything = np.array(list(itertools.product(*map(range, sizes))))
    for model in (bn.TAN(n_categories=sizes), bn.SPODE(n_categories=sizes), bn.AODE(1.0, 0, sizes)):
        logs = model.fit(X, y).predict_joint_log_proba(everything)
        assert np.exp(logs).sum() == pytest.approx(1, rel=1e-12)
        np.testing.assert_allclose(model.predict_proba(everything).sum(axis=1), 1, rtol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_the_tree_and_the_super_parent_have_the_largest_likelihood(seed):
    X, y, sizes = drawn(seed, d=4)
    codes = np.searchsorted(np.unique(y), y)
    data, r = np.column_stack([codes, X]), np.r_[3, sizes]

    def likelihood(parents):
        graph = ((), *(((0,) if p < 0 else (0, 1 + int(p))) for p in parents))
        return bn.BayesianNetwork.from_data(graph, data, r).log_prob(data).sum()

    trees = {tuple(bn.orient(tree, 0)): likelihood(bn.orient(tree, 0)) for tree in all_trees(4)}
    assert likelihood(bn.TAN(n_categories=sizes).fit(X, y).parents_) == pytest.approx(max(trees.values()), rel=1e-12)
    stars = [likelihood(np.where(np.arange(4) == p, -1, p)) for p in range(4)]
    model = bn.SPODE(n_categories=sizes).fit(X, y)
    assert model.parents_[np.argmax(stars)] == -1
    assert sum(model.parents_ == -1) == 1


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6))
def test_order_of_rows_and_names_of_labels_do_not_matter(seed):
    rng = np.random.default_rng(seed)
    X, y, sizes = drawn(seed % 11)
    rows, renamed = rng.permutation(len(y)), np.array([{"ash": 2, "birch": 7, "cedar": -1}[label] for label in y])
    columns = rng.permutation(4)
    for model in (bn.TAN(n_categories=sizes), bn.SPODE(n_categories=sizes), bn.AODE(1, 5, sizes)):
        before = clone(model).fit(X, y).predict_log_proba(X)
        after = clone(model).fit(X[rows], renamed[rows]).predict_log_proba(X)
        np.testing.assert_allclose(after[:, [1, 2, 0]], before, rtol=1e-10, atol=1e-11)
        if isinstance(model, bn.AODE):
            turned = clone(model).set_params(n_categories=sizes[columns]).fit(X[:, columns], y)
            np.testing.assert_allclose(turned.predict_log_proba(X[:, columns]), before, rtol=1e-10, atol=1e-11)


def test_the_root_matters_only_to_add_alpha():
    X, y, sizes = drawn(4)
    laws = {}
    for alpha in (0.0, 1.0):
        for root in range(4):
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                laws[alpha, root] = bn.TAN(alpha, root, sizes).fit(X, y).predict_joint_log_proba(X)
    for root in range(1, 4):
        np.testing.assert_allclose(laws[0.0, root], laws[0.0, 0], rtol=1e-12)
        assert np.abs(laws[1.0, root] - laws[1.0, 0]).max() > 1e-3


def test_degenerate_samples():
    everyone = (bn.TAN(), bn.SPODE(), bn.AODE(), bn.AODE(1.0, 0))
    for model in everyone:
        model.fit([[1, 0, 2]], ["only"])
        np.testing.assert_array_equal(model.predict([[0, 0, 2], [1, 0, 0]]), ["only", "only"])
        constant = clone(model).fit(np.zeros((5, 3)), [0, 1, 1, 1, 0])
        share = 3 / 7 if repr(model) == "AODE(min_count=0)" else 2 / 5  # AODE adds α to counts of class and value
        np.testing.assert_allclose(constant.predict_proba([[0, 0, 0]]), [[share, 1 - share]], rtol=1e-12)
        np.testing.assert_array_equal(clone(model).fit([[0, 1], [1, 0]], [5, 7]).predict([[0, 1], [1, 0]]), [5, 7])
        tied = clone(model).fit([[0, 1], [0, 1]], ["b", "a"])
        np.testing.assert_array_equal(tied.predict([[0, 0]]), ["a"])  # equal on paper: the first
        wide = np.random.default_rng(0).integers(0, 2, (4, 60))
        assert np.isfinite(clone(model).fit(wide, [0, 1, 0, 1]).predict_log_proba(wide)).all()
    X, y, _ = drawn(0)
    twice = np.column_stack([X, X[:, 0]])
    tree = bn.TAN().fit(twice, y).parents_
    assert tree[4] == 0 or tree[0] == 4  # a copy is tied to what it copies
    long = bn.TAN().fit(np.repeat(X, 300, axis=1)[:, :600], y).predict_log_proba(np.repeat(X, 300, axis=1)[:, :600])
    assert np.isfinite(long).all()


def test_works_where_scikit_learn_asks():
    data = datasets.load_iris()
    search = GridSearchCV(bn.AODE(n_categories=6), {"min_count": [1, 30]}, cv=3)
    codes = bn.discretize(data.X, bn.quantile_edges(data.X))
    search.fit(codes, data.y)
    assert search.best_score_ > 0.9
    assert repr(clone(bn.SPODE(2.0, 1))) == "SPODE(alpha=2.0, super_parent=1)"
    pipe = make_pipeline(KBinsDiscretizer(4, encode="ordinal", strategy="uniform"), bn.TAN(n_categories=4))
    assert pipe.fit(data.X, data.y).score(data.X, data.y) > 0.9


def test_real_data():
    expected = {"iris": (136, 138, 143, 141), "wine": (174, 170, 171, 174), "breast_cancer": (531, 522, 541, 541)}
    for name, right in expected.items():
        data = getattr(datasets, f"load_{name}")()
        folds, found = resampling.kfold(len(data.y), 10, stratify=data.y), []
        for make in (CategoricalNB, bn.SPODE, bn.TAN, lambda n_categories: bn.AODE(1.0, 1, n_categories)):

            def read(A, b, C, make=make):
                edges = bn.quantile_edges(A)
                model = make(n_categories=[len(cuts) + 1 for cuts in edges])
                return model.fit(bn.discretize(A, edges), b).predict(bn.discretize(C, edges))

            found.append(int(np.sum(resampling.cross_val_predict(read, data.X, data.y, folds) == data.y)))
        assert tuple(found) == right


def test_codes_of_real_features():
    x = np.array([[3.0], [1], [2], [5], [4], [6]])
    edges = bn.quantile_edges(x, 3)
    np.testing.assert_array_equal(edges[0], [2, 4])
    codes = bn.discretize([[2], [2.1], [4], [4.1], [-9], [99]], edges)
    np.testing.assert_array_equal(codes[:, 0], [0, 1, 1, 2, 0, 2])
    np.testing.assert_array_equal(bn.quantile_edges(np.ones((5, 1)), 4), [[1]])
    np.testing.assert_array_equal(bn.discretize(x, bn.quantile_edges(x, 1)), np.zeros((6, 1)))
    np.testing.assert_array_equal(bn.quantile_edges([[7.0]], 3), [[7]])
    X = np.random.default_rng(3).normal(size=(50, 2)).round(1)
    before = bn.discretize(X, bn.quantile_edges(X))
    assert (np.bincount(before[:, 0]) >= 8).all()
    for scale, shift in ((2.0**-30, 0), (2.0**30, 0), (1, 2.0**10)):
        moved = X * scale + shift
        np.testing.assert_array_equal(bn.discretize(moved, bn.quantile_edges(moved)), before)
    with pytest.raises(ValueError, match="n_bins must be at least 1"):
        bn.quantile_edges(X, 0)
    with pytest.raises(ValueError, match="NaN or infinity"):
        bn.quantile_edges([[np.nan]])
    with pytest.raises(ValueError, match="must have 2 features"):
        bn.discretize(X[:, :1], bn.quantile_edges(X))


# Graphs


def blocked(parents, path, z):
    """Whether z blocks the path, by the definition with colliders and their descendants."""
    below = {i: {i} for i in range(len(parents))}
    for _ in parents:
        for i, of in enumerate(parents):
            for p in of:
                below[p] |= below[i]
    for a, b, c in zip(path, path[1:], path[2:], strict=False):
        collider = a in parents[b] and c in parents[b]
        if collider and not below[b] & set(z):
            return True
        if not collider and b in z:
            return True
    return False


@pytest.mark.parametrize("n", [2, 3, 4])
def test_d_separation_by_paths_networkx_and_the_joint(n):
    rng = np.random.default_rng(n)
    statements = 0
    for parents in dags(n):
        graph = digraph(parents)
        roads = graph.to_undirected()
        joint = bn.BayesianNetwork(parents, [coins(rng, len(of)) for of in parents]).joint()
        for a, b in itertools.combinations(range(n), 2):
            rest = [c for c in range(n) if c not in (a, b)]
            paths = list(nx.all_simple_paths(roads, a, b))
            for z in itertools.chain.from_iterable(itertools.combinations(rest, size) for size in range(n - 1)):
                answer = bn.d_separated(parents, a, b, z)
                assert answer == all(blocked(parents, path, z) for path in paths)
                assert answer == nx.is_d_separator(graph, {a}, {b}, set(z)) == bn.d_separated(parents, b, a, z)
                table = np.moveaxis(joint, [a, b], [0, 1])
                others = tuple(2 + k for k, c in enumerate(rest) if c not in z)
                table = table.sum(axis=others)
                gap = table * table.sum(axis=(0, 1)) - table.sum(axis=1, keepdims=True) * table.sum(axis=0)
                assert (np.abs(gap).max() < 1e-14) == answer, (parents, a, b, z)
                statements += 1
    assert statements == {2: 3, 3: 150, 4: 13032}[n]


def coins(rng, m):
    heads = rng.uniform(0.05, 0.95, (2,) * m)
    return np.stack([1 - heads, heads], axis=-1)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_d_separation_of_sets_in_larger_graphs(seed):
    rng = np.random.default_rng(seed)
    parents = random_network(seed, n=9, most=2, arrows=0.25).parents
    nodes = rng.permutation(9)
    a, b, z = nodes[:2], nodes[2:4], nodes[4 : 4 + rng.integers(0, 4)]
    theirs_say = nx.is_d_separator(digraph(parents), set(a.tolist()), set(b.tolist()), set(z.tolist()))
    assert bn.d_separated(parents, set(a), set(b), z) == theirs_say
    moral = nx.moral_graph(digraph(parents))
    near = bn.moral_graph(parents)
    assert all(near[i] == set(moral.neighbors(i)) for i in range(9))
    i = int(nodes[8])
    blanket = bn.markov_blanket(parents, i)
    assert {str(v) for v in blanket} == set(
        theirs(random_network(seed, n=9, most=2, arrows=0.25)).get_markov_blanket(str(i))
    )
    outside = set(range(9)) - {i, *blanket}
    assert not outside or bn.d_separated(parents, i, outside, blanket)
    for member in blanket:  # and each of them is needed
        assert not bn.d_separated(parents, i, member, set(blanket) - {member})


def test_equivalence_classes_both_ways():
    def skeleton_and_colliders(parents):
        linked = frozenset(frozenset((p, i)) for i, of in enumerate(parents) for p in of)
        v = {
            (frozenset(pair), i)
            for i, of in enumerate(parents)
            for pair in itertools.combinations(of, 2)
            if frozenset(pair) not in linked
        }
        return linked, frozenset(v)

    for n, classes in ((1, 1), (2, 2), (3, 11), (4, 185)):
        groups = {}
        for parents in dags(n):
            groups.setdefault(skeleton_and_colliders(parents), []).append(parents)
        assert len(groups) == classes == len({bn.cpdag(parents) for parents in dags(n)})
        for members in groups.values():
            arrows = [frozenset((p, i) for i, of in enumerate(parents) for p in of) for parents in members]
            union = frozenset().union(*arrows)  # an arrow both ways somewhere is an edge without direction
            assert {bn.cpdag(parents) for parents in members} == {union}


def test_equivalent_graphs_entail_the_same():
    nodes = range(3)
    for one, two in itertools.combinations(dags(3), 2):
        entailed = [
            [
                bn.d_separated(g, a, b, z)
                for a, b in itertools.combinations(nodes, 2)
                for z in ((), tuple(set(nodes) - {a, b}))
            ]
            for g in (one, two)
        ]
        assert (entailed[0] == entailed[1]) == (bn.cpdag(one) == bn.cpdag(two))


def test_meek_rules_in_larger_graphs():
    for seed in range(40):
        parents = random_network(seed, n=6, most=2, arrows=0.4).parents
        model = theirs(random_network(seed, n=6, most=2, arrows=0.4))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pdag = model.to_pdag()
        expected = {(int(a), int(b)) for a, b in pdag.directed_edges}
        expected |= {(int(x), int(y)) for a, b in pdag.undirected_edges for x, y in ((a, b), (b, a))}
        assert bn.cpdag(parents) == expected


def test_counting():
    assert [bn.count_dags(n) for n in range(6)] == [1, 1, 3, 25, 543, 29281]
    assert bn.count_dags(10) == 4175098976430598143
    assert [len(dags(n)) for n in (1, 2, 3, 4)] == [1, 3, 25, 543]
    assert len(set(dags(4))) == 543 and all(nx.is_directed_acyclic_graph(digraph(parents)) for parents in dags(4))


def test_bad_graphs():
    for call in (bn.cpdag, bn.moral_graph, lambda g: bn.d_separated(g, 0, 1), lambda g: bn.markov_blanket(g, 0)):
        with pytest.raises(ValueError, match="graph contains a cycle"):
            call(((2,), (0,), (1,)))
        with pytest.raises(ValueError, match="parents of node 1 must be different nodes among 0 … 1"):
            call(((), (2,)))
        with pytest.raises(ValueError, match="parents of node 1 must be different"):
            call(((), (0, 0)))
        with pytest.raises(ValueError, match="parents must be a tuple of integers"):
            call((0, 1))
    with pytest.raises(ValueError, match="must not share a node"):
        bn.d_separated(CHAIN, 0, 1, {1})
    with pytest.raises(ValueError, match="b must be among the nodes 0 … 3: got"):
        bn.d_separated(CHAIN, 0, 4)
    with pytest.raises(ValueError, match="n must lie in"):
        bn.enumerate_dags(6)
    with pytest.raises(ValueError, match="n must be non-negative"):
        bn.count_dags(-1)
    with pytest.raises(ValueError, match="cycle"):
        bn.BayesianNetwork(((0,),), [[[0.5, 0.5], [0.5, 0.5]]])


# Inference


@pytest.mark.parametrize("zeros", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_elimination_against_enumeration_and_pgmpy(seed, zeros):
    network, rng = random_network(seed, zeros=zeros), np.random.default_rng(seed)
    joint, engine = network.joint(), VariableElimination(theirs(network))
    assert joint.sum() == pytest.approx(1, rel=1e-12)
    for _ in range(6):
        nodes = rng.permutation(6).tolist()
        query, seen = nodes[: rng.integers(1, 3)], nodes[3 : 3 + rng.integers(0, 3)]
        row = network.sample(1, rng)[0]
        evidence = {v: int(row[v]) for v in seen}
        expected = conditional(joint, query, evidence)
        order = rng.permutation([v for v in range(6) if v not in query and v not in evidence]).tolist()
        for way in ("min-fill", order):
            np.testing.assert_allclose(network.query(query, evidence, way), expected, rtol=1e-11, atol=1e-15)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = engine.query([str(v) for v in query], {str(v): x for v, x in evidence.items()}, show_progress=False)
        axes = [said.variables.index(str(v)) for v in query]
        np.testing.assert_allclose(said.values.transpose(axes), expected, rtol=1e-10, atol=1e-12)


def test_sprinkler_in_fractions():
    for query, evidence, expected in (
        (3, {}, 0.6471),
        (1, {3: 1}, 309 / 719),
        (2, {3: 1}, 509 / 719),
        (1, {3: 1, 2: 1}, 99 / 509),
        (2, {3: 1, 1: 1}, 33 / 103),
        (0, {3: 1}, 414 / 719),
        (1, {0: 1, 3: 1, 2: 1}, 11 / 101),
        (1, {0: 1, 3: 1, 2: 0}, 1),
    ):
        assert SPRINKLER.query(query, evidence)[1] == pytest.approx(expected, rel=1e-13)
    with pytest.raises(ValueError, match="evidence has probability zero"):
        SPRINKLER.query(0, {1: 0, 2: 0, 3: 1})
    np.testing.assert_allclose(SPRINKLER.query([2, 1]), [[0.29, 0.21], [0.41, 0.09]], rtol=1e-13)


def test_a_long_chain_neither_explodes_nor_underflows():
    n = 3000
    flip = np.array([[0.999, 0.001], [0.001, 0.999]])
    see = np.array([[0.9, 0.1], [0.1, 0.9]])
    parents = [(), *((i - 1,) for i in range(1, n)), *((i,) for i in range(n))]
    chain = bn.BayesianNetwork(parents, [[0.5, 0.5], *[flip] * (n - 1), *[see] * n])
    evidence = {n + i: i % 2 for i in range(n)}
    forward = np.array([0.5, 0.5])
    for i in range(n):
        forward = see[:, i % 2] * (forward if i == 0 else forward @ flip)
        forward /= forward.sum()
    found = chain.query(n - 1, evidence, order=list(range(n - 1)))
    np.testing.assert_allclose(found, forward, rtol=1e-10)
    hub = bn.BayesianNetwork([(), *[(0,)] * 1500], [[0.5, 0.5], *[[[0.9, 0.1], [0.2, 0.8]]] * 1500])
    seen = {i: int(i <= 630) for i in range(1, 1501)}  # first for the one, by 8 to the 630, then for the other
    odds = np.exp(630 * np.log(8) + 870 * np.log(2 / 9))
    assert hub.query(0, seen)[1] == pytest.approx(odds / (1 + odds), rel=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_widths_of_all_orders(seed):
    network = random_network(seed, n=6, most=2, arrows=0.4)
    moral = nx.moral_graph(digraph(network.parents))
    widths = []
    for order in itertools.permutations(range(6)):
        graph, width = moral.copy(), 0
        for v in order:
            near = list(graph.neighbors(v))
            width = max(width, len(near))
            graph.add_edges_from(itertools.combinations(near, 2))
            graph.remove_node(v)
        widths.append(width)
        if len(widths) % 37 == 0:
            assert network.induced_width(list(order)) == width
    assert network.induced_width() >= min(widths)
    with pytest.raises(ValueError, match="order must name each of the nodes"):
        network.induced_width([0, 1, 2])


def test_widths_by_hand():
    coin, copy = [0.5, 0.5], [[0.9, 0.1], [0.2, 0.8]]
    chain = bn.BayesianNetwork(CHAIN, [coin, copy, copy, copy])
    star = bn.BayesianNetwork(STAR, [coin, copy, copy, copy])
    assert chain.induced_width() == star.induced_width() == 1
    assert chain.induced_width([1, 0, 2, 3]) == 2 and star.induced_width([0, 1, 2, 3]) == 3
    assert star.induced_width([1, 2, 3], {0}) == 0 and SPRINKLER.induced_width() == 2
    alone = bn.BayesianNetwork(((), ()), [coin, [0.3, 0.3, 0.4]])
    assert alone.induced_width() == 0
    np.testing.assert_allclose(alone.query([1, 0]), np.outer([0.3, 0.3, 0.4], coin))
    np.testing.assert_allclose(alone.query([0], {1: 2}), coin)


def test_samples_follow_the_law():
    network = random_network(1, n=4)
    joint = network.joint()
    X = network.sample(40_000, 10)
    observed = np.zeros(joint.shape)
    np.add.at(observed, tuple(X.T), 1)
    assert stats.chisquare(observed.ravel(), 40_000 * joint.ravel()).pvalue > 1e-3
    np.testing.assert_array_equal(X, network.sample(40_000, 10))
    np.testing.assert_allclose(network.log_prob(X[:50]), np.log(joint[tuple(X[:50].T)]), rtol=1e-11)
    sure = bn.BayesianNetwork(((), (0,)), [[0, 1, 0], [[1, 0], [0, 1], [1, 0]]])
    assert (sure.sample(100, 0) == [1, 1]).all()
    np.testing.assert_array_equal(sure.log_prob([[1, 1], [0, 0]]), [0, -np.inf])


def test_bad_networks_and_questions():
    with pytest.raises(ValueError, match="CPT of node 1 must be non-negative and sum to 1 over its last axis"):
        bn.BayesianNetwork(((), (0,)), [[0.5, 0.5], [[0.5, 0.5], [0.6, 0.6]]])
    with pytest.raises(ValueError, match="CPT of node 0 must be non-negative"):
        bn.BayesianNetwork(((),), [[1.5, -0.5]])
    with pytest.raises(ValueError, match="CPT of node 0 must be non-negative"):
        bn.BayesianNetwork(((),), [[np.nan, 0.5]])
    with pytest.raises(ValueError, match=r"CPT of node 1 must have shape \(2, 2\): got \(3, 2\)"):
        bn.BayesianNetwork(((), (0,)), [[0.5, 0.5], [[0.5, 0.5]] * 3])
    with pytest.raises(ValueError, match="a table for each of 2 nodes: got 1"):
        bn.BayesianNetwork(((), (0,)), [[0.5, 0.5]])
    for query, evidence in (([0, 0], {}), ([0], {0: 1}), ([7], {}), ([0], {9: 0})):
        with pytest.raises(ValueError, match="query and evidence must name different nodes"):
            SPRINKLER.query(query, evidence)
    with pytest.raises(ValueError, match="evidence on node 3 must be a value from 0 to 1: got 2"):
        SPRINKLER.query(0, {3: 2})
    with pytest.raises(ValueError, match="order must be 'min-fill' or a list of nodes: got 'best'"):
        SPRINKLER.query(0, order="best")
    for order in ([1, 2], [1, 2, 3, 0], [1, 1, 2]):
        with pytest.raises(ValueError, match=r"order must name each of the nodes \[1, 2, 3\] once"):
            SPRINKLER.query(0, order=order)
    with pytest.raises(ValueError, match="n must be at least 1"):
        SPRINKLER.sample(0, 0)
    with pytest.raises(ValueError, match="category 2 out of range for feature 3: it has 2 categories"):
        SPRINKLER.log_prob([[0, 0, 0, 2]])


# Parameters and scores


@pytest.mark.parametrize("seed", range(6))
def test_the_likelihood_decomposes_and_no_table_does_better(seed):
    rng = np.random.default_rng(seed)
    network = random_network(seed)
    X = network.sample(60, seed)
    sizes = network.n_categories
    paid, alone = bn.log_likelihood_terms(X, network.parents, sizes)
    fitted = bn.BayesianNetwork.from_data(network.parents, X, sizes)
    best = fitted.log_prob(X).sum()
    assert paid.sum() - alone.sum() == pytest.approx(best, rel=1e-11)
    assert (paid >= 0).all() and (alone >= 0).all()
    for _ in range(20):
        other = [0.9 * t + 0.1 * rng.dirichlet(np.ones(t.shape[-1]), t.shape[:-1]) for t in fitted.cpts]
        assert bn.BayesianNetwork(network.parents, other).log_prob(X).sum() < best
    counts = np.bincount(X[:, 0], minlength=sizes[0])
    entropy = stats.entropy(counts) * 60
    assert alone[0] == pytest.approx(entropy, rel=1e-12, abs=1e-12)


def test_smoothed_tables():
    for alpha, ess, expected in ((1, 0, [3 / 5, 2 / 5]), (0, 4, [3 / 5, 2 / 5]), (0, 2, [2.5 / 4, 1.5 / 4])):
        network = bn.BayesianNetwork.from_data(((), (0,)), FOUR, 2, alpha, ess)
        np.testing.assert_allclose(network.cpts[1][0], expected, rtol=1e-14)
    forth = bn.BayesianNetwork.from_data(((), (0,)), FOUR, 2, ess=4).joint()
    back = bn.BayesianNetwork.from_data(((1,), ()), FOUR, 2, ess=4).joint()
    np.testing.assert_allclose(forth, back, rtol=1e-13)
    assert forth[0, 0] == pytest.approx(3 / 8)
    one_way = bn.BayesianNetwork.from_data(((), (0,)), FOUR, 2, alpha=1).joint()[0, 0]
    other_way = bn.BayesianNetwork.from_data(((1,), ()), FOUR, 2, alpha=1).joint()[0, 0]
    assert (one_way, other_way) == pytest.approx((2 / 5, 3 / 8))
    unseen = bn.BayesianNetwork.from_data(((), (0,)), [[0, 0], [0, 1]], 2)
    np.testing.assert_allclose(unseen.cpts[1], 0.5)


def test_scores_by_hand():
    edge, back, none = ((), (0,)), ((1,), ()), ((), ())
    score = {
        g: [np.exp(f) for f in (bn.k2_score(FOUR, g), bn.bdeu_score(FOUR, g, 4), bn.bic_score(FOUR, g))]
        for g in (edge, back, none)
    }
    np.testing.assert_allclose(score[edge], [1 / 480, 1 / 420, 1 / 512], rtol=1e-12)
    np.testing.assert_allclose(score[back], [1 / 540, 1 / 420, 1 / 512], rtol=1e-12)
    np.testing.assert_allclose(score[none][1:], [3 / 1225, 27 / 16384], rtol=1e-12)
    table = np.repeat([[0, 0], [0, 1], [1, 0], [1, 1]], [10, 5, 3, 22], axis=0)
    assert bn.bdeu_score(table, edge) == pytest.approx(-51.458906, abs=1e-6)
    assert bn.bdeu_score(table, none) == pytest.approx(-55.839590, abs=1e-6)
    assert bn.k2_score(table, edge) == pytest.approx(-49.910052, abs=1e-6)
    assert bn.k2_score(table, back) == pytest.approx(-49.850628, abs=1e-6)


@pytest.mark.parametrize("seed", range(4))
def test_a_score_is_the_product_of_the_next_rows_predictions(seed):
    network = random_network(seed, n=4)
    X, sizes = network.sample(30, seed), network.n_categories
    for score, weight in (("k2", lambda r, q: 1), ("bdeu", lambda r, q: 2.5 / (r * q))):
        log, seen = 0.0, {}
        for row in X:
            for i, of in enumerate(network.parents):
                a = weight(sizes[i], np.prod(sizes[list(of)]))
                counts = seen.setdefault((i, *row[list(of)]), np.zeros(sizes[i]))
                log += np.log((counts[row[i]] + a) / (counts.sum() + a * sizes[i]))
                counts[row[i]] += 1
        args = (2.5,) if score == "bdeu" else ()
        ours = {"k2": bn.k2_score, "bdeu": bn.bdeu_score}[score](X, network.parents, *args, n_categories=sizes)
        assert ours == pytest.approx(log, rel=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_scores_against_pgmpy(seed):
    network = random_network(seed, n=5)
    X, sizes = network.sample(70, seed), network.n_categories
    names = {str(i): list(range(r)) for i, r in enumerate(sizes)}
    frame = pd.DataFrame(X, columns=list(names))
    model = theirs(network)
    unseen = 0  # pgmpy's K2 adds log Γ(r) for a configuration of parents that never occurs, where the data say nothing
    for i, of in enumerate(network.parents):
        missing = np.prod(sizes[list(of)]) - len(np.unique(X[:, of], axis=0)) if of else 0
        unseen += missing * gammaln(sizes[i])
    for ours, reference in (
        (bn.bic_score(X, network.parents, sizes), BIC(frame, state_names=names)),
        (bn.k2_score(X, network.parents, sizes) + unseen, K2(frame, state_names=names)),
        (bn.bdeu_score(X, network.parents, 3.0, sizes), BDeu(frame, 3.0, state_names=names)),
    ):
        assert ours == pytest.approx(reference.score(model), rel=1e-10)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_equivalent_graphs_have_equal_scores(seed):
    rng = np.random.default_rng(seed)
    X = rng.integers(0, [2, 3, 2, 4], (30, 4))
    graphs = [dags(4)[k] for k in rng.integers(0, 543, 40)]
    for one, two in itertools.combinations(graphs, 2):
        if bn.cpdag(one) == bn.cpdag(two):
            for score in (bn.bic_score, bn.bdeu_score):
                assert score(X, one, n_categories=[2, 3, 2, 4]) == pytest.approx(
                    score(X, two, n_categories=[2, 3, 2, 4]), rel=1e-11
                )
    rows = rng.permutation(30)
    assert bn.bdeu_score(X[rows], graphs[0]) == pytest.approx(bn.bdeu_score(X, graphs[0]), rel=1e-12)


@pytest.mark.parametrize("score", ["bic", "bdeu", "k2"])
@pytest.mark.parametrize("seed", range(3))
def test_the_exact_search_finds_the_best_of_all(seed, score):
    network = random_network(seed, n=4, most=3)
    X, sizes = network.sample(100, seed), network.n_categories
    function = {"bic": bn.bic_score, "bdeu": bn.bdeu_score, "k2": bn.k2_score}[score]
    values = [function(X, parents, n_categories=sizes) for parents in dags(4)]
    parents, best = bn.exact_dag(X, score, n_categories=sizes)
    assert best == pytest.approx(max(values), rel=1e-12) == function(X, parents, n_categories=sizes)
    climbed, reached = bn.hill_climb(X, score, n_categories=sizes)
    assert reached <= best + 1e-9 and reached == pytest.approx(function(X, climbed, n_categories=sizes), rel=1e-12)
    _, same = bn.hill_climb(X, score, n_categories=sizes, start=parents)
    assert same == pytest.approx(best, rel=1e-12)
    few, _ = bn.hill_climb(X, score, n_categories=sizes, max_parents=1)
    assert max(map(len, few)) <= 1
    edges = {frozenset((p, i)) for i, of in enumerate(climbed) for p in of}
    for i, of in enumerate(climbed):  # a summit: no single arrow that is taken away or added raises the score
        for p in of:
            fewer = tuple(tuple(q for q in pa if (q, k) != (p, i)) for k, pa in enumerate(climbed))
            assert function(X, fewer, n_categories=sizes) <= reached + 1e-9
        for p in set(range(4)) - {i}:
            more = tuple((*pa, p) if k == i else pa for k, pa in enumerate(climbed))
            if frozenset((p, i)) not in edges and nx.is_directed_acyclic_graph(digraph(more)):
                assert function(X, more, n_categories=sizes) <= reached + 1e-9


def test_hill_climbing_turns_arrows_round():
    network = random_network(5, n=4, most=3, arrows=0.8)
    X, sizes = network.sample(400, 5), network.n_categories
    best = [bn.hill_climb(X, "k2", n_categories=sizes, start=((), (0,), (), (2,)))[1] for _ in range(2)]
    assert best[0] == best[1] >= bn.k2_score(X, ((), (0,), (), (2,)), sizes)
    forward = np.repeat([[0, 0], [0, 1], [1, 1]], [2, 1, 1], axis=0)  # K2 prefers x → y by 9 : 8
    assert bn.hill_climb(forward, "k2", start=((1,), ()))[0] == ((), (0,))


def test_grapevine_scores():
    expected = {CHAIN: -1413.31, ((), (0,), (0, 1), (0, 2)): -1426.47, ((), (0, 2), (), (2,)): -1510.78, STAR: -1745.55}
    for parents, value in expected.items():
        assert bn.bic_score(ROWS, parents) == pytest.approx(value, abs=0.005)
    values = [bn.bic_score(ROWS, parents) for parents in dags(4)]
    best = {parents for parents, value in zip(dags(4), values, strict=True) if value > max(values) - 1e-8}
    rootings = {((), (0,), (1,), (2,)), ((1,), (), (1,), (2,)), ((1,), (2,), (), (2,)), ((1,), (2,), (3,), ())}
    assert best == rootings
    assert bn.exact_dag(ROWS)[0] in best and bn.hill_climb(ROWS)[0] in best


def test_search_on_degenerate_data():
    assert bn.exact_dag([[0, 0, 1]])[0] == ((), (), ())
    constant = np.zeros((20, 3))
    assert bn.exact_dag(constant, n_categories=2)[0] == bn.hill_climb(constant)[0] == ((), (), ())
    copies = np.repeat(np.random.default_rng(0).integers(0, 2, (50, 1)), 3, axis=1)
    parents, _ = bn.exact_dag(copies)
    assert sum(map(len, parents)) == 2
    assert bn.exact_dag(np.zeros((3, 1)))[0] == ((),)


def test_bad_data_is_refused_in_words():
    X, y = [[0, 1], [1, 0]], [0, 1]
    for make in (bn.TAN, bn.SPODE, bn.AODE):
        with pytest.raises(ValueError, match="is not fitted"):
            make().predict(X)
        with pytest.raises(ValueError, match="NaN or infinity"):
            make().fit([[np.nan, 0], [0, 1]], y)
        with pytest.raises(ValueError, match="NaN or infinity"):
            make().fit(X, y).predict([[np.nan, 0]])
        with pytest.raises(ValueError, match="codes 0, 1, 2"):
            make().fit([[0.5, 0], [0, 1]], y)
        with pytest.raises(ValueError, match="codes 0, 1, 2"):
            make().fit(X, y).predict([[-1, 0]])
        with pytest.raises(ValueError, match="unseen category 2 in feature 1: it has 2 categories"):
            make().fit(X, y).predict([[0, 2]])
        with pytest.raises(ValueError, match="2 features: got 1"):
            make().fit(X, y).predict([[0]])
        with pytest.raises(ValueError, match=r"y must have shape \(2,\)"):
            make().fit(X, [0, 1, 1])
        with pytest.raises(ValueError, match="alpha must be non-negative: got -1"):
            make(alpha=-1).fit(X, y)
        with pytest.raises(ValueError, match="n_categories must be a positive integer"):
            make(n_categories=0).fit(X, y)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            unsmoothed = make(alpha=0).fit([[0, 0], [1, 1]], y)
        with pytest.raises(ValueError, match="sample 0 has probability zero in every class"):
            unsmoothed.predict([[0, 1]])
    with pytest.raises(ValueError, match="super_parent must be an index or one of ml, mi: got 'best'"):
        bn.SPODE(super_parent="best").fit(X, y)
    with pytest.raises(ValueError, match="super_parent must lie in"):
        bn.SPODE(super_parent=2).fit(X, y)
    with pytest.raises(ValueError, match="root must be an index or one of mi: got 'ml'"):
        bn.TAN(root="ml").fit(X, y)
    with pytest.raises(ValueError, match="min_count must be non-negative"):
        bn.AODE(min_count=-1).fit(X, y)
    with pytest.raises(ValueError, match="codes 0, 1, 2"):
        bn.conditional_mutual_information([[0.5, 0], [0, 1]], y)
    pair = ((), (0,))
    for call in (bn.bic_score, bn.k2_score, bn.bdeu_score, bn.log_likelihood_terms):
        with pytest.raises(ValueError, match="category 2 out of range for feature 1: it has 2 categories"):
            call([[0, 2], [1, 0]], pair, n_categories=2)
        with pytest.raises(ValueError, match=r"category 0\.5 out of range"):
            call([[0, 0.5], [1, 0]], pair)
        with pytest.raises(ValueError, match="X must have 2 features: got 1"):
            call([[0], [1]], pair)
        with pytest.raises(ValueError, match="graph contains a cycle"):
            call(X, ((1,), (0,)))
        for sizes in (0, [2, 2, 2], 2.5):
            with pytest.raises(ValueError, match="n_categories must be a positive integer"):
                call(X, pair, n_categories=sizes)
    with pytest.raises(ValueError, match="ess must be positive: got 0"):
        bn.bdeu_score(X, pair, 0)
    for search in (bn.exact_dag, bn.hill_climb):
        with pytest.raises(ValueError, match="score must be one of bic, bdeu, k2: got 'aic'"):
            search(X, "aic")
    with pytest.raises(ValueError, match="the number of columns of X must be at most 10: got 11"):
        bn.exact_dag(np.zeros((2, 11)))
    with pytest.raises(ValueError, match="start must have 2 nodes, one for each column of X: got 1"):
        bn.hill_climb(X, start=((),))
    with pytest.raises(ValueError, match="node 0 has too many parents"):
        bn.bic_score(np.zeros((1, 30)), (tuple(range(1, 30)), *[()] * 29), 2)
