"""Silence for libraries that print: exporting with them leaves nothing on standard output and standard error."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
import warnings
from collections.abc import Iterator

LOGGERS = ("absl", "tf2onnx", "tensorflow")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """What Python and C++ code prints here is dropped, unless --verbose or --debug shows TensorFlow's log."""
    if "1" in (os.environ.get("GANCLI_VERBOSE"), os.environ.get("GANCLI_DEBUG")):
        yield
        return
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        for name in LOGGERS:
            logger = logging.getLogger(name)
            stack.callback(logger.setLevel, logger.level)
            logger.setLevel(logging.CRITICAL)
        dropped = stack.enter_context(tempfile.TemporaryFile())
        for number, stream in ((1, sys.stdout), (2, sys.stderr)):
            if stream is not None:
                stream.flush()
            saved = os.dup(number)
            os.dup2(dropped.fileno(), number)
            stack.callback(os.close, saved)
            stack.callback(os.dup2, saved, number)
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            yield
