"""Texts as they are handed out: lines, wrapped books, WikiText, SNLI, and folders of books."""

import gzip
import json
import textwrap
import zipfile

from tests.helpers.specimens import Specimen, put

LINES = "a .txt or .txt.gz file of sentences in order"
WRAPPED = "a text of wrapped lines, such as a book of Project Gutenberg"
TREE = "( ( A person ) ( is outdoors ) )"
ABOUT = "Produced by volunteers. This header is about the file, and it is not part of the book."


def wrapped(sentences, width=70):
    """Paragraphs of three sentences, wrapped, with an empty line between them."""
    groups = (" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3))
    return "\n\n".join("\n".join(textwrap.wrap(group, width, break_on_hyphens=False)) for group in groups)


def story(count, start=0):
    """Sentences of several words each, in order."""
    return [
        f"On day {start + number} the old man went down to the sea, and he saw ships there." for number in range(count)
    ]


def lines(folder):
    (folder / "books.txt.gz").write_bytes(gzip.compress("\n".join(story(200)).encode()))
    return folder / "books.txt.gz"


def gutenberg(folder):
    text = f"{ABOUT}\n\n*** START OF THE PROJECT GUTENBERG EBOOK SHIPS ***\n\nCHAPTER I\n\n{wrapped(story(200))}\n\n"
    return put(folder / "pg1.txt", f"{text}*** END OF THE PROJECT GUTENBERG EBOOK SHIPS ***\n\n{ABOUT * 20}\n")


def wikitext(folder):
    for name, count in (("train", 60), ("valid", 10), ("test", 12)):
        paragraphs = [f" {' '.join(story(2, at))} \n" for at in range(0, 2 * count, 2)]
        text = " \n = Ships = \n \n" + "".join(paragraphs) + " = = History = = \n \n" + paragraphs[0]
        put(folder / "wikitext-2" / f"wiki.{name}.tokens", text)
    return folder / "wikitext-2"


def snli(folder):
    for name, count in (("train", 70), ("dev", 4), ("test", 5)):
        pairs = list(zip(story(count), story(count, 1000), strict=True))
        table = ["gold_label\tsentence1_binary_parse\tsentence2_binary_parse\tsentence1\tsentence2\tcaptionID"]
        table += [f"neutral\t{TREE}\t{TREE}\t{first}\t{second}\t1.jpg#0" for first, second in pairs]
        put(folder / "snli_1.0" / f"snli_1.0_{name}.txt", "\n".join(table) + "\n")
        objects = [json.dumps({"gold_label": "neutral", "sentence1": one, "sentence2": two}) for one, two in pairs]
        put(folder / "snli_1.0" / f"snli_1.0_{name}.jsonl", "\n".join(objects) + "\n")
    put(folder / "snli_1.0" / "README.txt", "about")
    return folder / "snli_1.0"


def snli_jsonl(folder):
    return snli(folder) / "snli_1.0_train.jsonl"


def books(folder):
    for name in ("emma", "persuasion"):
        put(folder / "books" / f"{name}.txt", wrapped(story(100)))
    put(folder / "books" / "lines.txt", "\n".join(story(100)))
    put(folder / "books" / "README.txt", "about these books")
    return folder / "books"


def books_zip(folder):
    with zipfile.ZipFile(folder / "books.zip", "w") as archive:
        for part, count in (("train", 150), ("test", 60)):
            archive.writestr(f"{part}/one.txt", "\n".join(story(count)))
    return folder / "books.zip"


PAIRS = "sentence1 and sentence2 of each pair are read as consecutive sentences"
SPECIMENS = [
    Specimen("a sentence per line", lines, LINES, {"train": 180, "test": 20}, ("sentence",)),
    Specimen(
        "a book of Project Gutenberg",
        gutenberg,
        WRAPPED,
        {"train": 181, "test": 20},
        ("sentence",),
        remarks=("68 paragraphs are split into 201 sentences", "header and license are left out"),
    ),
    Specimen(
        "WikiText",
        wikitext,
        "WikiText's articles",
        {"train": 122, "validation": 22, "test": 26},
        ("sentence",),
        remarks=("6 headings are left out",),
    ),
    Specimen(
        "SNLI",
        snli,
        "SNLI's pairs of sentences",
        {"train": 140, "validation": 8, "test": 10},
        ("sentence",),
        remarks=(PAIRS,),
    ),
    Specimen(
        "SNLI's objects",
        snli_jsonl,
        "SNLI's pairs of sentences",
        {"train": 126, "test": 14},
        ("sentence",),
        remarks=(PAIRS,),
    ),
    Specimen(
        "a folder of books",
        books,
        "a folder of texts",
        {"train": 270, "test": 30},
        ("sentence",),
        remarks=("1 files are no texts, left out: README.txt",),
    ),
    Specimen("a zip of texts in splits", books_zip, "a folder of texts", {"train": 150, "test": 60}, ("sentence",)),
]
