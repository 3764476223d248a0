"""gancli traverse: one coordinate of z, and the attribute that moves with it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, tables
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.inference.traversal import Traversal

ROWS = 8  # coordinates that are drawn, if none is named

EPILOG = """\b
Examples:
  gancli traverse                              the coordinates that say most, a row each
  gancli traverse --coordinate 5 --seeds 0-7   one of them, a row for each seed
  gancli traverse --of Smiling                 the coordinate that goes with an attribute, or a class
  gancli traverse --plane                      of a z of two numbers: all there is

One number of z goes from -3 to 3 (of a uniform prior -1 to 1) while the others stand still. Which attribute, or class,
goes with which coordinate is told by Pearson's r: of a model with an encoder over the z's of real images and what they
show; of others over samples and what a classifier reads in them. Of a coordinate that is drawn the classifier then says
how what goes with it changes along the way, over 64 z's."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--coordinate", type=click.IntRange(0), multiple=True, help="Which, from 0; may be given several times.")
@click.option("--of", "wanted", metavar="NAME", help="The coordinate with the largest r with this attribute or class.")
@click.option("--seeds", type=flags.SeedList(), metavar="SEEDS", help="The z's to start from.  [default: 0, or 0-7]")
@click.option("--steps", type=click.IntRange(2, 100), default=9, show_default=True, help="Images in a row.")
@click.option("--reach", type=flags.NumberRange(0, 100, min_open=True), help="How far.  [default: 3; uniform: 1]")
@click.option("--plane", is_flag=True, help="Of a z of two numbers: a grid of both.")
@click.option("--side", type=click.IntRange(2, 100), default=20, show_default=True, help="Of that grid.")
@click.option(
    "--samples", type=click.IntRange(50, 1_000_000), default=2000, show_default=True, help="Images to find r with."
)
@click.option("--class", "label", metavar="CLASS", help="Of a model that takes labels: the class of all images.")
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    coordinate: tuple[int, ...],
    wanted: str | None,
    seeds: list[int] | None,
    steps: int,
    reach: float | None,
    plane: bool,
    side: int,
    samples: int,
    label: str | None,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Move one coordinate of z, and tell which attribute moves with it."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.imaging import images, plots
    from gancli.inference import traversal

    if wanted is not None and coordinate:
        raise OptionError("--of finds the coordinate, --coordinate names it: give one")
    chosen = opened_run.open_run(choice)
    size = chosen.model.z_size
    _check(chosen, coordinate, label, size)
    held = chosen.class_index(label) if label is not None else None
    kind = "plane" if plane else "traverse"
    out = out or opened_run.fresh(chosen.run, f"{kind}-{chosen.step:08}", ".png")
    if plane:
        if size != 2:
            raise OptionError(f"--plane needs a z of two numbers, this one has {size}: train with --z-dim 2")
        pixels = traversal.plane(chosen.sampler, side, label=held)
        files.atomic_write(out, images.png(images.grid(pixels, shape=(side, side))))
        line = f"{out}: {side}x{side} images over the plane of z, step {chosen.step:,} of {chosen.run.path}"
        flags.report(chosen.about() | {"out": str(out), "side": side}, [line], as_json=as_json)
        return
    names, found, how = _correlations(chosen, samples, held, place)
    picked = _picked(found, names, coordinate, wanted, chosen)
    reach = reach or traversal.REACH[chosen.model.prior]
    starts = chosen.model.latents(seeds if seeds is not None else range(1 if len(picked) > 1 else ROWS))
    reader = chosen.reader(place) if names else None
    rows, told = [], []
    for at in picked:
        labels = None if held is None else np.full(len(starts), held, np.int32)
        drawn = traversal.along(chosen.sampler, starts, at, steps=steps, reach=reach, labels=labels)
        fact = {}
        if found is not None:
            best = int(np.abs(found[at]).argmax())
            seen = traversal.seen_along(chosen.sampler, reader, at, best, reach=reach, label=held)
            fact = {"goes_with": names[best], "r": float(found[at, best]), "moved_r": seen.r, "found": seen.shares}
            fact |= {"goes_with": None, "r": None} if not found[at, best] else {}  # 0: one of both never changes
            fact |= {"moved_r": None} if not seen.r else {}
        told.append({"coordinate": at, **fact})
        title = f"z {at}" + (f"\n{fact['goes_with']}\nr {fact['r']:+.2f}" if fact.get("goes_with") else "")
        rows += [(title if not number else "", _titled(drawn, number, len(rows))) for number in range(len(starts))]
    files.atomic_write(out, plots.rows_of_images(rows))
    result = chosen.about() | {"out": str(out), "reach": reach, "coordinates": told, "r_over": how}
    flags.report(result, _lines(result), as_json=as_json)


def _check(chosen: TrainedModel, coordinate: tuple[int, ...], label: str | None, size: int) -> None:
    """Raise OptionError for coordinates and classes that are not there."""
    if max(coordinate, default=0) >= size:
        raise OptionError(f"--coordinate {max(coordinate)}: z has the coordinates 0 to {size - 1}")
    if label is not None:
        chosen.need_labels(f"--class {label}")
    elif chosen.sampler.is_class_conditional:
        raise OptionError(f"{chosen.model.name()} takes labels: give --class {chosen.run.facts.classes[-1]}")


def _correlations(
    chosen: TrainedModel, samples: int, label: int | None, place: flags.Place
) -> tuple[tuple[str, ...], np.ndarray | None, str]:
    """The names of attributes or classes, r of each coordinate with each, and over what; none of data with neither."""
    from gancli.core.errors import DataError
    from gancli.inference import inversion, traversal
    from gancli.models.capabilities import Encoder

    facts = chosen.run.facts
    kind = "attributes" if facts.attributes else "label"
    names = facts.attributes or (facts.classes if label is None else ())
    if not names:
        return (), None, ""
    if not isinstance(chosen.model, Encoder):
        z = chosen.model.latents(range(samples))
        labels = None if label is None else np.full(samples, label, np.int32)
        shown = chosen.reader(place).look(chosen.sampler.decode(z, labels))[1]
        return names, traversal.correlations(z, shown), f"{samples:,} samples as the classifier reads them"
    from gancli.data import subsets

    dataset = chosen.run.dataset(*place)
    flags.tell(dataset)
    unseen = dataset.split()[1]
    rows = dataset.sample_rows(samples, among=unseen)
    if not len(rows):
        raise DataError(f"'{dataset.name}' is too small to find r with: it leaves no validation images")
    truth = dataset.train[kind][:][rows]
    shown = truth if kind == "attributes" else np.eye(len(names))[truth]
    labels = dataset.train["label"][:][rows] if chosen.sampler.is_class_conditional else None
    z = inversion.encode(chosen.model, dataset.take(rows), labels)
    told = subsets.describe(len(rows), len(unseen), by_class="label" in dataset.train)
    return names, traversal.correlations(z, shown), f"the z of {len(rows):,} real images ({told})"


def _picked(
    found: np.ndarray | None,
    names: tuple[str, ...],
    coordinate: tuple[int, ...],
    wanted: str | None,
    chosen: TrainedModel,
) -> list[int]:
    """The coordinates to draw: those named, that which goes with what is wanted, or those that say most."""
    from gancli.core import options

    if wanted is not None:
        folded = [name.casefold() for name in names]
        if wanted.casefold() not in folded:
            hint = options.did_you_mean(wanted, names)
            raise OptionError(f"'{chosen.run.facts.name}' has no attribute or class '{wanted}'" + hint)
        return [int(np.abs(found[:, folded.index(wanted.casefold())]).argmax())]
    if coordinate or found is None:
        return list(coordinate) or list(range(min(ROWS, chosen.model.z_size)))
    return np.argsort(-np.abs(found).max(axis=1), kind="stable")[:ROWS].tolist()


def _titled(drawn: Traversal, row: int, above: int) -> list[tuple[str, np.ndarray]]:
    """A row of images; the values stand above the first."""
    return [
        ("" if above + row else f"{value:+.1f}", image)
        for value, image in zip(drawn.values, drawn.pixels[row], strict=True)
    ]


def _lines(result: dict[str, object]) -> list[str]:
    lines = [f"{result['out']}: z from {-result['reach']:g} to {result['reach']:g} at step {result['step']:,}"]
    for fact in result["coordinates"]:
        line = f"  z {fact['coordinate']}"
        if fact.get("goes_with"):
            low, middle, high = fact["found"]
            line += (
                f"  goes with {fact['goes_with']}, r {fact['r']:+.3f}; along the way the classifier finds it in "
                f"{low:.0%}, {middle:.0%}, {high:.0%} (r {tables.number(fact['moved_r'], '+.3f')})"
            )
        elif "r" in fact:
            line += "  r not defined: the coordinate, or what the images show, never changes"
        lines.append(line)
    return lines + ([f"r over {result['r_over']}"] if result["r_over"] else [])
