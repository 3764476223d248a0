"""gancli zvector-arith: A - B + C on latent vectors."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output

EPILOG = """\b
Examples:
  gancli zvector-arith "man with glasses - man + woman"
  gancli zvector-arith "smiling woman - neutral woman + neutral man" --repeat 100
  gancli zvector-arith "7 - 1 + 4"
  gancli zvector-arith "sneaker - sandal + 'Ankle boot'" --average 5
  gancli zvector-arith "[3,5,9] - [1,2,4] + [8,10,12]"
  gancli zvector-arith "[me.png] + smiling - neutral"     an image file, by the encoder or gradient descent

Figure 7 of Radford et al. 2015: for each term the z of three samples are averaged (single samples are unstable), the
means are added, and the result is shown in the middle of eight neighbors with uniform noise of ±0.25. Words stand for
the first seeds whose samples two classifiers recognize with confidence, as in `gancli sample --class`.

\b
Words are class names of the data, or attributes with `not`, `with` and `without`: for CelebA man, woman, glasses,
smiling, neutral, old, beard, hat, … and all 40 by name (`gancli data check`). An attribute that only some terms name is
absent in the others: next to "man with glasses", "man" means a man without glasses.

The same sum of pixels is shown beside the result; it superimposes the images. --repeat computes the sum many times with
different samples and counts how often a third classifier recognizes the expected result (probability at least 90%)."""


@click.command(epilog=EPILOG)
@click.argument("sum_text", metavar="EXPRESSION")
@flags.run_options
@click.option(
    "--average", type=flags.IntRange(1, 64), default=3, show_default=True, help="Number of samples to average per term."
)
@click.option(
    "--repeat",
    type=flags.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Number of repetitions with different samples; only the first is shown.",
)
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(
    sum_text: str,
    choice: flags.RunChoice,
    average: int,
    repeat: int,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Add and subtract latent vectors of classes, attributes, seeds or image files."""
    from gancli.nn import latents

    latents.parse_sum(sum_text)  # before a run is opened
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.inference import trained_model
    from gancli.inference.latent_space import sum_of_vectors

    trained = opened_run.open_run(choice, prefer=trained_model.is_unconditional)
    classifiers = opened_run.classifiers(trained, place)
    found = sum_of_vectors.compute(trained, sum_text, classifiers, average=average, repeat=repeat)
    out = out or opened_run.default_out(trained.run, f"zvector-arith-{trained.step:08}", ".png")
    files.atomic_write(out, found.figure)
    first = f"{out}: {sum_text} on z of step {trained.step:,} of {trained.run.path}"
    output.report(trained.about() | {"out": str(out), **found.facts}, [first, *found.lines], as_json=as_json)
