"""Small pictures with label maps: a sky, a road, and a car on it, each of its own colours."""

from pathlib import Path

import numpy as np
from PIL import Image

from gancli.data.annotations import label_maps
from gancli.data.formats import hdf5

CLASSES, PALETTE = ("sky", "road", "car"), ((90, 140, 230), (110, 110, 110), (200, 30, 30))
NONE = label_maps.IGNORED


def draw(count, height=20, width=24, seed=0):
    """Pictures uint8 (count, height, width, 3) and maps uint8 (count, height, width), a column of each unlabelled."""
    random = np.random.default_rng(seed)
    maps = np.zeros((count, height, width), np.uint8)
    for one in maps:
        horizon, left = random.integers(height // 3, height // 2), random.integers(0, width - 8)
        one[horizon:] = 1
        one[horizon + 2 : horizon + 7, left : left + 8] = 2
    pixels = np.array(PALETTE)[maps] + random.integers(-20, 21, (count, height, width, 3))
    maps[:, :, -1] = NONE
    return np.clip(pixels, 0, 255).astype(np.uint8), maps


def write_pairs(path, count=40):
    """A .h5 file of streets of 16 x 16 and their maps in colours."""
    pixels, maps = draw(count, 16, 16)
    hdf5.write(Path(path), pixels, pixels.shape, columns={"others": label_maps.colored(maps, PALETTE)})
    return Path(path)


def write_kinds(path, count=40):
    """A .h5 file of streets by day, A, and by night, B, of 16 x 16; 30 of each to test on."""
    pixels = draw(2 * count + 60, 16, 16)[0]
    labels = np.arange(len(pixels)) % 2
    pixels[labels == 1] //= 3
    columns = {"labels": labels, "tests": (np.arange(len(pixels)) >= 2 * count).astype(np.uint8)}
    hdf5.write(Path(path), pixels, pixels.shape, columns=columns, description=hdf5.Description(("A", "B")))
    return Path(path)


def write(path, count=44, *, parts=(24, 8, 12)):
    """A .h5 file of them: so many to train on, to test on and to validate on."""
    pixels, maps = draw(count)
    columns = {"maps": maps, "tests": np.repeat(np.arange(3, dtype=np.uint8), parts)}
    hdf5.write(
        Path(path), pixels, pixels.shape, columns=columns, description=hdf5.Description(CLASSES, palette=PALETTE)
    )
    return Path(path)


def lay(folder, *, layout="segnet", listed=True, count=12):
    """Streets as files, in one of the layouts."""
    pixels, maps = draw(count)
    for row, (image, classes) in enumerate(zip(pixels, maps, strict=True)):
        part = ("train", "train", "val", "test")[row % 4]
        there = {"segnet": (part, f"{part}annot"), "pair": (f"images/{part}", f"labels/{part}")}[layout]
        for place, values in zip(there, (image, classes), strict=True):
            (folder / place).mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(folder / place / f"{row:03}.png")
    if listed:
        colors = zip(CLASSES, PALETTE, strict=True)
        lines = [f"{number} {name} {' '.join(map(str, color))}" for number, (name, color) in enumerate(colors)]
        (folder / "classes.txt").write_text("\n".join(lines))
    return folder
