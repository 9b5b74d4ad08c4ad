"""What rests on what, in a browser: the drawings on their page, the list on a phone, and the fold at each box."""

import pytest
from conftest import lightest
from faults import READY, settle
from playwright.sync_api import expect


@pytest.fixture
def graph(site, fresh):
    fresh.goto(f"{site}/book/graph.html")
    fresh.wait_for_function(READY)
    return fresh


@pytest.fixture(scope="session")
def chapter(site):
    """The address of a chapter in which a box rests on another."""
    rests = 'class="rests"'
    return f"{site}/{lightest(rests)}"


NEIGHBOURS = """(svg) => {
  const edge = svg.querySelector(".graph-edge"), key = edge.dataset.from, near = new Set([key]);
  for (const { dataset } of svg.querySelectorAll(".graph-edge")) {
    if (dataset.from === key) near.add(dataset.to);
    if (dataset.to === key) near.add(dataset.from);
  }
  return [key, [...near].sort()];
}"""
LIT = "(svg) => [...svg.querySelectorAll('.graph-node.lit')].map((node) => node.dataset.key).sort()"


def test_a_box_lights_up_with_what_it_rests_on_and_what_uses_it(graph):
    svg = graph.locator("svg.graph").nth(1)
    key, near = svg.evaluate(NEIGHBOURS)
    node = svg.locator(f"[data-key={key}]")
    node.hover()
    assert svg.evaluate(LIT) == near
    graph.mouse.move(0, 0)
    assert svg.evaluate(LIT) == []
    node.focus()
    assert svg.evaluate(LIT) == near


def test_a_chapter_leads_to_its_drawing_and_a_box_to_its_place(graph):
    graph.locator("svg.graph").first.locator("a[href='#graph-2']").click()
    expect(graph.locator("#graph-2")).to_be_in_viewport()
    node = graph.locator("svg.graph").nth(2).locator(".graph-node:not(.graph-foreign)").first
    target = node.get_attribute("href").partition("#")[2]
    node.click()
    graph.wait_for_function(READY)
    expect(graph.locator(f"[id='{target}']")).to_be_in_viewport()


def test_on_a_phone_a_list_stands_in_place_of_the_drawings(graph):
    expect(graph.locator(".graph-list li").first).to_be_hidden()
    expect(graph.locator("svg.graph").first).to_be_visible()
    graph.set_viewport_size({"width": 390, "height": 844})
    settle(graph)
    expect(graph.locator("svg.graph").first).to_be_hidden()
    expect(graph.locator(".graph-list li").first).to_be_visible()


@pytest.mark.parametrize("width", [1280, 390])
def test_at_a_box_a_fold_tells_what_it_rests_on(chapter, fresh, width):
    fresh.set_viewport_size({"width": width, "height": 900})
    fresh.goto(chapter)
    fresh.wait_for_function(READY)
    fold = fresh.locator("article > section > section > div.proof > details.rests").first
    fold.scroll_into_view_if_needed()
    expect(fold.locator("a").first).to_be_hidden()
    fold.locator("summary").focus()
    fresh.keyboard.press("Enter")
    link = fold.locator("a").first
    expect(link).to_be_in_viewport()
    assert fresh.evaluate("document.scrollingElement.scrollWidth") <= width
    assert 24 <= fold.locator("summary").bounding_box()["height"] < 48  # not a letter to the line
