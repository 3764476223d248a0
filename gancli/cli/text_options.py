"""Texts that a command is given: checked, read by the run's model, and drawn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, path_types
from gancli.core.backend import np
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.opened_run import TrainedModel
    from gancli.core.latents import Seeds
    from gancli.models.capabilities import TextEncoder

FOLDED = 24  # letters in a line beside a picture
MOST_IN_A_ROW = 64  # images of a text in a picture
SHOWN = 8  # unknown words that are named


def option(text: str) -> Callable[[Callable], Callable]:
    """--text, once or several times, as `texts`."""
    return click.option("--text", "texts", multiple=True, metavar="TEXT", help=text)


word_vectors_option = click.option(
    "--word-vectors",
    type=path_types.INPUT,
    metavar="FILE",
    help="Vectors of words from word2vec or GloVe, as text: words that the run does not know are read by these.",
)


def learn_words(model: TextEncoder, path: Path | None) -> None:
    """Let a model know the words of a file of vectors, if one is given. Raises: DataError, OptionError."""
    if path is None:
        return
    from gancli.data import word_vectors
    from gancli.models.capabilities import SentencePredictor

    if not isinstance(model, SentencePredictor):
        raise OptionError(f"--word-vectors: {model.name()} takes none; skip-thoughts does")
    flags.note(f"{model.learn_words(*word_vectors.read(path, tell=flags.tell_remarks)):,} words learned from {path}")


def check(texts: Sequence[str]) -> list[str]:
    """The texts without spaces around them. Raises: OptionError if one holds no word."""
    from gancli.data import tokenization as spelling

    return [spelling.check(text) for text in texts]


def need_words(model: TextEncoder, texts: Sequence[str]) -> None:
    """Say which words the model does not know. Raises: OptionError if it knows none of a text."""
    from gancli.data import tokenization as spelling

    for text in texts:
        unknown = model.vocabulary.unknown(text)
        if len(unknown) == len(spelling.words(text)):
            raise OptionError(
                f"no word of '{text[:60]}' is known to the run; it was trained on such as: {_example(model)}"
            )
        if unknown:
            shown = ", ".join(unknown[:SHOWN]) + (f" and {len(unknown) - SHOWN} more" if unknown[SHOWN:] else "")
            flags.note(f"warning: not known to the run, and read as unknown words: {shown}")


def _example(model: TextEncoder) -> str:
    return f"'{model.data.captions[0]}'" if model.data.captions else ", ".join(model.data.words[:SHOWN])


def tell(chosen: TrainedModel, texts: Sequence[str]) -> None:
    """Let the run draw by these texts. Raises: OptionError for a model that takes none, or knows no word of one."""
    if not chosen.sampler.takes_texts:
        raise OptionError(f"--text: {chosen.model.name()} takes no text; train one that does: --model gan-cls")
    need_words(chosen.model, texts)
    chosen.sampler.tell(texts)


def takes_texts(run: object) -> bool:
    """Whether a run's model is told texts."""
    return "caption" in run.model_class.columns_of(run.options())


def draw(
    choice: flags.RunChoice, texts: list[str], seeds: Seeds | None, styles: tuple[Path, ...], out: Path | None
) -> tuple[dict[str, object], list[str]]:
    """Draw a row for each text: of seeds, or in the styles of pictures. Returns: the result and its lines.

    Raises: OptionError, DataError.
    """
    from gancli.cli import image_inputs, opened_run
    from gancli.core import files
    from gancli.core.latents import Seeds
    from gancli.imaging import plots
    from gancli.inference.sample_stream import Images, Order

    opened_run.check_ending(out)
    chosen = opened_run.open_run(choice, prefer=takes_texts)
    tell(chosen, texts)
    beside = list(image_inputs.opened(chosen, list(styles))[0]) if styles else []  # of a folder all
    numbers = Seeds([range(len(beside) or 8)]) if seeds is None else seeds
    count = len(numbers)
    is_picture = out is None or (out.suffix.lower() == ".png" and not out.is_dir())
    if is_picture and count > MOST_IN_A_ROW:
        raise OptionError(
            f"{count:,} images of a text are more than a picture holds, {MOST_IN_A_ROW}: --out to a folder"
        )
    order = Order.rows(numbers, len(texts))
    if beside:
        labels = np.arange(len(texts)).repeat(count)
        pixels = chosen.sampler.decode(np.tile(_styles(chosen, np.stack(beside)), (len(texts), 1)), labels)
        images = Images.held(pixels, list(order), labels.astype(np.int32))
    else:
        images = chosen.sampler.draw(order)
    out = out or opened_run.fresh(chosen.run, f"sample-{files.safe_name(texts[0])[:40]}-{chosen.step:08}", ".png")
    if is_picture:
        rows = [("in the style of", [("", image) for image in beside])] if beside else []
        pixels = images.at_once().pixels
        for at, text in enumerate(texts):
            titles = [f"seed {number}" if not (at or beside) else "" for number in numbers]
            cells = list(zip(titles, pixels[at * count : (at + 1) * count], strict=True))
            rows.append((folded(text), cells))
        files.atomic_write(out, plots.rows_of_images(rows))
    else:
        opened_run.write(out, images, classes=tuple(texts))
    result = chosen.about() | {"out": str(out), "images": len(images), "texts": texts}
    result |= {"style_of": list(map(str, styles))} if styles else opened_run.told_seeds(numbers)
    how = f"in the style of {', '.join(map(str, styles))}" if styles else f"of {count:,} seeds each"
    lines = [f"{out}: {len(images):,} images {how}, step {chosen.step:,} of {chosen.run.path}", *texts]
    return result, lines


def _styles(chosen: TrainedModel, pixels: np.ndarray) -> np.ndarray:
    """The z of each picture's style, float32 (pictures, z_size). Raises: OptionError for a model that takes none."""
    from gancli.core.backend import tf
    from gancli.imaging import images
    from gancli.models.capabilities import StyleEncoder

    if not isinstance(chosen.model, StyleEncoder):
        raise OptionError(f"--style-of: {chosen.model.name()} cannot: {StyleEncoder.lacking}")
    return np.asarray(chosen.model.style(images.from_uint8(tf.constant(pixels))))


def folded(text: str) -> str:
    """In short lines, to stand beside a picture."""
    import textwrap

    return "\n".join(textwrap.wrap(text, FOLDED))
