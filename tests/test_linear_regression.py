"""Chapter 5's module against scikit-learn, statsmodels and scipy on random and real data, and the book's numbers."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize
from scipy.stats import norm
from sklearn import linear_model as sk
from sklearn.datasets import load_diabetes
from statsmodels.stats.outliers_influence import OLSInfluence, variance_inflation_factor
from statsmodels.stats.stattools import durbin_watson

from mlderived import linear_regression as lr
from mlderived.learning_theory import huber_loss
from mlderived.linear_algebra import complex_step_gradient, condition_number, lstsq
from mlderived.optimization import gradient_descent, lasso_duality_gap, proximal_gradient, sgd, soft_threshold
from mlderived.probability import log_pdf_mvn

FIVE = np.arange(1.0, 6.0)[:, None]  # the book's five points
FIVE_Y = np.array([2.0, 4.0, 5.0, 4.0, 5.0])
FIVE_A = lr.add_intercept(FIVE)

# (N, d, seed): a random regression problem with columns of unequal scale and a mean to remove
problems = st.tuples(st.integers(8, 30), st.integers(1, 5), st.integers(0, 2**32 - 1))
examples = settings(deadline=None, derandomize=True, max_examples=30)


def draw(problem):
    N, d, seed = problem
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((N, d)) * rng.uniform(0.5, 3, d) + rng.uniform(-2, 2, d)
    return X, X @ rng.standard_normal(d) + rng.standard_normal(N) + 1


def diabetes():
    return load_diabetes(return_X_y=True)


def centred(X, y):
    for _ in range(2):  # once more, for what the first mean lost to rounding
        X, y = X - X.mean(axis=0), y - y.mean()
    return X, y


data_sets = pytest.mark.parametrize("data", [diabetes, lambda: draw((40, 6, 0))], ids=["diabetes", "random"])


# Design, loss, gradient


def test_features():
    X = np.array([[2.0, 3.0], [4.0, 5.0]])
    np.testing.assert_array_equal(lr.add_intercept(X), [[1, 2, 3], [1, 4, 5]])
    x = np.random.default_rng(0).uniform(-3, 5, 12)
    np.testing.assert_array_equal(lr.polynomial_features(x, 4), np.vander(x, 5, increasing=True))
    t = 2 * (x - x.min()) / np.ptp(x) - 1
    for domain, z in ((None, t), ((-4, 8), (x - 2) / 6)):
        T = np.cos(np.arange(6) * np.arccos(np.clip(z, -1, 1))[:, None])
        np.testing.assert_allclose(lr.polynomial_features(x, 5, "chebyshev", domain), T, atol=1e-12)
    np.testing.assert_array_equal(lr.polynomial_features([7.0], 0), [[1.0]])


@examples
@given(problems)
def test_gradient_and_hessian_by_complex_step_and_by_the_exact_quadratic_identity(problem):
    X, y = draw(problem)
    rng = np.random.default_rng(1)
    w, v = rng.standard_normal((2, X.shape[1]))
    loss, grad = lr.least_squares_loss(w, X, y), lr.least_squares_grad(w, X, y)
    assert loss == pytest.approx(0.5 * sum((b - a @ w) ** 2 for a, b in zip(X, y, strict=True)), rel=1e-12)
    np.testing.assert_allclose(
        grad, complex_step_gradient(lambda z: lr.least_squares_loss(z, X, y), w), rtol=1e-12, atol=1e-11
    )
    expected = loss + grad @ v + 0.5 * np.sum((X @ v) ** 2)
    assert lr.least_squares_loss(w + v, X, y) == pytest.approx(expected, rel=1e-12)
    assert v @ lr.least_squares_hessian(X) @ v == pytest.approx(np.sum((X @ v) ** 2), rel=1e-12)


def test_the_loss_lets_a_diverging_iterate_through():
    assert lr.least_squares_loss([np.inf], [[1.0]], [0.0]) == np.inf


# Inference and diagnostics against statsmodels


@data_sets
def test_inference_agrees_with_statsmodels(data):
    X, y = data()
    ours, ref = lr.ols_inference(X, y), sm.OLS(y, sm.add_constant(X)).fit()
    pairs = {
        "coef": ref.params,
        "se": ref.bse,
        "t": ref.tvalues,
        "p": ref.pvalues,
        "s2": ref.scale,
        "r2": ref.rsquared,
        "r2_adj": ref.rsquared_adj,
        "f": ref.fvalue,
        "f_p": ref.f_pvalue,
    }
    assert ours.keys() == pairs.keys()
    for key, value in pairs.items():
        np.testing.assert_allclose(ours[key], value, rtol=1e-9, err_msg=key)
    A = lr.add_intercept(X)
    sigma2 = ref.ssr / len(y)
    assert lr.gaussian_loglik(ours["coef"], sigma2, A, y) == pytest.approx(ref.llf, rel=1e-12)
    by_sample = norm.logpdf(y, A @ ours["coef"], np.sqrt(0.7)).sum()
    assert lr.gaussian_loglik(ours["coef"], 0.7, A, y) == pytest.approx(by_sample, rel=1e-12)


@data_sets
def test_diagnostics_agree_with_statsmodels(data):
    X, y = data()
    A = lr.add_intercept(X)
    fit = sm.OLS(y, A).fit()
    influence = OLSInfluence(fit)
    np.testing.assert_allclose(lr.hat_diagonal(A), influence.hat_matrix_diag, rtol=1e-9)
    np.testing.assert_allclose(lr.cooks_distance(X, y), influence.cooks_distance[0], rtol=1e-9)
    np.testing.assert_allclose(lr.loo_residuals(X, y), influence.resid_press, rtol=1e-9)
    assert lr.durbin_watson(fit.resid) == pytest.approx(durbin_watson(fit.resid), rel=1e-12)
    expected = [variance_inflation_factor(A, j) for j in range(1, A.shape[1])]
    np.testing.assert_allclose(lr.vif(X), expected, rtol=1e-9)


@examples
@given(problems)
def test_vif_is_the_diagonal_of_the_inverse_correlation_and_does_not_know_units(problem):
    X, _ = draw(problem)
    inverse = np.linalg.inv(np.atleast_2d(np.corrcoef(X, rowvar=False)))
    np.testing.assert_allclose(lr.vif(X), np.diag(inverse), rtol=1e-8)
    np.testing.assert_allclose(lr.vif(X * 1e3 + 5), lr.vif(X), rtol=1e-7)


@pytest.mark.parametrize("shape", [(9, 4, 4), (9, 4, 2), (3, 6, 3), (4, 4, 0)])
@pytest.mark.parametrize("lam", [0.0, 0.3])
def test_hat_diagonal_is_that_of_the_formed_matrix_at_any_rank(shape, lam):
    N, p, r = shape
    rng = np.random.default_rng(2)
    X = rng.standard_normal((N, r)) @ rng.standard_normal((r, p))
    H = X @ np.linalg.pinv(X, rcond=1e-12) if lam == 0 else X @ np.linalg.solve(X.T @ X + lam * np.eye(p), X.T)
    np.testing.assert_allclose(lr.hat_diagonal(X, lam), np.diag(H), atol=1e-12)
    assert lr.ridge_df(X, lam) == pytest.approx(np.trace(H), abs=1e-11)
    if lam == 0:
        np.testing.assert_allclose(lr.hat_diagonal(X), np.diag(H), atol=1e-12)


@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("lam", [0.0, 2.0])
@data_sets
def test_leave_one_out_equals_refitting(data, lam, fit_intercept):
    X, y = (part[:60] for part in data())
    refits = []
    for i in range(len(y)):
        model = lr.Ridge(lam, fit_intercept).fit(np.delete(X, i, axis=0), np.delete(y, i))
        refits.append(y[i] - model.predict(X[i : i + 1])[0])
    ours = lr.loo_residuals(X, y, lam, fit_intercept)
    np.testing.assert_allclose(ours, refits, rtol=1e-10, atol=1e-10 * np.abs(y).max())
    assert lr.press(X, y, lam, fit_intercept) == pytest.approx(np.sum(np.square(refits)), rel=1e-10)
    model = lr.Ridge(lam, fit_intercept).fit(X, y)
    trace = lr.ridge_df(X - X.mean(axis=0) if fit_intercept else X, lam) + fit_intercept
    gcv = np.mean((y - model.predict(X)) ** 2) / (1 - trace / len(y)) ** 2
    assert lr.gcv(X, y, lam, fit_intercept) == pytest.approx(gcv, rel=1e-12)


def test_leave_one_out_defaults_agree_with_ridge_cv():
    X, y = diabetes()
    lams = np.logspace(-3, 2, 6)
    ref = sk.RidgeCV(alphas=lams, scoring=None).fit(X, y)
    errors = [lr.press(X, y, lam) / len(y) for lam in lams]
    assert lams[np.argmin(errors)] == ref.alpha_
    assert min(errors) == pytest.approx(-ref.best_score_, rel=1e-9)
    np.testing.assert_array_equal(lr.loo_residuals(X, y), lr.loo_residuals(X, y, 0.0, True))
    assert (lr.press(X, y), lr.gcv(X, y)) == (lr.press(X, y, 0.0, True), lr.gcv(X, y, 0.0, True))


def test_leverage_one_is_found_behind_rounding_errors():
    rng = np.random.default_rng(15)
    for _ in range(20):
        X, y = rng.standard_normal((50, 6)), rng.standard_normal(50)
        X[:, 0] = np.arange(50) == 7  # a dummy for one sample
        with pytest.raises(ValueError, match="sample 7 has leverage 1"):
            lr.loo_residuals(X, y)
        X, y = rng.standard_normal((30, 29)), rng.standard_normal(30)
        with pytest.raises(ValueError, match="every sample has leverage 1"):
            lr.gcv(X, y)


def test_a_far_point_has_leverage_near_one_and_can_still_be_left_out():
    x = np.append(np.arange(10.0), 1e5)[:, None]
    y = np.append(np.arange(10.0) % 2, 7.0)
    without = lr.LinearRegression().fit(x[:-1], y[:-1])
    assert lr.loo_residuals(x, y)[-1] == pytest.approx(7 - without.predict(x[-1:])[0], rel=1e-5)


# Ridge


def ridge_objective(w, X, y, lam):
    return lr.least_squares_loss(w, X, y) + lam / 2 * (w @ w)


@examples
@given(problems, st.floats(1e-3, 1e3))
def test_ridge_has_four_formulas_and_a_zero_gradient(problem, lam):
    X, y = draw(problem)
    N, d = X.shape
    w = lr.ridge_path(X, y, [lam])[0]
    normal = np.linalg.solve(X.T @ X + lam * np.eye(d), X.T @ y)
    augmented = lstsq(np.vstack([X, np.sqrt(lam) * np.eye(d)]), np.append(y, np.zeros(d)))
    dual = X.T @ np.linalg.solve(X @ X.T + lam * np.eye(N), y)
    for other, rtol in ((normal, 1e-9), (augmented, 1e-9), (dual, 1e-7)):
        np.testing.assert_allclose(w, other, rtol=rtol, atol=1e-9)
    gradient = complex_step_gradient(lambda z: ridge_objective(z, X, y, lam), w)
    np.testing.assert_allclose(gradient, 0, atol=1e-10 * np.abs(X.T @ y).max())


@data_sets
def test_ridge_agrees_with_scikit_learn_and_its_norm_falls(data):
    X, y = data()
    lams = np.logspace(-3, 4, 8)
    path = lr.ridge_path(*centred(X, y), lams)
    assert path.shape == (8, X.shape[1])
    for lam, w in zip(lams, path, strict=True):
        ref, ours = sk.Ridge(alpha=lam, solver="svd").fit(X, y), lr.Ridge(lam).fit(X, y)
        np.testing.assert_allclose(w, ref.coef_, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(ours.coef_, ref.coef_, rtol=1e-9, atol=1e-11)
        assert ours.intercept_ == pytest.approx(ref.intercept_, rel=1e-9)
        no_intercept = sk.Ridge(alpha=lam, solver="svd", fit_intercept=False).fit(X, y)
        np.testing.assert_allclose(lr.Ridge(lam, fit_intercept=False).fit(X, y).coef_, no_intercept.coef_, rtol=1e-9)
    assert np.all(np.diff(np.linalg.norm(path, axis=1)) < 0)


def test_at_lambda_zero_ridge_is_the_shortest_least_squares_solution_and_the_limit():
    rng = np.random.default_rng(3)
    X, y = rng.standard_normal((5, 9)), rng.standard_normal(5)
    shortest = np.linalg.pinv(X) @ y
    np.testing.assert_allclose(lr.ridge_path(X, y, [0.0])[0], shortest, rtol=1e-11)
    error = np.linalg.norm(lr.ridge_path(X, y, [1e-4, 1e-5]) - shortest, axis=1)
    assert error[0] / error[1] == pytest.approx(10, rel=1e-3)
    # and gradient descent from zero finds it too
    L = np.linalg.norm(X, 2) ** 2
    descent = gradient_descent(
        lambda w: lr.least_squares_loss(w, X, y), lambda w: lr.least_squares_grad(w, X, y), np.zeros(9), L=L, tol=1e-11
    )
    np.testing.assert_allclose(descent.x, shortest, atol=1e-9)


@pytest.mark.parametrize("shape", [(12, 4, 4), (12, 5, 3), (3, 6, 3)])
def test_ridge_mse_is_bias_and_variance_of_the_linear_estimator(shape):
    N, d, r = shape
    rng = np.random.default_rng(4)
    X, w = rng.standard_normal((N, r)) @ rng.standard_normal((r, d)), rng.standard_normal(d)
    for lam in (0.0, 0.4, 5.0):
        C = np.linalg.solve(X.T @ X + lam * np.eye(d), X.T) if lam else np.linalg.pinv(X, rcond=1e-12)
        expected = 1.7 * np.sum(C**2) + np.sum((C @ X @ w - w) ** 2)
        assert lr.ridge_mse(X, w, 1.7, lam) == pytest.approx(expected, rel=1e-9)


# Bayesian regression


@examples
@given(problems, st.floats(0.1, 5), st.floats(0.1, 5))
def test_posterior_and_evidence_agree_with_the_formulas_and_with_the_n_by_n_gaussian(problem, sigma2, tau2):
    X, y = draw(problem)
    N, p = X.shape
    m, S = lr.weight_posterior(X, y, sigma2, tau2)
    precision = np.eye(p) / tau2 + X.T @ X / sigma2
    np.testing.assert_allclose(precision @ S, np.eye(p), atol=1e-9)
    np.testing.assert_allclose(precision @ m, X.T @ y / sigma2, rtol=1e-8, atol=1e-8)
    np.testing.assert_allclose(m, lr.ridge_path(X, y, [sigma2 / tau2])[0], rtol=1e-8, atol=1e-9)
    expected = log_pdf_mvn(y[None], np.zeros(N), sigma2 * np.eye(N) + tau2 * X @ X.T)[0]
    assert lr.log_evidence(X, y, sigma2, tau2) == pytest.approx(expected, rel=1e-9)
    X_new = X[:3] + 1
    mean, var = lr.posterior_predictive(X_new, m, S, sigma2)
    np.testing.assert_allclose(mean, [x @ m for x in X_new], rtol=1e-12)
    np.testing.assert_allclose(var, [sigma2 + x @ S @ x for x in X_new], rtol=1e-12)


def test_posterior_with_more_weights_than_samples():
    rng = np.random.default_rng(5)
    X, y = rng.standard_normal((4, 7)), rng.standard_normal(4)
    m, S = lr.weight_posterior(X, y, 0.5, 2.0)
    np.testing.assert_allclose((np.eye(7) / 2 + X.T @ X / 0.5) @ S, np.eye(7), atol=1e-12)
    np.testing.assert_allclose(m, S @ X.T @ y / 0.5, rtol=1e-11)
    expected = log_pdf_mvn(y[None], np.zeros(4), 0.5 * np.eye(4) + 2 * X @ X.T)[0]
    assert lr.log_evidence(X, y, 0.5, 2.0) == pytest.approx(expected, rel=1e-11)


def test_posterior_mean_agrees_with_bayesian_ridge_at_its_own_precisions():
    X, y = centred(*diabetes())
    ref = sk.BayesianRidge(fit_intercept=False, tol=1e-12, max_iter=1000).fit(X, y)
    m, S = lr.weight_posterior(X, y, 1 / ref.alpha_, 1 / ref.lambda_)
    np.testing.assert_allclose(m, ref.coef_, rtol=1e-6)
    np.testing.assert_allclose(S, ref.sigma_, rtol=1e-6)


# Lasso and elastic net


@pytest.mark.parametrize("share", [0.5, 0.1, 0.01])
@data_sets
def test_lasso_agrees_with_scikit_learn_and_meets_its_conditions(data, share):
    X, y = data()
    Xc, yc = centred(X, y)
    lam = share * lr.lasso_lambda_max(Xc, yc)
    ref = sk.Lasso(alpha=lam / len(y), tol=1e-12, max_iter=100_000).fit(X, y)
    ours = lr.Lasso(lam).fit(X, y)
    np.testing.assert_allclose(ours.coef_, ref.coef_, rtol=1e-6, atol=1e-6 * np.abs(ref.coef_).max())
    assert ours.intercept_ == pytest.approx(ref.intercept_, rel=1e-6)
    assert ours.gap_ == pytest.approx(lasso_duality_gap(Xc, yc, ours.coef_, lam))
    assert 0 < ours.n_iter_ < 10_000
    w, gap, n_iter = lr.lasso_cd(Xc, yc, lam, tol=1e-14)
    assert lr.lasso_kkt_residual(Xc, yc, w, lam) < 1e-8 * max(1, lam / 100)
    assert gap <= 1e-14 * 0.5 * yc @ yc and n_iter > ours.n_iter_
    np.testing.assert_array_equal(w == 0, ref.coef_ == 0)


@pytest.mark.parametrize("l1_ratio", [1.0, 0.7, 0.1])
@data_sets
def test_elastic_net_agrees_with_scikit_learn(data, l1_ratio):
    X, y = data()
    Xc, yc = centred(X, y)
    lam = 0.05 * lr.lasso_lambda_max(Xc, yc)
    ref = sk.ElasticNet(alpha=lam / len(y), l1_ratio=l1_ratio, tol=1e-12, max_iter=100_000).fit(X, y)
    ours = lr.ElasticNet(lam, l1_ratio).fit(X, y)
    np.testing.assert_allclose(ours.coef_, ref.coef_, rtol=1e-6, atol=1e-6 * np.abs(ref.coef_).max())
    assert ours.intercept_ == pytest.approx(ref.intercept_, rel=1e-6)
    w, gap, n_iter = lr.enet_cd(Xc, yc, lam, l1_ratio)
    np.testing.assert_array_equal(w, ours.coef_)
    assert (gap, n_iter) == (ours.gap_, ours.n_iter_)


def test_elastic_net_without_its_lasso_part_is_ridge_and_half_by_default():
    X, y = centred(*diabetes())
    np.testing.assert_allclose(lr.enet_cd(X, y, 3.0, 0.0)[0], lr.ridge_path(X, y, [3.0])[0], rtol=1e-10)
    np.testing.assert_array_equal(lr.ElasticNet(5.0).fit(X, y).coef_, lr.ElasticNet(5.0, 0.5).fit(X, y).coef_)


def test_lasso_at_zero_is_least_squares_and_at_lambda_max_zero():
    X, y = centred(*diabetes())
    w, gap, n_iter = lr.lasso_cd(X, y, 0)
    np.testing.assert_allclose(w, np.linalg.lstsq(X, y)[0], rtol=1e-9)
    assert (gap, n_iter) == (0, 0)
    top = lr.lasso_lambda_max(X, y)
    w, gap, n_iter = lr.lasso_cd(X, y, top)
    assert not np.any(w) and n_iter == 0 and gap == 0
    w, _, n_iter = lr.lasso_cd(X, y, 0.999 * top)
    assert np.flatnonzero(w).tolist() == [2] and n_iter > 0  # bmi enters first


def test_the_lars_path_meets_our_conditions_at_every_knot():
    X, y = centred(*diabetes())
    alphas, _, coefs = sk.lars_path(X, y, method="lasso")
    knots = [2.1480, 2.0120, 1.0247, 0.7151, 0.2944, 0.2009, 0.1560, 0.0452, 0.0124, 0.0115, 0.0049, 0.0030, 0]
    np.testing.assert_allclose(alphas, knots, atol=5.1e-5)
    for alpha, w in zip(alphas, coefs.T, strict=True):
        assert lr.lasso_kkt_residual(X, y, w, alpha * len(y)) <= 1e-8 * lr.lasso_lambda_max(X, y)
    for k in (0, 1, 4, 7):  # the fit is linear in λ between knots
        mid = (alphas[k] + alphas[k + 1]) / 2
        w, _, _ = lr.lasso_cd(X, y, mid * len(y), tol=1e-13)
        np.testing.assert_allclose(w, (coefs[:, k] + coefs[:, k + 1]) / 2, rtol=1e-6, atol=1e-6)


def test_on_orthonormal_columns_one_sweep_is_the_soft_threshold():
    rng = np.random.default_rng(6)
    X = np.linalg.qr(rng.standard_normal((20, 6)))[0]
    y = 3 * rng.standard_normal(20)
    w, _, n_iter = lr.lasso_cd(X, y, 0.8)
    np.testing.assert_allclose(w, soft_threshold(X.T @ y, 0.8), atol=1e-12)
    assert n_iter == 1
    np.testing.assert_allclose(lr.ridge_path(X, y, [0.8])[0], X.T @ y / 1.8, rtol=1e-12)


def test_duplicated_columns_the_lasso_may_split_as_it_likes_the_elastic_net_shares():
    X, y = draw((30, 3, 7))
    X, y = centred(np.column_stack([X, X[:, 0]]), y)
    single, both = lr.lasso_cd(X[:, :3], y, 2.0, tol=1e-14)[0], lr.lasso_cd(X, y, 2.0, tol=1e-14)[0]
    np.testing.assert_allclose(X @ both, X[:, :3] @ single, atol=1e-8)
    for share in (0, 0.3, 1):
        w = np.append(single, single[0] * (1 - share)) * [share, 1, 1, 1]
        assert lr.lasso_kkt_residual(X, y, w, 2.0) < 1e-8
    enet = lr.enet_cd(X, y, 4.0, 0.5, tol=1e-14)[0]
    assert enet[0] == pytest.approx(enet[3], rel=1e-6) and enet[0] != 0


def test_coordinate_descent_and_fista_agree_and_a_zero_column_stays_out():
    X, y = draw((25, 5, 8))
    X[:, 2] = 0
    w, _, _ = lr.lasso_cd(X, y, 3.0, tol=1e-14)
    fista = proximal_gradient(
        lambda v: lr.least_squares_loss(v, X, y) + 3 * np.abs(v).sum(),
        lambda v: lr.least_squares_grad(v, X, y),
        lambda v, t: soft_threshold(v, 3 * t),
        np.zeros(5),
        L=np.linalg.norm(X, 2) ** 2,
        accelerated=True,
    )
    np.testing.assert_allclose(w, fista.x, atol=1e-8)
    assert w[2] == 0


def test_kkt_residual_by_hand():
    X, y = np.eye(3), np.array([3.0, -2.0, 0.5])
    assert lr.lasso_kkt_residual(X, y, [2.0, -1.0, 0.0], 1.0) == 0
    assert lr.lasso_kkt_residual(X, y, [2.0, 0.0, 0.0], 1.0) == 1.0  # |X₂ᵀe| = 2
    assert lr.lasso_kkt_residual(X, y, [2.0, -1.0, 0.2], 1.0) == pytest.approx(0.7)  # X₃ᵀe = 0.3, sign +
    assert lr.lasso_kkt_residual(X, y, [2.0, -3.5, 0.0], 1.0) == 2.5  # X₂ᵀe = 1.5, sign −


@pytest.mark.parametrize(
    "fit",
    [
        lambda X, y: lr.lasso_cd(X, y, 0.01, max_iter=3),
        lambda X, y: lr.enet_cd(X, y, 0.01, 0.9, max_iter=3),
        lambda X, y: lr.Lasso(0.01, max_iter=3).fit(X, y),
        lambda X, y: lr.ElasticNet(0.01, 0.9, max_iter=3).fit(X, y),
    ],
)
def test_too_few_sweeps_warn_once_with_the_remedy(fit):
    with pytest.warns(
        RuntimeWarning, match="lasso_cd stopped after 3 sweeps at a duality gap of .*: raise max_iter or tol"
    ) as w:
        fit(*diabetes())
    assert len(w) == 1


def test_the_sweep_count_is_the_sweeps_that_were_needed():
    X, y = centred(*diabetes())
    w, gap, n_iter = lr.lasso_cd(X, y, 100.0)
    again, same_gap, n_again = lr.lasso_cd(X, y, 100.0, max_iter=n_iter)
    np.testing.assert_array_equal(w, again)
    assert (gap, n_iter) == (same_gap, n_again)
    with pytest.warns(RuntimeWarning, match=f"stopped after {n_iter - 1} sweeps"):
        short, short_gap, n_short = lr.lasso_cd(X, y, 100.0, max_iter=n_iter - 1)
    assert n_short == n_iter - 1 and short_gap == lasso_duality_gap(X, y, short, 100.0) > 1e-10 * 0.5 * y @ y >= gap
    loose = lr.Lasso(100.0, tol=1e-3).fit(X, y)
    assert loose.n_iter_ < n_iter and gap < loose.gap_ <= 1e-3 * 0.5 * y @ y


def test_a_warm_start_goes_on_where_the_last_call_stopped():
    X, y = centred(*diabetes())
    for solve in (lambda **how: lr.lasso_cd(X, y, 100.0, **how), lambda **how: lr.enet_cd(X, y, 100.0, 0.9, **how)):
        w, _, n_iter = solve()
        with pytest.warns(RuntimeWarning):
            halfway, gap, _ = solve(max_iter=5)
        start = halfway.copy()
        rest, _, n_rest = solve(w0=start)
        np.testing.assert_allclose(rest, w, rtol=1e-9)
        np.testing.assert_array_equal(start, halfway)  # the start is not written over
        assert n_rest == n_iter - 5 and solve(w0=w)[2] == 0 and gap > 0
    path, objective = [np.zeros(10)], []
    for _ in range(6):  # sweep by sweep the objective falls
        with pytest.warns(RuntimeWarning):
            path.append(lr.lasso_cd(X, y, 100.0, max_iter=1, w0=path[-1])[0])
        objective.append(lr.least_squares_loss(path[-1], X, y) + 100 * np.abs(path[-1]).sum())
    assert np.all(np.diff(objective) < 0)


# Huber


@pytest.mark.parametrize("delta", [0.5, 1.345, 30.0, 1e4])
@data_sets
def test_huber_agrees_with_a_general_minimiser_of_the_same_objective(data, delta):
    X, y = data()
    A = lr.add_intercept(X * [20] if data is diabetes else X)
    delta = delta if data is diabetes else delta / 10
    w, history = lr.huber_irls(A, y, delta, max_iter=20_000)
    ref = minimize(
        lambda v: np.sum(huber_loss(y - A @ v, delta)) / delta,
        w + 1e-3,
        jac=lambda v: -A.T @ np.clip(y - A @ v, -delta, delta) / delta,
        method="BFGS",
        options={"gtol": 1e-10 * len(y)},
    )
    np.testing.assert_allclose(w, ref.x, rtol=1e-5, atol=1e-5 * np.abs(ref.x).max())
    assert history[-1] == pytest.approx(np.sum(huber_loss(y - A @ w, delta)), rel=1e-14)
    assert history[-1] <= delta * ref.fun * (1 + 1e-12)
    assert np.all(np.diff(history) <= 1e-12 * history[0])


def test_huber_is_least_squares_while_no_residual_is_large_and_starts_there():
    X, y = draw((30, 3, 9))
    w, history = lr.huber_irls(X, y, 100.0)
    np.testing.assert_allclose(w, np.linalg.lstsq(X, y)[0], rtol=1e-12)
    assert len(history) == 1 and history[0] == pytest.approx(lr.least_squares_loss(w, X, y))
    model = lr.HuberRegressor(100.0, fit_intercept=False).fit(X, y)
    np.testing.assert_array_equal(model.coef_, w)
    assert model.intercept_ == 0
    np.testing.assert_array_equal(model.history_, history)


def test_huber_stops_at_its_tolerance_and_takes_no_step_more():
    X, y = draw((40, 3, 10))
    X[0] *= 20
    w, history = lr.huber_irls(X, y, 0.3)
    limit = 0.3 * np.abs(X).sum(axis=0)

    def psi(v):
        return np.abs(X.T @ np.clip(y - X @ v, -0.3, 0.3)) / limit

    assert psi(w).max() <= 1e-8
    w_again, again = lr.huber_irls(X, y, 0.3, max_iter=len(history) - 1)
    np.testing.assert_array_equal(w, w_again)
    np.testing.assert_array_equal(history, again)
    with pytest.warns(
        RuntimeWarning, match=f"huber_irls stopped after {len(history) - 2} steps: raise max_iter"
    ) as seen:
        short, shorter = lr.huber_irls(X, y, 0.3, max_iter=len(history) - 2)
    assert len(seen) == 1 and len(shorter) == len(history) - 1 and psi(short).max() <= 1e-7
    loose, few = lr.huber_irls(X, y, 0.3, tol=1e-3)
    assert len(few) < len(history) and 1e-8 < psi(loose).max() <= 1e-3


def test_a_huge_outlier_moves_huber_no_more_than_a_moderate_one():
    X, y = draw((40, 2, 11))
    fits = []
    for shift in (1e2, 1e6):
        y[5] = shift
        fits.append(lr.HuberRegressor(1.0).fit(X, y).coef_)
    np.testing.assert_allclose(fits[0], fits[1], rtol=1e-6)


# Estimators


@data_sets
def test_linear_regression_agrees_with_scikit_learn(data):
    X, y = data()
    for intercept in (True, False):
        ours = lr.LinearRegression(intercept).fit(X, y)
        ref = sk.LinearRegression(fit_intercept=intercept).fit(X, y)
        np.testing.assert_allclose(ours.coef_, ref.coef_, rtol=1e-9)
        assert ours.intercept_ == pytest.approx(ref.intercept_, rel=1e-9, abs=0)
        np.testing.assert_allclose(ours.predict(X[:5] + 1), ref.predict(X[:5] + 1), rtol=1e-9)
        assert ours.score(X[:30], y[:30]) == pytest.approx(ref.score(X[:30], y[:30]), rel=1e-9)


def test_rank_deficient_least_squares_is_of_smallest_norm():
    rng = np.random.default_rng(12)
    X, y = rng.standard_normal((12, 2)) @ rng.standard_normal((2, 5)), rng.standard_normal(12)
    ref = sk.LinearRegression().fit(X, y)
    np.testing.assert_allclose(lr.LinearRegression().fit(X, y).coef_, ref.coef_, atol=1e-12)


MODELS = [
    lr.LinearRegression(),
    lr.Ridge(2.0),
    lr.Lasso(1.0, tol=1e-13),
    lr.ElasticNet(2.0, 0.5, tol=1e-13),
    lr.HuberRegressor(0.7),
]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: type(model).__name__)
@settings(deadline=None, derandomize=True, max_examples=15)
@given(problem=problems, shift=st.floats(-100, 100))
def test_the_fit_moves_with_the_data_and_forgets_the_order_of_samples(model, problem, shift):
    X, y = draw(problem)
    base = model.fit(X, y).predict(X)
    tol = {"rtol": 1e-4, "atol": 1e-4} if isinstance(model, lr.HuberRegressor) else {"rtol": 1e-6, "atol": 1e-6}
    np.testing.assert_allclose(model.fit(X, y + shift).predict(X), base + shift, **tol)
    np.testing.assert_allclose(model.fit(X + shift, y).predict(X + shift), base, **tol)
    order = np.random.default_rng(13).permutation(len(y))
    np.testing.assert_allclose(model.fit(X[order], y[order]).predict(X), base, **tol)
    np.testing.assert_allclose(model.fit(X, -y).predict(X), -base, **tol)
    assert model.fit(X, y) is model


@examples
@given(problems)
def test_residuals_are_orthogonal_and_r2_is_a_squared_correlation(problem):
    X, y = draw(problem)
    model = lr.LinearRegression().fit(X, y)
    e = y - model.predict(X)
    A = lr.add_intercept(X)
    assert np.abs(A.T @ e).max() < 1e-12 * np.linalg.norm(A) * np.linalg.norm(y)
    assert model.score(X, y) == pytest.approx(np.corrcoef(y, model.predict(X))[0, 1] ** 2, rel=1e-9, abs=1e-12)


@examples
@given(problems, st.floats(0.01, 100))
def test_rescaling_a_column_divides_its_weight(problem, c):
    X, y = draw(problem)
    w = lr.LinearRegression().fit(X, y).coef_
    X[:, 0] *= c
    w[0] /= c
    np.testing.assert_allclose(lr.LinearRegression().fit(X, y).coef_, w, rtol=1e-7, atol=1e-10)


# The book's worked numbers


def test_numbers_1_and_2_five_points():
    assert lr.least_squares_hessian(FIVE_A).tolist() == [[5, 15], [15, 55]]
    fit = lr.ols_inference(FIVE, FIVE_Y)
    e = FIVE_Y - FIVE_A @ fit["coef"]
    expected = {
        "coef": (2.2, 0.6),
        "se": (0.938083, 0.282843),
        "t": (2.345208, 2.121320),
        "p": (0.100743, 0.124027),
        "s2": 0.8,
        "r2": 0.6,
        "r2_adj": 0.466667,
        "f": 4.5,
        "f_p": 0.124027,
    }
    for key, value in expected.items():
        np.testing.assert_allclose(fit[key], value, atol=5.1e-7, err_msg=key)
    assert lr.gaussian_loglik([2.2, 0.6], 0.48, FIVE_A, FIVE_Y) == pytest.approx(-5.259770, abs=5e-7)
    np.testing.assert_allclose(lr.hat_diagonal(FIVE_A), [0.6, 0.3, 0.2, 0.3, 0.6], rtol=1e-12)
    np.testing.assert_allclose(lr.loo_residuals(FIVE, FIVE_Y), [-2, 0.857143, 1.25, -0.857143, -0.5], atol=5e-7)
    assert lr.press(FIVE, FIVE_Y) == pytest.approx(7.281888, abs=5e-7)
    cook = [1.5, 0.137755, 0.1953125, 0.137755, 0.09375]
    np.testing.assert_allclose(lr.cooks_distance(FIVE, FIVE_Y), cook, atol=5e-7)
    assert lr.durbin_watson(e) == pytest.approx(2.016667, abs=5e-7)
    assert lr.vif(FIVE) == pytest.approx([1.0])


def test_number_3_penalties_on_five_points():
    ridge = lr.Ridge().fit(FIVE, FIVE_Y)
    assert (ridge.coef_[0], ridge.intercept_) == pytest.approx((6 / 11, 2.363636), abs=5e-7)
    assert lr.ridge_df(FIVE - 3, 1.0) + 1 == pytest.approx(1.909091, abs=5e-7)
    assert lr.Lasso().fit(FIVE, FIVE_Y).coef_ == pytest.approx([0.5])
    assert lr.lasso_lambda_max(FIVE - 3, FIVE_Y - 4) == pytest.approx(6)
    wrong = lr.ridge_path(FIVE_A, FIVE_Y, [1.0])[0]
    np.testing.assert_allclose(wrong, [1.171171, 0.864865], atol=5e-7)
    moved = FIVE_A @ (lr.ridge_path(FIVE_A, FIVE_Y + 100, [1.0])[0] - wrong)
    np.testing.assert_allclose(moved, [63.06, 76.58, 90.09, 103.60, 117.12], atol=5.1e-3)


def test_number_4_bayes_on_five_points():
    m, S = lr.weight_posterior(FIVE_A, FIVE_Y, 1, 1)
    np.testing.assert_allclose(m, [1.171171, 0.864865], atol=5e-7)
    np.testing.assert_allclose(S, [[0.504505, -0.135135], [-0.135135, 0.054054]], atol=5.1e-7)
    mean, var = lr.posterior_predictive([[1, 6]], m, S, 1)
    assert (mean[0], var[0]) == pytest.approx((6.360360, 1.828829), abs=5e-7)
    assert lr.log_evidence(FIVE_A, FIVE_Y, 1, 1) == pytest.approx(-9.697206, abs=5e-7)


def test_number_5_ridge_beats_least_squares():
    X = np.random.default_rng(3).standard_normal((30, 4))
    X[:, 3] = X[:, 2] + 0.05 * X[:, 3]
    w = np.ones(4)
    for lam, value in ((0, 38.268940), (0.25, 0.410898), (0.5, 0.161762), (2.279, 0.074818)):
        assert lr.ridge_mse(X, w, 1, lam) == pytest.approx(value, abs=5e-7)
    h = 1e-8
    slope = (lr.ridge_mse(X, w, 1, h) - lr.ridge_mse(X, w, 1, 0)) / h
    assert slope == pytest.approx(-2918.573, rel=2e-6)
    assert np.sum(np.linalg.svd(X, compute_uv=False) ** -4.0) * -2 == pytest.approx(-2918.573, abs=5e-4)


def test_numbers_6_to_8_diabetes():
    X, y = diabetes()
    N = len(y)
    Xc, yc = centred(X, y)
    fit, A = lr.ols_inference(X, y), lr.add_intercept(X)
    values = (fit["r2"], fit["r2_adj"], fit["s2"], fit["f"])
    assert values == pytest.approx((0.517748, 0.506559, 2932.68, 46.2724), rel=2e-6)
    mse = fit["s2"] * (N - 11) / N
    assert mse == pytest.approx(2859.696, abs=5e-4)
    assert lr.gaussian_loglik(fit["coef"], mse, A, y) == pytest.approx(-2385.9929, abs=5e-5)
    assert lr.press(X, y) / N == pytest.approx(3001.753, abs=5e-4)
    h = lr.hat_diagonal(A)
    assert (h.sum(), h.max()) == pytest.approx((11, 0.127618), abs=5e-7)
    assert condition_number(lr.least_squares_hessian(Xc)) == pytest.approx(470.078, abs=5e-4)
    np.testing.assert_allclose(lr.vif(X)[[4, 5, 6, 8, 7]], [59.20, 39.19, 15.40, 10.08, 8.89], atol=5e-3)

    assert lr.lasso_lambda_max(Xc, yc) == pytest.approx(949.4353, abs=5e-5)
    lasso = lr.Lasso(N * 1.0).fit(X, y)
    np.testing.assert_allclose(lasso.coef_[[2, 3, 8]], [367.70, 6.31, 307.60], atol=5e-3)
    assert np.count_nonzero(lasso.coef_) == 3 and lasso.score(X, y) == pytest.approx(0.357381, abs=5e-7)
    s3 = [lr.Lasso(N * alpha, tol=1e-12).fit(X, y).coef_[6] for alpha in (0.0029, 0.004, 0.0051)]
    assert s3[0] != 0 and s3[1] == 0 and s3[2] != 0

    for j, zeros in {5: (0.0321, 2.19), 4: (0.812,), 0: (0.0826,), 1: (12.0,), 6: (0.00368,)}.items():
        for zero in zeros:
            before, after = lr.ridge_path(Xc, yc, [zero * 0.995, zero * 1.005])[:, j]
            assert before * after < 0
    signs = np.sign(lr.ridge_path(Xc, yc, np.logspace(-6, 6, 2000)))
    assert np.sum(signs[1:] != signs[:-1], axis=0).tolist() == [1, 1, 0, 0, 1, 2, 1, 0, 0, 0]
    lams = np.logspace(-4, 2, 61)
    loo = np.array([lr.press(X, y, lam) / N for lam in lams])
    best = lams[np.argmin(loo)]
    assert (best, loo.min()) == pytest.approx((0.00398107, 2999.7725), abs=5e-5)
    assert lr.ridge_df(Xc, best) + 1 == pytest.approx(10.594, abs=5e-4)
    assert lams[np.argmin([lr.gcv(X, y, lam) for lam in lams])] == pytest.approx(0.00794328, abs=5e-9)


def test_number_9_gradient_descent_against_the_bound():
    rng = np.random.default_rng(0)
    B = rng.standard_normal((50, 3)) @ np.diag([1, 2, 5])
    y = B @ [1, -1, 0.5] + 0.1 * rng.standard_normal(50)
    mu, _, ell = np.linalg.eigvalsh(B.T @ B / 50)
    kappa = ell / mu
    assert kappa == pytest.approx(16.44, abs=5e-3)
    best = lr.least_squares_loss(lstsq(B, y), B, y) / 50
    steps = {2 / (mu + ell): 0.765, 1 / ell: 5.38, 1.9 / ell: 1.78, 0.1 / ell: 314, 2.01 / ell: 1655}
    for eta, ratio in steps.items():
        run = gradient_descent(
            lambda w: lr.least_squares_loss(w, B, y) / 50,
            lambda w: lr.least_squares_grad(w, B, y) / 50,
            np.zeros(3),
            step=eta,
            max_iter=30,
            tol=0,
        )
        bound = ((kappa - 1) / (kappa + 1)) ** 60 * (run.history.f[0] - best)
        assert (run.f - best) / bound == pytest.approx(ratio, rel=2e-3)


def test_number_10_the_order_of_step_size_rules():
    rng = np.random.default_rng(1)
    X = rng.standard_normal((200, 2)) @ np.diag([1, 0.1])
    y = X @ [1, 1] + 0.01 * rng.standard_normal(200)
    mu = np.linalg.eigvalsh(X.T @ X / 200)[0]
    t = np.arange(20_000)
    rules = [0.5 / (1 + 0.5 * mu * t), 5 / (1 + t), 0.5 / (1 + t), 50 / (1 + t), 200 / (1 + t)]

    def chains(W, idx):
        return (np.sum(X[idx] * W, axis=1) - y[idx])[:, None] * X[idx]

    runs = [sgd(chains, np.zeros((50, 2)), 200, 50, rule, seed=2).x for rule in rules]
    medians = [np.median(np.linalg.norm(W - lstsq(X, y), axis=1)) for W in runs]
    assert medians == sorted(medians) and medians[0] < 0.1 < medians[1] and medians[3] > 10


def test_number_11_huber_resists_in_y_and_fails_in_x():
    rng = np.random.default_rng(0)
    x = np.linspace(0, 10, 30)
    y = 1 + 2 * x + 0.5 * rng.standard_normal(30)
    y_out = y.copy()
    y_out[26:29] -= 30
    cases = [
        (x, y_out, (5.221, 0.544), (1.185, 1.920)),
        (np.append(x, [60] * 3), np.append(y, [0] * 3), (11.245, -0.130), (10.940, -0.172)),
    ]
    for a, b, ols, huber in cases:
        for model, (intercept, slope) in ((lr.LinearRegression(), ols), (lr.HuberRegressor(), huber)):
            model.fit(a[:, None], b)
            assert (model.intercept_, model.coef_[0]) == pytest.approx((intercept, slope), abs=5.1e-4)


def test_number_12_polynomial_fits_of_a_sine():
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0, 1, 20))
    y = np.sin(2 * np.pi * x) + 0.2 * rng.standard_normal(20)
    grid = np.linspace(x[0], x[-1], 500)
    table = {
        1: (0.2066, 0.2678),
        3: (0.01118, 0.0512),
        5: (0.01114, 0.0498),
        9: (0.00841, 0.0516),
        15: (0.00143, 1.0854),
    }
    for degree, (train, test) in table.items():
        A = lr.polynomial_features(x, degree, "chebyshev")
        w = lstsq(A, y)
        new = lr.polynomial_features(grid, degree, "chebyshev", domain=(x[0], x[-1])) @ w
        assert np.mean((y - A @ w) ** 2) == pytest.approx(train, abs=5.1e-5 if degree == 1 else 5.1e-6)
        assert 0.04 + np.mean((new - np.sin(2 * np.pi * grid)) ** 2) == pytest.approx(test, abs=5.1e-5)


def test_number_13_metres_and_millimetres():
    x = np.random.default_rng(0).normal(1.7, 0.1, 200)[:, None]
    y = np.sin(np.arange(200.0)) + 3 * x[:, 0]
    for unit, share in ((1, 0.648843), (1000, 0.9999995)):
        ols, ridge = (model.fit(unit * x, y).coef_[0] for model in (lr.LinearRegression(), lr.Ridge(1.0)))
        assert ridge / ols == pytest.approx(share, abs=5e-7 if unit == 1 else 5.1e-8)
        assert ols * unit == pytest.approx(lr.LinearRegression().fit(x, y).coef_[0], rel=1e-12)


def test_absolute_loss_as_a_linear_programme_is_hubers_limit():
    X, y = draw((25, 2, 14))
    A = lr.add_intercept(X)
    N, p = A.shape
    cost = np.append(np.zeros(p), np.ones(2 * N))
    lad = linprog(
        cost, A_eq=np.hstack([A, np.eye(N), -np.eye(N)]), b_eq=y, bounds=[(None, None)] * p + [(0, None)] * 2 * N
    )
    w, _ = lr.huber_irls(A, y, 1e-3, max_iter=20_000)
    assert np.abs(y - A @ w).sum() == pytest.approx(lad.fun, rel=1e-3)


# Refusals

X3, Y3 = np.eye(3)[:, :2] + 1, np.array([1.0, 2.0, 4.0])
DEPENDENT = np.column_stack([FIVE, 2 * FIVE])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lr.add_intercept([1.0]), "X must be 2-dimensional"),
        (lambda: lr.polynomial_features([1.0], -1), "degree must be non-negative: got -1"),
        (lambda: lr.polynomial_features([1.0], 1.5), "degree must be an integer: got 1.5"),
        (lambda: lr.polynomial_features([1.0], 2, "legendre"), "basis must be 'monomial' or 'chebyshev'"),
        (lambda: lr.polynomial_features([1.0, 1.0], 2, "chebyshev"), r"low < high: got \(1.0, 1.0\)"),
        (lambda: lr.least_squares_loss([1.0], X3, Y3), r"w must have shape \(2,\), one weight per column"),
        (lambda: lr.least_squares_grad([1.0], X3, Y3), r"w must have shape \(2,\), one weight per column"),
        (lambda: lr.least_squares_hessian([[np.nan]]), "X contains NaN or infinity"),
        (lambda: lr.gaussian_loglik([1.0, 1.0], 0, X3, Y3), "sigma2 must be positive: got 0"),
        (lambda: lr.ols_inference(X3, Y3[:2]), "X and y have different numbers of samples: 3 and 2"),
        (lambda: lr.ols_inference(X3, Y3), "X must have more samples than columns, intercept included: got 3 and 3"),
        (lambda: lr.ols_inference(DEPENDENT, FIVE_Y), "X does not have full column rank: rank 2, 3 columns"),
        (lambda: lr.ols_inference(FIVE, 2 + 3 * FIVE[:, 0]), "the fit is exact"),
        (lambda: lr.ols_inference(FIVE, np.full(5, 7.0)), "the fit is exact"),
        (lambda: lr.cooks_distance(DEPENDENT, FIVE_Y), "X does not have full column rank"),
        (lambda: lr.cooks_distance([[0], [0], [0], [1.0]], [1, 2, 3, 4]), "sample 3 has leverage 1"),
        (lambda: lr.vif(DEPENDENT), "X does not have full column rank"),
        (lambda: lr.vif(np.ones((4, 1))), "X does not have full column rank: rank 1, 2 columns"),
        (lambda: lr.hat_diagonal(X3, -1), "lam must be non-negative: got -1"),
        (lambda: lr.loo_residuals([[0], [1.0], [0], [0]], [1, 2, 3, 4]), "sample 1 has leverage 1: it cannot be left"),
        (lambda: lr.loo_residuals(X3, Y3, -1), "lam must be non-negative: got -1"),
        (lambda: lr.press([[1.0]], [1.0]), "sample 0 has leverage 1"),
        (lambda: lr.gcv(X3, Y3), "every sample has leverage 1: none can be left out"),
        (lambda: lr.durbin_watson([0.0, 0.0]), "e must not be zero throughout"),
        (lambda: lr.ridge_path(X3, Y3, [1.0, -0.5]), "lam must be non-negative: got -0.5"),
        (lambda: lr.ridge_path(X3, Y3, 1.0), "lams must be 1-dimensional"),
        (lambda: lr.ridge_df(X3, -1), "lam must be non-negative: got -1"),
        (lambda: lr.ridge_mse(X3, [1.0], 1, 1), "w must have 2 entries, one per feature: got 1"),
        (lambda: lr.ridge_mse(X3, [1.0, 1.0], -1, 1), "sigma2 must be non-negative: got -1"),
        (lambda: lr.ridge_mse(X3, [1.0, 1.0], 1, -1), "lam must be non-negative: got -1"),
        (lambda: lr.weight_posterior(X3, Y3, 0, 1), "sigma2 must be positive: got 0"),
        (lambda: lr.weight_posterior(X3, Y3, 1, 0), "tau2 must be positive: got 0"),
        (lambda: lr.log_evidence(X3, Y3, 0, 1), "sigma2 must be positive: got 0"),
        (lambda: lr.log_evidence(X3, Y3, 1, 0), "tau2 must be positive: got 0"),
        (lambda: lr.posterior_predictive(X3, [1.0, 1.0], np.eye(3), 1), r"S must have shape \(2, 2\), as m has 2"),
        (lambda: lr.posterior_predictive(np.eye(3), [1.0, 1.0], np.eye(2), 1), "X_new must have 2 features: got 3"),
        (lambda: lr.posterior_predictive(X3, [1.0, 1.0], np.eye(2), 0), "sigma2 must be positive: got 0"),
        (lambda: lr.lasso_cd(X3, Y3, -1), "lam must be non-negative: got -1"),
        (lambda: lr.lasso_cd(X3, Y3, 1, tol=-1), "tol must be non-negative: got -1"),
        (lambda: lr.lasso_cd(X3, Y3, 1, max_iter=0), "max_iter must be at least 1: got 0"),
        (lambda: lr.lasso_cd(X3, Y3, 1, w0=[1.0]), r"w must have shape \(2,\), one weight per column"),
        (lambda: lr.lasso_cd(X3, Y3, 1, w0=[1.0, np.inf]), "w0 contains NaN or infinity"),
        (lambda: lr.lasso_cd(X3, [1.0, np.nan, 2.0], 1), "y contains NaN or infinity"),
        (lambda: lr.enet_cd(X3, Y3, 1, 1.5), r"l1_ratio must lie in \[0, 1\]: got 1.5"),
        (lambda: lr.enet_cd(X3, Y3, -1, 0.5), "lam must be non-negative: got -1"),
        (lambda: lr.lasso_kkt_residual(X3, Y3, [0.0, 0.0], -1), "lam must be non-negative: got -1"),
        (lambda: lr.lasso_kkt_residual(X3, Y3, [0.0], 1), r"w must have shape \(2,\)"),
        (lambda: lr.huber_irls(X3, Y3, 0), "delta must be positive: got 0"),
        (lambda: lr.huber_irls(X3, Y3, 1, tol=-1), "tol must be non-negative: got -1"),
        (lambda: lr.huber_irls(X3, Y3, 1, max_iter=0), "max_iter must be at least 1: got 0"),
        (lambda: lr.Ridge(-1).fit(X3, Y3), "lam must be non-negative: got -1"),
        (lambda: lr.Lasso(-1).fit(X3, Y3), "lam must be non-negative: got -1"),
        (lambda: lr.ElasticNet(1, 2).fit(X3, Y3), r"l1_ratio must lie in \[0, 1\]: got 2"),
        (lambda: lr.HuberRegressor(-1).fit(X3, Y3), "delta must be positive: got -1"),
        (lambda: lr.HuberRegressor().fit([1.0], Y3), "X must be 2-dimensional"),
        (lambda: lr.LinearRegression().predict(X3), "LinearRegression is not fitted: call fit"),
        (lambda: lr.LinearRegression().fit(X3, Y3).predict(np.eye(3)), "X must have 2 features: got 3"),
        (lambda: lr.LinearRegression().fit(X3, Y3).score(X3, np.ones(3)), "y is constant: R² is undefined"),
        (lambda: lr.LinearRegression().fit(X3[:, 0], Y3), "X must be 2-dimensional"),
        (lambda: lr.Lasso().fit([["a", "b"]], [1.0]), "X must hold real numbers only"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
