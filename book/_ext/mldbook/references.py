"""The bibliography in plain Markdown: for each source its authors as a citation names them, and its full entry."""

import re
from dataclasses import dataclass
from types import MappingProxyType

from pybtex.backends import BaseBackend
from pybtex.database import parse_file
from pybtex.plugin import find_plugin


@dataclass
class Source:
    key: str
    authors: str
    year: str
    text: str
    place: int  # in the bibliography's order


MARKS = {"em": "*", "i": "*", "strong": "**", "b": "**", "tt": "`"}


class Plain(BaseBackend):
    """Markdown that leaves points and hyphens alone; pybtex's own escapes every one of them."""

    default_suffix = ".md"
    symbols = MappingProxyType({"ndash": "–", "newblock": " ", "nbsp": " "})

    def format_str(self, text):
        parts = re.split(r"(\$[^$]*\$)", text)  # formulas stay as they are
        parts[::2] = [re.sub(r"([\\*_`[\]<])", r"\\\1", part).replace("\N{NO-BREAK SPACE}", " ") for part in parts[::2]]
        return "".join(parts)

    def format_tag(self, name, text):
        mark = MARKS.get(name, "")
        return f"{mark}{text}{mark}" if text else ""

    def format_href(self, url, text, external=False):
        return f"[{text}]({url})" if text else ""

    def format_protected(self, text):
        return text


def last_name(person):
    names = [*person.rich_prelast_names, *person.rich_last_names]
    return " ".join(name.render(Plain()) for name in names)


def named(people):
    """As the site's citations do: one or two last names, or the first with et al."""
    names = [last_name(person) for person in people]
    return " and ".join(names) if len(names) <= 2 else f"{names[0]} *et al.*"


def read(path):
    """{key: Source} of a BibTeX file."""
    data, style = parse_file(str(path)), find_plugin("pybtex.style.formatting", "alpha")()
    made = style.format_bibliography(data)
    return {
        entry.key: Source(
            entry.key,
            named(data.entries[entry.key].persons.get("author") or data.entries[entry.key].persons["editor"]),
            data.entries[entry.key].fields["year"],
            " ".join(entry.text.render(Plain()).split()),
            place,
        )
        for place, entry in enumerate(made)
    }
