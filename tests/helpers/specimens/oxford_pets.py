"""Oxford-IIIT Pet as images.tar.gz and annotations.tar.gz unpack."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "Oxford-IIIT Pet"
BREEDS = ("Abyssinian", "american_bulldog", "Bengal")  # case does not matter to their order


def pets(folder):
    root = folder / "oxford-iiit-pet"
    lines = {"trainval": [], "test": [], "list": ["#Image CLASS-ID SPECIES BREED ID", "#ID: 1:37 Class ids"]}
    for breed, name in enumerate(BREEDS, start=1):
        for number in range(1, 4):
            stem = f"{name}_{number}"
            files.picture(root / f"images/{stem}.jpg", seed=number)
            files.numbers(root / f"annotations/trimaps/{stem}.png", 2, 3, 1, 3, 2)
            put(root / f"annotations/trimaps/._{stem}.png", b"\0\5\x16\7")  # the archive has these
            line = f"{stem} {breed} {1 + name.islower()} 1"
            lines["list"].append(line)
            lines["test" if number == 3 else "trainval"].append(line)
    for name, rows in lines.items():
        put(root / f"annotations/{name}.txt", "\n".join(rows) + "\n")
    put(root / "annotations/xmls/Abyssinian_1.xml", "<annotation/>")
    return root


SPECIMENS = [
    Specimen("Oxford-IIIT Pet", pets, NAME, {"train": 6, "test": 3}, ("image", "label"), BREEDS),
]
