"""Sums of latent vectors, and the same sums of pixels: section 6.3.2 of Radford et al. 2015."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from gancli.core import latents
from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.core.latents import Term
from gancli.data import DataFacts, attribute_query
from gancli.data.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.sampling import Chooser, Sampler, rejection_sample

Seeds = list[list[int | str]]  # of each term; or files
SIGNS = {1: "+", -1: "−"}


@dataclass(frozen=True)
class Expression:
    """A sum as it was asked for: its terms, and what each means, a concept or None where it names seeds or files."""

    terms: list[Term]
    meant: list[AttributeQuery | None]
    facts: DataFacts

    @property
    def signs(self) -> list[int]:
        """+1 or -1 of each term."""
        return [term.sign for term in self.terms]

    @property
    def words(self) -> list[AttributeQuery]:
        """The concepts among the terms."""
        return [concept for concept in self.meant if concept is not None]

    def seeds(self, sampler: Sampler, chooser: Chooser | None, *, average: int, repeat: int = 1) -> list[Seeds]:
        """For each repetition and term `average` seeds that show it, each used once; or what it names.

        Raises: CheckpointError where the run hardly makes what a term says, OptionError for repetitions of named seeds.
        """
        if repeat > 1 and len(self.words) < len(self.terms):
            raise OptionError("--repeat takes fresh seeds each time, and the sum names some: give words for all terms")
        keys = [None if concept is None else tuple(sorted(concept.wanted.items())) for concept in self.meant]
        unused = {
            key: iter(rejection_sample(sampler, self.meant[keys.index(key)], count * average * repeat, chooser).seeds)
            for key, count in Counter(keys).items()
            if key is not None
        }
        return [
            [
                list(term.named) or [next(unused[key]) for _ in range(average)]
                for term, key in zip(self.terms, keys, strict=True)
            ]
            for _ in range(repeat)
        ]

    def described(self, seeds: Seeds) -> list[dict[str, object]]:
        """Each term with its meaning and seeds, for a result."""
        return [
            {"term": str(term), "means": self._meaning(term, concept), "sign": term.sign, "seeds": used}
            for term, concept, used in zip(self.terms, self.meant, seeds, strict=True)
        ]

    def told(self, seeds: Seeds) -> list[str]:
        """The same in lines."""
        return [
            f"{SIGNS[told['sign']]} {told['means']}: mean of {kind(told['seeds'])} {', '.join(map(str, told['seeds']))}"
            for told in self.described(seeds)
        ]

    def _meaning(self, term: Term, concept: AttributeQuery | None) -> str:
        return str(term) if concept is None else concept.describe(self.facts)


def read(text: str, facts: DataFacts) -> Expression:
    """Read a sum of seeds, classes and attributes. Raises: OptionError."""
    terms = latents.parse_sum(text)
    texts = [term.words for term in terms if not term.named]
    asked = iter(attribute_query.parse_all(texts, facts) if texts else [])
    return Expression(terms, [None if term.named else next(asked) for term in terms], facts)


def kind(used: Sequence[int | str]) -> str:
    """What these are called."""
    return "the pictures" if used and isinstance(used[0], str) else "the seeds"


@dataclass(frozen=True)
class Vectors:
    """The z's and images of seeds, and of files of pictures.

    inverted: by file, its z float32 (z_size,) and its picture uint8 (height, width, channels).
    """

    sampler: Sampler
    inverted: Mapping[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)

    def z(self, used: Sequence[int | str]) -> np.ndarray:
        """float32 (count, z_size)."""
        return np.stack([self.inverted[name][0] if name in self.inverted else self._of(name) for name in used])

    def images(self, used: Sequence[int | str]) -> np.ndarray:
        """uint8 (count, height, width, channels): of seeds what they make, of files the pictures themselves."""
        seeds = [name for name in used if name not in self.inverted]
        drawn = dict(zip(seeds, self.sampler.seeds(seeds), strict=True)) if seeds else {}
        return np.stack([self.inverted[name][1] if name in self.inverted else drawn[name] for name in used])

    def _of(self, seed: int) -> np.ndarray:
        return self.sampler.model.latents([seed])[0]


def direction(vectors: Vectors, seeds: Seeds, signs: Sequence[int]) -> np.ndarray:
    """The signed sum of the mean z of each term, float32 (z_size,)."""
    return latents.add([vectors.z(used).mean(axis=0) for used in seeds], signs)


@dataclass(frozen=True)
class Sums:
    """A number of repetitions of one sum.

    z: what was added, float32 (repetitions, z_size); of_latents: the images of these sums, of_pixels: the sums of the
    images, both uint8 (repetitions, height, width, channels).
    """

    z: np.ndarray
    of_latents: np.ndarray
    of_pixels: np.ndarray


def add(vectors: Vectors, seeds: Sequence[Seeds], signs: Sequence[int]) -> Sums:
    """Add up the terms of each repetition, each term the mean of its seeds, as latent vectors and as pixels."""
    z = np.stack([direction(vectors, terms, signs) for terms in seeds])
    of_pixels = [images.from_unit(latents.add(_means(vectors, terms), signs)) for terms in seeds]
    return Sums(z, vectors.sampler.decode(z), np.stack(of_pixels))


def _means(vectors: Vectors, terms: Seeds) -> list[np.ndarray]:
    """The mean image of each term, float (height, width, channels) in [0, 1]; all are drawn at once."""
    drawn = images.to_unit(vectors.images([name for used in terms for name in used]))
    parts = np.split(drawn, np.cumsum([len(used) for used in terms])[:-1])
    return [part.mean(axis=0) for part in parts]
