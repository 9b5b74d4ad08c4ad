"""Columns less their means, and columns in units of their own: the one place where the book centres and scales.

A decision of rank that compares columns as they stand depends on whether a length is given in metres or in nanometres.
So whoever decides one divides each column by its unit first, a power of two near its largest entry: that rounds
nothing, and what is then compared has no units.
"""

import numpy as np

__all__ = ["centred", "units"]


def centred(X):
    """Each column less its mean, and the means; a vector is one column.

    A constant column becomes exactly zero. For the mean of the remainder is taken off once more: what the first mean
    lost to rounding, which is all that is left of a column of 0.3 throughout, does not stay behind as a direction.

    Parameters
    ----------
    X : array (N, …) of finite floats, N ≥ 1

    Returns
    -------
    array of the shape of X, and array (…)
    """
    X = np.asarray(X, dtype=float)
    mean = X.mean(axis=0)
    rest = X - mean
    slip = rest.mean(axis=0)
    return rest - slip, mean + slip


def units(A):
    """A power of two for each column, at most its largest absolute entry and more than half of it; 1 for zeros.

    Parameters
    ----------
    A : array (m, n) of finite floats

    Returns
    -------
    array (n,)
    """
    peak = np.abs(A).max(axis=0)
    _, exponent = np.frexp(np.where(peak == 0, 1.0, peak))
    return np.ldexp(1.0, exponent - 1)
