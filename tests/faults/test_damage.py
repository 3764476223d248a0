"""Damaged, swapped and hostile files in a run: refused or passed over in words, never taken for what they are not."""

import json
import os
import shutil

import h5py
import numpy as np
import pytest
from helpers.forgery import ARRAYS, forge
from helpers.trainings import finish, resume, start
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from gancli.core.errors import CheckpointError
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run
from gancli.training import loop
from gancli.training.resume import resume_run

DEPTH = 100_000
IN_THE_TEST_S_FOLDER = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


# --- checkpoints


@pytest.mark.parametrize("damage", ["empty", "cut", "flipped", "text", "folder", "pipe"])
@pytest.mark.parametrize("all_of_them", [False, True], ids=["the newest", "all"])
def test_a_damaged_checkpoint_gives_way_to_an_older_one_and_none_is_exit_4(gancli, run_path, damage, all_of_them):
    held = Run(run_path).checkpoints()
    for path in list(held.values())[0 if all_of_them else -1 :]:
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.unlink()
        if damage in ("folder", "pipe"):
            path.mkdir() if damage == "folder" else os.mkfifo(path)
        else:
            path.write_bytes({"empty": b"", "cut": content[:5000], "flipped": content, "text": b"torn"}[damage])
    answer = gancli("sample", "--run", run_path, "--seeds", "0-3", "--json", "--out", "a.png")
    if all_of_them:
        assert (answer.code, answer.out) == (4, "")
        assert answer.err.count("Error:") == 1
    else:
        assert answer.code == 0
        assert json.loads(answer.out)["step"] == 18
        assert "step-00000020.h5" in answer.err
    assert "Traceback" not in answer.err
    asked = gancli("sample", "--run", run_path, "--checkpoint", 20, "--out", "a.png")
    assert asked.code == 4  # a step that was named is not replaced by another


@settings(max_examples=200)
@given(data=st.data())
def test_a_flipped_bit_or_a_cut_is_refused_or_changes_nothing(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "flipped.h5"
    checkpoints.write(path, ARRAYS, Position((1,), 2))
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    path.write_bytes(content)
    with pytest.raises(CheckpointError):
        checkpoints.read(path)


def test_a_checkpoint_under_the_name_of_another_step_is_not_taken(run_path):
    run = Run(run_path)
    held = run.checkpoints()
    shutil.copy(held[18], held[20])
    with pytest.raises(CheckpointError, match="step 18: it was renamed"):
        run.read_checkpoint(20)
    warnings = []
    assert run.restore(run.model_class(*run.settings(), run.facts), warn=warnings.append).step == 18
    assert "renamed" in warnings[0]


def test_a_checkpoint_of_another_run_of_the_same_shape_is_not_taken(tmp_path, stripes_file):
    """All names, shapes and steps are right; only the run is another."""
    runs = [start(tmp_path, stripes_file, seed=seed) for seed in (0, 1)]
    for started in runs:
        finish(started)
    mine, other = (started.run for started in runs)
    shutil.copy(other.checkpoints()[12], mine.checkpoints()[12])
    with pytest.raises(CheckpointError, match="another run"):
        mine.read_checkpoint(12)
    assert resume(Run(mine.path), steps=16).position.step == 8


def test_a_run_that_was_copied_or_moved_keeps_its_checkpoints(run_path, tmp_path):
    moved = tmp_path / "elsewhere" / "my best run"
    shutil.copytree(run_path, moved)
    assert [Run(moved).read_checkpoint(step)[1].step for step in (16, 18, 20)] == [16, 18, 20]


def test_checkpoints_from_before_runs_had_names_are_read(run_path):
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    del record["id"]
    (run_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    assert Run(run_path).read_checkpoint(20)[1].step == 20


@pytest.mark.parametrize("done", ["text", [1, -2], np.inf])
def test_a_position_that_is_none_is_refused(tmp_path, done):
    forge(tmp_path / "a.h5", lambda file: None)
    assert checkpoints.read(tmp_path / "a.h5")[1] == Position()
    forge(tmp_path / "a.h5", lambda file: None, done=done)
    with pytest.raises(CheckpointError, match="not a checkpoint that gancli wrote"):
        checkpoints.read(tmp_path / "a.h5")


@pytest.mark.parametrize(
    "text",
    [
        "[]",
        "{",
        "[" * 50_000,
        '{"steps": 1}',
        '{"steps": 0, "sums": {"loss": 1.0}}',
        '{"steps": -1, "sums": {"loss": 1.0}}',
        '{"steps": 9, "sums": {"loss": 1.0}}',
        '{"steps": 1, "sums": {"loss": "1"}}',
        '{"steps": 1, "sums": {"loss": NaN}}',
        '{"steps": 1, "sums": ["loss"]}',
    ],
)
def test_damaged_sums_since_the_last_record_are_refused(tmp_path, text):
    forge(tmp_path / "a.h5", lambda file: None, done=[4], since_record='{"steps": 3, "sums": {"loss": 0.5}}')
    assert checkpoints.read(tmp_path / "a.h5")[1] == Position((4,), 0, {"loss": 0.5}, 3)
    forge(tmp_path / "a.h5", lambda file: None, done=[4], since_record=text)
    with pytest.raises(CheckpointError, match="not a checkpoint that gancli wrote"):
        checkpoints.read(tmp_path / "a.h5")


@pytest.mark.parametrize("change", ["a variable less", "a variable more", "another type", "another shape"])
def test_arrays_that_do_not_fit_change_nothing(run_path, change):
    """All or nothing: Keras' own loading takes a file with a layer too many without a word."""
    run = Run(run_path)
    model = run.model_class(*run.settings(), run.facts)
    before = checkpoints.digest({name: variable.numpy() for name, variable in model.variables().items()})
    arrays, position = run.read_checkpoint(20)
    name = sorted(arrays)[-1]
    if change == "a variable less":
        del arrays[name]
    elif change == "a variable more":
        arrays["extra"] = np.zeros(3, np.float32)
    else:
        arrays[name] = np.float64(arrays[name]) if change == "another type" else np.zeros((3, 1, 4), np.float32)
    checkpoints.write(run.checkpoints()[20], arrays, position)
    with pytest.raises(CheckpointError, match="does not fit the model: 1 variables differ"):
        run.restore(model, "20")
    after = checkpoints.digest({name: variable.numpy() for name, variable in model.variables().items()})
    assert before == after


def test_a_checkpoint_is_an_hdf5_file_that_others_can_open(run_path):
    with h5py.File(Run(run_path).checkpoints()[20]) as file:
        assert file.attrs["step"] == 20


# --- run.json


ODD = [None, True, -1, 0, 10**30, 1e308, "", "x" * 10_000, "../../etc", "\ud800", [], [[]], [-1, 0], {}, {"a": {}}]


def commands(gancli, run_path):
    """What every command answers that needs no more than the run's own files."""
    outdir = run_path.parent
    yield gancli("runs", "--outdir", outdir)
    yield gancli("runs", "--outdir", outdir, "show", run_path)
    yield gancli("runs", "--outdir", outdir, "--json")
    yield gancli("train", "--config", run_path / "run.json", "--data", "no such data", "--dry-run")


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: repr(odd)[:20])
@pytest.mark.parametrize("where", ["top", "data", "options"])
def test_a_run_json_with_any_odd_value_is_refused_or_read(gancli, run_path, where, odd):
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    for key in list(record if where == "top" else record[where]):
        changed = json.loads(json.dumps(record))
        (changed if where == "top" else changed[where])[key] = odd
        (run_path / "run.json").write_text(json.dumps(changed), encoding="utf-8")
        for answer in commands(gancli, run_path):
            assert answer.code in (0, 2, 3, 4), (key, answer)
            assert "Traceback" not in answer.err + answer.out


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '"text"',
        '{"format": 1}',
        '{"format": 2}',
        '{"format": NaN}',
        '{"format": 1, "format": 1}',
        "[" * DEPTH,
        '{"a":' * DEPTH,
        "1" * 10_000,
        "\ufeff{}",
        "\0\0\0",
    ],
    ids=lambda text: text[:20],
)
def test_a_run_json_that_is_none_is_exit_4_in_one_sentence(gancli, run_path, text):
    (run_path / "run.json").write_text(text, encoding="utf-8")
    answer = gancli("runs", "show", run_path)
    assert (answer.code, answer.out) == (4, "")
    assert "run.json" in answer.err
    assert answer.err.count("\n") == 1
    assert gancli("train", "--config", run_path / "run.json", "--data", "nothing", "--dry-run").code in (2, 3)


@pytest.mark.parametrize("kind", ["pipe", "folder", "device", "loop", "huge", "bytes"])
def test_a_run_json_that_is_no_plain_file_is_exit_4_and_nobody_waits(gancli, run_path, kind):
    path = run_path / "run.json"
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        with path.open("wb") as file:
            file.truncate(10**12)
    elif kind == "bytes":
        path.write_bytes(b'{"format": 1, "name": "\xff\xfe"}')
    else:
        path.symlink_to("/dev/zero" if kind == "device" else "run.json")
    answer = gancli("runs", "--outdir", run_path.parent, "show", "tiny")
    assert answer.code == 4
    assert gancli("sample", "--run", run_path).code in (2, 4)


def test_a_run_that_cannot_be_read_is_named_in_the_list(gancli, run_path):
    shutil.copytree(run_path, run_path.with_name("00001-torn"))
    (run_path.with_name("00001-torn") / "run.json").write_text("{", encoding="utf-8")
    answer = gancli("runs")
    assert answer.code == 0
    assert "tiny" in answer.out
    assert "00001-torn" in answer.err


# --- status.json and metrics.jsonl


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(["state", "step", "reason", "changes", "score", "stage", "seconds", "D(x)"])


@IN_THE_TEST_S_FOLDER
@given(st.dictionaries(NAMES, JSON))
@example({"changes": {"learning_rate": "fast"}})
@example({"step": True})
def test_any_status_is_read_or_said_to_be_damaged(run_path, odd):
    run = Run(run_path)
    kept = (run.path / "status.json").read_bytes()
    try:
        (run.path / "status.json").write_text(json.dumps(odd), encoding="utf-8")
        status = run.status()
        assert type(status["step"]) is int
        assert type(status["changes"]) is dict
    finally:
        (run.path / "status.json").write_bytes(kept)


@IN_THE_TEST_S_FOLDER
@given(st.lists(JSON | st.dictionaries(NAMES, JSON), max_size=5))
def test_lines_that_no_training_wrote_are_left_out_of_the_metrics(run_path, odd):
    run = Run(run_path)
    kept = (run.path / "metrics.jsonl").read_bytes()
    good = [{"stage": "train", "step": step, "seconds": 1.0, "score": float(step)} for step in (16, 18)]
    lines = [json.dumps(line) for line in (good[0], *odd, good[1])]
    try:
        (run.path / "metrics.jsonl").write_bytes(("\n".join(lines) + '\n{"step": 19, "sec').encode() + b"\xff\0")
        held = run.metrics()
        assert [record for record in held if record in good] == good
        assert len(held) <= len(lines)
        run.best()
        run.truncate(17)
        assert good[0] in run.metrics()
        assert good[1] not in run.metrics()
    finally:
        (run.path / "metrics.jsonl").write_bytes(kept)


def test_a_resume_says_that_a_damaged_status_has_lost_what_was_changed(run_path, stripes_file):
    (run_path / "status.json").write_text('{"step": "many"}', encoding="utf-8")
    warnings = []
    started = resume_run(Run(run_path), {"steps": 22}, data_dir=None, warn=warnings.append)
    started.run.lock.release()
    assert any("status.json" in text and "as they were at the start" in text for text in warnings)
    assert started.position.step == 20


def test_garbage_in_every_small_file_does_not_stop_a_resume(run_path):
    with (run_path / "metrics.jsonl").open("ab") as file:
        file.write(b'\n\n5\n"text"\n{"step": "x"}\n[' + b"\xff\xfe\n" + b'{"step": 21, "seco')
    (run_path / "status.json").write_bytes(b"\xff")
    (run_path / "samples" / ".abc.part").write_bytes(b"left by a kill")
    finish(resume(Run(run_path), steps=24))
    records = Run(run_path).metrics()
    assert [record["step"] for record in records] == sorted({record["step"] for record in records})
    assert records[-1]["step"] == 24
    assert not list(run_path.rglob("*.part"))


@pytest.mark.parametrize("damage", ["cut", "text", "a folder", "another size", "gone"])
def test_damaged_sample_pictures_do_not_spoil_the_end_of_a_training(tmp_path, stripes_file, damage):
    from PIL import Image

    started = start(tmp_path, stripes_file)
    for moment in loop.train(*started):
        path = started.run.path / "samples" / "train-00000006.png"
        if moment.step == 8:
            content = path.read_bytes()
            path.unlink()
            if damage == "a folder":
                path.mkdir()
            elif damage == "another size":
                Image.new("L", (9, 9)).save(path)
            elif damage != "gone":
                path.write_bytes(content[:200] if damage == "cut" else b"text")
    assert started.run.status()["state"] == "finished"
    assert Image.open(started.run.path / "samples" / "growing.gif").n_frames == 2


@pytest.mark.parametrize(
    ("name", "value"), [("columns", [f"w{number}" for number in range(9000)]), ("shape", [4096, 8, 1])]
)
def test_facts_that_the_model_cannot_have_been_trained_on_are_exit_4_in_few_words(gancli, run_path, name, value):
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    record["data"][name] = value
    (run_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    answer = gancli("sample", "--run", run_path)
    assert (answer.code, answer.out) == (4, "")
    assert "run.json" in answer.err
    assert len(answer.err) < 2000
