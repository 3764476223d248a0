"""Pictures with tables of labels, as Kaggle and Hugging Face's imagefolder have them."""

import json
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "a table of labels (csv, jsonl)"


def cifar10(folder: Path) -> Path:
    """Kaggle's CIFAR-10: train and test have the same names, the table only those of train."""
    for split in ("train", "test"):
        for number in range(1, 7):
            photo(folder / f"cifar-10/{split}/{number}.png", seed=number)
    labels = "\n".join(f"{number},{('frog', 'truck', 'ship')[number % 3]}" for number in range(1, 7))
    put(folder / "cifar-10/trainLabels.csv", f"id,label\n{labels}\n")
    put(folder / "cifar-10/sampleSubmission.csv", "id,label\n1,cat\n2,cat\n")
    return folder / "cifar-10"


def plants(folder: Path) -> Path:
    """One folder of pictures, train.csv with one-hot columns, test.csv with names alone."""
    for name in ("Train_0", "Train_1", "Train_2", "Test_0", "Test_1"):
        photo(folder / f"images/{name}.jpg")
    put(folder / "train.csv", "image_id,healthy,rust,scab\nTrain_0,0,0,1\nTrain_1,0,1,0\nTrain_2,1,0,0\n")
    put(folder / "test.csv", "image_id\nTest_0\nTest_1\n")
    return folder


def whales(folder: Path) -> Path:
    for number in range(4):
        photo(folder / f"train_images/{number:x}abc.jpg", seed=number)
    put(
        folder / "train.csv",
        "image,species,individual_id\n"
        + "".join(f"{n:x}abc.jpg,{('minke_whale', 'beluga')[n % 2]},{n:05}\n" for n in range(4)),
    )
    return folder


def imagefolder(folder: Path) -> Path:
    for split, count in (("train", 4), ("validation", 2)):
        rows = [{"file_name": f"{number:04}.png", "label": number % 2 * 9 + 1} for number in range(count)]
        for row in rows:
            photo(folder / split / row["file_name"])
        put(folder / split / "metadata.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return folder


def metadata_csv(folder: Path) -> Path:
    for number in range(4):
        photo(folder / f"data/{number}.png")
    put(
        folder / "metadata.csv",
        "".join(
            f"{line}\n"
            for line in (
                "file_name,label,split",
                "data/0.png,10,train",
                "data/1.png,2,train",
                "data/2.png,10,train",
                "data/3.png,2,test",
            )
        ),
    )
    return folder


def gtsrb(folder: Path) -> Path:
    """The table of each class beside its pictures, with semicolons."""
    for sign in range(3):
        names = [f"00000_{number:05}.png" for number in range(3)]
        for name in names:
            photo(folder / f"Images/{sign:05}/{name}", seed=sign)
        rows = "".join(f"{name};29;30;5;6;24;25;{sign}\n" for name in names)
        header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId\n"
        put(folder / f"Images/{sign:05}/GT-{sign:05}.csv", header + rows)
    return folder


LABELED = ("image", "label")
SPECIMENS = [
    Specimen(
        "Kaggle's CIFAR-10",
        cifar10,
        NAME,
        {"train": 6},
        LABELED,
        ("frog", "ship", "truck"),
        remarks=("6 of 12 pictures",),
    ),
    Specimen(
        "Kaggle's Plant Pathology",
        plants,
        NAME,
        {"train": 3},
        LABELED,
        ("healthy", "rust", "scab"),
        remarks=("2 of 5",),
    ),
    Specimen("Kaggle's whales", whales, NAME, {"train": 4}, LABELED, ("beluga", "minke_whale")),
    Specimen("metadata.jsonl in splits", imagefolder, NAME, {"train": 4, "validation": 2}, LABELED, ("1", "10")),
    Specimen("metadata.csv with splits", metadata_csv, NAME, {"train": 3, "test": 1}, LABELED, ("2", "10")),
    Specimen("GTSRB's tables", gtsrb, NAME, {"train": 9}, LABELED, ("0", "1", "2")),
]
