"""Skip-thought vectors: Kiros et al. 2015 (arXiv:1506.06726), small ones, on books.

    python -m experiments.kiros2015.run --data books.txt.gz

It trains the three forms and writes how often the sentence that follows is found among a hundred.
"""

from __future__ import annotations

import click

from experiments._harness import gancli, save, table, train

FORMS = {
    "uni": ["--form", "uni"],
    "bi": ["--form", "bi"],
    "combine": ["--form", "combine"],
}


def rows(form: str, data: str) -> list[list[object]]:
    """What was found by a form's run, a row for each way."""
    asked = ["--model", "skip-thoughts", *FORMS[form]]
    run = train(f"kiros2015-{form}", asked, data)
    found = gancli("eval-sentences", "--run", run["path"], "--samples", 2000)
    minutes = f"{run['last']['seconds'] / 60:.1f}"
    made = []
    for way in ("vectors", "likelihood", "words_in_common"):
        one = found[way]
        name = f"`gancli train {' '.join(asked)}`" if way != "words_in_common" else "TF-IDF of scikit-learn"
        values = [f"{one['first']:.1%}", f"{one['among_five']:.1%}", f"{one['median_place']:.0f}"]
        made.append([name, minutes if way != "words_in_common" else "", way.replace("_", " "), *values])
    return made


@click.command()
@click.option("--data", required=True, metavar="PATH", help="Sentences in order, one a line, such as books.txt.gz.")
@click.option("--only", type=click.Choice(list(FORMS)), multiple=True, help="Train and score these alone.")
def main(data: str, only: tuple[str, ...]) -> None:
    """Train skip-thoughts and look for the sentence that follows."""
    found = {form: rows(form, data) for form in only or FORMS}
    forms = list(found)
    lines = [row for form in forms for row in found[form][:-1]] + [found[forms[-1]][-1]]
    lines.append(["*chance*", "", "", "*1.0%*", "*5.0%*", "*50*"])
    save(
        "kiros2015",
        "retrieval",
        table(["", "minutes", "by", "first of 100", "in the first five", "median place"], lines),
    )


if __name__ == "__main__":
    main()
