"""Chapter 6's algorithms at the chapter's size and ten times that: our time over scikit-learn's.

    PYTHONPATH=code python benchmarks/bench_logistic_regression.py

Both sides solve the same problem, and how far their answers differ is printed; only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn import linear_model as sk
from sklearn import metrics as sk_metrics
from sklearn.datasets import load_breast_cancer, load_iris
from timing import best_of

from mlderived import logistic_regression as lg
from mlderived import metrics

TIGHT = {"tol": 1e-9, "max_iter": 100_000}


def standardised(X, times):
    X = np.tile(X, (times, 1)) + (
        0 if times == 1 else 0.01 * np.random.default_rng(6).standard_normal((times * len(X), X.shape[1]))
    )
    return (X - X.mean(axis=0)) / X.std(axis=0)


def pairs(times):
    """What is timed at a size: name, ours, theirs."""
    X, y = load_breast_cancer(return_X_y=True)
    X, y = standardised(X, times), np.tile(y, times)
    flowers, kinds = load_iris(return_X_y=True)
    flowers, kinds = standardised(flowers, times), np.tile(kinds, times)
    C = 1 / (len(y) * 0.05)
    scores = X[:, 0]
    yield (
        "ridge penalty, Newton",
        lambda: lg.LogisticRegression().fit(X, y).coef_,
        lambda: sk.LogisticRegression(solver="newton-cholesky", **TIGHT).fit(X, y).coef_[0],
    )
    yield (
        "lasso penalty",
        lambda: lg.LogisticRegression(C, penalty="l1").fit(X, y).coef_,
        lambda: sk.LogisticRegression(C=C, l1_ratio=1, solver="saga", **TIGHT).fit(X, y).coef_[0],
    )
    yield (
        "softmax, three classes",
        lambda: lg.SoftmaxRegression().fit(flowers, kinds).coef_,
        lambda: sk.LogisticRegression(**TIGHT).fit(flowers, kinds).coef_,
    )
    yield (
        "area under the ROC",
        lambda: metrics.roc_auc(y, scores),
        lambda: sk_metrics.roc_auc_score(y, scores),
    )
    yield (
        "average precision",
        lambda: metrics.average_precision(y, scores),
        lambda: sk_metrics.average_precision_score(y, scores),
    )


def main(repeats=5):
    warnings.simplefilter("ignore")  # scikit-learn renames arguments from version to version
    for times in (1, 10):
        sizes = f"{569 * times} × 30, {150 * times} × 4"
        print(f"{sizes:24}{'ours/sklearn':>12}   ours, ms   largest relative difference")
        for name, ours, theirs in pairs(times):
            difference = np.max(np.abs(ours() - theirs())) / np.max(np.abs(theirs()))
            seconds = best_of(ours, repeats)
            print(f"{name:24}{seconds / best_of(theirs, repeats):12.2g}{seconds * 1e3:11.1f}   {difference:.0e}")


if __name__ == "__main__":
    main()
