"""Memory that does not suffice: exit 6 with advice, the last checkpoint whole, no going on in a doubtful process."""

import json
import resource
import tracemalloc

import numpy as np
import pytest
from helpers.trainings import digest, finish, resume, start

from gancli import data
from gancli.core.backend import tf
from gancli.core.errors import OptionError, ResourceError
from gancli.inference import sample_stream
from gancli.inference.image_files import sample_files
from gancli.inference.sample_stream import SampleBatch, SampleOrder, SampleStream
from gancli.nn.latents import Seeds
from gancli.runs.run import Run
from gancli.training import setup
from gancli.training.compiled_step import CompiledStage


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
    from gancli.inference.sampling import Sampler

    for error in (MemoryError(), tf.errors.ResourceExhaustedError(None, None, "OOM")):
        monkeypatch.setattr(Sampler, "decode", lambda *_, error=error: (_ for _ in ()).throw(error))
        answer = gancli("sample", "--run", run_path, "--seeds", "0-3")
        assert (answer.code, answer.out) == (6, "")
        assert "reduce --num-samples, --batch-size" in answer.err
        assert answer.err.count("\n") == 1


def test_data_larger_than_the_memory_are_refused_or_left_on_the_disk(tmp_path, stripes, monkeypatch):
    """The machine is told to have 4 kB."""
    import numpy as np

    from gancli import data
    from gancli.core.errors import DataError
    from gancli.data import dataset
    from gancli.data.formats import hdf5, npz
    from gancli.training import input_pipeline

    np.savez(tmp_path / "a.npz", images=stripes)
    hdf5.write(tmp_path / "a.h5", stripes[..., None], (*stripes.shape, 1))
    for module in (dataset, hdf5, npz):
        monkeypatch.setattr(module, "total_memory", lambda: 4096)
    with pytest.raises(DataError, match="more than half of the memory"):
        data.load(str(tmp_path / "a.npz"))
    with pytest.raises(DataError, match="the memory cannot hold them"):
        data.load(str(tmp_path / "a.h5"), data.Request(image_size=16))
    started = start(tmp_path / "runs", tmp_path / "a.h5")
    assert isinstance(input_pipeline.feed(started.dataset, started.model), input_pipeline.OnDisk)
    finish(started)
    assert started.run.status()["state"] == "finished"


def peak():
    """The most memory that this process ever took, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


@pytest.mark.parametrize(("table", "name", "value"), [("data", "shape", [900, 900, 1]), ("options", "width", 4000)])
def test_a_run_whose_record_tells_of_a_giant_is_refused_before_it_is_built(gancli, run_path, table, name, value):
    record = json.loads((run_path / "run.json").read_text(encoding="utf-8"))
    record[table][name] = value
    (run_path / "run.json").write_text(json.dumps(record), encoding="utf-8")
    before = peak()
    for words in (["sample", "--run", run_path], ["train", "--resume", "--run", run_path, "--steps", "40"]):
        answer = gancli(*words)
        assert answer.code in (3, 4)
        assert answer.out == ""
    assert peak() - before < 300


@pytest.mark.parametrize("begins", [b"", b"gancli checkpoint 1\nsha256 0"])
def test_a_giant_among_the_checkpoints_is_passed_over_in_little_memory(run_path, begins):
    run, warnings = Run(run_path), []
    with (run_path / "checkpoints" / "step-00000099.h5").open("wb") as file:
        file.write(begins)
        file.truncate(800_000_000)  # sparse: it takes no room
    before = peak()
    assert run.model(warn=warnings.append)[1] == 20
    assert len(warnings) == 1
    assert peak() - before < 300


@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_images_pass_through_memory_in_pieces(tmp_path, ending):
    """Of 64 bytes each, and 12 for seed and label."""
    shades = np.zeros((sample_stream.BATCH, 8, 8, 1), np.uint8)

    def pieces():
        for seeds, labels in order.batches():
            yield SampleBatch(seeds, labels, shades[: len(seeds)])

    order = SampleOrder.from_seeds(Seeds([range(400_000)]), lambda places, seeds: seeds % 3)
    out = tmp_path / f"set.{ending}"
    tracemalloc.start()
    try:
        sample_files.write_samples(out, SampleStream(order, (8, 8, 1), pieces), classes=("a", "b", "c"))
        assert tracemalloc.get_traced_memory()[1] < 6_000_000  # of 30 million bytes
    finally:
        tracemalloc.stop()
    dataset = data.load(str(out))
    assert dataset.train["label"][:7].tolist() == [0, 1, 2, 0, 1, 2, 0]
    assert len(dataset) == 400_000


def test_kept_images_go_to_the_disk_and_come_back(monkeypatch):
    monkeypatch.setattr(sample_stream, "IN_MEMORY", 1000)
    store, pixels = (
        sample_stream.SampleBuffer((4, 4, 1)),
        np.random.default_rng(0).integers(0, 256, (3000, 4, 4, 1)).astype(np.uint8),
    )
    for first in range(0, 3000, 64):
        store.add(range(first, min(first + 64, 3000)), pixels[first : first + 64])
    for _ in range(2):  # each time anew
        seeds, labels, found = store.images(7).load()
        assert np.array_equal(found, pixels)
        assert (seeds.tolist(), set(labels.tolist())) == (list(range(3000)), {7})


def test_a_picture_of_too_many_images_is_refused_before_they_are_drawn(tmp_path):
    order = SampleOrder.from_seeds(Seeds([range(10_000_000)]))
    with pytest.raises(OptionError, match="10,000,000 images are more than a picture of 178,956,970 pixels holds"):
        sample_files.write_samples(tmp_path / "x.png", SampleStream(order, (8, 8, 1), lambda: 1 / 0))


def test_room_is_asked_for_the_checkpoints_that_will_be_written(tmp_path, stripes_file):
    needed = [
        setup.needed_bytes(start(tmp_path, stripes_file, steps=12, save_every=4, **chosen).model)
        for chosen in (
            {"keep": 4},
            {"keep": 10_000},
            {"keep": 10_000, "keep_every": 12},
            {"keep": 4, "snapshots": "1,2,12"},
        )
    ]
    one = needed[0] // 5  # four are written, and one more lies beside them for a moment
    assert needed == [5 * one, 5 * one, 6 * one, 7 * one]
