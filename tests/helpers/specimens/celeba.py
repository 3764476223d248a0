"""CelebA as torchvision and Kaggle have it."""

import zipfile
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

ATTRIBUTES, SPLIT = "CelebA's list of attributes", "CelebA's official split"
NAMES = [f"{number:06}.jpg" for number in range(1, 7)]
PARTS = dict(zip(NAMES, "000012", strict=True))
KINDS = ("5_o_Clock_Shadow", "Smiling", "Young")


def values(number: int) -> list[str]:
    return ["1" if (number >> at) % 2 else "-1" for at in range(3)]


def torchvision(folder: Path, *, partition: bool = True) -> Path:
    for name in NAMES:
        photo(folder / f"celeba/img_align_celeba/{name}")
    rows = "".join(f"{name}  {'  '.join(values(number))}\n" for number, name in enumerate(NAMES))
    put(folder / "celeba/list_attr_celeba.txt", f"{len(NAMES)}\n{' '.join(KINDS)} \n{rows}")
    put(folder / "celeba/identity_CelebA.txt", "".join(f"{name} {number}\n" for number, name in enumerate(NAMES)))
    if partition:
        put(folder / "celeba/list_eval_partition.txt", "".join(f"{name} {part}\n" for name, part in PARTS.items()))
    return folder / "celeba"


def kaggle(folder: Path) -> Path:
    for name in NAMES:
        photo(folder / f"img_align_celeba/img_align_celeba/{name}")
    rows = "".join(f"{name},{','.join(values(number))}\n" for number, name in enumerate(NAMES))
    put(folder / "list_attr_celeba.csv", f"image_id,{','.join(KINDS)}\n{rows}")
    put(folder / "list_eval_partition.csv", "image_id,partition\n" + "".join(f"{n},{p}\n" for n, p in PARTS.items()))
    put(folder / "list_bbox_celeba.csv", "image_id,x_1,y_1,width,height\n" + "".join(f"{n},1,1,4,4\n" for n in NAMES))
    path = folder / "archive.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.[jc]*")):
            archive.write(file, file.relative_to(folder))
    return path


THREE = {"train": 4, "validation": 1, "test": 1}
KNOWN = ("image", "attributes")
SPECIMENS = [
    Specimen("torchvision's CelebA", torchvision, SPLIT, THREE, KNOWN, attributes=3),
    Specimen("Kaggle's archive of CelebA", kaggle, SPLIT, THREE, KNOWN, attributes=3),
    Specimen(
        "CelebA without the split",
        lambda path: torchvision(path, partition=False),
        ATTRIBUTES,
        {"train": 6},
        KNOWN,
        (),
        3,
    ),
]
