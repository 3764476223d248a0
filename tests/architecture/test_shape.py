"""The shape of the source: few entries at the top, small folders, files, commands and functions.

Run as a script with paths under gancli/ it prints what is too large there.
"""

import ast
import sys
from pathlib import Path

import pytest

import gancli

ROOT = Path(gancli.__file__).parent
FILES = sorted(ROOT.rglob("*.py"))
MOST_ENTRIES, MOST_FILES = 14, 14  # at the top: the packages, __init__, __main__ and py.typed; and in a folder
FILE, COMMAND, FUNCTION, PARAMETERS = 250, 120, 45, 8
LOOP, METHODS = 150, 14  # lines of the training loop, methods of the base of all models
ONE_FILE_EACH = {  # folders of any size, and what they hold one file of for each of
    "models": "a paper",
    "cli/commands": "a command",
    "evaluation/metrics": "a metric",
}
LONG_FILES: dict[str, str] = {}  # the reason why a file is longer
LONG_FUNCTIONS: dict[str, str] = {
    "nn/architectures/dcgan.py:generator": "the choices of one network, by name",
}  # file:function, and the reason why it is longer or has more parameters


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _functions(path: Path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def _parameters(node: ast.FunctionDef) -> int:
    taken = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return len([one for one in taken if one.arg not in ("self", "cls")])


def too_large(path: Path) -> list[str]:
    """What exceeds its limit in a file, a line each."""
    found, name = [], _name(path)
    lines = path.read_text(encoding="utf-8").count("\n")
    most = COMMAND if path.parent == ROOT / "cli" / "commands" else FILE
    if lines > most and name not in LONG_FILES:
        found.append(f"{name}: {lines} lines, at most {most}")
    for node in _functions(path):
        size, count = node.end_lineno - node.lineno + 1, _parameters(node)
        if f"{name}:{node.name}" not in LONG_FUNCTIONS:
            found += [f"{name}: {node.name} has {size} lines, at most {FUNCTION}"] if size > FUNCTION else []
            found += [f"{name}: {node.name} has {count} parameters, at most {PARAMETERS}"] if count > PARAMETERS else []
    return found


@pytest.mark.parametrize("path", FILES, ids=_name)
def test_files_and_functions_stay_small(path):
    assert too_large(path) == []


def test_the_top_of_the_package_has_few_entries():
    entries = [path for path in ROOT.iterdir() if path.name != "__pycache__"]
    assert len(entries) <= MOST_ENTRIES


def test_folders_stay_small():
    for folder in {path.parent for path in FILES}:
        name = str(folder.relative_to(ROOT))
        files = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        assert len(files) <= MOST_FILES or name in ONE_FILE_EACH, name


def test_the_loop_and_the_base_of_all_models_stay_small():
    assert (ROOT / "training" / "loop.py").read_text(encoding="utf-8").count("\n") <= LOOP
    tree = ast.parse((ROOT / "models" / "base.py").read_text(encoding="utf-8"))
    (model,) = [node for node in tree.body if isinstance(node, ast.ClassDef) and node.name == "Model"]
    methods = [node.name for node in model.body if isinstance(node, ast.FunctionDef) and node.name != "__init__"]
    assert len(methods) <= METHODS, methods


def test_models_inherit_behavior_from_one_class():
    """Besides interfaces, whose methods are abstract or compute from others of theirs, and mixins of options."""
    from gancli import models
    from gancli.models import capabilities, pretrained
    from gancli.models.base import Model

    interfaces = {
        item for item in (*vars(capabilities).values(), pretrained.StartsFromPretrained) if isinstance(item, type)
    }
    for name in models.names():
        for cls in models.get(name).__mro__:
            behavior = [base for base in cls.__bases__ if issubclass(base, Model)]
            others = [base for base in cls.__bases__ if base not in interfaces and base not in behavior]
            assert len(behavior) <= 1, cls
            assert not behavior or not others, (cls, others)


def test_every_exception_is_still_one():
    for name, reason in LONG_FILES.items():
        path = ROOT / name
        most = COMMAND if path.parent == ROOT / "cli" / "commands" else FILE
        assert reason and path.read_text(encoding="utf-8").count("\n") > most, name
    for name, reason in LONG_FUNCTIONS.items():
        file, _, function = name.partition(":")
        (node,) = [one for one in _functions(ROOT / file) if one.name == function]
        size = node.end_lineno - node.lineno + 1
        assert reason and (size > FUNCTION or _parameters(node) > PARAMETERS), name


if __name__ == "__main__":
    for wanted in sys.argv[1:] or ["gancli"]:
        place = Path(wanted)
        for path in sorted(place.rglob("*.py")) if place.is_dir() else [place]:
            print("\n".join(too_large(path.resolve())) or "", end="\n" if too_large(path.resolve()) else "")
