"""Figures on a phone: each figure of the text's width was drawn twice, and the page shows the one that fits.

A figure's SVG, as a cell put it out, carries the drawing for a phone in its metadata (`mlderived.figures`). Here the
two are parted into two files, and stand in the page as one `<picture>` with one alternative text; the browser loads the
one that it shows.
"""

import posixpath
import re
import zlib
from base64 import b64decode
from pathlib import Path
from urllib.parse import quote

from docutils import nodes
from sphinx.transforms import SphinxTransform

from .reading import cells

ON_PHONE = "(max-width: 36rem)"  # as in mlderived.figures, which would load matplotlib
PACKED = re.compile(r'<metadata id="phone">([A-Za-z0-9+/=]+)</metadata>\s*')
SIZE = re.compile(r'<svg [^>]*?\bwidth="([\d.]+)pt" height="([\d.]+)pt"')


class picture(nodes.General, nodes.Element):
    """A figure's image and, after it, that for a phone."""


def part(path):
    """Take the drawing for a phone out of an SVG file into a file beside it; its path, None if there is none."""
    beside = path.with_name(f"{path.stem}-phone.svg")
    text = path.read_text(encoding="utf8")
    if packed := PACKED.search(text):
        beside.write_text(zlib.decompress(b64decode(packed[1])).decode(), encoding="utf8")
        path.write_text(PACKED.sub("", text), encoding="utf8")
    return beside if beside.exists() else None


def size(path):
    """The width and height of an SVG of matplotlib's, as attributes in pixels: so nothing moves when it arrives."""
    wide, high = SIZE.search(path.read_text(encoding="utf8")).groups()
    return f'width="{float(wide) * 4 / 3:.0f}" height="{float(high) * 4 / 3:.0f}"'


class PairPictures(SphinxTransform):
    """Set the drawing for a phone beside each figure that has one."""

    default_priority = 848

    def apply(self):
        for cell in list(cells(self.document)):
            for image in list(cell.findall(nodes.image)):
                path = Path(self.env.relfn2path(image["uri"], self.env.docname)[1])
                phone = part(path) if path.suffix == ".svg" and path.exists() else None
                if phone:
                    small = image.copy()
                    small["uri"] = posixpath.join(posixpath.dirname(image["uri"]), phone.name)
                    pair = picture(sizes=[size(path), size(phone)])
                    image.replace_self(pair)
                    pair += [image, small]


def visit_picture(self, node):
    image, small = node
    address = posixpath.join(self.builder.imgpath, quote(self.builder.images[small["uri"]]))
    self.body.append(f'<picture><source media="{ON_PHONE}" srcset="{address}" {node["sizes"][1]}>')
    image.walkabout(self)
    # lazy, for a browser lays out each drawing as a page of its own, and twenty of them keep the text waiting
    lazy = f'<img loading="lazy" {node["sizes"][0]} '
    self.body[-1] = self.body[-1].rstrip().replace("<img ", lazy, 1)
    self.body.append("</picture>\n")
    raise nodes.SkipNode


def visit_for_paper(self, node):
    node.pop()


def depart(self, node):
    pass


def setup(app):
    app.add_node(picture, html=(visit_picture, None), latex=(visit_for_paper, depart), text=(visit_for_paper, depart))
    app.add_transform(PairPictures)
