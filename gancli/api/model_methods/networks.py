"""The networks of a gancli.TrainedModel as models of Keras, and their export."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.api.model_methods.base import ModelMethods, expanded, needs
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.inference.export.exporting import ExportResult
    from gancli.inference.publishing.folder import Publication


class Networks(ModelMethods):
    """Networks by name, and as attributes: `model.generator`, `model.discriminator`, `model.encoder`, …"""

    @property
    def networks(self) -> dict[str, keras.Model]:
        """Its networks by name, the main one for inference first, with the chosen weights (EMA or raw).

        Each is a keras.Model of Keras' own layers in float32: `predict`, `summary` and `save` work as always, and a
        saved file loads where gancli is not installed. Those for inference compute what the methods do, from and to
        floats in [-1, 1]; the others are as they were trained. They are copies: training them changes no run. A
        network of a model file with layers that Keras does not know is given as it is.
        """
        return self._built()

    def __getattr__(self, name: str) -> keras.Model:
        if name.startswith("_"):  # of Python and notebooks, which look for what they may use
            raise AttributeError(f"'{type(self).__name__}' object has no attribute '{name}'")
        networks = self.networks
        attributes = {one.replace("-", "_"): network for one, network in networks.items()}
        if name not in attributes:
            raise AttributeError(
                f"this {self.run.model_name} has no attribute '{name}'; its networks: {', '.join(attributes)}"
            )
        return attributes[name]

    @needs()
    def _built(self) -> dict[str, keras.Model]:
        return self._copies

    @functools.cached_property
    def _copies(self) -> dict[str, keras.Model]:
        from gancli.inference.export import networks

        model, found = self._trained.model, {}
        for name in networks.names(model):
            try:
                found[name] = networks.find(model, name).model
            except OptionError:  # of a model file with layers of its own, which Keras does not know
                if name in model.networks:
                    found[name] = model.networks[name].inference_model
        return found

    @needs()
    def publish(
        self, folder: str | os.PathLike[str], *, license: str = "other", training_picture: bool = False
    ) -> Publication:
        """Write a folder for model hubs, as `gancli export --format hub`; `load_run` opens it.

        folder: a new or empty one. license: an identifier of the hub, such as "apache-2.0". training_picture: whether
        the run's newest sample grid is published for a model whose grids show the training data.

        Returns: `path`, the sizes of `files` in bytes, and the number of `tensors`. Raises: OptionError, ResourceError.
        """
        from gancli.inference.publishing import folder as hub

        out = Path(expanded(folder))
        hub.check(out, license)
        return hub.publish(self._trained, out, license=license, training_picture=training_picture)

    @needs()
    def export(
        self,
        path: str | os.PathLike[str],
        format: str | None = None,
        *,
        network: str | None = None,
        float16: bool = False,
    ) -> ExportResult:
        """Write a network as a file for other programs, open it with their runtime, and compare, as `gancli export`.

        path: a new file or folder. format: "keras", "saved-model" (a folder), "onnx" or "litert"; by default that of
        the ending: .keras, none, .onnx, .tflite. network: a name of `networks`, by default the first. float16: store
        the weights in half precision.

        Returns: what was written, with `path`, `size` in bytes, `runtime` and `difference`, the largest one of an
        output. Raises: OptionError for a network that the format cannot hold; ResourceError if it cannot be written.
        """
        from gancli.inference.export.exporting import export_network
        from gancli.inference.export.formats import FORMATS

        out = Path(expanded(path))
        by_ending = {one.ending: name for name, one in FORMATS.items()}
        chosen = format or by_ending.get(out.suffix.lower())
        if chosen not in FORMATS:
            given = f"format is {format!r}" if format else f"path is '{path}'"
            raise OptionError(f"{given}: expected a format of {', '.join(FORMATS)}, or an ending of one")
        return export_network(self._trained, out, chosen, network=network, half=float16)
