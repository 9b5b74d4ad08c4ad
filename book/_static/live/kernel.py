"""What runs the cells of a live page, inside Pyodide: outputs come back as the page's own execution would give them."""

import ast
import builtins
import inspect
import io
import linecache
import os
import sys
import time
import tokenize
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
    """What a cell prints is one output of its kind, at the place of its first piece; of much, the ends are kept."""

    HEAD, TAIL, EVERY = 60_000, 20_000, 0.3  # characters of either end; seconds between two looks at what is printed

    def __init__(self, name, tell):
        self.name, self.tell = name, tell
        self.begin, self.end, self.cut, self.told = io.StringIO(), "", 0, time.monotonic()

    def write(self, text):
        if text and all(output["type"] != self.name for output in outputs):
            outputs.append({"type": self.name, "text": self})  # `collect` puts the words in
        taken = max(self.HEAD - self.begin.tell(), 0)
        self.begin.write(text[:taken])
        self.end += text[taken:]
        if len(self.end) > 2 * self.TAIL:
            self.cut += self.end[: -self.TAIL].count("\n")
            self.end = self.end[-self.TAIL :]
        if self.tell and time.monotonic() - self.told > self.EVERY:
            self.told = time.monotonic()
            self.tell(str(self))
        return len(text)

    def __str__(self):
        if not self.cut:
            return self.begin.getvalue() + self.end
        begin, (rest, _, end) = self.begin.getvalue(), self.end.partition("\n")
        whole, _, broken = begin.rpartition("\n")
        lines = self.cut + (1 if broken or rest else 0)
        return f"{whole}\n… {lines:,} lines are not shown …\n{end}"


def collect():
    """The outputs, with what was printed as text."""
    return [{**output, "text": str(output["text"])} if "text" in output else output for output in outputs]


def no_questions(prompt=""):
    raise RuntimeError("a page cannot wait for an answer to input(): write the value into the cell instead")


def display(*values):
    """Show values as the last line of a cell is shown."""
    for value in values:
        show(value)


builtins.input = no_questions
namespace["display"] = display


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


OWN = {"numpy", "scipy", "matplotlib"}  # what the companion package rests on; what else it names it can do without


def packages(source):
    """Top-level modules that a cell needs, those that the companion package imports for it among them."""
    try:
        found, waiting, seen = set(find_imports(source)), [source], set()
        while waiting:
            text = waiting.pop()
            found.update(OWN & set(find_imports(text)))
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


def run(source, number, phone=False, tell=None):
    """Run one cell; return its outputs: {type: stdout | stderr | image | html | text | error, text, …}.

    phone : draw figures for a phone
    tell : called now and then, while the cell runs, with what it has printed so far

    A cell that awaits something gives a coroutine of its outputs; any other has run when this returns, so that nothing
    of the page's own loop stands between an interpreter that breaks and the worker, which must know of it.
    """
    steps = steps_of(source, number, phone, tell)
    if waits(source):
        return steps
    try:
        steps.send(None)
    except StopIteration as done:
        return done.value


def waits(source):
    try:
        code = compile(source, "", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError):
        return False  # running the cell will say where
    return bool(code.co_flags & inspect.CO_COROUTINE)


async def steps_of(source, number, phone, tell):
    outputs.clear()
    screen["phone"] = phone
    name = f"<cell {number}>"
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    with redirect_stdout(Stream("stdout", tell)), redirect_stderr(Stream("stderr", None)):
        try:
            tree = ast.parse(source, name)
            if "check" in companions(source):  # before the cell's first number is compared
                import_module("mlderived.check").quoted_goes_on = True
            last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
            await value_of(tree, name, "exec")
            if last is not None:
                value = await value_of(ast.Expression(last.value), name, "eval")
                if not silenced(source):
                    show(value)
            show_figures()
        except BaseException as error:
            outputs.append(failure(error, name, source))
            if "matplotlib.pyplot" in sys.modules:
                sys.modules["matplotlib.pyplot"].close("all")
    return collect()


async def value_of(tree, name, mode):
    code = compile(tree, name, mode, ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    value = eval(code, namespace)
    return await value if code.co_flags & inspect.CO_COROUTINE else value


def silenced(source):
    """Whether the last sign of a cell is a semicolon: then a notebook shows no value."""
    signs = [
        token.string
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type not in (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.ENDMARKER, tokenize.DEDENT)
    ]
    return signs[-1:] == [";"]


def show(value):
    """What a notebook shows of the value of a cell's last line."""
    if value is None:
        return
    figure = sys.modules.get("matplotlib.figure")
    if figure and isinstance(value, figure.Figure):
        if not sys.modules["matplotlib.pyplot"].fignum_exists(value.number if hasattr(value, "number") else -1):
            picture = sys.modules["mlderived.figures"].svg(value, phone=screen["phone"])
            outputs.append({"type": "image", "svg": picture, "text": repr(value)})  # one still open is shown at the end
        return
    markup = value._repr_html_() if hasattr(value, "_repr_html_") and not isinstance(value, type) else None
    if markup is None:
        outputs.append({"type": "text", "text": shortened(repr(value))})
        return
    outputs.append({"type": "html", "html": markup, "text": shortened(repr(value))})
    if hasattr(value, "redraw"):
        sliders[value.name] = value


def shortened(text, most=Stream.HEAD):
    return text if len(text) <= most else f"{text[:most]}\n… {len(text) - most:,} more characters are not shown …"


def redraw(name, value, phone=False):
    """A slider's picture at any value between its ends: drawn by the cell's own code, now."""
    picture, text, alt = sliders[name].redraw(value, phone)
    return {"svg": picture, "text": text, "alt": alt}


def failure(error, name, source):
    """An exception as the page shows it: a failed check by its message, another by the lines that lead to it."""
    kind = type(error).__name__
    if kind == "CheckFailed":
        return {"type": "error", "kind": kind, "label": error.label, "text": str(error)}
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == name or "mlderived" in f.filename]
    places = [(name[1:-1] if f.filename == name else Path(f.filename).name, f) for f in frames]
    shown = [f"{place}, line {f.lineno}: {f.line}" for place, f in places]
    if len(shown) > 12:
        shown[6:-6] = [f"… {len(shown) - 12:,} calls more …"]
    if isinstance(error, SyntaxError) and error.filename == name:
        shown.append(f"{name[1:-1]}, line {error.lineno}: {(error.text or '').strip()}")
        words = [f"{kind}: {error.msg}", *getattr(error, "__notes__", [])]
        if any(line.lstrip().startswith(("%", "!")) for line in source.splitlines()):
            words.append(
                "Lines that begin with % or ! are Jupyter's; a page knows Python alone. For time there is"
                " time.perf_counter(); packages come when they are imported."
            )
    else:
        words = [line.rstrip("\n") for line in traceback.format_exception_only(error)]
        cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        while cause is not None:
            words.append("after " + "".join(traceback.format_exception_only(cause)).rstrip("\n"))
            cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    return {"type": "error", "kind": kind, "text": shortened("\n".join([*shown, *words]), 6_000)}
