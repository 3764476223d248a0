"""CUB-200-2011 with segmentations.tgz unpacked beside it or inside."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "segmentations of CUB-200-2011"
BIRDS = ("001.Black_footed_Albatross", "002.Laysan_Albatross")


def birds(folder, *, inside=False):
    root = folder / "birds"
    images = []
    for bird in BIRDS:
        for number in range(1, 4):
            stem = f"{bird[4:]}_{number:04}_79611{number}"
            files.picture(root / f"CUB_200_2011/images/{bird}/{stem}.jpg", seed=number)
            beside = root / "CUB_200_2011" if inside else root
            files.numbers(beside / f"segmentations/{bird}/{stem}.png", 0, 51, 204, 255)
            images.append(f"{bird}/{stem}.jpg")
    rows = list(enumerate(images, start=1))
    put(root / "CUB_200_2011/images.txt", "\n".join(f"{number} {name}" for number, name in rows) + "\n")
    split = [f"{number} {int(number % 3 != 0)}" for number, _ in rows]
    put(root / "CUB_200_2011/train_test_split.txt", "\n".join(split) + "\n")
    put(root / "CUB_200_2011/classes.txt", "".join(f"{row} {bird}\n" for row, bird in enumerate(BIRDS, start=1)))
    return root


SPECIMENS = [
    Specimen(
        f"CUB-200-2011 with segmentations {where}",
        lambda folder, inside=where == "inside": birds(folder, inside=inside),
        NAME,
        {"train": 4, "test": 2},
        ("image", "label"),
        2,
    )
    for where in ("beside", "inside")
]
