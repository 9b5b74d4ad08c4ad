"""Knobs and choices against scikit-learn, statsmodels, quadrature, enumeration, simulation and closed forms."""

from itertools import product

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.stats import norm
from sklearn.linear_model import lars_path
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score
from sklearn.neighbors import KNeighborsRegressor

from mlderived import datasets, resampling
from mlderived import linear_regression as lr
from mlderived import model_selection as ms

few = settings(deadline=None, derandomize=True, max_examples=25)
DIABETES = datasets.load_diabetes()


def standardised():
    X = DIABETES.X - DIABETES.X.mean(axis=0)
    return X / X.std(axis=0), DIABETES.y - DIABETES.y.mean()


# One effect


@pytest.mark.parametrize("kind", ["hard", "soft"])
@pytest.mark.parametrize(("mu", "t"), [(0, 1.0), (1.3, 1.4), (-2, 0.5), (0.7, 0), (5, 2)])
def test_thresholds_by_quadrature(kind, mu, t):
    rule = {"hard": lambda z: z * (abs(z) > t), "soft": lambda z: np.sign(z) * max(abs(z) - t, 0)}[kind]

    def mean(g):
        return quad(lambda z: g(z) * norm.pdf(z - mu), -14, 14, points=[-t, t, mu], limit=300)[0]

    assert ms.threshold_risk(mu, t, kind) == pytest.approx(mean(lambda z: (rule(z) - mu) ** 2), abs=1e-9)
    assert ms.threshold_df(mu, t, kind) == pytest.approx(mean(lambda z: rule(z) * (z - mu)), abs=1e-9)


def test_thresholds_keep_shape_and_sign():
    mu = np.array([[0.0, 1, -1], [2, 30, -30]])
    for kind in ("hard", "soft"):
        risk, df = ms.threshold_risk(mu, 1.5, kind), ms.threshold_df(mu, 1.5, kind)
        assert risk.shape == df.shape == (2, 3)
        np.testing.assert_allclose(risk[0, 1], risk[0, 2])
        np.testing.assert_allclose(df[1, 1:], 1)
    np.testing.assert_allclose(ms.threshold_risk(mu[1, 1:], 1.5, "soft"), 1 + 1.5**2)
    assert ms.hard_threshold([1.5, -1.6, 1.4, 0], 1.5).tolist() == [0, -1.6, 0, 0]
    assert ms.hard_threshold([0.5, 0.3], 0.4).tolist() == [0.5, 0]


def test_descent_by_its_own_steps():
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((12, 4)), rng.standard_normal(12)
    U, s, Vt = np.linalg.svd(X, full_matrices=False)
    for eta in (0.1 / s[0] ** 2, 1.7 / s[0] ** 2, 2.3 / s[0] ** 2):  # the last diverges, as its formula does
        w = np.zeros(4)
        for t in range(1, 13):
            w = w + eta * X.T @ (y - X @ w)
            np.testing.assert_allclose(w, (ms.gd_filter(s**2, eta, t) / s * (U.T @ y)) @ Vt, rtol=1e-9)
    assert ms.gd_filter(3.0, 0.1, 0) == 0
    assert ms.gd_filter(1e-14, 1.0, 3) == pytest.approx(3e-14, rel=1e-12)
    assert ms.gd_filter([0, 1.0], 1.0, 2).tolist() == [0, 1]
    assert ms.gd_filter(0.999, 1.0, 2) == pytest.approx(1 - 1e-6, rel=1e-12)
    assert ms.gd_filter(0.25, 3.0, 2) == pytest.approx(1 - 0.25**2, rel=1e-14)


# The path


def optimal(X, y, lam, w):
    """By how much the conditions of the lasso are missed at w."""
    pull = X.T @ (y - X @ w)
    return max(np.max(np.abs(pull) - lam), np.max(np.abs(np.where(w != 0, pull - lam * np.sign(w), 0))))


def test_knots_of_the_diabetes_data():
    X, y = standardised()
    lams, W = ms.lasso_knots(X, y)
    alphas, order, coefs = lars_path(X, y, method="lasso")
    np.testing.assert_allclose(lams / len(y), alphas, atol=1e-8)
    np.testing.assert_allclose(W, coefs.T, atol=1e-8)
    assert len(lams) == 13 and [DIABETES.feature_names[j] for j in order][:3] == ["bmi", "s5", "bp"]
    for lam in (lams[3], (lams[4] + lams[5]) / 2):
        w = np.array([np.interp(-lam, -lams, W[:, j]) for j in range(10)])
        np.testing.assert_allclose(w, lr.lasso_cd(X, y, lam, tol=1e-14)[0], atol=1e-6)


@few
@given(
    st.integers(0, 10**6), st.integers(2, 20), st.integers(1, 15), st.sampled_from(["plain", "ties", "twins", "zero"])
)
def test_knots_are_optimal_on_easy_and_on_bad_data(seed, N, d, kind):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((N, d)), rng.standard_normal(N)
    if kind == "ties":
        X, y = np.round(X), np.round(3 * y)
    if kind == "twins" and d > 1:
        X[:, -1] = -X[:, 0]
    if kind == "zero":
        X[:, 0] = 0
    lams, W = ms.lasso_knots(X, y)
    size = max(lams[0], 1e-300)
    assert np.all(np.diff(lams) < 0) and (lams[-1] == 0 or len(lams) == 1)
    for i, (lam, w) in enumerate(zip(lams, W, strict=True)):
        assert optimal(X, y, lam, w) <= 1e-8 * size
        if i:
            middle = (lam + lams[i - 1]) / 2
            assert np.max(np.abs(X.T @ (y - X @ (w + W[i - 1]) / 2))) <= middle + 1e-8 * size


@few
@given(st.integers(0, 10**6), st.sampled_from([1e-9, 1e-3, 1e9]))
def test_knots_follow_the_units(seed, c):
    rng = np.random.default_rng(seed)
    X, y = rng.standard_normal((15, 4)), rng.standard_normal(15)
    lams, W = ms.lasso_knots(X, y)
    of_y, W_y = ms.lasso_knots(X, c * y)
    np.testing.assert_allclose(of_y, c * lams, rtol=1e-7, atol=1e-9 * c * lams[0])
    np.testing.assert_allclose(W_y, c * W, rtol=1e-7, atol=1e-9 * c)
    of_X, W_X = ms.lasso_knots(c * X, y)
    np.testing.assert_allclose(of_X, c * lams, rtol=1e-7, atol=1e-9 * c * lams[0])
    np.testing.assert_allclose(W_X, W / c, rtol=1e-7, atol=1e-9 / c)


def test_knots_of_nothing():
    lams, W = ms.lasso_knots(np.eye(3), np.zeros(3))
    assert lams.tolist() == [0] and W.tolist() == [[0, 0, 0]]
    lams, W = ms.lasso_knots([[2.0]], [3.0])
    assert lams.tolist() == [6, 0] and W.ravel().tolist() == [0, 1.5]
    np.testing.assert_allclose(ms.lasso_knots(np.eye(2), [1, 0.9995])[0], [1, 0.9995, 0])  # near, and no tie
    with pytest.raises(RuntimeError, match="more than 2 knots"):
        ms.lasso_knots(np.random.default_rng(0).standard_normal((9, 5)), np.arange(9.0), max_knots=2)


# Dropout


@pytest.mark.parametrize("inverted", [True, False])
@pytest.mark.parametrize("p", [0, 0.4, 0.9])
def test_dropout_by_all_masks(p, inverted):
    rng = np.random.default_rng(1)
    x, w, y = rng.standard_normal(5), rng.standard_normal(5), 0.7
    total = 0.0
    for mask in product([0, 1], repeat=5):
        m = np.array(mask)
        total += p ** (5 - m.sum()) * (1 - p) ** m.sum() * (y - (m * x / (1 - p if inverted else 1)) @ w) ** 2
    assert ms.dropout_expected_loss(x, y, w, p, inverted) == pytest.approx(total, rel=1e-12)


def test_dropout_masks():
    m = ms.dropout_mask((2000, 50), 0.3, random_state=3)
    assert set(np.unique(m)) == {0, 1 / 0.7}
    assert m.mean() == pytest.approx(1, abs=4 * np.sqrt(0.3 / 0.7 / m.size))
    plain = ms.dropout_mask((2000, 50), 0.3, random_state=3, inverted=False)
    assert np.array_equal(plain, 1.0 * (m > 0))
    assert ms.dropout_mask(4, 0, random_state=0).tolist() == [1, 1, 1, 1]
    assert ms.dropout_expected_loss([1, 2, -1], 1, [0.5, -0.3, 0.8], 0.4) == pytest.approx(4.443333, abs=1e-6)
    assert ms.dropout_expected_loss([1, 2, -1], 1, [0.5, -0.3, 0.8], 0.4, False) == pytest.approx(2.6716, abs=1e-9)


# Choosing


@pytest.mark.parametrize(("n", "k"), [(10, 3), (17, 5), (6, 5), (7, 1)])
def test_windows_as_scikit_learn_cuts_them(n, k):
    ours = ms.expanding_window(n, k)
    if k > 1:
        theirs = list(TimeSeriesSplit(n_splits=k).split(np.zeros(n)))
        assert [(a.tolist(), b.tolist()) for a, b in ours] == [(a.tolist(), b.tolist()) for a, b in theirs]
    assert all(train.max() < test.min() for train, test in ours) and ours[-1][1][-1] == n - 1 and len(ours) == k


def test_one_standard_error_by_hand():
    losses = np.array([[4.0, 6, 8], [3, 5, 7], [2, 4, 6], [2.5, 4, 6]])  # means 6, 5, 4, 4.17; s.e. of the third 2/√3
    assert ms.one_se_rule(losses) == 1
    losses[1] += 0.2
    assert ms.one_se_rule(losses) == 2
    assert ms.one_se_rule(losses[:1]) == 0


def test_nested_choice_as_scikit_learn_makes_it():
    rng = np.random.default_rng(5)
    X = rng.uniform(-1, 1, (60, 2))
    y = np.sin(3 * X[:, 0]) + 0.3 * rng.standard_normal(60)
    grid = [1, 3, 9, 20]
    fits = [lambda A, t, B, n=n: KNeighborsRegressor(n).fit(A, t).predict(B) for n in grid]
    outer = resampling.kfold(60, 4, contiguous=True)
    losses, chosen = ms.nested_cv(fits, X, y, outer, 3, lambda t, g: np.mean((t - g) ** 2))

    class Dealt(KFold):  # the inner folds, dealt as ours are
        def split(self, X, y=None, groups=None):
            return iter(resampling.kfold(len(X), 3))

    search = GridSearchCV(KNeighborsRegressor(), {"n_neighbors": grid}, cv=Dealt(3), scoring="neg_mean_squared_error")
    theirs = -cross_val_score(search, X, y, cv=KFold(4), scoring="neg_mean_squared_error")
    np.testing.assert_allclose(losses, theirs, rtol=1e-12)
    assert chosen.shape == (4,) and set(chosen) <= set(range(4))


# Prices


def test_prices_against_statsmodels():
    rng = np.random.default_rng(2)
    X, y = rng.standard_normal((30, 4)), rng.standard_normal(30)
    fit = sm.OLS(y, X).fit()
    loglik = lr.gaussian_loglik(fit.params, fit.ssr / 30, X, y)
    assert loglik == pytest.approx(fit.llf)
    assert ms.aicc(loglik, 5, 30) == pytest.approx(sm.tools.eval_measures.aicc(fit.llf, 30, 5))
    assert ms.mallows_cp(fit.ssr, 4, fit.ssr / 26, 30) == pytest.approx(4)
    assert ms.mallows_cp(0, 0, 0.5, 1) == -1 and ms.mallows_cp(0.5, 0.5, 0.5, 2) == 0


def test_cp_estimates_the_error_it_names():
    rng = np.random.default_rng(3)
    X, sigma2 = rng.standard_normal((20, 3)), 2.0
    f, H = rng.standard_normal(20), X @ np.linalg.pinv(X)
    Y = f + np.sqrt(sigma2) * rng.standard_normal((4000, 20))
    fits = Y @ H
    prices = np.array([ms.mallows_cp(r, 3, sigma2, 20) for r in np.sum((Y - fits) ** 2, axis=1)])
    gap = prices - np.sum((fits - f) ** 2, axis=1) / sigma2
    assert abs(gap.mean()) < 4 * gap.std() / np.sqrt(4000)


# Capacity and interpolation


def test_rademacher_by_all_signs_and_by_draws():
    X = np.array([[1.0, 0], [1, 1], [0, 2], [2, 1]])
    by_hand = np.mean([np.linalg.norm(np.array(s) @ X) for s in product([-1, 1], repeat=4)]) * 3 / 4
    assert ms.rademacher_linear(X, 3.0) == pytest.approx(by_hand)
    assert ms.rademacher_linear(X, 1.0) == pytest.approx(0.805808, abs=1e-6)
    assert ms.rademacher_linear(X, 3.0, n_draws=40_000, random_state=0) == pytest.approx(by_hand, rel=0.02)
    assert ms.rademacher_linear(np.ones((16, 1)), 1) == pytest.approx(
        np.mean(np.abs(np.arange(-16, 17, 2)) * _binomial(16)) * 17 / 16
    )


def _binomial(n):
    from scipy.stats import binom

    return binom.pmf(np.arange(n + 1), n, 0.5)


@pytest.mark.parametrize("p", [0, 3, 8, 30, 50])
def test_subset_risk_by_simulation(p):
    N, sigma, rng = 15, 0.6, np.random.default_rng(p)
    beta = np.r_[1.0, 0.7, 0.5, 0.3, np.full(46, 0.05)]
    seen = np.empty(3000)
    for i in range(3000):
        X = rng.standard_normal((N, 50))
        y = X @ beta + sigma * rng.standard_normal(N)
        w = np.zeros(50)
        if p:
            w[:p] = np.linalg.lstsq(X[:, :p], y, rcond=None)[0]
        seen[i] = np.sum((w - beta) ** 2)
    assert abs(seen.mean() - ms.subset_risk(N, p, beta**2, sigma**2)) <= 4 * seen.std() / np.sqrt(3000) + 1e-12


def test_subset_risk_at_the_peak_and_without_noise():
    assert ms.subset_risk(10, 10, np.ones(10), 0.1) == np.inf
    assert ms.subset_risk(10, 9, np.ones(9), 0.0) == 0
    assert ms.subset_risk(10, 10, np.ones(12), 0.0) == np.inf  # two features unused are noise
    b2 = 1 / np.arange(1, 401.0) ** 2
    b2 /= b2.sum()
    np.testing.assert_allclose(
        [ms.subset_risk(40, p, b2, 0.25) for p in (7, 84, 400)], [0.1516, 0.7644, 0.9279], atol=5e-5
    )


@pytest.mark.parametrize("p", [4, 12, 30])
def test_tuned_ridge_by_simulation_and_against_other_penalties(p):
    N, sigma2, rng = 12, 0.5, np.random.default_rng(p)
    b2 = np.r_[np.full(p, 1 / p), np.full(6, 0.02)]
    risk, se = ms.tuned_ridge_risk(N, p, b2, sigma2, n_draws=4000, random_state=1)
    noise, lam = sigma2 + 0.12, p * (sigma2 + 0.12)
    beta = np.sqrt(b2[:p])
    errors = {1: [], 0.3: [], 3: []}
    for _ in range(4000):
        X = rng.standard_normal((N, p))
        y = X @ beta + np.sqrt(noise) * rng.standard_normal(N)
        G = X.T @ X
        for factor, seen in errors.items():
            seen.append(np.sum((np.linalg.solve(G + factor * lam * np.eye(p), X.T @ y) - beta) ** 2) + 0.12)
    best = np.array(errors[1])
    assert abs(best.mean() - risk) < 4 * np.hypot(se, best.std() / np.sqrt(4000))
    assert best.mean() < np.mean(errors[0.3]) and best.mean() < np.mean(errors[3])
    assert risk < b2.sum()


def test_tuned_ridge_without_noise():
    assert ms.tuned_ridge_risk(10, 20, np.ones(20), 0.0) == (pytest.approx(10), 0.0)


# What is refused


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ms.hard_threshold([1.0], -1), "t must be"),
        (lambda: ms.threshold_df(0, 1, "firm"), "kind must be one of"),
        (lambda: ms.threshold_risk(0, -1, "soft"), "t must be"),
        (lambda: ms.gd_filter([-1.0], 0.1, 3), "s2 must hold non-negative"),
        (lambda: ms.gd_filter([1.0], 0, 3), "eta must be"),
        (lambda: ms.gd_filter([1.0], 0.1, 2.5), "t must be"),
        (lambda: ms.lasso_knots(np.ones((2, 2)), [1, np.nan]), "y contains NaN"),
        (lambda: ms.lasso_knots(np.ones((2, 2)), [1, 2, 3]), "different numbers of samples"),
        (lambda: ms.dropout_mask(3, 1), r"p must lie in \[0, 1\)"),
        (lambda: ms.dropout_mask(3, -0.1), "p must lie in"),
        (lambda: ms.dropout_expected_loss([1, 2], 1, [1], 0.5), "equally many entries"),
        (lambda: ms.expanding_window(5, 5), "k must lie in"),
        (lambda: ms.one_se_rule([[1.0], [2.0]]), "at least two columns"),
        (lambda: ms.nested_cv([], np.ones((4, 1)), np.ones(4), [], 2, None), "at least one function"),
        (lambda: ms.mallows_cp(1, 2, 0, 5), "sigma2 must be"),
        (lambda: ms.aicc(0.0, 4, 5), r"AICc needs N > p \+ 1"),
        (lambda: ms.rademacher_linear(np.ones((17, 1)), 1), "give n_draws"),
        (lambda: ms.rademacher_linear(np.ones((3, 1)), -1), "B must be"),
        (lambda: ms.subset_risk(5, 4, [1, 1, 1], 1), "p must lie in"),
        (lambda: ms.subset_risk(5, 2, [1, -1, 1], 1), "beta2 must hold non-negative"),
        (lambda: ms.tuned_ridge_risk(5, 2, [0, 0, 1], 1), "must carry some weight"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
