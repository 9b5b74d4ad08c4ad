"""The scripts behind make: what a failed build says, and the server of the site."""

import os
import sys
import threading
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import book  # noqa: E402
import serve  # noqa: E402

LOG = """Running Sphinx v7.4.7
myst-nb v1.4.0: NbParserConfig(output_stderr='error')
building [html]: targets for 2 source files that are out of date
/somewhere/book/05-x.md:33: WARNING: equation not found: eq-x
/somewhere/book/05-x.md:33: WARNING: equation not found: eq-x
Extension error:
the book does not hold, 1 fault:
book/05-x.md:12: eq-y: no check on this page names this claim
Traceback (most recent call last):
  File "/somewhere/lib/events.py", line 98, in emit
    raise ExtensionError
sphinx.errors.ExtensionError: the book does not hold, 1 fault:
book/05-x.md:12: eq-y: no check on this page names this claim
RuntimeError: There was an error in building your book
""".splitlines()


def test_a_failed_build_says_each_fault_once_and_no_traceback(capsys):
    book.report(LOG, Path("/somewhere"))
    said = capsys.readouterr().err.splitlines()
    assert said.count("book/05-x.md:33: WARNING: equation not found: eq-x") == 1
    assert said.count("book/05-x.md:12: eq-y: no check on this page names this claim") == 1
    assert not [line for line in said if "Traceback" in line or "events.py" in line or "NbParserConfig" in line]
    assert said[-1] == "the book was not built"


def test_a_failed_build_without_a_known_fault_still_says_something(capsys):
    book.report(["building [html]", "Traceback (most recent call last):", "KeyError: 'x'"], Path("/somewhere"))
    assert "KeyError: 'x'" in capsys.readouterr().err


def test_a_fault_that_names_no_page_is_said_with_the_page_that_was_being_read(capsys):
    log = [
        "reading sources... [  4%] book/01-x",
        "reading sources... [  9%] book/02-y",
        "Traceback (most recent call last):",
    ]
    book.report([*log, "myst_nb.core.read.MystMetadataParsingError: Code cell 5 could not be read"], Path("/somewhere"))
    said = capsys.readouterr().err.splitlines()
    assert said[:2] == [
        "while reading or writing book/02-y:",
        "myst_nb.core.read.MystMetadataParsingError: Code cell 5 could not be read",
    ]


def test_a_changed_style_has_every_page_written_anew(tmp_path):
    style, page, state = (
        tmp_path / name for name in ("book/_static/a.css", "book/01.md", "_build/.doctrees/environment.pickle")
    )
    for path in (style, page, state):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    os.utime(style, (1, 1))
    os.utime(state, (2, 2))
    os.utime(page, (3, 3))  # Sphinx sees to the pages itself
    book.forget_old_looks(tmp_path)
    assert state.exists()
    os.utime(style, (4, 4))
    book.forget_old_looks(tmp_path)
    assert not state.exists()
    book.forget_old_looks(tmp_path)  # nothing was built yet


def test_the_server_takes_the_next_free_port_and_serves_modules_as_javascript(tmp_path):
    (tmp_path / "a.mjs").write_text("export const a = 1;\n")
    first = serve.first_free(tmp_path, 18_300)
    second = serve.first_free(tmp_path, first.server_address[1])
    try:
        assert second.server_address[1] > first.server_address[1]
        threading.Thread(target=second.serve_forever, daemon=True).start()
        with urllib.request.urlopen(f"http://127.0.0.1:{second.server_address[1]}/a.mjs") as answer:
            assert answer.headers["Content-Type"].startswith("text/javascript")
            assert answer.read() == b"export const a = 1;\n"
    finally:
        second.shutdown()
        first.server_close()
        second.server_close()
