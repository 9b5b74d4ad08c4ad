"""A graph as SVG, in layers: what rests on nothing stands at the left, everything else right of what it rests on.

With `down` the layers are rows: what rests on nothing stands at the top, everything else below what it rests on.
"""

import dataclasses
import html
from collections import defaultdict

ROW, HIGH, GAP, DROP = 32, 24, 34, 22  # of a node: pitch and height; the room between two columns, two rows
NARROW, WIDE, ROOM = 118, 210, 886  # a node's least and greatest width, and the width that the page has for a drawing
LETTER = 5.6  # the mean width of a letter of 12 px
SWEEPS = 8


@dataclasses.dataclass
class Node:
    """A node of a drawing: what it says, what it says on pointing, where a click leads, and its classes."""

    key: str
    text: str
    title: str
    link: str
    classes: str = ""


def layers(nodes, below):
    """{key: layer}: one more than the furthest of what a node rests on."""
    layer = {}

    def place(key):
        if key not in layer:
            layer[key] = 0  # guards against a circle, which is reported elsewhere
            layer[key] = 1 + max((place(k) for k in below[key]), default=-1)
        return layer[key]

    for node in nodes:
        place(node.key)
    return layer


def rows(nodes, layer, below, above):
    """{key: rank}: within each layer near the middle of the neighbours, so that few lines cross."""
    lists = defaultdict(list)
    for node in nodes:
        lists[layer[node.key]].append(node.key)
    most = max(map(len, lists.values()))
    height = {}

    def stack(keys, start):
        for i, key in enumerate(keys):
            height[key] = start + i

    for keys in lists.values():
        stack(keys, (most - len(keys)) / 2)
    for sweep in range(SWEEPS):
        near = below if sweep % 2 == 0 else above
        for c in sorted(lists, reverse=sweep % 2 == 1):
            wish = {k: sum(map(height.get, near[k])) / len(near[k]) if near[k] else height[k] for k in lists[c]}
            lists[c].sort(key=wish.get)
            free = 0.0  # each as near to its wish as those above it allow, and no layer longer than the longest
            for i, key in enumerate(lists[c]):
                height[key] = min(max(free, wish[key]), most - len(lists[c]) + i)
                free = height[key] + 1
    return height


def draw(nodes, edges, loans=(), label="", down=False):
    """The SVG of a graph. `edges` and `loans` are pairs (source, target) of keys: the source rests on the target.

    A loan that would close a circle must not decide where its nodes stand: with `down` loans do not, else they do.
    """
    below, above = defaultdict(list), defaultdict(list)
    for source, target in edges if down else [*edges, *loans]:
        below[source].append(target)
        above[target].append(source)
    layer = layers(nodes, below)
    rank = rows(nodes, layer, below, above)
    across = 1 + (max(rank.values()) if down else max(layer.values()))
    width = round(min(WIDE, max(NARROW, (ROOM + GAP) / across - GAP)))
    if down:
        spot = {k: (round(rank[k] * (width + GAP)) + 1, layer[k] * (HIGH + DROP) + 1) for k in layer}
    else:
        spot = {k: (layer[k] * (width + GAP) + 1, round(rank[k] * ROW) + 1) for k in layer}
    right, bottom = max(x for x, _ in spot.values()) + width + 1, max(y for _, y in spot.values()) + HIGH + 1
    parts = [
        f'<svg class="graph" role="group" aria-label="{html.escape(label)}" viewBox="0 0 {right} {bottom}" '
        f'width="{right}" height="{bottom}">'
    ]
    for pairs, classes in ((edges, "graph-edge"), (loans, "graph-edge graph-loan")):
        for source, target in pairs:
            path = curve(spot[target], spot[source], width, down)
            parts.append(f'<path class="{classes}" data-from="{source}" data-to="{target}" d="{path}"/>')
    room = int((width - 14) / LETTER)
    for node in nodes:
        x, y = spot[node.key]
        text = node.text if len(node.text) <= room else node.text[: room - 1].rstrip() + "…"
        parts.append(
            f'<a href="{html.escape(node.link)}" class="graph-node {node.classes}" data-key="{node.key}">'
            f"<title>{html.escape(node.title)}</title>"
            f'<rect x="{x}" y="{y}" width="{width}" height="{HIGH}" rx="3"/>'
            f'<text x="{x + 7}" y="{y + 16}">{html.escape(text)}</text></a>'
        )
    return "".join(parts) + "</svg>"


def curve(start, end, width, down):
    """The path from what is rested on to what rests on it, from edge to edge."""
    if down:
        (x1, y1), (x2, y2) = (start[0] + width // 2, start[1] + HIGH), (end[0] + width // 2, end[1])
        bend = max(DROP, abs(y2 - y1)) // 2
        return f"M{x1} {y1}C{x1} {y1 + bend} {x2} {y2 - bend} {x2} {y2}"
    (x1, y1), (x2, y2) = (start[0] + width, start[1] + HIGH // 2), (end[0], end[1] + HIGH // 2)
    bend = max(GAP, abs(x2 - x1)) // 2
    return f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
