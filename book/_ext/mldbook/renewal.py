"""Which pages are written anew although nobody edited them: those that show what has changed elsewhere.

A page shows the numbers of formulas on other pages, what uses its theorems, the contents of the book. Sphinx knows only
that a page whose source was edited is out of date. So whatever puts something of other pages into a page answers the
event `mld-shows` with {docname: what it shows there}, as data; after each reading, when all numbers have been given,
the pages for which the answers differ from those of the last time are written anew.

Whatever the build itself is made of (this extension, the pins, what stands in book/_vendor) makes everything be read
anew (`house`); the site's look makes every page be written anew, for pages name their styles by their contents.
"""

import json
import posixpath
import shutil
from pathlib import Path

from sphinx import addnodes
from sphinx.environment.collectors import EnvironmentCollector

from .closure import digest
from .graph import loan


def files_below(root, *folders):
    """Paths and contents of all files in some folders, without what Python compiles."""
    for path in sorted(path for folder in folders for path in (Path(root) / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix()
            yield path.read_bytes()


def house(root):
    """A hash of what every page was read with."""
    pinned = [path for name in ("requirements.txt", "constraints.txt") if (path := Path(root) / name).exists()]
    return digest(*files_below(root, "book/_ext", "book/_vendor"), *(path.read_bytes() for path in pinned))


class References(EnvironmentCollector):
    """Keep with Sphinx's state what each page refers to."""

    def clear_doc(self, app, env, docname):
        store(env).pop(docname, None)

    def merge_other(self, app, env, docnames, other):
        store(env).update({name: page for name, page in store(other).items() if name in docnames})

    def process_doc(self, app, doctree):
        found = {node["of"] for node in doctree.findall(loan)}
        for node in doctree.findall(addnodes.pending_xref):
            target = node.get("reftarget") or ""
            found |= set(target.split(",")) if node.get("refdomain") == "cite" else {target}
        store(app.env)[app.env.docname] = sorted(found)


def store(env):
    if not hasattr(env, "mld_references"):
        env.mld_references = {}
    return env.mld_references


def references(app, env):
    """What each page's references say and where they lead."""
    numbered, places = {}, env.get_domain("std")
    for docname, kinds in env.toc_fignumbers.items():
        for kind, numbers in kinds.items():
            for label, number in numbers.items():
                numbered.setdefault(label, []).append((docname, kind, number))
    cited = {}
    if "cite" in env.domains:
        for citation in env.get_domain("cite").citations:
            shown = (citation.bibliography_key.docname, citation.citation_id, str(citation.formatted_entry.text))
            cited.setdefault(citation.key, []).append(shown)

    def called(target, docname):
        """All that is known under a name: a label, a formula, a numbered box or figure, a source, a page."""
        label = places.labels.get(target) or places.anonlabels.get(target)
        page = posixpath.normpath(posixpath.join(posixpath.dirname(docname), target))
        titled = env.titles.get(page.removesuffix(".md")) or env.titles.get(target)
        return (
            label and (label, env.toc_secnumbers.get(label[0], {}).get(f"#{label[1]}"), numbered.get(label[1])),
            label and env.toc_secnumbers.get(label[0], {}).get(""),
            env.get_domain("math").equations.get(target, ("",))[0],
            [numbered.get(name) for name in (target, f"equation-{target}")],
            cited.get(target),
            titled and titled.astext(),
        )

    return {docname: [called(target, docname) for target in found] for docname, found in store(env).items()}


def neighbours(app, env):
    """Each page names the pages above, before and after it."""

    def name(docname):
        return docname and (docname, env.titles[docname].astext(), env.toc_secnumbers.get(docname, {}).get(""))

    return {docname: list(map(name, around)) for docname, around in env.collect_relations().items()}


def looks(app, env):
    """Every page names the site's styles and scripts by a hash, and is laid out by its templates."""
    now = digest(*files_below(app.confdir, "book/_static", "book/_templates"))
    return dict.fromkeys(env.all_docs, now)


def renew(app, env):
    """The pages that show something else than when they were written."""
    shown = {docname: [] for docname in sorted(env.all_docs)}
    for answer in app.emit("mld-shows", env):
        for docname in answer.keys() & shown.keys():
            shown[docname].append(answer[docname])
    now = {docname: digest(json.dumps(what, default=str)) for docname, what in shown.items()}
    before = getattr(env, "mld_shown", {})
    env.mld_shown = now
    return [docname for docname in now if now[docname] != before.get(docname)]


def remove_strays(app, exception):
    """Remove what an earlier build made of pages that are gone: a server would go on showing them."""
    if exception is not None or app.builder.format != "html":
        return
    out, env = Path(app.outdir), app.env
    own = {name for found in app.emit("html-collect-pages") for name, *_ in found}
    own |= {"genindex", "search", *(index for index, *_ in app.builder.domain_indices)}
    for path in [p for p in out.rglob("*.html") if not {"_static", "reports"} & set(p.relative_to(out).parts)]:
        docname = path.relative_to(out).with_suffix("").as_posix()
        if docname not in env.all_docs and docname not in own:
            path.unlink()
            shutil.rmtree(out / "previews" / docname, ignore_errors=True)


def write_files(app, exception):
    """Write what the parts know when all has been read: they answer `mld-files` with {path in the site: text}."""
    if exception is None and app.builder.format == "html":
        for files in app.emit("mld-files", app.env):
            for path, text in files.items():
                Path(app.outdir, path).write_text(text, encoding="utf8")


def setup(app):
    app.add_event("mld-shows")
    app.add_event("mld-files")
    app.add_env_collector(References)
    app.connect("mld-shows", references)
    app.connect("mld-shows", neighbours)
    app.connect("mld-shows", looks)
    app.connect("env-get-updated", renew, priority=900)  # after numbers have been given
    app.connect("build-finished", write_files)
    app.connect("build-finished", remove_strays)
    return {"env_version": house(app.confdir)}
