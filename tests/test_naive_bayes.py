"""Naive Bayes against scikit-learn, scipy, exact fractions and enumeration, on hard data too."""

import itertools
import warnings
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse, stats
from sklearn import naive_bayes as sk
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import datasets
from mlderived import naive_bayes as nb

MAILS = np.array([[3, 2, 0], [2, 0, 0], [1, 0, 1], [0, 1, 1], [0, 0, 1], [0, 0, 1], [0, 0, 1], [0, 0, 0]])
KINDS = np.array(["spam"] * 2 + ["ham"] * 6)
HUNDRED = np.array([[[54, 6], [6, 9]], [[3, 2], [2, 18]]]) / 100  # (ham, spam) × A × B
POINTS = np.array([[1.0, 2], [1, -2], [-1, 2], [-1, -2], [4, 2], [4, 4], [8, 2], [8, 4]])


def drawn(seed, N=60, d=4, K=3):
    """Counts, codes 0 … 3 and real numbers whose laws depend on the class, which has a text for its name."""
    rng = np.random.default_rng(seed)
    y = np.r_[np.arange(K), rng.integers(K, size=N - K)]
    counts = rng.poisson(rng.uniform(0.2, 3, (K, d))[y])
    codes = np.minimum(counts, 3)
    real = rng.normal(rng.normal(0, 2, (K, d))[y], rng.uniform(0.5, 2, (K, d))[y])
    return counts, codes, real, np.array(["ash", "birch", "cedar"])[y]


def pairs(seed):
    """Our estimators, scikit-learn's, and data that suit both."""
    counts, codes, real, y = drawn(seed)
    real = StandardScaler().fit_transform(real)
    return (
        (nb.MultinomialNB(0.7), sk.MultinomialNB(alpha=0.7), counts, y),
        (nb.BernoulliNB(0.7, 1.5), sk.BernoulliNB(alpha=0.7, binarize=1.5), counts, y),
        (nb.CategoricalNB(0.7, 4), sk.CategoricalNB(alpha=0.7, min_categories=4), codes, y),
        (nb.GaussianNB(), sk.GaussianNB(), real, y),
        (nb.GaussianNB(var_smoothing=0.3), sk.GaussianNB(var_smoothing=0.3), real, y),
        (nb.GaussianNB([0.2, 0.3, 0.5]), sk.GaussianNB(priors=[0.2, 0.3, 0.5]), real, y),
        (nb.MultinomialNB(fit_prior=False), sk.MultinomialNB(fit_prior=False), counts, y),
        (nb.BernoulliNB(fit_prior=False), sk.BernoulliNB(fit_prior=False), counts, y),
        (nb.CategoricalNB(1, 4, False), sk.CategoricalNB(fit_prior=False, min_categories=4), codes, y),
    )


# Against the reference


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("which", range(9))
def test_agrees_with_scikit_learn(seed, which):
    ours, theirs, X, y = pairs(seed)[which]
    weight = np.random.default_rng(seed).integers(0, 4, len(y)) + 0.5 * (np.arange(len(y)) < 3)
    for given_weight in (None, weight):
        ours.fit(X, y, given_weight)
        theirs.fit(X, y, given_weight)
        np.testing.assert_array_equal(ours.classes_, theirs.classes_)
        np.testing.assert_allclose(ours.class_count_, theirs.class_count_, rtol=1e-14)
        if isinstance(ours, nb.GaussianNB):
            np.testing.assert_allclose(ours.theta_, theirs.theta_, rtol=1e-11, atol=1e-13)
            np.testing.assert_allclose(ours.class_prior_, theirs.class_prior_, rtol=1e-14)
            smoothing = ours.var_smoothing
            same = theirs.var_ - theirs.epsilon_ + ours.epsilon_ if given_weight is not None else theirs.var_
            np.testing.assert_allclose(ours.var_, same, rtol=1e-11)
            if given_weight is not None and smoothing > 1e-3:
                continue  # scikit-learn's floor does not weigh the samples
        else:
            np.testing.assert_allclose(ours.class_log_prior_, theirs.class_log_prior_, rtol=1e-13)
            for left, right in zip(ours.feature_log_prob_, theirs.feature_log_prob_, strict=True):
                np.testing.assert_allclose(left, right, rtol=1e-12)
        tolerance = 1e-7 if isinstance(ours, nb.GaussianNB) and given_weight is not None else 1e-10
        for name in ("predict_joint_log_proba", "predict_log_proba"):
            np.testing.assert_allclose(getattr(ours, name)(X), getattr(theirs, name)(X), rtol=tolerance, atol=tolerance)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        np.testing.assert_allclose(ours.predict_proba(X).sum(axis=1), 1, atol=1e-12)
        assert ours.score(X, y) == theirs.score(X, y)


def test_agrees_with_scikit_learn_on_real_data():
    cancer, digits, iris = datasets.load_breast_cancer(), datasets.load_digits(), datasets.load_iris()
    scaled = StandardScaler().fit_transform(cancer.X)
    for ours, theirs, X, y in (
        (nb.GaussianNB(), sk.GaussianNB(), scaled, cancer.y),
        (nb.GaussianNB(var_smoothing=0), sk.GaussianNB(var_smoothing=0), cancer.X, cancer.y),
        (nb.GaussianNB(var_smoothing=0), sk.GaussianNB(var_smoothing=0), iris.X, iris.y),
        (nb.MultinomialNB(), sk.MultinomialNB(), digits.X, digits.y),
        (nb.BernoulliNB(binarize=7.5), sk.BernoulliNB(binarize=7.5), digits.X, digits.y),
        (nb.CategoricalNB(n_categories=17), sk.CategoricalNB(min_categories=17), digits.X.astype(int), digits.y),
    ):
        left, right = ours.fit(X, y).predict_log_proba(X), theirs.fit(X, y).predict_log_proba(X)
        np.testing.assert_allclose(left, right, rtol=1e-10, atol=1e-9)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    model = nb.GaussianNB(var_smoothing=0).fit(iris.X, iris.y)
    np.testing.assert_allclose(model.theta_[0], [5.006, 3.428, 1.462, 0.246])
    np.testing.assert_allclose(model.var_[0], [0.121764, 0.140816, 0.029556, 0.010884])


def test_works_where_scikit_learn_asks():
    counts, _, real, y = drawn(1)
    search = GridSearchCV(nb.MultinomialNB(), {"alpha": [0.1, 1.0, 10.0]}, cv=3).fit(counts, y)
    theirs = GridSearchCV(sk.MultinomialNB(), {"alpha": [0.1, 1.0, 10.0]}, cv=3).fit(counts, y)
    np.testing.assert_allclose(search.cv_results_["mean_test_score"], theirs.cv_results_["mean_test_score"])
    assert repr(clone(nb.BernoulliNB(2.0, None))) == "BernoulliNB(alpha=2.0, binarize=None)"
    ours = cross_val_score(make_pipeline(StandardScaler(), nb.GaussianNB()), real, y, cv=3)
    np.testing.assert_array_equal(
        ours, cross_val_score(make_pipeline(StandardScaler(), sk.GaussianNB()), real, y, cv=3)
    )


# By hand


def test_eight_mails():
    bernoulli = nb.BernoulliNB().fit(MAILS, KINDS)
    np.testing.assert_allclose(np.exp(bernoulli.feature_log_prob_), [[1 / 4, 1 / 4, 3 / 4], [3 / 4, 1 / 2, 1 / 4]])
    eight = np.array(list(itertools.product([0, 1], repeat=3)))
    odds = np.exp(np.diff(bernoulli.predict_log_proba(eight), axis=1))[:, 0]
    np.testing.assert_allclose(odds, [2 / 9, 2 / 81, 2 / 3, 2 / 27, 2, 2 / 9, 6, 2 / 3], rtol=1e-13)
    assert bernoulli.score(MAILS, KINDS) == 1
    multinomial = nb.MultinomialNB().fit(MAILS, KINDS)
    np.testing.assert_allclose(np.exp(multinomial.feature_log_prob_), [[0.2, 0.2, 0.6], [0.6, 0.3, 0.1]], rtol=1e-14)
    repeats = [[k, 1, 1] for k in (1, 2, 3)]
    np.testing.assert_allclose(
        np.exp(np.diff(multinomial.predict_log_proba(repeats), axis=1))[:, 0], [1 / 4, 3 / 4, 9 / 4], rtol=1e-13
    )


def test_eight_points():
    model = nb.GaussianNB(var_smoothing=0).fit(POINTS, np.repeat([0, 1], 4))
    np.testing.assert_array_equal(model.theta_, [[0, 0], [6, 3]])
    np.testing.assert_array_equal(model.var_, [[1, 4], [4, 1]])
    x = np.random.default_rng(9).normal(2, 5, (50, 2))
    log_odds = np.diff(model.predict_log_proba(x), axis=1)[:, 0]
    np.testing.assert_allclose(log_odds, 3 / 8 * ((x[:, 0] + 2) ** 2 - (x[:, 1] - 4) ** 2 - 12), atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_discrete_posteriors_against_exact_fractions(seed):
    _, codes, _, y = drawn(seed, N=25)
    model = nb.CategoricalNB(1.0, 4).fit(codes, y)
    for x, row in zip(codes, model.predict_proba(codes), strict=True):
        joint = []
        for label in model.classes_:
            mine = codes[y == label]
            product = Fraction(len(mine), len(y))
            for j in range(4):
                product *= Fraction(int(np.sum(mine[:, j] == x[j])) + 1, len(mine) + 4)
            joint.append(product)
        np.testing.assert_allclose(row, [float(p / sum(joint)) for p in joint], rtol=1e-12)


def test_a_gaussian_score_is_a_sum_of_log_densities():
    *_, real, y = drawn(2)
    model = nb.GaussianNB().fit(real, y)
    joint = model.predict_joint_log_proba(real)
    for k, label in enumerate(model.classes_):
        mine = real[y == label]
        logs = stats.norm(mine.mean(axis=0), np.sqrt(mine.var(axis=0) + 1e-9 * real.var(axis=0))).logpdf(real)
        np.testing.assert_allclose(joint[:, k], np.log(np.mean(y == label)) + logs.sum(axis=1), rtol=1e-11)


def test_many_features_do_not_underflow():
    X = np.vstack([np.ones((3, 5000)), np.zeros((3, 5000))])
    model = nb.BernoulliNB().fit(X, [1, 1, 1, 0, 0, 0])
    log_proba = model.predict_log_proba(X[[0, 5]])
    np.testing.assert_allclose(log_proba, [[-5000 * np.log(4), 0], [0, -5000 * np.log(4)]], atol=1e-9)
    np.testing.assert_array_equal(model.predict_proba(X[[0]]), [[0, 1]])


# Statistics that add up


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_chunks_give_what_the_whole_gives(seed, n_chunks):
    rng = np.random.default_rng(seed)
    part = rng.integers(n_chunks, size=60)
    for ours, _, X, y in pairs(seed % 7):
        whole, by_chunks = clone(ours).fit(X, y), clone(ours)
        for chunk in range(n_chunks):
            if np.any(part == chunk):
                by_chunks.partial_fit(X[part == chunk], y[part == chunk], np.unique(y))
        np.testing.assert_allclose(by_chunks.predict_log_proba(X), whole.predict_log_proba(X), rtol=1e-8, atol=1e-9)
        if isinstance(ours, nb.GaussianNB):
            np.testing.assert_allclose(by_chunks.var_, whole.var_, rtol=1e-12)
            np.testing.assert_allclose(by_chunks.theta_, whole.theta_, rtol=1e-11, atol=1e-14)


def test_a_weight_of_two_is_a_row_given_twice_and_of_zero_none():
    for ours, _, X, y in pairs(3):
        weight = np.arange(len(y)) % 3 + (np.arange(len(y)) < 3)
        rows = np.repeat(np.arange(len(y)), weight)
        left = clone(ours).fit(X, y, weight).predict_log_proba(X)
        np.testing.assert_allclose(left, clone(ours).fit(X[rows], y[rows]).predict_log_proba(X), rtol=1e-9, atol=1e-9)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(1, 20))
def test_moments_merge(seed, n, m):
    rng = np.random.default_rng(seed)
    X = 10.0 ** rng.uniform(-9, 9, 3) * rng.standard_normal((n + m, 3)) + rng.choice([0, 1, 1e6], 3)
    X[:, 0] = 0.1 + 0.2
    count, mean, squares = nb.merge_moments(nb.moments(X[:n]), nb.moments(X[n:]))
    whole = nb.moments(X)
    assert count == whole[0] == n + m
    np.testing.assert_allclose(mean, whole[1], rtol=1e-12)
    lost = (n + m) * 1e-15 * np.abs(X).max(axis=0) * np.ptp(X, axis=0)  # a mean is known to its own rounding only
    assert np.all(np.abs(squares - whole[2]) <= 1e-12 * whole[2] + lost)
    assert mean[0] == 0.1 + 0.2 and squares[0] == 0
    empty = (0.0, np.zeros(3), np.zeros(3))
    assert nb.merge_moments(empty, whole) is whole and nb.merge_moments(whole, empty) is whole


def test_moments_far_from_zero():
    count, mean, squares = nb.moments(np.array([[1e8 - 1], [1e8 + 1], [1e8 - 1], [1e8 + 1]]))
    assert (count, mean[0], squares[0]) == (4, 1e8, 4)
    count, mean, squares = nb.moments(np.array([[1.0], [2], [9]]), [1, 3, 0])
    assert (count, mean[0], squares[0]) == (4, 1.75, 0.75)


# Invariants and degenerate data


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6))
def test_units_order_and_constant_columns_change_no_gaussian_posterior(seed):
    rng = np.random.default_rng(seed)
    *_, X, y = drawn(seed)
    before = nb.GaussianNB().fit(X, y).predict_log_proba(X)
    scale, columns, rows = 10.0 ** rng.uniform(-9, 9, 4), rng.permutation(4), rng.permutation(len(y))
    moved = X * scale * rng.choice([-1, 1], 4)
    moved = moved + rng.choice([0, 100], 4) * scale
    wide = np.column_stack([moved[:, columns], np.full(len(y), 0.3), np.full(len(y), 1e8 + 0.1)])
    model = nb.GaussianNB().fit(wide[rows], y[rows])
    np.testing.assert_allclose(model.predict_log_proba(wide), before, rtol=1e-7, atol=1e-8)
    assert not model.var_[:, 4:].any()
    elsewhere = wide + np.array([0, 0, 0, 0, 1e6, -3])  # a constant column says nothing, whatever it holds later
    np.testing.assert_array_equal(model.predict_log_proba(elsewhere), model.predict_log_proba(wide))


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_counts_do_not_ask_for_the_order_of_words_labels_or_rows(seed):
    rng = np.random.default_rng(seed)
    for ours, _, X, y in pairs(seed % 5):
        if isinstance(ours, nb.GaussianNB):
            continue
        before = clone(ours).fit(X, y).predict_log_proba(X)
        columns, rows = rng.permutation(4), rng.permutation(len(y))
        renamed = np.array([{"ash": 2, "birch": 7, "cedar": -1}[label] for label in y])
        after = clone(ours).fit(X[rows][:, columns], renamed[rows]).predict_log_proba(X[:, columns])
        np.testing.assert_allclose(after[:, [1, 2, 0]], before, rtol=1e-10, atol=1e-11)


def test_duplicated_rows_change_nothing_but_the_smoothing():
    *_, X, y = drawn(5)
    np.testing.assert_allclose(
        nb.GaussianNB().fit(np.vstack([X, X]), np.r_[y, y]).predict_log_proba(X),
        nb.GaussianNB().fit(X, y).predict_log_proba(X),
        rtol=1e-9,
        atol=1e-10,
    )


def test_a_duplicated_column_counts_twice():
    *_, X, y = drawn(6, K=2)
    model = nb.GaussianNB().fit(X, y)
    twice = nb.GaussianNB().fit(np.column_stack([X, X[:, 0]]), y)
    for x in X[:5]:
        terms = nb.log_odds_contributions(model, x)
        again = nb.log_odds_contributions(twice, np.r_[x, x[0]])
        np.testing.assert_allclose(again.sum(), terms.sum() + terms[1], rtol=1e-9)


def test_one_sample_one_class_and_classes_of_one():
    alone = nb.GaussianNB().fit([[1.0, 2]], ["only"])
    np.testing.assert_array_equal(alone.predict([[5, 5], [np.nan, 0]]), ["only", "only"])
    np.testing.assert_array_equal(alone.predict_proba([[5, 5]]), [[1]])
    two = nb.GaussianNB().fit([[1.0, 5], [2, 5]], [0, 1])
    np.testing.assert_array_equal(two.predict([[1.4, 5], [1.6, 9]]), [0, 1])
    with pytest.raises(ValueError, match="feature 0 has variance zero in class 0: raise var_smoothing"):
        nb.GaussianNB(var_smoothing=0).fit([[1.0], [1], [2], [3]], [0, 0, 1, 1])
    constant = nb.GaussianNB(var_smoothing=0).fit(np.full((3, 2), 0.3), [0, 1, 1])
    np.testing.assert_allclose(constant.predict_proba([[0.3, 7]]), [[1 / 3, 2 / 3]])
    for model in (nb.MultinomialNB(), nb.BernoulliNB(), nb.CategoricalNB()):
        np.testing.assert_array_equal(model.fit([[1, 0]], [3]).predict([[0, 0]]), [3])


def test_a_column_of_tiny_unit_counts_as_much_as_any():
    rng = np.random.default_rng(9)
    y = np.repeat([0, 1], 50)
    X = np.column_stack([1e6 * rng.standard_normal(100), 1e-6 * (rng.standard_normal(100) + 6 * y)])
    assert nb.GaussianNB().fit(X, y).score(X, y) > 0.95
    assert sk.GaussianNB().fit(X, y).score(X, y) < 0.7  # its floor, 1000, is larger than the variance 1e-12


def test_ties_go_to_the_first_class():
    np.testing.assert_array_equal(
        nb.BernoulliNB().fit([[1], [1], [0], [0]], list("baba")).predict([[1], [0]]), ["a", "a"]
    )


# Zeros, absences, sparse input


def test_alpha_zero_gives_minus_infinity_and_never_nan():
    counts, kinds = np.array([[2, 1, 0], [0, 1, 3]]), [0, 1]
    with pytest.warns(RuntimeWarning, match="alpha=0 leaves probabilities of zero"):
        model = nb.MultinomialNB(0).fit(counts, kinds)
    joint = model.predict_joint_log_proba([[1, 1, 0], [0, 1, 0], [0, 0, 2]])
    half, third, sixth = np.log([0.5, 1 / 3, 1 / 4])
    expected = [
        [np.log(2 / 3) + third + half, -np.inf],
        [third + half, sixth + half],
        [-np.inf, 2 * np.log(3 / 4) + half],
    ]
    np.testing.assert_allclose(joint, expected, rtol=1e-13)
    with pytest.raises(ValueError, match="sample 1 has probability zero in every class"):
        model.predict([[0, 1, 0], [1, 0, 1]])
    for make in (nb.MultinomialNB, nb.BernoulliNB, nb.CategoricalNB):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            make(0).fit(counts, kinds)
        assert [w.filename for w in caught] == [__file__]
    with pytest.raises(ValueError, match="class 1 has no counts at all"), pytest.warns(RuntimeWarning):
        nb.MultinomialNB(0).fit([[1, 0], [0, 0]], [0, 1])


def test_bernoulli_alpha_zero_hears_absences_too():
    X = np.array([[1, 0, 0], [1, 1, 0], [0, 1, 0], [1, 0, 1]])
    with pytest.warns(RuntimeWarning):
        model = nb.BernoulliNB(0).fit(X, [1, 1, 0, 0])
    x = np.array([[0, 1, 0], [1, 1, 1], [1, 0, 0], [np.nan, 1, 0]])
    with np.errstate(divide="ignore"):
        expected = [[3 * np.log(0.5), -np.inf], [3 * np.log(0.5), -np.inf]]
        expected += [[3 * np.log(0.5), np.log(0.5)], [2 * np.log(0.5), np.log(0.5)]]
    np.testing.assert_allclose(model.predict_joint_log_proba(x), np.array(expected) + np.log(0.5), rtol=1e-13)
    np.testing.assert_allclose(
        model.predict_joint_log_proba(sparse.csr_array(x[:3])), model.predict_joint_log_proba(x[:3]), rtol=1e-13
    )


@pytest.mark.parametrize("form", [sparse.csr_array, sparse.csc_array, sparse.coo_array, sparse.csr_matrix])
def test_sparse_is_dense(form):
    counts, _, _, y = drawn(4)
    for model in (nb.MultinomialNB(0.5), nb.BernoulliNB(0.5, 1.5), nb.BernoulliNB()):
        dense = model.fit(counts, y).predict_joint_log_proba(counts)
        np.testing.assert_allclose(model.fit(form(counts), y).predict_joint_log_proba(form(counts)), dense, rtol=1e-12)
    assert sparse.issparse(nb.MultinomialNB()._input(form(counts)))
    with pytest.raises(ValueError, match="NaN or infinity"):
        nb.MultinomialNB().fit(form(np.array([[np.nan, 1]])), [0])
    with pytest.raises(ValueError, match="must have 4 features: got 1"):
        nb.MultinomialNB().fit(counts, y).predict(form(counts[:, :1]))
    with pytest.raises(ValueError, match="at least one sample"):
        nb.MultinomialNB().fit(form(np.zeros((0, 3))), [])
    with pytest.raises(ValueError, match="non-negative for a sparse X: got -1"):
        nb.BernoulliNB(binarize=-1).fit(form(counts), y)
    twice = sparse.coo_array(([1.0, 1], ([0, 0], [0, 0])), shape=(1, 2))
    assert nb.BernoulliNB(binarize=None).fit([[1, 0], [0, 1]], [0, 1])._input(sparse.coo_array(np.eye(2))).nnz == 2
    assert nb.MultinomialNB().fit(twice, [0]).feature_count_.tolist() == [[2, 0]]


# Missing features


def test_a_missing_feature_is_summed_over():
    _, codes, real, y = drawn(8, K=2)
    model = nb.CategoricalNB(n_categories=4).fit(codes, y)
    x = codes[:1].astype(float)
    x[0, 2] = np.nan
    full = np.repeat(codes[:1], 4, axis=0)
    full[:, 2] = range(4)
    summed = np.exp(model.predict_joint_log_proba(full)).sum(axis=0)
    np.testing.assert_allclose(np.exp(model.predict_joint_log_proba(x))[0], summed, rtol=1e-12)

    bernoulli = nb.BernoulliNB().fit(MAILS, KINDS)
    seen = np.exp(bernoulli.predict_joint_log_proba([[1, 1, 0], [1, 1, 1]])).sum(axis=0)
    np.testing.assert_allclose(np.exp(bernoulli.predict_joint_log_proba([[1, 1, np.nan]]))[0], seen, rtol=1e-12)
    np.testing.assert_allclose(bernoulli.predict_proba([[1, 1, np.nan]])[0, 1], 2 / 3, rtol=1e-12)

    gaussian, fewer = nb.GaussianNB().fit(real, y), nb.GaussianNB().fit(real[:, [0, 1, 3]], y)
    gap = np.where(np.arange(4) == 2, np.nan, real[:5])
    np.testing.assert_allclose(
        gaussian.predict_joint_log_proba(gap), fewer.predict_joint_log_proba(real[:5][:, [0, 1, 3]]), rtol=1e-12
    )
    nothing = np.full((1, 4), np.nan)
    np.testing.assert_allclose(gaussian.predict_log_proba(nothing)[0], np.log(gaussian.class_prior_), rtol=1e-12)


# What each feature adds


@pytest.mark.parametrize("seed", range(3))
def test_contributions_add_up_to_the_log_odds(seed):
    counts, codes, real, y = drawn(seed, K=2)
    gap = real.copy()
    gap[:, 1] = np.nan
    for model, X, at in (
        (nb.MultinomialNB(), counts, counts),
        (nb.BernoulliNB(binarize=1), counts, counts),
        (nb.CategoricalNB(n_categories=4), codes, codes),
        (nb.GaussianNB(), real, real),
        (nb.GaussianNB(), real, gap),
    ):
        model.fit(X, y)
        terms = np.array([nb.log_odds_contributions(model, x) for x in at])
        log_odds = np.diff(model.predict_joint_log_proba(at), axis=1)[:, 0]
        np.testing.assert_allclose(terms.sum(axis=1), log_odds, atol=1e-10)
        np.testing.assert_allclose(terms[:, 0], np.log(np.mean(y == "birch") / np.mean(y == "ash")), rtol=1e-12)
        assert terms.shape == (60, 5)
    assert np.ptp(terms[:, 2]) == 0 == terms[0, 2]
    for model, X in ((nb.BernoulliNB(), counts), (nb.CategoricalNB(n_categories=4), codes)):
        x = np.where(np.arange(4) == 1, np.nan, X[0])
        terms = nb.log_odds_contributions(model.fit(X, y), x)
        assert terms[2] == 0
        assert terms.sum() == pytest.approx(np.diff(model.predict_joint_log_proba(x[None]))[0, 0], abs=1e-12)


def test_contributions_by_hand():
    terms = nb.log_odds_contributions(nb.BernoulliNB().fit(MAILS, KINDS), [1, 1, 1])
    np.testing.assert_allclose(terms, np.log([1 / 3, 3, 2, 1 / 3]), rtol=1e-12)
    terms = nb.log_odds_contributions(nb.MultinomialNB().fit(MAILS, KINDS), [2, 0, 1])
    np.testing.assert_allclose(terms, [np.log(1 / 3), 2 * np.log(3), 0, np.log(1 / 6)], rtol=1e-12)
    with pytest.warns(RuntimeWarning):
        model = nb.MultinomialNB(0).fit([[2, 1, 0], [0, 1, 3]], [0, 1])
    assert nb.log_odds_contributions(model, [1, 1, 0])[1] == -np.inf
    for x in ([1, 0, 1],):
        with pytest.raises(ValueError, match="probability zero in both"):
            nb.log_odds_contributions(model, x)
    with pytest.raises(ValueError, match="two classes: got 3"):
        nb.log_odds_contributions(nb.GaussianNB().fit(np.eye(3), [0, 1, 2]), [0, 0, 0])
    with pytest.raises(ValueError, match=r"one sample, 1-dimensional: got shape \(1, 3\)"):
        nb.log_odds_contributions(model, [[1, 0, 1]])


# A law that is known


@pytest.mark.parametrize("seed", range(5))
def test_bayes_risk_is_the_least_of_all_rules(seed):
    rng = np.random.default_rng(seed)
    joint = rng.dirichlet(np.full(8, 0.5)).reshape(2, 2, 2)
    loss = rng.uniform(0, 5, (2, 2))
    for prices in (None, loss):
        table = 1 - np.eye(2) if prices is None else prices
        rules = itertools.product([0, 1], repeat=4)
        flat = joint.reshape(2, 4)
        losses = [sum(table[k, rule[x]] * flat[k, x] for k in range(2) for x in range(4)) for rule in rules]
        assert nb.bayes_risk(joint, prices) == pytest.approx(min(losses), rel=1e-12)
    assert nb.bayes_risk(HUNDRED) == pytest.approx(0.16)
    assert nb.bayes_risk(joint, [[0, 1, 0.2], [1, 0, 0.2]]) <= min(0.2, nb.bayes_risk(joint)) + 1e-15


@pytest.mark.parametrize("shape", [(2, 3, 3), (3, 2, 2, 2), (2, 4)])
def test_the_projection_keeps_marginals_and_no_product_is_nearer(shape):
    rng = np.random.default_rng(9)
    joint = rng.dirichlet(np.full(np.prod(shape), 0.7)).reshape(shape)
    product, d = nb.naive_projection(joint), len(shape) - 1
    assert product.sum() == pytest.approx(1)
    for j in range(1, d + 1):
        others = tuple(i for i in range(1, d + 1) if i != j)
        np.testing.assert_allclose(product.sum(axis=others), joint.sum(axis=others), rtol=1e-12)
    cost = nb.conditional_total_correlation(joint)
    assert cost == pytest.approx(stats.entropy(joint.ravel(), product.ravel()), abs=1e-13)
    for _ in range(50):
        other = joint.sum(axis=tuple(range(1, d + 1)), keepdims=True)
        for j in range(1, d + 1):
            factor = rng.dirichlet(np.ones(shape[j]), shape[0])
            other = other * factor.reshape([shape[0], *(shape[j] if i == j else 1 for i in range(1, d + 1))])
        assert stats.entropy(joint.ravel(), other.ravel()) >= cost - 1e-12


def test_total_correlation_by_hand():
    expected = 0.72 * np.log(9 / 8) - 0.16 * np.log(2) + 0.12 * np.log(3)
    assert nb.conditional_total_correlation(HUNDRED) == pytest.approx(expected, rel=1e-12)
    copied = np.zeros((2, 2, 2))
    copied[:, [0, 1], [0, 1]] = np.array([[0.8, 0.2], [0.2, 0.8]]) / 2
    assert nb.conditional_total_correlation(copied) == pytest.approx(np.log(5) - 0.8 * np.log(4), rel=1e-12)
    assert nb.conditional_total_correlation(nb.naive_projection(HUNDRED)) == pytest.approx(0, abs=1e-14)
    with_empty_class = np.concatenate([HUNDRED, np.zeros((1, 2, 2))])
    assert nb.conditional_total_correlation(with_empty_class) == pytest.approx(expected, rel=1e-12)


# Bad input


def test_bad_input_is_refused_in_words():
    X, y = [[1.0, 0], [0, 1]], [0, 1]
    everyone = (nb.GaussianNB, nb.MultinomialNB, nb.BernoulliNB, nb.CategoricalNB)
    for make in everyone:
        with pytest.raises(ValueError, match="is not fitted"):
            make().predict(X)
        with pytest.raises(ValueError, match="NaN or infinity"):
            make().fit([[np.nan, 0], [0, 1]], y)
        with pytest.raises(ValueError, match="NaN or infinity"):
            make().fit(X, y).predict([[np.inf, 0]])
        with pytest.raises(ValueError, match="2-dimensional"):
            make().fit([1.0, 2], y)
        with pytest.raises(ValueError, match="2 features: got 1"):
            make().fit(X, y).predict([[1.0]])
        with pytest.raises(ValueError, match=r"y must have shape \(2,\)"):
            make().fit(X, [0, 1, 1])
        with pytest.raises(ValueError, match="y contains NaN"):
            make().fit(X, [0, np.nan])
        for labels in (np.array([0, "a"], dtype=object), [None, None]):
            with pytest.raises(ValueError, match="labels of one kind"):
                make().fit(X, labels)
        with pytest.raises(ValueError, match="2 non-negative numbers: got"):
            make().fit(X, y, [1, -1])
        with pytest.raises(ValueError, match="class 1 has no samples"):
            make().fit(X, y, [1, 0])
        with pytest.raises(ValueError, match="first call of partial_fit: got None"):
            make().partial_fit(X, y)
        with pytest.raises(ValueError, match=r"among \[0, 1\]: got \[2\]"):
            make().partial_fit(X, [0, 2], [0, 1])
        with pytest.raises(ValueError, match="classes must be those of the first call"):
            make().partial_fit(X, y, [0, 1]).partial_fit(X, y, [0, 1, 2])
        with pytest.raises(ValueError, match="2 features: got 1"):
            make().partial_fit(X, y, [0, 1]).partial_fit([[1.0]], [0])
        with pytest.raises(ValueError, match="class 1 has no samples"):
            make().partial_fit(X[:1], y[:1], [0, 1]).predict(X)
    for make in everyone[1:]:
        with pytest.raises(ValueError, match="alpha must be non-negative: got -1"):
            make(alpha=-1).fit(X, y)
    for value in ([0.5, 0.6], [1.0], [-0.5, 1.5]):
        with pytest.raises(ValueError, match="priors must hold 2 non-negative numbers of sum one"):
            nb.GaussianNB(priors=value).fit(X, y)
    with pytest.raises(ValueError, match="var_smoothing must be non-negative"):
        nb.GaussianNB(var_smoothing=-1).fit(X, y)
    with pytest.raises(ValueError, match="non-negative counts: got"):
        nb.MultinomialNB().fit([[-1.0, 0], [0, 1]], y)
    with pytest.raises(ValueError, match="zeros and ones: got"):
        nb.BernoulliNB(binarize=None).fit([[2.0, 0], [0, 1]], y)
    with pytest.raises(ValueError, match="real numbers only"):
        nb.GaussianNB().fit(X, y).predict(sparse.csr_array(X))
    for bad in ([[-1, 0], [0, 1]], [[0.5, 0], [0, 1]], [[2**31, 0], [0, 1]]):
        with pytest.raises(ValueError, match="codes 0, 1, 2"):
            nb.CategoricalNB().fit(bad, y)
    with pytest.raises(ValueError, match="unseen category 2 in feature 1: it has 2 categories"):
        nb.CategoricalNB().fit(X, y).predict([[0, 2]])
    for bad in (0, [1, 2, 3], 2.5, [[2, 2]]):
        with pytest.raises(ValueError, match="n_categories must be a positive integer, or one for each of 2"):
            nb.CategoricalNB(n_categories=bad).fit(X, y)
    with pytest.raises(ValueError, match="only zeros"):
        nb.moments(X, [0, 0])
    for function in (nb.bayes_risk, nb.naive_projection, nb.conditional_total_correlation):
        for bad in (np.ones((2, 2)), np.array([1.0]), np.array([[1.5, -0.5]]), np.array([[np.nan, 1]])):
            with pytest.raises(ValueError, match="joint must"):
                function(bad)
    with pytest.raises(ValueError, match="loss must have 2 rows"):
        nb.bayes_risk(HUNDRED, np.eye(3))


def test_categories_may_differ_and_some_never_occur():
    X = np.array([[0, 2], [1, 0], [0, 1]])
    model = nb.CategoricalNB(n_categories=[3, 4]).fit(X, [0, 0, 1])
    np.testing.assert_array_equal(model.n_categories_, [3, 4])
    np.testing.assert_allclose(np.exp(model.feature_log_prob_[0]), [[2 / 5, 2 / 5, 1 / 5], [2 / 4, 1 / 4, 1 / 4]])
    np.testing.assert_allclose(np.exp(model.feature_log_prob_[1][1]), [1 / 5, 2 / 5, 1 / 5, 1 / 5])
    np.testing.assert_allclose(
        np.exp(model.predict_joint_log_proba([[2, 3]])), [[2 / 3 / 5 / 6, 1 / 3 / 4 / 5]], rtol=1e-13
    )
    np.testing.assert_array_equal(nb.CategoricalNB().fit(X, [0, 0, 1]).n_categories_, [2, 3])


def test_a_model_can_be_fitted_again_from_scratch():
    for ours, _, X, y in pairs(1):
        again = clone(ours).fit(X[:30, :3], y[:30])
        again.fit(X, y)
        np.testing.assert_array_equal(again.predict_proba(X), clone(ours).fit(X, y).predict_proba(X))
