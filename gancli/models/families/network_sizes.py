"""Sizes of networks: lists of hidden units, and depths that fit an image."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import option, whole

MOST_UNITS = 65536


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
