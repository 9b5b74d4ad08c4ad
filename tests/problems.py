"""Problems on which both the tests and the benchmarks try the methods."""

import numpy as np
from scipy.special import expit
from sklearn.datasets import load_breast_cancer


def logistic_problem():
    """Mean logistic loss of the standardised breast-cancer data with a column of ones, plus ‖w‖²/2N."""
    X, y = load_breast_cancer(return_X_y=True)
    A, s, N = np.column_stack([np.ones(len(y)), (X - X.mean(axis=0)) / X.std(axis=0)]), 2.0 * y - 1, len(y)

    def f(w):
        return np.mean(np.logaddexp(0, -s * (A @ w))) + w @ w / (2 * N)

    def grad(w):
        return (w - A.T @ (s * expit(-s * (A @ w)))) / N

    def hess(w):
        p = expit(A @ w)
        return ((A.T * (p * (1 - p))) @ A + np.eye(31)) / N

    return A, y, f, grad, hess
