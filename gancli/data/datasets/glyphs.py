"""Glyphs drawn by this file: digits and shapes in colours, sizes and places on coloured grounds, with their captions.

A grammar makes scene and caption, so that it is known what a picture must show: "a small red seven above a large blue
square on a green ground". One colour of each shape is never seen in the training: a seven that is blue, say. Half of
the test scenes hold such glyphs alone, the other half none.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from gancli.core.backend import Image, ImageDraw, ImageFont, np
from gancli.data.dataset import Dataset, Request
from gancli.data.formats import pictures

COUNT, TESTS, SIDE = 20_000, 2_000, 32
SUMMARY = f"{COUNT:,} + {TESTS:,} drawn digits and shapes with captions, 32x32 in colour, bundled; glyphs:N draws N"
DIGITS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SHAPES = (*DIGITS, "square", "circle", "triangle", "cross")
COLOURS = {
    "red": (214, 39, 40),
    "green": (44, 140, 60),
    "blue": (31, 90, 200),
    "yellow": (250, 210, 40),
    "white": (245, 245, 245),
    "black": (20, 20, 20),
}
SIZES = {"small": 0.3, "large": 0.46}  # height of a glyph beside the picture's
CORNER = 0.27  # from the edge to the middle of a glyph in a corner
PLACES = {
    "in the middle": (0.5, 0.5),
    "at the top left": (CORNER, CORNER),
    "at the top right": (1 - CORNER, CORNER),
    "at the bottom left": (CORNER, 1 - CORNER),
    "at the bottom right": (1 - CORNER, 1 - CORNER),
}
RELATIONS = {  # of the first glyph, and said the other way round; places of both
    "above": ("below", ((0.5, CORNER), (0.5, 1 - CORNER))),
    "left of": ("right of", ((CORNER, 0.5), (1 - CORNER, 0.5))),
}
JITTER = 0.04  # of a place, either way
FINE = 128  # pixels of the side that is drawn, then made smaller
STROKE = 0.03  # of the side: how much bolder digits are made, so that small ones can be read
ARM = 0.35  # half the breadth of a cross's arms, of half its height
DIGIT_HEIGHT = 0.73  # of a digit beside its font's size


class Glyph(NamedTuple):
    """One thing: keys of SIZES, COLOURS and SHAPES."""

    size: str
    colour: str
    shape: str

    def __str__(self) -> str:
        return f"a {self.size} {self.colour} {self.shape}"

    def is_held_out(self) -> bool:
        """Whether this shape in this colour is kept out of the training."""
        return SHAPES.index(self.shape) % len(COLOURS) == list(COLOURS).index(self.colour)


class Scene(NamedTuple):
    """What a picture shows: one glyph and its place, or two and how they lie; and the colour of the ground."""

    glyphs: tuple[Glyph, ...]
    place: str
    ground: str

    def captions(self) -> tuple[str, str]:
        """The scene in words, in two ways."""
        first, last = self.glyphs[0], self.glyphs[-1]
        ground = f"on a {self.ground} ground"
        if len(self.glyphs) == 1:
            return f"{first} {self.place} {ground}", f"{ground} {first} {self.place}"
        other = RELATIONS[self.place][0]
        return f"{first} {self.place} {last} {ground}", f"{last} {other} {first} {ground}"

    def facts(self) -> dict[str, str]:
        """What is to be seen, by group: size, colour and shape of each glyph, place and ground."""
        seen = {
            f"{nth} {kind}": part
            for nth, glyph in zip(("first", "second"), self.glyphs, strict=False)
            for kind, part in glyph._asdict().items()
        }
        return seen | {"place": self.place, "ground": self.ground}

    def attributes(self) -> list[int]:
        """1 for each of ATTRIBUTES that is there, else 0."""
        facts = self.facts()
        return [int(facts.get(group) == value) for group, values in GROUPS.items() for value in values]


_PARTS = {"size": tuple(SIZES), "colour": tuple(COLOURS), "shape": SHAPES}
GROUPS = {f"{nth} {kind}": values for nth in ("first", "second") for kind, values in _PARTS.items()}
GROUPS |= {"place": (*PLACES, *RELATIONS), "ground": tuple(COLOURS)}  # one value of each group is seen in a picture
ATTRIBUTES = tuple(f"{group}: {value}" for group, values in GROUPS.items() for value in values)


def load(request: Request, count: int = COUNT) -> Dataset:
    """So many glyphs to train on, always the same, and 2,000 test scenes: first the seen ones, then those held out."""
    side = request.side(SIDE)
    split = {"train": [_scene([11, number], is_held_out=False) for number in range(count)]}
    split["test"] = [_scene([12, number], is_held_out=number >= TESTS // 2) for number in range(TESTS)]
    columns = {name: _columns(scenes, seed, side, request) for seed, (name, scenes) in enumerate(split.items())}
    return Dataset("glyphs", columns["train"], columns["test"], source="gancli", attributes=ATTRIBUTES)


def of_all_kinds(like: Dataset) -> Dataset:
    """Other glyphs of the same size, held-out ones among them, with the same tests: for a reader of attributes.

    One that never saw a blue seven would not read it either.
    """
    side, channels = like.shape[0], like.shape[2]
    scenes = [_scene([14, number], is_held_out=bool(number % 2)) for number in range(COUNT)]
    request = Request(side, "gray" if channels == 1 else "rgb")
    return replace(like, name="glyphs of all kinds", train=_columns(scenes, 2, side, request))


def are_held_out(attributes: np.ndarray) -> np.ndarray:
    """Whether each scene, uint8 (count, attributes), holds a glyph that is kept out of the training; bool (count,)."""
    named = [_named(row) for row in attributes]
    return np.array([any(glyph.is_held_out() for glyph in glyphs) for glyphs in named])


def _named(row: np.ndarray) -> list[Glyph]:
    """The glyphs that a row of attributes tells of."""
    told = dict(name.split(": ") for name, is_there in zip(ATTRIBUTES, row, strict=True) if is_there)
    return [Glyph(*(told[f"{nth} {kind}"] for kind in _PARTS)) for nth in ("first", "second") if f"{nth} shape" in told]


def _columns(scenes: list[Scene], seed: int, side: int, request: Request) -> dict[str, np.ndarray]:
    drawn = np.stack([draw(scene, np.random.default_rng([13, seed, at]), side) for at, scene in enumerate(scenes)])
    drawn = pictures.cropped(drawn, request.crop, name="glyphs") if request.crop else drawn
    return {
        "image": pictures.recolor(pictures.resize(drawn, side), request.color),
        "caption": np.array([scene.captions() for scene in scenes], object),
        "attributes": np.array([scene.attributes() for scene in scenes], np.uint8),
    }


def _scene(seed: list[int], *, is_held_out: bool) -> Scene:
    random = np.random.default_rng(seed)
    ground = _one(random, tuple(COLOURS))
    if random.random() < 0.5:
        return Scene((_glyph(random, ground, is_held_out=is_held_out),), _one(random, tuple(PLACES)), ground)
    both = (_glyph(random, ground, is_held_out=is_held_out), _glyph(random, ground, is_held_out=is_held_out))
    return Scene(both, _one(random, tuple(RELATIONS)), ground)


def _glyph(random: np.random.Generator, ground: str, *, is_held_out: bool) -> Glyph:
    """A glyph of another colour than the ground, drawn until it is one of the kind that is wanted."""
    while True:
        glyph = Glyph(_one(random, tuple(SIZES)), _one(random, tuple(COLOURS)), _one(random, SHAPES))
        if glyph.colour != ground and glyph.is_held_out() == is_held_out:
            return glyph


def _one(random: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(random.integers(len(of)))]


def draw(scene: Scene, random: np.random.Generator, side: int = SIDE) -> np.ndarray:
    """A picture of a scene, uint8 (side, side, 3); its glyphs a little off their places."""
    fine = max(FINE, 2 * side)
    canvas = Image.new("RGB", (fine, fine), COLOURS[scene.ground])
    pen = ImageDraw.Draw(canvas)
    places = (PLACES[scene.place],) if len(scene.glyphs) == 1 else RELATIONS[scene.place][1]
    for glyph, place in zip(scene.glyphs, places, strict=True):
        middle = (np.array(place) + random.uniform(-JITTER, JITTER, 2)) * fine
        _draw_glyph(pen, glyph, middle, SIZES[glyph.size] * fine, STROKE * fine)
    return np.asarray(canvas.resize((side, side), Image.Resampling.BOX))


def _draw_glyph(pen: ImageDraw.ImageDraw, glyph: Glyph, middle: np.ndarray, height: float, stroke: float) -> None:
    """stroke: of a small digit; a large one's is as much wider as it is higher."""
    colour, (x, y), reach = COLOURS[glyph.colour], middle, height / 2
    if glyph.shape in DIGITS:
        bold = round(stroke * height / (SIZES["small"] * FINE) / 2)
        font = ImageFont.load_default(size=round((height - 2 * bold) / DIGIT_HEIGHT))
        digit = str(DIGITS.index(glyph.shape))
        pen.text((x, y), digit, colour, font, anchor="mm", stroke_width=bold, stroke_fill=colour)
        return
    corners = {
        "square": [(-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)],
        "triangle": [(0, -1), (1, 0.9), (-1, 0.9)],
        "cross": [(-ARM, -1), (ARM, -1), (ARM, -ARM), (1, -ARM), (1, ARM), (ARM, ARM), (ARM, 1), (-ARM, 1)],
    }
    corners["cross"] += [(-ARM, ARM), (-1, ARM), (-1, -ARM), (-ARM, -ARM)]
    if glyph.shape == "circle":
        pen.ellipse((x - reach, y - reach, x + reach, y + reach), fill=colour)
    else:
        pen.polygon([(x + across * reach, y + down * reach) for across, down in corners[glyph.shape]], fill=colour)
