"""Models from outside: entry points of installed packages (group gancli.models), and classes that a program registers.

A package is imported only when its model is used or described, or a run of it is opened; its user has installed it. A
run.json can name a model, and so choose among these; it never decides what is imported.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.errors import OptionError, first_line
from gancli.models.base import Model
from gancli.models.model_files import STEM, abilities

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP = "gancli.models"


@dataclass(frozen=True)
class Package:
    """An installed package: its name and version as pip lists them."""

    name: str
    version: str

    def __str__(self) -> str:
        return f"{self.name} {self.version}"


_registered: dict[str, type[Model]] = {}
_packages: dict[type[Model], Package] = {}  # of the classes that were imported


def names() -> list[str]:
    """The names of all models from outside; nothing is imported."""
    return sorted({*_registered, *_entry_points()})


@functools.cache
def _entry_points() -> dict[str, list[EntryPoint]]:
    """The entry points of the group, by the models' names."""
    from importlib import metadata  # takes a tenth of a second

    found: dict[str, list[EntryPoint]] = {}
    for point in metadata.entry_points(group=GROUP):
        same = found.setdefault(point.name.casefold().replace("_", "-"), [])
        if not any(one.value == point.value and _package(one) == _package(point) for one in same):  # listed twice
            same.append(point)
    return found


def _package(point: EntryPoint) -> Package:
    return Package(point.dist.metadata["Name"], point.dist.version) if point.dist else Package("unknown", "")


def get(name: str) -> type[Model] | None:
    """The model of a name in lower case with dashes: a registered class, or that of an installed package, which is
    imported. None if there is none. Raises: OptionError if the package is broken."""
    if name in _registered:
        return _registered[name]
    points = _entry_points().get(name, [])
    return _load(name, points) if points else None


def _load(name: str, points: list[EntryPoint]) -> type[Model]:
    """The class of an entry point, with its name. Raises: OptionError in one sentence for whatever is wrong with it."""
    from gancli import models

    point, package = points[0], _package(points[0])
    if name in models.built_in():
        raise OptionError(f"the package {package} has a model '{name}', a name of gancli's own, which is used instead")
    if len(points) > 1:
        raise OptionError(f"several packages have a model '{name}': {', '.join(str(_package(one)) for one in points)}")
    what = f"the model '{name}' of the package {package}"
    if not STEM.fullmatch(name):
        raise OptionError(f"{what}: expected a name of letters, digits and dashes")
    try:
        found = point.load()
    except (Exception, SystemExit) as error:
        raise OptionError(f"{what} cannot be imported: {type(error).__name__}: {first_line(error)}") from error
    if problem := _problem(found):
        raise OptionError(f"{what} cannot be used: {point.value} {problem}")
    if models.is_known(found):
        raise OptionError(f"{what} cannot be used: {point.value} is gancli's own, which is no model of a package")
    if vars(found).get("model_name", name) != name:
        raise OptionError(f"{what} cannot be used: {point.value} has the model_name '{found.model_name}'")
    found.model_name = name
    _packages[found] = package
    return found


def _problem(found: object) -> str:
    """Why an object is no model; empty for a complete one."""
    if not (isinstance(found, type) and issubclass(found, Model)):
        return "is no class that inherits from gancli.models.base.Model"
    missing = sorted(found.__abstractmethods__)
    return f"does not define {', '.join(missing)}" if missing else ""


def register(model: type[Model]) -> None:
    """Make a class known by its name, in place of an earlier definition of the same class. A class of gancli, or of a
    file that the user has named, is known already.

    Raises: OptionError for no complete model, and a name that another model has.
    """
    from gancli import models

    if problem := _problem(model):
        raise OptionError(f"{getattr(model, '__qualname__', model)} {problem}")
    if models.is_known(model):
        return
    _name_like_entry_point(model)
    name = model.name()
    if not STEM.fullmatch(name) or name != name.casefold().replace("_", "-"):
        raise OptionError(f"model_name '{name}': expected lower-case letters, digits and dashes, such as 'my-gan'")
    if name in models.built_in():
        raise OptionError(f"gancli has a model '{name}': give {model.__qualname__} another model_name")
    other = _registered.get(name)
    if other is not None and _place(other) != _place(model):
        raise OptionError(f"'{name}' is the model {_place(other)}: give {_place(model)} another model_name")
    for point in _entry_points().get(name, []):
        if point.value != _place(model):
            raise OptionError(
                f"'{name}' is a model of the package {_package(point)}: give {_place(model)} another model_name"
            )
    _registered[name] = model


def _name_like_entry_point(model: type[Model]) -> None:
    """The class of an installed package has the name of its entry point."""
    for name, points in _entry_points().items():
        if [point.value for point in points] == [_place(model)]:
            model.model_name = name
            _packages[model] = _package(points[0])


def _place(model: type[Model]) -> str:
    """Module and qualified name of a class, as entry points are written."""
    return f"{model.__module__}:{model.__qualname__}"


def load_all(warn: Callable[[str], None]) -> dict[str, type[Model]]:
    """All models from outside by name, their packages imported. warn: called with a sentence for each broken one."""
    found = {}
    for name in names():
        try:
            found[name] = get(name)
        except OptionError as error:
            warn(str(error))
    return {name: model for name, model in found.items() if model is not None}


def package_of(model: type[Model]) -> Package | None:
    """The installed package that a class is of, as far as it has been imported as a model."""
    return _packages.get(model)


def record(model: type[Model]) -> dict[str, object]:
    """What run.json holds of a model from outside: its class, its package if it is of one, and its capabilities."""
    package = package_of(model) or Package("", "")
    table = {"class": _place(model), "package": package.name, "version": package.version}
    return {"model_class": table | {"capabilities": abilities(model)}}


def paths() -> set[str]:
    """The files of the classes that were imported or registered."""
    modules = {model.__module__ for model in (*_packages, *_registered.values())}
    return {path for name in modules if (path := getattr(sys.modules.get(name), "__file__", None))}
