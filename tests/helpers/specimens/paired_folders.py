"""Label maps in paired folders and under paired names, as the sets of the field have them."""

from tests.helpers import label_map_files as files
from tests.helpers.specimens import Specimen, put

NAME = "pictures and label maps in paired folders"
MAP = ("image", "map")


def isic(folder):
    parts = (("Training", 3), ("Validation", 1), ("Test", 2))
    for part, count in parts:
        for number in range(count):
            stem = f"ISIC_{number:07}"
            files.picture(folder / f"isic/ISIC2018_Task1-2_{part}_Input/{stem}.jpg", seed=number)
            files.numbers(folder / f"isic/ISIC2018_Task1_{part}_GroundTruth/{stem}_segmentation.png", 0, 255)
        put(folder / f"isic/ISIC2018_Task1-2_{part}_Input/LICENSE.txt", "CC-0\n")
    return folder / "isic"


def carvana(folder):
    for number in range(1, 5):
        stem = f"0cdf5b5d0ce1_{number:02}"
        files.picture(folder / f"carvana/train/{stem}.jpg", seed=number)
        path = folder / f"carvana/train_masks/{stem}_mask.gif"
        files.numbers(path, 0, 255)
    for number in range(1, 3):
        files.picture(folder / f"carvana/test/0004d4463b50_{number:02}.jpg", seed=number)
    put(folder / "carvana/train_masks.csv", "img,rle_mask\n")
    return folder / "carvana"


def kvasir(folder):
    for number in range(4):
        files.picture(folder / f"Kvasir-SEG/images/cju0qkwl35piu0993l0dewei{number}.jpg", seed=number)
        white = (files.stripes(0, 255, 0)[..., None].repeat(3, axis=2),)
        path = folder / f"Kvasir-SEG/masks/cju0qkwl35piu0993l0dewei{number}.jpg"
        path.parent.mkdir(parents=True, exist_ok=True)
        put(path, files.encoded(white[0], "JPEG", quality=90))
    put(folder / "Kvasir-SEG/kavsir_bboxes.json", "{}")
    return folder / "Kvasir-SEG"


def keras(folder):
    for split, count in (("train", 3), ("test", 2)):
        for number in range(count):
            stem = f"0016E5_{number:05}x"
            files.picture(folder / f"dataset1/images_prepped_{split}/{stem}.png", seed=number)
            files.numbers(folder / f"dataset1/annotations_prepped_{split}/{stem}.png", 0, 2, 10)
    return folder / "dataset1"


def deepglobe(folder):
    for number in range(3):
        files.picture(folder / f"road/train/{100 + number}_sat.jpg", seed=number)
        files.colors(folder / f"road/train/{100 + number}_mask.png", (0, 0, 0), (255, 255, 255))
    return folder / "road"


def beside(folder, ending, *, kind="png"):
    """Maps that lie beside their pictures and have an ending."""
    for number in range(4):
        files.picture(folder / f"set/plant{number}.jpg", seed=number)
        files.numbers(folder / f"set/plant{number}{ending}.{kind}", 0, 1, 2)
    return folder / "set"


def siblings(folder, images, maps, ending=""):
    """Two folders beside each other."""
    for number in range(4):
        files.picture(folder / f"set/{images}/{number}.jpg", seed=number)
        files.numbers(folder / f"set/{maps}/{number}{ending}.png", 0, 1, 2)
    return folder / "set"


def around(folder):
    for number in range(4):
        files.picture(folder / f"set/{number}.jpg", seed=number)
        files.numbers(folder / f"set/masks/{number}.png", 0, 1, 2)
    return folder / "set"


ENDINGS = ("_mask", "_masks", "_L", "_P", "_seg", "_segmentation", "_label", "_labels", "_gt", "_gtFine_labelIds")
SIBLINGS = (
    ("photos", "photos_labels", ""),
    ("photos", "photos_masks", "_mask"),
    ("photos", "photos_annotations", ""),
    ("photos", "photosannot", ""),
    ("photos", "masks", ""),
    ("train_hq", "train_masks", "_mask"),
    ("Images", "Labels", "_label"),
)

SPECIMENS = [
    Specimen(
        "ISIC 2018, task 1",
        isic,
        NAME,
        {"train": 3, "validation": 1, "test": 2},
        MAP,
        ("0", "255"),
        remarks=("only 0 and 255, taken for two classes",),
    ),
    Specimen("Carvana", carvana, NAME, {"train": 4}, MAP, 2, remarks=("2 pictures in folders without label maps",)),
    Specimen(
        "Kvasir-SEG: masks in JPEG",
        kvasir,
        NAME,
        {"train": 4},
        MAP,
        ("0", "255"),
        remarks=("4 label maps with lossy compression, each pixel assigned to the nearest class",),
    ),
    Specimen("image-segmentation-keras", keras, NAME, {"train": 3, "test": 2}, MAP, ("0", "2", "10")),
    Specimen("DeepGlobe's roads", deepglobe, NAME, {"train": 3}, MAP, ("0", "255")),
    Specimen("masks in a folder among the pictures", around, NAME, {"train": 4}, MAP, 3),
    *(
        Specimen(
            f"maps beside pictures: {one}", lambda folder, one=one: beside(folder, one), NAME, {"train": 4}, MAP, 3
        )
        for one in ENDINGS
    ),
    *(
        Specimen(
            f"folders {one[0]} and {one[1]}", lambda folder, one=one: siblings(folder, *one), NAME, {"train": 4}, MAP, 3
        )
        for one in SIBLINGS
    ),
]
