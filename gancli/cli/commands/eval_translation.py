"""gancli eval-translation: scores of image-to-image translation between two domains."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.translation import TranslationResult

ROWS = (  # title, field of TranslationScores, format
    ("classified as the target domain", "share", ".1%"),
    ("  untranslated", "share_before", ".1%"),
    ("  real images of the target", "share_real", ".1%"),
    ("confidently so", "confident", ".1%"),
    ("  untranslated", "confident_before", ".1%"),
    ("  real images of the target", "confident_real", ".1%"),
    ("Fréchet distance to the target", "frechet", ".2f"),
    ("  untranslated", "frechet_before", ".2f"),
    ("changed", "changed", ".3f"),
    ("lost there and back", "lost", ".3f"),
)

EPILOG = """\b
Examples:
  gancli eval-translation
  gancli eval-translation --run cyclegan --split train --num-images 500 --json

For each direction: the share of translations that a classifier of the two domains assigns to the target domain; the
share that it assigns with a probability above a threshold, which only a tenth (--false-positive-rate) of the
untranslated images exceed; the Fréchet distance to real images of the target domain in the classifier's features; and
the mean absolute pixel difference, in [0, 1], between images and their translations, and between images and their
reconstructions. The rows below a score give it for untranslated images and for real images of the target domain.

The classifier is trained once, which takes ten minutes for 2,000 photographs, and cached. Photographs of seasons are
often ambiguous: the score of real images is the best to expect."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--split",
    type=click.Choice(["test", "train"], case_sensitive=False),
    help="Split to score.  [default: test, if there is one]",
)
@click.option(
    "--num-images",
    type=flags.IntRange(20),
    default=1000,
    show_default=True,
    help="Maximum number of images per domain.",
)
@click.option(
    "--false-positive-rate",
    type=flags.NumberRange(0, 0.5),
    default=0.1,
    show_default=True,
    help="False-positive rate of the confidence threshold, on untranslated images.",
)
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    split: str | None,
    num_images: int,
    false_positive_rate: float,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Score translations: share classified as the target, Fréchet distance, cycle loss."""
    from gancli.cli import opened_run
    from gancli.evaluation import translation
    from gancli.inference.translation import ImageTranslator
    from gancli.models.capabilities import Translator

    trained = opened_run.open_run(choice, ability=Translator)
    dataset = trained.dataset(*place)
    scores = translation.score(
        ImageTranslator(trained.model),
        dataset,
        split=split,
        num_images=num_images,
        false_alarms=false_positive_rate,
        note=output.note,
    )
    result = scores.to_dict() | trained.about() | {"data": dataset.name}
    lines = [*_lines(scores, dataset.name), f"scored: {eval_options.source_line(trained)}"]
    eval_options.report_run(trained, f"translation-{scores.split}", result, lines, as_json=as_json)


def _lines(scores: TranslationResult, data_name: str) -> list[str]:
    cells = [("", *scores.directions)]
    for title, name, form in ROWS:
        values = [getattr(one, name) for one in scores.directions.values()]
        cells.append((title, *(tables.number(value, form, missing="none") for value in values)))
    lines = tables.aligned(cells, least=12)
    lines.append(f"classifier and features: {scores.extractor}")
    if scores.learned:
        lines.append("warning: the classifier was trained on these images, so these scores mean little")
    count_a, count_b = scores.images
    counts = f"{count_a:,} {scores.split} images of A and {count_b:,} of B of '{data_name}'"
    rows = zip("AB", scores.rows, strict=True)
    return [*lines, counts + "".join(f"; {name}: {some}" for name, some in rows if not some.startswith("all"))]
