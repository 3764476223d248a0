"""Sizes of networks: lists of hidden units, depths that fit an image, and the levels of a pyramid."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import option, whole
from gancli.models.config import MOST_STEPS

MOST_UNITS = 65536
# Sides in pixels: images of at least LARGE are halved down to COARSE_OF_LARGE, others to COARSE or less.
LARGE = 64
COARSE_OF_LARGE = 4
COARSE = 8
MOST_LEVELS = 9
MOST_SIDE = 9999


@dataclass(frozen=True)
class HalvingOptions(options.Options):
    """Depth of networks that halve the image."""

    depth: int | None = option(None, "number of halvings by each network (default: down to 4 pixels)", low=1, high=10)


def hidden_units(text: str, *, flag: str = "--units", example: str = "500,500") -> tuple[int, ...]:
    """Units of hidden layers from a text such as "500,500"; none from an empty one. Raises: OptionError."""
    parts = [part.strip() for part in text.split(",")] if text.strip() else []
    units = [whole(part, MOST_UNITS, least=1) for part in parts]
    if None in units:
        raise OptionError(f"{flag} {text}: expected numbers from 1 to {MOST_UNITS}, such as {example}")
    return tuple(units)


def adversarial_units(chosen: options.Options) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Hidden units of generator and discriminator, --units and --d-units. Raises: OptionError."""
    return hidden_units(chosen.units), hidden_units(chosen.d_units, flag="--d-units")


def check_depth(depth: int | None, most: int, side: int) -> None:
    """Raise OptionError if images of this side are too small for a depth. most: the largest that works."""
    if depth is not None and depth > most:
        raise OptionError(f"--depth {depth}: images of {side}x{side} are too small for it; give {most} or less")


def pyramid_sides(text: str, side: int) -> tuple[int, ...]:
    """Sides of the levels, the coarsest first, from a text such as "8,16,32"; by halving `side` from an empty one.

    Raises: OptionError.
    """
    if not text:
        halved = [side]
        while halved[0] > (COARSE_OF_LARGE if side >= LARGE else COARSE):
            halved.insert(0, (halved[0] + 1) // 2)
        return tuple(halved)
    given = tuple(whole(part, MOST_SIDE) for part in text.replace(" ", "").split(","))
    if None in given:
        raise OptionError(f"--sizes {text}: expected sides in pixels, such as 8,16,32")
    if list(given) != sorted(set(given)) or given[0] < 2 or given[-1] != side or len(given) > MOST_LEVELS:
        raise OptionError(f"--sizes {text}: expected up to {MOST_LEVELS} increasing sides, the last one {side}")
    return given


def pyramid_lengths(text: str, count: int, each: int) -> list[int]:
    """Steps of each of `count` levels from a text such as "4000,2000,1000"; `each` from an empty one.

    Raises: OptionError.
    """
    if not text:
        return [each] * count
    steps = [whole(part.strip(), MOST_STEPS - 1, least=1) for part in text.split(",")]
    if len(steps) != count or None in steps:
        raise OptionError(f"--level-steps {text}: expected {count} numbers of steps, one per level")
    return steps
