"""Pretrained networks that a new training starts from: a run, a data set's classifier, or Keras' VGG19."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gancli import data
from gancli.core.errors import OptionError
from gancli.evaluation import classifier, feature_extractors
from gancli.models.base import Model
from gancli.models.pretrained import StartsFromPretrained
from gancli.runs import registry
from gancli.runs.published.run import is_published

if TYPE_CHECKING:
    from gancli.core.backend import keras

Note = Callable[[str], None]


def load_run(name: str, data_dir: str | None, note: Note) -> Model:
    """The trained model of a run's folder. Raises: OptionError, CheckpointError."""
    path = Path(name)
    if not (path / "run.json").is_file() and not is_published(path):
        raise OptionError(f"'{path}' is neither a name that this option knows nor the folder of a run")
    return registry.open_folder(path).model()[0]


def load_classifier(name: str, data_dir: str | None, note: Note) -> classifier.Classifier:
    """The classifier of a labeled data set. Raises: OptionError, DataError."""
    return classifier.for_dataset(data.load(name, data.Request(data_dir=data_dir)), note=note)


def load_vgg19(name: str, data_dir: str | None, note: Note) -> keras.Model:
    """Keras' VGG19 with ImageNet weights. Raises: DataError if they are not available."""
    return feature_extractors.vgg19()


LOADERS: dict[str, Callable[[str, str | None, Note], object]] = {
    "run": load_run,
    "classifier": load_classifier,
    "vgg19": load_vgg19,
}


def load_all(model_class: type[Model], chosen: Model.Options, data_dir: str | None, note: Note) -> dict[str, object]:
    """What a training of this model starts from, by kind. Raises: OptionError, CheckpointError, DataError."""
    if not issubclass(model_class, StartsFromPretrained):
        return {}
    sources = model_class.pretrained_sources(chosen)
    return {kind: LOADERS[kind](name, data_dir, note) for kind, name in sources.items()}
