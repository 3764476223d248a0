"""gancli zvector-arith: A - B + C on latent vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags
from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.data.attribute_query import AttributeQuery
    from gancli.evaluation.classifier import Classifier
    from gancli.inference.latent_arithmetic import Expression, Sums, Vectors

SPREAD = 0.25  # uniform noise of the eight neighbours: Radford et al. 2015, section 6.3.2
SHOWN = 3  # classes that sums are read as

EPILOG = """\b
Examples:
  gancli zvector-arith "man with glasses - man + woman"
  gancli zvector-arith "smiling woman - neutral woman + neutral man" --repeat 100
  gancli zvector-arith "7 - 1 + 4"
  gancli zvector-arith "sneaker - sandal + 'Ankle boot'" --average 5
  gancli zvector-arith "[3,5,9] - [1,2,4] + [8,10,12]"
  gancli zvector-arith "[me.png] + smiling - neutral"     a real picture, by the encoder or by descent

Figure 7 of Radford et al. 2015: for each term the z's of three samples are averaged (single ones are unstable), the
means are added, and the sum is drawn in the middle of eight neighbours with uniform noise of ±0.25. Words stand for the
first seeds whose samples two classifiers of the run's data surely read so, as `gancli sample --class` chooses them.

\b
Words are the data's classes, or their attributes with `not`, `with` and `without`: for CelebA man, woman, glasses,
smiling, neutral, old, beard, hat, … and all 40 by name (`gancli data check`). An attribute that one term names and
another does not is absent in the other: beside "man with glasses", "man" wears none.

Beside the result stands the same sum of pixels, which lays things over one another. --repeat does the sum many times,
each with fresh samples, and counts how often a third classifier finds in the result what the sum should give (with 90 %
or more)."""


@click.command(epilog=EPILOG)
@click.argument("sum_text", metavar="SUM")
@flags.run_options
@click.option("--average", type=click.IntRange(1, 64), default=3, show_default=True, help="z's averaged for a term.")
@click.option(
    "--repeat",
    type=click.IntRange(1, 10_000),
    default=1,
    show_default=True,
    help="Sums, each of fresh seeds; the first is drawn.",
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
    """Add and subtract the latent vectors of classes, attributes, seeds or pictures, and draw the result."""
    from gancli.cli import image_inputs, opened_run
    from gancli.core import latents
    from gancli.core.errors import OptionError

    latents.parse_sum(sum_text)  # before a run is opened
    flags.need_ending(out, ".png")
    from gancli.core import files
    from gancli.data import attribute_query
    from gancli.inference import latent_arithmetic

    chosen = opened_run.open_run(choice, prefer=opened_run.takes_no_labels)
    run = chosen.run
    if chosen.sampler.conditions is not None:
        what = "text" if chosen.sampler.takes_texts else "class"
        raise OptionError(
            f"{chosen.model.name()} is told the {what} beside z, so its z holds none: use a model that is told none"
        )
    asked = latent_arithmetic.read(sum_text, run.facts)
    selector = chosen.selector(place, asked.words[0]) if asked.words else None
    seeds = asked.seeds(chosen.sampler, selector, average=average, repeat=repeat)
    vectors = image_inputs.vectors(chosen, asked.terms)
    sums = latent_arithmetic.add(vectors, seeds, asked.signs)
    tiles = _tiles(chosen, sums)
    out = out or opened_run.fresh(run, f"zvector-arith-{chosen.step:08}", ".png")
    files.atomic_write(out, _figure(vectors, asked, seeds[0], tiles, sums.of_pixels[0]))
    result = chosen.about() | {"out": str(out), "sum": sum_text, "average": average, "terms": asked.described(seeds[0])}
    lines = [f"{out}: {sum_text} on z of step {chosen.step:,} of {run.path}", *asked.told(seeds[0])]
    if selector is not None:
        rules = {concept.describe(run.facts): selector.rule(concept) for concept in asked.words}
        result |= {"selection": {name: rule.recipe() for name, rule in rules.items()}}
        lines += [f"seeds of {name}: {rule}" for name, rule in rules.items()]
        classifier = selector.panel.auditor.classifier
        wanted = attribute_query.total(asked.words, asked.signs) if len(asked.words) == len(asked.terms) else None
        judged, said = _judged(sums, tiles, wanted, classifier, chosen) if wanted else _read(sums, tiles, classifier)
        result |= judged | {"classifier": classifier.recipe()}
        lines += said
    flags.report(result, lines, as_json=as_json)


def _tiles(chosen: TrainedModel, sums: Sums) -> np.ndarray:
    """The first result in the middle of eight neighbours, uint8 (9, height, width, channels)."""
    from gancli.core import latents

    around = latents.neighbours(sums.z[0], count=8, spread=SPREAD, seed=chosen.step)
    return chosen.sampler.decode(np.stack([*around[:4], sums.z[0], *around[4:]]))


def _judged(
    sums: Sums, tiles: np.ndarray, wanted: AttributeQuery, classifier: Classifier, chosen: TrainedModel
) -> tuple[dict[str, object], list[str]]:
    """How often what the sum should show is there, in sums of latents and of pixels: all of it, and each part."""
    from scipy.stats import binomtest

    from gancli.data.attribute_query import AttributeQuery
    from gancli.inference.sampling import CONFIDENCE

    count = len(sums.z)
    parts = {"": wanted} | {at: AttributeQuery("", wanted.kind, {at: there}) for at, there in wanted.wanted.items()}
    names = {at: part.describe(chosen.run.facts) for at, part in parts.items()}
    result = {"wanted": names[""], "repeat": count}
    bar = f"{CONFIDENCE:.0%}"
    lines = [f"wanted: {names['']}; of {count:,} sums of fresh samples the classifier finds it, {bar} sure, in"]
    for how, pixels in (("latent", sums.of_latents), ("pixel", sums.of_pixels)):
        seen = classifier.look(pixels)[1]
        right = {names[at]: int(part.matches(seen, confidence=CONFIDENCE).sum()) for at, part in parts.items()}
        likely = float(wanted.matches(seen).mean())
        share = right[names[""]] / count
        low, high = binomtest(right[names[""]], count).proportion_ci(method="wilson")
        each = [f"{name} {found / count:.0%}" for name, found in right.items()][1:]
        lines.append(
            f"  {how} sums: {share:.0%} (95 %: {low:.0%} to {high:.0%}); {', '.join(each)}; 50% sure: {likely:.0%}"
        )
        result[how] = {"share": share, "low": round(low, 4), "high": round(high, 4), "likely": likely}
        result[how] |= {"each": {name: found / count for name, found in right.items()}}
    shown = wanted.matches(classifier.look(tiles)[1], confidence=CONFIDENCE)
    lines.append(f"of the nine tiles {int(shown.sum())} show it, the middle one {'too' if shown[4] else 'not'}")
    return result | {"tiles": int(shown.sum()), "middle": bool(shown[4])}, lines


def _read(sums: Sums, tiles: np.ndarray, classifier: Classifier) -> tuple[dict[str, object], list[str]]:
    """As what the sums and the neighbours of the first are read."""
    if classifier.kind == "attributes":
        return {}, []
    read = [classifier.classes[label] for label in classifier.read(tiles)]
    read = [read.pop(4), *read]
    result = {"read_as": read}
    lines = [f"the classifier reads the result as {read[0]}, its neighbours as {', '.join(read[1:])}"]
    if len(sums.z) > 1:
        for how, pixels in (("latent", sums.of_latents), ("pixel", sums.of_pixels)):
            shares = np.bincount(classifier.read(pixels), minlength=len(classifier.classes)) / len(pixels)
            top = [(classifier.classes[at], float(shares[at])) for at in np.argsort(-shares, kind="stable")[:SHOWN]]
            result[how] = dict(top)
            told = ", ".join(f"{name} {share:.0%}" for name, share in top if share)
            lines.append(f"{len(pixels):,} {how} sums are read as {told}")
    return result, lines


def _figure(
    vectors: Vectors, asked: Expression, seeds: list[list[int]], tiles: np.ndarray, pixel_sum: np.ndarray
) -> bytes:
    """A row for each term, its samples and their means; below them the result amid its neighbours, beside that of
    pixels."""
    from gancli.imaging import images, plots
    from gancli.inference.latent_arithmetic import SIGNS

    rows = []
    of_means = vectors.sampler.decode(np.stack([vectors.z(used).mean(axis=0) for used in seeds]))
    for term, used, of_mean in zip(asked.terms, seeds, of_means, strict=True):
        drawn = vectors.images(used)
        names = [Path(name).name if isinstance(name, str) else f"seed {name}" for name in used]
        cells = list(zip(names, drawn, strict=True))
        mean = images.from_unit(images.to_unit(drawn).mean(axis=0))
        cells += [("G(mean z)", of_mean), ("mean of pixels", mean)]
        rows.append((f"{SIGNS[term.sign]} {_folded(str(term))}", cells))
    for start, name, title in ((0, "", ""), (3, "=", "G(sum of z)"), (6, "", "")):
        cells = [("", tile) for tile in tiles[start : start + 3]]
        cells[1] = (title, cells[1][1])
        beside = [None, ("sum of pixels", pixel_sum)] if start == 3 else []
        rows.append((name, cells + beside))
    return plots.rows_of_images(rows)


def _folded(text: str) -> str:
    """In short lines, to stand beside a picture."""
    import textwrap

    return "\n".join(textwrap.wrap(text, 14))
