"""gancli project: latent vectors of real images, found by gradient descent."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs, output

COLUMNS = 12

EPILOG = """\b
Examples:
  gancli project me.png
  gancli project a.png b.png --out pairs.png
  gancli project --num-images 10
  gancli project photos/ --steps 1000 --starts 32 --out codes.npz

GAN inversion for models without an encoder: Adam minimizes the distance between the generated and the real image over z
(Lipton & Tripathi 2017; Zhu et al. 2016) from several starting points, and the best result is kept. Images that the
generator cannot produce are not found: a GAN trained on sevens reconstructs a four as its closest seven. `gancli
interpolate --from-images a.png b.png` interpolates between such z."""


@click.command(epilog=EPILOG)
@image_inputs.options(num_images=10)
@click.option(
    "--steps", type=flags.IntRange(1, 100_000), default=300, show_default=True, help="Number of gradient steps."
)
@click.option(
    "--starts", type=flags.IntRange(1, 1000), default=16, show_default=True, help="Number of starting points per image."
)
@flags.out_option(".png images and reconstructions, .npz or .h5 arrays z, names")
@flags.json_option
def command(
    choice: flags.RunChoice, inputs: image_inputs.ImageOptions, steps: int, starts: int, out: Path | None, as_json: bool
) -> None:
    """Find z of real images by gradient descent."""
    flags.need_ending(out, ".png", ".npz", ".h5")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.imaging import plots
    from gancli.inference.image_files import sample_files
    from gancli.inference.latent_space import inversion

    trained = opened_run.open_run(choice)
    images = image_inputs.load(trained, inputs)
    pixels = images.pixels
    labels = images.labels
    names = images.names
    projection = inversion.project(trained.model, pixels, labels, starts=starts, steps=steps)
    out = out or opened_run.default_out(trained.run, f"project-{trained.step:08}", ".png")
    if out.suffix.lower() == ".png":
        few = images.some(COLUMNS)
        reconstructions = trained.sampler.decode(projection.z[few], None if labels is None else labels[few])
        of_images = [(names[at], pixels[at]) for at in few]
        of_reconstructions = [
            (f"{projection.errors[at]:.4f}", image) for at, image in zip(few, reconstructions, strict=True)
        ]
        files.atomic_write(out, plots.rows_of_images([("image", of_images), ("reconstruction", of_reconstructions)]))
    else:
        sample_files.write_codes(out, projection.z, names, labels=labels, classes=trained.run.facts.classes)
    errors = [[name, round(float(error), 6)] for name, error in zip(names, projection.errors, strict=True)]
    result = trained.about() | {"out": str(out), "images": len(pixels), "mean": float(projection.errors.mean())}
    result |= {"starts": starts, "steps": steps, "errors": errors}
    lines = [f"{out}: z of {len(pixels):,} images, by step {result['step']:,} of {result['run']}"]
    lines += [f"  {name}: {error:.5f}" for name, error in errors[:COLUMNS]]
    lines.append(f"mean squared error {result['mean']:.5f} of pixels in [0, 1]")
    output.report(result, lines, as_json=as_json)
