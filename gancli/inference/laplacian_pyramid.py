"""Sampling a Laplacian pyramid (LAPGAN) with all its stages, from noise or from a downsampled real image."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.core.errors import OptionError
from gancli.imaging import images
from gancli.inference.sampling import in_batches
from gancli.models.base import one_hot
from gancli.models.capabilities import Pyramid


class PyramidStage(NamedTuple):
    """One stage: its name, and images uint8 (count, side, side, channels); in residuals gray is zero."""

    name: str
    pixels: np.ndarray


def level_of(model: Pyramid, side: int | None) -> int:
    """The level of images of this side, the coarsest if not given. Raises: OptionError for a side without a level."""
    if side is None:
        return 0
    if side not in model.sides[:-1]:
        raise OptionError(f"--from-side {side}: this run has levels of {', '.join(map(str, model.sides[:-1]))} pixels")
    return model.sides.index(side)


def stages(
    model: Pyramid, z: np.ndarray, labels: np.ndarray | None = None, *, start: np.ndarray | None = None, level: int = 0
) -> list[PyramidStage]:
    """Every stage, from the coarsest to the final images: per level the upsampled image, the residual, and their sum.

    z: float32 (count, z_size). labels: int (count,), for a class-conditional model. start: real images uint8 (count,
    *shape of the data); downsampled to the side of `level`, they replace what the levels up to there would generate.
    """
    columns = [z.astype(np.float32)]
    columns += [] if start is None else [start]
    columns += [] if labels is None else [one_hot(labels, model.data.classes).numpy()]
    names: list[tuple[str, int]] = []

    def generate(z: Tensor, *others: Tensor) -> Tensor:
        condition = None if labels is None else others[-1]
        begun = None if start is None else model.reduced(images.from_uint8(others[0]), level)
        image = model.coarsest(z, condition) if begun is None else begun
        found = [(f"{image.shape[1]}x{image.shape[1]}", image)]
        for finer in range(level + 1, len(model.sides)):
            enlarged, details = model.refine(finer, image, z, condition)
            image = tf.clip_by_value(enlarged + details, -1.0, 1.0)
            found += [("enlarged", enlarged), ("details", details), (f"{image.shape[1]}x{image.shape[1]}", image)]
        names[:] = [(name, part.shape[1]) for name, part in found]
        return tf.concat([tf.reshape(part, (tf.shape(part)[0], -1)) for _, part in found], axis=1)

    rows = in_batches(graph_function(generate), *columns)
    shapes = [(side, side, model.data.shape[2]) for _, side in names]
    cuts = list(itertools.accumulate(math.prod(shape) for shape in shapes))
    parts = np.split(rows, cuts[:-1], axis=1)
    return [
        PyramidStage(name, images.to_uint8(part.reshape(-1, *shape)))
        for (name, _), part, shape in zip(names, parts, shapes, strict=True)
    ]
