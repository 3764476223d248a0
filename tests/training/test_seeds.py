"""`--seed` reaches every random number of a training, and nothing that must be equal in all trainings."""

import itertools

import numpy as np
import pytest
from helpers.tiny import ALL, build, state
from helpers.trainings import digest, finish, resume, run_until, start

from gancli.core.backend import keras, tf
from gancli.core.distributed import strategy
from gancli.runs import checkpoints

MORE = {
    "cgan": {"generator_dropout": 0.5},
    "lapgan": {"sizes": "4,8,16", "network": "eyescream", "depth": 2},
}  # so that every dropout is there
DROPOUT = {"cgan": 4, "goodfellow": 3, "lapgan": 5, "pix2pix": 3}  # layers of it in a model


def dropout(model):
    """The dropout layers of a model's networks, by network and layer."""
    layers = {
        f"{name}/{layer.name}": layer for name, network in model.networks.items() for layer in network.model.layers
    }
    return {name: layer for name, layer in layers.items() if isinstance(layer, keras.layers.Dropout) and layer.rate}


def masks(model):
    """What each of them leaves of ones."""
    return {name: layer(tf.ones((1, 512)), training=True).numpy() != 0 for name, layer in dropout(model).items()}


@pytest.mark.parametrize("name", ALL)
def test_the_seed_decides_every_random_weight_and_every_stream_of_a_model(name):
    models = [build(name, seed=seed, **MORE.get(name, {})) for seed in (0, 0, 1)]
    one, again, other = map(state, models)
    assert checkpoints.digest(one) == checkpoints.digest(again) != checkpoints.digest(other)
    assert len(dropout(models[0])) == DROPOUT.get(name, 0)
    fixed = {key for key in one if np.array_equal(one[key], other[key])}
    constant = {key for key in fixed if len(np.unique(one[key])) <= 2}  # zeros, ones, and identity matrices
    assert fixed == constant
    assert not any("seed_generator" in key for key in fixed)
    drawn = [key for key in one.keys() - fixed if "/average/" not in key and "/optimizer/" not in key]
    alike = [pair for pair in itertools.combinations(drawn, 2) if np.array_equal(*(one[key] for key in pair))]
    assert alike == []


def test_dropout_masks_follow_the_seed_and_no_two_layers_share_them():
    first, again, other = (masks(build("cgan", seed=seed, **MORE["cgan"])) for seed in (5, 5, 6))
    assert len(first) == 4
    for layer, mask in first.items():
        np.testing.assert_array_equal(mask, again[layer])
        assert (mask != other[layer]).mean() > 0.2
    for one, two in itertools.combinations(first, 2):
        assert (first[one] != first[two]).mean() > 0.2, (one, two)


@pytest.mark.parametrize("jit", [False, True])
def test_the_noise_of_neighbouring_seeds_has_no_numbers_in_common(jit):
    """As TensorFlow seeds a generator, that of seed 1 is that of seed 0 moved by four numbers."""
    drawn = []
    for seed in (0, 1, 2):
        random = strategy.SINGLE_DEVICE.generator(seed)
        draw = tf.function(lambda random=random: random.normal([100, 10]), jit_compile=jit)
        drawn += [draw().numpy(), draw().numpy()]
    for one, other in itertools.combinations(drawn, 2):
        assert np.isin(one, other).mean() < 0.01
        assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.15


def test_the_noise_of_seed_0_is_that_of_older_versions():
    older = tf.random.Generator.from_seed(0, alg="philox")
    np.testing.assert_array_equal(strategy.SINGLE_DEVICE.generator(0).normal([8]), older.normal([8]))


def test_a_run_whose_dropout_began_with_constants_is_resumed_with_them(tmp_path, stripes_file):
    """Checkpoints of older runs hold states such as (1, 8): the seed was the number of the layer."""

    def older(outdir):
        started = start(outdir, stripes_file, "goodfellow")
        states = started.model.discriminator.seed_states().values()
        for number, layer in enumerate(states, 1):
            layer.assign([number, 0])
        return started

    whole, parted = older(tmp_path / "a"), older(tmp_path / "b")
    finish(whole)
    run_until(parted, 9)
    again = resume(parted.run)
    seeds = [int(layer[0]) for layer in again.model.discriminator.seed_states().values()]
    assert seeds == [1, 2, 3]
    finish(again)
    assert digest(whole.run) == digest(parted.run)
