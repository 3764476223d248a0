"""Click types of several values between commas."""

from __future__ import annotations

import re

import click


class Names(click.ParamType):
    """Names between commas, such as fid,kid: a tuple of them, each once."""

    name = "names"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        """Split the text. Fails for anything but letters, digits, hyphens and underscores."""
        if not isinstance(value, str):
            return value
        names = tuple(dict.fromkeys(part.strip() for part in value.split(",")))
        if all(re.fullmatch(r"[\w-]+", name) for name in names):
            return names
        return self.fail(f"'{value}': expected names between commas, such as fid,kid", param, ctx)


class Sigmas(click.ParamType):
    """Widths of Parzen windows such as 0.1,0.2, from 0.0001 to 1000."""

    name = "sigmas"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[float, ...]:
        """Parse widths, sorted, each once. Fails for others than numbers from 0.0001 to 1000."""
        if not isinstance(value, str):
            return value
        try:
            widths = tuple(sorted({float(part) for part in value.split(",")}))
        except ValueError:
            widths = ()
        if not widths or not all(1e-4 <= sigma <= 1000 for sigma in widths):
            self.fail(f"'{value}': expected numbers from 0.0001 to 1000, such as 0.1,0.2,0.3", param, ctx)
        return widths
