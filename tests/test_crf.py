"""Conditional random fields against enumeration, autograd, python-crfsuite and scikit-learn, on hard data too."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.linear_model import LogisticRegression

from mlderived import crf, hmm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import autograd
    import autograd.numpy as anp
    import pycrfsuite

examples = settings(deadline=None, derandomize=True, max_examples=20)
NAN, INF = np.nan, np.inf

# Four places, three labels: the numbers were computed twice, by enumeration.
TOY = (
    np.array([(1, 0, 0.5), (0, 2, 0.5), (0.5, 0.5, 1), (1, 0, 0)]),
    np.array([(0.5, 1, -1), (0, 0.5, 1), (1, -0.5, 0)]),
)
# WILL MAY WAIT: labels O and N.
TELEGRAM = np.log([[1, 2], [1, 1], [4, 1]]), np.log([[3, 1], [1, 3]])


def drawn(seed, T=5, L=3, moving=False, holes=0.0):
    rng = np.random.default_rng(seed)
    U, W = rng.normal(0, 2, (T, L)), rng.normal(0, 2, (T - 1, L, L) if moving else (L, L))
    if holes:
        keep = np.zeros(T, dtype=int)  # label 0 throughout stays possible
        U[(rng.random(U.shape) < holes) & (np.arange(L) != 0)] = -INF
        W[..., (rng.random((L, L)) < holes) & (np.arange(L * L).reshape(L, L) != 0)] = -INF
        assert np.isfinite(crf.path_score(U, W, keep))
    return U, W


def tables(U, W):
    """log Z, marginals and pair marginals, by listing."""
    paths, scores = crf.brute_force(U, W)
    top = scores.max()
    p = np.exp(scores - top)
    log_Z = top + np.log(p.sum())
    p /= p.sum()
    T, L = U.shape
    unary, pair = np.zeros((T, L)), np.zeros((T - 1, L, L))
    for y, prob in zip(paths, p, strict=True):
        unary[np.arange(T), y] += prob
        pair[np.arange(T - 1), y[:-1], y[1:]] += prob
    return log_Z, unary, pair, paths, scores, p


CHAINS = [
    TOY,
    TELEGRAM,
    drawn(0),
    drawn(1, 6, 2),
    drawn(2, 4, 4, moving=True),
    drawn(3, 1, 5),
    drawn(4, 5, 1),
    drawn(5, 5, 3, holes=0.3),
    drawn(6, 6, 3, moving=True, holes=0.3),
    (np.zeros((3, 2)), np.zeros((2, 2))),
]


@pytest.mark.parametrize("chain", CHAINS, ids=range(len(CHAINS)))
def test_the_recursions_find_what_listing_finds(chain):
    U, W = chain
    T = len(U)
    log_Z, unary, pair, paths, scores, p = tables(U, W)
    ours = crf.marginals(U, W)
    np.testing.assert_allclose(ours[0], log_Z, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(ours[1], unary, atol=1e-12)
    np.testing.assert_allclose(ours[2], pair, atol=1e-12)
    assert ours[2].shape == (T - 1, U.shape[1], U.shape[1])
    path, score = crf.viterbi(U, W)
    assert score == pytest.approx(scores.max(), abs=1e-12)
    assert crf.path_score(U, W, path) == pytest.approx(score, abs=1e-12)
    assert [crf.path_score(U, W, y) for y in paths[:40]] == pytest.approx(list(scores[:40]))
    seen = p[p > 0]
    assert crf.entropy(U, W) == pytest.approx(-np.sum(seen * np.log(seen)), abs=1e-10)
    log_alpha, total = crf.forward_log(U, W)
    assert total == ours[0]
    constant = hmm._lse(log_alpha + crf.backward_log(U, W), 1)
    np.testing.assert_allclose(constant, log_Z, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("chain", CHAINS, ids=range(len(CHAINS)))
def test_a_chain_is_a_markov_chain_that_looks_ahead(chain):
    U, W = chain
    T = len(U)
    first, steps = crf.local_form(U, W)
    *_, paths, _, p = tables(U, W)
    ours = first[paths[:, 0]] * np.prod(steps[np.arange(T - 1), paths[:, :-1], paths[:, 1:]], axis=1)
    np.testing.assert_allclose(ours, p, atol=1e-12)
    assert first.sum() == pytest.approx(1)
    rows = steps.sum(axis=2)
    assert np.all(np.isclose(rows, 1) | (rows == 0))
    reached = crf.marginals(U, W)[1][:-1] > 0
    np.testing.assert_allclose(rows[reached], 1)


def test_the_toy_of_four_places():
    log_Z, unary, pair = crf.marginals(*TOY)
    assert log_Z == pytest.approx(9.044765133118, abs=1e-11)
    np.testing.assert_allclose(unary[0], [0.677904, 0.183036, 0.139059], atol=1e-6)
    np.testing.assert_allclose(unary[3], [0.689340, 0.151932, 0.158729], atol=1e-6)
    np.testing.assert_allclose(pair.sum(axis=0)[1], [0.198280, 0.359391, 0.698225], atol=1e-6)
    path, score = crf.viterbi(*TOY)
    assert (path.tolist(), score) == ([0, 1, 2, 0], pytest.approx(8.0))
    assert crf.entropy(*TOY) == pytest.approx(2.882327385251, abs=1e-11)


def test_the_telegram_has_the_weights_of_the_page():
    paths, scores = crf.brute_force(*TELEGRAM)
    np.testing.assert_allclose(np.exp(scores), [36, 3, 4, 3, 24, 2, 24, 18], rtol=1e-12)
    log_alpha, log_Z = crf.forward_log(*TELEGRAM)
    np.testing.assert_allclose(np.exp(log_alpha), [[1, 2], [5, 7], [88, 26]], rtol=1e-12)
    np.testing.assert_allclose(np.exp(crf.backward_log(*TELEGRAM)), [[46, 34], [13, 7], [1, 1]], rtol=1e-12)
    assert np.exp(log_Z) == pytest.approx(114)
    assert paths[0].tolist() == [0, 0, 0]


def test_autograd_of_log_Z_gives_marginals_and_covariances():
    U, W = drawn(7, 4, 3)

    def log_Z(v):
        s, w = anp.reshape(v[:12], (4, 3)), anp.reshape(v[12:], (3, 3))
        a = s[0]
        for t in range(1, 4):
            z = a[:, None] + w
            a = s[t] + anp.log(anp.sum(anp.exp(z), axis=0))
        return anp.log(anp.sum(anp.exp(a)))

    v = np.r_[U.ravel(), W.ravel()]
    _, unary, pair = crf.marginals(U, W)
    np.testing.assert_allclose(autograd.grad(log_Z)(v), np.r_[unary.ravel(), pair.sum(axis=0).ravel()], atol=1e-12)
    *_, paths, _, p = tables(U, W)
    F = np.array(
        [
            np.r_[np.eye(3)[y].ravel(), sum(np.outer(np.eye(3)[a], np.eye(3)[b]) for a, b in pairwise(y)).ravel()]
            for y in paths
        ]
    )
    mean = p @ F
    np.testing.assert_allclose(autograd.hessian(log_Z)(v), (F - mean).T * p @ (F - mean), atol=1e-11)


def ragged(seed, N=7, d=4, L=3, longest=6):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, longest + 1, N)
    return [rng.standard_normal((T, d)) for T in lengths], [rng.integers(L, size=T) for T in lengths]


@pytest.mark.parametrize("seed", range(4))
def test_objective_and_gradient_of_ragged_sequences(seed):
    rng = np.random.default_rng(seed)
    Xs, ys = ragged(seed)
    V, W, lam = rng.standard_normal((4, 3)), rng.standard_normal((3, 3)), 0.7
    value, dV, dW = crf.nll_and_grad(V, W, Xs, ys, lam)
    by_hand = lam / 2 * (np.sum(V**2) + np.sum(W**2))
    for X, y in zip(Xs, ys, strict=True):
        by_hand += tables(X @ V, W)[0] - crf.path_score(X @ V, W, y)
    assert value == pytest.approx(by_hand, rel=1e-12)
    for grad, of in ((dV, 0), (dW, 1)):
        for index in np.ndindex(grad.shape):
            step = [np.zeros_like(V), np.zeros_like(W)]
            step[of][index] = 1e-6
            up, down = (crf.nll_and_grad(V + s * step[0], W + s * step[1], Xs, ys, lam)[0] for s in (1, -1))
            assert grad[index] == pytest.approx((up - down) / 2e-6, abs=1e-7)


@examples
@given(st.integers(0, 10**6))
def test_what_changes_nothing_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    T, L = int(rng.integers(2, 6)), int(rng.integers(2, 4))
    U, W = drawn(seed, T, L)
    log_Z, unary, pair = crf.marginals(U, W)
    c, a, b = rng.normal(0, 5, T), rng.normal(0, 5, L), rng.normal(0, 5, L)
    other = U + c[:, None]
    other[:-1] += a
    other[1:] += b
    moved, unary2, pair2 = crf.marginals(other, W - a[:, None] - b + 0.5)
    assert moved == pytest.approx(log_Z + c.sum() + 0.5 * (T - 1), abs=1e-10)
    np.testing.assert_allclose(unary2, unary, atol=1e-11)
    np.testing.assert_allclose(pair2, pair, atol=1e-11)
    back = crf.marginals(U[::-1], W.T)
    np.testing.assert_allclose(back[1], unary[::-1], atol=1e-11)
    order = rng.permutation(L)
    np.testing.assert_allclose(crf.marginals(U[:, order], W[np.ix_(order, order)])[1], unary[:, order], atol=1e-11)


def test_large_scores_and_long_chains_stay_finite():
    U, W = TOY
    log_Z, unary, _ = crf.marginals(1000 * U, 1000 * W)
    assert log_Z == pytest.approx(8000.0)
    np.testing.assert_allclose(unary, np.eye(3)[[0, 1, 2, 0]], atol=1e-12)
    assert crf.marginals(U - 5000.0, W)[0] == pytest.approx(9.044765133118 - 20000)
    rng = np.random.default_rng(0)
    long, step = rng.normal(0, 3, (3000, 4)), rng.normal(0, 3, (4, 4))
    log_Z, unary, pair = crf.marginals(long, step)
    assert log_Z > 5000
    np.testing.assert_allclose(unary.sum(axis=1), 1, rtol=1e-9)
    np.testing.assert_allclose(pair.sum(axis=2), unary[:-1], atol=1e-9)


@pytest.mark.parametrize("shift", [1e6, 1e12, 1e16, -1e16])
def test_a_shift_of_all_scores_changes_no_probability(shift):
    U, W = np.zeros((3, 2)) + shift, np.zeros((2, 2)) - shift
    assert crf.entropy(U, W) == pytest.approx(3 * np.log(2), rel=1e-14)
    for part, shares in zip(crf.marginals(U, W)[1:], (0.5, 0.25), strict=True):
        np.testing.assert_allclose(part, shares, rtol=1e-14)
    np.testing.assert_allclose(crf.local_form(U, W)[1], 0.5, rtol=1e-14)
    assert crf.forward_log(U, W)[1] == pytest.approx(shift + 3 * np.log(2), rel=1e-14)


def test_ties_fall_to_one_path_whatever_the_rounding():
    U, W = np.log([[0.1, 0.1], [0.3, 0.3], [0.7, 0.7]]), np.log([[0.2, 0.2], [0.2, 0.2]])
    assert crf.viterbi(U, W)[0].tolist() == [0, 0, 0]
    model = crf.LinearChainCRF(lam=1.0).fit([np.ones((2, 1)), np.ones((2, 1))], [[0, 1], [1, 0]])
    assert model.predict([np.ones((4, 1))], "marginal")[0].tolist() == [0, 0, 0, 0]


def test_drawn_labellings_follow_the_law():
    U, W = TELEGRAM
    paths = crf.sample_paths(U, W, 20_000, random_state=3)
    shares = np.bincount(paths @ [4, 2, 1], minlength=8) / 20_000
    expected = np.array([36, 3, 4, 3, 24, 2, 24, 18]) / 114
    assert np.all(np.abs(shares - expected) < 4 * np.sqrt(expected / 20_000))
    U, W = drawn(5, 5, 3, holes=0.3)
    assert all(np.isfinite(crf.path_score(U, W, y)) for y in crf.sample_paths(U, W, 300))
    again = crf.sample_paths(U, W, 5, random_state=np.random.default_rng(8))
    np.testing.assert_array_equal(again, crf.sample_paths(U, W, 5, random_state=8))


def test_local_normalisation_does_not_look_ahead():
    U, W = TELEGRAM
    first, steps = crf.normalise_locally(U, W)
    assert crf.forward_log(first, steps)[1] == pytest.approx(0, abs=1e-12)
    *_, p = tables(first, steps)
    np.testing.assert_allclose(p, [3 / 13, 1 / 52, 1 / 21, 1 / 28, 2 / 13, 1 / 78, 2 / 7, 3 / 14], rtol=1e-12)
    other = np.array([*U[:2], [-5.0, 3.0]])
    before, after = (
        [crf.marginals(*local)[1][:2] for local in (crf.normalise_locally(V, W), (V, W))] for V in (U, other)
    )
    np.testing.assert_allclose(before[0], after[0], atol=1e-12)
    assert np.abs(before[1] - after[1]).max() > 0.1
    assert crf.viterbi(first, steps)[0].tolist() == [1, 1, 0] and crf.viterbi(U, W)[0].tolist() == [0, 0, 0]
    np.testing.assert_allclose(np.exp(first[0]), np.exp(U[0]) / np.exp(U[0]).sum())
    wide = crf.normalise_locally(np.full((2, 2), 1e308), np.full((2, 2), 1e308))
    np.testing.assert_allclose(np.exp(crf.path_score(*wide, [0, 1])), 0.25)
    one, none = crf.normalise_locally(U[:1], W)
    assert none.shape == (0, 2, 2) and np.exp(one).sum() == pytest.approx(1)


def test_the_posterior_of_an_hmm():
    rng = np.random.default_rng(9)
    pi, A, lik = rng.dirichlet(np.ones(3)), rng.dirichlet(np.ones(3), 3), rng.gamma(1, size=(5, 3))
    A[0] = [0.4, 0.6, 0.0]
    U, W = crf.hmm_to_crf(pi, A, lik)
    assert W[0, 2] == -INF
    with np.errstate(divide="ignore"):
        _, total = hmm.forward_log(np.log(pi), np.log(A), np.log(lik))
    log_Z, unary, _ = crf.marginals(U, W)
    assert log_Z == pytest.approx(total, abs=1e-12)
    alpha, beta = [pi * lik[0]], [np.ones(3)]
    for t in range(1, 5):
        alpha.append(lik[t] * (alpha[-1] @ A))
        beta.insert(0, A @ (lik[5 - t] * beta[0]))
    gamma = np.array(alpha) * np.array(beta)
    np.testing.assert_allclose(unary, gamma / gamma.sum(axis=1, keepdims=True), rtol=1e-12)
    weather = crf.hmm_to_crf([0.5, 0.5], [[0.75, 0.25], [0.25, 0.75]], [[0.1, 0.2], [0.2, 0.2], [0.4, 0.1]])
    assert np.exp(crf.marginals(*weather)[0]) == pytest.approx(114 / 16000)


# Fits


BINARY = [("101", "011", "101"), ("001", "100", "001"), ("0110", "0011", "0011")]


def binary():
    """Four indicators, a = 0, a = 1, b = 0, b = 1, as rows; and as python-crfsuite reads them."""
    Xs, ys, words = [], [], []
    for a, b, y in BINARY:
        rows = [[float(f"{s}{v}" in (f"a{p}", f"b{q}")) for s in "ab" for v in "01"] for p, q in zip(a, b, strict=True)]
        Xs.append(np.array(rows))
        ys.append(np.array(list(y)))
        words.append([{f"a={p}": 1.0, f"b={q}": 1.0} for p, q in zip(a, b, strict=True)])
    return Xs, ys, words


def crfsuite(words, ys, lam, path, **more):
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params(
        {
            **{
                "c1": 0.0,
                "c2": lam / 2,
                "feature.possible_states": True,
                "feature.possible_transitions": True,
                "feature.minfreq": -1e9,
            },
            **{"epsilon": 1e-12, "delta": 1e-12, "max_iterations": 2000, **more},
        }
    )
    for xseq, yseq in zip(words, ys, strict=True):
        trainer.append(pycrfsuite.ItemSequence(xseq), [str(y) for y in yseq])
    trainer.train(str(path))
    tagger = pycrfsuite.Tagger()
    tagger.open(str(path))
    return tagger


def test_python_crfsuite_agrees_on_the_binary_toy(tmp_path):
    Xs, ys, words = binary()
    model = crf.LinearChainCRF(lam=1.0, tol=1e-9).fit(Xs, ys)
    assert model.loss_path_[-1] == pytest.approx(4.799953093, abs=1e-8)
    np.testing.assert_allclose(model.predict_proba(Xs)[2][:, 1], [0.141662, 0.561623, 0.746570, 0.478609], atol=1e-6)
    tagger = crfsuite(words, ys, 1.0, tmp_path / "toy")
    for X, y, xseq in zip(Xs, ys, words, strict=True):
        tagger.set(pycrfsuite.ItemSequence(xseq))
        theirs = [[tagger.marginal(c, t) for c in "01"] for t in range(len(X))]
        np.testing.assert_allclose(model.predict_proba([X])[0], theirs, atol=1e-6)
        U, W = model.scores([X])[0]
        ours = np.exp(crf.path_score(U, W, y.astype(int)) - crf.marginals(U, W)[0])
        assert ours == pytest.approx(tagger.probability(list(y)), abs=1e-6)
        assert model.predict([X])[0].tolist() == tagger.tag()


@pytest.mark.parametrize("lam", [0.3, 5.0])
def test_python_crfsuite_agrees_on_real_values_and_three_labels(lam, tmp_path):
    Xs, ys = ragged(11, N=25, d=5, L=3, longest=9)
    words = [[{f"f{j}": float(v) for j, v in enumerate(row)} for row in X] for X in Xs]
    tagger = crfsuite(words, ys, lam, tmp_path / "three")
    model = crf.LinearChainCRF(lam=lam, tol=1e-9).fit(Xs, ys)
    for X, xseq, p, path in zip(Xs, words, model.predict_proba(Xs), model.predict(Xs), strict=True):
        tagger.set(pycrfsuite.ItemSequence(xseq))
        theirs = [[tagger.marginal(c, t) for c in "012"] for t in range(len(X))]
        np.testing.assert_allclose(p, theirs, atol=1e-5)  # crfsuite keeps weights in some six digits
        assert [str(c) for c in path] == tagger.tag()


def test_sequences_of_length_one_are_softmax_regression():
    rng = np.random.default_rng(12)
    X = np.c_[rng.standard_normal((80, 3)), np.ones(80)]
    y = np.array(["a", "b", "c"])[np.argmax(X[:, :3] + rng.gumbel(size=(80, 3)), axis=1)]
    model = crf.LinearChainCRF(lam=0.8, tol=1e-9).fit([x[None] for x in X], [[c] for c in y])
    theirs = LogisticRegression(C=1 / 0.8, fit_intercept=False, tol=1e-9, max_iter=5000).fit(X, y)
    np.testing.assert_allclose(model.coef_.T, theirs.coef_, atol=1e-6)
    np.testing.assert_allclose(
        np.concatenate(model.predict_proba([x[None] for x in X])), theirs.predict_proba(X), atol=1e-6
    )
    np.testing.assert_array_equal(model.transitions_, 0)
    assert model.classes_.tolist() == ["a", "b", "c"]


def test_at_the_optimum_counts_differ_by_the_ridge():
    Xs, ys = ragged(13, N=20)
    model = crf.LinearChainCRF(lam=2.0, tol=1e-9).fit(Xs, ys)
    value, dV, dW = crf.nll_and_grad(model.coef_, model.transitions_, Xs, ys, 2.0)
    assert np.abs(dV).max() < 1e-6 and np.abs(dW).max() < 1e-6
    assert value == pytest.approx(model.loss_path_[-1])
    assert np.all(np.diff(model.loss_path_) <= 1e-12) and model.n_iter_ == len(model.loss_path_) - 1
    _, plain_V, plain_W = crf.nll_and_grad(model.coef_, model.transitions_, Xs, ys)
    np.testing.assert_allclose(-plain_V, 2 * model.coef_, atol=1e-6)
    np.testing.assert_allclose(-plain_W, 2 * model.transitions_, atol=1e-6)
    assert model.converged_ and repr(clone(model)) == "LinearChainCRF(lam=2.0, tol=1e-09)"


def test_the_order_of_sequences_and_copies_of_all_change_nothing():
    Xs, ys = ragged(14, N=12)
    one = crf.LinearChainCRF(lam=1.0, tol=1e-9).fit(Xs, ys)
    order = np.random.default_rng(0).permutation(12)
    for other in (
        crf.LinearChainCRF(lam=1.0, tol=1e-9).fit([Xs[k] for k in order], [ys[k] for k in order]),
        crf.LinearChainCRF(lam=2.0, tol=1e-9).fit(Xs + Xs, ys + ys),
        crf.LinearChainCRF(lam=1.0, tol=1e-9).fit([X[::-1] for X in Xs], [y[::-1] for y in ys]),
    ):
        W = other.transitions_
        np.testing.assert_allclose(other.coef_, one.coef_, atol=1e-6)
        assert min(np.abs(W - one.transitions_).max(), np.abs(W.T - one.transitions_).max()) < 1e-6


@pytest.mark.parametrize("unit", [1e9, 1e-9])
def test_units_do_not_matter_without_a_ridge(unit):
    Xs, ys = ragged(15, N=60, d=3, L=2)
    one = crf.LinearChainCRF(lam=0.0).fit(Xs, ys)
    other = crf.LinearChainCRF(lam=0.0).fit([X * [1, unit, 1] for X in Xs], ys)
    assert one.converged_ and other.converged_
    np.testing.assert_allclose(other.coef_ * [[1], [unit], [1]], one.coef_, atol=1e-5)


@pytest.mark.parametrize("shift", [1e3, 1e6, 1e9])
@pytest.mark.parametrize("lam", [0.0, 1.0])
def test_columns_far_from_zero_have_their_fit(shift, lam):
    Xs, ys = ragged(15, N=60, d=3, L=2)
    Xs = [np.c_[X, np.ones(len(X))] for X in Xs]
    far = [X + np.array([shift, -shift, shift, 0]) for X in Xs]
    model = crf.LinearChainCRF(lam=lam).fit(far, ys)
    assert model.converged_
    if not lam:  # the column of ones takes the shift, and no probability changes
        plain = crf.LinearChainCRF(lam=0.0).fit(Xs, ys)
        assert model.loss_path_[-1] == pytest.approx(plain.loss_path_[-1], rel=1e-7)
        for a, b in zip(model.predict_proba(far), plain.predict_proba(Xs), strict=True):
            np.testing.assert_allclose(a, b, atol=1e-5)
        return
    # So far off only weights with v₁ − v₂ + v₃ = 0 can be paid for: two coordinates and the ones remain.
    free = np.array([[1, 1, 0], [-1, 1, 2]]) / np.sqrt([[2], [6]])
    near = crf.LinearChainCRF(lam=lam).fit([np.c_[X[:, :3] @ free.T, X[:, 3]] for X in Xs], ys)
    few_digits = 30 / shift + 1e-5  # beside 1e9 the ridge, 1, keeps some six digits
    assert model.loss_path_[-1] == pytest.approx(near.loss_path_[-1], rel=few_digits)


@pytest.mark.parametrize("size", [1e200, 1e-200])
def test_columns_of_any_size_leak_no_warning(size):
    Xs, ys = ragged(15, N=10, d=3, L=2)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert crf.LinearChainCRF(lam=1.0).fit([X * size for X in Xs], ys).converged_


def test_more_features_than_rows():
    Xs, ys = ragged(15, N=6, d=60, L=3)
    model = crf.LinearChainCRF(lam=0.3, tol=1e-9).fit(Xs, ys)
    value, dV, dW = crf.nll_and_grad(model.coef_, model.transitions_, Xs, ys, 0.3)
    assert sum(map(len, Xs)) < 60 and np.abs(dV).max() < 1e-6 and np.abs(dW).max() < 1e-6
    assert value == pytest.approx(model.loss_path_[-1], rel=1e-12)


def test_a_feature_given_twice_splits_its_weight_without_a_ridge():
    Xs, ys = ragged(16, N=60, d=3, L=2)
    one = crf.LinearChainCRF(lam=0.0).fit(Xs, ys)
    two = crf.LinearChainCRF(lam=0.0).fit([np.c_[X, X[:, 0]] for X in Xs], ys)
    np.testing.assert_allclose(
        two.predict_proba([np.c_[X, X[:, 0]] for X in Xs])[0], one.predict_proba(Xs)[0], atol=1e-5
    )
    np.testing.assert_allclose(np.diff(two.coef_[0] + two.coef_[3]), np.diff(one.coef_[0]), atol=1e-5)


def test_zero_columns_single_rows_and_a_single_label():
    Xs, ys = ragged(17, N=5)
    zero = crf.LinearChainCRF(lam=0.5, tol=1e-9).fit([np.c_[X, np.zeros(len(X))] for X in Xs], ys)
    plain = crf.LinearChainCRF(lam=0.5, tol=1e-9).fit(Xs, ys)
    np.testing.assert_allclose(zero.coef_[:-1], plain.coef_, atol=1e-7)
    assert not zero.coef_[-1].any()
    bare = crf.LinearChainCRF(lam=0.0).fit([np.zeros((3, 1)), np.zeros((1, 1))] * 2, [[0, 1, 0], [1], [1, 1, 0], [0]])
    assert bare.converged_
    alone = crf.LinearChainCRF().fit([np.ones((3, 2))], [["x", "x", "x"]])
    assert alone.predict([np.ones((2, 2))])[0].tolist() == ["x", "x"] and alone.n_iter_ == 0
    np.testing.assert_allclose(alone.predict_proba([np.ones((2, 2))])[0], 1)


def test_separable_labels_have_no_maximum_and_the_warning_stands_at_the_callers_line():
    Xs, ys = [np.array([[1.0], [-1.0], [1.0]])], [[1, 0, 1]]
    with pytest.warns(RuntimeWarning, match="raise max_iter or tol, or lam") as caught:
        model = crf.LinearChainCRF(lam=0.0, max_iter=3).fit(Xs, ys)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert not model.converged_
    sizes = [np.abs(crf.LinearChainCRF(lam=lam).fit(Xs, ys).coef_).max() for lam in (1, 1e-2, 1e-4)]
    assert sizes[0] < sizes[1] < sizes[2]


def test_masks_hold_in_training_and_decoding():
    rng = np.random.default_rng(18)
    allowed = np.array([[1, 1, 0], [1, 1, 1], [1, 1, 1]], dtype=bool)  # O, B, I: no I after O
    start = np.array([True, True, False])
    ys = [np.array(y) for y in ([0, 1, 2, 2, 0], [1, 2, 0, 0, 1], [0, 0, 1, 1, 2], [1, 2, 2, 2, 0])]
    Xs = [np.eye(3)[y] + rng.normal(0, 1, (5, 3)) for y in ys]
    model = crf.LinearChainCRF(lam=0.5, transition_mask=allowed, start_mask=start).fit(Xs, ys)
    assert model.converged_ and model.transitions_[0, 2] == -INF and np.isfinite(model.transitions_[allowed]).all()
    noise = [rng.normal(0, 3, (6, 3)) for _ in range(60)]
    for path, p in zip(model.predict(noise), model.predict_proba(noise), strict=True):
        assert path[0] != 2 and allowed[path[:-1], path[1:]].all()
        assert p[0, 2] == 0
        np.testing.assert_allclose(p.sum(axis=1), 1)
    U, W = model.scores(noise[:1])[0]
    np.testing.assert_allclose(model.predict_proba(noise[:1])[0], tables(U, W)[1], atol=1e-12)
    free = crf.LinearChainCRF(lam=0.5).fit(Xs, ys)
    assert any(not allowed[path[:-1], path[1:]].all() or path[0] == 2 for path in free.predict(noise))
    with pytest.raises(ValueError, match="a label path is forbidden by the mask"):
        crf.LinearChainCRF(transition_mask=allowed).fit(Xs, [np.array([0, 2, 2, 2, 0]), *ys[1:]])
    with pytest.raises(ValueError, match="a label path is forbidden by the mask"):
        crf.LinearChainCRF(start_mask=start).fit(Xs, [np.array([2, 2, 1, 2, 0]), *ys[1:]])
    once = crf.LinearChainCRF(transition_mask=np.array([[False, True], [False, False]])).fit(
        [np.ones((2, 1))], [[0, 1]]
    )
    for method in ("predict", "predict_proba"):
        with pytest.raises(ValueError, match="all paths are forbidden"):
            getattr(once, method)([np.ones((3, 1))])


def test_score_counts_rows_and_marginals_choose_the_likeliest_label():
    Xs, ys = ragged(19, N=10)
    model = crf.LinearChainCRF(lam=1.0).fit(Xs, ys)
    paths = model.predict(Xs)
    right = sum(int(np.sum(a == b)) for a, b in zip(paths, ys, strict=True))
    assert model.score(Xs, ys) == pytest.approx(right / sum(map(len, ys)))
    for path, p in zip(model.predict(Xs, "marginal"), model.predict_proba(Xs), strict=True):
        np.testing.assert_array_equal(path, p.argmax(axis=1))
    for path, p, (U, W) in zip(paths, model.predict_proba(Xs), model.scores(Xs), strict=True):
        np.testing.assert_allclose(p, crf.marginals(U, W)[1], atol=1e-12)
        np.testing.assert_array_equal(path, crf.viterbi(U, W)[0])


# Bad input


ONE, TWO, NONE = [np.ones((2, 1))], [np.ones((2, 2))], np.zeros((2, 2))
V1, V2 = np.zeros((1, 2)), np.zeros((2, 2))


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: crf.marginals(np.zeros(3), np.zeros((3, 3))), r"U must have shape \(T, L\)"),
        (lambda: crf.marginals(np.zeros((2, 3)), np.zeros((2, 2))), r"W must have shape \(3, 3\) or \(1, 3, 3\): got"),
        (lambda: crf.marginals([[NAN, 0.0]], np.zeros((2, 2))), "U must hold real numbers or −∞"),
        (lambda: crf.viterbi(np.zeros((2, 2)), [[INF, 0], [0, 0]]), "W must hold real numbers or −∞"),
        (lambda: crf.forward_log(np.full((2, 2), -INF), np.zeros((2, 2))), "all paths are forbidden"),
        (lambda: crf.forward_log(np.full((2, 2), 1e308), np.zeros((2, 2))), "sums leave the range"),
        (lambda: crf.viterbi(np.full((2, 2), 1e308), np.zeros((2, 2))), "sums leave the range"),
        (lambda: crf.viterbi(np.zeros((2, 2)), np.full((2, 2), -INF)), "all paths are forbidden"),
        (lambda: crf.marginals(np.zeros((2, 2)), np.full((2, 2), -INF)), "all paths are forbidden"),
        (lambda: crf.brute_force(np.zeros((20, 2)), np.zeros((2, 2))), "at most 1,000,000 labellings: got 2"),
        (lambda: crf.path_score(*TOY, [0, 1]), "y must hold 4 integers from 0 to 2: got"),
        (lambda: crf.path_score(*TOY, [0, 1, 2, 3]), "y must hold 4 integers"),
        (lambda: crf.path_score(*TOY, [0.0, 1, 2, 0]), "y must hold 4 integers"),
        (lambda: crf.sample_paths(*TOY, 0), "size must be"),
        (lambda: crf.sample_paths(*TOY, 3, random_state=-1), "random_state"),
        (lambda: crf.normalise_locally(np.zeros((2, 2)), [[0, 0], [-INF, -INF]]), "each label must have a successor"),
        (lambda: crf.hmm_to_crf([0.5, 0.5], np.eye(3), np.ones((2, 2))), "must have shapes"),
        (lambda: crf.hmm_to_crf([0.5, 0.4], np.eye(2), np.ones((2, 2))), "pi must hold probabilities of sum one"),
        (lambda: crf.hmm_to_crf([0.5, 0.5], np.ones((2, 2)), np.ones((2, 2))), "A must hold probabilities of sum one"),
        (lambda: crf.hmm_to_crf([0.5, 0.5], np.eye(2), [[1, -1.0]]), "lik must hold non-negative numbers"),
        (lambda: crf.nll_and_grad(np.zeros((3, 2)), NONE, TWO, [[0, 1]]), r"V must have shape \(2, L\)"),
        (lambda: crf.nll_and_grad(V2, np.zeros((0, 2, 2)), [np.ones((1, 2))], [[0]]), "W must have shape"),
        (lambda: crf.nll_and_grad(V2, NONE, TWO, [[0, 2]]), "y must hold 2 integers"),
        (lambda: crf.nll_and_grad(V1, [[0, -INF], [0, 0]], ONE, [[0, 1]]), "forbidden by the mask"),
        (lambda: crf.nll_and_grad(V1, NONE, ONE, [[0, 1]], -1), "lam must be non-negative"),
    ],
)
def test_bad_input_is_answered_in_a_sentence(call, says):
    with pytest.raises(ValueError, match=says):
        call()


@pytest.mark.parametrize(
    ("change", "Xs", "ys", "says"),
    [
        ({}, np.ones((3, 2)), [0, 1, 0], "Xs must be a list of at least one sequence"),
        ({}, [], [], "Xs must be a list of at least one sequence"),
        ({}, [np.ones((3, 2)), np.ones((0, 2))], [[0, 1, 0], []], "sequence 1 must hold at least one sample"),
        ({}, [np.ones((3, 2)), np.ones((2, 3))], [[0, 1, 0], [0, 1]], "sequence 1 must have 2 features: got 3"),
        ({}, [np.array([[NAN, 1.0]])], [[0]], "sequence 0 contains NaN or infinity"),
        ({}, [np.ones((3, 2))], [[0, 1]], r"each sequence needs one label per row: sequence 0 has 3 rows, got \(2,\)"),
        ({}, [np.ones((3, 2))], [[0, 1, 1], [0]], "ys must be a list with the labels of each sequence: got 2 for 1"),
        ({}, [np.ones((3, 2))], 7, "ys must be a list with the labels of each sequence: got 7"),
        ({}, [np.ones((1, 2))] * 2, [[0], ["a"]], "ys must hold labels of one kind"),
        ({}, [np.ones((2, 2))], [[0, NAN]], "y contains NaN or infinity"),
        ({"lam": -1.0}, [np.ones((2, 2))], [[0, 1]], "lam must be non-negative: got -1"),
        ({"tol": 0.0}, [np.ones((2, 2))], [[0, 1]], "tol must be positive"),
        ({"max_iter": 0}, [np.ones((2, 2))], [[0, 1]], "max_iter must be at least 1"),
        ({"transition_mask": np.ones((3, 3), dtype=bool)}, [np.ones((2, 2))], [[0, 1]], r"boolean of shape \(2, 2\)"),
        ({"start_mask": np.ones(2)}, [np.ones((2, 2))], [[0, 1]], r"start_mask must be boolean of shape \(2,\)"),
    ],
)
def test_bad_fits_are_answered_in_a_sentence(change, Xs, ys, says):
    with pytest.raises(ValueError, match=says):
        crf.LinearChainCRF(**change).fit(Xs, ys)


def test_predictions_ask_for_a_fit_and_for_its_features():
    with pytest.raises(ValueError, match="fit"):
        crf.LinearChainCRF().predict([np.ones((2, 2))])
    model = crf.LinearChainCRF().fit([np.eye(2)], [[0, 1]])
    with pytest.raises(ValueError, match="sequence 0 must have 2 features: got 3"):
        model.predict([np.ones((2, 3))])
    with pytest.raises(ValueError, match="method must be 'viterbi' or 'marginal': got 'best'"):
        model.predict([np.eye(2)], "best")
    with pytest.raises(ValueError, match="each sequence needs one label per row"):
        model.score([np.eye(2)], [[0]])
    with pytest.raises(ValueError, match="labels of one kind"):
        model.score([np.eye(2)], [["0", "1"]])
    with pytest.raises(ValueError, match="ys must hold labels: got"):
        model.score([np.eye(2)], [[0, NAN]])
    with pytest.raises(ValueError, match="Xs must hold smaller numbers"):
        crf.LinearChainCRF(lam=0.1).fit([3 * np.eye(2)], [[0, 1]]).predict([1e308 * np.ones((2, 2)) * [1, -1]])
