"""Pictures with tables of attributes like CelebA's, under other names."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "a table of attributes (csv)"


def faces(folder: Path) -> Path:
    for number in range(4):
        photo(folder / f"faces/{number}.png")
    rows = "".join(f"{number}.png,{(1, -1)[number % 2]},{(-1, 1)[number > 1]}\n" for number in range(4))
    put(folder / "attributes.csv", "image_id,Smiling,Young\n" + rows)
    return folder


SPECIMENS = [Specimen("a table of 1 and -1", faces, NAME, {"train": 4}, ("image", "attributes"), attributes=2)]
