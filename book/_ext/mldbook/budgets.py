"""What a reader of each depth has before him, how long it takes, and whether it is within the book's budget.

The formula, which "Using this book" repeats in words:

    seconds = (words + formulas within the text) / 3 + 20 displays + 2 lines of code and output + 15 figures,

and what stands in a proof counts four times, because a proof is followed with a pencil. Counted is what is visible: no
folded code, no margin marks, no solutions; nor exercises, which are work and not reading. A chapter whose front matter
says `budget: kept` fails the build when it is over its budget; the others are only told.
"""

import dataclasses
import json
import re

from docutils import nodes
from sphinx import addnodes
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx_design.shared import is_component
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node

from .depths import DEPTHS, OPEN, depth_fold, kind_of
from .names import CHAPTER, number_of

WORDS_A_MINUTE = 180
SECONDS = {"displays": 20, "lines": 2, "figures": 15}
PENCIL = 4  # what stands in a proof takes so many times as long
WORD = re.compile(r"[^\W_][\w’'\-–./]*")
UNREAD = (
    exercise_node,
    exercise_enumerable_node,
    nodes.docinfo,
    nodes.field_list,
    nodes.comment,
    nodes.raw,
    nodes.math,
    nodes.math_block,
    nodes.literal_block,
    addnodes.index,
)


@dataclasses.dataclass
class Count:
    """What is visible, in numbers: words of text, formulas within it, displays, proofs, lines of code and output."""

    words: int = 0
    formulas: int = 0
    displays: int = 0
    proofs: int = 0
    lines: int = 0
    figures: int = 0
    seconds: float = 0

    def add(self, kind, number, times=1):
        setattr(self, kind, getattr(self, kind) + number)
        each = SECONDS.get(kind, 60 / WORDS_A_MINUTE if kind in ("words", "formulas") else 0)
        self.seconds += times * number * each

    @property
    def minutes(self):
        return max(1, round(self.seconds / 60))


BUDGET = {
    "proofs": {"words": 6500, "displays": 60, "proofs": 14, "lines": 150, "minutes": 150},
    "story": {"minutes": 45},
}


def count(node, opened, total=None, times=1):
    """Add to a `Count` what is visible of a node when the folds of the kinds `opened` are open."""
    total = Count() if total is None else total
    if isinstance(node, nodes.Text):
        total.add("words", len(WORD.findall(node.astext())), times)
    elif isinstance(node, nodes.math):
        total.add("formulas", 1, times)
    elif isinstance(node, nodes.math_block):
        total.add("displays", 1, times)
    elif isinstance(node, nodes.literal_block):
        total.add("lines", len(node.astext().strip("\n").splitlines()), times)
    elif isinstance(node, nodes.Element) and not isinstance(node, UNREAD):
        kind = node.get("nb_element") if isinstance(node, nodes.container) else None
        if kind == "cell_code":
            count_cell(node, opened, total, times)
        elif kind == "mime_bundle":
            count_output(node, total, times)
        elif is_component(node, "dropdown"):
            count(node[0], opened, total, times)
            if kind_of(node) in opened:
                for child in node[1:]:
                    count(child, opened, total, times)
        elif isinstance(node, depth_fold):
            if node["kind"] in opened:
                total.proofs += node["kind"] == "depth-proof"
                for child in node[1:]:
                    count(child, opened, total, PENCIL if node["kind"] == "depth-proof" else times)
        elif "check-line" in node["classes"]:
            total.add("lines", 1, times)
        elif "quoted-line" not in node["classes"]:
            for child in node.children:
                count(child, opened, total, times)
    return total


def count_cell(cell, opened, total, times):
    for part in cell:
        hidden = cell.get("hide_mode", "")
        if part.get("nb_element") == "cell_code_source":
            if "input" not in hidden and hidden != "all":
                count(part[0], opened, total, times)
        elif "output" not in hidden and hidden != "all":
            for output in part:
                count(output, opened, total, times)


def count_output(bundle, total, times):
    """One of the forms of an output is shown: a picture is a figure, anything else has lines."""
    kinds = {part.get("mime_type", ""): part for part in bundle}
    html = kinds.get("text/html")
    if any(kind.startswith("image/") for kind in kinds) or (html is not None and "<img" in html.astext()):
        total.add("figures", 1, times)
    elif "text/plain" in kinds:
        total.add("lines", len(kinds["text/plain"].astext().strip("\n").splitlines()), times)


def measure(document):
    """{depth: Count} of a page."""
    return {depth: count(document, OPEN[depth]) for depth in DEPTHS}


def numbers(counted):
    """A Count as it is written to budgets.json."""
    data = dataclasses.asdict(counted)
    del data["seconds"]
    return {**data, "minutes": counted.minutes}


def missed(measured):
    """(depth, what, number, goal) of each goal that a chapter misses."""
    for depth, goals in BUDGET.items():
        for what, goal in goals.items():
            if getattr(measured[depth], what) > goal:
                yield depth, what, getattr(measured[depth], what), goal


class Measure(SphinxTransform):
    """Keep what a chapter's page holds at each depth; on each fold, how long its inside takes."""

    default_priority = 859  # after the folds have been made

    def apply(self):
        if not CHAPTER.search(self.env.docname):
            return
        for fold in self.document.findall(nodes.Element):
            kind = kind_of(fold)
            if kind in ("depth-proof", "depth-box"):
                opened = OPEN["proofs"] | {kind}
                times = PENCIL if kind == "depth-proof" else 1
                total = Count()
                for child in fold[1:]:
                    count(child, opened, total, times)
                fold["minutes"] = total.minutes
        store(self.env)[self.env.docname] = measure(self.document)


def store(env):
    """{docname: {depth: Count}} of the chapters read so far."""
    if not hasattr(env, "mld_budgets"):
        env.mld_budgets = {}
    return env.mld_budgets


def forget(app, env, docname):
    store(env).pop(docname, None)


def written(env):
    """Docnames of the chapters that are written, in their order."""
    return [name for name in sorted(store(env)) if env.metadata[name].get("status") != "stub"]


def story(env, docname):
    """The minutes that the story of a written chapter takes, or None."""
    return store(env)[docname]["story"].minutes if docname in written(env) else None


def over(app, env):
    """The faults of chapters that promise to keep the budget and do not."""
    return [
        f"{env.doc2path(docname, False)}:1: budget: {what} at {depth!r}: {number:,}, at most {goal:,}"
        + (f" ({store(env)[docname][depth].seconds - 60 * goal - 30:.0f} s too long)" if what == "minutes" else "")
        for docname in written(env)
        if env.metadata[docname].get("budget") == "kept"
        for depth, what, number, goal in missed(store(env)[docname])
    ]


class ShowTimes(SphinxPostTransform):
    """The choice of a depth under a chapter's title, with its times, and on each closed fold what opening it costs."""

    default_priority = 4  # while boxes and proofs still are what they were read as
    formats = ("html",)

    def run(self, **kwargs):
        docname = self.env.docname
        for fold in self.document.findall(nodes.Element):
            if kind_of(fold) and "minutes" in fold:
                fold[0] += nodes.inline("", f" · {fold['minutes']} min", classes=["fold-time"])
        title = next(self.document.findall(nodes.title), None)
        if docname in written(self.env) and title is not None:
            place = title.parent.index(title) + 1
            title.parent.insert(place, nodes.raw("", choice(store(self.env)[docname]), format="html"))


TITLES = {
    "story": "Questions, examples, statements, figures; proofs and checks folded",
    "proofs": "The story with its proofs",
    "everything": "Proofs, checks and the boxes that go deeper",
}


def choice(measured):
    """The buttons with which a reader chooses a depth; early.js answers them."""
    buttons = "".join(
        f'<button type="button" class="depth-choice" data-depth-choice="{depth}" title="{TITLES[depth]}">{depth}'
        f' <span class="depth-time">{measured[depth].minutes} min</span></button>'
        for depth in DEPTHS
    )
    return (
        f'<div class="depths js-only" role="group" aria-label="How much of the chapter stands open">{buttons}</div>\n'
    )


def data(app, env):
    """budgets.json beside the ledger: what each written chapter holds at each depth, and the goals."""
    chapters = [
        {
            "chapter": name,
            "number": number_of(name),
            "title": env.titles[name].astext(),
            "depths": {depth: numbers(counted) for depth, counted in store(env)[name].items()},
            "missed": [list(miss) for miss in missed(store(env)[name])],
        }
        for name in written(env)
    ]
    return {"budgets.json": json.dumps({"goals": BUDGET, "chapters": chapters}, indent=1, ensure_ascii=False) + "\n"}


def setup(app):
    app.add_transform(Measure)
    app.add_post_transform(ShowTimes)
    app.connect("env-purge-doc", forget)
    app.connect("mld-judge", over)
    app.connect("mld-files", data)
