"""Kiros et al. 2015 (arXiv:1506.06726): small skip-thought vectors on books.

    python -m experiments.kiros2015.run --data books.txt.gz

It trains the three forms and measures how often the next sentence is found among a hundred.
"""

from __future__ import annotations

import click

from experiments._harness import gancli, save, table, train

FORMS = {
    "uni": ["--form", "uni"],
    "bi": ["--form", "bi"],
    "combine": ["--form", "combine"],
}


TITLES = {"vectors": "vectors", "likelihood": "likelihood", "words_in_common": "shared words"}


def rows(form: str, data: str) -> list[list[object]]:
    """Results of a form, a row for each way of ranking."""
    arguments = ["--model", "skip-thoughts", *FORMS[form]]
    run = train(f"kiros2015-{form}", arguments, data)
    found = gancli("eval-sentences", "--run", run["path"], "--num-samples", 2000)
    minutes = f"{run['last']['seconds'] / 60:.1f}"
    made = []
    for way in TITLES:
        one = found[way]
        name = f"`gancli train {' '.join(arguments)}`" if way != "words_in_common" else "TF-IDF of scikit-learn"
        values = [f"{one['first']:.1%}", f"{one['among_five']:.1%}", f"{one['median_place']:.0f}"]
        made.append([name, minutes if way != "words_in_common" else "", TITLES[way], *values])
    return made


@click.command()
@click.option("--data", required=True, metavar="PATH", help="Sentences in order, one per line, such as books.txt.gz.")
@click.option("--only", type=click.Choice(list(FORMS)), multiple=True, help="Forms to train and score [default: all].")
def main(data: str, only: tuple[str, ...]) -> None:
    """Train skip-thought vectors and search for the next sentence."""
    found = {form: rows(form, data) for form in only or FORMS}
    forms = list(found)
    lines = [row for form in forms for row in found[form][:-1]] + [found[forms[-1]][-1]]
    lines.append(["*chance*", "", "", "*1.0%*", "*5.0%*", "*50*"])
    save(
        "kiros2015",
        "retrieval",
        table(["model", "minutes", "ranked by", "top 1 of 100", "top 5", "median rank"], lines),
    )


if __name__ == "__main__":
    main()
