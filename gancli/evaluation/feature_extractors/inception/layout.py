"""Names and shapes of the arrays in the weights of inception-2015, as PyTorch's state dict has them.

The network is that of Szegedy et al. 2015 (arxiv.org/abs/1512.00567), with 1,008 classes: 94 convolutions, each with
batch normalization, and a dense layer.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

CLASSES, FEATURES = 1008, 2048
NORMALIZATION = ("weight", "bias", "running_mean", "running_var")
STEM = "Conv2d_1a_3x3 3 32 3x3, Conv2d_2a_3x3 32 32 3x3, Conv2d_2b_3x3 32 64 3x3, Conv2d_3b_1x1 64 80 1x1"
STEM += ", Conv2d_4a_3x3 80 192 3x3"
# Of a block: branch and number, channels in and out, kernel (height x width); I, P, M are those of the block below.
BLOCKS = {
    "A": "1x1 I 64 1x1, 5x5_1 I 48 1x1, 5x5_2 48 64 5x5, 3x3dbl_1 I 64 1x1, 3x3dbl_2 64 96 3x3, 3x3dbl_3 96 96 3x3"
    ", _pool I P 1x1",
    "B": "3x3 I 384 3x3, 3x3dbl_1 I 64 1x1, 3x3dbl_2 64 96 3x3, 3x3dbl_3 96 96 3x3",
    "C": "1x1 I 192 1x1, 7x7_1 I M 1x1, 7x7_2 M M 1x7, 7x7_3 M 192 7x1, 7x7dbl_1 I M 1x1, 7x7dbl_2 M M 7x1"
    ", 7x7dbl_3 M M 1x7, 7x7dbl_4 M M 7x1, 7x7dbl_5 M 192 1x7, _pool I 192 1x1",
    "D": "3x3_1 I 192 1x1, 3x3_2 192 320 3x3, 7x7x3_1 I 192 1x1, 7x7x3_2 192 192 1x7, 7x7x3_3 192 192 7x1"
    ", 7x7x3_4 192 192 3x3",
    "E": "1x1 I 320 1x1, 3x3_1 I 384 1x1, 3x3_2a 384 384 1x3, 3x3_2b 384 384 3x1, 3x3dbl_1 I 448 1x1"
    ", 3x3dbl_2 448 384 3x3, 3x3dbl_3a 384 384 1x3, 3x3dbl_3b 384 384 3x1, _pool I 192 1x1",
}
MIXED = "5b A 192 32, 5c A 256 64, 5d A 288 64, 6a B 288 0, 6b C 768 128, 6c C 768 160, 6d C 768 160, 6e C 768 192"
MIXED += ", 7a D 768 0, 7b E 1280 0, 7c E 2048 0"  # name, block, I, and P or M


@functools.cache
def shapes() -> Mapping[str, tuple[int, ...]]:
    """The shape of each array that the network needs, by name: convolutions are (out, in, height, width)."""
    found: dict[str, tuple[int, ...]] = {}
    for name, shape in _convolutions():
        found[f"{name}.conv.weight"] = shape
        found |= {f"{name}.bn.{part}": shape[:1] for part in NORMALIZATION}
    return found | {"fc.weight": (CLASSES, FEATURES), "fc.bias": (CLASSES,)}


def _convolutions() -> Iterator[tuple[str, tuple[int, ...]]]:
    yield from _parsed(STEM, "", {})
    for mixed in MIXED.split(", "):
        name, block, before, middle = mixed.split()
        yield from _parsed(BLOCKS[block], f"Mixed_{name}.branch", {"I": before, "P": middle, "M": middle})


def _parsed(text: str, prefix: str, numbers: Mapping[str, str]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for convolution in text.split(", "):
        name, before, after, kernel = convolution.split()
        channels = [int(numbers.get(one, one)) for one in (after, before)]
        yield prefix + name, (*channels, *map(int, kernel.split("x")))
