"""When eyes, mouth and hair appear in the images of a training, by a classifier of attributes.

A part of the face is there if the classifier is as certain of its attributes as on real images, and finds them as
often: noise and blots may look like closed mouths to it, but not in the shares of the data.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np

CERTAINTY = 0.9  # of that of real images
DISTANCE = 0.1
PARTS = {  # words in the names of attributes, CelebA's among them
    "eyes": re.compile(r"eyes|eyebrows"),
    "mouth": re.compile(r"mouth|lips|smil"),
    "hair": re.compile(r"hair|bangs|tails|bald"),
}


@dataclass(frozen=True)
class PartScore:
    """How much a part of the face is there. certainty: the mean of |2 p - 1| over images and attributes, relative to
    real images. distance: the mean absolute difference of the attributes' shares from those of real images."""

    certainty: float
    distance: float

    @property
    def is_there(self) -> bool:
        """Whether both are close enough to those of real images."""
        return self.certainty >= CERTAINTY and self.distance < DISTANCE


def parts_of(attributes: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the attributes of each part that has some: those of "Blue_Eyes" and "Narrow_Eyes" for "eyes"."""
    found = {}
    for part, words in PARTS.items():
        numbers = [at for at, name in enumerate(attributes) if words.search(name.casefold())]
        found |= {part: numbers} if numbers else {}
    return found


def score_parts(generated: np.ndarray, real: np.ndarray, parts: Mapping[str, Sequence[int]]) -> dict[str, PartScore]:
    """Each part's score. generated, real: probabilities of the classifier, float (images, attributes)."""
    scores = {}
    for part, numbers in parts.items():
        ours, theirs = generated[:, numbers], real[:, numbers]
        certainty = np.abs(2 * ours - 1).mean() / np.abs(2 * theirs - 1).mean()
        distance = np.abs((ours >= 0.5).mean(axis=0) - (theirs >= 0.5).mean(axis=0)).mean()
        scores[part] = PartScore(float(certainty), float(distance))
    return scores


def first_steps(by_step: Mapping[int, Mapping[str, PartScore]]) -> dict[str, int | None]:
    """The first of the steps, in order, at which each part is there; None for one that never is."""
    found: dict[str, int | None] = {}
    for step, scores in sorted(by_step.items()):
        for part, score in scores.items():
            found[part] = step if found.get(part) is None and score.is_there else found.get(part)
    return found
