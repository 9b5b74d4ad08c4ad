"""nbval compares the text of every output; pictures and html are left to the site's own tests."""


def pytest_collectstart(collector):
    if hasattr(collector, "skip_compare"):
        collector.skip_compare += ("text/html", "image/svg+xml", "image/png")
