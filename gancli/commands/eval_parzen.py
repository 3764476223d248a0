"""gancli eval-parzen: the score of the 2014 paper."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gancli.console import flags

PUBLISHED = {"DBN": "138 ± 2", "Stacked CAE": "121 ± 1.6", "Deep GSN": "214 ± 1.1", "Adversarial nets": "225 ± 2"}
VALIDATION, HELD_OUT = 1000, 10_000  # the first 1,000 of the last 10,000 training images: the authors' code

EPILOG = """\b
Examples:
  gancli eval-parzen
  gancli eval-parzen --run 3 --samples 10000 --json

The protocol of Goodfellow et al. 2014: samples as the centres of Gaussians, pixels in [0, 1], sigma from
logspace(-1, 0, 10) chosen on the first 1,000 of the last 10,000 training images, mean log-likelihood of the test
images in nats and its standard error. It does not tell good images from bad: 500 k-means centroids of MNIST score
245, above the published GAN."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--samples", type=click.IntRange(2, 1_000_000), default=10_000, show_default=True, help="Images drawn.")
@flags.data_dir_option
@flags.json_option
def command(
    run_name: str | None, outdir: Path, checkpoint: str, samples: int, data_dir: str | None, as_json: bool
) -> None:
    """Score a run by Parzen windows, as published in 2014."""
    from gancli import files, images
    from gancli.console import drawing
    from gancli.errors import DataError
    from gancli.metrics import parzen

    chosen = drawing.open_run(run_name, outdir, checkpoint)
    dataset = chosen.run.dataset(data_dir)
    if "image" not in dataset.test:
        raise DataError(f"the data set '{dataset.name}' has no test split to score on")
    held_out = min(HELD_OUT, len(dataset) // 5)
    start = len(dataset) - held_out
    splits = (
        chosen.sampler.seeds(list(range(samples))),
        dataset.train["image"][start : start + min(VALIDATION, held_out)],
        dataset.test["image"],
    )
    found = parzen.score(*(images.to_unit(split).reshape(len(split), -1) for split in splits))
    if found.at_edge:
        flags.note(
            f"warning: the best sigma, {found.sigma:g}, lies on the edge of the grid: the score is a lower bound"
        )
    result = {
        "metric": "Parzen window log-likelihood, nats",
        "mean": round(found.mean, 3),
        "standard_error": round(found.standard_error, 3),
        "sigma": round(found.sigma, 6),
        "samples": samples,
        "seeds": f"0-{samples - 1}",
        "validation_images": len(splits[1]),
        "test_images": len(splits[2]),
        "data": dataset.name,
        "run": str(chosen.run.path),
        "step": chosen.step,
    }
    files.atomic_write(chosen.run.path / "eval" / "parzen.json", json.dumps(result, indent=2) + "\n")
    flags.report(result, _text(result), as_json=as_json)


def _text(result: dict[str, object]) -> str:
    lines = [
        f"{result['mean']:.1f} ± {result['standard_error']:.1f} nats: mean log-likelihood of {result['test_images']:,} "
        f"test images of '{result['data']}'",
        f"{result['samples']:,} samples (seeds {result['seeds']}) of step {result['step']:,} of {result['run']}; sigma "
        f"{result['sigma']:.3f}, chosen on {result['validation_images']:,} images of the training set",
    ]
    if result["data"] == "mnist":
        lines.append("published on MNIST: " + ", ".join(f"{name} {score}" for name, score in PUBLISHED.items()))
    return "\n".join([*lines, "It does not tell good images from bad: 500 k-means centroids score above a GAN."])
