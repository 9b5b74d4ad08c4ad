"""What a chapter's notebook says is what its page on the site says: numbers, references, formulas, words."""

import json
import os
import re
import sys
from itertools import zip_longest

import nbformat
import pytest
from bs4 import BeautifulSoup
from conftest import ROOT, SITE
from markdown_it import MarkdownIt

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook.plain import Book

STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
MATH = re.compile(r"\$\$ (.+?) \$\$|\$([^$]+)\$")
TAG = re.compile(r" \\tag\{([\d.]+)\}$")
CHROME = (
    ".headerlink, .rests, .claim-badge, .depths, .checks-words, .cell_input, .check-line, .bibtex-citation + nothing"
)


@pytest.fixture(scope="module", params=STEMS)
def both(request, site):
    """(the site's page, the texts of the served notebook, how many displays the source labels), parsed."""
    page = (SITE / "book" / f"{request.param}.html").read_text(encoding="utf8")
    page = re.sub(
        r"(?s)(<math [^>]*>).*?</math>|<pre>.*?</pre>", r"\1", page
    )  # a formula's TeX is all that is compared
    page = BeautifulSoup(page, "html.parser")
    page = page.select_one("article")
    for chrome in page.select(CHROME):
        chrome.decompose()
    notebook = nbformat.read(SITE / "notebooks" / f"{request.param}.ipynb", as_version=4)
    sources = [cell.source for cell in notebook.cells if cell.cell_type == "markdown"]
    assert sources[-1].startswith("## Sources")
    labelled = re.findall(r"^\$\$ \(", (ROOT / "book" / f"{request.param}.md").read_text(encoding="utf8"), re.M)
    return page, sources, len(labelled)


def differ(ours, theirs):
    """The first place at which two sequences differ, with what stands before it."""
    for place, (a, b) in enumerate(zip_longest(ours, theirs)):
        if a != b:
            return {
                "place": place,
                "notebook": ours[max(0, place - 4) : place + 4],
                "page": theirs[max(0, place - 4) : place + 4],
            }
    return None


def parsed(sources):
    """The notebook's text as a plain renderer makes it, its formulas set aside."""
    renderer = MarkdownIt("commonmark").enable("table")
    return BeautifulSoup("".join(renderer.render(MATH.sub("<i></i>", source)) for source in sources), "html.parser")


def spaced(text):
    return " ".join(text.replace("’", "'").split())


def unsigned(tex):
    """TeX with a plain minus where the braces only say that it is a sign."""
    return tex.replace("{-}", "-")


def test_each_display_bears_the_number_that_the_page_shows(both):
    page, sources, labelled = both
    theirs = []
    for shown in page.select("div.math"):
        number = shown.select_one(".eqno")
        theirs.append((number.get_text().strip("()") if number else "", unsigned(spaced(shown.math["alttext"]))))
    ours = []
    for display, _ in MATH.findall("\n\n".join(sources)):
        if display:
            number = TAG.search(display)
            ours.append((number[1] if number else "", unsigned(TAG.sub("", display)).replace(r"\lt ", "<")))
    assert differ(ours, theirs) is None
    assert sum(bool(number) for number, _ in ours) == labelled > 0


def test_each_reference_reads_as_on_the_page(both, request):
    page, sources, _ = both
    chapter = (ROOT / "book" / f"{request.node.callspec.params['both']}.md").read_text(encoding="utf8")
    referring = len(re.findall(r"\{(?:eq|numref|prf:ref|cite|borrowed)\}`", chapter))
    assert referring > 20
    for title in page.select(".solution > .admonition-title"):
        title.decompose()
    theirs = [spaced(a.get_text()) for a in page.select("a.reference")]
    notebook = parsed(sources[1:-1])
    known = {"chapter": re.compile(r"[Cc]hapter \d+$")}
    ours = [spaced(a.get_text()) for a in notebook.select("a[href]")]
    # a chapter that is still to be written has a page, and no notebook to link to where the site's address is not known
    stubs = {int(path.stem[:2]) for path in (ROOT / "book").glob("[0-9]*.md") if path.stem not in STEMS}
    if os.environ.get("BOOK_URL"):
        stubs = set()
    theirs = [t for t in theirs if not (known["chapter"].match(t) and int(t.split()[1]) in stubs)]
    assert differ(ours, theirs) is None
    assert len(ours) >= referring


def test_titles_and_captions_are_those_of_the_page(both):
    page, sources, _ = both
    theirs = [spaced(h.get_text()) for h in page.select("h1, h2, h3, h4")]
    ours = [spaced(re.sub(r"\$.*?\$", " ", h)) for s in sources[:-1] for h in re.findall(r"(?m)^#+ (.+)$", s)]
    assert differ(ours, theirs) is None
    boxes = [
        spaced(p.get_text())
        for p in page.select(
            ".proof:not(.is-proof) > .admonition-title, .exercise > .admonition-title, figcaption .caption-number"
        )
        if p.select_one(".caption-number") or "caption-number" in p["class"]
    ]
    text = "\n\n".join(sources[:-1])
    named = re.findall(
        r"(?m)^(?:> )*(?:<a id=\"[\w-]+\"></a>)?\*\*((?:Fig\.|[A-Z][a-z]+) \d+\.\d+(?: \([^*]+\))?)\.?\*\*", text
    )
    ours = [re.sub(r"(?: \()•+\)|, •+(?=\))", "", name) for name in named]
    assert differ(ours, boxes) is None
    assert len(ours) > 20


def words(soup):
    return re.findall(r"\w+", soup.get_text(" "))


def test_every_word_of_the_page_stands_in_the_notebook_and_no_other(both):
    page, sources, _ = both
    for chrome in page.select(".math, summary, .admonition-title, .cell_output, h1, h2, h3, h4, .proof-word"):
        caption = chrome.select_one("figcaption .caption-text") if "cell_output" in chrome.get("class", []) else None
        chrome.replace_with(caption or "")
    text = "\n\n".join(sources[1:-1])
    text = re.sub(r"(?m)^(?:> )+(?:<a id=\"[\w-]+\"></a>)?\*\*[^*\n]+\*\*(?: \*Cited, not proved here\.\*)?$", "", text)
    text = re.sub(r"(?m)^\*(?:Checked|Refuted) below: .*$|^#+ .*$", "", text)
    text = re.sub(r"<summary>The figure in words</summary>\n\n.*\n", "", text)
    text = re.sub(r"\*\*(?:Proof|Fig\. \d+\.\d+)\.\*\* ?", "", text)
    notebook = parsed([text])
    for summary in notebook.select("summary"):
        summary.decompose()
    ours, theirs = words(notebook), words(page)
    assert differ(ours, theirs) is None
    assert len(ours) > 3000


def test_the_site_serves_what_the_pages_say(site):
    address = os.environ.get("BOOK_URL", "").rstrip("/")
    [wheel] = (SITE / "live").glob("*.whl")
    book = Book(ROOT, address, f"{address}/live/{wheel.name}" if address else None)
    for stem in STEMS:
        served = nbformat.read(SITE / "notebooks" / f"{stem}.ipynb", as_version=4)
        assert [cell.source for cell in served.cells] == [cell.source for cell in book.notebook(stem).cells], stem
    assert sorted(path.stem for path in (SITE / "notebooks").iterdir()) == STEMS


def test_links_to_the_site_meet_their_targets(site):
    book, pages = Book(ROOT, "https://e.org"), {}
    text = json.dumps([cell.source for stem in STEMS for cell in book.notebook(stem).cells])
    found = set(re.findall(r"\(https://e\.org/(book/[\w-]+\.html)(?:#([\w-]+))?\)", text))
    assert len(found) > 50
    for path, anchor in found:
        if path not in pages:
            pages[path] = set(re.findall(r'\bid="([^"]+)"', (SITE / path).read_text(encoding="utf8")))
        assert not anchor or anchor in pages[path], (path, anchor)


def test_the_sources_are_entries_of_the_bibliography(both):
    page = BeautifulSoup((SITE / "book" / "bibliography.html").read_text(encoding="utf8"), "html.parser")
    theirs = [spaced(entry.p.get_text()) for entry in page.select(".citation")]
    ours = [spaced(entry.get_text()) for entry in parsed(both[1][-1:]).select("li")]
    assert len(ours) > 5
    assert [entry for entry in ours if not any(their.startswith(entry) for their in theirs)] == []
