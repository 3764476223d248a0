"""Names of classes as names on the command line."""

from __future__ import annotations

import re

_WORD_ENDS = re.compile("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def with_dashes(name: str) -> str:
    """my-gan for MyGAN, wgan-two for WGANTwo."""
    return _WORD_ENDS.sub("-", name).replace("_", "-").lower()
