"""Networks of all models as files of other programs: rebuilt of Keras' own layers, opened by their runtimes, equal."""

import functools
import json
import operator
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import tiny

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import CheckpointError, OptionError
from gancli.inference.export import (
    comparison,
    exporting,
    faults,
    formats,
    keras_format,
    metadata,
    networks,
    stock_layers,
)
from gancli.inference.sampling import Sampler
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import StyleBased
from gancli.nn.layers import resampling
from gancli.runs.run import Run

VARIANTS = {  # what options add to the networks
    "dcgan at an odd side": ("dcgan", {"shape": (13, 13, 3)}),
    "conditional dcgan": ("dcgan", {"conditional": True}),
    "minibatch discrimination": ("gan", {"minibatch_kernels": 3, "r1": 0.0}),
    "letters": ("gan-cls", {"text_encoder": "letters", "max_words": 4}),
    "both forms of skip-thoughts": ("skip-thoughts", {"form": "combine"}),
    "conditional vae": ("vae", {"conditional": True}),
    "convolutional vae in color": ("vae", {"network": "convolutional", "width": 4, "shape": (8, 8, 3)}),
    "conditional lapgan": ("lapgan", {"conditional": True}),
    "pyramid of three levels": ("lapgan", {"sizes": "5,9,16"}),
    "multiscale segmenter": ("segmentation", {"segmenter": "multiscale"}),
    "cyclegan without checkerboards": ("cyclegan", {"residual_output": True, "anti_checkerboard": True}),
    "upscaling by three": ("srresnet", {"scale": "3", "crop": 12, "anti_checkerboard": True}),
}
CASES = {**{name: (name, {}) for name in tiny.ALL}, **VARIANTS}
HALF = "bfloat16"
PATH = operator.attrgetter("path")
ONE_OF_EACH = {  # a network of each architecture, for the slower formats
    "dcgan at an odd side": "generator",
    "wgan-gp": "discriminator",
    "gan": "generator",
    "matching": "generator",
    "vae": "encoder",
    "pyramid of three levels": "generator",
    "gan-cls": "generator",
    "both forms of skip-thoughts": "encoder",
    "upscaling by three": "generator",
    "cyclegan without checkerboards": "a_to_b",
    "pix2pix": "generator",
    "multiscale segmenter": "segmenter",
}
RUNTIMES = [
    (kind, name) for kind in ("onnx", "litert") for name in ONE_OF_EACH if (kind, "skip" in name) != ("litert", True)
]


@functools.cache
def built(name):
    """A model whose weights, running statistics too, are those of no start; it computes in half precision."""
    model_name, options = CASES[name]
    model = tiny.build(model_name, **({} if model_name == "toy" else {"precision": HALF}), **options)
    random = np.random.default_rng(0)
    for network in model.networks.values():
        for weight in network.model.weights:
            values = weight.numpy()
            if values.dtype == np.float32 and "covariance" not in weight.path:
                weight.assign(values * random.uniform(0.7, 1.3, values.shape) + _noise(weight, random))
        network.reset_ema()
        network.optimizer.iterations.assign(1)
    return model


def _noise(weight, random):
    """For all but variances: biases and means start at 0, and some weights near it."""
    return 0 if "variance" in weight.path else random.normal(size=weight.shape) / 50


@functools.cache
def found(name, network):
    return networks.find(built(name), network)


def trained(name):
    """What an export needs of a trained run."""
    model = built(name)
    run = SimpleNamespace(path=Path("runs/00003-tiny"), facts=model.data)
    return SimpleNamespace(model=model, run=run, step=20, weights="ema 0.999")


def names(name):
    return networks.names(built(name))


@pytest.mark.parametrize("name", CASES)
def test_each_network_rebuilt_of_keras_own_layers_computes_the_same(name):
    for one in names(name) if name in tiny.ALL else built(name).inference_networks:
        network = found(name, one)
        assert stock_layers.own_layers(network.model) == []
        assert {layer.compute_dtype for layer in network.model.layers} <= {"float32", "int32"}
        cases = comparison.cases(built(name), network)[:2]
        ours, theirs = comparison.reference(network, cases), comparison.rebuilt(network, cases)
        assert comparison.difference(ours, theirs) < 2e-6, one
        assert all(np.std(out) > 1e-5 for out in ours[-1]), one  # else equal outputs would prove nothing


def test_a_stock_model_keeps_names_and_weights_and_shares_nothing():
    for name in CASES:
        for network in built(name).networks.values():
            copy = stock_layers.stock_model(network.model)
            assert [one.name for one in copy.inputs] == [one.name for one in network.model.inputs]
            assert {layer.name for layer in network.model.layers} <= {layer.name for layer in copy.layers}
            if isinstance(built(name), StyleBased) or name == "r3gan":
                continue  # their layers become several
            kept = [weight for weight in network.model.trainable_weights if "log_deviation" not in weight.path]
            assert len(kept) == len(copy.trainable_weights)
            others = list(copy.trainable_weights)
            if name == "sngan":  # its layers are in another order, with two paths through each block
                kept, others = sorted(kept, key=PATH), sorted(others, key=PATH)
            for weight, other in zip(kept, others, strict=True):
                assert weight is not other
                np.testing.assert_array_equal(weight, other)
    assert keras.config.dtype_policy().name == "float32"


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_networks_in_float32_are_those_of_a_model_in_float32(name):
    model = built(name)
    twin = type(model)(*_in_float32(model), model.data)
    for key, network in model.networks.items():
        twin.networks[key].model.set_weights(network.inference_model.get_weights())
        twin.networks[key].reset_ema()
        twin.networks[key].optimizer.iterations.assign(1)
    network = found(name, None)
    (case,) = comparison.cases(model, network)[:1]
    expected = model.inference_networks[network.name].method(twin, *map(tf.constant, case))
    np.testing.assert_array_equal(network.method(*map(tf.constant, case))[0], expected)
    assert model.networks[next(iter(model.networks))].model.dtype_policy.compute_dtype == (
        "float32" if name == "toy" else HALF
    )


def _in_float32(model):
    from dataclasses import replace

    return replace(model.config, precision="float32"), model.options


def test_keras_opens_the_networks_of_all_models_without_gancli(tmp_path):
    jobs, expected = [], []
    for name in CASES:
        for one in built(name).inference_networks:
            network = found(name, one)
            path = tmp_path / f"{len(jobs)}.keras"
            keras_format.write(network, path, metadata.about(trained(name), network, half=False))
            cases = comparison.cases(built(name), network)
            jobs.append((path, cases))
            expected.append((f"{name}: {one}", comparison.reference(network, cases)))
    network = found("cgan", None)
    keras_format.write(network, tmp_path / "half.keras", metadata.about(trained("cgan"), network, half=True), half=True)
    cases = comparison.cases(built("cgan"), network)
    *opened, in_half = keras_format.compute_all([*jobs, (tmp_path / "half.keras", cases)])
    assert len(opened) > 40
    for (name, ours), theirs in zip(expected, opened, strict=True):
        assert comparison.difference(ours, theirs) < 1e-5, name
    assert 1e-6 < comparison.difference(comparison.reference(network, cases), in_half) < 1e-2
    full = [path for path, _ in jobs if keras_format.about(path)["model"] == "cgan"]
    assert (tmp_path / "half.keras").stat().st_size < 0.55 * full[0].stat().st_size
    assert keras_format.about(tmp_path / "half.keras")["float16"] is True


def test_a_keras_file_that_needs_gancli_is_recognized(tmp_path):
    built("dcgan").generator.model.save(tmp_path / "a.keras")
    with pytest.raises(ValueError, match=r"BatchNormalization|deserialize"):
        keras_format.compute_all([(tmp_path / "a.keras", [[np.zeros((1, 100), np.float32)]])])


@pytest.mark.parametrize(("kind", "name"), RUNTIMES)
def test_runtimes_compute_the_same_in_all_sizes(tmp_path, kind, name):
    out = tmp_path / f"network{formats.FORMATS[kind].ending}"
    result = exporting.export_network(trained(name), out, kind, network=ONE_OF_EACH[name])
    assert result.difference < 2e-5
    assert result.size == out.stat().st_size
    assert formats.FORMATS[kind].module().about(out) == json.loads(json.dumps(result.about))


def test_litert_refuses_recurrent_units_by_name(tmp_path):
    with pytest.raises(OptionError, match=r"cannot hold layer gru \(GRU\) of network reader .* choose another format"):
        exporting.export_network(trained("letters"), tmp_path / "a.tflite", "litert", network="reader")
    assert not list(tmp_path.iterdir())


def test_tensorflow_computes_the_same_from_a_folder(tmp_path):
    for name in ("dcgan at an odd side", "multiscale segmenter"):
        out = tmp_path / "below" / name.replace(" ", "_")
        result = exporting.export_network(trained(name), out, "saved-model")
        assert result.difference < 1e-5
        module = formats.FORMATS["saved-model"].module()
        assert module.about(out)["network"] == result.about["network"]
        with pytest.raises(OptionError, match="it exists, and a saved-model is a new folder"):
            exporting.export_network(trained(name), out, "saved-model")
    assert len(list((tmp_path / "below").iterdir())) == 2


@pytest.mark.parametrize("kind", ["onnx", "litert"])
def test_half_precision_halves_the_file_and_costs_little(tmp_path, kind):
    sizes = []
    for half in (False, True):
        out = tmp_path / f"{half}{formats.FORMATS[kind].ending}"
        result = exporting.export_network(trained("cgan"), out, kind, half=half)
        sizes.append(result.size)
        assert result.about["float16"] is half
    assert sizes[1] < 0.55 * sizes[0]
    assert 1e-6 < result.difference < 1e-2


def test_a_file_that_computes_something_else_is_not_written_and_its_layer_is_named(tmp_path, monkeypatch):
    module = formats.FORMATS["onnx"].module()
    plain = module.compute

    def spoiled(path, network, cases):
        """As if the runtime computed tanh wrongly."""
        is_there = "image" in [layer.name for layer in network.model.layers]
        return [[out + 0.01 * is_there for out in outputs] for outputs in plain(path, network, cases)]

    monkeypatch.setattr(module, "compute", spoiled)
    with pytest.raises(OptionError, match=r"layer image \(Activation\) of network generator comes out differently"):
        exporting.export_network(trained("dcgan"), tmp_path / "a.onnx", "onnx")
    assert not list(tmp_path.iterdir())
    monkeypatch.undo()
    network = found("dcgan", None)
    assert faults.find(module, network, comparison.cases(built("dcgan"), network), 1e-4) == ""


def test_weights_that_are_not_finite_are_not_exported(tmp_path):
    model = tiny.build("toy")
    model.generator.inference_model.get_layer("point").bias.assign([np.nan, 0])
    run = SimpleNamespace(path=Path("runs/00003-tiny"), facts=model.data)
    spoiled = SimpleNamespace(model=model, run=run, step=20, weights="raw")
    with pytest.raises(CheckpointError, match="generator of step 20 computes no finite numbers"):
        exporting.export_network(spoiled, tmp_path / "a.onnx", "onnx")


def test_every_model_declares_networks_that_it_has_or_builds():
    for name in tiny.ALL:
        model = built(name)
        declared = models.get(name).inference_networks
        assert declared
        main = found(name, None)
        assert main.name == next(iter(declared))
        assert all(one in [*declared, *model.networks] for one in names(name))
        about = metadata.about(trained(name), main, half=False)
        assert all("meaning" in one for one in about["inputs"] + about["outputs"]), name
    with pytest.raises(
        OptionError, match="the networks of dcgan are generator, discriminator; did you mean 'generator'"
    ):
        found("dcgan", "generatr")


@pytest.mark.parametrize("kind", resampling.KINDS)
def test_maps_are_resampled_alike(kind):
    maps = keras.Input((6, 4, 2), name="maps")
    model = keras.Model(maps, resampling.layer(kind, name="resampled")(maps))
    values = tf.random.stateless_normal((3, 6, 4, 2), (1, 2))
    np.testing.assert_allclose(stock_layers.stock_model(model)(values), model(values), atol=1e-6)


def test_a_layer_that_keras_does_not_know_is_named():
    class Doubled(keras.layers.Layer):
        def call(self, inputs):
            return 2 * inputs

    image = keras.Input((4,), name="image")
    with pytest.raises(ValueError, match="layer twice is a Doubled, which Keras does not know"):
        stock_layers.stock_model(keras.Model(image, Doubled(name="twice")(image)))


def test_the_seeds_of_a_file_are_those_of_gancli(tmp_path):
    for name in ("dcgan", "wgan", "infogan"):  # uniform, normal, and with codes
        about = metadata.about(trained(name), found(name, None), half=False)
        z = [eval(about["latent"]["from_seed"], {"numpy": np, "seed": seed}) for seed in (3, 2**40)]
        np.testing.assert_array_equal(z, built(name).latents([3, 2**40]))


@pytest.mark.parametrize("name", ["gan-cls", "letters", "both forms of skip-thoughts"])
def test_a_text_becomes_a_row_as_the_metadata_say(name):
    import re

    text = metadata.about(trained(name), found(name, "encoder" if "skip" in name else "reader"), half=False)["text"]
    sentence = "A b’s C, a A_B: 7 ü"
    if text["tokens"] == "letters":
        numbers = [1 + text["letters"].find(one if one in text["letters"] else " ") for one in sentence.lower()]
    else:
        words = re.findall(text["pattern"], sentence.lower().replace("’", "'"))
        numbers = [3 + text["words"].index(word) if word in text["words"] else 1 for word in words]
    row = (numbers + [0] * text["length"])[: text["length"]]
    assert row == built(name).text_rows([sentence])[0].tolist()


def test_the_command_writes_what_sample_shows(gancli, run_path, tmp_path):
    import onnxruntime

    answer = gancli("export", "--run", run_path, "--format", "onnx", "--out", tmp_path / "g.onnx", "--json")
    assert (answer.code, answer.err) == (0, "")
    result = json.loads(answer.out)
    assert result["difference"] < 1e-5
    assert result["out"] == str(tmp_path / "g.onnx")
    session = onnxruntime.InferenceSession(str(tmp_path / "g.onnx"), providers=["CPUExecutionProvider"])
    run = TrainedModel(Run(run_path))
    (images,) = session.run(None, {"z": run.model.latents(range(64))})
    pixels = np.clip(np.rint(127.5 * (images + 1)), 0, 255).astype(int)
    ours = Sampler(run.model).seeds(list(range(64))).astype(int)  # in the precision of the run
    assert np.abs(pixels - ours).max() <= 4
    assert np.abs(pixels - ours).mean() < 0.5


def test_the_command_says_what_it_wrote_and_nothing_else(gancli, run_path):
    before = {path: path.read_bytes() for path in run_path.rglob("*") if path.is_file()}
    answer = gancli("export", "--run", run_path, "--format", "litert", "--network", "discriminator")
    assert (answer.code, answer.err) == (0, ""), answer.err
    first, *_, last = answer.out.splitlines()
    assert first.startswith(f"{run_path}/export/discriminator.tflite: discriminator of step 20 of {run_path}")
    assert "largest difference from gancli" in last
    again = gancli("export", "--run", run_path, "--format", "litert", "--network", "discriminator", "--weights", "raw")
    assert again.out.startswith(f"{run_path}/export/discriminator-2.tflite")
    assert before == {path: path.read_bytes() for path in before}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["onnx", "--out", "a.keras"], "--out a.keras: expected a name that ends in .onnx"),
        (["saved-model", "--out", "a.onnx"], "--out a.onnx: expected a name that names a folder"),
        (["saved-model", "--float16"], "a saved-model is stored in float32"),
        (["onnx", "--network", "encoder"], "the networks of dcgan are generator, discriminator"),
        (["saved-model", "--out", "{run}/checkpoints"], "belongs to the run"),
        (["onnx", "--out", "{run}/checkpoints/a.onnx"], "belongs to the run"),
    ],
)
def test_what_cannot_be_is_one_sentence(gancli, run_path, words, said):
    answer = gancli("export", "--run", run_path, "--format", *[word.format(run=run_path) for word in words])
    assert (answer.code, answer.out) == (2, "")
    assert said in answer.err
    assert answer.err.count("\n") == 1


def test_a_missing_runtime_is_one_sentence(monkeypatch):
    monkeypatch.setattr(formats.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(OptionError, match=r"onnx, onnxruntime, tf2onnx\): pip install 'gancli\[export\]'"):
        formats.FORMATS["onnx"].module()
    assert formats.FORMATS["keras"].module() is keras_format
