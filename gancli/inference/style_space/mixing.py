"""Style mixing: some style layers of one image, all others of another. Karras et al. 2019 (1812.04948), figure 3."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.core.options import whole
from gancli.imaging import plots
from gancli.inference.style_space.sampler import StyleSampler

MOST_LAYERS = 10**6
NAMES = {"coarse": range(4), "middle": range(4, 8), "fine": range(8, MOST_LAYERS)}  # of 4 and 8, 16 and 32, from 64 on
MOST_IMAGES = 64  # in each direction of a grid


def parse_layers(text: str) -> range:
    """Style layers as a number or range from 0 on, such as 0-3, or by name, as in the paper: coarse is 0-3, of the
    resolutions 4 and 8, middle 4-7, fine all others. Raises: OptionError."""
    if text.casefold() in NAMES:
        return NAMES[text.casefold()]
    first, dash, last = text.partition("-")
    ends = [whole(part, MOST_LAYERS) for part in ([first, last] if dash else [first])]
    if None in ends or ends[0] > ends[-1]:
        raise OptionError(f"style layers '{text}': expected coarse, middle, fine or a range such as 0-3")
    return range(ends[0], ends[-1] + 1)


def layers_of(text: str, name: str, style_layers: int) -> range:
    """The layers of `parse_layers` that a model has; its name is for the error. Raises: OptionError if it has none of
    those named, or not all of a range."""
    layers = parse_layers(text)
    is_named = text.casefold() in NAMES
    found = range(layers.start, min(layers.stop, style_layers))
    if not found or (not is_named and found != layers):
        raise OptionError(f"{name} has no style layers '{text}': it has the layers 0-{style_layers - 1}, coarse first")
    return found


def mix(first: np.ndarray, second: np.ndarray, layers: range) -> np.ndarray:
    """Every pair of styles mixed: those of `second` in these layers, those of `first` in all others.

    first, second: float32 (rows, style_layers, w_size) and (columns, style_layers, w_size). Returns: float32 (rows,
    columns, style_layers, w_size).
    """
    of_second = np.isin(np.arange(first.shape[1]), layers)[:, None]
    return np.where(of_second, second[None], first[:, None])


class StyleMix(NamedTuple):
    """A grid of mixed images with its sources, all uint8.

    rows: sources of the rows, which give all other layers, (rows, height, width, channels). columns: sources of the
    columns, which give `layers`, (columns, …). mixed: (rows, columns, height, width, channels).
    """

    rows: np.ndarray
    columns: np.ndarray
    mixed: np.ndarray
    layers: range

    def figure(self, row_names: list[str], column_names: list[str]) -> bytes:
        """The grid as a PNG file, with the sources above and at the left."""
        lines = [("", [None, *zip(column_names, self.columns, strict=True)])]
        for name, source, images in zip(row_names, self.rows, self.mixed, strict=True):
            lines.append(("", [(name, source), *(("", image) for image in images)]))
        return plots.rows_of_images(lines)


def mix_images(sampler: StyleSampler, first: np.ndarray, second: np.ndarray, layers: range) -> StyleMix:
    """The images of all pairs of two sets of styles, truncated if the sampler is.

    first, second: float32 (rows, w_size) and (columns, w_size), or with one style for each layer.
    """
    rows, columns = sampler.truncated(first), sampler.truncated(second)
    mixed = mix(rows, columns, layers).reshape(-1, *rows.shape[1:])
    pixels = sampler.from_w(np.concatenate([rows, columns, mixed]))
    left, above, inside = np.split(pixels, [len(rows), len(rows) + len(columns)])
    return StyleMix(left, above, inside.reshape(len(rows), len(columns), *inside.shape[1:]), layers)


def layer_words(layers: range) -> str:
    """A range as it is given: 0-3, or 5."""
    return str(layers[0]) if len(layers) == 1 else f"{layers[0]}-{layers[-1]}"
