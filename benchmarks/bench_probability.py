"""Chapter 3's algorithms: our time over scipy's or statsmodels', and a plain implementation's over ours.

    PYTHONPATH=code python benchmarks/bench_probability.py

Both sides compute the same thing, and how far their answers differ is printed; only ratios of one run mean anything.
"""

import numpy as np
from scipy import stats
from statsmodels.stats.multitest import multipletests
from timing import best_of

from mlderived import probability as pr


def plain_mvn(X, mean, cov):
    """The Gaussian log density as it is usually first written: an inverse, a determinant and a loop over the rows."""
    inverse, det, d = np.linalg.inv(cov), np.linalg.det(cov), len(mean)
    return np.array([-0.5 * ((x - mean) @ inverse @ (x - mean) + np.log((2 * np.pi) ** d * det)) for x in X])


def main(repeats=20):
    rng = np.random.default_rng(3)
    root = rng.standard_normal((20, 20))
    mean, cov, X = rng.standard_normal(20), root @ root.T + np.eye(20), rng.standard_normal((20_000, 20))
    k, p, x = np.arange(100_000), rng.uniform(size=10_000) ** 3, rng.standard_normal(50)
    P, Q = rng.dirichlet(np.ones(50), (2, 2000))
    given, rest = np.arange(10), np.arange(10, 20)

    def conditioned():
        solved = np.linalg.solve(cov[np.ix_(given, given)], np.column_stack([cov[np.ix_(given, rest)], X[0, :10]]))
        np.linalg.cholesky(cov)  # it must be positive definite
        return cov[np.ix_(rest, rest)] - cov[np.ix_(rest, given)] @ solved[:, :-1]

    pairs = {
        "Gaussian, d = 20": (
            lambda: pr.log_pdf_mvn(X, mean, cov),
            lambda: stats.multivariate_normal(mean, cov).logpdf(X),
        ),
        "conditioning, d = 20": (lambda: pr.gaussian_condition(mean, cov, given, X[0, :10])[1], conditioned),
        "Poisson": (lambda: pr.log_pmf_poisson(k, 3e4), lambda: stats.poisson.logpmf(k, 3e4)),
        "t-test": (lambda: pr.t_test_1samp(x, 0.3)[:2], lambda: tuple(stats.ttest_1samp(x, 0.3))),
        "power": (lambda: pr.t_power(0.4, 1, 50), lambda: power_by_scipy(0.4, 1, 50)),
        "Benjamini-Hochberg": (
            lambda: pr.benjamini_hochberg(p, 0.1)[1],
            lambda: multipletests(p, 0.1, method="fdr_bh")[1],
        ),
        "divergence": (lambda: pr.kl_divergence(P, Q), lambda: stats.entropy(P, Q, axis=1)),
    }
    print(f"{'':22}{'ours/theirs':>12}   largest relative difference")
    for name, (ours, theirs) in pairs.items():
        left, right = np.asarray(ours()), np.asarray(theirs())
        difference = np.max(np.abs(left - right)) / np.max(np.abs(right))
        print(f"{name:22}{best_of(ours, repeats) / best_of(theirs, repeats):12.2g}   {difference:.0e}")
    slow, fast = (best_of(lambda f=f: f(X, mean, cov), 3) for f in (plain_mvn, pr.log_pdf_mvn))
    difference = np.max(np.abs(plain_mvn(X, mean, cov) - pr.log_pdf_mvn(X, mean, cov)))
    print(f"{'Gaussian, plain loop':22}{slow / fast:12.0f}   {difference:.0e}   (their time over ours)")


def power_by_scipy(effect, sigma, n, alpha=0.05):
    law, c = stats.nct(n - 1, effect / sigma * np.sqrt(n)), stats.t(n - 1).ppf(1 - alpha / 2)
    return law.sf(c) + law.cdf(-c)


if __name__ == "__main__":
    main()
