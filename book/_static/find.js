/* The search: in the box that Ctrl+K opens and on the page of its own. It knows the book's places (places.js, made by
   finding.py), so that a hit is a theorem, a definition, a formula, and not the top of a chapter. Both the places and
   MiniSearch, which ranks them, are loaded when somebody searches, as scripts, since a page opened from a folder may
   load nothing else. */
"use strict";

{
  const root = document.documentElement, base = new URL(root.dataset.content_root || "./", location.href);
  const load = (name) => new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: new URL(`_static/${name}`, base) });
    script.onload = resolve;
    script.onerror = () => reject(new Error(name));
    document.head.append(script);
  });
  const make = (tag, properties = {}, ...children) => {
    const node = Object.assign(document.createElement(tag), properties);
    node.append(...children);
    return node;
  };

  /* -- words: without case and accents, British or American, singular or plural --------------------------------- */

  const bare = (text) => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const british = [[/([a-z]{3,})iz(e[sd]?|ing|er|ers|ation|ations)$/, "$1is$2"], [/^(.{3,})yz(e[sd]?|ing)$/, "$1ys$2"],
    [/^(col|behavi|neighb|fav|hon|lab)or/, "$1our"], [/^center/, "centre"], [/^(mod|lab)el(ed|ing)$/, "$1ell$2"]];
  const singular = (word) => (word.length > 4 && !/(ss|us|is)$/.test(word) ? word.replace(/s$/, "") : word);
  const term = (word) => singular(british.reduce((now, [from, to]) => now.replace(from, to), bare(word)));
  const words = (text) => bare(text).split(/[^\p{L}\p{N}]+/u).filter(Boolean);

  /* -- the index ---------------------------------------------------------------------------------------------------- */

  const RANK = { term: 8, definition: 5, theorem: 3, lemma: 2.5, proposition: 2.5, corollary: 2.5, algorithm: 2.5, section: 3, exercise: .8, figure: 1, equation: .6 };
  const SHORT = { thm: "theorem", lem: "lemma", prop: "proposition", cor: "corollary", def: "definition", alg: "algorithm", ex: "exercise", fig: "fig.", figure: "fig.", sec: "section", eq: "", equation: "", formula: "", chapter: "chapter" };
  let index, places, pages;
  window.mldPlaces = ([thePages, found]) => {
    pages = thePages;
    places = found.map(([page, kind, anchor, number, title, text], id) => ({ id, page, kind, anchor, number, title, text }));
  };
  const ready = async () => {
    if (index) return;
    await Promise.all([load("minisearch/minisearch.js"), load("places.js")]);
    index = new MiniSearch({ fields: ["title", "text"], storeFields: [], tokenize: words, processTerm: term });
    index.addAll(places);
  };

  /* "5.38", "(5.38)", "Theorem 5.3": a place by its number */
  function byNumber(query) {
    const match = /^(?:([a-z]+)\.?\s*)?\(?(\d+\.\d+)\)?$/.exec(bare(query).trim());
    if (!match) return [];
    const kind = SHORT[match[1]] ?? match[1], wanted = match[2], bracket = query.includes("(");
    return places.filter(({ number }) => {
      const shown = bare(number);
      return kind === undefined ? shown.replace(/^\D+|\)$/g, "") === wanted : shown === (kind ? `${kind} ${wanted}` : `(${wanted})`);
    }).sort((a, b) => (bracket ? (b.kind === "equation") - (a.kind === "equation") : 0));
  }

  function search(query) {
    const numbered = byNumber(query);
    if (numbered.length) return numbered;
    const asked = words(query).map(term).join(" ");
    const whole = (place) => {
      const title = words(place.title).map(term).join(" ");
      return title === asked ? 4 : title.startsWith(asked) ? 2 : title.includes(asked) ? 1.4 : 1;
    };
    const weight = (place) => { // a word that is defined counts as such where it is that word which is asked for
      const fits = whole(place);
      return place.kind === "term" && fits === 1 ? .8 : (RANK[place.kind] ?? 1) * fits;
    };
    const find = (options) => index.search(query, {
      boost: { title: 3 }, prefix: (word) => word.length > 2, boostDocument: (id) => weight(places[id]), ...options,
    });
    let hits = find({ combineWith: "AND" });
    if (!hits.length) hits = find({ combineWith: "AND", fuzzy: .2 });
    if (!hits.length) hits = find({ combineWith: "OR", fuzzy: .2 });
    return hits.map(({ id }) => places[id]);
  }

  /* -- showing ------------------------------------------------------------------------------------------------------ */

  const KIND = { term: "Term", section: "Section", equation: "Formula", figure: "Figure" };
  const address = (place, query) => {
    const url = new URL(`${pages[place.page][0]}.html`, base);
    if (!byNumber(query).length) url.searchParams.set("q", query); // on arrival its words are marked
    url.hash = place.anchor;
    return url.href;
  };
  function excerpt(text, query) { // the first of the words asked for, with what stands around it
    const asked = words(query).map(term);
    const found = [...text.matchAll(/[\p{L}\p{N}]+/gu)].filter(([word]) => asked.some((w) => term(word).startsWith(w)));
    const from = Math.max(0, (found[0]?.index ?? 0) - 60), start = from ? text.indexOf(" ", from) + 1 : 0;
    const end = start + 190 < text.length ? text.lastIndexOf(" ", start + 190) : text.length;
    const node = make("span", { className: "found-text" }, start ? "… " : "");
    let at = start;
    for (const { 0: word, index: i } of found) {
      if (i < at || i + word.length > end) continue;
      node.append(text.slice(at, i), make("mark", { textContent: word }));
      at = i + word.length;
    }
    node.append(text.slice(at, end), end < text.length ? " …" : "");
    return node;
  }
  function hit(place, query) {
    const name = [place.number || KIND[place.kind] || place.kind, place.kind === "figure" ? "" : place.title].filter(Boolean).join(" · ");
    return make("li", {},
      make("a", { href: address(place, query) }, make("span", { className: "found-name", textContent: name }),
        make("span", { className: "found-page", textContent: pages[place.page][1] }), excerpt(place.kind === "figure" ? place.title : place.text, query)));
  }

  /* A field, and the list beneath it that answers while one types. */
  function attach(form, box) {
    const field = form.querySelector("input");
    const status = make("p", { className: "found-count", role: "status" }), list = make("ol", { className: "found-list" });
    box.append(status, list);
    let asked = 0;
    const answer = async () => {
      const query = field.value.trim(), turn = asked += 1;
      if (!query) { list.replaceChildren(); status.textContent = ""; return; }
      try { await ready(); } catch { status.textContent = "The list of the book's places could not be loaded."; return; }
      if (turn !== asked) return;
      const hits = search(query);
      status.textContent = hits.length ? `${hits.length === 1 ? "1 place" : `${hits.length} places`}` : "Nothing was found. Try fewer words, or look into the index of terms.";
      list.replaceChildren(...hits.slice(0, 40).map((place) => hit(place, query)));
    };
    field.addEventListener("input", answer);
    field.addEventListener("focus", () => ready().catch(() => {}), { once: true });
    form.parentElement.addEventListener("keydown", (event) => {
      const step = { ArrowDown: 1, ArrowUp: -1 }[event.key], links = [...list.querySelectorAll("a")];
      if (!step || !links.length) return;
      event.preventDefault();
      const to = links.indexOf(document.activeElement) + step;
      (to < 0 ? field : links[Math.min(to, links.length - 1)]).focus();
    });
    list.addEventListener("click", (event) => { if (event.target.closest("a")) form.closest("dialog")?.close(); });
    form.addEventListener("submit", (event) => {
      const first = list.querySelector("a");
      if (!form.closest("dialog")) event.preventDefault();
      else if (first) { event.preventDefault(); first.click(); }
    });
    return answer;
  }

  const dialog = document.querySelector(".search-box form"), own = document.querySelector(".search-form");
  if (dialog) attach(dialog, dialog.parentElement.appendChild(make("div", { className: "found" })));
  if (own) {
    own.querySelector("input").value = new URLSearchParams(location.search).get("q") ?? "";
    attach(own, document.querySelector(".found"))();
  }

  /* -- arrival: the words that were asked for, marked in the place, and the first of them in view -------------------- */

  const query = new URLSearchParams(location.search).get("q");
  function mark() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const asked = words(query).map(term);
    if (!target || !asked.length || !window.Highlight) return;
    const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT, {
      acceptNode: (node) => (node.parentElement.closest("math, pre, script, style, summary .fold-time") ? 2 : 1),
    });
    const ranges = [];
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      for (const { 0: word, index: i } of node.data.matchAll(/[\p{L}\p{N}]+/gu)) {
        if (!asked.some((w) => term(word).startsWith(w))) continue;
        const range = new Range();
        range.setStart(node, i);
        range.setEnd(node, i + word.length);
        ranges.push(range);
      }
    }
    if (!ranges.length) return;
    CSS.highlights.set("found", new Highlight(...ranges));
    const first = ranges.map((range) => range.startContainer.parentElement).find((e) => !e.closest("h1, h2, h3")) ?? target;
    for (let fold = first.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    if (first.getBoundingClientRect().top > innerHeight * .8) first.scrollIntoView({ block: "center" });
  }
  if (query && location.hash && !own) window.addEventListener("load", () => requestAnimationFrame(mark));
}
