"""Pictures of any size through a model that translates them, there and back."""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.imaging import images
from gancli.inference.upscaling import need_room
from gancli.models.capabilities import Translator

LEAST = 16  # pixels of a side: less cannot be reflected at a model's coarsest maps
INVERSE = {"a-to-b": "b-to-a", "b-to-a": "a-to-b"}


class ImageTranslator:
    """Translates pictures, at any size by one graph for each direction.

    They are padded by reflection to sides that the model takes, and cut again.
    """

    def __init__(self, model: Translator) -> None:
        self.model, self.channels = model, model.data.shape[2]
        self.directions = model.directions
        self._runs = {direction: self._one(direction) for direction in model.directions}

    def resolve_direction(self, direction: str | None) -> str:
        """A direction that was asked for, or the first. Raises: OptionError for one that was not learned."""
        if direction is not None and direction not in self.directions:
            raise OptionError(f"--direction {direction}: this run translates {' and '.join(self.directions)} alone")
        return direction or self.directions[0]

    def is_invertible(self, direction: str) -> bool:
        """Whether what was made in a direction can be turned back."""
        return INVERSE[direction] in self.directions

    def __call__(self, pixels: np.ndarray, direction: str) -> np.ndarray:
        """uint8 (height, width, channels) -> the same of the other kind. Raises: ResourceError if it is too large."""
        height, width = pixels.shape[:2]
        rest = [(0, max(LEAST - side, -side % self.model.multiple)) for side in (height, width)]
        need_room(height + rest[0][1], width + rest[1][1], 4 * self.model.options.width)  # the first maps
        padded = np.pad(pixels, [*rest, (0, 0)], mode="reflect" if min(height, width) > 1 else "edge")
        return images.to_uint8(self._runs[direction](tf.constant(padded[None]))[0, :height, :width])

    def _one(self, direction: str) -> Callable[[Tensor], Tensor]:
        def run(part: Tensor) -> Tensor:
            return self.model.translate(images.from_uint8(part), direction)

        return tf.function(run, input_signature=[tf.TensorSpec((1, None, None, self.channels), tf.uint8)])
