"""The built site, served on this machine, and a real browser to look at it with."""

import os
import re
import shutil
import sys
import threading
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "_build" / "html"
sys.path.insert(0, str(ROOT / "tools"))

from serve import server  # noqa: E402

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]

expect.set_options(timeout=20_000)  # a busy machine is late, not wrong: what is slow is measured elsewhere


def chromium():
    """The path of an installed Chromium or Chrome; a test that cannot look must fail, not pass by."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, NAMES)), None) or (MAC if Path(MAC).exists() else None)
    if found is None:
        pytest.fail(
            "no Chromium was found: install one (apt-get install chromium, dnf install chromium, "
            "brew install --cask chromium, winget install Google.Chrome) or name it in the variable CHROMIUM"
        )
    return found


@contextmanager
def serving(folder):
    """The address at which `folder` is served."""
    http = server(folder)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{http.server_address[1]}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()


def lightest(*patterns):
    """The name, below the site, of the lightest chapter in which each pattern is found.

    What is asked of the scripts, of any page, is asked of one that answers soon; all pages are looked at elsewhere.
    """
    chapters = sorted((SITE / "book").glob("[0-9][0-9]-*.html"), key=lambda path: path.stat().st_size)
    for path in chapters:
        text = path.read_text(encoding="utf8")
        if all(re.search(pattern, text) for pattern in ('class="claim-check"', *patterns)):
            return path.relative_to(SITE).as_posix()
    return pytest.fail(f"no chapter of the site holds all of {patterns}")


@pytest.fixture(scope="session")
def site():
    if not (SITE / "index.html").exists():
        pytest.fail("there is no built site: run `make book`")
    with serving(SITE) as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    path = chromium()
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield opened
        opened.close()


@pytest.fixture
def tab(browser):
    """A tab for a page that is looked at: after a dozen pages in one, Chromium finds fonts in its memory and warns that
    the new page has not used what it preloaded."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def fresh(browser):
    """A tab that remembers nothing."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme="light")
    yield context.new_page()
    context.close()
