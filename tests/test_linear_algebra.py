"""Factorisations against numpy's and scipy's, derivatives against closed forms."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given, settings
from hypothesis import strategies as st

from mlderived.linear_algebra import complex_step_gradient, condition_number, lstsq, pinv, thin_svd

LinAlgError = np.linalg.LinAlgError
shapes = st.tuples(st.integers(1, 8), st.integers(1, 8), st.integers(0, 8), st.integers(0, 2**32 - 1))


def matrix(m, n, r, seed):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((m, min(m, n, r))) @ rng.standard_normal((min(m, n, r), n))


@settings(deadline=None, derandomize=True, max_examples=60)
@given(shapes)
def test_thin_svd_has_the_rank_and_rebuilds_the_matrix(shape):
    A = matrix(*shape)
    U, s, Vt = thin_svd(A)
    r = np.linalg.matrix_rank(A)
    assert (U.shape, s.shape, Vt.shape) == ((A.shape[0], r), (r,), (r, A.shape[1]))
    scale = 1 + np.abs(A).max()
    np.testing.assert_allclose(U * s @ Vt, A, atol=1e-13 * scale)
    np.testing.assert_allclose(U.T @ U, np.eye(r), atol=1e-13)
    np.testing.assert_allclose(Vt @ Vt.T, np.eye(r), atol=1e-13)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(shapes)
def test_pinv_satisfies_penrose_and_agrees_with_scipy(shape):
    A = matrix(*shape)
    P = pinv(A)
    kappa = np.divide(*thin_svd(A)[1][[0, -1]]) if np.any(A) else 1.0
    tol = 1e-13 * kappa
    np.testing.assert_allclose(P, scipy.linalg.pinv(A), atol=tol * (1 + np.abs(P).max()))
    np.testing.assert_allclose(A @ P @ A, A, atol=tol * (1 + np.abs(A).max()))
    np.testing.assert_allclose(P @ A @ P, P, atol=tol * (1 + np.abs(P).max()))
    np.testing.assert_allclose(A @ P, (A @ P).T, atol=tol)
    np.testing.assert_allclose(P @ A, (P @ A).T, atol=tol)


def test_the_cut_off_is_relative_and_strict():
    A = np.diag([4.0, 2.0, 1.0])
    np.testing.assert_allclose(pinv(A, rcond=0.25), np.diag([0.25, 0.5, 0.0]))
    np.testing.assert_allclose(pinv(A, rcond=0.24), np.diag([0.25, 0.5, 1.0]))
    # by default max(m, n) epsilons: here 5, of which 4.9 are noise and 5.1 are not
    eps = np.finfo(float).eps
    tall = np.vstack([np.diag([2.0, 2 * 5.1 * eps]), np.zeros((3, 2))])
    assert len(thin_svd(tall)[1]) == len(thin_svd(tall.T)[1]) == 2
    tall[1, 1] = 2 * 4.9 * eps
    assert len(thin_svd(tall)[1]) == len(thin_svd(tall.T)[1]) == 1


@pytest.mark.parametrize("method", ["qr", "svd", "normal"])
@pytest.mark.parametrize("columns", [(), (3,)])
def test_lstsq_agrees_with_numpy_on_full_column_rank(method, columns):
    rng = np.random.default_rng(2)
    A, b = rng.standard_normal((12, 5)) * [1, 5, 0.2, 3, 1], rng.standard_normal((12, *columns))
    x = lstsq(A, b, method)
    assert x.shape == (5, *columns)
    np.testing.assert_allclose(x, np.linalg.lstsq(A, b)[0], rtol=1e-11, atol=1e-13)


def test_qr_is_the_default_and_it_does_not_square_the_condition_number():
    A = np.vander(np.linspace(0, 1, 20), 11, increasing=True)
    x = np.ones(11)
    assert np.abs(lstsq(A, A @ x) - x).max() < 10 * condition_number(A) * 2.0**-53
    assert np.abs(lstsq(A, A @ x, "normal") - x).max() > 1000 * np.abs(lstsq(A, A @ x) - x).max()
    np.testing.assert_array_equal(lstsq(A, A @ x), lstsq(A, A @ x, "qr"))


@pytest.mark.parametrize("shape", [(6, 4, 2), (3, 5, 3), (2, 2, 0)])
def test_rank_deficiency_svd_gives_the_shortest_solution_qr_names_the_rank(shape):
    A, b = matrix(*shape, seed=3), np.random.default_rng(4).standard_normal(shape[0])
    np.testing.assert_allclose(lstsq(A, b, "svd"), np.linalg.lstsq(A, b)[0], atol=1e-12)
    with pytest.raises(LinAlgError, match=f"A has rank {shape[2]}, but {shape[1]} columns: use method 'svd'"):
        lstsq(A, b, "qr")


def test_qr_finds_the_rank_relative_to_the_largest_entry():
    eps = np.finfo(float).eps
    A = np.vstack([np.diag([2.0, 2 * 5.1 * eps]), np.zeros((3, 2))])
    np.testing.assert_allclose(lstsq(A, np.array([2.0, eps, 0, 0, 0])), [1, 1 / 10.2])
    A[1, 1] = 2 * 4.9 * eps
    with pytest.raises(LinAlgError, match="A has rank 1"):
        lstsq(A, np.ones(5))


def test_laeuchli_has_rank_two_but_a_singular_gram_matrix():
    A = np.array([[1.0, 1.0], [1e-9, 0.0], [0.0, 1e-9]])
    b = A @ [1.0, 1.0]
    np.testing.assert_allclose(lstsq(A, b, "qr"), [1, 1], atol=1e-6)
    with pytest.raises(LinAlgError, match="the computed AᵀA is not positive definite"):
        lstsq(A, b, "normal")


def test_condition_number():
    A = np.random.default_rng(5).standard_normal((7, 4))
    assert condition_number(A) == pytest.approx(np.linalg.cond(A), rel=1e-12)
    assert condition_number(A.T @ A) == pytest.approx(condition_number(A) ** 2, rel=1e-11)
    assert condition_number(np.zeros((2, 2))) == np.inf
    assert condition_number(np.diag([1.0, 1.0, 0.0])) == np.inf
    assert condition_number(np.diag([0.3, 0.1, 0.02])) == pytest.approx(15)


def test_complex_step_is_exact_where_differences_are_not():
    rng = np.random.default_rng(6)
    A, x = rng.standard_normal((4, 4)), rng.standard_normal(4)
    gradient = complex_step_gradient(lambda z: np.exp(z @ A @ z / 10) + np.sum(np.log(z**2 + 1)), x)
    exact = np.exp(x @ A @ x / 10) * (A + A.T) @ x / 10 + 2 * x / (x**2 + 1)
    np.testing.assert_allclose(gradient, exact, rtol=1e-13)
    classic = complex_step_gradient(lambda z: np.exp(z[0]) / np.sqrt(np.sin(z[0]) ** 3 + np.cos(z[0]) ** 3), [1.5])
    assert classic[0] == pytest.approx(4.053427893898621, rel=1e-15)


def test_complex_step_error_is_of_second_order_in_h():
    assert complex_step_gradient(lambda z: z[0] ** 3, [1.0], h=1e-2)[0] == pytest.approx(3 - 1e-4, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: thin_svd([[1.0, np.nan]]), "A contains NaN or infinity"),
        (lambda: thin_svd([1.0]), "A must be 2-dimensional"),
        (lambda: pinv([[1.0]], rcond=-1), "rcond must be non-negative: got -1"),
        (lambda: lstsq(np.eye(2), np.ones(3)), "different numbers of rows: 2 and 3"),
        (lambda: lstsq(np.eye(2), [1.0, np.inf]), "b contains NaN or infinity"),
        (lambda: lstsq(np.eye(2), np.ones((2, 1, 1))), "b must be 2-dimensional"),
        (lambda: lstsq(np.eye(2), np.ones(2), "lu"), "method must be 'qr', 'svd' or 'normal': got 'lu'"),
        (lambda: condition_number([[np.inf]]), "A contains NaN or infinity"),
        (lambda: complex_step_gradient(lambda z: np.sum(np.abs(z)), [1.0]), "f must be analytic"),
        (lambda: complex_step_gradient(np.sum, [np.nan]), "x contains NaN or infinity"),
        (lambda: complex_step_gradient(np.sum, [1.0], h=0), "h must be positive: got 0"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()
