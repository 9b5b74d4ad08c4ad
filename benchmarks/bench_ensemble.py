"""Chapter 11's ensembles, at the chapter's size and ten times it and more: our time over scikit-learn's, one thread.

    PYTHONPATH=code OMP_NUM_THREADS=1 python benchmarks/bench_ensemble.py

Both sides train as many members; the difference of their shares of hits, or of R², on the training data is printed.
Only ratios of one run mean anything.
"""

from functools import partial

import numpy as np
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    RandomForestClassifier,
    RandomForestRegressor,
)
from timing import best_of

from mlderived import datasets
from mlderived import ensemble as en


def main(repeats=2):
    print(f"{'':36}{'fit':>8}{'predict':>9}   difference of scores")
    rng = np.random.default_rng(11)
    wide = rng.standard_normal((10_000, 20))
    label = (wide[:, 0] + wide[:, 1] ** 2 + rng.standard_normal(10_000) > 1).astype(int)
    cancer = datasets.load_breast_cancer()
    for X, y, T in ((cancer.X, cancer.y, 50), (wide, label, 10)):
        problems = {
            "boosted stumps": (en.AdaBoostClassifier(T), AdaBoostClassifier(n_estimators=T)),
            "gradient boosting, classes": (
                en.GradientBoostingClassifier(T),
                GradientBoostingClassifier(n_estimators=T),
            ),
            "gradient boosting, numbers": (
                en.GradientBoostingRegressor(n_estimators=T),
                GradientBoostingRegressor(n_estimators=T),
            ),
            "forest, classes": (en.RandomForestClassifier(T), RandomForestClassifier(n_estimators=T)),
            "forest, numbers": (
                en.RandomForestRegressor(T),
                RandomForestRegressor(n_estimators=T, max_features=1 / 3),
            ),
            "bagged trees": (en.BaggingClassifier(n_estimators=T), BaggingClassifier(n_estimators=T)),
        }
        for name, (ours, theirs) in problems.items():
            fit = best_of(partial(ours.fit, X, y), repeats) / best_of(partial(theirs.fit, X, y), repeats)
            predict = best_of(partial(ours.predict, X), repeats) / best_of(partial(theirs.predict, X), repeats)
            gap = ours.score(X, y) - theirs.score(X, y)
            print(f"{f'{X.shape[0]} × {X.shape[1]}, {name}':36}{fit:8.2g}{predict:9.2g}   {gap:.0e}")


if __name__ == "__main__":
    main()
