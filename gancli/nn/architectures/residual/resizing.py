"""Halving and doubling of maps of any side, odd ones included, and the widths of the levels between."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras
from gancli.nn.layers import resampling

if TYPE_CHECKING:
    from collections.abc import Sequence


def doubled(net: Tensor, target: int, kind: str, name: str) -> Tensor:
    """Maps of `target` pixels, twice the side or one less, whose last row and column are then left out.

    kind: of `resampling.layer`.
    """
    net = resampling.layer(kind, name=name)(net)
    extra = net.shape[1] - target
    return keras.layers.Cropping2D(((0, extra), (0, extra)), name=f"{name}_crop")(net) if extra else net


def halved(net: Tensor, kind: str, name: str) -> Tensor:
    """Maps of half the side; an odd side gets a row and a column of zeros first. kind: of `resampling.layer`."""
    if net.shape[1] % 2:
        net = keras.layers.ZeroPadding2D(((0, 1), (0, 1)), name=f"{name}_pad")(net)
    return resampling.layer(kind, name=name)(net)


def widths(sides: Sequence[int], width: int, most: int) -> list[int]:
    """Channels of each level: `width` at the last, the largest, doubled at each halving up to `most`, if that is more.

    most = 1 gives each level the same width.
    """
    return [min(width * 2**level, max(width, most)) for level in reversed(range(len(sides)))]
