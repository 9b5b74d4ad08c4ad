"""The words that the book defines: `{dfn}`leverage`` where a word is said what it means, and the index made of them.

`{dfn}`leverages <leverage>`` shows one form of a word and lists another.
"""

import re

from docutils import nodes


class dfn(nodes.Inline, nodes.TextElement):
    """A word at the place that says what it means."""


def identifier(entry):
    return "term-" + re.sub(r"[^a-z0-9]+", "-", entry.lower()).strip("-")


def dfn_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    """A defined word: shown as written, listed in the index as written or as what stands in angle brackets."""
    match = re.fullmatch(r"(?s)(.+?)\s*<(.+)>", text)
    shown, entry = match.groups() if match else (text, text)
    return [dfn(rawtext, shown, ids=[identifier(entry)], entry=" ".join(entry.split()))], []


def visit_dfn(self, node):
    self.body.append(self.starttag(node, "dfn", ""))


def depart_dfn(self, node):
    self.body.append("</dfn>")


def skip(self, node):
    pass


def setup(app):
    app.add_node(dfn, html=(visit_dfn, depart_dfn), latex=(skip, skip), text=(skip, skip))
    app.add_role("dfn", dfn_role, override=True)  # Sphinx has a role of this name that only sets italics
