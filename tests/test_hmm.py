"""Hidden Markov models against enumeration, closed forms, published values and hmmlearn, on hard data too."""

import sys
import warnings
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize
from sklearn.base import clone

from mlderived import hmm

COUNTS = """
13 14 8 10 16 26 32 27 18 32 36 24 22 23 22 18 25 21 21 14 8 11 14 23 18 17 19 20 22 19 13 26 13 14 22 24 21 22 26 21 23
24 27 41 31 27 35 26 28 36 39 21 17 22 17 19 15 34 10 15 22 18 15 20 15 22 19 16 30 27 29 23 20 16 21 21 25 16 18 15 18
14 10 15 8 15 6 11 8 7 18 16 13 12 13 20 15 16 12 18 15 16 13 15 16 11 11
"""
QUAKES = np.array(COUNTS.split(), dtype=int)
WEATHER = (
    np.array([0.5, 0.2, 0.3]),
    np.array([[0.7, 0.1, 0.2], [0.2, 0.5, 0.3], [0.3, 0.3, 0.4]]),
    np.array([[0.7, 0.2, 0.1], [0.1, 0.3, 0.6], [0.3, 0.5, 0.2]]),
)
SEEN = np.array([0, 0, 2, 2, 1, 0])
examples = settings(deadline=None, derandomize=True, max_examples=30)


def log(p):
    with np.errstate(divide="ignore"):
        return np.log(p)


def any_chain(seed, holes=0.0, varying=False, whole=False):
    """Scores of a chain and, of all its paths, the scores added up one by one."""
    rng = np.random.default_rng(seed)
    N, T = int(rng.integers(1, 4)), int(rng.integers(1, 6))
    parts = [rng.normal(size=N), rng.normal(size=(T - 1, N, N) if varying else (N, N)), rng.normal(size=(T, N))]
    if whole:
        parts = [np.round(part) for part in parts]
    for part in parts:
        part[rng.random(part.shape) < holes] = -np.inf
    log_pi, log_A, log_lik = parts
    steps = np.broadcast_to(log_A, (T - 1, N, N))
    paths = np.array(list(product(range(N), repeat=T)))
    scores = log_pi[paths[:, 0]] + log_lik[0, paths[:, 0]]
    for t in range(1, T):
        scores = scores + steps[t - 1, paths[:, t - 1], paths[:, t]] + log_lik[t, paths[:, t]]
    return parts, paths, scores


def chains():
    for seed in range(120):
        yield any_chain(seed, holes=(0.0, 0.25)[seed % 2], varying=seed % 3 == 0, whole=seed % 5 == 0)


def random_model(rng, N=3, M=4):
    return rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N), N), rng.dirichlet(np.ones(M), N)


# Scores


def test_forward_and_backward_are_the_sums_over_all_paths():
    for (log_pi, log_A, log_lik), paths, scores in chains():
        T, N = log_lik.shape
        log_alpha, total = hmm.forward_log(log_pi, log_A, log_lik)
        assert log_alpha.shape == (T, N) and isinstance(total, float)
        assert np.exp(total) == pytest.approx(np.exp(scores).sum(), rel=1e-12)
        both = np.exp(log_alpha + hmm.backward_log(log_A, log_lik))
        through = np.array([[np.exp(scores[paths[:, t] == i]).sum() for i in range(N)] for t in range(T)])
        assert np.allclose(both, through, rtol=1e-12, atol=0)


def test_backward_does_not_know_the_start():
    rng = np.random.default_rng(1)
    _, A, B = random_model(rng)
    lik = B.T[[0, 3, 1]]
    beta = np.exp(hmm.backward_log(log(A), log(lik)))
    assert np.allclose(beta, [A @ (lik[1] * (A @ lik[2])), A @ lik[2], np.ones(3)], rtol=1e-13)


def test_viterbi_finds_the_best_of_all_paths_and_the_lowest_of_equal_ones():
    seen_ties = 0
    for (log_pi, log_A, log_lik), paths, scores in chains():
        path, score = hmm.viterbi(log_pi, log_A, log_lik)
        assert score == pytest.approx(scores.max(), rel=1e-12, abs=1e-12)
        if score == -np.inf:
            assert not path.any()
            continue
        best = [tuple(p[::-1]) for p, s in zip(paths, scores, strict=True) if s > scores.max() - 1e-9]
        seen_ties += len(best) > 1
        assert tuple(path[::-1]) == min(best)
    assert seen_ties > 5


def test_ties_do_not_hang_on_the_last_digit():
    # both states alike, in numbers that no float holds: the first state throughout, however the sums are rounded
    rng = np.random.default_rng(2)
    for T in (2, 50, 4000):
        lik = np.repeat(rng.random((T, 1)), 2, axis=1)
        path, _ = hmm.viterbi(log([0.5, 0.5]), log([[0.3, 0.7], [0.7, 0.3]]), log(lik))
        assert path[-1] == 0 and np.array_equal(path[:-1] != path[1:], np.ones(T - 1, dtype=bool))
        noise = lik * (1 + 1e-16 * rng.integers(-1, 2, lik.shape))
        assert np.array_equal(hmm.viterbi(log([0.5, 0.5]), log([[0.3, 0.7], [0.7, 0.3]]), log(noise))[0], path)
    # 0.1 + 0.2 against 0.3: equal on paper
    scores = np.array([[0.3, 0.1 + 0.2], [0.0, 0.0]])
    assert hmm.viterbi(np.zeros(2), np.zeros((2, 2)), scores)[0][0] == 0


def test_a_mask_of_large_numbers_does_not_make_ties_of_real_differences():
    log_lik = np.array([[0.0, -1e9, 0.0], [0.0, 1e-3, -1e9], [0.0, 0.0, -1e9]])
    path, score = hmm.viterbi(np.zeros(3), np.zeros((3, 3)), log_lik)
    assert list(path) == [0, 1, 0] and score == pytest.approx(1e-3, rel=1e-9)


@given(st.integers(0, 10_000), st.sampled_from([1e-9, 1.0, 1e9]), st.floats(-50, 50))
@examples
def test_the_best_path_is_free_of_units_and_shifts(seed, unit, shift):
    (log_pi, log_A, log_lik), _, _ = any_chain(seed, holes=0.1, whole=seed % 2 == 0)
    path, score = hmm.viterbi(log_pi, log_A, log_lik)
    moved, there = hmm.viterbi(unit * log_pi, unit * log_A, unit * (log_lik + round(shift)))
    assert np.array_equal(path, moved)
    assert there == pytest.approx(unit * (score + len(log_lik) * round(shift)), rel=1e-9, abs=1e-9 * unit)


@given(st.integers(0, 10_000), st.floats(-400, 400))
@examples
def test_scores_of_a_year_shift_the_total_alone(seed, shift):
    (log_pi, log_A, log_lik), _, scores = any_chain(seed, holes=0.1)
    if scores.max() == -np.inf:
        return
    gamma, xi, total = hmm.posteriors(log_pi, log_A, log_lik)
    moved = log_lik.copy()
    moved[-1] += shift
    gamma_, xi_, total_ = hmm.posteriors(log_pi, log_A, moved)
    assert total_ == pytest.approx(total + shift, abs=1e-9)
    assert np.allclose(gamma, gamma_, atol=1e-10) and np.allclose(xi, xi_, atol=1e-10)


def test_no_path_at_all_is_minus_infinity_without_a_nan():
    log_pi, log_A, log_lik = [-np.inf] * 2, np.zeros((2, 2)), np.zeros((3, 2))
    log_alpha, total = hmm.forward_log(log_pi, log_A, log_lik)
    assert total == -np.inf and np.all(log_alpha == -np.inf)
    assert np.all(hmm.backward_log(np.full((2, 2), -np.inf), log_lik)[:-1] == -np.inf)
    path, score = hmm.viterbi(log_pi, log_A, log_lik)
    assert score == -np.inf and not path.any()
    with pytest.raises(ValueError, match="observation sequence has probability zero"):
        hmm.posteriors(log_pi, log_A, log_lik)


def test_posteriors_and_their_margins():
    for (log_pi, log_A, log_lik), paths, scores in chains():
        if scores.max() == -np.inf:
            continue
        T, N = log_lik.shape
        weight = np.exp(scores - scores.max())
        weight /= weight.sum()
        gamma, xi, total = hmm.posteriors(log_pi, log_A, log_lik)
        assert xi.shape == (T - 1, N, N) and total == pytest.approx(hmm.forward_log(log_pi, log_A, log_lik)[1])
        assert np.allclose(gamma, [[weight[paths[:, t] == i].sum() for i in range(N)] for t in range(T)], atol=1e-13)
        for t in range(T - 1):
            pairs = [[weight[(paths[:, t] == i) & (paths[:, t + 1] == j)].sum() for j in range(N)] for i in range(N)]
            assert np.allclose(xi[t], pairs, atol=1e-13)
        assert np.allclose(xi.sum(axis=2), gamma[:-1], atol=1e-13)
        assert np.allclose(xi.sum(axis=1), gamma[1:], atol=1e-13)


def test_posteriors_add_up_to_one_where_the_total_is_large():
    rng = np.random.default_rng(10)
    gamma, xi, _ = hmm.posteriors(np.zeros(3), rng.normal(size=(3, 3)), -1e9 + rng.normal(size=(200, 3)))
    assert np.allclose(gamma.sum(axis=1), 1, atol=1e-13) and np.allclose(xi.sum(axis=(1, 2)), 1, atol=1e-13)


def test_pointwise_decoding_takes_the_first_of_equal_ones():
    assert list(hmm.posterior_decode([[0.1 + 0.2, 0.3, 0.4 - 0.1 + 0.1], [0.5, 0.5 + 1e-16, 0], [0.2, 0.5, 0.3]])) == [
        2,
        0,
        1,
    ]
    assert list(hmm.posterior_decode([[0.3, 0.1 + 0.2, 0.4]])) == [2]
    assert list(hmm.posterior_decode([[0.3, 0.1 + 0.2]])) == [0]


# Probabilities


def test_the_weather_by_hand():
    pi, A, B = WEATHER
    alpha, c = hmm.forward_scaled(pi, A, B.T[SEEN])
    assert np.log(c).sum() == pytest.approx(-6.438262210050, abs=1e-11)
    assert np.prod(c) == pytest.approx(0.001599183312, abs=1e-15)
    assert np.allclose(c, [0.46, 0.50869565, 0.19369231, 0.29046068, 0.33270903, 0.36510524], atol=1e-8)
    gamma = alpha * hmm.backward_scaled(A, B.T[SEEN], c)
    assert np.allclose(gamma[0], [0.793577, 0.033235, 0.173188], atol=1e-6)
    assert np.allclose(gamma, hmm.posteriors(log(pi), log(A), log(B.T[SEEN]))[0], atol=1e-14)
    path, score = hmm.viterbi(log(pi), log(A), log(B.T[SEEN]))
    assert list(path) == [0, 0, 1, 1, 2, 0] and score == pytest.approx(-9.238323266613, abs=1e-11)


def test_scaled_and_log_space_agree_where_plain_numbers_have_vanished():
    pi, A, B = WEATHER
    lik = B.T[np.random.default_rng(0).integers(0, 3, size=10_000)]
    _, c = hmm.forward_scaled(pi, A, lik)
    total = hmm.forward_log(log(pi), log(A), log(lik))[1]
    assert total == pytest.approx(np.log(c).sum(), rel=1e-11) and total < -11_000
    unscaled = pi * lik[0]
    for t in range(1, 700):
        unscaled = unscaled @ A * lik[t]
    assert unscaled.sum() == 0


# Fitting


def enumerated_step(model, sequences):
    """One round from the posterior of all paths of each sequence, counted one by one."""
    pi, A, B = model
    N, M = B.shape
    first, steps, emitted, total = np.zeros(N), np.zeros((N, N)), np.zeros((N, M)), 0.0
    for X in sequences:
        paths = list(product(range(N), repeat=len(X)))
        weight = []
        for p in paths:
            value = pi[p[0]] * B[p[0], X[0]]
            for t in range(1, len(X)):
                value *= A[p[t - 1], p[t]] * B[p[t], X[t]]
            weight.append(value)
        total += np.log(sum(weight))
        for p, w in zip(paths, np.array(weight) / sum(weight), strict=True):
            first[p[0]] += w
            for t, state in enumerate(p):
                emitted[state, X[t]] += w
                if t:
                    steps[p[t - 1], state] += w
    return (
        first / first.sum(),
        steps / steps.sum(axis=1, keepdims=True),
        emitted / emitted.sum(axis=1, keepdims=True),
        total,
    )


def one_round(init, Xs, **more):
    model = hmm.CategoricalHMM(len(init[0]), init[2].shape[1], init=init, max_iter=1, tol=0, **more)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return model.fit(Xs)


def test_one_round_is_the_expected_counts_of_all_paths_of_several_sequences():
    rng = np.random.default_rng(3)
    for _ in range(5):
        model = random_model(rng)
        Xs = [rng.integers(0, 4, size=T) for T in (4, 1, 3, 4, 2)]
        fitted = one_round(model, Xs)
        pi, A, B, total = enumerated_step(model, Xs)
        assert np.allclose(fitted.startprob_, pi, atol=1e-13)
        assert np.allclose(fitted.transmat_, A, atol=1e-13) and np.allclose(fitted.emissionprob_, B, atol=1e-13)
        assert fitted.loglik_path_[0] == pytest.approx(total, abs=1e-12)


def test_the_round_on_three_years_by_hand():
    third = 1 / 3
    model = np.array([0.5, 0.5]), np.array([[2, 1], [1, 2]]) * third, np.array([[0.5, 0.5], [0.25, 0.75]])
    fitted = one_round(model, [np.array([1, 0, 1])])
    assert np.allclose(fitted.startprob_, [4 / 9, 5 / 9], atol=1e-14)
    assert np.allclose(fitted.transmat_, [[56 / 85, 29 / 85], [29 / 77, 48 / 77]], atol=1e-14)
    assert np.allclose(fitted.emissionprob_[:, 1], [72 / 121, 45 / 61], atol=1e-14)


def test_rounds_never_fall_and_zeros_stay():
    rng = np.random.default_rng(4)
    pi, A, B = random_model(rng)
    A[0, 1], B[1, 2] = 0, 0
    A, B = A / A.sum(axis=1, keepdims=True), B / B.sum(axis=1, keepdims=True)
    Xs = [rng.integers(0, 4, size=40) for _ in range(3)]
    fitted = hmm.CategoricalHMM(3, 4, init=(pi, A, B), tol=1e-5).fit(Xs)
    assert np.diff(fitted.loglik_path_).min() > -1e-10 and fitted.converged_
    assert fitted.transmat_[0, 1] == 0 and fitted.emissionprob_[1, 2] == 0
    assert fitted.loglik_ == pytest.approx(fitted.score(Xs), abs=1e-9)
    assert fitted.n_iter_ == len(fitted.loglik_path_) - 1


def test_equal_rows_of_a_stationary_start_are_a_trap():
    even = np.full(3, 1 / 3)
    fitted = hmm.CategoricalHMM(3, 3, init=(even, np.full((3, 3), 1 / 3), np.full((3, 3), 1 / 3))).fit([SEEN])
    assert fitted.loglik_path_[0] == pytest.approx(-6.591673732, abs=1e-9)
    assert fitted.loglik_ == pytest.approx(-6.068425588, abs=1e-9)
    assert np.allclose(fitted.emissionprob_, [[1 / 2, 1 / 6, 1 / 3]] * 3) and np.allclose(fitted.transmat_, 1 / 3)


def test_the_prior_adds_to_the_counts_and_its_objective_never_falls():
    rng = np.random.default_rng(5)
    model = random_model(rng)
    Xs = [rng.integers(0, 4, size=5), rng.integers(0, 4, size=3)]
    plain, smoothed = one_round(model, Xs), one_round(model, Xs, prior=3.0)
    pi_counts = 2 * plain.startprob_ + 2
    assert np.allclose(smoothed.startprob_, pi_counts / pi_counts.sum(), atol=1e-13)
    long = hmm.CategoricalHMM(3, 4, init=model, prior=1.5, tol=1e-9).fit([rng.integers(0, 4, size=30)])
    assert np.diff(long.objective_path_).min() > -1e-10
    parts = long.startprob_, long.transmat_, long.emissionprob_
    assert long.objective_path_[-1] == pytest.approx(long.loglik_ + 0.5 * sum(np.log(p).sum() for p in parts), abs=1e-9)


def test_relabelled_symbols_and_states_change_nothing_else():
    rng = np.random.default_rng(6)
    pi, A, B = random_model(rng)
    X = rng.integers(0, 4, size=60)
    there, names = np.array([2, 0, 1]), np.array([3, 1, 0, 2])
    renamed = np.empty_like(B)
    renamed[:, names] = B
    one = hmm.CategoricalHMM(3, 4, init=(pi, A, B), tol=1e-7).fit([X])
    two = hmm.CategoricalHMM(3, 4, init=(pi[there], A[there][:, there], renamed[there]), tol=1e-7).fit([names[X]])
    assert two.loglik_ == pytest.approx(one.loglik_, abs=1e-8)
    assert np.allclose(two.transmat_, one.transmat_[there][:, there], atol=1e-8)


def test_earthquakes_with_a_free_start():
    ends = {2: -341.878701, 3: -328.527483}
    for N, end in ends.items():
        fitted = hmm.PoissonHMM(N, n_init=4, tol=1e-9, random_state=15).fit([QUAKES])
        assert fitted.loglik_ == pytest.approx(end, abs=2e-5)
        assert sorted(np.round(fitted.startprob_, 6)) == [0] * (N - 1) + [1]
        order = np.argsort(fitted.rates_)
        if N == 2:
            assert np.allclose(fitted.rates_[order], [15.4207619, 26.0182357], atol=1e-3)
            path = fitted.predict([QUAKES])[0]
            assert list(1900 + np.flatnonzero(np.diff(path)) + 1) == [1905, 1919, 1934, 1952, 1957, 1958, 1968, 1977]
        else:
            assert np.allclose(fitted.rates_[order], [13.1337617, 19.7131641, 29.7097233], atol=1e-3)
    alone = hmm.PoissonHMM(1).fit([QUAKES])
    assert alone.loglik_ == pytest.approx(-391.918928, abs=1e-6) and alone.rates_[0] == pytest.approx(QUAKES.mean())


def test_earthquakes_with_a_stationary_start_agree_with_the_published_likelihoods():
    for N, rates, published in ((2, [15, 26], 342.3183), (3, [13, 20, 30], 329.4603)):

        def minus(v, N=N):
            A = np.exp(np.c_[v[N:].reshape(N, N - 1), np.zeros(N)])
            A /= A.sum(axis=1, keepdims=True)
            lik = np.exp(hmm.PoissonHMM._log_lik(QUAKES, np.exp(v[:N])))
            return -np.log(hmm.forward_scaled(np.linalg.solve((np.eye(N) - A + 1).T, np.ones(N)), A, lik)[1]).sum()

        start = np.r_[np.log(rates), np.zeros(N * (N - 1))]
        assert minimize(minus, start, method="BFGS").fun == pytest.approx(published, abs=5e-4)


def test_counts_of_one_state_and_of_none():
    rng = np.random.default_rng(7)
    X = rng.poisson(3.0, size=50)
    assert hmm.PoissonHMM(1).fit([X, X[:7]]).rates_[0] == pytest.approx(np.r_[X, X[:7]].mean())
    flat = hmm.PoissonHMM(3, tol=1e-6).fit([np.zeros(6, dtype=int)])
    assert flat.loglik_ == pytest.approx(0) and np.allclose(flat.rates_, 0)
    equal = hmm.PoissonHMM(2, tol=1e-6).fit([np.full(9, 4)])
    assert np.allclose(equal.rates_, 4)


def test_one_observation_and_unused_states():
    fitted = hmm.CategoricalHMM(2, 3, max_iter=200).fit([np.array([1])])
    assert fitted.loglik_ == pytest.approx(0, abs=1e-6)
    assert np.allclose(fitted.transmat_.sum(axis=1), 1)
    model = np.array([1.0, 0]), np.eye(2), np.array([[0.5, 0.5], [0.9, 0.1]])
    stuck = one_round(model, [np.array([0, 1, 1, 1])])
    assert np.allclose(stuck.emissionprob_, [[0.25, 0.75], [0.9, 0.1]]) and np.allclose(stuck.transmat_, np.eye(2))


def test_more_states_than_data_and_repeated_sequences():
    X = np.array([0, 1, 1])
    wide = hmm.CategoricalHMM(6, 2, n_init=2, tol=1e-6).fit([X])
    assert wide.loglik_ == pytest.approx(0, abs=1e-3)
    model = random_model(np.random.default_rng(8))
    once, thrice = one_round(model, [SEEN]), one_round(model, [SEEN] * 3)
    assert np.allclose(once.transmat_, thrice.transmat_, atol=1e-14)
    assert thrice.loglik_ == pytest.approx(3 * once.loglik_, rel=1e-12)


def test_where_scaled_numbers_would_vanish_the_logarithms_take_over():
    # the state that all the evidence speaks for is reached with probability 1e-200, and 1e-300 twice
    pi, A = np.array([1.0, 0.0]), np.array([[1.0, 1e-200], [0.0, 1.0]])
    B = np.array([[1.0, 1e-250], [1e-3, 1.0]])
    B /= B.sum(axis=1, keepdims=True)
    model = hmm.CategoricalHMM(2, 2, init=(pi, A, B), max_iter=1)
    X = np.array([0, 0, 1, 1, 1, 1])
    fitted = one_round((pi, A, B), [X])
    expected = enumerated_log(pi, A, B, X)
    assert fitted.loglik_path_[0] == pytest.approx(expected, rel=1e-12) and expected < -400
    assert clone(model).get_params()["n_states"] == 2


@pytest.mark.parametrize("where", ["nowhere", "start", "step", "look", "filter"])
def test_scaled_numbers_are_used_where_nothing_is_near_to_vanishing_and_only_there(where):
    tiny = 1e-120
    pi = np.array([1.0, tiny if where == "start" else 0.3])
    A = np.array([[1.0, tiny if where == "step" else 1e-60 if where == "filter" else 0.3], [0.3, 0.7]])
    B = np.array([[1.0, 0.4], [tiny if where == "look" else 1e-60 if where == "filter" else 0.3, 0.7]])
    model = tuple(p / p.sum(axis=-1, keepdims=True) for p in (pi, A, B))
    X = np.array([1, 0, 0, 1, 1])
    done = hmm._filtered(*model[:2], log(model[2].T)[X][:, None])
    assert (done is not None) == (where == "nowhere")
    ours = hmm.CategoricalHMM(2, 2)
    ours.startprob_, ours.transmat_, ours.emissionprob_ = model
    assert ours.score([X]) == pytest.approx(enumerated_log(*model, X), abs=1e-11)
    gamma = ours.predict_proba([X, X])[1]
    assert np.allclose(gamma, hmm.posteriors(*map(log, (*model[:2], model[2].T[X])))[0], atol=1e-12)


def enumerated_log(pi, A, B, X):
    scores = []
    for p in product(range(len(pi)), repeat=len(X)):
        s = log(pi[p[0]]) + log(B[p[0], X[0]])
        scores.append(s + sum(log(A[p[t - 1], p[t]]) + log(B[p[t], X[t]]) for t in range(1, len(X))))
    return np.logaddexp.reduce(scores)


def test_huge_counts_and_a_state_out_of_reach():
    X = np.array([10**9, 10**9 + 5, 2 * 10**9, 2 * 10**9 + 7])
    fitted = hmm.PoissonHMM(2, init=(np.array([0.5, 0.5]), np.full((2, 2), 0.5), np.array([1e9, 2e9])), tol=1e-6).fit(
        [X]
    )
    assert list(fitted.predict([X])[0]) == [0, 0, 1, 1] and np.allclose(fitted.rates_, [1e9 + 2.5, 2e9 + 3.5])
    chain = hmm.CategoricalHMM(
        3,
        2,
        init=(
            np.array([1.0, 0, 0]),
            np.array([[0.5, 0.5, 0], [0, 1.0, 0], [0, 0, 1.0]]),
            np.array([[0.5, 0.5], [0.2, 0.8], [1.0, 0]]),
        ),
        tol=1e-6,
    )
    seen = np.array([0] * 2 + [1] * 3000)
    gamma = chain.fit([seen]).predict_proba([seen])[0]
    assert np.all(gamma[:, 2] == 0) and np.allclose(gamma.sum(axis=1), 1)


def test_paths_scores_and_draws():
    pi, A, B = WEATHER
    model = hmm.CategoricalHMM(3, 3, init=(pi, A, B), n_init=1)
    model.startprob_, model.transmat_, model.emissionprob_ = pi, A, B
    X, z = model.sample(20_000, 15)
    counts = np.zeros((3, 3))
    np.add.at(counts, (z[:-1], z[1:]), 1)
    error = np.sqrt(A * (1 - A) / counts.sum(axis=1, keepdims=True))
    assert np.all(np.abs(counts / counts.sum(axis=1, keepdims=True) - A) < 4 * error)
    shares = np.array([np.bincount(X[z == i], minlength=3) / np.sum(z == i) for i in range(3)])
    assert np.all(np.abs(shares - B) < 4 * np.sqrt(B * (1 - B) / np.bincount(z)[:, None]))
    assert np.array_equal(model.sample(9, 1)[0], model.sample(9, 1)[0])
    assert np.allclose(
        model.score_samples([SEEN, SEEN[:2]]), [-6.438262210050, np.log(0.46 * 0.50869565217391)], atol=1e-9
    )
    assert list(model.predict([SEEN], method="marginal")[0]) == [0, 0, 1, 1, 2, 0]
    assert [len(p) for p in model.predict([SEEN, SEEN[:2], SEEN[:1]])] == [6, 2, 1]
    assert [g.shape for g in model.predict_proba([SEEN, SEEN[:1]])] == [(6, 3), (1, 3)]
    counted = hmm.PoissonHMM(2)
    counted.startprob_, counted.transmat_, counted.rates_ = np.array([1.0, 0]), np.eye(2), np.array([3.0, 50])
    X, z = counted.sample(4000, 0)
    assert not z.any() and X.mean() == pytest.approx(3, abs=4 * np.sqrt(3 / 4000))


def test_impossible_sequences():
    model = hmm.CategoricalHMM(2, 2)
    model.startprob_, model.transmat_, model.emissionprob_ = np.array([1.0, 0]), np.eye(2), np.eye(2)
    assert model.score([np.array([0, 1])]) == -np.inf
    for call in (model.predict, model.predict_proba):
        with pytest.raises(ValueError, match="observation sequence has probability zero"):
            call([np.array([0, 1])])
    with pytest.raises(ValueError, match="probability zero"):
        hmm.CategoricalHMM(2, 2, init=(np.array([1.0, 0]), np.eye(2), np.eye(2))).fit([np.array([0, 1])])
    with pytest.raises(ValueError, match="probability zero"):
        hmm.forward_scaled([1.0, 0], np.eye(2), [[1.0, 0], [0, 1.0]])


def test_the_warning_stands_at_the_caller_and_comes_once():
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        hmm.PoissonHMM(2, n_init=3, max_iter=2).fit([QUAKES])
    assert len(seen) == 1 and seen[0].filename == __file__ and "did not converge in 2 rounds" in str(seen[0].message)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: hmm.forward_log([0.0], np.zeros((2, 2)), np.zeros((3, 2))), r"log_pi must be of shape \(2,\)"),
        (lambda: hmm.forward_log([0.0, 0], np.zeros((2, 3)), np.zeros((3, 2))), r"log_A must be of shape \(2, 2\) or"),
        (lambda: hmm.forward_log([0.0, 0], np.zeros((4, 2, 2)), np.zeros((3, 2))), "log_A must be of shape"),
        (lambda: hmm.forward_log([0.0, 0], np.zeros((2, 2)), np.zeros(3)), "log_lik must be of shape"),
        (lambda: hmm.viterbi([0.0, 0], np.zeros((2, 2)), np.zeros((0, 2))), "log_lik must be of shape"),
        (lambda: hmm.viterbi([0.0, np.nan], np.zeros((2, 2)), np.zeros((1, 2))), "log_pi must hold real numbers"),
        (lambda: hmm.backward_log(np.full((2, 2), np.inf), np.zeros((1, 2))), "log_A must hold real numbers"),
        (lambda: hmm.posterior_decode([0.5, 0.5]), r"gamma must be finite, of shape \(T, N\)"),
        (lambda: hmm.posterior_decode([[0.5, np.nan]]), "gamma must be finite"),
        (lambda: hmm.forward_scaled([0.5, 0.6], np.eye(2), np.ones((1, 2))), "pi must be non-negative and sum to 1"),
        (lambda: hmm.forward_scaled([0.5, 0.5], np.ones((2, 2)), np.ones((1, 2))), "rows of A must be non-negative"),
        (lambda: hmm.forward_scaled([0.5, 0.5], [[1.5, -0.5], [0, 1]], np.ones((1, 2))), "rows of A must be non-neg"),
        (lambda: hmm.forward_scaled([0.5, 0.5], np.eye(3), np.ones((1, 2))), r"A must be of shape \(2, 2\)"),
        (lambda: hmm.forward_scaled([0.5, 0.5], np.eye(2), -np.ones((1, 2))), "lik must be finite and non-negative"),
        (lambda: hmm.backward_scaled(np.eye(2), np.ones((2, 2)), [1.0, 0.0]), "c must hold 2 positive numbers"),
        (lambda: hmm.backward_scaled(np.eye(2), np.ones((2, 2)), [1.0]), "c must hold 2 positive numbers"),
        (lambda: hmm.CategoricalHMM(2).fit(SEEN), "Xs must be a list of sequences"),
        (lambda: hmm.CategoricalHMM(2).fit([]), "Xs must be a list of sequences"),
        (lambda: hmm.CategoricalHMM(2).fit([[]]), "a sequence must be 1-dimensional and non-empty"),
        (lambda: hmm.CategoricalHMM(2).fit([[[0, 1]]]), "a sequence must be 1-dimensional"),
        (lambda: hmm.CategoricalHMM(2).fit([[0, -1]]), "symbols must be non-negative integers"),
        (lambda: hmm.CategoricalHMM(2).fit([[0, 0.5]]), "symbols must be non-negative integers"),
        (lambda: hmm.CategoricalHMM(2).fit([["a"]]), "symbols must be non-negative integers"),
        (lambda: hmm.CategoricalHMM(2, 2).fit([[0, 2]]), "symbol out of range: got 2, symbols are 0 to 1"),
        (
            lambda: hmm.CategoricalHMM(2, n_init=2, max_iter=400, tol=1e-4).fit([[0, 1]]).predict([[2]]),
            "symbol out of range: got 2",
        ),
        (lambda: hmm.CategoricalHMM(0).fit([[0]]), "n_states must be at least 1"),
        (lambda: hmm.CategoricalHMM(2, prior=0.5).fit([[0]]), "prior must be at least 1"),
        (lambda: hmm.CategoricalHMM(2, init="best").fit([[0]]), "init must be random or a model"),
        (lambda: hmm.CategoricalHMM(2, init=(1, 2)).fit([[0]]), "init must be random or a model"),
        (lambda: hmm.CategoricalHMM(1, 2, init=([1.0], [[1.0]], [[0.5, 0.4]])).fit([[0]]), "rows of emissionprob must"),
        (lambda: hmm.CategoricalHMM(1, 2, init=([1.0], [[0.9]], [[0.5, 0.5]])).fit([[0]]), "rows of transmat must"),
        (lambda: hmm.CategoricalHMM(1, max_iter=0).fit([[0]]), "max_iter must be at least 1"),
        (lambda: hmm.CategoricalHMM(1, tol=-1).fit([[0]]), "tol must be non-negative"),
        (lambda: hmm.CategoricalHMM(1, random_state=None).fit([[0]]), "random_state must be an integer"),
        (lambda: hmm.PoissonHMM(1).fit([[1.5]]), "counts must be non-negative integers"),
        (lambda: hmm.PoissonHMM(1).fit([[np.nan]]), "counts must be non-negative integers"),
        (lambda: hmm.PoissonHMM(1).fit([[1e20, 2e20]]), r"counts must be below 2\*\*63"),
        (lambda: hmm.PoissonHMM(1, init=([1.0], [[1.0]], [-1.0])).fit([[1]]), "rates must be 1 non-negative numbers"),
        (lambda: hmm.PoissonHMM(1).predict([[1]]), "PoissonHMM is not fitted"),
        (lambda: hmm.PoissonHMM(1).fit([[1, 2]]).predict([[1]], method="best"), "method must be viterbi or marginal"),
        (lambda: hmm.PoissonHMM(1).fit([[1, 2]]).sample(0, 1), "T must be at least 1"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()


if sys.version_info < (3, 14):  # the reference has no wheels beyond
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from hmmlearn.hmm import CategoricalHMM as TheirCategorical
        from hmmlearn.hmm import PoissonHMM as TheirPoisson

    def theirs(kind, model, name, rounds=1):
        made = kind(
            len(model[0]),
            init_params="",
            params="ste" if name == "emissionprob_" else "stl",
            n_iter=rounds,
            tol=-np.inf,
        )
        made.startprob_, made.transmat_ = model[0], model[1]
        setattr(made, name, model[2])
        return made

    def weights(model, X, path):
        pi, A, B = map(np.log, model)
        return pi[path[0]] + A[path[:-1], path[1:]].sum() + B[path, X].sum()

    def test_symbols_against_hmmlearn():
        rng = np.random.default_rng(9)
        for _ in range(20):
            model = random_model(rng)
            Xs = [rng.integers(0, 4, size=T) for T in (30, 7, 1)]
            other = theirs(TheirCategorical, model, "emissionprob_")
            ours = hmm.CategoricalHMM(3, 4)
            ours.startprob_, ours.transmat_, ours.emissionprob_ = model
            flat, lengths = np.concatenate(Xs)[:, None], [len(X) for X in Xs]
            assert ours.score(Xs) == pytest.approx(other.score(flat, lengths), abs=1e-10)
            score, path = other.decode(flat, lengths)
            paths = np.split(path, np.cumsum(lengths)[:-1])
            assert sum(weights(model, X, p) for X, p in zip(Xs, paths, strict=True)) == pytest.approx(score, abs=1e-10)
            found = sum(weights(model, X, p) for X, p in zip(Xs, ours.predict(Xs), strict=True))
            assert found == pytest.approx(score, abs=1e-10)  # paths that are equally probable may differ
            assert np.allclose(np.concatenate(ours.predict_proba(Xs)), other.predict_proba(flat, lengths), atol=1e-10)
            other.fit(flat, lengths)
            fitted = one_round(model, Xs)
            assert np.allclose(fitted.startprob_, other.startprob_, atol=1e-10)
            assert np.allclose(fitted.transmat_, other.transmat_, atol=1e-10)
            assert np.allclose(fitted.emissionprob_, other.emissionprob_, atol=1e-10)

    def test_counts_against_hmmlearn():
        model = np.array([0.4, 0.3, 0.3]), np.full((3, 3), 0.1) + 0.7 * np.eye(3), np.array([12.0, 20, 30])
        other = theirs(TheirPoisson, (*model[:2], model[2][:, None]), "lambdas_", 25)
        other.fit(QUAKES[:, None])
        ours = hmm.PoissonHMM(3, init=model, max_iter=25, tol=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ours.fit([QUAKES])
        assert np.allclose(ours.transmat_, other.transmat_, atol=1e-9)
        assert np.allclose(ours.rates_, other.lambdas_[:, 0], rtol=1e-9)
        assert ours.score([QUAKES]) == pytest.approx(other.score(QUAKES[:, None]), abs=1e-8)
