"""Mirza & Osindero 2014, arXiv:1411.1784: the Parzen score of Table 1 and the digits of Figure 2.

    python -m experiments.mirza2014.run

1,000 samples of each class are the Parzen centers, as in the paper; the rest is `gancli eval-parzen`.
"""

from __future__ import annotations

from pathlib import Path

import click

from experiments._harness import data_option, gancli, on_mnist, save, table

OUT = Path(__file__).parent
PUBLISHED = {  # Table 1, nats
    "DBN": "138 ± 2",
    "Stacked CAE": "121 ± 1.6",
    "Deep GSN": "214 ± 1.1",
    "Adversarial nets": "225 ± 2",
    "Conditional adversarial nets": "132 ± 1.8",
}


@click.command()
@data_option
def main(data: str) -> None:
    """Reproduce Table 1 and Figure 2 of Mirza & Osindero 2014."""
    name, run = on_mnist("cgan", data)
    score = gancli("eval-parzen", "--run", name)  # 10,000 samples, classes in rotation
    labels = gancli("eval-labels", "--run", name)["share"]
    gancli("sample", "--run", name, "--grid", "10x20", "--out", OUT / "figure2.png")
    moving = ["--seeds", "0-5", "--from-class", 3, "--to-class", 8, "--out", OUT / "from-3-to-8.png"]
    gancli("interpolate", "--run", name, *moving)
    ours = f"{score['mean']:.1f} ± {score['standard_error']:.1f}"
    gap, minutes = f"{score['mean'] - 132:+.1f}", f"{run['last']['seconds'] / 60:.0f}"
    rows = [["cgan", ours, PUBLISHED["Conditional adversarial nets"], gap, f"{labels:.1%}", minutes]]
    rows += [[f"*{title}*", "", value, "", "", ""] for title, value in PUBLISHED.items()]
    save(
        "mirza2014",
        "table1",
        table(["model", "ours, nats", "published", "gap", "label accuracy", "minutes"], rows[:-1]),
    )


if __name__ == "__main__":
    main()
