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
from gancli.inference.latent_space import latent_arithmetic, walks
from gancli.inference.latent_space.walks import LatentWalk
from gancli.inference.style_space import projection
from gancli.inference.style_space.sampler import StyleSampler
from gancli.models.capabilities import Decoder, StyleBased

if TYPE_CHECKING:
    from gancli.inference.style_space.truncation import Truncation
    from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class InterpolateOptions:
    """What to interpolate; fields are named after the options of `gancli interpolate`.

    Between seeds or from_images; by default through them all, with square between four, with along on a line through
    each. With from_class and to_class, or with two texts, z is fixed and the condition is interpolated. space: "z", or
    "w", in which the styles of both ends are interpolated.
    """

    seeds: list[int] | None = None
    from_images: tuple[Path, ...] = ()
    steps: int = 10
    mode: str = "lerp"
    space: str = "z"
    square: bool = False
    along: str | None = None
    reach: float = 1.0
    average: int = 4
    label: str | None = None
    from_class: str | None = None
    to_class: str | None = None
    texts: Sequence[str] = ()
    truncation: Truncation | None = None

    @property
    def moves_condition(self) -> bool:
        """Whether z is fixed and the class or text is interpolated."""
        return self.from_class is not None or self.to_class is not None or len(self.texts) > 1

    @property
    def ability(self) -> type:
        """What the model must be."""
        return StyleBased if self.space == "w" else Decoder

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
        if self.space == "w":
            self._check_w()
        if self.seeds is not None:
            self.check_count(len(self.seeds))

    def check_count(self, count: int) -> None:
        """Raise OptionError for too few seeds or images."""
        if self.square and count != 4:
            raise OptionError(f"--square needs four seeds or images for its corners, not {count}")
        if not self._modes() and count < 2:
            raise OptionError("interpolation needs at least two seeds or images, for example --seeds 3,11")

    def _check_w(self) -> None:
        if self.mode != "lerp":
            raise OptionError(f"--mode {self.mode} is for z; w has no sphere: leave it out")
        if self.along is not None or self.moves_condition:
            raise OptionError(f"--space w interpolates from w to w, and {self._modes()[0]} does not: leave one out")

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
    labels = _labels(trained, options)
    label = None if labels is None else labels[0]
    if options.along is not None:
        latent_arithmetic.parse(options.along, trained.run.facts)  # an unknown word is an error before any loading
    stops, names, pixels = _stops(trained, options, label)
    sampler, steps, mode = trained.sampler, options.steps, options.mode
    is_w, facts, lines = options.space == "w", {"mode": mode}, []
    facts |= {"space": "w"} if is_w else {}
    decode = StyleSampler.of(trained).from_styles if is_w else walks.decoder(sampler, label)
    how = f"{mode} in w" if is_w else mode
    if options.texts:
        sampler.set_texts(options.texts)
    if options.moves_condition:
        walk, how = walks.between_classes(sampler, stops, steps, first=labels[0], last=labels[1]), "with fixed z of"
    elif options.along is not None:
        walk, facts, lines = _along(trained, options, stops, label, classifiers)
        how = f"along {options.along} from"
    elif options.square:
        walk, how = walks.square(decode, stops, steps, mode=mode), f"{how} over a square between"
    else:
        walk, how = walks.between_seeds(decode, stops, steps, mode=mode), f"{how} through"
    if pixels is not None and not options.square:
        is_between = options.along is None and not options.moves_condition
        ends = (pixels[:-1], pixels[1:]) if is_between else (pixels,)
        walk = walks.with_endpoints(walk, *ends)
    classes = [] if options.texts else [trained.run.facts.classes[number] for number in labels or ()]
    return Interpolation(walk, names, classes, how, facts, lines)


def _stops(
    trained: TrainedModel, options: InterpolateOptions, label: int | None
) -> tuple[np.ndarray, list[str], np.ndarray | None]:
    """The vectors to interpolate between, z or w; the names of their seeds or images; and these images, if any."""
    if options.seeds is None:
        pixels, names = real_images.open_files(trained, options.from_images)
        options.check_count(len(names))
        if options.space == "w":
            return projection.invert(trained, pixels), names, pixels
        return real_images.invert(trained, pixels, label), names, pixels
    z, names = trained.model.latents(options.seeds), [str(seed) for seed in options.seeds]
    if options.space == "w":
        return StyleSampler.of(trained).to_w(z, None if label is None else np.full(len(z), label)), names, None
    return z, names, None


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
    walk = walks.along(walks.decoder(trained.sampler, label), stops, steps, direction, reach=reach)
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
