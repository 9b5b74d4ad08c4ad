"""What an edit makes of the pages that nobody edited: their numbers, their links, their contents follow."""

import re

import pytest
from test_extension import CONF, Book, fill, good  # it puts the extension on the path, too

BOX = """
```{prf:theorem} Called {name}
:label: thm-{name}

True.
```

```{prf:proof}
Clear.
```
"""
DISPLAY = "\n$$\nx = x\n$$ (def-{name})\n"
FIGURE = """
```{figure} x.png
:name: fig-{name}
:alt: nothing
A caption.
```
"""
EXERCISE = "\n```{exercise}\n:label: ex-{name}\nFind it.\n```\n"
TARGETS = fill(BOX + DISPLAY + FIGURE + EXERCISE, "old") + "\n(sec-old)=\n## A section\n\nA {dfn}`word` here.\n"
REFERS = """
Text: {eq}`def-old`, {prf:ref}`thm-old`, {numref}`fig-old`, {ref}`ex-old`, [](#sec-old), {cite}`euclid`.
"""
FIRST = fill(BOX + DISPLAY + FIGURE + EXERCISE, "new") + "\n## Another section\n"
BIB = "@book{euclid, author={%s}, title={Elements}, publisher={Ratdolt}, address={Venice}, year={1482}}\n"
EXTENSIONS = '"mldbook.terms", "mldbook.finding", "mldbook.previews"'


@pytest.fixture
def book(tmp_path):
    made = Book(tmp_path)
    (tmp_path / "conf.py").write_text(
        CONF.replace('"mldbook.graph"', f'"mldbook.graph", {EXTENSIONS}')
        + 'nitpicky = True\nbibtex_reference_style = "author_year"\ntemplates_path = ["templates"]\n'
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "404.html").write_text("Not here.")
    (tmp_path / "book").mkdir()
    (tmp_path / "book" / "x.png").write_bytes(b"")
    made.page("book/01-first", TARGETS)
    made.page("book/02-second", REFERS + "\n```{prf:theorem}\n:label: thm-by\n\nBy {prf:ref}`thm-old`.\n```\n"
              "\n```{prf:proof}\nClear.\n```\n" + good("two"), "needs: [1]\n")  # fmt: skip
    made.page("book/03-third", "No references.\n")
    made.page("book/graph", "```{claim-graph}\n```\n")
    made.page("book/ledger", "```{ledger}\n```\n")
    made.page("book/terms", "```{term-index}\n```\n")
    made.page("book/sources", "```{bibliography}\n```\n")
    made.index()
    assert made.build()[:2] == (0, "")
    return made


def text(book, page):
    for heading in (soup := book.html(page)).select(".headerlink, .related, .sphinxsidebar"):
        heading.decompose()
    return " ".join(soup.get_text().split())


def everything(book):
    """All files of the built site; extensions copy some styles so late that a first build does not know their hash."""
    site = book.folder / "_build" / "html"
    return {
        path.relative_to(site).as_posix(): re.sub(r"\?v=[0-9a-f]+", "", path.read_text(encoding="utf8"))
        for path in sorted(site.rglob("*"))
        if path.suffix in (".html", ".json", ".js") and path.name != "searchindex.js"
    }


def afresh(book):
    """All files of the site, built from nothing."""
    (book.folder / "_build" / "trees" / "environment.pickle").unlink()
    assert book.build()[0] == 0
    return everything(book)


def test_numbers_on_other_pages_follow_what_is_added_before_them(book):
    assert "(1.1), Theorem 1.1, Fig. 1.1, Exercise 1.1" in text(book, "book/02-second")
    book.page("book/01-first", FIRST + TARGETS)
    assert book.build()[:2] == (0, "")
    assert "(1.2), Theorem 1.2, Fig. 1.2, Exercise 1.2" in text(book, "book/02-second")
    assert "Rests on Theorem 1.2 (Called old)" in text(book, "book/02-second")
    assert "Theorem 2.1; rests on Theorem 1.2" in text(book, "book/graph")
    assert "Called old Theorem 1.2" in text(book, "book/terms")
    built = everything(book)
    assert afresh(book) == built


@pytest.mark.parametrize(
    "edits",
    [
        [
            ("book/01-first", "Called old", "Known"),
            ("book/01-first", "## A section", "## A part"),
            ("book/01-first", "`word`", "`clause`"),
        ],
        [
            ("book/02-second", "twice the half", "half, twice"),
            ("book/02-second", "Halves", "Double"),
            ("book/02-second", "# 02-second", "# Second"),
            ("book/03-third", "No references.", TARGETS.replace("old", "third") + "\nBy {prf:ref}`thm-by`.\n"),
        ],
    ],
    ids=["what is referred to", "what lists show"],
)
def test_after_any_edit_the_site_is_what_it_would_be_if_built_from_nothing(book, edits):
    before = everything(book)
    for page, old, new in edits:
        path = book.folder / f"{page}.md"
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))
    assert book.build()[:2] == (0, "")
    built = everything(book)
    assert built != before
    assert afresh(book) == built


def test_a_label_that_vanished_is_told_where_it_is_used(book):
    book.page("book/01-first", TARGETS.replace("def-old", "def-renamed").replace("sec-old", "sec-renamed"))
    _, said, _ = book.build()
    assert "book/02-second.md" in said
    assert "def-old" in said
    assert "sec-old" in said


def test_a_page_that_is_gone_leaves_nothing(book):
    (book.folder / "book" / "03-third.md").unlink()
    book.index()
    assert book.build()[:2] == (0, "")
    site = book.folder / "_build" / "html"
    assert not (site / "book" / "03-third.html").exists()
    assert (site / "book" / "02-second.html").exists()
    assert (site / "404.html").exists()


def test_a_changed_source_is_cited_anew(book):
    assert "Euclid" in text(book, "book/02-second")
    (book.folder / "refs.bib").write_text(BIB % "Proclus")
    assert book.build()[:2] == (0, "")
    assert "Proclus" in text(book, "book/02-second")


def test_what_pages_are_made_with_has_all_made_anew_and_nothing_else_does(book):
    assert "no targets are out of date" in book.build()[2]
    for name in ("requirements.txt", "constraints.txt", "book/_vendor/font.woff2", "book/_ext/a.py"):
        path = book.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("numpy==1.0\n")
        assert "8 added, 0 changed" in book.build()[2], name
    style = book.folder / "book" / "_static" / "a.css"
    style.parent.mkdir()
    style.write_text("p { color: red }\n")
    page = book.folder / "_build" / "html" / "book" / "03-third.html"
    page.write_text("old")
    assert "0 added, 0 changed" in book.build()[2]  # written, not read
    assert page.read_text() != "old"


def test_the_map_says_what_the_chapters_say_now(tmp_path):
    made = Book(tmp_path)
    (tmp_path / "conf.py").write_text(CONF.replace('"mldbook.graph"', '"mldbook.graph", "mldbook.chapters"'))
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts:\n- caption: One\n  chapters: [{file: book/01-first}, {file: book/02-second}]\n"
    )
    stub = "status: stub\nquestion: "
    made.page("book/01-first", "Text.\n", f"{stub}Why?\n")
    made.page("book/02-second", "Text.\n", f"{stub}How?\nneeds: [1]\n")
    made.page("book/map", "```{chapter-map}\n```\n")  # not on the page with the toctree, which is always made anew
    made.index()
    assert made.build()[:2] == (0, "")
    made.page("book/02-second", "Text.\n", f"{stub}What for?\n")
    assert made.build()[:2] == (0, "")
    tile = made.html("book/map").find(id="map-2").parent.get_text()
    assert "What for?" in tile
    assert "needs" not in tile
