"""gancli ablate: the feature maps with which a generator draws an object, dropped."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types

EPILOG = """\b
Examples:
  gancli train --model dcgan --data rooms --learning-rate 4e-4 --steps 4000
  gancli ablate window
  gancli ablate glasses --run faces
  gancli ablate window --boxes windows.csv          lines: seed,x0,y0,x1,y1 in pixels
  gancli ablate window --method latent

Figure 6 of Radford et al. 2015: the position of the object is known for some samples. A logistic regression learns
which feature maps of the generator's second-highest convolution are active there and not elsewhere; those with a
positive weight are dropped everywhere, and the same seeds are sampled again.

The object is localized by boxes that you draw (for images of `gancli sample --seeds`), or, for data with labels or
attributes, by the saliency of a classifier. The classifier then counts how many of --num-samples other samples show the
object before and after the ablation, and after dropping as many random maps.

--method latent keeps the generator and learns an edit of z after which the classifier no longer recognizes the
object."""


@click.command(epilog=EPILOG)
@click.argument("concept", metavar="CONCEPT")
@flags.run_options
@click.option(
    "--method",
    type=click.Choice(["maps", "latent"], case_sensitive=False),
    default="maps",
    show_default=True,
    help="Drop feature maps, or learn an edit of z.",
)
@click.option("--boxes", type=path_types.INPUT, help="CSV file of bounding boxes: seed,x0,y0,x1,y1 per line.")
@click.option(
    "--layer",
    type=flags.IntRange(1),
    metavar="SIDE",
    help="Side in pixels of the feature maps to drop.  [default: second-largest]",
)
@click.option(
    "--regularization",
    type=click.Choice(["l1", "l2"], case_sensitive=False),
    default="l1",
    show_default=True,
    help="Regularization of the logistic regression (l1 drops few maps, l2 about half).",
)
@click.option(
    "--edit-penalty",
    type=flags.NumberRange(0, 1000),
    default=0.05,
    show_default=True,
    help="Weight of the squared norm of the edit, for --method latent.",
)
@click.option(
    "--num-samples",
    type=flags.IntRange(10, 100_000),
    default=1000,
    show_default=True,
    help="Number of samples in which to count the object.",
)
@click.option(
    "--random",
    type=flags.IntRange(1, 1000),
    default=10,
    show_default=True,
    help="Number of random ablations for the baseline.",
)
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(choice: flags.RunChoice, out: Path | None, place: flags.Place, as_json: bool, **values: object) -> None:
    """Remove an object, such as windows, from a run's images, and show samples before and after."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.inference import trained_model
    from gancli.inference.ablation import concept_ablation
    from gancli.models.capabilities import ConvolutionalNetworks, Decoder

    options = concept_ablation.AblateOptions(**values)
    options.check()
    ability = Decoder if options.method == "latent" else ConvolutionalNetworks
    trained = opened_run.open_run(choice, ability=ability, prefer=trained_model.is_unconditional)
    ablation = concept_ablation.ablate(trained, options, opened_run.classifiers(trained, place))
    stem = f"ablate-{files.safe_name(options.concept)}-{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    files.atomic_write(out, ablation.figure)
    result = trained.about() | {"out": str(out), "concept": options.concept, "method": options.method, **ablation.facts}
    first = (
        f"{out}: samples of step {trained.step:,} of {trained.run.path} before and after removing '{options.concept}'"
    )
    output.report(result, [first, *ablation.lines], as_json=as_json)
