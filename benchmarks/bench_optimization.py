"""Chapter 4's algorithms on the breast-cancer and diabetes data: our time over scipy's or scikit-learn's.

    PYTHONPATH=code python benchmarks/bench_optimization.py

Both sides solve the same problem, and how far their minima differ is printed; only ratios of one run mean anything.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
from scipy.optimize import minimize
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, LogisticRegression
from timing import best_of

from mlderived import optimization as opt

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from problems import logistic_problem


def sort_free_projection(v, sweeps=60):
    """The projection on the simplex as it is often first written: bisection in plain Python."""
    low, high = min(v) - 1, max(v)
    for _ in range(sweeps):
        middle = (low + high) / 2
        if sum(max(x - middle, 0.0) for x in v) > 1:
            low = middle
        else:
            high = middle
    return [max(x - low, 0.0) for x in v]


def main(repeats=10):
    warnings.simplefilter("ignore")
    A, y, f, grad, hess = logistic_problem()
    zero = np.zeros(31)
    sk = LogisticRegression(C=1.0, fit_intercept=False, tol=1e-10, solver="newton-cholesky")
    tight = {"gtol": 1e-8, "ftol": 0, "maxiter": 1000}
    X, t = load_diabetes(return_X_y=True)
    t = t - t.mean()
    lam = 0.1 * np.abs(X.T @ t).max()
    sk_lasso = Lasso(alpha=lam / len(t), fit_intercept=False, tol=1e-12, max_iter=100_000)

    def lasso(w):
        return 0.5 * np.sum((t - X @ w) ** 2) + lam * np.abs(w).sum()

    pairs = {
        "Newton, logistic": (
            lambda: opt.newton(f, grad, hess, zero).f,
            lambda: f(sk.fit(A, y).coef_[0]),
        ),
        "L-BFGS, logistic": (
            lambda: opt.lbfgs(f, grad, zero).f,
            lambda: minimize(f, zero, jac=grad, method="L-BFGS-B", options=tight).fun,
        ),
        "BFGS, logistic": (
            lambda: opt.bfgs(f, grad, zero, tol=1e-7).f,
            lambda: minimize(f, zero, jac=grad, method="BFGS", options={"gtol": 1e-7}).fun,
        ),
        "ADMM, lasso": (
            lambda: lasso(opt.admm_lasso(X, t, lam).z),
            lambda: lasso(sk_lasso.fit(X, t).coef_),
        ),
    }
    print(f"{'':22}{'ours/theirs':>12}   relative difference of the minima")
    for name, (ours, theirs) in pairs.items():
        difference = abs(ours() - theirs()) / abs(theirs())
        print(f"{name:22}{best_of(ours, repeats) / best_of(theirs, repeats):12.2g}   {difference:.0e}")

    v = np.random.default_rng(4).standard_normal(20_000)
    slow, fast = best_of(lambda: sort_free_projection(v.tolist()), 1), best_of(lambda: opt.project_simplex(v), repeats)
    difference = np.max(np.abs(sort_free_projection(v.tolist()) - opt.project_simplex(v)))
    print(f"{'simplex, plain loops':22}{slow / fast:12.0f}   {difference:.0e}   (their time over ours)")


if __name__ == "__main__":
    main()
