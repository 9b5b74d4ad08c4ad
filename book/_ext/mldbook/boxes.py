"""Cells inside folding boxes, and small repairs of what other extensions emit.

A `{code-cell}` inside a directive is dropped without a word, because a notebook's cells stand at its top level. So a
box that folds is written as a plain `{dropdown}`, followed by the cells (tag `in-box`) and, where text goes on after a
cell, by `{div}` blocks of class `in-box`; the transform below moves them into the box before them.
"""

import re

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import is_component
from sphinx_proof.nodes import proof_node


def belongs_in_box(node):
    classes = node.get("classes", []) if isinstance(node, nodes.Element) else []
    return "tag_in-box" in classes or "in-box" in classes


class FillBoxes(SphinxTransform):
    """Move each run of `in-box` nodes into the dropdown that stands directly before it."""

    default_priority = 840  # after the notebook's cells have been rendered, before claims are read

    def apply(self):
        for parent in list(self.document.findall(nodes.Element)):
            if is_component(parent, "dropdown"):  # filled already
                continue
            box = None
            for node in list(parent.children):
                if is_component(node, "dropdown"):
                    box = node
                elif belongs_in_box(node):
                    if box is None:
                        fault = (node.line or 0, "in-box", "no dropdown stands directly before this cell")
                        self.document.setdefault("mld_faults", []).append(fault)
                        continue
                    parent.remove(node)
                    box.append(node)
                elif not isinstance(node, (nodes.comment, nodes.target, nodes.system_message)):
                    box = None


SAME_IDS = (["proof-content"], ["proof"], ["exercise-content"], ["solution-content"])


class UniqueIds(SphinxTransform):
    """sphinx-proof and sphinx-exercise give each box's inner section one and the same id; an id must be unique."""

    default_priority = 845

    def apply(self):
        number = 0
        for node in self.document.findall(nodes.Element):
            if node.get("ids") in SAME_IDS:
                number += 1
                node["ids"] = [f"{node['ids'][0]}-{number}"]  # Sphinx wants an id on every section when it numbers


class NameFolds(SphinxTransform):
    """Say on each fold what it holds, let printed module code look like code, and end each proof as one."""

    default_priority = 855  # after claims have turned printed lines into check lines

    def apply(self):
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") != "cell_code":
                continue
            if "has-check" not in cell["classes"]:
                cell["prompt_show"], cell["prompt_hide"] = "Show the code", "Hide the code"
                shown = list(cell[-1].findall(is_shown))
                if shown and all("quoted-line" in node["classes"] for node in shown):
                    cell["classes"].append("has-quoted")  # such a cell is no more than a mark in the margin
                    cell["prompt_show"] = " · ".join(line.astext() for line in shown)
            if "tag_module-source" in cell["classes"]:
                for block in cell.findall(nodes.literal_block):
                    if "stream" in block["classes"]:
                        block["language"] = "python"
        for proof in self.document.findall(proof_node):
            proof[0]["classes"].append("is-proof")
            word = next(proof.findall(nodes.Text), None)
            if word is not None and word.startswith("Proof. "):
                word.parent.insert(0, nodes.inline("", "Proof.", classes=["proof-word"]))
                word.parent.replace(word, nodes.Text(word[len("Proof") + 1 :]))


def is_shown(node):
    return isinstance(node, (nodes.paragraph, nodes.literal_block, nodes.image, nodes.raw))


class JoinBadges(SphinxPostTransform):
    """Put each formula and the mark beside it into one block, so that the margin can hold both."""

    default_priority = 7
    formats = ("html",)

    def run(self, **kwargs):
        for badge in list(self.document.findall(is_badge)):
            parent, place = badge.parent, badge.parent.index(badge)
            formula = parent[place - 1]
            parent[place - 1 : place + 1] = [nodes.container("", formula, badge, classes=["claim"])]


TOKEN = re.compile(r"\\[a-zA-Z]+\s*|\\.|\s+|.")
OPENING = {"{", "(", "[", r"\{", r"\lvert", r"\lVert", r"\langle"}
CLOSING = {"}", ")", "]", r"\}", r"\rvert", r"\rVert", r"\rangle"}
ARROWS = {r"\to", r"\longrightarrow", r"\iff", r"\Rightarrow"}
RELATIONS = {"=", "<", ">", r"\le", r"\ge", r"\approx", r"\propto", r"\sim"} | ARROWS
SILENT = re.compile(
    r"[{}^_\s&]|\\[,;:! ]|"
    r"\\(?:(?:math|text|boldsymbol|operator|big|Big|left|right|[td]?frac|q?quad|hat|bar|tilde)\w*)\s*$"
)
NAMED = re.compile(r"\\(?:log|det|exp|min|max|sup|inf|lim|sin|cos|tan|tanh|arg|dim|Pr)\b")
LONG_LINE, LONG_PIECE = 22, 26  # in letters: a phone's line holds about 28 of them


def letters(tokens):
    """Roughly how many letters wide a formula is."""
    return sum(3 if NAMED.match(token) else 1 for token in tokens if not SILENT.match(token))


def split_at(tokens, signs):
    """The pieces of a formula that end with one of the signs, outside all brackets and not at the start of a piece."""
    pieces, piece, depth = [], [], 0
    for token in tokens:
        name = token.strip()
        depth += (name in OPENING) - (name in CLOSING)
        tied = not piece or piece[-1].strip() in {":", r"\not", "^", "_", *RELATIONS, *OPENING}
        piece.append(token)
        if name in signs and depth == 0 and not tied:
            pieces.append(piece)
            piece = []
    return [*pieces, piece] if piece else pieces


def breakable(tex):
    """A long formula within a line as several, between which the line may break: after =, and in need after + or −."""
    tokens = TOKEN.findall(tex)
    if letters(tokens) <= LONG_LINE or re.search(r"\\(begin|displaystyle|textstyle)|&", tex):
        return [tex]
    pieces = []
    for piece in split_at(tokens, RELATIONS):
        pieces += split_at(piece, {"+", "-"}) if letters(piece) > LONG_PIECE else [piece]
    return ["".join(piece) + ("{}" if i < len(pieces) - 1 else "") for i, piece in enumerate(pieces)]


class BreakLongFormulas(SphinxPostTransform):
    """Browsers do not break a formula in a line of text; on a phone a long one would have to be scrolled."""

    default_priority = 8
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            pieces = breakable(formula.astext())
            if len(pieces) > 1 and not isinstance(formula.parent, nodes.title):
                formula.replace_self([nodes.math(piece, piece) for piece in pieces])


AFTER, BEFORE = re.compile(r"^(?:[.,;:!?)\]’”]+|-\w+)"), re.compile(r"[(\[“]$")


class KeepPunctuation(SphinxPostTransform):
    """Browsers break a line between a formula and the comma after it; keep the two together."""

    default_priority = 9
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            parent, place = formula.parent, formula.parent.index(formula)
            before, after = text_at(parent, place - 1), text_at(parent, place + 1)
            opening, closing = BEFORE.search(before), AFTER.search(after)
            if not (opening or closing):
                continue
            kept = nodes.inline("", "", classes=["nobr"])
            if opening:
                kept += nodes.Text(opening[0])
                parent[place - 1] = nodes.Text(before[: opening.start()])
            parent[place] = kept
            kept += formula
            if closing:
                kept += nodes.Text(closing[0])
                parent[place + 1] = nodes.Text(after[closing.end() :])


THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
PRINTED = {"check-what", "check-how", "quoted-line", "turn-line"}
VERBATIM = nodes.FixedTextElement, nodes.literal, nodes.raw, nodes.math


class KeepNumbers(SphinxPostTransform):
    """A line does not end within 118 096. What cells print stays as it was printed."""

    default_priority = 9
    formats = ("html",)

    def run(self, **kwargs):
        for text in list(self.document.findall(nodes.Text)):
            around = text.parent
            printed = isinstance(around, VERBATIM) or PRINTED & set(around.get("classes", ()))
            if not printed and THOUSANDS.search(text):
                around.replace(text, nodes.Text(THOUSANDS.sub("\N{NO-BREAK SPACE}", text)))


BOX = re.compile(
    r'(<div class="(?:proof|exercise)[ "][^>]*id="([^"]+)"[^>]*>\s*'
    r'<p class="admonition-title"[^>]*>(?:(?!</p>).)*)(?=</p>)',
    re.DOTALL,
)


def permalinks(app, pagename, templatename, context, doctree):
    """Give each numbered box a link to itself, as headings and figures have one."""
    link = r'\1<a class="headerlink" href="#\2" title="Link to this box">#</a>'
    context["body"] = BOX.sub(link, context.get("body", ""))


def text_at(parent, place):
    """The text that stands at a place among a node's children; "" where there is none."""
    node = parent[place] if 0 <= place < len(parent) else None
    return node.astext() if isinstance(node, nodes.Text) else ""


def is_badge(node):
    return isinstance(node, nodes.raw) and node.astext().startswith('<div class="claim-badge')


def setup(app):
    app.add_transform(FillBoxes)
    app.add_transform(UniqueIds)
    app.add_transform(NameFolds)
    app.add_post_transform(JoinBadges)
    app.add_post_transform(BreakLongFormulas)
    app.add_post_transform(KeepPunctuation)
    app.add_post_transform(KeepNumbers)
    app.connect("html-page-context", permalinks)
