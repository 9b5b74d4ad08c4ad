"""Chapter 5's algorithms on the diabetes data: our time over scikit-learn's, and a plain-loop lasso's over ours.

    PYTHONPATH=code python benchmarks/bench_linear_regression.py

Both sides solve the same problem, and how far their answers differ is printed; only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn import linear_model as sk
from sklearn.datasets import load_diabetes
from timing import best_of

from mlderived import linear_regression as lr

LAMS = np.logspace(-4, 2, 61)
LAM = 50.0  # of the lasso and the elastic net, on the sum scale; five features stay
EPSILON = 1.35  # of Huber, in units of the scale that scikit-learn estimates beside the weights


def plain_loop_lasso(X, y, lam, sweeps):
    """Coordinate descent as it is usually first written: three nested Python loops over lists."""
    rows, targets = X.tolist(), y.tolist()
    N, d = X.shape
    w = [0.0] * d
    for _ in range(sweeps):
        for j in range(d):
            z = norm2 = 0.0
            for i in range(N):
                others = sum(rows[i][k] * w[k] for k in range(d) if k != j)
                z += rows[i][j] * (targets[i] - others)
                norm2 += rows[i][j] ** 2
            w[j] = (max(z - lam, 0.0) - max(-z - lam, 0.0)) / norm2
    return np.array(w)


def main(repeats=30):
    warnings.simplefilter("ignore")  # scikit-learn's L-BFGS may end in a line search at rounding level
    X, y = load_diabetes(return_X_y=True)
    Xc, yc = X - X.mean(axis=0), y - y.mean()
    N = len(y)
    huber = sk.HuberRegressor(epsilon=EPSILON, alpha=0, tol=1e-8, max_iter=10_000)
    delta = EPSILON * huber.fit(X, y).scale_  # at its own scale its weights minimise our objective
    lasso = {"tol": 1e-10, "max_iter": 100_000}
    rng = np.random.default_rng(5)
    X_wide = rng.standard_normal((50, 4000))
    y_wide = X_wide[:, :5].sum(axis=1) + rng.standard_normal(50)
    wide_lam = 0.3 * lr.lasso_lambda_max(X_wide, y_wide)
    pairs = {
        "least squares": (
            lambda: lr.LinearRegression().fit(X, y).coef_,
            lambda: sk.LinearRegression().fit(X, y).coef_,
        ),
        "ridge, 61 penalties": (  # one SVD against 61 fits: scikit-learn has no path for it
            lambda: lr.ridge_path(Xc, yc, LAMS)[30],
            lambda: [sk.Ridge(alpha=lam, solver="svd").fit(X, y).coef_ for lam in LAMS][30],
        ),
        "lasso": (
            lambda: lr.Lasso(LAM).fit(X, y).coef_,
            lambda: sk.Lasso(alpha=LAM / N, **lasso).fit(X, y).coef_,
        ),
        "elastic net": (
            lambda: lr.ElasticNet(LAM, 0.9).fit(X, y).coef_,
            lambda: sk.ElasticNet(alpha=LAM / N, l1_ratio=0.9, **lasso).fit(X, y).coef_,
        ),
        "elastic net, 50 × 4000": (
            lambda: lr.ElasticNet(wide_lam, 0.9).fit(X_wide, y_wide).coef_,
            lambda: sk.ElasticNet(alpha=wide_lam / 50, l1_ratio=0.9, **lasso).fit(X_wide, y_wide).coef_,
        ),
        "Huber": (
            lambda: lr.HuberRegressor(delta).fit(X, y).coef_,
            lambda: huber.fit(X, y).coef_,
        ),
    }
    print(f"{'':22}{'ours/sklearn':>12}   largest relative difference of the weights")
    for name, (ours, theirs) in pairs.items():
        difference = np.max(np.abs(ours() - theirs())) / np.max(np.abs(theirs()))
        print(f"{name:22}{best_of(ours, repeats) / best_of(theirs, repeats):12.2g}   {difference:.0e}")

    w, _, sweeps = lr.lasso_cd(Xc, yc, LAM)
    slow = best_of(lambda: plain_loop_lasso(Xc, yc, LAM, sweeps), 1)
    fast = best_of(lambda: lr.lasso_cd(Xc, yc, LAM), repeats)
    difference = np.max(np.abs(plain_loop_lasso(Xc, yc, LAM, sweeps) - w)) / np.max(np.abs(w))
    print(f"{'lasso, plain loops':22}{slow / fast:12.0f}   {difference:.0e}   (their time over ours, {sweeps} sweeps)")


if __name__ == "__main__":
    main()
