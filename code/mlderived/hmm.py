"""Chapter 15: hidden Markov models.

A chain of N states over T times is given by scores in nats, which are logarithms of probabilities or densities but may
be any real numbers, or −∞ for what cannot happen: log_pi (N,) of the first state, log_A (N, N) of the step from row i
to column j, or (T − 1, N, N) where it changes with time, and log_lik (T, N) of each observation under each state.
"""

import numpy as np

__all__ = ["backward_log", "forward_log", "viterbi"]

ROUNDING = 4 * np.finfo(float).eps  # of a sum, in units of what was added up: paths closer than that are equal


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

    Parameters
    ----------
    log_A : array (N, N), scores of a step from row to column, or (T − 1, N, N), one matrix for each step
    log_lik : (T, N), scores of the observations

    Returns
    -------
    array (T, N), the last row zero

    Raises
    ------
    ValueError
        for shapes that do not match, NaN and +∞
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

    Parameters
    ----------
    log_pi : array (N,), scores of the first state
    log_A : (N, N), scores of a step from row to column, or (T − 1, N, N), one matrix for each step
    log_lik : (T, N), scores of the observations

    Returns
    -------
    int array (T,), and float

    Raises
    ------
    ValueError
        for shapes that do not match, NaN and +∞
    """
    log_pi, log_A, log_lik = _scores(log_A, log_lik, log_pi)
    T, N = log_lik.shape
    sizes = [np.abs(np.where(np.isfinite(a), a, 0.0)) for a in (log_pi, log_A, log_lik)]
    every, pointers = np.arange(N), np.zeros((T, N), dtype=int)
    delta, size, total = log_pi + log_lik[0], sizes[0] + sizes[2][0], 0.0
    for t in range(1, T):
        top = delta.max()
        if top > -np.inf:  # what remains is small, and so is its rounding
            delta, total = delta - top, total + top
        ways, added = delta[:, None] + log_A[t - 1], size[:, None] + sizes[1][t - 1]
        pointers[t] = np.argmax(ways >= ways.max(axis=0) - ROUNDING * added, axis=0)
        delta = ways[pointers[t], every] + log_lik[t]
        size = added[pointers[t], every] + sizes[2][t]
    path = np.zeros(T, dtype=int)
    path[-1] = np.argmax(delta >= delta.max() - ROUNDING * size)
    for t in range(T - 1, 0, -1):
        path[t - 1] = pointers[t, path[t]]
    return path, float(total + delta[path[-1]])
