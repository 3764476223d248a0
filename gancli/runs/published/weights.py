"""The variables of a model whose values are published."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from gancli.core.backend import tf

if TYPE_CHECKING:
    from gancli.models.base import Model

SEEDS = "seed_generator_state"  # ends the path of a variable that layers draw random numbers from, in training only


def inference_variables(model: Model) -> dict[str, tf.Variable]:
    """What inference uses, by NETWORK/LAYER/VARIABLE: EMA weights where they are kept, and moving statistics.

    Of a model whose images depend on further state, such as the growth of progan, that too, as state/NAME.

    Left out are optimizers, random states, and networks that are not of this model.
    """
    networks = {name: network for name, network in model.networks.items() if name not in model.unpublished_networks}
    state = {f"state/{name}": model.state[name].value for name in model.inference_state}
    return state | {
        f"{name}/{variable.path}": variable.value
        for name, network in networks.items()
        for variable in network.inference_model.variables
        if not variable.path.endswith(SEEDS)
    }


def updates(model: Model) -> dict[str, int]:
    """Updates of each published network: of some models a part is not usable before its training."""
    return {
        name: int(network.optimizer.iterations)
        for name, network in model.networks.items()
        if name not in model.unpublished_networks
    }


def complete(model: Model, counts: Mapping[str, int]) -> None:
    """Set the numbers of updates, and give networks that have an average its weights as their own."""
    for name, network in model.networks.items():
        network.optimizer.iterations.assign(counts.get(name, 0))
        if network.average is not None:
            for mean, weight in zip(network.average.weights, network.model.weights, strict=True):
                weight.assign(mean)
