"""Features and scores of real images, kept in the cache: they are the same for every model of a data set.

A file's name is a digest of the images themselves and of the network, so that a file can only be found for what it was
computed from.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from gancli.core import files, strict_json
from gancli.core.backend import np
from gancli.core.cache import cache_folder
from gancli.core.errors import ResourceError
from gancli.evaluation.feature_extractors import FeatureExtractor
from gancli.evaluation.metrics import kid, precision_recall
from gancli.evaluation.metrics.feature_rows import LIMIT, FeatureRows
from gancli.evaluation.sample_quality.feature_scores import FeatureScores
from gancli.evaluation.sample_quality.real_images import ImageSubset

FORMAT = 1  # of the files and of what they are computed by
LARGEST = 512 * 2**20  # bytes of features that are kept
CHECK = 16  # bytes of a digest at the end of a file
STEP = 4096  # images that are read at a time


class KnownReal:
    """What is known of reference images, and of other real images against them, in the features of an extractor.

    Only features of networks are kept: their recipe has the digest of the weights.
    """

    def __init__(self, extractor: FeatureExtractor, reference: ImageSubset, other: ImageSubset | None) -> None:
        recipe = {key: value for key, value in extractor.recipe.items() if key not in ("file", "weights")}
        self.is_kept = "sha256" in recipe
        if self.is_kept:
            network = json.dumps([FORMAT, extractor.name, recipe], sort_keys=True, default=str)
            start = hashlib.sha256(network.encode("utf-8"))
            _update(start, reference)
            self._features = _path(start, ".features")
            start.update(json.dumps([kid.SUBSETS, kid.SIZE, precision_recall.NEIGHBORS]).encode("ascii"))
            self._radii = _path(start, ".radii")
            if other is not None:
                _update(start, other)
            self._scores = _path(start, ".json")

    def features(self, compute: Callable[[], FeatureRows]) -> FeatureRows:
        """Features of the reference images: from the cache, or computed and written there if there is room."""
        found = _read_features(self._features) if self.is_kept else None
        if found is None:
            found = compute()
            if self.is_kept and len(found) * found.size * 4 <= LARGEST:
                _write_features(self._features, found)
        return found

    def radii(self, compute: Callable[[], np.ndarray]) -> np.ndarray:
        """The distances of the reference images to their neighbors, float64 (count,), found likewise."""
        if not self.is_kept:
            return compute()
        rows = _read_features(self._radii)
        if rows is None:
            found = compute()
            pairs = FeatureRows()
            pairs.append(found.view(np.float32).reshape(len(found), 2))  # each the two halves of a float64
            _write_features(self._radii, pairs)
            return found
        return np.ascontiguousarray(rows.read(0, len(rows))).view(np.float64).ravel()

    def scores(self) -> FeatureScores | None:
        """The scores of the other real images, if they are in the cache."""
        if not self.is_kept:
            return None
        try:
            values = json.loads(self._scores.read_text(encoding="utf-8"))
            neighbors = precision_recall.Measures(**values.pop("neighbors"))
            return FeatureScores(**values, neighbors=neighbors)
        except (OSError, ValueError, TypeError, KeyError):  # absent, damaged, or of another version
            return None

    def keep_scores(self, scores: FeatureScores) -> None:
        """Write the scores of the other real images to the cache, if there is room."""
        if self.is_kept and scores.neighbors is not None:
            values = vars(scores) | {"neighbors": scores.neighbors._asdict()}
            _write(self._scores, strict_json.dumps(values).encode("ascii"))


def _update(digest: hashlib._Hash, images: ImageSubset) -> None:
    for start in range(0, images.count, STEP):
        part = np.ascontiguousarray(images.take(start, min(start + STEP, images.count)))
        digest.update(f"{part.shape} {part.dtype.str}".encode("ascii"))
        digest.update(part)


def _path(digest: hashlib._Hash, ending: str) -> Path:
    return cache_folder() / "real-images" / f"{digest.hexdigest()[:32]}{ending}"


def _write(path: Path, content: bytes | memoryview) -> None:
    try:
        files.atomic_write(path, content, is_own=True)
    except ResourceError:  # the cache is only for speed
        return


def _write_features(path: Path, rows: FeatureRows) -> None:
    """The rows, their shape, and a digest of both."""
    content = rows.read(0, len(rows)).tobytes() + np.array([len(rows), rows.size], "<i8").tobytes()
    _write(path, content + hashlib.blake2b(content, digest_size=CHECK).digest())


def _read_features(path: Path) -> FeatureRows | None:
    """The rows in a file; None if it is absent or damaged."""
    shape_bytes, digest = 16, hashlib.blake2b(digest_size=CHECK)
    try:
        left = path.stat().st_size - CHECK
        with path.open("rb") as file:
            while left > 0 and (part := file.read(min(left, 2**22))):
                digest.update(part)
                left -= len(part)
            if left or file.read() != digest.digest():
                return None
            file.seek(-CHECK - shape_bytes, 2)
            count, size = np.frombuffer(file.read(shape_bytes), "<i8").tolist()
        rows = FeatureRows.of_file(path, (count, size))
        if count * size * 4 <= LIMIT:
            kept = FeatureRows()
            kept.append(rows.read(0, count))
            return kept
        return rows
    except (OSError, ValueError):
        return None
