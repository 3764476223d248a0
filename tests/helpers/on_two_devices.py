"""Every model on two virtual CPU devices; one replica beside no strategy at all. Run by tests/core/test_devices.py."""

import numpy as np
import pytest

from gancli.core.backend import keras, tf
from gancli.core.distributed import replica_ops, strategy
from gancli.core.distributed.strategy import Devices
from gancli.core.errors import OptionError
from gancli.models import regularization
from gancli.models.base import random_streams
from gancli.nn import network
from gancli.nn.network import Network
from gancli.runs import checkpoints
from gancli.training import loop, setup
from gancli.training.resume import resume_run
from helpers.tiny import ALL, build, state, train, unused
from helpers.trainings import finish_with_a_kill

strategy.choose("4", 64)  # as many as any test here wants, before the first computation
TWO = strategy.choose("2", 64)
ONE_REPLICA = Devices(strategy._mirrored("CPU", 1))
UNFIT: dict[str, str] = {}  # a model that cannot be shared, and why, in words
REGULARIZED = {
    "spectral_norm": True,
    "r1": 1.0,
    "penalty_every": 2,
    "augment": "ada",
    "ada_target": -0.9,
    "d_norm": "none",
}
SHARED = {  # options that one needs, that are tried in one, or without which the last step leaves weights out
    "cyclegan": {"pool": 0},
    "dcgan": REGULARIZED,
    "progan": {"growth_steps": 12},
}


def begin(model):
    model.devices.broadcast_initial_state(model.variables().values(), random_streams(model), [])
    return model


def copies(variable):
    return [copy.numpy() for copy in TWO.strategy.experimental_local_results(variable)]


def on_each(function):
    """What a function gives on each of the two devices."""
    return [copy.numpy() for copy in TWO.strategy.experimental_local_results(tf.function(TWO.strategy.run)(function))]


@pytest.mark.parametrize("name", [name for name in ALL if name not in UNFIT])
def test_two_replicas_train_with_finite_losses_and_their_weights_stay_equal(name):
    model = begin(build(name, devices=TWO, **SHARED.get(name, {})))
    before = state(model)
    for stage in model.stages():
        done, sums, last = train(model, stage, 3)
        assert done == 3
        assert np.isfinite([*sums.values(), *last.values()]).all()
    streams = {id(stream) for stream in random_streams(model)}
    for key, variable in model.variables().items():
        first, second = copies(variable)
        assert np.array_equal(first, second) != (id(variable) in streams), key
        assert any(name in key for name in unused(model)) or not np.array_equal(first, before[key]), key
    if name == "dcgan":  # p counts the images of both replicas
        assert any("/spectral/" in key for key in before)
        assert state(model)["state/ada_probability"] == pytest.approx(3 * 8 / regularization.ADA_IMAGES)


def test_two_replicas_stay_equal_with_the_loss_scale_of_float16():
    model = begin(build("dcgan", devices=TWO, precision="float16"))
    _, _, last = train(model, model.stages()[0], 3)
    assert np.isfinite(list(last.values())).all()
    unequal = [key for key, variable in model.variables().items() if not np.array_equal(*copies(variable))]
    assert unequal == ["noise"]


@pytest.mark.parametrize("name", ["dcgan", "wgan", "goodfellow", "toy"])
def test_one_replica_ends_in_the_bits_of_no_strategy(name):
    plain, single = build(name), begin(build(name, devices=ONE_REPLICA))
    for model in (plain, single):
        for stage in model.stages():
            train(model, stage, 3)
    assert checkpoints.digest(state(plain)) == checkpoints.digest(state(single))


def test_each_replica_has_noise_of_its_own_and_the_first_that_of_one_device():
    model, plain = begin(build("dcgan", devices=TWO)), build("dcgan")
    first, second = on_each(lambda: model.random.normal((4, 5)))
    assert np.array_equal(first, plain.random.normal((4, 5)).numpy())
    assert np.abs(np.corrcoef(first.ravel(), second.ravel())[0, 1]) < 0.9
    assert not np.array_equal(first, second)


def test_each_replica_drops_other_units():
    model = begin(build("cgan", devices=TWO))
    image, label = tf.ones((2, 8, 8, 1)), tf.one_hot([0, 1], 2)
    first, second = on_each(lambda: model.discriminator(image, label))
    assert not np.array_equal(first, second)
    infer = on_each(lambda: model.discriminator.infer(image, label))
    assert np.array_equal(*infer)


def test_a_step_sees_its_share_of_the_batch_and_makes_as_many_images(monkeypatch):
    model, seen = begin(build("dcgan", devices=TWO)), []
    play = type(model).adversarial_step

    def watched(self, batches, **rules):
        seen.append((self.noise().shape[0], batches.rows.shape[1], self.total_steps()))
        return play(self, batches, **rules)

    monkeypatch.setattr(type(model), "adversarial_step", watched)
    train(model, model.stages()[0], 1)
    assert seen == [(4, 4, model.total_steps())] * 2
    assert model.options.batch_size == 8


# --- the batch is that of all devices together


X = np.random.default_rng(0).normal(0.5, 1, (8, 6)).astype(np.float32)


def small(where, *, normalizes, sync=False):
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    norm = [keras.layers.BatchNormalization(momentum=0.5, name="norm")] if normalizes else []
    layers = [keras.Input((6,)), keras.layers.Dense(8, name="dense"), *norm, keras.layers.Dense(1, name="out")]
    with where.scope():
        made = Network(keras.Sequential(layers, name="judge"), keras.optimizers.SGD(0.05))
        made.enable_ema(0.9)
    if sync:
        replica_ops.synchronize_batchnorm(made.model)
    return made


def descend(where, made, steps=3):
    def step(columns, rows):
        x = columns["x"]
        loss = network.minimize(made, loss=lambda: tf.reduce_mean((made(tf.gather(x, rows[0])) - 1.0) ** 2))
        return {"loss": loss, "slope": made.grad_norm}

    shared = tf.function(where.distribute_step(step))
    return [shared({"x": tf.constant(X)}, tf.constant([list(range(8))])) for _ in range(steps)]


def numbers(made):
    return {key: variable.numpy() for key, variable in made.variables().items()}


def furthest(first, second):
    return max(np.abs(first[key] - second[key]).max() for key in first)


def test_two_halves_of_a_batch_move_the_weights_as_the_whole_batch():
    whole, halves = small(strategy.SINGLE_DEVICE, normalizes=False), small(TWO, normalizes=False)
    before = numbers(whole)
    for one, both in zip(descend(strategy.SINGLE_DEVICE, whole), descend(TWO, halves), strict=True):
        assert float(one["loss"]) == pytest.approx(float(both["loss"]), rel=1e-5)
        assert float(one["slope"]) < 1.01 * float(both["slope"])  # the mean of the halves' norms
    assert furthest(numbers(whole), numbers(halves)) < 1e-6 < furthest(before, numbers(whole))


@pytest.mark.parametrize("sync", [True, False])
def test_synchronised_batchnorm_is_that_of_the_whole_batch_and_the_other_is_not(sync):
    whole, halves = small(strategy.SINGLE_DEVICE, normalizes=True), small(TWO, normalizes=True, sync=sync)
    descend(strategy.SINGLE_DEVICE, whole)
    descend(TWO, halves)
    assert (furthest(numbers(whole), numbers(halves)) < 1e-4) == sync
    assert all(np.array_equal(*copies(variable.value)) for variable in halves.variables().values())


def test_moving_statistics_are_the_mean_over_replicas():
    halves = small(TWO, normalizes=True)
    dense = halves.model.get_layer("dense")
    seen = X @ dense.kernel.numpy()
    descend(TWO, halves, steps=1)
    expected = 0.5 * np.mean([seen[:4].var(axis=0), seen[4:].var(axis=0)], axis=0) + 0.5
    assert halves.model.get_layer("norm").moving_variance.numpy() == pytest.approx(expected, rel=1e-4)


def test_the_option_reaches_every_batchnorm_and_no_other_device_count_needs_it():
    found = {}
    for where in (TWO, strategy.SINGLE_DEVICE):
        model = build("acgan", devices=where, sync_batchnorm=True)
        layers = [layer for net in model.networks.values() for part in net.model.layers for layer in parts(part)]
        found[where] = {layer.synchronized for layer in layers if isinstance(layer, keras.layers.BatchNormalization)}
    assert found == {TWO: {True}, strategy.SINGLE_DEVICE: {False}}
    begin(model := build("dcgan", devices=TWO, sync_batchnorm=True, shape=(16, 16, 1)))
    _, _, last = train(model, model.stages()[0], 2)
    assert np.isfinite(list(last.values())).all()


def parts(layer):
    return [inner for part in layer.layers for inner in parts(part)] if isinstance(layer, keras.Model) else [layer]


# --- whole trainings


QUICK = {"steps": 12, "batch_size": 16, "log_every": 4, "sample_every": 6, "save_every": 4, "width": 4}


def start(outdir, stripes_file, **options):
    plan = setup.prepare("dcgan", {"data": str(stripes_file), **QUICK, "devices": "2", **options}, data_dir=None)
    return plan.start(outdir, "", ["test"])


def run_until(started, step):
    moments = loop.train(*started)
    next(moment for moment in moments if moment.step >= step)
    moments.close()


def resume(run, told=None, **options):
    return resume_run(run, options, data_dir=None, warn=(told if told is not None else []).append)


def digest(run):
    found = run.checkpoints()
    return checkpoints.digest(checkpoints.read(found[max(found)])[0])


def test_a_resumed_training_ends_in_the_bits_of_one_that_never_stopped(tmp_path, stripes_file):
    whole = start(tmp_path, stripes_file, d_steps=3, instance_noise=0.5)
    killed, told = finish_with_a_kill(whole, 9, tmp_path / "killed"), []
    list(loop.train(*resume(killed, told)))
    assert digest(whole.run) == digest(killed)
    assert told == []
    assert whole.run.record["replicas"] == 2
    assert (whole.run.record["options"]["devices"], whole.run.record["options"]["jit"]) == ("2", "off")


def test_a_run_goes_on_with_another_number_of_devices_and_says_that_bits_differ(tmp_path, stripes_file):
    started = start(tmp_path, stripes_file)
    run_until(started, 9)
    told = []
    list(loop.train(*resume(started.run, told, devices="1")))
    assert started.run.status()["state"] == "finished"
    assert any("not the same bits" in text for text in told)
    assert not any("XLA" in text for text in told)
    started.run.record["options"]["jit"] = "on"
    list(loop.train(*resume(started.run, told, devices="4", steps=20)))
    assert any("compiled with XLA and continues without it" in text for text in told)
    assert max(started.run.checkpoints()) == 20


def test_going_back_keeps_the_devices(tmp_path, stripes_file, losing_a_loss):
    started = losing_a_loss(start(tmp_path, stripes_file, on_divergence="restore"))
    list(loop.train(*started))
    assert started.run.status()["state"] == "finished"


def test_xla_is_refused(tmp_path, stripes_file):
    with pytest.raises(OptionError, match="--jit on"):
        start(tmp_path, stripes_file, jit="on")
