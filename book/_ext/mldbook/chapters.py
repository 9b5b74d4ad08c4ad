"""The twenty chapters as data: the map on the front page, and the words of a chapter that is still to be written.

Each chapter's front matter says its question and the numbers of the chapters it needs; `_toc.yml` says the parts.
"""

import json
import re
from pathlib import Path

import yaml
from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective

ROMAN = ("", "I", "II", "III", "IV", "V", "VI")
CHAPTER = re.compile(r"(?:^|/)(\d\d)-[^/]+$")


def parts(env):
    """[(caption, [docname, …]), …] of the parts whose entries are chapters, in the order of the table of contents."""
    toc = yaml.safe_load(Path(env.srcdir, "_toc.yml").read_text(encoding="utf8"))
    found = [(part["caption"], [c["file"] for c in part["chapters"]]) for part in toc["parts"]]
    return [(caption, files) for caption, files in found if all(CHAPTER.search(f) for f in files)]


def part_of(env, docname):
    """The number of the part to which a chapter belongs, or None for a page that is no chapter."""
    return next((i for i, (_, files) in enumerate(parts(env), 1) if docname in files), None)


def number_of(docname):
    return int(CHAPTER.search(docname).group(1))


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
            part += nodes.paragraph("", f"{ROMAN[i]}  {caption}", classes=["map-caption"])
            chapters = nodes.bullet_list(classes=["map-chapters"])
            for docname in files:
                question, needs, written = about(self.env, docname)
                title = self.env.titles[docname].astext()
                item = nodes.list_item(classes=["map-chapter"] + ([] if written else ["map-stub"]))
                first = nodes.paragraph(classes=["map-title"])
                first += nodes.inline("", f"{number_of(docname)}", classes=["map-number"])
                first += [nodes.Text(" "), self.link(docname, title)]
                if not written:
                    first += nodes.inline("", " to come", classes=["map-state"])
                item += first
                item += nodes.paragraph("", question, classes=["map-question"])
                if needs:
                    item += nodes.paragraph("", "", nodes.Text("needs "), *self.needs(needs), classes=["map-needs"])
                chapters += item
            part += chapters
            whole += part
        return whole

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


def mark_part(app, pagename, templatename, context, doctree):
    """Give each page's body the class of its part, which sets the hue of its boxes."""
    if Path(app.srcdir, "_toc.yml").exists():
        part = part_of(app.env, pagename)
        context["mld_part"] = part
        context["mld_chapter"] = number_of(pagename) if part else None
        context["mld_written"] = bool(part) and app.env.metadata[pagename].get("status") != "stub"


def setup(app):
    app.add_node(chapter_map)
    app.add_node(chapter_stub)
    app.add_directive("chapter-map", MapDirective)
    app.add_directive("chapter-stub", StubDirective)
    app.add_post_transform(FillMap)
    app.connect("html-page-context", mark_part)
