"""Chapter 10: between naive Bayes and the full table: one parent for each feature, then any graph without a cycle.

A graph is a tuple of tuples, `parents[i]` those of node i. Data are codes 0, 1, …, one column for each node;
information is in nats. Weights, scores and probabilities that differ by rounding count as equal: the first is taken.
"""

import itertools
import math

import numpy as np
from scipy.sparse import csr_array
from scipy.special import gammaln, xlogy

from .estimator import Classifier
from .linear_algebra import logsumexp
from .naive_bayes import CategoricalNB
from .validation import check_fitted, check_number, check_rng, check_symmetric, check_X, shown

__all__ = [
    "AODE",
    "SPODE",
    "TAN",
    "BayesianNetwork",
    "bdeu_score",
    "bic_score",
    "conditional_mutual_information",
    "count_dags",
    "cpdag",
    "d_separated",
    "discretize",
    "enumerate_dags",
    "exact_dag",
    "hill_climb",
    "k2_score",
    "log_likelihood_terms",
    "markov_blanket",
    "maximum_spanning_tree",
    "moral_graph",
    "orient",
    "quantile_edges",
]

_CLOSE = 1e-12  # relative to the largest: what differs by less is equal on paper


def _first_largest(values):
    """The first index whose value is the largest but for rounding."""
    values = np.asarray(values, dtype=float)
    return int(np.argmax(values >= values.max() - _CLOSE * np.abs(values).max()))


# Which pairs of features depend on each other, given the class


def _onehot(columns, M):
    N, d = columns.shape
    return csr_array((np.ones(N * d), columns.ravel(), np.arange(0, N * d + 1, d)), shape=(N, M))


def _pair_counts(X, y, sizes, K):
    """n(y=k, x_i=u, x_j=v) for all pairs: (K, M, M), M = ΣS_j; one sparse product for each class, O(Nd²) in all."""
    starts = np.cumsum(np.r_[0, sizes[:-1]])
    onehot = _onehot(X + starts, sizes.sum())
    return np.array([(onehot[y == k].T @ onehot[y == k]).toarray() for k in range(K)]), starts


def _cmi(counts, starts):
    """Î(X_i; X_j | Y), (d, d), from the counts of pairs (`def-bn-cmi`); exactly 0 where the counts are independent."""
    total, N = 0, 0
    for table in counts:
        margin = table.diagonal()
        n = margin[: (*starts, len(margin))[1]].sum()
        terms = xlogy(table, table * n / np.where(table > 0, np.outer(margin, margin), 1))
        total = total + np.add.reduceat(np.add.reduceat(terms, starts, axis=0), starts, axis=1)
        N += n
    cmi = np.maximum((total + total.T) / (2 * N), 0)
    np.fill_diagonal(cmi, 0)
    return cmi


def conditional_mutual_information(X, y, n_categories=None):
    """Î(X_i; X_j | Y) for all pairs of features, the weights of the tree (`def-bn-cmi`; Friedman et al., 1997).

    Parameters
    ----------
    X : array (N, d) of codes 0, 1, …
    y : array (N,) of labels; a constant gives the plain mutual information
    n_categories : S_j, one integer or one for each feature; None takes 1 + the largest code

    Returns
    -------
    array (d, d)
        symmetric, in nats, with a diagonal of zeros

    Raises
    ------
    ValueError
        for codes that are no integers from 0 to S_j − 1, and for shapes that do not match
    """
    model = CategoricalNB(1.0, n_categories).fit(X, y)
    codes = np.searchsorted(model.classes_, np.asarray(y))
    return _cmi(*_pair_counts(model._input(X), codes, model.n_categories_, len(model.classes_)))


def maximum_spanning_tree(W):
    """The tree of largest total weight, by Prim's algorithm in O(d²) (`alg-bn-prim`; Prim, 1957).

    Among edges of equal weight the one with the lower pair of indices goes first, as if its weight were a little more.

    Parameters
    ----------
    W : symmetric array (d, d)

    Returns
    -------
    list of d − 1 pairs (i, j), i < j, in the order in which they were taken

    Raises
    ------
    ValueError
        unless W is finite, square and symmetric
    """
    W = check_symmetric(W, "W")
    d = len(W)
    i, j = np.triu_indices(d, 1)
    order = np.argsort(W[i, j])
    weights = W[i, j][order]
    jumps = np.diff(weights, prepend=weights[:1]) > _CLOSE * np.abs(W).max()
    key = np.empty(len(i), dtype=np.int64)  # equal weights: one rank; then the pair, so that no two keys are equal
    key[order] = np.cumsum(jumps)
    key = key * (d * d) - (i * d + j)
    rank = np.full((d, d), np.iinfo(np.int64).min)
    rank[i, j] = rank[j, i] = key
    edges, best, nearest, outside = [], rank[0].copy(), np.zeros(d, dtype=int), np.arange(d) > 0
    for _ in range(d - 1):
        new = np.flatnonzero(outside)[best[outside].argmax()]
        edges.append((int(min(new, nearest[new])), int(max(new, nearest[new]))))
        outside[new] = False
        nearer = rank[new] > best
        best, nearest = np.where(nearer, rank[new], best), np.where(nearer, new, nearest)
    return edges


def orient(edges, root, d=None):
    """Point every edge of a tree away from its root.

    Parameters
    ----------
    edges : d − 1 pairs that make a tree
    root : int
    d : the number of nodes; None takes one more than there are edges

    Returns
    -------
    integer array (d,)
        the parent of each node, −1 for the root

    Raises
    ------
    ValueError
        unless the edges make a tree on the nodes 0 … d − 1, and the root is among them
    """
    d = len(edges) + 1 if d is None else d
    root = check_number(root, "root", low=0, high=d - 1, integer=True)
    parents, found = np.full(d, -1), [root]
    for node in found:
        for edge in edges:
            if node in edge:
                other = edge[0] if edge[1] == node else edge[1]
                if other != parents[node]:
                    if other in found or not 0 <= other < d:
                        raise ValueError(f"edges must make a tree on {d} nodes: got {shown(list(edges))}")
                    parents[other] = node
                    found.append(other)
    if len(found) != d or len(edges) != d - 1:
        raise ValueError(f"edges must make a tree on {d} nodes: got {shown(list(edges))}")
    return parents


# Classifiers in which a feature may listen to one other


def _log_rows(counts, alpha):
    """log of (n + α)/(row sum + αS) along the last axis; −∞ in rows without data where α = 0."""
    total = counts.sum(axis=-1, keepdims=True) + alpha * counts.shape[-1]
    with np.errstate(divide="ignore"):
        return np.log(np.where(total > 0, (counts + alpha) / np.where(total > 0, total, 1), 0))


class _OneDependence(Classifier):
    def fit(self, X, y):
        """Count all pairs of features in each class, once through the data.

        Parameters
        ----------
        X : array (N, d) of codes 0, 1, …
        y : array (N,) of labels of any kind

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for NaN, codes out of range, and shapes that do not match
        """
        self._naive = naive = CategoricalNB(self.alpha, self.n_categories).fit(X, y)
        self.classes_, self.class_log_prior_ = naive.classes_, naive.class_log_prior_
        self.n_categories_, self.n_features_in_ = naive.n_categories_, naive.n_features_in_
        codes = np.searchsorted(self.classes_, np.asarray(y))
        counts, self._starts = _pair_counts(naive._input(X), codes, self.n_categories_, len(self.classes_))
        self._mi = np.array([_information(table) for table in naive.category_count_])
        self._tables(counts, check_number(self.alpha, "alpha", low=0))
        return self

    def _block(self, j):
        return slice(self._starts[j], self._starts[j] + self.n_categories_[j])

    def _chosen(self, value, name, best):
        """The feature that a parameter names: an index, or a word for the best."""
        if isinstance(value, str):
            if value not in best:
                raise ValueError(f"{name} must be an index or one of {', '.join(best)}: got {value!r}")
            return best[value]()
        return check_number(value, name, low=0, high=self.n_features_in_ - 1, integer=True)

    def _coded(self, X):
        check_fitted(self, "classes_")
        X = check_X(X, n_features=self.n_features_in_)
        return self._naive._seen(self._naive._input(X))

    def predict_log_proba(self, X):
        """log P(k | x), (N, K). ValueError for a sample that has probability zero in every class."""
        joint = self.predict_joint_log_proba(X)
        total = logsumexp(joint)
        if np.isneginf(total).any():
            raise ValueError(f"sample {np.argmin(total)} has probability zero in every class: raise alpha to judge it")
        return joint - total[:, None]

    def predict_proba(self, X):
        """P(k | x), (N, K). ValueError for a sample that has probability zero in every class."""
        return np.exp(self.predict_log_proba(X))

    def predict(self, X):
        """The most probable class, the first of equals.

        Parameters
        ----------
        X : array (N, d) of codes

        Returns
        -------
        array (N,) of labels

        Raises
        ------
        ValueError
            for codes out of range, and for a sample that has probability zero in every class
        """
        logs = self.predict_log_proba(X)
        return self.classes_[(logs >= logs.max(axis=1, keepdims=True) - 1e-11).argmax(axis=1)]


def _information(table):
    """Mutual information of a table of counts (K, S), in nats; exactly zero for independent counts."""
    product, N = np.outer(table.sum(axis=1), table.sum(axis=0)), table.sum()
    return float(max(xlogy(table, table * N / np.where(table > 0, product, 1)).sum() / N, 0.0))


class _Tree(_OneDependence):
    """P(k) ∏_j P(x_j | k, x_parent(j)); a feature whose parent is −1 listens to the class alone."""

    def _tables(self, counts, alpha):
        self.cmi_ = _cmi(counts, self._starts)
        self.parents_ = self._structure()
        self.feature_log_prob_ = []
        for j, parent in enumerate(self.parents_):
            table = counts[:, self._block(parent if parent >= 0 else j), self._block(j)]
            if parent < 0:
                table = np.diagonal(table, axis1=1, axis2=2)
            self.feature_log_prob_.append(_log_rows(table, alpha))

    def predict_joint_log_proba(self, X):
        """log P(k, x), (N, K), in the order of classes_: d look-ups for each class (`def-bn-tan`)."""
        X = self._coded(X)
        logs = np.tile(self.class_log_prior_, (len(X), 1))
        for j, (parent, table) in enumerate(zip(self.parents_, self.feature_log_prob_, strict=True)):
            logs += (table[:, X[:, j]] if parent < 0 else table[:, X[:, parent], X[:, j]]).T
        return logs


class SPODE(_Tree):
    """All features listen to the class and to one of them, the super-parent (`def-bn-spode`; Webb et al., 2005).

    After `fit`: parents_, −1 for the super-parent; feature_log_prob_[j], (K, S_p, S_j), or (K, S_p) for itself;
    cmi_, classes_, class_log_prior_ (shares, unsmoothed), n_categories_.

    Parameters
    ----------
    alpha : α ≥ 0 added to every count
    super_parent : "ml" (the likelihood's choice, `eq-bn-spode-ml`), "mi" (the feature that tells most of the class), or
        an index
    n_categories : S_j, one integer or one for each feature; None takes 1 + the largest code
    """

    def __init__(self, alpha=1.0, super_parent="ml", n_categories=None):
        self.alpha, self.super_parent, self.n_categories = alpha, super_parent, n_categories

    def _structure(self):
        best = {"ml": lambda: _first_largest(self.cmi_.sum(axis=0)), "mi": lambda: _first_largest(self._mi)}
        p = self._chosen(self.super_parent, "super_parent", best)
        return np.where(np.arange(self.n_features_in_) == p, -1, p)


class TAN(_Tree):
    """Tree-augmented naive Bayes: the best tree over the features (`eq-bn-tan`; Friedman et al., 1997).

    After `fit`: parents_, −1 for the root; feature_log_prob_[j], (K, S_parent, S_j), or (K, S_j) for the root; cmi_,
    classes_, class_log_prior_ (shares, unsmoothed), n_categories_.

    Parameters
    ----------
    alpha : α ≥ 0 added to every count; with α > 0 the fitted law depends a little on the root
    root : "mi" (the feature that tells most of the class) or an index
    n_categories : S_j, one integer or one for each feature; None takes 1 + the largest code
    """

    def __init__(self, alpha=1.0, root="mi", n_categories=None):
        self.alpha, self.root, self.n_categories = alpha, root, n_categories

    def _structure(self):
        root = self._chosen(self.root, "root", {"mi": lambda: _first_largest(self._mi)})
        return orient(maximum_spanning_tree(self.cmi_), root)


class AODE(_OneDependence):
    """The average over all super-parents that the data know well enough (`def-bn-aode`; Webb et al., 2005).

    After `fit`: classes_, class_log_prior_, n_categories_, and value_count_, the N(x_i = u) of all values.

    Parameters
    ----------
    alpha : α ≥ 0 added to every count
    min_count : x_i is a super-parent for a sample if at least so many training samples have its value; where no feature
        qualifies, naive Bayes answers
    n_categories : S_j, one integer or one for each feature; None takes 1 + the largest code
    """

    def __init__(self, alpha=1.0, min_count=30, n_categories=None):
        self.alpha, self.min_count, self.n_categories = alpha, min_count, n_categories

    def _tables(self, counts, alpha):
        check_number(self.min_count, "min_count", low=0)
        K, size = len(counts), np.repeat(self.n_categories_, self.n_categories_)
        own, N = np.diagonal(counts, axis1=1, axis2=2), self._naive.class_count_.sum()
        with np.errstate(divide="ignore"):
            self._pair = np.log((own + alpha) / (N + alpha * K * size))
        self._rows = np.zeros_like(counts)  # log P(x_j = v | k, x_i = u), and 0 within a feature
        for j in range(self.n_features_in_):
            mine = self._block(j)
            self._rows[:, :, mine] = _log_rows(counts[:, :, mine], alpha)
            self._rows[:, mine, mine] = 0
        self.value_count_ = own.sum(axis=0)

    def predict_joint_log_proba(self, X):
        """log of the averaged P(k, x), (N, K), in the order of classes_ (`def-bn-aode`)."""
        X = self._coded(X)
        columns, onehot = X + self._starts, _onehot(X + self._starts, len(self.value_count_))
        known = self.value_count_[columns] >= self.min_count
        logs = np.empty((len(X), len(self.classes_)))
        for k, (pair, rows) in enumerate(zip(self._pair, self._rows, strict=True)):
            each = np.take_along_axis(onehot @ rows.T, columns, axis=1) + pair[columns]
            logs[:, k] = logsumexp(np.where(known, each, -np.inf)) - np.log(np.maximum(known.sum(axis=1), 1))
        nobody = ~known.any(axis=1)
        if nobody.any():
            logs[nobody] = self._naive.predict_joint_log_proba(X[nobody])
        return logs


def quantile_edges(X, n_bins=5):
    """Edges that cut each real feature into bins of like size: the values of rank ⌈N b/B⌉, b = 1 … B − 1.

    No interpolation, hence no rounding: a change of units changes no code. Equal edges count once. Raises ValueError
    for NaN, infinity, and fewer than one bin.

    Parameters
    ----------
    X : array (N, d)
    n_bins : B

    Returns
    -------
    list of d arrays
    """
    X, B = np.sort(check_X(X), axis=0), check_number(n_bins, "n_bins", low=1, integer=True)
    ranks = np.array([-(-len(X) * b // B) for b in range(1, B)], dtype=int)
    return [np.unique(column[ranks - 1]) for column in X.T]


def discretize(X, edges):
    """Codes for real features: how many edges lie below a value. ValueError for NaN, infinity, and another d.

    Parameters
    ----------
    X : array (N, d)
    edges : list of d increasing arrays, as from `quantile_edges`

    Returns
    -------
    integer array (N, d)
        feature j has len(edges[j]) + 1 values
    """
    X = check_X(X, n_features=len(edges))
    return np.column_stack([np.searchsorted(cuts, x) for cuts, x in zip(edges, X.T, strict=True)])


# Graphs


def _graph(parents):
    """The parents as tuples of integers, and an order in which parents come first."""
    try:
        parents = tuple(tuple(int(p) for p in of) for of in parents)
    except TypeError:
        raise ValueError(f"parents must be a tuple of integers for each node: got {shown(parents)}") from None
    n = len(parents)
    for i, of in enumerate(parents):
        if len(set(of)) < len(of) or not all(0 <= p < n for p in of):
            raise ValueError(f"parents of node {i} must be different nodes among 0 … {n - 1}: got {shown(of)}")
    if (order := _topological(parents)) is None:
        raise ValueError("graph contains a cycle")
    return parents, order


def _topological(parents):
    """The nodes in an order in which parents come first; None if there is a cycle."""
    missing, children = [len(of) for of in parents], [[] for _ in parents]
    for i, of in enumerate(parents):
        for p in of:
            children[p].append(i)
    order = [i for i, count in enumerate(missing) if count == 0]
    for p in order:
        for i in children[p]:
            missing[i] -= 1
            if missing[i] == 0:
                order.append(i)
    return order if len(order) == len(parents) else None


def _nodes(nodes, name, n):
    nodes = {nodes} if isinstance(nodes, (int, np.integer)) else set(nodes)
    if not all(0 <= i < n for i in nodes):
        raise ValueError(f"{name} must be among the nodes 0 … {n - 1}: got {shown(sorted(nodes))}")
    return {int(i) for i in nodes}


def moral_graph(parents, nodes=None):
    """Marry the parents of each node and forget the arrows (Lauritzen and Spiegelhalter, 1988). ValueError for a cycle.

    Parameters
    ----------
    parents : tuple of tuples, a graph without a cycle
    nodes : the nodes that stay, a set that holds their parents too; None keeps all

    Returns
    -------
    list of sets
        the neighbours of each node
    """
    parents, _ = _graph(parents)
    near = [set() for _ in parents]
    for i in range(len(parents)) if nodes is None else nodes:
        for a, b in itertools.combinations((i, *parents[i]), 2):
            near[a].add(b)
            near[b].add(a)
    return near


def d_separated(parents, a, b, z=()):
    """Whether z blocks every path from a to b, by the moral graph of all their ancestors (`eq-bn-dsep`; Pearl, 1988).

    Parameters
    ----------
    parents : tuple of tuples, a graph without a cycle
    a, b, z : nodes or sets of nodes, no node in two of them

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        for a cycle, for what is no node, and for sets that overlap
    """
    parents, _ = _graph(parents)
    a, b, z = (_nodes(part, name, len(parents)) for part, name in ((a, "a"), (b, "b"), (z, "z")))
    if a & b or a & z or b & z:
        raise ValueError(f"a, b and z must not share a node: got {sorted(a)}, {sorted(b)} and {sorted(z)}")
    near = moral_graph(parents, _reach(a | b | z, lambda i: parents[i]))
    return b.isdisjoint(_reach(a, lambda i: near[i] - z))


def _reach(start, onward):
    """All nodes to which steps i → onward(i) lead from the set `start`."""
    found, waiting = set(start), list(start)
    while waiting:
        new = set(onward(waiting.pop())) - found
        found |= new
        waiting += new
    return found


def markov_blanket(parents, i):
    """Parents, children and the children's other parents of node i (`eq-bn-blanket`; Pearl, 1988).

    Parameters
    ----------
    parents : tuple of tuples, a graph without a cycle
    i : int

    Returns
    -------
    sorted tuple of nodes

    Raises
    ------
    ValueError
        for a cycle, and for what is no node
    """
    parents, _ = _graph(parents)
    [i] = _nodes(i, "i", len(parents))
    return tuple(sorted(moral_graph(parents)[i]))


def cpdag(parents):
    """What all graphs of an equivalence class share (`thm-bn-equivalent`; Verma and Pearl, 1990; Meek, 1995).

    Two graphs entail the same independences if and only if this function returns the same for both. ValueError for a
    cycle.

    Parameters
    ----------
    parents : tuple of tuples, a graph without a cycle

    Returns
    -------
    frozenset of pairs
        (a, b) for an arrow a → b that all of them have; both (a, b) and (b, a) for an edge that points either way
    """
    parents, _ = _graph(parents)
    edges = {(p, i) for i, of in enumerate(parents) for p in of}
    linked = edges | {edge[::-1] for edge in edges}
    pairs = [(i, a, b) for i, of in enumerate(parents) for a, b in itertools.combinations(of, 2)]
    arrows = {(p, i) for i, a, b in pairs if (a, b) not in linked for p in (a, b)}

    def forced(a, b):
        """Whether b → a would make a new collider or a cycle, now or after other edges (Meek's rules 1, 2 and 3)."""
        into = [c for c in range(len(parents)) if (c, b) in arrows]
        collider = any(c != b and (c, a) in arrows and (c, b) not in linked for c in range(len(parents)))
        kites = itertools.combinations([c for c in into if (c, a) in linked and not {(a, c), (c, a)} & arrows], 2)
        return collider or any((a, c) in arrows for c in into) or any(pair not in linked for pair in kites)

    while new := next((e for e in sorted(linked) if not {e, e[::-1]} & arrows and forced(*e)), None):
        arrows.add(new)
    return frozenset(arrows | {edge for edge in linked if edge[::-1] not in arrows})


def enumerate_dags(n):
    """All graphs without a cycle on n labelled nodes, as tuples of parents. ValueError unless n is from 1 to 5.

    Parameters
    ----------
    n : int

    Returns
    -------
    list
    """
    n = check_number(n, "n", low=1, high=5, integer=True)

    def ways(i):
        others = [j for j in range(n) if j != i]
        return [of for size in range(n) for of in itertools.combinations(others, size)]

    return [parents for parents in itertools.product(*map(ways, range(n))) if _topological(parents)]


def count_dags(n):
    """How many graphs without a cycle n labelled nodes have, exactly (`eq-bn-dagcount`; Robinson, 1973).

    Parameters
    ----------
    n : int ≥ 0, else ValueError

    Returns
    -------
    int
    """
    counts = [1]
    for m in range(1, check_number(n, "n", low=0, integer=True) + 1):
        terms = (math.comb(m, k) * 2 ** (k * (m - k)) * counts[m - k] for k in range(1, m + 1))
        counts.append(sum(term if k % 2 else -term for k, term in enumerate(terms, 1)))
    return counts[-1]


# Inference


class _Factor:
    """A table of logarithms with one axis for each of its variables."""

    def __init__(self, variables, table):
        self.variables, self.table = tuple(variables), np.asarray(table, dtype=float)

    def __mul__(self, other):
        scope = self.variables + tuple(v for v in other.variables if v not in self.variables)
        return _Factor(scope, self._along(scope) + other._along(scope))

    def _along(self, scope):
        """The table with the axes of `scope` in this order, of length 1 where the variable does not occur."""
        table = self.table.transpose([self.variables.index(v) for v in scope if v in self.variables])
        axes = iter(table.shape)
        return table.reshape([next(axes) if v in self.variables else 1 for v in scope])

    def without(self, v):
        """The sum over v."""
        return _Factor([w for w in self.variables if w != v], logsumexp(self.table, axis=self.variables.index(v)))

    def at(self, evidence):
        """The slice at which the variables in `evidence` have their values."""
        index = tuple(evidence.get(v, slice(None)) for v in self.variables)
        return _Factor([v for v in self.variables if v not in evidence], self.table[index])


def _eliminate(scopes, order):
    """The scopes of the tables made when the variables of `order` go, one by one (`eq-bn-ve`)."""
    scopes, made = [set(scope) for scope in scopes], []
    for v in order:
        new = set().union({v}, *(scope for scope in scopes if v in scope))
        made.append(new)
        scopes = [scope for scope in scopes if v not in scope] + [new - {v}]
    return made


def _min_fill(scopes, going):
    """Take next what ties the fewest new pairs of neighbours; of equals the one with the lowest number."""
    near = {v: set() for scope in scopes for v in scope}
    for scope in scopes:
        for v in scope:
            near[v] |= set(scope) - {v}
    going, order = set(going), []
    while going:
        fill = {v: sum(b not in near[a] for a, b in itertools.combinations(near[v], 2)) for v in going}
        v = min(going, key=lambda v: (fill[v], v))
        for a in near[v]:
            near[a] |= near[v] - {a}
            near[a].discard(v)
        going.discard(v)
        del near[v]
        order.append(v)
    return order


class BayesianNetwork:
    """A graph and, for each node, the law of its value given those of its parents (`def-bn-network`).

    Parameters
    ----------
    parents : tuple of tuples, a graph without a cycle
    cpts : for each node an array, one axis for each of its parents, in their order, and a last one for its own values,
        along which it sums to 1

    Raises
    ------
    ValueError
        for a cycle, shapes that do not fit, and tables that are no laws
    """

    def __init__(self, parents, cpts):
        self.parents, self._order = _graph(parents)
        self.cpts = [np.asarray(table, dtype=float) for table in cpts]
        if len(self.cpts) != len(self.parents):
            raise ValueError(f"cpts must hold a table for each of {len(self.parents)} nodes: got {len(self.cpts)}")
        sizes = [table.shape[-1] if table.ndim else 0 for table in self.cpts]
        for i, (of, table) in enumerate(zip(self.parents, self.cpts, strict=True)):
            expected = (*(sizes[p] for p in of), sizes[i])
            if table.shape != expected or 0 in expected:
                raise ValueError(f"CPT of node {i} must have shape {expected}: got {table.shape}")
            if not (table >= 0).all() or np.abs(table.sum(axis=-1) - 1).max() > 1e-9:
                raise ValueError(f"CPT of node {i} must be non-negative and sum to 1 over its last axis")
        self.n_categories = np.array(sizes)

    @classmethod
    def from_data(cls, parents, X, n_categories=None, alpha=0.0, ess=0.0):
        """Tables (n + a)/(row sum of n + a) with a = alpha + ess/(r q) in each cell (`eq-bn-loglik-decomp`).

        Both 0 are maximum likelihood; a row without data is then uniform, for nothing is ever read from it.

        Parameters
        ----------
        parents : tuple of tuples, a graph without a cycle
        X : array (N, n) of codes 0, 1, …
        n_categories : r, one integer or one for each node; None takes 1 + the largest code
        alpha, ess : numbers ≥ 0
        """
        parents, _ = _graph(parents)
        X, sizes = _coded(X, n_categories, len(parents))
        alpha, ess = check_number(alpha, "alpha", low=0), check_number(ess, "ess", low=0)
        tables = []
        for i, of in enumerate(parents):
            counts = _family_counts(X, sizes, i, of)
            counts = counts + (alpha + ess / counts.size)
            total = counts.sum(axis=1, keepdims=True)
            table = np.where(total > 0, counts / np.where(total > 0, total, 1), 1 / sizes[i])
            tables.append(table.reshape(*sizes[list(of)], sizes[i]))
        return cls(parents, tables)

    def _families(self):
        return zip(range(len(self.parents)), self.parents, self.cpts, strict=True)

    def joint(self):
        """The table of all probabilities, one axis for each node (`eq-bn-factor`): for few nodes only."""
        everyone = range(len(self.parents))
        return math.prod(_Factor((*of, i), table)._along(everyone) for i, of, table in self._families())

    def log_prob(self, X):
        """log P(x), (N,), of rows of codes (N, n). ValueError for codes out of range."""
        X, _ = _coded(X, self.n_categories, len(self.parents))
        with np.errstate(divide="ignore"):
            return sum(np.log(table[(*X[:, of].T, X[:, i])]) for i, of, table in self._families())

    def sample(self, n, seed):
        """Draw n rows, parents before children; ValueError unless n is a positive integer and seed a seed."""
        n, rng = check_number(n, "n", low=1, integer=True), check_rng(seed)
        X = np.zeros((n, len(self.parents)), dtype=int)
        for i in self._order:
            law = np.cumsum(self.cpts[i], axis=-1)[tuple(X[:, self.parents[i]].T)]
            law = np.broadcast_to(law, (n, law.shape[-1]))
            X[:, i] = (rng.random((n, 1)) * law[:, -1:] >= law[:, :-1]).sum(axis=1)
        return X

    def _asked(self, query, evidence):
        query = [int(query)] if isinstance(query, (int, np.integer)) else [int(v) for v in query]
        evidence = {int(v): int(value) for v, value in (evidence or {}).items()}
        asked = [*query, *evidence]
        if len(set(asked)) < len(asked) or not all(0 <= v < len(self.parents) for v in asked):
            raise ValueError(f"query and evidence must name different nodes: got {query} and {list(evidence)}")
        for v, value in evidence.items():
            if not 0 <= value < self.n_categories[v]:
                raise ValueError(
                    f"evidence on node {v} must be a value from 0 to {self.n_categories[v] - 1}: got {value}"
                )
        return query, evidence

    def _ordered(self, order, scopes, gone):
        going = sorted(set(range(len(self.parents))) - set(gone))
        if isinstance(order, str):
            if order != "min-fill":
                raise ValueError(f"order must be 'min-fill' or a list of nodes: got {order!r}")
            return _min_fill(scopes, going)
        if sorted(order) != going:
            raise ValueError(f"order must name each of the nodes {going} once: got {shown(list(order))}")
        return list(order)

    def query(self, query, evidence=None, order="min-fill"):
        """P(query | evidence) by variable elimination (`alg-bn-ve`; Zhang and Poole, 1994).

        Tables hold logarithms, so that nothing underflows, however much is observed.

        Parameters
        ----------
        query : a node, or several
        evidence : dict {node: value}
        order : the other nodes in the order in which they go; "min-fill" picks one

        Returns
        -------
        array, one axis for each node of the query

        Raises
        ------
        ValueError
            for evidence of probability zero, and for what is no node, value or order
        """
        query, evidence = self._asked(query, evidence)
        with np.errstate(divide="ignore"):
            factors = [_Factor((*of, i), np.log(table)).at(evidence) for i, of, table in self._families()]
        for v in self._ordered(order, [f.variables for f in factors], [*query, *evidence]):
            product = math.prod((f for f in factors if v in f.variables), start=_Factor((), 0.0))
            factors = [f for f in factors if v not in f.variables] + [product.without(v)]
        answer = math.prod(factors, start=_Factor((), 0.0))
        total = logsumexp(answer.table.ravel())
        if np.isneginf(total):
            raise ValueError("evidence has probability zero")
        return np.exp(answer._along(query) - total)

    def induced_width(self, order="min-fill", evidence=()):
        """One less than the variables of the largest table that elimination in this order makes (`eq-bn-ve`).

        Parameters
        ----------
        order : all nodes without evidence, or "min-fill"
        evidence : the nodes that are observed

        Returns
        -------
        int
        """
        seen = _nodes(evidence, "evidence", len(self.parents))
        scopes = [{i, *of} - seen for i, of in enumerate(self.parents)]
        return max((len(scope) for scope in _eliminate(scopes, self._ordered(order, scopes, seen))), default=1) - 1


# Scores, and the search for a graph


def _coded(X, n_categories, n):
    """The codes as integers, and how many values each column has."""
    X = check_X(X, n_features=n)
    bad = (X < 0) | (np.floor(X) != X) | (X >= 2**31)
    sizes = np.where(bad, 0, X).max(axis=0) + 1 if n_categories is None else np.asarray(n_categories)
    if sizes.shape not in ((), (X.shape[1],)) or (np.floor(sizes) != sizes).any() or sizes.min() < 1:
        raise ValueError(f"n_categories must be a positive integer, or one for each feature: got {shown(n_categories)}")
    sizes = np.array(np.broadcast_to(sizes, X.shape[1:]))
    bad |= sizes <= X
    if bad.any():
        i, j = np.argwhere(bad)[0]
        raise ValueError(f"category {X[i, j]:g} out of range for feature {j}: it has {sizes[j]:g} categories")
    return X.astype(int), sizes.astype(int)


def _family_counts(X, sizes, i, of):
    """N_ijk: a row for each configuration of the parents, a column for each value of node i."""
    shape = [int(size) for size in sizes[[*of, i]]]
    if math.prod(shape) > 2**26:
        raise ValueError(f"node {i} has too many parents: its table would have {math.prod(shape)} cells")
    cells = np.ravel_multi_index(tuple(X[:, [*of, i]].T), shape)
    return np.bincount(cells, minlength=math.prod(shape)).reshape(-1, shape[-1]).astype(float)


def _fit(counts):
    return float(xlogy(counts, counts).sum() - xlogy(counts.sum(axis=1), counts.sum(axis=1)).sum())


def _bayes(counts, a):
    """log of the probability of the data of one node, a pseudo-counts in each cell (`eq-bn-bd`)."""
    row, r = counts.sum(axis=1), counts.shape[1]
    rows = gammaln(r * a) - gammaln(r * a + row)
    return float(rows.sum() + (gammaln(a + counts) - gammaln(a)).sum())


def _family_score(score, ess, N):
    ess = check_number(ess, "ess", low=0, strict=True)
    kinds = {
        "bic": lambda counts: _fit(counts) - np.log(N) / 2 * len(counts) * (counts.shape[1] - 1),
        "bdeu": lambda counts: _bayes(counts, ess / counts.size),
        "k2": lambda counts: _bayes(counts, 1.0),
    }
    if score not in kinds:
        raise ValueError(f"score must be one of {', '.join(kinds)}: got {shown(score)}")
    return kinds[score]


def _score(X, parents, score, n_categories, ess=1.0):
    parents, _ = _graph(parents)
    X, sizes = _coded(X, n_categories, len(parents))
    family = _family_score(score, ess, len(X))
    return sum(family(_family_counts(X, sizes, i, of)) for i, of in enumerate(parents))


def log_likelihood_terms(X, parents, n_categories=None):
    """What each node is paid for its parents, and what it costs alone: N Î(X_i; pa(i)) and N Ĥ(X_i).

    The largest log-likelihood that tables can give is the sum of the first less the sum of the second
    (`eq-bn-loglik-decomp`).

    Parameters
    ----------
    X : array (N, n) of codes 0, 1, …
    parents : tuple of tuples, a graph without a cycle
    n_categories : one integer or one for each node; None takes 1 + the largest code

    Returns
    -------
    arrays (n,) and (n,), in nats

    Raises
    ------
    ValueError
        for a cycle, and for codes out of range
    """
    parents, _ = _graph(parents)
    X, sizes = _coded(X, n_categories, len(parents))
    families = [_family_counts(X, sizes, i, of) for i, of in enumerate(parents)]
    alone = np.array([-_fit(counts.sum(axis=0, keepdims=True)) for counts in families])
    return len(X) * np.array([_information(counts) for counts in families]), alone


def bic_score(X, parents, n_categories=None):
    """Log-likelihood less ½ log N for each free number (`def-bn-bic`; Schwarz, 1978); larger is better.

    Parameters
    ----------
    X, parents, n_categories : as for `log_likelihood_terms`, and with the same errors

    Returns
    -------
    float
    """
    return _score(X, parents, "bic", n_categories)


def bdeu_score(X, parents, ess=1.0, n_categories=None):
    """log P(data | graph) with ess/(r q) pseudo-counts in each cell (`eq-bn-bd`; Heckerman et al., 1995).

    Parameters
    ----------
    X, parents, n_categories : as for `log_likelihood_terms`, and with the same errors
    ess : positive number, the pseudo-counts of a node's table all together

    Returns
    -------
    float
    """
    return _score(X, parents, "bdeu", n_categories, ess)


def k2_score(X, parents, n_categories=None):
    """log P(data | graph) with one pseudo-count in each cell (`eq-bn-bd`; Cooper and Herskovits, 1992).

    Parameters
    ----------
    X, parents, n_categories : as for `log_likelihood_terms`, and with the same errors

    Returns
    -------
    float
    """
    return _score(X, parents, "k2", n_categories)


def exact_dag(X, score="bic", ess=1.0, n_categories=None):
    """A graph of largest score, by dynamic programming over sets of nodes (Silander and Myllymäki, 2006).

    Parameters
    ----------
    X : array (N, n) of codes 0, 1, …, n ≤ 10
    score : "bic", "bdeu" or "k2"
    ess : for "bdeu"
    n_categories : one integer or one for each node; None takes 1 + the largest code

    Returns
    -------
    parents, and their score

    Raises
    ------
    ValueError
        for more than ten nodes, another score, and codes out of range
    """
    X, sizes = _coded(X, n_categories, None)
    n, family = X.shape[1], _family_score(score, ess, len(X))
    check_number(n, "the number of columns of X", high=10, integer=True)
    best = [{} for _ in range(n)]  # best[i][mask]: the best parents of i within a set of nodes, and their score
    whole = {0: (0.0, None)}  # and for a set: the best score of a graph on it, and which node comes last
    for mask in range(1 << n):
        inside = [i for i in range(n) if mask >> i & 1]
        for i in set(range(n)) - set(inside):
            ways = [best[i][mask ^ (1 << j)] for j in inside]
            ways.append((family(_family_counts(X, sizes, i, inside)), tuple(inside)))
            best[i][mask] = ways[_first_largest([value for value, _ in ways])]
        if mask:
            values = [whole[mask ^ (1 << i)][0] + best[i][mask ^ (1 << i)][0] for i in inside]
            last = _first_largest(values)
            whole[mask] = values[last], inside[last]
    mask, parents = (1 << n) - 1, [()] * n
    total = whole[mask][0]
    while mask:
        i = whole[mask][1]
        mask ^= 1 << i
        parents[i] = best[i][mask][1]
    return tuple(parents), float(total)


def hill_climb(X, score="bic", ess=1.0, n_categories=None, start=None, max_parents=None):
    """Add, take away or turn round one arrow at a time while the score rises; it ends where no such step helps.

    Parameters
    ----------
    X, score, ess, n_categories : as for `exact_dag`, with any number of columns
    start : the first graph; None takes the one without arrows
    max_parents : no node gets more; None for no bound

    Returns
    -------
    parents, and their score

    Raises
    ------
    ValueError
        for another score, codes out of range, and a start with a cycle or of another size
    """
    X, sizes = _coded(X, n_categories, None)
    n, family, known = X.shape[1], _family_score(score, ess, len(X)), {}
    parents, _ = _graph([()] * n if start is None else start)
    most = n if max_parents is None else check_number(max_parents, "max_parents", low=0, integer=True)
    if len(parents) != n:
        raise ValueError(f"start must have {n} nodes, one for each column of X: got {len(parents)}")

    def worth(i, of):
        if (i, of) not in known:
            known[i, of] = family(_family_counts(X, sizes, i, of))
        return known[i, of]

    def neighbours():
        for a, b in itertools.permutations(range(n), 2):
            without = tuple(p for p in parents[b] if p != a)
            if a in parents[b]:
                yield {b: without}
                yield {b: without, a: tuple(sorted((*parents[a], b)))}
            elif b not in parents[a]:
                yield {b: tuple(sorted((*parents[b], a)))}

    while True:
        gain, change = 0.0, None
        for new in neighbours():
            value = sum(worth(i, of) - worth(i, parents[i]) for i, of in new.items())
            size = max(abs(worth(i, of)) for i, of in new.items())
            if value > gain + _CLOSE * size and all(
                len(of) <= most for i, of in new.items() if len(of) > len(parents[i])
            ):
                candidate = tuple(new.get(i, parents[i]) for i in range(n))
                if _topological(candidate):
                    gain, change = value, candidate
        if change is None:
            return parents, float(sum(worth(i, of) for i, of in enumerate(parents)))
        parents = change
