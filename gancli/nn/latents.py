"""Latent vectors: priors, one vector per seed, interpolation, and vector arithmetic."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.core.options import whole

PRIORS = ("uniform", "normal")
MAX_SEED = 2**63 - 1
MAX_SEEDS = 10_000_000  # in one list
MIN_VARIANCE = 1e-4  # of a direction that is scaled to variance 1, relative to the largest variance


def from_seeds(seeds: Iterable[int], size: int, prior: str) -> np.ndarray:
    """One latent vector per seed, which depends on that seed only.

    Returns: float32 (seeds, size), from U(-1, 1) or N(0, 1).
    """
    rows = [_draw(np.random.default_rng(seed), size, prior) for seed in seeds]
    return np.array(rows, np.float32).reshape(-1, size)


def _draw(random: np.random.Generator, size: int, prior: str) -> np.ndarray:
    return random.standard_normal(size) if prior == "normal" else random.uniform(-1, 1, size)


def to_unit_variance(prior: str) -> float:
    """Factor that scales a coordinate of the prior to variance 1: √3 for U(-1, 1), 1 for N(0, 1)."""
    return 3**0.5 if prior == "uniform" else 1.0


class Seeds:
    """An ordered list of seeds, stored as ranges, so that millions of seeds take no memory."""

    def __init__(self, ranges: Iterable[range]) -> None:
        self.ranges = [part for part in ranges if len(part)]

    def __len__(self) -> int:
        return sum(map(len, self.ranges))

    def __iter__(self) -> Iterator[int]:
        return itertools.chain.from_iterable(self.ranges)

    def __str__(self) -> str:
        """The seeds as on the command line: 0-15,20."""
        return ",".join(f"{part[0]}-{part[-1]}" if len(part) > 1 else str(part[0]) for part in self.ranges)

    @property
    def are_distinct(self) -> bool:
        """Whether no seed occurs twice."""
        ordered = sorted(self.ranges, key=lambda part: part.start)
        return all(one.stop <= other.start for one, other in itertools.pairwise(ordered))


def parse_seeds(text: str) -> list[int]:
    """Read "0-15,20" as 0, 1, … 15, 20; at most 10 million seeds. Raises: OptionError for anything else."""
    return list(read_seeds(text))


def read_seeds(text: str) -> Seeds:
    """Like `parse_seeds`, but stored as ranges. Raises: OptionError."""
    ranges: list[range] = []
    count = 0
    for part in text.replace(" ", "").split(","):
        match = re.fullmatch(r"([0-9]+)(?:-([0-9]+))?", part)
        if match is None:
            raise OptionError(
                f"seeds '{text[:60]}': expected whole numbers and ranges from low to high, such as 0-15,20"
            )
        first, last = whole(match[1], MAX_SEED), whole(match[2] or match[1], MAX_SEED)
        if first is None or last is None:
            raise OptionError(f"seeds '{text[:60]}': the largest seed is {MAX_SEED}")
        if first > last:
            raise OptionError(
                f"seeds '{text[:60]}': {part} is descending; expected ranges from low to high, such as 0-15,20"
            )
        count += last - first + 1
        if count > MAX_SEEDS:
            raise OptionError(f"seeds '{text[:60]}': more than {MAX_SEEDS:,} seeds")
        ranges.append(range(first, last + 1))
    return Seeds(ranges)


def lerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Linear interpolation between vectors float (z_size,) at `share` in [0, 1]: Goodfellow et al. 2014, Figure 3."""
    return (1 - share) * start + share * end


def slerp(start: np.ndarray, end: np.ndarray, share: float) -> np.ndarray:
    """Spherical interpolation at `share` in [0, 1] (White 2016, 1609.04468); linear between parallel vectors.

    In many dimensions a normal prior is concentrated near a sphere; the arc stays near it, the straight line does not.
    """
    cosine = np.dot(start, end) / (np.linalg.norm(start) * np.linalg.norm(end))
    angle = np.arccos(np.clip(cosine, -1, 1))
    if np.sin(angle) < 1e-6:
        return lerp(start, end, share)
    return (np.sin((1 - share) * angle) * start + np.sin(share * angle) * end) / np.sin(angle)


def path(stops: np.ndarray, steps: int, *, mode: str = "lerp") -> np.ndarray:
    """Interpolate through all stops, with `steps` vectors from each stop to the next, including both stops.

    stops: float32 (stops, size).
    Returns: float32 ((stops - 1) * (steps - 1) + 1, size); the stops are in it unchanged.
    """
    between = {"lerp": lerp, "slerp": slerp}[mode]
    points = [stops[0]]
    for start, end in itertools.pairwise(stops):
        points += [between(start, end, index / (steps - 1)) for index in range(1, steps - 1)] + [end]
    return np.array(points, np.float32)


@dataclass(frozen=True)
class Term:
    """One term of a latent sum: its sign (+1 or -1), and seeds, image files, or words for a class or attributes."""

    sign: int
    seeds: tuple[int, ...] = ()
    words: str = ""
    files: tuple[str, ...] = ()

    @property
    def sources(self) -> tuple[int | str, ...]:
        """The seeds or files of the term; empty for words."""
        return self.seeds or self.files

    def __str__(self) -> str:
        return f"[{','.join(map(str, self.sources))}]" if self.sources else self.words


_TERM = re.compile(r"""\s*([+-]?)\s*(?:\[([^\]]*)\]|"([^"]+)"|'([^']+)'|([^+\-\[\]"']*[^\s+\-\[\]"']))""")


def parse_sum(text: str) -> list[Term]:
    """Read "7 - 1 + 4", "[3,5,9] - [1] + sneaker", "[me.png] + old" or "'T-shirt/top' - Bag". Raises: OptionError."""
    terms = []
    position = 0
    text = text.strip()
    while position < len(text):
        match = _TERM.match(text, position)
        if not match or (terms and not match[1]):
            raise OptionError(f'cannot parse "{text}" at "{text[position:]}": expected a sum such as "7 - 1 + 4"')
        sign = -1 if match[1] == "-" else 1
        terms.append(_term(sign, match))
        position = match.end()
    if not terms:
        raise OptionError('empty sum: give one such as "7 - 1 + 4" or "[3,5,9] - [1,2,4] + [8]"')
    return terms


def _term(sign: int, match: re.Match) -> Term:
    content = match[2]
    if content is None:
        return Term(sign, words=match[3] or match[4] or match[5] or "")
    if re.fullmatch(r"[\d\s,-]*", content):
        return Term(sign, tuple(parse_seeds(content)))
    return Term(sign, files=tuple(part.strip() for part in content.split(",") if part.strip()))


def add(means: Sequence[np.ndarray], signs: Sequence[int]) -> np.ndarray:
    """Signed sum of vectors float32 (z_size,), Y in Radford et al. 2015, section 6.3.2.

    The paper averages three z vectors for each of three terms; the sum then has the variance of one sample from the
    prior, so it needs no rescaling.
    """
    return np.sum([sign * mean for sign, mean in zip(signs, means, strict=True)], axis=0, dtype=np.float32)


def neighbors(center: np.ndarray, *, count: int, spread: float, seed: int) -> np.ndarray:
    """`count` copies of a vector plus noise from U(-spread, spread) (0.25 in Radford et al. 2015, section 6.3.2)."""
    noise = np.random.default_rng(seed).uniform(-spread, spread, (count, center.size))
    return (center + noise).astype(np.float32)


def whitening(vectors: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """ZCA whitening: a matrix float32 (size, size) and an offset (size,), so that v @ matrix + offset has mean 0 and
    identity covariance over these vectors.

    vectors: float (count, size). The matrix is C^(-1/2) with their covariance C, which changes the vectors least (Kessy
    et al. 2018, 1512.00809, section 3.1). Directions with less than 1e-4 of the largest variance stay small.
    """
    vectors = vectors.astype(np.float64)
    mean, (variances, directions) = vectors.mean(axis=0), np.linalg.eigh(np.cov(vectors.T))
    scales = 1 / np.sqrt(np.maximum(variances, 0) + MIN_VARIANCE * variances[-1])
    matrix = directions * scales @ directions.T
    return matrix.astype(np.float32), (-mean @ matrix).astype(np.float32)
