"""Each verb passes what is true, fails what is false, and refuses what could be neither."""

import math
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, stats

from mlderived import check
from mlderived.check import CheckFailed, Result, parse, parse_quoted

rng = np.random.default_rng(0)
A = rng.standard_normal((3, 4))
v = np.array([1.0, -2.0, 3.0, 0.5])
w0 = np.array([0.3, -1.2, 0.7])
X = rng.standard_normal((12, 3))
y = rng.standard_normal(12)
S = X.T @ X
least = np.linalg.lstsq(X, y, rcond=None)[0]
grid = np.linspace(0.5, 3.0, 26)
powers = np.array([10.0, 20.0, 40.0, 80.0, 160.0])
normal = rng.standard_normal(2000)
pairs = rng.standard_normal((400, 2)) * [1.0, 3.0] + [1.0, -2.0]


def loss(w):
    return np.log(np.exp(X @ w).sum())


def slope(w):
    p = np.exp(X @ w)
    return p @ X / p.sum()


def curvature(w):
    p = np.exp(X @ w) / np.exp(X @ w).sum()
    return X.T @ (p[:, None] * X) - np.outer(p @ X, p @ X)


def squares(w):
    return ((X @ w - y) ** 2).sum()


def sphere(z):
    return z / np.linalg.norm(z)


def call(verb, *operands, label="eq-test-claim", what="two routes, one draw", **options):
    return getattr(check, verb)(label, *operands, what, **options)


# verb: true operands, options, wrong form, the words for the tolerance
TRUE = {
    "equal": ((A @ v, (A * v).sum(1)), {}, -(A @ v), "rtol 1e-10"),
    "chain": (
        ({"first": A @ v, "sum": (A * v).sum(1), "einsum": np.einsum("ij,j", A, v)},),
        {},
        -(A @ v),
        "rtol 1e-10",
    ),
    "zero": ((X.T @ (X @ least - y),), {"scale": 10.0}, X.T @ (X @ least + y), "tol 1e-10"),
    "same": (({1, 2, 3}, frozenset([3, 2, 1])), {}, {1, 2}, ""),
    "gradient": ((loss, slope, w0), {}, lambda w: -slope(w), "rtol 1e-09"),
    "hessian": ((loss, curvature, w0), {}, lambda w: X.T @ X, "rtol 1e-09"),
    "jacobian": ((slope, curvature, w0), {}, lambda w: -curvature(w), "rtol 1e-09"),
    "at_most": ((2 * grid, 1 + grid**2), {"slack": 0.05}, 0.9 + grid**2, "slack 0.05"),
    "monotone": ((0.5 ** np.arange(5.0),), {"direction": "decreasing"}, [3.0, 2.0, 2.5], "decreasing"),
    "rate": ((powers, 7 / powers, -1), {"tol": 0.05}, -2, "order -1 ± 0.05"),
    "minimum": ((squares, least), {"n": 20}, 1.1 * least, "20 directions, radii 0.1, 0.01, 0.001"),
    "mean": ((pairs, np.array([1.0, -2.0])), {}, np.array([1.0, 2.0]), "4 standard errors"),
    "distribution": ((normal, stats.norm.cdf), {}, stats.norm(0.3).cdf, "level 0.001"),
    "iff": ((grid > 1, np.log(grid) > 0), {}, grid > 2, ""),
}
RIGHT = {  # what is no wrong form at all: the claim itself, written anew
    **{
        "equal": 1.0 * (A @ v),
        "chain": 1.0 * (A @ v),
        "zero": np.zeros(3),
        "same": {1, 2, 3},
        "gradient": lambda w: slope(w),
    },
    **{"hessian": lambda w: curvature(w), "jacobian": lambda w: curvature(w), "at_most": 1 + grid**2, "rate": -1.04},
    **{"monotone": [2.0, 1.0, 0.0], "minimum": least + 0, "mean": np.array([1.0, -2.0]), "iff": np.log(grid) > 0},
    "distribution": lambda x: stats.norm.cdf(x),
}
FUNCTIONS = ("gradient", "hessian", "jacobian", "distribution")  # whose forms are functions, not values
EXACT = ("same", "iff")


def with_nan(form, like):
    bad = np.array(like, dtype=float)
    bad.flat[0] = np.nan
    return bad


@pytest.mark.parametrize("verb", TRUE)
def test_what_is_true_prints_its_line_and_nothing_else(verb, capsys):
    operands, options, wrong, tolerance = TRUE[verb]
    assert call(verb, *operands, **options, wrong={"a sign": wrong, "twice": wrong}) is None
    how = f"{verb}, {tolerance}" if tolerance else verb
    line = f"✓ eq-test-claim: two routes, one draw ({how}); fails with a sign, fails with twice"
    assert capsys.readouterr() == (line + "\n", "")
    assert parse(line) == Result("eq-test-claim", "two routes, one draw", verb, tolerance, ("a sign", "twice"))


@pytest.mark.parametrize("verb", TRUE)
def test_a_reason_stands_in_the_line(verb, capsys):
    operands, options, wrong, tolerance = TRUE[verb]
    call(verb, *operands, **options, wrong={"a sign": wrong}, reason="it is (so)")
    said = f"{tolerance} because it is (so)".strip()
    assert parse(capsys.readouterr().out.rstrip("\n")).tolerance == said


@pytest.mark.parametrize("verb", TRUE)
@pytest.mark.parametrize("wrong", [None, {}, "a sign", [("a", 1)]])
def test_a_check_without_a_wrong_form_is_refused(verb, wrong):
    operands, options, _, _ = TRUE[verb]
    with pytest.raises(ValueError, match=r"eq-test-claim: at least one plausible form .* wrong=.* proves nothing"):
        call(verb, *operands, **options, wrong=wrong)


@pytest.mark.parametrize("verb", TRUE)
def test_a_wrong_form_that_passes_fails_the_check(verb, capsys):
    operands, options, wrong, _ = TRUE[verb]
    with pytest.raises(CheckFailed, match="the wrong form “no change” passes too") as caught:
        call(verb, *operands, **options, wrong={"a sign": wrong, "no change": RIGHT[verb]})
    assert (caught.value.label, caught.value.what, caught.value.kind) == ("eq-test-claim", "two routes, one draw", verb)
    assert "cannot tell it from the claim" in str(caught.value) and capsys.readouterr().out == ""


@pytest.mark.parametrize("verb", TRUE)
def test_a_wrong_form_that_breaks_down_proves_nothing(verb):
    operands, options, _, _ = TRUE[verb]

    def broken(*_):
        raise IndexError("off the end")

    with pytest.raises(ValueError, match=r"eq-test-claim: wrong form “b” is not comparable.*IndexError: off the end"):
        call(verb, *operands, **options, wrong={"b": broken})


@pytest.mark.parametrize("verb", [verb for verb in TRUE if verb not in EXACT])
def test_a_wrong_form_that_is_not_finite_proves_nothing(verb):
    operands, options, wrong, _ = TRUE[verb]
    at = normal if verb == "distribution" else w0
    bad = (lambda x: with_nan(None, wrong(at))) if verb in FUNCTIONS else with_nan(None, wrong)
    with pytest.raises(ValueError, match=r"wrong form “b” is not comparable.*(NaN|finite)"):
        call(verb, *operands, **options, wrong={"b": bad})


@pytest.mark.parametrize("verb", [verb for verb in TRUE if verb not in ("same", "rate", "monotone")])
def test_a_wrong_form_of_another_shape_proves_nothing(verb):
    operands, options, wrong, _ = TRUE[verb]
    bad = (lambda x: np.asarray(wrong(x))[None]) if verb in FUNCTIONS else np.asarray(wrong)[None]
    with pytest.raises(ValueError, match=r"wrong form “b” is not comparable.*shape"):
        call(verb, *operands, **options, wrong={"b": bad})


@pytest.mark.parametrize("verb", [verb for verb in TRUE if verb not in FUNCTIONS])
def test_a_wrong_value_may_be_a_function_without_arguments(verb, capsys):
    operands, options, wrong, _ = TRUE[verb]
    call(verb, *operands, **options, wrong={"a sign": lambda: wrong})
    assert "fails with a sign" in capsys.readouterr().out


# the last operand of TRUE, spoilt: sign, factor 1.001, index off by one
R = (A * v).sum(1)
FALSE = [
    *[("equal", (A @ v, bad)) for bad in (-R, 1.001 * R, np.roll(R, 1))],
    *[("chain", ([A @ v, bad, np.einsum("ij,j", A, v)],)) for bad in (-R, 1.001 * R, np.roll(R, 1))],
    *[("zero", (X.T @ (X @ bad - y),)) for bad in (-least, 1.001 * least, np.roll(least, 1))],
    *[("same", ((1, -2, 3), bad)) for bad in ((-1, -2, 3), (1, -2, 4), (3, 1, -2))],
    *[
        ("gradient", (loss, bad, w0))
        for bad in (lambda w: -slope(w), lambda w: 1.001 * slope(w), lambda w: slope(w)[::-1])
    ],
    *[
        ("hessian", (loss, bad, w0))
        for bad in (lambda w: -curvature(w), lambda w: 1.001 * curvature(w), lambda w: curvature(w)[::-1])
    ],
    *[
        ("jacobian", (slope, bad, w0))
        for bad in (lambda w: -curvature(w), lambda w: 1.001 * curvature(w), lambda w: curvature(w)[:, ::-1])
    ],
    *[("at_most", (2 * grid, sign * np.roll(1 + grid**2, k))) for sign, k in ((-1, 0), (0.999, 0), (1, 1))],
    *[("monotone", (bad,)) for bad in ([1.0, 2.0, 3.0], [3.0, 2.0, 2.001], [1.0, 3.0, 2.0])],
    *[("rate", (powers, bad, -1)) for bad in (1 * powers, powers**-1.06, powers**-0.94)],
    *[("minimum", (squares, bad)) for bad in (-least, 1.01 * least, np.roll(least, 1))],
    *[("mean", (pairs, np.array(bad))) for bad in ([1.0, 2.0], [1.3, -2.0], [-2.0, 1.0])],
    *[("distribution", (normal, bad)) for bad in (stats.norm(0.3).cdf, stats.norm(0, 1.2).cdf, stats.laplace.cdf)],
    *[("iff", (grid > 1, bad)) for bad in (grid <= 1, np.roll(grid > 1, 1), grid >= 1)],
]


@pytest.mark.parametrize(("verb", "operands"), FALSE)
def test_what_is_false_fails(verb, operands, capsys):
    _, options, wrong, _ = TRUE[verb]
    with pytest.raises(CheckFailed, match=r"^eq-test-claim: two routes, one draw \(.*\): does not hold\n") as caught:
        call(verb, *operands, **options, wrong={"a sign": wrong})
    assert capsys.readouterr().out == "" and 2 <= len(str(caught.value).splitlines()) <= 5


# Operands -----------------------------------------------------------------------------------------

TWO_SIDED = ["equal", "chain", "at_most"]


def two_sided(verb, left, right, **options):
    operands = ([left, right],) if verb == "chain" else (left, right)
    return call(verb, *operands, **TRUE[verb][1], **{"wrong": {"w": right}, **options})


@pytest.mark.parametrize("verb", TWO_SIDED)
@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (np.zeros(0), np.zeros(0), "empty"),
        ([], [], "empty"),
        (np.array([1.0, np.nan]), np.ones(2), "left side contains NaN or infinity"),
        (np.ones(2), np.array([1.0, np.inf]), "right side contains NaN or infinity"),
        (np.ones(3), np.ones((3, 1)), r"shapes \(3,\) and \(3, 1\) differ"),
        (1.0, np.ones(3), r"shapes \(\) and \(3,\) differ"),
        (np.ones(3), 1.0, r"shapes \(3,\) and \(\) differ"),
        (np.array([1.0, None]), np.ones(2), "dtype object"),
        (np.array([True, False]), np.ones(2), "dtype bool"),
        (["a", "b"], np.ones(2), "dtype <U1"),
        ([[1.0, 2.0], [3.0]], np.ones(2), "no array"),
        (np.ones(2), np.array([1.0, 1 + 1e-9j]), "right side must be real"),
        (np.array([1.0, 1 + 1e-9j]), np.ones(2), "left side must be real"),
        ([np.ones(2), np.ones(3)], np.ones(2), "batch needs two lists of one length: got 2 and ndarray"),
        (1.0, [np.ones(2), np.ones(3)], "batch needs two lists of one length: got float and 2"),
        ([np.ones(2), np.ones(3)], [np.ones(2)], "batch needs two lists of one length: got 2 and 1"),
        ([np.ones(2), np.ones(3)], [np.ones(2), np.ones(2)], r"shapes \(3,\) and \(2,\) differ"),
    ],
)
def test_operands_that_cannot_be_compared_are_refused(verb, left, right, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        two_sided(verb, left, right)


x = np.arange(6.0) + 1
whole = [1.0, 2.0]


@pytest.mark.parametrize("verb", TWO_SIDED)
@pytest.mark.parametrize(
    ("left", "right"),
    [
        (x, x),
        (x, x[:]),
        (x[1:], x[:-1]),
        (x.reshape(2, 3), x.reshape(3, 2).T),
        (whole, whole),
        ([x, x + 1], [x + 0, x]),
        ((x, x + 1), (x + 0, x)),
        ([(x,)], [[x]]),
        (np.float64(3.0),) * 2,
    ],
)
def test_the_same_object_on_both_sides_is_refused(verb, left, right):
    with pytest.raises(ValueError, match=r"^eq-test-claim: both sides are the same object or share memory"):
        two_sided(verb, left, right)


def test_the_same_object_is_refused_wherever_two_sides_meet():
    flags, counts = grid > 1, {"a": x}
    for verb, operands, options in [
        ("same", (whole, whole), {}),
        ("same", (np.arange(3),) * 2, {}),
        ("same", (counts, {"a": x}), {}),
        ("iff", (flags, flags[:]), {}),
        ("rate", (x, x, 1), {"tol": 0.1}),
        ("mean", (pairs, pairs[0]), {}),
        ("chain", ([x, x + 0, x],), {}),
    ]:
        with pytest.raises(ValueError, match="share memory"):
            call(verb, *operands, **options, wrong={"w": 1})
    with pytest.raises(ValueError, match="share memory"):
        call("refuted", x, x, label="no-test", relation="equal", by=0.1)


@pytest.mark.parametrize("number", [2, 2.5, 1 + 2j, (1.0, 2.0)])
def test_immutable_numbers_may_be_one_object(number, capsys):
    call("equal", number, number, wrong={"w": np.asarray(number) + 1})
    call("same", True, True, wrong={"w": False})
    call("same", "tree", "tree", wrong={"w": "graph"})
    assert capsys.readouterr().out.count("✓") == 3


def test_interleaved_columns_are_not_the_same_memory(capsys):
    both = np.repeat(x[:, None], 2, axis=1)
    call("equal", both[:, 0], both[:, 1], wrong={"w": -x})
    assert "✓" in capsys.readouterr().out


def test_complex_sides_are_compared_in_the_plane(capsys):
    z = np.array([1 + 2j, 3 - 1j])
    call("equal", z, z * 1, wrong={"conjugate": z.conj()})
    call("equal", z.real + 0j, z.real + 0, wrong={"w": -z.real})
    call("zero", z - z, scale=1, wrong={"i": 1e-9j * z})
    with pytest.raises(CheckFailed, match=r"left 3-1j\n.*right 3\+1j\n.*difference 2,"):
        call("equal", z[1:], z.conj()[1:] * 1, wrong={"w": -z[1:]})
    with pytest.raises(ValueError, match="left side must be real"):
        call("at_most", z, z * 1, slack=0.1, wrong={"w": -z})
    assert capsys.readouterr().out.count("✓") == 3


def test_a_batch_fails_if_one_instance_does_and_names_it(capsys):
    left, right = [np.ones(2), np.ones((2, 3)), np.ones(4)], [np.ones(2), np.ones((2, 3)), np.ones(4)]
    call("equal", left, right, wrong={"last": [np.ones(2), np.ones((2, 3)), -np.ones(4)]})
    right[1][1, 2] = 1.5
    with pytest.raises(CheckFailed, match=r"worst entry \[1, 2\] of instance 1\n  left 1\n  right 1.5\n"):
        call("equal", left, right, wrong={"w": [-a for a in right]})
    right[2][3], right[1][1, 2] = 0.25, 1.0
    with pytest.raises(CheckFailed, match=r"worst entry \[3\] of instance 2\n"):
        call("equal", left, right, wrong={"w": [-a for a in right]})
    with pytest.raises(ValueError, match=r"wrong form “short” is not comparable.*one length: got 3 and 1"):
        call("equal", left, [1 * a for a in left], wrong={"short": [np.ones(2)]})
    assert capsys.readouterr().out.count("✓") == 1


def test_integers_are_compared_as_floats(capsys):
    call("equal", np.array([3, 200], dtype=np.uint8), [3, 200], wrong={"w": [200, 3]})
    with pytest.raises(CheckFailed, match="difference 254"):  # 1 − 255 would be 2 in eight bits
        call("equal", np.uint8(1), 255, wrong={"w": 3})


def test_overflow_is_no_agreement():
    huge = np.array([1e308, 1.0])
    with pytest.raises(CheckFailed, match="difference inf"):
        call("equal", huge, -huge, wrong={"w": 2 * np.ones(2)})
    with pytest.raises(CheckFailed, match="does not hold"):
        call("equal", huge * (1.5 + 1.5j), huge * (1.5 - 1.5j), wrong={"w": huge * 1j})


# Labels, words, tolerances ---------------------------------------------------------------------------


@pytest.mark.parametrize("label", ["normal", "eq-", "eq-Big", "eq_x", "thm-x", "eq-x\n", " eq-x", "no", 3, None])
def test_a_label_that_is_none_is_refused(label):
    with pytest.raises(ValueError, match="a label must be eq- or no- and then a-z"):
        call("equal", 1.0, 1.0, wrong={"w": 2.0}, label=label)


def test_false_statements_belong_to_refuted_alone():
    with pytest.raises(ValueError, match="no-x: no- labels name false statements"):
        call("equal", 1.0, 1.0, wrong={"w": 2.0}, label="no-x")
    with pytest.raises(ValueError, match="eq-x: no- labels name false statements"):
        call("refuted", 1.0, 2.0, relation="equal", by=0.1, label="eq-x")


BAD_WORDS = ["", " ", "a ", "\ta", "a\nb", "a\u2028b", "a\x1b[1m", None, 3, "x; fails with y", "x, fails with y"]
BAD_WORDS += ["x; holds with", "x (equal, rtol 1", "x (same) or so"]


@pytest.mark.parametrize("text", BAD_WORDS)
def test_words_that_the_line_cannot_bear_are_refused(text):
    said = "eq-test-claim: {} must (be one line of words|not contain)"
    with pytest.raises(ValueError, match=said.format("what")):
        call("equal", 1.0, 1.0, what=text, wrong={"w": 2.0})
    with pytest.raises(ValueError, match=said.format("a form's name")):
        call("equal", 1.0, 1.0, wrong={"w": 2.0, text: 3.0})
    if text is not None:
        with pytest.raises(ValueError, match=said.format("reason")):
            call("equal", 1.0, 1.0, wrong={"w": 2.0}, reason=text)


TOLERANCES = [
    (verb, name) for verb in ("equal", "chain", "gradient", "hessian", "jacobian") for name in ("rtol", "atol")
]
TOLERANCES += [("zero", "tol"), ("at_most", "rounding"), ("monotone", "rounding"), ("minimum", "rounding")]


@pytest.mark.parametrize(("verb", "name"), TOLERANCES)
def test_a_loose_tolerance_needs_its_reason(verb, name, capsys):
    operands, options, wrong, _ = TRUE[verb]
    wrong = {"a sign": wrong}
    call(verb, *operands, **options, **{name: 1e-8}, wrong=wrong)
    with pytest.raises(ValueError, match=f"eq-test-claim: {name} 1.1e-08 is looser than 1e-8, and no reason="):
        call(verb, *operands, **options, **{name: 1.1e-8}, wrong=wrong)
    call(verb, *operands, **options, **{name: 1.1e-8}, wrong=wrong, reason="the solver stops")
    first, second = capsys.readouterr().out.splitlines()
    assert f"{name} 1e-08" in first and f"{name} 1.1e-08 because the solver stops" in second


@pytest.mark.parametrize(("verb", "name"), TOLERANCES)
@pytest.mark.parametrize("value", [-1e-10, math.nan, math.inf, "small", True, 1.0])
def test_an_absurd_tolerance_is_refused(verb, name, value):
    operands, options, wrong, _ = TRUE[verb]
    if name == "atol" and value == 1.0 and value is not True:
        return  # no absurdity: atol has the operands' unit
    with pytest.raises(ValueError, match=f"eq-test-claim: {name} must be"):
        call(verb, *operands, **options, **{name: value}, wrong={"a sign": wrong}, reason="none")


def test_the_line_states_what_the_author_stated(capsys):
    call("equal", 1.0, 1.0, wrong={"w": 2.0}, rtol=0, atol=1e-12)
    call("equal", 1.0, 1.0, wrong={"w": 4.0}, rtol=0.25, atol=1, reason="why not")
    call("at_most", grid - 1.5, grid * 1.0 - 1.5, slack=0, rounding=1e-9, wrong={"w": grid - 2})
    call("monotone", [1.0, 2.0, 3.0], direction="increasing", rounding=0, wrong={"w": [1.0, 2.0, 1.0]})
    said = [parse(line).tolerance for line in capsys.readouterr().out.splitlines()]
    assert said[0] == "rtol 0, atol 1e-12" and said[1:3] == [
        "rtol 0.25, atol 1 because why not",
        "slack 0, rounding 1e-09",
    ]
    assert said[3] == "increasing, rounding 0"


words = st.text(st.characters(exclude_categories=["C", "Zl", "Zp", "Zs"]) | st.just(" "), min_size=1).map(str.strip)
words = words | st.sampled_from(["a (b, c), d", "f; with", "(equal)", "✓ eq-x: y (equal)", "a, b; c) (mean"])
words = words.filter(lambda t: t and not re.search(r"[,;] (fails|holds) with| \([a-z_]+[,)]", t))


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    words,
    st.lists(words, min_size=1, max_size=3, unique=True),
    st.none() | words,
    st.from_regex("[a-z0-9-]+", fullmatch=True),
)
def test_a_line_can_be_read_back(what, names, reason, slug):
    said = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", said.append)
        check.equal(f"eq-{slug}", 1.0, 1.0, what, wrong=dict.fromkeys(names, 2.0), reason=reason)
        right = dict.fromkeys(names, 1.0)
        check.refuted(f"no-{slug}", 1.0, 2.0, what, relation="equal", by=0.1, corrected=right, reason=reason)
    because = "" if reason is None else f" because {reason}"
    assert parse(said[0]) == Result(f"eq-{slug}", what, "equal", "rtol 1e-10" + because, tuple(names))
    false = Result(f"no-{slug}", what, "refuted", "relation equal, by 0.1" + because, (), tuple(names))
    assert parse(said[1]) == false and len(said) == 2


@pytest.mark.parametrize(
    "line",
    [
        "",
        "loss 0.25",
        "✓ eq-x: words (equal, rtol 1e-10)",
        "✓ eq-x: words (equal, rtol 1e-10); holds with a",
        "✗ eq-x: words (equal, rtol 1e-10); fails with a",
        "✓ no-x: words (equal, rtol 1e-10); fails with a",
        "✓ no-x: words (refuted, relation same)",
        "✗ eq-x: words (refuted, relation same)",
        "✗ no-x: words (refuted, relation same); fails with a",
        "✓ eq-x: words (because); fails with a",
        "✓ eq-x: words (equal, rtol 1e-10); fails with a\n",
        " ✓ eq-x: words (equal, rtol 1e-10); fails with a",
        "✓ eq-X: words (equal, rtol 1e-10); fails with a",
        "✓ quoted: 0.947",
    ],
)
def test_other_lines_are_no_check_lines(line):
    assert parse(line) is None


def test_a_bare_line_has_empty_fields():
    assert parse("✓ eq-x: words (iff); fails with a") == Result("eq-x", "words", "iff", "", ("a",), ())
    assert parse("✗ no-x: words (refuted, relation same)") == Result(
        "no-x", "words", "refuted", "relation same", (), ()
    )


# equal, chain, zero ----------------------------------------------------------------------------------

numbers = st.floats(-1e6, 1e6).filter(lambda t: abs(t) > 1e-6)
columns = st.lists(numbers, min_size=1, max_size=8)


def holds(left, right, **options):
    try:
        call("equal", left, right, **options, wrong={"far": np.asarray(right) + 1e9})
    except CheckFailed:
        return False
    return True


@settings(deadline=None, derandomize=True, max_examples=60)
@given(columns, st.floats(-3, 3), st.integers(0, 10**6))
def test_equal_knows_no_order_and_no_side(values, size, seed):
    left = np.array(values)
    right = left * (1 + size * 1e-10)
    order = np.random.default_rng(seed).permutation(len(left))
    assert holds(left, right) == holds(right, left) == holds(left[order], right[order])


@settings(deadline=None, derandomize=True, max_examples=60)
@given(columns, st.data(), st.sampled_from([1e-12, 1e-10, 1e-8]), st.sampled_from([-1, 1]))
def test_equal_fails_above_its_tolerance_and_passes_below(values, data, rtol, sign):
    left = np.array(values)
    i = data.draw(st.integers(0, len(left) - 1))
    for factor, agrees in [(0.99, True), (1.01, False)]:
        right = left.copy()
        right[i] *= 1 + sign * factor * rtol
        assert holds(left, right, rtol=rtol) is agrees


def test_equal_adds_both_tolerances():
    assert holds(1000.0, 1000.0 + 1.9e-7, rtol=1e-10, atol=1e-7, reason="r")
    assert not holds(1000.0, 1000.0 + 2.1e-7, rtol=1e-10, atol=1e-7, reason="r")
    assert holds(0.0, 1e-9, atol=1e-9) and not holds(0.0, 1.1e-9, atol=1e-9)


def test_equal_names_the_worst_entry_by_excess_over_what_is_allowed():
    left, right = np.array([[1e6, 1.0], [1.0, 2.0]]), np.array([[1e6 + 1e-3, 1.0], [1.25, 2.0]])
    with pytest.raises(CheckFailed) as caught:
        call("equal", left, right, rtol=1e-8, wrong={"w": -right})
    assert str(caught.value) == (
        "eq-test-claim: two routes, one draw (equal, rtol 1e-08): does not hold\n"
        "  worst entry [1, 0]\n  left 1\n  right 1.25\n  difference 0.25, allowed 1.25e-08"
    )
    assert str(caught.value).count("\n") == 4
    big = np.array([1e9, 1.0]), np.array([1e9 + 2.0, 2.5])  # 2 apart of 10 allowed, 1.5 apart of 2.5e-8
    with pytest.raises(CheckFailed, match=r"worst entry \[1\]"):
        call("equal", *big, rtol=1e-8, wrong={"w": -big[1]})
    with pytest.raises(CheckFailed, match=r"left 0.333333333333\n"):
        call("equal", 1 / 3, 0.5, wrong={"w": 1.0})


def test_chain_names_the_two_lines_that_part():
    steps = {"definition": R, "by parts": R + 0, "cancelled": R * [1, 1, 1.5], "done": R * [1, 1, 1.5] * 1}
    with pytest.raises(
        CheckFailed, match=r"worst entry \[2\]\n  “by parts” [-.\d]+\n  “cancelled” [-.\d]+\n"
    ) as caught:
        call("chain", steps, wrong={"w": -R})
    assert f"{R[2]:.12g}" in str(caught.value) and f"{1.5 * R[2]:.12g}" in str(caught.value)
    with pytest.raises(CheckFailed, match="“line 1” 1\n  “line 2” 2"):
        call("chain", [1.0, 2.0], wrong={"w": 3.0})
    with pytest.raises(CheckFailed, match="“line 2” 1\n  “line 3” 2"):
        call("chain", [1.0, 1.0, 2.0], wrong={"w": 3.0})
    for steps in ([1.0], {"only": 1.0}, []):
        with pytest.raises(ValueError, match=f"a chain needs at least two lines: got {len(steps)}"):
            call("chain", steps, wrong={"w": 3.0})


def test_zero_measures_against_the_scale(capsys):
    call("zero", [0.9e-7, -0.9e-7], scale=1000, wrong={"w": [1.1e-7, 0]})
    with pytest.raises(CheckFailed, match=r"worst entry \[1\]\n  value -1.1e-07\n  expected 0\n  .* allowed 1e-07"):
        call("zero", [0.9e-7, -1.1e-7], scale=1000, wrong={"w": [1.0, 1.0]})
    with pytest.raises(CheckFailed, match=r"worst entry \[0, 1\] of instance 1"):
        call("zero", [np.zeros(2), np.eye(2)[::-1]], scale=1, wrong={"w": [np.ones(2), np.ones((2, 2))]})
    assert capsys.readouterr().out.count("✓") == 1
    for scale in (0, -1, math.inf, math.nan, None):
        with pytest.raises(ValueError, match="eq-test-claim: scale must be"):
            call("zero", [0.0], scale=scale, wrong={"w": [1.0]})
    for value in ([], [np.nan], np.array([None])):
        with pytest.raises(ValueError, match="eq-test-claim: the left side"):
            call("zero", value, scale=1, wrong={"w": [1.0]})


# same, iff -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "wrong"),
    [
        (3, np.int64(3), 4),
        (True, np.bool_(True), False),
        ("abc", np.str_("abc"), "abd"),
        ((1, (2, "x")), (1, (2, "x")), (1, (2, "y"))),
        ([1, 2], [1, 2], [1, 2, 3]),
        ({1, 2}, frozenset([2, 1]), {1}),
        ({frozenset(), frozenset([1])}, {frozenset([1]), frozenset()}, {frozenset([1])}),
        ({"a": {1}, "b": [2]}, {"b": [2], "a": {1}}, {"a": {1}, "b": [3]}),
        ({"a": 1}, {"a": 1}, {"b": 1}),
        (np.arange(6).reshape(2, 3), np.array([[0, 1, 2], [3, 4, 5]]), np.zeros((2, 3), int)),
        (np.array([1, 2], np.uint8), np.array([1, 2]), np.array([2, 1])),
        (np.array([True, False]), np.array([True, False]), np.array([False, True])),
        (np.array(["a", "b"]), np.array(["a", "b"]), np.array(["b", "a"])),
        ([np.arange(2)], [np.arange(2)], [np.ones(2, int)]),
        (np.array(7), np.array(7), np.array(8)),
        (10**30, 10**30 + 0, 10**30 + 1),
    ],
)
def test_same_knows_exact_things(left, right, wrong, capsys):
    call("same", left, right, wrong={"w": wrong})
    with pytest.raises(CheckFailed, match=r"does not hold\n(  first difference at .*\n)?  left .*\n  right "):
        call("same", left, wrong, wrong={"w": right})
    assert capsys.readouterr().out.count("✓") == 1


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ((1, (2, 3)), (1, (2, 4)), "first difference at [1]\n  left (2, 3)\n  right (2, 4)"),
        ([4, 5, 6], [4, 6, 5], "first difference at [1]\n  left 5\n  right 6"),
        ((1, True), (1, 1), "first difference at [1]\n  left True\n  right 1"),
        (([1],), ((1,),), "first difference at [0]\n  left [1]\n  right (1,)"),
        ({1: True}, {1: 1}, "left {1: True}\n  right {1: 1}"),
        ((1, 2), (1, 2, 3), "left (1, 2)\n  right (1, 2, 3)"),
        (np.array([[1, 2], [3, 4]]), np.array([[1, 2], [5, 6]]), "first difference at [1, 0]\n  left 3\n  right 5"),
    ],
)
def test_same_shows_the_first_difference(left, right, said):
    with pytest.raises(CheckFailed, match=re.escape(said) + "$"):
        call("same", left, right, wrong={"w": left})


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (1.0, 1, "got float$"),
        (1, None, "got NoneType$"),
        (np.ones(2), np.ones(2), "got float64 array"),
        ((1, 0.5), (1, 0.5), "got float$"),
        ({"a": 1j}, {"a": 1j}, "got complex$"),
        (set(), set(), "an empty set proves nothing"),
        ({}, {"a": 1}, "an empty dict proves nothing"),
        ("a", "", "an empty str proves nothing"),
        ((), (), "an empty tuple proves nothing"),
        (np.zeros(0, int), np.zeros(0, int), "an empty ndarray proves nothing"),
        (1, True, "an integer and a truth value cannot be compared"),
        ([1], (1,), "a list and a tuple cannot be compared"),
        ([1], {1}, "a list and a set cannot be compared"),
        ("1", 1, "a string and an integer cannot be compared"),
        ({1: 2}, {1}, "a dict and a set cannot be compared"),
        (np.arange(3), [0, 1, 2], r"an integer array of shape \(3,\) and a list cannot be compared"),
        (np.arange(3), np.arange(3)[:, None].copy(), r"shape \(3,\) and an integer array of shape \(3, 1\) cannot"),
        (np.array([0, 1]), np.array([False, True]), "an integer array .* and a boolean array .* cannot"),
        (np.array(["0"]), np.array([0]), "an array of strings .* and an integer array .* cannot"),
    ],
)
def test_same_refuses_what_is_not_exact(left, right, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        call("same", left, right, wrong={"w": 2})


def test_iff_wants_truth_values_of_both_kinds(capsys):
    call("iff", [True, False], [True, False], wrong={"w": [True, True], "v": [False, False]})
    assert capsys.readouterr().out.count("✓") == 1
    for left in ([True, True], [False, False], [1, 0], np.zeros(0, bool), [0.5, 1.0], [None, True]):
        with pytest.raises(ValueError, match="both True and False must occur"):
            call("iff", left, [True, False], wrong={"w": [True, True]})
    with pytest.raises(ValueError, match=r"boolean array of shape .* cannot be compared"):
        call("iff", [True, False], [1, 0], wrong={"w": [True, True]})
    with pytest.raises(ValueError, match=r"shape \(2,\) and a boolean array of shape \(1, 2\)"):
        call("iff", [True, False], [[True, False]], wrong={"w": [True, True]})
    with pytest.raises(CheckFailed, match=r"first difference at \[1, 1\]\n  left True\n  right False$"):
        call("iff", [[True, False], [True, True]], [[True, False], [True, False]], wrong={"w": [[True, True]] * 2})


# Derivatives -----------------------------------------------------------------------------------------

STEPS = ["complex", "central"]


@pytest.mark.parametrize("step", STEPS)
def test_derivatives_of_known_functions(step, capsys):
    points = [np.array([0.5, -2.0]), np.array([100.0, 3.0]), np.zeros(2)]

    def cubic(z):
        return z[0] ** 2 * z[1] + 3 * z[0] - z[1] ** 3 / 2

    def cubic_gradient(z):
        return np.array([2 * z[0] * z[1] + 3, z[0] ** 2 - 1.5 * z[1] ** 2])

    def cubic_hessian(z):
        return np.array([[2 * z[1], 2 * z[0]], [2 * z[0], -3 * z[1]]])

    def map_to_three(z):
        return np.array([z[0] * z[1], np.exp(z[1]), z[0] ** 2])

    def map_jacobian(z):
        return np.array([[z[1], z[0]], [0, np.exp(z[1])], [2 * z[0], 0]])

    options = {"step": step, "atol": 1e-9 if step == "complex" else 1e-7}
    call("gradient", cubic, cubic_gradient, points, **options, wrong={"w": lambda z: z})
    options["atol"] = 1e-8 if step == "complex" else 1e-3
    options["reason"] = "a function of size 1e6 is differenced twice"
    call("hessian", cubic, cubic_hessian, points, **options, wrong={"w": lambda z: cubic_hessian(z).T + np.eye(2)})
    options["atol"] = 1e-7
    call("jacobian", map_to_three, map_jacobian, points, **options, wrong={"w": lambda z: -map_jacobian(z)})
    with pytest.raises(ValueError, match=r"shapes \(3, 2\) and \(2, 3\)"):
        call("jacobian", map_to_three, lambda z: map_jacobian(z).T, points, **options, wrong={"w": map_jacobian})
    assert capsys.readouterr().out.count("✓") == 3


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("at", [0.3, np.array(0.3), 2, [0.1, 0.5, 20.0]])
def test_functions_of_one_number(step, at, capsys):
    call("gradient", np.log, lambda t: 1 / t, at, step=step, wrong={"w": lambda t: -1 / t})
    call("hessian", np.log, lambda t: -1 / t**2, at, step=step, wrong={"w": lambda t: 1 / t**2})
    call("jacobian", np.log, lambda t: 1 / t, at, step=step, wrong={"w": lambda t: -1 / t})
    curve = lambda t: np.array([np.sin(t), np.cos(t)])  # noqa: E731
    call("jacobian", curve, lambda t: np.array([np.cos(t), -np.sin(t)]), at, step=step, wrong={"w": curve})
    assert capsys.readouterr().out.count("✓") == 4


def test_the_complex_step_is_exact_where_differences_are_not(capsys):
    f, df = (lambda t: np.exp(t) / np.sin(t) ** 3), (lambda t: np.exp(t) * (np.sin(t) - 3 * np.cos(t)) / np.sin(t) ** 4)
    at = [0.001, 0.5, 2.0]
    call("gradient", f, df, at, rtol=1e-13, wrong={"almost": lambda t: df(t) * (1 + 1e-12)})
    call("gradient", f, df, at[1:], step="central", rtol=1e-10, wrong={"almost": lambda t: df(t) * (1 + 1e-9)})
    assert capsys.readouterr().out.count("✓") == 2


def test_central_differences_stay_inside_a_narrow_domain(capsys):
    def entropy(p):  # not finite outside (0, 1), and steep near the ends
        return p * np.log(p) + (1 - p) * np.log(1 - p) if 0 < p < 1 else np.nan

    call(
        "gradient",
        entropy,
        lambda p: np.log(p / (1 - p)),
        [1e-3, 0.4, 0.999],
        step="central",
        wrong={"w": lambda p: p},
    )
    call("hessian", entropy, lambda p: 1 / p / (1 - p), [1e-2, 0.4], step="central", wrong={"w": lambda p: p})
    assert capsys.readouterr().out.count("✓") == 2


def test_central_differences_give_their_reason_themselves(capsys):
    def gradient(**options):
        call("gradient", loss, slope, w0, step="central", **options, wrong={"w": lambda w: -slope(w)})
        return parse(capsys.readouterr().out.rstrip("\n")).tolerance

    assert gradient() == "rtol 1e-06 because central differences"
    assert gradient(rtol=1e-7, atol=1e-6) == "rtol 1e-07, atol 1e-06 because central differences"
    assert gradient(rtol=1e-9, reason="smooth enough") == "rtol 1e-09 because smooth enough"
    assert gradient(rtol=1e-4, reason="a rough f") == "rtol 0.0001 because a rough f"
    for options in ({"rtol": 1.1e-6}, {"rtol": 1e-9, "atol": 1.1e-6}):
        with pytest.raises(ValueError, match=r"tol 1\.1e-06 is looser than 1e-8"):
            gradient(**options)


def test_derivatives_name_the_point_and_the_entry():
    def bent(w):
        return slope(w) + (w[0] == 2) * np.array([0, 0.5, 0])

    points = [w0, np.array([2.0, 1.0, 0.0])]
    with pytest.raises(
        CheckFailed, match=r"worst entry \[1\] of instance 1\n  by differences .*\n  by formula "
    ) as caught:
        call("gradient", loss, bent, points, wrong={"w": lambda w: -slope(w)})
    assert f"by differences {slope(points[1])[1]:.12g}\n" in str(caught.value)
    assert f"by formula {bent(points[1])[1]:.12g}\n" in str(caught.value)


@pytest.mark.parametrize("verb", ["gradient", "hessian", "jacobian"])
def test_derivatives_refuse_what_they_cannot_judge(verb):
    (f, form, _), _, wrong, _ = TRUE[verb]

    def refuses(said, f=f, form=form, at=w0, wrong=wrong, **options):
        with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
            call(verb, f, form, at, **options, wrong={"w": wrong})

    refuses("step must be 'complex' or 'central': got 'forward'", step="forward")
    for at in ([], np.zeros(3), [np.zeros(3), np.zeros(3)], 0.0):
        refuses("not all zero", at=at)
    refuses("at must be a number, an array of shape", at=np.ones((2, 3)))
    refuses("at contains NaN", at=np.array([1.0, np.nan, 2.0]))
    refuses("at is empty", at=np.zeros(0))
    refuses("at must be real", at=w0 + 1j)
    refuses("must be functions", f=3.0)
    refuses("must be functions", form=slope(w0))
    refuses("must be functions", wrong=slope(w0))
    refuses("loses the imaginary part", f=lambda w: np.real(f(w)))
    refuses("not finite, or not smooth, around the point", f=lambda w: f(w) * np.nan)
    refuses("not finite, or not smooth, around the point", f=lambda w: f(w) * np.nan, step="central")
    refuses("right side contains NaN", form=lambda w: form(w) * np.nan)
    refuses("shapes", form=lambda w: form(w)[:2])
    if verb != "jacobian":
        refuses("f must return a number: got an array", f=slope)


def test_a_derivative_may_not_spoil_the_point():
    def greedy(w):
        g = slope(w)
        w *= 0
        return g

    call("gradient", loss, greedy, w0, wrong={"w": lambda w: -slope(w)})
    assert w0[0] == 0.3


# Inequalities and algorithms -------------------------------------------------------------------------


def test_at_most_wants_a_bound_that_is_nearly_reached(capsys):
    bound = np.array([2.0, 4.0, 8.0])
    call("at_most", [1.0, 3.8, 1.0], bound, slack=0.05, wrong={"w": bound - 0.5})
    with pytest.raises(CheckFailed, match=r"vacuous.*\n  left 3.76\n  right 4\n  relative gap 0.06, stated slack 0.05"):
        call("at_most", [1.0, 3.76, 1.0], bound, slack=0.05, wrong={"w": bound - 0.5})
    call("at_most", -bound, [-1.9, -3.0, -5.0], slack=0.06, wrong={"w": -bound - 0.5})  # |rhs| measures the gap
    call("at_most", [0.0, -1.0], [0.0, 0.0], slack=0, wrong={"w": [-0.1, 0.0]})
    with pytest.raises(CheckFailed, match="vacuous"):
        call("at_most", [-0.5, -1.0], [0.0, 0.0], slack=0.9, wrong={"w": [-1.0, 0.0]})
    with pytest.raises(CheckFailed, match=r"worst entry \[1\]\n  left 4.5\n  right 4\n"):
        call("at_most", [2.0, 4.5, 8.3], bound, slack=0.05, wrong={"w": bound - 0.5})
    assert capsys.readouterr().out.count("✓") == 3


def test_at_most_forgives_rounding_only():
    lhs = np.array([1.0, 50.0])
    call("at_most", lhs * (1 + 0.9e-12), lhs, slack=0, wrong={"w": lhs * (1 - 1e-11)})
    call("at_most", lhs, lhs * (1 + 0.9e-12), slack=0, wrong={"w": lhs * (1 - 1e-11)})
    with pytest.raises(CheckFailed, match="does not hold\n  worst"):
        call("at_most", lhs * (1 + 1.2e-12), lhs, slack=0, wrong={"w": -lhs})
    with pytest.raises(CheckFailed, match="does not hold\n  the bound"):
        call("at_most", lhs, lhs * (1 + 1.2e-12), slack=0, wrong={"w": -lhs})


def test_at_most_takes_batches_and_refuses_single_samples(capsys):
    lhs, rhs = [np.array([1.0, 2.0]), np.array([3.0])], [np.array([1.5, 2.0]), np.array([4.0])]
    call("at_most", lhs, rhs, slack=0, wrong={"w": [np.array([1.5, 2.0]), np.array([2.0])]})
    with pytest.raises(CheckFailed, match=r"worst entry .0. of instance 1"):
        call("at_most", lhs, [rhs[0] + 1, rhs[1] - 2], slack=0, wrong={"w": [-rhs[0], rhs[1]]})
    for one in (1.0, [1.0], [np.ones(1)]):
        with pytest.raises(ValueError, match="at least two samples: got 1"):
            call(
                "at_most",
                one,
                np.asarray(one) * 1.0 if not isinstance(one, list) else [a * 1 for a in one],
                slack=0,
                wrong={"w": one},
            )
    for slack in (-0.1, 1, 1.0, math.nan, None, True):
        with pytest.raises(ValueError, match="eq-test-claim: slack must be"):
            call("at_most", [1.0, 2.0], [1.0, 3.0], slack=slack, wrong={"w": [0.0, 0.0]})
    with pytest.raises(CheckFailed, match="wrong form “looser” passes too"):  # vacuous, but not violated
        call("at_most", [1.0, 2.0], [1.0, 3.0], slack=0.1, wrong={"looser": [10.0, 30.0]})
    assert capsys.readouterr().out.count("✓") == 1


def test_monotone_looks_at_every_step(capsys):
    call("monotone", [3, 3, 2], direction="decreasing", wrong={"w": [3, 1, 2]})
    call("monotone", [1.0, 1.0 - 0.9e-12, 2.0], direction="increasing", wrong={"w": [1.0, 1.0 - 1.2e-12, 2.0]})
    call("monotone", [-2.0, -1.0, -1.0], direction="increasing", wrong={"longer": [1, 2, 3, 2], "down": [3, 2, 1]})
    with pytest.raises(
        CheckFailed, match=r"worst entry \[2\]\n  before 1\n  after 1.5\n  difference 0.5, allowed 1.5e-12"
    ):
        call("monotone", [3.0, 2.0, 1.0, 1.5], direction="decreasing", wrong={"w": [1, 2, 3]})
    with pytest.raises(CheckFailed, match=r"worst entry \[0\]\n  before 3\n  after 2\n  difference 1,"):
        call("monotone", [3.0, 2.0, 4.0], direction="increasing", wrong={"w": [3, 2, 1]})
    for still in ([2.0, 2.0, 2.0], [1.0, 1.0, 1.0 - 0.9e-12]):
        with pytest.raises(CheckFailed, match="it does not move: first"):
            call("monotone", still, direction="decreasing", wrong={"w": [1, 2, 3]})
    with pytest.raises(CheckFailed, match="wrong form “still” passes too"):
        call("monotone", [3, 2, 1], direction="decreasing", wrong={"still": [1, 1, 1]})
    assert capsys.readouterr().out.count("✓") == 3


@pytest.mark.parametrize("sequence", [[2.0, 1.0], 3.0, [[3.0, 2.0, 1.0]], [], [3.0, np.nan, 1.0], [3, 2, 1j]])
def test_monotone_refuses_what_is_no_sequence(sequence):
    with pytest.raises(ValueError, match=r"^eq-test-claim: (a|the) sequence"):
        call("monotone", sequence, direction="decreasing", wrong={"w": [1, 2, 3]})
    with pytest.raises(ValueError, match="wrong form “w” is not comparable"):
        call("monotone", [3, 2, 1], direction="decreasing", wrong={"w": sequence})


def test_monotone_wants_a_direction():
    with pytest.raises(ValueError, match="direction must be 'decreasing' or 'increasing': got 'down'"):
        call("monotone", [3, 2, 1], direction="down", wrong={"w": [1, 2, 3]})


def test_rate_is_the_slope_that_a_reference_finds(capsys):
    noisy = powers**-0.5 * np.exp([0.1, -0.05, 0.02, 0.15, -0.1])
    slope = stats.linregress(np.log(powers), np.log(noisy)).slope
    call("rate", powers, noisy, slope + 0.009, tol=0.01, wrong={"above": slope + 0.011, "below": slope - 0.011})
    call("rate", powers, noisy, slope - 0.009, tol=0.01, wrong={"1/N": -1})
    factor = np.exp(stats.linregress(powers / 10, np.log(noisy)).slope)
    options = {"law": "geometric", "tol": 0.01}
    call("rate", powers / 10, noisy, factor / 0.991, **options, wrong={"above": factor * 1.02, "below": factor * 0.98})
    for wide in (factor / 0.989, factor / 1.011):
        with pytest.raises(CheckFailed, match=r"fitted 0.*\n  stated 0\.(8|9)"):
            call("rate", powers / 10, noisy, wide, **options, wrong={"w": 0.1})
    with pytest.raises(
        CheckFailed, match=f"worst entry\n  fitted {slope:.12g}\n  stated -1\n  difference .*allowed 0.05"
    ):
        call("rate", powers, noisy, -1, tol=0.05, wrong={"w": -2})
    call("rate", np.arange(5), 3 * 0.5 ** np.arange(5), 0.5, **options, wrong={"w": 0.506})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 4 and "(rate, factor 0.5 ± 0.005)" in lines[3]


@pytest.mark.parametrize(
    ("x", "errors", "order", "options", "said"),
    [
        (powers, 1 / powers, -1, {"law": "linear"}, "law must be 'power' or 'geometric': got 'linear'"),
        (powers, 1 / powers, math.nan, {}, "order must be a finite number"),
        (powers, 1 / powers, -0.5, {"law": "geometric"}, "order must be positive"),
        (powers, 1 / powers, 0, {"law": "geometric"}, "order must be positive"),
        (powers, 1 / powers, -1, {"tol": 0.5}, "less than half the order: got -1 ± 0.5"),
        (powers, 1 / powers, 0.9, {"tol": 0.5, "law": "geometric"}, "less than half the order: got 0.9 ± 0.45"),
        (powers, 1 / powers, 0, {}, "less than half the order"),
        (powers, 1 / powers, -1, {"tol": -0.1}, "tol must be non-negative"),
        (powers[:3], 1 / powers[:3], -1, {}, "four different x"),
        (powers[[0, 0, 1, 2]], 1 / powers[:4], -1, {}, "four different x"),
        (powers, 0 * powers, -1, {}, "errors > 0"),
        (powers, -1 / powers, -1, {}, "errors > 0"),
        (powers, 1 + 0.99 * np.arange(5) / 4, -1, {}, "spread over a factor 2"),
        (powers - 10, 1 / powers, -1, {}, "a power law needs x > 0: got 0"),
        (powers[:, None], 1 / powers[:, None], -1, {}, "four different x"),
        (powers, 1 / powers[:4], -1, {}, "shapes"),
        (powers, [1.0, 0.5, 0.25, np.nan, 0.1], -1, {}, "contains NaN"),
    ],
)
def test_rate_refuses_what_shows_no_rate(x, errors, order, options, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        call("rate", x, errors, order, **{"tol": 0.05, **options}, wrong={"w": 3})


def test_rate_accepts_the_least_that_shows_a_rate(capsys):
    call("rate", [1.0, 2.0, 3.0, 4.0], [2.0, 1.6, 1.2, 1.0], -0.5, tol=0.24, wrong={"w": 1})
    assert "±" in capsys.readouterr().out


def test_minimum_agrees_with_an_optimiser(capsys):
    start = np.array([-1.2, 1.0])
    found = optimize.minimize(optimize.rosen, start, jac=optimize.rosen_der, method="BFGS", options={"gtol": 1e-10}).x
    call("minimum", optimize.rosen, np.ones(2), wrong={"the start": start, "near": np.array([1.01, 1.01])})
    call("minimum", optimize.rosen, found, radii=(0.1, 0.01), wrong={"the start": start})
    call("minimum", lambda t: (t - 0.5) ** 2, 0.5, wrong={"zero": 0.0})
    call("minimum", lambda W: (W**2).sum(), np.zeros((2, 2)), wrong={"one": np.eye(2)})
    call("minimum", lambda t: t - np.log(t) if t > 0 else math.inf, 1, wrong={"w": 0.5, "outside": -1})
    said = [parse(line).tolerance for line in capsys.readouterr().out.splitlines()]
    assert said[:2] == ["200 directions, radii 0.1, 0.01, 0.001", "200 directions, radii 0.1, 0.01"] and len(said) == 5


def test_minimum_on_a_feasible_set(capsys):
    vectors = np.linalg.eigh(S).eigenvectors

    def rayleigh(z):
        return z @ S @ z

    call(
        "minimum",
        rayleigh,
        vectors[:, 0],
        feasible=sphere,
        wrong={"second": vectors[:, 1], "unconstrained": np.full(3, 0.1)},
    )
    with pytest.raises(CheckFailed, match=r"the point is not feasible: the projection moves it by 0.5\n?$"):
        call("minimum", rayleigh, 0.5 * vectors[:, 0], feasible=sphere, wrong={"w": vectors[:, 1]})
    loose = {"feasible": sphere, "rounding": 1e-7, "reason": "f is not constant along the ray"}
    call("minimum", rayleigh, vectors[:, 0] * (1 + 0.9e-8), **loose, wrong={"w": vectors[:, 1]})
    with pytest.raises(CheckFailed, match="not feasible"):
        call("minimum", rayleigh, vectors[:, 0] * (1 + 1.2e-8), **loose, wrong={"w": vectors[:, 1]})
    boundary = lambda z: np.maximum(z, 1.0)  # noqa: E731
    call("minimum", lambda z: (z**2).sum(), np.ones(2), feasible=boundary, wrong={"inside": np.array([1.0, 1.2])})
    box = {"feasible": lambda z: np.maximum(z, 1e4 + 1e-5), "radii": [1e-3], "rounding": 1e-8}  # within 1e-8·‖at‖
    call("minimum", lambda z: z @ z, np.full(2, 1e4), **box, wrong={"w": np.full(2, 2e4)})
    assert capsys.readouterr().out.count("✓") == 4


def test_minimum_shows_the_better_point():
    with pytest.raises(
        CheckFailed, match=r"a better point \[.*\]\n  f at the claimed point 2\n  f there 1\n"
    ) as caught:
        call(
            "minimum",
            lambda z: abs(z).sum(),
            np.array([1.0, 1.0]),
            n=1,
            radii=[1 / math.sqrt(2)],
            wrong={"w": [2.0, 2.0]},
        )
    assert "difference 1, allowed 2e-12" in str(caught.value)


def test_minimum_is_not_fooled_by_a_second_minimum():
    def double_well(t):
        return (t**2 - 1) ** 2 + 0.1 * t

    deep, shallow = (optimize.minimize_scalar(double_well, bracket=(s - 0.1, s)).x for s in (-1, 1))
    # no small step leaves the shallow well: it is the claimed minimiser that does better
    call("minimum", double_well, deep, rounding=1e-9, radii=[0.1, 0.01], wrong={"the other well": shallow})
    with pytest.raises(CheckFailed, match="wrong form “deeper” passes too"):
        call("minimum", double_well, shallow, rounding=1e-9, radii=[0.1, 0.01], wrong={"deeper": deep})


def test_minimum_forgives_rounding_only():
    def dented(depth):
        return lambda t: 1.0 + (abs(t) > 0.05) - depth * (t != 0)

    call("minimum", dented(0.7e-9), 0.0, rounding=1e-9, wrong={"w": 1.0})
    with pytest.raises(CheckFailed, match="a better point"):
        call("minimum", dented(1.3e-9), 0.0, rounding=1e-9, wrong={"w": 1.0})


def test_minimum_walks_every_radius_and_direction():
    seen = []

    def f(z):
        seen.append(np.array(z))
        return z @ z

    at = np.array([3.0, 4.0])
    with pytest.raises(CheckFailed):
        call("minimum", f, at, radii=[0.2, 0.1], n=7, seed=3, wrong={"w": 2 * at})
    steps = np.array(seen) - at
    sizes = np.linalg.norm(steps, axis=1)
    assert np.sum(np.isclose(sizes, 1.0)) == np.sum(np.isclose(sizes, 0.5)) == 7 + 4  # times ‖at‖ = 5
    for unit in (*np.eye(2), *-np.eye(2)):
        assert np.isclose(steps, unit).all(axis=1).sum() == 1
    directions = np.random.default_rng(3).standard_normal((7, 2))
    for d in directions:
        assert np.isclose(steps, 0.5 * sphere(d)).all(axis=1).any()
    seen.clear()
    call("minimum", f, np.zeros(2), radii=[0.2], n=1, wrong={"w": at})
    assert np.linalg.norm(seen[:6], axis=1).max() == pytest.approx(0.2)  # times 1, not times ‖0‖


@pytest.mark.parametrize(
    ("f", "at", "options", "said"),
    [
        (lambda z: 1.0, w0, {}, "f grows nowhere"),
        (lambda z: -(z @ z), np.zeros(3), {}, "f grows nowhere"),
        (lambda z: 1 + 1e-14 * (z @ z), np.zeros(3), {}, "f grows nowhere"),
        (squares, w0, {"radii": ()}, "radii not empty"),
        (squares, w0, {"radii": (0.1, 0)}, "a radius must be positive"),
        (squares, w0, {"n": 0}, "n must be at least 1"),
        (squares, w0, {"n": 2.5}, "n must be an integer"),
        (3.0, w0, {}, "must be functions"),
        (squares, w0, {"feasible": 1}, "must be functions"),
        (squares, [np.nan, 1, 2], {}, "at contains NaN"),
        (squares, [], {}, "at is empty"),
        (lambda z: z, w0, {}, "f must return a number"),
        (lambda z: z @ z * 1j, w0, {}, "f must return a number"),
        (lambda z: np.nan, w0, {}, "f must return a number, or .inf: got nan"),
        (lambda z: -np.inf, w0, {}, "f must return a number, or .inf: got -inf"),
        (lambda z: "1", w0, {}, "f must return a number"),
        (squares, w0, {"feasible": lambda z: z[:2]}, r"shapes \(3,\) and \(2,\)"),
    ],
)
def test_minimum_refuses_what_has_none(f, at, options, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        call("minimum", f, at, **options, wrong={"w": least})


# Random quantities -----------------------------------------------------------------------------------


def test_mean_counts_standard_errors(capsys):
    centre, error = pairs.mean(axis=0), stats.sem(pairs, axis=0)
    for k in (0, 1):
        unit = np.eye(2)[k] * error
        far = {"above": centre + 4.01 * unit, "below": centre - 4.01 * unit}
        call("mean", pairs, centre + 3.99 * unit, wrong=far)
        call("mean", pairs, centre - 2.99 * unit, errors=3, wrong={"w": centre - 3.01 * unit})
        with pytest.raises(CheckFailed, match=rf"worst entry \[{k}\]\n  sample mean {centre[k]:.12g}\n  expected"):
            call("mean", pairs, far["above"], wrong={"w": centre + 1})
    call("mean", pairs[:, 1], -2.0, wrong={"w": -1.0})
    call("mean", np.einsum("ri,rj->rij", pairs, pairs), [[2.0, -2.0], [-2.0, 13.0]], wrong={"w": [[2.0, 0], [0, 13.0]]})
    assert capsys.readouterr().out.count("standard errors") == 6


@pytest.mark.parametrize(
    ("samples", "expected", "options", "said"),
    [
        (pairs[:99], np.zeros(2), {}, r"at least 100 samples: got shape \(99, 2\)"),
        (3.0, 3.0, {}, r"at least 100 samples: got shape \(\)"),
        (np.ones(200), 1.0, {}, "constant"),
        (pairs * [1, 0] + [0, 5], np.zeros(2), {}, "constant"),
        (1 + 1e-15 * normal, 1.0, {}, "constant"),
        (normal, np.zeros(1), {}, r"shapes \(\) and \(1,\)"),
        (pairs, 0.0, {}, r"shapes \(2,\) and \(\)"),
        (pairs, [0.0, np.nan], {}, "contains NaN"),
        (pairs * np.nan, np.zeros(2), {}, "samples contains NaN"),
        (normal, 0.0, {"errors": 0}, "errors must be positive"),
        (normal, 0.0, {"errors": math.inf}, "errors must be a finite number"),
    ],
)
def test_mean_refuses_what_has_no_standard_error(samples, expected, options, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        call("mean", samples, expected, **options, wrong={"w": 1.0})


def test_mean_takes_a_hundred_samples_of_small_spread(capsys):
    call("mean", normal[:100], 0.0, wrong={"w": 2.0})
    call("mean", 1 + 1e-9 * normal, 1.0, wrong={"w": 2.0})
    assert capsys.readouterr().out.count("✓") == 2


def test_distribution_agrees_with_the_reference_test(capsys):
    for shift in np.linspace(0, 0.2, 9):
        law = stats.norm(shift).cdf
        p = stats.ks_1samp(normal[:300], law).pvalue
        for level in (0.9 * p, min(1.1 * p, 0.5 * (1 + p))):
            options = {"level": level, "wrong": {"far": stats.norm(9).cdf}}
            if p > level:
                call("distribution", normal[:300], law, **options)
            else:
                with pytest.raises(CheckFailed, match="p-value"):
                    call("distribution", normal[:300], law, **options)
    assert capsys.readouterr().out.count("✓") == 9


def test_distribution_shows_where_the_laws_part():
    samples = np.arange(1, 1001) / 1000
    with pytest.raises(CheckFailed) as caught:  # x − x² is largest at ½, where the cdf says ¼
        call("distribution", samples, lambda t: t**2, wrong={"w": lambda t: t**3})
    lines = str(caught.value).splitlines()
    assert lines[1:4] == ["  largest gap at the sample 0.5", "  share of samples 0.5", "  cdf 0.25"]
    with pytest.raises(CheckFailed) as caught:
        call("distribution", samples, np.sqrt, wrong={"w": lambda t: t**3})
    lines = str(caught.value).splitlines()
    assert lines[1:4] == ["  largest gap at the sample 0.25", "  share of samples 0.249", "  cdf 0.5"]


@pytest.mark.parametrize(
    ("samples", "cdf", "options", "said"),
    [
        (normal[:199], stats.norm.cdf, {}, r"R at least 200: got \(199,\)"),
        (pairs, stats.norm.cdf, {}, r"samples of shape \(R,\), .*: got \(400, 2\)"),
        (normal * np.nan, stats.norm.cdf, {}, "samples contains NaN"),
        (normal, "norm", {}, "must be functions"),
        (normal, stats.norm.sf, {}, "a cdf must rise within"),
        (normal, lambda t: 2 * stats.norm.cdf(t), {}, "a cdf must rise within"),
        (normal, lambda t: stats.norm.cdf(t) - 0.1, {}, "a cdf must rise within"),
        (normal, lambda t: t * np.nan, {}, "contains NaN"),
        (normal, lambda t: 0.5, {}, "shapes"),
        (normal, stats.norm.cdf, {"level": 0}, "level must lie in"),
        (normal, stats.norm.cdf, {"level": 1.0}, "level must lie in"),
    ],
)
def test_distribution_refuses_what_has_none(samples, cdf, options, said):
    with pytest.raises(ValueError, match=f"^eq-test-claim: .*{said}"):
        call("distribution", samples, cdf, **options, wrong={"w": stats.norm(9).cdf})


def test_distribution_takes_two_hundred_samples_and_functions_only(capsys):
    call("distribution", normal[:200], stats.norm.cdf, wrong={"w": stats.norm(9).cdf})
    with pytest.raises(ValueError, match="must be functions"):
        call("distribution", normal, stats.norm.cdf, wrong={"w": "norm"})
    call("distribution", normal, lambda t: stats.norm.cdf(t) * (1 + 1e-13), wrong={"w": stats.norm(9).cdf})
    assert capsys.readouterr().out.count("✓") == 2


# refuted, quoted -------------------------------------------------------------------------------------


def refute(lhs, rhs, label="no-tempting", **options):
    return call("refuted", lhs, rhs, label=label, what="the factor is one", **options)


def test_refuted_prints_a_cross(capsys):
    refute([1.0, 2.0], [1.0, 2.5], relation="equal", by=0.1)
    refute(
        [1.0, 2.0],
        [1.0, 2.5],
        relation="equal",
        by=0.1,
        corrected={"no factor": [1.0, 2.0], "late": lambda: [1.0, 2.0]},
    )
    refute({1}, {2}, relation="same", corrected={"one": {1}})
    refute([1.0, 2.0], [1.0, 1.5], relation="at_most", by=0.3, corrected={"two": [1.0, 2.0]}, reason="it is so")
    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        "✗ no-tempting: the factor is one (refuted, relation equal, by 0.1)",
        "✗ no-tempting: the factor is one (refuted, relation equal, by 0.1); holds with no factor, holds with late",
        "✗ no-tempting: the factor is one (refuted, relation same); holds with one",
        "✗ no-tempting: the factor is one (refuted, relation at_most, by 0.3 because it is so); holds with two",
    ]
    assert parse(lines[1]).corrected == ("no factor", "late") and parse(lines[1]).wrong == ()


def test_refuted_wants_a_failure_as_large_as_stated():
    refute(1.0, 0.899, relation="equal", by=0.1)
    refute(0.899, 1.0, relation="equal", by=0.1)
    refute([np.ones(2), np.ones(3)], [np.ones(2), np.array([1, 1, 2.0])], relation="equal", by=0.4)
    refute(1.101, 1.0, relation="at_most", by=0.1)
    refute(-0.899, -1.0, relation="at_most", by=0.1)
    refute(1e-3, 0.0, relation="at_most", by=0.1)
    for lhs, rhs, options in [
        (1.0, 0.901, {"relation": "equal", "by": 0.1}),
        (1.099, 1.0, {"relation": "at_most", "by": 0.1}),
        (-0.901, -1.0, {"relation": "at_most", "by": 0.1}),
        (0.5, 1.0, {"relation": "at_most", "by": 0.1}),
        ({1, 2}, {2, 1}, {"relation": "same"}),
    ]:
        with pytest.raises(CheckFailed, match=r"^no-tempting: .*: the tempting statement holds here\n") as caught:
            refute(lhs, rhs, **options)
        assert caught.value.kind == "refuted"


@pytest.mark.parametrize(
    ("rhs", "options", "close", "far"),
    [
        (2.0, {"relation": "equal", "by": 0.1}, 1 + 0.9e-8, 1 + 1.2e-8),
        (0.5, {"relation": "at_most", "by": 0.1}, 1 - 0.9e-8, 1 - 1.2e-8),
    ],
)
def test_the_corrected_form_must_hold(rhs, options, close, far):
    refute(1.0, rhs, **options, corrected={"c": close})
    with pytest.raises(CheckFailed, match="the corrected form “c” does not hold\n  worst entry\n  left 1\n") as caught:
        refute(1.0, rhs, **options, corrected={"c": far})
    assert len(str(caught.value).splitlines()) == 5
    with pytest.raises(CheckFailed, match="the corrected form “c” does not hold\n"):
        refute(3, 2, relation="same", corrected={"c": 4})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"relation": "iff", "by": 0.1}, "relation must be .*: got 'iff'"),
        ({"relation": "equal"}, "with by="),
        ({"relation": "at_most"}, "with by="),
        ({"relation": "same", "by": 0.1}, "'same' alone"),
        ({"relation": "equal", "by": 0}, "by must be greater than 1e-8, for rounding refutes nothing"),
        ({"relation": "equal", "by": 1e-8}, "by must be greater than 1e-8, for rounding refutes nothing"),
        ({"relation": "equal", "by": -1}, "by must be non-negative"),
        ({"relation": "equal", "by": 0.1, "corrected": {}}, "at least one plausible form must be given by corrected="),
        ({"relation": "equal", "by": 0.1, "corrected": "c"}, "at least one plausible form must be given by corrected="),
        ({"relation": "equal", "by": 0.1, "corrected": {"c": [1.0]}}, "shapes"),
    ],
)
def test_refuted_refuses_half_statements(options, said):
    with pytest.raises(ValueError, match=f"^no-tempting: .*{said}"):
        refute(1.0, 2.0, **options)
    refute(1.0, 2.0, relation="equal", by=1.1e-8)
    with pytest.raises(ValueError, match=r"no-tempting: .*real"):
        refute([1j, 2.0], [3j, 1.0], relation="at_most", by=0.1)


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("0.947", [0.9466, 0.9474, 0.9465, 0.9475], [0.9464, 0.9476, -0.947]),
        ("−2.5", [-2.5, -2.549, -2.451], [-2.551, -2.449, 2.5]),
        ("-2.5", [-2.5], [2.5]),
        ("+3", [3.4, 2.6], [3.6, 2.4, -3]),
        ("12", [12, 12.4, 11.6, np.int64(12), np.array(12.3)], [12.6, 11.4]),
        ("1.8e-5", [1.84e-5, 1.76e-5], [1.86e-5, 1.74e-5]),
        ("2E3", [2400, 1600], [2600, 1400]),
        ("1,797", [1797.4, 1796.6], [1797.6, 1796.4]),
        ("1,234,567.8", [1234567.84], [1234567.86]),
        ("0.0", [0.04, -0.04, 0], [0.06, -0.06]),
        ("0.30", [0.3, 0.1 + 0.2, 0.305, 0.295], [0.3051, 0.2949]),
    ],
)
def test_quoted_rounds_to_the_last_digit_typed(text, inside, outside, capsys):
    for value in inside:
        check.quoted(text, value)
    line = f"✓ quoted: {text.replace('−', '-')}"
    assert capsys.readouterr().out.splitlines() == [line] * len(inside)
    assert parse_quoted(line) == (text.replace("−", "-"),)
    for value in outside:
        with pytest.raises(CheckFailed, match="quoted: the text says "):
            check.quoted(text, value)


def test_quoted_takes_lists(capsys):
    check.quoted(["2.2", "1,000", "−0.6"], np.array([2.18, 1000.2, -0.64]))
    line = capsys.readouterr().out
    assert line == "✓ quoted: 2.2, 1,000, -0.6\n" and parse_quoted(line[:-1]) == ("2.2", "1,000", "-0.6")
    with pytest.raises(CheckFailed, match=r"the text says 0.6, but the value 0.66 rounds to 0.7$") as caught:
        check.quoted(["2.2", "0.6"], [2.2, 0.66])
    assert (caught.value.label, caught.value.what, caught.value.kind) == ("quoted", "0.6", "quoted")


@pytest.mark.parametrize(
    ("text", "value", "rounded"),
    [
        ("0.947", 2 / 3, "0.666666666667 rounds to 0.667"),
        ("12", 13.7, "13.7 rounds to 14"),
        ("1.8e-5", 2.44e-5, "2.44e-05 rounds to 2.4e-05"),
        ("2E3", 5100.0, "5100 rounds to 5e+03"),
        ("1,797", 1799.2, "1799.2 rounds to 1799"),
        ("1.80", 1e30, "1e+30 rounds to 1000000000000000019884624838656.00"),
    ],
)
def test_quoted_says_what_should_be_typed(text, value, rounded):
    with pytest.raises(CheckFailed, match=re.escape(f"the text says {text}, but the value {rounded}") + "$"):
        check.quoted(text, value)


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.floats(-1e6, 1e6), st.integers(0, 6), st.booleans())
def test_quoted_accepts_what_formatting_writes(value, places, thousands):
    text = f"{value:,.{places}f}" if thousands else f"{value:.{places}f}"
    with pytest.MonkeyPatch.context() as patch:
        said = []
        patch.setattr("builtins.print", said.append)
        check.quoted(text, value)
        assert parse_quoted(said[0]) == (text,)
        with pytest.raises(CheckFailed):
            check.quoted(text, value + 1.01 * 10.0**-places)


@pytest.mark.parametrize(
    "text", ["", "x", "1.", ".5", "1,79", "1 797", " 1", "1\n", "0x1", "nan", "inf", "١", "1_000", "1e"]
)
def test_quoted_refuses_what_is_no_number(text):
    with pytest.raises(ValueError, match=r"quoted: a number such as 0.947.* must be typed: got"):
        check.quoted(text, 1.0)


@pytest.mark.parametrize("value", [np.nan, np.inf, 1j, True, "1", None])
def test_quoted_refuses_a_value_that_is_none(value):
    with pytest.raises(ValueError, match="quoted: the value of 1 must be a finite number"):
        check.quoted("1", value)


@pytest.mark.parametrize(
    ("text", "value"), [("1", [1.0, 1.0]), (["1"], [1.0, 1.0]), (["1", "1"], [1.0]), ([], []), ("1", [])]
)
def test_quoted_wants_a_value_for_each_number(text, value):
    with pytest.raises(ValueError, match="quoted: one value for each number"):
        check.quoted(text, value)


def test_on_a_live_page_a_number_that_has_moved_is_told_and_the_page_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(check, "quoted_goes_on", True)
    check.quoted(["0.6", "1,797", "1.8e-5", "−2.5"], [0.7134, 1796.8, 2.345e-5, np.nan])
    check.quoted("0.6", 0.61)
    assert capsys.readouterr().out.splitlines() == [
        "✓ quoted: 1,797",
        "△ quoted: the text says 0.6; on this page's edited data it is 0.7",
        "△ quoted: the text says 1.8e-5; on this page's edited data it is 2.3e-5",
        "△ quoted: the text says -2.5; on this page's edited data it is nan",
        "✓ quoted: 0.6",
    ]


def test_nowhere_else_does_it_go_on():
    assert check.quoted_goes_on is False
    with pytest.raises(CheckFailed, match=r"the text says 0\.6, but the value 0\.7134 rounds to 0\.7"):
        check.quoted("0.6", 0.7134)
    with pytest.raises(ValueError, match="finite"):
        check.quoted("0.6", np.nan)


@pytest.mark.parametrize(
    "line", ["", "✓ quoted: ", "✓ quoted: x", "quoted: 1", "✓ quoted: 1,", "a ✓ quoted: 1", "✓ quoted: 1; 2"]
)
def test_other_lines_quote_nothing(line):
    assert parse_quoted(line) is None


def test_the_module_offers_its_verbs():
    verbs = {*TRUE, "refuted", "quoted", "your_turn"}
    assert set(check.__all__) == verbs | {"CheckFailed", "Result", "parse", "parse_quoted", "parse_turn"}
    assert all(getattr(check, name).__doc__ for name in check.__all__)
    assert issubclass(CheckFailed, AssertionError)


# Complex without being analytic ----------------------------------------------------------------------


AT = np.array([0.3, -1.2, 2.0])
NOT_ANALYTIC = {  # f, and what its imaginary part claims for the gradient
    "a product with the conjugate": (lambda v: np.vdot(v, v), lambda v: 0 * v),
    "a sign of a complex number": (lambda v: np.sum(v * np.sign(v)), lambda v: 2 * np.sign(v)),
}


@pytest.mark.parametrize("name", NOT_ANALYTIC)
def test_the_complex_step_certifies_no_falsehood_of_a_function_that_is_not_analytic(name):
    f, false = NOT_ANALYTIC[name]
    with pytest.raises(ValueError, match=r"eq-x: f is not analytic.*try step='central'"):
        check.gradient("eq-x", f, false, AT, "f", wrong={"twice": lambda v: 2 * v + 1})
    with pytest.raises(ValueError, match=r"eq-x: f is not analytic"):
        check.hessian("eq-x", f, lambda v: np.zeros((3, 3)), AT, "f", wrong={"one": lambda v: np.ones((3, 3))})
    with pytest.raises(ValueError, match=r"eq-x: f is not analytic"):
        check.jacobian(
            "eq-x",
            lambda v: np.stack([v @ v, f(v)]),
            lambda v: np.stack([2 * v, false(v)]),
            AT,
            "f",
            wrong={"zeros": lambda v: np.zeros((2, 3))},
        )


def test_the_probe_lets_analytic_functions_pass_in_any_units_and_near_the_edge_of_their_domain(capsys):
    for size in (1e-8, 1.0, 1e8):
        at = size * np.array([1.0, 2.0, 3.0])
        check.gradient("eq-x", lambda v: np.sum(np.log(v)), lambda v: 1 / v, at, "f", wrong={"1": lambda v: 2 / v})
        check.gradient("eq-x", lambda v: v @ v, lambda v: 2 * v, at, "f", wrong={"no 2": lambda v: v})
    assert capsys.readouterr().out.count("✓") == 6


@pytest.mark.parametrize("large", [2**53 + 1, np.int64(2**62 + 1), np.uint64(2**64 - 1)])
def test_an_integer_that_no_float_equals_is_not_compared_as_a_float(large):
    with pytest.raises(ValueError, match=r"the left side holds integers beyond 2⁵³ that no float equals"):
        check.equal("eq-x", large, float(large), "n", rtol=0, wrong={"half": float(large) / 2})
    check.equal("eq-x", 2**60, 2.0**60, "n", rtol=0, wrong={"half": 2.0**59})


def test_a_check_prints_on_a_console_whose_letters_are_few():
    code = (
        "from mlderived import check; check.equal('eq-a', 1.0, 1.0, 'λ', wrong={'two': 2.0}); check.quoted('1.0', 1.0)"
    )
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=True)
    first, second = done.stdout.decode("cp1252").splitlines()
    assert first.startswith("? eq-a: ? (equal")
    assert second.startswith("? quoted: ")
