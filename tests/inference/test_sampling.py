"""One seed, one image: whatever the batch, the list or the command."""

import numpy as np
import pytest

from gancli import models
from gancli.core.backend import tf
from gancli.core.errors import CheckpointError, OptionError
from gancli.data import DataFacts
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.inference.latent_space import latent_arithmetic, walks
from gancli.inference.sampling import ConfidenceSelector, Sampler, filter_seeds, rejection_sample
from gancli.models import config


@pytest.fixture(scope="module", params=["float32", "bfloat16"])
def sampler(request):
    model_class = models.get("dcgan")
    settings = config.from_mapping(model_class, {"width": 8, "precision": request.param})
    model = model_class(*settings, DataFacts("test", (28, 28, 1), 64))
    for variable in model.generator.model.variables:  # far from the start, where images are nearly grey
        if "kernel" in variable.path:
            variable.assign(variable * 8)
    model.generator.reset_ema()
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


class TextEncoder:
    """Reads the brightness of an image as the probability of light."""

    classes = ("dark", "light")

    def probabilities(self, pixels):
        bright = pixels.mean(axis=(1, 2, 3)) / 255
        return np.stack([1 - bright, bright], axis=1)


class Lamp:
    """Shines on every third seed; an image is as bright as its z, in [-1, 1]."""

    columns = ("image",)
    z_size = 1

    def latents(self, seeds):
        return np.array([[1.0 if seed % 3 == 0 else -1.0] for seed in seeds], np.float32)

    def decode(self, z, condition=None):
        return tf.reshape(z, (-1, 1, 1, 1)) * tf.ones((1, 2, 2, 1))


SURE = ConfidenceSelector(TextEncoder())
DARK, LIGHT = (AttributeQuery(name, "label", {at: True}) for at, name in enumerate(TextEncoder.classes))
LAMPS = DataFacts("lamps", (2, 2, 1), 10, classes=TextEncoder.classes)


def test_a_class_keeps_the_seeds_that_are_read_as_it(monkeypatch):
    lamp = Sampler(Lamp())
    assert [drawn.seeds for drawn in filter_seeds(lamp, DARK, [0, 1, 2, 3], SURE)] == [[1, 2]]
    found = rejection_sample(lamp, LIGHT, 30, SURE)
    assert found.seeds == list(range(0, 90, 3))
    assert found.count == 88  # drawn up to the last one kept
    assert found.pixels.min() == 255
    with pytest.raises(OptionError, match="none of the 2 seeds"):
        list(filter_seeds(lamp, LIGHT, [1, 2], SURE))
    monkeypatch.setattr(Lamp, "latents", lambda self, seeds: -np.ones((len(seeds), 1), np.float32))
    with pytest.raises(CheckpointError, match=r"only 0 of .* recognized as 'light'"):
        rejection_sample(lamp, LIGHT, 1, SURE)


def test_the_terms_of_a_sum_take_fresh_seeds_of_their_concepts_each_time():
    lamp, asked = Sampler(Lamp()), latent_arithmetic.parse("light - dark + [2,3] - dark", LAMPS)
    seeds = asked.seeds(lamp, SURE, average=2)
    assert seeds == [[[0, 3], [1, 2], [2, 3], [4, 5]]]
    assert [term["means"] for term in asked.records(seeds[0])] == ["light", "dark", "[2,3]", "dark"]
    with pytest.raises(OptionError, match="give words for all terms"):
        asked.seeds(lamp, SURE, average=2, repeat=2)
    asked = latent_arithmetic.parse("light - dark", LAMPS)
    assert asked.seeds(lamp, SURE, average=1, repeat=3) == [[[0], [1]], [[3], [2]], [[6], [4]]]


def test_sums_of_latents_and_of_pixels():
    lamp = Sampler(Lamp())
    sums = latent_arithmetic.add(latent_arithmetic.Vectors(lamp), [[[0, 1, 3], [1], [0]], [[1], [0], [1]]], [1, -1, 1])
    assert sums.z.ravel() == pytest.approx([1 / 3 + 1 + 1, -1 - 1 - 1])
    assert sums.of_latents[:, 0, 0, 0].tolist() == [255, 0]
    assert sums.of_pixels[:, 0, 0, 0].tolist() == [255, 0]  # 2/3 - 0 + 1 and 0 - 1 + 0, cut to what pixels can be


def test_walks_begin_and_end_at_the_seeds():
    lamp = Sampler(Lamp())
    light, dark, gray = 255, 0, 128

    def value(walk):
        return walk.rows[:, 0, 0, 0].tolist()

    line = walks.between_seeds(lamp.decode, lamp.model.latents([0, 1, 3]), 3)
    assert (value(line), line.shape, len(line.film)) == ([light, gray, dark, dark, gray, light], (2, 3), 5)
    plane = walks.square(lamp.decode, lamp.model.latents([0, 1, 2, 3]), 3)  # light and dark above, dark and light below
    assert value(plane) == [light, gray, dark, gray, gray, gray, dark, gray, light]
    assert (plane.shape, len(plane.film)) == ((3, 3), 3)
    turned = walks.along(lamp.decode, lamp.model.latents([0, 1]), 5, np.array([1.0], np.float32), reach=2)
    assert value(turned) == [dark, gray, light, light, light, dark, dark, dark, gray, light]
    assert (turned.shape, len(turned.film)) == ((2, 5), 5)


def test_a_model_that_takes_labels_gets_the_label():
    class Painter:
        """Paints its label, whatever the seed."""

        columns = ("image", "label")
        data = DataFacts("test", (2, 2, 1), 9, ("image", "label"), ("a", "b", "c"))
        z_size = 1

        def latents(self, seeds):
            return np.zeros((len(seeds), 1), np.float32)

        def decode(self, z, condition=None):
            shade = tf.linalg.matvec(condition, [-1.0, 0.0, 1.0])  # of one-hot rows, or between two
            return tf.reshape(shade, (-1, 1, 1, 1)) * tf.ones((1, 2, 2, 1))

    painter = Sampler(Painter())
    assert painter.seeds([5, 6, 70], label=2)[:, 0, 0, 0].tolist() == [255, 255, 255]
    assert painter.seeds([3, 4, 5])[:, 0, 0, 0].tolist() == [0, 0, 0]
    assert painter.sample_all_classes([3, 4, 5])[:, 0, 0, 0].tolist() == [
        0,
        128,
        255,
    ]  # in turn, a function of the seed
    counts = np.array([3, 0, 1])  # images of each class: there is none of "b"
    assert painter.sample_all_classes(range(4), counts=counts)[:, 0, 0, 0].tolist() == [0, 0, 255, 0]
    assert painter.labels_by_share([0, 2], counts).tolist() == [0, 2]
    assert painter.order_by_class(1, counts=counts).unique_labels() == [0, 2]
    drawn = painter.draw(painter.order_by_class(2)).load()
    assert (drawn.seeds.tolist(), drawn.labels.tolist()) == ([0, 1, 0, 1, 0, 1], [0, 0, 1, 1, 2, 2])
    assert drawn.pixels[:, 0, 0, 0].tolist() == [0, 0, 128, 128, 255, 255]
    assert painter.order_by_class(1, most=2).unique_labels() == [0, 2]  # spread over all
    ((seeds, labels),) = painter.order_by_class(2, rows=4).batches()
    assert (seeds.tolist(), labels.tolist()) == ([0, 1, 0, 1, 0, 1, 2, 3], [0, 0, 1, 1, 2, 2, 0, 0])
    half_way = painter.decode(np.zeros((1, 1)), np.array([[0.25, 0.0, 0.75]]))
    assert half_way[0, 0, 0, 0] == 191
