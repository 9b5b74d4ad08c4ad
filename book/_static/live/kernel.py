"""What runs the cells of a live page, inside Pyodide: outputs come back as the page's own execution would give them."""

import ast
import io
import linecache
import os
import sys
import traceback
import types
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
from pathlib import Path

from pyodide.code import find_imports

os.environ["MPLBACKEND"] = "module://live_backend"
namespace = {"__name__": "__main__"}
sliders = {}
outputs = []
screen = {"phone": False}


class Stream(io.TextIOBase):
    """What a cell prints is one output of its kind, at the place of its first piece."""

    def __init__(self, name):
        self.name = name

    def write(self, text):
        for output in outputs:
            if output["type"] == self.name:
                output["text"] += text
                break
        else:
            outputs.extend([{"type": self.name, "text": text}] if text else [])
        return len(text)


def show_figures(*args, **kwargs):
    """Give out the open figures, and close them, as a notebook does after plt.show() and at the end of a cell."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    for number in pyplot.get_fignums() if pyplot else ():
        figure = pyplot.figure(number)
        picture = sys.modules["mlderived.figures"].svg(figure, phone=screen["phone"])
        outputs.append({"type": "image", "svg": picture, "text": repr(figure)})
    if pyplot:
        pyplot.close("all")


def make_backend():
    """The module that matplotlib takes for its backend; loaded with matplotlib, not before."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    backend = sys.modules["live_backend"]
    backend.FigureCanvas, backend.show = FigureCanvasAgg, show_figures


class Backend(types.ModuleType):
    def __getattr__(self, name):
        if name in ("FigureCanvas", "show"):
            make_backend()
            return self.__dict__[name]
        raise AttributeError(name)


sys.modules["live_backend"] = Backend("live_backend")


def packages(source):
    """Top-level modules that a cell needs, those that the companion package imports for it among them."""
    try:
        found, waiting, seen = set(), [source], set()
        while waiting:
            text = waiting.pop()
            found.update(find_imports(text))
            for name in companions(text) - seen:
                seen.add(name)
                path = Path(sys.modules["mlderived"].__file__).with_name(f"{name}.py")
                waiting += [path.read_text()] if path.exists() else []
    except SyntaxError:
        return []  # running the cell will say where
    return sorted(found - {"mlderived"} - set(sys.stdlib_module_names))


def companions(text):
    """Names of the companion package's modules that a piece of source imports."""
    names = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {a.name.split(".")[1] for a in node.names if a.name.startswith("mlderived.")}
        elif isinstance(node, ast.ImportFrom) and (node.level or (node.module or "").split(".")[0] == "mlderived"):
            parts = [part for part in (node.module or "").split(".") if part != "mlderived"]
            names |= {parts[0]} if parts else {a.name for a in node.names}
    return names


def run(source, number, phone=False):
    """Run one cell; return its outputs: {type: stdout | stderr | image | html | text | error, text, …}.

    phone : draw figures for a phone
    """
    outputs.clear()
    screen["phone"] = phone
    name = f"<cell {number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    with redirect_stdout(Stream("stdout")), redirect_stderr(Stream("stderr")):
        try:
            tree = ast.parse(source, name)
            if "check" in companions(source):  # before the cell's first number is compared
                import_module("mlderived.check").quoted_goes_on = True
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            exec(compile(tree, name, "exec"), namespace)
            if last is not None:
                show(eval(compile(ast.Expression(last.value), name, "eval"), namespace))
            show_figures()
        except BaseException as error:
            outputs.append(failure(error, name))
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
    return list(outputs)


def show(value):
    """What a notebook shows of the value of a cell's last line."""
    if value is None:
        return
    if hasattr(value, "_repr_html_"):
        markup = value._repr_html_()
        outputs.append({"type": "html", "html": markup, "text": repr(value)})
        if hasattr(value, "redraw"):
            sliders[value.name] = value
    else:
        outputs.append({"type": "text", "text": repr(value)})


def redraw(name, value, phone=False):
    """A slider's picture at any value between its ends: drawn by the cell's own code, now."""
    picture, text, alt = sliders[name].redraw(value, phone)
    return {"svg": picture, "text": text, "alt": alt}


def failure(error, name):
    """An exception as the page shows it: a failed check by its message, another by the lines that lead to it."""
    kind = type(error).__name__
    if kind == "CheckFailed":
        return {"type": "error", "kind": kind, "label": error.label, "text": str(error)}
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == name or "mlderived" in f.filename]
    shown = []
    for frame in frames:
        place = name[1:-1] if frame.filename == name else Path(frame.filename).name
        shown.append(f"{place}, line {frame.lineno}: {frame.line}")
    if isinstance(error, SyntaxError) and error.filename == name:
        shown.append(f"{name[1:-1]}, line {error.lineno}: {(error.text or '').strip()}")
    message = "".join(traceback.format_exception_only(error)).strip().splitlines()[-1]
    return {"type": "error", "kind": kind, "text": "\n".join([*shown, message])}
