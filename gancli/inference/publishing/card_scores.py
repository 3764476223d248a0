"""The scores of a run in its model card: those that evaluations saved, with their recipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from gancli.inference.publishing import markup
from gancli.inference.publishing.public_record import without_folders
from gancli.runs.reports import scores
from gancli.runs.reports.scores import Score

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

PRIVATE = ("run", "step", "file", "out", "sha256", "seconds")  # keys of a recipe that are not published
TABLES = ("features", "classifier", "rows", "kid_subsets")  # of a recipe, that say how a score was made
LONGEST = 200  # characters of a value
TYPES = {"psnr": "psnr", "segmentation": "mean_iou"}  # the hub's names of metrics, by kind


class CardScore(NamedTuple):
    """A score: its name, value, standard error or deviation, the value that real images get, step, recipe in words.

    type: its metric's name on the hub. is_of_weights: whether the weights that are published were scored.
    """

    name: str
    type: str
    value: float
    deviation: float | None
    real: float | None
    step: int
    recipe: str
    is_of_weights: bool

    def text(self) -> str:
        """A line in Markdown: the score, what real images get, and the recipe."""
        deviation = "" if self.deviation is None else f" ± {self.deviation:.2g}"
        real = "" if self.real is None else f" (real images: {self.real:.6g})"
        of = f"step {self.step:,}" if self.is_of_weights else f"step {self.step:,}, other weights than these"
        return f"**{self.name} {self.value:.6g}{deviation}**{real} at {of}. {markup.plain(self.recipe)}"


def of_run(trained: TrainedModel) -> list[CardScore]:
    """The scores of a run, oldest first; the validation score of its training last."""
    run = trained.run
    found = [*scores.saved(run), *filter(None, [scores.newest_validation(run)])]
    return [_card_score(score, trained) for score in found if score.value is not None]


def _card_score(score: Score, trained: TrainedModel) -> CardScore:
    weights = score.recipe.get("weights", trained.weights)
    is_of_weights = score.step == trained.step and weights == trained.weights
    recipe = "; ".join(_words(score.recipe, known=(score.value, score.deviation)))
    names = [name for name, value in score.recipe.items() if value == score.value]
    real = _number_under(score.recipe.get("real"), names)
    return CardScore(score.name, _type(score), score.value, score.deviation, real, score.step, recipe, is_of_weights)


def _number_under(table: object, names: Sequence[str]) -> float | None:
    """The number that a table has under one of these names."""
    found = (table[name] for name in names if name in table) if isinstance(table, Mapping) else ()
    return next((value for value in found if type(value) in (int, float)), None)


def _type(score: Score) -> str:
    """The metric on the hub; "fid" only with the features and weights of published FIDs."""
    if score.kind.startswith("fid"):
        return "fid" if score.name.startswith(scores.PUBLISHED) else "frechet-distance"
    known = (TYPES[start] for start in TYPES if score.kind.startswith(start))
    return next(known, score.name.lower().replace(" ", "-"))


def _words(recipe: Mapping[str, Any], *, known: tuple[object, ...] = (), of: str = "") -> Iterator[str]:
    """The values of a recipe that say how a score was made, "name value", without paths."""
    for name, value in recipe.items():
        if isinstance(value, Mapping):
            yield from _words(value, of=f"{name} ") if name in TABLES else ()
        elif isinstance(value, (str, int, float)) and name not in PRIVATE and value not in known:
            text = (
                without_folders(value)
                if isinstance(value, str)
                else f"{value:.6g}"
                if isinstance(value, float)
                else str(value)
            )
            yield f"{of}{name.replace('_', ' ')} {text[:LONGEST]}"
