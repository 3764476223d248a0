"""gancli ablate: the generator's feature maps that draw a thing, dropped."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types, tables
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.data.attribute_query import AttributeQuery
    from gancli.evaluation.classifier import Classifier
    from gancli.inference.feature_ablation import Cut

SHOWN = 10  # images in a row
LOOKED_AT = 150  # samples: as many as the paper's
COUNTED_FROM = 1_000_000  # seeds that were not looked at

EPILOG = """\b
Examples:
  gancli train --model dcgan --data rooms --learning-rate 4e-4 --steps 4000
  gancli ablate window
  gancli ablate glasses --run faces
  gancli ablate window --boxes windows.csv          lines: seed,x0,y0,x1,y1 in pixels
  gancli ablate window --method latent

Figure 6 of Radford et al. 2015: of some samples it is known where the thing is. A logistic regression learns which maps
of the generator's second-highest convolution are active there and not elsewhere; those with a positive weight are
dropped, everywhere, and the same z's are drawn again.

Where it is, boxes say that somebody drew (of the images of `gancli sample --seeds`); or, where the data have labels or
attributes, a classifier of them: the places that make it see the thing. The classifier then counts in how many of
--count fresh samples the thing is, before and after, and with as many random maps dropped.

--method latent leaves the generator as it is and learns a map of z under which the classifier sees no such thing."""


@click.command(epilog=EPILOG)
@click.argument("thing", metavar="CONCEPT")
@flags.run_options
@click.option(
    "--method",
    type=click.Choice(["maps", "latent"]),
    default="maps",
    show_default=True,
    help="Drop feature maps, or learn a map of z.",
)
@click.option("--boxes", type=path_types.INPUT, help="A .csv file of places: seed,x0,y0,x1,y1 in each line.")
@click.option("--layer", type=click.IntRange(1), metavar="SIDE", help="Of the maps; the second-highest if not given.")
@click.option(
    "--penalty",
    type=click.Choice(["l1", "l2"]),
    default="l1",
    show_default=True,
    help="Of the regression: l1 drops few maps, l2 some half of them.",
)
@click.option(
    "--closeness",
    type=flags.NumberRange(0, 1000),
    default=0.05,
    show_default=True,
    help="With --method latent: the price of a squared step in z.",
)
@click.option(
    "--count", type=click.IntRange(10, 100_000), default=1000, show_default=True, help="Fresh samples counted in."
)
@click.option("--random", "draws", type=click.IntRange(1, 1000), default=10, show_default=True, help="Random choices.")
@flags.out_option(".png")
@flags.place_option()
@flags.json_option
def command(
    thing: str,
    choice: flags.RunChoice,
    method: str,
    boxes: Path | None,
    layer: int | None,
    penalty: str,
    closeness: float,
    count: int,
    draws: int,
    out: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Make a run forget a thing, such as windows, and draw the same samples before and after."""
    flags.need_ending(out, ".png")
    from gancli.cli import opened_run
    from gancli.core import files
    from gancli.data import attribute_query
    from gancli.imaging import plots
    from gancli.inference import feature_ablation
    from gancli.models.capabilities import Decoder
    from gancli.models.families.adversarial import DCGANBackbone

    if method == "latent" and (boxes is not None or layer is not None):
        raise OptionError("--boxes and --layer are of --method maps: leave them out")
    ability = Decoder if method == "latent" else DCGANBackbone
    chosen = opened_run.open_run(choice, ability=ability, prefer=opened_run.takes_no_labels)
    if chosen.sampler.conditions is not None:
        raise OptionError(f"{chosen.model.name()} draws what it is told: use a model that is told nothing beside z")
    marked = None if boxes is None else feature_ablation.read_boxes(boxes, chosen.model.data.shape)
    cut = None if method == "latent" else feature_ablation.Cut(chosen.model, layer)
    concept, classifier = None, None
    try:
        concept = attribute_query.parse(thing, chosen.run.facts)
    except OptionError as error:
        if marked is None:
            raise
        flags.note(f"note: nothing is counted: {error}")
    else:
        classifier = chosen.classifier(place, concept)
    if cut is None:
        result, lines, rows = _in_z(chosen, concept, classifier, count, closeness)
    else:
        result, lines, rows = _in_maps(chosen, cut, concept, classifier, marked, penalty, count, draws)
    out = out or opened_run.fresh(chosen.run, f"ablate-{files.safe_name(thing)}-{chosen.step:08}", ".png")
    files.atomic_write(out, plots.rows_of_images(rows))
    result = chosen.about() | {"out": str(out), "concept": thing, "method": method, **result}
    result |= {"classifier": classifier.recipe()} if classifier else {}
    first = f"{out}: samples of step {chosen.step:,} of {chosen.run.path} before and after forgetting '{thing}'"
    flags.report(result, [first, *lines], as_json=as_json)


def _in_maps(
    chosen: TrainedModel,
    cut: Cut,
    concept: AttributeQuery | None,
    classifier: Classifier | None,
    marked: dict | None,
    penalty: str,
    count: int,
    draws: int,
) -> tuple[dict[str, object], list[str], list]:
    """Drop the maps that draw the thing: the result, what is said of it, and the rows of the picture."""
    from gancli.inference import feature_ablation
    from gancli.inference.sampling import Sure, rejection_sample

    if marked is not None:
        seeds = list(marked)
        held = cut.maps(chosen.model.latents(seeds))
        inside = feature_ablation.cells_of_boxes(list(marked.values()), cut)
    else:
        seeds = rejection_sample(chosen.sampler, concept, LOOKED_AT, Sure(classifier)).seeds
        held = cut.maps(chosen.model.latents(seeds))
        inside = feature_ablation.cells_looked_at(held, cut, classifier, concept)
    forgotten = feature_ablation.fit(held, inside, penalty=penalty)
    maps = f"{cut.side}x{cut.side}"
    result = {"layer": cut.side, "maps": cut.count, "dropped": forgotten.dropped, "cells": forgotten.inside}
    result |= {"regression_right": round(forgotten.right, 4), "images": len(seeds)}
    lines = [
        f"{len(forgotten.dropped)} of the {cut.count} maps of {maps} dropped: {', '.join(map(str, forgotten.dropped))}",
        f"the regression tells {forgotten.inside:,} cells inside from as many outside, {forgotten.right:.1%} right, "
        f"in {len(seeds)} samples",
    ]
    random = np.random.default_rng(0)
    others = [random.permutation(cut.count)[: len(forgotten.dropped)].tolist() for _ in range(draws)]
    if classifier is not None:
        everything = cut.maps(chosen.model.latents(range(COUNTED_FROM, COUNTED_FROM + count)))
        share = lambda dropped: _share(cut.draw(everything, dropped), concept, classifier)  # noqa: E731 (once, here)
        before, after, at_random = share([]), share(forgotten.dropped), [share(dropped) for dropped in others]
        result |= {"before": before, "after": after, "random": at_random}
        mean, spread = float(np.mean(at_random)), float(np.std(at_random)) if draws > 1 else None
        fell, fell_at_random = before - after, before - mean
        result |= {"fall": fell, "random_fall": fell_at_random}
        lines.append(
            f"of {count:,} samples the classifier finds it in {before:.1%} before and {after:.1%} after; with as many "
            f"random maps dropped in {mean:.1%}{tables.spread(spread, '.1%')} ({draws} choice{'s' * (draws > 1)})"
        )
        if fell > 0 and fell_at_random > 0:
            result["times"] = fell / fell_at_random
            lines.append(f"it fell {fell / fell_at_random:.1f} times as far as with random maps")
    drawn = held[:SHOWN]
    rows = [
        _row("before", seeds, cut.draw(drawn)),
        _row("after", seeds, cut.draw(drawn, forgotten.dropped)),
        _row("as many\nrandom maps", seeds, cut.draw(drawn, others[0])),
    ]
    return result, lines, rows


def _in_z(
    chosen: TrainedModel, concept: AttributeQuery, classifier: Classifier, count: int, closeness: float
) -> tuple[dict[str, object], list[str], list]:
    """Learn a map of z: the result, what is said of it, and the rows of the picture."""
    from gancli.inference import feature_ablation
    from gancli.inference.sampling import Sure, in_batches, rejection_sample

    moves = feature_ablation.mover(chosen.model, classifier, concept, closeness=closeness)
    z = chosen.model.latents(range(COUNTED_FROM, COUNTED_FROM + count))
    moved = in_batches(moves, z)
    before, after = (_share(chosen.sampler.decode(some), concept, classifier) for some in (z, moved))
    step, apart = (float(np.linalg.norm(some, axis=1).mean()) for some in (moved - z, z[1:] - z[:-1]))
    seeds = rejection_sample(chosen.sampler, concept, SHOWN, Sure(classifier)).seeds
    z = chosen.model.latents(seeds)
    rows = [
        _row("before", seeds, chosen.sampler.decode(z)),
        _row("after", seeds, chosen.sampler.decode(in_batches(moves, z))),
    ]
    lines = [
        f"of {count:,} samples the classifier finds it in {before:.1%} before and {after:.1%} after",
        f"z was moved by {step:.2f} on average; two z's are {apart:.2f} apart",
    ]
    return {"before": before, "after": after, "moved": step, "apart": apart}, lines, rows


def _share(pixels: np.ndarray, concept: AttributeQuery, classifier: Classifier) -> float:
    return float(concept.matches(classifier.look(pixels)[1]).mean())


def _row(name: str, seeds: list[int], pixels: np.ndarray) -> tuple[str, list[tuple[str, np.ndarray]]]:
    titles = [f"seed {seed}" if name == "before" else "" for seed in seeds]
    return name, list(zip(titles, pixels, strict=False))
