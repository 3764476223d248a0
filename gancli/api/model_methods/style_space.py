"""Methods of gancli.TrainedModel on styles w, for style-based models: mapping, synthesis and style mixing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from gancli.api.model_methods import arguments
from gancli.api.model_methods.arguments import Label, Labels, SeedsOrVectors, Vectors
from gancli.api.model_methods.base import needs
from gancli.api.model_methods.generation import Generation
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.inference.style_space import mixing, projection
from gancli.inference.style_space.sampler import StyleSampler
from gancli.models.capabilities import Latent, StyleBased

if TYPE_CHECKING:
    from gancli.api.model_methods.arguments import SeedOrVectorOrImage
    from gancli.inference.image_inputs import Images


class StyleSpace(Generation):
    """What styles are used for."""

    @needs(StyleBased)
    def to_w(self, z: Vectors, *, label: Labels | None = None) -> np.ndarray:
        """The styles that the mapping network makes of latent vectors.

        z: floating-point numbers (count, z_size), or (z_size,) for one. label: the class of all of them, or one for
        each, for a class-conditional model. Returns: float32 (count, w_size), which `from_w` takes. Raises:
        OptionError, DataError.
        """
        rows = arguments.z_rows(z, Latent.of(self._trained.outline).z_size)
        return StyleSampler.of(self._trained).to_w(rows, arguments.label_rows(self._trained, label, len(rows)))

    @needs(StyleBased)
    def from_w(
        self, w: Vectors, *, truncation: float | None = None, truncation_layers: int | None = None
    ) -> np.ndarray:
        """Generate from styles.

        w: floating-point numbers (w_size,) for one image, (count, w_size), or (count, style_layers, w_size) with a w
        for each layer, coarse first. truncation, truncation_layers: as of `sample`. Returns: uint8 (count, height,
        width, channels). Raises: OptionError, DataError.
        """
        with self._truncated(truncation, truncation_layers):
            return StyleSampler.of(self._trained).from_styles(self._styles(w))

    @needs(StyleBased)
    def mix(
        self,
        first: SeedsOrVectors,
        second: SeedsOrVectors,
        layers: str = "coarse",
        *,
        label: Label | None = None,
        truncation: float | None = None,
        truncation_layers: int | None = None,
    ) -> np.ndarray:
        """Style mixing (Karras et al. 2019, figure 3): images with some styles of `second`, all others of `first`.

        first, second: seeds, or latent vectors z. layers: those of second: coarse, the layers 0-3; middle, 4-7; fine,
        all others; or a range such as 0-3. label: the class of all, for a class-conditional model. truncation,
        truncation_layers: as of `sample`. Returns: uint8 (first, second, height, width, channels). Raises:
        OptionError, DataError.
        """
        outline = self._trained.outline
        if not isinstance(layers, str):
            raise OptionError(f"layers is {arguments.in_words(layers)}: expected a text such as coarse or 0-3")
        chosen = mixing.layers_of(layers, outline.name(), StyleBased.of(outline).style_layers)
        rows, columns = (
            self.to_w(self._rows(value, name), label=label) for name, value in (("first", first), ("second", second))
        )
        with self._truncated(truncation, truncation_layers):
            return mixing.mix_images(StyleSampler.of(self._trained), rows, columns, chosen).mixed

    def _rows(self, value: SeedsOrVectors, name: str) -> np.ndarray:
        """Latent vectors of seeds, or as they are, float32 (count, z_size)."""
        outline = Latent.of(self._trained.outline)
        if arguments.is_whole(value) or isinstance(value, range) or np.asarray(value).dtype.kind in "iuO":
            return outline.latents(arguments.seed_list(value, name))
        return arguments.z_rows(value, outline.z_size, name)

    def _styles(self, w: Any, name: str = "w") -> np.ndarray:
        """Styles float32 (count, w_size) or (count, style_layers, w_size). Raises: DataError."""
        outline = StyleBased.of(self._trained.outline)
        shape = arguments.shape_of(w)
        if shape is None or len(shape) != 3:
            return arguments.z_rows(w, outline.w_size, name)
        layers = outline.style_layers, outline.w_size
        if shape[1:] != layers:
            raise DataError(f"{name} is an array of shape {shape}: expected styles (count, {layers[0]}, {layers[1]})")
        return arguments.z_rows(np.reshape(w, (-1, outline.w_size)), outline.w_size, name).reshape(shape)

    def _between_styles(
        self, first: SeedOrVectorOrImage, second: SeedOrVectorOrImage | None, steps: int, label: Any
    ) -> np.ndarray:
        """The images on the line between the styles of two seeds, styles or images."""
        from gancli.inference.latent_space import walks

        sampler = StyleSampler.of(self._trained)
        stops = [self._style(value, name, label) for name, value in (("first", first), ("second", second))]
        return walks.between_seeds(sampler.from_styles, np.concatenate(stops), steps).rows

    def _style(self, value: Any, name: str, label: Any) -> np.ndarray:
        """The style of a seed, a style or an image, float32 (1, w_size)."""
        if arguments.is_whole(value):
            return self.to_w(self._rows(value, name), label=label)
        if arguments.shape_of(value) in ((self._w_size,), (1, self._w_size)):
            return self._styles(value, name)
        found = self._project_to_w(value, "w", None)
        if len(found) != 1:
            raise OptionError(f"{name} holds {len(found)} images: expected a seed, a style or one image")
        return found

    @property
    def _w_size(self) -> int:
        return StyleBased.of(self._trained.outline).w_size

    def _project_to_w(self, images: Images, space: str, steps: int | None) -> np.ndarray:
        """w of images, see `project`."""
        from gancli.inference import image_inputs

        StyleBased.of(self._trained.outline)
        pixels = image_inputs.of_model_size(self._trained, images)
        return projection.invert(self._trained, pixels, space=space, steps=steps)
