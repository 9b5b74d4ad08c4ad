"""Chapter 15's recursions, at the chapter's size and ten times it and more: our time over hmmlearn's, one thread.

    PYTHONPATH=code OMP_NUM_THREADS=1 python benchmarks/bench_hmm.py

Both sides make 20 rounds from the same model, or score and decode what they were given. Only ratios of one run mean
anything.
"""

import warnings
from functools import partial

import numpy as np
from timing import best_of

from mlderived import hmm

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from hmmlearn.hmm import CategoricalHMM as Theirs

ROUNDS = 20


def main(repeats=3):
    warnings.simplefilter("ignore")  # twenty rounds converge nowhere
    print(f"{'sequences × length, states':30}{'fit':>8}{'score':>8}{'posterior':>11}{'Viterbi':>9}   log p")
    rng = np.random.default_rng(15)
    for S, T, N in ((1, 107, 3), (1, 1070, 3), (100, 107, 3), (1, 1070, 20), (1000, 8, 6)):
        pi, A, B = rng.dirichlet(np.ones(N)), rng.dirichlet(np.ones(N), N), rng.dirichlet(np.ones(5), N)
        Xs = [rng.integers(0, 5, size=T) for _ in range(S)]
        flat, lengths = np.concatenate(Xs)[:, None], [T] * S
        ours = hmm.CategoricalHMM(N, 5, init=(pi, A, B), max_iter=ROUNDS, tol=0)

        def fresh(N=N, pi=pi, A=A, B=B):
            other = Theirs(N, init_params="", n_iter=ROUNDS, tol=-np.inf)
            other.startprob_, other.transmat_, other.emissionprob_ = pi, A, B
            return other

        theirs = fresh()
        pairs = {
            "fit": (partial(ours.fit, Xs), lambda flat=flat, lengths=lengths, fresh=fresh: fresh().fit(flat, lengths)),
            "score": (partial(ours.score, Xs), partial(theirs.score, flat, lengths)),
            "posterior": (partial(ours.predict_proba, Xs), partial(theirs.predict_proba, flat, lengths)),
            "Viterbi": (partial(ours.predict, Xs), partial(theirs.decode, flat, lengths)),
        }
        ratios = [best_of(mine, repeats) / best_of(other, repeats) for mine, other in pairs.values()]
        gap = ours.score(Xs) - fresh().fit(flat, lengths).score(flat, lengths)
        name = f"{S} × {T}, {N}"
        print(f"{name:30}{ratios[0]:8.2g}{ratios[1]:8.2g}{ratios[2]:11.2g}{ratios[3]:9.2g}   {gap:.0e}")


if __name__ == "__main__":
    main()
