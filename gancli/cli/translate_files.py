"""Pictures turned into those of another kind: written, and shown with the way back."""

from __future__ import annotations

from pathlib import Path

from gancli.cli import image_files, opened_run
from gancli.cli.flags import RunChoice
from gancli.core import files
from gancli.core.backend import np
from gancli.data.formats.pictures import Entry
from gancli.imaging import images, plots
from gancli.inference.translation import BACK, ImageTranslator
from gancli.models.capabilities import Translator

LARGE = 1.8  # inches of a panel


def translate(
    choice: RunChoice, path: Path, *, direction: str | None, out: Path | None, grid: Path | None, rows: int
) -> tuple[dict[str, object], list[str]]:
    """Translate a file or the pictures of a folder. Returns: the result, and the lines that tell it."""
    album = image_files.opened(path)
    chosen = opened_run.open_run(choice, ability=Translator)
    interpreter = ImageTranslator(chosen.model)
    direction = interpreter.need(direction)
    outs = album.places(out, f"-{direction[-1]}", (".png",))
    album.need_apart([*outs, *([grid] if grid else [])])
    shown: list[tuple[str, np.ndarray, np.ndarray]] = []

    def one(entry: Entry, place: Path) -> dict[str, object]:
        color = "gray" if interpreter.channels == 1 else "rgb"
        pixels = image_files.whole(entry, color, known=chosen.model.data.pixel_ranges)
        made = interpreter(pixels, direction)
        files.atomic_write(place, images.png(made))
        if len(shown) < rows:
            shown.append((entry.name, pixels, made))
        return {"out": str(place), "size": f"{made.shape[1]}x{made.shape[0]}"}

    made, bad = album.each(outs, one)
    result = chosen.about() | {"direction": direction, "pictures": made, "bad": bad}
    lines = [f"{one['out']}: {one['size']}" for one in made]
    if grid is not None and shown:
        files.atomic_write(grid, plots.rows_of_images(_rows(interpreter, direction, shown), side=LARGE))
        result["grid"] = str(grid)
        lines.append(f"{grid}: {len(shown)} of them")
    return result, [*lines, f"{direction} by step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights"]


def _rows(interpreter: ImageTranslator, direction: str, shown: list[tuple[str, np.ndarray, np.ndarray]]) -> list:
    """A row for each picture: as it was, translated, and turned back if there is a way."""
    titles = direction[0].upper(), f"made: {direction[-1].upper()}", f"and back: {direction[0].upper()}"
    rows = []
    for number, (_, pixels, made) in enumerate(shown):
        cells = [pixels, made]
        cells += [interpreter(made, BACK[direction])] if interpreter.goes_back(direction) else []
        rows.append(("", [("" if number else title, cell) for title, cell in zip(titles, cells, strict=False)]))
    return rows
