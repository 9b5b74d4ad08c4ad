"""Print the budgets of the build, on a copy of the tree with nothing cached: execute, build, build after an edit."""

import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

import book  # noqa: E402
import notebooks  # noqa: E402


def timed(what, action):
    begun = time.perf_counter()
    action()
    print(f"{what:45} {time.perf_counter() - begun:6.1f} s", flush=True)


def main():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "book"
        shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns(".git", ".venv", "_build", "__pycache__", ".*_cache"))
        for page in notebooks.sources(root):
            timed(f"execute {page.stem}", lambda page=page: notebooks.execute([page], root))
        shutil.rmtree(root / "_build")
        timed("execute all, cold", lambda: notebooks.execute(notebooks.sources(root), root))
        timed("write the site, cold", lambda: book.build(root))
        page = notebooks.sources(root)[-1]
        page.write_text(page.read_text(encoding="utf8") + "\nOne more sentence.\n", encoding="utf8")
        timed(f"write the site after an edit of {page.stem[:2]}", lambda: book.build(root))


if __name__ == "__main__":
    main()
