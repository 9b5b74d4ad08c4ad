"""Chapter 1's functions against scikit-learn, scipy and plain loops: our time over theirs, or theirs over ours.

    PYTHONPATH=code python benchmarks/bench_learning_theory.py

Both sides compute the same numbers, and how far they differ is printed; only ratios of one run mean anything.
"""

from itertools import combinations, product

import numpy as np
import scipy.special
from numpy.polynomial import legendre
from scipy.optimize import linprog
from sklearn import metrics
from timing import best_of

from mlderived import learning_theory as lt


def plain_halfspaces(X):
    """One linear programme for each of the 2ᴺ labellings."""
    A = np.column_stack([X, np.ones(len(X))])
    programmes = [
        linprog(np.zeros(A.shape[1]), -np.array(y)[:, None] * A, -np.ones(len(X)), bounds=(None, None))
        for y in product((-1, 1), repeat=len(X))
    ]
    return np.sum([programme.status == 0 for programme in programmes])


def plain_vc_dimension(rows):
    """Every set of columns, every row, one after the other."""
    N = rows.shape[1]
    rows = rows.tolist()
    shattered = [
        k
        for k in range(N + 1)
        for columns in combinations(range(N), k)
        if len({tuple(row[j] for j in columns) for row in rows}) == 2**k
    ]
    return max(shattered)


def plain_rademacher(values):
    """Every sign pattern, every function, one after the other."""
    N = values.shape[1]
    rows = values.tolist()
    maxima = [
        max(sum(s * v for s, v in zip(signs, row, strict=True)) for row in rows) for signs in product((-1, 1), repeat=N)
    ]
    return sum(maxima) / N / len(maxima)


def main(repeats=10):
    rng = np.random.default_rng(1)
    y, f = rng.choice([-1.0, 1.0], 100_000), 3 * rng.standard_normal(100_000)
    p, x = 1 / (1 + np.exp(-f)), np.sort(rng.uniform(-1, 1, 100_000))
    pairs = {
        "hinge risk": (lambda: lt.empirical_risk(f, y, "hinge"), lambda: metrics.hinge_loss(y, f)),
        "logistic risk": (lambda: lt.empirical_risk(f, y, "logistic"), lambda: metrics.log_loss(y, p)),
        "Huber's loss": (lambda: lt.huber_loss(f, 1.3), lambda: scipy.special.huber(1.3, f)),
        "polynomial of degree 9": (lambda: lt.PolynomialRegressor(9).fit(x, y).coef_, lambda: legendre.legfit(x, y, 9)),
    }
    print(f"{'':24}{'ours/theirs':>12}   largest relative difference")
    for name, (ours, theirs) in pairs.items():
        difference = np.max(np.abs(ours() - theirs())) / np.max(np.abs(theirs()))
        print(f"{name:24}{best_of(ours, repeats) / best_of(theirs, repeats):12.2g}   {difference:.0e}")

    points, rows, values = rng.standard_normal((9, 2)), rng.integers(0, 2, (300, 9)), rng.standard_normal((20, 10))
    loops = {
        "halfspaces, 9 points": (lambda: len(lt.halfspace_dichotomies(points)), lambda: plain_halfspaces(points)),
        "VC dimension, 300 rows": (lambda: lt.vc_dimension(rows), lambda: plain_vc_dimension(rows)),
        "Rademacher, 1,024 signs": (lambda: lt.rademacher_complexity(values), lambda: plain_rademacher(values)),
    }
    print(f"{'':24}{'loops/ours':>12}   difference")
    for name, (ours, slow) in loops.items():
        print(f"{name:24}{best_of(slow, 2) / best_of(ours, 3):12.2g}   {abs(ours() - slow()):.0e}")


if __name__ == "__main__":
    main()
