"""Descriptions of models without training: the paper, and the networks for a data set."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli import data, models
from gancli.models import plugins
from gancli.models.base import ALL_MODELS, parameter_count
from gancli.models.precision import compute_precision
from gancli.nn.layer_tree import layers_of

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.data import DataFacts
    from gancli.models.config import Settings

SAMPLE = 500  # images of a generated data set, enough to contain every class and word


@dataclass(frozen=True)
class NetworkDescription:
    """One network: its Keras model, and its parameters; moving statistics are not trainable."""

    name: str
    model: keras.Model
    trainable: int
    non_trainable: int

    def as_dict(self) -> dict[str, object]:
        """Parameter counts and layers, for JSON."""
        return {
            "parameters": self.trainable + self.non_trainable,
            "trainable": self.trainable,
            "non_trainable": self.non_trainable,
            "layers": [_layer(layer) for layer in layers_of(self.model)],
        }


@dataclass(frozen=True)
class ModelDescription:
    """A model, built for a data set. facts: those of the data, or of an example if there are none."""

    name: str
    paper: str
    presets: Mapping[str, Mapping[str, object]]
    all_models: str
    facts: DataFacts
    precision: str
    networks: tuple[NetworkDescription, ...]

    def as_dict(self) -> dict[str, object]:
        """The description as plain values, for JSON."""
        return {
            "model": self.name,
            "paper": self.paper,
            "presets": {name: dict(preset) for name, preset in self.presets.items()},
            "all_models": self.all_models,
            "data": self.facts.name,
            "shape": list(self.facts.shape),
            "classes": len(self.facts.classes),
            "precision": self.precision,
            "networks": {network.name: network.as_dict() for network in self.networks},
        }


def _layer(layer: keras.Layer) -> dict[str, object]:
    """Name, type, output shape without the batch, and parameters of a layer."""
    outputs = layer.output if isinstance(layer.output, (list, tuple)) else [layer.output]
    return {
        "name": layer.name,
        "type": type(layer).__name__,
        "output": [list(output.shape[1:]) for output in outputs],
        "parameters": sum(parameter_count(layer)),
    }


def first_lines(warn: Callable[[str], None] = lambda text: None) -> dict[str, str]:
    """The first line of the documentation of every model, by name; packages that have models are imported.

    warn: called with a sentence for each that is broken, which is left out.
    """
    names = sorted({*models.built_in(), *plugins.load_all(warn)})
    return {name: models.paper(name).split("\n")[0] for name in names}


def describe(name: str, settings: Settings, *, source: str | None, data_dir: str | None) -> ModelDescription:
    """Build a model and describe it.

    source: data set to build the networks for; without one the model's example, or the data of the settings. Raises:
    OptionError, DataError.
    """
    model_class = models.get(name)
    model_class.check(*settings)
    facts = None if source else model_class.example(*settings)
    if facts is None:
        request = model_class.data_requirements(settings.options).request(settings.config, data_dir)
        request = dataclasses.replace(request, least=request.least and 1)  # images of any size will do
        facts = data.load(data.with_count(source or settings.config.data, SAMPLE), request).facts()
    model = model_class(*settings, facts)
    networks = [
        NetworkDescription(name, network.model, *parameter_count(network.model))
        for name, network in model.networks.items()
    ]
    paper, precision = models.paper(name), compute_precision(model.config)
    return ModelDescription(model.name(), paper, model.presets, ALL_MODELS, model.data, precision, tuple(networks))
