"""Finding: every place of the book with its words, for the search; the index of terms; the page for a wrong address.

A place is what a reader may be sent to: a section, a theorem or definition, an exercise, a figure, a numbered formula,
a word that the text defines. The places and their words are read with each page and kept with Sphinx's own state; when
the build ends they are written to `_static/places.js`, with the numbers that they bear by then. It is a script, so that
the search works for pages opened from a folder too; `find.js` loads it when the reader searches.
"""

import json
import os
import re
import unicodedata
from xml.etree import ElementTree

from docutils import nodes
from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import exercise_enumerable_node, exercise_node

from .depths import fold_summary
from .formulas import NotUnderstood, mathml
from .terms import dfn

WORDLESS = (
    nodes.comment,
    nodes.raw,
    nodes.literal_block,
    nodes.image,
    nodes.system_message,
    addnodes.index,
    fold_summary,
)
LINES = {"check-line", "quoted-line", "checks-words", "turn-line"}  # what cells print, and how to read it
LEFT_OUT = {"search", "book/ledger", "book/terms", "book/graph"}  # made of what stands elsewhere


def spoken(tex):
    """A formula as a line of plain signs: what its MathML shows, with bold letters as plain ones, a/b and x^2."""
    try:
        signs = flat(ElementTree.fromstring(mathml(tex)))
    except NotUnderstood:  # said where the formula is set
        return ""
    return re.sub(r"[\u2061-\u2064\ufe0e]", "", unicodedata.normalize("NFKC", signs))


def flat(element):
    """The signs of a piece of MathML, in a line."""
    parts = [(element.text or "").strip(), *map(flat, element)]
    kind = element.tag
    if kind == "mfrac":
        return "/".join(part if len(part) == 1 or part.isdigit() else f"({part})" for part in parts[1:])
    if kind == "msup" and not parts[2].strip("⊤′⋆★*+−"):
        kind = ""
    return {"msup": "^", "mtd": " ", "mtr": " "}.get(kind, "").join(part for part in parts if part)


def plain(node):
    """A title, a caption or a paragraph as a line of words, its formulas as signs."""
    words = []
    for part in node.findall(lambda n: isinstance(n, (nodes.Text, nodes.math))):
        if isinstance(part, nodes.math):
            words.append(spoken(part.astext()))
        elif not isinstance(part.parent, nodes.math) and not is_bare_reference(part.parent.parent):
            words.append(part.astext())
    return " ".join("".join(words).split())


def is_bare_reference(node):
    """Whether a reference shows no words of its author's, but a label in their place."""
    return isinstance(node, addnodes.pending_xref) and not node.get("refexplicit")


def is_silent(node):
    return isinstance(node, WORDLESS) or is_bare_reference(node) or bool(LINES.intersection(node.get("classes", ())))


def sentence_around(node):
    """The paragraph in which a word is defined."""
    while node.parent is not None and not isinstance(node, (nodes.paragraph, nodes.list_item, nodes.term)):
        node = node.parent
    return plain(node)


class Reader:
    """Goes through a page and gathers its places: dictionaries of kind, id, title, label and words."""

    def __init__(self, document):
        self.places = []
        for child in document.children:
            self.read(child, [], "")

    def place(self, kind, anchor, title, label=""):
        made = {"kind": kind, "id": anchor, "title": " ".join(title.split()), "label": label, "words": []}
        self.places.append(made)
        return made["words"]

    def read(self, node, words, heading):
        """Add what a node says to the list `words` of the place around it, and a place for each thing to be found."""
        if isinstance(node, nodes.Text):
            words.append(node.astext())
        elif isinstance(node, nodes.math):
            words.append(spoken(node.astext()))
        elif isinstance(node, nodes.math_block):
            said = spoken(node.astext())
            words.append(f" {said} ")
            if (node.get("label") or "").startswith(("eq-", "no-", "def-")):
                self.place("equation", f"equation-{node['label']}", heading, node["label"]).append(said)
        elif isinstance(node, nodes.Element) and not is_silent(node):
            children, words, heading = self.enter(node, words, heading)
            for child in children:
                self.read(child, words, heading)
            if not isinstance(node, nodes.Inline):
                words.append(" ")

    def enter(self, node, words, heading):
        """(the children to read, the words and the heading that they go to) of a node."""
        if isinstance(node, nodes.section) and isinstance(node[0], nodes.title):
            heading = plain(node[0])
            return node[1:], self.place("section", node["ids"][0], heading), heading
        if node.get("realtype", "proof") != "proof" and node["label"]:
            heading = node["title"].strip().removeprefix("(").removesuffix(")") or heading
            return node[1:], self.place(node["realtype"], node["label"], heading, node["label"]), heading
        if isinstance(node, (exercise_node, exercise_enumerable_node)):
            title = plain(node[0]) if isinstance(node[0], nodes.title) else ""
            heading = title.removeprefix("Exercise").strip(" ()") or heading
            return node[1:], self.place("exercise", node["label"], heading, node["label"]), heading
        if isinstance(node, nodes.figure) and node["ids"]:
            caption = next(node.findall(nodes.caption), None)
            said = plain(caption) if caption is not None else ""
            self.place("figure", node["ids"][0], said, node["ids"][0])
            return [], words, heading
        if isinstance(node, dfn):
            self.place("term", node["ids"][0], node["entry"]).append(sentence_around(node))
        if isinstance(node, nodes.container) and node.get("nb_element") == "cell_code_source":
            return [], words, heading
        return node.children, words, heading


class Places(EnvironmentCollector):
    """Keep each page's places with Sphinx's state."""

    def clear_doc(self, app, env, docname):
        store(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        store(env).update({name: found for name, found in store(other).items() if name in docnames})

    def process_doc(self, app, doctree):
        docname = app.env.docname
        if docname not in LEFT_OUT and app.env.metadata[docname].get("status") != "stub":
            found = Reader(doctree).places
            for place in found:
                place["words"] = " ".join("".join(place["words"]).split())
            store(app.env)[docname] = found


def store(env):
    if not hasattr(env, "mld_places"):
        env.mld_places = {}
    return env.mld_places


def number(env, docname, place):
    """What a place is called by its number, "Theorem 5.3" or "(5.38)"; "" for one that has none."""
    kind, numbered = place["kind"], env.toc_fignumbers.get(docname, {})
    if kind == "section":
        numbers = env.toc_secnumbers.get(docname, {}).get(f"#{place['id']}") or ()
        return f"Section {'.'.join(map(str, numbers))}" if len(numbers) > 1 else ""
    if kind == "equation":
        numbers = numbered.get("displaymath", {}).get(place["id"])
        return f"({'.'.join(map(str, numbers))})" if numbers else ""
    numbers = numbered.get(kind, {}).get(place["label"])
    word = "Fig." if kind == "figure" else kind.capitalize()
    return f"{word} {'.'.join(map(str, numbers))}" if numbers else ""


def chapter_of(env, docname):
    """A page as a hit names it: "5 Linear regression"."""
    numbers = env.toc_secnumbers.get(docname, {}).get("", ())
    return " ".join([*map(str, numbers[:1]), env.titles[docname].astext()])


def data(app, env):
    """The places as a script that calls `mldPlaces` with the pages and, place by place, what is known of it."""
    pages = [[docname, chapter_of(env, docname)] for docname in sorted(store(env))]
    found = [
        [i, place["kind"], place["id"], number(env, docname, place), place["title"], place["words"]]
        for i, (docname, _) in enumerate(pages)
        for place in store(env)[docname]
    ]
    text = json.dumps([pages, found], ensure_ascii=False, separators=(",", ":"))
    return {"_static/places.js": f"mldPlaces({text});\n"}


# The index of terms ------------------------------------------------------------------------------------------------


class term_index(nodes.General, nodes.Element):
    """Stands for the index of terms until all pages have been read."""


class IndexDirective(SphinxDirective):
    """`{term-index}`: the words that the book defines and the results that have names, with their places."""

    def run(self):
        self.env.mld_index_doc = self.env.docname
        return [term_index()]


def entries(env):
    """{entry: [(docname, place), …]}: words that are defined, named definitions, results and algorithms.

    One entry for all that differ in capitals or hyphens; it begins with a small letter if one of them does.
    """
    found, shown = {}, {}
    for docname in sorted(store(env)):
        for place in store(env)[docname]:
            if (
                place["kind"] not in ("section", "equation", "figure", "exercise", "example", "remark")
                and place["title"]
            ):
                key = sort_key(place["title"])[0]
                shown[key] = max(shown.get(key, ""), place["title"])  # small letters come after capitals
                found.setdefault(key, []).append((docname, place))
    return {shown[key]: places for key, places in found.items()}


def sort_key(text):
    """Alphabetical order that knows no accents, no case, no hyphens and no article in front."""
    bare = unicodedata.normalize("NFKD", text.lower())
    return re.sub(r"^(an?|the) ", "", re.sub(r"[^a-z0-9 ]", "", bare.replace("-", " "))), text


class FillIndex(SphinxPostTransform):
    default_priority = 5

    def run(self, **kwargs):
        for node in list(self.document.findall(term_index)):
            whole = nodes.container(classes=["term-index"])
            listed, letter = entries(self.env), ""
            for entry in sorted(listed, key=sort_key):
                first = (sort_key(entry)[0][:1] or "?").upper()
                if first != letter:
                    letter = first
                    items = nodes.bullet_list()
                    whole += [nodes.rubric("", letter), items]
                items += nodes.list_item("", nodes.paragraph("", entry, *self.links(listed[entry])))
            node.replace_self(whole)

    def links(self, found):
        for docname, place in found:
            uri = f"{self.app.builder.get_relative_uri(self.env.docname, docname)}#{place['id']}"
            shown = number(self.env, docname, place) or f"chapter {chapter_of(self.env, docname).split()[0]}"
            yield nodes.Text(" ")
            yield nodes.reference("", shown, refuri=uri, internal=True)


def shows(app, env):
    """The index of terms shows every entry, with the places that it leads to and their numbers."""
    listed = {
        entry: [
            (docname, place["id"], number(env, docname, place), chapter_of(env, docname)) for docname, place in found
        ]
        for entry, found in entries(env).items()
    }
    return {getattr(env, "mld_index_doc", ""): listed}


# Pages that no source stands for -----------------------------------------------------------------------------------


def pages(app):
    """The page of the search, and the one that a server shows for an address that leads nowhere."""
    yield "search", {"title": "Search"}, "search.html"
    yield "404", {"title": "Not here", "home": os.environ.get("BOOK_URL", "/").rstrip("/") + "/"}, "404.html"


def own_search(app):
    """Sphinx's index of words would be written, and loaded, in vain."""
    app.builder.search = False


def setup(app):
    app.add_node(term_index)
    app.add_directive("term-index", IndexDirective)
    app.add_post_transform(FillIndex)
    app.add_env_collector(Places)
    app.connect("builder-inited", own_search)
    app.connect("mld-shows", shows)
    app.connect("html-collect-pages", pages)
    app.connect("mld-files", data)
