"""Two at once: on one run, and in one folder of runs."""

import itertools
import os
import shutil
import subprocess
import sys

import pytest
from helpers import forkserver
from helpers.trainings import finish, resume, spawn, start, wait_for_step

from gancli.core.errors import LockedError
from gancli.runs import registry
from gancli.runs.run import Run
from gancli.training import loop


def test_a_second_training_of_a_run_is_exit_7_and_names_the_first_until_that_is_killed(tmp_path, stripes_file):
    first = spawn(tmp_path, stripes_file, "--steps", "100000", "--save-every", "10", model="gan")
    wait_for_step(first, 20)
    second = forkserver.run("train", "--resume", "--outdir", tmp_path)
    assert (second.returncode, second.stdout) == (7, "")
    assert f"is being trained by process {first.pid} on " in second.stderr
    assert second.stderr.count("\n") == 1
    run = registry.list_runs(tmp_path)[0]
    assert run.status()["state"] == "running"
    drawn = forkserver.run("sample", "--outdir", tmp_path, "--seeds", "0-3", "--out", tmp_path / "a.png")
    assert drawn.returncode == 0, drawn.stderr  # reading is free
    first.kill()
    first.communicate()
    assert run.status()["state"] == "killed"
    run.lock.hold()  # a kill leaves no lock behind
    run.lock.release()


def test_the_lock_is_given_back_however_a_training_ends(tmp_path, stripes_file, monkeypatch):
    started = start(tmp_path, stripes_file)
    moments = loop.train(*started)
    next(moments)
    with pytest.raises(LockedError):
        resume(Run(started.run.path))
    moments.close()
    monkeypatch.setattr(Run, "save", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        finish(resume(started.run))
    assert not started.run.lock.is_held()


def test_a_look_at_the_lock_does_not_turn_a_training_away(run_path):
    """`gancli runs` asks every run whether it is being trained, and holds the lock for a moment to find out."""
    look = "import sys, pathlib; from gancli.core.file_locks import Lock; lock = Lock(pathlib.Path(sys.argv[1]))\n"
    Run(run_path).lock.path.touch()
    watcher = subprocess.Popen([sys.executable, "-c", look + "while True: lock.is_held()", run_path / ".lock"])
    try:
        for _ in range(50):
            run = Run(run_path)
            run.lock.hold()  # LockedError would turn a training away
            assert Run(run_path).lock.is_held()
            run.lock.release()
    finally:
        watcher.kill()
        watcher.wait()


def test_runs_made_at_the_same_moment_get_numbers_of_their_own(tmp_path):
    """Their names differ, so that the folders' own names would not keep them apart."""
    program = (
        "import sys, pathlib; from gancli.core.file_locks import numbering\n"
        "from gancli.runs.folder import create_folder\n"
        "for _ in range(25):\n"
        "    with numbering(pathlib.Path('.')): create_folder(pathlib.Path('.'), sys.argv[1], '')"
    )
    makers = [subprocess.Popen([sys.executable, "-c", program, name], cwd=tmp_path) for name in "abcd"]
    assert [maker.wait() for maker in makers] == [0] * 4
    numbers = sorted(int(path.name.split("-")[0]) for path in tmp_path.iterdir())
    assert numbers == list(itertools.islice(itertools.count(), 100))


@pytest.mark.parametrize(
    "content", [b"\xff\xfe", b"\n\n\n", b"x" * 10_000, b""], ids=["bytes", "lines", "long", "empty"]
)
def test_whatever_a_lock_s_file_says_its_holder_is_named_in_one_sentence(run_path, content):
    import fcntl

    (run_path / ".lock").write_bytes(content)
    with (run_path / ".lock").open("rb") as held, pytest.raises(LockedError, match="is being trained by") as error:
        fcntl.flock(held, fcntl.LOCK_EX)
        Run(run_path).lock.hold()
    assert len(str(error.value)) < 200 + len(str(run_path)) + 30
    assert "\n" not in str(error.value)


def test_a_pipe_as_a_lock_is_waited_for_by_nobody(gancli, run_path):
    (run_path / ".lock").unlink(missing_ok=True)
    os.mkfifo(run_path / ".lock")
    (run_path / "status.json").write_text('{"state": "running"}', encoding="utf-8")
    answer = gancli("runs", "--json")
    assert answer.code == 0
    assert '"state": "killed"' in answer.out


@pytest.mark.parametrize("what", ["a folder", "a file", "a run half made"])
def test_what_lies_in_the_folder_of_runs_is_not_touched(tmp_path, stripes_file, what):
    outdir = tmp_path / "runs"
    outdir.mkdir()
    other = outdir / "00007-mine"
    if what == "a file":
        other.write_text("mine", encoding="utf-8")
    else:
        other.mkdir()
        (other / ("run.json.part" if "half" in what else "notes.txt")).write_text("mine", encoding="utf-8")
    started = start(outdir, stripes_file, steps=2)
    assert started.run.path.name == "00008-dcgan-stripes"
    assert registry.list_runs(outdir)[0].path == started.run.path
    assert other.is_file() or len(list(other.iterdir())) == 1
    shutil.rmtree(started.run.path)


def test_a_disk_without_locks_is_trained_on_all_the_same(gancli, tmp_path, stripes_file, monkeypatch):
    import errno
    import fcntl

    def flock(*_):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", flock)
    started = start(tmp_path / "runs", stripes_file)
    finish(started)
    assert started.run.status()["state"] == "finished"
    assert gancli("runs", "prune", started.run.path).code == 0
    assert not list(started.run.path.rglob(".*.part"))
