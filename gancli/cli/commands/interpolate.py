"""gancli interpolate: images between seeds or real images, or along a direction in latent space."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output, path_types, text_options
from gancli.cli.style_space import options as style_options
from gancli.core.errors import OptionError

MODES = click.Choice(["lerp", "slerp"], case_sensitive=False)

EPILOG = """\b
Examples:
  gancli interpolate --seeds 3,11
  gancli interpolate --seeds 3,11,40 --steps 16 --out walk.gif
  gancli interpolate --seeds 3,11,40 --space w --truncation 0.7     between styles (stylegan, stylegan2)
  gancli interpolate --seeds 0-8 --mode slerp                   through nine seeds
  gancli interpolate --seeds 2,7,31,12 --square                 four corners, and everything between them
  gancli interpolate --seeds 0-5 --along "smiling - not smiling"
  gancli interpolate --seeds 0-5 --along "[3,8,21,40] - [5,6,17,33]" --out turn.gif
  gancli interpolate --from-images a.png b.png                  between two images
  gancli interpolate --from-images me.png --along "smiling - not smiling"
  gancli interpolate --seeds 3,11 --class 7                     class-conditional model
  gancli interpolate --seeds 0-5 --from-class 3 --to-class 8    from class to class with fixed z, one row per seed
  gancli interpolate --seeds 3,11 --text "a yellow flower"      text-conditional model
  gancli interpolate --seeds 0-5 --text "a yellow flower" --text "a purple flower"      from text to text, fixed z

The images at both ends equal those of `gancli sample` with the same seeds. Linear interpolation (lerp) is used in
Goodfellow et al. 2014, Figure 3, and Radford et al. 2015, Figure 4: sharp transitions would suggest memorized training
images. Spherical interpolation (slerp, White 2016) stays on the shell where a normal prior has its mass. --space w has
lines between styles (Karras et al. 2019), along which images change more evenly; real images are projected to w.

--along adds multiples of a direction to each z, as Radford et al. 2015 turn faces in Figure 8: the mean z of
some samples minus the mean z of others. It takes the same expressions as `gancli zvector-arith`; for words, a
classifier measures how the images change.

--from-images interpolates between real images, which are shown beside the row. Their z comes from the model's encoder,
or else from gradient descent as in `gancli project`, which takes some seconds per image."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedList(), metavar="SEEDS", help="Two or more seeds, such as 3,11.")
@click.option(
    "--from-images", multiple=True, type=path_types.INPUT, metavar="IMAGE...", help="Image files, instead of seeds."
)
@click.argument("more", nargs=-1, metavar="", type=path_types.INPUT)
@click.option(
    "--steps",
    type=flags.IntRange(2, 1000),
    default=10,
    show_default=True,
    help="Number of images from one seed to the next, including both.",
)
@click.option("--square", is_flag=True, help="Use four seeds as the corners of a square.")
@click.option("--along", metavar="EXPRESSION", help="Direction to add to each z, such as 'smiling - not smiling'.")
@click.option(
    "--reach",
    type=flags.NumberRange(0, 100, min_open=True),
    default=1.0,
    show_default=True,
    help="Maximum multiple of the --along direction, in both directions.",
)
@click.option(
    "--average",
    type=flags.IntRange(1, 1000),
    default=4,
    show_default=True,
    help="Number of samples to average per term of --along.",
)
@click.option("--class", "label", metavar="CLASS", help="Class of all images (class-conditional models).")
@click.option("--from-class", metavar="CLASS", help="Start class; interpolate the class label at fixed z.")
@click.option("--to-class", metavar="CLASS", help="End class.")
@text_options.option("Text of all images (text-conditional models); give two to interpolate between them.")
@click.option("--mode", type=MODES, default="lerp", show_default=True, help="Linear or spherical interpolation.")
@style_options.space("z", "w")
@style_options.truncation
@flags.out_option(".png strip (one row per pair of seeds), .gif or .mp4 animation")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    more: tuple[Path, ...],
    out: Path | None,
    place: flags.Place,
    as_json: bool,
    **values: object,
) -> None:
    """Interpolate between seeds or real images, or along a direction."""
    if more and not values["from_images"]:
        raise OptionError(f"'{more[0]}' needs --from-images: gancli interpolate --from-images a.png b.png")
    texts = text_options.check(values.pop("texts"))
    flags.need_ending(out, ".png", ".gif", ".mp4")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.imaging import images
    from gancli.inference.latent_space import interpolation
    from gancli.inference.trained_model import is_text_conditional

    options = interpolation.InterpolateOptions(**values | {"from_images": (*values["from_images"], *more)}, texts=texts)
    options.check()
    if out is not None and out.suffix.lower() == ".mp4":
        images.need_mp4()
    ability, prefer = options.ability, is_text_conditional if texts else lambda run: True
    trained = opened_run.open_run(choice, ability=ability, prefer=prefer, truncation=options.truncation)
    morph = interpolation.interpolate(trained, options, opened_run.classifiers(trained, place))
    names, kind = morph.names, "pictures" if options.seeds is None else "seeds"
    stem = f"interpolate-{files.safe_name('-'.join(names))[:60]}-{trained.step:08}"
    out = out or opened_run.default_out(trained.run, stem, ".png")
    files.atomic_write(out, morph.content(out.suffix.lower()))
    result = trained.about() | {"out": str(out), kind: options.seeds or names, "classes": morph.classes, **morph.facts}
    result |= {"texts": texts} if texts else {}
    how = (f"class {' to '.join(morph.classes)}, " if morph.classes else "") + morph.how
    first = f"{out}: {morph.walk.count} images, {how} the {kind} {', '.join(names)} of {trained.run.path}"
    output.report(result | {"images": morph.walk.count}, [first, *texts, *morph.lines], as_json=as_json)
