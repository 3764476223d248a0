"""Scores of semantic segmentation: accuracy and IoU of each class, over images and their label maps."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import Dataset
from gancli.data.annotations import label_maps
from gancli.evaluation.metrics import mean_iou
from gancli.inference.segmentation import SegmentationPredictor


@dataclass(frozen=True)
class SegmentationResult:
    """Scores of `images` images of a split. confusion: pixels of each class (rows) by predicted class (columns).

    shares: of each class in the label maps, in [0, 1]. resize: pixels that the shorter side was resized to, or None.
    """

    scores: mean_iou.Scores
    classes: tuple[str, ...]
    shares: np.ndarray
    confusion: np.ndarray
    split: str
    images: int
    resize: int | None

    @property
    def by_class(self) -> dict[str, dict[str, float | None]]:
        """Accuracy and IoU of each class; None for a class that is not in the label maps."""
        rows = zip(self.classes, self.scores.accuracies, self.scores.unions, strict=True)
        return {name: {"accuracy": _or_none(accuracy), "iou": _or_none(iou)} for name, accuracy, iou in rows}

    @property
    def absent(self) -> list[str]:
        """Names of the classes that are not in the label maps."""
        return [name for name, one in self.by_class.items() if one["iou"] is None]

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        means = {name: getattr(self.scores, name) for name in ("class_accuracy", "pixel_accuracy", "mean_iou")}
        return {
            "metric": "accuracy and IoU of classes of pixels",
            "split": self.split,
            "images": self.images,
            "side": self.resize,
            **means,
            "absent": self.absent,
            "classes": self.by_class,
            "confusion": self.confusion.tolist(),
        }


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def score(predictor: SegmentationPredictor, dataset: Dataset, *, split: str | None = None) -> SegmentationResult:
    """Score a segmentation model on a split of a data set whose label maps have the model's classes.

    split: "test", "validation", "train" or "all"; by default the test split if there is one, else the validation
    images. Raises: DataError for a split without images, or without labels.
    """
    split = split or ("test" if "map" in dataset.test else "validation")
    parts = _parts(dataset, split)
    maps = [one for part, rows in parts for one in dataset.maps(rows, part)]
    pictures = [one for part, rows in parts for one in dataset.pictures(rows, part)]
    matrix = confusion_matrix(predictor, pictures, maps)
    if not matrix.any():
        raise DataError(f"'{dataset.name}': no pixel of its {split} images has a label")
    shares = label_maps.shares(maps, predictor.classes)
    scores = mean_iou.scores(matrix)
    return SegmentationResult(scores, dataset.classes, shares, matrix, split, len(maps), predictor.side)


def confusion_matrix(
    predictor: SegmentationPredictor, pictures: Sequence[np.ndarray], maps: Sequence[np.ndarray]
) -> np.ndarray:
    """Pixels of each class (rows) by predicted class (columns), int64 (classes, classes), over images and label maps.

    pictures: uint8 (height, width, channels) each; maps: uint8 (height, width) of the same size each.
    """
    pairs = track(zip(pictures, maps, strict=True), "segmenting images", total=len(maps))
    return sum(mean_iou.confusion_matrix(truth, predictor(pixels), predictor.classes) for pixels, truth in pairs)


def _parts(dataset: Dataset, split: str) -> list[tuple[Mapping[str, np.ndarray], Iterable[int]]]:
    """The columns of a split, and their rows."""
    known, unseen = dataset.split()
    train, test = dataset.train, dataset.test if "map" in dataset.test else {"image": ()}
    parts = {
        "train": [(train, known)],
        "validation": [(train, unseen)],
        "test": [(test, range(len(test["image"])))],
        "all": [(train, range(len(dataset))), (test, range(len(test["image"])))],
    }
    found = [(part, rows) for part, rows in parts[split] if len(rows)]
    if not found:
        raise DataError(f"'{dataset.name}' has no {split} images: give another --split")
    return found
