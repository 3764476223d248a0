"""What is scored: samples of a run or images from elsewhere, with the data set that they are compared with."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import Dataset, subsets
from gancli.evaluation import remembered
from gancli.evaluation.feature_extractors.collecting import Collected, collect
from gancli.evaluation.feature_extractors.extractor import FeatureExtractor
from gancli.evaluation.sample_quality import real_images
from gancli.evaluation.sample_quality.real_images import ImageSubset
from gancli.imaging import images
from gancli.inference.trained_model import TrainedModel
from gancli.runs.run import Run

FEW = 2000  # images; with fewer, Parzen scores fall steeply and Fréchet distances rise
DARK = 0.1  # of the maximum of the real pixels: samples that stay below it are suspicious
COLLAPSED, SPREAD_IMAGES = 0.1, 1000  # of the spread of the real images; number of images to measure it on
MAX_CAPTIONS = 2000  # captions that a text-to-image model is sampled with, in turn
MIN_IMAGES = 20  # on each side of a comparison


def no_note(text: str) -> None:
    """Ignore a warning."""


@dataclass(frozen=True)
class EvaluationSet:
    """Images to be scored, and the data set to compare them with.

    pixels: uint8 (count, height, width, channels). labels: the classes that they were generated for, int (count,), or
    None. draw: generates further images from seeds; None for images from elsewhere. recipe: what is needed to generate
    the same images again; for a class-conditional model also the share of each class. note: called with warnings.
    """

    pixels: np.ndarray
    labels: np.ndarray | None
    dataset: Dataset
    run: Run | None = None
    draw: Callable[[range], np.ndarray] | None = None
    recipe: dict[str, object] = field(default_factory=dict)
    note: Callable[[str], None] = no_note
    _collected: dict[tuple[str, ...], Collected] = field(default_factory=dict, repr=False, compare=False)

    def reference_images(self) -> tuple[ImageSubset, ImageSubset]:
        """Real images to compare with, and other real images to compare with those: equal counts, at most the samples'.

        See real_images.test_and_training. Inside `remembering` always the same arrays. Raises: DataError for fewer than
        twenty images.
        """
        return remembered.once(("reference", id(self)), lambda: (self, self._reference_images()))[1]

    def _reference_images(self) -> tuple[ImageSubset, ImageSubset]:
        pair = real_images.test_and_training(self.dataset, len(self.pixels))
        self._check_count(pair[0].count)
        return pair

    def training_images(self) -> tuple[ImageSubset, ImageSubset | None]:
        """Training images to compare with, as papers do, at most as many as the samples, and other real images.

        See real_images.training_and_others. Raises: DataError for fewer than twenty images.
        """
        pair = real_images.training_and_others(self.dataset, len(self.pixels))
        self._check_count(pair[0].count)
        return pair

    def _check_count(self, count: int) -> None:
        if count < MIN_IMAGES:
            raise DataError(
                f"{count} images on each side are too few to compare: {MIN_IMAGES} samples and as many real images are "
                "needed"
            )
        if count < min(FEW, len(self.pixels)):
            self.note(
                f"warning: '{self.dataset.name}' has {count:,} images to compare with, so {count:,} samples are "
                f"compared; scores of fewer than {FEW:,} images depend on their number"
            )

    def subset(self, count: int) -> ImageSubset:
        """`count` of the images to score.

        Of a run those of the first seeds, which keep the shares of the classes; of images from elsewhere, which may be
        sorted, a fixed draw.
        """
        total = len(self.pixels)
        if self.draw is not None or count >= total:
            count = min(count, total)
            rows = subsets.describe(count, total) if self.draw is None else f"seeds 0-{count - 1}"
            return ImageSubset("samples", count, rows, lambda start, stop: self.pixels[start:stop], rows)
        index = subsets.draw(total, count, contents=self.pixels)
        return real_images.of_rows("samples", self.pixels, index, subsets.describe(count, total))

    def features(self, extractor: FeatureExtractor, subset: ImageSubset) -> Collected:
        """Features of images, extracted once, however many measurements ask for them. Raises: as `collect`."""
        key = extractor.name, repr(extractor.recipe), subset.name, subset.identity
        if key not in self._collected:
            self._collected[key] = collect(extractor, subset.take, subset.count, what=subset.name)
        return self._collected[key]

    def training_rows(self) -> np.ndarray:
        """Rows of the images that the run was trained on, int (count,); all rows for images from elsewhere."""
        return self.dataset.split()[0] if self.held_out_validation() else np.arange(len(self.dataset))

    def unseen_images(self) -> ImageSubset | None:
        """Real images that the run was not trained on; None if there are fewer than twenty."""
        unseen = None
        if "image" in self.dataset.test:
            test = self.dataset.test["image"]
            unseen = real_images.of_rows("test split", test, np.arange(len(test)))
        elif self.held_out_validation():
            rows = self.dataset.split()[1]
            unseen = real_images.of_rows("held-out validation images", self.dataset.take, rows)
        return unseen if unseen is not None and unseen.count >= MIN_IMAGES else None

    def held_out_validation(self) -> bool:
        """Whether the validation images were held out of the training (--hold-out)."""
        return self.run is not None and self.run.config().hold_out

    def __str__(self) -> str:
        recipe = self.recipe
        if self.run is None:
            return f"{recipe['samples']:,} images of {recipe['images']} against '{self.dataset.name}'"
        truncation = f"truncation {recipe['truncation']:g}, " if "truncation" in recipe else ""
        classes = f", classes {recipe['classes_drawn']}" if "classes_drawn" in recipe else ""
        return (
            f"{recipe['samples']:,} samples (seeds {recipe['seeds']}{classes}) of step {recipe['step']:,} of "
            f"{recipe['run']}, {recipe['weights']} weights, {truncation}against '{self.dataset.name}'"
        )


def from_model(
    trained: TrainedModel, dataset: Dataset, num_samples: int, *, note: Callable[[str], None] = no_note
) -> EvaluationSet:
    """Samples of a trained model, of the seeds from 0 on, to compare with a data set.

    A class-conditional model is sampled with the shares of the classes in the training images, a text-to-image model
    with captions of the test images. Raises: DataError for fewer than two samples, or samples of uniform color.
    """
    return checked(drawn(trained, dataset, num_samples, note=note))


def drawn(
    trained: TrainedModel, dataset: Dataset, num_samples: int, *, note: Callable[[str], None] = no_note
) -> EvaluationSet:
    """The samples of `from_model`, whatever they show."""
    sampler, counts = trained.sampler, dataset.class_counts()
    seeds = range(num_samples)
    recipe = trained.about() | {"samples": num_samples, "seeds": f"0-{num_samples - 1}"}
    if sampler.takes_texts:
        part = dataset.test if "caption" in dataset.test else dataset.train
        rows = dataset.sample_rows(MAX_CAPTIONS, part=part)
        sampler.set_texts(part["caption"][rows, 0])
        recipe |= {"texts": len(sampler.texts)}
        recipe |= {"texts_drawn": subsets.describe(len(rows), len(part["caption"]), by_class="label" in part)}
    draw = functools.partial(sampler.sample_all_classes, counts=counts)
    labels = sampler.labels_by_share(seeds, counts) if sampler.is_class_conditional else None
    recipe |= {} if labels is None else class_shares(labels, dataset)
    return EvaluationSet(draw(seeds), labels, dataset, trained.run, draw, recipe, note)


def from_images(
    pixels: np.ndarray, dataset: Dataset, *, source: str = "an array", note: Callable[[str], None] = no_note
) -> EvaluationSet:
    """Images from elsewhere, uint8 (count, height, width, channels), to compare with a data set of the same shape.

    source: where they come from, for the recipe. Raises: DataError for fewer than two images, or images of uniform
    color.
    """
    evaluated = EvaluationSet(pixels, None, dataset, recipe={"images": source, "samples": len(pixels)}, note=note)
    return checked(evaluated, source)


def class_shares(labels: np.ndarray, dataset: Dataset) -> dict[str, object]:
    """For a recipe: that classes were sampled with the shares of the data, and the share of each class.

    labels: int (count,), of the samples.
    """
    shares = np.bincount(labels, minlength=len(dataset.classes)) / len(labels)
    counts = dataset.class_counts()
    by_name = {
        name: float(share) for name, share, count in zip(dataset.classes, shares, counts, strict=True) if count > 0
    }
    return {"classes_drawn": "by their shares in the training images", "class_shares": by_name}


def checked(evaluated: EvaluationSet, source: str = "the samples") -> EvaluationSet:
    """The same set; warns of images that look wrong. Raises: DataError for images that cannot be scored."""
    pixels, note = evaluated.pixels, evaluated.note
    if len(pixels) < 2:
        raise DataError(f"{source}: one image cannot represent a distribution; give at least two")
    if images.are_constant(pixels):
        raise DataError(f"{source}: all {len(pixels):,} images are of uniform color; there is nothing to score")
    real = evaluated.dataset.sample(SPREAD_IMAGES)
    spread = images.spread(pixels[subsets.draw(len(pixels), SPREAD_IMAGES)])
    if spread < COLLAPSED * images.spread(real) and "warnings" not in evaluated.recipe:
        note("warning: the images are all alike: the score is that of a collapsed generator")
    if pixels.max() < DARK * real.max():
        note(
            f"warning: the highest pixel is {pixels.max()} of 255, in the data it is {real.max()}: is the range right?"
        )
    if len(pixels) < FEW:
        note(f"warning: only {len(pixels):,} images; scores of fewer than {FEW:,} images depend on their number")
    return evaluated
