"""Many pictures are decoded by several processes: the same pixels in the same order, and the same errors."""

import os
import signal
import time

import numpy as np
import pytest

from gancli import data
from gancli.core.errors import DataError, ResourceError
from gancli.data import Request
from gancli.data.containers import SourceFile
from gancli.data.images import decoding_pool
from gancli.data.images.decoding_pool import Decoding, decode_all
from tests.helpers.specimens import encoded, photo, pixels

COUNT = 50


def files(count=COUNT):
    return [
        SourceFile(f"{number}.png", lambda n=number: encoded(pixels(1, 9, 9, 3, seed=n)[0])) for number in range(count)
    ]


@pytest.fixture
def two_processes(monkeypatch):
    monkeypatch.setattr(decoding_pool, "_count_processes", lambda files: 2)


@pytest.mark.parametrize("side", [8, None])
def test_processes_decode_as_this_process_does(monkeypatch, side):
    decoding = Decoding("rgb", side)
    here = list(decode_all(decoding, files()))
    monkeypatch.setattr(decoding_pool, "_count_processes", lambda files: 2)
    there = list(decode_all(decoding, files()))
    assert len(here) == len(there) == COUNT
    assert all(np.array_equal(one, other) for one, other in zip(here, there, strict=True))


def test_bad_files_are_named_in_their_places_and_the_others_decoded(two_processes):
    def unreadable():
        raise DataError("lost.png: it is gone")

    given = [*files(20), SourceFile("bad.png", lambda: b"text"), *files(20), SourceFile("lost.png", unreadable)]
    found = list(decode_all(Decoding("rgb", 8), given))
    errors = {at: str(one) for at, one in enumerate(found) if isinstance(one, DataError)}
    assert errors == {20: "bad.png: not an image", 41: "lost.png: it is gone"}


def test_a_killed_process_ends_in_a_sentence(two_processes, monkeypatch):
    started = []
    popen = decoding_pool.subprocess.Popen
    monkeypatch.setattr(
        decoding_pool.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1]
    )
    decoded = decode_all(Decoding("rgb", 8), files(2000))
    next(decoded)
    os.kill(started[0].pid, signal.SIGKILL)
    with pytest.raises(ResourceError, match="ended unexpectedly"):
        list(decoded)
    assert all(process.poll() is not None for process in started)


def test_processes_end_when_the_reader_stops_early(two_processes, monkeypatch):
    started = []
    popen = decoding_pool.subprocess.Popen
    monkeypatch.setattr(
        decoding_pool.subprocess, "Popen", lambda *a, **k: started.append(popen(*a, **k)) or started[-1]
    )
    decoded = decode_all(Decoding("rgb", 8), files(2000))
    next(decoded)
    decoded.close()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and any(process.poll() is None for process in started):
        time.sleep(0.01)
    assert all(process.poll() is not None for process in started)


def test_a_data_set_is_the_same_however_it_is_decoded(tmp_path, monkeypatch):
    for number in range(40):
        photo(tmp_path / "set" / f"{number % 2}" / f"{number}.png", side=12, seed=number)
    found = []
    for count in (1, 2):
        monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / f"cache{count}"))
        monkeypatch.setattr(decoding_pool, "_count_processes", lambda files, count=count: count)
        found.append(data.load(str(tmp_path / "set"), Request(image_size=8)).fingerprints)
    assert found[0] == found[1]
