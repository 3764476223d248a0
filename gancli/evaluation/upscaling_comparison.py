"""An image upscaled by several methods and shown side by side, with a window of each at full size."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from gancli.core import files
from gancli.core.backend import Image, np
from gancli.core.errors import DataError, OptionError
from gancli.core.options import LARGEST, whole
from gancli.data.containers import source_files
from gancli.data.images import image_decoding
from gancli.evaluation.metrics.psnr import image_similarity
from gancli.imaging import bicubic, plots
from gancli.inference.image_files import frames
from gancli.inference.trained_model import TrainedModel
from gancli.inference.upscaling import TiledUpscaler

WINDOW_SHARE = 5  # the window of a comparison is a fifth of the shorter side
PANEL = 2.4  # inches
Window = tuple[int, int, int]  # left, top and side, in pixels of the small image


@dataclass(frozen=True)
class Comparison:
    """What to compare: the picture to write, the original at full size if there is one, and the window to show."""

    out: Path
    original: Path | None = None
    window: str | None = None


def upscalers_by_name(models: list[TrainedModel]) -> dict[str, TiledUpscaler]:
    """The upscalers by the names of their models, or of their runs for models of the same name."""
    kinds = [one.model.name() for one in models]
    names = [one.run.path.name if kinds.count(kind) > 1 else kind for one, kind in zip(models, kinds, strict=True)]
    return {name: TiledUpscaler(one.model) for name, one in zip(names, models, strict=True)}


def compare(
    upscalers: dict[str, TiledUpscaler], entry: source_files.SourceFile, comparison: Comparison, note: frames.Note
) -> dict[str, object]:
    """Show nearest neighbor, bicubic, the networks and the original, with PSNR and SSIM if there is an original.

    Returns: facts for a result. Raises: DataError, OptionError.
    """
    picture = frames.read_frames(entry, note).frames[0]
    has_alpha = picture.mode in ("LA", "RGBA")
    low = np.asarray((image_decoding.on_white(picture) if has_alpha else picture).convert("RGB"))
    scale = next(iter(upscalers.values())).scale
    images = {"nearest": bicubic.upscale(low, scale, nearest=True), "bicubic": bicubic.upscale(low, scale)}
    images |= {name: upscaler.upscale_any_channels(low) for name, upscaler in upscalers.items()}
    titles = list(images)
    if comparison.original is not None:
        original = _read_original(comparison.original, images["bicubic"].shape[:2])
        if min(low.shape[:2]) > 2:
            scores = {name: image_similarity(image, original, border=scale) for name, image in images.items()}
            titles = [f"{name}, {one.psnr:.2f} dB, {one.ssim_daala:.3f}" for name, one in scores.items()]
        images["original"] = original
        titles.append("original")
    left, top, side = _window(comparison.window, low)
    box = tuple(scale * value for value in (left, top, left + side, top + side))
    windows = [image[box[1] : box[3], box[0] : box[2]] for image in images.values()]
    framed = [_framed(image, box) for image in images.values()]
    rows = [("", list(zip(titles, framed, strict=True))), ("", [("", window) for window in windows])]
    files.atomic_write(comparison.out, plots.rows_of_images(rows, side=PANEL))
    return {"compare": str(comparison.out), "compared": titles, "window": [left, top, side]}


def _read_original(path: Path, size: tuple[int, int]) -> np.ndarray:
    with image_decoding.open_image(source_files.image_file(path)) as opened:
        pixels = image_decoding.decode(opened, "rgb", name=str(path))
    if pixels.shape[:2] != size:
        raise DataError(
            f"{path} has {pixels.shape[1]}x{pixels.shape[0]} pixels, but the upscaled image has {size[1]}x{size[0]}"
        )
    return pixels


def _framed(pixels: np.ndarray, box: tuple[int, int, int, int]) -> np.ndarray:
    """An image with the edge of a window in red."""
    from PIL import ImageDraw

    picture = Image.fromarray(pixels)
    ImageDraw.Draw(picture).rectangle(box, outline=(230, 30, 30), width=max(1, min(picture.size) // 128))
    return np.asarray(picture)


def _window(text: str | None, low: np.ndarray) -> Window:
    """The window that was named, or the one with the largest standard deviation of gray values. Raises: OptionError."""
    height, width = low.shape[:2]
    if text is None:
        side = max(1, min(height, width) // WINDOW_SHARE)
        gray = low.mean(axis=2)
        spreads = {
            (gray[top : top + side, left : left + side].std(), left, top)
            for top in range(0, height - side + 1, max(1, side // 2))
            for left in range(0, width - side + 1, max(1, side // 2))
        }
        _, left, top = max(spreads)
        return left, top, side
    parts = text.split(",")
    numbers = [whole(part.strip(), LARGEST) for part in parts]
    if len(numbers) != 3 or None in numbers:
        raise OptionError(f"--window {text}: expected X,Y,SIDE in pixels of the small image, such as 40,60,32")
    left, top, side = numbers
    if not side or left + side > width or top + side > height:
        raise OptionError(f"--window {text}: the image has {width}x{height} pixels")
    return left, top, side
