"""Logistic and softmax regression against scikit-learn, statsmodels, scipy and exact numbers, on hard data too."""

import decimal
import warnings

import numpy as np
import pytest
import scipy.special as special
import statsmodels.api as sm
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy.optimize import approx_fprime, linprog
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression as Reference
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import datasets
from mlderived import logistic_regression as lg

X6 = np.column_stack([np.ones(6), [-3.0, -1, -1, 1, 1, 3]])
Y6 = np.array([0.0, 0, 1, 0, 1, 1])
COINS_X = np.column_stack([np.ones(8), np.repeat([0.0, 1.0], 4)])
COINS_Y = np.array([1.0, 0, 0, 0, 1, 1, 1, 0])


def noisy(seed, n=60, d=3):
    """Labels that overlap: no separation."""
    rng = np.random.default_rng(seed)
    X = np.column_stack([np.ones(n), rng.standard_normal((n, d))])
    y = (rng.random(n) < special.expit(X @ rng.normal(0, 0.7, d + 1))).astype(float)
    y[:4] = 0, 1, 0, 1
    X[:4, 1:] = X[0, 1:]  # the same point with both labels
    return X, y


# The sigmoid and its relatives


def exact(function, z):
    """In sixty digits: σ(z), or softplus(z)."""
    with decimal.localcontext(decimal.Context(prec=60)):
        e = (-decimal.Decimal(z)).exp()
        return float(1 / (1 + e) if function == "sigmoid" else (1 + 1 / e).ln())


@pytest.mark.parametrize("z", [-700.0, -50.0, -1.0, -1e-9, 0.0, 1e-9, 2.5, 36.0, 50.0, 700.0])
def test_sigmoid_and_softplus_are_right_to_the_last_digits(z):
    assert lg.sigmoid(z) == pytest.approx(exact("sigmoid", z), rel=4e-16)
    assert lg.softplus(z) == pytest.approx(exact("softplus", z), rel=4e-16)
    assert lg.log_sigmoid(z) == pytest.approx(-exact("softplus", -z), rel=4e-16)


def test_nothing_overflows_and_shapes_are_kept():
    z = np.array([[-1000.0, 0], [1000, 3]])
    with np.errstate(all="raise", under="ignore"):
        for function, theirs in ((lg.sigmoid, special.expit), (lg.log_sigmoid, special.log_expit)):
            np.testing.assert_allclose(function(z), theirs(z), rtol=1e-15)
        np.testing.assert_array_equal(lg.softplus(z)[:, 0], [0, 1000])
        np.testing.assert_allclose(lg.log_softmax(z), special.log_softmax(z, axis=-1), rtol=1e-14)
    near, far = np.array([20.0, 0]), np.array([20.0, 0]) + 1e8
    np.testing.assert_allclose(lg.log_softmax(far), lg.log_softmax(near), rtol=1e-12)
    assert lg.log_softmax(near)[0] == pytest.approx(-np.log1p(np.exp(-20)), rel=1e-6, abs=0)
    np.testing.assert_allclose(lg.log_softmax(np.uint8([3, 250])), special.log_softmax([3.0, 250.0]), rtol=1e-14)
    for wrong, said in (([np.nan, 0], "NaN or inf"), ([np.inf, 0], "NaN or inf"), ([-np.inf, -np.inf], "throughout")):
        with pytest.raises(ValueError, match=said):
            lg.log_softmax(wrong)


@given(st.floats(-30, 30))
def test_logit_undoes_sigmoid_and_the_two_halves_mirror(z):
    assert lg.logit(lg.sigmoid(z)) == pytest.approx(z, rel=1e-12, abs=1e-15 * np.exp(max(z, 0)))
    assert lg.sigmoid(-z) + lg.sigmoid(z) == pytest.approx(1, abs=3e-16)
    np.testing.assert_allclose(lg.sigmoid(z), 0.5 * (1 + np.tanh(z / 2)), atol=2e-16)


def test_logit_at_the_walls_and_beyond():
    np.testing.assert_array_equal(lg.logit([0.0, 0.5, 1.0]), [-np.inf, 0, np.inf])
    for p in (-0.1, 1.1, np.nan):
        with pytest.raises(ValueError, match=r"\[0, 1\]"):
            lg.logit(p)


# The loss


@pytest.mark.parametrize("seed", range(5))
def test_loss_gradient_and_hessian(seed):
    X, y = noisy(seed)
    w = np.random.default_rng(seed).standard_normal(4)
    p = special.expit(X @ w)
    assert lg.nll(w, X, y, mean=False) == pytest.approx(-np.sum(y * np.log(p) + (1 - y) * np.log1p(-p)))
    assert lg.deviance(w, X, y) == pytest.approx(2 * 60 * lg.nll(w, X, y))
    np.testing.assert_allclose(lg.nll_grad(w, X, y), approx_fprime(w, lg.nll, 1e-7, X, y), atol=1e-6)
    columns = [(lg.nll_grad(w + h, X, y) - lg.nll_grad(w - h, X, y)) / 2e-5 for h in 1e-5 * np.eye(4)]
    np.testing.assert_allclose(lg.nll_hessian(w, X), np.array(columns).T, atol=1e-9)
    curvatures = [np.linalg.eigvalsh(lg.nll_hessian(v, X))[-1] for v in (w, 0 * w, 5 * w)]
    assert max(curvatures) <= lg.lipschitz_constant(X) * (1 + 1e-12)
    assert curvatures[1] == pytest.approx(lg.lipschitz_constant(X))  # attained at zero


def test_the_loss_of_a_sure_mistake_is_not_capped():
    X = np.array([[800.0], [-50.0], [40.0]])
    assert lg.nll([1.0], X, [0, 1, 0], mean=False) == pytest.approx(800 + 50 + 40, rel=1e-15)
    assert lg.nll([1.0], X[1:], [0, 1], mean=False) == pytest.approx(1.9287498479639178e-22 + 4.2483542552915889e-18)


# Whether a fit exists


def polytope_says(X, y):
    """ "complete", "quasi" or "none" by two programmes of another form, in the columns as they are."""
    M, p = X * (2 * y - 1)[:, None], X.shape[1]
    if linprog(np.zeros(p), A_ub=-M, b_ub=-np.ones(len(y)), bounds=(None, None)).status == 0:
        return "complete"
    best = linprog(-M.sum(axis=0), A_ub=-M, b_ub=np.zeros(len(y)), bounds=(-1, 1))
    return "quasi" if -best.fun > 1e-7 else "none"


@settings(deadline=None)
@given(
    st.lists(st.tuples(st.integers(-3, 3), st.integers(-3, 3), st.sampled_from((0.0, 1.0))), min_size=3, max_size=14)
)
@example(rows=[(0, 1, 0.0), (0, -1, 0.0), (0, 0, 0.0), (0, 0, 0.0)])
def test_separation_is_what_another_programme_says(rows):
    A, B, y = np.array(rows, dtype=float).T
    X = np.column_stack([np.ones(len(y)), A, B])
    kind, v = lg.separation(X, y)
    assert kind == polytope_says(X, y)
    margins = (2 * y - 1) * (X @ v)
    assert margins.min() >= -1e-9
    if kind == "complete":
        assert margins.min() > 0
    if kind == "quasi":
        assert margins.max() > 1e-9
    if kind != "none":  # in units of the columns, the largest power of two that is at most the largest entry
        in_units = v * 2 ** np.floor(np.log2(np.maximum(np.abs(X).max(axis=0), 0.5) + 1e-12))
        assert np.abs(in_units[np.any(X != 0, axis=0)]).max() == pytest.approx(1)
    shifted = X * [1, 1e9, 1e-9] + np.outer(np.ones(len(y)), [0, 4e9, 0])  # other units and another origin
    assert lg.separation(shifted, y)[0] == kind
    stretched = X * 10.0 ** np.linspace(-9, 9, len(y))[:, None]  # a margin's sign is that of its row, however long
    assert lg.separation(stretched, y)[0] == kind
    assert lg.separation(stretched * [1, 1e9, 1e-9], y)[0] == kind


def test_more_luck_and_too_much():
    assert lg.separation(X6, Y6)[0] == "none"
    assert lg.is_separable(X6, Y6)[0] is False
    quasi, complete = [0, 0, 1, 1, 1, 1], [0, 0, 0, 1, 1, 1]
    kind, v = lg.separation(X6, quasi)
    assert kind == "quasi"
    np.testing.assert_allclose(v, [v[1], v[1]])  # along b = w, as by hand
    assert lg.separation(X6, complete)[0] == "complete"
    assert lg.nll([50.0, 50.0], X6, quasi, mean=False) == pytest.approx(2 * np.log(2))


def test_breast_cancer_is_separable_with_an_intercept_and_not_without():
    cancer = datasets.load_breast_cancer()
    Z = (cancer.X - cancer.X.mean(axis=0)) / cancer.X.std(axis=0)
    assert lg.separation(Z, cancer.y)[0] == "none"
    assert lg.separation(np.column_stack([np.ones(569), Z]), cancer.y)[0] == "complete"
    assert lg.separation(np.column_stack([np.ones(569), cancer.X]), cancer.y)[0] == "complete"  # raw units
    with pytest.raises(ValueError, match="linearly separable"):
        lg.LogisticRegression(penalty=None).fit(cancer.X, cancer.y)


# Newton


def test_the_six_students_by_hand():
    w, history = lg.irls(X6, Y6)
    np.testing.assert_allclose(w, [0, np.log(2)], atol=1e-12)
    np.testing.assert_allclose(6 * history[[0, -1]], [6 * np.log(2), 8 * np.log(1.5)])
    np.testing.assert_allclose(lg.newton_step(np.zeros(2), X6, Y6), [0, 6 / 11], atol=1e-15)
    table = lg.wald_table(w, X6, Y6)
    np.testing.assert_allclose(table["se"], [np.sqrt(81 / 88), np.sqrt(3 / 8)])
    assert table["z"][1] ** 2 == pytest.approx(np.log(2) ** 2 / 0.375)


def test_two_coins_by_hand():
    w, _ = lg.irls(COINS_X, COINS_Y)
    np.testing.assert_allclose(w, [-np.log(3), np.log(9)])
    np.testing.assert_allclose(lg.newton_step([0.0, np.log(3)], COINS_X, COINS_Y), [-1, 1])
    X = np.where(COINS_X[:, 1:] == 1, 1.0, -1.0)
    lam = 1 / (12 * np.log(2))
    np.testing.assert_allclose(lg.irls(X, COINS_Y, lam)[0], [np.log(2)])
    path = [lg.LogisticRegression(C=1 / (8 * lam), penalty="l1", fit_intercept=False) for lam in (1 / 12, 1 / 8, 1 / 4)]
    found = [model.fit(X, COINS_Y).coef_[0] for model in path]
    np.testing.assert_allclose(found, [np.log(2), np.log(5 / 3), 0], atol=1e-7)


def test_full_newton_explodes_where_damped_newton_converges():
    X, y = np.ones((3, 1)), np.array([1.0, 1, 0])
    w = np.array([3.0])
    for expected in (-3.3287, 15.593):
        w = w + lg.newton_step(w, X, y)
        assert w[0] == pytest.approx(expected, abs=1e-3)
    np.testing.assert_allclose(lg.irls(X, y)[0], [np.log(2)])


WILD_X = np.repeat(np.array([[-0.9, -0.3], [0.1, 0.2], [2.3, 7.3], [0.0, -0.1]]), [17, 22, 1, 12], axis=0)
WILD_Y = np.repeat([1.0, 1, 0, 0, 0], [17, 5, 17, 1, 12])


def test_from_zero_too_a_full_step_may_go_up_and_a_damped_one_does_not():
    with pytest.warns(RuntimeWarning, match="irls stopped after 7 steps"):
        _, undamped = lg.irls(WILD_X, WILD_Y, damped=False, max_iter=7)
    assert np.diff(undamped).max() > 0.5
    w, history = lg.irls(WILD_X, WILD_Y)
    assert np.all(np.diff(history) <= 1e-15)
    np.testing.assert_allclose(WILD_X.T @ special.expit(WILD_X @ w), WILD_X.T @ WILD_Y, atol=1e-9)
    theirs = sm.Logit(WILD_Y, WILD_X).fit(disp=0, method="bfgs", gtol=1e-9, maxiter=1000)
    assert history[-1] == pytest.approx(-theirs.llf / len(WILD_Y), rel=1e-9)


@pytest.mark.parametrize(("penalty", "ratio"), [("l1", 1.0), ("elasticnet", 0.7)])
@pytest.mark.parametrize("intercept", [True, False])
def test_sparse_fits_arrive_where_full_steps_go_astray(penalty, ratio, intercept):
    C, lam = 1e3, 1 / (1e3 * len(WILD_Y))
    ours = lg.LogisticRegression(C, penalty, ratio, fit_intercept=intercept).fit(WILD_X, WILD_Y)
    rest = WILD_Y - special.expit(WILD_X @ ours.coef_ + ours.intercept_)
    pull = WILD_X.T @ rest / len(WILD_Y) - lam * (1 - ratio) * ours.coef_
    assert ours.coef_.all()
    np.testing.assert_allclose(pull, lam * ratio * np.sign(ours.coef_), rtol=1e-5)
    assert abs(rest.mean()) < 1e-9 or not intercept


def test_a_fit_that_is_cut_short_counts_its_steps():
    for penalty in ("l1", "elasticnet", "l2", None):
        for steps in (1, 2):
            with pytest.warns(RuntimeWarning, match=f"stopped after {steps} steps"):
                ours = lg.LogisticRegression(penalty=penalty, max_iter=steps).fit(WILD_X, WILD_Y)
            assert ours.n_iter_ == steps
            assert ours.coef_.any()


@pytest.mark.parametrize("seed", range(4))
def test_estimates_and_errors_are_those_of_the_libraries(seed):
    X, y = noisy(seed, n=200)
    w, history = lg.irls(X, y)
    theirs = sm.Logit(y, X).fit(disp=0, tol=1e-14)
    table = lg.wald_table(w, X, y)
    np.testing.assert_allclose(w, theirs.params, rtol=1e-8)
    np.testing.assert_allclose(table["se"], theirs.bse, rtol=1e-8)
    np.testing.assert_allclose(table["p"], theirs.pvalues, rtol=1e-7)
    assert lg.deviance(w, X, y) == pytest.approx(-2 * theirs.llf, rel=1e-12)
    assert np.all(np.diff(history) <= 1e-15)
    assert X.T @ lg.sigmoid(X @ w) == pytest.approx(X.T @ y, abs=1e-9)


@settings(deadline=None, max_examples=30)
@given(st.integers(0, 10_000), st.integers(-8, 8), st.sampled_from((0.0, 1e6, 1.7e9)))
def test_a_fit_does_not_depend_on_units_or_origin(seed, power, shift):
    X, y = noisy(seed)
    scale = np.array([10.0**power, 1, 10.0**-power])
    plain = lg.LogisticRegression(penalty=None).fit(X[:, 1:], y)
    moved = lg.LogisticRegression(penalty=None).fit(X[:, 1:] * scale + shift * scale, y)
    np.testing.assert_allclose(moved.coef_ * scale, plain.coef_, rtol=1e-4, atol=1e-6)
    order = np.random.default_rng(seed).permutation(len(y))
    np.testing.assert_allclose(
        lg.LogisticRegression(penalty=None).fit(X[order, 1:], y[order]).coef_, plain.coef_, rtol=1e-7, atol=1e-9
    )
    twice = lg.LogisticRegression(penalty=None).fit(np.repeat(X[:, 1:], 2, axis=0), np.repeat(y, 2))
    np.testing.assert_allclose(twice.coef_, plain.coef_, rtol=1e-7, atol=1e-9)


def test_dependent_columns_are_refused_and_with_a_penalty_shared():
    X, y = noisy(3)
    twice = np.column_stack([X, X[:, 1]])
    with pytest.raises(ValueError, match="full column rank"):
        lg.irls(twice, y)
    w, _ = lg.irls(twice, y, np.array([0, 0.1, 0.1, 0.1, 0.1]))
    assert w[1] == pytest.approx(w[4])
    constant = lg.LogisticRegression().fit(np.column_stack([X[:, 1:], np.full(60, 0.3)]), y)
    assert abs(constant.coef_[3]) < 1e-9  # the free intercept does its work without a price
    wide = np.random.default_rng(0).standard_normal((10, 40))
    assert lg.LogisticRegression(C=2.0).fit(wide, np.arange(10) % 2).score(wide, np.arange(10) % 2) == 1


def test_separable_data_have_a_fit_with_a_penalty_and_one_class_has_none():
    y = np.array([0.0, 0, 0, 1, 1, 1])
    for lam in (1.0, 1e-4, 1e-8):
        w, _ = lg.irls(X6, y, np.array([0, lam]))
        residual = lg.nll_grad(w, X6, y) + [0, lam] * w
        assert np.abs(residual).max() < 1e-10
    with pytest.raises(ValueError, match="both classes"):
        lg.irls(X6, np.ones(6), np.array([0, 1.0]))
    w, _ = lg.irls(X6, np.ones(6), 1.0)  # without a free weight even one class has a minimiser
    assert np.abs(lg.nll_grad(w, X6, np.ones(6)) + w).max() < 1e-10


def test_it_warns_when_it_stops_early_at_the_callers_line():
    with pytest.warns(RuntimeWarning, match="irls stopped after 2 steps") as caught:
        lg.irls(X6, Y6, max_iter=2)
    assert caught[0].filename == __file__
    with pytest.warns(RuntimeWarning, match="SoftmaxRegression stopped after 2 steps") as caught:
        lg.SoftmaxRegression(max_iter=2).fit(X6, [0, 1, 2, 0, 1, 2])
    assert caught[0].filename == __file__


# Penalties


def cancer():
    data = datasets.load_breast_cancer()
    return (data.X - data.X.mean(axis=0)) / data.X.std(axis=0), data.y


@pytest.mark.parametrize("C", [0.01, 1.0, 100.0])
def test_ridge_agrees_with_scikit_learn(C):
    Z, y = cancer()
    ours = lg.LogisticRegression(C=C).fit(Z, y)
    theirs = Reference(C=C, tol=1e-12, solver="newton-cholesky").fit(Z, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_[0], rtol=1e-8, atol=1e-10)
    assert ours.intercept_ == pytest.approx(theirs.intercept_[0], rel=1e-8)
    np.testing.assert_allclose(ours.predict_proba(Z), theirs.predict_proba(Z), atol=1e-9)


def test_the_numbers_of_the_chapter():
    Z, y = cancer()
    ours = lg.LogisticRegression().fit(Z, y)
    assert np.linalg.norm(ours.coef_) == pytest.approx(3.841609, abs=1e-6)
    assert ours.intercept_ == pytest.approx(0.214503, abs=1e-6)
    sparse = lg.LogisticRegression(C=1 / (569 * 0.05), penalty="l1", fit_intercept=False).fit(Z, y)
    objective = lg.nll(sparse.coef_, Z, y) + 0.05 * np.abs(sparse.coef_).sum()
    assert objective == pytest.approx(0.3543990534, abs=1e-9)
    assert np.sum(sparse.coef_ == 0) == 25


@pytest.mark.parametrize("penalty", ["l1", "elasticnet"])
@pytest.mark.parametrize("intercept", [True, False])
def test_sparse_fits_satisfy_the_conditions_of_optimality(penalty, intercept):
    Z, y = cancer()
    ours = lg.LogisticRegression(C=0.3, penalty=penalty, l1_ratio=0.7, fit_intercept=intercept).fit(Z[:, :12], y)
    ratio, lam = (1.0 if penalty == "l1" else 0.7), 1 / (0.3 * 569)
    p = lg.sigmoid(ours.decision_function(Z[:, :12]))
    pull = Z[:, :12].T @ (y - p) / 569 - lam * (1 - ratio) * ours.coef_
    used = ours.coef_ != 0
    assert 0 < used.sum() < 12
    np.testing.assert_allclose(pull[used], lam * ratio * np.sign(ours.coef_[used]), rtol=1e-5)
    assert np.all(np.abs(pull[~used]) <= lam * ratio * (1 + 1e-6))
    if intercept:
        assert np.mean(p) == pytest.approx(np.mean(y), abs=1e-8)
    else:
        assert ours.intercept_ == 0


def test_above_the_largest_penalty_nothing_is_left_but_the_share():
    Z, y = cancer()
    most = np.abs(Z.T @ (y - y.mean())).max()
    above = lg.LogisticRegression(C=0.999 / most, penalty="l1").fit(Z, y)
    assert not above.coef_.any()
    assert above.intercept_ == pytest.approx(special.logit(y.mean()))
    assert lg.LogisticRegression(C=1.02 / most, penalty="l1").fit(Z, y).coef_.any()


# Bayes


def test_laplace_is_the_curvature_at_the_mode_and_tempers_confidence():
    X, y = noisy(7)
    w, cov = lg.laplace_posterior(X, y, 0.05)
    np.testing.assert_allclose(np.linalg.inv(cov), 60 * (lg.nll_hessian(w, X) + 0.05 * np.eye(4)), rtol=1e-9)
    tempered, plain = lg.laplace_predict(X, w, cov), lg.sigmoid(X @ w)
    assert np.all(np.abs(tempered - 0.5) < np.abs(plain - 0.5))
    assert np.all((tempered > 0.5) == (plain > 0.5))


def test_the_tempered_probability_is_near_the_integral():
    nodes, weights = np.polynomial.hermite_e.hermegauss(100)
    means, spreads = np.meshgrid(np.linspace(-6, 6, 25), np.linspace(0, 6, 31))
    truth = special.expit(means[..., None] + spreads[..., None] * nodes) @ weights / np.sqrt(2 * np.pi)
    ours = [
        lg.laplace_predict(np.c_[m, s], [1.0, 0.0], np.diag([0.0, 1.0])) for m, s in zip(means, spreads, strict=True)
    ]
    assert 0.0125 < np.abs(ours - truth).max() < 0.0132


# Softmax


@pytest.mark.parametrize("seed", range(3))
def test_softmax_loss_gradient_and_hessian(seed):
    rng = np.random.default_rng(seed)
    X, W, y = rng.standard_normal((30, 3)), rng.standard_normal((3, 4)), rng.integers(0, 4, 30)
    P = special.softmax(X @ W, axis=1)
    assert lg.softmax_nll(W, X, y) == pytest.approx(-np.mean(np.log(P[np.arange(30), y])))
    slopes = approx_fprime(W.ravel(), lambda v: lg.softmax_nll(v.reshape(3, 4), X, y), 1e-7)
    np.testing.assert_allclose(lg.softmax_grad(W, X, y).ravel(), slopes, atol=1e-6)

    def grad(v):  # the columns of W stacked
        return lg.softmax_grad(v.reshape(4, 3).T, X, y).T.ravel()

    v = W.T.ravel()
    columns = [(grad(v + h) - grad(v - h)) / 2e-5 for h in 1e-5 * np.eye(12)]
    H = lg.softmax_hessian(W, X)
    np.testing.assert_allclose(H, np.array(columns).T, atol=1e-9)
    np.testing.assert_allclose(H @ np.kron(np.ones(4), rng.standard_normal(3)), 0, atol=1e-12)


def test_two_classes_are_the_sigmoid_of_the_difference():
    X, y = noisy(2)
    W = np.random.default_rng(2).standard_normal((4, 2))
    w = W[:, 1] - W[:, 0]
    assert lg.softmax_nll(W, X, y) == pytest.approx(lg.nll(w, X, y))
    np.testing.assert_allclose(lg.softmax_grad(W, X, y)[:, 1], lg.nll_grad(w, X, y))


def test_softmax_regression_agrees_with_scikit_learn_on_iris():
    iris = datasets.load_iris()
    Z = (iris.X - iris.X.mean(axis=0)) / iris.X.std(axis=0)
    ours = lg.SoftmaxRegression().fit(Z, iris.y)
    theirs = Reference(tol=1e-12, max_iter=10_000).fit(Z, iris.y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_ - theirs.intercept_.mean(), atol=1e-5)
    np.testing.assert_allclose(ours.coef_.sum(axis=0), 0, atol=1e-12)
    assert ours.score(Z, iris.y) == pytest.approx(146 / 150)
    log_loss = -np.mean(np.log(ours.predict_proba(Z)[np.arange(150), iris.y.astype(int)]))
    assert log_loss == pytest.approx(0.129542, abs=1e-6)


def test_softmax_regression_stands_on_its_conditions_in_any_units():
    iris = datasets.load_iris()
    for scale, shift in ((1.0, 0.0), (1e3, 1e6), (1e-3, 5.0)):
        X = iris.X * scale + shift
        ours = lg.SoftmaxRegression(C=0.5).fit(X, iris.y)
        rest = ours.predict_proba(X) - (iris.y[:, None] == ours.classes_)
        np.testing.assert_allclose(rest.sum(axis=0), 0, atol=1e-5)
        slopes = (X - X.mean(axis=0)).T @ rest + ours.coef_.T / 0.5
        assert np.abs(slopes / X.std(axis=0)[:, None]).max() < 1e-4


# Estimators at home in scikit-learn


@pytest.mark.parametrize(
    "model", [lg.LogisticRegression(), lg.LogisticRegression(penalty="l1"), lg.SoftmaxRegression()]
)
def test_estimators_work_in_scikit_learns_tools(model):
    X, y = noisy(1, n=80)
    words = np.where(y == 1, "yes", "no")
    assert repr(clone(model)) == repr(model)
    pipe = make_pipeline(StandardScaler(), model)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        scores = cross_val_score(pipe, X[:, 1:], words, cv=3)
        search = GridSearchCV(model, {"C": [0.1, 1.0]}, cv=3).fit(X[:, 1:], words)
    assert np.all((scores >= 0.3) & (scores <= 1))
    assert search.best_params_["C"] in (0.1, 1.0)
    assert set(search.predict(X[:, 1:])) <= {"yes", "no"}


def test_labels_of_any_kind_and_thresholds():
    X, y = noisy(4)
    words = np.where(y == 1, "ill", "healthy")
    ours = lg.LogisticRegression().fit(X[:, 1:], words)
    assert list(ours.classes_) == ["healthy", "ill"]
    np.testing.assert_allclose(ours.predict_proba(X[:, 1:]).sum(axis=1), 1)
    few, many = (np.sum(ours.predict(X[:, 1:], threshold=t) == "ill") for t in (0.8, 0.2))
    assert few < np.sum(ours.predict(X[:, 1:]) == "ill") < many
    assert np.all(ours.predict(X[:, 1:], threshold=0) == "ill")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lg.irls(X6, [0, 1, 2, 0, 1, 1]), "zeros and ones"),
        (lambda: lg.irls(X6, np.zeros(6)), "both classes 0 and 1"),
        (lambda: lg.irls(X6, Y6, -1.0), "lam must be non-negative"),
        (lambda: lg.irls(X6, Y6, [1.0, 2, 3]), "one for each of 2 weights"),
        (lambda: lg.nll([1.0], X6, Y6), r"shape \(2,\)"),
        (lambda: lg.nll([1.0, np.nan], X6, Y6), "NaN"),
        (lambda: lg.nll([1.0, 1], X6, Y6[:3]), "6 and 3"),
        (lambda: lg.softmax_nll(np.zeros((2, 3)), X6, [0, 1, 2, 3, 0, 1]), "from 0 to 2"),
        (lambda: lg.softmax_nll(np.zeros(2), X6, Y6), "a column for each class"),
        (lambda: lg.LogisticRegression(C=0).fit(X6, Y6), "C must be positive"),
        (lambda: lg.LogisticRegression(penalty="l3").fit(X6, Y6), "penalty must be"),
        (lambda: lg.LogisticRegression(penalty="elasticnet", l1_ratio=2).fit(X6, Y6), "l1_ratio"),
        (lambda: lg.LogisticRegression().fit(X6, [0, 1, 2, 0, 1, 2]), "two classes: got 3"),
        (lambda: lg.LogisticRegression().fit(X6, Y6).predict(X6, threshold=2), "threshold"),
        (lambda: lg.LogisticRegression().fit(X6, Y6).predict(X6[:, :1]), "2 features"),
        (lambda: lg.LogisticRegression().predict(X6), "not fitted"),
        (lambda: lg.SoftmaxRegression().fit(X6, np.ones(6)), "y must hold at least two classes: got only 1"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_learning_from_an_assumption():
    """A label that is drawn from the model is fitted back: the estimate is within five standard errors of the truth."""
    rng = np.random.default_rng(6)
    X = np.column_stack([np.ones(4000), rng.standard_normal((4000, 2))])
    truth = np.array([-0.5, 1.0, 2.0])
    y = (rng.random(4000) < special.expit(X @ truth)).astype(float)
    table = lg.wald_table(lg.irls(X, y)[0], X, y)
    assert np.all(np.abs(table["coef"] - truth) < 5 * table["se"])
