"""The twenty chapters as data: the map on the front page, and the words of a chapter that is still to be written.

Each chapter's front matter says its question and the numbers of the chapters it needs; `_toc.yml` says the parts.
"""

import json
from functools import cache
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

from . import budgets
from .names import CHAPTER, number_of

ROMAN = ("", "I", "II", "III", "IV", "V", "VI")


@cache
def parsed(text):
    return yaml.safe_load(text)


def table_of_contents(env):
    return parsed(Path(env.srcdir, "_toc.yml").read_text(encoding="utf8"))


def parts(env):
    """[(caption, [docname, …]), …] of the parts whose entries are chapters, in the order of the table of contents."""
    toc = table_of_contents(env)
    found = [(part["caption"], [c["file"] for c in part["chapters"]]) for part in toc["parts"]]
    return [(caption, files) for caption, files in found if all(CHAPTER.search(f) for f in files)]


def part_of(env, docname):
    """The number of the part to which a chapter belongs, or None for a page that is no chapter."""
    return next((i for i, (_, files) in enumerate(parts(env), 1) if docname in files), None)


def about(env, docname):
    """(question, numbers of the chapters needed, written or not) from a chapter's front matter."""
    meta = env.metadata[docname]
    if "question" not in meta:
        raise ExtensionError(f"{env.doc2path(docname, False)}:1: front matter: a chapter must state its question")
    return meta["question"], json.loads(meta.get("needs", "[]")), meta.get("status") != "stub"


class chapter_map(nodes.General, nodes.Element):
    """Stands for the map until the front matter of all chapters has been read."""


class chapter_stub(nodes.General, nodes.Element):
    """Stands for the text of a chapter that is still to be written."""


class MapDirective(SphinxDirective):
    """`{chapter-map}`: the parts and their chapters, each with its question and what it needs."""

    def run(self):
        self.env.mld_map_docs = getattr(self.env, "mld_map_docs", set()) | {self.env.docname}
        return [chapter_map()]


class StubDirective(SphinxDirective):
    """`{chapter-stub}`: the question of a chapter to come and what it will need."""

    def run(self):
        return [chapter_stub()]


class FillMap(SphinxPostTransform):
    """Write the map, and the stubs, from the chapters' front matter."""

    default_priority = 6

    def run(self, **kwargs):
        for node in list(self.document.findall(chapter_map)):
            node.replace_self(self.map())
        for node in list(self.document.findall(chapter_stub)):
            node.replace_self(self.stub())

    def link(self, docname, text):
        uri = self.app.builder.get_relative_uri(self.env.docname, docname)
        return nodes.reference("", text, refuri=uri, internal=True)

    def needs(self, numbers):
        by_number = {number_of(d): d for _, files in parts(self.env) for d in files}
        said = []
        for i, number in enumerate(numbers):
            said += [nodes.Text(", " if i else ""), self.link(by_number[number], str(number))]
        return said

    def map(self):
        whole = nodes.container(classes=["chapter-map"])
        for i, (caption, files) in enumerate(parts(self.env), 1):
            part = nodes.container(classes=["map-part", f"part-{i}"])
            part += nodes.paragraph(
                "", "", nodes.inline("", ROMAN[i], classes=["map-roman"]), nodes.Text(caption), classes=["map-caption"]
            )
            chapters = nodes.container(classes=["map-chapters"])
            chapters += [self.tile(docname) for docname in files]
            part += chapters
            whole += part
        return whole

    def tile(self, docname):
        """A chapter on the map; its id and `data-needs` let the page show what it builds on."""
        question, needs, written = about(self.env, docname)
        number = number_of(docname)
        classes = "map-chapter" + ("" if written else " map-stub")
        data = " ".join(map(str, needs))
        tile = nodes.container(is_div=True, classes=["map-tile"])
        tile += nodes.raw("", f'<div class="{classes}" id="map-{number}" data-needs="{data}">', format="html")
        first = nodes.paragraph("", "", nodes.inline("", str(number), classes=["map-number"]), classes=["map-title"])
        first += self.link(docname, self.env.titles[docname].astext())
        tile += [first, nodes.paragraph("", question, classes=["map-question"])]
        said = f"{budgets.story(self.env, docname)} min" if written else "to come"
        state = [nodes.inline("", said, classes=["map-state", "map-time" if written else "map-coming"])]
        needed = [nodes.inline("", "", nodes.Text("needs "), *self.needs(needs))] if needs else []
        borrows = json.loads(self.env.metadata[docname].get("borrows", "[]"))
        lent = [
            nodes.inline("", "", nodes.Text(", " if needs else ""), nodes.Text("borrows from "), *self.needs(borrows))
        ]
        tile += nodes.paragraph("", "", *state, *needed, *(lent if borrows else []), classes=["map-needs"])
        tile += nodes.raw("", "</div>", format="html")
        return tile

    def stub(self):
        question, needs, _ = about(self.env, self.env.docname)
        box = nodes.container(classes=["chapter-stub"])
        box += nodes.paragraph("", question, classes=["chapter-question"])
        box += nodes.paragraph("", "This chapter is still to be written; its number and its question are fixed.")
        if needs:
            said = nodes.paragraph("", "It will build on chapter" + ("s " if len(needs) > 1 else " "))
            said += self.needs(needs)
            said += nodes.Text(".")
            box += said
        return box


def back_matter(env):
    """Docnames of the pages that stand in a part but are no chapters."""
    toc = table_of_contents(env)
    files = [c["file"] for part in toc["parts"] for c in part["chapters"]]
    return [docname for docname in files if not CHAPTER.search(docname)]


def sections(env, docname):
    """(title, anchor) of a page's sections, without those inside them."""
    whole = env.tocs.get(docname)
    if whole is None or not whole.children or len(whole[0]) < 2:
        return []
    references = [next(iter(item.findall(nodes.reference)), None) for item in whole[0][1]]
    return [{"title": r.astext(), "anchor": r["anchorname"]} for r in references if r is not None and r["anchorname"]]


def fill_layout(app, pagename, templatename, context, doctree):
    """Hand the page's layout its part, which sets the hue of its boxes, and what its navigation lists."""
    env = app.env
    if not Path(app.srcdir, "_toc.yml").exists():
        return
    part = part_of(env, pagename)
    context["mld_part"] = part
    context["mld_chapter"] = number_of(pagename) if part else None
    context["mld_written"] = bool(part) and about(env, pagename)[2]
    context["mld_sections"] = sections(env, pagename)
    context["mld_back"], context["mld_parts"] = contents(env)


def contents(env):
    """What every page's contents list: the pages of the back matter; the parts with their chapters."""
    back = [{"docname": d, "title": env.titles[d].astext()} for d in back_matter(env)]
    return back, [
        {
            "number": i,
            "roman": ROMAN[i],
            "caption": caption,
            "chapters": [
                {
                    "docname": d,
                    "number": number_of(d),
                    "title": env.titles[d].astext(),
                    "written": about(env, d)[2],
                    "minutes": budgets.story(env, d),
                }
                for d in files
            ],
        }
        for i, (caption, files) in enumerate(parts(env), 1)
    ]


def shows(app, env):
    """Every page has the contents; the map says what the front matter of the chapters says."""
    if not Path(app.srcdir, "_toc.yml").exists():
        return {}
    listed, said = contents(env), [about(env, d) for _, files in parts(env) for d in files]
    maps = getattr(env, "mld_map_docs", set())
    lent = [env.metadata[d].get("borrows") for _, files in parts(env) for d in files]
    return {docname: [listed, [said, lent] if docname in maps else ""] for docname in env.all_docs}


def setup(app):
    app.add_node(chapter_map)
    app.add_node(chapter_stub)
    app.add_directive("chapter-map", MapDirective)
    app.add_directive("chapter-stub", StubDirective)
    app.add_post_transform(FillMap)
    app.connect("mld-shows", shows)
    app.connect("html-page-context", fill_layout)
