"""Chapter 7's trees, at the chapter's size and ten times it: our time over scikit-learn's.

    PYTHONPATH=code python benchmarks/bench_decision_tree.py

Both sides grow the same tree, up to ties, and how far their risks on the training data differ is printed; only ratios
of one run mean anything.
"""

from functools import partial

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor
from timing import best_of

from mlderived import decision_tree as dt
from mlderived.datasets import moons

RULES = {
    "to the end": {},
    "depth 3": {"max_depth": 3},
    "20 leaves": {"max_leaf_nodes": 20},
    "√d features": {"max_features": "sqrt", "random_state": 7},
    "pruned": {"ccp_alpha": 0.003},
}


def main(repeats=7):
    print(f"{'':34}{'ours/sklearn':>12}   difference of training risks")
    for N in (500, 5000):
        X, y = moons(N, 0.3, 7)
        wide = np.random.default_rng(7).standard_normal((N, 30))
        problems = {
            "moons": (dt.DecisionTreeClassifier, DecisionTreeClassifier, X, y),
            "30 columns": (dt.DecisionTreeRegressor, DecisionTreeRegressor, wide, wide[:, 0] + np.sin(3 * wide[:, 1])),
        }
        for problem, (our_class, their_class, X, y) in problems.items():
            for name, rules in RULES.items():
                ours, theirs = our_class(**rules), their_class(**rules)
                ratio = best_of(partial(ours.fit, X, y), repeats) / best_of(partial(theirs.fit, X, y), repeats)
                t, s = ours.tree_, theirs.tree_
                at = s.children_left < 0
                risks = t.weight[t.leaves] @ t.impurity[t.leaves], s.weighted_n_node_samples[at] @ s.impurity[at]
                print(f"{f'N = {N}, {problem}, {name}':34}{ratio:12.2g}   {abs(risks[0] - risks[1]) / N:.0e}")


if __name__ == "__main__":
    main()
