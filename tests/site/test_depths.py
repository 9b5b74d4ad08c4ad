"""The three depths of a chapter in a browser: what stands open, that it is remembered, and that nothing jumps."""

from contextlib import contextmanager

import pytest
from conftest import lightest
from faults import READY, load, settle
from playwright.sync_api import expect

OPENS = {"story": set(), "proofs": {"depth-proof"}, "everything": {"depth-proof", "depth-checks", "depth-box"}}
KINDS = ("depth-proof", "depth-checks", "depth-box")
FOLDS = """() => Object.fromEntries(["depth-proof", "depth-checks", "depth-box"].map((kind) => [
  kind, [...document.querySelectorAll(`details.${kind}`)].map((fold) => fold.open)]))"""


@pytest.fixture(scope="session")
def chapter(site):
    """The address of a chapter with folds of all three kinds."""
    folds = (rf'<details class="[^"]*\b{kind}\b' for kind in KINDS)
    return f"{site}/{lightest(*folds)}"


@contextmanager
def tab_at(browser, depth=None, **options):
    """A tab that remembers a depth and nothing else."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **options})
    if depth:
        context.add_init_script(f"try {{ localStorage.depth ??= {depth!r}; }} catch {{}}")
    yield context.new_page()
    context.close()


def visit(tab, address):
    """Open a page; its formulas need not all stand."""
    tab.goto(address)
    tab.wait_for_function(READY)
    settle(tab)


def choose(tab, depth):
    tab.locator(f".depths [data-depth-choice={depth}]").click()
    settle(tab)


def folds(tab):
    return tab.evaluate(FOLDS)


def test_proofs_are_what_a_new_reader_sees(chapter, fresh):
    visit(fresh, chapter)
    assert fresh.evaluate("document.documentElement.dataset.depth") == "proofs"
    assert {kind: set(found) for kind, found in folds(fresh).items()} == {
        "depth-proof": {True},
        "depth-checks": {False},
        "depth-box": {False},
    }


@pytest.mark.parametrize("depth", OPENS)
def test_each_depth_opens_its_folds_and_no_others(chapter, fresh, depth):
    visit(fresh, chapter)
    choose(fresh, depth)
    assert {kind: set(found) for kind, found in folds(fresh).items()} == {k: {k in OPENS[depth]} for k in KINDS}
    pressed = fresh.locator(".depths [data-depth-choice][aria-pressed=true]")
    assert pressed.evaluate_all("(all) => all.map((b) => b.dataset.depthChoice)") == [depth]
    answers = fresh.locator("details.sd-dropdown:not(.depth)")
    assert answers.count() > 0
    assert answers.evaluate_all("(all) => all.some((fold) => fold.open)") is False


def test_the_choice_is_made_by_keyboard_remembered_and_kept_by_links(chapter, fresh):
    visit(fresh, chapter)
    group = fresh.get_by_role("group", name="How much of the chapter stands open")
    group.get_by_role("button", name="story").focus()
    fresh.keyboard.press("Space")
    expect(group.get_by_role("button", name="story")).to_have_attribute("aria-pressed", "true")
    fresh.keyboard.press("Tab")
    fresh.keyboard.press("Tab")
    fresh.keyboard.press("Enter")
    expect(group.get_by_role("button", name="everything")).to_have_attribute("aria-pressed", "true")
    choose(fresh, "story")
    fresh.locator(".turn-on").click()
    fresh.wait_for_load_state()
    assert fresh.url != chapter
    assert fresh.evaluate("document.documentElement.dataset.depth") == "story"
    visit(fresh, chapter)
    assert not any(folds(fresh)["depth-proof"])
    boxes = group.get_by_role("button").evaluate_all("(all) => all.map((b) => b.getBoundingClientRect().height)")
    assert min(boxes) >= 24


def test_without_javascript_everything_is_open_and_nothing_offers_to_close_it(chapter, browser):
    with tab_at(browser, java_script_enabled=False) as tab:
        tab.goto(chapter)
        total = sum(tab.locator(f"details.{kind}").count() for kind in KINDS)
        assert total > 0
        assert sum(tab.locator(f"details.{kind}[open]").count() for kind in KINDS) == total
        expect(tab.locator(".depths")).to_be_hidden()


WATCH = """
window.wrong = []; window.frames_seen = 0;
const closed = { story: "depth-proof, depth-checks, depth-box", proofs: "depth-checks, depth-box", everything: "" };
const look = () => {
  const list = closed[document.documentElement?.dataset.depth ?? "proofs"];
  const open = list && document.querySelectorAll(list.replaceAll("depth-", "details[open].depth-")).length;
  if (document.querySelector("article h2")) window.frames_seen += 1;
  if (open) window.wrong.push(open);
  if (document.documentElement?.dataset.ready !== "yes") requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


@pytest.mark.parametrize("depth", OPENS)
def test_no_fold_is_painted_open_and_then_shut(chapter, browser, depth):
    with tab_at(browser, depth) as tab:
        tab.set_default_timeout(120_000)  # a loaded machine, slowed down on purpose
        tab.add_init_script(WATCH)
        slow = tab.context.new_cdp_session(tab)
        slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
        line = {"offline": False, "latency": 20, "downloadThroughput": 1_000_000, "uploadThroughput": 1_000_000}
        slow.send("Network.emulateNetworkConditions", line)  # so that it comes in pieces, and is painted between them
        visit(tab, chapter)
        assert tab.evaluate("window.frames_seen") > 1  # the page was painted while it was read
        assert tab.evaluate("window.wrong") == []


def test_a_reader_s_own_opening_is_his_until_the_depth_changes(chapter, fresh):
    visit(fresh, chapter)
    choose(fresh, "story")
    first = fresh.locator("details.depth-proof").first
    first.locator("summary").first.click()
    assert folds(fresh)["depth-proof"].count(True) == 1
    fresh.set_viewport_size({"width": 700, "height": 900})
    settle(fresh)
    assert folds(fresh)["depth-proof"].count(True) == 1
    choose(fresh, "story")
    assert folds(fresh)["depth-proof"].count(True) == 0


INSIDE = """(kind) => {
  const own = (e) => e.closest("details") === e.closest(`details.${kind}`);
  const found = [...document.querySelectorAll(`details.${kind} [id]`)].filter(own).find((e) => e.offsetParent || true);
  return found.id;
}"""


@pytest.mark.parametrize("kind", ["depth-checks", "depth-box"])
def test_a_link_into_a_fold_opens_it(chapter, browser, kind):
    with tab_at(browser, "story") as tab:
        visit(tab, chapter)
        place = tab.evaluate(INSIDE, kind)
        target = tab.locator(f"[id='{place}']")
        expect(target).not_to_be_in_viewport()
        # from the page itself
        tab.evaluate(
            "(id) => { const a = document.createElement('a'); a.href = '#' + id; document.body.append(a); a.click(); }",
            place,
        )
        expect(target).to_be_in_viewport()
        # from elsewhere
        tab.goto("about:blank")
        visit(tab, f"{chapter}#{place}")
        expect(target).to_be_in_viewport()
        assert sum(folds(tab)[kind]) >= 1


def test_a_mark_in_the_margin_opens_the_group_that_holds_its_check(chapter, fresh):
    visit(fresh, chapter)
    mark = fresh.locator(".claim-check:visible").first
    line = fresh.locator(f"[id='{mark.get_attribute('href')[1:]}']")
    expect(line).to_be_hidden()
    mark.click()
    expect(line).to_be_in_viewport()


def test_the_ledger_opens_the_check_it_leads_to(site, browser):
    with tab_at(browser, "story") as tab:
        visit(tab, f"{site}/book/ledger.html")
        link = tab.locator("table.ledger a[href*='#check-']").first
        place = link.get_attribute("href").partition("#")[2]
        link.click()
        tab.wait_for_function("document.documentElement.dataset.ready === 'yes'")
        expect(tab.locator(f"[id='{place}']")).to_be_in_viewport()


TOP = "(e) => e.getBoundingClientRect().top"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_choosing_a_depth_keeps_what_stands_at_the_top_of_the_window(chapter, fresh, share):
    load(fresh, chapter)
    choose(fresh, "everything")
    texts = fresh.locator("article > section > section > p")
    text = texts.nth(int(share * texts.count()))
    text.evaluate("(e) => scrollTo({ top: scrollY + e.getBoundingClientRect().top - 3, behavior: 'instant' })")
    settle(fresh)
    for depth in ("story", "everything", "proofs"):
        fresh.evaluate("(depth) => document.querySelector(`[data-depth-choice=${depth}]`).click()", depth)
        fresh.wait_for_timeout(150)
        fresh.wait_for_function(f"(e) => Math.abs(({TOP})(e) - 3) < 2", arg=text.element_handle())


def test_a_proof_that_is_closed_while_it_is_read_leaves_its_line_where_it_was(chapter, fresh):
    load(fresh, chapter)
    proof = fresh.locator("article > section > section > details.depth-proof").last
    proof.locator("p").last.evaluate(
        "(e) => scrollTo({ top: scrollY + e.getBoundingClientRect().top, behavior: 'instant' })"
    )
    fresh.evaluate("document.querySelector('[data-depth-choice=story]').click()")
    fresh.wait_for_timeout(150)
    assert 0 <= proof.locator("summary").evaluate(TOP) < 200


def test_paper_shows_what_is_open_and_a_line_for_what_is_closed(chapter, fresh):
    visit(fresh, chapter)
    choose(fresh, "story")
    opened = fresh.locator("details.depth-proof").first
    opened.locator("summary").first.click()
    fresh.emulate_media(media="print")
    expect(opened.locator("p").first).to_be_visible()
    expect(fresh.locator("details.depth-proof").nth(1).locator("p").first).to_be_hidden()
    expect(fresh.locator("details.depth-proof").nth(1).locator("summary")).to_be_visible()
    expect(fresh.locator(".depths")).to_be_hidden()


def test_the_page_fits_a_phone_at_each_depth(chapter, fresh):
    fresh.set_viewport_size({"width": 390, "height": 844})
    visit(fresh, chapter)
    for depth in OPENS:
        choose(fresh, depth)
        assert fresh.evaluate("document.scrollingElement.scrollWidth") <= 390
