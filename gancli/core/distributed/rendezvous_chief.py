"""The rendezvous of all workers before a training, on the chief: wait for the others and compare their settings.

Anybody who reaches the chief's port can connect, so nothing received is trusted. A connection that sends nothing, too
much or something else is dropped; there is one warning for all of them, and none of them can delay or end the
rendezvous.

A worker with other settings always ends at once. With a secret (`authentication.py`) so does the chief, and both report
the values that differ. Without one the chief cannot tell such a worker from a stranger who wants to end the training:
it warns with both values, tells the worker only that it differs, and waits for a matching one until the time is up.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import secrets
from collections.abc import Callable, Mapping

from gancli.core.distributed.authentication import (
    ASKED,
    DIFFER,
    ENDED,
    GO,
    HELLO,
    HERE,
    LONGEST,
    NONCE,
    OTHER,
    SAYING_SECONDS,
    STILL_THERE,
    TAKEN,
    TOKEN,
    WITH_TOKEN,
    WITHOUT_TOKEN,
    Call,
    UnprovedError,
    secret,
    shown,
)
from gancli.core.distributed.ports import listen, warn_of_loopback
from gancli.core.errors import OptionError, WorkerError

MOST = 64  # connections that are not accepted yet; with one more, the oldest is dropped
REPLY_SECONDS = 3.0  # for a worker to confirm that it is still there
MOST_SHOWN = 20  # values in a message


async def receive(
    addresses: list[tuple[str, int]],
    names: list[str],
    asked: dict[str, object],
    deadline: float,
    warn: Callable[[str], None],
) -> None:
    """The chief's part. addresses: host and port of all workers. deadline: of time.monotonic().

    Raises: WorkerError if not all come or nobody can be heard, OptionError if one was asked to do something else.
    """
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # too many open files: tried again
    chief, servers = _Chief(names, asked, secret(), warn), []
    verdict, text = ENDED, "it was interrupted"
    listeners = listen(*addresses[0])
    if all(ipaddress.ip_address(one.getsockname()[0]).is_loopback for one in listeners):
        warn_of_loopback([host for host, _ in addresses], warn)
    try:
        servers = [await asyncio.start_server(chief.answer, sock=one, limit=LONGEST) for one in listeners]
        async with asyncio.timeout_at(deadline):
            await chief.all_there
        verdict, text = GO, ""
    except TimeoutError:
        error = chief.late()
        verdict, text = DIFFER if isinstance(error, OptionError) else ENDED, str(error)
        raise error from None
    except OptionError as error:
        verdict, text = DIFFER, str(error)
        raise
    finally:
        for server in servers:
            server.close()
        for one in listeners:
            one.close()
        await chief.close(verdict, text)


class _Chief:
    """Hears all callers at once, and keeps those that are workers and agree."""

    def __init__(
        self, names: list[str], asked: dict[str, object], key: bytes | None, warn: Callable[[str], None]
    ) -> None:
        self.names, self.asked, self.key, self.warn = names, asked, key, warn
        self.all_there: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.workers: dict[int, Call] = {}
        self.differences: dict[int, str] = {}  # of workers that did not prove a secret
        self.hint = ""  # about a secret
        self._replies: dict[int, asyncio.Event] = {}
        self._newcomers: dict[asyncio.Task, None] = {}  # in the order in which they came
        self._tasks: set[asyncio.Task] = set()
        self._has_warned = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """All that is done with one caller."""
        task = asyncio.current_task()
        if len(self._newcomers) >= MOST:
            first = next(iter(self._newcomers))
            del self._newcomers[first]
            first.cancel()
        self._newcomers[task] = None
        self._tasks.add(task)
        call = Call(reader, writer, self.key, (b"chief", b"worker"))
        try:
            async with asyncio.timeout(SAYING_SECONDS):
                number = await self._admit(call)
            self._newcomers.pop(task, None)
            if number:
                await self._keep(number, call)
        except asyncio.CancelledError:  # there are too many, or the meeting is over
            pass
        except TimeoutError:
            self._drop(call, "it did not say what a worker says")
        except (OSError, EOFError, ValueError) as error:
            self._drop(call, str(getattr(error, "strerror", None) or error))
        finally:
            self._newcomers.pop(task, None)
            self._tasks.discard(task)
            call.close()

    async def _admit(self, call: Call) -> int:
        """Hear a caller out. Returns: its number if it may stay, else 0. Raises: OSError, EOFError, ValueError."""
        try:
            number = self._in_range((await call.hear(HELLO))["worker"])
        except UnprovedError as error:
            self._in_range(error.fields["worker"])
            await call.say(proved=False, verdict=WITH_TOKEN if self.key else WITHOUT_TOKEN, text="")
            reason = self._other_token(has_token=error.has_token)
            self.hint = f"a caller from {call.caller} has {reason}"
            raise ValueError(f"it has {reason}") from None
        await call.say(nonce=secrets.token_hex(NONCE // 2))
        theirs = (await call.hear(ASKED))["asked"]
        call.take_no_turns()
        if number in self.workers and await self._is_there(number):
            await call.say(verdict=TAKEN, text="")
            return 0
        if keys := _differing(theirs, self.asked):
            text = _difference(self.names[number], keys, theirs, self.asked)
            self._note_difference(number, text)
            if self.key:
                await call.say(verdict=DIFFER, text=text)
            else:
                await call.say(verdict=OTHER, text="")  # a stranger could ask for one value after the other
            return 0
        if number in self.workers:
            self.workers[number].close()
        self.workers[number], self._replies[number] = call, asyncio.Event()
        self.differences.pop(number, None)
        if len(self.workers) == len(self.names) - 1 and not self.all_there.done():
            self.all_there.set_result(None)
        return number

    def _in_range(self, number: int) -> int:
        if not 0 < number < len(self.names):
            raise ValueError(f"it calls itself worker {shown(number)}, and --workers names {len(self.names)} here")
        return number

    def _other_token(self, *, has_token: bool) -> str:
        if self.key is None:
            return f"a {TOKEN}, and the chief has none"
        return f"another {TOKEN} than the chief" if has_token else f"no {TOKEN}, and the chief has one"

    async def _is_there(self, number: int) -> bool:
        """Whether a worker that came before still answers."""
        reply = self._replies[number]
        reply.clear()
        with contextlib.suppress(OSError, TimeoutError):
            await self.workers[number].say(verdict=STILL_THERE, text="")
            async with asyncio.timeout(REPLY_SECONDS):
                return await reply.wait()
        return False

    def _note_difference(self, number: int, text: str) -> None:
        if not self.key:
            if number not in self.differences:
                self.warn(f"{text}; waiting for one that agrees (with a {TOKEN} all would end at once)")
            self.differences[number] = text
        elif not self.all_there.done():
            self.all_there.set_exception(OptionError(text))

    async def _keep(self, number: int, call: Call) -> None:
        """Wait with a worker; if it goes, another may come."""
        try:
            while True:
                await call.hear(HERE)
                self._replies[number].set()
        except (OSError, EOFError, ValueError):
            if self.workers.get(number) is call and not self.all_there.done():
                del self.workers[number]

    def _drop(self, call: Call, reason: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self.warn(
                f"dropped a caller from {call.caller} at the chief's port that is no worker of this training: "
                f"{reason}; others are dropped without a word"
            )

    def late(self) -> OptionError | WorkerError:
        """Why not all are there."""
        differ = "; ".join(text for _, text in sorted(self.differences.items()))
        missing = [number for number in range(1, len(self.names)) if number not in self.workers]
        absent = ", ".join(self.names[number] for number in missing if number not in self.differences)
        if not absent:
            return OptionError(differ)
        text = f"{absent} did not come: start every worker with the same command"
        return WorkerError("; ".join(filter(None, [text, differ, self.hint])))

    async def close(self, verdict: str, text: str) -> None:
        """Tell the workers how it ended, and hang up on everybody."""
        for call in self.workers.values():
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(REPLY_SECONDS):
                    await call.say(verdict=verdict, text=text)
        if there := self._tasks - self._newcomers.keys():
            await asyncio.wait(there, timeout=REPLY_SECONDS)  # until they hang up: some may be speaking right now
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _differing(theirs: Mapping[str, object], ours: Mapping[str, object]) -> list[str]:
    """The names of what two workers were asked to do differently."""
    return [key for key in sorted(theirs.keys() | ours.keys()) if theirs.get(key, ...) != ours.get(key, ...)]


def _difference(name: str, keys: list[str], theirs: Mapping[str, object], ours: Mapping[str, object]) -> str:
    """In words what two workers were asked to do differently."""
    told = [f"{shown(key)} {shown(theirs.get(key))} there and {shown(ours.get(key))} at the chief" for key in keys]
    more = f" and {len(told) - MOST_SHOWN} more" if len(told) > MOST_SHOWN else ""
    return f"{name} was not started as the chief was: {', '.join(told[:MOST_SHOWN])}{more}"
