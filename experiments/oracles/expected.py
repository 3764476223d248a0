"""Write tests/evaluation/inception_expected.json: features of other programs' networks, for tests without them.

    python -m experiments.oracles.expected --oracles PYTHON

Seeded weights and three small images; of each array, numbers at equal distances.
"""

from __future__ import annotations

import importlib.metadata
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path

import click
import numpy as np

from experiments.oracles import seeded
from experiments.oracles.torch_side import TAPS, ask
from gancli.evaluation.feature_extractors.inception import network, resizing

FILE = Path(__file__).resolve().parents[2] / "tests" / "evaluation" / "inception_expected.json"
SIZES = {"gray, 9 x 13": (9, 13, 1), "16 x 16": (16, 16, 3), "330 x 310": (330, 310, 3)}
KEPT = 12  # numbers of each array
DIGITS = 8


def keys() -> list[str]:
    """The arrays that are kept: resized pixels, and every tap."""
    resized = [f"{name}/{method}" for name in SIZES for method in resizing.METHODS]
    return [key for one in resized for key in (one, *(f"{one}/{tap}" for tap in TAPS))]


def kept(values: np.ndarray) -> np.ndarray:
    """Numbers at equal distances, of an array of any shape; never all of one channel."""
    flat = np.ravel(values)
    return flat[np.linspace(0, len(flat) - 1, KEPT).astype(int)]


def inputs() -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """The weights, and one image of each size."""
    return seeded.weights(network.expected_shapes()), {name: seeded.images(1, *size) for name, size in SIZES.items()}


def check_numbers(tensors: Mapping[str, np.ndarray], images: Mapping[str, np.ndarray]) -> list[float]:
    """Numbers that differ if another version of NumPy draws other weights or images."""
    sums = [float(np.abs(tensors[name]).sum(dtype=np.float64)) for name in ("fc.weight", "Mixed_7c.branch1x1.bn.bias")]
    return [round(value, 2) for value in [*sums, *(float(pixels.sum()) for pixels in images.values())]]


@click.command()
@click.option("--oracles", required=True, help="Python with the extra gancli[oracles].")
def main(oracles: str) -> None:
    """Compute and write the file."""
    tensors, images = inputs()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        np.savez(folder / "weights.npz", **tensors)
        np.savez(folder / "images.npz", **images)
        for job in ("weights", "features"):
            ask(oracles, job, folder)
        with np.load(folder / "features.npz") as file:
            values = {key: [float(f"{value:.{DIGITS}g}") for value in kept(file[key])] for key in keys()}
    made = {"made": f"python -m experiments.oracles.expected, NumPy {importlib.metadata.version('numpy')}"}
    content = made | {"sums": check_numbers(tensors, images), "values": values}
    lines = json.dumps(content, indent=1).replace(",\n   ", ", ").replace("[\n   ", "[").replace("\n  ]", "]")
    FILE.write_text(lines + "\n", encoding="utf-8")
    click.echo(f"{FILE.name}: {len(values)} arrays, {FILE.stat().st_size} bytes")


if __name__ == "__main__":
    main()
