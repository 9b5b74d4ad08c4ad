"""Mixtures against scikit-learn, scipy, enumeration, closed forms and derivatives, on hard data too."""

import warnings
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.base import clone
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture as SklearnMixture
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlderived import columns, datasets
from mlderived import gaussian_mixture as gm
from mlderived import linear_algebra as la
from mlderived import probability as pr

SIX = np.array([-2, -1.5, -1, 1, 2, 3])[:, None]
FOUR = np.array([-3.0, -1, 1, 3])[:, None]
START = np.array([0.5, 0.5]), np.array([[-1.0], [1]]), np.ones((2, 1, 1))
IRIS = datasets.load_iris()
NAN = np.nan
examples = settings(deadline=None, derandomize=True, max_examples=15)


def drawn(seed, N=40, d=3, K=3):
    """A sample and a mixture, drawn apart."""
    rng = np.random.default_rng(seed)
    half = rng.standard_normal((K, d, d))
    covs = half @ half.transpose(0, 2, 1) + 0.3 * np.eye(d)
    return rng.normal(0, 2, (N, d)), rng.dirichlet(np.ones(K)), rng.normal(0, 2, (K, d)), covs


def blobs(seed, N=60, d=2):
    rng = np.random.default_rng(seed)
    centres = np.array([[0.0] * d, [5.0] * d, [-4.0] + [4.0] * (d - 1)])
    return centres[rng.integers(3, size=N)] + rng.standard_normal((N, d))


# Densities and steps


def test_log_joint_is_scipys_and_chapter_threes():
    X, weights, means, covs = drawn(0)
    ours = gm.log_joint(X, weights, means, covs)
    for k in range(3):
        theirs = np.log(weights[k]) + stats.multivariate_normal(means[k], covs[k]).logpdf(X)
        np.testing.assert_allclose(ours[:, k], theirs, rtol=1e-10)
        np.testing.assert_allclose(ours[:, k] - np.log(weights[k]), pr.log_pdf_mvn(X, means[k], covs[k]), rtol=1e-12)


def test_a_component_of_weight_zero_takes_no_part():
    X, _, means, covs = drawn(1)
    resp, loglik = gm.e_step(X, [0.0, 0.4, 0.6], means, covs)
    assert (resp[:, 0] == 0).all()
    assert loglik == pytest.approx(gm.e_step(X, [0.4, 0.6], means[1:], covs[1:])[1])
    assert gm.q_function(X, resp, [0.0, 0.4, 0.6], means, covs) > -np.inf
    assert gm.q_function(X, np.full((40, 3), 1 / 3), [0.0, 0.4, 0.6], means, covs) == -np.inf


def test_the_likelihood_sums_over_all_labellings():
    X, weights, means, covs = drawn(2, N=5)
    joint = np.exp(gm.log_joint(X, weights, means, covs))
    total = sum(np.prod(joint[np.arange(5), list(z)]) for z in product(range(3), repeat=5))
    resp, loglik = gm.e_step(X, weights, means, covs)
    assert np.log(total) == pytest.approx(loglik, rel=1e-12)
    np.testing.assert_allclose(resp, joint / joint.sum(axis=1, keepdims=True), rtol=1e-12)


@examples
@given(st.integers(0, 10**6))
def test_floor_and_divergence_add_up(seed):
    X, weights, means, covs = drawn(seed, N=7)
    q = np.random.default_rng(seed).dirichlet(np.ones(3), 7)
    q[0] = [0, 1, 0]
    resp, loglik = gm.e_step(X, weights, means, covs)
    floor = gm.elbo(X, q, weights, means, covs)
    assert floor + pr.kl_divergence(q, resp).sum() == pytest.approx(loglik, rel=1e-10)
    assert gm.elbo(X, resp, weights, means, covs) == pytest.approx(loglik, rel=1e-12)
    assert floor == pytest.approx(gm.q_function(X, q, weights, means, covs) + pr.entropy(q).sum(), rel=1e-12)


@examples
@given(st.integers(0, 10**6), st.sampled_from(gm.TYPES))
def test_no_other_mixture_has_a_larger_q(seed, kind):
    X, *_ = drawn(seed, N=25)
    rng = np.random.default_rng(seed)
    resp = rng.dirichlet(np.ones(3), 25)
    weights, means, covs = gm.m_step(X, resp, kind)
    best = gm.q_function(X, resp, weights, means, covs)
    for step in (0.3, 0.01):
        for _ in range(10):
            tilt = weights * np.exp(step * rng.standard_normal(3))
            noise = step * rng.standard_normal((3, 3, 3))
            if kind == "tied":
                noise[:] = noise[0]
            if kind in ("diag", "spherical"):
                noise = noise * np.eye(3) if kind == "diag" else noise[:, :1, :1] * np.eye(3)
            A = np.eye(3) + noise
            moved = A @ covs @ A.transpose(0, 2, 1)
            if kind in ("diag", "spherical"):
                moved = moved * np.eye(3)
            other = tilt / tilt.sum(), means + step * rng.standard_normal((3, 3)), moved
            assert gm.q_function(X, resp, *other) < best


def test_each_type_has_its_form():
    X, *_ = drawn(3)
    resp = np.random.default_rng(3).dirichlet(np.ones(3), 40)
    weights, means, full = gm.m_step(X, resp)
    tied, diag, spherical = (gm.m_step(X, resp, kind)[2] for kind in ("tied", "diag", "spherical"))
    for k in range(3):
        mean, r = np.average(X, axis=0, weights=resp[:, k]), resp[:, k]
        np.testing.assert_allclose(means[k], mean)
        np.testing.assert_allclose(full[k], np.cov(X.T, aweights=r, bias=True), rtol=1e-12)
        np.testing.assert_allclose(diag[k], np.diag(np.diag(full[k])), atol=1e-14)
        np.testing.assert_allclose(spherical[k], np.trace(full[k]) / 3 * np.eye(3))
        np.testing.assert_allclose(tied[k], np.tensordot(weights, full, axes=1))
    np.testing.assert_allclose(weights @ means, X.mean(axis=0), atol=1e-13)
    second = np.tensordot(weights, full + means[:, :, None] * means[:, None, :], axes=1)
    np.testing.assert_allclose(second, X.T @ X / 40, atol=1e-12)


def test_hard_labels_give_class_averages():
    resp = np.eye(3)[IRIS.y]
    weights, means, covs = gm.m_step(IRIS.X, resp)
    np.testing.assert_allclose(weights, 1 / 3)
    for k in range(3):
        mean, cov = pr.fit_mvn(IRIS.X[IRIS.y == k])
        np.testing.assert_allclose(means[k], mean)
        np.testing.assert_allclose(covs[k], cov, atol=1e-14)


# Slopes and information


def complex_loglik(mu, X, weights, covs):
    """ℓ as a function of all means, analytic: nothing is conjugated."""
    a = []
    for weight, mean, C in zip(weights, mu.reshape(len(weights), -1), covs, strict=True):
        D = X - mean
        a.append(np.log(weight) - 0.5 * np.sum(D * np.linalg.solve(C, D.T).T, axis=1) - 0.5 * la.logdet(2 * np.pi * C))
    return la.logsumexp(np.array(a), axis=0).sum()


def test_the_slope_of_the_likelihood():
    X, weights, means, covs = drawn(4)
    slope = la.complex_step_gradient(lambda mu: complex_loglik(mu, X, weights, covs), means.ravel())
    ours = gm.loglik_grad_means(X, weights, means, covs)
    np.testing.assert_allclose(ours.ravel(), slope, rtol=1e-10, atol=1e-10)
    resp, _ = gm.e_step(X, weights, means, covs)
    moves = gm.m_step(X, resp)[1] - means
    np.testing.assert_allclose(moves, [C @ g / n for C, g, n in zip(covs, ours, resp.sum(axis=0), strict=True)])


def test_louis_and_the_rate():
    X, weights, means, covs = drawn(5, d=2)
    complete, missing = gm.louis_information_means(X, weights, means, covs)
    slope = lambda mu: gm.loglik_grad_means(X, weights, mu.reshape(3, 2), covs).ravel()  # noqa: E731
    observed = -la.numerical_jacobian(slope, means.ravel())
    np.testing.assert_allclose(complete - missing, observed, rtol=1e-6, atol=1e-6)
    assert np.linalg.eigvalsh(missing).min() > -1e-10


def test_the_rates_of_three_separations():
    rng = np.random.default_rng(0)
    for gap, known in ((4, (0.023385, 0.263329)), (2, (0.287510, 0.440265)), (1.5, (0.334954, 0.459044))):
        X = np.r_[rng.normal(0, 1, 500), rng.normal(gap, 1, 500)][:, None]
        weights, means, covs = np.full(2, 0.5), np.array([[0.0], [gap]]), np.ones((2, 1, 1))
        path = []
        for _ in range(200):
            resp, _ = gm.e_step(X, weights, means, covs)
            means = resp.T @ X / resp.sum(axis=0)[:, None]
            path.append(means.ravel())
        complete, missing = gm.louis_information_means(X, weights, means, covs)
        rates = np.sort(np.linalg.eigvals(np.linalg.solve(complete, missing)).real)
        np.testing.assert_allclose(rates, known, atol=1e-6)
        errors = np.linalg.norm(np.array(path[:12]) - path[-1], axis=1)
        assert errors[10] / errors[9] == pytest.approx(known[1], abs=2e-3)


# By hand


def test_the_four_points():
    s = 2 / np.log(2)
    resp, loglik = gm.e_step(FOUR, START[0], START[1], s * START[2])
    np.testing.assert_allclose(resp[:, 1], [1 / 9, 1 / 3, 2 / 3, 8 / 9], rtol=1e-14)
    assert loglik == pytest.approx(-8.907461, abs=1e-6)
    weights, means, covs = gm.m_step(FOUR, resp)
    np.testing.assert_allclose(weights, 0.5)
    np.testing.assert_allclose(means.ravel(), [-4 / 3, 4 / 3], rtol=1e-14)
    np.testing.assert_allclose(covs.ravel(), 29 / 9, rtol=1e-14)


def test_the_six_points():
    model = gm.GaussianMixture(2, init=START, tol=1e-15).fit(SIX)
    path = [-12.456295367955, -10.258645288593, -9.396515628060, -9.375443042782]
    np.testing.assert_allclose(model.loglik_path_[:4], path, atol=1e-11)
    assert model.loglik_ == pytest.approx(-9.375352481230, abs=1e-11)
    np.testing.assert_allclose(model.weights_[0], 0.499774, atol=1e-6)
    np.testing.assert_allclose(model.means_.ravel(), [-1.500214, 1.998635], atol=1e-6)
    np.testing.assert_allclose(model.covariances_.ravel(), [0.166634, 0.670499], atol=1e-6)
    resp, _ = gm.e_step(SIX, *START)
    one = gm.m_step(SIX, resp)
    assert gm.elbo(SIX, resp, *one) == pytest.approx(-10.811848428203, abs=1e-11)
    saddle = gm.GaussianMixture(2, init=(START[0], np.full((2, 1), 0.3), START[2]), tol=0).fit(SIX)
    np.testing.assert_allclose(saddle.means_, 0.25)
    assert saddle.loglik_ == pytest.approx(-12.254009603755, abs=1e-11)


def test_a_far_point_does_not_underflow():
    weights, means, covs = np.full(2, 0.5), np.array([[0.0, 0], [3, 0]]), np.repeat(np.eye(2)[None], 2, axis=0)
    resp, loglik = gm.e_step([[50.0, 0.0]], weights, means, covs)
    assert loglik == pytest.approx(-1107.0310242, abs=1e-6)
    np.testing.assert_allclose(resp, [[0, 1]], atol=1e-50)


def test_parameters_are_counted():
    assert [gm.n_parameters(K, 4) for K in range(1, 7)] == [14, 29, 44, 59, 74, 89]
    assert gm.n_parameters(3, 4, "tied") == 2 + 12 + 10
    assert gm.n_parameters(3, 4, "diag") == 2 + 24
    assert gm.n_parameters(3, 4, "spherical") == 2 + 12 + 3
    assert gm.bic(-180.185, 44, 150) == pytest.approx(580.84, abs=0.01)
    assert gm.aic(-180.185, 44) == pytest.approx(448.37, abs=0.01)


def test_seeds_lie_apart():
    X = np.r_[np.zeros((50, 2)), np.full((50, 2), 1e6), np.full((2, 2), -1e6)]
    for seed in range(5):
        assert len(np.unique(gm.kmeans_plusplus(X, 3, seed), axis=0)) == 3
    assert gm.kmeans_plusplus(np.ones((4, 1)), 3, 0).tolist() == [[1.0]] * 3
    assert np.isfinite(gm.kmeans_plusplus(1e200 * np.array([[1.0], [2], [4]]), 3, 0)).all()
    line = np.array([[0.0], [1], [3]])
    second = [np.flatnonzero(line == gm.kmeans_plusplus(line, 2, s)[1])[0] for s in range(3000)]
    expected = np.array([(1 / 5 + 9 / 13) / 3, (1 / 10 + 4 / 13) / 3, (9 / 10 + 4 / 5) / 3])
    np.testing.assert_allclose(np.bincount(second) / 3000, expected, atol=4 * 0.5 / np.sqrt(3000))


# Against the reference


def theirs_from(start, K, kind="full"):
    weights, means, covs = start
    precisions = np.linalg.inv(covs)
    shape = {"full": precisions, "tied": precisions[0], "diag": np.diagonal(precisions, axis1=1, axis2=2)}
    shape["spherical"] = precisions[:, 0, 0]
    return SklearnMixture(
        K,
        covariance_type=kind,
        weights_init=weights,
        means_init=means,
        precisions_init=shape[kind],
        reg_covar=0,
        tol=1e-14,
        max_iter=5000,
    )


@pytest.mark.parametrize("kind", gm.TYPES)
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_scikit_learn_from_the_same_start(kind, seed):
    X = blobs(seed, d=3)
    rng = np.random.default_rng(seed)
    start = np.full(3, 1 / 3), X[rng.permutation(60)[:3]], np.repeat(X.var() * np.eye(3)[None], 3, axis=0)
    ours = gm.GaussianMixture(3, kind, init=start, tol=1e-14, max_iter=5000).fit(X)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = theirs_from(start, 3, kind).fit(X)
    np.testing.assert_allclose(ours.weights_, theirs.weights_, atol=1e-6)
    np.testing.assert_allclose(ours.means_, theirs.means_, atol=1e-6)
    np.testing.assert_allclose(ours.score(X) * 60, theirs.score(X) * 60, atol=1e-6)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.bic(X), theirs.bic(X), atol=1e-5)
    np.testing.assert_allclose(ours.aic(X), theirs.aic(X), atol=1e-5)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    assert ours.loglik_ == pytest.approx(ours.score(X) * 60, rel=1e-12)
    assert np.diff(ours.loglik_path_).min() > -1e-11


def test_iris():
    X = IRIS.X
    found = [gm.GaussianMixture(K, tol=1e-10).fit(X) for K in (1, 2, 3)]
    np.testing.assert_allclose([m.loglik_ for m in found], [-379.915, -214.355, -180.185], atol=5e-4)
    np.testing.assert_allclose([m.bic(X) for m in found], [829.98, 574.02, 580.84], atol=5e-3)
    labels = found[2].predict(X)
    assert adjusted_rand_score(IRIS.y, labels) == pytest.approx(0.904, abs=5e-4)
    assert sum(np.bincount(IRIS.y[labels == k]).max() for k in range(3)) == 145
    tied = gm.GaussianMixture(3, "tied", tol=1e-12).fit(X)
    assert tied.loglik_ == pytest.approx(-256.354043, abs=1e-5)
    assert adjusted_rand_score(IRIS.y, tied.predict(X)) == pytest.approx(0.941, abs=5e-4)


def test_a_likelier_start_may_be_the_worse():
    """The page quotes this one of its random starts: six flowers of all species in a sliver, 99 that fit."""
    model = gm.GaussianMixture(3, init="random", n_init=1, random_state=1, tol=1e-12, max_iter=5000).fit(IRIS.X)
    assert model.loglik_ == pytest.approx(-179.708, abs=1e-3)
    assert model.weights_.min() == pytest.approx(0.0398, abs=1e-4)
    assert adjusted_rand_score(IRIS.y, model.predict(IRIS.X)) == pytest.approx(0.531, abs=1e-3)
    labels = model.predict(IRIS.X)
    tables = [np.bincount(IRIS.y[labels == k], minlength=3) for k in range(3)]
    assert tables[model.weights_.argmin()].tolist() == [3, 2, 1]
    assert sum(table.max() for table in tables) == 99


def test_full_covariances_on_wine_end_at_different_peaks():
    wine = datasets.load_wine()
    Z = (wine.X - wine.X.mean(axis=0)) / wine.X.std(axis=0)
    full = [gm.GaussianMixture(3, n_init=1, random_state=seed).fit(Z) for seed in range(4)]
    ends = [model.loglik_ for model in full]
    assert max(ends) - min(ends) > 5
    tied = gm.GaussianMixture(3, "tied", tol=1e-10).fit(Z)
    assert tied.loglik_ == pytest.approx(-2442.5153, abs=1e-3)
    diag = gm.GaussianMixture(3, "diag", tol=1e-10).fit(Z)
    assert diag.loglik_ == pytest.approx(-2564.4104, abs=1e-3)
    assert diag.bic(Z) < tied.bic(Z) < min(model.bic(Z) for model in full)


def test_iris_collapses_where_29_flowers_share_a_width():
    covs = np.repeat(np.cov(IRIS.X.T)[None], 3, axis=0)
    start = np.full(3, 1 / 3), IRIS.X[[92, 12, 7]], covs
    with pytest.raises(ValueError, match="component 1 collapsed: use cov_prior or fewer components"):
        gm.GaussianMixture(3, init=start).fit(IRIS.X)
    kept = gm.GaussianMixture(3, init=start, cov_prior=(0.01 * np.eye(4), 6)).fit(IRIS.X)
    assert kept.converged_
    twice = np.column_stack([IRIS.X, IRIS.X[:, 0]])
    with pytest.raises(ValueError, match=r"component 0 collapsed: use a larger Psi$"):
        gm.GaussianMixture(1, cov_prior=(1e-30 * np.eye(5), 0)).fit(twice)
    several = gm.GaussianMixture(4, init="random", n_init=20, tol=1e-4).fit(IRIS.X)
    assert len(several.collapsed_starts_) > 0
    assert several.loglik_ < -150


def test_a_prior_keeps_the_objective_rising():
    rng = np.random.default_rng(23)
    X = np.r_[rng.standard_normal((30, 2)), rng.standard_normal((12, 2)) * [1, 0.01] + [3, 0]]
    start = np.full(2, 0.5), X[[25, 2]], np.repeat(np.cov(X.T)[None], 2, axis=0)
    prior = 0.02 * np.eye(2), 4
    model = gm.GaussianMixture(2, cov_prior=prior, init=start, tol=1e-15).fit(X)
    assert np.diff(model.objective_path_).min() > -1e-12
    assert model.objective_path_[-1] == pytest.approx(-106.544924, abs=1e-6)
    weights, means, covs = model.weights_, model.means_, model.covariances_
    penalty = -0.5 * sum(7 * la.logdet(C) + np.trace(np.linalg.solve(C, prior[0])) for C in covs)
    assert model.objective_path_[-1] == pytest.approx(gm.e_step(X, weights, means, covs)[1] + penalty, rel=1e-10)
    resp, _ = gm.e_step(X, weights, means, covs)
    S = gm.m_step(X, resp)[2]
    for k, n in enumerate(resp.sum(axis=0)):
        np.testing.assert_allclose(covs[k], (prior[0] + n * S[k]) / (4 + n + 3), atol=1e-5)


# What nothing may depend on


@pytest.mark.parametrize("kind", ["full", "tied", "diag"])
@examples
@given(st.integers(0, 10**4), st.sampled_from([0.0, 2.0**27, -1.7e9]), st.sampled_from([2.0**-40, 1e-9, 1.0, 1e9]))
def test_zero_and_units_do_not_matter(kind, seed, shift, unit):
    X = np.round(blobs(seed) * 1024) / 1024
    scale = np.array([unit, 1.0])
    here = gm.GaussianMixture(2, kind, n_init=2, random_state=seed, tol=1e-12, max_iter=5000).fit(X)
    there = gm.GaussianMixture(2, kind, n_init=2, random_state=seed, tol=1e-12, max_iter=5000).fit((X + shift) * scale)
    assert there.loglik_ + 60 * np.log(unit) == pytest.approx(here.loglik_, abs=1e-4)
    np.testing.assert_allclose(there.weights_, here.weights_, atol=1e-4)
    np.testing.assert_array_equal(there.predict((X + shift) * scale), here.predict(X))


@examples
@given(st.integers(0, 10**4))
def test_rows_repeated_or_in_another_order(seed):
    X = blobs(seed)
    start = np.full(2, 0.5), X[:2], np.repeat(np.cov(X.T)[None], 2, axis=0)
    order = np.random.default_rng(seed).permutation(60)
    one, two, three = (gm.GaussianMixture(2, init=start).fit(Y) for Y in (X, X[order], np.repeat(X, 3, axis=0)))
    np.testing.assert_allclose(one.means_, two.means_, atol=1e-8)
    np.testing.assert_allclose(one.covariances_, three.covariances_, atol=1e-8)
    assert three.loglik_ == pytest.approx(3 * one.loglik_)


def test_relabelled_mixtures_are_one():
    X, weights, means, covs = drawn(6)
    values = [gm.e_step(X, weights[o], means[o], covs[o])[1] for o in map(list, permutations(range(3)))]
    np.testing.assert_allclose(values, values[0], rtol=1e-12)


@pytest.mark.parametrize(
    "X",
    [
        np.ones((10, 2)),
        np.column_stack([IRIS.X, np.ones(150)]),
        np.column_stack([IRIS.X, IRIS.X[:, 0]]),
        np.random.default_rng(0).standard_normal((6, 20)),
        np.array([[1.0, 2.0]]),
    ],
    ids=["equal rows", "constant column", "repeated column", "wide", "one row"],
)
def test_data_without_a_density_are_refused(X):
    K = min(2, len(X))
    with pytest.raises(ValueError, match=r"X does not vary in all directions: use cov_prior$"):
        gm.GaussianMixture(K).fit(X)
    with pytest.raises(ValueError, match=r"in all directions: use covariance_type 'full' with cov_prior$"):
        gm.GaussianMixture(K, "tied").fit(X)
    d = X.shape[1]
    kept = gm.GaussianMixture(K, cov_prior=(np.eye(d), d), n_init=2).fit(X)
    assert np.isfinite(kept.loglik_)
    assert np.isfinite(kept.predict_proba(X)).all()


def test_a_draw_follows_the_mixture():
    _, weights, means, covs = drawn(7)
    model = gm.GaussianMixture(3, init=(weights, means, covs), max_iter=1)
    model.weights_, model.means_, model.covariances_, model.n_features_in_ = weights, means, covs, 3
    X, z = model.sample(20_000, 7)
    shares = np.bincount(z) / 20_000
    np.testing.assert_allclose(shares, weights, atol=4 * 0.5 / np.sqrt(20_000))
    for k in range(3):
        np.testing.assert_allclose(np.cov(X[z == k].T), covs[k], atol=0.25 * np.abs(covs[k]).max())
        spread = np.sqrt(np.diag(covs[k]) / (z == k).sum())
        assert (np.abs(X[z == k].mean(axis=0) - means[k]) < 4.5 * spread).all()
    again, labels = model.sample(20_000, 7)
    np.testing.assert_array_equal(X, again)
    np.testing.assert_array_equal(z, labels)


def test_ties_go_to_the_first():
    model = gm.GaussianMixture(2, init=(START[0], START[1], START[2]), max_iter=500).fit(FOUR)
    assert model.predict([[0.0], [5.0], [-5.0]]).tolist() == [0, 1, 0]


def test_works_where_scikit_learn_asks():
    model = clone(gm.GaussianMixture(2, "diag"))
    assert repr(model) == "GaussianMixture(n_components=2, covariance_type='diag')"
    labels = make_pipeline(StandardScaler(), gm.GaussianMixture(3, "tied")).fit(IRIS.X).predict(IRIS.X)
    assert adjusted_rand_score(IRIS.y, labels) > 0.9


@pytest.mark.parametrize("kind", ["diag", "spherical"])
def test_a_bell_of_any_shape_may_shrink_onto_a_point(kind):
    start = np.array([0.5, 0.5]), np.array([[0.0], [3]]), np.array([[[5.0]], [[0.01]]])
    with pytest.raises(ValueError, match="component 1 collapsed: use covariance_type 'full' with cov_prior or fewer"):
        gm.GaussianMixture(2, kind, init=start).fit(FOUR)


def test_a_thin_sample_is_not_a_collapse():
    """A pivot is measured by the sample's own: what is as thin as the whole sample is regular."""
    u, v = np.random.default_rng(3).standard_normal((2, 200))
    X = np.column_stack([u, u + 1e-6 * v])
    model = gm.GaussianMixture(1).fit(X)
    assert model.loglik_ == pytest.approx(
        gm.GaussianMixture(1).fit(np.column_stack([u, v])).loglik_ - 200 * np.log(1e-6)
    )
    parted = np.column_stack([u + 8 * (v > 0), X[:, 1] + 8 * (v > 0)])
    shares = [np.mean(v < 0), np.mean(v > 0)]
    assert sorted(gm.GaussianMixture(2).fit(parted).weights_) == pytest.approx(sorted(shares), abs=1e-3)
    with pytest.raises(ValueError, match="in all directions"):
        gm.GaussianMixture(1).fit(np.column_stack([u, 3 * u]))


# Missing entries


def test_missing_entries_have_anderson_s_closed_form():
    rng = np.random.default_rng(0)
    one = rng.standard_normal(2000)
    two = 0.8 * one + 0.6 * rng.standard_normal(2000)
    gone = rng.random(2000) < 0.4
    X = np.column_stack([one, np.where(gone, np.nan, two)])
    mean, cov, rounds = gm.impute_em(X)
    seen_mean, seen_cov = pr.fit_mvn(X[~gone])
    slope = seen_cov[0, 1] / seen_cov[0, 0]
    assert mean[0] == pytest.approx(one.mean())
    assert cov[0, 0] == pytest.approx(one.var())
    assert cov[1, 1] == pytest.approx(seen_cov[1, 1] + slope**2 * (one.var() - seen_cov[0, 0]), abs=1e-10)
    assert cov[1, 1] == pytest.approx(0.9529979129, abs=1e-9)
    assert cov[0, 1] == pytest.approx(slope * one.var(), abs=1e-10)
    assert mean[1] == pytest.approx(seen_mean[1] + slope * (one.mean() - seen_mean[0]), abs=1e-10)
    assert 1 < rounds < 200


def observed_loglik(mean, cov, X):
    total = 0.0
    for row in X:
        o = ~np.isnan(row)
        if o.any():
            total += pr.log_pdf_mvn(row[None, o], mean[o], cov[np.ix_(o, o)])[0]
    return total


@examples
@given(st.integers(0, 10**4), st.sampled_from([0.0, 1e6]), st.sampled_from([1.0, 1e-6, 1e6]))
def test_missing_entries_anywhere(seed, shift, unit):
    rng = np.random.default_rng(seed)
    X = rng.standard_normal((40, 3)) @ rng.normal(0, 1, (3, 3)) + 0.5 * rng.standard_normal((40, 3))
    X[rng.random(X.shape) < 0.25] = np.nan
    X[0] = np.nan
    mean, cov, _ = gm.impute_em(X, tol=1e-11)
    top = observed_loglik(mean, cov, X)
    for _ in range(10):
        tilt = np.eye(3) + 0.02 * rng.standard_normal((3, 3))
        assert observed_loglik(mean + 0.02 * rng.standard_normal(3), tilt @ cov @ tilt.T, X) < top
    there, wide, _ = gm.impute_em((X + shift) * unit, tol=1e-11)
    np.testing.assert_allclose(there / unit - shift, mean, atol=1e-6)
    np.testing.assert_allclose(wide / unit**2, cov, atol=1e-6)


def test_nothing_missing_is_no_work():
    mean, cov, rounds = gm.impute_em(IRIS.X)
    np.testing.assert_allclose(mean, IRIS.X.mean(axis=0))
    np.testing.assert_allclose(cov, np.cov(IRIS.X.T, bias=True), atol=1e-13)
    assert rounds == 2
    with pytest.warns(RuntimeWarning, match="did not converge in 1 rounds"):
        gm.impute_em(np.where(np.eye(150, 4) > 0, np.nan, IRIS.X), max_iter=1)


# Bad input


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: gm.GaussianMixture(0).fit(FOUR), "n_components must be in"),
        (lambda: gm.GaussianMixture(5).fit(FOUR), "n_components must be in .*N = 4: got 5"),
        (lambda: gm.GaussianMixture(2.0).fit(FOUR), "n_components must be in"),
        (lambda: gm.GaussianMixture(True).fit(FOUR), "n_components must be in .*got True"),
        (lambda: gm.GaussianMixture(2).fit(FOUR.ravel()), "X must be 2-dimensional"),
        (lambda: gm.GaussianMixture(2).fit([[np.nan]]), "X contains NaN"),
        (lambda: gm.GaussianMixture(2, "round").fit(FOUR), "covariance_type must be one of full, tied"),
        (lambda: gm.GaussianMixture(2, init="no").fit(FOUR), "init must be kmeans"),
        (lambda: gm.GaussianMixture(1, init=START).fit(FOUR), "init must be a mixture of n_components = 1: got 2"),
        (lambda: gm.GaussianMixture(2, n_init=0).fit(FOUR), "n_init must be at least 1"),
        (lambda: gm.GaussianMixture(2, max_iter=0).fit(FOUR), "max_iter must be at least 1"),
        (lambda: gm.GaussianMixture(2, tol=-1).fit(FOUR), "tol must be non-negative"),
        (lambda: gm.GaussianMixture(2, random_state=None).fit(FOUR), "random_state must be an integer"),
        (lambda: gm.GaussianMixture(2, cov_prior=(np.eye(2), 1)).fit(FOUR), "Psi must be positive definite, of shape"),
        (lambda: gm.GaussianMixture(2, cov_prior=(-np.eye(1), 1)).fit(FOUR), "Psi must be positive definite"),
        (lambda: gm.GaussianMixture(2, cov_prior=(np.eye(1), -1)).fit(FOUR), "nu must be non-negative"),
        (lambda: gm.GaussianMixture(2, cov_prior=5).fit(FOUR), "cov_prior must be a pair .*got 5"),
        (lambda: gm.GaussianMixture(2, cov_prior=np.eye(2)).fit(FOUR), "cov_prior must be a pair"),
        (lambda: gm.GaussianMixture(2, init=None).fit(FOUR), "init must be a name or a mixture .*got None"),
        (lambda: gm.GaussianMixture(2, init=(1, 2)).fit(FOUR), "init must be a name or a mixture"),
        (lambda: gm.GaussianMixture(2, "tied", cov_prior=(np.eye(1), 1)).fit(FOUR), "cov_prior is for full"),
        (lambda: gm.GaussianMixture(2).predict(FOUR), "is not fitted"),
        (lambda: gm.GaussianMixture(2).sample(3, 0), "is not fitted"),
        (lambda: gm.GaussianMixture(1).fit(FOUR).predict(np.ones((2, 2))), "X must have 1 features"),
        (lambda: gm.e_step(FOUR, [0.5, 0.6], START[1], START[2]), "weights must hold 2 non-negative numbers"),
        (lambda: gm.e_step(FOUR, [-0.5, 1.5], START[1], START[2]), "weights must hold 2 non-negative numbers"),
        (lambda: gm.e_step(FOUR, START[0], START[1], np.ones((2, 1))), "covs must be finite, of shape"),
        (lambda: gm.e_step(FOUR, START[0], START[1], -START[2]), "covs must be positive definite"),
        (lambda: gm.e_step(FOUR, START[0], np.ones((2, 3)), START[2]), "means must have 1 features"),
        (lambda: gm.e_step(np.ones((2, 2)), [1.0], [[0.0, 0]], [[[1.0, 0.5], [0, 1]]]), "covs must be symmetric"),
        (lambda: gm.m_step(FOUR, np.ones((4, 2))), "resp must hold 4 rows"),
        (lambda: gm.m_step(FOUR, np.ones((3, 1))), "resp must hold 4 rows"),
        (lambda: gm.m_step(FOUR, np.eye(2)[[0, 0, 0, 0]]), "component 1 collapsed: its column of resp is zero"),
        (lambda: gm.m_step(FOUR, np.ones((4, 1)), "x"), "covariance_type must be"),
        (lambda: gm.q_function(FOUR, np.ones((4, 1)), *START), "resp must have shape"),
        (lambda: gm.kmeans_plusplus(FOUR, 5, 0), "K must lie in"),
        (lambda: gm.n_parameters(0, 1), "K must be at least 1"),
        (lambda: gm.bic(1.0, -1, 3), "p must be non-negative"),
        (lambda: gm.impute_em([[np.nan, 1.0], [np.nan, 2.0]]), "X must hold an entry in each column"),
        (lambda: gm.impute_em([[1.0, 1.0], [1.0, 2.0]]), "X must vary in each column"),
        (lambda: gm.impute_em([[np.inf, 1.0], [1.0, 2.0]]), "contains NaN or infinity"),
        (lambda: gm.impute_em([[1.0, NAN], [2, NAN], [4, NAN], [NAN, 3], [NAN, 5]]), "got 0 and 1 apart"),
        (lambda: gm.impute_em([[1.0, 2], [2, NAN], [3, 5], [NAN, 4]]), "the covariance became singular"),
        (lambda: gm.impute_em([[1.0, 2], [2, 4], [3, 6]]), "the covariance became singular"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_it_says_that_it_did_not_converge():
    with pytest.warns(RuntimeWarning, match="EM did not converge in 2 rounds: raise max_iter or tol") as said:
        model = gm.GaussianMixture(3, max_iter=2).fit(IRIS.X)
    assert len(said) == 1 and said[0].filename == __file__
    assert not model.converged_ and model.n_iter_ == 2 and len(model.loglik_path_) == 3


def test_columns_keep_their_units():
    assert columns.units(np.array([[3.0]]))[0] == 2.0  # what fit divides by
    model = gm.GaussianMixture(1).fit(IRIS.X)
    np.testing.assert_allclose(model.means_[0], IRIS.X.mean(axis=0), rtol=1e-14)
    np.testing.assert_allclose(model.covariances_[0], np.cov(IRIS.X.T, bias=True), rtol=1e-12)
    assert model.loglik_ == pytest.approx(gm.e_step(IRIS.X, model.weights_, model.means_, model.covariances_)[1])
    assert model.n_iter_ == 1 and len(model.loglik_path_) == 2  # one component is fitted by its start
