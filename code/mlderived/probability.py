"""Chapter 3: densities, and Bayes' rule where it has a closed form."""

import numpy as np
from scipy.linalg import solve_triangular

from .validation import check_X, check_y

__all__ = ["linear_gaussian_posterior", "log_pdf_mvn"]


def log_pdf_mvn(X, mean, cov):
    """log N(x; μ, Σ) for each row x of X, by Cholesky (`eq-prob-mvn`).

    X: (N, d); mean: (d,); cov: (d, d). Returns (N,), in nats. Cost O(d³ + Nd²).
    Raises ValueError on shapes that do not match, and on a covariance that is not symmetric positive definite.
    """
    mean = check_y(mean, "mean")
    d = len(mean)
    X = check_X(X, n_features=d)
    L = _cholesky(cov, d, "covariance")
    Z = solve_triangular(L, (X - mean).T, lower=True)
    return -0.5 * np.sum(Z**2, axis=0) - np.sum(np.log(np.diagonal(L))) - d / 2 * np.log(2 * np.pi)


def linear_gaussian_posterior(prior_mean, prior_cov, A, b, noise_cov, y):
    """The law of x given y, where x ~ N(μ, P) and y = Ax + b + noise, noise ~ N(0, R) (`eq-prob-lin-gauss`).

    prior_mean: (d,); prior_cov: (d, d); A: (m, d); b: (m,); noise_cov: (m, m); y: (m,).
    Returns the posterior mean, (d,), and covariance (P⁻¹ + AᵀR⁻¹A)⁻¹, (d, d). Cost O(m³ + m²d + md² + d³).
    Raises ValueError on shapes that do not match, and on covariances that are not symmetric positive definite.
    """
    prior_mean, y = check_y(prior_mean, "prior_mean"), check_y(y)
    d, m = len(prior_mean), len(y)
    A, b = check_X(A, "A", n_features=d), check_y(b, "b")
    if not len(A) == len(b) == m:
        raise ValueError(f"A, b and y must have equally many rows: got {len(A)}, {len(b)} and {m}")
    P, R = _cholesky(prior_cov, d, "prior_cov"), _cholesky(noise_cov, m, "noise_cov")
    # In x = μ + Pz both the prior of z and the whitened noise are standard: z has posterior precision I + BᵀB.
    B = solve_triangular(R, A @ P, lower=True)
    residual = solve_triangular(R, y - b - A @ prior_mean, lower=True)
    C = np.linalg.cholesky(np.eye(d) + B.T @ B)
    root = solve_triangular(C, P.T, lower=True)
    return prior_mean + root.T @ solve_triangular(C, B.T @ residual, lower=True), root.T @ root


def _cholesky(cov, d, name):
    """The lower Cholesky factor of a (d, d) covariance; ValueError under its `name` if there is none."""
    cov = check_X(cov, name)
    if cov.shape != (d, d):
        raise ValueError(f"{name} must have shape {(d, d)}: got {cov.shape}")
    if not np.allclose(cov, cov.T, rtol=1e-8, atol=0):
        raise ValueError(f"{name} must be symmetric")
    try:
        return np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        raise ValueError(f"{name} must be positive definite") from None
