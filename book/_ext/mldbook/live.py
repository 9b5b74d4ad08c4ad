"""Pages whose cells run in the reader's browser: what each such page is told, and the companion package as a wheel.

A page that is only read loads nothing more than a small script. When its button is pressed, a web worker starts Pyodide
from `mld_pyodide_url` and installs the wheel that is built here from the tree.
"""

import json
import os
from pathlib import Path

from docutils import nodes
from hatchling.builders.wheel import WheelBuilder
from markupsafe import Markup

PYODIDE = "https://cdn.jsdelivr.net/pyodide/v314.0.3/full/"


def has_cells(doctree):
    return doctree is not None and any(n.get("nb_element") == "cell_code" for n in doctree.findall(nodes.container))


def offer(app, pagename, templatename, context, doctree):
    """Give a page with cells the script, its styles and its settings."""
    if not has_cells(doctree):
        return
    pathto = context["pathto"]
    url = app.config.mld_pyodide_url
    settings = {
        "pyodide": url if "://" in url else pathto(url, 1).rstrip("/") + "/",
        "wheel": pathto(f"live/{app.mld_wheel}", 1),
        "editor": pathto("_static/codemirror/codemirror.js", 1),
        "worker": pathto("_static/live/worker.js", 1),
        "kernel": pathto("_static/live/kernel.py", 1),
    }
    text = json.dumps(settings).replace("<", "\\u003c")
    context["metatags"] = Markup(context["metatags"]) + Markup(
        f'\n<script type="application/json" id="live-settings">{text}</script>\n'
    )
    room = '</h1>\n<div class="live-bar js-only"></div>'  # so that nothing moves when the button comes
    context["body"] = context["body"].replace("</h1>", room, 1)
    app.add_js_file("live/live.js", type="module")
    app.add_css_file("live/live.css")


def build_wheel(app):
    """Build the companion package's wheel into the site, the same bytes for the same tree."""
    if app.builder.format != "html":
        return
    folder = Path(app.outdir, "live")
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.whl"):
        old.unlink()
    [wheel] = WheelBuilder(str(app.confdir)).build(directory=str(folder), versions=["standard"])
    app.mld_wheel = Path(wheel).name


def setup(app):
    url = os.environ.get("BOOK_PYODIDE_URL", PYODIDE)
    app.add_config_value("mld_pyodide_url", url, "html")
    app.connect("builder-inited", build_wheel)
    app.connect("html-page-context", offer, priority=950)
