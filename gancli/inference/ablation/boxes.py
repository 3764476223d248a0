"""Boxes around an object in samples, read from a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path

from gancli.core import files
from gancli.core.errors import DataError
from gancli.core.options import LARGEST_TEXT, whole
from gancli.nn.latents import MAX_SEED

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels


def read_boxes(path: Path, shape: tuple[int, int, int]) -> Mapping[int, list[Box]]:
    """The boxes of each seed in a file of lines `seed,x0,y0,x1,y1`, in pixels, x to the right, y down.

    Raises: DataError for an invalid line, or a box outside the image.
    """
    try:
        text = files.read_regular(path, most=LARGEST_TEXT).decode("utf-8-sig")
        lines = list(csv.reader(text.splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"cannot read the boxes in {path}: {why}") from error
    boxes: dict[int, list[Box]] = {}
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line]
        if not any(cells) or (number == 1 and cells[0] == "seed"):
            continue
        try:
            seed, box = whole(cells[0], MAX_SEED), [float(cell) for cell in cells[1:]]
            left, top, right, bottom = box
            if seed is None or not (0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]):
                raise ValueError
        except ValueError:
            raise DataError(
                f"{path}, line {number}: expected seed,x0,y0,x1,y1 with a box inside {shape[1]}x{shape[0]} pixels, "
                f"not {','.join(cells)[:60]}"
            ) from None
        boxes.setdefault(seed, []).append((left, top, right, bottom))
    if not boxes:
        raise DataError(f"{path} holds no boxes: expected lines seed,x0,y0,x1,y1")
    return boxes
