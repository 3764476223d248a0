"""Tar archives as people have them: every compression, every way to write a name, and what is not read is named."""

import io
import os
import tarfile
import time

import numpy as np
import pytest

from gancli import data
from gancli.data import Request, containers, locations
from gancli.data.formats import unpacking
from tests.helpers.specimens import encoded, photo, pixels

ENDINGS = {".tar": "w", ".tar.gz": "w:gz", ".tgz": "w:gz", ".tar.bz2": "w:bz2", ".tar.xz": "w:xz"}
PNG = encoded(pixels(1, 8, 8, 3)[0])


def add(archive, name, content=PNG, **facts):
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for key, value in facts.items():
        setattr(info, key, value)
    archive.addfile(info, io.BytesIO(content))


def folder_of_classes(folder):
    for name in ("cat", "dog"):
        for number in range(3):
            photo(folder / name / f"{number}.png", seed=number)
    return folder


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("limit", [0, 1 << 26], ids=["on disk", "in memory"])
def test_an_archive_is_read_as_the_folder_in_it(tmp_path, monkeypatch, ending, limit):
    monkeypatch.setattr(unpacking, "IN_MEMORY", limit)
    folder = folder_of_classes(tmp_path / "pets")
    path = tmp_path / f"all{ending}"
    with tarfile.open(path, ENDINGS[ending]) as archive:
        archive.add(folder, ".")  # the names begin with ./
    found, plain = data.load(str(path), Request(image_size=8)), data.load(str(folder), Request(image_size=8))
    assert found.classes == ("cat", "dog")
    assert np.array_equal(found.items[:], plain.items[:])
    assert not found.remarks
    assert locations.find("all", str(tmp_path)).path == path


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_and_contents_are_those_of_tarfile(tmp_path, form):
    names = ["a.png", "d" * 90 + "/" + "n" * 60 + ".png", "é/ü.png", "./b//c.png", "notes.md"]
    if form != tarfile.USTAR_FORMAT:
        names.append("/".join(["long" * 20] * 5) + "/x.png")
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=form) as archive:
        for row, name in enumerate(names):
            add(archive, name, PNG + bytes(row * 300), mtime=1.5)
    expected = {}
    with tarfile.open(path) as archive:
        for info in archive:
            expected[os.path.normpath(info.name)] = archive.extractfile(info).read()
    entries = containers.open_container(path)
    assert {file.name: file.read() for file in entries.files} == expected
    for file in entries.files:
        stream = file.open()
        stream.seek(-3, io.SEEK_END)
        assert stream.read() == expected[file.name][-3:]


def test_hard_links_are_the_files_they_point_to_and_what_is_no_file_is_named(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        add(archive, "a.png")
        add(archive, "b.png", b"", type=tarfile.LNKTYPE, linkname="a.png")
        add(archive, "current", b"", type=tarfile.SYMTYPE, linkname="a.png")
        add(archive, "a.png", PNG + b"!")
    entries = containers.open_container(tmp_path / "a.tar")
    assert {file.name: file.read() for file in entries.files} == {"a.png": PNG + b"!", "b.png": PNG}
    assert [remark.text for remark in entries.remarks] == [
        "links, devices and sparse files are not read: current",
        "1 files are in the archive more than once, the last is read: a.png",
    ]


def test_an_archive_without_an_end_and_one_behind_another_are_remarked(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        add(archive, "a.png")
    content = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "open.tar").write_bytes(content[:1024])
    (tmp_path / "two.tar").write_bytes(content * 2)
    for name, text in (("open", "has no end mark"), ("two", "what follows the end mark")):
        entries = containers.open_container(tmp_path / f"{name}.tar")
        assert len(entries.pictures) == 1
        assert text in entries.remarks[0].text


def test_the_listing_of_many_files_takes_no_time(tmp_path):
    header = tarfile.TarInfo("c/0000.png")
    with (tmp_path / "a.tar").open("wb") as file:
        for number in range(4000):
            header.name, header.size = f"{number % 10}/{number}.png", len(PNG)
            file.write(header.tobuf() + PNG.ljust(-(-len(PNG) // 512) * 512, b"\0"))
        file.write(bytes(1024))
    start = time.process_time()
    assert len(containers.open_container(tmp_path / "a.tar").pictures) == 4000
    ours, start = time.process_time() - start, time.process_time()
    with tarfile.open(tmp_path / "a.tar") as archive:
        assert len(archive.getmembers()) == 4000
    assert ours < 2 * (time.process_time() - start)


def test_what_is_unpacked_to_disk_is_gone_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "IN_MEMORY", 0)
    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path / "cache"))
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        add(archive, "a.png")
    assert containers.open_container(tmp_path / "a.tgz").pictures[0].read() == PNG
    assert not list((tmp_path / "cache" / "unpacked").iterdir())
