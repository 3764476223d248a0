"""Numbers that are no longer finite, at any place: exit 5, the last good checkpoint kept, and a way to go on."""

from pathlib import Path

import numpy as np
import pytest
from helpers.trainings import digest, finish, resume, start

from gancli import data
from gancli.core.errors import DataError, DivergedError
from gancli.runs.run import Run
from gancli.training.compiled_step import CompiledStage

SMALL = ["--model", "dcgan", "--width", 4, "--batch-size", 16, "--steps", 12, "--log-every", 4, "--save-every", 4]


def poison(monkeypatch, at, value):
    """Let the losses of the chunk that ends at a step be no number."""
    run, done = CompiledStage.run, [0]

    def ill(self, *given):
        did, sums, last = run(self, *given)
        done[0] += did
        return (did, sums, dict.fromkeys(last, value)) if done[0] == at else (did, sums, last)

    monkeypatch.setattr(CompiledStage, "run", ill)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("at", [4, 12])
def test_a_loss_that_is_no_number_is_exit_5_and_a_resume_goes_on(gancli, stripes_file, value, at):
    with pytest.MonkeyPatch.context() as patched:
        poison(patched, at, value)
        answer = gancli("train", "--data", stripes_file, *SMALL, "-q")
    assert (answer.code, answer.out) == (5, "")
    assert f"at step {at}" in answer.err
    assert "--resume" in answer.err
    assert "--learning-rate" in answer.err
    run = Run(next(Path("runs").iterdir()))
    assert run.status()["state"] == "diverged"
    for step in run.checkpoints():
        arrays, _ = run.read_checkpoint(step)
        assert all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")
    assert max(run.checkpoints()) == at - 4
    assert gancli("train", "--resume", "--learning-rate", 5e-5, "-q").code == 0


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_a_weight_that_is_no_number_is_never_saved_although_the_losses_are(tmp_path, stripes_file, monkeypatch, value):
    whole, parted = (start(tmp_path / name, stripes_file) for name in "ab")
    finish(whole)
    run, done = CompiledStage.run, [0]

    def ill(self, *given):
        found = run(self, *given)
        done[0] += found[0]
        if done[0] == 8:  # the losses of this chunk were sound
            held = parted.model.variables()
            variable = next(held[name] for name in held if name.startswith("generator/weights"))
            variable.assign(np.full(variable.shape, value, np.float32))
        return found

    monkeypatch.setattr(CompiledStage, "run", ill)
    with pytest.raises(DivergedError, match="no longer finite"):
        finish(parted)
    monkeypatch.undo()
    assert max(parted.run.checkpoints()) == 4
    finish(resume(parted.run))
    assert digest(parted.run) == digest(whole.run)


@pytest.mark.parametrize("colour", [0, 127, 255])
def test_images_that_are_all_one_are_trained_on_without_a_division_by_nothing(tmp_path, colour):
    np.savez(tmp_path / "a.npz", images=np.full((40, 8, 8), colour, np.uint8))
    started = start(tmp_path / "runs", tmp_path / "a.npz")
    moments = finish(started)
    assert all(np.isfinite(list(moment.scalars.values())).all() for moment in moments)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_one_pixel_that_is_no_number_is_found_before_the_training(tmp_path, value, dtype):
    images = np.zeros((40, 8, 8), dtype)
    images[17, 3, 3] = value
    np.savez(tmp_path / "a.npz", images=images)
    with pytest.raises(DataError, match="NaN or infinity"):
        data.load(str(tmp_path / "a.npz"))
