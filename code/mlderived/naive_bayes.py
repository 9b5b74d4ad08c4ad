"""Chapter 9: naive Bayes by counting, and what its one assumption costs.

All four classifiers score a class by log P(k) + Σ_j log P(x_j | k) and differ in P(x_j | k) alone. Each is fitted in
one pass by statistics that add up, so that `partial_fit` over chunks gives what `fit` gives. Scores stay logarithms, in
nats. P(k) is the share N_k/N, unsmoothed. Of classes with equal scores `predict` takes the first.
"""

import numpy as np
from scipy.sparse import csr_array, issparse
from scipy.special import xlogy

from .estimator import Classifier
from .linear_algebra import logsumexp
from .validation import check_fitted, check_labels, check_number, check_X, check_y, shown, warn

__all__ = [
    "BernoulliNB",
    "CategoricalNB",
    "GaussianNB",
    "MultinomialNB",
    "bayes_risk",
    "conditional_total_correlation",
    "log_odds_contributions",
    "merge_moments",
    "moments",
    "naive_projection",
]


def _check_sparse(X, n_features=None):
    """X, (N, d), as floats: a dense array, or a sparse one in rows."""
    if not issparse(X):
        return check_X(X, n_features=n_features)
    X = csr_array(X, dtype=float)
    X.sum_duplicates()
    check_X(np.zeros((min(len(X.indptr) - 1, 1), X.shape[1])), n_features=n_features)  # its shape
    check_X(np.append(X.data, 0.0)[None])  # its numbers
    return X


def _split_missing(X, n_features):
    """X with zeros for NaN, and which entries are known."""
    X = np.asarray(X)
    known = ~np.isnan(X) if X.dtype.kind == "f" else np.ones(X.shape, dtype=bool)
    return check_X(np.where(known, X, 0), n_features=n_features), known


def _weights(weight, n):
    if weight is None:
        return np.ones(n)
    weight = check_y(weight, "sample_weight")
    if weight.shape != (n,) or weight.min() < 0:
        raise ValueError(f"sample_weight must hold {n} non-negative numbers: got {shown(weight, weight < 0)}")
    return weight


def moments(X, weight=None):
    """How many samples, their mean, and the sum of squared deviations from it, column by column.

    A column whose entries are all equal gives exactly these entries as mean, and exactly zero as sum. Raises ValueError
    for NaN, infinity, negative weights, and weights that are all zero.

    Parameters
    ----------
    X : array (N, d)
    weight : array (N,) of non-negative numbers, or None for ones

    Returns
    -------
    float, array (d,) and array (d,)
    """
    X = check_X(X)
    weight = _weights(weight, len(X))
    X, weight = X[weight > 0], weight[weight > 0]
    if not len(weight):
        raise ValueError("sample_weight must hold a positive number: got only zeros")
    share = weight / weight.sum()
    mean = share @ X
    rest = X - mean
    slip = share @ rest
    constant = np.ptp(X, axis=0) == 0
    squares = weight @ (rest - slip) ** 2
    return float(weight.sum()), np.where(constant, X[0], mean + slip), np.where(constant, 0.0, squares)


def merge_moments(a, b):
    """The moments of two samples put together (`eq-nb-merge`; Chan, Golub and LeVeque, 1983).

    Parameters
    ----------
    a, b : triples (n, mean, M) as from `moments`; either may have n = 0

    Returns
    -------
    such a triple
    """
    (n_a, mean_a, M_a), (n_b, mean_b, M_b) = a, b
    if n_a == 0 or n_b == 0:
        return b if n_a == 0 else a
    n, gap = n_a + n_b, mean_b - mean_a
    return n, mean_a + gap * (n_b / n), M_a + M_b + gap**2 * (n_a * n_b / n)


# What the four classifiers share


class _NaiveBayes(Classifier):
    def fit(self, X, y, sample_weight=None):
        """Count once through the data. Raises ValueError for NaN, infinity, and shapes that do not match.

        Parameters
        ----------
        X : array (N, d)
        y : array (N,) of labels of any kind
        sample_weight : array (N,), non-negative, or None: a sample of weight 2 counts as two

        Returns
        -------
        the estimator
        """
        X = self._input(X)
        y, weight = check_labels(y, X.shape[0]), _weights(sample_weight, X.shape[0])
        self._start(X, y)
        self._take(X, y, weight)
        self._complete()
        return self

    def partial_fit(self, X, y, classes=None, sample_weight=None):
        """Count on: after any chunks the model is the one that `fit` makes of them together. Raises as `fit`.

        Parameters
        ----------
        X, y, sample_weight : as in `fit`
        classes : all labels that will come, in the first call; None later, or the same

        Returns
        -------
        the estimator
        """
        first = not hasattr(self, "classes_")
        X = self._input(X, None if first else self.n_features_in_)
        if first and classes is None:
            raise ValueError("classes must name all labels in the first call of partial_fit: got None")
        known = np.unique(classes) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError(f"classes must be those of the first call, {shown(known)}: got {shown(classes)}")
        y, weight = check_labels(y, X.shape[0]), _weights(sample_weight, X.shape[0])
        new = np.setdiff1d(y, known)
        if len(new):
            raise ValueError(f"y must hold labels among {shown(known)}: got {shown(new)}")
        if first:
            self._start(X, known)
        self._take(X, y, weight)
        return self

    def _start(self, X, y):
        self.classes_, self.n_features_in_ = np.unique(y), X.shape[1]
        self.class_count_ = np.zeros(len(self.classes_))
        self._empty()

    def _take(self, X, y, weight):
        code = np.searchsorted(self.classes_, y)
        self.class_count_ = self.class_count_ + np.bincount(code, weight, minlength=len(self.classes_))
        self._count(X, code, weight)
        with np.errstate(divide="ignore"):
            self.class_log_prior_ = np.log(self._prior())
        self._estimate()

    def _prior(self):
        counts = self.class_count_ if getattr(self, "fit_prior", True) else np.ones(len(self.classes_))
        return counts / (counts.sum() or 1.0)

    def _input(self, X, n_features=None):
        return check_X(X, n_features=n_features)

    def _complete(self):
        """Refuse what `partial_fit` may yet mend, before it is used."""
        check_fitted(self, "classes_")
        if self.class_count_.min() == 0:
            raise ValueError(f"class {shown(self.classes_[self.class_count_.argmin()])} has no samples")

    def predict_joint_log_proba(self, X):
        """log P(k) + log P(x | k), (N, K), in the order of classes_ (`eq-nb-logrule`)."""
        self._complete()
        return self.class_log_prior_ + self._log_likelihood(X)

    def predict_log_proba(self, X):
        """log P(k | x), (N, K). ValueError for a sample that has probability zero in every class."""
        return self._posterior(X)[0]

    def predict_proba(self, X):
        """P(k | x), (N, K). ValueError for a sample that has probability zero in every class."""
        return np.exp(self.predict_log_proba(X))

    def predict(self, X):
        """The most probable class (`eq-nb-logrule`). ValueError for a sample of probability zero in every class.

        Parameters
        ----------
        X : array (N, d)

        Returns
        -------
        array (N,) of labels
        """
        best = self._posterior(X)[1].argmax(axis=1)
        return self.classes_[best]

    def _posterior(self, X):
        joint = self.predict_joint_log_proba(X)
        total = logsumexp(joint)
        if np.isneginf(total).any():
            raise ValueError(f"sample {np.argmin(total)} has probability zero in every class: raise alpha to judge it")
        return joint - total[:, None], joint


# Counts


def _class_sums(X, code, weight, n_classes):
    """Row k: the weighted sum of the rows of X in class k, (K, d)."""
    N = len(code)
    sums = csr_array((weight, (code, np.arange(N))), shape=(n_classes, N)) @ X
    return sums.toarray() if issparse(sums) else sums


def _dot(X, logs):
    """X @ logs.T for counts X with 0 · log 0 = 0, so that −∞ comes only from what is there (`eq-nb-zero`)."""
    never = np.isneginf(logs)
    scores = X @ np.where(never, 0, logs).T
    if never.any():
        scores = np.where(X @ never.T.astype(float) > 0, -np.inf, scores)
    return scores


def _log_shares(counts, alpha, totals):
    """log of (n + α)/total; −∞ where α = 0 and nothing was counted, and NaN where nothing at all was."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.log(counts + alpha) - np.log(totals)


def _warn_of_zeros(*tables):
    if any(np.isneginf(logs).any() for logs in tables):
        warn("alpha=0 leaves probabilities of zero: one of them overrules all other evidence")


class _Counted(_NaiveBayes):
    """What adds up are the columns of X, class by class."""

    def _empty(self):
        self.feature_count_ = np.zeros((len(self.classes_), self.n_features_in_))

    def _count(self, X, code, weight):
        self.feature_count_ = self.feature_count_ + _class_sums(X, code, weight, len(self.classes_))


class MultinomialNB(_Counted):
    """Counts of words: log P(x | k) = Σ_j x_j log θ_kj + c(x) (`eq-nb-multinomial`; McCallum and Nigam, 1998).

    After `fit`: feature_count_, (K, d), feature_log_prob_ = log θ, class_log_prior_, class_count_, classes_. X may be
    sparse. Missing values have no place here: a word that was not counted is not the same as a shorter text.

    Parameters
    ----------
    alpha : α ≥ 0, the pseudo-count of each word in each class (`eq-nb-smooth`); with 0 the model warns of zeros
    fit_prior : False gives every class the same prior
    """

    def __init__(self, alpha=1.0, fit_prior=True):
        self.alpha, self.fit_prior = alpha, fit_prior

    def _input(self, X, n_features=None):
        X = _check_sparse(X, n_features)
        data = X.data if issparse(X) else X
        if data.size and data.min() < 0:
            raise ValueError(f"X must hold non-negative counts: got {shown(data, data < 0)}")
        return X

    def _estimate(self):
        alpha, d = check_number(self.alpha, "alpha", low=0), self.n_features_in_
        totals = self.feature_count_.sum(axis=1, keepdims=True) + alpha * d
        self.feature_log_prob_ = _log_shares(self.feature_count_, alpha, totals)
        _warn_of_zeros(self.feature_log_prob_)

    def _complete(self):
        super()._complete()
        for label, logs in zip(self.classes_, self.feature_log_prob_, strict=True):
            if np.isnan(logs).any():
                raise ValueError(f"alpha must be positive, for class {shown(label)} has no counts at all: got 0")

    def _log_likelihood(self, X):
        return _dot(self._input(X, self.n_features_in_), self.feature_log_prob_)

    def _terms(self, x):
        x = self._input(x[None], self.n_features_in_)[0]
        return np.where(x == 0, 0.0, x * np.where(x == 0, 0.0, self.feature_log_prob_))


class BernoulliNB(_Counted):
    """Presence and absence of words: Σ_j x_j log p_kj + (1 − x_j) log(1 − p_kj) (`eq-nb-bernoulli`).

    After `fit`: feature_count_, (K, d), feature_log_prob_ = log p, class_log_prior_, class_count_, classes_. X may be
    sparse; in a dense X for `predict` NaN is a feature that was not seen (`eq-nb-missing`).

    Parameters
    ----------
    alpha : α ≥ 0, the pseudo-count of "present" and of "absent" (`eq-nb-smooth`); with 0 the model warns of zeros
    binarize : entries above it are present; None says that X holds zeros and ones already
    fit_prior : False gives every class the same prior
    """

    def __init__(self, alpha=1.0, binarize=0.0, fit_prior=True):
        self.alpha, self.binarize, self.fit_prior = alpha, binarize, fit_prior

    def _binary(self, data):
        if self.binarize is not None:
            return (data > check_number(self.binarize, "binarize")).astype(float)
        if not np.isin(data, (0, 1)).all():
            raise ValueError(f"X must hold zeros and ones: got {shown(data, ~np.isin(data, (0, 1)))}")
        return data

    def _input(self, X, n_features=None):
        X = _check_sparse(X, n_features)
        if not issparse(X):
            return self._binary(X)
        if self.binarize is not None and check_number(self.binarize, "binarize") < 0:
            raise ValueError(f"binarize must be non-negative for a sparse X: got {self.binarize}")
        return csr_array((self._binary(X.data), X.indices, X.indptr), shape=X.shape)

    def _estimate(self):
        alpha, n = check_number(self.alpha, "alpha", low=0), self.class_count_[:, None]
        totals = n + 2 * alpha
        absent = n - self.feature_count_
        absent = np.where(absent > 1e-12 * n, absent, 0)  # weights may add up to n but for rounding
        self.feature_log_prob_ = _log_shares(self.feature_count_, alpha, totals)
        self._log_absent = _log_shares(absent, alpha, totals)
        _warn_of_zeros(self.feature_log_prob_, self._log_absent)

    def _log_likelihood(self, X):
        if issparse(X):
            present, known = self._input(X, self.n_features_in_), np.ones((1, self.n_features_in_))
        else:
            X, known = _split_missing(X, self.n_features_in_)
            present, known = self._binary(X) * known, known.astype(float)
        never = np.isneginf(self._log_absent)
        logs = np.where(never, 0, self._log_absent)
        scores = _dot(present, self.feature_log_prob_) + (known @ logs.T - present @ logs.T)
        if never.any():
            zeros = never.T.astype(float)
            scores = np.where(known @ zeros - present @ zeros > 0, -np.inf, scores)
        return scores

    def _terms(self, x):
        x, known = _split_missing(x[None], self.n_features_in_)
        return np.where(known, np.where(self._binary(x) == 1, self.feature_log_prob_, self._log_absent), 0.0)


class CategoricalNB(_NaiveBayes):
    """Features with finitely many values, coded 0, 1, …: P(x_j = v | k) = (N_kjv + α)/(N_k + αS_j) (`eq-nb-smooth`).

    After `fit`: n_categories_, (d,), and for each feature j category_count_[j] and feature_log_prob_[j], (K, S_j);
    class_log_prior_, class_count_, classes_. NaN in X for `predict` is a feature that was not seen (`eq-nb-missing`).

    Parameters
    ----------
    alpha : α ≥ 0, the pseudo-count of each value (`eq-nb-smooth`); with 0 the model warns of zeros
    n_categories : S_j, one integer for all features or one for each; None takes 1 + the largest code in the first data
    fit_prior : False gives every class the same prior
    """

    def __init__(self, alpha=1.0, n_categories=None, fit_prior=True):
        self.alpha, self.n_categories, self.fit_prior = alpha, n_categories, fit_prior

    def _input(self, X, n_features=None):
        X = check_X(X, n_features=n_features)
        bad = (X < 0) | (np.floor(X) != X) | (X >= 2**31)
        if bad.any():
            raise ValueError(f"X must hold codes 0, 1, 2, …: got {shown(X, bad)}")
        return X.astype(int)

    def _start(self, X, y):
        d = X.shape[1]
        sizes = X.max(axis=0) + 1 if self.n_categories is None else np.asarray(self.n_categories)
        if sizes.shape not in ((), (d,)) or sizes.dtype.kind not in "iu" or sizes.min() < 1:
            expected = f"n_categories must be a positive integer, or one for each of {d} features"
            raise ValueError(f"{expected}: got {shown(self.n_categories)}")
        self.n_categories_ = np.array(np.broadcast_to(sizes, (d,)))
        super()._start(X, y)

    def _empty(self):
        self.category_count_ = [np.zeros((len(self.classes_), size)) for size in self.n_categories_]

    def _seen(self, X):
        new = self.n_categories_ <= X
        if new.any():
            i, j = np.argwhere(new)[0]
            raise ValueError(f"unseen category {X[i, j]} in feature {j}: it has {self.n_categories_[j]} categories")
        return X

    def _take(self, X, y, weight):
        super()._take(self._seen(X), y, weight)

    def _count(self, X, code, weight):
        K = len(self.classes_)
        for j, size in enumerate(self.n_categories_):
            cells = np.bincount(code * size + X[:, j], weight, minlength=K * size)
            self.category_count_[j] = self.category_count_[j] + cells.reshape(K, size)

    def _estimate(self):
        alpha, n = check_number(self.alpha, "alpha", low=0), self.class_count_[:, None]
        tables = [_log_shares(count, alpha, n + alpha * count.shape[1]) for count in self.category_count_]
        self.feature_log_prob_ = tables
        _warn_of_zeros(*tables)

    def _codes(self, X):
        X, known = _split_missing(X, self.n_features_in_)
        return self._seen(self._input(X)), known

    def _log_likelihood(self, X):
        X, known = self._codes(X)
        scores = np.zeros((len(X), len(self.classes_)))
        for j, logs in enumerate(self.feature_log_prob_):
            scores += np.where(known[:, [j]], logs.T[X[:, j]], 0.0)
        return scores

    def _terms(self, x):
        x, known = self._codes(x[None])
        terms = [logs[:, v] for logs, v in zip(self.feature_log_prob_, x[0], strict=True)]
        return np.where(known, np.array(terms).T, 0.0)


class GaussianNB(_NaiveBayes):
    """A Gaussian for each feature in each class (`eq-nb-gauss-logodds`), fitted as in `eq-nb-mle-gauss`.

    After `fit`: theta_ and var_, (K, d), class_prior_, class_log_prior_, class_count_, classes_, epsilon_. NaN in X for
    `predict` is a feature that was not seen (`eq-nb-missing`).

    Each variance is raised by epsilon_j = var_smoothing times the variance of its column over all classes, so that no
    prediction depends on a column's unit. (scikit-learn raises all by the same number, var_smoothing times the largest
    variance of any column; where all columns have the same variance, the two agree.) A column that is constant over all
    samples says nothing of the class, and is left out: its var_ is zero.

    Parameters
    ----------
    priors : P(k), (K,), in the order of the labels; None takes their shares
    var_smoothing : number ≥ 0
    """

    def __init__(self, priors=None, var_smoothing=1e-9):
        self.priors, self.var_smoothing = priors, var_smoothing

    def _empty(self):
        zero = np.zeros(self.n_features_in_)
        self._moments = [(0.0, zero, zero) for _ in self.classes_]

    def _count(self, X, code, weight):
        for k in range(len(self.classes_)):
            mine = code == k
            if weight[mine].any():
                self._moments[k] = merge_moments(self._moments[k], moments(X[mine], weight[mine]))

    def _prior(self):
        given, K = self.priors is not None, len(self.classes_)
        self.class_prior_ = priors = check_y(self.priors, "priors") if given else super()._prior()
        if given and (len(priors) != K or priors.min() < 0 or abs(priors.sum() - 1) > 1e-9):
            raise ValueError(f"priors must hold {K} non-negative numbers of sum one: got {shown(priors)}")
        return priors

    def _estimate(self):
        smoothing = check_number(self.var_smoothing, "var_smoothing", low=0)
        whole = (0.0, None, None)
        for part in self._moments:
            whole = merge_moments(whole, part)
        total = np.zeros(self.n_features_in_) if whole[0] == 0 else whole[2] / whole[0]
        self.epsilon_ = smoothing * total
        self.theta_ = np.array([mean for _, mean, _ in self._moments])
        self.var_ = np.array([squares / (n or 1.0) for n, _, squares in self._moments]) + self.epsilon_
        self._varies = total > 0

    def _complete(self):
        super()._complete()
        flat = (self.var_ == 0) & self._varies
        if flat.any():
            k, j = np.argwhere(flat)[0]
            raise ValueError(f"feature {j} has variance zero in class {shown(self.classes_[k])}: raise var_smoothing")

    def _log_densities(self, X, known, k):
        """log p(x_j | k), (N, d), zero for what is missing and for constant columns."""
        told = self.var_[k] > 0
        var = np.where(told, self.var_[k], 1.0)
        z2 = (X - self.theta_[k]) ** 2 / var
        return np.where(known & told, -0.5 * (np.log(2 * np.pi * var) + z2), 0.0)

    def _log_likelihood(self, X):
        X, known = _split_missing(X, self.n_features_in_)
        return np.column_stack([self._log_densities(X, known, k).sum(axis=1) for k in range(len(self.classes_))])

    def _terms(self, x):
        x, known = _split_missing(x[None], self.n_features_in_)
        return np.concatenate([self._log_densities(x, known, k) for k in range(len(self.classes_))])


def log_odds_contributions(model, x):
    """What each feature adds to the log-odds of classes_[1] against classes_[0] (`eq-nb-waterfall`).

    ValueError for another number of classes, and for a sample that has probability zero in both.

    Parameters
    ----------
    model : a fitted classifier of this module with two classes
    x : array (d,), one sample

    Returns
    -------
    array (d + 1,)
        the log-odds of the prior, then log P(x_j | 1)/P(x_j | 0) for each feature; the sum is the log-odds of x
    """
    model._complete()
    if len(model.classes_) != 2:
        raise ValueError(f"model must have two classes: got {len(model.classes_)}")
    if (x := np.asarray(x)).ndim != 1:
        raise ValueError(f"x must be one sample, 1-dimensional: got shape {x.shape}")
    terms = np.column_stack([model.class_log_prior_, model._terms(x)])
    if np.isneginf(terms).any(axis=1).all():
        raise ValueError("x has probability zero in both classes: raise alpha to judge it")
    return terms[1] - terms[0]


def _joint(joint):
    joint = np.asarray(joint, dtype=float)
    if joint.ndim < 2 or joint.size == 0:
        raise ValueError(f"joint must have an axis for the class and one for each feature: got shape {joint.shape}")
    if not np.isfinite(joint).all() or joint.min() < 0 or abs(joint.sum() - 1) > 1e-9:
        raise ValueError(f"joint must be non-negative and sum to one: got the sum {joint.sum():.6g}")
    return joint


def bayes_risk(joint, loss=None):
    """The least expected loss that any rule can have (`eq-nb-bayes-risk`). ValueError unless joint is a law.

    Parameters
    ----------
    joint : array (K, S_1, …, S_d) of P(k, x)
    loss : array (K, L), row k: the losses of the L answers if the class is k; None counts errors

    Returns
    -------
    float
    """
    K = len(joint := _joint(joint))
    loss = 1 - np.eye(K) if loss is None else check_X(loss, "loss")
    if len(loss) != K:
        raise ValueError(f"loss must have {K} rows, one for each class: got {len(loss)}")
    return float((loss.T @ joint.reshape(K, -1)).min(axis=0).sum())


def naive_projection(joint):
    """P(k) ∏_j P(x_j | k): of all tables of such a form the nearest (`eq-nb-mprojection`). Raises as `bayes_risk`.

    Parameters
    ----------
    joint : array (K, S_1, …, S_d) of P(k, x)

    Returns
    -------
    array of the same shape
    """
    joint = _joint(joint)
    axes = set(range(1, joint.ndim))
    product = prior = joint.sum(axis=tuple(axes), keepdims=True)
    for j in axes:
        product = product * (joint.sum(axis=tuple(axes - {j}), keepdims=True) / np.where(prior > 0, prior, 1))
    return product


def conditional_total_correlation(joint):
    """Σ_j H(x_j | y) − H(x | y) in nats: what independence costs (`eq-nb-mprojection`). Raises as `bayes_risk`.

    Parameters
    ----------
    joint : array (K, S_1, …, S_d) of P(k, x)

    Returns
    -------
    float, ≥ 0
    """
    joint, product = _joint(joint), naive_projection(joint)
    ratio = np.where(joint > 0, joint, 1) / np.where(joint > 0, product, 1)
    return float(max(xlogy(joint, ratio).sum(), 0.0))
