"""Texts as people have them: wrapped or a sentence a line, in any encoding, and how well sentences are found."""

import gzip
import itertools
import random
import textwrap

import pytest

from gancli import data
from gancli.core.errors import DataError
from gancli.data.texts import encodings, paragraphs, sentence_splitting
from tests.helpers.specimens import put
from tests.helpers.specimens.texts import story, wrapped

UMLAUTS = "schöne Größe, naïve café"


@pytest.mark.parametrize(
    ("paragraph", "count"),
    [
        ("Mr. Bennet replied that he had not. But it is, returned she.", 2),
        ('"Oh! Single, my dear, to be sure!" A single man of large fortune.', 3),
        ("It was J. R. Smith who said so. He left.", 2),
        ("He left ... and came back. Then he stayed.", 2),
        ("See fig. 3 for it. The rest follows.", 2),
        ("At 3.30 p. m. they met, i.e. too late. All was over.", 2),
        ('"Is that his design?" asked he. She laughed.', 2),
        ("He paused. -- She colored and laughed.", 1),
        ("No end", 1),
        ("", 0),
    ],
)
def test_sentences_end_at_their_marks_and_not_at_abbreviations(paragraph, count):
    found = sentence_splitting.split(paragraph)
    assert len(found) == count, found
    assert " ".join(found) == paragraph


def recovered(lines, most):
    """The share of sentences that come back from paragraphs of up to so many, wrapped at 70 columns."""
    draw, at, known, total = random.Random(0), 0, 0, 0
    while at < len(lines):
        group = lines[at : at + draw.randint(1, most)]
        at += len(group)
        found = set(sentence_splitting.split(" ".join(textwrap.fill(" ".join(group), 70).split())))
        known += sum(" ".join(one.split()) in found for one in group)
        total += len(group)
    return known / total


def test_the_sentences_of_twelve_novels_are_found_again(real_data):
    path = real_data / "books.txt.gz"
    lines = [line.strip() for line in gzip.decompress(path.read_bytes()).decode().split("\n") if line.strip()][:20_000]
    assert recovered(lines, 1) > 0.99
    assert recovered(lines, 3) > 0.95  # here a heading or a line before a letter may run on


@pytest.mark.parametrize("width", [50, 70, 78])
def test_wrapped_lines_are_recognized_at_any_width(width):
    varied = [" ".join(one.split()[: 6 + number % 9]) + "." for number, one in enumerate(story(120))]
    assert paragraphs.is_wrapped(wrapped(varied, width).splitlines())


@pytest.mark.parametrize(
    "lines",
    [
        story(200),  # all of nearly one length
        [" ".join(one.split()[: 3 + number % 12]) for number, one in enumerate(story(200))],  # without a full stop
        [one.lower().replace(".", " .") for one in story(200)],  # as BookCorpus has them
        [line for one in story(100) for line in ("", one)],
        ["Roses are red,", "violets are blue", "", "sugar is sweet"] * 30,
        [],
    ],
    ids=["even", "no full stops", "lower case", "spaced", "verse", "empty"],
)
def test_a_sentence_per_line_stays_as_it_is(lines):
    found = paragraphs.as_sentences("\n".join(lines))
    assert found.lines == lines
    assert not found.paragraphs


@pytest.mark.parametrize(
    ("mark", "quoted", "encoding", "named"),
    [
        ("", "", "utf-8", ""),
        ("", "", "utf-8-sig", ""),
        ("", "", "utf-16", ""),
        ("\ufeff", "", "utf-16-be", ""),
        ("", "", "utf-32", ""),
        ("", "", "utf-16-le", "UTF-16"),
        ("", "", "utf-16-be", "UTF-16"),
        ("", "", "latin-1", "Latin-1"),
        ("", "“quoted” – ", "cp1252", "Windows-1252"),
    ],
)
def test_encodings_are_recognized_and_guesses_are_reported(mark, quoted, encoding, named):
    text = f"{quoted}{UMLAUTS}\n" * 50
    found = encodings.decode((mark + text).encode(encoding))
    assert found.text == text
    told = [remark.text for remark in encodings.remarks_on([("a.txt", found)])]
    assert told == ([f"not in UTF-8, read as {named}: a.txt"] if named else [])


@pytest.mark.parametrize(
    "content",
    [
        "Привет мир, как дела".encode("cp1251"),
        "これは文です。これも文です。".encode("shift-jis"),
        bytes(range(256)),
        b"text\0text",
        b"\xff\xfea",
    ],
    ids=["Cyrillic", "Japanese", "bytes", "zero", "half a letter"],
)
def test_what_is_in_no_known_encoding_is_refused(tmp_path, content):
    path = put(tmp_path / "a.txt", content * 40)
    with pytest.raises(DataError, match=r"a\.txt holds"):
        data.load(str(path))


def test_a_few_broken_letters_are_counted_and_never_silent(tmp_path):
    lines = [f"Satz {number} ist schön." for number in range(200)]
    content = "\n".join(lines).encode().replace(b"Satz 7 ist sch\xc3\xb6n", b"Satz 7 ist sch\xc3n")
    dataset = data.load(str(put(tmp_path / "a.txt", content)))
    assert dataset.remarks[0].text == "1 lines are not in UTF-8: letters that cannot be read became \ufffd: a.txt"


def test_sentences_of_two_books_do_not_follow_one_another(tmp_path):
    for name in ("one", "two"):
        put(tmp_path / "books" / f"{name}.txt", "\n".join(story(100)))
    dataset = data.load(str(tmp_path / "books"))
    lines = sorted([*dataset.train["line"].tolist(), *dataset.test["line"].tolist()])
    assert [after - line for line, after in itertools.pairwise(lines)].count(2) == 1


@pytest.mark.parametrize(
    "lines",
    [
        ["5", "5_o_Clock_Shadow Male", *(f"{number:06}.jpg -1  1" for number in range(300))],
        [f"{number}_a.jpg#0\tA child in a dress" for number in range(300)],
        [f"img_{number}.png,a red flower with petals" for number in range(300)],
        [f"{number} {number / 7:.3f} 0.5" for number in range(300)],
        ["n01440764 tench"] * 300,
    ],
    ids=["attributes", "captions", "table", "boxes", "classes"],
)
def test_lists_without_their_pictures_are_no_books(tmp_path, lines):
    put(tmp_path / "set" / "list.txt", "\n".join(lines))
    with pytest.raises(DataError, match=r"holds no pictures: 1 file ends in \.txt"):
        data.load(str(tmp_path / "set"))


def test_the_license_of_gutenberg_is_left_out_of_lines_too(tmp_path):
    text = "\n".join(["About", "*** START OF THIS PROJECT GUTENBERG EBOOK X ***", *story(150)])
    dataset = data.load(str(put(tmp_path / "x.txt", f"{text}\nEnd of the Project Gutenberg EBook of X\nLicense\n")))
    assert len(dataset) + len(dataset.test["sentence"]) == 150


def test_headings_of_wikitext_are_no_sentences_and_articles_are_texts(tmp_path):
    article = [" = {} = ", " ", f" {story(3)[0]} It was <unk> . <unk> saw it . ", " = = Later = = ", f" {story(1)[0]} "]
    lines = [line.format(number) for number in range(60) for line in article]
    dataset = data.load(str(put(tmp_path / "wiki.txt", "\n".join(lines))))
    sentences = [*dataset.train["sentence"], *dataset.test["sentence"]]
    assert not any("= " in one for one in sentences)
    assert "<unk> saw it ." in sentences


@pytest.mark.parametrize("damage", ["columns", "json"])
def test_a_damaged_pair_is_named_by_its_line(tmp_path, damage):
    row = '{"sentence1": "A b c", "sentence2": "D e f"}'
    lines = [row] * 120 if damage == "json" else ["label\tsentence1\tsentence2"] + ["x\tA b c\tD e f"] * 120
    lines[7] = "{" if damage == "json" else "x\tA"
    path = put(tmp_path / ("a.jsonl" if damage == "json" else "a.txt"), "\n".join(lines))
    with pytest.raises(DataError, match="line 8 holds no pair"):
        data.load(str(path))
