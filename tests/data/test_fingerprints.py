"""Data that changed are noticed whatever changed, and what differs is said; runs of old open as they did."""

import dataclasses
import json
import os

import click
import h5py
import numpy as np
import pytest
from helpers.trainings import resume, start

from gancli import data
from gancli.cli import main
from gancli.core.cache import cache_folder
from gancli.core.errors import DataError
from gancli.data import fingerprints
from gancli.data.formats import hdf5
from gancli.evaluation import classifier, classifier_kinds
from gancli.runs import run as runs

RAMP = (np.arange(12 * 8 * 8) % 251).reshape(12, 8, 8)


def arrays():
    """A set with every column that a .npz file may have: more images than were looked at once."""
    return {
        "x_train": np.random.default_rng(0).integers(0, 256, (1500, 4, 4), np.uint8),
        "y_train": np.arange(1500) % 2,
        "x_test": np.random.default_rng(1).integers(0, 256, (40, 4, 4), np.uint8),
        "y_test": np.arange(40) % 2,
        "classes": np.array(["a", "b"]),
        "attributes": np.random.default_rng(2).integers(0, 2, (1500, 2)),
        "attribute_names": np.array(["Hat", "Tie"]),
    }


def one_image(held):
    held["x_train"][1] = 255 - held["x_train"][1]  # none of 1,024 that lie evenly


def one_label(held):
    held["y_train"][:2] = held["y_train"][1::-1]


def one_attribute(held):
    held["attributes"][1] = 1 - held["attributes"][1]


def names(held):
    held["classes"] = held["classes"][::-1]


def names_of_attributes(held):
    held["attribute_names"] = held["attribute_names"][::-1]


def one_test_image(held):
    held["x_test"][3] = 255 - held["x_test"][3]


def one_test_label(held):
    held["y_test"][:2] = held["y_test"][1::-1]


def no_tests(held):
    del held["x_test"], held["y_test"]


TRAINED_ON = {
    one_image: "training images differ",
    one_label: "training labels differ",
    one_attribute: "training attributes differ",
    names: "class names differ",
    names_of_attributes: "names of attributes differ",
}
TESTS = {one_test_image: "test images", one_test_label: "test labels", no_tests: "test images and the test labels"}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run, and the file of its data."""
    folder = tmp_path_factory.mktemp("changed")
    np.savez(folder / "a.npz", **arrays())
    started = start(folder / "runs", folder / "a.npz", "gan")
    started.run.save(started.model, started.position)
    return started.run, folder / "a.npz"


@pytest.mark.parametrize("change", [*TRAINED_ON, *TESTS], ids=lambda change: change.__name__)
def test_every_change_is_noticed_and_named(run, change):
    opened, path = run
    held = arrays()
    change(held)
    np.savez(path, **held)
    try:
        if change in TRAINED_ON:
            with pytest.raises(DataError, match=TRAINED_ON[change]):
                opened.dataset(None)
            with pytest.raises(DataError, match=TRAINED_ON[change]):
                resume(opened, steps=50)
        else:
            told = [remark for remark in opened.dataset(None).remarks if "trained beside" in remark.text]
            assert [(remark.matters, TESTS[change] in remark.text) for remark in told] == [(True, True)]
    finally:
        np.savez(path, **arrays())
    assert not opened.dataset(None).remarks


def test_scores_say_that_the_test_split_changed_and_strict_refuses(run, gancli):
    opened, path = run
    held = arrays()
    one_test_image(held)
    np.savez(path, **held)
    try:
        command = ["eval-parzen", "--run", opened.path, "--num-samples", 50]
        answer = gancli(*command)
        assert (answer.code, "the test images are not those" in answer.err) == (0, True)
        before = opened.status()
        for strict in (command, ["train", "--resume", "--run", opened.path, "--steps", 30]):
            answer = gancli(*strict, "--strict")
            assert (answer.code, "the test images are not those" in answer.err) == (DataError.exit_code, True)
        assert opened.status() == before
    finally:
        np.savez(path, **arrays())


# --- data that were moved


def test_a_run_whose_data_were_moved_is_scored_where_they_are_now(run, gancli, tmp_path):
    opened, path = run
    path.rename(tmp_path / "moved.npz")
    np.savez("fakes.npz", images=arrays()["x_train"][:50])
    np.savez("other.npz", **arrays() | {"x_train": 255 - arrays()["x_train"]})
    command = ["eval-parzen", "--run", opened.path]
    try:
        for more in (["--num-samples", 50], ["--images", "fakes.npz"]):
            answer = gancli(*command, *more)
            assert (answer.code, "say with --data where they are now" in answer.err) == (DataError.exit_code, True)
            answer = gancli(*command, *more, "--data", "other.npz")
            assert (answer.code, "training images differ" in answer.err) == (DataError.exit_code, True)
            assert gancli(*command, *more, "--data", "moved.npz").code == 0
    finally:
        (tmp_path / "moved.npz").rename(path)


def commands(group):
    for name in group.list_commands(None):
        command = group.get_command(None, name)
        yield from commands(command) if isinstance(command, click.Group) else [(name, command)]


def test_every_command_that_reads_a_run_s_data_can_be_told_where_they_are():
    options = {name: {flag for one in command.params for flag in one.opts} for name, command in commands(main.cli)}
    reading = [name for name, held in options.items() if {"--run", "--data-dir"} <= held]
    assert len(reading) > 20
    assert not [name for name in reading if name != "train" and "--data" not in options[name]]


def test_the_recorded_place_comes_before_the_same_name_in_the_working_directory(tmp_path, monkeypatch):
    there, here = tmp_path / "there", tmp_path / "here"
    for folder in (there, here):
        folder.mkdir()
        held = arrays()
        one_image(held) if folder == here else None
        np.savez(folder / "d.npz", **held)
    monkeypatch.chdir(there)
    started = start(tmp_path / "runs", "d.npz", "gan")
    started.run.save(started.model, started.position)
    opened = runs.Run(started.run.path)
    monkeypatch.chdir(here)
    assert opened.dataset().source == str(there / "d.npz")
    resume(opened).run.lock.release()
    (there / "d.npz").rename(here / "d.npz")
    assert opened.dataset().source == str(here / "d.npz")  # where nothing is at the recorded place


def test_a_resume_records_where_data_were_moved_to_whatever_the_working_directory(run, tmp_path, monkeypatch):
    opened, path = run
    (tmp_path / "new").mkdir()
    np.savez(tmp_path / "new" / "b.npz", **arrays())
    monkeypatch.chdir(tmp_path)
    before = opened.status()
    try:
        resume(opened, data="new/b.npz").run.lock.release()
        assert opened.status()["changes"] == {"data": str(tmp_path / "new" / "b.npz")}
        monkeypatch.chdir(tmp_path / "new")
        assert opened.dataset().source == str(tmp_path / "new" / "b.npz")
        resume(opened).run.lock.release()
        (tmp_path / "new" / "b.npz").unlink()
        assert opened.dataset().source == str(path)
    finally:
        opened.set_status(before["state"], step=before["step"], changes=before["changes"])


@pytest.mark.parametrize("change", [one_image, names, one_test_image])
def test_a_classifier_is_learned_anew_from_other_data(monkeypatch, tmp_path, change):
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(classifier_kinds, "_fit", lambda *_: None)
    said, held = [], arrays()
    for _ in range(2):
        np.savez(tmp_path / "a.npz", **held)
        for _ in range(2):
            classifier.for_dataset(data.load(str(tmp_path / "a.npz")), note=said.append)
        change(held)
    assert len(said) == 2


# --- the same wherever the data lie, hashed once


def test_digests_are_the_same_in_memory_and_on_the_disk(tmp_path):
    np.savez(tmp_path / "a.npz", images=RAMP.astype(np.uint8), labels=np.arange(12) % 3)
    for chunks in (None, (5, 8, 8, 1)):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_dataset("images", data=RAMP[..., None].astype(np.uint8), chunks=chunks)
            file["labels"] = np.arange(12) % 3
        assert data.load(str(tmp_path / "a.h5")).fingerprints == data.load(str(tmp_path / "a.npz")).fingerprints


def test_a_file_on_the_disk_is_hashed_once_and_again_when_it_was_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(fingerprints, "SETTLED", 0)
    hashed = []
    plain = fingerprints._digest
    monkeypatch.setattr(fingerprints, "_digest", lambda column: hashed.append(1) or plain(column))

    def found():
        return data.load(str(tmp_path / "a.h5")).fingerprints["train/image"]

    images = RAMP[..., None].astype(np.uint8)
    hdf5.write(tmp_path / "a.h5", images, images.shape)
    first = found()
    assert (found(), len(hashed)) == (first, 1)
    for path in (cache_folder() / "digests").iterdir():
        path.write_text("no digest", encoding="ascii")
    assert (found(), len(hashed)) == (first, 2)
    times = (tmp_path / "a.h5").stat()
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["images"][7, 0, 0, 0] ^= 1  # in place: neither the size nor the inode changes
    os.utime(tmp_path / "a.h5", ns=(times.st_atime_ns, times.st_mtime_ns))  # nor, as it seems, the time
    assert found() != first
    assert len(hashed) == 3


def test_a_column_that_is_read_otherwise_is_hashed_too():
    class Rows:
        shape, dtype = (12, 8, 8), np.dtype(np.uint8)

        def __len__(self):
            return 12

        def __getitem__(self, key):
            return RAMP.astype(np.uint8)[key]

    assert fingerprints._of_column(Rows()) == fingerprints._of_column(RAMP.astype(np.uint8))


def test_a_file_of_just_now_is_not_trusted(tmp_path, monkeypatch):
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    images = RAMP[..., None].astype(np.uint8)
    hdf5.write(tmp_path / "a.h5", images, images.shape)
    assert data.load(str(tmp_path / "a.h5")).fingerprints
    assert not (cache_folder() / "digests").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [(["ab", "c"], ["a", "bc"]), (["a", ""], ["", "a"]), (["a\0b"], ["a", "b"])],
)
def test_texts_that_run_together_differ(before, after):
    one, other = (data.Dataset("x", {"sentence": np.array(texts, object)}) for texts in (before, after))
    assert one.fingerprints != other.fingerprints


def test_shape_and_kind_of_numbers_count():
    columns = [
        np.zeros((4, 2), np.uint8),
        np.zeros((2, 4), np.uint8),
        np.zeros(2, np.int32),
        np.zeros((1, 8), np.uint8),
    ]
    assert len({fingerprints._digest(column) for column in columns}) == 4
    assert fingerprints._digest(np.arange(3, dtype=">i4")) == fingerprints._digest(np.arange(3, dtype="<i4"))


# --- runs of old: one short fingerprint, classes up to the highest number


OLD = {  # fingerprints as gancli wrote them before it hashed every column, and the classes that it counted
    "gaps": ("03de9c346e63ea57c82a50cc410d697ce1af5c36237893ac85368213209efc51", tuple("01234567")),
    "binary": ("8cdee074498fc99e2340a49a9d2beef713b4f530e475296f2a780c6ed9af1ed6", ()),
    "twelve": ("86f3deba94557383fe34047a36cfec4e203ff92e2b307daf6d5fdfa6d9ece415", ()),
    "list": ("7a845a219c1456e108a30e4bd45b06724d7ddf68a243c4a266c6e92bd0374a03", tuple("abc")),
}


def old_arrays(name):
    pixels = RAMP.astype(np.uint8)
    return {
        "gaps": {"images": pixels, "labels": [3, 7] * 6},
        "binary": {"images": pixels % 2},
        "twelve": {"images": (RAMP * 16).astype(np.uint16)},
        "list": {"images": pixels, "labels": [0, 2] * 6, "classes": np.array(["a", "b", "c"])},
    }[name]


@pytest.mark.parametrize("name", OLD)
def test_a_run_of_old_goes_on_with_its_classes_and_its_range(tmp_path, name):
    fingerprint, classes = OLD[name]
    np.savez(tmp_path / "a.npz", **old_arrays(name))
    started = start(tmp_path / "runs", tmp_path / "a.npz", "gan", batch_size=4)
    record = json.loads((started.run.path / "run.json").read_text(encoding="utf-8"))
    record["data"] |= {"fingerprint": fingerprint, "classes": classes}
    del record["data"]["fingerprints"], record["data"]["pixel_ranges"], record["options"]["pixel_range"]
    (started.run.path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    opened = runs.Run(started.run.path)
    dataset = opened.dataset(None)
    assert dataset.classes == classes
    if name in ("gaps", "list"):
        assert dataset.train["label"].tolist() == old_arrays(name)["labels"]
    assert dataset.train["image"].max() == {"binary": 1, "twelve": 16}.get(name, 250)
    held = old_arrays(name)
    held["images"] = held["images"][::-1]
    np.savez(tmp_path / "a.npz", **held)
    with pytest.raises(DataError, match="not those that"):
        opened.dataset(None)


def test_maps_and_labels_go_to_the_classes_of_a_run():
    maps = np.array([[[0, 1], [1, 255]]], np.uint8)
    dataset = data.Dataset("x", {"image": np.zeros((1, 2, 2, 3), np.uint8), "map": maps}, classes=("sky", "car"))
    facts = dataclasses.replace(
        dataset.facts(), classes=("car", "road", "sky"), palette=((1, 1, 1),) * 3, numbers=(4, 5, 6)
    )
    found = dataset.with_classes(facts)
    assert found.train["map"].tolist() == [[[2, 0], [0, 255]]]
    assert (found.classes, found.numbers) == (facts.classes, (4, 5, 6))
    other = dataclasses.replace(facts, classes=("car", "road"))
    assert dataset.with_classes(other) is dataset
