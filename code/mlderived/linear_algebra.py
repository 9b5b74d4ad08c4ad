"""Chapter 2: factorisations, least squares and exact derivatives, without ever forming an inverse."""

import math

import numpy as np
from scipy.linalg import cho_factor, cho_solve, qr, solve_triangular

from .columns import units
from .validation import check_number, check_rng, check_symmetric, check_X, check_X_y, check_y, shown, warn

__all__ = [
    "back_substitution",
    "check_gradient",
    "cholesky",
    "complex_step_gradient",
    "condition_number",
    "dense_backward",
    "dense_forward",
    "forward_substitution",
    "four_subspaces",
    "gram_schmidt",
    "householder_qr",
    "householder_vector",
    "is_pd",
    "is_psd",
    "logdet",
    "logsumexp",
    "low_rank",
    "lstsq",
    "matrix_function",
    "mse_grad",
    "mse_hessian",
    "mse_loss",
    "numerical_gradient",
    "numerical_jacobian",
    "pinv",
    "power_iteration",
    "randomized_svd",
    "range_finder",
    "softmax",
    "softmax_jacobian",
    "solve_cholesky",
    "spectral",
    "svd_from_eigh",
    "thin_svd",
    "truncated_svd",
    "woodbury_solve",
]

EPS = np.finfo(float).eps  # 2⁻⁵², twice the unit roundoff


# Symmetric matrices


def _unit_start(v0, n, seed):
    v = check_rng(seed).standard_normal(n) if v0 is None else check_y(v0, "v0")
    if len(v) != n or not np.any(v):
        raise ValueError(f"v0 must hold {n} numbers, not all zero: got {len(v)} with maximum {np.abs(v).max():g}")
    return v / np.linalg.norm(v)


def power_iteration(A, n_iter=1000, tol=1e-12, seed=0, v0=None):
    """The eigenvalue of largest absolute value and its eigenvector, by v ← Av/‖Av‖ (`alg-la-power`).

    The error falls by |λ₂/λ₁| a step (`eq-la-power-rate`); a start orthogonal to the eigenvector never finds it in
    exact arithmetic.

    Parameters
    ----------
    A : array (n, n), symmetric
    n_iter, tol : it stops when ‖Av − (vᵀAv)v‖ ≤ tol‖Av‖, or after n_iter steps
    seed : an integer or a Generator, for a Gaussian start
    v0 : array (n,), the start, or None

    Returns
    -------
    value, vector of length 1, history: history[k] is the Rayleigh quotient vᵀAv after k steps

    Raises
    ------
    ValueError
        for an A that is not symmetric, and for a v0 of another length or zero

    Warns
    -----
    RuntimeWarning
        if n_iter steps are not enough, as when λ₂ = −λ₁
    """
    A = check_symmetric(A)
    n_iter = check_number(n_iter, "n_iter", low=1, integer=True)
    tol = check_number(tol, "tol", low=0)
    v = _unit_start(v0, len(A), seed)
    history = []
    for step in range(n_iter + 1):
        Av = A @ v
        history.append(v @ Av)
        norm = np.linalg.norm(Av)
        if np.linalg.norm(Av - history[-1] * v) <= tol * norm:
            break
        if step < n_iter:
            v = Av / norm
    else:
        hint = "raise n_iter, or use spectral if |λ₁| and |λ₂| agree"
        warn(f"no convergence in {n_iter} steps: {hint}")
    return float(history[-1]), v, np.array(history)


def spectral(A):
    """A = Q diag(values) Qᵀ with values in descending order (`eq-la-spectral`).

    Parameters
    ----------
    A : array (n, n), symmetric

    Returns
    -------
    values, array (n,), and the orthogonal Q, array (n, n), eigenvectors in its columns

    Raises
    ------
    ValueError
        unless A is finite, square and symmetric
    """
    values, Q = np.linalg.eigh(check_symmetric(A))
    return values[::-1], Q[:, ::-1]


def matrix_function(A, f):
    """f(A) = Q f(Λ) Qᵀ of a symmetric A (`eq-la-matrix-function`).

    Parameters
    ----------
    A : array (n, n), symmetric
    f : function of the array of eigenvalues

    Returns
    -------
    array (n, n)

    Raises
    ------
    ValueError
        unless A is symmetric and f is finite on its eigenvalues (log wants them positive, say)
    """
    values, Q = spectral(A)
    with np.errstate(all="ignore"):
        mapped = np.asarray(f(values), dtype=float)
    if mapped.shape != values.shape or not np.all(np.isfinite(mapped)):
        raise ValueError(f"f must be finite on each eigenvalue of A, which lie in [{values[-1]:.3g}, {values[0]:.3g}]")
    return Q * mapped @ Q.T


def is_psd(A, tol=None):
    """Whether the symmetric A has no eigenvalue below −tol·max|λ|.

    Parameters
    ----------
    A : array (n, n), symmetric
    tol : number ≥ 0, or None for n machine epsilons

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        unless A is finite, square and symmetric, and for a negative tol
    """
    values = np.linalg.eigvalsh(check_symmetric(A))
    tol = len(values) * EPS if tol is None else check_number(tol, "tol", low=0)
    return bool(values[0] >= -tol * np.abs(values).max())


def is_pd(A):
    """Whether the symmetric A is positive definite: whether `cholesky` runs through (`eq-la-pd`).

    Parameters
    ----------
    A : array (n, n), symmetric

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        unless A is finite, square and symmetric
    """
    A = check_symmetric(A)
    try:
        cholesky(A)
    except np.linalg.LinAlgError:
        return False
    return True


# The singular value decomposition


def thin_svd(A, rcond=None):
    """A = U diag(s) Vᵀ with s₁ ≥ … ≥ s_r > 0 and r the numerical rank of A (`eq-la-svd`).

    Cost O(mn min(m, n)).

    Parameters
    ----------
    A : array (m, n)
    rcond : singular values up to rcond·s₁ count as rounding errors of zero; None is max(m, n) machine epsilons

    Returns
    -------
    U (m, r), s (r,), Vt (r, n)

    Raises
    ------
    ValueError
        for a non-finite A and a negative rcond
    """
    A = check_X(A, "A")
    rcond = max(A.shape) * EPS if rcond is None else check_number(rcond, "rcond", low=0)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    r = np.count_nonzero(s > rcond * s[0])
    return U[:, :r], s[:r], Vt[:r]


def four_subspaces(A, rtol=None):
    """Orthonormal bases of the four subspaces of A, of rank r, in columns (`eq-la-four-subspaces`).

    Parameters
    ----------
    A : array (m, n)
    rtol : as rcond in `thin_svd`

    Returns
    -------
    dict
        "col" (m, r) and "left_null" (m, m − r), which split Rᵐ; "row" (n, r) and "null" (n, n − r), which split Rⁿ

    Raises
    ------
    ValueError
        as `thin_svd`
    """
    r = len(thin_svd(A, rtol)[1])
    U, _, Vt = np.linalg.svd(A)
    return {"col": U[:, :r], "row": Vt[:r].T, "null": Vt[r:].T, "left_null": U[:, r:]}


def svd_from_eigh(A):
    """The singular value decomposition as its existence proof builds it, from AᵀA (`eq-la-svd`).

    To teach, not to use: AᵀA holds s², so that s below 10⁻⁸ s₁ is lost. `thin_svd` keeps it.

    Parameters
    ----------
    A : array (m, n)

    Returns
    -------
    U (m, q), s (q,), Vt (q, n)
        q counts the eigenvalues of AᵀA, of the min(m, n) largest, that were computed as positive

    Raises
    ------
    ValueError
        for a non-finite A
    """
    A = check_X(A, "A")
    squares, V = spectral(A.T @ A)
    q = np.count_nonzero(squares[: min(A.shape)] > 0)
    s, V = np.sqrt(squares[:q]), V[:, :q]
    return A @ V / s, s, V.T


def truncated_svd(A, k):
    """The k leading singular triples of A (`eq-la-eckart-young`).

    Parameters
    ----------
    A : array (m, n)
    k : int in [0, min(m, n)]

    Returns
    -------
    U (m, k), s (k,), Vt (k, n)

    Raises
    ------
    ValueError
        for a non-finite A and for another k
    """
    A = check_X(A, "A")
    k = check_number(k, "k", low=0, high=min(A.shape), integer=True)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    return U[:, :k], s[:k], Vt[:k]


def low_rank(A, k):
    """The best approximation of A of rank at most k, and its errors (`eq-la-eckart-young`).

    Parameters
    ----------
    A : array (m, n)
    k : int in [0, min(m, n)]

    Returns
    -------
    A_k, Frobenius error, spectral error
        Σ_{i≤k} s_i u_i v_iᵀ, √(Σ_{i>k} s_i²) and s_{k+1}

    Raises
    ------
    ValueError
        as `truncated_svd`

    References
    ----------
    Eckart and Young (1936)
    """
    A = check_X(A, "A")
    k = check_number(k, "k", low=0, high=min(A.shape), integer=True)
    U, s, Vt = np.linalg.svd(A, full_matrices=False)
    rest = s[k:]
    return U[:, :k] * s[:k] @ Vt[:k], float(np.linalg.norm(rest)), float(rest.max(initial=0.0))


def range_finder(A, size, seed=0):
    """Q with orthonormal columns that span AΩ, Ω Gaussian: nearly the range of A (`eq-la-rangefinder`).

    E‖A − QQᵀA‖_F² ≤ (1 + k/(p − 1)) Σ_{i>k} s_i² for every split size = k + p with p ≥ 2.

    Parameters
    ----------
    A : array (m, n)
    size : number of columns, an int in [1, min(m, n)]
    seed : an integer or a Generator

    Returns
    -------
    array (m, size)

    Raises
    ------
    ValueError
        for a non-finite A and for another size

    References
    ----------
    Halko, Martinsson and Tropp (2011)
    """
    A = check_X(A, "A")
    size = check_number(size, "size", low=1, high=min(A.shape), integer=True)
    return np.linalg.qr(A @ check_rng(seed).standard_normal((A.shape[1], size)))[0]


def randomized_svd(A, k, oversample=10, seed=0):
    """Nearly the k leading singular triples of A, from one product with a Gaussian matrix: O(mn(k + p)).

    Good where the singular values fall fast after the k-th.

    Parameters
    ----------
    A : array (m, n)
    k : int in [1, min(m, n)]
    oversample : int p ≥ 0
    seed : an integer or a Generator

    Returns
    -------
    U (m, k), s (k,), Vt (k, n)
        the SVD of QᵀA, Q from `range_finder` with k + p columns (at most min(m, n))

    Raises
    ------
    ValueError
        for a non-finite A, for another k, and for a negative oversample

    References
    ----------
    Halko, Martinsson and Tropp (2011)
    """
    A = check_X(A, "A")
    k = check_number(k, "k", low=1, high=min(A.shape), integer=True)
    oversample = check_number(oversample, "oversample", low=0, integer=True)
    Q = range_finder(A, min(k + oversample, *A.shape), seed)
    U, s, Vt = np.linalg.svd(Q.T @ A, full_matrices=False)
    return Q @ U[:, :k], s[:k], Vt[:k]


def pinv(A, rcond=None):
    """The pseudoinverse A⁺ = VΣ⁺Uᵀ (`eq-la-penrose`).

    Parameters
    ----------
    A : array (m, n)
    rcond : as in `thin_svd`

    Returns
    -------
    array (n, m)

    Raises
    ------
    ValueError
        as `thin_svd`
    """
    U, s, Vt = thin_svd(A, rcond)
    return (Vt.T / s) @ U.T


def condition_number(A):
    """κ₂(A) = s₁/s_min over the min(m, n) singular values of A; inf if the smallest is zero.

    Parameters
    ----------
    A : array (m, n)

    Returns
    -------
    float

    Raises
    ------
    ValueError
        for a non-finite A
    """
    s = np.linalg.svd(check_X(A, "A"), compute_uv=False)
    return float(s[0] / s[-1]) if s[-1] > 0 else np.inf


# Triangles: QR, Cholesky, substitution


def _check_rhs(b, m, name="A"):
    b = check_y(b, "b") if np.ndim(b) == 1 else check_X(b, "b")
    if len(b) != m:
        raise ValueError(f"{name} and b have different numbers of rows: {m} and {len(b)}")
    return b


def lstsq(A, b, method="qr"):
    """A minimiser of ‖b − Ax‖₂ (`eq-la-normal`).

    The rank is that of the columns in units of their own (`columns.units`): metres or nanometres do not decide it.

    Parameters
    ----------
    A : array (m, n)
    b : array (m,), or (m, k) for k right-hand sides
    method : "qr": A of full column rank, error of order κ(A)u while the residual is small; 2mn² flops (`eq-la-qr-ls`).
        "svd": any A, the solution of smallest norm. "normal": Cholesky of AᵀA, mn² flops, but κ(A)² in the place of
        κ(A)

    Returns
    -------
    array (n,) or (n, k)

    Raises
    ------
    ValueError
        for bad shapes, non-finite entries and an unknown method
    LinAlgError
        which names the rank, where "qr" finds A rank-deficient, and where "normal" finds AᵀA not positive definite
    """
    A = check_X(A, "A")
    m, n = A.shape
    b = _check_rhs(b, m)
    if method not in ("qr", "svd", "normal"):
        raise ValueError(f"method must be 'qr', 'svd' or 'normal': got {shown(method)}")
    unit = units(A)
    A = A / unit
    if method == "normal":
        try:
            x = cho_solve(cho_factor(A.T @ A), A.T @ b)
        except np.linalg.LinAlgError:
            raise np.linalg.LinAlgError("the computed AᵀA is not positive definite: use 'qr' or 'svd'") from None
    elif method == "qr":
        Q, R, order = qr(A, mode="economic", pivoting=True)
        size = np.abs(np.diagonal(R))
        rank = np.count_nonzero(size > max(m, n) * EPS * size[0])
        if rank < n:
            raise np.linalg.LinAlgError(f"A has rank {rank}, but {n} columns: use method 'svd'")
        x = np.empty((n, *b.shape[1:]))
        x[order] = solve_triangular(R, Q.T @ b)
    else:
        U, s, Vt = thin_svd(A)
        along = (b.T @ U) / s
        if len(s) < n and len(np.unique(unit)) > 1:  # of all minimisers the shortest lies in the rows' space
            Q, R = np.linalg.qr((Vt * unit).T)
            return Q @ solve_triangular(R, along.T, trans="T")
        x = (along @ Vt).T
    return (x.T / unit).T


def gram_schmidt(A, modified=True):
    """A = QR by orthogonalising one column after the other.

    Q loses orthogonality like κ(A)²u if classical and κ(A)u if modified: `householder_qr` does not.

    Parameters
    ----------
    A : array (m, n) of full column rank
    modified : whether the coefficients are taken from what the earlier steps left of a column, or from the column as
        given

    Returns
    -------
    Q (m, n) with unit columns, R (n, n) upper triangular

    Raises
    ------
    ValueError
        for a non-finite A and for columns that are dependent to working accuracy
    """
    Q = check_X(A, "A").T.copy()  # the columns of A as rows
    n, m = Q.shape
    R, size = np.zeros((n, n)), np.linalg.norm(Q, axis=1)
    for j in range(n):
        if not modified:  # the shadows of this column on all earlier ones
            R[:j, j] = Q[:j] @ Q[j]
            Q[j] -= R[:j, j] @ Q[:j]
        R[j, j] = np.linalg.norm(Q[j])
        if R[j, j] <= m * EPS * size[j]:
            raise ValueError(f"A must have independent columns: column {j} is a combination of those before it")
        Q[j] /= R[j, j]
        if modified:  # the shadows on this column of what is left of all later ones
            R[j, j + 1 :] = Q[j + 1 :] @ Q[j]
            Q[j + 1 :] -= np.outer(R[j, j + 1 :], Q[j])
    return Q.T, R


def householder_vector(x):
    """The unit v whose reflector I − 2vvᵀ sends x to −sign(x₁)‖x‖e₁ (`eq-la-householder`); zero for x = 0.

    The sign makes v₁ a sum of two numbers of one sign, so nothing cancels.

    Parameters
    ----------
    x : array (m,)

    Returns
    -------
    array (m,)

    Raises
    ------
    ValueError
        for a non-finite x
    """
    x = check_y(x, "x")
    size = np.abs(x).max()
    if size == 0:
        return np.zeros_like(x)
    v = x / size  # only the direction counts, and now no square under- or overflows
    v[0] += math.copysign(math.sqrt(v @ v), v[0])
    return v / math.sqrt(v @ v)


def householder_qr(A):
    """A = QR by reflections.

    2mn² − ⅔n³ flops for R if m ≥ n. Q is orthogonal to working accuracy whatever κ(A) is; the signs on the diagonal of
    R are LAPACK's.

    Parameters
    ----------
    A : array (m, n)

    Returns
    -------
    Q (m, q) with orthonormal columns, R (q, n) upper triangular, q = min(m, n)

    Raises
    ------
    ValueError
        for a non-finite A

    References
    ----------
    Golub and Van Loan (2013), section 5.2
    """
    R = check_X(A, "A").copy()
    m, n = R.shape
    q = min(m, n)
    V = np.zeros((m, q))
    for j in range(min(q, m - 1)):  # one entry needs no reflection
        v = V[j:, j] = householder_vector(R[j:, j])
        R[j:, j:] -= np.outer(2 * v, v @ R[j:, j:])
    # H₁ … H_q = I − V T⁻¹ Vᵀ, where T is ½I and above it what the vectors have in common, v_iᵀv_j
    T = 0.5 * np.eye(q) + np.triu(V.T @ V, 1)
    Q = np.eye(m, q) - V @ solve_triangular(T, V[:q].T)
    return Q, np.triu(R[:q])


def cholesky(A):
    """The lower triangular L with positive diagonal and A = LLᵀ (`eq-la-cholesky`); n³/3 flops.

    Parameters
    ----------
    A : array (n, n), symmetric

    Returns
    -------
    array (n, n)

    Raises
    ------
    LinAlgError
        "matrix is not positive definite" where a pivot is not positive
    ValueError
        unless A is finite, square and symmetric
    """
    A = check_symmetric(A)
    L = np.zeros_like(A)
    for j in range(len(A)):
        column = A[j:, j] - L[j:, :j] @ L[j, :j]  # the Schur complement's first column
        if column[0] <= 0:
            raise np.linalg.LinAlgError("matrix is not positive definite")
        L[j:, j] = column / np.sqrt(column[0])
    return L


def _check_triangle(T, b, name):
    T = check_X(T, name)
    if T.shape[0] != T.shape[1]:
        raise ValueError(f"{name} must be square: got shape {T.shape}")
    if not np.all(np.diagonal(T)):
        raise np.linalg.LinAlgError(f"{name} is singular: its diagonal holds a zero")
    return T, _check_rhs(b, len(T), name)


def forward_substitution(L, b):
    """x with Lx = b for lower triangular L, whose upper part is not read; n² flops.

    Parameters
    ----------
    L : array (n, n)
    b : array (n,) or (n, k)

    Returns
    -------
    array of b's shape

    Raises
    ------
    ValueError
        for bad shapes and non-finite entries
    LinAlgError
        if a diagonal entry is zero
    """
    L, b = _check_triangle(L, b, "L")
    x = np.empty_like(b)
    for i in range(len(L)):
        x[i] = (b[i] - L[i, :i] @ x[:i]) / L[i, i]
    return x


def back_substitution(R, b):
    """x with Rx = b for upper triangular R, whose lower part is not read; n² flops.

    Parameters
    ----------
    R : array (n, n)
    b : array (n,) or (n, k)

    Returns
    -------
    array of b's shape

    Raises
    ------
    ValueError
        for bad shapes and non-finite entries
    LinAlgError
        if a diagonal entry is zero
    """
    R, b = _check_triangle(R, b, "R")
    x = np.empty_like(b)
    for i in reversed(range(len(R))):
        x[i] = (b[i] - R[i, i + 1 :] @ x[i + 1 :]) / R[i, i]
    return x


def solve_cholesky(L, b):
    """x with LLᵀx = b, given the factor L.

    Parameters
    ----------
    L : array (n, n)
    b : array (n,) or (n, k)

    Returns
    -------
    array of b's shape

    Raises
    ------
    ValueError, LinAlgError
        as `forward_substitution`
    """
    return back_substitution(np.transpose(L), forward_substitution(L, b))


def logdet(A):
    """log det A = 2 Σ log L_ii of a symmetric positive definite A (`eq-la-cholesky-logdet`).

    Parameters
    ----------
    A : array (n, n)

    Returns
    -------
    float

    Raises
    ------
    ValueError, LinAlgError
        as `cholesky`
    """
    return float(2 * np.sum(np.log(np.diagonal(cholesky(A)))))


def woodbury_solve(a_diag, U, C, b):
    """x with (diag(a) + UCUᵀ)x = b in O(nk²), without an n × n matrix (`eq-la-woodbury`).

    Parameters
    ----------
    a_diag : array (n,), without zeros
    U : array (n, k)
    C : array (k, k), singular or not
    b : array (n,) or (n, l)

    Returns
    -------
    array of b's shape

    Raises
    ------
    ValueError
        for bad shapes, non-finite entries and a zero in a_diag
    LinAlgError
        if the sum is singular
    """
    a, U, C = check_y(a_diag, "a_diag"), check_X(U, "U"), check_X(C, "C")
    n, k = U.shape
    if len(a) != n or C.shape != (k, k):
        raise ValueError(
            f"a_diag must have shape ({n},) and C ({k}, {k}), as U has ({n}, {k}): got {a.shape}, {C.shape}"
        )
    if not np.all(a):
        raise ValueError("a_diag must not contain zero")
    b = _check_rhs(b, n, "U")
    scaled = (b.T / a).T
    core = np.eye(k) + C @ (U.T / a) @ U
    return scaled - ((U.T / a).T @ np.linalg.solve(core, C @ (U.T @ scaled)))


# Derivatives


def _mse_residual(w, X, y):
    X, y = check_X_y(X, y)
    w = np.asarray(w)  # complex for the complex step
    if w.shape != X.shape[1:]:
        raise ValueError(f"w must have shape {X.shape[1:]}, one weight per column of X: got {w.shape}")
    return X @ w - y


def mse_loss(w, X, y):
    """L(w) = ‖Xw − y‖²/N (`eq-la-mse-grad`).

    Parameters
    ----------
    w : array (p,)
    X : array (N, p)
    y : array (N,)

    Returns
    -------
    number

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    e = _mse_residual(w, X, y)
    return e @ e / len(e)


def mse_grad(w, X, y):
    """∇L(w) = 2Xᵀ(Xw − y)/N (`eq-la-mse-grad`).

    Parameters
    ----------
    w, X, y : as in `mse_loss`

    Returns
    -------
    array (p,)

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    e = _mse_residual(w, X, y)
    return 2 * np.asarray(X).T @ e / len(e)


def mse_hessian(X):
    """∇²L = 2XᵀX/N, the same at every w (`eq-la-mse-hessian`).

    Parameters
    ----------
    X : array (N, p)

    Returns
    -------
    array (p, p)

    Raises
    ------
    ValueError
        unless X is finite and 2-dimensional
    """
    X = check_X(X)
    return 2 * X.T @ X / len(X)


def _shifted(z, axis, name="z"):
    """z less its largest real part along the axis, and that part; −∞ is let through."""
    z = np.asarray(z)
    z = z if np.iscomplexobj(z) else z.astype(float)
    if z.size == 0 or z.ndim == 0:
        raise ValueError(f"{name} must hold at least one number along an axis: got shape {z.shape}")
    if np.any(np.isnan(z)) or np.any(z.real == np.inf):
        raise ValueError(f"{name} contains NaN or infinity")
    top = z.real.max(axis=axis, keepdims=True)
    return z - np.where(np.isfinite(top), top, 0), top


def logsumexp(z, axis=-1):
    """log Σ exp(z), the largest entry taken out first, so that nothing overflows (`eq-la-logsumexp`).

    Parameters
    ----------
    z : array of any shape with at least one axis, real or complex; −∞, the logarithm of zero, is allowed
    axis : int

    Returns
    -------
    array of z's shape without the axis
        −∞ where z is −∞ throughout

    Raises
    ------
    ValueError
        for NaN and +∞
    """
    shifted, top = _shifted(z, axis)
    with np.errstate(divide="ignore"):
        return np.log(np.sum(np.exp(shifted), axis=axis)) + np.squeeze(np.where(np.isfinite(top), top, 0), axis=axis)


def softmax(z, axis=-1):
    """exp(z)/Σ exp(z) along `axis`, never overflowing (`eq-la-softmax`).

    Parameters
    ----------
    z : array of any shape with at least one axis, real or complex; −∞ gives 0
    axis : int

    Returns
    -------
    array of z's shape

    Raises
    ------
    ValueError
        for NaN, +∞, and −∞ throughout
    """
    shifted, top = _shifted(z, axis)
    if not np.all(np.isfinite(top)):
        raise ValueError("z must be finite somewhere along the axis: got -inf throughout")
    p = np.exp(shifted)
    return p / p.sum(axis=axis, keepdims=True)


def softmax_jacobian(p):
    """∂softmax(z)_i/∂z_j = p_i(δ_ij − p_j) at p = softmax(z) (`eq-la-softmax`); the Hessian of `logsumexp`, too.

    Parameters
    ----------
    p : array (K,)

    Returns
    -------
    array (K, K)

    Raises
    ------
    ValueError
        unless p is a probability vector
    """
    p = check_y(p, "p")
    if p.min() < 0 or abs(p.sum() - 1) > 1e-9:
        raise ValueError(f"p must be non-negative with sum 1: got minimum {p.min():g} and sum {p.sum():g}")
    return np.diag(p) - np.outer(p, p)


def numerical_jacobian(f, x, h=None):
    """∂f_i/∂x_j by central differences, (f(x + h_j e_j) − f(x − h_j e_j))/2h_j (`eq-la-fd-error`).

    Parameters
    ----------
    f : function (n,) → number or (m,)
    x : array (n,)
    h : a positive number, or None for (2u)^⅓ max(1, |x_j|) with u = 2⁻⁵³

    Returns
    -------
    array (n,) or (m, n)

    Raises
    ------
    ValueError
        for a non-finite x and an h that is not positive
    """
    x = check_y(x, "x")
    h = (
        np.cbrt(EPS) * np.maximum(1, np.abs(x))
        if h is None
        else np.full(len(x), check_number(h, "h", low=0, strict=True))
    )
    steps = np.diag(h)
    return np.stack(
        [(np.asarray(f(x + s)) - f(x - s)) / (2 * width) for s, width in zip(steps, h, strict=True)], axis=-1
    )


def numerical_gradient(f, x, h=None):
    """∇f(x) of a scalar f by central differences.

    Parameters
    ----------
    f, x, h : as in `numerical_jacobian`

    Returns
    -------
    array (n,)

    Raises
    ------
    ValueError
        as `numerical_jacobian`, and for an f that returns no number
    """
    gradient = numerical_jacobian(f, x, h)
    if gradient.ndim != 1:
        raise ValueError(f"f must return a number: got shape {gradient.shape[:-1]}; see numerical_jacobian")
    return gradient


def complex_step_gradient(f, x, h=1e-200):
    """∇f(x) by ∂f/∂x_i = Im f(x + ih e_i)/h + O(h²): no subtraction, no cancellation (`eq-la-complex-step`).

    Parameters
    ----------
    f : real analytic function (n,) → number, built from operations that accept complex arrays
    x : array (n,)
    h : positive number

    Returns
    -------
    array (n,)

    Raises
    ------
    ValueError
        where f is not analytic: where it drops the imaginary part (as abs does), and where along one direction the
        slope is far from that of central differences (as with conj)

    References
    ----------
    Squire and Trapp (1998)
    """
    x = check_y(x, "x")
    h = check_number(h, "h", low=0, strict=True)
    values = [f(x + 1j * h * e) for e in np.eye(len(x))]
    if not all(np.iscomplexobj(value) for value in values):
        raise ValueError("f must be analytic: at a complex argument it returned a real number")
    direction = np.cos(np.arange(len(x))) * max(1.0, np.abs(x).max())  # no two entries alike
    with np.errstate(all="ignore"):  # what lies outside the domain of f proves nothing
        along = np.imag(f(x + 1e-200j * direction)) / 1e-200
        central = numerical_gradient(lambda t: np.real(f(x + t * direction)), np.zeros(1))[0]
        far = np.abs(along - central) > 1e-3 * max(abs(along), abs(central)) + 1e-6 * abs(f(x))
    if far:
        raise ValueError(f"f must be analytic: slope {along:.6g} by complex step, {central:.6g} by central differences")
    return np.imag(values) / h


def check_gradient(f, grad, x, rtol=1e-6):
    """Compare grad(x) with central differences of f. A kink of f near x defeats it.

    Parameters
    ----------
    f : function (n,) → number
    grad : function (n,) → (n,)
    x : array (n,)
    rtol : number ≥ 0

    Returns
    -------
    ok, relative error
        ‖g − ĝ‖/max(1, ‖g‖ + ‖ĝ‖), and whether it is at most rtol

    Raises
    ------
    ValueError
        for a non-finite x, a gradient of another shape and a negative rtol
    """
    rtol = check_number(rtol, "rtol", low=0)
    ours, theirs = np.asarray(grad(x)), numerical_gradient(f, x)
    if ours.shape != theirs.shape:
        raise ValueError(f"grad must return shape {theirs.shape}: got {ours.shape}")
    error = np.linalg.norm(ours - theirs) / max(1.0, np.linalg.norm(ours) + np.linalg.norm(theirs))
    return bool(error <= rtol), float(error)


def dense_forward(W, b, x, phi):
    """One layer: z = Wx + b and a = φ(z) (`eq-la-layer`).

    Parameters
    ----------
    W : array (m, n), real or complex, as b and x
    b : array (m,)
    x : array (n,)
    phi : function that acts on each entry

    Returns
    -------
    a, z, arrays (m,)

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    W, b, x = np.asarray(W), np.asarray(b), np.asarray(x)
    if W.ndim != 2 or b.shape != W.shape[:1] or x.shape != W.shape[1:]:
        raise ValueError(f"W, b, x must have shapes (m, n), (m,), (n,): got {W.shape}, {b.shape}, {x.shape}")
    z = W @ x + b
    return phi(z), z


def dense_backward(W, x, z, grad_a, dphi):
    """From ∇_a L to ∇_W L = δxᵀ, ∇_b L = δ and ∇_x L = Wᵀδ, where δ = ∇_a L ⊙ φ′(z) (`eq-la-layer`).

    Parameters
    ----------
    W : array (m, n)
    x : array (n,)
    z, grad_a : arrays (m,)
    dphi : φ′

    Returns
    -------
    dW, db, dx, of the shapes of W, b and x

    Raises
    ------
    ValueError
        for shapes that do not match
    """
    W, x, z, grad_a = map(np.asarray, (W, x, z, grad_a))
    if W.ndim != 2 or x.shape != W.shape[1:] or not z.shape == grad_a.shape == W.shape[:1]:
        shapes = f"{W.shape}, {x.shape}, {z.shape}, {grad_a.shape}"
        raise ValueError(f"W, x, z, grad_a must have shapes (m, n), (n,), (m,), (m,): got {shapes}")
    delta = grad_a * dphi(z)
    return np.outer(delta, x), delta, W.T @ delta
