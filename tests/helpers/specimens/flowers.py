"""Oxford's 102 flowers: pictures by number, labels and splits by scipy's writer of .mat files."""

from pathlib import Path

import numpy as np
from scipy.io import savemat

from tests.helpers.specimens import Specimen, photo

NAME = "Oxford flowers' labels (mat)"
LABELS = np.array([[77, 77, 3, 3, 3, 10, 10, 10]], np.uint8)


def flowers(folder: Path, *, splits: bool = True) -> Path:
    for number in range(1, LABELS.size + 1):
        photo(folder / f"jpg/image_{number:05}.jpg")
    savemat(folder / "imagelabels.mat", {"labels": LABELS}, do_compression=True)
    if splits:
        ids = {"trnid": [[1, 3, 6]], "valid": [[2, 4]], "tstid": [[5, 7, 8]]}
        savemat(folder / "setid.mat", {name: np.array(rows, np.uint16) for name, rows in ids.items()})
    return folder


LABELED, CLASSES = ("image", "label"), ("3", "10", "77")
SPECIMENS = [
    Specimen("Oxford flowers", flowers, NAME, {"train": 3, "validation": 2, "test": 3}, LABELED, CLASSES),
    Specimen(
        "Oxford flowers without splits", lambda path: flowers(path, splits=False), NAME, {"train": 8}, LABELED, CLASSES
    ),
]
