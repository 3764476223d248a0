"""Every model file: what its steps move, and what its networks give. That it trains: tests/training/test_resume.py."""

import dataclasses
import inspect

import numpy as np
import pytest
from helpers.tiny import ALL, SHAPES, BatchesOf, build, data, each, state, train

from experiments import model_pages
from gancli import models
from gancli.core.backend import tf
from gancli.inference.sampling import Sampler
from gancli.models.base import Model
from gancli.models.capabilities import Decoder, Encoder

OF_EACH_KIND = ("gan", "dcgan", "wgan-gp", "vae", "lapgan", "toy", "gan-cls", "skip-thoughts")


REGULARIZED = {
    "spectral_norm": True,
    "equalized_lr": True,
    "gradient_penalty": 1.0,
    "r1": 1.0,
    "r2": 1.0,
    "dragan": 1.0,
    "augment": "ada",
    "ema_rampup": 0.05,
    "d_norm": "layer",
    "loss": "relativistic-average",
}
PAIRS = {"augment": "none"}  # of discriminators that compare an image with something
OWN_STEP = {  # models whose steps are not alternating_step, and one that has it
    "dcgan": {"minibatch_stddev": 4},
    "acgan": {},
    "matching": {"loss": "hinge"},
    "lapgan": {},
    "ebgan": {},
    "vaegan": {},
    "alpha-gan": {},
    "gan-cls": PAIRS,
    "srgan": {},
    "pix2pix": PAIRS,
    "cyclegan": {"loss": "hinge"},
    "segmentation": PAIRS,
}


@pytest.mark.parametrize("name", [name for name in ALL if issubclass(models.get(name), Decoder)])
def test_a_decoder_gives_images_of_the_data_s_shape_in_the_range_of_tanh(name):
    side = models.get(name).data_requirements(models.get(name).Options()).nearest_side(12)
    model = build(name, shape=SHAPES.get(name, (side, side, 3)))
    told = Sampler(model).conditions
    given = [] if told is None else [tf.constant(told[[0, 1, 0]])]
    pictures = model.decode(tf.constant(model.latents([0, 1, 2])), *given)
    assert pictures.shape == (3, *model.data.shape)
    assert pictures.dtype == tf.float32
    assert float(tf.reduce_max(tf.abs(pictures))) <= 1


@pytest.mark.parametrize("name", [name for name in ALL if issubclass(models.get(name), Encoder)])
def test_an_encoder_gives_what_the_decoder_takes(name):
    model = build(name, shape=(12, 12, 3))
    pictures = tf.random.stateless_uniform((3, 12, 12, 3), (1, 2), -1, 1)
    z = model.encode(pictures)
    assert z.shape == (3, model.z_size)
    assert z.dtype == tf.float32
    assert model.decode(z).shape == pictures.shape


@pytest.mark.parametrize("precision", ["bfloat16", "float16"])
@pytest.mark.parametrize("name", OF_EACH_KIND)
def test_half_precision_keeps_weights_and_losses_in_float32(name, precision):
    model = build(name, precision=precision)
    assert {str(array.dtype) for key, array in state(model).items() if array.dtype.kind == "f"} == {"float32"}
    _, _, last = train(model, model.stages()[0], 1)
    assert np.isfinite(list(last.values())).all()


@pytest.fixture(scope="module", params=ALL)
def model(request):
    """Each model in turn, built once; in float32, and with one step of the discriminator."""
    fields = {field.name for field in dataclasses.fields(models.get(request.param).Options)}
    return build(request.param, precision="float32", **({"d_steps": 1} if "d_steps" in fields else {}))


def test_networks_are_declared_attributes(model):
    declared = {key for cls in type(model).__mro__ for key in vars(cls).get("__annotations__", {})}
    made = {key for key in model.networks if key.isidentifier() and not key.startswith("judge")}
    assert made <= declared or model.name() == "skip-thoughts", made - declared


def test_each_player_s_step_leaves_every_variable_of_the_other_bit_equal(model, monkeypatch):
    """The strict freeze: weights, BatchNorm statistics, seeds and optimizer slots alike."""
    check_the_freeze(model, monkeypatch)


@pytest.mark.parametrize("name", OWN_STEP)
def test_the_freeze_is_as_strict_with_every_regularization(name, monkeypatch):
    """Vectors of spectral normalization too; and each of them is in the loss."""
    known = {field.name for field in dataclasses.fields(models.get(name).Options)}
    model = build(name, **{key: value for key, value in (REGULARIZED | OWN_STEP[name]).items() if key in known})
    logged = check_the_freeze(model, monkeypatch)
    assert "penalty" in logged
    assert ("ada_probability" in logged) == (model.options.augment == "ada")
    spectral = [network for key, network in model.networks.items() if key in model.adversaries]
    assert spectral
    assert all(network.spectral.vectors for network in spectral)


def check_the_freeze(model, monkeypatch):
    """Take a step of each stage and watch what it moves; the metrics that it gives."""
    from gancli.models.families import style_encoding, super_resolution, text_conditional
    from gancli.nn import adversarial_step

    moved = []
    plain, is_clipped = adversarial_step.minimize, bool(getattr(model.options, "weight_clip", 0))

    def watched(*networks, loss):
        before, mine = each(model), [key for key, network in model.networks.items() if network in networks]
        assert before == known or is_clipped  # between two steps, the making of images included, nothing moves
        value = plain(*networks, loss=loss)
        known.update(each(model))
        moved.append(mine)
        assert {key for key in known if known[key] != before[key]} == set(mine)
        return value

    for shared in (adversarial_step, style_encoding, super_resolution, text_conditional):
        monkeypatch.setattr(shared, "minimize", watched)
    monkeypatch.setattr(inspect.getmodule(type(model)), "minimize", watched, raising=False)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    known = each(model)
    logged = {key for stage in model.stages() for key in stage.step(BatchesOf(batch))}
    assert {key for keys in moved for key in keys} == model.networks.keys()
    assert logged | {f"{key}_gradient" for key in model.networks} <= model_pages.logged(model.name())  # in docs/models
    assert each(model) == known or is_clipped
    return logged


def test_the_base_class_is_small_and_models_inherit_from_one_class_with_behavior():
    methods = [name for name, item in vars(Model).items() if inspect.isfunction(getattr(item, "__func__", item))]
    assert len(set(methods) - {"__init__"}) <= 14
    for name in ALL:
        bases = [base for base in models.get(name).__bases__ if issubclass(base, Model)]
        assert len(bases) == 1, name
