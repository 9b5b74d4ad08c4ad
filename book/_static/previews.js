/* A reference to an equation, a box, a figure, a section or a source shows it when it is pointed at, focused or tapped.
   What stands on this page is copied from it; what stands on another comes in a small file of its own. */
"use strict";
{
  const base = new URL(document.documentElement.dataset.content_root || "./", location.href);
  const text = document.querySelector("article.text");
  const skipped = ".headerlink, .claim-check, .check-line a, .nav a, .sd-stretched-link";
  const box = Object.assign(document.createElement("div"), { className: "preview", id: "preview", hidden: true });
  box.setAttribute("role", "tooltip");
  document.body.append(box);

  /* -- what a link means ------------------------------------------------------------------------------------------ */

  function aim(link) { // {page, id, address} of a link within the book's text, or null
    if (!link || link.matches(skipped) || !link.hash || link.hash.length < 2 || link.origin !== location.origin) return null;
    const address = new URL(link.href);
    if (!address.href.startsWith(base.href) || !address.pathname.endsWith(".html")) {
      if (address.pathname !== location.pathname) return null;
    }
    const page = address.pathname === location.pathname ? null : address.href.slice(base.href.length).replace(/\.html[?#].*$/, "");
    return { page, id: decodeURIComponent(address.hash.slice(1)), address };
  }

  const titleOf = (node) => node && [...node.childNodes].filter((part) => !part.matches?.(".headerlink")).map((part) => part.textContent).join("").trim();

  function copied(id) { // [nodes, where they stand] of a place on this page
    let found = document.getElementById(id);
    if (!found || found.matches("main, body") || !text.contains(found)) return null;
    if (found.matches("dfn")) found = found.closest("p, li, dd, td") || found;
    if (found.matches("span")) found = found.textContent ? found.closest("p") || found : found.closest("section") || found;
    if (found.matches("p.check-line, .cell *")) if (!found.matches("figure, .mld-slider")) return null;
    if (found.matches("section, article")) {
      const heading = found.querySelector("h1, h2, h3, h4"), first = found.querySelector(":scope > p");
      if (!heading) return null;
      const title = document.createElement("p"), strong = document.createElement("strong");
      strong.textContent = titleOf(heading);
      title.append(strong);
      return [[title, ...(first ? [first.cloneNode(true)] : [])], ""];
    }
    const around = found.parentElement.closest("div.proof.admonition, div.exercise.admonition")?.querySelector(".admonition-title");
    const where = around || found.closest("section")?.querySelector("h1, h2, h3, h4");
    return [[found.cloneNode(true)], titleOf(where) || ""];
  }

  const loading = new Map();
  function load(place) { // what stands at another page's place, as "page#id"; nothing where there is no such file
    if (!loading.has(place)) loading.set(place, new Promise((done) => {
      const script = document.createElement("script");
      script.onload = script.onerror = () => done(window.previews?.[place]);
      script.src = new URL(`previews/${place.split("#").map(encodeURI).join("/")}.js`, base).href;
      document.head.append(script);
    }));
    return loading.get(place);
  }

  async function piece({ page, id, address }) {
    if (!page) return copied(id);
    const found = await load(`${page}#${id}`);
    if (!found) return null;
    const holder = document.createElement("template");
    holder.innerHTML = found[0];
    for (const name of ["href", "src", "srcset"]) for (const node of holder.content.querySelectorAll(`[${name}]`)) {
      node.setAttribute(name, new URL(node.getAttribute(name), address).href);
    }
    return [[...holder.content.childNodes], found[1]];
  }

  /* -- showing it -------------------------------------------------------------------------------------------------- */

  let shown = null, wanted = null, timer = 0, focusTimer = 0; // a pointer that lies about must not undo what focus does

  function hide() {
    clearTimeout(timer);
    clearTimeout(focusTimer);
    wanted = null;
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    box.hidden = true;
    box.replaceChildren();
  }

  async function show(link) { // whether there was something to show
    const target = aim(link);
    if (!target) return false;
    if (shown === link) return true;
    wanted = link;
    const found = await piece(target);
    if (wanted !== link || !link.isConnected) return Boolean(found);
    if (!found) return false;
    if (shown) hide();
    wanted = shown = link;
    const [nodes, where] = found;
    const go = Object.assign(document.createElement("a"), { href: link.href, textContent: "Go there", className: "preview-go" });
    const foot = Object.assign(document.createElement("p"), { className: "preview-foot" });
    foot.append(Object.assign(document.createElement("span"), { textContent: where }), go);
    box.replaceChildren(...nodes, foot);
    for (const node of box.querySelectorAll("[id]")) node.removeAttribute("id");
    for (const node of box.querySelectorAll(".headerlink, .claim-badge, .rests, script, button, input, summary")) node.remove();
    for (const node of box.querySelectorAll("details")) node.open = true;
    for (const node of box.querySelectorAll("a, [tabindex]")) node.tabIndex = -1; // the tab key goes on in the text
    box.hidden = false;
    box.scrollTop = 0;
    window.markWide?.(box);
    put(link);
    const scrolls = box.scrollHeight > box.clientHeight + 1;
    box.style.overflow = scrolls ? "auto" : "hidden";
    box.tabIndex = scrolls ? 0 : -1; // what scrolls must be reached by the keyboard
    link.setAttribute("aria-describedby", box.id);
    return true;
  }

  function put(link) { // under the line that holds the reference, or over it where there is more room
    const lines = link.getClientRects(), line = lines[lines.length - 1], room = document.documentElement.clientWidth;
    box.style.maxHeight = "";
    const below = innerHeight - line.bottom - 16, above = lines[0].top - 16;
    const up = box.offsetHeight > below && above > below;
    box.style.maxHeight = `${Math.max(120, up ? above : below)}px`;
    const left = Math.max(12, Math.min(line.left - 16, room - box.offsetWidth - 12));
    box.style.left = `${left + scrollX}px`;
    box.style.top = `${(up ? lines[0].top - box.offsetHeight - 6 : line.bottom + 6) + scrollY}px`;
  }

  /* -- pointer, focus, touch, escape --------------------------------------------------------------------------------- */

  const linkOf = (event) => event.target.closest?.("article.text a[href]");
  const later = (act, wait) => { clearTimeout(timer); timer = setTimeout(act, wait); };
  const leave = () => { const link = shown || wanted; if (link && !link.matches(":focus-visible")) hide(); };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    if (event.target.closest?.(".preview")) return clearTimeout(timer);
    const link = linkOf(event);
    if (link && aim(link)) later(() => show(link), 250);
    else if (shown || wanted) later(leave, 250);
    else clearTimeout(timer);
  });
  document.documentElement.addEventListener("pointerleave", () => later(leave, 250));
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event);
    clearTimeout(focusTimer);
    if (link && link.matches(":focus-visible")) focusTimer = setTimeout(show, 250, link);
    else if (event.target !== shown && !event.target.closest?.(".preview")) hide();
  });
  document.addEventListener("focusout", (event) => {
    if ((event.target === shown || event.target === box) && event.relatedTarget !== shown && !box.contains(event.relatedTarget)) hide();
  });
  window.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      if (document.activeElement === box) shown.focus();
      hide();
    } else if (event.key === "Tab" && document.activeElement === box) { // on from the reference, or back to it
      const link = shown;
      hide();
      link.focus();
      if (event.shiftKey) event.preventDefault();
    } else if (event.key === "Tab" && !event.shiftKey && shown && document.activeElement === shown && box.tabIndex === 0) {
      event.preventDefault();
      box.focus();
    }
  });
  window.addEventListener("popstate", hide);
  window.addEventListener("resize", hide);

  let touched = false;
  window.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (touched && shown && !event.target.closest?.(".preview") && linkOf(event) !== shown) hide();
  }, true);
  window.addEventListener("click", async (event) => { // before anything else hears of it
    const link = linkOf(event);
    if (touched && link && link !== shown && aim(link)) {
      event.preventDefault();
      event.stopImmediatePropagation();
      if (!await show(link)) { touched = false; link.click(); }
    } else if (link || event.target.closest?.(".preview a")) setTimeout(hide);
  }, true);
}
