"""gancli.TrainedModel: a model of a checkpoint, arrays in and arrays out."""

from __future__ import annotations

import html

from gancli.api.model_methods.base import needs
from gancli.api.model_methods.image_to_image import ImageToImage
from gancli.api.model_methods.latent_space import LatentSpace
from gancli.api.model_methods.networks import Networks
from gancli.api.pictures import html_picture, png
from gancli.models.capabilities import Decoder, Latent, Segmenter, StyleBased, TextEncoder, Translator, Upscaler


class TrainedModel(LatentSpace, ImageToImage, Networks):
    """A model with the weights of a checkpoint. `Run.load` returns one; the checkpoint is read when it is first used.

    Methods that the model cannot do raise OptionError, with the sentence that the command prints; `abilities` lists
    the others. Images are given as arrays, Pillow images or paths: see gancli.inference.image_inputs. If its output
    means little (step 0, or all images alike), Python's `warnings` say so at the first use.

    Attributes: `run`, the gancli.Run that it is of; `progress`, whether notes and the progress of long work are shown;
    and its networks by name, keras.Model each.
    """

    @property
    def step(self) -> int:
        """The step of its checkpoint. Raises: CheckpointError if it is damaged."""
        return self._step_and_weights()[0]

    @property
    def weights(self) -> str:
        """The kind of its weights: "raw", or "ema" and its decay, such as "ema 0.999". Raises: as `step`."""
        return self._step_and_weights()[1]

    @property
    def image_shape(self) -> tuple[int | None, ...] | None:
        """Height, width and channels of its images; None for a side of any size. None for a model without images."""
        if any(map(self._can, (Upscaler, Translator, Segmenter))):
            return None, None, self.run.folder.facts.shape[2]
        return tuple(self.run.folder.facts.shape) if self._can(Decoder) else None

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes of its data, in the order of their numbers; empty if they have none."""
        return self.run.folder.facts.classes

    @property
    def z_size(self) -> int | None:
        """The length of its latent vectors; None for a model without."""
        return Latent.of(self._trained.outline).z_size if self._can(Latent) else None

    @property
    def w_size(self) -> int | None:
        """The length of its styles w; None for a model without."""
        return StyleBased.of(self._trained.outline).w_size if self._can(StyleBased) else None

    @property
    def style_layers(self) -> int | None:
        """The number of its style layers, each of which takes a w; None for a model without."""
        return StyleBased.of(self._trained.outline).style_layers if self._can(StyleBased) else None

    @needs()
    def _step_and_weights(self) -> tuple[int, str]:
        return self._trained.step, self._trained.weights

    def __repr__(self) -> str:
        which = self._trained.which
        return f"<gancli.TrainedModel {self.run.model_name} of {self.run.path}, {which}: {', '.join(self.abilities)}>"

    def __dir__(self) -> list[str]:
        """Networks are among the names as soon as they have been used."""
        networks = self.__dict__.get("_copies", {})
        return [*super().__dir__(), *(name.replace("-", "_") for name in networks)]

    def _repr_png_(self) -> bytes | None:
        """For notebooks: samples; for models that generate no images the run's newest sample grid, if it has one."""
        if self._can(Decoder):
            return png(self.sample())
        if self._can(TextEncoder):
            return None
        pictures = list(self.run.folder.pictures().values())
        return pictures[-1].read_bytes() if pictures else None

    def _repr_html_(self) -> str:
        """For notebooks: what it is, and the picture of `_repr_png_`."""
        content = self._repr_png_()
        return f"<div>{html.escape(repr(self))}<br>{html_picture(content) if content else ''}</div>"
