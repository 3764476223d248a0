"""Pictures that are enlarged: files read and written, what others make of them, and how near all come."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PIL import Image

from gancli import files, plots, resampling
from gancli.abilities import Upscaler
from gancli.console import albums, drawing, progress
from gancli.console.flags import RunChoice, note
from gancli.data import pictures
from gancli.enlarging import Enlarger, need_room
from gancli.errors import DataError, OptionError, first_line
from gancli.metrics.psnr import likeness

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
WINDOW_SHARE = 5  # of the shorter side the window of a comparison is a fifth
LARGE = 2.4  # inches of a panel


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
    album = albums.opened(path)
    if album.is_folder and asked.compare is not None:
        raise OptionError("--compare shows one picture: name a file")
    chosen = drawing.open_run(choice, ability=Upscaler)
    scale = chosen.model.scale
    if asked.scale not in (None, scale):
        raise OptionError(
            f"--scale {asked.scale}: {chosen.run.path} enlarges {scale} times; train another with --scale"
        )
    outs = album.places(asked.out, f"-x{scale}", WRITTEN)
    enlarger = Enlarger(chosen.model)
    made, bad = album.each(outs, lambda entry, out: _one(enlarger, entry, out))
    result = chosen.about() | {"scale": scale, "pictures": made, "bad": bad}
    lines = [f"{one['out']}: {one['size']}, {one['seconds']:.1f} s" for one in made]
    if asked.compare is not None:
        others = [_beside(name, choice, scale) for name in asked.beside]
        result |= _compare(_named(chosen, others), album.entries[0], asked)
        lines.append(f"{asked.compare}: " + ", ".join(result["compared"]))
    lines.append(f"x{scale} by step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights")
    return result, "\n".join(lines)


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
        with pictures.open_picture(pictures.read_entry(asked.original)) as opened:
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
