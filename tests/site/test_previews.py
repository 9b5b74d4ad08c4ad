"""A reference shows what it means: by pointer, keyboard or touch, be it on its own page or on another.

These tests wait with `wait_for`: a failing `expect` reads the whole page for its message each time that it looks, and
on a chapter keeps the page from doing anything else.
"""

import json
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import SITE, lightest
from faults import PHONE, Watch, load

HERE = {  # what is referred to: a reference to it within a page; the line of a check stands right below what it checks
    "equation": 'article p:not(.check-line) a:not(.headerlink)[href^="#equation-"]:visible',
    "theorem": 'article p:not(.check-line) a:not(.headerlink)[href^="#thm-"]:visible',
    "figure": 'article p:not(.check-line) a:not(.headerlink)[href^="#fig-"]:visible',
}
THERE = {
    "equation": 'article p:not(.check-line) a:not(.headerlink)[href*=".html#equation-"]:visible',
    "theorem": 'article p:not(.check-line) a:not(.headerlink)[href*=".html#thm-"]:visible',
    "source": 'article p:not(.check-line) a:not(.headerlink)[href*="bibliography.html#"]:visible',
}


def page_with(selector):
    """A chapter with such a reference in a paragraph that is no line of a check."""
    attribute = re.search(r"href([\^*]=)\"([^\"]+)\"", selector)
    link = r'<a [^>]*href="' + ("" if attribute[1] == "^=" else '[^"#]*') + re.escape(attribute[2])
    return lightest(rf"<p>(?:(?!</p>)[\s\S])*?{link}")


def opened(tab, site, selector):
    """The first such reference of a page whose folds are all open, in view and at rest, and the page's preview."""
    load(tab, f"{site}/{page_with(selector)}")
    tab.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    tab.evaluate("for (const image of document.images) image.loading = 'eager'")  # all at once, not as they come near
    link = tab.locator(selector).first
    before = None
    while before != (before := link.bounding_box()):
        link.scroll_into_view_if_needed()
        tab.wait_for_function("[...document.images].every((image) => image.complete)")
        tab.wait_for_timeout(300)
    return link, tab.locator(".preview")


def point(link, preview):
    """Point at a reference until it shows: a page that is still moving takes it away from under the pointer."""
    for _ in range(10):
        link.hover()
        link.page.wait_for_timeout(700)
        if preview.is_visible():
            return
        link.page.mouse.move(2, 2)
    pytest.fail("the reference shows nothing")


def target_text(tab, link):
    """What stands at the place that a reference means, read from its page, without marks in the margin."""
    return link.evaluate(
        """async (a) => {
          const there = a.pathname !== location.pathname;
          const text = there ? await (await fetch(a.href)).text() : "";
          const page = there ? new DOMParser().parseFromString(text, "text/html") : document;
          const target = page.getElementById(a.hash.slice(1)).cloneNode(true);
          target.querySelectorAll(".claim-badge, .headerlink, .rests").forEach((mark) => mark.remove());
          return target.textContent;
        }"""
    )


def focused(locator):
    return locator.evaluate("(e) => document.activeElement === e")


def squeezed(text):
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("kind", HERE)
def test_pointing_at_a_reference_shows_what_stands_on_the_page(fresh, site, kind):
    link, preview = opened(fresh, site, HERE[kind])
    preview.wait_for(state="hidden")
    point(link, preview)
    assert squeezed(target_text(fresh, link)) in squeezed(preview.text_content())
    assert link.get_attribute("aria-describedby") == preview.get_attribute("id") == "preview"
    assert preview.get_attribute("role") == "tooltip"
    box = preview.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 1280
    if kind == "figure":
        fresh.wait_for_function("document.querySelector('.preview img').naturalWidth > 0")
        assert preview.locator("img").get_attribute("alt")
    fresh.mouse.move(2, 2)
    preview.wait_for(state="hidden")
    assert link.get_attribute("aria-describedby") is None


@pytest.mark.parametrize("kind", THERE)
def test_pointing_at_a_reference_shows_what_stands_on_another_page(fresh, site, kind):
    with Watch(fresh, site) as watch:
        link, preview = opened(fresh, site, THERE[kind])
        asked = "performance.getEntriesByType('resource').filter((r) => r.name.includes('/previews/')).length"
        assert fresh.evaluate(asked) == 0
        point(link, preview)
        assert fresh.evaluate(asked) == 1
    assert watch.faults == []  # nothing was asked of any other host
    assert squeezed(target_text(fresh, link)) in squeezed(preview.text_content())
    if kind != "source":
        formula = preview.locator("math").first.bounding_box()
        assert min(formula["width"], formula["height"]) > 5
    assert preview.locator(".preview-go").evaluate("(go) => go.href") == link.evaluate("(a) => a.href")


def test_the_preview_can_be_pointed_into_and_escape_closes_it(fresh, site):
    link, preview = opened(fresh, site, HERE["theorem"])
    point(link, preview)
    preview.hover()
    fresh.wait_for_timeout(600)
    preview.wait_for(state="visible")
    fresh.keyboard.press("Escape")
    preview.wait_for(state="hidden")


def test_a_long_preview_is_scrolled_by_the_keyboard(fresh, site):
    fresh.set_viewport_size({"width": 1280, "height": 360})
    link, preview = opened(fresh, site, HERE["theorem"])
    link.evaluate("(a) => { a.insertAdjacentHTML('beforebegin', '<a href=\"#main\" id=\"before\">x</a>'); }")
    fresh.locator("#before").focus()
    fresh.keyboard.press("Tab")
    preview.wait_for(state="visible")
    fresh.keyboard.press("Tab")
    assert focused(preview)
    fresh.keyboard.press("End")
    fresh.wait_for_function("document.querySelector('.preview').scrollTop > 0")
    fresh.keyboard.press("Tab")
    preview.wait_for(state="hidden")
    assert fresh.evaluate("document.querySelector('article').contains(document.activeElement)")
    fresh.keyboard.press("Shift+Tab")
    assert focused(link)


def test_a_pointer_that_passes_by_opens_nothing(fresh, site):
    link, preview = opened(fresh, site, HERE["equation"])
    link.hover()
    fresh.mouse.move(2, 2)
    fresh.wait_for_timeout(500)
    assert preview.is_hidden()


def test_the_keyboard_shows_it_and_goes_on_in_the_text(fresh, site):
    link, preview = opened(fresh, site, HERE["equation"])
    link.evaluate("(a) => { a.insertAdjacentHTML('beforebegin', '<a href=\"#main\" id=\"before\">x</a>'); }")
    fresh.locator("#before").focus()
    fresh.keyboard.press("Tab")
    assert focused(link)
    preview.wait_for(state="visible")
    fresh.keyboard.press("Escape")
    preview.wait_for(state="hidden")
    assert focused(link)
    fresh.keyboard.press("Shift+Tab")
    fresh.keyboard.press("Tab")
    preview.wait_for(state="visible")
    fresh.keyboard.press("Tab")
    preview.wait_for(state="hidden")
    assert fresh.evaluate("document.querySelector('article').contains(document.activeElement)")
    fresh.keyboard.press("Shift+Tab")
    fresh.keyboard.press("Enter")
    preview.wait_for(state="hidden")
    fresh.wait_for_function("location.hash.startsWith('#equation-')")


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="light")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("selector", [HERE["equation"], THERE["source"]])
def test_a_first_tap_shows_and_the_link_in_it_goes(phone, site, selector):
    link, preview = opened(phone, site, selector)
    before, target = phone.url, link.evaluate("(a) => a.href")
    link.tap()
    preview.wait_for(state="visible")
    assert phone.url == before
    assert preview.bounding_box()["width"] <= PHONE["width"]
    assert phone.evaluate("document.scrollingElement.scrollWidth") <= PHONE["width"]
    go = preview.locator(".preview-go")
    assert min(go.bounding_box()["width"], go.bounding_box()["height"]) >= 24
    go.tap()
    phone.wait_for_url(target)


def test_a_tap_beside_it_closes_it_and_a_second_tap_goes(phone, site):
    link, preview = opened(phone, site, HERE["equation"])
    link.tap()
    preview.wait_for(state="visible")
    phone.locator("article h1").dispatch_event("pointerdown", {"pointerType": "touch", "bubbles": True})
    preview.wait_for(state="hidden")
    link.tap()
    preview.wait_for(state="visible")
    link.tap()
    preview.wait_for(state="hidden")
    phone.wait_for_function("location.hash.startsWith('#equation-')")


def test_nothing_of_it_is_on_paper(fresh, site):
    link, preview = opened(fresh, site, HERE["equation"])
    point(link, preview)
    fresh.emulate_media(media="print")
    preview.wait_for(state="hidden")


def test_no_id_stands_twice_and_all_can_use_it(fresh, site):
    link, preview = opened(fresh, site, HERE["theorem"])
    point(link, preview)
    assert (
        fresh.evaluate(
            "[...document.querySelectorAll('[id]')].map((e) => e.id).filter((id, i, all) => all.indexOf(id) !== i)"
        )
        == []
    )
    found = Axe().run(fresh, context={"include": [[".preview"]]})
    assert [v["id"] for v in found.response["violations"]] == []


def test_it_works_from_a_disk(fresh):
    link, preview = opened(fresh, SITE.as_uri(), THERE["equation"])
    point(link, preview)
    preview.locator("math").first.wait_for(state="visible")


def test_files_of_previews_are_small_and_hold_what_is_referred_to_alone():
    folders = {path.parent for path in (SITE / "previews").rglob("*.js")}
    assert folders
    for folder in folders:
        page = folder.relative_to(SITE / "previews").as_posix()
        html = (SITE / f"{page}.html").read_text("utf8")
        for path in folder.glob("*.js"):
            text = path.read_text("utf8")
            assert len(text) < 20_000, path
            name, piece = text.rstrip(";\n").split(" = ", 1)
            assert name == f'(window.previews ??= {{}})["{page}#{path.stem}"]', path
            assert f'id="{path.stem}"' in html, path
            markup, _ = json.loads(piece)
            assert "<script" not in markup, path
            assert " id=" not in markup, path
