"""gancli eval-spectrum: is there as much detail in samples as in real images?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.console import flags, scoring

if TYPE_CHECKING:
    import numpy as np

EPILOG = """\b
Examples:
  gancli eval-spectrum
  gancli eval-spectrum --out spectrum.png
  gancli eval-spectrum --images fakes.npz --data cifar10

The power of samples beside that of real images, from one wave across the image up to one in two pixels, an octave a
line: 0 dB is as much, less at the end is blur, more there is noise. The last column is the same of other real images.
The one number is the mean distance from 0 dB over the octaves."""


@click.command(epilog=EPILOG)
@scoring.options(samples=2000)
@click.option("--out", type=click.Path(path_type=Path), help="Also draw the spectra: a .png.")
def command(asked: scoring.Asked, out: Path | None, as_json: bool) -> None:
    """Compare the power spectra of samples and of real images: sharpness, blur, noise."""
    import numpy as np

    from gancli import files, images, plots
    from gancli.metrics import spectrum

    flags.need_ending(out, ".png")
    subject = scoring.subject(asked)
    real, other = subject.real()
    found = {
        name: spectrum.radial(images.to_unit(pixels))
        for name, pixels in (("samples", subject.pixels), ("real", real.pixels), ("other real", other.pixels))
    }
    bands = spectrum.octaves(subject.dataset.shape[0])
    samples, truth, again = (spectrum.in_bands(values, bands) for values in found.values())
    result = {
        "metric": "power spectrum, dB beside real images",
        "mean_distance": float(np.abs(_decibels(samples, truth)).mean()),
        "real_mean_distance": float(np.abs(_decibels(again, truth)).mean()),
        "bands": [f"{low}-{high}" if low < high else str(low) for low, high in bands],
        "decibels": _decibels(samples, truth).round(3).tolist(),
        "real_decibels": _decibels(again, truth).round(3).tolist(),
        "reference": real.name,
    }
    if out is not None:
        files.atomic_write(out, plots.spectra(found))
        result["out"] = str(out)
    subject.report("spectrum", result, _text(result), as_json=as_json)


def _decibels(power: np.ndarray, beside: np.ndarray) -> np.ndarray:
    import numpy as np

    return 10 * np.log10(np.maximum(power, 1e-12) / np.maximum(beside, 1e-12))


def _text(result: dict[str, object]) -> str:
    lines = ["waves across an image   samples, dB   real, dB"]
    for band, value, real in zip(result["bands"], result["decibels"], result["real_decibels"], strict=True):
        lines.append(f"  {band:<22}{value:>+11.2f}{real:>+11.2f}")
    lines.append(
        f"mean distance from real images {result['mean_distance']:.2f} dB; of other real images "
        f"{result['real_mean_distance']:.2f} dB"
    )
    return "\n".join(lines)
