"""Accuracy of requested attributes: attributes in groups whose values exclude one another, such as "shape: star"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import OptionError

SEPARATOR = ": "  # in the name of an attribute, between its group and its value


def groups(attributes: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the attributes of each group: "ground: red", "ground: blue", … form the group "ground".

    Raises: OptionError for an attribute without a group.
    """
    found: dict[str, list[int]] = {}
    for number, name in enumerate(attributes):
        group, separator, _ = name.partition(SEPARATOR)
        if not separator:
            raise OptionError(f"the attribute '{name}' belongs to no group: expected a name such as 'ground: red'")
        found.setdefault(group, []).append(number)
    return found


def are_grouped(attributes: Sequence[str]) -> bool:
    """Whether all attributes are values of groups."""
    return bool(attributes) and all(SEPARATOR in name for name in attributes)


@dataclass(frozen=True)
class AttributeAccuracy:
    """How many requested attributes are found: counts over all images, and shares by group and by attribute."""

    right: int
    requested: int
    by_group: Mapping[str, float]
    by_value: Mapping[str, float]

    @property
    def share(self) -> float | None:
        """The share of requested attributes that are found; None if none was requested."""
        return self.right / self.requested if self.requested else None


def measure(probabilities: np.ndarray, requested: np.ndarray, attributes: Sequence[str]) -> AttributeAccuracy:
    """Compare the predictions of a classifier with the requested attributes.

    probabilities: float (count, attributes). requested: 0 and 1 of the same shape. The most probable value of a group
    is its prediction; a group does not count for an image that no value of it was requested of.
    """
    right = total = 0
    shares, each = {}, dict.fromkeys(attributes, 0.0)
    for group, members in groups(attributes).items():
        is_requested = requested[:, members].any(axis=1)
        hits = probabilities[:, members].argmax(axis=1) == requested[:, members].argmax(axis=1)
        count, found = int(is_requested.sum()), int((hits & is_requested).sum())
        right, total = right + found, total + count
        shares |= {group: found / count} if count else {}
        each |= {attributes[at]: float(hits[requested[:, at] > 0].mean()) for at in members if requested[:, at].any()}
    return AttributeAccuracy(right, total, shares, each)
