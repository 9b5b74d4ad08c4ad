"""Run the chapters and keep notebooks/ equal to them.

    python tools/notebooks.py run      execute every chapter, on all cores, into the cache that the site's build reads
    python tools/notebooks.py write    the same, then write notebooks/*.ipynb: plain Markdown, text outputs
    python tools/notebooks.py check    say what in notebooks/ differs from book/; exit 1 if anything does

Executed is what the cache does not hold: a chapter whose cells have changed, or a module that they import, or the pins
(`mldbook.closure`). With a chapter's number (05) only its notebook is written, and those of the chapters that had to be
executed with it.
"""

import argparse
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook.speed import read_yaml_in_c, skip_grammars, skip_validation  # noqa: E402

skip_grammars()  # before anything imports nbformat
skip_validation()
read_yaml_in_c()

import nbformat  # noqa: E402
from lock import alone  # noqa: E402
from mldbook.closure import cache_path, prune  # noqa: E402
from mldbook.names import CHAPTER, COLOUR, last_message, number_of  # noqa: E402
from mldbook.plain import Book, Untranslatable, filled  # noqa: E402

TEXT_TYPES = ("text/plain",)
TIMEOUT = 300  # seconds for one cell
VERSIONS = 4  # of a page, that its cache holds


def sources(root=ROOT, chapter=None):
    """The pages of book/ that hold code cells, in order; `chapter` ("05") picks one."""
    pages = [p for p in sorted((root / "book").glob("*.md")) if "{code-cell}" in p.read_text(encoding="utf8")]
    return [p for p in pages if chapter is None or (CHAPTER.search(p.stem) and number_of(p.stem) == int(chapter))]


def read(page):
    """The notebook of a page, as the site's build reads it."""
    from jupyter_cache.readers import get_reader

    return get_reader({"name": "myst_nb_md", "type": "plugin"})(str(page))


def held(page, root=ROOT, notebook=None):
    """(the cache, the record in it) of a page as it is now; the record is None where it has not been executed."""
    from jupyter_cache import get_cache

    cache = get_cache(cache_path(root, page))
    try:
        return cache, cache.match_cache_notebook(notebook or read(page))
    except KeyError:
        return cache, None


def executed(page, root=ROOT):
    """The executed notebook that the cache holds of a page as it is now, or None."""
    cache, record = held(page, root)
    return record and cache.get_cache_bundle(record.pk).nb


def keep(page, notebook, seconds, place):
    """Put the executed notebook of a page into the cache in the folder `place`, which was the page's when it began."""
    from jupyter_cache import get_cache
    from jupyter_cache.base import CacheBundleIn

    cache = get_cache(place)
    cache.change_cache_limit(VERSIONS)
    bundle = CacheBundleIn(notebook, str(page), data={"execution_seconds": seconds})
    cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def keep_outputs(page, sources, outputs, seconds, place):
    """The same for outputs that came from elsewhere: those of each cell of its notebook, in order, the first one's too.

    nbval runs the very cells that a page shows, in a kernel like the build's: what it has seen need not be run again.
    If the page's cells are others by now, nothing is kept.
    """
    from ipykernel.ipkernel import IPythonKernel

    notebook = read(page)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    if [cell.source for cell in cells] != list(sources[1:]):
        return
    for number, (cell, given) in enumerate(zip(cells, outputs[1:], strict=True), 1):
        counted = {"execution_count": number}
        cell["outputs"] = [nbformat.from_dict({k: counted.get(k, v) for k, v in output.items()}) for output in given]
        cell.update(counted)
    notebook.metadata["language_info"] = dict(IPythonKernel.language_info)  # what a kernel says of itself
    keep(page, notebook, seconds, place)


def run(page, notebook, root=ROOT):
    """Execute the notebook of a page into the page's cache; return None, or what went wrong."""
    from jupyter_cache.executors.utils import single_nb_execution
    from jupyter_core.utils import ensure_event_loop

    place = cache_path(root, page)  # before it runs: a module that is edited meanwhile was not the one that ran
    try:
        result = single_nb_execution(  # see mldbook.execution on streams
            notebook, str(page.parent), TIMEOUT, allow_errors=False, coalesce_streams=True
        )
    except Exception as error:  # the kernel died, or could not be started
        return f"{type(error).__name__}: {error}"
    finally:
        ensure_event_loop().close()  # this thread's own
    if result.err:
        return result.exc_string.strip()
    keep(page, notebook, result.time, place)
    return None


def execute(pages, root=ROOT):
    """Execute the pages that the cache does not hold yet, in parallel; return (those executed, {page: message} of those
    that failed).

    A page that cannot be read stops the rest: its message says where.
    """
    os.environ.pop("MPLBACKEND", None)  # a backend that shows nothing would be cached as a page without figures
    waiting, failed = {}, {}
    for page in pages:
        try:
            notebook = read(page)
        except Exception as error:
            return [], {page: f"NbReadError: {error}"}
        if held(page, root, notebook)[1] is None:
            waiting[page] = notebook
    if waiting:
        longest_first = sorted(waiting, key=lambda page: -page.stat().st_size)
        print(f"executing {len(waiting)} of {len(pages)} pages: {', '.join(p.stem for p in waiting)}", flush=True)
        start = time.monotonic()
        with ThreadPoolExecutor(os.cpu_count()) as pool:  # each thread waits for a kernel, which is a process
            said = dict(zip(longest_first, pool.map(lambda p: run(p, waiting[p], root), longest_first), strict=True))
        print(f"executed in {time.monotonic() - start:.0f} s", flush=True)
        failed = {page: said[page] for page in waiting if said[page] is not None}
    return [page for page in waiting if page not in failed], failed


def last_words(traceback):
    """(the exception's message in one line, the cell that raised it) from the traceback that nbclient gives."""
    text = COLOUR.sub("", traceback)
    _, rule, rest = text.partition("-" * 18 + "\n")
    cell, _, shown = rest.partition("\n" + "-" * 18)
    return last_message(shown if rule else text), cell


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
    notebook = inputs(page, root, book)
    done = [cell for cell in executed(page, root).cells if cell.cell_type == "code"]
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


def main(words=None, root=ROOT):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "write", "check"])
    parser.add_argument("chapter", nargs="?")
    options = parser.parse_args(words)
    pages = sources(root, options.chapter)
    if options.chapter and not pages:
        raise SystemExit(f"chapter {options.chapter}: book/ holds no such chapter with code cells")
    if options.what == "check":
        book = Book(root)
        faults = [fault for page in pages for fault in differences(page, root, book)] + (
            [] if options.chapter else strays(root)
        )
        print("\n".join(faults) or f"notebooks/ agrees with book/: {len(pages)} pages")
        raise SystemExit(bool(faults))
    every = sources(root)
    with alone(root):
        renewed, failed = execute(every, root)
    for page, traceback in failed.items():
        message, cell = last_words(traceback)
        shown = "".join(f"\n    {line}" for line in cell.splitlines())
        print(f"{page.relative_to(root)}: {'a cell failed: ' if cell else ''}{message}{shown}", file=sys.stderr)
    if options.what == "write":
        book = Book(root)
        wanted = [page for page in every if page in renewed or (page in pages and not failed)]
        for page in wanted:
            print("wrote", write(page, root, book).relative_to(root))
        for page in every:
            if page not in wanted and renumber(page, root, book):
                print("wrote", stored_at(page, root).relative_to(root), "anew: numbers of other chapters moved")
    if failed:
        raise SystemExit(1)
    prune(root, every)


if __name__ == "__main__":
    try:
        main()
    except Untranslatable as fault:
        raise SystemExit(f"book/{fault}") from None
