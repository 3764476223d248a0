"""The hair of an avatar: behind the head, in front of it, and a hat."""

from __future__ import annotations

from gancli.data.drawing.avatar_looks import Look
from gancli.data.drawing.pen import Color, Pen, Points, curve, mixed, shaded

EDGE = 0.05  # width of outlines, relative to half the head


def mirrored(points: Points) -> Points:
    """Points of the left half, and those of the right half in reverse order."""
    return [*points, *[(-x, y) for x, y in reversed(points) if x]]


def behind(pen: Pen, look: Look) -> None:
    """The hair behind the head and shoulders."""
    color, edge = shaded(look.hair_color, 0.8), dark(look)
    wide, low = 1 + 0.06 * look.jitter[0], 0.2 * look.jitter[1]
    if look.style == "twin tails":
        for side in (-1, 1):
            _tail(pen, look, side)
    if look.style == "long":
        lower = [(-1.3 * wide, 0.4), (-1.42 * wide, 1.3), (-1.5 * wide, 2.6), (0.0, 2.9)]
    elif look.style == "short":
        lower = [(-1.24 * wide, 0.2), (-1.2 * wide, 0.75 + low), (-0.8, 1.0 + low), (0.0, 0.85)]
    else:
        lower = [(-1.16, 0.1), (-1.0, 0.6), (-0.5, 0.7), (0.0, 0.7)]
    pen.blob(mirrored([(0.0, -1.34), (-0.75, -1.16), (-1.2, -0.5), *lower]), color, edge=edge, width=EDGE)


def _tail(pen: Pen, look: Look, side: int) -> None:
    wide, long = 0.2 * look.jitter[0], 0.35 * look.jitter[1]
    outer = [(1.0, -0.85), (1.5, -0.85), (1.85 + wide, -0.2), (1.95 + wide, 0.7), (1.8 + wide, 1.6 + long)]
    inner = [(1.55, 2.1 + long), (1.45, 1.5), (1.4, 0.7), (1.25, 0.0), (1.0, -0.4)]
    pen.blob([(side * x, y) for x, y in (*outer, *inner)], look.hair_color, edge=dark(look), width=EDGE)
    for at in (1.45, 1.65):
        strand = [(1.2, -0.6), (at + 0.05, 0.0), (at + 0.1, 0.8), (at, 1.5 + long)]
        pen.line([(side * x, y) for x, y in strand], shaded(look.hair_color, 0.8), 0.04)


def before(pen: Pen, look: Look) -> None:
    """The hair on top and in front of the face: strands at its sides, and bangs or a parting."""
    color, edge, turn = look.hair_color, dark(look), 0.12 * look.turn
    for side in (-1, 1):
        _strand(pen, look, side)
    pen.area([*_crown(look), *_hairline(look)], color, edge=edge, width=EDGE)
    _shine(pen, look)
    if look.jitter[3] > 0.4 and not look.has_hat:  # a loose hair on top
        side = 1 if look.jitter[4] > 0 else -1
        leaf = [(-0.08, -1.28), (0.0, -1.55), (0.3, -1.72), (0.48, -1.66), (0.24, -1.56), (0.12, -1.28)]
        pen.blob([(turn + side * x, y) for x, y in leaf], color, edge=edge, width=EDGE)


def shadow(pen: Pen, look: Look, color: Color) -> None:
    """The shadow of the hair on the face."""
    pen.area([(-0.8, -1.1), (0.8, -1.1), *[(x, y + 0.12) for x, y in _hairline(look)]], color)


def _crown(look: Look) -> Points:
    """The upper edge of the hair, from left to right."""
    top = -0.04 * look.jitter[2]
    points = [(-1.13, 0.1), (-1.18, -0.4), (-0.93, -1.0 + top), (-0.47, -1.28 + top), (0.0, -1.36 + top)]
    return curve(mirrored(points))


def _hairline(look: Look) -> Points:
    """The lower edge of the hair above the face, from right to left."""
    points = _bangs(look) if look.has_bangs else curve(_parted(look))
    return [(x + 0.12 * look.turn * (1 - abs(x)), y) for x, y in points]


def _strand(pen: Pen, look: Look, side: int) -> None:
    """The hair beside a cheek."""
    low = (0.5 if look.style == "short" else 0.8) + 0.25 * look.jitter[5]
    inner = 0.86 + 0.05 * look.jitter[6] + 0.08 * side * look.turn
    points = [(1.05, -0.6), (1.2, -0.1), (1.2, 0.3), (1.08, low), (inner + 0.08, low + 0.12)]
    points += [(inner, 0.35), (inner - 0.02, -0.1), (0.85, -0.6)]
    pen.blob([(side * x, y) for x, y in points], look.hair_color, edge=dark(look), width=EDGE)


def _bangs(look: Look) -> Points:
    """The lower edge of bangs, from right to left."""
    low = -0.12 + 0.08 * look.jitter[7]
    if look.fringe == "straight":
        tips = [(x, low + 0.12 * abs(x)) for x in (0.98, 0.62, 0.6, 0.2, 0.18, -0.22, -0.24, -0.62, -0.64, -0.98)]
        return [(x, y - (0.1 if at % 2 else 0)) for at, (x, y) in enumerate(tips)]
    if look.fringe == "spikes":
        count = 5 if look.jitter[8] > 0 else 6
        found: Points = [(1.0, 0.1)]
        for at in range(count):
            left, middle = 0.92 - 1.84 * (at + 1) / count, 0.92 - 1.84 * (at + 0.5) / count
            found += [(middle + 0.06 * look.jitter[9], low + 0.14 + 0.1 * look.jitter[10 + at % 4])]
            found += [(left, low - 0.22 + 0.1 * abs(left))] if at + 1 < count else []
        return [*found, (-1.0, 0.1)]
    side = 1 if look.jitter[8] > 0 else -1
    swept = [(1.0, 0.15), (0.7, -0.1), (0.66, -0.32), (0.3, 0.02), (0.2, -0.24), (-0.2, 0.0), (-0.34, -0.3)]
    swept += [(-0.6, -0.12), (-0.68, -0.42), (-0.95, 0.05)]
    moved = [(side * x, y + low + 0.12) for x, y in swept]
    return moved if side > 0 else moved[::-1]


def _parted(look: Look) -> Points:
    """The hairline of a free forehead, from right to left."""
    at = 0.1 * look.jitter[8] + (0.0 if look.fringe == "middle" else 0.45 if look.jitter[9] > 0 else -0.45)
    right = [(1.0, 0.15), (0.93, -0.2), (0.75, -0.5), (0.35 + 0.6 * at, -0.72)]
    left = [(-0.35 + 0.6 * at, -0.72), (-0.75, -0.5), (-0.93, -0.2), (-1.0, 0.15)]
    return [*right, (at, -0.95), *left]


def _shine(pen: Pen, look: Look) -> None:
    """A band of light across the hair, and lines of strands."""
    turn, line = 0.12 * look.turn, shaded(look.hair_color, 0.82)
    for x in (-0.55, -0.2, 0.2, 0.55) if look.has_bangs else ():
        pen.line([(0.5 * x + turn, -1.2), (0.9 * x + turn, -0.85), (x + turn, -0.5)], line, 0.035)
    if look.jitter[14] > -0.4 and look.has_bangs:
        light = mixed(look.hair_color, (255, 255, 255), 0.42)
        for left, right in ((-0.72, -0.28), (-0.2, 0.16), (0.26, 0.66)):
            upper = [(x + turn, -0.86 + 0.22 * x * x) for x in (left, (left + right) / 2, right)]
            lower = [(x + turn, -0.72 + 0.2 * x * x) for x in (right, (left + right) / 2, left)]
            pen.area([*upper, *lower], light)


def dark(look: Look) -> tuple[int, int, int]:
    """The color of the outlines of hair."""
    return shaded(look.hair_color, 0.5)


def hat(pen: Pen, look: Look) -> None:
    """A beret, a cap or a straw hat."""
    color, edge = look.hat_color, shaded(look.hat_color, 0.55)
    if look.hat == "beret":
        side = 1 if look.jitter[4] > 0 else -1
        points = [(-1.2, -0.72), (-1.45, -1.15), (-0.9, -1.6), (0.1, -1.72), (1.0, -1.5), (1.25, -1.0), (1.05, -0.78)]
        pen.blob([(side * x, y) for x, y in (*points, (0.0, -0.92))], color, edge=edge, width=EDGE)
        pen.line([(-1.1, -0.74), (0.0, -0.9), (1.05, -0.76)], edge, 0.12)
    elif look.hat == "cap":
        dome = [(-1.2, -0.62), (-1.1, -1.2), (-0.6, -1.58), (0.0, -1.66)]
        pen.blob([*mirrored(dome), (0.0, -0.78)], color, edge=edge, width=EDGE)
        brim = [(-0.85, -0.72), (0.0, -0.88), (0.85, -0.72), (0.75, -0.52), (0.0, -0.6), (-0.75, -0.52)]
        pen.blob([(x + 0.3 * look.turn, y) for x, y in brim], shaded(color, 0.75), edge=edge, width=EDGE)
    else:
        straw = mixed(color, (240, 215, 150), 0.8)
        pen.ellipse((0.0, -0.78), (1.75, 0.26), straw, edge=shaded(straw, 0.6), width=EDGE)
        pen.blob(mirrored([(-0.95, -0.82), (-0.9, -1.35), (-0.5, -1.62), (0.0, -1.66)]), straw)
        pen.line([(-0.95, -0.86), (0.0, -0.8), (0.95, -0.86)], color, 0.2)
