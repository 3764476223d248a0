"""How far can a score be trusted? Numbers for the page docs/scores-honestly.md.

    python -m experiments.honest_scores.run [--only PART] [--run RUN]

Without --run, `gancli train --model dcgan --data mnist` trains the run that is scored, or an earlier one is found. The
data are those of GANCLI_DATA: mnist, cifar10, celeba.zip, flowers.zip, summer2winter_yosemite.zip.
"""

from __future__ import annotations

from pathlib import Path

import click

from experiments._harness import save, train
from experiments.honest_scores import counts, inception, jpeg, parzen, recipes, resizing
from experiments.honest_scores._shared import network, timed

PARTS = ("parzen", "counts", "jpeg", "resizing", "inception", "recipes", "spread")
STEPS, SETS = 1500, 5  # of the short trainings; sets of seeds of each


@click.command()
@click.option("--only", type=click.Choice(PARTS), multiple=True, help="Part to run (repeatable).  [default: all]")
@click.option("--run", "given", type=click.Path(path_type=Path), help="Run of dcgan on mnist.  [default: trained here]")
def main(only: tuple[str, ...], given: Path | None) -> None:
    """Write a table for each part."""
    wanted = only or PARTS
    needs_run = {"parzen", "counts", "recipes"} & set(wanted)
    run = given or (Path(train("honest", ["--model", "dcgan"], "mnist")["path"]) if needs_run else None)
    trainings = short_trainings() if "spread" in wanted else {}
    ways = {
        "parzen": lambda: parzen.part(run),
        "counts": lambda: counts.part(run),
        "jpeg": jpeg.part,
        "resizing": resizing.part,
        "inception": inception.part,
        "recipes": lambda: recipes.part(run),
        "spread": lambda: recipes.spread(trainings, SETS),
    }
    for data, seed in (("mnist", 0), ("cifar10", 0), *([("mnist", 1)] if "recipes" in wanted else [])):
        network(data, seed)  # trained now, if it is not in the cache, and not within the time of a part
    for name in wanted:
        save("honest_scores", name, timed(ways[name]))


def short_trainings() -> dict[str, Path]:
    """Three trainings with the same options but the seed."""
    found = {}
    for seed in range(3):
        options = ["--model", "dcgan", "--steps", STEPS, "--seed", seed]
        found[f"`--steps {STEPS} --seed {seed}`"] = Path(train(f"short-{seed}", options, "mnist")["path"])
    return found


if __name__ == "__main__":
    main()
