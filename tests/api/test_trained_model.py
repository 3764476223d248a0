"""gancli.TrainedModel: the images of its methods are those of the commands, bit by bit."""

import warnings

import numpy as np
import pytest
from helpers import stored
from helpers.stored import pictures
from PIL import Image

import gancli
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.evaluation.selection import run_classifiers
from gancli.nn import latents


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """A folder of runs, by model; a run is made when it is first needed."""
    folder, known = tmp_path_factory.mktemp("stored"), {}

    def path(name, **options):
        key = (name, *options.items())
        if key not in known:
            known[key] = stored.store(name, folder, **options)
        return known[key]

    return path


@pytest.fixture
def loaded(runs):
    def load(name, **options):
        return gancli.load_run(runs(name, **options)).load()

    return load


def arrays(gancli_command, tmp_path, *words, column="images"):
    """What a command writes into an .npz file."""
    out = tmp_path / "out.npz"
    answer = gancli_command(*words, "--out", out)
    assert answer.code == 0, answer.err
    with np.load(out) as found:
        return found[column]


def opened(path):
    pixels = np.asarray(Image.open(path))
    return pixels[..., None] if pixels.ndim == 2 else pixels


@pytest.mark.parametrize("name", ["dcgan", "lapgan", "vae"])
def test_samples_are_those_of_the_command(gancli, runs, loaded, tmp_path, name):
    model = loaded(name)
    theirs = arrays(gancli, tmp_path, "sample", "--run", runs(name), "--seeds", "3,70,0-2")
    for seeds in ([3, 70, 0, 1, 2], np.array([3, 70, 0, 1, 2]), (seed for seed in (3, 70, 0, 1, 2))):
        assert np.array_equal(model.sample(seeds), theirs)
    assert np.array_equal(model.sample(70), theirs[1:2])
    assert np.array_equal(model.sample(num_samples=3), model.sample(range(3)))
    assert model.sample().shape == (16, *model.image_shape)
    assert theirs.std() > 5
    z = model.latents([3, 70])
    assert z.shape == (2, model.z_size)
    assert z.dtype == np.float32
    assert np.array_equal(model.decode(z), theirs[:2])
    assert np.array_equal(model.decode(z[1].tolist()), theirs[1:2])


@pytest.mark.parametrize("name", ["acgan", "cgan"])
def test_samples_of_a_class_are_those_of_the_command(gancli, runs, loaded, tmp_path, name):
    model, use = loaded(name), ("--run", runs(name))
    for label in ("1", 1, np.int64(1)):
        ones = model.sample(range(5), label=label)
        assert np.array_equal(ones, arrays(gancli, tmp_path, "sample", *use, "--seeds", "0-4", "--class", "1"))
    every = arrays(gancli, tmp_path, "sample", *use, "--seeds", "0-4")
    assert np.array_equal(model.sample(range(5)), every)
    assert np.array_equal(model.sample(range(5), label=["0", 1, 0, "1", 0]), every)
    assert np.array_equal(model.decode(model.latents(range(5)), label=[0, 1, 0, 1, 0]), every)
    assert not np.array_equal(ones, model.sample(range(5), label=0))
    way = model.interpolate(3, steps=4, label=("0", "1"))
    assert np.array_equal(way[[0, -1]], model.sample([3, 3], label=[0, 1]))
    assert np.array_equal(model.interpolate(3, 1, 2, label=1), model.sample([3, 1], label=1))


class Bright:
    """Selects the images that are brighter than the middle one of a hundred."""

    def __init__(self, trained):
        self.sampler = trained.sampler
        self.limit = np.median(trained.sampler.seeds(list(range(100))).mean(axis=(1, 2, 3)))

    def rule(self, query):
        class Rule:
            is_reached, max_error = True, 0.02

            def recipe(self):
                return {"threshold": 0.5}

        return Rule()

    def recipe(self):
        return {}

    def matches(self, query: AttributeQuery, pixels):
        return (pixels.mean(axis=(1, 2, 3)) > self.limit) == (query.wanted == {1: True})


def test_a_class_of_an_unconditional_model_is_selected_as_the_command_does(gancli, trained, tmp_path, monkeypatch):
    """The rule of selection is replaced: classifiers take a minute, and have tests of their own."""
    monkeypatch.setattr(
        run_classifiers.RunClassifiers, "selector", lambda self, query, max_error=None: Bright(self.trained)
    )
    path = next(trained.glob("*-tiny"))
    model, use = gancli_module().load_run(path).load(), ("--run", path, "--class", "standing")
    assert np.array_equal(
        model.sample(num_samples=70, label="standing"), arrays(gancli, tmp_path, "sample", *use, "--num-samples", 70)
    )
    among = model.sample(range(90), label="standing")
    assert 0 < len(among) < 90
    assert np.array_equal(among, arrays(gancli, tmp_path, "sample", *use, "--seeds", "0-89"))
    seeds = model.find_seeds("standing", 70)
    assert seeds == arrays(gancli, tmp_path, "sample", *use, "--num-samples", 70, column="seeds").tolist()
    assert np.array_equal(model.sample(seeds), model.sample(num_samples=70, label=1))
    z = model.arithmetic("standing - lying + [5]", as_z=True)
    mean = model.latents(seeds[:3]).mean(axis=0) - model.latents(model.find_seeds("lying", 3)).mean(axis=0)
    assert np.allclose(z, mean + model.latents(5)[0], atol=1e-6)


def gancli_module():
    return gancli


def test_arithmetic_on_seeds_vectors_and_names(loaded):
    model = loaded("vae")
    one, two, three = model.latents([1, 2, 3])
    expected = (one + two) / 2 - three
    assert np.allclose(model.arithmetic("[1,2] - [3]", as_z=True), expected, atol=1e-6)
    assert np.allclose(model.arithmetic("a - b", a=[1, 2], b=np.stack([three, three]), as_z=True), expected, atol=1e-6)
    assert np.array_equal(model.arithmetic("a - b", a=range(1, 3), b=3), model.decode(expected)[0])
    assert np.array_equal(model.arithmetic("self - [3]", self=[1, 2]), model.decode(expected)[0])
    for names, message in ({"c": 3}, "c is no term of the sum"), ({"a": "x"}, "a is"), ({"b": [1.0, np.nan]}, "shape"):
        with pytest.raises(gancli.GancliError, match=message):
            model.arithmetic("a - b", **{"a": 1, "b": 2} | names)


def test_interpolation_is_that_of_the_command(runs, loaded, tmp_path, monkeypatch, gancli):
    from gancli.inference.latent_space import interpolation

    walks = []
    plain = interpolation.interpolate
    monkeypatch.setattr(interpolation, "interpolate", lambda *given: walks.append(plain(*given)) or walks[-1])
    pictures_of = pictures(2, (8, 8, 1))
    for at, pixels in enumerate(pictures_of):
        Image.fromarray(pixels[..., 0]).save(tmp_path / f"{at}.png")
    for name in ("dcgan", "vae"):
        model, use = loaded(name), ("interpolate", "--run", runs(name), "--out", tmp_path / "walk.png")
        for mode in ("lerp", "slerp"):
            assert gancli(*use, "--seeds", "3,11", "--mode", mode, "--steps", 5).code == 0
            assert np.array_equal(model.interpolate(3, 11, 5, mode=mode), walks[-1].walk.rows)
        assert np.array_equal(model.interpolate(*model.latents([3, 11]), 5, mode="slerp"), walks[-1].walk.rows)
        assert np.array_equal(model.interpolate(3, 11)[[0, -1]], model.sample([3, 11]))
    assert gancli(*use, "--from-images", tmp_path / "0.png", tmp_path / "1.png", "--steps", 4).code == 0
    between = walks[-1].walk.rows[1:-1]  # the images themselves are beside the row
    assert np.array_equal(model.interpolate(*pictures_of, 4), between)
    assert np.array_equal(model.interpolate(str(tmp_path / "0.png"), Image.open(tmp_path / "1.png"), 4), between)
    assert np.array_equal(model.interpolate(model.encode(pictures_of[0]), pictures_of[1], 4), between)


@pytest.mark.parametrize("name", ["vae"])
def test_encoding_reconstruction_and_projection_are_those_of_the_commands(gancli, runs, loaded, tmp_path, name):
    model, pixels = loaded(name), pictures(3, (8, 8, 1))
    for at, image in enumerate(pixels):
        Image.fromarray(image[..., 0]).save(tmp_path / f"{at}.png")
    files = sorted(tmp_path.glob("*.png"))
    z = arrays(gancli, tmp_path, "encode", *files, "--run", runs(name), column="z")
    for images in (
        pixels,
        pixels[..., 0],
        list(pixels),
        files,
        pixels / 255.0,
        pixels / 127.5 - 1,
        [Image.open(one) for one in files],
    ):
        assert np.array_equal(model.encode(images), z)
    assert np.array_equal(model.encode(pixels[0, ..., 0]), z[:1])
    assert np.array_equal(model.reconstruct(pixels), model.decode(z))
    if name == "vae":
        found = arrays(
            gancli, tmp_path, "project", *files, "--run", runs(name), "--steps", 3, "--starts", 2, column="z"
        )
        assert np.array_equal(model.project(files, steps=3, starts=2), found)


def test_texts(gancli, runs, loaded, tmp_path):
    model, use = loaded("gan-cls"), ("--run", runs("gan-cls"))
    out = tmp_path / "folder"
    assert gancli("sample", *use, "--text", "a b", "--seeds", "0-2", "--out", out).code == 0
    theirs = np.stack([opened(path) for path in sorted(out.rglob("*.png"))])
    assert np.array_equal(model.sample(range(3), text="a b"), theirs)
    assert np.array_equal(model.decode(model.latents(range(3)), text=["a b"] * 3), theirs)
    assert not np.array_equal(model.sample(range(3), text="c"), theirs)
    captions = model.sample(range(2))  # of its data, in turn: texts from before leave no trace
    assert np.array_equal(captions, model.sample(range(2), text=["a b", "c"]))
    way = model.interpolate(1, steps=3, text=("a b", "c"))
    assert np.array_equal(way[[0, -1]], model.sample([1, 1], text=["a b", "c"]))
    styles = pictures(2, model.image_shape)
    assert model.sample(text="a b", style_of=styles).shape == (2, *model.image_shape)
    vectors = arrays(gancli, tmp_path, "encode", *use, "--text", "a b", "--text", "c", column="z")
    assert np.array_equal(model.encode(["a b", "c"]), vectors)
    assert np.array_equal(model.encode("c"), vectors[1:])
    with pytest.warns(UserWarning, match="words outside the run's vocabulary, encoded as unknown: zebra") as caught:
        model.sample(2, text="a zebra")
    assert caught[0].filename == __file__
    sentences = loaded("skip-thoughts")
    assert sentences.encode(["a b", "c"]).shape == (2, sentences.encode("a").shape[1])


def test_upscaling_is_that_of_the_command(gancli, runs, loaded, tmp_path):
    model = loaded("espcn")
    random = np.random.default_rng(0)
    for number, channels in enumerate((1, 3, 4)):
        pixels = random.integers(0, 256, (9 + number, 14, channels), np.uint8)
        small, large = tmp_path / "small.png", tmp_path / f"large-{channels}.png"
        Image.fromarray(pixels.squeeze()).save(small)
        assert gancli("upscale", small, "--run", runs("espcn"), "--out", large).code == 0
        for given in (pixels, small, str(small), Image.open(small)):
            assert np.array_equal(model.upscale(given), opened(large)), channels
    gray = random.integers(0, 256, (3, 6, 5, 1), np.uint8)
    assert model.upscale(gray).shape == (3, 12, 10, 1)
    assert np.array_equal(model.upscale(gray)[1], model.upscale(gray[1, ..., 0]))
    several = model.upscale([gray[0], pixels])
    assert [one.shape for one in several] == [(12, 10, 1), (22, 28, 4)]


def test_segmentation_and_translation_are_those_of_the_commands(gancli, runs, loaded, tmp_path):
    pixels = pictures(2, (20, 26, 3))
    Image.fromarray(pixels[0]).save(tmp_path / "in.png")
    model = loaded("segmentation")
    for flags, resize in (((), None), (("--resize", 12), 12)):
        out = tmp_path / f"map-{resize}.png"
        assert gancli("segment", tmp_path / "in.png", "--run", runs("segmentation"), "--out", out, *flags).code == 0
        maps = model.segment(pixels, resize=resize)
        assert maps.shape == (2, 20, 26)
        assert maps.dtype == np.uint8
        assert np.array_equal(maps[0], np.asarray(Image.open(out)))
        assert np.array_equal(model.segment(tmp_path / "in.png", resize=resize), maps[0])
    assert len(np.unique(maps)) == 2
    assert np.array_equal(model.colorize(maps)[..., 0], np.where(maps == 1, 255, 0))
    assert model.classes == ("0", "1")
    model = loaded("cyclegan")
    out = tmp_path / "translated.png"
    assert gancli("translate", tmp_path / "in.png", "--run", runs("cyclegan"), "--out", out).code == 0
    assert np.array_equal(model.translate(pixels)[0], opened(out))
    assert not np.array_equal(model.translate(pixels[0], "b-to-a"), opened(out))
    assert np.array_equal(model.translate(list(pixels))[1], model.translate(pixels[1], "a-to-b"))


def test_points(loaded):
    model = loaded("toy")
    points = model.sample(range(70))
    assert points.shape == (70, 2)
    assert points.dtype == np.float32
    assert np.array_equal(
        points, model.run.folder.model()[0].decode(latents.from_seeds(range(70), 2, "normal")).numpy()
    )
    assert np.array_equal(model.decode(model.latents([1, 2])), model.sample([1, 2]))
    with pytest.raises(gancli.OptionError, match="toy generates from seeds alone"):
        model.sample(label=1)


def test_facts_repr_and_pictures(loaded, trained, run_path):
    model = gancli.load_run(run_path).load()
    assert (model.step, model.weights, model.image_shape) == (20, "ema 0.999", (8, 8, 1))
    assert (model.classes, model.z_size) == (("lying", "standing"), 100)
    assert "dcgan of" in repr(model)
    assert "the last checkpoint" in repr(model)
    assert gancli.load_run(run_path).load("raw", 16).weights == "raw"
    assert gancli.load_run(run_path).load(checkpoint=16).step == 16
    assert model._repr_png_().startswith(b"\x89PNG")
    assert "<img" in model._repr_html_()
    upscaler = loaded("espcn")
    assert upscaler._repr_png_() is None  # never trained, so it has no sample grid
    assert "<img" not in upscaler._repr_html_()
    with pytest.raises(gancli.OptionError, match=r"^espcn cannot do this: it does not generate images"):
        upscaler._trained.sampler  # noqa: B018
    folder = upscaler.run.path / "samples"
    folder.mkdir(exist_ok=True)
    (folder / "train-00000001.png").write_bytes(model._repr_png_())
    assert upscaler._repr_png_() == model._repr_png_()
    assert upscaler.image_shape == (None, None, 1)
    assert loaded("skip-thoughts")._repr_png_() is None


def test_a_model_whose_output_means_little_warns_once(run_path):
    from gancli.runs.checkpoints import Position
    from gancli.runs.run import Run

    run = Run(run_path)
    run.save(run.model_class(*run.settings(), run.facts), Position())
    model = gancli.load_run(run_path).load(checkpoint=0)
    with pytest.warns(UserWarning, match="is before any training, so its output is noise") as caught:
        model.sample(2)
    assert [one.filename for one in caught] == [__file__]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.sample(2)
