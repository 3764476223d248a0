"""gancli upscale and eval-psnr: pictures of every kind and size, in tiles, compared, and what is refused."""

import json

import numpy as np
import pytest
from helpers.photos import picture, run_of
from helpers.tiny import build
from helpers.trainings import finish, start
from PIL import Image

from gancli import data
from gancli.core.errors import DataError, ResourceError
from gancli.data import Request
from gancli.evaluation.metrics import psnr
from gancli.imaging import bicubic
from gancli.inference.upscaling import TiledUpscaler


@pytest.mark.parametrize("name", ["srresnet", "espcn"])
def test_tiles_are_what_the_whole_would_be(name):
    model = build(name, precision="float32")
    pixels = picture(50, 37, 1)
    tiled, whole = (TiledUpscaler(model, tile=tile)(pixels).astype(int) for tile in (9, 1000))
    assert np.abs(tiled - whole).max() <= 1
    assert tiled.shape == (100, 74, 1)


def test_a_picture_that_the_memory_cannot_hold_is_refused():
    flat = np.broadcast_to(np.zeros((1, 1, 1), np.uint8), (2_000_000, 2_000_000, 1))
    with pytest.raises(ResourceError, match="4,000,000x4,000,000"):
        TiledUpscaler(build("espcn"))(flat)


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("mode", ["RGB", "L", "RGBA", "LA", "P", "1"])
def test_pictures_of_every_kind_are_enlarged(gancli, enlarging, tmp_path, number, mode):
    alpha = Image.fromarray(picture(9, 7, 1, seed=3)[..., 0])
    source = Image.fromarray(picture(9, 7))
    if mode in ("RGBA", "LA"):
        source = source.convert(mode[:-1])
        source.putalpha(alpha)
    source.convert(mode).save(tmp_path / "a.png")
    answer = gancli("upscale", "a.png", "--run", run_of(enlarging, number))
    assert answer.code == 0, answer.err
    made = Image.open(tmp_path / "a-x2.png")
    assert made.size == (14, 18)
    assert made.mode == {"P": "RGB", "1": "L"}.get(mode, mode)
    if mode in ("RGBA", "LA"):
        assert np.array_equal(np.asarray(made)[..., -1], np.asarray(alpha.resize((14, 18), Image.Resampling.BICUBIC)))


def test_exif_and_profile_are_kept_and_the_picture_stands_upright(gancli, enlarging, tmp_path):
    source, exif = Image.fromarray(picture(8, 12)), Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a flower"  # lying on its side; its description
    source.save(tmp_path / "a.jpg", exif=exif, icc_profile=b"profile")
    assert gancli("upscale", "a.jpg", "--run", run_of(enlarging, 0)).code == 0
    made = Image.open(tmp_path / "a-x2.jpg")
    assert made.size == (16, 24)
    assert dict(made.getexif()) == {0x010E: "a flower"}
    assert made.info["icc_profile"] == b"profile"


def test_damaged_exif_is_left_out_with_a_word(gancli, enlarging, tmp_path):
    text_for_a_resolution = b"\x1a\x01\x02\0\x04\0\0\0abc\0"
    exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0" + text_for_a_resolution + b"\0\0\0\0"
    Image.fromarray(picture(8, 12)).save(tmp_path / "a.jpg", exif=exif)
    answer = gancli("upscale", "a.jpg", "--run", run_of(enlarging, 0))
    assert answer.code == 0, answer.err
    assert "EXIF is damaged" in answer.err
    assert Image.open(tmp_path / "a-x2.jpg").size == (24, 16)


def test_colours_of_16_bits_are_refused(gancli, enlarging, tmp_path):
    import struct
    import zlib

    def chunk(kind, content):
        whole = kind + content
        return struct.pack(">I", len(content)) + whole + struct.pack(">I", zlib.crc32(whole))

    rows = b"".join(b"\0" + bytes(4 * 6) for _ in range(4))
    head = struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0)
    content = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    (tmp_path / "deep.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    answer = gancli("upscale", "deep.png", "--run", run_of(enlarging, 0))
    assert answer.code == 3
    assert "16 bits" in answer.err


def test_no_picture_takes_the_place_of_another(gancli, enlarging, tmp_path):
    folder = tmp_path / "two"
    folder.mkdir()
    for ending in ("png", "gif"):
        Image.fromarray(picture(8, 8)).save(folder / f"same.{ending}")
    (folder / "bad.png").write_bytes(b"none")
    answer = gancli("upscale", "two", "--run", run_of(enlarging, 0), "--json")
    assert answer.code == 3
    assert json.loads(answer.out)["bad"] == ["bad.png"]
    assert sorted(path.name for path in (tmp_path / "two-x2").iterdir()) == ["same.gif.png", "same.png"]
    answer = gancli("upscale", "two", "--run", run_of(enlarging, 0), "--out", "two")
    assert answer.code == 2
    assert "choose another output path" in answer.err


def test_pictures_on_their_side_keep_their_sizes(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    for ending in ("tif", "jpg", "png"):
        Image.fromarray(picture(30, 40)).save(tmp_path / f"a.{ending}", exif=exif)
    dataset = data.load(str(tmp_path), Request(least=24))
    assert dataset.sizes().tolist() == [[40, 30]] * 3


def test_sizes_in_a_file_are_checked(tmp_path):
    import h5py

    def written(name, sizes):
        with h5py.File(tmp_path / name, "w") as file:
            file["images"], file["sizes"] = np.zeros((2, 30, 40, 3), np.uint8), np.array(sizes)
        return str(tmp_path / name)

    good = written("good.h5", [[30, 25], [28, 40]])
    assert [each.shape for each in data.load(good, Request(least=24)).pictures([0, 1])] == [(30, 25, 3), (28, 40, 3)]
    with pytest.raises(DataError, match="several sizes"):
        data.load(good)
    with pytest.raises(DataError, match="smaller than the 26"):
        data.load(good, Request(least=26))
    for sizes in ([[31, 25], [28, 40]], [[0, 1], [1, 1]], [30, 40]):
        with pytest.raises(DataError, match="'sizes' must be"):
            data.load(written("bad.h5", sizes), Request(least=24))


def test_a_folder_is_enlarged_picture_by_picture(gancli, enlarging, photos, tmp_path):
    answer = gancli("upscale", photos, "--out", "large", "--outdir", enlarging, "--json")
    assert answer.code == 0, answer.err
    assert [one["of"] for one in json.loads(answer.out)["pictures"]] == [f"{number}.png" for number in range(4)]
    assert Image.open(tmp_path / "large" / "1.png").size == (96, 48)


def test_ways_of_enlarging_are_compared_in_a_picture(gancli, enlarging, photos, tmp_path):
    high = Image.open(photos / "3.png")
    high.resize((32, 32), Image.Resampling.BICUBIC).save(tmp_path / "low.png")
    look = ["--comparison", "look.png", "--original", photos / "3.png", "--window", "4,8,10", "--beside", 1]
    answer = gancli("upscale", "low.png", *look, "--outdir", enlarging, "--run", 0, "--json")
    assert answer.code == 0, answer.err
    found, names = json.loads(answer.out), [run_of(enlarging, number).name for number in (0, 1)]
    assert [title.split(",")[0] for title in found["compared"]] == ["nearest", "bicubic", *names, "original"]
    assert Image.open(tmp_path / "look.png").width > 700


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.png", b"no picture at all", "a.png: not an image"),
        ("a.png", None, "a.png does not exist"),
        ("deep.png", Image.fromarray(np.zeros((4, 4), np.uint16)), "16 bits"),
    ],
)
def test_what_is_no_picture_of_8_bits_is_refused_in_a_line(gancli, enlarging, tmp_path, name, content, said):
    if isinstance(content, bytes):
        (tmp_path / name).write_bytes(content)
    elif content is not None:
        content.save(tmp_path / name)
    answer = gancli("upscale", name, "--outdir", enlarging)
    assert answer.code == 3
    assert said in answer.err
    assert len(answer.err.strip().splitlines()) == 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 30_000)])
def test_a_single_pixel_and_a_very_wide_picture_are_enlarged(gancli, enlarging, tmp_path, shape):
    Image.fromarray(np.zeros(shape, np.uint8)).save(tmp_path / "a.png")
    assert gancli("upscale", "a.png", "--run", run_of(enlarging, 1)).code == 0
    assert Image.open(tmp_path / "a-x2.png").size == (2 * shape[1], 2 * shape[0])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--scale", 4], "upscales by 2"),
        (["--out", "b.gif"], "ends in .png"),
        (["--window", "1,2,3"], "--comparison"),
        (["--comparison", "c.png", "--window", "1,2"], "X,Y,SIDE"),
        (["--comparison", "c.png", "--window", "8,8,9"], "12x12 pixels"),
        (["--comparison", "c.jpg"], "ends in .png"),
    ],
)
def test_a_wrong_use_of_upscale_is_explained(gancli, enlarging, tmp_path, arguments, said):
    Image.fromarray(picture(12, 12)).save(tmp_path / "a.png")
    answer = gancli("upscale", "a.png", *arguments, "--outdir", enlarging)
    assert answer.code == 2
    assert said in answer.err


def test_runs_that_enlarge_draw_nothing_and_say_so(gancli, enlarging):
    for command in ("sample", "eval-fid"):
        answer = gancli(command, "--run", run_of(enlarging, 0))
        assert answer.code == 2
        assert "srresnet cannot do this: it does not generate images from latent vectors" in answer.err


def test_runs_that_enlarge_nothing_say_so(gancli, trained, tmp_path):
    Image.fromarray(picture(12, 12)).save(tmp_path / "a.png")
    answer = gancli("upscale", "a.png", "--run", next(trained.iterdir()))
    assert answer.code == 2
    assert "it does not upscale images; srresnet" in answer.err


def test_scores_stand_beside_bicubic_and_nearest(gancli, enlarging, photos):
    answer = gancli("eval-psnr", "--data", photos, "--outdir", enlarging, "--run", run_of(enlarging, 0), "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    ways = found["sets"][photos.name]
    assert list(ways) == ["nearest", "bicubic", "srresnet"]
    assert ways["bicubic"]["psnr"] > ways["nearest"]["psnr"]
    assert ways["bicubic"]["fine"] < 1
    high = bicubic.crop_to_multiple(np.asarray(Image.open(photos / "1.png")), 2)
    made = bicubic.upscale(bicubic.downscale(high, 2), 2)
    expected = psnr.image_similarity(made, high, border=2).psnr
    assert found["pictures"][photos.name]["1.png"]["bicubic"]["psnr"] == pytest.approx(expected, abs=1e-4)
    text = gancli("eval-psnr", "--data", photos, "--outdir", enlarging, "--each", "--rgb", "--border", 0).out
    assert "all channels, 0 pixels cropped" in text
    assert text.count("0.png") == 3


def test_the_best_checkpoint_is_that_of_the_highest_psnr(tmp_path, photos):
    for number in range(60):
        Image.fromarray(picture(24, 24, seed=number)).save(tmp_path / f"{number}.png")
    scores = {"eval_every": 4, "crop": 16, "eval_samples": 50, "hold_out": True}
    started = start(tmp_path / "runs", tmp_path, "srresnet", **scores | {"data": str(tmp_path)})
    finish(started)
    records = [record for record in started.run.metrics() if "score" in record]
    assert len(records) == 3
    assert started.run.best()[1] == max(record["score"] for record in records)


# --- transparency


def disc(hidden, mode="RGBA", side=24):
    """A red disc, opaque, before a color that is fully transparent."""
    rows, columns = np.mgrid[:side, :side] - side / 2 + 0.5
    is_disc = rows**2 + columns**2 < (side / 3) ** 2
    colors = np.where(is_disc[..., None], (200, 20, 10), hidden).astype(np.uint8)
    return Image.fromarray(np.dstack([colors, 255 * is_disc.astype(np.uint8)])).convert(mode)


class Bicubic(TiledUpscaler):
    """Enlarges by the bicubic kernel, where a network would."""

    def __init__(self, channels=3):
        self.scale, self.reach, self.tile, self.channels = 2, 0, 192, channels

    def __call__(self, pixels, *, done=lambda: None):
        return bicubic.upscale(pixels, 2)


@pytest.mark.parametrize("channels", [1, 3])
def test_a_red_disc_on_transparent_green_has_no_green_rim(channels):
    pixels = np.asarray(disc((0, 255, 0)))
    colors, alpha = Bicubic(channels).upscale_with_alpha(pixels[..., :3], pixels[..., 3])
    assert (np.abs(colors[alpha > 0].astype(int) - (200, 20, 10)) <= 4).all()
    assert np.array_equal(alpha, bicubic.upscale(pixels[..., 3:], 2)[..., 0])


@pytest.mark.parametrize(("mode", "number"), [("RGBA", 0), ("LA", 1), ("P", 0)])
def test_hidden_colors_have_no_influence(gancli, enlarging, tmp_path, number, mode):
    made = []
    for name, hidden in (("green", (0, 255, 0)), ("white", (255, 255, 255))):
        if mode == "P":  # the color of one place in a palette is transparent
            picture = disc(hidden)
            colors = picture.convert("RGB").quantize(2)
            colors.save(tmp_path / f"{name}.png", transparency=colors.getpixel((0, 0)))
        else:
            disc(hidden, mode).save(tmp_path / f"{name}.png")
        assert gancli("upscale", f"{name}.png", "--run", run_of(enlarging, number)).code == 0
        made.append(np.asarray(Image.open(tmp_path / f"{name}-x2.png")))
    assert np.array_equal(*made)
    assert 0 < (made[0][..., -1] > 0).mean() < 1


def test_a_fully_transparent_picture_stays_so(gancli, enlarging, tmp_path):
    Image.new("RGBA", (6, 6), (0, 255, 0, 0)).save(tmp_path / "a.png")
    assert gancli("upscale", "a.png", "--run", run_of(enlarging, 0)).code == 0
    assert not np.asarray(Image.open(tmp_path / "a-x2.png"))[..., 3].any()


def test_low_resolution_of_a_training_shows_no_hidden_color(tmp_path):
    disc((0, 255, 0), side=48).save(tmp_path / "a.png")
    found = data.load(str(tmp_path), Request(least=24)).pictures([0])[0]
    low = bicubic.downscale(found, 4)
    assert (low[..., 1] <= np.maximum(low[..., 0], 20)).all()  # red on white: never greener than red
    assert "transparency" in data.load(str(tmp_path), Request(least=24)).remarks[0].text


# --- frames and pages


def animated(path, **options):
    frames = [Image.fromarray(picture(8, 6, seed=number)) for number in range(3)]
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)


@pytest.mark.parametrize("name", ["a.gif", "a.webp", "a.png", "a.tif"])
def test_animations_and_pages_are_enlarged_whole(gancli, enlarging, tmp_path, name):
    options = {} if name == "a.tif" else {"duration": [100, 50, 300], "loop": 0}
    animated(tmp_path / name, **options)
    answer = gancli("upscale", name, "--run", run_of(enlarging, 0))
    assert answer.code == 0, answer.err
    assert "12x16, 3 frames" in answer.out
    made = Image.open(tmp_path / name.replace(".", "-x2."))
    assert (made.n_frames, made.size) == (3, (12, 16))
    durations, firsts = [], []
    for frame in range(3):
        made.seek(frame)
        made.load()
        durations.append(made.info.get("duration", 0))
        firsts.append(np.asarray(made.convert("RGB"))[0, 0].tolist())
    assert durations == ([0, 0, 0] if name == "a.tif" else [100, 50, 300])
    assert name == "a.tif" or made.info["loop"] == 0
    assert firsts[0] != firsts[1]


def test_the_still_image_of_an_animated_png_stays_one(gancli, enlarging, tmp_path):
    animated(tmp_path / "a.png", default_image=True, duration=[100, 200])
    assert gancli("upscale", "a.png", "--run", run_of(enlarging, 0)).code == 0
    made, durations = Image.open(tmp_path / "a-x2.png"), []
    for frame in range(made.n_frames):
        made.seek(frame)
        durations.append(made.info.get("duration"))
    assert durations == [None, 100, 200]


def test_frames_with_transparency_keep_it(gancli, enlarging, tmp_path):
    frames = [disc((0, 255, 0)), disc((0, 0, 255)).rotate(90)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:], duration=80, disposal=2)
    assert gancli("upscale", "a.gif", "--run", run_of(enlarging, 0)).code == 0
    made = Image.open(tmp_path / "a-x2.gif")
    made.seek(made.n_frames - 1)
    assert np.asarray(made.convert("RGBA"))[0, 0, 3] == 0


@pytest.mark.parametrize(
    ("name", "out", "said"),
    [
        ("a.gif", "b.png", "a.gif: animated, first frame taken"),
        ("a.tif", "b.png", "a.tif: 3 pages, first page taken"),
    ],
)
def test_another_format_holds_the_first_frame_and_that_is_said(gancli, enlarging, tmp_path, name, out, said):
    animated(tmp_path / name)
    answer = gancli("upscale", name, "--out", out, "--run", run_of(enlarging, 0))
    assert answer.code == 0, answer.err
    assert said in answer.err
    assert getattr(Image.open(tmp_path / out), "n_frames", 1) == 1


def test_previews_in_a_camera_s_jpeg_are_no_frames(gancli, enlarging, tmp_path):
    frames = [Image.fromarray(picture(8, 6, seed=number)) for number in range(2)]
    frames[0].save(tmp_path / "a.jpg", "MPO", save_all=True, append_images=frames[1:])
    assert "note" not in gancli("upscale", "a.jpg", "--run", run_of(enlarging, 0)).err
    assert not data.load(str(tmp_path), Request(least=4)).remarks


def test_pages_of_16_bits_are_refused_wherever_they_stand(gancli, enlarging, tmp_path):
    deep = Image.fromarray(np.zeros((6, 6), np.uint16))
    Image.new("RGB", (6, 6)).save(tmp_path / "a.tif", save_all=True, append_images=[deep])
    answer = gancli("upscale", "a.tif", "--run", run_of(enlarging, 0))
    assert (answer.code, "16 bits" in answer.err) == (3, True)
