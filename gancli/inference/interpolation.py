"""Walks in the latent space: through z's, along a direction, over a square, or from class to class."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core import latents
from gancli.core.backend import np
from gancli.imaging import images
from gancli.inference.sampling import Sampler


class LatentWalk(NamedTuple):
    """Images uint8 (places, height, width, channels) laid out in `shape` (rows, columns), the frames of a film, and how
    many different images there are."""

    rows: np.ndarray
    shape: tuple[int, int]
    film: list[np.ndarray]
    count: int

    @classmethod
    def of_rows(cls, rows: np.ndarray, columns: int) -> LatentWalk:
        """Rows that walk side by side: a frame of the film is a column."""
        shape = (len(rows) // columns, columns)
        if shape[0] == 1:
            return cls(rows, shape, images.visible_frames(rows), len(rows))
        by_column = rows.reshape(*shape, *rows.shape[1:]).swapaxes(0, 1)
        return cls(rows, shape, [images.grid(column) for column in by_column], len(rows))


def with_endpoints(walk: LatentWalk, left: np.ndarray, right: np.ndarray | None = None) -> LatentWalk:
    """The walk with an image at the left of each row, and at the right, uint8 (rows, height, width, channels).

    The film is left as it is.
    """
    rows = walk.rows.reshape(*walk.shape, *walk.rows.shape[1:])
    parts = [left[:, None], rows] + ([] if right is None else [right[:, None]])
    whole = np.concatenate(parts, axis=1)
    return walk._replace(rows=whole.reshape(-1, *whole.shape[2:]), shape=whole.shape[:2])


def between_seeds(
    sampler: Sampler, stops: np.ndarray, steps: int, *, mode: str, label: int | None = None
) -> LatentWalk:
    """Through z's float32 (stops, z_size), a row from each to the next: the end of one row is the start of the next.

    mode: of latents.path. label: of a model that takes labels.
    """
    way = latents.path(stops, steps, mode=mode)
    film = sampler.decode(way, None if label is None else np.full(len(way), label))
    starts = range(0, len(film) - 1, steps - 1)
    rows = np.concatenate([film[start : start + steps] for start in starts])
    return LatentWalk(rows, (len(stops) - 1, steps), images.visible_frames(film), len(film))


def between_classes(sampler: Sampler, stops: np.ndarray, steps: int, *, first: int, last: int) -> LatentWalk:
    """From one class to another, a row for each z, which stands still."""
    start, end = sampler.conditions[[first, last]]
    shares = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    z = np.repeat(stops, steps, axis=0)
    return LatentWalk.of_rows(sampler.decode(z, np.tile((1 - shares) * start + shares * end, (len(stops), 1))), steps)


def along(
    sampler: Sampler, stops: np.ndarray, steps: int, direction: np.ndarray, *, reach: float, label: int | None = None
) -> LatentWalk:
    """A row for each z: z - reach direction, …, z, …, z + reach direction; the `turn` of Radford et al. 2015, 6.3.2.

    direction: float32 (z_size,).
    """
    shares = np.linspace(-reach, reach, steps, dtype=np.float32)[:, None]
    z = (stops[:, None] + shares * direction).reshape(-1, direction.size)
    return LatentWalk.of_rows(sampler.decode(z, None if label is None else np.full(len(z), label)), steps)


def square(sampler: Sampler, corners: np.ndarray, steps: int, *, mode: str, label: int | None = None) -> LatentWalk:
    """Four z's at the corners of a square, by rows, and all that lies between them.

    mode: of latents.path.
    """
    left, right = (latents.path(corners[[up, down]], steps, mode=mode) for up, down in ((0, 2), (1, 3)))
    z = np.concatenate([latents.path(np.stack(ends), steps, mode=mode) for ends in zip(left, right, strict=True)])
    return LatentWalk.of_rows(sampler.decode(z, None if label is None else np.full(len(z), label)), steps)
