"""A text of captions for each picture, as Reed et al. hand out those of birds and flowers."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "a text file of captions for each picture"


def birds(folder: Path, *, tests: bool = True) -> Path:
    for name in ("a", "b", "c", "d", "e", "f"):
        for number in range(2):
            photo(folder / f"jpg/{name}_{number}.jpg")
            put(folder / f"text_c10/class_{name}/{name}_{number}.txt", f"a bird called {name}\nthis bird is {number}\n")
    if tests:
        put(folder / "testclasses.txt", "class_b\nclass_e\n")
    return folder


KNOWN, CLASSES = ("image", "label", "caption"), tuple(f"class_{name}" for name in "abcdef")
SPECIMENS = [
    Specimen("captions of classes", birds, NAME, {"train": 8, "test": 4}, KNOWN, CLASSES),
    Specimen(
        "captions without test classes",
        lambda path: birds(path, tests=False),
        NAME,
        {"train": 10, "test": 2},
        KNOWN,
        CLASSES,
        remarks=("1 of 6 classes are kept for testing captions",),
    ),
]
