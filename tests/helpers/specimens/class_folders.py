"""Pictures in folders of splits and classes, and in folders that only hold parts of one set."""

from collections.abc import Callable, Iterable
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME, UNLABELED = "pictures in folders of classes", "pictures without labels"


def laid(root: str, names: Iterable[str]) -> Callable[[Path], Path]:
    """A function that writes pictures of these names below a folder of that name."""

    def write(folder: Path) -> Path:
        for number, name in enumerate(names):
            photo(folder / root / name, seed=number)
        return folder / root

    return write


def splits(parts: dict[str, int], classes: Iterable[str], ending: str = "png") -> list[str]:
    return [f"{part}/{name}/{at}.{ending}" for part, count in parts.items() for name in classes for at in range(count)]


def mnist_as_jpg(folder: Path) -> Path:
    """Kaggle's: each folder twice, a sample of the training set, and a test set without classes."""
    for name in "012":
        for at in (1, 2):
            photo(folder / f"trainingSet/trainingSet/{name}/img_{name}{at}.jpg")
        photo(folder / f"trainingSample/trainingSample/{name}/img_{name}1.jpg")
        photo(folder / f"testSet/testSet/img_{name}.jpg")
        photo(folder / f"testSample/testSample/img_{name}.jpg")
    return folder


def imagenet(folder: Path) -> Path:
    for name in ("n01440764", "n01443537"):
        for at in (1, 2):
            photo(folder / f"ILSVRC/Data/CLS-LOC/train/{name}/{name}_{at}.JPEG")
    for split in ("val", "test"):
        photo(folder / f"ILSVRC/Data/CLS-LOC/{split}/ILSVRC2012_{split}_00000001.JPEG")
    put(folder / "LOC_synset_mapping.txt", "n01440764 tench, Tinca tinca\nn01443537 goldfish\n")
    return folder


KEYS = [f"{at * 2654435761 % 2**32:08x}{at:032x}" for at in range(40)]
LABELED, TEN = ("image", "label"), tuple(map(str, range(10)))
PARTS = "are numbered parts of one set, not classes"
SPECIMENS = [
    Specimen(
        "AFHQ: splits above classes",
        laid("afhq", splits({"train": 3, "val": 1, "test": 2}, ("cat", "dog", "wild"))),
        NAME,
        {"train": 9, "validation": 3, "test": 6},
        LABELED,
        ("cat", "dog", "wild"),
    ),
    Specimen(
        "mnist_png",
        laid("mnist_png", splits({"training": 2, "testing": 1}, TEN)),
        NAME,
        {"train": 20, "test": 10},
        LABELED,
        TEN,
    ),
    Specimen("MNIST as JPG", mnist_as_jpg, NAME, {"train": 6}, LABELED, ("0", "1", "2"), remarks=("a sample of",)),
    Specimen(
        "CINIC-10",
        laid("CINIC-10", splits({"train": 2, "valid": 1, "test": 1}, ("airplane", "truck"))),
        NAME,
        {"train": 4, "validation": 2, "test": 2},
        LABELED,
        ("airplane", "truck"),
    ),
    Specimen(
        "Kaggle's doubled folders",
        laid("d", splits({"training_set/training_set": 2, "test_set/test_set": 1}, ("cats", "dogs"))),
        NAME,
        {"train": 4, "test": 2},
        LABELED,
        ("cats", "dogs"),
    ),
    Specimen(
        "Intel's scenes: prefixes of splits",
        laid(
            "i",
            [*splits({"seg_train/seg_train": 2, "seg_test/seg_test": 1}, ("sea", "street")), "seg_pred/seg_pred/1.png"],
        ),
        NAME,
        {"train": 4, "test": 2},
        LABELED,
        ("sea", "street"),
        remarks=("1 of 7 pictures left out, in folders beside",),
    ),
    Specimen(
        "ImageNet: no classes of val and test",
        imagenet,
        NAME,
        {"train": 4},
        LABELED,
        ("n01440764", "n01443537"),
        remarks=("2 of 6 pictures left out, in no class folder",),
    ),
    Specimen(
        "classes above splits",
        laid("x", [f"{name}/{part}/{part}.png" for name in ("a", "b") for part in ("train", "dev")]),
        NAME,
        {"train": 2, "validation": 2},
        LABELED,
        ("a", "b"),
    ),
    Specimen(
        "class numbers",
        laid("x", splits({"train": 1}, ("1", "10", "2"))),
        NAME,
        {"train": 3},
        LABELED,
        ("1", "2", "10"),
    ),
    Specimen(
        "FFHQ",
        laid("ffhq", [f"{n // 1000 * 1000:05}/{n:05}.png" for n in range(0, 3000, 250)]),
        UNLABELED,
        {"train": 12},
        ("image",),
        remarks=(PARTS,),
    ),
    Specimen(
        "LSUN as exported",
        laid("lsun", [f"{'/'.join(key[:6])}/{key}.webp" for key in KEYS]),
        UNLABELED,
        {"train": 40},
        ("image",),
        remarks=(PARTS,),
    ),
    Specimen(
        "Danbooru",
        laid("d", [f"{n % 1000:04}/{n}.jpg" for n in (1001, 2001, 5017, 3999)]),
        UNLABELED,
        {"train": 4},
        ("image",),
        remarks=(PARTS,),
    ),
]
