"""Trajectories against closed forms, fixtures and hand-written loops; minima against scipy and scikit-learn.

The trajectories of Adam and AMSGrad agree with those of torch.optim in float64, which is too heavy to ask for here.
"""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from problems import logistic_problem
from scipy.optimize import linprog, minimize, rosen, rosen_der, rosen_hess
from scipy.special import expit
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, LogisticRegression, Ridge

from mlderived.optimization import (
    AdamState,
    _wolfe_step,
    adam,
    adam_update,
    admm,
    admm_lasso,
    bfgs,
    bfgs_update,
    convexity_slack,
    dual_quadratic,
    equality_qp,
    gradient_descent,
    heavy_ball,
    kkt_residual,
    kkt_solve,
    lasso_duality_gap,
    lbfgs,
    nesterov,
    newton,
    project_ball,
    project_box,
    project_simplex,
    prox_l2,
    prox_nuclear,
    proximal_gradient,
    rate_slope,
    sgd,
    smoothness_slack,
    soft_threshold,
    subgradient_method,
    two_loop,
    wolfe_search,
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


# Momentum and acceleration


def test_heavy_ball_is_the_written_out_recursion_with_the_book_s_cycle():
    run = heavy_ball(quadratic, slope, START, 4 / 121, (9 / 11) ** 2, max_iter=30, tol=0)
    path = [START, START]
    for _ in range(30):
        path.append(path[-1] - 4 / 121 * slope(path[-1]) + (9 / 11) ** 2 * (path[-1] - path[-2]))
    np.testing.assert_allclose(run.history.x, path[1:], rtol=1e-12, atol=1e-15)
    np.testing.assert_array_equal(run.history.step, np.full(30, 4 / 121))

    def pull(x):
        return np.where(x < 1, 25 * x, np.where(x < 2, x + 24, 25 * x - 24))

    cycle = heavy_ball(lambda x: float(x[0] ** 2), pull, [3.3], 1 / 9, 4 / 9, max_iter=300, tol=0).history.x[-3:, 0]
    np.testing.assert_allclose(np.sort(cycle), np.array([-2208, 792, 2592]) / 1225, rtol=1e-12)
    plain = gradient_descent(lambda x: float(x[0] ** 2), pull, [3.3], step=1 / 25, tol=1e-10)
    assert plain.converged and abs(plain.x[0]) < 1e-10


@pytest.mark.parametrize(
    ("mu", "k", "value"), [(0, 50, 0.00571291), (0, 200, 6.6975e-6), (1, 50, 4.781e-4), (1, 200, 1.10e-16)]
)
def test_nesterov_s_numbers(mu, k, value):
    run = nesterov(quadratic, slope, START, 100, mu, max_iter=k, tol=0)
    assert run.n_iter == k and run.f == pytest.approx(value, rel=3e-3 if mu else 1e-5)


@pytest.mark.parametrize("mu", [0.0, 1.0, 100.0])
def test_nesterov_is_the_written_out_loop_and_stops_by_the_gradient_at_y(mu):
    root = np.sqrt(mu / 100)
    x, y, t, path, norms = START, START, 1.0, [START], []
    for _ in range(40):
        norms.append(np.linalg.norm(slope(y)))
        x_new = y - slope(y) / 100
        t, t_old = (1 + np.sqrt(1 + 4 * t * t)) / 2, t
        beta = (1 - root) / (1 + root) if mu else (t_old - 1) / t
        x, y = x_new, x_new + beta * (x_new - x)
        path.append(x)
    run = nesterov(quadratic, slope, START, 100, mu, max_iter=40, tol=0)
    np.testing.assert_allclose(run.history.x[: run.n_iter + 1], path[: run.n_iter + 1], rtol=1e-10, atol=1e-14)
    assert run.grad_norm == pytest.approx(norms[run.n_iter - 1], rel=1e-9, abs=1e-13)


def test_how_many_steps_each_method_needs_on_the_book_s_quadratic():
    goal, many = 1e-8 * 50.5, {"max_iter": 1000, "tol": 0}
    runs = {
        687: gradient_descent(quadratic, slope, START, L=100, **many),
        461: gradient_descent(quadratic, slope, START, step=2 / 101, **many),
        88: nesterov(quadratic, slope, START, 100, 1, **many),
        71: heavy_ball(quadratic, slope, START, 4 / 121, (9 / 11) ** 2, **many),
        100: nesterov(quadratic, slope, START, 100, **many),
    }
    assert {int(np.argmax(run.history.f <= goal)) for run in runs.values()} == set(runs)
    assert np.flatnonzero(runs[100].history.f > goal)[-1] == 371


# Subgradients


def peaks(x):
    return max(abs(x[0]), 5 * abs(x[1]))


def peaks_subgradient(x):
    return np.array([np.sign(x[0]), 0]) if abs(x[0]) >= 5 * abs(x[1]) else np.array([0, 5 * np.sign(x[1])])


def test_subgradient_method_keeps_the_best_point_and_obeys_its_bound():
    run = subgradient_method(peaks, peaks_subgradient, START, 0.3 / np.sqrt(np.arange(1, 10_001)))
    best = [run.history.f[:k].min() for k in (10, 100, 1000)]
    np.testing.assert_allclose(best, [0.9038, 0.2071, 0.00147], rtol=2e-3)
    assert np.sum(np.diff(run.history.f) > 0) == 4988
    assert run.f == run.history.f.min() == peaks(run.x) and run.n_iter == 10_000 and run.converged
    assert np.isnan(run.grad_norm)
    a = run.history.step
    bound = (2 + 25 * np.cumsum(a**2)) / (2 * np.cumsum(a))
    assert np.all(np.minimum.accumulate(run.history.f)[:-1] <= bound)
    step = run.history.x[1] - run.history.x[0]
    np.testing.assert_allclose(step, [0, -1.5], atol=1e-15)
    blown = subgradient_method(lambda x: np.inf, lambda x: x, START, [1.0])
    assert not blown.converged


# Adam


def test_adam_s_trajectories():
    def square(x):
        return float(x @ x)

    run = adam(square, lambda x: 2 * x, [1.0], 0.1, max_iter=5, tol=0)
    expected = [1, 0.9, 0.80041223, 0.70158627, 0.60393906, 0.50796366]
    np.testing.assert_allclose(run.history.x[:, 0], expected, atol=5e-9)
    np.testing.assert_array_equal(run.history.step, np.full(5, 0.1))
    raw = adam(square, lambda x: 2 * x, [1.0], 0.1, bias_correction=False, max_iter=3, tol=0)
    np.testing.assert_allclose(raw.history.x[:, 0], [1, 0.68377228, 0.27020607, -0.16214134], atol=5e-9)
    assert adam(square, lambda x: 2 * x, START, 0.01).converged


def test_adam_is_the_textbook_sum_for_any_gradients():
    G, (b1, b2) = np.random.default_rng(4).standard_normal((20, 3)), (0.8, 0.95)
    for amsgrad in (False, True):
        for corrected in (False, True):
            state = None
            for k in range(1, 21):
                delta, state = adam_update(G[k - 1], state, 0.3, b1, b2, 1e-3, corrected, amsgrad)
                w1, w2 = (b ** np.arange(k - 1, -1, -1) * (1 - b) for b in (b1, b2))
                vs = [(b2 ** np.arange(j - 1, -1, -1) * (1 - b2)) @ G[:j] ** 2 for j in range(1, k + 1)]
                v = np.max(vs, axis=0) if amsgrad else w2 @ G[:k] ** 2
                m, c1, c2 = w1 @ G[:k], 1 - b1**k, 1 - b2**k
                if not corrected:
                    c1 = c2 = 1
                np.testing.assert_allclose(delta, -0.3 * (m / c1) / (np.sqrt(v / c2) + 1e-3), rtol=1e-11)
    assert isinstance(state, AdamState) and state.k == 20


def test_adam_is_pure_and_without_eps_a_silent_entry_stays():
    delta, state = adam_update(np.array([2.0, 0.0]), step=0.1, eps=0)
    np.testing.assert_allclose(delta, [-0.1, 0], rtol=1e-12)
    before = [np.copy(part) for part in state]
    adam_update(np.ones(2), state)
    for part, old in zip(state, before, strict=True):
        np.testing.assert_array_equal(part, old)
    defaults, _ = adam_update(np.array([2.0]))
    np.testing.assert_allclose(defaults, [-1e-3 * 2 / (2 + 1e-8)], rtol=1e-12)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.floats(1e-3, 1e3), st.integers(0, 10_000))
def test_adam_does_not_see_the_gradient_s_scale(scale, seed):
    G, a, b = np.random.default_rng(seed).standard_normal((8, 3)), None, None
    for g in G:
        one, a = adam_update(g, a, eps=0)
        other, b = adam_update(scale * g, b, eps=0)
        np.testing.assert_allclose(one, other, rtol=1e-10)


@pytest.mark.parametrize("start", [-1.0, 0.3, 1.0])
def test_adam_fails_where_amsgrad_does_not(start):
    ends = []
    for amsgrad in (False, True):
        x, state = np.array(start), None
        for t in range(1, 20_001):
            g = np.array(3.0 if t % 3 == 1 else -1.0)
            delta, state = adam_update(g, state, 0.1 / np.sqrt(t), 0.0, 0.1, 0.0, False, amsgrad)
            x = np.clip(x + delta, -1, 1)
        ends.append(float(x))
    assert ends[0] > 0.99 and ends[1] < -0.99


# Newton and quasi-Newton


def test_all_second_order_methods_agree_with_scikit_learn_on_the_breast_cancer_data():
    A, y, f, grad, hess = logistic_problem()
    best = newton(f, grad, hess, np.zeros(31), tol=1e-14)
    assert best.f == pytest.approx(0.06639406982, abs=1e-11) and best.converged and best.n_iter <= 11
    np.testing.assert_array_equal(best.history.step, np.ones(best.n_iter))
    norms = [np.linalg.norm(grad(w)) for w in best.history.x[1:10]]
    np.testing.assert_allclose(norms[:8], [0.39, 0.15, 0.064, 0.025, 0.0078, 0.0015, 7.1e-5, 1.8e-7], rtol=0.05)
    sk = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-12, solver="newton-cholesky").fit(A, y)
    assert f(sk.coef_[0]) == pytest.approx(best.f, abs=1e-12)
    np.testing.assert_allclose(sk.coef_[0], best.x, atol=1e-6)
    for run in (bfgs(f, grad, np.zeros(31)), lbfgs(f, grad, np.zeros(31))):
        assert run.converged and run.n_iter < 200
        assert run.f == pytest.approx(best.f, abs=1e-12)
        np.testing.assert_allclose(run.x, best.x, atol=1e-5)
    for method, options in (("BFGS", {"gtol": 1e-7}), ("L-BFGS-B", {"gtol": 1e-8, "ftol": 0})):
        ref = minimize(f, np.zeros(31), jac=grad, method=method, options=options)
        assert ref.fun == pytest.approx(best.f, abs=1e-10)


@pytest.mark.parametrize("start", [[-1.2, 1.0], [2.0, -3.0]])
def test_newton_bfgs_and_lbfgs_find_rosenbrock_s_minimum(start):
    for run in (
        newton(rosen, rosen_der, rosen_hess, start),
        bfgs(rosen, rosen_der, start),
        lbfgs(rosen, rosen_der, start),
        lbfgs(rosen, rosen_der, start, memory=1, max_iter=10_000),
    ):
        assert run.converged and run.f < 1e-15
        np.testing.assert_allclose(run.x, [1, 1], atol=1e-7)
        assert np.all(np.diff(run.history.f) <= 0)


def test_newton_s_digits_double():
    run = newton(
        lambda x: np.exp(x[0]) - 2 * x[0], lambda x: np.exp(x) - 2, lambda x: np.diag(np.exp(x)), [0.0], max_iter=5
    )
    errors = np.abs(run.history.x[:, 0] - np.log(2))
    np.testing.assert_allclose(errors[:5], [0.6931, 0.3069, 0.04261, 8.951e-4, 4.005e-7], rtol=2e-4)


def test_undamped_newton_may_diverge_and_the_damped_one_does_not():
    def f(x):
        return np.sqrt(1 + x @ x)

    def grad(x):
        return x / f(x)

    def hess(x):
        return np.diag((1 + x**2) ** -1.5)

    for start, after in ((0.9, [-0.729, 0.38742, -0.05815, 1.966e-4]), (1.1, [-1.331, 2.358, -13.11, 2253])):
        run = newton(f, grad, hess, [start], damped=False, max_iter=4, tol=0)
        np.testing.assert_allclose(run.history.x[1:, 0], after, rtol=5e-4)
    assert newton(f, grad, hess, [1.1]).converged
    diverged = newton(f, grad, hess, [1.1], damped=False, max_iter=7)
    assert not diverged.converged


def test_newton_shifts_an_indefinite_hessian_by_as_little_as_its_rule_says():
    H = np.diag([-1.0, 2.0])
    run = newton(lambda x: x @ H @ x / 2, lambda x: H @ x, lambda x: H, [1.0, 1.0], damped=False, max_iter=1, tol=0)
    tau = 1e-3 * np.sqrt(5) * 2.0 ** np.arange(12)
    first = tau[tau > 1][0]
    np.testing.assert_allclose(run.x - 1, -np.array([-1, 2]) / (np.array([-1, 2]) + first), rtol=1e-10)
    flat = newton(lambda x: x[0], lambda x: np.ones(1), lambda x: np.zeros((1, 1)), [0.0], max_iter=1, damped=False)
    assert flat.x[0] == pytest.approx(-1e11, rel=1e-12)  # τ₀ = 10⁻³·10⁻⁸ where H = 0


def test_newton_s_line_search_halves_until_armijo_holds():
    def f(x):
        return np.sqrt(1 + x @ x)

    run = newton(f, lambda x: x / f(x), lambda x: np.diag((1 + x**2) ** -1.5), [3.0], max_iter=1)
    p, slope_along = -30.0, -3.0 / np.sqrt(10) * 30
    alpha = run.history.step[0]
    accepted = [
        a for a in 2.0 ** -np.arange(10) if f(np.array([3 + a * p])) <= f(np.array([3.0])) + 1e-4 * a * slope_along
    ]
    assert alpha == accepted[0] < 1
    assert run.x[0] == pytest.approx(3 + alpha * p)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10_000), st.floats(0.01, 100))
def test_wolfe_s_conditions_hold_where_the_search_ends(seed, scale):
    x = np.random.default_rng(seed).standard_normal(2) * 2
    p = -scale * rosen_der(x)
    a, slope_along = wolfe_search(rosen, rosen_der, x, p), rosen_der(x) @ p
    assert a > 0
    assert rosen(x + a * p) <= rosen(x) + 1e-4 * a * slope_along
    assert rosen_der(x + a * p) @ p >= 0.9 * slope_along


def test_wolfe_search_tries_one_first_doubles_and_gives_up():
    assert wolfe_search(lambda x: x @ x / 2, lambda x: x, np.ones(1), -np.ones(1)) == 1
    assert (
        wolfe_search(lambda x: x @ x / 2, lambda x: x, np.ones(1), -np.full(1, 0.01)) == 16
    )  # 0.84 < 0.9 of the slope
    assert wolfe_search(lambda x: x @ x / 2, lambda x: x, np.ones(1), -np.full(1, 4.0)) == 0.25
    assert wolfe_search(lambda x: x @ x / 2, lambda x: x, np.ones(1), -np.full(1, 2.0), c1=0.4) == 0.5
    assert wolfe_search(lambda x: x[0], lambda x: np.ones(1), np.ones(1), -np.ones(1)) == 0  # falls for ever
    with np.errstate(invalid="ignore"):  # the domain ends at 0
        a = wolfe_search(lambda x: x[0] - np.log(x[0]), lambda x: 1 - 1 / x, np.array([3.0]), -np.full(1, 8.0))
    assert 0 < a < 3 / 8
    run = bfgs(lambda x: x[0], lambda x: np.ones(1), [0.0])
    assert not run.converged and run.n_iter == 0


def test_a_direction_that_does_not_descend_ends_the_search():
    p, step = _wolfe_step(quadratic, slope, START, slope(START), slope(START))
    assert step == 0 and not np.any(p)


def test_bfgs_update_maps_y_to_s_stays_definite_and_is_the_product_form():
    rng = np.random.default_rng(4)
    for _ in range(20):
        R, s, y = rng.standard_normal((4, 4)), rng.standard_normal(4), rng.standard_normal(4)
        H, y = R @ R.T + 0.1 * np.eye(4), np.sign(s @ y) * y
        new, rho, eye = bfgs_update(H, s, y), 1 / (y @ s), np.eye(4)
        np.testing.assert_allclose(new @ y, s, atol=1e-9 * np.linalg.norm(new))
        product = (eye - rho * np.outer(s, y)) @ H @ (eye - rho * np.outer(y, s)) + rho * np.outer(s, s)
        np.testing.assert_allclose(new, product, atol=1e-10 * np.linalg.norm(product))
        assert np.linalg.eigvalsh(new)[0] > 0


def test_two_loops_are_the_dense_updates_and_bfgs_with_room_is_lbfgs():
    rng = np.random.default_rng(4)
    pairs = []
    for _ in range(5):
        s, y = rng.standard_normal((2, 6))
        pairs.append((s, np.sign(s @ y) * y))
    s, y = pairs[-1]
    H = (s @ y) / (y @ y) * np.eye(6)
    for s, y in pairs:
        H = bfgs_update(H, s, y)
    g = rng.standard_normal(6)
    kept = g.copy()
    np.testing.assert_allclose(two_loop(g, pairs), H @ g, rtol=1e-9)
    np.testing.assert_array_equal(g, kept)
    np.testing.assert_array_equal(two_loop(g, []), g)
    short, full = lbfgs(rosen, rosen_der, [-1.2, 1.0], max_iter=2), bfgs(rosen, rosen_der, [-1.2, 1.0], max_iter=2)
    np.testing.assert_allclose(short.history.x, full.history.x, rtol=1e-12)  # one pair, and one start


def test_lbfgs_forgets_all_but_its_memory():
    X = np.random.default_rng(4).standard_normal((30, 6))

    def f(w):
        return np.sum(np.logaddexp(0, X @ w)) + w @ w / 2

    def grad(w):
        return X.T @ expit(X @ w) + w

    run = lbfgs(f, grad, np.ones(6), memory=2, max_iter=6, tol=0)
    xs, gs = run.history.x, np.array([grad(w) for w in run.history.x])
    for k in range(1, 6):
        pairs = [(xs[i + 1] - xs[i], gs[i + 1] - gs[i]) for i in range(max(0, k - 2), k)]
        expected = xs[k] - run.history.step[k] * two_loop(gs[k], pairs)
        np.testing.assert_allclose(xs[k + 1], expected, rtol=1e-10, atol=1e-12)


# Stochastic gradients


def test_sgd_is_the_written_out_loop_on_the_documented_samples():
    rng = np.random.default_rng(3)
    X, y, steps = rng.standard_normal((20, 3)), rng.standard_normal(20), 0.1 / np.arange(1, 41)

    def batch(w, idx):
        return X[idx].T @ (X[idx] @ w - y[idx]) / len(idx)

    run = sgd(batch, np.ones(3), 20, 4, steps, seed=7)
    w, path = np.ones(3), [np.ones(3)]
    for eta, idx in zip(steps, np.random.default_rng(7).integers(0, 20, (40, 4)), strict=True):
        w = w - eta * batch(w, idx)
        path.append(w)
    np.testing.assert_array_equal(run.history.x, path)
    np.testing.assert_array_equal(run.x, w)
    np.testing.assert_array_equal(run.history.step, steps)
    assert run.n_iter == 40 and run.converged and run.history.f.size == 0
    assert np.isnan(run.f) and np.isnan(run.grad_norm)
    mean = sgd(batch, np.ones(3), 20, 4, steps, seed=np.random.default_rng(7), average=True)
    np.testing.assert_allclose(mean.x, np.mean(path[1:], axis=0), rtol=1e-13)


def test_sgd_noise_floor_of_twenty_thousand_chains():
    # f = x²/2 and noise ±1: the stationary E f is α/(2(2 − α))
    run = sgd(lambda x, idx: x + 2 * idx - 1, np.zeros(20_000), 2, 20_000, np.full(150, 0.1), seed=4)
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


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=5).map(np.array), st.floats(0.1, 4))
def test_prox_l2_shortens_and_minimises(v, t):
    x, norm = prox_l2(v, t), np.linalg.norm(v)
    np.testing.assert_allclose(x, v * max(1 - t / norm, 0) if norm else v, atol=1e-12)

    def objective(z):
        return t * np.linalg.norm(z) + 0.5 * np.sum((z - v) ** 2)

    around = x + np.random.default_rng(0).standard_normal((50, len(v)))
    assert all(objective(x) <= objective(z) + FLOOR for z in around)


def test_prox_l2_acts_on_rows_and_prox_nuclear_on_singular_values():
    V = np.random.default_rng(4).standard_normal((5, 3))
    np.testing.assert_allclose(prox_l2(V, 0.7), [prox_l2(v, 0.7) for v in V], rtol=1e-14)
    np.testing.assert_array_equal(prox_l2(np.zeros(3), 0.5), np.zeros(3))
    X = prox_nuclear(V, 0.7)
    s = np.linalg.svd(V, compute_uv=False)
    np.testing.assert_allclose(np.linalg.svd(X, compute_uv=False), np.maximum(s - 0.7, 0), atol=1e-12)

    def objective(Z):
        return 0.7 * np.linalg.norm(Z, "nuc") + 0.5 * np.sum((Z - V) ** 2)

    for D in 0.01 * np.random.default_rng(5).standard_normal((50, 5, 3)):
        assert objective(X) < objective(X + D)


def test_project_box_clips_and_broadcasts():
    V = np.array([[-2.0, 0.5], [3.0, -0.5]])
    np.testing.assert_array_equal(project_box(V, 0, 1), [[0, 0.5], [1, 0]])
    np.testing.assert_array_equal(project_box(V, [-1, -0.2], [2, 0.1]), [[-1, 0.1], [2, -0.2]])
    np.testing.assert_array_equal(project_box(V, 1, 1), np.ones((2, 2)))


@pytest.mark.parametrize("p", [1, 2])
def test_projections_agree_with_a_general_solver(p):
    v = np.array([1.4, -0.7, 0.3])
    cons = {"type": "ineq", "fun": lambda x: 1 - np.sum(np.abs(x) ** p)}
    ref = minimize(lambda x: np.sum((x - v) ** 2), np.zeros(3) + 0.1, constraints=cons, options={"ftol": 1e-14})
    np.testing.assert_allclose(project_ball(v, p=p), ref.x, atol=1e-5)


# Splitting


def test_admm_lasso_finds_coordinate_descent_s_answer_for_every_penalty_parameter():
    X, y, lam, *_ = lasso_problem()
    reference = Lasso(alpha=lam / len(y), fit_intercept=False, tol=1e-14, max_iter=100_000).fit(X, y).coef_
    for rho, steps in ((0.1, 394), (1.0, 55), (10.0, 552)):
        run = admm_lasso(X, y, lam, rho)
        assert run.converged and abs(run.n_iter - steps) <= 1
        np.testing.assert_allclose(run.z, reference, atol=1e-7)
        assert np.count_nonzero(run.z) == 5 and np.count_nonzero(run.x) == 10
        np.testing.assert_allclose(rho * run.u, X.T @ (y - X @ run.z), atol=1e-5)  # y = ρu, whatever ρ
        assert max(run.primal[-1], run.dual[-1]) <= 1e-8 < max(run.primal[-2], run.dual[-2])
        np.testing.assert_allclose(run.dual, rho * np.linalg.norm(np.diff(run.zs, axis=0), axis=1), rtol=1e-12)
        np.testing.assert_allclose(run.primal, np.linalg.norm(np.diff(run.us, axis=0), axis=1), rtol=1e-3, atol=1e-11)
        assert len(run.zs) == len(run.us) == run.n_iter + 1
        np.testing.assert_array_equal(run.z, run.zs[-1])


def test_admm_is_the_written_out_loop_wide_and_tall():
    rng = np.random.default_rng(4)
    for shape in ((30, 8), (8, 30), (6, 6)):
        X, y, rho, lam = rng.standard_normal(shape), rng.standard_normal(shape[0]), 2.5, 0.8
        run = admm_lasso(X, y, lam, rho, max_iter=15, tol=0)
        z = u = np.zeros(shape[1])
        for k in range(15):
            w = np.linalg.solve(X.T @ X + rho * np.eye(shape[1]), X.T @ y + rho * (z - u))
            z = soft_threshold(w + u, lam / rho)
            u = u + w - z
            np.testing.assert_allclose(run.zs[k + 1], z, atol=1e-11)
            np.testing.assert_allclose(run.us[k + 1], u, atol=1e-11)
        np.testing.assert_allclose(run.x, w, atol=1e-11)
        assert run.n_iter == 15 and not run.converged
    assert admm_lasso(X, y, 0.0, tol=1e-10).z == pytest.approx(np.linalg.solve(X, y), rel=1e-4)


def test_admm_with_two_projections_finds_a_point_of_both_sets():
    run = admm(lambda v, t: project_ball(v), lambda v, t: project_box(v, 0.5, 2.0), [3.0, -1.0], rho=4.0)
    assert run.converged
    np.testing.assert_allclose(run.x, run.z, atol=1e-8)
    assert np.linalg.norm(run.z) <= 1 + 1e-8 and run.z.min() >= 0.5
    one = admm(lambda v, t: v, lambda v, t: v - t, [1.0], rho=2.0, max_iter=1)  # f = 0, g(z) = z
    assert (one.zs.ravel().tolist(), one.us.ravel().tolist()) == ([1, 0.5], [0, 0.5])
    assert (one.primal[0], one.dual[0]) == (0.5, 1.0)
    rest = admm(lambda v, t: v, lambda v, t: v, [1.0], tol=0)
    assert (rest.n_iter, rest.converged) == (1, True)


def test_ridge_by_the_prox_of_a_square():
    X, y = load_diabetes(return_X_y=True)
    y = y - y.mean()
    L = np.linalg.norm(X, 2) ** 2
    run = proximal_gradient(
        lambda w: 0.5 * np.sum((y - X @ w) ** 2) + w @ w / 2,
        lambda w: X.T @ (X @ w - y),
        lambda v, t: v / (1 + t),
        np.zeros(10),
        L,
        tol=1e-11,
    )
    np.testing.assert_allclose(run.x, Ridge(alpha=1.0, fit_intercept=False).fit(X, y).coef_, rtol=1e-10, atol=1e-10)


# Constraints and certificates


def test_equality_qp_agrees_with_slsqp_and_its_multiplier_is_minus_the_price():
    x, nu = equality_qp(np.diag([2.0, 4.0]), np.zeros(2), [[1.0, 1.0]], [3.0])
    np.testing.assert_allclose([*x, *nu], [2, 1, -4], rtol=1e-14)
    rng = np.random.default_rng(4)
    R, q, A, b = (
        rng.standard_normal((5, 5)),
        rng.standard_normal(5),
        rng.standard_normal((2, 5)),
        rng.standard_normal(2),
    )
    P = R @ R.T + np.eye(5)

    def value(b):
        x, _ = equality_qp(P, q, A, b)
        return x @ P @ x / 2 + q @ x

    x, nu = equality_qp(P, q, A, b)
    ref = minimize(
        lambda x: x @ P @ x / 2 + q @ x,
        np.zeros(5),
        constraints={"type": "eq", "fun": lambda x: A @ x - b},
        options={"ftol": 1e-14},
    )
    np.testing.assert_allclose(x, ref.x, atol=1e-6)
    h = 1e-5
    prices = [(value(b + h * e) - value(b - h * e)) / (2 * h) for e in np.eye(2)]
    np.testing.assert_allclose(prices, -nu, rtol=1e-8)
    residual = kkt_residual(x, None, nu, lambda x: P @ x + q, h=lambda x: A @ x - b, jac_h=lambda x: A)
    assert max(residual.values()) < 1e-12 and residual["dual"] == residual["slackness"] == 0


@pytest.mark.parametrize("A", [[[1.0, 1.0], [2.0, 2.0]], [[1.0, 2.0], [1.0, 2.0]]])
def test_equality_qp_refuses_dependent_rows(A):
    with pytest.raises(np.linalg.LinAlgError, match="KKT matrix is singular"):
        equality_qp(np.eye(2), np.zeros(2), A, np.ones(2))


def test_dual_quadratic_is_the_infimum_of_the_lagrangian():
    Q, c, r = dual_quadratic(2 * np.eye(2), np.zeros(2), [[-1.0, -1.0]], [-1.0])
    np.testing.assert_allclose([Q[0, 0], c[0], r], [1, -1, 0], atol=1e-15)  # λ − λ²/2
    rng = np.random.default_rng(4)
    R, q, A, b = (
        rng.standard_normal((4, 4)),
        rng.standard_normal(4),
        rng.standard_normal((3, 4)),
        rng.standard_normal(3),
    )
    P = R @ R.T + np.eye(4)
    Q, c, r = dual_quadratic(P, q, A, b)
    for lam in rng.exponential(size=(10, 3)):
        low = minimize(lambda x, lam=lam: x @ P @ x / 2 + q @ x + lam @ (A @ x - b), np.zeros(4), tol=1e-12).fun
        assert -lam @ Q @ lam / 2 - c @ lam - r == pytest.approx(low, rel=1e-7)


def test_kkt_residual_at_the_book_s_two_examples_and_beside_them():
    def residual(x, lam):
        return kkt_residual(
            x,
            lam,
            None,
            lambda x: 2 * (x - [2, 1]),
            g=lambda x: np.array([x[0] ** 2 - x[1], x[0] + x[1] - 2]),
            jac_g=lambda x: np.array([[2 * x[0], -1], [1, 1]]),
        )

    assert max(residual([1, 1], [2 / 3, 2 / 3]).values()) < 1e-15
    off = residual([1.0, 1.0], [1.0, -1.0])
    assert off["dual"] == 1 and off["slackness"] == off["primal"] == 0
    assert off["stationarity"] == pytest.approx(np.hypot(-2 + 2 - 1, -2))
    outside = residual([2.0, 1.0], [0.0, 3.0])
    assert outside["primal"] == pytest.approx(np.hypot(3, 1)) and outside["slackness"] == 3
    inside = residual([0.0, 1.0], [2.0, 1.0])
    assert inside["primal"] == 0 and inside["slackness"] == pytest.approx(np.hypot(2, 1)) and inside["dual"] == 0
    both = kkt_residual(
        [1.0], [1.0], [2.0], lambda x: x, lambda x: x, lambda x: np.eye(1), lambda x: x - 3, lambda x: np.eye(1)
    )
    assert both == {"stationarity": 4.0, "primal": np.hypot(1, 2), "dual": 0.0, "slackness": 1.0}


def test_kkt_residual_vanishes_at_linprog_s_solution_with_its_multipliers():
    c, A, b = (
        np.array([-1.0, -2.0]),
        np.array([[1.0, 1.0], [1.0, 3.0], [-1.0, 0.0], [0.0, -1.0]]),
        np.array([4.0, 6, 0, 0]),
    )
    ref = linprog(c, A_ub=A, b_ub=b, bounds=(None, None))
    residual = kkt_residual(ref.x, -ref.ineqlin.marginals, None, lambda x: c, lambda x: A @ x - b, lambda x: A)
    assert max(residual.values()) < 1e-9


def test_slacks_tell_convex_from_not_and_smooth_from_less():
    def box(rng):
        return rng.uniform(-2, 2, 3)

    assert convexity_slack(lambda x: np.logaddexp.reduce(x), box, 500, 4) > -1e-14
    assert convexity_slack(lambda x: np.sum(x**4 - 3 * x**2), box, 500, 4) < -0.1
    assert convexity_slack(lambda x: -x @ x, box, 500, 4) < 0
    assert 0 <= convexity_slack(lambda x: x @ x, box, 500, np.random.default_rng(4)) < 0.02

    def one(rng):
        return rng.uniform(0, 1, 1)

    x, y, theta = (np.random.default_rng(7).uniform(0, 1, 3)).tolist()
    assert convexity_slack(lambda x: x @ x, one, 1, 7) == pytest.approx(theta * (1 - theta) * (x - y) ** 2)
    assert smoothness_slack(lambda x: 3 * x, 3.0, box, 200, 4) == pytest.approx(0, abs=1e-14)
    assert smoothness_slack(lambda x: 3 * x, 2.9, box, 200, 4) < 0 < smoothness_slack(lambda x: 3 * x, 3.1, box, 200, 4)
    x, y = np.random.default_rng(7).uniform(0, 1, 2)
    assert smoothness_slack(lambda x: x**2, 5.0, one, 1, 7) == pytest.approx(abs(x - y) * (5 - x - y))


def test_rate_slope_reads_both_laws():
    k = np.arange(1, 30)
    assert rate_slope(k, 7.0 / k**2) == pytest.approx(-2, rel=1e-12)
    assert rate_slope(k - 5, 3 * 0.5**k, "geometric") == pytest.approx(np.log(0.5), rel=1e-12)


@pytest.mark.parametrize(
    "solve", [lambda f, g: heavy_ball(f, g, [1.0], 10.0, 0.5), lambda f, g: nesterov(f, g, [1.0], 0.1)]
)
def test_divergence_is_told_by_the_result(solve):
    run = solve(lambda x: float(x @ x), lambda x: 2 * x)
    assert not run.converged and not np.isfinite(run.f)


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
        (lambda: heavy_ball(quadratic, slope, START, 0, 0.5), "step must be positive: got 0"),
        (lambda: heavy_ball(quadratic, slope, START, 1, 1), r"beta must lie in \[0, 1\): got 1"),
        (lambda: heavy_ball(quadratic, slope, START, 1, -0.1), "beta must be non-negative: got -0.1"),
        (lambda: nesterov(quadratic, slope, START, 0), "L must be positive: got 0"),
        (lambda: nesterov(quadratic, slope, START, 1, 2), "mu must satisfy 0 <= mu <= L: got mu 2.0 and L 1.0"),
        (lambda: nesterov(quadratic, slope, START, 1, -1), "mu must satisfy 0 <= mu <= L: got mu -1.0 and L 1.0"),
        (lambda: subgradient_method(quadratic, slope, START, [1, 0]), "step must be positive: got 0"),
        (lambda: adam_update(START, step=0), "step must be positive: got 0"),
        (lambda: adam_update(START, beta1=1), r"beta1 must lie in \[0, 1\): got 1"),
        (lambda: adam_update(START, beta2=2), r"beta2 must lie in \[0, 1\): got 2"),
        (lambda: adam_update(START, eps=-1), "eps must be non-negative: got -1"),
        (lambda: wolfe_search(quadratic, slope, START, START), "p must be a descent direction: its slope is 101"),
        (lambda: wolfe_search(quadratic, slope, START, np.zeros(2)), "p must be a descent direction"),
        (lambda: wolfe_search(quadratic, slope, START, -START, 0.5, 0.5), "must satisfy 0 < c1 < c2 < 1"),
        (lambda: wolfe_search(quadratic, slope, START, -START, 0.5, 1), "must satisfy 0 < c1 < c2 < 1"),
        (lambda: wolfe_search(quadratic, slope, START, -START, 0), "must satisfy 0 < c1 < c2 < 1"),
        (lambda: bfgs_update(np.eye(2), START, -START), "the curvature yᵀs must be positive: got -2"),
        (lambda: bfgs_update(np.eye(2), START, np.array([1.0, -1.0])), "the curvature yᵀs must be positive: got 0"),
        (lambda: lbfgs(quadratic, slope, START, 0), "memory must be at least 1: got 0"),
        (lambda: prox_l2(START, -1), "t must be non-negative: got -1"),
        (lambda: prox_nuclear(np.eye(2), -1), "t must be non-negative: got -1"),
        (lambda: project_box(START, [0, 2], [1, 1]), "low must not exceed high: got 2 and 1"),
        (lambda: admm(None, None, START, rho=0), "rho must be positive: got 0"),
        (lambda: admm(None, None, START, max_iter=0), "max_iter must be at least 1: got 0"),
        (lambda: admm(None, None, START, tol=-1), "tol must be non-negative: got -1"),
        (lambda: admm_lasso(np.eye(2), START, 1, rho=0), "rho must be positive: got 0"),
        (lambda: admm_lasso(np.eye(2), START, -1), "lam must be non-negative: got -1"),
        (lambda: equality_qp(np.eye(3), START, np.ones((1, 2)), [1]), r"must have shapes \(2, 2\) and \(1, 2\)"),
        (lambda: equality_qp(np.eye(2), START, np.ones((1, 3)), [1]), r"must have shapes \(2, 2\) and \(1, 2\)"),
        (lambda: dual_quadratic(np.eye(2), START, np.ones((2, 2)), [1]), r"must have shapes \(2, 2\) and \(1, 2\)"),
        (lambda: convexity_slack(quadratic, None, 0, 1), "n must be at least 1: got 0"),
        (lambda: convexity_slack(quadratic, None, 1, None), "seed must be an integer: got None"),
        (lambda: smoothness_slack(slope, 0, None, 1, 1), "L must be positive: got 0"),
        (lambda: smoothness_slack(slope, 1, None, 0, 1), "n must be at least 1: got 0"),
        (lambda: rate_slope([1, 2], [1, 2], "exponential"), "law must be 'power' or 'geometric'"),
        (lambda: rate_slope([1, 2], [1, 2, 3]), "two different k: got 2 and 3 entries"),
        (lambda: rate_slope([1, 1], [1, 2]), "two different k"),
        (lambda: rate_slope([1, 2], [1, 0]), "gap, and k under the power law, must be positive"),
        (lambda: rate_slope([0, 2], [1, 2]), "gap, and k under the power law, must be positive"),
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


def test_matrices_that_are_not_symmetric_are_refused():
    A = np.array([[2.0, 1.0], [0.0, 2.0]])
    with pytest.raises(ValueError, match="must be symmetric"):
        newton(lambda x: x @ A @ x / 2, lambda x: A @ x, lambda x: A, np.ones(2))
    with pytest.raises(ValueError, match="must be symmetric"):
        dual_quadratic(A, np.zeros(2), np.ones((1, 2)), np.ones(1))


# Hard data


@pytest.mark.parametrize("size", [1e-300, 1e-9, 1.0, 1e17, 1e300])
def test_projections_stay_in_their_sets_however_large_or_small_v_is(size):
    rng = np.random.default_rng(6)
    V = size * np.vstack([[1.0, 0, 0, 0], [1, 1, 0, 0], [-1, -1, -1, -2], rng.standard_normal((20, 4))])
    P = project_simplex(V)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-12)
    assert P.min() >= 0
    np.testing.assert_array_equal(np.take_along_axis(P, V.argmax(axis=1)[:, None], 1)[:, 0], P.max(axis=1))
    for p in (1, 2):
        B, inside = project_ball(V, 2.0, p), np.linalg.norm(V / size, p, axis=1) * size <= 2
        assert np.all(np.linalg.norm(B, p, axis=1) <= 2 * (1 + 1e-12))
        np.testing.assert_allclose(B[inside], V[inside], rtol=1e-12)
        np.testing.assert_allclose(np.linalg.norm(B[~inside], p, axis=1), 2, rtol=1e-12)
        assert np.all(B * V >= 0)
    np.testing.assert_array_equal(project_simplex([1e17, 0.0]), [1.0, 0.0])


@pytest.mark.parametrize("project", [project_simplex, project_ball, lambda v: project_ball(v, 1.0, 1)])
def test_projections_refuse_what_has_no_nearest_point(project):
    with pytest.raises(ValueError, match="v contains NaN or infinity"):
        project([1.0, np.nan])
    with pytest.raises(ValueError, match="v must hold rows of at least one entry: got shape"):
        project(np.ones((3, 0)))
    with pytest.raises(ValueError, match="must not contain NaN"):
        project_box([np.nan], 0, 1)


def test_adam_lets_a_nan_be_seen():
    delta, _ = adam_update(np.array([1.0, np.nan, 0.0]), eps=0.0)
    np.testing.assert_array_equal(np.isnan(delta), [False, True, False])
    run = adam(lambda x: float(x @ x), lambda x: np.array([np.nan]), [1.0], max_iter=5)
    assert not run.converged


@pytest.mark.parametrize("size", [1e-16, 1.0, 1e16])
def test_a_quadratic_programme_has_the_same_solution_in_any_units(size):
    rng = np.random.default_rng(8)
    R, q, A, b = rng.standard_normal((4, 4)), rng.standard_normal(4), rng.standard_normal((2, 4)), np.array([1.0, -2.0])
    P, own = R @ R.T + np.eye(4), np.array([1e-8, 1.0, 1e5, 1e9])
    x, nu = equality_qp(P, q, A, b)
    for scaled, back, price in (
        (equality_qp(size * P, size * q, A, b), np.ones(4), size),
        (equality_qp(P, q, size * A, size * b), np.ones(4), 1 / size),
        (equality_qp(P * np.outer(own, own), own * q, A * own, b), own, 1.0),
    ):
        np.testing.assert_allclose(scaled[0] * back, x, rtol=1e-9)
        np.testing.assert_allclose(scaled[1], price * nu, rtol=1e-9)


def test_a_quadratic_without_a_minimum_is_refused_but_has_a_stationary_point():
    P, A = np.diag([1.0, -1.0]), [[1.0, 0.0]]
    with pytest.raises(np.linalg.LinAlgError, match="not positive definite on the kernel of A: there is no minimum"):
        equality_qp(P, np.zeros(2), A, [1.0])
    x, nu = kkt_solve(P, [0.0, 3.0], A, [1.0])
    np.testing.assert_allclose([*x, *nu], [1, 3, -1], rtol=1e-14)
    np.testing.assert_allclose(equality_qp(P, np.zeros(2), [[0.0, 1.0]], [2.0])[0], [0, 2], atol=1e-14)
    for solve in (equality_qp, kkt_solve, dual_quadratic):
        with pytest.raises(ValueError, match="P must be symmetric"):
            solve([[1.0, 1.0], [0.0, 1.0]], np.zeros(2), A, [1.0])


@pytest.mark.parametrize("size", [1e-6, 1.0, 1e4])
def test_admm_finds_the_lasso_in_any_units_of_x(size):
    rng = np.random.default_rng(9)
    X, y = size * rng.standard_normal((30, 8)), rng.standard_normal(30)
    lam = 0.2 * np.abs(X.T @ y).max()
    run = admm_lasso(X, y, lam, tol=1e-9 / size)
    assert run.converged and run.n_iter < 500
    assert lasso_duality_gap(X, y, run.z, lam) < 1e-8 * y @ y


@pytest.mark.parametrize("solver", [bfgs, lbfgs])
def test_a_quasi_newton_step_asks_for_f_and_its_gradient_once_a_trial(solver):
    asked = {"f": [], "grad": []}

    def f(x):
        asked["f"].append(x.tobytes())
        return rosen(x)

    def grad(x):
        asked["grad"].append(x.tobytes())
        return rosen_der(x)

    run = solver(f, grad, [-1.2, 1.0])
    assert run.converged
    for points in asked.values():
        assert len(points) == len(set(points))
    assert len(asked["grad"]) <= len(asked["f"]) <= 2 * run.n_iter
