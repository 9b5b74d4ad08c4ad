"""The book's figures: repeatable bytes, its own type, colours legible on both grounds, sliders that are sound HTML."""

import json
import logging
import re
import warnings
import zlib
from base64 import b64decode
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import html5lib
import matplotlib as mpl
import numpy as np
import pytest
from bs4 import BeautifulSoup
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython.core.interactiveshell import InteractiveShell
from matplotlib import font_manager
from matplotlib.colors import to_rgb
from PIL import Image

from mlderived import figures

mpl.use("agg")
plt = mpl.pyplot


@pytest.fixture(autouse=True)
def style():
    with mpl.rc_context():
        figures.use(1)
        yield
        plt.close("all")


def decay(rates=(0.3, 1, 1.1), **options):
    figure, ax = plt.subplots(figsize=figures.size(**options))
    t = np.linspace(0, 4, 50)
    for rate in rates:
        ax.plot(t, np.exp(-rate * t), label=f"λ = {rate}")
    ax.set(xlabel="iteration $k$", ylabel="gap", title="Gap")
    return figure


# ---- style -----------------------------------------------------------------------------------------------------------


def test_the_same_figure_gives_the_same_bytes():
    def draw():
        figure = decay()
        figures.label_lines(figure.axes[0])
        return figure

    once = draw()
    text = figures.svg(once)
    assert text == figures.svg(once) == figures.svg(draw())
    assert text != figures.svg(decay((0.3, 1, 1.2)))
    assert "Matplotlib" not in text
    assert "dc:date" not in text


def test_the_bytes_do_not_depend_on_a_salt_set_elsewhere():
    text = figures.svg(decay())
    mpl.rcParams["svg.hashsalt"] = "another"
    assert figures.svg(decay()) == text


def test_figures_have_the_width_of_their_column_and_no_ground():
    for width, pixels in (("text", 632), ("margin", 224)):
        text = figures.svg(decay(width=width, aspect=0.4))
        inches = pixels / 96
        assert figures.size(width, 0.4) == pytest.approx((inches, 0.4 * inches))
        assert f'width="{72 * inches:g}pt"' in text
        assert "#ffffff" not in text
    assert figures.size()[1] == figures.size()[0] / 2
    assert plt.figure().bbox.size == pytest.approx((632, 316))  # pixels of the screen, as notebooks print them


@pytest.mark.parametrize("part", range(1, 6))
def test_the_parts_hue_comes_first_and_no_two_lines_share_colour_or_style(part):
    figures.use(part)
    cycle = mpl.rcParams["axes.prop_cycle"].by_key()
    assert cycle["color"][0] == figures.PART_HUE[part]
    assert sorted(cycle["color"]) == sorted(figures.PALETTE.values())
    assert len(set(cycle["linestyle"])) == len(cycle["color"])
    assert len(set(figures.MARKERS)) == len(figures.PALETTE)
    assert len(set(figures.PART_HUE.values())) == 5


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda: figures.use(0), r"part must lie in \[1, 5\]: got 0"),
        (lambda: figures.use(6), r"part must lie in \[1, 5\]: got 6"),
        (lambda: figures.use("one"), "part must be an integer"),
        (lambda: figures.size("page"), "width must be one of text, margin: got 'page'"),
        (lambda: figures.size("text", 0), "aspect must be positive"),
    ],
)
def test_style_refuses_bad_input(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_notebooks_show_svg_of_the_figures_own_size():
    shell = InteractiveShell.instance()
    try:
        figures.use(1)
        data, _ = shell.display_formatter.format(decay(width="margin"))
        assert 'width="168pt"' in data["image/svg+xml"]
        assert "Matplotlib" not in data["image/svg+xml"]
        assert "image/png" not in data
    finally:
        InteractiveShell.clear_instance()


# ---- type ------------------------------------------------------------------------------------------------------------


def test_the_books_type_is_found_small_licensed_and_not_under_its_reserved_name():
    folder = Path(figures.__file__).parent / "fonts"
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    faces = {
        "DerivedSans-Regular": {},
        "DerivedSans-Bold": {"weight": "bold"},
        "DerivedSans-Italic": {"style": "italic"},
    }
    for name, face in faces.items():
        path = folder / f"{name}.ttf"
        properties = font_manager.FontProperties(family="Derived Sans", **face)
        assert Path(font_manager.findfont(properties, fallback_to_default=False)).samefile(path)
        assert path.stat().st_size < 60_000
        with TTFont(path) as font:
            assert "Source" not in font["name"].getDebugName(1) + font["name"].getDebugName(4)
            assert {ord(sign) for sign in "−×±≤≥≠≈∞√∑∂ηλσθμΣΩé–…½²→"} <= font.getBestCmap().keys()


def test_signs_and_formulas_are_drawn_without_complaint(caplog):
    figure, ax = plt.subplots()
    ax.set_title("Bold − σ²λ ∇f ∈ ℝ, ‖w‖ ≤ ∞")
    ax.set_xlabel("step size η (−) ½ → …", style="italic")
    ax.set_ylabel(r"$\nabla f(x_k) - \hat\beta^\top\mathbf{w} \in \mathbb{R}^d$, $\mathcal{N}(\mu, \Sigma)$")
    ax.loglog([1e-5, 1], [1e-9, 1])
    with warnings.catch_warnings(), caplog.at_level(logging.INFO):
        warnings.simplefilter("error")
        figures.svg(figure)
    assert not caplog.records


# ---- colour ----------------------------------------------------------------------------------------------------------


def in_the_dark(colour):
    """CSS filter invert(1) hue-rotate(180deg): the hue rotation's matrix at cos = −1, sin = 0, then clamped."""
    weights = np.array([0.213, 0.715, 0.072])
    rotation = 2 * np.tile(weights, (3, 1)) - np.eye(3)
    return np.clip(rotation @ (1 - np.array(to_rgb(colour))), 0, 1)


def test_contrast_is_that_of_wcag():
    assert figures.contrast("white", "black") == pytest.approx(21)
    assert figures.contrast("black", "white") == pytest.approx(21)
    assert figures.contrast("#767676", "white") == pytest.approx(4.54, abs=0.005)  # the lightest grey that passes AA
    assert figures.contrast("#ff0000", "white") == pytest.approx(4.00, abs=0.005)
    assert figures.contrast("#0a0a0a", "#0a0a0a") == 1
    assert figures.contrast("#0a0a0a", "black") == pytest.approx(1 + 10 / 255 / 12.92 / 0.05)


@pytest.mark.parametrize("name", figures.PALETTE)
def test_colours_are_seen_on_paper_and_in_the_dark(name):
    colour = figures.PALETTE[name]
    assert figures.contrast(colour, figures.PAPER) >= 3
    assert figures.contrast(in_the_dark(colour), figures.NIGHT) >= 3
    words = figures.text_colour(colour)
    assert 4.5 <= figures.contrast(words, figures.PAPER) < max(4.7, figures.contrast(colour, figures.PAPER) + 1e-9)
    assert figures.contrast(in_the_dark(words), figures.NIGHT) >= 4.5


def test_ink_reads_on_both_grounds():
    assert figures.contrast(figures.INK, figures.PAPER) >= 7
    assert figures.contrast(in_the_dark(figures.INK), figures.NIGHT) >= 7
    assert figures.text_colour("#005f9e") == "#005f9e"


# ---- labels and points -----------------------------------------------------------------------------------------------


def boxes(figure, texts):
    figure.draw_without_rendering()
    return [text.get_window_extent() for text in texts]


def test_labels_stand_right_of_their_lines_in_their_colours_and_apart():
    figure = decay((0.3, 1, 1.1, 1.2, 3))
    ax = figure.axes[0]
    texts = figures.label_lines(ax)
    extents = boxes(figure, texts)
    assert [text.get_text() for text in texts] == [line.get_label() for line in ax.get_lines()]
    for line, text, box in zip(ax.get_lines(), texts, extents, strict=True):
        assert text.get_color() == figures.text_colour(line.get_color())
        assert box.x0 > ax.transData.transform((4, 0))[0]
        assert box.x1 < figure.bbox.x1
    for i, box in enumerate(extents):
        assert not any(box.overlaps(other) for other in extents[:i])
        assert ax.bbox.y0 - 8 < (box.y0 + box.y1) / 2 < ax.bbox.y1 + 8


def test_a_lone_label_stands_level_with_its_lines_end():
    figure = decay((0.3,))
    ax = figure.axes[0]
    (text,) = figures.label_lines(ax, pad=12)
    (box,) = boxes(figure, [text])
    x, y = ax.transData.transform((4, np.exp(-1.2)))
    assert (box.y0 + box.y1) / 2 == pytest.approx(y, abs=2)
    assert box.x0 == pytest.approx(x + 12 * figure.dpi / 72, abs=2)


@pytest.mark.parametrize("height", [0, 1])
def test_crowded_labels_stay_beside_the_axes(height):
    figure, ax = plt.subplots(figsize=figures.size())
    for i in range(6):
        ax.plot([0, 1], [0.5, height], label=f"line {i}")
    ax.set_ylim(0, 1)
    middle = [(box.y0 + box.y1) / 2 for box in boxes(figure, figures.label_lines(ax))]
    assert ax.bbox.y0 - 2 <= min(middle) <= max(middle) <= ax.bbox.y1 + 2
    assert min(abs(end - ax.bbox.y0 - height * ax.bbox.height) for end in middle) <= 2


@settings(deadline=None, derandomize=True, max_examples=15)
@given(st.lists(st.integers(0, 20), min_size=2, max_size=6), st.floats(1, 2))
def test_labels_keep_their_order_and_distance(heights, gap):
    plt.close("all")  # those of earlier examples
    figure, ax = plt.subplots(figsize=figures.size())
    for i, height in enumerate(heights):
        ax.plot([0, 1], [10, height], label=f"line {i}")
    ax.set_ylim(-2, 22)
    middle = np.array([(box.y0 + box.y1) / 2 for box in boxes(figure, figures.label_lines(ax, gap=gap))])
    order = np.argsort(heights, kind="stable")
    assert np.all(np.diff(middle[order]) >= gap * 9.5 * figure.dpi / 72 - 2)


def test_labels_leave_out_hidden_lines_and_stop_at_the_axes_edge():
    _, ax = plt.subplots()
    ax.plot([0, 1, 2], [0, 1, 2], label="leaves")
    ax.plot([0, 1, 2], [1, 1, np.nan], label="breaks off")
    ax.plot([2, 1, 0], [0.2, 0.2, 0.2], label="drawn backwards")
    ax.axhline(0.5)
    ax.set(xlim=(0, 2), ylim=(0, 1.5))
    texts = figures.label_lines(ax)
    assert [text.get_text() for text in texts] == ["leaves", "breaks off", "drawn backwards"]
    assert [text.xy for text in texts] == [(1, 1), (1, 1), (2, 0.2)]
    ax.set(xlim=(2, 0))
    assert figures.label_lines(ax, lines=ax.get_lines()[:1])[0].xy == (1, 1)


def test_label_lines_refuses_what_it_cannot_label():
    _, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    with pytest.raises(ValueError, match="at least one line with a label"):
        figures.label_lines(ax)
    ax.plot([0, 1], [5, 6], label="above")
    ax.set_ylim(0, 1)
    with pytest.raises(ValueError, match="with a point inside the axes: 'above' has none"):
        figures.label_lines(ax)


def test_classes_of_points_differ_in_colour_and_marker():
    X, y = np.random.default_rng(0).normal(size=(12, 2)), np.repeat([0, 1, 4], 4)
    _, ax = plt.subplots()
    artists = figures.points(ax, X, y, s=9)
    assert [artist.get_label() for artist in artists] == ["0", "1", "4"]
    assert len({tuple(artist.get_facecolor()[0]) for artist in artists}) == 3
    assert len({artist.get_paths()[0].vertices.tobytes() for artist in artists}) == 3
    assert all(artist.get_sizes() == [9] for artist in artists)
    for label, artist in zip((0, 1, 4), artists, strict=True):
        assert np.array_equal(artist.get_offsets(), X[y == label])
    assert [a.get_label() for a in figures.points(ax, X, y, names=("a", "b", "c"))] == ["a", "b", "c"]
    figures.points(ax, X, np.arange(12) % 6)


@pytest.mark.parametrize(
    "X, y, options, message",
    [
        (np.zeros((3, 3)), [0, 1, 2], {}, "X must have 2 columns to be drawn: got 3"),
        (np.zeros((7, 2)), range(7), {}, "y must have at most 6 classes: got 7"),
        (np.zeros((3, 2)), [0, 1], {}, "different numbers of samples"),
        (np.zeros((3, 2)), [0, 1, 1], {"names": ["one"]}, "names must name each of the 2 classes: got 1"),
    ],
)
def test_points_refuses_bad_input(X, y, options, message):
    with pytest.raises(ValueError, match=message):
        figures.points(plt.subplots()[1], X, y, **options)


# ---- the drawing for a phone -----------------------------------------------------------------------------------------


def width_of(text):
    return float(re.search(r'width="([\d.]+)pt"', text)[1]) * 4 / 3


def texts_of(text):
    """The sizes of all letters in an SVG, in points: matplotlib scales outlines of a hundred units to an em."""
    return [100 * float(scale) for scale in re.findall(r"scale\(([\d.]+) -[\d.]+\)", text)]


def panels(rows, columns, **options):
    figure, axes = plt.subplots(rows, columns, figsize=figures.size(aspect=0.4), **options)
    for i, ax in enumerate(figure.axes):
        ax.plot([0, 1], [0, i + 1], label=f"line {i}")
        ax.set(title=f"panel {i}", xlabel="x", ylabel="y" if i == 0 else "")
    return figure, axes


def panel_boxes(figure):
    """The panels' boxes as the figure for a phone has them, in pixels: [left, bottom, right, top]."""
    with figures._on_phone(figure):
        return np.array([ax.get_window_extent().extents for ax in figure.axes]) * 96 / figure.dpi, figure.bbox.height


def test_a_figure_for_a_phone_is_narrow_its_letters_are_not():
    figure = decay()
    figure.axes[0].text(1, 0.5, "small", fontsize=5)
    wide, phone = figures.svg(figure), figures.svg(figure, phone=True)
    assert width_of(wide) == 632
    assert width_of(phone) == 420
    assert min(texts_of(wide)) == 5
    assert min(texts_of(phone)) * 4 / 3 * 353 / 420 >= 9  # pixels, where a phone of 390 shows it


def test_the_figure_is_afterwards_what_it_was():
    figure, _ = panels(1, 3, sharey=True)
    figures.label_lines(figure.axes[2])
    wide = figures.svg(figure)
    phone = figures.svg(figure, phone=True)
    assert figures.svg(figure) == wide
    assert figures.svg(figure, phone=True) == phone


def test_a_figure_of_the_margin_stays_as_it_is():
    figure = decay(width="margin")
    assert figures.svg(figure, phone=True) == figures.svg(figure)


@pytest.mark.parametrize(("columns", "across"), [(1, 1), (2, 1), (3, 2), (4, 2)])
def test_panels_stand_below_one_another(columns, across):
    figure, _ = panels(1, columns)
    figures.svg(figure)
    height = figure.bbox.height
    found, tall = panel_boxes(figure)
    rows = -(-columns // across)
    assert tall == pytest.approx(height * rows)
    lefts = found[:, 0].reshape(-1)
    for i, (left, bottom, right, _) in enumerate(found):
        assert right - left > 100
        if i % across:
            assert left > lefts[i - 1]
        elif i:
            assert bottom < found[i - 1, 1]


def test_stacked_panels_get_the_numbers_and_the_name_of_the_axis_that_they_shared():
    figure, axes = panels(1, 2, sharey=True)
    figures.svg(figure)
    assert axes[1].get_ylabel() == ""
    with figures._on_phone(figure):
        assert axes[1].get_ylabel() == "y"
        assert any(label.get_visible() and label.get_text() for label in axes[1].get_yticklabels())
    assert axes[1].get_ylabel() == ""
    assert not axes[1].yaxis.get_tick_params()["labelleft"]


def test_a_long_title_is_set_on_lines_and_a_formula_in_it_stays_whole():
    figure, ax = plt.subplots(figsize=figures.size())
    title = "a title that is as long as the whole of a figure, with $a + b + c$ in it, and then some words"
    ax.set_title(title)
    figures.svg(figure)
    with figures._on_phone(figure):
        shown = next(text for text in (ax.title, ax._left_title) if text.get_text())
        lines = shown.get_text().split("\n")
        assert shown.get_window_extent().x1 <= figure.bbox.width + 1
    assert len(lines) == 2
    assert " ".join(lines) == title
    assert any("$a + b + c$" in line for line in lines)


def test_labels_at_lines_ends_are_set_apart_anew():
    figure, (_, right) = plt.subplots(1, 2, figsize=figures.size(aspect=0.3))
    for k in range(5):
        right.plot([0, 1], [0, 1 + k / 50], label=f"line {k}")
    labels = figures.label_lines(right)
    figures.svg(figure)
    with figures._on_phone(figure):
        middles = np.sort([label.get_window_extent().get_points()[:, 1].mean() for label in labels])
        assert np.diff(middles).min() > 1.3 * 9.5 * figure.dpi / 72 - 0.5


def test_a_notebook_carries_both_in_one_sound_svg():
    shell = InteractiveShell.instance()
    try:
        figures.use(1)
        data, _ = shell.display_formatter.format(decay())
    finally:
        InteractiveShell.clear_instance()
    both, figure = data["image/svg+xml"], decay()
    ElementTree.fromstring(both)
    packed = re.search(r'<metadata id="phone">(.+?)</metadata>\s*', both)
    assert both.replace(packed[0], "") == figures.svg(figure)
    assert zlib.decompress(b64decode(packed[1])).decode() == figures.svg(figure, phone=True)


# ---- slider ----------------------------------------------------------------------------------------------------------


def sine(value):
    figure, ax = plt.subplots(figsize=figures.size("margin"))
    ax.plot(np.linspace(0, 6, 30), np.sin(value * np.linspace(0, 6, 30)))
    ax.set_ylim(-1.1, 1.1)
    return figure


def a_slider(**options):
    options = {
        "draw": sine,
        "values": [0.1, 0.5, 2],
        "label": "step size η",
        "alt": "A <sine> & its “period”",
    } | options
    return figures.slider(options.pop("draw"), options.pop("values"), options.pop("label"), **options)


def parsed(slider):
    return BeautifulSoup(slider._repr_html_(), "html5lib").figure


def test_slider_has_a_stable_text():
    assert repr(a_slider(fmt="{:.1f}")) == "slider: step size η = 0.1 … 2.0, 3 frames"


@pytest.mark.parametrize("frames", ["svg", "png"])
def test_slider_is_valid_html_the_same_each_time(frames):
    text = a_slider(frames=frames)._repr_html_()
    html5lib.HTMLParser(strict=True).parse("<!DOCTYPE html><title>t</title>" + text)
    assert text == a_slider(frames=frames)._repr_html_()
    assert len(text) < figures.MAX_SLIDER_BYTES
    assert not plt.get_fignums()
    assert "http://" not in re.sub(r"http://www\.w3\.org/\S+", "", text)


def test_slider_is_labelled_described_and_shows_the_start_without_script():
    figure = parsed(a_slider(start=0.5))
    control, image, output = figure.input, figure.img, figure.output
    assert figure["class"] == ["mld-slider"]
    assert figure["data-label"] == "step size η"
    assert json.loads(figure["data-values"]) == [0.1, 0.5, 2]
    assert (control["type"], control["min"], control["max"], control["value"]) == ("range", "0", "2", "1")
    assert figure.label["for"] == control["id"] == output["for"][0]
    assert figure.label.text == "step size η"
    assert control["aria-valuetext"] == output.text == "0.5"
    assert image["alt"] == "A <sine> & its “period” (step size η = 0.5)"
    assert image["class"] == ["mld-slider-frame"]
    assert (image["width"], image["height"]) == ("224", "112")
    assert figure.find(class_="mld-slider-control").find(id=control["id"]) is control
    assert parsed(a_slider()).input["value"] == "0"


def test_slider_holds_one_frame_for_each_value():
    state = json.loads(parsed(a_slider(frames="svg")).find("script", type="application/json").string)
    assert state["texts"] == ["0.1", "0.5", "2"]
    assert state["alts"] == [f"A <sine> & its “period” (step size η = {text})" for text in state["texts"]]
    assert len(set(state["frames"])) == 3
    for frame in state["frames"]:
        drawing = BeautifulSoup(frame, "html5lib").svg
        assert (drawing["width"], drawing["height"]) == ("168pt", "84pt")
    state = json.loads(parsed(a_slider(frames="png")).find("script", type="application/json").string)
    assert len(set(state["frames"])) == 3
    for frame in state["frames"]:
        with Image.open(BytesIO(b64decode(frame.removeprefix("data:image/png;base64,")))) as image:
            assert image.size == (448, 224)


def wide_sine(value):
    figure, ax = plt.subplots(figsize=figures.size())
    ax.plot([0, 1], [0, value])
    return figure


@pytest.mark.parametrize("frames", ["svg", "png"])
def test_a_wide_slider_has_frames_for_a_phone(frames):
    slider = a_slider(draw=wide_sine, frames=frames)
    figure = parsed(slider)
    state = json.loads(figure.find("script", type="application/json").string)
    assert len(set(state["phone"])) == len(set(state["frames"])) == 3
    assert figure.picture.source["media"] == figures.ON_PHONE
    assert figure.picture.source["srcset"] != figure.img["src"]
    if frames == "svg":
        assert {round(width_of(frame)) for frame in state["phone"]} == {420}
        assert slider.redraw(0.5, phone=True)[0] == state["phone"][1]
    assert slider.redraw(0.5)[0] == state["frames"][1]


def test_a_slider_of_the_margin_has_no_others():
    assert parsed(a_slider()).source is None
    assert a_slider().phone == ()


def test_small_frames_keep_sizes_of_letters_and_ids():
    text, small = figures.svg(sine(1)), figures._small_svg(figures.svg(sine(1)))
    assert len(small) < len(text)
    assert re.findall(r"scale\(.*?\)", small) == re.findall(r"scale\(.*?\)", text)
    assert re.findall(r'"#\w+"', small) == re.findall(r'"#\w+"', text)
    long = [float(number) for number in re.findall(r"[ML] ([\d.]+)", text)]
    short = [float(number) for number in re.findall(r"[ML] ([\d.]+)", small)]
    np.testing.assert_allclose(short, long, atol=0.01)


def test_two_sliders_on_a_page_have_ids_of_their_own():
    ids = {parsed(a_slider(**change))["id"] for change in ({}, {"label": "η"}, {"values": [1, 2]}, {"alt": "else"})}
    assert len(ids) == 4


def test_draw_may_leave_its_figure_to_pyplot():
    def draw(value):
        plt.figure(figsize=(2, 1))
        plt.plot([0, value])

    assert parsed(a_slider(draw=draw)).img["width"] == "192"


def wide(value):
    return plt.figure(figsize=(value, 1))


def heavy(value):
    figure, ax = plt.subplots()
    ax.plot(*np.random.default_rng(0).normal(size=(2, 9000)))
    return figure


@pytest.mark.parametrize(
    "change, message",
    [
        ({"values": [1]}, "values must hold at least two numbers: got 1"),
        ({"values": [1, np.nan]}, "value must be a finite number"),
        ({"label": " "}, "label must be a text that is not empty"),
        ({"alt": ""}, "alt must be a text that is not empty: got ''"),
        ({"alt": None}, "alt must be a text that is not empty: got None"),
        ({"start": 0.3}, "start must be one of the values: got 0.3"),
        ({"frames": "gif"}, "frames must be svg or png: got 'gif'"),
        ({"draw": lambda value: value}, "draw must return a Figure, .*: got float"),
        ({"draw": wide}, "draw must give frames of one size"),
        ({"draw": heavy}, "frames must weigh at most 400 kB together: got"),
    ],
)
def test_slider_refuses_bad_input(change, message):
    with pytest.raises(ValueError, match=message):
        a_slider(**change)


def test_source_prints_the_code_without_its_docstring(capsys):
    figures.source(figures.contrast)
    said = capsys.readouterr().out
    assert said.startswith("def contrast(colour, ground):\n    dark, light")
    assert '"""' not in said


def test_source_keeps_comments_and_refuses_what_has_no_source(capsys):
    figures.source(figures._right_end)
    assert "# of several equally far right, the last" in capsys.readouterr().out
    with pytest.raises(TypeError):
        figures.source(len)
