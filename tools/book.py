"""Build the site with warnings fatal and say where it lies: `make book`.

Jupyter Book ends a failed build with a long Python traceback, and after a build that failed on a warning an unchanged
second one would succeed; this script prints the faults alone, and forgets the half-built state.
"""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html"
EXTENSION = ROOT / "book" / "_ext"
sys.path.insert(0, str(EXTENSION))

from lock import alone  # noqa: E402
from mldbook.names import COLOUR, EXCEPTION  # noqa: E402

PROGRESS = re.compile(r"(reading sources|writing output)\.\.\. \[ *(\d+)%\] (\S*)")
WORTH_SAYING = re.compile(r"WARNING|ERROR|SEVERE|CRITICAL|[Ee]rror\b|threw an exception|^[\w./-]+\.(md|bib|yml):\d+: ")
SETTINGS = re.compile(r"^myst(-nb)? v")  # a line of settings, in which the word error is one of them
START = f"""
import sys
sys.path.insert(0, {str(EXTENSION)!r})
from mldbook.speed import read_yaml_in_c, skip_grammars, skip_validation
skip_grammars()
skip_validation()
read_yaml_in_c()
from jupyter_book.cli.main import main
main()
"""


def build(root=ROOT, verbose=False):
    """Run jupyter-book; print progress, then each warning or fault on a line of its own. Returns the exit code."""
    command = [
        sys.executable,
        "-c",
        START,
        "build",
        str(root),
        "-W",
        "-n",
        "--keep-going",
    ]
    log, said = [], set()
    with subprocess.Popen(
        command,
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf8",
        env={**os.environ, "NO_COLOR": "1", "PYTHONIOENCODING": "utf8"},
    ) as process:
        for line in process.stdout:
            line = COLOUR.sub("", line).rstrip()
            log.append(line)
            progress = PROGRESS.search(line)
            if verbose:
                print(line)
            elif progress and (progress[1], int(progress[2]) // 25) not in said:
                said.add((progress[1], int(progress[2]) // 25))
                print(f"  {progress[1]}: {progress[2]} %", flush=True)
    if process.returncode:
        (root / "_build" / ".doctrees" / "environment.pickle").unlink(missing_ok=True)
        report(log, root)
    return process.returncode


def report(log, root):
    """The lines of a failed build that say what is wrong, once each, without Python's tracebacks."""
    end = next((i for i, line in enumerate(log) if line.startswith("Traceback")), len(log))
    said = [line for line in log[:end] if not SETTINGS.match(line)]
    faults = [line.replace(f"{root}/", "") for line in said if WORTH_SAYING.search(line)]
    faults += [line for line in log[end:] if re.match(r"[\w./-]+\.(md|bib|yml):\d+: ", line)]
    last = [line for line in log if EXCEPTION.match(line)]
    page = next((progress[3] for line in reversed(log[:end]) if (progress := PROGRESS.search(line))), "")
    if page and not any(re.search(r"\.(md|bib|yml)\b", line) for line in faults or last):
        faults = [f"while reading or writing {page}:", *(faults or last)]
    print("\n".join(dict.fromkeys(faults or last or log[-20:])), file=sys.stderr)
    print("\nthe book was not built", file=sys.stderr)


def budgets(site=SITE):
    """The goals, then a line for each written chapter: its times, what its main line holds, and the goals it misses."""
    data = json.loads((site / "budgets.json").read_text(encoding="utf8"))
    main, story = data["goals"]["proofs"], data["goals"]["story"]
    yield (
        f"  goals: story {story['minutes']} min, proofs {main['minutes']} min; {main['words']:,} words, "
        f"{main['displays']} displays, {main['proofs']} proofs, {main['lines']} lines"
    )
    for chapter in data["chapters"]:
        main, minutes = chapter["depths"]["proofs"], {d: c["minutes"] for d, c in chapter["depths"].items()}
        missed = ", ".join(f"{depth} {what}" if what == "minutes" else what for depth, what, *_ in chapter["missed"])
        yield (
            f"  chapter {chapter['number']}: {', '.join(f'{depth} {time} min' for depth, time in minutes.items())}; "
            f"{main['words']:,} words, {main['displays']} displays, {main['proofs']} proofs, {main['lines']} lines; "
            + (f"missed: {missed}" if missed else "all goals met")
        )


def main():
    start = time.monotonic()
    with alone(ROOT):
        code = build(verbose="-v" in sys.argv[1:])
    if code == 0:
        print("\n".join(budgets()))
        print(f"built in {time.monotonic() - start:.0f} s: {(SITE / 'index.html').as_uri()}")
    raise SystemExit(code)


if __name__ == "__main__":
    main()
