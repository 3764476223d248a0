"""An image file segmented: its label map as an indexed PNG, and a preview with the classes' colors over the image."""

from __future__ import annotations

import io
from pathlib import Path

from gancli.core import files
from gancli.core.backend import Image, np
from gancli.data import DataFacts
from gancli.data.annotations.label_maps import colored
from gancli.data.containers.source_files import SourceFile
from gancli.imaging import plots
from gancli.inference.image_files import frames
from gancli.inference.segmentation import SegmentationPredictor, overlay


def preview_path(out: Path) -> Path:
    """Where the preview of a label map is written."""
    return out.with_name(f"{out.stem}-shown.png")


def segment_file(
    predictor: SegmentationPredictor,
    facts: DataFacts,
    entry: SourceFile,
    out: Path,
    note: frames.Note,
    *,
    preview: bool,
) -> dict[str, object]:
    """Segment an image file, and write the label map and a preview. Returns: a record for a result.

    facts: the run's classes, their numbers and colors. Raises: DataError, ResourceError.
    """
    pixels = frames.read_pixels(entry, predictor.channels, note, known=facts.pixel_ranges)
    labels = predictor(pixels)
    files.atomic_write(out, label_map_png(labels, facts))
    shares = np.bincount(labels.ravel(), minlength=len(facts.classes)) / labels.size
    order = [number for number in np.argsort(-shares).tolist() if shares[number]]
    record = {"out": str(out), "shares": {facts.classes[number]: round(float(shares[number]), 4) for number in order}}
    if preview:
        legend = [(f"{facts.classes[number]} {shares[number]:.1%}", facts.palette[number]) for number in order]
        blended = overlay(pixels, colored(labels, facts.palette))
        files.atomic_write(preview_path(out), plots.with_legend([("", pixels), ("", blended)], legend))
        record["shown"] = str(preview_path(out))
    return record


def label_map_png(labels: np.ndarray, facts: DataFacts) -> bytes:
    """A label map, uint8 (height, width), as a PNG of the class numbers of the data.

    It has 16 bits if a class number exceeds 255, else a palette.
    """
    is_wide, buffer = max(facts.numbers) > 255, io.BytesIO()
    numbers = np.arange(256, dtype=np.uint16 if is_wide else np.uint8)
    numbers[: len(facts.numbers)] = facts.numbers
    picture = Image.fromarray(numbers[labels], None if is_wide else "P")
    if not is_wide:
        colors = np.zeros((256, 3), np.uint8)
        colors[list(facts.numbers)] = facts.palette
        picture.putpalette(colors.ravel().tolist())
    picture.save(buffer, "PNG")
    return buffer.getvalue()
