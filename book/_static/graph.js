/* The drawings of what rests on what: the node under the pointer, or with the focus, lights up with its neighbours. */
"use strict";

for (const svg of document.querySelectorAll("svg.graph")) {
  const nodes = new Map([...svg.querySelectorAll(".graph-node")].map((node) => [node.dataset.key, node]));
  const edges = [...svg.querySelectorAll(".graph-edge")];
  const light = (key) => {
    for (const lit of svg.querySelectorAll(".lit")) lit.classList.remove("lit");
    if (!key) return;
    nodes.get(key).classList.add("lit");
    for (const edge of edges) {
      if (edge.dataset.from !== key && edge.dataset.to !== key) continue;
      for (const part of [edge, nodes.get(edge.dataset.from), nodes.get(edge.dataset.to)]) part.classList.add("lit");
    }
  };
  const keyOf = (event) => event.target.closest(".graph-node")?.dataset.key;
  for (const kind of ["mouseover", "focusin"]) svg.addEventListener(kind, (event) => light(keyOf(event)));
  for (const kind of ["mouseleave", "focusout"]) svg.addEventListener(kind, () => light(null));
}
