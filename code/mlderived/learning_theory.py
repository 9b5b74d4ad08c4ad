"""Chapter 1: losses, what the error of a prediction is made of, and how many examples are enough.

Labels of margin losses are −1 and +1, and z = y f(x) is the margin; r = prediction − target is the residual. Hypotheses
as 0/1 rows, one row per labelling of N points: what `vc_dimension` and `is_shattered` call `labelings`.
"""

import math
from itertools import product

import numpy as np
from scipy.special import entr, gammaln, logsumexp, rel_entr

from .columns import centred, units
from .estimator import Regressor
from .validation import check_fitted, check_number, check_rng, check_X, check_X_y, check_y, shown

__all__ = [
    "PolynomialRegressor",
    "absolute_loss",
    "absolute_loss_grad",
    "bias_variance",
    "cover_count",
    "empirical_risk",
    "exponential_loss",
    "exponential_loss_grad",
    "halfspace_dichotomies",
    "hinge_loss",
    "hinge_loss_grad",
    "huber_loss",
    "huber_loss_grad",
    "is_shattered",
    "logistic_loss",
    "logistic_loss_grad",
    "min_norm_risk",
    "no_free_lunch_average",
    "optimal_conditional_risk",
    "pac_bayes_bound",
    "pac_sample_size",
    "psi_transform",
    "rademacher_complexity",
    "sauer_bound",
    "smoother_bias_variance",
    "squared_loss",
    "squared_loss_grad",
    "vc_bound",
    "vc_dimension",
    "vc_sample_size",
    "zero_one_loss",
]


# Losses


def _elementwise(value):
    return np.asarray(value, dtype=float)


def zero_one_loss(z):
    """1 where the margin z = y f(x) is not positive, else 0, elementwise (`eq-lt-surrogate-bound`). NaN stays NaN.

    Parameters
    ----------
    z : margins, array of any shape

    Returns
    -------
    array of z's shape
    """
    return _step(_elementwise(z), lambda z: z <= 0)


def hinge_loss(z):
    """max(0, 1 − z) of the margin z, elementwise (`eq-lt-surrogate-bound`).

    Parameters
    ----------
    z : margins, array of any shape

    Returns
    -------
    array of z's shape
    """
    return np.maximum(0.0, 1 - _elementwise(z))


def hinge_loss_grad(z):
    """A subgradient of `hinge_loss` in z: −1 where z < 1, else 0. NaN stays NaN.

    Parameters
    ----------
    z : margins, array of any shape

    Returns
    -------
    array of z's shape
    """
    return -_step(_elementwise(z), lambda z: z < 1)


def _step(z, holds):
    """1 where the condition holds, else 0; but no comparison turns a NaN into an answer."""
    return np.where(np.isnan(z), z, holds(z))[()]


def logistic_loss(z, base=np.e):
    """log(1 + e⁻ᶻ) of the margin z, elementwise (`eq-lt-surrogate-bound`).

    Parameters
    ----------
    z : margins, array of any shape
    base : e gives nats, 2 bits: only then is it an upper bound of the 0-1 loss

    Returns
    -------
    array of z's shape

    Raises
    ------
    ValueError
        unless base > 1
    """
    return np.logaddexp(0, -_elementwise(z)) / math.log(check_number(base, "base", low=1, strict=True))


def logistic_loss_grad(z, base=np.e):
    """The derivative of `logistic_loss` in z, −1/(1 + eᶻ) in nats.

    Parameters
    ----------
    z : margins, array of any shape
    base : as in `logistic_loss`

    Returns
    -------
    array of z's shape

    Raises
    ------
    ValueError
        unless base > 1
    """
    # 1/(1 + eᶻ) = exp(−log(1 + eᶻ)) does not overflow
    return -np.exp(-np.logaddexp(0, _elementwise(z))) / math.log(check_number(base, "base", low=1, strict=True))


def exponential_loss(z):
    """e⁻ᶻ of the margin z, elementwise (`eq-lt-surrogate-bound`).

    Parameters
    ----------
    z : margins, array of any shape

    Returns
    -------
    array of z's shape
    """
    return np.exp(-_elementwise(z))


def exponential_loss_grad(z):
    """The derivative of `exponential_loss` in z: −e⁻ᶻ.

    Parameters
    ----------
    z : margins, array of any shape

    Returns
    -------
    array of z's shape
    """
    return -exponential_loss(z)


def squared_loss(r):
    """r² of the residual r, elementwise (`eq-lt-bayes-squared`).

    Parameters
    ----------
    r : residuals, array of any shape

    Returns
    -------
    array of r's shape
        in squared units of y
    """
    return _elementwise(r) ** 2


def squared_loss_grad(r):
    """The derivative of `squared_loss` in r: 2r.

    Parameters
    ----------
    r : residuals, array of any shape

    Returns
    -------
    array of r's shape
    """
    return 2 * _elementwise(r)


def absolute_loss(r):
    """|r| of the residual r, elementwise (`eq-lt-bayes-quantile` at τ = ½, twice).

    Parameters
    ----------
    r : residuals, array of any shape

    Returns
    -------
    array of r's shape
        in units of y
    """
    return np.abs(_elementwise(r))


def absolute_loss_grad(r):
    """A subgradient of `absolute_loss` in r: the sign of r, and 0 at 0.

    Parameters
    ----------
    r : residuals, array of any shape

    Returns
    -------
    array of r's shape
    """
    return np.sign(_elementwise(r))


def huber_loss(r, delta=1.0):
    """Huber's loss of the residuals, elementwise: ½r² where |r| ≤ δ, else δ(|r| − δ/2) (`eq-lt-huber`).

    Parameters
    ----------
    r : residuals, array of any shape, in units of y
    delta : δ > 0, in units of y

    Returns
    -------
    array of r's shape
        in squared units of y

    Raises
    ------
    ValueError
        unless delta is positive

    References
    ----------
    Huber (1964)
    """
    delta = check_number(delta, "delta", low=0, strict=True)
    r = np.abs(_elementwise(r))
    u = np.minimum(r, delta)
    return u * (r - u / 2)


def huber_loss_grad(r, delta=1.0):
    """ψ(r), the derivative of `huber_loss`: r clipped to [−δ, δ] (`eq-lt-huber`).

    Parameters
    ----------
    r : residuals, array of any shape
    delta : δ > 0

    Returns
    -------
    array of r's shape

    Raises
    ------
    ValueError
        unless delta is positive
    """
    delta = check_number(delta, "delta", low=0, strict=True)
    return np.clip(_elementwise(r), -delta, delta)


MARGIN_LOSSES = {"hinge": hinge_loss, "logistic": logistic_loss, "exponential": exponential_loss}
RESIDUAL_LOSSES = {"squared": squared_loss, "absolute": absolute_loss, "huber": huber_loss}


def _known(name, names):
    if name not in names:
        raise ValueError(f"loss must be one of {', '.join(names)}, or a function: got {shown(name)}")


def empirical_risk(y_pred, y, loss="zero_one"):
    """L_S = (1/N) Σ ℓ(ŷ_i, y_i), the mean loss on a sample (`def-lt-emp-risk`).

    Parameters
    ----------
    y_pred, y : arrays (N,)
    loss : "zero_one" (ŷ ≠ y), "squared", "absolute", "huber" of ŷ − y, "hinge", "logistic", "exponential" of y ŷ, or a
        function of (y_pred, y) that returns N losses

    Returns
    -------
    float
        in units of the loss

    Raises
    ------
    ValueError
        for an unknown name, an empty sample, arrays of different lengths, a function that does not return N losses, and
        a margin loss of labels other than −1 and +1
    """
    y_pred, y = check_y(y_pred, "y_pred"), check_y(y)
    if len(y_pred) != len(y):
        raise ValueError(f"y_pred and y have different numbers of samples: {len(y_pred)} and {len(y)}")
    if callable(loss):
        losses = check_y(loss(y_pred, y), "the losses")
        if len(losses) != len(y):
            raise ValueError(f"loss must return one loss per sample, {len(y)} in all: got {len(losses)}")
    elif loss in MARGIN_LOSSES:
        if np.any(np.abs(y) != 1):
            raise ValueError(f"y must hold −1 and +1 for a loss of the margin: got {shown(y, np.abs(y) != 1)}")
        losses = MARGIN_LOSSES[loss](y * y_pred)
    elif loss in RESIDUAL_LOSSES:
        losses = RESIDUAL_LOSSES[loss](y_pred - y)
    else:
        _known(loss, ["zero_one", *MARGIN_LOSSES, *RESIDUAL_LOSSES])
        losses = y_pred != y
    return float(np.mean(losses))


# Surrogates of the 0-1 loss, as functions φ of the margin: φ(0) and inf_a η φ(a) + (1 − η) φ(−a) in closed form

OPTIMAL_RISKS = {
    "hinge": (1.0, lambda eta: 2 * np.minimum(eta, 1 - eta)),
    "logistic": (math.log(2), lambda eta: entr(eta) + entr(1 - eta)),
    "exponential": (1.0, lambda eta: 2 * np.sqrt(eta * (1 - eta))),
    "squared": (1.0, lambda eta: 4 * eta * (1 - eta)),
}


def optimal_conditional_risk(eta, loss):
    """inf_a η φ(a) + (1 − η) φ(−a): the least risk at a point where P(y = 1 | x) = η (`eq-lt-psi`).

    Parameters
    ----------
    eta : array of any shape, in [0, 1]
    loss : "hinge", "logistic" (in nats), "exponential", "squared" for (1 − z)², in closed form; or a convex function of
        the margin, which is minimised over |a| ≤ 100

    Returns
    -------
    array of eta's shape

    Raises
    ------
    ValueError
        for probabilities outside [0, 1] and an unknown name
    """
    eta = _elementwise(eta)
    if not np.all((eta >= 0) & (eta <= 1)):
        raise ValueError("eta must lie in [0, 1]")
    if not callable(loss):
        _known(loss, OPTIMAL_RISKS)
        return OPTIMAL_RISKS[loss][1](eta)

    from scipy.optimize import minimize_scalar  # as scipy.stats below slow to load, and seldom needed

    def least(eta):
        search = minimize_scalar(
            lambda a: eta * loss(a) + (1 - eta) * loss(-a),
            bounds=(-100, 100),
            method="bounded",
            options={"xatol": 1e-12},
        )
        return search.fun

    return np.vectorize(least, otypes=[float])(eta)


def psi_transform(theta, loss):
    """ψ(θ) = φ(0) − inf_a C_η(a) at η = (1 + θ)/2, for a convex, calibrated φ (`eq-lt-psi`).

    ψ(excess 0-1 risk) ≤ excess φ-risk.

    Parameters
    ----------
    theta : array of any shape, in [−1, 1]
    loss : as in `optimal_conditional_risk`

    Returns
    -------
    array of theta's shape

    Raises
    ------
    ValueError
        for theta outside [−1, 1] and an unknown name

    References
    ----------
    Bartlett, Jordan and McAuliffe (2006)
    """
    theta = _elementwise(theta)
    if not np.all(np.abs(theta) <= 1):
        raise ValueError("theta must lie in [-1, 1]")
    at_zero = loss(0.0) if callable(loss) else OPTIMAL_RISKS.get(loss, (0.0,))[0]
    return at_zero - optimal_conditional_risk((1 + theta) / 2, loss)


# How many examples are enough


def _accuracy(epsilon, delta):
    return (
        check_number(epsilon, "epsilon", low=0, high=1, strict=True),
        check_number(delta, "delta", low=0, high=1, strict=True),
    )


def pac_sample_size(n_hypotheses, epsilon, delta, realizable=True, log_cardinality=None):
    """The N that suffices for a finite class (`eq-pac-realizable`, `eq-pac-agnostic`).

    N ≥ (log|H| + log(1/δ))/ε if realizable, else N ≥ 2(log|H| + log(2/δ))/ε².

    Parameters
    ----------
    n_hypotheses : |H| ≥ 1, any int; or None
    epsilon, delta : in (0, 1)
    realizable : whether some hypothesis has risk 0
    log_cardinality : log|H| ≥ 0 in nats, where n_hypotheses is None

    Returns
    -------
    int

    Raises
    ------
    ValueError
        outside these ranges, and where |H| is given twice or not at all
    """
    epsilon, delta = _accuracy(epsilon, delta)
    if (n_hypotheses is None) == (log_cardinality is None):
        raise ValueError("give either n_hypotheses or log_cardinality, and None for the other")
    if log_cardinality is None:
        if isinstance(n_hypotheses, bool) or not isinstance(n_hypotheses, (int, np.integer)) or n_hypotheses < 1:
            raise ValueError(f"n_hypotheses must be a positive integer: got {shown(n_hypotheses)}")
        log_size = math.log(n_hypotheses)  # of an int of any size
    else:
        log_size = check_number(log_cardinality, "log_cardinality", low=0)
    if realizable:
        return math.ceil((log_size - math.log(delta)) / epsilon)
    return math.ceil(2 * (log_size + math.log(2 / delta)) / epsilon**2)


def vc_sample_size(vc_dim, epsilon, delta, method="classical"):
    """The least N from which on the bound for VC dimension D keeps its promise of ε with probability 1 − δ.

    Parameters
    ----------
    vc_dim : int D ≥ 1
    epsilon, delta : in (0, 1)
    method : "classical": log 4 + D log(2eN/D) − Nε²/32 ≤ log δ (`eq-vc-bound` at ε/2).
        "rademacher": √(2D log(eN/D)/N) + 2√(log(2/δ)/2N) ≤ ε (`eq-vc-rad`).
        "realizable": 2(2eN/D)^D 2^{−Nε/2} ≤ δ, which is proved for N ≥ 8/ε

    Returns
    -------
    int

    Raises
    ------
    ValueError
        for an unknown method and outside these ranges

    References
    ----------
    Blumer, Ehrenfeucht, Haussler and Warmuth (1989)
    """
    D = check_number(vc_dim, "vc_dim", low=1, integer=True)
    epsilon, delta = _accuracy(epsilon, delta)
    slopes = {"classical": epsilon**2 / 32, "realizable": epsilon * math.log(2) / 2}  # of the exponents, per sample
    heads = {"classical": math.log(4), "realizable": math.log(2)}

    if method == "rademacher":

        def excess(N):
            complexity = math.sqrt(2 * D * (1 + math.log(N / D)) / N)
            return complexity + 2 * math.sqrt(math.log(2 / delta) / (2 * N)) - epsilon

        low = D  # decreasing from here on, and above 1 here
    elif method in slopes:

        def excess(N):
            return heads[method] + D * (1 + math.log(2 * N / D)) - slopes[method] * N - math.log(delta)

        low = math.ceil(D / slopes[method])  # concave, and greatest here; all that passes for "realizable" is > 8/ε
    else:
        raise ValueError(f"method must be 'classical', 'rademacher' or 'realizable': got {shown(method)}")
    return _least_integer(excess, low)


def _least_integer(excess, low):
    """The least N > low with excess(N) ≤ 0, for a function that is positive at `low` and falls through zero once."""
    high = 2 * low
    while excess(high) > 0:
        high *= 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return high


def vc_bound(n, vc_dim, delta):
    """The t with 4 Π(2n) e^{−nt²/8} = δ, Π by Sauer: sup_h |L_S − L_D| ≤ t with probability 1 − δ (`eq-vc-bound`).

    Summed in log space, so that n = 10⁶ and D = 10⁴ are no trouble.

    Parameters
    ----------
    n : int ≥ 1, samples
    vc_dim : int ≥ 0
    delta : in (0, 1)

    Returns
    -------
    float
        which says nothing where it exceeds 1

    Raises
    ------
    ValueError
        outside these ranges
    """
    n, D = check_number(n, "n", low=1, integer=True), check_number(vc_dim, "vc_dim", low=0, integer=True)
    delta = check_number(delta, "delta", low=0, high=1, strict=True)
    i = np.arange(min(D, 2 * n) + 1)
    log_growth = logsumexp(gammaln(2 * n + 1) - gammaln(i + 1) - gammaln(2 * n - i + 1))
    return math.sqrt(8 * (math.log(4 / delta) + log_growth) / n)


def pac_bayes_bound(gibbs_risk, kl, n, delta):
    """The largest p with kl(q‖p) ≤ (KL + log(ξ(n)/δ))/n: bounds a randomised classifier's risk (`eq-lt-pacbayes`).

    ξ(n) = Σ_k P(Bin(n, k/n) = k).

    Parameters
    ----------
    gibbs_risk : q, its mean 0-1 loss on the n samples
    kl : KL(Q‖P) ≥ 0 in nats, P chosen before the samples were seen
    n : int ≥ 1
    delta : in (0, 1)

    Returns
    -------
    float in [q, 1]

    Raises
    ------
    ValueError
        outside these ranges

    References
    ----------
    Maurer (2004)
    """
    from scipy.optimize import brentq
    from scipy.stats import binom

    q = check_number(gibbs_risk, "gibbs_risk", low=0, high=1)
    kl, n = check_number(kl, "kl", low=0), check_number(n, "n", low=1, integer=True)
    delta = check_number(delta, "delta", low=0, high=1, strict=True)
    k = np.arange(n + 1)
    budget = (kl + math.log(np.sum(binom.pmf(k, n, k / n)) / delta)) / n

    def excess(p):
        return rel_entr(q, p) + rel_entr(1 - q, 1 - p) - budget

    top = 1 - 1e-15
    return 1.0 if q >= top or excess(top) <= 0 else float(brentq(excess, q, top, xtol=1e-15))


# Counting labellings


def sauer_bound(n, vc_dim):
    """Σ_{i ≤ D} C(n, i): no class of VC dimension D labels n points in more ways (`eq-vc-sauer`).

    Parameters
    ----------
    n, vc_dim : int ≥ 0

    Returns
    -------
    int, exact

    Raises
    ------
    ValueError
        unless n and vc_dim are non-negative integers

    References
    ----------
    Sauer (1972)
    """
    n = check_number(n, "n", low=0, integer=True)
    D = check_number(vc_dim, "vc_dim", low=0, integer=True)
    return sum(math.comb(n, i) for i in range(min(n, D) + 1))


def cover_count(n, d):
    """2 Σ_{i ≤ d} C(n − 1, i): labellings of n points in general position in ℝᵈ by affine halfspaces.

    Parameters
    ----------
    n : int ≥ 1
    d : int ≥ 0

    Returns
    -------
    int, exact

    Raises
    ------
    ValueError
        unless n ≥ 1 and d ≥ 0 are integers

    References
    ----------
    Cover (1965)
    """
    return 2 * sauer_bound(check_number(n, "n", low=1, integer=True) - 1, check_number(d, "d", low=0, integer=True))


def _check_labelings(labelings):
    labelings = check_X(labelings, "labelings")
    if not np.all((labelings == 0) | (labelings == 1)):
        raise ValueError("labelings must hold only 0 and 1")
    return labelings.astype(np.int64)


def _all_patterns(labelings, columns):
    # np.unique sees a row of bits as one binary number; a family of H rows shatters at most log₂ H columns
    codes = labelings[:, columns] @ (1 << np.arange(len(columns)))
    return len(np.unique(codes)) == 1 << len(columns)


def is_shattered(labelings):
    """Whether the rows of a 0/1 matrix hold all 2ᴺ labellings of the N points (`def-shatter`).

    Parameters
    ----------
    labelings : array (H, N) of 0 and 1

    Returns
    -------
    bool

    Raises
    ------
    ValueError
        for other entries
    """
    labelings = _check_labelings(labelings)
    H, N = labelings.shape
    return H.bit_length() > N and _all_patterns(labelings, list(range(N)))


def vc_dimension(labelings):
    """The size of the largest set of columns shattered by the rows of a 0/1 matrix (`def-vc`).

    Subsets of shattered sets are shattered, so the sets of size k + 1 are looked for among the extensions of those of
    size k: at most Σ_k C(N, k) looks at H rows.

    Parameters
    ----------
    labelings : array (H, N) of 0 and 1

    Returns
    -------
    int

    Raises
    ------
    ValueError
        for other entries
    """
    labelings = np.unique(_check_labelings(labelings), axis=0)
    N, shattered, D = labelings.shape[1], [()], 0
    while True:
        shattered = [
            (*columns, j)
            for columns in shattered
            for j in range(columns[-1] + 1 if columns else 0, N)
            if _all_patterns(labelings, [*columns, j])
        ]
        if not shattered:
            return D
        D += 1


def halfspace_dichotomies(X):
    """All labellings of N points by affine halfspaces sign(wᵀx + b) (`eq-vc-halfspace`).

    Point after point: a labelling of the first points is realised by some (w, b), which labels the next point one way;
    whether another halfspace labels it the other way is a linear programme, y_i(wᵀx_i + b) ≥ 1.

    Parameters
    ----------
    X : array (N, d), N ≤ 14, in any units

    Returns
    -------
    0/1 array (number, N)
        rows sorted

    Raises
    ------
    ValueError
        for more than 14 points

    References
    ----------
    Cover (1965) counts them, see `cover_count`
    """
    X = check_X(X)
    N = len(X)
    if N > 14:
        raise ValueError(f"X must hold at most 14 points, as the labellings are listed: got {N}")
    Xc, _ = centred(X)
    A = np.column_stack([Xc / units(Xc), np.ones(N)])
    found = [((), np.zeros(A.shape[1]))]
    for n in range(1, N + 1):
        extended = []
        for labels, w in found:
            for sign in (1, -1):
                longer = (*labels, sign)
                v = w if sign * (A[n - 1] @ w) > 1e-9 else _separator(A[:n], longer)
                if v is not None:
                    extended.append((longer, v))
        found = extended
    return np.array(sorted(labels for labels, _ in found)) > 0


def _separator(A, labels):
    """Some w with y_i a_iᵀw ≥ 1 for all i, or None."""
    from scipy.optimize import linprog

    rows = -np.array(labels)[:, None] * A
    answer = linprog(np.zeros(A.shape[1]), A_ub=rows, b_ub=-np.ones(len(A)), bounds=(None, None), method="highs")
    return answer.x if answer.status == 0 else None


def rademacher_complexity(values, n_draws=None, seed=None):
    """E_σ max_a (1/N) Σ σ_i a_i over the rows a of `values`, σ uniform on {−1, 1}ᴺ (`eq-vc-rad`).

    Parameters
    ----------
    values : array (A, N), one row per function, its values at N points, in any unit
    n_draws : int, how many signs are drawn; None is all 2ᴺ of them, N ≤ 16
    seed : an integer or a Generator, needed with n_draws

    Returns
    -------
    float
        in the unit of values

    Raises
    ------
    ValueError
        for more than 16 points without n_draws

    References
    ----------
    Bartlett and Mendelson (2002)
    """
    values = check_X(values, "values")
    N = values.shape[1]
    if n_draws is not None:
        n_draws = check_number(n_draws, "n_draws", low=1, integer=True)
        signs = 2.0 * check_rng(seed).integers(0, 2, (n_draws, N)) - 1
    elif N > 16:
        raise ValueError(f"values must have at most 16 columns to enumerate all signs: got {N}; give n_draws")
    else:
        signs = 2.0 * (np.arange(2**N)[:, None] >> np.arange(N) & 1) - 1
    # 1,000 sign patterns at a time, so that many functions fit in memory
    maxima = [np.max(signs[i : i + 1000] @ values.T, axis=1) for i in range(0, len(signs), 1000)]
    return float(np.mean(np.concatenate(maxima)) / N)


def no_free_lunch_average(algorithm, domain_size, n):
    """The mean 0-1 error of `algorithm` over all targets on a finite domain and all samples (`eq-nfl-ots`).

    Every target {0, …, M − 1} → {0, 1} and every sample of n points, drawn with replacement, counts once: 2ᴹ Mⁿ runs, M
    = domain_size.

    Parameters
    ----------
    algorithm : function (indices, labels, domain_size) of n indices and their labels → M labels
    domain_size : int M
    n : int, 1 ≤ n < M

    Returns
    -------
    two floats
        the error over the whole domain, and over the points that are not in the sample

    Raises
    ------
    ValueError
        unless 1 ≤ n < M, for more than 10⁶ runs, and for an algorithm that does not return M labels 0 or 1

    References
    ----------
    Wolpert (1996)
    """
    M = check_number(domain_size, "domain_size", low=2, integer=True)
    n = check_number(n, "n", low=1, high=M - 1, integer=True)
    if 2**M * M**n > 1e6:
        raise ValueError(f"a domain of {M} points and samples of {n} would take {2**M * M**n} runs: at most 1000000")
    targets = np.array(list(product((0, 1), repeat=M)))
    full, off_sample = [], []
    for sample in product(range(M), repeat=n):
        indices = np.array(sample)
        unseen = np.setdiff1d(np.arange(M), indices)
        for target in targets:
            labels = np.asarray(algorithm(indices.copy(), target[indices], M))
            if labels.shape != (M,) or not np.all((labels == 0) | (labels == 1)):
                raise ValueError(f"algorithm must return {M} labels, 0 or 1: got {shown(labels)}")
            wrong = labels != target
            full.append(wrong.mean())
            off_sample.append(wrong[unseen].mean())
    return float(np.mean(full)), float(np.mean(off_sample))


# Bias and variance


def bias_variance(predictions, f_true, noise_var=0.0):
    """Squared bias and variance of a learner, from R repetitions at T points (`eq-bv-decomp`).

    The mean of R predictions has a variance of its own, variance/R, which the naive squared bias would count as bias:
    it is taken off, so bias2 is unbiased, and may come out slightly below zero.

    Parameters
    ----------
    predictions : array (R, T), row r from the r-th training set, R ≥ 2
    f_true : array (T,), noise-free
    noise_var : σ² ≥ 0

    Returns
    -------
    dict of floats
        averages over the T points in squared units of y: bias2, variance (divisor R − 1), noise, and their sum, total

    Raises
    ------
    ValueError
        for fewer than two repetitions, shapes that do not match, a negative noise_var
    """
    predictions, f_true = check_X(predictions, "predictions"), check_y(f_true, "f_true")
    noise = check_number(noise_var, "noise_var", low=0)
    R, T = predictions.shape
    if R < 2:
        raise ValueError(f"predictions must hold at least 2 repetitions: got {R}")
    if len(f_true) != T:
        raise ValueError(f"predictions and f_true have different numbers of points: {T} and {len(f_true)}")
    variance = np.mean(predictions.var(axis=0, ddof=1))
    bias2 = np.mean((predictions.mean(axis=0) - f_true) ** 2) - variance / R
    return _parts(bias2, variance, noise)


def smoother_bias_variance(H, f, sigma2):
    """Exact squared bias and variance of the linear smoother ŷ = Hy at its own N points (`eq-bv-smoother`).

    With y = f + ξ the bias is (H − I)f and the mean variance σ² tr(HHᵀ)/N.

    Parameters
    ----------
    H : array (N, N)
    f : array (N,), the noise-free targets
    sigma2 : noise variance σ² ≥ 0

    Returns
    -------
    dict
        as `bias_variance`

    Raises
    ------
    ValueError
        for shapes that do not match and a negative sigma2
    """
    H, f = check_X(H, "H"), check_y(f, "f")
    sigma2 = check_number(sigma2, "sigma2", low=0)
    N = len(f)
    if H.shape != (N, N):
        raise ValueError(f"H must have shape {(N, N)}, as f has {N} points: got {H.shape}")
    return _parts(np.mean((H @ f - f) ** 2), sigma2 * np.sum(H**2) / N, sigma2)


def _parts(bias2, variance, noise):
    return {
        "bias2": float(bias2),
        "variance": float(variance),
        "noise": noise,
        "total": float(bias2 + variance + noise),
    }


def min_norm_risk(N, p, r2, sigma2):
    """E‖β̂ − β‖² of least squares, of smallest norm where p > N, on N isotropic Gaussian rows (`eq-bv-dd`).

    σ²p/(N − p − 1) for p < N − 1, (1 − N/p)‖β‖² + σ²N/(p − N − 1) for p > N + 1; between them, inf, or with sigma2 = 0
    the bias alone.

    Parameters
    ----------
    N : int ≥ 1, rows
    p : int ≥ 1, columns
    r2 : ‖β‖² ≥ 0
    sigma2 : noise variance ≥ 0

    Returns
    -------
    float

    Raises
    ------
    ValueError
        outside these ranges

    References
    ----------
    Hastie, Montanari, Rosset and Tibshirani (2022)
    """
    N, p = check_number(N, "N", low=1, integer=True), check_number(p, "p", low=1, integer=True)
    r2, sigma2 = check_number(r2, "r2", low=0), check_number(sigma2, "sigma2", low=0)
    bias = max(0.0, 1 - N / p) * r2
    if sigma2 == 0:
        return bias
    return bias + sigma2 * min(N, p) / (abs(N - p) - 1) if abs(N - p) > 1 else math.inf


class PolynomialRegressor(Regressor):
    """Least squares in the Legendre polynomials of degree 0, …, `degree` on `domain`; of smallest norm if N ≤ degree.

    An orthogonal basis keeps the condition number small where powers of x lose all digits. Fits coef_, (degree + 1,).

    Parameters
    ----------
    degree : int ≥ 0
    domain : interval (a, b), a < b

    Raises
    ------
    ValueError
        in `fit`, for another degree or domain
    """

    def __init__(self, degree, domain=(-1, 1)):
        self.degree, self.domain = degree, domain

    def _design(self, x):
        a, b = self.domain
        return np.polynomial.legendre.legvander(((x - a) - (b - x)) / (b - a), self.degree)

    @staticmethod
    def _numbers(x):
        return check_X(x, "x", n_features=1)[:, 0] if np.ndim(x) == 2 else check_y(x, "x")

    def fit(self, x, y):
        """Fit coef_.

        Parameters
        ----------
        x : array (N,), or (N, 1) as scikit-learn has it
        y : array (N,)

        Returns
        -------
        the estimator

        Raises
        ------
        ValueError
            for other shapes or NaN
        """
        check_number(self.degree, "degree", low=0, integer=True)
        if len(self.domain) != 2 or not self.domain[0] < self.domain[1]:
            raise ValueError(f"domain must be an interval (a, b) with a < b: got {shown(self.domain)}")
        X, y = check_X_y(self._design(self._numbers(x)), y)
        self.coef_ = np.linalg.lstsq(X, y, rcond=None)[0]
        return self

    def predict(self, x):
        """The polynomial at x; it extrapolates outside the domain.

        Parameters
        ----------
        x : array (M,) or (M, 1)

        Returns
        -------
        array (M,)

        Raises
        ------
        ValueError
            if not fitted
        """
        check_fitted(self)
        return self._design(self._numbers(x)) @ self.coef_
