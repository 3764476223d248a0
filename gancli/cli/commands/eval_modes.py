"""gancli eval-modes: mode coverage of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.mode_coverage import ModeResult
    from gancli.inference.trained_model import TrainedModel

EPILOG = """\b
Examples:
  gancli eval-modes
  gancli eval-modes --run ring --num-samples 10000 --json

For points (ring8, grid25, …): a mode is covered if a sample lies within three standard deviations of its center; such
samples are of high quality. For images: the modes are the classes that a classifier of the data predicts; for
stacked_mnist the 1,000 triples of digits, each color channel classified by a classifier of MNIST. The reverse KL
divergence, in nats, compares the histogram of modes of the high-quality samples with that of the data: 0 if they are
equal."""


@click.command(epilog=EPILOG)
@flags.run_options
@eval_options.num_samples_option(
    None,
    most=1_000_000,
    help_text="Number of samples to generate, from seed 0 on.  [default: 2,500 points, 26,000 images]",
)
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, num_samples: int | None, place: flags.Place, as_json: bool) -> None:
    """Count the modes that samples cover, and measure how evenly."""
    from gancli.cli import opened_run
    from gancli.evaluation import results
    from gancli.evaluation.sample_quality import mode_coverage
    from gancli.models.capabilities import Latent

    trained = opened_run.open_run(choice, ability=Latent)
    mode_coverage.check(trained.run.facts)
    dataset = trained.dataset(*place)
    result = mode_coverage.score(trained, dataset, num_samples, note=output.note)
    whole = result.to_dict() | trained.about()
    whole |= {"samples": result.samples, "seeds": f"0-{result.samples - 1}", "data": dataset.name}
    published = mode_coverage.published(trained.run)
    lines = [*_lines(result, published), _source(trained, result, is_compared=bool(published))]
    results.save(trained.run, "modes", whole, note=output.note)
    output.report(whole, lines, as_json=as_json)


def _lines(result: ModeResult, published: dict[str, tuple[str, str, str]]) -> list[str]:
    coverage, recipe = result.coverage, result.recipe
    quality = f"{recipe['high_quality']:.1%}" if "high_quality" in recipe else ""
    kl = tables.number(result.reverse_kl, ".3f")
    summary = f"{coverage.covered} of {coverage.modes} modes; reverse KL {kl}"
    summary += " nats" if result.reverse_kl is not None else ""
    summary += f"; {quality} of the samples are {recipe['high_quality_is']}" if quality else ""
    summary += f"; classes drawn {recipe['classes_drawn']}" if "classes_drawn" in recipe else ""
    rows = [("this run", f"{coverage.covered}", quality, kl), *((name, *row) for name, row in published.items())]
    lines = [summary, *tables.aligned([("", "modes", "high quality", "reverse KL"), *rows], least=9)]
    if "classifier" in recipe:
        model = recipe["classifier"]
        lines.append(
            f"classifier: {model['test_accuracy']:.2%} accuracy on {model['test_images']:,} held-out images; "
            f"sha256 {model['sha256'][:12]}…"
        )
    return lines


def _source(trained: TrainedModel, result: ModeResult, *, is_compared: bool) -> str:
    note = "; published rows use other networks" if is_compared else ""
    samples = f"{result.samples:,} samples (seeds 0-{result.samples - 1})"
    return f"scored: {samples} of {eval_options.source_line(trained)}{note}"
