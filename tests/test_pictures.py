"""A figure that was drawn twice stands in the page as one picture with one alternative text, and as two files."""

import pytest
from test_extension import CONF, Book  # it puts the extension on the path, too

from mlderived import figures

from mldbook.pictures import ON_PHONE  # isort: skip

CELL = """
```{code-cell} ipython3
---
mystnb:
  figure:
    caption: A line.
    name: fig-{name}
  image:
    alt: A line from 0 to 1.
---
import matplotlib
matplotlib.use("module://matplotlib_inline.backend_inline")
from mlderived import figures
figures.use(1)
figure, ax = matplotlib.pyplot.subplots(figsize=figures.size("{width}", aspect=0.5))
ax.plot([0, 1])
ax.set_xlabel("x")
matplotlib.pyplot.show()
```
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    made = Book(tmp_path_factory.mktemp("pictures"))
    (made.folder / "conf.py").write_text(CONF.replace('"mldbook.claims"', '"mldbook.claims", "mldbook.pictures"'))
    for width in ("text", "margin"):
        made.page(f"book/{width}", CELL.replace("{name}", width).replace("{width}", width))
    made.index()
    assert made.build()[:2] == (0, "")
    return made


def file(book, address):
    return (book.folder / "_build" / "html" / "book" / address).resolve().read_text()


def test_the_condition_is_that_of_the_package():
    assert ON_PHONE == figures.ON_PHONE


def test_the_page_holds_both_drawings_under_one_alternative_text(book):
    figure = book.html("book/text").select_one("figure#fig-text")
    [image], [source] = figure.select("picture > img"), figure.select("picture > source")
    assert (image["alt"], source["media"]) == ("A line from 0 to 1.", ON_PHONE)
    assert (image["width"], image["height"], source["width"], source["height"]) == ("632", "316", "420", "316")
    wide, phone = file(book, image["src"]), file(book, source["srcset"])
    assert 'width="474pt"' in wide
    assert 'width="315pt"' in phone
    assert "<metadata" not in wide + phone
    assert figure.figcaption.text.strip().startswith("Fig. 2.1")


def test_a_figure_of_the_margin_is_one_image(book):
    figure = book.html("book/margin").select_one("figure#fig-margin")
    assert figure.picture is None
    assert 'width="168pt"' in file(book, figure.img["src"])


def test_a_second_build_keeps_both(book):
    page = book.folder / "book" / "text.md"
    page.write_text(page.read_text() + "\nMore words.\n")
    assert book.build()[:2] == (0, "")
    image = book.html("book/text").select_one("picture > img")
    assert "<metadata" not in file(book, image["src"])
    assert 'width="315pt"' in file(book, book.html("book/text").select_one("picture > source")["srcset"])
