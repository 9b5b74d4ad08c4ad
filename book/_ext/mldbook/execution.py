"""Executed pages in the site's build: each page's own cache, and what makes a page out of date."""

from functools import partial
from pathlib import Path

from jupyter_cache.executors import utils
from sphinx.environment.collectors import EnvironmentCollector

from .closure import cache_path, page_files

# A kernel sends what a cell prints in pieces, cut where the clock says. The client must join them, or the outputs would
# differ from run to run; myst-nb has no setting that reaches it.
utils.executenb = partial(utils.executenb, coalesce_streams=True)


class ModuleDependencies(EnvironmentCollector):
    """Make a page out of date when a module that its cells import has changed."""

    def clear_doc(self, app, env, docname):
        pass

    def merge_other(self, app, env, docnames, other):
        pass

    def process_doc(self, app, doctree):
        docname = app.env.docname
        text = Path(app.env.doc2path(docname)).read_text(encoding="utf8")
        app.env.dependencies[docname].update(map(str, page_files(app.confdir, text)))


def use_cache(app, docname, source):
    """Point myst-nb at the page's cache; done so late that no page counts as changed by a changed setting."""
    path = str(cache_path(app.confdir, app.env.doc2path(docname)))
    app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=path)


def setup(app):
    app.add_env_collector(ModuleDependencies)
    app.connect("source-read", use_cache)
