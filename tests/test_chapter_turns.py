"""The turns of the chapters: each accepts the right answer, says each slip by its sentence, and waits while it is open.

What is run is the page itself: the code that stands before a turn's cell, in the order of the page, then the cell with
the reader's function replaced. Each right answer below is typed here, and compared with nothing else of the page.
"""

import ast
import contextlib
import io
import re
import warnings
from math import comb, lgamma
from pathlib import Path

import numpy as np
import pytest

from mlderived import check

BOOK = Path(__file__).resolve().parent.parent / "book"


def moved(x, A, B):
    """Sizes of the groups that x leaves and joins, and its squared distances from their means."""
    return len(A), len(B), np.sum((x - A.mean(axis=0)) ** 2), np.sum((x - B.mean(axis=0)) ** 2)


def merged(A, B):
    """The sizes of two groups, and the squared distance of their means."""
    return len(A), len(B), np.sum((A.mean(axis=0) - B.mean(axis=0)) ** 2)


def cut_of(W, A):
    """The weight between A and the others, and both volumes."""
    return W[A][:, ~A].sum(), W[A].sum(), W[~A].sum()


def neighbours(X):
    return np.sqrt(((X[:, None] - X) ** 2).sum(axis=2))


# The right answers, and what a student would write instead. Each slip is named by a piece of the sentence it must earn.


FOUR_POINTS = np.array([-3.0, -1, 1, 3])


def second_share(x, pi, mu, var):
    h = pi * np.exp(-((x - mu) ** 2) / 2 / var) / np.sqrt(var)
    return h[1] / h.sum()


def seconds(x, pi, mu, var):
    return np.array([second_share(v, pi, mu, var) for v in x])


def deviations(x):
    return x - x.mean()


def sigma(z):
    return (1 + np.tanh(z / 2)) / 2


def newton(w, X, y, weights):
    p = sigma(X @ w)
    return np.linalg.solve(X.T @ np.diag(weights(p)) @ X, X.T @ (y - p))


def shares(z):
    return np.exp(z) / np.exp(z).sum()


def gaps(y, s):
    return s[y == 1][:, None] - s[y == 0]


def unit(w):
    return w / np.linalg.norm(w)


def centring(N):
    return np.eye(N) - 1 / N


def scatter(X):
    return X.T @ centring(len(X)) @ X


def near(Y):
    h = 1 / (1 + np.sum((Y[:, None] - Y[None]) ** 2, axis=-1))
    return h - np.eye(len(Y))


def springs(i, Y, P, Q, h):
    return 4 * ((P[i] - Q[i]) * h[i]) @ (Y[i] - Y)


def chance_of_presence(joint):
    """Of the first word, in each class."""
    return joint[:, 1].sum(axis=1) / joint.sum(axis=(1, 2))


def odds_of_presence(joint):
    return chance_of_presence(joint) / (1 - chance_of_presence(joint))


def gini(p):
    return 2 * p * (1 - p)


def misses(alpha, X, y):
    return y - X @ (X.T @ (alpha * y))


def lead(alpha, i, j, X, y):
    return misses(alpha, X, y)[i] - misses(alpha, X, y)[j]


def within_classes(n):
    """Mutual information of the table of each class."""
    n = n / n.sum(axis=(1, 2), keepdims=True)
    product = n.sum(axis=2, keepdims=True) * n.sum(axis=1, keepdims=True)
    return (n * np.log(np.where(n > 0, n, 1) / np.where(n > 0, product, 1))).sum(axis=(1, 2))


def share(a, b):
    return a / (a + b)


def rain(pC, S, R):
    """Probability of rain without the sprinkler, and with it."""
    return [pC * s(S[1]) * R[1] + (1 - pC) * s(S[0]) * R[0] for s in (lambda p: 1 - p, lambda p: p)]


def dry(pC, S, R):
    return rain(pC, S, [1 - p for p in R])


def log_evidence(counts, a):
    """log of the probability of a sequence with these counts, a pseudo-counts for each value."""
    return (
        lgamma(a * len(counts))
        - lgamma(a * len(counts) + counts.sum())
        + sum(lgamma(a + n) - lgamma(a) for n in counts)
    )


def two_tables(n, first, cell):
    return log_evidence(n.sum(axis=1), first) + sum(log_evidence(row, cell) for row in n)


def majority(eps, T, tie):
    terms = [comb(T, k) * eps**k * (1 - eps) ** (T - k) for k in range(T + 1)]
    return sum(terms[T // 2 + 1 :]) + (tie * terms[T // 2] if T % 2 == 0 else 0)


def odds_of_error(h, y, w):
    return w[h == y].sum() / w[h != y].sum()


def reweighted(h, y, w, power):
    v = w * odds_of_error(h, y, w) ** (-power * y * h)
    return v / v.sum()


def bracket(GL, HL, GR, HR, lam, pulls=1):
    """Chapter 12's bracket; the uncut leaf pays the charge `pulls` times."""
    return GL**2 / (HL + lam) + GR**2 / (HR + lam) - (GL + GR) ** 2 / (HL + HR + pulls * lam)


def divergence(q, p):
    """Of two coins."""
    return q * np.log(q / p) + (1 - q) * np.log((1 - q) / (1 - p))


ANSWERS = {
    "01": {
        "risk_of_cut": (
            lambda k, q: q + (1 - 2 * q) * abs(k - 2) / 4,
            {
                "the clean hat": lambda k, q: abs(k - 2) / 4,
                "take the absolute value": lambda k, q: q + (1 - 2 * q) * (k - 2) / 4,
                "adds all of them": lambda k, q: q + abs(k - 2) / 4,
                "excess over the truth's own risk": lambda k, q: (1 - 2 * q) * abs(k - 2) / 4,
                "grows by 1 − 2q": lambda k, q: q + (1 - q) * abs(k - 2) / 4,
            },
        ),
        "least_N": (
            lambda size, eps, delta: np.ceil(np.log(size / delta) / -np.log(1 - eps)),
            {
                "not the least": lambda size, eps, delta: np.ceil(np.log(size / delta) / eps),
                "|H| is missing": lambda size, eps, delta: np.ceil(np.log(1 / delta) / -np.log(1 - eps)),
                "noisy labels": lambda size, eps, delta: np.ceil(2 * np.log(2 * size / delta) / eps**2),
                "turns the inequality": lambda size, eps, delta: np.ceil(np.log(size / delta) / np.log(1 - eps)),
                "one too few": lambda size, eps, delta: np.floor(np.log(size / delta) / -np.log(1 - eps)),
                "round up": lambda size, eps, delta: np.log(size / delta) / -np.log(1 - eps),
            },
        ),
        "memoriser_error": (
            lambda M, n: (1 - 1 / M) ** n / 2,
            {
                "the share that it gets right": lambda M, n: 1 - (1 - 1 / M) ** n / 2,
                "with probability 1 − 1/M": lambda M, n: (1 / M) ** n / 2,
                "every second answer is right": lambda M, n: (1 - 1 / M) ** n,
                "the cards are put back": lambda M, n: (1 - n / M) / 2,
                "error on undrawn cards": lambda M, n: 0.5,
            },
        ),
        "interval_labellings": (
            lambda N: 1 + N * (N + 1) / 2,
            {
                "an interval has two ends": lambda N: 2 * N,
                "no + at all": lambda N: N * (N + 1) / 2,
                "enclose a single point": lambda N: 1 + comb(N, 2),
                "+ − + does not": lambda N: 2**N,
            },
        ),
    },
    "02": {
        "shadow": (
            lambda v, u: np.sum(u * v) / np.sum(u**2),
            {
                "length of u, not by its square": lambda v, u: np.sum(u * v) / np.linalg.norm(u),
                "on the line of v": lambda v, u: np.sum(u * v) / np.sum(v**2),
                "cosine of the angle": lambda v, u: np.sum(u * v) / np.linalg.norm(u) / np.linalg.norm(v),
                "shadow itself": lambda v, u: np.sum(u * v) / np.sum(u**2) * u,
            },
        ),
        "log_det": (
            lambda L: 2 * np.log(np.diag(L)).sum(),
            {
                "lacks the factor 2": lambda L: np.log(np.diag(L)).sum(),
                "multiplies the logarithms": lambda L: 2 * np.log(np.diag(L)).prod(),
                "counts the factor 2 twice": lambda L: 2 * np.log(np.diag(L) ** 2).sum(),
                "not its logarithm": lambda L: np.prod(np.diag(L)) ** 2,
            },
        ),
        "error": (
            lambda s, k: np.linalg.norm(s[k:]),
            {
                "is the spectral norm": lambda s, k: s[k],
                "adds the values themselves": lambda s, k: np.sum(s[k:]),
                "square of the norm": lambda s, k: np.sum(s[k:] ** 2),
                "one term too early": lambda s, k: np.linalg.norm(s[k - 1 :]),
                "one term too late": lambda s, k: np.linalg.norm(s[k + 1 :]),
                "what is kept": lambda s, k: np.linalg.norm(s[:k]),
            },
        ),
        "gradient": (
            lambda A, x: A @ x + A.T @ x,
            {
                "symmetric matrices only": lambda A, x: 2 * A @ x,
                "x stands there twice": lambda A, x: A @ x,
                "transposes both": lambda A, x: 2 * A.T @ x,
                "one of the two terms only": lambda A, x: x @ A,
            },
        ),
        "weights": (
            lambda W, x, y: np.outer(np.where(W @ x > 0, W @ x - y, 0), x),
            {
                "φ′ is missing": lambda W, x, y: np.outer(np.maximum(W @ x, 0) - y, x),
                "starts from a": lambda W, x, y: np.outer(np.maximum(W @ x, 0), x),
                "forgets the ½": lambda W, x, y: 2 * np.outer(np.where(W @ x > 0, W @ x - y, 0), x),
                "sign is reversed": lambda W, x, y: -np.outer(np.where(W @ x > 0, W @ x - y, 0), x),
                "slope φ′ belongs": lambda W, x, y: np.outer((np.maximum(W @ x, 0) - y) * (W @ x), x),
                "is the transpose": lambda W, x, y: np.outer(x, np.where(W @ x > 0, W @ x - y, 0)),
            },
        ),
    },
    "03": {
        "chance_ill": (
            lambda p, s, f: p * s / (p * s + (1 - p) * f),
            {
                "is the sensitivity": lambda p, s, f: s,
                "is the evidence": lambda p, s, f: p * s + (1 - p) * f,
                "are the odds": lambda p, s, f: p * s / ((1 - p) * f),
                "has no prior": lambda p, s, f: s / (s + f),
                "of the healthy alone": lambda p, s, f: p * s / (p * s + f),
                "one cell of the table": lambda p, s, f: p * s,
            },
        ),
        "walk_back": (
            lambda s, m, n: (s * m / n, m - m**2 / n),
            {
                "variance of before": lambda s, m, n: (s * m / n, m),
                "mean of before": lambda s, m, n: (0, m * (n - m) / n),
                "by the correlation": lambda s, m, n: (s * np.sqrt(m / n), m * (n - m) / n),
                "share of the variance": lambda s, m, n: (s * m / n, 1 - m / n),
            },
        ),
        "chernoff": (
            lambda N, p, a: np.exp(-N * divergence(a, p)),
            {
                "has lost N": lambda N, p, a: np.exp(-divergence(a, p)),
                "is D(p‖a)": lambda N, p, a: np.exp(-N * divergence(p, a)),
                "is Hoeffding's": lambda N, p, a: np.exp(-2 * N * (a - p) ** 2),
                "forgotten the tails": lambda N, p, a: (p / a) ** (N * a),
                "base 2": lambda N, p, a: np.exp(-N * divergence(a, p) / np.log(2)),
            },
        ),
        "unbiased_variance": (
            lambda x: np.var(x, ddof=1),
            {
                "divides by N, and": lambda x: np.var(x),
                "divides by N + 1": lambda x: np.sum(deviations(x) ** 2) / (len(x) + 1),
                "has no divisor": lambda x: np.sum(deviations(x) ** 2),
                "is the standard deviation": lambda x: np.std(x, ddof=1),
            },
        ),
        "score": (
            lambda x, p: x.sum() / p - (1 - x).sum() / (1 - p),
            {
                "adds the two terms": lambda x, p: x.sum() / p + (1 - x).sum() / (1 - p),
                "is the mean": lambda x, p: x.mean() / p - (1 - x).mean() / (1 - p),
                "sign is reversed": lambda x, p: (1 - x).sum() / (1 - p) - x.sum() / p,
                "forgotten the tails": lambda x, p: x.sum() / p,
                "one score for each toss": lambda x, p: x / p - (1 - x) / (1 - p),
                "slope of the likelihood": lambda x, p: (
                    (x.sum() / p - (1 - x).sum() / (1 - p)) * p ** x.sum() * (1 - p) ** (1 - x).sum()
                ),
            },
        ),
    },
    "04": {
        "best_step": (
            lambda mu, L: 2 / (L + mu),
            {
                "creeps along the flat one": lambda mu, L: 1 / L,
                "from side to side for ever": lambda mu, L: 2 / L,
                "two factors have opposite signs": lambda mu, L: 1 / (L + mu),
                "difference of the curvatures": lambda mu, L: 2 / (L - mu),
                "divides by L alone": lambda mu, L: 2 / L + mu,
                "in the steep one it explodes": lambda mu, L: 1 / mu,
            },
        ),
        "threshold": (
            lambda v, t: np.sign(v) * np.maximum(np.abs(v) - t, 0),
            {
                "yours clips": lambda v, t: np.clip(v, -t, t),
                "a hard threshold": lambda v, t: np.where(np.abs(v) > t, v, 0),
                "lacks the maximum with 0": lambda v, t: np.sign(v) * (np.abs(v) - t),
                "forgets the negative side": lambda v, t: np.maximum(v - t, 0),
                "as a tax on the square would": lambda v, t: v / (1 + t),
            },
        ),
        "corrected": (
            lambda m, beta, k: m / (1 - beta**k),
            {
                "the last slope alone": lambda m, beta, k: m / (1 - beta),
                "yours multiplies": lambda m, beta, k: m * (1 - beta**k),
                "one step behind": lambda m, beta, k: m / (1 - beta ** (k - 1)),
                "the difference wants brackets": lambda m, beta, k: m / 1 - beta**k,
                "the difference to the power": lambda m, beta, k: m / (1 - beta) ** k,
            },
        ),
        "dual_value": (
            lambda lam, b, c: b * lam - (1 + 1 / c) * lam**2 / 2,
            {
                "lacks the ½": lambda lam, b, c: b * lam - (1 + 1 / c) * lam**2,
                "multiplies by the second curvature": lambda lam, b, c: b * lam - (1 + c) * lam**2 / 2,
                "it must be subtracted": lambda lam, b, c: b * lam + (1 + 1 / c) * lam**2 / 2,
                "bound of the best price": lambda lam, b, c: b**2 / (2 * (1 + 1 / c)),
            },
        ),
    },
    "05": {
        "gradient": (
            lambda w, X, y: X.T @ (X @ w - y),
            {
                "twice the gradient": lambda w, X, y: 2 * X.T @ (X @ w - y),
                "sign is reversed": lambda w, X, y: X.T @ (y - X @ w),
                "gradient of the mean": lambda w, X, y: X.T @ (X @ w - y) / len(y),
            },
        ),
        "leverage": (
            lambda x, i: 1 / len(x) + deviations(x)[i] ** 2 / np.sum(deviations(x) ** 2),
            {
                "lacks the 1/N": lambda x, i: deviations(x)[i] ** 2 / np.sum(deviations(x) ** 2),
                "stands squared": lambda x, i: 1 / len(x) + deviations(x)[i] / np.sum(deviations(x) ** 2),
                "divides by the variance": lambda x, i: 1 / len(x) + deviations(x)[i] ** 2 / np.var(x),
            },
        ),
        "var_slope": (
            lambda x, sigma: sigma**2 / np.sum(deviations(x) ** 2),
            {
                "holds for a mean": lambda x, sigma: sigma**2 / len(x),
                "σ stands squared": lambda x, sigma: sigma / np.sum(deviations(x) ** 2),
                "not centred": lambda x, sigma: sigma**2 / np.sum(x**2),
                "divides by the variance of x": lambda x, sigma: sigma**2 / np.var(x),
            },
        ),
        "kept": (
            lambda s, lam: s**2 / (s**2 + lam),
            {
                "is s²": lambda s, lam: s / (s + lam),
                "columns of length 1": lambda s, lam: 1 / (1 + lam),
                "factor of the inner product": lambda s, lam: s / (s**2 + lam),
                "share that is lost": lambda s, lam: lam / (s**2 + lam),
            },
        ),
        "soft": (
            lambda q, lam: np.sign(q) * max(abs(q) - lam, 0),
            {
                "sign of q is lost": lambda q, lam: max(abs(q) - lam, 0),
                "hard threshold": lambda q, lam: q if abs(q) > lam else 0.0,
                "a small one to zero": lambda q, lam: q - lam,
                "which divides": lambda q, lam: q / (1 + lam),
            },
        ),
    },
    "06": {
        "grad": (
            lambda w, X, y: X.T @ (sigma(X @ w) - y) / len(y),
            {
                "gradient of the sum": lambda w, X, y: X.T @ (sigma(X @ w) - y),
                "observed minus predicted": lambda w, X, y: X.T @ (y - sigma(X @ w)) / len(y),
                "gradient of squared errors": lambda w, X, y: (
                    X.T @ ((sigma(X @ w) - y) * sigma(X @ w) * sigma(-X @ w)) / len(y)
                ),
                "σ is missing": lambda w, X, y: X.T @ (X @ w - y) / len(y),
            },
        ),
        "newton_step": (
            lambda w, X, y: newton(w, X, y, lambda p: p * (1 - p)),
            {
                "leaves S out": lambda w, X, y: newton(w, X, y, np.ones_like),
                "S = p in place": lambda w, X, y: newton(w, X, y, lambda p: p),
                "but not the Hessian": lambda w, X, y: newton(w, X, y, lambda p: p * (1 - p)) / len(y),
                "goes uphill": lambda w, X, y: -newton(w, X, y, lambda p: p * (1 - p)),
                "where the step leads": lambda w, X, y: w + newton(w, X, y, lambda p: p * (1 - p)),
            },
        ),
        "curvature": (
            lambda z, v: shares(z) @ v**2 - (shares(z) @ v) ** 2,
            {
                "diagonal part alone": lambda z, v: shares(z) @ v**2,
                "classes for independent": lambda z, v: (shares(z) * (1 - shares(z))) @ v**2,
                "sign reversed": lambda z, v: (shares(z) @ v) ** 2 - shares(z) @ v**2,
            },
        ),
        "threshold": (
            lambda c_fp, c_fn: c_fp / (c_fp + c_fn),
            {
                "costs exchanged": lambda c_fp, c_fn: c_fn / (c_fp + c_fn),
                "odds at the threshold": lambda c_fp, c_fn: c_fp / c_fn,
                "equal costs only": lambda c_fp, c_fn: 0.5,
            },
        ),
        "auc": (
            lambda y, s: np.mean((gaps(y, s) > 0) + 0.5 * (gaps(y, s) == 0)),
            {
                "gives ties nothing": lambda y, s: np.mean(gaps(y, s) > 0),
                "ties as won": lambda y, s: np.mean(gaps(y, s) >= 0),
                "pairs that are lost": lambda y, s: np.mean((gaps(y, s) < 0) + 0.5 * (gaps(y, s) == 0)),
                "does not divide": lambda y, s: np.sum((gaps(y, s) > 0) + 0.5 * (gaps(y, s) == 0)),
            },
        ),
        "loss": (
            lambda m: max(-m, 0) + np.log1p(np.exp(-abs(m))),
            {
                "sign reversed": lambda m: max(m, 0) + np.log1p(np.exp(-abs(m))),
                "caps the loss": lambda m: -np.log(sigma(m) + 1e-15),
                "rounds to 1": lambda m: max(-m, 0) + np.log(1 + np.exp(-abs(m))),
            },
        ),
    },
    "07": {
        "slope": (
            lambda a, b, q: -a / q + b / (1 - q),
            {
                "sign is reversed": lambda a, b, q: a / q - b / (1 - q),
                "inner sign": lambda a, b, q: -a / q - b / (1 - q),
                "slope of the mean": lambda a, b, q: (-a / q + b / (1 - q)) / (a + b),
            },
        ),
        "score": (
            lambda sL, sR, nL, nR: sL**2 / nL + sR**2 / nR,
            {
                "divides by all n": lambda sL, sR, nL, nR: (sL**2 + sR**2) / (nL + nR),
                "squares the means": lambda sL, sR, nL, nR: sL**2 / nL**2 + sR**2 / nR**2,
                "not squared": lambda sL, sR, nL, nR: sL / nL + sR / nR,
                "saving itself": lambda sL, sR, nL, nR: nL * nR / (nL + nR) * (sL / nL - sR / nR) ** 2,
            },
        ),
        "gain": (
            lambda nL, pL, nR, pR: 2 * nL * nR / (nL + nR) ** 2 * (pL - pR) ** 2,
            {
                "plain mean": lambda nL, pL, nR, pR: (
                    gini((nL * pL + nR * pR) / (nL + nR)) - gini(pL) / 2 - gini(pR) / 2
                ),
                "counts one class": lambda nL, pL, nR, pR: nL * nR / (nL + nR) ** 2 * (pL - pR) ** 2,
                "once too seldom": lambda nL, pL, nR, pR: 2 * nL * nR / (nL + nR) * (pL - pR) ** 2,
            },
        ),
        "mean_luck": (
            lambda m: (m - 1) / (2 * m - 1),
            {
                "doubt that remains": lambda m: m / (2 * m - 1),
                "chance ½": lambda m: 1 / 2,
                "large N": lambda m: (m - 1) / (2 * 2 * m * np.log(2)),
            },
        ),
        "price": (
            lambda R_t, R_branch, size: (R_t - R_branch) / (size - 1),
            {
                "one fewer": lambda R_t, R_branch, size: (R_t - R_branch) / size,
                "whole branch": lambda R_t, R_branch, size: R_t - R_branch,
                "nodes of the branch": lambda R_t, R_branch, size: (R_t - R_branch) / (2 * size - 1),
            },
        ),
        "labellings": (
            lambda N, L: 2 * sum(comb(N - 1, i) for i in range(L)),
            {
                "factor 2": lambda N, L: sum(comb(N - 1, i) for i in range(L)),
                "one too far": lambda N, L: 2 * sum(comb(N - 1, i) for i in range(L + 1)),
                "a sum is missing": lambda N, L: 2 * comb(N - 1, L - 1),
                "gaps to cut": lambda N, L: 2 * sum(comb(N, i) for i in range(L)),
            },
        ),
    },
    "08": {
        "distance": (
            lambda w, b, x, y: y * (w @ x + b) / np.linalg.norm(w),
            {
                "divide by the length": lambda w, b, x, y: y * (w @ x + b),
                "square of the length": lambda w, b, x, y: y * (w @ x + b) / (w @ w),
                "has no sign": lambda w, b, x, y: abs(w @ x + b) / np.linalg.norm(w),
                "lost the label": lambda w, b, x, y: (w @ x + b) / np.linalg.norm(w),
            },
        ),
        "grad_W": (
            lambda alpha, X, y: 1 - y * (X @ (X.T @ (alpha * y))),
            {
                "lost the labels": lambda alpha, X, y: 1 - X @ (X.T @ alpha),
                "one label is lost": lambda alpha, X, y: 1 - X @ (X.T @ (alpha * y)),
                "keeps the ½": lambda alpha, X, y: 1 - y * (X @ (X.T @ (alpha * y))) / 2,
                "points downhill": lambda alpha, X, y: y * (X @ (X.T @ (alpha * y))) - 1,
            },
        ),
        "offset": (
            lambda alpha, X, y, C: np.mean(misses(alpha, X, y)[(alpha > 1e-9) & (alpha < C - 1e-9)]),
            {
                "averages over all that pay": lambda alpha, X, y, C: np.mean(misses(alpha, X, y)[alpha > 1e-9]),
                "sign of b reversed": lambda alpha, X, y, C: (
                    -np.mean(misses(alpha, X, y)[(alpha > 1e-9) & (alpha < C - 1e-9)])
                ),
                "averages over all points": lambda alpha, X, y, C: np.mean(misses(alpha, X, y)),
            },
        ),
        "step": (
            lambda alpha, i, j, X, y: lead(alpha, i, j, X, y) / np.sum((X[i] - X[j]) ** 2),
            {
                "square of a difference": lambda alpha, i, j, X, y: (
                    lead(alpha, i, j, X, y) / np.sum((X[i] + X[j]) ** 2)
                ),
                "curvature is its square": lambda alpha, i, j, X, y: (
                    lead(alpha, i, j, X, y) / np.linalg.norm(X[i] - X[j])
                ),
                "takes scores for misses": lambda alpha, i, j, X, y: (
                    (lead(alpha, i, j, X, y) - y[i] + y[j]) / np.sum((X[i] - X[j]) ** 2)
                ),
            },
        ),
        "coordinates": (
            lambda points: np.array([points**0, np.sqrt(2) * points, points**2]),
            {
                "lacks the √2": lambda points: np.array([points**0, points, points**2]),
                "2x for √2 x": lambda points: np.array([points**0, 2 * points, points**2]),
                "the 1 is missing": lambda points: np.array([np.sqrt(2) * points, points**2]),
            },
        ),
    },
    "09": {
        "odds_of_spam": (
            lambda x: np.prod(np.where(np.array(x) == 1, [3, 2, 1 / 3], [1 / 3, 2 / 3, 3])) / 3,
            {
                "present words only": lambda x: np.prod(np.array([3, 2, 1 / 3]) ** np.array(x)) / 3,
                "lacks the prior odds": lambda x: np.prod(np.where(np.array(x) == 1, [3, 2, 1 / 3], [1 / 3, 2 / 3, 3])),
            },
        ),
        "next_draw": (
            lambda n, total, values, alpha: (n + alpha) / (total + alpha * values),
            {
                "only once": lambda n, total, values, alpha: (n + alpha) / (total + alpha),
                "highest point": lambda n, total, values, alpha: (n + alpha - 1) / (total + (alpha - 1) * values),
                "without α": lambda n, total, values, alpha: n / total,
            },
        ),
        "gauss_log_odds": (
            lambda x, mu, var: x**2 / 2 - (x - mu) ** 2 / (2 * var) - np.log(var) / 2,
            {
                "log σ does not cancel": lambda x, mu, var: x**2 / 2 - (x - mu) ** 2 / (2 * var),
                "not by 2σ²": lambda x, mu, var: x**2 / 2 - (x - mu) ** 2 / (2 * var**0.5) - np.log(var) / 2,
            },
        ),
        "bayes_error": (
            lambda joint: 1 - joint.max(axis=0).sum(),
            {
                "how often the best rule is right": lambda joint: joint.max(axis=0).sum(),
                "most frequent class": lambda joint: 1 - joint.sum(axis=1).max(),
                "smallest entry": lambda joint: joint.min(axis=0).sum(),
            },
        ),
        "weight_of_A": (
            lambda joint: np.diff(np.log(odds_of_presence(joint)))[0],
            {
                "difference of the probabilities": lambda joint: np.diff(chance_of_presence(joint))[0],
                "presence alone": lambda joint: np.diff(np.log(chance_of_presence(joint)))[0],
            },
        ),
        "exponent": (
            lambda A, B: np.log(B) / np.log(A),
            {"quotient of the ratios": lambda A, B: B / A, "turned round": lambda A, B: np.log(A) / np.log(B)},
        ),
    },
    "10": {
        "weight": (
            lambda n: within_classes(n) @ n.sum(axis=(1, 2)) / n.sum(),
            {
                "ignores the class": lambda n: within_classes(n.sum(axis=0, keepdims=True))[0],
                "without their shares": lambda n: within_classes(n).sum(),
                "the same share": lambda n: within_classes(n).mean(),
                "in bits": lambda n: within_classes(n) @ n.sum(axis=(1, 2)) / n.sum() / np.log(2),
            },
        ),
        "ran_though_it_rained": (
            lambda pC, S, R, W: share(rain(pC, S, R)[1] * W[1][1], rain(pC, S, R)[0] * W[0][1]),
            {
                "does not use that the lawn is wet": lambda pC, S, R, W: share(*rain(pC, S, R)[::-1]),
                "does not use that it rained": lambda pC, S, R, W: share(
                    rain(pC, S, R)[1] * W[1][1] + dry(pC, S, R)[1] * W[1][0],
                    rain(pC, S, R)[0] * W[0][1] + dry(pC, S, R)[0] * W[0][0],
                ),
                "given sprinkler and rain": lambda pC, S, R, W: W[1][1],
                "for independent": lambda pC, S, R, W: share(
                    (S[0] + pC * (S[1] - S[0])) * W[1][1], (1 - S[0] - pC * (S[1] - S[0])) * W[0][1]
                ),
            },
        ),
        "ben_said_one": (
            lambda b, c: share(b * (1 - c), (1 - b) * c),
            {
                "does not listen to Cem": lambda b, c: b,
                "does not listen to Ann": lambda b, c: 1 - c,
                "not divided by the sum": lambda b, c: b * (1 - c),
                "lets Cem say 1": lambda b, c: share(b * c, (1 - b) * (1 - c)),
            },
        ),
        "log_bdeu": (
            lambda n, alpha: log_evidence(n.ravel(), alpha / 4),
            {
                "which is K2": lambda n, alpha: two_tables(n, 1, 1),
                "all of α": lambda n, alpha: two_tables(n, alpha / 2, alpha / 2),
                "for each value of a": lambda n, alpha: two_tables(n, alpha / 4, alpha / 4),
                "largest likelihood": lambda n, alpha: n[n > 0] @ np.log(n[n > 0] / n.sum()),
            },
        ),
    },
    "11": {
        "vote_error": (
            lambda eps, T: majority(eps, T, 0.5),
            {
                "tie has been forgotten": lambda eps, T: majority(eps, T, 0),
                "whole error": lambda eps, T: majority(eps, T, 1),
                "one voter too early": lambda eps, T: sum(
                    comb(T, k) * eps**k * (1 - eps) ** (T - k) for k in range(T // 2, T + 1)
                ),
            },
        ),
        "answers_with": (
            lambda N, k: ((N - k + 1) ** N - (N - k) ** N) / N**N,
            {
                "not independent": lambda N, k: (1 - (k - 1) / N) ** N * (1 - (1 - 1 / N) ** N),
                "limit for very many": lambda N, k: np.exp(1 - k) - np.exp(-k),
                "for a single draw": lambda N, k: 1 / N,
            },
        ),
        "new_weights": (
            lambda h, y, w: w / np.where(h == y, 2 * w[h == y].sum(), 2 * w[h != y].sum()),
            {
                "without its ½": lambda h, y, w: reweighted(h, y, w, 1),
                "do not sum to 1": lambda h, y, w: w * odds_of_error(h, y, w) ** (-y * h / 2),
                "missed points must gain": lambda h, y, w: reweighted(h, y, w, -0.5),
            },
        ),
        "residual": (
            lambda y, F: y / (1 + np.exp(y * F)),
            {
                "sign is reversed: step": lambda y, F: -y / (1 + np.exp(y * F)),
                "y − p with y = ±1": lambda y, F: y - 1 / (1 + np.exp(-F)),
                "exponential loss": lambda y, F: y * np.exp(-y * F),
                "exponent's sign": lambda y, F: y / (1 + np.exp(-y * F)),
            },
        ),
    },
    "12": {
        "leaf": (
            lambda G, H, lam: -G / (H + lam),
            {
                "goes against its slope": lambda G, H, lam: G / (H + lam),
                "does not feel the charge": lambda G, H, lam: -G / H,
                "forgets the ½": lambda G, H, lam: -G / (H + 2 * lam),
            },
        ),
        "gain": (
            lambda GL, HL, GR, HR, lam, gamma: bracket(GL, HL, GR, HR, lam) / 2 - gamma,
            {
                "yours puts it on": lambda GL, HL, GR, HR, lam, gamma: bracket(GL, HL, GR, HR, lam) / 2 + gamma,
                "halves the price": lambda GL, HL, GR, HR, lam, gamma: (bracket(GL, HL, GR, HR, lam) - gamma) / 2,
                "has no ½": lambda GL, HL, GR, HR, lam, gamma: bracket(GL, HL, GR, HR, lam) - gamma,
                "one leaf more is due": lambda GL, HL, GR, HR, lam, gamma: bracket(GL, HL, GR, HR, lam) / 2 - 2 * gamma,
                "the uncut leaf pays λ once": lambda GL, HL, GR, HR, lam, gamma: (
                    bracket(GL, HL, GR, HR, lam, 2) / 2 - gamma
                ),
            },
        ),
        "fee": (
            lambda G, H, lam: lam * G**2 / ((H + lam) * (H + 2 * lam)),
            {
                "both factors of yours are H + λ": lambda G, H, lam: lam * G**2 / (H + lam) ** 2,
                "both factors of yours are H + 2λ": lambda G, H, lam: lam * G**2 / (H + 2 * lam) ** 2,
                "lacks the λ above": lambda G, H, lam: G**2 / ((H + lam) * (H + 2 * lam)),
            },
        ),
        "curvature": (
            lambda m, y: 1 / (1 + np.exp(-m)) / (1 + np.exp(m)),
            {
                "yours is the slope": lambda m, y: 1 / (1 + np.exp(-m)) - y,
                "square of the slope": lambda m, y: (1 / (1 + np.exp(-m)) - y) ** 2,
                "largest curvature": lambda m, y: 0.25,
                "yours is p²": lambda m, y: (1 + np.exp(-m)) ** -2.0,
            },
        ),
        "next_margin": (
            lambda f: f - np.sinh(f),
            {
                "yours is the step": lambda f: -np.sinh(f),
                "the sign": lambda f: f + np.sinh(f),
                "gradient step": lambda f: f - np.tanh(f / 2) / 2,
                "bound ¼": lambda f: f - 2 * np.tanh(f / 2),
            },
        ),
        "factor": (
            lambda a, b: (1 - a) / b,
            {
                "chance to be drawn": lambda a, b: b / (1 - a),
                "only 1 − a of the samples": lambda a, b: 1 / b,
                "weight of uniform sampling": lambda a, b: 1 / (a + b),
                "do not share in the draw": lambda a, b: (1 - a) / (a + b),
            },
        ),
    },
    "13": {
        "responsibility": (
            lambda x, pi, mu, var: second_share(x, pi, mu, var),
            {
                "weights are missing": lambda x, pi, mu, var: second_share(x, 1.0, mu, var),
                "variance for a standard deviation": lambda x, pi, mu, var: second_share(x, pi, mu, var**2),
                "factor 1/σ": lambda x, pi, mu, var: second_share(x, pi * np.sqrt(var), mu, var),
                "left bell": lambda x, pi, mu, var: 1 - second_share(x, pi, mu, var),
                "height of the right bell": lambda x, pi, mu, var: (
                    pi[1] * np.exp(-((x - mu[1]) ** 2) / 2 / var[1]) / np.sqrt(2 * np.pi * var[1])
                ),
                "are the odds": lambda x, pi, mu, var: 1 / (1 / second_share(x, pi, mu, var) - 1),
                "½ in the exponent": lambda x, pi, mu, var: second_share(x, pi, mu, var / 2),
            },
        ),
        "floor": (
            lambda q, h: np.sum(q * np.log(h / q)),
            {
                "entropy is missing": lambda q, h: np.sum(q * np.log(h)),
                "wrong sign": lambda q, h: np.sum(q * np.log(h)) + np.sum(q * np.log(q)),
                "logarithm of an average": lambda q, h: np.log(np.sum(q * h)),
                "ceiling": lambda q, h: np.log(np.sum(h)),
                "average is missing": lambda q, h: np.sum(np.log(h) - np.log(q)),
            },
        ),
        "slope_in_mean": (
            lambda x, pi, mu, var: np.sum(seconds(x, pi, mu, var) * (x - mu[1])) / var[1],
            {
                "responsibilities are missing": lambda x, pi, mu, var: np.sum(x - mu[1]) / var[1],
                "variance is missing": lambda x, pi, mu, var: np.sum(seconds(x, pi, mu, var) * (x - mu[1])),
                "divided by N_k": lambda x, pi, mu, var: (
                    np.average(x - mu[1], weights=seconds(x, pi, mu, var)) / var[1]
                ),
                "sign is reversed": lambda x, pi, mu, var: np.sum(seconds(x, pi, mu, var) * (mu[1] - x)) / var[1],
            },
        ),
        "new_variance": (
            lambda x, g: np.average((x - np.average(x, weights=g)) ** 2, weights=g),
            {
                "divides by N": lambda x, g: np.mean(g * (x - np.average(x, weights=g)) ** 2),
                "around 0": lambda x, g: np.average(x**2, weights=g),
                "weighted one": lambda x, g: np.average((x - np.mean(x)) ** 2, weights=g),
                "takes one off": lambda x, g: np.sum(g * (x - np.average(x, weights=g)) ** 2) / (np.sum(g) - 1),
                "shares are squared": lambda x, g: np.sum(g**2 * (x - np.average(x, weights=g)) ** 2) / np.sum(g),
            },
        ),
        "map_slope": (
            lambda m, s: np.mean(FOUR_POINTS**2 * (1 - np.tanh(m * FOUR_POINTS / s) ** 2)) / s,
            {
                "square of tanh": lambda m, s: np.mean(FOUR_POINTS**2 * np.tanh(m * FOUR_POINTS / s) ** 2) / s,
                "one less tanh": lambda m, s: np.mean(FOUR_POINTS**2 * (1 - np.tanh(m * FOUR_POINTS / s))) / s,
                "a second x": lambda m, s: np.mean(FOUR_POINTS * (1 - np.tanh(m * FOUR_POINTS / s) ** 2)) / s,
                "1/s of the inner": lambda m, s: np.mean(FOUR_POINTS**2 * (1 - np.tanh(m * FOUR_POINTS / s) ** 2)),
                "not divided by their number": lambda m, s: (
                    np.sum(FOUR_POINTS**2 * (1 - np.tanh(m * FOUR_POINTS / s) ** 2)) / s
                ),
            },
        ),
    },
    "14": {
        "best_factor": (
            lambda table, q2: np.exp(np.log(table) @ q2) / np.exp(np.log(table) @ q2).sum(),
            {
                "average their logarithms": lambda table, q2: table @ q2 / (table @ q2).sum(),
                "does not sum to 1": lambda table, q2: np.exp(np.log(table) @ q2),
                "averages of the logarithms": lambda table, q2: np.log(table) @ q2,
                "weighs all columns alike": lambda table, q2: (
                    np.exp(np.log(table).mean(axis=1)) / np.exp(np.log(table).mean(axis=1)).sum()
                ),
            },
        ),
        "mean_field_variances": (
            lambda Sigma: 1 / np.diagonal(np.linalg.inv(Sigma)),
            {
                "marginal variances": lambda Sigma: np.diagonal(Sigma),
                "inverts the diagonal": lambda Sigma: 1 / np.diagonal(Sigma),
                "precisions: take their inverses": lambda Sigma: np.diagonal(np.linalg.inv(Sigma)),
                "standard deviations": lambda Sigma: 1 / np.sqrt(np.diagonal(np.linalg.inv(Sigma))),
            },
        ),
        "next_precision": (
            lambda x, tau: len(x) / (np.sum((x - x.mean()) ** 2) + 1 / tau),
            {
                "takes the mean as known": lambda x, tau: len(x) / np.sum((x - x.mean()) ** 2),
                "does not centre": lambda x, tau: len(x) / (np.sum(x**2) + 1 / tau),
                "1/Eτ": lambda x, tau: (np.sum((x - x.mean()) ** 2) + 1 / tau) / len(x),
                "no ½ below": lambda x, tau: 0.5 * len(x) / (np.sum((x - x.mean()) ** 2) + 1 / tau),
                "N − 1 for N": lambda x, tau: (len(x) - 1) / (np.sum((x - x.mean()) ** 2) + 1 / tau),
                "once, not N times": lambda x, tau: len(x) / (np.sum((x - x.mean()) ** 2) + 1 / (len(x) * tau)),
            },
        ),
        "next_w": (
            lambda w, s: (2 * w / (1 + 2 * w**2)) * s / ((2 * w / (1 + 2 * w**2)) ** 2 * s + 2 / (1 + w**2)),
            {
                "exact variance of the sum": lambda w, s: (
                    (2 * w / (1 + 2 * w**2)) * s / ((2 * w / (1 + 2 * w**2)) ** 2 * s + 2 / (1 + 2 * w**2))
                ),
                "takes the sum as known": lambda w, s: (1 + 2 * w**2) / (2 * w),
                "forgotten s": lambda w, s: (2 * w / (1 + 2 * w**2)) / ((2 * w / (1 + 2 * w**2)) ** 2 + 2 / (1 + w**2)),
                "one of the two only": lambda w, s: (
                    (2 * w / (1 + 2 * w**2)) * s / ((2 * w / (1 + 2 * w**2)) ** 2 * s + 1 / (1 + w**2))
                ),
            },
        ),
        "path_gradient": (
            lambda slope, mu, log_sigma, eps: (
                slope(mu + np.exp(log_sigma) * eps) * np.array([1, np.exp(log_sigma) * eps])
            ),
            {
                "not by log σ": lambda slope, mu, log_sigma, eps: (
                    slope(mu + np.exp(log_sigma) * eps) * np.array([1, eps])
                ),
                "ε is missing": lambda slope, mu, log_sigma, eps: (
                    slope(mu + np.exp(log_sigma) * eps) * np.array([1, np.exp(log_sigma)])
                ),
                "draws with log σ for σ": lambda slope, mu, log_sigma, eps: (
                    slope(mu + log_sigma * eps) * np.array([1, np.exp(log_sigma) * eps])
                ),
                "evaluates the slope at μ": lambda slope, mu, log_sigma, eps: (
                    slope(mu) * np.array([1, np.exp(log_sigma) * eps])
                ),
            },
        ),
    },
    "15": {
        "joint": (
            lambda pi, A, B, z, x: pi[z[0]] * np.prod(A[z[:-1], z[1:]]) * np.prod(B[z, x]),
            {
                "the path alone": lambda pi, A, B, z, x: pi[z[0]] * np.prod(A[z[:-1], z[1:]]),
                "probability of x given z": lambda pi, A, B, z, x: np.prod(B[z, x]),
                "the start is missing": lambda pi, A, B, z, x: np.prod(A[z[:-1], z[1:]]) * np.prod(B[z, x]),
                "the first observation": lambda pi, A, B, z, x: (
                    pi[z[0]] * np.prod(A[z[:-1], z[1:]]) * np.prod(B[z[1:], x[1:]])
                ),
                "a step too many": lambda pi, A, B, z, x: (
                    pi[z[0]] * np.prod([A[z[t - 1], z[t]] * B[z[t], x[t]] for t in range(len(z))])
                ),
                "your steps go backwards": lambda pi, A, B, z, x: (
                    pi[z[0]] * np.prod(A[z[1:], z[:-1]]) * np.prod(B[z, x])
                ),
            },
        ),
        "next_alpha": (
            lambda alpha, A, b: (alpha @ A) * b,
            {
                "transposed": lambda alpha, A, b: (A @ alpha) * b,
                "seen this year is missing": lambda alpha, A, b: alpha @ A,
                "not to the old one": lambda alpha, A, b: (alpha * b) @ A,
                "best way only": lambda alpha, A, b: (alpha[:, None] * A * b).max(axis=0),
                "divided by its sum": lambda alpha, A, b: (alpha @ A) * b / ((alpha @ A) @ b),
            },
        ),
        "step_posterior": (
            lambda alpha, A, b, beta: alpha[:, None] * A * b * beta / (alpha @ A @ (b * beta)),
            {
                "does not add up to one": lambda alpha, A, b, beta: np.outer(alpha, b * beta) * A,
                "row by row": lambda alpha, A, b, beta: A * b * beta / (A @ (b * beta))[:, None],
                "new state is missing": lambda alpha, A, b, beta: alpha[:, None] * A * beta / (alpha @ A @ beta),
                "future is missing": lambda alpha, A, b, beta: alpha[:, None] * A * b / (alpha @ A @ b),
                "the new state, the column": lambda alpha, A, b, beta: (
                    (alpha * b * beta)[:, None] * A / np.sum(alpha * b * beta)
                ),
                "alpha belongs to the old state": lambda alpha, A, b, beta: (
                    alpha * A * b * beta / (A @ (alpha * b * beta)).sum()
                ),
                "exchanged their roles": lambda alpha, A, b, beta: (
                    np.outer(b * beta, alpha) * A / np.sum(np.outer(b * beta, alpha) * A)
                ),
            },
        ),
        "next_delta": (
            lambda delta, log_A, log_b: (delta[:, None] + log_A).max(axis=0) + log_b,
            {
                "where one came from": lambda delta, log_A, log_b: (delta[:, None] + log_A).max(axis=1) + log_b,
                "delta belongs to the rows": lambda delta, log_A, log_b: (delta + log_A).max(axis=1) + log_b,
                "not multiplied": lambda delta, log_A, log_b: (delta[:, None] * log_A).max(axis=0) + log_b,
                "seen is missing": lambda delta, log_A, log_b: (delta[:, None] + log_A).max(axis=0),
                "adds up all ways": lambda delta, log_A, log_b: np.log(np.exp(delta) @ np.exp(log_A)) + log_b,
                "leader of last year": lambda delta, log_A, log_b: delta.max() + log_A[delta.argmax()] + log_b,
            },
        ),
        "new_A": (
            lambda gamma, xi: xi.sum(axis=0) / gamma[:-1].sum(axis=0)[:, None],
            {
                "runs to T": lambda gamma, xi: xi.sum(axis=0) / gamma.sum(axis=0)[:, None],
                "begins in the second year": lambda gamma, xi: xi.sum(axis=0) / xi.sum(axis=(0, 1))[:, None],
                "stand in a row": lambda gamma, xi: xi.sum(axis=0) / xi.sum(axis=(0, 2)),
                "yours divides columns": lambda gamma, xi: xi.sum(axis=0) / gamma[1:].sum(axis=0),
                "averages over the years": lambda gamma, xi: np.mean(xi / gamma[:-1, :, None], axis=0),
                "not yet divided": lambda gamma, xi: xi.sum(axis=0),
            },
        ),
    },
    "16": {
        "next_alpha": (
            lambda alpha, psi, here: here * (alpha @ psi),
            {
                "from column to row": lambda alpha, psi, here: here * (psi @ alpha),
                "potential of the new place is missing": lambda alpha, psi, here: alpha @ psi,
                "Z is a sum over all ways": lambda alpha, psi, here: here * (alpha[:, None] * psi).max(axis=0),
                "gives it to the label before": lambda alpha, psi, here: (alpha * here) @ psi,
                "each label has its own": lambda alpha, psi, here: alpha @ psi * here.sum(),
                "holds all pairs": lambda alpha, psi, here: alpha[:, None] * psi * here,
            },
        ),
        "slope": (
            lambda weights, agree, gold: agree[gold] - weights @ agree / weights.sum(),
            {
                "observed comes first": lambda weights, agree, gold: weights @ agree / weights.sum() - agree[gold],
                "divided by their sum": lambda weights, agree, gold: agree[gold] - weights @ agree,
                "subtract it from the observed": lambda weights, agree, gold: weights @ agree / weights.sum(),
                "all readings count alike": lambda weights, agree, gold: agree[gold] - agree.mean(),
                "as a perceptron does": lambda weights, agree, gold: agree[gold] - agree[weights.argmax()],
                "slope of the probability": lambda weights, agree, gold: (
                    weights[gold] / weights.sum() * (agree[gold] - weights @ agree / weights.sum())
                ),
            },
        ),
        "expected_errors": (
            lambda p, y: np.sum(1 - p[np.arange(len(y)), y]),
            {
                "number of right labels": lambda p, y: np.sum(p[np.arange(len(y)), y]),
                "share of wrong labels": lambda p, y: np.mean(1 - p[np.arange(len(y)), y]),
                "were the labels independent": lambda p, y: 1 - np.prod(p[np.arange(len(y)), y]),
                "does not look at y": lambda p, y: np.sum(1 - p.max(axis=1)),
                "every row with every answer": lambda p, y: np.sum(1 - p[:, y]),
                "a 1 for each place": lambda p, y: 1 - np.sum(p[np.arange(len(y)), y]),
            },
        ),
        "look_ahead": (
            lambda psi, here, beta: psi * here * beta / (psi * here * beta).sum(axis=1, keepdims=True),
            {
                "beta is missing": lambda psi, here, beta: psi * here / (psi * here).sum(axis=1, keepdims=True),
                "place's potential is missing": lambda psi, here, beta: (
                    psi * beta / (psi * beta).sum(axis=1, keepdims=True)
                ),
                "sums of columns": lambda psi, here, beta: psi * here * beta / (psi * here * beta).sum(axis=0),
                "that is a joint law": lambda psi, here, beta: psi * here * beta / (psi * here * beta).sum(),
                "divide each row by its sum": lambda psi, here, beta: psi * here * beta,
                "which is the sum of the row": lambda psi, here, beta: psi * here * beta / beta[:, None],
            },
        ),
    },
    "17": {
        "variance_along": (
            lambda w, X: w @ np.cov(X.T, bias=True) @ w / (w @ w),
            {
                "has not length 1": lambda w, X: w @ np.cov(X.T, bias=True) @ w,
                "by the length once": lambda w, X: w @ np.cov(X.T, bias=True) @ w / np.sqrt(w @ w),
                "mean has not been taken off": lambda w, X: w @ X.T @ X @ w / len(X) / (w @ w),
                "divides by N − 1": lambda w, X: w @ np.cov(X.T) @ w / (w @ w),
                "standard deviation": lambda w, X: np.sqrt(w @ np.cov(X.T, bias=True) @ w / (w @ w)),
            },
        ),
        "lost_along": (
            lambda w, X: np.trace(np.cov(X.T, bias=True)) - w @ np.cov(X.T, bias=True) @ w / (w @ w),
            {
                "is what is kept": lambda w, X: w @ np.cov(X.T, bias=True) @ w / (w @ w),
                "has not length 1": lambda w, X: np.trace(np.cov(X.T, bias=True)) - w @ np.cov(X.T, bias=True) @ w,
                "sum over the points": lambda w, X: (
                    len(X) * (np.trace(np.cov(X.T, bias=True)) - w @ np.cov(X.T, bias=True) @ w / (w @ w))
                ),
                "root of the mean square": lambda w, X: np.sqrt(
                    np.trace(np.cov(X.T, bias=True)) - w @ np.cov(X.T, bias=True) @ w / (w @ w)
                ),
                "divides by N − 1": lambda w, X: np.trace(np.cov(X.T)) - w @ np.cov(X.T) @ w / (w @ w),
                "mean has not been taken off": lambda w, X: (
                    np.trace(X.T @ X / len(X)) - w @ X.T @ X @ w / len(X) / (w @ w)
                ),
            },
        ),
        "centred_gram": (
            lambda K: centring(len(K)) @ K @ centring(len(K)),
            {
                "off each entry": lambda K: K - K.mean(),
                "must be added back": lambda K: K - K.mean(axis=0) - K.mean(axis=1)[:, None],
                "centres the columns only": lambda K: centring(len(K)) @ K,
                "centres the rows only": lambda K: K @ centring(len(K)),
                "off twice": lambda K: K - K.mean(axis=0) - K.mean(axis=1) + K.mean(),
                "wrong sign": lambda K: K - K.mean(axis=0) - K.mean(axis=1)[:, None] - K.mean(),
            },
        ),
        "fisher_direction": (
            lambda low, high: unit(np.linalg.solve(scatter(low) + scatter(high), high.mean(axis=0) - low.mean(axis=0))),
            {
                "line of the means": lambda low, high: unit(high.mean(axis=0) - low.mean(axis=0)),
                "multiplies by S_W": lambda low, high: unit(
                    (scatter(low) + scatter(high)) @ (high.mean(axis=0) - low.mean(axis=0))
                ),
                "points at the first class": lambda low, high: unit(
                    np.linalg.solve(scatter(low) + scatter(high), low.mean(axis=0) - high.mean(axis=0))
                ),
                "variances only": lambda low, high: unit(
                    (high.mean(axis=0) - low.mean(axis=0)) / np.diagonal(scatter(low) + scatter(high))
                ),
                "has not length 1": lambda low, high: np.linalg.solve(
                    scatter(low) + scatter(high), high.mean(axis=0) - low.mean(axis=0)
                ),
                "adds covariances": lambda low, high: unit(
                    np.linalg.solve(np.cov(low.T) + np.cov(high.T), high.mean(axis=0) - low.mean(axis=0))
                ),
            },
        ),
        "gradient_at": (
            lambda i, Y, P: springs(i, Y, P, near(Y) / near(Y).sum(), near(Y)),
            {
                "each pair occurs twice": lambda i, Y, P: springs(i, Y, P, near(Y) / near(Y).sum(), near(Y)) / 2,
                "factor h is missing": lambda i, Y, P: springs(i, Y, P, near(Y) / near(Y).sum(), 1 + 0 * P),
                "divided by the sum": lambda i, Y, P: springs(i, Y, P, near(Y), near(Y)),
                "points downhill": lambda i, Y, P: -springs(i, Y, P, near(Y) / near(Y).sum(), near(Y)),
                "no neighbour of itself": lambda i, Y, P: springs(i, Y, P, near(Y) / (near(Y).sum() + len(Y)), near(Y)),
                "h squared": lambda i, Y, P: springs(i, Y, P, near(Y) / near(Y).sum(), near(Y) ** 2),
            },
        ),
    },
    "18": {
        "change": (
            lambda x, A, B: (lambda a, b, p, q: b / (b + 1) * q - a / (a - 1) * p)(*moved(x, A, B)),
            {
                "stand still": lambda x, A, B: moved(x, A, B)[3] - moved(x, A, B)[2],
                "n/(n + 1) for the old group": lambda x, A, B: (lambda a, b, p, q: b / (b + 1) * q - a / (a + 1) * p)(
                    *moved(x, A, B)
                ),
                "what joining costs": lambda x, A, B: (lambda a, b, p, q: b / (b + 1) * q)(*moved(x, A, B)),
                "fractions turned over": lambda x, A, B: (lambda a, b, p, q: (b + 1) / b * q - (a - 1) / a * p)(
                    *moved(x, A, B)
                ),
                "sign of a saving": lambda x, A, B: (lambda a, b, p, q: a / (a - 1) * p - b / (b + 1) * q)(
                    *moved(x, A, B)
                ),
                "square them": lambda x, A, B: (lambda a, b, p, q: b / (b + 1) * q**0.5 - a / (a - 1) * p**0.5)(
                    *moved(x, A, B)
                ),
                "groups exchanged": lambda x, A, B: (lambda a, b, p, q: b / (b - 1) * q - a / (a + 1) * p)(
                    *moved(x, A, B)
                ),
            },
        ),
        "ward_merge": (
            lambda A, B: (lambda n, m, gap: n * m / (n + m) * gap)(*merged(A, B)),
            {
                "no weights": lambda A, B: merged(A, B)[2],
                "divide by their sum": lambda A, B: (lambda n, m, gap: n * m * gap)(*merged(A, B)),
                "square of that height": lambda A, B: (lambda n, m, gap: 2 * n * m / (n + m) * gap)(*merged(A, B)),
                "square of the sum": lambda A, B: (lambda n, m, gap: n * m / (n + m) ** 2 * gap)(*merged(A, B)),
                "turns the fraction over": lambda A, B: (lambda n, m, gap: (1 / n + 1 / m) * gap)(*merged(A, B)),
                "square it": lambda A, B: (lambda n, m, gap: n * m / (n + m) * gap**0.5)(*merged(A, B)),
                "height that programs write": lambda A, B: (lambda n, m, gap: (2 * n * m / (n + m) * gap) ** 0.5)(
                    *merged(A, B)
                ),
            },
        ),
        "is_core": (
            lambda X, eps, m: 1 * ((neighbours(X) <= eps).sum(axis=1) >= m),
            {
                "does not count the sample itself": lambda X, eps, m: 1 * ((neighbours(X) <= eps).sum(axis=1) > m),
                "at a distance of ε": lambda X, eps, m: 1 * ((neighbours(X) < eps).sum(axis=1) >= m),
                "yours are counts": lambda X, eps, m: (neighbours(X) <= eps).sum(axis=1),
            },
        ),
        "normalised_cut": (
            lambda W, A: (lambda cut, a, b: cut / a + cut / b)(*cut_of(W, A)),
            {
                "number of vertices": lambda W, A: cut_of(W, A)[0] * (1 / A.sum() + 1 / (~A).sum()),
                "the cut alone": lambda W, A: cut_of(W, A)[0],
                "whole volume": lambda W, A: cut_of(W, A)[0] / W.sum(),
                "edge of the cut twice": lambda W, A: (lambda cut, a, b: 2 * cut / a + 2 * cut / b)(*cut_of(W, A)),
                "one of the two sides": lambda W, A: cut_of(W, A)[0] / cut_of(W, A)[1],
            },
        ),
    },
    "19": {
        "parameters": (
            lambda d: np.sum(d[1:] * (d[:-1] + 1)),
            {
                "forgotten the offsets": lambda d: np.sum(d[1:] * d[:-1]),
                "gives the inputs offsets": lambda d: np.sum(d[1:] * d[:-1]) + d.sum(),
                "one offset for each layer": lambda d: np.sum(d[1:] * d[:-1]) + len(d[1:]),
                "as many offsets as it has inputs": lambda d: np.sum(d[1:] * d[:-1]) + d[:-1].sum(),
            },
        ),
        "output_error": (
            lambda z, y: np.exp(z) / np.sum(np.exp(z)) - y,
            {
                "observed less predicted": lambda z, y: y - np.exp(z) / np.sum(np.exp(z)),
                "error of the scores": lambda z, y: z - y,
                "sigmoid for each score": lambda z, y: 1 / (1 + np.exp(-z)) - y,
                "a slope p(1 − p)": lambda z, y: (lambda p: (p - y) * p * (1 - p))(np.exp(z) / np.sum(np.exp(z))),
                "slope in p": lambda z, y: -y / (np.exp(z) / np.sum(np.exp(z))),
            },
        ),
        "error_below": (
            lambda W, delta, z: W.T @ delta * (1 - np.tanh(z) ** 2),
            {
                "lacks the slope": lambda W, delta, z: W.T @ delta,
                "at h = tanh z": lambda W, delta, z: W.T @ delta * (1 - np.tanh(np.tanh(z)) ** 2),
                "by tanh z, not": lambda W, delta, z: W.T @ delta * np.tanh(z),
                "1 − tanh² z": lambda W, delta, z: W.T @ delta * (1 - z**2),
            },
        ),
        "variance": (
            lambda a, n: 2 / ((1 + a**2) * n),
            {
                "forgets what leaks": lambda a, n: 2 / n,
                "it counts a²": lambda a, n: 2 / ((1 + a) * n),
                "yours halves": lambda a, n: (1 + a**2) / (2 * n),
                "standard deviation": lambda a, n: np.sqrt(2 / ((1 + a**2) * n)),
                "Glorot's": lambda a, n: 1 / n,
            },
        ),
    },
    "20": {
        "error_of_share": (
            lambda c, mu, sigma: (1 - c) ** 2 * mu**2 + c**2 * sigma**2,
            {
                "lacks the bias": lambda c, mu, sigma: c**2 * sigma**2,
                "lacks the variance": lambda c, mu, sigma: (1 - c) ** 2 * mu**2,
                "what is lost": lambda c, mu, sigma: c**2 * mu**2 + c**2 * sigma**2,
                "share squared": lambda c, mu, sigma: (1 - c) ** 2 * mu**2 + c * sigma**2,
                "square the bias": lambda c, mu, sigma: abs(mu - c * mu) + c**2 * sigma**2,
                "standard deviation": lambda c, mu, sigma: (1 - c) ** 2 * mu**2 + c**2 * sigma,
            },
        ),
        "learnt": (
            lambda s, eta, t: 1 - (1 - eta * s**2) ** t,
            {
                "still to be learnt": lambda s, eta, t: (1 - eta * s**2) ** t,
                "grows with s²": lambda s, eta, t: 1 - (1 - eta * s) ** t,
                "same amount in each step": lambda s, eta, t: t * eta * s**2,
                "ridge's share": lambda s, eta, t: s**2 / (s**2 + 1 / (eta * t)),
                "limit of small steps": lambda s, eta, t: 1 - np.exp(-eta * t * s**2),
            },
        ),
        "with_dropout": (
            lambda x, y, w, p: (y - x @ w) ** 2 + p / (1 - p) * np.sum((x * w) ** 2),
            {
                "without dropout": lambda x, y, w, p: (y - x @ w) ** 2,
                "lacks the odds": lambda x, y, w, p: (y - x @ w) ** 2 + np.sum((x * w) ** 2),
                "not divided by 1 − p": lambda x, y, w, p: (y - x @ w) ** 2 + p * (1 - p) * np.sum((x * w) ** 2),
                "masks of 0 and 1": lambda x, y, w, p: (y - (1 - p) * x @ w) ** 2 + p * (1 - p) * np.sum((x * w) ** 2),
                "variances add up": lambda x, y, w, p: (y - x @ w) ** 2 + p / (1 - p) * np.sum(x * w) ** 2,
                "whatever their inputs": lambda x, y, w, p: (y - x @ w) ** 2 + p / (1 - p) * np.sum(w**2),
            },
        ),
    },
}


def test_every_chapter_with_turns_stands_here():
    asking = {path.stem[:2] for path in BOOK.glob("[0-9]*.md") if "your-turn]" in path.read_text("utf8")}
    assert set(ANSWERS) == asking


def cells(chapter):
    """(is it a turn, source) of each code cell of a chapter, in order."""
    [page] = BOOK.glob(f"{chapter}-*.md")
    for _, text in re.findall(r"^(`{3,})\{code-cell\}[^\n]*\n(.*?)^\1\s*$", page.read_text("utf8"), re.M | re.S):
        text = re.sub(r"\A---\n.*?^---\n", "", text, flags=re.M | re.S)
        tags = re.match(r":tags: \[(.*)\]\n", text)
        yield bool(tags) and "your-turn" in tags[1], re.sub(r"\A(?::[^\n]*\n)+", "", text)


def turn_of(source):
    """The name of the function that a turn's cell asks for."""
    return next(node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))


@pytest.fixture(scope="module", params=sorted(ANSWERS))
def page(request):
    """{turn: (source of its cell, the names that the page has defined when it is reached)} of a chapter."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    space, turns = {"__name__": "__main__"}, {}
    with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
        for is_turn, source in cells(request.param):
            if is_turn:
                turns[turn_of(source)] = source, dict(space)
                if set(turns) == set(ANSWERS[request.param]):
                    break
            exec(compile(source, f"chapter {request.param}", "exec"), space)
            plt.close("all")
    return request.param, turns


def said(page, name, answer=None):
    """What the turn's cell prints with the reader's function as it stands, or replaced."""
    _, turns = page
    source, space = turns[name]
    tree = ast.parse(source)
    if answer is not None:
        asked = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == name]
        assert len(asked) == 1
        tree.body.remove(asked[0])
    space = dict(space)
    if answer is not None:
        space[name] = answer
    output = io.StringIO()
    with contextlib.redirect_stdout(output):
        exec(compile(tree, name, "exec"), space)
    return output.getvalue().splitlines()


def test_these_are_the_turns_of_the_chapter(page):
    chapter, turns = page
    on_the_page = [turn_of(source) for is_turn, source in cells(chapter) if is_turn]
    assert on_the_page == list(turns) == list(ANSWERS[chapter])
    assert len(on_the_page) >= 3


def test_unanswered_each_waits_in_one_line(page):
    _, turns = page
    for name in turns:
        lines = said(page, name)
        assert len(lines) == 1, lines
        assert check.parse_turn(lines[0]).state == "waiting"


def test_the_right_answer_is_accepted(page):
    chapter, turns = page
    for name in turns:
        lines = said(page, name, ANSWERS[chapter][name][0])
        assert len(lines) == 1, lines
        assert check.parse_turn(lines[0]).state == "right"


def test_each_slip_is_recognised_by_its_sentence(page):
    chapter, turns = page
    for name in turns:
        for words, slip in ANSWERS[chapter][name][1].items():
            lines = said(page, name, slip)
            assert check.parse_turn(lines[0]).state == "wrong", (name, words, lines)
            assert words in lines[-1], (name, words, lines)


def test_no_cell_of_a_turn_holds_its_answer(page):
    _, turns = page
    for name, (source, _) in turns.items():
        function = next(n for n in ast.parse(source).body if isinstance(n, ast.FunctionDef) and n.name == name)
        assert ast.unparse(function.body[-1]) == "return ..."
        assert len(source.splitlines()) <= 16
