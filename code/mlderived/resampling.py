"""Index arrays for train/test splits, folds and the bootstrap, made by dealing cards: no library's generator is needed.

One rule makes every split here. Put the N samples in an order (as they come, or shuffled by `seed`); with `stratify`,
sort that order by class, stably. Then deal: folds get one sample each in turn, a test set gets every (N/m)-th. Dealing
spreads each class as evenly as integers allow, and with `seed=None` no random number is drawn, so that counts reproduce
exactly on every machine.

Sources: Stone, Cross-validatory choice and assessment of statistical predictions, JRSS B 36 (1974), 111–147; Kohavi, A
study of cross-validation and bootstrap, IJCAI 1995, 1137–1143 (stratified folds); Efron, Bootstrap methods, Annals of
Statistics 7 (1979), 1–26.
"""

import numpy as np

from mlderived.validation import check_number, check_rng

__all__ = ["bootstrap", "cross_val_predict", "cross_val_score", "kfold", "leave_one_out", "train_test_split"]


def train_test_split(n, test_size, seed, stratify=None):
    """Split range(n) into (train, test), two disjoint integer arrays, each in random order.

    scikit-learn's function of this name splits arrays; this one splits their indices, and asks for the seed.
    Since both come in random order, `train[:m]` is a fair sample too (of use for learning curves).

    Parameters
    ----------
    n : int ≥ 2
    test_size : number of test samples (an integer in [1, n − 1]), or the share of them (a float in (0, 1), rounded to
        the nearest count)
    seed : non-negative integer, or a numpy Generator
    stratify : class of each sample, shape (n,): the test set then holds of each class its share to within one sample

    Returns
    -------
    two integer arrays

    Raises
    ------
    ValueError
        for a size that leaves either side empty, and for a class with a single sample
    """
    n = check_number(n, "n", low=2, integer=True)
    if isinstance(test_size, float | np.floating):
        m = round(check_number(test_size, "test_size", low=0, high=1, strict=True) * n)
    else:
        m = check_number(test_size, "test_size", integer=True)
    if not 1 <= m <= n - 1:
        raise ValueError(f"test_size must leave both sides a sample: got {test_size}, that is {m} of {n}")
    order = check_rng(seed, "seed").permutation(n)
    # Position j goes to the test set where the staircase floor(j·m/n) rises: m steps, spread evenly over the classes.
    rises = np.diff(np.arange(n + 1) * m // n) == 1
    is_test = np.zeros(n, dtype=bool)
    is_test[_by_class(order, stratify)[rises]] = True
    return order[~is_test[order]], order[is_test[order]]


def kfold(n, k, seed=None, stratify=None, contiguous=False):
    """k folds as a list of pairs (train, test) of integer arrays; the k test sets partition range(n).

    Fold sizes differ by at most one, the longer first. A list, not a generator: the same folds serve every candidate of
    a search.

    Parameters
    ----------
    n : int ≥ 2
    k : int in [2, n]
    seed : None deals the samples as they come, sample i to fold i mod k; else they are shuffled first (non-negative
        integer, or a numpy Generator)
    stratify : class of each sample, shape (n,): samples are dealt class after class, so that the counts of every class
        in two folds differ by at most one; without a seed this is "sort by class, stably, and deal"
    contiguous : True cuts the samples in file order into k blocks instead, which asks another question: how well does
        the model do on writers, days or batches that it has not seen? Excludes `seed` and `stratify`

    Returns
    -------
    list of k pairs

    Raises
    ------
    ValueError
        unless 2 ≤ k ≤ n, and for a class with a single sample (its fold would train without that class)
    """
    n = check_number(n, "n", low=2, integer=True)
    k = check_number(k, "k", low=2, high=n, integer=True)
    if contiguous and not (seed is None and stratify is None):
        raise ValueError("contiguous folds keep the file's order: give neither seed nor stratify with them")
    order = np.arange(n) if seed is None else check_rng(seed, "seed").permutation(n)
    fold = np.empty(n, dtype=int)
    fold[_by_class(order, stratify)] = np.arange(n) * k // n if contiguous else np.arange(n) % k
    fold = fold[order]
    return [(order[fold != j], order[fold == j]) for j in range(k)]


def leave_one_out(n):
    """The n pairs (train, test) in which sample i is tested by a model of the n − 1 others.

    Parameters
    ----------
    n : int ≥ 2

    Returns
    -------
    list of n pairs

    Raises
    ------
    ValueError
        for n < 2
    """
    return kfold(n, n)


def bootstrap(n, n_draws, seed):
    """`n_draws` resamples of range(n), drawn with replacement.

    A row leaves out a share (1 − 1/n)ⁿ → 1/e of the samples on average.

    Parameters
    ----------
    n, n_draws : int ≥ 1
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    integer array (n_draws, n)

    Raises
    ------
    ValueError
        for n < 1 or n_draws < 1
    """
    n = check_number(n, "n", low=1, integer=True)
    n_draws = check_number(n_draws, "n_draws", low=1, integer=True)
    return check_rng(seed, "seed").integers(n, size=(n_draws, n))


def cross_val_predict(fit_predict, X, y, folds):
    """Every sample's prediction by the model that did not see it. Statistics pooled over all samples come from here.

    Parameters
    ----------
    fit_predict : function (X_train, y_train, X_test) → predictions, one row per test sample. All that learns from data,
        scaling and selection included, belongs inside it
    X, y : N rows each
    folds : pairs (train, test) whose test sets partition the samples, as from `kfold`

    Returns
    -------
    array (N,), or (N, K) for rows of K numbers

    Raises
    ------
    ValueError
        if the test sets are no partition, if a sample is both trained on and tested, or if the predictions do not match
        the test rows
    """
    X, y = _paired(X, y)
    folds = _checked(folds, len(X))
    tested = np.concatenate([test for _, test in folds])
    if not np.array_equal(np.sort(tested), np.arange(len(X))):
        raise ValueError(f"folds must test each of the {len(X)} samples exactly once: got {len(tested)} tests")
    predictions = np.concatenate([_predict(fit_predict, X, y, train, test) for train, test in folds])
    return predictions[np.argsort(tested)]


def cross_val_score(fit_predict, X, y, folds, score):
    """score(y_test, prediction) of each fold.

    Other than scikit-learn's function of this name it takes a function that fits and predicts, and the folds
    themselves. The mean of its numbers weighs folds, not samples, equally: the two differ when the folds' sizes do.

    Parameters
    ----------
    fit_predict, X, y, folds : as in `cross_val_predict`, but the test sets need not cover all samples
    score : function (y_true, prediction) → number

    Returns
    -------
    array (k,)

    Raises
    ------
    ValueError
        if a sample is both trained on and tested, or if the predictions do not match the test rows
    """
    X, y = _paired(X, y)
    folds = _checked(folds, len(X))
    return np.array([float(score(y[test], _predict(fit_predict, X, y, train, test))) for train, test in folds])


def _by_class(order, stratify):
    """`order`, stably sorted by the classes `stratify`, if there are any."""
    if stratify is None:
        return order
    stratify = np.asarray(stratify)
    if stratify.shape != order.shape:
        raise ValueError(f"stratify must hold one class for each of {len(order)} samples: got shape {stratify.shape}")
    classes, code, count = np.unique(stratify, return_inverse=True, return_counts=True)
    if count.min() < 2:
        raise ValueError(
            f"stratify must hold at least two samples of each class: class {classes[count.argmin()]} has 1"
        )
    return order[np.argsort(code[order], kind="stable")]


def _paired(X, y):
    X, y = np.asarray(X), np.asarray(y)
    if X.ndim == 0 or y.ndim == 0 or len(X) != len(y):
        raise ValueError(f"X and y must have one row per sample, equally many: got shapes {X.shape} and {y.shape}")
    return X, y


def _checked(folds, n):
    folds = [(np.asarray(train), np.asarray(test)) for train, test in folds]
    if not folds:
        raise ValueError("folds must hold at least one (train, test) pair: got none")
    for j, (train, test) in enumerate(folds):
        for name, part in (("train", train), ("test", test)):
            if part.ndim != 1 or part.size == 0 or part.dtype.kind not in "iu" or part.min() < 0 or part.max() >= n:
                raise ValueError(f"fold {j} must have a non-empty array of sample indices below {n} as its {name} part")
        if np.intersect1d(train, test).size:
            raise ValueError(f"fold {j} must not test a sample that it trains on: got {np.intersect1d(train, test)[0]}")
    return folds


def _predict(fit_predict, X, y, train, test):
    prediction = np.asarray(fit_predict(X[train], y[train], X[test]))
    if prediction.ndim == 0 or len(prediction) != len(test):
        raise ValueError(f"fit_predict must return {len(test)} predictions, one per test row: got {prediction.shape}")
    return prediction
