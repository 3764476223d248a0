"""The model card: README.md with the metadata that hubs read, and what a user must know.

The metadata follow the Hugging Face Hub: huggingface.co/docs/hub/model-cards, and modelcard.md in its documentation
for `model-index`.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.progress import clock
from gancli.inference.publishing import card_scores, markup, usage
from gancli.inference.publishing.card_scores import CardScore
from gancli.inference.publishing.public_record import public_facts, public_options, weights_kind
from gancli.models import capabilities
from gancli.models.base import ALL_MODELS
from gancli.runs.reports.details import option_values

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

UNCHOSEN = "other"  # the hub's word for a license that is none of its list
HUB_DATASETS = {  # the hub's name, by name, shape and count of the training images
    ("mnist", (28, 28, 1), 60_000): "ylecun/mnist",
    ("fashion-mnist", (28, 28, 1), 60_000): "zalando-datasets/fashion_mnist",
    ("cifar10", (32, 32, 3), 50_000): "uoft-cs/cifar10",
}
MOST_CLASSES = 30  # whose names are listed
LIBRARY, KERAS = "gancli", "keras"


class Choices(NamedTuple):
    """What the user decides. license: an identifier of the hub. picture: alt text of samples.png, "" without it."""

    license: str
    picture: str


def text(trained: TrainedModel, folder: str, choices: Choices) -> str:
    """The text of README.md. folder: the name of the published folder, for the lines that use it."""
    found, use = card_scores.of_run(trained), usage.of(trained)
    run, facts = trained.run, public_facts(trained.run)
    title = f"{trained.outline.name()} on {markup.plain(facts['name'])}"
    title = f"{markup.plain(run.name)}: {title}" if run.name else title
    parts = [
        ["---", *markup.yaml(metadata(trained, found, use.task, choices)), "---"],
        [f"# {title}"],
        [f"![{choices.picture}](samples.png)"] if choices.picture else [],
        ["## What it is", "", _paper(trained), "", ALL_MODELS],
        ["## How to use it", "", *_use(trained, folder, use)],
        ["## Training data", "", *_data(trained)],
        ["## Training", "", *_training(trained)],
        ["## Scores", "", *_scores(found)],
        ["## Limitations", "", *_limitations(trained, use.limits)],
        ["## License", "", _license(choices.license)],
    ]
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def metadata(trained: TrainedModel, found: Sequence[CardScore], task: str, choices: Choices) -> dict[str, object]:
    """The metadata in front of a model card, as a table."""
    model, data, facts = trained.outline.name(), public_facts(trained.run)["name"], trained.run.facts
    hub_name = HUB_DATASETS.get((data.lower().replace("_", "-"), facts.shape, facts.count))
    is_conditional = trained.is_class_conditional and isinstance(trained.outline, capabilities.Decoder)
    tags = [KERAS, "tensorflow", "gan", model, *(["class-conditional-image-generation"] if is_conditional else [])]
    table: dict[str, object] = {"library_name": LIBRARY, "license": choices.license}
    table |= {"pipeline_tag": task} if task else {}
    table |= {"tags": list(dict.fromkeys(tags))}
    table |= {"datasets": [hub_name]} if hub_name else {}
    scored = [score for score in found if score.is_of_weights]
    if not scored:
        return table
    metrics = [{"name": score.name, "type": score.type, "value": score.value} for score in scored]
    results = {
        "task": {"type": task or "other"},
        "dataset": {"name": data, "type": hub_name or data},
        "metrics": metrics,
    }
    table["metrics"] = list(dict.fromkeys(score.type for score in scored))
    return table | {"model-index": [{"name": f"{model} on {data}", "results": [results]}]}


def _paper(trained: TrainedModel) -> str:
    """The description of the model's file: the paper, and the differences from it."""
    module = inspect.getmodule(trained.run.model_class)
    return inspect.cleandoc((module and module.__doc__) or "A model without a description.")


def _use(trained: TrainedModel, folder: str, use: usage.Use) -> list[str]:
    from gancli.models import model_files

    file = model_files.file_of(trained.run.model_class)
    more = ["--model", f"{folder}/{file.path.name}"] if file else []
    warning = (
        [f"Its networks are defined in {file.path.name}, which is executed to open it: read it first.", ""]
        if file
        else []
    )
    lines = ["Download this folder, then:", "", *warning]
    if not file:
        lines += ["```python", *usage.python(trained, folder), "```", ""]
    return [*lines, "```console", *usage.shell(use, folder, more), "```"]


def _data(trained: TrainedModel) -> list[str]:
    facts = public_facts(trained.run)
    shape, columns = facts["shape"], ", ".join(facts["columns"])
    size = f" of {' x '.join(map(str, shape))} (height, width, channels)" if len(shape) == 3 else ""
    lines = [
        f"{markup.plain(facts['name'])}: {facts['count']:,} items{size}, with the columns {columns}.",
        "Their license is unknown to gancli: check it before you use the model or what it generates.",
    ]
    if classes := facts["classes"]:
        names = ", ".join(map(markup.plain, classes[:MOST_CLASSES]))
        more = f" and {len(classes) - MOST_CLASSES:,} more" if len(classes) > MOST_CLASSES else ""
        lines += ["", f"Classes: {names}{more}."]
    return lines


def _training(trained: TrainedModel) -> list[str]:
    run, status = trained.run, trained.run.status()
    versions, device = run.record["versions"], run.record["device"]
    gpus, workers = len(device.get("gpus") or ()), run.record.get("workers", 1)
    machine = f"{gpus} GPU{'s' * (gpus > 1)}" if gpus else f"CPU ({device.get('machine') or 'unknown'})"
    machine += f", {workers} machines" if workers != 1 else ""
    kind = "moving average of the weights" if weights_kind(trained) == "ema" else "weights without a moving average"
    rows = [
        ("weights", f"step {trained.step:,} of {max(status['total'], trained.step):,}, {kind} ({trained.weights})"),
        ("time", clock(status["seconds"]) if status["seconds"] else "unknown"),
        ("machine", machine),
        (
            "versions",
            ", ".join(f"{name} {versions[name]}" for name in ("gancli", "tensorflow", "keras") if name in versions),
        ),
    ]
    public = public_options(run)
    chosen = [one.name for one in option_values(run) if one.differs and one.name in public]
    rows += [(f"`{name}`", markup.plain(str(public[name]))) for name in ("batch_size", *chosen) if name in public]
    lines = markup.table(("", ""), dict(rows).items())
    return [*lines, "", "Options that are not listed have gancli's defaults; `config.json` holds them all."]


def _scores(found: Sequence[CardScore]) -> list[str]:
    if not found:
        return ["None were measured."]
    return [*(f"- {score.text()}" for score in found), "", "Compare a score only with scores of the same recipe."]


def _limitations(trained: TrainedModel, limits: str) -> list[str]:
    shape = trained.run.facts.shape
    lines = [limits] if limits else []
    if isinstance(trained.outline, capabilities.Decoder):
        lines.append(f"It generates images of {shape[0]} x {shape[1]} pixels only.")
    lines += ["It holds weights for inference: a training cannot be resumed from it."]
    doubts = [text.replace(str(trained.run.path), "this model") for text in trained.warnings]
    return [f"- {line}" for line in [*lines, *map(markup.plain, doubts)]]


def _license(chosen: str) -> str:
    if chosen == UNCHOSEN:
        return "No license has been chosen."
    return f"The weights are published under the license `{chosen}`. That of the training data is a separate question."
