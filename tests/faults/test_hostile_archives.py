"""Tar archives from strangers: nothing outside is read, no disk is filled, damage is named in one sentence."""

import bz2
import gzip
import io
import lzma
import random
import shutil
import tarfile
from collections import namedtuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gancli.core.errors import DataError, ResourceError
from gancli.data import containers
from gancli.data.containers import source_files
from gancli.data.formats import unpacking

PACK = {"tar": bytes, "tar.gz": gzip.compress, "tar.bz2": bz2.compress, "tar.xz": lzma.compress}
Usage = namedtuple("Usage", "total used free")


def tar_of(*entries, form=tarfile.GNU_FORMAT, **facts):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
        for name, content in entries:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            for key, value in facts.items():
                setattr(info, key, value)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def opened(tmp_path, content, name="a.tar"):
    (tmp_path / name).write_bytes(content)
    return containers.open_container(tmp_path / name)


@pytest.mark.parametrize("name", ["../x.png", "/tmp/x.png", "C:/x.png", "a/../../x.png"])
def test_names_that_point_outside_are_refused(tmp_path, name):
    with pytest.raises(DataError, match="points outside"):
        opened(tmp_path, tar_of((name, b"x")))


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_pictures_that_are_links_or_devices_are_refused(tmp_path, kind):
    with pytest.raises(DataError, match=r"a link, which|a device, which|points outside"):
        opened(tmp_path, tar_of(("x.png", b""), type=kind, linkname="/etc/passwd"))


def test_sparse_files_are_refused(tmp_path):
    with pytest.raises(DataError, match="sparse file"):
        opened(tmp_path, tar_of(("x.png", b"abc"), type=tarfile.GNUTYPE_SPARSE))
    with pytest.raises(DataError, match="sparse file"):
        content = tar_of(("x.png", b"abc"), form=tarfile.PAX_FORMAT, pax_headers={"GNU.sparse.major": "1"})
        opened(tmp_path, content)


def test_a_size_beyond_the_archive_takes_no_memory(tmp_path):
    info = tarfile.TarInfo("x.png")
    info.size = 10**15
    with pytest.raises(DataError, match="cut short"):
        opened(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + bytes(2048))
    info.type = tarfile.GNUTYPE_LONGNAME
    with pytest.raises(DataError, match="damaged: a name of"):
        opened(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + bytes(2048))


@pytest.mark.parametrize("ending", PACK)
def test_an_archive_cut_anywhere_is_refused_or_remarked(tmp_path, ending):
    names = [f"{number}/{'n' * 120}.png" for number in range(3)]
    whole = PACK[ending](tar_of(*((name, random.Random(name).randbytes(1024)) for name in names)))
    last = 3 * 2560 if ending == "tar" else len(whole)  # the rest of a plain one is padding
    for cut in sorted({*range(0, last, max(1, last // 60)), 1, 512, last - 1}):
        try:
            entries = opened(tmp_path, whole[:cut], f"a.{ending}")
        except DataError as error:
            assert str(tmp_path) in str(error)
        else:
            assert cut == 0 or any("cut short" in one.text for one in entries.remarks)
            assert cut == 0 or ending == "tar"


FLIPPED = tar_of(("a/x.png", b"abc"), ("l" * 150, b"abc"), ("b.txt", b"x" * 600), form=tarfile.PAX_FORMAT)


@settings(max_examples=150)
@given(st.integers(0, len(FLIPPED) - 1), st.integers(0, 255))
def test_a_flipped_byte_is_damage_or_a_picture(tmp_path_factory, at, value):
    folder = tmp_path_factory.getbasetemp() / "flipped"
    folder.mkdir(exist_ok=True)
    content = FLIPPED[:at] + bytes([value]) + FLIPPED[at + 1 :]
    try:
        for file in opened(folder, content).files:
            assert len(file.read()) == file.size <= len(content)
    except DataError as error:
        assert "a.tar" in str(error)


@pytest.mark.parametrize("ending", ["tar.gz", "tar.bz2", "tar.xz"])
def test_a_bomb_stops_before_the_disk_is_full(tmp_path, monkeypatch, ending):
    written = []
    monkeypatch.setattr(unpacking, "IN_MEMORY", 1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: written.append(1) or Usage(0, 0, (5 - len(written)) << 20))
    monkeypatch.setattr(unpacking, "RESERVE", 0)
    with pytest.raises(ResourceError, match="unpacks to more than fits"):
        opened(tmp_path, PACK[ending](bytes(10 << 20)), f"a.{ending}")
    assert len(written) < 10


@pytest.mark.parametrize("ending", ["tar.gz", "tar.bz2", "tar.xz"])
def test_an_archive_that_unpacks_to_many_times_its_size_is_a_bomb(tmp_path, monkeypatch, ending):
    monkeypatch.setattr(unpacking, "PLENTY", 1 << 20)
    with pytest.raises(DataError, match="decompression bomb"):
        opened(tmp_path, PACK[ending](bytes(8 << 20)), f"a.{ending}")


def test_more_names_than_fit_in_memory_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(source_files, "total_memory", lambda: 40_000)
    opened(tmp_path, tar_of(*((f"{number}.png", b"") for number in range(10))))
    with pytest.raises(DataError, match="more than the 10 that fit in memory"):
        opened(tmp_path, tar_of(*((f"{number}.png", b"") for number in range(12))))


def test_an_xz_file_cannot_claim_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "XZ_MEMORY", 1 << 20)
    with pytest.raises(DataError, match="cannot be unpacked"):
        opened(tmp_path, lzma.compress(bytes(100), preset=9), "a.tar.xz")


@pytest.mark.parametrize("content", [b"", b"text" * 200, b"\x28\xb5\x2f\xfd" + bytes(600)])
@pytest.mark.parametrize("ending", [*PACK, "tgz"])
def test_what_is_no_archive_is_refused_by_name(tmp_path, content, ending):
    from gancli import data

    (tmp_path / f"a.{ending}").write_bytes(content)
    with pytest.raises(
        DataError, match=rf"a\.{ending} (is not a readable|is compressed with zstd|holds no pictures|is emp)"
    ):
        data.load(str(tmp_path / f"a.{ending}"))
