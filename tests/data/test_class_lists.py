"""Lists of classes beside label maps: class_dict.csv and codes.txt, and which list counts."""

import pytest

from gancli.core.errors import DataError
from gancli.data.annotations import class_lists
from gancli.data.containers.source_files import SourceFile


def file(name, text):
    return SourceFile(name, lambda: text.encode())


@pytest.mark.parametrize("head", ["name,r,g,b\n", "name, r, g, b\r\n", "Name,Red,Green,Blue\n", "class,r,g,b\n", ""])
def test_a_table_of_names_and_colors_is_read(head):
    text = f'{head}Sky,128,128,128\n"Traffic light",0,64,64\nVoid,0,0,0\n'
    found = class_lists.find([file("a/class_dict.csv", text)])
    assert [(line.name, line.color, line.is_class) for line in found.lines] == [
        ("Sky", (128, 128, 128), True),
        ("Traffic light", (0, 64, 64), True),
        ("Void", (0, 0, 0), False),
    ]
    assert found.numbers() == [0, 1, 2]


@pytest.mark.parametrize("row", ["a,1,2", "a,1,2,x", "a,1,2,256", ",1,2,3", "a;1;2;3"])
def test_a_malformed_row_of_the_table_is_named(row):
    with pytest.raises(DataError, match=r"class_dict\.csv: .*expected"):
        class_lists.find([file("class_dict.csv", f"name,r,g,b\nb,4,5,6\n{row}\n")])


def test_codes_are_names_in_order():
    found = class_lists.find([file("codes.txt", "Animal\nSky\nVoid\n")])
    assert [(line.name, line.number, line.is_class) for line in found.lines] == [
        ("Animal", None, True),
        ("Sky", None, True),
        ("Void", None, False),
    ]


@pytest.mark.parametrize("text", ["0x1 0x2\n", "one\n", "a.png\nb.png\n", "12\n13\n"])
def test_codes_of_something_else_are_not_used(text):
    assert class_lists.find([file("codes.txt", text)]) is None


def test_the_list_that_is_meant_for_maps_counts_before_others():
    names = ["labels.txt", "codes.txt", "class_dict.csv", "classes.txt"]
    texts = {"class_dict.csv": "name,r,g,b\na,1,2,3\nb,4,5,6\n"}
    given = [file(name, texts.get(name, "a\nb\n")) for name in names]
    for count, first in enumerate(reversed(names)):
        found = class_lists.find(given[: len(names) - count])
        assert found.file == first
        assert set(found.unused) == set(names[: len(names) - count - 1])
