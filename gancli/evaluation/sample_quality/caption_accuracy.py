"""Whether images show what their captions ask for: attribute accuracy, or R-precision by an image-text matcher."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset, subsets
from gancli.data.datasets import glyphs
from gancli.evaluation import classifier, image_text_matcher
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.evaluation_set import no_note
from gancli.evaluation.metrics import attribute_accuracy, frechet
from gancli.evaluation.metrics.attribute_accuracy import AttributeAccuracy
from gancli.inference import text_conditions
from gancli.inference.trained_model import TrainedModel

MIN_CAPTIONS = 4  # two for each half of the real images


@dataclass(frozen=True)
class AttributeScores:
    """Shares of requested attributes that a classifier finds, by kind of images.

    accuracy: "seen" and "held out" are generated images whose combination of color and shape was, or was not, in the
    training data; "real" are the captions' own images; "by chance" are the generated images of other captions.
    """

    accuracy: Mapping[str, AttributeAccuracy]
    classifier: Classifier

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {"metric": "share of the requested attributes that are found"}
        result |= {name.replace(" ", "_"): one.share for name, one in self.accuracy.items()}
        by_group = {name: dict(one.by_group) for name, one in self.accuracy.items()}
        return result | {"by_group": by_group, "classifier": self.classifier.recipe()}


@dataclass(frozen=True)
class MatchingScores:
    """R-precision of generated and of real images; the Fréchet distance in the matcher's image embeddings, and that
    of two halves of the real images. matcher: SHA-256 of its weights."""

    r_precision: float
    real: float
    frechet: float
    frechet_of_halves: float
    matcher: str

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {"metric": "R-precision: own caption first among 100", **vars(self)}


@dataclass(frozen=True)
class CaptionResult:
    """Scores of images that were generated from captions. part: "test" or "training"; rows: which captions."""

    scores: AttributeScores | MatchingScores
    captions: int
    part: str
    rows: str

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return self.scores.to_dict() | {"captions": self.captions, "of": self.part, "rows": self.rows}


def check_model(trained: TrainedModel) -> None:
    """Raise OptionError for a model that does not generate images from text."""
    if not trained.takes_texts:
        raise OptionError(f"{trained.outline.name()} does not generate images from text; gan-cls does")


def score(
    trained: TrainedModel,
    dataset: Dataset,
    num_samples: int,
    *,
    generated: np.ndarray | None = None,
    note: Callable[[str], None] = no_note,
) -> CaptionResult:
    """Score an image for each of up to `num_samples` test captions.

    generated: images of these captions, of the seeds from 0 on, or more; generated now if not given. note: called if a
    classifier or a matcher is trained. Raises: OptionError for a model or data without captions, DataError for too few
    captions.
    """
    check_model(trained)
    image_text_matcher.need_captions(dataset)
    part = dataset.test if "caption" in dataset.test else dataset.train
    rows = dataset.sample_rows(num_samples, part=part)
    if len(rows) < MIN_CAPTIONS:
        raise DataError(f"'{dataset.name}' has {len(rows)} captions to score; at least {MIN_CAPTIONS} are needed")
    texts = list(part["caption"][rows, 0])
    generated = _generate(trained, texts) if generated is None else generated[: len(rows)]
    real = {name: column[rows] for name, column in part.items()}
    if dataset.attributes == glyphs.ATTRIBUTES:
        scores = _score_attributes(dataset, real, generated, note)
    else:
        scores = _score_matching(dataset, real["image"], generated, (texts, list(part["caption"][:, 0])), note)
    chosen = subsets.describe(len(rows), len(part["caption"]), by_class="label" in part)
    return CaptionResult(scores, len(rows), "test" if part is dataset.test else "training", chosen)


def _generate(trained: TrainedModel, texts: list[str]) -> np.ndarray:
    """An image of each text, whose seed is its number."""
    with text_conditions.using(trained.sampler, texts):
        return trained.sampler.decode(trained.model.latents(range(len(texts))), np.arange(len(texts)))


def _score_attributes(
    dataset: Dataset, real: Mapping[str, np.ndarray], generated: np.ndarray, note: Callable[[str], None]
) -> AttributeScores:
    model = classifier.for_dataset(glyphs.of_all_kinds(dataset), kind="attributes", note=note)
    requested = real["attributes"]
    held_out = glyphs.are_held_out(requested)
    found = model.probabilities(generated)
    compared = {
        "seen": (found[~held_out], requested[~held_out]),
        "held out": (found[held_out], requested[held_out]),
        "real": (model.probabilities(real["image"]), requested),
        "by chance": (found[::-1], requested),
    }
    accuracy = {name: attribute_accuracy.measure(*pair, dataset.attributes) for name, pair in compared.items()}
    return AttributeScores(accuracy, model)


def _score_matching(
    dataset: Dataset,
    real: np.ndarray,
    generated: np.ndarray,
    texts: tuple[list[str], list[str]],
    note: Callable[[str], None],
) -> MatchingScores:
    """texts: the captions of the images, and all captions to draw wrong ones from."""
    matcher = image_text_matcher.for_dataset(dataset, note=note)
    precisions = [matcher.precision(pixels, *texts) for pixels in (generated, real)]
    embedded, real_embedded = matcher.embed_images(generated), matcher.embed_images(real)
    distances = frechet.distance(embedded, real_embedded), frechet.distance(real_embedded[::2], real_embedded[1::2])
    return MatchingScores(*precisions, *distances, matcher.digest)  # type: ignore[call-arg]
