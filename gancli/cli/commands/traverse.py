"""gancli traverse: one coordinate of z, and the attribute that correlates with it."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output
from gancli.cli.commands import _traversal_lines

EPILOG = """\b
Examples:
  gancli traverse                              the coordinates with the largest correlations, one row each
  gancli traverse --coordinate 5 --seeds 0-7   one coordinate, one row per seed
  gancli traverse --of Smiling                 the coordinate that correlates most with an attribute or class
  gancli traverse --plane                      a grid over a two-dimensional latent space
  gancli traverse --code c1                    a code of infogan; all of them without --code

One coordinate of z goes from -3 to 3 (uniform prior: -1 to 1) while the others are fixed. Pearson's r tells which
attribute or class correlates with which coordinate: for a model with an encoder, r is computed over z of real images
and their labels, for other models over samples and the predictions of a classifier. For each coordinate shown, the
classifier also measures how its attribute changes along the way, over 64 latent vectors.

The codes of infogan are varied instead: all categories, and continuous codes from -2 to 2. With labels each category
is matched with a class, and the share of images that agree is printed: of samples, as classified, and of real images,
whose category the model recognizes."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--coordinate", type=flags.IntRange(0), multiple=True, help="Index of a coordinate of z, from 0; repeatable."
)
@click.option("--code", metavar="NAME", help="Code to vary, such as category or c1 (infogan).  [default: all]")
@click.option(
    "--of",
    "attribute",
    metavar="NAME",
    help="Traverse the coordinate that correlates most with this attribute or class.",
)
@click.option(
    "--seeds",
    type=flags.SeedList(),
    metavar="SEEDS",
    help="Seeds to start from.  [default: 0-7; 0 for several coordinates]",
)
@click.option("--steps", type=flags.IntRange(2, 100), default=9, show_default=True, help="Number of images per row.")
@click.option(
    "--reach",
    type=flags.NumberRange(0, 100, min_open=True),
    help="Maximum absolute value of the coordinate.  [default: 3; uniform prior: 1; codes: 2]",
)
@click.option("--plane", is_flag=True, help="Show a grid over a two-dimensional latent space.")
@click.option(
    "--grid-size", type=flags.IntRange(2, 100), default=20, show_default=True, help="Rows and columns of --plane."
)
@click.option(
    "--num-samples",
    type=flags.IntRange(50, 1_000_000),
    default=2000,
    show_default=True,
    help="Number of images to compute correlations over.",
)
@click.option("--class", "label", metavar="CLASS", help="Class of all images (class-conditional models).")
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, out: Path | None, place: flags.Place, as_json: bool, **values: object) -> None:
    """Vary one coordinate of z, and find the attribute that correlates with it."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.imaging import images
    from gancli.inference.latent_space import attribute_traversal, code_traversal
    from gancli.models.capabilities import CodedLatent, Decoder

    options = attribute_traversal.TraverseOptions(**values)
    options.check()
    trained = opened_run.open_run(choice, ability=Decoder if options.code is None else CodedLatent)
    run = trained.run
    if options.plane:
        size, pixels = options.grid_size, attribute_traversal.plane(trained, options)
        out = out or opened_run.default_out(run, f"plane-{trained.step:08}", ".png")
        files.atomic_write(out, images.png(images.grid(pixels, shape=(size, size))))
        line = f"{out}: {size}x{size} images over the latent plane, step {trained.step:,} of {run.path}"
        output.report(trained.about() | {"out": str(out), "side": size}, [line], as_json=as_json)
        return
    classifiers = opened_run.classifiers(trained, place)
    if code_traversal.applies(trained, options):
        traverse, lines = code_traversal.traverse, _traversal_lines.of_codes
    else:
        traverse, lines = attribute_traversal.traverse, _traversal_lines.of_coordinates
    found = traverse(trained, options, classifier=classifiers.for_all, dataset=lambda: trained.dataset(*place))
    out = out or opened_run.default_out(run, f"traverse-{trained.step:08}", ".png")
    files.atomic_write(out, found.figure)
    result = trained.about() | {"out": str(out)} | found.record()
    output.report(result, lines(result), as_json=as_json)
