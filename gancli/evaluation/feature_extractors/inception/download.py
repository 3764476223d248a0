"""Downloading the published weights, which two projects keep for all who compute FIDs."""

from __future__ import annotations

import hashlib
import http.client
from collections.abc import Sequence

from gancli.core.errors import DataError, first_line
from gancli.core.progress import counting

SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
SIZE = 95_628_359  # bytes
URLS = (
    "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth",
    "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
)
FILES = tuple(url.rpartition("/")[2] for url in URLS)
PATIENCE = 20.0  # seconds without a byte
MB = SIZE // 1_000_000
PIECE = 1 << 18  # bytes


def fetch(urls: Sequence[str]) -> tuple[bytes, str]:
    """The bytes of the published file, and where they are from. Nothing is written, so that nothing is left half.

    Raises: DataError with the first reason, if no address gives a file of the published size and SHA-256.
    """
    reasons = []
    for url in urls:
        try:
            return _fetch(url), url
        except (OSError, ValueError, http.client.HTTPException) as error:  # URLError is an OSError
            reasons.append(_why(error))
    raise DataError(reasons[0] if reasons else "no address is known")


def _fetch(url: str) -> bytes:
    """Raises: OSError, ValueError, HTTPException."""
    import urllib.request

    content = bytearray()
    asked = urllib.request.Request(url, headers={"User-Agent": "gancli"})
    with urllib.request.urlopen(asked, timeout=PATIENCE) as answer, counting("download of weights, MB", MB) as advance:
        while len(content) <= SIZE and (piece := answer.read(PIECE)):
            content += piece
            advance(min(len(content) * MB // SIZE, MB))
    if len(content) != SIZE or hashlib.sha256(content).hexdigest() != SHA256:
        raise ValueError(f"{url} gave another file than the published one, or a part of it")
    return bytes(content)


def _why(error: Exception) -> str:
    """The reason in words; that of an error of the network is inside of the one that urllib raises."""
    reason = getattr(error, "reason", None)
    inner = reason if isinstance(reason, OSError) else error
    return getattr(inner, "strerror", None) or first_line(inner)
