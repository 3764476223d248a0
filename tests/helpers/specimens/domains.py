"""Two domains in CycleGAN's folders."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo

NAME = "two domains of pictures"


def horse2zebra(folder: Path) -> Path:
    for place, count in (("trainA", 3), ("trainB", 4), ("testA", 1), ("testB", 2)):
        for number in range(count):
            photo(folder / f"horse2zebra/{place}/n0{number}.jpg")
    return folder / "horse2zebra"


SPECIMENS = [
    Specimen("CycleGAN's horses and zebras", horse2zebra, NAME, {"train": 7, "test": 3}, ("image", "label"), ("A", "B"))
]
