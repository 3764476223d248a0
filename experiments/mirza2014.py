"""Mirza & Osindero 2014, arXiv:1411.1784: the Parzen score of table 1 and the digits of figure 2.

    python experiments/mirza2014.py

1,000 samples of each class are the centres, as in the paper; the rest is `gancli eval-parzen`.
"""

from __future__ import annotations

import click
from commands import HERE, data_option, gancli, keep, on_mnist, table

PUBLISHED = {  # table 1, nats
    "DBN": "138 ± 2",
    "Stacked CAE": "121 ± 1.6",
    "Deep GSN": "214 ± 1.1",
    "Adversarial nets": "225 ± 2",
    "Conditional adversarial nets": "132 ± 1.8",
}


@click.command()
@data_option
def main(data: str) -> None:
    """Make table 1 and figure 2 of Mirza & Osindero 2014."""
    name, run = on_mnist("cgan", data)
    (HERE / "mirza2014").mkdir(exist_ok=True)
    score = gancli("eval-parzen", "--run", name)  # 10,000 samples, the classes in turn
    labels = gancli("eval-labels", "--run", name)["share"]
    gancli("sample", "--run", name, "--grid", "10x20", "--out", HERE / "mirza2014" / "figure2.png")
    moving = ["--seeds", "0-5", "--from-class", 3, "--to-class", 8, "--out", HERE / "mirza2014" / "from-3-to-8.png"]
    gancli("interpolate", "--run", name, *moving)
    ours = f"{score['mean']:.1f} ± {score['standard_error']:.1f}"
    gap, minutes = f"{score['mean'] - 132:+.1f}", f"{run['last']['seconds'] / 60:.0f}"
    rows = [["cgan", ours, PUBLISHED["Conditional adversarial nets"], gap, f"{labels:.1%}", minutes]]
    rows += [[f"*{title}*", "", value, "", "", ""] for title, value in PUBLISHED.items()]
    keep("mirza2014", "table1", table(["what", "ours, nats", "published", "gap", "labels met", "minutes"], rows[:-1]))


if __name__ == "__main__":
    main()
