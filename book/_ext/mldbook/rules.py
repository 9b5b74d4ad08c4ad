"""What no page may have: each rule yields (line, place, reason) of what offends against it."""

import re

from bs4 import BeautifulSoup
from docutils import nodes
from sphinx import addnodes

from .names import last_message
from .reading import around, cells, line_of, title_of

PROVED = {"theorem", "lemma", "proposition", "corollary"}
DECIMAL = re.compile(r"(?<![\w.,])\d[\d,]*\.\d+(?![\w.]*\.\d)")
NO_PROSE = (nodes.literal, nodes.literal_block, nodes.comment, nodes.raw, addnodes.pending_xref, nodes.reference)


def failed_cell(doctree, executed):
    """(line, place, reason) of the cell that stopped the page: the last line of its traceback, and nothing else."""
    for cell in cells(doctree):
        for block in cell.findall(nodes.literal_block):
            if "traceback" in block["classes"]:
                reason = last_message(block.astext())
                return (line_of(cell), f"cell {cell['cell_index'] + 1}", f"failed: {reason}")
    return (0, "page", f"failed: {executed['error']}")


def pictures_without_words(cell):
    """A cell that draws needs alt text and a caption; html that holds pictures needs alt texts of its own."""
    options = cell.get("cell_metadata", {}).get("mystnb", {})
    kinds = {bundle.get("mime_type", "") for bundle in cell.findall(nodes.container)}
    if any(kind.startswith("image/") for kind in kinds):
        if not str(options.get("image", {}).get("alt", "")).strip():
            yield line_of(cell), "figure", "has no alt text (mystnb: image: alt)"
        if not str(options.get("figure", {}).get("caption", "")).strip():
            yield line_of(cell), "figure", "has no caption (mystnb: figure: caption)"
    for raw in cell.findall(nodes.raw):
        for image in BeautifulSoup(raw.astext(), "html.parser").find_all("img"):
            if not (image.get("alt") or "").strip():
                yield line_of(cell), "figure", "an image in this cell's html has no alt text"


def images_without_alt(doctree):
    for image in doctree.findall(nodes.image):
        inside_cell = any(isinstance(p, nodes.container) and p.get("nb_element") for p in around(image))
        if not inside_cell and not (image.get("alt") or "").strip():
            yield line_of(image), image.get("uri", "image"), "has no alt text"


def unproved_boxes(doctree, page):
    """Each box must be followed by its proof before the next box begins, or be cited."""
    waiting = None
    for node in doctree.findall(nodes.Element):
        if "proof" not in node.get("classes", []) or isinstance(node, nodes.section):
            continue
        kind = node.get("realtype", "proof")
        if kind in PROVED:
            if waiting is not None:
                yield line_of(waiting), waiting["label"], "is neither proved nor cited (:class: cited)"
            waiting = node
            if "cited" in node["classes"]:
                waiting = None
                if not any(x.get("refdomain") == "cite" for x in node.findall(addnodes.pending_xref)):
                    yield line_of(node), node["label"], "is marked as cited, but cites no source"
                page.cited.append((node["label"], title_of(node), kind))
        elif kind == "proof":
            waiting = None
    if waiting is not None:
        yield line_of(waiting), waiting["label"], "is neither proved nor cited (:class: cited)"


def prose(doctree):
    """(node, text) of the page's words and formulas: no code, no outputs, no references."""
    for text in doctree.findall(nodes.Text):
        outer = list(around(text))
        in_cell = any(isinstance(p, nodes.container) and p.get("nb_element") for p in outer)
        if not in_cell and not any(isinstance(p, NO_PROSE) for p in outer):
            yield text.parent, text.astext()


def stray_dollars(doctree):
    for node, text in prose(doctree):
        if "$" in text and not isinstance(node, (nodes.math, nodes.math_block)):
            yield line_of(node), "$", "a dollar sign is left over: a display needs a blank line before and after it"


def unpinned_decimals(doctree, pinned):
    """Decimals in the page's words and formulas, its captions and alt texts, that no check has just computed."""
    places = list(prose(doctree))
    for cell in cells(doctree):
        options = cell.get("cell_metadata", {}).get("mystnb", {})
        places.append((cell, str(options.get("figure", {}).get("caption", ""))))
        places.append((cell, str(options.get("image", {}).get("alt", ""))))
    for node, text in places:
        for number in DECIMAL.findall(text.replace("{,}", ",").replace("\\,", ",")):
            if number not in pinned and number.replace(",", "") not in pinned:
                yield line_of(node), number, "this decimal is pinned by no quoted check (and not in quoted-allow)"
