"""gancli eval-elbo: bounds on the log-likelihood of test images."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables

if TYPE_CHECKING:
    from gancli.evaluation.likelihood_bounds import ElboResult

EPILOG = """\b
Examples:
  gancli eval-elbo
  gancli eval-elbo --importance 500
  gancli eval-elbo --count 1000 --importance 5000 --json

For a model with a bound on the likelihood (`vae`): the mean over test images of log p(x | z) - KL(q(z | x) || p(z)),
one z each, in nats, and its two terms. --importance K also gives the tighter bound log 1/K sum of p(x, z) / q(z | x)
over K z's of q (Burda et al. 2015), which comes nearer to log p(x) as K grows. Pixels of 0 and 1 are drawn from the
grey values, once, with --seed; of more test images than --count a fixed draw by class is taken; numbers for images
binarised otherwise, or for grey values as they are, are of another scale."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--importance",
    type=click.IntRange(0, 100_000),
    default=0,
    show_default=True,
    help="z's for each image; 0: ELBO alone.",
)
@click.option("--count", "most", type=click.IntRange(1), default=10_000, show_default=True, help="Test images at most.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of binarisation and z's.")
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, importance: int, most: int, seed: int, place: flags.Place, as_json: bool) -> None:
    """Measure the bound on the likelihood of test images (ELBO), and the importance-weighted one."""
    from gancli.cli import eval_options, opened_run, progress
    from gancli.evaluation import likelihood_bounds
    from gancli.inference.image_files import real_images
    from gancli.models.capabilities import LikelihoodBound

    chosen = opened_run.open_run(choice, ability=LikelihoodBound)
    shown = real_images.from_test_split(chosen, chosen.dataset(*place), most)
    pixels, labels, what = shown.pixels, shown.labels, shown.what
    with progress.counting("images", len(pixels)) as told:
        found = likelihood_bounds.measure(chosen.model, pixels, labels, importance=importance, seed=seed, told=told)
    result = {"metric": "ELBO, nats", "mean": found.elbo, "standard_error": found.elbo_error}
    result |= {"reconstruction": found.reconstruction, "kl": found.kl}
    if importance:
        result |= {"importance_weighted": found.importance, "importance_error": found.importance_error, "k": importance}
    bits = chosen.model.bits_per_number(found.importance if importance else found.elbo)
    result |= {} if bits is None else {"bits_per_number": bits}
    result |= {"images": len(pixels), "of": what, "rows": shown.rows, "seed": seed}
    result = eval_options.rounded(result) | chosen.about() | {"data": chosen.run.facts.name}
    eval_options.keep(chosen.run, "elbo", result)
    flags.report(result, _lines(result, found), as_json=as_json)


def _lines(result: dict[str, object], found: ElboResult) -> list[str]:
    lines = [
        f"ELBO {found.elbo:.2f}{tables.spread(found.elbo_error, '.2f')} nats: mean of {found.count:,} {result['of']} "
        f"({result['rows']}); log p(x | z) {found.reconstruction:.2f}, KL {found.kl:.2f}"
    ]
    if found.importance is not None:
        lines.append(
            f"importance-weighted bound {found.importance:.2f}{tables.spread(found.importance_error, '.2f')} nats, "
            f"{result['k']:,} z's for each image"
        )
    if "bits_per_number" in result:
        lines.append(f"{result['bits_per_number']:.3f} bits for each number of an image of bytes, at most")
    if found.elbo_error is None:
        lines.append("standard error: not defined, of one image")
    return [*lines, f"scored: step {result['step']:,} of {result['run']}, {result['weights']} weights"]
