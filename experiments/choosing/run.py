"""Does `gancli sample --digit 7` keep sevens? An independent network judges digits, and classes in words.

    python -m experiments.choosing.run --faces celeba.zip
    python -m experiments.choosing.run --only digits --run 3 --run 4

Models without labels generate one seed after another, and classifiers filter the images. For each class, a network that
took no part judges the first 200 images kept. It has another architecture and another seed, and is trained here on real
images. Before: one classifier with 90 % confidence, as in the first version of gancli. After: the current filter, two
classifiers with a threshold found on images of the run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import click
import numpy as np

from experiments._harness import data_option, save, table, train

COUNT = 200
SEED = 77
BATCH = 128
REPEAT = 50  # sums
LEAST = 0.992  # required accuracy of the independent network on MNIST's test images
MORE = 6  # additional epochs at most until it is reached
RUNS = (["--model", "dcgan"], ["--model", "gan", "--preset", "keras-gan", "--steps", "10000"])
FACES = ["--model", "dcgan", "--image-size", "32", "--width", "32", "--learning-rate", "4e-4", "--steps", "3000"]
WORDS = ("man", "woman", "smiling", "smiling woman", "neutral man", "blond woman", "man without glasses")
SUMS = ("7 - 1 + 4", "smiling woman - neutral woman + neutral man")
Row = list[object]


class Independent:
    """An independent network: wide filters, ELU, no normalization, its own data augmentation.

    Attributes: `accuracy` on real images that it was not trained on; for attributes, the balanced accuracy of each.
    `tested`, the number of these images.
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
        self.tested, self.accuracy = len(pixels), self._read(pixels, truth)

    def _learn(self, pixels: np.ndarray, truth: np.ndarray, epochs: int, rate: object) -> None:
        from gancli.core.backend import keras

        losses = keras.losses
        loss = losses.SparseCategoricalCrossentropy if self.kind == "label" else losses.BinaryCrossentropy
        self.layers.compile(keras.optimizers.Adam(rate), loss=loss(from_logits=True))
        self.layers.fit(pixels, truth, batch_size=BATCH, epochs=epochs, verbose=0)

    def _read(self, pixels: np.ndarray, truth: np.ndarray) -> object:
        """Accuracy, or balanced accuracy by attribute."""
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

    def agrees(self, query: object, pixels: np.ndarray) -> float:
        """The share of images that it classifies as the query."""
        seen = self.logits(pixels)
        if self.kind == "label":
            return float((seen.argmax(axis=1) == next(iter(query.wanted))).mean())
        return float(query.matches(1 / (1 + np.exp(-seen.astype(float)))).mean())


def chosen(path: str, data_dir: str | None) -> object:
    """A trained model, ready for sampling."""
    from gancli.inference.trained_model import TrainedModel
    from gancli.runs.run import Run

    return TrainedModel(Run(Path(path)), "last", None)


def compare(model: object, texts: tuple[str, ...], judge: Independent, data_dir: str | None) -> list[Row]:
    """A row for each text: agreement of the independent network and the share kept, before and after."""
    from gancli.data.labels import attribute_query
    from gancli.evaluation.selection.run_classifiers import RunClassifiers
    from gancli.inference.sampling import ConfidenceSelector, rejection_sample

    queries = [attribute_query.parse(text, model.run.facts) for text in texts]
    selector = RunClassifiers(model, data_dir).selector(queries[0])
    plain = ConfidenceSelector(selector.auditor)
    rows = []
    spent = 0.0
    for text, query in zip(texts, queries, strict=True):
        before = _or_none(lambda: rejection_sample(model.sampler, query, COUNT, plain))  # noqa: B023 (at once)
        start = time.monotonic()
        rule = selector.rule(query)
        after = _or_none(lambda: rejection_sample(model.sampler, query, COUNT, selector))  # noqa: B023
        spent = time.monotonic() - start
        rows.append([text, *_agreement(before, judge, query), *_agreement(after, judge, query)])
        rows[-1] += [f"{rule.threshold:.4f}", "—" if rule.error is None else f"{rule.error:.1%}", f"{rule.bound:.1%}"]
        rows[-1] += [f"{rule.audited:,}", "yes" if rule.is_reached else "no", f"{spent:.0f}"]
        click.echo(" | ".join(map(str, rows[-1])), err=True)
    return rows


def _or_none(draw: Callable) -> object | None:
    from gancli.core.errors import CheckpointError

    try:
        return draw()
    except CheckpointError as error:  # the model hardly generates any
        click.echo(str(error), err=True)
        return None


def _agreement(samples: object | None, judge: Independent, query: object) -> Row:
    if samples is None:
        return ["too few", "—"]
    return [f"{judge.agrees(query, samples.pixels):.1%}", f"{len(samples.seeds) / samples.count:.1%}"]


def summed(model: object, text: str, judge: Independent, data_dir: str | None) -> list[Row]:
    """Agreement of the independent network on the terms of a sum, `REPEAT` times three seeds each."""
    from gancli.evaluation.selection.run_classifiers import RunClassifiers
    from gancli.inference.latent_space import latent_arithmetic
    from gancli.inference.sampling import ConfidenceSelector

    expression = latent_arithmetic.parse(text, model.run.facts)
    selector = RunClassifiers(model, data_dir).selector(expression.words[0])
    rows = []
    ways = {"before": ConfidenceSelector(selector.auditor), "after": selector}
    seeds = {how: expression.seeds(model.sampler, way, average=3, repeat=REPEAT) for how, way in ways.items()}
    for at, query in enumerate(expression.queries):
        shares = []
        for sums in seeds.values():
            used = [seed for terms in sums for seed in terms[at]]
            shares.append(f"{judge.agrees(query, model.sampler.seeds(used)):.1%}")
        rows.append([f"`{text}`", query.describe(model.run.facts), len(used), *shares])
    return rows


HEAD = ["class", "before: correct", "kept", "after: correct", "kept", "threshold", "estimated error"]
HEAD += ["upper bound (95 %)", "images audited", "target reached", "seconds"]
TERMS = ["sum", "term", "images", "before: correct", "after: correct"]


def report(runs: list[str], data: str, kind: str, texts: tuple[str, ...] | None, text: str) -> str:
    """Tables for several runs on one data set."""
    data_dir = os.environ.get("GANCLI_DATA")
    opened = [chosen(path, data_dir) for path in runs]
    dataset = opened[0].run.dataset(data_dir)
    judge = Independent(dataset, kind, Path(os.environ.get("GANCLI_OUTDIR", "runs")))
    if kind == "label":
        intro = f"The independent network classifies {judge.accuracy:.2%} of {judge.tested:,} test images correctly."
        if judge.accuracy < LEAST:
            raise click.ClickException(f"{intro} Expected: at least {LEAST:.1%}.")
    else:
        intro = f"The independent network, on {judge.tested:,} images it was not trained on, balanced accuracy: "
        intro += ", ".join(
            f"{name} {judge.accuracy[name]:.1%}" for name in ("Male", "Smiling", "Eyeglasses", "Blond_Hair")
        )
    parts = [intro]
    for model in opened:
        name, steps = model.run.record["model"], model.run.config().steps
        parts.append(f"`{name}`, {model.step:,} steps (options: {steps or 'default'}); {COUNT} images each:")
        parts.append(table(HEAD, compare(model, texts or dataset.classes, judge, data_dir)))
        parts.append(table(TERMS, summed(model, text, judge, data_dir)))
    return "\n\n".join(parts)


@click.command()
@data_option
@click.option("--faces", help="CelebA as distributed: folder or zip with its attribute list.")
@click.option("--only", type=click.Choice(["digits", "faces"]), help="Run one part only.")
@click.option("--run", "runs", multiple=True, help="Run folders to use with --only [default: runs trained here].")
def main(data: str, faces: str | None, only: str | None, runs: tuple[str, ...]) -> None:
    """Train or find the runs, filter 200 images per class, and let an independent network judge them."""
    if only in (None, "digits"):
        found = list(runs) or [train(f"mnist-{options[1]}", options, data)["path"] for options in RUNS]
        save("choosing", "digits", report(found, data, "label", None, SUMS[0]))
    if only == "faces" or (only is None and faces):
        found = list(runs) or [train("faces-small", FACES, faces)["path"]]
        save("choosing", "faces", report(found, faces, "attributes", WORDS, SUMS[1]))


if __name__ == "__main__":
    main()
