"""Chapter 15: hidden Markov models.

A chain of N states over T times is given by scores in nats, which are logarithms of probabilities or densities but may
be any real numbers, or −∞ for what cannot happen: log_pi (N,) of the first state, log_A (N, N) of the step from row i
to column j, or (T − 1, N, N) where it changes with time, and log_lik (T, N) of each observation under each state.
"""

import numpy as np
from scipy.special import gammaln, xlogy

from .estimator import Estimator
from .validation import check_fitted, check_number, check_rng, shown, warn

__all__ = [
    "CategoricalHMM",
    "PoissonHMM",
    "backward_log",
    "backward_scaled",
    "forward_log",
    "forward_scaled",
    "posterior_decode",
    "posteriors",
    "viterbi",
]

ROUNDING = 4 * np.finfo(float).eps  # of a sum, in units of what was added up: paths closer than that are equal
ZERO = "observation sequence has probability zero"
SAFE = 1e-100  # where all that is positive is at least so large, no product of three underflows
FEW = 4  # after so many times the E-step scales anew: often enough, and less work than each time
SAME = 1e-6  # nats per observation: starts that end so close are equally good, and the first of them is kept


# Scores -----------------------------------------------------------------------------------------------


def _scores(log_A, log_lik, log_pi=None):
    """The three as float arrays, log_A with one matrix for each step."""
    log_A, log_lik = np.asarray(log_A, dtype=float), np.asarray(log_lik, dtype=float)
    if log_lik.ndim != 2 or 0 in log_lik.shape:
        raise ValueError(f"log_lik must be of shape (T, N), T and N at least 1: got shape {log_lik.shape}")
    T, N = log_lik.shape
    if log_A.shape not in ((N, N), (T - 1, N, N)):
        raise ValueError(f"log_A must be of shape {(N, N)} or {(T - 1, N, N)}: got shape {log_A.shape}")
    log_pi = np.zeros(N) if log_pi is None else np.asarray(log_pi, dtype=float)
    if log_pi.shape != (N,):
        raise ValueError(f"log_pi must be of shape {(N,)}: got shape {log_pi.shape}")
    for name, scores in (("log_pi", log_pi), ("log_A", log_A), ("log_lik", log_lik)):
        if np.isnan(scores).any() or np.isposinf(scores).any():
            raise ValueError(f"{name} must hold real numbers or minus infinity: got NaN or infinity")
    return log_pi, np.broadcast_to(log_A, (T - 1, N, N)), log_lik


def _lse(z, axis):
    """log Σ exp(z), −∞ where z is −∞ throughout; warnings of log 0 are the caller's to silence."""
    top = z.max(axis=axis)
    top = np.where(top == -np.inf, 0.0, top)
    return np.log(np.exp(z - np.expand_dims(top, axis)).sum(axis=axis)) + top


def forward_log(log_pi, log_A, log_lik):
    """log α_t(j), the sum over all paths that end in j at time t, in log space (`eq-hmm-logforward`). Cost O(N²T).

    Parameters
    ----------
    log_pi : array (N,), scores of the first state
    log_A : (N, N), scores of a step from row to column, or (T − 1, N, N), one matrix for each step
    log_lik : (T, N), scores of the observations

    Returns
    -------
    array (T, N), and float, the logarithm of the sum over all paths; −∞ where no path is possible

    Raises
    ------
    ValueError
        for shapes that do not match, NaN and +∞
    """
    log_pi, log_A, log_lik = _scores(log_A, log_lik, log_pi)
    out = log_lik.copy()
    with np.errstate(divide="ignore"):
        out[0] += log_pi
        for t, step in enumerate(log_A):
            out[t + 1] += _lse(out[t][:, None] + step, 0)
        return out, float(_lse(out[-1], 0))


def backward_log(log_A, log_lik):
    """log β_t(i), the sum over all ways on from i after time t, in log space (`eq-hmm-backward`). Cost O(N²T).

    Raises as `forward_log`.

    Parameters
    ----------
    log_A, log_lik : as in `forward_log`

    Returns
    -------
    array (T, N), the last row zero
    """
    _, log_A, log_lik = _scores(log_A, log_lik)
    out = np.zeros_like(log_lik)
    with np.errstate(divide="ignore"):
        for t in range(len(log_A) - 1, -1, -1):
            out[t] = _lse(log_A[t] + (log_lik[t + 1] + out[t + 1]), 1)
    return out


def viterbi(log_pi, log_A, log_lik):
    """The best path and its score (`eq-hmm-viterbi`). Cost O(N²T), and TN pointers.

    Ties, going back from the end, fall to the lowest state. Sums that differ by less than the rounding of what was
    added up along the path are ties. Where no path is possible the score is −∞ and the path is all zeros.
    Raises as `forward_log`.

    Parameters
    ----------
    log_pi, log_A, log_lik : as in `forward_log`

    Returns
    -------
    int array (T,), and float
    """
    log_pi, log_A, log_lik = _scores(log_A, log_lik, log_pi)
    [path], [score] = _viterbi(log_pi, log_A, log_lik[:, None])
    return path, float(score)


def _viterbi(log_pi, log_A, log_lik):
    """Paths (S, T) and scores (S,) of S sequences of one length, (T, S, N)."""
    T, S, N = log_lik.shape
    sizes = [np.abs(np.where(np.isfinite(a), a, 0.0)) for a in (log_pi, log_A, log_lik)]
    which, every, pointers = np.arange(S)[:, None], np.arange(N), np.zeros((T, S, N), dtype=int)
    delta, size, total = log_pi + log_lik[0], sizes[0] + sizes[2][0], np.zeros(S)
    for t in range(1, T):
        top = delta.max(axis=1)
        top[top == -np.inf] = 0.0
        delta, total = delta - top[:, None], total + top  # what remains is small, and so is its rounding
        ways, added = delta[:, :, None] + log_A[t - 1], size[:, :, None] + sizes[1][t - 1]
        best = np.argmax(ways >= ways.max(axis=1, keepdims=True) - ROUNDING * added, axis=1)
        pointers[t], delta = best, ways[which, best, every] + log_lik[t]
        size = added[which, best, every] + sizes[2][t]
    paths, top = np.zeros((S, T), dtype=int), delta.max(axis=1)
    paths[:, -1] = np.argmax(delta >= top[:, None] - ROUNDING * size, axis=1)
    for t in range(T - 1, 0, -1):
        paths[:, t - 1] = pointers[t, which[:, 0], paths[:, t]]
    paths[top == -np.inf] = 0
    return paths, total + delta[which[:, 0], paths[:, -1]]


def posteriors(log_pi, log_A, log_lik):
    """Probabilities of each state and of each step, given all observations (`eq-hmm-gamma-xi`), in log space.

    Raises as `forward_log`, and where no path is possible: "observation sequence has probability zero".

    Parameters
    ----------
    log_pi, log_A, log_lik : as in `forward_log`

    Returns
    -------
    arrays (T, N) with rows of sum one and (T − 1, N, N) with matrices of sum one, and float, the logarithm of the sum
    over all paths
    """
    log_alpha, total = forward_log(log_pi, log_A, log_lik)
    if total == -np.inf:
        raise ValueError(ZERO)
    log_beta = backward_log(log_A, log_lik)
    _, log_A, log_lik = _scores(log_A, log_lik)
    gamma, xi = log_alpha + log_beta, log_alpha[:-1, :, None] + log_A + (log_lik + log_beta)[1:, None, :]
    # each adds up to the total; where that is large, its rounding is too: so take the largest out, and norm
    gamma, xi = np.exp(gamma - gamma.max(axis=1, keepdims=True)), np.exp(xi - xi.max(axis=(1, 2), keepdims=True))
    return gamma / gamma.sum(axis=1, keepdims=True), xi / xi.sum(axis=(1, 2), keepdims=True), total


def posterior_decode(gamma):
    """The most probable state of each time by itself (`eq-hmm-mpm`); of equally probable ones the first.

    Raises ValueError for another shape, NaN or infinity.

    Parameters
    ----------
    gamma : array (T, N)

    Returns
    -------
    int array (T,)
    """
    gamma = np.asarray(gamma, dtype=float)
    if gamma.ndim != 2 or 0 in gamma.shape or not np.isfinite(gamma).all():
        raise ValueError(f"gamma must be finite, of shape (T, N): got shape {gamma.shape}")
    return np.argmax(gamma >= gamma.max(axis=1, keepdims=True) - 1e-10, axis=1)


# Probabilities ----------------------------------------------------------------------------------------


def _log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def _law(p, name, shape):
    """Rows of non-negative numbers of sum one."""
    p = np.asarray(p, dtype=float)
    if p.shape != shape:
        raise ValueError(f"{name} must be of shape {shape}: got shape {p.shape}")
    if not np.isfinite(p).all() or p.min() < 0 or np.abs(p.sum(axis=-1) - 1).max() > 1e-8:
        raise ValueError(f"{'rows of ' * (p.ndim > 1)}{name} must be non-negative and sum to 1")
    return p


def _likelihoods(lik):
    lik = np.asarray(lik, dtype=float)
    if lik.ndim != 2 or 0 in lik.shape or not np.isfinite(lik).all() or lik.min() < 0:
        raise ValueError(f"lik must be finite and non-negative, of shape (T, N): got shape {lik.shape}")
    return lik


def forward_scaled(pi, A, lik):
    """The filter α̂_t(j) = P(z_t = j | x_1 … x_t) and the scales c_t (`eq-hmm-scaling`). Cost O(N²T).

    Parameters
    ----------
    pi : array (N,), law of the first state
    A : (N, N), row i the law of the state after i
    lik : (T, N), probability or density of each observation under each state

    Returns
    -------
    arrays (T, N), rows of sum one, and (T,); the logarithms of the latter add up to that of the likelihood

    Raises
    ------
    ValueError
        for shapes that do not match, rows that are no laws, and where no path is possible or all have vanished in
        floating point (`forward_log` does not lose them)
    """
    lik = _likelihoods(lik)
    N = lik.shape[1]
    alpha, _, c = _forward(_law(pi, "pi", (N,)), _law(A, "A", (N, N)), lik[:, None], 1)
    if not c.min() > 0:
        raise ValueError(ZERO)
    return (alpha / c[:, :, None])[:, 0], c[:, 0]


def _forward(pi, A, lik, few):
    """α̃ (T, S, N) of S sequences, its sums and the scales c, (T, S). What went before is normed every few times."""
    alpha = lik.copy()
    alpha[0] *= pi
    with np.errstate(invalid="ignore", divide="ignore"):  # from a sum of zero on, NaN
        for t in range(1, len(lik)):
            before = alpha[t - 1] if t % few else alpha[t - 1] / alpha[t - 1].sum(axis=1, keepdims=True)
            alpha[t] *= before @ A
        sums = alpha.sum(axis=2)
        c = sums.copy()
        c[1:] /= np.where(np.arange(1, len(lik))[:, None] % few, sums[:-1], 1.0)
    return alpha, sums, c


def backward_scaled(A, lik, c):
    """β̂_t = A(b(x_{t+1}) ⊙ β̂_{t+1}) / c_{t+1}, for which α̂_t ⊙ β̂_t is the posterior (`eq-hmm-scaled-gamma`).

    Raises as `forward_scaled`, and for scales that are not positive.

    Parameters
    ----------
    A, lik : as in `forward_scaled`
    c : (T,), the scales of `forward_scaled`

    Returns
    -------
    array (T, N), the last row one
    """
    lik, c = _likelihoods(lik), np.asarray(c, dtype=float)
    T, N = lik.shape
    A = _law(A, "A", (N, N))
    if c.shape != (T,) or not np.isfinite(c).all() or c.min() <= 0:
        raise ValueError(f"c must hold {T} positive numbers: got shape {c.shape}")
    return _backward(A, (lik / c[:, None])[:, None])[0][:, 0]


def _backward(A, weights):
    """β̂ of S sequences and weights ⊙ β̂, the weights being likelihoods by scales, (T, S, N) all three."""
    beta, ahead = np.ones_like(weights), weights.copy()
    for t in range(len(weights) - 1, 0, -1):
        ahead[t] *= beta[t]
        np.matmul(ahead[t], A.T, out=beta[t - 1])
    return beta, ahead


def _filtered(pi, A, log_lik):
    """α̂, c, b (each time divided by its largest) and log p, (T, S, N) in all; None where a number would be lost."""
    top = log_lik.max(axis=2)
    if (top == -np.inf).any():
        return None
    lik = np.exp(log_lik - top[:, :, None])
    if np.any((lik < SAFE) & (log_lik > -np.inf)) or np.any((A > 0) & (A < SAFE)) or np.any((pi > 0) & (pi < SAFE)):
        return None
    alpha, sums, c = _forward(pi, A, lik, FEW)
    if not c.min() > 0 or np.any((alpha > 0) & (alpha < SAFE)):
        return None
    return alpha / sums[:, :, None], c, lik, (np.log(c) + top).sum(axis=0)


def _e_step(pi, A, log_lik):
    """γ (T, S, N), the sum of all ξ (N, N), and log p (S,) of S sequences of one length."""
    done = _filtered(pi, A, log_lik)
    if done is None:
        each = [posteriors(_log(pi), _log(A), log_lik[:, s]) for s in range(log_lik.shape[1])]
        gamma = np.stack([one[0] for one in each], axis=1)
        return gamma, sum(one[1].sum(axis=0) for one in each), np.array([one[2] for one in each])
    alpha, c, lik, log_p = done
    # an impossible state weighs nothing, lest its β̂, which nothing keeps in bounds, overflow
    beta, ahead = _backward(A, np.where(alpha > 0, lik / c[:, :, None], 0.0))
    return alpha * beta, A * np.tensordot(alpha[:-1], ahead[1:], ((0, 1), (0, 1))), log_p


def _shares(counts, old):
    """Rows divided by their sums; a row without counts stays as it was."""
    total = counts.sum(axis=-1, keepdims=True)
    return np.where(total > 0, counts / np.where(total > 0, total, 1.0), old)


# Models -----------------------------------------------------------------------------------------------


class _HMM(Estimator):
    """What the models share: EM over several starts, scores and paths. A subclass gives the emissions."""

    def fit(self, Xs, y=None):
        """Baum–Welch (`eq-hmm-baumwelch`) from each start; the likeliest end is kept, of equal ones the first.

        Parameters
        ----------
        Xs : list of sequences, integer arrays (T_s,)
        y : None

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for bad input, and a given start under which a sequence has probability zero
        """
        Xs = self._sequences(Xs, fitting=True)
        N = check_number(self.n_states, "n_states", low=1, integer=True)
        self._prior = check_number(self.prior, "prior", low=1)
        max_iter = check_number(self.max_iter, "max_iter", low=1, integer=True)
        tol, rng = check_number(self.tol, "tol", low=0), check_rng(self.random_state, "random_state")
        groups, total = [X for _, X in _by_length(Xs)], sum(map(len, Xs))
        best = None
        for start in self._starts(Xs, N, rng):
            run = self._run(groups, start, max_iter, tol * total)
            if best is None or run[1][-1] > best[1][-1] + SAME * total:
                best = run
        (self.startprob_, self.transmat_, emissions), objective, logliks, self.converged_ = best
        setattr(self, self._name, emissions)
        self.objective_path_, self.loglik_path_ = np.array(objective), np.array(logliks)
        self.loglik_, self.n_iter_ = float(logliks[-1]), len(logliks) - 1
        if not self.converged_:
            warn(f"EM did not converge in {max_iter} rounds: raise max_iter or tol")
        return self

    def _starts(self, Xs, N, rng):
        if isinstance(self.init, str) and self.init == "random":
            for _ in range(check_number(self.n_init, "n_init", low=1, integer=True)):
                yield rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N), N), self._drawn(Xs, N, rng)
            return
        if not isinstance(self.init, (tuple, list)) or len(self.init) != 3:
            raise ValueError(f"init must be random or a model (startprob, transmat, emissions): got {shown(self.init)}")
        pi, A, emissions = self.init
        yield _law(pi, "startprob", (N,)), _law(A, "transmat", (N, N)), self._given(emissions, N)

    def _run(self, groups, model, max_iter, least):
        objective, logliks, extra = [], [], self._prior - 1
        for _ in range(max_iter + 1):
            pi, A, emissions = model
            steps = [(X, *_e_step(pi, A, self._log_lik(X, emissions))) for X in groups]
            logliks.append(float(sum(log_p.sum() for *_, log_p in steps)))
            log_prior = sum(_log(part).sum() for part in model[: self._penalised]) if extra else 0.0
            objective.append(logliks[-1] + float(extra * log_prior))
            if len(objective) > 1 and objective[-1] - objective[-2] <= least:
                return model, objective, logliks, True
            if len(objective) <= max_iter:
                model = self._m_step(steps, model)
        return model, objective, logliks, False

    def _m_step(self, steps, model):
        extra = self._prior - 1
        pi = _shares(sum(gamma[0].sum(axis=0) for _, gamma, _, _ in steps) + extra, model[0])
        A = _shares(sum(xi for _, _, xi, _ in steps) + extra, model[1])
        return pi, A, self._new_emissions([(X, gamma) for X, gamma, _, _ in steps], model[2])

    def _model(self):
        check_fitted(self, "startprob_")
        return self.startprob_, self.transmat_, getattr(self, self._name)

    def _each(self, Xs, run):
        """What `run` says of each sequence; it is asked with the scores (T, S, N) of those of one length."""
        pi, A, emissions = self._model()
        Xs = self._sequences(Xs)
        out = [None] * len(Xs)
        for where, X in _by_length(Xs):
            for s, said in zip(where, run(pi, A, self._log_lik(X, emissions)), strict=True):
                out[s] = said
        return out

    def score_samples(self, Xs):
        """log p of each sequence in the list, in nats, an array; −∞ where it is impossible."""

        def run(pi, A, log_lik):
            done = _filtered(pi, A, log_lik)
            if done is not None:
                return done[3]
            return [forward_log(_log(pi), _log(A), log_lik[:, s])[1] for s in range(log_lik.shape[1])]

        return np.array(self._each(Xs, run))

    def score(self, Xs, y=None):
        """The sum of log p over the sequences."""
        return float(self.score_samples(Xs).sum())

    def predict_proba(self, Xs):
        """P(z_t | the whole sequence): a list of arrays (T_s, N)."""
        return self._each(Xs, lambda *model: _e_step(*model)[0].swapaxes(0, 1))

    def predict(self, Xs, method="viterbi"):
        """The states of each sequence. Raises ValueError for another method, and a sequence that is impossible.

        Parameters
        ----------
        Xs : list of sequences, integer arrays (T_s,)
        method : "viterbi", the most probable path, or "marginal", the most probable state of each time by itself

        Returns
        -------
        list of int arrays (T_s,)
        """
        if method == "marginal":
            return [posterior_decode(gamma) for gamma in self.predict_proba(Xs)]
        if method != "viterbi":
            raise ValueError(f"method must be viterbi or marginal: got {method!r}")

        def run(pi, A, log_lik):
            paths, scores = _viterbi(_log(pi), np.broadcast_to(_log(A), (len(log_lik) - 1, *A.shape)), log_lik)
            if np.any(scores == -np.inf):
                raise ValueError(ZERO)
            return paths

        return self._each(Xs, run)

    def sample(self, T, random_state):
        """A sequence of length T and its states, both int arrays (T,)."""
        pi, A, emissions = self._model()
        T, rng = check_number(T, "T", low=1, integer=True), check_rng(random_state, "random_state")
        heights, u, z = np.cumsum(np.vstack([pi, A]), axis=1), rng.random(T), np.empty(T, dtype=int)
        for t in range(T):
            row = heights[z[t - 1] + 1 if t else 0]
            z[t] = min(np.searchsorted(row, u[t] * row[-1], side="right"), len(pi) - 1)
        return self._emit(emissions[z], rng), z

    def __sklearn_tags__(self):
        from sklearn.utils import Tags, TargetTags  # only scikit-learn calls this

        return Tags(None, TargetTags(required=False))

    @staticmethod
    def _sequence_list(Xs, what):
        if not isinstance(Xs, (list, tuple)) or not len(Xs):
            raise ValueError(f"Xs must be a list of sequences: got {shown(Xs)}")
        out = []
        for X in Xs:
            X = np.asarray(X)
            if X.ndim != 1 or not len(X):
                raise ValueError(f"a sequence must be 1-dimensional and non-empty: got shape {X.shape}")
            if X.dtype.kind not in "iuf" or not np.all(np.isfinite(X)) or np.any(np.floor(X) != X) or X.min() < 0:
                raise ValueError(f"{what} must be non-negative integers: got {shown(X)}")
            if X.max() >= 2**63:
                raise ValueError(f"{what} must be below 2**63: got {shown(X)}")
            out.append(X.astype(int))
        return out


def _by_length(Xs):
    """Where the sequences of each length stand, and they side by side, (T, S): what is done for one is done for all."""
    lengths = np.array([len(X) for X in Xs])
    for T in np.unique(lengths):
        where = np.flatnonzero(lengths == T)
        yield where, np.stack([Xs[s] for s in where], axis=1)


class CategoricalHMM(_HMM):
    """A hidden Markov model whose observations are symbols 0 … M − 1, fitted by Baum–Welch (`alg-hmm-baumwelch`).

    After `fit`: startprob_ (N,), transmat_ (N, N), emissionprob_ (N, M) of the best start; loglik_ of these very
    parameters, loglik_path_ and objective_path_ before each round and after the last (they agree without a prior),
    n_iter_ and converged_. The objective never falls, up to rounding of its largest term. O(N² Σ T_s) for each round.

    Parameters
    ----------
    n_states : N ≥ 1
    n_symbols : M, or None for the largest symbol in the data and one (say M if a given model has more)
    prior : a₀ ≥ 1, each count is raised by a₀ − 1 (`eq-hmm-map`); 1 for none
    n_init : int ≥ 1, random starts (one is made of a model that is given)
    init : "random", or a model (startprob, transmat, emissionprob); its zeros stay zero without a prior
    max_iter : int ≥ 1, rounds of a start
    tol : ≥ 0; a start ends when a round gains no more than this per observation
    random_state : seed, a non-negative integer, or a numpy Generator
    """

    _name, _penalised = "emissionprob_", 3  # parts of the model that bear the prior

    def __init__(
        self, n_states=2, n_symbols=None, prior=1.0, n_init=10, init="random", max_iter=500, tol=1e-8, random_state=0
    ):
        self.n_states, self.n_symbols, self.prior, self.n_init = n_states, n_symbols, prior, n_init
        self.init, self.max_iter, self.tol, self.random_state = init, max_iter, tol, random_state

    def _sequences(self, Xs, fitting=False):
        Xs = self._sequence_list(Xs, "symbols")
        largest = max(int(X.max()) for X in Xs)
        M = self.n_symbols if fitting else self.emissionprob_.shape[1]
        M = self._M = largest + 1 if M is None else check_number(M, "n_symbols", low=1, integer=True)
        if largest >= M:
            raise ValueError(f"symbol out of range: got {largest}, symbols are 0 to {M - 1}")
        return Xs

    def _drawn(self, Xs, N, rng):
        return rng.dirichlet(np.ones(self._M), N)

    def _given(self, emissions, N):
        return _law(emissions, "emissionprob", (N, self._M))

    @staticmethod
    def _log_lik(X, emissions):
        return _log(emissions.T)[X]

    def _new_emissions(self, pairs, old):
        counts = np.full(old.shape, self._prior - 1)
        for X, gamma in pairs:
            for k, column in enumerate(gamma.reshape(-1, len(old)).T):
                counts[k] += np.bincount(X.ravel(), column, self._M)
        return _shares(counts, old)

    @staticmethod
    def _emit(rows, rng):
        heights = np.cumsum(rows, axis=1)
        return np.minimum((heights <= rng.random(len(rows))[:, None] * heights[:, -1:]).sum(axis=1), rows.shape[1] - 1)


class PoissonHMM(_HMM):
    """A hidden Markov model whose observations are counts, Poisson in each state (`eq-hmm-poisson`).

    After `fit`: startprob_ (N,), transmat_ (N, N), rates_ (N,) of the best start, in the order in which it found them;
    loglik_, loglik_path_, objective_path_, n_iter_ and converged_ as in `CategoricalHMM`.

    Parameters
    ----------
    n_states : N ≥ 1
    prior : a₀ ≥ 1, each count of starts and steps is raised by a₀ − 1; 1 for none
    n_init : int ≥ 1, random starts: rates half way from the mean to counts drawn at random
    init : "random", or a model (startprob, transmat, rates); its zeros stay zero without a prior
    max_iter, tol, random_state : as in `CategoricalHMM`
    """

    _name, _penalised = "rates_", 2

    def __init__(self, n_states=2, prior=1.0, n_init=10, init="random", max_iter=1000, tol=1e-8, random_state=0):
        self.n_states, self.prior, self.n_init = n_states, prior, n_init
        self.init, self.max_iter, self.tol, self.random_state = init, max_iter, tol, random_state

    def _sequences(self, Xs, fitting=False):
        return self._sequence_list(Xs, "counts")

    def _drawn(self, Xs, N, rng):
        counts = np.concatenate(Xs)
        return (rng.choice(counts, N, replace=len(counts) < N) + counts.mean()) / 2

    def _given(self, emissions, N):
        rates = np.asarray(emissions, dtype=float)
        if rates.shape != (N,) or not np.isfinite(rates).all() or rates.min() < 0:
            raise ValueError(f"rates must be {N} non-negative numbers: got {shown(rates)}")
        return rates

    @staticmethod
    def _log_lik(X, rates):
        X = X[..., None]
        return xlogy(X, rates) - rates - gammaln(X + 1)

    @staticmethod
    def _new_emissions(pairs, old):
        weight = sum(gamma.sum(axis=(0, 1)) for _, gamma in pairs)
        counted = sum((gamma * X[..., None]).sum(axis=(0, 1)) for X, gamma in pairs)
        return np.where(weight > 0, counted / np.where(weight > 0, weight, 1.0), old)

    @staticmethod
    def _emit(rates, rng):
        return rng.poisson(rates)
