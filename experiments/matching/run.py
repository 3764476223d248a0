"""The conditional GAN with a matching-aware discriminator of gmlove/leifeng_course: label accuracy and mode collapse.

    python -m experiments.matching.run

The course reports good digits at 3,000 steps and similar images within a label from 5,000 on. Writes for 3,000, 5,000
and 8,000 steps: label accuracy, MS-SSIM within classes and overall (1: identical images), the discriminator's outputs,
and sample images.
"""

from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np

from experiments._harness import data_option, gancli, on_mnist, save, table

OUT = Path(__file__).parent
STEPS = (3000, 5000, 8000)


def row(name: str, step: int, outputs: dict[str, float]) -> list[object]:
    """The scores of a checkpoint."""
    chosen = ["--run", name, "--checkpoint", step]
    labels = gancli("eval-labels", *chosen)["share"]
    diversity = gancli("eval-diversity", *chosen)
    within, real = (np.mean(list(diversity[key].values())) for key in ("by_class", "real_by_class"))
    gancli("sample", *chosen, "--grid", "10x10", "--out", OUT / f"samples-{step}.png")
    shown = [f"{outputs[key]:.2f}" for key in ("p_real", "p_wrong", "p_fake")]
    return [
        f"{step:,}",
        f"{labels:.1%}",
        f"{within:.3f} (real {real:.3f})",
        f"{diversity['overall']['mean']:.3f}",
        *shown,
    ]


@click.command()
@data_option
def main(data: str) -> None:
    """Train the matching-aware model and score it at 3,000, 5,000 and 8,000 steps."""
    name, run = on_mnist("matching", data)
    lines = (Path(run["path"]) / "metrics.jsonl").read_text(encoding="utf-8").splitlines()
    records = {record["step"]: record for record in map(json.loads, lines)}
    head = ["steps", "label accuracy", "MS-SSIM within classes", "MS-SSIM overall", "p_real", "p_wrong", "p_fake"]
    save("matching", "matching", table(head, [row(name, step, records[step]) for step in STEPS]))


if __name__ == "__main__":
    main()
