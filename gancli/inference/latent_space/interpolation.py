"""Interpolation in latent space: between seeds or images, along a direction, over a square, or between classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.data.labels import attribute_query
from gancli.imaging import images
from gancli.inference import text_conditions
from gancli.inference.image_classifier import Classifiers
from gancli.inference.image_files import real_images
from gancli.inference.latent_space import latent_arithmetic
from gancli.inference.sampling import Sampler
from gancli.nn import latents

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class InterpolateOptions:
    """What to interpolate; fields are named after the options of `gancli interpolate`.

    Between seeds or from_images; by default through them all, with square between four, with along on a line through
    each. With from_class and to_class, or with two texts, z is fixed and the condition is interpolated.
    """

    seeds: list[int] | None = None
    from_images: tuple[Path, ...] = ()
    steps: int = 10
    mode: str = "lerp"
    square: bool = False
    along: str | None = None
    reach: float = 1.0
    average: int = 4
    label: str | None = None
    from_class: str | None = None
    to_class: str | None = None
    texts: Sequence[str] = ()

    @property
    def moves_condition(self) -> bool:
        """Whether z is fixed and the class or text is interpolated."""
        return self.from_class is not None or self.to_class is not None or len(self.texts) > 1

    def check(self) -> None:
        """Raise OptionError for options that contradict one another."""
        if (self.seeds is None) == (not self.from_images):
            raise OptionError("give either --seeds, such as 3,11, or --from-images a.png b.png")
        if (self.from_class is None) != (self.to_class is None):
            raise OptionError("--from-class and --to-class belong together: give both")
        if len(modes := self._modes()) > 1:
            raise OptionError(f"{modes[0]} and {modes[1]} exclude each other: give one of them")
        if self.texts and (self.label or self.from_class):
            raise OptionError("a model takes texts or classes: give --text or --class")
        if len(self.texts) > 2:
            raise OptionError(f"--text was given {len(self.texts)} times: give one text, or two to interpolate between")
        if self.from_class is not None and self.label is not None:
            raise OptionError("--class fixes the class, --from-class changes it: give one of them")
        if self.seeds is not None:
            self.check_count(len(self.seeds))

    def check_count(self, count: int) -> None:
        """Raise OptionError for too few seeds or images."""
        if self.square and count != 4:
            raise OptionError(f"--square needs four seeds or images for its corners, not {count}")
        if not self._modes() and count < 2:
            raise OptionError("interpolation needs at least two seeds or images, for example --seeds 3,11")

    def _modes(self) -> list[str]:
        used = {
            "--from-class": self.from_class is not None,
            "a second --text": len(self.texts) > 1,
            "--along": self.along is not None,
            "--square": self.square,
        }
        return [name for name, is_used in used.items() if is_used]


class Interpolation(NamedTuple):
    """A walk with its description: names of its seeds or images and classes; facts for a result, and lines of text."""

    walk: LatentWalk
    names: list[str]
    classes: list[str]
    how: str
    facts: dict[str, object]
    lines: list[str]

    def content(self, ending: str) -> bytes:
        """The file of this ending: .png a grid, .gif or .mp4 an animation."""
        if ending == ".png":
            return images.png(images.grid(self.walk.rows, shape=self.walk.shape))
        return images.gif(self.walk.film) if ending == ".gif" else images.mp4(self.walk.film)


def interpolate(trained: TrainedModel, options: InterpolateOptions, classifiers: Classifiers) -> Interpolation:
    """Generate the images between seeds or images. Raises: OptionError, DataError, CheckpointError."""
    labels, pixels = _labels(trained, options), None
    label = None if labels is None else labels[0]
    if options.along is not None:
        latent_arithmetic.parse(options.along, trained.run.facts)  # an unknown word is an error before any loading
    if options.seeds is None:
        pixels, names = real_images.open_files(trained, options.from_images)
        options.check_count(len(names))
        stops = real_images.invert(trained, pixels, label)
    else:
        names, stops = [str(seed) for seed in options.seeds], trained.model.latents(options.seeds)
    sampler, steps, mode = trained.sampler, options.steps, options.mode
    facts, lines = {"mode": mode}, []
    if options.texts:
        sampler.set_texts(options.texts)
    if options.moves_condition:
        walk, how = between_classes(sampler, stops, steps, first=labels[0], last=labels[1]), "with fixed z of"
    elif options.along is not None:
        walk, facts, lines = _along(trained, options, stops, label, classifiers)
        how = f"along {options.along} from"
    elif options.square:
        walk, how = square(sampler, stops, steps, mode=mode, label=label), f"{mode} over a square between"
    else:
        walk, how = between_seeds(sampler, stops, steps, mode=mode, label=label), f"{mode} through"
    if pixels is not None and not options.square:
        is_between = options.along is None and not options.moves_condition
        walk = with_endpoints(walk, pixels[:-1], pixels[1:]) if is_between else with_endpoints(walk, pixels)
    classes = [] if options.texts else [trained.run.facts.classes[number] for number in labels or ()]
    return Interpolation(walk, names, classes, how, facts, lines)


def _labels(trained: TrainedModel, options: InterpolateOptions) -> list[int] | None:
    """Numbers of the conditions of the start and the end, or of all images; None for an unconditional model."""
    if options.texts or trained.takes_texts:
        if not options.texts:
            raise OptionError(f"{trained.outline.name()} takes texts: give --text '{trained.run.facts.captions[0]}'")
        text_conditions.check_texts(trained, options.texts)
        return list(range(len(options.texts)))
    if options.moves_condition:
        trained.require_labels(f"--from-class {options.from_class}")
        return [trained.class_index(name) for name in (options.from_class, options.to_class)]
    number = trained.label_of(options.label)
    return None if number is None else [number]


def _along(
    trained: TrainedModel, options: InterpolateOptions, stops: np.ndarray, label: int | None, classifiers: Classifiers
) -> tuple[LatentWalk, dict[str, object], list[str]]:
    """The walk along a direction; facts and lines about it."""
    steps, reach = options.steps, options.reach
    expression = latent_arithmetic.parse(options.along, trained.run.facts)
    selector = classifiers.selector(expression.words[0]) if expression.words else None
    seeds = expression.seeds(trained.sampler, selector, average=options.average)[0]
    vectors = real_images.vectors_of_terms(trained, expression.terms, label=label)
    direction = latent_arithmetic.direction(vectors, seeds, expression.signs)
    walk = along(trained.sampler, stops, steps, direction, reach=reach, label=label)
    facts = {"along": options.along, "reach": reach, "terms": expression.records(seeds)}
    lines = expression.lines(seeds)
    if len(expression.words) == len(expression.terms):
        change = attribute_query.change(expression.words, expression.signs)
        shares = change.matches(selector.auditor.probabilities(walk.rows)).reshape(walk.shape).mean(axis=0)
        facts |= {"sought": change.describe(trained.run.facts), "shown": shares.round(4).tolist()}
        places = ((0, -reach), (steps // 2, 0), (-1, reach)) if steps % 2 else ((0, -reach), (-1, reach))
        ends = ", ".join(f"{shares[at]:.0%} at {place:+g}".replace("+0", "0") for at, place in places)
        lines.append(f"share of images that the classifier recognizes as '{facts['sought']}': {ends}")
    return walk, facts, lines


class LatentWalk(NamedTuple):
    """A walk through latent space.

    rows: images uint8 (count, height, width, channels) in a grid of `shape` (rows, columns). film: the frames of an
    animation. count: the number of different images.
    """

    rows: np.ndarray
    shape: tuple[int, int]
    film: list[np.ndarray]
    count: int

    @classmethod
    def of_rows(cls, rows: np.ndarray, columns: int) -> LatentWalk:
        """Parallel walks, one per row of the grid: a frame of the animation is a column.

        rows: images uint8 (count, height, width, channels) in row order. columns: images per walk.
        """
        shape = (len(rows) // columns, columns)
        if shape[0] == 1:
            return cls(rows, shape, images.visible_frames(rows), len(rows))
        by_column = rows.reshape(*shape, *rows.shape[1:]).swapaxes(0, 1)
        return cls(rows, shape, [images.grid(column) for column in by_column], len(rows))


def with_endpoints(walk: LatentWalk, left: np.ndarray, right: np.ndarray | None = None) -> LatentWalk:
    """The walk with images added at the left and right of its rows, uint8 (rows, height, width, channels).

    The animation stays as it is.
    """
    rows = walk.rows.reshape(*walk.shape, *walk.rows.shape[1:])
    parts = [left[:, None], rows] + ([] if right is None else [right[:, None]])
    whole = np.concatenate(parts, axis=1)
    return walk._replace(rows=whole.reshape(-1, *whole.shape[2:]), shape=whole.shape[:2])


def between_seeds(
    sampler: Sampler, stops: np.ndarray, steps: int, *, mode: str, label: int | None = None
) -> LatentWalk:
    """Interpolate through latent vectors float32 (stops, z_size): one row from each to the next, both ends included.

    mode: "lerp" or "slerp". label: for a class-conditional model.
    """
    way = latents.path(stops, steps, mode=mode)
    film = sampler.decode(way, None if label is None else np.full(len(way), label))
    rows = np.concatenate([film[start : start + steps] for start in range(0, len(film) - 1, steps - 1)])
    return LatentWalk(rows, (len(stops) - 1, steps), images.visible_frames(film), len(film))


def between_classes(sampler: Sampler, stops: np.ndarray, steps: int, *, first: int, last: int) -> LatentWalk:
    """Interpolate the condition from class `first` to class `last`: one row per latent vector, which is fixed.

    stops: float32 (rows, z_size). steps: images per row.
    """
    start, end = sampler.conditions[[first, last]]
    shares = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    z = np.repeat(stops, steps, axis=0)
    return LatentWalk.of_rows(sampler.decode(z, np.tile((1 - shares) * start + shares * end, (len(stops), 1))), steps)


def along(
    sampler: Sampler, stops: np.ndarray, steps: int, direction: np.ndarray, *, reach: float, label: int | None = None
) -> LatentWalk:
    """A row per z: z - reach direction, …, z, …, z + reach direction (Radford et al. 2015, Figure 8).

    direction: float32 (z_size,).
    """
    shares = np.linspace(-reach, reach, steps, dtype=np.float32)[:, None]
    z = (stops[:, None] + shares * direction).reshape(-1, direction.size)
    return LatentWalk.of_rows(sampler.decode(z, None if label is None else np.full(len(z), label)), steps)


def square(sampler: Sampler, corners: np.ndarray, steps: int, *, mode: str, label: int | None = None) -> LatentWalk:
    """Interpolate between four latent vectors, the corners of a square in row order, to steps x steps images.

    corners: float32 (4, z_size). mode: "lerp" or "slerp". label: for a class-conditional model.
    """
    left, right = (latents.path(corners[[up, down]], steps, mode=mode) for up, down in ((0, 2), (1, 3)))
    z = np.concatenate([latents.path(np.stack(ends), steps, mode=mode) for ends in zip(left, right, strict=True)])
    return LatentWalk.of_rows(sampler.decode(z, None if label is None else np.full(len(z), label)), steps)
