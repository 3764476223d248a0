"""Attribute queries: what an image should show, in words: a class, or attributes that are present or absent."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.data.dataset import DataFacts
from gancli.data.labels.class_names import class_index, folded

PLAIN = {  # words for CelebA's attributes: the attribute, and whether it is present
    "man": ("Male", True),
    "men": ("Male", True),
    "woman": ("Male", False),
    "women": ("Male", False),
    "female": ("Male", False),
    "glasses": ("Eyeglasses", True),
    "smile": ("Smiling", True),
    "neutral": ("Smiling", False),
    "blond": ("Blond_Hair", True),
    "blonde": ("Blond_Hair", True),
    "beard": ("No_Beard", False),
    "hat": ("Wearing_Hat", True),
    "lipstick": ("Wearing_Lipstick", True),
    "earrings": ("Wearing_Earrings", True),
    "necklace": ("Wearing_Necklace", True),
    "tie": ("Wearing_Necktie", True),
    "makeup": ("Heavy_Makeup", True),
    "moustache": ("Mustache", True),
    "old": ("Young", False),
}
NEGATIONS = ("not", "without", "no")
FILLERS = ("with", "and", "a", "an", "the", "wearing", "face", "person", "room")
MOST_WORDS = 5  # of an attribute's name: 5_o_Clock_Shadow has four


@dataclass(frozen=True)
class AttributeQuery:
    """What an image should show. kind: the column, "label" or "attributes".

    wanted: whether it should be present, by number of the class or attribute.
    """

    text: str
    kind: str
    wanted: Mapping[int, bool]

    def matches(self, probabilities: np.ndarray, *, confidence: float = 0.5) -> np.ndarray:
        """Which images match: probabilities float (count, classes or attributes) -> bool (count,).

        Each class or attribute must be present or absent as wanted with at least this probability.
        """
        return self.certainty(probabilities) >= confidence

    def certainty(self, probabilities: np.ndarray) -> np.ndarray:
        """The probability of the least certain class or attribute: float (count, …) -> (count,)."""
        certainties = [
            probabilities[:, at] if is_present else 1 - probabilities[:, at] for at, is_present in self.wanted.items()
        ]
        return np.min(certainties, axis=0)

    def describe(self, facts: DataFacts) -> str:
        """The query in the data set's own names: "Male, not Eyeglasses"."""
        names = facts.classes if self.kind == "label" else facts.attributes
        return ", ".join(("" if is_present else "not ") + names[at] for at, is_present in self.wanted.items())


def parse(text: str, facts: DataFacts) -> AttributeQuery:
    """A query for a class by name or number, or for attributes: "smiling woman without glasses".

    Raises: OptionError for unknown words.
    """
    return parse_all([text], facts)[0]


def parse_all(texts: Sequence[str], facts: DataFacts) -> list[AttributeQuery]:
    """Queries that complement each other, each as in `parse`.

    An attribute that one of them names is absent in those that do not name it: beside "man with glasses" the word "man"
    means one without. Raises: OptionError.
    """
    if not facts.attributes and not facts.classes:
        raise OptionError(
            f"the data set '{facts.name}' has no labels and no attributes, so words cannot describe its "
            "images: give seeds instead"
        )
    if not facts.attributes or {folded(text) for text in texts} <= {folded(name) for name in facts.classes}:
        return [AttributeQuery(text, "label", {class_index(text, facts.classes, facts.name): True}) for text in texts]
    found = [_attributes(text, facts) for text in texts]
    numbers = sorted(set().union(*found))
    if not numbers:
        raise OptionError(f"'{texts[0]}' names no attribute of '{facts.name}': {_examples(facts)}")
    return [
        AttributeQuery(text, "attributes", {at: known.get(at, False) for at in numbers})
        for text, known in zip(texts, found, strict=True)
    ]


def total(concepts: Sequence[AttributeQuery], signs: Sequence[int]) -> AttributeQuery | None:
    """What a signed sum should show: the attributes that are left over; None for classes."""
    if any(concept.kind == "label" for concept in concepts):
        return None
    return AttributeQuery("the sum", "attributes", {at: count > 0 for at, count in _counts(concepts, signs).items()})


def change(concepts: Sequence[AttributeQuery], signs: Sequence[int]) -> AttributeQuery:
    """What an image should show after a signed sum was added: the attributes that differ, or the first class."""
    first = concepts[list(signs).index(1)] if 1 in signs else concepts[0]
    if first.kind == "label":
        return first
    counts = {at: count for at, count in _counts(concepts, signs).items() if count}
    return (
        AttributeQuery("the change", "attributes", {at: count > 0 for at, count in counts.items()}) if counts else first
    )


def _counts(concepts: Sequence[AttributeQuery], signs: Sequence[int]) -> dict[int, int]:
    pairs = list(zip(signs, concepts, strict=True))
    return {at: sum(sign * concept.wanted[at] for sign, concept in pairs) for at in concepts[0].wanted}


def _attributes(text: str, facts: DataFacts) -> dict[int, bool]:
    known, is_negated = _vocabulary(facts), False
    wanted: dict[int, bool] = {}
    words = re.findall(r"\w+", folded(text).replace("_", " "))
    while words:
        length = next((n for n in range(MOST_WORDS, 0, -1) if " ".join(words[:n]) in known), 0)
        if length:
            at, is_present = known[" ".join(words[:length])]
            if wanted.setdefault(at, is_present != is_negated) != (is_present != is_negated):
                raise OptionError(f"'{text}' contradicts itself: {facts.attributes[at]} is both wanted and excluded")
            is_negated = False
        elif words[0] in NEGATIONS:
            is_negated = True
        elif words[0] not in FILLERS:
            hint = did_you_mean(words[0], [*known, *NEGATIONS, *FILLERS])
            raise OptionError(f"'{facts.name}' has no attribute '{words[0]}': {_examples(facts)}{hint}")
        words = words[max(1, length) :]
    if is_negated:
        raise OptionError(f"'{text}' ends before it says what should be absent")
    return wanted


def _vocabulary(facts: DataFacts) -> dict[str, tuple[int, bool]]:
    """The number of an attribute, and whether it is present, by words in lower case."""
    numbers = {name: number for number, name in enumerate(facts.attributes)}
    plain = {word: (numbers[name], is_present) for word, (name, is_present) in PLAIN.items() if name in numbers}
    return plain | {folded(name).replace("_", " "): (number, True) for name, number in numbers.items()}


def _examples(facts: DataFacts) -> str:
    return "its attributes: " + ", ".join(facts.attributes)
