"""gancli segment: the class of each pixel of images."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_files, output, path_types

EPILOG = """\b
Examples:
  gancli segment street.jpg                street-labels.png, and street-labels-shown.png as a preview
  gancli segment photos/ --out maps/
  gancli segment street.jpg --resize 240 --no-preview

A label map is a PNG of class numbers with the class colors as its palette, so any viewer can display it. The preview
shows the colors over the image, with a legend of each class's share. Images are first resized so that their shorter
side is that of the training images, because objects are recognized at the size they had in training; the label map has
the original size."""


@click.command(epilog=EPILOG)
@click.argument("path", metavar="FILE|FOLDER", type=path_types.INPUT)
@flags.run_options
@click.option(
    "--out",
    type=path_types.OUTPUT,
    help="Output .png, or a folder for an input folder.  [default: NAME-labels.png]",
)
@click.option("--preview/--no-preview", default=True, show_default=True, help="Write a preview with colors and legend.")
@click.option(
    "--resize",
    type=flags.IntRange(0, 4096),
    help="Resize the shorter side to this many pixels first (0: keep).  [default: as in training]",
)
@flags.json_option
def command(
    path: Path, choice: flags.RunChoice, out: Path | None, preview: bool, resize: int | None, as_json: bool
) -> None:
    """Segment an image, or a folder of images."""
    from gancli.cli import opened_run
    from gancli.inference.image_files.segment_file import preview_path, segment_file
    from gancli.inference.segmentation import SegmentationPredictor
    from gancli.models.capabilities import Segmenter

    album = image_files.opened(path)
    trained = opened_run.open_run(choice, ability=Segmenter)
    outs = album.outputs(out, "-labels", (".png",))
    facts = trained.run.facts
    note = output.note
    side = facts.side or min(facts.shape[:2]) if resize is None else resize
    album.need_distinct(outs + [preview_path(one) for one in outs if preview])
    predictor = SegmentationPredictor(trained.model, side=side or None)
    records, bad = album.each(outs, lambda entry, to: segment_file(predictor, facts, entry, to, note, preview=preview))
    result = trained.about() | {"side": side, "classes": facts.classes, "pictures": records, "bad": bad}
    lines = [f"{one['out']}: {_shares(one['shares'])}" for one in records]
    lines += [f"preview: {one['shown']}" for one in records if preview]
    lines.append(f"step {trained.step:,} of {trained.run.path}, {trained.weights} weights")
    output.report(result, lines, as_json=as_json)
    image_files.need_all(path, records, bad)


def _shares(shares: dict[str, float]) -> str:
    return ", ".join(f"{name} {share:.1%}" for name, share in shares.items())
