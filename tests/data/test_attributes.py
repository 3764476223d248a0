"""Attributes of pictures: the list that comes with CelebA, in both of its layouts, from folder, zip, HDF5 and npz."""

import re
import zipfile

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError, OptionError
from gancli.data import Request
from gancli.data.formats import hdf5
from gancli.data.remarks import why_without
from gancli.evaluation import classifier
from gancli.runs import metadata

NAMES = ("Bald", "Eyeglasses", "Male")
VALUES = np.array([[0, 1, 1], [0, 0, 1], [1, 0, 0]], np.uint8)
LIST = "3\nBald Eyeglasses Male\n000001.jpg -1  1  1\n000002.jpg -1 -1  1\n000003.jpg  1 -1 -1\n"
TABLE = "image_id,Bald,Eyeglasses,Male\n000001.jpg,-1,1,1\n000002.jpg,-1,-1,1\n000003.jpg,1,-1,-1\n"


def faces(folder, text=LIST, name="list_attr_celeba.txt"):
    """A folder as CelebA is handed out: pictures in one place, the list in another."""
    (folder / "Img" / "img_align_celeba").mkdir(parents=True)
    (folder / "Anno").mkdir()
    for number in (1, 2, 3):
        Image.new("RGB", (8, 8), (number * 50, 0, 0)).save(folder / "Img" / "img_align_celeba" / f"00000{number}.jpg")
    (folder / "Anno" / name).write_text(text, encoding="utf-8")
    return folder


def check(dataset):
    assert dataset.attributes == NAMES
    assert np.array_equal(dataset.train["attributes"], VALUES)
    assert dataset.train["attributes"].dtype == np.uint8
    assert [round(int(image[0, 0, 0]) / 50) for image in dataset.train["image"][:]] == [1, 2, 3]
    assert dataset.facts().attributes == NAMES


@pytest.mark.parametrize(
    ("text", "name"), [(LIST, "list_attr_celeba.txt"), (TABLE, "list_attr_celeba.csv"), ("\ufeff" + LIST, None)]
)
def test_attributes_become_a_column_in_both_layouts(tmp_path, text, name):
    check(data.load(str(faces(tmp_path / "faces", text, name or "list_attr_celeba.txt"))))


def test_the_list_may_lie_in_a_zip_and_name_more_pictures_than_there_are(tmp_path, gancli):
    folder = faces(tmp_path / "faces", LIST.replace("3\n", "4\n", 1) + "000004.jpg 1 1 1\n")
    with zipfile.ZipFile(tmp_path / "faces.zip", "w") as archive:
        for path in folder.rglob("*.*"):
            archive.write(path, path.relative_to(folder))
    check(data.load(str(tmp_path / "faces.zip")))
    assert "attributes: Bald, Eyeglasses, Male" in gancli("data", "check", tmp_path / "faces.zip").out
    assert gancli("data", "pack", tmp_path / "faces.zip", tmp_path / "packed.h5").code == 0
    check(data.load(str(tmp_path / "packed.h5")))
    resized = data.load(str(tmp_path / "packed.h5"), Request(image_size=4))
    assert np.array_equal(resized.train["attributes"], VALUES)


def test_attributes_in_arrays_may_be_0_or_minus_1(tmp_path):
    images = np.zeros((3, 8, 8, 3), np.uint8) + np.array([50, 100, 150], np.uint8)[:, None, None, None]
    signs = VALUES.astype(np.int8) * 2 - 1
    np.savez(tmp_path / "a.npz", images=images, attributes=signs, attribute_names=np.array(NAMES))
    check(data.load(str(tmp_path / "a.npz")))
    np.savez(tmp_path / "b.npz", images=images, attributes=signs * 2, attribute_names=np.array(NAMES))
    with pytest.raises(DataError, match="must be 1 if present"):
        data.load(str(tmp_path / "b.npz"))
    np.savez(tmp_path / "c.npz", images=images, attributes=signs, attribute_names=np.array(NAMES[:2]))
    with pytest.raises(DataError, match="3 images and 2 names"):
        data.load(str(tmp_path / "c.npz"))
    hdf5.write(
        tmp_path / "d.h5",
        images,
        images.shape,
        columns={"attributes": VALUES[:2]},
        description=hdf5.Description(attributes=NAMES),
    )
    with pytest.raises(DataError, match="3 images and 3 names"):
        data.load(str(tmp_path / "d.h5"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (LIST.replace("3\n", "5\n", 1), "claims 5 pictures and lists 3: it was cut"),
        (LIST.replace("000002.jpg -1 -1  1\n", "").replace("3\n", "2\n", 1), "no line for 000002.jpg"),
        (LIST.replace("-1  1  1", "-1  1"), "the line of 000001.jpg: expected 3 values"),
        (LIST.replace("-1  1  1", "-1  7  1"), "each 1 or -1"),
        ("", "attributes' names"),
        ("3\nBald Bald Male\n", "each once"),
    ],
)
def test_a_bad_list_is_one_sentence_and_stops_only_what_needs_attributes(tmp_path, text, words):
    dataset = data.load(str(faces(tmp_path / "faces", text)))
    assert ("attributes" in dataset.train, dataset.attributes, len(dataset)) == (False, (), 3)
    assert re.search(words, why_without("attributes", dataset.remarks))
    with pytest.raises(OptionError, match=words):
        classifier.need_labels(dataset, "attributes")


def test_a_changed_list_is_read_again_and_changes_the_fingerprint(tmp_path):
    folder = faces(tmp_path / "faces")
    before = data.load(str(folder)).facts().fingerprint
    (folder / "Anno" / "list_attr_celeba.txt").write_text(LIST.replace("-1 -1  1", " 1  1  1"), encoding="utf-8")
    after = data.load(str(folder))
    assert after.train["attributes"][1].tolist() == [1, 1, 1]
    assert after.facts().fingerprint != before


def test_the_facts_of_a_run_of_old_have_no_attributes():
    table = {"name": "x", "shape": [8, 8, 3], "count": 3, "columns": ["image"], "classes": [], "fingerprint": ""}
    assert metadata._facts(table | {"source": ""}, name="run.json").attributes == ()


def test_celeba_s_attributes_are_those_published(real_data):
    dataset = data.load(str(real_data / "celeba.zip"), Request(image_size=64))
    counts = dict(zip(dataset.attributes, dataset.train["attributes"].sum(axis=0).tolist(), strict=True))
    assert len(counts) == 40
    assert (counts["Male"], counts["Eyeglasses"], counts["Smiling"]) == (4217, 674, 4822)
