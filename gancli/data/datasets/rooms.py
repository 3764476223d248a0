"""Rooms drawn by this file: walls, a bed, a door, and windows at known places.

The bedrooms of Radford et al. 2015 are three million photographs, in which a person marked 52 windows; here every
window is known, so that the ablation of windows can be measured. Only glass has its color, so `glass` finds it in any
image.
"""

from __future__ import annotations

import colorsys

from gancli.core.backend import Image, ImageDraw, ndimage, np
from gancli.core.progress import track
from gancli.data.dataset import Dataset
from gancli.data.formats.arrays import from_arrays
from gancli.data.request import Request

SUMMARY = "10,000 drawn rooms, 64x64 in color, bundled: with and without window, door, bed"
ATTRIBUTES = ("window", "door", "bed")
COUNT = 10_000
SIDE = 64
FINE = 2  # drawn at twice the size
SHARES = {"window": 0.7, "door": 0.5, "bed": 0.7}
GLASS_HUE, HUE_REACH = 0.56, 0.06  # sky; nothing else has such a hue and brightness
LEAST_GLASS = 6  # pixels of a window's pane

Box = tuple[int, int, int, int]


def load(request: Request) -> Dataset:
    """The rooms, always the same; `window`, `door` and `bed` are attributes."""
    rooms = [draw(np.random.default_rng([7, number])) for number in track(range(COUNT), "drawing rooms")]
    values = np.array([[name in things for name in ATTRIBUTES] for _, things in rooms], np.uint8)
    arrays = {"images": np.stack([pixels for pixels, _ in rooms])}
    arrays |= {"attributes": values, "attribute_names": np.array(ATTRIBUTES)}
    return from_arrays("rooms", arrays, request, source="gancli")


def draw(random: np.random.Generator) -> tuple[np.ndarray, dict[str, list[Box]]]:
    """One room, uint8 (64, 64, 3), and its objects: the boxes (left, top, right, bottom) of each kind."""
    canvas = Image.new("RGB", (SIDE * FINE, SIDE * FINE))
    pen = ImageDraw.Draw(canvas)
    left, right = sorted(random.uniform((4, 44), (20, 60)))
    top, bottom = random.uniform(4, 12), random.uniform(38, 48)
    _walls(pen, random, (left, top, right, bottom))
    things = {}
    has_door = random.random() < SHARES["door"]
    if has_door:
        width = random.uniform(8, 10)
        start = left + 2 if random.random() < 0.5 else right - width - 2
        things["door"] = [_door(pen, random, (start, bottom - random.uniform(18, 22), start + width, bottom))]
    if random.random() < SHARES["window"]:
        door = things["door"][0] if has_door else (left, 0, left, 0)
        free = (left + 2, door[0] - 2) if door[0] - left > right - door[2] else (door[2] + 2, right - 2)
        things["window"] = _windows(pen, random, free, (top + 3, top + random.uniform(13, 18)))
    if random.random() < SHARES["bed"]:
        things["bed"] = [_bed(pen, random, bottom)]
    pixels = np.asarray(canvas.resize((SIDE, SIDE), Image.Resampling.BOX)).astype(np.int16)
    pixels = pixels + random.integers(-4, 5, pixels.shape)  # slight noise
    return np.clip(pixels, 0, 255).astype(np.uint8), things


def glass(pixels: np.ndarray) -> list[list[Box]]:
    """The windows of each image by the color of their glass: uint8 (count, height, width, 3) -> boxes of each."""
    panes = []
    for image in pixels:
        hue, saturation, value = np.moveaxis(np.asarray(Image.fromarray(image).convert("HSV")) / 255.0, -1, 0)
        is_glass = (abs(hue - GLASS_HUE) < HUE_REACH) & (saturation > 0.25) & (value > 0.7)
        joined = ndimage.binary_closing(np.pad(is_glass, 3), iterations=2)[3:-3, 3:-3]  # over the bars between panes
        areas, _ = ndimage.label(joined)
        boxes = ndimage.find_objects(areas)
        windows = [box for number, box in enumerate(boxes, 1) if is_glass[areas == number].sum() >= LEAST_GLASS]
        panes.append([(columns.start, rows.start, columns.stop, rows.stop) for rows, columns in windows])
    return panes


def _box(*corners: float) -> Box:
    return tuple(round(corner) for corner in corners)


def _fine(*corners: float) -> list[float]:
    return [corner * FINE for corner in corners]


def _color(
    random: np.random.Generator, hues: tuple[float, float], saturation: tuple[float, float], value: tuple[float, float]
) -> tuple[int, int, int]:
    parts = colorsys.hsv_to_rgb(random.uniform(*hues) % 1, random.uniform(*saturation), random.uniform(*value))
    return tuple(round(255 * part) for part in parts)


def _shaded(color: tuple[int, int, int], share: float) -> tuple[int, int, int]:
    return tuple(min(255, round(part * share)) for part in color)


def _walls(pen: ImageDraw.ImageDraw, random: np.random.Generator, back: tuple[float, float, float, float]) -> None:
    left, top, right, bottom = _fine(*back)
    far, wall = SIDE * FINE, _color(random, (-0.05, 0.3), (0.1, 0.45), (0.65, 0.95))
    floor = _color(random, (0.03, 0.12), (0.3, 0.7), (0.3, 0.6))
    pen.rectangle((left, top, right, bottom), fill=wall)
    pen.polygon([(0, 0), (left, top), (left, bottom), (0, far)], fill=_shaded(wall, 0.85))
    pen.polygon([(far, 0), (right, top), (right, bottom), (far, far)], fill=_shaded(wall, 0.75))
    pen.polygon([(0, 0), (far, 0), (right, top), (left, top)], fill=_shaded(wall, 1.12))
    pen.polygon([(0, far), (far, far), (right, bottom), (left, bottom)], fill=floor)


def _door(pen: ImageDraw.ImageDraw, random: np.random.Generator, box: tuple[float, float, float, float]) -> Box:
    color = _color(random, (0.02, 0.1), (0.5, 0.8), (0.25, 0.5))
    pen.rectangle(_fine(*box), fill=color, outline=_shaded(color, 0.6), width=FINE)
    knob = _fine(box[2] - 2.5, (box[1] + box[3]) / 2)
    pen.rectangle((*knob, knob[0] + FINE, knob[1] + FINE), fill=(230, 210, 120))
    return _box(*box)


def _windows(
    pen: ImageDraw.ImageDraw, random: np.random.Generator, free: tuple[float, float], heights: tuple[float, float]
) -> list[Box]:
    """One window, or two if there is room, between the sides of `free`."""
    count = 2 if free[1] - free[0] > 26 and random.random() < 0.6 else 1
    part = (free[1] - free[0]) / count
    width = min(part - 3, random.uniform(9, 14))
    sky = _color(random, (GLASS_HUE - 0.03, GLASS_HUE + 0.03), (0.4, 0.65), (0.9, 1.0))
    boxes = []
    for number in range(count):
        start = free[0] + number * part + (part - width) / 2
        box = (start, heights[0], start + width, heights[1])
        pen.rectangle(_fine(*box), fill=sky, outline=(250, 250, 245), width=FINE)
        middle, across = (start + width / 2) * FINE, (heights[0] + heights[1]) / 2 * FINE
        pen.line((middle, box[1] * FINE, middle, box[3] * FINE), fill=(250, 250, 245), width=FINE)
        pen.line((box[0] * FINE, across, box[2] * FINE, across), fill=(250, 250, 245), width=FINE)
        boxes.append(_box(*box))
    return boxes


def _bed(pen: ImageDraw.ImageDraw, random: np.random.Generator, floor: float) -> Box:
    """Seen from its foot: a headboard, a pillow, and a blanket that widens."""
    left, width = random.uniform(6, 26), random.uniform(22, 32)
    head, foot = floor - random.uniform(1, 4), random.uniform(56, 62)
    blanket = _color(random, (-0.12, 0.45), (0.35, 0.9), (0.45, 0.9))
    board = _fine(left + 2, head - 8, left + width - 2, head + 2)
    pen.rectangle(board, fill=_shaded((120, 80, 50), random.uniform(0.7, 1.3)))
    wide = _fine(left + 2, head, left + width - 2, head, left + width + 3, foot, left - 3, foot)
    pen.polygon(list(zip(wide[::2], wide[1::2], strict=True)), fill=blanket)
    low = _fine(left - 3, foot, left + width + 3, min(64, foot + 4))
    pen.rectangle(low, fill=_shaded(blanket, 0.7))
    pen.rounded_rectangle(_fine(left + 4, head - 2, left + width - 4, head + 5), 2 * FINE, fill=(245, 243, 235))
    return _box(left - 3, head - 8, left + width + 3, min(64, foot + 4))
