"""Pictures in terminals that show them, by kitty's graphics protocol or as sixels, through textual-image."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from gancli.core.backend import Image, np

if TYPE_CHECKING:
    from rich.console import RenderableType

CHOICES = ("auto", "off")
PACKAGE = "textual_image"
MISSING = "--preview needs a package that is not installed: pip install 'gancli[preview]'"
UNABLE = "this terminal shows no pictures: open those in the folder of the run"
NO_QUESTIONS = ("", "dumb", "unknown", "linux")  # values of TERM; such terminals print what they do not understand
NO_QUESTIONS_PROGRAMS = ("Apple_Terminal",)  # likewise, of TERM_PROGRAM
MOST_ROWS, MOST_SHARE = 20, 0.6  # of a picture, and of the terminal's rows

Render = Callable[["np.ndarray"], "RenderableType"]


def find() -> tuple[Render | None, str]:
    """What makes pictures, uint8 (height, width, channels), printable here; None and the reason where nothing can.

    The terminal is asked what it shows, only if all three standard streams are one terminal that is ours to read.
    """
    if not _may_ask():
        return None, UNABLE
    if importlib.util.find_spec(PACKAGE) is None:
        return None, MISSING
    logging.getLogger(PACKAGE).setLevel(logging.CRITICAL)  # it warns of terminals that do not answer
    from textual_image import renderable  # asks the terminal

    kind = renderable.Image
    return (_renderer(kind), "") if kind in (renderable.SixelImage, renderable.TGPImage) else (None, UNABLE)


def _may_ask() -> bool:
    if os.environ.get("TERM", "").lower() in NO_QUESTIONS or os.environ.get("TERM_PROGRAM") in NO_QUESTIONS_PROGRAMS:
        return False
    try:
        streams = [stream.fileno() for stream in (sys.__stdin__, sys.__stdout__, sys.__stderr__)]  # type: ignore[union-attr]
        if not all(map(os.isatty, streams)) or len({os.fstat(stream).st_rdev for stream in streams}) > 1:
            return False
        return os.tcgetpgrp(streams[0]) == os.getpgrp()  # a background process that reads is stopped
    except (AttributeError, OSError, ValueError):  # closed, replaced, or no such call on this system
        return False


def _renderer(kind: Callable[..., RenderableType]) -> Render:
    def render(pixels: np.ndarray) -> RenderableType:
        stderr = sys.__stderr__.fileno()  # type: ignore[union-attr]
        rows = max(1, min(MOST_ROWS, int(MOST_SHARE * os.get_terminal_size(stderr).lines)))
        picture = Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)
        return kind(picture.convert("RGB"), width="auto", height=rows)

    return render
