"""Chapter 19: neural networks: forwards, backwards, and how to start.

A network is a list of pairs (W, b), W of shape (d_l, d_{l−1}) and b of (d_l,), and one activation for all hidden
layers, or a list with one for each; the last layer is left as it is, a score for each output. Samples are rows, and a
loss is a mean over them.
"""

from collections.abc import Callable
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr

from .columns import centred
from .estimator import Classifier, Regressor
from .linear_algebra import softmax
from .logistic_regression import log_softmax
from .optimization import adam_update
from .validation import check_fitted, check_number, check_rng, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "ACTIVATIONS",
    "MLPClassifier",
    "MLPRegressor",
    "Perceptron",
    "Tensor",
    "backprop",
    "deltas",
    "forward",
    "hvp",
    "init_network",
    "init_weights",
    "loss",
    "relu_interpolant",
]

# One neuron -------------------------------------------------------------------------------------------


class Perceptron(Classifier):
    """Rosenblatt's rule: where y(wᵀx + b) ≤ 0, add yx to w and y to b (`def-nn-perceptron`).

    A fit sets coef_ (d,), intercept_, classes_ (2,), mistakes_, the number of updates, and converged_.

    Parameters
    ----------
    max_updates : int ≥ 1, after which it gives up and warns
    """

    def __init__(self, max_updates=100_000):
        self.max_updates = max_updates

    def fit(self, X, y):
        """Go through the samples in their order, again and again, until a round brings no mistake.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,) of exactly two labels, else ValueError; the second in order counts as +1

        Returns
        -------
        the estimator
        """
        X = check_X(X)
        A = (2.0 * self._encoded(y, len(X), "exactly") - 1)[:, None] * np.column_stack([X, np.ones(len(X))])
        most = check_number(self.max_updates, "max_updates", low=1, integer=True)
        w, mistakes, at = np.zeros(A.shape[1]), 0, 0
        with np.errstate(over="ignore", invalid="ignore"):
            while (wrong := np.flatnonzero(~((scores := A @ w) > 0))).size and mistakes < most:
                at = wrong[np.searchsorted(wrong, at) % len(wrong)]  # the next in the round
                w, mistakes, at = w + A[at], mistakes + 1, at + 1
        if not np.isfinite(scores).all():
            raise ValueError("the weights left the range of floating-point numbers: centre and scale the columns of X")
        self.coef_, self.intercept_, self.mistakes_, self.converged_ = w[:-1], float(w[-1]), mistakes, not wrong.size
        if not self.converged_:
            warn(f"Perceptron gave up after {most} updates: scale X, raise max_updates, or no hyperplane parts them")
        return self

    def predict(self, X):
        """classes_[1] where the score is at least 0, else classes_[0].

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        array (N,) of labels
        """
        check_fitted(self)
        scores = check_X(X, n_features=len(self.coef_)) @ self.coef_ + self.intercept_
        return self.classes_[(scores >= 0).astype(int)]


# Activations ------------------------------------------------------------------------------------------


class Activation(NamedTuple):
    """A function that acts on each entry, real or complex, and its derivative."""

    name: str
    f: Callable
    df: Callable


def _tail(z):
    """exp(−|z|), for complex z by the sign of its real part: with it no tail cancels, and nothing overflows."""
    return np.exp(np.where(np.real(z) > 0, -z, z))


def _sigmoid(z):
    tail = _tail(z)
    return np.where(np.real(z) > 0, 1.0, tail) / (1 + tail)


def _bell(z):
    """The slope of the sigmoid, σ(z)σ(−z)."""
    tail = _tail(z)
    return tail / (1 + tail) ** 2


@np.errstate(over="ignore")  # where z² is infinite, the density is 0
def _gelu_slope(z):
    return ndtr(z) + z * np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi)


def _gate(z, low):
    return np.where(np.real(z) > 0, 1.0, low)  # at the corner the lower slope, as the common libraries have it


ACTIVATIONS = {
    made.name: made
    for made in (
        Activation("identity", lambda z: z, lambda z: np.ones(np.shape(z))),
        Activation("sigmoid", _sigmoid, _bell),
        Activation("tanh", np.tanh, lambda z: 4 * _bell(2 * z)),
        Activation("relu", lambda z: np.where(np.real(z) <= 0, 0.0, z), lambda z: _gate(z, 0.0)),
        Activation("leaky_relu", lambda z: np.where(np.real(z) > 0, z, 0.01 * z), lambda z: _gate(z, 0.01)),
        Activation("gelu", lambda z: z * ndtr(z), _gelu_slope),
        Activation("swish", lambda z: z * _sigmoid(z), lambda z: _sigmoid(z) * (1 + z * _sigmoid(-z))),
    )
}


def _activations(phi, n):
    given = list(phi) if isinstance(phi, (list, tuple)) and not isinstance(phi, Activation) else [phi] * n
    if len(given) != n:
        raise ValueError(f"phi must be one activation, or one for each of {n} hidden layers: got {len(given)}")
    known = [ACTIVATIONS.get(a) if isinstance(a, str) else a for a in given]
    for a, said in zip(known, given, strict=True):
        if not isinstance(a, Activation):
            raise ValueError(f"an activation must be one of {', '.join(ACTIVATIONS)}: got {shown(said)}")
    return known


# Forwards and backwards -------------------------------------------------------------------------------


def _network(params, X, phi):
    """params and X as arrays that fit each other, and the activations."""
    X = check_X(X)
    try:
        params = [(np.asarray(W) * 1.0, np.asarray(b) * 1.0) for W, b in params]
    except (TypeError, ValueError):
        raise ValueError("params must be a list of pairs (W, b), a matrix and a vector of numbers") from None
    if not params:
        raise ValueError("params must hold at least one layer: got none")
    width = X.shape[1]
    for l, (W, b) in enumerate(params, 1):
        if W.ndim != 2 or b.shape != W.shape[:1] or W.shape[1] != width:
            raise ValueError(
                f"layer widths do not match: layer {l} receives {width} numbers, and W and b are {W.shape}, {b.shape}"
            )
        width = len(W)
    return params, X, _activations(phi, len(params) - 1)


def _target(Y, shape, kind):
    if kind not in ("squared", "softmax"):
        raise ValueError(f"kind must be squared or softmax: got {shown(kind)}")
    Y = check_X(Y, "Y")
    if Y.shape != shape:
        raise ValueError(f"Y must have a row for each sample and a column for each output, {shape}: got {Y.shape}")
    if kind == "softmax" and (Y.min() < 0 or np.abs(Y.sum(axis=1) - 1).max() > 1e-9):
        raise ValueError("Y must be non-negative, and its rows must sum to 1, for softmax")
    return Y


def _forward(params, X, phis):
    cache, H = [], X
    with np.errstate(over="ignore", invalid="ignore"):
        for (W, b), phi in zip(params, [*phis, None], strict=True):
            Z = H @ W.T + b
            cache.append((H, Z))
            H = Z if phi is None else phi.f(Z)
    if not np.isfinite(H).all():
        raise ValueError("the scores left the range of floating-point numbers: weights are too large, or NaN")
    return H, cache


def _loss(out, Y, kind):
    if kind == "squared":
        return np.sum((out - Y) ** 2) / (2 * len(Y))
    return -np.mean(np.sum(Y * log_softmax(out), axis=1))


def _deltas(params, cache, Y, phis, kind):
    out = cache[-1][1]
    delta = [(out if kind == "squared" else softmax(out)) - Y]
    for (W, _), (_, Z), phi in zip(params[:0:-1], cache[-2::-1], reversed(phis), strict=True):
        delta.append(delta[-1] @ W * phi.df(Z))
    return delta[::-1]


def _backprop(params, X, Y, phis, kind):
    out, cache = _forward(params, X, phis)
    found = _deltas(params, cache, Y, phis, kind)
    grads = [(D.T @ H / len(X), D.mean(axis=0)) for D, (H, _) in zip(found, cache, strict=True)]
    return _loss(out, Y, kind), grads


def forward(params, X, phi="relu"):
    """The scores of all samples, and what the way back needs: H⁽ˡ⁻¹⁾ and Z⁽ˡ⁾ of each layer (`def-nn-layer`).

    Raises ValueError for widths that do not match, an unknown activation, and scores beyond the range of floats.

    Parameters
    ----------
    params : list of pairs (W, b), real or complex
    X : array (N, d_0)
    phi : name of an activation, or an Activation, or a list of these, one for each hidden layer

    Returns
    -------
    array (N, d_L), and a list of pairs of arrays (N, d_{l−1}) and (N, d_l)
    """
    return _forward(*_network(params, X, phi))


def loss(params, X, Y, phi="relu", kind="softmax"):
    """The mean over the samples of ½‖z − y‖² ("squared") or −Σ_c y_c log p_c, p = softmax(z) ("softmax").

    Raises ValueError as `forward`, and for another Y or kind.

    Parameters
    ----------
    params, X, phi : as in `forward`
    Y : array (N, d_L); for "softmax" with non-negative rows of sum one
    kind : "squared" or "softmax"

    Returns
    -------
    number
    """
    out, _ = forward(params, X, phi)
    return _loss(out, _target(Y, out.shape, kind), kind)


def deltas(params, X, Y, phi="relu", kind="softmax"):
    """δ⁽ˡ⁾, the slopes of each sample's own loss in its z⁽ˡ⁾, for l = 1 … L (`eq-nn-delta-hidden`). Raises as `loss`.

    Parameters
    ----------
    params, X, Y, phi, kind : as in `loss`

    Returns
    -------
    list of arrays (N, d_l)
    """
    params, X, phis = _network(params, X, phi)
    out, cache = _forward(params, X, phis)
    return _deltas(params, cache, _target(Y, out.shape, kind), phis, kind)


def backprop(params, X, Y, phi="relu", kind="softmax"):
    """The loss and its gradient in every weight, by one pass forwards and one back (`eq-nn-grad-w`). Raises as `loss`.

    Parameters
    ----------
    params, X, Y, phi, kind : as in `loss`

    Returns
    -------
    number, and a list of pairs of arrays, shaped as in params
    """
    params, X, phis = _network(params, X, phi)
    return _backprop(params, X, _target(Y, (len(X), len(params[-1][1])), kind), phis, kind)


def hvp(params, X, Y, v, phi="relu", kind="softmax"):
    """The Hessian of the loss times v, by a complex step through `backprop` (`eq-nn-hvp`): Pearlmutter (1994).

    Raises ValueError as `loss`, and for a v of another shape.

    Parameters
    ----------
    params, X, Y, phi, kind : as in `loss`
    v : list of pairs shaped as params

    Returns
    -------
    list of pairs of arrays, shaped as params
    """
    shapes = [[(np.shape(part), False) for part in layer] for layer in params]
    if any([[(np.shape(p), np.iscomplexobj(p)) for p in layer] for layer in given] != shapes for given in (params, v)):
        raise ValueError("v must hold a pair (W, b) for each layer, of the shapes of params, and both must be real")
    pairs = zip(params, v, strict=True)
    moved = [tuple(p + 1e-100j * np.asarray(q) for p, q in zip(*pair, strict=True)) for pair in pairs]
    return [tuple(part.imag / 1e-100 for part in pair) for pair in backprop(moved, X, Y, phi, kind)[1]]


# How to start -----------------------------------------------------------------------------------------

_VARIANCE = {
    "lecun": lambda n_in, n_out: 1 / n_in,
    "he": lambda n_in, n_out: 2 / n_in,
    "glorot": lambda n_in, n_out: 2 / (n_in + n_out),
    "glorot_uniform": lambda n_in, n_out: 2 / (n_in + n_out),
}


def init_weights(n_in, n_out, scheme="he", random_state=0):
    """Independent weights of mean zero: variance 2/n_in "he" (`eq-nn-he`), 2/(n_in + n_out) "glorot" (`eq-nn-xavier`).

    Parameters
    ----------
    n_in, n_out : int ≥ 1
    scheme : "he", "glorot", "glorot_uniform", "lecun" (variance 1/n_in), or a number c > 0 for the variance c/n_in;
        Gaussian, but "glorot_uniform"
    random_state : seed, a non-negative integer, or a numpy Generator

    Returns
    -------
    array (n_out, n_in)
    """
    n_in, n_out = (check_number(n, name, low=1, integer=True) for n, name in ((n_in, "n_in"), (n_out, "n_out")))
    rng = check_rng(random_state, "random_state")
    if isinstance(scheme, str) and scheme in _VARIANCE:
        variance = _VARIANCE[scheme](n_in, n_out)
    elif isinstance(scheme, str):
        raise ValueError(f"scheme must be one of {', '.join(_VARIANCE)}, or a number: got {scheme!r}")
    else:
        variance = check_number(scheme, "scheme", low=0, strict=True) / n_in
    if scheme == "glorot_uniform":
        return rng.uniform(-1, 1, (n_out, n_in)) * np.sqrt(3 * variance)
    return rng.standard_normal((n_out, n_in)) * np.sqrt(variance)


def init_network(widths, scheme="he", random_state=0):
    """A network with weights of `init_weights` and offsets zero.

    Parameters
    ----------
    widths : d_0, …, d_L, at least two integers ≥ 1, else ValueError
    scheme, random_state : as in `init_weights`

    Returns
    -------
    list of pairs (W, b)
    """
    widths, rng = list(widths), check_rng(random_state, "random_state")
    if len(widths) < 2:
        raise ValueError(f"widths must hold the number of inputs and that of outputs at least: got {shown(widths)}")
    return [(init_weights(m, n, scheme, rng), np.zeros(n)) for m, n in pairwise(widths)]


def relu_interpolant(x, y):
    """The network of one hidden layer of ReLUs that joins points (x_j, y_j) by straight lines (`eq-nn-relu-interp`).

    Parameters
    ----------
    x : array (M + 1,), strictly increasing, M ≥ 1, else ValueError
    y : array (M + 1,)

    Returns
    -------
    list of two pairs (W, b), (M, 1), (M,), (1, M), (1,): right of x_0 the lines, left of it y_0
    """
    x, y = check_y(x, "x"), check_y(y)
    if len(x) != len(y) or len(x) < 2 or np.any(np.diff(x) <= 0):
        raise ValueError(f"x must increase strictly, two points at least, a y for each: got {shown(x)}, {shown(y)}")
    slopes = np.diff(y) / np.diff(x)
    return [(np.ones((len(slopes), 1)), -x[:-1]), (np.diff(slopes, prepend=0.0)[None], y[:1])]


# Any graph of operations ------------------------------------------------------------------------------


def _shrunk(g, shape):
    """g summed over what broadcasting had repeated."""
    g = g.sum(axis=tuple(range(g.ndim - len(shape))))
    return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)


class Tensor:
    """An array that remembers what it was computed from, so that `backward` can find its slopes (`alg-nn-reverse`).

    +, −, *, @ (matrix by matrix or vector) and the methods exp, log, relu, tanh and sum make new ones.

    Parameters
    ----------
    value : array or number
    parents : pairs (Tensor, pull); pull takes the slope of this one to its part in the parent's. Operations set them
    """

    __array_ufunc__ = None  # so that numpy leaves array + Tensor to us

    def __init__(self, value, parents=()):
        self.value, self.parents = np.array(value, dtype=float), parents
        self.grad = np.zeros_like(self.value)

    def __add__(self, other):
        other = _tensor(other)
        return Tensor(self.value + other.value, ((self, lambda g: g), (other, lambda g: g)))

    def __mul__(self, other):
        other = _tensor(other)
        return Tensor(self.value * other.value, ((self, lambda g: g * other.value), (other, lambda g: g * self.value)))

    def __matmul__(self, other):
        other = _tensor(other)
        if self.value.ndim != 2 or other.value.ndim not in (1, 2):
            raise ValueError(f"@ takes a matrix, and a matrix or vector: got {self.value.shape}, {other.value.shape}")
        by = np.outer if other.value.ndim == 1 else lambda g, B: g @ B.T
        pulls = (self, lambda g: by(g, other.value)), (other, lambda g: self.value.T @ g)
        return Tensor(self.value @ other.value, pulls)

    __radd__, __rmul__ = __add__, __mul__

    def __rmatmul__(self, other):
        return _tensor(other) @ self

    def __neg__(self):
        return self * -1.0

    def __sub__(self, other):
        return self + -_tensor(other)

    def __rsub__(self, other):
        return -self + other

    def _by(self, value, slope):
        """An operation on each entry, `slope` a function of what it gave, read at the time of `backward`."""
        out = Tensor(value)
        out.parents = ((self, lambda g: g * slope(out.value)),)
        return out

    def exp(self):
        return self._by(np.exp(self.value), lambda value: value)

    def log(self):
        return Tensor(np.log(self.value), ((self, lambda g: g / self.value),))

    def relu(self):
        return Tensor(np.maximum(self.value, 0), ((self, lambda g: g * (self.value > 0)),))

    def tanh(self):
        return self._by(np.tanh(self.value), lambda value: 1 - value**2)

    def sum(self):
        return Tensor(self.value.sum(), ((self, lambda g: g * np.ones_like(self.value)),))

    def _order(self):
        """All that it was computed from, each after its parents; by a stack, as a graph may be deep."""
        order, seen, stack = [], set(), [(self, False)]
        while stack:
            node, done = stack.pop()
            if done:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack += [(node, True), *((parent, False) for parent, _ in node.parents)]
        return order

    def backward(self, seed=None):
        """Add to the `grad` of all that it was computed from the slope of this number in it.

        `seed`, of the shape of `value`, is this one's own slope, 1 for a number; what is not a number needs one.
        """
        if seed is None and self.value.size != 1:
            raise ValueError(
                f"backward called on a non-scalar without a seed gradient: its shape is {self.value.shape}"
            )
        bar = {self: np.ones_like(self.value) if seed is None else np.broadcast_to(seed, self.value.shape)}
        for node in reversed(self._order()):
            node.grad = node.grad + bar[node]
            for parent, pull in node.parents:
                bar[parent] = bar.get(parent, 0.0) + _shrunk(pull(bar[node]), parent.value.shape)


def _tensor(value):
    return value if isinstance(value, Tensor) else Tensor(value)


# Estimators -------------------------------------------------------------------------------------------


def _views(theta, shapes):
    """The pairs (W, b) of a network as views of one vector."""
    params, at = [], 0
    for n, m in shapes:
        params.append((theta[at : at + n * m].reshape(n, m), theta[at + n * m : at + n * m + n]))
        at += n * m + n
    return params


class _Perceptrons:
    """What the two estimators share. Columns are centred and scaled; `mean_` and `scale_` belong to the model."""

    def __init__(
        self, hidden=64, activation="relu", init="he", optimizer="adam", step=1e-3, batch=32, epochs=60, random_state=0
    ):
        self.hidden, self.activation, self.init, self.optimizer = hidden, activation, init, optimizer
        self.step, self.batch, self.epochs, self.random_state = step, batch, epochs, random_state

    def fit(self, X, y):
        """Train on X and y. Raises ValueError for bad parameters, and when the loss grows out of range.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,), labels of at least two classes, or numbers

        Returns
        -------
        the estimator
        """
        X, Y, kind, known = self._targets(X, y)
        vars(self).update(self._train(X, Y, kind), **known)  # all at the end: a fit that fails changes nothing
        return self

    def predict(self, X):
        """The most probable class, or the network's output in units of y.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        array (N,)
        """
        return self._answer(self._scores(X))

    def _train(self, X, Y, kind):
        step = check_number(self.step, "step", low=0, strict=True)
        size, epochs = (check_number(getattr(self, n), n, low=1, integer=True) for n in ("batch", "epochs"))
        if self.optimizer not in ("adam", "momentum", "sgd"):
            raise ValueError(f"optimizer must be adam, momentum or sgd: got {shown(self.optimizer)}")
        hidden = self.hidden if isinstance(self.hidden, (list, tuple, np.ndarray)) else [self.hidden]
        hidden = [check_number(n, "hidden, the width of a layer,", low=1, integer=True) for n in hidden]
        phis, rng = _activations(self.activation, len(hidden)), check_rng(self.random_state, "random_state")
        X, mean = centred(X)
        X /= (scale := _spread(X, mean))
        start = init_network([X.shape[1], *hidden, Y.shape[1]], self.init, rng)
        theta = np.concatenate([part.ravel() for pair in start for part in pair])
        params = _views(theta, [W.shape for W, _ in start])
        curve, state, pace = [], None, np.zeros_like(theta)
        lost = f"training left the range of floating-point numbers: lower step = {step:g}"
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(epochs):
                order, total = rng.permutation(len(X)), 0.0
                for rows in np.split(order, np.arange(size, len(X), size)):
                    try:
                        value, grads = _backprop(params, X[rows], Y[rows], phis, kind)
                    except ValueError:  # of the scores
                        raise ValueError(lost) from None
                    total += value * len(rows) / len(X)
                    g = np.concatenate([part.ravel() for pair in grads for part in pair])
                    if self.optimizer == "adam":
                        pace, state = adam_update(g, state, step)
                    else:
                        pace = (0.9 * pace if self.optimizer == "momentum" else 0.0) - step * g
                    theta += pace  # the pairs in params are views of it
                curve.append(float(total))
                if not np.isfinite(theta).all() or not np.isfinite(total):
                    raise ValueError(lost)
        found = {"coefs_": [W.copy() for W, _ in params], "intercepts_": [b.copy() for _, b in params], "_phis": phis}
        return found | {"mean_": mean, "scale_": scale, "loss_curve_": curve, "n_features_in_": X.shape[1]}

    def _scores(self, X):
        check_fitted(self, "coefs_")
        X = (check_X(X, n_features=self.n_features_in_) - self.mean_) / self.scale_
        return _forward(list(zip(self.coefs_, self.intercepts_, strict=True)), X, self._phis)[0]


def _spread(X, mean):
    """The standard deviation of each centred column, 1 for one that is constant but for rounding."""
    peak = np.maximum(np.abs(X).max(axis=0), np.finfo(float).tiny)
    spread = np.sqrt(np.mean((X / peak) ** 2, axis=0)) * peak
    return np.where(spread <= 8 * np.finfo(float).eps * np.abs(mean), 1.0, spread)


class MLPClassifier(_Perceptrons, Classifier):
    """A network of dense layers with a softmax at its end, fitted in batches; columns are centred and scaled first.

    A fit sets classes_ (K,), coefs_ and intercepts_ of the scaled columns, mean_ and scale_ (d,), and loss_curve_, the
    mean loss met in each round.

    Parameters
    ----------
    hidden : widths of the hidden layers, a single one as a number
    activation : a name in ACTIVATIONS, an Activation, or a list of these, one for each hidden layer
    init : scheme of `init_weights`
    optimizer : "adam", "momentum" (β = 0.9) or "sgd"
    step : η > 0
    batch : int ≥ 1, samples for each step
    epochs : int ≥ 1, rounds through all samples
    random_state : seed, a non-negative integer, or a numpy Generator
    """

    def _targets(self, X, y):
        X, labels = check_X(X), Classifier()
        codes = labels._encoded(y, len(X), "at least")
        return X, np.eye(len(labels.classes_))[codes], "softmax", vars(labels)

    def _answer(self, scores):
        return self.classes_[scores.argmax(axis=1)]

    def predict_proba(self, X):
        """P(class k | x), (N, K), in the order of classes_."""
        return softmax(self._scores(X))


class MLPRegressor(_Perceptrons, Regressor):
    """A network of dense layers with one linear output, fitted to squared errors; columns and y are centred and scaled.

    A fit sets coefs_ and intercepts_ of the scaled data, mean_ and scale_ (d,), and loss_curve_.

    Parameters
    ----------
    hidden, activation, init, optimizer, step, batch, epochs, random_state : as in `MLPClassifier`
    """

    def _targets(self, X, y):
        X, y = check_X_y(X, y)
        rest, middle = centred(y)
        unit = _spread(rest[:, None], middle)
        return X, rest[:, None] / unit, "squared", {"_middle": float(middle), "_unit": float(unit[0])}

    def _answer(self, scores):
        return scores[:, 0] * self._unit + self._middle
