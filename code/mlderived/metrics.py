"""How good is a classifier? Tables of right and wrong, curves over all thresholds, and how honest probabilities are.

Labels are zeros and ones, 1 the class that is looked for; scores may be any real numbers, probabilities lie in [0, 1].
"""

import numpy as np
from scipy.stats import rankdata

from .validation import check_binary, check_number, check_y, shown

__all__ = [
    "average_precision",
    "brier_decomposition",
    "brier_score",
    "confusion_matrix",
    "expected_calibration_error",
    "precision_recall_curve",
    "precision_recall_f1",
    "reliability_curve",
    "roc_auc",
    "roc_curve",
]


def _labels(y, other, name, both=False):
    y, other = check_y(y), check_y(other, name)
    if len(y) != len(other):
        raise ValueError(f"y and {name} have different lengths: {len(y)} and {len(other)}")
    return check_binary(y, both=both), other


def _probabilities(y, p):
    y, p = _labels(y, p, "p")
    if np.any((p < 0) | (p > 1)):
        raise ValueError(f"p must lie in [0, 1]: got {shown(p, (p < 0) | (p > 1))}")
    return y, p


# At one threshold


def confusion_matrix(y, y_pred):
    """Counts of true class (row) and predicted class (column), [[TN, FP], [FN, TP]] (`eq-logreg-metrics`).

    Parameters
    ----------
    y, y_pred : (N,), zeros and ones

    Returns
    -------
    integer array (2, 2)

    Raises
    ------
    ValueError
        for labels other than 0 and 1
    """
    y, y_pred = _labels(y, y_pred, "y_pred")
    check_binary(y_pred, "y_pred")
    return np.bincount((2 * y + y_pred).astype(int), minlength=4).reshape(2, 2)


def precision_recall_f1(y, y_pred, zero_division=0.0):
    """TP/(TP + FP), TP/(TP + FN) and their harmonic mean 2TP/(2TP + FP + FN) (`eq-logreg-metrics`).

    `zero_division` stands where nothing was predicted, or nothing was there to be found.

    Parameters
    ----------
    y, y_pred : (N,), zeros and ones
    zero_division : stands where nothing was predicted, or nothing was there to be found

    Returns
    -------
    three floats
    """
    (_, fp), (fn, tp) = confusion_matrix(y, y_pred)

    def share(top, bottom):
        return float(top / bottom) if bottom else zero_division

    return share(tp, tp + fp), share(tp, tp + fn), share(2 * tp, 2 * tp + fp + fn)


# Over all thresholds


def _counts(y, scores):
    """Positives and negatives whose score is at least each of the distinct scores, from the highest down."""
    y, scores = _labels(y, scores, "scores", both=True)
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))  # tied scores enter together
    tp = np.cumsum(y[order])[last]
    return tp, last + 1 - tp, scores[order][last]


def roc_curve(y, scores):
    """False and true positive rates as the threshold falls, from (0, 0) to (1, 1) (`eq-logreg-auc`).

    Parameters
    ----------
    y : (N,), zeros and ones, both
    scores : (N,)

    Returns
    -------
    fpr, tpr, and the thresholds, each with one entry more than there are distinct scores; the first threshold is ∞
    """
    tp, fp, thresholds = _counts(y, scores)
    return np.append(0, fp / fp[-1]), np.append(0, tp / tp[-1]), np.append(np.inf, thresholds)


def roc_auc(y, scores):
    """P(s⁺ > s⁻) + ½P(s⁺ = s⁻), from the ranks in O(N log N) (`eq-logreg-auc`).

    Parameters
    ----------
    y, scores : as in `roc_curve`

    Returns
    -------
    float in [0, 1]
    """
    y, scores = _labels(y, scores, "scores", both=True)
    positive = y == 1
    n1, n0 = positive.sum(), (~positive).sum()
    return float((rankdata(scores)[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * n0))


def precision_recall_curve(y, scores):
    """Precision and recall at each distinct score as threshold, from the highest down, and the thresholds.

    Parameters
    ----------
    y, scores : as in `roc_curve`

    Returns
    -------
    precision, recall, and the thresholds: three arrays, an entry for each distinct score
    """
    tp, fp, thresholds = _counts(y, scores)
    return tp / (tp + fp), tp / tp[-1], thresholds


def average_precision(y, scores):
    """Σ precision · (step of recall): the area under the steps, not under chords.

    Parameters
    ----------
    y, scores : as in `roc_curve`

    Returns
    -------
    float in (0, 1]
    """
    precision, recall, _ = precision_recall_curve(y, scores)
    return float(np.sum(precision * np.diff(recall, prepend=0)))


# Are the probabilities honest?


def brier_score(y, p):
    """The mean of (p − y)² (`eq-logreg-proper`).

    Parameters
    ----------
    y : (N,), zeros and ones
    p : (N,), probabilities

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        for a p outside [0, 1]
    """
    y, p = _probabilities(y, p)
    return float(np.mean((p - y) ** 2))


def _bins(p, n_bins):
    n_bins = check_number(n_bins, "n_bins", low=1, integer=True)
    return np.minimum((p * n_bins).astype(int), n_bins - 1)


def reliability_curve(y, p, n_bins=10):
    """In each of `n_bins` equal bins of [0, 1] that holds a sample: mean p, share of ones, and count.

    Bins are closed on the left, the last on both sides (`eq-logreg-calibration`).

    Parameters
    ----------
    y : (N,), zeros and ones
    p : (N,), probabilities
    n_bins : number of bins

    Returns
    -------
    mean p, share of ones, and count of each bin that holds a sample: three arrays
    """
    y, p = _probabilities(y, p)
    bins = _bins(p, n_bins)
    held, bins = np.unique(bins, return_inverse=True)
    count = np.bincount(bins, minlength=len(held))
    return np.bincount(bins, p) / count, np.bincount(bins, y) / count, count


def brier_decomposition(y, p, n_bins=10):
    """Reliability, resolution and uncertainty of p, each replaced by its bin's mean (`eq-logreg-calibration`).

    The Brier score of these binned forecasts is reliability − resolution + uncertainty, exactly.

    Parameters
    ----------
    y, p, n_bins : as in `reliability_curve`

    Returns
    -------
    three floats
    """
    forecast, share, count = reliability_curve(y, p, n_bins)
    weight, base = count / count.sum(), np.mean(y)
    reliability, resolution = weight @ (forecast - share) ** 2, weight @ (share - base) ** 2
    return float(reliability), float(resolution), float(base * (1 - base))


def expected_calibration_error(y, p, n_bins=10):
    """The mean distance between forecast and share over bins, weighted by count (`eq-logreg-calibration`).

    Parameters
    ----------
    y, p, n_bins : as in `reliability_curve`

    Returns
    -------
    float in [0, 1]
    """
    forecast, share, count = reliability_curve(y, p, n_bins)
    return float(count @ np.abs(forecast - share) / count.sum())
