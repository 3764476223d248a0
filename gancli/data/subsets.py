"""Fixed subsets of rows, and classes in the proportions of the data: always the same."""

from __future__ import annotations

from gancli.core.backend import np


def draw(of: int, count: int, labels: np.ndarray | None = None, *, contents: np.ndarray | None = None) -> np.ndarray:
    """A fixed random sample of `count` of `of` rows without replacement: int64, ascending.

    All rows if there are no more. labels: int (of,); each class then keeps its share of the rows, rounded by the method
    of largest remainders, so that data sorted by class are sampled like mixed data. contents: the rows themselves, an
    array (of, …); the rows with the smallest digests are then chosen, whatever their order.
    """
    if count >= of:
        return np.arange(of)
    order = np.random.default_rng(0).permutation(of) if contents is None else _by_digest(contents)
    if labels is None:
        return np.sort(order[:count])
    _, of_class, counts = np.unique(labels, return_inverse=True, return_counts=True)
    own = apportion(counts, count)
    mixed = of_class.ravel()[order]
    taken = [order[mixed == label][:most] for label, most in enumerate(own)]
    return np.sort(np.concatenate(taken))


def _by_digest(contents: np.ndarray) -> np.ndarray:
    """Rows in the order of their contents' digests, int64 (count,)."""
    import hashlib

    digests = [hashlib.blake2b(np.ascontiguousarray(row), digest_size=8).digest() for row in contents]
    return np.argsort(np.array(digests, "V8").view(">u8"), kind="stable")


def apportion(counts: np.ndarray, total: int) -> np.ndarray:
    """`total` in proportion to these counts, rounded by largest remainders (Hamilton's method): int64 (classes,).

    counts: int (classes,), not all 0. Among equal remainders the first class is rounded up.
    """
    exact = counts.astype(np.int64) * total
    places, rest = np.divmod(exact, counts.sum())
    places[np.argsort(-rest, kind="stable")[: total - places.sum()]] += 1
    return places


def in_shares(counts: np.ndarray, seeds: np.ndarray) -> np.ndarray:
    """The class of each seed, so that the seeds from 0 on have the classes' shares: int32 (seeds,).

    Each seed gets the class that is furthest behind its share, so any run of seeds has nearly these shares. If all
    counts are equal, classes alternate; a class without images never occurs.

    counts: int (classes,), images of each class, not all 0. seeds: int (seeds,), 0 or more.
    """
    seeds, counts = np.asarray(seeds, np.int64), np.asarray(counts, np.int64)
    found = np.zeros(np.max(seeds, initial=-1) + 1, np.int32)
    behind, total = np.zeros_like(counts), counts.sum()
    for seed in range(len(found)):
        behind += counts
        found[seed] = behind.argmax()
        behind[found[seed]] -= total
    return found[seeds]


def are_grouped(labels: np.ndarray) -> bool:
    """Whether rows are grouped by class, so that the last rows lack some: in ascending order, or with less than half as
    many changes from row to row as mixed rows would have. labels: int (count,)."""
    steps = np.diff(labels)
    expected = 1 - np.square(np.unique(labels, return_counts=True)[1] / len(labels)).sum()
    return bool((steps >= 0).all() or (steps != 0).mean() < expected / 2)


def describe(count: int, of: int, *, by_class: bool = False) -> str:
    """What `draw` chose, for a recipe: "all 500", or "a fixed draw of 100 of 500, by class"."""
    return f"all {of:,}" if count >= of else f"a fixed draw of {count:,} of {of:,}" + ", by class" * by_class
