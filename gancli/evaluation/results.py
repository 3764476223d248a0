"""Results of evaluations: rounded for people to read, and saved beside the run that they score."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from gancli.core import strict_json
from gancli.core.errors import ResourceError
from gancli.runs.run import Run


def round_floats(result: Mapping[str, object]) -> dict[str, object]:
    """The result with floats rounded to six significant digits, also those of nested mappings."""
    return {name: _round(value) for name, value in result.items()}


def _round(value: object) -> object:
    if isinstance(value, dict):
        return round_floats(value)
    return float(f"{value:.6g}") if isinstance(value, float) else value


def place(name: str, recipe: Mapping[str, object]) -> str:
    """Where a file of a result is in a run: in eval/, or, of truncated samples, which are not those that the run is
    compared by, in eval/truncation-PSI/ (with the number of layers, if not all are truncated)."""
    parts = [recipe[key] for key in ("truncation", "truncation_layers") if recipe.get(key) is not None]
    folder = "-".join(["truncation", *(f"{part:g}" for part in parts)]) + "/" if parts else ""
    return f"eval/{folder}{name}"


def save(run: Run, name: str, result: Mapping[str, object], *, note: Callable[[str], None]) -> None:
    """Write a result and its recipe to the run's eval/NAME.json, or that of its truncation, see `place`.

    note: called with a warning where the file cannot be written.
    """
    try:
        run.write(place(f"{name}.json", result), strict_json.dumps(result, indent=2) + "\n")
    except ResourceError as error:
        note(f"warning: {error}; the score is not saved")
