"""gancli eval-segmentation: how often the classes of pixels are named rightly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags
from gancli.core.backend import np
from gancli.core.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from gancli.data import Dataset

EPILOG = """\b
Examples:
  gancli eval-segmentation
  gancli eval-segmentation --run 3 --split validation --json
  gancli eval-segmentation --data other-streets.zip --split train

Three means, as Luc et al. 2016 give them: of the classes' accuracies, of all labelled pixels, and of the classes'
intersections over unions. Pixels without a label are not counted; a class that is nowhere in the truth is left out of
the means, and said so. Pictures are taken at the size they have, if --side says nothing else."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--split",
    type=click.Choice(["test", "validation", "train", "all"]),
    help="Which pictures.  [default: test, or where there are none validation]",
)
@click.option("--data", metavar="DATA", help="Other data with the same classes.  [default: the run's]")
@click.option("--side", type=click.IntRange(1, 4096), help="Bring the shorter side to so many pixels first.")
@flags.data_dir_option
@flags.json_option
def command(
    choice: flags.RunChoice, split: str | None, data: str | None, side: int | None, data_dir: str | None, as_json: bool
) -> None:
    """Accuracy and IoU of each class, and their means."""
    from gancli import data as sets
    from gancli.cli import eval_options, opened_run, segment_files
    from gancli.core.files import safe_name
    from gancli.data.annotations import label_maps
    from gancli.evaluation.metrics import mean_iou
    from gancli.evaluation.segmentation import confusion
    from gancli.inference.segmentation import SegmentationPredictor, in_classes
    from gancli.models.capabilities import Segmenter

    chosen = opened_run.open_run(choice, ability=Segmenter)
    run, facts = chosen.run, chosen.model.data
    color = "gray" if facts.shape[2] == 1 else "rgb"
    dataset = run.dataset(data_dir) if data is None else sets.load(data, sets.Request(None, color, data_dir, least=1))
    flags.tell(dataset)
    dataset = in_classes(dataset, facts)
    split = split or ("test" if "map" in dataset.test else "validation")
    parts = _parts(dataset, split)
    maps = [one for part, rows in parts for one in dataset.maps(rows, part)]
    pictures = [one for part, rows in parts for one in dataset.pictures(rows, part)]
    matrix = confusion(SegmentationPredictor(chosen.model, side=side), pictures, maps)
    if not matrix.any():
        raise DataError(f"'{dataset.name}': no pixel of its {split} pictures has a label")
    result = {"metric": "accuracy and IoU of classes of pixels", "split": split, "images": len(maps), "side": side}
    result |= segment_files.told(mean_iou.scores(matrix), facts.classes)
    lines = segment_files.table(result, label_maps.shares(maps, len(facts.classes)))
    result = eval_options.rounded(result | chosen.about() | {"data": dataset.name, "confusion": matrix.tolist()})
    eval_options.keep(run, f"segmentation-{split}" + ("" if data is None else f"-{safe_name(dataset.name)}"), result)
    of = f"{len(maps):,} {split} pictures of '{dataset.name}'"
    lines.append(f"{of}; step {chosen.step:,} of {run.path}, {chosen.weights} weights")
    flags.report(result, lines, as_json=as_json)


def _parts(dataset: Dataset, split: str) -> list[tuple[Mapping[str, np.ndarray], Iterable[int]]]:
    """The columns that a name means, and which of their rows. Raises: DataError for a part that the data lack."""
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
        raise DataError(f"'{dataset.name}' has no {split} pictures: give another --split")
    return found
