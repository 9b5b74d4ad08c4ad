"""Splits and folds are partitions, balanced, repeatable; bad input is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine
from sklearn.linear_model import LinearRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import KFold, LeaveOneOut
from sklearn.model_selection import cross_val_predict as sklearn_cross_val_predict
from sklearn.model_selection import cross_val_score as sklearn_cross_val_score
from sklearn.naive_bayes import GaussianNB

from mlderived.resampling import (
    bootstrap,
    cross_val_predict,
    cross_val_score,
    kfold,
    leave_one_out,
    train_test_split,
)

invariant = settings(deadline=None, derandomize=True, max_examples=60)


@st.composite
def classes(draw):
    """Labels in which each class occurs at least twice, in any order."""
    counts = draw(st.lists(st.integers(2, 12), min_size=1, max_size=4))
    return np.array(draw(st.permutations(np.repeat(np.arange(len(counts)), counts).tolist())))


def is_partition(n, *parts):
    return np.array_equal(np.sort(np.concatenate(parts)), np.arange(n))


# ---- train_test_split ------------------------------------------------------------------------------------------------


@invariant
@given(st.integers(2, 80), st.data(), st.integers(0, 2**32))
def test_split_is_a_partition_of_the_asked_size_and_repeats(n, data, seed):
    m = data.draw(st.integers(1, n - 1))
    train, test = train_test_split(n, m, seed)
    assert len(test) == m
    assert is_partition(n, train, test)
    again = train_test_split(n, m, np.random.default_rng(seed))
    assert np.array_equal(train, again[0])
    assert np.array_equal(test, again[1])


@invariant
@given(classes(), st.data(), st.integers(0, 99))
def test_stratified_split_gives_each_class_its_share_to_within_one_sample(y, data, seed):
    n = len(y)
    m = data.draw(st.integers(1, n - 1))
    train, test = train_test_split(n, m, seed, stratify=y)
    assert len(test) == m
    assert is_partition(n, train, test)
    share = np.bincount(y) * m / n
    assert np.all(np.abs(np.bincount(y[test], minlength=len(share)) - share) < 1)


@pytest.mark.parametrize("share, count", [(0.3, 171), (0.25, 142), (np.float64(0.5), 284), (1 / 569, 1)])
def test_a_share_is_rounded_to_the_nearest_count(share, count):
    assert len(train_test_split(569, share, 0)[1]) == count


def test_another_seed_gives_another_split_and_both_parts_come_shuffled():
    y = np.repeat([0, 1, 2], 50)
    for stratify in (None, y):
        one, other = (train_test_split(150, 0.3, seed, stratify) for seed in (1, 2))
        for a, b in zip(one, other, strict=True):
            assert not np.array_equal(np.sort(a), np.sort(b))
            assert len(np.unique(y[a[:12]])) == 3  # a prefix holds all three species, though the file is sorted


def test_smallest_split():
    train, test = train_test_split(2, 1, 0)
    assert is_partition(2, train, test)
    assert len(train) == len(test) == 1


@pytest.mark.parametrize("test_size", [0, 10, -1, 0.01, 0.99, 11])
def test_split_refuses_an_empty_side(test_size):
    with pytest.raises(ValueError, match="test_size must leave both sides a sample"):
        train_test_split(10, test_size, 0)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((1, 1, 0), "n must be at least 2: got 1"),
        ((10, 1.0, 0), r"test_size must lie in \(0, 1\): got 1.0"),
        ((10, 0.0, 0), r"test_size must lie in \(0, 1\): got 0.0"),
        ((10, "3", 0), "test_size must be an integer"),
        ((10, 3, None), "seed must be an integer"),
        ((10, 3, -1), "seed must be non-negative"),
        ((4, 2, 0, [0, 1]), r"stratify must hold one class for each of 4 samples: got shape \(2,\)"),
        ((4, 2, 0, [0, 0, 1, 0]), "at least two samples of each class: class 1 has 1"),
    ],
)
def test_split_refuses_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        train_test_split(*arguments)


# ---- kfold -----------------------------------------------------------------------------------------------------------


@invariant
@given(st.integers(2, 60), st.data())
def test_folds_partition_and_their_sizes_differ_by_at_most_one(n, data):
    k = data.draw(st.integers(2, n))
    options = data.draw(st.sampled_from([{}, {"seed": 3}, {"contiguous": True}]))
    folds = kfold(n, k, **options)
    sizes = [len(test) for _, test in folds]
    assert len(folds) == k
    assert is_partition(n, *[test for _, test in folds])
    assert all(is_partition(n, train, test) for train, test in folds)
    assert max(sizes) - min(sizes) <= 1


@invariant
@given(classes(), st.data())
def test_stratified_folds_hold_equal_counts_of_each_class_to_within_one(y, data):
    k = data.draw(st.integers(2, len(y)))
    seed = data.draw(st.none() | st.integers(0, 99))
    folds = kfold(len(y), k, seed, stratify=y)
    counts = np.array([np.bincount(y[test], minlength=y.max() + 1) for _, test in folds])
    assert is_partition(len(y), *[test for _, test in folds])
    assert np.all(np.ptp(counts, axis=0) <= 1)
    assert np.ptp(counts.sum(axis=1)) <= 1


def test_unseeded_folds_deal_sample_i_to_fold_i_mod_k():
    for j, (train, test) in enumerate(kfold(23, 4)):
        assert np.array_equal(test, np.arange(j, 23, 4))
        assert np.array_equal(train, np.setdiff1d(np.arange(23), test))


def test_unseeded_stratified_folds_sort_by_class_and_deal():
    y = np.array(["b", "a", "b", "a", "a", "b", "a"])  # sorted stably: a 1 3 4 6, b 0 2 5
    tests = [test.tolist() for _, test in kfold(7, 3, stratify=y)]
    assert tests == [[1, 5, 6], [0, 3], [2, 4]]


@pytest.mark.parametrize(
    "load, correct",
    [(load_breast_cancer, 535), (load_wine, 175), (load_digits, 1521)],
    ids=["cancer", "wine", "digits"],
)
def test_dealt_folds_reproduce_pooled_counts_of_gaussian_naive_bayes(load, correct):
    X, y = load(return_X_y=True)
    predicted = cross_val_predict(
        lambda A, b, Z: GaussianNB().fit(A, b).predict(Z), X, y, kfold(len(y), 10, stratify=y)
    )
    assert np.sum(predicted == y) == correct


def test_contiguous_folds_are_blocks_in_file_order():
    for (train, test), (train_, test_) in zip(
        kfold(25, 10, contiguous=True), KFold(5).split(np.zeros(25)), strict=False
    ):
        assert np.all(np.diff(test) == 1)
        assert len(train) + len(test) == len(train_) + len(test_)
    blocks = [test for _, test in kfold(24, 4, contiguous=True)]
    assert all(np.array_equal(a, b) for a, b in zip(blocks, np.arange(24).reshape(4, 6), strict=True))


def test_seeded_folds_repeat_and_another_seed_moves_samples():
    one, again, other = (kfold(50, 5, seed) for seed in (7, np.random.default_rng(7), 8))
    assert all(np.array_equal(a, b) for f, g in zip(one, again, strict=True) for a, b in zip(f, g, strict=True))
    assert any(not np.array_equal(np.sort(f[1]), np.sort(g[1])) for f, g in zip(one, other, strict=True))
    train, test = one[0]
    assert not np.array_equal(train, np.sort(train))
    assert not np.array_equal(test, np.sort(test))


def test_seeded_stratified_folds_move_samples_too():
    y = np.repeat([0, 1], 25)
    one, other = (kfold(50, 5, seed, y) for seed in (7, 8))
    assert not np.array_equal(np.sort(one[0][1]), np.sort(other[0][1]))
    assert len(np.unique(y[one[0][0][:10]])) == 2


def test_leave_one_out_tests_each_sample_once():
    for (train, test), (train_, test_) in zip(leave_one_out(6), LeaveOneOut().split(np.zeros(6)), strict=True):
        assert np.array_equal(train, train_)
        assert np.array_equal(test, test_)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: kfold(1, 2), "n must be at least 2"),
        (lambda: kfold(10, 1), r"k must lie in \[2, 10\]: got 1"),
        (lambda: kfold(10, 11), r"k must lie in \[2, 10\]: got 11"),
        (lambda: kfold(10, 2.0), "k must be an integer"),
        (lambda: kfold(10, 2, seed=-3), "seed must be non-negative"),
        (lambda: kfold(10, 2, seed=1, contiguous=True), "give neither seed nor stratify"),
        (lambda: kfold(4, 2, stratify=[0, 0, 1, 1], contiguous=True), "give neither seed nor stratify"),
        (lambda: kfold(4, 2, stratify=[[0, 0], [1, 1]]), "one class for each of 4 samples"),
        (lambda: kfold(4, 2, stratify=list("aaab")), "class b has 1"),
        (lambda: leave_one_out(1), "n must be at least 2"),
    ],
)
def test_folds_refuse_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# ---- bootstrap -------------------------------------------------------------------------------------------------------


def test_bootstrap_draws_every_index_and_leaves_out_the_known_share():
    n, draws = 40, 4000
    rows = bootstrap(n, draws, 0)
    assert rows.shape == (draws, n)
    assert rows.min() == 0
    assert rows.max() == n - 1
    left_out = np.array([n - len(np.unique(row)) for row in rows]) / n
    assert abs(left_out.mean() - (1 - 1 / n) ** n) < 4 * left_out.std() / np.sqrt(draws)
    assert np.array_equal(rows, bootstrap(n, draws, np.random.default_rng(0)))
    assert not np.array_equal(rows, bootstrap(n, draws, 1))
    assert np.array_equal(bootstrap(1, 1, 0), [[0]])


@pytest.mark.parametrize(
    "n, n_draws, name", [(0, 3, "n must"), (3, 0, "n_draws must"), (2.5, 3, "n must be an integer")]
)
def test_bootstrap_refuses_bad_input(n, n_draws, name):
    with pytest.raises(ValueError, match=name):
        bootstrap(n, n_draws, 0)


# ---- cross-validation ------------------------------------------------------------------------------------------------


def least_squares(X, y, Z):
    return LinearRegression().fit(X, y).predict(Z)


def mean_squared_error(y, prediction):
    return np.mean((y - prediction) ** 2)


def test_scores_and_predictions_agree_with_scikit_learn():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(37, 3)), rng.normal(size=37)
    folds = kfold(37, 5, seed=1)
    scores = cross_val_score(least_squares, X, y, folds, mean_squared_error)
    expected = -sklearn_cross_val_score(LinearRegression(), X, y, cv=folds, scoring="neg_mean_squared_error")
    assert scores.shape == (5,)
    np.testing.assert_allclose(scores, expected, rtol=1e-12)
    predicted = cross_val_predict(least_squares, X, y, folds)
    np.testing.assert_allclose(predicted, sklearn_cross_val_predict(LinearRegression(), X, y, cv=folds), rtol=1e-12)


def test_predictions_may_be_rows_of_probabilities():
    X, y = load_iris(return_X_y=True)
    folds = kfold(150, 10, seed=0, stratify=y)
    posterior = cross_val_predict(lambda A, b, Z: GaussianNB().fit(A, b).predict_proba(Z), X, y, folds)
    label = cross_val_predict(lambda A, b, Z: GaussianNB().fit(A, b).predict(Z), X, y, folds)
    assert posterior.shape == (150, 3)
    assert np.array_equal(posterior.argmax(axis=1), label)
    scores = cross_val_score(lambda A, b, Z: GaussianNB().fit(A, b).predict(Z), X, y, folds, accuracy_score)
    assert scores.mean() == pytest.approx(np.mean(label == y))  # equal folds: pooled and averaged agree


def test_scores_accept_folds_that_do_not_cover_all_samples():
    X, y = np.arange(10.0)[:, None], np.arange(10.0)
    scores = cross_val_score(least_squares, X, y, iter([(range(5), [5, 6]), (range(8), [9, 8])]), mean_squared_error)
    np.testing.assert_allclose(scores, 0, atol=1e-20)
    with pytest.raises(ValueError, match="exactly once: got 4 tests"):
        cross_val_predict(least_squares, X, y, [(range(5), [5, 6]), (range(8), [9, 8])])


def test_first_and_last_sample_may_be_tested():
    X, y = np.arange(3.0)[:, None], np.arange(3.0)
    assert len(cross_val_score(least_squares, X, y, [([1, 2], [0]), ([0, 1], [2])], mean_squared_error)) == 2


@pytest.mark.parametrize(
    "folds, message",
    [
        ([], "at least one"),
        ([([0, 1], [1, 2])], "fold 0 must not test a sample that it trains on: got 1"),
        ([([0, 1], [2]), ([1], [])], "fold 1 must have a non-empty array of sample indices below 4 as its test part"),
        ([([], [2])], "as its train part"),
        ([([0, 1], [4])], "below 4"),
        ([([-1, 1], [2])], "below 4"),
        ([([0, 1], [2.0])], "sample indices"),
        ([([[0, 1]], [2])], "sample indices"),
        ([([True, False, True, True], [1])], "sample indices"),
    ],
)
def test_bad_folds_are_refused(folds, message):
    with pytest.raises(ValueError, match=message):
        cross_val_score(least_squares, np.zeros((4, 1)), np.zeros(4), folds, mean_squared_error)


@pytest.mark.parametrize("X, y", [(np.zeros((4, 1)), np.zeros(3)), (1.0, np.zeros(3)), (np.zeros((3, 1)), 2.0)])
def test_unpaired_data_are_refused(X, y):
    with pytest.raises(ValueError, match="one row per sample"):
        cross_val_score(least_squares, X, y, [([0], [1])], mean_squared_error)


@pytest.mark.parametrize("prediction", [1.0, np.zeros(3), np.zeros((1, 2))])
def test_predictions_of_the_wrong_length_are_refused(prediction):
    with pytest.raises(ValueError, match="must return 2 predictions"):
        cross_val_score(lambda A, b, Z: prediction, np.zeros((4, 1)), np.zeros(4), kfold(4, 2), mean_squared_error)
