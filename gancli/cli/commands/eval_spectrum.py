"""gancli eval-spectrum: power spectra of samples and real images."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, path_types, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.power_spectrum import SpectrumResult

EPILOG = """\b
Examples:
  gancli eval-spectrum
  gancli eval-spectrum --out spectrum.png
  gancli eval-spectrum --images fakes.npz --data cifar10

The power of samples relative to that of real images, by octave, from one cycle per image up to one cycle per two
pixels: 0 dB means equal power; at high frequencies a negative value means blur, a positive value noise. The last column
is the same for other real images. The summary is the mean distance from 0 dB over the octaves."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=2000)
@click.option("--out", type=path_types.OUTPUT, help="PNG file for a plot of the spectra.")
def command(chosen: eval_options.EvalOptions, out: Path | None, as_json: bool) -> None:
    """Compare the power spectra of samples and real images: sharpness, blur, noise."""
    flags.need_ending(out, ".png")
    from gancli.core import files
    from gancli.evaluation.sample_quality import power_spectrum
    from gancli.imaging import plots

    evaluated = eval_options.open_set(chosen)
    result = power_spectrum.score(evaluated)
    scores = result.to_dict()
    if out is not None:
        files.atomic_write(out, plots.spectra(result.spectra))
        scores["out"] = str(out)
    eval_options.report_set(evaluated, "spectrum", scores, _lines(result), as_json=as_json)


def _lines(result: SpectrumResult) -> list[str]:
    scores = result.to_dict()
    rows = [("cycles per image", "samples, dB", "real, dB")]
    for band, *values in zip(scores["bands"], scores["decibels"], scores["real_decibels"], strict=True):
        rows.append((f"  {band}", *(tables.number(value, "+.2f") for value in values)))
    lines = tables.aligned(rows, least=11)
    samples, real = (tables.number(scores[name], ".2f") for name in ("mean_distance", "real_mean_distance"))
    lines.append(f"mean distance from real images, dB: {samples}; of other real images: {real}")
    if None in scores["decibels"]:
        lines.append("not defined: octaves in which the real images have no power")
    lines.append(f"real images: {result.reference}; other real images: {result.other}")
    return lines
