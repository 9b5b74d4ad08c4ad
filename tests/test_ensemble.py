"""Ensembles against enumeration, closed forms and scikit-learn, on hard data too."""

import math
import warnings
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.stats import binom
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier as TheirAdaBoost
from sklearn.ensemble import BaggingClassifier as TheirBagging
from sklearn.ensemble import GradientBoostingClassifier as TheirBoostedClassifier
from sklearn.ensemble import GradientBoostingRegressor as TheirBoostedRegressor
from sklearn.ensemble import RandomForestClassifier as TheirForest
from sklearn.ensemble import RandomForestRegressor as TheirRegressionForest
from sklearn.ensemble import StackingClassifier as TheirStacking
from sklearn.ensemble import VotingClassifier as TheirVote
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.tree import DecisionTreeClassifier as TheirTree

from mlderived import datasets
from mlderived import ensemble as en
from mlderived.decision_tree import DecisionTreeClassifier, DecisionTreeRegressor
from mlderived.linear_regression import LinearRegression
from mlderived.logistic_regression import LogisticRegression
from mlderived.resampling import kfold, train_test_split

THREE, SIGNS = np.array([[1.0], [2], [4]]), np.array([1, -1, 1])
examples = settings(deadline=None, derandomize=True, max_examples=60)
tables = st.lists(
    st.tuples(st.integers(0, 4), st.integers(0, 4), st.booleans(), st.integers(1, 4)), min_size=2, max_size=12
)


def parted(rows):
    table = np.array(rows, dtype=float)
    assume(0 < table[:, 2].sum() < len(table))
    return table[:, :2], (2 * table[:, 2] - 1).astype(int), table[:, 3]


def real():
    data = datasets.load_breast_cancer()
    train, test = train_test_split(len(data.y), 0.3, seed=0, stratify=data.y)
    return data.X[train], data.y[train], data.X[test], data.y[test]


def cloud(seed, n=300, d=4):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((n, d)).astype(np.float32).astype(float)
    score = X[:, 0] + X[:, 1] ** 2 + 0.5 * rng.standard_normal(n)
    return X, (score > np.median(score)).astype(int), score


# Averages and votes


@pytest.mark.parametrize("T", [1, 2, 3, 7, 40])
def test_the_variance_of_an_average_is_the_quadratic_form(T):
    for rho in (1.0, 0.3, 0.0, -1 / max(T - 1, 1)):
        S = 2.5 * (rho * np.ones((T, T)) + (1 - rho) * np.eye(T))
        assert en.average_variance(2.5, rho, T) == pytest.approx(S.sum() / T**2, abs=1e-14)
    with pytest.raises(ValueError, match="rho must lie in"):
        en.average_variance(1.0, -1.01 / max(T - 1, 1), T)


@pytest.mark.parametrize("eps", [0.0, 0.05, 0.3, 0.5, 0.8, 1.0])
def test_a_vote_errs_as_enumeration_and_the_binomial_law_say(eps):
    for T in range(1, 9):
        lost = dict.fromkeys(("half", "right", "wrong"), 0.0)
        for case in product((0, 1), repeat=T):
            p, k = math.prod(eps if c else 1 - eps for c in case), sum(case)
            for ties, share in (("half", 0.5), ("right", 0.0), ("wrong", 1.0)):
                lost[ties] += p * (1 if 2 * k > T else share if 2 * k == T else 0)
        for ties, value in lost.items():
            assert en.majority_vote_error(eps, T, ties) == pytest.approx(value, abs=1e-14)
    for T in (21, 101, 501):
        assert en.majority_vote_error(eps, T) == pytest.approx(binom.sf(T // 2, T, eps), rel=1e-11, abs=1e-300)
    for T in (2, 20, 300):
        assert en.majority_vote_error(eps, T) == pytest.approx(en.majority_vote_error(eps, T - 1), rel=1e-10)


def test_numbers_of_votes():
    assert en.majority_vote_error(0.3, 21) == pytest.approx(0.02638994, abs=5e-9)
    assert en.majority_vote_error(0.3, 20, "right") == pytest.approx(0.017145, abs=5e-7)
    mixed = [(en.majority_vote_error(0.4, T) + en.majority_vote_error(0.55, T)) / 2 for T in (1, 21, 31, 501)]
    np.testing.assert_allclose(mixed, [0.475, 0.426691, 0.420781, 0.493810], atol=5e-7)


@examples
@given(st.integers(1, 6), st.integers(1, 5), st.randoms(use_true_random=False))
def test_ambiguity_is_an_identity(T, N, random):
    h = np.array([[random.uniform(-5, 5) for _ in range(N)] for _ in range(T)])
    y = np.array([random.uniform(-5, 5) for _ in range(N)])
    ours, mean, spread = en.ambiguity(h, y)
    np.testing.assert_allclose(ours, mean - spread, atol=1e-11)
    np.testing.assert_allclose(ours, (h.mean(axis=0) - y) ** 2)
    np.testing.assert_allclose(mean, [np.mean((h[:, i] - y[i]) ** 2) for i in range(N)])


@pytest.mark.parametrize("N", [1, 2, 3, 4, 5])
def test_the_nearest_that_is_drawn_by_enumeration(N):
    nearest = np.bincount([min(rows) for rows in product(range(N), repeat=N)], minlength=N)
    np.testing.assert_allclose(en.neighbour_weights(N), nearest / N**N, atol=1e-15)


def test_the_sum_of_squared_weights_tends_to_a_tangent():
    gaps = [np.sum(en.neighbour_weights(N) ** 2) - math.tanh(0.5) for N in (3, 80, 1000, 4000)]
    assert gaps[0] == pytest.approx(137 / 243 - math.tanh(0.5))
    assert gaps[1] + math.tanh(0.5) == pytest.approx(0.46536, abs=5e-6)
    assert gaps[3] == pytest.approx(gaps[2] / 4, rel=0.01)


# Members that are trained apart


def test_a_bag_of_full_trees_on_a_line_speaks_with_the_neighbours_weights():
    x, y = np.arange(6.0)[:, None], np.array([3.0, -1, 4, 1, -5, 9])
    bag = en.BaggingRegressor(n_estimators=1000, random_state=11).fit(x, y)
    at_end = np.array([tree.predict(x)[0] for tree in bag.estimators_])
    spread = at_end.std() / math.sqrt(1000)
    assert abs(bag.predict(x)[0] - en.neighbour_weights(6) @ y) < 4 * spread
    np.testing.assert_allclose(bag.predict(x)[0], at_end.mean())


@pytest.mark.parametrize("make", [en.BaggingClassifier, en.RandomForestClassifier])
def test_classifying_committees_average_shares_and_judge_out_of_the_bag(make):
    X, y, _ = cloud(1)
    names = np.array(["no", "yes", "perhaps"])[np.where(X[:, 2] > 1, 2, y)]
    model = make(n_estimators=30, oob_score=True, random_state=4).fit(X, names)
    each = np.zeros((30, len(X), 3))
    for t, member in enumerate(model.estimators_):
        each[t][:, np.searchsorted(model.classes_, member.classes_)] = member.predict_proba(X)
    np.testing.assert_allclose(model.predict_proba(X), each.mean(axis=0), atol=1e-13)
    unseen = model.counts_ == 0
    assert model.counts_.sum(axis=1).tolist() == [len(X)] * 30
    oob = np.einsum("tnk,tn->nk", each, unseen) / unseen.sum(axis=0)[:, None]
    np.testing.assert_allclose(model.oob_prediction_, oob, atol=1e-13)
    assert model.oob_score_ == pytest.approx(np.mean(model.classes_[oob.argmax(axis=1)] == names), abs=0.02)
    stages = list(model.staged_predict(X))
    assert len(stages) == 30
    np.testing.assert_array_equal(stages[-1], model.predict(X))
    np.testing.assert_array_equal(stages[0], model.classes_[each[0].argmax(axis=1)])


@pytest.mark.parametrize("make", [en.BaggingRegressor, en.RandomForestRegressor])
def test_regressing_committees_average_and_judge_out_of_the_bag(make):
    X, _, score = cloud(2)
    model = make(n_estimators=25, oob_score=True, random_state=4).fit(X, score)
    each = np.array([member.predict(X) for member in model.estimators_])
    np.testing.assert_allclose(model.predict(X), each.mean(axis=0), atol=1e-12)
    unseen = model.counts_ == 0
    oob = (each * unseen).sum(axis=0) / unseen.sum(axis=0)
    np.testing.assert_allclose(model.oob_prediction_, oob, atol=1e-12)
    share = 1 - np.sum((score - oob) ** 2) / np.sum((score - score.mean()) ** 2)
    assert model.oob_score_ == pytest.approx(share)
    np.testing.assert_allclose(list(model.staged_predict(X))[4], each[:5].mean(axis=0), atol=1e-12)


def test_a_forest_is_a_weighting_of_its_training_samples():
    X, y, score = cloud(3, n=120)
    new = cloud(4, n=40)[0]
    for depth in (None, 3):
        forest = en.RandomForestRegressor(20, max_depth=depth, random_state=1).fit(X, score)
        W = forest.leaf_weights(new)
        np.testing.assert_allclose(W.sum(axis=1), 1, atol=1e-12)
        assert W.min() >= 0
        np.testing.assert_allclose(W @ score, forest.predict(new), rtol=1e-12, atol=1e-12)
        voting = en.RandomForestClassifier(20, max_depth=depth, random_state=1).fit(X, y)
        np.testing.assert_allclose(voting.leaf_weights(new) @ y, voting.predict_proba(new)[:, 1], atol=1e-12)


def test_a_forest_without_bootstrap_and_with_all_features_is_one_tree():
    X, y, score = cloud(5)
    forest = en.RandomForestRegressor(3, max_features=None, bootstrap=False).fit(X, score)
    np.testing.assert_allclose(forest.predict(X), DecisionTreeRegressor().fit(X, score).predict(X))
    assert en.RandomForestClassifier(3, max_features=None, max_depth=2, bootstrap=False).fit(X, y).score(
        X, y
    ) == DecisionTreeClassifier(max_depth=2).fit(X, y).score(X, y)
    np.testing.assert_allclose(
        forest.feature_importances_, DecisionTreeRegressor().fit(X, score).feature_importances_, atol=1e-12
    )


def test_a_bag_of_all_features_is_a_forest_of_all_features_up_to_the_draw():
    X, _, score = cloud(6)
    rows = np.random.default_rng(3)
    bag = en.BaggingRegressor(n_estimators=3, random_state=3).fit(X, score)
    for tree in bag.estimators_:
        drawn = rows.integers(len(X), size=len(X))
        np.testing.assert_allclose(tree.predict(X), DecisionTreeRegressor().fit(X[drawn], score[drawn]).predict(X))


def test_forests_and_bags_do_as_well_as_scikit_learns():
    X, y, X_test, y_test = real()
    pairs = {"forest": (en.RandomForestClassifier, TheirForest), "bag": (en.BaggingClassifier, TheirBagging)}
    for ours, theirs in pairs.values():
        make = {"base": DecisionTreeClassifier()} if ours is en.BaggingClassifier else {}
        a = np.array([ours(n_estimators=6, random_state=s, **make).fit(X, y).score(X_test, y_test) for s in range(30)])
        b = np.array([theirs(n_estimators=6, random_state=s).fit(X, y).score(X_test, y_test) for s in range(30)])
        assert abs(a.mean() - b.mean()) < 3 * math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 30)
    D, t = datasets.load_diabetes().X, datasets.load_diabetes().y
    train, test = train_test_split(len(t), 0.3, seed=0)
    a, b = (
        np.array(
            [
                make(n_estimators=10, max_features=3, random_state=s).fit(D[train], t[train]).score(D[test], t[test])
                for s in range(30)
            ]
        )
        for make in (en.RandomForestRegressor, TheirRegressionForest)
    )
    assert abs(a.mean() - b.mean()) < 3 * math.sqrt((a.var(ddof=1) + b.var(ddof=1)) / 30)


def test_importances_of_a_forest_are_like_scikit_learns():
    X, y, _ = cloud(7, n=400)
    ours = en.RandomForestClassifier(200, min_samples_leaf=5).fit(X, y).feature_importances_
    theirs = TheirForest(200, min_samples_leaf=5, random_state=0).fit(X, y).feature_importances_
    np.testing.assert_allclose(ours, theirs, atol=0.03)
    assert ours.sum() == pytest.approx(1)


def test_importance_out_of_the_bag_by_its_definition():
    X, y, score = cloud(8, n=80)
    for model, aim in ((en.RandomForestClassifier(12), y), (en.RandomForestRegressor(12), score)):
        model.fit(X, aim)
        got, draw, rises = en.oob_permutation_importance(model, X, aim, 5), np.random.default_rng(5), []

        def error(tree, Z, t, labels=aim is y):
            return np.mean(tree.predict(Z) != t) if labels else np.mean((tree.predict(Z) - t) ** 2)

        for tree, count in zip(model.estimators_, model.counts_, strict=True):
            Z, t = X[count == 0], aim[count == 0]
            for j in range(4):
                mixed = Z.copy()
                mixed[:, j] = draw.permutation(Z[:, j])
                rises.append(error(tree, mixed, t) - error(tree, Z, t))
        np.testing.assert_allclose(got, np.reshape(rises, (12, 4)).mean(axis=0), atol=1e-12)
        assert set(np.argsort(got)[-2:]) == {0, 1}


def test_who_was_in_every_bag_has_no_prediction():
    with pytest.warns(RuntimeWarning, match="no out-of-bag prediction for 2 samples") as caught:
        model = en.BaggingRegressor(n_estimators=1, oob_score=True, random_state=3).fit(THREE, [1.0, 2, 3])
    assert caught[0].filename == __file__
    assert np.isnan(model.oob_prediction_).tolist() == (model.counts_[0] > 0).tolist()
    with pytest.warns(RuntimeWarning, match="for 1 samples"):
        alone = en.RandomForestClassifier(2, oob_score=True).fit([[1.0]], ["a"])
    assert np.isnan(alone.oob_score_)
    assert alone.predict([[5.0]]).tolist() == ["a"]
    with pytest.raises(ValueError, match="nothing out of the bag"):
        en.oob_permutation_importance(alone, [[1.0]], ["a"])


def breiman(votes, y):
    """Strength and correlation by their definitions: all pairs of trees."""
    T, N = votes.shape
    raw = np.zeros((T, N))
    for i in range(N):
        others = sorted(set(votes[:, i]) - {y[i]})
        most = max(others, key=lambda j: (votes[:, i] == j).sum()) if others else None
        raw[:, i] = (votes[:, i] == y[i]).astype(float) - (votes[:, i] == most)
    C = np.cov(raw, bias=True).reshape(T, T)
    sd = np.sqrt(np.diag(C))
    return raw.mean(), C.sum() / np.outer(sd, sd).sum() if sd.any() else 0.0


@pytest.mark.parametrize("K", [2, 3, 5])
def test_strength_and_correlation_by_pairs(K):
    rng = np.random.default_rng(K)
    for T, N in ((1, 4), (3, 3), (20, 50)):
        y = rng.integers(K, size=N)
        votes = np.where(rng.random((T, N)) < 0.6, y, rng.integers(K, size=(T, N)))
        s, rho = en.forest_strength_correlation(votes, y)
        np.testing.assert_allclose((s, rho), breiman(votes, y), atol=1e-12)
    votes = np.array([[1, -1, -1], [-1, -1, 1], [1, 1, 1]])
    assert en.forest_strength_correlation(votes, SIGNS) == pytest.approx((1 / 3, 0), abs=1e-15)
    assert en.forest_strength_correlation(votes[:2], SIGNS)[0] == pytest.approx(1 / 3)
    assert en.forest_strength_correlation(np.tile(SIGNS, (4, 1)), SIGNS) == (1.0, 0.0)
    assert en.breiman_bound(0.823938, 0.406729) == pytest.approx(0.192394, abs=2e-6)


# AdaBoost


def exact_stump(X, y, w):
    """The least weight of errors of all stumps, in exact arithmetic, and those that attain it."""
    w, found = [Fraction(a) for a in w], []
    for j in range(X.shape[1]):
        for low in [-math.inf, *sorted(set(X[:, j]))[:-1]]:
            for sign in (1, -1):
                wrong = sum(b for x, t, b in zip(X[:, j], y, w, strict=True) if (sign if x > low else -sign) != t)
                found.append((wrong, low == -math.inf, j, low, sign))
    best = min(found)[0]
    return best / sum(w), [f for f in found if f[0] == best]


@examples
@given(tables)
def test_the_best_stump_is_that_of_exact_arithmetic(rows):
    X, y, w = parted(rows)
    error, ways = exact_stump(X, y, w.astype(int).tolist())
    j, tau, sign, got = en.best_stump(X, y, w)
    assert got == pytest.approx(float(error), abs=1e-12)
    _, constant, feature, low, _ = min(ways)
    assert (constant, feature) == (tau == -math.inf, j)
    if not constant:
        values = np.unique(X[:, j])
        assert low < tau < values[np.searchsorted(values, low) + 1]
    assert np.average(np.where(X[:, j] > tau, sign, -sign) != y, weights=w) == pytest.approx(got)


@examples
@given(tables, st.integers(1, 8))
def test_a_first_weight_is_a_number_of_copies_and_the_order_of_rows_is_nothing(rows, T):
    X, y, w = parted(rows)
    copies = np.random.default_rng(0).permutation(np.repeat(np.arange(len(y)), w.astype(int)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        one, other = en.AdaBoostClassifier(T).fit(X, y, w), en.AdaBoostClassifier(T).fit(X[copies], y[copies])
    assert one.estimators_ == other.estimators_
    np.testing.assert_allclose(one.alphas_, other.alphas_, atol=1e-10)
    np.testing.assert_array_equal(one.predict(X), other.predict(X))


@examples
@given(tables, st.sampled_from([1e-9, 1e9]), st.sampled_from([0.0, 1e8]))
def test_boosting_knows_no_units_and_no_origin(rows, unit, shift):
    X, y, _ = parted(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        here, there = (en.AdaBoostClassifier(6).fit(D, y) for D in (X, unit * (X + shift)))
    np.testing.assert_allclose(here.alphas_, there.alphas_, atol=1e-12)
    np.testing.assert_array_equal(here.predict(X), there.predict(unit * (X + shift)))
    F = (en.GradientBoostingClassifier(4, max_depth=2).fit(D, y).decision_function(D) for D in (X, unit * (X + shift)))
    np.testing.assert_allclose(*F, atol=1e-10)


def test_three_points_by_hand():
    model = en.AdaBoostClassifier(300).fit(THREE, SIGNS)
    np.testing.assert_allclose(model.alphas_[:3], [math.log(2) / 2, math.log(3) / 2, math.log(5) / 2])
    weights = [[1 / 3] * 3, [1 / 4, 1 / 4, 1 / 2], [1 / 2, 1 / 6, 1 / 3], [3 / 10, 1 / 2, 1 / 5]]
    np.testing.assert_allclose(model.weights_history_[:4], weights)
    np.testing.assert_allclose(model.z_[:3].prod(), math.sqrt(30) / 9)
    assert [(h.threshold, h.sign) for h in model.estimators_[:3]] == [(1.5, -1), (3, 1), (-math.inf, 1)]
    f = [1, 1]
    while len(f) < 30:
        f.append(f[-1] + f[-2])
    fibonacci = [f[t - 2] / (2 * f[t]) for t in range(2, 21)]
    np.testing.assert_allclose(model.errors_[1:20], fibonacci, rtol=1e-12)
    np.testing.assert_allclose(model.margins(THREE, SIGNS), 1 / 3, atol=0.0023)
    assert model.margins(THREE, -SIGNS) == pytest.approx(-model.margins(THREE, SIGNS))


def invariants(model, X, y):
    """What AdaBoost owes at every round, whatever its learners are."""
    signs = np.where(y == model.classes_[1], 1, -1)
    F = 0.0
    for t, stage in enumerate(model.staged_decision_function(X)):
        h = model.estimators_[t].predict(X)
        w, after = model.weights_history_[t : t + 2]
        eps = w[h != signs].sum()
        assert eps == pytest.approx(model.errors_[t], abs=1e-12)
        assert model.alphas_[t] == pytest.approx(math.log((1 - eps) / eps) / 2, abs=1e-9)
        assert model.z_[t] == pytest.approx(2 * math.sqrt(eps * (1 - eps)), abs=1e-12)
        assert after[h != signs].sum() == pytest.approx(0.5, abs=1e-12)
        F = F + model.alphas_[t] * h
        np.testing.assert_allclose(stage, F)
        loss = np.exp(-signs * F)
        np.testing.assert_allclose(after, loss / loss.sum(), atol=1e-12)
        assert loss.mean() == pytest.approx(model.z_[: t + 1].prod(), rel=1e-10)
    np.testing.assert_array_equal(model.predict(X), model.classes_[(F >= 0).astype(int)])
    np.testing.assert_allclose(model.decision_function(X), F)


def test_what_each_round_owes():
    X, y, *_ = real()
    invariants(en.AdaBoostClassifier(40).fit(X, y), X, y)
    train, _ = datasets.load_moons(0.3)
    invariants(
        en.AdaBoostClassifier(30, base=DecisionTreeClassifier(max_depth=2)).fit(train.X, train.y), train.X, train.y
    )


@pytest.mark.parametrize("seed", range(3))
def test_each_round_is_the_best_step_of_all_stumps(seed):
    X, y, _ = cloud(seed, n=25, d=2)
    signs, model, F = 2 * y - 1, en.AdaBoostClassifier(6).fit(X, y), np.zeros(25)
    stumps = [np.where(X[:, j] > c, 1, -1) for j in (0, 1) for c in [-9.0, *np.sort(X[:, j])[:-1]]]
    for alpha, h in zip(model.alphas_, model.estimators_, strict=True):
        steps = [minimize_scalar(lambda a, g=g, F=F: np.mean(np.exp(-signs * (F + a * g)))) for g in stumps]
        least = min(steps, key=lambda step: step.fun)
        F = F + alpha * h.predict(X)
        assert np.mean(np.exp(-signs * F)) == pytest.approx(least.fun, rel=1e-9)
        assert alpha == pytest.approx(abs(least.x), abs=1e-5)


def test_with_gini_stumps_it_is_scikit_learns():
    for X, y in (real()[:2], cloud(9, n=500)[:2]):
        X = X.astype(np.float32).astype(float)
        theirs = TheirAdaBoost(TheirTree(max_depth=1), n_estimators=15).fit(X, y)
        ours = en.AdaBoostClassifier(15, base=DecisionTreeClassifier(max_depth=1)).fit(X, y)
        np.testing.assert_allclose(ours.errors_, theirs.estimator_errors_, atol=1e-10)
        np.testing.assert_allclose(2 * ours.alphas_, theirs.estimator_weights_, atol=1e-9)
        np.testing.assert_allclose(
            2 * ours.decision_function(X) / ours.alphas_.sum(), theirs.decision_function(X), atol=1e-10
        )


def test_rounds_that_end_it():
    square = np.array(list(product((0.0, 1), repeat=2)))
    with pytest.warns(RuntimeWarning, match="no learner is better than chance") as caught:
        none = en.AdaBoostClassifier().fit(square, [0, 1, 1, 0])
    assert caught[0].filename == __file__
    assert len(none.estimators_) == 0
    assert none.predict(square).tolist() == [1, 1, 1, 1]
    assert none.margins(square, [0, 1, 1, 0]).tolist() == [0, 0, 0, 0]
    clear = en.AdaBoostClassifier(9).fit(THREE, ["a", "b", "b"])
    assert (len(clear.estimators_), clear.alphas_.tolist(), clear.errors_.tolist()) == (1, [1.0], [0.0])
    assert clear.predict(THREE).tolist() == ["a", "b", "b"]
    late = en.AdaBoostClassifier(9, base=DecisionTreeClassifier()).fit(square, [0, 1, 1, 0])
    assert late.score(square, [0, 1, 1, 0]) == 1
    constant = en.AdaBoostClassifier(3).fit(np.ones((5, 2)), [0, 1, 1, 1, 0])
    assert (len(constant.estimators_), constant.predict(np.ones((1, 2))).tolist()) == (1, [1])
    heavy = en.AdaBoostClassifier(3).fit(np.ones((2, 1)), [0, 1], [1e-300, 1])
    assert heavy.alphas_[0] == pytest.approx(150 * math.log(10))


def test_a_weight_of_zero_is_no_sample():
    X, y, _ = cloud(2, n=60)
    w = np.where(np.arange(60) % 3, 1.0, 0.0)
    for base in (None, DecisionTreeClassifier(max_depth=1)):
        zero, without = (
            en.AdaBoostClassifier(8, base).fit(X, y, w),
            en.AdaBoostClassifier(8, base).fit(X[w > 0], y[w > 0]),
        )
        np.testing.assert_allclose(zero.alphas_, without.alphas_, atol=1e-12)
        assert not zero.weights_history_[:, w == 0].any()
    only = en.AdaBoostClassifier(8).fit(THREE, SIGNS, [1, 1, 0])
    assert only.predict(THREE).tolist() == [1, -1, -1]


def test_thousands_of_rounds_do_not_overflow():
    model = en.AdaBoostClassifier(4000).fit(THREE, SIGNS)
    assert np.isfinite(model.weights_history_).all()
    assert model.weights_history_.sum(axis=1) == pytest.approx(1)
    assert model.z_[-1] == pytest.approx(2 * math.sqrt(model.errors_[-1] * (1 - model.errors_[-1])))


# Gradient boosting


KINDS = [("squared", None), ("absolute", None), ("huber", 0.7), ("quantile", 0.8), ("logistic", None)]


@pytest.mark.parametrize(("loss", "q"), KINDS)
def test_a_pseudo_residual_is_minus_the_slope(loss, q):
    y, F = np.array([1.0, -1, 1, -1, 1, -1]), np.array([0.3, 0.4, -5.0, 6.0, 800.0, 800.0])
    slope = (en.loss_value(loss, y, F + 1e-6, q) - en.loss_value(loss, y, F - 1e-6, q)) / 2e-6
    np.testing.assert_allclose(en.pseudo_residual(loss, y, F, q), -slope, rtol=1e-5, atol=1e-6)


def test_losses_at_points():
    y, F = np.array([1.0, -1.0]), np.array([3.0, 0.5])
    expected = {"squared": [2, 1.125], "absolute": [2, 1.5], "huber": [1.5, 1.0], "quantile": [1.0, 0.75]}
    for loss, values in expected.items():
        np.testing.assert_allclose(en.loss_value(loss, y, F), values)
    np.testing.assert_allclose(en.loss_value("logistic", y, F), np.log1p(np.exp(-y * F)))
    np.testing.assert_allclose(en.loss_value("huber", y, F, 1e9), en.loss_value("squared", y, F))
    np.testing.assert_allclose(en.loss_value("quantile", y, F, 0.9), [0.2, 0.15])


def test_three_points_boosted_by_hand():
    model = en.GradientBoostingRegressor(n_estimators=4, learning_rate=1.0, max_depth=1).fit(THREE, SIGNS)
    stages = [[1 / 3] * 3, [1, 0, 0], [1 / 2, -1 / 2, 1], [1, -3 / 4, 3 / 4], [7 / 8, -7 / 8, 1]]
    np.testing.assert_allclose(list(model.staged_predict(THREE)), stages, atol=1e-14)
    np.testing.assert_allclose(6 * model.train_loss_, [8 / 3, 2, 1 / 2, 1 / 8, 1 / 32])
    half = en.GradientBoostingRegressor(n_estimators=2, learning_rate=0.5, max_depth=1).fit(THREE, SIGNS)
    np.testing.assert_allclose(6 * half.train_loss_[1:], [13 / 6, 133 / 96])
    rules = {"n_estimators": 2, "learning_rate": 1.0, "max_depth": 1}
    leaves = en.GradientBoostingClassifier(**rules).fit(THREE, SIGNS)
    np.testing.assert_allclose(leaves.estimators_[0].value[1:], [3 / 2, -3 / 4])
    assert leaves.init_ == pytest.approx(math.log(2))
    assert 3 * leaves.train_loss_[1] == pytest.approx(1.4929, abs=5e-5)
    one = en.GradientBoostingClassifier(leaf_refit=False, **rules).fit(THREE, SIGNS)
    assert 3 * one.train_loss_[1] == pytest.approx(1.4748, abs=5e-5)
    np.testing.assert_allclose(one.estimators_[0].value[1] / (1 / 3), 5.79, atol=5e-3)


@pytest.mark.parametrize("seed", range(3))
def test_boosted_numbers_are_scikit_learns(seed):
    X, _, score = cloud(seed, n=401)  # odd, so that there is one median
    for depth in (1, 2, 3):
        rules = {"n_estimators": 8, "max_depth": depth, "min_samples_leaf": 20}
        ours = en.GradientBoostingRegressor(**rules).fit(X, score)
        theirs = TheirBoostedRegressor(**rules).fit(X, score)
        for F, G in zip(list(ours.staged_predict(X))[1:], theirs.staged_predict(X), strict=True):
            np.testing.assert_allclose(F, G, atol=1e-9)
    for ours_loss, theirs_loss, extra in (("absolute", "absolute_error", {}), ("quantile", "quantile", {"alpha": 0.5})):
        # one round to its end: a leaf of even number has many best answers, of equal loss
        rules = {"n_estimators": 1, "max_depth": 1, "min_samples_leaf": 20, "learning_rate": 1.0}
        ours = en.GradientBoostingRegressor(ours_loss, **rules).fit(X, score)
        theirs = TheirBoostedRegressor(loss=theirs_loss, **rules, **extra).fit(X, score)
        lost = en.loss_value(ours_loss, score, theirs.predict(X)).mean()
        assert ours.train_loss_[1] == pytest.approx(lost, rel=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_boosted_classes_are_scikit_learns(seed):
    X, y, _ = cloud(seed, n=400)
    for depth in (1, 2):  # residuals of two values: in small nodes questions tie
        rules = {"n_estimators": 12, "max_depth": depth, "min_samples_leaf": 20}
        ours = en.GradientBoostingClassifier(**rules).fit(X, y)
        theirs = TheirBoostedClassifier(random_state=0, **rules).fit(X, y)
        for F, G in zip(list(ours.staged_decision_function(X))[1:], theirs.staged_decision_function(X), strict=True):
            np.testing.assert_allclose(F, G.ravel(), atol=1e-6)
        np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


@pytest.mark.parametrize(("loss", "q"), KINDS[:4])
@pytest.mark.parametrize("refit", [True, False])
def test_each_leaf_or_the_common_factor_is_the_best(loss, q, refit):
    X, _, score = cloud(4, n=90)
    rules = {"n_estimators": 1, "learning_rate": 1.0, "max_depth": 2, "leaf_refit": refit, "parameter": q}
    model = en.GradientBoostingRegressor(loss, **rules).fit(X, score)
    [tree] = model.estimators_
    at = tree.apply(X)

    def total(value):
        return en.loss_value(loss, score, model.init_ + value[at], q).sum()

    best = total(tree.value)
    for nudge in (-1e-3, 1e-3):
        for k in tree.leaves:
            moved = tree.value + nudge * (np.arange(len(tree.value)) == k if refit else tree.value)
            assert total(moved) >= best - 1e-9
        constant = np.full(len(score), model.init_)
        assert (
            en.loss_value(loss, score, constant + nudge, q).sum()
            >= en.loss_value(loss, score, constant, q).sum() - 1e-9
        )


def test_absolute_loss_on_diabetes():
    data = datasets.load_diabetes()
    model = en.GradientBoostingRegressor("absolute", n_estimators=10, max_depth=3).fit(data.X, data.y)
    np.testing.assert_allclose(model.train_loss_[[0, 10]], [65.04, 46.04], atol=1)
    assert model.train_loss_[0] == pytest.approx(65.04, abs=5e-3)


def test_a_share_of_the_rows_is_drawn_anew_for_each_tree():
    X, _, score = cloud(5, n=100)
    model = en.GradientBoostingRegressor(n_estimators=5, subsample=0.5, random_state=2).fit(X, score)
    assert [tree.n[0] for tree in model.estimators_] == [50] * 5
    again = en.GradientBoostingRegressor(n_estimators=5, subsample=0.5, random_state=2).fit(X, score)
    np.testing.assert_array_equal(model.predict(X), again.predict(X))
    other = en.GradientBoostingRegressor(n_estimators=5, subsample=0.5, random_state=3).fit(X, score)
    assert np.abs(model.predict(X) - other.predict(X)).max() > 1e-3
    draw = np.random.default_rng(2)
    rows = np.sort(draw.permutation(100)[:50])
    first = DecisionTreeRegressor(max_depth=3).fit(X[rows], score[rows] - score.mean())
    np.testing.assert_allclose(list(model.staged_predict(X))[1], score.mean() + 0.1 * first.predict(X), atol=1e-12)


def test_line_search_in_any_unit():
    rng = np.random.default_rng(0)
    y, h = rng.standard_normal((2, 40))
    h = h * np.sign(h @ y)
    for unit in (1e-9, 1.0, 1e9):
        tau = en.line_search("squared", unit * y, np.zeros(40), h)
        assert tau == pytest.approx(unit * (y @ h) / (h @ h), rel=1e-12)
        median = en.line_search("absolute", unit * y, np.zeros(40), h)
        values = [np.abs(unit * y - t * h).sum() for t in np.append(unit * y / h, median)]
        assert values[-1] <= min(values[:-1]) * (1 + 1e-9)
    assert en.line_search("squared", y, np.zeros(40), -h) == 0
    assert en.line_search("logistic", np.sign(h), np.zeros(40), np.sign(h)) > 30


def test_boosting_where_there_is_nothing_to_learn():
    flat = en.GradientBoostingRegressor(n_estimators=3).fit(np.ones((4, 2)), [5.0, 5, 5, 5])
    assert flat.predict(np.zeros((2, 2))).tolist() == [5, 5]
    mean = en.GradientBoostingRegressor(n_estimators=3).fit(np.ones((4, 2)), [1.0, 2, 3, 4])
    np.testing.assert_allclose(mean.predict(np.ones((1, 2))), 2.5)
    alone = en.GradientBoostingRegressor("huber", n_estimators=2).fit([[1.0]], [7.0])
    assert alone.predict([[3.0]]).tolist() == [7]
    sure = en.GradientBoostingClassifier(500, learning_rate=1.0).fit(THREE, SIGNS)
    assert np.isfinite(sure.decision_function(THREE)).all()
    assert sure.score(THREE, SIGNS) == 1
    X = np.r_[np.zeros(10), 1, 1][:, None]  # at 1 the log-odds rise to where the quotient of a leaf is very large
    mixed = en.GradientBoostingClassifier(60, learning_rate=1.0, max_depth=1).fit(X, [1] * 11 + [0])
    steps = np.abs(np.diff(list(mixed.staged_decision_function(X)), axis=0))
    assert steps.max() <= 36 + 1e-12
    assert np.isfinite(mixed.train_loss_).all()
    offset = en.GradientBoostingRegressor(n_estimators=20, learning_rate=1.0).fit(THREE, 1e8 + SIGNS)
    np.testing.assert_allclose(offset.predict(THREE) - 1e8, SIGNS, atol=1e-6)


# Unlike members


def test_votes_of_unlike_members_are_scikit_learns():
    X, y, X_test, _ = real()
    X, X_test = X[:, :5], X_test[:, :5]
    members = [DecisionTreeClassifier(max_depth=2), LogisticRegression(), DecisionTreeClassifier(max_depth=4)]
    named = [(str(i), m) for i, m in enumerate(members)]
    for voting, weights in (("hard", None), ("soft", None), ("hard", [1, 5, 1]), ("soft", [3, 1, 0])):
        ours = en.VotingClassifier(members, voting, weights).fit(X, y)
        theirs = TheirVote(named, voting=voting, weights=weights).fit(X, y)
        np.testing.assert_array_equal(ours.predict(X_test), theirs.predict(X_test))
    tie = en.VotingClassifier(members[:2] + members[:1]).fit(X, np.where(y, "b", "a"))
    assert set(tie.predict(X_test)) == {"a", "b"}


def test_stacking_is_scikit_learns_on_the_same_folds():
    X, y, X_test, _ = real()
    X, X_test = X[:, :6] / X[:, :6].std(axis=0), X_test[:, :6] / X[:, :6].std(axis=0)
    members = [DecisionTreeClassifier(max_depth=2), LogisticRegression(0.1)]
    folds = kfold(len(y), 5, stratify=y)
    ours = en.StackingClassifier(members, LogisticRegression(1.0)).fit(X, y)
    theirs = TheirStacking([(str(i), m) for i, m in enumerate(members)], LogisticRegression(1.0), cv=folds).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X_test), theirs.predict_proba(X_test), atol=1e-10)
    np.testing.assert_array_equal(ours.predict(X_test), theirs.predict(X_test))
    np.testing.assert_allclose(ours.columns_, en.stack_columns(members, X, y, folds))
    train, test = folds[2]
    np.testing.assert_allclose(
        ours.columns_[test, 1], LogisticRegression(0.1).fit(X[train], y[train]).predict_proba(X[test])[:, 1]
    )


def test_stacking_of_three_classes_and_of_numbers():
    iris = datasets.load_iris()
    model = en.StackingClassifier([DecisionTreeClassifier(max_depth=2), LinearVotes()], n_folds=3, random_state=1)
    model.fit(iris.X, iris.y)
    assert model.columns_.shape == (150, 6)
    assert model.score(iris.X, iris.y) > 0.9
    np.testing.assert_allclose(model.predict_proba(iris.X).sum(axis=1), 1)
    folds = kfold(3, 3)
    with pytest.raises(ValueError, match="the folds' predictions contains NaN"):
        en.stack_columns([LinearRegression()], THREE, SIGNS.astype(float), folds[:2])
    Z = en.stack_columns([DecisionTreeRegressor(), LinearRegression()], THREE, SIGNS.astype(float), folds)
    np.testing.assert_allclose(Z, [[-1, -2], [1, 1], [-1, -5]], atol=1e-9)


class LinearVotes(DecisionTreeClassifier):
    """A member that only votes."""

    predict_proba = property()

    def __init__(self):
        super().__init__(max_depth=3)

    def get_params(self, deep=True):
        return {}


# Where they are at home


def test_they_live_in_scikit_learns_tools():
    X, y, _ = cloud(1, n=60)
    for model in (
        en.AdaBoostClassifier(base=DecisionTreeClassifier(max_depth=1)),
        en.StackingClassifier([DecisionTreeClassifier()]),
        en.VotingClassifier([KNeighborsClassifier(1), DecisionTreeClassifier(max_depth=1)]),
        en.BaggingClassifier(KNeighborsClassifier(1), n_estimators=5),
    ):
        copy = clone(model)
        assert repr(copy) == repr(model)
        copy.fit(X, y)
        assert not hasattr(model, "classes_")
        assert copy.score(X, y) > 0.6
    search = GridSearchCV(en.RandomForestClassifier(5), {"max_features": [1, 2]}, cv=3).fit(X, y)
    assert search.best_params_["max_features"] in (1, 2)
    best = GridSearchCV(en.GradientBoostingRegressor(n_estimators=5), {"max_depth": [1, 2]}, cv=3).fit(X, X[:, 0])
    assert best.best_params_ == {"max_depth": 2}


@pytest.mark.parametrize(
    "make",
    [en.AdaBoostClassifier, en.GradientBoostingClassifier, en.RandomForestClassifier, en.BaggingClassifier],
)
def test_a_second_fit_forgets_the_first(make):
    X, y, _ = cloud(1, n=50)
    model = make(n_estimators=5)
    model.fit(X, 1 - y)
    np.testing.assert_array_equal(model.fit(X, y).predict(X), make(n_estimators=5).fit(X, y).predict(X))
    assert len(model.estimators_) == 5


def test_constant_columns_and_copies_of_columns_change_nothing():
    X, y, score = cloud(3, n=80)
    wide = np.column_stack([X, np.full(80, 0.3), X])
    assert en.AdaBoostClassifier(10).fit(X, y).estimators_ == en.AdaBoostClassifier(10).fit(wide, y).estimators_
    np.testing.assert_allclose(
        *(en.GradientBoostingRegressor(n_estimators=5).fit(D, score).predict(D) for D in (X, wide)), atol=1e-12
    )
    far = en.RandomForestClassifier(10).fit(np.column_stack([np.full(80, 1e8), X]), y)
    assert far.feature_importances_[0] == 0


def test_bad_input_is_answered_in_a_sentence():
    X, y, score = cloud(1, n=20)
    said = [
        (lambda: en.AdaBoostClassifier().fit(X, np.zeros(20, int)), "y must hold exactly two classes: got only 0"),
        (lambda: en.GradientBoostingClassifier().fit(X, np.arange(20)), "y must hold exactly two classes: got 20"),
        (lambda: en.AdaBoostClassifier().fit(X, y, -np.ones(20)), "sample_weight must be non-negative, not all zero"),
        (lambda: en.AdaBoostClassifier().fit(X, y, np.zeros(20)), "sample_weight must be non-negative, not all zero"),
        (lambda: en.AdaBoostClassifier(0).fit(X, y), "n_estimators must be at least 1: got 0"),
        (lambda: en.AdaBoostClassifier().predict(X), "AdaBoostClassifier is not fitted"),
        (lambda: en.AdaBoostClassifier(2).fit(X, y).predict(X[:, :2]), "X must have 4 features: got 2"),
        (lambda: en.AdaBoostClassifier(2).fit(X, y).margins(X, y + 1), "y must hold one of the labels"),
        (lambda: en.AdaBoostClassifier().fit(np.where(X > 2, np.nan, X) * np.nan, y), "X contains NaN"),
        (lambda: en.GradientBoostingRegressor(learning_rate=0.0).fit(X, score), r"learning_rate must be in \(0, 1\]"),
        (lambda: en.GradientBoostingRegressor(learning_rate=1.5).fit(X, score), r"learning_rate must be in \(0, 1\]"),
        (lambda: en.GradientBoostingRegressor(subsample=0.0).fit(X, score), r"subsample must be in \(0, 1\]: got 0"),
        (lambda: en.GradientBoostingRegressor("logistic").fit(X, score), "belongs to GradientBoostingClassifier"),
        (lambda: en.GradientBoostingRegressor("cubic").fit(X, score), "loss must be one of squared, absolute"),
        (lambda: en.GradientBoostingRegressor(parameter=1.0).fit(X, score), "parameter belongs to the losses"),
        (lambda: en.GradientBoostingRegressor("quantile", parameter=1.0).fit(X, score), "parameter must lie in"),
        (lambda: en.GradientBoostingRegressor().predict(X), "GradientBoostingRegressor is not fitted"),
        (lambda: en.RandomForestClassifier(max_features=9).fit(X, y), r"max_features must lie in \[1, 4\]: got 9"),
        (lambda: en.RandomForestRegressor().fit(X, score[:5]), "different numbers of samples: 20 and 5"),
        (lambda: en.RandomForestClassifier(random_state=None).fit(X, y), "random_state must be an integer"),
        (lambda: en.BaggingRegressor(n_estimators=0).fit(X, score), "n_estimators must be at least 1"),
        (lambda: en.BaggingRegressor().predict(X), "BaggingRegressor is not fitted"),
        (lambda: en.VotingClassifier([]).fit(X, y), "estimators must be a list of estimators"),
        (lambda: en.VotingClassifier([DecisionTreeClassifier()], "loud").fit(X, y), "voting must be 'hard' or 'soft'"),
        (lambda: en.VotingClassifier([DecisionTreeClassifier()]).predict(X), "VotingClassifier is not fitted"),
        (lambda: en.StackingClassifier("tree").fit(X, y), "estimators must be a list of estimators"),
        (lambda: en.StackingClassifier([DecisionTreeClassifier()], n_folds=1).fit(X, y), "n_folds must lie in"),
        (lambda: en.StackingClassifier([DecisionTreeClassifier()]).predict(X), "StackingClassifier is not fitted"),
        (lambda: en.majority_vote_error(1.2, 3), r"eps must lie in \[0, 1\]"),
        (lambda: en.majority_vote_error(0.2, 3, "lost"), "ties must be 'half', 'right' or 'wrong'"),
        (lambda: en.ambiguity(X, y[:3]), "h must hold a column for each of 3 targets"),
        (lambda: en.best_stump(X, y, np.ones(20)), "y must hold −1 and 1"),
        (lambda: en.forest_strength_correlation(X, y), "votes must have shape"),
        (lambda: en.breiman_bound(0.0, 0.5), "s must be positive"),
        (lambda: en.breiman_bound(1.5, 0.5), "s must be at most 1"),
        (lambda: en.breiman_bound(0.5, 1.5), r"rho_bar must lie in \[0, 1\]"),
        (lambda: en.loss_value("huber", y, y, -1.0), "parameter must be positive"),
        (
            lambda: en.oob_permutation_importance(en.RandomForestClassifier(2).fit(X, y), X[:5], y[:5]),
            "must be the 20 training samples",
        ),
    ]
    for call, words in said:
        with pytest.raises(ValueError, match=words):
            call()


def test_numbers_of_the_moons_with_stumps_that_minimise_errors():
    """Rounds of boosting in which the bound falls and the error does not."""
    train, _ = datasets.load_moons(0.3)
    model = en.AdaBoostClassifier(40).fit(train.X, train.y)
    errors = [np.mean((F >= 0) != train.y) for F in model.staged_decision_function(train.X)]
    bound = model.z_.cumprod()
    assert np.all(np.diff(bound) < 0)
    assert np.any(np.diff(errors) > 0)
    assert np.all(errors <= bound)
    edges = 0.5 - model.errors_
    assert np.all(bound <= np.exp(-2 * np.cumsum(edges**2)))
    f = model.margins(train.X, train.y)
    for theta in np.linspace(0, 0.5, 11):
        factor = np.sqrt((1 - 2 * edges) ** (1 - theta) * (1 + 2 * edges) ** (1 + theta))
        assert np.mean(f <= theta) <= factor.prod()


def test_the_pairs_of_members_that_a_vote_needs():
    """With three members of error a third, pairwise correlation −½ leaves no error of the mean, independence 2/27."""
    wrong = np.array([[0, 0, 1], [1, 0, 0], [0, 1, 0]])
    pairs = [np.cov(wrong[a], wrong[b], bias=True)[0, 1] for a, b in combinations(range(3), 2)]
    np.testing.assert_allclose(pairs, -1 / 9)
    assert en.average_variance(2 / 9, -0.5, 3) == pytest.approx(wrong.mean(axis=0).var(), abs=1e-16)
    assert en.average_variance(2 / 9, 0.0, 3) == pytest.approx(2 / 27)


def test_numbers_of_twenty_splits_that_the_chapter_quotes():
    data, rows, late = datasets.load_breast_cancer(), [], []
    for seed in range(20):
        train, test = train_test_split(569, 0.3, seed=seed, stratify=data.y)
        model = en.AdaBoostClassifier(300).fit(data.X[train], data.y[train])
        tree = DecisionTreeClassifier().fit(data.X[train], data.y[train])
        inside, outside = (
            np.array([np.mean((F >= 0) != data.y[part]) for F in model.staged_decision_function(data.X[part])])
            for part in (train, test)
        )
        zero = np.flatnonzero(inside > 0)[-1] + 1
        rows.append((outside[0], 1 - tree.score(data.X[test], data.y[test]), outside[-1]))
        late.append(outside[-1] - outside[zero])
    rows, late = np.array(rows), np.array(late)
    np.testing.assert_allclose(100 * rows.mean(axis=0), [10.5, 8.5, 3.4], atol=0.06)
    errors = 100 * rows.std(axis=0, ddof=1) / math.sqrt(20)
    assert errors.min() > 0.25
    assert errors.max() < 0.55
    assert np.sum(rows[:, 2] < rows[:, 1]) == 20
    assert (np.sum(late < 0), np.sum(late > 0)) == (17, 1)
    assert -100 * late.mean() == pytest.approx(1.6, abs=0.05)
