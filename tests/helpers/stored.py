"""Models of random weights in the checkpoint of a run, without any training, as gancli.TrainedModel."""

import numpy as np

import gancli
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run
from helpers import tiny

LIVELY = 8.0  # how much larger the kernels are than at the start, where all images are gray


def store(name, folder, shape=None, **options):
    """A run of a model built small, with one checkpoint; its path."""
    model = tiny.build(name, shape, **options)
    for network in model.networks.values():
        for variable in network.model.trainable_variables:
            if "kernel" in variable.path and name not in ("espcn", "srgan", "srresnet", "cyclegan", "pix2pix"):
                variable.assign(variable * LIVELY if len(variable.shape) == 4 else variable * 2)
        network.reset_ema()
        network.optimizer.iterations.assign(1)  # as if it had been trained
    run = Run.create(folder, model, "", ["test"])
    run.save(model, Position((1,)))
    return run.path


def load(name, folder, shape=None, **options):
    """The same as a gancli.TrainedModel."""
    return gancli.load_run(store(name, folder, shape, **options)).load()


def pictures(count, shape, seed=0):
    """Random images, uint8 (count, *shape)."""
    return np.random.default_rng(seed).integers(0, 256, (count, *shape), np.uint8)
