"""Cityscapes as its archives unpack: leftImg8bit_trainvaltest.zip and gtFine_trainvaltest.zip."""

import numpy as np
from PIL import Image

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, encoded, put

NAME = "Cityscapes"
_CLASSES = (
    "road,sidewalk,building,wall,fence,pole,traffic light,traffic sign,vegetation,terrain,sky,person,rider,car,truck,"
    "bus,train,motorcycle,bicycle"
)
CLASSES = _CLASSES.split(",")
SCENES = {"train": ("aachen", 3), "val": ("frankfurt", 2), "test": ("berlin", 2)}


def full(folder, *, kinds=("labelIds",), with_test=False):
    root = folder / "cityscapes"
    for split, (city, count) in SCENES.items():
        for number in range(count):
            scene = f"{city}_{number:06}_000019"
            files.picture(root / f"leftImg8bit/{split}/{city}/{scene}_leftImg8bit.png", seed=number)
            stem = root / f"gtFine/{split}/{city}/{scene}_gtFine"
            is_empty = split == "test" and not with_test
            ids, train_ids = ((1, 3), (255, 255)) if is_empty else ((3, 7, 26, 33, 9), (255, 0, 13, 18, 255))
            for kind in kinds:
                files.numbers(stem.with_name(f"{stem.name}_{kind}.png"), *(ids if kind == "labelIds" else train_ids))
            instances = (files.stripes(3, 7, 26, 33, 9).astype(np.uint16) * 1000).astype(np.uint16)
            put(stem.with_name(f"{stem.name}_instanceIds.png"), encoded(instances))
            color = Image.new("RGBA", (files.SIDE, files.SIDE), (128, 64, 128, 255))
            put(stem.with_name(f"{stem.name}_color.png"), encoded(np.asarray(color)))
            put(stem.with_name(f"{stem.name}_polygons.json"), '{"imgHeight": 1024, "objects": []}')
    return root


SPECIMENS = [
    Specimen(
        "Cityscapes, gtFine",
        full,
        NAME,
        {"train": 3, "validation": 2},
        ("image", "map"),
        tuple(CLASSES),
        remarks=("2 test pictures left out: their label maps hold no class", "drawings of annotation"),
    ),
    Specimen(
        "Cityscapes with labelTrainIds alone",
        lambda folder: full(folder, kinds=("labelTrainIds",)),
        NAME,
        {"train": 3, "validation": 2},
        ("image", "map"),
        tuple(CLASSES),
    ),
    Specimen(
        "Cityscapes with both, and a test split of one's own",
        lambda folder: full(folder, kinds=("labelIds", "labelTrainIds"), with_test=True),
        NAME,
        {"train": 3, "validation": 2, "test": 2},
        ("image", "map"),
        tuple(CLASSES),
    ),
]
