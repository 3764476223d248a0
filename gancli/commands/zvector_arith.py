"""gancli zvector-arith: A - B + C on latent vectors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.console import flags

if TYPE_CHECKING:
    from gancli.classifier import Classifier
    from gancli.console.drawing import Drawing
    from gancli.latents import Term

SPREAD = 0.25  # uniform noise of the eight neighbours: Radford et al. 2015, section 6.3.2
SIGNS = {1: "+ ", -1: "− "}

EPILOG = """\b
Examples:
  gancli zvector-arith "7 - 1 + 4"
  gancli zvector-arith "sneaker - sandal + 'Ankle boot'" --average 5
  gancli zvector-arith "[3,5,9] - [1,2,4] + [8,10,12]"

Figure 7 of Radford et al. 2015: for each term the z's of three samples are averaged (single ones are unstable), the
means are added, and the sum is drawn in the middle of eight neighbours with uniform noise of ±0.25. A class stands
for the first seeds whose samples a classifier of the run's data reads as it. Beside it stands the same sum done on
pixels, which fails as the paper shows."""


@click.command(epilog=EPILOG)
@click.argument("sum_text", metavar="SUM")
@flags.run_options
@click.option("--average", type=click.IntRange(1, 64), default=3, show_default=True, help="z's averaged for a class.")
@flags.out_option(".png")
@flags.data_dir_option
@flags.json_option
def command(
    sum_text: str,
    choice: flags.RunChoice,
    average: int,
    out: Path | None,
    data_dir: str | None,
    as_json: bool,
) -> None:
    """Add and subtract the latent vectors of classes or seeds, and draw the result."""
    from gancli import data, files, latents
    from gancli.console import drawing
    from gancli.errors import OptionError

    terms = latents.parse_sum(sum_text)
    if out is not None and out.suffix.lower() != ".png":
        raise OptionError(f"--out {out}: expected a name that ends in .png")
    chosen = drawing.open_run(choice, prefer=lambda run: "label" not in run.model_class.columns_of(run.options()))
    run = chosen.run
    if chosen.sampler.takes_labels:
        raise OptionError(
            f"{chosen.model.name()} is told the class beside z, so its z holds none to add: use a model without labels"
        )
    labels = [None if term.seeds else data.class_index(term.label, run.facts.classes, run.facts.name) for term in terms]
    classifier = chosen.classifier(data_dir) if any(label is not None for label in labels) else None
    seeds = _seeds(chosen, terms, labels, average, classifier)
    content, read = _figure(chosen, terms, seeds, classifier)
    out = out or drawing.fresh(run, f"zvector-arith-{chosen.step:08}", ".png")
    files.atomic_write(out, content)
    result = chosen.about() | {"out": str(out), "sum": sum_text}
    result |= {
        "terms": [
            {"term": str(term), "sign": term.sign, "seeds": used} for term, used in zip(terms, seeds, strict=True)
        ]
    }
    result |= {"read_as": read, "classifier": classifier.recipe()} if classifier else {}
    lines = [f"{out}: {sum_text} on z of step {chosen.step:,} of {run.path}"]
    lines += [
        f"{SIGNS[term.sign]}{term}: mean of the seeds {', '.join(map(str, used))}"
        for term, used in zip(terms, seeds, strict=True)
    ]
    lines += [f"the classifier reads the result as {read[0]}, its neighbours as {', '.join(read[1:])}"] if read else []
    flags.report(result, "\n".join(lines), as_json=as_json)


def _seeds(
    chosen: Drawing, terms: list[Term], labels: list[int | None], average: int, classifier: Classifier | None
) -> list[list[int]]:
    """The seeds of each term; a class that stands twice gets fresh ones."""
    from gancli.sampling import first_of_class

    used: dict[int, int] = {}  # class -> the first seed not yet looked at
    found = []
    for term, label in zip(terms, labels, strict=True):
        if label is None:
            found.append(list(term.seeds))
            continue
        seeds = first_of_class(chosen.sampler, label, average, classifier, start=used.get(label, 0)).seeds
        used[label] = seeds[-1] + 1
        found.append(seeds)
    return found


def _figure(
    chosen: Drawing, terms: list[Term], seeds: list[list[int]], classifier: Classifier | None
) -> tuple[bytes, list[str]]:
    """The picture, and as what the result and its neighbours are read."""
    import numpy as np

    from gancli import images, latents, plots

    sampler, signs = chosen.sampler, [term.sign for term in terms]
    z = [sampler.model.latents(used) for used in seeds]
    means = [vectors.mean(axis=0) for vectors in z]
    centre = latents.add(means, signs)
    around = latents.neighbours(centre, count=8, spread=SPREAD, seed=chosen.step)
    tiles = sampler.decode(np.stack([*around[:4], centre, *around[4:]]))
    drawn = [sampler.decode(vectors) for vectors in z]
    of_means = sampler.decode(np.stack(means))
    pixel_means = [images.to_unit(pictures).mean(axis=0) for pictures in drawn]
    pixel_sum = latents.add(pixel_means, signs)
    rows = []
    for term, used, pictures, of_mean, mean in zip(terms, seeds, drawn, of_means, pixel_means, strict=True):
        cells = [(f"seed {seed}", picture) for seed, picture in zip(used, pictures, strict=True)]
        rows.append(
            (f"{SIGNS[term.sign]}{term}", [*cells, ("G(mean z)", of_mean), ("mean of pixels", images.from_unit(mean))])
        )
    for start, name, title in ((0, "", ""), (3, "=", "G(sum of z)"), (6, "", "")):
        cells = [("", tile) for tile in tiles[start : start + 3]]
        cells[1] = (title, cells[1][1])
        beside = [None, ("sum of pixels", images.from_unit(pixel_sum))] if start == 3 else []
        rows.append((name, cells + beside))
    read = [classifier.classes[label] for label in classifier.read(tiles)] if classifier else []
    return plots.rows_of_images(rows), [read.pop(4), *read] if read else []
