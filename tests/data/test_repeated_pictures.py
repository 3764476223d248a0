"""Pictures that a set holds twice, at other sizes or in parts: each is used once, and folders are no classes."""

import numpy as np
import pytest

from gancli import data
from gancli.data import Request
from tests.helpers.specimens import encoded, photo, put

DOT = encoded(np.arange(192, dtype=np.uint8).reshape(8, 8, 3))
GRAY = encoded(np.kron([[0, 1], [1, 0]], np.full((4, 4), 255)).astype(np.uint8))


def lay(folder, *names):
    for name in names:
        put(folder / name, DOT)
    return folder


def seen(folder, **request):
    dataset = data.load(str(folder), Request(image_size=8, **request))
    return len(dataset), dataset.classes, " ".join(one.text for one in dataset.remarks if one.matters)


def test_a_set_that_holds_itself_again_is_read_once(tmp_path):
    names = [f"{name}/{number}.png" for name in ("infected", "uninfected") for number in range(3)]
    count, classes, texts = seen(lay(tmp_path / "cells", *names, *(f"cells/{name}" for name in names)))
    assert (count, classes) == (6, ("infected", "uninfected"))
    assert "6 of 12 pictures left out, in cells, which repeats the folders beside it" in texts


def test_a_folder_of_the_others_names_with_other_pictures_is_a_class(tmp_path):
    names = ["a/1.png", "b/2.png", "all/a/3.png", "all/b/4.png"]
    count, classes, _ = seen(lay(tmp_path / "set", *names))
    assert (count, classes) == (4, ("a", "all", "b"))


def test_domains_that_hold_the_same_classes_are_reported(tmp_path):
    names = [f"{domain}/{name}/{n}.png" for domain in ("photo", "sketch") for name in ("cat", "dog") for n in range(2)]
    _, classes, texts = seen(lay(tmp_path / "set", *names))
    assert classes == ("photo", "sketch")
    assert "though each holds the same folders: cat, dog" in texts
    assert "the same folders" not in seen(lay(tmp_path / "other", "a/x/1.png", "a/y/2.png", "b/x/3.png"))[2]


@pytest.mark.parametrize(
    ("folders", "kept"),
    [
        (("images1024x1024", "thumbnails128x128"), "images1024x1024"),
        (("64", "128", "256"), "256"),
        (("celeba-64", "celeba-128"), "celeba-128"),
    ],
)
def test_smaller_copies_are_left_out(tmp_path, folders, kept):
    count, classes, texts = seen(lay(tmp_path / "set", *(f"{one}/{n:05}.png" for one in folders for n in range(3))))
    assert (count, classes) == (3, ())
    assert f"smaller copies of those in {kept}" in texts


@pytest.mark.parametrize(
    "folders", [("10", "11", "12"), ("route66", "route67"), ("64", "65"), ("boeing-737", "boeing-747")]
)
def test_classes_with_numbers_and_files_of_one_name_stay_classes(tmp_path, folders):
    count, classes, _ = seen(lay(tmp_path / "set", *(f"{one}/{n}.png" for one in folders for n in range(3))))
    assert (count, classes) == (3 * len(folders), folders)


def test_numbered_parts_are_no_classes_and_their_table_gives_the_labels(tmp_path):
    folder = lay(tmp_path / "ham", *(f"HAM_images_part_{1 + n % 2}/ISIC_{n:07}.png" for n in range(5)))
    assert seen(folder)[:2] == (5, ())
    put(
        folder / "meta.csv",
        "lesion_id,image_id,dx\n" + "".join(f"H{n},ISIC_{n:07},{'nv' if n % 2 else 'mel'}\n" for n in range(5)),
    )
    assert seen(folder)[:2] == (5, ("mel", "nv"))


@pytest.mark.parametrize(
    ("high", "low"),
    [
        ("high_res/{}.png", "low_res/{}.png"),
        ("Raw Data/high_resolution/{}.png", "Raw Data/low-resolution/{}.png"),
        ("Canon/Canon_00{}_HR.png", "Canon/Canon_00{}_LR4.png"),
        ("train_sharp/000/0000000{}.png", "train_sharp_bicubic/X4/000/0000000{}.png"),
    ],
)
def test_low_resolution_copies_by_further_names_are_left_out(tmp_path, high, low):
    for number in range(4):
        photo(tmp_path / "set" / high.format(number), side=16, seed=number)
        photo(tmp_path / "set" / low.format(number), side=8, seed=number)
    found = data.inspect(str(tmp_path / "set"))
    assert (sum(found.parts.values()), found.classes) == (4, ())
    assert all(file.name.startswith(high.partition("{")[0][:8]) for file in found.pictures.pictures)


def test_gray_masks_beside_photographs_of_one_name_are_label_maps(tmp_path):
    for number in range(4):
        photo(tmp_path / "set" / f"{number}.jpg", seed=number)
        put(tmp_path / "set" / f"{number}.png", GRAY)
    dataset = data.load(str(tmp_path / "set"), Request(image_size=8))
    assert (len(dataset), dataset.classes) == (4, ("0", "255"))


@pytest.mark.parametrize(("needs_maps", "classes"), [(True, ("0", "255")), (False, ("benign", "malignant"))])
def test_folders_of_classes_with_masks_serve_both_kinds_of_models(tmp_path, needs_maps, classes):
    for name in ("benign", "malignant"):
        for number in range(3):
            photo(tmp_path / "set" / name / f"{name} ({number}).png", seed=number)
            put(tmp_path / "set" / name / f"{name} ({number})_mask.png", GRAY)
    dataset = data.load(str(tmp_path / "set"), Request(image_size=8, needs_maps=needs_maps))
    assert (len(dataset), dataset.classes) == (6, classes)


def test_a_table_of_validation_pictures_leaves_the_folders_of_the_others(tmp_path):
    names = [f"train/{name}/{name}_{n}.png" for name in ("n01", "n02") for n in range(3)]
    folder = lay(tmp_path / "set", *names, "val/v_0.png", "val/v_1.png")
    put(folder / "val_solution.csv", "ImageId,label\nv_0,n01\nv_1,n02\n")
    dataset = data.load(str(folder), Request(image_size=8))
    assert (len(dataset) - dataset.validation, dataset.classes) == (6, ("n01", "n02"))
    assert "names no picture to train on" in " ".join(one.text for one in dataset.remarks)
