"""The scripts behind make: what a failed build says, and the server of the site."""

import re
import shutil
import subprocess
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


def test_a_second_build_waits_for_the_first(tmp_path):
    """The second asks for the lock while the first holds it, and begins after it has ended."""
    code = (
        f"import sys, time; sys.path.insert(0, {str(ROOT / 'tools')!r})\n"
        "from pathlib import Path\nfrom lock import alone\n"
        "with alone(Path('.')):\n"
        "    with open('log', 'a') as log: print('in', file=log)\n"
        "    print('begun', flush=True); time.sleep(float(sys.argv[1]))\n"
        "    with open('log', 'a') as log: print('out', file=log)\n"
    )

    def start(seconds):
        command = [sys.executable, "-c", code, seconds]
        return subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True)

    with start("2") as first:
        assert first.stdout.readline() == "begun\n"
        with start("0") as second:
            assert second.stdout.read() == "another build is at work here; waiting for it\nbegun\n"
    assert (tmp_path / "log").read_text().split() == ["in", "out"] * 2


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


def pins(path):
    """{name and marker: version} of a file that pip reads."""
    lines = (ROOT / path).read_text(encoding="utf8").replace("\\\n", " ").splitlines()
    found = (re.match(r"([\w.-]+)(?:\[\w+\])?==([^\s;]+)(?: ;(.*?))?(?:\s+--hash.*)?$", line.strip()) for line in lines)
    return {(m[1].lower().replace("_", "-"), (m[3] or "").strip()): m[2] for m in found if m}


def test_what_is_installed_is_what_is_pinned_each_file_by_its_hash():
    everything, book, tests = (pins(path) for path in ("constraints.txt", "locks/book.txt", "locks/tests.txt"))
    assert tests == everything
    assert book.items() <= everything.items()
    for direct, locked in (("requirements.txt", book), ("requirements-dev.txt", tests)):
        versions = {(name, version) for (name, _), version in locked.items()}
        assert {(name, version) for (name, _), version in pins(direct).items()} <= versions, "run make lock"
    for path in ("locks/book.txt", "locks/tests.txt"):
        entries = re.split(r"\n(?=\S)", (ROOT / path).read_text(encoding="utf8"))
        assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_the_grammars_of_addresses_are_not_compiled():
    code = "import sys; sys.path.insert(0, 'tools'); import notebooks; print('lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


SHARING = """import os
import pytest

@pytest.fixture(scope="module", params="abc")
def shared(request):
    return request.param

@pytest.mark.parametrize("number", range(6))
def test_it(shared, number):
    with open("ran.txt", "a") as file:
        file.write(f"{shared} {os.getpid()}\\n")
"""


def test_tests_that_share_a_fixture_run_in_one_process(tmp_path):
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_sharing.py").write_text(SHARING)
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", "--dist", "loadgroup"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    ran = [line.split() for line in (tmp_path / "ran.txt").read_text().splitlines()]
    assert len(ran) == 18
    assert len(set(map(tuple, ran))) == 3  # one process for each value of the fixture
    assert len({process for _, process in ran}) == 2
