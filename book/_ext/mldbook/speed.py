"""What others do slowly, done with the same result in less time. Each part says what it replaces.

With twenty chapters these decide whether a build takes two minutes or six.
"""

import gc
import sys
from types import SimpleNamespace


def skip_grammars():
    """jsonschema compiles 38 grammars of addresses (1.3 s a process) to check a format that no notebook has.

    To be called before anything imports jsonschema.
    """
    sys.modules.setdefault("rfc3987_syntax", None)


def skip_validation():
    """nbformat validates each cell as it is made, and all once more when the notebook is written: once is enough."""
    from nbformat.v4 import nbbase

    nbbase.validate = lambda node, ref=None: None


def read_yaml_in_c():
    """PyYAML reads the options of thousands of directives in Python, though libyaml, which it brings, is faster."""
    import yaml

    yaml.SafeLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def bare(node, children=0):
    """A copy of a node with its first children alone, and without the page around it."""
    made = node.copy()
    made += [child.deepcopy() for child in node.children[:children]]
    for part in made.findall():
        part._document = None  # a copy keeps it
    return made


def forget_pages(app, doctree):
    """sphinx_exercise keeps each exercise's node, and with it the page: all pages would be pickled with the state.

    Its title is all that is read of it later.
    """
    for entry in getattr(app.env, "sphinx_exercise_registry", {}).values():
        if entry["docname"] == app.env.docname:
            entry["node"] = bare(entry["node"], children=1)


def remember_numbered(app):
    """Sphinx loads a whole page again for each reference to one of its figures; here each is loaded once a build."""
    from docutils import nodes
    from sphinx.domains.std import StandardDomain

    known, resolve = {}, StandardDomain._resolve_numref_xref

    def get_doctree(env, docname):
        if docname not in known:
            ids = type(env).get_doctree(env, docname).ids
            kept = {id: n.deepcopy() if isinstance(n, nodes.container) else bare(n) for id, n in ids.items()}
            known[docname] = SimpleNamespace(ids=kept)
        return known[docname]

    def resolve_numref(self, env, *rest):
        env.get_doctree = lambda docname: get_doctree(env, docname)
        try:
            return resolve(self, env, *rest)
        finally:
            del env.get_doctree

    app.env.get_domain("std")._resolve_numref_xref = resolve_numref.__get__(app.env.get_domain("std"))


def setup(app):
    gc.set_threshold(200_000, 20, 100)  # a page is a hundred thousand nodes, none of which is garbage
    app.connect("doctree-read", forget_pages, priority=900)
    app.connect("builder-inited", remember_numbered)
