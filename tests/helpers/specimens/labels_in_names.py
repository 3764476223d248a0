"""Pictures whose names begin with their class."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo

NAME = "labels in the names of files"


def dogs_vs_cats(folder: Path) -> Path:
    for number in range(3):
        photo(folder / f"dogs-vs-cats/train/cat.{number}.jpg")
        photo(folder / f"dogs-vs-cats/train/dog.{number}.jpg")
        photo(folder / f"dogs-vs-cats/test1/{number + 1}.jpg")
    return folder / "dogs-vs-cats"


SPECIMENS = [
    Specimen(
        "Kaggle's dogs and cats",
        dogs_vs_cats,
        NAME,
        {"train": 6},
        ("image", "label"),
        ("cat", "dog"),
        remarks=("labels are the words", "3 of 9 pictures left out, for testing"),
    )
]
