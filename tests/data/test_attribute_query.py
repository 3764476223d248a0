"""Words for what an image shows: classes, attributes, negations, and what a sum of them should give."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gancli.core.errors import OptionError
from gancli.data import DataFacts
from gancli.data.labels import attribute_query
from gancli.data.labels.attribute_query import AttributeQuery

NAMES = ("5_o_Clock_Shadow", "Black_Hair", "Eyeglasses", "Male", "No_Beard", "Smiling", "Wearing_Hat", "Young")
FACES = DataFacts("faces", (8, 8, 3), 10, ("image", "attributes"), attributes=NAMES)
DIGITS = DataFacts("digits", (8, 8, 1), 10, ("image", "label"), tuple("0123456789"))


def named(concept):
    return {NAMES[at]: there for at, there in concept.wanted.items()}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("man", {"Male": True}),
        ("Male", {"Male": True}),
        ("man with glasses", {"Male": True, "Eyeglasses": True}),
        ("a woman without glasses", {"Male": False, "Eyeglasses": False}),
        ("smiling woman", {"Smiling": True, "Male": False}),
        ("neutral man", {"Smiling": False, "Male": True}),
        ("not smiling", {"Smiling": False}),
        ("man with beard", {"Male": True, "No_Beard": False}),
        ("no beard", {"No_Beard": True}),
        ("not No_Beard", {"No_Beard": False}),
        ("without beard and not young", {"No_Beard": True, "Young": False}),
        ("5 o clock shadow, black hair", {"5_o_Clock_Shadow": True, "Black_Hair": True}),
        ("wearing hat", {"Wearing_Hat": True}),
        ("WEARING A HAT", {"Wearing_Hat": True}),
    ],
)
def test_words_name_attributes(text, wanted):
    assert named(attribute_query.parse(text, FACES)) == wanted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("man with tail", "no attribute 'tail': its attributes: 5_o_Clock_Shadow"),
        ("smilling", "did you mean 'smiling'"),
        ("smiling neutral", "contradicts itself: Smiling"),
        ("man without", "ends before"),
        ("a person", "names no attribute"),
    ],
)
def test_other_words_are_refused_in_a_sentence(text, words):
    with pytest.raises(OptionError, match=words):
        attribute_query.parse(text, FACES)


def test_what_one_term_names_is_absent_in_the_others():
    asked = attribute_query.parse_all(["man with glasses", "man", "woman"], FACES)
    assert named(asked[1]) == {"Male": True, "Eyeglasses": False}
    assert asked[2].describe(FACES) == "not Eyeglasses, not Male"
    assert named(attribute_query.total(asked, [1, -1, 1])) == {"Male": False, "Eyeglasses": True}
    assert named(attribute_query.change(asked[:2], [1, -1])) == {"Eyeglasses": True}


def test_classes_are_concepts_too_and_their_sum_is_nothing():
    asked = attribute_query.parse_all(["7", "1"], DIGITS)
    assert [concept.wanted for concept in asked] == [{7: True}, {1: True}]
    assert attribute_query.total(asked, [1, -1]) is None
    assert attribute_query.change(asked, [1, -1]) == asked[0]
    both = DataFacts("x", (8, 8, 1), 10, ("image", "label", "attributes"), ("cat", "dog"), attributes=NAMES)
    assert attribute_query.parse("Cat", both).kind == "label"
    assert attribute_query.parse("man", both).kind == "attributes"
    with pytest.raises(OptionError, match="no labels and no attributes"):
        attribute_query.parse("man", DataFacts("x", (8, 8, 1), 10))


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.floats(0.01, 1))
def test_all_that_is_wanted_must_be_sure(chances, confidence):
    shown = AttributeQuery("", "attributes", {0: True, 1: False}).matches(np.array([chances]), confidence=confidence)
    assert shown.tolist() == [chances[0] >= confidence and 1 - chances[1] >= confidence]
