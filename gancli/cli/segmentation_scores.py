"""Segmentation scores for a result and as a table: accuracy and IoU of each class, and their means."""

from __future__ import annotations

from gancli.cli import tables
from gancli.core.backend import np
from gancli.evaluation.metrics.mean_iou import Scores


def by_class(scores: Scores, classes: tuple[str, ...]) -> dict[str, object]:
    """Scores by name, and those of each class; null for classes that are absent from the labels."""
    each = {
        name: {"accuracy": _or_none(accuracy), "iou": _or_none(union)}
        for name, accuracy, union in zip(classes, scores.accuracies, scores.unions, strict=True)
    }
    means = {name: getattr(scores, name) for name in ("class_accuracy", "pixel_accuracy", "mean_iou")}
    return means | {"absent": [name for name, one in each.items() if one["iou"] is None], "classes": each}


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def table(result: dict[str, object], shares: np.ndarray) -> list[str]:
    """The scores of `by_class` as lines of a table. shares: of the pixels of each class in the labels, in [0, 1]."""
    rows = [("", "accuracy", "IoU", "of the pixels")]
    for (name, one), share in zip(result["classes"].items(), shares, strict=True):
        values = ("", "absent") if one["iou"] is None else (f"{one['accuracy']:.1%}", f"{one['iou']:.1%}")
        rows.append((name, *values, f"{share:.1%}"))
    rows.append(("mean", f"{result['class_accuracy']:.1%}", f"{result['mean_iou']:.1%}"))
    lines = tables.aligned(rows, least=8)
    lines.append(f"pixel accuracy: {result['pixel_accuracy']:.1%}")
    if result["absent"]:
        lines.append(f"absent from the labels and excluded from the means: {', '.join(result['absent'])}")
    return lines
