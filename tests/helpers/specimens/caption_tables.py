"""Pictures with tables and lists of captions."""

import json
from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "a table of captions (csv, jsonl, captions.txt)"
TEXTS = ("A child, in a pink dress .", "A girl going into a building .")


def flickr8k(folder: Path) -> Path:
    """As the authors hand it out: a token file, and the splits in lists of names."""
    names = [f"{number}_ab.jpg" for number in range(5)]
    for name in names:
        photo(folder / f"Flicker8k_Dataset/{name}")
    lines = [
        f"{name}#{at}\t{text}" for name in (*names, "2258277193_586949ec62.jpg.1") for at, text in enumerate(TEXTS)
    ]
    put(folder / "Flickr8k_text/Flickr8k.token.txt", "\n".join(lines) + "\n")
    for split, part in (("train", names[:3]), ("dev", names[3:4]), ("test", names[4:])):
        put(folder / f"Flickr8k_text/Flickr_8k.{split}Images.txt", "\n".join(part) + "\n")
    put(folder / "Flickr8k_text/readme.txt", "If you use this data, cite us.\n")
    return folder


def kaggle(folder: Path) -> Path:
    for number in range(3):
        photo(folder / f"Images/{number}.jpg")
    rows = "".join(f'{number}.jpg,"{TEXTS[0]}"\n{number}.jpg,{TEXTS[1]}\n' for number in range(3))
    put(folder / "captions.txt", "image,caption\n" + rows)
    return folder


def flickr30k(folder: Path) -> Path:
    for number in range(3):
        photo(folder / f"flickr30k_images/{number}.jpg")
    rows = "".join(f"{number}.jpg| {at}| {text}\n" for number in range(3) for at, text in enumerate(TEXTS))
    put(folder / "flickr30k_images/results.csv", "image_name| comment_number| comment\n" + rows)
    return folder


def imagefolder(folder: Path) -> Path:
    for split, count in (("train", 3), ("test", 2)):
        rows = [{"file_name": f"{number}.png", "text": f"the number {number}"} for number in range(count)]
        for row in rows:
            photo(folder / split / row["file_name"])
        put(folder / split / "metadata.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
    return folder


CAPTIONED = ("image", "caption")
SPECIMENS = [
    Specimen("Flickr8k", flickr8k, NAME, {"train": 3, "validation": 1, "test": 1}, CAPTIONED),
    Specimen("Flickr8k as Kaggle has it", kaggle, NAME, {"train": 3}, CAPTIONED),
    Specimen("Flickr30k as Kaggle has it", flickr30k, NAME, {"train": 3}, CAPTIONED),
    Specimen("metadata.jsonl with text", imagefolder, NAME, {"train": 3, "test": 2}, CAPTIONED),
]
