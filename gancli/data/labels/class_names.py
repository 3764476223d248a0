"""Names of classes: how they are compared and sorted, and which class a text means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.core.options import whole
from gancli.data.remarks import some

MOST_NAMES = 20  # in a message
LARGEST_NUMBER = 2**53  # of a class


def folded(text: str) -> str:
    """A name without differences in case and Unicode composition (NFC), for comparisons."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def natural_key(name: str) -> tuple:
    """A key that sorts names by the numbers in them: 2 before 10."""
    parts = re.split("0*([1-9][0-9]*|0)", name)
    return (*(_part_key(part) for part in parts if part), (0, name))


def _part_key(part: str) -> tuple[int, str]:
    """Numbers by their length and then their digits, as they may have thousands."""
    if not (part.isascii() and part.isdecimal()):
        return -1, part
    return (0, "") if part == "0" else (len(part), part)


def class_index(name: str, classes: tuple[str, ...], data: str) -> int:
    """The index of the class that a text means.

    Names of classes come first: exact, then whatever their case and Unicode composition (NFC), then as a number (7 for
    007). If no class is named by a number, a number counts the classes from 0. Raises: OptionError for no class, or
    several.
    """
    if not classes:
        raise OptionError(f"the data set '{data}' has no labels, so a class cannot be chosen; give seeds instead")
    are_numbers = any(_number(known) is not None for known in classes)
    forms: list[Callable[[str], object]] = [str, folded]
    forms += [_number] if _number(name) is not None else []
    for form in forms:
        found = [index for index, known in enumerate(classes) if form(known) == form(name)]
        if len(found) > 1:
            raise OptionError(
                f"'{name}' is the name of several classes of '{data}': {some([classes[at] for at in found])}"
            )
        if found:
            return found[0]
    if not are_numbers and (number := whole(name, len(classes) - 1)) is not None:
        return number
    names = ", ".join(classes if len(classes) <= MOST_NAMES else (*classes[:MOST_NAMES], "…"))
    raise OptionError(f"'{data}' has no class '{name}'; its classes: {names}" + did_you_mean(name, classes))


def _number(name: str) -> int | None:
    """The number that a class is named by, if any."""
    return whole(name, LARGEST_NUMBER)
