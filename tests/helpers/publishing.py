"""Published models made without a training: a model built small, its weights random, saved as a run and published."""

import dataclasses

import numpy as np

from gancli.core.backend import tf
from gancli.inference.publishing import folder
from gancli.inference.trained_model import TrainedModel
from gancli.models import capabilities
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run


def scramble(model):
    """Give all floating-point variables of a model other values, moving averages too."""
    random = np.random.default_rng(0)
    for variable in model.variables().values():
        if variable.dtype.is_floating:
            noise = np.abs(random.normal(size=tuple(variable.shape))).astype(np.float32)
            variable.assign(variable + 0.05 * tf.constant(noise, variable.dtype))
    for network in model.networks.values():
        network.optimizer.iterations.assign(7)


def save_run(outdir, model, step=5):
    """A run with one checkpoint, of a scrambled model."""
    outdir.mkdir(exist_ok=True)
    scramble(model)
    numbers = tuple(range(len(model.data.palette)))  # of the classes of label maps
    model.data = dataclasses.replace(model.data, numbers=numbers)
    run = Run.create(outdir, model, "", ["train", "--secret", str(outdir)])
    run.save(model, Position((step,)))
    run.set_status("finished", step=step, total=step, seconds=61.0)
    return run


def publish(run, out, model=None, **choices):
    """The trained model of a run, published as a folder. model: what the run was saved from, not to build it again."""
    trained = TrainedModel(run, weights=choices.pop("weights", None))
    if model is not None:
        trained._loaded = model, max(run.checkpoints())
    folder.publish(trained, out, **choices)
    return trained


def outputs(model):
    """What a model computes for inference, as arrays by name."""
    random, found = np.random.default_rng(1), {}
    shape = model.data.shape
    condition = None
    if isinstance(model, capabilities.TextEncoder):
        condition = model.read(tf.constant(model.text_rows(["a b", "c", "b"])))
        found["text"] = condition
    if "label" in model.columns:
        condition = tf.one_hot([0, 1, 1], len(model.data.classes))
    if isinstance(model, capabilities.Latent):
        found["decode"] = model.decode(tf.constant(model.latents(range(3))), condition)
    if len(shape) == 3:
        images = tf.constant(random.uniform(-1, 1, (3, *shape)).astype(np.float32))
        if isinstance(model, capabilities.Encoder):
            found["encode"] = model.encode(images, condition)
        if isinstance(model, capabilities.StyleEncoder):
            found["style"] = model.style(images)
        if isinstance(model, capabilities.Upscaler):
            found["upscale"] = model.upscale(images)
        if isinstance(model, capabilities.Segmenter):
            found["segment"] = model.segment(images)
        for direction in model.directions if isinstance(model, capabilities.Translator) else ():
            found[direction] = model.translate(images, direction)
        if isinstance(model, capabilities.LikelihoodBound):
            found["bound"] = model.bound(model.observe(images, [0, 1]), condition, [0, 2])[0]
    if isinstance(model, capabilities.PointGenerator):
        found["judged"] = model.discriminator_output(tf.constant(random.normal(size=(3, *shape)), tf.float32))
    return {name: np.asarray(value) for name, value in found.items() if value is not None}
