"""gancli eval-elbo: bounds on the log-likelihood of test images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables

if TYPE_CHECKING:
    from gancli.evaluation.likelihood_bounds import ElboResult

EPILOG = """\b
Examples:
  gancli eval-elbo
  gancli eval-elbo --importance 500
  gancli eval-elbo --num-images 1000 --importance 5000 --json

For a model with a bound on the likelihood (`vae`): the mean over test images of the ELBO, log p(x | z) - KL(q(z | x) ||
p(z)) with one z per image, in nats, and of its two terms. --importance K adds the tighter importance-weighted bound,
log 1/K sum p(x, z) / q(z | x) over K samples z of q (Burda et al. 2015), which approaches log p(x) as K grows. Binary
pixels are sampled once from the gray values, with --seed; if there are more test images than --num-images, a fixed
draw by class is taken. Bounds for images that are binarized differently, or for gray values, are not comparable."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--importance",
    type=flags.IntRange(0, 100_000),
    default=0,
    show_default=True,
    help="Samples of z per image for the importance-weighted bound (0: ELBO only).",
)
@click.option(
    "--num-images", type=flags.IntRange(1), default=10_000, show_default=True, help="Maximum number of test images."
)
@click.option(
    "--seed", type=flags.IntRange(0), default=0, show_default=True, help="Random seed for binarization and z."
)
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice, importance: int, num_images: int, seed: int, place: flags.Place, as_json: bool
) -> None:
    """Measure the ELBO of test images, and the importance-weighted bound."""
    from gancli.cli import opened_run
    from gancli.evaluation import likelihood_bounds
    from gancli.inference.image_files import real_images
    from gancli.models.capabilities import LikelihoodBound

    trained = opened_run.open_run(choice, ability=LikelihoodBound)
    test = real_images.from_test_split(trained, trained.dataset(*place), num_images)
    found = likelihood_bounds.measure(trained.model, test.pixels, test.labels, importance=importance, seed=seed)
    result = found.to_dict() | {"images": len(test.pixels), "of": test.what, "rows": test.rows, "seed": seed}
    result |= trained.about() | {"data": trained.run.facts.name}
    lines = [*_lines(found, f"{test.what} ({test.rows})"), f"scored: {eval_options.source_line(trained)}"]
    eval_options.report_run(trained, "elbo", result, lines, as_json=as_json)


def _lines(elbo: ElboResult, images: str) -> list[str]:
    lines = [
        f"ELBO {elbo.elbo:.2f}{tables.spread(elbo.elbo_error, '.2f')} nats: mean of {elbo.count:,} {images}; "
        f"log p(x | z) {elbo.reconstruction:.2f}, KL {elbo.kl:.2f}"
    ]
    if elbo.importance is not None:
        lines.append(
            f"importance-weighted bound {elbo.importance:.2f}{tables.spread(elbo.importance_error, '.2f')} nats, "
            f"{elbo.k:,} samples of z per image"
        )
    if elbo.bits_per_number is not None:
        lines.append(f"at most {elbo.bits_per_number:.3f} bits per pixel and channel, for images of bytes")
    if elbo.elbo_error is None:
        lines.append("standard error: not defined for one image")
    return lines
