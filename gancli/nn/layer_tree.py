"""The layers of a model, those of models inside it too, and the seeds of those that draw random numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from gancli.core.backend import keras, np

if TYPE_CHECKING:
    from gancli.nn.network import Network

LAYER_SEEDS = 2**31 - 2  # Keras takes the seed of a layer modulo this on TensorFlow


def layers_of(model: keras.Model) -> Iterator[keras.Layer]:
    """The layers of a model, those of models inside it too."""
    for layer in model.layers:
        yield layer
        if isinstance(layer, keras.Model):
            yield from layers_of(layer)


def seed_layers(networks: dict[str, Network], seed: int) -> None:
    """Give each layer that draws random numbers, such as dropout, its own stream, derived from `--seed` and the name of
    its state in checkpoints. A checkpoint holds these states, so a resume continues the streams it finds."""
    for network_name, network in networks.items():
        for path, variable in network.seed_states().items():
            source = np.random.SeedSequence([seed, *f"{network_name}/{path}".encode()])
            variable.assign([int(source.generate_state(1)[0]) % LAYER_SEEDS, 0])
