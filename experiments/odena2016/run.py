"""Odena et al. 2016, arXiv:1610.09585: label accuracy and diversity, and the value of generated training sets.

    python -m experiments.odena2016.run

For each conditional model on MNIST: how often a classifier assigns the requested class, and MS-SSIM within classes (1:
identical images), Figure 6 of the paper. Then 1,000 labeled samples of each class train a classifier that is tested on
the real test images, beside one trained on as many real images.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click
import numpy as np

from experiments._harness import data_option, gancli, on_mnist, save, table

OUT = Path(__file__).parent
MODELS = ("cgan", "matching", "acgan", "dcgan-conditional")
PER_CLASS = 1000


def conditional(which: str, data: str) -> list[object]:
    """A model's row: label accuracy, diversity within classes, the least diverse class, minutes."""
    name, run = on_mnist(which, data)
    labels = gancli("eval-labels", "--run", name)
    within = gancli("eval-diversity", "--run", name)
    similarity, real = within["by_class"], within["real_by_class"]
    worst = max(similarity, key=similarity.get)
    gancli("sample", "--run", name, "--grid", "10x20", "--out", OUT / f"samples-{which}.png")
    return [
        f"`{which}`",
        f"{labels['share']:.1%}",
        f"{min(labels['by_class']):.1%}",
        f"{np.mean(list(similarity.values())):.3f} (real {np.mean(list(real.values())):.3f})",
        f"{similarity[worst]:.3f}: {worst} (real {real[worst]:.3f})",
        f"{run['last']['seconds'] / 60:.0f}",
    ]


def generated_sets(data: str) -> list[list[object]]:
    """Rows of classifiers: trained on generated and on real images, tested on real ones."""
    from gancli import data as sources

    real = sources.load(data, sources.Request(data_dir=os.environ.get("GANCLI_DATA")))
    labels = real.train["label"]
    rows = np.concatenate([np.flatnonzero(labels == label)[:PER_CLASS] for label in range(len(real.classes))])
    sets = {f"{len(rows):,} real images": {"image": real.take(rows), "label": labels[rows]}}
    with tempfile.TemporaryDirectory() as folder:
        for which in MODELS:
            run, _ = on_mnist(which, data)
            path = Path(folder) / f"{which}.npz"
            gancli("sample", "--run", run, "--per-class", PER_CLASS, "--out", path)
            with np.load(path) as made:
                sets[f"samples of `{which}`"] = {"image": made["images"], "label": made["labels"]}
    return [[title, f"{_accuracy(title, columns, real):.2%}"] for title, columns in sets.items()]


def _accuracy(title: str, columns: dict[str, np.ndarray], real: object) -> float:
    from gancli.data import Dataset
    from gancli.evaluation import classifier

    made = Dataset(title, columns, real.test, real.classes)
    return classifier.for_dataset(made, note=lambda text: click.echo(text, err=True)).accuracy


@click.command()
@data_option
@click.option("--only", type=click.Choice(["models", "sets"]), help="Run one half only.")
def main(data: str, only: str | None) -> None:
    """Score the conditional models and the training sets that they generate."""
    if only != "sets":
        head = ["model", "label accuracy", "lowest label accuracy of a class", "MS-SSIM within classes"]
        head += ["least diverse class", "minutes"]
        save("odena2016", "models", table(head, [conditional(which, data) for which in MODELS]))
    if only != "models":
        head = ["classifier trained on", "accuracy on 10,000 real test images"]
        save("odena2016", "sets", table(head, generated_sets(data)))


if __name__ == "__main__":
    main()
