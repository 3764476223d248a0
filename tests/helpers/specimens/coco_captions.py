"""COCO: pictures in folders of splits and years, captions and outlines in json."""

import json
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "COCO's captions (json)"


def coco(folder: Path, *, captions: bool = True) -> Path:
    for split, numbers in (("train2014", (9, 25, 30)), ("val2014", (42,)), ("test2014", (1,))):
        names = {number: f"COCO_{split}_{number:012}.jpg" for number in numbers}
        for name in names.values():
            photo(folder / f"coco/{split}/{name}")
        images = [{"id": number, "file_name": name, "height": 8, "width": 8} for number, name in names.items()]
        texts = [
            {"image_id": n, "id": 10 * n + at, "caption": f"caption {at} of {n}"} for n in numbers for at in range(5)
        ]
        boxes = [{"image_id": n, "id": n, "category_id": 18, "bbox": [0, 0, 4, 4]} for n in numbers]
        if split != "test2014":
            place = folder / "coco/annotations"
            if captions:
                put(place / f"captions_{split}.json", json.dumps({"info": {}, "images": images, "annotations": texts}))
            put(place / f"instances_{split}.json", json.dumps({"images": images, "annotations": boxes}))
    return folder / "coco"


SPECIMENS = [
    Specimen(
        "COCO 2014",
        coco,
        NAME,
        {"train": 3, "validation": 1},
        ("image", "caption"),
        remarks=("boxes and outlines of objects are not used", "1 of 5 pictures left out, not in"),
    ),
    Specimen(
        "COCO 2014 without captions",
        lambda folder: coco(folder, captions=False),
        "pictures in folders of classes",
        {"train": 3, "validation": 1, "test": 1},
        ("image",),
    ),
]
