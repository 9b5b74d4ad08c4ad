"""What a page's outputs depend on: the modules that its cells import, by whatever way, the pins, the Python."""

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook import closure  # noqa: E402
from mldbook.plain import Book  # noqa: E402

WRITTEN = sorted(path for path in (ROOT / "book").glob("[0-9]*.md") if "{code-cell}" in path.read_text(encoding="utf8"))
MODULES = {
    "__init__": "",
    "a": "from .b import f",
    "b": "def f():\n    from mlderived import c",
    "c": "",
    "d": "from . import c",
    "datasets": "",
}
PAGE = """# Title

```{code-cell} ipython3
:tags: [hide-input]

import numpy as np
from mlderived.{name} import x
```
"""


@pytest.fixture
def root(tmp_path):
    package = tmp_path / "code" / "mlderived"
    (package / "data").mkdir(parents=True)
    (package / "data" / "x.csv").write_text("1\n")
    for name, text in MODULES.items():
        (package / f"{name}.py").write_text(text)
    (tmp_path / "book").mkdir()
    (tmp_path / "requirements.txt").write_text("numpy==1.0\nSphinx==7.0\n")
    for name in MODULES:
        (tmp_path / "book" / f"01-{name}.md").write_text(PAGE.replace("{name}", name))
    return tmp_path


def paths(root):
    return {name: closure.cache_path(root, root / "book" / f"01-{name}.md") for name in MODULES}


def changed(root, file, text):
    """The pages of the modules whose cache is another after a file has been written."""
    before = paths(root)
    (root / file).write_text(text)
    after = paths(root)
    return {name for name in MODULES if before[name] != after[name]}


@pytest.mark.parametrize(
    ("file", "pages"),
    [
        ("code/mlderived/a.py", {"a"}),
        ("code/mlderived/c.py", {"a", "b", "c", "d"}),
        ("code/mlderived/__init__.py", set(MODULES)),
        ("code/mlderived/data/x.csv", {"datasets"}),
        ("code/mlderived/unused.py", set()),
    ],
)
def test_a_comment_in_a_module_concerns_the_pages_that_import_it(root, file, pages):
    assert changed(root, file, "# a comment\n" if file.endswith("py") else "2\n") == pages


def test_pins_with_which_cells_run_concern_all_pages_and_others_none(root):
    assert changed(root, "requirements.txt", "numpy==1.1\nSphinx==7.0\n") == set(MODULES)
    assert changed(root, "requirements.txt", "numpy==1.1\nSphinx==7.1\n") == set()
    assert changed(root, "constraints.txt", "Pillow==1\n") == set(MODULES)


def test_the_python_concerns_all_pages(root, monkeypatch):
    before = paths(root)
    monkeypatch.setattr(closure, "sys", SimpleNamespace(version_info=(3, 99, 0)))
    assert not set(before.values()) & set(paths(root).values())


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import mlderived.a as a\nfrom mlderived.b import g\nfrom mlderived import c", {"a", "b", "c"}),
        ("import mlderived\nmlderived.a.f()", {"*"}),
        ("import mlderived.a", {"*"}),
        ("import numpy, mlderivedx.a as a", set()),
    ],
)
def test_imports_in_all_their_forms(source, names):
    assert closure.imported_modules(source) == names


def test_a_page_that_takes_the_package_whole_or_is_no_python_rests_on_all_of_it(root):
    for code in ("import mlderived\n", "%matplotlib inline\n"):
        page = PAGE.replace("from mlderived.{name} import x\n", code)
        assert {path.stem for path in closure.page_files(root, page)} == {*MODULES, "x"}


@pytest.mark.parametrize("page", WRITTEN, ids=lambda path: path.stem)
def test_the_cells_are_those_that_the_notebook_has(page):
    cells = [cell.source.strip() for cell in Book(ROOT).notebook(page.stem).cells[1:] if cell.cell_type == "code"][1:]
    assert [code.strip() for code in closure.cells_of(page.read_text(encoding="utf8"))] == cells


def test_old_caches_go_and_the_last_two_stay(root):
    page = root / "book" / "01-a.md"
    for i in range(4):
        (root / "code" / "mlderived" / "a.py").write_text(f"# {i}\n")
        closure.cache_path(root, page).mkdir(parents=True)
    present = closure.cache_path(root, page)
    (root / "_build" / "executed" / "07-gone" / "x").mkdir(parents=True)
    closure.prune(root, [page])
    assert [folder.name for folder in (root / "_build" / "executed").iterdir()] == ["01-a"]
    left = list((root / "_build" / "executed" / "01-a").iterdir())
    assert len(left) == 2
    assert present in left
