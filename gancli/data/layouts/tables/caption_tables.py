"""Captions in a CSV or JSON-lines table, or in Flickr8k's token file, a line for each caption."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gancli.core.errors import DataError
from gancli.data.annotations.listings import caption_lists, picture_tables
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "a table of captions (csv, jsonl, captions.txt)"
EXAMPLE = (
    "captions.txt with image,caption and Images/1.jpg\n"
    "metadata.jsonl with file_name and text\n"
    "Flickr8k.token.txt with 1.jpg#0 and a caption after a tab"
)
BECOMES = "images with captions, each line of a picture a caption"
ORDER = 65
FEW = 50  # texts; of more only those of likely names are opened
LIKELY = re.compile("caption|token|result|annotation|description")
TOKEN = re.compile(r"(.+?)#(\d{1,4})\t+(.*)")


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """The captions of the first table or list that has some; None without one."""
    if "captions" in pictures.settled or not pictures.pictures:
        return None
    remarks, found, used = [], {}, []
    for file in (*picture_tables.files_of(pictures), *_texts(pictures)):
        try:
            captions = _captions(file, pictures)
        except DataError as error:
            remarks.append(picture_tables.unusable(error, "caption", pictures))
            continue
        if captions and (not used or file.base == used[0].base or file.suffix == used[0].suffix != ".txt"):
            used.append(file)
            found = captions | found
        elif captions:
            remarks.append(left_out(f"{file.name} is not used: captions are those of {used[0].name}"))
    if not used:
        return pictures.with_remarks(*remarks) if remarks else None
    where = ", ".join(file.name for file in used)
    return caption_lists.with_captions(pictures.with_remarks(*remarks).with_used(used), found, where)


def _texts(pictures: PictureSet) -> list[SourceFile]:
    """Texts that may be lists of captions: one beside a picture of its name is that picture's."""
    texts = pictures.entries.texts
    found = texts if len(texts) <= FEW else [file for file in texts if LIKELY.search(file.base)]
    stems = {file.name.rpartition(".")[0] for file in pictures.pictures} if found else set()
    return [file for file in found if file.name.rpartition(".")[0] not in stems][:FEW]


def _captions(file: SourceFile, pictures: PictureSet) -> dict[int, list[str]]:
    """The captions by the row of their picture; {} for a file of another kind. Raises: DataError."""
    if file.suffix != ".txt":
        kinds = picture_tables.kinds_of(file, pictures)
        return _of_table(file, pictures, kinds) if "caption" in kinds else {}
    head = tables.text_of(file, head=True)
    first = next((line for line in head.splitlines() if line.strip()), "")
    if TOKEN.fullmatch(first.strip()):
        return caption_lists.gather(_of_tokens(file, pictures), file.name)
    cells = [picture_tables.folded(cell) for cell in re.split(r"[,\t|;]", first)]
    if len(cells) > 1 and set(cells) & set(picture_tables.CAPTIONS) and set(cells) & set(picture_tables.NAMES):
        return _of_table(file, pictures, picture_tables.kinds_of(file, pictures))
    return {}


def _of_table(file: SourceFile, pictures: PictureSet, kinds: dict[str, list[int]]) -> dict[int, list[str]]:
    if "caption" not in kinds:
        return {}
    return caption_lists.gather(picture_tables.read(file, pictures, kinds).values("caption"), file.name)


def _of_tokens(file: SourceFile, pictures: PictureSet) -> Iterator[tuple[int, str]]:
    """Row and caption of each line `name.jpg#0<tab>caption`. Raises: DataError for a line of another form."""
    matches = []
    for number, line in enumerate(tables.text_of(file).splitlines(), start=1):
        if line.strip():
            match = TOKEN.fullmatch(line.strip())
            if match is None:
                raise DataError(f"{file.name}: line {number:,} is no name with #, a number, a tab and a caption")
            matches.append(match)
    rows = PictureNames(pictures.pictures, file.name).rows([match[1] for match in matches])
    return ((row, match[3]) for row, match in zip(rows, matches, strict=True) if row != NONE)
