"""Figures drawn with matplotlib, as the bytes of PNG files."""

from __future__ import annotations

import io
import logging
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from gancli.core.backend import np
from gancli.core.streams import escaped

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

LEGEND_IMAGE_INCHES = 4.0  # longer side of an image with a legend
NOT_PLOTTED = (
    "step",
    "epoch",
    "images",
    "images_per_second",
    "seconds",
    "stage",
    "missing_classes",
    "diversity",
    "windows_psnr",
    "pictures_accuracy",
)


def losses(records: Sequence[Mapping[str, object]]) -> bytes:
    """Training curves: losses, the discriminator outputs D(x) and D(G(z)), and scores, by step."""
    plotted = dict.fromkeys(
        name for record in records for name in record if name not in NOT_PLOTTED and not name.endswith("_gradient")
    )
    panels: dict[str, list[str]] = {"loss": []}
    for name in plotted:
        panels.setdefault(_panel(name), []).append(name)
    figure = _figure(8, 1.5 + 2 * len(panels))
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axes, (kind, names) in zip(grid, panels.items(), strict=True):
        for name in names:
            with_name = [record for record in records if name in record]
            style = "k.-" if name == "score" else "-"
            steps, values = ([record[key] for record in with_name] for key in ("step", name))
            axes.plot(steps, values, style, label=name.replace("_", " "), linewidth=1)
        axes.set(ylabel="probability of being real" if kind == "probability" else kind)
        if kind == "probability":
            axes.axhline(0.5, color="gray", linewidth=0.5)
        if names:
            axes.legend(loc="best", fontsize=8)
    grid[-1].set(xlabel="step")
    return _png(figure)


def _panel(name: str) -> str:
    """The panel of a scalar: losses together, probabilities together, others alone."""
    if name.startswith(("D(", "p_")):
        return "probability"
    if name.startswith("output_"):
        return "output"
    for kind in ("iou", "accuracy"):
        if kind in name:
            return kind
    return "loss" if name.endswith(("loss", "cost")) or name.startswith("energy") else name


def line(
    real: np.ndarray, fake: np.ndarray, at: np.ndarray, belief: np.ndarray | None, *, z: np.ndarray | None
) -> bytes:
    """Figure 1 of Goodfellow et al. 2014: density of the data dotted, of the generator green, D dashed blue; below,
    lines from z to G(z).

    real: float (count, 1). fake, z: float (count, 1), in pairs. at: positions to plot, float (positions, 1); belief: D
    at these positions, (positions, 1).
    """
    figure = _figure(4.5, 3 if z is None else 4)
    heights = (3,) if z is None else (3, 1)
    upper, *lower = figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0]
    places = at.ravel()
    upper.plot(places, _density(real, places), "k:", label="data")
    upper.plot(places, _density(fake, places), "g-", label="generated")
    upper.set(ylabel="density")
    upper.legend(loc="upper right", fontsize=7)
    if belief is not None:
        beside = upper.twinx()
        beside.plot(places, belief.ravel(), "b--", linewidth=1)
        beside.set_ylabel("discriminator D(x)", color="b")
        if 0 <= belief.min() <= belief.max() <= 1:
            beside.set_ylim(0, 1)
    for axes in lower:
        _lines_from(z, fake, axes, low=places.min(), high=places.max())
    return _png(figure)


def _lines_from(z: np.ndarray, x: np.ndarray, axes: Axes, *, low: float, high: float) -> None:
    """About forty lines from z, scaled to the axis, to x."""
    order = np.argsort(z.ravel())[:: max(1, len(z) // 40)]
    starts = low + (high - low) * (z.ravel()[order] - z.min()) / max(np.ptp(z), 1e-9)
    for start, end in zip(starts, np.clip(x.ravel()[order], low, high), strict=True):
        axes.plot([start, end], [0, 1], color="gray", linewidth=0.5)
    axes.set(yticks=[0, 1], yticklabels=["z", "x"], ylim=(0, 1), xlim=(low, high))


def plane(real: np.ndarray, fake: np.ndarray, at: np.ndarray, belief: np.ndarray | None) -> bytes:
    """Real points gray, generated points green, float (count, 2), over the output of D as shades of blue.

    at: a square mesh, float (side², 2); belief: D on it, (side², 1).
    """
    figure = _figure(4.5, 4)
    axes = figure.subplots()
    if belief is not None:
        side = round(len(at) ** 0.5)
        x, y, shade = (values.reshape(side, side) for values in (at[:, 0], at[:, 1], belief))
        figure.colorbar(axes.contourf(x, y, shade, 20, cmap="Blues", alpha=0.6), label="discriminator D(x)")
    axes.scatter(*real.T, s=1, color="gray", label="data")
    axes.scatter(*fake.T, s=1, color="green", label="generated")
    axes.set(xlim=(at[:, 0].min(), at[:, 0].max()), ylim=(at[:, 1].min(), at[:, 1].max()))
    axes.legend(loc="upper right", fontsize=7, markerscale=5)
    return _png(figure)


def _density(points: np.ndarray, places: np.ndarray) -> np.ndarray:
    """A smoothed histogram at these positions."""
    from scipy.ndimage import gaussian_filter1d

    edges = np.append(places, 2 * places[-1] - places[-2])
    counts, _ = np.histogram(points.ravel(), edges)
    return gaussian_filter1d(counts / len(points) / np.diff(edges), 1.0)


def spectra(spectra_by_name: Mapping[str, np.ndarray]) -> bytes:
    """PNG of power spectra, float (frequencies,), by name, over cycles per image from 1 on, in log-log scale."""
    figure = _figure(6, 4)
    axes = figure.subplots()
    for name, values in spectra_by_name.items():
        axes.loglog(np.arange(1, len(values) + 1), values, label=name)
    axes.set(xlabel="cycles per image", ylabel="power")
    axes.legend(fontsize=8)
    return _png(figure)


def codes(z: np.ndarray, labels: np.ndarray | None, classes: Sequence[str]) -> bytes:
    """A scatter plot of latent codes float (count, 2), colored by class if labels int (count,) are known."""
    figure = _figure(6, 5)
    axes = figure.subplots()
    if labels is None:
        axes.scatter(*z.T, s=4)
    else:
        dots = [
            axes.scatter(*z[labels == label].T, s=4, color=_color(label, len(classes))) for label in range(len(classes))
        ]
        axes.legend(dots, classes, loc="upper right", fontsize=7, markerscale=3)
    axes.set(xlabel="z 0", ylabel="z 1", aspect="equal")
    return _png(figure)


def _color(number: int, count: int) -> tuple[float, ...]:
    from matplotlib import colormaps

    return colormaps["tab10"](number) if count <= 10 else colormaps["turbo"](number / max(count - 1, 1))


def rows_of_images(rows: Sequence[tuple[str, Sequence[tuple[str, np.ndarray] | None]]], *, side: float = 1.25) -> bytes:
    """Rows of titled images uint8 (height, width, channels), None for a gap, with the name of each row at its left.

    side: of an image, in inches at 110 pixels per inch.
    """
    columns = max(len(cells) for _, cells in rows)
    names = 1.2 if any(name for name, _ in rows) else 0
    figure = _figure(side * columns + names, (side + 0.25) * len(rows))
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for axes_row, (name, cells) in zip(grid, rows, strict=True):
        for index, axes in enumerate(axes_row):
            if index < len(cells) and cells[index]:
                _show(axes, *cells[index])
            else:
                axes.set_axis_off()
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
    return _png(figure)


def with_legend(
    pictures: Sequence[tuple[str, np.ndarray]], legend: Sequence[tuple[str, tuple[int, int, int]]]
) -> bytes:
    """PNG of titled images of one size side by side, with a legend.

    pictures: titles, and images uint8 (height, width, channels). legend: names, and colors as RGB from 0 to 255.
    """
    from matplotlib.patches import Patch  # slow to import

    height, width = pictures[0][1].shape[:2]
    wide, tall = (LEGEND_IMAGE_INCHES * side / max(height, width) for side in (width, height))
    figure = _figure(len(pictures) * wide + 1.8, max(tall, 0.22 * len(legend)) + 0.2)
    for axes, (title, pixels) in zip(figure.subplots(1, len(pictures), squeeze=False)[0], pictures, strict=True):
        _show(axes, title, pixels)
    patches = [Patch(facecolor=[part / 255 for part in color]) for _, color in legend]
    figure.legend(patches, [name for name, _ in legend], loc="outside right center", fontsize=8, frameon=False)
    return _png(figure)


def _show(axes: Axes, title: str, pixels: np.ndarray) -> None:
    axes.imshow(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255)
    axes.set_title(title, fontsize=8)
    axes.set(xticks=[], yticks=[])


def _figure(width: float, height: float) -> Figure:
    logging.getLogger("matplotlib").setLevel(logging.ERROR)  # it warns about a read-only home folder
    from matplotlib.figure import Figure  # slow to import

    return Figure((width, height), dpi=110, layout="constrained")


def _png(figure: Figure) -> bytes:
    """The PNG file. Titles and legends are literal text, not formulas, with control characters escaped."""
    texts = [text for axes in figure.axes for text in (axes.title, axes.xaxis.label, axes.yaxis.label)]
    legends = [legend for axes in figure.axes if (legend := axes.get_legend())] + figure.legends
    for text in [*texts, *(text for legend in legends for text in legend.get_texts())]:
        text.set(text="\n".join(map(escaped, text.get_text().split("\n"))), parse_math=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
