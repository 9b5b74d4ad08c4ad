"""Chapter 2's factorisations against LAPACK's: our time over numpy's or scipy's, and textbook loops' over ours.

    PYTHONPATH=code python benchmarks/bench_linear_algebra.py

Both sides solve the same problem, and how far their answers differ is printed; only ratios of one run mean anything.
"""

import numpy as np
import scipy.linalg
import scipy.special
from sklearn.datasets import load_digits
from sklearn.utils.extmath import randomized_svd
from timing import best_of

from mlderived import linear_algebra as la


def plain_loop_cholesky(A):
    """The formula entry by entry, over lists."""
    n = len(A)
    L = [[0.0] * n for _ in range(n)]
    for j in range(n):
        for i in range(j, n):
            rest = A[i][j] - sum(L[i][k] * L[j][k] for k in range(j))
            L[i][j] = rest**0.5 if i == j else rest / L[j][j]
    return np.array(L)


def main(repeats=10):
    rng = np.random.default_rng(2)
    X = load_digits().data
    X = X - X.mean(axis=0)
    A, b = rng.standard_normal((1000, 100)), rng.standard_normal(1000)
    small = A[:50, :10]
    C, z = A.T @ A + np.eye(100), rng.standard_normal((1000, 50))
    steep = rng.standard_normal((2000, 20)) * 0.5 ** np.arange(20) @ rng.standard_normal((20, 500))
    a, U = rng.uniform(1, 2, 1000), rng.standard_normal((1000, 5))
    pairs = {
        "least squares, QR": (lambda: la.lstsq(A, b), lambda: scipy.linalg.lstsq(A, b)[0]),
        "least squares, SVD": (lambda: la.lstsq(A, b, "svd"), lambda: scipy.linalg.lstsq(A, b)[0]),
        "least squares, normal": (lambda: la.lstsq(A, b, "normal"), lambda: scipy.linalg.lstsq(A, b)[0]),
        "pseudoinverse": (lambda: la.pinv(A), lambda: np.linalg.pinv(A)),
        "SVD of the digits": (lambda: la.thin_svd(X)[1], lambda: np.linalg.svd(X, full_matrices=False)[1][:61]),
        "Householder QR": (lambda: la.householder_qr(A)[1], lambda: np.linalg.qr(A)[1]),
        "Householder QR, 50 × 10": (lambda: la.householder_qr(small)[1], lambda: np.linalg.qr(small)[1]),
        "Gram–Schmidt": (lambda: np.abs(la.gram_schmidt(A)[1]), lambda: np.abs(np.linalg.qr(A)[1])),
        "Gram–Schmidt, classical": (
            lambda: np.abs(la.gram_schmidt(A, modified=False)[1]),
            lambda: np.abs(np.linalg.qr(A)[1]),
        ),
        "Cholesky": (lambda: la.cholesky(C), lambda: np.linalg.cholesky(C)),
        "Cholesky, order 10": (lambda: la.cholesky(C[:10, :10]), lambda: np.linalg.cholesky(C[:10, :10])),
        "randomised SVD": (
            lambda: la.randomized_svd(steep, 10)[1],
            lambda: randomized_svd(steep, 10, n_iter=0, random_state=0)[1],
        ),
        "Woodbury": (
            lambda: la.woodbury_solve(a, U, np.eye(5), b),
            lambda: np.linalg.solve(np.diag(a) + U @ U.T, b),
        ),
        "log-sum-exp": (lambda: la.logsumexp(z), lambda: scipy.special.logsumexp(z, axis=1)),
    }
    print(f"{'':24}{'ours/theirs':>12}   largest relative difference")
    for name, (ours, theirs) in pairs.items():
        difference = np.max(np.abs(ours() - theirs())) / np.max(np.abs(theirs()))
        print(f"{name:24}{best_of(ours, repeats) / best_of(theirs, repeats):12.2g}   {difference:.0e}")

    rows = C.tolist()
    slow, fast = best_of(lambda: plain_loop_cholesky(rows), 2), best_of(lambda: la.cholesky(C), repeats)
    difference = np.max(np.abs(plain_loop_cholesky(rows) - la.cholesky(C))) / np.max(np.abs(la.cholesky(C)))
    print(f"{'Cholesky, plain loops':24}{slow / fast:12.0f}   {difference:.0e}   (their time over ours)")


if __name__ == "__main__":
    main()
