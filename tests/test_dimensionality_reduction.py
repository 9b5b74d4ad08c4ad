"""Principal components and their kin against scikit-learn, scipy, closed forms and invariants, on hard data too."""

import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import eigh
from scipy.spatial.distance import cdist
from sklearn.base import clone
from sklearn.decomposition import PCA as TheirPCA
from sklearn.decomposition import FastICA as TheirICA
from sklearn.decomposition import KernelPCA as TheirKernelPCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.model_selection import GridSearchCV
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KernelCenterer

from mlderived import datasets
from mlderived import dimensionality_reduction as dr

FOUR = np.array([[2.0, 2], [2, -1], [-2, 1], [-2, -2]])
TWICE, NAMES = np.r_[FOUR, FOUR + np.array([0, 4])], np.repeat(["low", "high"], 4)
examples = settings(deadline=None, derandomize=True, max_examples=30)
seeds = st.integers(0, 10**6)


def cloud(seed, N=12, d=3):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((N, d)) @ rng.standard_normal((d, d)) + rng.standard_normal(d)


def up_to_sign(A, B, tol):
    """Whether the columns of A and B agree but for their signs."""
    signs = np.sign(np.sum(A * B, axis=0))
    return np.abs(A * signs - B).max() <= tol * np.abs(B).max()


# Principal components ---------------------------------------------------------------------------------


def test_four_points_by_hand():
    pca = dr.PCA().fit(FOUR)
    assert np.allclose(pca.components_ * np.sqrt(5), [[2, 1], [-1, 2]], atol=1e-14)
    assert np.allclose(pca.explained_variance_, [4.5, 2], rtol=1e-14)
    assert np.allclose(pca.explained_variance_ratio_, [9 / 13, 4 / 13], rtol=1e-14)
    assert np.allclose(pca.singular_values_, np.sqrt([18, 8]), rtol=1e-14)
    one = dr.PCA(1).fit(FOUR)
    back = one.inverse_transform(one.transform(FOUR))
    assert np.allclose(back[:2], [[2.4, 1.2], [1.2, 0.6]])
    assert np.isclose(np.mean(np.sum((FOUR - back) ** 2, axis=1)), 2)


REAL = {"iris": datasets.load_iris().X, "wine": datasets.load_wine().X, "digits": datasets.load_digits().X}
REAL |= {"wide": cloud(3, 5, 9), "two rows": cloud(4, 2, 4)}


@pytest.mark.parametrize("name", list(REAL))
def test_pca_agrees_with_scikit_learn(name):
    X = REAL[name]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of theirs, about two rows
        theirs, ours = TheirPCA(svd_solver="full").fit(X), dr.PCA().fit(X)
    r = np.count_nonzero(ours.singular_values_)
    assert r == np.linalg.matrix_rank(X - X.mean(axis=0))
    assert up_to_sign(ours.components_[:r].T, theirs.components_[:r].T, 1e-8)
    N = len(X)
    np.testing.assert_allclose(ours.explained_variance_[:r] * N / (N - 1), theirs.explained_variance_[:r], rtol=1e-12)
    np.testing.assert_allclose(ours.explained_variance_ratio_[:r], theirs.explained_variance_ratio_[:r], rtol=1e-12)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(X)), X, atol=1e-12 * np.abs(X).max())
    assert np.allclose(ours.components_ @ ours.components_.T, np.eye(len(ours.components_)), atol=1e-12)


def test_a_share_of_the_variance_counts_components():
    digits = REAL["digits"]
    assert [len(dr.PCA(tau).fit(digits).components_) for tau in (0.9, 0.95, 0.99, 1.0)] == [21, 29, 41, 61]
    exact = np.repeat(np.eye(4), 2, axis=0) * np.tile([1.0, -1], 4)[:, None]
    assert [len(dr.PCA(tau).fit(exact).components_) for tau in (0.25, 0.5, 0.75, 1.0)] == [1, 2, 3, 4]


@examples
@given(seeds)
def test_pca_turns_with_the_data_and_ignores_where_they_are(seed):
    X, Q = cloud(seed), np.linalg.qr(cloud(seed + 1, 3, 3))[0]
    a, b = dr.PCA().fit(X), dr.PCA().fit(1e6 * (X @ Q) + 1e9)
    np.testing.assert_allclose(b.explained_variance_, 1e12 * a.explained_variance_, rtol=1e-6, atol=1e-2)
    assert np.allclose(dr.PCA().fit(1e-9 * X[::-1]).components_, a.components_, atol=1e-6)
    assert np.allclose(np.cov(a.transform(X).T, bias=True), np.diag(a.explained_variance_), atol=1e-12)


def test_a_tie_of_the_largest_entry_is_no_matter_of_the_last_digit():
    X = np.array([[1.0, -1], [-1, 1], [0.1, 0.1], [-0.1, -0.1]])
    for factor in (1.0, 0.3, 1e-7, 7e9):
        assert np.all(dr.PCA(2).fit(factor * X).components_[:, 0] > 0)


@pytest.mark.parametrize("far", [0.0, 1e8])
def test_constant_and_repeated_columns(far):
    x = np.array([1.0, 2, 4, 9]) + far
    pca = dr.PCA().fit(np.column_stack([x, np.full(4, 0.3), x]))
    assert np.allclose(pca.components_[0], [np.sqrt(0.5), 0, np.sqrt(0.5)], atol=1e-12)
    assert pca.explained_variance_[1:].tolist() == [0, 0]


def test_whitening():
    for X in (FOUR, cloud(0), cloud(1, 4, 7), np.column_stack([cloud(2), np.ones(12), cloud(2)[:, 0]]), 1e9 * cloud(3)):
        Z, K = dr.whiten(X)
        assert np.allclose(Z.T @ Z / len(X), np.eye(Z.shape[1]), atol=1e-11)
        assert Z.shape[1] == np.linalg.matrix_rank(X - X.mean(axis=0))
        assert np.allclose((X - X.mean(axis=0)) @ K, Z, atol=1e-9)


# Kernels ----------------------------------------------------------------------------------------------


def test_kernel_pca_of_the_four_points_tells_the_diagonals_apart():
    model = dr.KernelPCA(kernel="poly", degree=2, coef0=0.0).fit(FOUR)
    assert np.allclose(model.explained_variance_, [20.25])
    assert np.allclose(model.transform(FOUR)[:, 0], [4.5, -4.5, -4.5, 4.5])


@pytest.mark.parametrize("kernel", ["rbf", "poly", "linear"])
@pytest.mark.parametrize("name", ["iris", "wide"])
def test_kernel_pca_agrees_with_scikit_learn(kernel, name):
    X = REAL[name]
    new = X[::3] + 0.1
    k = 2 if name == "iris" else 4
    ours = dr.KernelPCA(k, kernel, gamma=0.5, degree=2).fit(X)
    theirs = TheirKernelPCA(k, kernel=kernel, gamma=0.5, degree=2, coef0=1, eigen_solver="dense").fit(X)
    assert up_to_sign(ours.transform(new), theirs.transform(new), 1e-8)
    assert np.allclose(ours.explained_variance_ * len(X), theirs.eigenvalues_)
    assert np.allclose(np.mean(ours.transform(X) ** 2, axis=0), ours.explained_variance_)


@examples
@given(seeds)
def test_the_linear_kernel_is_pca_far_from_zero_too(seed):
    X = cloud(seed)
    pca, model = dr.PCA().fit(X), dr.KernelPCA(kernel="linear").fit(X + 1e7)
    assert up_to_sign(model.transform(X + 1e7), pca.transform(X), 1e-6)


def test_centring_a_kernel():
    X = cloud(5)
    K = (1 + X @ X.T) ** 3
    np.testing.assert_allclose(dr.center_kernel(K), KernelCenterer().fit_transform(K), atol=1e-10 * K.max())
    np.testing.assert_allclose(dr.center_kernel(K).sum(axis=0), 0, atol=1e-10 * K.max())


# Fisher's discriminant --------------------------------------------------------------------------------


def test_the_two_parallelograms():
    model = dr.FisherLDA().fit(TWICE, NAMES)
    assert np.allclose(model.components_ * 6, [[-1, 4]]) and np.allclose(model.eigenvalues_, [16 / 9])
    S_W, S_B = dr.scatter_matrices(TWICE, NAMES)
    assert np.allclose(S_W, [[32, 8], [8, 20]]) and np.allclose(S_B, [[0, 0], [0, 32]], atol=1e-13)


@pytest.mark.parametrize("name", ["iris", "wine", "breast_cancer"])
def test_lda_agrees_with_scikit_learn_and_scipy(name):
    data = getattr(datasets, f"load_{name}")()
    ours, theirs = dr.FisherLDA().fit(data.X, data.y), LinearDiscriminantAnalysis(solver="eigen").fit(data.X, data.y)
    k = len(ours.components_)
    assert k == len(set(data.y)) - 1
    np.testing.assert_allclose(ours.explained_variance_ratio_, theirs.explained_variance_ratio_[:k], rtol=1e-9)
    assert up_to_sign(ours.components_.T, theirs.scalings_[:, :k], 1e-7)
    S_W, S_B = dr.scatter_matrices(data.X, data.y)
    np.testing.assert_allclose(ours.eigenvalues_, eigh(S_B, S_W, eigvals_only=True)[::-1][:k], rtol=1e-8)
    assert np.allclose(S_W + S_B, len(data.y) * np.cov(data.X.T, bias=True), rtol=1e-10)


@examples
@given(seeds)
def test_lda_does_not_depend_on_units_or_order(seed):
    X, y = cloud(seed, 20), np.arange(20) % 3
    a = dr.FisherLDA().fit(X, y)
    b = dr.FisherLDA().fit(X[::-1] * [1e9, 1e-9, 1] + [0, 0, 1e3], y[::-1])
    np.testing.assert_allclose(a.eigenvalues_, b.eigenvalues_, rtol=1e-7)
    assert up_to_sign(b.components_.T * [[1e9], [1e-9], [1]], a.components_.T, 1e-6)


@pytest.mark.parametrize("rho", [0.1, 0.5, 1.0])
@pytest.mark.parametrize("shape", [(20, 3), (6, 9)])
def test_shrinkage(rho, shape):
    X, y = cloud(7, *shape), np.arange(shape[0]) % 3
    S_W, S_B = dr.scatter_matrices(X, y)
    shrunk = (1 - rho) * S_W + rho * np.trace(S_W) / shape[1] * np.eye(shape[1])
    model = dr.FisherLDA(shrinkage=rho).fit(X, y)
    np.testing.assert_allclose(model.eigenvalues_, eigh(S_B, shrunk, eigvals_only=True)[::-1][:2], rtol=1e-9)
    assert np.allclose(model.components_ @ shrunk @ model.components_.T / shape[0], np.eye(2), atol=1e-9)


def test_classes_with_one_mean():
    X = np.r_[FOUR, 2 * FOUR]
    model = dr.FisherLDA().fit(X, np.repeat([0, 1], 4))
    assert np.allclose(model.eigenvalues_, 0, atol=1e-20) and np.isfinite(model.transform(X)).all()


# t-SNE ------------------------------------------------------------------------------------------------


def line_affinities():
    P = np.full((4, 4), 1 / 40) - np.eye(4) / 40
    P[[0, 1, 2, 3], [1, 0, 3, 2]] = 1 / 5
    return P


def test_the_gradient_by_hand_and_by_differences():
    grad = dr.tsne_cost_grad(np.arange(4.0)[:, None], line_affinities())[1]
    assert np.allclose(grad[:, 0], [-0.11, 0.39, -0.39, 0.11], atol=1e-15)
    Y, P = cloud(8, 8, 2), dr.joint_affinities(cloud(9, 8, 5), 3.0)
    _, grad = dr.tsne_cost_grad(Y, P)
    for i, m in product(range(8), range(2)):
        E = np.zeros((8, 2))
        E[i, m] = 1e-5
        numeric = (dr.tsne_cost_grad(Y + E, P)[0] - dr.tsne_cost_grad(Y - E, P)[0]) / 2e-5
        assert abs(numeric - grad[i, m]) < 1e-8
    assert np.allclose(grad.sum(axis=0), 0, atol=1e-14) and np.allclose(grad.T @ Y, Y.T @ grad, atol=1e-14)


def test_affinities():
    beta = dr.conditional_affinities(np.array([[0.0], [1], [-np.sqrt(2)], [np.sqrt(3)], [-np.sqrt(10)]]), 2.0)
    assert np.allclose(beta[0][0], [0, 0.748543, 0.198705, 0.052747, 0.000005], atol=1e-6)
    assert np.isclose(beta[1][0], 1.326308, atol=1e-6)
    for X, perplexity in ((cloud(1, 30), 5.0), (cloud(2, 9), 7.5), (1e9 + cloud(3, 10), 3.0), (1e-9 * cloud(4), 4.0)):
        P, _ = dr.conditional_affinities(X, perplexity)
        with np.errstate(divide="ignore", invalid="ignore"):
            entropy = -np.nansum(P * np.log(P), axis=1)
        assert np.allclose(np.exp(entropy), perplexity, rtol=1e-6)
        assert np.allclose(P.sum(axis=1), 1) and not np.diagonal(P).any()
        Q = dr.joint_affinities(X, perplexity)
        assert np.isclose(Q.sum(), 1) and np.all(Q.sum(axis=1) >= 0.5 / len(X) - 1e-12) and np.array_equal(Q, Q.T)


def test_affinities_of_equal_points():
    P, _ = dr.conditional_affinities(np.zeros((4, 2)), 2.0)
    assert np.allclose(P, (1 - np.eye(4)) / 3)
    P, _ = dr.conditional_affinities(np.r_[np.zeros((4, 1)), [[1.0], [2]]], 2.0)  # three ties, more than two
    assert np.allclose(P[0], [0, 1 / 3, 1 / 3, 1 / 3, 0, 0], atol=1e-12)
    grad = dr.tsne_cost_grad(np.zeros((4, 2)), dr.joint_affinities(FOUR, 1.5))[1]
    assert not grad.any()


@examples
@given(seeds, st.sampled_from([1e-9, 1.0, 1e9]))
def test_affinities_have_no_unit(seed, unit):
    X = cloud(seed)
    a, b = (dr.conditional_affinities(Z, 4.0) for Z in (X, unit * X[:, ::-1]))
    assert np.allclose(a[0], b[0], atol=1e-9) and np.allclose(a[1], b[1] * unit**2, rtol=1e-6)


def test_a_map_keeps_clusters_and_lowers_the_cost():
    X, y = datasets.blobs([20, 20, 20], 12 * np.eye(3), 1.0, seed=17)
    Y, costs = dr.tsne(X, 10.0, 600)  # 250 of them with exaggerated affinities
    assert Y.shape == (60, 2) and np.allclose(Y.mean(axis=0), 0, atol=1e-10) and costs[-1] < 0.3 * costs[0]
    assert np.array_equal(Y, dr.tsne(X, 10.0, 600)[0])
    assert KNeighborsClassifier(3).fit(Y, y).score(Y, y) == 1
    P = dr.joint_affinities(X, 10.0)
    assert np.isclose(dr.tsne(X, 10.0, 301)[1][0], dr.tsne_cost_grad(1e-9 * X[:, :2], P)[0], rtol=1e-3)
    assert dr.tsne_cost_grad(Y, P)[0] < costs[200]
    assert dr.tsne(X[:, :1] + X[:, :1], 10.0, 50)[0].shape == (60, 2)


# Independent components -------------------------------------------------------------------------------


def sources():
    t = np.linspace(0, 8, 2000)
    return np.column_stack([np.sin(2 * t), np.sign(np.sin(3 * t))])


@pytest.mark.parametrize("fun", ["tanh", "cube"])
def test_ica_finds_a_sine_and_a_square(fun):
    S = sources()
    X = S @ np.array([[1, 0.5], [0.5, 1]])
    ours = dr.FastICA(fun=fun).fit(X)
    Z = ours.transform(X)
    found = np.abs(np.corrcoef(Z.T, S.T)[:2, 2:]).max(axis=0)
    assert np.allclose(found, {"tanh": [0.9984, 0.9996], "cube": [0.9988, 0.9993]}[fun], atol=1e-4)
    theirs = TheirICA(fun="logcosh" if fun == "tanh" else "cube", whiten="unit-variance", random_state=0, tol=1e-10)
    theirs = theirs.set_params(max_iter=1000).fit_transform(X)
    assert np.abs(np.corrcoef(Z.T, theirs.T)[:2, 2:]).max(axis=0).min() > 0.9999
    assert np.allclose(Z.T @ Z / len(Z), np.eye(2), atol=1e-10)
    assert np.allclose(Z @ ours.mixing_.T + ours.mean_, X, atol=1e-10)


def test_ica_finds_the_sides_of_the_parallelogram():
    for far in (0.0, 1e6):
        model = dr.FastICA(fun="cube").fit(FOUR + far)
        sides = model.mixing_ * np.sign(model.mixing_.sum(axis=0))
        assert np.allclose(sides[:, np.argsort(sides[0])], [[0, 2], [1.5, 0.5]], atol=1e-8)


def test_ica_on_fewer_than_the_columns_and_on_repeated_ones():
    X = np.column_stack([sources() @ np.array([[1, 0.5], [0.5, 1]]), np.ones(2000)])
    X = np.column_stack([X, X[:, 0]])
    assert dr.FastICA().fit(X).components_.shape == (2, 4)
    assert dr.FastICA(1).fit(X).transform(X).shape == (2000, 1)


def test_ica_on_columns_in_units_far_apart():
    far = np.array([1e9, 1e-9])
    mixed = sources() @ np.array([[1, 0.5], [0.5, 1]])
    model = dr.FastICA().fit(mixed * far)
    Z = model.transform(mixed * far)
    assert Z.shape == (2000, 2) and np.allclose(Z.T @ Z / 2000, np.eye(2), atol=1e-10)
    assert np.abs(np.corrcoef(Z.T, dr.FastICA().fit_transform(mixed).T)[:2, 2:]).max(axis=0).min() > 1 - 1e-8
    assert np.allclose((Z @ model.mixing_.T + model.mean_) / far, mixed, atol=1e-10)
    with pytest.raises(ValueError, match=r"n_components must lie in \[1, 1\]: got 2"):
        dr.FastICA(2).fit(np.column_stack([mixed * far, 1e-9 * mixed[:, 0] ** 2]))  # the first two, as they stand


def test_ica_takes_rounding_for_no_source():
    jitter = 0.1 + 2.0**-56 * (np.arange(2000) % 2)
    assert np.ptp(jitter) > 0
    assert dr.FastICA().fit(np.column_stack([sources(), jitter])).components_.shape == (2, 3)


def test_ica_says_when_it_stops_short():
    X = np.random.default_rng(17).standard_normal((300, 3))
    with pytest.warns(RuntimeWarning, match="did not converge in 2 steps") as caught:
        model = dr.FastICA(max_iter=2).fit(X)
    assert len(caught) == 1 and caught[0].filename == __file__ and model.n_iter_ == 2
    with pytest.warns(RuntimeWarning, match="in 1 steps"):
        assert dr.FastICA(max_iter=1).fit(X).n_iter_ == 1


def test_kurtosis():
    t = 2 * np.pi * np.arange(1000) / 1000
    assert np.isclose(dr.kurtosis(np.sin(t)), -1.5) and np.isclose(dr.kurtosis([1.0, -1, 1, -1]), -2)
    assert np.allclose(dr.kurtosis(1e9 * FOUR @ [[-1.0, 1], [4, 0]] + 5), [-2, -2])
    assert isinstance(dr.kurtosis(np.sin(t)), float)


# As estimators ----------------------------------------------------------------------------------------


def test_they_work_in_a_pipeline():
    data = datasets.load_iris()
    for step in (dr.PCA(2), dr.KernelPCA(2, gamma=0.5), dr.FisherLDA(2), dr.FastICA(2)):
        model = make_pipeline(clone(step), KNeighborsClassifier(5)).fit(data.X, data.y)
        assert model.score(data.X, data.y) > 0.9
        assert step.fit_transform(data.X, data.y).shape == (150, 2)
    search = GridSearchCV(make_pipeline(dr.PCA(), KNeighborsClassifier(5)), {"pca__n_components": [1, 3]}, cv=3)
    assert search.fit(data.X, data.y).best_params_["pca__n_components"] in (1, 3)


BAD = [
    (lambda: dr.PCA().fit([1.0, 2]), "2-dimensional"),
    (lambda: dr.PCA().fit([[1.0, np.nan]]), "NaN or infinity"),
    (lambda: dr.PCA().fit([[1.0, 2]]), "two different samples at least: all 1"),
    (lambda: dr.PCA().fit(np.full((5, 2), 0.3)), "two different samples at least: all 5"),
    (lambda: dr.PCA(3).fit(FOUR), r"n_components must lie in \[1, 2\]: got 3"),
    (lambda: dr.PCA(0).fit(FOUR), r"n_components must lie in \[1, 2\]: got 0"),
    (lambda: dr.PCA(1.5).fit(FOUR), "n_components as a share must lie in"),
    (lambda: dr.PCA(0.0).fit(FOUR), "n_components as a share must lie in"),
    (lambda: dr.PCA().transform(FOUR), "not fitted"),
    (lambda: dr.PCA().inverse_transform(FOUR), "not fitted"),
    (lambda: dr.PCA().fit(FOUR).transform(np.ones((2, 3))), "must have 2 features: got 3"),
    (lambda: dr.PCA(1).fit(FOUR).inverse_transform(FOUR), "Z must have 1 features: got 2"),
    (lambda: dr.whiten(np.ones((3, 2))), "two different samples"),
    (lambda: dr.center_kernel(np.ones((2, 3))), "square"),
    (lambda: dr.center_kernel([[1.0, 2], [3, 4]]), "symmetric"),
    (lambda: dr.KernelPCA(kernel="cosine").fit(FOUR), "kernel must be rbf, poly or linear: got 'cosine'"),
    (lambda: dr.KernelPCA(2, "poly", degree=2, coef0=0.0).fit(FOUR), r"n_components must lie in \[1, 1\]: got 2"),
    (lambda: dr.KernelPCA().fit(np.ones((3, 2))), "features of the samples are all equal"),
    (lambda: dr.KernelPCA(kernel="linear").fit(np.ones((3, 2))), "features of the samples are all equal"),
    (lambda: dr.KernelPCA(gamma=0).fit(FOUR), "gamma must be positive"),
    (lambda: dr.KernelPCA().transform(FOUR), "not fitted"),
    (lambda: dr.KernelPCA().fit(FOUR).transform(np.ones((2, 3))), "must have 2 features"),
    (lambda: dr.FisherLDA().fit(FOUR, [1, 1, 1, 1]), "at least two classes: got only 1"),
    (lambda: dr.FisherLDA().fit(FOUR, [1, 2]), r"y must have shape \(4,\)"),
    (lambda: dr.FisherLDA(2).fit(TWICE, NAMES), r"n_components must lie in \[1, 1\]: got 2"),
    (lambda: dr.FisherLDA().fit(FOUR, [0, 0, 1, 1]), "singular: use shrinkage"),
    (lambda: dr.FisherLDA().fit(np.c_[TWICE, np.ones(8)], NAMES), "singular: use shrinkage"),
    (lambda: dr.FisherLDA().fit(np.c_[TWICE, 1e-9 * TWICE.sum(axis=1)], NAMES), "singular: use shrinkage"),
    (lambda: dr.FisherLDA(shrinkage=0.5).fit(np.repeat(FOUR[:2], 3, axis=0), [0, 0, 0, 1, 1, 1]), "single point"),
    (lambda: dr.FisherLDA(shrinkage=2).fit(TWICE, NAMES), r"shrinkage must lie in \[0, 1\]: got 2"),
    (lambda: dr.FisherLDA().transform(FOUR), "not fitted"),
    (lambda: dr.scatter_matrices(FOUR, [1, 1, 1, 1]), "at least two classes"),
    (lambda: dr.conditional_affinities(FOUR, 4), r"perplexity must lie in \[1, 3\]: got 4"),
    (lambda: dr.conditional_affinities(FOUR, 0.5), r"perplexity must lie in \[1, 3\]: got 0.5"),
    (lambda: dr.joint_affinities(FOUR[:2], 1), "at least three samples: got 2"),
    (lambda: dr.tsne_cost_grad(FOUR, np.eye(4) / 4), "4 × 4 affinities, zero on the diagonal"),
    (lambda: dr.tsne_cost_grad(FOUR, np.ones((3, 3))), "4 × 4 affinities"),
    (lambda: dr.tsne_cost_grad(FOUR, 2 * line_affinities()), "of sum one"),
    (lambda: dr.tsne(np.ones((5, 2)), 2.0), "two different samples"),
    (lambda: dr.tsne(FOUR, 2.0, n_iter=0), "n_iter must be at least 1: got 0"),
    (lambda: dr.kurtosis([1.0, 1, 1]), "x must not be constant"),
    (lambda: dr.FastICA(fun="skew").fit(FOUR), "fun must be tanh or cube: got 'skew'"),
    (lambda: dr.FastICA(3).fit(FOUR), r"n_components must lie in \[1, 2\]: got 3"),
    (lambda: dr.FastICA(tol=-1).fit(FOUR), "tol must be non-negative"),
    (lambda: dr.FastICA(max_iter=0).fit(FOUR), "max_iter must be at least 1"),
    (lambda: dr.FastICA().transform(FOUR), "not fitted"),
]


@pytest.mark.parametrize("call,words", BAD)
def test_bad_input_is_answered_in_a_sentence(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_distances_far_from_zero():
    X = cloud(6, 20)
    P = dr.joint_affinities(X, 5.0)
    assert np.allclose(dr.joint_affinities(X + 1e6, 5.0), P, atol=1e-6)
    assert cdist(X, X)[np.arange(20), P.argmax(axis=1)].mean() < cdist(X, X).mean()
