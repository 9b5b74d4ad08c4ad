"""What all tests share: how they are spread over processes, and what nbval compares."""

import pytest


def pytest_collectstart(collector):
    """nbval compares the text of every output; pictures and html are left to the site's own tests."""
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/svg+xml", "image/png")


def pytest_collection_modifyitems(items):
    """Tests that share a fixture of their module run in one process; all others wherever there is room."""
    for item in items:
        fixtures = getattr(item, "_fixtureinfo", None)
        known = fixtures.name2fixturedefs if fixtures else {}
        shared = sorted(name for name, made in known.items() if any(one.scope == "module" for one in made))
        if shared:
            item.add_marker(pytest.mark.xdist_group(f"{item.path.stem}-{shared[0]}"))
