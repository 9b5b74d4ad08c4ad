"""What no estimator may depend on: where zero lies, units, order, constant and repeated columns, repeated rows.

The data lie on a grid of multiples of 2⁻¹⁰, so that a shift by a power of two or to a day's time stamps rounds nothing:
what then differs is the estimator's doing.
"""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone, is_regressor
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Ridge as SklearnRidge
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import columns
from mlderived import linear_regression as lr
from mlderived.learning_theory import PolynomialRegressor
from mlderived.resampling import kfold

TIGHT = {"tol": 1e-15, "max_iter": 100_000}


def elastic_net(x, y, n):
    l1, l2 = 0.4 * x * y * n, 0.6 * x**2 * n
    return lr.ElasticNet(l1 + l2, l1 / (l1 + l2), **TIGHT)


# each by the factors that X, y and the number of rows are multiplied with, its penalties along with them
ESTIMATORS = {
    "LinearRegression": lambda x=1, y=1, n=1: lr.LinearRegression(),
    "Ridge": lambda x=1, y=1, n=1: lr.Ridge(0.7 * x**2 * n),
    "Lasso": lambda x=1, y=1, n=1: lr.Lasso(0.5 * x * y * n, **TIGHT),
    "ElasticNet": lambda x=1, y=1, n=1: elastic_net(x, y, n),
    "HuberRegressor": lambda x=1, y=1, n=1: lr.HuberRegressor(0.3 * y, tol=1e-12, max_iter=100_000),
}
every = pytest.mark.parametrize("name", ESTIMATORS)
problems = st.tuples(st.integers(8, 25), st.integers(1, 4), st.integers(0, 2**32 - 1))
examples = settings(deadline=None, derandomize=True, max_examples=12)


def draw(problem):
    N, d, seed = problem
    rng = np.random.default_rng(seed)
    X, noise = rng.integers(-4096, 4096, (N, d)) / 1024, rng.integers(-1024, 1024, N) / 1024
    return X, X @ rng.integers(-2, 3, d) + noise + 1


def close(ours, theirs, scale=1.0):
    np.testing.assert_allclose(ours / scale, theirs, rtol=1e-7, atol=1e-7)


@every
@examples
@given(problems, st.sampled_from([-(2.0**27), 1.7e9, 2.0**33]), st.sampled_from([0.0, 1.7e9]))
def test_the_zero_of_x_and_of_y_does_not_matter(name, problem, to_x, to_y):
    X, y = draw(problem)
    here, there = ESTIMATORS[name]().fit(X, y), ESTIMATORS[name]().fit(X + to_x, y + to_y)
    close(there.coef_, here.coef_)
    np.testing.assert_allclose(there.predict(X + to_x) - to_y, here.predict(X), atol=1e-4)  # Xw + b cancels nine digits


@every
@examples
@given(problems, st.sampled_from([2.0**-60, 1e-9, 1e9, 2.0**60]), st.sampled_from([2.0**-40, 1e-6, 1e6]))
def test_the_units_of_x_and_y_do_not_matter(name, problem, x, y):
    X, target = draw(problem)
    y = x if name == "ElasticNet" else y  # else l1_ratio, a number near 1, could not hold both penalties
    here, there = ESTIMATORS[name]().fit(X, target), ESTIMATORS[name](x, y).fit(x * X, y * target)
    close(there.coef_, here.coef_, y / x)
    close(there.predict(x * X), here.predict(X), y)


@pytest.mark.parametrize("name", ["LinearRegression", "HuberRegressor"])
@examples
@given(problems)
def test_without_a_penalty_each_column_may_have_units_of_its_own(name, problem):
    X, y = draw(problem)
    own = 10.0 ** np.array([17, -12, 3, -200])[: X.shape[1]]
    here, there = ESTIMATORS[name]().fit(X, y), ESTIMATORS[name]().fit(own * X, y)
    close(there.coef_ * own, here.coef_)
    close(there.predict(own * X), here.predict(X))


@every
@examples
@given(problems)
def test_the_order_of_rows_and_columns_does_not_matter(name, problem):
    X, y = draw(problem)
    rng = np.random.default_rng(problem[2])
    rows, order = rng.permutation(len(X)), rng.permutation(X.shape[1])
    here, there = ESTIMATORS[name]().fit(X, y), ESTIMATORS[name]().fit(X[rows][:, order], y[rows])
    close(there.coef_, here.coef_[order])


@every
@examples
@given(problems, st.sampled_from([0.0, 0.3, 1.7e9 + 0.1, -1e-300]))
def test_a_constant_column_has_the_weight_zero_and_moves_nothing(name, problem, constant):
    X, y = draw(problem)
    X = X + 0.1
    here = ESTIMATORS[name]().fit(X, y)
    there = ESTIMATORS[name]().fit(np.insert(X, 1, constant, axis=1), y)
    assert there.coef_[1] == pytest.approx(0, abs=1e-12)
    close(np.delete(there.coef_, 1), here.coef_)


@every
@examples
@given(problems)
def test_a_sample_given_twice_counts_twice(name, problem):
    X, y = draw(problem)
    here, there = ESTIMATORS[name]().fit(X, y), ESTIMATORS[name](n=2).fit(np.vstack([X, X]), np.r_[y, y])
    close(there.coef_, here.coef_)


@every
@examples
@given(problems)
def test_a_column_given_twice_shares_its_weight(name, problem):
    X, y = draw(problem)
    doubled = ESTIMATORS[name]().fit(np.column_stack([X, X[:, 0]]), y)
    w, v = doubled.coef_[[0, -1]]
    if name == "Lasso":  # any share will do
        close(np.r_[w + v, doubled.coef_[1:-1]], ESTIMATORS[name]().fit(X, y).coef_)
    else:
        assert w == pytest.approx(v, rel=1e-6, abs=1e-7)
    if name in ("LinearRegression", "HuberRegressor"):
        close(doubled.predict(np.column_stack([X, X[:, 0]])), ESTIMATORS[name]().fit(X, y).predict(X))


@every
def test_one_sample_is_its_own_mean(name):
    model = ESTIMATORS[name]().fit([[1e9, 0.3, -2.0]], [5.0])
    np.testing.assert_array_equal(model.coef_, 0)
    np.testing.assert_array_equal(model.predict([[7.0, 8.0, 9.0], [0.0, 0.0, 0.0]]), 5.0)


@every
@pytest.mark.parametrize("shift", [0.0, 1.7e9])
def test_more_columns_than_samples(name, shift):
    X, y = draw((6, 40, 3))
    model = ESTIMATORS[name]().fit(X + shift, y)
    here = ESTIMATORS[name]().fit(X, y)
    close(model.coef_, here.coef_)
    if name in ("LinearRegression", "HuberRegressor"):
        close(here.predict(X), y)
        shortest = np.linalg.pinv(X - X.mean(axis=0)) @ (y - y.mean())
        close(here.coef_, shortest)


def test_huber_on_a_day_of_time_stamps():
    rng = np.random.default_rng(5)
    hours = np.sort(rng.uniform(0, 24, 200))
    y = 3 + 0.5 * hours + rng.standard_normal(200)
    by_hour, by_stamp = lr.HuberRegressor(), lr.HuberRegressor()
    by_hour.fit(hours[:, None], y), by_stamp.fit(1.7e9 + 3600 * hours[:, None], y)
    assert by_stamp.coef_[0] * 3600 == pytest.approx(by_hour.coef_[0], rel=1e-6)
    assert by_stamp.score(1.7e9 + 3600 * hours[:, None], y) == pytest.approx(by_hour.score(hours[:, None], y), abs=1e-6)


# Functions


@examples
@given(problems)
def test_inference_and_diagnostics_know_neither_units_nor_zero(problem):
    X, y = draw(problem)
    d = X.shape[1]
    if np.linalg.matrix_rank(lr.add_intercept(X)) <= d:
        return
    own = 2.0 ** np.array([57, -40, 10, 3])[:d]
    for there, factor in ((X + 1.7e9, np.ones(d)), (own * X, own)):
        here, moved = lr.ols_inference(X, y), lr.ols_inference(there, y)
        close(moved["coef"][1:] * factor, here["coef"][1:])
        for key in ("t", "p"):
            close(moved[key][1:], here[key][1:])
        for key in ("s2", "r2", "r2_adj", "f", "f_p"):
            close(moved[key], here[key])
        close(lr.vif(there), lr.vif(X))
        close(lr.cooks_distance(there, y), lr.cooks_distance(X, y))
        close(lr.press(there, y), lr.press(X, y))
        close(lr.gcv(there, y), lr.gcv(X, y))
    np.testing.assert_allclose(lr.hat_diagonal(own * X), lr.hat_diagonal(X), atol=1e-12)


def test_press_with_a_constant_column_is_that_of_refitting_without_it():
    X, y = draw((12, 2, 8))
    with_constant = np.insert(X, 1, 0.3, axis=1)
    for lam in (0.0, 1.0):
        refitted = [
            y[i] - SklearnRidge(lam).fit(np.delete(X, i, 0), np.delete(y, i)).predict(X[i : i + 1])[0]
            for i in range(12)
        ]
        np.testing.assert_allclose(lr.loo_residuals(with_constant, y, lam), refitted, rtol=1e-9)
        assert lr.gcv(with_constant, y, lam) == pytest.approx(lr.gcv(X, y, lam), rel=1e-12)


def test_an_exact_fit_is_told_from_small_noise_on_a_large_mean():
    X, _ = draw((30, 2, 1))
    exact, noise = X @ [1.0, -2.0] + 1.7e9, 0.03 * np.random.default_rng(0).standard_normal(30)
    assert lr.ols_inference(X, exact + noise)["s2"] == pytest.approx(0.0009, rel=0.5)
    for y in (exact, X @ [0.1, 0.7] + 1.7e9, X @ [0.1, 0.7], np.full(30, 0.3)):
        with pytest.raises(ValueError, match="the fit is exact"):
            lr.ols_inference(X, y)


@pytest.mark.parametrize("shift", [0.0, 0.1, 1.7e9])
def test_dependent_columns_are_refused_wherever_their_zero_lies(shift):
    X, y = draw((20, 2, 4))
    for third in (X[:, 0] - X[:, 1], np.full(20, 0.3), 1e-9 * X[:, 0]):
        with pytest.raises(ValueError, match="full column rank: rank 3, 4 columns, intercept included"):
            lr.ols_inference(np.column_stack([X, third]) + shift, y)
        with pytest.raises(ValueError, match="full column rank"):
            lr.vif(np.column_stack([X, third]) + shift)


def test_the_posterior_of_two_equal_columns_is_that_of_ridge():
    x = np.array([1.0, 2.0, 3.0])
    X, y = np.column_stack([x, x]), 3 * x
    m, S = lr.weight_posterior(X, y, 1e-16, 1.0)
    np.testing.assert_allclose(m, [1.5, 1.5], rtol=1e-12)
    np.testing.assert_allclose(m, lr.ridge_path(X, y, [1e-16])[0], rtol=1e-12)
    np.testing.assert_allclose(S, [[0.5, -0.5], [-0.5, 0.5]], atol=1e-12)


# Columns


@given(st.integers(1, 200), st.floats(-1e200, 1e200), st.integers(1, 3))
@settings(deadline=None, derandomize=True)
def test_a_constant_column_is_centred_to_exactly_zero(N, value, d):
    rest, mean = columns.centred(np.full((N, d), value))
    assert not rest.any()
    np.testing.assert_array_equal(mean, value)


def test_units_round_nothing():
    A = np.array([[3.0, 0.0, 5e-324, -1e308], [-4.0, 0.0, 0.0, 1.0]])
    np.testing.assert_array_equal(columns.units(A), [4.0, 1.0, 5e-324, 2.0**1023])
    np.testing.assert_array_equal(A / columns.units(A) * columns.units(A), A)


# At home in scikit-learn


@every
def test_scikit_learn_clones_pipes_searches_and_scores(name):
    X, y = load_diabetes(return_X_y=True)
    model = {
        "LinearRegression": lr.LinearRegression(),
        "Ridge": lr.Ridge(0.1),
        "Lasso": lr.Lasso(100.0, tol=1e-6),
        "ElasticNet": lr.ElasticNet(1.0, l1_ratio=0.2, tol=1e-6),
        "HuberRegressor": lr.HuberRegressor(50.0, tol=1e-5),
    }[name]
    copy = clone(model)
    assert type(copy) is type(model) and copy.get_params() == model.get_params() and not hasattr(copy, "coef_")
    assert is_regressor(model)
    pipe = make_pipeline(StandardScaler(), model)
    scores = cross_val_score(pipe, X, y, cv=3)
    for score, fold in zip(scores, (slice(0, 148), slice(148, 295), slice(295, 442)), strict=True):
        X_train, y_train = np.delete(X, np.r_[fold], 0), np.delete(y, np.r_[fold])
        scaler = StandardScaler().fit(X_train)
        by_hand = clone(model).fit(scaler.transform(X_train), y_train).score(scaler.transform(X[fold]), y[fold])
        assert score == pytest.approx(by_hand, rel=1e-12)
    parameter = {"LinearRegression": "fit_intercept", "HuberRegressor": "delta"}.get(name, "lam")
    values = [True, False] if name == "LinearRegression" else [10.0, 1e6]
    key = f"{name.lower()}__{parameter}"
    search = GridSearchCV(pipe, {key: values}, cv=3).fit(X, y)
    means = [cross_val_score(clone(pipe).set_params(**{key: value}), X, y, cv=3).mean() for value in values]
    assert means[0] != means[1] and search.best_params_ == {key: values[int(np.argmax(means))]}


def test_a_polynomial_is_searched_for_its_degree():
    x = np.linspace(-1, 1, 60)[:, None]
    y = (4 * x**3 - 3 * x)[:, 0] + 0.05 * np.sin(40 * x[:, 0])
    search = GridSearchCV(PolynomialRegressor(1), {"degree": [1, 2, 3, 9]}, cv=kfold(60, 3))
    assert search.fit(x, y).best_params_ == {"degree": 3}
    np.testing.assert_array_equal(search.predict(x), PolynomialRegressor(3).fit(x[:, 0], y).predict(x[:, 0]))


def test_an_estimator_is_written_as_what_would_make_it_and_takes_its_parameters_by_name():
    assert (
        repr(lr.Ridge()) == "Ridge()"
        and repr(lr.Ridge(0.5, fit_intercept=False)) == "Ridge(lam=0.5, fit_intercept=False)"
    )
    assert repr(PolynomialRegressor(3)) == "PolynomialRegressor(degree=3)"
    model = lr.Ridge().set_params(lam=3.0)
    assert model.lam == 3.0 and model.get_params() == {"lam": 3.0, "fit_intercept": True}
    with pytest.raises(ValueError, match="Ridge has no parameter 'alpha': it has lam, fit_intercept"):
        model.set_params(alpha=1)


# Warnings


@pytest.mark.parametrize(
    "model", [lr.Lasso(1.0, max_iter=1), lr.ElasticNet(1.0, max_iter=1), lr.HuberRegressor(0.1, max_iter=1)], ids=repr
)
def test_a_warning_points_at_the_line_that_called_and_names_options_that_are_there(model):
    X, y = load_diabetes(return_X_y=True)
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        model.fit(X, y)
    [warning] = seen
    assert warning.filename == __file__
    assert "raise max_iter or tol" in str(warning.message) and {"max_iter", "tol"} <= set(model.get_params())
