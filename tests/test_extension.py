"""The Sphinx extension on small books: what it links, and each fault that it must not let pass."""

import json
import pickle
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook.assets import repository  # noqa: E402
from mldbook.boxes import breakable  # noqa: E402

CONF = f"""
import sys
sys.path.insert(0, {str(ROOT / "book" / "_ext")!r})
from mldbook.speed import skip_grammars
skip_grammars()
extensions = ["mldbook.speed", "myst_nb", "sphinx_design", "sphinx_proof", "sphinx_exercise", "sphinxcontrib.bibtex",
              "mldbook.renewal", "mldbook.boxes", "mldbook.claims", "mldbook.ledger", "mldbook.execution",
              "mldbook.formulas", "mldbook.depths", "mldbook.budgets", "mldbook.graph"]
bibtex_bibfiles = ["refs.bib"]
myst_enable_extensions = ["dollarmath", "colon_fence"]
nb_execution_mode = "cache"
nb_execution_raise_on_error = False
suppress_warnings = ["mystnb.exec"]
numfig = math_numfig = True
numfig_secnum_depth = 1
root_doc = "index"
exclude_patterns = ["_build"]
html_theme = "basic"
html_math_renderer = "mathml"
"""

KERNEL = "kernelspec:\n  name: python3\n  display_name: Python 3\n  language: python\n"
HEAD = "---\nfile_format: mystnb\n" + KERNEL + "{extra}---\n\n# {title}\n\n"

CLAIM = """
```{prf:theorem} Halves
:label: thm-{name}

For all numbers
$$
2 \\cdot \\tfrac12 x = x
$$ (eq-{name})
```

```{prf:proof}
Multiply.
```
""".replace("numbers\n$$", "numbers\n\n$$")

CHECK = """
```{code-cell} ipython3
:tags: [hide-input]
import numpy as np
from mlderived import check
x = np.arange(1.0, 5.0)
check.equal("eq-{name}", 2 * (x / 2), x + 0.0, "twice the half", wrong={"a quarter": x / 2})
```
"""


def fill(text, name):
    return text.replace("{name}", name)


def good(name):
    return fill(CLAIM + CHECK, name)


# A kernel that is told to end while it writes may log, of itself, that its stream is gone: no word of the build's.
LAST_WORDS_OF_A_KERNEL = re.compile(r"ERROR:tornado[^\n]*\nTraceback[^\n]*\n(?:[ \t][^\n]*\n)*[^\n]*\n?")


class Book:
    """A small book in a folder: pages are written, built in a process of its own, and looked at."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "conf.py").write_text(CONF)
        (folder / "refs.bib").write_text(
            "@book{euclid, author={Euclid}, title={Elements}, publisher={Ratdolt}, address={Venice}, year={1482}}\n"
        )

    def page(self, name, text, extra=""):
        path = self.folder / f"{name}.md"
        path.parent.mkdir(exist_ok=True)
        title, plain = name.split("/")[-1], f"---\n{extra}---\n\n" if extra else ""
        if "{code-cell}" in text:
            path.write_text(HEAD.format(title=title, extra=extra) + text)
        else:  # a page without a kernel's name has none started
            path.write_text(f"{plain}\n# {title}\n\n{text}")
        return path

    def index(self, extra=""):
        pages = sorted(p.relative_to(self.folder).with_suffix("").as_posix() for p in self.folder.glob("book/*.md"))
        toc = "```{toctree}\n:numbered:\n\n" + "\n".join(pages) + "\n```\n"
        (self.folder / "index.md").write_text(f"# Index\n\n{extra}\n\n{toc}")

    def build(self):
        command = [sys.executable, "-m", "sphinx", "-b", "html", "-d", "_build/trees", ".", "_build/html"]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)
        said = re.sub(r"\x1b\[[\d;]*m", "", done.stderr)
        return done.returncode, LAST_WORDS_OF_A_KERNEL.sub("", said), done.stdout

    def html(self, name):
        return BeautifulSoup((self.folder / "_build" / "html" / f"{name}.html").read_text(), "html.parser")

    def ledger(self):
        return json.loads((self.folder / "_build" / "html" / "ledger.json").read_text())


FIGURE = """
```{code-cell} ipython3
{options}import matplotlib
matplotlib.use("module://matplotlib_inline.backend_inline")
import matplotlib.pyplot as plt
plt.plot([1, 2])
plt.show()
```
"""

FAULTS = {  # page: (text, what the one line about it must say; None: the page is sound)
    "01-sound": (good("sound"), None),
    "02-unchecked": (fill(CLAIM, "unchecked"), "eq-unchecked: no check on this page names this claim"),
    "03-stranger": (
        good("known") + fill(CHECK, "stranger"),
        "eq-stranger: a check names this label, but no formula of the page bears it",
    ),
    "04-unlabelled": (
        good("labelled").replace("\n```\n\n```{prf:proof}", "\n\nand\n\n$$\nx = x\n$$\n```\n\n```{prf:proof}"),
        "thm-labelled: a display in this theorem bears no label",
    ),
    "05-no-alt": (
        FIGURE.replace("{options}", "---\nmystnb:\n  figure:\n    caption: Two points.\n---\n"),
        "figure: has no alt text",
    ),
    "06-no-caption": (
        FIGURE.replace("{options}", "---\nmystnb:\n  image:\n    alt: A line from 1 to 2.\n---\n"),
        "figure: has no caption",
    ),
    "07-html-no-alt": (
        "```{code-cell} ipython3\nfrom IPython.display import HTML\nHTML('<img src=\"x.png\">')\n```\n",
        "figure: an image in this cell's html has no alt text",
    ),
    "08-decimal": ("The slope is $0.947$ and not 1.\n", "0.947: this decimal is pinned by no quoted check"),
    "09-failed": (
        fill(CLAIM, "failed") + "\n```{code-cell} ipython3\nraise KeyError('no such thing')\n```\n\nAnd 0.5 of it.\n",
        "cell 2: failed: KeyError: 'no such thing'",
    ),
    "10-wrong-claim": (
        good("wrong").replace("x + 0.0", "x + 1.0"),
        "cell 2: failed: CheckFailed: eq-wrong",
    ),
    "11-unproved": (
        good("unproved").replace("```{prf:proof}\nMultiply.\n```\n", ""),
        "thm-unproved: is neither proved nor cited",
    ),
    "12-cites-nothing": (
        good("cites").replace(":label: thm-cites", ":label: thm-cites\n:class: cited"),
        "thm-cites: is marked as cited, but cites no source",
    ),
    "13-forged": (
        fill(CLAIM, "forged")
        + '\n```{code-cell} ipython3\nprint("✓ eq-" + "forged: all well (equal, rtol 1e-10); fails with a lie")\n```\n',
        "eq-forged: no check on this page names this claim",
    ),
    "14-stray": ("The sum\n$$\nx + y\n$$\nis displayed.\n", "$: a dollar sign is left over"),
    "15-lost-cell": ("Text.\n\n```{code-cell} ipython3\n:tags: [in-box]\n1 + 1\n```\n", "in-box: no dropdown stands"),
    "16-no-alt-image": ("![](x.png)\n", "book/x.png: has no alt text"),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    book = Book(tmp_path_factory.mktemp("broken"))
    (book.folder / "book").mkdir()
    (book.folder / "book" / "x.png").write_bytes(b"")
    for name, (text, _) in FAULTS.items():
        book.page(f"book/{name}", text)
    book.page("book/17-pinned", "The slope is $0.947$, or 0.25 of it.\n" + PINNED, 'quoted-allow: ["0.25"]\n')
    book.index()
    return book.build()


PINNED = '\n```{code-cell} ipython3\nfrom mlderived import check\ncheck.quoted("0.947", 0.94712)\n```\n'


@pytest.mark.parametrize("name", FAULTS)
def test_each_fault_is_one_line_that_names_file_place_and_reason(broken, name):
    code, said, _ = broken
    lines = [line for line in said.splitlines() if line.startswith(f"book/{name}.md:")]
    reason = FAULTS[name][1]
    assert code != 0
    if reason is None:
        assert lines == []
    else:
        lines = [line for line in lines if "WARNING" not in line]
        assert len(lines) == 1
        assert re.match(rf"book/{name}\.md:\d+: {re.escape(reason)}", lines[0])


def test_a_pinned_and_an_allowed_decimal_are_no_fault(broken):
    assert "17-pinned" not in broken[1]


def test_the_line_number_is_that_of_the_source(broken):
    line = int(re.search(r"book/02-unchecked\.md:(\d+):", broken[1])[1])
    text = f"\n# 02-unchecked\n\n{FAULTS['02-unchecked'][0]}".splitlines()
    assert text[line - 1].startswith(("$$", "2 \\cdot"))


@pytest.fixture
def book(tmp_path):
    made = Book(tmp_path)
    made.page("book/01-first", good("one"))
    made.page(
        "book/02-second",
        good("two")
        .replace(":label: thm-two", ":label: thm-two\n:class: cited")
        .replace("For all", "{cite}`euclid` For all")
        + "\n```{dropdown} Going deeper\nText.\n```\n\n```{code-cell} ipython3\n:tags: [in-box]\nprint(40 + 2)\n```\n"
        + "\n```{bibliography}\n```\n",
    )
    made.page("book/ledger", "```{ledger}\n```\n")
    made.index("There are {total}`claims` claims and {total}`wrong forms` wrong forms.")
    return made


def test_links_both_ways_the_ledger_and_its_totals(book):
    code, said, _ = book.build()
    assert (code, said) == (0, "")
    page = book.html("book/01-first")
    badge = page.select_one(".claim-badge")
    target = badge.a["href"].removeprefix("#")
    line = page.find(id=target)
    assert badge.a.text == "✓ checked"
    assert page.find(id=badge.a["aria-describedby"]).text == "twice the half (equal, rtol 1e-10; a quarter fails)"
    assert line.get_text(" ", strip=True) == "✓ (1.1) twice the half equal, rtol 1e-10; a quarter fails"
    assert line.a["href"] == "#equation-eq-one"
    assert page.find(id="equation-eq-one") is not None
    rows = book.html("book/ledger").select("table.ledger tbody tr")
    assert [row.td.text.strip() for row in rows] == ["(1.1)", "(2.1)"]
    links = [a["href"] for a in rows[0].select("a")]
    assert links == ["01-first.html#equation-eq-one", "01-first.html#check-eq-one"]
    assert "There are 2 claims and 2 wrong forms." in book.html("index").text
    data = book.ledger()
    assert data["totals"]["claims"] == data["totals"]["wrong forms"] == 2
    assert data["totals"]["cited"] == 1
    first = data["chapters"][0]["claims"][0]
    assert (first["label"], first["number"], first["name"], first["box"]) == ("eq-one", "1.1", "Halves", "Theorem 1.1")
    assert first["checks"][0]["wrong_forms"] == ["a quarter"]
    assert [chapter["number"] for chapter in data["chapters"]] == [1, 2]


def test_a_false_statement_is_listed_as_refuted_and_not_as_a_claim(book):
    statement = """
$$
x^2 = x
$$ (no-square)

```{code-cell} ipython3
from mlderived import check
check.refuted("no-square", 4.0, 2.0, "x = 2", relation="equal", by=0.1, corrected={"four": 4.0 + 0})
```
"""
    book.page("book/01-first", good("one") + statement)
    assert book.build()[:2] == (0, "")
    page, data = book.html("book/01-first"), book.ledger()
    assert page.select_one(".claim-badge.refuted a").text == "✗ refuted"
    assert data["totals"]["claims"] == 2
    assert data["totals"]["refuted"] == 1
    row = book.html("book/ledger").find(id="ledger-no-square")
    assert "four holds" in row.text


def test_a_folded_box_holds_its_cell(book):
    book.build()
    box = book.html("book/02-second").select_one("details.sd-dropdown")
    assert "42" in box.select_one(".cell .cell_output").text


def test_an_incremental_build_keeps_the_ledger_right(book):
    book.build()
    book.page("book/01-first", good("one") + good("uno"))
    code, said, _ = book.build()
    assert (code, said) == (0, "")
    assert "There are 3 claims" in book.html("index").text
    assert [c["label"] for c in book.ledger()["chapters"][0]["claims"]] == ["eq-one", "eq-uno"]
    assert len(book.html("book/ledger").select("table.ledger tbody tr")) == 3
    (book.folder / "book" / "02-second.md").unlink()
    book.index("There are {total}`claims` claims and {total}`wrong forms` wrong forms.")
    assert book.build()[0] == 0
    assert "There are 2 claims" in book.html("index").text


def test_a_fault_is_reported_again_by_an_unchanged_second_build(book):
    book.page("book/01-first", fill(CLAIM, "one"))
    first, second = book.build(), book.build()
    assert first[0] != 0
    assert second[0] != 0
    assert "eq-one: no check on this page" in second[1]


def test_an_exercise_takes_no_page_into_the_state_of_the_build(book):
    exercise = "\n```{exercise} Halve\n:label: ex-one\nFind $x$.\n```\n\n```{solution} ex-one\nHere.\n```\n"
    book.page("book/03-third", exercise + "\nText.\n" * 500)
    book.index()
    assert book.build()[:2] == (0, "")
    with (book.folder / "_build" / "trees" / "environment.pickle").open("rb") as file:
        registry = pickle.load(file).sphinx_exercise_registry
    assert len(registry) == 2
    assert len(pickle.dumps(registry)) < 10_000
    titles = [
        " ".join(t.text.split()).removesuffix("#") for t in book.html("book/03-third").select("p.admonition-title")
    ]
    assert titles == ["Exercise 3.1 (Halve)", "Solution to Exercise 3.1 (Halve)"]


def test_an_edited_module_makes_the_pages_that_import_it_out_of_date(book):
    package = book.folder / "code" / "mlderived"
    package.mkdir(parents=True)
    for name in ("__init__", "check", "validation"):
        (package / f"{name}.py").write_text((ROOT / "code" / "mlderived" / f"{name}.py").read_text())
    book.build()
    assert "0 added, 0 changed" in book.build()[2]
    (package / "check.py").write_text((package / "check.py").read_text() + "\n# edited\n")
    assert "0 added, 2 changed" in book.build()[2]


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://github.com/owner/book", ("github", "owner/book", "main")),
        ("git@github.com:owner/book.git", ("github", "owner/book", "main")),
        ("https://gitlab.com/owner/book.git", ("gitlab", "owner/book", "main")),
        ("https://example.org/owner/book", None),
    ],
)
def test_the_repository_is_taken_from_the_environment_and_never_made_up(tmp_path, monkeypatch, url, found):
    monkeypatch.delenv("BOOK_REPOSITORY", raising=False)
    monkeypatch.delenv("BOOK_BRANCH", raising=False)
    assert repository(tmp_path) is None  # no remote, no address, no launch button
    monkeypatch.setenv("BOOK_REPOSITORY", url)
    assert repository(tmp_path) == found


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        ("a=b+c", ["a=b+c"]),
        (
            r"\lVert\mathbf u+\mathbf v\rVert^2=\lVert\mathbf u\rVert^2+2\mathbf u^\top\mathbf v+c\le c^2+d",
            [
                r"\lVert\mathbf u+\mathbf v\rVert^2={}",
                r"\lVert\mathbf u\rVert^2+2\mathbf u^\top\mathbf v+c\le {}",
                "c^2+d",
            ],
        ),
        # after + only where a piece would be too long; never inside brackets, never after a sign that is no operation
        (
            r"f(x+ih)=f(x)+ihf'(x)-\frac{h^2}2f''(x)-i\frac{h^3}6f'''(x)+\dots",
            ["f(x+ih)={}", "f(x)+{}", "ihf'(x)-{}", r"\frac{h^2}2f''(x)-{}", r"i\frac{h^3}6f'''(x)+{}", r"\dots"],
        ),
        (r"\sum_{i=1}^{n}(abcdefghijklm=nopqrstuvwxyz)", [r"\sum_{i=1}^{n}(abcdefghijklm=nopqrstuvwxyz)"]),
        ("abcdefghijklmn:=-abcdefghijklmn", ["abcdefghijklmn:=-abcdefghijklmn"]),
        (
            r"\begin{pmatrix}a&b\end{pmatrix}=abcdefghijklmnopqrstuvwxyz",
            [r"\begin{pmatrix}a&b\end{pmatrix}=abcdefghijklmnopqrstuvwxyz"],
        ),
    ],
)
def test_long_formulas_of_a_line_break_after_relations(tex, pieces):
    assert breakable(tex) == pieces


def test_breaking_a_formula_loses_nothing():
    pages = (ROOT / "book").glob("0*.md")
    formulas = [
        tex for page in pages for tex in re.findall(r"(?<!\$)\$([^$\n]+)\$(?!\$)", page.read_text(encoding="utf8"))
    ]
    assert len(formulas) > 1000
    for tex in formulas:
        pieces = breakable(tex)
        assert "".join(piece.removesuffix("{}") for piece in pieces[:-1]) + pieces[-1] == tex
        assert all(piece.count("{") == piece.count("}") for piece in pieces)


def test_a_number_is_not_broken_at_its_thousands(tmp_path):
    made = Book(tmp_path)
    made.page("book/01-first", "Of 118 096 rows 3 100 are in chapter 2 012a; `118 096` is code.\n")
    made.index()
    assert made.build()[0] == 0
    text = made.html("book/01-first").select_one("section > p").text
    assert text == "Of 118\N{NO-BREAK SPACE}096 rows 3\N{NO-BREAK SPACE}100 are in chapter 2 012a; 118 096 is code."
