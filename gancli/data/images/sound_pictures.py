"""Pictures without the bad ones among them: --skip-bad leaves those out, otherwise all of them are named."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from gancli.core.errors import DataError
from gancli.data.annotations import image_domains, label_map_survey
from gancli.data.images import image_survey
from gancli.data.images.bad_files import BadFile, BadFilesError, listed
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request


def packed(pictures: PictureSet, request: Request, pack: Callable[[PictureSet], None]) -> None:
    """Pack pictures, or if the request skips bad files, those that are sound.

    pack: decodes pictures into a file; it is called again without those that turn out to be bad. Only then they are all
    decoded first. Raises: BadFilesError that names all bad files; DataError if all pictures are bad.
    """
    while True:
        try:
            pack(pictures)
            return
        except BadFilesError as error:
            where = str(pictures.entries.path)
            bad = error.bad if request.skip_bad and error.is_complete else find_bad(pictures, request, error.bad)
            if not request.skip_bad:
                raise BadFilesError.all_of(where, bad) from error
            sound = without(pictures, bad, request)
            if len(sound.pictures) == len(pictures.pictures):
                raise
            if not sound.pictures:
                text = f"{where}: all {len(pictures.pictures):,} pictures are bad: {listed(bad)}"
                raise BadFilesError(text, bad) from error
            pictures = sound


def find_bad(pictures: PictureSet, request: Request, known: Sequence[BadFile] = ()) -> list[BadFile]:
    """All files that cannot be read: every picture is decoded, and every label map if the request needs them.

    known: bad files that were found before.
    """
    files = {file.name: file for file in [*pictures.pictures, *(pictures.partners or [])]}
    survey = image_survey.survey_pixels(list(files.values()))
    found = dict(survey.bad)
    if pictures.label_maps and request.needs_maps is not False:
        with contextlib.suppress(DataError):  # about the set as a whole, which is reported once all files are sound
            found |= dict(label_map_survey.survey(pictures, survey).bad)
    return [*({name: reason for name, reason in known if name not in found}.items()), *found.items()]


def without(pictures: PictureSet, bad: Sequence[BadFile], request: Request) -> PictureSet:
    """The pictures without bad ones and those whose label map or partner is bad, with a remark that names them."""
    names = {name for name, _ in bad}
    groups = [[file.name] for file in pictures.pictures]
    for others in filter(None, (pictures.label_maps and pictures.label_maps.files, pictures.partners)):
        groups = [[*group, file.name] for group, file in zip(groups, others, strict=True)]
    if request.paired and not (pictures.label_maps or pictures.partners):
        names |= set(_partners(pictures, names))
    rows = [row for row, group in enumerate(groups) if names.isdisjoint(group)]
    lost = len(groups) - len(rows)
    text = f"{lost:,} of {len(groups):,} pictures left out, their files are bad (--skip-bad): {listed(bad)}"
    found = pictures.select(rows).with_remarks(left_out(text))
    return replace(found, bad=(*pictures.bad, *bad))


def _partners(pictures: PictureSet, names: Iterable[str]) -> list[str]:
    """The partners of pictures of these names, in folders of two domains."""
    pairs = image_domains.pairs_of(pictures)
    both = zip(pairs.first, pairs.other or (), strict=False)
    return [file.name for pair in both for file in pair if {one.name for one in pair} & set(names)]
