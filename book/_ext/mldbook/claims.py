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

import dataclasses
import json

from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.errors import ExtensionError

from . import rules
from .names import CHAPTER
from .reading import box_of, cells, heading_of, line_of, title_of


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


def read_page(env, doctree):
    """Collect a page's claims, checks and faults from its doctree."""
    page = Page(faults=list(doctree.get("mld_faults", [])))
    executed = NbMetadataCollector.get_exec_data(env, env.docname)
    if executed and not executed["succeeded"]:
        page.faults = [rules.failed_cell(doctree, executed)]
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
        page.faults += rules.pictures_without_words(cell)
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
        elif box is not None and box["realtype"] in rules.PROVED and not label:
            where = box["label"] or box["realtype"]
            page.faults.append((line_of(formula), where, f"a display in this {box['realtype']} bears no label"))
    for c in page.checks:
        if c.label not in labels:
            page.faults.append((c.line, c.label, "a check names this label, but no formula of the page bears it"))
    page.faults += rules.unproved_boxes(doctree, page)
    page.faults += rules.images_without_alt(doctree)
    page.faults += rules.stray_dollars(doctree)
    if CHAPTER.search(env.docname):
        allowed = {number.lstrip("-−") for number in json.loads(env.metadata[env.docname].get("quoted-allow", "[]"))}
        page.faults += rules.unpinned_decimals(doctree, pinned | allowed)
    page.faults = list(dict.fromkeys(page.faults))
    return page


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
    """Fail the build if any page has a fault."""
    faults = [
        f"{env.doc2path(docname, False)}:{line}: {place}: {reason}"
        for docname, page in sorted(store(env).items())
        for line, place, reason in page.faults
    ]
    faults += [line for found in app.emit("mld-judge", env) for line in found]  # what other parts have to say
    if faults:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        raise ExtensionError("the book does not hold, " + count + ":\n" + "\n".join(faults))
    return []


def setup(app):
    app.add_event("mld-judge")
    app.setup_extension("mldbook.checklines")
    app.add_env_collector(Collect)
    app.connect("env-updated", judge)
