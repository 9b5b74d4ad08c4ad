/* Where the reader is. A chapter offers him who comes back the place at which he left, on this device only, and never
   moves of itself; on a narrow screen a slim bar keeps contents, search and depth at hand while he reads. */
"use strict";
{
  const root = document.documentElement, article = document.querySelector("article.text");
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* -- the place at which he left ---------------------------------------------------------------------------------- */

  const chapter = document.body.matches(".chapter") && article;
  const key = `place:${location.pathname}`;
  const stored = (() => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } })();
  const words = (heading) => {
    const copy = heading.cloneNode(true);
    for (const sign of copy.querySelectorAll(".headerlink, annotation")) sign.remove();
    return copy.textContent.trim().replace(/\s+/g, " ").replace(/^([\d.]+)\.\s/, "$1 ");
  };

  if (chapter) {
    const marks = [...article.querySelectorAll("section[id], div.math[id], div.admonition[id], figure[id]")];
    const top = (node) => node.getBoundingClientRect().top;
    const shown = (node) => node.getClientRects().length > 0;

    function here() { // the last place with a name above the middle of the window; null before the first section
      const passed = marks.filter((mark) => shown(mark) && top(mark) < innerHeight / 2);
      const mark = passed.at(-1), heading = mark?.closest("section:has(> h2)")?.querySelector("h2");
      return heading ? { id: mark.id, title: words(heading) } : null;
    }

    function keep() {
      const end = scrollY + innerHeight > root.scrollHeight - 2 * innerHeight; // he has read to the end
      const place = end ? null : here();
      try {
        if (place && scrollY > innerHeight) localStorage.setItem(key, JSON.stringify(place));
        else if (end) localStorage.removeItem(key);
      } catch { /* then nothing is remembered */ }
    }
    let waiting = 0;
    addEventListener("scroll", () => { clearTimeout(waiting); waiting = setTimeout(keep, 400); }, { passive: true });
    addEventListener("pagehide", () => { if (waiting) keep(); });

    const target = stored?.id && document.getElementById(stored.id);
    if (target && !location.hash) addEventListener("load", () => {
      if (scrollY > innerHeight) return; // the browser has put him back already
      const go = make("a", { href: `#${stored.id}`, textContent: "go on" });
      const close = make("button", { type: "button", className: "place-close", textContent: "×" });
      close.setAttribute("aria-label", "Forget this place");
      const offer = make("p", { className: "place-offer" }, `You were at ${stored.title}: `, make("span", { className: "nobr" }, go, close));
      go.addEventListener("click", () => offer.remove());
      close.addEventListener("click", () => {
        offer.remove();
        try { localStorage.removeItem(key); } catch { /* it was not kept */ }
      });
      (document.querySelector(".kicker") || article).after(offer);
    });
  }

  /* -- the bar of a narrow screen ------------------------------------------------------------------------------------ */

  const narrow = matchMedia("(max-width: 60rem)"), nav = document.getElementById("nav");
  if (article && !document.body.matches(".front") && nav) {
    const contents = make("button", { type: "button", className: "bar-button", textContent: "Contents" });
    contents.setAttribute("aria-expanded", "false");
    contents.setAttribute("aria-controls", "nav");
    const search = make("button", { type: "button", className: "bar-button", textContent: "Search" });
    const depth = make("div", { className: "bar-depths" });
    depth.setAttribute("role", "group");
    depth.setAttribute("aria-label", "How deep");
    for (const choice of document.querySelectorAll(".depths [data-depth-choice]")) {
      const button = make("button", { type: "button", className: "bar-button", textContent: choice.dataset.depthChoice });
      button.dataset.depthChoice = choice.dataset.depthChoice;
      button.setAttribute("aria-pressed", choice.dataset.depthChoice === root.dataset.depth);
      depth.append(button);
    }
    const bar = make("div", { className: "bar away" }, contents, search, ...(depth.children.length ? [depth] : []));
    bar.setAttribute("role", "toolbar");
    bar.setAttribute("aria-label", "While reading");
    document.querySelector("main").before(bar);

    function open(yes) {
      document.body.classList.toggle("nav-over", yes);
      contents.setAttribute("aria-expanded", yes);
      if (yes) {
        nav.tabIndex = -1;
        nav.focus({ preventScroll: true });
        nav.querySelector("[aria-current]")?.scrollIntoView({ block: "center" });
      }
    }
    contents.addEventListener("click", () => open(!document.body.matches(".nav-over")));
    search.addEventListener("click", () => document.querySelector(".top .open-search").click());
    nav.addEventListener("click", (event) => { if (event.target.closest("a")) open(false); });
    addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !document.body.matches(".nav-over")) return;
      open(false);
      contents.focus({ preventScroll: true });
    });
    narrow.addEventListener("change", () => open(false));

    const header = document.querySelector(".top");
    let last = scrollY, turned = scrollY; // where the reader last changed his direction
    addEventListener("scroll", () => {
      if (document.body.matches(".nav-over")) return;
      const down = scrollY > last;
      if (down !== last > turned) turned = last;
      if (Math.abs(scrollY - turned) > 12) bar.classList.toggle("away", down);
      if (header.getBoundingClientRect().bottom > 0) bar.classList.add("away"); // what it holds stands there
      last = scrollY;
    }, { passive: true });
  }
}
