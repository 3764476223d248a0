"""Every layout is recognized as what it is, before anything is decoded and after."""

import importlib

import pytest

from gancli import data
from gancli.data import Request, layouts
from tests.helpers.specimens import all_specimens

SPECIMENS = all_specimens()


@pytest.mark.parametrize("specimen", SPECIMENS, ids=lambda one: one.name)
def test_a_layout_is_read_as_what_it_is(tmp_path, specimen):
    for name in specimen.needs:
        pytest.importorskip(name)
    path = specimen.write(tmp_path)
    found = data.inspect(str(path))
    assert specimen.layout in found.layouts
    assert {name: count for name, count in found.parts.items() if count} == specimen.parts
    assert found.columns[: len(specimen.columns)] == specimen.columns or set(found.columns) == set(specimen.columns)
    assert len(found.attributes) == specimen.attributes
    dataset = data.load(str(path), Request(image_size=8, needs_maps="map" in specimen.columns))
    counts = {"train": len(dataset) - dataset.validation, "validation": dataset.validation}
    counts["test"] = len(next(iter(dataset.test.values()), ()))
    assert {name: count for name, count in counts.items() if count} == specimen.parts
    assert set(specimen.columns) <= {"map" if name == "maps" else name for name in dataset.train}
    names = specimen.classes
    assert (len(dataset.classes) if isinstance(names, int) else dataset.classes) == names
    texts = [remark.text for remark in (*found.remarks, *dataset.remarks)]
    assert all(any(wanted in text for text in texts) for wanted in specimen.remarks), texts


def test_every_recognizer_says_what_it_is_and_has_a_specimen():
    have = {one.layout for one in SPECIMENS}
    for module in layouts.recognizers():
        assert module.NAME and module.EXAMPLE and module.BECOMES
        assert module.NAME in have, module.__name__
        assert importlib.import_module(module.__name__) is module
