"""Pictures that are enlarged: files read and written, what others make of them, and how near all come."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from gancli import data, features, files, images, plots, resampling
from gancli.abilities import Upscaler
from gancli.console import drawing, progress
from gancli.console.flags import RunChoice, note
from gancli.data import archive, folder, pictures
from gancli.enlarging import Enlarger, need_room
from gancli.errors import DataError, OptionError, first_line
from gancli.metrics import frechet, spectrum
from gancli.metrics.psnr import Likeness, likeness

if TYPE_CHECKING:
    from gancli.console.drawing import Drawing

WRITTEN = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
OPAQUE = ("JPEG", "BMP")
MOST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}  # pixels
OF_PROFILES = ("L", "LA", "RGB", "RGBA", "P", "PA")  # modes whose colour profile still holds
DEEP = ("I", "F", "I;16", "I;16B", "I;16L")
PATCH, LEAST_PATCHES = 32, 20  # side of patches that are compared; as many as a distance needs
WINDOW_SHARE = 5  # of the shorter side the window of a comparison is a fifth
LARGE = 3.2  # inches of a panel


class Asked(NamedTuple):
    """What `gancli upscale` was told: the scale, where to, and what to compare."""

    scale: int | None
    out: Path | None
    compare: Path | None
    original: Path | None
    beside: tuple[str, ...]
    window: str | None


def upscale(choice: RunChoice, path: Path, asked: Asked) -> tuple[dict[str, object], str]:
    """Enlarge a file or the pictures of a folder. Returns: the result, and the text that tells it."""
    path = Path(os.path.expanduser(path))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"there is no {path}")
    if path.is_dir() and asked.compare is not None:
        raise OptionError("--compare shows one picture: name a file")
    entries = folder.entries(path).pictures if path.is_dir() else [_entry(path)]
    if not entries:
        raise DataError(f"{path} holds no pictures")
    if path.is_dir() and asked.out is not None and asked.out.suffix.lower() in WRITTEN:
        raise OptionError(f"--out {asked.out}: for a folder of pictures name a folder")
    if not path.is_dir() and asked.out is not None and asked.out.suffix.lower() not in WRITTEN:
        raise OptionError(f"--out {asked.out}: expected a name that ends in {', '.join(WRITTEN)}")
    chosen = drawing.open_run(choice, ability=Upscaler)
    scale = chosen.model.scale
    if asked.scale not in (None, scale):
        raise OptionError(
            f"--scale {asked.scale}: {chosen.run.path} enlarges {scale} times; train another with --scale"
        )
    outs = [_out(path, entry, asked.out, scale) for entry in entries]
    _need_places(path, entries, outs)
    enlarger, made, bad = Enlarger(chosen.model), [], []
    for entry, out in zip(entries, outs, strict=True):
        try:
            made.append(_one(enlarger, entry, out) | {"of": entry.name})
        except DataError as error:
            if not path.is_dir():
                raise
            note(f"left out: {error}")
            bad.append(entry.name)
    result = chosen.about() | {"scale": scale, "pictures": made, "bad": bad}
    lines = [f"{one['out']}: {one['size']}, {one['seconds']:.1f} s" for one in made]
    if asked.compare is not None:
        result |= _compare(_named(chosen, [_beside(name, choice, scale) for name in asked.beside]), entries[0], asked)
        lines.append(f"{asked.compare}: " + ", ".join(result["compared"]))
    lines.append(f"x{scale} by step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights")
    return result, "\n".join(lines)


def _entry(path: Path) -> pictures.Entry:
    if not path.is_file():
        raise DataError(f"{path} is not a file")  # a pipe would be waited for
    return pictures.Entry(path.name, path.read_bytes)


def _out(path: Path, entry: pictures.Entry, out: Path | None, scale: int) -> Path:
    """Where a picture's result goes."""
    name = PurePosixPath(entry.name)
    if path.is_dir():
        ending = name.suffix if name.suffix.lower() in WRITTEN else f"{name.suffix}.png"
        path = path.resolve()
        if out is None and not path.name:
            raise OptionError(f"{path} has no folder beside it: say with --out where to")
        return (out or path.with_name(f"{path.name}-x{scale}")) / name.with_suffix(ending)
    ending = path.suffix if path.suffix.lower() in WRITTEN else ".png"
    return out or path.with_name(f"{path.stem}-x{scale}{ending}")


def _need_places(path: Path, entries: list[pictures.Entry], outs: list[Path]) -> None:
    """Raise OptionError where a result would take the place of a picture that is read."""
    read = {(path / entry.name if path.is_dir() else path).resolve() for entry in entries}
    taken = [out for out in outs if out.resolve() in read]
    if taken:
        raise OptionError(f"{taken[0]} is what is to be enlarged: name another place with --out")


def _one(enlarger: Enlarger, entry: pictures.Entry, out: Path) -> dict[str, object]:
    """Enlarge one picture and write it."""
    picture, info = _read(entry)
    most = MOST_SIDE.get(WRITTEN[out.suffix.lower()], max(picture.size) * enlarger.scale)
    if max(picture.size) * enlarger.scale > most:
        raise DataError(f"{entry.name}: {out.suffix} holds at most {most:,} pixels a side; write a .png")
    began = time.monotonic()
    made = _enlarged(enlarger, picture, entry.name)
    seconds = time.monotonic() - began
    _write(out, made, info)
    return {"out": str(out), "size": f"{made.width}x{made.height}", "seconds": round(seconds, 2)}


def _read(entry: pictures.Entry) -> tuple[Image.Image, dict[str, object]]:
    """A picture upright in L, LA, RGB or RGBA, and what is kept beside its pixels. Raises: DataError."""
    with pictures.open_picture(entry) as picture:
        if picture.mode in DEEP or any(";16" in str(tile[3]) for tile in picture.tile):
            raise DataError(f"{entry.name}: 16 bits or more for a channel; bring it to 8 first")
        profile = picture.info.get("icc_profile") if picture.mode in OF_PROFILES else None  # that of CMYK is no more
        turned = pictures.upright(picture, name=entry.name)
    kept = {"icc_profile": profile, "exif": _exif(turned, entry.name)}
    return turned, {name: value for name, value in kept.items() if value}


def _exif(picture: Image.Image, name: str) -> bytes | None:
    """What is told beside the pixels; None, and said so, where it cannot be written again, as many cameras' cannot."""
    try:
        exif = picture.getexif()
        return exif.tobytes() if len(exif) else None
    except Exception as error:  # Pillow raises whatever comes up in a damaged tag
        note(f"{name}: its EXIF is damaged and left out: {first_line(error)}")
        return None


def _enlarged(enlarger: Enlarger, picture: Image.Image, name: str) -> Image.Image:
    """A picture through the network, its transparency by the bicubic kernel."""
    has_alpha = picture.mode in ("LA", "RGBA")
    pixels = np.asarray(picture)
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    need_room(*(side * enlarger.scale for side in pixels.shape[:2]), pixels.shape[2])
    shown, alpha = (pixels[..., :-1], pixels[..., -1:]) if has_alpha else (pixels, None)
    shown = np.ascontiguousarray(shown)
    with progress.counting(name, enlarger.tiles(shown)) as tell:
        count = iter(range(1, 1_000_000_000))
        made = enlarger.coloured(shown, done=lambda: tell(next(count)))
    if has_alpha:
        made = np.concatenate([made, resampling.enlarge(np.ascontiguousarray(alpha), enlarger.scale)], axis=2)
    return Image.fromarray(made[..., 0] if made.shape[2] == 1 else made)


def _write(out: Path, picture: Image.Image, kept: dict[str, object]) -> None:
    """Write a picture as its ending says, transparency laid on white where the format has none."""
    form, buffer = WRITTEN[out.suffix.lower()], io.BytesIO()
    if form in OPAQUE and picture.mode in ("LA", "RGBA"):
        picture = pictures.on_white(picture)
    try:
        picture.save(buffer, form, **({"quality": 95} if form in ("JPEG", "WEBP") else {}), **kept)
    except (OSError, ValueError) as error:
        raise DataError(f"{out}: a {form} of {picture.width}x{picture.height} cannot be written: {error}") from error
    files.atomic_write(out, buffer.getvalue())


def _beside(name: str, choice: RunChoice, scale: int) -> Drawing:
    """Another run to compare with. Raises: OptionError if it enlarges otherwise."""
    found = drawing.open_run(RunChoice(name, choice.outdir), ability=Upscaler)
    if found.model.scale != scale:
        raise OptionError(f"--beside {name}: it enlarges {found.model.scale} times, and not {scale}")
    return found


def _named(first: Drawing, others: list[Drawing]) -> dict[str, Enlarger]:
    """What enlarges, by its model's name, or where there are two of a model by the run's."""
    models = [one.model.name() for one in (first, *others)]
    names = [
        one.run.path.name if models.count(model) > 1 else model
        for one, model in zip((first, *others), models, strict=True)
    ]
    return {name: Enlarger(one.model) for name, one in zip(names, (first, *others), strict=True)}


def _compare(enlargers: dict[str, Enlarger], entry: pictures.Entry, asked: Asked) -> dict[str, object]:
    """Draw nearest, bicubic, the networks' and, if it is named, the original, with a window of each."""
    picture, _ = _read(entry)
    has_alpha = picture.mode in ("LA", "RGBA")
    low = np.asarray((pictures.on_white(picture) if has_alpha else picture).convert("RGB"))
    scale = next(iter(enlargers.values())).scale
    ways = {"nearest": resampling.enlarge(low, scale, nearest=True), "bicubic": resampling.enlarge(low, scale)}
    ways |= {name: enlarger.coloured(low) for name, enlarger in enlargers.items()}
    if asked.original is not None:
        with pictures.open_picture(_entry(asked.original)) as opened:
            high = pictures.whole(opened, "rgb", name=str(asked.original))
        height, width = ways["bicubic"].shape[:2]
        if high.shape[:2] != (height, width):
            raise DataError(
                f"{asked.original} has {high.shape[1]}x{high.shape[0]} pixels, the enlarged picture {width}x{height}"
            )
        ways["original"] = high
    left, top, side = _window(asked.window, low)
    box = tuple(scale * value for value in (left, top, left + side, top + side))
    titles = list(ways)
    if asked.original is not None and min(low.shape[:2]) > 2:
        told = {name: likeness(made, high, border=scale) for name, made in ways.items() if name != "original"}
        titles = [f"{n}, {told[n].psnr:.2f} dB, {told[n].ssim_daala:.3f}" if n in told else n for n in ways]
    windows = [made[box[1] : box[3], box[0] : box[2]] for made in ways.values()]
    framed = [_framed(made, box) for made in ways.values()]
    rows = [("", list(zip(titles, framed, strict=True))), ("", [("", window) for window in windows])]
    files.atomic_write(asked.compare, plots.rows_of_images(rows, side=LARGE))
    return {"compare": str(asked.compare), "compared": titles, "window": [left, top, side]}


def _framed(pixels: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """A picture with the edge of a window drawn in red."""
    from PIL import ImageDraw

    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).rectangle(box, outline=(230, 30, 30), width=max(1, min(picture.size) // 128))
    return np.asarray(picture)


def _window(text: str | None, low: np.ndarray) -> tuple[int, int, int]:
    """Left, top and side of what is shown large, in pixels of the small picture: as told, or where most happens."""
    height, width = low.shape[:2]
    if text is None:
        side = max(1, min(height, width) // WINDOW_SHARE)
        grey = low.mean(axis=2)
        spreads = {
            (grey[top : top + side, left : left + side].std(), left, top)
            for top in range(0, height - side + 1, max(1, side // 2))
            for left in range(0, width - side + 1, max(1, side // 2))
        }
        _, left, top = max(spreads)
        return left, top, side
    parts = text.split(",")
    if len(parts) != 3 or not all(part.strip().isdecimal() for part in parts):
        raise OptionError(f"--window {text}: expected X,Y,SIDE in pixels of the small picture, such as 40,60,32")
    left, top, side = map(int, parts)
    if not side or left + side > width or top + side > height:
        raise OptionError(f"--window {text}: the picture has {width}x{height} pixels")
    return left, top, side


def originals(source: str, count: int, data_dir: str | None) -> Iterator[tuple[str, str, np.ndarray]]:
    """Pictures at their own sizes: of a file, a folder or a zip, or the test images of a named set.

    Yields: the set, that is the folder inside, the name, and uint8 (height, width, 1 or 3). Raises: DataError.
    """
    path = Path(os.path.expanduser(source))  # noqa: PTH111
    if data.is_named(source) or path.suffix.lower() in (".npz", ".h5", ".hdf5"):
        dataset = data.load(source, data.Request(data_dir=data_dir, least=1))
        part = dataset.test or dataset.train
        if "image" not in part:
            raise DataError(f"'{dataset.name}' holds no images")
        rows = range(min(count, len(part["image"])))
        yield from ((dataset.name, str(row), dataset.pictures([row], part)[0]) for row in rows)
        return
    if not os.path.exists(path):  # noqa: PTH110
        raise DataError(f"there is no {path}, and no data set of that name")
    if path.is_dir():
        found = folder.entries(path).pictures
    else:
        found = archive.entries(path).pictures if archive.accepts(path) else [_entry(path)]
    if not found:
        raise DataError(f"{path} holds no pictures")
    for entry in found:
        with pictures.open_picture(entry) as picture:
            color = "grey" if picture.mode in pictures.GREY_MODES else "rgb"
            name = PurePosixPath(entry.name)
            part = str(name.parent) if len(name.parts) > 1 else path.stem
            yield part, name.name, pictures.whole(picture, color, name=entry.name)


def features_of(source: str, data_dir: str | None) -> features.Features:
    """What the classifier of a labelled data set sees in patches. Raises: OptionError for images of another kind."""
    dataset = data.load(source, data.Request(data_dir=data_dir))
    if dataset.shape != (PATCH, PATCH, 3):
        raise OptionError(f"--patches {source}: its images are {dataset.shape}, and patches {PATCH}x{PATCH} in colour")
    return features.named("classifier", dataset, note=note)


class Found:
    """What a way of enlarging reached on a set.

    Attributes: `of`, the likeness of each picture by its name; `fine`, the power of its patches' finest octave over
    that of the originals'; `frechet`, the distance of its patches from theirs in a classifier's features, if one was
    named.
    """

    def __init__(self) -> None:
        self.of: dict[str, Likeness] = {}
        self.power, self.patches = 0.0, []
        self.fine = self.frechet = None

    def add(self, pixels: np.ndarray, *, keeps: bool) -> None:
        """Take in a picture's patches."""
        patches = _patches(pixels)
        if len(patches):
            spectra = spectrum.radial(images.to_unit(patches))
            self.power += len(patches) * float(spectrum.in_bands(spectra, spectrum.octaves(PATCH))[-1])
        self.patches += [patches] if keeps else []

    @property
    def mean(self) -> Likeness:
        """Over the pictures."""
        return Likeness(*np.mean(list(self.of.values()), axis=0).tolist())

    def told(self) -> dict[str, float]:
        """The means by name, and what its patches tell."""
        others = {name: getattr(self, name) for name in ("fine", "frechet") if getattr(self, name) is not None}
        return self.mean._asdict() | others


def measure(
    chosen: Drawing,
    found: Iterator[tuple[str, str, np.ndarray]],
    *,
    border: int,
    rgb: bool,
    seen: features.Features | None = None,
) -> dict[str, dict[str, Found]]:
    """What nearest, bicubic and the run's network make of reduced pictures, by set and by way.

    seen: features of images of 32 x 32 in colour, in which patches are compared. Pictures too small to have anything
    within the border are left out, and said so. Raises: DataError if all are.
    """
    enlarger, sets, originals, small = Enlarger(chosen.model), {}, {}, []
    scale, ours = chosen.model.scale, chosen.model.name()
    for part, name, pixels in found:
        high = resampling.fitting(pixels, scale)
        if min(high.shape[:2]) <= 2 * border or 0 in high.shape:
            small.append(name)
            continue
        low = resampling.shrink(high, scale)
        made = {
            "nearest": resampling.enlarge(low, scale, nearest=True),
            "bicubic": resampling.enlarge(low, scale),
            ours: enlarger.coloured(low),
        }
        originals.setdefault(part, Found()).add(high, keeps=seen is not None)
        for way, enlarged in made.items():
            one = sets.setdefault(part, {}).setdefault(way, Found())
            one.of[name] = likeness(enlarged, high, border=border, rgb=rgb)
            one.add(enlarged, keeps=seen is not None)
    if not sets:
        raise DataError(f"no picture has anything within a border of {border} pixels")
    if small:
        note(f"left out, smaller than the border: {', '.join(small)}")
    for part, ways in sets.items():
        _compare_patches(ways, originals[part], seen)
    return sets


def _patches(pixels: np.ndarray) -> np.ndarray:
    """Squares of 32 side by side, in colours, uint8 (patches, 32, 32, 3)."""
    rows, columns = (own // PATCH for own in pixels.shape[:2])
    cut = np.broadcast_to(pixels, (*pixels.shape[:2], 3))[: rows * PATCH, : columns * PATCH]
    return cut.reshape(rows, PATCH, columns, PATCH, 3).swapaxes(1, 2).reshape(-1, PATCH, PATCH, 3)


def _compare_patches(ways: dict[str, Found], real: Found, seen: features.Features | None) -> None:
    """Fill in what the patches of a set tell, where there are enough."""
    for one in ways.values() if real.power else ():
        one.fine = one.power / real.power
    if seen is None:
        return
    originals = np.concatenate(real.patches)
    if len(originals) < LEAST_PATCHES:
        raise DataError(
            f"--patches: {len(originals)} patches of {PATCH}x{PATCH}; a Fréchet distance needs {LEAST_PATCHES}"
        )
    looks = seen.look(originals)[0]
    for one in ways.values():
        one.frechet = frechet.distance(seen.look(np.concatenate(one.patches))[0], looks)
