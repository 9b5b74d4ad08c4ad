"""Three depths of one chapter: the story, the story with its proofs, and everything.

The build makes a fold, an open `<details>`, of each proof (`depth-proof`), of each box that goes deeper (`depth-box`)
and of each run of cells that only check (`depth-checks`, one line that says what they checked). `early.js` closes,
before the first paint, those that the reader's depth closes; without JavaScript all stand open. Solutions and the
answers of "your turn" are folds that no depth governs, closed until the reader opens them.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx_design.shared import is_component
from sphinx_exercise.nodes import solution_node
from sphinx_proof.nodes import proof_node

from .names import CHAPTER
from .reading import around

DEPTHS = ("story", "proofs", "everything")
OPEN = {  # the kinds of fold that each depth opens; early.js holds the same
    "story": frozenset(),
    "proofs": frozenset({"depth-proof"}),
    "everything": frozenset({"depth-proof", "depth-checks", "depth-box"}),
}
WORDS = "using-this-book.html#sec-words-of-checks"  # where the words of a check's line are explained
SILENT = (nodes.comment, nodes.target, nodes.system_message)


class depth_fold(nodes.General, nodes.Element):
    """A fold that a depth governs: its kind, a summary, and what it holds."""


class fold_summary(nodes.General, nodes.TextElement):
    """The one line that a fold shows when it is closed."""


def kind_of(node):
    """`depth-proof`, `depth-checks` or `depth-box` of a fold that a depth governs, else None."""
    if isinstance(node, depth_fold):
        return node["kind"]
    return "depth-box" if is_component(node, "dropdown") and "depth-box" in node["container_classes"] else None


def is_answer(box):
    """Whether a dropdown holds a solution of an exercise or the answer of a `your-turn` cell."""
    if "your-turn-answer" in [*box["container_classes"], *box["classes"]] or any(box.findall(solution_node)):
        return True
    before = [node for node in box.parent[: box.parent.index(box)] if not isinstance(node, SILENT)]
    return bool(before) and "tag_your-turn" in before[-1].get("classes", ())


def cell_checks(cell):
    """Whether a cell with hidden code shows lines of checks, and pinned numbers, and nothing besides."""
    return "has-check" in cell["classes"] and cell.get("hide_mode") == "input" and only_lines(cell)


def only_lines(cell):
    outputs = [part for part in cell if part.get("nb_element") == "cell_code_output"]
    lines = [line for output in outputs for line in output]
    return all({"check-line", "quoted-line"} & set(line.get("classes", ())) for line in lines)


def runs(parent):
    """Maximal runs of check cells among a node's children, as slices; between two of them only numbers are pinned."""
    start = stop = None
    for place, node in enumerate([*parent.children, None]):
        is_cell = isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"
        if is_cell and cell_checks(node):
            start, stop = place if start is None else start, place + 1
        elif not (isinstance(node, SILENT) or (is_cell and "has-quoted" in node["classes"])):
            if start is not None:
                yield slice(start, stop)
            start = None


def counted(number, one, many):
    return f"{number} {one if number == 1 else many}"


def said(cells):
    """(mark, words) of the one line that stands for a run of checks."""
    lines = [n["check"] for cell in cells for n in cell.findall(nodes.paragraph) if "check" in n]
    false = {line["label"] for line in lines if line["kind"] == "refuted"}
    true = {line["label"] for line in lines} - false
    wrong = sum(len(line["wrong"]) for line in lines if line["label"] in true)
    parts = []
    if true:
        parts.append(f"{counted(len(true), 'formula', 'formulas')} checked")
    if wrong:
        parts.append(counted(wrong, "wrong form fails", "wrong forms fail"))
    if false:
        parts.append(counted(len(false), "false statement refuted", "false statements refuted"))
    return "✓" if true else "✗", ", ".join(parts)


class Fold(SphinxTransform):
    """Make the folds of a chapter, and open them all."""

    default_priority = 857  # after the cells' lines have been read, and proofs end as proofs

    def apply(self):
        if not CHAPTER.search(self.env.docname):
            return
        for box in list(self.document.findall(lambda node: is_component(node, "dropdown"))):
            if not is_answer(box):
                box["opened"] = True
                box["container_classes"] += ["depth", "depth-box"]
        for proof in list(self.document.findall(proof_node)):
            if not any(is_component(node, "dropdown") and not node["opened"] for node in around(proof)):
                self.fold_proof(proof)
        for parent in [n for n in self.document.findall(nodes.Element) if isinstance(n, GATHERS)]:
            for run in reversed(list(runs(parent))):
                self.fold_checks(parent, run)

    def fold_proof(self, proof):
        for word in proof.findall(nodes.inline):
            if "proof-word" in word["classes"]:  # the summary says it
                rest = word.parent[word.parent.index(word) + 1]
                rest.parent.replace(rest, nodes.Text(rest.astext().lstrip()))
                word.parent.remove(word)
                break
        fold = depth_fold(kind="depth-proof")
        proof.replace_self(fold)
        fold += [fold_summary("", "", nodes.inline("", "Proof", classes=["proof-word"])), proof]

    def fold_checks(self, parent, run):
        held = parent[run]
        mark, words = said([node for node in held if isinstance(node, nodes.container)])
        summary = fold_summary("", "", nodes.inline("", mark, classes=["check-mark"]))
        summary += [nodes.Text(" "), nodes.inline("", words, classes=["checks-said"])]
        fold = depth_fold(kind="depth-checks")
        parent[run] = [fold]
        how = nodes.paragraph(classes=["checks-words"])
        how += nodes.reference("", "How to read these lines", refuri=WORDS, internal=True)
        fold += [summary, *held, how]


GATHERS = (nodes.document, nodes.section, nodes.container, nodes.list_item, nodes.block_quote, nodes.admonition)


def visit_fold(self, node):
    self.body.append(self.starttag(node, "details", CLASS=f"depth {node['kind']}", open="open"))


def depart_fold(self, node):
    self.body.append("</details>\n")


def visit_summary(self, node):
    self.body.append(self.starttag(node, "summary", suffix=""))


def depart_summary(self, node):
    self.body.append("</summary>\n")


def nothing(self, node):
    pass


def setup(app):
    app.add_node(depth_fold, html=(visit_fold, depart_fold), latex=(nothing, nothing), text=(nothing, nothing))
    app.add_node(fold_summary, html=(visit_summary, depart_summary), latex=(nothing, nothing), text=(nothing, nothing))
    app.add_transform(Fold)
