"""Chapter 19's networks beside scikit-learn: our time over theirs, for the same number of steps of Adam.

    PYTHONPATH=code python benchmarks/bench_neural_network.py

The handwritten digits, once and ten times over: 64 hidden ReLUs, and ten hidden layers of 32, in batches of 32, ten
rounds; and the perceptron, whose rounds are counted. Only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn.linear_model import Perceptron as TheirPerceptron
from sklearn.neural_network import MLPClassifier as TheirClassifier
from timing import best_of

from mlderived import datasets
from mlderived import neural_network as nn


def main(repeats=3):
    warnings.simplefilter("ignore")
    digits = datasets.load_digits()
    print(f"{'ours over scikit-learn':44}{'fit':>8}{'predict':>10}")
    for times in (1, 10):
        X, y = np.tile(digits.X / 16, (times, 1)), np.tile(digits.y, times)
        for hidden in ((64,), (32,) * 10):
            ours = nn.MLPClassifier(hidden, epochs=10)
            theirs = TheirClassifier(hidden, alpha=0.0, batch_size=32, max_iter=10, tol=0.0, n_iter_no_change=100)
            fit = best_of(lambda m=ours, X=X, y=y: m.fit(X, y), repeats)
            fit /= best_of(lambda m=theirs, X=X, y=y: m.fit(X, y), repeats)
            predict = best_of(lambda m=ours, X=X: m.predict(X), repeats)
            predict /= best_of(lambda m=theirs, X=X: m.predict(X), repeats)
            print(f"{len(X):6} digits, {len(hidden):2} hidden layers{'':18}{fit:8.2g}{predict:10.2g}")
    for N in (1000, 10_000):
        rng = np.random.default_rng(19)
        X = rng.standard_normal((N, 20))
        score = X @ rng.standard_normal(20)
        X, y = X[np.abs(score) > 0.5], (score > 0)[np.abs(score) > 0.5]
        ours, theirs = nn.Perceptron(), TheirPerceptron(tol=None, shuffle=False, max_iter=20)
        fit = best_of(lambda m=ours, X=X, y=y: m.fit(X, y), repeats)
        fit /= best_of(lambda m=theirs, X=X, y=y: m.fit(X, y), repeats)
        print(f"perceptron, {len(X):6} samples (theirs: 20 rounds) {fit:7.2g}")


if __name__ == "__main__":
    main()
