"""CIFAR-10 and CIFAR-100 as https://www.cs.toronto.edu/~kriz/cifar.html describes both of their versions."""

import io
import pickle
import struct
import tarfile

import numpy as np

from tests.helpers.specimens import Specimen, pixels, put

PYTHON, BINARY = "the python version of CIFAR-10 and CIFAR-100", "the binary version of CIFAR-10 and CIFAR-100"
COLUMNS = ("image", "label")
TEN = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
FINE = tuple(f"fine{number}" for number in range(100))
COARSE = tuple(f"coarse{number}" for number in range(20))


def planes(count, seed=0):
    """Random images as rows of red, green and blue planes, uint8 (count, 3072)."""
    return pixels(count, 3072, seed=seed)


def python2(value):
    """A value as Python 2's cPickle wrote the published files: protocol 2, texts of bytes, an array's raw bytes."""

    def text(one):
        return b"U" + bytes([len(one)]) + one

    def build(one):
        if isinstance(one, dict):
            return b"}(" + b"".join(build(key) + build(value) for key, value in one.items()) + b"u"
        if isinstance(one, list):
            return b"](" + b"".join(map(build, one)) + b"e"
        if isinstance(one, int):
            return b"K" + bytes([one]) if one < 256 else b"M" + struct.pack("<H", one)
        if isinstance(one, np.ndarray):
            kind = b"cnumpy\ndtype\n(U\x02u1K\x00K\x01tR(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
            shape = b"".join(map(build, one.shape))
            raw = b"T" + struct.pack("<i", one.nbytes) + one.tobytes()
            start = b"cnumpy.core.multiarray\n_reconstruct\nq\x01cnumpy\nndarray\nq\x02K\x00\x85U\x01b\x87Rq\x03"
            return start + b"(K\x01(" + shape + b"t" + kind + b"\x89" + raw + b"tb"
        return text(one.encode())

    return b"\x80\x02" + build(value) + b"."


def ten(*, dumps=python2, batches=5):
    """The files of cifar-10-batches-py: 5 batches of 4 training images, and 10 test images."""
    files = {}
    for number in range(1, batches + 1):
        labels = [(4 * number + at) % 10 for at in range(4)]
        content = {"batch_label": f"training batch {number} of 5", "labels": labels, "data": planes(4, seed=number)}
        files[f"data_batch_{number}"] = dumps(content | {"filenames": [f"a{at}.png" for at in range(4)]})
    files["test_batch"] = dumps({"labels": list(range(10)), "data": planes(10)})
    files["batches.meta"] = dumps({"num_cases_per_batch": 4, "label_names": list(TEN), "num_vis": 3072})
    files["readme.html"] = b"<html>"
    return files


def hundred(*, dumps=python2):
    """The files of cifar-100-python: 100 training images and 20 test images."""
    fine, tests = list(range(100)), list(range(0, 100, 5))
    return {
        name: dumps({"fine_labels": labels, "coarse_labels": [one // 5 for one in labels], "data": planes(len(labels))})
        for name, labels in (("train", fine), ("test", tests))
    } | {"meta": dumps({"fine_label_names": list(FINE), "coarse_label_names": list(COARSE)})}


def ten_binary():
    """The files of cifar-10-batches-bin, the same images."""
    rows = lambda count, seed, first: np.c_[(np.arange(count) + first) % 10, planes(count, seed)].astype(np.uint8)  # noqa: E731
    files = {f"data_batch_{number}.bin": rows(4, number, 4 * number).tobytes() for number in range(1, 6)}
    return files | {"test_batch.bin": rows(10, 0, 0).tobytes(), "batches.meta.txt": "\n".join(TEN) + "\n\n"}


def hundred_binary():
    """The files of cifar-100-binary."""
    files = {}
    for name, fine in (("train.bin", np.arange(100)), ("test.bin", np.arange(0, 100, 5))):
        files[name] = np.c_[fine // 5, fine, planes(len(fine))].astype(np.uint8).tobytes()
    return files | {"fine_label_names.txt": "\n".join(FINE), "coarse_label_names.txt": "\n".join(COARSE)}


def in_folder(name, files):
    def write(folder):
        for file, content in files().items():
            put(folder / name / file, content)
        return folder / name

    return write


def in_tar(name, inner, files):
    def write(folder):
        with tarfile.open(folder / name, f"w:{'gz' if name.endswith('gz') else ''}") as archive:
            for file, content in files().items():
                content = content.encode() if isinstance(content, str) else content
                entry = tarfile.TarInfo(f"{inner}/{file}")
                entry.size = len(content)
                archive.addfile(entry, io.BytesIO(content))
        return folder / name

    return write


def one_batch(folder):
    return in_folder("cifar-10-batches-py", ten)(folder) / "data_batch_2"


def python3(protocol):
    return lambda value: pickle.dumps(value, protocol)


BOTH, MANY = {"train": 20, "test": 10}, {"train": 100, "test": 20}
SPECIMENS = [
    Specimen("CIFAR-10 python", in_folder("cifar-10-batches-py", ten), PYTHON, BOTH, COLUMNS, TEN),
    Specimen("CIFAR-100 python", in_folder("cifar-100-python", hundred), PYTHON, MANY, COLUMNS, FINE),
    Specimen(
        "CIFAR-10 in a root", lambda at: in_folder("cifar-10-batches-py", ten)(at).parent, PYTHON, BOTH, COLUMNS, TEN
    ),
    Specimen("CIFAR-10 binary", in_folder("cifar-10-batches-bin", ten_binary), BINARY, BOTH, COLUMNS, TEN),
    Specimen("CIFAR-100 binary", in_folder("cifar-100-binary", hundred_binary), BINARY, MANY, COLUMNS, FINE),
    Specimen(
        "one batch of CIFAR-10", one_batch, PYTHON, {"train": 4}, COLUMNS, 4, remarks=("other batches are not read",)
    ),
    *(
        Specimen(
            f"CIFAR-10 of Python 3, protocol {protocol}",
            in_folder("x", lambda protocol=protocol: ten(dumps=python3(protocol), batches=4)),
            PYTHON,
            {"train": 16, "test": 10},
            COLUMNS,
            TEN,
            remarks=("4 of 5 batches",),
        )
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1)
    ),
    Specimen(
        "cifar-10-python.tar.gz",
        in_tar("cifar-10-python.tar.gz", "cifar-10-batches-py", ten),
        PYTHON,
        BOTH,
        COLUMNS,
        TEN,
    ),
    Specimen(
        "cifar-100-python.tar", in_tar("cifar-100-python.tar", "cifar-100-python", hundred), PYTHON, MANY, COLUMNS, FINE
    ),
    Specimen(
        "cifar-10-binary.tar.gz",
        in_tar("cifar-10-binary.tar.gz", "cifar-10-batches-bin", ten_binary),
        BINARY,
        BOTH,
        COLUMNS,
        TEN,
    ),
]
