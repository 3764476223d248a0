"""The same samples by other recipes: reference, features, and the seed of the network."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from experiments._harness import table
from experiments.honest_scores._shared import dataset, distance, features, network, number, samples, shuffled
from gancli.evaluation.metrics import kid, precision_recall
from gancli.imaging import images

COUNT = 10_000


def part(run: Path) -> str:
    """A row for each recipe: the distance of the samples, and of other real images."""
    sampled, training = samples(run, 0, COUNT), shuffled("mnist")
    test = dataset("mnist").test["image"][:]
    accuracy = {seed: f"{network('mnist', seed).accuracy:.2%}" for seed in (0, 1)}
    spaces = {
        f"classifier, seed 0 ({accuracy[0]} correct)": features,
        f"classifier, seed 1 ({accuracy[1]} correct)": lambda pixels: features(pixels, seed=1),
        "pixels": images.flat,
    }
    rows = []
    for title, extract in spaces.items():
        fake, known, unseen = (extract(pixels) for pixels in (sampled, training[:COUNT], test))
        more = extract(training[COUNT : 2 * COUNT])
        for reference, name, other in ((unseen, "test images", known), (known, "training images", more)):
            found = [distance(one, reference) for one in (fake, other)]
            kids = [kid.distance(one, reference)[0] for one in (fake, other)]
            near = precision_recall.measures(reference, fake)
            row = [title, name, *map(number, found), *(f"{value:.4f}" for value in kids)]
            rows.append([*row, f"{near.precision:.3f}", f"{near.recall:.3f}"])
    head = ["features", "reference", "distance", "of real images", "KID", "KID of real images", "precision", "recall"]
    return f"{COUNT:,} samples of `dcgan`, and {COUNT:,} images of MNIST as reference.\n\n{table(head, rows)}"


def spread(runs: dict[str, Path], sets: int) -> str:
    """A row for each training: the distance over disjoint sets of seeds."""
    test = features(dataset("mnist").test["image"][:])
    rows, found = [], []
    for title, run in runs.items():
        values = [distance(features(samples(run, at * COUNT, COUNT)), test) for at in range(sets)]
        found.append(np.mean(values))
        rows.append([title, *(f"{value:.2f}" for value in values), number(values)])
    rows.append(["*the three trainings*", *[""] * sets, number(found)])
    head = ["training", *(f"seeds {at * COUNT:,}-{(at + 1) * COUNT - 1:,}" for at in range(sets)), "mean ± deviation"]
    return (
        f"Fréchet distance of {COUNT:,} samples to the test images, one training after another.\n\n{table(head, rows)}"
    )
