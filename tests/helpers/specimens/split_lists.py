"""Pictures with official splits in lists of names."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "lists of names for splits (train.txt, test.txt)"


def food101(folder: Path) -> Path:
    """Names without ending, below folders of classes; pictures outside the lists, and a name without a picture."""
    for name in ("apple_pie", "waffles"):
        for number in range(4):
            photo(folder / f"food-101/images/{name}/{number}7.jpg")
    put(folder / "food-101/meta/train.txt", "apple_pie/07\napple_pie/17\nwaffles/07\nwaffles/17\nwaffles/997\n")
    put(folder / "food-101/meta/test.txt", "apple_pie/27\nwaffles/27\n")
    return folder / "food-101"


def caffe(folder: Path) -> Path:
    """A class's number after each name."""
    for number in range(6):
        photo(folder / f"images/{number}.png")
    put(folder / "train.txt", "".join(f"images/{number}.png {number % 2 + 4}\n" for number in range(4)))
    put(folder / "val.txt", "images/4.png 4\nimages/5.png 5\n")
    return folder


def test_list_alone(folder: Path) -> Path:
    for number in range(4):
        photo(folder / f"{number}.png")
    put(folder / "test_list.txt", "3.png\n")
    return folder


LABELED = ("image", "label")
SPECIMENS = [
    Specimen(
        "Food-101",
        food101,
        NAME,
        {"train": 4, "test": 2},
        LABELED,
        ("apple_pie", "waffles"),
        remarks=("1 names in", "waffles/997", "2 of 8 pictures left out, not in"),
    ),
    Specimen("Caffe's lists", caffe, NAME, {"train": 4, "validation": 2}, LABELED, ("4", "5")),
    Specimen(
        "a list of test pictures alone",
        test_list_alone,
        NAME,
        {"train": 3, "test": 1},
        ("image",),
        remarks=("does not name are used for training",),
    ),
]
