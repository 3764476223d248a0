"""What all methods of gancli.TrainedModel share: the checkpoint, what the model can do, and how it is reported."""

from __future__ import annotations

import functools
import os
import sys
import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

from gancli.api.notes import print_remarks, shown
from gancli.core.errors import OptionError
from gancli.core.library_scope import library_scope
from gancli.core.streams import note

if TYPE_CHECKING:
    from gancli.api.run import Run, Weights
    from gancli.data.remarks import Remark
    from gancli.evaluation.selection.run_classifiers import RunClassifiers
    from gancli.inference.trained_model import TrainedModel as Restored

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")
Self = TypeVar("Self", bound="ModelMethods")
Check = Callable[["Restored"], None]
Requirement = tuple[tuple[type, ...], Check | None]
INSIDE = ("gancli", "contextlib", "functools")  # modules between a program's call and a warning


def needs(
    *abilities: type, check: Check | None = None
) -> Callable[[Callable[Concatenate[Self, Parameters], Result]], Callable[Concatenate[Self, Parameters], Result]]:
    """Decorate a method of a TrainedModel: it runs in a library scope, if the model has one of the abilities.

    abilities: capabilities of models/capabilities.py; without any, every model. check: raises OptionError for a model
    that cannot do it in spite of its abilities. The error of the first ability is raised for other models.
    """

    def decorate(
        function: Callable[Concatenate[Self, Parameters], Result],
    ) -> Callable[Concatenate[Self, Parameters], Result]:
        @functools.wraps(function)
        def method(self: Self, /, *args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
            with library_scope(), shown(progress=self.progress):
                self._require(abilities, check)
                return function(self, *args, **kwargs)

        requirement: Requirement = abilities, check
        vars(method)["needs"] = requirement
        return method

    return decorate


class ModelMethods:
    """A model of a checkpoint. Attributes: `run`; `progress`, whether notes and the progress of long work are shown."""

    def __init__(
        self, run: Run, *, weights: Weights | None = None, checkpoint: str = "last", progress: bool = True
    ) -> None:
        """weights, checkpoint: as in `Run.load`. Raises: CheckpointError, OptionError."""
        from gancli.inference.trained_model import Reporting
        from gancli.inference.trained_model import TrainedModel as Restored

        self.run, self.progress = run, progress
        self._trained = Restored(
            run.folder, checkpoint, weights, reporting=Reporting(note=self._note, remarks=self._remarks)
        )

    @property
    def abilities(self) -> list[str]:
        """The names of the methods that this model can do: sample, interpolate, upscale, … Loads nothing."""
        found = []
        for name in dir(type(self)):
            requirement: Requirement = getattr(getattr(type(self), name, None), "needs", ((), None))
            if requirement[0] and not name.startswith("_"):
                try:
                    self._require(*requirement)
                except OptionError:
                    continue
                found.append(name)
        return found

    def _require(self, abilities: tuple[type, ...], check: Check | None) -> None:
        """Raise OptionError for a model that lacks all of the abilities, with the sentence of the first."""
        from gancli.runs import registry

        if abilities and not any(self._trained.run.can(ability) for ability in abilities):
            registry.need_ability(self._trained.run, abilities[0])
        if check is not None:
            check(self._trained)

    def _can(self, ability: type) -> bool:
        return self._trained.run.can(ability)

    def _classifiers(self) -> RunClassifiers:
        """Classifiers of the run's data; they are loaded or trained at first use."""
        from gancli.evaluation.selection.run_classifiers import RunClassifiers

        return RunClassifiers(self._trained)

    def _note(self, text: str) -> None:
        """A line from below: a warning of Python if it is one, else printed on standard error."""
        kind, _, rest = text.partition(": ")
        if kind == "warning":
            warnings.warn(rest, stacklevel=_caller_level())
        elif self.progress:
            note(text)

    def _remarks(self, remarks: Iterable[Remark]) -> None:
        print_remarks(remarks, progress=self.progress)


def _caller_level() -> int:
    """The `stacklevel` at which a warning of the function that calls this names the line of the program."""
    level, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] in INSIDE:
        level, frame = level + 1, frame.f_back
    return level


def expanded(path: str | os.PathLike[str]) -> str:
    """A path with ~ replaced by the home folder."""
    return os.path.expanduser(path)  # noqa: PTH111 (pathlib's fails for unknown users)
