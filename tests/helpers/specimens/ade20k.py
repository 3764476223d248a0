"""ADE20K as ADEChallengeData2016.zip unpacks."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "ADE20K"
TABLE = "Idx\tRatio\tTrain\tVal\tName\n1\t0.1576\t11664\t1172\twall\n2\t0.1072\t6046\t612\tbuilding, edifice\n"


def challenge(folder):
    root = folder / "ADEChallengeData2016"
    scenes = []
    for split, short, count in (("training", "train", 4), ("validation", "val", 2)):
        for number in range(1, count + 1):
            stem = f"ADE_{short}_{number:08}"
            files.picture(root / f"images/{split}/{stem}.jpg", seed=number)
            files.numbers(root / f"annotations/{split}/{stem}.png", 0, number, 13, 150)
            scenes.append(f"{stem} {('airport_terminal', 'art_gallery')[number % 2]}")
    put(root / "objectInfo150.txt", TABLE)
    put(root / "sceneCategories.txt", "\n".join(scenes) + "\n")
    return root


SPECIMENS = [
    Specimen(
        "ADE20K, scene parsing challenge",
        challenge,
        NAME,
        {"train": 4, "validation": 2},
        ("image", "map"),
        150,
        remarks=("no pixel of a label map is of",),
    ),
]
