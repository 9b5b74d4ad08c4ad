/* What the page does beyond being read: theme, search box, contents, checks that open, wide things that scroll. */
"use strict";

const root = document.documentElement;
const all = (selector, within = document) => [...within.querySelectorAll(selector)];
const on = (target, kind, act) => target && target.addEventListener(kind, act);

/* -- theme ---------------------------------------------------------------------------------------------------- */

const prefersDark = matchMedia("(prefers-color-scheme: dark)");
const theme = () => root.dataset.theme || (prefersDark.matches ? "dark" : "light");
const themeButton = document.querySelector(".theme");

function nameTheme() {
  if (themeButton) themeButton.textContent = theme() === "dark" ? "Light" : "Dark";
}
on(themeButton, "click", () => {
  root.dataset.theme = theme() === "dark" ? "light" : "dark";
  try { localStorage.setItem("theme", root.dataset.theme); } catch { /* it holds for this page alone */ }
  nameTheme();
});
on(prefersDark, "change", nameTheme);
nameTheme();

/* -- tools ---------------------------------------------------------------------------------------------------- */

/* Figures wait until they are near (loading="lazy"). When the page has come and rests, the others come too, one after
   the other: not every browser fetches them before it prints, and who loses his connection wants them as well. */
const toCome = () => all('picture > img[loading="lazy"]').filter((image) => !image.complete);
const fetched = (image) => new Promise((done) => {
  for (const kind of ["load", "error"]) image.addEventListener(kind, done, { once: true });
  image.loading = "eager";
});
const atRest = window.requestIdleCallback ?? ((act) => setTimeout(act, 200));
function fetchNext() {
  const [image] = toCome();
  if (image) fetched(image).then(() => atRest(fetchNext));
}
on(window, "load", () => atRest(fetchNext));
on(window, "beforeprint", () => toCome().forEach(fetched));
on(document.querySelector(".print"), "click", () => Promise.all(toCome().map(fetched)).then(() => print()));

const openAll = document.querySelector(".open-all");
let opened = []; // by the button, so that the same button can close them again
on(openAll, "click", () => {
  const pressed = openAll.getAttribute("aria-pressed") === "true";
  if (pressed) for (const fold of opened) fold.open = false;
  else for (const fold of opened = all("article details:not([open])")) fold.open = true;
  openAll.setAttribute("aria-pressed", !pressed);
});

const navButton = document.querySelector(".open-nav");
on(navButton, "click", () => {
  const open = document.body.classList.toggle("nav-open");
  navButton.setAttribute("aria-expanded", open);
});

const searchBox = document.querySelector(".search-box");
function openSearch(event) {
  if (!searchBox) return;
  event.preventDefault();
  if (!searchBox.open) searchBox.showModal();
  searchBox.querySelector("input").select();
}
on(document.querySelector(".open-search"), "click", openSearch);
on(document, "keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") openSearch(event);
});
on(searchBox, "click", (event) => { if (event.target === searchBox) searchBox.close(); });

/* -- checks: a mark shows how on hover and focus, and opens its cell ------------------------------------------ */

for (const badge of all(".claim-badge")) {
  on(badge, "keydown", (event) => { if (event.key === "Escape") badge.classList.add("quiet"); });
  for (const kind of ["mouseleave", "focusout"]) on(badge, kind, () => badge.classList.remove("quiet"));
}
on(document, "keydown", (event) => {
  if (event.key === "Escape") for (const badge of all(".claim-badge:hover")) badge.classList.add("quiet");
});

/* Open all that is folded around a place of the page, and the code of a check that is gone to, and move there. */
const aimAt = (target, block) => target.scrollIntoView({ block });
function goTo(hash) {
  const target = hash.length > 1 && document.getElementById(decodeURIComponent(hash.slice(1)));
  if (!target) return;
  for (let fold = target.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  for (const line of all(".check-line.found")) line.classList.remove("found");
  if (target.matches(".check-line")) {
    const cell = target.closest(".cell"), code = cell.querySelector("details.hide");
    if (code) code.open = true;
    target.classList.add("found");
    target.tabIndex = -1;
    target.focus({ preventScroll: true });
    aimAt(cell.offsetHeight < innerHeight ? cell : target, "center"); // the line stands below its code
  } else {
    aimAt(target, target.matches(".math") ? "center" : "start");
    const back = target.matches(".math") && target.parentElement.querySelector(".claim-check");
    if (back) back.focus({ preventScroll: true });
    else if (!target.matches("main")) { target.tabIndex = -1; target.focus({ preventScroll: true }); }
  }
}
on(document, "click", (event) => {
  const link = event.target.closest('a[href^="#"]');
  if (!link || link.matches(".skip") || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const hash = link.getAttribute("href"); // a link in a drawing has no property of this name
  if (location.hash !== hash) history.pushState(null, "", hash);
  goTo(hash);
});
on(window, "popstate", () => goTo(location.hash));
on(window, "hashchange", () => goTo(location.hash));

/* -- the section that is being read ---------------------------------------------------------------------------- */

const here = new Map(all(".nav-sections a").map((link) => [link.hash.slice(1), link]));
if (here.size) {
  const sections = [...here.keys()].map((id) => document.getElementById(id)).filter(Boolean);
  const watch = new IntersectionObserver(() => {
    const passed = sections.filter((section) => section.getBoundingClientRect().top < innerHeight * .3);
    for (const link of here.values()) link.removeAttribute("aria-current");
    if (passed.length) here.get(passed.at(-1).id).setAttribute("aria-current", "location");
  }, { rootMargin: "0px 0px -70% 0px", threshold: [0, .01] });
  sections.forEach((section) => watch.observe(section));
}

/* -- copying code ---------------------------------------------------------------------------------------------- */

async function toClipboard(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea"); // over plain http there is no clipboard to write to, but a selection
  area.value = text;
  area.style.cssText = "position: fixed; opacity: 0";
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("the browser does not let a page copy");
}

for (const block of all(".cell_input div.highlight, div.highlight-bash div.highlight")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  on(button, "click", async () => {
    button.textContent = await toClipboard(block.querySelector("pre").textContent)
      .then(() => "Copied", () => "Select it, then Ctrl+C");
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  });
  block.append(button);
}

/* -- what is too wide scrolls in its own box, by keyboard too ---------------------------------------------------- */

const kinds = [
  [".formula", "Formula, scrolls sideways"],
  ["span.math.wide", "Formula, scrolls sideways"],
  ["pre", "Code, scrolls sideways"],
  [".pst-scrollable-table-container", "Table, scrolls sideways"],
];
const room = (e) => e.closest("p, li, td, dd, figcaption, div");
const scrollsBy = (e, slack = 0) => (e.scrollWidth + slack) / e.clientWidth;
function markWide(within = document) { // first all that is undone, then all that is measured, then all that is written
  // what lies in a closed fold is left alone: each look at it would lay out the whole fold; it is measured when it opens
  const shown = (e) => !e.closest("details:not([open]) > :not(summary)");
  const open = (selector) => all(selector, within).filter(shown);
  const displays = open(".formula"), unnumbered = displays.filter((e) => !e.parentElement.querySelector(".eqno"));
  const inline = innerWidth < 700 ? open("span.math") : [];
  for (const e of all("span.math.wide, .nobr.loose", within)) e.classList.remove("wide", "loose");
  for (const e of unnumbered) e.parentElement.classList.remove("wide");
  for (const e of displays) e.style.fontSize = "";

  const wide = [
    ...open(".cell pre")
      .map((e) => [e.closest(".cell"), e.offsetWidth > e.closest(".cell").clientWidth + 1]),
    ...unnumbered.map((e) => [e.parentElement, e.scrollWidth > e.clientWidth + 1]),
    ...inline.map((e) => [e, e.firstChild.getBoundingClientRect().width, e])
      .filter(([, width]) => width > 200).map(([e, width]) => [e, width > room(e).clientWidth]),
  ];
  for (const [e, yes] of wide) {
    e.classList.toggle("wide", yes);
    if (yes && e.parentElement.matches(".nobr")) e.parentElement.classList.add("loose");
  }

  // on a phone a formula is rather a little smaller than scrolled; indices do not shrink in proportion, so try again
  let small = displays.filter((e) => e.clientWidth < 500 && scrollsBy(e, 2) < 1.35).map((e) => [e, 1]);
  for (let turn = 0; turn < 3; turn += 1) {
    small = small.filter(([e]) => scrollsBy(e, 2) > 1.01).map(([e, by]) => [e, by * scrollsBy(e, 2)]);
    for (const [e, by] of small) e.style.fontSize = `${100 / by}%`;
  }

  const boxes = kinds.flatMap(([selector, label]) =>
    open(selector).map((box) => [box, label, box.scrollWidth > box.clientWidth]));
  for (const [box, label, scrolls] of boxes) {
    if (scrolls) {
      box.tabIndex = 0;
      box.setAttribute("role", "group");
      box.setAttribute("aria-label", label);
    } else if (box.getAttribute("aria-label") === label) {
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
    }
  }
}
let waiting = 0; // at most once a frame
const markSoon = () => { waiting ||= requestAnimationFrame(() => { waiting = 0; markWide(); }); };
on(window, "resize", markSoon);
document.addEventListener("toggle", markSoon, true); // a fold that opens shows boxes that had no width before
document.fonts.ready.then(markSoon);

/* -- copying a passage takes its formulas along as TeX ------------------------------------------------------------- */

on(document, "copy", (event) => {
  const chosen = getSelection();
  if (chosen.isCollapsed || event.target.closest?.("input, textarea, [contenteditable]")) return;
  const copied = document.createElement("div");
  for (let i = 0; i < chosen.rangeCount; i += 1) copied.append(chosen.getRangeAt(i).cloneContents());
  if (!copied.querySelector("math")) return;
  for (const formula of all("math", copied)) {
    const dollars = formula.getAttribute("display") === "block" ? "$$" : "$";
    formula.replaceWith(dollars + formula.getAttribute("alttext") + dollars);
  }
  for (const block of all("p, li, div, section, h1, h2, h3, h4, tr, pre", copied)) block.append("\n");
  event.clipboardData.setData("text/plain", copied.textContent.replace(/\n{3,}/g, "\n\n").trim());
  event.preventDefault();
});

/* -- the map: a chapter under the pointer shows what it needs ----------------------------------------------------- */

for (const chapter of all(".map-chapter")) {
  const needed = (chapter.dataset.needs || "").split(" ").filter(Boolean).map((n) => document.getElementById(`map-${n}`));
  const show = (yes) => () => needed.forEach((other) => other.classList.toggle("needed", yes));
  for (const kind of ["mouseenter", "focusin"]) on(chapter, kind, show(true));
  for (const kind of ["mouseleave", "focusout"]) on(chapter, kind, show(false));
}

/* -- the front page's demonstration: a check that can fail --------------------------------------------------------- */

const demo = document.querySelector(".demo");
if (demo) {
  const X = [[1, 1], [1, 2], [1, 3], [1, 4], [1, 5]], y = [2, 4, 5, 4, 5];
  const points = [[0, 0], [1, .5], [2.2, .6], [-1, 2], [3, -.5], [.5, 1.5]];
  const times = (w) => X.map((x) => x[0] * w[0] + x[1] * w[1]);
  const loss = (w) => times(w).reduce((sum, fit, i) => sum + (y[i] - fit) ** 2 / 2, 0);
  const formula = (w, sign) => [0, 1].map((j) => times(w).reduce((sum, fit, i) => sum + X[i][j] * (fit + sign * y[i]), 0));
  const differences = (w, h = 1e-3) => [0, 1].map((j) => {
    const moved = (by) => w.map((v, k) => (k === j ? v + by : v));
    return (loss(moved(h)) - loss(moved(-h))) / (2 * h);
  });
  const output = demo.querySelector(".demo-output"), flip = demo.querySelector(".switch");
  const show = (v) => String(+v.toPrecision(6)).replace("-", "−");

  const worstEntry = (sign) => points.flatMap((w) => {
    const a = differences(w), b = formula(w, sign), allowed = 1e-7 * Math.max(...a.concat(b).map(Math.abs), 1);
    return [0, 1].map((j) => ({ w, j, a: a[j], b: b[j], off: Math.abs(a[j] - b[j]), allowed }));
  }).reduce((x, z) => (z.off / z.allowed > x.off / x.allowed ? z : x));
  const holds = (entry) => entry.off <= entry.allowed;

  const run = () => {
    const sign = flip.getAttribute("aria-pressed") === "true" ? 1 : -1;
    const worst = worstEntry(sign), said = "gradient: five points, six choices of w (gradient, rtol 1e-7)";
    const good = holds(worst) && !holds(worstEntry(-sign)); // a check must have seen its wrong form fail
    demo.classList.toggle("fails", !good);
    output.textContent = good
      ? `✓ ${said}; fails with the other sign of y`
      : `✗ ${said}: does not hold\n  worst entry [${worst.j}] at w = (${worst.w.map(show).join(", ")})\n` +
        `  by differences ${show(worst.a)}\n  by formula     ${show(worst.b)}\n` +
        `  difference ${show(worst.off)}, allowed ${worst.allowed.toExponential(1)}`;
  };
  on(flip, "click", () => {
    flip.setAttribute("aria-pressed", flip.getAttribute("aria-pressed") !== "true");
    run();
  });
  run();
}

/* -- where the script of the live cells cannot load, its button would be missing without a word ------------------------ */

function tellWhyNotLive() {
  if (!document.getElementById("live-settings") || window.livePage) return;
  const words = document.createElement("span");
  words.className = "live-status";
  words.textContent = location.protocol === "file:"
    ? "Opened from a file, the page can be read but its cells cannot run: a browser runs them only where a server gives them out (make serve starts one)."
    : "The script that runs the cells did not load: here the page can only be read.";
  document.querySelector(".live-bar").append(words);
}

/* -- arrival ----------------------------------------------------------------------------------------------------- */

on(window, "load", () => {
  markWide();
  tellWhyNotLive();
  goTo(location.hash);
  root.dataset.ready = "yes";
});
