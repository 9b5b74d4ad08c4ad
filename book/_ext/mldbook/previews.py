"""What a reference to another page shows when it is pointed at: pieces of built pages, one small file for each.

A reference within a page shows a copy of what stands on the page. What other pages refer to is cut out of the built
page and written to previews/<page>/<id>.js, which a reader's browser loads when he first points at such a reference.
It is a script and no JSON so that it loads from a disk, too, where a page may not read other files.
"""

import json
import posixpath
import re
import shutil
from collections import defaultdict
from pathlib import Path
from urllib.parse import unquote

from bs4 import BeautifulSoup

from .closure import digest

LINK = re.compile(r'<a [^>]*href="([^":#]*)#([^"]+)"')
TAG = re.compile(r"<(/?)([a-z][a-z0-9]*)\b[^>]*?(/?)>")
VOID = {"img", "br", "hr", "input", "meta", "link", "wbr", "col", "source"}
BOX = re.compile(r'<div class="(?:proof|exercise)[^"]*admonition[^"]*" id="([^"]+)">')
HEADING = re.compile(r"<h([1-3])\b[^>]*>.*?</h\1>", re.S)
PARAGRAPH = re.compile(r"<p>.*?</p>", re.S)
TITLE = re.compile(r'<p class="admonition-title">.*?</p>', re.S)
QUIET = {"book/ledger", "book/graph"}  # they show what they link to, and link to everything


def article(html):
    """The text of a page, without its navigation."""
    start = html.find('<article class="text">')
    return html[start : html.find("</article>", start)]


def element(html, start):
    """The end of the element whose tag begins at `start`; the page is taken to be well-formed."""
    depth = 0
    for tag in TAG.finditer(html, start):
        closing, name, alone = tag.groups()
        if name in VOID or alone:
            continue
        depth += -1 if closing else 1
        if depth == 0:
            return tag.end()
    return len(html)


def place(html, identifier):
    """The start of the element that bears an id, None if there is none."""
    found = html.find(f' id="{identifier}"')
    return None if found < 0 else html.rfind("<", 0, found)


def around(html, start, name):
    """The start of the nearest element `name` around a place."""
    for tag in reversed(list(re.finditer(rf"<{name}\b", html[:start]))):
        if element(html, tag.start()) > start:
            return tag.start()
    return start


def words(markup):
    """The text of a heading or a title, without the sign that links to it."""
    soup = BeautifulSoup(markup, "html.parser")
    for link in soup.select(".headerlink"):
        link.decompose()
    return " ".join(soup.get_text().split())


def cut(html, identifier):
    """(piece of the page, words that say where it stands) for what a reference to `identifier` means."""
    start = place(html, identifier)
    if start is None:
        return None
    tag = TAG.match(html, start)[2]
    if tag in ("dfn", "span"):  # a word at the place that defines it; a label before a heading, or at a paragraph
        start = around(html, start, "section" if re.match(r"<span[^>]*></span>", html[start:]) else "p")
        tag = TAG.match(html, start)[2]
    if tag == "section":
        heading = HEADING.search(html, start)
        first = PARAGRAPH.search(html, heading.end()) if heading else None
        if not first:
            return None
        return clean(f"<p><strong>{words(heading[0])}</strong></p>{first[0]}"), ""
    box = next(reversed([m.start() for m in BOX.finditer(html, 0, start)]), None)
    if box is not None and element(html, box) > start:
        where = TITLE.search(html, box)[0]
    else:
        where = next(reversed([m[0] for m in HEADING.finditer(html, 0, start)]), "")
    return clean(html[start : element(html, start)]), words(where)


def clean(markup):
    """Without ids, marks and signs; nothing that runs."""
    soup = BeautifulSoup(markup, "html.parser")
    for unwanted in soup.select(".headerlink, .claim-badge, .rests, script, button, input"):
        unwanted.decompose()
    for tag in soup.find_all(True):
        del tag["id"]
    return re.sub(r"\s*\n\s*", "\n", str(soup))


def referred(html, docname):
    """(page, id) of all that a page's text refers to on other pages of the book."""
    for path, identifier in LINK.findall(article(html)):
        if path.endswith(".html"):
            page = posixpath.normpath(posixpath.join(posixpath.dirname(docname), path.removesuffix(".html")))
            yield page, unquote(identifier)


def write(app, exception):
    """Write previews/<page>/<id>.js for all that another page refers to."""
    if exception is not None or app.builder.format != "html":
        return
    pages = {docname: Path(app.builder.get_outfilename(docname)) for docname in sorted(app.env.all_docs)}
    texts = {docname: path.read_text(encoding="utf8") for docname, path in pages.items() if path.exists()}
    wanted = defaultdict(set)
    for docname, html in texts.items():
        for page, identifier in referred(html, docname) if docname not in QUIET else ():
            if page in texts and page != docname:
                wanted[page].add(identifier)
    state = Path(app.doctreedir, "previews.json")  # what each page's pieces were cut from, for cutting takes long
    before = json.loads(state.read_text(encoding="utf8")) if state.exists() else {}
    source, now = Path(__file__).read_text(encoding="utf8"), {}
    for page in texts:
        text, folder = article(texts[page]), Path(app.outdir, "previews", page)
        now[page] = digest(source, text, *sorted(wanted[page]))
        if before.get(page) == now[page] and folder.exists() == bool(wanted[page]):
            continue
        shutil.rmtree(folder, ignore_errors=True)
        for identifier in sorted(wanted[page]):
            if piece := cut(text, identifier):
                folder.mkdir(parents=True, exist_ok=True)
                data = json.dumps(piece, ensure_ascii=False).replace("</", "<\\/")
                name = f"(window.previews ??= {{}})[{json.dumps(f'{page}#{identifier}')}]"
                (folder / f"{identifier}.js").write_text(f"{name} = {data};\n", encoding="utf8")
    state.write_text(json.dumps(now), encoding="utf8")


def setup(app):
    app.connect("build-finished", write)
