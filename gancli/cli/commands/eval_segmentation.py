"""gancli eval-segmentation: accuracy and IoU of semantic segmentation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.segmentation import SegmentationResult

EPILOG = """\b
Examples:
  gancli eval-segmentation
  gancli eval-segmentation --run 3 --split validation --json
  gancli eval-segmentation --data other-streets.zip --split train

Three means, as in Luc et al. 2016: class accuracy, pixel accuracy, and the mean IoU over the classes. Pixels without a
label do not count; a class that does not occur in the label maps is listed and left out of the means. Images keep their
size unless --resize is given."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train", "all"], case_sensitive=False),
    help="Split to score.  [default: test, or validation if there is none]",
)
@flags.place_option("Other data with the same classes.  [default: the run's]", skips=True)
@click.option("--resize", type=flags.IntRange(1, 4096), help="Resize the shorter side to this many pixels first.")
@flags.json_option
def command(choice: flags.RunChoice, split: str | None, place: flags.Place, resize: int | None, as_json: bool) -> None:
    """Measure accuracy and IoU of each class, and their means."""
    from gancli import data
    from gancli.cli import opened_run
    from gancli.core.files import safe_name
    from gancli.evaluation import segmentation
    from gancli.inference.segmentation import SegmentationPredictor, map_classes
    from gancli.models.capabilities import Segmenter

    trained = opened_run.open_run(choice, ability=Segmenter)
    data_dir, source = place
    facts = trained.run.facts
    if source is None:
        dataset = trained.run.dataset(data_dir)
    else:
        color = "gray" if facts.shape[2] == 1 else "rgb"
        dataset = data.load(source, data.Request(None, color, data_dir, least=1, skip_bad=place.skip_bad))
    output.print_dataset_remarks(dataset)
    dataset = map_classes(dataset, facts)
    predictor = SegmentationPredictor(trained.model, side=resize)
    found = segmentation.score(predictor, dataset, split=split)
    result = found.to_dict() | trained.about() | {"data": dataset.name}
    lines = _lines(found)
    lines.append(
        f"scored: {found.images:,} {found.split} images of '{dataset.name}', {eval_options.source_line(trained)}"
    )
    name = f"segmentation-{found.split}" + ("" if source is None else f"-{safe_name(dataset.name)}")
    eval_options.report_run(trained, name, result, lines, as_json=as_json)


def _lines(result: SegmentationResult) -> list[str]:
    rows = [("", "accuracy", "IoU", "share of pixels")]
    for (name, one), share in zip(result.by_class.items(), result.shares, strict=True):
        values = ("", "absent") if one["iou"] is None else (f"{one['accuracy']:.1%}", f"{one['iou']:.1%}")
        rows.append((name, *values, f"{share:.1%}"))
    rows.append(("mean", f"{result.scores.class_accuracy:.1%}", f"{result.scores.mean_iou:.1%}"))
    lines = tables.aligned(rows, least=8)
    lines.append(f"pixel accuracy: {result.scores.pixel_accuracy:.1%}")
    if result.absent:
        lines.append(f"not in the label maps, excluded from the means: {', '.join(result.absent)}")
    return lines
