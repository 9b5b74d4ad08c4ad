"""The place at which a reader left, the bar of a narrow screen, figures for a phone."""

import re
from urllib.parse import unquote

import pytest
from conftest import SITE
from faults import PHONE, load, settle

CHAPTER = "book/11-ensemble-learning.html"  # a short one
FIRST = "book/01-introduction-and-mathematical-foundations.html"


@pytest.fixture
def phone(browser):
    context = browser.new_context(viewport=PHONE, has_touch=True, is_mobile=True, color_scheme="light")
    yield context.new_page()
    context.close()


def seen(tab, selector):
    return tab.locator(selector).evaluate_all(
        "(all) => all.some((e) => e.checkVisibility({ visibilityProperty: true }))"
    )


def in_view(tab, identifier):
    return tab.evaluate(
        """(id) => {
          const { top, bottom } = document.getElementById(id).getBoundingClientRect();
          return top < innerHeight && bottom > 0;
        }""",
        identifier,
    )


# The place at which he left ------------------------------------------------------------------------------------------


def read_to(tab, identifier):
    """Scroll to a place as by hand, and let the page note it."""
    tab.evaluate("(id) => document.getElementById(id).scrollIntoView({ block: 'start' })", identifier)
    tab.wait_for_timeout(700)


def middle_section(tab):
    ids = tab.locator(".nav-sections a").evaluate_all("(all) => all.map((a) => a.hash.slice(1))")
    return ids[len(ids) // 2]


def test_a_reader_who_comes_back_is_offered_his_place_and_not_moved(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    assert not seen(fresh, ".place-offer")
    section = middle_section(fresh)
    title = fresh.locator(f".nav-sections a[href='#{section}']").inner_text()
    read_to(fresh, section)
    load(fresh, f"{site}/book/notation.html")
    assert not seen(fresh, ".place-offer")
    load(fresh, f"{site}/{CHAPTER}")
    offer = fresh.locator(".place-offer")
    offer.wait_for(state="visible")
    assert re.fullmatch(rf"You were at \d+\.\d+ {re.escape(title)}: go on×", offer.inner_text())
    fresh.wait_for_timeout(500)
    assert fresh.evaluate("scrollY") == 0
    offer.get_by_role("link", name="go on").click()
    settle(fresh)
    assert fresh.evaluate("scrollY") > 1000
    assert in_view(fresh, unquote(fresh.url.partition("#")[2]))
    assert not seen(fresh, ".place-offer")


def test_the_place_within_a_fold_opens_it(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    fold = "details.depth-box:has(div.math[id])"
    fresh.locator(f"{fold} > summary").first.evaluate("(line) => { line.parentElement.open = true; }")
    target = fresh.locator(f"{fold} div.math[id]").first.get_attribute("id")
    fresh.evaluate("(id) => document.getElementById(id).scrollIntoView({ block: 'center' })", target)
    fresh.evaluate("scrollBy(0, 60)")
    fresh.wait_for_timeout(700)
    load(fresh, f"{site}/{CHAPTER}")
    fresh.locator(".place-offer a").click()
    settle(fresh)
    place = unquote(fresh.url.partition("#")[2])
    assert in_view(fresh, place)
    assert fresh.evaluate("(id) => document.getElementById(id).checkVisibility()", place)


def test_the_place_can_be_forgotten_and_each_chapter_has_its_own(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    read_to(fresh, middle_section(fresh))
    load(fresh, f"{site}/{FIRST}")
    assert not seen(fresh, ".place-offer")
    load(fresh, f"{site}/{CHAPTER}")
    close = fresh.get_by_role("button", name="Forget this place")
    box = close.bounding_box()
    assert min(box["width"], box["height"]) >= 24
    close.click()
    assert not seen(fresh, ".place-offer")
    load(fresh, f"{site}/{CHAPTER}")
    fresh.wait_for_timeout(300)
    assert not seen(fresh, ".place-offer")


def test_who_has_read_to_the_end_or_comes_by_a_link_is_offered_nothing(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    section = middle_section(fresh)
    read_to(fresh, section)
    fresh.goto("about:blank")
    load(fresh, f"{site}/{CHAPTER}#{section}")
    fresh.wait_for_timeout(300)
    assert not seen(fresh, ".place-offer")
    fresh.evaluate("scrollTo(0, document.scrollingElement.scrollHeight)")
    fresh.wait_for_timeout(700)
    fresh.goto("about:blank")
    load(fresh, f"{site}/{CHAPTER}")
    fresh.wait_for_timeout(300)
    assert not seen(fresh, ".place-offer")


def test_nothing_is_told_to_anybody_and_a_device_that_keeps_nothing_is_no_fault(site, fresh):
    fresh.add_init_script("Storage.prototype.setItem = Storage.prototype.getItem = () => { throw Error('no'); };")
    faults = []
    fresh.on("pageerror", lambda error: faults.append(str(error)))
    load(fresh, f"{site}/{CHAPTER}")
    read_to(fresh, middle_section(fresh))
    assert faults == []


# The bar ------------------------------------------------------------------------------------------------------------


def wheel(tab, by):
    for _ in range(4):
        tab.evaluate("(by) => scrollBy(0, by / 4)", by)
        settle(tab)
    tab.wait_for_timeout(350)


def test_the_bar_hides_on_the_way_down_and_shows_on_the_way_up(site, phone):
    load(phone, f"{site}/{CHAPTER}")
    assert not seen(phone, ".bar")  # its tools stand in the page's head
    wheel(phone, 3000)
    assert not seen(phone, ".bar")
    wheel(phone, -400)
    assert seen(phone, ".bar")
    box = phone.locator(".bar").bounding_box()
    assert box["y"] == 0
    assert box["height"] <= 56
    buttons = phone.locator(".bar button").all()
    assert [button.inner_text() for button in buttons] == ["Contents", "Search", "story", "proofs", "everything"]
    for button in buttons:
        where = button.bounding_box()
        assert where["x"] >= 0
        assert where["x"] + where["width"] <= PHONE["width"]
        assert min(where["width"], where["height"]) >= 24
    wheel(phone, 400)
    assert not seen(phone, ".bar")


def test_contents_open_over_the_text_and_lead_on(site, phone):
    load(phone, f"{site}/{CHAPTER}")
    wheel(phone, 3000)
    wheel(phone, -400)
    before = phone.evaluate("scrollY")
    contents = phone.locator(".bar button", has_text="Contents")
    contents.tap()
    assert contents.get_attribute("aria-expanded") == "true"
    assert seen(phone, ".nav")
    assert phone.locator(".nav").bounding_box()["y"] < 60
    assert phone.evaluate("scrollY") == before
    phone.keyboard.press("Escape")
    assert not seen(phone, ".nav")
    assert contents.get_attribute("aria-expanded") == "false"
    contents.tap()
    link = phone.locator(".nav-sections a").nth(5)
    target = link.get_attribute("href")[1:]
    link.tap()
    settle(phone)
    assert not seen(phone, ".nav")
    assert in_view(phone, target)
    top = phone.evaluate("(id) => document.getElementById(id).getBoundingClientRect().top", target)
    assert top >= 40  # the bar does not lie over the heading


def test_search_and_depth_work_from_the_bar(site, phone):
    load(phone, f"{site}/{CHAPTER}")
    wheel(phone, 3000)
    wheel(phone, -400)
    phone.locator(".bar button", has_text="story").tap()
    assert phone.evaluate("document.documentElement.dataset.depth") == "story"
    assert phone.locator(".bar [data-depth-choice=story]").get_attribute("aria-pressed") == "true"
    assert phone.locator(".depths [data-depth-choice=story]").get_attribute("aria-pressed") == "true"
    wheel(phone, 300)
    wheel(phone, -300)
    phone.locator(".bar button", has_text="Search").tap()
    phone.locator(".search-box").wait_for(state="visible")


def test_a_wide_window_has_no_bar(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    wheel(fresh, 3000)
    wheel(fresh, -400)
    assert not seen(fresh, ".bar")


# Figures ------------------------------------------------------------------------------------------------------------

LETTERS = """async () => { // each figure's name, drawn width, and sizes of letters on the screen
  const found = [];
  for (const image of document.querySelectorAll("main figure img")) {
    const source = image.currentSrc, box = image.getBoundingClientRect();
    if (!box.width || !(source.endsWith(".svg") || source.startsWith("data:image/svg"))) continue;
    const svg = new DOMParser().parseFromString(await (await fetch(source)).text(), "image/svg+xml").documentElement;
    const whole = parseFloat(svg.getAttribute("width")) * 4 / 3;
    const sizes = [...svg.querySelectorAll("g[id^=text_] g[transform*=scale]")]
      .map((letters) => parseFloat(/scale\\(([\\d.]+)/.exec(letters.getAttribute("transform"))[1]) * 100 * 4 / 3);
    found.push({ name: image.alt.slice(0, 40), whole, sizes: sizes.map((size) => size * box.width / whole) });
  }
  return found;
}"""


def figures_of(tab, address):
    load(tab, address)
    tab.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    tab.evaluate("for (const image of document.images) image.loading = 'eager'")  # all at once, not as they come near
    tab.wait_for_function("[...document.images].every((image) => image.complete)")
    return tab.evaluate(LETTERS)


@pytest.mark.parametrize("page", [CHAPTER, FIRST])
def test_letters_in_figures_can_be_read_on_a_phone(site, phone, page):
    found = figures_of(phone, f"{site}/{page}")
    assert len(found) >= 8
    for figure in found:
        assert figure["sizes"], figure["name"]
        assert min(figure["sizes"]) >= 9, figure["name"]


def test_a_wide_window_has_the_wide_figure_and_nothing_moves_when_it_arrives(site, fresh):
    found = figures_of(fresh, f"{site}/{CHAPTER}")
    assert {round(figure["whole"]) for figure in found} <= {632, 224}
    html = (SITE / CHAPTER).read_text("utf8")
    pictures = re.findall(r"<picture><source [^>]*>\s*<img [^>]*>", html)
    assert len(pictures) >= 8
    for picture in pictures:
        assert len(re.findall(r' width="\d+" height="\d+"', picture)) >= (1 if "mld-slider" in picture else 2)
        assert picture.count(" alt=") == 1


def test_figures_come_as_they_are_needed_and_none_is_missing_on_paper(site, fresh):
    waiting = "[...document.querySelectorAll('picture > img')].filter((e) => e.checkVisibility() && !e.complete).length"
    fresh.add_init_script(f"addEventListener('load', () => {{ window.atFirst = {waiting}; }})")
    load(fresh, f"{site}/{CHAPTER}")
    fresh.wait_for_function("window.atFirst !== undefined")
    assert fresh.evaluate("atFirst") > 3  # none of these has kept the text waiting
    fresh.wait_for_function(f"{waiting} === 0")
    printed = len(fresh.pdf())
    fresh.add_style_tag(content="picture { display: none !important; }")
    assert printed > 1.2 * len(fresh.pdf())


def test_the_button_that_prints_waits_for_the_figures(site, fresh):
    held = []
    fresh.route("**/_images/*.svg", lambda route: held.append(route))
    fresh.add_init_script("window.print = () => { window.printed = true; }; window.requestIdleCallback = () => 0;")
    fresh.goto(f"{site}/{CHAPTER}", wait_until="domcontentloaded")
    fresh.wait_for_function("document.readyState !== 'loading'")
    fresh.locator(".print").evaluate("(button) => button.click()")
    fresh.wait_for_timeout(500)
    assert held and not fresh.evaluate("window.printed === true")
    for route in held:
        route.continue_()
    fresh.unroute("**/_images/*.svg")
    fresh.wait_for_function("window.printed === true")
