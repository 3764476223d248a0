"""What workers say to each other before a training: lines of known forms, proved by a shared secret.

Each line is a proof, a space, and a JSON object. With a secret, the environment's GANCLI_WORKERS_TOKEN, the proof is an
HMAC-SHA256 (RFC 2104) of the sender's part, the lines before and the object; both sides bring a nonce, so that a line
cannot be said again in another call, and a worker tells its options only to a chief that has proved the secret.
Without a secret the proof is "-".
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
LEAST_TOKEN = 16  # characters: who overhears a proof can try out shorter ones
LONGEST = 2**18  # bytes of a line; a true one has some thousand
NONCE = 32  # hexadecimal digits
MOST_OPTIONS = 1000
SHOWN = 200  # characters of a value in a message

Form = Mapping[str, type]
HELLO: Form = {"worker": int, "nonce": str}
CHALLENGE: Form = {"nonce": str}
ASKED: Form = {"asked": dict}
HERE: Form = {"here": bool}
VERDICT: Form = {"verdict": str, "text": str}

# Verdicts: the chief's answers to a worker.
GO, ENDED, TAKEN, STILL_THERE = "go", "ended", "taken", "still there?"
DIFFER, OTHER = "differ", "other"  # which settings differ, with both values; only that some do
WITH_TOKEN, WITHOUT_TOKEN = "token", "no token"  # the chief has a secret or none, and the worker's proof does not fit
SAYING_SECONDS = 10.0  # for everything that the other side has to say


def secret() -> bytes | None:
    """The secret of all workers, from the environment; None without one. Raises: OptionError if it is too short."""
    token = os.environ.get(TOKEN)
    if token is None:
        return None
    if len(token) < LEAST_TOKEN:
        raise OptionError(
            f"the environment's {TOKEN} is too short: expected at least {LEAST_TOKEN} characters, such as those of "
            "`openssl rand -hex 16`, the same at every worker"
        )
    return os.fsencode(token)


class UnprovedError(ValueError):
    """A line of a known form, in `fields`, whose proof does not fit; `has_token`: whether it brought one."""

    def __init__(self, fields: dict[str, object], *, has_token: bool) -> None:
        super().__init__(f"it does not know this side's {TOKEN}")
        self.fields, self.has_token = fields, has_token


class Call:
    """One end of a connection: lines of known forms, proved if there is a secret."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes | None, parts: tuple[bytes, bytes]
    ) -> None:
        self._reader, self._writer, self._key = reader, writer, key
        self._ours, self._theirs = parts
        self._said = self._heard = hashlib.sha256(b"gancli workers 2\n")  # all lines so far, of both sides
        peer = writer.get_extra_info("peername")
        self.caller = str(peer[0]) if peer else "nowhere"

    async def say(self, *, proved: bool = True, **fields: object) -> None:
        """Send a line. Raises: OSError."""
        text = json.dumps(fields).encode()
        line = (self._proof(self._ours, self._said, text) if proved else b"-") + b" " + text + b"\n"
        self._said.update(line)
        self._writer.write(line)
        await self._writer.drain()

    async def hear(self, *forms: Form) -> dict[str, object]:
        """The next line. Raises: OSError, EOFError, ValueError if it is too long, of no such form or not proved."""
        try:
            line = await self._reader.readline()
        except ValueError:
            raise ValueError(f"its line is longer than {LONGEST:,} bytes") from None
        if not line.endswith(b"\n"):
            raise EOFError("it hung up")
        proof, _, text = line[:-1].partition(b" ")
        fields = _parsed(text, forms)
        if not hmac.compare_digest(proof, self._proof(self._theirs, self._heard, text)):
            raise UnprovedError(fields, has_token=proof != b"-")
        self._heard.update(line)
        return fields

    def take_no_turns(self) -> None:
        """From here on both sides may speak at once, so what each has said is proved by itself."""
        self._heard = self._said.copy()

    def _proof(self, part: bytes, past: hashlib._Hash, text: bytes) -> bytes:
        if self._key is None:
            return b"-"
        return hmac.new(self._key, part + past.digest() + text, hashlib.sha256).hexdigest().encode()

    def close(self) -> None:
        """Hang up; what was said is still sent."""
        self._writer.close()


def _parsed(text: bytes, forms: tuple[Form, ...]) -> dict[str, object]:
    """An object of one of the forms. Raises: ValueError."""
    try:
        said = json.loads(text.decode("utf-8"), parse_constant=_refuse)
    except RecursionError:
        raise ValueError("what it said is nested too deeply") from None
    except ValueError:
        raise ValueError("what it said is no line of a worker") from None
    fits = isinstance(said, dict) and any({name: type(value) for name, value in said.items()} == form for form in forms)
    if not fits or len(said.get("nonce", " " * NONCE)) != NONCE:
        raise ValueError("what it said is no line of a worker")
    if "asked" in said:
        check(said["asked"])
    return said


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def check(asked: object) -> None:
    """What a worker was asked to do: names, and for each a text, finite number, boolean, None or a dict of such.

    Raises: ValueError.
    """
    inner = [value for value in asked.values() if isinstance(value, dict)]
    values = [value for value in asked.values() if not isinstance(value, dict)]
    values += [value for one in inner for value in one.values()]
    if len(values) + len(inner) > MOST_OPTIONS or not all(map(_is_plain, values)):
        raise ValueError("what it was asked to do is none of a worker's")


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, (str, int)) or (isinstance(value, float) and math.isfinite(value))


def shown(value: object) -> str:
    """A value that somebody else may have chosen, as part of a message."""
    text = str(value)
    text = text if text.isprintable() else ascii(text)
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
