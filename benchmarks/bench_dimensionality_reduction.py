"""Chapter 17 beside scikit-learn: our time over theirs, at the chapter's size and ten times it.

    PYTHONPATH=code python benchmarks/bench_dimensionality_reduction.py

PCA, Fisher's discriminant and FastICA on the digits (1797 × 64) and on ten times as many rows; kernel PCA on 300 and
3000 of them; a step of t-SNE, exact here and there, on 300 and 1500. Only ratios of one run mean anything.
"""

import warnings

import numpy as np
from sklearn.decomposition import PCA as TheirPCA
from sklearn.decomposition import FastICA as TheirICA
from sklearn.decomposition import KernelPCA as TheirKernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.manifold import TSNE
from timing import best_of

from mlderived import datasets
from mlderived import dimensionality_reduction as dr


def main(repeats=3):
    warnings.simplefilter("ignore")
    data, rng = datasets.load_digits(), np.random.default_rng(17)
    for times in (1, 10):
        X, y = np.repeat(data.X, times, axis=0), np.repeat(data.y, times)
        X = X + 0.1 * rng.standard_normal(X.shape)
        few = X[rng.permutation(len(X))[: 300 * times]]
        map_of = few[: 300 if times == 1 else 1500]
        ica = {"n_components": 8, "max_iter": 20, "tol": 0, "random_state": 0}
        pairs = {
            "PCA": (dr.PCA(), TheirPCA(svd_solver="full"), (X,)),
            "FisherLDA": (dr.FisherLDA(), LinearDiscriminantAnalysis(solver="svd"), (X, y)),
            "FastICA, 20 steps": (dr.FastICA(**ica), TheirICA(whiten="unit-variance", **ica), (X,)),
            "KernelPCA": (dr.KernelPCA(9, gamma=1e-3), TheirKernelPCA(9, kernel="rbf", gamma=1e-3), (few,)),
        }
        for name, (ours, theirs, args) in pairs.items():
            ratio = best_of(lambda m=ours, a=args: m.fit(*a), repeats) / best_of(
                lambda m=theirs, a=args: m.fit(*a), repeats
            )
            print(f"{name:18} {args[0].shape[0]:6} rows: {ratio:6.2f}")
        theirs = TSNE(method="exact", init="pca", max_iter=250, early_exaggeration=12)
        ratio = best_of(lambda Z=map_of: dr.tsne(Z, 30.0, 250), 1) / best_of(lambda Z=map_of, m=theirs: m.fit(Z), 1)
        print(f"{'t-SNE, 250 steps':18} {len(map_of):6} rows: {ratio:6.2f}")


if __name__ == "__main__":
    main()
