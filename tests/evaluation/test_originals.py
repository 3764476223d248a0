"""Originals and the small images that super-resolution sets have for them."""

import json
import shutil

import numpy as np
import pytest
from helpers.photos import picture, run_of
from PIL import Image

from gancli import data
from gancli.core.errors import DataError, OptionError
from gancli.data import Request
from gancli.data.annotations.folders import low_resolution
from gancli.data.containers.source_files import SourceFile
from gancli.evaluation import super_resolution
from gancli.evaluation.metrics import psnr
from gancli.evaluation.super_resolution import GIVEN, Inputs
from gancli.imaging import bicubic


def self_exsr(folder, name, pixels, scales=(2, 3, 4)):
    """A picture in SelfExSR's layout: originals cropped to multiples, copies by the bicubic kernel."""
    for scale in scales:
        high = bicubic.crop_to_multiple(pixels, scale)
        place = folder / f"image_SRF_{scale}"
        place.mkdir(parents=True, exist_ok=True)
        for kind, values in (("HR", high), ("LR", bicubic.downscale(high, scale))):
            Image.fromarray(values.squeeze()).save(place / f"{name}_SRF_{scale}_{kind}.png")


def originals(path, scale, kind="bicubic"):
    return list(super_resolution.load_originals(str(path), 0, None, inputs=Inputs(kind, scale)))


@pytest.fixture
def drawn(tmp_path):
    for number in (1, 2):
        self_exsr(tmp_path / "Set2", f"img_{number:03}", picture(50, 38, seed=number))
    return tmp_path / "Set2"


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_each_original_is_scored_once_at_every_scale(drawn, scale):
    found = originals(drawn, scale)
    assert [(one.part, one.name) for one in found] == [
        ("Set2", f"img_{number:03}_SRF_{scale}_HR.png") for number in (1, 2)
    ]
    assert np.array_equal(found[0].pixels, bicubic.crop_to_multiple(picture(50, 38, seed=1), scale))
    assert found[0].given is None
    given = originals(drawn, scale, GIVEN)
    assert np.array_equal(given[1].given, bicubic.downscale(given[1].pixels, scale))


def test_training_takes_each_original_once(drawn):
    assert len(data.load(str(drawn), Request(least=8))) == 2


def test_given_inputs_are_enlarged_and_score_as_those_made_alike(gancli, enlarging, drawn):
    made, given = (
        json.loads(gancli("eval-psnr", "--data", drawn, "--run", run_of(enlarging, 0), "--inputs", kind, "--json").out)
        for kind in ("bicubic", "given")
    )
    assert made["sets"] == given["sets"]
    assert (made["inputs"], given["inputs"]) == ("bicubic", "given")
    for path in drawn.glob("image_SRF_2/*_LR.png"):
        Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
    answer = gancli("eval-psnr", "--data", drawn, "--run", run_of(enlarging, 0), "--inputs", "given")
    assert "the low-resolution files of the set enlarged" in answer.out
    assert "2 images" in answer.out
    assert f"{made['sets']['Set2']['bicubic']['psnr']:.2f}" not in answer.out


def test_given_inputs_that_are_missing_or_of_another_size_are_refused(drawn, tmp_path):
    with pytest.raises(
        DataError, match=r"each original for x8, there are none for .*img_001_SRF_2_HR.png; --inputs bic"
    ):
        originals(drawn, 8, GIVEN)
    small = drawn / "image_SRF_4" / "img_002_SRF_4_LR.png"
    Image.fromarray(picture(6, 6)).save(small)
    with pytest.raises(DataError, match=r"img_002_SRF_4_LR.png has 6x6 pixels.*expected the scale 4"):
        originals(drawn, 4, GIVEN)
    shutil.copytree(drawn / "image_SRF_2", tmp_path / "flat")
    for path in (tmp_path / "flat").glob("*_LR.png"):
        path.unlink()
    with pytest.raises(DataError, match="there are none"):
        originals(tmp_path / "flat", 2, GIVEN)
    with pytest.raises(OptionError, match="needs a folder or archive"):
        originals("digits", 2, GIVEN)


def files(*names):
    return [SourceFile(name, bytes) for name in names]


@pytest.mark.parametrize(
    "names",
    [
        ("a.jpg", "a-x2.jpg", "a_x2.jpg"),  # as gancli upscale writes them
        ("hr/1.png", "ui/2.png"),
        ("LR/1.png", "LR/2.png"),
        ("X2/0001x2.png", "X3/0001x3.png"),
        ("left/1.png", "LR/2.png", "right/3.png"),
        ("0801x4.png", "0802x4.png"),
        ("bmw_x3.jpg", "bmw_x4.jpg", "bmw.jpg"),
    ],
)
def test_pictures_without_an_original_are_no_copies(names):
    assert low_resolution.split(files(*names)) is None


@pytest.mark.parametrize(
    ("original", "copies"),
    [
        ("DIV2K_train_HR/0001.png", ("DIV2K_train_LR_bicubic/X4/0001x4.png", "DIV2K_train_LR_mild/0001x4m.png")),
        ("DIV2K_train_HR/0001.png", ("DIV2K_train_LR_bicubic_X4/0001x4.png",)),
        ("Set5/HR/baby.png", ("Set5/LR_bicubic/X4/babyx4.png", "Set5/LR_bicubic/X2/babyx2.png")),
        ("Set5/original/baby.png", ("Set5/LRbicx4/baby.png", "Set5/LRbicx3/baby.png")),
        ("HR/1.png", ("LRx4/1.png", "LR_x2/1.png", "LR/1.png")),
        ("hr/1.png", ("lr/1.png",)),
        ("Set5/GTmod12/baby.png", ("Set5/LR/x4/baby.png",)),
        ("img_001_SRF_4_HR.png", ("img_001_SRF_4_LR.png", "img_001_SRF_4_bicubic.png")),
        ("0801.png", ("0801x4.png", "0801x2.png")),
        ("baby_HR.png", ("baby_LR.png",)),
    ],
)
def test_copies_are_told_by_the_names_of_the_sets(original, copies):
    found = low_resolution.split(files(original, *copies))
    assert [file.name for file in found.originals] == [original]
    assert sorted(file.name for file in found.low) == sorted(copies)


def test_a_copy_for_the_scale_is_chosen_and_the_bicubic_one_of_several():
    names = [f"DIV2K_valid_LR_{how}/X{scale}/0801x{scale}.png" for how in ("unknown", "bicubic") for scale in (2, 4)]
    found = low_resolution.split(files("DIV2K_valid_HR/0801.png", *names))
    assert [one.name for one in found.copies(found.originals[0], 4)] == ["DIV2K_valid_LR_bicubic/X4/0801x4.png"]
    assert found.copies(found.originals[0], 3) == []


def test_sets_as_selfexsr_hands_them_out_score_as_published(real_data, tmp_path):
    """Ledig et al. 2017, table 2: bicubic x4 of Set5."""
    for part, name, pixels, _ in super_resolution.load_originals(str(real_data / "set5_set14.zip"), 0, None):
        if part == "Set5":
            self_exsr(tmp_path / part, name.removesuffix(".png"), pixels)
    for kind in ("bicubic", "given"):
        scores = []
        for one in originals(tmp_path / "Set5", 4, kind):
            low = bicubic.downscale(one.pixels, 4) if one.given is None else one.given
            scores.append(psnr.image_similarity(bicubic.upscale(low, 4), one.pixels, border=4).psnr)
        assert len(scores) == 5
        assert np.mean(scores) == pytest.approx(28.43, abs=0.01)
