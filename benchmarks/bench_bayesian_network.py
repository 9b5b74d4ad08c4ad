"""Chapter 10 beside pgmpy and scikit-learn: our time over theirs, at two sizes.

    PYTHONPATH=code python benchmarks/bench_bayesian_network.py

The tree of a TAN classifier on the digits in black and white (1797 × 64) and on ten times as many rows, against pgmpy's
TreeSearch; what tree and average cost beside scikit-learn's CategoricalNB, which has a d-th of the tables; a query in a
chain of 30 and of 300 nodes, and BDeu of a network on 10 nodes with 1000 and 10 000 rows, against pgmpy.
"""

import warnings

import numpy as np
from sklearn import naive_bayes as sk
from timing import best_of

from mlderived import bayesian_network as bn
from mlderived import datasets

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from pgmpy.estimators import TreeSearch
    from pgmpy.factors.discrete import TabularCPD
    from pgmpy.inference import VariableElimination
    from pgmpy.models import DiscreteBayesianNetwork
    from pgmpy.structure_score import BDeu


def trees(repeats):
    data = datasets.load_digits()
    binary = (data.X > 7).astype(int)
    for times in (1, 10):
        X, y = np.repeat(binary, times, axis=0), np.repeat(data.y, times)
        cost = {}
        for model in (sk.CategoricalNB(min_categories=2), bn.TAN(n_categories=2), bn.AODE(n_categories=2)):
            fit = best_of(lambda m=model, X=X, y=y: m.fit(X, y), repeats)
            cost[type(model).__name__] = fit, best_of(lambda m=model, X=X: m.predict_log_proba(X), repeats)
        for name in ("TAN", "AODE"):
            fit, predict = (ours / naive for ours, naive in zip(cost[name], cost["CategoricalNB"], strict=True))
            print(f"{name}, {len(X)} × 64, over scikit-learn's naive Bayes: fit {fit:.2g}, predict {predict:.2g}")
    for N in (200, 1797):
        X, y = binary[:N, 20:32], data.y[:N]
        frame = pd.DataFrame(X).rename(columns=str).assign(y=y)
        slow = best_of(lambda f=frame: TreeSearch(f, "0", n_jobs=1).estimate("tan", "y", show_progress=False), 1)
        fast = best_of(lambda X=X, y=y: bn.TAN(root=0, n_categories=2).fit(X, y), repeats)
        print(f"tree of {N} × 12: ours over pgmpy {fast / slow:.2g}")


def queries(repeats):
    copy, coin = np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0.5, 0.5])
    for n in (30, 300):
        ours = bn.BayesianNetwork([(), *((i,) for i in range(n - 1))], [coin, *[copy] * (n - 1)])
        theirs = DiscreteBayesianNetwork([(str(i), str(i + 1)) for i in range(n - 1)])
        theirs.add_cpds(TabularCPD("0", 2, coin[:, None]))
        theirs.add_cpds(*(TabularCPD(str(i + 1), 2, copy.T, [str(i)], [2]) for i in range(n - 1)))
        engine = VariableElimination(theirs)
        fast = best_of(lambda m=ours, n=n: m.query(0, {n - 1: 1}), repeats)
        slow = best_of(lambda e=engine, n=n: e.query(["0"], {str(n - 1): 1}, show_progress=False), repeats)
        print(f"chain of {n}: ours over pgmpy {fast / slow:.2g}")


def scores(repeats):
    rng = np.random.default_rng(10)
    parents = tuple(tuple(range(max(0, i - 2), i)) for i in range(10))
    for N in (1000, 10_000):
        X = rng.integers(0, 3, (N, 10))
        frame = pd.DataFrame(X).rename(columns=str)
        model = DiscreteBayesianNetwork([(str(p), str(i)) for i, of in enumerate(parents) for p in of])
        fast = best_of(lambda X=X: bn.bdeu_score(X, parents), repeats)
        slow = best_of(lambda f=frame, m=model: BDeu(f, 1).score(m), repeats)
        print(f"BDeu, {N} rows: ours over pgmpy {fast / slow:.2g}")


def main(repeats=5):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        trees(repeats)
        queries(repeats)
        scores(repeats)


if __name__ == "__main__":
    main()
