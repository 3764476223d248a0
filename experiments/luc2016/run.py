"""Luc et al. 2016 (arXiv:1611.08408): semantic segmentation with a discriminator, on CamVid's 11 classes.

    python -m experiments.luc2016.run --data camvid.zip

Trains the standard and the adversarial network with three seeds and scores them on the test images. The paper's rows
refer to Stanford Background, which has other images and classes. As in its Figure 3, it also plots accuracy on training
and validation images over the training.
"""

from __future__ import annotations

import json
import tempfile
import zipfile
from pathlib import Path

import click
import numpy as np

from experiments._harness import gancli, save, table, train

OUT = Path(__file__).parent
COMMON = ["--model", "segmentation", "--steps", "3000", "--eval-every", "150"]
WAYS = {
    "standard": [],
    "adversarial, scaling": ["--adversarial-weight", "0.1", "--label-input", "scaling"],
}
MEANS = ("class_accuracy", "pixel_accuracy", "mean_iou")
PUBLISHED = {  # class accuracy, pixel accuracy, mean IoU, in percent
    "standard": (66.5, 73.3, 51.3),
    "adversarial": (68.7, 75.2, 54.3),
}
SHOWN = "test/0001TP_008550.png"


def measured(data: str, seeds: list[int]) -> dict[str, list[dict]]:
    """For each variant and seed: the run, and the scores of its last step on the test images."""
    found = {}
    for way, more in WAYS.items():
        for seed in seeds:
            run = train(f"luc2016-{way}", [*COMMON, *more, "--seed", str(seed)], data)
            scores = gancli("eval-segmentation", "--run", run["path"])
            found.setdefault(way, []).append({"run": run, "scores": scores})
    return found


def rows(found: dict[str, list[dict]]) -> list[list[object]]:
    """A row for each variant: mean and standard deviation over its seeds."""
    lines = []
    for way, runs in found.items():
        minutes = np.mean([one["run"]["last"]["seconds"] for one in runs]) / 60
        line = [way, f"`gancli train {' '.join([*COMMON, *WAYS[way]])}`", f"{minutes:.0f}"]
        for name in MEANS:
            values = 100 * np.array([one["scores"][name] for one in runs])
            spread = f" ± {values.std(ddof=1):.1f}" if len(values) > 1 else ""
            line.append(f"{values.mean():.1f}{spread} ({', '.join(f'{value:.1f}' for value in values)})")
        lines.append(line)
    return lines


def classes(found: dict[str, list[dict]]) -> str:
    """The IoU of each class, means over the seeds."""
    first = next(iter(found.values()))[0]["scores"]["classes"]
    lines = [[name, *(_mean_iou(runs, name) for runs in found.values())] for name in first]
    return table(["IoU, %", *found], lines)


def _mean_iou(runs: list[dict], name: str) -> str:
    return f"{100 * np.mean([one['scores']['classes'][name]['iou'] for one in runs]):.1f}"


def draw(found: dict[str, list[dict]]) -> None:
    """Class accuracy on training and validation images over the steps, means over the seeds."""
    from matplotlib.figure import Figure

    figure = Figure((7, 4), dpi=110, layout="constrained")
    axes = figure.subplots()
    for number, (way, runs) in enumerate(found.items()):
        for part, style in (("training", "-"), ("validation", "--")):
            curves = [_curve(Path(one["run"]["path"]), f"accuracy_{part}") for one in runs]
            steps, values = curves[0][0], np.mean([curve[1] for curve in curves], axis=0)
            axes.plot(steps, 100 * values, style, color=f"C{number}", label=f"{way}, {part}")
    axes.set(xlabel="step", ylabel="class accuracy, %")
    axes.legend(fontsize=8)
    figure.savefig(OUT / "overfitting.png")


def _curve(path: Path, name: str) -> tuple[list[int], list[float]]:
    records = [json.loads(line) for line in (path / "metrics.jsonl").read_text().splitlines()]
    there = [record for record in records if name in record]
    return [record["step"] for record in there], [record[name] for record in there]


def show(found: dict[str, list[dict]], data: str) -> None:
    """One test image, segmented by the first run of each variant."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(data) as archive:
        picture = Path(folder, "street.png")
        picture.write_bytes(archive.read(SHOWN))
        for way, runs in found.items():
            out = Path(folder, f"{way.replace(', ', '-')}.png")
            segmented = gancli("segment", picture, "--run", runs[0]["run"]["path"], "--out", out)
            (OUT / out.name).write_bytes(Path(segmented["pictures"][0]["shown"]).read_bytes())


@click.command()
@click.option("--data", required=True, metavar="PATH", help="CamVid in SegNet's layout.")
@click.option("--seeds", default="0,1,2", show_default=True, help="Seeds of each variant.")
def main(data: str, seeds: str) -> None:
    """Train with and without the discriminator, and compare."""
    found = measured(data, [int(seed) for seed in seeds.split(",")])
    lines = rows(found)
    lines += [[f"*published, Stanford: {name}*", "", "", *values] for name, values in PUBLISHED.items()]
    head = ["model", f"command, `--data {Path(data).name}`", "minutes"]
    head += ["class accuracy, %", "pixel accuracy, %", "mean IoU, %"]
    save("luc2016", "scores", table(head, lines) + "\n\n" + classes(found))
    draw(found)
    show(found, data)


if __name__ == "__main__":
    main()
