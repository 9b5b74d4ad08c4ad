"""What a page's outputs depend on: its cells, the modules of the companion package that they import, the pins.

jupyter-cache keys an execution on the cells alone. So each page has a cache of its own, in a folder whose name is made
of the rest: an edited module runs the pages that import it, by whatever way, and no others.
"""

import ast
import hashlib
import re
import sys
from functools import cache
from pathlib import Path
from shutil import rmtree

PACKAGE = "mlderived"
RUNTIME = ("numpy", "scipy", "matplotlib", "pillow", "ipykernel", "ipython", "matplotlib-inline", "nbclient")
DATA = {"datasets": ("data",), "figures": ("fonts",)}  # folders that a module reads
KEPT = 2  # caches of a page: the present one, and the one that was used before it
CELL = re.compile(r"^(`{3,}|:{3,})\{code-cell\}[^\n]*\n(.*?)^\1[ \t]*$", re.M | re.S)
MAGIC = re.compile(r"^[ \t]*[%!?]", re.M)  # IPython's lines, which are no Python and may import anything
OPTIONS = re.compile(r"\A(?:---\n.*?^---[ \t]*\n|(?::[^\n]*\n)+)", re.M | re.S)


def cells_of(text):
    """The code of each cell of a page."""
    return [OPTIONS.sub("", body) for _, body in CELL.findall(text)]


@cache
def imported_modules(source):
    """Names of the mlderived modules that a piece of Python imports; "*", all, if it takes the package as a whole."""
    if "import" not in source and not MAGIC.search(source):
        return frozenset()  # most cells; to parse them all would take a second
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                head, _, rest = alias.name.partition(".")
                if head == PACKAGE:
                    names.add(rest.split(".")[0] if rest and alias.asname else "*")
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            if module.startswith(f"{PACKAGE}."):
                names.add(module.split(".")[1])
            elif module == PACKAGE or (node.level and not module):
                names |= {alias.name for alias in node.names}
            elif node.level:
                names.add(module.split(".")[0])
    return frozenset(names)


def module_files(package, names):
    """The files that importing some modules reads: these and, in turn, what they import, with their data."""
    package, found, waiting = Path(package), set(), ["__init__", *names]
    while waiting:
        name = waiting.pop()
        if name == "*":
            waiting += [path.stem for path in package.glob("*.py")]
        path = package / f"{name}.py"
        if path.exists() and path not in found:
            found.add(path)
            waiting += imported_modules(path.read_text(encoding="utf8"))
            for folder in DATA.get(name, ()):
                found.update(file for file in (package / folder).glob("*") if file.is_file())
    return found


def page_files(root, text):
    """The files of the package on which a page rests; all of it, if one of its cells is no Python (a magic)."""
    names = set()
    for source in cells_of(text):
        try:
            names |= imported_modules(source)
        except SyntaxError:
            names.add("*")
    return sorted(module_files(Path(root) / "code" / PACKAGE, names))


def pins(root):
    """The lines of the pinned versions with which a cell runs."""
    wanted = re.compile(rf"(?:{'|'.join(RUNTIME)})==.*", re.I)
    files = [Path(root) / name for name in ("requirements.txt", "constraints.txt")]
    lines = {line for path in files if path.exists() for line in path.read_text(encoding="utf8").splitlines()}
    return sorted(line for line in lines if wanted.fullmatch(line))


def digest(*parts):
    """A short hash of pieces of text or bytes."""
    made = hashlib.sha256()
    for part in parts:
        made.update((part.encode() if isinstance(part, str) else part) + b"\0")
    return made.hexdigest()[:16]


def cache_path(root, page):
    """The folder of a page's executed notebooks that fits the present package, pins and Python."""
    root, page = Path(root), Path(page)
    files = page_files(root, page.read_text(encoding="utf8"))
    held = [part for path in files for part in (path.relative_to(root).as_posix(), path.read_bytes())]
    version = ".".join(map(str, sys.version_info[:3]))
    return root / "_build" / "executed" / page.stem / digest(version, *pins(root), *held)


def prune(root, pages):
    """Remove the caches of pages that are gone, and of each page all but the newest few."""
    present = {Path(page).stem: cache_path(root, page) for page in pages}
    for folder in (Path(root) / "_build" / "executed").glob("*"):
        held = sorted(folder.glob("*"), key=lambda path: (path == present.get(folder.name), path.stat().st_mtime))
        for old in held[:-KEPT] if folder.name in present else [folder]:
            rmtree(old)
