"""Disks that are full, small or read-only, folders that vanish: one sentence, exit 6, nothing lost that was saved."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from helpers import programs
from helpers.forgery import ARRAYS
from helpers.trainings import digest, finish, resume, spawn, start, wait_for_step

from gancli.core import files
from gancli.core.errors import ResourceError
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run
from gancli.training import loop


@pytest.fixture(scope="module")
def scenarios(tmp_path_factory, stripes_file):
    """What each scenario of the program came to, by its name."""
    if subprocess.run(["unshare", "-rm", "true"], capture_output=True).returncode:
        pytest.skip("no disks of one's own may be mounted here (unshare -rm)")
    folder = tmp_path_factory.mktemp("disks")
    done = subprocess.run(
        ["unshare", "-rm", *programs.command("disks", stripes_file, folder / "disk")],
        capture_output=True,
        text=True,
        env=programs.environment(),
    )
    assert done.returncode == 0, done.stderr  # and no crash as the process ends
    return {found["name"]: found for found in map(json.loads, done.stdout.splitlines())}


def one_sentence(err):
    """The error that was said; nothing else may have been but progress."""
    said = [line for line in err.splitlines() if not line.startswith(("train step", "/"))]
    assert len(said) == 1, err
    assert said[0].startswith("Error: ")
    return said[0]


@pytest.mark.parametrize(
    ("name", "words", "newest"),
    [
        ("seen before a checkpoint", "0.1 MB free and 0.1 MB are needed", 0),
        ("unseen, in a checkpoint", "step-00000004.h5: No space left on device", 0),
        ("in a picture", "train-00000003.png: No space left on device", 0),
        ("in the status", "status.json: No space left on device", 4),
        ("at the end", "free and 0.1 MB are needed", 8),
        ("a limit on files", "step-00000004.h5: File too large", 0),
        ("a limit below a picture", "train-00000003.png: File too large", 0),
        ("read-only", "metrics.jsonl: Read-only file system", 4),
        ("events later", "cannot write TensorBoard events to", 4),
    ],
)
def test_a_disk_that_fails_in_a_training_is_exit_6_and_a_resume_ends_in_the_same_bits(scenarios, name, words, newest):
    found = scenarios[name]
    assert (found["code"], found["out"]) == (6, "")
    assert words in one_sentence(found["err"])
    assert (found["newest"], found["parts"]) == (newest, [])  # all of those left are whole: the program has read them
    assert (found["resumed"], found["state"]) == (0, "finished")
    assert found["digest"] == scenarios["untroubled"]["digest"]
    assert found["records"] == scenarios["untroubled"]["records"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("too small a disk", "are needed: free some space"),
        ("full when the run is made", "run.json: No space left on device"),
        ("events from the start", "cannot write TensorBoard events to"),
    ],
)
def test_a_disk_without_room_from_the_start_is_exit_6_before_anything_is_trained(scenarios, name, words):
    found = scenarios[name]
    assert (found["code"], found["out"]) == (6, "")
    assert words in one_sentence(found["err"])
    assert found.get("newest") is None


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("train", 6),
        ("new folder", 6),
        ("resume", 6),
        ("draw into the run", 6),
        ("runs", 0),
        ("show", 0),
        ("draw elsewhere", 0),
    ],
)
def test_on_a_read_only_disk_what_only_reads_works_and_what_writes_is_exit_6(scenarios, name, code):
    answer, out, err = scenarios["commands"][name]
    assert answer == code
    if code:
        assert out == ""
        assert "Read-only file system" in one_sentence(err)
    else:
        assert out
        assert "Error" not in err


# --- folders that vanish


@pytest.mark.parametrize("how", ["deleted", "moved"])
def test_a_run_that_vanishes_while_it_is_trained_is_exit_6_and_is_not_made_anew(tmp_path, stripes_file, how):
    """Made anew it would lack what makes it a run, and hours of training could not be opened."""
    process = spawn(tmp_path / "runs", stripes_file, "--steps", "100000", "--save-every", "20")
    wait_for_step(process, 40)
    run = next((tmp_path / "runs").iterdir())
    if how == "deleted":
        shutil.rmtree(run, ignore_errors=True)  # it writes while we delete
        shutil.rmtree(run, ignore_errors=True)
    else:
        run.rename(tmp_path / "moved")
    _, err = process.communicate(timeout=60)
    assert process.returncode == 6
    assert "is gone: it was moved or deleted" in one_sentence("\n".join(err.splitlines()[-1:]))
    assert "Traceback" not in err
    if how == "moved":
        assert not run.exists()
        assert resume(Run(tmp_path / "moved")).position.step >= 20


@pytest.mark.parametrize(
    "write",
    [
        lambda run, model: run.write("status.json", "{}"),
        lambda run, model: run.write("samples/train-1.png", b""),
        lambda run, model: run.save(model, Position((1,))),
        lambda run, model: run.log({"step": 1}),
    ],
    ids=["beside", "below", "a checkpoint", "a line"],
)
def test_a_run_that_vanishes_just_before_a_write_is_not_made_anew(tmp_path, stripes_file, monkeypatch, write):
    started = start(tmp_path, stripes_file)
    moving, look = started.run.path, Run._need_folder

    def looked_at_and_moved(run):
        look(run)
        moving.rename(tmp_path / "moved")

    monkeypatch.setattr(Run, "_need_folder", looked_at_and_moved)
    with pytest.raises(ResourceError, match="is gone"):
        write(started.run, started.model)
    assert not moving.exists()


def test_a_run_that_was_moved_goes_on_where_it_is_now_to_the_same_bits(tmp_path, stripes_file):
    whole, parted = (start(tmp_path / name, stripes_file) for name in "ab")
    finish(whole)
    with pytest.raises(ResourceError, match="is gone"):
        for moment in loop.train(*parted):
            if moment.step == 8:
                parted.run.path.rename(tmp_path / "now here")
    moved = Run(tmp_path / "now here")
    finish(resume(moved))
    assert digest(moved) == digest(whole.run)
    assert not parted.run.path.exists()


@pytest.mark.parametrize("folder", ["samples", "checkpoints"])
def test_a_part_of_a_run_that_vanishes_is_made_anew(tmp_path, stripes_file, folder):
    started = start(tmp_path, stripes_file)
    for moment in loop.train(*started):
        if moment.step == 6:
            shutil.rmtree(started.run.path / folder)
    assert started.run.status()["state"] == "finished"
    assert max(started.run.checkpoints()) == 12


# --- the order of a write, and what a failure leaves


@pytest.fixture
def path(tmp_path):
    checkpoints.write(tmp_path / "step-1.h5", ARRAYS, Position((1,), 2))
    return tmp_path / "step-1.h5"


def test_a_write_flushes_then_renames_then_flushes_the_folder(tmp_path, monkeypatch):
    calls = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda handle: (calls.append("flush"), fsync(handle)))
    monkeypatch.setattr(os, "replace", lambda *paths: (calls.append("rename"), replace(*paths)))
    files.atomic_write(tmp_path / "x", b"1")
    assert calls == ["flush", "rename", "flush"]


@pytest.mark.parametrize("point", ["fsync", "replace"])
def test_a_failure_while_writing_leaves_the_old_file_and_nothing_else(path, monkeypatch, point):
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, point, full)
    with pytest.raises(ResourceError, match="No space left"):
        checkpoints.write(path, ARRAYS, Position((2,)))
    assert path.read_bytes() == before
    assert [item.name for item in path.parent.iterdir()] == [path.name]


def test_a_folder_that_cannot_be_made_is_a_resource_error(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(ResourceError, match="cannot write"):
        files.atomic_write(tmp_path / "file" / "x.h5", b"1")
    with pytest.raises(ResourceError, match="another folder"):
        files.need_writable(tmp_path / "file" / "runs")


def test_the_disk_is_asked_before_it_is_full(tmp_path):
    with pytest.raises(ResourceError, match="are needed"):
        files.need_space(tmp_path / "not" / "yet", 10**18)


def test_disk_trouble_ends_the_training_in_words(tmp_path, stripes_file, monkeypatch):
    started = start(tmp_path, stripes_file)

    def full(*_, **__):
        raise ResourceError("disk full")

    monkeypatch.setattr(checkpoints, "write", full)
    with pytest.raises(ResourceError):
        finish(started)
    assert started.run.status() | {"updated": ""} == {
        "state": "failed",
        "step": 0,
        "total": 12,
        "reason": "disk full",
        "changes": {},
        "updated": "",
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_under_the_log_is_told(run_path):
    (run_path / "metrics.jsonl").unlink()
    (run_path / "metrics.jsonl").symlink_to("/dev/full")
    with pytest.raises(ResourceError, match=r"cannot write .*metrics\.jsonl: No space left on device"):
        Run(run_path).log({"step": 1})


@pytest.mark.parametrize("call", ["open", "fsync", "replace", "write", "close"])
@pytest.mark.parametrize("error", ["ENOSPC", "EIO", "EROFS", "EDQUOT", "EFBIG", "ENOENT", "EACCES", "EMFILE"])
def test_whatever_the_system_answers_to_a_write_is_a_resource_error_that_names_the_file(path, monkeypatch, call, error):
    import errno

    before = path.read_bytes()

    def refuse(*_, **__):
        raise OSError(getattr(errno, error), os.strerror(getattr(errno, error)))

    monkeypatch.setattr(Path if call == "write" else os, {"write": "write_bytes"}.get(call, call), refuse)
    with pytest.raises(ResourceError, match=r"cannot write .*step-1\.h5: "):
        checkpoints.write(path, ARRAYS, Position((2,)))
    monkeypatch.undo()
    assert path.read_bytes() == before
