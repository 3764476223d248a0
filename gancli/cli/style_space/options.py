"""Options of the style space: --truncation and --truncation-layers, and --space."""

from __future__ import annotations

import functools
from collections.abc import Callable

import click

from gancli.cli import flags
from gancli.core.errors import OptionError


def truncation(function: Callable) -> Callable:
    """--truncation and --truncation-layers, passed on as one `truncation`, None if it is not given."""

    @functools.wraps(function)
    def command(truncation: float | None, truncation_layers: int | None, **others: object) -> object:
        from gancli.inference.style_space.truncation import Truncation

        if truncation is None and truncation_layers is not None:
            raise OptionError(f"--truncation-layers {truncation_layers} limits a truncation: add --truncation 0.7")
        chosen = None if truncation is None else Truncation(truncation, truncation_layers)
        return function(truncation=chosen, **others)

    for option in (
        click.option(
            "--truncation-layers",
            type=flags.IntRange(1),
            help="Number of style layers to truncate, from the coarsest on.  [default: all]",
        ),
        click.option(
            "--truncation",
            type=flags.NumberRange(-100, 100),
            metavar="PSI",
            help="Factor of each style's distance to the mean style (stylegan, stylegan2).",
        ),
    ):
        command = option(command)
    return command


def space(*spaces: str) -> Callable[[Callable], Callable]:
    """--space, one of these, the first by default."""
    return click.option(
        "--space",
        type=click.Choice(spaces, case_sensitive=False),
        default=spaces[0],
        show_default=True,
        help="Latent space; w is that of styles (stylegan, stylegan2).",
    )
