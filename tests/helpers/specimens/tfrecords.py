"""Folders of TensorFlow Datasets and files of tf.train.Example, written byte by byte as their documentation says.

tests/data/test_records.py holds bytes that TensorFlow wrote.
"""

import json
import struct

from gancli.data.records import tfrecord
from tests.helpers.specimens import Specimen, encoded, pixels, put

NAME = "TFRecords of pictures, also of TensorFlow Datasets"


def varint(value):
    value &= 2**64 - 1
    found = b""
    while value > 127:
        found += bytes([value & 127 | 128])
        value >>= 7
    return found + bytes([value])


def sized(number, content):
    return varint(number << 3 | 2) + varint(len(content)) + content


def feature(value):
    values = value if isinstance(value, list) else [value]
    if isinstance(values[0], int):
        return sized(3, sized(1, b"".join(map(varint, values))))
    values = [one.encode() if isinstance(one, str) else one for one in values]
    return sized(1, b"".join(sized(1, one) for one in values))


def example(**features):
    entries = (sized(1, sized(1, name.encode()) + sized(2, feature(value))) for name, value in features.items())
    return sized(1, b"".join(entries))


def framed(content):
    length = struct.pack("<Q", len(content))
    sums = [struct.pack("<I", tfrecord.masked(tfrecord.checksum(one))) for one in (length, content)]
    return length + sums[0] + content + sums[1]


def records(path, *contents):
    return put(path, b"".join(map(framed, contents)))


def tfds_folder(folder, name, features, splits, **lists):
    """splits: the Examples of each; features: of features.json."""
    for key, names in lists.items():
        put(folder / f"{key}.labels.txt", "\n".join(names) + "\n")
    put(folder / "features.json", json.dumps({"featuresDict": {"features": features}}))
    info = {"fileFormat": "tfrecord", "name": name, "splits": []}
    for split, content in splits.items():
        info["splits"].append({"name": split, "shardLengths": [str(len(content))]})
        records(folder / f"{name}-{split}.tfrecord-00000-of-00001", *content)
    put(folder / "dataset_info.json", json.dumps(info))
    return folder


IMAGE = {"image": {"dtype": "uint8", "encodingFormat": "png", "shape": {"dimensions": ["8", "8", "1"]}}}
CLASSES = {"classLabel": {"numClasses": "2"}}
FLAG = {"tensor": {"dtype": "bool", "encoding": "none", "shape": {}}}


def mnist(folder):
    content = [example(image=encoded(one), label=row % 2) for row, one in enumerate(pixels(5, 8, 8))]
    splits = {"train": content[:3], "test": content[3:]}
    features = {"image": IMAGE, "label": CLASSES}
    tfds_folder(folder / "mnist" / "3.0.1", "mnist", features, splits, label=("zero", "one"))
    return folder / "mnist"


def celeb_a(folder):
    content = [
        example(**{"image": encoded(one, "JPEG"), "attributes/Bald": 1, "attributes/Male": row % 2})
        for row, one in enumerate(pixels(6, 8, 8, 3))
    ]
    flags = {"featuresDict": {"features": {"Bald": FLAG, "Male": FLAG}}}
    splits = {"train": content[:3], "validation": content[3:4], "test": content[4:]}
    return tfds_folder(folder / "celeb_a" / "2.1.0", "celeb_a", {"image": IMAGE, "attributes": flags}, splits)


def captions(folder):
    content = [example(image=encoded(one), captions=["a photo", "a picture"]) for one in pixels(3, 8, 8)]
    text = {"sequence": {"feature": {"text": {}}, "length": "-1"}}
    return tfds_folder(folder / "texts" / "1.0.0", "texts", {"image": IMAGE, "captions": text}, {"train": content})


def label_maps(folder):
    content = [
        example(image=encoded(one), segmentation_mask=encoded(one % 3), file_name=f"{row}.jpg")
        for row, one in enumerate(pixels(3, 8, 8))
    ]
    features = {"image": IMAGE, "segmentation_mask": IMAGE, "file_name": {"text": {}}}
    return tfds_folder(folder / "scenes" / "1.0.0", "scenes", features, {"train": content})


def imagenet(folder):
    for split, count in (("train", 4), ("validation", 2)):
        content = [
            example(**{"image/encoded": encoded(one, "JPEG"), "image/class/label": row % 2 + 1, "image/height": 8})
            for row, one in enumerate(pixels(count, 8, 8, 3))
        ]
        records(folder / "imagenet" / f"{split}-00000-of-00001", *content)
    return folder / "imagenet"


def progan(folder):
    for power in (2, 3):
        side = 2**power
        content = [example(shape=[3, side, side], data=one.tobytes()) for one in pixels(4, 3, side, side)]
        records(folder / "progan" / f"faces-r{power:02}.tfrecords", *content)
    return folder / "progan"


def raw(folder):
    content = [example(image_raw=one.tobytes(), height=8, width=8, depth=1, label=3) for one in pixels(4, 8, 8)]
    return records(folder / "train.tfrecords", *content)


SPECIMENS = [
    Specimen("TFDS: MNIST", mnist, NAME, {"train": 3, "test": 2}, ("image", "label"), ("zero", "one")),
    Specimen(
        "TFDS: CelebA", celeb_a, NAME, {"train": 3, "validation": 1, "test": 2}, ("image", "attributes"), attributes=2
    ),
    Specimen("TFDS: captions", captions, NAME, {"train": 3}, ("image", "caption")),
    Specimen("TFRecords of ImageNet", imagenet, NAME, {"train": 4, "validation": 2}, ("image", "label"), ("1", "2")),
    Specimen(
        "TFRecords of ProGAN", progan, NAME, {"train": 4}, ("image",), remarks=("the same pictures in smaller sizes",)
    ),
    Specimen("TFRecords of raw pixels", raw, NAME, {"train": 4}, ("image", "label"), ("3",)),
]
