"""CelebAMask-HQ as its archive unpacks, its pictures of 1024 and maps of 512 pixels reduced to 16 and 8."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "CelebAMask-HQ"
CELEBA = (119613, 99094, 200121, 162771, 5, 6)  # numbers in CelebA: two train, one test, one validation, two train


def faces(folder):
    root = folder / "CelebAMask-HQ"
    for number, _ in enumerate(CELEBA):
        files.picture(root / f"CelebA-HQ-img/{number}.jpg", side=16, seed=number)
        for part, values in (("skin", (0, 255)), ("hair", (255, 0, 0, 0)), ("l_eye", (0, 0, 255, 0))):
            path = root / f"CelebAMask-HQ-mask-anno/{number // 2000}/{number:05}_{part}.png"
            files.colors(path, *((value,) * 3 for value in values), side=8)
    rows = [f"{number}\t{one}\t{one:06}.jpg" for number, one in enumerate(CELEBA)]
    put(root / "CelebA-HQ-to-CelebA-mapping.txt", "idx\torig_idx\torig_file\n" + "\n".join(rows) + "\n")
    names = [f"attribute_{number}" for number in range(40)]
    rows = [f"{number}.jpg  " + " ".join(("-1", "1")[(number + at) % 2] for at in range(40)) for number in range(6)]
    put(root / "CelebAMask-HQ-attribute-anno.txt", "\n".join([str(len(rows)), " ".join(names), *rows]) + "\n")
    put(root / "CelebAMask-HQ-pose-anno.txt", "6\nYaw Pitch Roll\n")
    return root


SPECIMENS = [
    Specimen(
        "CelebAMask-HQ",
        faces,
        NAME,
        {"train": 4, "validation": 1, "test": 1},
        ("image", "map"),
        19,
        remarks=("6 label maps of another size than their pictures", "parts of a face are merged"),
    ),
]
