"""The notebooks agree with the book, and what guards them notices a changed number, an edit, a stray, a broken cell."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import notebooks  # noqa: E402
from mldbook import downloads  # noqa: E402
from mldbook.plain import Book  # noqa: E402
from sphinx.errors import ExtensionError  # noqa: E402

PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
    format_version: 0.13
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page

```{code-cell} ipython3
:tags: [hide-input]
from mlderived import check
print("a line", 1.2345)
check.quoted("1.23", 1.2345)
```

Text, and a figure.

```{code-cell} ipython3
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
```

```{code-cell} ipython3
2 + 2
```
"""


@pytest.fixture(scope="module")
def book():
    return Book(ROOT)


@pytest.mark.parametrize("page", notebooks.sources(), ids=lambda page: page.stem)
def test_each_notebook_agrees_with_its_page(book, page):
    assert notebooks.differences(page, book=book) == []


def test_no_notebook_is_left_over():
    assert notebooks.strays() == []


@pytest.mark.parametrize("page", notebooks.sources(), ids=lambda page: page.stem)
def test_stored_notebooks_hold_text_alone(page):
    stored = nbformat.read(ROOT / "notebooks" / f"{page.stem}.ipynb", as_version=4)
    kinds = {kind for cell in stored.cells for output in cell.get("outputs", []) for kind in output.get("data", {})}
    assert kinds <= {"text/plain"}
    assert set(stored.metadata) == {"kernelspec"}


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    """A book of one page with its executed notebook, in a folder of its own."""
    root = tmp_path_factory.mktemp("small")
    (root / "book").mkdir()
    page = root / "book" / "01-page.md"
    page.write_text(PAGE)
    assert notebooks.execute([page], root) == ([page], {})
    notebooks.write(page, root)
    shutil.copy(ROOT / "conftest.py", root)
    for folder in ("tools", "book/_ext"):  # nbval hands what it has seen to the build
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture
def copy(small, tmp_path):
    return Path(shutil.copytree(small, tmp_path / "copy"))


def nbval(root):
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "notebooks"]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_a_notebook_passes_until_a_stored_number_changes_by_one_digit(copy):
    assert nbval(copy).returncode == 0
    stored = copy / "notebooks" / "01-page.ipynb"
    text = stored.read_text()
    assert "a line 1.2345" in text
    stored.write_text(text.replace("a line 1.2345", "a line 1.2346"))
    failed = nbval(copy)
    assert failed.returncode != 0
    assert "1.2346" in failed.stdout
    assert "1 failed" in failed.stdout


def test_what_nbval_has_seen_the_build_need_not_run_again(copy):
    page = copy / "book" / "01-page.md"
    before = notebooks.executed(page, copy)
    assert any("image/png" in output.get("data", {}) for cell in before.cells for output in cell.get("outputs", []))
    shutil.rmtree(copy / "_build")
    assert nbval(copy).returncode == 0
    after = notebooks.executed(page, copy)
    assert after.metadata == before.metadata
    for mine, theirs in zip(after.cells, before.cells, strict=True):
        assert {**mine, "id": ""} == {**theirs, "id": ""}  # an id is drawn at random when a page is read


def test_what_nbval_found_wrong_the_build_runs_itself(copy):
    stored = copy / "notebooks" / "01-page.ipynb"
    stored.write_text(stored.read_text().replace("a line 1.2345", "a line 1.2346"))
    shutil.rmtree(copy / "_build")
    assert nbval(copy).returncode != 0
    assert notebooks.executed(copy / "book" / "01-page.md", copy) is None


def test_what_nbval_saw_of_another_cell_is_not_shown_for_this_one(copy):
    page = copy / "book" / "01-page.md"
    shutil.rmtree(copy / "_build")
    page.write_text(PAGE.replace("2 + 2", "2 + 3"))  # the notebook still holds the old cell
    assert nbval(copy).returncode == 0
    assert notebooks.executed(page, copy) is None


def test_writing_twice_gives_the_same_bytes(copy):
    page, stored = copy / "book" / "01-page.md", copy / "notebooks" / "01-page.ipynb"
    before = stored.read_bytes()
    assert notebooks.execute([page], copy)[1] == {}
    notebooks.write(page, copy)
    assert stored.read_bytes() == before


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("2 + 2", "2 + 3", "source"),
        ("Text, and a figure.", "Text, and two figures.", "source"),
        (":tags: [hide-input]\n", "", "metadata"),
        ("```{code-cell} ipython3\n2 + 2\n```\n", "2 + 2\n", "cell_type"),
        ("```{code-cell} ipython3\n2 + 2\n```\n", "", "cells"),
    ],
)
def test_an_edit_of_the_page_without_make_notebooks_is_noticed(copy, old, new, what):
    page = copy / "book" / "01-page.md"
    assert notebooks.differences(page, copy) == []
    assert old in PAGE
    page.write_text(PAGE.replace(old, new))
    faults = notebooks.differences(page, copy)
    assert len(faults) == 1
    assert what in faults[0]
    assert "make notebooks" in faults[0]


SECOND = PAGE.replace("# A page", "# Another") + "\n(sec-b)=\n## Part\n\nBy {eq}`eq-b` of {ref}`sec-a`.\n"
NUMBERED = "(sec-a)=\n# A page\n\n$$\nx\n$$ (eq-b)\n"


@pytest.fixture
def two(copy):
    """The small book with a second page that refers to a formula of the first."""
    first, second = copy / "book" / "01-page.md", copy / "book" / "02-page.md"
    first.write_text(PAGE.replace("# A page\n", NUMBERED))
    second.write_text(SECOND)
    assert notebooks.execute([first, second], copy)[1] == {}
    for page in (first, second):
        notebooks.write(page, copy)
    return copy, first, second


def test_a_number_that_moves_in_one_chapter_is_put_right_in_the_others(two):
    root, first, second = two
    stored = nbformat.read(notebooks.stored_at(second, root), as_version=4)
    assert not notebooks.renumber(second, root)
    first.write_text(first.read_text().replace("$$\nx", "$$\nw\n$$ (eq-new)\n\n$$\nx"))
    assert len(notebooks.differences(second, root)) == 1
    assert notebooks.renumber(second, root)
    assert notebooks.differences(second, root) == []
    anew = nbformat.read(notebooks.stored_at(second, root), as_version=4)
    changed = [(a, b) for a, b in zip(stored.cells, anew.cells, strict=True) if a != b]
    assert [(a.source[-40:], b.source[-40:]) for a, b in changed] == [
        (
            "By [(1.1)](01-page.ipynb) of [A page](01-page.ipynb)."[-40:],
            "By [(1.2)](01-page.ipynb) of [A page](01-page.ipynb)."[-40:],
        )
    ]


def test_numbers_are_not_put_right_over_cells_that_have_not_run(two):
    root, _, second = two
    before = notebooks.stored_at(second, root).read_bytes()
    second.write_text(second.read_text().replace("2 + 2", "2 + 3"))
    assert not notebooks.renumber(second, root)
    assert notebooks.stored_at(second, root).read_bytes() == before


def served(root, monkeypatch, address):
    """What the site built from `root` offers for download, by name."""
    monkeypatch.setenv("BOOK_URL", address)
    app = SimpleNamespace(
        builder=SimpleNamespace(format="html"), outdir=root / "site", srcdir=root, mld_wheel="p-1.whl"
    )
    app.outdir.mkdir(exist_ok=True)
    downloads.serve(app, None)
    return {path.name: path.read_bytes() for path in sorted((app.outdir / "notebooks").iterdir())}


def test_the_site_serves_the_notebooks_and_no_others(two, monkeypatch):
    root, first, _ = two
    assert served(root, monkeypatch, "") == {p.name: p.read_bytes() for p in sorted((root / "notebooks").iterdir())}
    shutil.move(notebooks.stored_at(first, root), root)
    assert list(served(root, monkeypatch, "")) == ["02-page.ipynb"]


def test_where_the_address_is_known_the_served_notebooks_name_it_and_nothing_else_differs(two, monkeypatch):
    root, _, second = two
    made = nbformat.reads(served(root, monkeypatch, "https://e.org/b/")[f"{second.stem}.ipynb"].decode(), as_version=4)
    stored = nbformat.read(notebooks.stored_at(second, root), as_version=4)
    links = re.compile(r"\]\((?:https://e\.org/b/book/)?([\w-]+)\.(?:ipynb|html)(?:#[\w-]+)?\)")
    for a, b in zip(made.cells[2:], stored.cells[2:], strict=True):
        assert links.sub(r"](\1)", a.source) == links.sub(r"](\1)", b.source)
        assert a.get("outputs") == b.get("outputs")
    assert "https://e.org/b/book/01-page.html#equation-eq-b" in made.cells[-1].source
    assert '%pip install "mlderived[figures] @ https://e.org/b/live/p-1.whl"' in made.cells[1].source


def test_the_site_does_not_serve_outputs_of_other_cells(two, monkeypatch):
    root, first, _ = two
    first.write_text(first.read_text().replace("2 + 2", "2 + 3"))
    with pytest.raises(ExtensionError, match=r"01-page\.ipynb: its cells are not those of its page"):
        served(root, monkeypatch, "https://e.org")


def test_a_missing_and_a_left_over_notebook_are_noticed(copy):
    (copy / "notebooks" / "01-page.ipynb").rename(copy / "notebooks" / "07-other.ipynb")
    assert "is missing" in notebooks.differences(copy / "book" / "01-page.md", copy)[0]
    assert notebooks.strays(copy) == ["07-other.ipynb: no page of book/ has this name"]


def test_a_cell_that_fails_is_told_in_one_line(tmp_path):
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "01-page.md"
    page.write_text(PAGE.replace('"1.23", 1.2345', '"1.24", 1.2345'))
    _, failed = notebooks.execute([page], tmp_path)
    message, cell = notebooks.last_words(failed[page])
    assert message == "CheckFailed: quoted: the text says 1.24, but the value 1.2345 rounds to 1.23"
    assert cell.startswith("from mlderived import check")


def test_a_page_whose_cell_cannot_be_read_is_named(tmp_path):
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "01-page.md"
    page.write_text(PAGE + "\n```{code-cell} ipython3\n---\nalt: one: two\n---\n1\n```\n")
    message, cell = notebooks.last_words(notebooks.execute([page], tmp_path)[1][page])
    assert message.startswith("NbReadError")
    assert "bad YAML" in message
    assert cell == ""


def test_a_kernel_that_dies_is_named(tmp_path):
    (tmp_path / "book").mkdir()
    page = tmp_path / "book" / "01-page.md"
    page.write_text(PAGE.replace("2 + 2", "import os\nos._exit(1)"))
    _, failed = notebooks.execute([page], tmp_path)
    assert notebooks.last_words(failed[page])[0] == "DeadKernelError: Kernel died"


def test_one_chapter_is_written_with_those_that_an_edited_module_concerns(tmp_path, capsys):
    """They would else be executed one by one while the site is built."""
    package = tmp_path / "code" / "mlderived"
    package.mkdir(parents=True)
    (tmp_path / "book").mkdir()
    head, names = PAGE.partition("```{code-cell}")[0], ("validation", "validation", "resampling")
    for name in {*names}:
        (package / f"{name}.py").write_text("")
    for number, name in enumerate(names, 1):
        cell = f"```{{code-cell}} ipython3\nimport mlderived.{name} as m\nm.__name__\n```\n"
        (tmp_path / "book" / f"0{number}-page.md").write_text(head + cell)
    pages = notebooks.sources(tmp_path)
    notebooks.main(["write"], tmp_path)
    capsys.readouterr()
    (package / "validation.py").write_text("# a comment\n")
    assert [notebooks.executed(page, tmp_path) is None for page in pages] == [True, True, False]
    notebooks.main(["write", "01"], tmp_path)
    said = capsys.readouterr().out
    assert "executing 2 of 3 pages: 01-page, 02-page" in said
    assert [line for line in said.splitlines() if line.startswith("wrote")] == [
        "wrote notebooks/01-page.ipynb",
        "wrote notebooks/02-page.ipynb",
    ]
    assert all(notebooks.executed(page, tmp_path) is not None for page in pages)
