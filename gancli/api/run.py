"""gancli.Run: a training's folder, its records, and the models in its checkpoints."""

from __future__ import annotations

import html
import os
import shutil
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from gancli.api.datasets import data_folder
from gancli.api.notes import notes, print_remarks, shown
from gancli.core.errors import OptionError, ResourceError
from gancli.core.library_scope import in_library_scope
from gancli.core.streams import note

if TYPE_CHECKING:
    from gancli.api.model import TrainedModel
    from gancli.data.dataset import Dataset
    from gancli.runs.run import Run as RunFolder
    from gancli.training.callbacks.base import Callback

Weights = Literal["ema", "raw"]
DEFAULT_OUTDIR = "runs"


class Run:
    """A training: its folder with record, metrics, samples and checkpoints. `train` and `load_run` return one.

    Attributes: `path`, the folder; `folder`, the run of gancli.runs, for what is not offered here.
    """

    def __init__(self, path: str | os.PathLike[str], *, temporary: Path | None = None) -> None:
        """temporary: a folder that is deleted with this object. Raises: CheckpointError if the folder is no run."""
        from gancli.runs import registry

        self.path = Path(path)
        self.folder: RunFolder = registry.open_folder(self.path)
        self._deletion = weakref.finalize(self, shutil.rmtree, temporary, ignore_errors=True) if temporary else None

    @property
    def name(self) -> str:
        """The name given to the run; may be empty."""
        return self.folder.name

    @property
    def model_name(self) -> str:
        """The name of its model, as in `list_models`."""
        return self.folder.record["model"]

    @property
    def options(self) -> Mapping[str, object]:
        """All options of the training by name, automatic ones resolved, with the changes of resumes."""
        return self.folder.settings().to_mapping()

    @property
    def status(self) -> Mapping[str, Any]:
        """Keys: step, total, reason, seconds; state: running, finished, interrupted, diverged, failed or killed."""
        return self.folder.status()

    @property
    def metrics(self) -> list[dict[str, Any]]:
        """The records of the training in order: stage, step, epoch, images, seconds, and losses by name."""
        return self.folder.metrics()

    @property
    def checkpoints(self) -> list[int]:
        """The steps of its checkpoints, in order."""
        return list(self.folder.checkpoints())

    def load(self, weights: Weights | None = None, checkpoint: int | Literal["last", "best"] = "last") -> TrainedModel:
        """The model in a checkpoint.

        weights: "ema", the moving average, or "raw"; by default the average if the run keeps one. checkpoint: a step of
        `checkpoints`, "last", or "best" by the validation score of eval_every.
        Raises: CheckpointError, OptionError if it does not exist.
        """
        from gancli.api.model import TrainedModel

        if weights not in (None, *get_args(Weights)):
            raise OptionError(f"weights is {weights!r}: expected {' or '.join(get_args(Weights))}")
        return TrainedModel(self, weights=weights, checkpoint=str(checkpoint))

    @in_library_scope
    def resume(
        self,
        *,
        data: str | os.PathLike[str] | Dataset | None = None,
        callbacks: Sequence[Callback] = (),
        progress: bool = True,
        **options: object,
    ) -> Run:
        """Continue the training exactly where it stopped, and return this run.

        data: where the data are now, if they were moved; for a run on arrays, the Dataset. options: those that may
        change, such as steps, its total length. The other arguments are those of `train`.
        Raises: as `train`; OptionError for a run that has done all its steps.
        """
        from gancli.api.training import run_to_end
        from gancli.data.dataset import Dataset
        from gancli.training.resume import resume_run

        dataset = None
        if isinstance(data, Dataset):
            dataset = data
        elif data is not None:
            options = options | {"data": os.fspath(data)}
        with shown(progress=progress):
            started = resume_run(
                self.folder,
                options,
                data_dir=data_folder(None),
                warn=notes(progress=progress),
                tell=lambda dataset: print_remarks(dataset.remarks, progress=progress),
                argv=["gancli.Run.resume"],
                dataset=dataset,
            )
        run_to_end(started, self, callbacks, progress=progress)
        return self

    def keep(self) -> Run:
        """Keep the folder where it is, even if it is a temporary one. Returns: this run."""
        if self._deletion is not None:
            self._deletion.detach()
        return self

    def copy_to(self, outdir: str | os.PathLike[str]) -> Run:
        """Copy the folder into another one under the same name, to keep a run of a temporary folder.

        Returns: the copy. Raises: ResourceError if it exists or cannot be written.
        """
        target = Path(os.path.expanduser(outdir)) / self.path.name  # noqa: PTH111 (pathlib's fails for unknown users)
        try:
            shutil.copytree(self.path, target)
        except FileExistsError as error:
            raise ResourceError(f"{target} exists: choose another folder") from error
        except (OSError, shutil.Error) as error:
            raise ResourceError(f"cannot copy the run to {target}: {error}") from error
        return Run(target)

    def __repr__(self) -> str:
        status = self.status
        return f"<gancli.Run {self.path}: {self.model_name}, {status['state']} at step {status['step']:,}>"

    def _repr_html_(self) -> str:
        """For notebooks: the state, and the newest sample grid."""
        from gancli.api.pictures import html_picture

        pictures = list(self.folder.pictures().values())
        picture = html_picture(pictures[-1].read_bytes()) if pictures else ""
        return f"<div>{html.escape(repr(self))}<br>{picture}</div>"


def load_run(run: str | int | os.PathLike[str] = "last", outdir: str | os.PathLike[str] = DEFAULT_OUTDIR) -> Run:
    """A run that was trained before.

    run: its path, number or name, or "last", "last-1"… as --run takes it. outdir: the folder of runs in which numbers
    and names are looked for. Raises: CheckpointError if there is none, or it may be several.
    """
    from gancli.runs import registry

    found = registry.find_run(os.fspath(run) if not isinstance(run, int) else str(run), _folder(outdir))
    return Run(found.path)


def list_runs(outdir: str | os.PathLike[str] = DEFAULT_OUTDIR) -> list[Run]:
    """All readable runs in a folder, the oldest first; a note is printed for each that cannot be read."""
    from gancli.runs import registry

    return [Run(run.path) for run in registry.list_runs(_folder(outdir), warn=note)]


def _folder(outdir: str | os.PathLike[str]) -> Path:
    return Path(os.path.expanduser(outdir))  # noqa: PTH111 (pathlib's fails where there is no such user)
