"""Arrays that take long to read are read once: the second start has the same data from the cache."""

import numpy as np
import pytest

from gancli.data import Request
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.formats import decoded_cache
from gancli.data.remarks import guessed
from tests.helpers.specimens import pixels


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A source of three parts whose arrays say when they are read."""
    monkeypatch.setattr(decoded_cache, "WORTH", 0)
    reads = []

    def column(name, values):
        return ArrayColumn(name, values.shape, values.dtype, lambda: reads.append(name) or values)

    parts = {}
    for number, (part, count) in enumerate({"train": 20, "validation": 5, "test": 7}.items()):
        images, labels = pixels(count, 12, 12, seed=number), np.arange(count) % 3
        parts[part] = {"image": column(f"{part} images", images), "label": column(f"{part} labels", labels)}
    arrays = ArraySet(parts, ("a", "b", "c"), remarks=(guessed("a guess"),))
    return arrays.as_source(tmp_path / "set.bin", "a layout"), reads


def test_the_second_start_reads_no_array_and_has_the_same_data(source):
    found, reads = source
    plain = found.load(Request(image_size=8))
    first = decoded_cache.load_arrays(found, "stamp", Request(image_size=8))
    count = len(reads)
    second = decoded_cache.load_arrays(found, "stamp", Request(image_size=8))
    assert len(reads) == count
    assert plain.fingerprints == first.fingerprints == second.fingerprints
    for one in (first, second):
        assert (one.name, one.source, one.remarks) == (plain.name, plain.source, plain.remarks)
        assert (one.validation, one.classes, len(one.test["image"])) == (5, ("a", "b", "c"), 7)


@pytest.mark.parametrize("change", [{"stamp": "other"}, {"image_size": 6}, {"color": "rgb"}, {"pixel_range": "0:300"}])
def test_a_change_of_the_file_or_of_an_option_reads_anew(source, change):
    found, reads = source
    decoded_cache.load_arrays(found, "stamp", Request(image_size=8))
    count = len(reads)
    stamp = change.pop("stamp", "stamp")
    again = decoded_cache.load_arrays(found, stamp, Request(**({"image_size": 8} | change)))
    assert len(reads) > count
    assert again.shape[:2] == (change.get("image_size", 8),) * 2


def test_small_sets_are_not_cached(source, monkeypatch):
    found, reads = source
    monkeypatch.setattr(decoded_cache, "WORTH", 1_000_000)
    for _ in range(2):
        decoded_cache.load_arrays(found, "stamp", Request())
    assert reads.count("train images") == 2
