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
from gancli.runs.run import Run


class MainValue(NamedTuple):
    """Where the main value of a saved score is.

    name: of the value. key: its key, with dots for tables in tables, * for the first entry of a table that fits, and
    {model} for the run's model. deviation: the key of its standard error or deviation.
    """

    name: str
    key: str
    deviation: str = ""


MAIN_VALUES: dict[str, tuple[MainValue, ...]] = {  # by the beginning of the file's name; the first that is in it counts
    "fid": (MainValue("Fréchet distance", "frechet", "frechet_deviation"),),
    "parzen-multi-scale": (MainValue("multi-scale Parzen", "mean", "standard_error"),),
    "parzen": (MainValue("Parzen", "mean", "standard_error"),),
    "labels": (MainValue("class accuracy", "share"), MainValue("class entropy", "entropy")),
    "neighbours": (MainValue("distance ratio", "ratio"), MainValue("mean distance", "mean_distance")),
    "diversity": (MainValue("MS-SSIM", "overall.mean", "overall.deviation"),),
    "elbo": (MainValue("ELBO", "mean", "standard_error"),),
    "modes": (MainValue("modes", "covered"),),
    "captions": (
        MainValue("R-precision", "r_precision"),
        MainValue("attribute accuracy", "held_out"),
        MainValue("attribute accuracy", "seen"),
    ),
    "probe": (
        MainValue("SVM error", "svm.discriminator.error", "svm.discriminator.deviation"),
        MainValue("1-nearest-neighbor error", "nearest.error"),
    ),
    "sentences": (MainValue("next sentence first", "*.first"),),
    "spectrum": (MainValue("spectral distance", "mean_distance"),),
    "psnr": (MainValue("PSNR", "sets.*.{model}.psnr"),),
    "segmentation": (MainValue("mean IoU", "mean_iou"),),
    "translation": (MainValue("target share", "directions.*.read"),),
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
    `recipe`, all values that were saved with it."""

    kind: str
    name: str
    value: float | None
    deviation: float | None
    step: int
    when: str
    recipe: Mapping[str, Any]


def saved(run: Run) -> list[Score]:
    """The scores that evaluations saved, oldest first. Files that cannot be read are left out."""
    found = []
    for path in (run.path / "eval").glob("*.json"):
        try:
            found.append((path.stat().st_mtime, _read(path, run.record["model"])))
        except (CheckpointError, OSError):
            continue
    return [score for _, score in sorted(found, key=lambda pair: (pair[0], pair[1].kind))]


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
    """The newest score: of the evaluations, unless the training has scored a later step."""
    evaluated, validation = saved(run), newest_validation(run)
    if evaluated and (validation is None or evaluated[-1].step >= validation.step):
        return evaluated[-1]
    return validation


def _read(path: Path, model: str) -> Score:
    recipe = metadata.read_json(path)
    known = [MAIN_VALUES[start] for start in MAIN_VALUES if path.stem == start or path.stem.startswith(f"{start}-")]
    candidates = [one._replace(key=one.key.format(model=model)) for one in (known[0] if known else ())]
    defined = [one for one in candidates if _number(recipe, one.key) is not None]
    main = (defined or candidates or [MainValue(path.stem, path.stem)])[0]
    deviation = _number(recipe, main.deviation) if main.deviation else None
    step = recipe.get("step")
    when = datetime.datetime.fromtimestamp(path.stat().st_mtime, datetime.UTC).isoformat(timespec="seconds")
    step = step if type(step) is int else 0
    return Score(path.stem, main.name, _number(recipe, main.key), deviation, step, when, recipe)


def _number(table: object, key: str) -> float | None:
    """The first finite number in a table under this key, see MainValue."""
    if not key:
        is_number = type(table) in (int, float) and math.isfinite(table)
        return table if is_number else None
    first, _, rest = key.partition(".")
    return next((found for one in _under(table, first) if (found := _number(one, rest)) is not None), None)


def _under(table: object, key: str) -> Iterator[object]:
    if isinstance(table, Mapping):
        yield from table.values() if key == "*" else ([table[key]] if key in table else [])
