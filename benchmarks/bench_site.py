"""What the site's pages weigh, gzipped with all that they load, and how soon their formulas can be read.

Run `make book` first. The budget: at most 2 MB a page, formulas readable within 2 s. Fonts are counted as they are
(woff2 and woff are compressed already).
"""

import gzip
import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests" / "site"), str(ROOT / "tools")]

from conftest import FLAGS, SITE, chromium, serving  # noqa: E402
from faults import docnames, load  # noqa: E402
from playwright.sync_api import sync_playwright  # noqa: E402

RUNS = 3


def gzipped(url):
    """The bytes that a server which compresses would send for a file of the site."""
    path = SITE / urlsplit(url).path.lstrip("/")
    body = path.read_bytes()
    return len(body if path.suffix in (".woff", ".woff2", ".png") else gzip.compress(body, 6))


def weigh(browser, address):
    """(gzipped bytes, number of files, seconds until the formulas stand) of a first visit."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    tab, urls = context.new_page(), set()
    tab.on("request", lambda request: urls.add(request.url))
    start = time.perf_counter()
    load(tab, address)
    seconds = time.perf_counter() - start
    tab.wait_for_load_state("networkidle")
    context.close()
    files = [url for url in urls if url.startswith("http")]
    return sum(map(gzipped, files)), len(files), seconds


def main():
    if not (SITE / "index.html").exists():
        raise SystemExit("there is no built site: run `make book`")
    with serving(SITE) as site, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        print(f"{'page':58} {'kB gzipped':>10} {'files':>5} {'seconds':>8}")
        for name in [*docnames(ROOT), "search"]:
            runs = [weigh(browser, f"{site}/{name}.html") for _ in range(RUNS)]
            seconds = statistics.median(run[2] for run in runs)
            print(f"{name:58} {runs[0][0] / 1000:10.0f} {runs[0][1]:5d} {seconds:8.2f}")
        browser.close()


if __name__ == "__main__":
    main()
