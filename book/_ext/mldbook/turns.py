"""Your turn: an admonition, a cell in which the reader writes a formula, and the answer in a fold.

In the source these stand in this order, each a block of its own, so that in a notebook the cell is a plain cell. On the
page the first two are one box. The build fails, one line each, when a cell tagged `your-turn` is not preceded by its
admonition, is not followed by its answer, holds no `...`, or does not print the one line that waits.
"""

import ast

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx_design.shared import is_component

from mlderived.check import parse_turn

from .reading import cells, line_of, source_of

PASSED_OVER = (nodes.comment, nodes.target, nodes.system_message)


def waits(source):
    """Whether a function of the cell holds `...` in the place of a value (an index such as x[..., 0] is none)."""
    tree = ast.parse(source)
    indices = {id(n) for sub in ast.walk(tree) if isinstance(sub, ast.Subscript) for n in ast.walk(sub.slice)}
    return any(isinstance(n, ast.Constant) and n.value is ... and id(n) not in indices for n in ast.walk(tree))


def beside(node, step):
    """The next node before (-1) or after (1) a node that is more than a comment; None at the end."""
    siblings = node.parent.children
    place = siblings.index(node) + step
    while 0 <= place < len(siblings) and isinstance(siblings[place], PASSED_OVER):
        place += step
    return siblings[place] if 0 <= place < len(siblings) else None


def turns(document):
    return [cell for cell in cells(document) if "tag_your-turn" in cell["classes"]]


class MarkAnswers(SphinxTransform):
    """Give the fold after each such cell its class, so that what governs folds can leave it closed."""

    default_priority = 835  # before folds are filled and named

    def apply(self):
        for cell in turns(self.document):
            answer = beside(cell, 1)
            if is_component(answer, "dropdown") and "your-turn-answer" not in answer["container_classes"]:
                answer["container_classes"].append("your-turn-answer")


class SetTurns(SphinxTransform):
    """Set what such a cell printed as a line of the page, and collect what is amiss."""

    default_priority = 852  # after claims have read the printed lines

    def apply(self):
        for cell in turns(self.document):
            printed = [block for block in cell.findall(nodes.literal_block) if "output" in block["classes"]]
            said = "\n".join(block.astext().strip() for block in printed)
            if reason := next(amiss(cell, said), None):
                self.document.setdefault("mld_faults", []).append((line_of(cell), "your-turn", reason))
            if parse_turn(said):
                printed[0].replace_self(nodes.paragraph("", said, classes=["turn-line"]))


def amiss(cell, said):
    before, after, turn = beside(cell, -1), beside(cell, 1), parse_turn(said)
    if not (isinstance(before, nodes.Admonition) and "your-turn" in before["classes"]):
        yield "no admonition of class your-turn stands directly before this cell"
    if not waits(source_of(cell)):
        yield "this cell holds no `...` in the place of the reader's formula"
    if turn is None or turn.state != "waiting":
        first = said.splitlines()[0] if said else "nothing"
        yield f"this cell must print that it waits, and no more: it printed {first}"
    if not is_component(after, "dropdown"):
        yield "no dropdown with the answer stands directly after this cell"


def setup(app):
    app.add_transform(MarkAnswers)
    app.add_transform(SetTurns)
