"""gancli eval-parzen: the score of the 2014 paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gancli.cli import eval_options, flags, tables
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.evaluation.metrics.parzen import Parzen

PUBLISHED = {  # Goodfellow et al. 2014, table 1: MNIST, TFD
    "DBN": ("138 ± 2", "1909 ± 66"),
    "Stacked CAE": ("121 ± 1.6", "2110 ± 50"),
    "Deep GSN": ("214 ± 1.1", "1890 ± 29"),
    "Adversarial nets": ("225 ± 2", "2057 ± 26"),
}
CAVEAT = "It does not tell good images from bad: 500 k-means centroids of MNIST score 245, above the published GAN."

EPILOG = """\b
Examples:
  gancli eval-parzen
  gancli eval-parzen --run 3 --checkpoint best --json
  gancli eval-parzen --images fakes.npz --data mnist
  gancli eval-parzen --sigmas 0.1,0.15,0.2,0.25 --validation 5000
  gancli eval-parzen --multi-scale                      a lapgan: level by level

The protocol of Goodfellow et al. 2014: samples as the centres of Gaussians, pixels in [0, 1], sigma from
logspace(-1, 0, 10) chosen on the first 1,000 of the last 10,000 training images, mean log-likelihood of the test
images in nats and its standard error. Where the best sigma lies on the edge of the grid, the grid grows. Data without
a test split are scored on folds of their validation images (a fifth), sigma chosen for each fold on the others,
the error across folds: the paper's way with TFD. The number of samples matters: compare at equal --samples.

--multi-scale is that of Denton et al. 2015 for a pyramid: an image is turned, without loss, into the coarsest and the
details of each level. Windows around the coarsest level's samples give the likelihood of the one; windows around 128
draws of a level's generator, given the image's own coarse half, that of its details; the logs add up. It takes 200
test images and 100 training images, each level its own sigma."""


class Sigmas(click.ParamType):
    """Widths such as 0.1,0.2."""

    name = "sigmas"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Text to numbers above 0."""
        if not isinstance(value, str):
            return value
        try:
            found = tuple(sorted({float(part) for part in value.split(",")}))
        except ValueError:
            found = ()
        if not found or not all(1e-4 <= sigma <= 1000 for sigma in found):
            self.fail(f"'{value}': expected numbers from 0.0001 to 1000, such as 0.1,0.2,0.3", param, ctx)
        return found


@click.command(epilog=EPILOG)
@eval_options.options(samples=10_000)
@click.option("--sigmas", type=Sigmas(), metavar="X,X,…", help="Widths to try.  [default: logspace(-1, 0, 10)]")
@click.option(
    "--validation",
    type=click.IntRange(min=1),
    default=1000,
    show_default=True,
    help="Validation images, from the first on, to choose sigma with.",
)
@click.option(
    "--folds", type=click.IntRange(2, 100), default=5, show_default=True, help="For data without a test split."
)
@click.option("--multi-scale", is_flag=True, help="Of a lapgan: the likelihood level by level.")
def command(
    asked: eval_options.Asked,
    sigmas: tuple[float, ...] | None,
    validation: int,
    folds: int,
    multi_scale: bool,
    as_json: bool,
) -> None:
    """Score a run by Parzen windows, as published in 2014; a pyramid also level by level."""
    from gancli.evaluation.metrics import parzen

    if multi_scale:
        _by_levels(asked, sigmas, as_json=as_json)
        return
    subject = eval_options.subject(asked)
    widths = sigmas or parzen.SIGMAS
    if "image" in subject.dataset.test:
        found, reference = _by_split(subject, validation, widths)
    else:
        found, reference = _by_folds(subject, validation, folds, widths)
    if found.at_edge:
        flags.note(
            f"warning: the best sigma lies on the edge of the grid ({min(found.curve):g} to {max(found.curve):g}, "
            "extended already): do the samples hold the validation images themselves?"
        )
    result = {
        "metric": "Parzen window log-likelihood, nats",
        "mean": found.mean,
        "standard_error": found.standard_error,
        "sigma": list(found.sigmas),
        **reference,
        "validation_was": _seen(subject),
        "validation_curve": {f"{sigma:.6g}": mean for sigma, mean in found.curve.items()},
    }
    subject.report("parzen", result, _lines(result, subject.dataset.name), as_json=as_json)


def _is_given(context: click.Context, name: str) -> bool:
    return context.get_parameter_source(name) is not ParameterSource.DEFAULT


def _by_levels(asked: eval_options.Asked, sigmas: tuple[float, ...] | None, *, as_json: bool) -> None:
    """The score of a pyramid, level by level."""

    from gancli.cli import image_inputs, opened_run, progress
    from gancli.core.errors import DataError
    from gancli.evaluation import multiscale_parzen
    from gancli.models.capabilities import Pyramid

    context = click.get_current_context()
    plain = [name for name in ("images", "sigmas", "validation", "folds") if _is_given(context, name)]
    if plain:
        raise OptionError(f"--{plain[0]} is not for --multi-scale, which asks the levels of a run, over its own widths")
    chosen = opened_run.open_run(asked.choice, ability=Pyramid)
    multiscale_parzen.check(chosen.model)
    test, what = (shown := image_inputs.tests(chosen, asked.place, multiscale_parzen.TEST)).pixels, shown.what
    dataset = chosen.run.dataset(*asked.place)
    flags.tell(dataset)
    rows = dataset.sample_rows(multiscale_parzen.VALIDATION, among=dataset.split()[0])
    if not len(rows):
        raise DataError(f"'{dataset.name}' has no training images to choose widths with")
    tuning = dataset.take(rows)
    with progress.counting("images", (len(test) + len(rows)) * (len(chosen.model.sides) - 1)) as told:
        found = multiscale_parzen.score(chosen.model, tuning, test, samples=asked.samples, told=told)
    result = {"metric": "multi-scale Parzen log-likelihood, nats", "mean": found.mean}
    result |= {"standard_error": found.standard_error, "deviation": found.deviation}
    result |= {"levels": {str(side): mean for side, mean in zip(chosen.model.sides, found.levels, strict=True)}}
    result |= {"sigma": list(found.sigmas), "draws": multiscale_parzen.DRAWS, "samples": asked.samples}
    result |= {"test_images": len(test), "of": what, "rows": shown.rows, "tuning_images": len(rows)}
    result = eval_options.rounded(result) | chosen.about() | {"data": dataset.name}
    eval_options.keep(chosen.run, "parzen-multi-scale", result)
    ours = f"{found.mean:.1f}{_error(found.standard_error)} nats"
    alone = "; of one image there is no standard error" if len(test) == 1 else ""
    lines = [f"{ours}: mean of {len(test):,} {result['of']} ({shown.rows}), level by level{alone}"]
    told_of = zip(chosen.model.sides, found.levels, found.sigmas, strict=True)
    cells = [(f"  {side} pixels", f"{mean:.1f}", f"sigma {sigma:.3f}") for side, mean, sigma in told_of]
    lines += tables.aligned(cells, least=12)
    flags.report(result, [*lines, CAVEAT], as_json=as_json)


def _by_split(
    subject: eval_options.Subject, validation: int, widths: tuple[float, ...]
) -> tuple[Parzen, dict[str, object]]:
    from gancli.core.errors import DataError
    from gancli.evaluation.metrics import parzen
    from gancli.imaging import images

    dataset, rows = subject.dataset, subject.dataset.split()[1]
    if not len(rows):
        raise DataError(
            f"'{dataset.name}' has {len(dataset)} training images, too few to keep a fifth of them to choose sigma with"
        )
    # the first are the authors' own of MNIST; split() gives rows in mixed order, so they are of all classes
    tuning, test = images.flat(dataset.take(rows[:validation])), images.flat(dataset.test["image"])
    found = parzen.score(images.flat(subject.pixels), tuning, test, sigmas=widths)
    reference = {"reference": "test split", "test_images": len(test), "validation_images": len(tuning)}
    return found, reference | {"error": "standard deviation / sqrt(test images)"}


def _by_folds(
    subject: eval_options.Subject, validation: int, folds: int, widths: tuple[float, ...]
) -> tuple[Parzen, dict[str, object]]:
    from gancli.core.errors import DataError
    from gancli.evaluation.metrics import parzen
    from gancli.imaging import images

    dataset, rows = subject.dataset, subject.dataset.split()[1]
    if len(rows) < 2 * folds:
        raise DataError(
            f"'{dataset.name}' has no test split, and a fifth of it, {len(rows)} images, is too small for "
            f"{folds} folds: give --folds {max(2, len(rows) // 2)} or more data"
        )
    test = images.flat(dataset.take(rows))
    found = parzen.score_folds(images.flat(subject.pixels), test, folds=folds, validation=validation, sigmas=widths)
    reference = {"reference": f"{folds} folds of the validation images", "test_images": len(test), "folds": folds}
    return found, reference | {"error": "standard deviation over the folds / sqrt(folds)"}


def _seen(subject: eval_options.Subject) -> str:
    if subject.run is None:
        return "perhaps trained on: gancli did not make these samples"
    return "kept out of the training" if subject.holds_out() else "trained on too; gancli train --hold-out keeps it out"


def _error(value: float | None) -> str:
    return "" if value is None else f" ± {value:.1f}"


def _lines(result: dict[str, object], name: str) -> list[str]:
    ours = f"{result['mean']:.1f}{_error(result['standard_error'])}"
    sigma = ", ".join(f"{value:.3f}" for value in result["sigma"])
    how = (
        f"chosen on {result['validation_images']:,} of the training set" if "validation_images" in result else "by fold"
    )
    count = result["test_images"]
    of = "one image, so without a standard error" if count == 1 else f"{count:,} images"
    lines = [f"{ours} nats: mean log-likelihood of {of} ({result['reference']}); sigma {sigma}, {how}"]
    lines.append(f"the validation part of the training set was {result['validation_was']}")
    column = {"mnist": 0, "tfd": 1}.get(name.casefold())
    if column is not None:
        rows = [*((row, scores[column]) for row, scores in PUBLISHED.items()), ("this run", ours)]
        lines += tables.aligned([(f"  {row}", score) for row, score in rows], least=12)
    return [*lines, CAVEAT]
