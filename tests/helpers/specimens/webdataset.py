"""Shards written by the webdataset package, and archives of archives."""

from tests.helpers.specimens import Specimen, encoded, pixels

NAME = "shards of WebDataset (tar)"


def write_shards(folder, pattern, samples, most):
    import webdataset

    folder.mkdir(parents=True, exist_ok=True)
    with webdataset.ShardWriter(str(folder / pattern), maxcount=most, verbose=0) as writer:
        for sample in samples:
            writer.write(sample)
    return folder


def samples(count, **columns):
    for number, image in enumerate(pixels(count, 8, 8, 3)):
        own = {ending: make(number) for ending, make in columns.items()}
        yield {"__key__": f"{number:06}", "jpg": encoded(image, "JPEG")} | own


def with_splits(folder):
    for split, count in (("train", 7), ("val", 2), ("test", 3)):
        write_shards(folder / "set", f"{split}-%03d.tar", samples(count, cls=lambda number: number % 2), 4)
    return folder / "set"


def one_shard(folder):
    write_shards(
        folder, "%05d.tar", samples(4, txt="a photo {}".format, json=lambda number: {"label": "ab"[number % 2]}), 9
    )
    return folder / "00000.tar"


def captions_alone(folder):
    return write_shards(folder / "laion", "%05d.tar", samples(5, txt="a photo {}".format), 2)


def captions_in_json(folder):
    table = {"url": "x", "width": 8}
    return write_shards(
        folder / "cc", "%05d.tar", samples(5, json=lambda number: table | {"caption": f"photo {number}"}), 2
    )


SPECIMENS = [
    Specimen(
        "WebDataset: shards of three splits",
        with_splits,
        NAME,
        {"train": 7, "validation": 2, "test": 3},
        ("image", "label"),
        ("0", "1"),
        needs=("webdataset",),
    ),
    Specimen(
        "WebDataset: a shard with captions and JSON",
        one_shard,
        NAME,
        {"train": 4},
        ("image", "label", "caption"),
        ("a", "b"),
        needs=("webdataset",),
    ),
    Specimen(
        "WebDataset: shards with captions alone",
        captions_alone,
        NAME,
        {"train": 5},
        ("image", "caption"),
        remarks=("archives are read as folders: 00000.tar",),
        needs=("webdataset",),
    ),
    Specimen(
        "WebDataset: captions in JSON",
        captions_in_json,
        NAME,
        {"train": 5},
        ("image", "caption"),
        needs=("webdataset",),
    ),
]
