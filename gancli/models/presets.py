"""Presets: named sets of a model's options, such as the sizes of its paper, for `gancli train --preset`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean

if TYPE_CHECKING:
    from gancli.models.base import Model


def values(model_class: type[Model], name: str) -> Mapping[str, object]:
    """The options of a preset, by name. Raises: OptionError for one that the model does not have."""
    known = model_class.presets
    if name not in known:
        has = f"its presets are {', '.join(known)}" if known else "it has no presets"
        raise OptionError(f"{model_class.name()} has no preset '{name}': {has}" + did_you_mean(name, known))
    return known[name]


def as_flags(preset: Mapping[str, object]) -> str:
    """A preset as it would be typed: --width 128 --no-conditional."""
    flags = []
    for name, value in preset.items():
        dashed = name.replace("_", "-")
        flags.append(f"--{'' if value else 'no-'}{dashed}" if isinstance(value, bool) else f"--{dashed} {_text(value)}")
    return " ".join(flags)


def _text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
