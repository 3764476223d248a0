"""CamVid in its four forms, file names as they are."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "CamVid"
STEMS = ("0001TP_006690", "0006R0_f00930", "0016E5_04530", "Seq05VD_f00000")
_ELEVEN = "Sky Building Pole Road Pavement Tree SignSymbol Fence Car Pedestrian Bicyclist"
ELEVEN = _ELEVEN.split()
SKY, ROAD, VOID = (128, 128, 128), (128, 64, 128), (0, 0, 0)
FOUR = "64 128 64\tAnimal\n128 128 128\tSky\n128 64 128\tRoad\n0 0 0\tVoid\n"  # the real list has 32 lines


def segnet(folder):
    for split, count in (("train", 3), ("val", 1), ("test", 2)):
        for number, stem in enumerate(STEMS[:count]):
            files.picture(folder / f"CamVid/{split}/{stem}.png", seed=number)
            files.numbers(folder / f"CamVid/{split}annot/{stem}.png", 0, 3, 10, 11)
    put(folder / "CamVid/train.txt", "/SegNet/CamVid/train/0001TP_006690.png /SegNet/CamVid/trainannot/…png\n")
    return folder / "CamVid"


def original(folder, *, listed=True):
    for number, stem in enumerate(STEMS):
        files.picture(folder / f"CamVid/701_StillsRaw_full/{stem}.png", seed=number)
        files.colors(folder / f"CamVid/LabeledApproved_full/{stem}_L.png", SKY, ROAD, VOID)
    if listed:
        put(folder / "CamVid/label_colors.txt", FOUR)
    return folder / "CamVid"


def kaggle(folder):
    for split, count in (("train", 3), ("val", 1), ("test", 2)):
        for number, stem in enumerate(STEMS[:count]):
            files.picture(folder / f"CamVid/{split}/{stem}.png", seed=number)
            files.colors(folder / f"CamVid/{split}_labels/{stem}_L.png", SKY, ROAD, VOID)
    table = "name,r,g,b\nAnimal,64,128,64\nSky,128,128,128\nRoad,128,64,128\nVoid,0,0,0\n"
    put(folder / "CamVid/class_dict.csv", table)
    return folder / "CamVid"


def fastai(folder):
    for number, stem in enumerate(STEMS):
        files.picture(folder / f"camvid/images/{stem}.png", seed=number)
        files.numbers(folder / f"camvid/labels/{stem}_P.png", 1, 2, 3)
    put(folder / "camvid/codes.txt", "Animal\nSky\nRoad\nVoid\n")
    put(folder / "camvid/valid.txt", f"{STEMS[1]}.png\n{STEMS[3]}.png\n")
    return folder / "camvid"


PARTS = {"train": 3, "validation": 1, "test": 2}
THREE = ("Animal", "Sky", "Road")

SPECIMENS = [
    Specimen("CamVid, SegNet's", segnet, NAME, PARTS, ("image", "map"), tuple(ELEVEN)),
    Specimen("CamVid, the authors'", original, NAME, {"train": 4}, ("image", "map"), THREE),
    Specimen(
        "CamVid, the authors' without label_colors.txt",
        lambda folder: original(folder, listed=False),
        NAME,
        {"train": 4},
        ("image", "map"),
        31,
    ),
    Specimen("CamVid, Kaggle's", kaggle, NAME, PARTS, ("image", "map"), THREE),
    Specimen("CamVid, fastai's", fastai, NAME, {"train": 2, "validation": 2}, ("image", "map"), THREE),
]
