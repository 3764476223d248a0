"""Folders that are splits, parts of one set, or classes: each rule from both of its sides."""

import numpy as np
import pytest

from gancli import data
from gancli.data.annotations.folders import bucket_folders, split_names
from gancli.data.picture_set import TEST, TRAIN, VALIDATION
from gancli.data.remarks import why_without
from tests.helpers.specimens import encoded, put

DOT = encoded(np.arange(192, dtype=np.uint8).reshape(8, 8, 3))
SPLITS = {
    TRAIN: "train training trainset training_set trainingSet train_set Training TRAIN train2014 train2017 trainval "
    "train_images train-data Train_Images images_train",
    TEST: "test testing testSet test_set Test test1 TestImages test2017 test-dev_ignored",
    VALIDATION: "val valid validation dev val2017 Val valset validation_set eval",
}


def lay(folder, *names):
    for name in names:
        put(folder / name, DOT)
    return folder


def inspected(folder):
    found = data.inspect(str(folder))
    return found, {name: count for name, count in found.parts.items() if count}, [one.text for one in found.remarks]


@pytest.mark.parametrize(
    ("name", "split"),
    [(name, split) for split, names in SPLITS.items() for name in names.split() if "ignored" not in name],
)
def test_the_words_for_splits_and_their_variants(name, split):
    assert split_names.split_of(name) == split


@pytest.mark.parametrize("name", ["bus", "cat", "trainer", "strain", "latest", "trainA", "train_test", "testicle", ""])
def test_other_names_are_no_splits(name):
    assert split_names.split_of(name) is None


@pytest.mark.parametrize(
    ("train", "test"),
    [
        ("train", "test"),
        ("training", "testing"),
        ("trainingSet/trainingSet", "testSet/testSet"),
        ("training_set/training_set", "test_set/test_set"),
        ("seg_train/seg_train", "seg_test/seg_test"),
        ("a set/Training", "a set/Test"),
    ],
)
def test_classes_lie_below_every_kind_of_splits(tmp_path, train, test):
    names = [f"{split}/{name}/{split[:3]}{n}.png" for split in (train, test) for name in ("cat", "dog") for n in (1, 2)]
    found, parts, _ = inspected(lay(tmp_path, *names))
    assert (found.classes, parts) == (("cat", "dog"), {"train": 4, "test": 4})


def test_years_are_splits_without_classes(tmp_path):
    found, parts, _ = inspected(lay(tmp_path, "train2014/1.png", "train2014/2.png", "val2014/3.png", "test2014/4.png"))
    assert (found.classes, parts) == ((), {"train": 2, "validation": 1, "test": 1})


def test_a_sample_of_the_training_set_is_left_out_with_a_remark(tmp_path):
    names = [
        f"{split}/{split}/{n}/img_{n}{at}.png"
        for split in ("trainingSet", "trainingSample")
        for n in "01"
        for at in "ab"
    ]
    found, parts, texts = inspected(lay(tmp_path, *names, "testSet/testSet/img_9.png", "testSample/img_8.png"))
    assert (found.classes, parts) == (("0", "1"), {"train": 4})
    assert any("a sample of the pictures in" in text and "trainingSample" in text for text in texts)


@pytest.mark.parametrize(
    "test", ["test/1.png", "test/images/1.png", "test/unknown/1.png", "test1/1.png", "test/test/1.png"]
)
def test_pictures_to_test_on_without_classes_change_no_class(tmp_path, test):
    found, parts, texts = inspected(lay(tmp_path, "train/cat/a.png", "train/cat/b.png", "train/dog/c.png", test))
    assert (found.classes, parts) == (("cat", "dog"), {"train": 3})
    assert any(test in text and "left out" in text for text in texts)


def test_a_class_of_trains_stays_one(tmp_path):
    found, parts, texts = inspected(lay(tmp_path, "bus/1.png", "car/2.png", "train/3.png"))
    assert (found.classes, parts) == (("bus", "car", "train"), {"train": 3})
    assert any("train is taken for a class" in text for text in texts)
    found, parts, _ = inspected(
        lay(tmp_path / "b", *(f"{s}/{c}/1.png" for s in ("train", "val") for c in ("bus", "train")))
    )
    assert (found.classes, parts) == (("bus", "train"), {"train": 2, "validation": 2})


BUCKETS = {
    "StyleGAN": [f"{n // 1000:05}/img{n:08}.png" for n in (*range(0, 1000, 250), *range(1000, 2000, 250), 2000)],
    "FFHQ": [f"{n // 1000 * 1000:05}/{n:05}.png" for n in range(0, 3000, 250)],
    "FFHQ with gaps": [f"{n // 1000 * 1000:05}/{n:05}.png" for n in range(2500) if n % 7 and n > 100],
    "Danbooru": [f"{n % 1000:04}/{n}.jpg" for n in (1000, 2000, 3001, 5017, 4999, 6999, 7999)],
    "hashes": [
        f"{key[0]}/{key[1]}/{key}.webp"
        for key in (f"{n * 7919 % 2**40:010x}" for n in range(9**10, 9**10 + 9**9, 10**7 + 3))
    ],
    "hashes in one level": [f"{n:02x}/{n:02x}{n * 99991:014x}.jpg" for n in range(40)],
    "counted from 1": [f"{n:04}/{n}_{at}x.png" for n in (1, 2, 3) for at in range(3)],
}
CLASSES = {
    "MNIST, equally full": [f"{n}/{n * 100 + at}.png" for n in range(10) for at in range(100)],
    "MNIST, equally full, the same names": [f"{n}/{at}.png" for n in range(10) for at in range(5)],
    "MNIST in hexadecimal": [f"{n:x}/{n:x}{at:05}.png" for n in range(16) for at in range(5)],
    "CIFAR-100 by number": [f"{n:02}/{n * 100 + at:05}.png" for n in range(30) for at in range(4)],
    "GTSRB, equally full": [f"{n:05}/00000_{at:05}.ppm" for n in range(43) for at in range(3)],
    "GTSRB": [f"{n:05}/{n:03}x{at:05}.ppm" for n in range(43) for at in range(3 + n % 4)],
    "people by number": [f"{n:04}/{n:04}_c1s1_{at:03}.jpg" for n in range(1, 9) for at in range(3)],
    "words": [f"{name}/{name}{n}.jpg" for name in ("cat", "dog") for n in range(3)],
    "words of hexadecimal digits": [f"{name}/{n:03}.jpg" for name in ("bee", "cab") for n in range(3)],
    "years": [f"{year}/{year}-{at}.jpg" for year in (1990, 1991, 1992) for at in range(3 + year % 2)],
}


@pytest.mark.parametrize("names", BUCKETS.values(), ids=BUCKETS)
def test_parts_of_one_set_are_no_classes(names):
    assert bucket_folders.are_buckets(*split(names))


@pytest.mark.parametrize("names", CLASSES.values(), ids=CLASSES)
def test_numbered_classes_are_classes(names):
    assert not bucket_folders.are_buckets(*split(names))


def split(names):
    places = [tuple(name.split("/")) for name in names]
    return [place[:-1] for place in places], [place[-1] for place in places]


@pytest.mark.parametrize("above", ["", "train/"])
def test_buckets_are_reported(tmp_path, above):
    found, parts, _ = inspected(lay(tmp_path, *(above + name for name in BUCKETS["FFHQ"])))
    assert (found.classes, parts) == ((), {"train": 12})
    assert "00000, 01000, 02000 are numbered parts of one set, not classes" in why_without("label", found.remarks)
