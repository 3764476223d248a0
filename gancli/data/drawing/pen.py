"""A pen that draws smooth shapes, given in coordinates of their own, on an image."""

from __future__ import annotations

import functools
import math

from gancli.core.backend import Image, ImageDraw, np

Color = tuple[int, int, int]
Point = tuple[float, float]
Points = list[Point]
PIECES = 6  # straight lines between two points of a curve
CORNERS = 24  # of an ellipse


class Pen:
    """Draws on an image of one color in coordinates (x, y), y downward: scaled, rotated and moved.

    side: of the image in pixels. unit: pixels of the length 1. tilt: rotation in radians. center: pixels of (0, 0).
    """

    def __init__(
        self, side: int, ground: Color, *, unit: float = 1.0, tilt: float = 0.0, center: Point = (0, 0)
    ) -> None:
        self.image = Image.new("RGB", (side, side), ground)
        self.unit = unit
        self._draw = ImageDraw.Draw(self.image)
        across, down = unit * math.cos(tilt), unit * math.sin(tilt)
        self._turn, self._center = np.array([[across, down], [-down, across]]), np.array(center)

    def area(self, points: Points, color: Color, *, edge: Color | None = None, width: float = 0.0) -> None:
        """A polygon with corners; edge: color of its outline, which is `width` wide."""
        self._area(np.array(points), color, edge, width)

    def blob(self, points: Points, color: Color, *, edge: Color | None = None, width: float = 0.0) -> None:
        """The area inside a smooth closed curve through these points (a Catmull-Rom spline)."""
        self._area(_closed(len(points)) @ np.array(points), color, edge, width)

    def ellipse(
        self, middle: Point, radii: Point, color: Color, *, edge: Color | None = None, width: float = 0.0
    ) -> None:
        """An ellipse whose axes are those of the coordinates."""
        self._area(np.array(middle) + _circle() * np.array(radii), color, edge, width)

    def line(self, points: Points, color: Color, width: float) -> None:
        """A smooth curve through these points."""
        self._line(_open(len(points)) @ np.array(points), color, width)

    def _area(self, points: np.ndarray, color: Color, edge: Color | None, width: float) -> None:
        self._draw.polygon(self._to_pixels(points), fill=color)
        if edge is not None:
            self._line(np.concatenate([points, points[:2]]), edge, width)

    def _line(self, points: np.ndarray, color: Color, width: float) -> None:
        self._draw.line(self._to_pixels(points), fill=color, width=max(1, round(width * self.unit)))

    def _to_pixels(self, points: np.ndarray) -> list[float]:
        return (points @ self._turn + self._center).ravel().tolist()


def mixed(color: Color, other: Color, share: float) -> Color:
    """A color with this share of another."""
    return tuple(round(one + share * (two - one)) for one, two in zip(color, other, strict=True))


def shaded(color: Color, share: float) -> Color:
    """A color made darker (share below 1) or lighter."""
    return mixed(color, (0, 0, 0), 1 - share) if share < 1 else mixed(color, (255, 255, 255), share - 1)


def curve(points: Points) -> Points:
    """Many points of the smooth curve through these: a Catmull-Rom spline."""
    return list(map(tuple, (_open(len(points)) @ np.array(points)).tolist()))


@functools.cache
def _circle() -> np.ndarray:
    angles = np.linspace(0, 2 * np.pi, CORNERS, endpoint=False)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1)


@functools.cache
def _closed(count: int) -> np.ndarray:
    """The weights of `count` points for each point of the closed curve: (count * PIECES, count)."""
    return _splined([[(at + step) % count for step in (-1, 0, 1, 2)] for at in range(count)], count)


@functools.cache
def _open(count: int) -> np.ndarray:
    last = count - 1
    spans = [[min(max(at + step, 0), last) for step in (-1, 0, 1, 2)] for at in range(last)]
    return np.concatenate([_splined(spans, count), np.eye(count)[-1:]])


def _splined(spans: list[list[int]], count: int) -> np.ndarray:
    """Catmull-Rom splines between the second and third of four points each."""
    t = np.arange(PIECES)[:, None] / PIECES
    basis = 0.5 * np.concatenate(
        [-t + 2 * t**2 - t**3, 2 - 5 * t**2 + 3 * t**3, t + 4 * t**2 - 3 * t**3, t**3 - t**2], axis=1
    )
    weights = np.zeros((len(spans), PIECES, count))
    for row, span in zip(weights, spans, strict=True):
        for column, at in enumerate(span):
            row[:, at] += basis[:, column]
    return weights.reshape(-1, count)
