"""The notebooks are plain: a renderer that knows CommonMark, tables and TeX alone shows nothing that is not meant."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from markdown_it import MarkdownIt
from myst_nb.core.read import read_myst_markdown_notebook
from py_mini_racer import JSEvalException

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook import formulas, references  # noqa: E402
from mldbook.plain import Book, Untranslatable  # noqa: E402

CHAPTERS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MATH = re.compile(r"\$\$ (.+?) \$\$|\$([^$]+)\$")
LABEL = re.compile(r"\b(?:eq|no|def|thm|lem|prop|cor|alg|exm|ex|fig|sec|ch|tab)-[a-z]|\([\w-]+\)=")
BRACES = re.compile(r"[{}]|:::|^:\w+:", re.M)
PARSER = MarkdownIt("commonmark").enable("table")


@pytest.fixture(autouse=True, scope="module")
def engine_ends():
    yield
    formulas.stop()


def leftovers(source):
    """What a plain renderer would show of this Markdown and no author meant, formulas set aside."""
    for token in PARSER.parse(MATH.sub("formula", source)):
        if token.type == "fence" and token.info not in ("", "python", "bash", "text"):
            yield f"a fence of {token.info}"
        if token.type == "code_block":
            yield f"an indented passage: {token.content.splitlines()[0]}"
        if token.type == "html_block" and not re.fullmatch(
            r"<details>\n<summary>[^\n]*</summary>\n?|</details>\n?", token.content
        ):
            yield f"html: {token.content}"
        for part in token.children or ():
            if part.type == "html_inline" and not re.fullmatch(r'<a id="[\w-]+">|</a>', part.content):
                yield f"html: {part.content}"
            if part.type == "text":
                yield from (f"“{part.content}”" for sign in (LABEL, BRACES) if sign.search(part.content))
                if "$" in part.content:
                    yield f"a dollar: {part.content}"


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    return request.param.stem, nbformat.read(request.param, as_version=4)


def text(notebook):
    return "\n\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")


def test_a_plain_renderer_shows_nothing_that_is_not_meant(chapter):
    _, notebook = chapter
    found = [left for cell in notebook.cells if cell.cell_type == "markdown" for left in leftovers(cell.source)]
    assert found == []


@pytest.mark.parametrize(
    "left",
    [
        "```{prf:proof}\nx\n```",
        "see {eq}`eq-a`",
        "(sec-x)=\n# X",
        "by eq-linreg-normal",
        "$$\na\n$$ (eq-a)",
        ":::{note}\nx\n:::",
        ":label: thm-x",
        "\n    indented",
        "<div>x</div>",
        "a <span>b</span>",
        "costs $5",
    ],
)
def test_a_leftover_is_found(left):
    assert list(leftovers("A line.\n\n" + left)) != []


def test_each_link_leads_somewhere(chapter):
    stem, notebook = chapter
    written = text(notebook)
    anchors, links = re.findall(r'<a id="([^"]+)">', written), re.findall(r"\]\(([^)\s]+)\)", MATH.sub("", written))
    assert len(anchors) == len(set(anchors))
    inside = {link[1:] for link in links if link.startswith("#")}
    assert inside == set(anchors)  # none dead, and none that nobody needs
    beside = {link for link in links if link.endswith(".ipynb")}
    assert beside and all((ROOT / "notebooks" / link).exists() and Path(link).stem != stem for link in beside)


def test_each_cell_but_the_first_is_the_page_s(chapter):
    stem, notebook = chapter
    read = read_myst_markdown_notebook((ROOT / "book" / f"{stem}.md").read_text(encoding="utf8"))
    theirs = [cell.source.strip() for cell in read.cells if cell.cell_type == "code"]
    first, *ours = [cell.source.strip() for cell in notebook.cells if cell.cell_type == "code"]
    assert ours == theirs
    assert first.startswith("try:\n    import mlderived")


def sets(tex, display):
    options = {"displayMode": display, "throwOnError": True, "strict": True}
    try:
        formulas.engine().call("temml.renderToString", tex, options)
    except JSEvalException as error:
        return str(error).splitlines()[0]
    return None


def test_each_formula_is_set_without_the_help_of_the_build(chapter):
    found = {match.groups() for match in MATH.finditer(text(chapter[1]))}
    faults = [(display or inline, sets(display or inline, display is not None)) for display, inline in found]
    assert [fault for fault in faults if fault[1]] == []
    labelled = re.findall(r"^\$\$ \(", (ROOT / "book" / f"{chapter[0]}.md").read_text(encoding="utf8"), re.M)
    assert sum(display is not None for display, _ in found) >= len(labelled) > 0


def test_a_formula_that_cannot_be_set_is_noticed():
    assert sets(r"a=b \tag{1.1}", True) is None
    assert sets(r"\frac a", True) is not None
    assert sets(r"\ourown{a}", True) is not None


def test_displays_stand_on_one_line_and_formulas_close_to_their_dollars(chapter):
    """JupyterLab would take the mark of a quote for a sign; VS Code wants no space and no digit beside a dollar."""
    written = re.sub(r"(?m)^(?:> )*\$\$ .+ \$\$$", "", text(chapter[1]))
    assert "$$" not in written
    written = re.sub(r"`[^`\n]+`", "", written)
    for match in re.finditer(r"(.?)\$([^$]*)\$(.?)", written, re.S):
        assert "\n" not in match[2] and match[2] == match[2].strip(), match[0]
        assert not match[1].isalnum() and not match[3].isalnum(), match[0]


# What becomes of each form ---------------------------------------------------------------------------

BIB = """
@article{one, author = {van der Vaart, Ada}, title = {On {TeX} and $x_1$}, journal = {J}, year = 1998, pages = {1--2}}
@book{two, author = {A, B and C, D}, title = {T}, publisher = {P}, year = 2001}
@book{three, author = {A, B and C, D and E, F}, title = {U}, publisher = {P}, year = 2002}
"""
OTHER = "(ch-02)=\n# Other\n\n$$\na\n$$ (eq-other)\n\n```{code-cell} ipython3\n1\n```\n"
HEAD = "---\nkernelspec: {name: python3, display_name: Python 3, language: python}\n---\n\n(ch-01)=\n# First\n\n"


def written(tmp_path, source, **where):
    """The Markdown of a chapter's cells after those that every notebook has, with the sources."""
    (tmp_path / "book").mkdir(exist_ok=True)
    (tmp_path / "book" / "01-first.md").write_text(HEAD + source, encoding="utf8")
    (tmp_path / "book" / "02-other.md").write_text(OTHER, encoding="utf8")
    (tmp_path / "book" / "03-stub.md").write_text("---\nstatus: stub\n---\n(ch-03)=\n# Stub\n", encoding="utf8")
    (tmp_path / "book" / "references.bib").write_text(BIB, encoding="utf8")
    return [cell.source for cell in Book(tmp_path, **where).notebook("01-first").cells[2:]]


EQUATION = "$$\nx\n=y\n$$ (eq-a)\n\n"
THEOREM = "```{prf:theorem} Name\n:label: thm-a\n\nFor $a<b$\n\n" + EQUATION + "```\n"
FORMS = {
    "a display": (EQUATION + "By {eq}`eq-a`.", '<a id="eq-a"></a>\n\n$$ x =y \\tag{1.1} $$\n\nBy [(1.1)](#eq-a).'),
    "a step": ("$$\nx\n$$", "$$ x $$"),
    "a number only if labelled": ("$$\nx\n$$\n\n$$\ny\n$$ (eq-b)", "$$ x $$\n\n$$ y \\tag{1.1} $$"),
    "a theorem": (THEOREM, "> **Theorem 1.1 (Name)**\n>\n> For $a\\lt b$\n>\n> $$ x =y \\tag{1.1} $$"),
    "a theorem without proof": (
        "```{prf:lemma}\n:label: lem-a\n:class: cited\nA.\n```\n",
        "> **Lemma 1.1** *Cited, not proved here.*\n>\n> A.",
    ),
    "each kind is counted by itself": (
        "```{prf:lemma}\n:label: lem-a\nA.\n```\n" + THEOREM.replace("thm-a", "thm-b") + "{prf:ref}`thm-b`",
        '> **Lemma 1.1**\n>\n> A.\n\n> <a id="thm-b"></a>**Theorem 1.1 (Name)**\n>\n> For $a\\lt b$\n>\n'
        "> $$ x =y \\tag{1.1} $$\n\n[Theorem 1.1](#thm-b)",
    ),
    "a proof": ("```{prf:proof}\nProof. It is.\n```", "**Proof.** It is. ∎"),
    "a proof that ends with a display": ("```{prf:proof}\nIt is\n\n$$\nx\n$$\n```", "**Proof.** It is\n\n$$ x $$\n\n∎"),
    "a proof that is a list": ("```{prf:proof}\n- a\n- b\n```", "**Proof.**\n\n- a\n- b\n\n∎"),
    "an exercise": ("```{exercise}\n:label: ex-a\n:class: two\nWhy?\n```", "> **Exercise 1.1 (••)**\n>\n> Why?"),
    "a solution": (
        "```{exercise}\n:label: ex-a\nWhy?\n```\n````{dropdown} Solution\n```{solution} ex-a\nSo.\n```\n````",
        "> **Exercise 1.1**\n>\n> Why?\n\n<details>\n<summary>Solution to Exercise 1.1</summary>\n\nSo.\n\n</details>",
    ),
    "a box that folds": (
        "````{dropdown} A & B\nText.\n````",
        "<details>\n<summary>A &amp; B</summary>\n\nText.\n\n</details>",
    ),
    "an admonition": ("```{admonition} Your turn\n:class: your-turn\nGo.\n```", "> **Your turn**\n>\n> Go."),
    "a note": (":::{note}\nGo.\n:::", "> **Note**\n>\n> Go."),
    "a word that is defined": ("{dfn}`leverages <leverage>`, {dfn}`x`", "*leverages*, *x*"),
    "a section": ("(sec-a)=\n## One\n\n### Two\n\n[here](#sec-a), {ref}`sec-a`", None),
    "another chapter": (
        "{eq}`eq-other`, {borrowed}`eq-other`, [chapter 2](#ch-02), [it](02-other.md)",
        "[(2.1)](02-other.ipynb), [(2.1)](02-other.ipynb) [proved in chapter 2], [chapter 2](02-other.ipynb), "
        "[it](02-other.ipynb)",
    ),
    "further on": ("{borrowed}`eq-a`\n\n" + EQUATION, None),
    "a chapter to come": ("[chapter 3](#ch-03)", "chapter 3"),
    "out of the book": ("[a](https://e.org/x)", "[a](https://e.org/x)"),
    "code": ("`{eq}` and `$`\n\n```python\n$x {eq}`a`\n```", "`{eq}` and `$`\n\n```python\n$x {eq}`a`\n```"),
    "a formula over two lines": ("$a\n b$", "$a b$"),
    "a formula close to a word": ("Poisson$(a)$", "Poisson $(a)$"),
    "a sign after a comma": (r"$1,\ -2,\quad -b$", r"$1,\ {-}2,\quad {-}b$"),
    "a table": ("| a | b |\n| --- | --- |\n| $x$ | {dfn}`y` |", "| a | b |\n| --- | --- |\n| $x$ | *y* |"),
}


@pytest.mark.parametrize("name", [name for name, (_, wanted) in FORMS.items() if wanted])
def test_each_form_in_plain_markdown(tmp_path, name):
    source, wanted = FORMS[name]
    assert "\n\n".join(written(tmp_path, source)) == wanted


def test_sections_begin_cells_and_bear_numbers(tmp_path):
    made = written(tmp_path, FORMS["a section"][0])
    assert made == ['<a id="sec-a"></a>\n\n## 1.1. One', "### Two\n\n[here](#sec-a), [One](#sec-a)"]


def test_a_loan_says_where_it_is_paid_back(tmp_path):
    assert "[(1.1)](#eq-a) [proved further on]" in written(tmp_path, FORMS["further on"][0])[0]


def test_citations_and_their_sources(tmp_path):
    said, listed = written(tmp_path, "A {cite}`one,two`. {cite:t}`three`.")
    assert said == "A [[van der Vaart, 1998](#one), [A and C, 2001](#two)]. A *et al.* [[2002](#three)]."
    assert listed.splitlines()[0] == "## Sources"
    entries = {re.search(r'id="(\w+)"', line)[1]: line for line in listed.splitlines()[2:]}
    assert set(entries) == {"one", "two", "three"}
    assert entries["one"].endswith("Ada van der Vaart. On TeX and $x_1$. *J*, pages 1–2, 1998.")


def test_the_bibliography_of_the_book_is_read_whole():
    found = references.read(ROOT / "book" / "references.bib")
    keys = re.findall(r"(?m)^@\w+\{(.+),", (ROOT / "book" / "references.bib").read_text(encoding="utf8"))
    assert sorted(found) == sorted(keys)
    assert all(source.year in source.text for source in found.values())


def test_with_an_address_links_lead_to_the_site(tmp_path):
    source = "{eq}`eq-other`, [chapter 2](#ch-02), [it](02-other.md), [to come](#ch-03), {eq}`eq-a`\n\n" + EQUATION
    made = written(tmp_path, source, address="https://e.org/b/")[0]
    site = "https://e.org/b/book"
    assert made.startswith(
        f"[(2.1)]({site}/02-other.html#equation-eq-other), [chapter 2]({site}/02-other.html#ch-02), "
        f"[it]({site}/02-other.html), [to come]({site}/03-stub.html#ch-03), [(1.1)](#eq-a)"
    )


CELLS = f"""
```{{code-cell}} ipython3
---
tags: [hide-input]
mystnb:
  figure: {{name: fig-a, caption: "What $x$ does, {{eq}}`eq-other`."}}
  image: {{alt: A line.}}
---
1
```

{{numref}}`fig-a`

{EQUATION}
$$
f
$$ (no-b)

```{{code-cell}} ipython3
check.equal("eq-a", 1, 1)
```

```{{code-cell}} ipython3
:tags: [in-box]

check.refuted(
    "no-b", 1)
```

```{{div}} in-box
More.
```
"""


def test_cells_their_captions_and_what_they_check(tmp_path):
    (tmp_path / "book").mkdir()
    written(tmp_path, "```{dropdown} Deeper\nText.\n```\n" + CELLS)
    notebook = Book(tmp_path).notebook("01-first")
    assert [(cell.cell_type, cell.id) for cell in notebook.cells[2:5]] == [
        ("markdown", "cell-003"),
        ("code", "cell-004"),
        ("markdown", "cell-005"),
    ]
    figure, between, equal, refuted, after = notebook.cells[3:]
    assert between.source == (
        '<a id="fig-a"></a>**Fig. 1.1.** What $x$ does, [(2.1)](02-other.ipynb).\n\n'
        "<details>\n<summary>The figure in words</summary>\n\nA line.\n\n</details>\n\n[Fig. 1.1](#fig-a)\n\n"
        "$$ x =y \\tag{1.1} $$\n\n$$ f \\tag{1.2} $$\n\n*Checked below: (1.1).* *Refuted below: (1.2).*"
    )
    assert (figure.source, equal.source) == ("1", 'check.equal("eq-a", 1, 1)')
    assert figure.metadata["tags"] == ["hide-input"]
    assert figure.metadata["jupyter"] == {"source_hidden": True}
    assert "jupyter" not in equal.metadata
    assert refuted.metadata["jupyter"] == {"source_hidden": True, "outputs_hidden": True}
    assert after.source == "<details>\n<summary>Deeper, continued</summary>\n\nMore.\n\n</details>"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("A.\n\n{eq}`eq-gone`", "01-first.md:10: nothing bears the label eq-gone"),
        ("[a](#gone)", "01-first.md:8: nothing bears the label gone"),
        ("{cite}`gone`", "01-first.md:8: no source bears the key gone"),
        ("A\n{abbr}`b`", "01-first.md:9: the role {abbr} has no form"),
        ("```{list-table}\n- a\n```", "01-first.md:8: the directive {list-table} has no form"),
        ("````{dropdown} A\n\nb\n\n```{tabs}\n```\n````", "01-first.md:12: the directive {tabs}"),
        ("word\n: meaning", "01-first.md:9: “: ” has no form"),
        ("[x]{#a}", "01-first.md:8: “]{” has no form"),
        ("a[^1]", "01-first.md:8: “[^” has no form"),
        ("$$\nx", "01-first.md:8: a display that does not end"),
        ("```{note}\nx", "01-first.md:8: a fence that does not end"),
    ],
)
def test_what_has_no_plain_form_is_a_fault_with_its_line(tmp_path, source, said):
    with pytest.raises(Untranslatable, match="^" + re.escape(said)):
        written(tmp_path, source)


# The first cell --------------------------------------------------------------------------------------


@pytest.fixture(params=[{}, {"address": "https://e.org", "wheel": "https://e.org/live/mlderived-1-py3-none-any.whl"}])
def first(request, tmp_path):
    written(tmp_path, "A.")
    return Book(tmp_path, **request.param).notebook("01-first").cells[1].source, request.param


def run(source):
    return subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, check=False)


def test_the_first_cell_is_silent_where_the_package_is_there(first):
    done = run(first[0])
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_first_cell_says_in_one_sentence_how_to_get_the_package(first):
    source, where = first
    done = run(f"import sys; sys.modules['mlderived'] = None\n{source}")
    last = done.stderr.splitlines()[-1]
    assert done.returncode == 1
    assert last.startswith("ModuleNotFoundError: The book's companion package is missing: ")
    command = f'%pip install "mlderived[figures] @ {where["wheel"]}"' if where else 'pip install ".[figures]"'
    assert command in last
    assert ("http" in last) == bool(where)  # no address is made up
    assert "During handling" not in done.stderr
