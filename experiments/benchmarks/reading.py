"""How fast data are there to train on: gancli beside tf.data, torchvision and Hugging Face datasets, in turns.

    python -m experiments.benchmarks.reading --folder DIR [--rounds 5] [--rival-python PYTHON] [--only idx,zip]

Writes into DIR: MNIST as idx.gz, 50,000 pictures as CIFAR-10's tar.gz, and 20,000 JPEG of 178x218 (CelebA's size) as a
folder, zip, tar and parquet, all made from mnist.npz, cifar10.npz and celeba.zip of GANCLI_DATA. Each reading is a
process of its own with an empty cache of gancli; "again" is gancli's second start, with the cache. Rivals that read no
archives read the folder beside zip and tar. They need `pip install torch torchvision datasets tensorflow psutil`, here
or in another environment (--rival-python).
"""

from __future__ import annotations

import gzip
import io
import json
import os
import pickle
import statistics
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

import click
import numpy as np
from PIL import Image, ImageOps

from experiments import results

KINDS = {  # what is read: its path in the folder, and the libraries that read it
    "idx": ("mnist", ("tf.data", "torchvision")),
    "cifar": ("cifar-10-python.tar.gz", ("torchvision",)),
    "folder": ("jpeg", ("tf.data", "torchvision", "datasets")),
    "zip": ("jpeg.zip", ()),
    "tar": ("jpeg.tar", ()),
    "parquet": ("parquet", ("datasets",)),
}
COUNT, SIZE = 20_000, (178, 218)


def prepare(folder: Path, data: Path) -> None:
    """Write the files that are read, once."""
    if (folder / "done").exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    _write_idx(folder / "mnist", np.load(data / "mnist.npz"))
    _write_cifar(folder / "cifar-10-python.tar.gz", np.load(data / "cifar10.npz"))
    _write_jpegs(folder, data / "celeba.zip")
    (folder / "done").touch()


def _write_idx(folder: Path, arrays: np.lib.npyio.NpzFile) -> None:
    folder.mkdir(exist_ok=True)
    for part, name in (("train", "train"), ("test", "t10k")):
        for key, kind in ((f"x_{part}", "images-idx3"), (f"y_{part}", "labels-idx1")):
            values = arrays[key].astype(np.uint8)
            header = bytes([0, 0, 8, values.ndim]) + b"".join(side.to_bytes(4, "big") for side in values.shape)
            (folder / f"{name}-{kind}-ubyte.gz").write_bytes(gzip.compress(header + values.tobytes(), 6))


def _write_cifar(path: Path, arrays: np.lib.npyio.NpzFile) -> None:
    planes = arrays["x_train"].transpose(0, 3, 1, 2).reshape(-1, 3072)
    labels = arrays["y_train"].ravel().tolist()
    with tarfile.open(path, "w:gz") as archive:
        for number in range(6):
            name = f"data_batch_{number + 1}" if number < 5 else "test_batch"
            row = {"data": np.roll(planes, number, 0), "labels": labels, "batch_label": name}
            _add(archive, f"cifar-10-batches-py/{name}", pickle.dumps(row, 2))
        names = [f"class {number}" for number in range(10)]
        _add(archive, "cifar-10-batches-py/batches.meta", pickle.dumps({"label_names": names}, 2))


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    info = tarfile.TarInfo(name)
    info.size = len(content)
    archive.addfile(info, io.BytesIO(content))


def _write_jpegs(folder: Path, source: Path) -> None:
    import pyarrow
    from pyarrow import parquet

    rows = []
    with (
        zipfile.ZipFile(source) as celeba,
        zipfile.ZipFile(folder / "jpeg.zip", "w") as packed,
        tarfile.open(folder / "jpeg.tar", "w") as archive,
    ):
        names = sorted(name for name in celeba.namelist() if name.endswith(".jpg"))
        for number in range(COUNT):
            image = Image.open(io.BytesIO(celeba.read(names[number % len(names)]))).convert("RGB")
            image = (ImageOps.mirror(image) if number >= len(names) else image).resize(SIZE, Image.Resampling.BICUBIC)
            content = io.BytesIO()
            image.save(content, "JPEG", quality=90)
            name = f"{'ab'[number % 2]}/{number:06d}.jpg"
            (folder / "jpeg" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "jpeg" / name).write_bytes(content.getvalue())
            packed.writestr(f"jpeg/{name}", content.getvalue())
            _add(archive, f"jpeg/{name}", content.getvalue())
            rows.append({"image": {"bytes": content.getvalue(), "path": name}, "label": number % 2})
    features = {"image": {"_type": "Image"}, "label": {"names": ["a", "b"], "_type": "ClassLabel"}}
    table = pyarrow.Table.from_pylist(rows).replace_schema_metadata(
        {"huggingface": json.dumps({"info": {"features": features}})}
    )
    (folder / "parquet" / "data").mkdir(parents=True, exist_ok=True)
    parquet.write_table(table, folder / "parquet" / "data" / "train-00000-of-00001.parquet", row_group_size=1000)


def read(way: str, kind: str, path: Path, *, python: str, cache: str) -> dict[str, float]:
    """One reading in a process of its own."""
    command = [python, "-m", "experiments.benchmarks.readers", way, kind, str(path)]
    environment = os.environ | {"GANCLI_CACHE": cache, "TF_CPP_MIN_LOG_LEVEL": "3", "HF_HUB_OFFLINE": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{way} {kind}: {done.stderr.strip()[-500:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def measure(kind: str, folder: Path, *, rounds: int, rival_python: str) -> dict[str, dict[str, float]]:
    """The medians of each way to read one kind of file, which alternate."""
    name, rivals = KINDS[kind]
    found: dict[str, list[dict[str, float]]] = {}
    for number in range(rounds):
        ways = ["gancli", *rivals] if kind not in ("zip", "tar") else ["gancli", *KINDS["folder"][1][:2]]
        for way in ways if number % 2 == 0 else ways[::-1]:
            path = folder / (name if way == "gancli" or kind not in ("zip", "tar") else "jpeg")
            with tempfile.TemporaryDirectory() as cache:
                python = sys.executable if way == "gancli" else rival_python
                found.setdefault(way, []).append(read(way, kind, path, python=python, cache=cache))
                if way == "gancli":
                    found.setdefault("gancli, again", []).append(read(way, kind, path, python=python, cache=cache))
    return {way: {key: statistics.median(one[key] for one in rows) for key in rows[0]} for way, rows in found.items()}


@click.command()
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Folder for the files that are read.")
@click.option("--rounds", default=5, show_default=True, help="Number of alternating rounds.")
@click.option("--rival-python", default=sys.executable, help="Python with the other libraries.")
@click.option("--only", default=",".join(KINDS), show_default=True, help="Kinds of files, separated by commas.")
def main(folder: Path, rounds: int, rival_python: str, only: str) -> None:
    """Measure and save the table."""
    prepare(folder, Path(os.environ["GANCLI_DATA"]))
    lines = ["| files, read by | first batch, s | all images, s | memory, GB |", "|---|---|---|---|"]
    for kind in only.split(","):
        for way, found in measure(kind, folder, rounds=rounds, rival_python=rival_python).items():
            lines.append(f"| {kind}, {way} | {found['first']:.2f} | {found['all']:.2f} | {found['memory'] / 1e9:.2f} |")
            click.echo(lines[-1])
    results.save("benchmarks", "reading", "\n".join(lines), update=True)


if __name__ == "__main__":
    main()
