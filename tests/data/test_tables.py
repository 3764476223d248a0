"""Tables and lists beside pictures: which picture a name means, what lacks, and what is reported."""

import shutil
import zipfile

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data import inspection, layouts
from gancli.data.annotations.folders import label_words
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SUFFIXES, SourceFile
from gancli.data.formats import tables
from gancli.data.remarks import why_without
from gancli.data.request import Request
from tests.helpers.specimens import (
    attribute_tables,
    caption_files,
    caption_tables,
    celeba,
    coco_captions,
    cub,
    encoded,
    flowers,
    label_tables,
    put,
    split_lists,
    stylegan,
    tiny_imagenet,
)

DOT = encoded(np.arange(192, dtype=np.uint8).reshape(8, 8, 3))
LISTED = (
    attribute_tables,
    caption_files,
    caption_tables,
    celeba,
    coco_captions,
    cub,
    flowers,
    label_tables,
    split_lists,
    stylegan,
    tiny_imagenet,
)


def lay(folder, *names, **texts):
    for name in names:
        put(folder / name, DOT)
    for name, text in texts.items():
        put(folder / name.replace("__", "."), text)
    return folder


def read(folder):
    found = layouts.recognize(folder, Request())
    return found, {name: count for name, count in found.parts.items() if count}, " ".join(r.text for r in found.remarks)


def labels(found):
    rows = found.pictures.columns["labels"]
    return {file.name: found.classes[row] for file, row in zip(found.pictures.pictures, rows, strict=True)}


# --- names


@pytest.mark.parametrize(
    ("pictures", "table", "names", "expected"),
    [
        (("a/1.png", "b/1.png"), "t.csv", ("b/1.png", "a/1.png"), [1, 0]),
        (("x/a/1.png", "x/b/1.png"), "x/t.csv", ("b/1.png", "c/1.png"), [1, NONE]),
        (("train/1.png", "test/1.png"), "trainLabels.csv", ("1",), [0]),
        (("train/1.png", "test/1.png"), "test.csv", ("1.png",), [1]),
        (("train/1.png", "test/1.png"), "train/metadata.csv", ("1.png",), [0]),
        (("images/1.jpg", "images/2.jpg"), "t.csv", ("data/old/2.jpg", "1.jpg"), [1, 0]),
        (("1.png", "2.png"), "t.csv", ("2.jpg", "1.jpeg"), [1, 0]),
        (("set/a/1.jpg", "set/b/1.jpg"), "meta/train.txt", ("b/1", "a/1"), [1, 0]),
        (("1.png",), "t.csv", (".\\1.png", "/1.png"), [0, 0]),
        (("1.png",), "t.csv", ("cat", ""), [NONE, NONE]),
    ],
)
def test_a_name_means_a_picture_by_the_strictest_form(pictures, table, names, expected):
    found = PictureNames([SourceFile(name, bytes) for name in pictures], table)
    assert found.rows(names) == expected


def test_a_name_that_means_several_pictures_is_refused():
    found = PictureNames([SourceFile(name, bytes) for name in ("a/1.png", "b/1.png")], "t.csv")
    with pytest.raises(DataError, match=r"t.csv names 1.png, and it is not clear which of a/1.png, b/1.png"):
        found.rows(["1.png"])


# --- readers


@pytest.mark.parametrize(
    "text",
    ["a,b\n1, x\n", "a;b\n1;x\n", "a\tb\n1\tx\n", "a| b\n1| x\n", '"a","b"\n"1","x"\n', "\ufeffa,b\r\n1,x\r\n\r\n"],
)
def test_tables_with_any_delimiter_are_alike(text):
    found = tables.read(SourceFile("t.csv", text.encode))
    assert (found.header, found.rows) == (("a", "b"), [["1", "x"]])


def test_utf_16_of_a_spreadsheet_is_read_and_quotes_keep_delimiters_and_lines():
    text = 'name,caption\n1.png,"a cat, and\na ""dog"""\n'
    for encoding in ("utf-8", "utf-16"):
        found = tables.read(SourceFile("t.csv", lambda encoding=encoding: text.encode(encoding)))
        assert found.rows == [["1.png", 'a cat, and\na "dog"']]


def test_lines_of_json_may_lack_keys():
    text = '{"file_name": "1.png", "label": 3}\n\n{"file_name": "2.png", "text": null, "box": [1]}\n'
    found = tables.read(SourceFile("m.jsonl", text.encode))
    assert found.header == ("file_name", "label", "text", "box")
    assert found.rows == [["1.png", "3", "", ""], ["2.png", "", "", "[1]"]]


# --- labels


def test_a_table_without_a_header_is_read(tmp_path):
    found, _, _ = read(lay(tmp_path, "1.png", "2.png", "3.png", labels__csv="1.png,cat\n2.png,dog\n3.png,cat\n"))
    assert labels(found) == {"1.png": "cat", "2.png": "dog", "3.png": "cat"}


def test_a_picture_without_a_line_is_left_out_and_many_cost_the_labels(tmp_path):
    names = [f"{number}.png" for number in range(20)]
    text = "id,label\n" + "".join(f"{number},{'ab'[number % 2]}\n" for number in range(19))
    found, parts, texts = read(lay(tmp_path, *names, labels__csv=text))
    assert (found.classes, parts) == (("a", "b"), {"train": 19})
    assert "1 of 20 pictures left out, not in labels.csv: 19.png" in texts
    put(tmp_path / "labels.csv", text[:33])
    found, parts, _ = read(tmp_path)
    assert parts == {"train": 20}
    assert "labels.csv has none for" in why_without("label", found.remarks)


def test_labels_that_count_from_1_have_no_empty_class(tmp_path):
    names = [f"{number}.png" for number in range(1, 13)]
    text = "id,label\n" + "".join(f"{number},{number % 11 + 1}\n" for number in range(1, 13))
    found, _, _ = read(lay(tmp_path, *names, labels__csv=text))
    assert found.classes == tuple(map(str, range(1, 12)))
    assert np.bincount(found.pictures.columns["labels"]).min() > 0


def test_labels_of_a_table_go_before_folders_and_are_reported(tmp_path):
    found, _, texts = read(lay(tmp_path, "x/1.png", "y/2.png", labels__csv="id,species\n1,cat\n2,dog\n"))
    assert labels(found) == {"x/1.png": "cat", "y/2.png": "dog"}
    assert "labels are those of labels.csv, not of folders" in texts


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("id,price\n1,10.5\n2,0.25\n", "none of its columns id, price is known"),
        ("name,label\ncat,0\ndog,1\n", "its first lines name none of the pictures"),
        ("id,x,y,w,h\n1,3,4,5,6\n2,3,4,5,6\n", "none of its columns"),
    ],
)
def test_a_table_that_is_not_used_is_reported_with_the_reason(tmp_path, text, why):
    found, parts, texts = read(lay(tmp_path, "1.png", "2.png", table__csv=text))
    assert (found.classes, parts) == ((), {"train": 2})
    assert f"table.csv is not used: {why}" in texts


def test_a_form_for_submissions_is_no_table_of_labels(tmp_path):
    found, _, _ = read(lay(tmp_path, "1.png", "2.png", sample_submission__csv="id,label\n1,cat\n2,dog\n"))
    assert found.classes == ()


@pytest.mark.parametrize(
    ("names", "classes"),
    [
        (("cat.0", "cat.1", "dog.0", "dog.1"), ("cat", "dog")),
        (("american pit_1", "american pit_2", "Abyssinian_1", "Abyssinian_22"), ("Abyssinian", "american pit")),
        (("horse (1)", "horse (2)", "zebra (1)", "zebra (2)"), ("horse", "zebra")),
        (("img_1", "img_2", "photo_1", "photo_2"), ()),
        (("cat.0", "cat.1", "dog.0"), ()),
        (("cat.0", "cat.1", "cat.2"), ()),
        (("cat.0", "cat.1", "dog.0", "dog.1", "preview"), ()),
        (("cmp_b0001", "cmp_b0002", "cmp_x0001", "cmp_x0002"), ()),
        (("train_1", "train_2", "test_1", "test_2"), ()),
        (("0_1", "0_2", "1_1", "1_2"), ()),
    ],
)
def test_words_of_names_are_classes_where_all_follow(tmp_path, names, classes):
    found, parts, texts = read(lay(tmp_path, *(f"{name}.png" for name in names)))
    assert (found.classes, parts) == (classes, {"train": len(names)})
    assert ("labels are the words that names of files begin with" in texts) == bool(classes)


def test_other_labels_go_before_words_of_names(tmp_path):
    names = [f"{place}/{word}.{at}.png" for place in "xy" for word in ("cat", "dog") for at in (1, 2)]
    assert read(lay(tmp_path, *names))[0].classes == ("x", "y")
    assert label_words.word_of("a/b/cat.12.jpg") == "cat"


# --- splits


def test_a_picture_in_several_lists_is_never_trained_on(tmp_path):
    lists = {"train__txt": "1.png\n2.png\n3.png\n", "val__txt": "2.png\n3.png\n", "test__txt": "3.png\n"}
    found, parts, texts = read(lay(tmp_path, "1.png", "2.png", "3.png", **lists))
    assert parts == {"train": 1, "validation": 1, "test": 1}
    assert found.pictures.splits.tolist() == [0, 2, 1]
    assert "2 pictures are in several lists, not trained on: 2.png, 3.png" in texts


def test_lists_go_before_folders_of_splits_which_are_no_classes(tmp_path):
    names = [f"{split}/{name}/{split}{at}.png" for split in ("train", "test") for name in "ab" for at in (1, 2)]
    lists = {"train__txt": "\n".join(names[:6]), "test__txt": "\n".join(names[6:])}
    found, parts, _ = read(lay(tmp_path, *names, **lists))
    assert (found.classes, parts) == (("a", "b"), {"train": 6, "test": 2})


def test_texts_that_name_no_picture_are_no_lists(tmp_path):
    found, parts, _ = read(lay(tmp_path, "1.png", "2.png", train__txt="hello\n", test__txt="epoch 1\n"))
    assert (found.layouts.count(split_lists.NAME), parts) == (0, {"train": 2})


def test_the_test_faces_of_celeba_are_never_trained_on(tmp_path):
    found, _, _ = read(celeba.torchvision(tmp_path))
    by_name = dict(zip([file.base for file in found.pictures.pictures], found.pictures.splits.tolist(), strict=True))
    assert [by_name[name] for name in celeba.NAMES] == [0, 0, 0, 0, 2, 1]
    put(tmp_path / "celeba/list_eval_partition.txt", "000001.jpg 7\n")
    _, parts, texts = read(tmp_path / "celeba")
    assert parts == {"train": 6}
    assert "the official split is not used: list_eval_partition.txt holds '000001.jpg 7'" in texts


def test_classes_for_testing_captions_go_before_the_official_split(tmp_path):
    folder = cub.cub(tmp_path)
    put(folder / "testclasses.txt", "001.Black_footed_Albatross\n")
    _, parts, texts = read(folder)
    assert parts == {"train": 9}
    assert "train_test_split.txt is not used" in texts


# --- captions


def test_pictures_to_train_on_without_captions_cost_them_and_the_reason_is_said(tmp_path, gancli):
    names = [f"{number}.png" for number in range(8)]
    found, parts, _ = read(lay(tmp_path / "x", *names, captions__txt="image,caption\n0.png,a cat\n1.png,a dog\n"))
    assert ("captions" in found.pictures.columns, parts) == (False, {"train": 8})
    assert "captions.txt has none for 6 of 8 pictures" in why_without("caption", found.remarks)
    shutil.rmtree(tmp_path / "x")
    answer = gancli("train", "--model", "gan-cls", "--data", lay(tmp_path / "x", *names), "--dry-run")
    assert answer.code == DataError.exit_code
    for place in ("captions.txt", "metadata.jsonl", "Flickr8k's token file", "COCO's captions"):
        assert place in answer.err


def test_captions_keep_their_order(tmp_path):
    text = 'image,caption\n1.png,"one, two"\n2.png,x\n1.png,three\n'
    found, _, _ = read(lay(tmp_path, "1.png", "2.png", captions__txt=text))
    assert found.pictures.columns["captions"].tolist() == [["one, two", "three"], ["x", ""]]


# --- annotations without pictures, in every layout


@pytest.mark.parametrize(
    "specimen",
    [one for module in LISTED for one in module.SPECIMENS],
    ids=lambda one: one.name,
)
def test_annotations_without_pictures_are_refused_in_one_sentence(tmp_path, specimen):
    path = specimen.write(tmp_path)
    folder = path if path.is_dir() else path.parent
    for file in list(folder.rglob("*")):
        if file.suffix.lower() in (*SUFFIXES, ".zip"):
            file.unlink()
    names = "imagelabels|setid" if "flowers" in specimen.name else r"holds no pictures: .*ends? in \."  # also arrays
    for look in (lambda: inspection.check(str(folder)).raise_if_bad(), lambda: data.load(str(folder))):
        with pytest.raises(DataError, match=names) as refused:
            look()
        assert "\n" not in str(refused.value)


def test_celeba_as_the_authors_hand_it_out_is_read_from_its_archive(tmp_path, gancli):
    drive, made = tmp_path / "drive", celeba.torchvision(tmp_path)
    put(drive / "Anno/list_attr_celeba.txt", (made / "list_attr_celeba.txt").read_bytes())
    put(drive / "Eval/list_eval_partition.txt", (made / "list_eval_partition.txt").read_bytes())
    put(drive / "Img/img_align_celeba.zip", b"")
    with zipfile.ZipFile(drive / "Img/img_align_celeba.zip", "w") as archive:
        for name in celeba.NAMES:
            archive.write(made / "img_align_celeba" / name, f"img_align_celeba/{name}")
    found, parts, _ = read(drive)
    assert (parts, len(found.attributes)) == (celeba.THREE, 3)
    (drive / "Img/img_align_celeba.zip").unlink()
    for command in (("data", "check", drive), ("train", "--model", "gan", "--data", drive, "--dry-run")):
        answer = gancli(*command)
        assert answer.code == DataError.exit_code
        assert "holds no pictures: 2 files end in .txt" in answer.err
