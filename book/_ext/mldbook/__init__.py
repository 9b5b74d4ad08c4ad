"""The book's Sphinx extension: claims and their checks, folded boxes, chapters, execution, what the site serves."""

from . import assets, boxes, budgets, chapters, claims, depths, execution, formulas, graph, ledger, live, terms, turns


def setup(app):
    for part in (
        boxes,
        claims,
        ledger,
        chapters,
        execution,
        formulas,
        assets,
        live,
        terms,
        turns,
        depths,
        budgets,
        graph,
    ):
        part.setup(app)
    return {"version": "1", "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
