"""Training: one trace, what a run holds, averages, scores, and when it goes wrong."""

import itertools
import json
import os
import time

import numpy as np
import pytest
from helpers.trainings import digest, finish, records, resume, run_until, start

from gancli import models
from gancli.core.errors import CheckpointError, DataError, DivergedError, OptionError
from gancli.imaging import images
from gancli.runs import checkpoints
from gancli.runs import run as runs
from gancli.training import input_pipeline, loop


def test_points_are_drawn_where_the_discriminator_looks_at_the_whole_batch(tmp_path):
    started = start(tmp_path, "ring8", "toy", data="ring8", minibatch_kernels=5, steps=2, jit="off", units=8)
    finish(started)
    assert len(started.run.pictures()) == 2


def test_chunks_do_not_show_in_the_numbers(tmp_path, stripes_file):
    fine = start(tmp_path / "a", stripes_file, log_every=1)
    coarse = start(tmp_path / "b", stripes_file, log_every=12)
    finish(fine)
    finish(coarse)
    assert digest(fine.run) == digest(coarse.run)


def test_records_have_the_same_bits_whatever_the_lengths_of_the_chunks(tmp_path, stripes_file, monkeypatch):
    scored = {"eval_every": 6, "eval_score": "parzen", "eval_samples": 50, "log_every": 100, "save_every": 100}
    found = []
    for chunk in (1, 5, 12):
        monkeypatch.setattr(loop.ChunkScheduler, "start_chunk", lambda self, chunk=chunk: chunk)
        started = start(tmp_path / str(chunk), stripes_file, sample_every=12, steps=24, **scored)
        moments = finish(started)
        assert max(after.step - before.step for before, after in itertools.pairwise(moments)) == min(chunk, 6)
        found.append(records(started.run))
    assert [record["step"] for record in found[0]] == [6, 12, 18, 24]
    assert found[0] == found[1] == found[2]


def test_a_set_left_on_disk_trains_to_the_same_bits_as_in_memory(tmp_path, stripes):
    from gancli.data.formats import hdf5

    path = tmp_path / "stripes.h5"
    hdf5.write(path, stripes[..., None], (*stripes.shape, 1))
    inside, outside = (start(tmp_path / wish, path, in_memory=wish) for wish in ("yes", "no"))
    assert isinstance(input_pipeline.feed(outside.dataset, outside.model), input_pipeline.OnDisk)
    finish(inside)
    finish(outside)
    assert digest(inside.run) == digest(outside.run)


def test_a_stage_is_traced_once_whatever_the_chunks(tmp_path, stripes_file, monkeypatch):
    traces = []
    step = models.get("dcgan").train_step
    monkeypatch.setattr(
        models.get("dcgan"), "train_step", lambda self, batches: traces.append(1) or step(self, batches)
    )
    moments = finish(start(tmp_path, stripes_file, log_every=5, sample_every=7, save_every=3))
    assert len({after.step - before.step for before, after in itertools.pairwise(moments)}) > 1
    assert traces == [1]


def test_snapshots_are_drawn_and_kept_at_their_steps_and_laid_in_a_strip_and_change_no_bit(tmp_path, stripes_file):
    plain, drawn = (
        start(tmp_path / name, stripes_file, save_every=4, keep=1, **more)
        for name, more in (("a", {}), ("b", {"snapshots": "5, 2,12,400"}))
    )
    finish(plain)
    finish(drawn)
    assert list(drawn.run.pictures()) == [0, 2, 5, 6, 12]
    frame, strip = (
        images.read_png((drawn.run.path / "samples" / name).read_bytes())
        for name in ("train-00000012.png", "snapshots.png")
    )
    assert strip.shape[1] / strip.shape[0] == pytest.approx(3 * frame.shape[1] / frame.shape[0], rel=0.15)
    assert [record["step"] for record in drawn.run.metrics() if "diversity" in record] == [6, 12]
    assert digest(drawn.run) == digest(plain.run)
    assert list(plain.run.checkpoints()) == [12]
    assert list(drawn.run.checkpoints()) == [2, 5, 12]


@pytest.mark.parametrize("text", ["0", "1,,2", "-3", "ten", "1-5", "9" * 30])
def test_snapshots_that_are_no_steps_are_refused(tmp_path, stripes_file, text):
    with pytest.raises(OptionError, match="expected steps, such as"):
        start(tmp_path, stripes_file, snapshots=text)


@pytest.mark.parametrize("seed", [0, 1])
def test_the_order_of_an_epoch_is_a_permutation_from_seed_and_epoch(seed):
    first, again, next_epoch = (input_pipeline.epoch_order(seed, epoch, 100) for epoch in (3, 3, 4))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, next_epoch)
    assert np.array_equal(np.sort(first), np.arange(100))


def test_an_epoch_shows_every_image_of_its_batches_once(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    rows = input_pipeline.BatchOrder(started.model, started.dataset).rows(0, 6)
    assert np.array_equal(np.sort(rows.ravel()), np.arange(96))


def test_what_a_run_holds(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    finish(started)
    run = started.run
    assert run.path.name == "00000-dcgan-stripes"
    assert sorted(path.name for path in (run.path / "samples").iterdir()) == [
        "growing.gif",
        "train-00000000.png",
        "train-00000006.png",
        "train-00000012.png",
    ]
    assert (run.path / "losses.png").stat().st_size > 1000
    record = json.loads((run.path / "run.json").read_text(encoding="utf-8"))
    assert {"model", "options", "data", "argv", "created", "versions", "device"} <= record.keys()
    assert "auto" not in (record["options"]["precision"], record["options"]["jit"])
    last = run.metrics()[-1]
    assert {"discriminator_loss", "generator_loss", "D(x)", "D(G(z))", "images_per_second", "seconds"} <= last.keys()
    assert run.status()["state"] == "finished"


def test_the_last_checkpoints_and_every_kth_are_kept(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, save_every=2, keep=2, keep_every=4)
    finish(started)
    assert list(started.run.checkpoints()) == [4, 8, 10, 12]


def test_epochs_and_steps_mean_the_same_length(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, steps=None, epochs=2)
    finish(started)
    assert max(started.run.checkpoints()) == 2 * (96 // 16)


def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, precision="float32")
    run_until(started, 5)
    again = resume(started.run)
    kernel = again.model.discriminator.model.get_layer("logit").kernel
    kernel.assign(kernel * np.nan)
    with pytest.raises(DivergedError, match=r"(loss|D\().* is nan at step 5.*learning-rate"):
        finish(again)
    assert started.run.status()["state"] == "diverged"
    assert max(started.run.checkpoints()) == 4
    finish(resume(started.run))  # and the run is not lost
    assert started.run.status()["state"] == "finished"


def test_a_huge_learning_rate_diverges_instead_of_saving_rubbish(tmp_path, stripes_file):
    started = start(
        tmp_path, stripes_file, "gan", jit="off", steps=4000, lr_schedule="constant", save_every=4000, sample_every=4000
    )
    from gancli.nn.network import Network

    for network in started.model.networks.values():
        assert isinstance(network, Network)
        network.optimizer.learning_rate = 1e30
    with pytest.raises(DivergedError):
        finish(started)
    arrays, _ = checkpoints.read(started.run.checkpoints()[0])
    assert all(np.isfinite(array).all() for array in arrays.values() if array.dtype.kind == "f")


def test_tensorboard_events_are_written(tmp_path, stripes_file):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    started = start(tmp_path, stripes_file, tensorboard=True)
    finish(started)
    events = EventAccumulator(str(started.run.path / "tensorboard")).Reload()
    assert [event.step for event in events.Tensors("generator_loss")] == [4, 6, 8, 12]
    assert len(events.Tensors("samples")) == 3


def test_every_kept_step_is_saved_whatever_the_other_interval(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, save_every=12, keep=1, keep_every=5)
    finish(started)
    assert list(started.run.checkpoints()) == [5, 10, 12]


# --- the average of the weights


def test_the_average_follows_the_weights_as_its_formula_says(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, ema=0.9, log_every=1, save_every=1, sample_every=12, keep=20)
    finish(started)
    held = {step: checkpoints.read(path)[0] for step, path in started.run.checkpoints().items()}
    name = next(key for key in held[0] if key.startswith("generator/weights/") and key.endswith("kernel"))
    mean = held[0][name].astype(np.float64)
    for step in range(1, 13):
        mean += max(1 - 0.9, 9 / (10 + step)) * (held[step][name] - mean)
    assert held[12][name.replace("weights", "average")] == pytest.approx(mean, abs=1e-5)
    assert not np.allclose(held[12][name], mean, atol=1e-4)


def test_pictures_are_of_the_average_unless_raw_weights_are_asked_for(tmp_path, stripes_file):
    from gancli.inference.sampling import Sampler

    started = start(tmp_path, stripes_file, learning_rate=0.01)
    finish(started)
    run = started.run
    average, raw = (Sampler(run.model(weights=weights)[0]).seeds([0, 1]) for weights in (None, "raw"))
    assert not np.array_equal(average, raw)
    plain = start(tmp_path, stripes_file, ema=0.0)
    finish(plain)
    assert not any("/average/" in name for name in checkpoints.read(plain.run.checkpoints()[12])[0])
    with pytest.raises(OptionError, match="no moving average"):
        plain.run.model(weights="ema")


# --- scores, the best checkpoint, patience


SCORED = {"eval_every": 2, "eval_score": "parzen", "eval_samples": 50}


def test_the_best_checkpoint_is_kept_and_opened(tmp_path, stripes_file, monkeypatch):
    told = iter([3.0, 9.0, 4.0, 5.0, 6.0, 1.0])
    monkeypatch.setattr("gancli.training.validation.SampleQualityValidator.score", lambda self: {"score": next(told)})
    started = start(tmp_path, stripes_file, keep=1, **SCORED)
    finish(started)
    run = runs.Run(started.run.path)
    assert run.best() == (4, 9.0)
    assert list(run.checkpoints()) == [4, 12]
    assert run.model("best")[1] == 4
    assert run.model("last")[1] == 12
    assert [record["score"] for record in run.metrics() if "score" in record] == [3, 9, 4, 5, 6, 1]


def test_a_run_without_scores_has_no_best(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    finish(started)
    with pytest.raises(CheckpointError, match="--eval-every"):
        started.run.model("best")


def test_patience_ends_the_training_after_so_many_scores_without_a_better_one(tmp_path, stripes_file, monkeypatch):
    told = iter([3.0, 2.0, 5.0, 4.0, 4.5, 9.0])
    monkeypatch.setattr("gancli.training.validation.SampleQualityValidator.score", lambda self: {"score": next(told)})
    started, notes = start(tmp_path, stripes_file, patience=2, **SCORED), []
    list(loop.train(*started, note=notes.append))
    assert started.run.status() | {"updated": "", "seconds": 0} == {
        "state": "finished",
        "step": 10,
        "total": 12,
        "reason": "no better score in 2 at step 10: --patience",
        "seconds": 0,
        "changes": {},
        "updated": "",
    }
    assert max(started.run.checkpoints()) == 10
    assert "--patience" in notes[-1]


def test_images_that_are_held_out_are_never_drawn(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, hold_out=True, batch_size=7)
    rows = input_pipeline.BatchOrder(started.model, started.dataset).rows(0, 11)
    assert np.array_equal(np.unique(rows), started.dataset.split()[0])
    assert len(started.dataset.split()[0]) == 77  # of 96 a fifth, 19, are kept out


# --- when training goes wrong


def saturate(monkeypatch, since=4):
    from gancli.training.monitor import Diagnostic

    def diagnose(records, *, higher_is_better):
        ill = records and records[-1]["step"] > since
        return [Diagnostic("saturated", since, "the discriminator is saturated")] if ill else []

    monkeypatch.setattr("gancli.training.monitor.diagnose", diagnose)


def test_a_symptom_is_warned_of_once_and_the_training_goes_on(tmp_path, stripes_file, monkeypatch):
    saturate(monkeypatch)
    started, notes = start(tmp_path, stripes_file), []
    list(loop.train(*started, note=notes.append))
    assert notes == ["warning: the discriminator is saturated"]
    assert started.run.status()["state"] == "finished"


def test_a_symptom_ends_the_training_where_that_was_asked_for(tmp_path, stripes_file, monkeypatch):
    saturate(monkeypatch)
    started = start(tmp_path, stripes_file, on_divergence="stop")
    with pytest.raises(DivergedError, match="saturated"):
        finish(started)
    assert started.run.status()["state"] == "diverged"


def test_restore_goes_back_once_with_a_quarter_of_the_rate_and_resumes_to_the_same_bits(
    tmp_path, stripes_file, monkeypatch
):
    saturate(monkeypatch)
    whole, notes = start(tmp_path / "a", stripes_file, on_divergence="restore"), []
    with pytest.raises(DivergedError, match="saturated"):  # the second time
        list(loop.train(*whole, note=notes.append))
    assert notes[0].startswith("the discriminator is saturated")
    assert "restored step 4, with --learning-rate 0.0002" in notes[1]
    assert whole.run.options().learning_rate == pytest.approx(2e-4)
    assert whole.run.config().on_divergence == "stop"
    monkeypatch.undo()
    finish(resume(runs.Run(whole.run.path)))
    by_hand = start(tmp_path / "b", stripes_file)
    run_until(by_hand, 5)
    finish(resume(by_hand.run, learning_rate=2e-4))
    assert digest(whole.run) == digest(by_hand.run)
    assert [record["step"] for record in whole.run.metrics()] == [4, 6, 8, 12]


def test_a_loss_that_is_not_finite_is_restored_too(tmp_path, stripes_file, losing_a_loss):
    started = losing_a_loss(start(tmp_path, stripes_file, on_divergence="restore"))
    finish(started)
    assert started.run.status()["state"] == "finished"
    assert started.run.options().learning_rate == pytest.approx(2e-4)


def test_a_signal_is_heard_after_a_restore(tmp_path, stripes_file, monkeypatch):
    import signal

    from gancli.core.errors import Interrupted

    saturate(monkeypatch)
    started = start(tmp_path, stripes_file, on_divergence="restore")
    moments = loop.train(*started)
    next(moment for moment in moments if started.run.status()["changes"])  # the first one after the restore
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(0.3)  # a thread reads it
    with pytest.raises(Interrupted):
        list(moments)


def test_scores_need_something_to_score(tmp_path, stripes_file, stripes):
    np.savez(tmp_path / "few.npz", images=stripes[:40])
    with pytest.raises(DataError, match="8 validation images"):
        start(tmp_path, tmp_path / "few.npz", **SCORED)
    with pytest.raises(OptionError, match="--eval-every"):
        start(tmp_path, stripes_file, patience=2)


def test_data_sorted_by_class_are_shuffled_before_a_part_is_held_out(stripes_file):
    from gancli import data

    dataset = data.load(str(stripes_file))
    train, validation = dataset.split()
    assert sorted([*train, *validation]) == list(range(96))
    assert 5 <= dataset.train["label"][validation].sum() <= 14  # of 19, both classes


def test_the_first_average_is_the_first_weights(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file, "goodfellow", hold_out=True)
    started.model.on_stage_start(0, started.dataset)
    generator = started.model.generator
    assert all(
        np.array_equal(a, b)
        for a, b in zip(generator.model.get_weights(), generator.average.get_weights(), strict=True)
    )
    assert np.abs(generator.model.get_layer("pixels").bias.numpy()).max() > 1
