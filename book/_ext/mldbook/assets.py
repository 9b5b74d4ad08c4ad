"""What the site serves itself, and the links that lead out of it: styles, the notebook, Binder.

Nothing is fetched by a page that is only read: fonts and styles stand in book/_vendor and book/_static. A link to
Binder exists only where the repository's address is known.
"""

import hashlib
import os
import re
import subprocess
from pathlib import Path


def repository(root):
    """(provider, "owner/name", branch) of the repository, from the environment or the git remote; None if unknown."""

    def git(*words):
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    url = os.environ.get("BOOK_REPOSITORY") or git("remote", "get-url", "origin")
    match = re.fullmatch(r"(?:https://|git@|ssh://git@)(github|gitlab)\.com[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?", url)
    if not match:
        return None
    return match[1], match[2], os.environ.get("BOOK_BRANCH") or "main"


def links(app, pagename, templatename, context, doctree):
    """Tell the page's header where its notebook lies, in the site and on Binder."""
    name = Path(pagename).name
    if context.get("mld_written") and Path(app.srcdir, "notebooks", f"{name}.ipynb").exists():
        context["mld_notebook"] = context["pathto"](f"notebooks/{name}.ipynb", 1)
        found = repository(app.srcdir)
        if found:
            provider, slug, branch = found
            where = f"gh/{slug}" if provider == "github" else f"gl/{slug.replace('/', '%2F')}"
            context["mld_binder"] = f"https://mybinder.org/v2/{where}/{branch}?urlpath=lab/tree/notebooks/{name}.ipynb"


WANTED = re.compile(
    r"(?:^|/)(?:(?:book|depths|graph)\.css|(?:book|find|graph|previews|place)\.js|live/live\.(?:css|js))$"
)


def trim(app, pagename, templatename, context, doctree):
    """Keep of all scripts and styles that the extensions add only those which this book's own layout uses."""
    for kind in ("css_files", "script_files"):
        context[kind] = [
            asset
            for asset in context[kind]
            if WANTED.search(str(getattr(asset, "filename", None) or asset).partition("?")[0])
        ]
    # myst-nb names its folds "Toggle hidden content" for screen readers, over the words that stand there; docutils
    # gives the entries of a list of sources a role that ARIA has dropped
    body = context.get("body", "").replace(' aria-label="Toggle hidden content"', "")
    context["body"] = body.replace(' role="doc-biblioentry"', ' role="listitem"')


def stamp(app, pagename, templatename, context, doctree):
    """Say in the page which source it was built from, so that a stale page can be told from a fresh one."""
    if pagename in app.env.all_docs:
        digest = hashlib.sha256(Path(app.env.doc2path(pagename)).read_bytes()).hexdigest()
        context["mld_source"] = f"sha256-{digest}"


def silence_thebe(app):
    """Jupyter Book loads sphinx-thebe whether it is wanted or not; it would declare a script twice on every page."""
    for listeners in app.events.listeners.values():
        listeners[:] = [entry for entry in listeners if not entry.handler.__module__.startswith("sphinx_thebe")]


def setup(app):
    app.connect("builder-inited", silence_thebe, priority=1)
    app.connect("html-page-context", links, priority=900)
    app.connect("html-page-context", stamp)
    app.connect("html-page-context", trim, priority=990)
