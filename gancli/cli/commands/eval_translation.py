"""gancli eval-translation: whether translations are read as what they should be, and keep what they were."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables
from gancli.core.backend import np
from gancli.core.errors import DataError

if TYPE_CHECKING:
    from gancli.data import Dataset
    from gancli.evaluation.translation import TranslationScores

EPILOG = """\b
Examples:
  gancli eval-translation
  gancli eval-translation --run cyclegan --split train --count 500 --json

For each direction: the share of translations that a classifier of the two real kinds reads as the target, and the share
that it reads so more surely than all but a tenth (--false-alarms) of the untranslated, beside the shares of
untranslated pictures and of real ones of the target; their Fréchet distance from these in its features, beside the
untranslated pictures'; and how much changed, on the way there and on the way there and back, as a mean difference in
[0, 1].
The classifier is trained once, ten minutes for 2,000 photographs, and kept. Photographs of seasons are often of
neither: what it reads of real pictures is as much as can be asked for."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--split", type=click.Choice(["test", "train"]), help="Which pictures.  [default: test, where there are some]"
)
@click.option("--count", type=click.IntRange(20), default=1000, show_default=True, help="Pictures of a kind, at most.")
@click.option(
    "--false-alarms",
    type=flags.NumberRange(0, 0.5),
    default=0.1,
    show_default=True,
    help="The share of untranslated pictures that may be read as surely as what counts as sure.",
)
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice, split: str | None, count: int, false_alarms: float, place: flags.Place, as_json: bool
) -> None:
    """Shares read as the target, Fréchet distances, and what is lost there and back."""
    from gancli.cli import eval_options, opened_run
    from gancli.evaluation import feature_extractors
    from gancli.evaluation.translation import score_translation
    from gancli.inference.translation import ImageTranslator
    from gancli.models.capabilities import Translator

    chosen = opened_run.open_run(choice, ability=Translator)
    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    if "label" not in dataset.train:
        raise DataError(f"'{dataset.name}' holds pairs, and no kinds that a classifier could tell apart")
    split = split or ("test" if dataset.test else "train")
    learned = split == "train" and bool(dataset.test)
    kinds, rows = _kinds(dataset, split, count)
    seen = feature_extractors.of_domains(dataset, note=flags.note)
    interpreter, found = ImageTranslator(chosen.model), {}
    for direction in interpreter.directions:
        given, targets = kinds if direction == "a-to-b" else kinds[::-1]
        found[direction] = score_translation(interpreter, direction, given, targets, seen, false_alarms=false_alarms)[0]
    result = {"metric": "shares read as the target and surely so, Fréchet distance, mean differences", "split": split}
    result |= {"learned": learned, "false_alarms": false_alarms}
    result |= {"images": [len(kind) for kind in kinds], "rows": rows, "features": str(seen), **seen.recipe}
    result |= {"directions": {name: one._asdict() for name, one in found.items()}}
    result = eval_options.rounded(result) | chosen.about() | {"data": dataset.name}
    eval_options.keep(chosen.run, f"translation-{split}", result)
    lines = _table(found)
    lines.append(f"classifier and features: {seen}")
    if learned:
        lines.append("these pictures the classifier learned from: what it says of them is worth little")
    of = f"{len(kinds[0]):,} {split} pictures of A and {len(kinds[1]):,} of B of '{dataset.name}'"
    of += "".join(f"; {name}: {told}" for name, told in zip("AB", rows, strict=True) if not told.startswith("all"))
    lines.append(f"{of}; step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights")
    flags.report(result, lines, as_json=as_json)


def _kinds(dataset: Dataset, split: str, count: int) -> tuple[tuple[np.ndarray, np.ndarray], list[str]]:
    """Pictures of A and of B, and which they are; without a test split those that the classifier never saw.

    Raises: DataError if few.
    """
    from gancli.cli.eval_options import LEAST
    from gancli.data import subsets
    from gancli.evaluation import classifier

    part = dataset.test if split == "test" else dataset.train
    labels = part["label"][:] if "label" in part else np.zeros(0)
    known = np.arange(len(labels)) if dataset.test else classifier.unseen(dataset)
    whole = [known[labels[known] == side] for side in (0, 1)]
    rows = [these[subsets.draw(len(these), count)] for these in whole]
    if min(map(len, rows)) < LEAST:
        told = " and ".join(f"{len(these)} of {name}" for these, name in zip(rows, "AB", strict=True))
        which = split if dataset.test else "held-out"
        raise DataError(f"'{dataset.name}' has {told} among its {which} pictures, and {LEAST} of either are needed")
    told = [subsets.describe(len(these), len(all_of)) for these, all_of in zip(rows, whole, strict=True)]
    return tuple(np.stack([part["image"][row] for row in these]) for these in rows), told


def _table(found: dict[str, TranslationScores]) -> list[str]:
    cells = [("", *found)]
    rows = (
        ("read as the target", "read", ".1%"),
        ("  untranslated", "read_before", ".1%"),
        ("  real ones of the target", "read_real", ".1%"),
        ("surely the target", "sure", ".1%"),
        ("  untranslated", "sure_before", ".1%"),
        ("  real ones of the target", "sure_real", ".1%"),
        ("Fréchet distance from it", "frechet", ".2f"),
        ("  untranslated", "frechet_before", ".2f"),
        ("changed", "changed", ".3f"),
        ("lost there and back", "lost", ".3f"),
    )
    for title, name, form in rows:
        values = [getattr(one, name) for one in found.values()]
        cells.append((title, *(tables.number(value, form, missing="none") for value in values)))
    return tables.aligned(cells, least=12)
