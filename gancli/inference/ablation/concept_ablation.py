"""A concept removed from a generator's images, with the same samples before and after, and how often it is left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.data.labels import attribute_query
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.imaging import plots
from gancli.inference.ablation import boxes, feature_ablation, latent_editor
from gancli.inference.ablation.feature_ablation import AblatedMaps, GeneratorSplit
from gancli.inference.image_classifier import Classifiers, ImageClassifier
from gancli.inference.sampling import ConfidenceSelector, in_batches, rejection_sample

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

COLUMNS = 10  # samples in a row of the figure
FITTED_SAMPLES = 150  # with the concept, to fit the regression: as many as the paper's
FIRST_SEED = 1_000_000  # of the samples to count in; others than those the ablation was fitted to


@dataclass(frozen=True)
class AblateOptions:
    """What to remove, and how; fields are named after the options of `gancli ablate`."""

    concept: str
    method: str = "maps"
    boxes: Path | None = None
    layer: int | None = None
    regularization: str = "l1"
    edit_penalty: float = 0.05
    num_samples: int = 1000
    random: int = 10

    def check(self) -> None:
        """Raise OptionError for options that contradict one another."""
        if self.method == "latent" and (self.boxes is not None or self.layer is not None):
            raise OptionError("--boxes and --layer are for --method maps: leave them out")


class Ablation(NamedTuple):
    """The figure as a PNG file; facts for a result, and lines of text."""

    figure: bytes
    facts: dict[str, object]
    lines: list[str]


class Detector(NamedTuple):
    """A concept, and the classifier that recognizes it."""

    concept: AttributeQuery
    classifier: ImageClassifier

    def share(self, pixels: np.ndarray) -> float:
        """The share of images, uint8 (count, height, width, channels), that show the concept, in [0, 1]."""
        return float(self.concept.matches(self.classifier.probabilities(pixels)).mean())

    def seeds(self, trained: TrainedModel, count: int) -> list[int]:
        """The first seeds whose samples show the concept with high probability."""
        return rejection_sample(trained.sampler, self.concept, count, ConfidenceSelector(self.classifier)).seeds


def ablate(trained: TrainedModel, options: AblateOptions, classifiers: Classifiers) -> Ablation:
    """Remove a concept from a model's images. Raises: OptionError, DataError, CheckpointError."""
    if not trained.is_unconditional:
        raise OptionError(f"{trained.outline.name()} is conditioned on labels or texts: use an unconditional model")
    marked = None if options.boxes is None else boxes.read_boxes(options.boxes, trained.run.facts.shape)
    detector = concept = None
    try:
        concept = attribute_query.parse(options.concept, trained.run.facts)
    except OptionError as error:
        if marked is None:
            raise
        trained.reporting.note(f"note: the concept cannot be counted in samples: {error}")
    split = None if options.method == "latent" else GeneratorSplit(trained.model, options.layer)
    if concept is not None:
        detector = Detector(concept, classifiers.for_query(concept))
    if split is None:
        found = _edit_latents(trained, options, detector)
    else:
        found = _ablate_maps(trained, options, split, detector, marked)
    if detector is not None:
        found.facts["classifier"] = detector.classifier.recipe()
    return found


def _ablate_maps(
    trained: TrainedModel, options: AblateOptions, split: GeneratorSplit, detector: Detector | None, marked: dict | None
) -> Ablation:
    """Drop the feature maps that draw the concept."""
    if marked is not None:
        seeds = list(marked)
        maps = split.maps(trained.model.latents(seeds))
        inside = feature_ablation.cells_in_boxes(list(marked.values()), split)
    else:
        seeds = detector.seeds(trained, FITTED_SAMPLES)
        maps = split.maps(trained.model.latents(seeds))
        inside = feature_ablation.salient_cells(maps, split, detector.classifier, detector.concept)
    fitted = feature_ablation.select_maps(maps, inside, regularization=options.regularization)
    dropped = fitted.dropped
    facts = {"layer": split.side, "maps": split.count, "dropped": dropped, "cells": fitted.num_cells}
    facts |= {"regression_right": round(fitted.accuracy, 4), "images": len(seeds)}
    lines = [
        f"{len(dropped)} of the {split.count} feature maps of {split.side}x{split.side} dropped: "
        f"{', '.join(map(str, dropped))}",
        f"logistic regression: {fitted.num_cells:,} cells inside, as many outside, in {len(seeds)} samples; accuracy "
        f"{fitted.accuracy:.1%}",
    ]
    random = np.random.default_rng(0)
    baseline = [random.permutation(split.count)[: len(dropped)].tolist() for _ in range(options.random)]
    if detector is not None:
        counted, more = _count(trained, options, split, detector, fitted, baseline)
        facts |= counted
        lines += more
    columns = maps[:COLUMNS]
    rows = [
        _row("before", seeds, split.images(columns)),
        _row("after", seeds, split.images(columns, dropped)),
        _row("random maps\ndropped", seeds, split.images(columns, baseline[0])),
    ]
    return Ablation(plots.rows_of_images(rows), facts, lines)


def _count(
    trained: TrainedModel,
    options: AblateOptions,
    split: GeneratorSplit,
    detector: Detector,
    fitted: AblatedMaps,
    baseline: list[list[int]],
) -> tuple[dict[str, object], list[str]]:
    """How often samples show the concept before and after, and with as many random maps dropped."""
    count = options.num_samples
    maps = split.maps(trained.model.latents(range(FIRST_SEED, FIRST_SEED + count)))

    def share(dropped: list[int]) -> float:
        return detector.share(split.images(maps, dropped))

    before = share([])
    after = share(fitted.dropped)
    at_random = [share(dropped) for dropped in baseline]
    mean = float(np.mean(at_random))
    fall, random_fall = before - after, before - mean
    facts = {"before": before, "after": after, "random": at_random, "fall": fall, "random_fall": random_fall}
    spread = f" ± {float(np.std(at_random)):.1%}" if len(baseline) > 1 else ""
    lines = [
        f"share of {count:,} other samples that show it: {before:.1%} before, {after:.1%} after; with as many random "
        f"maps dropped {mean:.1%}{spread} ({len(baseline)} repetition{'s' * (len(baseline) > 1)})"
    ]
    if fall > 0 and random_fall > 0:
        facts["times"] = fall / random_fall
        lines.append(f"the drop is {fall / random_fall:.1f} times that of random maps")
    return facts, lines


def _edit_latents(trained: TrainedModel, options: AblateOptions, detector: Detector) -> Ablation:
    """Learn an edit of z, and leave the generator as it is."""
    sampler, count = trained.sampler, options.num_samples
    editor = latent_editor.fit(trained.model, detector.classifier, detector.concept, edit_penalty=options.edit_penalty)
    z = trained.model.latents(range(FIRST_SEED, FIRST_SEED + count))
    edited = in_batches(editor, z)
    before, after = (detector.share(sampler.decode(vectors)) for vectors in (z, edited))
    step, apart = (float(np.linalg.norm(vectors, axis=1).mean()) for vectors in (edited - z, z[1:] - z[:-1]))
    seeds = detector.seeds(trained, COLUMNS)
    z = trained.model.latents(seeds)
    rows = [
        _row("before", seeds, sampler.decode(z)),
        _row("after", seeds, sampler.decode(in_batches(editor, z))),
    ]
    lines = [
        f"share of {count:,} samples that show it: {before:.1%} before, {after:.1%} after",
        f"mean length of the edit of z: {step:.2f}; mean distance between two z: {apart:.2f}",
    ]
    facts = {"before": before, "after": after, "moved": step, "apart": apart}
    return Ablation(plots.rows_of_images(rows), facts, lines)


def _row(name: str, seeds: list[int], pixels: np.ndarray) -> tuple[str, list[tuple[str, np.ndarray]]]:
    titles = [f"seed {seed}" if name == "before" else "" for seed in seeds]
    return name, list(zip(titles, pixels, strict=False))
