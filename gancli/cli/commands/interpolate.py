"""gancli interpolate: the way between two z's, of seeds or of real images, through several, or along a direction."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types, text_options
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gancli.cli.opened_run import TrainedModel
    from gancli.inference.interpolation import Walk

ENDINGS = (".png", ".gif", ".mp4")

EPILOG = """\b
Examples:
  gancli interpolate --seeds 3,11
  gancli interpolate --seeds 3,11,40 --steps 16 --out walk.gif
  gancli interpolate --seeds 0-8 --mode slerp                   a walk through nine
  gancli interpolate --seeds 2,7,31,12 --square                 four corners, and all between them
  gancli interpolate --seeds 0-5 --along "smiling - not smiling"
  gancli interpolate --seeds 0-5 --along "[3,8,21,40] - [5,6,17,33]" --out turn.gif
  gancli interpolate --images a.png b.png                       between two pictures
  gancli interpolate --images me.png --along "smiling - not smiling"
  gancli interpolate --seeds 3,11 --class 7                     a model that takes labels
  gancli interpolate --seeds 0-5 --from-class 3 --to-class 8    z stands still, the class moves: a row for each seed
  gancli interpolate --seeds 3,11 --text "a yellow flower"      a model that takes texts
  gancli interpolate --seeds 0-5 --text "a yellow flower" --text "a purple flower"      z stands still, the text moves

The images at the ends are those of `gancli sample` of the same seeds. A straight line (lerp) is Figure 3 of
Goodfellow et al. 2014, and Figure 4 of Radford et al. 2015 through nine seeds: sharp changes would mean that images
are remembered; slerp keeps to the shell on which a normal prior lies (White 2016).

--along adds a direction to each seed, as the `turn` vector of Radford et al. 2015, Figure 8: the mean z of some
samples minus the mean of others'. Words are those of `gancli zvector-arith`; a classifier then says what it changes.

--images walks between real pictures, which stand beside the strip: their z's come from the model's encoder, or where
it has none from a descent in z, as `gancli project` does it, some seconds each."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedList(), metavar="SEEDS", help="Two seeds or more, such as 3,11.")
@click.option(
    "--images",
    "pictures",
    multiple=True,
    type=path_types.INPUT,
    metavar="IMAGE...",
    help="Two pictures or more, instead of seeds.",
)
@click.argument("more", nargs=-1, metavar="", type=path_types.INPUT)
@click.option(
    "--steps",
    type=click.IntRange(2, 1000),
    default=10,
    show_default=True,
    help="Images from seed to seed, both counted.",
)
@click.option("--square", is_flag=True, help="The four seeds are the corners of a square.")
@click.option("--along", metavar="SUM", help="A row for each seed, with this direction added, from minus to plus.")
@click.option(
    "--reach",
    type=flags.NumberRange(0, 100, min_open=True),
    default=1.0,
    show_default=True,
    help="With --along: how often the direction is added at the ends.",
)
@click.option(
    "--average", type=click.IntRange(1, 1000), default=4, show_default=True, help="With --along: z's for each word."
)
@click.option("--class", "label", metavar="CLASS", help="Of a model that takes labels: the class of all images.")
@click.option("--from-class", metavar="CLASS", help="Where the class starts, z standing still.")
@click.option("--to-class", metavar="CLASS", help="Where it ends.")
@text_options.option("Of a model that takes texts: that of all images; with two, z stands still and the text moves.")
@click.option("--mode", type=click.Choice(["lerp", "slerp"]), default="lerp", show_default=True, help="Line or arc.")
@flags.out_option(".png a strip (a row for each pair of seeds), .gif or .mp4 a film")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    seeds: list[int] | None,
    pictures: tuple[Path, ...],
    more: tuple[Path, ...],
    steps: int,
    square: bool,
    along: str | None,
    reach: float,
    average: int,
    label: str | None,
    from_class: str | None,
    to_class: str | None,
    texts: tuple[str, ...],
    mode: str,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Draw the images between two z seeds or two pictures, through several, or along a direction."""
    from gancli.cli import image_inputs, opened_run

    moves = from_class is not None or to_class is not None or len(texts) > 1
    said = text_options.check(texts)
    _check_ends(seeds, pictures, more)
    taken = _check(label, from_class, to_class, said, square=square, along=along)
    _check_ending(out)
    names = [str(seed) for seed in seeds or ()]
    if seeds is not None:
        _check_count(names, taken)
    from gancli.core import files
    from gancli.inference import interpolation

    chosen = opened_run.open_run(choice, prefer=text_options.takes_texts if said else lambda run: True)
    if said or chosen.sampler.takes_texts:
        ends = _of_texts(chosen, said)
    else:
        ends = _classes(chosen, [from_class, to_class] if moves else [label])
    told, lines, held = {"mode": mode}, [], None if ends is None else ends[0]
    shown = None
    if pictures:
        shown, names = image_inputs.opened(chosen, [*pictures, *more])
        _check_count(names, taken)
    stops = chosen.model.latents(seeds) if shown is None else image_inputs.inverted(chosen, shown, held)
    if moves:
        walk, how = (
            interpolation.between_classes(chosen.sampler, stops, steps, first=ends[0], last=ends[1]),
            "each z still, at",
        )
    elif along is not None:
        walk, told, lines = _along(chosen, stops, steps, along, reach, average, held, place)
        how = f"along {along} from"
    elif square:
        walk, how = (
            interpolation.square(chosen.sampler, stops, steps, mode=mode, label=held),
            f"{mode} over a square between",
        )
    else:
        walk, how = interpolation.through(chosen.sampler, stops, steps, mode=mode, label=held), f"{mode} through"
    if shown is not None and not square:
        is_walk_through = along is None and not moves
        walk = (
            interpolation.beside(walk, shown[:-1], shown[1:]) if is_walk_through else interpolation.beside(walk, shown)
        )
    kind = "seeds" if shown is None else "pictures"
    stem = f"interpolate-{files.safe_name('-'.join(names))[:60]}-{chosen.step:08}"
    out = out or opened_run.fresh(chosen.run, stem, ".png")
    files.atomic_write(out, _content(walk, out.suffix.lower()))
    classes = [] if ends is None or said else [chosen.run.facts.classes[end] for end in ends]
    told |= {"texts": said} if said else {}
    result = chosen.about() | {"out": str(out), kind: seeds or names, "classes": classes, **told}
    how = (f"class {' to '.join(classes)}, " if classes else "") + how
    first = f"{out}: {walk.count} images, {how} the {kind} {', '.join(names)} of {chosen.run.path}"
    flags.report(result | {"images": walk.count}, [first, *said, *lines], as_json=as_json)


def _check_ending(out: Path | None) -> None:
    """Raise OptionError for a file that cannot be made."""
    flags.need_ending(out, *ENDINGS)
    from gancli.imaging import images

    if out is not None and out.suffix.lower() == ".mp4":
        images.need_mp4()


def _content(walk: Walk, ending: str) -> bytes:
    from gancli.imaging import images

    if ending == ".png":
        return images.png(images.grid(walk.rows, shape=walk.shape))
    return images.gif(walk.film) if ending == ".gif" else images.mp4(walk.film)


def _along(
    chosen: TrainedModel,
    stops: np.ndarray,
    steps: int,
    text: str,
    reach: float,
    average: int,
    label: int | None,
    place: flags.Place,
) -> tuple[Walk, dict[str, object], list[str]]:
    """The walk along a direction; what is told of it, as data and in lines."""
    from gancli.cli import image_inputs
    from gancli.data import attribute_query
    from gancli.inference import interpolation, latent_arithmetic

    asked = latent_arithmetic.read(text, chosen.run.facts)
    selector = chosen.selector(place, asked.words[0]) if asked.words else None
    used = asked.seeds(chosen.sampler, selector, average=average)[0]
    direction = latent_arithmetic.direction(image_inputs.vectors(chosen, asked.terms, label=label), used, asked.signs)
    walk = interpolation.along(chosen.sampler, stops, steps, direction, reach=reach, label=label)
    told, lines = {"along": text, "reach": reach, "terms": asked.described(used)}, asked.told(used)
    if len(asked.words) == len(asked.terms):
        sought = attribute_query.change(asked.words, asked.signs)
        there = sought.matches(selector.panel.auditor.classifier.look(walk.rows)[1]).reshape(walk.shape).mean(axis=0)
        told |= {"sought": sought.describe(chosen.run.facts), "shown": there.round(4).tolist()}
        places = ((0, -reach), (steps // 2, 0), (-1, reach)) if steps % 2 else ((0, -reach), (-1, reach))
        ends = ", ".join(f"{there[at]:.0%} at {place:+g}".replace("+0", "0") for at, place in places)
        lines.append(f"the classifier finds '{told['sought']}' in {ends}")
    return walk, told, lines


def _check_ends(seeds: Sequence[int] | None, pictures: Sequence[Path], more: Sequence[Path]) -> None:
    """Raise OptionError unless there are seeds or pictures."""
    if more and not pictures:
        raise OptionError(f"'{more[0]}' goes with --images: gancli interpolate --images a.png b.png")
    if (seeds is None) == (not pictures):
        raise OptionError("give either --seeds, such as 3,11, or --images a.png b.png")


def _check(
    label: str | None, from_class: str | None, to_class: str | None, said: list[str], *, square: bool, along: str | None
) -> str | None:
    """The way to walk, if it is not the usual one. Raises: OptionError for flags that do not go together."""
    ways = {
        "--from-class": from_class is not None,
        "a second --text": len(said) > 1,
        "--along": along is not None,
        "--square": square,
    }
    taken = [name for name, is_taken in ways.items() if is_taken]
    if (from_class is None) != (to_class is None):
        raise OptionError("--from-class and --to-class go together: give both")
    if len(taken) > 1:
        raise OptionError(f"{taken[0]} and {taken[1]} are two ways to walk: give one")
    if said and (label or from_class):
        raise OptionError("a model takes texts or classes: give --text or --class")
    if len(said) > 2:
        raise OptionError(f"--text: {len(said)} texts; one stands still, between two it moves")
    if from_class is not None and label is not None:
        raise OptionError("--class holds the class still, --from-class moves it: give one")
    return taken[0] if taken else None


def _check_count(names: list[str], taken: str | None) -> None:
    """Raise OptionError for too few ends."""
    if taken == "--square" and len(names) != 4:
        raise OptionError(f"--square has four corners, and there are {len(names)} ends")
    if taken is None and len(names) < 2:
        raise OptionError(f"{names[0]} alone is no way: it takes two seeds or pictures, such as --seeds 3,11")


def _of_texts(chosen: TrainedModel, said: list[str]) -> list[int]:
    """Let the run be told these texts; their numbers. Raises: OptionError where there is none."""
    if not said:
        raise OptionError(f"{chosen.model.name()} takes texts: give --text '{chosen.sampler.texts[0]}'")
    text_options.tell(chosen, said)
    return list(range(len(said)))


def _classes(chosen: TrainedModel, names: list[str | None]) -> list[int] | None:
    """The numbers of the classes that were named; None of a model without labels. Raises: OptionError."""
    if names[0] is not None:
        chosen.need_labels(f"--class {names[0]}" if len(names) == 1 else f"--from-class {names[0]}")
        return [chosen.class_index(name) for name in names]
    if chosen.sampler.is_class_conditional:
        raise OptionError(
            f"{chosen.model.name()} takes labels: give --class {chosen.run.facts.classes[-1]}, "
            "or --from-class and --to-class"
        )
    return None
