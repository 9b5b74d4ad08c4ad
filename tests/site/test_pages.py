"""Every page of the built site: nothing broken, nothing foreign, nothing unreachable, in both themes and widths."""

import hashlib

import pytest
from conftest import ROOT, SITE, serving
from faults import docnames, look, page_faults, read_site, stale_pages

PAGES = [*docnames(ROOT), "search"]


@pytest.fixture(scope="session")
def pages(site):
    return read_site(SITE)


def test_every_page_of_the_contents_was_built_from_its_present_source(site):
    assert list(stale_pages(ROOT, SITE)) == []


def test_the_site_holds_no_page_that_no_one_tests(pages):
    assert sorted(pages) == sorted(f"{name}.html" for name in [*PAGES, "404"])  # that one stands alone


@pytest.mark.parametrize("name", PAGES)
def test_links_ids_and_images(pages, name):
    assert list(page_faults(f"{name}.html", pages, SITE)) == []


@pytest.mark.parametrize("name", PAGES)
def test_nothing_is_wrong_with_the_page_in_a_browser(site, tab, name):
    assert look(tab, f"{site}/{name}.html", site) == []


# The tests above can fail ----------------------------------------------------------------------------

HEAD = '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>A page</title>'
HEAD += '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">'
BROKEN = {
    "sound": ("<p>Sound.</p>", []),
    "console": ("<script>console.warn('beware')</script>", ["console warning: beware"]),
    "script": ("<script>nothing()</script>", ["script error: nothing is not defined"]),
    "missing": ('<script src="gone.js"></script>', ["console error: Failed to load", "status 404", "failed request"]),
    "foreign": (
        '<link rel="stylesheet" href="http://localhost:9/x.css">',
        ["failed request", "request to another host: http://localhost:9/x.css", "console error"],
    ),
    "wide": ('<div style="width: 700px">Wide.</div>', ["scrolls sideways at 390 px: div."]),
    "pale": ('<p style="color: #bbb; background: #fff">Pale.</p>', ["axe color-contrast: <p"]),
    "night": (
        "<style>@media (prefers-color-scheme: dark) { p { color: #777; background: #555 } }</style><p>Pale.</p>",
        ["night.html, dark: axe color-contrast: <p"],
    ),
    "place": (
        '<ul><li>Dark.</li><li style="color: #bbb; background: #fff">Pale.</li></ul>',
        ["axe color-contrast: <li style"],
    ),
    "shut": (
        "<style>summary { line-height: 2 } details:not([open]) > summary { color: #bbb; background: #fff }</style>"
        "<details><summary>Pale.</summary></details>",
        ["shut.html, light: axe color-contrast: <summary", "shut.html, dark: axe color-contrast: <summary"],
    ),
    "unnamed": ('<button style="width: 3em; height: 3em"></button>', ["axe button-name: <button"]),
    "tiny": ('<button style="height: 20px; padding: 0">Go</button>', ["too small for a finger: button. “Go”"]),
    "unset": ('<span class="math">x</span>', ["formulas not set: 1"]),
}


@pytest.fixture(scope="module")
def broken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("broken")
    for name, (body, _) in BROKEN.items():
        (folder / f"{name}.html").write_text(f"{HEAD}</head><body><main><h1>A page</h1>{body}</main></body></html>")
    with serving(folder) as address:
        yield address


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_seen_in_the_browser(broken, tab, name):
    found = look(tab, f"{broken}/{name}.html", broken)
    expected = BROKEN[name][1]
    assert all(any(reason in fault for fault in found) for reason in expected)
    assert all(any(reason in fault for reason in expected) for fault in found)


def test_each_fault_is_seen_in_the_files(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "a.html").write_text('<a href="b.html#there">b</a> <a href="b.html#gone">b</a> <a href="c.html">c</a>')
    (site / "b.html").write_text('<p id="there">x</p><p id="there">y</p><img src="x.png"><a href="#nowhere">z</a>')
    pages = read_site(site)
    assert list(page_faults("a.html", pages, site)) == [
        "a.html: the link b.html#gone leads to no place of the page",
        "a.html: the link c.html leads to no file",
    ]
    assert list(page_faults("b.html", pages, site)) == [
        "b.html: the link #nowhere leads to no place of the page",
        "b.html: the image x.png has no alt text",
        "b.html: the id there occurs twice",
    ]


def test_a_page_that_is_missing_or_stale_is_seen(tmp_path):
    site = tmp_path / "_build"
    site.mkdir()
    (tmp_path / "_toc.yml").write_text(
        "root: index\nparts: [{chapters: [{file: old}, {file: bare}, {file: unbuilt}]}]\n"
    )
    for name in ("index", "old", "bare", "unbuilt"):
        source = tmp_path / f"{name}.md"
        source.write_text(f"# {name}\n")
        digest = hashlib.sha256(source.read_bytes()).hexdigest()
        meta = "" if name == "bare" else f'<meta name="book-source" content="sha256-{digest}">'
        if name != "unbuilt":
            (site / f"{name}.html").write_text(f"<html><head>{meta}</head></html>")
    (tmp_path / "old.md").write_text("# old, and changed since\n")
    assert list(stale_pages(tmp_path, site)) == [
        "old: was not built from old.md as it is now",
        "bare: was not built from bare.md as it is now",
        "unbuilt: is in _toc.yml but not in the site",
    ]
