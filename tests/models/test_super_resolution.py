"""Super-resolution: what the papers say of networks, kernels, losses and scores; crops of pictures."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.photos import picture, run_of
from helpers.tiny import BatchesOf, build
from helpers.trainings import digest, finish, resume, run_until, start
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from gancli import data
from gancli.core.backend import keras, tf
from gancli.core.errors import DataError, OptionError
from gancli.data import Request
from gancli.evaluation import super_resolution
from gancli.evaluation.metrics import checkerboard, psnr
from gancli.imaging import bicubic, images
from gancli.models.base import parameter_count
from gancli.nn import optimizers
from gancli.nn.architectures import super_resolution as networks
from gancli.runs.run import Run

# --- networks


def test_srresnet_has_the_papers_weights():
    assert parameter_count(networks.generator(4, 3))[0] == 1_550_659


def test_srgan_s_discriminator_is_the_paper_s():
    layers = networks.discriminator((96, 96, 3)).layers
    convolutions = [layer for layer in layers if isinstance(layer, keras.layers.Conv2D)]
    assert [layer.filters for layer in convolutions] == [64, 64, 128, 128, 256, 256, 512, 512]
    assert [layer.strides[0] for layer in convolutions] == [1, 2] * 4
    assert [layer.units for layer in layers if isinstance(layer, keras.layers.Dense)] == [1024, 1]


def test_what_is_plain_stays_plain_whatever_the_weights_are():
    """Sugawara et al. 2018; without the mean each of the 16 pixels that one becomes has a value of its own."""
    low = np.full((1, 32, 32, 3), 0.4, np.float32)
    made = [
        networks.generator(4, 3, blocks=1, width=4, anti_checkerboard=hold)(low)[0, 48:-48, 48:-48].numpy()
        for hold in (1, 0)
    ]
    assert np.ptp(made[0], axis=(0, 1)).max() < 1e-4
    assert np.ptp(made[1], axis=(0, 1)).max() > 1e-2


@pytest.mark.parametrize("hold", [True, False])
@pytest.mark.parametrize("scale", [2, 3, 4, 8])
def test_a_scale_is_reached_and_a_pixel_depends_on_no_more_than_was_said(scale, hold):
    for network in (networks.generator(scale, 1, blocks=1, width=3, anti_checkerboard=hold), networks.espcn(scale, 1)):
        reach = networks.reach(network, scale)
        low = np.random.default_rng(0).random((1, 1, 2 * reach + 5, 1)).astype(np.float32)
        other = low.copy()
        other[:, :, 0] += 1.0
        changed = np.abs(network(low).numpy() - network(other).numpy())[0, 0, :, 0]
        assert changed.size == scale * low.shape[2]
        assert (changed[(reach + 1) * scale :] == 0).all()
        assert changed[(reach - 1) * scale : (reach + 1) * scale].any()


def test_rates_fall_where_they_are_told():
    rate = optimizers.piecewise_constant({0: 4.0, 3: 2.0, 5: 1.0})
    assert [float(rate(update)) for update in range(7)] == [4, 4, 4, 2, 2, 1, 1]
    assert optimizers.piecewise_constant({0: 4.0}) == 4.0


# --- kernels and crops


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_pictures_are_reduced_by_keys_kernel_stretched_by_the_scale(scale):
    def keys(x, a=-0.5):
        x = np.abs(x)
        near, far = (a + 2) * x**3 - (a + 3) * x**2 + 1, a * x**3 - 5 * a * x**2 + 8 * a * x - 4 * a
        return np.where(x <= 1, near, np.where(x < 2, far, 0))

    high = picture(24, 36)
    centres = [(np.arange(side // scale) + 0.5) * scale - 0.5 for side in high.shape[:2]]
    weights = [keys((np.arange(side) - at[:, None]) / scale) for side, at in zip(high.shape[:2], centres, strict=True)]
    rows, columns = (each / each.sum(axis=1, keepdims=True) for each in weights)
    expected = np.einsum("ih,hwc,jw->ijc", rows, high.astype(float), columns)
    by_tensorflow = bicubic.downscale_batch(images.from_uint8(tf.constant(high[None])), scale)[0]
    for found in (bicubic.downscale(high, scale), images.to_uint8(by_tensorflow)):
        assert np.abs(found - expected).max() <= 1.01  # rounded, Pillow's each way


def test_what_is_reduced_in_a_training_is_what_a_file_could_hold():
    low = bicubic.downscale_batch(tf.random.stateless_uniform((1, 8, 8, 1), (1, 2), -1, 1), 2).numpy()
    assert np.allclose(np.rint((low + 1) * 127.5), (low + 1) * 127.5, atol=1e-4)


def test_pictures_keep_their_sizes_and_small_ones_are_left_out_by_name(photos):
    dataset = data.load(str(photos), Request(least=24))
    assert dataset.sizes().tolist() == [[40, 30], [24, 48], [64, 64]]
    assert "1 smaller than 24 pixels, left out: 2.png" in [remark.text for remark in dataset.remarks]
    for found, number in zip(dataset.pictures(range(3)), (0, 1, 3), strict=True):
        assert np.array_equal(found, np.asarray(Image.open(photos / f"{number}.png")))
    with pytest.raises(DataError, match="none of its 4 pictures has 65 pixels each way"):
        data.load(str(photos), Request(least=65))
    with pytest.raises(DataError, match="smaller than the 24"):
        data.load("digits", Request(least=24))
    with pytest.raises(DataError, match="smaller than the 33"):
        data.load("glyphs:40", Request(least=33))


def test_crops_come_from_everywhere_in_a_picture_and_from_nowhere_else():
    model = build("srresnet", rotate=False)
    at = np.arange(120).reshape(10, 12)
    held = {"image": np.full((1, 20, 20, 1), 255, np.uint8), "size": np.array([[10, 12]], np.int32)}
    held["image"][0, :10, :12, 0] = at
    columns, corners = {name: tf.constant(values) for name, values in held.items()}, set()
    for _ in range(30):
        crops = images.to_uint8(model.pipeline.make_batch(columns, tf.zeros(8, tf.int32))["image"])[..., 0].astype(int)
        corners |= set(crops[:, 0, 0].tolist())
        assert all(np.array_equal(crop - crop[0, 0], at[:8, :8]) for crop in crops)
    assert corners == {at[y, x] for y in range(3) for x in range(5)}


def test_crops_are_turned_in_eight_ways():
    model = build("srresnet", crop=8)
    square = np.arange(64, dtype=np.uint8).reshape(8, 8)
    columns = {"image": tf.constant(square[None, :, :, None]), "size": tf.constant([[8, 8]])}
    seen = {
        images.to_uint8(crop)[..., 0].tobytes()
        for _ in range(20)
        for crop in model.pipeline.make_batch(columns, tf.zeros(8, tf.int32))["image"].numpy()
    }
    ways = {np.rot90(each, quarter).tobytes() for each in (square, square.T) for quarter in range(4)}
    assert seen == ways


# --- scores


def test_psnr_and_ssim_are_scikit_image_s():
    first, second = picture(40, 50), picture(40, 50, seed=1)
    found = psnr.image_similarity(first, second, border=3)
    lumas = [psnr.luma(pixels)[3:-3, 3:-3] for pixels in (first, second)]
    assert found.psnr == pytest.approx(peak_signal_noise_ratio(*lumas, data_range=255), rel=1e-9)
    gauss = {"gaussian_weights": True, "sigma": 1.5, "use_sample_covariance": False, "data_range": 255}
    assert found.ssim == pytest.approx(structural_similarity(*lumas, **gauss), abs=1e-9)
    coloured = psnr.image_similarity(first, second, border=0, rgb=True)
    assert coloured.psnr == pytest.approx(peak_signal_noise_ratio(first, second), rel=1e-9)
    assert coloured.ssim == pytest.approx(structural_similarity(first, second, channel_axis=2, **gauss), abs=1e-9)


def test_likeness_of_equal_and_of_plain_pictures():
    same = picture(20, 20)
    assert psnr.image_similarity(same, same, border=2) == pytest.approx((100.0, 1.0, 1.0))
    dark, light = (np.full((20, 20, 1), value, np.uint8) for value in (100, 120))
    plain = (2 * 100 * 120 + 2.55**2) / (100**2 + 120**2 + 2.55**2)
    assert psnr.image_similarity(dark, light, border=0) == pytest.approx(
        (10 * np.log10(255**2 / 400), plain, plain), abs=1e-5
    )
    with pytest.raises(ValueError, match="nothing within a border"):
        psnr.image_similarity(dark, light, border=10)


def test_luma_is_matlab_s():
    colours = np.array([[[0, 0, 0], [255, 255, 255], [255, 0, 0], [0, 255, 0]]], np.uint8)
    assert np.allclose(psnr.luma(colours), [[16, 235, 81.481, 144.553]])
    assert np.array_equal(psnr.luma(colours[..., :1]), colours[..., 0])


def test_bicubic_and_nearest_rows_of_the_published_table(real_data):
    """Ledig et al. 2017, table 2, x4: PSNR to a hundredth of a dB, SSIM to two thousandths."""
    found = {}
    for part, _, pixels, _ in super_resolution.load_originals(str(real_data / "set5_set14.zip"), 0, None):
        high = bicubic.crop_to_multiple(pixels, 4)
        low = bicubic.downscale(high, 4)
        for nearest in (False, True):
            made = bicubic.upscale(low, 4, nearest=nearest)
            found.setdefault((part, nearest), []).append(psnr.image_similarity(made, high, border=4))
    means = {key: np.mean(values, axis=0) for key, values in found.items()}
    published = {("Set5", False): (28.43, 0.8211), ("Set5", True): (26.26, 0.7552)}
    published |= {("Set14", False): (25.99, 0.7486), ("Set14", True): (24.64, 0.7100)}
    for key, (decibels, similarity) in published.items():
        assert means[key][0] == pytest.approx(decibels, abs=0.01)
        assert means[key][2] == pytest.approx(similarity, abs=0.002)


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_a_lattice_is_found_where_it_is_and_slopes_and_shadows_are_none(scale):
    rows, columns = np.mgrid[:32, :32].astype(float)
    plain = 100 + 0.3 * rows - 0.2 * columns + 0.005 * (rows - 9) * columns
    cells = np.where((rows % scale == 0) & (columns % scale == 0), 5.0, 0.0)
    patches = np.rint(np.stack([plain, plain + cells])[..., None]).astype(np.uint8)
    assert checkerboard.are_smooth(patches).all()
    depths = checkerboard.amplitudes(patches, scale)
    share = 1 / scale**2
    assert depths[0] < 0.2
    assert depths[1] == pytest.approx(5 * np.sqrt(share * (1 - share)), rel=0.1)


def test_busy_patches_are_not_plain():
    assert not checkerboard.are_smooth(np.random.default_rng(0).integers(0, 256, (3, 32, 32, 3), np.uint8)).any()


# --- losses


@pytest.fixture(scope="module")
def coloured(tmp_path_factory):
    """A labelled set: red and blue pictures."""
    folder = tmp_path_factory.mktemp("coloured")
    random = np.random.default_rng(0)
    for name, colour in (("red", (200, 30, 30)), ("blue", (30, 30, 200))):
        (folder / name).mkdir()
        for number in range(12):
            noisy = np.clip(np.array(colour) + random.integers(-30, 30, (16, 16, 3)), 0, 255)
            Image.fromarray(noisy.astype(np.uint8)).save(folder / name / f"{number}.png")
    return folder


def test_srgan_begins_with_a_run_of_srresnet_and_compares_by_a_classifier_s_maps(
    enlarging, coloured, photos, tmp_path, gancli
):
    asked = {"data": str(photos), "crop": 24, "batch_size": 3, "init_from": str(run_of(enlarging, 0)), "steps": 4}
    started = start(tmp_path / "runs", "", "srgan", **asked, content=str(coloured), color="rgb")
    model = started.model
    assert model.options.content == f"classifier-2-of-{coloured}"
    assert [stage.name for stage in model.stages() if stage.is_asked] == ["adversarial"]
    lent = Run(run_of(enlarging, 0)).model()[0]
    for mine, theirs in zip(
        model.generator.model.get_weights(), lent.generator.inference_model.get_weights(), strict=True
    ):
        assert np.array_equal(mine, theirs)
    finish(started)
    maps = model.features
    high = images.from_uint8(tf.constant(np.stack([each[:24, :24] for each in started.dataset.pictures(range(3))])))
    made = tf.image.resize(2.0 * model.low(high) - 1.0, (24, 24), method="bicubic")
    pixels, seen = (
        float(tf.reduce_mean((one - other) ** 2)) for one, other in ((made, high), maps_of(maps, made, high))
    )
    assert seen == pytest.approx(pixels, rel=0.02)
    again = Run(started.run.path).model()[0]  # without the classifier and the run
    assert np.array_equal(again.upscale(high), model.upscale(high))
    answer = gancli("eval-psnr", "--data", photos, "--run", started.run.path, "--json")
    assert json.loads(answer.out)["content"] == f"classifier-2-of-{coloured}"


def test_srgan_that_begins_with_a_run_resumes_to_the_same_bits(enlarging, coloured, photos, tmp_path):
    asked = {"data": str(photos), "crop": 24, "batch_size": 3, "init_from": str(run_of(enlarging, 0)), "steps": 8}
    asked |= {"content": str(coloured), "color": "rgb", "precision": "bfloat16"}
    whole = start(tmp_path / "a", "", "srgan", **asked)
    finish(whole)
    first = start(tmp_path / "b", "", "srgan", **asked | {"steps": 4, "lr_drop_step": 4})
    run_until(first, 1)  # killed with the checkpoint of step 0 alone
    finish(resume(first.run))
    finish(resume(first.run, steps=8))  # longer, and the rate falls where it did
    assert digest(first.run) == digest(whole.run)


def test_without_the_adversary_no_discriminator_learns():
    model = build("srgan", adversarial_weight=0.0, precision="float32")
    before = [weight.numpy() for weight in model.discriminator.model.weights]
    image = tf.random.stateless_uniform((8, 24, 24, 1), (1, 2), -1, 1)
    told = model.train_step(BatchesOf({"image": image}))
    assert set(told) == {"content_loss", "generator_loss"}
    for mine, weight in zip(before, model.discriminator.model.weights, strict=True):
        assert np.array_equal(mine, weight.numpy())


def maps_of(network, *pictures):
    return [network.infer(each) for each in pictures]


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"image_size": 16}, "--crop"),
        ({"crop": 25}, "multiple of --scale 2"),
        ({"crop": 16}, "19 or more"),
        ({"pretrain_steps": 0}, "needs a trained generator, give --init-from"),
        ({"init_from": "nowhere"}, "nowhere"),
        ({"content": "digits", "color": "rgb"}, "gray"),
        ({"content": "nothing-known", "color": "rgb"}, "nothing-known"),
        ({"color": "gray", "content": "vgg22"}, "needs color images"),
    ],
)
def test_options_of_srgan_that_do_not_go_together_are_refused(photos, tmp_path, chosen, said, monkeypatch):
    monkeypatch.setattr("gancli.training.pretrained.LOADERS", loaders())
    with pytest.raises((OptionError, DataError), match=said):
        start(tmp_path, "", "srgan", **{"data": str(photos), "crop": 24, "batch_size": 3} | chosen)


def loaders():
    """As they are, but for the weights of VGG19, which cannot be had here, and for a classifier of digits untrained."""
    from gancli.nn.architectures.classifier import classifier
    from gancli.training import pretrained

    def of(name, data_dir, note):
        if name != "digits":
            return pretrained.load_classifier(name, data_dir, note)
        return SimpleNamespace(model=classifier((8, 8, 1), 10))

    def vgg19(name, data_dir, note):
        return keras.applications.VGG19(weights=None)

    return pretrained.LOADERS | {"classifier": of, "vgg19": vgg19}


def test_weights_of_vgg19_that_cannot_be_had_are_told_in_a_sentence(monkeypatch, photos, tmp_path):
    def refuse(**settings):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "VGG19", refuse)
    with pytest.raises(DataError, match="such as cifar10"):
        start(tmp_path, "", "srgan", data=str(photos), crop=24, batch_size=3, content="vgg22", color="rgb")


@pytest.mark.parametrize(("content", "channels"), [("vgg22", 128), ("vgg54", 512)])
def test_the_maps_of_vgg_are_keras_own_of_centred_bytes(content, channels):
    from gancli.nn.architectures import perceptual

    keras.utils.set_random_seed(0)
    mine = perceptual.features(content)
    image = tf.random.stateless_uniform((1, 32, 32, 3), (1, 2), -1, 1)
    vgg = next(layer for layer in mine.layers if layer.name == "vgg19")
    prepared = keras.applications.vgg19.preprocess_input((image.numpy() + 1) * 127.5)
    expected = vgg(prepared).numpy() / 12.75
    assert mine(image).shape[-1] == channels
    assert np.allclose(mine(image), expected, rtol=1e-3, atol=1e-4)


def test_mnist_goes_from_14_to_28(real_data, gancli):
    few = ["--scale", 2, "--crop", 28, "--no-rotate", "--depth", 1, "--width", 4, "--steps", 2, "-q"]
    answer = gancli("train", "--model", "srresnet", "--data", "mnist", "--data-dir", real_data, *few)
    assert answer.code == 0, answer.err
    answer = gancli("eval-psnr", "--data", "mnist", "--num-images", 50, "--data-dir", real_data, "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["sets"]["mnist"]["bicubic"]["psnr"] > 15
