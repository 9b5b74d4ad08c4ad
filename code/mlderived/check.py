"""The verbs with which a notebook checks its equations: each compares two independent computations, or raises.

A check is worth what it can catch. So every verb takes, beside the claim, at least one plausible wrong form of it (a
flipped sign, a missing factor, a transposition), and asserts that the wrong form *fails* on the very same inputs: a
comparison that is too loose, too special or vacuous betrays itself. A verb that is content prints one line,

    ✓ eq-linreg-normal: the three solvers agree, 200 random designs (equal, rtol 1e-10); fails with a factor 2

which holds only what the author stated, never a measured digit, so that it is the same on every machine. A verb that
is not raises `CheckFailed`, and says where it looked and what it saw. What could never be a comparison at all (an empty
or non-finite array, two shapes, the same object on both sides, no wrong form) is refused with a ValueError.

What all verbs share. `label` is the claim's label: `eq-…`, or `no-…` for a false statement, which `refuted` alone
takes. `what` says in words what is compared on which inputs. `wrong` is a dict {name: replacement}; a value may be
given as it is or as a function without arguments. An operand is a number, an array, or a batch: a list of arrays, one
per instance, compared pairwise. Nothing is broadcast. A view of the other side is taken for the other side itself: to
claim that H is symmetric, compare it with `H.T.copy()`. A tolerance above 1e-8 needs `reason`, which the line repeats.

Two verbs are of another kind, and have no label: `quoted` pins numbers typed in the prose, and `your_turn` marks a
formula that the reader types.
"""

import math
import re
import reprlib
from decimal import Decimal
from typing import NamedTuple

import numpy as np

from .turns import parse_turn as parse_turn  # one module for a chapter to import
from .turns import your_turn as your_turn
from .validation import check_number, say

__all__ = [
    "CheckFailed",
    "Result",
    "at_most",
    "chain",
    "distribution",
    "equal",
    "gradient",
    "hessian",
    "iff",
    "jacobian",
    "mean",
    "minimum",
    "monotone",
    "parse",
    "parse_quoted",
    "parse_turn",
    "quoted",
    "rate",
    "refuted",
    "same",
    "your_turn",
    "zero",
]

_LABEL = r"(?:eq|no)-[a-z0-9-]+"
_KIND = "equal|chain|zero|same|gradient|hessian|jacobian|at_most|monotone|rate|minimum|mean|distribution|iff|refuted"
_LINE = re.compile(rf"[✓✗] ({_LABEL}): (.+?) \(({_KIND})(?:, (.+?))?\)(?:; (?:fails|holds) with (.+))?")
_RESERVED = re.compile(rf"[,;] (fails|holds) with| \(({_KIND})[,)]")  # what would make a line ambiguous
_NUMBER = re.compile(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?([eE][+-]?\d+)?", re.ASCII)


# The line --------------------------------------------------------------------------------------------


class CheckFailed(AssertionError):
    """A check that does not hold, or that its wrong form passes too.

    Parameters
    ----------
    label, what, kind : str, kept as attributes
    message : str, what is said to the reader: `str()` of the exception gives it
    """

    def __init__(self, label, what, kind, message):
        super().__init__(message)
        self.label, self.what, self.kind = label, what, kind


class Result(NamedTuple):
    """What one printed line says.

    Parameters
    ----------
    label, what : str, as the verb was given them
    kind : str, the verb's name
    tolerance : str, what the line says of tolerances and of the reason; may be empty
    wrong : tuple of str, the names of the forms that fail
    corrected : tuple of str, the names of the forms that hold (`refuted` only)
    """

    label: str
    what: str
    kind: str
    tolerance: str
    wrong: tuple = ()
    corrected: tuple = ()


def parse(line):
    """The Result that a printed line stands for.

    Parameters
    ----------
    line : str, as a verb printed it

    Returns
    -------
    Result, or None if it is no check line
    """
    match = _LINE.fullmatch(line)
    if match is None:
        return None
    label, what, kind, tolerance, names = match.groups()
    refuted = kind == "refuted"
    names = tuple(names.split(", holds with " if refuted else ", fails with ")) if names else ()
    result = Result(label, what, kind, tolerance or "", *(((), names) if refuted else (names, ())))
    fits = label.startswith("no-") == refuted and (names or refuted)
    return result if fits and _line(result) == line else None


def parse_quoted(line):
    """The numbers of a line that `quoted` printed.

    Parameters
    ----------
    line : str

    Returns
    -------
    tuple of str, the numbers as typed; or None if it is no such line
    """
    head, _, numbers = line.partition("✓ quoted: ")
    texts = tuple(numbers.split(", "))
    return texts if not head and all(map(_NUMBER.fullmatch, texts)) else None


def _line(result):
    mark, verb, names = ("✗", "holds", result.corrected) if result.kind == "refuted" else ("✓", "fails", result.wrong)
    tail = "; " + ", ".join(f"{verb} with {name}" for name in names) if names else ""
    return f"{mark} {_said(result)}{tail}"


def _said(result):
    how = f"{result.kind}, {result.tolerance}" if result.tolerance else result.kind
    return f"{result.label}: {result.what} ({how})"


def _claim(kind, label, what, tolerance, forms, reason):
    """The Result that will be printed if all goes well; refuses words that the line cannot bear."""
    if not isinstance(label, str) or not re.fullmatch(_LABEL, label):
        raise ValueError(f"a label must be eq- or no- and then a-z, 0-9 or hyphens: got {label!r}")
    if label.startswith("no-") != (kind == "refuted"):
        raise ValueError(f"{label}: no- labels name false statements and belong to refuted alone, which takes no other")
    if kind == "refuted" and forms is None:
        forms = {}
    elif not isinstance(forms, dict) or not forms:
        given = "corrected={name: form}" if kind == "refuted" else "wrong={name: form}: what cannot fail proves nothing"
        raise ValueError(f"{label}: at least one plausible form must be given by {given}")
    words = [("what", what), *(("a form's name", name) for name in forms)]
    for role, text in words if reason is None else [*words, ("reason", reason)]:
        if not isinstance(text, str) or not text or text != text.strip() or not text.isprintable():
            raise ValueError(f"{label}: {role} must be one line of words without space around: got {text!r}")
        if _RESERVED.search(text):
            raise ValueError(f"{label}: {role} must not contain what the printed line is made of: got {text!r}")
    tolerance = " ".join(filter(None, (tolerance, reason and f"because {reason}")))
    names = tuple(forms)
    return Result(label, what, kind, tolerance, *(((), names) if kind == "refuted" else (names, ())))


def _stated(label, reason, *words, **tolerances):
    """The words for the tolerances, after other words; refuses the absurd, and the loose that nothing excuses."""
    for name, value in tolerances.items():
        check_number(value, f"{label}: {name}", low=0)
        if name != "atol" and value >= 1:
            raise ValueError(f"{label}: {name} must be less than 1: got {value!r}")
        if value > 1e-8 and reason is None:
            raise ValueError(f"{label}: {name} {value:g} is looser than 1e-8, and no reason= says why it must be")
    usual = {"atol": 0, "rounding": 1e-12}
    return ", ".join([*words, *(f"{name} {value:g}" for name, value in tolerances.items() if usual.get(name) != value)])


# The verdict -----------------------------------------------------------------------------------------


def _judge(claim, objections, form, wrong, to_wrong=None, call=True):
    """Print the claim's line if there are no objections to `form` and some to each wrong form; raise otherwise.

    `objections(form)` returns None, or lines that say what is amiss; `to_wrong` takes its place for the wrong forms.
    """
    if lines := objections(form):
        _fail(claim, "does not hold", *lines)
    for name, replacement in wrong.items():
        try:
            replacement = replacement() if call and callable(replacement) else replacement
            fails = (to_wrong or objections)(replacement)
        except Exception as error:
            said = f"{type(error).__name__}: {error}".removeprefix(f"ValueError: {claim.label}: ")
            raise ValueError(
                f"{claim.label}: wrong form “{name}” is not comparable, so proves nothing: {said}"
            ) from error
        if not fails:
            _fail(claim, f"the wrong form “{name}” passes too", "so that this check cannot tell it from the claim")
    say(_line(claim))


def _fail(claim, verdict, *lines):
    raise CheckFailed(claim.label, claim.what, claim.kind, "\n  ".join([f"{_said(claim)}: {verdict}", *lines]))


# The comparison --------------------------------------------------------------------------------------


def _numbers(label, value, name, real=True):
    """`value` as a finite, non-empty array of float64 or complex128 (longer floats stay)."""
    try:
        array = np.asarray(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{label}: {name} is no array: {error}") from None
    if array.dtype.kind not in "iufc":
        raise ValueError(f"{label}: {name} must hold numbers: got dtype {array.dtype} (see same and iff)")
    if array.size == 0:
        raise ValueError(f"{label}: {name} is empty: got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(f"{label}: {name} contains NaN or infinity")
    if array.dtype.kind in "iu" and np.any(array.astype(float).astype(object) != array.astype(object)):
        raise ValueError(f"{label}: {name} holds integers beyond 2⁵³ that no float equals: compare them with same")
    if real and np.iscomplexobj(array):
        if array.imag.any():
            raise ValueError(f"{label}: {name} must be real: got a nonzero imaginary part")
        array = array.real
    return array.astype(np.result_type(array, np.float64))


def _aligned(label, left, right, real=False):
    """Both sides as arrays of one shape; complex only if both are."""
    left, right = _numbers(label, left, "the left side", real), _numbers(label, right, "the right side", real)
    if np.iscomplexobj(left) != np.iscomplexobj(right):
        left, right = _numbers(label, left, "the left side"), _numbers(label, right, "the right side")
    if left.shape != right.shape:
        raise ValueError(f"{label}: shapes {left.shape} and {right.shape} differ, and nothing is broadcast")
    return left, right


def _is_batch(value):
    return isinstance(value, (list, tuple)) and any(isinstance(part, np.ndarray) and part.ndim for part in value)


def _pairs(label, left, right, real=False):
    """The two sides as a list of aligned pairs, one per instance."""
    if not (_is_batch(left) or _is_batch(right)):
        return [_aligned(label, left, right, real)]
    sizes = [len(side) if isinstance(side, (list, tuple)) else type(side).__name__ for side in (left, right)]
    if sizes[0] != sizes[1]:
        raise ValueError(f"{label}: a batch needs two lists of one length: got {sizes[0]} and {sizes[1]}")
    return [_aligned(label, *pair, real) for pair in zip(left, right, strict=True)]


def _arrays(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _arrays(part)


def _distinct(label, *sides):
    """Refuse a thing compared with itself, be it through a view of the same memory."""
    for i, left in enumerate(sides):
        for right in sides[:i]:
            itself = left is right and type(left) not in (bool, int, float, complex, str, tuple)
            if itself or any(np.shares_memory(a, b) for a in _arrays(left) for b in _arrays(right)):
                raise ValueError(f"{label}: both sides are the same object or share memory: compute each its own way")


def _larger(left, right):
    return np.maximum(np.abs(left), np.abs(right))


def _worst(pairs, rtol, atol=0.0, *, order=0, size=_larger, words=("left", "right")):
    """Entrywise |l − r| ≤ atol + rtol·size, or l − r ≤ … for order 1, r − l ≤ … for −1.

    Returns the worst excess over what is allowed, its place (instance, index), and lines about it.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        gaps = [np.asarray(order * (left - right) if order else np.abs(left - right)) for left, right in pairs]
        allowed = [np.asarray(atol + rtol * size(*pair)) for pair in pairs]
        excess = [gap - most for gap, most in zip(gaps, allowed, strict=True)]
    instance = int(np.argmax([e.max() for e in excess]))
    index = tuple(map(int, np.unravel_index(np.argmax(excess[instance]), gaps[instance].shape)))
    left, right = (side[index] for side in pairs[instance])
    place = (f" {list(index)}" if index else "") + (f" of instance {instance}" if len(pairs) > 1 else "")
    lines = [
        f"worst entry{place}",
        f"{words[0]} {left:.12g}",
        f"{words[1]} {right:.12g}",
        f"difference {gaps[instance][index]:.4g}, allowed {allowed[instance][index]:.4g}",
    ]
    return excess[instance][index], (instance, index), lines


def _objections(*args, **kwargs):
    """The lines about the worst entry if it exceeds what is allowed, else None."""
    excess, _, lines = _worst(*args, **kwargs)
    return None if excess <= 0 else lines  # and lines for NaN, the difference of two overflows


# Two sides that agree --------------------------------------------------------------------------------


def equal(label, lhs, rhs, what, *, rtol=1e-10, atol=0.0, wrong=None, reason=None):
    """Two computations agree: |l − r| ≤ atol + rtol·max(|l|, |r|) in every entry.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    lhs, rhs : numbers, arrays of one shape, or batches (lists of arrays)
    what : str, in words what is compared on which inputs
    rtol, atol : numbers ≥ 0, rtol below 1
    wrong : dict {name: form}, at least one form that replaces rhs
    reason : str, why a tolerance must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the sides differ, or a wrong form agrees too
    ValueError
        for what could never be a comparison, as the module's docstring says
    """
    claim = _claim("equal", label, what, _stated(label, reason, rtol=rtol, atol=atol), wrong, reason)
    _distinct(label, lhs, rhs)
    _judge(claim, lambda form: _objections(_pairs(label, lhs, form), rtol, atol), rhs, wrong)


def chain(label, steps, what, *, rtol=1e-10, atol=0.0, wrong=None, reason=None):
    """Each line of a derivation equals the one before, as in `equal`.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    steps : dict {line: value} or list of values, at least two; a value is a number, an array or a batch
    what : str, in words what is compared on which inputs
    rtol, atol : as in `equal`
    wrong : dict {name: form}, at least one form that replaces the last line
    reason : str, why a tolerance must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if a line differs from the one before, or a wrong last line does not
    ValueError
        for what could never be a comparison, as the module's docstring says
    """
    claim = _claim("chain", label, what, _stated(label, reason, rtol=rtol, atol=atol), wrong, reason)
    named = dict(steps) if isinstance(steps, dict) else {f"line {i}": step for i, step in enumerate(steps, 1)}
    if len(named) < 2:
        raise ValueError(f"{label}: a chain needs at least two lines: got {len(named)}")
    _distinct(label, *named.values())
    *names, last = named

    def objections(form):
        values = [named[name] for name in names] + [form]
        for i, words in enumerate(zip(names, [*names[1:], last], strict=True)):
            lines = _objections(_pairs(label, values[i], values[i + 1]), rtol, atol, words=[f"“{w}”" for w in words])
            if lines:
                return lines
        return None

    _judge(claim, objections, named[last], wrong)


def zero(label, value, what, *, scale, tol=1e-10, wrong=None, reason=None):
    """Terms cancel: max |value| ≤ tol·scale.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    value : number, array or batch
    what : str, in words what is compared on which inputs
    scale : number > 0, the size of the terms
    tol : number in [0, 1)
    wrong : dict {name: form}, at least one form that replaces value
    reason : str, why a tolerance must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the terms do not cancel, or those of a wrong form do
    ValueError
        for what could never be a comparison, as the module's docstring says
    """
    claim = _claim("zero", label, what, _stated(label, reason, tol=tol), wrong, reason)
    check_number(scale, f"{label}: scale", low=0, strict=True)

    def objections(form):
        pairs = [(array, np.zeros_like(array)) for _, array in _pairs(label, value, form)]
        return _objections(pairs, 0.0, tol * scale, words=("value", "expected"))

    _judge(claim, objections, value, wrong)


def _exact(label, value):
    """(a word for the type, value in hashable form): True is no 1 here, and a list no tuple."""
    if isinstance(value, (bool, np.bool_)):
        return "a truth value", ("bool", bool(value))
    if isinstance(value, (int, np.integer)):
        return "an integer", int(value)
    if isinstance(value, str):
        return "a string", str(value)
    if isinstance(value, (tuple, list)):
        return f"a {type(value).__name__}", (type(value).__name__, tuple(_exact(label, v)[1] for v in value))
    if isinstance(value, (set, frozenset)):
        return "a set", frozenset(_exact(label, v)[1] for v in value)
    if isinstance(value, dict):
        return "a dict", ("dict", frozenset((_exact(label, k)[1], _exact(label, v)[1]) for k, v in value.items()))
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuU":
        word = {"b": "a boolean array", "U": "an array of strings"}.get(value.dtype.kind, "an integer array")
        return f"{word} of shape {value.shape}", (word, value.shape, tuple(value.ravel().tolist()))
    kind = f"{value.dtype} array" if isinstance(value, np.ndarray) else type(value).__name__
    raise ValueError(f"{label}: integers, truth values, strings, sets and the like can be the same: got {kind}")


def _unlike(label, left, right):
    """Lines about the first difference of two exact values, None if there is none."""
    for side in (left, right):
        if (side.size if isinstance(side, np.ndarray) else len(side) if hasattr(side, "__len__") else 1) == 0:
            raise ValueError(f"{label}: an empty {type(side).__name__} proves nothing")
    (left_type, left_key), (right_type, right_key) = _exact(label, left), _exact(label, right)
    if left_type != right_type:
        raise ValueError(f"{label}: {left_type} and {right_type} cannot be compared")
    if left_key == right_key:
        return None
    lines = [f"left {reprlib.repr(left)}", f"right {reprlib.repr(right)}"]
    if isinstance(left, np.ndarray):
        index = tuple(map(int, np.argwhere(left != right)[0]))
        lines = [f"first difference at {list(index)}", f"left {left[index]}", f"right {right[index]}"]
    elif isinstance(left, (tuple, list)) and len(left) == len(right):
        i = next(i for i, (x, y) in enumerate(zip(left, right, strict=True)) if _exact(label, x) != _exact(label, y))
        lines = [f"first difference at [{i}]", f"left {reprlib.repr(left[i])}", f"right {reprlib.repr(right[i])}"]
    return lines


def same(label, a, b, what, *, wrong=None, reason=None):
    """Two exact things are the same.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    a, b : integers, truth values, strings, arrays of these, or tuples, lists, sets and dicts of these
    what : str, in words what is compared on which inputs
    wrong : dict {name: form}, at least one form that replaces b
    reason : str that the line repeats, or None

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if a and b differ, or a wrong form is the same as a
    ValueError
        for floats, for two types (True is no 1, a list no tuple) or shapes, and for what could never be a comparison,
        as the module's docstring says
    """
    claim = _claim("same", label, what, "", wrong, reason)
    _distinct(label, a, b)
    _judge(claim, lambda form: _unlike(label, a, form), b, wrong)


def iff(label, left, right, what, *, wrong=None, reason=None):
    """Two conditions hold for the same samples.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    left, right : boolean arrays of one shape, in which both truth values occur
    what : str, in words what is compared on which inputs
    wrong : dict {name: form}, at least one form that replaces right
    reason : str that the line repeats, or None

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the conditions differ at a sample, or a wrong form nowhere differs from left
    ValueError
        if left does not hold both truth values, and for what could never be a comparison, as the module's docstring
        says
    """
    claim = _claim("iff", label, what, "", wrong, reason)
    _distinct(label, left, right)
    left = np.asarray(left)
    if left.dtype != bool or left.all() or not left.any():
        raise ValueError(f"{label}: both True and False must occur on the left, and nothing else")
    _judge(claim, lambda form: _unlike(label, left, np.asarray(form)), right, wrong)


# Derivatives -----------------------------------------------------------------------------------------


def _central(f, x, direction, widths=(1e-3, 1.25e-4, 1.5625e-5, 1.953125e-6)):
    """Slope of f along `direction` by fourth-order central differences. A wide step suffers from curvature, or leaves
    the domain of f, a narrow one from rounding: each entry takes the width at which narrowing changes it least."""
    slopes = []
    with np.errstate(all="ignore"):
        for h in widths:
            near, far = (np.asarray(f(x + k * h * direction)) - f(x - k * h * direction) for k in (1, 2))
            slopes.append((8 * near - far) / (12 * h))
        change = np.abs(np.diff(slopes, axis=0))
    best = np.where(np.isnan(change), np.inf, change).argmin(axis=0)
    return np.take_along_axis(np.array(slopes), best[None], axis=0)[0]


def _derivative(label, f, x, step):
    """∂f/∂x of shape f(x).shape + x.shape. The complex step, Im f(x + ih)/h, subtracts nothing and hence loses nothing
    (Squire and Trapp, SIAM Review 40, 1998), but f must be analytic: `_probe` asks."""
    columns = []
    for unit in np.eye(x.size).reshape(x.size, *x.shape):
        if step == "central":
            scale = max(1.0, np.abs(x * unit).max())
            columns.append(_central(f, x, scale * unit) / scale)
        else:
            value = np.asarray(f(x + 1e-20j * unit))
            if not np.iscomplexobj(value):
                raise ValueError(f"{label}: f loses the imaginary part that the complex step needs: try step='central'")
            columns.append(value.imag / 1e-20)
    return np.stack(columns, axis=-1).reshape(columns[0].shape + x.shape)


def _probe(label, f, x, slopes):
    """Refuse an f that stays complex without being analytic, as a product with a conjugate does: along one direction
    the complex step's `slopes` must agree, roughly, with central differences, which ask nothing of f."""
    direction = np.cos(np.arange(x.size)).reshape(x.shape) * max(1.0, np.abs(x).max())  # no two entries alike
    with np.errstate(all="ignore"):
        terms = slopes * direction
        along = terms.sum(axis=tuple(range(-x.ndim, 0)))
        central = _central(f, x, direction)
        size = np.abs(terms).sum(axis=tuple(range(-x.ndim, 0))) + np.abs(central)
        off = np.abs(along - central) > 1e-3 * size + 1e-9 * np.abs(f(x + 0))
    if np.any(off):
        at = tuple(map(int, np.argwhere(off)[0]))
        seen = f"slope {along[at]:.6g} by complex step, but {np.real(central[at]):.6g} by central differences"
        raise ValueError(f"{label}: f is not analytic, which the complex step needs: {seen}; try step='central'")


def _differentiate(kind, label, f, claimed, at, what, step, rtol, atol, wrong, reason):
    if step not in ("complex", "central"):
        raise ValueError(f"{label}: step must be 'complex' or 'central': got {step!r}")
    if rtol is None:
        rtol = 1e-9 if step == "complex" else 1e-6
    if step == "central" and reason is None and max(rtol, atol) <= 1e-6:
        reason = "central differences"
    claim = _claim(kind, label, what, _stated(label, reason, rtol=rtol, atol=atol), wrong, reason)
    if not all(map(callable, (f, claimed, *wrong.values()))):
        raise ValueError(f"{label}: f, the claimed derivative and its wrong forms must be functions of the point")
    points = [_numbers(label, point, "at") for point in (at if isinstance(at, (list, tuple)) else [at])]
    if not any(point.any() for point in points) or any(point.ndim > 1 for point in points):
        raise ValueError(f"{label}: at must be a number, an array of shape (n,) or a list of these, and not all zero")

    second = kind == "hessian"
    slopes = []
    for x in points:
        first = (lambda z: _derivative(label, f, z, step)) if second else f
        slopes.append(_derivative(label, first, x, "central" if second else step))
        if kind != "jacobian" and slopes[-1].ndim != (1 + second) * x.ndim:
            raise ValueError(f"{label}: f must return a number: got an array (see jacobian)")
        if not np.isfinite(slopes[-1]).all():
            raise ValueError(f"{label}: f is not finite, or not smooth, around the point {reprlib.repr(x.tolist())}")
    if step == "complex":
        _probe(label, f, points[0], _derivative(label, f, points[0], step) if second else slopes[0])

    def objections(form):
        pairs = [_aligned(label, slope, form(x + 0), real=True) for slope, x in zip(slopes, points, strict=True)]
        return _objections(pairs, rtol, atol, words=("by differences", "by formula"))

    _judge(claim, objections, claimed, wrong, call=False)


def gradient(label, f, grad, at, what, *, step="complex", rtol=None, atol=0.0, wrong=None, reason=None):
    """grad(x) is the gradient of the scalar f at each point of `at`.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    f : function of x → number
    grad : function of x → array of the shape of x
    at : number, array of shape (n,), or a list of these; not all zero, where too much vanishes
    what : str, in words what is compared on which inputs
    step : "complex" differentiates f by complex step (f must be analytic and accept complex x), "central" by central
        differences
    rtol : number in [0, 1), or None for 1e-9 by complex step, 1e-6 by central differences
    atol : number ≥ 0
    wrong : dict {name: form}, at least one other gradient, as a function of x
    reason : str, why a tolerance must be above 1e-8, or None: central differences excuse 1e-6 by themselves

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the slopes of f differ from grad, or agree with a wrong form too
    ValueError
        for an f whose value is no number, or that is not finite or not smooth there, or not analytic though step is
        "complex", and for what could never be a comparison, as the module's docstring says
    """
    _differentiate("gradient", label, f, grad, at, what, step, rtol, atol, wrong, reason)


def hessian(label, f, hess, at, what, *, step="complex", rtol=None, atol=0.0, wrong=None, reason=None):
    """hess(x) is the Hessian of the scalar f at each point of `at`, by central differences of its gradient.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    f : function of x → number
    hess : function of x → array (n, n)
    at : as in `gradient`
    what : str, in words what is compared on which inputs
    step : how the gradient of f is found, as in `gradient`
    rtol, atol : as in `gradient`
    wrong : dict {name: form}, at least one other Hessian, as a function of x
    reason : as in `gradient`

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed, ValueError
        as `gradient`
    """
    _differentiate("hessian", label, f, hess, at, what, step, rtol, atol, wrong, reason)


def jacobian(label, f, jac, at, what, *, step="complex", rtol=None, atol=0.0, wrong=None, reason=None):
    """jac(x) holds ∂f_i/∂x_j in row i and column j, at each point of `at`.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    f : function of x → array
    jac : function of x → array of shape f(x).shape + (n,)
    at : as in `gradient`
    what : str, in words what is compared on which inputs
    step, rtol, atol : as in `gradient`
    wrong : dict {name: form}, at least one other Jacobian, as a function of x
    reason : as in `gradient`

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed, ValueError
        as `gradient`, but f may be an array
    """
    _differentiate("jacobian", label, f, jac, at, what, step, rtol, atol, wrong, reason)


# Inequalities and algorithms -------------------------------------------------------------------------


def at_most(label, lhs, rhs, what, *, slack, rounding=1e-12, wrong=None, reason=None):
    """lhs ≤ rhs at every sample, up to relative rounding, and the bound is not vacuous.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    lhs, rhs : real arrays of one shape, or batches, of at least two samples
    what : str, in words what is compared on which inputs
    slack : number in [0, 1): at the tightest of the samples (rhs − lhs)/|rhs| ≤ slack
    rounding : number in [0, 1), the relative rounding that is allowed
    wrong : dict {name: form}, at least one form that replaces rhs, and must be violated somewhere
    reason : str, why rounding must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the bound is violated or vacuous, or a wrong form is violated nowhere
    ValueError
        for what could never be a comparison, as the module's docstring says
    """
    if check_number(slack, f"{label}: slack", low=0) >= 1:
        raise ValueError(f"{label}: slack must be less than 1, else any bound would do: got {slack!r}")
    claim = _claim("at_most", label, what, _stated(label, reason, f"slack {slack:g}", rounding=rounding), wrong, reason)
    _distinct(label, lhs, rhs)

    def violation(form):
        return _objections(_pairs(label, lhs, form, real=True), rounding, order=1)

    def objections(form):
        left, right = (np.concatenate(s, axis=None) for s in zip(*_pairs(label, lhs, form, real=True), strict=True))
        if left.size < 2:
            raise ValueError(f"{label}: an inequality needs at least two samples: got {left.size}")
        if lines := violation(form):
            return lines
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.where(left == right, 0.0, (right - left) / np.abs(right))
        i = int(gap.argmin())
        if gap[i] <= slack + rounding:
            return None
        seen = f"left {left[i]:.12g}", f"right {right[i]:.12g}", f"relative gap {gap[i]:.4g}, stated slack {slack:g}"
        return ["the bound holds, but is vacuous: even its tightest sample is far off", *seen]

    _judge(claim, objections, rhs, wrong, violation)


def monotone(label, sequence, what, *, direction, rounding=1e-12, wrong=None, reason=None):
    """A sequence never turns back, up to relative rounding, and does move.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    sequence : (n,), at least three numbers
    what : str, in words what is compared on which inputs
    direction : "decreasing" or "increasing"
    rounding : number in [0, 1), the relative rounding that is allowed
    wrong : dict {name: form}, at least one other sequence, which must turn back somewhere
    reason : str, why rounding must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the sequence turns back or does not move, or a wrong one never turns back
    ValueError
        for another direction, and for what could never be a comparison, as the module's docstring says
    """
    if direction not in ("decreasing", "increasing"):
        raise ValueError(f"{label}: direction must be 'decreasing' or 'increasing': got {direction!r}")
    claim = _claim("monotone", label, what, _stated(label, reason, direction, rounding=rounding), wrong, reason)
    order = 1 if direction == "increasing" else -1

    def turning(form, must_move=False):
        values = _numbers(label, form, "the sequence")
        if values.ndim != 1 or len(values) < 3:
            raise ValueError(f"{label}: a sequence must be 1-dimensional, of at least three: got shape {values.shape}")
        ends = values[0], values[-1]
        if must_move and _worst([ends], rounding)[0] <= 0:
            return ["it does not move: first {:.12g}, last {:.12g}".format(*ends)]
        return _objections([(values[:-1], values[1:])], rounding, order=order, words=("before", "after"))

    _judge(claim, lambda form: turning(form, must_move=True), sequence, wrong, turning)


def rate(label, x, errors, order, what, *, tol, law="power", wrong=None, reason=None):
    """Errors shrink, or grow, at the stated rate, by a least-squares line through their logarithms.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    x, errors : (n,), at least four different x, which "power" wants positive; errors > 0 that spread over a factor 2
    order : number; positive for "geometric"
    what : str, in words what is compared on which inputs
    tol : number ≥ 0, the tolerance as `law` takes it, which must come to less than half the order
    law : "power" for errors ∝ x^order: the slope against log x lies within tol of order; "geometric" for errors ∝
        order^x: the factor per unit of x lies within tol·order of order
    wrong : dict {name: form}, at least one other order
    reason : str that the line repeats, or None

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the rate found is not the one stated, or a wrong order lies within the tolerance too
    ValueError
        outside these ranges, and for what could never be a comparison, as the module's docstring says
    """
    if law not in ("power", "geometric"):
        raise ValueError(f"{label}: law must be 'power' or 'geometric': got {law!r}")
    geometric = law == "geometric"
    check_number(order, f"{label}: order", **({"low": 0, "strict": True} if geometric else {}))
    width = check_number(tol, f"{label}: tol", low=0) * (order if geometric else 1)
    if width >= abs(order) / 2:
        raise ValueError(f"{label}: the tolerance must be less than half the order: got {order:g} ± {width:g}")
    words = f"{'factor' if geometric else 'order'} {order:g} ± {width:g}"
    claim = _claim("rate", label, what, words, wrong, reason)
    _distinct(label, x, errors)
    x, errors = _aligned(label, x, errors, real=True)
    if x.ndim != 1 or len(np.unique(x)) < 4 or errors.min() <= 0 or errors.max() < 2 * errors.min():
        raise ValueError(f"{label}: a rate needs four different x, and errors > 0 that spread over a factor 2 at least")
    if not geometric and x.min() <= 0:
        raise ValueError(f"{label}: a power law needs x > 0: got {x.min():g}")
    abscissa = x if geometric else np.log(x)
    centred = abscissa - abscissa.mean()
    found = centred @ np.log(errors) / (centred @ centred)
    found = np.exp(found) if geometric else found

    def objections(stated):
        stated = check_number(stated, f"{label}: an order")
        return _objections([(np.array(found), np.array(stated))], 0.0, width, words=("fitted", "stated"))

    _judge(claim, objections, order, wrong)


def minimum(
    label,
    f,
    at,
    what,
    *,
    feasible=None,
    radii=(0.1, 0.01, 1e-3),
    n=200,
    seed=0,
    rounding=1e-12,
    wrong=None,
    reason=None,
):
    """No perturbed point does better than f(at), up to relative rounding.

    Random directions and the coordinate directions, both ways, are walked by each radius times max(1, ‖at‖).
    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    f : function of the point → number (+∞ outside its domain), which must grow somewhere
    at : number or array, the claimed minimiser
    what : str, in words what is compared on which inputs
    feasible : function that projects a point on the feasible set, or None
    radii : positive numbers
    n : int ≥ 1, the number of random directions
    seed : integer, for the random directions
    rounding : number in [0, 1), the relative rounding that is allowed
    wrong : dict {name: form}, at least one other point: an infeasible one, or such that a perturbation, or the claimed
        minimiser, does better
    reason : str, why rounding must be above 1e-8, or None; the line repeats it

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if `at` is not feasible or another point does better, or if a wrong point passes too
    ValueError
        for an f that grows nowhere around the point or gives no number, and for what could never be a comparison, as
        the module's docstring says
    """
    radii = [check_number(r, f"{label}: a radius", low=0, strict=True) for r in radii]
    n = check_number(n, f"{label}: n", low=1, integer=True)
    words = f"{n} directions", f"radii {', '.join(f'{r:g}' for r in radii)}"
    claim = _claim("minimum", label, what, _stated(label, reason, *words, rounding=rounding), wrong, reason)
    if not radii or not callable(f) or not (feasible is None or callable(feasible)):
        raise ValueError(f"{label}: f and feasible must be functions of the point, and radii not empty")
    at = _numbers(label, at, "at")
    steps = [radius * direction for radius in radii for direction in _directions(at.shape, n, seed)]

    def project(point):
        return point if feasible is None else _aligned(label, point, feasible(point), real=True)[1]

    def value(point):
        result = np.asarray(f(point + 0))
        if result.ndim or result.dtype.kind not in "iuf" or np.isnan(result) or result == -np.inf:
            raise ValueError(f"{label}: f must return a number, or +inf: got {reprlib.repr(result.tolist())}")
        return min(float(result), np.finfo(float).max)

    def objections(point, must_grow=False):
        point = _aligned(label, at, point, real=True)[1]
        length, moved = max(1.0, np.linalg.norm(point)), np.linalg.norm(project(point) - point)
        if moved > 1e-8 * length:
            return [f"the point is not feasible: the projection moves it by {moved:.4g}"]
        rivals = [at, *(project(point + length * step) for step in steps)]
        there = np.array([value(rival) for rival in rivals])
        here = np.full_like(there, value(point))
        if must_grow and _worst([(here, there)], rounding, order=-1)[0] <= 0:
            raise ValueError(f"{label}: f grows nowhere around the point, so that any point would be a minimum")
        words = "f at the claimed point", "f there"
        excess, (_, (best,)), lines = _worst([(here, there)], rounding, order=1, words=words)
        if excess <= 0:
            return None
        return [f"a better point {reprlib.repr(rivals[best].tolist())}", *lines[1:]]

    _judge(claim, lambda point: objections(point, must_grow=True), at, wrong, objections)


def _directions(shape, n, seed):
    """n random unit directions and the coordinate directions, both ways, as points of the given shape."""
    drawn = np.random.default_rng(seed).standard_normal((n, math.prod(shape)))
    drawn /= np.linalg.norm(drawn, axis=1, keepdims=True)
    axes = np.eye(math.prod(shape))
    return np.concatenate([drawn, axes, -axes]).reshape(-1, *shape)


# Random quantities -----------------------------------------------------------------------------------


def mean(label, samples, expected, what, *, errors=4, wrong=None, reason=None):
    """The mean of samples lies within a few standard errors of its expectation, in each component.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    samples : (R,) or (R, …), R ≥ 100
    expected : number, or array (…)
    what : str, in words what is compared on which inputs
    errors : number > 0, the standard errors that are allowed
    wrong : dict {name: form}, at least one other expectation
    reason : str that the line repeats, or None

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the mean lies farther from `expected`, or as near to a wrong expectation
    ValueError
        for too few samples, for a component that is constant, and for what could never be a comparison, as the module's
        docstring says
    """
    check_number(errors, f"{label}: errors", low=0, strict=True)
    claim = _claim("mean", label, what, f"{errors:g} standard errors", wrong, reason)
    _distinct(label, samples, expected)
    samples = _numbers(label, samples, "samples")
    if samples.ndim == 0 or len(samples) < 100:
        raise ValueError(f"{label}: a mean needs at least 100 samples: got shape {samples.shape}")
    spread, average = samples.std(axis=0, ddof=1), samples.mean(axis=0)
    if np.any(spread <= 1e-12 * np.abs(samples).max(axis=0)):
        raise ValueError(f"{label}: a component of the samples is constant: its mean has no standard error")
    allowed, words = errors * spread / np.sqrt(len(samples)), ("sample mean", "expected")

    def objections(form):
        return _objections([_aligned(label, average, form, real=True)], 0.0, allowed, words=words)

    _judge(claim, objections, expected, wrong)


def distribution(label, samples, cdf, what, *, level=1e-3, wrong=None, reason=None):
    """Samples follow a continuous law, by the Kolmogorov–Smirnov test.

    The module's docstring says more of label, what, wrong and reason.

    Parameters
    ----------
    label : str, the claim's label, `eq-…`
    samples : (R,), R ≥ 200
    cdf : function of an array → array, rising within [0, 1]
    what : str, in words what is compared on which inputs
    level : number in (0, 1), which the test's p-value must exceed
    wrong : dict {name: form}, at least one other cdf, as a function of an array
    reason : str that the line repeats, or None

    Returns
    -------
    None; the claim's line is printed

    Raises
    ------
    CheckFailed
        if the p-value is at most `level`, or that of a wrong cdf is not
    ValueError
        for too few samples, for a cdf that falls or leaves [0, 1], and for what could never be a comparison, as the
        module's docstring says
    """
    from scipy import stats  # slow to load, in the browser above all, and needed here only

    check_number(level, f"{label}: level", low=0, high=1, strict=True)
    claim = _claim("distribution", label, what, f"level {level:g}", wrong, reason)
    if not all(map(callable, (cdf, *wrong.values()))):
        raise ValueError(f"{label}: cdf and its wrong forms must be functions of the samples")
    samples = _numbers(label, samples, "samples")
    if samples.ndim != 1 or len(samples) < 200:
        raise ValueError(f"{label}: a distribution needs samples of shape (R,), R at least 200: got {samples.shape}")
    samples = np.sort(samples)

    def objections(form):
        heights = _aligned(label, samples, form(samples + 0), real=True)[1]
        if heights.min() < -1e-12 or heights.max() > 1 + 1e-12 or np.diff(heights).min() < -1e-12:
            raise ValueError(f"{label}: a cdf must rise within [0, 1]")
        test = stats.kstest(samples, form)
        if test.pvalue > level:
            return None
        at, cdf_there = test.statistic_location, heights[np.searchsorted(samples, test.statistic_location)]
        share = cdf_there + test.statistic_sign * test.statistic
        seen = f"largest gap at the sample {at:.12g}", f"share of samples {share:.12g}", f"cdf {cdf_there:.12g}"
        return [*seen, f"p-value {test.pvalue:.3g}, must exceed {level:g}"]

    _judge(claim, objections, cdf, wrong, call=False)


# False statements, and numbers in prose --------------------------------------------------------------


def refuted(label, lhs, rhs, what, *, relation, by=None, corrected=None, reason=None):
    """A tempting statement fails: its counterexample.

    The module's docstring says more of label, what and reason.

    Parameters
    ----------
    label : str, the false statement's label, `no-…`
    lhs, rhs : as in `equal`; for "at_most" real, for "same" as a and b in `same`
    what : str, in words what is compared on which inputs
    relation : "equal" fails if |l − r| > by·max(|l|, |r|) in some entry, "at_most" if l − r > by·|r|, and "same" if
        the two differ
    by : number above 1e-8; None for "same"
    corrected : dict {name: form} of right-hand sides for which the relation does hold (rtol 1e-8), or None
    reason : str that the line repeats, or None

    Returns
    -------
    None; the statement's line is printed

    Raises
    ------
    CheckFailed
        if the statement holds here, or a corrected form does not
    ValueError
        for another relation, for a `by` that is missing, superfluous or too small, and for what could never be a
        comparison, as the module's docstring says
    """
    if relation not in ("equal", "at_most", "same") or (by is None) != (relation == "same"):
        raise ValueError(f"{label}: relation must be 'equal' or 'at_most' with by=, or 'same' alone: got {relation!r}")
    if by is not None and check_number(by, f"{label}: by", low=0) <= 1e-8:
        raise ValueError(f"{label}: by must be greater than 1e-8, for rounding refutes nothing: got {by!r}")
    words = f"relation {relation}" + ("" if by is None else f", by {by:g}")
    claim = _claim("refuted", label, what, words, corrected, reason)
    _distinct(label, lhs, rhs)

    def objections(form, rtol):
        if relation == "same":
            return _unlike(label, lhs, form)
        if relation == "equal":
            return _objections(_pairs(label, lhs, form), rtol)
        return _objections(_pairs(label, lhs, form, real=True), rtol, order=1, size=lambda _, right: np.abs(right))

    if not objections(rhs, by):
        _fail(claim, "the tempting statement holds here", "so that this is no counterexample to it")
    for name, form in (corrected or {}).items():
        if lines := objections(form() if callable(form) else form, 1e-8):
            _fail(claim, f"the corrected form “{name}” does not hold", *lines)
    say(_line(claim))


quoted_goes_on = False  # a live page sets it: there the reader may edit the data, and the numbers of the text move


def quoted(text, value):
    """A number typed in prose rounds from the value just computed: |value − number| ≤ half a unit of its last digit.

    On a live page a number that has moved is told in a line of its own, and the page goes on.

    Parameters
    ----------
    text : str such as "0.947", "−2.5", "1.8e-5" or "1,797"; or a list of these
    value : number; for a list as many numbers

    Returns
    -------
    None; the numbers that hold are printed in one line

    Raises
    ------
    CheckFailed
        if a number does not round from its value; never on a live page
    ValueError
        for a text that is no such number, for a value that is not finite (a live page tells it as moved), and for
        different counts of numbers and values, or none
    """
    texts, values = [text] if isinstance(text, str) else list(text), np.ravel(value)
    if not texts or len(texts) != len(values):
        raise ValueError(f"quoted: one value for each number, at least one, is needed: got {len(values)}, {len(texts)}")
    texts, kept, moved = [str(typed).replace("−", "-") for typed in texts], [], []
    for typed, computed in zip(texts, values, strict=True):
        if not _NUMBER.fullmatch(typed):
            raise ValueError(f"quoted: a number such as 0.947, −2.5, 1.8e-5 or 1,797 must be typed: got {typed!r}")
        if quoted_goes_on and not np.isfinite(computed):
            moved.append((typed, f"{computed}"))
            continue
        computed = check_number(computed, f"quoted: the value of {typed}")
        number = Decimal(typed.replace(",", ""))
        digits, exponent = len(number.as_tuple().digits), number.as_tuple().exponent
        hair = Decimal(4 * np.spacing(abs(computed)))  # a value that lies halfway may have been stored on either side
        if abs(Decimal(computed) - number) > Decimal(1).scaleb(exponent) / 2 + hair:
            rounded = f"{computed:.{digits - 1}e}" if "e" in typed.lower() else f"{computed:.{max(0, -exponent)}f}"
            if not quoted_goes_on:
                message = f"quoted: the text says {typed}, but the value {computed:.12g} rounds to {rounded}"
                raise CheckFailed("quoted", typed, "quoted", message)
            moved.append((typed, rounded.replace("e-0", "e-")))
        else:
            kept.append(typed)
    if kept:
        say("✓ quoted: " + ", ".join(kept))
    for typed, rounded in moved:
        say(f"△ quoted: the text says {typed}; on this page's edited data it is {rounded}")
