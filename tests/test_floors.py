"""A module imports only from lower floors, and Click is met on the top floor alone."""

import ast
from pathlib import Path

import pytest

import gancli

ROOT = Path(gancli.__file__).parent
FLOORS = {
    "cli": 4,
    "__main__": 4,
    "commands": 4,
    "console": 4,
    "launch": 3,
    "training": 3,
    "graph": 3,
    "batches": 3,
    "runs": 3,
    "followers": 3,
    "shelf": 3,
    "upkeep": 3,
    "checkpoints": 3,
    "sampling": 3,
    "selection": 3,
    "arithmetic": 3,
    "walks": 3,
    "forgetting": 3,
    "inversion": 3,
    "pyramids": 3,
    "multiscale": 3,
    "traversal": 3,
    "bounds": 3,
    "duplicates": 3,
    "classifier": 3,
    "matcher": 3,
    "sentences": 3,
    "features": 3,
    "evaluation": 3,
    "gallery": 3,
    "enlarging": 3,
    "labelling": 3,
    "translation": 3,
    "restoration": 3,
    "models": 2,
    "adversarial": 2,
    "abilities": 2,
    "coding": 2,
    "upscaling": 2,
    "translating": 2,
    "decaying": 2,
    "games": 1,
    "inputs": 1,
    "orders": 1,
    "room": 1,
    "temporary": 1,
    "network": 1,
    "replicas": 1,
    "devices": 1,
    "workers": 1,
    "meeting": 1,
    "handshake": 1,
    "architectures": 1,
    "losses": 1,
    "optimizers": 1,
    "health": 1,
    "pace": 1,
    "locks": 1,
    "data": 1,
    "metrics": 1,
    "texts": 1,
    "latents": 1,
    "concepts": 1,
    "maps": 1,
    "cuts": 1,
    "pools": 1,
    "images": 1,
    "resampling": 1,
    "plots": 1,
    "options": 1,
    "records": 1,
    "events": 1,
    "files": 1,
    "signals": 1,
    "environment": 1,
    "backend": 0,
    "errors": 0,
    "strict_json": 0,
    "escapes": 0,
    "__init__": 0,
}
FILES = sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return parts[0]


def imported(path: Path) -> set[str]:
    """Rooms of gancli, and foreign packages, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] if name.startswith("gancli.") else name.split(".")[0] for name in found}


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_from_its_own_floor_and_below(path):
    floor = FLOORS[room(path)]
    too_high = {name for name in imported(path) if FLOORS.get(name, 0) > floor}
    assert not too_high


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_click_and_rich_are_met_on_the_top_floor_alone(path):
    assert FLOORS[room(path)] == 4 or not imported(path) & {"click", "rich"}


def _modules_of(node: ast.AST) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


@pytest.mark.parametrize("path", sorted((ROOT / "models").glob("*.py")), ids=lambda path: path.stem)
def test_models_do_not_import_one_another(path):
    siblings = {file.stem for file in (ROOT / "models").glob("*.py")} - {"base", "__init__"}
    named = {part for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) for part in _modules_of(node)}
    assert not named & {f"gancli.models.{name}" for name in siblings}
