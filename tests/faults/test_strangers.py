"""Strangers at the chief's port, false chiefs, and shared secrets: in this process, over the loopback interface."""

import asyncio
import contextlib
import itertools
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from gancli.core.distributed import authentication, rendezvous_chief, rendezvous_worker
from gancli.core.distributed import cluster as workers
from gancli.core.errors import Interrupted, OptionError, WorkerError

TOKEN = "correct horse battery staple"
OPTIONS = {"seed": 0, "data": "private/pictures", "versions": {"numpy": "2.0"}, "eval_every": None, "rate": 0.5}
NONCE = "0" * 32
HELLO = b'- {"worker": 1, "nonce": "%s"}\n' % NONCE.encode()


BESIDE = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]) % 2  # a process that runs tests at the same time
PORTS = itertools.count(10_000 + 11_000 * BESIDE + random.randrange(8000))  # below those of outgoing connections


def free_port():
    """A port that nobody listens at, another each time."""
    while True:
        port = next(PORTS)
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def team(count=2, host="localhost"):
    addresses = tuple(f"{host}:{free_port()}" for _ in range(count))
    return [workers.Team(addresses, index) for index in range(count)]


class Meeting(threading.Thread):
    """One worker's part in a thread: `error` is how it ended, None if all met; `warnings` what it said meanwhile."""

    def __init__(self, one, options=OPTIONS, seconds=5.0):
        super().__init__(daemon=True)
        self.one, self.options, self.seconds = one, options, seconds
        self.error, self.warnings, self.took = None, [], 0.0
        self.start()

    def run(self):
        began = time.monotonic()
        try:
            self.one.rendezvous(self.options, seconds=self.seconds, warn=self.warnings.append)
        except Exception as error:
            self.error = error
        self.took = time.monotonic() - began

    def ended(self):
        self.join(10)
        assert not self.is_alive()
        return self.error


def connect(one, host="127.0.0.1"):
    """A connection to the chief, as soon as it listens."""
    port = int(one.addresses[0].rpartition(":")[2])
    for _ in range(200):
        with contextlib.suppress(ConnectionRefusedError):
            return socket.create_connection((host, port), timeout=5)
        time.sleep(0.01)
    raise AssertionError("nobody listens")


def answer(link, said=b""):
    """All that the other side says until it hangs up."""
    heard = b""
    with contextlib.suppress(ConnectionError):
        link.sendall(said)
        while more := link.recv(65536):
            heard += more
    return heard


def lines(link):
    return link.makefile("rb")


@pytest.fixture
def admitted(monkeypatch):
    """A function that waits until the chief has let so many workers in, since the test began."""
    keep, numbers = rendezvous_chief._Chief._keep, []

    def counted(self, number, call):
        numbers.append(number)
        return keep(self, number, call)

    def wait(count):
        for _ in range(1000):
            if len(numbers) >= count:
                return
            time.sleep(0.01)
        raise AssertionError(f"only {numbers} came")

    monkeypatch.setattr(rendezvous_chief._Chief, "_keep", counted)
    return wait


# --- what does not fit


def hello(**fields):
    return b"- " + json.dumps({"worker": 1, "nonce": NONCE} | fields).encode() + b"\n"


FIRST_LINES = {
    "nothing": b"\n",
    "web": b"GET / HTTP/1.1\r\nHost: node1\r\n\r\n",
    "tls": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\n" + bytes(range(256)),
    "older": b'{"worker": 1, "asked": {"x": 1}}\n',
    "no proof": HELLO[2:],
    "foreign proof": b"f" * 64 + HELLO[1:].replace(b'"worker": 1', b'"worker": 2'),
    "nested": b"- " + b"[" * 100_000 + b"\n",
    "nested objects": b"- " + b'{"worker":' * 20_000 + b"\n",
    "list": b"- [1]\n",
    "null": b"- null\n",
    "empty": b"- {}\n",
    "the chief": hello(worker=0),
    "nobody": hello(worker=99),
    "negative": hello(worker=-1),
    "boolean": hello(worker=True),
    "fraction": hello(worker=1.0),
    "text": hello(worker="1"),
    "digits": HELLO.replace(b"1,", b"1" * 5000 + b",", 1),
    "more fields": hello(asked={}),
    "no nonce": b'- {"worker": 1}\n',
    "nonce of another type": hello(nonce=[0] * 32),
    "short nonce": hello(nonce=""),
    "no UTF-8": b'- {"worker": 1, "nonce": "\xff"}\n',
    "half": HELLO[:-10] + b"\n",
}


@pytest.mark.parametrize("said", FIRST_LINES.values(), ids=FIRST_LINES)
@pytest.mark.parametrize("token", [None, TOKEN], ids=["no token", "token"])
def test_what_does_not_fit_is_not_answered_and_disturbs_nobody(monkeypatch, said, token):
    if token:
        monkeypatch.setenv(authentication.TOKEN, token)
    chief, other = team()
    meets = Meeting(chief)
    for _ in range(3):
        with connect(chief) as link:
            assert answer(link, said) == b""
    second = Meeting(other)
    assert (meets.ended(), second.ended()) == (None, None)
    assert len(meets.warnings) == 1
    assert "127.0.0.1" in meets.warnings[0]
    assert meets.warnings[0].isprintable()


ASKED = {
    "list": [1],
    "list inside": {"seed": [0]},
    "depth": {"versions": {"numpy": {"a": 1}}},
    "not finite": float("nan"),
    "too large": {"seed": float("inf")},
    "too many": {str(number): 0 for number in range(2000)},
    "missing": ...,
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=ASKED)
def test_options_that_do_not_fit_are_not_answered(asked):
    chief, other = team()
    meets = Meeting(chief)
    with connect(chief) as link:
        link.sendall(HELLO)
        assert json.loads(lines(link).readline()[2:]).keys() == {"nonce"}
        assert answer(link, b"- " + json.dumps({} if asked is ... else {"asked": asked}).encode() + b"\n") == b""
    assert Meeting(other).ended() is None
    assert meets.ended() is None
    assert len(meets.warnings) == 1


def test_silent_and_slow_callers_delay_neither_the_workers_nor_the_deadline():
    chief, other, _ = team(3)
    meets = Meeting(chief, seconds=1.2)
    with connect(chief), connect(chief) as slow:
        joined = Meeting(other)
        for byte in HELLO[:6]:
            slow.sendall(bytes([byte]))
            time.sleep(0.05)
        assert "worker 2" in str(meets.ended())
        assert "worker 1" not in str(meets.error)
        assert 0.7 < meets.took < 5
        assert "worker 2" in str(joined.ended())  # which the chief told it
        assert joined.took < 5


def test_a_caller_that_says_nothing_has_to_go(monkeypatch):
    monkeypatch.setattr(rendezvous_chief, "EXCHANGE_SECONDS", 0.2)
    chief, other = team()
    meets = Meeting(chief)
    began = time.monotonic()
    with connect(chief) as silent, connect(chief) as half:
        half.sendall(HELLO)
        assert answer(silent) == b""
        assert answer(half).count(b"\n") == 1
    assert time.monotonic() - began < 2
    assert Meeting(other).ended() is None
    assert meets.ended() is None


def test_hundreds_of_strangers_do_not_keep_a_worker_out():
    chief, other = team()
    meets = Meeting(chief)
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(connect(chief)) for _ in range(200)]
        second = Meeting(other)
        assert (meets.ended(), second.ended()) == (None, None)
        assert second.took < 5
        assert all(answer(one) == b"" for one in strangers)
    assert len(meets.warnings) <= 1


def test_only_so_many_strangers_are_kept():
    chief, other = team()
    meets = Meeting(chief)
    with contextlib.ExitStack() as stack:
        strangers = [stack.enter_context(connect(chief)) for _ in range(rendezvous_chief.MOST + 50)]
        assert all(answer(one) == b"" for one in strangers[:50])
        strangers[-1].setblocking(False)
        with pytest.raises(BlockingIOError):  # the last is still listened to
            strangers[-1].recv(1)
    assert (Meeting(other).ended(), meets.ended()) == (None, None)


def test_a_line_without_an_end_is_not_kept():
    chief, other = team()
    meets = Meeting(chief)
    sent = 0
    with connect(chief) as link, pytest.raises(ConnectionError):
        while sent < 400_000_000:
            sent += link.send(b"a" * 1_000_000)
    assert sent < 40_000_000  # most of it in the buffers of the connection
    assert Meeting(other).ended() is None
    assert meets.ended() is None


# --- where the chief listens


def test_the_chief_listens_at_its_address_alone():
    chief, other = team()
    meets = Meeting(chief)
    connect(chief).close()
    with pytest.raises(OSError), socket.create_connection(("127.0.0.2", int(chief.addresses[0].split(":")[1])), 1):
        pass
    assert Meeting(other).ended() is None
    assert meets.ended() is None


def test_a_meeting_over_ipv6():
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6) as one:
            port = one.getsockname()[1]
    except OSError:
        pytest.skip("no IPv6 here")
    addresses = (f"[::1]:{port}", f"[::1]:{free_port()}")
    meets = Meeting(workers.Team(addresses, 0))
    assert Meeting(workers.Team(addresses, 1)).ended() is None
    assert meets.ended() is None


@pytest.mark.parametrize(
    ("address", "words"),
    [("192.0.2.7:2222", "192.0.2.7 is not an address of this machine"), ("nowhere.invalid:2222", "must be an address")],
)
def test_an_address_of_another_machine_is_told(address, words):
    with pytest.raises(WorkerError, match=words):
        workers.Team((address, "localhost:2223"), 0).rendezvous({}, seconds=1)


def test_a_name_that_is_a_loopback_address_here_alone_is_told(monkeypatch):
    resolve = socket.getaddrinfo

    def as_on_debian(host, *others, **more):
        return resolve("127.0.0.1" if host == "node1" else host, *others, **more)

    monkeypatch.setattr(socket, "getaddrinfo", as_on_debian)
    said = []
    with pytest.raises(WorkerError):
        workers.Team((f"node1:{free_port()}", "node2:2222"), 0).rendezvous({}, seconds=0.05, warn=said.append)
    assert "node1 is a loopback address" in said[0]


# --- other options, and secrets


def test_without_a_secret_no_caller_can_end_the_meeting_by_other_options():
    chief, other = team()
    meets = Meeting(chief)
    for value in ("a\x1b[31mb", 3):
        with connect(chief) as link:
            link.sendall(HELLO)
            heard = lines(link)
            heard.readline()
            said = answer(link, b"- " + json.dumps({"asked": {"x": value, "seed": 9}}).encode() + b"\n") or b""
            said += heard.read()
        assert json.loads(said[2:]) == {"verdict": "other", "text": ""}
    assert Meeting(other).ended() is None
    assert meets.ended() is None
    (warning,) = meets.warnings
    assert "seed 9 there and 0 on the chief" in warning
    assert warning.isprintable()


def test_without_a_secret_a_worker_with_other_options_ends_and_the_chief_waits_for_one_that_agrees():
    chief, other = team()
    meets = Meeting(chief, seconds=0.8)
    error = Meeting(other, OPTIONS | {"seed": 3}).ended()
    assert isinstance(error, OptionError)
    assert "worker 1" in str(error)
    assert "the chief prints what differs" in str(error)
    assert "private" not in str(error)
    error = meets.ended()
    assert isinstance(error, OptionError)
    assert "seed 3 there and 0 on the chief" in str(error)
    assert meets.took > 0.7


def test_with_a_secret_other_options_end_all_at_once(monkeypatch, admitted):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    chief, other, third = team(3)
    meets, agrees = Meeting(chief), Meeting(third)
    admitted(1)
    differs = Meeting(other, OPTIONS | {"seed": 3})
    for one in (meets, differs, agrees):
        assert isinstance(one.ended(), OptionError)
        assert "worker 1" in str(one.error)
        assert "seed 3 there and 0 on the chief" in str(one.error)
        assert one.took < 4


def test_another_number_of_workers_is_told(monkeypatch):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    chief, _ = team()
    meets = Meeting(chief)
    error = Meeting(workers.Team((*chief.addresses, "localhost:1"), 1)).ended()
    assert "number of workers 3 there and 2 on the chief" in str(error)
    assert "number of workers" in str(meets.ended())


@pytest.mark.parametrize(
    ("chiefs", "others", "words", "hint"),
    [
        (TOKEN, None, "is set on the chief and not here", "no GANCLI_WORKERS_TOKEN"),
        (None, TOKEN, "is set here and not on the chief", "the chief has none"),
        (TOKEN, TOKEN[::-1], "is not the same here and on the chief", "another GANCLI_WORKERS_TOKEN"),
    ],
)
def test_secrets_that_are_not_the_same_are_told_and_never_shown(monkeypatch, chiefs, others, words, hint):
    chief, other = team()
    tokens = {chief: chiefs, other: others}
    for module in (rendezvous_chief, rendezvous_worker):
        monkeypatch.setattr(module, "secret", lambda: tokens[threading.current_thread().one] and key())

    def key():
        return tokens[threading.current_thread().one].encode()

    meets = Meeting(chief, seconds=0.8)
    error = Meeting(other).ended()
    assert isinstance(error, OptionError)
    assert f"GANCLI_WORKERS_TOKEN {words}" in str(error)
    assert isinstance(meets.ended(), WorkerError)
    assert hint in str(meets.error)
    (warning,) = meets.warnings
    assert hint in warning
    assert not any(secret in f"{error} {meets.error} {warning}" for secret in (TOKEN, TOKEN[::-1]))


def test_a_worker_that_proves_nothing_hears_nothing_of_the_run(monkeypatch):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    chief, other = team()
    meets = Meeting(chief)
    with connect(chief) as link:
        assert answer(link, HELLO) == b'- {"verdict": "token", "text": ""}\n'
    assert Meeting(other).ended() is None
    assert meets.ended() is None


@pytest.mark.parametrize("token", ["", "short", "x" * 15])
def test_a_secret_that_is_too_short_is_refused(monkeypatch, token):
    monkeypatch.setenv(authentication.TOKEN, token)
    with pytest.raises(OptionError, match="at least 16") as caught:
        workers.find("a:1,b:2", 0)
    assert not token or token not in str(caught.value).replace("too short", "")
    assert workers.find(None, None) is workers.SINGLE_WORKER


def relayed(chief, said_by):
    """A port that passes everything on to the chief's, and keeps what the worker says. Returns: the port."""
    entrance = socket.create_server(("127.0.0.1", 0))

    def pass_on(one, other, kept=None):
        with contextlib.suppress(OSError):
            while more := one.recv(65536):
                if kept is not None:
                    kept.append(more)
                other.sendall(more)
        with contextlib.suppress(OSError):
            other.shutdown(socket.SHUT_WR)

    def serve():
        with entrance, entrance.accept()[0] as one, connect(chief) as other:
            back = threading.Thread(target=pass_on, args=(other, one))
            back.start()
            pass_on(one, other, said_by)
            back.join()

    threading.Thread(target=serve, daemon=True).start()
    return entrance.getsockname()[1]


def test_what_was_overheard_cannot_be_said_again(monkeypatch):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    chief, other, third = team(3)
    meets, said = Meeting(chief), []
    through = workers.Team((f"localhost:{relayed(chief, said)}", *other.addresses[1:]), 1)
    overheard = Meeting(through)
    while b"".join(said).count(b"\n") < 2:
        time.sleep(0.01)
    with connect(chief) as link:
        heard = answer(link, b"".join(said).replace(b'"worker": 1', b'"worker": 2'))
    assert b"nonce" not in heard  # the number is proved too
    with connect(chief) as link:
        assert answer(link, b"".join(said)).count(b"\n") == 1  # a challenge, and no verdict
    assert TOKEN.encode() not in b"".join(said)
    assert [one.ended() for one in (Meeting(third), meets, overheard)] == [None, None, None]


# --- two of one number


def test_a_second_worker_of_the_same_number_is_told_while_the_first_lives(admitted):
    chief, other, third = team(3)
    meets, first = Meeting(chief), Meeting(other)
    admitted(1)
    error = Meeting(other).ended()
    assert isinstance(error, OptionError)
    assert "--worker 1" in str(error)
    assert Meeting(third).ended() is None
    assert (meets.ended(), first.ended()) == (None, None)


def joined(chief, options=OPTIONS):
    """A connection that has said all that worker 1 says."""
    link = connect(chief)
    link.sendall(HELLO)
    lines(link).readline()
    asked = {"number of workers": chief.size} | options
    link.sendall(b"- " + json.dumps({"asked": asked}).encode() + b"\n")
    return link


@pytest.mark.parametrize("way", ["gone", "frozen"])
def test_a_worker_that_comes_again_replaces_one_that_died(monkeypatch, admitted, way):
    monkeypatch.setattr(rendezvous_chief, "REPLY_SECONDS", 0.2)
    chief, other, third = team(3)
    meets = Meeting(chief)
    with joined(chief) as link:
        admitted(1)
        if way == "gone":
            link.close()
        again = Meeting(other)
        admitted(2)
        last = Meeting(third)
        assert [one.ended() for one in (meets, again, last)] == [None, None, None]
        assert way == "gone" or b"go" not in answer(link)


def test_a_worker_that_left_is_waited_for(admitted):
    chief = team(3)[0]
    meets = Meeting(chief, seconds=0.8)
    with joined(chief):
        admitted(1)
    assert "worker 1" in str(meets.ended())
    assert "worker 2" in str(meets.error)


# --- false chiefs


@contextlib.contextmanager
def false_chief(speak):
    """A port where each caller is spoken to: `speak(link, heard)`. Gives the worker that calls there, and a list of
    what it said."""
    heard = []

    def serve():
        with contextlib.suppress(OSError):
            while True:
                with entrance.accept()[0] as link, contextlib.suppress(OSError):
                    link.settimeout(5)
                    speak(link, heard)

    with socket.create_server(("127.0.0.1", 0)) as entrance:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield workers.Team((f"localhost:{entrance.getsockname()[1]}", "localhost:1"), 1), heard
        entrance.shutdown(socket.SHUT_RDWR)
    thread.join(6)


def endless(link, heard):
    while True:
        link.sendall(b"a" * 1_000_000)


def endless_lines(link, heard):
    link.sendall(b'- {"nonce": "%s"}\n' % NONCE.encode())
    while True:
        link.sendall(b'- {"verdict": "still there?", "text": ""}\n')
        link.recv(1000)


def silent(link, heard):
    heard.append(link.recv(65536))
    link.recv(65536)


def echo(link, heard):
    while more := link.recv(65536):
        heard.append(more)
        link.sendall(more)


def garbage(link, heard):
    link.sendall(b"SSH-2.0-OpenSSH_9.6\r\n" + b"- " + b"[" * 100_000 + b"\n")


def challenge(link, heard):
    heard.append(link.recv(65536))
    link.sendall(b'- {"nonce": "%s"}\n' % NONCE.encode())
    heard.append(link.recv(65536))


def go(link, heard):
    heard.append(link.recv(65536))
    link.sendall(b'- {"nonce": "%s"}\n- {"verdict": "go", "text": ""}\n' % NONCE.encode())
    heard.append(link.recv(65536))


@pytest.mark.parametrize("speak", [endless, endless_lines, silent, echo, garbage])
def test_a_false_chief_is_not_waited_for_beyond_the_deadline(speak):
    with false_chief(speak) as (worker, _):
        meets = Meeting(worker, seconds=0.3)
        assert isinstance(meets.ended(), WorkerError)
        assert "worker 0" in str(meets.error)
        assert meets.took < 5


@pytest.mark.parametrize("speak", [challenge, go, echo])
def test_a_chief_that_proves_no_secret_hears_no_options_and_is_not_obeyed(monkeypatch, speak):
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    with false_chief(speak) as (worker, heard):
        assert isinstance(Meeting(worker, seconds=0.3).ended(), WorkerError)
    said = b"".join(heard)
    assert b"worker" in said
    assert not any(word in said for word in (b"private", b"asked", TOKEN.encode()))


# --- Ctrl-C, and what names the workers


@pytest.fixture
def ctrl_c():
    """SIGINT as a terminal would give it; tests that run beside one another ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.mark.parametrize(
    ("number", "error"),
    [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Interrupted), (signal.SIGHUP, Interrupted)],
)
@pytest.mark.parametrize("index", [0, 1])
def test_a_signal_ends_a_meeting_at_once(ctrl_c, index, number, error):
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    one = team()[index]
    timer = threading.Timer(0.1, os.kill, (os.getpid(), number))
    timer.start()
    began = time.monotonic()
    with pytest.raises(error):
        one.rendezvous(OPTIONS, seconds=10)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert time.monotonic() - began < 2


def test_a_chief_that_is_interrupted_tells_those_that_wait(ctrl_c, admitted):
    chief, other, _ = team(3)
    waits = Meeting(other)

    def interrupt():
        admitted(1)
        os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=interrupt).start()
    with pytest.raises(KeyboardInterrupt):
        chief.rendezvous(OPTIONS, seconds=10)
    assert "the chief) ended the rendezvous: it was interrupted" in str(waits.ended())


LONG = "1" * 5000


@pytest.mark.parametrize(
    "addresses",
    [
        f"a:{LONG},b:2",
        "a:２２２２,b:2",
        "a:²,b:2",
        "a:+1,b:2",
        "a:1_0,b:2",
        "a:0,b:2",
        ":1,b:2",
        f"{'a' * 5000}:1,b:2",
        "a..b:1,b:2",
        "a b:1,b:2",
        "a\0:1,b:2",
        "\udcff:1,b:2",
        "::1:2222,b:2",
        "[]:1,b:2",
        "http://a:1,b:2",
        "a:1,A:1,a:1",
    ],
)
def test_addresses_that_are_none_are_refused_in_one_sentence(addresses):
    with pytest.raises(OptionError) as caught:
        workers.find(addresses, 0)
    assert len(str(caught.value)) < 500


@pytest.mark.parametrize("text", [LONG, "²", "1.0", "-1", "x", " "])
def test_a_number_of_slurm_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("SLURM_PROCID", text)
    with pytest.raises(OptionError, match="SLURM_PROCID"):
        workers.find("a:1,b:2", None)


TASK = {"type": "worker", "index": 1}
CLUSTER = {"worker": ["a:1", "b:2"]}


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"cluster":' * 50_000,
        "[]",
        "null",
        "{}",
        f'{{"cluster": {{"worker": ["a:1", "b:2"]}}, "task": {{"type": "worker", "index": {LONG}}}}}',
        *(
            json.dumps({"cluster": cluster, "task": task})
            for cluster, task in [
                (CLUSTER, {"type": "worker", "index": LONG}),
                (CLUSTER, {"type": "worker", "index": 2}),
                (CLUSTER, {"type": "worker", "index": -1}),
                (CLUSTER, {"type": "worker", "index": 1.5}),
                (CLUSTER, {"type": "worker", "index": True}),
                (CLUSTER, {"type": "worker", "index": None}),
                (CLUSTER, {"type": "worker", "index": []}),
                (CLUSTER, {"type": "evaluator", "index": 0}),
                (CLUSTER, {"type": ["worker"], "index": 0}),
                (CLUSTER, {"index": 0}),
                (CLUSTER, [1]),
                ({"worker": "a:1,b:2"}, TASK),
                ({"worker": {"a:1": 1, "b:2": 2}}, TASK),
                ({"worker": [1, 2]}, TASK),
                ({"worker": [["a:1"], ["b:2"]]}, TASK),
                ({"worker": ["a", "b"]}, TASK),
                ({"worker": ["a:1,b:2", "c:3"]}, TASK),
                ([], TASK),
                ("worker", TASK),
            ]
        ),
    ],
)
def test_a_tf_config_that_is_none_is_refused_in_one_sentence(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(OptionError, match="TF_CONFIG") as caught:
        workers.find(None, None)
    assert len(str(caught.value)) < 500
    assert "\n" not in str(caught.value)


def test_a_long_number_on_the_command_line_is_a_usage_error(gancli):
    for options in (["--workers", f"a:{LONG},b:2", "--worker", 0], ["--workers", "a:1,b:2", "--worker", LONG]):
        assert gancli("train", "--data", "digits", *options).code == 2


def test_duplicates_that_call_at_the_same_moment_take_nobody_s_place(monkeypatch):
    """The chief asks the first worker whether it is there while it tells all to begin; their lines cross."""
    monkeypatch.setenv(authentication.TOKEN, TOKEN)
    told = []

    async def one(addresses, index, delay):
        await asyncio.sleep(delay)
        try:
            await rendezvous_worker.call(addresses[0], ["0", "1", "2"], index, OPTIONS, time.monotonic() + 5)
            told.append((index, "go"))
        except (OptionError, WorkerError) as error:
            told.append((index, str(error)))

    async def all_of_them(delays):
        addresses = [("127.0.0.1", free_port()) for _ in range(3)]
        chief = rendezvous_chief.receive(addresses, ["0", "1", "2"], OPTIONS, time.monotonic() + 5, told.append)
        others = [asyncio.create_task(one(addresses, 1, delay)) for delay in (0.05, *delays)]
        await asyncio.gather(chief, one(addresses, 2, 0.2), others[0])
        for other in others:
            other.cancel()

    for delays in ([0.2], [0.2, 0.2], [0.1, 0.1], [0.199, 0.2, 0.201]):
        told.clear()
        asyncio.run(all_of_them(delays))
        assert told.count((1, "go")) == told.count((2, "go")) == 1, told


# --- after the meeting

STUCK = """
import ctypes, signal, sys
from gancli.core.distributed import guards
with guards.time_limit(0.05, "quick"):
    pass
assert signal.getsignal(signal.SIGFPE) is signal.SIG_DFL
with guards.time_limit(float(sys.argv[1]), "Error: nobody connects\\n"):
    ctypes.PyDLL(None).usleep(700_000)  # holds Python's lock, as TensorFlow does
print("connected")
"""


@pytest.mark.parametrize(
    ("seconds", "ended"), [(0.1, (8, "", "Error: nobody connects\n")), (60, (0, "connected\n", ""))]
)
def test_a_connection_that_python_cannot_interrupt_is_ended_with_a_sentence(seconds, ended):
    done = subprocess.run([sys.executable, "-c", STUCK, str(seconds)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == ended


def test_a_worker_whose_port_is_taken_says_so_before_the_others_count_on_it():
    one = team()[1]
    host, port = one.addresses[1].rsplit(":", 1)
    with socket.create_server((host, int(port))), pytest.raises(WorkerError, match="is taken on this machine"):
        one.rendezvous(OPTIONS, seconds=10)


@pytest.mark.parametrize(
    ("addresses", "index"), [(",", None), ("localhost:4000,", 0), (",localhost:4000", 1), ("a:1", 1)]
)
def test_an_empty_part_or_a_place_that_is_not_there_never_trains_alone(addresses, index):
    with pytest.raises(OptionError, match=r"is not an address|names 1, from 0 to 0"):
        workers.find(addresses, index)
