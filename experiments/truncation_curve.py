"""The truncation curve of a style-based model: Fréchet distance, precision and recall over psi, as a JSON list.

    python -m experiments.truncation_curve RUN [--psi 0.3,0.5,0.7,0.85,1] [--num-samples 10000] [--out curve.json]

Less variety for fewer failures (Karras et al. 2019, arXiv:1812.04948, appendix B; Kynkäänniemi et al. 2019,
arXiv:1904.06991, figure 4): precision rises and recall falls as psi falls, and the Fréchet distance is best near 1.
"""

from __future__ import annotations

import json
from pathlib import Path

import click

import gancli

METRICS = ("fid", "precision", "recall")


def curve(run: str, psi: list[float], **options: object) -> list[dict[str, float]]:
    """The scores for each psi. options: of gancli.evaluate."""
    model, found = gancli.load_run(run).load(), []
    for value in psi:
        scores = gancli.evaluate(model, METRICS, truncation=value, **options)
        found.append({"psi": value} | {name: round(scores[name], 4) for name in METRICS})
        click.echo(json.dumps(found[-1]), err=True)
    return found


@click.command()
@click.argument("run")
@click.option("--psi", default="0.3,0.5,0.7,0.85,1", show_default=True, help="Values of psi, separated by commas.")
@click.option("--layers", type=int, help="Number of style layers to truncate.  [default: all]")
@click.option("--num-samples", default=10_000, show_default=True, help="Samples for each value.")
@click.option("--features", help="Feature space, as of gancli eval-fid.")
@click.option("--data", help="Name or path of the run's data if moved.")
@click.option("--out", type=click.Path(path_type=Path), help="File of the list.  [default: standard output]")
def main(run: str, psi: str, layers: int | None, out: Path | None, **options: object) -> None:
    """Score a run with truncated samples."""
    given = {name: value for name, value in options.items() if value is not None}
    text = json.dumps(
        curve(run, [float(value) for value in psi.split(",")], truncation_layers=layers, **given), indent=2
    )
    out.write_text(text + "\n") if out else click.echo(text)


if __name__ == "__main__":
    main()
