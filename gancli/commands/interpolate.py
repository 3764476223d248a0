"""gancli interpolate: the way between two z's, or through several."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from gancli.console import flags
from gancli.errors import OptionError

if TYPE_CHECKING:
    import numpy as np

    from gancli.console.drawing import Drawing

EPILOG = """\b
Examples:
  gancli interpolate --seeds 3,11
  gancli interpolate --seeds 3,11,40 --steps 16 --out walk.gif
  gancli interpolate --seeds 0-8 --mode slerp
  gancli interpolate --seeds 3,11 --class 7                     a model that takes labels
  gancli interpolate --seeds 0-5 --from-class 3 --to-class 8    z stands still, the class moves: a row for each seed

The images at the ends are those of `gancli sample` of the same seeds. A straight line (lerp) is Figure 3 of
Goodfellow et al. 2014; slerp keeps to the shell on which a normal prior lies (White 2016)."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedList(), required=True, metavar="SEEDS", help="Two seeds or more, such as 3,11.")
@click.option(
    "--steps",
    type=click.IntRange(2, 1000),
    default=10,
    show_default=True,
    help="Images from seed to seed, both counted.",
)
@click.option("--class", "label", metavar="CLASS", help="Of a model that takes labels: the class of all images.")
@click.option("--from-class", metavar="CLASS", help="Where the class starts, z standing still.")
@click.option("--to-class", metavar="CLASS", help="Where it ends.")
@click.option("--mode", type=click.Choice(["lerp", "slerp"]), default="lerp", show_default=True, help="Line or arc.")
@flags.out_option(".png a strip (a row for each pair of seeds), .gif a film")
@flags.json_option
def command(
    choice: flags.RunChoice,
    seeds: list[int],
    steps: int,
    label: str | None,
    from_class: str | None,
    to_class: str | None,
    mode: str,
    out: Path | None,
    as_json: bool,
) -> None:
    """Draw the images between two z seeds, or through several."""
    from gancli import files, images
    from gancli.console import drawing

    moves = from_class is not None or to_class is not None
    _check(seeds, label, from_class, to_class)
    if out is not None and out.suffix.lower() not in (".png", ".gif"):
        raise OptionError(f"--out {out}: expected a name that ends in .png or .gif")
    chosen = drawing.open_run(choice)
    ends = _classes(chosen, [from_class, to_class] if moves else [label])
    drawn = _classes_move(chosen, seeds, ends, steps) if moves else _z_moves(chosen, seeds, ends, steps, mode)
    stem = f"interpolate-{'-'.join(map(str, seeds))[:60]}-{chosen.step:08}"
    out = out or drawing.fresh(chosen.run, stem, ".png")
    if out.suffix.lower() == ".gif":
        content = images.gif(images.visible_frames(drawn.film))
    else:
        content = images.png(images.grid(drawn.rows, shape=(len(drawn.rows) // steps, steps)))
    files.atomic_write(out, content)
    names = [] if ends is None else [chosen.run.facts.classes[end] for end in ends]
    result = chosen.about() | {"out": str(out), "seeds": seeds, "mode": mode, "classes": names}
    how = f"class {' to '.join(names)}, " if names else ""
    how += "each z still, at" if moves else f"{mode} through"
    text = f"{out}: {len(drawn.film)} images, {how} the seeds {', '.join(map(str, seeds))} of {chosen.run.path}"
    flags.report(result | {"images": len(drawn.film)}, text, as_json=as_json)


class Drawn(NamedTuple):
    """Images uint8 (count, height, width, channels): each once, in order, and laid out in rows of --steps."""

    film: np.ndarray
    rows: np.ndarray


def _z_moves(chosen: Drawing, seeds: list[int], ends: list[int] | None, steps: int, mode: str) -> Drawn:
    """Through the z of all seeds, a row from each to the next: the end of one row is the start of the next."""
    import numpy as np

    from gancli import latents

    way = latents.path(chosen.sampler.model.latents(seeds), steps, mode=mode)
    film = chosen.sampler.decode(way, None if ends is None else np.full(len(way), ends[0]))
    starts = range(0, len(film) - 1, steps - 1)
    return Drawn(film, np.concatenate([film[start : start + steps] for start in starts]))


def _classes_move(chosen: Drawing, seeds: list[int], ends: list[int], steps: int) -> Drawn:
    """From the first class to the second, a row for each seed, whose z stands still."""
    import numpy as np

    start, end = np.eye(len(chosen.run.facts.classes), dtype=np.float32)[ends]
    shares = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    z = np.repeat(chosen.sampler.model.latents(seeds), steps, axis=0)
    rows = chosen.sampler.decode(z, np.tile((1 - shares) * start + shares * end, (len(seeds), 1)))
    return Drawn(rows, rows)


def _check(seeds: list[int], label: str | None, from_class: str | None, to_class: str | None) -> None:
    """Raise OptionError for flags that do not go together."""
    if (from_class is None) != (to_class is None):
        raise OptionError("--from-class and --to-class go together: give both")
    if from_class is None and len(seeds) < 2:
        raise OptionError(f"--seeds {seeds[0]}: an interpolation needs two seeds or more, such as 3,11")
    if from_class is not None and label is not None:
        raise OptionError("--class holds the class still, --from-class moves it: give one")


def _classes(chosen: Drawing, names: list[str | None]) -> list[int] | None:
    """The numbers of the classes that were named; None of a model without labels. Raises: OptionError."""
    if names[0] is not None:
        chosen.need_labels(f"--class {names[0]}" if len(names) == 1 else f"--from-class {names[0]}")
        return [chosen.class_index(name) for name in names]
    if chosen.sampler.takes_labels:
        raise OptionError(
            f"{chosen.model.name()} takes labels: give --class {chosen.run.facts.classes[-1]}, "
            "or --from-class and --to-class"
        )
    return None
