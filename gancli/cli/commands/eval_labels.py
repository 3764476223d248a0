"""gancli eval-labels: what a classifier reads in the samples."""

from __future__ import annotations

import click

from gancli.cli import eval_options, flags, tables
from gancli.core.backend import np

SHOWN = 20  # classes, in a confusion table

EPILOG = """\b
Examples:
  gancli eval-labels
  gancli eval-labels --samples 2000 --json
  gancli eval-labels --images fakes.npz --data mnist

The classifier is the one that audits `gancli sample --digit`, trained once on the data's own labels. For a model that
takes labels: the share of samples that are read as the class that was asked for, and the confusion table (rows: asked,
columns: read); classes are asked for in the data's shares, one without images never. For any other: how many samples
are read as each class beside the real share, the entropy of that histogram, and the classes that are missing."""


@click.command(epilog=EPILOG)
@eval_options.options(samples=10_000)
def command(asked: eval_options.Asked, as_json: bool) -> None:
    """Count the classes in a run's samples; for a conditional model, how often it makes what was asked for."""
    from gancli.evaluation import classifier
    from gancli.inference.sampling import CONFIDENCE

    subject = eval_options.subject(asked, need=classifier.need_labels)
    reader = classifier.for_dataset(subject.dataset, note=flags.note)
    probabilities = reader.probabilities(subject.pixels)
    read = probabilities.argmax(axis=1)
    result = {"classes": list(reader.classes)}
    result |= _histogram(read, subject) if subject.labels is None else _agreement(subject.labels, read, reader.classes)
    result |= {"unsure": float(np.mean(probabilities.max(axis=1) < CONFIDENCE)), "classifier": reader.recipe()}
    lines = _table(result) if subject.labels is None else _confusion(result)
    lines += [f"read with less than 90 %: {result['unsure']:.1%} of the samples", str(reader)]
    subject.report("labels", result, lines, as_json=as_json)


def _histogram(read: np.ndarray, subject: eval_options.Subject) -> dict[str, object]:
    from gancli.evaluation.metrics import class_statistics

    classes, real = subject.dataset.classes, subject.dataset.class_shares()
    counts = np.bincount(read, minlength=len(classes))
    return {
        "metric": "histogram of classes",
        "counts": counts.tolist(),
        "real_shares": real.tolist(),
        "entropy": class_statistics.evenness(counts),
        "real_entropy": class_statistics.evenness(real),
        "missing": [classes[label] for label in class_statistics.missing(read, real)],
    }


def _agreement(asked: np.ndarray, read: np.ndarray, classes: tuple[str, ...]) -> dict[str, object]:
    """asked, read: int (count,). A class that was not asked for has no share of its own: None."""
    from sklearn.metrics import confusion_matrix

    table = confusion_matrix(asked, read, labels=range(len(classes)))
    each = zip(table.diagonal(), table.sum(axis=1), strict=True)
    return {
        "metric": "share of samples read as the class asked for",
        "share": float(table.trace() / table.sum()),
        "by_class": [float(right / count) if count else None for right, count in each],
        "not_asked_for": [name for name, row in zip(classes, table, strict=True) if not row.sum()],
        **({"confusion": table.tolist()} if len(classes) <= SHOWN else {}),
    }


def _table(result: dict[str, object]) -> list[str]:
    total, rows = sum(result["counts"]), [("class", "samples", "share", "real")]
    for name, count, real in zip(result["classes"], result["counts"], result["real_shares"], strict=True):
        rows.append((name, f"{count:,}", f"{count / total:.1%}", f"{real:.1%}"))
    lines = tables.aligned(rows, least=9)
    lines.append(f"entropy {result['entropy']:.3f} nats, of the real images {result['real_entropy']:.3f}")
    missing = ", ".join(result["missing"]) or "none"
    return [*lines, f"missing (less than a tenth of the real share): {missing}"]


def _confusion(result: dict[str, object]) -> list[str]:
    lines = [f"{result['share']:.1%} of the samples are read as the class that was asked for"]
    if len(result["classes"]) > SHOWN:
        pairs = zip(result["by_class"], result["classes"], strict=True)
        worst = sorted((share, name) for share, name in pairs if share is not None)[:SHOWN]
        lines.append("the least: " + ", ".join(f"{name} {share:.0%}" for share, name in worst))
    else:
        rows = [("asked", *result["classes"], "right")]
        for name, row, share in zip(result["classes"], result["confusion"], result["by_class"], strict=True):
            rows.append((name, *(f"{count:,}" for count in row), tables.number(share, ".1%", missing="not asked for")))
        lines += tables.aligned(rows, least=8)
    if result["not_asked_for"]:
        lines.append(f"not asked for, and not counted: {', '.join(result['not_asked_for'])}")
    return lines
