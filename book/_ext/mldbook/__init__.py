"""The book's Sphinx extension: claims and their checks, folded boxes, chapters, execution, what the site serves."""

from . import assets, boxes, chapters, claims, execution, live, previews, terms, turns


def setup(app):
    for part in (boxes, claims, chapters, execution, assets, live, previews, terms, turns):
        part.setup(app)
    return {"version": "1", "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
