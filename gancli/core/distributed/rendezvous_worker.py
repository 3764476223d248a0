"""The rendezvous of all workers before a training, on a worker other than the chief."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import time

from gancli.core.distributed.authentication import (
    CHALLENGE,
    DIFFER,
    EXCHANGE_SECONDS,
    GO,
    LONGEST,
    NONCE,
    OTHER,
    STILL_THERE,
    TAKEN,
    TOKEN,
    VERDICT,
    WITH_TOKEN,
    WITHOUT_TOKEN,
    Call,
    UnprovedError,
    printable,
    secret,
)
from gancli.core.errors import OptionError, WorkerError

PAUSE = 0.2  # seconds between two attempts to connect
LONGEST_TEXT = 5000  # characters of a message from the chief


async def call(
    address: tuple[str, int], names: list[str], index: int, settings: dict[str, object], deadline: float
) -> None:
    """Connect to the chief until it answers, and wait for its verdict.

    address: the chief's. names: of the workers in messages. index: of this worker. deadline: of time.monotonic().
    Raises: WorkerError if the chief does not answer or has ended, OptionError if its settings differ.
    """
    key = secret()
    while True:
        try:
            async with asyncio.timeout_at(deadline):
                verdict, text = await _exchange(address, index, settings, key)
            break
        except TimeoutError:
            reason = "it sent nothing in time"
        except (OSError, EOFError, ValueError) as error:
            reason = printable(getattr(error, "strerror", None) or error)
        if time.monotonic() > deadline - PAUSE:
            raise WorkerError(f"{names[0]} did not answer ({reason}): start every worker with the same command")
        await asyncio.sleep(PAUSE)
    if verdict != GO:
        raise _refusal(verdict, text, names, index, has_token=key is not None)


async def _exchange(
    address: tuple[str, int], index: int, settings: dict[str, object], key: bytes | None
) -> tuple[str, str]:
    """Send the settings; the chief's verdict and its text. Raises: OSError, EOFError, ValueError."""
    reader, writer = await asyncio.open_connection(*address, limit=LONGEST)
    chief = Call(reader, writer, key, (b"worker", b"chief"))
    try:
        async with asyncio.timeout(EXCHANGE_SECONDS):
            await chief.send(worker=index, nonce=secrets.token_hex(NONCE // 2))
            answer = await chief.receive(CHALLENGE, VERDICT)
            if "nonce" in answer:
                await chief.send(asked=settings)
                chief.end_turns()
        while answer.get("verdict", STILL_THERE) == STILL_THERE:
            if "verdict" in answer:
                with contextlib.suppress(OSError):  # it may have closed after the verdict, which is next
                    await chief.send(here=True)
            answer = await chief.receive(VERDICT)
    except UnprovedError as error:
        answer = error.fields
        if answer.get("verdict") not in (WITH_TOKEN, WITHOUT_TOKEN):
            raise
    finally:
        chief.close()
    return answer["verdict"], answer["text"]


def _refusal(verdict: str, text: str, names: list[str], index: int, *, has_token: bool) -> OptionError | WorkerError:
    """The error of a worker for a verdict."""
    text = "".join(letter for letter in text[:LONGEST_TEXT] if letter.isprintable())
    if verdict == WITHOUT_TOKEN:
        return OptionError(f"{TOKEN} is set here and not on the chief: set the same on every worker, or on none")
    if verdict == WITH_TOKEN:
        there = "is not the same here and on the chief" if has_token else "is set on the chief and not here"
        return OptionError(f"{TOKEN} {there}: set the same on every worker")
    if verdict == TAKEN:
        return OptionError(f"--worker {index}: another process already has this number: give each process its own")
    if verdict == DIFFER:
        return OptionError(text)
    if verdict == OTHER:
        return OptionError(f"{names[index]} was not started with the chief's settings; the chief prints what differs")
    return WorkerError(f"{names[0]} ended the rendezvous: {text}")
