"""Variational inference against enumeration, quadrature, textbook formulas and scikit-learn, on hard data too."""

import itertools
import math
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import integrate, special, stats
from sklearn.base import clone
from sklearn.cluster import KMeans
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.mixture import BayesianGaussianMixture

from mlderived import datasets
from mlderived import linear_regression as lr
from mlderived import probability as pr
from mlderived import variational_inference as vi

COINS = np.log(np.array([[9.0, 1], [1, 9]]) / 40)
IRIS = datasets.load_iris().X
seeds = st.integers(0, 2**32 - 1)
examples = settings(deadline=None, derandomize=True, max_examples=20)


def random_laws(rng, shape):
    return [rng.dirichlet(np.ones(n)) for n in shape]


def random_precision(rng, d):
    A = rng.standard_normal((d + 2, d))
    return A.T @ A + 0.05 * np.eye(d)


def by_loops(log_joint, q):
    """The bound, entry by entry."""
    total = 0.0
    for place in itertools.product(*map(range, log_joint.shape)):
        weight = math.prod(factor[i] for factor, i in zip(q, place, strict=True))
        if weight:
            total += weight * (log_joint[place] - math.log(weight))
    return total


# Tables


@pytest.mark.parametrize("seed", range(6))
def test_bound_plus_divergence_is_the_evidence(seed):
    rng = np.random.default_rng(seed)
    shape = [(3, 3, 2), (2, 2), (4,), (2, 3, 2, 2), (1, 5), (3, 4)][seed]
    log_joint, q = rng.normal(0, 2, shape), random_laws(rng, shape)
    evidence = special.logsumexp(log_joint)
    product = q[0]
    for factor in q[1:]:
        product = np.multiply.outer(product, factor)
    gap = pr.kl_divergence(product.ravel(), np.exp(log_joint - evidence).ravel())
    bound = vi.elbo_table(log_joint, q)
    assert bound == pytest.approx(by_loops(log_joint, q), abs=1e-12)
    assert bound + gap == pytest.approx(evidence, abs=1e-12)


def test_bound_where_the_joint_vanishes():
    log_joint = np.array([[0.0, -np.inf], [-1.0, -2.0]])
    assert vi.elbo_table(log_joint, [[0.5, 0.5], [0.5, 0.5]]) == -np.inf
    assert vi.elbo_table(log_joint, [[0.0, 1.0], [0.5, 0.5]]) == pytest.approx(-1.5 + math.log(2))
    assert vi.elbo_table(log_joint, [[1.0, 0.0], [1.0, 0.0]]) == 0.0


@pytest.mark.parametrize("seed", range(4))
def test_the_optimal_factor_is_optimal_and_tells_the_gain(seed):
    rng = np.random.default_rng(seed)
    shape = (3, 4, 2)
    log_joint, q = rng.normal(0, 2, shape), random_laws(rng, shape)
    for j in range(3):
        best = list(q)
        best[j] = vi.optimal_factor(log_joint, q, j)
        top = vi.elbo_table(log_joint, best)
        for _ in range(200):
            other = list(best)
            other[j] = rng.dirichlet(np.full(shape[j], rng.uniform(0.1, 20)))
            lost = pr.kl_divergence(other[j], best[j])
            assert top - vi.elbo_table(log_joint, other) == pytest.approx(lost, abs=1e-11)


def test_the_optimal_factor_is_a_weighted_geometric_mean():
    np.testing.assert_allclose(vi.optimal_factor(COINS, [[0.5, 0.5], [0.75, 0.25]], 0), [0.75, 0.25])
    np.testing.assert_allclose(vi.optimal_factor(COINS, [[1.0, 0.0], [0.5, 0.5]], 1), [0.9, 0.1])
    np.testing.assert_allclose(vi.optimal_factor(np.log([[8, 1], [1, 2.0]]), [[1, 0], [0.5, 0.5]], 0), [2 / 3, 1 / 3])
    log_joint = np.array([[0.0, -np.inf], [-1.0, 3.0]])
    np.testing.assert_allclose(vi.optimal_factor(log_joint, [[1, 0], [0.5, 0.5]], 0), [0, 1])
    np.testing.assert_allclose(
        vi.optimal_factor(log_joint, [[1, 0], [1.0, 0.0]], 0), [math.e, 1] / np.array(math.e + 1)
    )
    np.testing.assert_allclose(vi.optimal_factor([1.0, 1.0, 1.0], [[1, 0, 0]], 0), np.full(3, 1 / 3))


def test_coordinate_ascent_on_the_two_coins():
    fit = vi.cavi_table(COINS, 200, [[0.5, 0.5], [1.0, 0.0]])
    np.testing.assert_allclose(fit["q"], [[0.75, 0.25]] * 2, rtol=1e-12)
    assert fit["elbo"][-1] == pytest.approx(math.log(0.4 * 3**-0.25), abs=1e-14)
    mirrored = vi.cavi_table(COINS, 200, [[0.5, 0.5], [0.0, 1.0]])
    np.testing.assert_allclose(mirrored["q"], [[0.25, 0.75]] * 2, rtol=1e-12)
    stuck = vi.cavi_table(COINS, 50)
    np.testing.assert_array_equal(stuck["q"], [[0.5, 0.5]] * 2)
    np.testing.assert_allclose(stuck["elbo"], math.log(0.3))
    assert vi.cavi_table(COINS, 0)["elbo"].shape == (1,)


@pytest.mark.parametrize(
    ("J", "log_z", "best", "m"),
    [(0.5, 1.506409, 1.386294, 0.0), (1.5, 2.241735, 1.616683, 0.858560), (2.0, 2.711297, 2.039342, 0.957504)],
)
def test_two_spins(J, log_z, best, m):
    log_joint = J * np.array([[1.0, -1], [-1, 1]])
    assert special.logsumexp(log_joint) == pytest.approx(log_z, abs=1e-6)
    fit = vi.cavi_table(log_joint, 400, [[0.5, 0.5], [0.9, 0.1]])
    assert fit["elbo"][-1] == pytest.approx(best, abs=1e-6)
    np.testing.assert_allclose(2 * np.array(fit["q"])[:, 0] - 1, m, atol=1e-6)
    assert vi.elbo_table(log_joint, [[0.5, 0.5]] * 2) == pytest.approx(1.386294, abs=1e-6)


@examples
@given(seeds)
def test_the_bound_never_falls_and_stays_below_the_evidence(seed):
    rng = np.random.default_rng(seed)
    shape = tuple(rng.integers(1, 4, rng.integers(1, 5)))
    log_joint = rng.normal(0, 3, shape)
    start = random_laws(rng, shape)
    fit = vi.cavi_table(log_joint, 15, start)
    assert fit["elbo"][0] == pytest.approx(by_loops(log_joint, start), abs=1e-10)
    assert np.all(np.diff(fit["elbo"]) >= -1e-12 * np.abs(log_joint).max())
    assert fit["elbo"][-1] <= special.logsumexp(log_joint) + 1e-12
    shifted = vi.cavi_table(log_joint + 1000, 15, start)  # a constant changes the bound by itself, and no factor
    for ours, theirs in zip(fit["q"], shifted["q"], strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-9)
    np.testing.assert_allclose(shifted["elbo"] - 1000, fit["elbo"], atol=1e-9)


def test_an_independent_table_is_solved_in_one_sweep():
    rng = np.random.default_rng(3)
    a, b = rng.dirichlet([1, 1, 1]), rng.dirichlet([1, 1])
    fit = vi.cavi_table(np.log(np.outer(a, b)) - 2, 1, [np.full(3, 1 / 3), [0.9, 0.1]])
    np.testing.assert_allclose(fit["q"][0], a)
    np.testing.assert_allclose(fit["q"][1], b)
    assert fit["elbo"][-1] == pytest.approx(-2, abs=1e-14)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: vi.elbo_table([[np.nan]], [[1.0], [1.0]]), "log_joint must hold finite numbers or −∞"),
        (lambda: vi.elbo_table([[np.inf]], [[1.0], [1.0]]), "log_joint must hold finite numbers or −∞"),
        (lambda: vi.elbo_table(3.0, []), "an axis for each factor"),
        (lambda: vi.elbo_table(np.zeros((0, 2)), []), "log_joint must hold"),
        (lambda: vi.elbo_table(COINS, [[0.5, 0.5]]), r"of lengths \(2, 2\): got \(2,\)"),
        (lambda: vi.elbo_table(COINS, [[0.5, 0.5], [0.5, 0.4]]), r"q\[1\] must be non-negative and sum to 1"),
        (lambda: vi.elbo_table(COINS, [[1.5, -0.5], [0.5, 0.5]]), r"q\[0\] must be non-negative"),
        (lambda: vi.optimal_factor(COINS, [[0.5, 0.5]] * 2, 2), r"j must lie in \[0, 1\]: got 2"),
        (
            lambda: vi.optimal_factor([[-np.inf, 0.0], [-np.inf, 0]], [[0.5, 0.5], [1, 0]], 0),
            "factor 0 no possible value",
        ),
        (lambda: vi.cavi_table(COINS, -1), "n_sweeps must be non-negative"),
    ],
)
def test_bad_tables(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Gaussians


def test_eight_sweeps():
    precision = np.linalg.inv([[1, 0.8], [0.8, 1]])
    fit = vi.cavi_gaussian([0, 0], precision, [2, -2], [4, 4], 8)
    said = [-28.213991, -1.790826, -1.035114, -0.725574, -0.598787, -0.546854, -0.525583, -0.516870, -0.513302]
    np.testing.assert_allclose(fit["elbo"], said, atol=1e-6)
    np.testing.assert_allclose(fit["means"][[1, 2]], [[-1.6, -1.28], [-1.024, -0.8192]])
    np.testing.assert_allclose(fit["means"][8], [-0.070369, -0.056295], atol=1e-6)
    np.testing.assert_allclose(fit["variances"], [[4, 4]] + [[0.36, 0.36]] * 8)
    assert vi.mean_field_gap(precision) == pytest.approx(math.log(5 / 3))
    assert vi.gauss_seidel_rate(precision) == pytest.approx(0.64)


@pytest.mark.parametrize("d", [1, 2, 3, 7])
def test_gaussian_bounds_are_divergences(d):
    rng = np.random.default_rng(d)
    precision, mean = random_precision(rng, d), rng.normal(0, 3, d)
    m, v = rng.normal(0, 3, d), rng.uniform(0.1, 5, d)
    fit = vi.cavi_gaussian(mean, precision, m, v, 2000)
    covariance = np.linalg.inv(precision)
    for k in (0, 1, 2, 2000):
        gap = pr.kl_mvn(fit["means"][k], np.diag(fit["variances"][k]), mean, covariance)
        assert fit["elbo"][k] == pytest.approx(-gap, abs=1e-9)
    assert np.all(np.diff(fit["elbo"]) >= -1e-10)
    np.testing.assert_array_equal(fit["means"][0], m)
    np.testing.assert_allclose(fit["variances"][1:], np.tile(1 / np.diagonal(precision), (2000, 1)))
    np.testing.assert_allclose(fit["means"][-1], mean, atol=1e-8)
    assert -fit["elbo"][-1] == pytest.approx(vi.mean_field_gap(precision), abs=1e-9)
    first = m.copy()  # one factor by hand
    first[0] = mean[0] - precision[0, 1:] @ (m[1:] - mean[1:]) / precision[0, 0]
    assert fit["means"][1, 0] == pytest.approx(first[0])


@pytest.mark.parametrize("seed", range(5))
def test_the_rate_is_what_the_means_do(seed):
    rng = np.random.default_rng(seed)
    precision = random_precision(rng, 4)
    off = vi.cavi_gaussian(np.zeros(4), precision, rng.normal(size=4), np.ones(4), 60)["means"]
    size = np.sqrt(np.einsum("ki,ij,kj->k", off, precision, off))
    assert (size[60] / size[40]) ** (1 / 20) == pytest.approx(vi.gauss_seidel_rate(precision), rel=2e-2)


@examples
@given(seeds, st.sampled_from([1e-9, 1e-3, 1.0, 1e9]))
def test_units_matter_neither_to_the_gap_nor_to_the_rate(seed, unit):
    rng = np.random.default_rng(seed)
    precision = random_precision(rng, 4)
    scale = np.array([unit, 1, 1 / unit, 3])
    scaled = precision / scale / scale[:, None]
    assert vi.mean_field_gap(scaled) == pytest.approx(vi.mean_field_gap(precision), rel=1e-9)
    assert vi.gauss_seidel_rate(scaled) == pytest.approx(vi.gauss_seidel_rate(precision), rel=1e-7)
    fit, there = (
        vi.cavi_gaussian(np.zeros(4), P, u * np.ones(4), u**2, 5) for P, u in ((precision, np.ones(4)), (scaled, scale))
    )
    np.testing.assert_allclose(there["means"] / scale, fit["means"], atol=1e-9)
    np.testing.assert_allclose(there["elbo"], fit["elbo"], rtol=1e-9)


def test_diabetes_as_the_blueprint_has_it():
    data = datasets.load_diabetes()
    X = (data.X - data.X.mean(axis=0)) / data.X.std(axis=0)
    y = (data.y - data.y.mean()) / data.y.std()
    residual = y - X @ np.linalg.lstsq(X, y, rcond=None)[0]
    noise = residual @ residual / (442 - 11)
    assert noise == pytest.approx(0.4945596, abs=1e-7)
    m, S = lr.weight_posterior(X, y, noise, 1.0)
    precision = np.eye(10) + X.T @ X / noise
    exact, mean_field = np.sqrt(np.diagonal(S)), 1 / np.sqrt(np.diagonal(precision))
    np.testing.assert_allclose(
        mean_field / exact,
        [0.9066, 0.8849, 0.8146, 0.8282, 0.1381, 0.1692, 0.2671, 0.3394, 0.3309, 0.8210],
        atol=6e-5,
    )
    assert vi.mean_field_gap(precision) == pytest.approx(3.806244, abs=1e-6)
    assert lr.log_evidence(X, y, noise, 1.0) == pytest.approx(-496.580344, abs=1e-6)
    assert vi.gauss_seidel_rate(precision) == pytest.approx(0.980728, abs=1e-6)
    path = vi.cavi_gaussian(m, precision, np.zeros(10), np.ones(10), 700)["means"]
    assert np.flatnonzero(np.abs(path - m).max(axis=1) <= 1e-6)[0] == 669


@pytest.mark.parametrize(
    ("precision", "words"),
    [
        ([[1.0, 2.0], [2.0, 1.0]], "precision must be symmetric positive definite"),
        ([[0.0, 0.0], [0.0, 1.0]], "precision must be symmetric positive definite"),
        ([[1.0, 1.0], [1.0, 1.0]], "precision must be symmetric positive definite"),
        ([[1.0, 0.5], [0.4, 1.0]], "precision must be symmetric"),
        ([[np.nan]], "precision contains NaN"),
        ([[1.0, 0.0]], "precision must be square"),
    ],
)
def test_bad_precisions(precision, words):
    for call in (vi.mean_field_gap, vi.gauss_seidel_rate, lambda P: vi.cavi_gaussian([0], P, [0], [1], 1)):
        with pytest.raises(ValueError, match=words):
            call(precision)


def test_bad_starts():
    for mean, m, v in (([0.0], [0, 0], [1, 1]), ([0, 0], [0], [1, 1]), ([0, 0], [0, 0], [1, 0]), ([0, 0], [0, 0], [1])):
        with pytest.raises(ValueError, match="mean, m0 and var0 must have 2 entries, and var0 positive ones"):
            vi.cavi_gaussian(mean, np.eye(2), m, v, 1)
    with pytest.raises(ValueError, match="n_sweeps must be non-negative"):
        vi.cavi_gaussian([0], [[1.0]], [0], [1], -1)
    assert vi.mean_field_gap([[3.0]]) == 0.0
    assert vi.mean_field_gap(np.diag([1e-9, 1, 1e9])) == 0.0
    assert vi.gauss_seidel_rate([[3.0]]) == 0.0


# One bell for any density


def two_bumps(a):
    return lambda z: np.logaddexp(-((z - a) ** 2) / 2, -((z + a) ** 2) / 2) - math.log(2 * math.sqrt(2 * math.pi))


@pytest.mark.parametrize(
    ("a", "start", "kl", "mean", "sd"),
    [
        (1.5, 0, 0.074234, 0, 1.7140),
        (2, 2, 0.226508, 0, 2.0470),
        (3, 3, 0.688769, 2.9843, 1.0234),
        (3, 0, 0.840621, 0, 2.7438),
        (2.4, 2.4, 0.421763, 0, 2.3211),
        (2.5, 2.5, 0.666463, 2.3861, 1.1365),
    ],
)
def test_reverse_fits_to_two_bumps(a, start, kl, mean, sd):
    fit = vi.reverse_kl_gaussian(two_bumps(a), (start, 1.0))
    np.testing.assert_allclose([fit["kl"], fit["mean"], fit["sd"]], [kl, mean, sd], atol=6e-5)

    def integrand(z):
        log_q = stats.norm.logpdf(z, fit["mean"], fit["sd"])
        return np.exp(log_q) * (log_q - two_bumps(a)(z))

    reach = fit["mean"] + 12 * fit["sd"] * np.array([-1, 1])
    by_quad = sum(integrate.quad(integrand, *ends, epsabs=1e-12)[0] for ends in ((reach[0], 0), (0, reach[1])))
    assert fit["kl"] == pytest.approx(by_quad, abs=1e-9)


@examples
@given(st.floats(-100, 100), st.sampled_from([1e-6, 0.3, 1.0, 1e6]))
def test_a_gaussian_is_found_and_units_do_not_matter(mean, unit):
    mean = mean * unit
    fit = vi.reverse_kl_gaussian(lambda z: stats.norm.logpdf(z, mean, unit) + 5, (mean + 2 * unit, 3 * unit))
    assert (fit["mean"] - mean) / unit == pytest.approx(0, abs=1e-5)
    assert fit["sd"] / unit == pytest.approx(1, abs=1e-5)
    assert fit["kl"] == pytest.approx(-5, abs=1e-9)


def test_bad_densities():
    def half_line(z):
        return np.where(z > 0, -np.abs(z), -np.inf)

    with pytest.raises(ValueError, match="infinite there"):
        vi.reverse_kl_gaussian(half_line, (1.0, 1.0))
    with pytest.raises(ValueError, match="sd must be positive"):
        vi.reverse_kl_gaussian(two_bumps(1), (1.0, 0.0))
    for start in ((30.0, 1.0), (30.0, 2.0), (5.0, 0.3)):  # the search ends where the rule just misses the edge
        with pytest.raises(ValueError, match="finite on the whole line"):
            vi.reverse_kl_gaussian(half_line, start)
    with pytest.raises(ValueError, match="must not be NaN"):
        vi.reverse_kl_gaussian(lambda z: np.where(z > 0, np.nan, -(z**2)), (0.0, 1.0))
    with pytest.raises(ValueError, match="must fall off"):
        vi.reverse_kl_gaussian(np.zeros_like, (0.0, 1.0))
    for step in (0.0, 2.0, -1.0):
        with pytest.raises(ValueError, match="step must"):
            vi.reverse_kl_gaussian(two_bumps(1), (1.0, 1.0), step=step)


# The mixture


def textbook(X, R, alpha0, beta0, nu0, m0, W0_inv):
    """Bishop's updates as they are printed, with x̄_k and S_k."""
    out = {name: [] for name in ("alpha", "beta", "nu", "m", "W_inv")}
    for r in R.T:
        N_k = r.sum()
        x_bar = r @ X / N_k
        S = (r[:, None] * (X - x_bar)).T @ (X - x_bar) / N_k
        out["alpha"].append(alpha0 + N_k)
        out["beta"].append(beta0 + N_k)
        out["nu"].append(nu0 + N_k)
        out["m"].append((beta0 * m0 + N_k * x_bar) / (beta0 + N_k))
        off = x_bar - m0
        out["W_inv"].append(W0_inv + N_k * S + beta0 * N_k / (beta0 + N_k) * np.outer(off, off))
    return {name: np.array(value) for name, value in out.items()}


def seven_terms(X, R, q, alpha0, beta0, nu0, m0, W0_inv):
    """The bound as the sum of seven expectations, for any factors."""
    d, K = X.shape[1], R.shape[1]
    W = np.linalg.inv(q["W_inv"])
    log_det = np.array([special.digamma((n + 1 - np.arange(1, d + 1)) / 2).sum() for n in q["nu"]])
    log_det = log_det + d * math.log(2) + np.linalg.slogdet(W)[1]
    log_pi = special.digamma(q["alpha"]) - special.digamma(q["alpha"].sum())
    W0 = np.linalg.inv(W0_inv)

    def log_B(V, nu):
        return (
            -nu / 2 * np.linalg.slogdet(V)[1]
            - nu * d / 2 * math.log(2)
            - d * (d - 1) / 4 * math.log(math.pi)
            - special.gammaln((nu + 1 - np.arange(1, d + 1)) / 2).sum()
        )

    def log_C(a):
        return special.gammaln(a.sum()) - special.gammaln(a).sum()

    total = 0.0
    for k in range(K):
        r, m, n, b = R[:, k], q["m"][k], q["nu"][k], q["beta"][k]
        squares = np.einsum("ni,ij,nj->n", X - m, W[k], X - m)
        total += 0.5 * r @ (log_det[k] - d / b - n * squares - d * math.log(2 * math.pi))
        total += r.sum() * log_pi[k]
        off = m - m0
        total += 0.5 * (d * math.log(beta0 / (2 * math.pi)) + log_det[k] - d * beta0 / b - beta0 * n * off @ W[k] @ off)
        total += log_B(W0, nu0) + (nu0 - d - 1) / 2 * log_det[k] - 0.5 * n * np.trace(W0_inv @ W[k])
        entropy = -log_B(W[k], n) - (n - d - 1) / 2 * log_det[k] + n * d / 2
        total -= 0.5 * log_det[k] + d / 2 * math.log(b / (2 * math.pi)) - d / 2 - entropy
    total += log_C(np.full(K, alpha0)) + (alpha0 - 1) * log_pi.sum()
    total -= special.xlogy(R, R).sum() + (q["alpha"] - 1) @ log_pi + log_C(q["alpha"])
    return total


def state_of(model):
    W_inv = model.scale_inv_chol_ @ np.swapaxes(model.scale_inv_chol_, 1, 2)
    return {"alpha": model.alpha_, "beta": model.beta_, "nu": model.nu_, "m": model.means_, "W_inv": W_inv}


PRIORS = [(1.0, 1.0, 4.0), (0.3, 2.5, 3.2), (5.0, 0.1, 11.0)]


@pytest.mark.parametrize("prior", PRIORS)
def test_updates_and_bound_are_the_textbook_ones(prior):
    rng = np.random.default_rng(14)
    X = rng.normal(0, 2, (40, 3)) + 5
    A = rng.standard_normal((3, 3))
    m0, W0_inv = np.array([4.0, 5, 6]), A @ A.T + np.eye(3)
    R = rng.dirichlet(np.ones(4), 40)
    given = {"covariance_prior": W0_inv, "mean_prior": m0, "dof_prior": prior[2]}
    model = vi.VariationalGaussianMixture(4, prior[0], prior[1], tol=0, max_iter=1, **given)
    with pytest.warns(RuntimeWarning, match="still grew after 1 sweeps"):
        model.fit(X, resp=R)
    q = textbook(X, R, *prior, m0, W0_inv)
    for name, value in state_of(model).items():
        np.testing.assert_allclose(value, q[name], rtol=1e-10)
    assert model.elbo_ == pytest.approx(seven_terms(X, R, q, *prior, m0, W0_inv), rel=1e-11)
    assert np.all(np.diagonal(model.scale_inv_chol_, axis1=1, axis2=2) > 0)
    # no other factor does better: neither parameters' nor labels'
    for _ in range(60):
        worse = {name: value.copy() for name, value in q.items()}
        name = rng.choice(list(q))
        worse[name] = worse[name] * (
            1 + 0.02 * rng.random(worse[name].shape[:1]).reshape(-1, *[1] * (worse[name].ndim - 1))
        )
        assert seven_terms(X, R, worse, *prior, m0, W0_inv) < model.elbo_
    best = model.predict_proba(X)
    top = seven_terms(X, best, q, *prior, m0, W0_inv)
    assert top > model.elbo_
    for _ in range(40):
        mixed = 0.97 * best + 0.03 * rng.dirichlet(np.ones(4), 40)
        assert seven_terms(X, mixed, q, *prior, m0, W0_inv) < top


def test_a_single_component_is_exact():
    rng = np.random.default_rng(2)
    X = rng.standard_normal((12, 2)) @ np.array([[1, 0.4], [0, 2]]) + 3
    prior = {"covariance_prior": np.eye(2) * 1.3, "mean_prior": [1.0, 2.0], "dof_prior": 2.5}
    whole = vi.VariationalGaussianMixture(1, 1.0, 0.7, **prior).fit(X).elbo_
    chain = 0.0  # p(x₁)p(x₂ | x₁)…, each a Student density
    scale, m, beta, nu = np.eye(2) * 1.3, np.array([1.0, 2.0]), 0.7, 2.5
    for x in X:
        freedom = nu - 1
        chain += stats.multivariate_t(m, scale * (1 + beta) / (beta * freedom), df=freedom).logpdf(x)
        scale = scale + beta / (beta + 1) * np.outer(x - m, x - m)
        m, beta, nu = (beta * m + x) / (beta + 1), beta + 1, nu + 1
    assert whole == pytest.approx(chain, rel=1e-11)


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn_from_the_same_start(seed):
    K = 3
    theirs = BayesianGaussianMixture(
        n_components=K,
        weight_concentration_prior_type="dirichlet_distribution",
        weight_concentration_prior=1.0,
        mean_precision_prior=1.0,
        mean_prior=IRIS.mean(axis=0),
        degrees_of_freedom_prior=4,
        covariance_prior=np.cov(IRIS.T),
        reg_covar=0,
        tol=1e-12,
        max_iter=5000,
        random_state=seed,
    ).fit(IRIS)
    labels = KMeans(K, n_init=1, random_state=np.random.RandomState(seed)).fit(IRIS).labels_
    ours = vi.VariationalGaussianMixture(K, tol=1e-14, max_iter=5000).fit(IRIS, resp=np.eye(K)[labels])
    np.testing.assert_allclose(ours.alpha_, theirs.weight_concentration_, atol=1e-4)
    np.testing.assert_allclose(np.sort(ours.alpha_), [29.4578, 51.0011, 72.5411], atol=1e-4)
    np.testing.assert_allclose(ours.beta_, theirs.mean_precision_, atol=1e-4)
    np.testing.assert_allclose(ours.nu_, theirs.degrees_of_freedom_, atol=1e-4)
    np.testing.assert_allclose(ours.means_, theirs.means_, atol=1e-5)
    scale = state_of(ours)["W_inv"] / ours.nu_[:, None, None]
    np.testing.assert_allclose(scale, theirs.covariances_, atol=1e-5)
    np.testing.assert_allclose(ours.predict_proba(IRIS), theirs.predict_proba(IRIS), atol=1e-5)
    np.testing.assert_array_equal(ours.predict(IRIS), theirs.predict(IRIS))
    assert ours.elbo_ == pytest.approx(-334.1176, abs=1e-4)


def test_iris_numbers():
    for K, elbo in ((1, -415.8433), (2, -325.2150)):
        model = vi.VariationalGaussianMixture(K, tol=1e-11, max_iter=5000, n_init=3).fit(IRIS)
        np.testing.assert_allclose(model.elbo_starts_, elbo, atol=1e-4)
        assert np.all(np.diff(model.elbo_path_) >= -1e-9)
    symmetric = vi.VariationalGaussianMixture(3).fit(IRIS, resp=np.full((150, 3), 1 / 3))
    assert symmetric.elbo_ == pytest.approx(-469.005794, abs=1e-6)
    np.testing.assert_allclose(symmetric.means_, np.tile(IRIS.mean(axis=0), (3, 1)))


def fitted(X, **given):
    given = {"n_components": 2, "n_init": 2, "tol": 1e-12, "max_iter": 5000} | given
    return vi.VariationalGaussianMixture(**given).fit(X)


def two_clouds(seed, N=40):
    rng = np.random.default_rng(seed)
    return (rng.integers(-2048, 2048, (2 * N, 2)) + np.repeat([[0, 0], [6144, 2048]], N, axis=0)) / 1024


@examples
@given(seeds, st.sampled_from([1e-9, 1.0, 1e9]), st.sampled_from([0.0, 2.0**27, -1.7e9]))
def test_units_and_the_place_of_zero_do_not_matter(seed, unit, shift):
    X = two_clouds(seed)
    scale, to = np.array([unit, 3.0]), np.array([shift, 0])
    moved = (X + to) * scale
    here, there = fitted(X), fitted(moved)
    np.testing.assert_allclose(there.alpha_, here.alpha_, rtol=1e-6)
    np.testing.assert_allclose(there.means_ / scale - to, here.means_, atol=1e-6 + 1e-15 * abs(shift))
    assert there.elbo_ + 80 * np.log(scale).sum() == pytest.approx(here.elbo_, abs=1e-5)
    R = here.predict_proba(X)
    np.testing.assert_allclose(there.predict_proba(moved), R, atol=1e-6)
    sums = there.score_samples(moved) + np.log(scale).sum()
    np.testing.assert_allclose(sums, here.score_samples(X), atol=1e-6)


def test_order_of_rows_and_of_components_does_not_matter():
    X, order = two_clouds(5), np.random.default_rng(1).permutation(80)
    R = np.random.default_rng(2).dirichlet([1, 1, 1], 80)
    first, second = (
        vi.VariationalGaussianMixture(3, tol=1e-12, max_iter=3000).fit(Y, resp=S)
        for Y, S in ((X, R), (X[order], R[order][:, [2, 0, 1]]))
    )
    np.testing.assert_allclose(second.alpha_, first.alpha_[[2, 0, 1]], rtol=1e-7)
    assert second.elbo_ == pytest.approx(first.elbo_, abs=1e-8)


def test_hard_data():
    X = two_clouds(1)
    stamps = X + 1.7e9
    np.testing.assert_allclose(fitted(stamps).alpha_, fitted(X).alpha_, rtol=1e-6)
    twice = fitted(np.vstack([X, X]))
    assert np.isfinite(twice.elbo_)
    R = np.zeros((80, 3))
    R[:, 0] = 1  # two components without a sample
    model = vi.VariationalGaussianMixture(3, max_iter=1)
    with pytest.warns(RuntimeWarning, match="still grew"):
        model.fit(X, resp=R)
    np.testing.assert_array_equal(model.alpha_, [81, 1, 1])
    np.testing.assert_allclose(model.means_[1], X.mean(axis=0))
    single = vi.VariationalGaussianMixture(2, covariance_prior=np.eye(2)).fit(X[:1])
    assert np.isfinite(single.elbo_)
    flat = np.column_stack([X[:, 0], np.full(80, 3.0)])  # a constant column needs a prior of its own
    with pytest.raises(ValueError, match="covariance_prior must be given: the sample covariance must be positive"):
        fitted(flat)
    np.testing.assert_array_equal(np.isfinite(fitted(flat, covariance_prior=np.eye(2)).score_samples(flat)), True)
    line = np.column_stack([X[:, 0], 2 * X[:, 0] + 1])
    with pytest.raises(ValueError, match="direction without spread"):
        fitted(line)
    tiny = fitted(line, covariance_prior=1e-20 * np.eye(2))  # the spread across the line is far below rounding
    assert np.isfinite(tiny.elbo_)
    with pytest.raises(ValueError, match="the sample covariance must be positive"):
        fitted(X[:2])
    with pytest.raises(ValueError, match="the sample covariance must be positive"):
        fitted(X[:1])
    same = vi.VariationalGaussianMixture(5, covariance_prior=np.eye(2)).fit(np.ones((6, 2)))
    assert same.alpha_.sum() == pytest.approx(11)
    many = vi.VariationalGaussianMixture(5, covariance_prior=np.eye(2)).fit(X[:3])
    assert many.alpha_.sum() == pytest.approx(8)


def test_a_determinant_that_a_floor_would_spoil():
    """Plane clusters in small units: |W| is 6e-14 and 5e-17, and a floor of 1e-10 costs eleven points of accuracy."""
    rng = np.random.default_rng(0)
    X = np.vstack([rng.normal(0, 100, (400, 2)), rng.normal(0, 600, (400, 2))])
    X[400:, 0] += 900
    truth = np.repeat([0, 1], 400)
    model = vi.VariationalGaussianMixture(2, dof_prior=2, covariance_prior=np.eye(2), max_iter=1)
    with pytest.warns(RuntimeWarning, match="still grew"):
        model.fit(X, resp=np.eye(2)[truth])
    determinant = np.prod(np.diagonal(model.scale_inv_chol_, axis1=1, axis2=2), axis=1) ** -2.0
    np.testing.assert_allclose(determinant, [5.951e-14, 5.410e-17], rtol=1e-3)
    assert np.mean(model.predict(X) == truth) == 0.97625


def test_the_predictive_density():
    X = np.array([-2.0, -1.5, -1, 1, 2, 3])[:, None]
    model = fitted(X, n_components=2)
    total = integrate.quad(lambda x: np.exp(model.score_samples([[x]])[0]), -np.inf, np.inf, epsabs=1e-12)[0]
    assert total == pytest.approx(1, abs=1e-9)
    model = fitted(two_clouds(3))
    Y = np.random.default_rng(0).normal(2, 3, (9, 2))
    mixed = np.zeros(9)
    for weight, m, L, b, n in zip(
        model.weights_, model.means_, model.scale_inv_chol_, model.beta_, model.nu_, strict=True
    ):
        freedom = n - 1
        mixed += weight * stats.multivariate_t(m, L @ L.T * (1 + b) / (b * freedom), df=freedom).pdf(Y)
    np.testing.assert_allclose(model.score_samples(Y), np.log(mixed), rtol=1e-10)


def test_starts_and_stops():
    X = np.random.default_rng(8).standard_normal((80, 2))
    model = vi.VariationalGaussianMixture(5, n_init=6, random_state=3)
    assert model.fit(X).elbo_ == model.elbo_path_[-1]
    good_enough = model.elbo_starts_ >= model.elbo_starts_.max() - 1e-6 * 80
    assert model.elbo_ == model.elbo_starts_[np.argmax(good_enough)]
    assert len(model.elbo_starts_) == 6
    assert len(set(model.elbo_starts_.round(6))) > 1
    assert model.elbo_ == clone(model).fit(X).elbo_
    assert model.n_iter_ == len(model.elbo_path_) > 1 and model.converged_
    assert repr(clone(model)) == "VariationalGaussianMixture(n_components=5, n_init=6, random_state=3)"
    gains = np.diff(model.elbo_path_)
    assert np.all(gains[:-1] > 1e-8 * 80) and gains[-1] <= 1e-8 * 80
    with pytest.warns(RuntimeWarning, match="still grew after 2 sweeps: raise max_iter, or tol") as caught:
        vi.VariationalGaussianMixture(3, max_iter=2, tol=0).fit(X)
    assert len(caught) == 1 and caught[0].filename == __file__
    np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1)
    np.testing.assert_array_equal(model.predict(X), model.predict_proba(X).argmax(axis=1))
    equal = vi.VariationalGaussianMixture(2).fit(X, resp=np.full((80, 2), 0.5))
    np.testing.assert_array_equal(equal.predict(X), 0)


def test_seeds_are_spread():
    """Far clusters each get a seed, nearly always: K-means++ draws by squared distance."""
    X = np.repeat(np.array([[0.0, 0], [100, 0], [0, 100], [100, 100]]), 5, axis=0) + np.arange(20)[:, None] % 5 * 0.01
    hits = [len(set(vi._seeded_labels(X, 4, np.random.default_rng(s))[::5])) == 4 for s in range(40)]
    assert np.mean(hits) > 0.9


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"n_components": 0}, "n_components must be at least 1"),
        ({"n_components": 2.5}, "n_components must be an integer"),
        ({"weight_prior": 0}, "weight_prior must be positive"),
        ({"mean_precision_prior": -1}, "mean_precision_prior must be positive"),
        ({"dof_prior": 1}, "dof_prior must exceed d - 1 = 1: got 1"),
        ({"covariance_prior": np.eye(3)}, r"covariance_prior must have shape \(2, 2\)"),
        ({"covariance_prior": [[1, 2], [2, 1]]}, "covariance_prior must be positive definite"),
        ({"covariance_prior": [[1, 0], [1, 1]]}, "covariance_prior must be symmetric"),
        ({"covariance_prior": -np.eye(2)}, "covariance_prior must be positive definite"),
        ({"mean_prior": [0.0]}, "mean_prior must have 2 entries: got 1"),
        ({"n_init": 0}, "n_init must be at least 1"),
        ({"max_iter": 0}, "max_iter must be at least 1"),
        ({"tol": -1}, "tol must be non-negative"),
        ({"random_state": None}, "random_state must be an integer"),
    ],
)
def test_bad_mixtures(given, words):
    with pytest.raises(ValueError, match=words):
        fitted(two_clouds(0), **given)


def test_bad_data_for_a_mixture():
    X = two_clouds(0)
    with pytest.raises(ValueError, match="X contains NaN or infinity"):
        fitted(np.where(X > 5, np.nan, X))
    with pytest.raises(ValueError, match="X must be 2-dimensional"):
        fitted(X[:, 0])
    for resp in (np.ones((80, 2)), np.ones((80, 1)), np.tile([1.5, -0.5], (80, 1))):
        with pytest.raises(ValueError, match=r"resp must have shape \(80, 2\), and rows that are laws"):
            vi.VariationalGaussianMixture(2).fit(X, resp=resp)
    with pytest.raises(ValueError, match="not fitted"):
        vi.VariationalGaussianMixture(2).predict(X)
    with pytest.raises(ValueError, match="must have 2 features: got 1"):
        fitted(X).predict(X[:, :1])


# Topics


def corpus(seed, D=20, V=12, K=3, words=60):
    rng = np.random.default_rng(seed)
    topics = rng.dirichlet(np.full(V, 0.2), K)
    return np.array([rng.multinomial(words, rng.dirichlet(np.full(K, 0.3)) @ topics) for _ in range(D)]), topics


def clear_corpus(seed, D, words):
    """Three topics, each with four words of its own."""
    rng = np.random.default_rng(seed)
    topics = 0.1 / 12 + 0.9 * np.repeat(np.eye(3), 4, axis=1) * rng.dirichlet(np.full(4, 2.0), 3).reshape(1, 12)
    topics = topics / topics.sum(axis=1, keepdims=True)
    return np.array([rng.multinomial(words, rng.dirichlet(np.full(3, 0.3)) @ topics) for _ in range(D)]), topics


def token_bound(counts, gamma, lam, alpha, eta):
    """The bound with each token's φ at its optimum, token by token and law by law."""
    log_theta = special.digamma(gamma) - special.digamma(gamma.sum(axis=1, keepdims=True))
    log_beta = special.digamma(lam) - special.digamma(lam.sum(axis=1, keepdims=True))
    total = 0.0
    for d, w in np.argwhere(counts):
        total += counts[d, w] * special.logsumexp(log_theta[d] + log_beta[:, w])
    for laws, logs, prior in ((gamma, log_theta, alpha), (lam, log_beta, eta)):
        for law, log_mean in zip(laws, logs, strict=True):
            flat = np.full(len(law), prior)
            total += special.gammaln(flat.sum()) - special.gammaln(flat).sum() + (flat - 1) @ log_mean
            total -= special.gammaln(law.sum()) - special.gammaln(law).sum() + (law - 1) @ log_mean
    return total


@pytest.mark.parametrize(("alpha", "eta"), [(0.1, 0.1), (1.0, 0.5), (1e-3, 1e-3), (1e-4, 2.0)])
def test_topics_reach_a_fixed_point_by_a_bound_that_never_falls(alpha, eta):
    counts, _ = corpus(4)
    model = vi.LDA(3, alpha, eta, max_iter=3000, tol=1e-12).fit(counts)
    assert np.all(np.diff(model.bound_path_) >= -1e-8)
    bound = token_bound(counts, model.gamma_, model.lambda_, alpha, eta)
    assert model.bound_ == pytest.approx(bound, rel=1e-10)
    phi = np.empty((*counts.shape, 3))
    for d, w in itertools.product(range(20), range(12)):
        logs = special.digamma(model.gamma_[d]) + special.digamma(model.lambda_[:, w])
        phi[d, w] = special.softmax(logs - special.digamma(model.lambda_.sum(axis=1)))
    weighted = counts[:, :, None] * phi
    np.testing.assert_allclose(alpha + weighted.sum(axis=1), model.gamma_, atol=2e-3)
    np.testing.assert_allclose(eta + weighted.sum(axis=0).T, model.lambda_, atol=2e-3)
    assert model.gamma_.sum() == pytest.approx(counts.sum() + 60 * alpha)
    assert model.lambda_.sum() == pytest.approx(counts.sum() + 36 * eta)
    np.testing.assert_allclose(model.topic_word_.sum(axis=1), 1)


@pytest.mark.parametrize("seed", range(2))
def test_agrees_with_scikit_learn_on_topics(seed):
    counts, _ = corpus(seed)
    theirs = LatentDirichletAllocation(
        3,
        doc_topic_prior=0.4,
        topic_word_prior=0.2,
        learning_method="batch",
        max_iter=400,
        mean_change_tol=1e-9,
        max_doc_update_iter=1000,
        evaluate_every=0,
        random_state=seed,
    ).fit(counts)
    again = vi.svi_step(theirs.components_, counts, 20, 0.4, 0.2, 1.0)
    np.testing.assert_allclose(again, theirs.components_, atol=2e-4)
    ours = vi.LDA(3, 0.4, 0.2)
    ours.lambda_ = theirs.components_
    np.testing.assert_allclose(ours.transform(counts), theirs.transform(counts), atol=1e-8)


def test_topics_are_found():
    counts, topics = clear_corpus(7, 200, 200)
    model = vi.LDA(3, 0.3, 0.2, random_state=1).fit(counts)
    off = np.abs(model.topic_word_[:, None] - topics).sum(axis=2) / 2
    assert sorted(off.argmin(axis=1)) == [0, 1, 2]
    assert off.min(axis=1).max() < 0.06


def test_a_step_on_a_batch():
    counts, _ = corpus(2)
    lam = np.random.default_rng(0).gamma(100, 0.01, (3, 12))
    full = vi.svi_step(lam, counts, 20, 0.3, 0.2, 1.0)
    np.testing.assert_array_equal(vi.svi_step(lam, counts, 20, 0.3, 0.2, 0.0), lam)
    np.testing.assert_allclose(vi.svi_step(lam, counts, 20, 0.3, 0.2, 0.25), 0.75 * lam + 0.25 * full)
    halves = [vi.svi_step(lam, part, 20, 0.3, 0.2, 1.0) for part in (counts[:10], counts[10:])]
    np.testing.assert_allclose(np.mean(halves, axis=0), full, rtol=1e-4)  # each half stands for the whole


def test_noisy_steps_reach_the_batch_bound():
    counts, _ = clear_corpus(2, 60, 50)
    rng = np.random.default_rng(0)
    lam = rng.gamma(100, 0.01, (3, 12))
    for t in range(200):
        lam = vi.svi_step(lam, counts[rng.choice(60, 10, replace=False)], 60, 0.3, 0.2, (t + 10) ** -0.7)
    gamma = vi._documents(counts, lam, 0.3, np.full((60, 3), 17.0), max_iter=1000, tol=1e-10)
    batch = vi.LDA(3, 0.3, 0.2).fit(counts).bound_
    assert 1.01 * batch < token_bound(counts, gamma, lam, 0.3, 0.2) < 0.999 * batch  # bounds are negative


def test_empty_documents_and_unused_words():
    counts, _ = corpus(3)
    counts[4], counts[:, 7] = 0, 0
    model = vi.LDA(2, 0.3, 0.2).fit(counts)
    np.testing.assert_allclose(model.gamma_[4], 0.3)
    np.testing.assert_allclose(model.lambda_[:, 7], 0.2)
    np.testing.assert_allclose(model.transform(counts)[4], 0.5)
    np.testing.assert_array_equal(model.predict(counts), model.transform(counts).argmax(axis=1))
    assert model.predict(counts)[4] == 0
    assert set(model.predict(counts)) == {0, 1}
    one = vi.LDA(1, 0.3, 0.2).fit(counts)
    np.testing.assert_allclose(one.lambda_[0], 0.2 + counts.sum(axis=0))
    nothing = vi.LDA(2).fit(np.zeros((3, 4)))
    assert nothing.bound_ == pytest.approx(0, abs=1e-12)


def test_factors_that_vanish_where_the_other_is_large():
    """exp(−1000) underflows in either factor, and the sum over topics must not become 0."""
    counts = np.array([[3.0, 2.0]])
    log_theta, log_beta = np.array([[0.0, -1000.0]]), np.array([[-1000.0, -900.0], [0.0, -1.0]])
    words = vi._assign(counts, log_theta, log_beta)
    phi = special.softmax(log_theta[0][:, None] + log_beta, axis=0)
    np.testing.assert_allclose(words.by_topic[0], phi @ counts[0])
    np.testing.assert_allclose(words.by_word, phi * counts[0])
    assert words.log_norm == pytest.approx(counts[0] @ special.logsumexp(log_theta[0][:, None] + log_beta, axis=0))


@pytest.mark.parametrize(
    ("counts", "given", "words"),
    [
        ([[1, -1]], {}, "counts must be non-negative integers: got"),
        ([[1.5, 1]], {}, "counts must be non-negative integers: got"),
        ([[np.nan, 1]], {}, "counts contains NaN"),
        ([1, 2], {}, "counts must be 2-dimensional"),
        ([[1, 2]], {"n_topics": 0}, "n_topics must be at least 1"),
        ([[1, 2]], {"alpha": 0}, "alpha must be positive"),
        ([[1, 2]], {"eta": -1.0}, "eta must be positive"),
        ([[1, 2]], {"max_iter": 0}, "max_iter must be at least 1"),
        ([[1, 2]], {"tol": -1}, "tol must be non-negative"),
    ],
)
def test_bad_corpora(counts, given, words):
    with pytest.raises(ValueError, match=words):
        vi.LDA(**given).fit(counts)


def test_bad_steps_and_unfitted_topics():
    counts, _ = corpus(0)
    lam = np.ones((3, 12))
    for arguments, words in (
        ((lam[:, :5], counts, 20, 0.1, 0.1, 1.0), "counts must have 5 features"),
        ((0 * lam, counts, 20, 0.1, 0.1, 1.0), "lam must be positive"),
        ((-lam, counts, 20, 0.1, 0.1, 1.0), "lam must be positive"),
        ((lam, counts, 0, 0.1, 0.1, 1.0), "n_docs must be at least 1"),
        ((lam, counts, 20, 0, 0.1, 1.0), "alpha must be positive"),
        ((lam, counts, 20, 0.1, 0, 1.0), "eta must be positive"),
        ((lam, counts, 20, 0.1, 0.1, 1.5), r"step must lie in \[0.0, 1\]|step must lie in \[0, 1\]"),
    ):
        with pytest.raises(ValueError, match=words):
            vi.svi_step(*arguments)
    with pytest.raises(ValueError, match="not fitted"):
        vi.LDA().transform(counts)
    with pytest.warns(RuntimeWarning, match="still grew after 1 sweeps") as caught:
        model = vi.LDA(3, max_iter=1).fit(counts)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert not model.converged_ and model.n_iter_ == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert vi.LDA(3).fit(counts).converged_
    with pytest.raises(ValueError, match="counts must have 12 features: got 3"):
        vi.LDA(3).fit(counts).transform(counts[:, :3])
