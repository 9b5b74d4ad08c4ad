"""Gaussian densities against scipy, the Gaussian Bayes rule against conditioning of the joint law."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal
from sklearn.linear_model import Ridge

from mlderived.probability import linear_gaussian_posterior, log_pdf_mvn

sizes = st.tuples(st.integers(1, 5), st.integers(1, 5), st.integers(0, 2**32 - 1))


def covariance(rng, d):
    A = rng.standard_normal((d, d))
    return A @ A.T + 0.1 * np.eye(d)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(sizes)
def test_log_density_agrees_with_scipy(size):
    d, N, seed = size
    rng = np.random.default_rng(seed)
    mean, cov, X = rng.standard_normal(d), covariance(rng, d), rng.standard_normal((N, d))
    expected = np.atleast_1d(multivariate_normal(mean, cov).logpdf(X))
    np.testing.assert_allclose(log_pdf_mvn(X, mean, cov), expected, rtol=1e-10, atol=1e-10)


@settings(deadline=None, derandomize=True, max_examples=40)
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


I2 = np.eye(2)
NOT_PD = [[1.0, 2.0], [2.0, 1.0]]


@pytest.mark.parametrize(
    ("call", "words"),
    [
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
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
