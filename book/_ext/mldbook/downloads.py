"""The notebooks that the site offers: those of notebooks/, and nothing else.

Where the site's address is known (BOOK_URL), their links to other chapters lead to the site and their first cell
installs the wheel that the site serves; else they are copied as they are.
"""

import os
from pathlib import Path
from shutil import copy2, rmtree

import nbformat
from sphinx.errors import ExtensionError

from .plain import Book, filled


def serve(app, exception):
    """Put the notebooks into the site."""
    if exception is not None or app.builder.format != "html":
        return
    folder, address = Path(app.outdir, "notebooks"), os.environ.get("BOOK_URL", "").rstrip("/")
    rmtree(folder, ignore_errors=True)
    folder.mkdir()
    book = Book(app.srcdir, address, f"{address}/live/{app.mld_wheel}") if address else None
    for path in sorted(Path(app.srcdir, "notebooks").glob("*.ipynb")):
        if book is None:
            copy2(path, folder)
            continue
        made = filled(book.notebook(path.stem), nbformat.read(path, as_version=4))
        if made is None:
            raise ExtensionError(f"notebooks/{path.name}: its cells are not those of its page; run `make notebooks`")
        nbformat.write(made, folder / path.name)


def setup(app):
    app.connect("build-finished", serve)
