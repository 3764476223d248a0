"""Are the images that `gancli sample --digit 7` keeps sevens? And those of a class in words? Asked of a network apart.

    python experiments/choosing.py --faces celeba.zip
    python experiments/choosing.py --only digits --run 3 --run 4

Models that take no labels draw seed after seed, and classifiers choose. For each class the first 200 images that are
kept are read by a network that took no part: of another architecture and another seed, trained here on the real images.
Before: one classifier that is 90 % sure, as gancli chose at first. After: as it chooses now, two classifiers with a
threshold that is found on images of the run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np
from commands import data_option, keep, table, train

COUNT, SEED, BATCH = 200, 77, 128
REPEAT = 50  # of sums
LEAST = 0.992  # of MNIST's test images, that the independent network must read right
MORE = 6  # epochs at most that it is trained longer, where it does not
RUNS = (["--model", "dcgan"], ["--model", "gan", "--steps", "10000"])
FACES = ["--model", "dcgan", "--image-size", "32", "--width", "32", "--learning-rate", "4e-4", "--steps", "3000"]
WORDS = ("man", "woman", "smiling", "smiling woman", "neutral man", "blond woman", "man without glasses")
SUMS = ("7 - 1 + 4", "smiling woman - neutral woman + neutral man")
Row = list[object]


class Independent:
    """A network that takes no part in choosing: wide filters, ELU, no norm, its own variations of the images.

    Attributes: `right`, on real images that it was not trained on: the share, or of attributes the mean over those that
    have it and those that have not, by attribute; `tested`, how many these are.
    """

    def __init__(self, dataset: object, kind: str, folder: Path) -> None:
        from gancli.core.backend import keras
        from gancli.evaluation import classifier
        from gancli.imaging import images

        self.kind, self.names = kind, dataset.classes if kind == "label" else dataset.attributes
        column = "label" if kind == "label" else "attributes"
        pixels, truth = classifier.held_out(dataset, kind)
        rows = (
            np.arange(len(dataset))
            if column in dataset.test
            else np.setdiff1d(np.arange(len(dataset)), classifier.unseen(dataset))
        )
        keras.utils.set_random_seed(SEED)
        self.layers = self._network(dataset.shape)
        path = folder / f"independent-{dataset.facts().fingerprint[:16]}.weights.h5"
        if path.exists():
            self.layers.load_weights(path)
        else:
            known = images.from_uint8(dataset.take(rows)), dataset.train[column][:][rows]
            epochs = 6 if kind == "label" else 12
            steps = epochs * -(-len(rows) // BATCH)
            self._learn(
                *known,
                epochs,
                keras.optimizers.schedules.CosineDecay(1e-6, steps, warmup_target=2e-3, warmup_steps=steps // 20),
            )
            rounds = MORE if kind == "label" else 0
            while rounds and self._read(pixels, truth) < LEAST:
                self._learn(*known, 1, 2e-4)
                rounds -= 1
            self.layers.save_weights(path)
        self.tested, self.right = len(pixels), self._read(pixels, truth)

    def _learn(self, pixels: np.ndarray, truth: np.ndarray, epochs: int, rate: object) -> None:
        from gancli.core.backend import keras

        losses = keras.losses
        loss = losses.SparseCategoricalCrossentropy if self.kind == "label" else losses.BinaryCrossentropy
        self.layers.compile(keras.optimizers.Adam(rate), loss=loss(from_logits=True))
        self.layers.fit(pixels, truth, batch_size=BATCH, epochs=epochs, verbose=0)

    def _read(self, pixels: np.ndarray, truth: np.ndarray) -> object:
        """What `right` says."""
        seen = self.logits(pixels)
        if self.kind == "label":
            return float((seen.argmax(axis=1) == truth).mean())
        from sklearn.metrics import balanced_accuracy_score

        pairs = zip(self.names, truth.T, seen.T > 0, strict=True)
        return {name: float(balanced_accuracy_score(is_there, read)) for name, is_there, read in pairs}

    def _network(self, shape: tuple[int, int, int]) -> object:
        from gancli.core.backend import keras

        layers, elu = keras.layers, "elu"
        net = [
            keras.Input(shape),
            layers.RandomTranslation(0.1, 0.1, fill_mode="constant", fill_value=-1, seed=11),
            layers.RandomRotation(0.04, fill_mode="constant", fill_value=-1, seed=12),
        ]
        net += [layers.RandomFlip("horizontal", seed=15)] if self.kind == "attributes" else []
        net += [layers.Conv2D(32, 5, 2, padding="same", activation=elu)] if shape[0] >= 48 else []
        for maps in (24, 48):
            net += [layers.Conv2D(maps, 5, padding="same", activation=elu), layers.MaxPooling2D(2)]
        net += [layers.Conv2D(64, 3, activation=elu), layers.Flatten(), layers.Dropout(0.5, seed=13)]
        net += [layers.Dense(200, activation=elu), layers.Dropout(0.5, seed=14), layers.Dense(len(self.names))]
        return keras.Sequential(net)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, outputs)."""
        from gancli.imaging import images

        return self.layers.predict(images.from_uint8(pixels), batch_size=BATCH, verbose=0)

    def agrees(self, concept: object, pixels: np.ndarray) -> float:
        """The share of images that it reads as the concept."""
        seen = self.logits(pixels)
        if self.kind == "label":
            return float((seen.argmax(axis=1) == next(iter(concept.wanted))).mean())
        return float(concept.shown(1 / (1 + np.exp(-seen.astype(float)))).mean())


def chosen(path: str, data_dir: str | None) -> object:
    """A run opened for drawing."""
    from gancli.cli.opened_run import TrainedModel
    from gancli.runs.run import Run

    return TrainedModel(Run(Path(path)), "last", None)


def compare(drawing: object, texts: tuple[str, ...], judge: Independent, data_dir: str | None) -> list[Row]:
    """A row for each text: what the independent network agrees with and the share kept, before and after."""
    from gancli.cli.flags import Place
    from gancli.data import attribute_query
    from gancli.inference.sampling import Sure, rejection_sample

    asked = [attribute_query.read(text, drawing.run.facts) for text in texts]
    selector = drawing.selector(Place(data_dir), asked[0])
    plain, rows, spent = Sure(selector.panel.auditor.classifier), [], 0.0
    for text, concept in zip(texts, asked, strict=True):
        before = _or_none(lambda: rejection_sample(drawing.sampler, concept, COUNT, plain))  # noqa: B023 (at once)
        start = time.monotonic()
        rule = selector.rule(concept)
        after = _or_none(lambda: rejection_sample(drawing.sampler, concept, COUNT, selector))  # noqa: B023
        spent = time.monotonic() - start
        rows.append([text, *_told(before, judge, concept), *_told(after, judge, concept)])
        rows[-1] += [f"{rule.threshold:.4f}", "—" if rule.error is None else f"{rule.error:.1%}", f"{rule.bound:.1%}"]
        rows[-1] += [f"{rule.audited:,}", "yes" if rule.is_reached else "no", f"{spent:.0f}"]
        click.echo(" | ".join(map(str, rows[-1])), err=True)
    return rows


def _or_none(draw: Callable) -> object | None:
    from gancli.core.errors import CheckpointError

    try:
        return draw()
    except CheckpointError as error:  # it hardly makes any
        click.echo(str(error), err=True)
        return None


def _told(drawn: object | None, judge: Independent, concept: object) -> Row:
    if drawn is None:
        return ["hardly any", "—"]
    return [f"{judge.agrees(concept, drawn.pixels):.1%}", f"{len(drawn.seeds) / drawn.count:.1%}"]


def summed(drawing: object, text: str, judge: Independent, data_dir: str | None) -> list[Row]:
    """Of the terms of a sum, `REPEAT` times three seeds each: what the independent network agrees with."""
    from gancli.cli.flags import Place
    from gancli.inference import latent_arithmetic
    from gancli.inference.sampling import Sure

    asked = latent_arithmetic.read(text, drawing.run.facts)
    selector = drawing.selector(Place(data_dir), asked.words[0])
    rows = []
    ways = {"before": Sure(selector.panel.auditor.classifier), "after": selector}
    seeds = {how: asked.seeds(drawing.sampler, way, average=3, repeat=REPEAT) for how, way in ways.items()}
    for at, concept in enumerate(asked.meant):
        shares = []
        for held in seeds.values():
            used = [seed for terms in held for seed in terms[at]]
            shares.append(f"{judge.agrees(concept, drawing.sampler.seeds(used)):.1%}")
        rows.append([f"`{text}`", concept.spelled(drawing.run.facts), len(used), *shares])
    return rows


HEAD = ["asked for", "before: right", "kept", "after: right", "kept", "threshold", "estimated error", "at most (95 %)"]
HEAD += ["audited", "reached", "seconds"]
TERMS = ["sum", "term", "images", "before: right", "after: right"]


def report(runs: list[str], data: str, kind: str, texts: tuple[str, ...] | None, text: str) -> str:
    """Tables of several runs of one data set."""
    data_dir = os.environ.get("GANCLI_DATA")
    opened = [chosen(path, data_dir) for path in runs]
    dataset = opened[0].run.dataset(data_dir)
    judge = Independent(dataset, kind, Path(os.environ.get("GANCLI_OUTDIR", "runs")))
    if kind == "label":
        told = f"The independent network reads {judge.right:.2%} of {judge.tested:,} test images right."
        if judge.right < LEAST:
            raise click.ClickException(f"{told} {LEAST:.1%} were wanted")
    else:
        told = f"The independent network, on {judge.tested:,} images it was not trained on, balanced accuracy: "
        told += ", ".join(f"{name} {judge.right[name]:.1%}" for name in ("Male", "Smiling", "Eyeglasses", "Blond_Hair"))
    parts = [told]
    for drawing in opened:
        model = drawing.run.record["model"]
        options = drawing.run.config()
        parts.append(
            f"`{model}`, {drawing.step:,} steps (options: {options.steps or 'as usual'}); {COUNT} images each:"
        )
        parts.append(table(HEAD, compare(drawing, texts or dataset.classes, judge, data_dir)))
        parts.append(table(TERMS, summed(drawing, text, judge, data_dir)))
    return "\n\n".join(parts)


@click.command()
@data_option
@click.option("--faces", help="CelebA as it is handed out: a folder or zip with its list of attributes.")
@click.option("--only", type=click.Choice(["digits", "faces"]), help="One part alone.")
@click.option("--run", "runs", multiple=True, help="Folders of runs to use with --only, instead of those trained here.")
def main(data: str, faces: str | None, only: str | None, runs: tuple[str, ...]) -> None:
    """Train or find the runs, keep 200 images of each class, and ask a network that took no part."""
    if only in (None, "digits"):
        found = list(runs) or [train(f"mnist-{asked[1]}", asked, data)["path"] for asked in RUNS]
        keep("choosing", "digits", report(found, data, "label", None, SUMS[0]))
    if only == "faces" or (only is None and faces):
        found = list(runs) or [train("faces-small", FACES, faces)["path"]]
        keep("choosing", "faces", report(found, faces, "attributes", WORDS, SUMS[1]))


if __name__ == "__main__":
    main()
