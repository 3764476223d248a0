"""Pictures of any size through a model that translates them, there and back, and how well it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from gancli import features, images
from gancli.abilities import Translator
from gancli.backend import Tensor, np, tf
from gancli.enlarging import need_room
from gancli.errors import OptionError
from gancli.metrics import frechet

LEAST = 16  # pixels of a side: less cannot be reflected at a model's coarsest maps
BACK = {"a-to-b": "b-to-a", "b-to-a": "a-to-b"}


class Interpreter:
    """Translates pictures, at any size by one graph for each direction.

    They are padded by reflection to sides that the model takes, and cut again.
    """

    def __init__(self, model: Translator) -> None:
        self.model, self.channels = model, model.data.shape[2]
        self.directions = model.directions
        self._runs = {direction: self._one(direction) for direction in model.directions}

    def need(self, direction: str | None) -> str:
        """A direction that was asked for, or the first. Raises: OptionError for one that was not learned."""
        if direction is not None and direction not in self.directions:
            raise OptionError(f"--direction {direction}: this run translates {' and '.join(self.directions)} alone")
        return direction or self.directions[0]

    def goes_back(self, direction: str) -> bool:
        """Whether what was made in a direction can be turned back."""
        return BACK[direction] in self.directions

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


class Crossing(NamedTuple):
    """How translations of one kind's pictures to another's come out, beside the pictures as they were.

    read: the share that a classifier of the two real kinds takes for the target; sure: the share that it takes for it
    and gives a higher probability than all but a share (of false alarms) of the pictures as they were; frechet: the
    distance in its features from the target's real pictures; …_before, …_real: the same of the pictures as they were,
    and of real ones of the target. changed, lost: the mean absolute difference, in [0, 1], of translations from their
    pictures, and of pictures that went there and back; None where there is no way back.
    """

    read: float
    read_before: float
    read_real: float
    sure: float
    sure_before: float
    sure_real: float
    frechet: float
    frechet_before: float
    changed: float
    lost: float | None


def cross(
    interpreter: Interpreter,
    direction: str,
    given: Sequence[np.ndarray],
    targets: np.ndarray,
    seen: features.Features,
    *,
    false_alarms: float,
) -> tuple[Crossing, list[np.ndarray]]:
    """Translate pictures of a kind and compare them with real ones of the other; what was made comes too.

    given, targets: uint8 (height, width, channels) each, of the size that `seen`, features of a classifier of the two
    kinds, knows.
    """
    target = 1 if direction == "a-to-b" else 0
    made = [interpreter(pixels, direction) for pixels in given]
    looks = [seen.look(np.stack(pictures)) for pictures in (made, given, targets)]
    odds = [probabilities[:, target] for _, probabilities in looks]
    cut = max(0.5, np.sort(odds[1])[-1 - int(false_alarms * len(given))])
    read, sure = ([float((each > least).mean()) for each in odds] for least in (0.5, cut))
    distances = [frechet.distance(rows, looks[2][0]) for rows, _ in looks[:2]]
    lost = None
    if interpreter.goes_back(direction):
        lost = _difference([interpreter(pixels, BACK[direction]) for pixels in made], given)
    return Crossing(*read, *sure, *distances, _difference(made, given), lost), made


def _difference(first: Sequence[np.ndarray], second: Sequence[np.ndarray]) -> float:
    pairs = zip(first, second, strict=True)
    return float(np.mean([np.abs(images.to_unit(one) - images.to_unit(other)).mean() for one, other in pairs]))
