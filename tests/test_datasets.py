"""Shipped data equal their source bit for bit and give the chapters' numbers; generators keep their word."""

from importlib.resources import files

import numpy as np
import pytest
import sklearn.datasets
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

from mlderived import datasets

CLASSES = {"iris": (150, 4, 3), "wine": (178, 13, 3), "breast_cancer": (569, 30, 2), "digits": (1797, 64, 10)}

# ---- real data -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", CLASSES)
def test_classification_sets_equal_scikit_learns(name):
    data, bundle = getattr(datasets, f"load_{name}")(), getattr(sklearn.datasets, f"load_{name}")()
    n, d, k = CLASSES[name]
    assert data.X.shape == (n, d)
    assert data.X.dtype == float
    assert data.y.dtype == int
    assert np.array_equal(data.X, bundle.data)
    assert np.array_equal(data.y, bundle.target)
    assert data.feature_names == tuple(bundle.feature_names)
    assert data.target_names == tuple(str(target) for target in bundle.target_names)
    assert np.array_equal(np.unique(data.y), np.arange(k))


@pytest.mark.parametrize("scaled", [True, False])
def test_diabetes_equals_scikit_learns(scaled):
    data, bundle = datasets.load_diabetes(scaled), sklearn.datasets.load_diabetes(scaled=scaled)
    assert data.X.shape == (442, 10)
    assert data.y.shape == (442,)
    assert np.array_equal(data.X, bundle.data)
    assert np.array_equal(data.y, bundle.target)
    assert data.feature_names == tuple(bundle.feature_names)
    assert data.target_names == ("progression",)


def test_linnerud_equals_scikit_learns():
    data, bundle = datasets.load_linnerud(), sklearn.datasets.load_linnerud()
    assert data.X.shape == data.y.shape == (20, 3)
    assert np.array_equal(data.X, bundle.data)
    assert np.array_equal(data.y, bundle.target)
    assert data.feature_names == tuple(bundle.feature_names)
    assert data.target_names == tuple(bundle.target_names)


def test_galton_holds_the_totals_that_galton_printed():
    data = datasets.load_galton()
    assert data.X.shape == (928, 1)
    assert data.y.shape == (928,)
    assert (data.feature_names, data.target_names) == (("mid_parent",), ("child",))
    parents, of_parents = np.unique(data.X, return_counts=True)
    children, of_children = np.unique(data.y, return_counts=True)
    assert parents.tolist() == [64.0, *np.arange(64.5, 73), 73.0]
    assert children.tolist() == [61.7, *np.arange(62.2, 73.5).round(1), 73.7]
    assert of_parents.tolist() == [14, 23, 66, 78, 211, 219, 183, 68, 43, 19, 4]
    assert of_children.tolist() == [5, 7, 32, 59, 48, 117, 138, 120, 167, 99, 64, 41, 17, 14]
    assert "public domain" in data.description


def test_moons_equal_the_draws_of_scikit_learn():
    X, y = sklearn.datasets.make_moons(1000, noise=0.3, random_state=0)
    A, B, a, b = train_test_split(X, y, test_size=0.5, random_state=0)
    C, c = sklearn.datasets.make_moons(200, noise=0.25, random_state=0)
    D, d = sklearn.datasets.make_moons(1000, noise=0.25, random_state=1)
    for noise, expected in ((0.3, [(A, a), (B, b)]), (0.25, [(C, c), (D, d)])):
        for part, (X, y) in zip(datasets.load_moons(noise), expected, strict=True):
            np.testing.assert_allclose(part.X, X, rtol=1e-13)  # sin and cos may differ in the last bit between machines
            assert np.array_equal(part.y, y)
            assert part.feature_names == ("x1", "x2")
            assert part.target_names == ("upper", "lower")
    with pytest.raises(ValueError, match=r"noise must be 0.3 or 0.25, the two sets that are shipped .*: got 0.1"):
        datasets.load_moons(0.1)


def test_every_set_is_small_text_with_a_header_and_is_loaded_by_name():
    folder = files("mlderived") / "data"
    sizes = {path.name: len(path.read_bytes()) for path in folder.iterdir()}
    assert sum(sizes.values()) < 1_000_000
    assert all(name.endswith(".csv") for name in sizes)
    assert all((folder / name).read_text(encoding="ascii")[0].isalpha() for name in sizes)


def test_each_load_is_a_fresh_copy_and_its_repr_is_one_stable_line():
    data = datasets.load_iris()
    data.X[:] = 0
    data.y[:] = 0
    assert datasets.load_iris().X.min() > 0
    assert datasets.load_iris().y.max() == 2
    assert repr(data) == "Dataset(X: (150, 4), y: (150,), targets: setosa, versicolor, virginica)"
    assert "CC BY 4.0" in data.description
    with pytest.raises(AttributeError):
        data.X = np.zeros(3)


# ---- fingerprints: numbers that the chapters quote -------------------------------------------------------------------


def centred(X):
    return X - X.mean(axis=0)


def test_diabetes_fingerprint():
    data = datasets.load_diabetes()
    A = np.column_stack([np.ones(442), data.X])
    residual = data.y - A @ np.linalg.lstsq(A, data.y, rcond=None)[0]
    assert 1 - residual @ residual / np.sum(centred(data.y) ** 2) == pytest.approx(0.51774842, abs=5e-9)
    assert residual @ residual / 442 == pytest.approx(2859.69635, abs=5e-6)
    assert np.linalg.cond(data.X.T @ data.X) == pytest.approx(470.08, abs=0.005)
    assert np.linalg.cond(A) == pytest.approx(227.22, abs=0.005)
    raw = datasets.load_diabetes(scaled=False)
    assert np.linalg.cond(np.column_stack([np.ones(442), raw.X])) == pytest.approx(7236, abs=0.5)
    scaled = centred(raw.X) / np.linalg.norm(centred(raw.X), axis=0)
    np.testing.assert_allclose(scaled, data.X, atol=1e-13)
    assert np.abs(data.X.T @ centred(data.y)).max() == pytest.approx(949.43526, abs=5e-6)


def test_galton_fingerprint():
    """The line that R's documentation and many courses print for these data: 23.94153 + 0.64629 x, r = 0.4587624."""
    data = datasets.load_galton()
    fit = stats.linregress(data.X[:, 0], data.y)
    assert fit.intercept == pytest.approx(23.94153, abs=5e-6)
    assert fit.slope == pytest.approx(0.64629, abs=5e-6)
    assert fit.rvalue == pytest.approx(0.4587624, abs=5e-8)


def test_iris_and_wine_fingerprints():
    iris, wine = datasets.load_iris(), datasets.load_wine()
    sigma = np.linalg.svd(centred(iris.X), compute_uv=False)
    np.testing.assert_allclose(sigma, [25.09996, 6.01315, 3.41368, 1.88452], atol=5e-6)
    for X, share in ((wine.X, 0.998091), (wine.X / wine.X.std(axis=0), 0.361988)):
        variance = np.linalg.svd(centred(X), compute_uv=False) ** 2
        assert variance[0] / variance.sum() == pytest.approx(share, abs=5e-7)


def test_digits_and_breast_cancer_fingerprints():
    digits, cancer = datasets.load_digits(), datasets.load_breast_cancer()
    variance = np.linalg.svd(centred(digits.X), compute_uv=False) ** 2
    assert np.linalg.matrix_rank(centred(digits.X)) == 61
    assert np.cumsum(variance)[[0, 1, 9, 20]] / variance.sum() == pytest.approx(
        [0.1489, 0.2851, 0.7382, 0.9032], abs=5e-5
    )
    radius = [cancer.X[cancer.y == code, 0] for code in (0, 1)]
    assert [len(part) for part in radius] == [212, 357]
    assert [part.mean() for part in radius] == pytest.approx([17.46283, 12.14652], abs=5e-6)
    assert stats.ttest_ind(*radius, equal_var=False).statistic == pytest.approx(22.2088, abs=5e-5)


def test_moons_fingerprint():
    train, test = datasets.load_moons(0.3)
    accuracies = []
    for depth in (1, 2, 3, 4):
        tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(train.X, train.y)
        accuracies.append([tree.score(part.X, part.y) for part in (train, test)])
    np.testing.assert_allclose(accuracies, [[0.828, 0.782], [0.914, 0.876], [0.914, 0.876], [0.918, 0.872]], atol=1e-12)


# ---- synthetic data --------------------------------------------------------------------------------------------------


def within_four_standard_errors(samples, expected):
    samples = np.asarray(samples)
    return np.abs(samples.mean() - expected) < 4 * samples.std(ddof=1) / np.sqrt(samples.size)


@pytest.mark.parametrize("r", [-1, -0.4, 0, 0.5, 1])
def test_galton_has_unit_variances_and_the_asked_correlation(r):
    x, y = datasets.galton(20_000, r, np.random.default_rng(0))
    for samples, expected in ((x, 0), (y, 0), (x**2, 1), (y**2, 1)):
        assert within_four_standard_errors(samples, expected)
    assert within_four_standard_errors(x * y, r)
    if abs(r) == 1:
        np.testing.assert_allclose(y, r * x)


def test_noisy_sine_gives_the_quoted_polynomial_fits():
    x, y = datasets.noisy_sine(20, 0.2, np.random.default_rng(0))
    errors = [np.mean((np.polynomial.Chebyshev.fit(x, y, degree)(x) - y) ** 2) for degree in (1, 3, 5, 9, 15)]
    assert errors == pytest.approx([0.2066, 0.01118, 0.01114, 0.00841, 0.00143], abs=5e-5)
    assert np.all(np.diff(x) > 0)
    x, y = datasets.noisy_sine(50, 0, np.random.default_rng(1))
    np.testing.assert_allclose(y, np.sin(2 * np.pi * x))


def test_noisy_sine_has_the_asked_noise_on_the_unit_interval():
    x, y = datasets.noisy_sine(20_000, 0.3, np.random.default_rng(2))
    assert stats.kstest(x, "uniform").pvalue > 1e-3
    assert stats.kstest((y - np.sin(2 * np.pi * x)) / 0.3, "norm").pvalue > 1e-3


def test_moons_without_noise_lie_on_their_half_circles():
    X, y = datasets.moons(201, 0, np.random.default_rng(0))
    upper, lower = X[y == 0], X[y == 1] - [1, 0.5]
    assert np.array_equal(y, np.repeat([0, 1], [101, 100]))
    assert np.array_equal(datasets.moons(4, 0, np.random.default_rng(0))[1], [0, 0, 1, 1])
    np.testing.assert_allclose(np.hypot(*upper.T), 1)
    np.testing.assert_allclose(np.hypot(*lower.T), 1)
    assert upper[:, 1].min() >= 0 >= lower[:, 1].max()
    angle = np.concatenate([np.arctan2(upper[:, 1], upper[:, 0]), np.arctan2(-lower[:, 1], -lower[:, 0])])
    assert stats.kstest(angle / np.pi, "uniform").pvalue > 1e-3


def test_rings_have_their_radii_and_share_the_samples():
    X, y = datasets.rings(300, (1, 2.5, 4), 0, np.random.default_rng(0))
    np.testing.assert_allclose(np.hypot(*X.T), np.array([1, 2.5, 4])[y])
    assert np.array_equal(np.bincount(y), [100, 100, 100])
    assert stats.kstest(np.arctan2(X[:, 1], X[:, 0]) / (2 * np.pi) + 0.5, "uniform").pvalue > 1e-3
    assert np.array_equal(np.bincount(datasets.rings(8, (1, 2, 3), 0.1, np.random.default_rng(0))[1]), [3, 3, 2])


def test_blobs_have_their_centres_and_spreads():
    centres = np.array([[0.0, 0, 5], [10, -3, 1]])
    X, y = datasets.blobs([4000, 6000], centres, [0.5, 2], np.random.default_rng(0))
    assert np.array_equal(np.bincount(y), [4000, 6000])
    for code, sd in ((0, 0.5), (1, 2)):
        for samples in ((X[y == code] - centres[code]) / sd).T:
            assert stats.kstest(samples, "norm").pvalue > 1e-3
    same = datasets.blobs([2, 3], centres, 1.5, np.random.default_rng(0))[0]
    assert np.array_equal(same, datasets.blobs([2, 3], centres, [1.5, 1.5], np.random.default_rng(0))[0])
    assert np.array_equal(datasets.blobs([1, 1], centres, 0, np.random.default_rng(0))[0], centres)


def test_xor_labels_are_the_exclusive_or_of_the_corners():
    X, y = datasets.xor(8, 0, np.random.default_rng(0))
    assert {tuple(x) for x in X} == {(-1, -1), (-1, 1), (1, -1), (1, 1)}
    assert np.array_equal(y, (X[:, 0] > 0) ^ (X[:, 1] > 0))
    noisy, labels = datasets.xor(8, 0.1, np.random.default_rng(0))
    assert np.array_equal(labels, y)
    np.testing.assert_allclose(noisy - X, 0.1 * np.random.default_rng(0).standard_normal((8, 2)))


def test_sparse_linear_follows_its_weights():
    weights = np.array([2.0, 0, 0, -1])
    X, y = datasets.sparse_linear(5000, weights, 0.5, np.random.default_rng(0))
    assert stats.kstest(X.ravel(), "norm").pvalue > 1e-3
    assert stats.kstest((y - X @ weights) / 0.5, "norm").pvalue > 1e-3
    X, y = datasets.sparse_linear(5, weights, 0, np.random.default_rng(0))
    np.testing.assert_allclose(y, X @ weights)


def test_correlated_has_its_mean_and_covariance():
    mean, cov = np.array([1.0, -2.0, 0.5]), np.array([[2, 0.8, 0], [0.8, 1, -0.3], [0, -0.3, 0.5]])
    X = datasets.correlated(20_000, mean, cov, np.random.default_rng(0))
    whitened = np.linalg.solve(np.linalg.cholesky(cov), (X - mean).T)
    assert stats.kstest(whitened.ravel(), "norm").pvalue > 1e-3
    np.testing.assert_allclose(whitened @ whitened.T / 20_000, np.eye(3), atol=4 * np.sqrt(2 / 20_000))


def test_skewed_and_heavy_tailed_laws():
    for sigma in (0.3, 1.5):
        x = datasets.skewed(5000, sigma, np.random.default_rng(0))
        assert stats.kstest(x, stats.lognorm(sigma).cdf).pvalue > 1e-3
    for index in (0.8, 1.5, 4.0):
        x = datasets.heavy_tailed(5000, index, np.random.default_rng(0))
        assert x.min() >= 1 and stats.kstest(x, stats.pareto(index).cdf).pvalue > 1e-3


def test_draws_can_be_repeated_by_hand_in_the_documented_order():
    rng, by_hand = np.random.default_rng(4), np.random.default_rng(4)
    x, y = datasets.galton(6, 0.6, rng)
    assert np.array_equal(x, by_hand.standard_normal(6))
    np.testing.assert_allclose(y, 0.6 * x + 0.8 * by_hand.standard_normal(6))

    X, _ = datasets.rings(6, (2,), 0.1, rng)
    angle = by_hand.uniform(0, 2 * np.pi, 6)
    circle = 2 * np.column_stack([np.cos(angle), np.sin(angle)])
    np.testing.assert_allclose(X, circle + 0.1 * by_hand.standard_normal((6, 2)))

    X, _ = datasets.moons(1, 0.1, rng)
    angle = by_hand.uniform(0, np.pi, 1)
    np.testing.assert_allclose(X, [[*np.cos(angle), *np.sin(angle)]] + 0.1 * by_hand.standard_normal((1, 2)))

    X, _ = datasets.blobs([2, 3], [[1, 1], [5, 5]], [1, 2], rng)
    noise = by_hand.standard_normal((5, 2))
    np.testing.assert_allclose(X, np.concatenate([1 + noise[:2], 5 + 2 * noise[2:]]))

    X, y = datasets.sparse_linear(4, [1, 0, -2], 0.5, rng)
    assert np.array_equal(X, by_hand.standard_normal((4, 3)))
    np.testing.assert_allclose(y, X[:, 0] - 2 * X[:, 2] + 0.5 * by_hand.standard_normal(4))

    X = datasets.correlated(3, [1, 2], [[4, 2], [2, 2]], rng)
    z = by_hand.standard_normal((3, 2))
    np.testing.assert_allclose(X, np.column_stack([1 + 2 * z[:, 0], 2 + z[:, 0] + z[:, 1]]))

    np.testing.assert_allclose(datasets.skewed(3, 0.5, rng), np.exp(0.5 * by_hand.standard_normal(3)))
    np.testing.assert_allclose(datasets.heavy_tailed(3, 0.5, rng), (1 - by_hand.uniform(size=3)) ** -2.0)


GENERATORS = {
    "galton": lambda n, rng: datasets.galton(n, 0.5, rng),
    "noisy_sine": lambda n, rng: datasets.noisy_sine(n, 0.2, rng),
    "moons": lambda n, rng: datasets.moons(n, 0.2, rng),
    "rings": lambda n, rng: datasets.rings(n, (1, 2), 0.1, rng),
    "blobs": lambda n, rng: datasets.blobs([n], [[0, 0]], 1, rng),
    "xor": lambda n, rng: datasets.xor(n, 0.2, rng),
    "sparse_linear": lambda n, rng: datasets.sparse_linear(n, [1, 0], 0.1, rng),
    "correlated": lambda n, rng: (datasets.correlated(n, [0, 1], [[1, 0.5], [0.5, 1]], rng),),
    "skewed": lambda n, rng: (datasets.skewed(n, 0.5, rng),),
    "heavy_tailed": lambda n, rng: (datasets.heavy_tailed(n, 2.5, rng),),
}


@pytest.mark.parametrize("name", GENERATORS)
@settings(deadline=None, derandomize=True, max_examples=20)
@given(n=st.integers(1, 30), seed=st.integers(0, 2**32))
def test_generators_have_n_rows_and_repeat(name, n, seed):
    draw = GENERATORS[name]
    first, again, other = (draw(n, np.random.default_rng(s)) for s in (seed, seed, seed + 1))
    assert all(len(part) == n and np.all(np.isfinite(part)) for part in first)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first[0], other[0])


@pytest.mark.parametrize("name", GENERATORS)
def test_generators_refuse_bad_counts_and_seeds(name):
    with pytest.raises(ValueError, match=r"n must be at least 1: got 0|count must be at least 1: got 0"):
        GENERATORS[name](0, np.random.default_rng(0))
    with pytest.raises(ValueError, match="seed must be an integer: got None"):
        GENERATORS[name](3, None)


@pytest.mark.parametrize("name", GENERATORS)
def test_an_integer_seed_draws_what_its_generator_draws(name):
    for one, other in zip(GENERATORS[name](5, 7), GENERATORS[name](5, np.random.default_rng(7)), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "call, message",
    [
        (lambda rng: datasets.galton(3, 1.1, rng), r"r must lie in \[-1, 1\]: got 1.1"),
        (lambda rng: datasets.galton(3, -1.1, rng), r"r must lie in \[-1, 1\]: got -1.1"),
        (lambda rng: datasets.noisy_sine(3, -1, rng), "sigma must be non-negative"),
        (lambda rng: datasets.moons(3, -1, rng), "noise must be non-negative"),
        (lambda rng: datasets.xor(3, -1, rng), "noise must be non-negative"),
        (lambda rng: datasets.rings(3, (1, 2), -1, rng), "noise must be non-negative"),
        (lambda rng: datasets.rings(3, (1, 0), 0, rng), "radius must be positive: got 0"),
        (lambda rng: datasets.rings(3, (), 0, rng), "at least one radius"),
        (lambda rng: datasets.blobs([3, 4], [[0, 0]], 1, rng), "centres must have 2 rows, one per count: got 1"),
        (lambda rng: datasets.blobs([3], [0, 0], 1, rng), "centres must be 2-dimensional"),
        (lambda rng: datasets.blobs([3], [[np.nan]], 1, rng), "centres contains NaN"),
        (lambda rng: datasets.blobs([3], [[0]], -1, rng), r"sd must be one non-negative number, .*: got \[-1.0\]"),
        (lambda rng: datasets.blobs([3], [[0]], np.inf, rng), "sd contains NaN or infinity"),
        (lambda rng: datasets.blobs([3, 3, 3], [[0], [1], [2]], [1, 2], rng), "or 3 of them"),
        (lambda rng: datasets.sparse_linear(3, [], 1, rng), "weights must hold at least one"),
        (lambda rng: datasets.sparse_linear(3, [[1.0]], 1, rng), "weights must be 1-dimensional"),
        (lambda rng: datasets.sparse_linear(3, [np.inf], 1, rng), "weights contains NaN"),
        (lambda rng: datasets.sparse_linear(3, [1], -1, rng), "sigma must be non-negative"),
        (lambda rng: datasets.skewed(3, 0, rng), "sigma must be positive: got 0"),
        (lambda rng: datasets.heavy_tailed(3, 0, rng), "index must be positive: got 0"),
        (lambda rng: datasets.correlated(3, [0, 0], [[1]], rng), r"cov must have shape \(2, 2\), .*: got \(1, 1\)"),
        (lambda rng: datasets.correlated(3, [0, 0], [[1, 0.5], [0.4, 1]], rng), "cov must be symmetric"),
        (lambda rng: datasets.correlated(3, [0, 0], [[1, 2], [2, 1]], rng), "cov must be positive definite"),
        (lambda rng: datasets.correlated(3, [0, np.nan], np.eye(2), rng), "mean contains NaN"),
    ],
)
def test_generators_refuse_bad_parameters(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
