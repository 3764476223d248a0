"""Tables as `datasets` 5.2 writes them, byte for byte in schema and metadata, written with pyarrow alone."""

import json

import numpy as np

from tests.helpers.specimens import Specimen, encoded, pixels, put

NAME = "tables of the Hugging Face Hub (parquet, saved arrow)"
IMAGE = {"_type": "Image"}
TEXT = {"dtype": "string", "_type": "Value"}


def table_of(features, **columns):
    """A table with the schema that `datasets` gives these features."""
    import pyarrow as pa

    kinds = {
        "Image": pa.struct([("bytes", pa.binary()), ("path", pa.string())]),
        "ClassLabel": pa.int64(),
        "List": pa.list_(pa.field("element", pa.string())),
    }
    fields = [
        (
            name,
            kinds.get(one["_type"]) or {"string": pa.string(), "bool": pa.bool_(), "int64": pa.int64()}[one["dtype"]],
        )
        for name, one in features.items()
    ]
    metadata = {"huggingface": json.dumps({"info": {"features": features}})}
    return pa.table(columns, pa.schema(fields, metadata))


def pictures(count, seed=0):
    return [{"bytes": encoded(image), "path": None} for image in pixels(count, 8, 8, 3, seed=seed)]


def labeled(count, seed=0, image="image", names=("cat", "dog")):
    features = {image: IMAGE, "label": {"names": list(names), "_type": "ClassLabel"}}
    return table_of(features, **{image: pictures(count, seed)}, label=[row % 2 for row in range(count)])


def parquet(path, table, rows=2):
    import pyarrow.parquet as pq

    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, row_group_size=rows)
    return path


def arrow(path, table, rows=2):
    import pyarrow as pa

    path.parent.mkdir(parents=True, exist_ok=True)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table, rows)
    return path


def hub(folder):
    put(folder / "mnist" / "README.md", "---\n---\n")
    for split, count in (("train", 5), ("test", 3)):
        parquet(folder / "mnist" / "mnist" / f"{split}-00000-of-00001.parquet", labeled(count, image="img"))
    return folder / "mnist"


def hub_of_several_shards(folder):
    for split, count in (("train", 3), ("validation", 1), ("test", 2)):
        for shard in range(count):
            name = f"{split}-{shard:05}-of-{count:05}-0123456789abcdef.parquet"
            parquet(folder / "set" / "data" / name, labeled(3, seed=shard))
    return folder / "set"


def fine_and_coarse(folder):
    label = {"names": ["a", "b"], "_type": "ClassLabel"}
    features = {"img": IMAGE, "fine_label": label, "coarse_label": label}
    table = table_of(features, img=pictures(4), fine_label=[0, 1, 0, 1], coarse_label=[0, 0, 0, 1])
    return parquet(folder / "cifar100.parquet", table)


def captions(folder):
    table = table_of({"image": IMAGE, "text": TEXT}, image=pictures(4), text=["a photo", "of", "four", "words"])
    return parquet(folder / "pokemon.parquet", table)


def attributes(folder):
    flag = {"dtype": "bool", "_type": "Value"}
    features = {"image": IMAGE, "Bald": flag, "Male": flag, "captions": {"feature": TEXT, "_type": "List"}}
    table = table_of(features, image=pictures(3), Bald=[True, False, True], Male=[False] * 3, captions=[["a", "b"]] * 3)
    return parquet(folder / "celeba" / "train.parquet", table).parent


def label_maps(folder):
    maps = [{"bytes": encoded(one % 3), "path": None} for one in pixels(4, 8, 8)]
    table = table_of({"image": IMAGE, "annotation": IMAGE}, image=pictures(4), annotation=maps)
    return parquet(folder / "scenes.parquet", table)


def pairs(folder):
    features = {"input_image": IMAGE, "edited_image": IMAGE, "prompt": TEXT}
    table = table_of(features, input_image=pictures(4), edited_image=pictures(4, 1), prompt=["a", "b", "c", "d"])
    return parquet(folder / "pairs.parquet", table)


def pandas_table(folder):
    import pyarrow as pa

    content = [one["bytes"] for one in pictures(4)]
    return parquet(folder / "plain.parquet", pa.table({"image": content, "class": ["b", "a", "b", "a"]}))


def hidden_labels(folder):
    parquet(folder / "set" / "train.parquet", labeled(4))
    table = labeled(3)
    table = table.set_column(1, table.schema.field(1), [np.full(3, -1)])
    parquet(folder / "set" / "test.parquet", table)
    return folder / "set"


def saved(folder):
    put(folder / "saved" / "dataset_dict.json", '{"splits": ["train", "test"]}')
    for split, count in (("train", 5), ("test", 3)):
        place = folder / "saved" / split
        arrow(place / "data-00000-of-00001.arrow", labeled(count))
        put(place / "dataset_info.json", "{}")
        put(place / "state.json", '{"_data_files": [{"filename": "data-00000-of-00001.arrow"}]}')
    return folder / "saved"


def saved_alone(folder):
    for shard in range(2):
        arrow(folder / "saved" / f"data-{shard:05}-of-00002.arrow", labeled(3, seed=shard))
    put(folder / "saved" / "state.json", "{}")
    arrow(folder / "saved" / "cache-0123456789abcdef.arrow", labeled(1))
    return folder / "saved"


def cached(folder):
    place = folder / "parquet" / "default-f1246e928d47b564" / "0.0.0" / "a859584b6747"
    for split, count in (("train", 4), ("test", 2)):
        arrow(place / f"parquet-{split}.arrow", labeled(count))
    put(place / "dataset_info.json", "{}")
    return folder / "parquet"


def specimen(name, write, parts, columns, classes=(), **further):
    return Specimen(f"Hugging Face: {name}", write, NAME, parts, columns, classes, needs=("pyarrow",), **further)


WITH_LABEL, PETS = ("image", "label"), ("cat", "dog")
SPECIMENS = [
    specimen("parquet of two splits", hub, {"train": 5, "test": 3}, WITH_LABEL, PETS),
    specimen("shards", hub_of_several_shards, {"train": 9, "validation": 3, "test": 6}, WITH_LABEL, PETS),
    specimen("CIFAR-100's labels", fine_and_coarse, {"train": 4}, WITH_LABEL, ("a", "b"), remarks=("fine_label",)),
    specimen("captions", captions, {"train": 4}, ("image", "caption")),
    specimen("attributes", attributes, {"train": 3}, ("image", "attributes", "caption"), attributes=2),
    specimen("label maps", label_maps, {"train": 4}, ("image", "map"), ("0", "1", "2")),
    specimen("pairs", pairs, {"train": 4}, ("image", "caption")),
    specimen("parquet without metadata", pandas_table, {"train": 4}, WITH_LABEL, ("a", "b")),
    specimen("hidden labels", hidden_labels, {"train": 4}, WITH_LABEL, PETS, remarks=("3 of 7 pictures left out",)),
    specimen("saved DatasetDict", saved, {"train": 5, "test": 3}, WITH_LABEL, PETS),
    specimen("saved Dataset", saved_alone, {"train": 6}, WITH_LABEL, PETS, remarks=("results of datasets.map",)),
    specimen("cache", cached, {"train": 4, "test": 2}, WITH_LABEL, PETS),
]
