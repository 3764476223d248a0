"""Translation: the papers' networks and costs, the pool, the judge, and the commands."""

import json

import numpy as np
import pytest
from helpers import streets
from helpers.tiny import BatchesOf, build, data
from helpers.trainings import finish, kinds_file, pairs_file, start
from PIL import Image

from gancli import data as sets
from gancli.core.backend import keras, tf
from gancli.core.errors import DataError, OptionError
from gancli.evaluation import classifier_kinds, translation
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.models.base import parameter_count
from gancli.nn.architectures import image_translation
from gancli.nn.image_pool import ImagePool

# --- networks


def test_the_papers_networks_have_the_papers_weights():
    """Theirs: without gain and offset where maps are normalised; in the U-Net without bias there, and at the bottom."""
    networks = image_translation.residual((3, 3)), image_translation.patches(3), image_translation.unet(8, (3, 3))
    whole, gains = [parameter_count(network)[0] for network in networks], []
    for network in networks:
        norms = [layer for layer in network.layers if isinstance(layer, keras.layers.GroupNormalization)]
        gains.append(sum(parameter_count(norm)[0] for norm in norms))
    assert whole[0] - gains[0] == 11_378_179
    assert whole[1] - gains[1] == 2_764_737
    assert whole[2] - gains[2] // 2 - 512 == 54_414_019


def test_a_patch_is_of_70_pixels():
    network = image_translation.patches(3, width=2)
    image = tf.Variable(tf.random.stateless_normal((1, 160, 160, 3), (1, 2)))
    plain = keras.Sequential(  # instance normalisation sees the whole map
        [layer for layer in network.layers[1:] if not isinstance(layer, keras.layers.GroupNormalization)]
    )
    with tf.GradientTape() as tape:
        logits = plain(image)
        one = logits[0, 10, 10, 0]
    rows = np.flatnonzero(np.abs(tape.gradient(one, image).numpy()).sum(axis=(0, 2, 3)))
    assert np.ptp(rows) + 1 == 70


@pytest.mark.parametrize("sizes", [(16, 16), (20, 28)])
def test_the_residual_generator_takes_any_multiple_of_four(sizes):
    network = image_translation.residual((3, 3), blocks=1, width=2)
    assert network(tf.zeros((1, *sizes, 3))).shape == (1, *sizes, 3)


def test_with_skip_the_image_is_added_to_what_is_made():
    network = image_translation.residual((3, 3), blocks=1, width=2, residual_output=True)
    last, image = network.get_layer("last_conv"), tf.random.stateless_uniform((1, 16, 16, 3), (1, 2), -1, 1)
    last.set_weights([np.zeros_like(last.get_weights()[0]), np.array([0.1, 0.0, -0.2], np.float32)])
    assert np.allclose(network(image), image + np.array([0.1, 0.0, -0.2]), atol=1e-6)


@pytest.mark.parametrize(("anti_checkerboard", "low", "high"), [(True, 0, 1e-6), (False, 1e-2, 2)])
def test_anti_checkerboard_makes_plain_areas_plain(anti_checkerboard, low, high):
    keras.utils.set_random_seed(1)
    network = image_translation.residual((3, 3), blocks=1, width=2, anti_checkerboard=anti_checkerboard)
    image = np.zeros((1, 128, 128, 3), np.float32)
    image[:, :, 100:] = 1  # else normalisation leaves nothing
    middle = network(image)[0, 60:68, 40:48].numpy()
    assert low <= np.ptp(middle, axis=(0, 1)).max() <= high


def test_the_u_net_takes_multiples_of_its_side():
    network = image_translation.unet(4, (3, 3), width=2)
    assert network(tf.zeros((1, 32, 48, 3))).shape == (1, 32, 48, 3)


# --- the pool


def test_a_pool_fills_and_then_gives_half_of_its_images_back():
    pool, random = ImagePool(5, (1, 1, 1)), tf.random.Generator.from_seed(1)
    numbers = iter(range(1, 10_000))

    def query():
        number = next(numbers)
        return number, int(pool.query(tf.fill((1, 1, 1, 1), float(number)), random)[0, 0, 0, 0])

    assert [given == taken for given, taken in (query() for _ in range(5))] == [True] * 5
    assert pool.images.numpy().ravel().tolist() == [1, 2, 3, 4, 5]
    seen, later = set(range(1, 6)), [query() for _ in range(400)]
    for given, taken in later:
        assert taken in seen | {given}
        if taken != given:
            seen = (seen - {taken}) | {given}
    assert 0.4 < np.mean([given != taken for given, taken in later]) < 0.6
    assert set(pool.images.numpy().ravel().astype(int)) == seen


def test_no_pool_gives_everything_back():
    image = tf.ones((2, 1, 1, 1))
    assert ImagePool(0, (1, 1, 1)).query(image, tf.random.Generator.from_seed(1)) is image


# --- costs and batches


def test_each_step_has_a_batch_of_either_kind(tmp_path):
    model = start(tmp_path, kinds_file(), "cyclegan", batch_size=4).model
    dataset = sets.load(str(kinds_file()))
    labels = dataset.train["label"].copy()
    labels[:60] = 0  # 70 of A, 10 of B
    uneven = sets.dataset.Dataset("x", {"image": dataset.train["image"], "label": labels}, {}, ("A", "B"))
    model.pipeline.columns_to_load(uneven)
    rows = model.pipeline.training_rows(uneven)
    order = rows[model.pipeline.order_epoch(np.arange(80), np.random.default_rng(0))]
    batches = labels[order].reshape(-1, 2, 4)
    assert (batches[:, 0] == 0).all()
    assert (batches[:, 1] == 1).all()
    first = [model.pipeline.order_epoch(np.arange(80), np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(first[0], first[1])
    assert not np.array_equal(first[0], first[2])


def step(model):
    """What one step of a model tells."""
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    return {name: float(value) for name, value in model.train_step(BatchesOf(batch)).items()}


def test_what_is_lost_there_and_back_costs_ten_times_and_what_should_stay_half_of_that():
    one = step(model := build("cyclegan", identity_weight=0.5, precision="float32"))
    parts = one["adversarial_loss"] + 10 * one["cycle_loss"] + 5 * one["identity_loss"]
    assert one["generator_loss"] == pytest.approx(parts, rel=1e-4)
    held = model.variables()
    assert all(int(held[f"pool_{side}/count"]) == 3 and np.ptp(held[f"pool_{side}/images"].numpy()) for side in "ab")


def test_k_steps_of_the_discriminators_go_with_one_of_the_generators():
    step(model := build("cyclegan", d_steps=3))
    taken = {name: int(network.optimizer.iterations) for name, network in model.networks.items()}
    assert taken == {"a_to_b": 1, "b_to_a": 1, "judge_a": 3, "judge_b": 3}
    assert model.batches_per_step() == 6


@pytest.mark.parametrize(
    ("name", "networks", "times"),
    [("cyclegan", ("a_to_b", "judge_a"), (1, 3)), ("pix2pix", ("generator", "discriminator"), (1, 1))],
)
@pytest.mark.parametrize(("chosen", "at"), [({}, 50), ({"lr_decay_start": 80}, 80)])
def test_step_sizes_fall_in_a_line_to_nothing(name, networks, times, chosen, at):
    model = build(name, steps=100, learning_rate=1e-3, **chosen, **({"d_steps": 3} if name == "cyclegan" else {}))
    for network, each in zip(networks, times, strict=True):
        rate = model.networks[network].optimizer._learning_rate
        found = [float(rate(each * step)) for step in (0, at, (at + 100) // 2, 100)]
        assert found == pytest.approx([1e-3, 1e-3, 5e-4, 0], abs=1e-9)


def test_without_a_cycle_and_a_pool_neither_is_there():
    one = step(model := build("cyclegan", cycle_weight=0.0, pool=0, precision="float32"))
    assert one["generator_loss"] == one["adversarial_loss"]
    assert not any("pool" in name for name in model.variables())


def test_a_pair_is_cut_at_the_same_place():
    model = build("pix2pix")
    held = data(model)
    batch = model.pipeline.make_batch(held | {"other": held["image"]}, tf.range(8))
    assert np.array_equal(batch["image"], batch["other"])


def test_pix2pix_s_generator_pays_100_times_the_difference():
    one = step(model := build("pix2pix", adversarial_weight=0.0, precision="float32"))
    assert one["generator_loss"] == pytest.approx(100 * one["difference"], rel=1e-4)
    assert set(model.networks) == {"generator"}


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"devices": "2"}, "--pool 0"),
        ({"cycle_weight": 0.0, "identity_weight": 0.5}, "--cycle-weight"),
        ({"jit": "on"}, "XLA"),
        ({"image_size": 18}, "try --image-size 16"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, chosen, words):
    source = {"data": "digits"} if "image_size" in chosen else {}
    with pytest.raises((OptionError, DataError), match=words):
        start(tmp_path, kinds_file(), "cyclegan", **chosen, **source)


# --- trainings and commands


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    """Days and nights are easily told apart."""
    monkeypatch.setattr(classifier_kinds, "DOMAIN_EPOCHS", 20)
    monkeypatch.setattr(classifier_kinds, "DOMAIN_STEPS", (150, 150))


@pytest.fixture(scope="module")
def dusk(tmp_path_factory):
    """A run that darkens streets a little, and lightens them."""
    started = start(
        tmp_path_factory.mktemp("runs"), kinds_file(), "cyclegan", steps=120, batch_size=2, width=8, sample_every=60
    )
    finish(started)
    return started.run


def test_the_days_grow_darker_and_the_nights_lighter(dusk):
    interpreter = translation.ImageTranslator(dusk.model()[0])
    images = sets.load(str(kinds_file())).test["image"]
    night, day = (interpreter(pixels, way).mean() for pixels, way in ((images[0], "a-to-b"), (images[1], "b-to-a")))
    assert night < images[0].mean()
    assert day > images[1].mean()
    assert max((dusk.path / "samples").glob("train-*.png")).stat().st_size > 500


@pytest.mark.parametrize("size", [(1, 1), (4, 60), (3, 5)])
def test_the_smallest_pictures_are_translated(dusk, size):
    pixels = np.full((*size, 3), 90, np.uint8)
    assert translation.ImageTranslator(dusk.model()[0])(pixels, "a-to-b").shape == pixels.shape


def test_what_is_surely_read_is_read_so_of_no_more_than_a_tenth_of_what_was_given():
    """A reader whose odds are the brightness, an interpreter that makes all brighter by 30."""
    given = [np.full((4, 4, 3), 10 * number, np.uint8) for number in range(20)]
    targets = np.stack([np.full((4, 4, 3), 200, np.uint8)] * 10)

    class Brighter:
        def __call__(self, pixels, _):
            return pixels + np.uint8(30)

        def is_invertible(self, _):
            return False

    def look(pixels):
        odds = pixels.mean(axis=(1, 2, 3)) / 255
        return np.stack([odds, np.zeros_like(odds)], axis=1), np.stack([1 - odds, odds], axis=1)

    one, made = translation.score_translation(
        Brighter(), "a-to-b", given, targets, FeatureExtractor("bright", look), false_alarms=0.1
    )
    assert (one.share_before, one.share, one.share_real) == (7 / 20, 10 / 20, 1)  # above 127
    assert (one.confident_before, one.confident, one.confident_real) == (
        2 / 20,
        5 / 20,
        1,
    )  # above 170, which two of 20 are
    more = translation.score_translation(
        Brighter(), "a-to-b", given, targets, FeatureExtractor("bright", look), false_alarms=0.25
    )[0]
    assert (more.confident_before, more.confident) == (5 / 20, 8 / 20)
    assert one.changed == pytest.approx(30 / 255)
    assert (one.lost, len(made)) == (None, 20)


def test_translate_takes_any_size_and_draws_the_way_back(dusk, tmp_path, gancli):
    Image.fromarray(streets.draw(1, 21, 18)[0][0]).save(tmp_path / "street.png")
    answer = gancli(
        "translate", tmp_path / "street.png", "--run", dusk.path, "--comparison", tmp_path / "grid.png", "--json"
    )
    assert json.loads(answer.out)["direction"] == "a-to-b"
    with Image.open(tmp_path / "street-b.png") as made:
        assert made.size == (18, 21)
    assert (tmp_path / "grid.png").stat().st_size > 500
    assert gancli("translate", tmp_path / "street.png", "--run", dusk.path, "--direction", "b-to-a").code == 0
    assert (tmp_path / "street-a.png").is_file()


def test_a_direction_that_was_not_learned_is_refused(tmp_path, gancli):
    started = start(tmp_path / "runs", pairs_file(), "pix2pix", steps=2, batch_size=2, direction="b-to-a")
    finish(started)
    Image.fromarray(streets.draw(1)[0][0]).save(tmp_path / "street.png")
    answer = gancli("translate", tmp_path / "street.png", "--run", started.run.path, "--direction", "a-to-b")
    assert answer.code == 2
    assert "only translates b-to-a" in answer.err
    assert gancli("translate", tmp_path / "street.png", "--run", started.run.path).code == 0
    answer = gancli("eval-translation", "--run", started.run.path)
    assert answer.code == 3
    assert "contains pairs" in answer.err


def test_eval_translation_tells_shares_distances_and_losses_beside_the_floor(dusk, gancli):
    answer = gancli("eval-translation", "--run", dusk.path)
    assert answer.code == 0, answer.err
    assert all(
        words in answer.out
        for words in ("classified as the target", "untranslated", "confidently so", "lost there and back", "30 test")
    )
    kept = json.loads((dusk.path / "eval" / "translation-test.json").read_text())
    for one in kept["directions"].values():
        assert 0 <= one["read_before"] < 0.2 < one["read"]
        assert one["sure_before"] <= 0.1
        assert one["read_real"] > 0.8
        assert one["sure_real"] > 0.5
        assert one["frechet"] < one["frechet_before"]
        assert 0 < one["lost"] < one["changed"]
    assert gancli("eval-translation", "--run", dusk.path).out == answer.out  # by the classifier that was kept


def test_without_tests_the_classifier_s_unseen_pictures_are_scored(tmp_path, gancli, monkeypatch):
    monkeypatch.setattr(classifier_kinds, "DOMAIN_EPOCHS", 1)
    monkeypatch.setattr(classifier_kinds, "DOMAIN_STEPS", (1, 10))
    images = sets.load(str(kinds_file())).train
    for side in (0, 1):
        (folder := tmp_path / "data" / f"train{'AB'[side]}").mkdir(parents=True)
        for copy in range(4):  # of 40 of a kind; a seventh of 320 is held out
            for row in np.flatnonzero(images["label"] == side):
                Image.fromarray(images["image"][row]).save(folder / f"{copy}-{row}.png")
    started = start(tmp_path / "runs", "", "cyclegan", data=str(tmp_path / "data"), steps=1)
    finish(started)
    answer = gancli("eval-translation", "--run", started.run.path, "--json")
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    assert (sum(told["images"]), told["split"], told["learned"]) == (48, "train", False)
    few = gancli("eval-translation", "--run", started.run.path, "--num-images", 20, "--json")
    assert json.loads(few.out)["images"] == [20, 20]


def test_pictures_that_the_classifier_learned_from_are_told_of(dusk, gancli):
    answer = gancli("eval-translation", "--run", dusk.path, "--split", "train")
    assert "was trained on these images" in answer.out
