"""Print, for each chapter's live page: seconds until Python is ready, seconds for all cells, megabytes loaded.

Pyodide's files come from the cache of the tests, so that the network's speed does not count.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "site"), str(ROOT / "tools")]

import conftest  # noqa: E402
import pyodide_files  # noqa: E402
import test_live  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402


def main():
    runtime = pyodide_files.folder()
    print(f"{'live page':45} {'ready':>8} {'all cells':>10} {'loaded':>9}")
    with sync_playwright() as playwright, conftest.serving(conftest.SITE) as site:
        browser = playwright.chromium.launch(executable_path=conftest.chromium(), args=conftest.FLAGS)
        for name in test_live.CHAPTERS:
            with test_live.opened(browser, site, runtime, name) as (tab, _):
                test_live.begin(tab)
                begun = time.perf_counter()
                tab.get_by_role("button", name="Run all").click()
                test_live.settled(tab)
                run = time.perf_counter() - begun
                ready, size = tab.evaluate("() => [livePage.startTime, livePage.python.bytes / 1e6]")
            print(f"{name:45} {ready:6.1f} s {run:8.1f} s {size:6.1f} MB")


if __name__ == "__main__":
    main()
