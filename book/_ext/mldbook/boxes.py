"""Cells inside folding boxes, and small repairs of what other extensions emit.

A `{code-cell}` inside a directive is dropped without a word, because a notebook's cells stand at its top level. So a
box that folds is written as a plain `{dropdown}`, followed by the cells (tag `in-box`) and, where text goes on after a
cell, by `{div}` blocks of class `in-box`; the transform below moves them into the box before them.
"""

from docutils import nodes
from sphinx.transforms import SphinxTransform
from sphinx_design.shared import is_component


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


class UniqueProofIds(SphinxTransform):
    """sphinx-proof gives the same ids to every box's inner section and every proof; an id must be unique in a page."""

    default_priority = 845

    def apply(self):
        number = 0
        for node in self.document.findall(nodes.Element):
            if node.get("ids") in (["proof-content"], ["proof"]):
                number += 1
                node["ids"] = [f"{node['ids'][0]}-{number}"]  # Sphinx wants an id on every section when it numbers


def setup(app):
    app.add_transform(FillBoxes)
    app.add_transform(UniqueProofIds)
