"""Small questions to a page as it has been read: its cells, its boxes, where a node stands."""

from docutils import nodes


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


def around(node):
    """What a node stands in, from the inside outwards."""
    while (node := node.parent) is not None:
        yield node
