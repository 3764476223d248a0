"""The Inception network of published FIDs, in Keras, from weights with PyTorch's names.

Szegedy et al. 2015 (arXiv:1512.00567) describe its blocks; Heusel et al. 2017 (arXiv:1706.08500) took the Inception
that Google published on 2015-12-05, and so does every FID since. It is neither Keras' InceptionV3 nor torchvision's: it
has other weights and 1008 classes, and

- average pooling divides by the number of pixels, without the padding;
- the last block pools the maximum, where the paper and the block before it take the average;
- the Inception score takes logits without the bias of the last layer, as the code of its authors does.

Features are the means, over height and width, of what follows the first and the second max pooling (64 and 192), of
Mixed_6e (768) and of Mixed_7c (2048). A convolution has five tensors: `NAME.conv.weight`, `NAME.bn.weight`,
`NAME.bn.bias`, `NAME.bn.running_mean` and `NAME.bn.running_var`; in a block, NAME is such as `Mixed_5b.branch5x5_1`.

Batch normalization (fixed statistics, epsilon .001) is multiplied into the convolutions, in float64: the same numbers
to rounding, without a pass of its own over the activations.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, np

SIDE, CLASSES = 299, 1008
DIMS = (64, 192, 768, 2048)
EPSILON = 1e-3
NORMALIZATION = ("weight", "bias", "running_mean", "running_var")


class Conv(NamedTuple):
    """A convolution, batch normalization and ReLU. padded: whether the size is kept, apart from the stride."""

    name: str
    filters: int
    height: int = 1
    width: int = 1
    stride: int = 1
    padded: bool = True


class Pool(NamedTuple):
    """A pooling of 3 x 3 pixels: with stride 2 not padded, else padded, and the padding does not count."""

    kind: str  # "average" or "max"
    stride: int = 1


HALVE = Pool("max", 2)
Step = Conv | Pool | tuple[Conv, Conv]  # two convolutions of the same input are concatenated
Branches = tuple[tuple[Step, ...], ...]


def _pooled(kind: str, filters: int) -> tuple[Step, ...]:
    return Pool(kind), Conv("branch_pool", filters)


def _block_35(pooled: int) -> Branches:
    """Mixed_5b to 5d, 35 x 35 pixels."""
    return (
        (Conv("branch1x1", 64),),
        (Conv("branch5x5_1", 48), Conv("branch5x5_2", 64, 5, 5)),
        (Conv("branch3x3dbl_1", 64), Conv("branch3x3dbl_2", 96, 3, 3), Conv("branch3x3dbl_3", 96, 3, 3)),
        _pooled("average", pooled),
    )


def _block_17(inner: int) -> Branches:
    """Mixed_6b to 6e, 17 x 17 pixels."""
    return (
        (Conv("branch1x1", 192),),
        (Conv("branch7x7_1", inner), Conv("branch7x7_2", inner, 1, 7), Conv("branch7x7_3", 192, 7, 1)),
        (
            Conv("branch7x7dbl_1", inner),
            Conv("branch7x7dbl_2", inner, 7, 1),
            Conv("branch7x7dbl_3", inner, 1, 7),
            Conv("branch7x7dbl_4", inner, 7, 1),
            Conv("branch7x7dbl_5", 192, 1, 7),
        ),
        _pooled("average", 192),
    )


def _block_8(pool: str) -> Branches:
    """Mixed_7b and 7c, 8 x 8 pixels."""
    return (
        (Conv("branch1x1", 320),),
        (Conv("branch3x3_1", 384), (Conv("branch3x3_2a", 384, 1, 3), Conv("branch3x3_2b", 384, 3, 1))),
        (
            Conv("branch3x3dbl_1", 448),
            Conv("branch3x3dbl_2", 384, 3, 3),
            (Conv("branch3x3dbl_3a", 384, 1, 3), Conv("branch3x3dbl_3b", 384, 3, 1)),
        ),
        _pooled(pool, 192),
    )


_TO_17: Branches = (
    (Conv("branch3x3", 384, 3, 3, 2, False),),
    (Conv("branch3x3dbl_1", 64), Conv("branch3x3dbl_2", 96, 3, 3), Conv("branch3x3dbl_3", 96, 3, 3, 2, False)),
    (HALVE,),
)
_TO_8: Branches = (
    (Conv("branch3x3_1", 192), Conv("branch3x3_2", 320, 3, 3, 2, False)),
    (
        Conv("branch7x7x3_1", 192),
        Conv("branch7x7x3_2", 192, 1, 7),
        Conv("branch7x7x3_3", 192, 7, 1),
        Conv("branch7x7x3_4", 192, 3, 3, 2, False),
    ),
    (HALVE,),
)
_STEM: Branches = (
    (
        Conv("Conv2d_1a_3x3", 32, 3, 3, 2, False),
        Conv("Conv2d_2a_3x3", 32, 3, 3, 1, False),
        Conv("Conv2d_2b_3x3", 64, 3, 3),
        HALVE,
    ),
)
_STEM_2: Branches = ((Conv("Conv2d_3b_1x1", 80), Conv("Conv2d_4a_3x3", 192, 3, 3, 1, False), HALVE),)
STAGES: dict[int, dict[str, Branches]] = {  # blocks in order, by the size of the features that a stage ends with
    64: {"": _STEM},
    192: {"": _STEM_2},
    768: {
        "Mixed_5b.": _block_35(32),
        "Mixed_5c.": _block_35(64),
        "Mixed_5d.": _block_35(64),
        "Mixed_6a.": _TO_17,
        "Mixed_6b.": _block_17(128),
        "Mixed_6c.": _block_17(160),
        "Mixed_6d.": _block_17(160),
        "Mixed_6e.": _block_17(192),
    },
    2048: {"Mixed_7a.": _TO_8, "Mixed_7b.": _block_8("average"), "Mixed_7c.": _block_8("max")},
}


@functools.cache
def expected_shapes() -> dict[str, tuple[int, ...]]:
    """The shape of each tensor that `build` reads, by PyTorch's names; files may hold `num_batches_tracked` besides."""
    shapes: dict[str, tuple[int, ...]] = {}
    channels = 3
    for blocks in STAGES.values():
        for name, branches in blocks.items():
            channels = sum(_shapes_of(branch, name, channels, shapes) for branch in branches)
    return shapes | {"fc.weight": (CLASSES, channels), "fc.bias": (CLASSES,)}


def _shapes_of(steps: tuple[Step, ...], block: str, channels: int, shapes: dict[str, tuple[int, ...]]) -> int:
    """Add the shapes of one branch; returns its number of channels."""
    for step in steps:
        convolutions = (step,) if isinstance(step, Conv) else () if isinstance(step, Pool) else step
        for conv in convolutions:
            name = block + conv.name
            shapes[f"{name}.conv.weight"] = (conv.filters, channels, conv.height, conv.width)
            shapes |= {f"{name}.bn.{part}": (conv.filters,) for part in NORMALIZATION}
        channels = sum(conv.filters for conv in convolutions) or channels
    return channels


def build(tensors: Mapping[str, np.ndarray], *, dims: int = 2048) -> keras.Model:
    """The network up to the features of this size.

    tensors: float of `expected_shapes`. dims: one of DIMS. Inputs: float32 (count, 299, 299, 3) in about [-1, 1], see
    resizing. Outputs, by name, float32: "64", "192", … up to dims, each (count, size), and with 2048 "logits", without
    the bias, (count, 1008). What a graph does not use, it does not compute.
    """
    inputs = keras.Input((SIDE, SIDE, 3), dtype="float32")
    values, outputs = inputs, {}
    for size, blocks in STAGES.items():
        for name, branches in blocks.items():
            values = _side_by_side([_branch(values, branch, name, tensors) for branch in branches])
        outputs[str(size)] = keras.layers.GlobalAveragePooling2D(dtype="float32")(values)
        if size == dims:
            break
    if dims == max(DIMS):
        matrix = np.asarray(tensors["fc.weight"], np.float32).T
        last = keras.layers.Dense(CLASSES, use_bias=False, kernel_initializer=_always(matrix), dtype="float32")
        outputs["logits"] = last(outputs[str(dims)])
    return keras.Model(inputs, outputs)


def _branch(values: Tensor, steps: tuple[Step, ...], block: str, tensors: Mapping[str, np.ndarray]) -> Tensor:
    for step in steps:
        if isinstance(step, Pool):
            values = _pool(step)(values)
        else:
            convolutions = (step,) if isinstance(step, Conv) else step
            values = _side_by_side([_convolution(conv, block + conv.name, tensors)(values) for conv in convolutions])
    return values


def _side_by_side(parts: list[Tensor]) -> Tensor:
    return keras.layers.Concatenate(dtype="float32")(parts) if len(parts) > 1 else parts[0]


def _pool(pool: Pool) -> keras.Layer:
    layer = keras.layers.AveragePooling2D if pool.kind == "average" else keras.layers.MaxPooling2D
    return layer(3, pool.stride, "same" if pool.stride == 1 else "valid", dtype="float32")


def _convolution(conv: Conv, name: str, tensors: Mapping[str, np.ndarray]) -> keras.Layer:
    """The layer, with batch normalization in its weights."""
    kernel, scale, shift, mean, variance = (
        np.asarray(tensors[f"{name}.{part}"], np.float64)
        for part in ("conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
    )
    factor = scale / np.sqrt(variance + EPSILON)
    return keras.layers.Conv2D(
        conv.filters,
        (conv.height, conv.width),
        conv.stride,
        "same" if conv.padded else "valid",
        activation="relu",
        kernel_initializer=_always(kernel.transpose(2, 3, 1, 0) * factor),
        bias_initializer=_always(shift - mean * factor),
        dtype="float32",
        name=name.replace(".", "_"),
    )


def _always(values: np.ndarray) -> Callable[..., np.ndarray]:
    """An initializer that returns these values."""
    return lambda shape, dtype: values.astype(np.float32)
