"""Run the chapters and keep notebooks/ equal to them.

    python tools/notebooks.py run      execute every chapter, on all cores, into the cache that the site's build reads
    python tools/notebooks.py write    the same, then write notebooks/*.ipynb: plain Markdown, text outputs
    python tools/notebooks.py check    say what in notebooks/ differs from book/; exit 1 if anything does

An optional chapter number (05) restricts each to one chapter. The cache's folder is named after the companion package
and the pinned versions, so that nothing stale is ever shown.
"""

import argparse
import logging
import re
import sys
import time
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook.execution import cache_path  # noqa: E402
from mldbook.plain import Book, Untranslatable, filled  # noqa: E402

TEXT_TYPES = ("text/plain",)
EXCEPTION = re.compile(r"\w[\w.]*(Error|Failed|Exception|Warning|Interrupt)\b")
TIMEOUT = 300  # seconds for one cell


def sources(root=ROOT, chapter=None):
    """The pages of book/ that hold code cells, in order; `chapter` ("05") picks one."""
    pages = [p for p in sorted((root / "book").glob("*.md")) if "{code-cell}" in p.read_text(encoding="utf8")]
    return [p for p in pages if chapter is None or p.name.startswith(f"{int(chapter):02d}-")]


def execute(pages, root=ROOT):
    """Execute the pages that the cache does not hold yet, in parallel; return {page: message} of those that failed.

    A page that cannot be read stops the rest: its message says where.
    """
    import os
    from multiprocessing import log_to_stderr

    from jupyter_cache import get_cache
    from jupyter_cache.executors import load_executor
    from jupyter_cache.readers import NbReadError

    os.environ.pop("MPLBACKEND", None)  # a backend that shows nothing would be cached as a page without figures
    cache = get_cache(cache_path(root))
    for record in cache.list_project_records():  # what an earlier run asked for
        cache.remove_nb_from_project(record.pk)
    for page in pages:
        cache.add_nb_to_project(str(page), read_data={"name": "myst_nb_md", "type": "plugin"})
    unreadable = {}
    for record in cache.list_project_records():
        try:
            cache.get_project_notebook(record.pk)
        except NbReadError as error:
            unreadable[Path(record.uri)] = f"NbReadError: {error}"
    if unreadable:
        return unreadable
    waiting = cache.list_unexecuted()
    if waiting:
        names = ", ".join(Path(record.uri).stem for record in waiting)
        print(f"executing {len(waiting)} of {len(pages)} pages: {names}", flush=True)
        log_to_stderr(logging.CRITICAL)
        executor = load_executor("local-parallel", cache, logger=logging.getLogger("jupyter_cache"))
        start = time.monotonic()
        executor.run_and_cache(timeout=TIMEOUT)
        print(f"executed in {time.monotonic() - start:.0f} s", flush=True)
    failed = {}
    for record in cache.list_project_records():
        if record.traceback or cache.get_cached_project_nb(record.uri) is None:
            failed[Path(record.uri)] = (record.traceback or "no result").strip()
    return failed


def last_words(traceback):
    """(the exception's message in one line, the cell that raised it) from the traceback that nbclient gives."""
    text = re.sub(r"\x1b\[[\d;]*m", "", traceback)
    _, rule, rest = text.partition("-" * 18 + "\n")
    cell, _, shown = rest.partition("\n" + "-" * 18)
    lines = (shown if rule else text).strip().splitlines()
    starts = [
        i for i, line in enumerate(lines) if re.match(r"\w[\w.]*(Error|Failed|Exception|Warning|Interrupt)\b", line)
    ]
    return " ".join(line.strip() for line in lines[starts[-1] if starts else -1 :]), cell


def outputs_as_text(outputs):
    """Outputs with their text alone: what nbval compares, and what git can show."""
    kept = []
    for output in outputs:
        output = nbformat.from_dict(output)
        if "data" in output:
            output["data"] = {kind: text for kind, text in output["data"].items() if kind in TEXT_TYPES}
            output["metadata"] = {}
            if not output["data"]:
                continue
        kept.append(output)
    return kept


def inputs(page, root=ROOT, book=None):
    """The notebook of a page in plain Markdown: fixed cell ids, no outputs."""
    return (book or Book(root)).notebook(page.stem)


def with_outputs(page, root=ROOT, book=None):
    """The notebook of a page with the outputs that the cache holds; its first cell, which only imports, has none."""
    from jupyter_cache import get_cache

    notebook, cache = inputs(page, root, book), get_cache(cache_path(root))
    executed = cache.get_cache_bundle(cache.get_cached_project_nb(str(page)).pk).nb
    done = [cell for cell in executed.cells if cell.cell_type == "code"]
    first, *mine = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [c.source.strip() for c in done] != [c.source.strip() for c in mine]:
        raise SystemExit(f"{page}: mldbook.plain and myst-nb read different code cells")
    first["execution_count"] = 1
    for number, (cell, run) in enumerate(zip(mine, done, strict=True), 2):
        cell["outputs"], cell["execution_count"] = outputs_as_text(run.outputs), number
        for output in cell["outputs"]:
            if "execution_count" in output:
                output["execution_count"] = number
    return notebook


def stored_at(page, root=ROOT):
    return root / "notebooks" / f"{page.stem}.ipynb"


def write(page, root=ROOT, book=None):
    target = stored_at(page, root)
    target.parent.mkdir(exist_ok=True)
    nbformat.write(with_outputs(page, root, book), target)
    return target


def renumber(page, root=ROOT, book=None):
    """Write the text of a notebook anew if another chapter's numbers moved under it; True if they did."""
    target = stored_at(page, root)
    if not target.exists() or not (faults := differences(page, root, book)):
        return False
    stored = nbformat.read(target, as_version=4)
    made = filled(inputs(page, root, book), stored) if all("source" in fault for fault in faults) else None
    if made is not None:
        nbformat.write(made, target)
    return made is not None


def differences(page, root=ROOT, book=None):
    """What in the notebook differs from its page, cell by cell, one sentence each."""
    target = stored_at(page, root)
    if not target.exists():
        return [f"{target.name}: is missing; run `make notebooks`"]
    mine, stored = inputs(page, root, book), nbformat.read(target, as_version=4)
    if len(mine.cells) != len(stored.cells):
        return [f"{target.name}: has {len(stored.cells)} cells, its page {len(mine.cells)}; run `make notebooks`"]
    return [
        f"{target.name}: cell {number}: the {what} differs from the page's; run `make notebooks`"
        for number, (a, b) in enumerate(zip(mine.cells, stored.cells, strict=True), 1)
        for what in ("cell_type", "source", "metadata")
        if a[what] != b[what]
    ]


def strays(root=ROOT):
    """Notebooks of which no page is left."""
    stems = {page.stem for page in sources(root)}
    return [
        f"{p.name}: no page of book/ has this name"
        for p in sorted((root / "notebooks").glob("*.ipynb"))
        if p.stem not in stems
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "write", "check"])
    parser.add_argument("chapter", nargs="?")
    options = parser.parse_args()
    pages = sources(chapter=options.chapter)
    if options.chapter and not pages:
        raise SystemExit(f"chapter {options.chapter}: book/ holds no such chapter with code cells")
    if options.what == "check":
        book = Book(ROOT)
        faults = [fault for page in pages for fault in differences(page, book=book)] + (
            [] if options.chapter else strays()
        )
        print("\n".join(faults) or f"notebooks/ agrees with book/: {len(pages)} pages")
        raise SystemExit(bool(faults))
    failed = execute(pages)
    for page, traceback in failed.items():
        message, cell = last_words(traceback)
        shown = "".join(f"\n    {line}" for line in cell.splitlines())
        print(f"{page.relative_to(ROOT)}: {'a cell failed: ' if cell else ''}{message}{shown}", file=sys.stderr)
    if failed:
        raise SystemExit(1)
    if options.what == "write":
        book = Book(ROOT)
        for page in pages:
            print("wrote", write(page, book=book).relative_to(ROOT))
        for page in sources():
            if page not in pages and renumber(page, book=book):
                print("wrote", stored_at(page).relative_to(ROOT), "anew: numbers of other chapters moved")


if __name__ == "__main__":
    try:
        main()
    except Untranslatable as fault:
        raise SystemExit(f"book/{fault}") from None
