"""Formulas, set when the book is built: TeX becomes MathML, which browsers, screen readers and printers read alike.

Temml (book/_vendor/temml) runs in an embedded JavaScript engine; a reader's page needs no script for its formulas. Each
`math` element keeps its TeX in `alttext`, which is what a reader who copies a passage gets.
"""

import html
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from py_mini_racer import JSEvalException, MiniRacer
from sphinx.locale import _
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from .plain import MINUS

logger = logging.getLogger(__name__)

# As TeX has it: a comma parts 0,1 into two numbers; there is room between a bracket and the name of a function; and a
# relation keeps its room where a line begins or ends with it.
LIST = re.compile(r"(?<=\d),(?=\d)")
NAME = re.compile(r"(?<=[)\]])\s*(?=\\(?:max|min|log|exp|det|sup|inf|lim|sin|cos|arg|operatorname)\b)")
SIGN = "(?:[=≤≥≈∼∝≡≠≪≫→⟹⟺⇒⇔∈⊂⊆]|&[lg]t;)</mo>"
RELATION = re.compile(f"(?<=<mrow>)<mo>(?={SIGN})|<mo>(?={SIGN}</mrow>)")
TEMML = Path(__file__).parents[2] / "_vendor" / "temml" / "temml.min.js"


class NotUnderstood(ValueError):
    """A formula that is no TeX, or is TeX that Temml does not know; says where."""


@cache
def engine():
    started = MiniRacer()
    started.eval(TEMML.read_text(encoding="utf8"))
    return started


def stop(*args):
    """End the engine, whose threads would keep the process alive; the next formula starts another."""
    if engine.cache_info().currsize:
        engine().close()
        engine.cache_clear()


@cache
def mathml(tex, display=False):
    """The `math` element for a formula in TeX, in the style of a display or of the running text."""
    tex = " ".join(tex.split())
    options = {"displayMode": display, "throwOnError": True, "strict": True}
    try:
        made = engine().call("temml.renderToString", as_tex(tex), options)
    except JSEvalException as error:
        lines = str(error).splitlines()
        raise NotUnderstood(next((s for s in lines if "Error" in s), lines[0]).partition("Error:")[2].strip()) from None
    made = RELATION.sub('<mo form="infix">', made).replace(' style="display:block math;"', "")
    return made.replace("<math", f'<math alttext="{html.escape(tex)}"', 1)


def as_tex(tex):
    return NAME.sub(r"\\,", MINUS.sub(r"\1{-}", LIST.sub(",{}", tex)))


def set_formula(node, display):
    """A node's MathML; a formula that is not understood is a warning with its place, and stands in the page as TeX."""
    try:
        return mathml(node.astext(), display)
    except NotUnderstood as error:
        logger.warning("formula not understood: %s: %s", error, node.astext(), location=node)
        return f"<code>{html.escape(node.astext())}</code>"


def visit_math(self, node):
    self.body.append(self.starttag(node, "span", "", CLASS="math") + set_formula(node, False) + "</span>")
    raise nodes.SkipNode


def visit_math_block(self, node):
    self.body.append(self.starttag(node, "div", CLASS="math"))
    if node["number"]:
        self.body.append(f'<span class="eqno">({get_node_equation_number(self, node)})')
        self.add_permalink_ref(node, _("Link to this equation"))
        self.body.append("</span>")
    self.body.append(f'<div class="formula">{set_formula(node, True)}</div></div>\n')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (visit_math, None), (visit_math_block, None))
    app.connect("build-finished", stop)
