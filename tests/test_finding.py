"""The index of terms: one entry for one word, in an order that knows no articles, names with their capitals."""

import sys
from pathlib import Path
from types import SimpleNamespace

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "book" / "_ext"))

from mldbook.finding import entries, sort_key


def book(**pages):
    """An environment that holds the places of these pages: (kind, title) each."""
    places = {name: [{"kind": kind, "title": title} for kind, title in held] for name, held in pages.items()}
    return SimpleNamespace(mld_places=places)


def test_one_word_has_one_entry_with_all_its_places():
    env = book(a=[("term", "ridge regression"), ("theorem", "Bayes risk")], b=[("theorem", "Ridge regression")])
    found = entries(env)
    assert [page for page, _ in found["ridge regression"]] == ["a", "b"]
    assert set(found) == {"ridge regression", "Bayes risk"}


def test_what_bears_no_name_of_its_own_is_not_listed():
    env = book(a=[("section", "Boxes"), ("figure", "A tree"), ("equation", "Boxes"), ("theorem", ""), ("term", "leaf")])
    assert set(entries(env)) == {"leaf"}


def test_the_order_knows_no_articles_accents_capitals_or_hyphens():
    listed = ["The price of a branch", "zero-one loss", "Ångström", "A prior law", "Price as limit"]
    assert sorted([*listed, "an edge", "angle"], key=sort_key) == [
        "angle",
        "Ångström",
        "an edge",
        "Price as limit",
        "The price of a branch",
        "A prior law",
        "zero-one loss",
    ]
    assert sort_key("theory")[0] == "theory"
    assert sort_key("K-means")[0] == sort_key("k means")[0]
