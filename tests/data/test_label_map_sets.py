"""Label maps in every layout are no pictures and no classes, and what they hold is what their publication says."""

from pathlib import PurePosixPath

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request, layouts
from gancli.data.annotations.label_maps import IGNORED
from tests.helpers import label_map_files as files
from tests.helpers.specimens import (
    ade20k,
    camvid,
    celebamask_hq,
    cityscapes,
    cmp_facades,
    cub_segmentations,
    oxford_pets,
    paired_folders,
    put,
    voc,
)

MODULES = (ade20k, camvid, celebamask_hq, cityscapes, cmp_facades, cub_segmentations, oxford_pets, paired_folders, voc)
SPECIMENS = [one for module in MODULES for one in module.SPECIMENS]
WITHOUT = Request(image_size=8, needs_maps=False)


def every_map(source, path):
    """The names of all files that are no photographs in a specimen: gray, of a palette, or of a few colors."""
    found = set()
    for file in source.pictures.entries.pictures:
        with Image.open(path / file.name) as picture:
            values = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        smooth = len(np.unique(values // 64, axis=0)) < 12  # photographs are noise of many colors here
        found |= {file.name} if smooth else set()
    return found


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda one: one.name)
@pytest.mark.parametrize("request_", [WITHOUT, Request(8, alone=True), Request(8)], ids=["no maps", "alone", "any"])
def test_no_map_is_a_picture_or_a_class(tmp_path, specimen, request_):
    path = specimen.write(tmp_path)
    found = layouts.recognize(path, request_)
    names = {file.name for file in found.pictures.pictures}
    maps = every_map(found, path)
    assert len(maps) >= sum(specimen.parts.values())
    assert names
    assert not names & maps
    of_maps, of_pictures = (
        {part for name in some for part in PurePosixPath(name).parts[:-1]} for some in (maps, names)
    )
    assert not set(found.classes) & (of_maps - of_pictures)


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda one: one.name)
def test_a_model_without_maps_is_given_no_map_for_a_picture(tmp_path, specimen):
    path = specimen.write(tmp_path)
    found = data.load(str(path), WITHOUT)
    rows = found.train["image"][:].reshape(len(found), -1)
    assert all(len(np.unique(row)) > 12 for row in rows)  # maps have a few values alone


def first_map(path, **options):
    return data.load(str(path), Request(least=1, needs_maps=True, **options)).train["map"][0]


def test_cityscapes_numbers_become_those_of_training(tmp_path):
    for name, kinds in (("a", ("labelIds",)), ("b", ("labelTrainIds",))):
        made = first_map(cityscapes.full(tmp_path / name, kinds=kinds))
        assert np.array_equal(made, files.stripes(IGNORED, 0, 13, 18, IGNORED))


def test_ade20k_counts_from_zero_without_other(tmp_path):
    assert np.array_equal(first_map(ade20k.challenge(tmp_path)), files.stripes(IGNORED, 0, 12, 149))


def test_trimaps_are_pet_and_background_and_nothing_else(tmp_path):
    found = data.load(str(oxford_pets.pets(tmp_path)), Request(least=1, needs_maps=True))
    assert found.classes == ("pet", "background")
    assert np.array_equal(found.train["map"][0], files.stripes(1, IGNORED, 0, IGNORED, 1))
    assert (len(found), len(found.test["map"])) == (6, 3)


def test_parts_of_a_face_cover_each_other_in_the_published_order(tmp_path):
    """skin 1 on the right half, l_eye 4 over it, hair 13 over all; each of 8 pixels becomes two."""
    made = first_map(celebamask_hq.faces(tmp_path))
    assert np.array_equal(made, files.stripes(13, 0, 4, 1))


def test_a_part_of_another_size_is_named(tmp_path):
    path = celebamask_hq.faces(tmp_path)
    files.numbers(path / "CelebAMask-HQ-mask-anno/0/00003_hair.png", 0, 255, side=4)
    with pytest.raises(DataError, match=r"00003_hair\.png: 4x4 pixels"):
        first_map(path)


def test_a_damaged_part_is_named(tmp_path):
    path = celebamask_hq.faces(tmp_path)
    put(path / "CelebAMask-HQ-mask-anno/0/00003_hair.png", b"\x89PNG\r\n")
    with pytest.raises(DataError, match=r"00003_hair\.png: not an image"):
        first_map(path)


def test_segnets_eleven_is_no_label(tmp_path):
    assert np.array_equal(first_map(camvid.segnet(tmp_path)), files.stripes(0, 3, 10, IGNORED))


def test_birds_are_what_is_bright(tmp_path):
    found = data.load(str(cub_segmentations.birds(tmp_path)), Request(least=1, needs_maps=True))
    assert found.classes == ("background", "bird")
    assert np.array_equal(found.train["map"][0], files.stripes(0, 0, 1, 1))
    assert (len(found), len(found.test["map"])) == (4, 2)


def test_facades_count_from_one(tmp_path):
    assert np.array_equal(first_map(cmp_facades.base(tmp_path)), files.stripes(0, 1, 2, 11))


def test_masks_in_jpeg_are_two_values(tmp_path):
    assert np.array_equal(first_map(paired_folders.kvasir(tmp_path)), files.stripes(0, 1, 0))


@pytest.mark.parametrize(
    ("write", "columns", "classes", "parts"),
    [
        (oxford_pets.pets, {"label"}, oxford_pets.BREEDS, (6, 0, 3)),
        (ade20k.challenge, {"label"}, ("airport_terminal", "art_gallery"), (4, 2, 0)),
        (cub_segmentations.birds, {"label"}, None, None),
        (celebamask_hq.faces, {"attributes"}, (), (4, 1, 1)),
        (voc.devkit, {"attributes"}, (), (3, 2, 0)),
    ],
)
def test_sets_with_labels_are_read_by_them_where_no_maps_are_needed(tmp_path, write, columns, classes, parts):
    found = data.load(str(write(tmp_path)), WITHOUT)
    assert columns <= set(found.train)
    assert "map" not in found.train
    assert any("label maps not used" in one.text and one.column == "map" for one in found.remarks)
    if classes is not None:
        assert found.classes == classes
        test = len(next(iter(found.test.values()), ()))
        assert (len(found) - found.validation, found.validation, test) == parts


def test_vocs_objects_are_attributes(tmp_path):
    found = data.load(str(voc.devkit(tmp_path)), WITHOUT)
    assert found.attributes[:2] == ("aeroplane", "bicycle")
    assert found.train["attributes"][0][:3].tolist() == [0, 1, 1]  # -1, 1, 0: difficult


def test_breeds_count_as_their_list_does(tmp_path):
    path = oxford_pets.pets(tmp_path)
    found = layouts.recognize(path, WITHOUT).pictures
    named = [found.classes[label] for label in found.columns["labels"]]
    assert named == [file.name.rpartition("/")[2].rpartition("_")[0] for file in found.pictures]


@pytest.mark.parametrize("needs_maps", [None, True, False])
def test_pairs_of_pictures_and_maps_are_pairs_in_sets_with_labels_too(tmp_path, needs_maps):
    found = data.load(str(oxford_pets.pets(tmp_path)), Request(8, paired=True, needs_maps=needs_maps))
    assert {"other", "map"} <= set(found.train)
