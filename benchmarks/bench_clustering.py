"""Chapter 18 beside scikit-learn and scipy: our time over theirs, at the chapter's size and ten times it.

    PYTHONPATH=code python benchmarks/bench_clustering.py

K-means and DBSCAN on 300 and 3000 points of the plane and on the digits; linkages on 150 and 1500 points; spectral
clustering on 300 and 1500. Only ratios of one run mean anything.
"""

import warnings

import numpy as np
from scipy.cluster import hierarchy
from scipy.spatial.distance import cdist, squareform
from sklearn import cluster as theirs
from timing import best_of

from mlderived import clustering as cl
from mlderived import datasets


def main(repeats=3):
    warnings.simplefilter("ignore")
    for times in (1, 10):
        X, _ = datasets.blobs([100 * times] * 3, [[0, 0], [3, 0], [1.5, 2.6]], 0.6, 18)
        few = X[::2]
        graph = X if times == 1 else X[::2]
        D = cdist(few, few)
        W = cl.gaussian_affinity(graph, 0.3)
        start = X[:8]
        pairs = {
            "KMeans": (
                lambda X=X, s=start: cl.KMeans(8, init=s).fit(X),
                lambda X=X, s=start: theirs.KMeans(8, init=s, n_init=1, tol=0).fit(X),
            ),
            "DBSCAN": (lambda X=X: cl.DBSCAN(0.2).fit(X), lambda X=X: theirs.DBSCAN(eps=0.2).fit(X)),
            **{
                f"linkage, {m}": (
                    lambda D=D, m=m: cl.linkage(D, m),
                    lambda D=D, m=m: hierarchy.linkage(squareform(D), m),
                )
                for m in ("single", "average", "ward")
            },
            "SpectralClustering": (
                lambda W=W: cl.SpectralClustering(3, sigma=None).fit(W),
                lambda W=W: theirs.SpectralClustering(3, affinity="precomputed", random_state=0).fit(W),
            ),
        }
        if times == 1:
            digits = datasets.load_digits().X
            seeds = digits[np.random.default_rng(0).permutation(1797)[:10]]
            pairs["KMeans, digits"] = (
                lambda X=digits, s=seeds: cl.KMeans(10, init=s).fit(X),
                lambda X=digits, s=seeds: theirs.KMeans(10, init=s, n_init=1, tol=0).fit(X),
            )
        for name, (ours, other) in pairs.items():
            print(f"{name:20} × {times:2}: {best_of(ours, repeats) / best_of(other, repeats):6.2f}")


if __name__ == "__main__":
    main()
