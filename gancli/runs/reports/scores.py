"""The scores of a run: those that evaluations saved in eval/, and the newest validation score of its training."""

from __future__ import annotations

import datetime
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from gancli.core.errors import CheckpointError
from gancli.runs import metadata
from gancli.runs.reports import score_table
from gancli.runs.reports.score_table import ScoreTable
from gancli.runs.run import Run

PUBLISHED = "FID ("  # the beginning of the metric of a Fréchet distance in the features of published FIDs
SAME = 1e-5  # relative difference of values that were rounded to six digits


class MainValue(NamedTuple):
    """Where the main value of a saved score is.

    name: of the value. key: its key, with dots for tables in tables, * for the first entry of a table that fits, and
    {model} for the run's model. deviation: the key of its standard error or deviation. metric: the name of the same
    value in the table of `gancli eval`.
    """

    name: str
    key: str
    deviation: str = ""
    metric: str = ""


MAIN_VALUES: dict[str, tuple[MainValue, ...]] = {  # by the beginning of the file's name; the first that is in it counts
    "fid": (MainValue("Fréchet distance", "frechet", "frechet_deviation", "fid"),),
    "parzen-multi-scale": (MainValue("multi-scale Parzen", "mean", "standard_error", "parzen_by_level"),),
    "parzen": (MainValue("Parzen", "mean", "standard_error", "parzen"),),
    "labels": (
        MainValue("class accuracy", "share", metric="labels"),
        MainValue("class entropy", "entropy", metric="class_entropy"),
    ),
    "neighbours": (
        MainValue("distance ratio", "ratio", metric="neighbors"),
        MainValue("mean distance", "mean_distance"),
    ),
    "diversity": (MainValue("MS-SSIM", "overall.mean", "overall.deviation", "ms_ssim"),),
    "elbo": (MainValue("ELBO", "mean", "standard_error", "elbo"),),
    "modes": (MainValue("modes", "covered", metric="modes"),),
    "captions": (
        MainValue("R-precision", "r_precision", metric="captions"),
        MainValue("attribute accuracy", "held_out", metric="captions"),
        MainValue("attribute accuracy", "seen", metric="captions"),
    ),
    "probe": (
        MainValue("SVM error", "svm.discriminator.error", "svm.discriminator.deviation", "svm_error"),
        MainValue("1-nearest-neighbor error", "nearest.error", metric="nearest_error"),
    ),
    "sentences": (MainValue("next sentence first", "*.first", metric="next_sentence"),),
    "spectrum": (MainValue("spectral distance", "mean_distance", metric="spectrum"),),
    "psnr": (MainValue("PSNR", "sets.*.{model}.psnr", metric="psnr"),),
    "segmentation": (MainValue("mean IoU", "mean_iou", metric="miou"),),
    "translation": (MainValue("target share", "directions.*.read", metric="domain_accuracy"),),
    "reconstruct": (MainValue("reconstruction MSE", "mean"),),
}
VALIDATION_NAMES = {  # of --eval-score
    "frechet": "Fréchet distance",
    "kid": "KID",
    "parzen": "Parzen",
    "psnr": "PSNR",
    "miou": "mean IoU",
}


@dataclass(frozen=True)
class Score:
    """A score: its `kind`, the name of its file or "validation"; the `name` and `value` of its main value, None if that
    is not defined; `deviation`, None without one; the `step` scored; `when`, ISO 8601 in UTC, empty if unknown;
    `recipe`, all values that were saved with it; `metric`, its name in the table of `gancli eval`, or empty."""

    kind: str
    name: str
    value: float | None
    deviation: float | None
    step: int
    when: str
    recipe: Mapping[str, Any]
    metric: str = ""


def saved(run: Run) -> list[Score]:
    """The scores that single evaluations saved, oldest first; files that cannot be read are left out. The table of
    `gancli eval` is not one of them, see score_table."""
    return [score for _, score in _dated(run)]


def _dated(run: Run) -> list[tuple[float, Score]]:
    """The saved scores with the times of their files, oldest first."""
    found = []
    for path in (run.path / "eval").glob("*.json"):
        if path.stem == score_table.STEM:
            continue
        try:
            found.append((path.stat().st_mtime, _read(path, run.record["model"])))
        except (CheckpointError, OSError):
            continue
    return sorted(found, key=lambda pair: (pair[0], pair[1].kind))


def is_in(table: ScoreTable | None, score: Score) -> bool:
    """Whether a table has this score too: the same metric of the same step with the same value."""
    if table is None or not score.metric or score.value is None or table.step != score.step:
        return False
    same = (one.value for one in table.scores if one.name == score.metric and one.value is not None)
    return any(math.isclose(value, score.value, rel_tol=SAME) for value in same)


def newest_validation(run: Run) -> Score | None:
    """The newest score of --eval-every; None if there is none near the end of metrics.jsonl."""
    options = run.recorded_options()
    if not options.get("eval_every"):
        return None
    name = VALIDATION_NAMES.get(str(options.get("eval_score")), "score")
    for record in run.newest_metrics(having="score"):
        recipe = {"samples": options.get("eval_samples"), "of": "validation images"}
        return Score("validation", name, record["score"], None, record["step"], "", recipe)
    return None


def last(run: Run) -> Score | None:
    """The newest score: of the evaluations, unless the training has scored a later step. Of a table the first score."""
    dated, validation, table = _dated(run), newest_validation(run), score_table.read(run)
    if table is not None and (first := table.defined()):
        when = _iso(table.modified)
        main = Score(
            score_table.STEM, first.title, first.value, first.spread, table.step, when, first.recipe, first.name
        )
        dated = sorted([*dated, (table.modified, main)], key=lambda pair: pair[0])
    if dated and (validation is None or dated[-1][1].step >= validation.step):
        return dated[-1][1]
    return validation


def _read(path: Path, model: str) -> Score:
    recipe = metadata.read_json(path)
    known = [MAIN_VALUES[start] for start in MAIN_VALUES if path.stem == start or path.stem.startswith(f"{start}-")]
    candidates = [one._replace(key=one.key.format(model=model)) for one in (known[0] if known else ())]
    defined = [one for one in candidates if _number(recipe, one.key) is not None]
    main = (defined or candidates or [MainValue(path.stem, path.stem)])[0]
    deviation = _number(recipe, main.deviation) if main.deviation else None
    step = recipe.get("step")
    return Score(
        kind=path.stem,
        name=_published(recipe) or main.name,
        value=_number(recipe, main.key),
        deviation=deviation,
        step=step if type(step) is int else 0,
        when=_iso(path.stat().st_mtime),
        recipe=recipe,
        metric=main.metric,
    )


def _published(recipe: Mapping[str, Any]) -> str:
    """The name of a Fréchet distance that can be compared with those of papers; empty for other scores."""
    name = recipe.get("metric")
    return name if isinstance(name, str) and name.startswith(PUBLISHED) and len(name) <= score_table.LONGEST else ""


def _iso(seconds: float) -> str:
    return datetime.datetime.fromtimestamp(seconds, datetime.UTC).isoformat(timespec="seconds")


def _number(table: object, key: str) -> float | None:
    """The first finite number in a table under this key, see MainValue."""
    if not key:
        return score_table.finite(table)
    first, _, rest = key.partition(".")
    return next((found for one in _under(table, first) if (found := _number(one, rest)) is not None), None)


def _under(table: object, key: str) -> Iterator[object]:
    if isinstance(table, Mapping):
        yield from table.values() if key == "*" else ([table[key]] if key in table else [])
