"""gancli project: latent vectors or styles of real images, found by gradient descent."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, image_inputs, output
from gancli.cli.style_space import options as style_options

COLUMNS = 12

EPILOG = """\b
Examples:
  gancli project me.png
  gancli project a.png b.png --out pairs.png
  gancli project --num-images 10
  gancli project photos/ --steps 1000 --starts 32 --out codes.npz
  gancli project me.png --space w+              stylegan, stylegan2: styles

GAN inversion for models without an encoder: Adam minimizes the distance between the generated and the real image over z
(Lipton & Tripathi 2017; Zhu et al. 2016) from several starting points, and the best result is kept. Images that the
generator cannot produce are not found: a GAN trained on sevens reconstructs a four as its closest seven. `gancli
interpolate --from-images a.png b.png` interpolates between such z.

--space w finds one style, and w+ one for each style layer, which are closer to the image and further from what the
model generates (Abdal et al. 2019). The search starts at the mean style, with noise that falls to 0 (Karras et al.
2020, appendix D); the distance is that of pixels at several resolutions instead of LPIPS."""


@click.command(epilog=EPILOG)
@image_inputs.options(num_images=10)
@style_options.space("z", "w", "w+")
@click.option(
    "--steps", type=flags.IntRange(1, 100_000), help="Number of gradient steps.  [default: 300; 1,000 for styles]"
)
@click.option(
    "--starts", type=flags.IntRange(1, 1000), help="Number of starting points per image.  [default: 16; for z alone]"
)
@flags.out_option(".png images and reconstructions, .npz or .h5 arrays z (or w), names")
@flags.json_option
def command(
    choice: flags.RunChoice,
    inputs: image_inputs.ImageOptions,
    space: str,
    steps: int | None,
    starts: int | None,
    out: Path | None,
    as_json: bool,
) -> None:
    """Find z, or the styles, of real images by gradient descent."""
    flags.need_ending(out, ".png", ".npz", ".h5")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.imaging import plots
    from gancli.inference.image_files import sample_files
    from gancli.inference.latent_space import projection

    options = projection.ProjectOptions(space, starts, steps)
    options.check()
    trained = opened_run.open_run(choice, ability=options.ability)
    images = image_inputs.load(trained, inputs)
    found = projection.project(trained, images.pixels, images.labels, options)
    stem = f"project-{trained.step:08}" if space == "z" else f"project-{space}-{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    names, labels, errors = images.names, images.labels, found.errors
    if out.suffix.lower() == ".png":
        few = images.some(COLUMNS)
        of_images = [(names[at], images.pixels[at]) for at in few]
        decoded = zip(few, found.reconstructions(few), strict=True)
        of_reconstructions = [(f"{errors[at]:.4f}", image) for at, image in decoded]
        files.atomic_write(out, plots.rows_of_images([("image", of_images), ("reconstruction", of_reconstructions)]))
    else:
        classes, name = trained.run.facts.classes, space.removesuffix("+")
        sample_files.write_codes(out, found.vectors, names, labels=labels, classes=classes, name=name)
    listed = [[name, round(float(error), 6)] for name, error in zip(names, errors, strict=True)]
    result = trained.about() | {"out": str(out), "images": len(names), "mean": float(errors.mean())}
    result |= found.about | {"errors": listed}
    lines = [f"{out}: {space} of {len(names):,} images, by step {result['step']:,} of {result['run']}"]
    lines += [f"  {name}: {error:.5f}" for name, error in listed[:COLUMNS]]
    lines.append(f"mean squared error {result['mean']:.5f} of pixels in [0, 1]")
    output.report(result, lines, as_json=as_json)
