"""The metadata of a run, read and checked: run.json, about.json, status.json, metrics.jsonl.

These files may be truncated, edited or from an untrusted source: every damage is reported as an error or skipped.
"""

from __future__ import annotations

import contextlib
import functools
import json
import math
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gancli.core import files, strict_json
from gancli.core.errors import CheckpointError
from gancli.core.options import no_twins
from gancli.data.dataset import DataFacts

Record = Mapping[str, float]  # a line of metrics.jsonl
LARGEST = 16_000_000  # bytes of a run.json or status.json
DEEPEST = 60  # lists and objects within one another in them
LONGEST_LINE, LARGEST_LINES = 1_000_000, 2_000_000_000  # bytes of a record, and of all records read
FORMAT = 1  # of run.json
RUN = {"model": str, "name": str, "created": str, "options": dict, "data": dict}
RUN |= {"argv": list, "versions": dict, "device": dict}
MODEL_FILE = {"path": str, "sha256": str, "capabilities": list}  # of a model from outside of the package
MODEL_CLASS = {"class": str, "package": str, "version": str, "capabilities": list}  # of a package, or registered
PACKAGE = re.compile("[A-Za-z0-9._+!-]{0,100}")  # its name or version, as they are printed
FACTS = {"name": str, "shape": list, "count": int, "columns": list, "classes": list, "fingerprint": str, "source": str}
FACTS |= {"attributes": list, "words": list, "captions": list, "validation": int, "palette": list, "frequencies": list}
FACTS |= {"numbers": list, "side": int, "pixel_ranges": list, "fingerprints": dict, "remarks": list}
OLDER_FACTS = {
    "attributes": [],
    "words": [],
    "captions": [],
    "validation": 0,
}  # of older versions
OLDER_FACTS |= {
    "palette": [],
    "frequencies": [],
    "numbers": [],
    "side": 0,
    "pixel_ranges": [],
    "fingerprints": {},
    "remarks": [],
}
LISTS = ("columns", "classes", "attributes", "words", "captions", "pixel_ranges", "remarks")  # lists of texts
LARGEST_ITEM = 10**9  # numbers in an image or point
STATUS = {"state": str, "step": int, "total": int, "reason": str, "changes": dict}
ABOUT = {"name": str, "note": str}
COMMAND = {"argv": list, "time": str, "version": str, "step": int}  # in resumes.jsonl
BLOCK, LARGEST_TAIL = 1 << 16, 1 << 23  # bytes of metrics.jsonl read at a time from its end, and of all of them
KINDS = {str: "text", int: "an integer", list: "a list", dict: "an object"}


def read_run(path: Path) -> tuple[dict[str, Any], DataFacts]:
    """The contents of a run.json, and the data facts in it. Raises: CheckpointError if they are not valid."""
    return checked_run(read_json(path), path)


def checked_run(record: dict[str, Any], path: Path) -> tuple[dict[str, Any], DataFacts]:
    """A run.json that was read, and the data facts in it. path: of its file. Raises: as `read_run`."""
    if record.get("format") != FORMAT:
        raise CheckpointError(f"{path} has format {record.get('format')}, this gancli reads {FORMAT}")
    need_kinds(record, RUN, name=str(path))
    if "model_file" in record:
        need_kinds(record, {"model_file": dict}, name=str(path))
        need_kinds(record["model_file"], MODEL_FILE, name=f"{path}: model_file")
    if "model_class" in record:
        need_kinds(record, {"model_class": dict}, name=str(path))
        need_kinds(found := record["model_class"], MODEL_CLASS, name=f"{path}: model_class")
        if not PACKAGE.fullmatch(found["package"]) or not PACKAGE.fullmatch(found["version"]):
            raise CheckpointError(f"{path}: model_class: expected name and version of a package")
    return record, _facts(record["data"], name=str(path))


def _facts(table: Mapping[str, Any], *, name: str) -> DataFacts:
    """The data facts in a run.json. Raises: CheckpointError if they are not valid."""
    table = OLDER_FACTS | table
    need_kinds(table, FACTS, name=name)
    shape, texts = table["shape"], [text for key in LISTS for text in table[key]]
    is_of_items = bool(shape) != ("sentence" in table["columns"])
    if not is_of_items or not all(type(side) is int and side > 0 for side in shape) or math.prod(shape) > LARGEST_ITEM:
        raise CheckpointError(f"{name}: shape = {str(shape)[:60]}: expected the shape of an image")
    if table.keys() != FACTS.keys() or not all(isinstance(text, str) for text in texts):
        raise CheckpointError(f"{name}: data: expected {', '.join(FACTS)}, with texts in {', '.join(LISTS)}")
    if not all(isinstance(digest, str) for digest in table["fingerprints"].values()):
        raise CheckpointError(f"{name}: data: invalid fingerprints")
    if not _has_valid_map_classes(table) or not 0 <= table["validation"] < max(table["count"], 1) or table["side"] < 0:
        raise CheckpointError(f"{name}: data: invalid palette, frequencies, numbers, validation or side")
    tuples = {key: tuple(table[key]) for key in ("shape", "frequencies", "numbers", *LISTS)}
    return DataFacts(**table | tuples | {"palette": tuple(map(tuple, table["palette"]))})


def _has_valid_map_classes(table: Mapping[str, Any]) -> bool:
    """Whether palette, frequencies and numbers have a valid entry per pixel class, and none without label maps."""
    count = len(table["classes"]) if "map" in table["columns"] else 0
    sizes = {len(table[key]) for key in ("palette", "frequencies", "numbers")}
    colors = [part for color in table["palette"] for part in (color if isinstance(color, list) else [None])]
    are_bytes = all(type(part) is int and 0 <= part < 256 for part in colors)
    are_numbers = all(type(number) is int and 0 <= number < 65536 for number in table["numbers"])
    shares = all(type(share) in (int, float) and 0 <= share <= 1 for share in table["frequencies"])
    return sizes == {count} and len(colors) == 3 * count and are_bytes and are_numbers and shares


def read_json(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises: CheckpointError if it is unreadable, too large, or not an object."""
    try:
        text = files.read_regular(path, most=LARGEST).decode("utf-8")
        loaded = json.loads(text, object_pairs_hook=no_twins, parse_constant=_refuse)
    except (OSError, ValueError, RecursionError) as error:
        raise CheckpointError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    if not isinstance(loaded, dict):
        raise CheckpointError(f"{path} is not a JSON object")
    if strict_json.nests_deeper(loaded, DEEPEST):
        raise CheckpointError(f"cannot read {path}: more than {DEEPEST} lists and objects are within one another")
    return loaded


def _refuse(constant: str) -> None:
    raise ValueError(f"it contains {constant}, which is not valid JSON")


def need_kinds(table: Mapping[str, Any], kinds: Mapping[str, type], *, name: str) -> None:
    """Raise CheckpointError if an entry of the object is missing or of another type."""
    for key, kind in kinds.items():
        if type(table.get(key)) is not kind:
            raise CheckpointError(f"{name}: {key} = {str(table.get(key))[:60]}: expected {KINDS[kind]}")


def read_status(path: Path) -> dict[str, Any]:
    """state, step, total, reason, seconds, changes. total: steps of the whole training, 0 in files of older versions.

    The state is "new" without a file, "unknown" with a reason if it is damaged.
    """
    status: dict[str, Any] = {"state": "new", "step": 0, "total": 0, "reason": "", "seconds": 0.0, "changes": {}}
    if not path.exists():
        return status
    try:
        stored = status | read_json(path)
        need_kinds(stored, STATUS, name=str(path))
        if type(stored["seconds"]) not in (int, float) or not 0 <= stored["seconds"] < math.inf:
            raise CheckpointError(f"{path}: seconds = {str(stored['seconds'])[:60]}: expected a number from 0 on")
    except CheckpointError as error:
        return status | {"state": "unknown", "reason": str(error)}
    return stored


def read_about(path: Path) -> dict[str, str]:
    """name and note in an about.json, those that were given; none if it is absent or damaged."""
    if not path.exists():
        return {}
    try:
        about = read_json(path)
        need_kinds({"name": "", "note": ""} | about, ABOUT, name=str(path))
    except CheckpointError:
        return {}
    return {key: about[key] for key in ABOUT if key in about}


def read_lines(path: Path, *, having: str = "") -> list[dict[str, Any]]:
    """The records of a metrics.jsonl in order.

    having: only records with this key, as a long training has many others. Left out are lines that are not records,
    that are longer than 1 MB, or truncated by a kill; and in other lines, numbers that were not finite.
    """
    return [record for line in _lines(path) if (record := _parse_record(line, having))]


def read_commands(path: Path) -> list[dict[str, Any]]:
    """The lines of a resumes.jsonl in order, without those that are damaged."""
    commands = []
    for line in _lines(path):
        with contextlib.suppress(ValueError, RecursionError):
            if _is_command(command := json.loads(line)):
                commands.append({name: command[name] for name in COMMAND})
    return commands


def _lines(path: Path) -> Iterator[bytes]:
    """The lines of a file, up to 1 MB of each; none if there is no file."""
    if not path.is_file():
        return
    with files.open_regular(path) as file:
        for line in iter(functools.partial(file.readline, LONGEST_LINE), b""):
            if file.tell() > LARGEST_LINES:
                break
            yield line


def _is_command(command: object) -> bool:
    """Whether an object is the command line of a resume."""
    if not isinstance(command, dict) or any(type(command.get(name)) is not kind for name, kind in COMMAND.items()):
        return False
    return all(isinstance(word, str) for word in command["argv"])


def read_newest_first(path: Path, *, having: str = "") -> Iterator[dict[str, Any]]:
    """The records of a metrics.jsonl from its end, read block by block, as far as they are used; 8 MB at most.

    having, and what is left out: as `read_lines`.
    """
    if not path.is_file():
        return
    with files.open_regular(path) as file:
        start, first = file.seek(0, os.SEEK_END), b""  # the line at `start`, which may begin before it
        least = max(0, start - LARGEST_TAIL)
        while start > least and len(first) <= LONGEST_LINE:
            size = min(BLOCK, start)
            start = file.seek(start - size)
            first, *lines = (file.read(size) + first).split(b"\n")
            for line in reversed([first, *lines] if start == 0 else lines):
                if record := _parse_record(line, having):
                    yield record


def _parse_record(line: bytes, having: str) -> dict[str, Any] | None:
    """The record of a line, without numbers that are not finite; None if it is none, or lacks the key `having`."""
    text = line.decode("utf-8", "replace")
    with contextlib.suppress(ValueError, RecursionError):
        if having in text and _is_record(record := json.loads(text)) and (not having or having in record):
            return {name: value for name, value in record.items() if _is_finite(value)}
    return None


def _is_finite(value: object) -> bool:
    """False for null and NaN, which stand for numbers that were not finite (older runs wrote NaN)."""
    return value is not None and not (isinstance(value, float) and not math.isfinite(value))


def _is_record(record: object) -> bool:
    """Whether an object has a step and seconds, and all its values but the stage are numbers or null."""
    if not isinstance(record, dict) or type(record.get("step")) is not int or "seconds" not in record:
        return False
    return all(type(value) in (int, float, type(None)) for name, value in record.items() if name != "stage")


def best_record(records: Sequence[Record], *, higher_is_better: bool) -> Record | None:
    """The first record with the best `score`; None if no record has one."""
    sign = 1 if higher_is_better else -1
    return max((record for record in records if "score" in record), key=lambda it: sign * it["score"], default=None)
