"""Commands at once in one run: each name is given once, nothing that is being written or read is taken away."""

import itertools
import multiprocessing
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gancli.core import file_locks, files, temporary_files
from gancli.core.errors import CheckpointError
from gancli.runs import checkpoints, maintenance
from gancli.runs.run import Run

HOLDER = """
import sys, time
from pathlib import Path
from gancli.core import temporary_files
with temporary_files.beside(Path(sys.argv[1])) as aside:
    aside.write_bytes(b"half")
    print(aside, flush=True)
    time.sleep(100)
"""


def names(folder):
    return (folder / f"a{'' if number == 1 else f'-{number}'}.png" for number in itertools.count(1))


def take_and_write(folder):
    """What a drawing command does, with a while of drawing between."""
    place = temporary_files.reserve(names(folder))
    time.sleep(0.05)
    files.atomic_write(place, str(os.getpid()))
    return place.name


def test_commands_at_once_get_names_of_their_own(tmp_path):
    with multiprocessing.get_context("fork").Pool(6) as pool:
        given = pool.map(take_and_write, [tmp_path] * 24, chunksize=1)
    assert len(set(given)) == 24
    assert sorted(given) == sorted(path.name for path in tmp_path.iterdir())  # and nothing else is left


def test_a_name_is_kept_while_its_command_works_and_given_back_if_it_fails(tmp_path):
    first, second = temporary_files.reserve(names(tmp_path)), temporary_files.reserve(names(tmp_path))
    assert (first.name, second.name) == ("a.png", "a-2.png")
    temporary_files.release(first)
    assert temporary_files.reserve(names(tmp_path)) == first
    for place in (first, second):
        temporary_files.release(place)
    assert not list(tmp_path.iterdir())


def test_a_command_that_fails_gives_its_name_back(gancli, run_path):
    """--plane is refused when the name is taken already."""
    assert gancli("traverse", "--run", run_path, "--plane").code == 2
    assert not list(run_path.rglob(".*.part"))


def test_a_name_whose_command_was_killed_is_given_again(tmp_path):
    code = "import sys, os; from pathlib import Path; from gancli.core import temporary_files; "
    code += "temporary_files.reserve([Path(sys.argv[1])]); os._exit(9)"
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "a.png")], check=False)
    assert [path.name for path in temporary_files.left_over(tmp_path)] == [".a.png.part"]
    assert temporary_files.reserve(names(tmp_path)) == tmp_path / "a.png"
    temporary_files.release(tmp_path / "a.png")


@pytest.fixture
def holder(run_path):
    """Another process amid writing a file of the run."""
    command = [sys.executable, "-c", HOLDER, str(run_path / "samples" / "x.png")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    aside = run_path / process.stdout.readline().strip()
    yield process, aside
    process.kill()
    process.wait()
    process.stdout.close()


def test_what_another_command_is_writing_is_not_swept_and_what_a_kill_left_is(gancli, run_path, holder):
    process, aside = holder
    (run_path / "samples" / ".left.part").write_bytes(b"1")
    assert gancli("runs", "prune", run_path, "--dry-run").out.count("left by a kill") == 1
    assert gancli("runs", "prune", run_path).code == 0
    Run(run_path).truncate(20)
    assert [path.name for path in (run_path / "samples").glob(".*.part")] == [aside.name]
    process.kill()
    process.wait()
    assert maintenance.check(Run(run_path)).leftovers == (aside,)
    assert gancli("runs", "prune", run_path).code == 0
    assert not list(run_path.rglob(".*.part"))


def test_what_another_machine_may_be_writing_stays_for_a_day(tmp_path):
    young, old = (tmp_path / f".elsewhere-12-{name * 8}.x.part" for name in "ab")
    for path in (young, old):
        path.write_bytes(b"1")
    os.utime(old, (time.time() - 100_000,) * 2)
    temporary_files.sweep(tmp_path)
    assert list(tmp_path.iterdir()) == [young]


def test_a_sweep_between_the_making_and_the_locking_of_a_file_is_survived(tmp_path, monkeypatch):
    lock, swept = file_locks.locked, []

    def late(handle, kind):
        if kind == "LOCK_SH" and not swept:
            swept.append(True)
            temporary_files.sweep(tmp_path)
        return lock(handle, kind)

    monkeypatch.setattr(file_locks, "locked", late)
    files.atomic_write(tmp_path / "a.png", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert swept


@pytest.mark.parametrize("which", ["last", "20"])
def test_a_checkpoint_that_is_rotated_away_while_it_is_read_gives_way_to_a_newer_one(run_path, monkeypatch, which):
    run, open_checkpoint = Run(run_path), checkpoints.open_checkpoint
    held = run.checkpoints()
    model = run.model_class(*run.settings(), run.facts)
    arrays, position = run.read_checkpoint(20)

    def rotating(path, **named):
        if held[20].exists():
            newer = position.advanced(0, 4, 4)
            checkpoints.write(path.with_name("step-00000024.h5"), arrays, newer)
            for old in held.values():
                old.unlink()
        return open_checkpoint(path, **named)

    monkeypatch.setattr(checkpoints, "open_checkpoint", rotating)
    warnings = []
    if which == "last":
        assert run.restore(model, which, warn=warnings.append).step == 24
        assert not warnings
    else:
        with pytest.raises(CheckpointError, match="has no checkpoint 20; it has 24"):
            run.restore(model, which)
    assert np.array_equal(Run(run_path).read_checkpoint(24)[0]["noise"], arrays["noise"])


def test_what_a_kill_left_beside_an_output_goes_with_the_next_and_nobody_else_s(tmp_path):
    with temporary_files.beside(tmp_path / "big.npz") as written:
        left = tmp_path / written.name.replace(f"-{os.getpid()}-", "-1-")
        left.write_bytes(b"half")
        others = {tmp_path / ".film.mkv.part", tmp_path / "film.part"}
        for path in others:
            path.write_bytes(b"of a browser")
        temporary_files._swept.clear()
        files.atomic_write(tmp_path / "a.png", b"whole")
        assert {*tmp_path.iterdir()} == {written, tmp_path / "a.png", *others}


WRITER = """
import sys, time
from pathlib import Path
from gancli.cli import main
from gancli.core import files
from gancli.core.errors import Interrupted
main._let_signals_unwind()
try:
    with files.atomic_path(Path(sys.argv[1])) as aside:
        aside.write_bytes(b"half")
        print(aside, flush=True)
        while True:  # Python sleeps a whole long sleep if the signal comes in the moment before it
            time.sleep(0.05)
except Interrupted as ending:
    sys.exit(ending.exit_code)
"""


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_leaves_nothing_half_written(tmp_path, number, times):
    command = [sys.executable, "-c", WRITER, str(tmp_path / "big.npz")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        process.stdout.readline()
        for _ in range(times):  # as a closing terminal does
            process.send_signal(number)
        assert process.wait(20) == 128 + number
    assert not list(tmp_path.iterdir())
