"""Neural networks against autograd, scikit-learn, central differences and closed forms, on hard data too."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.model_selection import GridSearchCV
from sklearn.neural_network import MLPClassifier as TheirClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import datasets
from mlderived import linear_algebra as la
from mlderived import logistic_regression as lg
from mlderived import neural_network as nn

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import autograd
    import autograd.numpy as anp
    from autograd.scipy.special import erf as a_erf

examples = settings(deadline=None, derandomize=True, max_examples=15)
IRIS = datasets.load_iris()
CORNERS = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
FOLD = [(np.array([[1.0, 1], [1, 1]]), np.array([0.0, -1])), (np.array([[1.0, -2]]), np.array([0.0]))]

THEIRS = {
    "identity": lambda z: z,
    "sigmoid": lambda z: 1 / (1 + anp.exp(-z)),
    "tanh": anp.tanh,
    "relu": lambda z: anp.where(z > 0, z, 0.0),
    "leaky_relu": lambda z: anp.where(z > 0, z, 0.01 * z),
    "gelu": lambda z: z * (1 + a_erf(z / np.sqrt(2))) / 2,
    "swish": lambda z: z / (1 + anp.exp(-z)),
}


def flat(pairs):
    return np.concatenate([part.ravel() for pair in pairs for part in pair])


def shaped(theta, params):
    pieces, at = [], 0
    for W, b in params:
        pieces.append((theta[at : at + W.size].reshape(W.shape), theta[at + W.size : at + W.size + len(b)]))
        at += W.size + len(b)
    return pieces


def problem(seed, widths=(4, 6, 5, 3), N=7, kind="softmax"):
    rng = np.random.default_rng(seed)
    params = [(rng.standard_normal((n, m)), rng.standard_normal(n)) for m, n in pairwise(widths)]
    X = rng.standard_normal((N, widths[0]))
    Y = rng.dirichlet(np.ones(widths[-1]), N) if kind == "softmax" else rng.standard_normal((N, widths[-1]))
    return params, X, Y


def their_loss(theta, params, X, Y, phis, kind):
    H = X
    for k, (W, b) in enumerate(shaped(theta, params)):
        H = anp.dot(H, W.T) + b
        if k < len(params) - 1:
            H = THEIRS[phis[k]](H)
    if kind == "squared":
        return anp.sum((H - Y) ** 2) / 2 / len(X)
    top = anp.max(H, axis=1, keepdims=True)
    lse = anp.log(anp.sum(anp.exp(H - top), axis=1)) + top[:, 0]
    return anp.mean(lse - anp.sum(Y * H, axis=1))


CASES = [
    (["tanh", "relu"], "softmax"),
    (["gelu", "swish"], "softmax"),
    (["sigmoid", "leaky_relu"], "squared"),
    (["identity", "gelu"], "squared"),
]


@pytest.mark.parametrize(("phis", "kind"), CASES)
@pytest.mark.parametrize("seed", range(2))
def test_loss_gradient_and_curvature_are_autograds(phis, kind, seed):
    params, X, Y = problem(seed, kind=kind)

    def f(theta):
        return their_loss(theta, params, X, Y, phis, kind)

    value, grads = nn.backprop(params, X, Y, phis, kind)
    assert value == pytest.approx(f(flat(params)), rel=1e-13)
    assert nn.loss(params, X, Y, phis, kind) == value
    theirs = autograd.grad(f)(flat(params))
    assert np.linalg.norm(flat(grads) - theirs) <= 1e-12 * np.linalg.norm(theirs)
    assert [(W.shape, b.shape) for W, b in grads] == [(W.shape, b.shape) for W, b in params]
    v = np.random.default_rng(9).standard_normal(len(theirs))
    Hv = autograd.hessian_vector_product(f)(flat(params), v)
    ours = flat(nn.hvp(params, X, Y, shaped(v, params), phis, kind))
    assert np.linalg.norm(ours - Hv) <= 1e-10 * np.linalg.norm(Hv)


@pytest.mark.parametrize(("phis", "kind"), CASES)
def test_deltas_are_the_slopes_of_each_samples_loss(phis, kind):
    params, X, Y = problem(5, kind=kind)
    found = nn.deltas(params, X, Y, phis, kind)
    assert [D.shape for D in found] == [(7, 6), (7, 5), (7, 3)]
    for l in range(3):
        for i in (0, 6):

            def moved(z, l=l, i=i):
                shifted = [(W, b + (z if k == l else 0)) for k, (W, b) in enumerate(params)]
                return nn.loss(shifted, X[i : i + 1], Y[i : i + 1], phis, kind)

            np.testing.assert_allclose(
                found[l][i], la.numerical_gradient(moved, np.zeros(found[l].shape[1])), atol=1e-8
            )


@pytest.mark.parametrize("name", sorted(nn.ACTIVATIONS))
def test_activations_and_their_slopes(name):
    phi, z = nn.ACTIVATIONS[name], np.r_[np.linspace(-6, 6, 40), -40, 40, -700, 700]
    np.testing.assert_allclose(phi.f(z), THEIRS[name](z), rtol=1e-12, atol=1e-14)
    slopes = autograd.elementwise_grad(THEIRS[name])(z[:42])
    np.testing.assert_allclose(phi.df(z[:42]), slopes, rtol=1e-9, atol=1e-14)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        far = np.r_[z, -1e200, 1e200]
        assert np.all(np.isfinite(phi.f(far))) and np.all(np.isfinite(phi.df(far)))
    low = {"relu": 0.0, "leaky_relu": 0.01, "identity": 1.0}.get(name)
    if low is not None:
        assert phi.df(np.zeros(1))[0] == low
    moved = phi.f(z + 1e-50j)
    np.testing.assert_allclose(moved.imag / 1e-50, phi.df(z), rtol=1e-9, atol=1e-12)


def test_tails_do_not_cancel():
    z = np.array([-300.0, -40, -36, -30, -20, 20, 30, 300])
    e = np.exp(-np.abs(z))
    sigmoid, tanh = nn.ACTIVATIONS["sigmoid"], nn.ACTIVATIONS["tanh"]
    np.testing.assert_allclose(sigmoid.f(z), lg.sigmoid(z), rtol=1e-14)
    np.testing.assert_allclose(sigmoid.df(z), e / (1 + e) ** 2, rtol=1e-14)
    np.testing.assert_allclose(tanh.df(z), np.cosh(z) ** -2.0, rtol=1e-12)
    np.testing.assert_allclose(nn.ACTIVATIONS["swish"].f(z[:5]), z[:5] * lg.sigmoid(z[:5]), rtol=1e-14)
    closed = nn.ACTIVATIONS["relu"].f(np.array([-3.0, -np.inf, 0.0]))
    assert closed.tolist() == [0, 0, 0]
    assert not np.signbit(closed).any()
    assert np.isnan(nn.ACTIVATIONS["relu"].f(np.array([np.nan]))).all()


@pytest.mark.parametrize("shift", [0.0, 1e6, 1e8, -1e8])
def test_a_common_shift_of_the_scores_changes_nothing(shift):
    params = [(np.zeros((2, 1)), np.array([20.0, 0]) + shift)]
    assert nn.loss(params, [[0.0]], [[1.0, 0]]) == pytest.approx(np.log1p(np.exp(-20)), rel=1e-6)


def test_softmax_and_loss_of_large_scores():
    params = [(np.array([[1e3], [-1e3], [0.0]]), np.zeros(3))]
    value, grads = nn.backprop(params, [[2.0]], [[0.0, 1, 0]])
    assert value == pytest.approx(4000)
    np.testing.assert_allclose(grads[0][1], [1, -1, 0], atol=1e-300)


@pytest.mark.parametrize("phi", ["relu", "tanh", "logistic"])
def test_loss_and_gradient_are_scikit_learns(phi):
    ours = {"logistic": "sigmoid"}.get(phi, phi)
    X, y = (IRIS.X - IRIS.X.mean(axis=0)) / IRIS.X.std(axis=0), IRIS.y
    model = TheirClassifier((6, 5), activation=phi, alpha=0.0, solver="sgd", learning_rate_init=0.1, max_iter=1)
    model.set_params(batch_size=len(X), momentum=0.0, shuffle=False, random_state=3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(X, y)
        after = model.coefs_, model.intercepts_
        params = [(W.T.copy(), b.copy()) for W, b in zip(*after, strict=True)]
        value, grads = nn.backprop(params, X, np.eye(3)[y], ours)
        model.set_params(warm_start=True).fit(X, y)
    assert value == pytest.approx(model.loss_curve_[-1], rel=1e-10)
    for (W, b), (dW, db), V, c in zip(params, grads, model.coefs_, model.intercepts_, strict=True):
        np.testing.assert_allclose((W - V.T) / 0.1, dW, atol=1e-10)
        np.testing.assert_allclose((b - c) / 0.1, db, atol=1e-10)


def test_one_layer_is_softmax_regression():
    rng = np.random.default_rng(0)
    W, y = rng.standard_normal((4, 3)), IRIS.y
    value, [(dW, _)] = nn.backprop([(W.T, np.zeros(3))], IRIS.X, np.eye(3)[y])
    assert value == pytest.approx(lg.softmax_nll(W, IRIS.X, y), rel=1e-13)
    np.testing.assert_allclose(dW.T, lg.softmax_grad(W, IRIS.X, y), rtol=1e-12, atol=1e-13)


def test_the_fold_is_exclusive_or_and_its_gradient_by_hand():
    out, cache = nn.forward(FOLD, CORNERS)
    assert out[:, 0].tolist() == [0, 1, 1, 0]
    assert cache[1][0].tolist() == [[0, 0], [1, 0], [1, 0], [2, 1]]
    bent = [FOLD[0], (np.array([[1.0, -3]]), np.zeros(1))]
    value, [(dW, db), (dv, dc)] = nn.backprop(bent, [[1.0, 1]], [[0.0]], kind="squared")
    assert value == 0.5
    assert (dW.tolist(), db.tolist()) == ([[-1, -1], [3, 3]], [-1, 3])
    assert (dv.tolist(), dc.tolist()) == ([[-2, -1]], [-1])


@pytest.mark.parametrize("widths", [(2, 2, 1), (7, 3), (3, 5, 2, 4, 2)])
def test_the_passes_multiply_as_often_as_the_theorem_says(widths):
    taken = []

    class Counting(np.ndarray):
        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            parts = [np.asarray(part) for part in inputs]
            if ufunc is np.matmul:
                taken.append(parts[0].shape[0] * parts[0].shape[1] * parts[1].shape[1])
            if "out" in kwargs:
                kwargs["out"] = tuple(np.asarray(part) for part in kwargs["out"])
            made = getattr(ufunc, method)(*parts, **kwargs)
            return made.view(Counting) if isinstance(made, np.ndarray) else made

    params, X, Y = problem(0, widths, N=1, kind="squared")
    watched = [(W.view(Counting), b.view(Counting)) for W, b in params]
    phis = [nn.ACTIVATIONS["tanh"]] * (len(params) - 1)
    nn._forward(watched, X.view(Counting), phis)
    forwards = sum(taken)
    taken.clear()
    value, _ = nn._backprop(watched, X.view(Counting), Y, phis, "squared")
    assert value == pytest.approx(nn.loss(params, X, Y, "tanh", "squared"))
    weights = sum(W.size for W, _ in params)
    assert (forwards, sum(taken) - forwards) == (weights, 2 * weights - widths[0] * widths[1])


# Starts and shapes


@pytest.mark.parametrize(
    ("scheme", "variance"),
    [("he", 2 / 300), ("lecun", 1 / 300), ("glorot", 2 / 500), ("glorot_uniform", 2 / 500), (0.5, 0.5 / 300)],
)
def test_weights_have_the_variance_of_their_scheme(scheme, variance):
    W = nn.init_weights(300, 200, scheme, 1)
    assert W.shape == (200, 300)
    assert abs(W.mean()) < 5 * np.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.03)
    np.testing.assert_array_equal(W, nn.init_weights(300, 200, scheme, np.random.default_rng(1)))
    if scheme == "glorot_uniform":
        assert np.abs(W).max() <= np.sqrt(6 / 500)
        assert np.mean(W**4) / W.var() ** 2 == pytest.approx(9 / 5, rel=0.05)
    else:
        assert np.mean(W**4) / W.var() ** 2 == pytest.approx(3, rel=0.1)


def test_a_network_is_a_chain_of_layers():
    net = nn.init_network([4, 7, 2], "he", 0)
    assert [(W.shape, b.tolist()) for W, b in net] == [((7, 4), [0] * 7), ((2, 7), [0, 0])]


@examples
@given(st.integers(0, 10**6))
def test_the_interpolant_joins_its_points(seed):
    rng = np.random.default_rng(seed)
    x, y = np.cumsum(rng.uniform(0.1, 1, 6)) - 2, rng.standard_normal(6)
    at = rng.uniform(x[0] - 1, x[-1], 50)
    out, _ = nn.forward(nn.relu_interpolant(x, y), at[:, None])
    np.testing.assert_allclose(out[:, 0], np.interp(at, x, y), atol=1e-12)
    assert len(nn.relu_interpolant(x, y)[0][0]) == 5


# The engine


def test_the_engine_agrees_with_backprop():
    params, X, Y = problem(3, kind="squared")
    leaves = [(nn.Tensor(W.T), nn.Tensor(b)) for W, b in params]
    H = nn.Tensor(X)
    for k, (W, b) in enumerate(leaves):
        H = H @ W + b
        H = H.tanh() if k == 0 else H.relu() if k == 1 else H
    rest = H - Y
    out = (rest * rest).sum() * (0.5 / len(X))
    out.backward()
    value, grads = nn.backprop(params, X, Y, ["tanh", "relu"], "squared")
    assert out.value == pytest.approx(value, rel=1e-13)
    for (W, b), (dW, db) in zip(leaves, grads, strict=True):
        np.testing.assert_allclose(W.grad.T, dW, rtol=1e-12, atol=1e-13)
        np.testing.assert_allclose(b.grad, db, rtol=1e-12, atol=1e-13)


def test_the_engine_agrees_with_autograd_on_what_is_reused_and_broadcast():
    A, u = np.random.default_rng(0).uniform(0.5, 2, (3, 4)), np.array([0.3, -1, 2, 0.7])

    def f(A, u, log, exp, tanh, relu, total):
        s = A @ u
        return total(log(A) * u) + total(exp(s) * tanh(s)) + total(relu(u) * u * u - u) + total(2.0 * s + (-s) * s)

    tA, tu = nn.Tensor(A), nn.Tensor(u)
    methods = (nn.Tensor.log, nn.Tensor.exp, nn.Tensor.tanh, nn.Tensor.relu, nn.Tensor.sum)
    ours = f(tA, tu, *methods)
    ours.backward()
    theirs = anp.log, anp.exp, anp.tanh, lambda z: anp.where(z > 0, z, 0.0), anp.sum
    assert ours.value == pytest.approx(f(A, u, *theirs), rel=1e-13)
    np.testing.assert_allclose(tA.grad, autograd.grad(lambda A: f(A, u, *theirs))(A), rtol=1e-12)
    np.testing.assert_allclose(tu.grad, autograd.grad(lambda u: f(A, u, *theirs))(u), rtol=1e-12)
    x = nn.Tensor(3.0)
    (x * x).backward()
    assert x.grad == 6
    column, row = nn.Tensor(np.ones((3, 1))), nn.Tensor(np.arange(4.0))
    (column * row).sum().backward()
    assert (column.grad.tolist(), row.grad.tolist()) == ([[6], [6], [6]], [3, 3, 3, 3])
    (np.ones(4) - -row).sum().backward()
    assert row.grad.tolist() == [4, 4, 4, 4]
    right = nn.Tensor(u)
    (A @ right).sum().backward()
    np.testing.assert_allclose(right.grad, A.sum(axis=0), rtol=1e-14)
    kept = np.ones(2)
    copy = nn.Tensor(kept)
    kept[0] = 5
    assert copy.value.tolist() == [1, 1]


def test_gradients_accumulate_and_a_seed_is_a_cotangent():
    x = nn.Tensor([1.0, 2])
    y = x * x
    y.sum().backward()
    y.sum().backward()
    assert x.grad.tolist() == [4, 8]
    assert y.grad.tolist() == [2, 2]
    x.grad = np.zeros(2)
    y.backward([5.0, -1])
    assert x.grad.tolist() == [10, -4]
    deep = x
    for _ in range(5000):
        deep = deep + 0.0
    x.grad = np.zeros(2)
    deep.sum().backward()
    assert x.grad.tolist() == [1, 1]
    with pytest.raises(ValueError, match="non-scalar without a seed gradient"):
        y.backward()
    with pytest.raises(ValueError, match="@ takes a matrix"):
        x @ x


# The perceptron


def test_the_perceptron_on_or_and_on_iris():
    model = nn.Perceptron().fit(CORNERS, [0, 1, 1, 1])
    assert (model.coef_.tolist(), model.intercept_, model.mistakes_, model.converged_) == ([2, 2], -1, 9, True)
    assert model.predict(CORNERS).tolist() == [0, 1, 1, 1]
    assert model.predict([[0.5, 0], [0.6, 0], [0.4, 0]]).tolist() == [1, 1, 0]  # scores 0, 0.2 and -0.2
    setosa = nn.Perceptron().fit(IRIS.X, IRIS.y == 0)
    assert setosa.mistakes_ == 5
    assert setosa.score(IRIS.X, IRIS.y == 0) == 1
    counts = [nn.Perceptron().fit([[c], [c + 1.0]], [0, 1]).mistakes_ for c in (2, 5, 10, 20)]
    assert counts == [29, 125, 445, 1685]
    assert nn.Perceptron().fit([[1.0], [1.0], [-1]], ["b", "b", "a"]).predict([[0.5]]).tolist() == ["b"]


def test_the_perceptron_gives_up_where_no_line_parts():
    with pytest.warns(RuntimeWarning, match="gave up after 50 updates"):
        model = nn.Perceptron(50).fit(CORNERS, [0, 1, 1, 0])
    assert model.mistakes_ == 50
    assert not model.converged_
    assert np.hypot(np.linalg.norm(model.coef_), model.intercept_) <= np.sqrt(3) + 1e-12


def test_the_perceptron_looks_once_more_before_it_gives_up():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = nn.Perceptron(max_updates=9).fit(CORNERS, [0, 1, 1, 1])
    assert (model.mistakes_, model.converged_) == (9, True)
    with pytest.warns(RuntimeWarning, match="gave up after 8 updates: scale X"):
        assert not nn.Perceptron(max_updates=8).fit(CORNERS, [0, 1, 1, 1]).converged_


# Estimators


def quick(**change):
    return nn.MLPClassifier(**({"hidden": (8,), "step": 0.02, "epochs": 20} | change))


@pytest.mark.parametrize("optimizer", ["adam", "momentum", "sgd"])
def test_they_learn_iris(optimizer):
    model = quick(optimizer=optimizer, step=0.02 if optimizer == "adam" else 0.1).fit(IRIS.X, IRIS.y)
    assert model.score(IRIS.X, IRIS.y) > 0.93
    assert model.loss_curve_[-1] < 0.5 * model.loss_curve_[0]
    assert len(model.loss_curve_) == 20
    P = model.predict_proba(IRIS.X)
    np.testing.assert_allclose(P.sum(axis=1), 1)
    assert np.array_equal(model.classes_[P.argmax(axis=1)], model.predict(IRIS.X))
    assert [W.shape for W in model.coefs_] == [(8, 4), (3, 8)]


def test_one_step_of_each_optimizer_is_what_it_says():
    X, y = (IRIS.X - IRIS.X.mean(axis=0)) / IRIS.X.std(axis=0), IRIS.y
    start = nn.init_network([4, 8, 3], "he", np.random.default_rng(4))
    _, grads = nn.backprop(start, X, np.eye(3)[y])
    for optimizer in ("sgd", "momentum", "adam"):
        model = quick(optimizer=optimizer, step=0.01, epochs=1, batch=150, random_state=4).fit(X, y)
        moved = flat(zip(model.coefs_, model.intercepts_, strict=True)) - flat(start)
        g = flat(grads)
        expected = -0.01 * (g / (np.abs(g) + 1e-8) if optimizer == "adam" else g)
        np.testing.assert_allclose(moved, expected, atol=1e-10)
    two = quick(optimizer="momentum", step=0.01, epochs=2, batch=150, random_state=4).fit(X, y)
    middle = shaped(flat(start) - 0.01 * g, start)
    _, again = nn.backprop(middle, X, np.eye(3)[y])
    end = flat(middle) - 0.01 * (flat(again) + 0.9 * g)
    np.testing.assert_allclose(flat(zip(two.coefs_, two.intercepts_, strict=True)), end, atol=1e-10)
    assert two.loss_curve_ == pytest.approx([nn.loss(start, X, np.eye(3)[y]), nn.loss(middle, X, np.eye(3)[y])])


def test_the_regressor_learns_a_bend():
    x = np.linspace(-2, 2, 80)[:, None]
    model = nn.MLPRegressor((16,), step=0.02, epochs=150).fit(x, 1000 + 5 * np.abs(x[:, 0]))
    assert model.score(x, 1000 + 5 * np.abs(x[:, 0])) > 0.98
    tiny = nn.MLPRegressor((16,), step=0.02, epochs=150).fit(1e-9 * x, 1e-9 * np.abs(x[:, 0]))
    assert tiny.score(1e-9 * x, 1e-9 * np.abs(x[:, 0])) > 0.98
    single = nn.MLPRegressor((3,), epochs=2).fit([[5.0]], [7.0])
    assert single.predict([[5.0]]) == pytest.approx([7], abs=0.1)
    assert np.isfinite(nn.MLPRegressor(3, epochs=2).fit(x, np.ones(80)).predict(x)).all()


@examples
@given(st.integers(0, 10**6), st.integers(-30, 30))
def test_units_and_a_constant_column_change_nothing(seed, power):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((30, 3))
    y = (X[:, 0] * X[:, 1] > 0).astype(int)
    if y.min() == y.max():
        return
    model = quick(epochs=3).fit(X, y)
    factor = 2.0**power
    np.testing.assert_array_equal(quick(epochs=3).fit(X * factor, y).predict_proba(X * factor), model.predict_proba(X))
    moved = quick(epochs=3).fit(X + 1024, y).predict_proba(X + 1024)
    np.testing.assert_allclose(moved, model.predict_proba(X), atol=1e-7)
    padded = np.column_stack([X, np.full(30, 0.3)])
    flat_one = quick(epochs=3).fit(padded, y)
    assert np.isfinite(flat_one.predict_proba(padded)).all()
    assert (flat_one.scale_[3], flat_one.mean_[3]) == (1, 0.3)


def test_columns_far_from_zero_and_of_wild_units():
    X = IRIS.X * np.array([1e-9, 1, 1e9, 1]) + np.array([0, 1e8, 0, 1e8])
    assert quick().fit(X, IRIS.y).score(X, IRIS.y) > 0.93
    big = np.array([[1e300], [-1e300], [5e299]])
    assert np.isfinite(quick(epochs=2).fit(big, [0, 1, 0]).predict_proba(big)).all()


def test_a_column_that_is_constant_but_for_rounding_is_no_feature():
    jitter = np.where(np.arange(150) % 3 == 0, 0.3, np.nextafter(0.3, 1))
    model = quick(epochs=2).fit(np.column_stack([IRIS.X, jitter]), IRIS.y)
    assert model.scale_[4] == 1


def test_a_refit_that_fails_leaves_the_earlier_fit():
    model = quick().fit(IRIS.X, IRIS.y)
    before = model.predict_proba(IRIS.X)
    with pytest.raises(ValueError, match="lower step"):
        model.set_params(step=1e308).fit(5 * IRIS.X[:100] + 7, np.repeat(["a", "b"], 50))
    np.testing.assert_array_equal(model.predict_proba(IRIS.X), before)
    assert model.score(IRIS.X, IRIS.y) > 0.9


def test_activations_may_come_as_a_tuple():
    as_tuple = quick(hidden=(4, 3), activation=("tanh", "relu"), epochs=1).fit(IRIS.X, IRIS.y)
    as_list = quick(hidden=[4, 3], activation=["tanh", nn.ACTIVATIONS["relu"]], epochs=1).fit(IRIS.X, IRIS.y)
    np.testing.assert_array_equal(as_tuple.coefs_[1], as_list.coefs_[1])
    alone = quick(hidden=np.int64(4), activation=nn.ACTIVATIONS["tanh"], epochs=1).fit(IRIS.X, IRIS.y)
    assert alone.coefs_[0].shape == (4, 4)


def test_they_work_in_scikit_learn():
    model = quick(activation="tanh", init=1.5)
    assert repr(clone(model)) == repr(model)
    pipe = make_pipeline(StandardScaler(), quick()).fit(IRIS.X, IRIS.y)
    assert pipe.score(IRIS.X, IRIS.y) > 0.93
    search = GridSearchCV(quick(epochs=3), {"hidden": [(2,), (8, 4)]}, cv=2).fit(IRIS.X, IRIS.y)
    assert search.best_params_["hidden"] in [(2,), (8, 4)]
    words = quick().fit(IRIS.X, np.array(["a", "b", "c"])[IRIS.y])
    assert set(words.predict(IRIS.X)) == {"a", "b", "c"}
    np.testing.assert_array_equal(words.predict_proba(IRIS.X), quick().fit(IRIS.X, IRIS.y).predict_proba(IRIS.X))


NET, DATA, TARGETS = problem(0)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: nn.forward([], DATA), "at least one layer"),
        (lambda: nn.forward(NET, DATA[:, :3]), r"widths do not match: layer 1 receives 3"),
        (lambda: nn.forward([NET[0], NET[2]], DATA), r"widths do not match: layer 2 receives 6"),
        (lambda: nn.forward([(NET[0][0], NET[0][1][:2])], DATA), "widths do not match"),
        (lambda: nn.forward(NET, DATA, "relish"), "activation must be one of identity, sigmoid"),
        (lambda: nn.forward(NET, DATA, ["relu"]), "one for each of 2 hidden layers: got 1"),
        (lambda: nn.forward(NET, [[np.nan] * 4]), "contains NaN"),
        (lambda: nn.loss(NET, DATA, TARGETS[:, :2]), "a row for each sample"),
        (lambda: nn.loss(NET, DATA, 2 * TARGETS), "rows must sum to 1"),
        (lambda: nn.backprop(NET, DATA, 1 - 2 * TARGETS), "non-negative"),
        (lambda: nn.backprop(NET, DATA, TARGETS[:3]), "a row for each sample"),
        (lambda: nn.deltas(NET, DATA, TARGETS, kind="hinge"), "kind must be squared or softmax"),
        (lambda: nn.hvp(NET, DATA, TARGETS, NET[:2]), "v must hold a pair"),
        (lambda: nn.init_weights(0, 3), "n_in must be at least 1"),
        (lambda: nn.init_weights(3, 3, "xavier"), "scheme must be one of lecun, he"),
        (lambda: nn.init_weights(3, 3, 0.0), "scheme must be positive"),
        (lambda: nn.init_network([3]), "widths must hold"),
        (lambda: nn.relu_interpolant([0, 0], [1, 2]), "increase strictly"),
        (lambda: nn.relu_interpolant([0], [1]), "increase strictly"),
        (lambda: nn.Perceptron().fit(CORNERS, [1, 1, 1, 1]), "exactly two classes"),
        (lambda: nn.Perceptron(0).fit(CORNERS, [0, 1, 1, 1]), "max_updates must be at least 1"),
        (lambda: nn.Perceptron().predict(CORNERS), "not fitted"),
        (lambda: nn.Perceptron().fit(CORNERS, [0, 1, 1, 1]).predict([[1.0]]), "must have 2 features"),
        (lambda: quick().fit(CORNERS, [1, 1, 1, 1]), "at least two classes"),
        (lambda: quick().fit(CORNERS, [0, 1]), "one label for each row"),
        (lambda: quick(optimizer="best").fit(CORNERS, [0, 1, 1, 0]), "optimizer must be adam"),
        (lambda: quick(step=0).fit(CORNERS, [0, 1, 1, 0]), "step must be positive"),
        (lambda: quick(epochs=0).fit(CORNERS, [0, 1, 1, 0]), "epochs must be at least 1"),
        (lambda: quick(batch=0).fit(CORNERS, [0, 1, 1, 0]), "batch must be at least 1"),
        (lambda: quick(hidden=(0,)).fit(CORNERS, [0, 1, 1, 0]), "hidden, the width of a layer, must be at least 1"),
        (lambda: quick(hidden=(8, -1)).fit(CORNERS, [0, 1, 1, 0]), "hidden, the width of a layer, must be at least 1"),
        (lambda: quick(hidden="abc").fit(CORNERS, [0, 1, 1, 0]), "hidden, the width of a layer, must be an integer"),
        (lambda: quick(hidden=None).fit(CORNERS, [0, 1, 1, 0]), "hidden, the width of a layer, must be an integer"),
        (lambda: nn.forward("abc", DATA), "params must be a list of pairs"),
        (lambda: nn.forward([([[1, 2], [3]], [0, 0])], DATA), "params must be a list of pairs"),
        (lambda: nn.forward([(NET[0][0], NET[0][1], 0)], DATA), "params must be a list of pairs"),
        (lambda: nn.forward([(np.full((1, 4), "a"), ["b"])], DATA), "params must be a list of pairs"),
        (lambda: nn.loss([(np.full((3, 4), np.nan), np.zeros(3))], DATA, TARGETS), "weights are too large, or NaN"),
        (lambda: nn.forward([(np.full((3, 4), 1e308), np.zeros(3))], 9 + DATA), "scores left the range"),
        (lambda: nn.hvp(NET, DATA, TARGETS, [(1j * W, b) for W, b in NET]), "must be real"),
        (lambda: nn.hvp([(1j * W, b) for W, b in NET], DATA, TARGETS, NET), "must be real"),
        (
            lambda: nn.Perceptron().fit(CORNERS * 1e200, [0, 1, 1, 1]),
            "left the range of floating-point numbers: centre",
        ),
        (lambda: quick(optimizer="sgd", step=1e6).fit(IRIS.X, IRIS.y), "left the range .*: lower step"),
        (lambda: quick(optimizer="momentum", step=1e250).fit(IRIS.X, IRIS.y), "left the range .*: lower step"),
        (lambda: quick(random_state=None).fit(CORNERS, [0, 1, 1, 0]), "random_state must be"),
        (lambda: quick().predict(CORNERS), "not fitted"),
        (lambda: quick(epochs=1).fit(CORNERS, [0, 1, 1, 0]).predict([[1.0]]), "must have 2 features"),
        (
            lambda: nn.MLPRegressor((8,), optimizer="sgd", step=1e6).fit(CORNERS, [0.0, 1, 1, 0]),
            "left the range of floating-point numbers: lower step",
        ),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, said):
    with pytest.raises(ValueError, match=said):
        call()
