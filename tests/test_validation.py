"""Good input comes back as finite float arrays or numbers; bad input is answered in one sentence."""

import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from mlderived import decision_tree, ensemble, logistic_regression, naive_bayes, svm
from mlderived.validation import (
    check_binary,
    check_fitted,
    check_number,
    check_rng,
    check_weights,
    check_X,
    check_X_y,
    check_y,
)

invariant = settings(deadline=None, derandomize=True, max_examples=60)

# ---- arrays ----------------------------------------------------------------------------------------------------------


@invariant
@given(
    hnp.arrays(
        st.sampled_from([np.float64, np.float32, np.int64, np.uint8, bool]),
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=6),
        elements={"allow_nan": False, "allow_infinity": False},
    )
)
def test_good_X_comes_back_equal_and_float(X):
    checked = check_X(X)
    assert checked.dtype == np.float64
    assert checked.shape == X.shape
    assert np.array_equal(checked, X)
    assert np.array_equal(check_y(X[0]), X[0])


def test_lists_and_objects_of_numbers_are_converted():
    assert np.array_equal(check_X([[1, 2.5], [True, Fraction(1, 2)]]), [[1, 2.5], [1, 0.5]])
    assert check_X([[3]]).dtype == check_y([3]).dtype == np.float64


def test_a_float_array_is_not_copied():
    X = np.ones((3, 2))
    assert check_X(X) is X


@pytest.mark.parametrize(
    "X, message",
    [
        ([[1, np.nan]], "X contains NaN or infinity"),
        ([[1, -np.inf]], "X contains NaN or infinity"),
        ([[1, None]], "X contains NaN or infinity"),
        ([[1, "a"]], "X must hold real numbers only"),
        ([["1", "2"]], "X must hold real numbers only: got an array of <U1"),
        ([[1, 2j]], "X must hold real numbers only: got an array of complex128"),
        (np.zeros((2, 2), dtype="datetime64[D]"), "X must hold real numbers only"),
        ([[1, 2], [3]], "X must hold real numbers only"),
        ([[1, 10**400]], "X must hold real numbers only"),
        ([[1, {}]], "X must hold real numbers only"),
        ([1.0, 2.0], r"X must be 2-dimensional: got shape \(2,\)"),
        (3.0, r"X must be 2-dimensional: got shape \(\)"),
        (np.zeros((2, 2, 2)), "X must be 2-dimensional"),
        (np.zeros((0, 2)), r"at least one sample and one feature: got shape \(0, 2\)"),
        (np.zeros((2, 0)), r"at least one sample and one feature: got shape \(2, 0\)"),
    ],
)
def test_bad_X_is_refused(X, message):
    with pytest.raises(ValueError, match=message):
        check_X(X)


def test_the_number_of_features_can_be_fixed():
    X = np.ones((4, 3))
    assert check_X(X, n_features=3) is X
    with pytest.raises(ValueError, match="X must have 2 features: got 3"):
        check_X(X, n_features=2)


def test_weights_are_not_negative_and_not_all_zero():
    assert check_weights(None, 3).tolist() == [1, 1, 1]
    assert check_weights([0, 2], 2).tolist() == [0, 2]
    wanted = "sample_weight must be non-negative, not all zero, one for each sample: got "
    for weight, got in (
        ([1, -2, 3], r"\[1.0, -2.0, 3.0\]"),
        ([0.0, 0, 0], r"\[0.0, 0.0, 0.0\]"),
        ([1, 2], "2 weights for 3 samples"),
    ):
        with pytest.raises(ValueError, match=wanted + got):
            check_weights(weight, 3)
    with pytest.raises(ValueError, match="weight contains NaN"):
        check_weights([1, np.nan], 2, "weight")


def test_the_name_given_is_the_name_in_the_sentence():
    with pytest.raises(ValueError, match=r"^A must be 2-dimensional"):
        check_X([1.0], name="A")
    with pytest.raises(ValueError, match=r"^t contains NaN"):
        check_y([np.nan], name="t")


@pytest.mark.parametrize(
    "y, message",
    [
        ([[1.0], [2.0]], r"y must be 1-dimensional: got shape \(2, 1\)"),
        (2.0, "y must be 1-dimensional"),
        ([], "y must hold at least one sample: got none"),
        (["a"], "y must hold real numbers only"),
        ([np.inf], "y contains NaN or infinity"),
    ],
)
def test_bad_y_is_refused(y, message):
    with pytest.raises(ValueError, match=message):
        check_y(y)


def test_X_and_y_must_have_equally_many_samples():
    X, y = check_X_y([[1], [2]], [3, 4])
    assert X.shape == (2, 1)
    assert y.shape == (2,)
    with pytest.raises(ValueError, match="X and y have different numbers of samples: 2 and 3"):
        check_X_y([[1], [2]], [3, 4, 5])


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("value", [3, 3.0, np.int8(3), np.float32(3), Fraction(3)])
def test_real_numbers_of_any_kind_become_floats(value):
    number = check_number(value, "lam")
    assert type(number) is float
    assert number == 3


@pytest.mark.parametrize("value", [3, np.int8(3), np.uint64(3)])
def test_integers_of_any_kind_become_ints(value):
    number = check_number(value, "k", integer=True)
    assert type(number) is int
    assert number == 3


@pytest.mark.parametrize("value", [True, np.True_, "3", None, math.nan, math.inf, 3j, [3], np.array(3.0), 10**400])
def test_what_is_no_finite_number_is_refused(value):
    with pytest.raises(ValueError, match=r"^lam must be a finite number: got "):
        check_number(value, "lam")
    with pytest.raises(ValueError, match=r"^k must be an integer: got "):
        check_number(value, "k", integer=True)


def test_a_float_is_no_integer():
    with pytest.raises(ValueError, match=r"^k must be an integer: got 3\.0$"):
        check_number(3.0, "k", integer=True)


@invariant
@given(st.integers(-5, 5), st.integers(-5, 5), st.integers(-5, 5), st.booleans())
def test_the_interval_is_what_it_says(value, low, high, strict):
    inside = low < value < high if strict else low <= value <= high
    if inside:
        assert check_number(value, "x", low=low, high=high, strict=strict) == value
    else:
        ends = f"({low}, {high})" if strict else f"[{low}, {high}]"
        with pytest.raises(ValueError) as refusal:
            check_number(value, "x", low=low, high=high, strict=strict)
        assert str(refusal.value) == f"x must lie in {ends}: got {value}"


@pytest.mark.parametrize(
    "value, interval, sentence",
    [
        (-1, {"low": 0}, "x must be non-negative: got -1"),
        (0, {"low": 0, "strict": True}, "x must be positive: got 0"),
        (1, {"low": 2}, "x must be at least 2: got 1"),
        (2, {"low": 2, "strict": True}, "x must be greater than 2: got 2"),
        (3, {"high": 2}, "x must be at most 2: got 3"),
        (2, {"high": 2, "strict": True}, "x must be less than 2: got 2"),
        (np.float64(1.5), {"low": 0, "high": 1}, "x must lie in [0, 1]: got 1.5"),
        (np.float64(-0.5), {"low": 0}, "x must be non-negative: got -0.5"),
    ],
)
def test_each_interval_has_its_words(value, interval, sentence):
    with pytest.raises(ValueError) as refusal:
        check_number(value, "x", **interval)
    assert str(refusal.value) == sentence


@pytest.mark.parametrize(
    "value, interval", [(0, {"low": 0}), (2, {"low": 2}), (2, {"high": 2}), (1, {"low": 0, "high": 1})]
)
def test_the_ends_belong_to_a_closed_interval(value, interval):
    assert check_number(value, "x", **interval) == value


# ---- generators and estimators ---------------------------------------------------------------------------------------


def test_a_seed_makes_numpys_generator_and_a_generator_passes_through():
    rng = np.random.default_rng(3)
    assert check_rng(rng) is rng
    assert check_rng(3).random() == np.random.default_rng(3).random()
    assert check_rng(np.int64(0)).random() == np.random.default_rng(0).random()


@pytest.mark.parametrize(
    "seed, message",
    [
        (None, "seed must be an integer: got None"),
        (-1, "seed must be non-negative: got -1"),
        (1.0, "seed must be an integer"),
        (np.random.RandomState(0), "seed must be an integer"),
    ],
)
def test_bad_seeds_are_refused(seed, message):
    with pytest.raises(ValueError, match=message):
        check_rng(seed)


def test_an_estimator_is_fitted_when_it_bears_the_attribute():
    check_fitted(SimpleNamespace(coef_=None))
    check_fitted(SimpleNamespace(tree_=1), "tree_")
    with pytest.raises(ValueError, match="SimpleNamespace is not fitted: call fit before"):
        check_fitted(SimpleNamespace(coef_=None), "tree_")


CLASSIFIERS = (
    lambda: logistic_regression.LogisticRegression(),
    lambda: logistic_regression.SoftmaxRegression(),
    lambda: decision_tree.DecisionTreeClassifier(),
    lambda: svm.SVC(),
    lambda: svm.OneVsOneSVC(),
    lambda: naive_bayes.GaussianNB(),
    lambda: ensemble.AdaBoostClassifier(),
    lambda: ensemble.GradientBoostingClassifier(),
    lambda: ensemble.RandomForestClassifier(),
    lambda: ensemble.VotingClassifier([decision_tree.DecisionTreeClassifier()]),
    lambda: ensemble.StackingClassifier([decision_tree.DecisionTreeClassifier()], n_folds=2),
)


@pytest.mark.parametrize("model", CLASSIFIERS)
@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 1, 1], r"y must have shape \(4,\), one (label|entry) for each row of X: got \(3,\)"),
        ([[0], [1], [1], [0]], r"y must have shape \(4,\), one (label|entry) for each row of X: got \(4, 1\)"),
        ([0.0, 1.0, np.nan, 1.0], "y contains NaN or infinity|y must be integer labels"),
        (np.array([None, None, "a", "b"], dtype=object), "labels of one kind"),
        (np.array(["a", 1, "a", 1], dtype=object), "labels of one kind"),
    ],
)
def test_every_classifier_refuses_labels_that_are_none_in_a_sentence(model, y, said):
    with pytest.raises(ValueError, match=said):
        model().fit(np.arange(8.0).reshape(4, 2), y)


@pytest.mark.parametrize("model", CLASSIFIERS)
@pytest.mark.parametrize("labels", [["no", "yes"], [False, True], [-1, 1], [2.0, 5.0]])
def test_every_classifier_takes_labels_of_any_one_kind(model, labels):
    X = np.array([[0.0, 1], [1, 0], [8, 9], [9, 8]])
    fitted = model().fit(X, np.array(labels)[[0, 0, 1, 1]])
    assert list(fitted.classes_) == labels
    assert list(fitted.predict(X)) == [labels[0]] * 2 + [labels[1]] * 2


@pytest.mark.parametrize(
    ("y", "said"),
    [
        ([0, 1, 2], "y must hold zeros and ones: got"),
        ([0, 1, np.inf], "y contains NaN or infinity"),
        ([1, 1], "y must contain both classes 0 and 1: got only 1"),
    ],
)
def test_zeros_and_ones_are_asked_for(y, said):
    with pytest.raises(ValueError, match=said):
        check_binary(y, both=True)
    assert check_binary([True, False]).dtype == float
