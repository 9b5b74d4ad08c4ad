"""The package as it is installed and imported: lazily, with its licences, and a hint where matplotlib is missing."""

import inspect
import re
import subprocess
import sys
import zipfile
from email.parser import Parser
from importlib import import_module
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

import mlderived

ROOT = Path(__file__).resolve().parents[1]


def run(code):
    return subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)


def test_modules_come_when_they_are_asked_for_and_not_before():
    done = run(
        "import sys, mlderived\n"
        "assert not [m for m in sys.modules if m.startswith(('mlderived.', 'numpy', 'scipy'))]\n"
        "assert mlderived.linear_regression.Ridge(lam=2.0).lam == 2\n"
        "assert 'scipy.stats' not in sys.modules and 'scipy.optimize' not in sys.modules\n"
        "assert {'linear_regression', 'check'} <= set(dir(mlderived))"
    )
    assert done.returncode == 0, done.stderr
    with pytest.raises(AttributeError, match="module 'mlderived' has no attribute 'no_such_thing'"):
        _ = mlderived.no_such_thing


def test_figures_without_matplotlib_say_what_to_install():
    done = run("import sys; sys.modules['matplotlib'] = None\nimport mlderived.figures")
    assert done.returncode == 1
    assert "mlderived.figures draws with matplotlib: pip install matplotlib" in done.stderr.splitlines()[-1]


def test_the_wheel_has_its_readme_its_licences_and_its_types(tmp_path):
    [path] = WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(path) as wheel:
        names = wheel.namelist()
        [metadata] = [name for name in names if name.endswith("METADATA")]
        said = Parser().parsestr(wheel.read(metadata).decode())
    assert said.get_payload().startswith("# Machine Learning, Derived")
    assert said["License-Expression"] == "BSD-3-Clause AND OFL-1.1 AND CC-BY-4.0"
    for end in ("/LICENSE", "/LICENSE-CC-BY-4.0", "/OFL.txt", "/DATA-LICENSES.txt"):
        assert any(".dist-info/licenses/" in name and name.endswith(end) for name in names), end
    assert "mlderived/py.typed" in names
    told = (ROOT / "code/mlderived/DATA-LICENSES.txt").read_text(encoding="utf-8")
    tables = [Path(name).name for name in names if name.endswith(".csv")]
    assert len(tables) > 5 and [name for name in tables if name not in told] == []


DOCUMENTED = (  # the modules whose docstrings have numpydoc's sections
    *("bayesian_network", "check", "clustering", "columns", "crf", "datasets", "decision_tree"),
    *("dimensionality_reduction",),
    *("ensemble", "estimator", "figures", "gaussian_mixture", "gradient_boosting", "hmm"),
    *("learning_theory", "linear_algebra", "linear_regression"),
    *("logistic_regression", "metrics", "model_selection"),
    *("naive_bayes", "neural_network", "optimization", "probability", "resampling", "svm", "turns", "validation"),
    *("variational_inference",),
)


def test_every_label_that_the_package_names_stands_in_the_book():
    book = "".join(path.read_text(encoding="utf8") for path in (ROOT / "book").glob("*.md"))
    labels = {a or b or c for a, b, c in re.findall(r"^\$\$ \(([\w-]+)\)|^:label: ([\w-]+)|^\(([\w-]+)\)=", book, re.M)}
    named = {}
    for path in (ROOT / "code" / "mlderived").glob("*.py"):
        kinds = r"`((?:eq|thm|def|alg|prop|lem|fig|sec|no|ex)-[\w-]+)`"
        named |= dict.fromkeys(re.findall(kinds, path.read_text(encoding="utf8")), path.name)
    assert len(named) > 100
    assert {label: name for label, name in named.items() if label not in labels} == {}


def public_callables():
    for name in DOCUMENTED:
        module = import_module(f"mlderived.{name}")
        for attribute in getattr(module, "__all__", []):
            thing = getattr(module, attribute)
            if inspect.isfunction(thing):
                yield pytest.param(thing, id=f"{name}.{attribute}")
            elif inspect.isclass(thing) and hasattr(thing, "fit"):
                yield pytest.param(thing, id=f"{name}.{attribute}")
                yield pytest.param(thing.fit, id=f"{name}.{attribute}.fit")
                for method in [m for m in ("predict", "transform") if hasattr(thing, m)][:1]:  # a few only fit
                    yield pytest.param(getattr(thing, method), id=f"{name}.{attribute}.{method}")


@pytest.mark.parametrize("thing", list(public_callables()))
def test_a_docstring_names_each_parameter_and_says_what_comes_back(thing):
    lines = inspect.getdoc(thing).splitlines()
    assert lines[0].endswith((".", "…"))
    sections = {lines[i - 1]: i + 1 for i, line in enumerate(lines) if line and set(line) == {"-"}}
    assert set(sections) <= {"Parameters", "Returns", "Raises", "Warns", "Notes", "References"}
    assert list(sections) == sorted(sections, key=["Parameters", "Returns", "Raises", "Warns", "References"].index)
    told = set()
    for line in lines[sections["Parameters"] :] if "Parameters" in sections else []:
        if not line:
            break
        if not line.startswith(" "):
            told |= {name.strip(" *") for name in line.partition(" : ")[0].split(",")}
    taken = {name for name in inspect.signature(thing).parameters if name != "self"}
    assert told == taken
    assert inspect.isclass(thing) or "Returns" in sections
