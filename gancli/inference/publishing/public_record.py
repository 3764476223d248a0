"""What is published of a run's record: all that rebuilds the model, nothing about the machine or its users.

Left out are the command line, the identifier, notes, the device, where the data were, and remarks on them, which name
files. Options that hold a path keep its last part.
"""

from __future__ import annotations

import dataclasses
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Any

from gancli.core import strict_json
from gancli.data import is_named
from gancli.nn.architectures import perceptual
from gancli.runs import own_model
from gancli.runs.published.run import LIBRARY
from gancli.runs.published.weights import updates

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel
    from gancli.runs.run import Run

KEPT = ("format", "model", "created", "given", "versions")  # of a run.json
PRIVATE_FACTS = {"source": "", "remarks": []}


def config(trained: TrainedModel, *, sha256: str) -> dict[str, Any]:
    """The contents of config.json. sha256: of the file of weights."""
    run = trained.run
    weights = weights_kind(trained)
    options = public_options(run)
    options |= {} if weights == "ema" else {"ema": 0.0}
    record = {"library_name": LIBRARY, **{key: run.record[key] for key in KEPT if key in run.record}}
    record |= {"name": without_folders(run.name), "options": options, "data": public_facts(run)}
    record |= own_model.record(run.model_class)
    if file := record.get("model_file"):
        record["model_file"] = file | {"path": without_folders(file["path"])}
    total = run.status()["total"]
    record["published"] = {"step": trained.step, "total": total, "weights": weights, "sha256": sha256}
    record["published"]["updates"] = updates(trained.model)
    return strict_json.plain(record)


def weights_kind(trained: TrainedModel) -> str:
    """ "ema" or "raw"."""
    return trained.weights.split()[0]


def public_options(run: Run) -> dict[str, object]:
    """All options of a run, with its last changes, and without paths."""
    options = {name: _public_option(value) for name, value in run.settings().to_mapping().items()}
    if not is_named(run.config().data):
        options["data"] = public_facts(run)["name"]
    return options


def _public_option(value: object) -> object:
    if not isinstance(value, str):
        return value
    of_classifier = perceptual.OF_CLASSIFIER.fullmatch(value)
    return (
        f"classifier-{of_classifier[1]}-of-{without_folders(of_classifier[2])}"
        if of_classifier
        else without_folders(value)
    )


def public_facts(run: Run) -> dict[str, Any]:
    """The facts of the data, without where they were and remarks on their files."""
    return dataclasses.asdict(run.facts) | PRIVATE_FACTS | {"name": without_folders(run.facts.name)}


def without_folders(text: str) -> str:
    """A text or path without what comes before the last slash or backslash."""
    return PureWindowsPath(text).name if set("/\\") & set(text) else text
