"""Tiny ImageNet as it is handed out."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "Tiny ImageNet's folders"
CLASSES = ("n01443537", "n01629819", "n02124075")


def tiny_imagenet(folder: Path) -> Path:
    root = folder / "tiny-imagenet-200"
    for name in CLASSES:
        for number in range(2):
            photo(root / f"train/{name}/images/{name}_{number}.JPEG")
        put(root / f"train/{name}/{name}_boxes.txt", f"{name}_0.JPEG\t0\t10\t63\t58\n{name}_1.JPEG\t6\t6\t57\t59\n")
    for number in range(3):
        photo(root / f"val/images/val_{number}.JPEG")
        photo(root / f"test/images/test_{number}.JPEG")
    put(root / "val/val_annotations.txt", "".join(f"val_{n}.JPEG\t{CLASSES[2 - n]}\t0\t32\t44\t62\n" for n in range(3)))
    put(root / "wnids.txt", "\n".join(CLASSES) + "\n")
    put(root / "words.txt", "n01443537\tgoldfish, Carassius auratus\n")
    return root


SPECIMENS = [
    Specimen(
        "Tiny ImageNet",
        tiny_imagenet,
        NAME,
        {"train": 6, "validation": 3},
        ("image", "label"),
        CLASSES,
        remarks=("3 of 12 pictures left out, without a class",),
    )
]
