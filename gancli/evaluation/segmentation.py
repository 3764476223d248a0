"""The confusion matrix of a segmentation model over pictures and their label maps."""

from __future__ import annotations

from collections.abc import Iterable

from gancli.core.backend import np
from gancli.evaluation.metrics import mean_iou
from gancli.inference.segmentation import SegmentationPredictor


def confusion(
    labeller: SegmentationPredictor, pictures: Iterable[np.ndarray], maps: Iterable[np.ndarray]
) -> np.ndarray:
    """What classes pixels of each class were found to be of, int64 (classes, classes), over pictures and their maps.

    pictures: uint8 (height, width, channels) each; maps: uint8 (height, width), where each has the picture's size.
    """
    pairs = zip(pictures, maps, strict=True)
    return sum(mean_iou.confusion(truth, labeller(pixels), labeller.classes) for pixels, truth in pairs)
