"""Pictures that are enlarged: files read and written, what others make of them, and how near all come."""

from __future__ import annotations

import contextlib
import io
import time
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, NamedTuple

from gancli.cli import image_files, opened_run, progress
from gancli.cli.flags import RunChoice, note
from gancli.core import files
from gancli.core.backend import Image, np
from gancli.core.errors import DataError, OptionError, first_line
from gancli.core.options import LARGEST, whole
from gancli.data.formats import source_files
from gancli.data.images import image_decoding, image_survey
from gancli.evaluation.metrics.psnr import likeness
from gancli.imaging import bicubic, plots
from gancli.inference.upscaling import TiledUpscaler, need_room
from gancli.models.capabilities import Upscaler

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel

WRITTEN = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".bmp": "BMP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
}
FILMS = ("PNG", "GIF", "WEBP", "TIFF")  # that hold several frames or pages
OPAQUE = ("JPEG", "BMP")
MOST_SIDE = {"JPEG": 65_500, "WEBP": 16_383}  # pixels
OF_PROFILES = ("L", "LA", "RGB", "RGBA", "P", "PA")  # modes whose colour profile still holds
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


def upscale(choice: RunChoice, path: Path, asked: Asked) -> tuple[dict[str, object], list[str]]:
    """Enlarge a file or the pictures of a folder. Returns: the result, and the lines that tell it."""
    album = image_files.opened(path)
    if album.is_folder and asked.compare is not None:
        raise OptionError("--compare shows one picture: name a file")
    chosen = opened_run.open_run(choice, ability=Upscaler)
    scale = chosen.model.scale
    if asked.scale not in (None, scale):
        raise OptionError(
            f"--scale {asked.scale}: {chosen.run.path} enlarges {scale} times; train another with --scale"
        )
    outs = album.places(asked.out, f"-x{scale}", WRITTEN, kind_of=_animated_gif)
    album.need_apart([*outs, *([asked.compare] if asked.compare else [])])
    enlarger = TiledUpscaler(chosen.model)
    made, bad = album.each(outs, lambda entry, out: _one(enlarger, entry, out))
    result = chosen.about() | {"scale": scale, "pictures": made, "bad": bad}
    lines = [f"{one['out']}: {_size(one)}, {one['seconds']:.1f} s" for one in made]
    if asked.compare is not None:
        others = [_beside(name, choice, scale) for name in asked.beside]
        result |= _compare(_named(chosen, others), album.entries[0], asked)
        lines.append(f"{asked.compare}: " + ", ".join(result["compared"]))
    lines.append(f"x{scale} by step {chosen.step:,} of {chosen.run.path}, {chosen.weights} weights")
    return result, lines


def _animated_gif(entry: source_files.SourceFile) -> str | None:
    """The ending of an animated GIF, which stays one; of others a PNG is made, which holds all colors."""
    ending = PurePosixPath(entry.name).suffix
    if ending.lower() == ".gif":
        with contextlib.suppress(DataError), image_decoding.open_image(entry) as picture:
            return ending if image_decoding.count_frames(picture) > 1 else None
    return None


def _size(one: dict[str, object]) -> str:
    return f"{one['size']}, {one['frames']:,} frames" if "frames" in one else str(one["size"])


class Film(NamedTuple):
    """The frames or pages of a picture, one of a plain one, upright in L, LA, RGB or RGBA; milliseconds of each if they
    have any; and what is kept beside the pixels."""

    frames: list[Image.Image]
    durations: list[float]
    kept: dict[str, object]


def _form(out: Path) -> str:
    """The format that is written to a place."""
    return WRITTEN.get(out.suffix.lower(), "GIF")


def _one(enlarger: TiledUpscaler, entry: source_files.SourceFile, out: Path) -> dict[str, object]:
    """Enlarge one picture, all its frames where the format stays the same and holds them, and write it."""
    form = _form(out)
    film = _read(entry, as_form=form, scale=enlarger.scale)
    largest = max(side for frame in film.frames for side in frame.size)
    most = MOST_SIDE.get(form, largest * enlarger.scale)
    if largest * enlarger.scale > most:
        raise DataError(f"{entry.name}: {out.suffix} holds at most {most:,} pixels a side; write a .png")
    began = time.monotonic()
    made = _enlarged(enlarger, film.frames, entry.name)
    seconds = time.monotonic() - began
    _write(out, film._replace(frames=made))
    told = {"out": str(out), "size": f"{made[0].width}x{made[0].height}", "seconds": round(seconds, 2)}
    return told | ({"frames": len(made)} if len(made) > 1 else {})


def _read(entry: source_files.SourceFile, *, as_form: str = "", scale: int = 1) -> Film:
    """A picture with all its frames, if it is of this format and the format holds them; else the first, which is said
    where there are others. Raises: DataError; ResourceError where they do not fit into the memory, enlarged so."""
    with image_decoding.open_image(entry) as picture:
        if picture.mode in image_decoding.DEEP or any(";16" in str(tile[3]) for tile in picture.tile):
            raise DataError(f"{entry.name}: 16 bits or more for a channel; bring it to 8 first")
        profile = picture.info.get("icc_profile") if picture.mode in OF_PROFILES else None  # that of CMYK is no more
        loop, is_whole = picture.info.get("loop"), picture.format == as_form and as_form in FILMS
        found, durations, rows = [], [], 0
        for frame in image_decoding.decode_frames(picture, name=entry.name):
            rows += frame.height
            need_room(rows * scale, frame.width * scale, 4)
            found.append(frame)
            durations.append(float(picture.info.get("duration", 0)))
            if not is_whole:
                break
        if not is_whole and (text := image_survey.first_frame_note(picture, entry.name)):
            note(f"note: {text}")
    kept = {"icc_profile": profile, "exif": _exif(found[0], entry.name)}
    kept = {name: value for name, value in kept.items() if value}
    if len(found) > 1 and picture.info.get("default_image"):  # of a PNG, shown where animations are not
        kept["default_image"], durations = True, durations[1:]
    if len(found) > 1 and as_form != "TIFF":
        kept |= {} if loop is None else {"loop": loop}
        found = _alike(found)
    return Film(found, durations if len(found) > 1 and any(durations) else [], kept)


def _alike(frames: list[Image.Image]) -> list[Image.Image]:
    """Frames of an animation, all in one mode."""
    modes = {frame.mode for frame in frames}
    has_alpha, has_color = modes & {"LA", "RGBA"}, modes & {"RGB", "RGBA"}
    mode = ("RGB" if has_color else "L") + ("A" if has_alpha else "")
    return [frame if frame.mode == mode else frame.convert(mode) for frame in frames]


def _exif(picture: Image.Image, name: str) -> bytes | None:
    """What is told beside the pixels; None, and said so, where it cannot be written again, as many cameras' cannot."""
    try:
        exif = picture.getexif()
        return exif.tobytes() if len(exif) else None
    except Exception as error:  # Pillow raises whatever comes up in a damaged tag
        note(f"{name}: its EXIF is damaged and left out: {first_line(error)}")
        return None


def _enlarged(enlarger: TiledUpscaler, frames: list[Image.Image], name: str) -> list[Image.Image]:
    """Pictures through the network, their transparency by the bicubic kernel."""
    parts = [np.asarray(frame) for frame in frames]
    parts = [part[..., None] if part.ndim == 2 else part for part in parts]
    made = []
    with progress.counting(name, sum(map(enlarger.tiles, parts))) as tell:
        count = iter(range(1, 1_000_000_000))
        for part in parts:
            if part.shape[2] in (2, 4):
                shown, alpha = enlarger.translucent(part[..., :-1], part[..., -1], done=lambda: tell(next(count)))
                part = np.dstack([shown, alpha])
            else:
                part = enlarger.coloured(np.ascontiguousarray(part), done=lambda: tell(next(count)))
            made.append(Image.fromarray(part[..., 0] if part.shape[2] == 1 else part))
    return made


def _write(out: Path, film: Film) -> None:
    """Write frames as the ending says, transparency laid on white where the format has none."""
    form, buffer = _form(out), io.BytesIO()
    first, *others = film.frames
    if form in OPAQUE and first.mode in ("LA", "RGBA"):
        first = image_decoding.on_white(first)
    how: dict[str, object] = {"quality": 95} if form in ("JPEG", "WEBP") else {}
    if others:
        how |= {"save_all": True, "append_images": others}
        how |= {"duration": [round(one) for one in film.durations]} if film.durations else {}
        how |= {"disposal": 2} if form == "GIF" else {}
    try:
        first.save(buffer, form, **how, **film.kept)
    except (OSError, ValueError) as error:
        raise DataError(f"{out}: a {form} of {first.width}x{first.height} cannot be written: {error}") from error
    files.atomic_write(out, buffer.getvalue())


def _beside(name: str, choice: RunChoice, scale: int) -> TrainedModel:
    """Another run to compare with. Raises: OptionError if it enlarges otherwise."""
    found = opened_run.open_run(RunChoice(name, choice.outdir), ability=Upscaler)
    if found.model.scale != scale:
        raise OptionError(f"--beside {name}: it enlarges {found.model.scale} times, and not {scale}")
    return found


def _named(first: TrainedModel, others: list[TrainedModel]) -> dict[str, TiledUpscaler]:
    """What enlarges, by its model's name, or where there are two of a model by the run's."""
    models = [one.model.name() for one in (first, *others)]
    names = [
        one.run.path.name if models.count(model) > 1 else model
        for one, model in zip((first, *others), models, strict=True)
    ]
    return {name: TiledUpscaler(one.model) for name, one in zip(names, (first, *others), strict=True)}


def _compare(enlargers: dict[str, TiledUpscaler], entry: source_files.SourceFile, asked: Asked) -> dict[str, object]:
    """Draw nearest, bicubic, the networks' and, if it is named, the original, with a window of each."""
    picture = _read(entry).frames[0]
    has_alpha = picture.mode in ("LA", "RGBA")
    low = np.asarray((image_decoding.on_white(picture) if has_alpha else picture).convert("RGB"))
    scale = next(iter(enlargers.values())).scale
    ways = {"nearest": bicubic.enlarge(low, scale, nearest=True), "bicubic": bicubic.enlarge(low, scale)}
    ways |= {name: enlarger.coloured(low) for name, enlarger in enlargers.items()}
    if asked.original is not None:
        with image_decoding.open_image(source_files.image_file(asked.original)) as opened:
            high = image_decoding.decode(opened, "rgb", name=str(asked.original))
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
    numbers = [whole(part.strip(), LARGEST) for part in parts]
    if len(numbers) != 3 or None in numbers:
        raise OptionError(f"--window {text}: expected X,Y,SIDE in pixels of the small picture, such as 40,60,32")
    left, top, side = numbers
    if not side or left + side > width or top + side > height:
        raise OptionError(f"--window {text}: the picture has {width}x{height} pixels")
    return left, top, side
