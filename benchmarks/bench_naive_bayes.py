"""Chapter 9's classifiers beside scikit-learn's: our time over theirs, to fit and to predict.

    PYTHONPATH=code python benchmarks/bench_naive_bayes.py

Each runs on the digits (1797 × 64), the Gaussian one on the breast masses in units of their spread (569 × 30), and
again on ten times as many rows; the counts also as a sparse table of 2,000 and 20,000 texts. How far the
log-probabilities differ is printed; only ratios of one run mean anything.
"""

import numpy as np
from scipy import sparse
from sklearn import naive_bayes as sk
from timing import best_of

from mlderived import datasets
from mlderived import naive_bayes as nb


def cases():
    digits, cancer = datasets.load_digits(), datasets.load_breast_cancer()
    scaled = (cancer.X - cancer.X.mean(axis=0)) / cancer.X.std(axis=0)
    rng = np.random.default_rng(9)
    for times in (1, 10):
        X, y, Z, t = (np.repeat(part, times, axis=0) for part in (digits.X, digits.y, scaled, cancer.y))
        codes = X.astype(int)
        texts = sparse.random_array((2000 * times, 5000), density=0.01, rng=rng, format="csr")
        texts.data = np.ceil(3 * texts.data)
        topics = rng.integers(5, size=2000 * times)
        yield f"Gaussian {Z.shape[0]} × {Z.shape[1]}", nb.GaussianNB(), sk.GaussianNB(), Z, t
        yield f"multinomial {X.shape[0]} × 64", nb.MultinomialNB(), sk.MultinomialNB(), X, y
        yield f"Bernoulli {X.shape[0]} × 64", nb.BernoulliNB(binarize=7.5), sk.BernoulliNB(binarize=7.5), X, y
        yield f"categorical {X.shape[0]} × 64", nb.CategoricalNB(), sk.CategoricalNB(), codes, y
        yield f"multinomial, sparse {2000 * times}", nb.MultinomialNB(), sk.MultinomialNB(), texts, topics
        yield f"Bernoulli, sparse {2000 * times}", nb.BernoulliNB(), sk.BernoulliNB(), texts, topics


def main(repeats=10):
    print(f"{'ours over scikit-learn':28}{'fit':>8}{'predict':>9}   largest difference of log P")
    for name, ours, theirs, X, y in cases():
        fit = best_of(lambda m=ours, X=X, y=y: m.fit(X, y), repeats)
        fit /= best_of(lambda m=theirs, X=X, y=y: m.fit(X, y), repeats)
        predict = best_of(lambda m=ours, X=X: m.predict_log_proba(X), repeats)
        predict /= best_of(lambda m=theirs, X=X: m.predict_log_proba(X), repeats)
        gap = np.abs(ours.predict_log_proba(X) - theirs.predict_log_proba(X)).max()
        print(f"{name:28}{fit:8.2g}{predict:9.2g}   {gap:.0e}")


if __name__ == "__main__":
    main()
