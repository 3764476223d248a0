"""kill -9 at any moment, and at every single call of the system while a checkpoint is written: nothing is lost."""

import itertools
import json
import subprocess
import time

import numpy as np
import pytest
from helpers import forkserver, programs
from helpers.trainings import digest, spawn, wait_for_step

from gancli.runs import registry

MOMENTS = 20


def write(*args):
    """What the writer found after each ending."""
    command = programs.command("writer", *args)
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=programs.environment())
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_a_writer_killed_at_twenty_random_moments_leaves_whole_checkpoints_alone(run_path):
    found = write("moments", run_path, MOMENTS, np.random.SeedSequence().entropy % 2**32)
    assert len(found) == MOMENTS
    for state in found:
        assert state["torn"] == []
        assert max(state["whole"]) >= state["acknowledged"]  # what was said to be saved is saved
        assert state["records"][-1] <= max(state["whole"])
        assert state["swept"]
    assert found[-1]["acknowledged"] > 20  # it did write between the kills


def test_a_writer_ended_at_each_call_it_makes_loses_at_most_the_checkpoint_it_was_writing(run_path):
    found = write("calls", run_path)
    assert [state["ended"] for state in found[-2:]] == [False, False]
    states = [state for state in found if state["ended"]]
    assert len(states) > 80
    for state in states:
        assert state["torn"] == [], state
        assert max(state["whole"]) in (20, 21), state
        assert len(state["whole"]) >= 3, state  # the old ones go only when the new one is there
        assert state["status"] <= max(state["whole"]), state
        assert state["swept"], state
    assert any(state["left"] for state in states)  # the endings do fall into the writing
    newest = [max(state["whole"]) for state in states[::2]]
    assert [step for step, _ in itertools.groupby(newest)] == [20, 21]  # one moment at which the new one is there


@pytest.mark.parametrize(("model", "kills"), [("dcgan", 1), ("gan", 3)])  # every model: tests/test_training.py
def test_after_sigkill_a_resumed_training_ends_in_the_same_bits(tmp_path, stripes_file, model, kills):
    lengths = ["--steps", "150", "--save-every", "7", "--sample-every", "150"]
    whole = spawn(tmp_path / "whole", stripes_file, *lengths, model=model)
    reached, more = 0, lengths
    for _ in range(kills):
        parted = spawn(tmp_path / "parted", stripes_file, *more, model=model)
        wait_for_step(parted, reached + 20)
        time.sleep(np.random.default_rng().uniform(0, 0.2))  # at any moment
        parted.kill()
        parted.communicate()
        run = registry.list_runs(tmp_path / "parted")[0]
        assert run.status()["state"] == "killed"
        assert reached + 14 <= max(run.checkpoints()) < 150
        reached, more = max(run.checkpoints()), ["--resume"]
    assert whole.communicate()[0]
    again = forkserver.run("train", "--resume", "--outdir", tmp_path / "parted", "-q")
    assert "finished at step 150" in again.stdout
    assert digest(registry.list_runs(tmp_path / "whole")[0]) == digest(run)
