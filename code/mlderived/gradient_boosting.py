"""Chapter 12: second-order gradient boosting, as XGBoost and LightGBM do it, and what their shortcuts cost.

A round gives each sample a slope g and a curvature h of its loss; a leaf that holds the sums G and H says −G/(H+λ) and
earns ½G²/(H+λ). Columns are coded once, by the rank of each distinct value ("exact") or by at most `max_bins` bins
("hist"); one scan of running sums weighs all cuts of a node, for both. A histogram is built for the smaller child only:
the other's is the parent's less it. Codes take a byte for each entry of X up to 255 bins (two up to 65,535), the
histogram of an open node 24 bytes for each bin of each column.

Samples with x ≤ τ go left; each question also says where a missing x goes. Of cuts of equal worth (to rounding) the one
with the lowest feature is taken, then the lowest threshold, then the one that sends missing values left.
"""

import math
from dataclasses import dataclass
from heapq import heappop, heappush
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

from .decision_tree import Tree
from .estimator import Classifier, Regressor
from .linear_algebra import softmax
from .logistic_regression import log_softmax, sigmoid, softplus
from .optimization import soft_threshold
from .validation import check_fitted, check_number, check_rng, check_weights, check_X, check_y, shown

__all__ = [
    "Bins",
    "GradientTree",
    "SecondOrderClassifier",
    "SecondOrderRegressor",
    "bin_columns",
    "boost_tree",
    "bracket_parts",
    "bundle_columns",
    "bundle_features",
    "category_split",
    "goss_sample",
    "goss_variance",
    "grad_hess",
    "histogram",
    "leaf_weight",
    "merge_summaries",
    "ordered_target_statistic",
    "prune_by_gain",
    "prune_summary",
    "quantile_bins",
    "quantile_summary",
    "scan_cuts",
    "shapley_values",
    "split_gain",
    "structure_score",
]

TIE = 1e-12  # the share of a bracket's terms that is put down to rounding


# One quadratic


def _penalties(lam, l1=0.0, gamma=0.0):
    for value, name in ((lam, "lam"), (l1, "l1"), (gamma, "gamma")):
        check_number(value, name, low=0)


def _sums(*arrays):
    arrays = np.broadcast_arrays(*(np.asarray(a, dtype=float) for a in arrays))
    if not all(np.isfinite(a).all() for a in arrays):
        raise ValueError("sums of slopes and curvatures contain NaN or infinity")
    return arrays


def _rigid(H, lam):
    """H + λ, refused unless positive."""
    if np.any(H < 0):
        raise ValueError(f"H, a sum of curvatures, must be non-negative: got {shown(H, H < 0)}")
    if not np.all(H + lam > 0):
        raise ValueError("H + lam must be positive, else the leaf's objective has no lowest point: got 0")
    return H + lam


def leaf_weight(G, H, lam=1.0, l1=0.0):
    """What a leaf says, −S(G, κ)/(H+λ): the minimiser of Gw + ½(H+λ)w² + κ|w| (`eq-xgb-leaf`, `eq-xgb-l1`).

    Parameters
    ----------
    G, H : sums of slopes and of curvatures, any shapes
    lam, l1 : λ and κ, non-negative

    Returns
    -------
    float or array

    Raises
    ------
    ValueError
        for a negative penalty or H, and H + λ = 0
    """
    _penalties(lam, l1)
    G, H = _sums(G, H)
    w = 0.0 - soft_threshold(G, l1) / _rigid(H, lam)  # 0 − 0 is 0, not −0
    return float(w) if w.ndim == 0 else w


def structure_score(G, H, lam=1.0, gamma=0.0, l1=0.0):
    """What leaves with these sums add to the objective at best, γ for each leaf included (`eq-xgb-score`).

    Parameters
    ----------
    G, H : (T,), the leaves' sums; or two numbers, for one leaf
    lam, gamma, l1 : λ, γ and κ, non-negative

    Returns
    -------
    float

    Raises
    ------
    ValueError
        as `leaf_weight`
    """
    _penalties(lam, l1, gamma)
    G, H = _sums(G, H)
    return float(-0.5 * np.sum(soft_threshold(G, l1) ** 2 / _rigid(H, lam)) + gamma * G.size)


def split_gain(GL, HL, GR, HR, lam=1.0, gamma=0.0, l1=0.0):
    """By how much a cut lowers the objective: half the bracket, less γ (`eq-xgb-gain`).

    Parameters
    ----------
    GL, HL, GR, HR : the children's sums, any shapes
    lam, gamma, l1 : λ, γ and κ, non-negative

    Returns
    -------
    float or array

    Raises
    ------
    ValueError
        as `leaf_weight`
    """
    _penalties(lam, l1, gamma)
    GL, HL, GR, HR = _sums(GL, HL, GR, HR)
    parts = [soft_threshold(G, l1) ** 2 / _rigid(H, lam) for G, H in ((GL, HL), (GR, HR), (GL + GR, HL + HR))]
    gain = 0.5 * (parts[0] + parts[1] - parts[2]) - gamma
    return float(gain) if gain.ndim == 0 else gain


def bracket_parts(GL, HL, GR, HR, lam=1.0):
    """The bracket as what the children disagree about, less an entry fee (`eq-xgb-bracket`).

    Parameters
    ----------
    GL, HL, GR, HR : the children's sums, any shapes
    lam : λ, non-negative

    Returns
    -------
    disagreement and fee, floats or arrays, both non-negative; the fee is the same for all cuts of a node

    Raises
    ------
    ValueError
        as `leaf_weight`
    """
    _penalties(lam)
    GL, HL, GR, HR = _sums(GL, HL, GR, HR)
    a, c = _rigid(HL, lam), _rigid(HR, lam)
    return a * c / (a + c) * (GL / a - GR / c) ** 2, lam * (GL + GR) ** 2 / ((a + c) * (a + c - lam))


# Slopes and curvatures of the losses


LOSSES = ("squared", "logistic", "softmax")


def grad_hess(loss, y, F, hessian="true"):
    """Slope and curvature of each sample's loss in its margin (`eq-xgb-losses`).

    Parameters
    ----------
    loss : "squared" for ½(F − y)², "logistic" for labels 0 and 1, "softmax" for labels 0 … K − 1
    y : (N,)
    F : (N,), margins; (N, K) for "softmax"
    hessian : "true", which for "softmax" is 2p(1 − p), twice the diagonal (`eq-xgb-softmax-bound`); or "bound", no
        less than the curvature anywhere: 1, ¼ and ½

    Returns
    -------
    g and h, of the shape of F

    Raises
    ------
    ValueError
        for another loss, labels that it does not know, and shapes that do not fit
    """
    if loss not in LOSSES or hessian not in ("true", "bound"):
        raise ValueError(f"loss must be one of {LOSSES} and hessian 'true' or 'bound': got {loss!r} and {hessian!r}")
    y, F = check_y(y), np.asarray(F, dtype=float)
    if F.shape != (y.shape if loss != "softmax" else (len(y), F.shape[-1] if F.ndim else 0)):
        raise ValueError(f"F must hold the margins of {len(y)} samples: got shape {F.shape}")
    if loss == "squared":
        return F - y, np.ones_like(F)
    known = (0, 1) if loss == "logistic" else np.arange(F.shape[1])
    if not np.isin(y, known).all():
        said = "0/1" if loss == "logistic" else f"0 … {len(known) - 1}"
        raise ValueError(f"labels must be {said} for {loss}: got {shown(y, ~np.isin(y, known))}")
    if loss == "logistic":
        p = sigmoid(F)
        q = sigmoid(-F)  # not 1 − p, which loses what is left of a small q
        return np.where(y == 1, -q, p), p * q if hessian == "true" else np.full_like(F, 0.25)
    p = softmax(F)
    return p - (y[:, None] == known), 2 * p * (1 - p) if hessian == "true" else np.full_like(F, 0.5)


def _mean_loss(loss, y, F, w):
    if loss == "squared":
        each = 0.5 * (F - y) ** 2
    elif loss == "logistic":
        each = softplus(np.where(y == 1, -F, F))
    else:
        each = -log_softmax(F)[np.arange(len(y)), y.astype(int)]
    return float(w @ each / w.sum())


# Columns as codes


def quantile_bins(x, B, weight=None):
    """A bin for each x, at most B of them, each distinct value in one bin: ⌊B·r(x)⌋, renumbered (`eq-xgb-quantile`).

    r(x) is the share of the weight that lies below x. So less than 1/B of it lies between any cut and the next bin
    border below.

    Parameters
    ----------
    x : (N,) of finite numbers
    B : at least 2
    weight : (N,), non-negative and not all zero, or None for ones: in XGBoost the curvatures h

    Returns
    -------
    integers (N,), from 0 on, none left out

    Raises
    ------
    ValueError
        for fewer than 2 bins, and weights that are negative or all zero
    """
    x, B = check_y(x, "x"), check_number(B, "B, the bin count,", low=2, integer=True)
    w = check_weights(weight, len(x), "weight")
    values, place = np.unique(x, return_inverse=True)
    if len(values) <= B:
        return place
    each = np.bincount(place, w)
    below = np.r_[0.0, np.cumsum(each)[:-1]]
    bins = np.minimum(np.floor(B * below / each.sum() + 1e-9), B - 1)
    return np.unique(bins, return_inverse=True)[1][place]


@dataclass(frozen=True, eq=False)
class Bins:
    """A table of codes.

    codes : (d, N) unsigned integers; a missing value has the code `width` − 1, which nothing else has
    low, high : lists of d arrays, the least and the largest value in each bin
    width : one more than the largest number of bins
    """

    codes: np.ndarray
    low: list
    high: list
    width: int

    def threshold(self, f, b, after):
        """Midway between bin b of column f and bin `after`, the next that holds a sample: high_b ≤ τ < low_after."""
        if after >= len(self.low[f]):
            return math.inf  # all known values go left
        high, low = self.high[f][b], self.low[f][after]
        middle = high / 2 + low / 2
        return middle if high <= middle < low else high


def bin_columns(X, max_bins=None, weight=None):
    """Code each column by the ranks of its distinct values, or by `quantile_bins` where these are more than max_bins.

    Parameters
    ----------
    X : (N, d); NaN is missing
    max_bins : at least 2, or None for exact codes
    weight : (N,), as in `quantile_bins`

    Returns
    -------
    Bins

    Raises
    ------
    ValueError
        for infinity, and as `quantile_bins`
    """
    X = _with_gaps(X)
    N, d = X.shape
    if max_bins is not None:
        check_number(max_bins, "max_bins", low=2, integer=True)
    codes, low, high = np.zeros((d, N), dtype=np.int64), [], []
    for f in range(d):
        known = ~np.isnan(X[:, f])
        x, w = X[known, f], None if weight is None else np.asarray(weight)[known]
        values, place = np.unique(x, return_inverse=True)
        if max_bins is not None and len(values) > max_bins:
            place = quantile_bins(x, max_bins, w)
        k = place.max(initial=-1) + 1
        least, most = np.full(k, np.inf), np.full(k, -np.inf)
        np.minimum.at(least, place, x)
        np.maximum.at(most, place, x)
        codes[f, known], codes[f, ~known] = place, -1
        low.append(least)
        high.append(most)
    width = 1 + max(1, *map(len, low))
    codes[codes < 0] = width - 1
    kind = np.uint8 if width <= 2**8 else np.uint16 if width <= 2**16 else np.uint32
    return Bins(codes.astype(kind), low, high, width)


def _with_gaps(X, n_features=None):
    try:
        X = np.array(X, dtype=float)
    except (TypeError, ValueError) as error:
        raise ValueError(f"X must hold real numbers only: {error}") from None
    gone = np.isnan(X)
    return np.where(gone, np.nan, check_X(np.where(gone, 0, X), n_features=n_features))


def histogram(codes, g, h, B):
    """The sums of g, of h and of samples in each bin (`eq-xgb-hist`).

    Parameters
    ----------
    codes : (d, n), integers below B, or (n,) for one column
    g, h : (n,)
    B : number of bins

    Returns
    -------
    array (3, d, B), or (3, B)

    Raises
    ------
    ValueError
        for codes outside 0 … B − 1
    """
    codes, d = np.asarray(codes), 1 if np.ndim(codes) == 1 else len(codes)
    if codes.size and not 0 <= codes.min() <= codes.max() < B:
        raise ValueError(f"codes must lie in 0 … {B - 1}: got {codes.min()} … {codes.max()}")
    S = _histogram(codes.reshape(d, -1), np.asarray(g, dtype=float), np.asarray(h, dtype=float), B)
    return S[:, 0] if codes.ndim == 1 else S


def _histogram(codes, g, h, B):
    S, one = np.empty((3, len(codes), B)), h[0] if len(h) and np.all(h == h[0]) else None
    for f, row in enumerate(codes):
        row = row.astype(np.intp)
        S[0, f] = np.bincount(row, g, B)
        S[2, f] = np.bincount(row, minlength=B)
        S[1, f] = np.bincount(row, h, B) if one is None else one * S[2, f]
    return S


# The tree


@dataclass(frozen=True, eq=False)
class GradientTree(Tree):
    """Chapter 7's arrays over the nodes, and four more.

    value is what each node would say as a leaf, weight is H (the "cover"), impurity the leaf's least objective over H.

    G : (m,), sums of slopes
    gain : (m,), the bracket of each question, twice the drop of the objective without γ; 0 for a leaf
    default_left : (m,), whether a missing value goes left
    """

    G: np.ndarray = None
    gain: np.ndarray = None
    default_left: np.ndarray = None

    def _goes_left(self, x, t):
        return np.where(np.isnan(x), self.default_left[t], x <= self.threshold[t])

    def predict(self, X):
        """The weight of each row's leaf, (N,); X may have gaps."""
        return self.value[self.apply(X)]


RULES = {
    **{"max_depth": 6, "max_leaves": None, "lam": 1.0, "gamma": 0.0, "l1": 0.0, "min_child_weight": 1.0},
    **{"min_samples_leaf": 1, "growth": "level", "prune": "pre", "method": "hist", "max_bins": 255},
}


def _rules(given):
    if unknown := sorted(set(given) - set(RULES)):
        raise ValueError(f"there is no rule {unknown[0]!r}: the rules are {', '.join(RULES)}")
    rules = SimpleNamespace(**(RULES | given))
    _penalties(rules.lam, rules.l1, rules.gamma)
    check_number(rules.min_child_weight, "min_child_weight", low=0)
    for name, low in (("max_depth", 1), ("max_leaves", 2), ("min_samples_leaf", 1), ("max_bins", 2)):
        if getattr(rules, name) is not None:
            check_number(getattr(rules, name), name, low=low, integer=True)
    for name, words in (
        ("growth", ("level", "leaf")),
        ("prune", ("pre", "post", "optimal")),
        ("method", ("exact", "hist")),
    ):
        if getattr(rules, name) not in words:
            raise ValueError(f"{name} must be one of {words}: got {getattr(rules, name)!r}")
    return rules


class _Cut(NamedTuple):
    bracket: float
    feature: int
    bin: int  # the last on the left, and the first on the right that holds a sample
    after: int
    default_left: bool


class _Grower:
    """Grows one tree on some rows; what a node carries is its histogram, or its rows in the order of each column."""

    def __init__(self, bins, g, h, rules, rows, columns):
        self.bins, self.g, self.h, self.rules, self.columns = bins, g, h, rules, columns
        self.codes = bins.codes if len(columns) == len(bins.codes) else bins.codes[columns]
        self.exact, self.asked = rules.method == "exact", []
        self.rows, self.depth, self.sums = [rows], [0], [self.total(rows)]

    def total(self, rows):
        return np.array([self.g[rows].sum(), self.h[rows].sum(), len(rows)])

    def grow(self):
        most, waiting = self.rules.max_leaves or math.inf, []
        rows, leaves = self.rows[0], 1
        self.consider(waiting, 0, self.ordered(rows) if self.exact else self.counted(rows))
        while waiting and leaves < most:
            *_, t, cut, carried = heappop(waiting)
            self.divide(waiting, t, cut, carried)
            leaves += 1
        return self.tree()

    def counted(self, rows):
        return _histogram(self.codes[:, rows], self.g[rows], self.h[rows], self.bins.width)

    def ordered(self, rows):
        return rows[self.codes[:, rows].argsort(axis=1, kind="stable")]

    def consider(self, waiting, t, carried):
        """Put node t in the queue, if a cut of it is worth making."""
        cut, rounding = self.search(t, carried)
        floor = self.rules.gamma if self.rules.prune == "pre" else 0.0
        if cut is not None and cut.bracket > rounding and cut.bracket >= 2 * floor - rounding:
            urgency = -float(f"{cut.bracket:.9e}") if self.rules.growth == "leaf" else self.depth[t]
            heappush(waiting, (urgency, t, cut, carried))

    def search(self, t, carried):
        """The best cut of node t, or None, and what rounding may have done to its bracket."""
        gone, rules, ordered = self.bins.width - 1, self.rules, carried.ndim == 2
        if ordered:
            code = np.take_along_axis(self.codes, carried, axis=1)
            S = np.stack([self.g[carried], self.h[carried], np.ones(carried.shape)]) * (code < gone)
            cut = np.zeros(code.shape, dtype=bool)
            cut[:, :-1] = (code[:, :-1] != code[:, 1:]) & (code[:, :-1] < gone)
        else:
            S, cut = carried[:, :, :-1], carried[2, :, :-1] > 0
        bracket, GL, HL = _scan(S.cumsum(axis=2), self.sums[t], cut, rules)
        at = np.unravel_index(bracket.argmax(), bracket.shape)
        best = bracket[at]
        if best == -np.inf:
            return None, 0.0
        G, H = self.sums[t][:2]
        says = abs(GL[at]) / (HL[at] + rules.lam) + abs(G - GL[at]) / (H - HL[at] + rules.lam)
        rounding = TIE * np.abs(self.g[self.rows[t]]).sum() * says
        near = np.moveaxis(bracket >= best - rounding, 0, 2)
        f, place, right = np.unravel_index(near.argmax(), near.shape)
        if ordered:
            b, after = int(code[f, place]), int(code[f, place + 1])
        else:
            later = np.flatnonzero(cut[f, place + 1 :])
            b, after = int(place), int(place + 1 + later[0]) if later.size else gone
        return _Cut(float(best), int(self.columns[f]), b, after, not right), rounding

    def divide(self, waiting, t, cut, carried):
        rows, code, first = self.rows[t], self.bins.codes[cut.feature], len(self.rows)
        code = code[rows]
        left = (code <= cut.bin) | (cut.default_left & (code == self.bins.width - 1))
        self.asked.append((t, cut, first))
        parts = rows[left], rows[~left]
        self.rows[t] = None
        self.rows += parts
        self.sums += map(self.total, parts)
        self.depth += 2 * [self.depth[t] + 1]
        if self.rules.max_depth is not None and self.depth[-1] >= self.rules.max_depth:
            return
        few = carried.ndim == 3 and 4 * max(map(len, parts)) < self.bins.width
        if few:  # to sort so few rows is cheaper than to walk over so many empty bins
            states = map(self.ordered, parts)
        elif carried.ndim == 2:
            inside = np.zeros(len(self.g), dtype=bool)
            inside[parts[0]] = True
            at = inside[carried]
            states = carried[at].reshape(len(carried), -1), carried[~at].reshape(len(carried), -1)
        else:
            small = int(len(parts[1]) < len(parts[0]))
            counted = self.counted(parts[small])
            carried -= counted  # the sibling (`eq-xgb-hist-sub`)
            states = (counted, carried) if small == 0 else (carried, counted)
        for side, state in enumerate(states):
            self.consider(waiting, first + side, state)

    def tree(self):
        m, rules = len(self.rows), self.rules
        feature, left, right, threshold = *np.full((3, m), -1), np.full(m, np.nan)
        gain, default_left = np.zeros(m), np.ones(m, dtype=bool)
        for t, cut, first in self.asked:
            feature[t], left[t], right[t] = cut.feature, first, first + 1
            threshold[t] = self.bins.threshold(cut.feature, cut.bin, cut.after)
            gain[t], default_left[t] = cut.bracket, cut.default_left
        G, H, n = np.array(self.sums).T
        if not np.all(H + rules.lam > 0):
            raise ValueError("H + lam must be positive, else a leaf has no best weight: all its curvatures are 0")
        value = leaf_weight(G, H, rules.lam, rules.l1)
        impurity = -0.5 * soft_threshold(G, rules.l1) ** 2 / (H + rules.lam) / np.where(H > 0, H, 1)
        n = np.rint(n).astype(int)
        grown = GradientTree(feature, threshold, left, right, value, n, H, impurity, None, G, gain, default_left)
        if rules.prune == "pre":
            return grown
        return prune_by_gain(grown, rules.gamma, "library" if rules.prune == "post" else "optimal")


def _scan(S, total, cut, rules):
    """Brackets of all cuts, (1 or 2, d, m): missing values go left, or else right; −∞ where a child is too small.

    S : (3, d, m), running sums of slopes, curvatures and samples whose value is known
    total : (3,), of all samples; cut : (d, m), where a cut may be

    The left sums of slopes and curvatures are returned too, of the shape of the brackets.
    """
    gone = total[:, None] - S[:, :, -1]
    gone[:2] *= gone[2] > 0.5  # no samples, no sums, whatever rounding says
    GL, HL, nL = np.stack([S + gone[:, :, None], S], axis=1) if gone[2].any() else S[:, None]
    G, H, n = total
    GR, HR, nR = G - GL, H - HL, n - nL
    lowest = max(rules.min_child_weight * (1 - TIE), 0.0 if rules.lam > 0 else np.finfo(float).tiny)
    ok = cut & (np.minimum(nL, nR) >= rules.min_samples_leaf) & (np.minimum(HL, HR) >= lowest)
    whole = _bent(G, rules.l1) ** 2 / (H + rules.lam) if H + rules.lam > 0 else 0.0
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        bracket = _bent(GL, rules.l1) ** 2 / (HL + rules.lam) + _bent(GR, rules.l1) ** 2 / (HR + rules.lam) - whole
    return np.where(ok, bracket, -np.inf), GL, HL


def _bent(G, l1):
    return soft_threshold(G, l1) if l1 else G


def boost_tree(X, g, h, **rules):
    """The tree that best lowers Σ(g f + ½h f²) + γ·leaves + ½λ Σw², greedily (`alg-xgb-grow`).

    Parameters
    ----------
    X : (N, d); NaN is missing
    g, h : (N,), slopes and curvatures, these non-negative
    **rules : any of the following

    max_depth and max_leaves, or None. lam, l1 and gamma, λ, κ and γ. min_child_weight, the least H of a leaf, and
    min_samples_leaf. growth, "level" by level, or best "leaf" first. prune: "pre" makes no cut whose half bracket is
    below γ; "post" grows as if γ were 0 and prunes as XGBoost does, "optimal" as best can be (`prune_by_gain`). method,
    "exact" or "hist", with at most max_bins bins. No cut is made whose bracket is not positive.

    Returns
    -------
    GradientTree

    Raises
    ------
    ValueError
        for negative curvatures, shapes that differ, rules outside their range, and a leaf with H + λ = 0
    """
    given = _rules(rules)
    X, g, h = _with_gaps(X), check_y(g, "g"), check_y(h, "h")
    if not len(X) == len(g) == len(h):
        raise ValueError(f"X, g and h must have as many entries: got {len(X)}, {len(g)} and {len(h)}")
    if np.any(h < 0):
        raise ValueError(f"curvatures must be non-negative: got {shown(h, h < 0)}")
    bins = bin_columns(X, None if given.method == "exact" else given.max_bins)
    return _Grower(bins, g, h, given, np.arange(len(X)), np.arange(X.shape[1])).grow()


def scan_cuts(x, g, h, lam=1.0, max_bins=None):
    """All cuts of one column (`alg-xgb-exact`).

    Parameters
    ----------
    x : (N,); NaN is missing
    g, h : (N,)
    lam : λ
    max_bins : as in `bin_columns`

    Returns
    -------
    thresholds (m,), the last ∞ if values are missing; brackets (m, 2) with missing values sent left and right, of which
    the first is −∞ at ∞, where it would leave nothing on the right

    Raises
    ------
    ValueError
        as `boost_tree`
    """
    _penalties(lam)
    x, g, h = np.asarray(x, dtype=float), check_y(g, "g"), check_y(h, "h")
    bins = bin_columns(x[:, None], max_bins)
    S = _histogram(bins.codes, g, h, bins.width)[:, :, :-1]
    total = np.array([g.sum(), h.sum(), len(g)])
    rules = SimpleNamespace(lam=lam, l1=0.0, min_child_weight=0.0, min_samples_leaf=1)
    bracket = _scan(S.cumsum(axis=2), total, np.ones(S.shape[1:], dtype=bool), rules)[0][:, 0].T
    if not np.isnan(x).any():
        bracket = np.repeat(bracket[:-1], 2, axis=1)  # nobody is sent anywhere
    return np.array([bins.threshold(0, b, b + 1) for b in range(len(bracket))]), bracket


# Pruning


def prune_by_gain(tree, gamma, mode="optimal"):
    """Take cuts back that are not worth γ (`eq-xgb-prune`).

    "library" does as XGBoost's pruner: from below, a question whose two children are leaves is taken back if half its
    bracket is less than γ. "optimal" compares whole branches with their leaves, and of equal ones keeps the smaller.

    Parameters
    ----------
    tree : GradientTree
    gamma : γ, the price of a leaf
    mode : "library" or "optimal"

    Returns
    -------
    GradientTree

    Raises
    ------
    ValueError
        for another mode and a negative γ
    """
    check_number(gamma, "gamma", low=0)
    if mode not in ("library", "optimal"):
        raise ValueError(f"mode must be 'library' or 'optimal': got {mode!r}")
    asks = tree.feature >= 0
    saved = np.zeros(len(asks))  # by the branch below each node, at best
    for t in np.flatnonzero(asks)[::-1]:
        sides, half = [tree.left[t], tree.right[t]], tree.gain[t] / 2
        close = TIE * (abs(half) + gamma + np.abs(tree.impurity[t] * tree.weight[t]))
        if mode == "library":
            asks[t] = asks[sides].any() or half >= gamma - close
        else:
            saved[t] = half - gamma + saved[sides].sum()
            asks[t] = saved[t] > close
            saved[t] = max(saved[t], 0.0)
    kept = np.zeros(len(asks), dtype=bool)
    kept[0] = True
    for t in np.flatnonzero(tree.feature >= 0):
        if kept[t] and asks[t]:
            kept[[tree.left[t], tree.right[t]]] = True
    asks, new = asks[kept], np.cumsum(kept) - 1
    link = [np.where(asks, new[side[kept]], -1) for side in (tree.left, tree.right)]
    rest = (a[kept] for a in (tree.value, tree.n, tree.weight, tree.impurity))
    threshold, gain = np.where(asks, tree.threshold[kept], np.nan), np.where(asks, tree.gain[kept], 0)
    feature, default = np.where(asks, tree.feature[kept], -1), tree.default_left[kept]
    return GradientTree(feature, threshold, *link, *rest, None, tree.G[kept], gain, default)


# Sampling, summaries, bundles, categories


def goss_sample(g, a, b, random_state):
    """GOSS: the share a of samples with the largest |g|, and a share b drawn from the others (`alg-xgb-goss`).

    Parameters
    ----------
    g : (N,), slopes; of equal ones the earlier is kept
    a, b : shares of N in (0, 1), together at most 1; rounded to whole samples, at least one drawn
    random_state : seed or Generator

    Returns
    -------
    indices in order, and their weights: 1, and for those drawn (1 − a)/b, as many as each stands for

    Raises
    ------
    ValueError
        for shares outside their range, and if nothing is left to draw from
    """
    g, (top, drawn) = check_y(g, "g"), _goss_sizes(len(g), a, b)
    rank = np.argsort(-np.abs(g), kind="stable")
    rest = check_rng(random_state, "random_state").choice(rank[top:], drawn, replace=False)
    weight = np.ones(len(g))
    weight[rest] = (len(g) - top) / drawn
    chosen = np.sort(np.r_[rank[:top], rest])
    return chosen, weight[chosen]


def _goss_sizes(N, a, b):
    for value, name in ((a, "a"), (b, "b")):
        check_number(value, name, low=0, high=1, strict=True)
    if a + b > 1 + 1e-12:
        raise ValueError(f"a + b must not exceed 1: got {a + b:g}")
    top = min(round(a * N), N - 1)
    return top, max(1, min(round(b * N), N - top))


def goss_variance(g, mask, a, b):
    """The variance of the sum of g over a part of the samples, as GOSS estimates it (`eq-xgb-goss-var`).

    Parameters
    ----------
    g : (N,), slopes
    mask : (N,) booleans, the part
    a, b : as in `goss_sample`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        as `goss_sample`
    """
    g, (top, drawn) = check_y(g, "g"), _goss_sizes(len(g), a, b)
    rest = np.argsort(-np.abs(g), kind="stable")[top:]
    m, z = len(rest), np.where(mask, g, 0.0)[rest]
    return float(m**2 / drawn * (1 - drawn / m) * z.var(ddof=1)) if m > 1 else 0.0


class Summary(NamedTuple):
    """A weighted quantile summary: values, bounds of the weight below and up to each, and its own (known) weight."""

    value: np.ndarray
    below: np.ndarray
    upto: np.ndarray
    weight: np.ndarray

    def bounds(self, z):
        """The same three numbers for any values z, whether they are kept or not."""
        z, at = np.asarray(z, dtype=float), np.searchsorted(self.value, z)
        i = np.minimum(at, len(self.value) - 1)
        hit = self.value[i] == z
        low = np.where(at > 0, (self.below + self.weight)[at - 1], 0.0)
        high = np.where(at < len(self.value), (self.upto - self.weight)[i], self.upto[-1])
        return np.where(hit, self.below[i], low), np.where(hit, self.upto[i], high), np.where(hit, self.weight[i], 0.0)


def quantile_summary(x, weight):
    """An exact summary of weighted numbers (`eq-xgb-sketch`).

    Parameters
    ----------
    x : (N,)
    weight : (N,), positive

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        for weights that are not positive
    """
    (values, place), w = np.unique(check_y(x, "x"), return_inverse=True), check_y(weight, "weight")
    if len(w) != len(place) or np.any(w <= 0):
        raise ValueError(f"weight must hold {len(place)} positive numbers: got {shown(w, w <= 0)}")
    w = np.bincount(place, w)
    return Summary(values, np.r_[0.0, w.cumsum()[:-1]], w.cumsum(), w)


def merge_summaries(one, other):
    """The summary of both samples together: bounds add (`eq-xgb-sketch`).

    Parameters
    ----------
    one, other : Summary

    Returns
    -------
    Summary
    """
    z = np.union1d(one.value, other.value)
    return Summary(z, *(p + q for p, q in zip(one.bounds(z), other.bounds(z), strict=True)))


def prune_summary(summary, size):
    """At most size + 1 of a summary's values, at evenly spaced ranks; the error grows by 1/size (`eq-xgb-sketch`).

    Parameters
    ----------
    summary : Summary
    size : at least 1

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        for a size below 1
    """
    size = check_number(size, "size", low=1, integer=True)
    value, below, upto, w = summary
    twice = 2 * upto[-1] * np.arange(size + 1) / size
    i = np.clip(np.searchsorted(below + upto, twice, side="right") - 1, 0, len(value) - 1)
    j = np.minimum(i + 1, len(value) - 1)
    i = np.where((twice >= (below + upto)[0]) & (twice >= below[i] + w[i] + upto[j] - w[j]), j, i)
    i = np.unique(np.r_[i, 0, len(value) - 1])
    return Summary(*(part[i] for part in summary))


def bundle_features(active, max_conflict=0.0):
    """Put columns that are seldom non-zero together into bundles, those that meet most others first (`alg-xgb-efb`).

    Parameters
    ----------
    active : (N, d) booleans, where a column is not zero
    max_conflict : the share of samples in which columns of one bundle may meet

    Returns
    -------
    list of lists of columns

    Raises
    ------
    ValueError
        for a share outside [0, 1]
    """
    A = check_X(np.asarray(active) != 0, "active")
    allowed = check_number(max_conflict, "max_conflict", low=0, high=1) * len(A)
    meet, groups, used = A.T @ A, [], []
    np.fill_diagonal(meet, 0)
    for f in np.argsort(-np.count_nonzero(meet, axis=0), kind="stable").tolist():
        for i, group in enumerate(groups):
            if used[i] + meet[f, group].sum() <= allowed:
                group.append(f)
                used[i] += meet[f, group].sum()
                break
        else:
            groups.append([f])
            used.append(0.0)
    return groups


def bundle_columns(codes, n_bins):
    """Columns of codes, 0 where they are silent, as one: column k's codes c > 0 become o_k + c (`eq-xgb-efb`).

    Parameters
    ----------
    codes : (k, N), integers below n_bins; where several are not 0, the last counts
    n_bins : (k,), numbers of bins, that of 0 included

    Returns
    -------
    codes (N,), and the offsets o, (k,): column k's bins 1, 2, … are the bundle's o_k + 1, …

    Raises
    ------
    ValueError
        for codes outside their range
    """
    codes, n_bins = np.asarray(codes), np.asarray(n_bins)
    if codes.ndim != 2 or n_bins.shape != codes.shape[:1] or np.any(codes < 0) or np.any(codes >= n_bins[:, None]):
        raise ValueError(
            f"codes must be (k, N) and lie in 0 … n_bins − 1: got shape {codes.shape}, bins {shown(n_bins)}"
        )
    offsets, merged = np.r_[0, np.cumsum(n_bins - 1)[:-1]], np.zeros(codes.shape[1], dtype=int)
    for row, o in zip(codes, offsets, strict=True):
        merged = np.where(row > 0, o + row, merged)
    return merged, offsets


def category_split(G, H, lam=1.0):
    """The best cut of categories along the order of G/H: of all, if its bracket is positive (`thm-xgb-fisher`).

    Parameters
    ----------
    G, H : (c,), sums of each of c ≥ 2 categories, H positive
    lam : λ

    Returns
    -------
    booleans (c,), who goes left, and the bracket

    Raises
    ------
    ValueError
        for fewer than two categories, and an H that is not positive
    """
    _penalties(lam)
    G, H = _sums(G, H)
    if G.ndim != 1 or len(G) < 2 or np.any(H <= 0):
        raise ValueError(f"there must be two categories or more, each with positive H: got H = {shown(H, H <= 0)}")
    order = np.argsort(G / H, kind="stable")
    GL, HL = G[order].cumsum()[:-1], H[order].cumsum()[:-1]
    bracket = 2 * split_gain(GL, HL, G.sum() - GL, H.sum() - HL, lam)
    left = np.zeros(len(G), dtype=bool)
    left[order[: 1 + int(np.argmax(bracket))]] = True
    return left, float(bracket.max())


def ordered_target_statistic(category, y, order, prior=0.5):
    """(S + prior)/(n + 1) of the labels of a category that stand earlier in an order (`def-xgb-ordered`).

    Parameters
    ----------
    category, y : (N,), categories of any kind and labels
    order : (N,), a permutation: order[0] comes first
    prior : what a category's first sample gets

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        if order is no permutation
    """
    y, (_, code) = check_y(y), np.unique(category, return_inverse=True)
    order = np.asarray(order)
    if not np.array_equal(np.sort(order), np.arange(len(y))) or len(code) != len(y):
        raise ValueError(f"order must be a permutation of 0 … {len(y) - 1}, one for each category: got {shown(order)}")
    at = order[np.argsort(code[order], kind="stable")]  # by category, then in order
    first = np.flatnonzero(np.diff(code[at], prepend=-1))
    start = np.repeat(first, np.diff(np.append(first, len(at))))
    sums = np.r_[0.0, y[at].cumsum()]
    out = np.empty(len(y))
    out[at] = (sums[:-1] - sums[start] + prior) / (np.arange(len(at)) - start + 1)
    return out


def shapley_values(f, x, background):
    """Each feature's share of f(x) less the background's mean, over all orders of arrival (`def-xgb-shapley`).

    Parameters
    ----------
    f : function (m, d) → (m,)
    x : (d,), d ≤ 15: 2ᵈ coalitions are asked
    background : (m, d), whose values stand in for features that have not arrived

    Returns
    -------
    array (d,)

    Raises
    ------
    ValueError
        for more than 15 features
    """
    x, background = check_y(x, "x"), check_X(background, "background", n_features=len(x))
    d = check_number(len(x), "the number of features", low=1, high=15, integer=True)
    sets = (np.arange(2**d)[:, None] >> np.arange(d)) & 1 == 1
    worth = np.array([np.mean(f(np.where(inside, x, background))) for inside in sets])
    phi, size = np.empty(d), sets.sum(axis=1)
    share = np.array([1 / (d * math.comb(d - 1, k)) for k in range(d)])
    for j in range(d):
        without = np.flatnonzero(~sets[:, j])
        phi[j] = share[size[without]] @ (worth[without + 2**j] - worth[without])
    return phi


# Boosting


class _Booster:
    def __init__(
        self,
        n_estimators=100,
        learning_rate=0.3,
        max_depth=6,
        max_leaves=None,
        lam=1.0,
        gamma=0.0,
        l1=0.0,
        min_child_weight=1.0,
        min_samples_leaf=1,
        growth="level",
        prune="pre",
        method="hist",
        max_bins=255,
        subsample=1.0,
        colsample=1.0,
        goss=None,
        hessian="true",
        base=None,
        early_stopping_rounds=None,
        random_state=0,
    ):
        self.n_estimators, self.learning_rate, self.max_depth, self.max_leaves = (
            n_estimators,
            learning_rate,
            max_depth,
            max_leaves,
        )
        self.lam, self.gamma, self.l1, self.min_child_weight = lam, gamma, l1, min_child_weight
        self.min_samples_leaf, self.growth, self.prune, self.method = min_samples_leaf, growth, prune, method
        self.max_bins, self.subsample, self.colsample, self.goss = max_bins, subsample, colsample, goss
        self.hessian, self.base, self.random_state = hessian, base, random_state
        self.early_stopping_rounds = early_stopping_rounds

    def fit(self, X, y, sample_weight=None, eval_set=None):
        """Add one tree a round, or one for each class (`alg-xgb-boost`).

        Parameters
        ----------
        X : (N, d); NaN is missing
        y : (N,)
        sample_weight : (N,), non-negative: it multiplies g and h
        eval_set : (X, y), on whose loss early stopping looks

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for parameters outside their range, and early stopping without an eval_set
        """
        rules = _rules({name: getattr(self, name) for name in RULES})
        rounds = check_number(self.n_estimators, "n_estimators", low=1, integer=True)
        eta = check_number(self.learning_rate, "learning_rate", low=0)
        shares = [check_number(getattr(self, s), s, low=0, high=1) for s in ("subsample", "colsample")]
        patience, rng = self.early_stopping_rounds, check_rng(self.random_state, "random_state")
        if patience is not None:
            check_number(patience, "early_stopping_rounds", low=1, integer=True)
            if eval_set is None:
                raise ValueError("early stopping needs an eval_set, which it may look at: got None")
        if self.goss is not None and len(self.goss) != 2:
            raise ValueError(f"goss must be None or two shares (a, b): got {shown(self.goss)}")
        X = _with_gaps(X)
        N, d = X.shape
        y = self._targets(y, N)
        w = check_weights(sample_weight, N)
        self.n_features_in_, self.trees_, self.train_loss_, self.eval_loss_ = d, [], [], []
        self.base_ = self._start(y, w)
        if self.base is not None:
            self.base_ = np.full(self.base_.shape, check_number(self.base, "base"))
        F = np.tile(self.base_, (N, 1))
        if eval_set is not None:
            their_X, their_y = _with_gaps(eval_set[0], d), self._known(eval_set[1])
            if len(their_X) != len(their_y):
                raise ValueError(f"eval_set has {len(their_X)} rows and {len(their_y)} targets: these must be as many")
            their_F = np.tile(self.base_, (len(their_X), 1))
        bins = bin_columns(X, None if rules.method == "exact" else rules.max_bins)
        for _ in range(rounds):
            g, h = self._slopes(y, F)
            g, h = g * w[:, None], h * w[:, None]
            rows = np.arange(N)
            if self.goss is not None:
                rows, times = goss_sample(np.abs(g).sum(axis=1), *self.goss, rng)
                g[rows], h[rows] = g[rows] * times[:, None], h[rows] * times[:, None]
            elif shares[0] < 1:
                rows = np.sort(rng.permutation(N)[: max(1, round(shares[0] * N))])
            columns = np.arange(d) if shares[1] == 1 else np.sort(rng.permutation(d)[: max(1, round(shares[1] * d))])
            self.trees_.append([_Grower(bins, *gh, rules, rows, columns).grow() for gh in zip(g.T, h.T, strict=True)])
            F += eta * _leaves_say(self.trees_[-1], X)
            self.train_loss_.append(_mean_loss(self._loss, y, self._shaped(F), w))
            if eval_set is not None:
                their_F += eta * _leaves_say(self.trees_[-1], their_X)
                loss = _mean_loss(self._loss, their_y, self._shaped(their_F), np.ones(len(their_y)))
                self.eval_loss_.append(loss)
                if patience is not None and len(self.trees_) - 1 - int(np.argmin(self.eval_loss_)) >= patience:
                    break
        if patience is not None:
            self.trees_ = self.trees_[: 1 + int(np.argmin(self.eval_loss_))]
        return self

    def _shaped(self, F):
        return F if self._loss == "softmax" else F[:, 0]

    def _slopes(self, y, F):
        g, h = grad_hess(self._loss, y, self._shaped(F), self.hessian)
        return g.reshape(F.shape), h.reshape(F.shape)

    def staged_decision_function(self, X):
        """The margins after each round, one array after the other, of the shape of `decision_function`'s."""
        check_fitted(self, "trees_")
        X = _with_gaps(X, self.n_features_in_)
        F = np.tile(self.base_, (len(X), 1))
        for trees in self.trees_:
            F = F + self.learning_rate * _leaves_say(trees, X)
            yield self._shaped(F)

    def decision_function(self, X):
        """The margins, (N,), or (N, K) for several classes."""
        *_, F = self.staged_decision_function(X)
        return F

    def feature_importances(self, kind="total_gain"):
        """What each column's questions have earned: XGBoost's three numbers (`def-xgb-importance`).

        Parameters
        ----------
        kind : "weight", the number of questions; "total_gain", the sum of their brackets; "gain", the mean of these

        Returns
        -------
        array (d,)

        Raises
        ------
        ValueError
            for another kind, and before `fit`
        """
        check_fitted(self, "trees_")
        if kind not in ("weight", "gain", "total_gain"):
            raise ValueError(f"kind must be 'weight', 'gain' or 'total_gain': got {kind!r}")
        trees = [tree for group in self.trees_ for tree in group]
        feature = np.concatenate([tree.feature for tree in trees])
        gain = np.concatenate([tree.gain for tree in trees])[feature >= 0]
        count, total = (np.bincount(feature[feature >= 0], v, self.n_features_in_) for v in (gain * 0 + 1, gain))
        return {"weight": count, "total_gain": total, "gain": total / np.maximum(count, 1)}[kind]


def _leaves_say(trees, X):
    return np.column_stack([tree.predict(X) for tree in trees])


PARAMETERS = """Parameters
    ----------
    n_estimators, learning_rate : rounds, and the shrinkage η of each
    max_depth, max_leaves, lam, gamma, l1 : as in `boost_tree`
    min_child_weight, min_samples_leaf, growth, prune, method, max_bins : as in `boost_tree`; bins weigh samples alike
    subsample, colsample : shares of rows and of columns that each round draws
    goss : None, or the shares (a, b) of `goss_sample`, which here weighs g and h
    hessian : "true" or "bound", as in `grad_hess`
    base : the margin to start from, or None for the constant of least loss
    early_stopping_rounds : stop after so many rounds without a smaller loss on eval_set, and keep the best; or None
    random_state : seed or Generator
    """


class SecondOrderRegressor(_Booster, Regressor):
    __doc__ = f"""Squared loss ½(y − F)² boosted by second-order trees (`alg-xgb-boost`).

    A fit sets trees_, a list for each round, base_, train_loss_ and eval_loss_ (means, by round).

    {PARAMETERS}"""

    _loss = "squared"

    def _known(self, y):
        return check_y(y)

    def _targets(self, y, N):
        y = check_y(y)
        if len(y) != N:
            raise ValueError(f"y must have shape ({N},), one number for each row of X: got {y.shape}")
        return y

    def _start(self, y, w):
        middle = y[0] if y.min() == y.max() else np.average(y - y[0], weights=w) + y[0]
        return np.array([middle])

    def predict(self, X):
        """The margins.

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,)

        Raises
        ------
        ValueError
            before `fit`, and for another number of features
        """
        return self.decision_function(X)


class SecondOrderClassifier(_Booster, Classifier):
    __doc__ = f"""Log loss boosted by second-order trees: logistic for two classes, softmax for more (`alg-xgb-boost`).

    A fit sets classes_, trees_, a list for each round, base_, train_loss_ and eval_loss_ (means in nats, by round).

    {PARAMETERS}"""

    @property
    def _loss(self):
        return "logistic" if len(self.classes_) == 2 else "softmax"

    def _known(self, y):
        y = np.asarray(y)
        if not np.isin(y, self.classes_).all():
            raise ValueError(f"eval_set holds labels that y does not: {shown(y, ~np.isin(y, self.classes_))}")
        return np.searchsorted(self.classes_, y).astype(float)

    def _targets(self, y, N):
        return self._encoded(y, N, "at least").astype(float)

    def _start(self, y, w):
        share = np.bincount(y.astype(int), w) / w.sum()
        if np.any(share == 0):
            raise ValueError("each class must have a sample of positive weight")
        return np.log(share[1:] / share[:1]) if len(share) == 2 else np.log(share)

    def predict_proba(self, X):
        """P(class | x), (N, K), in the order of classes_."""
        F = self.decision_function(X)
        return softmax(F) if F.ndim == 2 else np.column_stack([sigmoid(-F), sigmoid(F)])

    def predict(self, X):
        """The likelier class, of equally likely ones the first.

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,) of labels

        Raises
        ------
        ValueError
            before `fit`, and for another number of features
        """
        F = self.decision_function(X)
        return self.classes_[F.argmax(axis=1) if F.ndim == 2 else (F > 0).astype(int)]
