"""What every estimator of the book has: parameters that can be read and set, a `repr`, and a score.

An estimator's constructor stores its arguments under their own names, and does nothing else. Together with `fit` and
`predict` this is all that scikit-learn's `clone`, `Pipeline`, `GridSearchCV` and `cross_val_score` ask for, and so the
book's estimators work in them; nothing here needs scikit-learn.
"""

import inspect

import numpy as np

from .columns import centred
from .validation import check_labels, check_y, shown

__all__ = ["Classifier", "Estimator", "Regressor", "Transformer"]


class Estimator:
    """A model whose parameters are the arguments of its constructor."""

    @classmethod
    def _defaults(cls):
        parameters = inspect.signature(cls).parameters.values()
        return {parameter.name: parameter.default for parameter in parameters}

    def get_params(self, deep=True):
        """The parameters by name.

        Parameters
        ----------
        deep : scikit-learn's word, without a meaning here: no estimator contains another

        Returns
        -------
        dict
        """
        return {name: getattr(self, name) for name in self._defaults()}

    def set_params(self, **params):
        """Set parameters by name.

        Parameters
        ----------
        **params : values

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for a name that is no parameter
        """
        names = list(self._defaults())
        for name, value in params.items():
            if name not in names:
                raise ValueError(f"{type(self).__name__} has no parameter {name!r}: it has {', '.join(names)}")
            setattr(self, name, value)
        return self

    def __repr__(self):
        defaults = self._defaults()
        said = [f"{name}={value!r}" for name, value in self.get_params().items() if repr(value) != repr(defaults[name])]
        return f"{type(self).__name__}({', '.join(said)})"


class Regressor(Estimator):
    """An estimator of a real number."""

    _estimator_type = "regressor"  # scikit-learn's word

    def score(self, X, y):
        """R² = 1 − SSE/SST on the data given (`eq-linreg-r2`); below zero where the mean of y does better.

        Parameters
        ----------
        X : what `predict` takes
        y : array (N,)

        Returns
        -------
        float

        Raises
        ------
        ValueError
            if y is constant, for R² is then undefined
        """
        y, prediction = check_y(y), self.predict(X)
        if len(y) != len(prediction):
            raise ValueError(f"X and y have different numbers of samples: {len(prediction)} and {len(y)}")
        deviation, _ = centred(y)
        if not deviation.any():
            raise ValueError("y is constant: R² is undefined")
        return float(1 - np.sum((y - prediction) ** 2) / np.sum(deviation**2))

    def __sklearn_tags__(self):
        from sklearn.utils import RegressorTags, Tags, TargetTags  # only scikit-learn calls this

        return Tags("regressor", TargetTags(required=True), regressor_tags=RegressorTags())


class Classifier(Estimator):
    """An estimator of a label."""

    _estimator_type = "classifier"  # scikit-learn's word

    def _encoded(self, y, n, two=None):
        """The numbers of n labels in `classes_`, set here; `two` asks for "exactly" or "at least" two classes."""
        classes, codes = np.unique(check_labels(y, n), return_inverse=True)
        if two and (len(classes) < 2 or (two == "exactly" and len(classes) > 2)):
            got = len(classes) if len(classes) > 1 else f"only {shown(classes[0])}"
            raise ValueError(f"y must hold {two} two classes: got {got}")
        self.classes_ = classes
        return codes

    def score(self, X, y):
        """The share of samples that `predict` gets right, of (N,) labels."""
        y, prediction = np.asarray(y), self.predict(X)
        if y.shape != prediction.shape:
            raise ValueError(f"y must have shape {prediction.shape}, one label for each row of X: got {y.shape}")
        return float(np.mean(prediction == y))

    def __sklearn_tags__(self):
        from sklearn.utils import ClassifierTags, Tags, TargetTags  # only scikit-learn calls this

        return Tags("classifier", TargetTags(required=True), classifier_tags=ClassifierTags())


class Transformer(Estimator):
    """An estimator that gives each sample new coordinates."""

    def fit_transform(self, X, y=None):
        """The new coordinates of the samples from which it learns: `fit`, then `transform`."""
        return self.fit(X, y).transform(X)

    def __sklearn_tags__(self):
        from sklearn.utils import Tags, TargetTags, TransformerTags  # only scikit-learn calls this

        return Tags(None, TargetTags(required=False), transformer_tags=TransformerTags())
