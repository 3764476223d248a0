"""What eval-fid prints: scores of samples beside those of real images, and their recipe."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.cli import tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.feature_scores import FeatureScores
    from gancli.evaluation.sample_quality.fid import FidResult

COLUMN_WIDTH = 18  # at least
SHARES = ("precision", "recall", "density", "coverage")


def of(result: FidResult) -> list[str]:
    """The table and the recipe, a line each."""
    lines = tables.aligned(_rows(result), least=COLUMN_WIDTH)
    lines.append(f"{result.extractor}; {result.features} features per image")
    others = result.count if result.real is None else result.real.count
    each = f"{result.count:,} images in each set" if others == result.count else f"{result.count:,} samples"
    real = "" if result.other is None else f"; real images: {result.other}"
    real += f", {others:,}" if others != result.count else ""
    lines.append(f"{each}; samples: {result.subset.rows}; reference: {result.reference}{real}")
    if result.frechet_seeds:
        lines.append(
            f"Fréchet distance: mean and deviation over {result.repeats} sets of seeds, {result.frechet_seeds}"
        )
    if result.infinity is not None:
        counts = result.infinity.counts
        lines.append(
            f"at infinity: line through {len(counts)} distances of {counts[0]:,} to {counts[-1]:,} samples over 1 / "
            "count, with its standard error"
        )
    return lines


def _rows(result: FidResult) -> list[tuple[str, ...]]:
    sets = [one for one in (result.samples, result.real) if one is not None]
    distance = f"{result.frechet:.3f}{tables.spread(result.frechet_deviation)}"
    rows = [
        ("", "samples", "real images")[: 1 + len(sets)],
        (result.metric, distance, *(f"{one.frechet:.3f}" for one in sets[1:])),
    ]
    if result.infinity is not None:
        rows.append(("  at infinity", f"{result.infinity.value:.3f} ± {result.infinity.error:.2g}"))
    rows += _of_features(result, sets) if result.samples.kid is not None else []
    if result.samples.label_score is not None:
        name = result.samples.label_score_key.replace("_", " ").replace("inception", "Inception")
        scores = (f"{one.label_score:.3f} ± {one.label_score_deviation:.2g}" for one in sets)
        rows.append((_named(result, name) if name != "label score" else name, *scores))
    return rows


def _of_features(result: FidResult, sets: list[FeatureScores]) -> list[tuple[str, ...]]:
    rows = [(_named(result, "KID"), *(f"{one.kid:.3g} ± {one.kid_deviation:.2g}" for one in sets))]
    return rows + [(name, *(f"{getattr(one.neighbors, name):.3f}" for one in sets)) for name in SHARES]


def _named(result: FidResult, name: str) -> str:
    """With the features of papers, the whole name; other features are in a line below."""
    return result.extractor.metric(result.count, name=name) if result.extractor.published else name
