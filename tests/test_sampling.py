"""One seed, one image: whatever the batch, the list or the command."""

import dataclasses

import numpy as np
import pytest

from gancli import models
from gancli.backend import tf
from gancli.data import DataFacts
from gancli.errors import CheckpointError, OptionError
from gancli.sampling import Sampler, among_seeds, first_of_class


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def sampler(request):
    model_class = models.get("dcgan")
    options = dataclasses.replace(model_class.Options(), width=8, precision=request.param)
    model = model_class(options, DataFacts("test", (28, 28, 1), 64))
    for variable in model.generator.layers.variables:  # far from the start, where images are nearly grey
        if "kernel" in variable.path:
            variable.assign(variable * 8)
    model.generator.restart_average()
    return Sampler(model)


def test_a_seed_gives_the_same_picture_in_any_place_and_company(sampler):
    seeds = list(range(150))
    alone = {seed: sampler.seeds([seed])[0] for seed in (0, 1, 63, 64, 149)}
    together = sampler.seeds(seeds)
    backwards = sampler.seeds(seeds[::-1])[::-1]
    assert np.std(together) > 20
    assert np.array_equal(together, backwards)
    for seed, picture in alone.items():
        assert np.array_equal(together[seed], picture)


def test_decoding_is_traced_once(sampler):
    sampler.seeds([1])
    sampler.seeds(list(range(70)))
    assert sampler._decode.experimental_get_tracing_count() == 1


def test_a_class_keeps_the_seeds_that_are_read_as_it():
    class Reader:
        classes = ("dark", "light")

        def read(self, pixels, confidence):
            return (pixels.mean(axis=(1, 2, 3)) > 128).astype(int)

    class Lamp:
        """Shines on every third seed."""

        columns = ("image",)

        options = dataclasses.make_dataclass("Options", [("z_dim", int, 1)])()

        def latents(self, seeds):
            return np.array([[1.0 if seed % 3 == 0 else -1.0] for seed in seeds], np.float32)

        def decode(self, z, condition=None):
            return tf.reshape(z, (-1, 1, 1, 1)) * tf.ones((1, 2, 2, 1))

    lamp = Sampler(Lamp())
    assert among_seeds(lamp, 0, [0, 1, 2, 3], Reader()).seeds == [1, 2]
    found = first_of_class(lamp, 1, 30, Reader())
    assert found.seeds == list(range(0, 90, 3))
    assert found.count == 88  # drawn up to the last one kept
    assert found.pixels.min() == 255
    assert first_of_class(lamp, 1, 2, Reader(), start=4).seeds == [6, 9]
    with pytest.raises(OptionError, match="none of the 2 seeds"):
        among_seeds(lamp, 1, [1, 2], Reader())
    Lamp.latents = lambda self, seeds: -np.ones((len(seeds), 1), np.float32)
    with pytest.raises(CheckpointError, match="0 were read as 'light'"):
        first_of_class(lamp, 1, 1, Reader())


def test_a_model_that_takes_labels_gets_the_label():
    class Painter:
        """Paints its label, whatever the seed."""

        columns = ("image", "label")
        data = DataFacts("test", (2, 2, 1), 9, ("image", "label"), ("a", "b", "c"))
        options = dataclasses.make_dataclass("Options", [("z_dim", int, 1)])()

        def latents(self, seeds):
            return np.zeros((len(seeds), 1), np.float32)

        def decode(self, z, condition=None):
            shade = tf.linalg.matvec(condition, [-1.0, 0.0, 1.0])  # of one-hot rows, or between two
            return tf.reshape(shade, (-1, 1, 1, 1)) * tf.ones((1, 2, 2, 1))

    painter = Sampler(Painter())
    assert painter.seeds([5, 6, 70], label=2)[:, 0, 0, 0].tolist() == [255, 255, 255]
    assert painter.seeds([3, 4, 5])[:, 0, 0, 0].tolist() == [0, 0, 0]
    assert painter.from_all_classes([3, 4, 5])[:, 0, 0, 0].tolist() == [0, 128, 255]  # in turn, a function of the seed
    drawn = painter.by_class(2)
    assert (drawn.seeds, drawn.labels.tolist()) == ([0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2])
    assert drawn.pixels[:, 0, 0, 0].tolist() == [0, 0, 128, 128, 255, 255]
    assert painter.by_class(1, most=2).labels.tolist() == [0, 2]  # spread over all
    again = painter.by_class(2, rows=4)
    assert (again.seeds, again.labels.tolist()) == ([0, 1, 0, 1, 0, 1, 2, 3], [0, 0, 1, 1, 2, 2, 0, 0])
    half_way = painter.decode(np.zeros((1, 1)), np.array([[0.25, 0.0, 0.75]]))
    assert half_way[0, 0, 0, 0] == 191
