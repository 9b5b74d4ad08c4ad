"""Bad input answered in one sentence: what was given, and what was expected. Every estimator of the book asks here."""

import math
import numbers
import reprlib
import sys
import warnings
from pathlib import Path

import numpy as np

__all__ = [
    "check_X",
    "check_X_y",
    "check_binary",
    "check_fitted",
    "check_labels",
    "check_number",
    "check_rng",
    "check_symmetric",
    "check_weights",
    "check_y",
    "say",
    "shown",
    "warn",
]

_PACKAGE = str(Path(__file__).parent)


def shown(value, wrong=None):
    """`value` in words that fit a message: a long array only by its first entries, those that are `wrong` if any are.

    Parameters
    ----------
    value : anything; of what is longer than six entries or thirty characters the middle is left out
    wrong : boolean array of the shape of the array `value`, or None

    Returns
    -------
    str
    """
    if wrong is not None and value.size > 6 and np.any(wrong):
        value = value[wrong]
    return reprlib.repr(value.tolist() if isinstance(value, (np.ndarray, np.generic)) else value)


def say(line):
    """Print a line on any console: one whose letters do not include ✓ or λ shows a question mark in their place.

    Parameters
    ----------
    line : str

    Returns
    -------
    None
    """
    letters = getattr(sys.stdout, "encoding", None) or "utf-8"
    print(line.encode(letters, "replace").decode(letters))


def warn(message, category=RuntimeWarning):
    """Warn at the line of the caller's own code from which the package was called, however deep inside this is.

    Parameters
    ----------
    message : str
    category : class of the warning

    Returns
    -------
    None
    """
    level, frame = 2, sys._getframe(1)
    while frame.f_back and str(Path(frame.f_code.co_filename).parent) == _PACKAGE:
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def _finite(array, name):
    try:
        array = np.asarray(array)
        if array.dtype.kind not in "biufO":
            raise TypeError(f"got an array of {array.dtype}")  # text, dates and complex numbers are not converted
        array = array.astype(float, copy=False)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must hold real numbers only: {error}") from None
    if not np.isfinite(array).all():
        raise ValueError(f"{name} contains NaN or infinity")
    return array


def check_X(X, name="X", n_features=None):
    """X as a finite float array of at least one sample and one feature.

    Parameters
    ----------
    X : array (N, d)
    name : what messages call it
    n_features : d, or None for any

    Returns
    -------
    float array (N, d)

    Raises
    ------
    ValueError
        for NaN, infinity, what is no real number, and any other shape
    """
    X = _finite(X, name)
    if X.ndim != 2:
        raise ValueError(f"{name} must be 2-dimensional: got shape {X.shape}")
    if 0 in X.shape:
        raise ValueError(f"{name} must hold at least one sample and one feature: got shape {X.shape}")
    if n_features is not None and X.shape[1] != n_features:
        raise ValueError(f"{name} must have {n_features} features: got {X.shape[1]}")
    return X


def check_y(y, name="y"):
    """y as a finite float array of at least one sample.

    Parameters
    ----------
    y : array (N,)
    name : what messages call it

    Returns
    -------
    float array (N,)

    Raises
    ------
    ValueError
        for NaN, infinity, what is no real number, and any other shape
    """
    y = _finite(y, name)
    if y.ndim != 1:
        raise ValueError(f"{name} must be 1-dimensional: got shape {y.shape}")
    if y.size == 0:
        raise ValueError(f"{name} must hold at least one sample: got none")
    return y


def check_labels(y, n):
    """y as an array of n labels of one kind: numbers, booleans or text.

    Parameters
    ----------
    y : array (N,)
    n : N, the rows of X

    Returns
    -------
    array (N,)

    Raises
    ------
    ValueError
        for another shape, NaN, infinity, None, and labels of several kinds
    """
    y = np.asarray(y)
    if y.shape != (n,):
        raise ValueError(f"y must have shape ({n},), one label for each row of X: got {y.shape}")
    if y.dtype.kind == "f" and not np.isfinite(y).all():
        raise ValueError("y contains NaN or infinity")
    if y.dtype.kind == "O" and (len(set(map(type, y))) > 1 or y[0] is None):
        raise ValueError(f"y must hold labels of one kind: got {shown(y)}")
    return y


def check_binary(y, name="y", both=False):
    """y as a float array of zeros and ones.

    Parameters
    ----------
    y : array (N,)
    name : what messages call it
    both : whether both must occur

    Returns
    -------
    float array (N,)

    Raises
    ------
    ValueError
        for other values, and as `check_y`
    """
    y = check_y(y, name)
    if not np.isin(y, (0, 1)).all():
        raise ValueError(f"{name} must hold zeros and ones: got {shown(y, ~np.isin(y, (0, 1)))}")
    if both and y.min() == y.max():
        raise ValueError(f"{name} must contain both classes 0 and 1: got only {y[0]:g}")
    return y


def check_weights(weight, n, name="sample_weight"):
    """Weights of n samples: not negative, and not all zero.

    Parameters
    ----------
    weight : (n,), or None for weights of 1
    n : int, the number of samples
    name : str, what a message calls it

    Returns
    -------
    array (n,) of floats

    Raises
    ------
    ValueError
        for another length, a negative weight, and weights that are all zero
    """
    if weight is None:
        return np.ones(n)
    weight = check_y(weight, name)
    if len(weight) != n or np.any(weight < 0) or not weight.any():
        said = shown(weight, weight < 0) if len(weight) == n else f"{len(weight)} weights for {n} samples"
        raise ValueError(f"{name} must be non-negative, not all zero, one for each sample: got {said}")
    return weight


def check_symmetric(A, name="A"):
    """A as a finite float array, symmetric to 1e-10 of its largest entry.

    Parameters
    ----------
    A : array (n, n)
    name : what messages call it

    Returns
    -------
    float array (n, n)

    Raises
    ------
    ValueError
        unless A is finite, square and symmetric
    """
    A = check_X(A, name)
    if A.shape[0] != A.shape[1]:
        raise ValueError(f"{name} must be square: got shape {A.shape}")
    if np.abs(A - A.T).max() > 1e-10 * np.abs(A).max():
        raise ValueError(f"{name} must be symmetric: it differs from its transpose by {np.abs(A - A.T).max():.3g}")
    return A


def check_X_y(X, y):
    """X and y as finite float arrays with the same number of samples.

    Parameters
    ----------
    X : array (N, d)
    y : array (N,)

    Returns
    -------
    float arrays (N, d) and (N,)

    Raises
    ------
    ValueError
        as `check_X` and `check_y`, and for different numbers of samples
    """
    X, y = check_X(X), check_y(y)
    if len(X) != len(y):
        raise ValueError(f"X and y have different numbers of samples: {len(X)} and {len(y)}")
    return X, y


def check_number(value, name, *, low=-math.inf, high=math.inf, strict=False, integer=False):
    """`value` as a number that lies in [low, high].

    Parameters
    ----------
    value : number
    name : what messages call it
    low, high : the ends of the interval; `strict` leaves both out
    strict : bool
    integer : whether it must be an integer

    Returns
    -------
    float, or int with `integer`

    Raises
    ------
    ValueError
        in the words of the interval: "lam must be non-negative: got -1", "l1_ratio must lie in [0, 1]: got 2"
    """
    kind = numbers.Integral if integer else numbers.Real
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, kind) or not _is_finite(value):
        raise ValueError(f"{name} must be {'an integer' if integer else 'a finite number'}: got {shown(value)}")
    inside = low < value < high if strict else low <= value <= high
    if not inside:
        if high == math.inf and low == 0:
            expected = "be positive" if strict else "be non-negative"
        elif high == math.inf:
            expected = f"be {'greater than' if strict else 'at least'} {low}"
        elif low == -math.inf:
            expected = f"be {'less than' if strict else 'at most'} {high}"
        else:
            left, right = "()" if strict else "[]"
            expected = f"lie in {left}{low}, {high}{right}"
        raise ValueError(f"{name} must {expected}: got {value}")
    return int(value) if integer else float(value)


def _is_finite(value):
    try:
        return math.isfinite(value)
    except OverflowError:  # an integer beyond the range of floats
        return False


def check_rng(seed, name="seed"):
    """A numpy Generator for a seed: `seed` itself if it is one.

    None is refused: a result that nobody can repeat has no place in the book.

    Parameters
    ----------
    seed : non-negative integer, or a numpy Generator
    name : what messages call it

    Returns
    -------
    numpy.random.Generator

    Raises
    ------
    ValueError
        for anything else
    """
    if isinstance(seed, np.random.Generator):
        return seed
    return np.random.default_rng(check_number(seed, name, low=0, integer=True))


def check_fitted(estimator, attribute="coef_"):
    """Refuse an estimator that has not been fitted.

    Parameters
    ----------
    estimator : object
    attribute : what `fit` would have set

    Returns
    -------
    None

    Raises
    ------
    ValueError
        unless the estimator bears the attribute
    """
    if not hasattr(estimator, attribute):
        raise ValueError(f"{type(estimator).__name__} is not fitted: call fit before it is asked to predict")
