"""gancli reconstruct: real images, to their codes and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, image_inputs
from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel

COLUMNS, PRINCIPAL = 10, 20_000  # images in the picture; training images to find components in

EPILOG = """\b
Examples:
  gancli reconstruct
  gancli reconstruct me.png you.jpg
  gancli reconstruct photos/ --run 3 --out pairs.png
  gancli reconstruct --count 1000 --no-pca --json

Each image is encoded and decoded, by a model with an encoder: autoencoder, vae, vaegan, alpha-gan. Without pictures
of your own the test images of the run's data. The mean squared error is of pixels in [0, 1]; beside it that of the
principal components of the training images, as many as z has numbers, the best that can be done without bending.
For a GAN without an encoder: gancli project."""


@click.command(epilog=EPILOG)
@image_inputs.options(most=10_000)
@click.option("--pca/--no-pca", default=True, show_default=True, help="Compare with principal components.")
@flags.out_option(".png: images, what is made of them, and principal components")
@flags.json_option
def command(choice: flags.RunChoice, asked: image_inputs.Asked, pca: bool, out: Path | None, as_json: bool) -> None:
    """Encode real images and decode them again, beside principal components of the same rank."""
    flags.need_ending(out, ".png")
    from gancli.cli import eval_options, opened_run
    from gancli.core import files
    from gancli.imaging import images, plots
    from gancli.inference import inversion
    from gancli.models.capabilities import Encoder

    chosen = opened_run.open_run(choice, ability=Encoder)
    shown = image_inputs.images(chosen, asked)
    pixels, rank = shown.pixels, chosen.model.z_size
    made = {"decoded": chosen.sampler.decode(inversion.encode(chosen.model, pixels, shown.labels), shown.labels)}
    made |= {f"PCA, {rank}": _principal(chosen, pixels, asked.place)} if pca else {}
    errors, *others = (((images.flat(pixels) - images.flat(row)) ** 2).mean(axis=1) for row in made.values())
    out = out or opened_run.fresh(chosen.run, f"reconstruct-{chosen.step:08}", ".png")
    few = shown.some(COLUMNS)
    titles = [shown.names[at] for at in few] if asked.paths else [""] * len(few)
    rows = [("image", list(zip(titles, pixels[few], strict=True)))]
    rows += [(kind, [("", image) for image in row[few]]) for kind, row in made.items()]
    files.atomic_write(out, plots.rows_of_images(rows))
    result = {"metric": "mean squared error of pixels in [0, 1]", "mean": float(errors.mean())}
    result |= {
        "psnr": float(np.mean(images.psnr_from_mse(errors))),
        "images": len(pixels),
        "of": shown.what,
        "rank": rank,
    }
    result |= {"rows": shown.rows} if shown.rows else {}
    result |= {"pca": float(others[0].mean())} if pca else {}
    result = eval_options.rounded(result) | chosen.about() | {"data": chosen.run.facts.name, "out": str(out)}
    if not asked.paths:
        eval_options.keep(chosen.run, "reconstruct", result)
    flags.report(result, _lines(result), as_json=as_json)


def _principal(chosen: TrainedModel, pixels: np.ndarray, place: flags.Place) -> np.ndarray:
    """What principal components of the images that were trained on make of these."""
    from gancli.evaluation.metrics import principal_components
    from gancli.imaging import images

    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    rows = np.random.default_rng(0).permutation(chosen.model.training_rows(dataset))[:PRINCIPAL]
    trained = images.flat(dataset.take(np.sort(rows)))
    rows = principal_components.rebuilt(trained, images.flat(pixels), chosen.model.z_size)
    return images.from_unit(rows.reshape(pixels.shape))


def _lines(result: dict[str, object]) -> list[str]:
    which, rows = ("some", f" ({result['rows']})") if "rows" in result else ("the first", "")
    lines = [
        f"{result['out']}: {which} of {result['images']:,} {result['of']}{rows}, from {result['rank']} numbers each",
        f"mean squared error {result['mean']:.5f} of pixels in [0, 1], PSNR {result['psnr']:.2f} dB",
    ]
    if "pca" in result:
        lines.append(f"principal components, {result['rank']} of the training images: {result['pca']:.5f}")
    return [*lines, f"step {result['step']:,} of {result['run']}, {result['weights']} weights"]
