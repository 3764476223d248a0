"""What a folder or zip file holds that is not read: said in a line, and never a column lost or a model stopped."""

import io
import json
import zipfile
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Dataset, Request, fingerprints
from gancli.data.containers import source_files, zip_file
from gancli.data.formats import export, hdf5, hdf5_storage
from gancli.data.labels.class_names import natural_key
from gancli.data.remarks import left_out, why_without
from gancli.runs import registry


def encoded(value=0, kind="PNG"):
    """A picture of one gray, with a black and a white column, so that nothing is remarked of its range."""
    buffer, pixels = io.BytesIO(), np.full((8, 8), value, np.uint8)
    pixels[:, 0], pixels[:, 7] = 0, 255
    Image.fromarray(pixels).save(buffer, kind)
    return buffer.getvalue()


def lay(folder, *names):
    """Files in a folder: pictures, each of another gray, or of other endings their own names; returns the folder."""
    for number, name in enumerate(names):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        kind = "PNG" if name.lower().endswith(".png") else "JPEG"
        content = (
            encoded(10 * number, kind) if source_files.SourceFile(name, bytes).suffix in source_files.SUFFIXES else b"x"
        )
        (folder / name).write_bytes(content)
    return folder


def zipped(path, *names, flags=0):
    """A zip file whose names stand in it as these bytes."""
    with zipfile.ZipFile(path, "w") as file:
        for number, name in enumerate(names):
            info = zipfile.ZipInfo("x")
            info.filename = name.decode("cp437") if isinstance(name, bytes) else name
            file.writestr(info, encoded(10 * number))
    return path


def told(dataset, *, matters=True):
    return [remark.text for remark in dataset.remarks if remark.matters == matters]


def classes_of(path, **request):
    dataset = data.load(str(path), Request(**request))
    labels = dataset.train["label"].tolist() if "label" in dataset.train else None
    return dataset, labels


# --- endings, hidden files, and the same said by `data check`


def test_jpegs_by_other_names_are_read(tmp_path):
    dataset, labels = classes_of(lay(tmp_path, "a/1.jfif", "a/2.JPE", "b/3.pjpeg", "b/4.pjp"))
    assert (labels, told(dataset), told(dataset, matters=False)) == ([0, 0, 1, 1], [], [])


def test_pictures_of_other_kinds_are_counted_and_texts_matter_less(tmp_path):
    lay(tmp_path, "a/1.png", "a/2.heic", "b/3.png", "b/4.HEIC", "c/5.psd", "b/notes.xml", "a/LICENSE")
    dataset, labels = classes_of(tmp_path)
    assert labels == [0, 1]
    assert told(dataset) == [
        f"3 files are not read: 2 of .heic, 1 of .psd; pictures end in {', '.join(source_files.SUFFIXES)}",
        "folders without pictures, no classes: c",
    ]
    assert told(dataset, matters=False) == ["2 files are not read: 1 of no ending, 1 of .xml"]


def test_where_nothing_is_read_the_reason_is_in_the_error(tmp_path):
    with pytest.raises(DataError, match=r"holds no pictures: of 2 files 1 ends in \.odd, 1 ends in \.ico$"):
        data.load(str(lay(tmp_path, "a/1.ico", "shard.odd")))


def test_many_files_of_an_unknown_ending_may_be_pictures(tmp_path):
    dataset, _ = classes_of(lay(tmp_path, "1.png", *(f"{number}.jpg_large" for number in range(4)), "x.odd"))
    assert [text[:47] for text in told(dataset)] == ["4 files are not read: 4 of .jpg_large; pictures"]
    assert told(dataset, matters=False) == ["1 files are not read: 1 of .odd"]


def test_files_of_systems_are_no_classes_and_no_pictures(tmp_path):
    names = (
        "cat/1.png",
        "dog/2.png",
        "@eaDir/1.jpg/SYNO.jpg",
        "cat/@eaDir/2.jpg",
        "cat/Thumbs.db",
        ".x/3.png",
        "._1.png",
    )
    (tmp_path / "horse").mkdir()
    dataset, labels = classes_of(lay(tmp_path, *names))
    assert (labels, dataset.classes) == ([0, 1], ("cat", "dog"))
    assert told(dataset) == ["folders without pictures, no classes: horse"]
    assert told(dataset, matters=False) == ["5 hidden or system files and folders are not read"]
    packed = zipped(tmp_path / "x.zip", "cat/1.png", "dog/2.png", "__MACOSX/cat/._1.png", "@eaDir/1.jpg")
    assert told(data.load(str(packed)), matters=False) == ["2 hidden or system files and folders are not read"]


def test_check_says_what_loading_says_in_text_and_json(tmp_path, gancli):
    lay(tmp_path / "set", "a/1.png", "b/2.png", "b/3.png", "b/4.heic", "stray.png", "b/.5.png")
    dataset = data.load(str(tmp_path / "set"))
    answer = gancli("data", "check", tmp_path / "set", "--json")
    found = json.loads(answer.out)
    assert found["remarks"] == [remark._asdict() for remark in dataset.remarks]
    assert found["notes"] == [remark.text for remark in dataset.remarks]
    assert (found["pictures"], found["classes"]) == (len(dataset), ["a", "b"])
    text = gancli("data", "check", tmp_path / "set").out
    assert all(f"note: {note}" in text for note in found["notes"])
    for command in (("check", tmp_path / "set"), ("pack", tmp_path / "set", tmp_path / "set.h5")):
        assert gancli("data", *command, "--strict").code == DataError.exit_code
    assert not (tmp_path / "set.h5").exists()
    packed = gancli("data", "pack", tmp_path / "set", tmp_path / "set.h5")
    assert packed.err.splitlines() == [f"note: {remark.text}" for remark in dataset.remarks if remark.matters]
    assert data.load(str(tmp_path / "set.h5")).remarks == dataset.remarks


# --- strays, parts, classes


def test_a_stray_picture_is_left_out_and_many_take_the_labels(tmp_path):
    lay(tmp_path, "preview.png", "a/1.png", "b/2.png", "b/3.png")
    dataset, labels = classes_of(tmp_path)
    assert (labels, told(dataset)) == ([0, 1, 1], ["1 of 4 pictures left out, in no class folder: preview.png"])
    assert data.open_images([tmp_path], (8, 8, 1))[1] == ["preview.png", "a/1.png", "b/2.png", "b/3.png"]
    lay(tmp_path, "4.png", "5.png")
    dataset, labels = classes_of(tmp_path)
    assert (labels, len(dataset)) == (None, 6)
    assert why_without("label", dataset.remarks).startswith("labels left out: 3 of 6 pictures are in no class folder")


def test_what_lies_beside_one_folder_is_kept(tmp_path):
    dataset, labels = classes_of(lay(tmp_path, "1.png", "deep/2.png"))
    assert (len(dataset), labels, told(dataset)) == (2, None, [])


@pytest.mark.parametrize(
    ("names", "train", "validation", "test"),
    [
        (("train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png"), [0, 1], [0], [1]),
        (("Training/a/1.png", "Training/b/2.png", "Valid/b/3.png"), [0, 1], [1], []),
        (("a/train/1.png", "a/test/2.png", "b/train/3.png", "b/dev/4.png"), [0, 1], [1], [0]),
        (("set/train/a/1.png", "set/train/b/2.png", "set/eval/a/3.png", "set/testing/a/4.png"), [0, 1], [0], [0]),
        (("a/1.png", "b/2.png", "test/b/4.png"), [0, 1], [], [1]),
        (("train/a/1.png", "train/b/2.png"), [0, 1], [], []),
    ],
)
def test_splits_are_parts_and_no_classes(tmp_path, names, train, validation, test):
    dataset, labels = classes_of(lay(tmp_path, *names))
    assert dataset.classes == ("a", "b")
    assert (labels, dataset.validation) == (train + validation, len(validation))
    assert dataset.test.get("label", np.zeros(0)).tolist() == test
    small = data.load(str(tmp_path), Request(least=8))
    assert (len(small), small.validation, len(small.test.get("image", ()))) == (len(labels), len(validation), len(test))


def test_parts_survive_packing_and_another_size(tmp_path, gancli):
    lay(tmp_path / "set", "train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png")
    assert gancli("data", "pack", tmp_path / "set", tmp_path / "set.h5", "--strict").code == 0
    for size in (None, 4):
        found = data.load(str(tmp_path / "set.h5"), Request(size))
        assert (len(found), found.validation, found.test["label"].tolist()) == (3, 1, [1])
        assert found.train["label"][:].tolist() == [0, 1, 0]
        assert [rows.tolist() for rows in found.split()] == [[0, 1], [2]]


def test_parts_and_remarks_survive_where_duplicates_are_taken_out(tmp_path):
    lay(tmp_path / "set", "train/a/1.png", "train/b/2.png", "val/a/3.png", "test/b/4.png", "stray.png")
    export.write_rows(data.load(str(tmp_path / "set"), Request(whole=True)), [0, 1, 3], tmp_path / "kept.h5")
    found = data.load(str(tmp_path / "kept.h5"))
    assert (len(found), found.validation, found.test["label"].tolist()) == (2, 1, [1])
    assert "1 of 5 pictures left out, in no folder, beside test, train, val: stray.png" in told(found)


@pytest.mark.parametrize(
    ("names", "classes", "remark"),
    [
        (("bus/1.png", "train/2.png"), ("bus", "train"), "the folder train is taken for a class, like bus"),
        (("test/a/1.png", "test/b/2.png"), ("a", "b"), "all pictures lie in test, and are used for training"),
        (
            ("val/a/1.png", "test/b/2.png"),
            ("a", "b"),
            "no folder train beside test, val: all pictures are used for training",
        ),
        (
            ("train/a/1.png", "train/b/2.png", "test/a/3.png", "extra/4.png"),
            ("a", "b"),
            "1 of 4 pictures left out, in folders beside test, train: extra/4.png",
        ),
        (
            ("train/a/1.png", "train/b/2.png", "test/3.png", "test/4.png"),
            ("a", "b"),
            "2 of 4 pictures left out, in no class folder: test/3.png, test/4.png",
        ),
        (("train/a/1.png", "train/b/2.png", "val/c/3.png"), ("a", "b", "c"), "classes without pictures to train on: c"),
        (
            ("images/1.png", "more/2.png"),
            ("images", "more"),
            "the folders images, more are taken for classes, though",
        ),
        (("TrainA/1.png", "TrainB/2.png"), ("TrainA", "TrainB"), "the folders TrainA, TrainB are taken"),
        (
            ("Cat/1.png", "cat/2.png"),
            ("Cat", "cat"),
            "Cat, cat: taken for different classes, though their names differ only by case",
        ),
        (("é/1.png", "e\u0301/2.png"), ("e\u0301", "é"), "taken for different classes"),
    ],
)
def test_what_folders_may_mean_is_told_where_it_is_guessed(tmp_path, names, classes, remark):
    dataset, _ = classes_of(zipped(tmp_path / "x.zip", *names))
    assert dataset.classes == classes
    assert any(remark in text for text in told(dataset)), dataset.remarks


@pytest.mark.parametrize("names", [("cat", "dog"), ("a", "b", "z"), ("0", "1"), ("001.Albatross", "002.Auklet")])
def test_plain_classes_are_not_remarked_on(tmp_path, names):
    dataset, _ = classes_of(zipped(tmp_path / "x.zip", *(f"{name}/1.png" for name in names)))
    assert (dataset.classes, dataset.remarks) == (names, ())


def test_numbers_in_names_of_classes_sort_as_numbers_and_old_runs_keep_their_order(tmp_path):
    dataset, labels = classes_of(lay(tmp_path, "1/1.png", "10/2.png", "2/3.png"))
    assert (dataset.classes, labels) == (("1", "2", "10"), [0, 2, 1])
    old = dataset.with_classes(replace(dataset.facts(), classes=("1", "10", "2")))
    assert (old.classes, old.train["label"].tolist()) == (("1", "10", "2"), [0, 1, 2])
    assert dataset.with_classes(replace(dataset.facts(), classes=("1", "10", "3"))) is dataset
    assert sorted(("b10", "b9", "a", "B"), key=natural_key) == ["B", "a", "b9", "b10"]


def test_a_run_of_old_with_its_own_order_of_classes_opens(trained, stripes_file):
    run = registry.find_run(None, trained)
    here = data.load(str(stripes_file))
    reordered = here.with_classes(replace(here.facts(), classes=("standing", "lying")))
    assert run.dataset(None).classes == ("lying", "standing")
    old = {"classes": reordered.classes, "fingerprint": fingerprints.of_older_version(reordered), "fingerprints": {}}
    run.facts = replace(run.facts, **old)
    dataset = run.dataset(None)
    assert (dataset.classes, dataset.train["label"][[0, 95]].tolist()) == (("standing", "lying"), [1, 0])


def test_parts_that_memory_cannot_hold_stay_on_the_disk(tmp_path, stripes, monkeypatch):
    tests = np.arange(96) % 2  # as many of each
    hdf5.write(tmp_path / "a.h5", stripes[..., None], (*stripes.shape, 1), columns={"tests": tests.astype(np.uint8)})
    here = data.load(str(tmp_path / "a.h5"))
    monkeypatch.setattr(Dataset, "is_larger_than_memory", lambda self: True)
    there = data.load(str(tmp_path / "a.h5"))
    assert isinstance(here.train["image"], np.ndarray)
    assert isinstance(there.train["image"], hdf5_storage.SelectedRows)
    for part in ("train", "test"):
        mine, theirs = getattr(here, part)["image"], getattr(there, part)["image"]
        assert np.array_equal(mine, theirs[:])
        assert np.array_equal(mine[3], theirs[3])
        assert np.array_equal(mine[2:5], theirs[2:5])
        assert theirs[:0].shape == (0, 8, 8, 1)
    monkeypatch.setattr(fingerprints, "SETTLED", -1)  # so that digests are kept at once, and taken again
    assert there.fingerprints == here.fingerprints == data.load(str(tmp_path / "a.h5")).fingerprints


# --- labels of dataset.json, attributes, captions


@pytest.mark.parametrize(
    ("labels", "expected", "why"),
    [
        ({"labels": [["00000/1.png", 7], ["00000/2.png", 3], ["00001/3.png", 7]]}, [1, 0, 1], ""),
        ({"labels": [["00000/1.png", [1, 0]], ["00000/2.png", [0, 1]], ["00001/3.png", [1, 0]]]}, [0, 1, 0], ""),
        ({"labels": None}, None, "dataset.json has none, and the folders beside it are not taken for classes"),
        ({"labels": [["00000/1.png", 7]]}, None, "has none for 2 of 3 pictures: 00000/2.png, 00001/3.png"),
        ({"labels": [[f"0000{n // 3}/{n}.png", [0.5, 2]] for n in (1, 2, 3)]}, None, "not the numbers of two classes"),
        ({"labels": [["00000\\1.png", 7], ["00000\\2.png", 3], ["00001\\3.png", 7]]}, [1, 0, 1], ""),
        ({"images": []}, None, "00000, 00001 are numbered parts of one set"),
        (None, None, "00000, 00001 are numbered parts of one set"),
    ],
)
def test_a_dataset_json_gives_the_labels_and_folders_do_not(tmp_path, labels, expected, why):
    lay(tmp_path, "00000/1.png", "00000/2.png", "00001/3.png")
    (tmp_path / "dataset.json").write_text("{" if labels is None else json.dumps(labels), encoding="utf-8")
    dataset, found = classes_of(tmp_path)
    assert found == expected
    assert why in why_without("label", dataset.remarks)
    if expected == [1, 0, 1]:
        assert dataset.classes == ("3", "7")
    if labels is None or "images" in labels:
        assert told(dataset)[0].startswith("dataset.json: no labels as StyleGAN's")


@pytest.mark.parametrize(
    ("files", "rows", "values", "words"),
    [
        (("1.jpg", "2.jpg"), ('"1.jpg","1","-1"', '"2.jpg","-1","1"'), [[1, 0], [0, 1]], ""),
        (("1.png", "2.png"), ("1.jpg,1,-1", "2.jpg,-1,1"), [[1, 0], [0, 1]], "names 1.jpg, taken for 1.png"),
        (("a/1.jpg", "b/1.jpg"), ("a/1.jpg,1,-1", "b/1.jpg,-1,1"), [[1, 0], [0, 1]], ""),
        (("1.jpg", "2 b.jpg"), ("1.jpg; 1; -1", "2 b.jpg; -1; 1"), [[1, 0], [0, 1]], ""),
        (("a/1.jpg", "b/1.jpg"), ("1.jpg,1,-1",), None, "it is not clear which line belongs to a/1.jpg, b/1.jpg"),
        (("1.jpg", "2.jpg"), ("1.jpg,1,-1",), None, "no line for 2.jpg"),
        (("1.jpg", "1.png"), ("1.jpg,1,-1", "1.jpeg,1,1"), None, "it is not clear which line belongs to 1.jpg, 1.png"),
        (("1.jpg",), ("1.jpg,1,-1", "1.jpg,1,1"), None, "two lines for 1.jpg that differ"),
    ],
)
def test_attributes_belong_to_pictures_by_name_or_are_left_out(tmp_path, files, rows, values, words):
    lay(tmp_path, *files)
    parting = ";" if ";" in rows[0] else ","
    lines = [parting.join(('"image_id"', '"Smiling"', '"Male"')), *rows]
    (tmp_path / "list_attr_celeba.csv").write_text("\n".join(lines), encoding="utf-8")
    dataset = data.load(str(tmp_path))
    assert len(dataset) == len(files)
    if values is None:
        assert words in why_without("attributes", dataset.remarks)
    else:
        assert (dataset.train["attributes"].tolist(), dataset.attributes) == (values, ("Smiling", "Male"))
    assert any(words in text for text in told(dataset)) if words else not told(dataset)


def test_boxes_are_no_captions_and_a_text_of_one_picture_takes_none_away(tmp_path):
    lay(tmp_path, "images/1.png", "images/2.png")
    (tmp_path / "labels").mkdir()
    for number in (1, 2):
        (tmp_path / "labels" / f"{number}.txt").write_text("0 0.5 .5 1e-1 0.2\n" * number, encoding="utf-8")
    dataset = data.load(str(tmp_path))
    assert (
        why_without("caption", dataset.remarks)
        == "captions left out: the texts of pictures hold only numbers, as bounding boxes do"
    )
    (tmp_path / "labels" / "1.txt").unlink()
    (tmp_path / "labels" / "2.txt").write_text("a flower", encoding="utf-8")
    dataset = data.load(str(tmp_path))
    assert told(dataset) == ["captions left out: 1 of 2 pictures have none, there is no 1.txt"]
    (tmp_path / "labels" / "2.txt").unlink()
    (tmp_path / "readme.txt").write_text("a flower", encoding="utf-8")
    assert told(data.load(str(tmp_path)), matters=False) == [
        "no labels: all pictures are in one folder, images; classes need two folders or more",
        "1 texts without a picture: readme.txt",
    ]


def test_classes_kept_for_testing_captions_are_told_and_an_unused_list_too(tmp_path):
    names = [f"{name}/{name}1.png" for name in "abcde"]
    for name in lay(tmp_path, *names).rglob("*.png"):
        name.with_suffix(".txt").write_text("a letter", encoding="utf-8")
    kept, *_ = told(data.load(str(tmp_path)))
    assert kept.startswith("1 of 5 classes are kept for testing captions: ")
    for name in tmp_path.rglob("*.txt"):
        name.unlink()
    (tmp_path / "testclasses.txt").write_text("a", encoding="utf-8")
    dataset = data.load(str(tmp_path))
    assert (told(dataset), len(dataset)) == (["testclasses.txt is not used: there are no captions"], 5)


# --- names in archives of other systems


def test_backslashes_part_folders(tmp_path):
    path = zipped(tmp_path / "x.zip", "set\\a\\1.png", "set\\b\\2.png")
    content = path.read_bytes()  # the library writes slashes on some systems
    assert content.count(b"set\\a\\1.png") == 2
    dataset, labels = classes_of(path)
    assert (dataset.classes, labels) == (("a", "b"), [0, 1])
    assert told(dataset, matters=False) == ["backslashes in the names of files separate folders"]


@pytest.mark.parametrize(
    ("name", "read"),
    [("gr\u00fcn".encode(), "gr\u00fcn"), ("gr\u00fcn".encode("cp437"), "gr\u00fcn"), (b"gr\xfcn", "gr\u207fn")],
)
def test_names_without_an_encoding_are_utf_8_or_cp437_and_told(tmp_path, name, read, monkeypatch):
    monkeypatch.setattr(zipfile.ZipInfo, "_encodeFilenameFlags", lambda self: (self.filename.encode("cp437"), 0))
    path = zipped(tmp_path / "x.zip", name + b"/1.png", b"rot/2.png")
    dataset, labels = classes_of(path)
    assert (dataset.classes, labels) == ((read, "rot"), [0, 1])
    assert told(dataset) == [f"1 names say no encoding, and are read as UTF-8 or cp437: {read}/1.png"]


def test_a_name_that_is_there_twice_is_read_once_and_told(tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = zipped(tmp_path / "x.zip", "a/1.png", "b/2.png", "a/1.png", "B/2.png", "a/1.PNG")
    dataset = data.load(str(path))
    assert (len(dataset), dataset.classes) == (4, ("B", "a", "b"))
    assert told(dataset)[0] == "1 files are in the archive more than once, the last is read: a/1.png"
    assert sorted(dataset.train["image"][:, 0, 4, 0].tolist()) == [10, 20, 30, 40]


def test_only_files_that_are_read_are_refused_in_an_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(zip_file, "MAX_FILE", 1000)
    link = zipfile.ZipInfo("2")
    link.external_attr = 0o120777 << 16
    path = zipped(tmp_path / "x.zip", "0/1.png", "1/2.png")
    with zipfile.ZipFile(path, "a") as file:
        file.writestr(link, "../elsewhere")
        file.writestr("film.mp4", bytes(2000))
    dataset, labels = classes_of(path)
    assert labels == [0, 1]
    assert "links are not followed: 2" in told(dataset)


def test_a_text_that_is_not_utf_8_is_told(tmp_path):
    lines = [f"Satz {number} ist sch\u00f6n" for number in range(200)]
    (tmp_path / "a.txt").write_text("\n".join(lines), encoding="cp1252")
    found = data.load(str(tmp_path / "a.txt"))
    assert found.train["sentence"][0] == lines[0]
    assert found.remarks[0].text == "not in UTF-8, read as Latin-1: a.txt"
    (tmp_path / "b.txt").write_text("\n".join(lines), encoding="utf-16")
    found = data.load(str(tmp_path / "b.txt"))
    assert (found.train["sentence"][0], found.remarks) == (lines[0], ())
    (tmp_path / "c.txt").write_text("\n".join(lines), encoding="utf-16-le")
    found = data.load(str(tmp_path / "c.txt"))
    assert found.train["sentence"][0] == lines[0]
    assert found.remarks[0].text == "not in UTF-8, read as UTF-16: c.txt"


# --- who is told, and who is stopped


def test_only_models_that_take_a_column_are_stopped_and_told_why(tmp_path, gancli):
    lay(tmp_path / "set", "3/1.png", "3/2.png")
    (tmp_path / "set" / "3" / "1.txt").write_text("one", encoding="utf-8")
    asked = ("--data", tmp_path / "set", "--batch-size", "2", "--image-size", "8", "--dry-run")
    answer = gancli("train", "--model", "gan", *asked)
    assert (answer.code, answer.err.strip()) == (
        0,
        "note: captions left out: 1 of 2 pictures have none, there is no 2.txt",
    )
    for model, why in (("cgan", "all pictures are in one folder, 3"), ("gan-cls", "there is no 2.txt")):
        answer = gancli("train", "--model", model, *asked)
        assert (answer.code, why in answer.err) == (DataError.exit_code, True), answer.err


def test_a_resume_and_other_commands_tell_what_a_training_does(trained, gancli, monkeypatch):
    load = data.load
    remarks = (left_out("x is left out"), left_out("y is", matters=False))
    monkeypatch.setattr(data, "load", lambda *asked: replace(load(*asked), remarks=remarks))
    resume = ("train", "--resume", "--run", "0", "--outdir", trained)
    strict = gancli(*resume, "--strict", "--steps", "10000")
    assert (strict.code, "Error: --strict: x is left out\n" in strict.err) == (DataError.exit_code, True), strict.err
    with monkeypatch.context() as patch:
        patch.delattr("gancli.training.resume.gather_devices")  # which comes next
        done = gancli(*resume, "--steps", "10000")
    assert (done.code, "note: x is left out\n" in done.err, "gather_devices" in done.err) == (1, True, True), done.err
    answer = gancli("visualize-features", "--outdir", trained, "--json", "--maps", "0", "--out", "features.png")
    assert (answer.code, answer.err.count("note:")) == (0, 1), answer.err
