"""A chapter as a notebook that reads everywhere: plain CommonMark, TeX between dollars, tables, and nothing else.

`Book(root)` reads the pages of book/ by their lines and gives each equation, box, figure, exercise and section the
number that the site gives it; `notebook(page)` writes a page's cells with every directive, role, label and reference
put into words. Boxes become titled quotes; a display stands on one line, because several programs would take the marks
of a quote, or a minus at the start of a line, for a part of the formula; solutions and boxes that go deeper become
`<details>`, whose text shows where a program does not fold. What is not understood is a fault with its line.

No site needs to be built for this: the numbers are counted here, and a test holds them equal to the site's.
"""

import html
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import nbformat
import yaml

from . import references

ADMONITIONS = ("attention", "caution", "danger", "error", "hint", "important", "note", "seealso", "tip", "warning")
DOTS = {"one": "•", "two": "••", "three": "•••"}
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}

FENCE = re.compile(r"( *)(`{3,}|:{3,})(?:\{([\w:-]+)\}|(?!`|:))(.*)")
DISPLAY = re.compile(r"( *)\$\$\s*$")
DISPLAY_END = re.compile(r" *\$\$(?:\s*\(([\w:-]+)\))?\s*$")
TARGET = re.compile(r"\(([\w:-]+)\)=\s*$")
HEADING = re.compile(r"(#{1,6})\s+(.*?)\s*$")
INLINE = re.compile(
    r"\{(?P<role>[\w:-]+)\}(?P<ticks>`+)(?P<of>.+?)(?P=ticks)(?!`)"
    r"|(?P<code>(?<!`)(?P<fence>`+)(?!`).+?(?<!`)(?P=fence)(?!`))"
    r"|(?<!\\)\$(?P<math>[^$]+)\$"
    r"|(?<!!)\[(?P<text>[^\[\]]*)\]\((?P<to>[^()\s]+)\)",
    re.S,
)
NOT_PLAIN = re.compile(r"^%|^\+\+\+|^: |\]\{|\[\^|\$\$|^ *:::|\{[\w:-]+\}`", re.M)
LISTED = re.compile(r" *(?:[-*+] |\||\d+[.)] )")
MINUS = re.compile(
    r"(,\\(?:[ ;,]|q?quad ?))-"
)  # after a comma and a space a minus is a sign, for TeX, not for its heirs
CHECKED = re.compile(r"\bcheck\.\w+\(\s*[\"']((?:eq|no)-[\w-]+)[\"']")


class Untranslatable(ValueError):
    """Something on a page that has no form in plain Markdown yet, or a reference to nothing; says where."""


# ---------------------------------------------------------------------------------------------------------------------
# Reading a page


@dataclass
class Block:
    """A piece of a page: text, code, display, target, heading, cell, or a directive by its name."""

    kind: str
    line: int
    text: str = ""
    label: str = ""
    title: str = ""
    indent: str = ""
    options: dict = field(default_factory=dict)
    inside: list = field(default_factory=list)

    @property
    def classes(self):
        return str(self.options.get("class", "")).split()


def options_of(lines):
    """(options, number of lines that they take) at the head of a directive: a YAML block, or lines of `:key: value`."""
    if lines and lines[0].strip() == "---":
        stop = next(i for i, line in enumerate(lines[1:], 1) if line.strip() == "---")
        return yaml.safe_load("\n".join(lines[1:stop])) or {}, stop + 1
    count = next((i for i, line in enumerate(lines) if not re.match(r":[\w-]+:", line)), len(lines))
    return {k: v for line in lines[:count] for k, v in yaml.safe_load(line[1:].replace(":", ": ", 1)).items()}, count


def blocks(lines, first=1):
    """The blocks of some lines, the first of which has the number `first`."""
    found, text, place = [], [], 0

    def flush():
        start = next((i for i, line in enumerate(text) if line.strip()), None)
        if start is not None:
            found.append(Block("text", first + place - len(text) + start, "\n".join(text[start:]).rstrip()))
        text.clear()

    while place < len(lines):
        line, number = lines[place], first + place
        if match := DISPLAY.match(line):
            stop = next((i for i in range(place + 1, len(lines)) if DISPLAY_END.match(lines[i])), None)
            if stop is None:
                raise Untranslatable(f"{number}: a display that does not end")
            flush()
            tex = " ".join(" ".join(lines[place + 1 : stop]).split())
            label = DISPLAY_END.match(lines[stop])[1] or ""
            found.append(Block("display", number, tex, label, indent=match[1]))
            place = stop + 1
        elif match := FENCE.match(line):
            indent, ticks, name, argument = match.groups()
            ends = re.compile(rf" *{ticks[0]}{{{len(ticks)},}}\s*$")
            stop = next((i for i in range(place + 1, len(lines)) if ends.match(lines[i])), None)
            if stop is None:
                raise Untranslatable(f"{number}: a fence that does not end")
            flush()
            body = [row.removeprefix(indent) for row in lines[place + 1 : stop]]
            if name is None:
                found.append(Block("code", number, "\n".join(lines[place : stop + 1]).removeprefix(indent)))
                found[-1].indent = indent
            else:
                options, count = options_of(body)
                found.append(Block(name, number, title=argument.strip(), indent=indent, options=options))
                found[-1].label = options.get("label", "")
                if name in ("code-cell", "code-block", "raw"):
                    found[-1].text = "\n".join(body[count:]).strip("\n")
                else:
                    found[-1].inside = blocks(body[count:], number + count + 1)
            place = stop + 1
        elif match := TARGET.match(line):
            flush()
            found.append(Block("target", number, label=match[1]))
            place += 1
        elif match := HEADING.match(line):
            flush()
            found.append(Block("heading", number, match[2], title=match[1]))
            place += 1
        else:
            text.append(line)
            place += 1
    flush()
    return found


class Page:
    """A page of book/: its front matter and its blocks."""

    def __init__(self, path):
        self.path, self.stem = path, path.stem
        lines = path.read_text(encoding="utf8").split("\n")
        stop = lines.index("---", 1) if lines[0] == "---" else -1
        self.meta = yaml.safe_load("\n".join(lines[1:stop])) if stop > 0 else {}
        try:
            self.blocks = blocks(lines[stop + 1 :], stop + 2)
        except Untranslatable as fault:
            raise Untranslatable(f"{path.name}:{fault}") from None
        self.number = int(self.stem[:2]) if re.match(r"\d\d-", self.stem) else None
        self.is_notebook = any(block.kind == "code-cell" for block in self.blocks)

    def everything(self, inside=None):
        """All blocks in the order of the page, those inside others after the one that holds them."""
        for block in self.blocks if inside is None else inside:
            yield block
            yield from self.everything(block.inside)

    @cached_property
    def mentioned(self):
        """The labels to which the page refers: only these need an anchor."""
        found = set()
        for block in self.everything():
            caption = block.options.get("mystnb", {}).get("figure", {}).get("caption", "")
            for match in INLINE.finditer(f"{block.text if block.kind == 'text' else block.title}\n{caption}"):
                of = match["of"] or match["to"] or ""
                found.add(re.sub(r"(?s).*<(.+)>$", r"\1", of).removeprefix("#"))
        return found - {""}


# ---------------------------------------------------------------------------------------------------------------------
# Numbers


@dataclass
class Goal:
    """What a label names: its page, how a reference calls it, and its id on the site's page."""

    page: Page
    shown: str
    label: str
    anchor: str = ""


class Book:
    """All pages, what their labels name, and, where the site is known, its address and its wheel's."""

    def __init__(self, root, address=None, wheel=None):
        self.root, self.address, self.wheel = Path(root), address and address.rstrip("/"), wheel
        self.pages = {path.stem: Page(path) for path in sorted((self.root / "book").glob("*.md"))}
        self.goals, self.sections = {}, {}
        for page in self.pages.values():
            self.number(page)

    def number(self, page):
        """Count what bears a number, in the page's order, as Sphinx and its extensions do."""
        counts, waiting = Counter(), []

        def count(kind):
            counts[kind] += 1
            return f"{page.number}.{counts[kind]}" if page.number else str(counts[kind])

        for block in page.everything():
            kind, label = block.kind, block.label
            if kind == "display" and label:
                self.goals[label] = Goal(page, f"({count('display')})", label, f"equation-{label}")
            elif kind == "target":
                waiting.append(label)
            elif kind == "heading":
                if len(block.title) == 2 and page.number:
                    self.sections[id(block)] = count("section")
                self.goals |= {label: Goal(page, block.text, label) for label in waiting}
                block.label, waiting = next(iter(waiting), ""), []
            elif kind == "code-cell":
                if name := block.options.get("mystnb", {}).get("figure", {}).get("name"):
                    block.label = name
                    self.goals[name] = Goal(page, f"Fig. {count('figure')}", name)
            elif kind.startswith("prf:") and kind != "prf:proof":
                block.options["shown"] = f"{kind[4:].capitalize()} {count(kind)}"
                self.goals[label] = Goal(page, block.options["shown"], label)
            elif kind == "exercise":
                block.options["shown"] = f"Exercise {count(kind)}"
                self.goals[label] = Goal(page, block.options["shown"], label)

    @cached_property
    def bibliography(self):
        return references.read(self.root / "book" / "references.bib")

    def link(self, shown, goal, page):
        """A reference as a link: within the notebook, to another notebook beside it, or to the site if it is known."""
        if goal.page is page:
            return f"[{shown}](#{goal.label})"
        if self.address:
            return f"[{shown}]({self.address}/book/{goal.page.stem}.html#{goal.anchor or goal.label})".replace(
                "#)", ")"
            )
        return f"[{shown}]({goal.page.stem}.ipynb)" if goal.page.is_notebook else shown

    def notebook(self, stem):
        return Writer(self, self.pages[stem]).notebook()


# ---------------------------------------------------------------------------------------------------------------------
# Writing a page


def quote(text):
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def folded(summary, text):
    return f"<details>\n<summary>{html.escape(summary, quote=False)}</summary>\n\n{text}\n\n</details>"


def joined(words):
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


class Writer:
    """Writes one page as a notebook."""

    def __init__(self, book, page):
        self.book, self.page = book, page
        self.cited, self.fold = set(), ""

    def stop(self, line, reason):
        raise Untranslatable(f"{self.page.path.name}:{line}: {reason}")

    def anchor(self, label):
        return f'<a id="{label}"></a>' if label in self.page.mentioned else ""

    # Within a line

    def inline(self, text, line):
        """Text with its roles, links and formulas in plain Markdown."""
        if left := NOT_PLAIN.search(INLINE.sub(lambda match: "\n" * match[0].count("\n") or "…", text)):
            self.stop(line + left.string[: left.start()].count("\n"), f"“{left[0]}” has no form in plain Markdown")
        return INLINE.sub(lambda match: self.piece(match, line + text[: match.start()].count("\n")), text)

    def piece(self, match, line):
        if match["code"]:
            return match[0]
        if match["math"]:
            tight = re.match(
                r"\w", match.string[match.start() - 1 : match.start()]
            )  # VS Code wants a gap before a dollar
            return f"{' ' * bool(tight)}${tex(match['math'])}$"
        if match["to"]:
            return self.to(match["text"], match["to"], line)
        role, of = match["role"], " ".join(match["of"].split())
        shown, label = re.fullmatch(r"(?:(.+?)\s*<(.+)>|(.+))", of).group(1, 2) if of.endswith(">") else ("", of)
        if role == "dfn":
            return f"*{shown or label}*"
        if role in ("cite", "cite:p", "cite:t"):
            return self.cite(label.split(","), role == "cite:t", line)
        if role not in ("eq", "prf:ref", "numref", "ref", "borrowed"):
            self.stop(line, f"the role {{{role}}} has no form in plain Markdown")
        goal = self.goal(label, line)
        said = self.book.link(shown or goal.shown, goal, self.page)
        if role == "borrowed":
            where = "further on" if goal.page is self.page else f"in chapter {goal.page.number}"
            said += f" [proved {where}]"
        return said

    def goal(self, label, line):
        if label not in self.book.goals:
            self.stop(line, f"nothing bears the label {label}")
        return self.book.goals[label]

    def to(self, text, to, line):
        """A link of the page: to a label, to a page of the book, or out of it."""
        if re.match(r"https?://|mailto:", to):
            return f"[{text}]({to})"
        if to.endswith(".md"):
            stem = Path(to).stem
            goal = Goal(self.book.pages[stem], text, "") if stem in self.book.pages else self.goal(to, line)
        else:
            goal = self.goal(to.removeprefix("#"), line)
        return self.book.link(text or goal.shown, goal, self.page)

    def cite(self, keys, in_text, line):
        said = []
        for key in (key.strip() for key in keys):
            source = self.book.bibliography.get(key) or self.stop(line, f"no source bears the key {key}")
            self.cited.add(key)
            if in_text:
                said.append(f"{source.authors} [[{source.year}](#{key})]")
            else:
                said.append(f"[{source.authors}, {source.year}](#{key})")
        return ", ".join(said) if in_text else f"[{', '.join(said)}]"

    # Blocks

    def body(self, inside):
        return "\n\n".join(filter(None, map(self.block, inside)))

    def block(self, block):
        text = self.plain(block)
        return "\n".join((block.indent + row).rstrip() for row in text.split("\n")) if block.indent else text

    def plain(self, block):
        kind, line = block.kind, block.line
        if kind == "text":
            return self.inline(block.text, line)
        if kind == "code":
            return block.text
        if kind == "code-block":
            return f"```{block.title}\n{block.text}\n```"
        if kind == "target":  # a heading holds its own
            return ""
        if kind == "display":
            tag = f" \\tag{{{self.book.goals[block.label].shown[1:-1]}}}" if block.label else ""
            return "\n\n".join(filter(None, [self.anchor(block.label), f"$$ {tex(block.text)}{tag} $$"]))
        if kind == "heading":
            number = self.book.sections.get(id(block))
            if len(block.title) == 1 and self.page.number:
                number = self.page.number
            said = f"{block.title} {f'{number}. ' if number else ''}{self.inline(block.text, line)}"
            return "\n\n".join(filter(None, [self.anchor(block.label), said]))
        if kind == "prf:proof":
            return self.proof(block)
        if kind.startswith("prf:") or kind == "exercise":
            return self.box(block)
        if kind == "solution":
            return self.body(block.inside)
        if kind == "dropdown":
            return self.dropdown(block)
        if kind == "div":
            text = self.body(block.inside)
            return folded(f"{self.fold}, continued", text) if "in-box" in block.title.split() else text
        if kind == "admonition" or kind in ADMONITIONS:
            title = block.title if kind == "admonition" else f"{kind.capitalize()} {block.title}"
            return quote(f"**{self.inline(title.strip(), line)}**\n\n{self.body(block.inside)}")
        if kind in ("margin", "sidebar"):
            return quote(self.body(block.inside))
        return self.stop(line, f"the directive {{{kind}}} has no form in plain Markdown")

    def box(self, block):
        """A titled quote: a theorem, a definition, an exercise."""
        title = self.inline(block.title, block.line)
        notes = [title] if title else []
        notes += [dots for name, dots in DOTS.items() if name in block.classes]
        head = block.options["shown"] + (f" ({', '.join(notes)})" if notes else "")
        cited = " *Cited, not proved here.*" if "cited" in block.classes else ""
        return quote(f"{self.anchor(block.label)}**{head}**{cited}\n\n{self.body(block.inside)}")

    def proof(self, block):
        """A proof as a passage that begins with its name and ends with a square."""
        text = self.body(block.inside).removeprefix("Proof. ")
        first, last = text.partition("\n")[0], text.rpartition("\n")[2]
        begin = "\n\n" if LISTED.match(first) or first.startswith(("$$", "<", ">")) else " "
        end = "\n\n" if LISTED.match(last) or last.startswith(("$$", "<", ">", "```")) else " "
        return f"**Proof.**{begin}{text}{end}∎"

    def dropdown(self, block):
        solution = next((b for b in block.inside if b.kind == "solution"), None)
        self.fold = block.title
        if solution:
            goal = self.goal(solution.title, solution.line)
            self.fold = f"{block.title} to {goal.shown}" if block.title == "Solution" else block.title
        return folded(self.fold, self.body(block.inside))

    # Cells

    def notebook(self):
        cells, text = [], []

        def flush():
            if written := "\n\n".join(filter(None, text)):
                cells.append(nbformat.v4.new_markdown_cell(written))
            text.clear()

        for place, block in enumerate(self.page.blocks):
            if block.kind == "code-cell":
                if not self.begins_run(place):
                    text.append(self.checked(place))
                flush()
                cells.append(self.cell(block))
                text += self.figure(block)
            else:
                if block.kind == "heading":
                    flush()
                text.append(self.block(block))
                if block.kind == "heading" and len(block.title) == 1:
                    text.append(self.about())
                    flush()
                    cells.append(nbformat.v4.new_code_cell(self.first_cell()))
        flush()
        if self.cited:
            cells.append(nbformat.v4.new_markdown_cell(self.sources()))
        for number, cell in enumerate(cells, 1):
            cell["id"] = f"cell-{number:03d}"
        metadata = {"kernelspec": self.page.meta.get("kernelspec", KERNEL)}
        return nbformat.v4.new_notebook(cells=cells, metadata=metadata)

    def cell(self, block):
        """A code cell; what the page hides or folds is collapsed where the program can."""
        tags = list(block.options.get("tags", []))
        made = nbformat.v4.new_code_cell(block.text)
        if tags:
            made.metadata["tags"] = tags
        if {"hide-input", "in-box"} & set(tags):
            made.metadata["jupyter"] = {"source_hidden": True}
            made.metadata["cellView"] = "form"  # the same for Colab
        if "in-box" in tags and not block.label:
            made.metadata["jupyter"]["outputs_hidden"] = True
        return made

    def begins_run(self, place):
        """Whether a code cell follows another one, with no text between."""
        before = self.page.blocks[place - 1] if place else None
        return before is not None and before.kind == "code-cell" and not before.label

    def checked(self, place):
        """Which formulas the cells from here to the next text check: their output names them by label alone."""
        labels = []
        for block in self.page.blocks[place:]:
            if block.kind != "code-cell":
                break
            labels += CHECKED.findall(block.text)
            if block.label:
                break
        labels = [label for label in dict.fromkeys(labels) if label in self.book.goals]
        numbers = {
            word: joined([self.book.goals[label].shown for label in labels if label.startswith(start)])
            for word, start in (("Checked", "eq-"), ("Refuted", "no-"))
        }
        return " ".join(f"*{word} below: {said}.*" for word, said in numbers.items() if said)

    def figure(self, block):
        """The caption of a cell's figure, and the figure in words, for those who do not see it."""
        options = block.options.get("mystnb", {})
        caption, alt = options.get("figure", {}).get("caption"), options.get("image", {}).get("alt")
        if not caption:
            return []
        said = self.book.goals[block.label].shown if block.label else ""
        head = f"{self.anchor(block.label)}**{said}.** " if said else ""
        text = head + self.inline(" ".join(str(caption).split()), block.line)
        return [text, folded("The figure in words", " ".join(str(alt).split()))] if alt else [text]

    def about(self):
        where = f"{self.book.address}/book/{self.page.stem}.html" if self.book.address else ""
        title = "*Machine Learning, Derived*"
        return (
            f"This is chapter {self.page.number} of {f'[{title}]({where})' if where else title}; "
            "formulas, theorems and figures bear the book's numbers. "
            "A line such as `✓ eq-…` under a cell says that a labelled formula was checked, how, and which wrong forms "
            "were seen to fail. Text: CC BY 4.0; code: BSD 3-Clause."
        )

    def first_cell(self):
        """Says what to do where the companion package is missing, and nothing where it is there."""
        where = "in a cell run" if self.book.wheel else "in the folder of the book's repository run"
        package = f"mlderived[figures] @ {self.book.wheel}" if self.book.wheel else ".[figures]"
        return (
            "try:\n"
            "    import mlderived\n"
            "except ModuleNotFoundError:\n"
            "    raise ModuleNotFoundError(\n"
            f'        "The book\'s companion package is missing: {where}"\n'
            f"        '  {'%' * bool(self.book.wheel)}pip install \"{package}\"  and then this cell again.'\n"
            "    ) from None"
        )

    def sources(self):
        listed = sorted((self.book.bibliography[key] for key in self.cited), key=lambda source: source.place)
        return "## Sources\n\n" + "\n".join(f'- <a id="{s.key}"></a>{s.text}' for s in listed)


def tex(formula):
    """A formula on one line; a sign that a browser would take for the start of a tag is written as a command."""
    return re.sub(r"<(?=[A-Za-z/!?])", r"\\lt ", MINUS.sub(r"\1{-}", " ".join(formula.split())))


def filled(notebook, stored):
    """A notebook just written, with the outputs of a stored one; None if their code cells are not the same."""
    new, old = ([c for c in n.cells if c.cell_type == "code"] for n in (notebook, stored))
    if [c.source for c in new[1:]] != [c.source for c in old[1:]]:  # the first says how to get the package
        return None
    for cell, done in zip(new, old, strict=True):
        cell["outputs"], cell["execution_count"] = done["outputs"], done["execution_count"]
    return notebook
