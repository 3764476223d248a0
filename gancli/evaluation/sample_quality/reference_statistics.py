"""Mean and covariance of the features of reference images in a file, as pytorch-fid and clean-fid write and read them.

The file is a `.npz` with `mu` (size,) and `sigma` (size, size). Ours have texts beside them that say which features
they are of, which the other programs ignore.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data.formats import npz
from gancli.evaluation.feature_extractors import OF_PAPERS, FeatureExtractor
from gancli.evaluation.metrics.frechet import Moments

PREFIX = "gancli_"  # of the names of texts
ASYMMETRY = 1e-4  # of the largest covariance: float32 files have some
MUST_AGREE = {"features": "features", "resize": "resizing", "sha256": "weights"}


@dataclass(frozen=True)
class ReferenceStatistics:
    """Moments of the features of reference images, read from a file; recipe: texts by name, empty for other programs'
    files."""

    path: Path
    moments: Moments
    recipe: dict[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Numbers in a feature."""
        return len(self.moments.mean)

    def __str__(self) -> str:
        about = ", ".join(f"{key} {self.recipe[key]}" for key in ("data", "reference", "count") if key in self.recipe)
        return f"statistics of {self.path}" + (f" ({about})" if about else "")

    def check(self, extractor: FeatureExtractor, size: int, *, note: Callable[[str], None]) -> None:
        """Raise OptionError unless these are features of this extractor, of this size.

        note: called if the file does not say which features it has.
        """
        if not self.recipe:
            if not extractor.is_of_papers:
                raise OptionError(
                    f"{self.path} has no recipe and counts as of {OF_PAPERS}, but the samples are compared in "
                    f"{extractor.name} features: give --features {OF_PAPERS}"
                )
            note(
                f"note: {self.path} does not say which features it has; it counts as of {OF_PAPERS} with the same "
                "resizing"
            )
        if self.size != size:
            raise OptionError(
                f"{self.path} has statistics of {self.size:,} features, the samples have {size:,}: choose the features "
                "(--features, --dims) that the file was made with"
            )
        own = recipe_of(extractor)
        for key, what in MUST_AGREE.items():
            theirs = self.recipe.get(key, own.get(key))
            if theirs != own.get(key):
                raise OptionError(
                    f"{self.path} has {what} {theirs!r}, the samples have {own.get(key)!r}: statistics and samples "
                    "need the same ones"
                )


def recipe_of(extractor: FeatureExtractor) -> dict[str, str]:
    """What must agree between statistics and samples."""
    kept = {key: str(extractor.recipe[key]) for key in ("resize", "sha256") if key in extractor.recipe}
    return {"features": extractor.name} | kept


def save(path: Path, moments: Moments, extractor: FeatureExtractor, about: dict[str, object]) -> None:
    """Write the moments with their recipe. about: further texts. Raises: ResourceError, OptionError for an input."""
    texts = recipe_of(extractor) | {key: str(value) for key, value in about.items()}
    stream = io.BytesIO()
    arrays = {"mu": moments.mean, "sigma": moments.covariance}
    np.savez(stream, **arrays, **{PREFIX + key: np.array(value) for key, value in texts.items()})
    files.atomic_write(path, stream.getbuffer())


def read(path: Path) -> ReferenceStatistics:
    """The statistics of a file. Raises: DataError for anything but a mean and a covariance."""
    if not path.is_file():
        raise DataError(f"{path} is no file: expected .npz with mu and sigma, as --save-stats writes it")
    columns = npz.columns(path)
    missing = [name for name in ("mu", "sigma") if name not in columns]
    if missing:
        held = ", ".join(list(columns)[:8])
        raise DataError(f"{path} has {held}, but no {missing[0]}: expected mu and sigma, as --save-stats writes them")
    mean, covariance = (columns[name].read() for name in ("mu", "sigma"))
    _check(path, mean, covariance)
    texts = {
        name.removeprefix(PREFIX): str(column.read())
        for name, column in columns.items()
        if name.startswith(PREFIX) and column.dtype.kind == "U" and not column.shape
    }
    count = int(texts["count"]) if texts.get("count", "").isdecimal() else None
    moments = Moments(mean.astype(np.float64), covariance.astype(np.float64), count)
    return ReferenceStatistics(path, moments, texts)


def _check(path: Path, mean: np.ndarray, covariance: np.ndarray) -> None:
    for name, array in (("mu", mean), ("sigma", covariance)):
        if array.dtype.kind not in "fiu":
            raise DataError(f"{path}: {name} holds {array.dtype}, not numbers")
    if mean.ndim != 1 or not len(mean):
        raise DataError(f"{path}: mu has shape {mean.shape}; expected one number for each feature")
    if covariance.shape != (len(mean), len(mean)):
        raise DataError(
            f"{path}: sigma has shape {covariance.shape}; expected {(len(mean), len(mean))}, since mu has "
            f"{len(mean):,} features"
        )
    for name, array in (("mu", mean), ("sigma", covariance)):
        if not np.isfinite(array).all():
            raise DataError(f"{path}: {name} has numbers that are not finite")
    diagonal = covariance.diagonal()
    if diagonal.min() < 0 or np.abs(covariance - covariance.T).max() > ASYMMETRY * diagonal.max():
        raise DataError(f"{path}: sigma is no covariance, which is symmetric with a diagonal of 0 or more")
