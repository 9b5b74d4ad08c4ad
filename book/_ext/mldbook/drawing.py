"""A graph as SVG, in columns: what rests on nothing stands at the left, everything else right of what it rests on."""

import dataclasses
import html
from collections import defaultdict

ROW, HIGH, WIDE, GAP = 32, 24, 132, 34  # of a node: pitch, height and width; the room between two columns
SWEEPS = 8


@dataclasses.dataclass
class Node:
    """A node of a drawing: what it says, what it says on pointing, where a click leads, and its classes."""

    key: str
    text: str
    title: str
    link: str
    classes: str = ""


def columns(nodes, below):
    """{key: column}: one more than the furthest right of what a node rests on."""
    column = {}

    def place(key):
        if key not in column:
            column[key] = 0  # guards against a circle, which is reported elsewhere
            column[key] = 1 + max((place(k) for k in below[key]), default=-1)
        return column[key]

    for node in nodes:
        place(node.key)
    return column


def rows(nodes, column, below, above):
    """{key: height}: within each column near the middle of the neighbours, so that few lines cross."""
    lists = defaultdict(list)
    for node in nodes:
        lists[column[node.key]].append(node.key)
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
            free = 0.0  # each as near to its wish as those above it allow, and the column not longer than the longest
            for i, key in enumerate(lists[c]):
                height[key] = min(max(free, wish[key]), most - len(lists[c]) + i)
                free = height[key] + 1
    return height


def draw(nodes, edges, loans=(), label="", width=WIDE):
    """The SVG of a graph. `edges` and `loans` are pairs (source, target) of keys: the source rests on the target."""
    below, above = defaultdict(list), defaultdict(list)
    for source, target in edges:
        below[source].append(target)
        above[target].append(source)
    column = columns(nodes, below)
    height = rows(nodes, column, below, above)
    left = {key: c * (width + GAP) + 1 for key, c in column.items()}
    top = {key: round(h * ROW + 1) for key, h in height.items()}
    whole = max(left.values()) + width + 2, max(top.values()) + HIGH + 2
    parts = [
        f'<svg class="graph" role="group" aria-label="{html.escape(label)}" viewBox="0 0 {whole[0]} {whole[1]}" '
        f'width="{whole[0]}" height="{whole[1]}">'
    ]
    for pairs, classes in ((edges, "graph-edge"), (loans, "graph-edge graph-loan")):
        for source, target in pairs:
            x1, y1 = left[target] + width, top[target] + HIGH // 2
            x2, y2 = left[source], top[source] + HIGH // 2
            bend = max(GAP, abs(x2 - x1)) // 2
            path = f"M{x1} {y1}C{x1 + bend} {y1} {x2 - bend} {y2} {x2} {y2}"
            parts.append(f'<path class="{classes}" data-from="{source}" data-to="{target}" d="{path}"/>')
    room = (width - 14) / 6.1
    for node in nodes:
        x, y = left[node.key], top[node.key]
        text = node.text if len(node.text) <= room else node.text[: int(room) - 1].rstrip() + "…"
        parts.append(
            f'<a href="{html.escape(node.link)}" class="graph-node {node.classes}" data-key="{node.key}">'
            f"<title>{html.escape(node.title)}</title>"
            f'<rect x="{x}" y="{y}" width="{width}" height="{HIGH}" rx="3"/>'
            f'<text x="{x + 7}" y="{y + 16}">{html.escape(text)}</text></a>'
        )
    return "".join(parts) + "</svg>"
