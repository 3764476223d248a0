"""The networks of all models are models of Keras like any others, and load where gancli is not installed."""

import json
import subprocess
import sys

import numpy as np
import pytest
from helpers import programs, stored, tiny

import gancli
from gancli.core.backend import keras, tf
from gancli.inference.export import comparison, networks
from gancli.runs.run import Run

PROGRAM = """
import json, sys
sys.modules["gancli"] = None  # importing it fails here
import keras, numpy
for path, inputs, outputs in json.loads(sys.argv[1]):
    model = keras.saving.load_model(path)
    model.run_eagerly = True  # compiling takes longer than all the rest
    with numpy.load(inputs) as given:
        rows = [given[str(at)] for at in range(len(model.inputs))]
    found = model.predict(rows[0] if len(rows) == 1 else rows, verbose=0)
    found = found if isinstance(found, (list, tuple)) else [found]
    numpy.savez(outputs, **{str(at): value for at, value in enumerate(found)})
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """Every model, built small, as a TrainedModel; not restored a second time, which would take most of the time."""
    folder, found = tmp_path_factory.mktemp("networks"), {}
    for name in tiny.ALL:
        built = tiny.build(name)
        for network in built.networks.values():
            network.optimizer.iterations.assign(1)
        run = Run.create(folder, built, "", ["test"])
        run.checkpoint_path(1).parent.mkdir(exist_ok=True)
        run.checkpoint_path(1).touch()
        found[name] = gancli.load_run(run.path).load(checkpoint=1)
        found[name]._trained.__dict__["_loaded"] = built, 1
    return found


def test_each_network_of_each_model_loads_without_gancli_and_computes_the_same(models, tmp_path):
    """Those for inference of most models are opened in tests/inference/test_export.py, made by the same function."""
    jobs, expected = [], {}
    for name, model in models.items():
        for network, stock in model.networks.items():
            assert isinstance(stock, keras.Model)
            if network in model._trained.model.inference_networks and name not in ("dcgan", "vae", "espcn"):
                continue
            declared = networks.find(model._trained.model, network)
            inputs = comparison.cases(model._trained.model, declared)[1]
            paths = [str(tmp_path / f"{len(jobs)}{ending}") for ending in (".keras", "-in.npz", "-out.npz")]
            stock.save(paths[0])
            np.savez(paths[1], **{str(at): value for at, value in enumerate(inputs)})
            jobs.append(paths)
            expected[f"{name}: {network}"] = [np.asarray(out) for out in declared.method(*map(tf.constant, inputs))]
    assert len(jobs) > 30
    command = [sys.executable, "-c", PROGRAM, json.dumps(jobs)]
    child = subprocess.run(command, env=programs.environment(), capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr[-2000:]
    for (name, ours), (_, _, outputs) in zip(expected.items(), jobs, strict=True):
        with np.load(outputs) as theirs:
            assert comparison.difference([ours], [[theirs[str(at)] for at in range(len(ours))]]) < 1e-5, name


def test_networks_are_attributes_and_unknown_ones_are_named(models):
    model = models["lapgan"]
    assert model.generator_0 is model.networks["generator-0"]
    assert "generator_0" in dir(model)
    with pytest.raises(AttributeError, match="'generatr'; its networks: generator, generator_0, discriminator_0"):
        model.generatr  # noqa: B018
    for name in ("_ipython_display_", "__deepcopy__"):
        with pytest.raises(AttributeError, match="object has no attribute"):
            getattr(model, name)


def test_the_weights_are_those_that_were_chosen(tmp_path):
    path = stored.store("dcgan", tmp_path, precision="bfloat16")
    run = Run(path)
    model, _ = run.model()
    model.generator.average.set_weights([weight * 0.5 for weight in model.generator.model.get_weights()])
    from gancli.runs.checkpoints import Position

    run.save(model, Position((2,)))
    for kind, network in (("ema", model.generator.average), ("raw", model.generator.model)):
        stock = gancli.load_run(path).load(weights=kind).generator
        for ours, theirs in zip(stock.get_weights(), network.get_weights(), strict=True):
            assert np.array_equal(ours, theirs)
        z = np.random.default_rng(0).normal(size=(3, 100)).astype(np.float32)
        assert np.allclose(stock.predict(z, verbose=0), network(z, training=False), atol=0.05)  # of bfloat16
        assert stock.compute_dtype == "float32"


def test_training_a_network_changes_no_method(models):
    model = models["dcgan"]
    before = model.sample(4)
    model.generator.set_weights([np.zeros_like(weight) for weight in model.generator.get_weights()])
    assert np.array_equal(model.sample(4), before)


def test_export_chooses_the_format_by_the_ending(models, tmp_path):
    result = models["dcgan"].export(str(tmp_path / "d.keras"), network="discriminator")
    assert (result.format, result.path) == ("keras", tmp_path / "d.keras")
    assert result.difference < 1e-5
    assert keras.saving.load_model(tmp_path / "d.keras").count_params() == models["dcgan"].discriminator.count_params()
    for path, format, message in (
        ("a.pth", None, r"path is 'a.pth': expected a format of keras, saved-model, onnx, litert"),
        ("a.keras", "torch", "format is 'torch': expected a format of keras"),
        ("a.keras", "onnx", "expected a name that ends in .onnx"),
    ):
        with pytest.raises(gancli.OptionError, match=message):
            models["dcgan"].export(path, format)
    with pytest.raises(gancli.OptionError, match="the networks of dcgan are generator, discriminator"):
        models["dcgan"].export(tmp_path / "a.keras", network="encoder")


def test_abilities_are_the_methods_that_do_not_refuse(models):
    """Every method of every model: one that is no ability raises the sentence of the command, the others do not."""
    methods = {
        "sample": (2,),
        "find_seeds": None,
        "latents": (2,),
        "decode": None,
        "interpolate": None,
        "arithmetic": None,
        "encode": None,
        "reconstruct": None,
        "project": None,
        "upscale": None,
        "segment": None,
        "colorize": ([[0]],),
        "translate": None,
        "to_w": None,
        "from_w": None,
        "mix": None,
    }
    sentence = r" cannot do this: it | takes texts, so an image alone| is conditioned on the "
    known = set()
    for name, model in models.items():
        known |= set(model.abilities)
        for method, arguments in methods.items():
            if method not in model.abilities:
                with pytest.raises(gancli.OptionError, match=f"^{name}({sentence})"):
                    getattr(model, method)(*(arguments or (None,)))
            elif arguments:
                getattr(model, method)(*arguments)
    assert known == set(methods)
