"""An image file translated, and a comparison of images with their translations and reconstructions."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gancli.core import files
from gancli.core.backend import np
from gancli.data.containers.source_files import SourceFile
from gancli.imaging import images, plots
from gancli.inference.image_files import frames
from gancli.inference.translation import INVERSE, ImageTranslator

PANEL = 1.8  # inches


class TranslatedFile(NamedTuple):
    """An image and its translation, uint8 (height, width, channels), and a record for a result."""

    pixels: np.ndarray
    translated: np.ndarray
    record: dict[str, object]


def translate_file(
    translator: ImageTranslator, direction: str, entry: SourceFile, out: Path, note: frames.Note
) -> TranslatedFile:
    """Translate an image file and write the result as a PNG. Raises: DataError, ResourceError."""
    known = translator.model.data.pixel_ranges
    pixels = frames.read_pixels(entry, translator.channels, note, known=known)
    translated = translator(pixels, direction)
    files.atomic_write(out, images.png(translated))
    return TranslatedFile(pixels, translated, {"out": str(out), "size": f"{translated.shape[1]}x{translated.shape[0]}"})


def comparison(translator: ImageTranslator, direction: str, translations: Sequence[TranslatedFile]) -> bytes:
    """A row per image as a PNG file: the image, its translation, and its reconstruction if the model can invert."""
    source, target = direction[0].upper(), direction[-1].upper()
    titles = f"input ({source})", f"translated ({target})", f"reconstructed ({source})"
    rows = []
    for number, one in enumerate(translations):
        cells = [one.pixels, one.translated]
        if translator.is_invertible(direction):
            cells.append(translator(one.translated, INVERSE[direction]))
        rows.append(("", [("" if number else title, cell) for title, cell in zip(titles, cells, strict=False)]))
    return plots.rows_of_images(rows, side=PANEL)
