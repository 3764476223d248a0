"""What the eval commands share: what is scored, the data to score it against, and how a score is told and kept."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click
from click.core import ParameterSource

from gancli.cli import flags, path_types
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.data import Dataset
    from gancli.runs.run import Run

FEW = 2000  # images; below, Parzen scores fall steeply and Fréchet distances rise
DIM = 0.1  # of the real images' highest pixel
ALIKE, SPREAD_OF = 0.1, 1000  # of the real images' spread; images to measure it on
MOST_TEXTS = 2000  # captions of test images that a model that takes texts is told in turn
LEAST = 20  # images a side, for what compares neighbours


class Asked(NamedTuple):
    """What the options of an eval command name: a run's samples, or images from elsewhere and the data beside them."""

    choice: flags.RunChoice
    samples: int
    images: Path | None
    place: flags.Place
    pixel_range: str = "auto"


def options(*, samples: int) -> Callable[[Callable], Callable]:
    """--run and its like, --samples, --images, --data and --data-dir as one `asked`; and --json as `as_json`."""

    def decorate(function: Callable) -> Callable:
        """The command, given what was asked as one value."""

        @functools.wraps(function)
        def command(
            choice: flags.RunChoice,
            samples: int,
            images: Path | None,
            place: flags.Place,
            pixel_range: str,
            **others: object,
        ) -> object:
            source = click.get_current_context().get_parameter_source("samples")
            if images is not None and source is not ParameterSource.DEFAULT:
                raise OptionError("--samples counts what is drawn from a run, --images scores all: give one")
            if images is None and pixel_range != "auto":
                raise OptionError("--pixel-range is of --images; a run's data are read as they were for its training")
            return function(asked=Asked(choice, samples, images, place, pixel_range), **others)

        for option in (
            flags.json_option,
            flags.strict_option,
            flags.place_option("The run's data, if they were moved; with --images alone, what to score against."),
            flags.pixel_range_option,
            click.option(
                "--images",
                type=path_types.INPUT,
                metavar="FILE|FOLDER",
                help="Score the images of a .npz or .h5 file or a folder, instead of a run's.",
            ),
            click.option(
                "--samples",
                type=click.IntRange(2, 1_000_000),
                default=samples,
                show_default=True,
                help="Images drawn from a run: the seeds from 0 on.",
            ),
            flags.run_options,
        ):
            command = option(command)
        return command

    return decorate


class RealImages(NamedTuple):
    """Images to compare: where they come from, uint8 (count, height, width, channels), and which: draws.told."""

    name: str
    pixels: np.ndarray
    rows: str

    def __str__(self) -> str:
        return self.name if self.rows.startswith("all") else f"{self.name}, {self.rows}"


@dataclass(frozen=True)
class Subject:
    """Images to be scored. pixels: uint8 (count, height, width, channels); labels: the classes asked for, or None.

    draw: makes further images of seeds, or None for images from elsewhere. about: what a reader needs to make the same
    images again; of a model that takes labels also which share of the samples was asked for of each class.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    dataset: Dataset
    run: Run | None
    draw: Callable[[range], np.ndarray] | None
    about: dict[str, object]

    def real(self) -> tuple[RealImages, RealImages]:
        """The real images to compare with, and others to compare with those, of equal counts: at most the samples'.

        Where there is a test split, it and training images; else two halves of the training images. Where they are more
        than are compared, they are drawn from all over, by class, always the same: Dataset.drawn.
        Raises: DataError where there are fewer than twenty.
        """
        from gancli.core.errors import DataError
        from gancli.data import subsets

        dataset, test = self.dataset, self.dataset.test.get("image")
        by_class = "label" in dataset.train
        if test is not None:
            count, rows = min(len(self.pixels), len(test), len(dataset)), dataset.drawn
            by_test_class = "label" in dataset.test
            found = (
                RealImages(
                    "test split",
                    test[rows(count, part=dataset.test)],
                    subsets.told(count, len(test), by_class=by_test_class),
                ),
                RealImages(
                    "training images", dataset.some(count), subsets.told(count, len(dataset), by_class=by_class)
                ),
            )
        else:
            count = min(len(self.pixels), len(dataset) // 2)
            both, told = dataset.some(2 * count), subsets.told(count, len(dataset), by_class=by_class)
            found = tuple(RealImages("half of the training images", both[half::2], told) for half in (0, 1))
        if count < LEAST:
            raise DataError(
                f"{count} images of a side cannot be compared: {LEAST} samples and as many images are needed"
            )
        if count < min(FEW, len(self.pixels)):
            flags.note(
                f"warning: '{dataset.name}' has {count:,} images to compare with, so {count:,} samples are compared; "
                f"scores of less than {FEW:,} depend on their number"
            )
        return found

    def some(self, count: int) -> RealImages:
        """So many of the images: of a run those of the first seeds, whose classes have their shares; of images from
        elsewhere, which may be sorted, a fixed draw from all over."""
        from gancli.data import subsets

        whole = len(self.pixels)
        if self.draw is not None:
            return RealImages("samples", self.pixels[:count], f"seeds 0-{min(count, whole) - 1}")
        return RealImages(
            "samples", self.pixels[subsets.draw(whole, count, contents=self.pixels)], subsets.told(count, whole)
        )

    def trained_on(self) -> np.ndarray:
        """The rows of the images that were trained on; for images from elsewhere, all."""
        return self.dataset.split()[0] if self.holds_out() else np.arange(len(self.dataset))

    def unseen(self) -> RealImages | None:
        """Twenty real images or more that were not trained on, or None where there are none."""
        found = None
        if "image" in self.dataset.test:
            test = self.dataset.test["image"]
            found = RealImages("test split", test, f"all {len(test):,}")
        elif self.holds_out():
            rows = self.dataset.split()[1]
            found = RealImages("validation images, held out", self.dataset.take(rows), f"all {len(rows):,}")
        return found if found is not None and len(found.pixels) >= LEAST else None

    def holds_out(self) -> bool:
        """Whether the validation images were kept out of the training."""
        return self.run is not None and self.run.config().hold_out

    def report(self, name: str, result: Mapping[str, object], lines: Sequence[str], *, as_json: bool) -> None:
        """Keep a score and its recipe in the run's eval/NAME.json, and print it."""
        whole = {**rounded(result), **self.about, "data": self.dataset.name}
        if self.run is not None:
            keep(self.run, name, whole)
        flags.report(whole, [*lines, f"scored: {self}"], as_json=as_json)

    def __str__(self) -> str:
        about = self.about
        if self.run is None:
            return f"{about['samples']:,} images of {about['images']} against '{self.dataset.name}'"
        asked_for = f", classes {about['classes_drawn']}" if "classes_drawn" in about else ""
        return (
            f"{about['samples']:,} samples (seeds {about['seeds']}{asked_for}) of step {about['step']:,} of "
            f"{about['run']}, {about['weights']} weights, against '{self.dataset.name}'"
        )


def subject(asked: Asked, *, need: Callable[[Dataset], None] = lambda dataset: None) -> Subject:
    """The samples of a run, or the images of a file or folder; what looks wrong with them is said.

    need: raises an error for data that will not do, before anything is drawn.

    Raises: DataError for images that cannot be scored, OptionError, CheckpointError.
    """
    found = _of_run(asked, need) if asked.images is None else _from_elsewhere(asked, need)
    _check(found)
    return found


def _of_run(asked: Asked, need: Callable[[Dataset], None]) -> Subject:
    from gancli.cli import opened_run
    from gancli.data import subsets

    chosen = opened_run.open_run(asked.choice)
    dataset, sampler = chosen.run.dataset(*asked.place), chosen.sampler
    flags.tell(dataset)
    need(dataset)
    seeds = range(asked.samples)
    about = chosen.about() | {"samples": asked.samples, "seeds": f"0-{asked.samples - 1}"}
    if sampler.takes_texts:
        part = dataset.test if "caption" in dataset.test else dataset.train
        rows = dataset.drawn(MOST_TEXTS, part=part)
        sampler.tell(part["caption"][rows, 0])
        about |= {"texts": len(sampler.texts)}
        about |= {"texts_drawn": subsets.told(len(rows), len(part["caption"]), by_class="label" in part)}
    draw = functools.partial(sampler.sample_all_classes, counts=dataset.class_counts())
    labels = sampler.labels_by_share(seeds, dataset.class_counts()) if sampler.is_class_conditional else None
    about |= {} if labels is None else told_classes(labels, dataset)
    return Subject(draw(seeds), labels, dataset, chosen.run, draw, about)


def told_classes(labels: np.ndarray, dataset: Dataset) -> dict[str, object]:
    """For a recipe: that classes were asked for in the data's shares, and the share of each among these labels.

    labels: int (count,), of the samples.
    """
    shares = np.bincount(labels, minlength=len(dataset.classes)) / len(labels)
    held = dataset.class_counts() > 0
    told = {name: float(share) for name, share, is_held in zip(dataset.classes, shares, held, strict=True) if is_held}
    return {"classes_drawn": "by their shares in the training images", "class_shares": told}


def _from_elsewhere(asked: Asked, need: Callable[[Dataset], None]) -> Subject:
    from gancli import data
    from gancli.core.errors import DataError
    from gancli.imaging import images
    from gancli.models.capabilities import Decoder
    from gancli.runs import registry

    data_dir, source = asked.place
    if asked.choice.selector is not None:
        run = registry.find(asked.choice.selector, asked.choice.outdir, ability=Decoder, note=flags.note)
        dataset = run.dataset(data_dir, source)
    elif source is not None:
        dataset = data.load(source, data.Request(data_dir=data_dir))
    else:
        raise OptionError(
            f"--images {asked.images}: name the data to score against with --data (or --run, for a run's)"
        )
    if "image" not in dataset.train:
        raise DataError(f"'{dataset.name}' holds no images to score against")
    need(dataset)
    flags.tell(dataset)
    known, said = dataset.pixel_ranges, []
    shape, asked_for = dataset.shape, asked.pixel_range
    pixels = data.load_pictures(asked.images, shape, pixel_range=asked_for, known=known, tell=said.extend)
    if not images.are_flat(pixels):  # which is refused
        flags.tell_remarks(said)
    about = {"images": str(asked.images), "samples": len(pixels)}
    return Subject(pixels, None, dataset, None, None, about)


def _check(found: Subject) -> None:
    """Refuse what is no sample, and say aloud what looks wrong."""
    from gancli.core.errors import DataError
    from gancli.data import subsets
    from gancli.imaging import images

    pixels, where = found.pixels, found.about.get("images", "the samples")
    if len(pixels) < 2:
        raise DataError(f"{where}: one image is no sample of a distribution; give at least two")
    if images.are_flat(pixels):
        raise DataError(
            f"{where}: each of the {len(pixels):,} images is of one shade all over; there is nothing to score"
        )
    real = found.dataset.some(SPREAD_OF)
    if images.spread(pixels[subsets.draw(len(pixels), SPREAD_OF)]) < ALIKE * images.spread(real):
        flags.note("warning: the images are all alike: the score is that of a collapsed generator")
    if pixels.max() < DIM * real.max():
        flags.note(
            f"warning: the highest pixel is {pixels.max()} of 255, that of the data {real.max()}: is the range right?"
        )
    if len(pixels) < FEW:
        flags.note(f"warning: {len(pixels):,} images are few; scores of less than {FEW:,} depend on their number")


def keep(run: Run, name: str, result: Mapping[str, object]) -> None:
    """Keep a score and its recipe in the run's eval/NAME.json; where that cannot be written, it is only told."""
    from gancli.core import strict_json
    from gancli.core.errors import ResourceError

    try:
        run.write(f"eval/{name}.json", strict_json.dumps(result, indent=2) + "\n")
    except ResourceError as error:
        flags.note(f"warning: {error}; the score is not kept")


def rounded(result: Mapping[str, object]) -> dict[str, object]:
    """The result with its fractions to six significant digits, for people to read in the JSON."""
    return {name: _rounded(value) for name, value in result.items()}


def _rounded(value: object) -> object:
    if isinstance(value, dict):
        return rounded(value)
    return float(f"{value:.6g}") if isinstance(value, float) else value
