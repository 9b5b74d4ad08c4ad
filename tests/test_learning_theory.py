"""Losses, sample sizes, counts and error decompositions against libraries, closed forms, enumeration, simulation."""

from itertools import combinations, product
from math import e, log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import legendre
from scipy.optimize import bisect
from scipy.special import comb as scipy_comb
from scipy.special import huber
from scipy.stats import binom
from sklearn import metrics
from sklearn.linear_model import LinearRegression

from mlderived import learning_theory as lt
from mlderived.learning_theory import bias_variance, huber_loss, huber_loss_grad, smoother_bias_variance

residuals = st.floats(-1e6, 1e6)
deltas = st.floats(1e-3, 1e3)


@settings(deadline=None, derandomize=True, max_examples=200)
@given(residuals, deltas)
def test_huber_agrees_with_scipy_and_its_gradient_with_both_branches(r, delta):
    assert huber_loss(r, delta) == pytest.approx(huber(delta, r), rel=1e-12, abs=1e-300)
    assert huber_loss_grad(r, delta) == (r if abs(r) <= delta else np.sign(r) * delta)


def test_huber_is_the_moreau_envelope_of_the_absolute_value():
    r = np.linspace(-4, 4, 41)
    u = np.linspace(-5, 5, 200_001)
    envelope = [np.min(1.345 * np.abs(u) + 0.5 * (a - u) ** 2) for a in r]
    np.testing.assert_allclose(huber_loss(r, 1.345), envelope, atol=1e-8)


def test_huber_keeps_the_shape_defaults_to_one_and_survives_huge_residuals():
    r = np.array([[0.5, -3.0], [1e200, 0.0]])
    np.testing.assert_allclose(huber_loss(r), [[0.125, 2.5], [1e200, 0.0]])
    np.testing.assert_array_equal(huber_loss_grad(r), [[0.5, -1.0], [1.0, 0.0]])


@pytest.mark.parametrize("function", [huber_loss, huber_loss_grad])
@pytest.mark.parametrize("delta", [0, -1.0])
def test_huber_refuses_a_delta_that_is_not_positive(function, delta):
    with pytest.raises(ValueError, match=f"delta must be positive: got {delta}"):
        function([1.0], delta)


def test_bias_variance_by_hand():
    parts = bias_variance([[1.0, 4.0], [3.0, 8.0]], [0.0, 5.0], noise_var=0.5)
    # means (2, 6), variances (2, 8): mean squared bias (4 + 1)/2, less 5/2 for the two repetitions
    assert parts == {"bias2": 0.0, "variance": 5.0, "noise": 0.5, "total": 5.5}
    assert bias_variance([[1.0, 4.0], [3.0, 8.0]], [0.0, 0.0])["noise"] == 0


def test_smoother_agrees_with_simulation_and_bias_variance_is_unbiased_for_it():
    rng = np.random.default_rng(1)
    x = np.linspace(0, 1, 15)
    f = np.sin(2 * np.pi * x)
    A = np.vander(x, 3)
    H = A @ np.linalg.pinv(A)
    exact = smoother_bias_variance(H, f, 0.09)
    assert exact["variance"] == pytest.approx(0.09 * 3 / 15, rel=1e-12)
    assert exact["noise"] == 0.09
    assert exact["total"] == pytest.approx(sum(exact[k] for k in ("bias2", "variance", "noise")))
    runs = [bias_variance((f + 0.3 * rng.standard_normal((5, 15))) @ H, f) for _ in range(2000)]
    for key in ("bias2", "variance"):
        values = np.array([run[key] for run in runs])
        assert abs(values.mean() - exact[key]) < 4 * values.std(ddof=1) / np.sqrt(len(values))


def test_smoother_uses_the_rows_of_an_asymmetric_matrix():
    H = np.array([[0.0, 1.0], [0.0, 0.5]])
    assert smoother_bias_variance(H, [1.0, 3.0], 2.0) == {
        "bias2": pytest.approx((2.0**2 + 1.5**2) / 2),
        "variance": pytest.approx(1.25),
        "noise": 2.0,
        "total": pytest.approx(3.125 + 1.25 + 2),
    }


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: bias_variance([[1.0, 2.0]], [1.0, 2.0]), "predictions must hold at least 2 repetitions: got 1"),
        (lambda: bias_variance(np.ones((2, 3)), [1.0]), "different numbers of points: 3 and 1"),
        (lambda: bias_variance(np.ones((2, 1)), [1.0], -1), "noise_var must be non-negative: got -1"),
        (lambda: bias_variance([[np.nan], [1.0]], [1.0]), "predictions contains NaN or infinity"),
        (lambda: smoother_bias_variance(np.eye(2), [1.0], 1), r"H must have shape \(1, 1\)"),
        (lambda: smoother_bias_variance(np.eye(2), [1.0, 2.0], -1), "sigma2 must be non-negative: got -1"),
        (lambda: smoother_bias_variance(np.eye(2), [1.0, np.inf], 1), "f contains NaN or infinity"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Losses


def test_losses_agree_with_scikit_learn_on_random_samples():
    rng = np.random.default_rng(1)
    y, f = rng.choice([-1.0, 1.0], 500), 3 * rng.standard_normal(500)
    assert lt.empirical_risk(f, y, "hinge") == pytest.approx(metrics.hinge_loss(y, f), rel=1e-12)
    p = 1 / (1 + np.exp(-f))
    assert lt.empirical_risk(f, y, "logistic") == pytest.approx(metrics.log_loss(y, p), rel=1e-12)
    assert lt.empirical_risk(np.sign(f), y) == pytest.approx(metrics.zero_one_loss(y, np.sign(f)), rel=1e-12)
    assert lt.empirical_risk(f, y, "squared") == pytest.approx(metrics.mean_squared_error(y, f), rel=1e-12)
    assert lt.empirical_risk(f, y, "absolute") == pytest.approx(metrics.mean_absolute_error(y, f), rel=1e-12)
    assert lt.empirical_risk(f, y, "huber") == pytest.approx(huber(1.0, f - y).mean(), rel=1e-12)
    assert lt.empirical_risk(f, y, "exponential") == pytest.approx(np.exp(-y * f).mean(), rel=1e-12)
    assert lt.empirical_risk(f, y, lambda f, y: np.maximum(0, f - y)) == pytest.approx(np.maximum(0, f - y).mean())


@pytest.mark.parametrize("name", ["hinge", "logistic", "exponential", "squared", "absolute", "huber"])
def test_gradients_are_slopes_away_from_kinks_and_shapes_are_kept(name):
    loss, grad = getattr(lt, f"{name}_loss"), getattr(lt, f"{name}_loss_grad")
    z = np.array([[-2.3, -0.4, 0.7], [0.9, 1.2, 3.4]])
    slope = (loss(z + 1e-6) - loss(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(grad(z), slope, rtol=1e-6, atol=1e-9)
    assert loss(z).shape == grad(z).shape == (2, 3)
    assert np.shape(loss(1)) == ()


def test_losses_at_their_special_points():
    np.testing.assert_array_equal(lt.zero_one_loss([-1.0, 0.0, 1e-300]), [1, 1, 0])
    np.testing.assert_array_equal(lt.hinge_loss([-1.0, 0.0, 1.0, 2.0]), [2, 1, 0, 0])
    np.testing.assert_array_equal(lt.hinge_loss_grad([-1.0, 1.0, 2.0]), [-1, 0, 0])
    np.testing.assert_array_equal(lt.absolute_loss_grad([-2.0, 0.0, 2.0]), [-1, 0, 1])
    # no overflow far from zero, and base 2 passes through 1 where the 0-1 loss jumps
    np.testing.assert_allclose(lt.logistic_loss([-1e3, 0.0, 1e3]), [1e3, log(2), 0.0])
    np.testing.assert_allclose(lt.logistic_loss_grad([-1e3, 0.0, 1e3]), [-1.0, -0.5, 0.0])
    assert lt.logistic_loss(0.0, base=2) == 1.0
    assert lt.logistic_loss_grad(0.0, base=2) == pytest.approx(-0.5 / log(2), rel=1e-15)
    assert lt.exponential_loss(0.0) == 1.0


SURROGATES = {
    "hinge": lambda z: np.maximum(0.0, 1 - z),
    "logistic": lambda z: np.logaddexp(0, -z),
    "exponential": lambda z: np.exp(-z),
    "squared": lambda z: (1 - z) ** 2,
}


@pytest.mark.parametrize("name", SURROGATES)
def test_optimal_risk_and_psi_are_the_numerical_infimum(name):
    phi = SURROGATES[name]
    theta = np.linspace(-0.98, 0.98, 21)
    a = np.linspace(-6, 6, 120_001)  # the minimisers at these theta lie within ±log(99) = 4.6
    eta = (1 + theta) / 2
    infimum = np.array([np.min(p * phi(a) + (1 - p) * phi(-a)) for p in eta])
    for loss in (name, phi):
        np.testing.assert_allclose(lt.optimal_conditional_risk(eta, loss), infimum, atol=1e-8)
        np.testing.assert_allclose(lt.psi_transform(theta, loss), phi(0.0) - infimum, atol=1e-8)


def test_psi_at_the_ends_and_at_one_half():
    values = {"hinge": 0.5, "exponential": 1 - 0.75**0.5, "squared": 0.25, "logistic": 0.1308120359}
    for name, value in values.items():
        assert lt.psi_transform(0.5, name) == pytest.approx(value, abs=1e-10)
        assert lt.psi_transform(0.0, name) == pytest.approx(0, abs=1e-15)
        np.testing.assert_allclose(lt.psi_transform([-1.0, 1.0], name), log(2) if name == "logistic" else 1.0)
    assert lt.psi_transform(np.zeros((2, 3)), "hinge").shape == (2, 3)
    np.testing.assert_allclose(lt.optimal_conditional_risk([0.0, 1.0], lambda z: np.exp(-z)), 0, atol=1e-40)


# Sample sizes


@pytest.mark.parametrize(
    ("size", "epsilon", "delta", "realizable", "agnostic"),
    [
        (10**3, 0.05, 0.05, 199, 8478),
        (10**6, 0.05, 0.05, 337, 14004),
        (100, 0.1, 0.05, 77, 1659),
        (2**10, 0.01, 0.01, 1154, 244596),
    ],
)
def test_pac_sample_sizes(size, epsilon, delta, realizable, agnostic):
    assert lt.pac_sample_size(size, epsilon, delta) == realizable
    assert lt.pac_sample_size(size, epsilon, delta, realizable=False) == agnostic
    assert lt.pac_sample_size(None, epsilon, delta, log_cardinality=log(size)) == realizable
    # the smallest N that meets the two tail bounds
    assert size * np.exp(-epsilon * realizable) <= delta < size * np.exp(-epsilon * (realizable - 1))
    tail = 2 * size * np.exp(-agnostic * epsilon**2 / 2)
    assert tail <= delta < tail * np.exp(epsilon**2 / 2)


def test_pac_sample_size_takes_classes_beyond_the_floats():
    assert lt.pac_sample_size(2**5000, 0.5, 0.5) == np.ceil(2 * (5001 * log(2)))
    assert lt.pac_sample_size(np.int64(1), 0.5, 0.25) == np.ceil(2 * log(4))


@pytest.mark.parametrize(
    ("D", "epsilon", "sizes"), [(3, 0.1, (132992, 10242, 729)), (101, 0.05, (17866289, 918498, 45725))]
)
def test_vc_sample_sizes_solve_their_equations(D, epsilon, sizes):
    equations = {
        "classical": lambda N: log(4) + D * log(2 * e * N / D) - N * epsilon**2 / 32 - log(0.05),
        "rademacher": lambda N: (2 * D * log(e * N / D) / N) ** 0.5 + 2 * (log(40) / (2 * N)) ** 0.5 - epsilon,
        "realizable": lambda N: log(2) + D * log(2 * e * N / D) - N * epsilon / 2 * log(2) - log(0.05),
    }
    assert lt.vc_sample_size(D, epsilon, 0.05) == sizes[0]
    for (method, equation), size in zip(equations.items(), sizes, strict=True):
        assert lt.vc_sample_size(D, epsilon, 0.05, method) == size
        start = max(8 / epsilon, 64 * D / epsilon**2 if method == "classical" else 3 * D / epsilon)
        assert size == np.ceil(bisect(equation, min(start, size / 1.5), 10 * size))


@pytest.mark.parametrize("method", ["classical", "rademacher", "realizable"])
@pytest.mark.parametrize("epsilon", [0.02, 0.5, 0.999])
@pytest.mark.parametrize("delta", [1e-9, 0.3, 0.999])
def test_vc_sample_size_is_the_last_crossing_and_grows_as_it_should(method, epsilon, delta):
    N = lt.vc_sample_size(1, epsilon, delta, method)
    assert lt.vc_sample_size(2, epsilon, delta, method) >= N
    assert lt.vc_sample_size(1, epsilon / 2, delta, method) >= N
    assert lt.vc_sample_size(1, epsilon, delta / 2, method) >= N
    if method == "realizable":
        assert 8 / epsilon <= N


@pytest.mark.parametrize(("n", "D"), [(50, 1), (2000, 1), (3, 10), (40, 0), (10, 5)])
def test_vc_bound_inverts_the_tail(n, D):
    t = lt.vc_bound(n, D, 0.05)
    assert 4 * lt.sauer_bound(2 * n, D) * np.exp(-n * t**2 / 8) == pytest.approx(0.05, rel=1e-9)


def test_vc_bound_in_log_space():
    assert 0 < lt.vc_bound(10**6, 10**4, 0.05) < 1.1
    assert lt.vc_bound(10**6, 10**4, 0.05) > lt.vc_bound(10**7, 10**4, 0.05)


def test_pac_bayes_bound_solves_kl_equals_its_budget():
    n, delta = 400, 0.05
    xi = sum(float(scipy_comb(n, k)) * (k / n) ** k * (1 - k / n) ** (n - k) for k in range(n + 1))
    assert n**0.5 <= xi <= 2 * n**0.5
    for q, kl in [(0.0, 0.0), (0.1, 5.0), (0.4, 1.0)]:
        p = lt.pac_bayes_bound(q, kl, n, delta)
        small = (q * log(q / p) if q else 0) + (1 - q) * log((1 - q) / (1 - p))
        assert p > q
        assert small == pytest.approx((kl + log(xi / delta)) / n, rel=1e-9)
    assert lt.pac_bayes_bound(1.0, 0.0, n, delta) == 1.0
    assert lt.pac_bayes_bound(0.3, 1e6, n, delta) == 1.0


def test_pac_bayes_with_one_hypothesis_covers_the_binomial():
    n, delta, p = 40, 0.1, 0.2
    k = np.arange(n + 1)
    bounds = np.array([lt.pac_bayes_bound(j / n, 0.0, n, delta) for j in k])
    assert np.sum(binom.pmf(k, n, p)[bounds < p]) <= delta


# Counting


def test_sauer_and_cover_are_exact_integers():
    assert (lt.sauer_bound(10, 3), lt.cover_count(10, 2), lt.cover_count(100, 2)) == (176, 92, 9902)
    assert lt.sauer_bound(200, 100) == sum(scipy_comb(200, i, exact=True) for i in range(101))
    assert lt.sauer_bound(5, 9) == 32
    assert lt.sauer_bound(0, 0) == lt.sauer_bound(7, 0) == 1
    for n, d in product(range(2, 9), range(1, 5)):  # Cover's recursion
        assert lt.cover_count(n, d) == lt.cover_count(n - 1, d) + lt.cover_count(n - 1, d - 1)
        assert lt.cover_count(n, 0) == lt.cover_count(1, d) == 2


def slow_vc_dimension(rows):
    N = rows.shape[1]
    sizes = [
        k
        for k in range(N + 1)
        for columns in combinations(range(N), k)
        if len({tuple(row[list(columns)]) for row in rows}) == 2**k
    ]
    return max(sizes)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(1, 60))
def test_vc_dimension_is_that_of_the_definition_and_obeys_sauer(seed, N, H):
    rows = np.random.default_rng(seed).integers(0, 2, (H, N))
    D = lt.vc_dimension(rows)
    assert slow_vc_dimension(rows) == D
    assert lt.is_shattered(rows) == (D == N)
    assert len(np.unique(rows, axis=0)) <= lt.sauer_bound(N, D)
    assert lt.vc_dimension(1 - rows) == D
    assert lt.vc_dimension(rows[:, ::-1]) == D


def test_shattering_of_the_whole_cube_needs_every_corner():
    cube = np.array(list(product((0, 1), repeat=4)))
    assert lt.is_shattered(cube)
    assert lt.vc_dimension(cube) == 4
    assert not lt.is_shattered(cube[1:])
    assert not lt.is_shattered(np.delete(cube, 7, axis=0))
    assert lt.vc_dimension(cube[1:]) == 3
    assert lt.vc_dimension([[1, 1, 0]]) == 0
    assert lt.is_shattered([[0], [1]])
    assert not lt.is_shattered([[1], [1]])


@pytest.mark.parametrize(("n", "d"), [(1, 1), (2, 2), (5, 1), (8, 2), (7, 3), (5, 4), (14, 1)])
def test_halfspaces_are_counted_by_cover_and_have_dimension_d_plus_one(n, d):
    X = np.random.default_rng(n + d).standard_normal((n, d))
    rows = lt.halfspace_dichotomies(X)
    assert rows.shape == (lt.cover_count(n, d), n)
    assert len(np.unique(rows, axis=0)) == len(rows)
    assert {tuple(row) for row in rows} == {tuple(~row) for row in rows}
    assert lt.vc_dimension(rows) == min(n, d + 1)
    for scale in (1e-3, 1e12):
        np.testing.assert_array_equal(lt.halfspace_dichotomies(scale * X + 0.5), rows)


def test_halfspaces_in_special_position():
    square = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1]])
    rows = {tuple(int(v) for v in row) for row in lt.halfspace_dichotomies(square)}
    assert set(product((0, 1), repeat=4)) - rows == {(1, 0, 0, 1), (0, 1, 1, 0)}
    np.testing.assert_array_equal(lt.halfspace_dichotomies(square)[[0, 1, -1]], [[0] * 4, [0, 0, 0, 1], [1] * 4])
    line = np.column_stack([np.arange(3.0), 2 * np.arange(3.0)])
    assert len(lt.halfspace_dichotomies(line)) == 6  # three points on a line: the middle one cannot stand alone
    assert len(lt.halfspace_dichotomies([[1.0, 2.0], [1.0, 2.0]])) == 2  # a point twice
    # every row is realised, found the other way round: by random halfspaces
    rng = np.random.default_rng(0)
    X = rng.standard_normal((5, 2))
    drawn = np.sign(X @ rng.standard_normal((2, 200_000)) + 2 * rng.standard_normal(200_000)) > 0
    assert {tuple(row) for row in lt.halfspace_dichotomies(X)} == {tuple(row) for row in np.unique(drawn, axis=1).T}


def test_rademacher_by_enumeration_and_by_simulation():
    for N, value in [(4, 0.59375), (8, 0.456055), (12, 0.386637)]:
        thresholds = np.where(np.arange(N) < np.arange(N + 1)[:, None], -1, 1)
        assert lt.rademacher_complexity(thresholds) == pytest.approx(value, abs=5e-7)
    rng = np.random.default_rng(4)
    values = rng.standard_normal((7, 5))
    signs = np.array(list(product((-1, 1), repeat=5)))
    exact = np.mean([max(np.mean(s * row) for row in values) for s in signs])
    assert lt.rademacher_complexity(values) == pytest.approx(exact, rel=1e-13)
    spread = np.std([max(np.mean(s * row) for row in values) for s in signs])
    drawn = lt.rademacher_complexity(values, n_draws=40_000, seed=1)
    assert abs(drawn - exact) < 4 * spread / 200
    assert drawn == lt.rademacher_complexity(values, n_draws=40_000, seed=1)
    assert drawn != lt.rademacher_complexity(values, n_draws=40_000, seed=2)
    assert lt.rademacher_complexity(values[:1]) == pytest.approx(0, abs=1e-15)
    assert lt.rademacher_complexity(np.eye(16)) == pytest.approx((1 - 2 * 2.0**-16) / 16, rel=1e-12)
    assert lt.rademacher_complexity(np.eye(20), n_draws=1500, seed=0) == pytest.approx(1 / 20, rel=1e-2)


def memoriser(indices, labels, M):
    answer = np.zeros(M, dtype=int)
    answer[indices] = labels
    return answer


def test_no_free_lunch_by_enumeration():
    def constant(indices, labels, M):
        return np.zeros(M)

    def contrarian(indices, labels, M):
        answer = np.ones(M)
        answer[indices] = 1 - labels
        return answer

    assert lt.no_free_lunch_average(memoriser, 4, 2) == (0.28125, 0.5)
    assert lt.no_free_lunch_average(constant, 4, 2) == (0.5, 0.5)
    assert lt.no_free_lunch_average(contrarian, 4, 2) == (0.71875, 0.5)
    for M, n in [(2, 1), (5, 3)]:
        assert lt.no_free_lunch_average(memoriser, M, n) == pytest.approx((0.5 * (1 - 1 / M) ** n, 0.5), rel=1e-12)


# Double descent and polynomials


def test_min_norm_risk_is_the_mean_of_a_simulation():
    rng, beta2, sigma, N, R = np.random.default_rng(3), 2.0, 0.5, 12, 3000
    for p in (3, 7, 20, 40):
        beta = np.zeros(p)
        beta[0] = beta2**0.5
        X = rng.standard_normal((R, N, p))
        y = X @ beta + sigma * rng.standard_normal((R, N))
        fits = np.linalg.pinv(X) @ y[..., None]
        errors = np.sum((fits[..., 0] - beta) ** 2, axis=1)
        assert abs(errors.mean() - lt.min_norm_risk(N, p, beta2, sigma**2)) < 4 * errors.std(ddof=1) / R**0.5


def test_min_norm_risk_in_numbers():
    values = {5: 0.0893, 10: 0.2778, 15: 0.9375, 30: 0.8889, 40: 0.7632, 80: 0.8347}
    for p, value in values.items():
        assert lt.min_norm_risk(20, p, 1, 0.25) == pytest.approx(value, abs=5e-5)
    assert [lt.min_norm_risk(20, p, 1, 0.25) for p in (19, 20, 21)] == [np.inf] * 3
    assert np.isfinite([lt.min_norm_risk(20, p, 1, 0.25) for p in (18, 22)]).all()
    assert lt.min_norm_risk(20, 20, 1, 0) == 0
    assert lt.min_norm_risk(20, 21, 2, 0) == pytest.approx(2 / 21, rel=1e-15)


def test_polynomials_agree_with_legfit_and_with_linear_regression():
    rng = np.random.default_rng(2)
    x = rng.uniform(-1, 1, 60)
    y = np.sin(np.pi * x) + 0.3 * rng.standard_normal(60)
    new = rng.uniform(-1.2, 1.2, 25)
    for degree in (0, 1, 3, 9):
        fit = lt.PolynomialRegressor(degree).fit(x, y)
        np.testing.assert_allclose(fit.coef_, legendre.legfit(x, y, degree), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(fit.predict(new), legendre.legval(new, fit.coef_), rtol=1e-12)
    powers = LinearRegression().fit(np.vander(x, 4)[:, :-1], y)
    cubic = lt.PolynomialRegressor(3).fit(x, y)
    np.testing.assert_allclose(cubic.predict(new), powers.predict(np.vander(new, 4)[:, :-1]), rtol=1e-10, atol=1e-10)


def test_polynomials_on_another_interval_and_with_more_coefficients_than_points():
    x = np.array([2.0, 3.0, 5.0, 7.0])
    y = np.array([1.0, -1.0, 2.0, 0.0])
    line = lt.PolynomialRegressor(1, domain=(2, 7)).fit(x, y)
    np.testing.assert_allclose(line.predict(x), np.polyval(np.polyfit(x, y, 1), x), rtol=1e-12)
    wide = lt.PolynomialRegressor(30, domain=(2, 7)).fit(x, y)
    np.testing.assert_allclose(wide.predict(x), y, atol=1e-12)
    basis = legendre.legvander((2 * x - 9) / 5, 30)
    np.testing.assert_allclose(wide.coef_, basis.T @ np.linalg.solve(basis @ basis.T, y), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: lt.logistic_loss([0.0], base=1), "base must be greater than 1: got 1"),
        (lambda: lt.logistic_loss_grad([0.0], base=0.5), "base must be greater than 1: got 0.5"),
        (lambda: lt.empirical_risk([1.0], [1.0, 2.0]), "different numbers of samples: 1 and 2"),
        (lambda: lt.empirical_risk([], []), "y_pred must hold at least one sample"),
        (lambda: lt.empirical_risk([1.0], [1.0], "l1"), "loss must be one of zero_one, hinge, logistic, exponential"),
        (lambda: lt.empirical_risk([1.0, 2.0], [1.0, 2.0], lambda f, y: f[:1]), "one loss per sample, 2 in all: got 1"),
        (lambda: lt.optimal_conditional_risk([1.1], "hinge"), r"eta must lie in \[0, 1\]"),
        (lambda: lt.optimal_conditional_risk([-0.1], "hinge"), r"eta must lie in \[0, 1\]"),
        (
            lambda: lt.optimal_conditional_risk([0.5], "absolute"),
            "loss must be one of hinge, logistic, exponential, sq",
        ),
        (lambda: lt.psi_transform([1.1], "hinge"), r"theta must lie in \[-1, 1\]"),
        (lambda: lt.psi_transform([np.nan], "hinge"), r"theta must lie in \[-1, 1\]"),
        (lambda: lt.psi_transform([0.1], "l1"), "loss must be one of"),
        (lambda: lt.pac_sample_size(10, 0, 0.1), r"epsilon must lie in \(0, 1\): got 0"),
        (lambda: lt.pac_sample_size(10, 0.1, 1), r"delta must lie in \(0, 1\): got 1"),
        (lambda: lt.pac_sample_size(0, 0.1, 0.1), "n_hypotheses must be a positive integer: got 0"),
        (lambda: lt.pac_sample_size(True, 0.1, 0.1), "n_hypotheses must be a positive integer: got True"),
        (lambda: lt.pac_sample_size(2.0, 0.1, 0.1), "n_hypotheses must be a positive integer: got 2.0"),
        (lambda: lt.pac_sample_size(None, 0.1, 0.1), "either n_hypotheses or log_cardinality"),
        (lambda: lt.pac_sample_size(3, 0.1, 0.1, log_cardinality=1), "either n_hypotheses or log_cardinality"),
        (lambda: lt.pac_sample_size(None, 0.1, 0.1, log_cardinality=-1), "log_cardinality must be non-negative"),
        (lambda: lt.vc_sample_size(0, 0.1, 0.1), "vc_dim must be at least 1: got 0"),
        (lambda: lt.vc_sample_size(1, 1, 0.1), r"epsilon must lie in \(0, 1\): got 1"),
        (lambda: lt.vc_sample_size(1, 0.1, 0), r"delta must lie in \(0, 1\): got 0"),
        (lambda: lt.vc_sample_size(1, 0.1, 0.1, "blumer"), "method must be 'classical', 'rademacher' or 'realizable'"),
        (lambda: lt.vc_bound(0, 1, 0.1), "n must be at least 1: got 0"),
        (lambda: lt.vc_bound(1, -1, 0.1), "vc_dim must be non-negative: got -1"),
        (lambda: lt.vc_bound(1, 1, 1.0), r"delta must lie in \(0, 1\): got 1.0"),
        (lambda: lt.pac_bayes_bound(1.1, 0, 10, 0.1), r"gibbs_risk must lie in \[0, 1\]: got 1.1"),
        (lambda: lt.pac_bayes_bound(0.1, -1, 10, 0.1), "kl must be non-negative: got -1"),
        (lambda: lt.pac_bayes_bound(0.1, 0, 0, 0.1), "n must be at least 1: got 0"),
        (lambda: lt.pac_bayes_bound(0.1, 0, 10, 1), r"delta must lie in \(0, 1\): got 1"),
        (lambda: lt.sauer_bound(-1, 2), "n must be non-negative: got -1"),
        (lambda: lt.sauer_bound(1, 2.0), "vc_dim must be an integer: got 2.0"),
        (lambda: lt.cover_count(0, 2), "n must be at least 1: got 0"),
        (lambda: lt.cover_count(3, -1), "d must be non-negative: got -1"),
        (lambda: lt.is_shattered([[0, 2]]), "labelings must hold only 0 and 1"),
        (lambda: lt.vc_dimension([[0, -1]]), "labelings must hold only 0 and 1"),
        (lambda: lt.halfspace_dichotomies(np.ones((15, 1))), "at most 14 points, as the labellings are listed: got 15"),
        (lambda: lt.rademacher_complexity(np.ones((2, 17))), "at most 16 columns to enumerate all signs: got 17"),
        (lambda: lt.rademacher_complexity(np.ones((2, 2)), n_draws=0), "n_draws must be at least 1: got 0"),
        (lambda: lt.rademacher_complexity(np.ones((2, 2)), n_draws=5), "seed must be an integer: got None"),
        (lambda: lt.no_free_lunch_average(memoriser, 1, 1), "domain_size must be at least 2: got 1"),
        (lambda: lt.no_free_lunch_average(memoriser, 4, 4), r"n must lie in \[1, 3\]: got 4"),
        (lambda: lt.no_free_lunch_average(memoriser, 12, 3), "would take 7077888 runs: at most 1000000"),
        (lambda: lt.no_free_lunch_average(lambda i, y, M: y, 4, 2), "algorithm must return 4 labels, 0 or 1"),
        (lambda: lt.no_free_lunch_average(lambda i, y, M: np.full(M, 2), 4, 2), "algorithm must return 4 labels"),
        (lambda: lt.min_norm_risk(0, 1, 1, 1), "N must be at least 1: got 0"),
        (lambda: lt.min_norm_risk(1, 0, 1, 1), "p must be at least 1: got 0"),
        (lambda: lt.min_norm_risk(1, 5, -1, 1), "r2 must be non-negative: got -1"),
        (lambda: lt.min_norm_risk(1, 5, 1, -1), "sigma2 must be non-negative: got -1"),
        (lambda: lt.PolynomialRegressor(-1).fit([0.0], [1.0]), "degree must be non-negative: got -1"),
        (
            lambda: lt.PolynomialRegressor(1, (1, 1)).fit([0.0], [1.0]),
            r"domain must be an interval \(a, b\) with a < b",
        ),
        (lambda: lt.PolynomialRegressor(1, (1,)).fit([0.0], [1.0]), r"domain must be an interval \(a, b\) with a < b"),
        (lambda: lt.PolynomialRegressor(1).fit([0.0, 1.0], [1.0]), "different numbers of samples: 2 and 1"),
        (lambda: lt.PolynomialRegressor(1).fit([[[0.0]]], [1.0]), "x must be 1-dimensional"),
        (lambda: lt.PolynomialRegressor(1).fit([[0.0, 1.0]], [1.0]), "x must have 1 features: got 2"),
        (lambda: lt.PolynomialRegressor(1).predict([0.0]), "PolynomialRegressor is not fitted"),
    ],
)
def test_theory_refuses_bad_input_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Hard data


def test_no_loss_turns_a_nan_into_an_answer():
    for loss in (lt.zero_one_loss, lt.hinge_loss, lt.hinge_loss_grad, lt.exponential_loss):
        np.testing.assert_array_equal(np.isnan(loss([np.nan, 0.0, 2.0])), [True, False, False])
    assert lt.zero_one_loss(0.0) == 1 and lt.hinge_loss_grad(0.5) == -1


@pytest.mark.parametrize("loss", ["hinge", "logistic", "exponential"])
def test_a_loss_of_the_margin_refuses_labels_zero_and_one(loss):
    with pytest.raises(ValueError, match=r"y must hold −1 and \+1 for a loss of the margin: got \[0.0, 1.0\]"):
        lt.empirical_risk([0.5, 2.0], [0, 1], loss)


@pytest.mark.parametrize("units", [(1e-10, 1e-10), (1e12, 1.0), (1e-8, 1e9)])
@pytest.mark.parametrize("shift", [0.0, 1e6])
def test_halfspaces_label_points_in_as_many_ways_in_any_units(units, shift):
    X = np.random.default_rng(3).integers(-8, 8, (6, 2)) / 4 + [[0.1, 0.0]]
    np.testing.assert_array_equal(lt.halfspace_dichotomies((X + shift) * units), lt.halfspace_dichotomies(X))
    assert len(lt.halfspace_dichotomies(np.full((3, 2), 0.3))) == 2


def test_a_polynomial_does_not_know_where_zero_lies():
    x = np.linspace(-1, 1, 40)
    y = np.cos(3 * x)
    here, there = lt.PolynomialRegressor(9).fit(x, y), lt.PolynomialRegressor(9, (2.0**30 - 1, 2.0**30 + 1))
    shifted = (x * 2**20).round() / 2**20
    there.fit(shifted + 2.0**30, y)
    np.testing.assert_allclose(there.coef_, lt.PolynomialRegressor(9).fit(shifted, y).coef_, atol=1e-12)
    assert here.score(x[:, None], y) > 0.999
    assert lt.PolynomialRegressor(3).fit([0.2], [5.0]).predict([0.2]) == pytest.approx([5.0])
