"""Chapter 20 beside scikit-learn: our time over theirs, at the chapter's size and ten times it.

    PYTHONPATH=code python benchmarks/bench_model_selection.py

The lasso's path on the diabetes data and on 4420 samples of 100 features; splits in time; nested cross-validation of
ridge. Only ratios of one run mean anything.
"""

import numpy as np
from sklearn.linear_model import Ridge, lars_path
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score
from timing import best_of

from mlderived import datasets, resampling
from mlderived import linear_regression as lr
from mlderived import model_selection as ms


def fits(lams):
    return [
        lambda A, t, B, lam=lam: (
            t.mean() + (B - A.mean(axis=0)) @ lr.ridge_path(A - A.mean(axis=0), t - t.mean(), [lam])[0]
        )
        for lam in lams
    ]


def main(repeats=3):
    diabetes = datasets.load_diabetes()
    X = diabetes.X - diabetes.X.mean(axis=0)
    small = X / X.std(axis=0), diabetes.y - diabetes.y.mean()
    rng = np.random.default_rng(20)
    Z = rng.standard_normal((4420, 100))
    large = Z, Z @ rng.standard_normal(100) + rng.standard_normal(4420)
    lams = [1.0, 10.0, 100.0]
    for times, (X, y) in ((1, small), (10, large)):
        search = GridSearchCV(Ridge(), {"alpha": lams}, cv=KFold(5))
        pairs = {
            "lasso_knots": (
                lambda X=X, y=y: ms.lasso_knots(X, y),
                lambda X=X, y=y: lars_path(X, y, method="lasso"),
            ),
            "expanding_window": (
                lambda y=y: ms.expanding_window(len(y), 5),
                lambda y=y: list(TimeSeriesSplit(5).split(y)),
            ),
            "nested_cv": (
                lambda X=X, y=y: ms.nested_cv(
                    fits(lams), X, y, resampling.kfold(len(y), 5), 5, lambda a, b: np.mean((a - b) ** 2)
                ),
                lambda X=X, y=y, s=search: cross_val_score(s, X, y, cv=KFold(5)),
            ),
        }
        for name, (ours, other) in pairs.items():
            print(f"{name:20} × {times:2}: {best_of(ours, repeats) / best_of(other, repeats):6.2f}")


if __name__ == "__main__":
    main()
