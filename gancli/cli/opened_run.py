"""A trained run opened for a command: chosen by its options, reporting to standard error; names of output files."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from gancli.cli.flags import Place, RunChoice
from gancli.cli.output import note, print_remarks
from gancli.core.errors import OptionError
from gancli.models.capabilities import Decoder, StyleBased

if TYPE_CHECKING:
    from gancli.evaluation.selection.run_classifiers import RunClassifiers
    from gancli.inference.sample_stream import SampleOrder
    from gancli.inference.style_space.truncation import Truncation
    from gancli.inference.trained_model import TrainedModel
    from gancli.nn.latents import Seeds
    from gancli.runs.run import Run

MAX_SEEDS_IN_RESULT = 100_000
MAX_IMAGES_IN_MEMORY = 20_000


def open_run(
    choice: RunChoice,
    *,
    ability: type | None = Decoder,
    prefer: Callable[[Run], bool] = lambda run: True,
    truncation: Truncation | None = None,
) -> TrainedModel:
    """The run that was named, or the latest one with the ability; see registry.find_run.

    truncation: of its samples, which needs a style-based model. Raises: CheckpointError, OptionError.
    """
    ability = StyleBased if truncation is not None else ability
    trained = load(find(choice, ability=ability, prefer=prefer), choice)
    trained.truncate(truncation)
    return trained


def find(choice: RunChoice, *, ability: type | None = Decoder, prefer: Callable[[Run], bool] = lambda run: True) -> Run:
    """The run of `open_run`, with nothing of it loaded but its metadata; a model file of --model is executed."""
    from gancli import models
    from gancli.runs import registry

    model = models.named_by_user(choice.model) if choice.model else None
    return registry.find_run(choice.selector, choice.outdir, ability=ability, model=model, prefer=prefer)


def fits(label: str | int | None) -> Callable[[Run], bool]:
    """Whether a run can be asked for a label: if there is one, its data need classes or attributes."""
    return lambda run: label is None or bool(run.facts.classes or run.facts.attributes)


def load(run: Run, choice: RunChoice) -> TrainedModel:
    """The checkpoint and weights of a run that were chosen. Raises: CheckpointError, OptionError."""
    from gancli.inference.trained_model import Reporting, TrainedModel

    reporting = Reporting(note=note, remarks=print_remarks)
    return TrainedModel(run, choice.checkpoint, choice.weights, reporting=reporting)


def classifiers(trained: TrainedModel, place: Place) -> RunClassifiers:
    """Classifiers trained on the run's data, found in `place`; they are loaded or trained at first use."""
    from gancli.evaluation.selection.run_classifiers import RunClassifiers

    return RunClassifiers(trained, *place)


def check_ending(out: Path | None) -> None:
    """Raise OptionError for an --out that is no format of samples, before any is generated."""
    if out is not None and out.suffix.lower() not in (".png", ".npz", ".h5", "") and not out.is_dir():
        raise OptionError(f"--out {out}: expected a name that ends in .png, .npz or .h5, or a folder")


def default_out(run: Run, stem: str, ending: str) -> Path:
    """A new path in the run's samples folder, reserved for this command: STEM.png, STEM-2.png, …"""
    names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
    return run.new_path(f"samples/{name}{ending}" for name in names)


def seeds_for_result(seeds: Seeds | SampleOrder) -> dict[str, list[int]]:
    """The seeds, for a result, unless listing them would fill the memory."""
    return {"seeds": list(seeds)} if len(seeds) <= MAX_SEEDS_IN_RESULT else {}


def check_count(count: int, flag: str) -> None:
    """Raise OptionError for more images than a flag can generate in memory."""
    if count > MAX_IMAGES_IN_MEMORY:
        raise OptionError(f"{flag} generates at most {MAX_IMAGES_IN_MEMORY:,} images, but {count:,} were requested")
