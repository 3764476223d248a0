"""Memory that does not suffice: exit 6 with advice, the last checkpoint whole, no going on in a doubtful process."""

import pytest
from trainings import digest, finish, resume, start

from gancli.backend import tf
from gancli.errors import ResourceError
from gancli.graph import CompiledStage


def exhaust(monkeypatch, at, error):
    """Let the chunk that begins at a step fail for want of memory."""
    run, done = CompiledStage.run, [0]

    def failing(self, columns, rows, steps, sums):
        if done[0] >= at:
            raise error
        done[0] += steps
        return run(self, columns, rows, steps, sums)

    monkeypatch.setattr(CompiledStage, "run", failing)


@pytest.mark.parametrize("kind", ["the device's", "the machine's"])
def test_a_step_that_finds_no_memory_ends_with_advice_and_is_resumed_to_the_same_bits(
    tmp_path, stripes_file, monkeypatch, kind
):
    whole, parted = (start(tmp_path / name, stripes_file) for name in "ab")
    finish(whole)
    no_memory = tf.errors.ResourceExhaustedError(None, None, "OOM when allocating tensor")
    exhaust(monkeypatch, 8, no_memory if kind == "the device's" else MemoryError())
    with pytest.raises(ResourceError, match="--batch-size 16: try --batch-size 8"):
        finish(parted)
    assert parted.run.status()["state"] == "failed"
    assert max(parted.run.checkpoints()) == 8
    monkeypatch.undo()
    finish(resume(parted.run))
    assert digest(parted.run) == digest(whole.run)


def test_a_command_that_finds_no_memory_is_exit_6_with_advice(gancli, run_path, monkeypatch):
    from gancli.sampling import Sampler

    for error in (MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")):
        monkeypatch.setattr(Sampler, "decode", lambda *_, error=error: (_ for _ in ()).throw(error))
        answer = gancli("sample", "--run", run_path, "--seeds", "0-3")
        assert (answer.code, answer.out) == (6, "")
        assert "fewer --samples, a smaller --batch-size" in answer.err
        assert answer.err.count("\n") == 1


def test_data_larger_than_the_memory_are_refused_or_left_on_the_disk(tmp_path, stripes, monkeypatch):
    """The machine is told to have 4 kB."""
    import numpy as np

    from gancli import batches, data
    from gancli.data import dataset, hdf5, npz
    from gancli.errors import DataError

    np.savez(tmp_path / "a.npz", images=stripes)
    hdf5.write(tmp_path / "a.h5", stripes[..., None], (*stripes.shape, 1))
    for module in (dataset, hdf5, npz):
        monkeypatch.setattr(module, "total_memory", lambda: 4096)
    with pytest.raises(DataError, match="more than half of the memory"):
        data.load(str(tmp_path / "a.npz"))
    with pytest.raises(DataError, match="the memory cannot hold them"):
        data.load(str(tmp_path / "a.h5"), data.Request(image_size=16))
    started = start(tmp_path / "runs", tmp_path / "a.h5")
    assert isinstance(batches.feed(started.dataset, started.model), batches.OnDisk)
    finish(started)
    assert started.run.status()["state"] == "finished"
