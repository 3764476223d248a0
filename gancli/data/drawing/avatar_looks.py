"""What an avatar looks like: the facts that become attributes, and the numbers and colors that vary."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.data.drawing.pen import Color, mixed

Range = tuple[float, float]
HAIR: dict[str, tuple[Range, Range, Range]] = {  # hue, saturation, value
    "black": ((0.60, 0.75), (0.10, 0.35), (0.12, 0.22)),
    "brown": ((0.03, 0.08), (0.50, 0.70), (0.34, 0.52)),
    "blond": ((0.11, 0.145), (0.42, 0.65), (0.90, 0.99)),
    "red": ((-0.01, 0.02), (0.65, 0.82), (0.66, 0.84)),
    "blue": ((0.56, 0.64), (0.50, 0.72), (0.58, 0.88)),
    "pink": ((0.90, 0.95), (0.32, 0.52), (0.92, 1.00)),
    "green": ((0.30, 0.42), (0.42, 0.62), (0.48, 0.72)),
    "white": ((0.58, 0.72), (0.02, 0.10), (0.88, 0.96)),
}
EYES: dict[str, tuple[Range, Range, Range]] = {
    "blue": ((0.55, 0.61), (0.65, 0.85), (0.80, 0.95)),
    "brown": ((0.04, 0.09), (0.60, 0.80), (0.45, 0.62)),
    "green": ((0.32, 0.42), (0.60, 0.80), (0.55, 0.75)),
    "purple": ((0.74, 0.80), (0.50, 0.70), (0.65, 0.85)),
    "red": ((-0.02, 0.02), (0.70, 0.90), (0.75, 0.90)),
}
GROUNDS: dict[str, tuple[Range, Range, Range]] = {
    "white": ((0.00, 1.00), (0.00, 0.03), (0.94, 1.00)),
    "yellow": ((0.13, 0.16), (0.30, 0.55), (0.92, 1.00)),
    "pink": ((0.91, 0.97), (0.15, 0.30), (0.92, 1.00)),
    "blue": ((0.53, 0.60), (0.25, 0.50), (0.78, 0.97)),
    "green": ((0.28, 0.40), (0.22, 0.45), (0.70, 0.92)),
}
CLOTHES = ((0.0, 1.0), (0.25, 0.80), (0.25, 0.95))
STYLES = ("short", "long", "twin tails")
FRINGES = ("spikes", "straight", "swept")  # of bangs
PARTINGS = ("middle", "side")  # of hair without bangs
COLLARS = ("round", "sailor", "open")
HATS = ("beret", "cap", "straw")
SKINS: tuple[Color, ...] = ((255, 232, 216), (253, 219, 193), (236, 190, 152), (196, 142, 104), (140, 94, 68))
SKIN_SHARES = (0.0, 0.4, 0.75, 0.92, 1.0)  # of images whose skin is lighter than each of SKINS


@dataclass(frozen=True)
class Look:
    """An avatar: its facts first, then what varies between avatars of the same facts.

    size: of half the head, relative to the image. tilt in radians; turn in [-1, 1], to the left or right. at: of the
    middle of the head, relative to the image. shape: -1 for a pointed, 1 for a round face; jitter: small numbers in
    [-1, 1], which the drawing uses as it likes.
    """

    hair: str
    style: str
    has_bangs: bool
    eyes: str
    has_round_eyes: bool
    is_smiling: bool
    has_open_mouth: bool
    has_glasses: bool
    has_blush: bool
    has_hat: bool
    ground: str
    fringe: str
    collar: str
    hat: str
    hair_color: Color
    eye_color: Color
    skin: Color
    clothes: Color
    hat_color: Color
    ground_color: Color
    size: float
    tilt: float
    turn: float
    at: tuple[float, float]
    shape: float
    jitter: tuple[float, ...]


def draw_look(random: np.random.Generator) -> Look:
    """An avatar by chance."""
    hair, eyes, ground = (_one(random, tuple(kinds)) for kinds in (HAIR, EYES, GROUNDS))
    style = _one(random, STYLES)
    has = dict(zip(SHARES, random.random(len(SHARES)) < tuple(SHARES.values()), strict=True))
    facts = {name: bool(value) for name, value in has.items()}
    return Look(
        hair=hair,
        style=style,
        eyes=eyes,
        ground=ground,
        **facts,
        fringe=_one(random, FRINGES if facts["has_bangs"] else PARTINGS),
        collar=_one(random, COLLARS),
        hat=_one(random, HATS),
        hair_color=_color(random, HAIR[hair]),
        eye_color=_color(random, EYES[eyes]),
        skin=_skin(random),
        clothes=_color(random, CLOTHES),
        hat_color=_color(random, CLOTHES),
        ground_color=_color(random, GROUNDS[ground]),
        size=random.uniform(0.235, 0.29),
        tilt=float(np.clip(random.normal(0, 0.09), -0.22, 0.22)),
        turn=float(np.clip(random.normal(0, 0.45), -1, 1)),
        at=(0.5 + random.uniform(-0.05, 0.05), 0.53 + random.uniform(-0.04, 0.05)),
        shape=random.uniform(-1, 1),
        jitter=tuple(random.uniform(-1, 1, 16).tolist()),
    )


SHARES = {
    "has_bangs": 0.65,
    "has_round_eyes": 0.6,
    "is_smiling": 0.5,
    "has_open_mouth": 0.4,
    "has_glasses": 0.2,
    "has_blush": 0.4,
    "has_hat": 0.15,
}


def _one(random: np.random.Generator, of: tuple[str, ...]) -> str:
    return of[int(random.integers(len(of)))]


def _color(random: np.random.Generator, ranges: tuple[Range, Range, Range]) -> Color:
    hue, saturation, value = (random.uniform(*one) for one in ranges)
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(hue % 1, saturation, value))


def _skin(random: np.random.Generator) -> Color:
    tone = float(np.interp(random.random(), SKIN_SHARES, range(len(SKINS))))
    at = min(int(tone), len(SKINS) - 2)
    return mixed(SKINS[at], SKINS[at + 1], tone - at)
