"""What a run writes down beside its weights, read back with care: run.json, status.json, metrics.jsonl.

They may have been cut by a kill, edited, or come from a stranger: what is damaged is answered in words.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from gancli.core import files
from gancli.core.errors import CheckpointError
from gancli.core.options import no_twins
from gancli.data.dataset import DataFacts

Record = Mapping[str, float]  # a line of metrics.jsonl
LARGEST = 16_000_000  # bytes of a run.json or status.json
LONGEST_LINE, LARGEST_LINES = 1_000_000, 2_000_000_000  # bytes of a record, and of all that are read
FORMAT = 1  # of run.json
RUN = {"model": str, "name": str, "created": str, "options": dict, "data": dict}
RUN |= {"argv": list, "versions": dict, "device": dict}
FACTS = {"name": str, "shape": list, "count": int, "columns": list, "classes": list, "fingerprint": str, "source": str}
FACTS |= {"attributes": list, "words": list, "captions": list, "validation": int, "palette": list, "frequencies": list}
FACTS |= {"numbers": list, "side": int, "pixel_ranges": list, "fingerprints": dict}
OF_OLD = {"attributes": [], "words": [], "captions": [], "validation": 0}  # which runs of old do not have
OF_OLD |= {"palette": [], "frequencies": [], "numbers": [], "side": 0, "pixel_ranges": [], "fingerprints": {}}
LISTS = ("columns", "classes", "attributes", "words", "captions", "pixel_ranges")  # of texts
LARGEST_ITEM = 10**9  # numbers in an image or point
STATUS = {"state": str, "step": int, "reason": str, "changes": dict}
KINDS = {str: "text", int: "a whole number", list: "a list", dict: "a table"}


def read_run(path: Path) -> tuple[dict[str, Any], DataFacts]:
    """The table in a run.json, and the facts of the data in it. Raises: CheckpointError if gancli did not write it."""
    record = read_json(path)
    if record.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {record.get('format')}, this gancli reads {FORMAT}")
    need_kinds(record, RUN, name=str(path))
    return record, _facts(record["data"], name=str(path))


def _facts(table: Mapping[str, Any], *, name: str) -> DataFacts:
    """The facts of the data in a run.json. Raises: CheckpointError if they are not what gancli writes."""
    table = OF_OLD | table
    need_kinds(table, FACTS, name=name)
    shape, texts = table["shape"], [text for key in LISTS for text in table[key]]
    is_of_items = bool(shape) != ("sentence" in table["columns"])
    if not is_of_items or not all(type(side) is int and side > 0 for side in shape) or math.prod(shape) > LARGEST_ITEM:
        raise CheckpointError(f"{name}: shape = {str(shape)[:60]}: expected sizes of an image")
    if table.keys() != FACTS.keys() or not all(isinstance(text, str) for text in texts):
        raise CheckpointError(f"{name}: data: expected {', '.join(FACTS)}, and texts in {', '.join(LISTS)}")
    if not all(isinstance(digest, str) for digest in table["fingerprints"].values()):
        raise CheckpointError(f"{name}: data: fingerprints are not what gancli writes")
    if not _are_of_maps(table) or not 0 <= table["validation"] < max(table["count"], 1) or table["side"] < 0:
        raise CheckpointError(
            f"{name}: data: palette, frequencies, numbers, validation or side are not what gancli writes"
        )
    held = {key: tuple(table[key]) for key in ("shape", "frequencies", "numbers", *LISTS)}
    return DataFacts(**table | held | {"palette": tuple(map(tuple, table["palette"]))})


def _are_of_maps(table: Mapping[str, Any]) -> bool:
    """Whether what is told of classes of pixels is there for each, or where there are no label maps for none."""
    count = len(table["classes"]) if "map" in table["columns"] else 0
    sizes = {len(table[key]) for key in ("palette", "frequencies", "numbers")}
    colors = [part for color in table["palette"] for part in (color if isinstance(color, list) else [None])]
    are_bytes = all(type(part) is int and 0 <= part < 256 for part in colors)
    are_numbers = all(type(number) is int and 0 <= number < 65536 for number in table["numbers"])
    shares = all(type(share) in (int, float) and 0 <= share <= 1 for share in table["frequencies"])
    return sizes == {count} and len(colors) == 3 * count and are_bytes and are_numbers and shares


def read_json(path: Path) -> dict[str, Any]:
    """The table in a JSON file. Raises: CheckpointError if it cannot be read, is too large, or holds something else."""
    try:
        text = files.read_regular(path, most=LARGEST).decode("utf-8")
        loaded = json.loads(text, object_pairs_hook=no_twins, parse_constant=_refuse)
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(loaded, dict):
        raise CheckpointError(f"{path} is not a JSON object")
    return loaded


def _refuse(constant: str) -> None:
    raise ValueError(f"it holds {constant}, which is no number")


def need_kinds(table: Mapping[str, Any], kinds: Mapping[str, type], *, name: str) -> None:
    """Raise CheckpointError if an entry of the table is absent or of another type."""
    for key, kind in kinds.items():
        if type(table.get(key)) is not kind:
            raise CheckpointError(f"{name}: {key} = {str(table.get(key))[:60]}: expected {KINDS[kind]}")


def read_status(path: Path) -> dict[str, Any]:
    """state, step, reason, changes; "new" where there is no file, "unknown" with the reason where it is damaged."""
    status: dict[str, Any] = {"state": "new", "step": 0, "reason": "", "changes": {}}
    if not path.exists():
        return status
    try:
        held = status | read_json(path)
        need_kinds(held, STATUS, name=str(path))
    except CheckpointError as error:
        return status | {"state": "unknown", "reason": str(error)}
    return held


def read_lines(path: Path, *, having: str = "") -> list[dict[str, Any]]:
    """The records of a metrics.jsonl, or only those that have this name in them, as a long training has many others.

    Lines that no training wrote, or of more than 1 MB, are left out, and a last one that a kill cut; of others, numbers
    that were not finite.
    """
    records = []
    if not path.is_file():
        return records
    with files.open_regular(path) as file:
        for line in iter(functools.partial(file.readline, LONGEST_LINE), b""):
            if file.tell() > LARGEST_LINES:
                break
            text = line.decode("utf-8", "replace")
            with contextlib.suppress(ValueError, RecursionError):
                if having in text and _is_record(record := json.loads(text)) and (not having or having in record):
                    records.append({name: value for name, value in record.items() if _is_told(value)})
    return records


def _is_told(value: object) -> bool:
    """Whether a value says something: null stands for a number that was not finite, which older runs wrote as NaN."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _is_record(record: object) -> bool:
    """Whether it has a step and seconds, and all in it are numbers, or null, but the name of the stage."""
    if not isinstance(record, dict) or type(record.get("step")) is not int or "seconds" not in record:
        return False
    return all(type(value) in (int, float, type(None)) for name, value in record.items() if name != "stage")


def best_record(records: Sequence[Record], *, higher_is_better: bool) -> Record | None:
    """The first record with the best `score`, or None where none has one."""
    sign = 1 if higher_is_better else -1
    return max((record for record in records if "score" in record), key=lambda it: sign * it["score"], default=None)
