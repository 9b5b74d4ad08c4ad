"""Depths, checks behind one line, and budgets, on small books: what folds, what stays, what is counted."""

import json
import re

import pytest
from test_extension import ROOT, Book, fill, good  # this makes the extension importable

from mlderived import check  # isort: skip
from mldbook.budgets import BUDGET, Count, missed  # isort: skip

BOX = """
```{dropdown} Going deeper: more
Seven words stand inside of this box.
```
"""
EXERCISE = """
```{exercise}
:label: ex-one
Find one.
```

```{dropdown} Solution
```{solution} ex-one
One.
```
```
""".replace("```{dropdown} Solution", "````{dropdown} Solution").replace("One.\n```\n```", "One.\n```\n````")
QUOTED = '\n```{code-cell} ipython3\n:tags: [hide-input]\ncheck.quoted("0.5", 0.5)\n```\n'
PRINTS = '\n```{code-cell} ipython3\n:tags: [hide-input]\nprint("a number:", 12)\n```\n'
REFUTED = """
$$
x^2 = x
$$ (no-square)

```{code-cell} ipython3
:tags: [hide-input]
check.refuted("no-square", 4.0, 2.0, "x = 2", relation="equal", by=0.1, corrected={"four": 4.0 + 0})
```
"""
YOUR_TURN = """
```{code-cell} ipython3
:tags: [your-turn]
answer = ...
```

```{dropdown} Answer
Forty-two.
```
"""
CHECK = """
```{code-cell} ipython3
:tags: [hide-input]
check.equal("eq-{name}", 2 * (x / 2), x + 0.0, "again", wrong={"a quarter": x / 2, "a third": x / 3})
```
"""


def summaries(page, kind):
    return [" ".join(fold.summary.get_text().split()) for fold in page.select(f"details.{kind}")]


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("depths"))
    body = good("one") + fill(CHECK, "one") + QUOTED + fill(CHECK, "one")
    book.page(
        "book/01-first", body + "\nText.\n" + PRINTS + BOX + QUOTED + "\nText.\n" + REFUTED + EXERCISE + YOUR_TURN
    )
    book.page("book/notes", BOX + "\nNo chapter.\n")
    book.index()
    code, said, _ = book.build()
    assert (code, said) == (0, "")
    return book


def test_each_proof_check_and_box_is_an_open_fold_and_no_answer_is(page):
    html = page.html("book/01-first")
    assert summaries(html, "depth-proof") == ["Proof · 1 min"]
    assert html.select_one("details.depth-proof > .is-proof").get_text(" ", strip=True) == "Multiply."
    assert summaries(html, "depth-box") == ["Going deeper: more · 1 min"]
    folds = html.select("details.depth")
    assert len(folds) == 4
    assert all(fold.has_attr("open") for fold in folds)  # without JavaScript everything stands open
    answers = [d for d in html.select("details.sd-dropdown") if "depth" not in d["class"]]
    assert [d.summary.get_text(strip=True) for d in answers] == ["Solution", "Answer"]
    assert not any(d.has_attr("open") for d in answers)


def test_a_run_of_checks_is_one_line_and_pinned_numbers_between_do_not_part_it(page):
    html = page.html("book/01-first")
    lines = ["✓ 1 formula checked, 5 wrong forms fail", "✗ 1 false statement refuted"]
    assert summaries(html, "depth-checks") == lines
    first = html.select_one("details.depth-checks")
    assert len(first.select(".cell")) == 4  # three checks, and the number pinned between them
    assert [line["id"] for line in first.select(".check-line")] == ["check-eq-one", "check-eq-one-2", "check-eq-one-3"]
    assert first.select_one(".checks-words a")["href"] == "using-this-book.html#sec-words-of-checks"
    assert "a number: 12" not in "".join(fold.get_text() for fold in html.select("details.depth-checks"))


def test_a_page_that_is_no_chapter_has_no_depths(page):
    html = page.html("book/notes")
    assert html.select("details.depth") == []
    assert not html.select_one("details.sd-dropdown").has_attr("open")


def test_the_choice_tells_the_time_of_each_depth(page):
    buttons = page.html("book/01-first").select(".depths [data-depth-choice]")
    assert [b["data-depth-choice"] for b in buttons] == ["story", "proofs", "everything"]
    assert all(re.search(r"\d+ min$", b.get_text(strip=True)) for b in buttons)


COUNTED = """
Four words and $x$ here.

$$
y = x
$$

```{prf:proof}
Two words.

$$
x = y
$$
```

```{code-cell} ipython3
print(1)
print(2)
```

```{code-cell} ipython3
:tags: [hide-input]
print("a line", 3)
```

```{dropdown} Deeper
Three more words.
```

```{exercise}
An exercise is work and does not count.
```
"""


def test_what_is_visible_is_counted_at_each_depth(tmp_path):
    book = Book(tmp_path)
    book.page("book/01-counted", COUNTED, "quoted-allow: []\n")
    book.index()
    assert book.build()[:2] == (0, "")
    [chapter] = json.loads((book.folder / "_build" / "html" / "budgets.json").read_text())["chapters"]
    depths = {depth: {k: v for k, v in data.items() if k != "minutes"} for depth, data in chapter["depths"].items()}
    # the title 01-counted has a word, "Deeper" another; code 2 lines, output 2 and 1
    story = {"words": 6, "formulas": 1, "displays": 1, "proofs": 0, "lines": 5, "figures": 0}
    assert depths["story"] == story
    assert depths["proofs"] == {**story, "words": 8, "displays": 2, "proofs": 1}
    assert depths["everything"] == {**story, "words": 11, "displays": 2, "proofs": 1}


def test_the_time_follows_the_formula_that_the_reader_is_told():
    total = Count()
    for kind, number in {"words": 360, "formulas": 180, "displays": 6, "lines": 30, "figures": 4}.items():
        total.add(kind, number)
    assert total.minutes == 2 + 1 + 2 + 1 + 1
    total.add("words", 180, times=4)
    assert total.minutes == 7 + 4


def test_a_goal_is_missed_by_one_too_many_and_met_by_as_many():
    met = {"proofs": Count(words=6500, displays=60, proofs=14, lines=150), "story": Count(seconds=45 * 60)}
    assert list(missed(met)) == []
    for what, goal in BUDGET["proofs"].items():
        over = {**met, "proofs": Count(**{what: goal + 1} if what != "minutes" else {"seconds": 60 * (goal + 1)})}
        assert list(missed(over)) == [("proofs", what, goal + 1, goal)]


MANY = "\n".join(f"\n$$\nx = {i}\n$$\n" for i in range(61))


@pytest.mark.parametrize("promise", ["", "budget: kept\n"])
def test_a_chapter_that_promises_to_keep_its_budget_fails_the_build_when_it_does_not(tmp_path, promise):
    book = Book(tmp_path)
    book.page("book/01-long", MANY, promise)
    book.index()
    code, said, _ = book.build()
    if promise:
        assert code != 0
        assert "book/01-long.md:1: budget: displays at 'proofs': 61, at most 60" in said.splitlines()
    else:
        assert (code, said) == (0, "")


def test_the_times_on_other_pages_follow_an_edit(tmp_path):
    book = Book(tmp_path)
    book.page("book/01-first", "One word.\n")
    book.page("book/02-second", "Another.\n")
    book.index()
    book.build()
    book.page("book/01-first", "word " * 1800)
    assert book.build()[0] == 0
    data = json.loads((book.folder / "_build" / "html" / "budgets.json").read_text())
    assert [c["depths"]["story"]["minutes"] for c in data["chapters"]] == [10, 1]


def test_every_verb_of_a_check_is_explained_where_the_ledger_says():
    text = (ROOT / "book" / "using-this-book.md").read_text(encoding="utf8")
    for verb in set(check.__all__) - {"CheckFailed", "Result", "parse", "parse_quoted", "parse_turn", "your_turn"}:
        assert f"{{#word-{verb.replace('_', '-')}}}" in text
