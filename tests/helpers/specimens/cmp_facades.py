"""The CMP facade database as CMP_facade_DB_base.zip unpacks."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "a photograph and a palette or gray PNG of one name"
_CLASSES = "background facade window door cornice sill balcony blind deco molding pillar shop"
CLASSES = _CLASSES.split()
COLORS = [(0, 0, 0), (0, 0, 170), (0, 0, 255), (0, 85, 255), (0, 170, 255), (0, 255, 255), (85, 255, 170)]
COLORS += [(170, 255, 85), (255, 255, 0), (255, 170, 0), (255, 85, 0), (255, 0, 0), (170, 0, 0)]


def base(folder):
    for number in range(1, 5):
        files.picture(folder / f"base/cmp_b{number:04}.jpg", seed=number)
        files.palette(folder / f"base/cmp_b{number:04}.png", (1, 2, 3, 12), COLORS)
        put(folder / f"base/cmp_b{number:04}.xml", "<object/>")
    put(folder / "label_names.txt", "".join(f"{row} {name} {row}\n" for row, name in enumerate(CLASSES, start=1)))
    return folder


SPECIMENS = [
    Specimen("CMP facades", base, NAME, {"train": 4}, ("image", "map"), tuple(CLASSES)),
]
