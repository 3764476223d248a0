"""Odd pictures have one rule each; bad ones are named; folders and their strange contents make nobody wait."""

import io
import os
import warnings

import numpy as np
import pytest
from PIL import Image, ImageOps

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request

RED, BLUE = (200, 0, 0), (0, 0, 200)


def saved(picture, tmp_path, name="x.png", **options):
    path = tmp_path / "set" / name
    path.parent.mkdir(exist_ok=True)
    picture.save(path, **options)
    return path.parent


# --- odd pictures: one rule for each


def test_sixteen_bits_are_scaled_not_clipped(tmp_path):
    wide = np.full((8, 8), 25700, np.uint16)
    folder = saved(Image.fromarray(wide), tmp_path)
    assert data.load(str(folder)).train["image"][0][0, 0, 0] == 100


def test_floats_are_stretched_and_told(tmp_path):
    folder = saved(Image.fromarray(np.linspace(-3, 9, 64, dtype=np.float32).reshape(8, 8)), tmp_path, "x.tiff")
    dataset = data.load(str(folder))
    image = dataset.train["image"][0]
    assert (image.min(), image.max()) == (0, 255)
    assert "floating-point" in dataset.remarks[0].text


@pytest.mark.parametrize("mode", ["RGBA", "LA", "PA"])
def test_transparency_is_laid_on_white(tmp_path, mode):
    picture = Image.new("RGBA", (8, 8), (90, 90, 90, 0))
    if mode == "PA":
        picture = picture.quantize(4)
    elif mode == "LA":
        picture = picture.convert("LA")
    dataset = data.load(str(saved(picture, tmp_path)))
    assert dataset.train["image"][0].min() == 255
    assert "on white" in dataset.remarks[0].text


@pytest.mark.parametrize(("mode", "channels"), [("1", 1), ("L", 1), ("P", 3), ("CMYK", 3)])
def test_other_modes_become_gray_or_rgb(tmp_path, mode, channels):
    picture = Image.new("RGB", (8, 8), "white").convert(mode)
    dataset = data.load(str(saved(picture, tmp_path, "x.tiff")))
    assert dataset.shape == (8, 8, channels)
    assert dataset.train["image"][0].min() >= 254


def test_a_picture_on_its_side_is_put_upright(tmp_path):
    picture = Image.new("L", (8, 8), 0)
    picture.paste(255, (0, 0, 8, 4))  # bright above
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned right by 90 degrees: bright on the right
    image = data.load(str(saved(picture, tmp_path, "x.png", exif=exif))).train["image"][0]
    assert image[4, 7, 0] > 250
    assert image[4, 0, 0] < 5
    assert ImageOps.exif_transpose(Image.open(tmp_path / "set/x.png")).getpixel((7, 4)) == 255


@pytest.mark.parametrize("name", ["x.gif", "x.webp", "x.png"])
def test_the_first_frame_of_an_animation_is_taken_and_told(tmp_path, name):
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, BLUE, RED)]
    folder = saved(frames[0], tmp_path, name, save_all=True, append_images=frames[1:])
    dataset = data.load(str(folder), Request(color="rgb"))
    assert dataset.train["image"][0][4, 4][0] > 150
    assert "animated" in dataset.remarks[0].text


def test_different_sizes_become_64_and_the_middle_is_kept(tmp_path):
    saved(Image.new("RGB", (100, 50), RED), tmp_path, "a.png")
    dataset = data.load(str(saved(Image.new("RGB", (30, 30), BLUE), tmp_path, "b.png")))
    assert dataset.shape == (64, 64, 3)
    assert "not square" in dataset.remarks[0].text


# --- bad pictures


def bad_folder(tmp_path, content, name="bad.png"):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path, "good.png")
    (folder / name).write_bytes(content)
    return folder


def png(size=(200, 200)):
    buffer = io.BytesIO()
    Image.effect_noise(size, 50).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"text", "not an image"), (png()[:5000], ""), (b"%PDF-1.4", "not an image")],
    ids=["empty", "text", "cut", "pdf"],
)
def test_a_bad_file_is_named(tmp_path, content, reason):
    with pytest.raises(DataError, match=rf"bad\.png: .*{reason}"):
        data.load(str(bad_folder(tmp_path, content)))


def test_a_decompression_bomb_is_refused_before_it_is_decoded(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)
    with warnings.catch_warnings(), pytest.raises(DataError, match=r"bad\.png: a decompression bomb"):
        warnings.simplefilter("error")
        data.load(str(bad_folder(tmp_path, png((120, 120)))))


def test_a_folder_without_pictures_and_a_broken_link_are_named(tmp_path):
    (tmp_path / "none").mkdir()
    with pytest.raises(DataError, match="holds no pictures"):
        data.load(str(tmp_path / "none"))
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    (folder / "lost.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.raises(DataError, match=r"lost\.png"):
        data.load(str(folder))


def test_a_pipe_in_a_folder_is_passed_over(tmp_path):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    os.mkfifo(folder / "pipe.png")
    assert len(data.load(str(folder))) == 1


def test_links_to_pipes_and_devices_are_passed_over(tmp_path):
    folder = saved(Image.new("RGB", (8, 8)), tmp_path)
    os.mkfifo(tmp_path / "pipe")
    (folder / "pipe.png").symlink_to(tmp_path / "pipe")
    (folder / "zero.png").symlink_to("/dev/zero")
    assert len(data.load(str(folder))) == 1


@pytest.mark.parametrize("cut", range(1, 40))
def test_an_animation_cut_anywhere_is_named_or_read(tmp_path, cut):
    frames = [Image.new("P", (8, 8), index) for index in range(3)]
    buffer = io.BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "x.gif").write_bytes(buffer.getvalue()[:-cut])
    try:
        assert len(data.load(str(folder))) == 1
    except DataError as error:
        assert "x.gif" in str(error)


# --- folders


def picture(folder, name, colour=0):
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (8, 8), (colour, 0, 0)).save(folder / name)


def test_only_pictures_that_are_seen_are_counted_and_names_decide_no_more_than_that(tmp_path):
    """Hidden files, thumbnails of the system and empty classes are passed over; the content decides the kind."""
    for name in ("a/1.PNG", "a/deep/er/2.Jpg", "b/3.tif", "b/3.TIF", "b/gr\u00f6.png", "b/gro\u0308.png"):
        picture(tmp_path, name)
    (tmp_path / "a" / "Thumbs.db").write_bytes(b"x")
    (tmp_path / "a" / ".4.png").write_bytes(b"x")
    (tmp_path / ".git").mkdir()
    picture(tmp_path, ".git/5.png")
    picture(tmp_path, "__MACOSX/6.png")
    (tmp_path / "empty").mkdir()
    Image.new("L", (8, 8)).save(tmp_path / "a" / "jpeg.png", "JPEG")
    dataset = data.load(str(tmp_path))
    assert (len(dataset), dataset.classes) == (7, ("a", "b"))


def texts(dataset, *, matters=True):
    """What is said, but for the few levels of pictures that are of one color here."""
    said = [remark.text for remark in dataset.remarks if remark.matters == matters]
    return [text for text in said if "256 levels" not in text]


def test_links_to_folders_are_followed_each_once_and_circles_are_told(tmp_path):
    """A folder that links to itself would otherwise be read 40 times."""
    picture(tmp_path, "set/a/1.png")
    picture(tmp_path, "elsewhere/2.png")
    picture(tmp_path, "elsewhere/deep/4.png")
    (tmp_path / "set" / "self").symlink_to(tmp_path / "set")
    (tmp_path / "set" / "above").symlink_to(tmp_path)
    (tmp_path / "set" / "b").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "deep" / "back").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "set" / "a" / "3.png").symlink_to(tmp_path / "elsewhere" / "2.png")
    (tmp_path / "set" / ".hidden").symlink_to("/usr")
    dataset = data.load(str(tmp_path / "set"))
    assert (len(dataset), dataset.classes) == (4, ("a", "b"))
    assert texts(dataset) == []
    assert "links to folders that contain them: above, b/deep/back, self" in texts(dataset, matters=False)


def test_a_class_that_is_a_link_to_another_and_a_link_to_nothing_are_told(tmp_path):
    picture(tmp_path, "cat/1.png")
    picture(tmp_path, "dog/1.png")
    (tmp_path / "a kitty").symlink_to("cat")
    (tmp_path / "lost").symlink_to("nowhere")
    dataset = data.load(str(tmp_path))
    assert dataset.classes == ("cat", "dog")
    assert texts(dataset) == ["broken links: lost", "links to folders that are read already: a kitty"]


def test_a_link_that_leads_to_itself_is_named(tmp_path):
    picture(tmp_path, "1.png")
    (tmp_path / "loop.png").symlink_to("loop.png")
    with pytest.raises(DataError, match=r"loop\.png"):
        data.load(str(tmp_path))


def test_a_folder_that_cannot_be_read_is_named(tmp_path, monkeypatch):
    """Python's walk passes it over without a word. A mode does not stop the superuser, so the refusal is feigned."""
    picture(tmp_path, "a/1.png")
    picture(tmp_path, "b/2.png")
    scan = os.scandir

    def scandir(path):
        if os.fspath(path).endswith("/b"):
            raise PermissionError(13, "Permission denied", os.fspath(path))
        return scan(path)

    monkeypatch.setattr(os, "scandir", scandir)
    with pytest.raises(DataError, match=r"/b: Permission denied"):
        data.load(str(tmp_path))


def test_one_picture_is_a_set_and_too_few_for_a_batch_are_exit_3(gancli, tmp_path):
    picture(tmp_path, "set/1.png")
    assert len(data.load(str(tmp_path / "set"))) == 1
    answer = gancli("train", "--model", "gan", "--data", tmp_path / "set", "--dry-run")
    assert answer.code == 3
    assert "fewer than a batch" in answer.err


def while_read(monkeypatch, happens):
    """Let something happen between the look at a folder and the reading of its pictures."""
    from gancli.data.images import image_survey

    survey = image_survey.survey

    def then(entries, **named):
        found = survey(entries, **named)
        happens()
        return found

    monkeypatch.setattr(image_survey, "survey", then)


def test_a_picture_deleted_while_a_folder_is_read_is_named(tmp_path, monkeypatch):
    for index in range(5):
        picture(tmp_path, f"{index}.png", index)
    while_read(monkeypatch, (tmp_path / "3.png").unlink)
    with pytest.raises(DataError, match=r"3\.png: .*No such file"):
        data.load(str(tmp_path))
    monkeypatch.undo()
    assert len(data.load(str(tmp_path))) == 4


def test_a_picture_that_grows_while_a_folder_is_read_is_brought_to_size(tmp_path, monkeypatch):
    for index in range(3):
        picture(tmp_path, f"{index}.png", index)
    while_read(monkeypatch, lambda: Image.new("RGB", (20, 30)).save(tmp_path / "1.png"))
    assert data.load(str(tmp_path)).shape == (8, 8, 3)


def test_a_header_that_claims_a_huge_picture_is_refused_before_memory_is_filled(tmp_path):
    import struct
    import zlib

    def part(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    for side in (10_000, 60_000, 2**31 - 1):
        head = part(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
        content = b"\x89PNG\r\n\x1a\n" + head + part(b"IDAT", zlib.compress(bytes(1000))) + part(b"IEND", b"")
        with pytest.raises(DataError, match=r"bad\.png: a decompression bomb"):
            data.load(str(bad_folder(tmp_path, content)))


def test_rare_formats_are_never_parsed_whatever_the_name(tmp_path):
    """Pillow knows some forty formats, and it is in the rare ones that holes are found."""
    for kind in ("TGA", "PCX", "ICO", "SGI", "EPS", "PDF"):
        buffer = io.BytesIO()
        Image.new("RGB", (8, 8)).save(buffer, kind)
        with pytest.raises(DataError, match=r"bad\.png: not an image"):
            data.load(str(bad_folder(tmp_path, buffer.getvalue())))
