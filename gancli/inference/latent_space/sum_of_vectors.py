"""A sum of latent vectors computed, drawn beside the same sum of pixels, and measured by a classifier."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.data.labels import attribute_query
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.imaging import images, plots
from gancli.inference.image_classifier import AuditedSelector, Classifiers, ImageClassifier
from gancli.inference.image_files import real_images
from gancli.inference.latent_space import latent_arithmetic
from gancli.inference.latent_space.latent_arithmetic import SIGNS, Expression, Seeds, Sums, Vectors
from gancli.inference.sampling import CONFIDENCE
from gancli.nn import latents

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

SPREAD = 0.25  # uniform noise of the eight neighbors: Radford et al. 2015, section 6.3.2
TOP_CLASSES = 3
LINE_LENGTH = 14  # of a term next to its row
Facts = tuple[dict[str, object], list[str]]  # for a result, and as lines of text


class SumOfVectors(NamedTuple):
    """The figure as a PNG file; facts for a result, and lines of text."""

    figure: bytes
    facts: dict[str, object]
    lines: list[str]


class AddedTerms(NamedTuple):
    """The sums of an expression, with what they were made of.

    selector: of the samples of words, None if there are none. seeds: of each term, per repetition.
    """

    selector: AuditedSelector | None
    seeds: list[Seeds]
    vectors: Vectors
    sums: Sums


def need_unconditional(trained: TrainedModel) -> None:
    """Raise OptionError for a model whose z does not hold everything that its images show."""
    if not trained.is_unconditional:
        name, what = trained.outline.name(), "text" if trained.takes_texts else "class"
        raise OptionError(f"{name} is conditioned on the {what}, so z does not encode it: use an unconditional model")


def add_terms(
    trained: TrainedModel,
    expression: Expression,
    classifiers: Classifiers,
    *,
    average: int = 3,
    repeat: int = 1,
    inverted: Mapping[str, tuple[np.ndarray, np.ndarray]] | None = None,
) -> AddedTerms:
    """Add the terms of an expression, for an unconditional model. Raises: OptionError, DataError, CheckpointError.

    average, repeat: as in `compute`. inverted: z and image of the names that its terms have instead of files.
    """
    expression.check_repeat(repeat)
    selector = classifiers.selector(expression.words[0]) if expression.words else None
    seeds = expression.seeds(trained.sampler, selector, average=average, repeat=repeat)
    vectors = real_images.vectors_of_terms(trained, expression.terms, inverted=inverted)
    return AddedTerms(selector, seeds, vectors, latent_arithmetic.add(vectors, seeds, expression.signs))


def compute(
    trained: TrainedModel, text: str, classifiers: Classifiers, *, average: int = 3, repeat: int = 1
) -> SumOfVectors:
    """Compute a sum such as "man with glasses - man + woman". Raises: OptionError, DataError, CheckpointError.

    average: samples per term. repeat: sums, each of other samples, to measure how often it works; one is drawn.
    """
    need_unconditional(trained)
    data = trained.run.facts
    expression = latent_arithmetic.parse(text, data)
    selector, seeds, vectors, sums = add_terms(trained, expression, classifiers, average=average, repeat=repeat)
    tiles = _with_neighbors(trained, sums.z[0])
    facts = {"sum": text, "average": average, "terms": expression.records(seeds[0])}
    lines = expression.lines(seeds[0])
    if selector is not None:
        rules = {query.describe(data): selector.rule(query) for query in expression.words}
        facts |= {"selection": {name: rule.recipe() for name, rule in rules.items()}}
        lines += [f"seeds of {name}: {rule}" for name, rule in rules.items()]
        is_all_words = len(expression.words) == len(expression.terms)
        wanted = attribute_query.total(expression.words, expression.signs) if is_all_words else None
        classifier = selector.auditor
        found = _success(sums, tiles, wanted, classifier, trained) if wanted else _classes(sums, tiles, classifier)
        facts |= found[0] | {"classifier": classifier.recipe()}
        lines += found[1]
    return SumOfVectors(_figure(vectors, expression, seeds[0], tiles, sums.of_pixels[0]), facts, lines)


def _with_neighbors(trained: TrainedModel, z: np.ndarray) -> np.ndarray:
    """The image of z in the middle of eight neighbors, uint8 (9, height, width, channels)."""
    around = latents.neighbors(z, count=8, spread=SPREAD, seed=trained.step)
    return trained.sampler.decode(np.stack([*around[:4], z, *around[4:]]))


def _success(
    sums: Sums, tiles: np.ndarray, wanted: AttributeQuery, classifier: ImageClassifier, trained: TrainedModel
) -> Facts:
    """How often sums of latent vectors and of pixels show what they should: all attributes, and each of them."""
    from scipy.stats import binomtest

    count = len(sums.z)
    parts = {"": wanted} | {at: AttributeQuery("", wanted.kind, {at: there}) for at, there in wanted.wanted.items()}
    names = {at: part.describe(trained.run.facts) for at, part in parts.items()}
    facts = {"wanted": names[""], "repeat": count}
    lines = [
        f"expected: {names['']}; share of {count:,} sums of different samples in which the classifier recognizes it "
        f"with a probability of at least {CONFIDENCE:.0%}:"
    ]
    for how, pixels in (("latent", sums.of_latents), ("pixel", sums.of_pixels)):
        probabilities = classifier.probabilities(pixels)
        right = {names[at]: int(part.matches(probabilities, confidence=CONFIDENCE).sum()) for at, part in parts.items()}
        likely = float(wanted.matches(probabilities).mean())
        share = right[names[""]] / count
        low, high = binomtest(right[names[""]], count).proportion_ci(method="wilson")
        each = [f"{name} {found / count:.0%}" for name, found in right.items()][1:]
        lines.append(
            f"  {how} sums: {share:.0%} (95% CI {low:.0%} to {high:.0%}); {', '.join(each)}; with a probability of at "
            f"least 50%: {likely:.0%}"
        )
        facts[how] = {"share": share, "low": round(low, 4), "high": round(high, 4), "likely": likely}
        facts[how] |= {"each": {name: found / count for name, found in right.items()}}
    matches = wanted.matches(classifier.probabilities(tiles), confidence=CONFIDENCE)
    lines.append(
        f"{int(matches.sum())} of the nine tiles match, the middle one {'included' if matches[4] else 'not included'}"
    )
    return facts | {"tiles": int(matches.sum()), "middle": bool(matches[4])}, lines


def _classes(sums: Sums, tiles: np.ndarray, classifier: ImageClassifier) -> Facts:
    """The classes that a classifier predicts for the sums, and for the neighbors of the first."""
    if classifier.kind == "attributes":
        return {}, []
    predicted = [classifier.classes[label] for label in classifier.predict(tiles)]
    predicted = [predicted.pop(4), *predicted]
    facts: dict[str, object] = {"read_as": predicted}
    lines = [f"the classifier predicts {predicted[0]} for the result, {', '.join(predicted[1:])} for its neighbors"]
    if len(sums.z) > 1:
        for how, pixels in (("latent", sums.of_latents), ("pixel", sums.of_pixels)):
            shares = np.bincount(classifier.predict(pixels), minlength=len(classifier.classes)) / len(pixels)
            best = np.argsort(-shares, kind="stable")[:TOP_CLASSES]
            top = {classifier.classes[at]: float(shares[at]) for at in best}
            facts[how] = top
            listed = ", ".join(f"{name} {share:.0%}" for name, share in top.items() if share)
            lines.append(f"predictions for {len(pixels):,} {how} sums: {listed}")
    return facts, lines


def _figure(vectors: Vectors, expression: Expression, seeds: Seeds, tiles: np.ndarray, pixel_sum: np.ndarray) -> bytes:
    """One row per term with its samples and their means; below, the result among its neighbors and the pixel sum."""
    rows = []
    of_means = vectors.sampler.decode(np.stack([vectors.z(used).mean(axis=0) for used in seeds]))
    for term, used, of_mean in zip(expression.terms, seeds, of_means, strict=True):
        samples = vectors.images(used)
        names = [Path(name).name if isinstance(name, str) else f"seed {name}" for name in used]
        mean = images.from_unit(images.to_unit(samples).mean(axis=0))
        cells = [*zip(names, samples, strict=True), ("G(mean z)", of_mean), ("mean of pixels", mean)]
        text = "\n".join(textwrap.wrap(str(term), LINE_LENGTH))
        rows.append((f"{SIGNS[term.sign]} {text}", cells))
    for start, name, title in ((0, "", ""), (3, "=", "G(sum of z)"), (6, "", "")):
        cells = [("", tile) for tile in tiles[start : start + 3]]
        cells[1] = (title, cells[1][1])
        rows.append((name, cells + ([None, ("sum of pixels", pixel_sum)] if start == 3 else [])))
    return plots.rows_of_images(rows)
