"""Sets as StyleGAN's dataset_tool.py writes them."""

import json
import zipfile
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "dataset.json of StyleGAN"


def stylegan(folder: Path, *, labeled: bool = True) -> Path:
    names = [f"{number // 3:05}/img{number:08}.png" for number in range(8)]
    for name in names:
        photo(folder / name)
    labels = [[name, (1, 7, 10)[at % 3]] for at, name in enumerate(names)] if labeled else None
    put(folder / "dataset.json", json.dumps({"labels": labels}))
    path = folder / "set.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for name in (*names, "dataset.json"):
            archive.write(folder / name, name)
    return path


SPECIMENS = [
    Specimen("StyleGAN's zip with labels", stylegan, NAME, {"train": 8}, ("image", "label"), ("1", "7", "10")),
    Specimen("StyleGAN's zip", lambda path: stylegan(path, labeled=False), NAME, {"train": 8}, ("image",)),
]
