"""Factorisations against numpy's and scipy's, derivatives against closed forms."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import scipy.linalg
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st

from mlderived import datasets
from mlderived import linear_algebra as la
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
    A = np.vstack([[[2.0, 2.0], [0.0, 2 * 5.1 * eps]], np.zeros((3, 2))])
    np.testing.assert_allclose(lstsq(A, np.array([0, 2 * 5.1 * eps, 0, 0, 0])), [-1, 1])
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


def definite(n, seed):
    A = np.random.default_rng(seed).standard_normal((n, n))
    return A @ A.T + 0.1 * np.eye(n)


def symmetric(n, seed):
    A = np.random.default_rng(seed).standard_normal((n, n))
    return (A + A.T) / 2


sizes = st.tuples(st.integers(1, 8), st.integers(0, 2**32 - 1))


# Symmetric matrices


@settings(deadline=None, derandomize=True, max_examples=40)
@given(sizes)
def test_spectral_agrees_with_scipy_in_descending_order(size):
    A = symmetric(*size)
    values, Q = la.spectral(A)
    np.testing.assert_allclose(values, scipy.linalg.eigvalsh(A)[::-1], atol=1e-13 * (1 + np.abs(A).max()))
    assert np.all(np.diff(values) <= 0)
    np.testing.assert_allclose(Q.T @ Q, np.eye(len(A)), atol=1e-13)
    np.testing.assert_allclose(Q * values @ Q.T, A, atol=1e-13 * (1 + np.abs(A).max()))


def test_power_iteration_finds_the_eigenvalue_of_largest_absolute_value():
    rng = np.random.default_rng(7)
    Q = np.linalg.qr(rng.standard_normal((6, 6)))[0]
    A = Q * np.array([3.0, -4, 1, 0.5, 0, 2]) @ Q.T
    value, vector, history = la.power_iteration(A)
    assert value == pytest.approx(-4, rel=1e-11)
    assert isinstance(value, float)
    assert abs(vector @ Q[:, 1]) == pytest.approx(1, rel=1e-11)
    assert np.linalg.norm(vector) == pytest.approx(1, rel=1e-14)
    assert history[-1] == value
    assert history[0] == pytest.approx(-4, abs=6)  # somewhere between the extreme eigenvalues


def test_power_iteration_takes_the_steps_of_the_worked_example():
    A = np.array([[2.0, 1], [1, 2]])
    value, vector, history = la.power_iteration(A, v0=[5, 0])
    k = np.arange(len(history))
    np.testing.assert_allclose(history, 3 - 2 * 9.0**-k / (1 + 9.0**-k), rtol=1e-13)
    np.testing.assert_allclose(history[[1, 2, 5, 10]], [2.8, 2.97560976, 2.99996613, 2.9999999994], rtol=1e-8)
    np.testing.assert_allclose(vector, [2**-0.5] * 2, atol=1e-11)
    assert len(history) == 26  # the residual is about ⅔·3⁻ᵏ, at most 1e-12 from k = 25 on
    assert len(la.power_iteration(A, tol=1e-4, v0=[1, 0])[2]) == 10
    with pytest.warns(RuntimeWarning, match="no convergence in 3 steps: raise n_iter"):
        value, vector, short = la.power_iteration(A, n_iter=3, v0=[1, 0])
    np.testing.assert_allclose(short, history[:4])
    np.testing.assert_allclose(vector[1] / vector[0], 13 / 14)  # A³e₁ = (14, 13)
    assert value == short[-1]


def test_power_iteration_is_content_with_what_it_can_get():
    assert la.power_iteration(np.zeros((3, 3)))[0] == 0
    value, vector, history = la.power_iteration(np.diag([2.0, 5, 1]), v0=[3, 0, 0])  # orthogonal to the leading one
    assert (value, len(history)) == (2, 1)
    np.testing.assert_array_equal(vector, [1, 0, 0])
    with pytest.warns(RuntimeWarning, match="no convergence in 1000 steps"):
        la.power_iteration(np.diag([1.0, -1]), v0=[1, 1])
    first = la.power_iteration(symmetric(4, 1), seed=3)[2]
    np.testing.assert_array_equal(first, la.power_iteration(symmetric(4, 1), seed=np.random.default_rng(3))[2])
    assert first[0] != la.power_iteration(symmetric(4, 1))[2][0]
    start = np.random.default_rng(0).standard_normal(4)
    np.testing.assert_array_equal(
        la.power_iteration(symmetric(4, 1))[2], la.power_iteration(symmetric(4, 1), v0=start)[2]
    )


def test_matrix_function_agrees_with_scipy():
    A, C = symmetric(5, 8), definite(5, 9)
    np.testing.assert_allclose(la.matrix_function(A, np.exp), scipy.linalg.expm(A), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(la.matrix_function(C, np.sqrt), scipy.linalg.sqrtm(C), rtol=1e-11, atol=1e-12)
    np.testing.assert_allclose(la.matrix_function(C, np.log), scipy.linalg.logm(C), rtol=1e-10, atol=1e-11)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(sizes, st.floats(-4, 4))
def test_definiteness_agrees_with_the_eigenvalues(size, shift):
    A = symmetric(*size) + shift * np.eye(size[0])
    low = np.linalg.eigvalsh(A)[0]
    assert la.is_pd(A) is bool(low > 0)
    assert la.is_psd(A) is bool(low > 0)


def test_semidefinite_up_to_rounding_and_no_further():
    X = matrix(9, 5, 3, seed=10)
    assert la.is_psd(X.T @ X)
    assert not la.is_psd(np.diag([0.0, -1]))
    assert la.is_psd(np.zeros((2, 2)))
    assert not la.is_pd(np.zeros((2, 2)))
    eps = np.finfo(float).eps
    assert la.is_psd(np.diag([2.0, 1, -5.9 * eps]))  # three epsilons times the largest eigenvalue
    assert not la.is_psd(np.diag([2.0, 1, -6.1 * eps]))
    assert la.is_psd(np.diag([-0.5, 2.0]), tol=0.25)
    assert not la.is_psd(np.diag([-0.51, 2.0]), tol=0.25)


# The singular value decomposition


@settings(deadline=None, derandomize=True, max_examples=60)
@given(shapes)
def test_four_subspaces_split_both_spaces(shape):
    A = matrix(*shape)
    m, n = A.shape
    r = np.linalg.matrix_rank(A)
    S = la.four_subspaces(A)
    assert {name: B.shape for name, B in S.items()} == {
        "col": (m, r),
        "row": (n, r),
        "null": (n, n - r),
        "left_null": (m, m - r),
    }
    inputs, outputs = np.hstack([S["row"], S["null"]]), np.hstack([S["col"], S["left_null"]])
    np.testing.assert_allclose(inputs @ inputs.T, np.eye(n), atol=1e-12)
    np.testing.assert_allclose(outputs @ outputs.T, np.eye(m), atol=1e-12)
    scale = 1 + np.abs(A).max()
    np.testing.assert_allclose(A @ S["null"], 0, atol=1e-12 * scale)
    np.testing.assert_allclose(A.T @ S["left_null"], 0, atol=1e-12 * scale)
    np.testing.assert_allclose(S["col"] @ (S["col"].T @ A), A, atol=1e-12 * scale)
    np.testing.assert_allclose(A @ S["row"] @ S["row"].T, A, atol=1e-12 * scale)


def test_four_subspaces_take_a_cut_off():
    assert la.four_subspaces(np.diag([4.0, 2, 1]), rtol=0.3)["null"].shape == (3, 1)


@pytest.mark.parametrize("shape", [(7, 4), (4, 7), (5, 5), (1, 3)])
def test_svd_from_eigh_agrees_on_harmless_matrices(shape):
    A = np.random.default_rng(11).standard_normal(shape)
    U, s, Vt = la.svd_from_eigh(A)
    q = min(shape)
    assert (U.shape, s.shape, Vt.shape) == ((shape[0], q), (q,), (q, shape[1]))
    np.testing.assert_allclose(s, scipy.linalg.svdvals(A), rtol=1e-11)
    np.testing.assert_allclose(U * s @ Vt, A, atol=1e-12)
    np.testing.assert_allclose(U.T @ U, np.eye(q), atol=1e-10)


def test_svd_from_eigh_loses_what_the_gram_matrix_cannot_hold():
    rng = np.random.default_rng(12)
    U, V = np.linalg.qr(rng.standard_normal((12, 6)))[0], np.linalg.qr(rng.standard_normal((6, 6)))[0]
    true = 10.0 ** -np.arange(0, 12, 2)
    s = la.svd_from_eigh(U * true @ V.T)[1]
    error = np.ones(6)
    error[: len(s)] = np.abs(s / true[: len(s)] - 1)
    assert error[1] < 1e-10
    assert error[5] > 0.01
    np.testing.assert_allclose(thin_svd(U * true @ V.T)[1], true, rtol=1e-4)
    assert len(la.svd_from_eigh(np.zeros((3, 2)))[1]) == 0
    assert len(la.svd_from_eigh(np.ones((4, 1)) @ np.zeros((1, 3)) + np.diag([1.0, 0, 0, 0])[:, :3])[1]) == 1


@pytest.mark.parametrize("k", [0, 1, 3, 4])
@pytest.mark.parametrize("shape", [(6, 4), (4, 6)])
def test_low_rank_and_truncated_svd_agree_with_numpy(shape, k):
    A = np.random.default_rng(13).standard_normal(shape)
    U, s, Vt = la.truncated_svd(A, k)
    assert (U.shape, s.shape, Vt.shape) == ((shape[0], k), (k,), (k, shape[1]))
    A_k, fro, spectral = la.low_rank(A, k)
    np.testing.assert_allclose(U * s @ Vt, A_k, atol=1e-14)
    assert np.linalg.matrix_rank(A_k) == k
    assert fro == pytest.approx(np.linalg.norm(A - A_k), abs=1e-13)
    assert spectral == pytest.approx(np.linalg.norm(A - A_k, 2), abs=1e-13)
    np.testing.assert_allclose(s, scipy.linalg.svdvals(A)[:k], rtol=1e-13)


def test_the_errors_of_the_low_rank_demonstration():
    rng = np.random.default_rng(42)
    U, V = rng.standard_normal((100, 10)), rng.standard_normal((80, 10))
    A = U @ np.diag(np.arange(10.0, 0, -1)) @ V.T + 0.5 * rng.standard_normal((100, 80))
    errors = [la.low_rank(A, k)[1] for k in (1, 5, 10, 20)]
    np.testing.assert_allclose(errors, [1397.5853, 625.2474, 40.2030, 31.6028], atol=1e-4)


def test_randomized_svd_is_nearly_exact_where_the_spectrum_falls():
    rng = np.random.default_rng(14)
    U, V = np.linalg.qr(rng.standard_normal((60, 12)))[0], np.linalg.qr(rng.standard_normal((40, 12)))[0]
    A = U * 10.0 ** -np.arange(12) @ V.T
    ours = la.randomized_svd(A, 4)
    assert [part.shape for part in ours] == [(60, 4), (4,), (4, 40)]
    np.testing.assert_allclose(ours[1], 10.0 ** -np.arange(4), rtol=1e-9)
    np.testing.assert_allclose(ours[0] * ours[1] @ ours[2], la.low_rank(A, 4)[0], atol=1e-10)
    np.testing.assert_allclose(ours[0].T @ ours[0], np.eye(4), atol=1e-12)
    for one, other in zip(ours, la.randomized_svd(A, 4, seed=np.random.default_rng(0)), strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(ours[0], la.randomized_svd(A, 4, seed=1)[0])
    full = la.randomized_svd(A, 40, oversample=10)[1]  # more columns than there are is no fault
    np.testing.assert_allclose(full[:4], 10.0 ** -np.arange(4), rtol=1e-9)


def test_oversampling_sets_the_number_of_random_columns():
    A = np.random.default_rng(15).standard_normal((30, 20))
    for oversample in (0, 3, 10):
        Q = la.range_finder(A, 4 + oversample)
        s = scipy.linalg.svdvals(Q.T @ A)[:4]
        np.testing.assert_allclose(la.randomized_svd(A, 4, oversample)[1], s, rtol=1e-12)
    np.testing.assert_array_equal(la.randomized_svd(A, 4)[1], la.randomized_svd(A, 4, 10)[1])
    np.testing.assert_allclose(
        la.randomized_svd(A, 1, oversample=0)[1], scipy.linalg.svdvals(la.range_finder(A, 1).T @ A)
    )


def test_range_finder_spans_the_image_of_gaussian_vectors():
    A = np.random.default_rng(16).standard_normal((9, 7))
    Q = la.range_finder(A, 3, seed=5)
    image = A @ np.random.default_rng(5).standard_normal((7, 3))
    np.testing.assert_allclose(Q.T @ Q, np.eye(3), atol=1e-13)
    np.testing.assert_allclose(Q @ (Q.T @ image), image, atol=1e-12)
    np.testing.assert_array_equal(la.range_finder(A, 3), la.range_finder(A, 3, 0))
    assert la.range_finder(A, 1).shape == (9, 1)


def test_iris_and_digits():
    iris, digits = datasets.load_iris().X, datasets.load_digits().X
    s = thin_svd(iris - iris.mean(axis=0))[1]
    from sklearn.decomposition import PCA

    np.testing.assert_allclose(s**2 / (len(iris) - 1), PCA().fit(iris).explained_variance_, rtol=1e-10)
    np.testing.assert_allclose(s, [25.09996, 6.01315, 3.41368, 1.88452], atol=5e-6)
    assert len(thin_svd(digits - digits.mean(axis=0))[1]) == 61


# Triangles


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(1, 8), st.integers(1, 8), st.integers(0, 2**32 - 1))
def test_householder_qr_agrees_with_lapack(m, n, seed):
    A = np.random.default_rng(seed).standard_normal((m, n))
    Q, R = la.householder_qr(A)
    Q_ref, R_ref = np.linalg.qr(A)
    tol = 1e-10 * max(1, np.linalg.cond(A[:, : min(m, n)]))
    np.testing.assert_allclose(R, R_ref, atol=tol)
    np.testing.assert_allclose(Q, Q_ref, atol=tol)
    np.testing.assert_allclose(Q @ R, A, atol=1e-13 * (1 + np.abs(A).max()))
    np.testing.assert_allclose(Q.T @ Q, np.eye(min(m, n)), atol=1e-13)


def test_householder_qr_stays_orthogonal_where_gram_schmidt_does_not():
    hilbert = scipy.linalg.hilbert(10)
    loss = {
        "classical": la.gram_schmidt(hilbert, modified=False)[0],
        "modified": la.gram_schmidt(hilbert)[0],
        "Householder": la.householder_qr(hilbert)[0],
    }
    loss = {name: np.linalg.norm(Q.T @ Q - np.eye(10)) for name, Q in loss.items()}
    assert loss["classical"] > 1 > 1e-2 > loss["modified"] > 1e-8 > 1e-13 > loss["Householder"]
    for A in (np.zeros((3, 2)), np.array([[0.0, 1], [0, 2], [0, 3]]), np.array([[-2.0]])):
        Q, R = la.householder_qr(A)
        np.testing.assert_allclose(Q @ R, A, atol=1e-15)
        np.testing.assert_allclose(Q.T @ Q, np.eye(len(Q.T)), atol=1e-15)


@pytest.mark.parametrize("scale", [1.0, 1e-200, 1e200])
@pytest.mark.parametrize("x", [[3.0, 4.0, 12.0], [-3.0, 4.0, 12.0], [0.0, 4.0, 3.0], [1.0, 1e-9, 0.0], [-7.0]])
def test_householder_vector_reflects_to_the_axis_at_any_scale(x, scale):
    x = np.array(x)
    v = la.householder_vector(scale * x)
    assert np.linalg.norm(v) == pytest.approx(1, rel=1e-15)
    target = np.zeros(len(x))
    target[0] = -np.copysign(np.linalg.norm(x), x[0])
    np.testing.assert_allclose(x - 2 * v * (v @ x), target, atol=1e-14)
    np.testing.assert_array_equal(la.householder_vector(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("modified", [True, False])
def test_gram_schmidt_is_the_qr_decomposition_with_a_positive_diagonal(modified):
    A = np.random.default_rng(17).standard_normal((7, 4))
    before = A.copy()
    Q, R = la.gram_schmidt(A, modified)
    Q_ref, R_ref = np.linalg.qr(A)
    signs = np.sign(np.diag(R_ref))
    np.testing.assert_allclose(Q, Q_ref * signs, atol=1e-13)
    np.testing.assert_allclose(R, (R_ref.T * signs).T, atol=1e-13)
    np.testing.assert_array_equal(A, before)
    with pytest.raises(ValueError, match="A must have independent columns: column 2 is a combination"):
        la.gram_schmidt(np.column_stack([A[:, 0], A[:, 1], A[:, 0] - 2 * A[:, 1]]), modified)
    with pytest.raises(ValueError, match="column 1 is a combination"):
        la.gram_schmidt(np.ones((1, 2)), modified)
    eps = np.finfo(float).eps
    la.gram_schmidt(np.array([[1.0, 1], [0, 0], [0, 4 * eps]]), modified)  # three epsilons is the limit
    with pytest.raises(ValueError, match="column 1"):
        la.gram_schmidt(np.array([[1.0, 1], [0, 0], [0, 2 * eps]]), modified)


@settings(deadline=None, derandomize=True, max_examples=40)
@given(sizes)
def test_cholesky_agrees_with_numpy_and_solves(size):
    A = definite(*size)
    L = la.cholesky(A)
    np.testing.assert_allclose(L, np.linalg.cholesky(A), atol=1e-11 * np.abs(A).max())
    np.testing.assert_array_equal(L, np.tril(L))
    assert la.logdet(A) == pytest.approx(np.linalg.slogdet(A)[1], rel=1e-10, abs=1e-10)
    b = np.random.default_rng(1).standard_normal((len(A), 2))
    kappa = np.linalg.cond(A)
    reference = np.linalg.solve(A, b)
    tol = 1e-14 * kappa * (1 + np.abs(reference).max())
    np.testing.assert_allclose(la.solve_cholesky(L, b), reference, atol=tol)
    np.testing.assert_allclose(la.solve_cholesky(L, b[:, 1]), reference[:, 1], atol=tol)


def test_worked_numbers_of_cholesky():
    np.testing.assert_allclose(la.cholesky([[2, 1], [1, 2]]), [[2**0.5, 0], [0.5**0.5, 1.5**0.5]], rtol=1e-15)
    assert la.logdet([[2, 0.5], [0.5, 1]]) == pytest.approx(0.55961579, abs=5e-9)
    for A in (np.zeros((1, 1)), np.diag([1.0, -1]), [[1, 2], [2, 1]], [[1, 1], [1, 1]]):
        with pytest.raises(LinAlgError, match="matrix is not positive definite"):
            la.cholesky(A)


@pytest.mark.parametrize("columns", [(), (3,)])
def test_substitution_reads_one_triangle_only(columns):
    rng = np.random.default_rng(18)
    T, b = rng.standard_normal((6, 6)) + 3 * np.eye(6), rng.standard_normal((6, *columns))
    np.testing.assert_allclose(
        la.forward_substitution(T, b), scipy.linalg.solve_triangular(T, b, lower=True), rtol=1e-11
    )
    np.testing.assert_allclose(la.back_substitution(T, b), scipy.linalg.solve_triangular(T, b), rtol=1e-11)
    for solve in (la.forward_substitution, la.back_substitution):
        with pytest.raises(LinAlgError, match="is singular: its diagonal holds a zero"):
            solve(np.diag([1.0, 0]), np.ones(2))


@pytest.mark.parametrize("columns", [(), (3,)])
@pytest.mark.parametrize("singular", [False, True])
def test_woodbury_solves_the_full_system(columns, singular):
    rng = np.random.default_rng(19)
    a, U, C = rng.uniform(1, 2, 12), rng.standard_normal((12, 3)), rng.standard_normal((3, 3))
    C = np.outer(C[0], C[1]) if singular else C
    b = rng.standard_normal((12, *columns))
    x = la.woodbury_solve(a, U, C, b)
    assert x.shape == b.shape
    np.testing.assert_allclose(x, np.linalg.solve(np.diag(a) + U @ C @ U.T, b), rtol=1e-9, atol=1e-11)


# Derivatives


def test_mean_squared_error_of_the_worked_example():
    X, y = np.column_stack([np.ones(3), [1.0, 2, 3]]), np.array([1.0, 2, 2])
    w = np.zeros(2)
    assert la.mse_loss(w, X, y) == pytest.approx(3)
    np.testing.assert_allclose(la.mse_grad(w, X, y), [-10 / 3, -22 / 3])
    np.testing.assert_allclose(np.linalg.eigvalsh(la.mse_hessian(X)), [0.24039313, 11.0929402], rtol=1e-7)
    assert la.mse_loss(np.array([2 / 3, 1 / 2]), X, y) == pytest.approx(1 / 18)
    w = np.array([0.3, -0.7])
    np.testing.assert_allclose(
        la.mse_grad(w, X, y), complex_step_gradient(lambda v: la.mse_loss(v, X, y), w), rtol=1e-13
    )


@settings(deadline=None, derandomize=True, max_examples=40)
@given(st.integers(1, 5), st.integers(1, 6), st.integers(0, 2**32 - 1), st.sampled_from([0, 1, -1]))
def test_softmax_and_logsumexp_agree_with_scipy(m, n, seed, axis):
    z = 20 * np.random.default_rng(seed).standard_normal((m, n))
    np.testing.assert_allclose(la.logsumexp(z, axis), scipy.special.logsumexp(z, axis), rtol=1e-13)
    np.testing.assert_allclose(la.softmax(z, axis), scipy.special.softmax(z, axis), rtol=1e-12)
    np.testing.assert_allclose(la.softmax(z, axis).sum(axis), 1, rtol=1e-13)
    np.testing.assert_array_equal(la.softmax(z), la.softmax(z, 1))
    np.testing.assert_array_equal(la.logsumexp(z), la.logsumexp(z, 1))


def test_softmax_and_logsumexp_far_out():
    np.testing.assert_allclose(la.softmax([1000, 1001]), [1 / (1 + np.e), np.e / (1 + np.e)], rtol=1e-14)
    assert la.logsumexp([-1000.0, -1000.0]) == pytest.approx(-1000 + np.log(2), rel=1e-15)
    np.testing.assert_array_equal(la.logsumexp([[-np.inf, -np.inf], [-np.inf, 3]]), [-np.inf, 3])
    np.testing.assert_array_equal(la.softmax([-np.inf, 0.0]), [0, 1])
    with pytest.raises(ValueError, match="z must be finite somewhere along the axis: got -inf throughout"):
        la.softmax([[0.0, 1], [-np.inf, -np.inf]])


def test_softmax_jacobian_is_the_hessian_of_logsumexp():
    z = np.array([0.3, -1.2, 2.0, 0.0])
    J = la.softmax_jacobian(la.softmax(z))
    for i in range(4):
        np.testing.assert_allclose(complex_step_gradient(lambda v, i=i: la.softmax(v)[i], z), J[i], rtol=1e-12)
    np.testing.assert_allclose(complex_step_gradient(la.logsumexp, z), la.softmax(z), rtol=1e-13)
    la.softmax_jacobian([0.5, 0.5 + 5e-10])  # rounding is forgiven
    for p in ([0.5, 0.6], [-0.1, 1.1], [0.5, 0.5 + 2e-9], [0.5, 0.4]):
        with pytest.raises(ValueError, match="p must be non-negative with sum 1"):
            la.softmax_jacobian(p)
    la.softmax_jacobian([0.0, 1.0])


def test_central_differences_of_cubics_are_off_by_their_third_derivative():
    def f(x):
        return np.array([x[0] ** 3 + x[1], x[1] ** 3 - 2 * x[0] * x[1], 4.0])

    x = np.array([0.5, 2.0])
    exact = np.array([[3 * 0.25, 1], [-4, 12 - 1], [0, 0]])
    J = la.numerical_jacobian(f, x, h=0.01)
    np.testing.assert_allclose(J, exact + 1e-4 * np.array([[1, 0], [0, 1], [0, 0]]), atol=1e-12)
    np.testing.assert_allclose(la.numerical_jacobian(f, x), exact, atol=1e-9)
    np.testing.assert_allclose(la.numerical_gradient(lambda x: f(x)[1], x, h=0.01), J[1], atol=1e-13)
    with pytest.raises(ValueError, match=r"f must return a number: got shape \(3,\); see numerical_jacobian"):
        la.numerical_gradient(f, x)


def test_the_default_step_grows_with_the_argument():
    asked = []

    def spy(x):
        asked.append(x.copy())
        return x.sum()

    la.numerical_gradient(spy, np.array([0.01, -300.0]))
    widths = np.ptp(np.array(asked), axis=0) / 2
    np.testing.assert_allclose(widths, np.array([1, 300]) * (2 * 2.0**-53) ** (1 / 3), rtol=1e-6)


def test_check_gradient_uses_the_symmetric_relative_error():
    f, x = lambda x: np.sum(x**2), np.array([3.0, 4.0])
    ok, error = la.check_gradient(f, lambda x: 2 * x, x)
    assert (ok, type(ok), type(error)) == (True, bool, float)
    assert error < 1e-9
    ok, error = la.check_gradient(f, lambda x: 2.2 * x, x)
    assert not ok
    assert error == pytest.approx(1 / (10 + 11), rel=1e-6)
    assert la.check_gradient(f, lambda x: 2.2 * x, x, rtol=0.05)[0]
    tiny = la.check_gradient(lambda x: 1e-3 * np.sum(x), lambda x: 0 * x, x)[1]
    assert tiny == pytest.approx(1e-3 * 2**0.5, rel=1e-6)  # below 1 the error is absolute
    assert not la.check_gradient(lambda x: 2.2e-6 * x[0], lambda x: 0 * x, np.ones(1))[0]
    assert la.check_gradient(lambda x: 0.8e-6 * x[0], lambda x: 0 * x, np.ones(1))[0]


def test_backpropagation_of_the_worked_layer():
    def sigmoid(z):
        return 1 / (1 + np.exp(-z))

    W, b, x = np.array([[1, -1], [0.5, 2]]), np.array([0.0, -1]), np.array([1.0, 2])
    a, z = la.dense_forward(W, b, x, sigmoid)
    dW, db, dx = la.dense_backward(W, x, z, a - [0, 1], lambda z: sigmoid(z) * (1 - sigmoid(z)))
    np.testing.assert_array_equal(z, [-1, 3.5])
    np.testing.assert_allclose(a, [0.26894142, 0.97068777], atol=5e-9)
    np.testing.assert_allclose(db, [0.05287709, -0.00083402], atol=5e-9)
    np.testing.assert_allclose(dW, [[0.05287709, 0.10575419], [-0.00083402, -0.00166804]], atol=5e-9)
    np.testing.assert_allclose(dx, [0.05246008, -0.05454514], atol=5e-9)


def test_three_layers_agree_with_autograd():
    rng = np.random.default_rng(20)
    layers = [(rng.standard_normal((m, n)), rng.standard_normal(m)) for m, n in ((5, 4), (3, 5), (2, 3))]
    x, y = rng.standard_normal(4), rng.standard_normal(2)

    def loss(params):
        a = params[0]
        for W, b in params[1:]:
            a = anp.tanh(anp.dot(W, a) + b)
        return anp.sum((a - y) ** 2)

    reference = autograd.grad(loss)([x, *layers])
    a, record = x, []
    for W, b in layers:
        below, (a, z) = a, la.dense_forward(W, b, a, np.tanh)
        record.append((W, below, z))
    g = 2 * (a - y)
    for (W, below, z), (ref_W, ref_b) in zip(reversed(record), reversed(reference[1:]), strict=True):
        dW, db, g = la.dense_backward(W, below, z, g, lambda z: 1 - np.tanh(z) ** 2)
        np.testing.assert_allclose(dW, ref_W, rtol=1e-10, atol=1e-14)
        np.testing.assert_allclose(db, ref_b, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(g, reference[0], rtol=1e-10, atol=1e-14)


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
        (lambda: la.power_iteration([[1.0, 2], [3, 4]]), "A must be symmetric"),
        (lambda: la.power_iteration(np.eye(2), v0=[0, 0]), "v0 must hold 2 numbers, not all zero"),
        (lambda: la.power_iteration(np.eye(2), v0=[1, 2, 3]), "v0 must hold 2 numbers"),
        (lambda: la.power_iteration(np.eye(2), n_iter=0), "n_iter must be at least 1"),
        (lambda: la.power_iteration(np.eye(2), tol=-1), "tol must be non-negative"),
        (lambda: la.power_iteration(np.eye(2), seed=None), "seed must be an integer"),
        (lambda: la.spectral(np.ones((2, 3))), r"A must be square: got shape \(2, 3\)"),
        (lambda: la.spectral([[1.0, 1], [1 + 1e-9, 1]]), "A must be symmetric"),
        (lambda: la.spectral([[np.inf]]), "A contains NaN or infinity"),
        (lambda: la.matrix_function(np.diag([1.0, -1]), np.log), "f must be finite on each eigenvalue of A"),
        (lambda: la.matrix_function(np.eye(2), lambda e: 1.0), "f must be finite on each eigenvalue"),
        (lambda: la.is_psd(np.eye(2), tol=-1), "tol must be non-negative"),
        (lambda: la.is_pd([[1.0, 2], [3, 4]]), "A must be symmetric"),
        (lambda: la.four_subspaces([[np.nan]]), "A contains NaN or infinity"),
        (lambda: la.svd_from_eigh([[np.nan]]), "A contains NaN or infinity"),
        (lambda: la.truncated_svd(np.eye(3), 4), r"k must lie in \[0, 3\]: got 4"),
        (lambda: la.low_rank(np.eye(3), -1), r"k must lie in \[0, 3\]: got -1"),
        (lambda: la.low_rank(np.eye(3), 1.5), "k must be an integer"),
        (lambda: la.range_finder(np.eye(3), 0), r"size must lie in \[1, 3\]: got 0"),
        (lambda: la.randomized_svd(np.eye(3), 0), r"k must lie in \[1, 3\]: got 0"),
        (lambda: la.randomized_svd(np.eye(3), 1, oversample=-1), "oversample must be non-negative: got -1"),
        (lambda: la.gram_schmidt([[np.nan]]), "A contains NaN or infinity"),
        (lambda: la.householder_vector([np.nan]), "x contains NaN or infinity"),
        (lambda: la.householder_qr([[np.inf]]), "A contains NaN or infinity"),
        (lambda: la.cholesky([[1.0, 2], [3, 4]]), "A must be symmetric"),
        (lambda: la.forward_substitution(np.ones((2, 3)), np.ones(2)), "L must be square"),
        (lambda: la.back_substitution(np.eye(2), np.ones(3)), "R and b have different numbers of rows: 2 and 3"),
        (lambda: la.woodbury_solve([1.0, 0], np.ones((2, 1)), [[1.0]], np.ones(2)), "a_diag must not contain zero"),
        (lambda: la.woodbury_solve([1.0], np.ones((2, 1)), [[1.0]], np.ones(2)), r"a_diag must have shape \(2,\)"),
        (lambda: la.woodbury_solve([1.0, 2], np.ones((2, 1)), np.eye(2), np.ones(2)), r"and C \(1, 1\)"),
        (lambda: la.woodbury_solve([1.0, 2], np.ones((2, 1)), [[1.0]], np.ones(3)), "U and b have different numbers"),
        (lambda: la.mse_loss(np.ones(3), np.eye(2), np.ones(2)), r"w must have shape \(2,\), one weight per column"),
        (lambda: la.mse_grad(np.ones(2), np.eye(2), np.ones(3)), "different numbers of samples"),
        (lambda: la.mse_hessian(np.ones(2)), "X must be 2-dimensional"),
        (lambda: la.softmax([np.nan]), "z contains NaN or infinity"),
        (lambda: la.softmax(2.0), "z must hold at least one number along an axis"),
        (lambda: la.logsumexp([]), "z must hold at least one number along an axis"),
        (lambda: la.logsumexp([0.0, np.inf]), "z contains NaN or infinity"),
        (lambda: la.numerical_gradient(np.sum, [np.nan]), "x contains NaN or infinity"),
        (lambda: la.numerical_gradient(np.sum, [1.0], h=-1), "h must be positive: got -1"),
        (lambda: la.check_gradient(np.sum, lambda x: 1.0, [1.0]), r"grad must return shape \(1,\): got \(\)"),
        (lambda: la.check_gradient(np.sum, np.ones_like, [1.0], rtol=-1), "rtol must be non-negative"),
        (lambda: la.dense_forward(np.eye(2), np.ones(3), np.ones(2), np.tanh), r"W, b, x must have shapes"),
        (lambda: la.dense_forward(np.ones((2, 3)), np.ones(2), np.ones(2), np.tanh), r"W, b, x must have shapes"),
        (lambda: la.dense_forward(np.ones(2), np.ones(2), np.ones(()), np.tanh), r"W, b, x must have shapes"),
        (lambda: la.dense_backward(np.eye(2), np.ones(3), np.ones(2), np.ones(2), np.cos), "W, x, z, grad_a must"),
        (lambda: la.dense_backward(np.eye(2), np.ones(2), np.ones(2), np.ones(3), np.cos), "W, x, z, grad_a must"),
        (lambda: la.dense_backward(np.eye(2), np.ones(2), np.ones(3), np.ones(3), np.cos), "W, x, z, grad_a must"),
        (lambda: la.dense_backward(np.ones(2), np.ones(()), np.ones(2), np.ones(2), np.cos), "W, x, z, grad_a must"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# Complex without being analytic


@pytest.mark.parametrize("f", [lambda v: np.vdot(v, v), lambda v: np.sum(v * np.sign(v))], ids=["conj", "sign"])
@pytest.mark.parametrize("size", [1e-3, 1.0, 1e6])
def test_the_complex_step_refuses_a_function_that_stays_complex_without_being_analytic(f, size):
    with pytest.raises(ValueError, match=r"f must be analytic: slope .* by complex step, .* by central differences"):
        la.complex_step_gradient(f, size * np.array([0.3, -1.2, 2.0]))
    x = size * np.array([0.3, 1.2, 2.0])
    np.testing.assert_allclose(la.complex_step_gradient(lambda v: np.sum(np.log(v)) + v @ v, x), 1 / x + 2 * x)


# Hard data


@pytest.mark.parametrize("method", ["qr", "svd", "normal"])
def test_least_squares_of_full_rank_knows_no_units(method):
    rng = np.random.default_rng(4)
    A, b, own = rng.standard_normal((9, 4)), rng.standard_normal(9), np.array([1e17, 1e-12, 1.0, 1e-200])
    np.testing.assert_allclose(own * lstsq(A * own, b, method), lstsq(A, b), rtol=1e-9)


def test_of_many_minimisers_the_shortest_also_where_columns_have_units_of_their_own():
    rng = np.random.default_rng(4)
    for own in ([1.0, 1.0, 1.0, 1.0], [1e3, 1.0, 1e-3, 5.0]):
        A, b = rng.standard_normal((3, 4)) * own, rng.standard_normal((3, 2))
        np.testing.assert_allclose(lstsq(A, b, "svd"), np.linalg.pinv(A) @ b, rtol=1e-9)
    A[:, 3] = A[:, 0]
    x = lstsq(A, b, "svd")
    np.testing.assert_allclose(x[3], x[0], atol=1e-9 * np.abs(x).max())
    np.testing.assert_allclose(A @ x, b, atol=1e-9)


def test_classical_and_modified_orthogonalisation_take_the_shadows_they_say():
    A = np.array([[1.0, 1, 1], [1e-8, 0, 0], [0, 1e-8, 0], [0, 0, 1e-8]])  # Läuchli's: the two part ways
    for modified, dot in ((False, 0.5), (True, 0.0)):
        Q, R = la.gram_schmidt(A, modified)
        assert abs(Q[:, 1] @ Q[:, 2]) == pytest.approx(dot, abs=1e-7)
        np.testing.assert_allclose(Q @ R, A, atol=1e-15)
