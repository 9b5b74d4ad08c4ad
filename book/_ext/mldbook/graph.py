"""What rests on what: the graph of claims, read from the references inside statements and proofs.

A box (definition, theorem, algorithm, …) rests on what its statement and its proof refer to: other boxes, and
equations, which count as the box that holds them; an equation that stands in no box is a node of its own, on which
others rest. This is drawn on a page of its own, and told at each box. The build fails, one line each, when

- a statement or proof refers to a later chapter, or to a claim that comes later in its own, without saying so:
  `{borrowed}` in place of `{eq}` or `{prf:ref}` marks such a loan, and says in the text where it is proved;
- a loan is none: what it refers to comes earlier;
- claims rest on each other in a circle, loans included;
- a chapter's `needs` are not the earlier chapters that it uses: those to which a statement or proof refers, those whose
  modules its cells import, and those to which the paragraph "It needs" of its opening box links;
- a chapter's `borrows` are not the later chapters from which it has loans.
"""

import dataclasses
import html
import json
import re
from functools import cache
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_proof.nodes import proof_node

from .closure import PACKAGE, imported_modules
from .depths import is_answer, nothing
from .drawing import Node, draw
from .names import CHAPTER, number_of
from .reading import around, cells, line_of, source_of, title_of

CLAIM = re.compile(r"(?:eq|def|thm|lem|prop|cor|alg|ex|no)-")


@dataclasses.dataclass
class Box:
    """A labelled box, or an equation outside all boxes (kind "equation"), and what it refers to."""

    label: str
    kind: str
    title: str
    line: int
    place: int
    folded: bool = False
    cites: list = dataclasses.field(default_factory=list)  # (target, line, "statement" or "proof", borrowed)


@dataclasses.dataclass
class Page:
    """What one page contributes to the graph."""

    boxes: dict = dataclasses.field(default_factory=dict)  # label: Box, in the page's order
    holder: dict = dataclasses.field(default_factory=dict)  # label of an equation: label of its box, or its own
    links: list = dataclasses.field(default_factory=list)  # (box, target, line, where) of other links in boxes, proofs
    said: list = dataclasses.field(default_factory=list)  # targets of the links in "It needs"
    modules: set = dataclasses.field(default_factory=set)


# ---------------------------------------------------------------------------------------------------------------------
# Reading a page


def is_box(node):
    return isinstance(node, nodes.Element) and "realtype" in node and node["realtype"] != "proof"


def read_page(doctree):
    """The boxes of a page in order, each with the references of its statement and of the proofs that follow it."""
    page, current = Page(), None
    for place, node in enumerate(doctree.findall(nodes.Element)):
        if is_box(node):
            current = Box(
                node["label"], node["realtype"], title_of(node), line_of(node), place, any(map(is_fold, around(node)))
            )
            page.boxes[current.label] = current
            read_references(page, current, node, "statement")
        elif isinstance(node, proof_node) and current is not None:
            if not any(is_fold(outer) and is_answer(outer) for outer in around(node)):
                read_references(page, current, node, "proof")
        elif isinstance(node, nodes.math_block) and node.get("label"):
            box = next(filter(is_box, around(node)), None)
            label = node["label"]
            page.holder[label] = box["label"] if box is not None else label
            if box is None:
                page.boxes[label] = Box(label, "equation", "", line_of(node), place)
        elif isinstance(node, nodes.Admonition) and "opening" in node.get("classes", ()):
            page.said += [x["reftarget"] for x in node.findall(addnodes.pending_xref) if needs_paragraph(x)]
    for cell in cells(doctree):
        try:
            page.modules |= imported_modules(source_of(cell))
        except SyntaxError:  # a magic or a broken cell: executing it says what is wrong
            continue
    return page


def is_fold(node):
    return isinstance(node, nodes.container) and node.get("design_component") == "dropdown"


def needs_paragraph(node):
    return any(isinstance(p, nodes.paragraph) and p.astext().startswith("It needs") for p in around(node))


def read_references(page, box, node, where):
    for x in node.findall(lambda n: isinstance(n, (addnodes.pending_xref, loan))):
        borrowed, domain = isinstance(x, loan), x.get("refdomain")
        target = x["of"] if borrowed else x["reftarget"]
        if borrowed or domain in ("math", "prf") or CLAIM.match(target):
            box.cites.append((target, line_of(x), where, borrowed))
        elif domain != "cite":
            page.links.append((box.label, target, line_of(x), where))


class Collect(EnvironmentCollector):
    """Keeps each chapter's boxes and references in the environment."""

    def clear_doc(self, app, env, docname):
        store(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        store(env).update({name: page for name, page in store(other).items() if name in docnames})

    def process_doc(self, app, doctree):
        if CHAPTER.search(app.env.docname):
            store(app.env)[app.env.docname] = read_page(doctree)


def store(env):
    if not hasattr(env, "mld_graph"):
        env.mld_graph = {}
    return env.mld_graph


# ---------------------------------------------------------------------------------------------------------------------
# The graph


@dataclasses.dataclass(frozen=True)
class Edge:
    """A reference from one box to another: where it stands, and whether it is marked as a loan."""

    source: str
    target: str
    line: int
    where: str
    borrowed: bool
    named: str  # the label that the text names


class Graph:
    """All boxes of the book by label, and the edges between them."""

    def __init__(self, env):
        self.pages = {name: store(env)[name] for name in sorted(store(env))}
        self.home = {label: name for name, page in self.pages.items() for label in page.boxes}
        self.boxes = {label: box for page in self.pages.values() for label, box in page.boxes.items()}
        holder = {label: box for page in self.pages.values() for label, box in page.holder.items()}
        self.edges = []
        for label, box in self.boxes.items():
            for target, line, where, borrowed in box.cites:
                goal = target if target in self.boxes else holder.get(target)
                if goal is not None and goal != label:
                    self.edges.append(Edge(label, goal, line, where, borrowed, target))

    def chapter(self, label):
        """The number of the chapter in which a box stands."""
        return number_of(self.home[label])

    def position(self, label):
        return self.chapter(label), self.boxes[label].place

    def below(self, label):
        """What a box rests on, without repetition, in the book's order."""
        return sorted({e.target for e in self.edges if e.source == label}, key=self.position)

    def above(self, label):
        """What rests on a box, without repetition, in the book's order."""
        return sorted({e.source for e in self.edges if e.target == label}, key=self.position)

    def circles(self):
        """A circle through each set of boxes that rest on each other, as a list of labels that ends where it begins."""
        below = {label: self.below(label) for label in self.boxes}
        found, done = [], set()
        for start in self.boxes:
            if start not in done:
                circle = shortest_circle(below, start)
                found += [circle] if circle else []
                done.update(circle)
        return found


def shortest_circle(below, start):
    """The shortest way along `below` from a label back to itself, both ends included; [] if there is none."""
    before, waiting = {}, [start]
    for label in waiting:  # it grows: breadth first
        for goal in below[label]:
            if goal == start:
                way = [start, label]
                while way[-1] != start:
                    way.append(before[way[-1]])
                return way[::-1]
            if goal not in before:
                before[goal] = label
                waiting.append(goal)
    return []


# ---------------------------------------------------------------------------------------------------------------------
# Faults


@cache
def module_chapters(package):
    """{module: number of the chapter whose docstring it opens} of the companion package."""
    texts = {path.stem: path.read_text(encoding="utf8") for path in Path(package).glob("*.py")}
    found = {name: re.match(r'"""Chapter (\d+):', text) for name, text in texts.items()}
    return {name: int(match[1]) for name, match in found.items() if match}


def chapter_of_label(env, label):
    """The number of the chapter that holds a label of any kind (a section's, a figure's), or None."""
    docname = env.get_domain("std").anonlabels.get(label, ("",))[0]
    match = CHAPTER.search(docname)
    return int(match[1]) if match else None


def judge(app, env):
    """The faults of the graph, one line each."""
    graph = Graph(env)
    package = str(Path(app.confdir) / "code" / PACKAGE)
    for docname, page in graph.pages.items():
        path, here = env.doc2path(docname, False), number_of(docname)
        uses, loans = {}, {}
        for edge in (e for e in graph.edges if graph.home[e.source] == docname):
            there = graph.chapter(edge.target)
            later = graph.position(edge.target) > graph.position(edge.source)
            place = f"chapter {there}" if there != here else "this chapter"
            who = f"{path}:{edge.line}: {edge.source}: its {edge.where}"
            if later and not edge.borrowed:
                yield f"{who} rests on {edge.named} of {place}, which comes later: prove it here, or say {{borrowed}}"
            elif edge.borrowed and not later:
                yield f"{who} borrows {edge.named} of {place}, which comes earlier: cite it plainly"
            if there != here:
                (loans if later else uses).setdefault(there, f"{edge.source} cites {edge.named}")
        for source, target, line, where in page.links:
            there = chapter_of_label(env, target)
            if there is not None and there > here:
                yield f"{path}:{line}: {source}: its {where} leans on {target}, which comes later: say {{borrowed}}"
            elif there is not None and there < here:
                uses.setdefault(there, f"{source} refers to {target}")
        for module in sorted(page.modules):
            there = module_chapters(package).get(module, here)
            if there < here:
                uses.setdefault(there, f"a cell imports {module}")
        for target in page.said:
            there = chapter_of_label(env, target)
            if there is not None and there < here:
                uses.setdefault(there, "the opening says so")
        if env.metadata[docname].get("status") != "stub":
            yield from differences(env, docname, "needs", uses, "is used")
            yield from differences(env, docname, "borrows", loans, "is borrowed from")
    for circle in graph.circles():
        where = f"{env.doc2path(graph.home[circle[0]], False)}:{graph.boxes[circle[0]].line}"
        yield f"{where}: {circle[0]}: rests on itself: {' → '.join(circle)}"


def differences(env, docname, key, found, verb):
    """What a chapter's front matter says under a key, against what was found: {chapter: why}."""
    where = f"{env.doc2path(docname, False)}:1: {key}"
    stated = set(json.loads(env.metadata[docname].get(key, "[]")))
    for chapter in sorted(found.keys() - stated):
        yield f"{where}: chapter {chapter} {verb} and not named ({found[chapter]})"
    for chapter in sorted(stated - found.keys()):
        yield f"{where}: chapter {chapter} is named, but nothing of it {verb}"


# ---------------------------------------------------------------------------------------------------------------------
# Loans in the text


class loan(nodes.Inline, nodes.TextElement):
    """A reference to a claim that is proved later; filled when all pages have been read."""


def borrowed_role(name, rawtext, text, lineno, inliner, options=None, content=()):
    """`{borrowed}`eq-prob-hoeffding``: a reference to a claim that is proved later, and the words that say so."""
    made = loan(rawtext, "", of=text)
    made.line = lineno
    return [made], []


class FillLoans(SphinxPostTransform):
    """Turn each loan into a reference and the words that say where the claim is proved."""

    default_priority = 3  # before references are resolved

    def run(self, **kwargs):
        for node in list(self.document.findall(loan)):
            label, env = node["of"], self.env
            known = label in env.get_domain("math").equations
            domain, kind = ("math", "eq") if known else ("prf", "ref")
            xref = addnodes.pending_xref(
                "", refdomain=domain, reftype=kind, reftarget=label, refdoc=env.docname, refwarn=True, refexplicit=False
            )
            xref += nodes.literal(label, label)
            where = home_of(env, label)
            said = "further on" if where == env.docname else f"in chapter {number_of(where)}"
            node.replace_self([xref, nodes.Text(" "), nodes.inline("", f"[proved {said}]", classes=["borrowed"])])


def home_of(env, label):
    """The docname of the page on which a claim stands."""
    return next((name for name, page in store(env).items() if label in page.boxes or label in page.holder), env.docname)


# ---------------------------------------------------------------------------------------------------------------------
# What is shown


class Names:
    """How boxes are called on the page, and where they stand."""

    def __init__(self, env, builder, docname):
        self.env, self.graph = env, Graph(env)
        self.uri = lambda there: builder.get_relative_uri(docname, there) if there != docname else ""

    def number(self, label):
        """5.3, from the numbers that Sphinx gave."""
        kind = "displaymath" if self.graph.boxes[label].kind == "equation" else self.graph.boxes[label].kind
        key = f"equation-{label}" if kind == "displaymath" else label
        found = self.env.toc_fignumbers.get(self.graph.home[label], {}).get(kind, {}).get(key, ())
        return ".".join(map(str, found))

    def name(self, label):
        box, number = self.graph.boxes[label], self.number(label)
        return f"({number})" if box.kind == "equation" else f"{box.kind.capitalize()} {number}".strip()

    def full(self, label):
        box = self.graph.boxes[label]
        return f"{self.name(label)} ({plain(box.title)})" if box.title else self.name(label)

    def place(self, label):
        anchor = f"equation-{label}" if self.graph.boxes[label].kind == "equation" else label
        return f"{self.uri(self.graph.home[label])}#{anchor}"

    def link(self, label, full=True):
        text = self.full(label) if full else self.name(label)
        return nodes.reference("", text, refuri=self.place(label), internal=True)

    def listed(self, labels):
        """Links to boxes, parted by commas."""
        said = nodes.inline()
        for i, label in enumerate(labels):
            said += [nodes.Text("; " if i else ""), self.link(label)]
        return said


def plain(title):
    """A box's title without the marks of formulas, for places that can hold letters only."""
    text = re.sub(r"\\(?:mathbf|mathrm|mathcal|operatorname|text)\s*|[{}$]", "", title)
    words = {r"\lambda": "λ", r"\sigma": "σ", r"\chi": "χ", r"\varepsilon": "ε", r"\epsilon": "ε", r"\top": "ᵀ"}
    for tex, letter in words.items():
        text = text.replace(tex, letter)
    return " ".join(text.replace("\\", "").split())


class rests_fold(nodes.General, nodes.Element):
    """At a box's title: what it rests on and what uses it, folded."""


class rests_summary(nodes.General, nodes.TextElement):
    """The line of such a fold."""


def visit_rests(self, node):
    self.body.append('<details class="rests">')


def depart_rests(self, node):
    self.body.append("</details>\n")


def visit_rests_summary(self, node):
    self.body.append(f'<summary aria-label="{html.escape(node["said"])}">')


def depart_rests_summary(self, node):
    self.body.append("</summary>\n")


class ShowRests(SphinxPostTransform):
    """Tell at each box what it rests on and what uses it."""

    default_priority = 6
    formats = ("html",)

    def run(self, **kwargs):
        docname = self.env.docname
        if docname not in store(self.env):
            return
        names = Names(self.env, self.app.builder, docname)
        for box in [b for b in self.document.findall(is_box) if b["label"] in names.graph.boxes]:
            below, above = names.graph.below(box["label"]), names.graph.above(box["label"])
            if not (below or above):
                continue
            parts = [(f"rests on {len(below)}", "Rests on ", below), (f"used by {len(above)}", "Used by ", above)]
            parts = [part for part in parts if part[2]]
            said = " · ".join(part[0] for part in parts)
            fold, summary = (
                rests_fold(),
                rests_summary("", "", nodes.Text(said), said=f"{names.full(box['label'])}: {said}"),
            )
            fold += [summary, *(nodes.paragraph("", "", nodes.Text(w), names.listed(ls)) for _, w, ls in parts)]
            box.insert(1, fold)


class claim_graph(nodes.General, nodes.Element):
    """Stands for the drawings until all pages have been read."""


class GraphDirective(SphinxDirective):
    """`{claim-graph}`: the chapters on each other, and each written chapter's boxes, drawn and as a list."""

    def run(self):
        self.env.mld_graph_doc = self.env.docname
        return [claim_graph()]


class FillGraph(SphinxPostTransform):
    """Draw the graph of the book, and of each chapter."""

    default_priority = 5

    def run(self, **kwargs):
        for node in list(self.document.findall(claim_graph)):
            names = Names(self.env, self.app.builder, self.env.docname)
            written = [d for d, page in names.graph.pages.items() if page.boxes]
            made = [self.chapters(names, written)]
            for docname in written:
                made += self.chapter(names, docname)
            node.replace_self(made)

    def chapters(self, names, written):
        """All chapters, by what each needs and borrows."""
        drawn, edges, loans, known = [], [], [], {}
        for docname in names.graph.pages:
            known[number_of(docname)] = docname
        for number, docname in known.items():
            title, meta = self.env.titles[docname].astext(), self.env.metadata[docname]
            link = f"#graph-{number}" if docname in written else names.uri(docname)
            drawn.append(
                Node(f"c{number}", f"{number} {title}", f"Chapter {number}: {title}", link, hue(self.env, docname))
            )
            edges += [(f"c{number}", f"c{n}") for n in json.loads(meta.get("needs", "[]")) if n in known]
            loans += [(f"c{number}", f"c{n}") for n in json.loads(meta.get("borrows", "[]")) if n in known]
            if docname not in written:
                drawn[-1].classes += " graph-stub"
        if not drawn:
            return nodes.paragraph("", "No chapter has been written yet.")
        picture = draw(drawn, reduced(edges), loans, "The chapters, each below those that it needs", down=True)
        listed = nodes.bullet_list()
        for number, docname in known.items():
            meta, item = self.env.metadata[docname], nodes.paragraph()
            item += nodes.reference(
                "", f"{number} {self.env.titles[docname].astext()}", refuri=names.uri(docname), internal=True
            )
            for key, verb in (("needs", "needs"), ("borrows", "borrows from")):
                if stated := json.loads(meta.get(key, "[]")):
                    item += nodes.Text(f"; {verb} " + ", ".join(map(str, stated)))
            listed += nodes.list_item("", item)
        return shown(picture, listed)

    def chapter(self, names, docname):
        """One chapter's boxes: a heading, the drawing, and the same as a list."""
        graph, number = names.graph, number_of(docname)
        mine = [e for e in graph.edges if graph.home[e.source] == docname]
        inside = {label for e in mine for label in (e.source, e.target)}
        drawn = []
        for label in sorted(inside, key=graph.position):
            foreign = graph.home[label] != docname
            title, other = names.full(label), hue(self.env, graph.home[label])
            users = sorted({graph.chapter(s) for s in graph.above(label)} - {graph.chapter(label)})
            title += (
                f"; used in chapter{'s' * (len(users) > 1)} {', '.join(map(str, users))}"
                if users and not foreign
                else ""
            )
            box, short = graph.boxes[label], names.name(label)
            if box.kind != "equation":
                kind = SHORT.get(box.kind, box.kind.capitalize())
                short = f"{kind} {names.number(label)} {plain(box.title)}".strip()
            drawn.append(Node(label, short, title, names.place(label), f"{other} graph-foreign" if foreign else other))
        pairs = sorted({(e.source, e.target) for e in mine if not e.borrowed})
        loans = sorted({(e.source, e.target) for e in mine if e.borrowed})
        title = self.env.titles[docname].astext()
        heading = nodes.rubric(
            "", "", nodes.reference("", f"{number} {title}", refuri=names.uri(docname), internal=True)
        )
        heading["ids"].append(f"graph-{number}")
        alone = [
            label for label, box in graph.pages[docname].boxes.items() if label not in inside and box.kind != "equation"
        ]
        listed = nodes.bullet_list()
        for label in graph.pages[docname].boxes:
            below, above = graph.below(label), graph.above(label)
            if not (below or above):
                continue
            item = nodes.paragraph("", "", names.link(label))
            for verb, labels in (("rests on", below), ("used by", above)):
                if labels:
                    item += [nodes.Text(f"; {verb} "), *joined(names.link(one, full=False) for one in labels)]
            listed += nodes.list_item("", item)
        made = [heading]
        if alone:
            words = nodes.Text("Neither cites another by name nor is cited: ")
            listed += nodes.list_item("", nodes.paragraph("", "", words, names.listed(alone)))
        if drawn:
            picture = draw(drawn, pairs, loans, f"Chapter {number}, each box right of what it rests on")
            made.append(shown(picture, listed))
        return made


SHORT = {"definition": "Def", "theorem": "Thm", "proposition": "Prop", "corollary": "Cor", "algorithm": "Alg"}


def joined(links):
    for i, link in enumerate(links):
        yield from ([nodes.Text(", ")] if i else [])
        yield link


def hue(env, docname):
    """The class of the hue of a chapter's part."""
    from .chapters import part_of

    part = part_of(env, docname) if Path(env.srcdir, "_toc.yml").exists() else None
    return f"part-{part}" if part else ""


def reduced(edges):
    """The edges without those that a longer way implies: a chapter that needs 5, which needs 4, needs 4."""
    below = {}
    for source, target in edges:
        below.setdefault(source, set()).add(target)

    def reaches(start, goal):
        return any(step == goal or reaches(step, goal) for step in below.get(start, ()))

    return [(s, t) for s, t in edges if not any(step != t and reaches(step, t) for step in below[s])]


def shown(picture, listed):
    """A drawing for wide windows, and the same as a list, which a phone shows instead."""
    whole = nodes.container(classes=["graph-whole"])
    whole += nodes.raw(
        "",
        f'<div class="graph-scroll">{picture}</div>\n'
        '<details class="graph-list"><summary>The same as a list</summary>\n',
        format="html",
    )
    whole += listed
    whole += nodes.raw("", "</details>\n", format="html")
    return whole


def shows(app, env):
    """On each page, what its boxes rest on and what uses them; on that of the graph, all of it."""
    names, shown = Names(env, app.builder, ""), {}
    for docname, page in names.graph.pages.items():
        lists = {b: [list(map(names.full, f(b))) for f in (names.graph.below, names.graph.above)] for b in page.boxes}
        shown[docname] = lists
    stated = [[env.titles[d].astext(), env.metadata[d].get("needs"), env.metadata[d].get("borrows")] for d in shown]
    return {**shown, getattr(env, "mld_graph_doc", ""): [shown.copy(), stated]}


def load_script(app, pagename, templatename, context, doctree):
    """The page of the graph has a small script: what a node rests on lights up."""
    if pagename == getattr(app.env, "mld_graph_doc", None):
        app.add_js_file("graph.js", defer="defer")


def setup(app):
    app.add_node(loan)
    app.add_node(claim_graph)
    app.add_node(rests_fold, html=(visit_rests, depart_rests), latex=(nothing, nothing), text=(nothing, nothing))
    app.add_node(
        rests_summary,
        html=(visit_rests_summary, depart_rests_summary),
        latex=(nothing, nothing),
        text=(nothing, nothing),
    )
    app.add_role("borrowed", borrowed_role)
    app.add_directive("claim-graph", GraphDirective)
    app.add_env_collector(Collect)
    app.add_post_transform(FillLoans)
    app.add_post_transform(ShowRests)
    app.add_post_transform(FillGraph)
    app.connect("mld-judge", judge)
    app.connect("mld-shows", shows)
    app.connect("html-page-context", load_script, priority=950)
