"""gancli translate: images translated from one domain to the other."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, image_files, output, path_types

if TYPE_CHECKING:
    from gancli.data.containers.source_files import SourceFile

EPILOG = """\b
Examples:
  gancli translate summer.jpg --direction a-to-b       writes summer-b.png next to it
  gancli translate photos/ --direction b-to-a --out summers/
  gancli translate testA/ --comparison rows.png        each image, its translation and its reconstruction
  gancli translate map.png --run pix2pix

A and B are the domains of the training data, `trainA` and `trainB`. Images keep their size; results are best at the
size of the training images."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option(
    "--direction",
    type=click.Choice(["a-to-b", "b-to-a"], case_sensitive=False),
    help="Direction of translation.  [default: the run's first]",
)
@click.option(
    "--out", type=path_types.OUTPUT, help="Output .png, or a folder for an input folder.  [default: NAME-b.png]"
)
@click.option(
    "--comparison", type=path_types.OUTPUT, metavar="FILE.png", help="Write images, translations and reconstructions."
)
@click.option(
    "--rows", type=flags.IntRange(1, 100), default=8, show_default=True, help="Number of images in --comparison."
)
@flags.json_option
def command(
    path: Path,
    choice: flags.RunChoice,
    direction: str | None,
    out: Path | None,
    comparison: Path | None,
    rows: int,
    as_json: bool,
) -> None:
    """Translate an image, or a folder of images, to the other domain."""
    flags.need_ending(comparison, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.inference.image_files import translate_file
    from gancli.inference.translation import ImageTranslator, resolve_direction
    from gancli.models.capabilities import Translator

    album = image_files.opened(path)
    trained = opened_run.open_run(choice, ability=Translator)
    direction = resolve_direction(trained.outline, direction)
    outs = album.outputs(out, f"-{direction[-1]}", (".png",))
    album.need_distinct([*outs, *([comparison] if comparison else [])])
    translator = ImageTranslator(trained.model)
    compared: list[translate_file.TranslatedFile] = []

    def translate(entry: SourceFile, to: Path) -> dict[str, object]:
        found = translate_file.translate_file(translator, direction, entry, to, output.note)
        if len(compared) < rows:
            compared.append(found)
        return found.record

    records, bad = album.each(outs, translate)
    result = trained.about() | {"direction": direction, "pictures": records, "bad": bad}
    lines = [f"{one['out']}: {one['size']}" for one in records]
    if comparison is not None and compared:
        files.atomic_write(comparison, translate_file.comparison(translator, direction, compared))
        result["grid"] = str(comparison)
        lines.append(f"{comparison}: comparison of {len(compared)} images")
    lines.append(f"{direction} by step {trained.step:,} of {trained.run.path}, {trained.weights} weights")
    output.report(result, lines, as_json=as_json)
    image_files.need_all(path, records, bad)
