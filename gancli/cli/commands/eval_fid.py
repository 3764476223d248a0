"""gancli eval-fid: distances between samples and real images in a feature space."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.cli import eval_options, path_types
from gancli.cli.commands import _distance_lines
from gancli.cli.style_space import options as style_options

if TYPE_CHECKING:
    from gancli.inference.style_space.truncation import Truncation

EPILOG = """\b
Examples:
  gancli eval-fid
  gancli eval-fid --run 3 --checkpoint best --json
  gancli eval-fid --features pixels --num-samples 5000
  gancli eval-fid --images fakes.npz --data mnist
  gancli eval-fid --features inception-2015 --reference train --num-samples 50000
  gancli eval-fid --features inception-2015 --stats cifar10.npz --num-samples 50000
  gancli eval-fid --truncation 0.7              stylegan, stylegan2: saved as eval/truncation-0.7/…
  gancli eval-fid --features ~/.cache/gancli/classifiers/0a1b….h5    a classifier from another machine

\b
Fréchet distance   between Gaussians fitted to both sets of features; 0 is best; falls as the number of samples grows
KID                unbiased kernel distance: mean and deviation over 100 subsets of 1,000 (or half the images)
precision, recall  share of samples inside the manifold of real images, and the reverse
density, coverage  similar to precision and recall, but more robust to outliers
label score        Inception score with this classifier, over ten splits: from 1 to the number of classes
at infinity        the Fréchet distance extrapolated to infinitely many samples (--fid-infinity)

Each score is printed beside that of other real images: the best value to expect. All sets have the size of the smallest
one, by a fixed draw that keeps the shares of the classes; `rows` in the JSON tells which. A class-conditional model is
sampled with the shares of the classes in the data. Compare scores only if features, reference images and their number
are the same.

Published FIDs are those of --features inception-2015: the score is then named FID, with its resizing and its number of
samples. Papers compare 50,000 samples with the training images (--reference train), or with statistics of them, mu and
sigma, in a file that pytorch-fid or clean-fid wrote (--stats), which give only the Fréchet distance."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=10_000)
@eval_options.distance_options
@style_options.truncation
@click.option("--save-stats", type=path_types.OUTPUT, metavar="FILE", help="File for the reference's statistics: .npz.")
def command(
    chosen: eval_options.EvalOptions,
    distances: Mapping[str, Any],
    truncation: Truncation | None,
    save_stats: Path | None,
    as_json: bool,
) -> None:
    """Score a run by FID, KID, precision and recall in a feature space."""
    from gancli.evaluation.sample_quality.fid_options import DistanceOptions, Distances

    checked = Distances.of(DistanceOptions(save_stats=save_stats, **distances))
    evaluated = eval_options.open_set(chosen.truncated(truncation))
    result = checked.score(evaluated)
    lines = _distance_lines.of(result)
    eval_options.report_set(evaluated, result.file_name, result.to_dict(), lines, as_json=as_json)
