"""A decoder trained on fixed codes (an exercise of gmlove/leifeng_course), and an encoder that finds the codes.

    python -m experiments.codes.run                      Fashion-MNIST
    python -m experiments.codes.run --data faces.zip

A network learns to map the vector of all ones to one image, four one-hot codes to four images, and sixteen random codes
of four real numbers to sixteen. All are reproduced, but interpolations between random codes are meaningless, since the
codes carry no information about one another. An autoencoder finds its codes itself, also for unseen images. It is
compared with principal components of the same rank.
"""

from __future__ import annotations

from pathlib import Path

import click
import numpy as np

from experiments._harness import gancli, save, table, train
from gancli import data
from gancli.core import files
from gancli.core.backend import keras, tf
from gancli.imaging import images, plots
from gancli.nn import latents
from gancli.nn.architectures import autoencoder
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

OUT = Path(__file__).parent
UNITS = (256, 128)
STEPS = 3000
RATE = 1e-3
RANKS = (4, 32)
BETWEEN = 7  # images from one code to another


def learned(codes: np.ndarray, pixels: np.ndarray) -> tuple[keras.Model, float]:
    """A decoder that maps these codes to these images, uint8 (count, h, w, c), and its MSE in [0, 1]."""
    keras.utils.set_random_seed(0)
    network = Network(
        autoencoder.decoder(codes.shape[1], pixels.shape[1:], units=UNITS, last="tanh"), adam(RATE, beta1=0.9)
    )
    wanted, inputs = images.from_uint8(tf.constant(pixels)), tf.constant(codes)

    @tf.function
    def steps() -> tf.Tensor:
        error = 0.0
        for _ in tf.range(STEPS):
            error = minimize(network, loss=lambda: tf.reduce_mean((network(inputs) - wanted) ** 2) / 4.0)
        return error

    return network.model, float(steps())


def ladder(pixels: np.ndarray) -> tuple[list, list]:
    """The rows of the table and of the figure."""
    random = np.random.default_rng(0)
    rows = []
    panels = []
    rungs = {
        "all ones": np.ones((1, 4)),
        "one-hot": np.eye(4),
        "real numbers": random.uniform(0, 10, (16, 4)).round(1),  # such as 3.3, 4.5, 2.1, 9.8
    }
    for name, codes in rungs.items():
        codes = codes.astype(np.float32)
        wanted = pixels[: len(codes)]
        decoder, error = learned(codes, wanted)
        made = images.to_uint8(decoder([codes], training=False))
        rows.append([name, len(codes), f"{error:.6f}"])
        shown = slice(0, BETWEEN)
        titles = ["(" + ", ".join(f"{number:g}" for number in code) + ")" for code in codes[shown]]
        panels += [(f"{name}:\ntarget", [(title, image) for title, image in zip(titles, wanted, strict=False)])]
        panels += [("decoded", [("", image) for image in made[shown]])]
        if name == "real numbers":
            way = latents.path(codes[:2], BETWEEN)
            panels.append(
                ("inter-\npolated", [("", image) for image in images.to_uint8(decoder([way], training=False))])
            )
    return rows, panels


@click.command()
@click.option("--data", "source", default="fashion_mnist", show_default=True, help="Name or path of image data.")
@click.option("--data-dir", envvar="GANCLI_DATA", help="Data folder.")
def main(source: str, data_dir: str | None) -> None:
    """Train decoders on fixed codes, then autoencoders."""
    dataset = data.load(source, data.Request(data_dir=data_dir))
    rows, panels = ladder(dataset.take(np.arange(16)))
    files.atomic_write(OUT / "ladder.png", plots.rows_of_images(panels))
    found = []
    for rank in RANKS:
        run = train(f"codes-{rank}", ["--model", "autoencoder", "--z-dim", rank], source)
        out = OUT / f"reconstruct-{rank}.png"
        errors = gancli("reconstruct", "--run", run["path"], "--out", out)
        found.append([rank, f"{errors['mean']:.5f}", f"{errors['pca']:.5f}", f"{run['last']['seconds'] / 60:.1f} min"])
    head = ["codes", "images", "mean squared error, pixels in [0, 1]"]
    text = table(head, rows) + "\n\nAutoencoders on the test images:\n\n"
    save("codes", "codes", text + table(["code size", "autoencoder", "PCA", "time"], found))


if __name__ == "__main__":
    main()
