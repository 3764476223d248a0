"""Walks through latent space, z or w: their images as a grid and as an animation."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import np
from gancli.imaging import images
from gancli.inference.sampling import Sampler
from gancli.nn import latents

Decode = Callable[["np.ndarray"], "np.ndarray"]  # from vectors float32 (count, size) to images uint8 (count, …)


class LatentWalk(NamedTuple):
    """A walk through latent space.

    rows: images uint8 (count, height, width, channels) in a grid of `shape` (rows, columns). film: the frames of an
    animation. count: the number of different images.
    """

    rows: np.ndarray
    shape: tuple[int, int]
    film: list[np.ndarray]
    count: int

    @classmethod
    def of_rows(cls, rows: np.ndarray, columns: int) -> LatentWalk:
        """Parallel walks, one per row of the grid: a frame of the animation is a column.

        rows: images uint8 (count, height, width, channels) in row order. columns: images per walk.
        """
        shape = (len(rows) // columns, columns)
        if shape[0] == 1:
            return cls(rows, shape, images.visible_frames(rows), len(rows))
        by_column = rows.reshape(*shape, *rows.shape[1:]).swapaxes(0, 1)
        return cls(rows, shape, [images.grid(column) for column in by_column], len(rows))


def with_endpoints(walk: LatentWalk, left: np.ndarray, right: np.ndarray | None = None) -> LatentWalk:
    """The walk with images added at the left and right of its rows, uint8 (rows, height, width, channels).

    The animation stays as it is.
    """
    rows = walk.rows.reshape(*walk.shape, *walk.rows.shape[1:])
    parts = [left[:, None], rows] + ([] if right is None else [right[:, None]])
    whole = np.concatenate(parts, axis=1)
    return walk._replace(rows=whole.reshape(-1, *whole.shape[2:]), shape=whole.shape[:2])


def decoder(sampler: Sampler, label: int | None = None) -> Decode:
    """The function from z to images. label: of all of them, for a class-conditional model."""
    return lambda z: sampler.decode(z, None if label is None else np.full(len(z), label))


def between_seeds(decode: Decode, stops: np.ndarray, steps: int, *, mode: str = "lerp") -> LatentWalk:
    """Interpolate through latent vectors float32 (stops, size): one row from each to the next, both ends included.

    mode: "lerp" or "slerp".
    """
    film = decode(latents.path(stops, steps, mode=mode))
    rows = np.concatenate([film[start : start + steps] for start in range(0, len(film) - 1, steps - 1)])
    return LatentWalk(rows, (len(stops) - 1, steps), images.visible_frames(film), len(film))


def between_classes(sampler: Sampler, stops: np.ndarray, steps: int, *, first: int, last: int) -> LatentWalk:
    """Interpolate the condition from class `first` to class `last`: one row per latent vector, which is fixed.

    stops: float32 (rows, z_size). steps: images per row.
    """
    start, end = sampler.conditions[[first, last]]
    shares = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    z = np.repeat(stops, steps, axis=0)
    return LatentWalk.of_rows(sampler.decode(z, np.tile((1 - shares) * start + shares * end, (len(stops), 1))), steps)


def along(decode: Decode, stops: np.ndarray, steps: int, direction: np.ndarray, *, reach: float) -> LatentWalk:
    """A row per z: z - reach direction, …, z, …, z + reach direction (Radford et al. 2015, Figure 8).

    direction: float32 (size,).
    """
    shares = np.linspace(-reach, reach, steps, dtype=np.float32)[:, None]
    return LatentWalk.of_rows(decode((stops[:, None] + shares * direction).reshape(-1, direction.size)), steps)


def square(decode: Decode, corners: np.ndarray, steps: int, *, mode: str = "lerp") -> LatentWalk:
    """Interpolate between four latent vectors, the corners of a square in row order, to steps x steps images.

    corners: float32 (4, size). mode: "lerp" or "slerp".
    """
    left, right = (latents.path(corners[[up, down]], steps, mode=mode) for up, down in ((0, 2), (1, 3)))
    paths = [latents.path(np.stack(ends), steps, mode=mode) for ends in zip(left, right, strict=True)]
    return LatentWalk.of_rows(decode(np.concatenate(paths)), steps)
