"""Chapter 11: ensembles. What an average buys, what a vote buys, and how the next learner mends what others miss.

Two labels are −1 and 1 here: classes_[0] and classes_[1]. A tie of the two goes to 1, as everywhere in the book; among
several classes to the first. Equal on paper means equal to 1e-12, so that no answer hangs on the last digit.
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import bdtrc

from .decision_tree import ClassCounts, DecisionTreeClassifier, DecisionTreeRegressor, Squares, grow
from .estimator import Classifier, Regressor
from .linear_algebra import logsumexp
from .logistic_regression import LogisticRegression, SoftmaxRegression, sigmoid, softplus
from .resampling import kfold
from .validation import check_fitted, check_number, check_rng, check_weights, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "AdaBoostClassifier",
    "BaggingClassifier",
    "BaggingRegressor",
    "GradientBoostingClassifier",
    "GradientBoostingRegressor",
    "RandomForestClassifier",
    "RandomForestRegressor",
    "StackingClassifier",
    "Stump",
    "VotingClassifier",
    "ambiguity",
    "average_variance",
    "best_stump",
    "breiman_bound",
    "forest_strength_correlation",
    "line_search",
    "loss_value",
    "majority_vote_error",
    "neighbour_weights",
    "oob_permutation_importance",
    "pseudo_residual",
    "stack_columns",
]

TIE = 1e-12


# Averages and votes


def average_variance(sigma2, rho, T):
    """ρσ² + (1 − ρ)σ²/T, the variance of an average of T equally correlated numbers (`eq-ens-var`).

    Parameters
    ----------
    sigma2 : σ² ≥ 0, the variance of each
    rho : ρ, the correlation of each two, from −1/(T − 1) to 1
    T : int ≥ 1

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for a correlation that T numbers cannot have, and other values out of range
    """
    T, sigma2 = check_number(T, "T", low=1, integer=True), check_number(sigma2, "sigma2", low=0)
    rho = check_number(rho, "rho", low=-1 if T < 3 else -1 / (T - 1), high=1)
    return rho * sigma2 + (1 - rho) * sigma2 / T


def majority_vote_error(eps, T, ties="half"):
    """How often most of T independent voters err, each of whom errs with probability eps (`eq-ens-vote`).

    Parameters
    ----------
    eps : in [0, 1]
    T : int ≥ 1
    ties : "half" counts a tie as half an error, "right" as none, "wrong" as one

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for values out of range
    """
    eps, T = check_number(eps, "eps", low=0, high=1), check_number(T, "T", low=1, integer=True)
    shares = {"half": 0.5, "right": 0.0, "wrong": 1.0}
    if ties not in shares:
        raise ValueError(f"ties must be 'half', 'right' or 'wrong': got {ties!r}")
    lost = bdtrc(T // 2, T, eps)
    return float(lost if T % 2 else (1 - shares[ties]) * lost + shares[ties] * bdtrc(T // 2 - 1, T, eps))


def ambiguity(h, y):
    """Squared error of the average, mean squared error of the members, and their spread (`eq-ens-ambiguity`).

    Parameters
    ----------
    h : (T, N), predictions of T members
    y : (N,)

    Returns
    -------
    three arrays (N,), of which the first is the second less the third

    Raises
    ------
    ValueError
        for shapes that do not fit
    """
    h, y = check_X(h, "h"), check_y(y)
    if h.shape[1] != len(y):
        raise ValueError(f"h must hold a column for each of {len(y)} targets: got shape {h.shape}")
    H = h.mean(axis=0)
    return (H - y) ** 2, ((h - y) ** 2).mean(axis=0), ((h - H) ** 2).mean(axis=0)


def neighbour_weights(N):
    """How often the k-th nearest of N points is the nearest one drawn into a bootstrap sample (`eq-ens-neighbour`).

    Parameters
    ----------
    N : int ≥ 1

    Returns
    -------
    array (N,), for k = 1 … N, with sum 1
    """
    N = check_number(N, "N", low=1, integer=True)
    return -np.diff((np.arange(N, -1, -1) / N) ** N)


# Members that are trained apart


def _new(model):
    """A fresh estimator with the same parameters."""
    return type(model)(**model.get_params(deep=False))


def _first_largest(P):
    """The first column that is the largest of its row, or equal to it on paper."""
    return (P.max(axis=1, keepdims=True) - TIE <= P).argmax(axis=1)


def _shares(model, X, classes):
    """A fitted classifier's probabilities, or its votes as zeros and ones, (N, K), in the order of `classes`."""
    P = np.zeros((len(X), len(classes)))
    if hasattr(model, "predict_proba"):
        P[:, np.searchsorted(classes, model.classes_)] = model.predict_proba(X)
    else:
        P[np.arange(len(X)), np.searchsorted(classes, model.predict(X))] = 1
    return P


class _Averaged:
    """An average of members that are trained on bootstrap samples."""

    def fit(self, X, y):
        """Train each member on N rows drawn with replacement (`alg-ens-bagging`).

        Parameters
        ----------
        X : (N, d)
        y : (N,): numbers for a regressor, labels for a classifier

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for parameters out of range, and as the members

        Warns
        -----
        RuntimeWarning
            with oob_score, if each member has seen some sample, which then has no out-of-bag prediction
        """
        X = check_X(X)
        target = self._target(y, len(X))
        if len(target) != len(X):
            raise ValueError(f"X and y have different numbers of samples: {len(X)} and {len(target)}")
        T = check_number(self.n_estimators, "n_estimators", low=1, integer=True)
        rng, N = check_rng(self.random_state, "random_state"), len(X)
        self.n_features_in_, self.estimators_ = X.shape[1], []
        self.counts_ = np.ones((T, N), dtype=np.int32)  # how often each member saw each sample
        for t in range(T):
            if getattr(self, "bootstrap", True):
                self.counts_[t] = np.bincount(rng.integers(N, size=N), minlength=N)
            self.estimators_.append(self._member(X, np.asarray(y), target, self.counts_[t], rng))
        if self.oob_score:
            self._out_of_bag(X, target)
        return self

    def _out_of_bag(self, X, target):
        total, unseen = 0.0, (self.counts_ == 0).sum(axis=0)
        for model, count in zip(self.estimators_, self.counts_, strict=True):
            values = np.zeros((len(X), *self._shape()))
            if (count == 0).any():
                values[count == 0] = self._values(model, X[count == 0])
            total = total + values
        if not unseen.all():
            warn(f"no out-of-bag prediction for {np.sum(unseen == 0)} samples: increase n_estimators")
        times = np.where(unseen, unseen, np.nan)
        self.oob_prediction_ = total / times.reshape(-1, *np.ones(total.ndim - 1, dtype=int))
        known = unseen > 0
        self.oob_score_ = self._judged(self.oob_prediction_[known], target[known]) if known.any() else np.nan

    def _seen(self, X):
        check_fitted(self, "estimators_")
        return check_X(X, n_features=self.n_features_in_)

    def _stages(self, X):
        X, total = self._seen(X), 0.0
        for t, model in enumerate(self.estimators_, 1):
            total = total + self._values(model, X)
            yield total / t

    def staged_predict(self, X):
        """The predictions of the first 1, 2, … members for X, (N, d): yields arrays (N,)."""
        for mean in self._stages(X):
            yield self._answer(mean)

    def predict(self, X):
        """The mean of the members' answers, or the class of the largest mean share.

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
        *_, mean = self._stages(X)
        return self._answer(mean)


class _Numbers(Regressor):
    def _target(self, y, n):
        return check_y(y)

    def _shape(self):
        return ()

    def _values(self, model, X):
        return model.predict(X)

    def _answer(self, mean):
        return mean

    def _judged(self, prediction, y):
        spread = np.sum((y - y.mean()) ** 2)
        return float(1 - np.sum((y - prediction) ** 2) / spread) if spread > 0 else np.nan


class _Labels(Classifier):
    def _target(self, y, n):
        return self._encoded(y, n)

    def _shape(self):
        return (len(self.classes_),)

    def _values(self, model, X):
        return _shares(model, X, self.classes_)

    def _answer(self, mean):
        return self.classes_[_first_largest(mean)]

    def _judged(self, prediction, codes):
        return float(np.mean(_first_largest(prediction) == codes))

    def predict_proba(self, X):
        """The mean of the members' shares, (N, K), in the order of classes_."""
        *_, mean = self._stages(X)
        return mean


class _Bagging(_Averaged):
    def __init__(self, base=None, n_estimators=100, oob_score=False, random_state=0):
        self.base, self.n_estimators, self.oob_score, self.random_state = base, n_estimators, oob_score, random_state

    def _member(self, X, y, target, count, rng):
        rows = np.repeat(np.arange(len(X)), count)
        return (self._tree() if self.base is None else _new(self.base)).fit(X[rows], y[rows])


class BaggingRegressor(_Bagging, _Numbers):
    """The average of regressors, each trained on a bootstrap sample (`alg-ens-bagging`).

    Fitted, it bears estimators_, counts_ (T, N), and with oob_score oob_prediction_ (N,), NaN for samples that each
    member has seen, and oob_score_, R².

    Parameters
    ----------
    base : an estimator, or None for a full tree
    n_estimators : T ≥ 1
    oob_score : whether each sample is also predicted by the members that have not seen it (`def-ens-oob`)
    random_state : seed or Generator
    """

    _tree = DecisionTreeRegressor


class BaggingClassifier(_Bagging, _Labels):
    """The average of classifiers' probabilities, each trained on a bootstrap sample (`alg-ens-bagging`).

    Fitted, it bears classes_, estimators_, counts_ (T, N), and with oob_score oob_prediction_ (N, K) and oob_score_,
    the share of hits.

    Parameters
    ----------
    base : an estimator, or None for a full tree; without predict_proba it votes
    n_estimators, oob_score, random_state : as in `BaggingRegressor`
    """

    _tree = DecisionTreeClassifier


class _Forest(_Averaged):
    def _member(self, X, y, target, count, rng):
        model = self._tree(max_features=self._m(X.shape[1]), max_depth=self.max_depth, random_state=rng)
        model.min_samples_leaf, model.n_features_in_ = self.min_samples_leaf, X.shape[1]
        model.classes_ = getattr(self, "classes_", None)
        drawn = count > 0
        names = ("max_features", "max_depth", "min_samples_leaf", "random_state")
        rules = {name: getattr(model, name) for name in names}
        model.tree_ = grow(X[drawn], self._criterion(target[drawn]), count[drawn], **rules)
        return model

    def _m(self, d):
        third = self.max_features == "third"
        return max(1, d // 3) if third else self.max_features

    @property
    def feature_importances_(self):
        """The mean of the trees' shares of what their questions save, (d,) (`def-tree-mdi`)."""
        check_fitted(self, "estimators_")
        return np.mean([tree.feature_importances_ for tree in self.estimators_], axis=0)

    def leaf_weights(self, X):
        """The weight of each training sample in the prediction for each row of X: (n, N), rows with sum 1.

        Raises ValueError before `fit`, and for another number of features than X (n, d) had.
        """
        X, W = self._seen(X), 0.0
        for model, count, leaf in zip(self.estimators_, self.counts_, self._leaves, strict=True):
            W = W + (model.apply(X)[:, None] == leaf) * count / model.tree_.weight[leaf]
        return W / len(self.estimators_)

    def fit(self, X, y):
        super().fit(X, y)
        self._leaves = [model.apply(check_X(X)) for model in self.estimators_]
        return self

    fit.__doc__ = _Averaged.fit.__doc__


class RandomForestRegressor(_Forest, _Numbers):
    """An average of trees on bootstrap samples that look at m features for each question (`alg-ens-forest`).

    Fitted, it bears what `BaggingRegressor` bears, and feature_importances_.

    Parameters
    ----------
    n_estimators : T ≥ 1
    max_features : m, a number, a share, "sqrt", "third" (⌊d/3⌋, at least 1), or None for all
    max_depth, min_samples_leaf : as in `grow` of chapter 7; a row drawn twice counts as one sample for the second
    bootstrap : without it each tree sees all samples
    oob_score, random_state : as in `BaggingRegressor`
    """

    _tree, _criterion = DecisionTreeRegressor, staticmethod(Squares)

    def __init__(
        self,
        n_estimators=100,
        max_features="third",
        max_depth=None,
        min_samples_leaf=1,
        bootstrap=True,
        oob_score=False,
        random_state=0,
    ):
        self.n_estimators, self.max_features, self.max_depth = n_estimators, max_features, max_depth
        self.min_samples_leaf, self.bootstrap, self.oob_score = min_samples_leaf, bootstrap, oob_score
        self.random_state = random_state


class RandomForestClassifier(_Forest, _Labels):
    """An average of trees on bootstrap samples that look at m features for each question (`alg-ens-forest`).

    Fitted, it bears what `BaggingClassifier` bears, and feature_importances_.

    Parameters
    ----------
    n_estimators, max_depth, min_samples_leaf, bootstrap, oob_score, random_state : as in `RandomForestRegressor`
    max_features : m, as in `RandomForestRegressor`
    """

    _tree = DecisionTreeClassifier

    def __init__(
        self,
        n_estimators=100,
        max_features="sqrt",
        max_depth=None,
        min_samples_leaf=1,
        bootstrap=True,
        oob_score=False,
        random_state=0,
    ):
        self.n_estimators, self.max_features, self.max_depth = n_estimators, max_features, max_depth
        self.min_samples_leaf, self.bootstrap, self.oob_score = min_samples_leaf, bootstrap, oob_score
        self.random_state = random_state

    def _criterion(self, codes):
        return ClassCounts(codes, len(self.classes_))


def forest_strength_correlation(votes, y):
    """Breiman's strength, the mean margin of the votes, and the correlation of raw margins (`eq-ens-breiman`).

    Parameters
    ----------
    votes : (T, N), the label that each tree gives each sample
    y : (N,)

    Returns
    -------
    s and ρ̄; the mean over two trees includes pairs of a tree with itself, and ρ̄ is 0 if no raw margin varies

    Raises
    ------
    ValueError
        for shapes that do not fit
    """
    votes, y = np.asarray(votes), np.asarray(y)
    if votes.ndim != 2 or y.shape != votes.shape[1:] or not votes.size:
        raise ValueError(f"votes must have shape (T, N) and y (N,): got {votes.shape} and {y.shape}")
    labels = np.unique(np.concatenate([votes.ravel(), y]))
    shares = np.array([(votes == label).mean(axis=0) for label in labels])
    shares[np.searchsorted(labels, y), np.arange(len(y))] = -1
    rival = labels[shares.argmax(axis=0)]
    raw = (votes == y).astype(float) - ((votes == rival) & (rival != y))
    mean_sd = raw.std(axis=1).mean()
    margin = raw.mean(axis=0)
    return float(margin.mean()), float(margin.var() / mean_sd**2) if mean_sd > 0 else 0.0


def breiman_bound(s, rho_bar):
    """ρ̄(1 − s²)/s², which the error of an infinite forest does not exceed (`eq-ens-breiman-bound`).

    Parameters
    ----------
    s : strength, in (0, 1]
    rho_bar : ρ̄, in [0, 1]

    Returns
    -------
    float, perhaps above 1

    Raises
    ------
    ValueError
        for values out of range
    """
    if check_number(s, "s", high=1) <= 0:
        raise ValueError(f"s must be positive, else the bound says nothing: got {s}")
    return check_number(rho_bar, "rho_bar", low=0, high=1) * (1 - s**2) / s**2


def oob_permutation_importance(forest, X, y, random_state=0):
    """How much each tree's error on the samples it has not seen rises if a column is shuffled among these, averaged.

    Parameters
    ----------
    forest : fitted on X, y, as `RandomForestClassifier` or a bagging estimator
    X, y : (N, d) and (N,), the training data
    random_state : seed or Generator

    Returns
    -------
    array (d,): rise of the share of errors, or of the mean squared error of a regressor (`sec-ens-worth`)

    Raises
    ------
    ValueError
        for data on which the forest was not fitted, and if each tree has seen all samples
    """
    check_fitted(forest, "counts_")
    X, y, rng = check_X(X, n_features=forest.n_features_in_), np.asarray(y), check_rng(random_state, "random_state")
    if y.shape != (len(X),) or len(X) != forest.counts_.shape[1]:
        raise ValueError(f"X and y must be the {forest.counts_.shape[1]} training samples: got {len(X)} and {y.shape}")
    labels, rises = hasattr(forest, "classes_"), []

    def error(model, Z, aim):
        answer = model.predict(Z)
        return np.mean(answer != aim) if labels else np.mean((answer - aim) ** 2)

    for model, count in zip(forest.estimators_, forest.counts_, strict=True):
        unseen = np.flatnonzero(count == 0)
        if not unseen.size:
            continue
        Z, aim, rise = X[unseen], y[unseen], np.empty(X.shape[1])
        whole = error(model, Z, aim)
        for j in range(X.shape[1]):
            mixed = Z.copy()
            mixed[:, j] = rng.permutation(Z[:, j])
            rise[j] = error(model, mixed, aim) - whole
        rises.append(rise)
    if not rises:
        raise ValueError("each tree has seen all samples: there is nothing out of the bag")
    return np.mean(rises, axis=0)


# AdaBoost


class Stump(NamedTuple):
    """`sign` where x_feature > threshold, else −sign; a threshold of −∞ makes it constant."""

    feature: int
    threshold: float
    sign: int

    def predict(self, X):
        """−1 or 1 for each row of X, (N, d)."""
        return np.where(X[:, self.feature] > self.threshold, self.sign, -self.sign)


class _Stumps:
    """All stumps of one design, each feature sorted once; a search is then a running sum over all of them."""

    def __init__(self, X):
        self.order = np.argsort(X.T, axis=1, kind="stable")
        self.values = np.take_along_axis(X.T, self.order, axis=1)
        self.cut = self.values[:, :-1] < self.values[:, 1:]

    def best(self, v):
        """The stump h with the largest Σ v_i h(x_i); of several a cut before a constant, the lowest feature, then τ."""
        total, scale = v.sum(), np.abs(v).sum()
        gain = total - 2 * v[self.order[:, :-1]].cumsum(axis=1)  # of sign +1 above each cut
        size = np.where(self.cut, np.abs(gain), -1.0).ravel()
        most = max(size.max(initial=-1.0), abs(total)) - TIE * scale
        at = int(np.argmax(size >= most)) if size.size else 0
        if not size.size or size[at] < most:
            return Stump(0, -math.inf, 1 if total >= -TIE * scale else -1)
        j, k = divmod(at, self.cut.shape[1])
        low, high = self.values[j, k : k + 2]
        middle = low / 2 + high / 2
        return Stump(j, float(middle if low <= middle < high else low), 1 if gain[j, k] > 0 else -1)


def best_stump(X, y, w):
    """The stump, constants included, whose errors weigh least (`eq-ens-fsam`).

    Parameters
    ----------
    X : (N, d)
    y : (N,), −1 and 1
    w : (N,), weights, non-negative with a positive sum

    Returns
    -------
    feature, threshold, sign, and the share of the weight on errors

    Raises
    ------
    ValueError
        for other labels and weights
    """
    X, y = check_X_y(X, y)
    if not np.isin(y, (-1, 1)).all():
        raise ValueError(f"y must hold −1 and 1: got {shown(y, ~np.isin(y, (-1, 1)))}")
    w = _weights(w, len(y))
    stump = _Stumps(X).best(w * y)
    return *stump, float(w[stump.predict(X) != y].sum())


def _weights(w, n):
    w = check_weights(w, n)
    w = w / w.max()
    return w / w.sum()


class AdaBoostClassifier(Classifier):
    """Learners that are trained one after the other, each on weights that favour what went wrong (`alg-ens-adaboost`).

    Fitted, it bears classes_, estimators_, alphas_, errors_ ε_t, z_ (each (T,)) and weights_history_ (T + 1, N). It
    ends early with a learner that makes no error, which then stands alone with α = 1, or with one that is no better
    than chance, which is left out.

    Parameters
    ----------
    n_estimators : T ≥ 1
    base : an estimator that takes sample_weight, or None for the stump of least weighted error
    """

    def __init__(self, n_estimators=50, base=None):
        self.n_estimators, self.base = n_estimators, base

    def fit(self, X, y, sample_weight=None):
        """Boost (`alg-ens-adaboost`).

        Parameters
        ----------
        X : (N, d)
        y : (N,), labels of two classes
        sample_weight : (N,), the first round's weights, non-negative: weight 2 is a sample that stands there twice

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for another number of classes, and negative weights

        Warns
        -----
        RuntimeWarning
            if already the first learner is no better than chance
        """
        X = check_X(X)
        signs = 2 * self._encoded(y, len(X), "exactly") - 1
        T = check_number(self.n_estimators, "n_estimators", low=1, integer=True)
        with np.errstate(divide="ignore"):
            log_w = np.log(_weights(sample_weight, len(X)))
        self.n_features_in_, self.estimators_ = X.shape[1], []
        stumps = _Stumps(X) if self.base is None else None
        alphas, errors, zs, history = [], [], [], [np.exp(log_w)]
        for _ in range(T):
            w = history[-1]
            h = stumps.best(w * signs) if stumps else _new(self.base).fit(X, signs, sample_weight=w)
            hit = h.predict(X) == signs
            if not np.any(log_w[~hit] > -np.inf):
                self.estimators_, alphas, errors, zs, history = [h], [1.0], [0.0], [0.0], [history[0], w]
                break
            log_miss = logsumexp(log_w[~hit])
            eps = math.exp(log_miss)
            if eps >= 0.5 - TIE:
                break
            alpha = (math.log1p(-eps) - log_miss) / 2
            log_w = log_w + np.where(hit, -alpha, alpha)
            log_z = logsumexp(log_w)
            log_w = log_w - log_z
            self.estimators_.append(h)
            alphas.append(alpha), errors.append(eps), zs.append(math.exp(log_z)), history.append(np.exp(log_w))
        if not alphas:
            warn("no learner is better than chance: the vote is a tie everywhere")
        self.alphas_, self.errors_, self.z_ = np.array(alphas), np.array(errors), np.array(zs)
        self.weights_history_ = np.array(history)
        return self

    def _votes(self, X):
        check_fitted(self, "estimators_")
        X = check_X(X, n_features=self.n_features_in_)
        for alpha, h in zip(self.alphas_, self.estimators_, strict=True):
            yield alpha * h.predict(X)

    def staged_decision_function(self, X):
        """F after 1, 2, … rounds, for X (N, d): yields arrays (N,)."""
        F = 0.0
        for vote in self._votes(X):
            F = F + vote
            yield F

    def decision_function(self, X):
        """F(x) = Σ α_t h_t(x), (N,): half a log-odds, by `eq-lt-minimisers`."""
        return sum(self._votes(X), np.zeros(len(X)))

    def predict(self, X):
        """classes_[1] where F(x) ≥ 0, else classes_[0].

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
        return self.classes_[(-TIE * self.alphas_.sum() <= F).astype(int)]

    def margins(self, X, y):
        """yF/Σα of each sample, in [−1, 1] (`eq-ens-margin`), for X (N, d) and labels y (N,)."""
        F, y = self.decision_function(X), np.asarray(y)
        if y.shape != F.shape or not np.isin(y, self.classes_).all():
            raise ValueError(f"y must hold one of the labels {shown(self.classes_)} for each row of X: got {shown(y)}")
        return np.where(y == self.classes_[1], F, -F) / max(self.alphas_.sum(), 1e-300)


# Gradient boosting


def _huber(r, delta):
    return np.where(np.abs(r) <= delta, r**2 / 2, delta * (np.abs(r) - delta / 2))


_LOSSES = {  # ℓ(y, F), −∂ℓ/∂F, and the constant that is best added to F; q is the loss's own parameter
    "squared": (
        lambda y, F, q: (y - F) ** 2 / 2,
        lambda y, F, q: y - F,
        lambda y, F, q: np.mean(y - F),
    ),
    "absolute": (
        lambda y, F, q: np.abs(y - F),
        lambda y, F, q: np.sign(y - F),
        lambda y, F, q: np.median(y - F),
    ),
    "huber": (
        lambda y, F, q: _huber(y - F, q),
        lambda y, F, q: np.clip(y - F, -q, q),
        lambda y, F, q: _clipped_mean(y - F, q),
    ),
    "quantile": (
        lambda y, F, q: np.where(y < F, (q - 1) * (y - F), q * (y - F)),
        lambda y, F, q: q - (y < F),
        lambda y, F, q: np.quantile(y - F, q, method="inverted_cdf"),
    ),
    "logistic": (
        lambda y, F, q: softplus(-y * F),
        lambda y, F, q: y * sigmoid(-y * F),
        lambda y, F, q: _newton(y * sigmoid(-y * F)),
    ),
}
_PARAMETER = {"huber": 1.0, "quantile": 0.5}


def _newton(r):
    """Σr / Σ|r|(1 − |r|), one step of Newton's method for the logistic loss (`eq-ens-gb-leaf`), kept within ±36.

    Such a step takes a probability of ½ to 0 or 1 but for rounding; with all |r| near 1 the quotient has no bound.
    """
    slope = r.sum()
    return slope / max(np.sum(np.abs(r) * (1 - np.abs(r))), abs(slope) / 36, 1e-300)


def _clipped_mean(d, delta):
    """The zero of Σ clip(d − c, −δ, δ), a falling function of c."""
    low, high = d.min(), d.max()
    if low == high:
        return low
    return brentq(lambda c: np.clip(d - c, -delta, delta).sum() / delta, low, high, xtol=1e-14 * (high - low))


def _loss(loss, parameter):
    if loss not in _LOSSES:
        raise ValueError(f"loss must be one of {', '.join(_LOSSES)}: got {loss!r}")
    if parameter is None:
        return *_LOSSES[loss], _PARAMETER.get(loss)
    if loss not in _PARAMETER:
        raise ValueError(f"parameter belongs to the losses 'huber' and 'quantile': the loss is {loss!r}")
    high = math.inf if loss == "huber" else 1
    return *_LOSSES[loss], check_number(parameter, "parameter", low=0, high=high, strict=True)


def loss_value(loss, y, F, parameter=None):
    """ℓ(y, F), elementwise (`sec-ens-gb`).

    Parameters
    ----------
    loss : "squared" (½(y − F)²), "absolute", "huber", "quantile", or "logistic" (y = ±1, F the full log-odds)
    y, F : arrays of one shape
    parameter : δ of "huber" (1 if None), τ of "quantile" (½ if None)

    Returns
    -------
    array of that shape

    Raises
    ------
    ValueError
        for another loss, or a parameter out of range
    """
    value, _, _, q = _loss(loss, parameter)
    return value(np.asarray(y, dtype=float), np.asarray(F, dtype=float), q)


def pseudo_residual(loss, y, F, parameter=None):
    """−∂ℓ/∂F, what the next tree is to learn (`def-ens-residual`), elementwise.

    Parameters
    ----------
    loss, y, F, parameter : as in `loss_value`

    Returns
    -------
    array of the shape of y

    Raises
    ------
    ValueError
        as `loss_value`
    """
    _, residual, _, q = _loss(loss, parameter)
    return residual(np.asarray(y, dtype=float), np.asarray(F, dtype=float), q)


def line_search(loss, y, F, h, parameter=None):
    """The τ ≥ 0 for which Σ ℓ(y_i, F_i + τh_i) is least (`alg-ens-gb`).

    Parameters
    ----------
    loss, y, F, parameter : as in `loss_value`
    h : (N,), the direction

    Returns
    -------
    float; 0 where h does not point downhill, and large where the loss falls for ever

    Raises
    ------
    ValueError
        as `loss_value`
    """

    def slope(t):
        return -float(np.sum(pseudo_residual(loss, y, F + t * h, parameter) * h))

    y, F, h = (np.asarray(a, dtype=float) for a in (y, F, h))
    if not slope(0.0) < 0:
        return 0.0
    high = np.abs(y - F).max() / np.abs(h).max()
    most = high * 2**20
    while slope(high) < 0 and high < most:
        high *= 2
    return float(brentq(slope, 0.0, high, xtol=1e-14 * high) if slope(high) >= 0 else high)


class _Boosted:
    def _boost(self, X, y):
        rate, share = (check_number(getattr(self, name), name, low=0) for name in ("learning_rate", "subsample"))
        for name, number in (("learning_rate", rate), ("subsample", share)):
            if not 0 < number <= 1:
                raise ValueError(f"{name} must be in (0, 1]: got {number}")
        T, rng = check_number(self.n_estimators, "n_estimators", low=1, integer=True), check_rng(self.random_state)
        loss, q = self.loss, getattr(self, "parameter", None)
        value, residual, leaf, number = _loss(loss, q)
        N = len(y)
        self.init_, self.estimators_, self.n_features_in_ = self._start(y, leaf, number), [], X.shape[1]
        F, rows = np.full(N, self.init_), np.arange(N)
        self.train_loss_ = [float(np.mean(value(y, F, number)))]
        for _ in range(T):
            if share < 1:
                rows = np.sort(rng.permutation(N)[: max(1, round(share * N))])
            r = residual(y[rows], F[rows], number)
            rules = {"max_depth": self.max_depth, "min_samples_leaf": self.min_samples_leaf}
            tree = grow(X[rows], Squares(r), **rules)
            at = tree.apply(X)
            if not self.leaf_refit:
                tree.value[:] *= line_search(loss, y[rows], F[rows], tree.value[at[rows]], q)
            elif loss != "squared":  # whose best answers are the means that the tree has
                for k in tree.leaves:
                    inside = rows[at[rows] == k]
                    tree.value[k] = leaf(y[inside], F[inside], number)
            F = F + rate * tree.value[at]
            self.estimators_.append(tree)
            self.train_loss_.append(float(np.mean(value(y, F, number))))
        self.train_loss_ = np.array(self.train_loss_)
        return self

    def _scores(self, X):
        check_fitted(self, "estimators_")
        X = check_X(X, n_features=self.n_features_in_)
        F = np.full(len(X), self.init_)
        yield F
        for tree in self.estimators_:
            F = F + self.learning_rate * tree.value[tree.apply(X)]
            yield F

    def _final(self, X):
        *_, F = self._scores(X)
        return F


class GradientBoostingRegressor(_Boosted, Regressor):
    """A sum of small trees, each fitted to the residuals, in the loss's own sense, of the sum so far (`alg-ens-gb`).

    Fitted, it bears init_ F_0, estimators_ (a list of chapter 7's `Tree`) and train_loss_ (T + 1,), mean losses.

    Parameters
    ----------
    loss : as in `loss_value`, but not "logistic"
    n_estimators : T ≥ 1
    learning_rate : η in (0, 1]
    max_depth, min_samples_leaf : of the trees
    subsample : the share of rows, drawn anew without replacement, that each tree is fitted to
    leaf_refit : whether each leaf takes the answer that is best for the loss; else all share one line search
    parameter : as in `loss_value`
    random_state : seed or Generator, of use for subsample < 1
    """

    def __init__(
        self,
        loss="squared",
        n_estimators=100,
        learning_rate=0.1,
        max_depth=3,
        min_samples_leaf=1,
        subsample=1.0,
        leaf_refit=True,
        parameter=None,
        random_state=0,
    ):
        self.loss, self.n_estimators, self.learning_rate, self.max_depth = loss, n_estimators, learning_rate, max_depth
        self.min_samples_leaf, self.subsample, self.leaf_refit = min_samples_leaf, subsample, leaf_refit
        self.parameter, self.random_state = parameter, random_state

    def fit(self, X, y):
        """Boost (`alg-ens-gb`).

        Parameters
        ----------
        X : (N, d)
        y : (N,)

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for the logistic loss, and parameters out of range
        """
        if self.loss == "logistic":
            raise ValueError("loss must be one for numbers: 'logistic' belongs to GradientBoostingClassifier")
        return self._boost(*check_X_y(X, y))

    def _start(self, y, leaf, number):
        return float(leaf(y, np.zeros(len(y)), number))

    def staged_predict(self, X):
        """The predictions after 0, 1, … trees for X, (N, d): yields T + 1 arrays (N,)."""
        yield from self._scores(X)

    def predict(self, X):
        """F(x).

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
        return self._final(X)


class GradientBoostingClassifier(_Boosted, Classifier):
    """Gradient boosting of the log-odds of two classes, logistic loss (`alg-ens-gb`).

    Fitted, it bears classes_, init_, estimators_ and train_loss_, as `GradientBoostingRegressor`.

    Parameters
    ----------
    n_estimators, learning_rate, max_depth, min_samples_leaf, subsample : as in `GradientBoostingRegressor`
    leaf_refit, random_state : as there; a leaf takes one step of Newton's method, of at most 36
    """

    loss = "logistic"

    def __init__(
        self,
        n_estimators=100,
        learning_rate=0.1,
        max_depth=3,
        min_samples_leaf=1,
        subsample=1.0,
        leaf_refit=True,
        random_state=0,
    ):
        self.n_estimators, self.learning_rate, self.max_depth = n_estimators, learning_rate, max_depth
        self.min_samples_leaf, self.subsample, self.leaf_refit = min_samples_leaf, subsample, leaf_refit
        self.random_state = random_state

    def fit(self, X, y):
        """Boost (`alg-ens-gb`).

        Parameters
        ----------
        X : (N, d)
        y : (N,), labels of two classes

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for another number of classes, and parameters out of range
        """
        X = check_X(X)
        return self._boost(X, 2.0 * self._encoded(y, len(X), "exactly") - 1)

    def _start(self, y, leaf, number):
        return math.log(np.sum(y > 0) / np.sum(y < 0))

    def staged_decision_function(self, X):
        """F after 0, 1, … trees, for X (N, d): yields T + 1 arrays (N,)."""
        yield from self._scores(X)

    def decision_function(self, X):
        """F(x), the log-odds of classes_[1], (N,)."""
        return self._final(X)

    def predict_proba(self, X):
        """P(class | x), (N, 2), in the order of classes_."""
        F = self._final(X)
        return np.column_stack([sigmoid(-F), sigmoid(F)])

    def predict(self, X):
        """classes_[1] where F(x) ≥ 0, else classes_[0].

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
        F = self._final(X)
        return self.classes_[(-TIE * max(1.0, abs(self.init_)) <= F).astype(int)]


# Unlike members


def _members(estimators):
    if not isinstance(estimators, (list, tuple)) or not estimators or not all(hasattr(e, "fit") for e in estimators):
        raise ValueError(f"estimators must be a list of estimators, at least one: got {shown(estimators)}")
    return estimators


class VotingClassifier(Classifier):
    """Classifiers of several kinds that vote, or whose probabilities are averaged (`eq-ens-vote`).

    Parameters
    ----------
    estimators : list
    voting : "hard" counts votes, "soft" averages probabilities
    weights : (T,), non-negative, or None for equal ones
    """

    def __init__(self, estimators, voting="hard", weights=None):
        self.estimators, self.voting, self.weights = estimators, voting, weights

    def fit(self, X, y):
        """Train all members on the same data.

        Parameters
        ----------
        X : (N, d)
        y : (N,), labels

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for bad weights, and as the members
        """
        X, members = check_X(X), _members(self.estimators)
        self._encoded(y, len(X))
        if self.voting not in ("hard", "soft"):
            raise ValueError(f"voting must be 'hard' or 'soft': got {self.voting!r}")
        self.weights_ = _weights(self.weights, len(members))
        self.estimators_ = [_new(member).fit(X, y) for member in members]
        return self

    def predict(self, X):
        """The label with the largest weight of votes, the first of several.

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,) of labels

        Raises
        ------
        ValueError
            before `fit`
        """
        check_fitted(self, "estimators_")
        X, P = check_X(X), 0.0
        for w, model in zip(self.weights_, self.estimators_, strict=True):
            soft = (
                _shares(model, X, self.classes_)
                if self.voting == "soft"
                else model.predict(X)[:, None] == self.classes_
            )
            P = P + w * soft
        return self.classes_[_first_largest(P)]


def stack_columns(estimators, X, y, folds):
    """Each sample's predictions by members that have not seen it (`eq-ens-stack`).

    Parameters
    ----------
    estimators : list
    X, y : (N, d) and (N,)
    folds : pairs (train, test) whose test sets partition the samples, as from `kfold`

    Returns
    -------
    array (N, q): a column for a regressor, the probability of the second of two classes, or of each of more

    Raises
    ------
    ValueError
        for estimators that are none, and as the members
    """
    X, y, Z = check_X(X), np.asarray(y), None
    for train, test in folds:
        part = np.column_stack([_column(_new(e).fit(X[train], y[train]), X[test], y) for e in _members(estimators)])
        Z = np.full((len(X), part.shape[1]), np.nan) if Z is None else Z
        Z[test] = part
    return check_X(Z, "the folds' predictions")


def _column(model, X, y):
    if not hasattr(model, "classes_"):
        return model.predict(X)
    P = _shares(model, X, np.unique(y))
    return P[:, 1:] if P.shape[1] == 2 else P


class StackingClassifier(Classifier):
    """A model of models: the final classifier learns from probabilities that members give to samples unseen by them.

    Parameters
    ----------
    estimators : list
    final : a classifier of the columns, or None for chapter 6's
    n_folds : at least 2; the folds are stratified
    random_state : seed of the folds, or None to deal the samples as they come
    """

    def __init__(self, estimators, final=None, n_folds=5, random_state=None):
        self.estimators, self.final, self.n_folds, self.random_state = estimators, final, n_folds, random_state

    def fit(self, X, y):
        """Train the final model on out-of-fold predictions, then the members on all samples (`alg-ens-stacking`).

        Parameters
        ----------
        X : (N, d)
        y : (N,)

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            as `stack_columns`, `kfold` and the members
        """
        X, y = check_X(X), np.asarray(y)
        self._encoded(y, len(X))
        final = LogisticRegression() if len(self.classes_) == 2 else SoftmaxRegression()
        k = check_number(self.n_folds, "n_folds", low=2, high=len(X), integer=True)
        folds = kfold(len(X), k, seed=self.random_state, stratify=y)
        self.columns_ = stack_columns(self.estimators, X, y, folds)
        self.final_ = (final if self.final is None else _new(self.final)).fit(self.columns_, y)
        self.estimators_, self._y = [_new(e).fit(X, y) for e in self.estimators], y
        return self

    def transform(self, X):
        """The members' predictions for X, (N, q), as the final model takes them."""
        check_fitted(self, "estimators_")
        return np.column_stack([_column(model, check_X(X), self._y) for model in self.estimators_])

    def predict(self, X):
        """The final model's answers to the members' predictions.

        Parameters
        ----------
        X : (N, d)

        Returns
        -------
        array (N,)

        Raises
        ------
        ValueError
            before `fit`
        """
        return self.final_.predict(self.transform(X)) if hasattr(self, "final_") else check_fitted(self, "final_")

    def predict_proba(self, X):
        """The final model's probabilities, (N, K), in the order of classes_."""
        return self.final_.predict_proba(self.transform(X))
