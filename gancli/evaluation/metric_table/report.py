"""Every score as one object for JSON and as rows for CSV, and as files of a run."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from gancli.core import files, strict_json
from gancli.core.environment import versions
from gancli.core.errors import ResourceError
from gancli.evaluation import results
from gancli.evaluation.metric_table import comparability, wording
from gancli.evaluation.metric_table.everything import Everything
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.scoring import Score
from gancli.evaluation.metric_table.subject import Subject
from gancli.inference.trained_model import TrainedModel
from gancli.models.capabilities import Decoder

JSON, CSV = "scores.json", "scores.csv"  # in a run's eval/
COLUMNS = ("name", "title", "value", "spread", "real", "better", "samples", "step", "weights", "data", "features")
ABOUT = ("samples", "seeds", "step", "weights", "data")  # of a result, in the recipe of a score


def as_table(found: Everything, subject: Subject) -> dict[str, Any]:
    """The object that --json prints: `scores`, a list; `recipe`, of all; `measurements`, how each was made, in words by
    name; `left_out`, the reasons by name of a metric; of a run its `step` and `weights` once more."""
    measured = {METRICS[name].measurement: score.measured.result for name, score in found.scores.items()}
    recipe = _recipe(found, subject)
    return {
        "scores": [_score(name, score, subject) for name, score in found.scores.items()],
        "recipe": recipe,
        "measurements": {group: wording.recipe_line(group, result) for group, result in measured.items()},
        "left_out": found.left_out,
        **{key: recipe[key] for key in ("step", "weights") if key in recipe},
    }


def _score(name: str, score: Score, subject: Subject) -> dict[str, Any]:
    metric, result = METRICS[name], score.measured.result
    table = {
        "name": name,
        "title": wording.title(name, result),
        "value": score.value,
        "spread": score.spread,
        "spread_is": "" if score.spread is None else wording.spread_is(name, result),
        "real": score.real,
        "real_is": "" if score.real is None else wording.real_is(name),
        "better": metric.better,
    }
    table |= {"unit": wording.UNITS[name]} if name in wording.UNITS else {}
    basis = comparability.basis(name, subject, result)
    recipe = {"measurement": metric.measurement} | {key: result[key] for key in ABOUT if key in result} | basis
    recipe |= {"saved_as": results.place(f"{score.measured.name}.json", result)}
    return table | {"comparable": comparability.digest(basis), "recipe": recipe}


def _recipe(found: Everything, subject: Subject) -> dict[str, Any]:
    """What all scores have in common: the model or images, the samples, the data; and the seconds that each took."""
    scored = subject.scored
    if isinstance(scored, TrainedModel):
        recipe = scored.about() | {"model": scored.run.record["model"]}
        if "samples" in found.seconds and scored.run.can(Decoder):
            recipe |= subject.drawn.recipe | {"data": subject.dataset.name}
    else:
        recipe = subject.evaluated.recipe | {"data": subject.dataset.name}
    return recipe | {"seconds": found.seconds, "gancli": versions()["gancli"]}


def as_csv(table: Mapping[str, Any]) -> str:
    """A row for each score, with the names of the columns first."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n", restval="", extrasaction="ignore")
    writer.writeheader()
    for score in table["scores"]:
        recipe = score["recipe"]
        features = " ".join(str(recipe[key]) for key in ("features_name", "features_sha256") if key in recipe)
        known = {key: recipe.get(key, table["recipe"].get(key)) for key in ("samples", "step", "weights", "data")}
        row = known | score | {"features": features}
        writer.writerow({key: "" if row.get(key) is None else row[key] for key in COLUMNS})
    return text.getvalue()


def save(found: Everything, table: Mapping[str, Any], subject: Subject, *, note: Callable[[str], None]) -> None:
    """Write scores.json, scores.csv and the result of each measurement to the run's eval/.

    note: called with a warning where they cannot be written.
    """
    run = subject.trained.run
    for measured in {score.measured.name: score.measured for score in found.scores.values()}.values():
        results.save(run, measured.name, measured.result, note=note)
    try:
        run.write(results.place(JSON, table["recipe"]), strict_json.dumps(table, indent=2) + "\n")
        run.write(results.place(CSV, table["recipe"]), as_csv(table))
    except ResourceError as error:
        note(f"warning: {error}; the scores are not saved")


def write(table: Mapping[str, Any], folder: Path) -> None:
    """Write scores.json and scores.csv to a folder. Raises: ResourceError."""
    files.atomic_write(folder / JSON, strict_json.dumps(table, indent=2) + "\n")
    files.atomic_write(folder / CSV, as_csv(table))
