"""Decoding pictures with Pillow: one rule for every file, and a name for every bad one."""

from __future__ import annotations

import contextlib
import functools
import io
import os
import struct
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gancli.core import files, input_files
from gancli.core.backend import Image, ImageOps, np
from gancli.core.errors import DataError
from gancli.data import value_ranges
from gancli.data.remarks import Remark, changed, left_out, some
from gancli.data.value_ranges import Range

TEST_CLASSES = "testclasses.txt"  # the classes that are not trained on, one a line
LISTS = ("list_attr_celeba.txt", "list_attr_celeba.csv")  # of attributes
TABLE = "dataset.json"  # of labels, as StyleGAN's dataset_tool.py writes it
ENDINGS = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".gif", ".bmp", ".webp", ".tif", ".tiff")
_OTHERS = (  # pictures, or what may hold some
    ".heic .heif .avif .jxl .jp2 .j2k .ppm .pgm .pbm .pnm .tga .ico .svg .psd .exr .hdr .dcm .nii .dng .raw .cr2 .nef "
    ".arw .npy .npz .mat .mp4 .mov .avi .webm .mkv .apng .dib .zip .tar .gz .tgz .7z .rar .parquet .tfrecord"
)
_TEXTS = ".txt .md .rst .csv .tsv .json .jsonl .xml .html .yaml .yml .toml .ini .log .pdf .py .ipynb .sh .m .db"
OTHER_PICTURES, NO_PICTURES = frozenset(_OTHERS.split()), frozenset(_TEXTS.split())  # endings
SEVERAL = 3  # files of an unknown ending that may be pictures
SYSTEM = frozenset(  # names, folded; and all that begin with a dot
    ("__macosx", "@eadir", "#recycle", "$recycle.bin", "thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found")
)
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP", "TIFF")  # rare parsers of Pillow are never reached
PILLOW_FAULTS = (OSError, SyntaxError, ValueError, EOFError, IndexError, struct.error, RuntimeError, OverflowError)
MAX_FILE = 500_000_000  # bytes of one picture's file, or of a text beside it
DEEP = ("I", "F", "I;16", "I;16B", "I;16L")  # modes of more than 8 bits
GREY_MODES = ("1", "L", "LA", "I;16", "I;16B", "I;16L", "I", "F")
FALLBACK_SIDE = 64  # for pictures of different sizes when no size is asked for


@dataclass(frozen=True)
class Entry:
    """One file of a set: its name inside the set, and how to get its bytes."""

    name: str
    read: Callable[[], bytes]

    def ends_in(self, *endings: str) -> bool:
        """Whether the name has one of these endings."""
        return self.ending in endings

    @property
    def ending(self) -> str:
        """The ending of the name in lower case, with its dot, or ""."""
        return PurePosixPath(self.name).suffix.lower()


def is_hidden(name: str) -> bool:
    """Whether the name inside a set, or a folder in it, is hidden or one that systems make for themselves."""
    return any(part.startswith(".") or part.casefold() in SYSTEM for part in PurePosixPath(name).parts)


class Entries(NamedTuple):
    """The files of a set: its pictures, lists of their attributes, other texts, lists of test classes, and tables of
    labels; the names of its folders, those of files that are not read, and what is to be said of all."""

    pictures: list[Entry]
    lists: list[Entry]
    texts: list[Entry]
    tests: list[Entry]
    tables: list[Entry]
    folders: list[str]
    others: list[str]
    remarks: tuple[Remark, ...]

    @classmethod
    def among(
        cls, entries: Iterable[Entry], folders: Iterable[str] = (), hidden: int = 0, remarks: Iterable[Remark] = ()
    ) -> Entries:
        """Those among other files. folders: names of those that may hold nothing; hidden: files or folders that the
        reader passed over itself; remarks: what it said."""
        entries, folders = list(entries), set(folders)
        inside = {entry.name.rpartition("/")[0] for entry in entries}
        folders |= {str(above) for name in inside for above in (PurePosixPath(name), *PurePosixPath(name).parents)}
        seen = [entry for entry in entries if not is_hidden(entry.name)]
        kinds: dict[str, list[Entry]] = {
            kind: [] for kind in ("pictures", "lists", "texts", "tests", "tables", "others")
        }
        for entry in seen:
            kinds[_kind(entry)].append(entry)
        others = [entry.name for entry in kinds.pop("others")]
        told = (*remarks, *_unread(others), *_hidden(hidden + len(entries) - len(seen)))
        shown = sorted(name for name in folders if name != "." and not is_hidden(name))
        return cls(**kinds, folders=shown, others=others, remarks=told)

    def files(self) -> Iterator[Entry]:
        """All that may be read."""
        for held in (self.pictures, self.lists, self.texts, self.tests, self.tables):
            yield from held


def _kind(entry: Entry) -> str:
    name = PurePosixPath(entry.name).name
    for kind, known in (("lists", LISTS), ("tests", (TEST_CLASSES,)), ("tables", (TABLE,))):
        if name in known:
            return kind
    return "pictures" if entry.ends_in(*ENDINGS) else "texts" if entry.ends_in(".txt") else "others"


def is_read(name: str) -> bool:
    """Whether a file of this name inside a set may be read."""
    return not is_hidden(name) and _kind(Entry(name, bytes)) != "others"


def may_be_picture(name: str) -> bool:
    """Whether a file that is not read has the ending of a picture of another kind."""
    return PurePosixPath(name).suffix.lower() in OTHER_PICTURES


def _unread(names: Sequence[str]) -> Iterator[Remark]:
    """What is to be said of files that are not read: those that may be pictures, and the rest."""
    counts = Counter(PurePosixPath(name).suffix.lower() for name in names)
    likely = {
        ending: count
        for ending, count in counts.most_common()
        if ending in OTHER_PICTURES or (ending not in NO_PICTURES and count > SEVERAL)
    }
    rest = {ending: count for ending, count in counts.most_common() if ending not in likely}
    for found, matters in ((likely, True), (rest, False)):
        if found:
            listed = [f"{count:,} of {ending or 'no ending'}" for ending, count in found.items()]
            known = f"; pictures end in {', '.join(ENDINGS)}" if matters else ""
            yield left_out(f"{sum(found.values()):,} files are not read: {some(listed)}{known}", matters=matters)


def _hidden(count: int) -> Iterator[Remark]:
    if count:
        yield left_out(f"{count:,} hidden files and folders, or those of the system, are not read", matters=False)


@dataclass
class Survey:
    """What a look at every file found: counts by size and by mode, and the bad files with their reasons.

    by_name: width and height of each picture, upright; turns: the EXIF orientation of those that do not lie upright.
    extents: by the kind of number (gancli.data.ranges) the lowest and highest pixel of all files, as far as they can
    decide anything. pixel_range, known: what was asked for, and what holds for the set that they belong to.
    """

    sizes: Counter = field(default_factory=Counter)
    modes: Counter = field(default_factory=Counter)
    by_name: dict[str, tuple[int, int]] = field(default_factory=dict)
    turns: dict[str, int] = field(default_factory=dict)
    animated: int = 0
    deep: int = 0
    bad: list[tuple[str, str]] = field(default_factory=list)
    extents: dict[str, value_ranges.Extent] = field(default_factory=dict)
    pixel_range: str = value_ranges.AUTO
    known: Mapping[str, Range] = field(default_factory=dict)

    def decided(self) -> tuple[dict[str, Range], list[Remark]]:
        """The range of each kind of number, and what is to be said of it."""
        return value_ranges.decide(
            {"pictures": self.extents}, self.pixel_range, name="pictures", known=self.known, stretches=True
        )

    @property
    def color(self) -> str:
        """ "gray" if every picture is, else "rgb"."""
        return "gray" if all(mode in GREY_MODES for mode in self.modes) else "rgb"

    def natural_side(self) -> int:
        """The side of square pictures that all have one size, else 64."""
        (width, height), count = self.sizes.most_common(1)[0]
        return width if width == height and count == self.sizes.total() else FALLBACK_SIDE

    def remarks(self, *, is_square: bool = True) -> tuple[Remark, ...]:
        """What is changed in pictures that are not plain, one sentence each; is_square: oblong ones are cut."""
        alpha = sum(count for mode, count in self.modes.items() if has_alpha(mode))
        oblong = sum(count for (width, height), count in self.sizes.items() if width != height)
        facts = {
            "with transparency, laid on white": alpha,
            "not square, cut to their middle": oblong if is_square else 0,
            "animated or of several pages, first frame taken": self.animated,
            "in colors of 16 bits, of which the higher 8 are read": self.deep,
        }
        found = [changed(f"{count:,} pictures {what}") for what, count in facts.items() if count]
        if self.turns:
            found.append(changed(f"{len(self.turns):,} pictures turned upright by their EXIF", matters=False))
        return (*found, *self.decided()[1])

    def raise_if_bad(self, where: str) -> None:
        """Raise DataError naming the bad files, or saying that there are no pictures at all."""
        if self.bad:
            shown = "; ".join(f"{name}: {reason}" for name, reason in self.bad[:5])
            more = f"; and {len(self.bad) - 5} more (gancli data check lists all)" if len(self.bad) > 5 else ""
            raise DataError(f"{where}: {len(self.bad)} bad: {shown}{more}")
        if not self.sizes:
            raise DataError(f"{where} holds no pictures ({', '.join(ENDINGS)})")


def survey(
    entries: Sequence[Entry], *, whole: bool = False, pixel_range: str = value_ranges.AUTO, known: Sequence[str] = ()
) -> Survey:
    """Look at the header of every picture, or with `whole` decode each one.

    The pixels of those that are not plainly of bytes are read too, for the range of all, and of others until one shows
    that they are.
    """
    found = Survey(pixel_range=pixel_range, known=value_ranges.read(known))
    for entry in entries:
        try:
            with open_picture(entry) as picture:
                is_deep = kind_of(picture) == value_ranges.BYTE and any(";16" in str(tile[3]) for tile in picture.tile)
                with _named(entry.name):
                    turn = picture.getexif().get(0x0112, 1)  # before a TIFF is decoded, which turns it
                if whole:
                    as_array(picture, 8, "rgb", name=entry.name)
                with _named(entry.name):  # orientation and frames may stand behind the pixels
                    size, frames = _turned_size(picture), frames_of(picture)
                mode, kind = _mode(picture), kind_of(picture)
                if not value_ranges.is_settled(kind, found.extents.get(kind)):
                    found.extents[kind] = _extent(picture, name=entry.name).joined(found.extents.get(kind))
                found.sizes[size] += 1
                found.by_name[entry.name] = size
                found.modes[mode] += 1
                found.animated += frames > 1
                found.turns |= {entry.name: turn} if turn in range(2, 9) else {}
                found.deep += is_deep
        except DataError as error:
            found.bad.append((entry.name, str(error).removeprefix(f"{entry.name}: ")))
    return found


def read_entry(path: Path) -> Entry:
    """One picture's file. Raises: DataError if it is none."""
    if not path.is_file():
        raise DataError(f"{path} is not a file" if os.path.lexists(path) else f"there is no {path}")
    input_files.reads(path)
    return in_file(path, path.name)


def in_file(path: Path, name: str) -> Entry:
    """An entry that is a plain file of its own; reading it raises DataError."""
    return Entry(name, functools.partial(_read, path, name))


def _read(path: Path, name: str) -> bytes:
    try:
        return files.read_regular(path, most=MAX_FILE)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror}") from error


def open_picture(entry: Entry) -> Image.Image:
    """The picture, header read, pixels not. Raises: DataError if it is none, or a decompression bomb."""
    with _named(entry.name):
        content = entry.read()
        if not content:
            raise ValueError("the file is empty")
        return Image.open(io.BytesIO(content), formats=FORMATS)


@contextlib.contextmanager
def _named(name: str) -> Iterator[None]:
    """Turn whatever Pillow says of a bad file into a DataError that names it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning)
            yield
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise DataError(f"{name}: a decompression bomb, over {Image.MAX_IMAGE_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        raise DataError(f"{name}: not an image") from error
    except PILLOW_FAULTS as error:
        raise DataError(f"{name}: {error or type(error).__name__}") from error


def _turned_size(picture: Image.Image) -> tuple[int, int]:
    turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)  # EXIF orientation: lying on its side
    return picture.size[::-1] if turned and picture.format != "TIFF" else picture.size  # Pillow turned a TIFF's


def frames_of(picture: Image.Image) -> int:
    """How many frames or pages a file has; the previews and depth maps beside a camera's JPEG are none."""
    return 1 if picture.format == "MPO" else getattr(picture, "n_frames", 1)


def first_frame(picture: Image.Image, name: str) -> str:
    """That only the first frame of an animation, or page of several, is taken; empty for a single picture."""
    count = frames_of(picture)
    what = f"{count:,} pages, first page taken" if picture.format == "TIFF" else "animated, first frame taken"
    return f"{name}: {what}" if count > 1 else ""


def remarks_on(picture: Image.Image, name: str, *, is_square: bool = False) -> tuple[Remark, ...]:
    """What `whole` changes in one picture, or with is_square `as_array`; as Survey.remarks says it of many."""
    width, height = picture.size
    texts = {
        f"{name}: transparency laid on white": has_alpha(_mode(picture)),
        f"{name}: not square, cut to its middle": is_square and width != height,
        first_frame(picture, name): frames_of(picture) > 1,
    }
    return tuple(changed(text) for text, is_so in texts.items() if is_so)


def has_alpha(mode: str) -> bool:
    """Whether pictures of a mode, as a Survey counts them, may be transparent."""
    return mode in ("LA", "RGBA", "PA")


def _mode(picture: Image.Image) -> str:
    """A picture's mode; of those that name a transparent color the mode with alpha."""
    with_alpha = {"P": "PA", "L": "LA", "RGB": "RGBA"}
    return with_alpha.get(picture.mode, picture.mode) if "transparency" in picture.info else picture.mode


def as_array(
    picture: Image.Image,
    side: int,
    color: str,
    *,
    name: str,
    crop: int | None = None,
    found: Mapping[str, Range] | None = None,
) -> np.ndarray:
    """Decode: upright by EXIF, 8 bits, on white, the middle square, or of it `crop` pixels, antialiased (bicubic) to
    `side`.

    found: the range of each kind of number in the set, as `Survey.decided` has it; that of this picture alone if not
    given. Returns: uint8 (side, side, 1 or 3). Raises: DataError if the pixels cannot be decoded.
    """
    with _named(name):
        picture = _upright(picture, color, found)
        picture = _middle(picture, crop) if crop else picture
    return _pixels(fit_square(picture, side))


def whole(
    picture: Image.Image,
    color: str,
    *,
    name: str,
    found: Mapping[str, Range] | None = None,
    known: Sequence[str] = (),
) -> np.ndarray:
    """Decode as `as_array` does, at the picture's own size: uint8 (height, width, 1 or 3).

    known: for a picture alone, the `pixel_ranges` of the data that a model was trained on. Raises: DataError.
    """
    with _named(name):
        picture.seek(0)
        return _pixels(_upright(picture, color, found if found is not None else _alone(picture, known)))


def _alone(picture: Image.Image, known: Sequence[str]) -> dict[str, Range] | None:
    """The range of a picture that belongs to no set; None of bytes, which are taken as they are."""
    kind = kind_of(picture)
    if kind in (value_ranges.BOOL, value_ranges.BYTE):
        return None
    extents = {"picture": {kind: value_ranges.extent_of(np.asarray(picture))}}
    return value_ranges.decide(extents, name="picture", known=value_ranges.read(known), stretches=True)[0]


def kind_of(picture: Image.Image) -> str:
    """The kind of number that a picture holds, one of ranges.KINDS."""
    if picture.mode.startswith("I;16"):
        return value_ranges.WIDE
    return {"1": value_ranges.BOOL, "I": value_ranges.WHOLE, "F": value_ranges.FLOAT}.get(
        picture.mode, value_ranges.BYTE
    )


def _extent(picture: Image.Image, *, name: str) -> value_ranges.Extent:
    """The lowest and the highest pixel of all colors of a picture; transparency is none. Raises: DataError."""
    with _named(name):
        picture.seek(0)
        picture.load()
        if kind_of(picture) in (value_ranges.WIDE, value_ranges.WHOLE, value_ranges.FLOAT):
            return value_ranges.extent_of(np.asarray(picture))
        shown = picture if picture.mode == "L" else picture.convert("L" if picture.mode in GREY_MODES else "RGB")
        bands = np.array(shown.getextrema()).reshape(-1, 2)
        return value_ranges.Extent(float(bands.min()), float(bands.max()))


def frames(picture: Image.Image, *, name: str) -> Iterator[Image.Image]:
    """Every frame or page of a picture of 8 bits, upright by EXIF, in L, LA, RGB or RGBA; `info` of each may hold its
    `duration` in milliseconds. Raises: DataError for one that cannot be decoded, or has more bits."""
    for number in range(frames_of(picture)):
        with _named(name):
            picture.seek(number)
            picture.load()
            if picture.mode in DEEP:
                raise ValueError("16 bits or more for a channel; bring it to 8 first")
            frame = ImageOps.exif_transpose(picture)
            if "transparency" in frame.info or frame.mode in ("PA", "LA", "RGBA"):
                frame = frame if frame.mode == "LA" else frame.convert("RGBA")
            else:
                frame = frame.convert("L" if frame.mode in GREY_MODES else "RGB")
        yield frame


def raw(picture: Image.Image, *, name: str) -> tuple[Image.Image, bool]:
    """A picture as it stands in its file, first frame, decoded; and whether a pixel of it is not opaque.

    Raises: DataError if it cannot be decoded.
    """
    with _named(name):
        picture.seek(0)
        picture.load()
        alpha = picture.getchannel("A").getextrema() if picture.mode in ("LA", "PA", "RGBA") else (255, 255)
        return picture, alpha[0] < 255


def split(picture: Image.Image, count: int, *, name: str) -> list[Image.Image]:
    """A picture's parts, of equal width, from left to right. Raises: DataError if it cannot be decoded."""
    with _named(name):
        whole = ImageOps.exif_transpose(picture)
        width = whole.width // count
        return [whole.crop((width * part, 0, width * (part + 1), whole.height)) for part in range(count)]


def _upright(picture: Image.Image, color: str, found: Mapping[str, Range] | None = None) -> Image.Image:
    picture.seek(0)
    picture.load()
    plain = on_white(_eight_bits(ImageOps.exif_transpose(picture), found))
    return plain.convert("L" if color == "gray" else "RGB")


def _pixels(picture: Image.Image) -> np.ndarray:
    pixels = np.asarray(picture)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _middle(picture: Image.Image, crop: int) -> Image.Image:
    width, height = picture.size
    if crop > min(width, height):
        raise ValueError(f"{width}x{height} pixels do not hold a crop of {crop}")
    left, top = (width - crop) // 2, (height - crop) // 2
    return picture.crop((left, top, left + crop, top + crop))


def cropped(pixels: np.ndarray, crop: int, *, name: str) -> np.ndarray:
    """The middle of images uint8 (count, h, w, c) -> (count, crop, crop, c). Raises: DataError if they are smaller."""
    height, width = pixels.shape[1:3]
    if crop > min(height, width):
        raise DataError(f"{name}: images of {width}x{height} do not hold a --crop of {crop}")
    top, left = (height - crop) // 2, (width - crop) // 2
    return pixels[:, top : top + crop, left : left + crop]


def fit_square(picture: Image.Image, side: int, how: Image.Resampling | None = None) -> Image.Image:
    """The middle square of a picture, resampled with an antialiased bicubic filter, or as told."""
    if picture.size == (side, side):
        return picture
    return ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC if how is None else how)


def square_of(values: np.ndarray, side: int, *, name: str, crop: int | None = None) -> np.ndarray:
    """The part of a label map uint8 (height, width) that `as_array` takes of its picture, to the nearest pixel: uint8
    (side, side). Raises: DataError if it does not hold the crop."""
    with _named(name):
        picture = _middle(Image.fromarray(values), crop) if crop else Image.fromarray(values)
    return np.asarray(fit_square(picture, side, Image.Resampling.NEAREST))


def _eight_bits(picture: Image.Image, found: Mapping[str, Range] | None = None) -> Image.Image:
    """A picture with pixels of 0 to 255, by the range of each kind of number in its set, or of its own pixels."""
    kind = kind_of(picture)
    found = _alone(picture, ()) if found is None else found
    if found is None:
        return picture
    chosen = found.get(kind, value_ranges.BYTES)
    if kind == value_ranges.BYTE:
        return picture if chosen == value_ranges.BYTES else _stretched(picture, chosen)
    return picture if kind == value_ranges.BOOL else Image.fromarray(value_ranges.to_bytes(np.asarray(picture), found))


def _stretched(picture: Image.Image, chosen: Range) -> Image.Image:
    """A picture of bytes scaled from another range, its transparency kept."""
    has_alpha = "transparency" in picture.info or picture.mode == "PA"
    plain = picture
    if picture.mode not in ("L", "LA", "RGB", "RGBA"):
        plain = picture.convert("RGBA" if has_alpha else "RGB")
    levels = value_ranges.to_bytes(np.arange(256, dtype=np.uint8), {value_ranges.BYTE: chosen}).tolist()
    pairs = zip(plain.getbands(), plain.split(), strict=True)
    made = Image.merge(plain.mode, [band if name == "A" else band.point(levels) for name, band in pairs])
    made.info.update({key: value for key, value in plain.info.items() if key == "transparency"})
    return made


def on_white(picture: Image.Image) -> Image.Image:
    """Without transparency: what was behind it is white."""
    if not (picture.mode in ("LA", "RGBA", "PA") or "transparency" in picture.info):
        return picture
    picture = picture.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")


def resize(pixels: np.ndarray, side: int) -> np.ndarray:
    """Arrays of images to squares of `side`, as files are: uint8 (count, h, w, c) -> (count, side, side, c)."""
    if pixels.shape[1:3] == (side, side):
        return pixels
    channels = pixels.shape[-1]
    out = np.empty((len(pixels), side, side, channels), np.uint8)
    for index, image in enumerate(pixels):
        picture = Image.fromarray(image[..., 0] if channels == 1 else image)
        out[index] = np.asarray(fit_square(picture, side)).reshape(side, side, channels)
    return out


def recolor(pixels: np.ndarray, color: str) -> np.ndarray:
    """Arrays of images to one channel ("gray", ITU-R 601 luma as Pillow's), three ("rgb"), or as they are ("auto")."""
    if color == "rgb" and pixels.shape[-1] == 1:
        return pixels.repeat(3, axis=-1)
    if color == "gray" and pixels.shape[-1] == 3:
        return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in pixels])[..., None]
    return pixels
