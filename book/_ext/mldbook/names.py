"""How pages and faults are named, in one place; importing this loads nothing."""

import re

CHAPTER = re.compile(r"(?:^|/)(\d\d)-[^/]+$")  # a chapter's docname: book/05-linear-regression
EXCEPTION = re.compile(r"\w[\w.]*(Error|Failed|Exception|Warning|Interrupt)\b")  # how the line of an exception begins
COLOUR = re.compile(r"\x1b\[[\d;]*m")


def number_of(docname):
    """The number of a chapter from its docname."""
    return int(CHAPTER.search(docname)[1])


def last_message(traceback):
    """The exception's own lines, as one, at the end of a traceback."""
    lines = COLOUR.sub("", traceback).strip().splitlines()
    starts = [i for i, line in enumerate(lines) if EXCEPTION.match(line)]
    return " ".join(line.strip() for line in lines[starts[-1] if starts else -1 :])
