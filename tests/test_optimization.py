"""Trajectories against closed forms and hand-written loops, projections by their certificates, the lasso by sklearn."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso

from mlderived.optimization import (
    gradient_descent,
    lasso_duality_gap,
    project_ball,
    project_simplex,
    proximal_gradient,
    sgd,
    soft_threshold,
)

D = np.array([1.0, 100.0])  # the quadratic ½(x₁² + 100 x₂²), from (1, 1)
START = np.ones(2)
FLOOR = 1e-12


def quadratic(x):
    return 0.5 * (D @ x**2)


def slope(x):
    return D * x


# Gradient descent


@pytest.mark.parametrize("step", [0.3 / 100, 1.0 / 100, 1.9 / 100, 2.5 / 100])
def test_every_iterate_is_the_closed_form_with_the_step_recorded(step):
    run = gradient_descent(quadratic, slope, START, step=step, max_iter=25, tol=0)
    expected = (1 - step * D) ** np.arange(26)[:, None] * START
    np.testing.assert_allclose(run.history.x, expected, rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(run.history.f, 0.5 * (expected**2 @ D), rtol=1e-11, atol=1e-25)
    np.testing.assert_array_equal(run.history.step, np.full(25, step))
    np.testing.assert_array_equal(run.x, run.history.x[-1])
    assert (run.f, run.grad_norm) == (run.history.f[-1], np.linalg.norm(slope(run.x)))
    assert (run.n_iter, run.converged) == (25, False)


def test_the_book_s_numbers_with_step_one_over_L_and_the_optimal_one():
    assert gradient_descent(quadratic, slope, START, L=100, max_iter=200).f == pytest.approx(0.00897528, rel=1e-6)
    best = gradient_descent(quadratic, slope, START, step=2 / 101, max_iter=200)
    assert np.linalg.norm(best.x) == pytest.approx((99 / 101) ** 200 * np.sqrt(2), rel=1e-10)


def test_stops_at_the_first_gradient_within_tol():
    run = gradient_descent(quadratic, slope, START, L=100, tol=1e-3)
    norms = np.linalg.norm(slope(run.history.x), axis=1)
    assert run.converged and norms[-1] <= 1e-3 < norms[-2]
    assert run.n_iter == len(run.history.step) == len(run.history.f) - 1
    at_rest = gradient_descent(quadratic, slope, np.zeros(2), L=100, tol=0)
    assert (at_rest.n_iter, at_rest.converged) == (0, True)
    on_the_edge = gradient_descent(quadratic, slope, [1.0, 0.0], L=100, tol=1)  # ‖∇f‖ is exactly 1
    assert (on_the_edge.n_iter, on_the_edge.converged) == (0, True)


def test_divergence_ends_at_the_first_infinite_objective_without_a_warning():
    run = gradient_descent(lambda x: np.exp(D @ x**2), lambda x: 1e3 * x**3, START, step=1.0)
    assert not run.converged and not np.isfinite(run.f)
    assert np.all(np.isfinite(run.history.f[:-1])) and 0 < run.n_iter < 10


def test_armijo_takes_the_first_halved_step_that_descends_enough():
    run = gradient_descent(quadratic, slope, START, step="armijo", max_iter=50)
    x, a, g = run.history.x[:-1], run.history.step, slope(run.history.x[:-1])
    np.testing.assert_array_equal(a, 2.0 ** np.round(np.log2(a)))
    g2 = np.sum(g**2, axis=1)
    f, longer = run.history.f, np.array([quadratic(p) for p in x - 2 * a[:, None] * g])
    assert np.all(f[1:] <= f[:-1] - 1e-4 * a * g2)
    assert np.all((longer > f[:-1] - 2e-4 * a * g2) | (a == 1))
    assert a.min() >= min(1, 2 * 0.5 * (1 - 1e-4) / 100)


@pytest.mark.parametrize(("L", "expected"), [(0.5, 1.0), (1.99979, 1.0), (1.99981, 0.5), (1e9, 2.0**-29)])
def test_armijo_s_constant(L, expected):
    run = gradient_descent(lambda x: L / 2 * x @ x, lambda x: L * x, [1.0], step="armijo", max_iter=1)
    assert run.history.step[0] == expected


def test_armijo_gives_up_where_no_step_descends():
    run = gradient_descent(lambda x: x[0], lambda x: -np.ones(1), [1.0], step="armijo")
    assert (run.n_iter, run.converged) == (0, False)


def test_the_result_is_frozen_and_no_view_of_the_start():
    start = np.zeros(2)
    for run in (
        gradient_descent(quadratic, slope, start, L=100),
        proximal_gradient(quadratic, slope, lambda v, t: v, start, 100),
        sgd(lambda x, idx: x, start, 1, 1, [1.0]),
    ):
        start += 1
        assert not np.any(run.x) and not np.any(run.history.x)
        start -= 1
    with pytest.raises(dataclasses.FrozenInstanceError):
        run.x = 0


# Stochastic gradients


def test_sgd_is_the_written_out_loop_on_the_documented_samples():
    rng = np.random.default_rng(3)
    X, y, steps = rng.standard_normal((20, 3)), rng.standard_normal(20), 0.1 / np.arange(1, 41)

    def batch(w, idx):
        return X[idx].T @ (X[idx] @ w - y[idx]) / len(idx)

    run = sgd(batch, np.ones(3), 20, 4, steps, random_state=7)
    w, path = np.ones(3), [np.ones(3)]
    for eta, idx in zip(steps, np.random.default_rng(7).integers(0, 20, (40, 4)), strict=True):
        w = w - eta * batch(w, idx)
        path.append(w)
    np.testing.assert_array_equal(run.history.x, path)
    np.testing.assert_array_equal(run.x, w)
    np.testing.assert_array_equal(run.history.step, steps)
    assert run.n_iter == 40 and run.converged and run.history.f.size == 0
    assert np.isnan(run.f) and np.isnan(run.grad_norm)
    mean = sgd(batch, np.ones(3), 20, 4, steps, random_state=np.random.default_rng(7), average=True)
    np.testing.assert_allclose(mean.x, np.mean(path[1:], axis=0), rtol=1e-13)


def test_sgd_noise_floor_of_twenty_thousand_chains():
    # f = x²/2 and noise ±1: the stationary E f is α/(2(2 − α))
    run = sgd(lambda x, idx: x + 2 * idx - 1, np.zeros(20_000), 2, 20_000, np.full(150, 0.1), random_state=4)
    f = run.x**2 / 2
    assert abs(f.mean() - 0.1 / (2 * 1.9)) < 4 * f.std() / np.sqrt(20_000)


def test_sgd_stops_where_an_iterate_is_not_finite():
    run = sgd(lambda x, idx: -(x**3), [10.0], 1, 1, np.ones(100))
    assert not run.converged and run.n_iter == len(run.history.step) == len(run.history.x) - 1 < 12
    assert np.all(np.isfinite(run.history.x[:-1])) and not np.isfinite(run.x[0])


# Proximal gradient


def lasso_problem():
    X, y = load_diabetes(return_X_y=True)
    y = y - y.mean()
    lam = 0.1 * np.abs(X.T @ y).max()
    return (
        X,
        y,
        lam,
        np.linalg.norm(X, 2) ** 2,
        {
            "f": lambda w: 0.5 * np.sum((y - X @ w) ** 2) + lam * np.abs(w).sum(),
            "grad": lambda w: X.T @ (X @ w - y),
            "prox": lambda v, t: soft_threshold(v, t * lam),
            "x0": np.zeros(10),
        },
    )


def test_ista_and_fista_find_the_lasso_of_the_diabetes_data():
    X, y, lam, L, problem = lasso_problem()
    reference = Lasso(alpha=lam / len(y), fit_intercept=False, tol=1e-14, max_iter=100_000).fit(X, y).coef_
    ista = proximal_gradient(**problem, L=L, tol=1e-9)
    fista = proximal_gradient(**problem, L=L, accelerated=True, tol=1e-9)
    for run in (ista, fista):
        np.testing.assert_allclose(run.x, reference, rtol=1e-6, atol=1e-6)
        assert run.f == pytest.approx(798767.0447, abs=1e-4)
        assert run.converged and run.grad_norm <= 1e-9
        assert lasso_duality_gap(X, y, run.x, lam) < 1e-5
        np.testing.assert_array_equal(run.history.step, np.full(run.n_iter, 1 / L))
    np.testing.assert_allclose(
        [problem["f"](w) for w in fista.history.x], fista.history.f, rtol=1e-14
    )  # the recorded objective is that of the iterates, not of the extrapolated points
    k = np.arange(1, ista.n_iter + 1)
    R2, rounding = reference @ reference, 1e-9
    gap = ista.history.f[1:] - fista.f
    assert np.all(np.diff(ista.history.f) <= rounding) and np.all(gap <= L * R2 / (2 * k) + rounding)
    k = np.arange(1, fista.n_iter + 1)
    assert np.all(fista.history.f[1:] - fista.f <= 2 * L * R2 / (k + 1) ** 2 + rounding)
    assert np.diff(fista.history.f).max() > 0.1


def test_the_stopping_test_is_the_gradient_mapping():
    *_, L, problem = lasso_problem()
    run = proximal_gradient(**problem, L=L, max_iter=7)
    assert (run.n_iter, run.converged) == (7, False)
    assert run.grad_norm == pytest.approx(L * np.linalg.norm(run.history.x[-1] - run.history.x[-2]), rel=1e-13)
    stopped = proximal_gradient(**problem, L=L, tol=run.grad_norm * 1.0000001)
    assert (stopped.n_iter, stopped.converged) == (7, True)


def test_without_a_second_term_it_is_nesterov_with_the_book_s_numbers():
    for k, value in ((50, 0.00571291), (200, 6.6975e-6)):
        run = proximal_gradient(quadratic, slope, lambda v, t: v, START, 100, accelerated=True, max_iter=k, tol=0)
        assert run.n_iter == k and run.f == pytest.approx(value, rel=1e-5)


def test_proximal_divergence_is_told_without_a_warning():
    run = proximal_gradient(lambda x: x @ x, lambda x: 2 * x, lambda v, t: v, [1.0], 0.1)
    assert not run.converged and not np.isfinite(run.f)


# Proximal maps and projections


@settings(deadline=None, derandomize=True, max_examples=100)
@given(st.floats(-10, 10), st.floats(0, 5))
def test_soft_threshold_minimises_its_objective(v, t):
    x = soft_threshold(v, t)
    assert x == pytest.approx(np.sign(v) * max(abs(v) - t, 0), abs=1e-15)
    around = x + np.linspace(-1, 1, 201)
    assert t * abs(x) + 0.5 * (x - v) ** 2 <= np.min(t * np.abs(around) + 0.5 * (around - v) ** 2) + FLOOR


def test_soft_threshold_broadcasts_and_gives_no_negative_zero():
    out = soft_threshold(np.array([[-0.5, 3.0], [-4.0, 0.2]]), np.array([1.0, 0.5]))
    np.testing.assert_array_equal(out, [[0.0, 2.5], [-3.0, 0.0]])
    assert not np.any(np.signbit(out[out == 0]))


points = st.lists(st.floats(-5, 5), min_size=1, max_size=6).map(np.array)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(points, st.floats(0.1, 4))
def test_projection_on_the_simplex_is_certified_by_obtuse_angles_to_its_corners(v, total):
    x = project_simplex(v, total)
    assert x.min() >= 0 and x.sum() == pytest.approx(total, rel=1e-12)
    assert np.all((total * np.eye(len(v)) - x) @ (v - x) <= FLOOR)


@settings(deadline=None, derandomize=True, max_examples=150)
@given(points, st.floats(0.1, 4))
def test_projection_on_the_1_ball_is_certified_by_obtuse_angles_to_its_corners(v, radius):
    x = project_ball(v, radius, p=1)
    assert np.abs(x).sum() <= radius * (1 + 1e-12)
    corners = radius * np.vstack([np.eye(len(v)), -np.eye(len(v))])
    assert np.all((corners - x) @ (v - x) <= FLOOR)
    if np.abs(v).sum() <= radius:
        np.testing.assert_array_equal(x, v)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(points, st.floats(0.1, 4))
def test_projection_on_the_2_ball_rescales_what_is_outside(v, radius):
    norm = np.linalg.norm(v)
    expected = v if norm <= radius else v * radius / norm
    np.testing.assert_allclose(project_ball(v, radius), expected, rtol=1e-14, atol=1e-300)


def test_projections_act_on_each_row_and_default_to_unit_size():
    V = np.random.default_rng(5).standard_normal((2, 7, 4)) * 2
    for project in (project_simplex, project_ball, lambda v: project_ball(v, p=1)):
        np.testing.assert_allclose(project(V), [[project(v) for v in rows] for rows in V], rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(project_simplex([0.5, 1.2, -0.3]), [0.15, 0.85, 0], atol=1e-15)
    np.testing.assert_allclose(project_ball([3.0, 4.0]), [0.6, 0.8], rtol=1e-15)
    np.testing.assert_allclose(project_ball([3.0, -4.0], p=1), [0.0, -1.0], atol=1e-15)


@pytest.mark.parametrize(("rho", "share"), [(1.2, 0.1977), (2, 0.5399), (5, 0.8193), (10, 0.9099)])
def test_how_often_the_diamond_is_hit_in_a_corner(rho, share):
    angle = np.linspace(0, 2 * np.pi, 40_000, endpoint=False)
    hits = np.any(project_ball(rho * np.column_stack([np.cos(angle), np.sin(angle)]), p=1) == 0, axis=1)
    assert 1 - 4 / np.pi * np.arcsin(1 / (np.sqrt(2) * rho)) == pytest.approx(share, abs=5e-5)
    assert hits.mean() == pytest.approx(share, abs=1e-3)


# The duality gap


@pytest.mark.parametrize("share", [0.01, 0.1, 0.5, 1.5])
def test_gap_is_primal_minus_dual_and_bounds_the_suboptimality(share):
    X, y = load_diabetes(return_X_y=True)
    y = y - y.mean()
    lam = share * np.abs(X.T @ y).max()
    best = Lasso(alpha=lam / len(y), fit_intercept=False, tol=1e-14, max_iter=100_000).fit(X, y).coef_

    def primal(w):
        return 0.5 * np.sum((y - X @ w) ** 2) + lam * np.abs(w).sum()

    rng = np.random.default_rng(6)
    for w in [np.zeros(10), best, *(best + 50 * rng.standard_normal((5, 10)))]:
        e = y - X @ w
        theta = e * min(1, lam / np.abs(X.T @ e).max())
        gap = lasso_duality_gap(X, y, w, lam)
        assert gap == pytest.approx(primal(w) - 0.5 * y @ y + 0.5 * np.sum((y - theta) ** 2), rel=1e-9, abs=1e-8)
        assert gap >= primal(w) - primal(best) - 1e-8
    assert lasso_duality_gap(X, y, best, lam) < 1e-4


def test_gap_at_the_edges():
    X, y = np.eye(3)[:, :2], np.array([3.0, 1.0, 2.0])
    assert lasso_duality_gap(X, y, [0, 0], 3.0) == 0  # λ_max
    assert lasso_duality_gap(X, y, [3.0, 1.0], 0.0) == 0  # λ = 0 at the least-squares solution
    assert lasso_duality_gap(X, y, [0.0, 1.0], 0.0) == 0.5 * 13  # λ = 0 elsewhere: the dual point is 0
    assert lasso_duality_gap(X, y, [3.0, 1.0], 1.0) == 4  # Xᵀe = 0: all that is lost is λ‖w‖₁


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: gradient_descent(quadratic, slope, START), "needs a step or L: got neither"),
        (lambda: gradient_descent(quadratic, slope, START, step=0), "step must be positive: got 0"),
        (lambda: gradient_descent(quadratic, slope, START, step="wolfe"), "step must be a finite number: got 'wolfe'"),
        (lambda: gradient_descent(quadratic, slope, START, L=0), "L must be positive: got 0"),
        (lambda: gradient_descent(quadratic, slope, [np.nan, 1], L=1), "x0 contains NaN or infinity"),
        (lambda: gradient_descent(quadratic, slope, START, L=1, max_iter=0), "max_iter must be at least 1: got 0"),
        (lambda: gradient_descent(quadratic, slope, START, L=1, tol=-1), "tol must be non-negative: got -1"),
        (lambda: sgd(slope, START, 0, 1, [1.0]), "n must be at least 1: got 0"),
        (lambda: sgd(slope, START, 1, 0, [1.0]), "batch_size must be at least 1: got 0"),
        (lambda: sgd(slope, START, 1, 1, [1.0, 0.0]), "step must be positive: got 0.0"),
        (lambda: sgd(slope, START, 1, 1, [1.0, -2.0]), "step must be positive: got -2.0"),
        (lambda: sgd(slope, [np.inf], 1, 1, [1.0]), "x0 contains NaN or infinity"),
        (lambda: proximal_gradient(quadratic, slope, None, START, 0), "L must be positive: got 0"),
        (lambda: proximal_gradient(quadratic, slope, None, START, 1, max_iter=0.5), "max_iter must be an integer"),
        (lambda: soft_threshold(np.ones(2), np.array([1.0, -0.5])), "t must be non-negative: got -0.5"),
        (lambda: project_simplex([1.0], 0), "total must be positive: got 0"),
        (lambda: project_ball([1.0], 0), "radius must be positive: got 0"),
        (lambda: project_ball([1.0], 1, p=3), "p must be 1 or 2: got 3"),
        (lambda: lasso_duality_gap(np.eye(2), np.ones(3), np.ones(2), 1), "different numbers of samples: 2 and 3"),
        (lambda: lasso_duality_gap(np.eye(2), np.ones(2), np.ones(3), 1), "w must have 2 entries, one per feature"),
        (lambda: lasso_duality_gap(np.eye(2), np.ones(2), np.ones(2), -1), "lam must be non-negative: got -1"),
    ],
)
def test_bad_input_is_refused_in_words(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_one_step_on_one_sample_is_allowed():
    assert gradient_descent(quadratic, slope, START, L=100, max_iter=1).n_iter == 1
    assert sgd(lambda x, idx: x * len(idx) + idx, [1.0], 1, 1, [0.5]).x == [0.5]
