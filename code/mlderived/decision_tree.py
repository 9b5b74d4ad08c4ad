"""Chapter 7: decision trees. Which question to ask next, when to stop asking, and which answers to take back.

A tree is grown a level at a time: each feature is sorted once, a question parts the sorted rows and keeps their order,
and one sweep with running sums weighs all cuts of all nodes of a level. What is summed, and what a node of given sums
loses, is the criterion's affair, so that other trees can be grown by the same `grow`.

Samples with x_j ≤ τ go left. Among questions of equal worth (to 1e-12 of the node's own loss) the one with the lowest
feature is asked, then with the lowest threshold.
"""

import math
from dataclasses import dataclass
from heapq import heappop, heappush
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
from scipy.special import xlogy

from .estimator import Classifier, Regressor
from .validation import check_fitted, check_number, check_rng, check_weights, check_X, check_y, shown

__all__ = [
    "ClassCounts",
    "DecisionTreeClassifier",
    "DecisionTreeRegressor",
    "Squares",
    "Tree",
    "best_split",
    "cost_complexity_path",
    "effective_alpha",
    "gain_ratio",
    "grow",
    "impurity",
    "information_gain",
    "permutation_importance",
    "prune",
    "stump_vc_dimension",
]

CHUNK = 2**21  # running sums held at a time
TIE = 1e-12  # gains that differ by this share of the node's loss are equal


# How mixed is a node?


def _gini(c):
    n = np.maximum(c.sum(axis=0), 1e-300)
    return (c * (n - c)).sum(axis=0) / n  # no difference of large numbers


def _entropy(c):
    n = np.maximum(c.sum(axis=0), 1e-300)
    return -xlogy(c, c / n).sum(axis=0) / math.log(2)


def _error(c):
    return c.sum(axis=0) - c.max(axis=0)


LOSSES = {"gini": _gini, "entropy": _entropy, "error": _error}  # F(c) = n I(c/n), of counts along the first axis


def _loss(criterion):
    if criterion not in LOSSES:
        raise ValueError(f"criterion must be 'gini', 'entropy' or 'error': got {criterion!r}")
    return LOSSES[criterion]


def impurity(P, criterion="gini", base=2):
    """Gini index, entropy or error rate of the best constant guess, of each row (`def-tree-gini`, `eq-tree-entropy`).

    Parameters
    ----------
    P : (m, K), a distribution in each row, or one distribution (K,)
    criterion : "gini", "entropy" or "error"
    base : of the entropy's logarithm; 2 gives bits

    Returns
    -------
    array (m,), or a float

    Raises
    ------
    ValueError
        for negative shares, and rows that do not sum to 1
    """
    loss, base = _loss(criterion), check_number(base, "base", low=1, strict=True)
    P = np.asarray(P, dtype=float)
    if P.ndim not in (1, 2) or not (P.size and np.all(P >= 0) and np.allclose(P.sum(axis=-1), 1, rtol=0, atol=1e-9)):
        raise ValueError(f"P must hold shares that sum to 1 in each row: got {shown(P)}")
    values = loss(P.T) * (math.log(2) / math.log(base) if criterion == "entropy" else 1)
    return float(values) if P.ndim == 1 else values


def _table(table):
    table = np.asarray(table, dtype=float)
    if table.ndim != 2 or not (np.all(np.isfinite(table)) and np.all(table >= 0) and table.sum() > 0):
        raise ValueError(f"counts must be non-negative and not all zero, (V, K): got {shown(table)}")
    return table


def information_gain(table):
    """H(Y) − H(Y | X) in bits (`eq-tree-information-gain`).

    Parameters
    ----------
    table : (V, K), counts of each value of X (row) and class (column)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for counts that are negative or all zero
    """
    table = _table(table)
    return float((_entropy(table.sum(axis=0)) - _entropy(table.T).sum()) / table.sum())


def gain_ratio(table):
    """Information gain over H(X), the entropy of the values themselves (`def-tree-gain-ratio`).

    Parameters
    ----------
    table : as in `information_gain`

    Returns
    -------
    float

    Raises
    ------
    ValueError
        if all samples have the same value, and as `information_gain`
    """
    table = _table(table)
    if np.count_nonzero(table.sum(axis=1)) < 2:
        raise ValueError("counts must have at least two values that occur: of one value the gain ratio is undefined")
    return information_gain(table) / float(_entropy(table.sum(axis=1)) / table.sum())


# What is summed over a node, and what the node loses


class ClassCounts:
    """The criterion of classification: weights summed by class, and the loss n I(c/n) of the sums c.

    A criterion has six members. `stats(row, w, start)` gives the (q, n) numbers that are summed, for the rows of
    several nodes that stand one after the other and begin at `start`; `loss(sums)` the loss of a node, up to a constant
    of the node in which it lies, for sums (q, …); `describe(row, w, start)` each node's value, (k, …), and impurity;
    `constant(row, start)` which nodes leave nothing to ask; `mean(sums)` by what categories are put in order, (p, …);
    `homogeneous`, whether the loss scales with the weights.

    Parameters
    ----------
    codes : (N,), integers below K
    K : number of classes
    criterion : "gini", "entropy" or "error"
    """

    homogeneous = True

    def __init__(self, codes, K, criterion="gini"):
        self.codes, self.K, self.loss = codes, K, _loss(criterion)

    def stats(self, row, w, start):
        Z = np.zeros((self.K, len(row)))
        Z[self.codes[row], np.arange(len(row))] = w
        return Z

    def describe(self, row, w, start):
        c = np.add.reduceat(self.stats(row, w, start), start, axis=1)
        n = c.sum(axis=0)
        return (c / n).T, np.maximum(self.loss(c) / n, 0)

    def constant(self, row, start):
        return np.minimum.reduceat(self.codes[row], start) == np.maximum.reduceat(self.codes[row], start)

    def mean(self, sums):
        return sums[self.K == 2 :] / np.maximum(sums.sum(axis=0), 1e-300)  # of two classes one share says all


class Squares:
    """The criterion of regression: weights and weighted deviations from the node's own mean, and −S²/n of the sums.

    Parameters
    ----------
    y : (N,)
    """

    homogeneous = True

    def __init__(self, y):
        self.y = y

    def _deviations(self, row, w, start):
        size, n = np.diff(np.append(start, len(row))), np.add.reduceat(w, start)
        r, mean = self.y[row], 0.0
        for _ in range(2):  # the second pass takes off what the first lost to rounding
            shift = np.add.reduceat(w * r, start) / n
            r, mean = r - np.repeat(shift, size), mean + shift
        return r, mean, n

    def stats(self, row, w, start):
        return np.stack([w, w * self._deviations(row, w, start)[0]])

    def loss(self, sums):
        return -(sums[1] ** 2) / np.maximum(sums[0], 1e-300)

    def describe(self, row, w, start):
        r, mean, n = self._deviations(row, w, start)
        flat = self.constant(row, start)
        return np.where(flat, self.y[row[start]], mean), np.where(flat, 0, np.add.reduceat(w * r**2, start) / n)

    def constant(self, row, start):
        return np.minimum.reduceat(self.y[row], start) == np.maximum.reduceat(self.y[row], start)

    def mean(self, sums):
        return sums[1:] / np.maximum(sums[0], 1e-300)


# The tree


@dataclass(frozen=True, eq=False)
class Tree:
    """A tree as arrays over its m nodes; node 0 is the root, and a parent has a lower number than its children.

    feature : (m,), the feature that is asked for; −1 for a leaf
    threshold : (m,), x ≤ threshold goes left; NaN for leaves and for questions about a category
    left, right : (m,), the children; −1 for a leaf
    value : (m,) means, or (m, K) shares of the classes
    n, weight : (m,), samples (shares of them where x was missing) and their summed weight
    impurity : (m,), per unit of weight
    subset : None, or (m, V + 1) booleans: whether category v goes left; the last column is for a category that the node
        has not seen, which goes with the heavier child
    """

    feature: np.ndarray
    threshold: np.ndarray
    left: np.ndarray
    right: np.ndarray
    value: np.ndarray
    n: np.ndarray
    weight: np.ndarray
    impurity: np.ndarray
    subset: np.ndarray | None = None

    @property
    def leaves(self):
        """The numbers of the leaves."""
        return np.flatnonzero(self.feature < 0)

    @property
    def depths(self):
        """(m,), how many questions lead to each node."""
        depth = np.zeros(len(self.feature), dtype=int)
        for t in np.flatnonzero(self.feature >= 0):
            depth[[self.left[t], self.right[t]]] = depth[t] + 1
        return depth

    def _goes_left(self, x, t):
        with np.errstate(invalid="ignore"):
            left = x <= self.threshold[t]
        if self.subset is not None:
            codes = np.where(np.isnan(x), -1, np.minimum(x, self.subset.shape[1] - 1)).astype(int)
            left = np.where(np.isnan(self.threshold[t]), self.subset[t, codes], left)
        return left

    def apply(self, X):
        """The leaf of each row of X, (N, d) without NaN: (N,)."""
        at, active = np.zeros(len(X), dtype=int), np.arange(len(X))
        while (active := active[self.feature[at[active]] >= 0]).size:
            t = at[active]
            at[active] = np.where(self._goes_left(X[active, self.feature[t]], t), self.left[t], self.right[t])
        return at

    def reach(self, X):
        """Which share of each row of X arrives at each node, (N, m): without x it parts (`eq-tree-missing`)."""
        share = np.zeros((len(X), len(self.feature)))
        share[:, 0] = 1
        for t in np.flatnonzero(self.feature >= 0):
            x, children = X[:, self.feature[t]], (self.left[t], self.right[t])
            to_left = np.where(np.isnan(x), self.weight[children[0]] / self.weight[t], self._goes_left(x, t))
            share[:, children] = share[:, [t]] * np.column_stack([to_left, 1 - to_left])
        return share

    def predict(self, X):
        """The value of each row's leaf, or the mean of several where x is missing: (N,) or (N, K)."""
        gone = np.isnan(X).any(axis=1)
        values = self.value[self.apply(np.where(np.isnan(X), 0, X))] if gone.any() else self.value[self.apply(X)]
        if gone.any():
            values[gone] = self.reach(X[gone])[:, self.leaves] @ self.value[self.leaves]
        return values


class _Block(NamedTuple):
    """Nodes side by side: rows by node, and for each feature the same rows in its order, node by node."""

    row: np.ndarray  # (n,)
    weight: np.ndarray
    share: np.ndarray  # of the row, where parts of it are elsewhere
    order: np.ndarray  # (d, n), order[0] is 0 … n − 1
    start: np.ndarray  # (k,)
    node: np.ndarray  # (n,), below k
    ids: np.ndarray  # (k,)
    w: np.ndarray  # (k,), weight and impurity of the nodes
    impure: np.ndarray


def _running(Z, start):
    """Sums along the last axis that begin anew at each start, untouched by the size of the segments before."""
    if len(start) == 1:
        return Z.cumsum(axis=-1)
    totals = np.add.reduceat(Z, start, axis=-1)[..., :-1]
    Z[..., start[1:]] -= totals
    sums = Z.cumsum(axis=-1)
    left_over = sums[..., start[1:] - 1] - totals  # what rounding has carried across
    if left_over.any():
        size = np.diff(np.append(start, Z.shape[-1]))
        sums[..., start[1] :] -= np.repeat(left_over, size[1:], axis=-1)
    return sums


class _Grower:
    def __init__(self, X, criterion, weight, rules):
        self.XT, self.criterion, self.weight, self.rules = np.ascontiguousarray(X.T), criterion, weight, rules
        self.missing, self.total = bool(np.isnan(X).any()), weight.sum()
        self.entered, self.asked, self.named, self.depth = [], [], {}, []

    def grow(self):
        N, most = self.XT.shape[1], self.rules.max_leaf_nodes
        order = np.argsort(self.XT, axis=1, kind="stable")  # the only sort; NaN stands last
        block = self.enter(np.arange(N), self.weight, np.ones(N), order, np.array([0]), depth=0)
        if most is None:
            while block is not None:
                gain, *question = self.search(block)
                block = self.divide(block, np.flatnonzero(gain > -np.inf), *question)
            return self.tree()
        waiting, leaves = [], 1
        while leaves < most:
            if block is not None:
                gain, *question = self.search(block)
                for i in np.flatnonzero(gain > -np.inf):
                    heappush(waiting, (-gain[i], block.ids[i], i, block, question))
            if not waiting:
                break
            *_, i, block, question = heappop(waiting)
            block, leaves = self.divide(block, np.array([i]), *question), leaves + 1
        return self.tree()

    def enter(self, row, weight, share, order, start, depth):
        """New nodes are described; those that may be asked something make the next block."""
        at, ids = order[0], len(self.depth) + np.arange(len(start))
        size = np.diff(np.append(start, len(at)))
        value, impure = self.criterion.describe(row[at], weight[at], start)
        w, n = np.add.reduceat(weight[at], start), np.add.reduceat(share[at], start)
        self.entered.append((value, n, w, impure))
        self.depth += [depth] * len(ids)
        live = ~self.criterion.constant(row[at], start) & (n > self.rules.min_samples_split - 1e-9)
        if not live.any() or depth == self.rules.max_depth:
            return None
        order = order[:, np.repeat(live, size)]
        at, size, new = order[0], size[live], np.empty(len(row), dtype=np.intp)
        new[at] = np.arange(len(at))
        node = np.repeat(np.arange(len(size)), size)
        return _Block(
            row[at], weight[at], share[at], new[order], size.cumsum() - size, node, ids[live], w[live], impure[live]
        )

    def search(self, block):
        """The best question for each node: gain (−∞ if there is none), feature, place of the last on its left, τ."""
        order, start, node, loss = block.order, block.start, block.node, self.criterion.loss
        k, n, rules = len(start), len(node), self.rules
        unit = np.ldexp(1.0, np.frexp(block.w)[1]) if self.criterion.homogeneous else np.ones(k)
        Z = self.criterion.stats(block.row, block.weight / unit[node], start)
        V = self.XT[:, block.row]
        for f in rules.categorical:
            V[f] = _ranks(V[f], Z, block.weight, node, k, self.criterion.mean)
            order[f] = np.lexsort((V[f], node))
        picks = self.picks(V, start)
        last, place = np.append(start[1:], n) - 1, np.arange(n)
        best, found = np.full(k, -np.inf), []
        for a in range(0, len(picks), step := max(1, CHUNK // (len(Z) * n))):
            f = picks[a : a + step]
            o = order[f[:, node], place]
            x = V[f[:, node], o]
            cut = np.zeros(x.shape, dtype=bool)
            np.less(x[:, :-1], x[:, 1:], out=cut[:, :-1])  # never beside NaN
            cut[:, last] = False
            if rules.splitter == "random":
                low, high = np.fmin.reduceat(x, start, axis=1), np.fmax.reduceat(x, start, axis=1)
                tau = (low + rules.rng.random(low.shape) * (high - low))[:, node]
                cut[:, :-1] &= (x[:, :-1] <= tau[:, :-1]) & (tau[:, :-1] < x[:, 1:])
            summed, seen = Z[:, o], block.share[o]
            if self.missing:
                summed, seen = summed * ~np.isnan(x), seen * ~np.isnan(x)
            if self.missing or rules.min_samples_leaf > 1:
                inside = _running(seen, start)
                least = rules.min_samples_leaf - 1e-9
                cut &= (inside >= least) & (inside[:, last][:, node] - inside >= least)
            sums = _running(summed, start)
            whole = sums[:, :, last]
            flat = np.flatnonzero(cut)
            r, pos = np.divmod(flat, n)
            g = node[pos]
            left = sums.reshape(len(Z), -1)[:, flat]
            gain = loss(whole)[r, g] - loss(left) - loss(whole[:, r, g] - left)
            tau = tau[r, pos] if rules.splitter == "random" else np.full(len(r), np.nan)
            found.append((gain, f[r, g], pos, g, tau))
        gain, f, pos, g, tau = (np.concatenate(part) for part in zip(*found, strict=True))
        close = TIE * block.w * block.impure / unit
        gain = np.where(np.abs(gain) <= close[g], 0, gain)
        np.maximum.at(best, g, gain)
        near = np.flatnonzero(gain >= (best - close)[g])[::-1]
        first = np.zeros(k, dtype=np.intp)
        first[g[near]] = near  # of several the first: the lowest feature, then the lowest threshold
        asked = best > -np.inf
        gains = np.where(asked, best, 0) * unit
        least = rules.min_impurity_decrease * self.total - close * unit
        asked &= (gains >= least) if rules.allow_zero_gain else (gains >= least) & (best > 0)
        if not len(gain):
            return np.full(k, -np.inf), first, first, best
        f, pos, tau = f[first], pos[first], tau[first]
        pos = np.where(asked, pos, start)
        low, high = (V[f, order[f, np.minimum(p, n - 1)]] for p in (pos, pos + 1))
        middle = low / 2 + high / 2  # no overflow
        middle = np.where((low <= middle) & (middle < high), middle, low)  # two adjacent floats have none between them
        return np.where(asked, gains, -np.inf), f, pos, np.where(np.isnan(tau), middle, tau)

    def picks(self, V, start):
        """(m, k): the features that each node looks at, in order; constant ones only if there are no others."""
        d, k, m = len(V), len(start), self.rules.max_features
        if m == d:
            return np.broadcast_to(np.arange(d)[:, None], (d, k))
        constant = ~(np.fmin.reduceat(V, start, axis=1) < np.fmax.reduceat(V, start, axis=1))
        return np.sort(np.argsort(self.rules.rng.random((d, k)) + constant, axis=0)[:m], axis=0)

    def divide(self, block, which, feature, last, threshold):
        """The children of the nodes `which`, as `enter` returns them."""
        if not len(which):
            return None
        row, weight, share, order, start, node, ids, *_ = block
        n, k = len(node), len(start)
        rank = np.full(k, -1)
        rank[which] = np.arange(len(which))
        o = order[feature[node], np.arange(n)]
        left, gone = np.empty(n, dtype=bool), np.zeros(n, dtype=bool)
        left[o] = np.arange(n) <= last[node]
        order = order[:, rank[node] >= 0]
        if self.missing:
            gone = np.isnan(self.XT[feature[node], row])
            known = np.where(gone, 0, weight)
            part = np.bincount(node, known * left, k) / np.maximum(np.bincount(node, known, k), 1e-300)
            twice = 1 + gone[order].ravel()  # who goes both ways gets a twin
            twin = np.zeros(twice.sum(), dtype=bool)
            twin[(twice.cumsum() - 1)[twice == 2]] = True
            order = (np.repeat(order.ravel(), twice) + n * twin).reshape(len(order), -1)
            parts = np.r_[np.where(gone, part[node], 1), 1 - part[node]]
            row, node, weight, share = (
                np.tile(row, 2),
                np.tile(node, 2),
                np.tile(weight, 2) * parts,
                np.tile(share, 2) * parts,
            )
            left = np.r_[left | gone, np.zeros(n, dtype=bool)]
        child = 2 * rank[node] + ~left
        kind = np.uint16 if 2 * len(which) < 2**16 else np.int64  # numpy sorts short integers in linear time
        order = np.take_along_axis(order, child[order].astype(kind).argsort(axis=1, kind="stable"), axis=1)
        size = np.bincount(child[order[0]], minlength=2 * len(which))
        start = size.cumsum() - size
        self.asked.append((ids[which], feature[which], threshold[which], len(self.depth) + 2 * np.arange(len(which))))
        for s, t in enumerate(which):
            if feature[t] in self.rules.categorical:
                both = order[0][start[2 * s] : start[2 * s] + size[2 * s : 2 * s + 2].sum()]
                codes = self.XT[feature[t], row[both]]
                known = ~np.isnan(codes)
                self.named[ids[t]] = [np.unique(codes[known & side[both]]).astype(int) for side in (left, ~left)]
        return self.enter(row, weight, share, order, start, depth=self.depth[ids[which[0]]] + 1)

    def tree(self):
        value, n, weight, impure = (np.concatenate(part) for part in zip(*self.entered, strict=True))
        m = len(n)
        feature, left, right, threshold = *np.full((3, m), -1), np.full(m, np.nan)
        for ids, f, tau, child in self.asked:
            feature[ids], left[ids], right[ids] = f, child, child + 1
            threshold[ids] = np.where(np.isin(f, self.rules.categorical), np.nan, tau)
        subset = None
        if self.rules.categorical:
            V = 1 + int(max(np.nanmax(self.XT[f], initial=0) for f in self.rules.categorical))
            subset = np.tile((weight[left] >= weight[right])[:, None], V + 1)
            for t, (to_left, to_right) in self.named.items():
                subset[t, to_left], subset[t, to_right] = True, False
        n = n if self.missing else np.rint(n).astype(int)
        return Tree(feature, threshold, left, right, value, n, weight, impure, subset)


def _ranks(codes, Z, weight, node, k, mean):
    """The place of each row's category among those of its node, ordered by their means (`thm-tree-categorical`).

    Means of one number are ordered as they stand; of several, along the direction in which they spread most.
    """
    known = ~np.isnan(codes)
    v = np.where(known, codes, 0).astype(int)
    V = v.max() + 1
    M = mean(np.stack([np.bincount(node * V + v, z * known, k * V) for z in Z])).reshape(-1, k, V)
    if len(M) > 1:
        w = np.bincount(node * V + v, weight * known, k * V).reshape(k, V)
        D = M - ((M * w).sum(axis=2) / np.maximum(w.sum(axis=1), 1e-300))[:, :, None]
        axis = np.linalg.eigh(np.einsum("pkv,kv,qkv->kpq", D, w, D))[1][:, :, -1]
        axis *= np.sign(np.take_along_axis(axis, np.abs(axis).argmax(axis=1)[:, None], axis=1))
        M = np.einsum("kp,pkv->kv", axis, D)[None]
    place = M[0].argsort(axis=1, kind="stable").argsort(axis=1)
    return np.where(known, place[node, v], np.nan)


RULES = {
    **{"max_depth": None, "min_samples_split": 2, "min_samples_leaf": 1, "min_impurity_decrease": 0.0},
    **{"max_leaf_nodes": None, "max_features": None, "splitter": "best", "allow_zero_gain": True},
    **{"categorical": (), "random_state": None},
}


def grow(X, criterion, weight=None, **rules):
    """Grow a tree greedily, a level at a time, or best leaf first if their number is limited (`alg-tree-greedy`).

    Parameters
    ----------
    X : (N, d) of floats; where x is NaN, a sample parts as the others did (`alg-tree-missing`)
    criterion : `ClassCounts`, `Squares`, or another object with their members
    weight : (N,) of positive numbers, or None for ones
    **rules : any of the following

    max_depth, most questions on a path, or None. min_samples_split and min_samples_leaf, the samples, whatever their
    weights, that a node must hold to be asked, and a child to be made; only samples whose x is known count for the
    second. min_impurity_decrease, the least drop of the mean loss over all samples that a question must bring.
    max_leaf_nodes: if given, always the leaf with the largest drop is parted, until there are so many. max_features,
    how many features, drawn for each node from those that vary in it, are looked at: a number, a share, "sqrt", or None
    for all. splitter, "best", or "random" for one threshold drawn for each feature, uniform over its range in the node.
    allow_zero_gain, whether to ask what brings nothing at once, as the first question of XOR. categorical, columns that
    hold categories 0, 1, …, which a question parts into two sets. random_state, seed or Generator, if any are drawn.

    Returns
    -------
    Tree

    Raises
    ------
    ValueError
        for parameters outside their range
    """
    X, given = np.asarray(X, dtype=float), SimpleNamespace(**(RULES | rules))
    for name, low in (("max_depth", 1), ("max_leaf_nodes", 2), ("min_samples_split", 2), ("min_samples_leaf", 1)):
        if name.startswith("min") or getattr(given, name) is not None:
            check_number(getattr(given, name), name, low=low, integer=True)
    check_number(given.min_impurity_decrease, "min_impurity_decrease", low=0)
    if given.splitter not in ("best", "random"):
        raise ValueError(f"splitter must be 'best' or 'random': got {given.splitter!r}")
    d, m = X.shape[1], given.max_features
    if isinstance(m, float):
        m = max(1, int(check_number(m, "max_features", low=0, high=1) * d))
    named = {None: d, "sqrt": max(1, math.isqrt(d))}
    m = named[m] if m in named else check_number(m, "max_features", low=1, high=d, integer=True)
    if (m < d or given.splitter == "random") and given.random_state is None:
        raise ValueError("random_state must be given where something is drawn: got None")
    given.max_features, given.rng = m, check_rng(given.random_state or 0, "random_state")
    given.categorical = [check_number(f, "categorical", low=0, high=d - 1, integer=True) for f in given.categorical]
    _check_codes(X, given.categorical)
    weight = np.ones(len(X)) if weight is None else np.asarray(weight, dtype=float)
    return _Grower(X, criterion, weight, given).grow()


def _check_codes(X, categorical):
    for f in categorical:
        codes = X[:, f][~np.isnan(X[:, f])]
        wrong = (codes < 0) | (codes != np.rint(codes)) | (codes > 1e6)
        if wrong.any():
            raise ValueError(f"column {f} must hold categories 0, 1, …: got {shown(codes, wrong)}")


# Estimators


class _DecisionTree:
    def fit(self, X, y, sample_weight=None):
        """Grow the tree, and prune it if `ccp_alpha` asks for it.

        Parameters
        ----------
        X : (N, d)
        y : (N,): numbers for a regressor; integers, booleans or text for a classifier
        sample_weight : (N,), non-negative: weight 2 is a sample that stands there twice

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for classes that are real numbers, weights that are negative or all zero, and as `grow`
        """
        X, y, weight = self._data(X, y, sample_weight)
        tree = grow(X, self._criterion(y), weight, **{name: getattr(self, name) for name in RULES})
        alpha = check_number(self.ccp_alpha, "ccp_alpha", low=0)
        self.tree_ = prune(tree, alpha) if alpha > 0 else tree
        return self

    def predict(self, X):
        """The mean of each row's leaf, or its commonest class, the first of several.

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,)

        Raises
        ------
        ValueError
            before `fit`, for another number of features, and for NaN unless missing is "fractional"
        """
        X = self._seen(X)
        values = self.tree_.predict(X)
        return values if values.ndim == 1 else self.classes_[values.argmax(axis=1)]

    def _data(self, X, y, sample_weight):
        """X, y and weights, without the samples that weigh nothing."""
        if self.missing not in ("error", "fractional"):
            raise ValueError(f"missing must be 'error' or 'fractional': got {self.missing!r}")
        X, y = _features(X, self.missing), np.asarray(y)
        if y.ndim != 1 or len(y) != len(X):
            raise ValueError(f"y must have shape ({len(X)},), one entry for each row of X: got {y.shape}")
        self.n_features_in_ = X.shape[1]
        if sample_weight is None:
            return X, y, np.ones(len(X))
        w = check_weights(sample_weight, len(X))
        return X[w > 0], y[w > 0], w[w > 0]

    def _seen(self, X):
        check_fitted(self, "tree_")
        X = _features(X, self.missing, self.n_features_in_)
        _check_codes(X, self.categorical)
        return X

    def apply(self, X):
        """The leaf of each row of X, (N,). Raises ValueError for missing values: such a row reaches several."""
        X = self._seen(X)
        if np.isnan(X).any():
            raise ValueError("X contains NaN: such a row reaches several leaves, see tree_.reach")
        return self.tree_.apply(X)

    def decision_path(self, X):
        """Whether each row reaches each node, booleans (N, m)."""
        return self.tree_.reach(self._seen(X)) > 0

    @property
    def feature_importances_(self):
        """Each feature's share of what the tree's questions save, (d,) (`eq-tree-mdi`); zeros for a lone leaf."""
        check_fitted(self, "tree_")
        t, lost = self.tree_, self.tree_.weight * self.tree_.impurity
        asked = np.flatnonzero(t.feature >= 0)
        saved = lost[asked] - lost[t.left[asked]] - lost[t.right[asked]]
        sums = np.bincount(t.feature[asked], saved, self.n_features_in_)
        return sums / sums.sum() if sums.sum() > 0 else sums


def _features(X, missing, n_features=None):
    if missing == "fractional":
        X = np.array(X, dtype=float)
        gone = np.isnan(X)
        return np.where(gone, np.nan, check_X(np.where(gone, 0, X), n_features=n_features))
    return check_X(X, n_features=n_features)


class DecisionTreeClassifier(_DecisionTree, Classifier):
    """A tree whose leaves hold the shares of the classes (`alg-tree-greedy`).

    Fitted, it bears tree_, classes_, in order, feature_importances_ and n_features_in_.

    Parameters
    ----------
    criterion : "gini", "entropy" (bits) or "error"
    max_depth, min_samples_split, min_samples_leaf, min_impurity_decrease, max_leaf_nodes : as in `grow`
    max_features, splitter, allow_zero_gain, categorical, random_state : as in `grow`
    ccp_alpha : the price of a leaf at which the grown tree is pruned (`thm-tree-ccp`)
    missing : "error" refuses NaN, "fractional" parts samples that lack what is asked for (`alg-tree-missing`)
    """

    def __init__(
        self,
        criterion="gini",
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        min_impurity_decrease=0.0,
        max_leaf_nodes=None,
        max_features=None,
        splitter="best",
        allow_zero_gain=True,
        ccp_alpha=0.0,
        categorical=(),
        missing="error",
        random_state=None,
    ):
        self.criterion, self.max_depth, self.min_samples_split = criterion, max_depth, min_samples_split
        self.min_samples_leaf, self.min_impurity_decrease = min_samples_leaf, min_impurity_decrease
        self.max_leaf_nodes, self.max_features, self.splitter = max_leaf_nodes, max_features, splitter
        self.allow_zero_gain, self.ccp_alpha, self.categorical = allow_zero_gain, ccp_alpha, categorical
        self.missing, self.random_state = missing, random_state

    def _criterion(self, y):
        if y.dtype.kind not in "biuUSO" and not (y.dtype.kind == "f" and np.array_equal(y, np.rint(y))):
            raise ValueError(f"y must be integer labels, or text: got {shown(y)}")
        codes = self._encoded(y, len(y))
        return ClassCounts(codes, len(self.classes_), self.criterion)

    def predict_proba(self, X):
        """The shares of the classes in each row's leaf, (N, K), in the order of classes_."""
        X = self._seen(X)
        return self.tree_.predict(X)


class DecisionTreeRegressor(_DecisionTree, Regressor):
    """A tree whose leaves hold means, grown by the drop of the squared error (`alg-tree-greedy`).

    Fitted, it bears tree_, feature_importances_ and n_features_in_.

    Parameters
    ----------
    max_depth, min_samples_split, min_samples_leaf, min_impurity_decrease, max_leaf_nodes : as in `grow`
    max_features, splitter, allow_zero_gain, categorical, random_state : as in `grow`
    ccp_alpha, missing : as in `DecisionTreeClassifier`
    """

    def __init__(
        self,
        max_depth=None,
        min_samples_split=2,
        min_samples_leaf=1,
        min_impurity_decrease=0.0,
        max_leaf_nodes=None,
        max_features=None,
        splitter="best",
        allow_zero_gain=True,
        ccp_alpha=0.0,
        categorical=(),
        missing="error",
        random_state=None,
    ):
        self.max_depth, self.min_samples_split, self.min_samples_leaf = max_depth, min_samples_split, min_samples_leaf
        self.min_impurity_decrease, self.max_leaf_nodes = min_impurity_decrease, max_leaf_nodes
        self.max_features, self.splitter, self.allow_zero_gain = max_features, splitter, allow_zero_gain
        self.ccp_alpha, self.categorical = ccp_alpha, categorical
        self.missing, self.random_state = missing, random_state

    def _criterion(self, y):
        return Squares(check_y(y))


# One question


def best_split(X, y, criterion="gini", min_samples_leaf=1, sample_weight=None, features=None):
    """The question that saves most, by one sweep over each sorted feature (`alg-tree-sweep`).

    Parameters
    ----------
    X : (N, d)
    y : (N,), labels, or numbers for "squares"
    criterion : "gini", "entropy", "error" or "squares"
    min_samples_leaf : samples that each side must hold
    sample_weight : (N,), or None
    features : the columns to look at, or None for all

    Returns
    -------
    feature, threshold, and the drop of impurity; (None, nan, 0.0) if nothing can be asked

    Raises
    ------
    ValueError
        as the estimators
    """
    X = check_X(X)
    columns = np.arange(X.shape[1]) if features is None else np.asarray(features)
    rules = {"max_depth": 1, "min_samples_leaf": min_samples_leaf}
    model = DecisionTreeRegressor(**rules) if criterion == "squares" else DecisionTreeClassifier(criterion, **rules)
    t = model.fit(X[:, columns], y, sample_weight).tree_
    if len(t.feature) == 1:
        return None, np.nan, 0.0
    gain = t.impurity[0] - t.weight[1:] @ t.impurity[1:] / t.weight[0]
    return int(columns[t.feature[0]]), float(t.threshold[0]), max(float(gain), 0.0)


# Pruning


def _risks(tree, risk):
    if risk not in ("impurity", "error") or (risk == "error" and tree.value.ndim == 1):
        raise ValueError(f"risk must be 'impurity' or, for shares of classes, 'error': got {risk!r}")
    each = tree.impurity if risk == "impurity" else 1 - tree.value.max(axis=1)
    return tree.weight * each / tree.weight[0]


def effective_alpha(tree, risk="impurity"):
    """The price of a leaf from which on each node is one: what weakest-link pruning yields (`thm-tree-ccp`).

    Parameters
    ----------
    tree : Tree
    risk : "impurity", or "error" for the share of samples outside their leaf's commonest class

    Returns
    -------
    array (m,); 0 for what is a leaf already. A child's price is at most its parent's

    Raises
    ------
    ValueError
        for another risk
    """
    R, m = _risks(tree, risk), len(tree.feature)
    asked = np.flatnonzero(tree.feature >= 0)
    parent, branch, leaves = np.full(m, -1), R.copy(), np.ones(m)
    for t in asked[::-1]:
        children = [tree.left[t], tree.right[t]]
        parent[children], branch[t], leaves[t] = t, branch[children].sum(), leaves[children].sum()
    price, alive, alpha = np.zeros(m), tree.feature >= 0, 0.0
    while asked.size:
        g = (R[asked] - branch[asked]) / (leaves[asked] - 1)
        close = 1e-10 * alpha + 1e-14 * R[0]  # what rounding may do to equal prices
        alpha = alpha if g.min() <= alpha + close else g.min()
        for t in asked[g <= alpha * (1 + 1e-10) + 1e-14 * R[0]]:  # parents first
            if not alive[t]:
                continue
            below, up, saved, fewer = [t], parent[t], R[t] - branch[t], leaves[t] - 1
            while below:
                s = below.pop()
                if alive[s]:
                    alive[s], price[s] = False, alpha
                    below += [tree.left[s], tree.right[s]]
            while up >= 0:
                branch[up], leaves[up], up = branch[up] + saved, leaves[up] - fewer, parent[up]
        asked = asked[alive[asked]]
    return price


def cost_complexity_path(tree, risk="impurity"):
    """All the trees that are smallest minimisers of R + α · leaves for some α ≥ 0 (`thm-tree-ccp`).

    Parameters
    ----------
    tree, risk : as in `effective_alpha`

    Returns
    -------
    alphas, from 0 on, at which the smaller trees begin; their risks R; their numbers of leaves

    Raises
    ------
    ValueError
        as `effective_alpha`
    """
    R, price = _risks(tree, risk), effective_alpha(tree, risk)
    parent = np.full(len(R), np.inf)  # the parents' prices
    for side in (tree.left, tree.right):
        parent[side[tree.feature >= 0]] = price[tree.feature >= 0]
    alphas = np.unique(np.r_[0.0, price])
    kept = [(price <= alpha) & (parent > alpha) for alpha in alphas]
    return alphas, np.array([R[leaf].sum() for leaf in kept]), np.array([leaf.sum() for leaf in kept])


def prune(tree, alpha, risk="impurity"):
    """The smallest tree that minimises R + α · leaves among the prunings of a tree (`thm-tree-ccp`).

    Parameters
    ----------
    tree, risk : as in `effective_alpha`
    alpha : the price of a leaf, at least 0

    Returns
    -------
    Tree

    Raises
    ------
    ValueError
        as `effective_alpha`
    """
    alpha = check_number(alpha, "alpha", low=0)
    asks = (tree.feature >= 0) & (effective_alpha(tree, risk) > alpha)
    kept = np.zeros(len(asks), dtype=bool)
    kept[0] = True
    kept[tree.left[asks]] = kept[tree.right[asks]] = True
    new = np.cumsum(kept) - 1
    asks = asks[kept]
    link = [np.where(asks, new[side[kept]], -1) for side in (tree.left, tree.right)]
    rest = (a if a is None else a[kept] for a in (tree.value, tree.n, tree.weight, tree.impurity, tree.subset))
    threshold = np.where(asks, tree.threshold[kept], np.nan)
    return Tree(np.where(asks, tree.feature[kept], -1), threshold, *link, *rest)


# Importance, capacity


def permutation_importance(model, X, y, score=None, n_repeats=5, random_state=0):
    """How far a fitted model's score falls when one column is shuffled (`sec-tree-real`).

    Parameters
    ----------
    model : fitted, with `predict`
    X, y : (N, d) and (N,), best of samples that were not fitted
    score : function (y, prediction) → number, large if good; by default the share of hits of a model with `classes_`,
        else minus the mean squared error
    n_repeats : how often each column is shuffled
    random_state : seed or Generator

    Returns
    -------
    array (d, n_repeats)

    Raises
    ------
    ValueError
        for numbers of samples that differ
    """
    X, y, rng = np.array(X, dtype=float), np.asarray(y), check_rng(random_state, "random_state")
    n_repeats = check_number(n_repeats, "n_repeats", low=1, integer=True)
    if X.ndim != 2 or len(X) != len(y):
        raise ValueError(f"X and y must have as many rows: got shapes {X.shape} and {y.shape}")
    if score is None:
        hits = hasattr(model, "classes_")
        score = (lambda a, b: np.mean(a == b)) if hits else (lambda a, b: -np.mean((a - b) ** 2))
    whole, drops = score(y, model.predict(X)), np.empty((X.shape[1], n_repeats))
    for j in range(X.shape[1]):
        for r in range(n_repeats):
            shuffled = X.copy()
            shuffled[:, j] = rng.permutation(X[:, j])
            drops[j, r] = whole - score(y, model.predict(shuffled))
    return drops


def stump_vc_dimension(d):
    """The VC dimension of one question about d features: the largest m with C(m, ⌊m/2⌋) ≤ 2d (`eq-tree-stumps`).

    Parameters
    ----------
    d : int ≥ 1

    Returns
    -------
    int

    Raises
    ------
    ValueError
        for d < 1
    """
    d, m = check_number(d, "d", low=1, integer=True), 1
    while math.comb(m + 1, (m + 1) // 2) <= 2 * d:
        m += 1
    return m
