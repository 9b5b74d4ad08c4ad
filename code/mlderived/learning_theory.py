"""Chapter 1: losses, and what the error of a prediction is made of."""

import numpy as np

from .validation import check_number, check_X, check_y

__all__ = ["bias_variance", "huber_loss", "huber_loss_grad", "smoother_bias_variance"]


def huber_loss(r, delta=1.0):
    """Huber's loss of the residuals r, elementwise: ½r² where |r| ≤ δ, else δ(|r| − δ/2) (`eq-lt-huber`).

    r: array of any shape, in units of y, as `delta`; returns the same shape, in squared units.
    Raises ValueError unless delta is positive. Huber (1964).
    """
    delta = check_number(delta, "delta", low=0, strict=True)
    r = np.abs(np.asarray(r, dtype=float))
    u = np.minimum(r, delta)
    return u * (r - u / 2)


def huber_loss_grad(r, delta=1.0):
    """ψ(r), the derivative of `huber_loss`: r clipped to [−δ, δ] (`eq-lt-huber`). Shapes and errors as there."""
    delta = check_number(delta, "delta", low=0, strict=True)
    return np.clip(np.asarray(r, dtype=float), -delta, delta)


def bias_variance(predictions, f_true, noise_var=0.0):
    """Squared bias and variance of a learner, from R repetitions at T points (`eq-bv-decomp`).

    predictions: (R, T), row r from the r-th training set, R ≥ 2; f_true: (T,), noise-free; noise_var: σ² ≥ 0.
    Returns a dict of floats, averages over the T points in squared units of y: bias2, variance (divisor R − 1), noise,
    and their sum, total. The mean of R predictions has a variance of its own, variance/R, which the naive squared bias
    would count as bias: it is taken off, so bias2 is unbiased, and may come out slightly below zero.
    Raises ValueError on fewer than two repetitions, on shapes that do not match, on a negative noise_var.
    """
    predictions, f_true = check_X(predictions, "predictions"), check_y(f_true, "f_true")
    noise = check_number(noise_var, "noise_var", low=0)
    R, T = predictions.shape
    if R < 2:
        raise ValueError(f"predictions must hold at least 2 repetitions: got {R}")
    if len(f_true) != T:
        raise ValueError(f"predictions and f_true have different numbers of points: {T} and {len(f_true)}")
    variance = np.mean(predictions.var(axis=0, ddof=1))
    bias2 = np.mean((predictions.mean(axis=0) - f_true) ** 2) - variance / R
    return _parts(bias2, variance, noise)


def smoother_bias_variance(H, f, sigma2):
    """Exact squared bias and variance of the linear smoother ŷ = Hy at its own N points (`eq-bv-smoother`).

    H: (N, N); f: (N,), the noise-free targets; sigma2: noise variance σ² ≥ 0. With y = f + ξ the bias is (H − I)f and
    the mean variance σ² tr(HHᵀ)/N. Returns the dict of `bias_variance`.
    Raises ValueError on shapes that do not match and on a negative sigma2.
    """
    H, f = check_X(H, "H"), check_y(f, "f")
    sigma2 = check_number(sigma2, "sigma2", low=0)
    N = len(f)
    if H.shape != (N, N):
        raise ValueError(f"H must have shape {(N, N)}, as f has {N} points: got {H.shape}")
    return _parts(np.mean((H @ f - f) ** 2), sigma2 * np.sum(H**2) / N, sigma2)


def _parts(bias2, variance, noise):
    return {
        "bias2": float(bias2),
        "variance": float(variance),
        "noise": noise,
        "total": float(bias2 + variance + noise),
    }
