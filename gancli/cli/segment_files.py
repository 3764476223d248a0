"""Pictures whose pixels are named: label maps written and shown, and a table of how often they are right."""

from __future__ import annotations

import io
from pathlib import Path

from gancli.cli import image_files, opened_run, tables
from gancli.cli.flags import RunChoice
from gancli.core import files
from gancli.core.backend import Image, np
from gancli.data import DataFacts
from gancli.data.annotations.label_maps import colored
from gancli.data.formats.pictures import Entry
from gancli.evaluation.metrics.mean_iou import Scores
from gancli.imaging import plots
from gancli.inference.segmentation import SegmentationPredictor, overlaid
from gancli.models.base import Model
from gancli.models.capabilities import Segmenter


def segment(
    choice: RunChoice, path: Path, *, out: Path | None, shown: bool, side: int | None
) -> tuple[dict[str, object], list[str]]:
    """Name the pixels of a file or the pictures of a folder. Returns: the result, and the lines that tell it."""
    album = image_files.opened(path)
    chosen = opened_run.open_run(choice, ability=Segmenter)
    outs = album.places(out, "-labels", (".png",))
    facts = chosen.model.data
    side = facts.side or min(facts.shape[:2]) if side is None else side
    shown_in = [place.with_name(f"{place.stem}-shown.png") for place in outs] if shown else []
    album.need_apart(outs + shown_in)
    labeller = SegmentationPredictor(chosen.model, side=side or None)
    made, bad = album.each(outs, lambda entry, place: _one(labeller, chosen.model, entry, place, shown=shown))
    result = chosen.about() | {"side": side, "classes": chosen.model.data.classes, "pictures": made, "bad": bad}
    lines = [f"{one['out']}: {_shares(one['shares'])}" for one in made]
    lines += [f"shown: {one['shown']}" for one in made if shown]
    return result, [*lines, f"by step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights"]


def _one(labeller: SegmentationPredictor, model: Model, entry: Entry, out: Path, *, shown: bool) -> dict[str, object]:
    """Name the pixels of one picture, and write the map."""
    facts = model.data
    color = "gray" if labeller.channels == 1 else "rgb"
    pixels = image_files.whole(entry, color, known=facts.pixel_ranges)
    found = labeller(pixels)
    files.atomic_write(out, _png(found, facts))
    counts = np.bincount(found.ravel(), minlength=len(facts.classes)) / found.size
    order = [number for number in np.argsort(-counts).tolist() if counts[number]]
    told = {"out": str(out), "shares": {facts.classes[number]: round(float(counts[number]), 4) for number in order}}
    if shown:
        place = out.with_name(f"{out.stem}-shown.png")
        legend = [(f"{facts.classes[n]} {counts[n]:.1%}", facts.palette[n]) for n in order]
        over = overlaid(pixels, colored(found, facts.palette))
        files.atomic_write(place, plots.with_legend([("", pixels), ("", over)], legend))
        told["shown"] = str(place)
    return told


def _png(found: np.ndarray, facts: DataFacts) -> bytes:
    """A map as a PNG of the numbers that stand for its classes in the data, of 16 bits where one is above 255."""
    is_wide, buffer = max(facts.numbers) > 255, io.BytesIO()
    numbers = np.arange(256, dtype=np.uint16 if is_wide else np.uint8)
    numbers[: len(facts.numbers)] = facts.numbers
    picture = Image.fromarray(numbers[found], None if is_wide else "P")
    if not is_wide:
        colors = np.zeros((256, 3), np.uint8)
        colors[list(facts.numbers)] = facts.palette
        picture.putpalette(colors.ravel().tolist())
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.1%}" for name, share in shares.items())


def told(scores: Scores, classes: tuple[str, ...]) -> dict[str, object]:
    """Scores by name, and those of each class; null for a class that is not in the truth."""
    each = {
        name: {"accuracy": _or_none(accuracy), "iou": _or_none(union)}
        for name, accuracy, union in zip(classes, scores.accuracies, scores.unions, strict=True)
    }
    means = {name: getattr(scores, name) for name in ("class_accuracy", "pixel_accuracy", "mean_iou")}
    return means | {"absent": [name for name, one in each.items() if one["iou"] is None], "classes": each}


def _or_none(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def table(result: dict[str, object], shares: np.ndarray) -> list[str]:
    """Lines that tell the scores of `told`. shares: of each class in the truth, in [0, 1]."""
    rows = [("", "accuracy", "IoU", "of the pixels")]
    for (name, one), share in zip(result["classes"].items(), shares, strict=True):
        values = ("", "absent") if one["iou"] is None else (f"{one['accuracy']:.1%}", f"{one['iou']:.1%}")
        rows.append((name, *values, f"{share:.1%}"))
    rows.append(("mean", f"{result['class_accuracy']:.1%}", f"{result['mean_iou']:.1%}"))
    lines = tables.aligned(rows, least=8)
    lines.append(f"pixels that are right: {result['pixel_accuracy']:.1%}")
    if result["absent"]:
        lines.append(f"not in the truth, and left out of the means: {', '.join(result['absent'])}")
    return lines
