"""Arithmetic on latent vectors, and on pixels for comparison: section 6.3.2 of Radford et al. 2015."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.data import DataFacts
from gancli.data.labels import attribute_query
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.image_classifier import ImageSelector
from gancli.inference.sampling import Sampler, rejection_sample
from gancli.nn import latents
from gancli.nn.latents import Term

Seeds = list[list[int | str]]  # per term; or image files
SIGNS = {1: "+", -1: "−"}


@dataclass(frozen=True)
class Expression:
    """A parsed sum: its terms, and the query that each stands for, None where it names seeds or files."""

    terms: list[Term]
    queries: list[AttributeQuery | None]
    facts: DataFacts

    @property
    def signs(self) -> list[int]:
        """The sign of each term, +1 or -1, in order."""
        return [term.sign for term in self.terms]

    @property
    def words(self) -> list[AttributeQuery]:
        """The terms that are queries for a classifier, such as smiling; others are seeds or files."""
        return [query for query in self.queries if query is not None]

    def seeds(self, sampler: Sampler, selector: ImageSelector | None, *, average: int, repeat: int = 1) -> list[Seeds]:
        """For each repetition and term, `average` seeds whose samples match it, each used once; or what it names.

        Raises: CheckpointError if too few samples match, OptionError for repetitions of named seeds.
        """
        self.check_repeat(repeat)
        keys = [None if query is None else tuple(sorted(query.wanted.items())) for query in self.queries]
        unused = {
            key: iter(
                rejection_sample(sampler, self.queries[keys.index(key)], count * average * repeat, selector).seeds
            )
            for key, count in Counter(keys).items()
            if key is not None
        }
        return [
            [
                list(term.sources) or [next(unused[key]) for _ in range(average)]
                for term, key in zip(self.terms, keys, strict=True)
            ]
            for _ in range(repeat)
        ]

    def check_repeat(self, repeat: int) -> None:
        """Raise OptionError for repetitions of a sum that names its seeds."""
        if repeat > 1 and len(self.words) < len(self.terms):
            raise OptionError("--repeat needs other seeds each time, but the sum names some: give words for all terms")

    def records(self, seeds: Seeds) -> list[dict[str, object]]:
        """Each term with its meaning and seeds, for a result."""
        return [
            {"term": str(term), "means": self._meaning(term, query), "sign": term.sign, "seeds": used}
            for term, query, used in zip(self.terms, self.queries, seeds, strict=True)
        ]

    def lines(self, seeds: Seeds) -> list[str]:
        """The terms with their seeds, a line of text each."""
        terms = [(SIGNS[term["sign"]], term["means"], term["seeds"]) for term in self.records(seeds)]
        return [f"{sign} {means}: mean of {_kind(used)} {', '.join(map(str, used))}" for sign, means, used in terms]

    def _meaning(self, term: Term, query: AttributeQuery | None) -> str:
        return str(term) if query is None else query.describe(self.facts)


def parse(text: str, facts: DataFacts, known: Mapping[str, tuple[str, ...]] | None = None) -> Expression:
    """Parse a sum of seeds, image files, classes and attributes. Raises: OptionError.

    known: words that stand for what is named like files, see Vectors.
    """
    terms = [
        replace(term, words="", files=known[term.words]) if known and term.words in known else term
        for term in latents.parse_sum(text)
    ]
    texts = [term.words for term in terms if not term.sources]
    queries = iter(attribute_query.parse_all(texts, facts) if texts else [])
    return Expression(terms, [None if term.sources else next(queries) for term in terms], facts)


def _kind(used: Sequence[int | str]) -> str:
    return "the images" if used and isinstance(used[0], str) else "the seeds"


@dataclass(frozen=True)
class Vectors:
    """Latent vectors and images of seeds and of image files.

    inverted: per file, its z float32 (z_size,) and its image uint8 (height, width, channels).
    """

    sampler: Sampler
    inverted: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def z(self, used: Sequence[int | str]) -> np.ndarray:
        """float32 (count, z_size)."""
        return np.stack([self.inverted[name][0] if name in self.inverted else self._of(name) for name in used])

    def images(self, used: Sequence[int | str]) -> np.ndarray:
        """uint8 (count, height, width, channels): samples of the seeds, and the image files as they are."""
        seeds = [name for name in used if name not in self.inverted]
        by_seed = dict(zip(seeds, self.sampler.seeds(seeds), strict=True)) if seeds else {}
        return np.stack([self.inverted[name][1] if name in self.inverted else by_seed[name] for name in used])

    def _of(self, seed: int) -> np.ndarray:
        return self.sampler.model.latents([seed])[0]


def direction(vectors: Vectors, seeds: Seeds, signs: Sequence[int]) -> np.ndarray:
    """The signed sum of the mean z of each term, float32 (z_size,)."""
    return latents.add([vectors.z(used).mean(axis=0) for used in seeds], signs)


@dataclass(frozen=True)
class Sums:
    """Repetitions of one sum.

    z: sums of latent vectors, float32 (repetitions, z_size); of_latents: their images; of_pixels: sums of the images;
    both uint8 (repetitions, height, width, channels).
    """

    z: np.ndarray
    of_latents: np.ndarray
    of_pixels: np.ndarray


def add(vectors: Vectors, seeds: Sequence[Seeds], signs: Sequence[int]) -> Sums:
    """Add the terms of each repetition, each the mean over its seeds, as latent vectors and as pixels."""
    z = np.stack([direction(vectors, terms, signs) for terms in seeds])
    of_pixels = [images.from_unit(latents.add(_means(vectors, terms), signs)) for terms in seeds]
    return Sums(z, vectors.sampler.decode(z), np.stack(of_pixels))


def _means(vectors: Vectors, terms: Seeds) -> list[np.ndarray]:
    """The mean image of each term, float (height, width, channels) in [0, 1]."""
    pixels = images.to_unit(vectors.images([name for used in terms for name in used]))
    parts = np.split(pixels, np.cumsum([len(used) for used in terms])[:-1])
    return [part.mean(axis=0) for part in parts]
