"""Figures drawn with matplotlib, as the bytes of PNG files."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

NOT_DRAWN = (
    "step",
    "epoch",
    "images",
    "images_per_second",
    "seconds",
    "stage",
    "score",
    "missing_classes",
    "diversity",
)


def losses(records: Sequence[Mapping[str, object]]) -> bytes:
    """Losses, the discriminator's beliefs D(x) and D(G(z)), and scores if there are any, over the steps."""
    scored = [record for record in records if "score" in record]
    figure = _figure(8, 7 if scored else 5)
    upper, lower, *last = figure.subplots(3 if scored else 2, 1, sharex=True)
    steps = [record["step"] for record in records]
    for name in [name for name in records[-1] if name not in NOT_DRAWN and not name.endswith("_gradient")]:
        axes = lower if name.startswith("D(") else upper
        axes.plot(steps, [record.get(name, np.nan) for record in records], label=name.replace("_", " "), linewidth=1)
    lower.axhline(0.5, color="grey", linewidth=0.5)
    lower.set(ylim=(0, 1), ylabel="belief")
    upper.set(ylabel="loss")
    for axes in last:
        axes.plot(*zip(*((record["step"], record["score"]) for record in scored), strict=True), "k.-", linewidth=1)
        axes.set(ylabel="score")
    (last or [lower])[-1].set(xlabel="step")
    for axes in (upper, lower):
        if axes.lines and axes.get_legend_handles_labels()[0]:
            axes.legend(loc="best", fontsize=8)
    return _png(figure)


def rows_of_images(rows: Sequence[tuple[str, Sequence[tuple[str, np.ndarray] | None]]]) -> bytes:
    """Rows of titled images (None: a gap), each with a name at its left. Images: uint8 (height, width, channels)."""
    columns = max(len(cells) for _, cells in rows)
    figure = _figure(1.25 * columns + 1.2, 1.5 * len(rows))
    grid = figure.subplots(len(rows), columns, squeeze=False)
    for axes_row, (name, cells) in zip(grid, rows, strict=True):
        for index, axes in enumerate(axes_row):
            if index < len(cells) and cells[index]:
                _show(axes, *cells[index])
            else:
                axes.set_axis_off()
        axes_row[0].set_ylabel(name, rotation=0, ha="right", va="center", fontsize=11)
    return _png(figure)


def _show(axes: Axes, title: str, pixels: np.ndarray) -> None:
    axes.imshow(pixels.squeeze(-1) if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=255)
    axes.set_title(title, fontsize=8)
    axes.set(xticks=[], yticks=[])


def _figure(width: float, height: float) -> Figure:
    from matplotlib.figure import Figure  # slow to import

    return Figure((width, height), dpi=110, layout="constrained")


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    return buffer.getvalue()
