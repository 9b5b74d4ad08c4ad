"""Second-order boosting against enumeration, exact arithmetic, chapter 7's grower, XGBoost and LightGBM."""

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lightgbm
    import xgboost

from mlderived import datasets
from mlderived import decision_tree as dt
from mlderived import gradient_boosting as gb
from mlderived.logistic_regression import softplus
from mlderived.metrics import roc_auc

DOSE = np.arange(1.0, 5)[:, None]
G4, ONES = np.array([2.0, -5, -4, 1]), np.ones(4)
examples = settings(deadline=None, derandomize=True, max_examples=60)


def float32(X):
    """What XGBoost keeps of X."""
    return np.asarray(X, dtype=np.float32).astype(float)


# The quadratic


def test_a_leaf_says_and_earns_what_a_minimiser_finds():
    rng = np.random.default_rng(12)
    for lam, l1 in itertools.product((0.0, 0.5, 3.0), (0.0, 0.7)):
        G, H = rng.normal(size=20) * 3, rng.uniform(0.2, 4, 20)

        def objective(w, a, b, lam=lam, l1=l1):
            return a * w + (b + lam) * w**2 / 2 + l1 * abs(w)

        found = [minimize_scalar(objective, (-40, 40), args=ab, tol=1e-12) for ab in zip(G, H, strict=True)]
        assert gb.leaf_weight(G, H, lam, l1) == pytest.approx([r.x for r in found], abs=1e-6)
        least = sum(r.fun for r in found) + 20 * 0.3
        assert gb.structure_score(G, H, lam, 0.3, l1) == pytest.approx(least, rel=1e-10)
        children = [gb.structure_score(G[i : i + 2], H[i : i + 2], lam, 0.3, l1) for i in range(0, 20, 2)]
        parents = [gb.structure_score(G[i : i + 2].sum(), H[i : i + 2].sum(), lam, 0.3, l1) for i in range(0, 20, 2)]
        gain = gb.split_gain(G[::2], H[::2], G[1::2], H[1::2], lam, 0.3, l1)
        assert gain == pytest.approx(np.subtract(parents, children), abs=1e-12)
    assert math.copysign(1, gb.leaf_weight(0, 1)) == 1


def test_the_bracket_is_a_disagreement_less_a_fee():
    rng = np.random.default_rng(12)
    (GL, GR), (HL, HR) = rng.normal(size=(2, 1000)) * 3, rng.uniform(0.01, 3, (2, 1000))
    for lam in (0.0, 0.3, 5.0):
        unlike, fee = gb.bracket_parts(GL, HL, GR, HR, lam)
        assert unlike - fee == pytest.approx(2 * gb.split_gain(GL, HL, GR, HR, lam), abs=1e-10)
        assert np.all(unlike >= 0) and np.all((fee > 0) == (lam > 0))
    assert 2 * gb.split_gain(1, 1, 1, 1, 1) == pytest.approx(-1 / 3)


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: gb.leaf_weight(1, 1, -1), "lam must be non-negative: got -1"),
        (lambda: gb.leaf_weight(1, 1, 1, -2), "l1 must be non-negative"),
        (lambda: gb.structure_score(1, 1, 1, -2), "gamma must be non-negative"),
        (lambda: gb.leaf_weight([1, 2], [0, 1], 0), "must be positive"),
        (lambda: gb.leaf_weight(1, -1, 3), "must be non-negative"),
        (lambda: gb.split_gain(np.nan, 1, 1, 1), "NaN"),
        (lambda: gb.grad_hess("hinge", [0, 1], [0, 0]), "loss must be one of"),
        (lambda: gb.grad_hess("logistic", [0, 2], [0, 0]), "labels must be 0/1 for logistic: got"),
        (lambda: gb.grad_hess("softmax", [0, 3], np.zeros((2, 3))), "labels must be 0 … 2 for softmax"),
        (lambda: gb.grad_hess("squared", [0, 2], [0, 0, 0]), "margins of 2 samples"),
        (lambda: gb.grad_hess("squared", [0, 2], [0, 0], "exact"), "hessian"),
        (lambda: gb.quantile_bins([1.0, 2], 1), "bin count, must be at least 2"),
        (lambda: gb.quantile_bins([1.0, 2], 2, [0, 0]), "not all zero"),
        (lambda: gb.histogram([0, 5], [1, 1], [1, 1], 5), "codes must lie in"),
        (lambda: gb.boost_tree(DOSE, G4, -ONES), "curvatures must be non-negative"),
        (lambda: gb.boost_tree(DOSE, G4[:3], ONES), "as many entries: got 4, 3 and 4"),
        (lambda: gb.boost_tree(DOSE, G4, ONES, depth=3), "no rule 'depth'"),
        (lambda: gb.boost_tree(DOSE, G4, ONES, growth="wild"), "growth must be one of"),
        (lambda: gb.boost_tree(DOSE, G4, ONES, max_depth=0), "max_depth"),
        (lambda: gb.boost_tree(DOSE, G4, ONES, max_leaves=1), "max_leaves"),
        (lambda: gb.boost_tree(DOSE, G4, ONES, max_bins=1), "max_bins"),
        (lambda: gb.boost_tree(DOSE, G4, 0 * ONES, lam=0), "H \\+ lam must be positive"),
        (lambda: gb.boost_tree(DOSE * np.inf, G4, ONES), "infinity"),
        (lambda: gb.boost_tree([["a"]], [1], [1]), "real numbers"),
        (lambda: gb.prune_by_gain(gb.boost_tree(DOSE, G4, ONES), -1), "gamma must be non-negative"),
        (lambda: gb.prune_by_gain(gb.boost_tree(DOSE, G4, ONES), 1, "both"), "mode must be"),
        (lambda: gb.goss_sample(G4, 0.5, 0.6, 0), "a \\+ b must not exceed 1"),
        (lambda: gb.goss_sample(G4, 0.0, 0.6, 0), "a must lie in \\(0, 1\\)"),
        (lambda: gb.quantile_summary([1.0, 2], [1, 0]), "positive"),
        (lambda: gb.prune_summary(gb.quantile_summary([1.0], [1]), 0), "size"),
        (lambda: gb.bundle_columns([[0, 3]], [3]), "lie in 0"),
        (lambda: gb.bundle_features(np.eye(3), 2), "max_conflict"),
        (lambda: gb.category_split([1], [1]), "two categories"),
        (lambda: gb.category_split([1, 2], [1, 0]), "positive H"),
        (lambda: gb.ordered_target_statistic([1, 1], [0, 1], [0, 0]), "permutation"),
        (lambda: gb.shapley_values(lambda Z: Z[:, 0], np.zeros(16), np.zeros((1, 16))), "number of features"),
        (lambda: gb.SecondOrderRegressor().predict(DOSE), "not fitted"),
        (lambda: gb.SecondOrderRegressor(learning_rate=-1).fit(DOSE, G4), "learning_rate"),
        (lambda: gb.SecondOrderRegressor(n_estimators=0).fit(DOSE, G4), "n_estimators"),
        (lambda: gb.SecondOrderRegressor(subsample=2).fit(DOSE, G4), "subsample"),
        (lambda: gb.SecondOrderRegressor(lam=-1).fit(DOSE, G4), "lam"),
        (lambda: gb.SecondOrderRegressor(early_stopping_rounds=2).fit(DOSE, G4), "eval_set"),
        (lambda: gb.SecondOrderRegressor(goss=(0.2, 0.1, 0.1)).fit(DOSE, G4), "two shares"),
        (lambda: gb.SecondOrderRegressor(base=np.inf).fit(DOSE, G4), "base must be a finite number"),
        (lambda: gb.SecondOrderRegressor().fit(DOSE, G4, eval_set=(DOSE, G4[:3])), "4 rows and 3 targets"),
        (lambda: gb.SecondOrderRegressor().fit(DOSE, G4[:2]), "shape \\(4,\\)"),
        (lambda: gb.SecondOrderRegressor().fit(DOSE, G4, -ONES), "sample_weight"),
        (lambda: gb.SecondOrderRegressor().fit(DOSE, G4).feature_importances("shap"), "kind"),
        (lambda: gb.SecondOrderClassifier().fit(DOSE, ONES), "two classes: got only 1"),
        (lambda: gb.SecondOrderClassifier().fit(DOSE, [0, 0, 1, 1], [1, 1, 0, 0]), "positive weight"),
        (lambda: gb.SecondOrderClassifier().fit(DOSE, [0, 1, 0, 1], eval_set=(DOSE, [0, 1, 2, 0])), "eval_set holds"),
        (lambda: gb.SecondOrderClassifier(2).fit(DOSE, [0, 1, 0, 1]).predict(np.ones((2, 3))), "1 features: got 3"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Losses


@pytest.mark.parametrize("loss", ["squared", "logistic", "softmax"])
def test_slopes_and_curvatures_are_derivatives(loss):
    rng = np.random.default_rng(12)
    K = 4 if loss == "softmax" else 1
    F = rng.normal(size=(50, K)) * 3
    y = rng.integers({"logistic": 2, "softmax": 4}.get(loss, 9), size=50).astype(float)

    def total(F):
        if loss == "squared":
            return 0.5 * (F[:, 0] - y) ** 2
        if loss == "logistic":
            return softplus(F[:, 0]) - y * F[:, 0]
        return np.log(np.exp(F).sum(axis=1)) - F[np.arange(50), y.astype(int)]

    shaped = F if K > 1 else F[:, 0]
    g, h = (part.reshape(F.shape) for part in gb.grad_hess(loss, y, shaped))
    low = gb.grad_hess(loss, y, shaped, "bound")[1].reshape(F.shape)
    for k in range(K):
        e = np.eye(K)[k] * 1e-3
        assert g[:, k] == pytest.approx((total(F + e) - total(F - e)) / 2e-3, abs=1e-7)
        curved = (total(F + e) - 2 * total(F) + total(F - e)) / 1e-6
        assert h[:, k] == pytest.approx((1 + (K > 1)) * curved, abs=1e-6)
        assert np.all(low[:, k] >= curved - 1e-6)


def test_a_confident_logistic_margin_keeps_its_slope():
    g, h = gb.grad_hess("logistic", [1.0, 0, 1, 0], np.array([40.0, 40, -700, -700]))
    assert g[0] == pytest.approx(-np.exp(-40), rel=1e-12) and g[1] == 1 and g[2] == -1 and g[3] > 0
    assert np.all(h > 0)


# Search


def brute_force(x, g, h, lam, mcw=0.0):
    """(bracket, partition) of the best cut of one column over thresholds and both directions; plain loops."""
    known, best = ~np.isnan(x), (0.0, None)
    for low in np.unique(x[known]):
        for missing_left in (True, False):
            left = np.where(known, x <= low, missing_left)
            if 0 < left.sum() < len(x) and min(h[left].sum(), h[~left].sum()) >= mcw:
                parts = [g[s].sum() ** 2 / (h[s].sum() + lam) for s in (left, ~left, left | True)]
                bracket = parts[0] + parts[1] - parts[2]
                if bracket > best[0] + 1e-9:
                    best = bracket, left
    return best


@pytest.mark.parametrize("method", ["exact", "hist"])
@pytest.mark.parametrize("gaps", [0.0, 0.3])
def test_the_best_cut_is_that_of_enumeration(method, gaps):
    rng = np.random.default_rng(12)
    for lam, mcw in itertools.product((0.0, 1.0), (0.0, 2.0)):
        for _ in range(25):
            n = rng.integers(2, 15)
            X = rng.integers(0, 6, (n, 3)).astype(float)
            X[rng.random(X.shape) < gaps] = np.nan
            g, h = rng.normal(size=n), rng.uniform(0.2, 2, n)
            found = [brute_force(X[:, f], g, h, lam, mcw) for f in range(3)]
            tree = gb.boost_tree(X, g, h, max_depth=1, lam=lam, min_child_weight=mcw, method=method)
            best = max(b for b, _ in found)
            assert tree.gain[0] == pytest.approx(best, abs=1e-9)
            if best > 0:
                assert tree.feature[0] == next(f for f in range(3) if found[f][0] > best - 1e-9)
                at = tree.apply(X) == 1
                sides = gb.split_gain(g[at].sum(), h[at].sum(), g[~at].sum(), h[~at].sum(), lam)
                assert 2 * sides == pytest.approx(best, abs=1e-9)
                assert tree.value[1:] == pytest.approx([-g[s].sum() / (h[s].sum() + lam) for s in (at, ~at)], abs=1e-12)


class SlopesAndCurvatures:
    """A criterion of chapter 7's `grow`."""

    homogeneous = False

    def __init__(self, g, h, lam, mcw):
        self.g, self.h, self.lam, self.mcw = g, h, lam, mcw

    def stats(self, row, w, start):
        return np.stack([self.g[row], self.h[row]])

    def loss(self, sums):
        return np.where(sums[1] < self.mcw, np.inf, -(sums[0] ** 2) / (sums[1] + self.lam))

    def describe(self, row, w, start):
        G, H = (np.add.reduceat(a[row], start) for a in (self.g, self.h))
        return -G / (H + self.lam), np.ones(len(start))

    def constant(self, row, start):
        return np.zeros(len(start), dtype=bool)


@pytest.mark.parametrize("leaves", [None, 9])
def test_chapter_sevens_grower_finds_the_same_trees(leaves):
    rng = np.random.default_rng(12)
    X, g, h = rng.normal(size=(150, 5)), rng.normal(size=150), rng.uniform(0.1, 1, 150)
    with np.errstate(invalid="ignore"):
        theirs = dt.grow(
            X, SlopesAndCurvatures(g, h, 1.0, 3.0), max_depth=5, max_leaf_nodes=leaves, allow_zero_gain=False
        )
    for method in ("exact", "hist"):
        rules = {"min_child_weight": 3.0, "max_depth": 5, "method": method, "max_leaves": leaves}
        ours = gb.boost_tree(X, g, h, growth="leaf" if leaves else "level", **rules)
        assert len(ours.leaves) == len(theirs.leaves)
        assert np.array_equal(ours.feature, theirs.feature)
        assert ours.value == pytest.approx(theirs.value, abs=1e-12)
        assert np.nan_to_num(ours.threshold) == pytest.approx(np.nan_to_num(theirs.threshold), abs=1e-12)


def test_the_four_plots():
    for method in ("exact", "hist"):
        tree = gb.boost_tree(DOSE, G4, ONES, method=method)
        assert tree.gain[tree.feature >= 0] == pytest.approx([10.8, 11.5])
        assert tree.value[tree.leaves] == pytest.approx([-1, 3, -0.5])
        assert tree.threshold[tree.feature >= 0] == pytest.approx([1.5, 3.5])
        assert list(tree.n) == [4, 1, 3, 2, 1]
    t, brackets = gb.scan_cuts(DOSE[:, 0], G4, ONES)
    assert brackets == pytest.approx(np.array([[10.8] * 2, [-1.2] * 2, [5.55] * 2])) and list(t) == [1.5, 2.5, 3.5]
    t, brackets = gb.scan_cuts(np.append(DOSE, np.nan), np.append(G4, 4), np.ones(5))
    expected = np.array([[28, 5.2], [3.25, 3.25], [2.3, 247 / 12]]) - 2 / 3
    assert brackets[:3] == pytest.approx(expected, abs=1e-10)
    assert t[3] == np.inf and brackets[3, 0] == -np.inf


def test_windows_of_gamma_on_the_four_plots():
    windows = {"pre": 5.4, "optimal": 5.575, "post": 5.75}
    for prune, edge in windows.items():
        for method in ("exact", "hist"):
            for gamma, leaves in ((edge - 0.01, 3), (edge + 0.01, 1)):
                tree = gb.boost_tree(DOSE, G4, ONES, gamma=gamma, prune=prune, method=method)
                assert len(tree.leaves) == leaves
    assert len(gb.boost_tree(DOSE, G4, ONES, gamma=5.4, prune="pre").leaves) == 3  # kept where it pays just its price
    assert len(gb.boost_tree(DOSE, G4, ONES, gamma=5.75, prune="post").leaves) == 3
    assert len(gb.boost_tree(DOSE, G4, ONES, gamma=5.575, prune="optimal").leaves) == 1  # of equal ones the smaller


def prunings(tree, t=0):
    """(objective without γ, leaves) of each pruning of a branch."""
    yield tree.impurity[t] * tree.weight[t], 1
    if tree.feature[t] >= 0:
        for (a, m), (b, n) in itertools.product(
            list(prunings(tree, tree.left[t])), list(prunings(tree, tree.right[t]))
        ):
            yield a + b, m + n


def test_optimal_pruning_is_the_best_of_all_and_chapter_sevens():
    rng = np.random.default_rng(12)
    better = 0
    for _ in range(60):
        X, g = rng.normal(size=(12, 2)), rng.normal(size=12) * 2
        tree = gb.boost_tree(X, g, np.ones(12), max_depth=3)
        for gamma in (0.2, 0.7, 1.5, 3.0):
            ours = gb.prune_by_gain(tree, gamma)
            objective = gb.structure_score(ours.G[ours.leaves], ours.weight[ours.leaves], 1.0, gamma)
            assert objective == pytest.approx(min(a + gamma * n for a, n in prunings(tree)), abs=1e-10)
            other = dt.prune(dt.Tree(*(getattr(tree, f) for f in dt.Tree.__dataclass_fields__)), gamma / 12)
            assert np.array_equal(ours.feature, other.feature) and ours.value == pytest.approx(other.value)
            library = gb.prune_by_gain(tree, gamma, "library")
            theirs = gb.structure_score(library.G[library.leaves], library.weight[library.leaves], 1.0, gamma)
            assert objective <= theirs + 1e-12
            better += objective < theirs - 1e-9
            assert np.all(library.gain[library.feature >= 0] > 0)
    assert better > 5


def test_gains_add_up():
    rng = np.random.default_rng(12)
    X, g, h = rng.normal(size=(300, 4)), rng.normal(size=300), rng.uniform(0.1, 1, 300)
    for growth, leaves in (("level", None), ("leaf", 20)):
        tree = gb.boost_tree(X, g, h, growth=growth, max_leaves=leaves, max_depth=5, lam=0.5)
        top, leaf = tree.G[0] ** 2 / (tree.weight[0] + 0.5), tree.leaves
        assert tree.gain.sum() == pytest.approx(np.sum(tree.G[leaf] ** 2 / (tree.weight[leaf] + 0.5)) - top)
        assert leaves is None or len(leaf) == leaves


def test_best_first_takes_the_largest_gain_first():
    x = np.arange(8.0)[:, None]
    g = np.array([0, 1, 10.0, 12, -10, -20, -40, -60.0])
    rules = {"lam": 0, "max_depth": None, "growth": "leaf", "min_child_weight": 0}
    full = gb.boost_tree(x, g, np.ones(8), max_leaves=8, **rules)
    trees = [gb.boost_tree(x, g, np.ones(8), max_leaves=n, **rules) for n in range(2, 9)]
    assert full.depths.max() > 3
    for small, large in itertools.pairwise(trees):
        assert len(large.leaves) == len(small.leaves) + 1
        assert large.gain.sum() - small.gain.sum() == pytest.approx(full.gain[small.leaves].max())


# Bins and histograms


def test_bins_hold_their_share_of_the_weight():
    rng = np.random.default_rng(12)
    for B in (2, 7, 32):
        x, w = rng.gamma(1, size=500).round(2), rng.exponential(size=500)
        bins = gb.quantile_bins(x, B, w)
        assert bins.min() == 0 and np.array_equal(np.unique(bins), np.arange(bins.max() + 1)) and bins.max() < B
        order = np.argsort(x)
        assert np.all(np.diff(bins[order]) >= 0)
        for b in range(bins.max() + 1):
            inside = x[bins == b]
            assert w[(bins == b) & (x < inside.max())].sum() <= w.sum() / B * (1 + 1e-9)
            assert not np.isin(inside, x[bins != b]).any()
    assert np.array_equal(gb.quantile_bins(np.arange(8.0), 4), [0, 0, 1, 1, 2, 2, 3, 3])
    assert np.array_equal(gb.quantile_bins([5.0, 5, 1], 2), [1, 1, 0])


def test_histograms_are_sums_and_siblings_subtract():
    rng = np.random.default_rng(12)
    codes, g, h = rng.integers(0, 9, (3, 400)), rng.normal(size=400), rng.random(400)
    S, left = gb.histogram(codes, g, h, 9), rng.random(400) < 0.3
    for f, b in itertools.product(range(3), range(9)):
        at = codes[f] == b
        assert S[:, f, b] == pytest.approx([g[at].sum(), h[at].sum(), at.sum()])
    other = S - gb.histogram(codes[:, left], g[left], h[left], 9)
    assert other == pytest.approx(gb.histogram(codes[:, ~left], g[~left], h[~left], 9), abs=1e-10)
    assert gb.histogram(codes[0], g, h, 9) == pytest.approx(S[:, 0])
    assert gb.histogram(codes[0], g, np.full(400, 0.25), 9)[1] == pytest.approx(0.25 * S[2, 0])


def test_few_bins_lose_gain_and_never_win():
    rng = np.random.default_rng(0)
    x = rng.random(2000)
    y = np.sin(6 * x) + 0.3 * rng.standard_normal(2000)
    exact = gb.scan_cuts(x, y.mean() - y, np.ones(2000), 0.0)[1].max()
    ratio = {B: gb.scan_cuts(x, y.mean() - y, np.ones(2000), 0.0, B)[1].max() / exact for B in (8, 32, 64, 255)}
    assert max(ratio.values()) <= 1
    assert ratio[32] == pytest.approx(0.99401, abs=2e-5) and ratio[255] > 0.998


def test_codes_and_thresholds():
    X = np.array([[1.0, np.nan], [2, np.nan], [2, np.nan], [7, np.nan]])
    bins = gb.bin_columns(X)
    assert bins.codes.tolist() == [[0, 1, 1, 2], [3, 3, 3, 3]] and bins.codes.dtype == np.uint8 and bins.width == 4
    assert [bins.threshold(0, 0, 1), bins.threshold(0, 0, 2), bins.threshold(0, 2, 3)] == [1.5, 4.0, np.inf]
    close = np.array([1 + 2**-52, 1 + 2**-51])
    t = gb.bin_columns(close[:, None]).threshold(0, 0, 1)
    assert close[0] <= t < close[1]
    assert gb.bin_columns(np.arange(300.0)[:, None]).codes.dtype == np.uint16
    huge = gb.bin_columns(np.array([[1.5e308], [1.7e308]]))
    assert 1.5e308 <= huge.threshold(0, 0, 1) < 1.7e308


def test_summaries_know_their_error():
    rng = np.random.default_rng(12)
    parts = [(rng.normal(i, 1, 300).round(1), rng.exponential(size=300) + 0.01) for i in range(4)]
    x, w = (np.concatenate([p[i] for p in parts]) for i in (0, 1))
    total, z = w.sum(), np.linspace(-4, 7, 400)
    summary, allowed = None, 0.0
    for xs, ws in parts:
        small = gb.prune_summary(gb.quantile_summary(xs, ws), 20)
        assert len(small.value) <= 23
        summary = small if summary is None else gb.merge_summaries(summary, small)
    for step, allowed in ((summary, 1 / 20), (gb.prune_summary(summary, 10), 1 / 20 + 1 / 10)):
        below, upto, own = step.bounds(z)
        true_below = np.array([w[x < v].sum() for v in z])
        true_upto = np.array([w[x <= v].sum() for v in z])
        assert np.all(below <= true_below + 1e-9) and np.all(upto >= true_upto - 1e-9)
        assert np.all(upto - below - own <= allowed * total + 1e-9)
    exact = gb.merge_summaries(*(gb.quantile_summary(*p) for p in parts[:2]))
    whole = gb.quantile_summary(*(np.concatenate([p[i] for p in parts[:2]]) for i in (0, 1)))
    for a, b in zip(exact, whole, strict=True):
        assert a == pytest.approx(b, abs=1e-9)


# Against the libraries


def xgboost_tree(booster, k=0):
    """feature, cover, gain and leaf values of a tree, by node in breadth-first order."""
    frame = booster.trees_to_dataframe()
    frame = frame[frame.Tree == k].set_index("ID")
    line, out = [f"{k}-0"], []
    while line:
        row = frame.loc[line.pop(0)]
        leaf = row.Feature == "Leaf"
        out.append((-1 if leaf else int(row.Feature[1:]), row.Cover, row.Gain))
        line += [] if leaf else [row.Yes, row.No]
    return [np.array(part) for part in zip(*out, strict=True)]


def breadth_first(tree):
    line = [0]
    for t in line:
        if tree.feature[t] >= 0:
            line += [tree.left[t], tree.right[t]]
    return np.array(line)


COMMON = {"nthread": 1, "max_depth": 3, "eta": 0.1, "lambda": 1, "min_child_weight": 1}


@pytest.mark.parametrize("method", ["exact", "hist"])
@pytest.mark.parametrize("gaps", [False, True])
def test_xgboost_grows_the_same_trees(method, gaps):
    rng = np.random.default_rng(12)
    X, margin = float32(rng.normal(size=(250, 6))), float32(rng.normal(size=250))
    y = (X[:, 0] * X[:, 1] + 0.3 * X[:, 2] + rng.normal(size=250) > 0).astype(float)
    if gaps:
        X[rng.random(X.shape) < 0.2] = np.nan
    data = xgboost.DMatrix(X, y, base_margin=margin)
    their_rules = COMMON | {"tree_method": method, "max_bin": 300, "objective": "binary:logistic", "max_depth": 4}
    theirs = xgboost.train(their_rules, data, 1)
    g, h = gb.grad_hess("logistic", y, margin)
    ours = gb.boost_tree(X, g, h, max_depth=4, method=method, max_bins=300)
    feature, cover, gain = xgboost_tree(theirs)
    at = breadth_first(ours)
    assert np.array_equal(ours.feature[at], feature)
    assert ours.weight[at] == pytest.approx(cover, rel=1e-5)
    inner = feature >= 0
    assert ours.gain[at][inner] == pytest.approx(gain[inner], rel=1e-4)
    assert margin + 0.1 * ours.predict(X) == pytest.approx(theirs.predict(data, output_margin=True), abs=2e-6)


def test_thirty_rounds_equal_xgboosts():
    cancer, diabetes = datasets.load_breast_cancer(), datasets.load_diabetes()
    X = float32(cancer.X)
    theirs = xgboost.train(
        COMMON | {"tree_method": "exact", "objective": "binary:logistic", "base_score": 0.5},
        xgboost.DMatrix(X, cancer.y),
        30,
    )
    ours = gb.SecondOrderClassifier(30, 0.1, max_depth=3, method="exact", base=0).fit(X, cancer.y)
    margins = theirs.predict(xgboost.DMatrix(X), output_margin=True)
    assert ours.decision_function(X) == pytest.approx(margins, abs=2e-6)
    assert ours.score(X, cancer.y) == pytest.approx(0.99473, abs=1e-5)
    X = float32(diabetes.X)
    theirs = xgboost.train(
        COMMON | {"tree_method": "exact", "base_score": diabetes.y.mean()}, xgboost.DMatrix(X, diabetes.y), 30
    )
    ours = gb.SecondOrderRegressor(30, 0.1, max_depth=3, method="exact").fit(X, diabetes.y)
    assert ours.predict(X) == pytest.approx(theirs.predict(xgboost.DMatrix(X)), abs=2e-4)
    assert np.mean((ours.predict(X) - diabetes.y) ** 2) == pytest.approx(2036.965, abs=2e-3)


def test_xgboosts_softmax_has_twice_the_diagonal():
    iris = datasets.load_iris()
    rules = COMMON | {"tree_method": "exact", "objective": "multi:softprob", "num_class": 3, "base_score": 0.5}
    theirs = xgboost.train(rules, xgboost.DMatrix(iris.X, iris.y), 5)
    ours = gb.SecondOrderClassifier(5, 0.1, max_depth=3, method="exact", base=0).fit(iris.X, iris.y)
    assert ours.predict_proba(iris.X) == pytest.approx(theirs.predict(xgboost.DMatrix(iris.X)), abs=1e-6)
    first = gb.SecondOrderClassifier(1, 1, max_depth=3, method="exact", base=0, lam=0).fit(iris.X, iris.y).trees_[0][0]
    assert first.weight[1] == pytest.approx(50 * 4 / 9) and first.value[1] == pytest.approx(1.5)


@pytest.mark.parametrize("method, edge", [("exact", 11.5), ("hist", 10.8), ("approx", 10.8)])
def test_xgboosts_gamma_depends_on_its_method(method, edge):
    data = xgboost.DMatrix(DOSE, 10 - G4)
    near = 0.01 if method == "exact" else 0.1
    for gamma, leaves in ((edge - near, 3), (edge + near, 1)):
        rules = {"tree_method": method, "base_score": 10, "eta": 1, "gamma": gamma, "nthread": 1, "lambda": 1}
        frame = xgboost.train(rules, data, 1).trees_to_dataframe()
        assert np.sum(frame.Feature == "Leaf") == leaves
        mode = "post" if method == "exact" else "pre"
        assert len(gb.boost_tree(DOSE, G4, ONES, gamma=gamma / 2, prune=mode).leaves) == leaves


def test_the_xor_tree_that_xgboost_keeps():
    cells = [(0, 0)] * 95 + [(0, 1)] * 100 + [(1, 0)] * 100 + [(1, 1)] * 100
    X = np.array(cells, dtype=float)
    y = np.logical_xor(*X.T.astype(bool)).astype(float)
    data = xgboost.DMatrix(X, y)
    for gamma, leaves in ((5, 4), (10, 4), (48, 4), (49, 3), (50, 1)):
        rules = {"tree_method": "exact", "base_score": 0.5, "gamma": gamma, "nthread": 1, "max_depth": 2}
        assert np.sum(xgboost.train(rules, data, 1).trees_to_dataframe().Feature == "Leaf") == leaves
        ours = gb.boost_tree(X, 0.5 - y, np.ones(395), gamma=gamma / 2, prune="post", max_depth=2)
        assert len(ours.leaves) == leaves
        best = gb.boost_tree(X, 0.5 - y, np.ones(395), gamma=gamma / 2, prune="optimal", max_depth=2)
        assert len(best.leaves) == (4 if gamma < 32 else 1)


def test_xgboosts_importances():
    cancer = datasets.load_breast_cancer()
    X = float32(cancer.X)
    rules = {"tree_method": "exact", "objective": "binary:logistic", "base_score": cancer.y.mean(), "nthread": 1}
    rules["max_depth"] = 3
    theirs = xgboost.train(rules, xgboost.DMatrix(X, cancer.y), 20)
    ours = gb.SecondOrderClassifier(20, 0.3, max_depth=3, method="exact").fit(X, cancer.y)
    for kind in ("weight", "gain", "total_gain"):
        scores = theirs.get_score(importance_type=kind)
        said = [scores.get(f"f{f}", 0.0) for f in range(30)]
        assert ours.feature_importances(kind) == pytest.approx(said, rel=1e-3, abs=1e-3)
    assert ours.feature_importances("weight")[27] == 8
    assert ours.feature_importances("gain")[27] == pytest.approx(22.078, abs=2e-3)


LIGHT = {
    **{"num_threads": 1, "deterministic": True, "verbosity": -1, "min_data_in_leaf": 1, "min_sum_hessian_in_leaf": 0},
    **{"boost_from_average": False, "min_data_in_bin": 1, "max_bin": 1000, "force_col_wise": True},
}


def lightgbm_tree(booster, k=0):
    """feature, count and value of the nodes of a tree, each parent before its children."""
    line = [booster.dump_model()["tree_info"][k]["tree_structure"]]
    out = []
    for node in line:
        if "split_feature" in node:
            out.append((node["split_feature"], node["internal_count"], node["split_gain"]))
            line += [node["left_child"], node["right_child"]]
        else:
            out.append((-1, node["leaf_count"], 0.0))
    return [np.array(part) for part in zip(*out, strict=True)]


@pytest.mark.parametrize("gaps", [False, True])
@pytest.mark.parametrize("loss", ["squared", "logistic"])
def test_lightgbm_grows_the_same_trees(loss, gaps):
    rng = np.random.default_rng(12)
    X, margin = rng.normal(size=(250, 5)), rng.normal(size=250)
    y = X[:, 0] * X[:, 1] + 0.3 * X[:, 2] + 0.1 * rng.normal(size=250)
    if gaps:
        X[rng.random(X.shape) < 0.2] = np.nan
    y = y if loss == "squared" else (y > 0).astype(float)
    objective = {"squared": "l2", "logistic": "binary"}[loss]
    rules = LIGHT | {"objective": objective, "num_leaves": 12, "lambda_l2": 1.0, "learning_rate": 1.0}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = lightgbm.train(rules, lightgbm.Dataset(X, y, init_score=margin, params=LIGHT), 1)
    g, h = gb.grad_hess(loss, y, margin)
    ours = gb.boost_tree(X, g, h, growth="leaf", max_leaves=12, max_depth=None, min_child_weight=0, max_bins=1000)
    feature, count, gain = lightgbm_tree(theirs)
    at = breadth_first(ours)
    assert np.array_equal(ours.feature[at], feature)
    assert np.array_equal(ours.n[at], count)
    assert ours.gain[at] == pytest.approx(gain, rel=1e-4, abs=1e-4)
    assert ours.predict(X) == pytest.approx(theirs.predict(X, raw_score=True), abs=1e-6)


# Boosters


def test_the_loss_falls_and_is_the_stages_loss():
    rng = np.random.default_rng(12)
    X = rng.normal(size=(200, 4))
    y = np.digitize(X[:, 0] + 0.5 * rng.normal(size=200), [-0.5, 0.5])
    for labels in (y, (y > 0).astype(int)):
        model = gb.SecondOrderClassifier(12, 0.5, max_depth=3, hessian="bound").fit(X, labels, eval_set=(X, labels))
        assert np.all(np.diff(model.train_loss_) < 0)
        assert model.train_loss_ == pytest.approx(model.eval_loss_)
        P = model.predict_proba(X)
        said = -np.mean(np.log(P[np.arange(200), labels]))
        assert model.train_loss_[-1] == pytest.approx(said) and P.sum(axis=1) == pytest.approx(np.ones(200))
        assert np.array_equal(model.predict(X), P.argmax(axis=1))
        *_, last = model.staged_decision_function(X)
        assert last == pytest.approx(model.decision_function(X))
    model = gb.SecondOrderRegressor(12, 0.5).fit(X, X[:, 0])
    assert model.train_loss_[-1] == pytest.approx(np.mean((model.predict(X) - X[:, 0]) ** 2) / 2)
    assert model.score(X, X[:, 0]) > 0.95


def test_newtons_step_can_raise_the_loss_and_the_bound_cannot():
    X, y = np.zeros((4, 1)), np.array([0, 1, 0, 1])
    for base, raised in ((np.log(4), False), (np.log(9), True), (4.0, True)):
        newton = gb.SecondOrderClassifier(1, 1.0, lam=0, base=base, min_child_weight=0).fit(X, y)
        before = softplus(base) - 0.5 * base
        assert (newton.train_loss_[0] > before) == raised
        assert newton.decision_function(X)[0] == pytest.approx(base - np.sinh(base))
        safe = gb.SecondOrderClassifier(1, 1.0, lam=0, base=base, min_child_weight=0, hessian="bound").fit(X, y)
        assert safe.train_loss_[0] < before
        assert safe.decision_function(X)[0] == pytest.approx(base - 2 * np.tanh(base / 2))


def test_early_stopping_keeps_the_best_round():
    rng = np.random.default_rng(12)
    X = rng.normal(size=(120, 3))
    y = X[:, 0] + rng.normal(size=120)
    model = gb.SecondOrderRegressor(200, early_stopping_rounds=5).fit(X[:60], y[:60], eval_set=(X[60:], y[60:]))
    best = int(np.argmin(model.eval_loss_))
    assert len(model.trees_) == best + 1 < 200 and len(model.eval_loss_) == best + 6
    assert np.mean((model.predict(X[60:]) - y[60:]) ** 2) / 2 == pytest.approx(min(model.eval_loss_))


def test_weights_are_repetitions_and_zeros_are_absences():
    rng = np.random.default_rng(12)
    X, y, w = rng.normal(size=(60, 3)), rng.normal(size=60), rng.integers(0, 3, 60)
    rules = {"n_estimators": 4, "method": "exact", "max_depth": 3}
    weighted = gb.SecondOrderRegressor(**rules).fit(X, y, w)
    repeated = gb.SecondOrderRegressor(**rules).fit(np.repeat(X, w, axis=0), np.repeat(y, w))
    assert weighted.predict(X[w > 0]) == pytest.approx(repeated.predict(X[w > 0]), abs=1e-9)


def test_rows_columns_and_goss_are_drawn():
    rng = np.random.default_rng(12)
    X = rng.normal(size=(300, 6))
    y = X[:, 0] + X[:, 1] + 0.1 * rng.normal(size=300)
    for rules in ({"subsample": 0.5}, {"colsample": 0.5}, {"goss": (0.2, 0.2)}):
        one, same, other = (gb.SecondOrderRegressor(20, random_state=s, **rules).fit(X, y) for s in (1, 1, 2))
        assert np.array_equal(one.predict(X), same.predict(X)) and not np.array_equal(one.predict(X), other.predict(X))
        assert one.score(X, y) > 0.8
    halves = gb.SecondOrderRegressor(3, subsample=0.5).fit(X, y)
    assert all(tree.n[0] == 150 for [tree] in halves.trees_)
    tree = gb.SecondOrderRegressor(1, goss=(0.2, 0.1)).fit(X, y).trees_[0][0]
    assert tree.n[0] == 90 and tree.weight[0] == pytest.approx(300)
    thirds = gb.SecondOrderRegressor(30, colsample=0.34).fit(X, y)
    assert all(len(set(tree.feature[tree.feature >= 0])) <= 2 for [tree] in thirds.trees_)


@pytest.mark.parametrize("make", [gb.SecondOrderRegressor, gb.SecondOrderClassifier])
def test_scikit_learns_tools_take_them(make):
    cancer = datasets.load_breast_cancer()
    model = clone(make(3, max_depth=2))
    assert repr(model) == f"{make.__name__}(n_estimators=3, max_depth=2)"
    pipe = make_pipeline(StandardScaler(), model)
    search = GridSearchCV(pipe, {f"{make.__name__.lower()}__lam": [0.0, 1.0]}, cv=2)
    assert search.fit(cancer.X, cancer.y).best_score_ > 0.5


# Hard data


def data(draw):
    n, d = draw(st.integers(1, 30)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    X = rng.integers(0, draw(st.integers(1, 9)), (n, d)).astype(float)
    X[rng.random((n, d)) < draw(st.sampled_from([0.0, 0.3]))] = np.nan
    return X, rng.integers(-4, 5, n).astype(float), rng.integers(1, 4, n) / 2


@examples
@given(st.data())
def test_invariance_under_shift_scale_order_and_constant_columns(draw):
    X, g, h = data(draw.draw)
    for method in ("exact", "hist"):
        rules = {"method": method, "max_depth": 4}
        said = gb.boost_tree(X, g, h, **rules).predict(X)
        moved = X * draw.draw(st.sampled_from([2.0**-30, 2.0**30])) + 0.0
        assert np.array_equal(gb.boost_tree(moved, g, h, **rules).predict(moved), said)
        far = X + 2.0**40
        assert np.array_equal(gb.boost_tree(far, g, h, **rules).predict(far), said)
        order = np.random.default_rng(1).permutation(len(X))
        shuffled = gb.boost_tree(X[order], g[order], h[order], **rules).predict(X)
        assert shuffled == pytest.approx(said, abs=1e-12)
        extra = np.column_stack([X, np.ones(len(X)), X[:, 0]])
        assert np.array_equal(gb.boost_tree(extra, g, h, **rules).predict(extra), said)


@examples
@given(st.data())
def test_exact_and_one_bin_for_each_value_are_one(draw):
    X, g, h = data(draw.draw)
    one, other = (gb.boost_tree(X, g, h, method=m, max_depth=4) for m in ("exact", "hist"))
    for name in ("feature", "left", "right", "n", "default_left"):
        assert np.array_equal(getattr(one, name), getattr(other, name))
    for name in ("threshold", "value", "gain", "weight"):
        assert np.nan_to_num(getattr(one, name)) == pytest.approx(np.nan_to_num(getattr(other, name)), abs=1e-9)
    leaf = one.apply(X)
    for t in one.leaves:
        at = leaf == t
        assert at.sum() == one.n[t] and one.value[t] == pytest.approx(-g[at].sum() / (h[at].sum() + 1), abs=1e-12)


def test_units_of_the_target():
    rng = np.random.default_rng(12)
    X, y = rng.normal(size=(80, 3)), rng.normal(size=80)
    said = gb.SecondOrderRegressor(10, max_depth=3).fit(X, y).predict(X)
    for unit in (2.0**-60, 2.0**60):
        assert gb.SecondOrderRegressor(10, max_depth=3).fit(X, y * unit).predict(X) == pytest.approx(said * unit)
    far = gb.SecondOrderRegressor(10, max_depth=3).fit(X, y + 1e8).predict(X)
    assert far - 1e8 == pytest.approx(said, abs=1e-6)


def test_degenerate_data():
    one = gb.SecondOrderRegressor(3).fit([[1.0]], [5.0])
    assert one.predict([[2.0]]) == [5.0] and len(one.trees_[0][0].feature) == 1
    flat = gb.SecondOrderRegressor(3).fit(np.ones((5, 2)), [0.1] * 5)
    assert np.array_equal(flat.predict(np.ones((2, 2))), [0.1, 0.1])
    empty = np.full((6, 2), np.nan)
    assert len(gb.boost_tree(empty, np.arange(6.0) - 2, np.ones(6)).leaves) == 1
    half = np.array([[1.0]] * 3 + [[np.nan]] * 3)
    tree = gb.boost_tree(half, np.array([1.0, 1, 1, -1, -1, -1]), np.ones(6), lam=0)
    assert tree.value[tree.apply(half)] == pytest.approx([-1] * 3 + [1] * 3) and tree.threshold[0] == np.inf
    wide = np.random.default_rng(12).normal(size=(5, 300))
    assert (
        gb.SecondOrderRegressor(60, lam=0, min_child_weight=0).fit(wide, np.arange(5.0)).score(wide, np.arange(5.0))
        > 0.999
    )
    words = gb.SecondOrderClassifier(5, min_child_weight=0).fit([[0.0], [1], [2], [3]], ["no", "no", "yes", "yes"])
    assert list(words.predict([[0.0], [3]])) == ["no", "yes"]
    zeros = gb.boost_tree(DOSE, np.zeros(4), ONES)
    assert len(zeros.leaves) == 1 and zeros.value[0] == 0
    curved = gb.boost_tree(DOSE, G4, np.array([0.0, 1, 1, 0]), lam=0, min_child_weight=0)
    assert np.isfinite(curved.value).all()


def test_equal_slopes_leave_nothing_to_ask():
    for value in (0.1, 1 / 3, 1e8 + 0.1):
        x = np.random.default_rng(12).normal(size=(99, 3))
        assert len(gb.boost_tree(x, np.full(99, value), np.ones(99), lam=0).leaves) == 1


# Samples, bundles, categories


def test_goss_draws_what_it_says():
    g = np.random.default_rng(12).normal(size=1000)
    chosen, weight = gb.goss_sample(g, 0.2, 0.1, 1)
    assert len(chosen) == 300 and sorted(set(weight)) == [1, 8] and weight.sum() == 1000
    kept = np.argsort(-np.abs(g))[:200]
    assert np.array_equal(np.sort(chosen[weight == 1]), np.sort(kept))
    assert np.array_equal(chosen, np.sort(chosen)) and len(set(chosen)) == 300
    whole, w = gb.goss_sample(g, 0.5, 0.5, 1)
    assert len(whole) == 1000 and np.all(w == 1)


def test_goss_variance_by_enumeration():
    rng = np.random.default_rng(12)
    for N, a, b in ((8, 0.25, 0.25), (10, 0.2, 0.3), (4, 0.25, 0.25)):
        g, mask = rng.normal(size=N), rng.random(N) < 0.5
        rank = np.argsort(-np.abs(g))
        top, drawn = round(a * N), round(b * N)
        sums = [
            g[rank[:top]][mask[rank[:top]]].sum() + (N - top) / drawn * g[list(c)][mask[list(c)]].sum()
            for c in itertools.combinations(rank[top:], drawn)
        ]
        assert np.mean(sums) == pytest.approx(g[mask].sum())
        assert gb.goss_variance(g, mask, a, b) == pytest.approx(np.var(sums))
    assert gb.goss_variance(G4, np.array([1, 0, 0, 0], dtype=bool), 0.25, 0.25) == pytest.approx(8)
    assert gb.goss_variance(G4[:2], np.array([1, 1], dtype=bool), 0.5, 0.5) == 0


def test_bundles_are_exact_for_columns_that_never_meet():
    rng = np.random.default_rng(12)
    n_bins = np.array([4, 3, 5])
    who, codes = rng.integers(0, 4, 1000), np.zeros((3, 1000), dtype=int)
    for k in range(3):
        codes[k, who == k] = rng.integers(1, n_bins[k], np.sum(who == k))
    g, h = rng.normal(size=1000), rng.random(1000)
    assert gb.bundle_features(codes.T) in ([[0, 1, 2]],)
    merged, offsets = gb.bundle_columns(codes, n_bins)
    assert list(offsets) == [0, 3, 5] and merged.max() < 1 + (n_bins - 1).sum()
    S = gb.histogram(merged, g, h, 10)
    for k in range(3):
        own = gb.histogram(codes[k], g, h, n_bins[k])
        part = S[:, offsets[k] + 1 : offsets[k] + n_bins[k]]
        assert part == pytest.approx(own[:, 1:], abs=1e-10)
        assert S.sum(axis=1) - part.sum(axis=1) == pytest.approx(own[:, 0], abs=1e-10)
    assert gb.bundle_columns([[1, 1], [0, 2]], [2, 3])[0].tolist() == [1, 3]


def test_bundling_is_a_colouring():
    active = np.zeros((10, 4), dtype=bool)
    active[0, [0, 1]] = active[1, [1, 2]] = active[2, [2, 3]] = True  # a path
    groups = gb.bundle_features(active)
    assert sorted(map(sorted, groups)) == [[0, 2], [1, 3]]
    assert len(gb.bundle_features(active, 0.3)) == 1 and len(gb.bundle_features(active, 0.1)) == 2
    onehot = np.eye(7)[np.random.default_rng(12).integers(0, 7, 90)]
    assert len(gb.bundle_features(onehot)) == 1
    assert len(gb.bundle_features(np.ones((5, 3)))) == 3


@pytest.mark.parametrize("lam", [0.0, 1.0])
def test_categories_are_parted_best_along_their_means(lam):
    rng = np.random.default_rng(12)
    for _ in range(60):
        G, H = rng.normal(size=6) * 2, rng.uniform(0.2, 3, 6)
        left, bracket = gb.category_split(G, H, lam)
        subsets = [np.array(s, dtype=bool) for s in itertools.product((0, 1), repeat=6)][1:-1]
        all_brackets = [2 * gb.split_gain(G[s].sum(), H[s].sum(), G[~s].sum(), H[~s].sum(), lam) for s in subsets]
        assert bracket <= max(all_brackets) + 1e-10
        if max(all_brackets) > 0:
            assert bracket == pytest.approx(max(all_brackets), abs=1e-10)
        assert bracket == pytest.approx(
            2 * gb.split_gain(G[left].sum(), H[left].sum(), G[~left].sum(), H[~left].sum(), lam)
        )
    left, bracket = gb.category_split(G4, ONES)
    assert bracket == pytest.approx(22.8) and list(left) == [False, True, True, False]


def test_ordered_statistics_by_a_loop():
    rng = np.random.default_rng(12)
    cat, y, order = rng.choice(list("abc"), 40), rng.integers(0, 2, 40), rng.permutation(40)
    said, seen = gb.ordered_target_statistic(cat, y, order), {}
    for i in order:
        S, n = seen.get(cat[i], (0, 0))
        assert said[i] == pytest.approx((S + 0.5) / (n + 1))
        seen[cat[i]] = S + y[i], n + 1
    assert list(gb.ordered_target_statistic(["u"] * 4, [1, 0, 1, 1], np.arange(4))) == [0.5, 0.75, 0.5, 0.625]


def test_the_leak_of_target_statistics():
    aucs = []
    for s in range(20):
        rng = np.random.default_rng(s)
        cat, y = rng.integers(0, 500, 1000), rng.integers(0, 2, 1000)
        n, S = np.bincount(cat, minlength=500), np.bincount(cat, y, 500)
        greedy = (S + 0.5)[cat] / (n + 1)[cat]
        aucs.append([roc_auc(y, greedy), roc_auc(y, gb.ordered_target_statistic(cat, y, rng.permutation(1000)))])
    assert np.mean(aucs, axis=0) == pytest.approx([0.873, 0.507], abs=0.012)


def test_shapley_values_by_orders_of_arrival():
    rng = np.random.default_rng(12)
    X = rng.normal(size=(60, 4))
    model = gb.SecondOrderRegressor(10, max_depth=3).fit(X, X[:, 0] * X[:, 1] + X[:, 2])
    x, back = X[0], X[10:30]
    phi = gb.shapley_values(model.predict, x, back)
    by_orders = np.zeros(4)
    for order in itertools.permutations(range(4)):
        inside = np.zeros(4, dtype=bool)
        for j in order:
            before = model.predict(np.where(inside, x, back)).mean()
            inside[j] = True
            by_orders[j] += (model.predict(np.where(inside, x, back)).mean() - before) / 24
    assert phi == pytest.approx(by_orders, abs=1e-10)
    assert phi.sum() == pytest.approx(model.predict(x[None])[0] - model.predict(back).mean(), abs=1e-10)


def test_where_the_libraries_send_what_was_never_missing():
    rng = np.random.default_rng(12)
    X, y = float32(rng.normal(size=(200, 3)) + 3), rng.normal(size=200)
    for method, side in (("exact", "Yes"), ("hist", "No"), ("approx", "No")):  # x < τ is "Yes", on the left
        frame = xgboost.train(COMMON | {"tree_method": method}, xgboost.DMatrix(X, y), 2).trees_to_dataframe()
        frame = frame[frame.Feature != "Leaf"]
        assert len(frame) > 4 and (frame.Missing == frame[side]).all()
    assert gb.boost_tree(X, -y, np.ones(200)).default_left.all()
    theirs = lightgbm.train(LIGHT | {"objective": "l2", "num_leaves": 8}, lightgbm.Dataset(X, y), 2)
    assert np.array_equal(theirs.predict(np.full((1, 3), np.nan)), theirs.predict(np.zeros((1, 3))))


def test_lightgbms_goss_begins_late():
    rng = np.random.default_rng(12)
    X, y = rng.normal(size=(500, 3)), rng.normal(size=500)
    rules = LIGHT | {"objective": "l2", "num_leaves": 8, "learning_rate": 0.2}
    sampled = {"data_sample_strategy": "goss", "top_rate": 0.2, "other_rate": 0.1}
    plain, goss = (lightgbm.train(rules | more, lightgbm.Dataset(X, y), 8) for more in ({}, sampled))
    for rounds, same in ((5, True), (6, False)):
        said = [model.predict(X, num_iteration=rounds) for model in (plain, goss)]
        assert np.array_equal(*said) == same


def test_xgboost_wants_a_millionth_and_lightgbm_nothing():
    X, y = DOSE, 1e-4 * (10 - G4)
    for factor, leaves in ((1, 1), (10, 3)):  # brackets of about 1e-7 and 1e-5
        rules = {"tree_method": "exact", "base_score": 1e-3 * factor, "eta": 1, "nthread": 1, "lambda": 1}
        frame = xgboost.train(rules, xgboost.DMatrix(X, factor * y), 1).trees_to_dataframe()
        assert np.sum(frame.Feature == "Leaf") == leaves
    assert len(gb.boost_tree(X, 1e-4 * G4, ONES).leaves) == 3
    rules = LIGHT | {"objective": "l2", "num_leaves": 3, "lambda_l2": 1.0, "min_data_in_bin": 1}
    data = lightgbm.Dataset(X, y, init_score=np.full(4, 1e-3), params=rules)
    assert lightgbm.train(rules, data, 1).dump_model()["tree_info"][0]["num_leaves"] == 3


def test_where_the_libraries_put_thresholds():
    between = {1.5, 2.5, 3.5}
    for method, inside in (("exact", between), ("hist", {2.0, 3, 4})):
        rules = {"tree_method": method, "base_score": 10, "eta": 1, "nthread": 1, "lambda": 1}
        frame = xgboost.train(rules, xgboost.DMatrix(DOSE, 10 - G4), 1).trees_to_dataframe()
        assert set(frame.Split.dropna()) <= inside and frame.Split.count() == 2
    rules = LIGHT | {"objective": "l2", "num_leaves": 3, "lambda_l2": 1.0}
    data = lightgbm.Dataset(DOSE, 10 - G4, init_score=np.full(4, 10.0), params=rules)
    tree = lightgbm.train(rules, data, 1).dump_model()["tree_info"][0]["tree_structure"]
    assert tree["threshold"] == pytest.approx(1.5) and tree["decision_type"] == "<="


def test_thinning_keeps_the_values_that_the_paper_asks_for():
    rng = np.random.default_rng(12)
    for n, size in ((10, 5), (30, 4), (7, 20)):
        full = gb.quantile_summary(rng.normal(size=n), rng.exponential(size=n))
        value, below, upto, w = full
        middle, kept = (below + upto) / 2, {0, n - 1}
        for k in range(size + 1):
            d = upto[-1] * k / size
            if d < middle[0]:
                kept.add(0)
            elif d >= middle[-1]:
                kept.add(n - 1)
            else:
                i = max(i for i in range(n - 1) if middle[i] <= d)
                kept.add(i if 2 * d < below[i] + w[i] + upto[i + 1] - w[i + 1] else i + 1)
        assert np.array_equal(gb.prune_summary(full, size).value, value[sorted(kept)])
