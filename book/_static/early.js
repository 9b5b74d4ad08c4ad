/* What must hold at the first paint: the theme, and how deep the page stands open. Loaded in the head, before anything
   is drawn. Any button with data-depth-choice, wherever it stands, chooses a depth; the choice is kept on this device. */
"use strict";

{
  const root = document.documentElement;
  const remembered = (name) => { try { return localStorage.getItem(name); } catch { return null; } };
  const remember = (name, value) => { try { localStorage.setItem(name, value); } catch { /* for this page alone */ } };

  root.classList.add("js");
  const theme = remembered("theme");
  if (theme) root.dataset.theme = theme;

  /* The kinds of fold that each depth opens; depths.py holds the same. */
  const opens = {
    story: [],
    proofs: ["depth-proof"],
    everything: ["depth-proof", "depth-checks", "depth-box"],
  };
  const known = (depth) => (Object.hasOwn(opens, depth ?? "") ? depth : "proofs");
  root.dataset.depth = known(remembered("depth"));

  const folds = document.getElementsByClassName("depth"); // live: it grows while the page is read
  const settle = (fold) => { fold.open = opens[root.dataset.depth].some((kind) => fold.classList.contains(kind)); };

  /* Folds arrive open. Each is closed in the task that parses it, so none is ever painted open and then shut. */
  let settled = 0;
  const arrive = () => { for (; settled < folds.length; settled += 1) settle(folds[settled]); };
  const arrivals = new MutationObserver(arrive);
  arrivals.observe(root, { childList: true, subtree: true });

  const press = () => {
    for (const button of document.querySelectorAll("[data-depth-choice]")) {
      button.setAttribute("aria-pressed", button.dataset.depthChoice === root.dataset.depth);
    }
  };
  document.addEventListener("DOMContentLoaded", () => {
    arrive();
    arrivals.disconnect();
    press();
  });

  /* What stands at the top of the window, and how far from its edge, so that it can be put back there. */
  const place = () => {
    const article = document.querySelector("article");
    const { left } = article.getBoundingClientRect();
    for (let y = 10; y < innerHeight; y += 8) { // a line of which 2 px remain is behind him
      const found = document.elementFromPoint(left + 12, y);
      if (found && article.contains(found) && !found.matches("article, section, details, div:not(.math)")) {
        return [found, found.getBoundingClientRect().top];
      }
    }
    return null;
  };
  const shown = (element) => { // or, where it is folded away, the line of the outermost fold that holds it
    let seen = element;
    for (let fold = element.closest("details"); fold; fold = fold.parentElement.closest("details")) {
      if (!fold.open && !(fold.contains(element) && element.closest("summary")?.parentElement === fold)) {
        seen = fold.querySelector("summary");
      }
    }
    return seen;
  };

  function choose(depth) {
    const held = place(), anchoring = root.style.overflowAnchor;
    root.style.overflowAnchor = "none"; // the browser's own holding on would come on top of ours
    root.dataset.depth = known(depth);
    remember("depth", root.dataset.depth);
    for (const fold of folds) settle(fold);
    press();
    if (held) {
      const seen = shown(held[0]);
      const wanted = seen === held[0] ? held[1] : Math.max(held[1], 8);
      scrollBy({ top: seen.getBoundingClientRect().top - wanted, behavior: "instant" });
    }
    requestAnimationFrame(() => requestAnimationFrame(() => { root.style.overflowAnchor = anchoring; }));
    document.dispatchEvent(new CustomEvent("depth", { detail: root.dataset.depth }));
  }
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-depth-choice]");
    if (button) choose(button.dataset.depthChoice);
  });
}
