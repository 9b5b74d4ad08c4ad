"""Real data sets, shipped as small csv files, and the synthetic ones that several chapters share; no downloads.

    data = datasets.load_diabetes()
    X, y = data.X, data.y

Each file in `mlderived/data` is plain text: a header of column names, one row per sample, the target last. Numbers are
written so that they read back to the same floats. Every synthetic generator takes a seed, an integer or a numpy
Generator, and says in which order it draws, so that its output can be repeated by hand.
"""

from dataclasses import dataclass
from importlib.resources import files

import numpy as np

from mlderived.validation import check_number, check_rng, check_X, check_y, shown

__all__ = [
    "Dataset",
    "blobs",
    "correlated",
    "galton",
    "heavy_tailed",
    "load_breast_cancer",
    "load_diabetes",
    "load_digits",
    "load_galton",
    "load_iris",
    "load_linnerud",
    "load_moons",
    "load_wine",
    "moons",
    "noisy_sine",
    "rings",
    "skewed",
    "sparse_linear",
    "xor",
]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """What a loader returns.

    Parameters
    ----------
    X : floats of shape (N, d), one row per sample
    y : targets of shape (N,): integer class codes 0 … K−1 or floats; (N, m) floats for several targets
    feature_names : the d column names
    target_names : the K class names in the order of the codes, or the names of the real-valued targets
    description : provenance and licence in a sentence or two
    """

    X: np.ndarray
    y: np.ndarray
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    description: str

    def __repr__(self):
        return f"Dataset(X: {self.X.shape}, y: {self.y.shape}, targets: {', '.join(self.target_names)})"


# ---- real data -------------------------------------------------------------------------------------------------------


def load_iris():
    """Three species of iris, 50 flowers each, in the order of the file.

    Columns, in cm: sepal length, sepal width, petal length, petal width. Classes: setosa, versicolor, virginica.
    Collected by E. Anderson, published by Fisher. The values are Fisher's, as in R and scikit-learn; the copy at UCI
    has two wrong rows. Licence CC BY 4.0 (UCI).

    Returns
    -------
    Dataset with X (150, 4) and y (150,) in {0, 1, 2}

    References
    ----------
    Fisher, The use of multiple measurements in taxonomic problems, Annals of Eugenics 7 (1936), 179–188; UCI,
    https://doi.org/10.24432/C56C76
    """
    return _classes(
        "iris",
        ("setosa", "versicolor", "virginica"),
        "Fisher's irises: 150 flowers of three species. R. A. Fisher (1936), CC BY 4.0, doi 10.24432/C56C76.",
    )


def load_wine():
    """Chemical analysis of wines of three cultivars from one Italian region.

    Columns: alcohol, malic acid, ash, alcalinity of ash, magnesium, total phenols, flavanoids, nonflavanoid phenols,
    proanthocyanins, colour intensity, hue, OD280/OD315 of diluted wine, proline. The source states no units; the
    columns' standard deviations differ by a factor of about 2500, which is the lesson of the set.
    Licence CC BY 4.0 (UCI).

    Returns
    -------
    Dataset with X (178, 13) and y (178,) in {0, 1, 2} (59, 71, 48 of them)

    References
    ----------
    S. Aeberhard and M. Forina (1992), UCI, https://doi.org/10.24432/C5PC7J
    """
    return _classes(
        "wine",
        ("class_0", "class_1", "class_2"),
        "178 wines of three cultivars. S. Aeberhard and M. Forina (1992), CC BY 4.0, doi 10.24432/C5PC7J.",
    )


def load_breast_cancer():
    """Cell nuclei in images of 569 breast masses, malignant or benign: the Wisconsin diagnostic set.

    Ten measurements of the nuclei: radius, texture, perimeter, area, smoothness, compactness, concavity, concave
    points, symmetry, fractal dimension; of each the mean, then the standard error, then the "worst" (mean of the three
    largest). The source states no units. Licence CC BY 4.0 (UCI).

    Returns
    -------
    Dataset with X (569, 30) and y (569,), 0 malignant (212) or 1 benign (357)

    References
    ----------
    W. Wolberg, O. Mangasarian, N. Street, W. Street (1995), UCI, https://doi.org/10.24432/C5DW2B
    """
    return _classes(
        "breast_cancer",
        ("malignant", "benign"),
        "569 breast masses, 212 malignant and 357 benign. W. Wolberg, O. Mangasarian, N. Street and W. Street (1995), "
        "CC BY 4.0, doi 10.24432/C5DW2B.",
    )


def load_digits():
    """Handwritten digits, 8 × 8 pixels, row after row.

    `X.reshape(-1, 8, 8)` gives the images. 13 people wrote them and rows of one writer stand together, so that a split
    in file order tests on unseen writers. This is the test part of the set at UCI. Licence CC BY 4.0 (UCI).

    Returns
    -------
    Dataset with X (1797, 64), integer values 0 … 16 (ink), and y (1797,) in {0, …, 9}

    References
    ----------
    E. Alpaydin and C. Kaynak (1998), UCI, https://doi.org/10.24432/C50P49
    """
    return _classes(
        "digits",
        tuple("0123456789"),
        "1797 handwritten digits of 13 writers, 8 by 8 pixels. E. Alpaydin and C. Kaynak (1998), CC BY 4.0, "
        "doi 10.24432/C50P49.",
    )


def load_diabetes(scaled=True):
    """Progression of diabetes one year after ten baseline measurements.

    Columns: age (years), sex (1 or 2; the source does not say which is which), bmi (body mass index), bp (mean blood
    pressure), and the serum values s1 (total cholesterol), s2 (LDL), s3 (HDL), s4 (total cholesterol / HDL), s5 (log of
    triglycerides, probably), s6 (glucose). The source states no other units; the values suit kg/m² for bmi, mmHg for
    bp, mg/dl for s1, s2, s3, s6. y is an index of progression without unit. The source states no licence; the numbers
    are redistributed with scikit-learn (BSD-3-Clause) and R's lars.

    Parameters
    ----------
    scaled : True gives the columns as scikit-learn bundles them, centred and of unit length (Σ x² = 1); False gives the
        clinical values

    Returns
    -------
    Dataset with X (442, 10) and y (442,), floats in [25, 346]

    References
    ----------
    Efron, Hastie, Johnstone, Tibshirani, Least angle regression, Annals of Statistics 32 (2004), 407–499
    """
    return _regression(
        "diabetes" if scaled else "diabetes_raw",
        1,
        "Progression of 442 diabetes patients. B. Efron, T. Hastie, I. Johnstone and R. Tibshirani (2004); no licence "
        "stated by the source, redistributed with scikit-learn.",
    )


def load_galton():
    """Heights of 928 grown children and their parents, in inches.

    A mid-parent is the mean of father and mother, hers multiplied by 1.08; daughters are multiplied by 1.08 too. The
    pairs are those of Galton's table: classes one inch wide, each child at the middle of its class. The outermost
    classes are open ("above", "below"), and stand at the heights that later editions of the table gave them. The
    children have 205 couples of parents and are not independent: quote no standard error from them.
    Galton died in 1911: the table is in the public domain. The counts are those of `Galton` in R's package HistData;
    they were not compared with a facsimile.

    Returns
    -------
    Dataset with X (928, 1), the mid-parent, and y (928,), the child

    References
    ----------
    F. Galton, Regression towards mediocrity in hereditary stature, Journal of the Anthropological Institute 15 (1886),
    246–263, Table I
    """
    return _regression(
        "galton",
        1,
        "Heights of 928 grown children and of their mid-parents, in inches. F. Galton (1886), Table I, public domain.",
    )


def load_linnerud():
    """Exercise and physique of twenty middle-aged men in a fitness club.

    X: Chins, Situps, Jumps (counts). y: Weight (pounds), Waist (inches), Pulse (beats per minute). The source states no
    licence; the numbers are redistributed with scikit-learn (BSD-3-Clause).

    Returns
    -------
    Dataset with X (20, 3) and y (20, 3), floats

    References
    ----------
    A. C. Linnerud, North Carolina State University; printed in Tenenhaus, La régression PLS, Technip, 1998
    """
    return _regression(
        "linnerud",
        3,
        "Three exercises and three physiological measures of twenty men. A. C. Linnerud; no licence stated by the "
        "source, redistributed with scikit-learn.",
    )


def load_moons(noise):
    """Two interleaved half circles, as the worked numbers of the chapters use them.

    Drawn once with scikit-learn's generator and kept as csv, since its random numbers are not ours to repeat; `moons`
    draws new ones.

    Parameters
    ----------
    noise : 0.3 gives 500 training and 500 test points (one draw of 1000, halved), 0.25 gives 200 and 1000 (two draws)

    Returns
    -------
    (train, test), a pair of Datasets: X has shape (N, 2), y is 0 on the upper moon and 1 on the lower

    Raises
    ------
    ValueError
        for another noise
    """
    names = {0.3: "moons_noise30", 0.25: "moons_noise25"}
    if check_number(noise, "noise") not in names:
        raise ValueError(f"noise must be 0.3 or 0.25, the two sets that are shipped (moons draws others): got {noise}")
    header, table = _read(names[noise])
    description = f"Two moons with noise {noise}, synthetic, drawn once with scikit-learn's generator."
    train, test = (
        Dataset(part[:, :2].copy(), part[:, 2].astype(int), header[:2], ("upper", "lower"), description)
        for part in (table[table[:, 3] == 0], table[table[:, 3] == 1])
    )
    return train, test


def _read(name):
    """Header (a tuple) and floats of data/`name`.csv."""
    with (files("mlderived") / "data" / f"{name}.csv").open(encoding="utf-8") as lines:
        header = tuple(next(lines).rstrip("\n").split(","))
        return header, np.loadtxt(lines, delimiter=",", ndmin=2)


def _classes(name, target_names, description):
    header, table = _read(name)
    return Dataset(table[:, :-1].copy(), table[:, -1].astype(int), header[:-1], target_names, description)


def _regression(name, n_targets, description):
    header, table = _read(name)
    X, y = table[:, :-n_targets].copy(), table[:, -n_targets:].copy()
    return Dataset(X, y[:, 0] if n_targets == 1 else y, header[:-n_targets], header[-n_targets:], description)


# ---- synthetic data --------------------------------------------------------------------------------------------------


def galton(n, r, seed):
    """Heights of parents and children, standardised: bivariate normal with unit variances.

    E[y | x] = r x is Galton's regression to the mean. Draws x, then the n independent parts z of y = r x + √(1 − r²) z.

    Parameters
    ----------
    n : int ≥ 1
    r : the correlation of x and y, in [−1, 1]
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    (x, y), each (n,)

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, r = _count(n), check_number(r, "r", low=-1, high=1)
    x, z = check_rng(seed).standard_normal((2, n))
    return x, r * x + np.sqrt(1 - r**2) * z


def correlated(n, mean, cov, seed):
    """Gaussian vectors with the given mean and covariance.

    Draws Z standard normal, of the shape of X = mean + Z Lᵀ with the Cholesky factor cov = L Lᵀ.

    Parameters
    ----------
    n : int ≥ 1
    mean : (d,)
    cov : (d, d), symmetric positive definite
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    X (n, d)

    Raises
    ------
    ValueError
        for n < 1, shapes that do not match, and a cov that is not symmetric or not positive definite
    """
    n, mean, cov = _count(n), check_y(mean, "mean"), check_X(cov, "cov")
    if cov.shape != (len(mean), len(mean)):
        raise ValueError(f"cov must have shape {(len(mean), len(mean))}, as mean has {len(mean)}: got {cov.shape}")
    if np.abs(cov - cov.T).max() > 1e-8 * np.abs(cov).max():
        raise ValueError("cov must be symmetric")
    try:
        L = np.linalg.cholesky(cov)
    except np.linalg.LinAlgError:
        raise ValueError("cov must be positive definite") from None
    return mean + check_rng(seed).standard_normal((n, len(mean))) @ L.T


def skewed(n, sigma, seed):
    """Log-normal numbers exp(sigma·z): median 1, mean exp(sigma²/2), all the farther apart the larger sigma.

    Draws z standard normal.

    Parameters
    ----------
    n : int ≥ 1
    sigma : number > 0
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    (n,)

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, sigma = _count(n), check_number(sigma, "sigma", low=0, strict=True)
    return np.exp(sigma * check_rng(seed).standard_normal(n))


def heavy_tailed(n, index, seed):
    """Pareto numbers: P(X > x) = x^(−index) for x ≥ 1.

    Moments of order `index` and more are infinite; the mean is index/(index − 1) if index > 1.
    Draws u uniform on [0, 1), and x = (1 − u)^(−1/index).

    Parameters
    ----------
    n : int ≥ 1
    index : number > 0
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    (n,)

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, index = _count(n), check_number(index, "index", low=0, strict=True)
    return (1 - check_rng(seed).uniform(size=n)) ** (-1 / index)


def noisy_sine(n, sigma, seed):
    """One period of a sine under noise, y = sin 2πx + sigma·z.

    Draws x, then z standard normal.

    Parameters
    ----------
    n : int ≥ 1
    sigma : number ≥ 0
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    (x, y), each (n,), x sorted uniform on [0, 1]

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, sigma, rng = _count(n), check_number(sigma, "sigma", low=0), check_rng(seed)
    x = np.sort(rng.uniform(size=n))
    return x, np.sin(2 * np.pi * x) + sigma * rng.standard_normal(n)


def moons(n, noise, seed):
    """Two interleaved half circles of radius 1.

    Class 0 runs over the top around (0, 0), class 1 under it around (1, ½). Draws the n angles, uniform on [0, π], then
    the noise.

    Parameters
    ----------
    n : int ≥ 1; of each class n/2, class 0 has the odd one
    noise : number ≥ 0, the standard deviation added to both coordinates
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    X (n, 2) and y (n,) in {0, 1}

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, noise, rng = _count(n), check_number(noise, "noise", low=0), check_rng(seed)
    y = _halves(n)
    angle = rng.uniform(0, np.pi, n)
    X = np.column_stack([np.cos(angle), np.sin(angle)])
    X[y == 1] = [1, 0.5] - X[y == 1]
    return X + noise * rng.standard_normal((n, 2)), y


def rings(n, radii, noise, seed):
    """Concentric circles around 0, no line separates them.

    Draws the n angles, uniform on [0, 2π], then the noise.

    Parameters
    ----------
    n : int ≥ 1; each of the K classes has an equal part, the first ones have the odd ones
    radii : K positive numbers, K ≥ 1
    noise : number ≥ 0, the standard deviation added to both coordinates
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    X (n, 2) and y (n,) in {0, …, K−1}

    Raises
    ------
    ValueError
        for a radius that is not positive, and outside the other ranges
    """
    n, noise, rng = _count(n), check_number(noise, "noise", low=0), check_rng(seed)
    radii = np.array([check_number(radius, "radius", low=0, strict=True) for radius in radii])
    if radii.size == 0:
        raise ValueError("radii must hold at least one radius: got none")
    y = np.sort(np.arange(n) % len(radii))
    angle = rng.uniform(0, 2 * np.pi, n)
    X = radii[y, None] * np.column_stack([np.cos(angle), np.sin(angle)])
    return X + noise * rng.standard_normal((n, 2)), y


def blobs(counts, centres, sd, seed):
    """Spherical Gaussian clusters, one after the other.

    Draws one standard normal block of the shape of X.

    Parameters
    ----------
    counts : K sizes, each ≥ 1
    centres : floats of shape (K, d)
    sd : one standard deviation ≥ 0 for all clusters, or K of them
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    X (Σ counts, d), cluster after cluster, and y (Σ counts,), the cluster of each row

    Raises
    ------
    ValueError
        outside these ranges, and for shapes that do not match
    """
    counts = [check_number(count, "count", low=1, integer=True) for count in counts]
    centres, sd = check_X(centres, "centres"), check_y(np.atleast_1d(sd), "sd")
    if len(centres) != len(counts):
        raise ValueError(f"centres must have {len(counts)} rows, one per count: got {len(centres)}")
    if len(sd) not in (1, len(counts)) or np.any(sd < 0):
        raise ValueError(f"sd must be one non-negative number, or {len(counts)} of them: got {shown(sd)}")
    y = np.repeat(np.arange(len(counts)), counts)
    noise = check_rng(seed).standard_normal((len(y), centres.shape[1]))
    return centres[y] + np.broadcast_to(sd, len(counts))[y, None] * noise, y


def xor(n, noise, seed):
    """Exclusive or: points around the corners (±1, ±1), of class 1 where the corner's signs differ.

    Corner i mod 4 of (−1, −1), (−1, 1), (1, −1), (1, 1) for sample i. Draws the noise only: labels are the corner's,
    not the noisy point's.

    Parameters
    ----------
    n : int ≥ 1
    noise : number ≥ 0, the standard deviation around the corner
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    X (n, 2) and y (n,), 1 where the corner's signs differ, else 0

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, noise = _count(n), check_number(noise, "noise", low=0)
    corner = np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])[np.arange(n) % 4]
    return corner + noise * check_rng(seed).standard_normal((n, 2)), (corner[:, 0] != corner[:, 1]).astype(int)


def sparse_linear(n, weights, sigma, seed):
    """Linear model with given weights w, most of them 0, say: y = X w + sigma·z.

    Draws X, then z standard normal.

    Parameters
    ----------
    n : int ≥ 1
    weights : floats of shape (d,)
    sigma : number ≥ 0
    seed : non-negative integer, or a numpy Generator

    Returns
    -------
    (X, y), X (n, d) standard normal, y (n,)

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, sigma, rng = _count(n), check_number(sigma, "sigma", low=0), check_rng(seed)
    weights = check_y(weights, "weights")
    X = rng.standard_normal((n, len(weights)))
    return X, X @ weights + sigma * rng.standard_normal(n)


def _count(n):
    return check_number(n, "n", low=1, integer=True)


def _halves(n):
    return (np.arange(n) >= (n + 1) // 2).astype(int)
