"""Pictures and label maps of which one kind is absent, all bad, or meant for others: each command names the files."""

import shutil

import pytest

from tests.helpers import label_map_files as files
from tests.helpers.specimens import celebamask_hq, cityscapes, oxford_pets, put, voc


def pair(folder, *, ending="png"):
    """Three pictures in `images` with maps of two classes in `masks`."""
    for number in range(3):
        files.picture(folder / f"set/images/{number}.png", seed=number)
        files.numbers(folder / f"set/masks/{number}.{ending}", 0, 1)
    return folder / "set"


def spoil(pattern, content=b"\x89PNG nothing"):
    """A pair of folders, all files of a pattern written over."""

    def write(folder):
        path = pair(folder)
        for file in path.glob(pattern):
            put(file, content)
        return path

    return write


def without(make, place, *, keep=False):
    """A set without one of its folders, or with it empty."""

    def write(folder):
        path = make(folder)
        shutil.rmtree(path / place)
        if keep:
            (path / place).mkdir()
        return path

    return write


def listed(name, text):
    """A pair of folders with a list."""

    def write(folder):
        path = pair(folder)
        put(path / name, text)
        return path

    return write


def lists_of_others(folder):
    path = voc.devkit(folder)
    for name in ("train", "val", "trainval"):
        put(path / f"VOC2012/ImageSets/Segmentation/{name}.txt", "2011_000001\n")
    return path


def in_colors(folder):
    path = pair(folder)
    for number in range(3):
        files.colors(path / f"masks/{number}.png", (9, 0, 0), (0, 9, 0))
    return path


CASES = {
    "maps without pictures": (without(pair, "images"), "masks/0.png and 2 more: label maps without pictures"),
    "maps beside an empty folder": (without(pair, "images", keep=True), "masks/0.png and 2 more"),
    "pictures beside an empty folder": (without(pair, "masks", keep=True), "images/0.png and 2 more: no label map"),
    "all maps bad": (spoil("masks/*"), "masks/2.png: not an image"),
    "all maps empty": (spoil("masks/*", b""), "masks/2.png: the file is empty"),
    "all pictures bad": (spoil("images/*"), "images/2.png: not an image"),
    "everything bad": (spoil("*/*"), "images/2.png"),
    "all maps in unknown colors": (in_colors, "masks/2.png: a map in RGB"),
    "all maps in a lossy format": (lambda folder: pair(folder, ending="jpg"), "masks/2.jpg: a JPEG"),
    "a list of other classes": (listed("classes.txt", "7 a\n9 b\n"), "masks/2.png: label 0, none of the 2 classes"),
    "a malformed list": (listed("class_dict.csv", "name,r,g,b\na,1,2\nb,1\n"), "class_dict.csv: 'a,1,2'"),
    "lists of other pictures": (
        lists_of_others,
        "no list of splits names VOC2012/JPEGImages/2007_000032.jpg and 3 more",
    ),
    "VOC without pictures": (
        without(voc.devkit, "VOC2012/JPEGImages"),
        "2007_000032.png and 7 more: label maps without",
    ),
    "VOC without maps": (without(voc.devkit, "VOC2012/SegmentationClass"), "2007_000032.jpg and 4 more: no label map"),
    "Cityscapes without pictures": (
        without(cityscapes.full, "leftImg8bit"),
        "and 20 more: label maps without pictures",
    ),
    "trimaps without pictures": (without(oxford_pets.pets, "images"), "and 8 more: label maps without pictures"),
    "parts without faces": (without(celebamask_hq.faces, "CelebA-HQ-img"), "and 5 more: a part of a face without"),
}
SEGMENTATION = ["--model", "segmentation", "--crop", "16", "--batch-size", "2", "--dry-run"]


@pytest.mark.parametrize("case", CASES)
def test_every_command_names_the_files(tmp_path, gancli, case):
    write, words = CASES[case]
    path = write(tmp_path)
    for command in (["data", "check", path], ["train", "--data", path, *SEGMENTATION]):
        answer = gancli(*command)
        assert answer.code == 3, answer
        assert words in answer.out + answer.err, answer
        assert "unexpected" not in answer.err


ONLY_MAPS = [case for case in CASES if "without pictures" in case or "faces" in case or "maps beside" in case]


@pytest.mark.parametrize("case", [*ONLY_MAPS, "all pictures bad", "everything bad"])
def test_maps_alone_are_nothing_to_train_a_gan_on(tmp_path, gancli, case):
    write, words = CASES[case]
    answer = gancli("train", "--model", "gan", "--batch-size", "2", "--dry-run", "--data", write(tmp_path))
    assert answer.code == 3, answer
    assert words in answer.err, answer
