"""Losses and error decompositions against scipy, closed forms and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import huber

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
