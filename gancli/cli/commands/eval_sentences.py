"""gancli eval-sentences: whether a run foretells the sentence that follows."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, tables, text_options
from gancli.core.backend import np

SHOWN, NEIGHBOURS, AMONG = 5, 3, 10_000  # sentences whose neighbours are printed; of each; where they are looked for
CUT = 110  # letters of a sentence that is printed

EPILOG = """\b
Examples:
  gancli eval-sentences
  gancli eval-sentences --run 3 --samples 2000 --json
  gancli eval-sentences --text "He opened the door."

Of each of so many test sentences the one that follows it is looked for among a hundred: by the cosine of their
vectors; by the likelihood that the model's decoder gives it, beside what other sentences would make of it; and, for
comparison, by the words that both have in common (TF-IDF). By chance one in a hundred is found. Then come some
sentences with the nearest of 10,000 training sentences, to be read."""


@click.command(epilog=EPILOG)
@flags.run_options
@click.option(
    "--samples", type=click.IntRange(100, 100_000), default=1000, show_default=True, help="Test sentences, in hundreds."
)
@text_options.option("Instead of test sentences: whose neighbours to print.")
@text_options.word_vectors_option
@flags.place_option()
@flags.json_option
def command(
    choice: flags.RunChoice,
    samples: int,
    texts: tuple[str, ...],
    word_vectors: Path | None,
    place: flags.Place,
    as_json: bool,
) -> None:
    """Find the true next sentence among a hundred, and print nearest sentences."""
    from gancli.cli import eval_options, progress
    from gancli.evaluation import next_sentence
    from gancli.models.capabilities import SentencePredictor
    from gancli.runs import registry

    asked = text_options.check(texts)
    run = registry.find_run(choice.selector, choice.outdir, ability=SentencePredictor, note=flags.note)
    model, step = run.model(choice.checkpoint, weights=choice.weights, warn=lambda text: flags.note(f"warning: {text}"))
    text_options.learn_words(model, word_vectors)
    text_options.need_words(model, asked)
    dataset = run.dataset(*place)
    flags.tell(dataset)
    with progress.counting("sentences", samples) as told:
        found = next_sentence.follow(model, dataset, samples, told=told)
    random = np.random.default_rng(1)
    asked = asked or random.choice(dataset.test["sentence"], SHOWN, replace=False).tolist()
    among = random.choice(dataset.train["sentence"], min(AMONG, len(dataset)), replace=False).tolist()
    near = next_sentence.nearest(model, asked, among, count=NEIGHBOURS)
    result = {"metric": "the sentence that follows, found first among 100", "sentences": found.count, "chance": 0.01}
    result |= {way.replace(" ", "_"): way_found._asdict() for way, way_found in found.ways.items()}
    result |= {"nearest": [[text, rows] for text, rows in zip(asked, near, strict=True)]}
    result = eval_options.rounded(result) | {"run": str(run.path), "step": step, "data": dataset.name}
    eval_options.keep(run, "sentences", result)
    cells = [("by", "first", "in five", "median place")]
    for way, one in found.ways.items():
        cells.append((way, f"{one.first:.1%}", f"{one.among_five:.1%}", f"{one.median_place:.0f}"))
    lines = tables.aligned([*cells, ("chance", f"{0.01:.1%}", f"{0.05:.1%}", "50")], least=8)
    for text, rows in zip(asked, near, strict=True):
        lines += ["", text[:CUT], *(f"  {cosine:.2f}  {other[:CUT]}" for cosine, other in rows)]
    lines += ["", f"scored: {found.count:,} test sentences of '{dataset.name}', step {step:,} of {run.path}"]
    flags.report(result, lines, as_json=as_json)
