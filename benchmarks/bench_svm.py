"""Chapter 8's algorithms at the chapter's size and at ten times it: our time over libsvm's.

    PYTHONPATH=code python benchmarks/bench_svm.py

Both sides solve the same problem to the same tolerance, and how far their decision values differ is printed; only
ratios of one run mean anything. Ten times the breast cancer data are its rows with a little noise.
"""

import warnings

import numpy as np
from sklearn import svm as sk
from sklearn.datasets import load_breast_cancer, load_diabetes
from timing import best_of

from mlderived import svm


def grown(X, y, times):
    """Each row `times` times, with noise of a fifth of each column's spread."""
    rng = np.random.default_rng(8)
    X, y = np.repeat(X, times, axis=0), np.repeat(y, times)
    return X + (0.2 * rng.standard_normal(X.shape) if times > 1 else 0), y


def main():
    warnings.simplefilter("ignore")
    X, y = load_breast_cancer(return_X_y=True)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    D, t = load_diabetes(return_X_y=True)
    D = D / D.std(axis=0)
    print(f"{'':26}{'ours/libsvm':>12}   largest difference of decision values")
    for times, repeats in ((1, 5), (10, 1)):
        A, labels = grown(X, y, times)
        B, targets = grown(D, t, times)
        cases = {
            "linear, C = 0.1": ("decision_function", svm.SVC, sk.SVC, A, labels, {"kernel": "linear", "C": 0.1}),
            "linear, C = 1": ("decision_function", svm.SVC, sk.SVC, A, labels, {"kernel": "linear"}),
            "Gaussian, C = 1": ("decision_function", svm.SVC, sk.SVC, A, labels, {}),
            "Gaussian, C = 100": ("decision_function", svm.SVC, sk.SVC, A, labels, {"C": 100.0}),
            "regression, Gaussian": ("predict", svm.SVR, sk.SVR, B, targets, {"C": 10.0, "epsilon": 10.0}),
        }
        for name, (ask, ours, theirs, features, goal, more) in cases.items():
            fits = ours(tol=1e-6, **more).fit, theirs(tol=1e-6, cache_size=1000, **more).fit
            values = [getattr(fit(features, goal), ask)(features) for fit in fits]
            times_taken = [best_of(lambda fit=fit: fit(features, goal), repeats) for fit in fits]  # noqa: B023
            label = f"{name}, N = {len(goal)}"
            print(f"{label:34}{times_taken[0] / times_taken[1]:6.2g}   {np.abs(values[0] - values[1]).max():.0e}")


if __name__ == "__main__":
    main()
