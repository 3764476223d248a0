"""gancli eval-labels: classes of samples, as a classifier predicts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gancli.cli import eval_options, output, tables

if TYPE_CHECKING:
    from gancli.evaluation.sample_quality.class_accuracy import ClassAgreement, ClassHistogram

EPILOG = """\b
Examples:
  gancli eval-labels
  gancli eval-labels --num-samples 2000 --json
  gancli eval-labels --images fakes.npz --data mnist

The classifier is the one that audits `gancli sample --digit`; it is trained once on the labels of the data. For a
class-conditional model: the share of samples that are classified as the requested class, and the confusion table
(rows: requested, columns: predicted); classes are requested with their shares in the data. For other models: the number
of samples in each class beside the real share, the entropy of this histogram, and missing classes."""


@click.command(epilog=EPILOG)
@eval_options.options(num_samples=10_000)
def command(chosen: eval_options.EvalOptions, as_json: bool) -> None:
    """Classify samples: class accuracy of conditional models, class balance of others."""
    from gancli.evaluation import classifier
    from gancli.evaluation.sample_quality import class_accuracy

    evaluated = eval_options.open_set(chosen, check=classifier.need_labels)
    result = class_accuracy.score(evaluated, note=output.note)
    lines = confusion_lines(result.predictions) if evaluated.labels is not None else _histogram(result.predictions)
    lines += [f"classified with less than 90 %: {result.unsure:.1%} of the samples", str(result.classifier)]
    eval_options.report_set(evaluated, "labels", result.to_dict(), lines, as_json=as_json)


def _histogram(histogram: ClassHistogram) -> list[str]:
    rows = [("class", "samples", "share", "real")]
    total = histogram.counts.sum()
    for name, count, real in zip(histogram.classes, histogram.counts, histogram.real_shares, strict=True):
        rows.append((name, f"{count:,}", f"{count / total:.1%}", f"{real:.1%}"))
    lines = tables.aligned(rows, least=9)
    lines.append(f"entropy {histogram.entropy:.3f} nats; of the real images {histogram.real_entropy:.3f}")
    return [*lines, f"missing (less than a tenth of the real share): {', '.join(histogram.missing) or 'none'}"]


def confusion_lines(agreement: ClassAgreement) -> list[str]:
    """The share of correct classes, and the confusion table; for many classes the worst ones."""
    from gancli.evaluation.sample_quality.class_accuracy import MAX_TABLE_CLASSES

    lines = [f"{agreement.share:.1%} of the samples are classified as the requested class"]
    if len(agreement.classes) > MAX_TABLE_CLASSES:
        pairs = zip(agreement.by_class, agreement.classes, strict=True)
        worst = sorted((share, name) for share, name in pairs if share is not None)[:MAX_TABLE_CLASSES]
        lines.append("lowest: " + ", ".join(f"{name} {share:.0%}" for share, name in worst))
    else:
        rows = [("requested", *agreement.classes, "correct")]
        for name, row, share in zip(agreement.classes, agreement.confusion, agreement.by_class, strict=True):
            rows.append((name, *(f"{count:,}" for count in row), tables.number(share, ".1%", missing="not requested")))
        lines += tables.aligned(rows, least=8)
    if agreement.not_requested:
        lines.append(f"not requested, and not counted: {', '.join(agreement.not_requested)}")
    return lines
