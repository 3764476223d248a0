"""gancli eval-parzen: Parzen window log-likelihood, the score of Goodfellow et al. 2014."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, output, tables, value_lists

if TYPE_CHECKING:
    from gancli.data import Dataset
    from gancli.evaluation.sample_quality.parzen_likelihood import ParzenResult

EPILOG = """\b
Examples:
  gancli eval-parzen
  gancli eval-parzen --run 3 --checkpoint best --json
  gancli eval-parzen --images fakes.npz --data mnist
  gancli eval-parzen --sigmas 0.1,0.15,0.2,0.25 --validation 5000
  gancli eval-parzen --multi-scale                      level by level, for lapgan

The protocol of Goodfellow et al. 2014: a Gaussian of width sigma on each sample, pixels in [0, 1]; sigma is chosen
among logspace(-1, 0, 10) on the first 1,000 of the last 10,000 training images; the score is the mean log-likelihood of
the test images in nats (higher is better), with its standard error. If the best sigma is the smallest or largest, more
are tried. Data without a test split are scored on folds of the validation images (a fifth), with sigma chosen for each
fold on the others. The score depends on the number of samples: compare at equal --num-samples.

--multi-scale follows Denton et al. 2015: an image is transformed, without loss, into its coarsest level and the details
of each finer level; their log-likelihoods add up. The coarsest level is scored by windows around samples, the details
of a level by windows around 128 samples of its generator, conditioned on the coarse half of the image. It uses 200 test
images and 100 training images, and chooses sigma for each level."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=10_000)
@click.option(
    "--sigmas", type=value_lists.Sigmas(), metavar="X,X,…", help="Sigmas to try.  [default: ten from 0.1 to 1]"
)
@click.option(
    "--validation",
    type=flags.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Number of validation images to choose the width sigma on.",
)
@click.option(
    "--folds", type=flags.IntRange(2, 100), default=5, show_default=True, help="Folds for data without a test split."
)
@click.option("--multi-scale", is_flag=True, help="Score a lapgan level by level (Denton et al. 2015).")
def command(
    chosen: eval_options.EvalOptions,
    sigmas: tuple[float, ...] | None,
    validation: int,
    folds: int,
    multi_scale: bool,
    as_json: bool,
) -> None:
    """Estimate the test log-likelihood by Parzen windows, as in the first GAN paper."""
    if multi_scale:
        eval_options.need_defaults("--multi-scale", "images", "sigmas", "validation", "folds")
        _score_levels(chosen, as_json=as_json)
        return
    from gancli.evaluation.sample_quality import parzen_likelihood

    evaluated = eval_options.open_set(chosen)
    result = parzen_likelihood.score(evaluated, sigmas=sigmas, validation=validation, folds=folds)
    for warning in result.warnings():
        output.note(f"warning: {warning}")
    lines = _lines(result, evaluated.dataset)
    eval_options.report_set(evaluated, "parzen", result.to_dict(), lines, as_json=as_json)


def _score_levels(chosen: eval_options.EvalOptions, *, as_json: bool) -> None:
    from gancli.cli import opened_run
    from gancli.evaluation.sample_quality import multiscale_parzen, parzen_likelihood
    from gancli.inference.image_files import real_images
    from gancli.models.capabilities import Pyramid

    trained = opened_run.open_run(chosen.choice, ability=Pyramid)
    multiscale_parzen.check(trained.outline)
    dataset = trained.dataset(*chosen.place)
    test = real_images.from_test_split(trained, dataset, multiscale_parzen.NUM_TEST)
    tuning, count = multiscale_parzen.tuning_images(dataset), len(test.pixels)
    score_by_level = multiscale_parzen.score(trained.model, tuning, test.pixels, samples=chosen.num_samples)
    result = score_by_level.to_dict() | {"test_images": count, "of": test.what, "rows": test.rows}
    result |= {"tuning_images": len(tuning)} | trained.about() | {"data": dataset.name}
    single = "; one image has no standard error" if count == 1 else ""
    score = f"{score_by_level.mean:.1f}{tables.spread(score_by_level.standard_error, '.1f')} nats"
    lines = [f"{score}: mean of {count:,} {test.what} ({test.rows}), level by level{single}"]
    levels = zip(score_by_level.sides, score_by_level.levels, score_by_level.sigmas, strict=True)
    lines += tables.aligned(
        [(f"  {side} pixels", f"{mean:.1f}", f"sigma {s:.3f}") for side, mean, s in levels], least=12
    )
    lines.append(parzen_likelihood.caveat(dataset))
    eval_options.report_run(trained, "parzen-multi-scale", result, lines, as_json=as_json)


def _lines(result: ParzenResult, dataset: Dataset) -> list[str]:
    from gancli.evaluation.sample_quality import parzen_likelihood

    score = f"{result.parzen.mean:.1f}{tables.spread(result.parzen.standard_error, '.1f')}"
    sigma = ", ".join(f"{value:.3f}" for value in result.parzen.sigmas)
    how = "for each fold" if result.validation_images is None else f"on {result.validation_images:,} training images"
    of = "one image, so without standard error" if result.test_images == 1 else f"{result.test_images:,} images"
    lines = [f"{score} nats: mean log-likelihood of {of} ({result.reference}); sigma {sigma}, chosen {how}"]
    lines.append(f"validation images: {result.validation_was}")
    if published := parzen_likelihood.published(dataset):
        rows = published | {"this run": score}
        lines += tables.aligned([(f"  {row}", value) for row, value in rows.items()], least=12)
    else:
        size = "x".join(map(str, dataset.shape))
        lines.append(f"no published scores: none are for '{dataset.name}' at {size}, and others have another scale")
    return [*lines, parzen_likelihood.caveat(dataset)]
