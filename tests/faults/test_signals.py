"""Signals, sent to a training in a process of its own: the first saves, the second leaves at once."""

import os
import signal
import time

import pytest
from helpers.trainings import resume, spawn, start, wait_for_step

from gancli.core.errors import Interrupted
from gancli.runs import checkpoints, registry
from gancli.training import loop

ENDLESS = ["--steps", "100000", "--save-every", "100000"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_leaves_with_its_code(tmp_path, stripes_file, number):
    process = spawn(tmp_path, stripes_file, *ENDLESS)
    wait_for_step(process, 5)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    run = registry.list_runs(tmp_path)[0]
    assert run.status()["state"] == "interrupted"
    assert max(run.checkpoints()) >= 5
    assert "--resume" in err.splitlines()[-1]
    assert "Error" not in err


def test_a_second_signal_leaves_at_once(tmp_path, stripes_file):
    process = spawn(tmp_path, stripes_file, *ENDLESS)
    wait_for_step(process, 5)
    os.kill(process.pid, signal.SIGTERM)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)  # the system may deliver them in any order
    assert registry.list_runs(tmp_path)[0].status()["state"] == "killed"


def test_a_signal_that_comes_twice_at_once_is_one_signal(tmp_path, stripes_file):
    """A closing terminal sends SIGHUP twice; so does `timeout` with SIGTERM."""
    process = spawn(tmp_path, stripes_file, *ENDLESS)
    wait_for_step(process, 5)
    os.kill(process.pid, signal.SIGTERM)
    time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert registry.list_runs(tmp_path)[0].status()["state"] == "interrupted"


def test_a_stopped_training_goes_on_when_it_is_continued(tmp_path, stripes_file):
    """Ctrl-Z and fg, or a laptop that slept."""
    process = spawn(tmp_path, stripes_file, *ENDLESS)
    wait_for_step(process, 5)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)
    wait_for_step(process, 50)
    process.send_signal(signal.SIGHUP)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGHUP
    assert registry.list_runs(tmp_path)[0].status()["state"] == "interrupted"


@pytest.mark.parametrize("when", ["before the first step", "while saving"])
def test_a_signal_at_an_awkward_moment_loses_nothing(tmp_path, stripes_file, monkeypatch, when):
    """While the step is being compiled no Python runs; while a checkpoint is written it must be finished first."""
    started, write = start(tmp_path, stripes_file, steps=1000, save_every=4), checkpoints.write
    moment = "00000000" if when == "before the first step" else "00000004"

    def told(path, *rest, **named):
        if moment in path.name:
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.1)  # a thread reads it
        return write(path, *rest, **named)

    monkeypatch.setattr(checkpoints, "write", told)
    with pytest.raises(Interrupted) as ending:
        list(loop.train(*started))
    assert ending.value.exit_code == 128 + signal.SIGTERM
    monkeypatch.undo()
    assert started.run.status()["state"] == "interrupted"
    assert resume(started.run).position.step == (1 if when == "before the first step" else 4)


def test_after_a_training_the_signals_are_whose_they_were(tmp_path, stripes_file):
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    list(loop.train(*start(tmp_path, stripes_file, steps=2)))
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_an_ignored_hang_up_stays_ignored(tmp_path, stripes_file):
    """`nohup`: the terminal may close, the training goes on."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    moments = loop.train(*start(tmp_path, stripes_file))
    next(moments)
    os.kill(os.getpid(), signal.SIGHUP)
    time.sleep(0.1)
    assert list(moments)[-1].step == 12
