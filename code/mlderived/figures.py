"""One look for every figure of the book, direct labels in place of legends, and a slider where motion teaches.

    figures.use(part=1)
    fig, ax = plt.subplots(figsize=figures.size("text", aspect=0.5))

Figures are SVG on a transparent ground, drawn at the size at which the page shows them: a point here is a point there.
For a phone, where a figure would shrink to a half and its text with it, each is drawn a second time: narrower, with its
panels below one another. In a notebook the second drawing travels inside the first, and the book's build parts them.
The dark theme shows the same file through the CSS filter `invert(1) hue-rotate(180deg)`; every colour of `PALETTE`
keeps a contrast of at least 3 : 1 on both grounds (`PAPER` and `NIGHT`), and text in it, made by `text_colour`, 4.5 : 1
on paper. The colours are those of Okabe and Ito, Color universal design (2008), darkened or lightened to that end; its
yellow cannot be and is left out.
"""

import ast
import hashlib
import html
import inspect
import io
import json
import re
import sys
import zlib
from base64 import b64encode
from contextlib import contextmanager
from functools import lru_cache
from importlib.resources import files
from textwrap import dedent
from urllib.parse import quote

try:
    import matplotlib as mpl
except ModuleNotFoundError as error:
    hint = "mlderived.figures draws with matplotlib: pip install matplotlib, or mlderived[figures], brings it"
    raise ModuleNotFoundError(hint, name=error.name) from error
import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import to_hex, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import fontManager
from matplotlib.gridspec import GridSpec
from matplotlib.mathtext import MathTextParser
from matplotlib.text import Text
from PIL import Image  # matplotlib brings it
from scipy.optimize import isotonic_regression

from mlderived.validation import check_number, check_X_y

__all__ = [
    "INK",
    "LINES",
    "MARKERS",
    "NIGHT",
    "PALETTE",
    "PAPER",
    "PART_HUE",
    "contrast",
    "label_lines",
    "points",
    "size",
    "slider",
    "source",
    "svg",
    "text_colour",
    "use",
]

PAPER, INK, NIGHT = "#fcfbf7", "#1d1c1a", "#15171b"
PALETTE = {
    "blue": "#005f9e",
    "vermillion": "#c84c00",
    "green": "#00966a",
    "purple": "#b4508f",
    "orange": "#bf8500",
    "sky": "#3d97d3",
}
PART_HUE = {
    part: PALETTE[name] for part, name in enumerate(("blue", "vermillion", "green", "purple", "orange"), start=1)
}
LINES = ("-", (0, (5, 1.5)), (0, (1, 1.3)), (0, (6, 1.5, 1, 1.5)), (0, (2.5, 1.2)), (0, (6, 1.5, 1, 1.5, 1, 1.5)))
MARKERS = ("o", "s", "^", "D", "v", "P")
WIDTH = {"text": 632, "margin": 224}  # CSS pixels, 96 to the inch
PHONE = 420  # the pixels to which a figure as wide as the text is drawn for a phone, which shows it on some 350
ON_PHONE = "(max-width: 36rem)"  # where the page shows that drawing
PHONE_TEXT = 8.6  # points at least: 9.6 pixels there
MAX_SLIDER_BYTES = 400_000
NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))

for _font in sorted((files("mlderived") / "fonts").iterdir(), key=lambda path: path.name):
    if _font.name.endswith(".ttf"):
        fontManager.addfont(str(_font))

# matplotlib keeps the formulas that it has set, but separately for each drawing, where none recurs: they are a third of
# the time. Parsers of one kind are equal, so that all drawings share what one has set; `use`, which sets their fonts,
# begins anew.
if hasattr(MathTextParser, "_parse_cached"):
    MathTextParser.__eq__ = lambda one, other: one._output_type == other._output_type
    MathTextParser.__hash__ = lambda one: hash(one._output_type)
    MathTextParser._parse_cached = lru_cache(2000)(MathTextParser._parse_cached.__wrapped__)


def use(part):
    """Set matplotlib's defaults for the figures of a chapter, with the hue of its part as the first colour.

    The cycle varies line style with colour, so that no line is told by colour alone; `MARKERS` does so for points.
    In a notebook, figures are then shown as SVG at their own size.

    Parameters
    ----------
    part : int, 1 … 5

    Returns
    -------
    None

    Raises
    ------
    ValueError
        for another part
    """
    if hasattr(MathTextParser, "_parse_cached"):
        MathTextParser._parse_cached.cache_clear()
    hue = PART_HUE[check_number(part, "part", low=1, high=len(PART_HUE), integer=True)]
    colours = [hue, *(colour for colour in PALETTE.values() if colour != hue)]
    mpl.rcParams.update(
        {
            "figure.figsize": size(),
            "figure.dpi": 96,
            "figure.facecolor": "none",
            "figure.constrained_layout.use": True,
            "savefig.dpi": 192,
            "savefig.facecolor": "none",
            "svg.fonttype": "path",
            "svg.hashsalt": "mlderived",
            "font.family": ["Derived Sans", "DejaVu Sans"],  # the second for signs that the first lacks
            "font.size": 9.5,
            "mathtext.fontset": "stix",  # letters as the page's formulas have them
            "text.color": INK,
            "axes.prop_cycle": cycler(color=colours) + cycler(linestyle=LINES),
            "axes.facecolor": "none",
            "axes.edgecolor": INK,
            "axes.labelcolor": INK,
            "axes.linewidth": 0.6,
            "axes.labelsize": 9.5,
            "axes.titlesize": 9.5,
            "axes.titlelocation": "left",
            "axes.titleweight": "bold",
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.axisbelow": True,
            "axes.formatter.use_mathtext": True,
            "axes.formatter.limits": (-4, 5),
            "xtick.color": INK,
            "ytick.color": INK,
            "xtick.labelsize": 9,
            "ytick.labelsize": 9,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "xtick.minor.width": 0.4,
            "ytick.minor.width": 0.4,
            "grid.color": INK,
            "grid.alpha": 0.12,
            "grid.linewidth": 0.6,
            "legend.frameon": False,
            "legend.fontsize": 9,
            "lines.linewidth": 1.6,
            "lines.markersize": 5,
            "patch.linewidth": 0.8,
            "errorbar.capsize": 2,
            "image.cmap": "cividis",
        }
    )
    _show_svg_in_notebooks()


def size(width="text", aspect=0.5):
    """The size of a figure as wide as the text column or the margin, for matplotlib's `figsize`.

    Parameters
    ----------
    width : "text" (632 px) or "margin" (224 px)
    aspect : height / width, positive

    Returns
    -------
    (width, height) in inches

    Raises
    ------
    ValueError
        for another width, and for an aspect that is not positive
    """
    if width not in WIDTH:
        raise ValueError(f"width must be one of {', '.join(WIDTH)}: got {width!r}")
    inches = WIDTH[width] / 96
    return inches, inches * check_number(aspect, "aspect", low=0, strict=True)


def svg(figure, phone=False):
    """A figure as SVG text, without date or version: the same figure gives the same bytes, twice too.

    The layout is settled with the first call and stays, but for the phone, for which it is made anew.

    Parameters
    ----------
    figure : matplotlib Figure
    phone : bool, draw it for a phone (420 px wide, panels below one another, text of 8.6 points at least); a figure of
        the margin is narrow enough as it is

    Returns
    -------
    str
    """
    figure.draw_without_rendering()
    figure.set_layout_engine("none")  # it would move things by hundredths of a point with each drawing
    if phone:
        with _on_phone(figure):
            return _svg(figure)
    return _svg(figure)


def _svg(figure):
    """What `figure.savefig` writes, without the drawing that it makes before, for a layout that is settled here."""
    buffer, canvas, dpi, ground = io.StringIO(), figure.canvas, figure.dpi, mpl.rcParams["savefig.facecolor"]
    colours = {} if ground == "auto" else {"facecolor": ground}
    with mpl.rc_context({"svg.hashsalt": "mlderived"}), figure._cm_set(**colours):
        try:
            printer = FigureCanvasSVG(figure)
            figure.dpi = dpi if mpl.rcParams["savefig.dpi"] == "figure" else mpl.rcParams["savefig.dpi"]
            printer.print_svg(buffer, metadata=NO_METADATA)
        finally:
            figure.dpi = dpi
            figure.set_canvas(canvas)
    return buffer.getvalue()


def _both(figure):
    """SVG text that carries, packed in its metadata, the drawing for a phone: what a notebook hands to the build."""
    text = svg(figure)
    if _pixels(figure) <= PHONE:
        return text
    packed = b64encode(zlib.compress(svg(figure, phone=True).encode(), 9)).decode()
    return text.replace("<defs>", f'<metadata id="phone">{packed}</metadata>\n <defs>', 1)


# ---- the drawing for a phone -----------------------------------------------------------------------------------------


def _pixels(figure):
    return round(96 * figure.get_size_inches()[0])


@contextmanager
def _on_phone(figure):
    """The figure as a phone shall have it; afterwards it is again what it was. One of the margin stays as it is."""
    undo = []

    def change(setter, old, new):
        undo.append((setter, old))
        setter(new)

    try:
        if _pixels(figure) > PHONE:
            _draw_for_phone(figure, change)
        yield
    finally:
        for setter, old in reversed(undo):
            setter(old)


def _draw_for_phone(figure, change):
    for ax in figure.axes:
        place = ax.get_position(original=True), ax.get_position()
        change(_mover(ax), place, place)
    for text in figure.findobj(Text):
        if 0 < text.get_fontsize() < PHONE_TEXT:
            change(text.set_fontsize, text.get_fontsize(), PHONE_TEXT)
    width, height = figure.get_size_inches()
    grown = _restack(figure, change)
    change(figure.set_size_inches, (width, height), (PHONE / 96, height * grown))
    figure.set_layout_engine("constrained")
    figure.draw_without_rendering()
    for text, room in list(_too_wide(figure)):
        change(text.set_text, text.get_text(), _wrapped(text, room))
    for ax in figure.axes:
        for lines, texts, gap in getattr(ax, "_mld_labels", ()):
            for text, dy in zip(texts, _apart(ax, lines, gap), strict=True):
                change(text.set_position, text.get_position(), (text.get_position()[0], dy))
    figure.draw_without_rendering()
    figure.set_layout_engine("none")


def _mover(ax):
    def move(positions):
        for which, position in zip(("original", "active"), positions, strict=True):
            ax._set_position(position, which=which)  # the public one would take the axes out of the layout

    return move


def _restack(figure, change):
    """Put panels of a grid below one another where, side by side, they would be too narrow; return the factor by which
    the figure grows in height."""
    panels = [ax for ax in figure.axes if ax.get_subplotspec() is not None]
    specs = [ax.get_subplotspec() for ax in panels]
    grids = {id(spec.get_gridspec()) for spec in specs}
    if len(grids) != 1 or any(len(spec.rowspan) > 1 or len(spec.colspan) > 1 for spec in specs):
        return 1
    grid = specs[0].get_gridspec()
    columns = max(1, int(1.05 * PHONE * grid.ncols / _pixels(figure)))
    if columns >= grid.ncols:
        return 1
    order = sorted(zip(specs, panels, strict=True), key=lambda pair: pair[0].num1)
    rows = -(-len(panels) // columns)
    new = GridSpec(rows, columns, figure=figure)
    for place, (spec, ax) in enumerate(order):
        change(ax.set_subplotspec, spec, new[divmod(place, columns)])
        first = next(other for at, other in order if at.rowspan == spec.rowspan)  # it bears what the row shares
        if place % columns == 0 and first is not ax:
            if not ax.yaxis.get_tick_params().get("labelleft", True):
                change(lambda on, ax=ax: ax.yaxis.set_tick_params(labelleft=on), False, True)
            if first.get_ylabel() and not ax.get_ylabel():
                change(ax.set_ylabel, "", first.get_ylabel())
    return rows / grid.nrows


def _too_wide(figure):
    """(text, pixels that it may be long) of the titles and axis labels that are longer than their place."""
    whole = figure.bbox.width
    texts = [(figure._suptitle, whole)] if figure._suptitle else []
    for ax in figure.axes:
        box = ax.get_window_extent()
        texts += [(ax.title, box.width), (ax._left_title, whole - box.x0), (ax._right_title, box.width)]
        texts += [(ax.xaxis.label, whole - 8), (ax.yaxis.label, 1.15 * box.height)]
    for text, room in texts:
        if text.get_text() and text.get_visible() and _length(text) > room:
            yield text, room


def _length(text):
    extent = text.get_window_extent()
    return extent.height if text.get_rotation() == 90 else extent.width


def _wrapped(text, room):
    """The words of a text on lines of equal length, none wider than the room; formulas stay whole."""
    words = re.findall(r"(?:\$[^$]*\$|[^\s$])+", text.get_text())
    lines = int(-(-_length(text) // room))
    most, made = len(text.get_text()) / lines, [""]
    for word in words:
        if made[-1] and len(made) < lines and len(made[-1]) + len(word) / 2 > most:
            made.append("")
        made[-1] += (" " if made[-1] else "") + word
    return "\n".join(made)


# ---- colour ----------------------------------------------------------------------------------------------------------


def contrast(colour, ground):
    """The WCAG 2 contrast ratio of two colours.

    Parameters
    ----------
    colour, ground : any matplotlib colours

    Returns
    -------
    float in [1, 21]
    """
    dark, light = sorted((_luminance(colour), _luminance(ground)))
    return (light + 0.05) / (dark + 0.05)


def text_colour(colour):
    """A colour, darkened just so far that text in it has AA contrast, 4.5 : 1, on paper.

    Parameters
    ----------
    colour : any matplotlib colour

    Returns
    -------
    str, the colour in hex
    """
    rgb = np.array(to_rgb(colour))
    for shade in np.linspace(1, 0, 101):
        if contrast(shade * rgb, PAPER) >= 4.5:
            return to_hex(shade * rgb)
    raise AssertionError("black has a contrast of 20 : 1 on paper")


def _luminance(colour):
    channel = np.array(to_rgb(colour))
    linear = np.where(channel <= 0.04045, channel / 12.92, ((channel + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


# ---- lines and points ------------------------------------------------------------------------------------------------


def label_lines(ax, lines=None, gap=1.35, pad=5):
    """Write each line's label at its right end, in its colour, in place of a legend.

    Call it last: labels are set for the limits and scales that the axes then have.

    Parameters
    ----------
    ax : matplotlib Axes
    lines : those to label (default: all of `ax` that have a label), none without a point inside the axes
    gap : least distance of two labels in multiples of the font size; where ends are closer, the labels move apart as
        little as possible (least squares), and stay beside the axes while there is room
    pad : distance from the line's end in points

    Returns
    -------
    list of the texts, one for each line

    Raises
    ------
    ValueError
        if there is nothing to label, and for a line that ends nowhere inside the axes
    """
    lines = [line for line in (ax.get_lines() if lines is None else lines) if not line.get_label().startswith("_")]
    if not lines:
        raise ValueError("label_lines needs at least one line with a label: got none")
    ax.figure.draw_without_rendering()  # settles the layout, hence the height of the axes
    texts = [
        ax.annotate(
            line.get_label(),
            _right_end(ax, line),
            xytext=(pad, dy),
            textcoords="offset points",
            ha="left",
            va="center",
            color=text_colour(line.get_color()),
            annotation_clip=False,
        )
        for line, dy in zip(lines, _apart(ax, lines, gap), strict=True)
    ]
    ax._mld_labels = [*getattr(ax, "_mld_labels", ()), (lines, texts, gap)]  # to be set apart anew for a phone
    return texts


def _apart(ax, lines, gap):
    """How far, in points, the label of each line stands above its right end, so that no two labels meet."""
    points_per_pixel = 72 / ax.figure.dpi
    ends = [_right_end(ax, line) for line in lines]
    height = np.array([ax.transData.transform(end)[1] for end in ends]) * points_per_pixel
    order = np.argsort(height, kind="stable")
    spacing = gap * mpl.rcParams["font.size"] * np.arange(len(lines))
    box = ax.get_window_extent()
    bottom, top = box.y0 * points_per_pixel, box.y1 * points_per_pixel - spacing[-1]
    free = isotonic_regression(height[order] - spacing).x
    shift = np.empty(len(lines))
    shift[order] = np.clip(free, bottom, max(bottom, top)) + spacing - height[order]
    return shift


def _right_end(ax, line):
    """The rightmost of the line's points that the axes show, in data coordinates."""
    data = np.column_stack([np.asarray(part, dtype=float) for part in line.get_data()])
    low, high = np.sort([ax.get_xlim(), ax.get_ylim()]).T
    inside = np.all((low <= data) & (data <= high), axis=1)
    if not inside.any():
        raise ValueError(f"label_lines needs lines with a point inside the axes: {line.get_label()!r} has none")
    data = data[inside]
    return tuple(data[len(data) - 1 - np.argmax(data[::-1, 0])])  # of several equally far right, the last


def points(ax, X, y, names=None, **options):
    """Scatter points with a colour and a marker for each class.

    Parameters
    ----------
    ax : matplotlib Axes
    X : array (N, 2)
    y : array (N,), the classes, as numbers
    names : the classes' names for a legend, in sorted order, or None for the classes themselves
    **options : go to `ax.scatter`

    Returns
    -------
    list of one artist per class, sorted

    Raises
    ------
    ValueError
        for X that is not two columns, for names that are not one per class, and for more classes than there are colours
        (6): a picture with more is not read
    """
    X, y = check_X_y(X, y)
    if X.shape[1] != 2:
        raise ValueError(f"X must have 2 columns to be drawn: got {X.shape[1]}")
    classes = np.unique(y)
    colours = mpl.rcParams["axes.prop_cycle"].by_key()["color"]
    if len(classes) > min(len(MARKERS), len(colours)):
        raise ValueError(f"y must have at most {min(len(MARKERS), len(colours))} classes: got {len(classes)}")
    names = [f"{label:g}" for label in classes] if names is None else list(names)
    if len(names) != len(classes):
        raise ValueError(f"names must name each of the {len(classes)} classes: got {len(names)}")
    options = {"s": 22, "linewidths": 0.4, "edgecolors": PAPER} | options
    return [
        ax.scatter(*X[y == label].T, color=colour, marker=marker, label=name, **options)
        for label, colour, marker, name in zip(classes, colours, MARKERS, names, strict=False)
    ]


# ---- code ------------------------------------------------------------------------------------------------------------


def source(function):
    """Print the code of a function or class as it stands in the package, without its docstring.

    A page shows an algorithm so beside its derivation: what is read is what is run.

    Parameters
    ----------
    function : function or class

    Returns
    -------
    None; the code is printed

    Raises
    ------
    TypeError
        for what has no Python source
    """
    lines = dedent(inspect.getsource(function)).splitlines()
    first = ast.parse("\n".join(lines)).body[0].body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        del lines[first.lineno - 1 : first.end_lineno]
    print("\n".join(lines))


# ---- motion ----------------------------------------------------------------------------------------------------------


def slider(draw, values, label, *, alt, start=None, fmt="{:g}", frames="svg"):
    """A figure that the reader moves through `values` with one range input.

    The page around needs no library; ids follow from label, values and alt.

    Parameters
    ----------
    draw : function value → Figure (or None, after drawing in pyplot's current figure). It fixes its axes' limits, lest
        they jump between frames, and does not call plt.show
    values : at least two finite numbers, one frame each
    label : what the values are, as in "step size η"
    alt : what is to be seen, for readers who do not see it; each frame's value is added to it
    start : the value shown first, and alone where scripts do not run (default: the first)
    fmt : format of a value as text
    frames : "svg", or "png" (two pixels to each of the page's) where the picture has very many marks

    Returns
    -------
    a figure that a notebook shows as HTML

    Raises
    ------
    ValueError
        for bad input, and for more than 400 kB of frames
    """
    return _Slider(draw, values, label, alt, start, fmt, frames)


class _Slider:
    def __init__(self, draw, values, label, alt, start, fmt, frames):
        self.values = [check_number(value, "value") for value in values]
        if len(self.values) < 2:
            raise ValueError(f"values must hold at least two numbers: got {len(self.values)}")
        for name, text in (("label", label), ("alt", alt)):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(f"{name} must be a text that is not empty: got {text!r}")
        if start is not None and start not in self.values:
            raise ValueError(f"start must be one of the values: got {start!r}")
        if frames not in ("svg", "png"):
            raise ValueError(f"frames must be svg or png: got {frames!r}")
        self.label, self.alt = label, alt
        self.start = 0 if start is None else self.values.index(start)
        self.texts = [fmt.format(value) for value in self.values]
        self.name = "mld-slider-" + hashlib.sha256(f"{label}{self.values}{alt}".encode()).hexdigest()[:10]
        self.draw, self.fmt, self.kind = draw, fmt, frames
        on_demand = sys.platform == "emscripten"  # a live page asks `redraw` for the frames that its reader wants
        drawn = [self.values[self.start]] if on_demand else self.values
        self.frames, phone, sizes = zip(*(_frame(draw, value, frames) for value in drawn), strict=True)
        self.phone = phone if phone != self.frames else ()  # a slider of the margin is narrow enough as it is
        if len(set(sizes)) > 1:
            raise ValueError(f"draw must give frames of one size: got {sorted(set(sizes))} inches")
        self.width, self.height = (round(96 * inches) for inches in sizes[0])
        weight = sum(map(len, self.frames))
        if weight > MAX_SLIDER_BYTES:
            raise ValueError(
                f"frames must weigh at most {MAX_SLIDER_BYTES // 1000} kB together: got {weight // 1000} kB; "
                "give fewer values or fewer marks, or try frames='png'"
            )

    def redraw(self, value, phone=False):
        """The picture at any value, drawn now, with the value as text and the alt text: what a live page asks for."""
        text = self.fmt.format(value)
        return _frame(self.draw, value, self.kind)[1 if phone else 0], text, f"{self.alt} ({self.label} = {text})"

    def __repr__(self):
        return f"slider: {self.label} = {self.texts[0]} … {self.texts[-1]}, {len(self.values)} frames"

    def _repr_html_(self):
        values = json.dumps(self.values)
        name = self.name
        alts = [f"{self.alt} ({self.label} = {text})" for text in self.texts]
        state = json.dumps(
            {"frames": self.frames, "phone": self.phone, "texts": self.texts, "alts": alts}, ensure_ascii=False
        )
        state = state.replace("</", "<\\/").replace("<!--", "\\u003c!--")  # neither may end or comment out the script
        first, text = self.start, html.escape(self.texts[self.start])
        shown = [frames[first if len(frames) > 1 else 0] for frames in (self.frames, self.phone) if frames]
        wide, *phone = ("data:image/svg+xml," + quote(frame) if frame[0] == "<" else frame for frame in shown)
        phone = f'<source media="{ON_PHONE}" srcset="{phone[0]}">' if phone else ""
        return (
            f'<figure class="mld-slider" id="{name}" data-label="{html.escape(self.label)}" data-values="{values}">\n'
            f'<picture>{phone}<img class="mld-slider-frame" src="{wide}" alt="{html.escape(alts[first])}" '
            f'width="{self.width}" height="{self.height}"></picture>\n'
            f'<div class="mld-slider-control"><label for="{name}-input">{html.escape(self.label)}</label>\n'
            f'<input id="{name}-input" type="range" min="0" max="{len(self.values) - 1}" step="1" value="{first}" '
            f'aria-valuetext="{text}" autocomplete="off">\n'
            f'<output for="{name}-input">{text}</output></div>\n'
            f'<script type="application/json">{state}</script>\n'
            f"<script>{{{_SCRIPT.replace('NAME', name)}}}</script>\n"
            "</figure>"
        )


_SCRIPT = """
const source = (frame) => (frame[0] === "<" ? "data:image/svg+xml," + encodeURIComponent(frame) : frame);
for (const figure of document.querySelectorAll("#NAME")) {
  const state = JSON.parse(figure.querySelector("script").textContent);
  const [image, phone, input, output] = ["img", "source", "input", "output"].map((tag) => figure.querySelector(tag));
  input.oninput = () => {
    const i = Number(input.value);
    if (phone) phone.srcset = source(state.phone[i]);
    image.src = source(state.frames[i]);
    image.alt = state.alts[i];
    output.value = state.texts[i];
    input.setAttribute("aria-valuetext", state.texts[i]);
  };
}
"""


def _frame(draw, value, kind):
    """One frame as SVG text or as a PNG's data URI, the same for a phone, and its size in inches."""
    figure = draw(value)
    figure = plt.gcf() if figure is None else figure
    if not isinstance(figure, Figure):
        raise ValueError(f"draw must return a Figure, or None for pyplot's current one: got {type(figure).__name__}")
    inches = tuple(float(side) for side in figure.get_size_inches())
    if kind == "svg":
        frames = [_small_svg(svg(figure, phone)) for phone in (False, True)]
    else:
        frames = [_small_png(figure)]
        with _on_phone(figure):
            frames.append(_small_png(figure))
    plt.close(figure)
    return *frames, inches


def _small_svg(text):
    """SVG text in one line, coordinates cut to a hundredth of a point."""
    text = " ".join(text[text.index("<svg") :].split())
    return re.sub(r"(?<![\d.])([1-9]\d*\.\d\d)\d+", r"\1", text)


def _small_png(figure):
    """Data URI of a PNG of 64 colours, two pixels to each of the page's."""
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=192, bbox_inches=None)
    with Image.open(full) as image:
        image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE).save(small, "png", optimize=True)
    return "data:image/png;base64," + b64encode(small.getvalue()).decode()


def _show_svg_in_notebooks():
    """Have IPython's inline backend show figures as `_both` writes them; elsewhere (Pyodide, scripts) do nothing."""
    if "IPython" not in sys.modules or sys.modules["IPython"].get_ipython() is None:
        return
    try:
        from matplotlib_inline.backend_inline import set_matplotlib_formats
    except ImportError:
        return
    set_matplotlib_formats("svg", bbox_inches=None, metadata=NO_METADATA)
    formatters = sys.modules["IPython"].get_ipython().display_formatter.formatters
    formatters["image/svg+xml"].for_type(Figure, _both)
