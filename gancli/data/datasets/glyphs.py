"""Glyphs drawn by this file: digits and shapes in colors, sizes and places on colored grounds, with their captions.

A grammar makes scene and caption, so that the content of each image is known: "a small red seven above a large blue
square on a green ground". One color of each shape is held out of training: a seven that is blue, for example. Half of
the test scenes consist of such glyphs alone, the other half hold none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from gancli.core.backend import Image, ImageDraw, ImageFont, np
from gancli.core.progress import track
from gancli.data.dataset import Dataset
from gancli.data.images import image_arrays
from gancli.data.request import Request

COUNT = 20_000
TESTS = 2_000
SIDE = 32
SUMMARY = f"{COUNT:,} + {TESTS:,} drawn digits and shapes with captions, 32x32 in color, bundled; glyphs:N draws N"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SHAPES = (*DIGITS, "square", "circle", "triangle", "cross")
COLORS = {
    "red": (214, 39, 40),
    "green": (44, 140, 60),
    "blue": (31, 90, 200),
    "yellow": (250, 210, 40),
    "white": (245, 245, 245),
    "black": (20, 20, 20),
}
SIZES = {"small": 0.3, "large": 0.46}  # height of a glyph relative to the image
CORNER = 0.27  # from the edge to the center of a glyph in a corner
PLACES = {
    "in the middle": (0.5, 0.5),
    "at the top left": (CORNER, CORNER),
    "at the top right": (1 - CORNER, CORNER),
    "at the bottom left": (CORNER, 1 - CORNER),
    "at the bottom right": (1 - CORNER, 1 - CORNER),
}
RELATIONS = {  # of the first glyph to the second, and the reverse; places of both
    "above": ("below", ((0.5, CORNER), (0.5, 1 - CORNER))),
    "left of": ("right of", ((CORNER, 0.5), (1 - CORNER, 0.5))),
}
JITTER = 0.04  # of a place, in both directions
FINE = 128  # side in pixels while drawing, before downsampling
STROKE = 0.03  # of the side: digits are bolder by as much, to be legible when small
ARM = 0.35  # half the width of a cross's arms, relative to half its height
DIGIT_HEIGHT = 0.73  # of a digit relative to its font size


class Glyph(NamedTuple):
    """A digit or shape: keys of SIZES, COLORS and SHAPES."""

    size: str
    color: str
    shape: str

    def __str__(self) -> str:
        return f"a {self.size} {self.color} {self.shape}"

    def is_held_out(self) -> bool:
        """Whether this shape in this color is held out of training."""
        return SHAPES.index(self.shape) % len(COLORS) == list(COLORS).index(self.color)


class Scene(NamedTuple):
    """The content of an image: one glyph and its place, or two and their relation; and the color of the ground."""

    glyphs: tuple[Glyph, ...]
    place: str
    ground: str

    def captions(self) -> tuple[str, str]:
        """Two captions of the scene, in different orders of words."""
        first, last = self.glyphs[0], self.glyphs[-1]
        ground = f"on a {self.ground} ground"
        if len(self.glyphs) == 1:
            return f"{first} {self.place} {ground}", f"{ground} {first} {self.place}"
        other = RELATIONS[self.place][0]
        return f"{first} {self.place} {last} {ground}", f"{last} {other} {first} {ground}"

    def facts(self) -> dict[str, str]:
        """The content by group: size, color and shape of each glyph, place and ground."""
        facts = {
            f"{nth} {kind}": part
            for nth, glyph in zip(("first", "second"), self.glyphs, strict=False)
            for kind, part in zip(_PARTS, glyph, strict=True)
        }
        return facts | {"place": self.place, "ground": self.ground}

    def attributes(self) -> list[int]:
        """1 for each of ATTRIBUTES that is present, else 0."""
        facts = self.facts()
        return [int(facts.get(group) == value) for group, values in GROUPS.items() for value in values]


# of a Glyph; "colour" stays: fingerprints and runs hold the names of attributes
_PARTS = {"size": tuple(SIZES), "colour": tuple(COLORS), "shape": SHAPES}
GROUPS = {f"{nth} {kind}": values for nth in ("first", "second") for kind, values in _PARTS.items()}
GROUPS |= {"place": (*PLACES, *RELATIONS), "ground": tuple(COLORS)}  # an image has one value of each group
ATTRIBUTES = tuple(f"{group}: {value}" for group, values in GROUPS.items() for value in values)


def load(request: Request, count: int = COUNT) -> Dataset:
    """`count` training scenes, always the same, and 2,000 test scenes: 1,000 of seen glyphs, 1,000 of held-out ones."""
    side = request.side(SIDE)
    split = {"train": [_scene([11, number], is_held_out=False) for number in range(count)]}
    split["test"] = [_scene([12, number], is_held_out=number >= TESTS // 2) for number in range(TESTS)]
    columns = {name: _columns(scenes, seed, side, request) for seed, (name, scenes) in enumerate(split.items())}
    return Dataset("glyphs", columns["train"], columns["test"], source="gancli", attributes=ATTRIBUTES)


def of_all_kinds(like: Dataset) -> Dataset:
    """Other glyphs of the same size, half of them held out, with the same test split: to train attribute classifiers.

    A classifier that never saw a blue seven could not recognize one.
    """
    side, channels = like.shape[0], like.shape[2]
    scenes = [_scene([14, number], is_held_out=bool(number % 2)) for number in range(COUNT)]
    request = Request(side, "gray" if channels == 1 else "rgb")
    return replace(like, name="glyphs of all kinds", train=_columns(scenes, 2, side, request))


def are_held_out(attributes: np.ndarray) -> np.ndarray:
    """Whether each scene, uint8 (count, attributes), contains a glyph that is held out of training; bool (count,)."""
    scenes = [_glyphs_of(row) for row in attributes]
    return np.array([any(glyph.is_held_out() for glyph in glyphs) for glyphs in scenes])


def _glyphs_of(row: np.ndarray) -> list[Glyph]:
    """The glyphs that a row of attributes describes."""
    facts = dict(name.split(": ") for name, is_present in zip(ATTRIBUTES, row, strict=True) if is_present)
    return [
        Glyph(*(facts[f"{nth} {kind}"] for kind in _PARTS)) for nth in ("first", "second") if f"{nth} shape" in facts
    ]


def _columns(scenes: list[Scene], seed: int, side: int, request: Request) -> dict[str, np.ndarray]:
    drawn = enumerate(track(scenes, "drawing glyphs"))
    images = np.stack([draw(scene, np.random.default_rng([13, seed, at]), side) for at, scene in drawn])
    images = image_arrays.center_crop(images, request.crop, name="glyphs") if request.crop else images
    return {
        "image": image_arrays.convert_color(image_arrays.resize(images, side), request.color),
        "caption": np.array([scene.captions() for scene in scenes], object),
        "attributes": np.array([scene.attributes() for scene in scenes], np.uint8),
    }


def _scene(seed: list[int], *, is_held_out: bool) -> Scene:
    random = np.random.default_rng(seed)
    ground = _one(random, tuple(COLORS))
    if random.random() < 0.5:
        return Scene((_glyph(random, ground, is_held_out=is_held_out),), _one(random, tuple(PLACES)), ground)
    both = (_glyph(random, ground, is_held_out=is_held_out), _glyph(random, ground, is_held_out=is_held_out))
    return Scene(both, _one(random, tuple(RELATIONS)), ground)


def _glyph(random: np.random.Generator, ground: str, *, is_held_out: bool) -> Glyph:
    """A glyph of another color than the ground, held out or not, by rejection sampling."""
    while True:
        glyph = Glyph(_one(random, tuple(SIZES)), _one(random, tuple(COLORS)), _one(random, SHAPES))
        if glyph.color != ground and glyph.is_held_out() == is_held_out:
            return glyph


def _one(random: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(random.integers(len(of)))]


def draw(scene: Scene, random: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """An image of a scene, uint8 (side, side, 3); its glyphs are slightly displaced."""
    fine = max(FINE, 2 * side)
    canvas = Image.new("RGB", (fine, fine), COLORS[scene.ground])
    pen = ImageDraw.Draw(canvas)
    places = (PLACES[scene.place],) if len(scene.glyphs) == 1 else RELATIONS[scene.place][1]
    for glyph, place in zip(scene.glyphs, places, strict=True):
        center = (np.array(place) + random.uniform(-JITTER, JITTER, 2)) * fine
        _draw_glyph(pen, glyph, center, SIZES[glyph.size] * fine, STROKE * fine)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX))


def _draw_glyph(pen: ImageDraw.ImageDraw, glyph: Glyph, center: np.ndarray, height: float, stroke: float) -> None:
    """stroke: of a small digit; that of a large one grows with its height."""
    color = COLORS[glyph.color]
    x, y = center
    reach = height / 2
    if glyph.shape in DIGITS:
        bold = round(stroke * height / (SIZES["small"] * FINE) / 2)
        font = ImageFont.load_default(size=round((height - 2 * bold) / DIGIT_HEIGHT))
        digit = str(DIGITS.index(glyph.shape))
        pen.text((x, y), digit, color, font, anchor="mm", stroke_width=bold, stroke_fill=color)
        return
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1), (1, 0.9), (-1, 0.9)],
        "cross": [(-ARM, -1), (ARM, -1), (ARM, -ARM), (1, -ARM), (1, ARM), (ARM, ARM), (ARM, 1), (-ARM, 1)],
    }
    corners["cross"] += [(-ARM, ARM), (-1, ARM), (-1, -ARM), (-ARM, -ARM)]
    if glyph.shape == "circle":
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=color)
    else:
        pen.polygon([(x + across * reach, y + down * reach) for across, down in corners[glyph.shape]], fill=color)
