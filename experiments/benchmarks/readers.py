"""One reading of data in a process of its own, by gancli or as users of other libraries write it.

    python -m experiments.benchmarks.readers WAY KIND PATH

prints a line of JSON: seconds until the first batch of 128 images is there, seconds until all images have been in a
batch once, and the peak memory in bytes of the process and of its own workers. Imports are not counted in the seconds.
Images of files become 64x64 in colors; shuffled, as for training.
"""

from __future__ import annotations

import json
import resource
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import click

BATCH, SIDE = 128, 64
IDX_HEADER, IDX_SIDE = 16, 28


def gancli(kind: str, path: str) -> Iterator[int]:
    """Read by gancli.data.load; batches are drawn at random rows."""
    import numpy as np

    from gancli import data
    from gancli.data import layouts
    from gancli.data.formats import hdf5

    assert hdf5.h5py.File and layouts.recognizers()
    yield 0
    side = SIDE if kind in ("zip", "folder", "tar", "parquet") else None
    dataset = data.load(path, data.Request(image_size=side))
    images, labels = dataset.train["image"][:], dataset.train["label"]
    order = np.random.default_rng(0).permutation(len(images))
    for start in range(0, len(order), BATCH):
        rows = order[start : start + BATCH]
        batch = images[rows].astype(np.float32) / 255, labels[rows]
        yield len(batch[0])


def tf_data(kind: str, path: str) -> Iterator[int]:
    """A tf.data pipeline of fixed-length records, or of decoded JPEG files."""
    import tensorflow as tf

    yield 0
    if kind == "idx":
        images = tf.data.FixedLengthRecordDataset(
            f"{path}/train-images-idx3-ubyte.gz", IDX_SIDE**2, IDX_HEADER, compression_type="GZIP"
        )
        labels = tf.data.FixedLengthRecordDataset(f"{path}/train-labels-idx1-ubyte.gz", 1, 8, compression_type="GZIP")
        pairs = tf.data.Dataset.zip((images, labels)).shuffle(60_000).batch(BATCH)
        found = pairs.map(
            lambda image, label: (
                tf.cast(tf.reshape(tf.io.decode_raw(image, tf.uint8), (-1, IDX_SIDE, IDX_SIDE)), tf.float32) / 255,
                tf.io.decode_raw(label, tf.uint8),
            ),
            tf.data.AUTOTUNE,
        )
    else:
        names = sorted(map(str, Path(path).rglob("*.jpg")))
        classes = [int(Path(name).parent.name == "b") for name in names]

        def load(name: object, label: object) -> tuple:
            image = tf.io.decode_jpeg(tf.io.read_file(name), 3)
            side = tf.minimum(tf.shape(image)[0], tf.shape(image)[1])
            square = tf.image.resize_with_crop_or_pad(image, side, side)
            return tf.image.resize(square, (SIDE, SIDE), "bicubic", antialias=True) / 255, label

        pairs = tf.data.Dataset.from_tensor_slices((names, classes)).shuffle(len(names))
        found = pairs.map(load, tf.data.AUTOTUNE).batch(BATCH)
    for image, _ in found.prefetch(tf.data.AUTOTUNE):
        yield len(image)


def torchvision(kind: str, path: str) -> Iterator[int]:
    """A torchvision data set and a DataLoader with two workers."""
    import torch
    import torchvision as vision

    yield 0
    steps = [vision.transforms.ToTensor()]
    if kind == "idx":
        found = vision.datasets.MNIST(_torch_root(path), transform=steps[0])
    elif kind == "cifar":
        # The files are made from other pictures, so their checksums differ.
        vision.datasets.CIFAR10._check_integrity = lambda self: True
        vision.datasets.CIFAR10._load_meta = lambda self: None
        found = vision.datasets.CIFAR10(str(Path(path).parent), transform=steps[0], download=_unpack(path))
    else:
        bicubic = vision.transforms.InterpolationMode.BICUBIC
        steps = [vision.transforms.Resize(SIDE, bicubic), vision.transforms.CenterCrop(SIDE), *steps]
        found = vision.datasets.ImageFolder(path, transform=vision.transforms.Compose(steps))
    for image, _ in torch.utils.data.DataLoader(found, BATCH, shuffle=True, num_workers=2):
        yield len(image)


def _torch_root(path: str) -> str:
    """A folder as torchvision expects it, with links to the same files."""
    raw = Path(path).parent / "torch" / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    import gzip

    for file in Path(path).iterdir():
        (raw / file.stem).write_bytes(gzip.decompress(file.read_bytes()))
    return str(raw.parents[1])


def _unpack(path: str) -> bool:
    import tarfile

    with tarfile.open(path) as archive:
        archive.extractall(Path(path).parent, filter="data")
    return False


def datasets(kind: str, path: str) -> Iterator[int]:
    """Hugging Face datasets without a cache of an earlier run, decoded as rows are drawn, by two workers."""
    import tempfile

    import datasets as library
    import numpy as np
    import torch
    from PIL import ImageOps

    yield 0
    with tempfile.TemporaryDirectory() as cache:
        if kind == "parquet":
            found = library.load_dataset("parquet", data_files=f"{path}/data/*.parquet", split="train", cache_dir=cache)
        else:
            found = library.load_dataset("imagefolder", data_dir=path, split="train", cache_dir=cache)

        def convert(rows: dict) -> dict:
            images = [np.asarray(ImageOps.fit(one.convert("RGB"), (SIDE, SIDE))) for one in rows["image"]]
            return {"image": [one.astype(np.float32) / 255 for one in images], "label": rows["label"]}

        found.set_transform(convert)
        loader = torch.utils.data.DataLoader(found, BATCH, shuffle=True, num_workers=2)
        for rows in loader:
            yield len(rows["image"])


WAYS: dict[str, Callable[[str, str], Iterator[int]]] = {
    "gancli": gancli,
    "tf.data": tf_data,
    "torchvision": torchvision,
    "datasets": datasets,
}


class _Memory(threading.Thread):
    """The peak of the memory that this process and its workers hold together, each page once."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0

    def run(self) -> None:
        """Sample the memory until the process ends."""
        import psutil

        me = psutil.Process()
        while True:
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    total += process.memory_full_info().pss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)
            time.sleep(0.2)


@click.command()
@click.argument("way", type=click.Choice(list(WAYS)))
@click.argument("kind")
@click.argument("path")
def main(way: str, kind: str, path: str) -> None:
    """Read PATH, of this KIND, once and print the measurements."""
    batches = WAYS[way](kind, path)
    next(batches)  # imports
    memory = _Memory()
    memory.start()
    began, first, count = time.perf_counter(), 0.0, 0
    for images in batches:
        first = first or time.perf_counter() - began
        count += images
    whole = time.perf_counter() - began
    peak = max(memory.peak, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024)
    print(json.dumps({"first": first, "all": whole, "images": count, "memory": peak}))


if __name__ == "__main__":
    main()
