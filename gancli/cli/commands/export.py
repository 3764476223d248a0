"""gancli export: a network of a run as a file for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types
from gancli.inference.export.formats import FORMATS

EPILOG = """\b
Examples:
  gancli export --format onnx                        the generator of the latest run
  gancli export --format onnx --out digits.onnx --run 3
  gancli export --format keras --out g.keras         for keras.saving.load_model, without gancli
  gancli export --format saved-model --out g         a folder for TensorFlow
  gancli export --format litert --float16 --out g.tflite
  gancli export --format onnx --network encoder --out encoder.onnx     vae, autoencoder and others
  gancli export --format onnx --network discriminator --out d.onnx

The network computes what gancli's own command does: an image in [-1, 1] from z, z from an image, an upscaled or
translated image, probabilities of classes. Its layers are Keras' own, in float32, with the weights of the checkpoint;
the size of batches is free, and so are height and width for super-resolution, translation and segmentation.

The file is opened again by its own runtime (keras: in a process without gancli) and compared with gancli's layers in
float32, on seeded inputs in several sizes; the largest difference is printed. Beyond 1e-4 nothing is written, and the
layer at fault is named. --float16 halves the file: weights are stored in half precision, and differences of up to 0.02
are accepted.

The file holds what is needed to use it: inputs and outputs, the range of pixels, the classes, the prior of z and how
numpy makes z from a seed, the vocabulary of text networks. ONNX: metadata key `gancli`; .keras and .tflite: file
gancli.json in the ZIP archive; SavedModel: assets.extra/gancli.json."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--format",
    "kind",
    type=click.Choice([*FORMATS], case_sensitive=False),
    required=True,
    help="File format.",
)
@click.option("--network", metavar="NAME", help="Network to export.  [default: the model's main one for inference]")
@click.option("--float16", "half", is_flag=True, help="Store weights in half precision (keras, onnx, litert).")
@click.option("--out", type=path_types.OUTPUT, help="Output file, or new folder.  [default: export/ in the run]")
@flags.json_option
def command(
    choice: flags.RunChoice, kind: str, network: str | None, half: bool, out: Path | None, as_json: bool
) -> None:
    """Export a network for Keras, TensorFlow, ONNX Runtime or LiteRT."""
    FORMATS[kind].check(out, half=half)
    from gancli.cli import opened_run
    from gancli.inference.export.exporting import export_network

    FORMATS[kind].module()
    trained = opened_run.open_run(choice, ability=None)
    out = out or _default_out(trained.run, kind, network or next(iter(trained.outline.inference_networks)))
    result = export_network(trained, out, kind, network=network, half=half)
    about = result.about
    lines = [f"{out}: {about['network']} of step {trained.step:,} of {trained.run.path}, {about['weights']} weights"]
    lines += [f"input {_tensor(one)}" for one in about["inputs"]] + [
        f"output {_tensor(one)}" for one in about["outputs"]
    ]
    batches = ", ".join(map(str, result.batches))
    lines.append(
        f"{result.size / 1e6:,.2f} MB, largest difference from gancli {result.difference:.1e} "
        f"({result.runtime}, batches of {batches})"
    )
    output.report(trained.about() | result.to_mapping(), lines, as_json=as_json)


def _default_out(run: object, kind: str, network: str) -> Path:
    """A new path in the run's folder: export/generator.onnx, export/generator-2.onnx, …"""
    numbers = ["", *(f"-{number}" for number in range(2, 10_000))]
    ending = FORMATS[kind].ending or "-saved-model"
    return run.new_path(f"export/{network}{number}{ending}" for number in numbers)


def _tensor(one: dict[str, object]) -> str:
    """Name, dtype, shape and meaning of an input or output."""
    shape = ", ".join("any" if size is None else str(size) for size in one["shape"])
    return f"{one['name']}: {one['dtype']} ({shape})" + (f", {one['meaning']}" if "meaning" in one else "")
