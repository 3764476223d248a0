"""The options of commands that take real images: image files, or test images of a run's data."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.inference.image_files.real_images import RealImages
    from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class ImageOptions:
    """Image files and their class, or a number of test images; and where the run's data are."""

    paths: tuple[Path, ...]
    num_images: int
    label: str | None
    place: flags.Place


def options(*, num_images: int) -> Callable[[Callable], Callable]:
    """[IMAGES], --num-images, --class, --data and --data-dir as `inputs`, and the options of a run as `choice`.

    num_images: the default.
    """

    def decorate(function: Callable) -> Callable:
        @functools.wraps(function)
        def command(
            paths: tuple[Path, ...], num_images: int, label: str | None, place: flags.Place, **others: object
        ) -> object:
            return function(inputs=ImageOptions(paths, num_images, label, place), **others)

        for option in (
            flags.place_option(),
            click.option(
                "--class", "label", metavar="CLASS", help="Class of the image files (class-conditional models)."
            ),
            click.option(
                "--num-images",
                type=flags.IntRange(1),
                default=num_images,
                show_default=True,
                help="Maximum number of test images, if no image files are given.",
            ),
            flags.run_options,
            click.argument("paths", metavar="[IMAGES]...", nargs=-1, type=path_types.INPUT),
        ):
            command = option(command)
        return command

    return decorate


def load(trained: TrainedModel, inputs: ImageOptions) -> RealImages:
    """The image files that were named, or test images. Raises: DataError; OptionError for a missing class."""
    from gancli.inference.image_files import real_images

    if inputs.paths:
        return real_images.from_files(trained, inputs.paths, inputs.label)
    real_images.check_takes_images(trained)
    if inputs.label is not None:
        trained.require_labels(f"--class {inputs.label}")
        raise OptionError(f"--class {inputs.label} is for image files; test images have their own labels")
    return real_images.from_test_split(trained, trained.dataset(*inputs.place), inputs.num_images)
