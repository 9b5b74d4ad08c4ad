"""Formulas as MathML: what TeX would set is set, what is no TeX is said with its place."""

import hashlib
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "book" / "_ext"))

from mldbook import formulas  # noqa: E402
from mldbook.finding import spoken  # noqa: E402


@pytest.fixture(autouse=True, scope="module")
def engine_ends():
    yield
    formulas.stop()


def shape(tex, display=False):
    """The elements of a formula with their texts, without the outermost."""
    tree = ElementTree.fromstring(formulas.mathml(tex, display))
    return [(e.tag, (e.text or "").strip(), e.attrib) for e in tree.iter()][1:]


def texts(tex, tag):
    return [text for name, text, _ in shape(tex) if name == tag]


def test_a_formula_keeps_its_tex_and_its_style():
    inline, display = formulas.mathml(r"a<\tfrac12 b"), formulas.mathml(r"\sum_i x_i", True)
    assert ElementTree.fromstring(inline).attrib == {"alttext": r"a<\tfrac12 b"}
    assert ElementTree.fromstring(display).get("display") == "block"


def test_commas_part_numbers_unless_they_are_braced():
    assert texts(r"\{-1,0,1\}", "mn") == ["1", "0", "1"]
    assert texts(r"10{,}000", "mn") == ["10,000"]


def test_a_minus_after_a_comma_and_a_space_is_a_sign():
    minus = [attributes for tag, text, attributes in shape(r"0,\ -0.2") if text == "−"]
    assert minus and all(found.get("form") == "prefix" or found.get("lspace") == "0em" for found in minus)


def test_a_relation_keeps_its_room_at_either_end_of_a_line():
    rows = shape(r"\begin{aligned}a&=b\\&\le c\end{aligned}", True)
    assert [attributes.get("form") for tag, text, attributes in rows if text in "=≤" and tag == "mo"] == ["infix"] * 2


@pytest.mark.parametrize("tex", [r"(q)\max(a)", r"\operatorname{sign}(q)\max(a)", r"f(x)\log y"])
def test_there_is_room_between_a_bracket_and_a_name(tex):
    tags = [(tag, text) for tag, text, _ in shape(tex)]
    name = next(i for i, (tag, text) in enumerate(tags) if text in ("max", "log"))
    assert "mspace" in [tag for tag, _ in tags[name - 3 : name]]


@pytest.mark.parametrize("tex", [r"\foo x", r"\frac1", "x_1_2", r"\begin{aligned}a"])
def test_what_is_no_tex_is_not_understood(tex):
    with pytest.raises(formulas.NotUnderstood, match=r"\w"):
        formulas.mathml(tex)


@pytest.mark.parametrize(
    ("tex", "said"),
    [
        (r"\mathbf X^\top\mathbf y", "X⊤y"),
        (r"\frac1N\sum_i\ell_i", "1/N∑ili"),
        (r"\tfrac{\sigma^2}{N}", "(σ^2)/N"),
        (r"\operatorname{Var}X", "VarX"),
    ],
)
def test_a_formula_is_spoken_in_a_line(tex, said):
    assert spoken(tex) == said


@pytest.mark.parametrize("readme", sorted(ROOT.glob("book/_vendor/*/README.md")), ids=lambda path: path.parent.name)
def test_what_is_vendored_is_what_its_readme_says(readme):
    text = readme.read_text(encoding="utf8")
    for name, digest in re.findall(r"sha256 of ([\w.-]+): ([0-9a-f]{64})", text) + re.findall(
        r"\| ([\w.-]+) \| \d+ \| ([0-9a-f]{64}) \|", text
    ):
        assert hashlib.sha256((readme.parent / name).read_bytes()).hexdigest() == digest, name
    assert re.search(r"[0-9a-f]{64}", text)
