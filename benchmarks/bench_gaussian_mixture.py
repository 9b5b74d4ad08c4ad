"""Chapter 13's mixtures beside scikit-learn's: our time over theirs, for a round of EM and to predict.

    PYTHONPATH=code python benchmarks/bench_gaussian_mixture.py

Each runs a hundred rounds from the same start, on iris (150 × 4) and wine in units of its spreads (178 × 13), and on
ten times as many rows. How far the log-densities then differ is printed; only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn.mixture import GaussianMixture as SklearnMixture
from timing import best_of

from mlderived import datasets
from mlderived.gaussian_mixture import GaussianMixture


def cases():
    wine = datasets.load_wine().X
    rng = np.random.default_rng(13)
    for name, X in (("iris", datasets.load_iris().X), ("wine", (wine - wine.mean(axis=0)) / wine.std(axis=0))):
        for times in (1, 10):
            many = np.repeat(X, times, axis=0)
            yield name, many + 0.01 * rng.standard_normal(many.shape)


def main(repeats=5):
    print(f"{'ours over scikit-learn':24}{'a round':>9}{'predict':>9}   largest difference of log p")
    warnings.simplefilter("ignore")  # a hundred rounds do not converge, and should not
    for name, X in cases():
        for kind in ("full", "tied", "diag"):
            means, cov = X[[0, len(X) // 2, len(X) - 1]], np.cov(X.T)
            cov = cov * np.eye(len(cov)) if kind == "diag" else cov
            precision = {"full": [np.linalg.inv(cov)] * 3, "tied": np.linalg.inv(cov), "diag": [1 / np.diag(cov)] * 3}
            start = np.full(3, 1 / 3), means, np.repeat(cov[None], 3, axis=0)
            ours = GaussianMixture(3, kind, init=start, max_iter=100, tol=0)
            theirs = SklearnMixture(
                3, covariance_type=kind, weights_init=start[0], means_init=means, max_iter=100, tol=0
            )
            theirs.set_params(precisions_init=np.array(precision[kind]), reg_covar=0)
            a_round = best_of(lambda m=ours, X=X: m.fit(X), repeats) / ours.n_iter_
            a_round /= best_of(lambda m=theirs, X=X: m.fit(X), repeats) / theirs.n_iter_
            predict = best_of(lambda m=ours, X=X: m.score_samples(X), repeats)
            predict /= best_of(lambda m=theirs, X=X: m.score_samples(X), repeats)
            gap = np.abs(ours.score_samples(X) - theirs.score_samples(X)).max()
            print(f"{name} {len(X)} × {X.shape[1]}, {kind:14}{a_round:9.2g}{predict:9.2g}   {gap:.0e}")


if __name__ == "__main__":
    main()
