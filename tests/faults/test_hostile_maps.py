"""Sets of label maps with damaged lists and files: an error in one sentence that names a file, or no maps."""

import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import (
    ade20k,
    camvid,
    celebamask_hq,
    cityscapes,
    cmp_facades,
    cub_segmentations,
    oxford_pets,
    put,
    voc,
)

SETS = {
    "voc": voc.devkit,
    "cityscapes": cityscapes.full,
    "ade20k": ade20k.challenge,
    "pets": oxford_pets.pets,
    "celebamask": celebamask_hq.faces,
    "camvid": camvid.original,
    "camvid, Kaggle's": camvid.kaggle,
    "camvid, fastai's": camvid.fastai,
    "birds": cub_segmentations.birds,
    "facades": cmp_facades.base,
}
TEXTS = {
    "empty": b"",
    "bytes": bytes(range(256)) * 4,
    "one word": b"word\n",
    "numbers": b"1 2 3 4 5 6 7 8 9\n" * 9,
    "tabs": b"\t\t\t\n\t\n0\t\n",
    "digits": b"9" * 5000 + b" " + b"9" * 5000 + b" 1 1\n",
}


@pytest.mark.parametrize("content", TEXTS)
@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("needs_maps", [True, False])
def test_lists_of_anything_are_read_or_refused(tmp_path, name, content, needs_maps):
    path = SETS[name](tmp_path)
    for file in [*path.rglob("*.txt"), *path.rglob("*.csv")]:
        put(file, TEXTS[content])
    try:
        found = data.load(str(path), Request(8, needs_maps=needs_maps))
    except DataError as error:
        assert "\n" not in str(error)
        assert len(str(error)) < 2000
    else:
        assert len(found)


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("damage", ["cut short", "flipped", "empty"])
def test_a_damaged_map_is_named_and_only_where_maps_are_needed_an_error(tmp_path, name, damage):
    path = SETS[name](tmp_path)
    found = data.inspect(str(path), request=Request(8, needs_maps=True)).pictures
    used = {file.name for file in found.label_maps.files}
    first = path / next(iter(sorted(used)))
    if name == "celebamask":  # a map made of several files
        first = first.with_name(f"{first.stem}_skin.png")
    content = bytearray(first.read_bytes())
    if damage == "flipped":
        content[20:24] = b"\xff\xff\xff\xff"  # the height, in the header of a PNG
    put(first, {"cut short": bytes(content[:40]), "flipped": bytes(content), "empty": b""}[damage])
    with pytest.raises(DataError, match=first.stem[:12]):
        data.load(str(path), Request(8, needs_maps=True))
    assert len(data.load(str(path), Request(8, needs_maps=False)))


@pytest.mark.parametrize("name", ["classes.txt", "class_dict.csv", "codes.txt"])
def test_a_list_as_large_as_a_data_set_is_not_read_into_memory(tmp_path, name):
    path = camvid.kaggle(tmp_path)
    with (path / name).open("wb") as file:
        file.truncate(3_000_000_000)  # takes no space on disk
    if name == "codes.txt":
        assert data.load(str(path), Request(8, needs_maps=True)).classes == camvid.THREE
    else:
        with pytest.raises(DataError, match=rf"{name}: 3,000,000,000 bytes"):
            data.load(str(path), Request(8, needs_maps=True))


def test_a_list_of_splits_as_large_as_a_data_set_is_not_read_into_memory(tmp_path):
    path = oxford_pets.pets(tmp_path)
    with (path / "annotations/test.txt").open("wb") as file:
        file.truncate(3_000_000_000)
    with pytest.raises(DataError, match=r"test\.txt: 3,000,000,000 bytes"):
        data.load(str(path), Request(8))
