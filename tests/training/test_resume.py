"""Resume: the same bits as a training that never stopped, and what is refused."""

import contextlib
import os
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.tiny import build, data, state, unused
from helpers.trainings import digest, finish, finish_with_a_kill, records, resume, run_until, start

from gancli import models
from gancli.core.backend import tf
from gancli.core.errors import DataError, DivergedError, LockedError, OptionError
from gancli.evaluation import classifier_kinds
from gancli.models import regularization
from gancli.models.metric_names import GRADIENT
from gancli.runs import checkpoints
from gancli.runs import run as runs
from gancli.runs.run import Run
from gancli.training import loop, monitor, validation
from gancli.training.callbacks.progress import MEASURED
from gancli.training.compiled_step import CompiledStage
from gancli.training.resume import resume_run

WHERE = ("stage", "step", "epoch", "images")
SCORED = {"eval_every": 2, "eval_score": "parzen", "eval_samples": 50}


@pytest.mark.parametrize("model", models.names())
def test_every_weight_moves_and_a_resumed_training_ends_in_the_bits_of_one_that_never_stopped(
    tmp_path, stripes_file, model
):
    whole = start(tmp_path, stripes_file, model, jit="off")
    before = state(whole.model)
    killed = finish_with_a_kill(whole, 9, tmp_path / "killed")  # after the checkpoint of step 8
    after = state(whole.model)
    still = {key for key in before if np.array_equal(before[key], after[key])}
    assert {key for key in still if not any(name in key for name in unused(whole.model))} == set()
    values = [value for record in records(whole.run) for value in record.values() if isinstance(value, float)]
    assert np.isfinite(values).all()
    measured = {name for record in records(whole.run) for name in record if name not in WHERE}
    assert {name for name in measured if not name.endswith(GRADIENT)} <= {*whole.model.metrics, *MEASURED}
    assert max(killed.checkpoints()) == 8
    assert killed.status()["state"] == "killed"
    again = resume(killed)
    assert again.position.step == 8
    finish(again)
    assert digest(whole.run) == digest(killed)
    assert records(whole.run) == records(killed)
    if model == "dcgan":
        told = [(record["step"], record["epoch"], record["images"]) for record in records(killed)]
        assert told == [(step, round(step / 6, 4), step * 16) for step in (4, 6, 8, 12)]


def test_a_resume_between_two_records_continues_their_means(tmp_path, stripes_file):
    whole = start(tmp_path, stripes_file, save_every=5)
    killed = finish_with_a_kill(whole, 7, tmp_path / "killed")
    again = resume(killed)
    assert again.position.summed == 1  # of the five steps, four are in a record
    finish(again)
    assert records(whole.run) == records(killed)


def test_a_step_with_a_loop_inside_gives_the_same_bits_each_time():
    """TensorFlow's dependency optimizer broke this in one step of ten."""
    model = build("wgan", precision="float32", seed=1)
    before, columns, digests = state(model), data(model), set()
    shapes = {name: tf.TensorSpec(value.shape, value.dtype) for name, value in columns.items()}
    for _ in range(6):
        model = build("wgan", precision="float32", seed=2)
        compiled = CompiledStage(model.stages()[-1], model, shapes)
        rows = np.arange(8 * compiled.batches_per_step, dtype=np.int32).reshape(-1, 8)
        for _ in range(10):
            checkpoints.assign(before, model.variables(), name="before")
            compiled.run(columns, rows, 1)
            digests.add(checkpoints.digest(state(model)))
    assert len(digests) == 1


TRICKS = {  # two stages, steps in a loop, noise that falls, a penalty at random points, by XLA; then vectors and others
    "toy": {
        "data": "ring8",
        "units": 8,
        "jit": "on",
        "d_steps": 3,
        "gradient_penalty": 1.0,
        "warmup_loss": "minimax:5",
    },
    "gan": {
        "units": "16",
        "d_units": "16",
        "jit": "off",
        "spectral_norm": True,
        "equalized_lr": True,
        "r1": 1.0,
        "penalty_every": 2,
        "augment": "ada",
        "minibatch_stddev": 4,
        "ada_target": -0.9,
        "ema_rampup": 0.05,
    },
}


@pytest.mark.parametrize("model", TRICKS)
def test_a_training_with_every_trick_is_resumed_to_the_same_bits(tmp_path, stripes_file, monkeypatch, model):
    monkeypatch.setattr(regularization, "ADA_IMAGES", 400)  # p rises within these steps
    tricks = {"data": str(stripes_file), "instance_noise": 0.5, "label_smoothing": 0.1, **TRICKS[model]}
    whole = start(tmp_path, tricks.pop("data"), model, **tricks)
    killed = finish_with_a_kill(whole, 9, tmp_path / "killed")
    finish(resume(killed))
    assert digest(whole.run) == digest(killed)
    assert not whole.model.state or float(whole.model.state["ada_probability"].value) > 0


def test_without_the_state_of_the_noise_a_resume_would_differ(tmp_path, stripes_file):
    """The test above can fail."""
    whole = start(tmp_path, stripes_file)
    killed = finish_with_a_kill(whole, 9, tmp_path / "killed")
    again = resume(killed)
    again.model.random.reset_from_seed(99)
    finish(again)
    assert digest(whole.run) != digest(killed)


def test_a_longer_total_goes_on_where_the_shorter_ended(tmp_path, stripes_file):
    whole = start(tmp_path / "a", stripes_file, steps=20)
    finish(whole)
    parted = start(tmp_path / "b", stripes_file, steps=12)
    finish(parted)
    finish(resume(parted.run, steps=20))
    assert digest(whole.run) == digest(parted.run)
    assert parted.run.config().steps == 20
    assert parted.run.status()["state"] == "finished"


def test_a_second_training_of_a_run_is_refused_while_the_first_goes_on(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    first = loop.train(*started)
    next(first)
    with pytest.raises(LockedError, match=f"process {os.getpid()}"):
        resume(runs.Run(started.run.path))
    assert started.run.status()["state"] == "running"
    first.close()
    finish(resume(started.run))


@pytest.mark.parametrize(
    "change", [{"width": 8}, {"z_dim": 3}, {"seed": 4}, {"batch_size": 8}, {"precision": "auto"}, {"jit": "on"}]
)
def test_a_resume_that_would_change_the_experiment_is_refused_with_the_difference(run_path, change):
    name = next(iter(change))
    with pytest.raises(OptionError, match=f"{name} .* -> {change[name]}"):
        resume(runs.Run(run_path), **change)


@pytest.mark.parametrize("change", [{}, {"steps": 5}])
def test_a_resume_without_steps_to_do_is_refused(run_path, change):
    run = runs.Run(run_path)
    with pytest.raises(OptionError, match="train longer with --steps N, N above 20"):
        resume(run, **change)
    finish(resume(run, steps=21))  # the lock was given back


def test_a_learning_rate_may_change_on_resume_and_is_kept(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    run_until(started, 9)
    again = resume(started.run, learning_rate=1e-5)
    finish(again)
    assert float(again.model.generator.optimizer.learning_rate) == pytest.approx(1e-5)
    assert started.run.options().learning_rate == 1e-5
    assert started.run.record["options"]["learning_rate"] == 8e-4  # run.json is written once


def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    finish(started)
    started.run.checkpoints()[12].write_bytes(b"torn")
    warnings = []
    model = started.run.model_class(*started.run.settings(), started.run.facts)
    assert started.run.restore(model, warn=warnings.append).step == 8
    assert "step-00000012.h5" in warnings[0]


def test_data_that_were_moved_are_found_by_a_new_path_and_checked(tmp_path, stripes_file, stripes):
    source = tmp_path / "here.npz"
    source.write_bytes(stripes_file.read_bytes())
    started = start(tmp_path, source)
    run_until(started, 9)
    np.savez(tmp_path / "other.npz", images=255 - stripes, labels=np.repeat([0, 1], 48))
    with pytest.raises(DataError, match="not those"):
        resume(runs.Run(started.run.path), data=str(tmp_path / "other.npz"))
    source.rename(tmp_path / "there.npz")
    with pytest.raises(DataError, match=r"no longer at .*here\.npz: say with --data"):
        resume(runs.Run(started.run.path))
    finish(resume(runs.Run(started.run.path), data=str(tmp_path / "there.npz")))
    assert started.run.config().data == str(tmp_path / "there.npz")


def test_stray_files_in_a_run_are_passed_over(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    run_until(started, 9)
    (started.run.path / "checkpoints" / "step-00000004 (copy).h5").write_bytes(b"")
    (started.run.path / "samples" / "train-old.png").write_bytes(b"")
    (started.run.path / "status.json").write_text("{}", encoding="utf-8")
    finish(resume(started.run))
    assert max(started.run.checkpoints()) == 12


@pytest.mark.parametrize("score", ["parzen", "frechet", "kid"])
def test_scores_come_back_to_the_same_numbers_after_a_kill(tmp_path, stripes_file, monkeypatch, score):
    monkeypatch.setattr(classifier_kinds, "MAX_EPOCHS", 3)  # of the network whose features are compared,
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))  # and which no other test is to find
    chosen = SCORED | {"eval_score": score, "eval_every": 3, "hold_out": True}
    whole = start(tmp_path, stripes_file, **chosen)
    killed = finish_with_a_kill(whole, 9, tmp_path / "killed")
    finish(resume(killed))
    scores = [[record["score"] for record in run.metrics() if "score" in record] for run in (whole.run, killed)]
    assert scores[0] == scores[1]
    assert len(scores[0]) == 4
    assert digest(whole.run) == digest(killed)
    assert list(whole.run.checkpoints()) == list(killed.checkpoints())


RULES = {
    "stop": {"on_divergence": "stop"},
    "restore": {"on_divergence": "restore"},
    "patience": SCORED | {"eval_every": 3, "patience": 2},
    "best": SCORED | {"eval_every": 3},
}


@pytest.mark.parametrize(("rule", "killed"), [("stop", 4), ("restore", 8), ("patience", 4), ("best", 8)])
def test_a_training_that_is_killed_between_two_records_ends_as_it_would_have(
    tmp_path, stripes_file, monkeypatch, rule, killed
):
    """The watch sees a discriminator that is right in four records in a row, the score gets worse from the first on."""
    monkeypatch.setattr(monitor, "WINDOW", 4)
    monkeypatch.setattr(monitor, "SURE", 0.5)
    monkeypatch.setattr(validation, "for_model", lambda model, *_, **__: SimpleNamespace(score=lambda: worse(model)))
    chosen = RULES[rule] | {"steps": 24, "log_every": 3, "save_every": 2, "keep": 100, "learning_rate": 1e-3}
    whole, place = start(tmp_path, stripes_file, model="goodfellow", **chosen), tmp_path / "killed"
    ended = outcome(whole, lambda: finish_with_a_kill(whole, killed, place))
    parted = runs.Run(place)
    assert parted.status()["state"] == "killed"
    again = resume(parted)
    assert outcome(again, lambda: finish(again)) == ended
    assert records(whole.run) == records(parted)
    assert whole.run.best() == parted.best()
    assert digest(whole.run) == digest(parted)
    state, step, reason = ended
    assert (state == "diverged") == (rule in ("stop", "restore")), reason
    assert (step < 24) == (rule != "best")


def worse(model):
    """A score that falls from step to step."""
    return {"score": -float(model.networks["generator"].optimizer.iterations.numpy())}


def outcome(started, train):
    """How a training ends: its state, the step, and why."""
    with contextlib.suppress(DivergedError):
        train()
    status = started.run.status()
    return status["state"], status["step"], status["reason"].replace(str(started.run.path), "")


def test_a_resume_tells_what_changes_by_value_and_the_run_keeps_every_command_line(run_path):
    run, told = Run(run_path), []
    (per_epoch, first), argv = (6, run.record["argv"]), ["train", "--resume", "--epochs", "5"]
    resume_run(run, {"epochs": 5.0, "keep": 3, "eval_every": 10}, data_dir=None, warn=told.append, argv=argv)
    run.lock.release()
    assert told == [f"changed for this run: steps 20 -> {5 * per_epoch}, eval_every default -> 10"]
    with (run_path / "resumes.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"argv": [1], "time": "", "version": "", "step": 0}\nnot JSON\n[]\n')
    resume_run(run, {"steps": 30}, data_dir=None, warn=told.append, argv=["train", "--steps", "30"])
    run.lock.release()
    assert len(told) == 1  # as many steps as before, told in another unit
    lines = Run(run_path).command_lines()
    assert [(line["argv"], line["step"]) for line in lines] == [
        (first, 0),
        (argv, 20),
        (["train", "--steps", "30"], 20),
    ]
    assert all(line["version"] and line["time"].startswith("20") for line in lines)
