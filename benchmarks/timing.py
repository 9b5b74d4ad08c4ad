"""What the benchmarks share."""

from time import perf_counter


def best_of(run, repeats):
    """The shortest of `repeats` wall times of run(), in seconds."""
    times = []
    for _ in range(repeats):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)
