"""What can be wrong with a page of the site, found by reading its files and by looking at it in a browser."""

import hashlib
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import yaml
from axe_playwright_python.sync_playwright import Axe

PHONE, WIDE = {"width": 390, "height": 844}, {"width": 1280, "height": 900}
LEVELS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
AXE = {"resultTypes": ["violations"], "preload": False, "runOnly": {"type": "tag", "values": LEVELS}}
READY = """document.readyState === 'complete'
    && (document.documentElement.dataset.ready === 'yes' || !document.querySelector('script[src*="book.js"]'))"""


# By reading ------------------------------------------------------------------------------------------


def docnames(root):
    """The pages that the table of contents names, the front page first."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf8"))
    return [toc["root"]] + [chapter["file"] for part in toc["parts"] for chapter in part["chapters"]]


def stale_pages(root, site):
    """Pages that were not built, or were built from another source than the one that lies there now."""
    for name in docnames(root):
        page, source = site / f"{name}.html", root / f"{name}.md"
        if not page.exists():
            yield f"{name}: is in _toc.yml but not in the site"
            continue
        stated = re.search(r'<meta name="book-source" content="([^"]*)"', page.read_text(encoding="utf8"))
        wanted = "sha256-" + hashlib.sha256(source.read_bytes()).hexdigest()
        if stated is None or stated[1] != wanted:
            yield f"{name}: was not built from {source.name} as it is now"


class Page(HTMLParser):
    """What a page refers to, and what in it can be referred to."""

    def __init__(self, text):
        super().__init__()
        self.ids, self.links, self.images = Counter(), [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        if "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "img":
            self.images.append(attributes)


def read_site(site):
    """{path: page} of every html file in the site."""
    return {
        path.relative_to(site).as_posix(): Page(path.read_text(encoding="utf8"))
        for path in sorted(site.rglob("*.html"))
        if not {"_static", "reports"} & set(path.relative_to(site).parts)
    }


def page_faults(name, pages, site):
    """Dead links and anchors of one page, pictures without words, ids that occur twice."""
    page = pages[name]
    for link in page.links:
        parts = urlsplit(link)
        if parts.scheme or parts.netloc:
            continue
        target = (site / name).parent.joinpath(unquote(parts.path)).resolve() if parts.path else site / name
        where = target.relative_to(site.resolve()).as_posix() if parts.path else name
        if not target.is_file():
            yield f"{name}: the link {link} leads to no file"
        elif parts.fragment and where in pages and unquote(parts.fragment) not in pages[where].ids:
            yield f"{name}: the link {link} leads to no place of the page"
    for image in page.images:
        if not (image.get("alt") or "").strip():
            yield f"{name}: the image {image.get('src', '')[:60]} has no alt text"
    yield from (f"{name}: the id {one} occurs twice" for one, times in sorted(page.ids.items()) if times > 1)


# By looking ------------------------------------------------------------------------------------------


class Watch:
    """What a tab complains of, and where it asks for things, while a page is loaded."""

    def __init__(self, tab, host):
        self.tab, self.host, self.faults = tab, host, []
        self.listeners = {
            "console": self.console,
            "pageerror": lambda error: self.faults.append(f"script error: {error}"),
            "requestfailed": lambda request: self.faults.append(f"failed request: {request.url} ({request.failure})"),
            "response": self.response,
            "request": self.request,
        }

    def console(self, message):
        if message.type in ("error", "warning"):
            self.faults.append(f"console {message.type}: {message.text}")

    def response(self, response):
        if response.status >= 400:
            self.faults.append(f"status {response.status}: {response.url}")

    def request(self, request):
        if urlsplit(request.url).scheme in ("http", "https", "ws", "wss") and not request.url.startswith(self.host):
            self.faults.append(f"request to another host: {request.url}")

    def __enter__(self):
        for kind, act in self.listeners.items():
            self.tab.on(kind, act)
        return self

    def __exit__(self, *error):
        for kind, act in self.listeners.items():
            self.tab.remove_listener(kind, act)


def load(tab, address):
    """Open a page, and wait until its script has done its work."""
    tab.goto(address)
    tab.wait_for_function(READY)
    settle(tab)


def settle(tab):
    """Let the page answer what was just done to it: three frames."""
    tab.evaluate(
        """async () => {
          for (let i = 0; i < 3; i += 1) await new Promise((done) => requestAnimationFrame(done));
        }"""
    )


def formula_faults(tab):
    """Formulas that are not MathML."""
    bare = tab.evaluate("[...document.querySelectorAll('.math')].filter((e) => !e.querySelector('math')).length")
    return [f"formulas not set: {bare}"] if bare else []


def sideways(tab):
    """What sticks out of the window, if the page scrolls sideways."""
    wide = tab.evaluate(
        """() => {
          const room = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= room) return null;
          const sticksOut = (e) => e.getBoundingClientRect().right > room + 1;
          const out = [...document.body.querySelectorAll('*')].filter(sticksOut);
          return out.slice(0, 3).map((e) => e.tagName.toLowerCase() + '.' + e.className).join(', ') || 'the page';
        }"""
    )
    return [] if wide is None else [f"scrolls sideways at {tab.viewport_size['width']} px: {wide}"]


SMALL = """() => {
  const boxes = (e) => [...e.getClientRects()].filter((box) => box.width && box.height);
  const inText = (e) => { // a link within a line of text, which may be as high as the line
    const around = e.closest("p, li, td, dd, figcaption, summary, h1, h2, h3, h4");
    return e.matches("a") && around && around.textContent.trim() !== e.textContent.trim();
  };
  return [...document.querySelectorAll("a[href], button, summary, input, select, [role=button]")]
    .filter((e) => e.checkVisibility({ visibilityProperty: true, opacityProperty: false }) && boxes(e).length)
    .filter((e) => !e.matches(".skip, .headerlink, .preview *") && !inText(e))
    .filter((e) => {
      const { width, height } = e.getBoundingClientRect();
      return Math.min(width, height) < 23.9;
    })
    .map((e) => `${e.tagName.toLowerCase()}.${e.className} “${e.textContent.trim().slice(0, 30)}” ` +
      `${Math.round(e.getBoundingClientRect().width)} × ${e.getBoundingClientRect().height.toFixed(1)}`);
}"""


def small(tab):
    """What a finger would miss: links outside a text, buttons and the like of less than 24 pixels either way."""
    return [f"too small for a finger: {one}" for one in dict.fromkeys(tab.evaluate(SMALL))]


def axe_faults(tab, within="html", **options):
    """Violations of WCAG 2.2, levels A and AA, within what a selector finds."""
    if not tab.locator(within).count():
        return []  # axe would refuse to look at nothing
    found = Axe().run(tab, context={"include": [[within]]}, options={**AXE, **options})
    return [
        f"axe {violation['id']}: {node['html'][:120]} ({node['failureSummary'].splitlines()[-1].strip()})"
        for violation in found.response["violations"]
        for node in violation["nodes"][:3]
    ]


CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
ALL_BUT_CONTRAST = {"rules": {"color-contrast": {"enabled": False}}}

# What repeats a thousand times is judged once, or a chapter would take minutes. A letter in its place stands for a
# formula, and of the words of the code one for each colour keeps it; and, for the contrast alone, of the elements with
# one and the same path of names, classes and styles, which look alike, the first keeps its words. The page is of no use
# afterwards.
FORMULAS = "document.querySelectorAll('math').forEach((formula) => { formula.textContent = 'x'; })"
CODE = """() => {
  const seen = new Set();
  document.querySelectorAll('pre span[class]').forEach((word) => {
    if (seen.has(word.className)) word.replaceWith(word.textContent);
    seen.add(word.className);
  });
}"""
FOLDS = "document.querySelectorAll('details').forEach((fold) => { fold.open = true; })"
ALIKE = """() => {
  const seen = new Set(), paths = new Map();
  const path = (e) => {
    if (!e) return "";
    if (!paths.has(e)) {
      const own = [e.localName, ...[...e.classList].sort(), e.getAttribute("style"), e.getAttribute("aria-current")];
      if (e.localName === "tr") own.push(e.rowIndex % 2);
      paths.set(e, `${path(e.parentElement)} ${own.join(".")}`);
    }
    return paths.get(e);
  };
  const all = [...document.body.querySelectorAll("*")].filter((e) => !e.matches("script, style, svg, svg *"));
  for (const e of all) {
    const words = [...e.childNodes].filter((child) => child.nodeType === 3 && child.data.trim());
    if (!words.length) continue;
    if (seen.has(path(e))) for (const word of words) word.data = " ";
    seen.add(path(e));
  }
}"""


def look(tab, address, host):
    """All that is wrong with a page, in both themes, on a wide window and on a phone; each with page and theme."""
    name, said = Path(urlsplit(address).path).name, []

    def note(theme, found):
        said.extend(f"{name}, {theme}: {fault}" for fault in found)

    def turn(theme, size):
        tab.emulate_media(color_scheme=theme)
        tab.set_viewport_size(size)
        settle(tab)

    tab.emulate_media(color_scheme="light")
    tab.set_viewport_size(WIDE)
    with Watch(tab, host) as watch:
        load(tab, address)
        note("light", formula_faults(tab))
        for theme, size in (("light", WIDE), ("light", PHONE), ("dark", PHONE), ("dark", WIDE)):
            turn(theme, size)
            note(theme, sideways(tab))
        for less in (FORMULAS, CODE):
            tab.evaluate(less)
        for theme in ("light", "dark"):  # what a fold looks like before it is opened
            turn(theme, WIDE)
            note(theme, axe_faults(tab, within="details:not([open]) > summary", **CONTRAST))
        tab.evaluate(FOLDS)
        for theme, size in (("light", WIDE), ("dark", PHONE)):
            turn(theme, size)
            note(theme, axe_faults(tab, **ALL_BUT_CONTRAST))
        note(theme, small(tab))
        tab.evaluate(ALIKE)
        for theme, size in (("dark", PHONE), ("light", WIDE)):
            turn(theme, size)
            note(theme, axe_faults(tab, **CONTRAST))
    note("light", watch.faults)
    return said
