"""The book's Sphinx extension: claims and their checks, folded boxes, chapters, execution, what the site serves."""

from . import (
    assets,
    boxes,
    budgets,
    chapters,
    claims,
    depths,
    execution,
    finding,
    formulas,
    live,
    previews,
    terms,
    turns,
)

PARTS = (boxes, claims, chapters, execution, finding, formulas, assets, live, previews, terms, turns, depths, budgets)


def setup(app):
    for part in PARTS:
        part.setup(app)
    return {"version": "1", "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
