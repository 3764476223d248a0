"""The option of a transformer as discriminator, --discriminator transformer, and its sizes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from gancli.core import options
from gancli.core.backend import keras
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.nn.architectures.residual import transformer

WITHOUT = ("d_norm", "d_units")  # options of other discriminators


@dataclass(frozen=True)
class TransformerOptions(options.Options):
    """Sizes of a transformer on patches of the image."""

    patch: int | None = option(
        None, "side of the transformer's patches in pixels (default: an eighth of the image's)", low=1, high=1024
    )
    token_size: int = option(64, "numbers per token of the transformer (ViT-B: 768)", low=1, high=4096)
    transformer_blocks: int = option(3, "blocks of the transformer (ViT-B: 12)", low=1, high=100)
    heads: int = option(4, "attention heads of the transformer (ViT-B: 12)", low=1, high=256)


def is_chosen(chosen: TransformerOptions) -> bool:
    """Whether the discriminator is to be a transformer."""
    return chosen.discriminator == "transformer"


def check(chosen: TransformerOptions) -> None:
    """Raise OptionError for sizes that do not fit, or options of another discriminator."""
    if not is_chosen(chosen):
        return
    if chosen.token_size % chosen.heads:
        raise OptionError(f"--heads {chosen.heads} must divide --token-size {chosen.token_size}")
    for field in dataclasses.fields(chosen):
        if field.name in WITHOUT and getattr(chosen, field.name) != field.default:
            flag = f"--{field.name.replace('_', '-')}"
            raise OptionError(
                f"{flag} {getattr(chosen, field.name)} is not for --discriminator transformer: leave it out"
            )


def build(shape: tuple[int, int, int], chosen: TransformerOptions) -> keras.Model:
    """The discriminator, of images alone. Raises: OptionError for patches that are larger than the image."""
    if chosen.patch is not None and chosen.patch > shape[0]:
        raise OptionError(f"--patch {chosen.patch}: the images have {shape[0]} pixels; give that or less")
    sizes = transformer.Sizes(chosen.token_size, chosen.transformer_blocks, chosen.heads, chosen.patch)
    return transformer.discriminator(shape, sizes)
