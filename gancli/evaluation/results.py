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


def save(run: Run, name: str, result: Mapping[str, object], *, note: Callable[[str], None]) -> None:
    """Write a result and its recipe to the run's eval/NAME.json.

    note: called with a warning where the file cannot be written.
    """
    try:
        run.write(f"eval/{name}.json", strict_json.dumps(result, indent=2) + "\n")
    except ResourceError as error:
        note(f"warning: {error}; the score is not saved")
