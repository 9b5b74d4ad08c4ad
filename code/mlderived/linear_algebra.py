"""Chapter 2: factorisations, least squares and exact derivatives, without ever forming an inverse."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve, qr, solve_triangular

from .validation import check_number, check_X, check_y

__all__ = ["complex_step_gradient", "condition_number", "lstsq", "pinv", "thin_svd"]


def thin_svd(A, rcond=None):
    """A = U diag(s) Vᵀ with s₁ ≥ … ≥ s_r > 0 and r the numerical rank of A.

    A: (m, n). Returns U (m, r), s (r,), Vt (r, n). Singular values up to rcond·s₁ count as rounding errors of zero;
    rcond=None means max(m, n) times the machine epsilon. Cost O(mn min(m, n)).
    Raises ValueError on a non-finite A and on a negative rcond.
    """
    A = check_X(A, "A")
    rcond = max(A.shape) * np.finfo(float).eps if rcond is None else check_number(rcond, "rcond", low=0)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    r = np.count_nonzero(s > rcond * s[0])
    return U[:, :r], s[:r], Vt[:r]


def pinv(A, rcond=None):
    """The pseudoinverse A⁺ = VΣ⁺Uᵀ, (n, m), of A, (m, n) (`eq-la-penrose`). `rcond` and errors as in `thin_svd`."""
    U, s, Vt = thin_svd(A, rcond)
    return (Vt.T / s) @ U.T


def lstsq(A, b, method="qr"):
    """A minimiser of ‖b − Ax‖₂ (`eq-la-normal`).

    A: (m, n); b: (m,), or (m, k) for k right-hand sides; returns (n,) or (n, k).
    method "qr": A of full column rank, error of order κ(A)u while the residual is small; 2mn² flops.
    "svd": any A, the solution of smallest norm. "normal": Cholesky of AᵀA, mn² flops, but κ(A)² in the place of κ(A).
    Raises ValueError on bad shapes, non-finite entries and an unknown method; LinAlgError, which names the rank, where
    "qr" finds A rank-deficient, and where "normal" finds AᵀA not positive definite.
    """
    A = check_X(A, "A")
    b = check_y(b, "b") if np.ndim(b) == 1 else check_X(b, "b")
    m, n = A.shape
    if len(b) != m:
        raise ValueError(f"A and b have different numbers of rows: {m} and {len(b)}")
    if method == "normal":
        try:
            return cho_solve(cho_factor(A.T @ A), A.T @ b)
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError("the computed AᵀA is not positive definite: use 'qr' or 'svd'") from None
    if method == "svd":
        U, s, Vt = thin_svd(A)
        return ((b.T @ U) / s @ Vt).T
    if method == "qr":
        Q, R, order = qr(A, mode="economic", pivoting=True)
        size = np.abs(np.diagonal(R))
        rank = np.count_nonzero(size > max(m, n) * np.finfo(float).eps * size[0])
        if rank < n:
            raise np.linalg.LinAlgError(f"A has rank {rank}, but {n} columns: use method 'svd'")
        x = np.empty((n, *b.shape[1:]))
        x[order] = solve_triangular(R, Q.T @ b)
        return x
    raise ValueError(f"method must be 'qr', 'svd' or 'normal': got {method!r}")


def condition_number(A):
    """κ₂(A) = s₁/s_min over the min(m, n) singular values of A, (m, n); inf if the smallest is zero.

    Raises ValueError on a non-finite A.
    """
    s = np.linalg.svd(check_X(A, "A"), compute_uv=False)
    return float(s[0] / s[-1]) if s[-1] > 0 else np.inf


def complex_step_gradient(f, x, h=1e-200):
    """∇f(x) by ∂f/∂x_i = Im f(x + ih e_i)/h + O(h²): no subtraction, hence no cancellation (`eq-la-fd-error`).

    f: real analytic, built from operations that accept complex arrays and return a scalar; x: (n,). Returns (n,).
    Raises ValueError where f drops the imaginary part (as abs and conj do), for then it is not analytic.
    Squire and Trapp (1998).
    """
    x = check_y(x, "x")
    h = check_number(h, "h", low=0, strict=True)
    values = [f(x + 1j * h * e) for e in np.eye(len(x))]
    if not all(np.iscomplexobj(value) for value in values):
        raise ValueError("f must be analytic: at a complex argument it returned a real number")
    return np.imag(values) / h
