"""What does each format hold? Every network for inference of all models, exported in each format and compared.

    python -m experiments.exports.run [--outdir FOLDER] [--steps 20]

Trains each model for a few steps on bundled or drawn data, exports its networks with `gancli export`, and writes
experiments/exports/exports.md: the largest difference between the file, computed by its own runtime, and gancli's
layers in float32. The trainings stay in the folder and are used again.
"""

from __future__ import annotations

import importlib.metadata
import tempfile
from pathlib import Path

import click
import numpy as np
from PIL import Image

from experiments._harness import save, table
from gancli.cli import main as command_line
from gancli.core.errors import GancliError
from gancli.inference.export import comparison, exporting, keras_format, networks
from gancli.inference.export.formats import FORMATS
from gancli.inference.trained_model import TrainedModel
from gancli.runs.run import Run

RUNTIMES = ("keras", "tensorflow", "onnxruntime", "tf2onnx", "onnx", "ai-edge-litert", "numpy")
COLUMNS = {  # title: format, and whether in half precision; and Keras, all files in one process
    "SavedModel": ("saved-model", False),
    "ONNX": ("onnx", False),
    "LiteRT": ("litert", False),
    "ONNX, float16": ("onnx", True),
}
NARROW = ["--width", "8"]
SUPER_RESOLUTION = ["--data", "glyphs:64", "--crop", "24", "--width", "8", "--batch-size", "4"]
CAPTIONED = ["--data", "glyphs:64", "--image-size", "32", *NARROW, "--text-units", "16", "--text-steps", "5"]
CAPTIONED += ["--style-steps", "5"]
MODELS = {  # a row's name: the model's options; DATA/ is the folder of drawn data
    **dict.fromkeys(
        ("dcgan", "lsgan", "wgan", "wgan-gp", "acgan", "alpha-gan", "vaegan", "bgan", "gogan", "infogan"), NARROW
    ),
    **dict.fromkeys(("stylegan", "stylegan2", "r3gan", "sngan"), NARROW),
    "dcgan --data glyphs": ["--data", "glyphs:64", "--image-size", "30", "--color", "rgb", *NARROW],
    "dcgan --conditional": ["--conditional", *NARROW],
    **{name: [] for name in ("gan", "ebgan", "f-gan", "goodfellow", "cgan", "vae", "autoencoder")},
    "vae --data glyphs": ["--data", "glyphs:128", "--image-size", "32", "--color", "rgb"],
    "autoencoder --network convolutional": ["--network", "convolutional", *NARROW],
    "matching": ["--data", "DATA/28.npz", *NARROW],
    "lapgan": ["--data", "DATA/28.npz", *NARROW],
    "lapgan --conditional": ["--conditional", "--sizes", "4,8", *NARROW],
    "toy": ["--data", "ring8"],
    "gan-cls": CAPTIONED,
    "gan-cls --text-encoder letters": [*CAPTIONED, "--text-encoder", "letters"],
    "skip-thoughts": ["--data", "DATA/sentences.txt", "--units", "16", "--word-size", "8"],
    "skip-thoughts --form combine": ["--data", "DATA/sentences.txt", "--units", "16", "--form", "combine"],
    "espcn": [*SUPER_RESOLUTION, "--scale", "3"],
    "srresnet": [*SUPER_RESOLUTION, "--depth", "2"],
    "srgan": [*SUPER_RESOLUTION, "--depth", "2", "--content", "pixels", "--pretrain-steps", "5"],
    "cyclegan": ["--data", "DATA/domains.npz", *NARROW, "--depth", "2"],
    "cyclegan --residual-output": ["--data", "DATA/domains.npz", *NARROW, "--depth", "2", "--residual-output"],
    "pix2pix": ["--data", "DATA/pairs", *NARROW],
    "segmentation": ["--data", "DATA/maps", *NARROW, "--crop", "32"],
    "segmentation --segmenter multiscale": [
        "--data",
        "DATA/maps",
        *NARROW,
        "--crop",
        "32",
        "--segmenter",
        "multiscale",
    ],
}


def draw(folder: Path) -> None:
    """Data that gancli does not bundle: 28 x 28 digits, two domains, pairs, label maps, sentences."""
    random = np.random.default_rng(0)
    maps = np.zeros((48, 32, 32), np.uint8)
    for one in maps:
        horizon, left = random.integers(10, 16), random.integers(0, 24)
        one[horizon:] = 1
        one[horizon + 2 : horizon + 9, left : left + 8] = 2
    colored = np.array([(90, 140, 230), (110, 110, 110), (200, 30, 30)], np.uint8)[maps]
    images = np.clip(colored + random.integers(-20, 21, colored.shape), 0, 255).astype(np.uint8)
    digits = random.integers(0, 256, (96, 28, 28), np.uint8)
    np.savez(folder / "28.npz", images=digits, labels=np.arange(96) % 10)
    for number, part in enumerate(8 * ["train", "train", "train", "train", "val", "test"]):
        there = {f"pairs/{part}A": images, f"pairs/{part}B": colored, f"maps/{part}": images, f"maps/{part}annot": maps}
        for place, pictures in there.items():
            (folder / place).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pictures[number]).save(folder / place / f"{number:03}.png")
    (folder / "maps" / "classes.txt").write_text("0 sky 90 140 230\n1 road 110 110 110\n2 car 200 30 30\n")
    night = np.arange(48) % 2 == 1
    domains = np.where(night[:, None, None, None], images // 3, images)
    np.savez(folder / "domains.npz", images=domains, labels=night.astype(int), classes=["day", "night"])
    words = [
        f"{size} {color} {thing}" for size in ("big", "small") for color in ("red", "blue") for thing in ("car", "road")
    ]
    lines = [f"A {random.choice(words)} follows a {random.choice(words)}." for _ in range(200)]
    (folder / "sentences.txt").write_text("\n".join(lines), encoding="utf-8")


def train(name: str, outdir: Path, steps: int) -> Run:
    """The run of a row, trained if it is not there."""
    model, *_ = name.split()
    label = "".join(letter if letter.isalnum() else "" for letter in name)
    found = sorted(outdir.glob(f"?????-{model}-*-run{label}"))
    if not found:
        options = [word.replace("DATA", str(outdir)) for word in MODELS[name]]
        options = options if "--data" in options else ["--data", "digits", *options]
        words = [
            "train",
            "--model",
            model,
            *options,
            "--steps",
            steps,
            "--outdir",
            outdir,
            "--name",
            f"run{label}",
            "-q",
        ]
        command_line.cli.main([*map(str, words), "--sample-every", str(steps)], standalone_mode=False)
        found = sorted(outdir.glob(f"?????-{model}-*-run{label}"))
    return Run(found[-1])


def row(name: str, trained: TrainedModel, network: str, folder: Path) -> tuple[list[str], tuple]:
    """The largest difference in each format but Keras', or the layer that it does not hold; a .keras file to open."""
    found = networks.find(trained.model, network)
    inputs = comparison.cases(trained.model, found)
    path = folder / f"{len(list(folder.iterdir()))}.keras"
    keras_format.write(found, path, {})
    cells = [f"`{name}`", f"`{network}`"]
    for at, (kind, half) in enumerate(COLUMNS.values()):
        with tempfile.TemporaryDirectory() as place:
            try:
                out = Path(place, f"{at}{FORMATS[kind].ending}")
                result = exporting.export_network(trained, out, kind, network=network, half=half)
                cells.append(f"{result.difference:.1e}")
            except GancliError as error:
                click.echo(f"{name}, {network}: {error}", err=True)
                cells.append(f"no: {str(error).partition('layer ')[2].partition(' of network')[0] or error}")
    return cells, (path, inputs, comparison.reference(found, inputs))


@click.command()
@click.option("--outdir", type=click.Path(path_type=Path), default="runs/exports", show_default=True)
@click.option("--steps", default=20, show_default=True)
@click.option("--only", multiple=True, help="Row to compute (repeatable).  [default: all]")
def main(outdir: Path, steps: int, only: tuple[str, ...]) -> None:
    """Train, export and compare."""
    outdir.mkdir(parents=True, exist_ok=True)
    draw(outdir)
    rows, jobs = [], []
    with tempfile.TemporaryDirectory() as folder:
        for name in only or MODELS:
            trained = TrainedModel(train(name, outdir, steps))
            levels = [one for one in trained.model.networks if one.startswith("generator-")]
            for network in [*trained.model.inference_networks, *levels]:
                cells, job = row(name, trained, network, Path(folder))
                rows.append(cells)
                jobs.append(job)
                click.echo(" | ".join(cells), err=True)
        opened = keras_format.compute_all([(path, inputs) for path, inputs, _ in jobs])
    for cells, theirs, (_, _, ours) in zip(rows, opened, jobs, strict=True):
        cells.insert(2, f"{comparison.difference(ours, theirs):.1e}")
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in RUNTIMES)
    text = f"Opened and compared with {versions}, on batches of 1, 3 and 8."
    head = ["model", "network", "Keras", *COLUMNS]
    save("exports", "exports", f"{text}\n\n{table(head, rows)}", update=bool(only))


if __name__ == "__main__":
    main()
