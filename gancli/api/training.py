"""gancli.train: a training from Python."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.api.datasets import data_folder
from gancli.api.notes import notes, print_remarks, shown
from gancli.core.errors import GancliError, Interrupted, OptionError
from gancli.core.library_scope import in_library_scope
from gancli.core.streams import note

if TYPE_CHECKING:
    from gancli.api.run import Run
    from gancli.data.dataset import Dataset
    from gancli.models.base import Model
    from gancli.training.callbacks.base import Callback
    from gancli.training.setup import TrainingState


def train(
    model: str | type[Model] = "dcgan",
    data: str | os.PathLike[str] | Dataset = "digits",
    *,
    preset: str | None = None,
    outdir: str | os.PathLike[str] | None = None,
    name: str = "",
    data_dir: str | os.PathLike[str] | None = None,
    callbacks: Sequence[Callback] = (),
    progress: bool = True,
    **options: object,
) -> Run:
    """Train a model and return its run.

    model: a name of `list_models`, a class that inherits from gancli.models.base.Model, or the path of a file (.py)
    with one, which is executed. data: a name of `list_datasets`, a path, or a Dataset. outdir: where the run's folder
    is created; by default a temporary folder that disappears with the Run. name: of the run. data_dir: the folder where
    names of data are looked for; by default that of the environment variable GANCLI_DATA. preset: the name of a set of
    options of the model, which `options` override. callbacks: called during the
    training, besides the built-in ones. progress: whether notes, a progress bar and metrics are shown, in a terminal or
    a notebook. options: those of `gancli train`, with underscores: steps=2000, batch_size=32, learning_rate=1e-4.

    Raises: OptionError, DataError, DivergedError, ResourceError; Interrupted after Ctrl-C, with the run, saved, as its
    attribute `run`.
    """
    from gancli import models
    from gancli.models import presets
    from gancli.training import setup

    dataset, source = _data(data)
    if preset is not None:
        options = {**presets.values(models.get(_name_of(model)), preset), **options}
    values = options if source is None else options | {"data": source}
    if dataset is not None and model in models.names():
        setup.check_given(model, values, dataset)  # before TensorFlow is imported
    given = _Given(model, values, dataset, data_folder(data_dir), callbacks, progress)
    return _trained(given, outdir, name)


class _Given(NamedTuple):
    """The arguments of `train` that say what is trained, with `data` among the options."""

    model: str | type[Model]
    options: Mapping[str, object]
    dataset: Dataset | None
    data_dir: str | None
    callbacks: Sequence[Callback]
    progress: bool


@in_library_scope
def _trained(given: _Given, outdir: str | os.PathLike[str] | None, name: str) -> Run:
    """Prepare a training, create its folder, and train to the end."""
    from gancli.api.run import Run
    from gancli.training import setup

    model_name, progress = _name_of(given.model), given.progress
    with shown(progress=progress):
        plan = setup.prepare(
            model_name, given.options, data_dir=given.data_dir, note=notes(progress=progress), dataset=given.dataset
        )
        print_remarks(plan.dataset.remarks, progress=progress)
        temporary = Path(tempfile.mkdtemp(prefix="gancli-")) if outdir is None else None
        folder = Path(os.path.expanduser(temporary or outdir or ""))  # noqa: PTH111
        started = plan.start(folder, name, ["gancli.train"])
    run = Run(started.run.path, temporary=temporary)
    run.folder.memory = given.dataset
    run_to_end(started, run, given.callbacks, progress=progress)
    return run


def _name_of(model: str | type[Model]) -> str:
    """The name by which a model is found; a class is registered, a file executed."""
    from gancli import models

    if isinstance(model, type):
        models.register(model)
        return model.name()
    models.named_by_user(model)
    return model


def _data(data: str | os.PathLike[str] | Dataset) -> tuple[Dataset | None, str | None]:
    """A data set that is loaded already, or the source of one. Raises: OptionError for anything else."""
    from gancli.data.dataset import Dataset

    if isinstance(data, Dataset):
        return data, None
    if isinstance(data, str | os.PathLike):
        return None, os.fspath(data)
    raise OptionError(
        f"data is {type(data).__name__}: expected a name, a path or a Dataset; for arrays gancli.Dataset.from_arrays"
    )


def run_to_end(started: TrainingState, run: Run, callbacks: Sequence[Callback], *, progress: bool) -> None:
    """Train to the end, and show the progress. Raises: as `train`."""
    from gancli.api.progress import training
    from gancli.api.progress.notebook import in_notebook

    if progress:
        lines = training.opening_lines(started)
        note(*(lines[:1] if in_notebook() else lines))  # a notebook shows the pictures that the second line names
    try:
        training.show(started, verbosity=0 if progress else -1, callbacks=callbacks)
    except GancliError as error:
        run.keep()  # else the checkpoint that the error speaks of would go with the program
        if isinstance(error, Interrupted):
            error.run = run
        raise
