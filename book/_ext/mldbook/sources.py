"""The bibliography's way back: after each source, links to the places of the book that cite it."""

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

from .names import CHAPTER


class CitedIn(SphinxPostTransform):
    """One link a chapter, to its first mention; other pages are named by their titles."""

    default_priority = 6  # once sphinxcontrib-bibtex has set the entries
    formats = ("html",)

    def run(self, **kwargs):
        cite = self.env.get_domain("cite")
        keys = {citation.citation_id: citation.key for citation in cite.citations}
        for entry in self.document.findall(nodes.citation):
            places = first_places(cite.citation_refs, keys.get(entry["ids"][0] if entry["ids"] else ""))
            if places:
                entry[-1] += nodes.inline("", " Cited in ", *self.links(places), nodes.Text("."), classes=["cited-in"])

    def links(self, places):
        made = []
        for ref in places:
            address = self.app.builder.get_relative_uri(self.env.docname, ref.docname)
            link = nodes.reference("", self.name(ref.docname), refuri=f"{address}#{ref.citation_ref_id}", internal=True)
            made += [nodes.Text(", "), link] if made else [link]
        return made

    def name(self, docname):
        chapter = CHAPTER.search(docname)
        return f"chapter {int(chapter[1])}" if chapter else self.env.titles[docname].astext()


def first_places(refs, key):
    """The first mention of a source on each page, pages in the order of the book's files."""
    places = {}
    for ref in sorted(refs, key=lambda ref: (ref.docname, ref.line)):
        if any(target.key == key for target in ref.targets):
            places.setdefault(ref.docname, ref)
    return list(places.values())


def always(app, env):
    """What cites a source may have changed on any page: the bibliographies are written anew."""
    return {key.docname for key in env.get_domain("cite").bibliographies}


def setup(app):
    app.add_post_transform(CitedIn)
    app.connect("env-updated", always)
