"""TIFF files of several pages, written by Pillow and by tifffile."""

import numpy as np
from PIL import Image

from tests.helpers.specimens import Specimen, photo, pixels

NAME = "TIFF files of several pages"


def stack(folder):
    """Twenty slices in one file, by Pillow."""
    first, *others = [Image.fromarray(one) for one in pixels(20, 8, 8)]
    first.save(folder / "stack.tif", save_all=True, append_images=others)
    return folder / "stack.tif"


def microscope(folder):
    """Two stacks of twelve bits in sixteen, by tifffile, beside a single picture."""
    import tifffile

    for seed in range(2):
        values = (pixels(5, 8, 8, seed=seed).astype(np.uint16) << 4) + 15
        (folder / "cells").mkdir(exist_ok=True)
        tifffile.imwrite(folder / "cells" / f"{seed}.tif", values, photometric="minisblack")
    photo(folder / "cells" / "x.png", channels=1)
    return folder / "cells"


SPECIMENS = [
    Specimen(
        "a stack of slices", stack, NAME, {"train": 20}, ("image",), remarks=("1 file of several pages: 20 images",)
    ),
    Specimen(
        "stacks of a microscope",
        microscope,
        NAME,
        {"train": 11},
        ("image",),
        remarks=("2 files of several pages: 10 images", "12 bits"),
        needs=("tifffile",),
    ),
]
