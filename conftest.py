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
        seen = item.parent.__dict__.setdefault("seen", [])
        seen.append((item.test_outputs, call.duration))
        if len(seen) == sum(cell.cell_type == "code" for cell in item.parent.nb.cells):
            keep(item.path, *zip(*seen, strict=True))
    return report


def keep(notebook, outputs, seconds):
    sys.path.insert(0, str(Path(__file__).parent / "tools"))
    import notebooks

    root = notebook.parents[1]
    for page in notebooks.sources(root):
        if page.stem == notebook.stem:
            notebooks.keep_outputs(page, outputs, sum(seconds), root)
