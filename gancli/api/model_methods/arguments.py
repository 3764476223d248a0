"""Seeds, latent vectors, labels and texts as methods of gancli.TrainedModel receive them."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeAlias, TypeGuard, TypeVar, cast

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError, value_text
from gancli.core.names.similar import did_you_mean
from gancli.models.capabilities import TextEncoder
from gancli.nn.latents import MAX_SEED, Seeds

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from gancli.inference.image_inputs import Array, OneImage
    from gancli.inference.trained_model import TrainedModel as Restored

Seed: TypeAlias = "int | np.integer"
SeedList: TypeAlias = "Seed | Iterable[Seed]"
Label: TypeAlias = "str | int | np.integer"  # the name or number of a class
Labels: TypeAlias = "Label | Sequence[Label] | np.ndarray"
Texts: TypeAlias = "str | Sequence[str]"
Vector: TypeAlias = "Array | Sequence[float]"  # z of one image
Vectors: TypeAlias = "Vector | Sequence[Vector]"
SeedsOrVectors: TypeAlias = "SeedList | Vectors"
SeedOrVectorOrImage: TypeAlias = "Seed | Vector | OneImage"
Word = TypeVar("Word", bound=str)
SEEDS = f"whole numbers from 0 to {MAX_SEED}, such as 3, [3, 11] or range(16)"


def in_words(value: object) -> str:
    """A value as a message shows it, on one line."""
    if isinstance(value, np.ndarray) and value.ndim:
        return f"an array of shape {value.shape} and type {value.dtype}"
    return " ".join(value_text(repr(value)).split())


def is_whole(value: object) -> TypeGuard[int]:
    """Whether a value is an integer, of Python or NumPy (which computes and compares as one), and no truth value."""
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def seed_list(seeds: object, name: str = "seeds") -> Seeds:
    """A SeedList: one seed, or several, at least one. Raises: OptionError."""
    bad: list[object]
    if isinstance(seeds, range):
        bad = [seed for ends in (seeds[:1], seeds[-1:]) for seed in ends if not 0 <= seed <= MAX_SEED]
        parts = [seeds] if seeds.step == 1 else [range(seed, seed + 1) for seed in seeds]
    else:
        given = [seeds] if is_whole(seeds) else seeds
        if isinstance(given, str | bytes) or not isinstance(given, Iterable):
            raise OptionError(f"{name} is {in_words(given)}: expected {SEEDS}")
        items = list(np.ravel(given)) if isinstance(given, np.ndarray) else list(given)
        bad = [seed for seed in items if not is_whole(seed) or not 0 <= seed <= MAX_SEED]
        parts = [] if bad else [range(int(seed), int(seed) + 1) for seed in items]
    if bad:
        raise OptionError(f"{name} holds {in_words(bad[0])}: expected {SEEDS}")
    if not parts:
        raise OptionError(f"{name} is empty: expected {SEEDS}")
    return Seeds(parts)


def z_rows(z: object, size: int, name: str = "z") -> np.ndarray:
    """Latent vectors, float32 (count, z_size), from one or several. Raises: DataError."""
    try:
        array = np.asarray(z)
    except ValueError as error:
        raise DataError(f"{name} is no array of numbers: expected latent vectors (count, {size})") from error
    if array.dtype.kind not in "iuf" or array.ndim not in (1, 2) or array.shape[-1] != size or not array.size:
        raise DataError(
            f"{name} is an array of shape {array.shape} and type {array.dtype}: expected latent vectors, numbers "
            f"({size},) or (count, {size})"
        )
    if not np.isfinite(array).all():
        raise DataError(f"{name} holds NaN or infinity: expected latent vectors (count, {size})")
    return np.atleast_2d(array).astype(np.float32)


def shape_of(value: object) -> tuple[int, ...] | None:
    """The shape of what may be an array; None for anything that is none."""
    try:
        return np.shape(cast("ArrayLike", value))  # any object is: at least an array of one object
    except ValueError:  # a list of parts of different lengths
        return None


def class_number(trained: Restored, label: object) -> int:
    """The number of a class by name or number. Raises: OptionError."""
    if not isinstance(label, str) and not is_whole(label):
        raise OptionError(f"label is {in_words(label)}: expected the name or number of a class")
    return trained.class_index(str(label))


def is_several(label: Labels | None) -> TypeGuard[Sequence[Label]]:
    """Whether a label is a list or array of labels, one for each image."""
    return isinstance(label, list | tuple | np.ndarray) and np.ndim(label) > 0


def label_rows(
    trained: Restored, label: Labels | None, count: int, *, default: np.ndarray | None = None
) -> np.ndarray | None:
    """The classes of images, int32 (count,), for a class-conditional model; None for any other.

    label: of all of them, or one for each. default: without a label; None if there has to be one.
    Raises: OptionError.
    """
    name = trained.outline.name()
    if not trained.is_class_conditional:
        if label is not None:
            raise OptionError(f"label={in_words(label)}: {name} takes no labels; use a model such as cgan")
        return default
    if label is None:
        if default is None:
            example = trained.run.facts.classes[-1]
            raise OptionError(f"{name} takes labels: give the class, for example label={example!r}")
        return default
    if not is_several(label):
        return np.full(count, class_number(trained, label), np.int32)
    if len(label) != count:
        raise OptionError(f"label has {len(label)} entries for {count} images: expected one class, or one for each")
    return np.array([class_number(trained, one) for one in label], np.int32)


def text_list(trained: Restored, text: object, name: str = "text") -> list[str]:
    """The Texts, one or several, without spaces around them, their words known. Raises: OptionError."""
    from gancli.data.texts import tokenization
    from gancli.inference import text_conditions

    texts = [text] if isinstance(text, str) else text
    if not isinstance(texts, list | tuple | np.ndarray) or not len(texts):
        raise OptionError(f"{name} is {in_words(text)}: expected a text or a list of texts")
    if wrong := [one for one in texts if not isinstance(one, str)]:
        raise OptionError(f"{name} holds {in_words(wrong[0])}: expected texts")
    texts = [tokenization.check(str(one)) for one in texts]
    text_conditions.check_words(TextEncoder.of(trained.outline), texts, trained.reporting.note)
    return texts


def choice(value: Word, choices: Sequence[Word], name: str) -> Word:
    """One of several words. Raises: OptionError."""
    if value not in choices:
        hint = did_you_mean(value, choices) if isinstance(value, str) else ""
        raise OptionError(f"{name} is {in_words(value)}: expected {' or '.join(map(repr, choices))}{hint}")
    return value


def whole_number(value: object, name: str, low: int, high: int) -> int:
    """An integer from low to high. Raises: OptionError."""
    if not is_whole(value) or not low <= value <= high:
        raise OptionError(f"{name} is {in_words(value)}: expected a whole number from {low:,} to {high:,}")
    return int(value)
