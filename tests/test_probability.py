"""Densities, tests and intervals against scipy, statsmodels and scikit-learn; Bayes' rules by quadrature and sums."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import special, stats
from scipy.integrate import quad
from scipy.stats import multivariate_normal
from sklearn.covariance import EmpiricalCovariance
from sklearn.linear_model import Ridge
from sklearn.metrics import mutual_info_score
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

from mlderived import probability as pr
from mlderived.datasets import load_breast_cancer
from mlderived.probability import linear_gaussian_posterior, log_pdf_mvn
from mlderived.resampling import bootstrap
from mlderived.validation import check_number

sizes = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))
seeds = st.integers(0, 2**32 - 1)
few = settings(deadline=None, derandomize=True, max_examples=40)


def covariance(rng, d):
    A = rng.standard_normal((d, d))
    return A @ A.T + 0.1 * np.eye(d)


def close(got, expected, rtol=1e-10, atol=1e-14):
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=atol)


# Bayes' rule ------------------------------------------------------------------------------------------


def test_predictive_values():
    close(pr.predictive_value(0.01, 0.99, 0.95), (1 / 6, 0.99 * 0.95 / (0.99 * 0.95 + 0.01 * 0.01)))
    close(pr.predictive_value(0.3, 0.8, 0.2), (0.3, 0.7))


@few
@given(seeds)
def test_posterior_by_plain_products_and_sequentially(seed):
    rng = np.random.default_rng(seed)
    prior, likelihood = rng.dirichlet(np.ones(4)), rng.uniform(0, 2, (4, 5))
    joint = prior * likelihood.prod(axis=1)
    close(pr.bayes_posterior(prior, likelihood), joint / joint.sum())
    step = prior
    for column in likelihood.T:
        step = pr.bayes_posterior(step, column)
    close(step, joint / joint.sum())


def test_posterior_does_not_underflow_and_honours_zeros():
    tiny = np.column_stack([np.full((2, 2000), 1e-3)])
    tiny[1] *= 2 ** (1 / 2000)
    close(pr.bayes_posterior([0.5, 0.5], tiny), [1 / 3, 2 / 3], rtol=1e-9)
    close(pr.bayes_posterior([0.5, 0.5, 0.0], [0.0, 0.3, 0.9]), [0, 1, 0])


# Densities --------------------------------------------------------------------------------------------


@few
@given(seeds)
def test_log_densities_agree_with_scipy(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.3, 9, 2)
    p, n, x = rng.uniform(0.01, 0.99), int(rng.integers(1, 200)), rng.uniform(-1, 6, 30)
    k = np.arange(-1, n + 2)
    on_unit = rng.uniform(-0.2, 1.2, 30)
    pairs = [
        (pr.log_pmf_bernoulli([-1, 0, 1, 2], p), stats.bernoulli.logpmf([-1, 0, 1, 2], p)),
        (pr.log_pmf_binomial(k, n, p), stats.binom.logpmf(k, n, p)),
        (pr.log_pmf_poisson(k, a), stats.poisson.logpmf(k, a)),
        (pr.log_pdf_normal(x, a, b), stats.norm.logpdf(x, a, np.sqrt(b))),
        (pr.log_pdf_exponential(x, a), stats.expon.logpdf(x, scale=1 / a)),
        (pr.log_pdf_gamma(x, a, b), stats.gamma.logpdf(x, a, scale=1 / b)),
        (pr.log_pdf_beta(on_unit, a, b), stats.beta.logpdf(on_unit, a, b)),
        (pr.log_pdf_student_t(x, a, 0.3, b), stats.t.logpdf(x, a, 0.3, b)),
    ]
    for got, expected in pairs:
        close(got, expected, atol=1e-10)
    alpha, points = rng.uniform(0.3, 5, 3), rng.dirichlet([2, 2, 2], 4)
    close(pr.log_pdf_dirichlet(points, alpha), stats.dirichlet.logpdf(points.T, alpha), atol=1e-10)


def test_densities_at_and_beyond_the_edges():
    assert pr.log_pmf_binomial(0.5, 3, 0.5) == pr.log_pmf_poisson(1.5, 1) == -np.inf
    assert pr.log_pmf_binomial(3, 3, 1.0) == 0 and pr.log_pmf_binomial(2, 3, 1.0) == -np.inf
    assert pr.log_pmf_poisson(0, 2.0) == -2 and pr.log_pdf_exponential(0, 2.0) == np.log(2)
    assert pr.log_pdf_gamma(0, 1, 1) == pr.log_pdf_beta(0, 1, 1) == pr.log_pdf_beta(1, 1, 1) == -np.inf
    off = [[0.5, 0.4, 0.2], [1.0, 0.0, 0.0], [-0.5, 0.5, 1.0], [0.2, 0.3, 0.5]]
    assert pr.log_pdf_dirichlet(off, [1, 1, 1]).tolist() == [-np.inf] * 3 + [pytest.approx(np.log(2))]
    close(pr.log_pmf_binomial([1, 2], [3, 4], 0.5), np.log([3 / 8, 6 / 16]))


@few
@given(sizes)
def test_log_density_agrees_with_scipy(size):
    d, N, seed = size
    rng = np.random.default_rng(seed)
    mean, cov, X = rng.standard_normal(d), covariance(rng, d), rng.standard_normal((N, d))
    expected = np.atleast_1d(multivariate_normal(mean, cov).logpdf(X))
    close(log_pdf_mvn(X, mean, cov), expected, atol=1e-10)


# Gaussians --------------------------------------------------------------------------------------------


@few
@given(st.integers(2, 5), seeds)
def test_conditional_times_marginal_is_the_joint(d, seed):
    rng = np.random.default_rng(seed)
    mean, cov, x = rng.standard_normal(d), covariance(rng, d), rng.standard_normal(d)
    idx = rng.permutation(d)[: rng.integers(1, d)]
    rest = np.setdiff1d(np.arange(d), idx)
    conditional = pr.gaussian_condition(mean, cov, idx, x[idx])
    marginal = pr.gaussian_marginal(mean, cov, idx)
    parts = log_pdf_mvn(x[None, rest], *conditional) + log_pdf_mvn(x[None, idx], *marginal)
    close(parts, log_pdf_mvn(x[None], mean, cov), atol=1e-10)


@few
@given(sizes)
def test_posterior_is_the_conditional_of_the_joint_gaussian(size):
    d, m, seed = size
    rng = np.random.default_rng(seed)
    mu, P, R = rng.standard_normal(d), covariance(rng, d), covariance(rng, m)
    A, b, y = rng.standard_normal((m, d)), rng.standard_normal(m), rng.standard_normal(m)
    mean, cov = linear_gaussian_posterior(mu, P, A, b, R, y)
    gain = np.linalg.solve(A @ P @ A.T + R, A @ P).T
    np.testing.assert_allclose(mean, mu + gain @ (y - A @ mu - b), rtol=1e-8, atol=1e-9)
    np.testing.assert_allclose(cov, P - gain @ A @ P, atol=1e-10 * (1 + np.abs(P).max()))
    np.testing.assert_array_equal(cov, cov.T)


def test_two_halves_of_the_data_in_turn_equal_all_at_once():
    rng = np.random.default_rng(0)
    mu, P, A, b, y = np.ones(3), covariance(rng, 3), rng.standard_normal((8, 3)), np.zeros(8), rng.standard_normal(8)
    R = np.diag(rng.uniform(0.5, 2, 8))
    first = linear_gaussian_posterior(mu, P, A[:4], b[:4], R[:4, :4], y[:4])
    both = linear_gaussian_posterior(*first, A[4:], b[4:], R[4:, 4:], y[4:])
    for got, expected in zip(both, linear_gaussian_posterior(mu, P, A, b, R, y), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-11)


def test_posterior_mean_is_ridge():
    rng = np.random.default_rng(1)
    A, y, sigma2, tau2 = rng.standard_normal((30, 4)), rng.standard_normal(30), 0.7, 2.5
    mean, _ = linear_gaussian_posterior(np.zeros(4), tau2 * np.eye(4), A, np.zeros(30), sigma2 * np.eye(30), y)
    ridge = Ridge(alpha=sigma2 / tau2, fit_intercept=False, tol=1e-12).fit(A, y)
    np.testing.assert_allclose(mean, ridge.coef_, rtol=1e-8)


def test_symmetry_is_asked_for_up_to_rounding():
    cov = np.array([[1.0, 0.5], [0.5 * (1 + 1e-12), 1.0]])
    assert log_pdf_mvn([[0.0, 0.0]], [0.0, 0.0], cov)[0] == pytest.approx(-np.log(2 * np.pi * np.sqrt(0.75)))
    cov[1, 0] = 0.5 * (1 + 1e-6)
    with pytest.raises(ValueError, match="covariance must be symmetric"):
        log_pdf_mvn([[0.0, 0.0]], [0.0, 0.0], cov)


# Bounds -----------------------------------------------------------------------------------------------


@few
@given(st.integers(1, 300), st.floats(0.02, 0.98), st.floats(0.01, 0.9))
def test_the_ladder_of_binomial_bounds(n, p, t):
    tail = stats.binom.sf(np.ceil(n * (p + t) - 1e-9) - 1, n, p)
    kl = pr.bernoulli_kl_bound(n, p, t)
    others = [
        pr.hoeffding_bound(n, t, two_sided=False),
        pr.bernstein_bound(n, t, p * (1 - p), 1 - p, two_sided=False),
    ]
    assert tail <= kl * (1 + 1e-9)
    if p + t <= 1:
        assert kl <= min(others) * (1 + 1e-12)


def test_values_of_the_bounds():
    close(pr.markov_bound([1, 4], 2), [0.5, 1])
    close(pr.markov_bound(4, 2, cap=False), 2)
    close(pr.chebyshev_bound(0.0025, 0.1), 0.25)
    close(pr.chebyshev_bound(1, [0.5, 2]), [1, 0.25])
    close(pr.hoeffding_bound(100, 0.1), 2 * np.exp(-2))
    close(pr.hoeffding_bound(100, 0.3, -1, 2, two_sided=False), np.exp(-2))
    close(pr.hoeffding_bound(1000, 0.01), 1)
    close(pr.hoeffding_bound(1000, 0.01, cap=False), 2 * np.exp(-0.2))
    close(pr.bernstein_bound(100, 0.1, 0.25, 0.5), 2 * np.exp(-1 / (0.5 + 0.1 / 3)))
    close(pr.bernstein_bound(100, 0.1, 0.25, 0.5, two_sided=False), np.exp(-1 / (0.5 + 0.1 / 3)))
    close(pr.bernstein_bound(1, 0.1, 1, 1, cap=False), 2 * np.exp(-0.01 / (2 + 0.2 / 3)))
    close(pr.bernoulli_kl_bound(7, 0.3, [0.2, 0.7, 0.8]), [(0.3 / 0.5 * 0.7 / 0.5) ** 3.5, 0.3**7, 0])
    close(pr.bernoulli_kl_bound(7, 0.3, 0.7 + 1e-13), 0.3**7)  # p + t = 1 up to rounding
    close(pr.mcdiarmid_bound([1, 2], 3), np.exp(-18 / 5))
    assert pr.hoeffding_sample_size(0.05, 0.05) == 738
    n = pr.hoeffding_sample_size(0.1, 0.01)
    assert pr.hoeffding_bound(n, 0.1) <= 0.01 < pr.hoeffding_bound(n - 1, 0.1)


# Moments and estimates --------------------------------------------------------------------------------


def test_running_moments():
    rng = np.random.default_rng(3)
    x = rng.standard_normal(50)
    close(pr.running_moments(x), (x.mean(), x.var(ddof=1)))
    far = 1e9 + rng.standard_normal(1000)
    close(pr.running_moments(far)[1], np.var(far - 1e9, ddof=1), rtol=1e-6)


def test_total_variation_by_enumeration():
    for n, lam in ((10, 3.0), (3, 3.0), (50, 0.4)):
        k = np.arange(400)
        gaps = np.abs(stats.binom.pmf(k, n, lam / n) - stats.poisson.pmf(k, lam))
        close(pr.bin_poisson_tv(n, lam), gaps.sum() / 2)
        assert pr.bin_poisson_tv(n, lam) <= lam**2 / n


def test_estimates():
    rng = np.random.default_rng(3)
    x, X = rng.gamma(2, 3, 40), load_breast_cancer().X[:, :5]
    assert (
        pr.fit_bernoulli([0, 1, 1, 0, 1]) == 0.6 and pr.fit_poisson([3, 5, 4]) == 4 and pr.fit_uniform([1, 3, 2]) == 3
    )
    close(pr.fit_exponential(x), 1 / stats.expon.fit(x, floc=0)[1])
    close(pr.fit_normal(x), (stats.norm.fit(x)[0], stats.norm.fit(x)[1] ** 2))
    close(pr.fit_normal(x, ddof=1), (x.mean(), x.var(ddof=1)))
    assert pr.fit_normal([2.0]) == (2.0, 0.0)
    reference = EmpiricalCovariance().fit(X)
    close(pr.fit_mvn(X)[0], reference.location_, rtol=1e-12)
    close(pr.fit_mvn(X)[1], reference.covariance_, rtol=1e-12, atol=1e-12 * np.abs(reference.covariance_).max())


LOG_DENSITIES = {
    "bernoulli": (0.3, np.arange(2), pr.log_pmf_bernoulli),
    "poisson": (2.5, np.arange(100), pr.log_pmf_poisson),
    "exponential": (1.7, np.linspace(5e-4, 30, 30_001), pr.log_pdf_exponential),
    "normal_mean": (0.4, np.linspace(-12, 12, 24_001), pr.log_pdf_normal),
}


@pytest.mark.parametrize("dist", LOG_DENSITIES)
def test_score_is_the_slope_and_information_its_variance(dist):
    theta, x, log_density = LOG_DENSITIES[dist]
    slope = (log_density(x, theta + 1e-6) - log_density(x, theta - 1e-6)) / 2e-6
    scores = pr.score(dist, x, theta)
    np.testing.assert_allclose(scores, slope, rtol=1e-6, atol=1e-6)
    weight = np.exp(log_density(x, theta))
    weight /= weight.sum()
    assert weight @ scores == pytest.approx(0, abs=2e-3)
    assert weight @ scores**2 == pytest.approx(pr.fisher_information(dist, theta), rel=2e-3)


def test_sandwich():
    rng = np.random.default_rng(3)
    scores, root = rng.standard_normal((50, 3)), rng.standard_normal((3, 3))
    A = root @ root.T + np.eye(3)
    inverse = np.linalg.inv(A)
    close(pr.sandwich_variance(scores, -A), inverse @ (scores.T @ scores / 50) @ inverse / 50)


# Conjugate families -----------------------------------------------------------------------------------


def moments_by_quadrature(log_joint, low, high):
    """Evidence, mean and variance of exp(log_joint)."""
    parts = [quad(lambda v, j=j: v**j * np.exp(log_joint(v)), low, high, epsabs=1e-14, limit=200)[0] for j in range(3)]
    return parts[0], parts[1] / parts[0], parts[2] / parts[0] - (parts[1] / parts[0]) ** 2


def test_beta_bernoulli():
    prior = pr.BetaBernoulli(2, 2.5)
    posterior = prior.update(7, 10)
    evidence, mean, var = moments_by_quadrature(
        lambda p: stats.binom.logpmf(7, 10, p) + stats.beta.logpdf(p, 2, 2.5), 1e-12, 1 - 1e-12
    )
    close((np.exp(prior.log_evidence(7, 10)), posterior.mean, posterior.variance), (evidence, mean, var), rtol=1e-9)
    assert posterior == pr.BetaBernoulli(9, 5.5) and prior == pr.BetaBernoulli(2, 2.5)
    assert posterior.mode == 8 / 12.5
    assert pr.BetaBernoulli(1.5, 2).mode == 0.5 / 1.5  # the bound is 1, not 2
    close(posterior.interval(0.9), stats.beta(9, 5.5).interval(0.9))


def test_gamma_poisson():
    counts, prior = np.array([3, 5, 4, 0]), pr.GammaPoisson(2.5, 1.5)
    posterior = prior.update(counts)
    evidence, mean, var = moments_by_quadrature(
        lambda v: stats.poisson.logpmf(counts, v).sum() + stats.gamma.logpdf(v, 2.5, scale=1 / 1.5), 1e-9, 60
    )
    close((np.exp(prior.log_evidence(counts)), posterior.mean, posterior.variance), (evidence, mean, var), rtol=1e-9)
    assert posterior == pr.GammaPoisson(14.5, 5.5) and posterior.mode == 13.5 / 5.5
    close(posterior.interval(), stats.gamma(14.5, scale=1 / 5.5).interval(0.95))
    negative_binomial = stats.nbinom(14.5, 5.5 / 6.5)
    close(posterior.log_predictive(np.arange(9)), negative_binomial.logpmf(np.arange(9)))
    assert posterior.log_predictive([-1, 0.5]).tolist() == [-np.inf, -np.inf]
    close(posterior.predictive_variance, negative_binomial.var())


def test_normal_normal():
    x, prior = np.array([1.0, 2.5, 3.0, -0.5]), pr.NormalNormal(0.7, 2.0, 4.0)
    posterior = prior.update(x)
    evidence, mean, var = moments_by_quadrature(
        lambda m: stats.norm.logpdf(x, m, 2).sum() + stats.norm.logpdf(m, 0.7, np.sqrt(2)), -12, 14
    )
    close((np.exp(prior.log_evidence(x)), posterior.mean, posterior.variance), (evidence, mean, var), rtol=1e-9)
    close(prior.log_evidence(x), multivariate_normal(np.full(4, 0.7), 4 * np.eye(4) + 2).logpdf(x))
    assert posterior.mode == posterior.mean and posterior.predictive_variance == 4 + posterior.variance
    close(posterior.interval(0.8), stats.norm(mean, np.sqrt(var)).interval(0.8), rtol=1e-9)


@few
@given(seeds)
def test_updates_commute(seed):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal(6)
    all_at_once = pr.NormalNormal(0.3, 1.5, 2.0).update(x)
    in_turn = pr.NormalNormal(0.3, 1.5, 2.0)
    for value in rng.permutation(x):
        in_turn = in_turn.update([value])
    close((in_turn.mean, in_turn.variance), (all_at_once.mean, all_at_once.variance), rtol=1e-12)


def test_dirichlet_multinomial():
    counts, prior = np.array([4, 0, 3]), pr.DirichletMultinomial([1.5, 2.0, 3.0])
    posterior = prior.update(counts)
    close(posterior.alpha, [5.5, 2, 6])
    close(posterior.mean, stats.dirichlet(posterior.alpha).mean())
    close(posterior.variance, stats.dirichlet(posterior.alpha).var())
    close(posterior.mode, np.array([4.5, 1, 5]) / 10.5)
    close(posterior.interval(0.9)[2], stats.beta(6, 7.5).interval(0.9))
    close(prior.log_evidence(counts), stats.dirichlet_multinomial(prior.alpha, 7).logpmf(counts))
    two = pr.DirichletMultinomial([2.0, 3.0])
    close(two.log_evidence([7, 3]), pr.BetaBernoulli(2, 3).log_evidence(7, 10))
    with pytest.raises(ValueError, match="read-only"):
        posterior.alpha[0] = 1


# Tests and intervals ----------------------------------------------------------------------------------


@few
@given(st.integers(2, 30), seeds)
def test_t_test_agrees_with_scipy(n, seed):
    x = np.random.default_rng(seed).normal(1, 2, n)
    reference = stats.ttest_1samp(x, 0.5)
    t, p, interval = pr.t_test_1samp(x, 0.5, level=0.9)
    close((t, p), (reference.statistic, reference.pvalue), rtol=1e-12)
    close(interval, reference.confidence_interval(0.9), rtol=1e-10)
    close(pr.mean_interval(x, 0.9), interval)
    close(pr.mean_interval(x, 0.9, sigma=2), stats.norm(x.mean(), 2 / np.sqrt(n)).interval(0.9))


def power_by_quadrature(effect, sigma, n, alpha):
    """P(|Z + δ| > c√(v/ν)), integrated over v ~ χ²_ν."""
    shift, chi2, c = effect / sigma * np.sqrt(n), stats.chi2(n - 1), stats.t(n - 1).ppf(1 - alpha / 2)

    def rejects(v):
        edge = c * np.sqrt(v / (n - 1))
        return (stats.norm.sf(edge - shift) + stats.norm.cdf(-edge - shift)) * chi2.pdf(v)

    middle = chi2.ppf([1e-14, 0.5, 1 - 1e-14])
    return sum(quad(rejects, *ends, epsabs=1e-13, limit=200)[0] for ends in pairwise(middle))


@pytest.mark.parametrize("case", [(2, 10, 25, 0.05), (-2, 10, 199, 0.05), (1.5, 1, 5, 0.01), (0.2, 1, 4, 0.1)])
def test_power_by_quadrature(case):
    close(pr.t_power(*case), power_by_quadrature(abs(case[0]), *case[1:]), rtol=1e-8)


def test_power_without_effect_is_the_size():
    assert pr.t_power(0, 3, 12, 0.03) == pytest.approx(0.03, rel=1e-9)
    assert pr.t_power(2, 10, 198) < 0.8 < pr.t_power(2, 10, 199)


def test_interval_for_a_share_agrees_with_statsmodels():
    for k, n in ((0, 20), (1, 20), (7, 20), (20, 20), (212, 569)):
        for level in (0.8, 0.95):
            for ours, method in ((pr.wald_interval, "normal"), (pr.wilson_interval, "wilson")):
                close(ours(k, n, level), proportion_confint(k, n, 1 - level, method), rtol=1e-12, atol=1e-12)


def test_bootstrap_interval():
    x = np.random.default_rng(3).exponential(size=400)
    low, high = pr.bootstrap_interval(x, level=0.9, seed=5)
    error = x.std() / 20
    assert (low, high) == pytest.approx((x.mean() - 1.645 * error, x.mean() + 1.645 * error), abs=0.25 * error)
    assert pr.bootstrap_interval(x, level=0.9, seed=5) == (low, high)
    assert pr.bootstrap_interval([2.0, 2.0], np.median, n_draws=10) == (2.0, 2.0)


def test_coverage_of_an_exact_interval():
    share = pr.coverage(lambda rng: rng.normal(3, 1, 5), pr.mean_interval, 3.0, 4000, 3)
    assert abs(share - 0.95) < 4 * np.sqrt(0.05 * 0.95 / 4000)
    assert pr.coverage(lambda rng: None, lambda sample: (0.0, 1.0), 1.0, 3, 0) == 1
    assert pr.coverage(lambda rng: None, lambda sample: (0.0, 1.0), 0.0, 3, 0) == 1
    assert pr.coverage(lambda rng: None, lambda sample: (0.0, 1.0), 1.1, 3, 0) == 0


@few
@given(st.integers(1, 30), seeds)
def test_benjamini_hochberg_agrees_with_statsmodels(m, seed):
    p = np.random.default_rng(seed).uniform(size=m) ** 3
    reject, adjusted = pr.benjamini_hochberg(p, 0.1)
    expected = multipletests(p, 0.1, method="fdr_bh")
    np.testing.assert_array_equal(reject, expected[0])
    np.testing.assert_array_equal(adjusted, expected[1])


# Information ------------------------------------------------------------------------------------------


@few
@given(st.integers(2, 6), seeds)
def test_information_agrees_with_scipy_and_scikit_learn(K, seed):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(K), 2)
    close(pr.entropy(p), stats.entropy(p), rtol=1e-12)
    close(pr.entropy(np.array([p, q]).T, axis=0, base=2), stats.entropy(np.array([p, q]).T, base=2, axis=0), rtol=1e-12)
    close(pr.kl_divergence(p, q), stats.entropy(p, q), rtol=1e-10)
    close(pr.cross_entropy(p, q), -p @ np.log(q))
    assert pr.kl_divergence(p, q) >= 0 and pr.kl_divergence(p, p) == 0
    table = rng.integers(0, 9, (K, 3)) + np.eye(K, 3, dtype=int)
    assert pr.mutual_information(table / table.sum()) == pytest.approx(
        mutual_info_score(None, None, contingency=table), rel=1e-10, abs=1e-14
    )


def test_zeros_and_missing_support():
    assert pr.entropy([1.0, 0.0]) == 0 and pr.kl_divergence([0.5, 0.5, 0], [0.25, 0.25, 0.5]) == pytest.approx(
        np.log(2)
    )
    assert pr.kl_divergence([0.5, 0.5], [1.0, 0.0]) == pr.cross_entropy([0.5, 0.5], [1.0, 0.0]) == np.inf
    close(pr.kl_divergence([[0.5, 0.5], [1, 0]], [[0.5, 0.5], [0.5, 0.5]]), [0, np.log(2)])


@few
@given(st.integers(1, 4), seeds)
def test_gaussian_kl(d, seed):
    rng = np.random.default_rng(seed)
    m0, m1, S0, S1 = *rng.standard_normal((2, d)), covariance(rng, d), covariance(rng, d)
    trace = np.trace(np.linalg.solve(S1, S0)) + (m1 - m0) @ np.linalg.solve(S1, m1 - m0)
    expected = 0.5 * (trace - d + np.linalg.slogdet(S1)[1] - np.linalg.slogdet(S0)[1])
    close(pr.kl_mvn(m0, S0, m1, S1), expected, rtol=1e-8, atol=1e-9)
    if d == 1:
        close(pr.kl_normal(m0, S0[0], m1, S1[0]), [expected], rtol=1e-8, atol=1e-9)


def test_gaussian_kl_by_quadrature():
    p, q = stats.norm(0.3, 1.2), stats.norm(-0.5, 2.0)
    expected = quad(lambda x: p.pdf(x) * (p.logpdf(x) - q.logpdf(x)), -15, 15, epsabs=1e-13)[0]
    close(pr.kl_normal(0.3, 1.44, -0.5, 4.0), expected)


# Bad input --------------------------------------------------------------------------------------------

I2 = np.eye(2)
NOT_PD = [[1.0, 2.0], [2.0, 1.0]]
half = [0.5, 0.5]
belief = pr.BetaBernoulli(2, 2)

REFUSED = [
    (lambda: log_pdf_mvn([[0.0, 0.0]], [0.0, 0.0], NOT_PD), "covariance must be positive definite"),
    (lambda: log_pdf_mvn([[0.0, 0.0]], [0.0, 0.0], [[1.0, 0.5], [0.0, 1.0]]), "covariance must be symmetric"),
    (lambda: log_pdf_mvn([[0.0, 0.0]], [0.0, 0.0], [[1.0]]), r"covariance must have shape \(2, 2\): got \(1, 1\)"),
    (lambda: log_pdf_mvn([[0.0]], [0.0, 0.0], I2), "X must have 2 features: got 1"),
    (lambda: linear_gaussian_posterior([0, 0], NOT_PD, I2, [0, 0], I2, [0, 0]), "prior_cov must be positive"),
    (lambda: linear_gaussian_posterior([0, 0], I2, I2, [0, 0], NOT_PD, [0, 0]), "noise_cov must be positive"),
    (lambda: linear_gaussian_posterior([0, 0], I2, I2, [0], I2, [0, 0]), "equally many rows: got 2, 1 and 2"),
    (lambda: linear_gaussian_posterior([0, 0], I2, I2, [0], [[1]], [0]), "equally many rows: got 2, 1 and 1"),
    (lambda: linear_gaussian_posterior([0], [[1]], I2, [0, 0], I2, [0, 0]), "A must have 1 features: got 2"),
    (lambda: linear_gaussian_posterior([0, 0], I2, I2, [0, 0], I2, [0, np.nan]), "y contains NaN or infinity"),
    (lambda: pr.bayes_posterior([0.5, 0.4], half), "prior must be non-negative and sum to one"),
    (lambda: pr.bayes_posterior([1.5, -0.5], half), "prior must be non-negative and sum to one"),
    (lambda: pr.bayes_posterior([1.0, 0.0], [0.0, 1.0]), "evidence is zero"),
    (lambda: pr.bayes_posterior(half, [0.5, 0.5, 0.5]), r"likelihood must have 2 rows.* got shape \(3,\)"),
    (lambda: pr.bayes_posterior(half, [[[0.5]], [[0.5]]]), r"likelihood must have 2 rows.* got shape \(2, 1, 1\)"),
    (lambda: pr.bayes_posterior(half, [0.5, -0.5]), r"likelihood must lie in \[0, inf\]"),
    (lambda: pr.predictive_value(1.2, 0.9, 0.9), r"prevalence must lie in \[0, 1\]: got 1.2"),
    (lambda: pr.predictive_value(0.0, 0.9, 1.0), "evidence is zero"),
    (lambda: pr.log_pmf_binomial(1, 0, 0.5), "n must be positive: got 0"),
    (lambda: pr.log_pmf_binomial(1, 3, 1.5), r"p must lie in \[0, 1\]: got 1.5"),
    (lambda: pr.log_pmf_bernoulli(np.nan, 0.5), "k contains NaN or infinity"),
    (lambda: pr.log_pmf_poisson(1, [1.0, 0.0]), r"lam must be positive: got \[1.0, 0.0\]"),
    (lambda: pr.log_pdf_normal(1, 0, -1), "var must be positive: got -1"),
    (lambda: pr.log_pdf_exponential(1, 0), "rate must be positive: got 0"),
    (lambda: pr.log_pdf_gamma(1, 0, 1), "shape must be positive"),
    (lambda: pr.log_pdf_gamma(1, 1, 0), "rate must be positive"),
    (lambda: pr.log_pdf_beta(0.5, 0, 1), "alpha must be positive"),
    (lambda: pr.log_pdf_beta(0.5, 1, 0), "beta must be positive"),
    (lambda: pr.log_pdf_dirichlet([half], [1, 0]), "alpha must be positive"),
    (lambda: pr.log_pdf_dirichlet([half], [1, 1, 1]), "X must have 3 features: got 2"),
    (lambda: pr.log_pdf_student_t(0, 0), "df must be positive"),
    (lambda: pr.log_pdf_student_t(0, 1, 0, 0), "scale must be positive"),
    (lambda: pr.gaussian_condition([0, 0], I2, [0, 1], [0, 0]), "idx must leave at least one coordinate over"),
    (
        lambda: pr.gaussian_condition([0, 0], I2, [0], [0, 0]),
        "values must hold one number for each of 1 indices: got 2",
    ),
    (lambda: pr.gaussian_condition([0, 0], NOT_PD, [0], [0]), "covariance must be positive definite"),
    (lambda: pr.gaussian_marginal([0, 0], I2, [0, 0]), r"idx must hold different integers from 0 to 1: got \[0, 0\]"),
    (lambda: pr.gaussian_marginal([0, 0], I2, [2]), "idx must hold different integers from 0 to 1"),
    (lambda: pr.gaussian_marginal([0, 0], I2, [0.5]), "idx must hold different integers"),
    (lambda: pr.gaussian_marginal([0, 0], I2, []), "idx must hold different integers"),
    (lambda: pr.gaussian_marginal([0, 0], I2, 0), "idx must hold different integers"),
    (lambda: pr.markov_bound(-1, 1), r"mean must lie in \[0, inf\]"),
    (lambda: pr.markov_bound(1, 0), "a must be positive"),
    (lambda: pr.chebyshev_bound(-1, 1), "var must lie in"),
    (lambda: pr.chebyshev_bound(1, 0), "t must be positive"),
    (lambda: pr.hoeffding_bound(0, 1), "n must be at least 1: got 0"),
    (lambda: pr.hoeffding_bound(1, 0), "t must be positive"),
    (lambda: pr.hoeffding_bound(1, 1, 2, 2), "a must be less than b: got 2 and 2"),
    (lambda: pr.bernstein_bound(0, 1, 1, 1), "n must be at least 1"),
    (lambda: pr.bernstein_bound(1, 0, 1, 1), "t must be positive"),
    (lambda: pr.bernstein_bound(1, 1, -1, 1), "var must lie in"),
    (lambda: pr.bernstein_bound(1, 1, 1, 0), "b must be positive"),
    (lambda: pr.bernoulli_kl_bound(0, 0.5, 0.1), "n must be at least 1"),
    (lambda: pr.bernoulli_kl_bound(1, 0, 0.1), r"p must lie in \(0, 1\)"),
    (lambda: pr.bernoulli_kl_bound(1, 0.5, 0), "t must be positive"),
    (lambda: pr.mcdiarmid_bound([1, 0], 1), "c must be positive"),
    (lambda: pr.mcdiarmid_bound([1], 0), "t must be positive"),
    (lambda: pr.hoeffding_sample_size(0, 0.1), "t must be positive"),
    (lambda: pr.hoeffding_sample_size(0.1, 1), r"delta must lie in \(0, 1\)"),
    (lambda: pr.running_moments([1.0]), "x must hold at least two numbers: got 1"),
    (lambda: pr.bin_poisson_tv(0, 1), "n must be at least 1"),
    (lambda: pr.bin_poisson_tv(2, 0), "lam must be positive"),
    (lambda: pr.bin_poisson_tv(2, 3), r"p must lie in \[0, 1\]: got 1.5"),
    (lambda: pr.fit_bernoulli([0, 1, 2]), "x must hold zeros and ones"),
    (lambda: pr.fit_normal([1.0], ddof=1), r"ddof must lie in \[0, 0\]: got 1"),
    (lambda: pr.fit_exponential([-1, 2]), r"x must lie in \[0, inf\]"),
    (lambda: pr.fit_exponential([0, 0]), "x must not be all zero"),
    (lambda: pr.fit_poisson([1.5]), "x must hold counts"),
    (lambda: pr.fit_poisson([-1]), "x must hold counts"),
    (lambda: pr.fit_uniform([-1]), r"x must lie in \[0, inf\]"),
    (
        lambda: pr.score("cauchy", 1, 1),
        "dist must be one of bernoulli, normal_mean, exponential, poisson: got 'cauchy'",
    ),
    (lambda: pr.score("poisson", 1, 0), r"theta must lie in \(0, inf\) for poisson: got 0"),
    (lambda: pr.fisher_information("bernoulli", 1), r"theta must lie in \(0, 1\) for bernoulli"),
    (lambda: pr.sandwich_variance([[1.0]], [[1.0]]), "-hessian must be positive definite"),
    (lambda: pr.sandwich_variance([[1.0]], -I2), r"-hessian must have shape \(1, 1\): got \(2, 2\)"),
    (lambda: pr.BetaBernoulli(0, 1), "alpha must be positive: got 0"),
    (lambda: pr.BetaBernoulli(1, 0), "beta must be positive: got 0"),
    (lambda: belief.update(3, 2), r"k must lie in \[0, 2\]: got 3"),
    (lambda: belief.update(0, 0), "n must be at least 1: got 0"),
    (lambda: belief.log_evidence(3, 2), r"k must lie in \[0, 2\]: got 3"),
    (lambda: belief.interval(1), r"level must lie in \(0, 1\): got 1"),
    (lambda: pr.BetaBernoulli(1, 2).mode, "the mode needs alpha and beta greater than 1: got 1 and 2"),
    (lambda: pr.GammaPoisson(0, 1), "shape must be positive"),
    (lambda: pr.GammaPoisson(1, 0), "rate must be positive"),
    (lambda: pr.GammaPoisson(1, 1).mode, "the mode needs a shape greater than 1: got 1"),
    (lambda: pr.GammaPoisson(1, 1).update([0.5]), "counts must hold counts"),
    (lambda: pr.NormalNormal(0, 0, 1), "tau2 must be positive"),
    (lambda: pr.NormalNormal(0, 1, 0), "sigma2 must be positive"),
    (lambda: pr.NormalNormal(np.inf, 1, 1), "mu0 must be a finite number"),
    (lambda: pr.DirichletMultinomial([1.0]), "alpha must hold at least two numbers: got 1"),
    (lambda: pr.DirichletMultinomial([1.0, 0.0]), "alpha must be positive"),
    (lambda: pr.DirichletMultinomial([1.0, 2.0]).mode, "the mode needs every alpha greater than 1"),
    (lambda: pr.DirichletMultinomial([1.0, 2.0]).update([1]), "counts must hold 2 numbers: got 1"),
    (lambda: pr.t_test_1samp([1.0], 0), "x must hold at least two numbers that are not all equal"),
    (lambda: pr.t_test_1samp([1.0, 1.0], 0), "x must hold at least two numbers that are not all equal"),
    (lambda: pr.t_test_1samp([1.0, 2.0], np.nan), "mu0 must be a finite number"),
    (lambda: pr.t_power(1, 0, 5), "sigma must be positive"),
    (lambda: pr.t_power(1, 1, 1), "n must be at least 2: got 1"),
    (lambda: pr.t_power(1, 1, 5, 1), r"alpha must lie in \(0, 1\)"),
    (lambda: pr.mean_interval([1.0], sigma=0), "sigma must be positive"),
    (lambda: pr.mean_interval([1.0, 2.0], 0), r"level must lie in \(0, 1\)"),
    (lambda: pr.wald_interval(3, 2), r"k must lie in \[0, 2\]: got 3"),
    (lambda: pr.wilson_interval(-1, 2), r"k must lie in \[0, 2\]: got -1"),
    (lambda: pr.bootstrap_interval([1.0], lambda x, axis: 0.0), "statistic must return one number for each of 2000"),
    (lambda: pr.coverage(None, None, 0, 0, 0), "n_rep must be at least 1"),
    (lambda: pr.coverage(None, None, 0, 1, None), "seed must be an integer"),
    (lambda: pr.benjamini_hochberg([1.1], 0.1), r"p must lie in \[0, 1\]"),
    (lambda: pr.benjamini_hochberg([0.1], 0), r"q must lie in \(0, 1\)"),
    (lambda: pr.entropy([0.5, 0.6]), "p must be non-negative and sum to one"),
    (lambda: pr.entropy(1.0), "p must be non-negative and sum to one"),
    (lambda: pr.entropy(half, base=1), "base must be greater than 1: got 1"),
    (lambda: pr.kl_divergence(half, [0.5, 0.4]), "q must be non-negative and sum to one"),
    (lambda: pr.kl_divergence(half, [0.5, 0.25, 0.25]), r"p and q must have the same shape: got \(2,\) and \(3,\)"),
    (lambda: pr.kl_normal(0, 0, 0, 1), "var0 must be positive"),
    (lambda: pr.kl_normal(0, 1, 0, 0), "var1 must be positive"),
    (lambda: pr.kl_mvn([0], [[1]], [0, 0], I2), "mean0 and mean1 must be equally long: got 1 and 2"),
    (lambda: pr.kl_mvn([0, 0], NOT_PD, [0, 0], I2), "cov0 must be positive definite"),
    (lambda: pr.kl_mvn([0, 0], I2, [0, 0], NOT_PD), "cov1 must be positive definite"),
    (lambda: pr.mutual_information([[0.5, 0.6]]), "P_xy must be non-negative and sum to one"),
]


@pytest.mark.parametrize(("call", "words"), REFUSED)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_covariance_may_be_asymmetric_by_rounding_but_not_more():
    cov = np.array([[2.0, 1e-20, 0.3], [0.0, 1.0, 0.0], [0.3 + 1e-12, 0.0, 0.5]])
    even = (cov + cov.T) / 2
    x = np.array([[0.3, -1.0, 0.7]])
    close(log_pdf_mvn(x, np.zeros(3), cov), multivariate_normal(np.zeros(3), even).logpdf(x))
    cov[2, 0] += 1e-6
    with pytest.raises(ValueError, match="covariance must be symmetric"):
        log_pdf_mvn(x, np.zeros(3), cov)


# Hard data


def test_wilsons_interval_stays_within_zero_and_one():
    ends = np.array([pr.wilson_interval(k, n, level) for n in range(1, 60) for k in (0, n) for level in (0.5, 0.95)])
    assert ends.min() == 0 and ends.max() == 1


@pytest.mark.parametrize("df", [1e-3, 0.5, 3.0, 1e3, 1e6, 1e9, 1e12, 1e15])
def test_students_law_tends_to_the_gaussian_without_a_loss_of_digits(df):
    x = np.array([-3.0, 0.0, 0.5, 7.0])
    from_betaln = -special.betaln(0.5, df / 2) - 0.5 * np.log(df) - (df + 1) / 2 * np.log1p(x**2 / df)
    ours = pr.log_pdf_student_t(x, df)
    if df <= 1e3:
        np.testing.assert_allclose(ours, from_betaln, rtol=1e-11)
    else:  # the next term of the expansion in 1/ν is (x⁴ − 2x² − 1)/4ν
        np.testing.assert_allclose(ours, pr.log_pdf_normal(x) + (x**4 - 2 * x**2 - 1) / (4 * df), atol=1e-8)
        assert ours[1] == pytest.approx(pr.log_pdf_normal(0.0) - 1 / (4 * df), abs=1e-12)


def test_a_number_of_trials_is_an_integer():
    with pytest.raises(ValueError, match=r"n must hold integers: got 2\.5"):
        pr.log_pmf_binomial(1, 2.5, 0.5)


@pytest.mark.parametrize(
    "call",
    [
        lambda long: pr.log_pdf_normal(0.0, var=long),
        lambda long: pr.log_pmf_bernoulli(0, long + 1),
        lambda long: pr.fit_poisson(long),
        lambda long: pr.fit_bernoulli(long),
        lambda long: pr.fisher_information("poisson", long),
        lambda long: pr.gaussian_marginal(np.zeros(2), np.eye(2), long.astype(int)),
        lambda long: check_number(long, "k"),
    ],
)
def test_a_message_shows_what_is_wrong_and_not_the_whole_array(call):
    long = np.r_[np.ones(100_000), -7.0]
    with pytest.raises(ValueError) as seen:
        call(long)
    assert len(str(seen.value)) < 200


def test_a_message_finds_the_wrong_entry_among_many():
    with pytest.raises(ValueError, match=r"var must be positive: got \[-7.0\]"):
        pr.log_pdf_normal(0.0, var=np.r_[np.ones(100_000), -7.0])


def test_the_bootstrap_in_blocks_draws_what_one_block_draws_and_needs_no_more_memory_for_more_draws():
    x, sizes = np.random.default_rng(1).exponential(size=1500), []

    def statistic(resamples, axis):
        sizes.append(resamples.size)
        return np.median(resamples, axis=axis)

    at_once = np.quantile(np.median(x[bootstrap(1500, 2000, 5)], axis=1), [0.025, 0.975])
    np.testing.assert_array_equal(pr.bootstrap_interval(x, statistic, n_draws=2000, seed=5), at_once)
    assert max(sizes) <= 10**6 and sum(sizes) == 1500 * 2000


def test_conditioning_a_nearly_certain_posterior_does_not_square_the_condition_number():
    x = np.array([1.0, 2.0, 3.0])
    A, y = np.column_stack([x, x]), 3 * x
    m, S = pr.linear_gaussian_posterior(np.zeros(2), np.eye(2), A, np.zeros(3), 1e-16 * np.eye(3), y)
    np.testing.assert_allclose(m, [1.5, 1.5], rtol=1e-6)
    np.testing.assert_allclose(S, [[0.5, -0.5], [-0.5, 0.5]], atol=1e-6)


def test_estimates_of_time_stamps_are_those_of_seconds():
    x = np.random.default_rng(2).integers(0, 86_400, 500) / 1024
    assert pr.fit_normal(x + 1.7e9)[1] == pytest.approx(pr.fit_normal(x)[1], rel=1e-12)
    X = np.column_stack([x, x[::-1]])
    np.testing.assert_allclose(pr.fit_mvn(X + 1.7e9)[1], pr.fit_mvn(X)[1], rtol=1e-12)
    assert pr.fit_normal(np.full(7, 0.3))[1] == 0
    assert pr.t_test_1samp(x + 1.7e9, 1.7e9 + 40)[0] == pytest.approx(pr.t_test_1samp(x, 40)[0], rel=1e-9)
