"""Kills and signals, sent to a training in a process of its own."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from gancli import checkpoints, shelf


def digest(run):
    found = run.checkpoints()
    return checkpoints.digest(checkpoints.read(found[max(found)])[0])


def spawn(outdir, stripes_file, *more, model="dcgan"):
    """`gancli train` in a process of its own, with Ctrl-C as a terminal would give it."""
    width = ["--width", "4"] if model == "dcgan" else []
    command = [sys.executable, "-m", "gancli", "train", "--model", model, "--data", stripes_file, "--outdir", outdir]
    command += [*width, "--batch-size", "16", "--log-every", "1", "-v", *more]
    return subprocess.Popen(
        list(map(str, command)),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )


def wait_for_step(process, step):
    for line in process.stderr:
        if line.startswith("train step ") and int(line.split()[2].split("/")[0]) >= step:
            return
    raise AssertionError("the training ended before its step")


@pytest.mark.parametrize("model", ["dcgan", "gan"])  # every model: tests/test_training.py, without a process
def test_after_sigkill_a_resumed_training_ends_in_the_same_bits(tmp_path, stripes_file, model):
    lengths = ["--steps", "150", "--save-every", "7", "--sample-every", "150"]
    whole = spawn(tmp_path / "whole", stripes_file, *lengths, model=model)
    parted = spawn(tmp_path / "parted", stripes_file, *lengths, model=model)
    wait_for_step(parted, 20)
    time.sleep(np.random.default_rng().uniform(0, 0.3))  # at any moment
    parted.kill()
    parted.communicate()
    assert whole.communicate()[0]
    run = shelf.every(tmp_path / "parted")[0]
    assert run.status()["state"] == "killed"
    assert 14 <= max(run.checkpoints()) < 150
    again = subprocess.run(
        [sys.executable, "-m", "gancli", "train", "--resume", "--outdir", tmp_path / "parted", "-q"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "finished at step 150" in again.stdout
    assert digest(shelf.every(tmp_path / "whole")[0]) == digest(run)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_leaves_with_its_code(tmp_path, stripes_file, number):
    process = spawn(tmp_path, stripes_file, "--steps", "100000", "--save-every", "100000")
    wait_for_step(process, 5)
    process.send_signal(number)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 128 + number
    run = shelf.every(tmp_path)[0]
    assert run.status()["state"] == "interrupted"
    assert max(run.checkpoints()) >= 5
    assert "--resume" in err.splitlines()[-1]
    assert "Error" not in err


def test_a_second_signal_leaves_at_once(tmp_path, stripes_file):
    process = spawn(tmp_path, stripes_file, "--steps", "100000", "--save-every", "100000")
    wait_for_step(process, 5)
    os.kill(process.pid, signal.SIGTERM)
    os.kill(process.pid, signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (128 + signal.SIGINT, 128 + signal.SIGTERM)  # the system may deliver them in any order
    assert shelf.every(tmp_path)[0].status()["state"] == "killed"


def test_a_signal_that_comes_twice_at_once_is_one_signal(tmp_path, stripes_file):
    """A closing terminal sends SIGHUP twice; so does `timeout` with SIGTERM."""
    process = spawn(tmp_path, stripes_file, "--steps", "100000", "--save-every", "100000")
    wait_for_step(process, 5)
    os.kill(process.pid, signal.SIGTERM)
    time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    process.communicate(timeout=20)
    assert process.returncode == 128 + signal.SIGTERM
    assert shelf.every(tmp_path)[0].status()["state"] == "interrupted"
