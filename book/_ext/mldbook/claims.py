"""Claims and checks.

A claim is a displayed formula whose label begins with `eq-`. A check is a line that a verb of `mlderived.check`
printed while the page ran. This extension reads both from the page as it was executed, links each to the other, keeps
them for the ledger, and fails the build, one line for each fault, when

- a claim has no passing check on its page, or a check names a label that no formula of its page bears;
- a display inside a theorem, lemma, proposition or corollary bears no label;
- such a box is neither followed by a proof nor marked `:class: cited` and carrying a citation;
- a figure has no alt text, or no caption;
- a dollar sign is left over in the text, where a formula was meant (a display needs a blank line before it);
- a decimal number in a chapter's text is neither pinned by a `quoted` check nor on the page's list `quoted-allow`;
- a cell failed: then that alone is reported for the page.
"""

import ast
import dataclasses
import html
import json
import re
from collections import defaultdict

from bs4 import BeautifulSoup
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

from mlderived import check

logger = logging.getLogger(__name__)

CHAPTER = re.compile(r"(?:^|/)(\d\d)-[^/]+$")  # a chapter's docname: book/05-linear-regression
PROVED = {"theorem", "lemma", "proposition", "corollary"}
DECIMAL = re.compile(r"(?<![\w.,])\d[\d,]*\.\d+(?![\w.]*\.\d)")
NO_PROSE = (nodes.literal, nodes.literal_block, nodes.comment, nodes.raw, addnodes.pending_xref, nodes.reference)


@dataclasses.dataclass
class Claim:
    """One labelled formula: where it stands, what it is called, and whether it is a false statement (`no-`)."""

    label: str
    name: str
    box: str
    line: int
    tex: str


@dataclasses.dataclass
class Check:
    """One passed check, as its line said it, and the id of that line in the page."""

    label: str
    kind: str
    what: str
    tolerance: str
    wrong: list
    corrected: list
    anchor: str
    line: int


@dataclasses.dataclass
class Page:
    """What one page contributes to the ledger, and its faults: (line, label or place, reason)."""

    claims: list = dataclasses.field(default_factory=list)
    checks: list = dataclasses.field(default_factory=list)
    cited: list = dataclasses.field(default_factory=list)
    quoted: int = 0
    faults: list = dataclasses.field(default_factory=list)


# ---------------------------------------------------------------------------------------------------------------------
# Reading a page


def cells(doctree):
    return (node for node in doctree.findall(nodes.container) if node.get("nb_element") == "cell_code")


def source_of(cell):
    return next((n.astext() for n in cell.findall(nodes.container) if n.get("nb_element") == "cell_code_source"), "")


def line_of(node):
    """The line of the source at which a node, or the nearest one around it that knows, begins."""
    while node is not None:
        if getattr(node, "line", None):
            return node.line
        node = node.parent
    return 0


def labels_called(source):
    """Labels that a cell hands to a verb of `check` literally; a printed line that no call explains is no check."""
    try:
        tree = ast.parse(source)
    except SyntaxError:
        return set()
    verbs = set(check.__all__)
    return {
        node.args[0].value
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and node.args
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and (getattr(node.func, "attr", None) in verbs or getattr(node.func, "id", None) in verbs)
    }


def box_of(node):
    """The theorem-like box around a node, or None."""
    while node is not None:
        if isinstance(node, nodes.Element) and "realtype" in node and node["realtype"] != "proof":
            return node
        node = node.parent
    return None


def title_of(box):
    """A box's title as its author typed it; sphinx-proof keeps it in brackets."""
    return box["title"].strip().removeprefix("(").removesuffix(")")


def heading_of(node):
    while node is not None and not isinstance(node, nodes.document):
        if isinstance(node, nodes.section) and node.children and isinstance(node[0], nodes.title):
            return node[0].astext()
        node = node.parent
    return ""


class CheckLines(SphinxTransform):
    """Turn the lines that checks printed into lines of the page, and set a mark beside each formula they speak of."""

    default_priority = 850

    def apply(self):
        seen, by_label = defaultdict(int), defaultdict(list)
        for cell in cells(self.document):
            called = labels_called(source_of(cell))
            for output in list(cell.findall(nodes.literal_block)):
                if "stream" in output["classes"] and "stderr" not in output["classes"]:
                    self.replace(output, called, seen, by_label)
            if list(cell.findall(lambda n: isinstance(n, nodes.paragraph) and "check-line" in n["classes"])):
                cell["classes"].append("has-check")
                cell["prompt_show"], cell["prompt_hide"] = "Show the check", "Hide the check"
        for formula in list(self.document.findall(nodes.math_block)):
            label = formula.get("label") or ""
            if by_label[label]:
                parent = formula.parent
                parent.insert(parent.index(formula) + 1, badge(label, by_label[label]))

    def replace(self, output, called, seen, by_label):
        plain, made = [], []

        def flush():
            if any(line.strip() for line in plain):
                block = output.copy()  # the same attributes, no children
                block.rawsource = "\n".join(plain) + "\n"
                block += nodes.Text(block.rawsource)
                made.append(block)
            plain.clear()

        for line in output.astext().splitlines():
            result, quoted = check.parse(line), check.parse_quoted(line)
            if result is not None and result.label in called:
                flush()
                seen[result.label] += 1
                number = seen[result.label]
                anchor = f"check-{result.label}" + (f"-{number}" if number > 1 else "")
                by_label[result.label].append((result, anchor))
                made.append(self.check_line(result, anchor))
            elif quoted is not None:
                flush()
                made.append(nodes.paragraph("", line, classes=["quoted-line"], quoted=list(quoted)))
            else:
                plain.append(line)
        flush()
        output.replace_self(made)

    def check_line(self, result, anchor):
        """The line on the page: the equation's number, linked, in place of its label."""
        paragraph = nodes.paragraph(classes=["check-line"], ids=[anchor])
        paragraph["check"] = result._asdict()
        self.document.note_explicit_target(paragraph)
        mark = "✗" if result.kind == "refuted" else "✓"
        paragraph += nodes.inline("", mark + " ", classes=["check-mark"])
        xref = addnodes.pending_xref(
            "", refdomain="math", reftype="eq", reftarget=result.label, refdoc=self.env.docname, refwarn=False
        )
        xref += nodes.literal("", result.label)
        paragraph += xref
        paragraph += nodes.inline("", f" {result.what} ", classes=["check-what"])
        paragraph += nodes.inline("", how(result), classes=["check-how"])
        return paragraph


def how(result):
    """In words: the kind and tolerance of a check, and the wrong forms that it saw fail."""
    said = ", ".join(part for part in (result.kind.replace("_", " "), result.tolerance) if part)
    said = re.sub(r"e-0(?=\d)", "e-", said)
    wrong = "".join(f"; {name} fails" for name in result.wrong)
    holds = "".join(f"; {name} holds" for name in result.corrected)
    return f"{said}{wrong}{holds}"


def badge(label, results):
    """The quiet mark in the margin: it leads to the check, and says on hover or focus how the claim was checked."""
    refuted = all(result.kind == "refuted" for result, _ in results)
    tips = "".join(f"<span>{html.escape(r.what)} ({html.escape(how(r))})</span>" for r, _ in results)
    word, classes = ("✗ refuted", "claim-badge refuted") if refuted else ("✓ checked", "claim-badge")
    tip = f"how-{label}"
    markup = (
        f'<div class="{classes}"><a class="claim-check" href="#{results[0][1]}" aria-describedby="{tip}">{word}</a>'
        f'<span class="claim-how" role="tooltip" id="{tip}">{tips}</span></div>'
    )
    return nodes.raw("", markup, format="html")


def read_page(env, doctree):
    """Collect a page's claims, checks and faults from its doctree."""
    page = Page(faults=list(doctree.get("mld_faults", [])))
    executed = NbMetadataCollector.get_exec_data(env, env.docname)
    if executed and not executed["succeeded"]:
        page.faults = [failed_cell(doctree, executed)]
        return page
    pinned = set()
    for cell in cells(doctree):
        for node in cell.findall(nodes.paragraph):
            if "check-line" in node["classes"]:
                r = node["check"]
                names = list(r["wrong"]), list(r["corrected"])
                page.checks.append(
                    Check(r["label"], r["kind"], r["what"], r["tolerance"], *names, node["ids"][0], line_of(cell))
                )
            elif "quoted-line" in node["classes"]:
                pinned.update(number.lstrip("-") for number in node["quoted"])
        page.faults += pictures_without_words(cell)
    page.quoted = len(pinned)
    checked = {c.label for c in page.checks}
    labels = set()
    for formula in doctree.findall(nodes.math_block):
        label, box = formula.get("label") or "", box_of(formula)
        labels.add(label)
        if label.startswith(("eq-", "no-")):
            name = title_of(box) if box is not None and box["title"] else heading_of(formula)
            where = box["label"] if box is not None else ""
            page.claims.append(Claim(label, name, where, line_of(formula), formula.astext()))
            if label not in checked:
                page.faults.append((line_of(formula), label, "no check on this page names this claim"))
        elif box is not None and box["realtype"] in PROVED and not label:
            where = box["label"] or box["realtype"]
            page.faults.append((line_of(formula), where, f"a display in this {box['realtype']} bears no label"))
    for c in page.checks:
        if c.label not in labels:
            page.faults.append((c.line, c.label, "a check names this label, but no formula of the page bears it"))
    page.faults += unproved_boxes(doctree, page)
    page.faults += images_without_alt(doctree)
    page.faults += stray_dollars(doctree)
    if CHAPTER.search(env.docname):
        allowed = {number.lstrip("-−") for number in json.loads(env.metadata[env.docname].get("quoted-allow", "[]"))}
        page.faults += unpinned_decimals(doctree, pinned | allowed)
    page.faults = list(dict.fromkeys(page.faults))
    return page


def failed_cell(doctree, executed):
    """(line, place, reason) of the cell that stopped the page: the last line of its traceback, and nothing else."""
    for cell in cells(doctree):
        for block in cell.findall(nodes.literal_block):
            if "traceback" in block["classes"]:
                reason = " ".join(last_message(block.astext()))
                return (line_of(cell), f"cell {cell['cell_index'] + 1}", f"failed: {reason}")
    return (0, "page", f"failed: {executed['error']}")


def last_message(traceback):
    """The exception's own lines at the end of an IPython traceback."""
    lines = re.sub(r"\x1b\[[\d;]*m", "", traceback).rstrip().splitlines()
    starts = [
        i for i, line in enumerate(lines) if re.match(r"^\w[\w.]*(Error|Failed|Exception|Warning|Interrupt)\b", line)
    ]
    return [line.strip() for line in lines[starts[-1] if starts else -1 :]]


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
        inside_cell = any(isinstance(p, nodes.container) and p.get("nb_element") for p in ancestors(image))
        if not inside_cell and not (image.get("alt") or "").strip():
            yield line_of(image), image.get("uri", "image"), "has no alt text"


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


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
        around = list(ancestors(text))
        in_cell = any(isinstance(p, nodes.container) and p.get("nb_element") for p in around)
        if not in_cell and not any(isinstance(p, NO_PROSE) for p in around):
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


class Collect(EnvironmentCollector):
    """Keeps each page's claims, checks and faults in the environment, so that an incremental build knows them too."""

    def clear_doc(self, app, env, docname):
        store(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        store(env).update({name: page for name, page in store(other).items() if name in docnames})

    def process_doc(self, app, doctree):
        store(app.env)[app.env.docname] = read_page(app.env, doctree)


def store(env):
    if not hasattr(env, "mld_pages"):
        env.mld_pages = {}
    return env.mld_pages


def judge(app, env):
    """Fail the build if any page has a fault; else have the pages that show the ledger written anew if it changed."""
    faults = [
        f"{env.doc2path(docname, False)}:{line}: {place}: {reason}"
        for docname, page in sorted(store(env).items())
        for line, place, reason in page.faults
    ]
    faults += [line for found in app.emit("mld-judge", env) for line in found]  # what other parts have to say
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise ExtensionError("the book does not hold, " + count + ":\n" + "\n".join(faults))
    now = json.dumps({name: dataclasses.asdict(page) for name, page in sorted(store(env).items())})
    if now == getattr(env, "mld_ledger_state", None):
        return []
    env.mld_ledger_state = now
    return sorted(docname for docname in getattr(env, "mld_ledger_docs", ()) if docname in env.all_docs)


def setup(app):
    app.add_event("mld-judge")
    app.add_transform(CheckLines)
    app.add_env_collector(Collect)
    app.connect("env-updated", judge)
