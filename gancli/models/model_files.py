"""Models in files outside of the package, such as mine.py.

Loading a file executes it, so a file is loaded only when the user has named it on the command line: never because a
run.json, a configuration or a shell's completion does. A run records the file's path and SHA-256, and is opened only if
a file with the same hash has been named.
"""

from __future__ import annotations

import hashlib
import inspect
import re
import sys
import traceback
import types
from dataclasses import dataclass
from pathlib import Path

from gancli.core import files
from gancli.core.errors import OptionError, first_line
from gancli.models import capabilities
from gancli.models.base import FILES, Model

LARGEST = 1_000_000  # bytes
STEM = re.compile("[A-Za-z][A-Za-z0-9_-]{0,63}")  # of a file's name, which is the model's


@dataclass(frozen=True)
class ModelFile:
    """A file that holds a model: its absolute path, its content, and the content's SHA-256."""

    path: Path
    source: bytes
    sha256: str


_by_text: dict[str, type[Model]] = {}  # by the path as the user typed it
_files: dict[type[Model], ModelFile] = {}


def is_path(name: str) -> bool:
    """Whether the name of a model is a file's: it ends in .py."""
    return name.endswith(".py")


def loaded(name: str) -> type[Model] | None:
    """The model of a file that has been loaded, by its path as the user typed it."""
    return _by_text.get(name)


def file_of(model_class: type[Model]) -> ModelFile | None:
    """The file that a model was loaded from; None for those of the package."""
    return _files.get(model_class)


def with_hash(sha256: str) -> type[Model] | None:
    """The model of a file that has been loaded, by the SHA-256 of its content."""
    return next((found for found, file in reversed(_files.items()) if file.sha256 == sha256), None)


def others() -> list[ModelFile]:
    """All files that have been loaded."""
    return list(_files.values())


def abilities(model_class: type[Model]) -> list[str]:
    """Names of the capabilities of a model, for the record of a run whose file is not loaded."""
    return sorted(base.__name__ for base in model_class.__mro__ if base.__module__ == capabilities.__name__)


def load(name: str) -> type[Model]:
    """Execute a file that the user has named, and return its model.

    Raises: OptionError if it cannot be read or executed, or does not define one model.
    """
    path = Path(name).expanduser().absolute()
    try:
        source = files.read_regular(path, most=LARGEST)
    except (OSError, ValueError) as error:
        raise OptionError(f"cannot read the model file {name}: {getattr(error, 'strerror', None) or error}") from error
    if not STEM.fullmatch(path.stem):
        raise OptionError(f"--model {name}: expected a file name of letters, digits, - and _, such as my_gan.py")
    file = ModelFile(path, source, hashlib.sha256(source).hexdigest())
    known = next((found for found, other in _files.items() if other == file), None)
    _by_text[name] = known or _only_model(_executed(file, name), name)
    _files.setdefault(_by_text[name], file)
    return _by_text[name]


def _executed(file: ModelFile, name: str) -> types.ModuleType:
    """The file as a module, made of the bytes that were hashed."""
    module = types.ModuleType(f"{FILES}{file.sha256[:16]}.{file.path.stem}")
    module.__file__ = str(file.path)
    sys.modules[module.__name__] = module  # where dataclasses and inspect look for it
    try:
        exec(compile(file.source, str(file.path), "exec"), module.__dict__)
    except (Exception, SystemExit) as error:
        del sys.modules[module.__name__]
        lines = [
            frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == module.__file__
        ]
        line = error.lineno if isinstance(error, SyntaxError) else next(reversed(lines), None)
        place = f"{name}, line {line}" if line else name
        raise OptionError(f"the model file {place}: {type(error).__name__}: {first_line(error)}") from error
    return module


def _only_model(module: types.ModuleType, name: str) -> type[Model]:
    """The one class of a module that is a complete model. Raises: OptionError."""
    mine = [
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Model) and item.__module__ == module.__name__
    ]
    found = [item for item in mine if not inspect.isabstract(item)]
    found = [item for item in found if not any(issubclass(other, item) for other in found if other is not item)]
    if not found and mine:
        missing = ", ".join(sorted(mine[-1].__abstractmethods__))
        raise OptionError(f"the model file {name}: {mine[-1].__name__} does not define {missing}")
    if len(found) != 1:
        names = ", ".join(item.__name__ for item in found) or "none"
        raise OptionError(f"the model file {name}: expected one class that inherits from Model, and it has {names}")
    return found[0]
