"""Images made from coarse to fine, with every stage between; from noise, or from the coarse image of a real one."""

from __future__ import annotations

import itertools
import math
from typing import NamedTuple

from gancli.core.backend import Tensor, np, tf
from gancli.imaging import images
from gancli.inference.sampling import in_batches
from gancli.models.base import one_hot
from gancli.models.capabilities import Pyramid


class Shown(NamedTuple):
    """One stage of images: what it is, and uint8 (count, side, side, channels). Details are drawn around grey."""

    name: str
    pixels: np.ndarray


def stages(
    model: Pyramid, z: np.ndarray, labels: np.ndarray | None = None, *, start: np.ndarray | None = None, level: int = 0
) -> list[Shown]:
    """Every stage of images, the coarsest first, the images themselves last: enlarged, details, sum, level by level.

    z: float32 (count, z_size). labels: int (count,), of a model that takes labels. start: real images uint8 (count,
    *shape of the data), whose reduction to the side of `level` stands for what the levels up to there would make.
    """
    columns = [z.astype(np.float32)]
    columns += [] if start is None else [start]
    columns += [] if labels is None else [one_hot(labels, model.data.classes).numpy()]
    names: list[tuple[str, int]] = []

    def made(z: Tensor, *others: Tensor) -> Tensor:
        condition = None if labels is None else others[-1]
        begun = None if start is None else model.reduced(images.from_uint8(others[0]), level)
        image = model.coarsest(z, condition) if begun is None else begun
        found = [(f"{image.shape[1]}x{image.shape[1]}", image)]
        for finer in range(level + 1, len(model.sides)):
            enlarged, details = model.refine(finer, image, z, condition)
            image = tf.clip_by_value(enlarged + details, -1.0, 1.0)
            found += [("enlarged", enlarged), ("details", details), (f"{image.shape[1]}x{image.shape[1]}", image)]
        names[:] = [(name, part.shape[1]) for name, part in found]
        return tf.concat([tf.reshape(part, (len(part), -1)) for _, part in found], axis=1)

    rows = in_batches(tf.function(made), *columns)
    shapes = [(side, side, model.data.shape[2]) for _, side in names]
    cuts = list(itertools.accumulate(math.prod(shape) for shape in shapes))
    parts = np.split(rows, cuts[:-1], axis=1)
    return [
        Shown(name, images.to_uint8(part.reshape(-1, *shape)))
        for (name, _), part, shape in zip(names, parts, shapes, strict=True)
    ]
