"""The lines that checks printed, as lines of the page, and the marks beside the formulas of which they speak.

`mldbook.claims` reads them from the page, and judges.
"""

import ast
import html
import re
from collections import defaultdict

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform

from mlderived import check

from .reading import cells, source_of


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


def setup(app):
    app.add_transform(CheckLines)
