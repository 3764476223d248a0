"""When do eyes, mouth and hair appear? Snapshots of a training on anime heads, read by a classifier of attributes.

    python -m experiments.anime_snapshots.run                               the drawn heads of `--data avatars`
    python -m experiments.anime_snapshots.run --data photos/ --steps 5000   any folder; with attributes also the table

The samples of the same seeds after 100, 200, 500, 1,000 … updates of the generator. A part of the face is there as soon
as the classifier is 90 % as certain of its attributes as on real images, and the shares of the attributes differ by
less than 0.1 from those of the data (gancli/evaluation/metrics/attribute_emergence.py). Writes NAME.md, the certainties
and distances, NAME.png, both over the updates, and NAME-snapshots.png, the samples; NAME is that of the data.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

import click

from experiments._harness import save, table, train

OUT = Path(__file__).parent
UPDATES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)
Scores = Mapping[int, Mapping[str, object]]  # a PartScore of each part, by step


def snapshots(steps: int) -> list[int]:
    """The updates at which samples are read."""
    return [*(step for step in UPDATES if step < steps), steps]


def read_parts(run: str, steps: list[int], samples: int) -> tuple[Scores, str]:
    """The scores of the parts of a face at each step, and the classifier in words; none for data without attributes."""
    from gancli.api.run import load_run
    from gancli.core.streams import note
    from gancli.evaluation import classifier
    from gancli.evaluation.metrics.attribute_emergence import parts_of, score_parts

    loaded = load_run(run)
    dataset = loaded.folder.dataset()
    parts = parts_of(dataset.attributes)
    if not parts:
        return {}, ""
    judge = classifier.for_dataset(dataset, kind="attributes", note=note)
    real = judge.probabilities(classifier.held_out(dataset, "attributes")[0][:samples])
    found = {}
    for step in steps:
        pixels = loaded.load(checkpoint=step).sample(num_samples=samples)
        found[step] = score_parts(judge.probabilities(pixels), real, parts)
    return found, str(judge)


def results_of(found: Scores, judge: str, samples: int) -> str:
    """The table, and the first step of each part."""
    from gancli.evaluation.metrics.attribute_emergence import first_steps

    parts = list(next(iter(found.values())))
    rows = [
        [
            f"{step:,}",
            *(f"{one.certainty:.2f}, {one.distance:.3f}" + (" ✓" if one.is_there else "") for one in of.values()),
        ]
        for step, of in found.items()
    ]
    first = "; ".join(
        f"{part}: " + (f"{step:,} updates" if step else "not yet") for part, step in first_steps(found).items()
    )
    head = ["updates of the generator", *(f"{part}: certainty, distance" for part in parts)]
    return f"First there: {first}. {samples:,} samples; {judge}.\n\n{table(head, rows)}"


def draw(found: Scores, path: Path) -> None:
    """Certainty and distance over the updates."""
    from matplotlib.figure import Figure  # slow to import

    figure = Figure((8, 3.2), dpi=110, layout="constrained")
    for axes, what, limit in zip(figure.subplots(1, 2), ("certainty", "distance"), (0.9, 0.1), strict=True):
        for part in next(iter(found.values())):
            axes.semilogx(list(found), [getattr(of[part], what) for of in found.values()], marker="o", label=part)
        axes.axhline(limit, color="gray", linestyle=":")
        axes.set(xlabel="updates of the generator", ylabel=f"{what}, relative to real images" if limit > 0.5 else what)
        axes.legend()
    figure.savefig(path)


@click.command()
@click.option("--data", default="avatars", show_default=True, help="Name or path of the images.")
@click.option("--model", default="dcgan", show_default=True, help="Model to train.")
@click.option("--image-size", default=64, show_default=True, help="Side of the images in pixels.")
@click.option("--steps", default=20_000, show_default=True, help="Updates of the generator.")
@click.option("--samples", default=1000, show_default=True, help="Images to generate at each snapshot.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder to write to, and save no result.")
@click.argument("more", nargs=-1)
def main(
    data: str, model: str, image_size: int, steps: int, samples: int, out: Path | None, more: tuple[str, ...]
) -> None:
    """Train with snapshots, and tell from them when eyes, mouth and hair appear. MORE: options of gancli train."""
    name, marks = Path(data.replace(":", "-")).stem, snapshots(steps)
    arguments = ["--model", model, "--image-size", image_size, "--steps", steps, *more]
    run = train(f"snapshots-{name}-{model}", [*arguments, "--snapshots", ",".join(map(str, marks))], data)["path"]
    folder = out or OUT
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(Path(run) / "samples" / "snapshots.png", folder / f"{name}-snapshots.png")
    found, judge = read_parts(run, marks, samples)
    if not found:
        click.echo(f"{data} has no attributes of eyes, mouth or hair: {folder / name}-snapshots.png shows the samples")
        return
    draw(found, folder / f"{name}.png")
    text = results_of(found, judge, samples)
    if out:
        click.echo(text)
    else:
        save("anime_snapshots", name, text)


if __name__ == "__main__":
    main()
