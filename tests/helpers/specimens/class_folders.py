"""Pictures in folders of splits and classes."""

from tests.helpers.specimens import Specimen, photo

NAME = "pictures in folders of classes"


def afhq(folder):
    for split, count in (("train", 3), ("val", 1), ("test", 2)):
        for number in range(count):
            for name in ("cat", "dog", "wild"):
                photo(folder / "afhq" / split / name / f"{number}.png", seed=number)
    return folder / "afhq"


SPECIMENS = [
    Specimen(
        "AFHQ: splits above classes",
        afhq,
        NAME,
        {"train": 9, "validation": 3, "test": 6},
        ("image", "label"),
        ("cat", "dog", "wild"),
    ),
]
