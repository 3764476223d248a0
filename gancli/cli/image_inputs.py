"""Real images that a command is told of: pictures that are named, or the test images of a run's data; and their z's."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gancli.cli import flags, path_types
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.core.latents import Term
    from gancli.inference.latent_arithmetic import Vectors


class Asked(NamedTuple):
    """What the options name: pictures, or so many test images; the class of the pictures; and where the data are."""

    paths: tuple[Path, ...] = ()
    most: int = 0
    label: str | None = None
    place: flags.Place = flags.Place()


class RealImages(NamedTuple):
    """Real images in a model's shape.

    pixels: uint8 (count, *shape). labels: int (count,), of a model that takes labels, else None. known: the same of all
    data that have labels. names: one each. what: all of them in words. rows: which of the data's they are, draws.told;
    empty for pictures that were named.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    known: np.ndarray | None
    names: list[str]
    what: str
    rows: str = ""

    def some(self, count: int) -> np.ndarray:
        """The places of up to so many of them, to be shown: of all classes. int64, ascending; of named pictures the
        first."""
        from gancli.data import subsets

        return (
            subsets.draw(len(self.pixels), count, self.known) if self.rows else np.arange(min(count, len(self.pixels)))
        )


def options(*, most: int) -> Callable[[Callable], Callable]:
    """[IMAGES], --count, --class, --data, --data-dir and the options of a run, as `asked` and `choice`.

    most: test images at most, if not told otherwise.
    """

    def decorate(function: Callable) -> Callable:
        """The command, given what was asked as one value."""

        @functools.wraps(function)
        def command(
            paths: tuple[Path, ...], count: int, label: str | None, place: flags.Place, **others: object
        ) -> object:
            return function(asked=Asked(paths, count, label, place), **others)

        for option in (
            flags.place_option(),
            click.option(
                "--class",
                "label",
                metavar="CLASS",
                help="Of a model that takes labels: the class of the images that are named.",
            ),
            click.option(
                "--count",
                type=click.IntRange(1),
                default=most,
                show_default=True,
                help="Without images of your own: test images at most.",
            ),
            flags.run_options,
            click.argument("paths", metavar="[IMAGES]...", nargs=-1, type=path_types.INPUT),
        ):
            command = option(command)
        return command

    return decorate


def images(chosen: TrainedModel, asked: Asked) -> RealImages:
    """The pictures that were named, or test images. Raises: DataError; OptionError for a class that is missing."""
    _need_no_text(chosen)
    is_class_conditional, wanted = "label" in chosen.model.columns, None
    if asked.label is not None:
        chosen.need_labels(f"--class {asked.label}")
        wanted = chosen.class_index(asked.label)
    if not asked.paths:
        if asked.label is not None:
            raise OptionError(f"--class {asked.label} is of pictures that are named; the data's own have their labels")
        return tests(chosen, asked.place, asked.most)
    if is_class_conditional and wanted is None:
        raise OptionError(f"{chosen.model.name()} takes labels: give --class {chosen.run.facts.classes[-1]}")
    pixels, names = opened(chosen, asked.paths)
    labels = np.full(len(pixels), wanted, np.int32) if is_class_conditional else None
    return RealImages(pixels, labels, labels, names, "pictures")


def _need_no_text(chosen: TrainedModel) -> None:
    """Raise OptionError for a model that is told texts, which real images have none of."""
    if chosen.sampler is not None and chosen.sampler.takes_texts:
        name = chosen.model.name()
        raise OptionError(f"{name} takes texts, so it has no z of an image alone; see gancli sample --style-of")


def tests(chosen: TrainedModel, place: flags.Place, most: int) -> RealImages:
    """Up to so many test images of the run's data, or validation images where there are none; Dataset.drawn says which.

    Raises: DataError.
    """
    from gancli.data import subsets

    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    if "image" in dataset.test:
        rows, whole = dataset.drawn(most, part=dataset.test), len(dataset.test["image"])
        pixels, known = dataset.test["image"][rows], dataset.test.get("label")
        known = None if known is None else known[rows]
        kind, what = "test", "test images"
    else:
        unseen = dataset.split()[1]
        rows, whole = dataset.drawn(most, among=unseen), len(unseen)
        pixels, known = dataset.take(rows), dataset.train["label"][:][rows] if "label" in dataset.train else None
        seen = "kept out of the training" if chosen.model.config.hold_out else "which were trained on too"
        kind, what = "validation", f"validation images, {seen}"
    if not len(pixels):
        raise DataError(f"'{dataset.name}' has no test images, and is too small for validation images: name some")
    is_class_conditional = "label" in chosen.model.columns
    if is_class_conditional and known is None:
        raise DataError(f"the test images of '{dataset.name}' have no labels, which {chosen.model.name()} takes")
    names = [f"{kind} {row}" for row in (rows if kind == "test" else range(len(rows)))]
    told = subsets.told(len(rows), whole, by_class=known is not None)
    return RealImages(pixels, known if is_class_conditional else None, known, names, what, told)


def opened(chosen: TrainedModel, paths: Sequence[Path]) -> tuple[np.ndarray, list[str]]:
    """Pictures from files, cut and sized as the run's data were, and a name for each. Raises: DataError."""
    from gancli.data import open_images

    facts, crop = chosen.model.data, chosen.model.config.crop
    return open_images(paths, facts.shape, crop=crop, known=facts.pixel_ranges, tell=flags.tell_remarks)


def inverted(chosen: TrainedModel, pixels: np.ndarray, label: int | None) -> np.ndarray:
    """The z's of pictures uint8 (count, *shape), by the model's encoder or by descent, which is told.

    label: of all of them, for a model that takes labels.
    """
    from gancli.cli import progress
    from gancli.inference import inversion
    from gancli.models.capabilities import Encoder

    _need_no_text(chosen)
    labels = None if label is None else np.full(len(pixels), label, np.int32)
    if isinstance(chosen.model, Encoder):
        return inversion.encode(chosen.model, pixels, labels)
    flags.note(f"{chosen.model.name()} has no encoder: looking for the z of {len(pixels)} pictures by descent")
    with progress.counting("pictures", len(pixels)) as told:
        found = inversion.project(chosen.model, pixels, labels, told=told)
    flags.note(f"mean squared errors of what they make: {', '.join(f'{error:.4f}' for error in found.errors)}")
    return found.z


def vectors(chosen: TrainedModel, terms: Sequence[Term], *, label: int | None = None) -> Vectors:
    """The z's of seeds, and of the files that terms name. label: as of `inverted`. Raises: DataError."""
    from gancli.inference.latent_arithmetic import Vectors

    names = [name for term in terms for name in term.files]
    if not names:
        return Vectors(chosen.sampler)
    pixels = np.concatenate([opened(chosen, [Path(name)])[0][:1] for name in names])
    both = zip(inverted(chosen, pixels, label), pixels, strict=True)
    return Vectors(chosen.sampler, dict(zip(names, both, strict=True)))
