"""Metrics against scikit-learn, against counting all pairs, and on ties, single scores and extreme probabilities."""

import numpy as np
import pytest
import sklearn.metrics as sk
from hypothesis import given
from hypothesis import strategies as st

from mlderived import metrics

LABELS = np.array([0.0, 0, 1, 0, 1, 1])
TIMES = np.array([-3.0, -1, -1, 1, 1, 3])

both_classes = st.lists(st.tuples(st.sampled_from((0.0, 1.0)), st.integers(-4, 4)), min_size=2, max_size=40).filter(
    lambda rows: len({label for label, _ in rows}) == 2
)


def by_pairs(y, scores):
    """Every pair of a positive and a negative: 1 for the right order, ½ for a tie."""
    gaps = scores[y == 1][:, None] - scores[y == 0]
    return np.mean((gaps > 0) + 0.5 * (gaps == 0))


@given(both_classes)
def test_curves_and_areas_are_scikit_learns_and_the_area_counts_pairs(rows):
    y, scores = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    assert metrics.roc_auc(y, scores) == pytest.approx(by_pairs(y, scores), abs=1e-12)
    assert metrics.roc_auc(y, scores) == pytest.approx(sk.roc_auc_score(y, scores), abs=1e-12)
    assert metrics.average_precision(y, scores) == pytest.approx(sk.average_precision_score(y, scores), abs=1e-12)
    for ours, theirs in zip(
        metrics.roc_curve(y, scores), sk.roc_curve(y, scores, drop_intermediate=False), strict=True
    ):
        np.testing.assert_allclose(ours, theirs, atol=1e-12)
    precision, recall, thresholds = sk.precision_recall_curve(y, scores)
    ours = metrics.precision_recall_curve(y, scores)
    np.testing.assert_allclose(ours[0], precision[-2::-1], atol=1e-12)
    np.testing.assert_allclose(ours[1], recall[-2::-1], atol=1e-12)
    np.testing.assert_array_equal(ours[2], thresholds[::-1])


@given(both_classes)
def test_the_area_knows_only_the_order_and_turns_with_it(rows):
    y, scores = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    area = metrics.roc_auc(y, scores)
    assert metrics.roc_auc(y, np.exp(3 * scores)) == area
    assert metrics.roc_auc(y, scores**3) == area
    assert metrics.roc_auc(y, -scores) == pytest.approx(1 - area, abs=1e-12)
    assert metrics.roc_auc(np.tile(y, 3), np.tile(scores, 3)) == pytest.approx(area, abs=1e-12)
    assert np.trapezoid(*metrics.roc_curve(y, scores)[1::-1]) == pytest.approx(area, abs=1e-12)


def test_six_students_by_hand():
    assert metrics.roc_auc(LABELS, TIMES) == pytest.approx(7 / 9)
    assert metrics.average_precision(LABELS, TIMES) == pytest.approx(34 / 45)
    p = np.array([1, 3, 3, 6, 6, 8]) / 9
    assert metrics.brier_score(LABELS, p) == pytest.approx(46 / 243)
    assert metrics.brier_decomposition(LABELS, p) == pytest.approx((11 / 486, 1 / 12, 1 / 4))
    assert metrics.expected_calibration_error(LABELS, p) == pytest.approx(4 / 27)


@pytest.mark.parametrize(
    ("ninths", "table", "metrics_of"),
    [
        (8, [[3, 0], [2, 1]], (1, 1 / 3, 1 / 2)),
        (6, [[2, 1], [1, 2]], (2 / 3, 2 / 3, 2 / 3)),
        (3, [[1, 2], [0, 3]], (3 / 5, 1, 3 / 4)),
        (1, [[0, 3], [0, 3]], (1 / 2, 1, 2 / 3)),
    ],
)
def test_the_table_of_the_six_students(ninths, table, metrics_of):
    decided = (np.array([1, 3, 3, 6, 6, 8]) >= ninths).astype(float)
    np.testing.assert_array_equal(metrics.confusion_matrix(LABELS, decided), table)
    assert metrics.precision_recall_f1(LABELS, decided) == pytest.approx(metrics_of)


def test_what_is_undefined_is_what_was_asked_for():
    nothing = np.zeros(6)
    assert metrics.precision_recall_f1(LABELS, nothing) == (0, 0, 0)
    precision, recall, f1 = metrics.precision_recall_f1(LABELS, nothing, zero_division=np.nan)
    assert np.isnan(precision)
    assert (recall, f1) == (0, 0)
    assert metrics.precision_recall_f1(nothing, nothing, zero_division=1.0) == (1, 1, 1)


@given(st.lists(st.tuples(st.sampled_from((0.0, 1.0)), st.floats(0, 1)), min_size=1, max_size=60), st.integers(1, 20))
def test_the_brier_score_of_binned_forecasts_splits(rows, n_bins):
    y, p = (np.array(column, dtype=float) for column in zip(*rows, strict=True))
    forecast, share, count = metrics.reliability_curve(y, p, n_bins)
    assert count.sum() == len(y)
    edges = np.minimum(np.floor(p * n_bins), n_bins - 1)
    binned = np.array([p[edges == edge].mean() for edge in edges])
    reliability, resolution, uncertainty = metrics.brier_decomposition(y, p, n_bins)
    assert reliability - resolution + uncertainty == pytest.approx(metrics.brier_score(y, binned), abs=1e-12)
    assert metrics.brier_score(y, p) == pytest.approx(sk.brier_score_loss(y, p, pos_label=1), abs=1e-12)
    error = metrics.expected_calibration_error(y, p, n_bins)
    assert error == pytest.approx(np.sum(np.abs(forecast - share) * count) / len(y), abs=1e-12)
    assert error <= np.sqrt(reliability) + 1e-12  # Jensen's inequality


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: metrics.roc_auc([1, 1], [0.1, 0.2]), "both classes"),
        (lambda: metrics.roc_curve([0, 2], [0.1, 0.2]), "zeros and ones"),
        (lambda: metrics.roc_auc([0, 1], [0.1]), "different lengths: 2 and 1"),
        (lambda: metrics.roc_auc([0, 1], [0.1, np.nan]), "NaN"),
        (lambda: metrics.brier_score([0, 1], [0.1, 1.2]), r"\[0, 1\]"),
        (lambda: metrics.confusion_matrix([0, 1], [0.1, 1]), "y_pred must hold zeros and ones"),
        (lambda: metrics.reliability_curve([0, 1], [0.1, 1], 0), "n_bins"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()
