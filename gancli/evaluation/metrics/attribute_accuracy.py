"""Whether pictures show what they were asked for, where it is known: attributes in groups that exclude one another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import OptionError

SEPARATOR = ": "  # in the name of an attribute, between its group and its value


def groups(attributes: Sequence[str]) -> dict[str, list[int]]:
    """The numbers of the attributes of each group: of "ground: red", "ground: blue", … the group "ground".

    Raises: OptionError where attributes have no groups.
    """
    found: dict[str, list[int]] = {}
    for number, name in enumerate(attributes):
        group, separator, _ = name.partition(SEPARATOR)
        if not separator:
            raise OptionError(f"the attribute '{name}' is of no group, such as 'ground: red'")
        found.setdefault(group, []).append(number)
    return found


def are_grouped(attributes: Sequence[str]) -> bool:
    """Whether attributes are values of groups."""
    return bool(attributes) and all(SEPARATOR in name for name in attributes)


@dataclass(frozen=True)
class AttributeAccuracy:
    """How many of the attributes that were asked for are seen: of all pictures (counts), by group, and each."""

    right: int
    asked: int
    by_group: Mapping[str, float]
    by_value: Mapping[str, float]

    @property
    def share(self) -> float | None:
        """Of all attributes asked for, those seen; None where none was asked for."""
        return self.right / self.asked if self.asked else None


def measure(seen: np.ndarray, asked: np.ndarray, attributes: Sequence[str]) -> AttributeAccuracy:
    """Compare what a classifier sees with what was asked for.

    seen: probabilities float (count, attributes). asked: 0 and 1 of the same shape. Of a group the likeliest value is
    taken as seen; a group of which a picture was asked for nothing does not count for it.
    """
    right, total, shares, each = 0, 0, {}, dict.fromkeys(attributes, 0.0)
    for group, members in groups(attributes).items():
        is_asked = asked[:, members].any(axis=1)
        hits = seen[:, members].argmax(axis=1) == asked[:, members].argmax(axis=1)
        count, found = int(is_asked.sum()), int((hits & is_asked).sum())
        right, total = right + found, total + count
        shares |= {group: found / count} if count else {}
        each |= {attributes[at]: float(hits[asked[:, at] > 0].mean()) for at in members if asked[:, at].any()}
    return AttributeAccuracy(right, total, shares, each)
