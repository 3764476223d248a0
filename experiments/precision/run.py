"""Does bfloat16 cost quality? DCGAN on MNIST, three seeds in each precision, with equal numbers of steps.

    python -m experiments.precision.run [--data mnist] [--steps 3000]

Writes experiments/precision/precision.md: the Fréchet distance of each run, mean and standard deviation for each
precision, and the training times.
"""

from __future__ import annotations

import click
import numpy as np

from experiments._harness import data_option, gancli, save, table, train

PRECISIONS, SEEDS = ("float32", "bfloat16"), (0, 1, 2)


@click.command()
@data_option
@click.option("--steps", default=3000, show_default=True)
def main(data: str, steps: int) -> None:
    """Train, score and compare."""
    rows = []
    for precision in PRECISIONS:
        distances, minutes = [], []
        for seed in SEEDS:
            name = f"{precision}-{steps}-{seed}"
            run = train(name, ["--model", "dcgan", "--precision", precision, "--steps", steps, "--seed", seed], data)
            distances.append(gancli("eval-fid", "--run", run["path"])["frechet"])
            minutes.append(run["last"]["seconds"] / 60)
        each = ", ".join(f"{distance:.2f}" for distance in distances)
        spread = f"{np.mean(distances):.2f} ± {np.std(distances, ddof=1):.2f}"
        rows.append((f"`--precision {precision}`", each, spread, f"{np.mean(minutes):.1f}"))
    save("precision", "precision", table(["option", "Fréchet distance", "mean", "minutes per run"], rows))


if __name__ == "__main__":
    main()
