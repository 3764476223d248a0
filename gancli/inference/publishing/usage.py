"""What a model is for: its task on a hub, the lines of Python and the commands that use it, and its limits."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from gancli.models import capabilities

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

GENERATES = (
    "Images resemble the training data, with their biases and errors; some may be close to single training images, "
    "unless a score above says that this was measured."
)
UPSCALES = "Detail that the low-resolution image does not contain is invented; do not use it as evidence."
SEGMENTS = (
    "Only the classes of the training data are known, and images unlike the training data give confident nonsense."
)
TRANSLATES = "Details of translations are invented, and images unlike the training data give arbitrary results."
READS = "Only words of the training data are known; vectors carry the biases of the texts."
POINTS = "It generates points of a small test problem."


class Use(NamedTuple):
    """task: pipeline_tag on the hub, "" for none. commands: words of command lines after `gancli`."""

    task: str
    limits: str
    commands: tuple[tuple[str, ...], ...]


USES: tuple[tuple[type, Use], ...] = (  # by capability: the first that a model has
    (capabilities.Segmenter, Use("image-segmentation", SEGMENTS, (("segment", "photo.png"),))),
    (capabilities.Translator, Use("image-to-image", TRANSLATES, (("translate", "photo.png"),))),
    (capabilities.Upscaler, Use("image-to-image", UPSCALES, (("upscale", "photo.png"),))),
    (capabilities.Decoder, Use("unconditional-image-generation", GENERATES, (("sample", "--seeds", "0-15"),))),
    (capabilities.TextEncoder, Use("feature-extraction", READS, (("encode", "--text", "A sentence."),))),
    (capabilities.PointGenerator, Use("", POINTS, (("eval-modes",),))),
)
NO_USE = Use("", "", ())


def of(trained: TrainedModel) -> Use:
    """What a model is for."""
    use = next((use for ability, use in USES if isinstance(trained.outline, ability)), NO_USE)
    if trained.takes_texts:
        text = trained.run.facts.captions[:1] or ("a text",)
        return use._replace(task="text-to-image", commands=(("sample", "--text", *text),))
    if trained.is_class_conditional and isinstance(trained.outline, capabilities.Decoder):
        label = trained.run.facts.classes[-1]  # the hub's task has no condition, so it is not this one
        return use._replace(task="", commands=(*use.commands, ("sample", "--class", label)))
    return use


def python(trained: TrainedModel, folder: str) -> list[str]:
    """Lines of Python that use a published model."""
    lines = ["import gancli", "", f"model = gancli.load_run({folder!r}).load()"]
    if isinstance(trained.outline, capabilities.Decoder):
        shape = ", ".join(map(str, trained.run.facts.shape))
        lines.append(f"images = model.sample(seeds=range(16))  # uint8 (16, {shape})")
    return [*lines, "networks = model.networks  # keras.Model each, by name"]


def shell(use: Use, folder: str, more: Sequence[str]) -> list[str]:
    """Command lines that use a published model. more: words at their ends."""
    return [shlex.join(["gancli", *words, "--run", folder, *more]) for words in use.commands]
