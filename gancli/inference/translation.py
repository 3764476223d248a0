"""Image-to-image translation at any image size, in both directions."""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.core.errors import OptionError
from gancli.imaging import images
from gancli.inference.upscaling import need_room
from gancli.models.capabilities import Translator

MIN_SIDE = 16  # pixels: smaller feature maps cannot be padded by reflection
INVERSE = {"a-to-b": "b-to-a", "b-to-a": "a-to-b"}


def resolve_direction(model: Translator, direction: str | None) -> str:
    """The direction, by default the first. Raises: OptionError for one that the model was not trained for."""
    if direction is not None and direction not in model.directions:
        raise OptionError(f"--direction {direction}: this run only translates {' and '.join(model.directions)}")
    return direction or model.directions[0]


class ImageTranslator:
    """Translates images of any size, with one compiled graph per direction.

    Images are padded by reflection to sizes that the model accepts, and cropped afterwards.
    """

    def __init__(self, model: Translator) -> None:
        self.model, self.channels = model, model.data.shape[2]
        self.directions = model.directions
        self._translate = {direction: self._compile(direction) for direction in model.directions}

    def is_invertible(self, direction: str) -> bool:
        """Whether a translation can be reversed."""
        return INVERSE[direction] in self.directions

    def __call__(self, pixels: np.ndarray, direction: str) -> np.ndarray:
        """uint8 (height, width, channels) -> the same shape. Raises: ResourceError for an image that is too large."""
        height, width = pixels.shape[:2]
        rest = [(0, max(MIN_SIDE - side, -side % self.model.multiple)) for side in (height, width)]
        need_room(height + rest[0][1], width + rest[1][1], 4 * self.model.options.width)  # the first maps
        padded = np.pad(pixels, [*rest, (0, 0)], mode="reflect" if min(height, width) > 1 else "edge")
        return images.to_uint8(self._translate[direction](tf.constant(padded[None]))[0, :height, :width])

    def _compile(self, direction: str) -> Callable[[Tensor], Tensor]:
        def run(part: Tensor) -> Tensor:
            return self.model.translate(images.from_uint8(part), direction)

        return graph_function(run, input_signature=[tf.TensorSpec((1, None, None, self.channels), tf.uint8)])
