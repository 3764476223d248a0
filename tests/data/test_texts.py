"""Texts as data: words and letters as numbers, captions from files, drawn glyphs, sentences, word vectors."""

import gzip
import zipfile

import h5py
import numpy as np
import pytest
from helpers.captions import picture, zip_of_reed

from gancli import data
from gancli.core.errors import DataError, OptionError
from gancli.data import Request
from gancli.data.datasets import glyphs
from gancli.data.remarks import why_without
from gancli.data.texts import tokenization, word_vectors
from gancli.evaluation.metrics import attribute_accuracy, retrieval


def test_words_are_small_and_marks_are_words():
    assert tokenization.words("The Dog's tail -- isn't RED, is it?") == [
        "the",
        "dog's",
        "tail",
        "isn't",
        "red",
        ",",
        "is",
        "it",
        "?",
    ]


def test_a_vocabulary_numbers_words_and_marks_what_it_does_not_know():
    vocabulary = tokenization.Vocabulary(tokenization.most_common(["a red dog", "a red cat", "a"]))
    assert vocabulary.words == ("a", "red", "cat", "dog")
    assert vocabulary.rows(["A dog", "a blue cat and more"], 3).tolist() == [[3, 6, 0], [3, 1, 5]]
    assert vocabulary.unknown("a blue cat") == ["blue"]


def test_letters_are_numbers_from_one_and_others_are_spaces():
    alphabet = tokenization.Alphabet()
    rows = alphabet.rows(["Az é"], 6)
    assert rows.tolist() == [[1, 26, alphabet._numbers[" "], alphabet._numbers[" "], 0, 0]]
    assert rows.max() < alphabet.size == 1 + len(tokenization.LETTERS) == 1 + len(set(tokenization.LETTERS))


@pytest.mark.parametrize("text", ["", "  ", "!?"])
def test_a_text_without_a_word_is_refused(text):
    if text == "!?":
        assert tokenization.check(text) == text  # marks are words to a skip-thoughts
        return
    with pytest.raises(OptionError, match="holds no word"):
        tokenization.check(text)


# --- glyphs


@pytest.fixture(scope="module")
def drawn():
    return data.load("glyphs:60", Request(16))


def test_as_many_glyphs_are_drawn_as_are_asked_for_always_the_same(drawn):
    assert len(drawn) == 60
    assert drawn.shape == (16, 16, 3)
    again = data.load("glyphs:60", Request(16))
    assert again.facts() == drawn.facts()
    assert np.array_equal(again.test["image"], drawn.test["image"])
    with pytest.raises(DataError, match="no data set, file or folder 'glyphs:many'"):
        data.load("glyphs:many")


def test_held_out_glyphs_are_in_half_of_the_test_scenes_and_in_no_other(drawn):
    assert not glyphs.are_held_out(drawn.train["attributes"]).any()
    held_out = glyphs.are_held_out(drawn.test["attributes"])
    assert not held_out[: len(held_out) // 2].any()
    assert held_out[len(held_out) // 2 :].all()
    kinds = [glyphs.Glyph("small", colour, shape) for colour in glyphs.COLORS for shape in glyphs.SHAPES]
    assert sum(kind.is_held_out() for kind in kinds) == len(glyphs.SHAPES)  # each shape lacks one colour


def test_captions_tell_of_the_scene_both_ways_round():
    red, blue = glyphs.Glyph("small", "red", "seven"), glyphs.Glyph("large", "blue", "square")
    above = glyphs.Scene((red, blue), "above", "green")
    assert above.captions() == (
        "a small red seven above a large blue square on a green ground",
        "a large blue square below a small red seven on a green ground",
    )
    there = dict(zip(glyphs.ATTRIBUTES, above.attributes(), strict=True))
    assert {name for name, is_there in there.items() if is_there} == {
        "first size: small",
        "first colour: red",
        "first shape: seven",
        "second size: large",
        "second colour: blue",
        "second shape: square",
        "place: above",
        "ground: green",
    }


def test_glyphs_are_where_and_of_the_colour_that_is_said():
    square = glyphs.Glyph("large", "blue", "square")
    image = glyphs.draw(glyphs.Scene((square,), "at the top left", "yellow"), np.random.default_rng(0), 32)
    is_blue = (abs(image.astype(int) - glyphs.COLORS["blue"]).sum(axis=2)) < 30
    rows, columns = np.nonzero(is_blue)
    assert abs(rows.mean() / 32 - glyphs.CORNER) < 0.08
    assert abs(columns.mean() / 32 - glyphs.CORNER) < 0.08
    assert is_blue.sum() > 60
    assert tuple(image[-1, -1]) == glyphs.COLORS["yellow"]


# --- captions from files


def without_captions(path):
    """Why captions are left out; the pictures are read all the same."""
    dataset = data.load(str(path))
    assert "caption" not in dataset.train
    assert not dataset.test
    return why_without("caption", dataset.remarks)


def test_captions_in_the_layout_of_reed_are_read_and_classes_are_parted(tmp_path):
    dataset = data.load(str(zip_of_reed(tmp_path)))
    assert len(dataset.classes) == 6
    assert set(dataset.train["label"]) & set(dataset.test["label"]) == set()
    assert len(set(dataset.test["label"])) == 1
    assert (len(dataset), len(dataset.test["image"])) == (10, 2)
    for part in (dataset.train, dataset.test):
        numbers = part["image"][:, 0, 0, 0] // 20
        assert part["caption"][:, 0].tolist() == [f"flower {number}" for number in numbers]
        assert part["caption"][:, 1].tolist() == ["" if number % 2 == 0 else f"again {number}" for number in numbers]
    facts = dataset.facts()
    assert facts.words[:2] == ("flower", "again")
    assert facts.captions == tuple(dataset.test["caption"][:, 0])


def test_a_list_of_test_classes_is_obeyed(tmp_path):
    path = zip_of_reed(tmp_path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("testclasses.txt", "class_00004\nclass_00001\n")
    dataset = data.load(str(path))
    assert sorted(set(dataset.test["label"])) == [1, 4]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("more/testclasses.txt", "")
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for number in range(10):
            archive.writestr(f"{number}.png", picture((0, 0, 0)))
            archive.writestr(f"class_{number // 2}/{number}.txt", "black")
        archive.writestr("testclasses.txt", "class_9")
    assert "names 'class_9', which is none of the 5 classes" in without_captions(tmp_path / "b.zip")


def test_texts_beside_pictures_are_captions_and_one_that_lacks_is_named(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.png").write_bytes(picture((0, number, 0)))
        (tmp_path / f"{number}.txt").write_text(f"number {number}\n\n", encoding="utf-8")
    dataset = data.load(str(tmp_path))
    assert dataset.train["caption"].tolist() == [["number 0"], ["number 1"], ["number 2"]]
    assert not dataset.test
    (tmp_path / "1.txt").unlink()
    assert "1 of 3 pictures have none, there is no 1.txt" in without_captions(tmp_path)
    (tmp_path / "1.txt").write_text("\n", encoding="utf-8")
    assert "1 of 3 texts are bad: 1.txt: holds no caption" in without_captions(tmp_path)


def test_a_text_belongs_to_the_picture_beside_it_and_a_doubtful_one_is_refused(tmp_path):
    for number, kind in enumerate(("cats", "dogs")):
        (tmp_path / kind).mkdir()
        (tmp_path / kind / "1.png").write_bytes(picture((0, number, 0)))
        (tmp_path / kind / "1.txt").write_text(kind, encoding="utf-8")
    assert data.load(str(tmp_path)).train["caption"].tolist() == [["cats"], ["dogs"]]
    (tmp_path / "texts").mkdir()
    (tmp_path / "dogs" / "1.txt").rename(tmp_path / "texts" / "1.txt")
    assert "it is not clear which text belongs to dogs/1.png" in without_captions(tmp_path)


def test_a_text_in_another_encoding_is_read_and_what_is_no_text_is_named(tmp_path):
    (tmp_path / "1.png").write_bytes(picture((0, 0, 0)))
    (tmp_path / "1.txt").write_text("eine sch\u00f6ne Blume", encoding="utf-16")
    assert data.load(str(tmp_path)).train["caption"].tolist() == [["eine sch\u00f6ne Blume"]]
    (tmp_path / "1.txt").write_text("eine sch\u00f6ne Blume", encoding="cp1252")
    dataset = data.load(str(tmp_path))
    assert dataset.train["caption"].tolist() == [["eine sch\u00f6ne Blume"]]
    assert "not in UTF-8, read as Latin-1: 1.txt" in [remark.text for remark in dataset.remarks]
    (tmp_path / "1.txt").write_bytes(b"a\0flower")
    assert "1 of 1 texts are bad: 1.txt: zeros" in without_captions(tmp_path)


def test_pictures_to_be_encoded_or_scored_are_all_there_whatever_is_kept_for_testing(tmp_path):
    with zipfile.ZipFile(zip_of_reed(tmp_path)) as archive:
        archive.extractall(tmp_path / "flowers")
    pixels, names = data.open_images([tmp_path / "flowers"], (8, 8, 3))
    assert len(pixels) == len(names) == 12
    assert [int(name[-6:-4]) * 20 for name in names] == pixels[:, 0, 0, 0].tolist()
    assert len(data.load_images(tmp_path / "flowers", (8, 8, 3))) == 12


def test_captions_in_an_h5_file_are_read(tmp_path):
    path = tmp_path / "a.h5"
    captions = [["one", "eins"], ["two", ""], ["three", "drei"]]
    with h5py.File(path, "w") as file:
        file["images"] = np.zeros((3, 8, 8, 3), np.uint8)
        file.create_dataset("captions", data=np.array(captions, object), dtype=h5py.string_dtype())
        file["tests"] = np.array([0, 0, 1])
    dataset = data.load(str(path))
    assert dataset.train["caption"].tolist() == captions[:2]
    assert dataset.test["caption"].tolist() == captions[2:]
    smaller = data.load(str(path), Request(4))
    assert smaller.train["image"].shape == (2, 4, 4, 3)
    assert smaller.test["caption"].tolist() == captions[2:]


@pytest.mark.parametrize(
    ("captions", "tests", "reason"),
    [
        (np.zeros((3, 1)), None, "not texts"),
        (np.array([["a"], ["b"]], object), None, "expected texts"),
        (np.array([["a"], [" "], ["c"]], object), None, "has none in its first column"),
        (np.array([["a", "", "b"], ["c", "d", ""], ["e", "", ""]], object), None, "precedes another"),
        (np.array([["a"], ["b"], ["c"]], object), [0, 3, 0], "'tests' must be 0"),
        (np.array([["a"], ["b"], ["c"]], object), [1, 1, 1], "'tests' must be 0"),
    ],
)
def test_captions_of_another_form_are_refused(tmp_path, captions, tests, reason):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"] = np.zeros((3, 8, 8, 3), np.uint8)
        dtype = h5py.string_dtype() if captions.dtype == object else None
        file.create_dataset("captions", data=captions, dtype=dtype)
        if tests is not None:
            file["tests"] = np.array(tests)
    with pytest.raises(DataError, match=reason):
        data.load(str(tmp_path / "a.h5"))


def test_captions_survive_packing(gancli, tmp_path):
    path = zip_of_reed(tmp_path)
    answer = gancli("data", "pack", path, tmp_path / "packed.h5")
    assert answer.code == 0, answer.err
    first, packed = data.load(str(path)), data.load(str(tmp_path / "packed.h5"))
    assert np.array_equal(first.train["caption"], packed.train["caption"])
    assert np.array_equal(first.test["image"], packed.test["image"])


# --- sentences


@pytest.mark.parametrize("ending", [".txt", ".txt.gz"])
def test_sentences_come_in_order_and_the_last_tenth_is_for_tests(tmp_path, ending):
    content = "\n".join(f"sentence {number}" + "\n" * (number == 90) for number in range(200)).encode()
    (tmp_path / f"book{ending}").write_bytes(gzip.compress(content) if ending.endswith(".gz") else content)
    dataset = data.load(str(tmp_path / f"book{ending}"))
    assert dataset.name == "book"
    assert dataset.train["sentence"][:2].tolist() == ["sentence 0", "sentence 1"]
    assert dataset.test["sentence"].tolist() == [f"sentence {number}" for number in range(180, 200)]
    assert dataset.train["line"][[89, 90, 91]].tolist() == [89, 90, 92]  # a text ends there
    assert dataset.test["line"].tolist() == list(range(181, 201))
    assert dataset.facts().words[0] == "sentence"


def test_of_each_thousand_sentences_the_last_hundred_are_for_tests(tmp_path):
    (tmp_path / "a.txt").write_text("\n".join(f"number {number}" for number in range(2500)), encoding="utf-8")
    tests = data.load(str(tmp_path / "a.txt")).test["line"]
    assert tests.tolist() == [*range(900, 1000), *range(1900, 2000)]


def test_a_text_that_is_no_book_is_refused(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntwo\n", encoding="utf-8")
    with pytest.raises(DataError, match="holds 2 sentences"):
        data.load(str(tmp_path / "a.txt"))
    (tmp_path / "c.txt").write_text("one\n\n" * 200, encoding="utf-8")
    with pytest.raises(DataError, match="no sentence follows another"):
        data.load(str(tmp_path / "c.txt"))
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress(b"x\n" * 500)[:-9])
    with pytest.raises(DataError, match="not a readable text file"):
        data.load(str(tmp_path / "b.txt.gz"))


def test_word_vectors_are_read_with_and_without_a_head(tmp_path):
    (tmp_path / "a.txt").write_text("2 3\nthe 1 2 3\nCat 0 -1 1e2\n", encoding="utf-8")
    words, rows = word_vectors.read(tmp_path / "a.txt")
    assert words == ["the", "cat"]
    assert rows.tolist() == [[1, 2, 3], [0, -1, 100]]
    (tmp_path / "d.txt").write_text("The 9 9\nthe 1 2\nTHE 7 7\nCat 3 4\nCAT 5 6\n", encoding="utf-8")
    said = []
    words, rows = word_vectors.read(tmp_path / "d.txt", tell=said.extend)
    assert (words, rows.tolist()) == (["the", "cat"], [[1, 2], [3, 4]])
    assert [remark.text for remark in said] == ["3 words of d.txt differ from others only by case"]
    (tmp_path / "b.txt").write_text("the 1 2\ncat 1\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 2: expected a word and 2 numbers"):
        word_vectors.read(tmp_path / "b.txt")
    (tmp_path / "c.txt").write_text("the 1 nan\n", encoding="utf-8")
    with pytest.raises(DataError, match="line 1"):
        word_vectors.read(tmp_path / "c.txt")


# --- measures


def test_obedience_counts_what_was_asked_for_alone():
    names = ("shape: one", "shape: two", "ground: red", "ground: blue")
    seen = np.array([[0.9, 0.2, 0.1, 0.3], [0.4, 0.6, 0.8, 0.7], [0.1, 0.2, 0.9, 0.1]])
    asked = np.array([[1, 0, 0, 1], [1, 0, 1, 0], [0, 0, 1, 0]])
    found = attribute_accuracy.measure(seen, asked, names)
    assert (found.right, found.requested) == (4, 5)
    assert found.by_group == {"shape": 0.5, "ground": 1.0}
    assert found.share == 0.8
    assert found.by_value["shape: one"] == 0.5
    with pytest.raises(OptionError, match="belongs to no group"):
        attribute_accuracy.groups(("Smiling",))


def test_the_place_of_the_right_answer_is_counted_from_one_and_ties_do_not_help():
    scores = np.array([[0.9, 0.1, 0.5], [0.3, 0.3, 0.1], [0.7, 0.8, 0.2]])
    assert retrieval.ranks(scores).tolist() == [1, 2, 3]
    found = retrieval.measure([scores, np.eye(3)])
    assert found.first == pytest.approx(4 / 6)
    assert found.among_five == 1
    assert found.median_place == 1


def test_common_answers_gain_nothing_by_being_common():
    logs = np.array([[-10.0, -2.0], [-12.0, -2.0]])
    scores = retrieval.relative_log_likelihood(logs)
    assert scores[0, 0] > scores[1, 0]
    assert scores[0, 1] == pytest.approx(scores[1, 1])
    assert retrieval.ranks(retrieval.relative_log_likelihood(logs))[0] == 1
