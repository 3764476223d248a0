"""Avatars drawn from their looks: heads in the style of animation, with large eyes."""

from __future__ import annotations

from gancli.core.backend import Image, np
from gancli.data.drawing import avatar_hair
from gancli.data.drawing.avatar_hair import EDGE, mirrored
from gancli.data.drawing.avatar_looks import Look
from gancli.data.drawing.pen import Color, Pen, curve, mixed, shaded

VERSION = 2  # of the pictures: a change makes cached ones be drawn anew
SIDE = 64
FINER = 4  # times as large while drawing
WHITE, INK, LIPS = (255, 255, 255), (52, 36, 48), (176, 62, 70)


def draw(look: Look, side: int = SIDE) -> np.ndarray:
    """The picture of an avatar, uint8 (side, side, 3)."""
    fine = max(side, SIDE) * FINER
    pen = Pen(fine, look.ground_color, unit=look.size * fine, tilt=look.tilt, center=tuple(fine * at for at in look.at))
    _ground(pen, look)
    avatar_hair.behind(pen, look)
    _body(pen, look)
    _head(pen, look)
    _mouth(pen, look)
    for side_of_face in (-1, 1):
        _eye(pen, look, side_of_face)
    avatar_hair.before(pen, look)
    for side_of_face in (-1, 1):
        _brow(pen, look, side_of_face)
    if look.has_glasses:
        _glasses(pen, look)
    if look.has_hat:
        avatar_hair.hat(pen, look)
    return np.asarray(pen.image.resize((side, side), Image.Resampling.BOX))


def _ground(pen: Pen, look: Look) -> None:
    """A disc of another brightness, in most pictures."""
    if look.jitter[12] > -0.3:
        lighter = mixed(look.ground_color, WHITE, 0.35) if look.jitter[13] > -0.5 else shaded(look.ground_color, 0.93)
        pen.ellipse((2.2 * look.jitter[13], 1.6 * look.jitter[12] - 0.4), (1.7, 1.7), lighter)


def _body(pen: Pen, look: Look) -> None:
    """Neck, shoulders and collar."""
    skin, shadow = look.skin, _shadow(look)
    clothes, edge = look.clothes, shaded(look.clothes, 0.55)
    wide = 1.35 + 0.12 * look.jitter[11]
    shoulders = [(0.0, 1.42), (-0.4, 1.45), (-1.0, 1.65), (-wide, 2.1), (-wide - 0.1, 3.0)]
    pen.blob(mirrored(shoulders), clothes, edge=edge, width=EDGE)
    pen.area([(-0.3, 0.8), (0.3, 0.8), (0.34, 1.5), (0.0, 1.66), (-0.34, 1.5)], shadow)
    if look.collar == "open":
        pen.area([(-0.36, 1.45), (0.36, 1.45), (0.0, 2.05)], skin)
    if look.collar == "round":
        pen.line([(-0.42, 1.42), (0.0, 1.68), (0.42, 1.42)], mixed(clothes, WHITE, 0.5), 0.16)
    else:
        light = WHITE if look.collar == "sailor" else mixed(clothes, WHITE, 0.35)
        for side in (-1, 1):
            flap = [(0.3, 1.38), (0.75, 1.62), (0.5, 1.95), (0.05, 2.1)]
            pen.area([(side * x, y) for x, y in flap], light, edge=edge, width=EDGE)
        if look.collar == "sailor":
            pen.area([(0.0, 2.0), (-0.3, 2.4), (0.3, 2.4)], edge)


def _head(pen: Pen, look: Look) -> None:
    """Ears, face, the shadow of the hair, cheeks and nose."""
    skin, shadow, edge = look.skin, _shadow(look), shaded(look.skin, 0.55)
    for side in (-1, 1):
        pen.ellipse((side * 1.0, 0.28), (0.16, 0.24), shadow, edge=edge, width=EDGE)
    jaw, chin, turn = 0.07 * look.shape, 1.12 - 0.05 * look.shape, 0.1 * look.turn
    half = [(-0.98, -0.2), (-0.97, 0.3), (-0.76 - jaw, 0.74), (-0.34 - jaw, 1.02), (0.0, chin)]
    outline = mirrored([(0.0, -1.1), (-0.8, -0.85), *half])
    pen.blob([(x + turn * max(0.0, y), y) for x, y in outline], skin, edge=edge, width=EDGE)
    avatar_hair.shadow(pen, look, shadow)
    if look.has_blush:
        for side in (-1, 1):
            middle = _on_face(look, side * 0.6, 0.66)
            pen.ellipse(middle, (0.28, 0.15), mixed(skin, (255, 72, 96), 0.35))
            pen.ellipse(middle, (0.2, 0.1), mixed(skin, (255, 72, 96), 0.6))
    x, y = _on_face(look, 0.05 * look.turn, 0.56)
    pen.line([(x - 0.03, y - 0.05), (x + 0.03 * (1 if look.turn > 0 else -1), y + 0.02)], edge, 0.045)


def _on_face(look: Look, x: float, y: float) -> tuple[float, float]:
    """A point of the face after the turn of the head, which moves the middle most."""
    return x + 0.2 * look.turn * (1 - 0.35 * abs(x)), y


def _shadow(look: Look) -> Color:
    red, green, blue = look.skin
    return round(red * 0.88), round(green * 0.78), round(blue * 0.77)


def _eye(pen: Pen, look: Look, side: int) -> None:
    """White, iris, pupil, lights and lashes."""
    x, y = _on_face(look, side * (0.46 + 0.02 * look.jitter[10]), 0.2 + 0.04 * look.jitter[11])
    wide = (0.29 + 0.02 * look.jitter[12]) * (1 - 0.14 * side * look.turn)
    high = (0.36 if look.has_round_eyes else 0.2) + 0.02 * look.jitter[13]
    slant = (0.0 if look.has_round_eyes else 0.05) + 0.04 * look.jitter[14]
    outer, inner = (x + side * wide, y - slant), (x - side * wide, y + 0.3 * slant)
    upper = [(x + side * 0.6 * wide, y - 0.8 * high - slant), (x - side * 0.35 * wide, y - 0.82 * high)]
    lower = [(x - side * 0.5 * wide, y + 0.72 * high), (x + side * 0.55 * wide, y + 0.74 * high - 0.5 * slant)]
    pen.blob([outer, *upper, inner, *lower], WHITE)
    look_x, tall = x + 0.05 * look.jitter[9] + 0.03 * look.turn, 0.84 * high
    color, iris = look.eye_color, min(0.68 * wide, 0.21)
    pen.ellipse((look_x, y), (iris, tall), shaded(color, 0.42))
    pen.ellipse((look_x, y + 0.28 * tall), (0.8 * iris, 0.66 * tall), color)
    pen.ellipse((look_x, y + 0.6 * tall), (0.55 * iris, 0.32 * tall), mixed(color, WHITE, 0.4))
    pen.ellipse((look_x, y + 0.02), (0.42 * iris, 0.42 * tall), shaded(color, 0.2))
    pen.ellipse((look_x - 0.4 * iris, y - 0.42 * tall), (0.4 * iris, 0.26 * tall), WHITE)
    pen.ellipse((look_x + 0.42 * iris, y + 0.42 * tall), (0.2 * iris, 0.14 * tall), WHITE)
    corner = (outer[0] + side * 0.08, outer[1] - 0.04)
    rim, thick = [inner, upper[1], upper[0], corner], 0.11 + 0.02 * look.jitter[0]
    pen.area([*curve([(across, down - thick) for across, down in rim]), *curve([*rim[:0:-1], inner])], INK)
    pen.line([lower[0], lower[1], outer], mixed(INK, look.skin, 0.35), 0.045)


def _brow(pen: Pen, look: Look, side: int) -> None:
    high = (0.4 if look.has_round_eyes else 0.28) + 0.04 * look.jitter[15]
    mood = 0.06 * look.jitter[14] if look.is_smiling else 0.02 - 0.06 * abs(look.jitter[14])
    places = ((0.7, 0.0 + mood), (0.48, -0.07), (0.25, 0.0 - mood))
    points = [_on_face(look, side * x, 0.2 - high + y) for x, y in places]
    pen.line(points, shaded(mixed(look.hair_color, look.skin, 0.2), 0.55), 0.05)


def _mouth(pen: Pen, look: Look) -> None:
    x, y = _on_face(look, 0.0, 0.8 + 0.02 * look.jitter[10])
    wide = 0.28 + 0.04 * look.jitter[8]
    ink = shaded(mixed(look.skin, LIPS, 0.5), 0.4)
    if look.is_smiling and look.has_open_mouth:
        corners = [(x - wide, y - 0.1), (x, y - 0.05), (x + wide, y - 0.1)]
        pen.area([*corners, (x + 0.65 * wide, y + 0.1), (x, y + 0.2), (x - 0.65 * wide, y + 0.1)], LIPS)
        pen.ellipse((x, y + 0.11), (0.5 * wide, 0.07), (236, 130, 130))
        pen.line(corners, ink, 0.06)
    elif look.is_smiling:
        left, right = (x - wide, y - 0.11), (x + wide, y - 0.11)
        pen.line([left, (x - 0.55 * wide, y + 0.04), (x + 0.55 * wide, y + 0.04), right], ink, 0.08)
    elif look.has_open_mouth:
        pen.ellipse((x, y + 0.03), (0.55 * wide, 0.15 + 0.02 * look.jitter[9]), LIPS, edge=ink, width=0.05)
    else:
        bow = 0.02 * look.jitter[9] - 0.02
        pen.line([(x - 0.5 * wide, y - bow), (x, y + bow), (x + 0.5 * wide, y - bow)], ink, 0.07)


def _glasses(pen: Pen, look: Look) -> None:
    frame = ((40, 36, 44), (150, 40, 48), (44, 60, 120))[int(1.49 * (look.jitter[15] + 1))]
    lenses = []
    for side in (-1, 1):
        x, y = _on_face(look, side * 0.47, 0.23)
        wide, high = 0.38, 0.34 if look.jitter[14] > 0 else 0.28
        box = [(-wide, 0.0), (-0.85 * wide, -0.85 * high), (0.0, -high), (0.85 * wide, -0.85 * high)]
        lens = [(x + across, y + down) for across, down in (*box, *[(-across, -down) for across, down in box])]
        pen.line([*lens, lens[0]], frame, 0.065)
        lenses.append((x, y, wide))
    (left, y, wide), (right, _, _) = lenses
    pen.line([(left + wide, y - 0.04), ((left + right) / 2, y - 0.08), (right - wide, y - 0.04)], frame, 0.06)
    for side, x in ((-1, left), (1, right)):
        pen.line([(x + side * wide, y - 0.02), (side * 1.02, y - 0.06)], frame, 0.06)
