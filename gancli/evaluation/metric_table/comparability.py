"""What two scores must have in common to be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from gancli.core import strict_json
from gancli.data import Dataset
from gancli.evaluation.metric_table import wording
from gancli.evaluation.metric_table.metrics import METRICS
from gancli.evaluation.metric_table.subject import Subject

IMAGES = ("images", "of", "rows")
PARTS = {  # of the result of a measurement, with dots for tables in tables; with ? whether it is there at all
    "distances": ("features.name", "features.sha256", "images_of_each_set", "reference", "rows.reference"),
    "parzen": ("samples", "test_images", "reference"),
    "parzen_by_level": ("samples", "draws", "test_images", "of", "rows"),
    "diversity": ("levels", "pairs", "near_duplicate_images", "reference"),
    "spectrum": ("bands", "reference", "rows.reference"),
    "neighbors": ("features.name", "features.sha256", "training_images", "reference", "reference_images"),
    "labels": ("classifier.sha256",),
    "modes": ("samples", "modes", "classifier.sha256"),
    "bounds": (*IMAGES, "k", "bits_per_number?"),
    "reconstruction": IMAGES,
    "upscaling": ("recipe", "inputs", "rows", "of"),
    "segmentation": ("split", "images", "side", "absent"),
    "translation": ("split", "images", "rows", "sha256"),
    "captions": ("captions", "of", "rows", "classifier.sha256", "matcher"),
    "sentences": ("sentences",),
    "probe": ("test_images",),
}
PARTS_OF_METRICS = {  # besides those of their measurement
    "svm_error": ("svm.labels", "svm.draws"),
    "nearest_error": ("nearest.samples",),
    "near_duplicates": ("samples",),
    "parzen": ("error",),
}
FROM_ELSEWHERE = ("upscaling", "segmentation")  # measurements whose data need not be those of the run
DIGITS = 16  # of a fingerprint


def basis(name: str, subject: Subject, result: Mapping[str, Any]) -> dict[str, object]:
    """What a score depends on besides the model: its title, features, reference, counts and data, by key."""
    group = METRICS[name].measurement
    found: dict[str, object] = {"metric": wording.title(name, result)}
    for part in (*PARTS[group], *PARTS_OF_METRICS.get(name, ())):
        value = _at(part, result)
        found |= {} if value is None else {part.replace(".", "_").rstrip("?"): value}
    return found | {"data_sha256": _data(group, subject, result)}


def digest(basis: Mapping[str, object]) -> str:
    """A short text that is equal for two scores exactly if they may be compared."""
    return hashlib.sha256(strict_json.dumps(dict(sorted(basis.items()))).encode()).hexdigest()[:DIGITS]


def _at(place: str, result: Mapping[str, Any]) -> object:
    found: Any = result
    if place.endswith("?"):
        return place[:-1] in result
    for key in place.split("."):
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def _data(group: str, subject: Subject, result: Mapping[str, Any]) -> str:
    """A fingerprint of the data that were compared with."""
    if group in FROM_ELSEWHERE and subject.data is not None and not isinstance(subject.data, Dataset):
        images = {part: sorted(images) for part, images in result.get("pictures", {}).items()}
        return digest({"data": [*images] or result["data"], "images": images})
    dataset = subject.data if isinstance(subject.data, Dataset) else subject.dataset
    return dataset.facts().fingerprint[:DIGITS]
