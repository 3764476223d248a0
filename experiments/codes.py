"""The lecture's ladder of codes: all ones, one-hot, real numbers, and then an encoder that finds the codes.

    python experiments/codes.py                      Fashion-MNIST
    python experiments/codes.py --data faces.zip

A network is made to turn the vector of all ones into one picture; then four one-hot codes into four, and sixteen codes
of four real numbers, drawn blindly, into sixteen. All come back, and between two of the blind codes there is nothing:
they say nothing of one another. An autoencoder finds its codes itself, for all images, also those it has not seen;
beside it stand principal components of the same rank.
"""

from __future__ import annotations

import click
import numpy as np
from commands import HERE, gancli, keep, table, train

from gancli import data
from gancli.core import files, latents
from gancli.core.backend import keras, tf
from gancli.imaging import images, plots
from gancli.nn.architectures import autoencoder
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

UNITS, STEPS, RATE = (256, 128), 3000, 1e-3
RANKS = (4, 32)
BETWEEN = 7  # pictures from one code to another


def learned(codes: np.ndarray, pixels: np.ndarray) -> tuple[keras.Model, float]:
    """A decoder that gives these images, uint8 (count, h, w, c), for these codes; its mean squared error in [0, 1]."""
    keras.utils.set_random_seed(0)
    network = Network(
        autoencoder.decoder(codes.shape[1], pixels.shape[1:], units=UNITS, last="tanh"), adam(RATE, beta1=0.9)
    )
    wanted, given = images.from_uint8(tf.constant(pixels)), tf.constant(codes)

    @tf.function
    def steps() -> tf.Tensor:
        error = 0.0
        for _ in tf.range(STEPS):
            error = minimize(network, loss=lambda: tf.reduce_mean((network(given) - wanted) ** 2) / 4.0)
        return error

    return network.model, float(steps())


def ladder(pixels: np.ndarray) -> tuple[list, list]:
    """The rows of the table and of the picture."""
    random, rows, drawn = np.random.default_rng(0), [], []
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
        drawn += [(f"{name}:\nwanted", [(title, image) for title, image in zip(titles, wanted, strict=False)])]
        drawn += [("made", [("", image) for image in made[shown]])]
        if name == "real numbers":
            way = latents.path(codes[:2], BETWEEN)
            drawn.append(("between\ntwo", [("", image) for image in images.to_uint8(decoder([way], training=False))]))
    return rows, drawn


@click.command()
@click.option("--data", "source", default="fashion_mnist", show_default=True, help="Images, by name or path.")
@click.option("--data-dir", envvar="GANCLI_DATA", help="Folder of the data.")
def main(source: str, data_dir: str | None) -> None:
    """Climb the ladder."""
    dataset = data.load(source, data.Request(data_dir=data_dir))
    rows, drawn = ladder(dataset.take(np.arange(16)))
    files.atomic_write(HERE / "codes" / "ladder.png", plots.rows_of_images(drawn))
    found = []
    for rank in RANKS:
        run = train(f"codes-{rank}", ["--model", "autoencoder", "--z-dim", rank], source)
        out = HERE / "codes" / f"reconstruct-{rank}.png"
        told = gancli("reconstruct", "--run", run["path"], "--out", out)
        found.append([rank, f"{told['mean']:.5f}", f"{told['pca']:.5f}", f"{run['last']['seconds'] / 60:.1f} min"])
    head = ["codes given", "images", "mean squared error, pixels in [0, 1]"]
    text = table(head, rows) + "\n\nThe autoencoder, on the test images:\n\n"
    keep("codes", "codes", text + table(["numbers in a code", "autoencoder", "principal components", "time"], found))


if __name__ == "__main__":
    main()
