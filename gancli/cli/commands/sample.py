"""gancli sample: images from a run."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types, text_options
from gancli.cli.flags import note
from gancli.core.backend import np
from gancli.core.errors import CheckpointError, OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.core.latents import Seeds
    from gancli.inference.sample_stream import Images, Order

DEFAULT_COUNT, ROW, MOST_ROWS = 64, 8, 100  # images; in a row of one class; rows

EPILOG = """\b
Examples:
  gancli sample                               the seeds 0-63 of the newest run
  gancli sample --seeds 0-15,20 --out row.png
  gancli sample --digit 7 --grid 4x8
  gancli sample --class sneaker --count 16 --run 3
  gancli sample --class "smiling woman without glasses"     where the data have attributes
  gancli sample --count 50000 --out fakes.npz   arrays images, seeds (and labels with --class)
  gancli sample --seeds 5-9 --out folder/       one PNG each, in a folder for each class
  gancli sample --grid 10x8                     a model that takes labels: one row for each class
  gancli sample --per-class 1000 --out set.npz  the same, with labels, for training something else
  gancli sample --show-pyramid                a lapgan: every stage from the coarsest on, a row for each seed
  gancli sample --show-pyramid --from-image me.png
  gancli sample --text "this flower has bright yellow petals" --seeds 0-7       a gan-cls
  gancli sample --text "a small red seven in the middle of a blue ground" --style-of picture.png

One seed is one image, whatever else is drawn. A model that takes labels draws what --class says; without it a row for
each class, the same z in each column; with --seeds or --count every class in turn (seed 13 of ten classes: class 3).
For a model without labels, --class draws seed after seed and keeps the images that two classifiers of the run's own
data, of different kind, surely read as that class, or as showing these attributes and not those. How sure they must be
is found on images of the run, so that a third classifier reads few of them otherwise (--max-error).

A model that takes texts draws a row for each --text; without any a row for each of the captions that the run
remembers. --style-of takes the z of a picture, its pose and ground, so that the text is seen in its style: most of a
run that was trained with --style-weight.

--from-image starts a lapgan from the coarse image of a real one, so that the levels above are seen on their own: they
add what they think belongs there, other details for each seed."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option("--seeds", type=flags.SeedRanges(), metavar="SEEDS", help="Such as 0-15,20.  [default: from 0 on]")
@click.option("--count", type=click.IntRange(1, 10_000_000), help=f"How many images.  [default: {DEFAULT_COUNT}]")
@click.option(
    "--class",
    "--digit",
    "label",
    metavar="CLASS",
    help="Name or number of a class, such as 7 or sneaker; or what is to be seen, such as 'smiling woman'.",
)
@click.option(
    "--per-class",
    type=click.IntRange(1, 1_000_000),
    help=f"Of a model that takes labels: images of each class.  [default: {ROW}]",
)
@click.option(
    "--max-error",
    type=flags.NumberRange(0, 1, min_open=True),
    metavar="SHARE",
    help="Maximum share of wrong images kept by --class.  [default: 0.02]",
)
@click.option("--grid", metavar="RxC", help="Rows and columns of the picture, such as 4x8.")
@click.option("--show-pyramid", is_flag=True, help="Of a lapgan: draw every stage of each image.")
@click.option(
    "--from-image",
    "start",
    type=path_types.INPUT,
    metavar="FILE",
    help="Of a lapgan: begin with the coarse image of this one.",
)
@click.option("--from-side", type=click.IntRange(1), help="With it: the side to begin at.  [default: the coarsest]")
@text_options.option("Of a gan-cls: what is to be seen; several make several rows.")
@click.option(
    "--style-of",
    "styles",
    multiple=True,
    type=path_types.INPUT,
    metavar="FILE",
    help="With --text: take the style from this picture, or from several, instead of seeds.",
)
@flags.out_option(".png a grid, .npz or .h5 arrays, a folder one PNG each, which replaces no other")
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    seeds: Seeds | None,
    count: int | None,
    label: str | None,
    per_class: int | None,
    max_error: float | None,
    grid: str | None,
    show_pyramid: bool,
    start: Path | None,
    from_side: int | None,
    texts: tuple[str, ...],
    styles: tuple[Path, ...],
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Draw images from a run: of given seeds, or of a class."""
    from gancli.cli import opened_run, pyramid_options
    from gancli.core import files
    from gancli.core.latents import Seeds

    shape = _grid(grid)
    _check(seeds, count, label, per_class, shape)
    if max_error is not None and label is None:
        raise OptionError("--max-error is about the images of a class: say which with --class")
    if texts or styles:
        _check_texts(
            texts, seeds, count, styles, others=[label, per_class, shape, start, from_side, show_pyramid or None]
        )
        wanted = Seeds([range(count)]) if count is not None else seeds
        flags.report(*text_options.draw(choice, text_options.check(texts), wanted, styles, out), as_json=as_json)
        return
    staged = pyramid_options.Asked(show_pyramid, start, from_side)
    staged.check()
    if any(staged):
        if per_class is not None or shape or max_error is not None:
            raise OptionError(
                "--show-pyramid and --from-image draw one image a seed: leave --grid, --per-class and --max-error out"
            )
        wanted = list(seeds if seeds is not None else range(count or ROW))
        flags.report(*pyramid_options.draw(choice, staged, wanted, label, out), as_json=as_json)
        return
    opened_run.check_ending(out)
    chosen = opened_run.open_run(choice)
    result = chosen.about()
    if per_class is not None:
        chosen.need_labels(f"--per-class {per_class}")
    if label is None and seeds is None and count is None and chosen.sampler.conditions is not None:
        order, shape = _by_class(chosen, per_class, shape)
        kinds, told = order.kinds(), chosen.sampler.texts
        images = chosen.sampler.draw(order)
        result |= {"texts": [told[kind] for kind in kinds]} if told else {"classes": len(kinds)}
    else:
        wanted = seeds if seeds is not None else Seeds([range(_count(count, shape))])
        if label is None:
            images = chosen.sampler.draw(chosen.sampler.in_turn(wanted))
        else:
            images, facts = _of_class(chosen, label, wanted, seeds is not None, place, max_error)
            result |= facts
    stem = f"sample-{'' if label is None else files.safe_name(label) + '-'}{chosen.step:08}"
    out = out or opened_run.fresh(chosen.run, stem, ".png")
    names = chosen.sampler.texts if chosen.sampler.takes_texts else chosen.run.facts.classes
    opened_run.write(out, images, classes=names, shape=shape)
    result |= {"images": len(images), "out": str(out)}
    result |= opened_run.told_seeds(images.order)
    flags.report(result, _lines(result), as_json=as_json)


def _check_texts(
    texts: Sequence[str], seeds: Seeds | None, count: int | None, styles: tuple[Path, ...], *, others: list[object]
) -> None:
    """Raise OptionError for flags that do not go with --text."""
    if not texts:
        raise OptionError(f"--style-of {styles[0]} says how it is to look: say with --text what is to be seen")
    if any(other is not None for other in others):
        raise OptionError(
            "--text draws a row for each text: leave --class, --per-class, --grid and a pyramid's options out"
        )
    if styles and (seeds is not None or count is not None):
        raise OptionError("--style-of and --seeds both say which z: give one")


def _check(
    seeds: Seeds | None,
    count: int | None,
    label: str | None,
    per_class: int | None,
    shape: tuple[int, int] | None,
) -> None:
    """Raise OptionError for flags that contradict one another."""
    if seeds is not None and count is not None:
        raise OptionError("--seeds and --count both say how many: give one")
    if per_class is not None and (seeds is not None or count is not None or label is not None):
        raise OptionError(
            "--per-class takes every class and the seeds from 0 on: leave --seeds, --count and --class out"
        )
    if shape and max(count or 0, 0 if seeds is None else len(seeds)) > shape[0] * shape[1]:
        raise OptionError(
            f"--grid {shape[0]}x{shape[1]} has {shape[0] * shape[1]} places, fewer than the images asked for"
        )


def _count(count: int | None, shape: tuple[int, int] | None) -> int:
    return count or (shape[0] * shape[1] if shape else DEFAULT_COUNT)


def _by_class(
    chosen: TrainedModel, per_class: int | None, shape: tuple[int, int] | None
) -> tuple[Order, tuple[int, int]]:
    """The order of images of every class, and the grid of a row for each, or for a hundred of them."""
    if per_class is not None:
        count = per_class * len(chosen.run.facts.classes)
        if shape and shape[0] * shape[1] < count:
            raise OptionError(f"--grid {shape[0]}x{shape[1]} has fewer places than the {count:,} images")
        order = chosen.sampler.by_class(per_class)
    elif shape:
        order = chosen.sampler.by_class(shape[1], rows=shape[0])
    else:
        order = chosen.sampler.by_class(ROW, most=MOST_ROWS)
    columns = per_class or ROW
    return order, shape or (min(order.count // columns, MOST_ROWS), columns)


def _of_class(
    chosen: TrainedModel, label: str, seeds: Seeds, are_given: bool, place: flags.Place, max_error: float | None
) -> tuple[Images, dict[str, object]]:
    """Images of a class, and what is to be said of them: of these seeds, or unless they are given of as many."""
    from gancli.data import attribute_query
    from gancli.inference.sample_stream import Order, Store
    from gancli.inference.sampling import filter_seeds, iter_rejection_samples

    if chosen.sampler.takes_texts:
        raise OptionError(f"{chosen.model.name()} takes texts, not classes: give --text '{chosen.sampler.texts[0]}'")
    if chosen.sampler.is_class_conditional:
        if max_error is not None:
            raise OptionError(f"--max-error: {chosen.model.name()} is told the class, so no images are chosen")
        index = chosen.class_index(label)
        facts = {"class": chosen.run.facts.classes[index], "number": index, "of": len(chosen.run.facts.classes)}
        order = Order.of(seeds, lambda places, _: np.full(len(places), index, np.int32))
        return chosen.sampler.draw(order), facts
    concept = attribute_query.parse(label, chosen.run.facts)
    selector = chosen.selector(place, concept, max_error)
    rule = selector.rule(concept)
    if not rule.is_reached:
        said = f"no threshold keeps the error of '{label}' within {100 * rule.max_error:.3g} %: {rule}"
        if max_error is not None:
            raise CheckpointError(f"{said}; train longer, or allow more with --max-error")
        note(f"warning: {said}")
    if are_given:
        found = filter_seeds(chosen.sampler, concept, seeds, selector)
    else:
        found = iter_rejection_samples(chosen.sampler, concept, len(seeds), selector)
    store, drawn = Store(chosen.run.facts.shape), 0
    for batch in found:
        drawn += batch.count
        store.add(batch.seeds, batch.pixels)
    facts = {"class": concept.describe(chosen.run.facts), "drawn": drawn, "kept": len(store.seeds)}
    facts |= {"share": len(store.seeds) / drawn, **rule.recipe()}
    facts |= {"classifier": selector.panel.auditor.recipe(), "judges": [one.recipe() for one in selector.panel.judges]}
    facts["selection"] = str(rule)
    index = next(iter(concept.wanted)) if concept.kind == "label" else None
    facts |= {} if index is None else {"number": index, "of": len(chosen.run.facts.classes)}
    return store.images(index), facts


def _lines(result: dict[str, object]) -> list[str]:
    lines = [f"{result['out']}: {result['images']:,} images of step {result['step']:,} of {result['run']}"]
    lines += [f"  {text}" for text in result.get("texts", ())]
    if "classes" in result:
        lines[0] += f", {result['classes']} classes, one z in each column"
    if "number" in result:
        lines.append(f"class '{result['class']}', number {result['number']} of 0 to {result['of'] - 1}")
    if "drawn" in result:
        lines += [
            f"{result['drawn']:,} drawn, {result['kept']:,} kept ({result['share']:.1%}): those that two classifiers "
            f"read as '{result['class']}' with {_percent(result['threshold'])} or more each, and a third too",
            result["selection"],
        ]
    return lines


def _percent(share: float) -> str:
    """With as many digits as tell it from 100 %."""
    return next((f"{share:.{digits}%}" for digits in range(1, 9) if round(100 * share, digits) < 100), "100%")


def _grid(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    match = re.fullmatch("([1-9][0-9]{0,2})x([1-9][0-9]{0,2})", text)
    if not match:
        raise OptionError(f"--grid '{text}': expected rows x columns, such as 4x8")
    return int(match[1]), int(match[2])
