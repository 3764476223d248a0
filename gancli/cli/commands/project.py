"""gancli project: the latent vectors of real images, found by descent."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs

COLUMNS = 12

EPILOG = """\b
Examples:
  gancli project me.png
  gancli project a.png b.png --out pairs.png
  gancli project --count 10
  gancli project photos/ --steps 1000 --starts 32 --out codes.npz

For a model that has no encoder: z is moved, by Adam, until the image that it makes is as near as may be (Lipton &
Tripathi 2017; Zhu et al. 2016), from several starts, and the best is kept. What cannot be made is not found: a GAN of
sevens makes its nearest seven of a four. `gancli interpolate --images a.png b.png` walks between such z's."""


@click.command(epilog=EPILOG)
@image_inputs.options(most=10)
@click.option("--steps", type=click.IntRange(1, 100_000), default=300, show_default=True, help="Of the descent.")
@click.option("--starts", type=click.IntRange(1, 1000), default=16, show_default=True, help="z's to start from.")
@flags.out_option(".png images and what is made of them, .npz or .h5 arrays z, names")
@flags.json_option
def command(
    choice: flags.RunChoice, asked: image_inputs.Asked, steps: int, starts: int, out: Path | None, as_json: bool
) -> None:
    """Find the z that a run makes an image from, by descent."""
    flags.need_ending(out, ".png", ".npz", ".h5")
    from gancli.cli import opened_run, progress
    from gancli.core import files
    from gancli.imaging import plots
    from gancli.inference import inversion

    chosen = opened_run.open_run(choice)
    shown = image_inputs.images(chosen, asked)
    pixels, labels, names = shown.pixels, shown.labels, shown.names
    with progress.counting("images", len(pixels)) as told:
        found = inversion.project(chosen.model, pixels, labels, starts=starts, steps=steps, told=told)
    out = out or opened_run.fresh(chosen.run, f"project-{chosen.step:08}", ".png")
    if out.suffix.lower() == ".png":
        few = shown.some(COLUMNS)
        made = chosen.sampler.decode(found.z[few], None if labels is None else labels[few])
        of_images = [(names[at], pixels[at]) for at in few]
        of_made = [(f"{found.errors[at]:.4f}", image) for at, image in zip(few, made, strict=True)]
        files.atomic_write(out, plots.rows_of_images([("image", of_images), ("nearest", of_made)]))
    else:
        opened_run.write_codes(out, found.z, names, labels=labels, classes=chosen.run.facts.classes)
    errors = [[name, round(float(error), 6)] for name, error in zip(names, found.errors, strict=True)]
    result = chosen.about() | {"out": str(out), "images": len(pixels), "mean": float(found.errors.mean())}
    result |= {"starts": starts, "steps": steps, "errors": errors}
    lines = [f"{out}: the z's of {len(pixels):,} images by step {result['step']:,} of {result['run']}"]
    lines += [f"  {name}: {error:.5f}" for name, error in errors[:COLUMNS]]
    lines.append(f"mean squared error {result['mean']:.5f} of pixels in [0, 1]")
    flags.report(result, lines, as_json=as_json)
