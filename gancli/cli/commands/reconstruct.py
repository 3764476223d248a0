"""gancli reconstruct: real images, encoded and decoded."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs, output

COLUMNS = 10  # images in the picture

EPILOG = """\b
Examples:
  gancli reconstruct
  gancli reconstruct me.png you.jpg
  gancli reconstruct photos/ --run 3 --out pairs.png
  gancli reconstruct --num-images 1000 --no-pca --json

Encodes and decodes images with a model that has an encoder (autoencoder, vae, vaegan, alpha-gan); test images of the
run's data if no files are given. Reports the mean squared error of pixels in [0, 1], compared with PCA of the training
images with as many components as z has dimensions, the best linear reconstruction. For a GAN without an encoder:
gancli project."""


@click.command(epilog=EPILOG)
@image_inputs.options(num_images=10_000)
@click.option("--pca/--no-pca", default=True, show_default=True, help="Compare with a PCA of the same dimension.")
@flags.out_option(".png with images, reconstructions and PCA")
@flags.json_option
def command(
    choice: flags.RunChoice, inputs: image_inputs.ImageOptions, pca: bool, out: Path | None, as_json: bool
) -> None:
    """Encode and decode real images, compared with PCA of the same dimension."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.evaluation import reconstruction, results
    from gancli.imaging import plots
    from gancli.models.capabilities import Encoder

    trained = opened_run.open_run(choice, ability=Encoder)
    real = image_inputs.load(trained, inputs)
    found = reconstruction.score(trained, real, trained.dataset(*inputs.place) if pca else None)
    out = out or opened_run.default_out(trained.run, f"reconstruct-{trained.step:08}", ".png")
    few = real.some(COLUMNS)
    titles = [real.names[at] for at in few] if inputs.paths else [""] * len(few)
    rows = [("image", list(zip(titles, real.pixels[few], strict=True)))]
    rows += [(kind, [("", image) for image in row[few]]) for kind, row in found.pixels.items()]
    files.atomic_write(out, plots.rows_of_images(rows))
    result = results.round_floats(found.to_dict()) | trained.about()
    result |= {"data": trained.run.facts.name, "out": str(out)}
    if not inputs.paths:
        results.save(trained.run, "reconstruct", result, note=output.note)
    output.report(result, _lines(result), as_json=as_json)


def _lines(result: dict[str, object]) -> list[str]:
    which, rows = ("some", f" ({result['rows']})") if "rows" in result else ("the first", "")
    lines = [
        f"{result['out']}: {which} of {result['images']:,} {result['of']}{rows}, from {result['rank']} dimensions",
        f"mean squared error {result['mean']:.5f} of pixels in [0, 1], PSNR {result['psnr']:.2f} dB",
    ]
    if "pca" in result:
        lines.append(f"PCA with {result['rank']} components of the training images: {result['pca']:.5f}")
    return [*lines, f"step {result['step']:,} of {result['run']}, {result['weights']} weights"]
