"""Callbacks of a library user: when they are called, and what they may do."""

import pytest
from helpers.trainings import digest, finish, resume, start

from gancli.core.errors import DivergedError
from gancli.training import loop
from gancli.training.callbacks import Callback, ProgressCallback


class Recorder(Callback):
    """Writes down what is called."""

    def __init__(self):
        self.calls = []

    def on_train_begin(self, training):
        self.training = training
        self.calls.append(("begin", training.step, training.total_steps))

    def on_initial_weights(self):
        self.calls.append(("initial", self.training.step))

    def on_record(self, report, record):
        self.calls.append(("record", record["step"]))

    def on_sample_grid(self, pixels):
        assert pixels.dtype == "uint8"
        self.calls.append(("grid", self.training.step))

    def on_chunk_end(self, report):
        self.calls.append(("chunk", report.step))

    def on_checkpoint(self):
        self.calls.append(("checkpoint", self.training.step))

    def on_train_end(self):
        self.calls.append(("end", self.training.step))

    def close(self):
        self.calls.append(("close",))


def train(started, *callbacks):
    return list(loop.train(*started, callbacks=callbacks))


def test_callbacks_are_called_in_the_documented_order(tmp_path, stripes_file):
    recorder = Recorder()
    train(start(tmp_path, stripes_file, log_every=12, sample_every=12, save_every=12), recorder)
    assert recorder.calls[:3] == [("begin", 0, 12), ("grid", 0), ("initial", 0)]
    assert recorder.calls[-6:] == [
        ("grid", 12),
        ("record", 12),
        ("chunk", 12),
        ("checkpoint", 12),
        ("end", 12),
        ("close",),
    ]


def test_a_callback_stops_the_training_and_the_reason_is_in_its_status(tmp_path, stripes_file):
    class StopAtFive(Callback):
        def on_train_begin(self, training):
            self.training = training

        def steps_until_due(self, step):
            return 5 - step if step < 5 else None

        def on_chunk_end(self, report):
            if report.step >= 5:
                self.training.request_stop("five is enough")

    started = start(tmp_path / "a", stripes_file)
    reports = train(started, StopAtFive())
    assert reports[-1].step == 5
    status = started.run.status()
    assert (status["state"], status["step"], status["reason"]) == ("finished", 5, "five is enough")
    assert max(started.run.checkpoints()) == 5
    whole = start(tmp_path / "b", stripes_file)
    finish(whole)
    finish(resume(started.run, steps=12, keep=4))
    assert digest(started.run) == digest(whole.run)


def test_a_metric_of_a_callback_is_recorded_and_changes_nothing_else(tmp_path, stripes_file):
    class Square(Callback):
        def on_train_begin(self, training):
            self.training = training

        def steps_until_due(self, step):
            return 3 - step % 3

        def measure(self, stage):
            return {"square": self.training.step**2} if self.training.step % 3 == 0 else {}

    measured, plain = (start(tmp_path / name, stripes_file) for name in "ab")
    train(measured, Square())
    finish(plain)
    assert [record["square"] for record in measured.run.metrics() if "square" in record] == [9, 36, 81, 144]
    assert digest(measured.run) == digest(plain.run)


def test_an_error_of_a_callback_ends_the_training_and_every_callback_is_closed(tmp_path, stripes_file):
    class Fails(Callback):
        def on_chunk_end(self, report):
            raise DivergedError("it looks bad")

    started, recorder = start(tmp_path, stripes_file), Recorder()
    with pytest.raises(DivergedError, match="it looks bad"):
        train(started, recorder, Fails())
    assert recorder.calls[-1] == ("close",)
    assert started.run.status()["state"] == "diverged"
    assert not started.run.lock.is_held()


def test_progress_is_written_as_lines(tmp_path, stripes_file):
    lines = []
    train(start(tmp_path, stripes_file), ProgressCallback(lines.append, seconds=3600))
    assert len(lines) == 2
    assert lines[0].startswith("D: discriminator loss; G: generator loss; ")
    assert lines[1].startswith("train step 12/12 ")
    assert " elapsed, 0:00 left, D " in lines[1]
    assert "epoch 2.0" in lines[1]
