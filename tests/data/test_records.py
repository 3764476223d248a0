"""Records of pictures: formats against their own libraries' bytes, splits by names, and what lacks in some records."""

import io
import json
import random
import sys
import tarfile

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data.formats.unpacking import Bytes
from gancli.data.records import arrow_tables, examples, lmdb_file, shard_names, tfrecord
from tests.helpers.specimens import encoded, hugging_face, lsun, pixels, put, tfrecords

PNG = encoded(pixels(1, 8, 8, 3)[0])
BY_TENSORFLOW = (  # two records as TensorFlow 2.21 writes them: features of each kind, and nothing
    "5e00000000000000d8b06ebc0a5c0a130a0863617074696f6e7312070a050a01610a000a110a05696d61676512080a060a0489504e470a190a056c"
    "6162656c12101a0e0a0cfdffffffffffffffff01ac020a080a046e6f6e6512000a0d0a0177120812060a040000c03f0f9fb196000000000000000029"
    "039807d8ea82a2"
)


def texts(found):
    return " | ".join(remark.text for remark in found.remarks)


def test_records_and_examples_are_those_that_tensorflow_writes():
    content = bytes.fromhex(BY_TENSORFLOW)
    first, second = tfrecord.read(Bytes(content), "a")
    found = examples.parse(first.content)
    assert sorted(found) == ["captions", "image", "label", "none", "w"]
    assert found["captions"].texts() == [b"a", b""]
    assert found["label"].numbers() == [-3, 300]
    assert (found["none"].kind, found["w"].kind) == (0, examples.FLOATS)
    start, end = found["image"].spans()[0]
    assert content[first.offset + start : first.offset + end] == b"\x89PNG"
    assert examples.parse(second.content) == {}


def test_checksums_of_many_texts_are_those_of_each():
    assert tfrecord.checksum(b"123456789") == 0xE3069283  # of the catalogs of checksums
    contents = [random.Random(size).randbytes(size) for size in (4, 5, 511, 512, 513, 1024, 3001)]
    assert tfrecord.checksums(contents) == [tfrecord.checksum(content) for content in contents]


def test_records_larger_than_a_window_are_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr(tfrecord, "WINDOW", 256)
    contents = [random.Random(size).randbytes(size) for size in (10, 1000, 3, 240, 244, 0, 256, 5000, 1)]
    path = tfrecords.records(tmp_path / "a.tfrecord", *contents)
    found = list(tfrecord.read(Bytes(path.read_bytes()), "a"))
    assert [record.content for record in found] == contents
    whole = path.read_bytes()
    assert [whole[record.offset :][: len(record.content)] for record in found] == contents


def test_entries_are_those_of_the_lmdb_library(tmp_path):
    lmdb = pytest.importorskip("lmdb")
    chance, expected = random.Random(0), {}
    with lmdb.open(str(tmp_path), map_size=1 << 26) as environment:
        for _ in range(4):  # pages of older transactions stay in the file
            with environment.begin(write=True) as transaction:
                for _ in range(300):
                    key = chance.randbytes(chance.choice([1, 20, 400]))
                    expected[key] = chance.randbytes(chance.choice([0, 30, 2000, 9000]))
                    transaction.put(key, expected[key])
                for key in chance.sample(sorted(expected), 80):
                    transaction.delete(key)
                    del expected[key]
    content = (tmp_path / "data.mdb").read_bytes()
    found = list(lmdb_file.entries(Bytes(content), "a"))
    assert {entry.key: content[entry.offset : entry.offset + entry.size] for entry in found} == expected
    assert [entry.key for entry in found] == sorted(expected)


@pytest.mark.parametrize(
    ("names", "parts", "remark"),
    [
        (["train-0-of-1.x", "test-0-of-1.x"], {"train": 1, "test": 1}, ""),
        (["set-train-00000-of-00002.x", "set-train-00001-of-00002.x", "set-val.x"], {"train": 2, "validation": 1}, ""),
        (["train/0000.x", "validation/0000.x"], {"train": 1, "validation": 1}, ""),
        (["default/train/0000.x", "default/test/0000.x"], {"train": 1, "test": 1}, ""),
        (["0.x", "1.x"], {"train": 2}, ""),
        (["test-00000.x"], {"train": 1}, "no shards for training"),
        (["train.x", "extra.x"], {"train": 1}, "1 shards that name no split"),
        (["train-00000-of-00003.x", "train-00002-of-00003.x"], {"train": 2}, "1 of 3 shards are missing"),
        (["training.x", "dev.x", "testing.x"], {"train": 1, "validation": 1, "test": 1}, ""),
    ],
)
def test_names_say_splits(names, parts, remark):
    found, remarks = shard_names.by_split(names)
    assert {part: len(shards) for part, shards in found.items()} == parts
    assert [remark in one.text for one in remarks] == ([True] if remark else [])


def test_several_configurations_are_named(tmp_path):
    for name in ("de", "en"):
        hugging_face.parquet(tmp_path / name / "train-00000-of-00001.parquet", hugging_face.labeled(2))
    with pytest.raises(DataError, match="several folders hold shards of train: give one of de, en"):
        data.inspect(str(tmp_path))


@pytest.mark.parametrize("ending", ["parquet", "arrow"])
def test_without_the_extra_the_line_that_installs_it_is_named(tmp_path, monkeypatch, ending):
    put(tmp_path / f"a.{ending}", b"x")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(DataError, match=r"pip install 'gancli\[parquet\]'"):
        data.inspect(str(tmp_path))


def test_row_groups_are_read_one_at_a_time(tmp_path, monkeypatch):
    pq = pytest.importorskip("pyarrow.parquet")
    path = hugging_face.parquet(tmp_path / "a.parquet", hugging_face.labeled(12), rows=4)
    reads, read = [], pq.ParquetFile.read_row_group
    monkeypatch.setattr(
        pq.ParquetFile, "read_row_group", lambda self, at, **kw: reads.append(at) or read(self, at, **kw)
    )
    found = data.inspect(str(path))
    assert reads == []  # labels are read alone
    contents = [file.read() for file in found.pictures.pictures]
    assert contents == [one["bytes"] for one in hugging_face.pictures(12)]
    assert reads == [0, 1, 2]
    slot = arrow_tables.Slot()
    assert [slot.get(key, lambda key=key: [key]) for key in "aab"] == [["a"], ["a"], ["b"]]


def test_an_arrow_file_is_read_as_a_stream_is_and_one_without_its_end_remarked(tmp_path):
    pa = pytest.importorskip("pyarrow")
    table = hugging_face.labeled(5)
    with pa.OSFile(str(tmp_path / "file.arrow"), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table, 2)
    stream = hugging_face.arrow(tmp_path / "stream.arrow", table)
    found = [data.inspect(str(tmp_path / name)) for name in ("file.arrow", "stream.arrow")]
    assert [[file.read() for file in one.pictures.pictures] for one in found] == [
        [one["bytes"] for one in hugging_face.pictures(5)]
    ] * 2
    stream.write_bytes(stream.read_bytes()[:-8])
    assert "no end mark" in texts(data.inspect(str(stream)))


def test_tables_without_pictures_or_with_their_paths_alone_are_refused(tmp_path):
    pa = pytest.importorskip("pyarrow")
    image = hugging_face.table_of({"image": hugging_face.IMAGE}, image=[{"bytes": None, "path": "a.png"}])
    hugging_face.parquet(tmp_path / "paths.parquet", image)
    hugging_face.parquet(tmp_path / "texts.parquet", pa.table({"text": ["a"], "n": [1]}))
    for name, reason in (("paths", "path of a picture instead of its bytes"), ("texts", "no column of encoded pict")):
        with pytest.raises(DataError, match=reason):
            data.inspect(str(tmp_path / f"{name}.parquet"))
    put(tmp_path / "lfs" / "train.parquet", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
    with pytest.raises(DataError, match="git lfs pull"):
        data.inspect(str(tmp_path / "lfs"))


def test_missing_labels_are_left_out_or_all_labels_are(tmp_path):
    pa = pytest.importorskip("pyarrow")
    for name, labels, columns, remark in (
        ("few", [0, 1] * 10 + [-1], ("image", "label"), "1 of 21 pictures left out, without a label"),
        ("many", [0, 1, -1], ("image",), "labels left out: 1 of 3 pictures"),
    ):
        table = pa.table({"image": [PNG] * len(labels), "label": labels})
        found = data.inspect(str(hugging_face.parquet(tmp_path / f"{name}.parquet", table)))
        assert found.columns == columns
        assert remark in texts(found)


def test_shards_must_have_the_same_columns(tmp_path):
    pa = pytest.importorskip("pyarrow")
    hugging_face.parquet(tmp_path / "train-0.parquet", hugging_face.labeled(2))
    hugging_face.parquet(tmp_path / "train-1.parquet", pa.table({"image": [PNG]}))
    with pytest.raises(DataError, match=r"train-1\.parquet has no column 'label'"):
        data.inspect(str(tmp_path))


def test_fewer_records_than_tfds_describes_are_an_error(tmp_path):
    folder = tfrecords.mnist(tmp_path) / "3.0.1"
    info = json.loads((folder / "dataset_info.json").read_text())
    info["splits"][0]["shardLengths"] = ["4"]
    put(folder / "dataset_info.json", json.dumps(info))
    with pytest.raises(DataError, match=r"holds 3 records, and dataset_info\.json says 4"):
        data.inspect(str(folder))
    put(tmp_path / "other" / "set-train.array_record-00000-of-00001", b"x")
    with pytest.raises(DataError, match="file_format='tfrecord'"):
        data.inspect(str(tmp_path / "other"))


def test_raw_pixels_keep_their_channels(tmp_path):
    from PIL import Image

    values = pixels(1, 3, 8, 8)
    found = data.inspect(str(tfrecords.progan(tmp_path)))
    picture = np.asarray(Image.open(io.BytesIO(found.pictures.pictures[0].read())))
    assert np.array_equal(picture, values[0].transpose(1, 2, 0))


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "train.tfrecord", "bedroom_train_lmdb/data.mdb"])
def test_records_in_an_archive_are_to_be_unpacked(tmp_path, name):
    import zipfile

    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(name, b"x")
    with pytest.raises(DataError, match="in an archive: unpack it first"):
        data.load(str(tmp_path / "a.zip"))


def test_the_lmdb_of_something_else_is_refused(tmp_path):
    pytest.importorskip("lmdb")
    lsun.write(tmp_path / "a", 1, **{"0": b"\x08\x03" * 200})  # the first key
    with pytest.raises(DataError, match="no encoded pictures"):
        data.inspect(str(tmp_path / "a"))


def test_pairs_and_pictures_alone(tmp_path):
    pytest.importorskip("pyarrow")
    paired = data.load(str(hugging_face.pairs(tmp_path)), data.Request(image_size=8, paired=True))
    assert paired.train["image"].shape == paired.train["other"].shape == (4, 8, 8, 3)
    assert not np.array_equal(paired.train["image"][:], paired.train["other"][:])
    alone = data.load(str(hugging_face.hub(tmp_path)), data.Request(image_size=8, alone=True))
    assert len(alone) == 8
    assert [*alone.train] == ["image"]


def test_pictures_of_a_page_beside_tables_are_left_out_and_tables_of_pictures_leave_them(tmp_path):
    pytest.importorskip("pyarrow")
    folder = hugging_face.hub(tmp_path)
    put(folder / "assets" / "banner.png", PNG)
    found = data.inspect(str(folder))
    assert (found.parts["train"], found.parts["test"]) == (5, 3)
    assert "pictures beside the tables are not read: assets/banner.png" in texts(found)
    hugging_face.parquet(folder / "metadata.parquet", hugging_face.labeled(2))
    assert data.inspect(str(folder)).parts["train"] == 1


def test_json_of_polygons_in_an_archive_hides_no_classes(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("cat/0", "dog/1"):
            for ending, content in (("png", PNG), ("json", b'{"shapes": []}')):
                info = tarfile.TarInfo(f"{name}.{ending}")
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
    assert data.inspect(str(tmp_path / "a.tar")).classes == ("cat", "dog")
