"""gancli reconstruct: real images, to their codes and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.console import flags

if TYPE_CHECKING:
    import numpy as np

    from gancli.console.drawing import Drawing

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
@flags.images_argument
@flags.run_options
@click.option("--count", "most", type=click.IntRange(1), default=10_000, show_default=True, help="Test images at most.")
@click.option("--pca/--no-pca", default=True, show_default=True, help="Compare with principal components.")
@flags.class_option
@flags.out_option(".png: images, what is made of them, and principal components")
@flags.data_dir_option
@flags.json_option
def command(
    paths: tuple[Path, ...],
    choice: flags.RunChoice,
    most: int,
    pca: bool,
    label: str | None,
    out: Path | None,
    data_dir: str | None,
    as_json: bool,
) -> None:
    """Encode real images and decode them again, beside principal components of the same rank."""
    import json

    import numpy as np

    from gancli import files, images, inversion
    from gancli.abilities import Encoder
    from gancli.console import drawing, scoring

    flags.need_ending(out, ".png")
    chosen = drawing.open_run(choice, ability=Encoder)
    pixels, labels, names = chosen.images(paths, data_dir, most=most, label=label)
    again = chosen.sampler.decode(inversion.encode(chosen.model, pixels, labels), labels)
    rows = [("image", pixels), ("decoded", again)]
    if pca:
        rows.append((f"PCA, {chosen.model.z_size}", _principal(chosen, pixels, data_dir)))
    errors = {name: _errors(pixels, made) for name, made in rows[1:]}
    out = out or drawing.fresh(chosen.run, f"reconstruct-{chosen.step:08}", ".png")
    files.atomic_write(out, _figure(rows, names, is_named=bool(paths)))
    (_, found), *others = errors.items()
    result = {"metric": "mean squared error of pixels in [0, 1]", "mean": float(found.mean())}
    result |= {
        "psnr": float(np.mean(images.psnr_of(found))),
        "images": len(pixels),
        "of": "pictures" if paths else chosen.of_tests(names),
        "rank": chosen.model.z_size,
    }
    result |= {"pca": float(others[0][1].mean())} if others else {}
    result = scoring.rounded(result) | chosen.about() | {"data": chosen.run.facts.name, "out": str(out)}
    if not paths:
        files.atomic_write(chosen.run.path / "eval" / "reconstruct.json", json.dumps(result, indent=2) + "\n")
    flags.report(result, _text(result), as_json=as_json)


def _principal(chosen: Drawing, pixels: np.ndarray, data_dir: str | None) -> np.ndarray:
    """What principal components of the images that were trained on make of these."""
    import numpy as np

    from gancli import images
    from gancli.metrics import principal

    dataset = chosen.run.dataset(data_dir)
    rows = np.random.default_rng(0).permutation(chosen.model.training_rows(dataset))[:PRINCIPAL]
    trained = images.flat(dataset.take(np.sort(rows)))
    rows = principal.rebuilt(trained, images.flat(pixels), chosen.model.z_size)
    return images.from_unit(rows.reshape(pixels.shape))


def _errors(pixels: np.ndarray, made: np.ndarray) -> np.ndarray:
    """Mean squared errors by image, of pixels in [0, 1], float (count,)."""
    from gancli import images

    return ((images.flat(pixels) - images.flat(made)) ** 2).mean(axis=1)


def _figure(rows: list[tuple[str, np.ndarray]], names: list[str], *, is_named: bool) -> bytes:
    from gancli import plots

    titles = [name if is_named else "" for name in names[:COLUMNS]]
    return plots.rows_of_images(
        [
            (kind, list(zip(titles if kind == "image" else [""] * COLUMNS, made[:COLUMNS], strict=False)))
            for kind, made in rows
        ]
    )


def _text(result: dict[str, object]) -> str:
    lines = [
        f"{result['out']}: the first of {result['images']:,} {result['of']}, from {result['rank']} numbers each",
        f"mean squared error {result['mean']:.5f} of pixels in [0, 1], PSNR {result['psnr']:.2f} dB",
    ]
    if "pca" in result:
        lines.append(f"principal components, {result['rank']} of the training images: {result['pca']:.5f}")
    return "\n".join([*lines, f"step {result['step']:,} of {result['run']}, {result['weights']} weights"])
