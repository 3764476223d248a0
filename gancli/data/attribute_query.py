"""Concepts: what can be asked of an image in words, a class of the data, or attributes that are there or are not."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.core.options import did_you_mean
from gancli.data.class_names import folded
from gancli.data.dataset import DataFacts, class_index

PLAIN = {  # words for CelebA's attributes: the attribute, and whether it is there
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
    """What an image is to show. kind: the column it is of, "label" or "attributes".

    wanted: by the number of the class or attribute, whether it is to be there.
    """

    text: str
    kind: str
    wanted: Mapping[int, bool]

    def shown(self, probabilities: np.ndarray, *, confidence: float = 0.5) -> np.ndarray:
        """Which images show it: probabilities float (count, classes or attributes) -> bool (count,).

        All that is wanted must be there, and the rest not, each with at least this probability.
        """
        return self.sureness(probabilities) >= confidence

    def sureness(self, probabilities: np.ndarray) -> np.ndarray:
        """The probability of the least sure of all that is wanted or not: float (count, …) -> (count,)."""
        chances = [probabilities[:, at] if there else 1 - probabilities[:, at] for at, there in self.wanted.items()]
        return np.min(chances, axis=0)

    def spelled(self, facts: DataFacts) -> str:
        """In the data's own names: "Male, not Eyeglasses"."""
        names = facts.classes if self.kind == "label" else facts.attributes
        return ", ".join(("" if there else "not ") + names[at] for at, there in self.wanted.items())


def read(text: str, facts: DataFacts) -> AttributeQuery:
    """A class of the data by name or number, or attributes: "smiling woman without glasses".

    Raises: OptionError for words that the data do not know.
    """
    return read_all([text], facts)[0]


def read_all(texts: Sequence[str], facts: DataFacts) -> list[AttributeQuery]:
    """Concepts that stand beside one another, as `read` reads each.

    An attribute that one of them names is taken as absent in those that do not name it: beside "man with glasses" the
    word "man" means one without. Raises: OptionError.
    """
    if not facts.attributes and not facts.classes:
        raise OptionError(
            f"the data set '{facts.name}' has no labels and no attributes, so no words can be read in its "
            "images: name seeds instead"
        )
    if not facts.attributes or {folded(text) for text in texts} <= {folded(name) for name in facts.classes}:
        return [AttributeQuery(text, "label", {class_index(text, facts.classes, facts.name): True}) for text in texts]
    held = [_attributes(text, facts) for text in texts]
    named = sorted(set().union(*held))
    if not named:
        raise OptionError(f"'{texts[0]}' names no attribute of '{facts.name}': {_examples(facts)}")
    return [
        AttributeQuery(text, "attributes", {at: known.get(at, False) for at in named})
        for text, known in zip(texts, held, strict=True)
    ]


def total(concepts: Sequence[AttributeQuery], signs: Sequence[int]) -> AttributeQuery | None:
    """What a signed sum should show: of attributes, each that is left over; nothing can be said of classes."""
    if any(concept.kind == "label" for concept in concepts):
        return None
    return AttributeQuery("the sum", "attributes", {at: count > 0 for at, count in _counts(concepts, signs).items()})


def change(concepts: Sequence[AttributeQuery], signs: Sequence[int]) -> AttributeQuery:
    """What a signed sum should change an image to, when it is added: the attributes that differ, or the first class."""
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
    known, found, is_negated = _vocabulary(facts), {}, False
    words = re.findall(r"\w+", folded(text).replace("_", " "))
    while words:
        length = next((n for n in range(MOST_WORDS, 0, -1) if " ".join(words[:n]) in known), 0)
        if length:
            at, there = known[" ".join(words[:length])]
            if found.setdefault(at, there != is_negated) != (there != is_negated):
                raise OptionError(f"'{text}' contradicts itself: {facts.attributes[at]} is to be there and not")
            is_negated = False
        elif words[0] in NEGATIONS:
            is_negated = True
        elif words[0] not in FILLERS:
            hint = did_you_mean(words[0], [*known, *NEGATIONS, *FILLERS])
            raise OptionError(f"'{facts.name}' has no attribute '{words[0]}': {_examples(facts)}{hint}")
        words = words[max(1, length) :]
    if is_negated:
        raise OptionError(f"'{text}' ends before it says what is not to be there")
    return found


def _vocabulary(facts: DataFacts) -> dict[str, tuple[int, bool]]:
    """By words in small letters: the number of an attribute, and whether they say that it is there."""
    numbers = {name: number for number, name in enumerate(facts.attributes)}
    plain = {word: (numbers[name], there) for word, (name, there) in PLAIN.items() if name in numbers}
    return plain | {folded(name).replace("_", " "): (number, True) for name, number in numbers.items()}


def _examples(facts: DataFacts) -> str:
    return "its attributes: " + ", ".join(facts.attributes)
