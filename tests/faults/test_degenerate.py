"""Data of which hardly anything is there: a result, or one sentence with a documented exit code; never exit code 1.

EXAMPLES=2000 draws more of them.
"""

import json
import os

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from gancli import models
from gancli.runs.run import Run

EXAMPLES = int(os.environ.get("EXAMPLES", 60))
CODES = {0, 2, 3}
DRAWN = settings(max_examples=EXAMPLES, suppress_health_check=[HealthCheck.function_scoped_fixture])


def images(count, *shape):
    return np.random.default_rng(count).integers(0, 256, (count, *(shape or (8, 8)))).astype(np.uint8)


def halves(count):
    return np.arange(count) % 2


PLAIN, LABELLED = ({"images": images(count)} for count in (24, 24))
LABELLED["labels"] = halves(24)
ARRAYS = {
    "one": {"images": images(1)},
    "two": {"images": images(2)},
    "three": {"images": images(3)},
    "four": {"images": images(4)},
    "nine": {"images": images(9)},
    "plain": PLAIN,
    "labelled": LABELLED,
    "one labelled": {"images": images(1), "labels": halves(1)},
    "one class": PLAIN | {"labels": np.zeros(24, int)},
    "a class each": PLAIN | {"labels": np.arange(24)},
    "one shade": LABELLED | {"images": np.full((24, 8, 8), 100, np.uint8)},
    "black": {"images": np.zeros((24, 8, 8), np.uint8)},
    "the same": {"images": images(1).repeat(24, 0)},
    "1x1": {"images": images(24, 1, 1)},
    "2x2": {"images": images(24, 2, 2)},
    "3x3": {"images": images(24, 3, 3)},
    "oblong": {"images": images(24, 4, 9)},
    "colors": {"images": images(24, 8, 8, 3)},
    "one bit": {"images": images(24) > 100},
    "no labels, but names": PLAIN | {"classes": np.array(["a", "b"])},
    "one test image": {"x_train": images(24), "x_test": images(1)},
    "one training image": {"x_train": images(1), "x_test": images(24)},
    "no labels of tests": {"x_train": images(24), "y_train": halves(24), "x_test": images(24)},
    "others in the tests": {
        "x_train": images(24),
        "y_train": halves(24),
        "x_test": images(24),
        "y_test": halves(24) + 7,
    },
    "larger tests": {"x_train": images(24), "x_test": images(24, 12, 12)},
    "tests alone": {"x_test": images(24)},
    "constant attributes": PLAIN | {"attributes": np.zeros((24, 1), int), "attribute_names": np.array(["Smiling"])},
}
PAIR = {"images/0.png": images(1, 8, 8, 3)[0], "masks/0.png": images(1)[0] % 2}
FOLDERS = {
    "empty": {},
    "a list of CelebA": {"list_attr_celeba.txt": "2\nSmiling Male\n0.jpg 1 -1\n1.jpg -1 1\n"},
    "a table of CelebA": {"list_attr_celeba.csv": "image_id,Smiling\n0.jpg,1\n"},
    "a table of labels": {"dataset.json": '{"labels": [["0.png", 1], ["1.png", 0]]}'},
    "test classes": {"testclasses.txt": "a\n"},
    "captions": {"0.txt": "a b", "1.txt": "c d"},
    "names of classes": {"classes.txt": "0 a\n1 b\n"},
    "a picture": {"0.png": images(1)[0]},
    "a bad picture": {"0.png": "no picture"},
    "a picture with a caption": {"0.png": images(1)[0], "0.txt": "a red thing"},
    "pictures of a pixel": {f"{number}.png": images(1, 1, 1)[0] for number in range(3)},
    "strips": {f"{number}.png": images(1, 1, 40)[0] for number in range(3)},
    "tests": {"test/0.png": images(1)[0]},
    "a map": PAIR,
    "bad maps": PAIR | {"masks/0.png": "no picture"},
    "maps of no class": PAIR | {"masks/0.png": np.full((8, 8), 255, np.uint8), "classes.txt": "0 a\n1 b\n"},
    "maps of one class": PAIR | {"masks/0.png": np.zeros((8, 8), np.uint8)},
    "maps of photographs": PAIR | {"masks/0.png": images(1, 80, 80, 3)[0]},
    "maps of bad pictures": PAIR | {"images/0.png": "no picture"},
    "maps alone": {"masks/0.png": images(1)[0] % 2},
    "domains": {f"train{side}/0.png": images(1, 8, 8, 3)[0] for side in "AB"},
    "a domain": {"trainA/0.png": images(1, 8, 8, 3)[0]},
    "pairs": {"0.png": images(1, 8, 16, 3)[0]},
}
NAMES = [*ARRAYS, *FOLDERS, "points", "sentences", "few sentences"]


@pytest.fixture(scope="module")
def places(tmp_path_factory):
    """Where each of the data sets is."""
    folder = tmp_path_factory.mktemp("degenerate")
    found = {"points": "ring8"}
    for name, arrays in ARRAYS.items():
        found[name] = folder / f"{name}.npz"
        np.savez(found[name], **arrays)
    for name, files in FOLDERS.items():
        found[name] = folder / name
        found[name].mkdir()
        for file, content in files.items():
            path = found[name] / file
            path.parent.mkdir(exist_ok=True)
            if isinstance(content, str):
                path.write_text(content, encoding="utf-8")
            else:
                Image.fromarray(content).save(path)
    for name, count in (("sentences", 120), ("few sentences", 5)):
        found[name] = folder / f"{name}.txt"
        found[name].write_text("".join(f"the word {number} is here .\n" for number in range(count)), encoding="utf-8")
    return found


def expect_words(answer, line):
    assert answer.code in CODES, (line, answer)
    assert "Traceback" not in answer.err
    assert answer.err.count("Error:") == (answer.code != 0), (line, answer)


@pytest.mark.parametrize("name", NAMES)
def test_data_are_checked_and_packed_or_refused(gancli, places, tmp_path, name):
    for line in (["check", places[name]], ["check", places[name], "--json"], ["pack", places[name], tmp_path / "a.h5"]):
        expect_words(gancli("data", *line), line)


@pytest.mark.parametrize("name", ["a list of CelebA", "a table of CelebA", "captions", "names of classes", "empty"])
def test_a_folder_of_lists_alone_holds_no_pictures(gancli, places, name):
    for words in (["data", "check"], ["data", "duplicates"], ["train", "--dry-run", "--data"]):
        answer = gancli(*words, places[name])
        assert answer.code == 3
        assert "holds no pictures" in answer.err


@settings(DRAWN, max_examples=EXAMPLES // 4)  # a network is built for each that fits
@given(name=st.sampled_from(NAMES), model=st.sampled_from(models.names()), batch=st.sampled_from([2, 64]))
def test_a_training_is_planned_or_refused(gancli, places, name, model, batch):
    line = ["train", "--dry-run", "--model", model, "--data", places[name], "--batch-size", batch]
    expect_words(gancli(*line), line)


@DRAWN
@given(
    command=st.sampled_from(["eval-parzen", "eval-spectrum", "eval-diversity", "eval-neighbors", "eval-fid"]),
    scored=st.sampled_from(NAMES),
    against=st.sampled_from(NAMES) | st.sampled_from(["plain", "labelled", "one test image"]),
)
def test_images_are_scored_or_refused(gancli, places, tmp_path, command, scored, against):
    line = [command, "--images", places[scored], "--data", places[against]]
    line += ["--out", tmp_path / "a.png"] if command == "eval-neighbors" else []
    line += ["--features", "pixels"] if command in ("eval-fid", "eval-neighbors") else []
    expect_words(gancli(*line), line)


@pytest.mark.parametrize(
    ("name", "reason"), [("one labelled", "the 1 images of 8x8"), ("labelled 3x3", "the 2 images of 3x3")]
)
def test_no_classifier_is_trained_on_one_image_or_on_a_few_pixels(gancli, places, tmp_path, name, reason):
    np.savez(tmp_path / "labelled 3x3.npz", images=images(2, 3, 3), labels=halves(2))
    path, scored = (tmp_path / "labelled 3x3.npz",) * 2 if "3x3" in name else (places[name], places["plain"])
    answer = gancli("eval-fid", "--images", scored, "--data", path)
    assert answer.code == 3
    assert reason in answer.err


@pytest.mark.parametrize("lacking", ["y_train", "y_test", "x_test"])
def test_stacked_digits_need_labels_in_both_parts(gancli, tmp_path, lacking):
    arrays = {"x_train": images(9, 28, 28), "y_train": halves(9), "x_test": images(9, 28, 28), "y_test": halves(9)}
    np.savez(tmp_path / "mnist.npz", **{name: values for name, values in arrays.items() if name != lacking})
    answer = gancli("train", "--data", "stacked_mnist", "--data-dir", tmp_path, "--dry-run")
    assert answer.code == 3
    assert ("y_test" if lacking == "x_test" else lacking) in answer.err


# --- a run whose run.json or status.json was changed


def edit(path, change):
    """Change a JSON file; returns what the run then holds."""
    held = json.loads(path.read_text(encoding="utf-8"))
    change(held)
    path.write_text(json.dumps(held), encoding="utf-8")


def held(run_path):
    return {path: path.read_bytes() for path in run_path.rglob("*") if path.is_file() and path.name != ".lock"}


@pytest.mark.parametrize(
    ("where", "change", "code"),
    [
        ("options", {"batch_size": 65536}, 3),
        ("options", {"batch_size": 97}, 3),
        ("options", {"hold_out": True, "batch_size": 80}, 3),
        ("options", {"conditional": True}, 4),
        ("options", {"width": 8}, 4),
        ("options", {"image_size": 16}, 3),
        ("options", {"snapshots": "never"}, 2),
        ("data", {"count": 10**6}, 4),
        ("data", {"classes": ["a", "b", "c"]}, 4),
        ("changes", {"devices": "many"}, 2),
        ("changes", {"patience": 5}, 2),
    ],
    ids=str,
)
def test_a_resume_that_cannot_be_leaves_the_run_as_it_was(gancli, run_path, where, change, code):
    file = run_path / ("status.json" if where == "changes" else "run.json")
    edit(file, lambda record: record[where].update(change))
    before = held(run_path)
    answer = gancli("train", "--resume", "--run", run_path, "--steps", 50, "-q")
    assert answer.code == code, answer
    assert answer.err.count("Error:") == 1
    assert held(run_path) == before
    assert Run(run_path).status()["state"] == "finished"
