"""Chapter 16: linear-chain conditional random fields.

A chain is (U, W): U of shape (T, L) scores each label at each place, the start included in its first row; W, read from
row i to column j, scores each pair of neighbours: (L, L), or (T − 1, L, L) where it changes along the chain. Scores are
logarithms of potentials: any real numbers, and −∞ for what is forbidden. The recursions are chapter 15's.
"""

from itertools import pairwise, product

import numpy as np
from scipy.optimize import minimize
from scipy.special import entr

from . import hmm
from .estimator import Classifier
from .linear_algebra import logsumexp
from .validation import check_fitted, check_number, check_rng, check_X, shown, warn

__all__ = [
    "LinearChainCRF",
    "backward_log",
    "brute_force",
    "entropy",
    "forward_log",
    "hmm_to_crf",
    "local_form",
    "marginals",
    "nll_and_grad",
    "normalise_locally",
    "path_score",
    "sample_paths",
    "viterbi",
]

MOST_PATHS, TIE = 10**6, 1e-9  # TIE: probabilities so close are equal on paper, and the first label is taken


def _scores(U, W):
    """U (T, L) and W as (T − 1, L, L), a view where it is the same at all places."""
    U, W = np.asarray(U, dtype=float), np.asarray(W, dtype=float)
    if U.ndim != 2 or 0 in U.shape:
        raise ValueError(f"U must have shape (T, L), a row for each place: got {U.shape}")
    T, L = U.shape
    if W.shape not in ((L, L), (T - 1, L, L)):
        raise ValueError(f"W must have shape {(L, L)} or {(T - 1, L, L)}: got {W.shape}")
    for name, scores in (("U", U), ("W", W)):
        if np.isnan(scores).any() or np.any(scores == np.inf):
            raise ValueError(f"{name} must hold real numbers or −∞: it contains NaN or infinity")
    return U, np.broadcast_to(W, (T - 1, L, L)) if W.ndim == 2 else W


def _total(log_total, level=0.0):
    if log_total == -np.inf:
        raise ValueError("all paths are forbidden: each has a score of −∞")
    total = float(log_total) + float(level)
    if not np.isfinite(total):
        raise ValueError("the scores U and W must be smaller: their sums leave the range of floating-point numbers")
    return total


def _levelled(U, W):
    """U and W less the largest score of each place and step, and what was taken up to each place (`eq-crf-gauge`)."""
    tops = [part.max(axis=axes, keepdims=True) for part, axes in ((U, 1), (W, (1, 2)))]
    one, two = (np.where(top == -np.inf, 0.0, top) for top in tops)
    with np.errstate(over="ignore", invalid="ignore"):
        return U - one, W - two, np.cumsum(one.ravel() + np.r_[0.0, two.ravel()])


def _path(y, T, L):
    y = np.asarray(y)
    if y.shape != (T,) or y.dtype.kind not in "iu" or y.min() < 0 or y.max() >= L:
        raise ValueError(f"y must hold {T} integers from 0 to {L - 1}: got {shown(y)}")
    return y


def path_score(U, W, y):
    """The score of a labelling, Σ_t U[t, y_t] + Σ_t W[y_{t−1}, y_t] (`def-crf-score`). Raises ValueError for another y.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)
    y : (T,), integers from 0 to L − 1

    Returns
    -------
    float; −∞ for a forbidden labelling
    """
    U, W = _scores(U, W)
    T, L = U.shape
    y = _path(y, T, L)
    return float(U[np.arange(T), y].sum() + W[np.arange(T - 1), y[:-1], y[1:]].sum())


def forward_log(U, W):
    """log α_t(j), the summed weight of all beginnings that end in j at t, and log Z (`eq-crf-forward`).

    Raises ValueError for shapes that do not match, NaN, +∞, sums out of range, and if all paths are forbidden.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    array (T, L), and float
    """
    U, W, level = _levelled(*_scores(U, W))
    log_alpha, log_total = hmm.forward_log(np.zeros(U.shape[1]), W, U)
    total = _total(log_total, level[-1])
    return log_alpha + level[:, None], total


def backward_log(U, W):
    """log β_t(i), the summed weight of all continuations of i at t, t itself left out (`eq-crf-backward`).

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    array (T, L); −∞ where there is no continuation
    """
    U, W = _scores(U, W)
    return hmm.backward_log(W, U)


def marginals(U, W):
    """log Z, and the probabilities of labels and of pairs (`eq-crf-marginals`). Raises as `forward_log`.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    float, array (T, L) and array (T − 1, L, L)
    """
    U, W, level = _levelled(*_scores(U, W))
    log_alpha, log_Z = hmm.forward_log(np.zeros(U.shape[1]), W, U)
    total = _total(log_Z, level[-1])
    log_beta = hmm.backward_log(W, U)
    pair = np.exp(log_alpha[:-1, :, None] + W + (U + log_beta)[1:, None, :] - log_Z)
    return total, np.exp(log_alpha + log_beta - log_Z), pair


def viterbi(U, W):
    """A labelling of the highest score, and this score (`eq-crf-viterbi`). O(TL²), without Z; raises as `forward_log`.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    integer array (T,), and float
    """
    U, W = _scores(U, W)
    with np.errstate(over="ignore", invalid="ignore"):
        path, score = hmm.viterbi(np.zeros(U.shape[1]), W, U)
    return path, _total(score)


def brute_force(U, W):
    """All labellings, a million at most, and their scores, by listing: what the recursions are compared with.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    integer array (L^T, T) in lexicographic order, and array (L^T,)
    """
    U, W = _scores(U, W)
    T, L = U.shape
    if L**T > MOST_PATHS:
        raise ValueError(f"brute_force lists at most {MOST_PATHS:,} labellings: got {L}^{T}")
    paths = np.array(list(product(range(L), repeat=T)))
    scores = U[np.arange(T), paths].sum(axis=1) + W[np.arange(T - 1), paths[:, :-1], paths[:, 1:]].sum(axis=1)
    return paths, scores


def entropy(U, W):
    """The entropy of P(Y | X) in nats (`eq-crf-entropy`), added up along `local_form`; raises as `forward_log`.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    float
    """
    p, steps = local_form(U, W)
    total = entr(p).sum()
    for step in steps:
        total += p @ entr(step).sum(axis=1)
        p = p @ step
    return float(total)


def local_form(U, W):
    """P(y_1), and P(y_t = j | y_{t−1} = i, X) for t ≥ 2: the law as a Markov chain (`eq-crf-local-form`).

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    array (L,), and array (T − 1, L, L); rows of sum one, but of zeros where label i at t − 1 leads nowhere
    """
    U, W, _ = _levelled(*_scores(U, W))
    _, log_Z = forward_log(U, W)
    log_beta = hmm.backward_log(W, U)
    dead = np.where(np.isfinite(log_beta), log_beta, 0.0)
    return np.exp(U[0] + log_beta[0] - log_Z), np.exp(W + (U + log_beta)[1:, None, :] - dead[:-1, :, None])


def sample_paths(U, W, size, random_state=0):
    """Labellings drawn from P(Y | X), label by label, by `local_form`. Raises as `forward_log`.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)
    size : int ≥ 1, how many
    random_state : seed, a non-negative integer, or a numpy Generator

    Returns
    -------
    integer array (size, T)
    """
    first, steps = local_form(U, W)
    size, rng = check_number(size, "size", low=1, integer=True), check_rng(random_state, "random_state")
    paths = np.empty((size, len(steps) + 1), dtype=int)
    laws = np.broadcast_to(first, (size, len(first)))
    for t in range(paths.shape[1]):
        ladder = np.cumsum(laws, axis=1)
        ladder /= ladder[:, -1:]
        paths[:, t] = np.sum(rng.random((size, 1)) >= ladder, axis=1)
        if t < len(steps):
            laws = steps[t][paths[:, t]]
    return paths


def normalise_locally(U, W):
    """The chain whose every step has sum one by itself, made of the same scores: a MEMM (`def-crf-memm`).

    Raises ValueError as `forward_log`, and where a label has no successor.

    Parameters
    ----------
    U, W : the chain, (T, L), and (L, L) or (T − 1, L, L)

    Returns
    -------
    U (T, L), whose first row is log P(y_1) and the others zero, and W (T − 1, L, L), log P(y_t | y_{t−1}, x_t)
    """
    U, W, _ = _levelled(*_scores(U, W))
    steps = W + U[1:, None, :]
    if not np.isfinite(U[0]).any() or not np.isfinite(steps).any(axis=2).all():
        raise ValueError("each label must have a successor: somewhere all scores are −∞")
    first = np.zeros_like(U)
    first[0] = U[0] - logsumexp(U[0])
    return first, steps - logsumexp(steps, axis=2)[:, :, None] if len(steps) else steps


def hmm_to_crf(pi, A, lik):
    """The scores with which a CRF has the posterior of an HMM, and Z its likelihood (`eq-crf-contains-hmm`).

    Raises ValueError for shapes that do not match, and for what are no probabilities or densities.

    Parameters
    ----------
    pi : (L,), probabilities of the first label
    A : (L, L), row i the law of what follows i
    lik : (T, L), the density of observation t under each label

    Returns
    -------
    U (T, L) and W (L, L); −∞ for a probability of zero
    """
    pi, A, lik = (np.asarray(part, dtype=float) for part in (pi, A, lik))
    L = pi.size
    if pi.shape != (L,) or A.shape != (L, L) or lik.ndim != 2 or lik.shape[1] != L or 0 in lik.shape:
        raise ValueError(f"pi, A and lik must have shapes (L,), (L, L), (T, L): got {pi.shape}, {A.shape}, {lik.shape}")
    for name, part in (("pi", pi), ("A", A), ("lik", lik)):
        if not np.all(np.isfinite(part)) or part.min() < 0:
            raise ValueError(f"{name} must hold non-negative numbers: got {shown(part)}")
        if name != "lik" and np.abs(part.sum(axis=-1) - 1).max() > 1e-8:
            raise ValueError(f"{name} must hold probabilities of sum one: got {shown(part)}")
    with np.errstate(divide="ignore"):
        U = np.log(lik)
        U[0] += np.log(pi)
        return U, np.log(A)


class _Batch:
    """Sequences of several lengths, longest first, their rows ordered by place: what is at place t lies together."""

    def __init__(self, Xs):
        lengths = np.array([len(X) for X in Xs])
        self.order = np.argsort(-lengths, kind="stable")
        self.lengths = lengths[self.order]
        self.size = [int(np.sum(self.lengths > t)) for t in range(self.lengths[0])]  # sequences that reach place t
        ends = np.cumsum([0, *self.size])
        self.at = [slice(a, b) for a, b in pairwise(ends)]
        starts = np.r_[0, np.cumsum(lengths)][self.order]
        self.rows = np.concatenate([starts[:n] + t for t, n in enumerate(self.size)])
        self.X = np.concatenate(Xs)[self.rows]

    def labels(self, y):
        """The rows' labels, and the pairs (from, to) of neighbours."""
        y = y[self.rows]
        before = [y[at][:n] for at, n in zip(self.at, [*self.size[1:], 0], strict=True)]
        return y, np.concatenate(before), y[self.size[0] :]

    def apart(self, values):
        """What belongs to the rows, as one array for each sequence, in the order in which they were given."""
        rows, lengths = np.empty_like(values), np.empty_like(self.lengths)
        rows[self.rows], lengths[self.order] = values, self.lengths
        return np.split(rows, np.cumsum(lengths)[:-1])


def _lse(z, axis):
    """log Σ exp(z), z real or −∞; chapter 2's without its questions, for the inner loop."""
    top = z.max(axis=axis, keepdims=True)
    top = np.where(top == -np.inf, 0.0, top)
    with np.errstate(divide="ignore"):
        return np.log(np.exp(z - top).sum(axis=axis)) + top.squeeze(axis)


def _forward_backward(batch, U, W):
    """log Z of each sequence, P(y_t) of each row, and the expected number of each pair, all sequences side by side."""
    alpha = [U[batch.at[0]]]
    for at, n in zip(batch.at[1:], batch.size[1:], strict=True):
        alpha.append(U[at] + _lse(alpha[-1][:n, :, None] + W, 1))
    last = np.array([alpha[T - 1][k] for k, T in enumerate(batch.lengths)])
    log_Z = _lse(last, 1)
    _total(log_Z.sum())
    unary, pair = np.empty_like(U), np.zeros_like(W)
    beta = np.zeros((batch.size[-1], U.shape[1]))
    for t in range(len(alpha) - 1, -1, -1):
        n = batch.size[t]
        unary[batch.at[t]] = np.exp(alpha[t] + beta - log_Z[:n, None])
        if t:
            onward = W + (U[batch.at[t]] + beta)[:, None, :]
            pair += np.exp(alpha[t - 1][:n, :, None] + onward - log_Z[:n, None, None]).sum(axis=0)
            beta = np.zeros((batch.size[t - 1], U.shape[1]))
            beta[:n] = _lse(onward, 2)
    return log_Z, unary, pair


def _viterbi(batch, U, W):
    """The best label of each row, all sequences side by side; ties as in chapter 15's `viterbi`."""
    size_U, size_W = (np.abs(np.where(np.isfinite(part), part, 0.0)) for part in (U, W))
    delta, size, back, ends = U[batch.at[0]], size_U[batch.at[0]], [], []
    for at, n in zip([*batch.at[1:], None], [*batch.size[1:], 0], strict=True):
        top = delta.max(axis=1, keepdims=True)
        _total(top.min())
        ends.append(np.argmax(delta >= top - hmm.ROUNDING * size, axis=1))
        if at is not None:
            ways, added = (delta - top)[:n, :, None] + W, size[:n, :, None] + size_W
            back.append(np.argmax(ways >= ways.max(axis=1, keepdims=True) - hmm.ROUNDING * added, axis=1))
            delta, size = (np.take_along_axis(part, back[-1][:, None], 1)[:, 0] for part in (ways, added))
            delta, size = delta + U[at], size + size_U[at]
    path = np.concatenate(ends)
    for t in range(len(back) - 1, -1, -1):
        n = batch.size[t + 1]
        path[batch.at[t]][:n] = back[t][np.arange(n), path[batch.at[t + 1]]]
    return path


def _nll_and_grad(V, W, X, batch, y, lam, start):
    """The objective, and its gradient in V and W; the penalty on V is left to the caller."""
    U = X @ V
    U[: batch.size[0]] += start
    rows, before, after = y
    gold = U[np.arange(len(U)), rows].sum() + W[before, after].sum()
    log_Z, unary, pair = _forward_backward(batch, U, W)
    unary[np.arange(len(U)), rows] -= 1
    np.subtract.at(pair, (before, after), 1.0)
    free = np.where(np.isfinite(W), W, 0.0)
    return float(log_Z.sum() - gold + lam / 2 * np.sum(free**2)), X.T @ unary, pair + lam * free


def nll_and_grad(V, W, sequences, labels, lam=0.0):
    """Σ_n [log Z − score of the labels] + λ/2 (‖V‖² + ‖W‖²), and its gradient (`eq-crf-gradient`). U is XV.

    Raises ValueError for shapes that do not match, NaN, and a labelling that is forbidden.

    Parameters
    ----------
    V : (d, L), weights of the features for each label
    W : (L, L), scores of neighbours; −∞ forbids a pair, and is not counted in the penalty
    sequences : list of arrays (T, d), T of any size
    labels : list of integer arrays (T,), from 0 to L − 1
    lam : λ ≥ 0

    Returns
    -------
    float, array (d, L) and array (L, L); expected less observed counts, plus λ times the weights
    """
    Xs, V, lam = _sequences(sequences), check_X(V, "V"), check_number(lam, "lam", low=0)
    if len(V) != Xs[0].shape[1]:
        raise ValueError(f"V must have shape ({Xs[0].shape[1]}, L), a row for each feature: got {V.shape}")
    _scores(V[:1], W)  # raises for NaN and for other shapes
    W = np.asarray(W, dtype=float)
    if W.ndim != 2:
        raise ValueError(f"W must have shape {(V.shape[1],) * 2}: got {W.shape}")
    ys = [_path(y, len(X), V.shape[1]) for X, y in zip(Xs, _paired(Xs, labels), strict=True)]
    batch = _Batch(Xs)
    y = batch.labels(np.concatenate(ys))
    if np.any(W[y[1], y[2]] == -np.inf):
        raise ValueError("a label path is forbidden by the mask: its score is −∞")
    value, dV, dW = _nll_and_grad(V, W, batch.X, batch, y, lam, np.zeros(V.shape[1]))
    return value + lam / 2 * float(np.sum(V**2)), dV + lam * V, dW


def _sequences(Xs, n_features=None):
    if not isinstance(Xs, (list, tuple)) or not len(Xs):
        raise ValueError(f"Xs must be a list of at least one sequence, each of shape (T, d): got {shown(Xs)}")
    first = check_X(Xs[0], "sequence 0", n_features)
    return [first, *(check_X(X, f"sequence {k}", first.shape[1]) for k, X in enumerate(Xs[1:], start=1))]


def _paired(Xs, ys):
    if not isinstance(ys, (list, tuple)) or len(ys) != len(Xs):
        got = f"{len(ys)} for {len(Xs)} sequences" if hasattr(ys, "__len__") else shown(ys)
        raise ValueError(f"ys must be a list with the labels of each sequence: got {got}")
    for k, (X, y) in enumerate(zip(Xs, ys, strict=True)):
        if np.shape(y) != (len(X),):
            said = f"sequence {k} has {len(X)} rows, got {np.shape(y)}"
            raise ValueError(f"each sequence needs one label per row: {said}")
    return ys


def _together(ys):
    """The labels of all sequences in one array; numbers and text are not mixed."""
    ys = [np.asarray(y) for y in ys]
    if len({y.dtype.kind in "biuf" for y in ys}) > 1:
        raise ValueError("ys must hold labels of one kind: some are numbers, others text")
    return np.concatenate(ys)


def _whitened(X, lam):
    """Coordinates in which XᵀX/4 + λ is N times the unit matrix: three maps, to V, to the scores, and to √λ V.

    So columns far from zero, or near sums of others, cost neither steps nor digits. What changes no score is left out.
    """
    if X.shape[1] > len(X):  # V lies in the span of the rows
        B, R = np.linalg.qr(X.T)
        back, features, ridge = _whitened(R.T, lam)
        return B @ back, features, ridge
    N, peak = len(X), np.abs(X).max(axis=0)
    unit = np.where(peak > 0, peak, 1.0)
    Q, S, P = np.linalg.svd(np.vstack([X / unit / 2, np.diag(np.sqrt(lam) / unit)]), full_matrices=False)
    kept = S.max() * max(Q.shape) * np.finfo(float).eps < S
    Q, P = Q[:, kept] * np.sqrt(N), P[kept].T / S[kept] * np.sqrt(N) / unit[:, None]
    return np.where(peak[:, None] > 0, P, 0.0), 2 * Q[:N], Q[N:]


class LinearChainCRF(Classifier):
    """P(Y | X) ∝ exp Σ_t [x_tᵀV + W], fitted by maximum likelihood with a ridge on V and W (`eq-crf-moments`).

    A fit sets coef_ (d, L), transitions_ (L, L), classes_ (L,) in order, loss_path_, the objective after each step,
    n_iter_ and converged_. No intercept is added: give a column of ones for one.

    Parameters
    ----------
    lam : λ ≥ 0 of the penalty λ/2 (‖V‖² + ‖W‖²); 0 leaves the likelihood alone, which may have no maximum
    max_iter : int ≥ 1, of scipy's L-BFGS, after which it warns
    tol : > 0, of the gradient of the objective per row, where all features have curvature 1
    transition_mask : boolean (L, L), what may follow what, in the order of classes_; or None
    start_mask : boolean (L,), what may come first; or None
    """

    def __init__(self, lam=1.0, max_iter=500, tol=1e-7, transition_mask=None, start_mask=None):
        self.lam, self.max_iter, self.tol = lam, max_iter, tol
        self.transition_mask, self.start_mask = transition_mask, start_mask

    def _mask(self, name, shape):
        mask = getattr(self, name)
        mask = np.ones(shape, dtype=bool) if mask is None else np.asarray(mask)
        if mask.dtype != bool or mask.shape != shape:
            raise ValueError(f"{name} must be boolean of shape {shape}: got {mask.dtype} of shape {mask.shape}")
        return mask

    def fit(self, Xs, ys):
        """Minimise the penalised negative log-likelihood; warns if it did not converge.

        Raises ValueError for bad input, and for a label path that a mask forbids.

        Parameters
        ----------
        Xs : list of arrays (T, d), T of any size
        ys : list of arrays (T,), a label for each row

        Returns
        -------
        the estimator
        """
        lam, tol = check_number(self.lam, "lam", low=0), check_number(self.tol, "tol", low=0, strict=True)
        max_iter = check_number(self.max_iter, "max_iter", low=1, integer=True)
        Xs = _sequences(Xs)
        ys = _paired(Xs, ys)
        batch = _Batch(Xs)
        y = batch.labels(self._encoded(_together(ys), len(batch.X)))
        d, L = batch.X.shape[1], len(self.classes_)
        self._allowed, first = self._mask("transition_mask", (L, L)), self._mask("start_mask", (L,))
        self._start = np.where(first, 0.0, -np.inf)
        if not self._allowed[y[1], y[2]].all() or not first[y[0][: batch.size[0]]].all():
            raise ValueError("a label path is forbidden by the mask: allow it, or change the labels")
        N = len(batch.X)
        back, features, ridge = _whitened(batch.X, lam)
        r = back.shape[1]
        unit_W = np.sqrt(max(len(y[1]), 1) / N / L + lam / N)

        def unpacked(v):
            W = np.full((L, L), -np.inf)
            W[self._allowed] = v[r * L :] / unit_W
            return v[: r * L].reshape(r, L), W

        def objective(v):
            V, W = unpacked(v)
            value, dV, dW = _nll_and_grad(V, W, features, batch, y, lam, self._start)
            pull = ridge @ V
            value, dV = value + np.sum(pull**2) / 2, dV + ridge.T @ pull
            return value / N, np.r_[dV.ravel(), dW[self._allowed] / unit_W] / N

        start = np.zeros(r * L + int(self._allowed.sum()))
        self.loss_path_ = [N * objective(start)[0]]

        def note(intermediate_result):
            self.loss_path_.append(N * intermediate_result.fun)

        options = {"maxiter": max_iter, "maxfun": 20 * max_iter, "gtol": tol, "ftol": 0, "maxcor": 20}
        found = minimize(objective, start, jac=True, method="L-BFGS-B", callback=note, options=options)
        self.converged_ = bool(np.abs(found.jac).max() <= 10 * tol)
        if not self.converged_:
            warn(f"LinearChainCRF stopped after {found.nit} steps: raise max_iter or tol{', or lam' * (lam == 0)}")
        V, self.transitions_ = unpacked(found.x)
        self.coef_ = back @ V
        self.loss_path_, self.n_iter_, self.n_features_in_ = np.array(self.loss_path_), int(found.nit), d
        return self

    def scores(self, Xs):
        """The pair (U, W) of each sequence.

        Parameters
        ----------
        Xs : list of arrays (T, d)

        Returns
        -------
        list of pairs, (T, L) and (L, L)
        """
        batch, U, W = self._batch(Xs)
        return [(part, W) for part in batch.apart(U)]

    def _batch(self, Xs):
        check_fitted(self)
        batch = _Batch(_sequences(Xs, len(self.coef_)))
        with np.errstate(over="ignore", invalid="ignore"):
            U = batch.X @ self.coef_
        if not np.abs(U).max() < 1e300:  # or NaN
            raise ValueError("Xs must hold smaller numbers: the scores leave the range of floating-point numbers")
        U[: batch.size[0]] += self._start
        return batch, U, self.transitions_

    def predict_proba(self, Xs):
        """P(y_t = label | X) of each row of each sequence (`eq-crf-marginals`), in the order of classes_.

        Parameters
        ----------
        Xs : list of arrays (T, d)

        Returns
        -------
        list of arrays (T, L)
        """
        chains = self._batch(Xs)
        return chains[0].apart(_forward_backward(*chains)[1])

    def predict(self, Xs, method="viterbi"):
        """The labels of each sequence. Raises ValueError for a sequence all of whose labellings are forbidden, too.

        Parameters
        ----------
        Xs : list of arrays (T, d)
        method : "viterbi", the heaviest labelling (`eq-crf-viterbi`), or "marginal", the likeliest label at each place

        Returns
        -------
        list of arrays (T,)
        """
        if method not in ("viterbi", "marginal"):
            raise ValueError(f"method must be 'viterbi' or 'marginal': got {method!r}")
        if method == "marginal":
            best = [p >= p.max(axis=1, keepdims=True) - TIE for p in self.predict_proba(Xs)]
            return [self.classes_[first.argmax(axis=1)] for first in best]
        chains = self._batch(Xs)
        return chains[0].apart(self.classes_[_viterbi(*chains)])

    def score(self, Xs, ys):
        """The share of rows, over all sequences, that `predict` labels right. Raises ValueError for another kind.

        Parameters
        ----------
        Xs : list of arrays (T, d)
        ys : list of arrays (T,)

        Returns
        -------
        float
        """
        found = self.predict(Xs)
        y = _together([self.classes_, *_paired(found, ys)])[len(self.classes_) :]
        if y.dtype.kind == "f" and np.isnan(y).any():
            raise ValueError(f"ys must hold labels: got {shown(y)}")
        return float(np.mean(np.concatenate(found) == y))
