"""The site wherever it is put: in a folder, over plain http, under a strict policy; and what a page says of itself."""

import re
from functools import cache

from conftest import SITE
from faults import load
from playwright.sync_api import expect

CHAPTER = "book/11-ensemble-learning.html"  # a short one
POLICY = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"


@cache
def anchors(name):
    return set(re.findall(r'\bid="([^"]+)"', (SITE / "book" / name).read_text("utf8")))


def heard(tab):
    said = []
    tab.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    tab.on("pageerror", lambda error: said.append(str(error)))
    return said


def test_opened_from_a_folder_the_page_reads_whole_and_says_what_it_cannot(fresh):
    fresh.goto((SITE / CHAPTER).as_uri())
    fresh.wait_for_function("document.documentElement.dataset.ready === 'yes'")
    assert fresh.locator("article math").first.bounding_box()["height"] > 5
    assert fresh.evaluate("[...document.fonts].filter((f) => f.status === 'loaded').length") > 2
    expect(fresh.locator(".live-status")).to_contain_text("Opened from a file")
    fresh.get_by_role("button", name="story").first.click()
    expect(fresh.locator("html")).to_have_attribute("data-depth", "story")
    fresh.keyboard.press("Control+k")
    fresh.locator(".search-box input").fill("leverage")
    expect(fresh.locator(".search-box a").first).to_be_visible()


def test_under_a_strict_policy_nothing_is_refused(fresh, site):
    def strict(route):
        answer = route.fetch()
        route.fulfill(response=answer, headers={**answer.headers, "content-security-policy": POLICY})

    fresh.route(f"{site}/**/*.html", strict)
    said = heard(fresh)
    load(fresh, f"{site}/{CHAPTER}")
    assert fresh.locator("article math").first.bounding_box()["height"] > 5
    reference = fresh.locator("article a.reference.internal:visible").first
    reference.hover()
    expect(fresh.locator(".preview")).to_be_visible()
    fresh.get_by_role("button", name="everything").first.click()
    expect(fresh.locator("html")).to_have_attribute("data-depth", "everything")
    expect(fresh.get_by_role("button", name="Run this page")).to_be_visible()
    assert said == []


def test_code_can_be_copied_where_the_browser_has_no_clipboard(site, fresh):
    fresh.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    load(fresh, f"{site}/{CHAPTER}")
    fresh.evaluate(
        """() => document.addEventListener("copy", ({ target: area }) => {
          window.copied = area.value.slice(area.selectionStart, area.selectionEnd);
        })"""
    )
    block = fresh.locator(".cell_input div.highlight:visible").first
    block.hover()
    block.locator(".copy").click()
    expect(block.locator(".copy")).to_have_text("Copied")
    assert fresh.evaluate("copied") == block.locator("pre").text_content()


def test_every_numbered_box_has_a_link_to_itself(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    boxes = fresh.evaluate(
        """() => [...document.querySelectorAll('.proof[id]:not([id^=proof]), .exercise[id]')]
          .map((box) => [box.id, box.querySelector('.admonition-title .headerlink')?.getAttribute('href')])"""
    )
    assert len(boxes) > 20
    assert [box for box in boxes if box[1] != f"#{box[0]}"] == []


def test_each_source_leads_out_and_back(site, fresh):
    load(fresh, f"{site}/book/bibliography.html")
    entries = fresh.evaluate(
        """() => [...document.querySelectorAll('div.citation')].map((entry) => ({
          out: [...entry.querySelectorAll('a.external')].map((a) => a.href),
          back: [...entry.querySelectorAll('.cited-in a')].map((a) => a.getAttribute('href')),
          text: entry.innerText.slice(0, 60),
        }))"""
    )
    assert len(entries) > 80
    for entry in entries:
        assert all(link.startswith("https://") for link in entry["out"]), entry["text"]
        assert entry["out"], entry["text"]
        assert entry["back"], entry["text"]
        for place in entry["back"]:
            name, _, anchor = place.partition("#")
            assert anchor in anchors(name), place


def test_all_folds_open_with_one_button_and_close_again(site, fresh):
    load(fresh, f"{site}/{CHAPTER}")
    shut = "document.querySelectorAll('article details:not([open])').length"
    before = fresh.evaluate(shut)
    assert before > 20
    button = fresh.get_by_role("button", name="Open all")
    button.click()
    assert fresh.evaluate(shut) == 0
    expect(button).to_have_attribute("aria-pressed", "true")
    button.click()
    assert fresh.evaluate(shut) == before
