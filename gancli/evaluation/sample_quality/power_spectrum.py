"""The power spectrum of samples beside that of real images: sharpness, blur and noise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.evaluation.evaluation_set import EvaluationSet, ImageSubset
from gancli.evaluation.metrics import spectrum
from gancli.imaging import images

NO_POWER = 1e-11  # power of uniform images due to rounding, pixels in [0, 1]: nothing to compare with


@dataclass(frozen=True)
class SpectrumResult:
    """Power by octave, in dB relative to the reference images: of samples, and of other real images.

    spectra: power by cycles per image, float64 (side // 2,), of "samples", "real" and "other real". bands: the octaves,
    from a first number of cycles to a last. decibels, real_decibels: float64 (bands,), NaN where the reference has no
    power.
    """

    spectra: Mapping[str, np.ndarray]
    bands: list[tuple[int, int]]
    decibels: np.ndarray
    real_decibels: np.ndarray
    reference: ImageSubset
    other: ImageSubset

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "metric": "power spectrum, dB relative to real images",
            "mean_distance": mean_distance(self.decibels),
            "real_mean_distance": mean_distance(self.real_decibels),
            "bands": [f"{low}-{high}" if low < high else str(low) for low, high in self.bands],
            "decibels": _to_list(self.decibels),
            "real_decibels": _to_list(self.real_decibels),
            "reference": self.reference.name,
            "rows": {"reference": self.reference.rows, "other": self.other.rows},
        }


def score(evaluated: EvaluationSet) -> SpectrumResult:
    """Compare the power spectrum of samples with that of real images."""
    real, other = evaluated.reference_images()
    spectra = {
        name: spectrum.radial(images.to_unit(pixels))
        for name, pixels in (("samples", evaluated.pixels), ("real", real.pixels), ("other real", other.pixels))
    }
    bands = spectrum.octaves(evaluated.dataset.shape[0])
    samples, reference, control = (spectrum.in_bands(power, bands) for power in spectra.values())
    return SpectrumResult(spectra, bands, _decibels(samples, reference), _decibels(control, reference), real, other)


def mean_distance(decibels: np.ndarray) -> float | None:
    """Mean absolute value of decibels, float (bands,), over the bands that are not NaN; None if all are."""
    distances = np.abs(decibels[np.isfinite(decibels)])
    return float(distances.mean()) if len(distances) else None


def _decibels(power: np.ndarray, reference: np.ndarray) -> np.ndarray:
    ratio = 10 * np.log10(np.maximum(power, 1e-12) / np.maximum(reference, 1e-12))
    return np.where(reference > NO_POWER, ratio, np.nan)


def _to_list(decibels: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in decibels.round(3).tolist()]
