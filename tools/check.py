"""One chapter, everything that keeps it true: `make check CH=05`.

Its notebook and the site are made anew; then run the tests of its module, its notebook's cells, and of the tests in a
browser those that look at its page, among them the one that runs all its cells there. The build has said what the
chapter holds beside its budget.
"""

import re
import subprocess
import sys
import time

import book
import notebooks

PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "2"]


def modules(root, number):
    """The modules of the companion package that belong to a chapter, by the first words of their docstrings."""
    texts = {path.stem: path.read_text(encoding="utf8") for path in sorted((root / "code" / "mlderived").glob("*.py"))}
    return [name for name, text in texts.items() if re.match(rf'"""Chapter {number}:', text)]


def commands(root, page):
    """What is run for a page, as lists of words."""
    tests = [f"tests/test_{name}.py" for name in modules(root, notebooks.number_of(page.stem))]
    notebook = f"notebooks/{page.stem}.ipynb"
    yield [*PYTEST, "--dist", "loadfile", "--nbval", *filter(lambda name: (root / name).exists(), tests), notebook]
    yield [*PYTEST, "--dist", "loadgroup", "tests/site", "-k", page.stem]


def main():
    chapter = "".join(sys.argv[1:])
    if not (pages := chapter.isdigit() and notebooks.sources(chapter=chapter)):
        raise SystemExit("which chapter? make check CH=05")
    start = time.monotonic()
    notebooks.main(["write", chapter])
    with notebooks.alone(book.ROOT):
        failed = book.build()
    if failed:
        raise SystemExit(failed)
    print(next(line for line in book.budgets() if line.startswith(f"  chapter {int(chapter)}:")), flush=True)
    codes = [
        subprocess.run(command, cwd=book.ROOT, check=False).returncode for command in commands(book.ROOT, pages[0])
    ]
    print(f"chapter {int(chapter)} {'fails' if any(codes) else 'holds'}: {time.monotonic() - start:.0f} s")
    raise SystemExit(any(codes))


if __name__ == "__main__":
    main()
