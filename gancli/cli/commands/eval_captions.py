"""gancli eval-captions: whether pictures show what their captions ask for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.data import Dataset

LEAST = 4  # captions: two for each half of the real pictures

EPILOG = """\b
Examples:
  gancli eval-captions
  gancli eval-captions --run 3 --samples 2000 --json

The captions are those of test pictures, one image is drawn for each. On glyphs, where the attributes of each caption
are known, a classifier that was trained on real pictures reads shape, colour, size and place from the drawn ones: the
share of attributes obeyed, of captions whose glyphs were seen in training and of captions whose glyphs were held out.
Beside it stand the real pictures, the limit of the classifier, and other captions' pictures, the level of chance.

On other data: R-precision, how often an image's own caption scores highest among it and 99 others, by a matcher that
was trained on real pairs; and the Fréchet distance to the test pictures in the matcher's vectors of images."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--samples", type=click.IntRange(20, 100_000), default=2000, show_default=True, help="Test captions at most."
)
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, samples: int, place: flags.Place, as_json: bool) -> None:
    """Measure how well a text-to-image run obeys its captions."""
    from gancli.cli import eval_options, opened_run
    from gancli.data import subsets
    from gancli.data.datasets import glyphs
    from gancli.evaluation import image_text_matcher
    from gancli.models.capabilities import TextEncoder

    chosen = opened_run.open_run(choice, prefer=lambda run: issubclass(run.model_class, TextEncoder))
    if not chosen.sampler.takes_texts:
        raise OptionError(f"{chosen.model.name()} makes no images from texts; gan-cls does")
    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    image_text_matcher.need_captions(dataset)
    part = dataset.test if "caption" in dataset.test else dataset.train
    rows = dataset.sample_rows(samples, part=part)
    if len(rows) < LEAST:
        raise DataError(f"'{dataset.name}' has {len(rows)} captions to score with; {LEAST} or more are needed")
    texts = list(part["caption"][rows, 0])
    chosen.sampler.tell(texts)
    made = chosen.sampler.decode(chosen.model.latents(range(len(rows))), np.arange(len(rows)))
    real = {name: column[rows] for name, column in part.items()}
    if dataset.attributes == glyphs.ATTRIBUTES:
        found, lines = _attributes(dataset, real, made)
    else:
        found, lines = _matching(dataset, real, texts, made, pool=list(part["caption"][:, 0]))
    result = eval_options.rounded(found) | {"captions": len(rows), "of": "test" if part is dataset.test else "training"}
    result |= {"rows": subsets.describe(len(rows), len(part["caption"]), by_class="label" in part)}
    result |= chosen.about() | {"seeds": f"0-{len(rows) - 1}", "data": dataset.name}
    eval_options.keep(chosen.run, "captions", result)
    lines.append(f"scored: {len(rows):,} {result['of']} captions ({result['rows']}), {_where(chosen)}")
    flags.report(result, lines, as_json=as_json)


def _where(chosen: TrainedModel) -> str:
    return f"step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights"


def _attributes(dataset: Dataset, real: dict[str, np.ndarray], made: np.ndarray) -> tuple[dict[str, object], list[str]]:
    """Attributes obeyed, of seen and of held-out combinations, beside real pictures and those of other captions."""
    from gancli.data.datasets import glyphs
    from gancli.evaluation import classifier
    from gancli.evaluation.metrics import attribute_accuracy

    reader = classifier.for_dataset(glyphs.of_all_kinds(dataset), kind="attributes", note=flags.note)
    asked, held_out = real["attributes"], glyphs.are_held_out(real["attributes"])
    seen = reader.look(made)[1]
    told = {
        "seen": attribute_accuracy.measure(seen[~held_out], asked[~held_out], dataset.attributes),
        "held out": attribute_accuracy.measure(seen[held_out], asked[held_out], dataset.attributes),
        "real": attribute_accuracy.measure(reader.look(real["image"])[1], asked, dataset.attributes),
        "by chance": attribute_accuracy.measure(seen[::-1], asked, dataset.attributes),
    }
    result = {"metric": "share of the attributes asked for that are seen"}
    result |= {name.replace(" ", "_"): found.share for name, found in told.items()}
    result |= {"by_group": {name: dict(found.by_group) for name, found in told.items()}, "classifier": reader.recipe()}
    cells = [("", *told)]
    for group in told["by chance"].by_group:
        shares = (found.by_group.get(group) for found in told.values())
        cells.append((group, *(tables.number(share, ".1%", missing="none") for share in shares)))
    cells.append(("all", *(tables.number(found.share, ".1%", missing="none") for found in told.values())))
    return result, [
        *tables.aligned(cells, least=12),
        "seen, held out: combinations of colour and shape; real: what is read in the captions' own pictures",
    ]


def _matching(
    dataset: Dataset, real: dict[str, np.ndarray], texts: list[str], made: np.ndarray, *, pool: list[str]
) -> tuple[dict[str, object], list[str]]:
    """R-precision of drawn and of real pictures, and the Fréchet distance."""
    from gancli.evaluation import image_text_matcher
    from gancli.evaluation.metrics import frechet

    found = image_text_matcher.for_dataset(dataset, note=flags.note)
    result = {"metric": "R-precision: own caption first among 100"}
    result |= {
        name: found.precision(shown, texts, pool) for name, shown in (("r_precision", made), ("real", real["image"]))
    }
    looks, seen = found.look(made), found.look(real["image"])
    result |= {
        "frechet": frechet.distance(looks, seen),
        "frechet_of_halves": frechet.distance(seen[::2], seen[1::2]),
    }
    result |= {"matcher": found.digest}
    return result, [
        f"R-precision {result['r_precision']:.1%}, of the real pictures {result['real']:.1%}, by chance 1%",
        f"Fréchet distance {result['frechet']:.2f} in the matcher's vectors of images, "
        f"of two halves of the real pictures {result['frechet_of_halves']:.2f}",
    ]
