"""Trainings that are given minutes instead of steps."""

import dataclasses
import json

import pytest
from helpers import tiny
from helpers.trainings import digest, resume, start

from gancli.core.errors import OptionError
from gancli.runs import registry
from gancli.runs.checkpoints import Position
from gancli.training import loop, throughput
from gancli.training.callbacks import Callback
from gancli.training.callbacks.base import TrainingClock

SPEEDS = {"text": 0.5, "style": 0.25, "pretrain": 2.0, "critic": 1.5, "level-0": 0.1, "level-1": 1.0}
SMALL = ("--batch-size", 16, "--width", 4, "-q")


@pytest.fixture
def slow(monkeypatch):
    """A step of every stage takes a second, or as SPEEDS says, and compiling takes six."""

    def measure(model, dataset, seconds):
        return throughput._Speed(6.0, {stage.name: SPEEDS.get(stage.name, 1.0) for stage in model.stages()})

    monkeypatch.setattr(throughput, "_measure", measure)


@pytest.mark.parametrize(
    ("name", "options", "done"),
    [
        ("dcgan", {}, ()),
        ("wgan", {}, ()),
        ("lapgan", {}, (4,)),
        ("gan-cls", {}, (3, 7)),
        ("srgan", {}, ()),
    ],
)
def test_the_steps_of_all_stages_fill_the_minutes(slow, name, options, done):
    model, position = tiny.build(name, minutes=2.0, **options), Position(done)

    def seconds(steps):
        model.config = dataclasses.replace(model.config, steps=steps)
        stages = model.stages()
        pairs = zip(stages, position.left(stages), strict=True)
        return sum(SPEEDS.get(stage.name, 1.0) * left for stage, left in pairs)

    steps = throughput.estimate_steps(model, None, position, spent=20.0)
    assert model.config.steps is None
    reserve = throughput.RESERVE if len(model.stages()) > 1 else 0.0
    available = (1 - reserve) * 100.0 - 6.0
    assert seconds(steps) <= available < seconds(steps + 1)


def test_minutes_that_fixed_stages_exceed_are_refused_with_those_that_suffice(slow):
    model = tiny.build("gan-cls", minutes=1.0, text_steps=1000)
    with pytest.raises(OptionError, match="--minutes 1: the training takes 9 minutes or more"):
        throughput.estimate_steps(model, None)


def test_the_speed_is_measured_on_the_model_s_own_steps(tmp_path, stripes_file, monkeypatch):
    monkeypatch.setattr(throughput, "LEAST_PROBE", 0.1)
    monkeypatch.setattr(throughput, "PROBE_SHARE", 0.0)
    started = start(tmp_path, stripes_file, steps=None, minutes=0.5)
    steps = started.model.config.steps
    assert steps > 100
    assert started.run.record["options"]["steps"] == steps
    assert started.run.record["options"]["minutes"] == 0.5


def test_a_training_of_minutes_has_the_bits_of_one_with_the_steps_that_they_came_to(
    gancli, slow, tmp_path, stripes_file
):
    given = gancli("train", "--data", stripes_file, "--minutes", 0.3, "--outdir", "a", *SMALL)
    assert given.code == 0
    timed = registry.list_runs(tmp_path / "a")[0]
    assert (timed.config().steps, timed.config().minutes) == (12, 0.3)
    assert timed.status()["step"] == 12
    assert 0 < timed.status()["seconds"] < 18
    assert gancli("train", "--data", stripes_file, "--steps", 12, "--outdir", "b", *SMALL).code == 0
    assert digest(timed) == digest(registry.list_runs(tmp_path / "b")[0])


def test_a_training_stops_when_its_minutes_are_over_and_can_be_given_more(tmp_path, stripes_file, monkeypatch, slow):
    started = start(tmp_path, stripes_file, steps=12, minutes=1.0)
    with monkeypatch.context() as patch:
        patch.setattr(TrainingClock, "seconds", property(lambda clock: 12.0 * started.run.status()["step"] + 25.0))
        reports = list(loop.train(*started))
    status = started.run.status()
    assert (status["state"], status["reason"]) == ("finished", "the time of --minutes 1 is over")
    assert reports[-1].step == status["step"] < 12
    with pytest.raises(OptionError, match=r"of 1 minutes: give a larger total with --minutes or --steps"):
        resume(started.run)
    longer = resume(started.run, minutes=3.0)
    assert longer.model.config.steps > 12
    started.run.lock.release()


def test_a_resume_goes_on_with_the_rest_of_the_minutes(tmp_path, stripes_file, monkeypatch):
    class Stop(Callback):
        def on_train_begin(self, training):
            self.training = training

        def on_chunk_end(self, report):
            self.training.request_stop("enough for now")

    started = start(tmp_path, stripes_file, steps=12, minutes=1.0)
    list(loop.train(*started, callbacks=[Stop()]))
    path = started.run.path / "status.json"
    status = json.loads(path.read_text())
    assert status["seconds"] > 0
    path.write_text(json.dumps(status | {"seconds": 59.9}))
    resumed = resume(started.run)
    assert resumed.model.config.steps == 12
    monkeypatch.setattr(TrainingClock, "restart", lambda clock: setattr(clock, "_started", clock._started - 0.2))
    list(loop.train(*resumed))
    assert started.run.status()["reason"] == "the time of --minutes 1 is over"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--minutes", 5, "--steps", 5], "--steps and --minutes both give the length of the training: give one"),
        (["--minutes", 5, "--epochs", 5], "--epochs and --minutes both give the length of the training: give one"),
        (["--model", "lapgan", "--minutes", 5, "--level-steps", "1,2"], "--minutes and --level-steps both give"),
        (
            ["--minutes", 5, "--workers", "localhost:1,localhost:2", "--worker", 0],
            "--minutes works on one machine only",
        ),
        (["--minutes", 0], "minutes"),
    ],
)
def test_minutes_and_another_length_are_refused(gancli, monkeypatch, words, message):
    monkeypatch.setenv("GANCLI_WORKERS_TOKEN", "x" * 40)
    answer = gancli("train", *words)
    assert answer.code == 2
    assert message in answer.err


def test_minutes_on_the_command_line_replace_the_steps_of_a_file(gancli, slow, trained):
    config = next(trained.glob("*/run.json"))
    answer = gancli("train", "--config", config, "--minutes", 0.3, "--dry-run", "--json")
    options = json.loads(answer.out)["options"]
    assert (options["steps"], options["minutes"]) == (12, 0.3)


def test_a_run_json_of_minutes_gives_the_same_steps_again(gancli, slow, trained, tmp_path):
    record = json.loads(next(trained.glob("*/run.json")).read_text())
    record["options"] |= {"steps": 7, "minutes": 0.3}
    (tmp_path / "run.json").write_text(json.dumps(record))
    options = json.loads(gancli("train", "--config", "run.json", "--dry-run", "--json").out)["options"]
    assert (options["steps"], options["minutes"]) == (7, 0.3)
