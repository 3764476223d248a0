"""gancli eval-captions: whether generated images show what their captions ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.caption_accuracy import AttributeScores, MatchingScores

EPILOG = """\b
Examples:
  gancli eval-captions
  gancli eval-captions --run 3 --num-samples 2000 --json

One image is generated for each caption of the test images. For glyphs, where the attributes of each caption are known,
a classifier trained on real images finds shape, color, size and position in the generated ones: the share of correct
attributes, for combinations of shape and color that were in the training data and for held-out ones. It is printed
beside that of the real images, the limit of the classifier, and that of other captions' images, the level of chance.

For other data: R-precision, how often the image's own caption scores highest among it and 99 others, by an image-text
matcher trained on real pairs; and the Fréchet distance to the test images in the matcher's image embeddings."""


@click.command(epilog=EPILOG)
@flags.run_options
@eval_options.num_samples_option(2000, least=20, most=100_000, help_text="Maximum number of test captions.")
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, num_samples: int, place: flags.Place, as_json: bool) -> None:
    """Measure how well a text-to-image run follows its captions."""
    from gancli.cli import opened_run
    from gancli.evaluation.sample_quality import caption_accuracy
    from gancli.models.capabilities import TextEncoder

    trained = opened_run.open_run(choice, prefer=lambda run: issubclass(run.model_class, TextEncoder))
    caption_accuracy.check_model(trained)
    dataset = trained.dataset(*place)
    found = caption_accuracy.score(trained, dataset, num_samples, note=output.note)
    result = found.to_dict() | trained.about() | {"seeds": f"0-{found.captions - 1}", "data": dataset.name}
    is_attributes = isinstance(found.scores, caption_accuracy.AttributeScores)
    lines = (_attribute_lines if is_attributes else _matching_lines)(found.scores)
    source = eval_options.source_line(trained)
    lines.append(f"scored: {found.captions:,} {found.part} captions ({found.rows}), {source}")
    eval_options.report_run(trained, "captions", result, lines, as_json=as_json)


def _attribute_lines(scores: AttributeScores) -> list[str]:
    accuracy = scores.accuracy
    cells = [("", *accuracy)]
    for group in accuracy["by chance"].by_group:
        shares = (one.by_group.get(group) for one in accuracy.values())
        cells.append((group, *(tables.number(share, ".1%", missing="none") for share in shares)))
    cells.append(("all", *(tables.number(one.share, ".1%", missing="none") for one in accuracy.values())))
    return [
        *tables.aligned(cells, least=12),
        "seen, held out: combinations of color and shape in the training data, and not; real: the captions' own images",
    ]


def _matching_lines(scores: MatchingScores) -> list[str]:
    return [
        f"R-precision {scores.r_precision:.1%}; of the real images {scores.real:.1%}; by chance 1%",
        f"Fréchet distance {scores.frechet:.2f} in the matcher's image embeddings; between two halves of the real "
        f"images {scores.frechet_of_halves:.2f}",
    ]
