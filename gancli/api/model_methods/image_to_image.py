"""Methods of gancli.TrainedModel from images to images of any size: super-resolution, segmentation, translation."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Literal

from gancli.api.model_methods import arguments
from gancli.api.model_methods.base import ModelMethods, needs
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.models.capabilities import Segmenter, Translator, Upscaler

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gancli.inference.image_inputs import Images
    from gancli.inference.segmentation import SegmentationPredictor
    from gancli.inference.translation import ImageTranslator
    from gancli.inference.upscaling import TiledUpscaler

LARGEST_SIDE = 4096


class ImageToImage(ModelMethods):
    """Images in, images out, in the same form: one array for one image or a batch, a list for a list."""

    @needs(Upscaler)
    def upscale(self, images: Images) -> np.ndarray | list[np.ndarray]:
        """Upscale images of any size by the factor of the training, in tiles, as `gancli upscale` does.

        images: as of gancli.inference.image_inputs; gray or RGB whatever the model was trained on, and a last channel
        of 2 or 4 is transparency. Of a file the first frame is read.

        Returns: uint8 (scale height, scale width, channels), a batch of them, or for a list a list. Raises: DataError,
        OptionError; ResourceError if a result does not fit in memory.
        """
        from gancli.inference import image_inputs

        found = image_inputs.with_alpha(self._trained, images)
        return found.like_input([self._upscaler.upscale_whole(image) for image in track(found.pixels, "upscaling")])

    @needs(Segmenter)
    def segment(self, images: Images, *, resize: int | None = None) -> np.ndarray | list[np.ndarray]:
        """Predict the class of each pixel of images of any size, as `gancli segment` does.

        images: as of gancli.inference.image_inputs. resize: the shorter side is resized to this many pixels first, by
        default to that of the training images, as objects are recognized at the size they had in training; 0 keeps it.

        Returns: numbers of `classes`, uint8 (height, width), a batch of them, or for a list a list. `colorize` shows
        them. Raises: DataError, OptionError; ResourceError if an image does not fit in memory.
        """
        from gancli.inference import image_inputs

        facts = self._trained.run.facts
        side = facts.side or min(facts.shape[:2])
        if resize is not None:
            side = arguments.whole_number(resize, "resize", 0, LARGEST_SIDE)
        found, predictor = image_inputs.of_any_size(self._trained, images), self._predictor(side or None)
        return found.like_input([predictor(image) for image in track(found.pixels, "segmenting")])

    @needs(Segmenter)
    def colorize(self, maps: ArrayLike) -> np.ndarray:
        """Label maps in the colors of their classes.

        maps: class numbers (…, height, width), as of `segment`; 255 for no class. Returns: uint8 (…, height, width, 3).
        Raises: DataError for other numbers.
        """
        from gancli.data.annotations.label_maps import IGNORED, colored

        numbers, facts = np.asarray(maps), self._trained.run.facts
        count = len(facts.classes)
        expected = f"expected class numbers from 0 to {count - 1}, or {IGNORED}, in an array (…, height, width)"
        if numbers.dtype.kind not in "iu" or numbers.ndim < 2 or not numbers.size:
            raise DataError(f"maps is an array of shape {numbers.shape} and type {numbers.dtype}: {expected}")
        if wrong := sorted({*np.unique(numbers).tolist()} - {*range(count), IGNORED}):
            raise DataError(f"maps holds the number {wrong[0]}: {expected}")
        return colored(numbers.astype(np.uint8), facts.palette)

    @needs(Translator)
    def translate(
        self, images: Images, direction: Literal["a-to-b", "b-to-a"] | None = None
    ) -> np.ndarray | list[np.ndarray]:
        """Translate images of any size to the other domain, as `gancli translate` does.

        images: as of gancli.inference.image_inputs. direction: by default the first that the model has learned.

        Returns: uint8 of the same shapes, for a list a list. Raises: DataError, OptionError; ResourceError for an image
        that is too large.
        """
        from gancli.inference import image_inputs

        known = Translator.of(self._trained.outline).directions
        chosen = known[0] if direction is None else arguments.choice(direction, known, "direction")
        found = image_inputs.of_any_size(self._trained, images)
        return found.like_input([self._translator(image, chosen) for image in track(found.pixels, "translating")])

    @functools.cached_property
    def _upscaler(self) -> TiledUpscaler:
        from gancli.inference.upscaling import TiledUpscaler

        return TiledUpscaler(Upscaler.of(self._trained.model))

    @functools.cached_property
    def _translator(self) -> ImageTranslator:
        from gancli.inference.translation import ImageTranslator

        return ImageTranslator(Translator.of(self._trained.model))

    @functools.cached_property
    def _predictors(self) -> dict[int | None, SegmentationPredictor]:
        return {}

    def _predictor(self, side: int | None) -> SegmentationPredictor:
        from gancli.inference.segmentation import SegmentationPredictor

        if side not in self._predictors:
            self._predictors[side] = SegmentationPredictor(Segmenter.of(self._trained.model), side=side)
        return self._predictors[side]
