"""Keras' own format: `keras.saving.load_model` opens it where Keras is, without gancli.

The metadata are one more file in the archive, which Keras ignores.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

from gancli.core.backend import h5py, np
from gancli.inference.export.networks import ExportedNetwork

RUNTIME = "keras"
NAME, WEIGHTS = "gancli.json", "model.weights.h5"
PROGRAM = """
import json, sys
sys.modules["gancli"] = None  # importing it fails here
import keras, numpy
for path, inputs, outputs in json.loads(sys.argv[1]):
    model = keras.saving.load_model(path)
    found = {}
    with numpy.load(inputs) as given:
        for case in sorted({name.split("/")[0] for name in given}):
            one = [given[f"{case}/{at}"] for at in range(len(model.inputs))]
            out = model(one[0] if len(one) == 1 else one, training=False)
            for at, value in enumerate(out if isinstance(out, (list, tuple)) else [out]):
                found[f"{case}/{at}"] = numpy.asarray(value)
    numpy.savez(outputs, **found)
"""


def write(network: ExportedNetwork, path: Path, about: dict[str, object], half: bool = False) -> None:
    """Write a .keras file. half: weights in float16, which Keras reads into float32."""
    network.model.save(path)
    if half:
        _halve(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(NAME, json.dumps(about, indent=1))


def _halve(path: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            archive.extractall(folder)
            names = archive.namelist()
        stored = Path(folder, "half.h5")
        with h5py.File(Path(folder, WEIGHTS)) as full, h5py.File(stored, "w") as halved:
            full.visititems(lambda name, item: _copy(name, item, halved))
        stored.replace(Path(folder, WEIGHTS))
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.write(Path(folder, name), name)


def _copy(name: str, item: h5py.Group | h5py.Dataset, target: h5py.File) -> None:
    if isinstance(item, h5py.Dataset):
        values = item[()]
        made = target.create_dataset(name, data=values.astype(np.float16) if values.dtype == np.float32 else values)
    else:
        made = target.require_group(name)
    for key, value in item.attrs.items():
        made.attrs[key] = value


def compute(path: Path, network: ExportedNetwork, cases: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of the file, loaded by Keras in a process without gancli, for each list of inputs."""
    return compute_all([(path, cases)])[0]


def compute_all(jobs: Sequence[tuple[Path, Sequence[list[np.ndarray]]]]) -> list[list[list[np.ndarray]]]:
    """As `compute`, for several files in one process. Raises: ValueError with the last line of what went wrong."""
    with tempfile.TemporaryDirectory() as folder:
        places = [
            (str(path.resolve()), f"{folder}/{at}.npz", f"{folder}/out-{at}.npz") for at, (path, _) in enumerate(jobs)
        ]
        for (_, place, _), (_, cases) in zip(places, jobs, strict=True):
            np.savez(place, **{f"{at:04}/{n}": one for at, case in enumerate(cases) for n, one in enumerate(case)})
        around = {**os.environ, "KERAS_BACKEND": "tensorflow", "TF_CPP_MIN_LOG_LEVEL": "3"}
        command = [sys.executable, "-I", "-c", PROGRAM, json.dumps(places)]
        done = subprocess.run(command, env=around, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise ValueError((done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1])
        return [_read(out, len(cases)) for (_, _, out), (_, cases) in zip(places, jobs, strict=True)]


def _read(path: str, count: int) -> list[list[np.ndarray]]:
    with np.load(path) as found:
        outputs = [sorted(name for name in found if name.startswith(f"{at:04}/")) for at in range(count)]
        return [[found[name] for name in names] for names in outputs]


def about(path: Path) -> dict[str, object]:
    """The metadata of a file."""
    with zipfile.ZipFile(path) as archive:
        return json.loads(archive.read(NAME))
