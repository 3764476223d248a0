"""The messages that workers exchange before a training: lines of known forms, authenticated by a shared secret.

Each line is a proof, a space, and a JSON object. With a secret, from the environment variable GANCLI_WORKERS_TOKEN, the
proof is an HMAC-SHA256 (RFC 2104) of the sender's role, the lines before and the object. Both sides send a nonce, so
that a line cannot be replayed on another connection, and a worker sends its settings only to a chief that has proved
the secret. Without a secret the proof is "-".
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from gancli.core.errors import OptionError

if TYPE_CHECKING:
    import asyncio

TOKEN = "GANCLI_WORKERS_TOKEN"
LEAST_TOKEN = 16  # characters: an eavesdropper could find shorter ones by trial
LONGEST = 2**18  # bytes of a line; real ones have some thousand
NONCE = 32  # hexadecimal digits
MOST_OPTIONS = 1000
LONGEST_VALUE = 200  # characters of a value in a message

Form = Mapping[str, type]
HELLO: Form = {"worker": int, "nonce": str}
CHALLENGE: Form = {"nonce": str}
SETTINGS: Form = {"asked": dict}
HERE: Form = {"here": bool}
VERDICT: Form = {"verdict": str, "text": str}

# Verdicts: the chief's answers to a worker.
GO = "go"
ENDED = "ended"
TAKEN = "taken"
STILL_THERE = "still there?"
DIFFER, OTHER = "differ", "other"  # which settings differ, with both values; only that some do
WITH_TOKEN, WITHOUT_TOKEN = "token", "no token"  # the chief has a secret or none, and the worker's proof does not fit
EXCHANGE_SECONDS = 10.0  # for everything that the other side has to say


def secret() -> bytes | None:
    """The shared secret of the workers, from the environment; None if unset. Raises: OptionError if it is too short."""
    token = os.environ.get(TOKEN)
    if token is None:
        return None
    if len(token) < LEAST_TOKEN:
        raise OptionError(
            f"the environment variable {TOKEN} is too short: expected at least {LEAST_TOKEN} characters, such as "
            "`openssl rand -hex 16`, the same on every worker"
        )
    return os.fsencode(token)


class UnprovedError(ValueError):
    """A line of a known form, in `fields`, whose proof is wrong. `has_token`: whether it came with a proof."""

    def __init__(self, fields: dict[str, object], *, has_token: bool) -> None:
        super().__init__(f"it does not know this side's {TOKEN}")
        self.fields, self.has_token = fields, has_token


class Call:
    """One end of a connection: lines of known forms, authenticated if there is a secret."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes | None, roles: tuple[bytes, bytes]
    ) -> None:
        self._reader = reader
        self._writer = writer
        self._key = key
        self._our_role, self._their_role = roles
        self._sent = self._received = hashlib.sha256(b"gancli workers 2\n")  # of all lines so far, of both sides
        peer = writer.get_extra_info("peername")
        self.caller = str(peer[0]) if peer else "nowhere"

    async def send(self, *, proved: bool = True, **fields: object) -> None:
        """Send a line. Raises: OSError."""
        text = json.dumps(fields).encode()
        line = (self._proof(self._our_role, self._sent, text) if proved else b"-") + b" " + text + b"\n"
        self._sent.update(line)
        self._writer.write(line)
        await self._writer.drain()

    async def receive(self, *forms: Form) -> dict[str, object]:
        """The next line. Raises: OSError, EOFError; ValueError if it is too long, of another form or unproved."""
        try:
            line = await self._reader.readline()
        except ValueError:
            raise ValueError(f"its line is longer than {LONGEST:,} bytes") from None
        if not line.endswith(b"\n"):
            raise EOFError("it closed the connection")
        proof, _, text = line[:-1].partition(b" ")
        fields = _parsed(text, forms)
        if not hmac.compare_digest(proof, self._proof(self._their_role, self._received, text)):
            raise UnprovedError(fields, has_token=proof != b"-")
        self._received.update(line)
        return fields

    def end_turns(self) -> None:
        """Authenticate the lines of each side by themselves from here on, as both sides may send at any time."""
        self._received = self._sent.copy()

    def _proof(self, role: bytes, past: hashlib._Hash, text: bytes) -> bytes:
        if self._key is None:
            return b"-"
        return hmac.new(self._key, role + past.digest() + text, hashlib.sha256).hexdigest().encode()

    def close(self) -> None:
        """Close the connection; what was written is still sent."""
        self._writer.close()


def _parsed(text: bytes, forms: tuple[Form, ...]) -> dict[str, object]:
    """An object of one of the forms. Raises: ValueError."""
    try:
        message = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("its message is nested too deeply") from None
    except ValueError:
        raise ValueError("its message is not one of a worker") from None
    fits = isinstance(message, dict) and any(
        {name: type(value) for name, value in message.items()} == form for form in forms
    )
    if not fits or len(message.get("nonce", " " * NONCE)) != NONCE:
        raise ValueError("its message is not one of a worker")
    if "asked" in message:
        check(message["asked"])
    return message


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not valid JSON")


def check(settings: object) -> None:
    """Raise ValueError unless the settings of a worker are texts, finite numbers, booleans, None, or dicts of these."""
    inner = [value for value in settings.values() if isinstance(value, dict)]
    values = [value for value in settings.values() if not isinstance(value, dict)]
    values += [value for one in inner for value in one.values()]
    if len(values) + len(inner) > MOST_OPTIONS or not all(map(_is_plain, values)):
        raise ValueError("its settings are not those of a worker")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))


def printable(value: object) -> str:
    """A value from an untrusted source, as part of a message: shortened, and without control characters."""
    text = str(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= LONGEST_VALUE else text[:LONGEST_VALUE] + "…"
