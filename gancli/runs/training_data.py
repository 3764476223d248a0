"""The data set of a run, loaded again and compared with the one that it was trained on."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

from gancli import data
from gancli.core.errors import CheckpointError, DataError
from gancli.data import fingerprints, remarks
from gancli.models.config import Settings

if TYPE_CHECKING:
    from gancli.runs.run import Run


def load(run: Run, data_dir: str | None, source: str | data.Dataset | None, settings: Settings | None) -> data.Dataset:
    """The data set that a run was trained on, for `Run.dataset`.

    Raises: DataError if it is absent or has changed.
    """
    config, options = settings or run.settings()
    source = source or run.memory
    if isinstance(source, data.Dataset):
        request = run.model_class.data_requirements(options).request(config, data_dir)
        return _same(run, data.fitted(source, request))
    source = source or _last_source(run, data_dir)
    if data.is_named(source):
        found_in = Path(run.facts.source).parent
        data_dir = data_dir or (str(found_in) if found_in.is_absolute() else None)
    request = run.model_class.data_requirements(options).request(config, data_dir)
    dataset = data.load(source, request)
    if not run.facts.fingerprints:
        return _same_by_single_fingerprint(run, dataset, source, request)
    return _same(run, dataset)


def _last_source(run: Run, data_dir: str | None) -> str:
    """Name or path that the data were last read from, or its name in the data folder. Raises: DataError if absent."""
    option = run.config().data
    if data.is_in_memory(option):
        raise DataError(
            f"{run.path} was trained on arrays in memory: give the same ones, as run.resume(data=dataset) and "
            "gancli.evaluate(model, data=dataset) do, or save them with dataset.save('FILE.h5') and give --data FILE.h5"
        )
    if data.is_named(option):
        return option
    was_moved = option != run.record["options"]["data"]  # by a resume
    places = [option, run.facts.source] if was_moved else [run.facts.source, option]
    for place in places:
        if os.path.exists(os.path.expanduser(place)):  # noqa: PTH110, PTH111 (pathlib's fail for odd names)
            return place
        if ":" in place:  # a choice behind a path, or the name of a well-known data set
            with contextlib.suppress(DataError):
                return data.absolute(place)
    with contextlib.suppress(DataError):
        return data.absolute(option, data_dir)
    raise DataError(f"the data of {run.path} are no longer at {places[0]}: say with --data where they are now")


def _same(run: Run, dataset: data.Dataset) -> data.Dataset:
    """The data set if the run was trained on it. Raises: DataError if not."""
    differing, differing_tests = fingerprints.differences(run.facts.fingerprints, dataset.fingerprints)
    if differing:
        raise DataError(f"{_other_data(run, dataset)}: the {' and the '.join(differing)} differ")
    here = {"count": len(dataset), "shape": dataset.shape, "columns": tuple(dataset.train)}
    here |= {"classes": dataset.classes, "attributes": dataset.attributes, "validation": dataset.validation}
    changed = [name for name, value in here.items() if getattr(run.facts, name) != value]
    if changed:
        raise CheckpointError(f"{run.path}/run.json was changed: its {changed[0]} is not that of the data")
    if not differing_tests:
        return dataset
    remark = remarks.changed(
        f"the {' and the '.join(differing_tests)} are not those that {run.path} was trained beside"
    )
    return dataclasses.replace(dataset, remarks=(*dataset.remarks, remark))


def _same_by_single_fingerprint(run: Run, dataset: data.Dataset, source: str, request: data.Request) -> data.Dataset:
    """The data set of an older run, whose run.json has one short fingerprint: with its classes and pixel range."""
    for pixel_range in (request.pixel_range, *(("0:255", "0:65535") if dataset.pixel_ranges else ())):
        if pixel_range != request.pixel_range:
            dataset = data.load(source, dataclasses.replace(request, pixel_range=pixel_range))
        found = dataset.with_classes(run.facts)
        if fingerprints.of_older_version(found) == run.facts.fingerprint:
            return found
    raise DataError(_other_data(run, dataset))


def _other_data(run: Run, dataset: data.Dataset) -> str:
    where = f"arrays '{dataset.name}'" if data.is_in_memory(dataset.source) else f"data at {dataset.source}"
    return f"the {where} are not those that {run.path} was trained on"
