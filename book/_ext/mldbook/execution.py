"""What a page's outputs depend on: the cells, the companion package, and the pinned versions.

jupyter-cache keys an execution on the cells alone. The package's code and the pins therefore go into the name of the
cache's folder, and every page notes the modules it imports, so that an edited module runs its chapters again.
"""

import ast
import hashlib
from functools import cache, partial
from pathlib import Path

from docutils import nodes
from jupyter_cache.executors import utils
from sphinx.environment.collectors import EnvironmentCollector

PACKAGE = "mlderived"

# A kernel sends what a cell prints in pieces, cut where the clock says. The client must join them, or the outputs would
# differ from run to run; jupyter-cache has no setting that reaches it.
utils.executenb = partial(utils.executenb, coalesce_streams=True)


def fingerprint(root):
    """A short hash of the companion package and of the pinned versions under the project's root."""
    root, digest = Path(root), hashlib.sha256()
    files = [p for p in sorted((root / "code" / PACKAGE).rglob("*")) if p.is_file() and "__pycache__" not in p.parts]
    for path in [*files, *sorted(root.glob("requirements*.txt")), root / "constraints.txt"]:
        if path.exists():
            digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


def cache_path(root):
    """The folder of executed notebooks that fits the present package and pins."""
    return Path(root) / "_build" / "executed" / fingerprint(root)


def imported_modules(source):
    """Names of the mlderived modules that a piece of Python imports."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[1] for alias in node.names if alias.name.startswith(f"{PACKAGE}.")}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module.startswith(f"{PACKAGE}."):
                names.add(module.split(".")[1])
            elif module == PACKAGE or (node.level and not module):
                names |= {alias.name for alias in node.names}
            elif node.level:
                names.add(module.split(".")[0])
    return names


@cache
def module_files(package, name):
    """The files that importing mlderived.<name> reads: the module and, in turn, the modules that it imports."""
    found, waiting = set(), ["__init__", name]
    while waiting:
        path = Path(package) / f"{waiting.pop()}.py"
        if path.exists() and path not in found:
            found.add(path)
            waiting += imported_modules(path.read_text(encoding="utf8"))
            if path.stem == "datasets":
                found.update((Path(package) / "data").glob("*.csv"))
    return frozenset(found)


class ModuleDependencies(EnvironmentCollector):
    """Make a page out of date when a module that its cells import has changed."""

    def clear_doc(self, app, env, docname):
        pass

    def merge_other(self, app, env, docnames, other):
        pass

    def process_doc(self, app, doctree):
        package = Path(app.confdir) / "code" / PACKAGE
        for cell in doctree.findall(nodes.container):
            if cell.get("nb_element") != "cell_code_source":
                continue
            try:
                names = imported_modules(cell.astext())
            except SyntaxError:  # a magic or a broken cell: executing it says what is wrong
                continue
            for path in {path for name in names for path in module_files(package, name)}:
                app.env.dependencies[app.env.docname].add(str(path))


def use_cache(app):
    """Point myst-nb at the cache that fits; set after its configuration is made, so that no page counts as changed."""
    app.env.mystnb_config = app.env.mystnb_config.copy(execution_cache_path=str(cache_path(app.confdir)))


def setup(app):
    app.add_env_collector(ModuleDependencies)
    app.connect("builder-inited", use_cache, priority=900)
