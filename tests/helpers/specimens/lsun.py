"""LMDB files written by the lmdb library, as LSUN's are."""

import hashlib

from tests.helpers.specimens import Specimen, encoded, pixels

NAME = "LMDB files of pictures, as of LSUN"


def write(folder, count, kind="WEBP", side=8, **further):
    import lmdb

    folder.mkdir(parents=True, exist_ok=True)
    with lmdb.open(str(folder), map_size=1 << 26) as environment, environment.begin(write=True) as transaction:
        for image in pixels(count, side, side, 3):
            content = encoded(image, kind)
            transaction.put(hashlib.sha1(content).hexdigest().encode(), content)
        for key, value in further.items():
            transaction.put(key.encode(), value)
    return folder


def bedroom(folder):
    write(folder / "lsun" / "bedroom_train_lmdb", 9, side=64)  # values of several pages
    write(folder / "lsun" / "bedroom_val_lmdb", 3)
    return folder / "lsun"


def categories(folder):
    for category in ("church_outdoor", "tower"):
        write(folder / "lsun" / f"{category}_train_lmdb", 300, "JPEG")  # a tree of two levels
    return folder / "lsun"


def one(folder):
    return write(folder / "cat_val_lmdb", 4, "PNG", length=b"4")


SPECIMENS = [
    Specimen("LSUN: bedroom", bedroom, NAME, {"train": 9, "validation": 3}, ("image",), needs=("lmdb",)),
    Specimen(
        "LSUN: two categories",
        categories,
        NAME,
        {"train": 600},
        ("image", "label"),
        ("church_outdoor", "tower"),
        needs=("lmdb",),
    ),
    Specimen("LSUN: a folder alone", one, NAME, {"train": 4}, ("image",), remarks=("too small",), needs=("lmdb",)),
]
