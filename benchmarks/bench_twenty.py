"""How long the machinery takes with twenty chapters: `python benchmarks/bench_twenty.py [number of chapters]`.

Makes a book of so many chapters in a temporary folder, by copying the written ones under other labels in place of the
stubs, and prints the times of building it from nothing, after an edit of one chapter's text, after one of its code, and
after a comment in the module of another.
"""

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "book" / "_ext"), str(ROOT / "code")]

from mldbook.closure import cells_of, imported_modules  # noqa: E402
from mldbook.names import number_of  # noqa: E402

LABEL = re.compile(r"^\(([\w-]+)\)=$|^\$\$ \(([\w-]+)\)|^:label: ([\w-]+)|^ +name: (fig-[\w-]+)", re.M)
BOX = re.compile(r"^(`{3,}|:{3,})\{prf:[^\n]*\n(.*?)^\1$", re.M | re.S)


def chapters(root):
    """(the written chapters, the stubs) in their order."""
    pages = sorted(root.glob("book/[0-9][0-9]-*.md"))
    written = [page for page in pages if "{code-cell}" in page.read_text(encoding="utf8")]
    return written, [page for page in pages if page not in written]


def modules_of(root):
    """{module: the chapter to which it belongs}."""
    texts = {path.stem: path.read_text(encoding="utf8") for path in root.glob("code/mlderived/*.py")}
    found = {name: re.match(r'"""Chapter (\d+):', text) for name, text in texts.items()}
    return {name: int(match[1]) for name, match in found.items() if match}


def copies(root):
    """Texts of further chapters, without end: all written ones under other labels, then all under yet others."""
    written, stubs = chapters(root)
    last = len(written) + len(stubs)  # what follows upon the last chapter refers to that one
    texts = {page: page.read_text(encoding="utf8") for page in written}
    labels = {
        name: number_of(page.stem)
        for page, text in texts.items()
        for match in LABEL.findall(text)
        for name in match
        if name
    }
    known = re.compile(rf"(?<![\w-])({'|'.join(sorted(labels, key=len, reverse=True))})(?![\w-])")
    home = modules_of(root)
    for shift in range(len(written), 100, len(written)):

        def rename(match, shift=shift):
            chapter = re.fullmatch(r"ch-(\d\d)", match[1])
            return f"ch-{min(int(chapter[1]) + shift, last):02d}" if chapter else f"{match[1]}-c{shift}"

        for text in texts.values():
            imported = {home[name] for cell in cells_of(text) for name in imported_modules(cell) if name in home}
            boxes = "\n".join(body for _, body in BOX.findall(text))  # what is cited elsewhere does not count as needed
            named = {labels[name] for name in known.findall(boxes)}
            named |= {labels[name] for name in known.findall(text) if name.startswith(("sec-", "ch-", "fig-"))}

            def front(match, imported=imported, named=named, shift=shift):
                numbers = {n + shift for n in map(int, re.findall(r"\d+", match[2])) if n in named}
                return f"{match[1]}: {sorted(numbers | (imported if match[1] == 'needs' else set()))}"

            made = known.sub(rename, text)
            if not re.search(r"^needs:", made, re.M):
                made = made.replace("---\n", "---\nneeds: []\n", 1)
            yield re.sub(r"^(needs|borrows): (\[.*\])$", front, made, flags=re.M)


def make(root, count):
    """A tree like this one with `count` chapters."""
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().splitlines():
        if not name.startswith("notebooks/") and (ROOT / name).exists():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, root / name)
    written, stubs = chapters(root)
    for page, text in zip(stubs[: count - len(written)], copies(root), strict=False):
        page.write_text(text, encoding="utf8")


def timed(what, root, *commands):
    """Run scripts of the tree, and print the wall time and the processor time that they took."""
    start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    for command in commands:
        done = subprocess.run([sys.executable, *command], cwd=root, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"{what}: {' '.join(command)} failed\n{done.stdout}\n{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(f"  {what:40} {time.monotonic() - start:6.0f} s, of the processor {used:6.0f} s", flush=True)


def main(count):
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        make(root, count)
        written, _ = chapters(root)
        print(f"a book of {len(written)} chapters, on {os.cpu_count()} cores")
        run, build = ["tools/notebooks.py", "run"], ["tools/book.py"]
        timed("make book, cells", root, run)
        timed("make book, site", root, build)
        page = written[-1]
        chapter = ["tools/notebooks.py", "write", f"{number_of(page.stem):02d}"]
        page.write_text(page.read_text(encoding="utf8") + "\nOne more sentence.\n", encoding="utf8")
        timed("make chapter, after an edit of its text", root, chapter, build)
        cell = "\n```{code-cell} ipython3\n:tags: [hide-input]\n\n1 + 1\n```\n"
        page.write_text(page.read_text(encoding="utf8") + cell, encoding="utf8")
        timed("make chapter, after an edit of its code", root, chapter, build)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 20)
