"""Low-resolution copies of pictures by the names of super-resolution data sets.

Known are DIV2K and Flickr2K (`DIV2K_train_HR/0001.png`, `DIV2K_train_LR_bicubic/X2/0001x2.png`), EDSR's benchmark
(`Set5/HR/baby.png`, `Set5/LR_bicubic/X4/babyx4.png`), others with `LR`, `LRx4`, `LRbicx4`, `X4`, and SelfExSR's
`image_SRF_4/img_001_SRF_4_HR.png` and `_LR.png`, where each scale repeats the originals, cropped to its multiple.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.data.containers.source_files import SourceFile

SCALES = "[2348]"
_MAY_BE = re.compile(rf"lr|low|srf_|x{SCALES}[./]", re.IGNORECASE)  # what all names of copies contain
_TOKEN = re.compile(r"[\s_.-]+")
_LOW = re.compile(rf"lrs?|lr(?:bic|bicubic)?x?{SCALES}|lrbic|lrbicubic|lowres")  # a part of a folder's name
_HIGH = re.compile(r"hrs?|gt|gtmod\d+|original|highres")
_HOW = re.compile(rf"bic|bicubic|unknown|mild|difficult|wild|x{SCALES}|{SCALES}x")
_SCALE = re.compile(rf"(?:lr(?:bic|bicubic)?)?x?({SCALES})x?")
_SRF = re.compile(r"(.*?)_?SRF_(\d)(?:_(\w+))?", re.IGNORECASE)
_END = re.compile(rf"(.*?[^x\s_-])[_-]?x({SCALES})", re.IGNORECASE)
_LAST = re.compile(rf"(.+)_(HR|LR)(?:x?({SCALES}))?", re.IGNORECASE)
_WORDS = re.compile(r"(low|high)[\s_.-]*res(?:olution)?", re.IGNORECASE)


class Resolution(NamedTuple):
    """What names say of one picture: whether it is a low-resolution copy, its scale, and the original that it shows.

    place: the folders without those parts that tell resolutions; stem: the name without them. scale: of a copy, or that
    the original was cropped for; None if it is not in the names. is_low: whether names say that it is a copy.
    """

    place: str
    stem: str
    scale: int | None
    is_low: bool

    @property
    def original(self) -> tuple[str, str]:
        """A key that copies and their original share."""
        return self.place.lower(), self.stem.lower()


class ResolutionSet(NamedTuple):
    """The pictures of a super-resolution set: originals, each once, and further files.

    low: copies. repeated: originals once more, cropped for other scales. read: what the name of each file says.
    """

    originals: list[SourceFile]
    low: list[SourceFile]
    repeated: list[SourceFile]
    read: dict[str, Resolution]

    def copies(self, file: SourceFile, scale: int) -> list[SourceFile]:
        """The low-resolution copies of an original for a scale; those made by the bicubic kernel if several are."""
        key = self.read[file.name].original
        found = [one for one in self.low if self.read[one.name].original == key]
        found = [one for one in found if self.read[one.name].scale in (scale, None) and not _is_result(one)]
        exact = [one for one in found if self.read[one.name].scale == scale] or found
        bicubic = [one for one in exact if "bic" in one.name.lower()]
        return bicubic if len(exact) > 1 and bicubic else exact


def split(files: Sequence[SourceFile], *, scale: int | None = None) -> ResolutionSet | None:
    """Originals and copies among pictures; None where no copy has an original, or none is a copy.

    scale: prefer originals that were cropped for it, else those cropped least.
    """
    if not any(_MAY_BE.search(file.name) for file in files):
        return None
    read = {file.name: _read(file.name) for file in files}
    bases = {(one.place.lower(), one.stem.lower()) for one in read.values() if not one.is_low}
    for name, one in read.items():  # 0801x4.png beside 0801.png; an original may be called so too
        match = _END.fullmatch(one.stem)
        is_plain = bool(match) and match.end(1) == match.start(2) - 1  # not a-x4.png, which gancli upscale writes
        if match and (one.is_low or (is_plain and (one.place.lower(), match[1].lower()) in bases)):
            read[name] = Resolution(one.place, match[1], int(match[2]), is_low=True)
    high = [file for file in files if not read[file.name].is_low]
    low = [file for file in files if read[file.name].is_low]
    keys = {read[file.name].original for file in high}
    if not any(read[file.name].original in keys for file in low):
        return None
    chosen: dict[tuple[str, str], SourceFile] = {}
    for file in sorted(high, key=lambda file: _preference(read[file.name], scale)):
        chosen.setdefault(read[file.name].original, file)
    kept = {file.name for file in chosen.values()} | {file.name for file in high if _is_plain(read[file.name])}
    originals = [file for file in high if file.name in kept]
    return ResolutionSet(originals, low, [file for file in high if file.name not in kept], read)


def are_copies(files: Sequence[SourceFile]) -> bool:
    """Whether every name ends in the scale that its folder says, as X2/0001x2.png does."""
    places = [file.name.rpartition("/") for file in files]
    folders = [place.rpartition("/")[2].lower() for place, _, _ in places]
    names = [name.rpartition(".")[0].lower() for _, _, name in places]
    return bool(files) and all(
        len(folder) == 2 and folder[0] == "x" and folder[1] in "2348" and name.endswith(folder)
        for folder, name in zip(folders, names, strict=True)
    )


def _preference(one: Resolution, scale: int | None) -> tuple[bool, int]:
    return one.scale != scale if scale else False, one.scale or 0


def _is_plain(one: Resolution) -> bool:
    """Whether an original is not one of several that were cropped for scales."""
    return one.scale is None


def _is_result(file: SourceFile) -> bool:
    """Whether SelfExSR's name says that the picture is the result of a method, not an input."""
    match = _SRF.fullmatch(file.stem)
    return bool(match and match[3]) and match[3].upper() != "LR"


def _read(name: str) -> Resolution:
    path = PurePosixPath(name)
    place, scale, is_low = [], None, False
    for at, folder in enumerate(path.parts[:-1]):
        srf = _SRF.fullmatch(folder)
        if srf and not srf[3]:
            scale = int(srf[2])
            continue
        tokens = _TOKEN.split(_WORDS.sub(r"\1res", folder))
        lower = [token.lower() for token in tokens]
        below_low = is_low and all(map(_HOW.fullmatch, lower))
        below_low |= "bicubic" in lower[1:] and _is_scale(path.parts[at + 1 :])  # train_sharp_bicubic/X4
        if any(map(_LOW.fullmatch, lower)) or below_low or _is_scale_of(path, lower):
            is_low = True
            scale = next((int(match[1]) for token in lower if (match := _SCALE.fullmatch(token))), scale)
            tokens = [token for token in tokens if not (_LOW.fullmatch(token.lower()) or _HOW.fullmatch(token.lower()))]
        elif any(map(_HIGH.fullmatch, lower)):
            tokens = [token for token in tokens if not _HIGH.fullmatch(token.lower())]
        if any(tokens):
            place.append("_".join(tokens))
    stem = path.stem
    if (match := _SRF.fullmatch(stem)) and match[3]:
        return Resolution("/".join(place), match[1], int(match[2]), match[3].upper() != "HR")
    if match := _LAST.fullmatch(stem):
        stem, is_low = match[1], is_low or match[2].upper() == "LR"
        scale = int(match[3]) if match[3] else scale
    return Resolution("/".join(place), stem, scale, is_low)


def _is_scale(below: Sequence[str]) -> bool:
    """Whether the first of these folders is called X4."""
    return len(below) > 1 and bool(re.fullmatch(f"[xX]{SCALES}", below[0]))


def _is_scale_of(path: PurePosixPath, folder: Sequence[str]) -> bool:
    """Whether a folder X4 has a file whose name ends in x4."""
    return len(folder) == 1 and bool(re.fullmatch(f"x{SCALES}", folder[0])) and path.stem.lower().endswith(folder[0])
