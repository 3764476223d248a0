"""Avatars: heads in the style of animation, drawn by gancli.data.drawing, with attributes named as CelebA's.

Faces of animation cannot be distributed, so these are drawn: large eyes, small mouths, hair in many colors, in front of
and behind the head. The content of each picture is known, so that a classifier of attributes can be checked and what a
generator has learned can be measured.
"""

from __future__ import annotations

from collections.abc import Iterable

from gancli.core.backend import np
from gancli.core.progress import track
from gancli.data.dataset import Dataset
from gancli.data.drawing import avatar, avatar_looks
from gancli.data.drawing.avatar_looks import EYES, GROUNDS, HAIR, STYLES, Look
from gancli.data.formats import decoded_cache
from gancli.data.images import image_arrays
from gancli.data.request import Request

COUNT = 20_000
TESTS = 10  # training images for each test image
SUMMARY = (
    f"{COUNT:,} + {COUNT // TESTS:,} drawn anime heads with attributes, 64x64 in color, bundled; avatars:N draws N"
)
FACTS = {  # attributes beside colors and styles: whether a look has them
    "Bangs": lambda look: look.has_bangs,
    "Round_Eyes": lambda look: look.has_round_eyes,
    "Narrow_Eyes": lambda look: not look.has_round_eyes,
    "Smiling": lambda look: look.is_smiling,
    "Open_Mouth": lambda look: look.has_open_mouth,
    "Eyeglasses": lambda look: look.has_glasses,
    "Blush": lambda look: look.has_blush,
    "Wearing_Hat": lambda look: look.has_hat,
}


def _named(kinds: Iterable[str], thing: str) -> dict[str, str]:
    """The attribute of each kind: Blue_Hair of "blue"."""
    return {kind: f"{kind}_{thing}".title() for kind in kinds}


HAIR_NAMES, EYE_NAMES, GROUND_NAMES = _named(HAIR, "hair"), _named(EYES, "eyes"), _named(GROUNDS, "background")
STYLE_NAMES = {style: "Twin_Tails" if style == "twin tails" else f"{style.title()}_Hair" for style in STYLES}
ATTRIBUTES = (
    *HAIR_NAMES.values(),
    *STYLE_NAMES.values(),
    *EYE_NAMES.values(),
    *FACTS,
    *GROUND_NAMES.values(),
)


def load(request: Request, count: int = COUNT) -> Dataset:
    """`count` training images, always the same, and a tenth as many test images."""
    side, all_of_them = request.side(avatar.SIDE), count + count // TESTS
    version = f"{avatar.VERSION} {count} {side}"
    return decoded_cache.load_drawn(
        "avatars", version, all_of_them * 3 * side**2, request, lambda: _drawn(count, side, request)
    )


def _drawn(count: int, side: int, request: Request) -> Dataset:
    train, test = (_columns(part, size, side, request) for part, size in enumerate((count, count // TESTS)))
    return Dataset("avatars", train, test, source="gancli", attributes=ATTRIBUTES)


def attributes_of(look: Look) -> list[int]:
    """1 for each of ATTRIBUTES that an avatar has, else 0."""
    present = {HAIR_NAMES[look.hair], STYLE_NAMES[look.style], EYE_NAMES[look.eyes], GROUND_NAMES[look.ground]}
    present |= {name for name, has in FACTS.items() if has(look)}
    return [int(name in present) for name in ATTRIBUTES]


def look_of(part: int, number: int) -> Look:
    """The avatar with this number of the training images (part 0) or test images (part 1)."""
    return avatar_looks.draw_look(np.random.default_rng([21, part, number]))


def _columns(part: int, count: int, side: int, request: Request) -> dict[str, np.ndarray]:
    if not count:
        return {}
    looks = [look_of(part, number) for number in range(count)]
    images = np.stack([avatar.draw(look, side) for look in track(looks, "drawing avatars")])
    images = image_arrays.center_crop(images, request.crop, name="avatars") if request.crop else images
    return {
        "image": image_arrays.convert_color(image_arrays.resize(images, side), request.color),
        "attributes": np.array([attributes_of(look) for look in looks], np.uint8),
    }
