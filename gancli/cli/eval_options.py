"""Options that the evaluation commands share, the images that they name, and how a result is saved and printed."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from gancli.cli import flags, output, path_types
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.data import DataFacts, Dataset
    from gancli.evaluation.evaluation_set import EvaluationSet
    from gancli.inference.style_space.truncation import Truncation
    from gancli.inference.trained_model import TrainedModel


SAMPLES_HELP = "Number of samples to generate, from seed 0 on."
DISTANCE_OPTIONS: dict[str, Callable] = {  # by the keyword of the measurement that takes it
    "features": click.option(
        "--features",
        metavar="[classifier|inception-2015|inception|pixels|FILE]",
        help="Feature space, or the weights file of a network.  [default: classifier; pixels without labels]",
    ),
    "resize": click.option(
        "--resize",
        type=click.Choice(("clean", "legacy-tensorflow", "legacy-pytorch"), case_sensitive=False),
        help="Resizing of images for inception-2015.  [default: clean]",
    ),
    "dims": click.option(
        "--dims",
        type=click.Choice(("64", "192", "768", "2048"), case_sensitive=False),
        callback=lambda context, option, value: None if value is None else int(value),
        help="Number of features of inception-2015.  [default: 2048]",
    ),
    "weights_file": click.option(
        "--weights-file", type=path_types.INPUT, metavar="FILE", help="Weights of inception-2015, .pth or .safetensors."
    ),
    "repeats": click.option(
        "--repeats",
        type=flags.IntRange(1, 100),
        help="Number of disjoint sets of samples to average the Fréchet distance over.  [default: 2]",
    ),
    "reference": click.option(
        "--reference",
        type=click.Choice(("test", "train"), case_sensitive=False),
        help="Real images to compare with: the test split, or training images.  [default: test]",
    ),
    "stats": click.option(
        "--stats", type=path_types.INPUT, metavar="FILE", help="Statistics to compare with: .npz of mu, sigma."
    ),
    "fid_infinity": click.option(
        "--fid-infinity",
        is_flag=True,
        default=None,
        help="Extrapolate the Fréchet distance to infinitely many samples.",
    ),
}


class EvalOptions(NamedTuple):
    """What to score: samples of a run, or `images` from elsewhere and the data to compare them with."""

    choice: flags.RunChoice
    num_samples: int | None
    images: Path | None
    place: flags.Place
    pixel_range: str = "auto"
    truncation: Truncation | None = None

    def truncated(self, truncation: Truncation | None) -> EvalOptions:
        """The same with a truncation of the samples. Raises: OptionError for images from elsewhere."""
        if truncation is not None and self.images is not None:
            raise OptionError("--truncation changes samples of a run, but --images scores images: give only one")
        return self._replace(truncation=truncation)


def options(*, num_samples: int | None, ends: str = "") -> Callable[[Callable], Callable]:
    """--run and its companions, --num-samples, --images, --data and --data-dir as `chosen`; --json as `as_json`.

    num_samples: the default; None if it depends on the run, and `ends` says how in the help.
    """

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def command(
            choice: flags.RunChoice,
            num_samples: int | None,
            images: Path | None,
            place: flags.Place,
            pixel_range: str,
            **others: object,
        ) -> object:
            source = click.get_current_context().get_parameter_source("num_samples")
            if images is not None and source is not ParameterSource.DEFAULT:
                raise OptionError(
                    "--num-samples counts samples of a run, but --images scores all of its images: give only one"
                )
            if images is None and pixel_range != "auto":
                raise OptionError("--pixel-range applies to --images; the data of a run keep the range of its training")
            if images is None and place.skip_bad:
                raise OptionError("--skip-bad applies to --images; the data of a run are read as in its training")
            return function(chosen=EvalOptions(choice, num_samples, images, place, pixel_range), **others)

        for option in (
            flags.json_option,
            flags.strict_option,
            flags.place_option("Run's data if moved; with --images, the real data to compare with.", skips=True),
            flags.pixel_range_option,
            click.option(
                "--images",
                type=path_types.INPUT,
                metavar="FILE|FOLDER",
                help="Images to score instead of samples: .npz, .h5 or a folder.",
            ),
            num_samples_option(num_samples, most=1_000_000, help_text=f"{SAMPLES_HELP}{ends}"),
            flags.run_options,
        ):
            command = option(command)
        return command

    return decorate


def num_samples_option(default: int | None, *, least: int = 2, most: int, help_text: str) -> Callable:
    """The option --num-samples, an integer from `least` to `most`, passed as `num_samples`."""
    return click.option(
        "--num-samples",
        type=flags.IntRange(least, most),
        default=default,
        show_default=default is not None,
        help=help_text,
    )


def distance_options(function: Callable) -> Callable:
    """The options of distances in a feature space, by the names of the keywords of that measurement, as `distances`:
    those that were given."""

    @functools.wraps(function)
    def command(**values: object) -> object:
        found = {name: values.pop(name) for name in DISTANCE_OPTIONS if name in values}
        return function(distances={name: value for name, value in found.items() if value is not None}, **values)

    for option in reversed(list(DISTANCE_OPTIONS.values())):
        command = option(command)
    return command


def need_defaults(flag: str, *names: str) -> None:
    """Raise OptionError for an option that does not apply together with a flag."""
    context = click.get_current_context()
    for name in names:
        if context.get_parameter_source(name) is not ParameterSource.DEFAULT:
            raise OptionError(f"--{name} does not apply to {flag}: leave it out")


def open_set(chosen: EvalOptions, *, check: Callable[[Dataset | DataFacts], None] = lambda data: None) -> EvaluationSet:
    """The samples of a run, or images from elsewhere; warnings are printed.

    check: raises an error for unsuitable data: for the facts in run.json first, then for the data. Raises: DataError
    for images that cannot be scored, OptionError, CheckpointError.
    """
    return _open_run(chosen, check) if chosen.images is None else _open_images(chosen, check)


def _open_run(chosen: EvalOptions, check: Callable[[Dataset | DataFacts], None]) -> EvaluationSet:
    from gancli.cli import opened_run
    from gancli.evaluation import evaluation_set

    trained = opened_run.open_run(chosen.choice, truncation=chosen.truncation)
    check(trained.run.facts)
    dataset = trained.dataset(*chosen.place)
    check(dataset)
    return evaluation_set.from_model(trained, dataset, chosen.num_samples, note=output.note)


def _open_images(chosen: EvalOptions, check: Callable[[Dataset | DataFacts], None]) -> EvaluationSet:
    from gancli import data
    from gancli.evaluation import evaluation_set
    from gancli.imaging import images

    dataset = reference_data(chosen)
    if "image" not in dataset.train:
        raise DataError(f"'{dataset.name}' contains no images to compare with")
    check(dataset)
    output.print_dataset_remarks(dataset)
    remarks = []
    pixels = data.load_images(
        chosen.images,
        dataset.shape,
        pixel_range=chosen.pixel_range,
        known=dataset.pixel_ranges,
        skip_bad=chosen.place.skip_bad,
        tell=remarks.extend,
    )
    if not images.are_constant(pixels):  # these are rejected below
        output.print_remarks(remarks)
    return evaluation_set.from_images(pixels, dataset, source=str(chosen.images), note=output.note)


def reference_data(chosen: EvalOptions) -> Dataset:
    """The data set of --run or --data. Raises: OptionError if neither is given."""
    from gancli import data
    from gancli.cli import opened_run

    data_dir, source = chosen.place
    if chosen.choice.selector is not None:
        return opened_run.find(chosen.choice).dataset(data_dir, source)
    if source is None:
        raise OptionError(
            f"--images {chosen.images}: give the real data to compare with by --data, or a run that has them by --run"
        )
    return data.load(source, data.Request(data_dir=data_dir, skip_bad=chosen.place.skip_bad))


def report_set(
    evaluated: EvaluationSet, name: str, result: Mapping[str, object], lines: Sequence[str], *, as_json: bool
) -> None:
    """Save a score and its recipe as the run's eval/NAME.json, and print it."""
    from gancli.evaluation import results

    whole = {**results.round_floats(result), **evaluated.recipe, "data": evaluated.dataset.name}
    if evaluated.run is not None:
        results.save(evaluated.run, name, whole, note=output.note)
    output.report(whole, [*lines, f"scored: {evaluated}"], as_json=as_json)


def report_run(
    trained: TrainedModel, name: str, result: Mapping[str, object], lines: Sequence[str], *, as_json: bool
) -> None:
    """Save a score of a run and its recipe as its eval/NAME.json, and print it."""
    from gancli.evaluation import results

    whole = results.round_floats(result)
    results.save(trained.run, name, whole, note=output.note)
    output.report(whole, lines, as_json=as_json)


def source_line(trained: TrainedModel) -> str:
    """The step, run and weights that were scored."""
    return f"step {trained.step:,} of {trained.run.path}, {trained.weights} weights"
