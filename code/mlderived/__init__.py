"""The companion package of *Machine Learning, Derived*: one module per chapter, readable beside its formulas."""

__version__ = "0.1.0"
