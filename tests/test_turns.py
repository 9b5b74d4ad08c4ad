"""`your_turn` marks the reader's formula: it waits in one line, and says in words what is wrong with an answer."""

import functools
import re
from fractions import Fraction

import numpy as np
import pytest
from test_extension import CONF, Book

from mlderived import check
from mlderived.check import parse_turn, your_turn

x = np.array([1.0, 2, 3, 4, 5])
far = np.array([1.0, 2, 3, 4, 10])
ROUTE = "the line refitted with one y nudged"
SLIPS = {
    "yours lacks the 1/N": lambda truth, x, i: truth - 1 / len(x),
    "yours is that of the line through the origin": lambda truth, x, i: x[i] ** 2 / (x @ x),
}


def nudged(x, i):
    """How far the least-squares line at x_i moves when y_i is raised by 1: refitted by a library."""
    y = np.linspace(-1, 1, len(x)) ** 3
    raised = y + (np.arange(len(x)) == i)
    return np.polyval(np.polyfit(x, raised, 1), x[i]) - np.polyval(np.polyfit(x, y, 1), x[i])


def right(x, i):
    return 1 / len(x) + (x[i] - x.mean()) ** 2 / ((x - x.mean()) ** 2).sum()


def asked(f, capsys, **changed):
    your_turn(f, **{"truth": nudged, "at": [(x, 0), (x, 2), (far, 4)], "route": ROUTE, "slips": SLIPS, **changed})
    return capsys.readouterr().out.splitlines()


def named(f, name="leverage"):
    """The function under the name that the cell of a chapter would give it."""
    wrapped = functools.wraps(f)(lambda *args: f(*args))
    wrapped.__name__ = name
    return wrapped


def test_it_is_a_verb_of_check():
    assert check.your_turn is your_turn
    assert {"your_turn", "parse_turn"} <= set(check.__all__)


def test_it_waits_in_one_line(capsys):
    def leverage(x, i):
        return ...

    assert asked(leverage, capsys) == [
        "◦ your turn: leverage(x, i) waits for your formula; it will be compared with "
        "the line refitted with one y nudged"
    ]


@pytest.mark.parametrize("value", [[1.0, ...], np.array([..., 2.0], dtype=object), (..., ...)])
def test_an_answer_with_a_gap_waits_too(capsys, value):
    [line] = asked(lambda x, i: value, capsys)
    assert parse_turn(line).state == "waiting"


def test_the_right_formula_is_told_in_one_line(capsys):
    assert asked(named(right), capsys) == [
        "✓ your turn: leverage(x, i) agrees with the line refitted with one y nudged"
    ]


def test_a_wrong_formula_is_told_with_its_place_and_both_values(capsys):
    assert asked(named(lambda x, i: right(x, i) + x[i] - 1), capsys) == [  # right at the first place alone
        "✗ your turn: leverage(x, i) differs from the line refitted with one y nudged",
        "  at x = [1, 2, 3, 4, 5], i = 2",
        "  yours 2.2, the other route 0.2",
    ]


@pytest.mark.parametrize("said", SLIPS)
def test_a_named_slip_is_recognised(capsys, said):
    lines = asked(lambda x, i: SLIPS[said](right(x, i), x, i), capsys)
    assert lines[-1] == f"  {said}"
    assert not any(other in line for line in lines for other in SLIPS if other != said)


@pytest.mark.parametrize(
    ("factor", "said"),
    [
        (2, "yours is 2 times it, everywhere"),
        (1 / 3, "yours is 0.3333 times it, everywhere"),
        (-1, "yours has the other sign"),
    ],
)
def test_a_mere_factor_is_recognised(capsys, factor, said):
    assert asked(lambda x, i: factor * right(x, i), capsys)[-1] == f"  {said}"


def test_a_slip_is_not_seen_where_only_one_place_fits(capsys):
    lines = asked(lambda x, i: right(x, i) - (1 / len(x) if i == 0 else 0.5), capsys)
    assert len(lines) == 3
    assert "lacks" not in "".join(lines)


def gradient(w):
    return 2 * w * np.arange(1.0, len(w) + 1)


GRADIENTS = {
    "truth": gradient,
    "at": [np.array([1.0, -2]), np.array([0.5, 1, 3])],
    "route": "central differences",
    "slips": {},
}


def test_arrays_compare_entry_by_entry(capsys):
    assert asked(lambda w: gradient(w) + 0.0, capsys, **GRADIENTS)[0][0] == "✓"
    assert asked(lambda w: gradient(w) + [0, 1, 0][: len(w)], capsys, **GRADIENTS) == [
        "✗ your turn: your function(w) differs from central differences",
        "  at w = [1, -2]",
        "  entry [1]: yours -7, the other route -8",
    ]


def test_a_transpose_is_recognised(capsys):
    options = {
        "truth": lambda A: A @ np.diag([1.0, 2.0]),
        "at": [np.arange(4.0).reshape(2, 2), np.arange(6.0).reshape(3, 2)],
    }
    lines = asked(lambda A: (A @ np.diag([1.0, 2.0])).T, capsys, **GRADIENTS | options)
    assert lines[-1] == "  yours is its transpose"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "your function returned nothing: is a return missing?"),
        (np.nan, "your function returned NaN: 0/0, or the root or logarithm of a negative number?"),
        (
            np.array([1.0, np.nan]),
            "your function returned NaN in entry [1]: 0/0, or the root or logarithm of a negative number?",
        ),
        (1 + 2j, "your function returned a complex number, where a real one is expected"),
        ("0.5", "your function returned text, where a number or an array is expected"),
        (True, "your function returned a truth value, where a number or an array is expected"),
        ({1: 2}, "your function returned a dict, where a number or an array is expected"),
        ([[1, 2], [3]], "your function returned a list of rows of different lengths"),
        (np.ones(5), "yours is an array of shape (5,), the other route's is a single number"),
        (np.inf, "yours inf, the other route 0.6"),
    ],
)
def test_what_is_no_answer_is_said_in_words(capsys, value, said):
    lines = asked(lambda x, i: value, capsys)
    assert lines[1:] == ["  at x = [1, 2, 3, 4, 5], i = 0", f"  {said}"]
    assert parse_turn(lines[0]).state in ("wrong", "failed")


def test_an_error_of_the_readers_is_said_with_its_line(capsys):
    def leverage(x, i):
        share = 1 / len(x)
        return share + y[i]  # noqa: F821

    line = leverage.__code__.co_firstlineno + 2
    assert asked(leverage, capsys) == [
        "✗ your turn: leverage(x, i) cannot be compared with the line refitted with one y nudged yet",
        "  at x = [1, 2, 3, 4, 5], i = 0",
        f"  your function stopped in line {line}: return share + y[i]  # noqa: F821",
        "  NameError: name 'y' is not defined",
    ]


def test_an_error_inside_a_library_names_the_readers_line(capsys):
    def leverage(x, i):
        return np.linalg.inv(np.zeros((2, 2)))[0, 0]

    lines = asked(leverage, capsys)
    assert "np.linalg.inv" in lines[2]
    assert lines[3] == "  LinAlgError: Singular matrix"


def test_other_arguments_than_asked_are_said(capsys):
    lines = asked(lambda x: 1.0, capsys)
    assert lines[1:] == [
        "  at [1, 2, 3, 4, 5], 0",
        "  your function takes other arguments: too many positional arguments",
    ]


def test_division_by_zero_in_an_array_is_no_warning_but_words(capsys):
    lines = asked(lambda x, i: x[0] / (x[0] - 1) - np.float64(1) / 0, capsys)  # warnings are errors in the tests
    assert "NaN" in lines[2]


def test_fractions_and_integers_are_numbers(capsys):
    at = [(2,), (5,)]
    options = {"truth": lambda n: n / 3, "at": at, "route": "a division", "slips": {}}
    assert asked(lambda n: Fraction(n, 3), capsys, **options)[0][0] == "✓"
    assert asked(lambda n: n**2, capsys, **options | {"truth": lambda n: n * n})[0][0] == "✓"


def test_the_reader_cannot_spoil_the_arguments(capsys):
    def leverage(x, i):
        value = right(x, i)
        x[:] = 0
        return value

    assert asked(leverage, capsys)[0][0] == "✓"
    assert x[4] == 5


def test_noise_of_the_other_route_is_allowed_for_and_not_printed(capsys):
    noise = {"truth": lambda n: (n - 2) + 1e-13, "at": [2, 3], "route": "differences", "slips": {}}
    assert asked(lambda n: n - 2, capsys, **noise)[0][0] == "✓"
    assert asked(lambda n: n - 1, capsys, **noise)[2] == "  yours 1, the other route 0"


@pytest.mark.parametrize("factor", [1 + 1e-5, 1 - 1e-5])
def test_a_small_difference_is_none_the_less_wrong_and_shown(capsys, factor):
    lines = asked(lambda x, i: factor * right(x, i) + 0 * i, capsys)
    yours, other = lines[2].removeprefix("  yours ").split(", the other route ")
    assert yours != other


REFUSED = {
    "one place": ({"at": [(x, 0)]}, "two places at least: got 1"),
    "non-finite truth": ({"truth": lambda x, i: np.log(x[i] - 1)}, "must be finite"),
    "complex truth": ({"truth": lambda x, i: 1j}, "must be real numbers"),
    "one number for all": ({"truth": lambda x, i: 0.5}, "a bare number would pass"),
    "the same place twice": ({"at": [(x, 0), (x, 0)]}, "a bare number would pass"),
    "all within noise": ({"truth": lambda x, i: 1e-12 * i}, "a bare number would pass"),
    "a slip that is none": (
        {"slips": {"none": lambda truth, x, i: truth + 1e-12}},
        "“none” equals the truth at all places",
    ),
    "two slips that are one": (
        {"slips": {"half": lambda truth, x, i: truth / 2, "twice": lambda truth, x, i: truth - truth / 2}},
        "“twice” equals the slip “half” at all places",
    ),
    "a slip that is not finite": ({"slips": {"odd": lambda truth, x, i: np.inf}}, "the slip “odd” must be finite"),
    "words of two lines": ({"route": "one\ntwo"}, "one line of words"),
    "a slip without words": ({"slips": {"": lambda truth, x, i: truth / 2}}, "one line of words"),
    "a number for truth": ({"truth": 0.5}, "must be functions"),
    "a tolerance that excuses all": ({"rtol": 0.5}, "less than 0.1"),
}


@pytest.mark.filterwarnings("ignore:divide by zero")
@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("f", [lambda x, i: ..., right], ids=["waiting", "right"])
def test_what_could_not_tell_a_formula_is_refused_even_while_it_waits(case, f, capsys):
    changed, said = REFUSED[case]
    with pytest.raises(ValueError, match="your_turn: ") as refused:
        asked(f, capsys, **changed)
    assert said in str(refused.value)
    assert capsys.readouterr().out == ""


def test_first_lines_are_read_back(capsys):
    for f, state in [
        (lambda x, i: ..., "waiting"),
        (right, "right"),
        (lambda x, i: 0.1, "wrong"),
        (lambda x, i: None, "failed"),
    ]:
        first, *rest = asked(named(f), capsys)
        assert parse_turn(first) == (state, "leverage(x, i)", ROUTE)
        assert all(parse_turn(line) is None for line in rest)
    assert parse_turn("✓ eq-a: b (equal, rtol 1e-10); fails with c") is None
    assert check.parse(first) is None


# The page ----------------------------------------------------------------------------------------------

TURN = """
```{admonition} Your turn
:class: your-turn
How long is the diagonal of a square of side $a$?
```

```{code-cell} ipython3
:tags: [your-turn]
import numpy as np
from mlderived import check


def diagonal(a):
    return ...  # your formula


check.your_turn(
    diagonal,
    truth=lambda a: np.hypot(a, a),
    at=[1.0, 3.0],
    route="the hypotenuse",
    slips={"yours is its square": lambda truth, a: truth**2},
)
```

```{dropdown} Answer
$\\sqrt2\\,a$.
```
"""
CELL = TURN.index("```{code-cell}")
ANSWER = TURN.index("```{dropdown}")
PAGES = {  # page: (text, what the one line about it must say; None: the page is sound)
    "01-sound": (TURN, None),
    "02-comment": (TURN[:CELL] + "% a comment\n\n" + TURN[CELL:], None),
    "03-no-box": (TURN[CELL:], "no admonition of class your-turn stands directly before this cell"),
    "04-apart": (
        TURN[:CELL] + "More words.\n\n" + TURN[CELL:],
        "no admonition of class your-turn stands directly before this cell",
    ),
    "05-other-box": (
        TURN.replace(":class: your-turn", ":class: note"),
        "no admonition of class your-turn stands directly before",
    ),
    "06-answered": (
        TURN.replace("return ...", "return np.sqrt(2) * a"),
        "this cell holds no `...` in the place of the reader's formula",
    ),
    "07-index": (
        TURN.replace("return ...", "return np.array([a])[..., 0]"),
        "this cell holds no `...` in the place of the reader's formula",
    ),
    "08-silent": (
        TURN.replace("check.your_turn(\n    diagonal", "unused = dict(\n    f=diagonal"),
        "this cell must print that it waits, and no more: it printed nothing",
    ),
    "09-talks": (
        TURN.replace("check.your_turn(", "print('Hello.')\ncheck.your_turn("),
        "this cell must print that it waits, and no more: it printed Hello.",
    ),
    "10-wrong": (
        TURN.replace("return ...", "return a + (... is None)"),
        "this cell must print that it waits, and no more: it printed ✗ your turn: diagonal(a) differs from",
    ),
    "11-no-answer": (TURN[:ANSWER], "no dropdown with the answer stands directly after this cell"),
    "12-refused": (
        TURN.replace("at=[1.0, 3.0]", "at=[1.0]"),
        "cell 2: failed: ValueError: your_turn: a formula is asked at two places",
    ),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("turns"))
    (book.folder / "conf.py").write_text(CONF.replace('"mldbook.claims"', '"mldbook.claims", "mldbook.turns"'))
    for name, (text, _) in PAGES.items():
        book.page(f"book/{name}", text)
    book.index()
    return book, book.build()


@pytest.mark.parametrize("name", PAGES)
def test_each_fault_of_a_page_is_one_line(built, name):
    _, (code, said, _) = built
    lines = [line for line in said.splitlines() if line.startswith(f"book/{name}.md:") and "WARNING" not in line]
    assert code != 0
    if PAGES[name][1] is None:
        assert lines == []
    else:
        assert len(lines) == 1
        place = "" if name == "12-refused" else "your-turn: "
        assert re.match(rf"book/{name}\.md:\d+: {place}{re.escape(PAGES[name][1])}", lines[0])


def test_the_box_the_cell_and_the_answer_stand_together(tmp_path):
    book = Book(tmp_path)
    (book.folder / "conf.py").write_text(CONF.replace('"mldbook.claims"', '"mldbook.claims", "mldbook.turns"'))
    book.page("book/01-sound", TURN)
    book.index()
    assert book.build()[:2] == (0, "")
    box = book.html("book/01-sound").select_one("div.admonition.your-turn")
    cell = box.find_next_sibling()
    answer = cell.find_next_sibling()
    assert "tag_your-turn" in cell["class"]
    assert cell.select_one("p.turn-line").text.startswith("◦ your turn: diagonal(a) waits for your formula")
    assert cell.select_one(".cell_input") is not None
    assert answer.name == "details"
    assert "your-turn-answer" in answer["class"]
    assert not answer.has_attr("open")
