"""Chapter 16's chains beside python-crfsuite: our time over theirs, for a fit and for decoding.

    PYTHONPATH=code python benchmarks/bench_crf.py

Strings of ten handwritten digits, 65 dense features and ten labels, as in the chapter (60 to fit, 200 to decode), and
ten times as many; and sentences of sparse indicators, which crfsuite is made for. Both are fitted by L-BFGS to the same
ridge and to the same accuracy. How far the marginals then differ is printed; only ratios of one run mean anything.
"""

import tempfile
import warnings
from pathlib import Path

import numpy as np
import pycrfsuite
from timing import best_of

from mlderived import datasets
from mlderived.crf import LinearChainCRF


def strings(n, rng):
    digits = datasets.load_digits()
    images = [digits.X[digits.y == k] / 16 for k in range(10)]
    for _ in range(n):
        y = [int(rng.integers(10))]
        while len(y) < 10:
            y.append((y[-1] + 1) % 10 if rng.random() < 0.7 else int(rng.integers(10)))
        rows = np.array([images[k][rng.integers(len(images[k]))] for k in y])
        yield np.c_[rows + rng.normal(0, 0.45, rows.shape), np.ones(10)], np.array(y)


def sentences(n, rng):
    for _ in range(n):
        T = int(rng.integers(5, 25))
        y = rng.integers(5, size=T)
        X = np.zeros((T, 40))
        X[np.arange(T), (3 * y + rng.integers(8, size=T)) % 40] = 1
        X[np.arange(T), rng.integers(40, size=T)] = 1
        yield X, y


def theirs(Xs, ys, lam, path):
    trainer = pycrfsuite.Trainer(algorithm="lbfgs", verbose=False)
    trainer.set_params({"c1": 0, "c2": lam / 2, "epsilon": 1e-7, "delta": 1e-12, "feature.minfreq": -1e9})
    trainer.set_params({"feature.possible_states": True, "feature.possible_transitions": True})
    for words, y in zip(Xs, ys, strict=True):
        trainer.append(words, [str(c) for c in y])
    return lambda: trainer.train(str(path))


def main(repeats=3):
    print(f"{'ours over python-crfsuite':36}{'fit':>8}{'decode':>9}   largest difference of a marginal")
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        for name, make, lam, N in (("digits", strings, 10.0, 60), ("sentences", sentences, 1.0, 60)):
            for times in (1, 10):
                rng = np.random.default_rng(16)
                Xs, ys = map(list, zip(*make(N * times, rng), strict=True))
                words = [
                    pycrfsuite.ItemSequence([{str(j): v for j, v in enumerate(row) if v} for row in X]) for X in Xs
                ]
                path = Path(folder) / f"{name}{times}"
                model, train = LinearChainCRF(lam), theirs(words, ys, lam, path)
                fit = best_of(lambda m=model, Xs=Xs, ys=ys: m.fit(Xs, ys), repeats) / best_of(train, repeats)
                tagger = pycrfsuite.Tagger()
                tagger.open(str(path))
                decode = best_of(lambda m=model, Xs=Xs: m.predict(Xs), repeats)
                decode /= best_of(lambda t=tagger, w=words: [t.tag(x) for x in w], repeats)
                tagger.set(words[0])
                p = model.predict_proba(Xs[:1])[0]
                gap = max(
                    abs(tagger.marginal(str(c), t) - p[t, k])
                    for t in range(len(p))
                    for k, c in enumerate(model.classes_)
                )
                print(f"{name}, {N * times} sequences{'':12}{fit:14.2g}{decode:9.2g}   {gap:.0e}")


if __name__ == "__main__":
    main()
