"""Chapter 12's booster beside XGBoost and LightGBM on one thread: our time over theirs, at two sizes.

    PYTHONPATH=code python benchmarks/bench_gradient_boosting.py

Twenty rounds each, with the time to code the columns; how far the final training losses differ, relative to ours, is
printed too. The codes take N·d bytes and an open node's histogram 24·d·B bytes; only ratios of one run mean anything.
"""

import warnings
from functools import partial

import numpy as np
from timing import best_of

from mlderived import gradient_boosting as gb

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import lightgbm
    import xgboost

LIGHT = {"num_threads": 1, "deterministic": True, "verbosity": -1, "min_data_in_leaf": 1, "lambda_l2": 1.0}


def xgb(X, y, loss, **rules):
    rules = {"nthread": 1, "objective": loss, "eta": 0.1, **rules}
    return xgboost.train(rules, xgboost.DMatrix(X, y, nthread=1), 20).predict(xgboost.DMatrix(X))


def lgb(X, y, loss, **rules):
    loss = "l2" if loss.startswith("reg") else "binary"
    rules = {**LIGHT, "objective": loss, "learning_rate": 0.1, **rules}
    return lightgbm.train(rules, lightgbm.Dataset(X, y), 20).predict(X)


CASES = {
    "hist, depth 3": ({"max_depth": 3}, xgb, {"tree_method": "hist", "max_depth": 3}),
    "hist, depth 6": ({"max_depth": 6}, xgb, {"tree_method": "hist", "max_depth": 6}),
    "exact, depth 6": ({"method": "exact"}, xgb, {"tree_method": "exact", "max_depth": 6}),
    "leaf-wise, 31 leaves": (
        {"growth": "leaf", "max_leaves": 31, "max_depth": None, "min_child_weight": 1e-3},
        lgb,
        {"num_leaves": 31, "max_depth": -1},
    ),
}


def main(repeats=2):
    print(f"{'ours over the library':40}{'fit':>8}   difference of losses")
    for N in (1000, 10_000):
        rng = np.random.default_rng(12)
        X = rng.standard_normal((N, 20))
        signal = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.3 * rng.standard_normal(N)
        problems = {
            "squares": (gb.SecondOrderRegressor, signal, "reg:squarederror"),
            "log loss": (gb.SecondOrderClassifier, (signal > 0).astype(int), "binary:logistic"),
        }
        for problem, (make, y, loss) in problems.items():
            for name, (mine, library, theirs) in CASES.items():
                model = make(20, 0.1, **mine)
                ratio = best_of(partial(model.fit, X, y), repeats)
                ratio /= best_of(partial(library, X, y, loss, **theirs), repeats)
                said = library(X, y, loss, **theirs)
                if problem == "squares":
                    off = np.mean((said - y) ** 2) / 2
                else:
                    off = -np.mean(np.log(np.where(y == 1, said, 1 - said)))
                off = abs(off / model.train_loss_[-1] - 1)
                print(f"{f'N = {N}, {problem}, {name}':40}{ratio:8.2g}   {off:.0e}", flush=True)


if __name__ == "__main__":
    main()
