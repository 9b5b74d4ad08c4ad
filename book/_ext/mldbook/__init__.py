"""The book's Sphinx extension: claims and their checks, folded boxes, chapters, execution, what the site serves."""

PARTS = (
    "speed",
    "renewal",
    "boxes",
    "claims",
    "ledger",
    "chapters",
    "execution",
    "formulas",
    "assets",
    "downloads",
    "pictures",
    "live",
    "previews",
    "terms",
    "sources",
    "finding",
    "turns",
    "depths",
    "budgets",
    "graph",
)


def setup(app):
    for part in PARTS:
        app.setup_extension(f"mldbook.{part}")
    return {"version": "1", "env_version": 1, "parallel_read_safe": False, "parallel_write_safe": True}
