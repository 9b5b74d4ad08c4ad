"""Decision trees against exact arithmetic, enumeration and scikit-learn, on hard data too."""

import math
import warnings
from fractions import Fraction
from itertools import combinations, pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import chi2_contingency
from scipy.stats import entropy as scipy_entropy
from sklearn.base import clone
from sklearn.metrics import mutual_info_score
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier as TheirClassifier
from sklearn.tree import DecisionTreeRegressor as TheirRegressor

from mlderived import datasets
from mlderived import decision_tree as dt

T = np.array([1.0, 1, 2, 3, 4, 2, 3, 4])
W = np.array([1.0, 3, 1, 2, 2, 4, 4, 3])
POND = np.column_stack([T, W])
BATS = np.array([0.0, 0, 6, 8, 10, 0, 4, 0])
ANY = (BATS > 0).astype(int)
examples = settings(deadline=None, derandomize=True, max_examples=60)


# An oracle in exact arithmetic: every cut of every node tried afresh, ties to the lowest feature and threshold


def exact_loss(y, w, kind):
    total = sum(w)
    if total == 0:
        return Fraction(0)
    if kind == "squares":
        mean = sum(a * b for a, b in zip(y, w, strict=True)) / total
        return sum(b * (a - mean) ** 2 for a, b in zip(y, w, strict=True))
    counts = [sum(b for a, b in zip(y, w, strict=True) if a == label) for label in set(y)]
    return total - (sum(c * c for c in counts) / total if kind == "gini" else max(counts))


def exact_tree(X, y, w, kind, most=99, leaf=1):
    """(feature, the two values beside the cut, left, right), or the weighted mean for a leaf."""
    if len(set(y)) > 1 and most:
        best = None
        for j in range(len(X[0])):
            for low, high in pairwise(sorted({x[j] for x in X})):
                side = [x[j] <= low for x in X]
                parts = [[i for i, s in enumerate(side) if s == want] for want in (True, False)]
                if min(map(len, parts)) >= leaf:
                    lost = sum(exact_loss([y[i] for i in p], [w[i] for i in p], kind) for p in parts)
                    if best is None or lost < best[0]:
                        best = lost, j, low, high, parts
        if best is not None:
            _, j, low, high, parts = best
            below = (
                exact_tree([X[i] for i in p], [y[i] for i in p], [w[i] for i in p], kind, most - 1, leaf) for p in parts
            )
            return j, low, high, *below
    return float(sum(a * b for a, b in zip(y, w, strict=True)) / sum(w))


def walk(tree, values, t=0):
    """The same of a Tree; `values` are each feature's sorted values."""
    if tree.feature[t] < 0:
        return float(tree.value[t] if tree.value.ndim == 1 else tree.value[t] @ np.arange(tree.value.shape[1]))
    j, tau = int(tree.feature[t]), tree.threshold[t]
    return j, tau, walk(tree, values, tree.left[t]), walk(tree, values, tree.right[t])


def agree(theirs, ours):
    if isinstance(theirs, float):
        assert isinstance(ours, float)
        assert ours == pytest.approx(theirs, rel=1e-12, abs=1e-12)
        return
    assert isinstance(ours, tuple), "a leaf where the oracle asks"
    assert theirs[0] == ours[0]
    assert theirs[1] <= ours[1] < theirs[2]
    agree(theirs[3], ours[2])
    agree(theirs[4], ours[3])


tables = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(0, 2), st.integers(1, 4)), min_size=1, max_size=14
)


def parted(rows):
    table = np.array(rows, dtype=float)
    return table[:, :2], table[:, 2].astype(int), table[:, 3]


@examples
@given(tables, st.sampled_from(["gini", "error", "squares"]), st.integers(1, 3), st.sampled_from([1, 2, 99]))
def test_trees_are_those_of_exact_arithmetic(rows, kind, leaf, depth):
    X, y, w = parted(rows)
    exact = exact_tree(X.tolist(), y.tolist(), [Fraction(int(a)) for a in w], kind, depth, leaf)
    if kind == "squares":
        model = dt.DecisionTreeRegressor(min_samples_leaf=leaf, max_depth=depth).fit(X, y, w)
        agree(exact, walk(model.tree_, X))
        return
    model = dt.DecisionTreeClassifier(kind, min_samples_leaf=leaf, max_depth=depth).fit(X, y, w)
    tree = model.tree_
    codes = tree.value @ model.classes_
    agree(
        exact,
        walk(dt.Tree(*[getattr(tree, f) for f in ("feature", "threshold", "left", "right")], codes, *[None] * 3), X),
    )


@examples
@given(tables, st.randoms(use_true_random=False))
def test_a_weight_is_a_number_of_copies_and_the_order_of_rows_is_nothing(rows, random):
    X, y, w = parted(rows)
    copies = np.repeat(np.arange(len(y)), w.astype(int))
    random.shuffle(copies)
    for make in (dt.DecisionTreeClassifier, lambda: dt.DecisionTreeClassifier("entropy"), dt.DecisionTreeRegressor):
        weighted, repeated = make().fit(X, y, w).tree_, make().fit(X[copies], y[copies]).tree_
        np.testing.assert_array_equal(weighted.feature, repeated.feature)
        np.testing.assert_array_equal(weighted.threshold, repeated.threshold)
        np.testing.assert_allclose(weighted.value, repeated.value, atol=1e-14)
        np.testing.assert_allclose(weighted.impurity, repeated.impurity, atol=1e-14)
        np.testing.assert_array_equal(weighted.weight, repeated.n)
        np.testing.assert_array_equal(weighted.weight, repeated.weight)


@examples
@given(tables, st.sampled_from([1e-9, 2.0**-60, 1e9]), st.sampled_from(["gini", "entropy", "squares"]))
def test_the_unit_of_the_weights_does_not_matter(rows, unit, kind):
    X, y, w = parted(rows)
    make = dt.DecisionTreeRegressor if kind == "squares" else lambda: dt.DecisionTreeClassifier(kind)
    here, there = make().fit(X, y, w).tree_, make().fit(X, y, unit * w).tree_
    np.testing.assert_array_equal(there.threshold, here.threshold)
    np.testing.assert_allclose(there.value, here.value, atol=1e-14)
    np.testing.assert_allclose(there.impurity, here.impurity, atol=1e-13)
    np.testing.assert_allclose(there.weight, unit * here.weight)
    np.testing.assert_allclose(dt.effective_alpha(there), dt.effective_alpha(here), atol=1e-12)


def test_a_light_sample_far_away_still_counts():
    X = np.array([[0.0, 0], [1, 0], [1, 1]])
    tree = dt.DecisionTreeRegressor().fit(X, [3000.0, -1, 1], [1e-6, 1, 1]).tree_
    assert tree.feature[0] == 0  # saves about 1e-6 · 3000² = 9, the other feature about 2
    assert dt.best_split(X, [3000.0, -1, 1], "squares", sample_weight=[1e-6, 1, 1])[2] == pytest.approx(4.5, rel=1e-3)


def test_a_weight_of_zero_is_no_sample():
    w = np.array([1.0, 1, 1, 1, 0, 1, 1, 1])
    with_zero, without = (
        dt.DecisionTreeClassifier().fit(*data).tree_ for data in ((POND, ANY, w), (POND[w > 0], ANY[w > 0]))
    )
    for a in ("feature", "threshold", "value", "n"):
        np.testing.assert_array_equal(getattr(with_zero, a), getattr(without, a))
    alone = dt.DecisionTreeClassifier().fit(POND, ANY, np.eye(8)[4])
    assert alone.classes_.tolist() == [1]
    assert len(alone.tree_.feature) == 1


# Against scikit-learn, on numbers that are exact in its single precision


def same_tree(ours, theirs, X, rows, t=0, s=0):
    """The same questions and impurities.

    scikit-learn parts pure nodes whose weighted impurity it rounds above zero, and breaks ties by chance: of few rows
    several features make the same two parts, and of up to five several pairs are worth the same. There we stop.
    """
    assert ours.impurity[t] == pytest.approx(theirs.impurity[s], rel=1e-9, abs=1e-12)
    np.testing.assert_allclose(np.atleast_1d(ours.value[t]), theirs.value[s].ravel(), rtol=1e-9, atol=1e-12)
    assert ours.n[t] == len(rows)
    if ours.impurity[t] == 0 or len(rows) <= 5:
        assert ours.impurity[t] > 0 or ours.feature[t] < 0
        return
    assert (ours.feature[t] < 0) == (theirs.children_left[s] < 0)
    if ours.feature[t] < 0:
        return
    if ours.feature[t] != theirs.feature[s]:
        left, other = (X[rows, tree.feature[k]] <= tree.threshold[k] for tree, k in ((ours, t), (theirs, s)))
        assert ours.feature[t] < theirs.feature[s]
        assert np.array_equal(left, other) or np.array_equal(left, ~other)
        return
    assert ours.threshold[t] == pytest.approx(theirs.threshold[s], rel=1e-6, abs=1e-6)
    left = X[rows, ours.feature[t]] <= ours.threshold[t]
    same_tree(ours, theirs, X, rows[left], ours.left[t], theirs.children_left[s])
    same_tree(ours, theirs, X, rows[~left], ours.right[t], theirs.children_right[s])


def smooth(seed, n=120, d=3, K=3):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)).astype(np.float32).astype(float)
    score = X[:, 0] + 0.5 * X[:, 1] ** 2 + 0.5 * rng.standard_normal(n)
    return X, np.digitize(score, np.quantile(score, np.arange(1, K) / K)), score, rng.uniform(0.2, 3, n)


RULES = [
    *({}, {"max_depth": 3}, {"min_samples_leaf": 7}, {"min_samples_split": 20}, {"min_impurity_decrease": 0.01}),
    *({"max_leaf_nodes": 2}, {"max_leaf_nodes": 9}, {"max_depth": 4, "max_leaf_nodes": 11, "min_samples_leaf": 3}),
    {"ccp_alpha": 0.01},
]


@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_regression_trees_are_scikit_learns(rules, seed):
    X, _, y, w = smooth(seed)
    for weight in (None, w):
        ours, theirs = (make(**rules).fit(X, y, weight) for make in (dt.DecisionTreeRegressor, TheirRegressor))
        same_tree(ours.tree_, theirs.tree_, X, np.arange(len(X)))


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("rules", RULES, ids=str)
@pytest.mark.parametrize("seed", range(3))
def test_classification_trees_are_scikit_learns(criterion, rules, seed):
    X, y, _, w = smooth(seed)  # with weights of many digits no two questions are worth the same
    ours, theirs = (
        make(criterion=criterion, random_state=0, **rules).fit(X, y, w)
        for make in (dt.DecisionTreeClassifier, TheirClassifier)
    )
    same_tree(ours.tree_, theirs.tree_, X, np.arange(len(X)))


def test_importances_are_scikit_learns():
    X, y, score, w = smooth(4, n=400)
    rules = {"min_samples_leaf": 10, "max_depth": 4}
    for ours, theirs, target in (
        (dt.DecisionTreeClassifier, TheirClassifier, y),
        (dt.DecisionTreeRegressor, TheirRegressor, score),
    ):
        ours, theirs = ours(**rules).fit(X, target, w), theirs(**rules).fit(X, target, w)
        np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=1e-10)


@pytest.mark.parametrize("seed", range(6))
def test_the_pruning_path_is_scikit_learns(seed):
    X, y, score, w = smooth(seed, n=80)
    for ours, theirs, target in (
        (dt.DecisionTreeClassifier(), TheirClassifier(random_state=0), y),
        (dt.DecisionTreeRegressor(), TheirRegressor(random_state=0), score),
    ):
        alphas, risks, leaves = dt.cost_complexity_path(ours.fit(X, target, w).tree_)
        path = theirs.cost_complexity_pruning_path(X, target, w)
        distinct = np.flatnonzero(np.append(np.diff(path.ccp_alphas) > 1e-10, True))
        np.testing.assert_allclose(alphas, path.ccp_alphas[distinct], atol=1e-10)
        np.testing.assert_allclose(risks, path.impurities[distinct], atol=1e-10)
        assert leaves[-1] == 1
        assert np.all(np.diff(leaves) < 0)


@pytest.mark.parametrize("load", ["iris", "wine", "breast_cancer"])
def test_real_data_are_fitted_as_well_as_by_scikit_learn(load):
    data = getattr(datasets, f"load_{load}")()
    for depth in (1, 2, 3):
        ours, theirs = (
            make(max_depth=depth).fit(data.X, data.y) for make in (dt.DecisionTreeClassifier, TheirClassifier)
        )
        t, s = ours.tree_, theirs.tree_
        risk = t.weight[t.leaves] @ t.impurity[t.leaves] / len(data.y)
        at = s.children_left < 0
        assert risk == pytest.approx(s.n_node_samples[at] @ s.impurity[at] / len(data.y), abs=1e-12)
    assert dt.DecisionTreeClassifier().fit(data.X, data.y).score(data.X, data.y) == 1


def test_numbers_of_the_chapter_on_iris_and_diabetes():
    iris = datasets.load_iris()
    small = dt.DecisionTreeClassifier(max_depth=2).fit(iris.X, iris.y)
    assert small.score(iris.X, iris.y) == 0.96
    assert small.tree_.n.tolist() == [150, 50, 100, 54, 46]
    full = dt.DecisionTreeClassifier().fit(iris.X, iris.y).tree_
    assert (len(full.leaves), full.depths.max()) == (9, 5)
    diabetes = datasets.load_diabetes()
    stump = dt.DecisionTreeRegressor(max_depth=1).fit(diabetes.X, diabetes.y).tree_
    assert stump.n.tolist() == [442, 218, 224]
    np.testing.assert_allclose(stump.value[1:], [109.986, 193.152], atol=5e-4)
    assert stump.threshold[0] == pytest.approx(-0.003761, abs=5e-7)


# Impurities and gains


def test_impurities_are_what_others_compute():
    rng = np.random.default_rng(7)
    P = np.vstack([rng.dirichlet(np.ones(4), 200), np.eye(4), np.full((1, 4), 0.25)])
    np.testing.assert_allclose(dt.impurity(P, "entropy"), scipy_entropy(P, base=2, axis=1), atol=1e-12)
    np.testing.assert_allclose(dt.impurity(P, "entropy", base=math.e), scipy_entropy(P, axis=1), atol=1e-12)
    np.testing.assert_allclose(dt.impurity(P), 1 - (P**2).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(dt.impurity(P, "error"), 1 - P.max(axis=1), atol=1e-12)
    assert dt.impurity([0.25, 0.75]) == 0.375
    assert dt.impurity([0.5, 0.5], "entropy") == 1
    assert isinstance(dt.impurity([1.0, 0.0]), float)


@examples
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=5))
def test_information_gain_is_mutual_information_and_the_likelihood_ratio(rows):
    table = np.array(rows)
    table[0, 0] += 1
    table[1, 1] += 1
    x, y = np.repeat(np.indices(table.shape).reshape(2, -1), table.ravel(), axis=1)
    gain = dt.information_gain(table)
    assert gain * math.log(2) == pytest.approx(mutual_info_score(x, y), abs=1e-12)
    assert gain >= -1e-12
    assert -1e-12 <= dt.gain_ratio(table) <= 1 + 1e-12
    assert dt.gain_ratio(table) == pytest.approx(gain / scipy_entropy(table.sum(axis=1), base=2), abs=1e-12)
    full = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    statistic = chi2_contingency(full, lambda_="log-likelihood", correction=False).statistic
    assert 2 * table.sum() * math.log(2) * gain == pytest.approx(statistic, rel=1e-9, abs=1e-9)


def test_the_table_of_fourteen_days():
    outlook, ids = [[2, 3], [4, 0], [3, 2]], [[1, 0]] * 9 + [[0, 1]] * 5
    assert dt.information_gain(outlook) == pytest.approx(0.246750, abs=5e-7)
    assert dt.gain_ratio(outlook) == pytest.approx(0.156428, abs=5e-7)
    assert dt.gain_ratio(ids) == pytest.approx(0.246966, abs=5e-7)
    assert dt.information_gain(ids) == pytest.approx(0.940286, abs=5e-7)


# Eight evenings by the pond


def test_the_pond_by_hand():
    tree = dt.DecisionTreeClassifier().fit(POND, ANY).tree_
    assert tree.feature.tolist() == [0, -1, 1, -1, 0, -1, 0, -1, -1]
    np.testing.assert_array_equal(tree.threshold[[0, 2, 4, 6]], [1.5, 2.5, 2.5, 3.5])
    assert tree.depths.tolist() == [0, 1, 1, 2, 2, 3, 3, 4, 4]
    assert dt.best_split(POND, ANY) == (0, 1.5, pytest.approx(1 / 6))
    assert dt.best_split(POND, ANY, features=[1]) == (1, 2.5, pytest.approx(1 / 8))
    assert dt.best_split(POND, ANY, "entropy") == (0, 1.5, pytest.approx(1.5 - 0.75 * math.log2(3)))
    assert dt.best_split(POND, BATS, "squares") == (1, 2.5, pytest.approx(50 / 8))
    alphas, risks, leaves = dt.cost_complexity_path(tree, "error")
    np.testing.assert_allclose(alphas, [0, 1 / 16, 1 / 8, 1 / 4])
    np.testing.assert_allclose(risks, [0, 1 / 8, 1 / 4, 1 / 2])
    assert leaves.tolist() == [5, 3, 2, 1]
    np.testing.assert_allclose(dt.cost_complexity_path(tree)[0], [0, 1 / 12, 1 / 6])
    three = dt.DecisionTreeRegressor(max_leaf_nodes=3).fit(POND, BATS)
    assert sorted(three.tree_.value[three.tree_.leaves]) == [0, 1, 8]
    assert three.score(POND, BATS) == pytest.approx(1 - 20 / 118)


def test_xor_is_learnt_through_a_question_that_brings_nothing():
    X, y = np.array(list(product((0.0, 1), repeat=2))), [0, 1, 1, 0]
    assert dt.DecisionTreeClassifier().fit(X, y).score(X, y) == 1
    assert dt.DecisionTreeClassifier(allow_zero_gain=False).fit(X, y).tree_.n.tolist() == [4]
    assert dt.best_split(X, y) == (0, 0.5, 0.0)


# Pruning


def all_prunings(tree, risk, t=0):
    R = tree.weight[t] / tree.weight[0] * (tree.impurity[t] if risk == "impurity" else 1 - tree.value[t].max())
    ways = [(R, 1)]
    if tree.feature[t] >= 0:
        left, right = (all_prunings(tree, risk, side[t]) for side in (tree.left, tree.right))
        ways += [(a + b, m + n) for a, m in left for b, n in right]
    return ways


@examples
@given(tables, st.sampled_from(["impurity", "error"]))
def test_pruning_finds_the_smallest_minimiser(rows, risk):
    X, y, w = parted(rows)
    tree = dt.DecisionTreeClassifier(max_depth=4, max_leaf_nodes=9).fit(X, y, w).tree_
    risks, leaves = np.array(all_prunings(tree, risk)).T
    alphas, path_risks, path_leaves = dt.cost_complexity_path(tree, risk)
    assert np.all(np.diff(alphas) > 0)
    between = [*alphas, *(alphas[1:] + alphas[:-1]) / 2, 2 * alphas[-1] + 1]
    inside = None
    for alpha in sorted(between):
        cost = risks + alpha * leaves
        small = dt.prune(tree, alpha, risk)
        R = small.weight / small.weight[0] * (small.impurity if risk == "impurity" else 1 - small.value.max(axis=1))
        assert R[small.leaves].sum() + alpha * len(small.leaves) == pytest.approx(cost.min(), abs=1e-12)
        assert len(small.leaves) == leaves[cost <= cost.min() + 1e-11].min()
        assert inside is None or len(small.leaves) <= inside
        inside = len(small.leaves)
        at = np.searchsorted(alphas, alpha, side="right") - 1
        assert inside == path_leaves[at]
        assert R[small.leaves].sum() == pytest.approx(path_risks[at], abs=1e-12)
    price = dt.effective_alpha(tree, risk)
    for side in (tree.left, tree.right):
        asked = tree.feature >= 0
        assert np.all(price[side[asked]] <= price[asked])
    assert np.all(price[tree.leaves] == 0)


def test_a_pruned_tree_predicts_as_its_leaves_say():
    X, _, score, _ = smooth(3)
    model = dt.DecisionTreeRegressor().fit(X, score)
    for alpha in (0.0, 0.01, 0.05, 10.0):
        small = dt.prune(model.tree_, alpha)
        price = dt.effective_alpha(model.tree_)
        at = np.zeros(len(X), dtype=int)
        while np.any(price[at] > alpha):  # walk the large tree only where it still asks
            asks = price[at] > alpha
            t = at[asks]
            left = X[asks, model.tree_.feature[t]] <= model.tree_.threshold[t]
            at[asks] = np.where(left, model.tree_.left[t], model.tree_.right[t])
        np.testing.assert_array_equal(small.predict(X), model.tree_.value[at])
    pruned = dt.DecisionTreeRegressor(ccp_alpha=0.05).fit(X, score)
    np.testing.assert_array_equal(pruned.tree_.feature, dt.prune(model.tree_, 0.05).feature)
    with pytest.raises(ValueError, match="risk must be"):
        dt.prune(model.tree_, 0.1, "error")
    with pytest.raises(ValueError, match="alpha must be non-negative"):
        dt.prune(model.tree_, -1)


# Growing under rules


@examples
@given(st.integers(0, 10_000), st.integers(2, 12))
def test_the_largest_drop_is_taken_first(seed, most):
    X, _, score, _ = smooth(seed, n=40)
    full = dt.DecisionTreeRegressor().fit(X, score).tree_
    lost = full.weight * full.impurity
    drop = lost - lost[full.left] - lost[full.right]
    open_, leaves = {0}, 1  # the frontier of the full tree, opened greedily
    while leaves < most and any(full.feature[t] >= 0 for t in open_):
        t = max((t for t in open_ if full.feature[t] >= 0), key=lambda t: drop[t])
        open_ = open_ - {t} | {int(full.left[t]), int(full.right[t])}
        leaves += 1
    few = dt.DecisionTreeRegressor(max_leaf_nodes=most).fit(X, score).tree_
    assert sorted(few.value[few.leaves].tolist()) == pytest.approx(sorted(full.value[list(open_)].tolist()), rel=1e-12)


def test_rules_hold_in_the_tree():
    X, y, _, _ = smooth(5, n=300)
    tree = dt.DecisionTreeClassifier(min_samples_leaf=11, min_samples_split=40, max_depth=5).fit(X, y).tree_
    assert tree.n[tree.leaves].min() >= 11
    assert tree.n[tree.feature >= 0].min() >= 40
    assert tree.depths.max() <= 5
    tree = dt.DecisionTreeClassifier(min_impurity_decrease=0.02).fit(X, y).tree_
    asked, lost = np.flatnonzero(tree.feature >= 0), tree.weight * tree.impurity / 300
    assert len(asked)
    assert np.min(lost[asked] - lost[tree.left[asked]] - lost[tree.right[asked]]) >= 0.02 - 1e-12
    exactly = dt.DecisionTreeClassifier(min_impurity_decrease=1 / 6).fit(POND, ANY).tree_  # a drop of 1/6 is enough
    assert exactly.n.tolist() == [8, 2, 6, 3, 3]


def test_features_are_drawn_for_each_node_from_those_that_vary():
    rng = np.random.default_rng(7)
    X = np.column_stack([np.ones(60), rng.standard_normal((60, 4)), np.zeros(60)])
    y = rng.integers(0, 2, 60)
    trees = [dt.DecisionTreeClassifier(max_features=1, random_state=seed).fit(X, y).tree_ for seed in range(30)]
    assert {int(t.feature[0]) for t in trees} == {1, 2, 3, 4}
    assert all(t.impurity[t.leaves].max() == 0 for t in trees)
    again = dt.DecisionTreeClassifier(max_features=1, random_state=3).fit(X, y).tree_
    np.testing.assert_array_equal(again.threshold, trees[3].threshold)
    plain = dt.DecisionTreeClassifier().fit(X, y).tree_
    for everything in (6, 1.0, None):
        t = dt.DecisionTreeClassifier(max_features=everything, random_state=0).fit(X, y).tree_
        np.testing.assert_array_equal(t.threshold, plain.threshold)
    roots = [dt.DecisionTreeClassifier(max_features="sqrt", random_state=s).fit(X, y).tree_ for s in range(200)]
    single = {j: dt.best_split(X, y, features=[j])[2] for j in (1, 2, 3, 4)}
    ranked = sorted(single, key=single.get, reverse=True)
    counts = np.bincount([int(t.feature[0]) for t in roots], minlength=6)[ranked]
    np.testing.assert_allclose(counts / 200, [1 / 2, 1 / 3, 1 / 6, 0], atol=0.11)  # the better of two out of four
    assert counts[3] == 0


def test_random_thresholds_lie_uniformly_within_the_range():
    X = np.array([[0.0], [1.0], [4.0]])
    y = [0.0, 1, 3]
    found = [
        dt.DecisionTreeRegressor(splitter="random", max_depth=1, random_state=s).fit(X, y).tree_ for s in range(400)
    ]
    tau = np.array([t.threshold[0] for t in found])
    assert 0 <= tau.min() < 0.1
    assert 3.9 < tau.max() < 4
    assert np.mean(tau < 1) == pytest.approx(0.25, abs=0.09)
    for t in found:
        assert t.n[1] == np.sum(X[:, 0] <= t.threshold[0])
    full = dt.DecisionTreeRegressor(splitter="random", random_state=1).fit(X, y)
    np.testing.assert_array_equal(full.predict(X), y)


# Missing values


def test_an_evening_without_a_thermometer():
    X = POND.copy()
    X[2, 0] = np.nan
    model = dt.DecisionTreeClassifier(max_depth=1, missing="fractional").fit(X, ANY)
    tree = model.tree_
    assert (tree.feature[0], tree.threshold[0]) == (0, 2.5)
    np.testing.assert_allclose(tree.n, [8, 3 + 3 / 7, 4 + 4 / 7])
    np.testing.assert_allclose(tree.value[1:, 1], [1 / 8, 25 / 32])
    np.testing.assert_allclose(model.predict_proba(X[[2]])[0, 1], 3 / 7 / 8 + 4 / 7 * 25 / 32)
    np.testing.assert_allclose(tree.reach(X)[2], [1, 3 / 7, 4 / 7])
    with pytest.raises(ValueError, match="several leaves"):
        model.apply(X)
    with pytest.raises(ValueError, match="X contains NaN"):
        dt.DecisionTreeClassifier().fit(X, ANY)
    full = dt.DecisionTreeClassifier(max_leaf_nodes=3, missing="fractional").fit(POND, ANY)
    np.testing.assert_allclose(
        full.predict_proba([[np.nan, 1.0], [np.nan, 4.0], [4.0, np.nan]])[:, 1], [3 / 4, 1 / 4, 2 / 3]
    )


@examples
@given(tables, st.integers(0, 2**16 - 1), st.booleans())
def test_missing_parts_are_whole_together(rows, mask, regress):
    X, y, w = parted(rows)
    gone = np.array([mask >> i & 1 for i in range(X.size)], dtype=bool).reshape(X.shape)
    X[gone] = np.nan
    model = (dt.DecisionTreeRegressor if regress else dt.DecisionTreeClassifier)(missing="fractional").fit(X, y, w)
    t = model.tree_
    share = t.reach(X)
    np.testing.assert_allclose(share[:, t.leaves].sum(axis=1), 1)
    np.testing.assert_allclose(w @ share, t.weight, rtol=1e-9)
    np.testing.assert_allclose(share.sum(axis=0), t.n, rtol=1e-9)
    mean = (w * y) @ share / t.weight
    np.testing.assert_allclose(t.value if regress else t.value @ model.classes_, mean, atol=1e-9)
    assert len(t.leaves) <= len(X)
    assert np.isfinite(model.predict(X)).all()


def test_credit_is_the_gain_on_the_known_times_their_share():
    rng = np.random.default_rng(7)
    for _ in range(50):
        x, y = rng.integers(0, 4, 20).astype(float), rng.integers(0, 2, 20)
        x[:6] = np.nan
        tree = dt.DecisionTreeClassifier(max_depth=1, missing="fractional").fit(x[:, None], y).tree_
        _, tau, gain = dt.best_split(x[6:, None], y[6:])
        assert tree.threshold[0] == tau
        least = {"max_depth": 1, "missing": "fractional"}
        credit = gain * 14 / 20
        for needed, asks in ((credit - 1e-9, True), (credit + 1e-9, False)):
            model = dt.DecisionTreeClassifier(min_impurity_decrease=max(needed, 0), **least).fit(x[:, None], y)
            assert (len(model.tree_.n) == 3) == asks


# Categories


@examples
@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 1), st.integers(1, 3)), min_size=3, max_size=20),
    st.sampled_from(["gini", "entropy", "squares"]),
)
def test_the_order_of_means_finds_the_best_of_all_subsets(rows, kind):
    c, y, w = np.array(rows, dtype=float).T
    rules = {"max_depth": 1, "categorical": [0]}
    model = dt.DecisionTreeRegressor(**rules) if kind == "squares" else dt.DecisionTreeClassifier(kind, **rules)
    t = model.fit(c[:, None], y.astype(int), w).tree_
    lost = t.weight * t.impurity
    drop = lost[0] - lost[t.leaves].sum()
    best = 0.0

    def loss(chosen):
        if not chosen.any():
            return 0.0
        share = np.average(y[chosen], weights=w[chosen])
        each = {"gini": 2 * share * (1 - share), "squares": share * (1 - share)}
        bits = dt.impurity([share, 1 - share], "entropy")
        return w[chosen].sum() * each.get(kind, bits)

    present = np.unique(c)
    for r in range(1, len(present)):
        for side in combinations(present, r):
            left = np.isin(c, side)
            best = max(best, loss(left | True) - loss(left) - loss(~left))
    assert drop == pytest.approx(best, abs=1e-9)
    if len(t.n) == 3:
        left = t.subset[0, c.astype(int)]
        assert w[left].sum() == t.weight[1]
        np.testing.assert_array_equal(t.apply(c[:, None]), np.where(left, 1, 2))


def test_categories_deeper_down_unseen_and_beside_numbers():
    rng = np.random.default_rng(7)
    c, x = rng.integers(0, 7, 400), rng.standard_normal(400)
    y = np.isin(c, [1, 4, 6]) ^ (x > 0.3)
    X = np.column_stack([x, c])
    model = dt.DecisionTreeClassifier(max_depth=3, categorical=[1]).fit(X, y)
    assert model.score(X, y) == 1
    numeric = dt.DecisionTreeClassifier(max_depth=3).fit(X, y)
    assert numeric.score(X, y) < 1
    stump = dt.DecisionTreeRegressor(max_depth=1, categorical=[0]).fit(
        [[0.0], [1], [1], [3], [3], [3]], [5.0, 1, 1, 1, 1, 1]
    )
    np.testing.assert_array_equal(stump.predict([[0.0], [3], [2], [9]]), [5, 1, 1, 1])  # 2 and 9: the heavier side
    assert model.tree_.subset.shape == (len(model.tree_.n), 8)  # seven categories, and what was not seen
    three = rng.integers(0, 3, 400)
    assert dt.DecisionTreeClassifier(categorical=[1]).fit(X, three).score(X, three) == 1
    X[::9, 1] = np.nan
    with_gaps = dt.DecisionTreeClassifier(max_depth=3, categorical=[1], missing="fractional").fit(X, y)
    np.testing.assert_allclose(with_gaps.tree_.reach(X)[:, with_gaps.tree_.leaves].sum(axis=1), 1)
    assert with_gaps.score(X, y) > 0.9
    for wrong in (-1.0, 1.5):
        with pytest.raises(ValueError, match="column 1 must hold categories"):
            model.predict([[0.0, wrong]])


# Degenerate data


def test_two_adjacent_floats_and_the_ends_of_the_range():
    eps = np.finfo(float).eps
    tiny = 5e-324
    for low, high in (
        (1 + eps, 1 + 2 * eps),
        (1 - eps / 2, 1.0),
        (-tiny, 0.0),
        (0.0, tiny),
        (tiny, 2 * tiny),
        (-1.7e308, 1.7e308),
    ):
        model = dt.DecisionTreeClassifier().fit([[low], [high]], [0, 1])
        assert model.predict([[low], [high]]).tolist() == [0, 1]
        assert low <= model.tree_.threshold[0] < high


@pytest.mark.parametrize("y", [np.full(20, 0.1), np.full(20, 1e9 + 0.1), np.full(1, -3.3)])
def test_constant_targets_ask_nothing(y):
    model = dt.DecisionTreeRegressor().fit(np.arange(len(y))[:, None], y)
    assert model.tree_.n.tolist() == [len(y)]
    assert model.predict([[3.0]]) == y[0]
    assert model.tree_.impurity[0] == 0
    np.testing.assert_array_equal(model.feature_importances_, [0])


def test_what_cannot_be_told_apart_is_a_leaf():
    model = dt.DecisionTreeClassifier().fit(np.ones((5, 2)), list("aabbb"))
    assert model.tree_.n.tolist() == [5]
    assert model.predict([[0.0, 9.0]]).tolist() == ["b"]
    np.testing.assert_allclose(model.predict_proba([[0.0, 9.0]]), [[0.4, 0.6]])
    assert dt.best_split(np.ones((5, 2)), [0, 0, 1, 1, 1])[0] is None
    wide = np.random.default_rng(7).standard_normal((4, 300))
    assert dt.DecisionTreeClassifier().fit(wide, [0, 1, 1, 0]).score(wide, [0, 1, 1, 0]) == 1


def test_a_long_chain_of_questions_needs_no_recursion():
    x = np.arange(1500.0)
    model = dt.DecisionTreeRegressor().fit(x[:, None], 1.2**x)
    assert model.tree_.depths.max() > 200
    assert len(model.tree_.leaves) == 1500
    np.testing.assert_array_equal(model.apply(x[::100, None]), [model.apply([[v]])[0] for v in x[::100]])


@pytest.mark.parametrize("kind", ["squares", "gini"])
@examples
@given(st.integers(0, 10_000), st.sampled_from([1.0, 2.0**20]))
def test_a_huge_neighbour_does_not_blur_a_node(kind, seed, heavy):
    """Each node's sums are its own: one target of 1e9, or one weight of 1e9, leaves the rest as exact as it was."""
    rng = np.random.default_rng(seed)
    X, y = rng.integers(0, 8, (25, 2)).astype(float), rng.integers(0, 3, 25)
    w = rng.integers(1, 3, 25).astype(float)
    X = np.vstack([X, [[99.0, 0], [99.0, 1]]])
    if kind == "squares":
        y, w = np.r_[y, 10**9, 10**9 + 1], np.r_[w, heavy, heavy]
        tree = dt.DecisionTreeRegressor().fit(X, y, w).tree_
    else:
        y, w = np.r_[y, 3, 3], np.r_[w, 1e9, 1e9]
        tree = dt.DecisionTreeClassifier().fit(X, y, w).tree_
        tree = dt.Tree(
            *[getattr(tree, f) for f in ("feature", "threshold", "left", "right")],
            tree.value @ np.unique(y),
            *[None] * 3,
        )
    agree(exact_tree(X.tolist(), y.tolist(), [Fraction(int(a)) for a in w], kind), walk(tree, X))


@examples
@given(st.integers(0, 10_000), st.integers(-40, 40), st.sampled_from([0.0, 2.0**30]))
def test_units_shifts_and_monotone_maps_change_no_box(seed, power, shift):
    unit = 2.0**power
    rng = np.random.default_rng(seed)
    X, y = rng.integers(-8, 8, (30, 3)).astype(float), rng.integers(0, 9, 30).astype(float)
    here = dt.DecisionTreeRegressor(max_depth=4).fit(X, y)
    for again in (X * unit, X * 1e-9, X**3, np.exp(X), X + 2.0**40):
        there = dt.DecisionTreeRegressor(max_depth=4).fit(again, y)
        np.testing.assert_array_equal(there.tree_.feature, here.tree_.feature)
        np.testing.assert_array_equal(there.apply(again), here.apply(X))
    moved = dt.DecisionTreeRegressor(max_depth=4).fit(X, y * unit + shift * unit)
    np.testing.assert_array_equal(moved.tree_.feature, here.tree_.feature)
    np.testing.assert_allclose(moved.predict(X) / unit - shift, here.predict(X), atol=1e-5)
    wider = dt.DecisionTreeRegressor(max_depth=4).fit(np.column_stack([X, np.ones(30), X]), y)
    np.testing.assert_array_equal(wider.tree_.feature, here.tree_.feature)  # of two equal columns the first
    twice = dt.DecisionTreeRegressor(max_depth=4).fit(np.vstack([X, X]), np.r_[y, y])
    np.testing.assert_array_equal(twice.tree_.threshold, here.tree_.threshold)


def test_decision_paths_and_leaves():
    X, _, score, _ = smooth(2)
    model = dt.DecisionTreeRegressor(max_depth=4).fit(X, score)
    t, path = model.tree_, model.decision_path(X)
    assert path.dtype == bool
    np.testing.assert_array_equal(path.sum(axis=0), t.n)
    np.testing.assert_array_equal(path[:, t.leaves].argmax(axis=1), np.searchsorted(t.leaves, model.apply(X)))
    np.testing.assert_array_equal(t.value[model.apply(X)], model.predict(X))
    np.testing.assert_array_equal(path.sum(axis=1) - 1, t.depths[model.apply(X)])


def test_importances_telescope():
    X, y, score, w = smooth(4)
    for model, target in ((dt.DecisionTreeClassifier(max_depth=3), y), (dt.DecisionTreeRegressor(max_depth=3), score)):
        t = model.fit(X, target, w).tree_
        lost = t.weight * t.impurity
        asked = np.flatnonzero(t.feature >= 0)
        saved = np.bincount(t.feature[asked], lost[asked] - lost[t.left[asked]] - lost[t.right[asked]], 3)
        assert saved.sum() == pytest.approx(lost[0] - lost[t.leaves].sum())
        np.testing.assert_allclose(model.feature_importances_, saved / saved.sum())


# Importance by shuffling, capacity


def test_shuffling_what_is_not_used_costs_nothing():
    X, y, score, _ = smooth(1)
    X = np.column_stack([X, np.ones(120)])
    model = dt.DecisionTreeRegressor(max_depth=1).fit(X, score)
    drops = dt.permutation_importance(model, X, score, n_repeats=7, random_state=3)
    used = model.tree_.feature[0]
    assert drops.shape == (4, 7)
    np.testing.assert_array_equal(np.delete(drops, used, axis=0), 0)
    assert drops[used].min() > 0
    rng = np.random.default_rng(3)
    for _ in range(used * 7):
        rng.permutation(X[:, 0])
    shuffled = X.copy()
    shuffled[:, used] = rng.permutation(X[:, used])
    whole = np.mean((score - model.predict(X)) ** 2)
    assert drops[used, 0] == pytest.approx(np.mean((score - model.predict(shuffled)) ** 2) - whole)
    classes = dt.DecisionTreeClassifier(max_depth=2).fit(X, y)
    default = dt.permutation_importance(classes, X, y)
    assert default.shape == (4, 5)
    hits = dt.permutation_importance(classes, X, y, lambda a, b: np.mean(a == b), 5, 0)
    np.testing.assert_array_equal(default, hits)
    with pytest.raises(ValueError, match="as many rows"):
        dt.permutation_importance(classes, X, y[:-1])


def test_the_capacity_of_a_stump():
    assert [dt.stump_vc_dimension(d) for d in (1, 2, 3, 4, 5, 10, 100, 1000, 10**6)] == [2, 3, 4, 4, 5, 6, 9, 13, 23]
    for d, m, most in ((1, 3, 6), (2, 3, 8), (2, 4, 14)):  # most labellings over all orders of m points
        reached = 0
        for orders in product([np.array(p) for p in _permutations(m)], repeat=d - 1):
            seen = set()
            for order in (np.arange(m), *orders):
                for cut in range(m + 1):
                    low = tuple(bool(a) for a in order < cut)
                    seen |= {low, tuple(not a for a in low)}
            reached = max(reached, len(seen))
        assert reached == most
    with pytest.raises(ValueError, match="d must be at least 1"):
        dt.stump_vc_dimension(0)


def _permutations(m):
    return [[0]] if m == 1 else [[*p[:i], m - 1, *p[i:]] for p in _permutations(m - 1) for i in range(m)]


# Habits


def test_scikit_learn_takes_them_in():
    data = datasets.load_wine()
    model = dt.DecisionTreeClassifier(max_depth=3)
    assert clone(model).get_params() == model.get_params()
    assert repr(model) == "DecisionTreeClassifier(max_depth=3)"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert cross_val_score(make_pipeline(StandardScaler(), model), data.X, data.y).mean() > 0.85
        search = GridSearchCV(dt.DecisionTreeClassifier(), {"ccp_alpha": [0.0, 0.02, 1.0]}).fit(data.X, data.y)
    assert search.best_params_["ccp_alpha"] < 1
    named = dt.DecisionTreeClassifier().fit(data.X, np.array(["a", "b", "c"])[data.y])
    assert named.predict(data.X[:1]).tolist() == ["a"]
    assert dt.DecisionTreeClassifier().fit(POND, ANY.astype(float)).predict(POND).tolist() == ANY.tolist()
    assert dt.DecisionTreeClassifier().fit(POND, ANY.astype(bool)).predict(POND).dtype == bool


BAD = [
    (lambda: dt.DecisionTreeClassifier().fit(POND, BATS + 0.5), "y must be integer labels"),
    (lambda: dt.DecisionTreeClassifier().fit(POND, ANY[:-1]), r"y must have shape \(8,\)"),
    (lambda: dt.DecisionTreeRegressor().fit(POND, BATS[:, None]), r"y must have shape \(8,\)"),
    (lambda: dt.DecisionTreeRegressor().fit(POND, np.where(BATS, BATS, np.nan)), "y contains NaN"),
    (lambda: dt.DecisionTreeClassifier(min_samples_leaf=0).fit(POND, ANY), "min_samples_leaf must be at least 1"),
    (lambda: dt.DecisionTreeClassifier(min_samples_split=1).fit(POND, ANY), "min_samples_split must be at least 2"),
    (lambda: dt.DecisionTreeClassifier(max_depth=0).fit(POND, ANY), "max_depth must be at least 1"),
    (lambda: dt.DecisionTreeClassifier(max_depth=2.5).fit(POND, ANY), "max_depth must be an integer"),
    (lambda: dt.DecisionTreeClassifier(max_leaf_nodes=1).fit(POND, ANY), "max_leaf_nodes must be at least 2"),
    (lambda: dt.DecisionTreeClassifier(min_impurity_decrease=-1).fit(POND, ANY), "must be non-negative"),
    (lambda: dt.DecisionTreeClassifier("chance").fit(POND, ANY), "criterion must be"),
    (lambda: dt.DecisionTreeClassifier(splitter="worst").fit(POND, ANY), "splitter must be"),
    (lambda: dt.DecisionTreeClassifier(missing="mean").fit(POND, ANY), "missing must be"),
    (
        lambda: dt.DecisionTreeClassifier(max_features=3, random_state=0).fit(POND, ANY),
        r"max_features must lie in \[1, 2\]",
    ),
    (lambda: dt.DecisionTreeClassifier(max_features=1).fit(POND, ANY), "random_state must be given"),
    (lambda: dt.DecisionTreeClassifier(splitter="random").fit(POND, ANY), "random_state must be given"),
    (lambda: dt.DecisionTreeClassifier(ccp_alpha=-0.1).fit(POND, ANY), "ccp_alpha must be non-negative"),
    (lambda: dt.DecisionTreeClassifier(categorical=[2]).fit(POND, ANY), "categorical must lie in"),
    (lambda: dt.DecisionTreeClassifier(categorical=[0]).fit(POND / 2, ANY), "column 0 must hold categories"),
    (lambda: dt.DecisionTreeClassifier().fit(POND, ANY, -np.ones(8)), "sample_weight must be non-negative"),
    (lambda: dt.DecisionTreeClassifier().fit(POND, ANY, np.zeros(8)), "not all zero"),
    (lambda: dt.DecisionTreeClassifier().fit(POND, ANY, np.ones(7)), "7 weights for 8 samples"),
    (lambda: dt.DecisionTreeClassifier().fit(np.full((8, 1), np.inf), ANY), "X contains NaN or infinity"),
    (lambda: dt.DecisionTreeClassifier(missing="fractional").fit(np.full((8, 1), np.inf), ANY), "infinity"),
    (lambda: dt.DecisionTreeClassifier().fit(np.empty((0, 2)), []), "at least one sample"),
    (lambda: dt.DecisionTreeClassifier().predict(POND), "is not fitted"),
    (lambda: dt.DecisionTreeClassifier().fit(POND, ANY).predict(POND[:, :1]), "must have 2 features"),
    (lambda: dt.impurity([[0.5, 0.6]]), "sum to 1"),
    (lambda: dt.impurity([[-0.5, 1.5]]), "sum to 1"),
    (lambda: dt.impurity([0.5, 0.5], "chance"), "criterion must be"),
    (lambda: dt.information_gain([[0, 0], [0, 0]]), "not all zero"),
    (lambda: dt.information_gain([[1, -1], [0, 3]]), "non-negative"),
    (lambda: dt.gain_ratio([[1, 2], [0, 0]]), "two values that occur"),
]


@pytest.mark.parametrize(("call", "words"), BAD, ids=[words for _, words in BAD])
def test_bad_input_is_answered_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()
