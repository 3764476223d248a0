"""What gancli keeps for the next time: never taken when it is stale, damaged, half made, or made twice at once."""

import multiprocessing
import os

import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core import temporary_files
from gancli.core.cache import cache_folder
from gancli.evaluation import classifier


def picture(folder, name, colour=0):
    Image.new("RGB", (8, 8), (colour, 0, 0)).save(folder / name)


def test_a_change_that_keeps_the_size_is_seen(tmp_path):
    for index in range(3):
        picture(tmp_path, f"{index}.png", 10 + index)
    before = data.load(str(tmp_path)).facts().fingerprint
    size = (tmp_path / "1.png").stat().st_size
    picture(tmp_path, "1.png", 99)
    assert (tmp_path / "1.png").stat().st_size == size
    assert data.load(str(tmp_path)).facts().fingerprint != before


@pytest.mark.parametrize("damage", ["empty", "cut", "text", "other"])
def test_a_damaged_cache_is_made_anew(tmp_path, damage):
    for index in range(3):
        picture(tmp_path, f"{index}.png", 10 + index)
    before = data.load(str(tmp_path)).facts().fingerprint
    newest = max((cache_folder() / "decoded").glob("*.h5"), key=lambda path: path.stat().st_mtime_ns)
    content = newest.read_bytes()
    newest.write_bytes({"empty": b"", "cut": content[: len(content) // 2], "text": b"text", "other": b"PK\3\4"}[damage])
    assert data.load(str(tmp_path)).facts().fingerprint == before


def test_a_kill_while_the_cache_is_made_leaves_none_that_is_taken(tmp_path, monkeypatch):
    for index in range(3):
        picture(tmp_path, f"{index}.png", 20 + index)
    held = set((cache_folder() / "decoded").glob("*")) if (cache_folder() / "decoded").exists() else set()
    monkeypatch.setattr(os, "replace", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        data.load(str(tmp_path))
    assert set((cache_folder() / "decoded").glob("*")) == held
    monkeypatch.undo()
    assert len(data.load(str(tmp_path))) == 3


def count_images(folder):
    return len(data.load(str(folder)))


def test_two_processes_decode_one_folder_at_the_same_time(tmp_path):
    for index in range(40):
        Image.effect_noise((64, 64), 50).save(tmp_path / f"{index}.png")
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        assert pool.map(count_images, [tmp_path] * 6, chunksize=1) == [40] * 6


def test_what_kills_left_in_the_cache_is_swept_and_what_is_being_written_is_not(tmp_path):
    decoded = cache_folder() / "decoded"
    decoded.mkdir(parents=True, exist_ok=True)
    (decoded / ".left.part").write_bytes(b"1")
    picture(tmp_path, "1.png", 77)
    with temporary_files.beside(decoded / "other.h5") as written:
        data.load(str(tmp_path))
        assert written.exists()
    assert not list(decoded.glob(".*.part"))


@pytest.mark.parametrize("damage", ["empty", "flipped", "of another gancli"])
def test_a_damaged_classifier_is_trained_anew(stripes_file, tmp_path, monkeypatch, damage):
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path))  # another test may have trained one in earnest
    monkeypatch.setattr(classifier, "_train", lambda *_: {"accuracy": np.float64(0.5), "tested": np.int64(10)})
    dataset, notes = data.load(str(stripes_file)), []
    made = classifier.for_dataset(dataset, note=notes.append)
    content = bytearray(made.path.read_bytes())
    if damage == "flipped":
        content[-100] ^= 1
    elif damage == "empty":
        content = b""
    else:
        content = content.replace(b"checkpoint 1", b"checkpoint 9", 1)
    made.path.write_bytes(content)
    again = classifier.for_dataset(dataset, note=notes.append)
    assert "training a classifier" in notes[-1]
    assert again.digest == made.digest
    assert classifier.for_dataset(dataset, note=lambda text: pytest.fail(text)).digest == made.digest
