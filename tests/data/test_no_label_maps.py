"""Folders and names that only look like label maps: their pictures stay pictures, and classes stay classes."""

import pytest

from gancli.data import Request, layouts
from gancli.data.layouts.maps import map_matching
from tests.helpers import label_map_files as files

SETS = {
    "masks that faces wear": [f"{split}/{name}/{split}_{name}_{number}.jpg"
                              for split in ("train", "test") for name in ("with_mask", "without_mask")
                              for number in range(3)],
    "masks that faces wear, counted": [f"{name}/{number}.jpg" for name in ("with_mask", "without_mask", "wrong_mask")
                                       for number in range(3)],
    "a class and its masked twin": [f"{name}/{name}_{number}.jpg" for name in ("dog", "dog_mask")
                                    for number in range(3)],
    "masks among many classes": [f"{name}/{number}.jpg" for name in ("hats", "masks", "gloves", "shoes")
                                 for number in range(3)],
    "left and right": [f"{number}_{side}.png" for number in range(4) for side in "lr"],
    "one picture called so": ["a.jpg", "a_mask.jpg", *(f"{number}.jpg" for number in range(9))],
    "only the ending": [f"{number}_mask.jpg" for number in range(4)],
    "classes of letters": [f"{name}/{number}.png" for name in "LP" for number in range(3)],
    "two domains": [f"{name}/{number}.jpg" for name in ("trainA", "trainB") for number in range(3)],
    "the same names in two classes": [f"{name}/{number}.jpg" for name in ("cat", "dog") for number in range(3)],
    "jpg and png of one name that are photographs": [f"set/{number}.{kind}" for number in range(3)
                                                     for kind in ("jpg", "png")],
    "a folder called segments": [f"{name}/{number}.jpg" for name in ("segments", "wholes") for number in range(3)],
}  # fmt: skip


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("needs_maps", [None, False])
def test_pictures_stay_pictures(tmp_path, name, needs_maps):
    for seed, one in enumerate(SETS[name]):
        files.picture(tmp_path / one, side=8, seed=seed)
    found = layouts.recognize(tmp_path, Request(8, needs_maps=needs_maps)).pictures
    assert sorted(file.name for file in found.pictures) == sorted(SETS[name])
    assert found.label_maps is None


def test_thousands_of_folders_with_such_names_take_no_time():
    from gancli.data.containers.source_files import SourceFile

    names = [f"faces/mask_{person}/mask_{person}_{number}.jpg" for person in range(1000) for number in range(2)]
    names += [f"faces/{person}/{person}_{number}.jpg" for person in range(1000) for number in range(2)]
    calls = []
    found = map_matching.find([SourceFile(name, lambda: calls.append(1)) for name in names])
    assert found is None
    assert not calls
