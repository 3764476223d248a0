"""Pascal VOC as its development kit unpacks, palettes included, and what labelme and CVAT write."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "Pascal VOC"
_CLASSES = (
    "background aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
    "pottedplant sheep sofa train tvmonitor"
)
CLASSES = _CLASSES.split()
STEMS = ("2007_000032", "2007_000039", "2007_000063", "2007_000068", "2008_000001")


def devkit(folder, *, year="VOC2012"):
    root = folder / "VOCdevkit" / year
    colors = files.voc_colors(256)
    for seed, stem in enumerate(STEMS):
        files.picture(root / f"JPEGImages/{stem}.jpg", seed=seed)
        if seed < 4:
            files.palette(root / f"SegmentationClass/{stem}.png", (0, seed + 1, 255, 20), colors)
            files.palette(root / f"SegmentationObject/{stem}.png", (0, 1, 255, 2), colors)
    lists = {"train": STEMS[:2], "val": STEMS[2:4], "trainval": STEMS[:4]}
    for name, stems in lists.items():
        put(root / f"ImageSets/Segmentation/{name}.txt", "\n".join(stems) + "\n")
    for name, stems in {"train": STEMS[:3], "val": STEMS[3:], "trainval": STEMS}.items():
        put(root / f"ImageSets/Main/{name}.txt", "\n".join(stems) + "\n")
        for row, one in enumerate(CLASSES[1:]):
            lines = [f"{stem} {(-1, 1, 0)[row % 3]:2}" for stem in stems]
            put(root / f"ImageSets/Main/{one}_{name}.txt", "\n".join(lines) + "\n")
    put(root / "Annotations/2007_000032.xml", "<annotation/>")
    return folder / "VOCdevkit"


def labelme(folder):
    for number in range(3):
        files.picture(folder / f"set/JPEGImages/{number}.jpg", seed=number)
        files.palette(folder / f"set/SegmentationClass/{number}.png", (0, 1, 2), files.voc_colors(3))
        files.picture(folder / f"set/SegmentationClassVisualization/{number}.jpg", seed=number)
    put(folder / "set/class_names.txt", "_background_\ncat\ndog\n")
    return folder / "set"


SPECIMENS = [
    Specimen(
        "VOCdevkit of 2012",
        devkit,
        NAME,
        {"train": 2, "validation": 2},
        ("image", "map"),
        tuple(CLASSES),
        remarks=("1 pictures without a label map", "no pixel of a label map is of 15 of the classes"),
    ),
    Specimen(
        "VOCdevkit, the folder of a year",
        lambda folder: devkit(folder) / "VOC2012",
        NAME,
        {"train": 2, "validation": 2},
        ("image", "map"),
        tuple(CLASSES),
    ),
    Specimen("labelme2voc", labelme, NAME, {"train": 3}, ("image", "map"), ("_background_", "cat", "dog")),
]
