"""What rests on what, on small books: what is read, each fault of the build, loans, and how it is drawn."""

import re
from itertools import pairwise
from types import SimpleNamespace

import pytest
from test_extension import Book, fill  # this makes the extension importable

from mldbook.drawing import Node, draw, layers, rows  # isort: skip
from mldbook.graph import Box, Graph, Page, plain, shortest_circle  # isort: skip

BOX = """
```{prf:theorem} {title}
:label: thm-{name}

{statement}
```

```{prf:proof}
{proof}
```
"""


def box(name, proof="Clear.", statement="True.", title=""):
    return (
        fill(BOX.replace("{title}", title or name.capitalize()), name)
        .replace("{statement}", statement)
        .replace("{proof}", proof)
    )


OPENING = """
```{admonition} In this chapter
:class: opening

**It needs** what stands in [the first](#ch-01).
```
"""


def build(folder, pages, drawn=False):
    """(exit code, the lines of the faults, the book) of a book of pages {name: (text, front matter)}."""
    book = Book(folder)
    for i, (name, (text, extra)) in enumerate(sorted(pages.items()), 1):
        path = book.page(f"book/{name}", text, extra)
        path.write_text(path.read_text().replace(f"\n# {name}", f"\n(ch-{i:02d})=\n# {name}"))
    if drawn:
        book.page("book/graph", "```{claim-graph}\n```\n")
    book.index()
    code, said, _ = book.build()
    return code, [line for line in said.splitlines() if re.match(r"book/.*\.md:\d+: (?!WARNING)", line)], book


def places(lines):
    return [re.sub(r":\d+:", ":", line, count=1) for line in lines]


FAULTS = {  # name: (pages, the one line that says so)
    "later chapter": (
        {
            "01-first": (box("one", "By {prf:ref}`thm-two`."), "borrows: [2]\n"),
            "02-second": (box("two"), ""),
        },
        "book/01-first.md: thm-one: its proof rests on thm-two of chapter 2, which comes later: "
        "prove it here, or say {borrowed}",
    ),
    "later chapter, by its name alone": (
        {"01-first": (box("one", "See [there](#ch-02)."), ""), "02-second": (box("two"), "")},
        "book/01-first.md: thm-one: its proof leans on ch-02, which comes later: say {borrowed}",
    ),
    "later on the page, in a statement": (
        {"01-first": (box("one", statement="As {prf:ref}`thm-two`.") + box("two"), "")},
        "book/01-first.md: thm-one: its statement rests on thm-two of this chapter, which comes later: "
        "prove it here, or say {borrowed}",
    ),
    "a loan that is none": (
        {"01-first": (box("one") + box("two", "By {borrowed}`thm-one`."), "")},
        "book/01-first.md: thm-two: its proof borrows thm-one of this chapter, which comes earlier: cite it plainly",
    ),
    "a circle": (
        {"01-first": (box("one", "By {borrowed}`thm-two`.") + box("two", "By {prf:ref}`thm-one`."), "")},
        "book/01-first.md: thm-one: rests on itself: thm-one → thm-two → thm-one",
    ),
    "a need not named": (
        {"01-first": (box("one"), ""), "02-second": (box("two", "By {prf:ref}`thm-one`."), "")},
        "book/02-second.md: needs: chapter 1 is used and not named (thm-two cites thm-one)",
    ),
    "a need that is none": (
        {"01-first": (box("one"), ""), "02-second": (box("two"), "needs: [1]\n")},
        "book/02-second.md: needs: chapter 1 is named, but nothing of it is used",
    ),
    "a loan not named": (
        {"01-first": (box("one", "By {borrowed}`thm-two`."), ""), "02-second": (box("two"), "")},
        "book/01-first.md: borrows: chapter 2 is borrowed from and not named (thm-one cites thm-two)",
    ),
    "a lender that lends nothing": (
        {"01-first": (box("one"), "borrows: [2]\n"), "02-second": (box("two"), "")},
        "book/01-first.md: borrows: chapter 2 is named, but nothing of it is borrowed from",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_line(tmp_path, name):
    pages, line = FAULTS[name]
    code, lines, _ = build(tmp_path, pages)
    assert code != 0
    assert places(lines) == [line]


def test_the_line_is_that_of_the_reference(tmp_path):
    pages, _ = FAULTS["later chapter"]
    _, [line], book = build(tmp_path, pages)
    text = (book.folder / "book" / "01-first.md").read_text().splitlines()
    assert "{prf:ref}`thm-two`" in text[int(line.split(":")[1]) - 1]


SOUND = {
    "01-first": (box("one", "By {borrowed}`thm-two`.", title="Ein") + box("alone"), "borrows: [2]\n"),
    "02-second": (OPENING + box("two") + box("three", "By {prf:ref}`thm-two`."), "needs: [1]\n"),
    "03-third": ("Text about {prf:ref}`thm-two` proves nothing.\n", ""),
    "04-stub": ("To come.\n", "needs: [1, 2]\nstatus: stub\n"),
}


@pytest.fixture(scope="module")
def sound(tmp_path_factory):
    code, lines, book = build(tmp_path_factory.mktemp("sound"), SOUND, drawn=True)
    assert (code, lines) == (0, [])
    return book


def test_a_loan_says_where_the_claim_is_proved(sound):
    proof = sound.html("book/01-first").select_one(".is-proof")
    assert proof.get_text(" ", strip=True) == "By Theorem 2.1 [proved in chapter 2] ."
    assert proof.a["href"] == "02-second.html#thm-two"


def test_each_box_tells_what_it_rests_on_and_what_uses_it(sound):
    page = sound.html("book/02-second")
    two, three = page.select_one("#thm-two details.rests"), page.select_one("#thm-three details.rests")
    assert two.summary.text.strip() == "used by 2"
    assert [a["href"] for a in two.select("a")] == ["01-first.html#thm-one", "#thm-three"]
    assert two.select_one("a").text == "Theorem 1.1 (Ein)"
    assert three.summary.text.strip() == "rests on 1"
    assert not two.has_attr("open")
    assert sound.html("book/01-first").select("#thm-alone details.rests") == []


def test_the_graph_is_drawn_and_listed(sound):
    page = sound.html("book/graph")
    whole, first, second = page.select("svg.graph")
    assert [node["href"] for node in whole.select("a")] == ["#graph-1", "#graph-2", "03-third.html", "04-stub.html"]
    assert "graph-stub" in whole.select("a")[3]["class"]
    assert [(e["data-from"], e["data-to"]) for e in first.select(".graph-loan")] == [("thm-one", "thm-two")]
    assert [(e["data-from"], e["data-to"]) for e in second.select(".graph-edge")] == [("thm-three", "thm-two")]
    assert "graph-foreign" in first.select_one("[data-key=thm-two]")["class"]
    assert page.find(id="graph-1") is not None
    items = [" ".join(item.text.split()) for item in page.select(".graph-list")[1].select("li")]
    assert items == [
        "Theorem 1.1 (Ein); rests on Theorem 2.1",
        "Neither cites another by name nor is cited: Theorem 1.2 (Alone)",
    ]


def test_an_edit_of_one_page_is_seen_on_the_others(tmp_path):
    _, _, book = build(tmp_path, SOUND, drawn=True)
    text, extra = SOUND["02-second"]
    book.page("book/02-second", "(ch-02)=\n" + text + box("four", "By {prf:ref}`thm-one`."), extra)
    assert book.build()[0] == 0
    fold = book.html("book/01-first").select_one("#thm-one details.rests")
    assert fold.summary.text.strip() == "rests on 1 · used by 1"
    assert "thm-four" in str(book.html("book/graph").select("svg.graph")[2])


def graph_of(edges):
    """A Graph of boxes of one chapter, from pairs (source, target)."""
    labels = sorted({label for edge in edges for label in edge})
    boxes = {
        label: Box(label, "theorem", "", i, i, cites=[(t, i, "proof", False) for s, t in edges if s == label])
        for i, label in enumerate(labels)
    }
    return Graph(SimpleNamespace(mld_graph={"book/01-one": Page(boxes=boxes)}))


def test_circles_are_found_the_shortest_first_and_each_once():
    assert graph_of([("a", "b"), ("b", "c"), ("a", "c")]).circles() == []
    assert graph_of([("a", "b"), ("b", "a")]).circles() == [["a", "b", "a"]]
    assert graph_of([("a", "b"), ("b", "c"), ("c", "a"), ("c", "b")]).circles() == [["a", "b", "c", "a"]]
    assert graph_of([("x", "a"), ("a", "b"), ("b", "a"), ("d", "e"), ("e", "d")]).circles() == [
        ["a", "b", "a"],
        ["d", "e", "d"],
    ]
    assert shortest_circle({"a": ["b", "c"], "b": ["c"], "c": ["a"]}, "a") == ["a", "c", "a"]


def drawn(keys):
    return [Node(key, key, key, f"#{key}") for key in keys]


def test_layers_and_ranks():
    nodes, below = drawn("abcd"), {"a": [], "b": ["a"], "c": ["a", "b"], "d": []}
    layer = layers(nodes, below)
    assert layer == {"a": 0, "b": 1, "c": 2, "d": 0}
    rank = rows(nodes, layer, below, {"a": ["b", "c"], "b": ["c"], "c": [], "d": []})
    for one in range(3):
        held = sorted(rank[k] for k in layer if layer[k] == one)
        assert all(b - a >= 1 for a, b in pairwise(held))  # no box upon another
        assert held[0] >= 0
        assert held[-1] <= 1


def test_boxes_of_a_drawing_do_not_overlap_and_lie_within_it():
    edges = [(f"n{i}", f"n{j}") for i in range(20) for j in range(i) if (i * 7 + j * 3) % 5 == 0]
    for down in (False, True):
        svg = draw(drawn([f"n{i}" for i in range(20)]), edges, down=down)
        right, bottom = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', svg).groups())
        boxes = [
            tuple(map(float, b)) for b in re.findall(r'<rect x="(\S+)" y="(\S+)" width="(\S+)" height="(\S+)"', svg)
        ]
        assert len(boxes) == 20
        for i, (x, y, w, h) in enumerate(boxes):
            assert x > 0
            assert y > 0
            assert x + w < right + 1
            assert y + h < bottom + 1
            assert all(x + w <= u or u + v <= x or y + h <= z or z + k <= y for u, z, v, k in boxes[:i])


def test_titles_lose_the_marks_of_formulas():
    assert plain(r"The $\chi^2$ law of $\mathbf H$") == "The χ^2 law of H"
    assert plain("Halves") == "Halves"
