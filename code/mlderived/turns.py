"""The reader's own formula, marked against an independent route. Its verb is reached as `check.your_turn`.

Unlike the verbs of `check` it never raises over what the reader wrote: a page with a wrong answer goes on, and says
what is wrong with it. What the author wrote is held to more, even while the cell waits: the other route must be
finite, be asked at two places, tell a formula from a bare number, and differ from every slip that is named.
"""

import copy
import inspect
import re
import traceback
from typing import NamedTuple

import numpy as np

from .validation import check_number, say

__all__ = ["Turn", "parse_turn", "your_turn"]

_LINES = {  # the first line for each state
    "waiting": "◦ your turn: {function} waits for your formula; it will be compared with {route}",
    "right": "✓ your turn: {function} agrees with {route}",
    "wrong": "✗ your turn: {function} differs from {route}",
    "failed": "✗ your turn: {function} cannot be compared with {route} yet",
}


class Turn(NamedTuple):
    """What a first line of `your_turn` says.

    Parameters
    ----------
    state : "waiting", "right", "wrong", or "failed" (no value)
    function : str, the reader's function and its arguments
    route : str, as `your_turn` was given it
    """

    state: str
    function: str
    route: str


def parse_turn(line):
    """The Turn that a printed line stands for.

    Parameters
    ----------
    line : str, as `your_turn` printed it first

    Returns
    -------
    Turn, or None if it is no such line
    """
    for state, words in _LINES.items():
        pattern = re.escape(words).replace(r"\{function\}", r"(\w[\w ]*\(.*?\))").replace(r"\{route\}", "(.+)")
        if match := re.fullmatch(pattern, line):
            return Turn(state, *match.groups())
    return None


def your_turn(f, *, truth, at, route, slips=None, rtol=1e-6, atol=1e-9):
    """Compare the reader's function with an independent route, and say in words how it fares.

    Parameters
    ----------
    f : the reader's function, which returns a number or an array, or `...` while it waits for its formula
    truth : function of the same arguments, the other route, which returns a number or an array
    at : at least two places, each a tuple of arguments for both functions (a lone argument needs no tuple)
    route : str that names the other route, as in "compared with the line refitted"
    slips : dict {what is said to the reader: function of (true value, *arguments)} that gives what such a slip would
        give, or None
    rtol, atol : in [0, 0.1): each entry must agree up to atol + rtol·(the largest entry of the truth at that place)

    Returns
    -------
    None; one line is printed while `f` returns `...`, and one when it is right; else where it is wrong, both values,
    and the slip if it is one of those named, or a mere factor

    Raises
    ------
    ValueError
        for what no formula could be told by: truths that are not finite or are all the same, fewer than two places,
        slips that equal the truth, or one another, everywhere; and for arguments unlike those above, but never for what
        `f` does
    """
    slips = {} if slips is None else dict(slips)
    for role, text in [("route", route), *(("a slip", said) for said in slips)]:
        if not isinstance(text, str) or not text or text != text.strip() or not text.isprintable():
            raise ValueError(f"your_turn: {role} must be one line of words without space around: got {text!r}")
    if not all(map(callable, (f, truth, *slips.values()))):
        raise ValueError("your_turn: the formula, truth and each slip must be functions")
    for name, value in (("rtol", rtol), ("atol", atol)):
        if check_number(value, f"your_turn: {name}", low=0) >= 0.1:
            raise ValueError(f"your_turn: {name} must be less than 0.1, else a wrong formula would do: got {value!r}")
    places = [place if isinstance(place, tuple) else (place,) for place in at]
    if len(places) < 2:
        raise ValueError(f"your_turn: a formula is asked at two places at least: got {len(places)}")

    truths = [_expected(truth, place, f"truth at {_places(truth, place)}") for place in places]
    allowed = [atol + rtol * np.abs(true).max() for true in truths]
    wrong = {
        said: [
            _expected(slip, (true, *place), f"the slip “{said}”") for true, place in zip(truths, places, strict=True)
        ]
        for said, slip in slips.items()
    }
    _tell_apart(truths, allowed, wrong)

    answers = [_answer(f, place) for place in places]
    values = [value for value, _ in answers]
    wrongs = [i for i, value in enumerate(values) if not _agree(value, truths[i], allowed[i])]
    if any(value is ... for value in values):
        state = "waiting"
    else:
        state = "right" if not wrongs else "failed" if values[wrongs[0]] is None else "wrong"
    say(_LINES[state].format(function=_name(f), route=route))
    if wrongs and state != "waiting":
        i = wrongs[0]
        said = answers[i][1] or [_seen(values[i], truths[i], allowed[i]), _slip(values, truths, allowed, wrong)]
        for line in filter(None, [f"at {_places(f, places[i])}", *said]):
            say(f"  {line}")


# What the author wrote -------------------------------------------------------------------------------


def _expected(function, arguments, name):
    """The other route's value, or a slip's, as an array of finite floats."""
    value = np.asarray(function(*copy.deepcopy(arguments)))
    if value.dtype.kind not in "iuf":
        raise ValueError(f"your_turn: {name} must be real numbers: got dtype {value.dtype}")
    if value.size == 0 or not np.isfinite(value).all():
        raise ValueError(f"your_turn: {name} must be finite, and not empty: got {_shown(value)}")
    return value.astype(float)


def _tell_apart(truths, allowed, wrong):
    numbers = [true.ravel() for true in truths]
    if all(_agree(np.full_like(true, numbers[0][0]), true, most) for true, most in zip(truths, allowed, strict=True)):
        raise ValueError("your_turn: the truth is the same at all places: a bare number would pass for a formula")
    forms = {"the truth": truths, **{f"the slip “{said}”": values for said, values in wrong.items()}}
    for i, (name, values) in enumerate(forms.items()):
        for other, others in list(forms.items())[:i]:
            if all(_agree(*three) for three in zip(values, others, allowed, strict=True)):
                raise ValueError(f"your_turn: {name} equals {other} at all places: add a place that tells them apart")


def _agree(value, other, allowed):
    return (
        value is not None
        and value is not ...
        and value.shape == other.shape
        and bool((np.abs(value - other) <= allowed).all())
    )


# What the reader wrote -------------------------------------------------------------------------------


def _answer(f, place):
    """(value, None), or (None, lines that say why there is no value); the value `...` while the answer is left open."""
    arguments = copy.deepcopy(place)
    try:
        inspect.signature(f).bind(*arguments)
    except TypeError as error:
        return None, [f"your function takes other arguments: {error}"]
    except ValueError:  # functions written in C may have no signature
        pass
    try:
        with np.errstate(all="ignore"):
            value = f(*arguments)
    except Exception as error:
        return None, _stopped(f, error)
    if value is None:
        return None, ["your function returned nothing: is a return missing?"]
    try:
        array = np.asarray(value)
    except ValueError:
        return None, ["your function returned a list of rows of different lengths"]
    if array.dtype.kind == "O":
        if any(entry is ... for entry in array.flat):
            return ..., None
        try:
            array = array.astype(float)  # fractions, decimals, large integers
        except (TypeError, ValueError):
            return None, [f"your function returned {_a(type(value).__name__)}, where a number or an array is expected"]
    if array.dtype.kind == "c":
        return None, ["your function returned a complex number, where a real one is expected"]
    if array.dtype.kind not in "iuf":
        word = {"b": "a truth value", "U": "text"}.get(array.dtype.kind, f"values of type {array.dtype}")
        return None, [f"your function returned {word}, where a number or an array is expected"]
    array = array.astype(float)
    if np.isnan(array).any():
        where = "" if array.ndim == 0 else " in " + _entry(np.argwhere(np.isnan(array))[0])
        return None, [f"your function returned NaN{where}: 0/0, or the root or logarithm of a negative number?"]
    return array, None


def _stopped(f, error):
    """An error of the reader's function in words, with the line of his at which it arose."""
    said = f"{type(error).__name__}: {error}".strip().removesuffix(":").splitlines()[0]
    code = getattr(f, "__code__", None)
    frames = [
        frame for frame in traceback.extract_tb(error.__traceback__) if code and frame.filename == code.co_filename
    ]
    frames = [frame for frame in frames if frame.lineno >= code.co_firstlineno]
    if not frames:
        return [f"your function stopped: {said}"]
    line = f": {frames[-1].line}" if frames[-1].line else ""
    return [f"your function stopped in line {frames[-1].lineno}{line}", said]


def _seen(value, true, allowed):
    """Both values at the worst entry, or their shapes where these differ."""
    if value.shape != true.shape:
        return f"yours is {_shape(value)}, the other route's is {_shape(true)}"
    worst = np.unravel_index(np.argmax(np.abs(value - true)), true.shape)
    pair = _shown(value[worst], allowed), _shown(true[worst], allowed)
    if pair[0] == pair[1]:  # they differ, but not in six digits
        pair = f"{value[worst]:.10g}", f"{true[worst]:.10g}"
    return f"{_entry(worst) + ': ' if true.ndim else ''}yours {pair[0]}, the other route {pair[1]}"


def _slip(values, truths, allowed, wrong):
    """What is said of a slip that the values betray at all places: one of those named, a factor, a transpose."""
    if any(value is None or not np.isfinite(value).all() for value in values):
        return ""

    def everywhere(others, widths=allowed):
        return all(_agree(*three) for three in zip(values, others, widths, strict=True))

    if said := next((said for said, others in wrong.items() if everywhere(others)), ""):
        return said
    if all(value.shape == true.shape for value, true in zip(values, truths, strict=True)):
        yours, true = (np.concatenate(side, axis=None) for side in (values, truths))
        factor = float(yours @ true / (true @ true))
        if abs(factor) > 1e-3 and everywhere([factor * t for t in truths], [max(1, abs(factor)) * a for a in allowed]):
            return (
                f"yours is {factor:.4g} times it, everywhere" if abs(factor + 1) > 1e-5 else "yours has the other sign"
            )
    return "yours is its transpose" if everywhere([true.T for true in truths]) else ""


# Words -----------------------------------------------------------------------------------------------


def _parameters(f):
    try:
        return list(inspect.signature(f).parameters)
    except (TypeError, ValueError):
        return []


def _name(f):
    name = getattr(f, "__name__", "")
    return f"{name if name.isidentifier() else 'your function'}({', '.join(_parameters(f))})"


def _places(f, place):
    """The arguments, by the names that the function gives them."""
    names = _parameters(f)
    named = len(names) == len(place)
    return ", ".join(f"{names[i]} = {_given(value)}" if named else _given(value) for i, value in enumerate(place))


def _given(value):
    if callable(value):
        return getattr(value, "__name__", "a function")
    try:
        array = np.asarray(value)
    except ValueError:
        return _a(type(value).__name__)
    return _shown(array) if array.dtype.kind in "biufc" else repr(value)[:60]


def _shown(value, noise=0.0):
    """Numbers in six digits, what is mere noise as 0, so that every machine prints the same; large arrays by shape."""
    array = np.asarray(value)
    if array.size > 12:
        return _shape(array)
    if array.ndim:
        return "[" + ", ".join(_shown(part, noise) for part in array) + "]"
    if array.dtype.kind in "iub":
        return str(array.item())
    return f"{0.0 if abs(array) <= min(noise, 1e-9) else array.item():.6g}"


def _shape(array):
    return "a single number" if array.ndim == 0 else f"an array of shape {array.shape}"


def _entry(index):
    return f"entry [{', '.join(str(int(i)) for i in index)}]"


def _a(word):
    return f"{'an' if word[0].lower() in 'aeiou' else 'a'} {word}"
