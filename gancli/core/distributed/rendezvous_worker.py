"""The rendezvous of all workers before a training, on a worker other than the chief."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time

from gancli.core.distributed.authentication import (
    CHALLENGE,
    DIFFER,
    GO,
    LONGEST,
    NONCE,
    OTHER,
    SAYING_SECONDS,
    STILL_THERE,
    TAKEN,
    TOKEN,
    VERDICT,
    WITH_TOKEN,
    WITHOUT_TOKEN,
    Call,
    UnprovedError,
    secret,
    shown,
)
from gancli.core.errors import OptionError, WorkerError

PAUSE = 0.2  # seconds between two attempts to connect
LONGEST_TEXT = 5000  # characters of a message from the chief


async def call(
    address: tuple[str, int], names: list[str], index: int, asked: dict[str, object], deadline: float
) -> None:
    """A worker's part: call the chief until it answers. address: the chief's. deadline: of time.monotonic().

    Raises: WorkerError if the chief does not answer or ended, OptionError if it was asked to do something else.
    """
    key = secret()
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                verdict, text = await _ask(address, index, asked, key)
            break
        except TimeoutError:
            reason = "it said nothing in time"
        except (OSError, EOFError, ValueError) as error:
            reason = shown(getattr(error, "strerror", None) or error)
        if time.monotonic() > deadline - PAUSE:
            raise WorkerError(f"{names[0]} did not answer ({reason}): start every worker with the same command")
        await asyncio.sleep(PAUSE)
    if verdict != GO:
        raise _refusal(verdict, text, names, index, has_token=key is not None)


async def _ask(address: tuple[str, int], index: int, asked: dict[str, object], key: bytes | None) -> tuple[str, str]:
    """Say what is to be done, and wait for the verdict. Raises: OSError, EOFError, ValueError."""
    reader, writer = await asyncio.open_connection(*address, limit=LONGEST)
    chief = Call(reader, writer, key, (b"worker", b"chief"))
    try:
        async with asyncio.timeout(SAYING_SECONDS):
            await chief.say(worker=index, nonce=secrets.token_hex(NONCE // 2))
            said = await chief.hear(CHALLENGE, VERDICT)
            if "nonce" in said:
                await chief.say(asked=asked)
                chief.take_no_turns()
        while said.get("verdict", STILL_THERE) == STILL_THERE:
            if "verdict" in said:
                with contextlib.suppress(OSError):  # it may have hung up after the verdict, which comes next
                    await chief.say(here=True)
            said = await chief.hear(VERDICT)
    except UnprovedError as error:
        said = error.fields
        if said.get("verdict") not in (WITH_TOKEN, WITHOUT_TOKEN):
            raise
    finally:
        chief.close()
    return said["verdict"], said["text"]


def _refusal(verdict: str, text: str, names: list[str], index: int, *, has_token: bool) -> OptionError | WorkerError:
    """The error that a verdict means to a worker."""
    text = "".join(letter for letter in text[:LONGEST_TEXT] if letter.isprintable())
    if verdict == WITHOUT_TOKEN:
        return OptionError(f"{TOKEN} is set here and not at the chief: set the same at every worker, or at none")
    if verdict == WITH_TOKEN:
        there = "is not the same here and at the chief" if has_token else "is set at the chief and not here"
        return OptionError(f"{TOKEN} {there}: set the same at every worker")
    if verdict == TAKEN:
        return OptionError(f"--worker {index}: the chief has this worker already: give each process its own number")
    if verdict == DIFFER:
        return OptionError(text)
    if verdict == OTHER:
        return OptionError(f"{names[index]} was started otherwise than the chief, which prints what differs")
    return WorkerError(f"{names[0]} ended the meeting: {text}")
