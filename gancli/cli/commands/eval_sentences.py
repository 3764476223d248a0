"""gancli eval-sentences: next-sentence retrieval by a run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, flags, tables, text_options

if TYPE_CHECKING:
    from gancli.evaluation.next_sentence import NextSentenceResult

MAX_LETTERS = 110  # of a sentence in a line

EPILOG = """\b
Examples:
  gancli eval-sentences
  gancli eval-sentences --run 3 --num-samples 2000 --json
  gancli eval-sentences --text "He opened the door."

For each test sentence its next sentence is ranked among a hundred: by the cosine similarity of the vectors; by the
likelihood under the model's decoder, relative to the other sentences; and, for comparison, by common words (TF-IDF).
The level of chance is 1%. Finally, some sentences are printed with their nearest among 10,000 training sentences."""


@click.command(epilog=EPILOG)
@flags.run_options
@eval_options.num_samples_option(
    1000, least=100, most=100_000, help_text="Number of test sentences, a multiple of 100."
)
@text_options.option("Sentence to find neighbors of, instead of test sentences (repeatable).")
@text_options.word_vectors_option
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    num_samples: int,
    texts: tuple[str, ...],
    word_vectors: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Rank the true next sentence among 100, and print nearest sentences."""
    from gancli.cli import opened_run
    from gancli.evaluation import next_sentence
    from gancli.models.capabilities import SentencePredictor

    checked = text_options.check(texts)
    trained = opened_run.open_run(choice, ability=SentencePredictor)
    text_options.need_words(trained, checked, word_vectors)
    dataset = trained.dataset(*place)
    found = next_sentence.score(trained.model, dataset, num_samples, texts=checked)
    result = found.to_dict() | {"run": str(trained.run.path), "step": trained.step, "data": dataset.name}
    lines = _lines(found)
    lines.append(
        f"scored: {found.count:,} test sentences of '{dataset.name}', step {trained.step:,} of {trained.run.path}"
    )
    eval_options.report_run(trained, "sentences", result, lines, as_json=as_json)


def _lines(result: NextSentenceResult) -> list[str]:
    cells = [("by", "first", "in top five", "median rank")]
    for name, one in result.methods.items():
        cells.append((name, f"{one.first:.1%}", f"{one.among_five:.1%}", f"{one.median_place:.0f}"))
    lines = tables.aligned([*cells, ("chance", f"{0.01:.1%}", f"{0.05:.1%}", "50")], least=8)
    for text, neighbors in result.nearest:
        lines += ["", text[:MAX_LETTERS], *(f"  {cosine:.2f}  {other[:MAX_LETTERS]}" for cosine, other in neighbors)]
    return [*lines, ""]
