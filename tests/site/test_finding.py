"""The search finds places, not pages; the index of terms; the page for an address that leads nowhere."""

import json
import re

import pytest
from conftest import SITE
from faults import Watch, load
from playwright.sync_api import expect

PLACES = SITE / "_static" / "places.js"


def places():
    return json.loads(PLACES.read_text(encoding="utf8").removeprefix("mldPlaces(").removesuffix(");\n"))


def ask(tab, site, query):
    """The hits for a query: (what each is called, the address that it leads to)."""
    load(tab, f"{site}/index.html")
    tab.keyboard.press("Control+k")
    field = tab.locator(".search-box input")
    expect(field).to_be_focused()
    field.fill(query)
    expect(tab.locator(".search-box .found-count")).not_to_be_empty()
    links = tab.locator(".search-box .found-list a")
    return links.evaluate_all("(all) => all.map((a) => [a.querySelector('.found-name').textContent, a.href])")


@pytest.mark.parametrize(
    ("query", "name", "place"),
    [
        ("leverage", "leverage", "05-linear-regression.html?q=leverage#"),
        ("hat matrix", "hat", "05-linear-regression.html?q=hat+matrix#"),
        ("heteroscedasticity", "heteroscedasticity", "05-linear-regression.html?q=heteroscedasticity#"),
        ("ridge", "ridge", "05-linear-regression.html?q=ridge#"),
        ("Cramer-Rao", "Cramér and Rao", "03-probability"),
        ("Cramér-Rao", "Cramér and Rao", "03-probability"),
        ("normal equation", "Normal equations", "05-linear-regression.html"),
        ("lasso soft treshold", "", "#"),
    ],
)
def test_words_lead_to_their_place(site, fresh, query, name, place):
    hits = ask(fresh, site, query)
    assert name.lower() in hits[0][0].lower()
    assert any(place in address for _, address in hits[:3])
    assert all("#" in address for _, address in hits)


@pytest.mark.parametrize(("american", "british"), [("regularization", "regularisation"), ("color", "colour")])
def test_either_spelling_finds_the_same(site, fresh, american, british):
    strip = [re.sub(r"\?q=[^#]*", "", address) for _, address in ask(fresh, site, american)]
    assert strip == [re.sub(r"\?q=[^#]*", "", address) for _, address in ask(fresh, site, british)]


@pytest.mark.parametrize("kind", ["equation", "theorem", "definition", "figure", "exercise", "section"])
def test_numbers_lead_to_what_bears_them(site, fresh, kind):
    pages, found = places()
    for page, _, anchor, number, _, _ in [place for place in found if place[1] == kind and place[3]][::97]:
        [first, *_] = ask(fresh, site, number)
        assert first[1] == f"{site}/{pages[page][0]}.html#{anchor}"


def test_every_place_is_there():
    pages, found = places()
    for i, (page, _) in enumerate(pages):
        ids = set(re.findall(r'\bid="([^"]+)"', (SITE / f"{page}.html").read_text(encoding="utf8")))
        assert {place[2] for place in found if place[0] == i} <= ids


def test_no_excerpt_holds_raw_tex():
    _, found = places()
    assert [text for *_, text in found if re.search(r"\\[a-zA-Z]+|\$", text)] == []


def test_a_hit_is_marked_and_in_view_and_no_request_leaves_the_site(site, fresh):
    load(fresh, f"{site}/index.html")
    with Watch(fresh, site) as watch:
        fresh.keyboard.press("Control+k")
        fresh.locator(".search-box input").fill("heteroscedasticity")
        fresh.locator(".found-list a").first.click()
        fresh.wait_for_function("CSS.highlights.has('found')")
    assert watch.faults == []
    in_view = """() => [...CSS.highlights.get('found')].some((range) => {
      const { top, bottom } = range.getBoundingClientRect();
      return top >= 0 && bottom <= innerHeight && bottom > top;
    })"""
    fresh.wait_for_function(in_view)


def test_the_arrow_keys_walk_through_the_hits(site, fresh):
    ask(fresh, site, "ridge")
    fresh.keyboard.press("ArrowDown")
    expect(fresh.locator(".found-list a").first).to_be_focused()
    fresh.keyboard.press("ArrowUp")
    expect(fresh.locator(".search-box input")).to_be_focused()


def test_the_page_of_the_search_answers_what_its_address_asks(site, fresh):
    load(fresh, f"{site}/search.html?q=leverage")
    expect(fresh.locator(".found-list .found-name").first).to_contain_text("leverage")
    fresh.locator(".search-form input").fill("xyzzy plugh")
    expect(fresh.locator(".found-count")).to_contain_text("Nothing was found")


def test_the_search_works_for_pages_opened_from_a_folder(fresh):
    fresh.goto((SITE / "search.html").as_uri() + "?q=leverage")
    expect(fresh.locator(".found-list .found-name").first).to_contain_text("leverage")


def test_the_index_of_terms_leads_to_the_places(site, fresh):
    load(fresh, f"{site}/book/terms.html")
    link = fresh.locator(".term-index li a").first
    target = link.get_attribute("href").partition("#")[2]
    link.click()
    expect(fresh.locator(f"[id='{target}']").first).to_be_attached()


def test_a_wrong_address_is_answered_in_words(site, fresh):
    fresh.goto(f"{site}/404.html")
    expect(fresh.get_by_role("heading")).to_have_text("There is no page at this address")
