"""Distances between samples and real images in a feature space: FID, KID, precision and recall, Inception score."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gancli.core import files
from gancli.core.backend import np
from gancli.evaluation.evaluation_set import EvaluationSet, ImageSubset
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.feature_extractors.collecting import Collected, collect
from gancli.evaluation.metrics import class_statistics, feature_rows, fid_infinity, frechet, kid, precision_recall
from gancli.evaluation.metrics.feature_rows import FeatureRows
from gancli.evaluation.sample_quality import feature_scores
from gancli.evaluation.sample_quality.feature_scores import FeatureScores
from gancli.evaluation.sample_quality.known_real import KnownReal
from gancli.evaluation.sample_quality.reference_statistics import ReferenceStatistics

MANY_COPIES = 0.1  # of the images have a copy as their k-th neighbor: a warning says so
USUAL = 50_000  # samples of published FIDs


class FidChoice(NamedTuple):
    """How samples are compared.

    repeats: disjoint sets of seeds for the Fréchet distance; images from elsewhere are scored once. reference: "test"
    or "train", which real images are the reference. stats: their moments instead. infinity: also extrapolate the
    Fréchet distance to infinitely many samples.
    """

    repeats: int = 2
    reference: str = "test"
    stats: ReferenceStatistics | None = None
    infinity: bool = False


@dataclass(frozen=True)
class FidResult:
    """Scores of samples, and of other real images for comparison, None if there are none.

    frechet: the mean over `repeats` disjoint sets of seeds; frechet_deviation: None for one set. count: of the samples
    in a set; features: numbers per image. moments: of the reference. infinity: None unless it was asked for.
    """

    extractor: FeatureExtractor
    choice: FidChoice
    distances: Sequence[float]
    samples: FeatureScores
    real: FeatureScores | None
    features: int
    subset: ImageSubset
    reference: ImageSubset | ReferenceStatistics
    other: ImageSubset | None
    moments: frechet.Moments
    frechet_seeds: str | None
    infinity: fid_infinity.Extrapolation | None = None

    @property
    def count(self) -> int:
        """Samples in a set."""
        return self.samples.count

    @property
    def repeats(self) -> int:
        """Disjoint sets of seeds."""
        return len(self.distances)

    @property
    def frechet(self) -> float:
        """The mean over the sets of seeds."""
        return float(np.mean(self.distances))

    @property
    def frechet_deviation(self) -> float | None:
        """The deviation over the sets of seeds."""
        return float(np.std(self.distances, ddof=1)) if self.repeats > 1 else None

    @property
    def metric(self) -> str:
        """The metric with its features: only values with the same name are comparable."""
        return self.extractor.metric(self.count)

    @property
    def file_name(self) -> str:
        """The name of its file in a run's eval/: it differs where scores cannot be compared."""
        parts = ["fid", self.extractor.published.replace(", ", "-") or self.extractor.name]
        if self.extractor.is_of_papers and not self.extractor.published:
            parts += [str(self.extractor.recipe.get("resize", "")).partition(",")[0], str(self.features)]
        if isinstance(self.reference, ReferenceStatistics):
            parts += ["against", self.reference.path.stem]
        elif self.choice.reference != "test":
            parts.append(self.choice.reference)
        return files.safe_name("-".join(part for part in parts if part))

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {
            "metric": self.metric,
            **self.samples.to_dict(),
            "frechet": self.frechet,
            "frechet_deviation": self.frechet_deviation,
            "repeats": self.repeats,
            "images_of_each_set": self.count,
            **({"frechet_seeds": self.frechet_seeds} if self.frechet_seeds else {}),
            "features": {"name": self.extractor.name, "size": self.features, **self.extractor.recipe},
            **self._rows(),
        }
        if self.real is not None:
            result |= {"real": self.real.to_dict(), "real_images": self.real.count}
        if self.samples.kid is not None:
            result |= {"kid_subsets": kid.subsets(self.count), "neighbours": precision_recall.NEIGHBORS}
        if self.samples.label_score is not None:
            splits = {"count": class_statistics.SPLITS, "deviation": class_statistics.DEVIATION}
            result[f"{self.samples.label_score_key}_splits"] = splits
        if self.infinity is not None:
            result |= {"frechet_infinity": self.infinity.value, "frechet_infinity_error": self.infinity.error}
            result["frechet_by_count"] = dict(zip(map(str, self.infinity.counts), self.infinity.distances, strict=True))
        return result

    def _rows(self) -> dict[str, object]:
        rows = {"samples": self.subset.rows}
        if isinstance(self.reference, ReferenceStatistics):
            result = {"reference": str(self.reference)}
        else:
            result, rows["reference"] = {"reference": self.reference.name}, self.reference.rows
        if self.other is not None:
            result["real_against_it"], rows["real_against_it"] = self.other.name, self.other.rows
        return result | {"rows": rows}

    def warnings(self) -> list[str]:
        """Warnings about few samples, and about copies among the images, which make precision and the like
        meaningless."""
        messages = []
        if self.count <= self.features:
            messages.append(
                f"{self.count:,} samples are too few for {self.features:,} features: the Fréchet distance is biased "
                f"upward; take at least {self.features + 1:,}, and {USUAL:,} as papers do, or --fid-infinity"
            )
        neighbors = self.samples.neighbors
        pairs = () if neighbors is None else (("real images", neighbors.copies), ("samples", neighbors.fake_copies))
        for name, share in pairs:
            if share >= MANY_COPIES:
                scores = "recall counts" if name == "samples" else "precision, density and coverage count"
                messages.append(
                    f"the k-th neighbor (k = {precision_recall.NEIGHBORS}) of {share:.0%} of the {name} is a copy: "
                    f"{scores} only exact copies; gancli data duplicates finds duplicates in the data"
                )
        return messages


def score(evaluated: EvaluationSet, extractor: FeatureExtractor, choice: FidChoice) -> FidResult:
    """Score samples against real images, or against statistics of such, in the features of an extractor.

    Raises: OptionError for statistics of other features; DataError for features that are not finite, or too few images.
    """
    if choice.stats is not None:
        choice.stats.check(extractor, _size(evaluated, extractor), note=evaluated.note)
        reference, other, moments = choice.stats, evaluated.reference_images()[0], choice.stats.moments
        subset = evaluated.subset(len(evaluated.pixels))
        found = evaluated.features(extractor, subset)
        compute = functools.partial(_against, (found, evaluated.features(extractor, other)), moments)
    else:
        reference, other = evaluated.training_images() if choice.reference == "train" else evaluated.reference_images()
        known = KnownReal(extractor, reference, other)
        features = known.features(lambda: evaluated.features(extractor, reference).features)
        moments, subset = frechet.moments(features), evaluated.subset(reference.count)
        found, real = evaluated.features(extractor, subset), None if other is None else known.scores()
        others = [] if other is None or real else [evaluated.features(extractor, other)]
        compute = functools.partial(_score_sets, [found, *others], features, moments, known, extractor, real)
    with feature_rows.in_background(compute) as result:
        distances = _further(evaluated, extractor, subset.count, moments, choice.repeats)
        samples, real = result()
    distances = [samples.frechet, *distances]
    return FidResult(
        extractor=extractor,
        choice=choice,
        distances=distances,
        samples=samples,
        real=real,
        features=len(moments.mean),
        subset=subset,
        reference=reference,
        other=other,
        moments=moments,
        frechet_seeds=f"0-{len(distances) * subset.count - 1}" if evaluated.draw else None,
        infinity=fid_infinity.extrapolate(found.features, moments) if choice.infinity else None,
    )


def _score_sets(
    sets: Sequence[Collected],
    features: FeatureRows,
    moments: frechet.Moments,
    known: KnownReal,
    extractor: FeatureExtractor,
    real: FeatureScores | None,
) -> tuple[FeatureScores, FeatureScores | None]:
    """The scores of the samples, the first of the sets, and of other real images, the second, unless they are known."""
    radii = known.radii(lambda: precision_recall.radii(features))
    key = feature_scores.label_score_key(extractor)
    samples, *others = feature_scores.of_sets(sets, features, moments, radii, key)
    if others:
        (real,) = others
        known.keep_scores(real)
    return samples, real


def _size(evaluated: EvaluationSet, extractor: FeatureExtractor) -> int:
    return extractor.extract(evaluated.pixels[:1])[0].shape[1]


def _against(sets: Sequence[Collected], moments: frechet.Moments) -> tuple[FeatureScores, ...]:
    distances = (frechet.between(frechet.moments(one.features), moments) for one in sets)
    return tuple(FeatureScores(len(one.features), distance) for one, distance in zip(sets, distances, strict=True))


def _further(
    evaluated: EvaluationSet, extractor: FeatureExtractor, count: int, moments: frechet.Moments, repeats: int
) -> list[float]:
    """The Fréchet distances of further disjoint sets of seeds."""
    draw, distances = evaluated.draw, []
    for first in range(count, (repeats if draw else 1) * count, count):
        drawn = collect(
            extractor, lambda start, stop, first=first: draw(range(first + start, first + stop)), count, what="samples"
        )
        distances.append(frechet.between(frechet.moments(drawn.features), moments))
    return distances
