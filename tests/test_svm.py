"""Support vector machines against libsvm, a general quadratic programme, enumeration and exact numbers."""

import warnings
from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize, minimize_scalar
from sklearn import svm as sk
from sklearn.base import clone
from sklearn.calibration import _sigmoid_calibration
from sklearn.metrics import pairwise
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import datasets, svm

TRIANGLE = np.array([[5.0, 4], [0, 4], [3, 0], [0, 0], [2, 3]])
SIGNS = np.array([1.0, -1, -1, -1, 1])
POINTS = st.tuples(st.integers(-4, 4), st.integers(-4, 4), st.sampled_from((-1.0, 1.0)))


def cloud(seed, n=60, d=3, shift=1.0):
    """Two classes that overlap."""
    rng = np.random.default_rng(seed)
    y = np.where(np.arange(n) % 2 == 0, 1.0, -1.0)
    return rng.standard_normal((n, d)) + 0.5 * shift * y[:, None], y


def cancer():
    bunch = datasets.load_breast_cancer()
    return (bunch.X - bunch.X.mean(axis=0)) / bunch.X.std(axis=0), bunch.y


def both(rows):
    A, B, y = np.array(rows).T
    return np.column_stack([A, B]), y, len(set(y)) == 2


# Kernels


@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 4, 3), (5, 9, 1)])
def test_kernels_are_scikit_learns(shape):
    n, m, d = shape
    rng = np.random.default_rng(0)
    X, Z = rng.standard_normal((n, d)), rng.standard_normal((m, d))
    close = {"rtol": 1e-12, "atol": 1e-14}
    np.testing.assert_allclose(svm.linear_kernel(X, Z), pairwise.linear_kernel(X, Z), **close)
    for p, g, r in ((3, 1.0, 1.0), (2, 0.5, 0.0), (1, 2.0, -1.0)):
        ours, theirs = svm.poly_kernel(X, Z, p, g, r), pairwise.polynomial_kernel(X, Z, p, g, r)
        np.testing.assert_allclose(ours, theirs, **close)
        np.testing.assert_allclose(svm.sigmoid_kernel(X, Z, g, r), pairwise.sigmoid_kernel(X, Z, g, r), **close)
        np.testing.assert_allclose(svm.rbf_kernel(X, Z, g), pairwise.rbf_kernel(X, Z, g), **close)
    assert svm.poly_kernel([[2.0]], [[3.0]]) == 343
    assert svm.sigmoid_kernel([[2.0]], [[3.0]]) == np.tanh(6)
    assert svm.rbf_kernel([[2.0]], [[3.0]]) == np.exp(-1)


def test_the_gaussian_kernel_far_from_zero():
    X = np.array([[1e8], [1e8 + 1], [1e8 + 1], [1e8 - 2]])
    expected = np.exp(-0.5 * np.subtract.outer(X[:, 0], X[:, 0]) ** 2)
    np.testing.assert_array_equal(svm.rbf_kernel(X, X, 0.5), expected)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X: svm.rbf_kernel(X, X, 0.0), "gamma must be positive: got 0.0"),
        (lambda X: svm.poly_kernel(X, X, 0), "degree must be at least 1: got 0"),
        (lambda X: svm.poly_kernel(X, X, 2, -1.0), "gamma must be positive: got -1.0"),
        (lambda X: svm.linear_kernel(X, X[:, :1]), "Z must have 2 features: got 1"),
        (lambda X: svm.sigmoid_kernel(X * np.nan, X), "X contains NaN or infinity"),
        (lambda X: svm.smo(X, SIGNS, 1.0), r"K must be square: got shape \(5, 2\)"),
        (lambda X: svm.smo(np.triu(np.ones((5, 5))), SIGNS, 1.0), "K must be symmetric"),
        (lambda X: svm.smo(X @ X.T, SIGNS[:4], 1.0), "y must hold 5 labels, one for each sample: got 4"),
        (lambda X: svm.smo(X @ X.T, SIGNS > 0, 1.0), r"y must hold -1 and 1: got \[1.0, 0.0"),
        (lambda X: svm.smo(X @ X.T, np.ones(5), 1.0), "SVM needs exactly two classes: got only 1"),
        (lambda X: svm.smo(X @ X.T, SIGNS, 0.0), "C must be positive: got 0"),
        (lambda X: svm.smo(X @ X.T, SIGNS, -np.inf), "C must be a finite number: got -inf"),
        (lambda X: svm.smo(X @ X.T, SIGNS, 1.0, tol=0), "tol must be positive: got 0"),
        (lambda X: svm.smo(X @ X.T, SIGNS, 1.0, max_iter=0), "max_iter must be at least 1: got 0"),
        (lambda X: svm.smo(X @ X.T, SIGNS, 1.0, selection="best"), "selection must be 'mvp' or 'second_order'"),
        (lambda X: svm.working_pair(np.ones(5), X @ X.T, SIGNS, 2.0, "worst"), "selection must be"),
        (lambda X: svm.smo_step(np.ones(5), 2, 2, X @ X.T, SIGNS, 2.0), "i and j must differ: got 2 twice"),
        (lambda X: svm.smo_step(np.ones(5), 0, 5, X @ X.T, SIGNS, 2.0), r"j must lie in \[0, 4\]: got 5"),
        (lambda X: svm.smo_step(-np.ones(5), 0, 1, X @ X.T, SIGNS, 2.0), r"alpha must lie in \[0, 2\]: got \[-1.0"),
        (lambda X: svm.dual_objective(np.ones(4), X @ X.T, SIGNS), r"alpha must have shape \(5,\)"),
        (lambda X: svm.geometric_margin(np.zeros(2), 1.0, X, SIGNS), "w must not be zero"),
        (lambda X: svm.geometric_margin(np.ones(3), 1.0, X, SIGNS), r"w must have shape \(2,\)"),
        (lambda X: svm.primal_objective(np.ones(2), 1.0, X, SIGNS, 0), "C must be positive: got 0"),
        (lambda X: svm.duality_gap(np.ones(5), 1.0, X @ X.T, SIGNS, -1), "C must be positive: got -1"),
        (lambda X: svm.hard_margin(X, -np.ones(5)), "SVM needs exactly two classes: got only -1"),
        (lambda X: svm.hard_margin(X - X, SIGNS), "data are not linearly separable: the hard-margin problem is inf"),
        (lambda X: svm.nearest_hull_points(X[[0, 0]], [1, -1]), "data are not linearly separable"),
        (lambda X: svm.best_offset(X[:, 0], np.ones(5)), "SVM needs exactly two classes"),
        (lambda X: svm.platt_scaling(X[:, 0], np.ones(5)), "SVM needs exactly two classes"),
        (lambda X: svm.SVC().fit(X, np.ones(5)), "y must hold exactly two classes: got only 1"),
        (lambda X: svm.SVC().fit(X, np.arange(5)), "y must hold exactly two classes: got 5"),
        (lambda X: svm.SVC().fit(X, SIGNS[:3]), r"y must have shape \(5,\), one label for each row of X: got \(3,\)"),
        (lambda X: svm.SVC(C=0).fit(X, SIGNS), "C must be positive: got 0"),
        (lambda X: svm.SVC(kernel="cosine").fit(X, SIGNS), "unknown kernel 'cosine': it must be one of linear, poly"),
        (lambda X: svm.SVC(gamma=0).fit(X, SIGNS), "gamma must be positive: got 0"),
        (lambda X: svm.SVC(gamma="auto").fit(X, SIGNS), "gamma must be a finite number: got 'auto'"),
        (lambda X: svm.SVC(tol=-1).fit(X, SIGNS), "tol must be positive: got -1"),
        (lambda X: svm.SVC(kernel=lambda A, B: A @ B[::-1].T).fit(X, SIGNS), "Gram matrix must be symmetric"),
        (lambda X: svm.SVC().predict(X), "SVC is not fitted"),
        (lambda X: svm.SVC().fit(X, SIGNS).predict(X[:, :1]), "X must have 2 features: got 1"),
        (lambda X: svm.OneVsOneSVC().fit(X, np.ones(5)), "y must hold at least two classes: got only 1"),
        (lambda X: svm.OneVsOneSVC().predict(X), "OneVsOneSVC is not fitted"),
        (lambda X: svm.SVR(epsilon=-1).fit(X, SIGNS), "epsilon must be non-negative: got -1"),
        (lambda X: svm.SVR(C=0).fit(X, SIGNS), "C must be positive: got 0"),
        (lambda X: svm.SVR(tol=0).fit(X, SIGNS), "tol must be positive: got 0"),
        (lambda X: svm.SVR(max_iter=1.5).fit(X, SIGNS), "max_iter must be an integer: got 1.5"),
        (lambda X: svm.SVR(kernel="tree").fit(X, SIGNS), "unknown kernel 'tree'"),
        (lambda X: svm.SVR().predict(X), "SVR is not fitted"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call(TRIANGLE)


# The triangle, by hand


def test_the_widest_street_of_the_triangle():
    w, b, alpha = svm.hard_margin(TRIANGLE[:4], SIGNS[:4])
    np.testing.assert_allclose(w, [0.4, 0.3], rtol=1e-9)
    assert b == pytest.approx(-2.2, rel=1e-9)
    np.testing.assert_allclose(alpha, [1 / 8, 1 / 20, 3 / 40, 0], atol=1e-9)
    np.testing.assert_allclose(svm.geometric_margin(w, b, TRIANGLE[:4], SIGNS[:4]), [2, 2, 2, 4.4], rtol=1e-9)
    p, q = svm.nearest_hull_points(TRIANGLE[:4], SIGNS[:4])
    np.testing.assert_allclose([p, q], [[5, 4], [1.8, 1.6]], rtol=1e-8)
    w, b, alpha = svm.hard_margin(TRIANGLE, SIGNS)
    np.testing.assert_allclose([*w, b], [1.6, 1.2, -5.8], rtol=1e-9)
    np.testing.assert_allclose(alpha, [0, 1.2, 0.8, 0, 2], atol=1e-9)


def by_hand(C):
    """α₁, α₂, α₃, α₅, w, b and the optimum, from the table."""
    if C <= 0.1:
        return (C, C, C, C), (4 * C, 3 * C), None, 4 * C - 12.5 * C**2
    if C <= 0.5:
        return (1 / 8 - C / 4, 1 / 20 + C / 2, 3 / 40 + C / 4, C), (0.4, 0.3), -2.2, 1 / 8 + 1.5 * C
    if C <= 2:
        return (0, 0.6 * C, 0.4 * C, C), (0.8 * C, 0.6 * C), -1 - 2.4 * C, 2 * C - C**2 / 2
    return (0, 1.2, 0.8, 2), (1.6, 1.2), -5.8, 2


@pytest.mark.parametrize("C", [0.03, 0.05, 0.1, 0.2, 0.3, 0.5, 0.8, 1.0, 1.7, 2.0, 3.0, 1e6])
@pytest.mark.parametrize("selection", ["mvp", "second_order"])
def test_the_path_of_the_newcomer(C, selection):
    alpha, w, b, optimum = by_hand(C)
    K = TRIANGLE @ TRIANGLE.T
    found = svm.smo(K, SIGNS, C, tol=1e-10, selection=selection)
    np.testing.assert_allclose(found["alpha"][[0, 1, 2, 4]], alpha, atol=1e-8)
    assert found["alpha"][3] == 0
    np.testing.assert_allclose(TRIANGLE.T @ (found["alpha"] * SIGNS), w, atol=1e-8)
    assert found["history"][-1] == pytest.approx(optimum, rel=1e-9)
    assert svm.dual_objective(found["alpha"], K, SIGNS) == pytest.approx(optimum, rel=1e-9)
    if b is not None and C not in (0.1, 2.0, 3.0, 1e6):
        assert found["b"] == pytest.approx(b, abs=1e-8)
        assert svm.primal_objective(w, b, TRIANGLE, SIGNS, C) == pytest.approx(optimum, rel=1e-12)
    assert abs(found["gap"]) <= 1e-8 * max(1, C)
    m, M = svm.offset_interval(found["alpha"], K, SIGNS, C)
    assert m - M == pytest.approx(found["violation"], abs=1e-9)
    assert found["violation"] <= 1e-10
    if C < 0.1:
        assert (m, M) == pytest.approx((-1.6, -1.0) if C == 0.05 else (m, M))
        assert found["b"] == pytest.approx((m + M) / 2)


def test_four_steps_to_the_end():
    K, alpha, pairs, gains = TRIANGLE @ TRIANGLE.T, np.zeros(5), [], []
    while svm.offset_interval(alpha, K, SIGNS, 0.5)[0] > svm.offset_interval(alpha, K, SIGNS, 0.5)[1] + 1e-12:
        pair = svm.working_pair(alpha, K, SIGNS, 0.5)
        alpha, gain = svm.smo_step(alpha, *pair, K, SIGNS, 0.5)
        pairs.append(tuple(k + 1 for k in pair))
        gains.append(gain)
    assert pairs == [(1, 3), (5, 2), (2, 1), (5, 3)]
    np.testing.assert_allclose(np.cumsum(gains), [0.1, 0.5, 0.675, 0.875], rtol=1e-12)
    np.testing.assert_allclose(alpha, [0, 0.3, 0.2, 0, 0.5], rtol=1e-12)
    assert alpha[0] == 0 and alpha[4] == 0.5  # to the wall, not near it
    assert svm.smo(K, SIGNS, 0.5, selection="mvp")["n_iter"] == 6


def test_a_fifth_of_what_is_missing():
    K, alpha, values = TRIANGLE[:4] @ TRIANGLE[:4].T, np.zeros(4), [0.0]
    for k in range(12):  # two lines that meet at an angle whose squared cosine is a fifth
        alpha, gain = svm.smo_step(alpha, 0, 1 + k % 2, K, SIGNS[:4], np.inf)
        values.append(values[-1] + gain)
    missing = 1 / 8 - np.array(values)
    np.testing.assert_allclose(missing[2:] / missing[1:-1], 0.2, rtol=1e-5)


def test_one_pair_by_every_point_of_its_segment():
    rng = np.random.default_rng(8)
    X, y = cloud(8, 8, 2)
    for kernel in (svm.linear_kernel, svm.rbf_kernel, svm.sigmoid_kernel):
        K = kernel(X, X)
        base = rng.uniform(0, 1, 8)
        for i, j in ((i, j) for i in range(8) for j in range(8) if i != j):
            low, high = svm.smo_bounds(base[i], base[j], y[i], y[j], 1.0)
            best = -np.inf
            for a in np.linspace(low, high, 41):
                other = base.copy()
                other[j], other[i] = a, base[i] + y[i] * y[j] * (base[j] - a)
                assert -1e-12 <= other[i] <= 1 + 1e-12
                best = max(best, svm.dual_objective(other, K, y))
            after, gain = svm.smo_step(base, i, j, K, y, 1.0)
            assert y @ after == pytest.approx(y @ base, abs=1e-12)
            np.testing.assert_array_equal(np.delete(after, [i, j]), np.delete(base, [i, j]))
            value = svm.dual_objective(after, K, y)
            assert value - svm.dual_objective(base, K, y) == pytest.approx(gain, abs=1e-12)
            if kernel is not svm.sigmoid_kernel or K[i, i] + K[j, j] > 2 * K[i, j]:
                assert value >= best - 1e-12
            assert gain >= -1e-13


@pytest.mark.parametrize(
    ("arguments", "ends"),
    [
        ((0.1, 0.3, 1, -1, 0.5), (0.2, 0.5)),
        ((0.3, 0.1, 1, -1, 0.5), (0, 0.3)),
        ((0.1, 0.3, 1, 1, 0.5), (0, 0.4)),
        ((0.4, 0.3, -1, -1, 0.5), (0.2, 0.5)),
        ((0.4, 0.3, -1, 1, np.inf), (0, np.inf)),
    ],
)
def test_the_ends_of_the_segment(arguments, ends):
    assert svm.smo_bounds(*arguments) == pytest.approx(ends)


@pytest.mark.parametrize("C", [0.2, 1.0, 6.0])
def test_the_gap_is_primal_less_dual_at_any_prices_and_any_offset(C):
    rng = np.random.default_rng(8)
    X, _ = cloud(8, 9, 3)
    y = np.where(np.arange(9) < 3, 1.0, -1.0)
    for b in (-1.3, 0.0, 0.4):
        alpha = C * rng.uniform(0, 1, 9)
        alpha[y > 0] *= alpha[y < 0].sum() / alpha[y > 0].sum()
        alpha /= max(1, alpha.max() / C)
        value = svm.primal_objective(X.T @ (alpha * y), b, X, y, C) - svm.dual_objective(alpha, X @ X.T, y)
        assert svm.duality_gap(alpha, b, X @ X.T, y, C) == pytest.approx(value, rel=1e-12)
        weights = np.outer(alpha * y, alpha * y)
        exact = sum(alpha) - sum(weights[i, j] * (X[i] @ X[j]) for i in range(9) for j in range(9)) / 2
        assert svm.dual_objective(alpha, X @ X.T, y) == pytest.approx(exact, rel=1e-12)


def test_without_a_ceiling_the_gap_is_what_the_square_exceeds_the_prices_by():
    X = TRIANGLE
    for selection in ("mvp", "second_order"):
        found = svm.smo(X @ X.T, SIGNS, np.inf, tol=1e-10, selection=selection)
        np.testing.assert_allclose(found["alpha"], [0, 1.2, 0.8, 0, 2], atol=1e-8)
        assert (found["b"], found["gap"]) == (pytest.approx(-5.8), pytest.approx(0, abs=1e-8))
        assert len(found["history"]) == found["n_iter"] + 1
    with pytest.warns(RuntimeWarning, match="SMO stopped after 1 steps"):
        short = svm.smo(X @ X.T, SIGNS, np.inf, max_iter=1)
    v = X.T @ (short["alpha"] * SIGNS)
    assert short["gap"] == pytest.approx(v @ v - short["alpha"].sum(), abs=1e-12)


def test_who_can_neither_rise_nor_fall_asks_for_no_offset():
    K, y = np.array([[2.0, 0.5], [0.5, 3]]), np.array([1.0, -1])
    assert svm.offset_interval([1.0, 0], K, y, 1.0) == (-np.inf, pytest.approx(-1.5))  # s is −1 and −1.5
    assert svm.offset_interval([0.0, 1], K, y, 1.0) == (pytest.approx(2.0), np.inf)  # s is 1.5 and 2
    assert svm.offset_interval([0.5, 0.5], K, y, 1.0) == pytest.approx((0.25, 0.25))  # s is 0.25 twice


# Against other solvers


def by_programme(K, y, C):
    """W at the optimum, by a general solver."""
    Q = K * np.outer(y, y)
    found = minimize(
        lambda a: a @ Q @ a / 2 - a.sum(),
        np.zeros(len(y)),
        jac=lambda a: Q @ a - 1,
        bounds=[(0, C)] * len(y),
        constraints={"type": "eq", "fun": lambda a: y @ a, "jac": lambda a: y},
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    return -found.fun


@settings(deadline=None, max_examples=60)
@given(st.lists(POINTS, min_size=2, max_size=12), st.sampled_from((0.01, 0.3, 1.0, 7.0)), st.booleans())
def test_the_optimum_of_any_small_sample(rows, C, curved):
    X, y, two = both(rows)
    if not two:
        return
    K = svm.rbf_kernel(X, X, 0.3) if curved else X @ X.T
    found = svm.smo(K, y, C)
    alpha = found["alpha"]
    assert np.all((alpha >= 0) & (alpha <= C))
    assert y @ alpha == pytest.approx(0, abs=1e-9 * C)
    assert np.all(np.diff(found["history"]) >= -1e-12)
    assert found["history"][-1] == pytest.approx(svm.dual_objective(alpha, K, y), rel=1e-9, abs=1e-12)
    assert svm.dual_objective(alpha, K, y) >= by_programme(K, y, C) - 1e-6
    assert -1e-9 <= found["gap"] <= 1e-6 * (1 + found["history"][-1])
    margins = y * (K @ (alpha * y) + found["b"])
    assert np.all(margins[alpha == 0] >= 1 - 1e-7)
    assert np.all(margins[alpha == C] <= 1 + 1e-7)
    np.testing.assert_allclose(margins[(alpha > 0) & (alpha < C)], 1, atol=1e-7)
    offset = svm.best_offset(K @ (alpha * y), y)
    assert svm.duality_gap(alpha, offset, K, y, C) <= found["gap"] + 1e-9


@settings(deadline=None, max_examples=60)
@given(st.lists(POINTS, min_size=2, max_size=9), st.lists(st.floats(-5, 5), min_size=9, max_size=9))
def test_the_best_offset_is_best(rows, f):
    _, y, two = both(rows)
    if not two:
        return
    f = np.array(f[: len(y)])

    def loss(b):
        return np.maximum(0, 1 - y * (f + b)).sum()

    least = min(loss(b) for b in y - f)  # the sum of kinks is least at one of them
    assert loss(svm.best_offset(f, y)) == pytest.approx(least, abs=1e-12)


REFERENCES = [
    *(("linear", C, {}) for C in (0.01, 0.1, 1.0)),
    *(("rbf", C, {"gamma": g}) for C in (0.1, 1.0, 10.0) for g in (0.01, 0.3, "scale")),
    *(("poly", 1.0, {"degree": p, "gamma": 0.1, "coef0": r}) for p, r in ((2, 1.0), (3, 0.0))),
    ("sigmoid", 0.1, {"gamma": 0.01, "coef0": 0.0}),
]


@pytest.mark.parametrize(("kernel", "C", "more"), REFERENCES)
@pytest.mark.parametrize("data", ["cancer", 0, 1, 2])
def test_decision_values_are_libsvms(kernel, C, more, data):
    X, y = cancer() if data == "cancer" else cloud(data, 80, 4)
    if more.get("gamma") == "scale":
        X = X - X.mean(axis=0)  # or libsvm's γ depends on the origin
    reference = sk.SVC(C=C, kernel=kernel, tol=1e-10, **more).fit(X, y)
    ours = svm.SVC(C=C, kernel=kernel, **more).fit(X, y)
    assert reference.fit_status_ == 0
    np.testing.assert_allclose(ours.decision_function(X), reference.decision_function(X), rtol=1e-5, atol=1e-5)
    assert ours.intercept_ == pytest.approx(reference.intercept_[0], abs=1e-5)
    np.testing.assert_array_equal(ours.predict(X), np.where(ours.decision_function(X) >= 0, 1, ours.classes_[0]))
    beta = np.zeros(len(X))
    beta[reference.support_] = reference.dual_coef_[0]
    K = ours._K(X - ours._middle, X - ours._middle)
    sign = np.where(y == 1, 1.0, -1.0)
    assert svm.dual_objective(ours.alpha_, K, sign) >= svm.dual_objective(np.abs(beta), K, sign) - 1e-9
    assert abs(ours.gap_) <= 1e-5 * svm.dual_objective(ours.alpha_, K, sign)
    np.testing.assert_array_equal(ours.support_, np.flatnonzero(ours.alpha_))
    np.testing.assert_array_equal(ours.dual_coef_, (ours.alpha_ * sign)[ours.support_])
    assert ours.n_iter_ > 0
    if kernel == "linear":
        np.testing.assert_allclose(ours.coef_, reference.coef_[0], atol=1e-5)


@pytest.mark.parametrize("machine", [svm.SVC, svm.OneVsOneSVC, svm.SVR])
def test_the_default_kernel_knows_neither_the_origin_nor_what_is_constant(machine):
    X, y = cloud(3, 60, 3)
    plain = machine().fit(X, y)
    shifted = X + np.array([0, 1.7e9, 0])
    for other in (shifted, np.column_stack([X, np.full(60, 7.0)]), np.column_stack([np.full(60, -4e8), X])):
        assert machine().fit(other, y)._gamma(other) == pytest.approx(plain._gamma(X), rel=1e-6)
        np.testing.assert_allclose(machine().fit(other, y).predict(other), plain.predict(X), atol=1e-4)


def test_no_street_is_too_narrow():
    """libsvm keeps kernel values in single precision, and stops early here; the gap says who is right."""
    X, y = cancer()
    for C, values in ((1.0, 26.52546), (10.0, None), (1e4, None)):
        ours = svm.SVC(C=C, kernel="linear", tol=1e-8).fit(X, y)
        value = svm.primal_objective(ours.coef_, ours.intercept_, X, np.where(y == 1, 1.0, -1.0), C)
        assert abs(ours.gap_) < 1e-7 * value
        if values:
            assert value == pytest.approx(values, rel=1e-6)
    w, b, alpha = svm.hard_margin(X, np.where(y == 1, 1.0, -1.0))
    margins = svm.geometric_margin(w, b, X, np.where(y == 1, 1.0, -1.0))
    assert margins.min() == pytest.approx(1 / np.linalg.norm(w), rel=1e-6)
    assert alpha.sum() == pytest.approx(w @ w, rel=1e-6)
    assert len(np.flatnonzero(alpha)) <= 31


def test_two_flowers_decide():
    iris = datasets.load_iris()
    X, y = iris.X[:100, 2:], np.where(iris.y[:100] == 0, -1.0, 1.0)
    w, b, alpha = svm.hard_margin(X, y)
    np.testing.assert_array_equal(np.flatnonzero(alpha), [44, 98])
    np.testing.assert_allclose([*w, b], [22 / 17, 14 / 17, -6.44 / 1.7], rtol=1e-8)
    w, _, alpha = svm.hard_margin(iris.X[:100], y)
    assert w @ w == pytest.approx(1.496116, abs=5e-7)
    assert alpha.sum() == pytest.approx(w @ w, rel=1e-8)


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("kernel", ["linear", "rbf", "poly"])
def test_regression_is_libsvms(seed, kernel):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((70, 3))
    y = 5 + X[:, 0] + np.sin(2 * X[:, 1]) + 0.3 * rng.standard_normal(70)
    for C, epsilon in ((0.1, 0.0), (1.0, 0.1), (3.0, 0.5), (1.0, 100.0)):
        more = {"C": C, "epsilon": epsilon, "kernel": kernel, "gamma": 0.4, "coef0": 1.0}
        reference = sk.SVR(tol=1e-10, **more).fit(X, y)
        ours = svm.SVR(**more).fit(X, y)
        np.testing.assert_allclose(ours.predict(X), reference.predict(X), atol=2e-5)
        assert ours.beta_.sum() == pytest.approx(0, abs=1e-9)
        assert np.abs(ours.beta_).max(initial=0) <= C
        rest = np.abs(y - ours.predict(X))
        assert np.all(ours.beta_[rest < epsilon - 1e-4] == 0)
        assert np.all(np.abs(ours.beta_[rest > epsilon + 1e-4]) == C)


def test_a_tube_by_hand():
    X, y = np.array([[0.0], [1], [2]]), np.array([0, 1.75, 3])
    machine = svm.SVR(C=10, epsilon=0.5, kernel="linear").fit(X, y)
    np.testing.assert_allclose(machine.beta_, [-0.5, 0, 0.5], atol=1e-6)
    assert (machine.coef_[0], machine.intercept_) == (pytest.approx(1, abs=1e-6), pytest.approx(0.5, abs=1e-6))
    lone = svm.SVR(epsilon=0.25).fit([[3.0]], [7.0])
    np.testing.assert_allclose(lone.predict([[3.0], [100.0]]), 7)
    assert svm.SVR(kernel="linear").fit(X, np.full(3, 4.0)).predict([[9.0]]) == pytest.approx(4)


def test_diabetes_needs_half_of_its_patients():
    diabetes = datasets.load_diabetes()
    counts = [
        len(svm.SVR(C=1000, epsilon=e, kernel="linear").fit(diabetes.X, diabetes.y).support_) for e in (0.0, 10.0, 40.0)
    ]
    assert counts == [442, 384, 220]


# More classes, and probabilities


@pytest.mark.parametrize("load", [datasets.load_iris, datasets.load_wine])
@pytest.mark.parametrize("kernel", ["linear", "rbf"])
def test_votes_are_libsvms(load, kernel):
    bunch = load()
    Z = (bunch.X - bunch.X.mean(axis=0)) / bunch.X.std(axis=0)
    reference = sk.SVC(kernel=kernel, tol=1e-8).fit(Z, bunch.y)
    ours = svm.OneVsOneSVC(kernel=kernel).fit(Z, bunch.y)
    assert len(ours.machines_) == 3
    np.testing.assert_array_equal(ours.predict(Z), reference.predict(Z))
    words = np.array(["c", "b", "a"])[bunch.y]
    again = svm.OneVsOneSVC(kernel=kernel).fit(Z, words).predict(Z)
    assert np.mean(again == np.array(["c", "b", "a"])[reference.predict(Z)]) > 0.99  # ties may fall otherwise


def test_a_circle_of_votes_goes_to_the_first():
    X = np.array([[0.0, 0], [4, 0], [2, 3]])
    machine = svm.OneVsOneSVC(kernel="linear").fit(X, ["a", "b", "c"])
    for pair, sign in (((0, 1), 1), ((0, 2), -1), ((1, 2), 1)):  # a beats b, b beats c, c beats a
        machine.machines_[pair].coef_ = np.zeros(2)
        machine.machines_[pair]._b = float(sign)
    assert machine.predict([[0.0, 0]]) == ["a"]


@pytest.mark.parametrize("seed", range(5))
def test_platts_sigmoid_is_scikit_learns(seed):
    X, y = cloud(seed, 90, 2)
    scores = X.sum(axis=1) * 3 + 1
    A, B = svm.platt_scaling(scores, y)
    np.testing.assert_allclose((A, B), _sigmoid_calibration(scores, y > 0), rtol=2e-3, atol=2e-3)
    target = np.where(y > 0, 46 / 47, 1 / 47)

    def loss(v):
        z = -(v[0] * scores + v[1])
        return np.sum(np.logaddexp(0, z) - target * z)

    for step in ([1e-3, 0], [-1e-3, 0], [0, 1e-3], [0, -1e-3]):
        assert loss(np.add((A, B), step)) > loss((A, B))
    assert A < 0
    shifted = svm.platt_scaling(scores * 1e9 + 1e12, y)
    np.testing.assert_allclose(shifted[0] * 1e9, A, rtol=1e-5)


def test_platts_sigmoid_at_the_edges():
    A, B = svm.platt_scaling([2.0, 2, 2, 2, 2], [1, 1, 1, -1, -1])
    np.testing.assert_allclose([A, B], [0, np.log(0.42 / 0.58)], rtol=1e-12)  # the targets' mean is 0.58
    found = svm.platt_scaling([3.0, 2, -2, -3], [1, 1, -1, -1])  # parted: still finite, for the targets are
    slope = minimize_scalar(even, bounds=(-9, 0), method="bounded").x
    np.testing.assert_allclose(found, [slope, 0], atol=1e-4)
    with pytest.warns(RuntimeWarning, match="platt_scaling stopped after 1 steps"):
        svm.platt_scaling([3.0, 2, -2, -3], [1, 1, -1, -1], max_iter=1)


def even(a):
    z = -a * np.array([3.0, 2, -2, -3])
    return np.sum(np.logaddexp(0, z) - np.array([0.75, 0.75, 0.25, 0.25]) * z)


# Degenerate data


@settings(deadline=None, max_examples=40)
@given(
    st.lists(POINTS, min_size=2, max_size=10),
    st.sampled_from((1e-9, 1.0, 1e9)),
    st.sampled_from((0.0, 3.0, 1e5)),
    st.sampled_from(("linear", "rbf")),
)
def test_units_and_origin_do_not_matter(rows, unit, origin, kernel):
    X, y, two = both(rows)
    if not two:
        return
    more = (lambda s: {"C": 0.7 / s**2}) if kernel == "linear" else (lambda s: {"C": 0.7, "gamma": 0.4 / s**2})
    plain = svm.SVC(kernel=kernel, **more(1)).fit(X, y)
    moved = svm.SVC(kernel=kernel, **more(unit)).fit((X + origin) * unit, y)
    expected = plain.decision_function(X)
    np.testing.assert_allclose(moved.decision_function((X + origin) * unit), expected, atol=1e-5)
    swapped = svm.SVC(kernel=kernel, **more(1)).fit(X, -y)
    np.testing.assert_allclose(swapped.decision_function(X), -expected, atol=1e-5)


@pytest.mark.parametrize("kernel", ["linear", "rbf", "poly"])
def test_constant_duplicated_and_empty_columns(kernel):
    X, y = cloud(4, 40, 2)
    plain = svm.SVC(kernel=kernel, gamma=0.5).fit(X, y).decision_function(X)
    wide = np.column_stack([X, np.zeros((40, 1))])
    np.testing.assert_allclose(svm.SVC(kernel=kernel, gamma=0.5).fit(wide, y).decision_function(wide), plain, atol=1e-5)
    if kernel != "poly":
        wide = np.column_stack([X, np.full((40, 1), 1e6)])
        moved = svm.SVC(kernel=kernel, gamma=0.5).fit(wide, y).decision_function(wide)
        np.testing.assert_allclose(moved, plain, atol=1e-5)
    twice = svm.SVC(kernel=kernel, gamma=0.5, C=0.5).fit(np.vstack([X, X]), np.append(y, y))
    np.testing.assert_allclose(twice.decision_function(X), plain, atol=2e-5)


@pytest.mark.parametrize("kernel", ["linear", "rbf", "poly", "sigmoid"])
def test_one_point_with_both_labels(kernel):
    machine = svm.SVC(kernel=kernel).fit(np.full((4, 2), 1e8), [0, 1, 1, 1])
    assert machine.decision_function([[1e8, 1e8]]) == pytest.approx(1, abs=1e-6)
    K = np.ones((2, 2))
    after, gain = svm.smo_step(np.zeros(2), 0, 1, K, np.array([1.0, -1]), 3.0)  # D = 0: to the wall
    assert after.tolist() == [3, 3] and gain == 6
    assert svm.smo_step(np.zeros(2), 1, 0, K, np.array([1.0, -1]), 3.0)[0].tolist() == [3, 3]
    assert svm.smo_step(np.array([1.0, 2]), 0, 1, K, np.array([1.0, 1]), 3.0)[0].tolist() == [1, 2]  # nothing to gain


@settings(deadline=None, max_examples=40)
@given(st.lists(POINTS, min_size=2, max_size=8), st.sampled_from((1e-9, 1.0, 1e7)), st.sampled_from((0, 10**6)))
def test_the_street_is_as_wide_as_the_bridge_is_long(rows, unit, origin):
    X, y, two = both(rows)
    if not two:
        return
    X = (X + origin) * unit
    try:
        w, b, alpha = svm.hard_margin(X, y)
    except ValueError as error:
        assert "not linearly separable" in str(error)
        return
    p, q = svm.nearest_hull_points(X, y)
    assert np.linalg.norm(p - q) == pytest.approx(2 / np.linalg.norm(w), rel=1e-6)
    assert svm.geometric_margin(w, b, X, y).min() == pytest.approx(1 / np.linalg.norm(w), rel=1e-6)
    assert alpha.sum() == pytest.approx(w @ w, rel=1e-6)


def exact_width(X, y):
    """The squared distance of the hulls of small integer points: the least over points, edges and their pairs."""
    least = None
    for sides in ((y > 0, y < 0), (y < 0, y > 0)):
        for v in X[sides[0]]:
            for a, c in product(X[sides[1]], repeat=2):
                d = [Fraction(int(k)) for k in c - a]
                e = [Fraction(int(k)) for k in v - a]
                length = sum(k * k for k in d)
                t = min(max(sum(k * m for k, m in zip(d, e, strict=True)) / length, 0), 1) if length else 0
                value = sum((k - t * m) ** 2 for k, m in zip(e, d, strict=True))
                least = value if least is None else min(least, value)
    return float(least)


@settings(deadline=None, max_examples=40)
@given(st.lists(POINTS, min_size=2, max_size=8))
def test_the_width_in_fractions(rows):
    X, y, two = both(rows)
    if not two:
        return
    try:
        w, _, _ = svm.hard_margin(X, y)
    except ValueError:
        return
    assert 4 / (w @ w) == pytest.approx(exact_width(X, y), rel=1e-7)


def test_it_warns_once_and_at_the_callers_line():
    X, y = cloud(1, 60, 3)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        svm.SVC(max_iter=3).fit(X, y)
        svm.SVR(max_iter=3).fit(X, X[:, 0] ** 2)
        svm.smo(X @ X.T, y, 1.0, max_iter=3)
    assert [w.category for w in caught] == [RuntimeWarning] * 3
    assert {w.filename for w in caught} == {__file__}
    assert "SMO stopped after 3 steps" in str(caught[0].message)


# In scikit-learn's hands


def test_it_works_where_scikit_learns_estimators_do():
    X, y = cloud(3, 60, 2)
    words = np.where(y > 0, "yes", "no")
    search = GridSearchCV(
        make_pipeline(StandardScaler(), svm.SVC()), {"svc__C": [0.1, 1.0], "svc__kernel": ["linear", "rbf"]}, cv=3
    )
    assert set(search.fit(X, words).predict(X)) == {"no", "yes"}
    assert clone(svm.SVR(epsilon=0.3)).epsilon == 0.3
    assert repr(svm.SVC(C=3, kernel="linear")) == "SVC(C=3, kernel='linear')"
    machine = svm.SVC(kernel=lambda A, B: svm.linear_kernel(A, B) ** 2).fit(X, words)
    reference = sk.SVC(kernel="poly", degree=2, gamma=1.0, tol=1e-10).fit(X, words)
    np.testing.assert_allclose(machine.decision_function(X), reference.decision_function(X), atol=1e-5)
    assert machine.score(X, words) == reference.score(X, words)
    assert svm.SVR(kernel="linear").fit(X, X[:, 0]).score(X, X[:, 0]) > 0.9


def test_a_kernel_whose_rounding_drowns_the_margin_says_so():
    X, y = cloud(5, 30, 2)
    with pytest.warns(RuntimeWarning, match="SMO can do no better than a violation of .* scale X"):
        svm.SVC(kernel="poly", degree=3, gamma=1.0, coef0=1.0, C=1.0).fit(X * 1e-3 + 1e7, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        svm.SVC(kernel="rbf", gamma=1e6).fit(X * 1e-3 + 1e7, y)


def test_the_zigzag_is_cut_short():
    """Without the common step of the free multipliers this takes some hundred times as many steps."""
    X, y = cancer()
    machine = svm.SVC(C=1.0, kernel="linear", tol=1e-9).fit(X, y)
    assert machine.n_iter_ <= 2000 and abs(machine.gap_) < 1e-9
    history = svm.smo(X @ X.T, np.where(y == 1, 1.0, -1.0), 1.0)["history"]
    assert np.all(np.diff(history) >= -1e-9) and history[-1] == pytest.approx(26.525455, rel=1e-7)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.sampled_from((0.3, 0.01, 1e-5)), st.sampled_from((0.2, 1.0, 8.0)), st.booleans())
def test_the_tolerance_bounds_the_distance_from_the_optimum(seed, tol, C, first_order):
    X, y = cloud(seed, n=14, d=2)
    X[3] = X[2]  # one place, both labels: the Gram matrix is singular
    K = X @ X.T
    found = svm.smo(K, y, C, tol=tol, selection="mvp" if first_order else "second_order")
    low, high = svm.offset_interval(found["alpha"], K, y, C)
    assert low - high <= tol
    gap = svm.duality_gap(found["alpha"], (low + high) / 2, K, y, C)
    assert gap <= len(y) * C * max(0.0, low - high) / 2 + 1e-9
    best = svm.smo(K, y, C, tol=1e-11)["history"][-1]
    assert best - 1e-9 <= found["history"][-1] + len(y) * C * tol / 2
