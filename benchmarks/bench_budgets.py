"""Print what each written chapter holds at each depth, and how long it takes, beside the goals.

Run `make book` first.
"""

import json
from pathlib import Path

BUDGETS = Path(__file__).resolve().parent.parent / "_build" / "html" / "budgets.json"
COLUMNS = ("words", "formulas", "displays", "proofs", "lines", "figures", "minutes")


def row(name, numbers, goals=None):
    """A line of the table; a number that is over its goal bears a mark."""
    cells = (
        f"{numbers.get(what, ''):>8}" + ("*" if goals and numbers.get(what, 0) > goals.get(what, 1e9) else " ")
        for what in COLUMNS
    )
    return f"{name:28}" + " ".join(cells)


def main():
    if not BUDGETS.exists():
        raise SystemExit("there are no budgets: run `make book`")
    data = json.loads(BUDGETS.read_text(encoding="utf8"))
    print(f"{'* over its goal':28}" + " ".join(f"{what:>8} " for what in COLUMNS))
    for chapter in data["chapters"]:
        for depth, numbers in chapter["depths"].items():
            print(row(f"chapter {chapter['number']}, {depth}", numbers, data["goals"].get(depth)))
    for depth, goals in data["goals"].items():
        print(row(f"at most, {depth}", {what: goals.get(what, "") for what in COLUMNS}))


if __name__ == "__main__":
    main()
