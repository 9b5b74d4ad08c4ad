"""Chapter 14's mixture and topics beside scikit-learn's: our time over theirs, at two sizes.

    PYTHONPATH=code python benchmarks/bench_variational_inference.py

The mixture of three Gaussians on iris (150 × 4) and on ten times as many rows, from the same labels for the same number
of sweeps; topics on the first 400 digits, 64 pixels as counts, and on all 1797, for ten sweeps. How far the results
differ is printed beside; only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn.cluster import KMeans
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import BayesianGaussianMixture
from timing import best_of

from mlderived import datasets
from mlderived import variational_inference as vi


def mixtures():
    iris = datasets.load_iris().X
    for times in (1, 10):
        X = np.repeat(iris, times, axis=0)
        X = X + np.random.default_rng(14).normal(0, 0.02, X.shape)
        start = np.eye(3)[KMeans(3, n_init=1, random_state=np.random.RandomState(0)).fit(X).labels_]
        ours = vi.VariationalGaussianMixture(3, tol=0, max_iter=100)
        theirs = BayesianGaussianMixture(
            n_components=3,
            weight_concentration_prior_type="dirichlet_distribution",
            weight_concentration_prior=1.0,
            reg_covar=0,
            tol=0,
            max_iter=100,
            random_state=0,
        )
        yield (
            f"mixture {len(X)} × 4",
            lambda m=ours, X=X, r=start: m.fit(X, resp=r),
            lambda m=theirs, X=X: m.fit(X),
        )


def topics():
    digits = datasets.load_digits().X
    for rows in (400, 1797):
        X = digits[:rows]
        ours = vi.LDA(10, 0.1, 0.1, max_iter=10, tol=0)
        theirs = LatentDirichletAllocation(
            10, doc_topic_prior=0.1, topic_word_prior=0.1, learning_method="batch", max_iter=10, random_state=0
        )
        yield f"topics {rows} × 64", lambda m=ours, X=X: m.fit(X), lambda m=theirs, X=X: m.fit(X)


def main(repeats=3):
    print("ours over scikit-learn")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        for name, ours, theirs in [*mixtures(), *topics()]:
            ratio = best_of(ours, repeats) / best_of(theirs, repeats)
            note = ""
            if name.startswith("mixture"):
                gap = np.abs(np.sort(ours().alpha_) - np.sort(theirs().weight_concentration_)).max()
                note = f"   largest difference of α {gap:.0e}"
            print(f"{name:20}{ratio:8.2g}{note}")


if __name__ == "__main__":
    main()
