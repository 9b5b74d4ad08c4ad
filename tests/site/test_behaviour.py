"""What a page does when a reader clicks, types, points or comes back."""

import html
import io
import json
import re
from collections import Counter

import pytest
from conftest import ROOT, SITE, lightest
from faults import docnames, load
from fontTools.ttLib import TTFont
from playwright.sync_api import expect
from pypdf import PdfReader


@pytest.fixture(scope="session")
def chapter(site):
    """The address of a page with checked claims."""
    return f"{site}/{lightest()}"


def active(tab):
    return tab.evaluate("document.activeElement.id")


@pytest.mark.parametrize("height", [900, 400])  # a cell that fits into the window, and one that does not
def test_a_mark_opens_its_check_and_the_way_back_works(chapter, fresh, height):
    fresh.set_viewport_size({"width": 1280, "height": height})
    load(fresh, chapter)
    mark = fresh.locator(".claim-check:visible").first
    line = mark.get_attribute("href")[1:]
    code = fresh.locator(f".cell:has([id='{line}']) details.hide").first
    expect(code.locator(".cell_input")).not_to_be_visible()
    mark.click()
    expect(code.locator(".cell_input")).to_be_visible()
    expect(fresh.locator(f"[id='{line}']")).to_be_in_viewport()
    assert active(fresh) == line
    fresh.locator(f"[id='{line}'] a").click()
    expect(mark).to_be_in_viewport()
    expect(mark).to_be_focused()


def test_a_mark_inside_a_fold_opens_every_fold_around_its_check(chapter, fresh):
    load(fresh, chapter)
    lines = fresh.evaluate("[...document.querySelectorAll('details.sd-dropdown .check-line[id]')].map((e) => e.id)")
    if not lines:  # this chapter folds nothing away: fold a cell by hand, so that the page is put to the test anyway
        lines = fresh.evaluate(
            """() => {
              const line = document.querySelector('.check-line[id]'), cell = line.closest('.cell');
              const fold = document.createElement('details');
              cell.replaceWith(fold);
              fold.append(cell);
              return [line.id];
            }"""
        )
    fresh.evaluate("(id) => document.querySelector(`.claim-check[href='#${id}']`).click()", lines[0])
    expect(fresh.locator(f"[id='{lines[0]}']")).to_be_in_viewport()
    assert active(fresh) == lines[0]


def test_an_address_with_a_place_in_it_opens_the_check_on_arrival(chapter, fresh):
    load(fresh, chapter)
    line = fresh.locator(".claim-check").last.get_attribute("href")
    fresh.goto("about:blank")
    load(fresh, chapter + line)
    expect(fresh.locator(f"[id='{line[1:]}']")).to_be_in_viewport()
    assert active(fresh) == line[1:]


def test_every_formula_stands_before_any_script_has_run(site, browser):
    context = browser.new_context(java_script_enabled=False)
    tab = context.new_page()
    for name in ("index", "book/05-linear-regression"):
        tab.goto(f"{site}/{name}.html")
        formulas = tab.locator(".math")
        assert formulas.count() == tab.locator(".math math[alttext]").count() > 0
    context.close()


def test_the_face_for_formulas_has_every_sign_that_is_set_in_it(site):
    has = TTFont(ROOT / "book" / "_vendor" / "fonts" / "derived-math.woff2").getBestCmap()
    invisible = {*range(0x2061, 0x2065), 0xFE0E}  # function application and the like, which are not drawn
    missing = {
        (name, sign)
        for name in docnames(ROOT)
        for formula in re.findall(r"<math .*?</math>", (SITE / f"{name}.html").read_text(encoding="utf8"), re.S)
        for sign in html.unescape(re.sub(r"<mtext>.*?</mtext>|<[^>]*>", "", formula))
        if ord(sign) not in has and ord(sign) not in invisible and not sign.isspace()
    }
    assert missing == set()


def test_what_is_copied_takes_its_formulas_along_as_tex(chapter, fresh):
    fresh.context.grant_permissions(["clipboard-read", "clipboard-write"])
    load(fresh, chapter)
    box = fresh.locator("div.theorem:has(.formula)").first
    box.evaluate("(e) => getSelection().selectAllChildren(e)")
    fresh.keyboard.press("Control+c")
    copied = fresh.evaluate("navigator.clipboard.readText()")
    for formula in box.locator("math").all():
        dollars = "$$" if formula.get_attribute("display") == "block" else "$"
        assert f"{dollars}{formula.get_attribute('alttext')}{dollars}" in copied


def test_the_first_print_has_every_formula(chapter, fresh, tmp_path):
    fresh.emulate_media(media="print")
    fresh.goto(chapter)
    paper = fresh.pdf()
    signs = "".join(
        fresh.evaluate(
            """() => [...document.querySelectorAll('article .math math')].filter((e) => e.checkVisibility())
              .map((e) => e.textContent)"""
        )
    )
    printed = "".join(page.extract_text() for page in PdfReader(io.BytesIO(paper)).pages)
    bold = [
        sign for sign in Counter(signs) if "\U0001d400" <= sign <= "\U0001d433"
    ]  # a bold letter is never in the text
    assert len(bold) > 3
    for sign in bold:
        assert printed.count(sign) == signs.count(sign), sign


def test_how_a_claim_is_checked_shows_on_focus_and_on_pointing_and_escape_closes_it(chapter, fresh):
    load(fresh, chapter)
    mark = fresh.locator(".claim-check:visible").first
    tip = fresh.locator(f"[id='{mark.get_attribute('aria-describedby')}']")
    expect(tip).to_be_hidden()
    mark.focus()
    expect(tip).to_be_visible()
    expect(tip).to_contain_text("fails")
    assert mark.get_attribute("aria-describedby") == tip.get_attribute("id")
    fresh.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    mark.blur()
    mark.hover()
    expect(tip).to_be_visible()
    tip.hover()  # what shows on pointing must stay while it is pointed at
    expect(tip).to_be_visible()
    fresh.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_the_theme_switch_turns_the_page_and_is_remembered(site, fresh):
    ground = "getComputedStyle(document.body).backgroundColor"
    load(fresh, f"{site}/index.html")
    light = fresh.evaluate(ground)
    switch = fresh.locator("button.theme")
    expect(switch).to_have_text("Dark")
    switch.click()
    dark = fresh.evaluate(ground)
    assert (light, dark) == ("rgb(252, 251, 247)", "rgb(21, 23, 27)")
    load(fresh, f"{site}/book/notation.html")
    assert fresh.evaluate(ground) == dark
    fresh.locator("button.theme").click()
    assert fresh.evaluate(ground) == light


def test_the_demonstration_passes_fails_and_recovers(site, fresh):
    load(fresh, f"{site}/index.html")
    said, flip = fresh.locator(".demo-output"), fresh.get_by_role("button", name="Flip the sign of y")
    right, wrong = fresh.locator(".demo-right math"), fresh.locator(".demo-wrong math")
    claim = "gradient: five points, six choices of w (gradient, rtol 1e-7)"
    expect(said).to_have_text(f"✓ {claim}; fails with the other sign of y")
    expect(wrong).to_be_hidden()
    before = said.bounding_box()
    flip.click()
    expect(flip).to_have_attribute("aria-pressed", "true")
    # at w = 0 the gradient is −Xᵀy = (−20, −66); with the sign flipped the formula says (20, 66)
    expect(said).to_contain_text(f"✗ {claim}: does not hold")
    expect(said).to_contain_text("worst entry [1] at w = (0, 0)")
    expect(said).to_contain_text("by differences −66")
    expect(said).to_contain_text("difference 132, allowed 6.6e-6")
    expect(right.first).to_be_hidden()
    expect(wrong).to_be_visible()
    assert said.bounding_box() == before  # nothing on the page jumps
    flip.click()
    expect(said).to_contain_text("✓")
    expect(wrong).to_be_hidden()


def test_the_search_box_closes_with_escape_and_gives_focus_back(site, fresh):
    load(fresh, f"{site}/book/notation.html")
    fresh.locator(".open-search").click()
    expect(fresh.locator(".search-box")).to_be_visible()
    fresh.keyboard.press("Escape")
    expect(fresh.locator(".search-box")).to_be_hidden()
    expect(fresh.locator(".open-search")).to_be_focused()


def test_the_notebook_of_a_chapter_can_be_downloaded(chapter, fresh):
    load(fresh, chapter)
    with fresh.expect_download() as waiting:
        fresh.get_by_role("link", name="Notebook").click()
    notebook = json.loads(waiting.value.path().read_text(encoding="utf8"))
    assert {cell["cell_type"] for cell in notebook["cells"]} == {"markdown", "code"}
    assert notebook["cells"][0]["source"][0].startswith("# ")


def test_the_keyboard_reaches_text_contents_and_tools_in_that_order(site, fresh):
    load(fresh, f"{site}/book/notation.html")
    fresh.keyboard.press("Tab")
    skip = fresh.locator(".skip")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    fresh.keyboard.press("Enter")
    assert active(fresh) == "main"
    load(fresh, f"{site}/book/notation.html")
    seen = []
    for _ in range(6):
        fresh.keyboard.press("Tab")
        seen.append(fresh.evaluate("document.activeElement.closest('.skip, .top, .nav, main').className.split(' ')[0]"))
        assert fresh.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    assert seen == sorted(seen, key=["skip", "top", "nav", ""].index)


def test_on_a_phone_the_contents_unfold_and_wide_formulas_scroll_in_their_own_box(chapter, fresh):
    fresh.set_viewport_size({"width": 390, "height": 844})
    load(fresh, chapter)
    nav, button = fresh.locator("#nav"), fresh.get_by_role("button", name="Contents")
    expect(nav).to_be_hidden()
    button.click()
    expect(nav).to_be_visible()
    expect(button).to_have_attribute("aria-expanded", "true")
    for fold in ("closed", "open"):
        fresh.evaluate(
            "(yes) => document.querySelectorAll('details').forEach((e) => { e.open = yes; })", fold == "open"
        )
        fresh.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        unreachable = fresh.evaluate(
            """() => [...document.querySelectorAll('.formula, pre, .pst-scrollable-table-container')]
              .filter((box) => !box.closest('details:not([open]) > :not(summary)'))
              .filter((box) => box.scrollWidth > box.clientWidth + 1 && box.tabIndex !== 0).length"""
        )
        assert unreachable == 0, fold
        nearly = fresh.evaluate(
            """() => [...document.querySelectorAll('.formula')]
              .filter((box) => !box.closest('details:not([open]) > :not(summary)') && box.clientWidth)
              .map((box) => box.scrollWidth / box.clientWidth).filter((excess) => excess > 1.05 && excess < 1.3)"""
        )
        assert nearly == [], fold  # what is a little too wide is set a little smaller


def test_on_paper_there_is_text_and_nothing_to_press(chapter, fresh):
    load(fresh, chapter)
    fresh.emulate_media(media="print")
    for selector in (".top", "#nav", ".turn", ".foot", ".copy"):
        expect(fresh.locator(selector).first).to_be_hidden()
    expect(fresh.locator("h1")).to_be_visible()
    expect(fresh.locator(".depth-checks > summary").first).to_be_visible()
    assert fresh.evaluate("getComputedStyle(document.querySelector('article a')).textDecorationLine") == "none"


def test_the_ledger_leads_to_its_claims(site, fresh):
    load(fresh, f"{site}/book/ledger.html")
    link = fresh.locator("table.ledger tbody td:first-child a").first
    target = link.get_attribute("href").partition("#")[2]
    link.click()
    fresh.wait_for_function("document.documentElement.dataset.ready === 'yes'")
    expect(fresh.locator(f"[id='{target}']")).to_be_in_viewport()
