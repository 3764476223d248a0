"""Models made small for tests, columns of random data for them, and what trains them."""

import numpy as np

from gancli import models
from gancli.core.backend import tf
from gancli.core.distributed.strategy import SINGLE_DEVICE
from gancli.data import DataFacts
from gancli.models import config
from gancli.models.capabilities import Latent, Segmenter, Translator, Upscaler
from gancli.runs import checkpoints
from gancli.training.compiled_step import CompiledStage

ALL = models.names()
SMALL = {
    "alpha-gan": {"code_units": 16},
    "autoencoder": {"units": "16", "noise": 0.5},
    "bgan": {"width": 4, "samples": 3},
    "f-gan": {"units": "16,16", "d_units": "8,8"},
    "gogan": {"width": 4, "stages": 2},
    "infogan": {"width": 4, "z_dim": 6, "categories": 3},
    "lapgan": {"units": 16, "width": 8},
    "ebgan": {"units": "16", "d_units": "16", "code": 8},
    "vae": {"units": "16"},
    "goodfellow": {"units": 16, "d_units": 8},
    "gan-cls": {"width": 4, "text_units": 4, "word_size": 4, "style_steps": 2, "text_steps": 3},
    "skip-thoughts": {"units": 6, "word_size": 4, "max_words": 3},
    "espcn": {"crop": 8, "scale": "2"},
    "srgan": {"crop": 24, "scale": "2", "depth": 1, "width": 4, "content": "pixels", "pretrain_steps": 3},
    "cyclegan": {"width": 4, "depth": 1, "pool": 3},
    "pix2pix": {"width": 4},
    "r3gan": {"width": 4, "max_width": 8, "z_dim": 8},
    "sngan": {"width": 4, "d_width": 4, "max_width": 1, "z_dim": 8},
    "segmentation": {"crop": 16, "width": 4, "adversary_width": 4, "adversarial_weight": 0.1},
    "srresnet": {"crop": 8, "scale": "2", "depth": 1, "width": 4},
    "stylegan": {"width": 2, "max_width": 4, "w_dim": 4, "mapping_layers": 1},
    "stylegan2": {"width": 2, "max_width": 3, "w_dim": 4, "mapping_layers": 1},
    "progan": {"width": 8, "full_width_side": 4, "z_dim": 8, "growth_steps": 1},
    "wgan": {"warmup_steps": 2, "warmup_d_steps": 3},
}
SHAPES = {
    "lapgan": (16, 16, 1),
    "srgan": (24, 24, 1),
    "segmentation": (20, 24, 3),
    "cyclegan": (16, 16, 3),
    "pix2pix": (16, 16, 3),
    "toy": (2,),
}


def build(name, shape=None, devices=SINGLE_DEVICE, **options):
    model_class = models.get(name)
    shape = shape or SHAPES.get(name, (8, 8, 1))
    options = {"jit": "off", **SMALL.get(name, {}), **options}  # compiling with XLA takes seconds
    settings = config.from_mapping(model_class, {"batch_size": 8, **options})
    model_class.check(*settings)
    columns = model_class.data_requirements(settings.options).columns
    if columns == ("sentence",):
        shape = ()
    told = {"words": ("a", "b", "c"), "captions": ("a b", "c")} if {"caption", "sentence"} & set(columns) else {}
    told |= (
        {"palette": ((0, 0, 0), (255, 0, 0)), "frequencies": (0.7, 0.3), "numbers": (0, 1)} if "map" in columns else {}
    )
    facts = DataFacts("test", shape, 64, columns, tuple("01") if {"label", "map"} & set(columns) else (), **told)
    return model_class(*settings, facts, devices)


def data(model):
    random = np.random.default_rng(0)
    columns = {
        "image": random.integers(0, 256, (64, *model.data.shape), np.uint8),
        "point": random.normal(size=(64, *model.data.shape)).astype(np.float32),
        "label": np.arange(64, dtype=np.int32) % 2,
        "caption": random.integers(1, 5, (64, 2, 3), np.int32),
    }
    if model.columns == ("sentence",):
        rows = random.integers(1, 5, (64, 4), np.int32)
        columns = {"before": rows, "sentence": rows[:, :3], "after": rows}
        return {name: tf.constant(column) for name, column in columns.items()}
    columns["other"] = columns["image"][::-1]
    if "map" in model.columns:
        columns["map"] = random.integers(0, 2, (64, *model.data.shape[:2], 1), np.uint8)
    sized = {"size": tf.constant([model.data.shape[:2]] * 64)} if isinstance(model, (Upscaler, Segmenter)) else {}
    held = {name: tf.constant(columns[name]) for name in model.columns} | sized
    return {name: held[name] for name in held if name != "label"} if isinstance(model, Translator) else held


def train(model, stage, steps, start=0):
    columns = data(model)
    compiled = CompiledStage(
        stage, model, {name: tf.TensorSpec(value.shape, value.dtype) for name, value in columns.items()}
    )
    count = steps * compiled.batches_per_step
    rows = (np.arange(start, start + count * 8, dtype=np.int32) % 64).reshape(count, 8)
    return compiled.run(columns, rows, steps)


class BatchesOf:
    """One batch again and again, outside of a graph."""

    def __init__(self, batch):
        self.batch = batch

    def __next__(self):
        return self.batch

    def each(self, count, move):
        for _ in range(count):
            move(self.batch)


def each(model):
    """The bits of each network, by name."""
    return {
        name: checkpoints.digest({key: variable.numpy() for key, variable in network.variables().items()})
        for name, network in model.networks.items()
    }


def unused(model):
    """Parts of the names of variables that no step of a model moves.

    Rates are options; recurrent units of Keras have seeds though they drop nothing; without z there is no noise; texts
    are whitened, and the previous generator of gogan is kept, between two stages; the noise of images made at inference
    is constant.
    """
    always = ("learning_rate", "seed_generator", "fixed_noise", "white", "previous")
    if type(model).__name__ == "SNGAN":  # one output has one singular vector, and the hinge no gradient by its bias
        always += ("spectral/logit", "logit_bias_momentum")
    return (*always, *(() if isinstance(model, Latent) else ("noise",)))


def state(model):
    return {name: variable.numpy() for name, variable in model.variables().items()}
