"""gancli eval-spectrum: is there as much detail in samples as in real images?"""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import eval_options, flags, path_types, tables
from gancli.core.backend import np

NOTHING = 1e-11  # the power of flat images, by rounding, of pixels in [0, 1]: nothing to compare with

EPILOG = """\b
Examples:
  gancli eval-spectrum
  gancli eval-spectrum --out spectrum.png
  gancli eval-spectrum --images fakes.npz --data cifar10

The power of samples beside that of real images, from one wave across the image up to one in two pixels, an octave a
line: 0 dB is as much, less at the end is blur, more there is noise. The last column is the same of other real images.
The one number is the mean distance from 0 dB over the octaves."""


@click.command(epilog=EPILOG)
@eval_options.options(samples=2000)
@click.option("--out", type=path_types.OUTPUT, help="Also draw the spectra: a .png.")
def command(asked: eval_options.Asked, out: Path | None, as_json: bool) -> None:
    """Compare the power spectra of samples and of real images: sharpness, blur, noise."""
    flags.need_ending(out, ".png")
    from gancli.core import files
    from gancli.evaluation.metrics import spectrum
    from gancli.imaging import images, plots

    subject = eval_options.subject(asked)
    real, other = subject.real()
    found = {
        name: spectrum.radial(images.to_unit(pixels))
        for name, pixels in (("samples", subject.pixels), ("real", real.pixels), ("other real", other.pixels))
    }
    bands = spectrum.octaves(subject.dataset.shape[0])
    samples, truth, again = (spectrum.in_bands(values, bands) for values in found.values())
    result = {
        "metric": "power spectrum, dB beside real images",
        "mean_distance": _mean(_decibels(samples, truth)),
        "real_mean_distance": _mean(_decibels(again, truth)),
        "bands": [f"{low}-{high}" if low < high else str(low) for low, high in bands],
        "decibels": _rounded(_decibels(samples, truth)),
        "real_decibels": _rounded(_decibels(again, truth)),
        "reference": real.name,
        "rows": {"reference": real.rows, "other": other.rows},
    }
    if out is not None:
        files.atomic_write(out, plots.spectra(found))
        result["out"] = str(out)
    subject.report("spectrum", result, _lines(result, f"real: {real}; other real images: {other}"), as_json=as_json)


def _decibels(power: np.ndarray, beside: np.ndarray) -> np.ndarray:
    """float64 (bands,); NaN where the real images have nothing."""
    told = 10 * np.log10(np.maximum(power, 1e-12) / np.maximum(beside, 1e-12))
    return np.where(beside > NOTHING, told, np.nan)


def _mean(decibels: np.ndarray) -> float | None:
    told = np.abs(decibels[np.isfinite(decibels)])
    return float(told.mean()) if len(told) else None


def _rounded(decibels: np.ndarray) -> list[float | None]:
    return [None if value != value else value for value in decibels.round(3).tolist()]  # NaN is not itself


def _lines(result: dict[str, object], sets: str) -> list[str]:
    rows = [("waves across an image", "samples, dB", "real, dB")]
    for band, *values in zip(result["bands"], result["decibels"], result["real_decibels"], strict=True):
        rows.append((f"  {band}", *(tables.number(value, "+.2f") for value in values)))
    lines = tables.aligned(rows, least=11)
    ours, real = (tables.number(result[name], ".2f") for name in ("mean_distance", "real_mean_distance"))
    lines.append(f"mean distance from real images, dB: {ours}; of other real images: {real}")
    if None in result["decibels"]:
        lines.append("not defined: where the real images have no power to compare with")
    lines.append(sets)
    return lines
