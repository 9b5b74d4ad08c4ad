"""The companion package of *Machine Learning, Derived*: one module per chapter, readable beside its formulas.

A module is imported when it is first asked for: after `import mlderived`, `mlderived.linear_regression` is there.
"""

from importlib import import_module
from pkgutil import iter_modules

__version__ = "0.1.0"


def __getattr__(name):
    if name not in _modules():
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return import_module(f"{__name__}.{name}")


def __dir__():
    return sorted({*globals(), *_modules()})


def _modules():
    return [module.name for module in iter_modules(__path__)]
