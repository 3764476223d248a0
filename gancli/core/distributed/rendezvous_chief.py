"""The rendezvous of all workers before a training, on the chief: wait for the others and compare their settings.

Any program that reaches the chief's port can connect, so nothing received is trusted. A connection that sends nothing,
too much or something else is dropped; there is one warning for all of them, and none of them can delay or end the
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
    DIFFER,
    ENDED,
    EXCHANGE_SECONDS,
    GO,
    HELLO,
    HERE,
    LONGEST,
    NONCE,
    OTHER,
    SETTINGS,
    STILL_THERE,
    TAKEN,
    TOKEN,
    WITH_TOKEN,
    WITHOUT_TOKEN,
    Call,
    UnprovedError,
    printable,
    secret,
)
from gancli.core.distributed.ports import listen, warn_of_loopback
from gancli.core.errors import OptionError, WorkerError

MOST = 64  # connections that are not accepted yet; with one more, the oldest is dropped
REPLY_SECONDS = 3.0  # for a worker to confirm that it is still there
MAX_VALUES = 20  # values in a message


async def receive(
    addresses: list[tuple[str, int]],
    names: list[str],
    settings: dict[str, object],
    deadline: float,
    warn: Callable[[str], None],
) -> None:
    """Wait for all workers and compare their settings with the chief's.

    addresses: host and port of all workers, the chief's first. names: of the workers in messages. deadline: of
    time.monotonic(). warn: called with a message about strangers, and about settings that differ. Raises: WorkerError
    if not all arrive or the chief cannot listen, OptionError if settings differ.
    """
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: None)  # too many open files: it retries
    chief = _Chief(names, settings, secret(), warn)
    servers: list[asyncio.Server] = []
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
        error = chief.missing_workers_error()
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
    """Handles all connections at once, and keeps those of workers with the same settings."""

    def __init__(
        self, names: list[str], settings: dict[str, object], key: bytes | None, warn: Callable[[str], None]
    ) -> None:
        self.names, self.settings = names, settings
        self.key, self.warn = key, warn
        self.all_there: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.workers: dict[int, Call] = {}
        self.differences: dict[int, str] = {}  # of workers whose settings differ, without a secret
        self.hint = ""  # about a wrong or missing secret
        self._replies: dict[int, asyncio.Event] = {}
        self._newcomers: dict[asyncio.Task, None] = {}  # not accepted yet, in the order of arrival
        self._tasks: set[asyncio.Task] = set()
        self._has_warned = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Handle one connection from beginning to end."""
        task = asyncio.current_task()
        if len(self._newcomers) >= MOST:
            first = next(iter(self._newcomers))
            del self._newcomers[first]
            first.cancel()
        self._newcomers[task] = None
        self._tasks.add(task)
        call = Call(reader, writer, self.key, (b"chief", b"worker"))
        try:
            async with asyncio.timeout(EXCHANGE_SECONDS):
                number = await self._admit(call)
            self._newcomers.pop(task, None)
            if number:
                await self._keep(number, call)
        except asyncio.CancelledError:  # there are too many, or the rendezvous is over
            pass
        except TimeoutError:
            self._drop(call, "it did not send what a worker sends in time")
        except (OSError, EOFError, ValueError) as error:
            self._drop(call, str(getattr(error, "strerror", None) or error))
        finally:
            self._newcomers.pop(task, None)
            self._tasks.discard(task)
            call.close()

    async def _admit(self, call: Call) -> int:
        """Exchange settings. Returns: the worker's number if it is accepted, else 0. Raises: OSError, EOFError,
        ValueError.
        """
        try:
            number = self._in_range((await call.receive(HELLO))["worker"])
        except UnprovedError as error:
            self._in_range(error.fields["worker"])
            await call.send(proved=False, verdict=WITH_TOKEN if self.key else WITHOUT_TOKEN, text="")
            reason = self._other_token(has_token=error.has_token)
            self.hint = f"a connection from {call.caller} has {reason}"
            raise ValueError(f"it has {reason}") from None
        await call.send(nonce=secrets.token_hex(NONCE // 2))
        theirs = (await call.receive(SETTINGS))["asked"]
        call.end_turns()
        if number in self.workers and await self._is_there(number):
            await call.send(verdict=TAKEN, text="")
            return 0
        if keys := _differing(theirs, self.settings):
            text = _difference(self.names[number], keys, theirs, self.settings)
            self._note_difference(number, text)
            if self.key:
                await call.send(verdict=DIFFER, text=text)
            else:
                await call.send(verdict=OTHER, text="")  # a stranger could learn one value after the other
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
            raise ValueError(f"it claims to be worker {printable(number)}, but --workers lists {len(self.names)} here")
        return number

    def _other_token(self, *, has_token: bool) -> str:
        if self.key is None:
            return f"a {TOKEN}, and the chief has none"
        return f"another {TOKEN} than the chief" if has_token else f"no {TOKEN}, and the chief has one"

    async def _is_there(self, number: int) -> bool:
        """Whether the worker accepted under this number still answers."""
        reply = self._replies[number]
        reply.clear()
        with contextlib.suppress(OSError, TimeoutError):
            await self.workers[number].send(verdict=STILL_THERE, text="")
            async with asyncio.timeout(REPLY_SECONDS):
                return await reply.wait()
        return False

    def _note_difference(self, number: int, text: str) -> None:
        if not self.key:
            if number not in self.differences:
                self.warn(f"{text}; waiting for one with the same settings (with a {TOKEN} all would end at once)")
            self.differences[number] = text
        elif not self.all_there.done():
            self.all_there.set_exception(OptionError(text))

    async def _keep(self, number: int, call: Call) -> None:
        """Hold an accepted connection; if it closes, another worker may take the number."""
        try:
            while True:
                await call.receive(HERE)
                self._replies[number].set()
        except (OSError, EOFError, ValueError):
            if self.workers.get(number) is call and not self.all_there.done():
                del self.workers[number]

    def _drop(self, call: Call, reason: str) -> None:
        if not self._has_warned:
            self._has_warned = True
            self.warn(
                f"dropped a connection from {call.caller} to the chief's port that is not a worker of this training: "
                f"{reason}; further ones are dropped without a warning"
            )

    def missing_workers_error(self) -> OptionError | WorkerError:
        """The error if not all workers arrived in time."""
        differ = "; ".join(text for _, text in sorted(self.differences.items()))
        missing = [number for number in range(1, len(self.names)) if number not in self.workers]
        absent = ", ".join(self.names[number] for number in missing if number not in self.differences)
        if not absent:
            return OptionError(differ)
        text = f"{absent} did not arrive: start every worker with the same command"
        return WorkerError("; ".join(filter(None, [text, differ, self.hint])))

    async def close(self, verdict: str, text: str) -> None:
        """Send the verdict to the accepted workers, and close all connections."""
        for call in self.workers.values():
            with contextlib.suppress(OSError, TimeoutError):
                async with asyncio.timeout(REPLY_SECONDS):
                    await call.send(verdict=verdict, text=text)
        if accepted := self._tasks - self._newcomers.keys():
            await asyncio.wait(accepted, timeout=REPLY_SECONDS)  # until they close: some may be sending right now
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _differing(theirs: Mapping[str, object], ours: Mapping[str, object]) -> list[str]:
    """The names of the settings that differ between two workers."""
    return [key for key in sorted(theirs.keys() | ours.keys()) if theirs.get(key, ...) != ours.get(key, ...)]


def _difference(name: str, keys: list[str], theirs: Mapping[str, object], ours: Mapping[str, object]) -> str:
    """A message about settings that differ."""
    values = [
        f"{printable(key)} {printable(theirs.get(key))} there and {printable(ours.get(key))} on the chief"
        for key in keys
    ]
    more = f" and {len(values) - MAX_VALUES} more" if len(values) > MAX_VALUES else ""
    return f"{name} was not started with the chief's settings: {', '.join(values[:MAX_VALUES])}{more}"
