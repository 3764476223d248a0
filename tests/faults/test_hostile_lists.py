"""Tables and lists from strangers: refused in words and by name, whatever they hold, and the pictures stay."""

import json
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from gancli import data
from gancli.core.errors import DataError
from gancli.data import layouts
from gancli.data.array_files import matlab
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.request import Request
from tests.helpers.specimens import (
    attribute_tables,
    caption_tables,
    celeba,
    coco_captions,
    cub,
    flowers,
    label_tables,
    photo,
    put,
    split_lists,
    tiny_imagenet,
)

TEXTS = (
    attribute_tables,
    caption_tables,
    celeba,
    coco_captions,
    cub,
    flowers,
    label_tables,
    split_lists,
    tiny_imagenet,
)
SPECIMENS = [one for module in TEXTS for one in module.SPECIMENS]
FOLDERS = [one for one in SPECIMENS if "archive" not in one.name]


def notes(path):
    return " ".join(remark.text for remark in layouts.recognize(path, Request()).remarks)


def lists(folder):
    """All files but pictures."""
    return [path for path in folder.rglob("*.*") if path.suffix in (".csv", ".txt", ".json", ".jsonl", ".mat")]


@pytest.mark.parametrize("specimen", FOLDERS, ids=lambda one: one.name)
@pytest.mark.parametrize("damage", ["cut", "zeros", "empty", "latin", "long"])
def test_a_damaged_list_costs_its_column_and_no_picture(tmp_path, specimen, damage):
    folder = specimen.write(tmp_path)
    for path in lists(folder):
        content = path.read_bytes()
        half = len(content) // 2 + 1
        made = {
            "cut": content[:half],
            "zeros": content[:half] + bytes(half),
            "empty": b"",
            "latin": content[:half] + b"\xe9\xff\xfe" + content[half:],
            "long": content[:half] + b"x" * 200_000 + content[half:],
        }
        path.write_bytes(made[damage])
    try:
        found = layouts.recognize(folder, Request())
    except DataError as error:
        assert "\n" not in str(error)
        return
    assert sum(found.parts.values()) > 0
    assert found.remarks or damage == "empty" or "CelebA" in specimen.name


@pytest.mark.parametrize("specimen", FOLDERS[::3], ids=lambda one: one.name)
@given(place=st.floats(0, 1), value=st.integers(0, 255))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_flipped_bytes_are_answered_or_read(tmp_path_factory, specimen, place, value):
    folder = tmp_path_factory.mktemp("flipped")
    path = specimen.write(folder)
    for file in lists(path):
        content = bytearray(file.read_bytes())
        content[int(place * (len(content) - 1))] = value
        file.write_bytes(content)
    try:
        found = layouts.recognize(path, Request())
    except DataError as error:
        assert "\n" not in str(error)
    else:
        counts = {len(values) for values in found.pictures.columns.values()}
        assert counts <= {len(found.pictures.pictures)}


def test_a_table_larger_than_memory_allows_is_not_opened():
    def read():
        raise AssertionError("opened")

    with pytest.raises(DataError, match=r"huge.csv has .* MB, more than the"):
        tables.read(SourceFile("huge.csv", read, size=10**12))


def test_a_bomb_in_a_zip_is_not_unpacked(tmp_path):
    photo(tmp_path / "1.png")
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "1.png", "1.png")
        with archive.open("labels.csv", "w") as file:
            file.write(b"id,label\n")
            for _ in range(501):
                file.write(b"1.png,a\n" * 125_000)
    assert "not used: labels.csv" in notes(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("id,label\n0.png,a,b\n1.png,b\n", "row 2 has 3 cells, the first 2"),
        ("id,label\n0.png,a\n1.png\n", "row 3 has 1 cells"),
        ("id,label\n0.png,a\n0.png,b\n1.png,b\n", "says b of a picture that another line, or table, calls a"),
        ("id,label\n0.png,a\n1.png,a\n2.png,a\n", "only the label a"),
        ("id,label\n0.png," + "a" * 140_000 + "\n1.png,b\n", "labels.csv is not used"),
        ('id,label\n0.png,"a\n1.png,b\n', "cells, the first 2"),
    ],
)
def test_tables_with_other_rows_are_named(tmp_path, content, words):
    for number in range(3):
        photo(tmp_path / f"{number}.png")
    put(tmp_path / "labels.csv", content)
    found = notes(tmp_path)
    assert "labels" in found
    assert words in found or "the first 2" in words


@pytest.mark.parametrize(
    "content", ["[" * 100_000, "{}", "[]", '{"images": 3, "annotations": []}', "nan", '{"images": [{}]}']
)
def test_json_of_another_form_is_named(tmp_path, content):
    photo(tmp_path / "train2014/1.jpg")
    put(tmp_path / "annotations/captions_train2014.json", content)
    assert "not used: annotations/captions_train2014.json" in notes(tmp_path)


def test_numbers_of_captions_are_bounded(tmp_path):
    photo(tmp_path / "1.jpg")
    put(tmp_path / "captions.txt", "image,caption\n" + "1.jpg,word\n" * 1001)
    assert "1,001 lines for one picture" in notes(tmp_path)


def test_lines_of_json_are_objects(tmp_path):
    photo(tmp_path / "1.jpg")
    for line in ("[1]", '{"file_name": ', json.dumps("1.jpg")):
        put(tmp_path / "metadata.jsonl", line + "\n")
        assert "not used: metadata.jsonl: line 1 is no" in notes(tmp_path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"labels": np.zeros((3, 4))}, "of shape (3, 4); expected a vector"),
        ({"labels": np.array([1.5, 2.0])}, "holds fractions or NaN; expected whole numbers"),
        ({"labels": np.array([np.nan, 2.0])}, "holds fractions or NaN; expected whole numbers"),
        ({"labels": "text"}, "labels is <U4 of shape (1,); expected a vector"),
        ({"labels": np.array([{}], object)}, "holds nothing of numbers; expected vectors"),
        ({"other": np.array([1])}, "holds other; expected vectors of whole numbers called labels"),
    ],
)
def test_matlab_files_of_another_form_are_named(tmp_path, values, words):
    photo(tmp_path / "jpg/image_00001.jpg")
    photo(tmp_path / "jpg/image_00002.jpg")
    savemat(tmp_path / "imagelabels.mat", values)
    assert words in notes(tmp_path)
    assert len(data.load(str(tmp_path), Request(8))) == 2


def test_a_matlab_file_that_claims_or_has_too_much_is_refused(tmp_path):
    savemat(tmp_path / "a.mat", {"labels": np.zeros((1, matlab.MOST_NUMBERS + 1), np.uint8)}, do_compression=True)
    content = (tmp_path / "a.mat").read_bytes()
    assert len(content) < 100_000
    with pytest.raises(DataError, match="expected a vector of at most 10,000,000 numbers"):
        matlab.vectors(SourceFile("a.mat", lambda: content, len(content)), "labels")
