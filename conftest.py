"""What all tests share: how they are spread over processes, what nbval compares, and what becomes of its outputs."""

import sys
from pathlib import Path

import pytest


def pytest_collectstart(collector):
    """nbval compares the text of every output; pictures and html are left to the site's own tests."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/svg+xml", "image/png")


@pytest.hookimpl(tryfirst=True)  # before xdist looks for the groups
def pytest_collection_modifyitems(items):
    """Tests that share a fixture of their module run in one process; all others wherever there is room."""
    for item in items:
        fixtures = getattr(item, "_fixtureinfo", None)
        known = fixtures.name2fixturedefs if fixtures else {}
        shared = sorted(name for name, made in known.items() if any(one.scope == "module" for one in made))
        if shared:
            which = item.callspec.indices.get(shared[0], "") if hasattr(item, "callspec") else ""
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{shared[0]}{which}"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """When all cells of a notebook have passed, their outputs go where the site's build looks for them."""
    report = yield
    if call.when == "call" and hasattr(item, "test_outputs") and report.passed:
        if not hasattr(item.parent, "seen"):
            item.parent.seen, item.parent.kept = [], page_and_cache(item.path)
        item.parent.seen.append((item.cell.source, item.test_outputs, call.duration))
        if len(item.parent.seen) == sum(cell.cell_type == "code" for cell in item.parent.nb.cells):
            keep(*item.parent.kept, *zip(*item.parent.seen, strict=True))
    return report


def tool():
    sys.path.insert(0, str(Path(__file__).parent / "tools"))
    import notebooks

    return notebooks


def page_and_cache(notebook):
    """The page of a notebook, and where its executed form is kept as page, modules and pins are now; or Nones."""
    root = notebook.parents[1]
    pages = [page for page in tool().sources(root) if page.stem == notebook.stem]
    return (pages[0], tool().cache_path(root, pages[0])) if pages else (None, None)


def keep(page, place, sources, outputs, seconds):
    if page is not None:
        tool().keep_outputs(page, sources, outputs, sum(seconds), place)
