"""Segmentation: joint crops, the paper's costs, scores, trainings, and the commands."""

import dataclasses
import functools
import io
import json

import numpy as np
import pytest
from helpers import streets
from helpers.tiny import BatchesOf, build, each
from helpers.trainings import digest, finish, resume, run_until, start
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, jaccard_score

from gancli import data
from gancli.core.backend import tf
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.data import DataFacts
from gancli.evaluation.metrics import mean_iou
from gancli.imaging import images, random_crops
from gancli.inference.image_files.segment_file import label_map_png
from gancli.inference.segmentation import SegmentationPredictor, map_classes
from gancli.nn.architectures import segmentation as architecture
from gancli.runs import metadata

# --- crops


@functools.cache
def crop_maker():
    return build("segmentation", shape=(24, 32, 3))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**31), zoom=st.floats(1, 3), flip=st.booleans())
def test_a_crop_and_that_of_its_map_are_of_the_same_place(seed, zoom, flip):
    """Pixels that say where they are, as red and green, and a map that says whether they are left of the middle."""
    height, width = 24, 32
    rows, columns = np.mgrid[:height, :width]
    image = np.stack([8 * rows, 8 * columns, 0 * rows], axis=-1).astype(np.uint8)
    model = crop_maker()
    model.options = dataclasses.replace(model.options, zoom=zoom, flip=flip)
    model.random.reset_from_seed(seed)
    held = {
        "image": tf.constant(image[None]),
        "map": tf.constant((columns >= width // 2).astype(np.uint8)[None, ..., None]),
        "size": tf.constant([[height, width]]),
    }
    batch = model.pipeline.make_batch(held, tf.zeros(8, tf.int32))
    at = (batch["image"].numpy() + 1) * 127.5 / 8
    assert at[..., 0].min() >= 0
    assert at[..., 0].max() <= height - 1 + 1e-3
    assert at[..., 1].max() <= width - 1 + 1e-3
    sides = at[..., 1] - (width / 2 - 0.5)
    agrees = (sides >= 0) == (batch["map"].numpy() == 1)
    assert agrees[np.abs(sides) > 0.01].all()
    steps = np.diff(at[..., 1], axis=2)
    assert flip or (steps >= -1e-3).all()


@pytest.mark.parametrize("shape", [(20, 24), (16, 16), (64, 64), (100, 160)])
def test_no_crop_reaches_beyond_a_picture(shape):
    """Of a picture that is white all over every crop is; what lies outside would be black."""
    random, white = tf.random.Generator.from_seed(2), tf.fill((1, *shape, 1), np.uint8(255))
    for zoom in ((1 / 1.5, 1.5), (286 / 256, 286 / 256)):
        at = random_crops.sample_boxes(random, tf.constant([shape] * 3000), 16, zoom=zoom)
        assert random_crops.crop(white, tf.zeros(3000, tf.int32), at, 16).numpy().min() > 254.9


def test_crops_of_one_to_one_are_pixels_of_the_picture():
    model = build("segmentation", zoom=1.0, flip=False)
    values = np.random.default_rng(0).integers(0, 256, (1, 20, 24, 3), np.uint8)
    held = {"image": tf.constant(values), "map": tf.zeros((1, 20, 24, 1), tf.uint8), "size": tf.constant([[18, 20]])}
    at = tf.constant([[2.0, 3.0, 17.0, 18.0]] * 8)
    made = random_crops.crop(held["image"], tf.zeros(8, tf.int32), at, 16).numpy()
    np.testing.assert_allclose(made[0], values[0, 2:18, 3:19], atol=1e-3)
    model.pipeline.make_batch(held, tf.zeros(8, tf.int32))
    places = random_crops.sample_boxes(model.random, tf.constant([[18, 20]] * 500), 16, zoom=(1.0, 1.0)).numpy()
    assert places.min() >= 0
    assert places[:, [0, 2]].max() <= 17
    assert places[:, [1, 3]].max() <= 19
    assert 0.3 < (places[:, 1] > places[:, 3]).mean() < 0.7  # mirrored


# --- costs


def truth(model, seed=0):
    """A batch of the model's, and what it is told of it."""
    pixels, maps = streets.draw(8, 16, 16, seed)
    maps = np.where(maps == 2, 1, maps)
    return {"image": images.from_uint8(tf.constant(pixels)), "map": tf.constant(maps.astype(np.int32))}


def test_the_cross_entropy_is_that_of_the_labelled_pixels():
    model = build("segmentation", shape=(16, 16, 3), precision="float32")
    logits, batch = tf.random.stateless_normal((8, 16, 16, 2), (1, 2)), truth(model)
    found = float(model._cross_entropy(logits, model._truth(batch)[1]))
    is_told = batch["map"].numpy() != 255
    plain = tf.nn.sparse_softmax_cross_entropy_with_logits(np.where(is_told, batch["map"], 0), logits).numpy()
    assert found == pytest.approx(plain[is_told].mean(), rel=1e-5)


def test_balance_gives_rare_classes_more_weight():
    plain, fair = (build("segmentation", balance=balance) for balance in (False, True))
    y = tf.one_hot([[[0, 0, 0, 1]]], 2)
    sure_of_first = tf.constant([[[[3.0, 0.0]] * 4]])
    assert float(fair._cross_entropy(sure_of_first, y)) > float(plain._cross_entropy(sure_of_first, y))


def test_scaling_softens_the_truth_and_keeps_what_s_knows():
    y, s = tf.one_hot([0, 1, 0], 3), tf.constant([[0.5, 0.3, 0.2], [0.01, 0.97, 0.02], [0.0, 1.0, 0.0]])
    soft = architecture.softened(y, s).numpy()
    np.testing.assert_allclose(soft, [[0.9, 0.06, 0.04], [0.01, 0.97, 0.02], [0.9, 0.1, 0.0]], atol=1e-6)


def test_product_shows_each_class_with_the_image_under_it():
    model = build("segmentation", label_input="product")
    x, maps = tf.constant([[[[1.0, 0.0, -1.0]]]]), tf.constant([[[[1.0, 0.5]]]])
    np.testing.assert_allclose(model._adversary_input(x, maps)[0, 0, 0], [1, 0.5, 0, 0.5, 0.25, 0])


def test_the_adversary_cannot_tell_by_pixels_without_a_label(monkeypatch):
    model = build("segmentation", shape=(16, 16, 3), precision="float32")
    given, judge = [], model.adversary
    monkeypatch.setattr(type(judge), "__call__", lambda net, *inputs: given.append(inputs) or net.model(list(inputs)))
    model._adversary_step(truth(model))
    shown = [maps.numpy() for _, maps in given if maps.shape[-1] == 2]
    assert len(shown) == 2
    assert not any(maps[..., -1, :].any() for maps in shown)
    assert all(maps[..., 0, :].any() for maps in shown)


def test_a_slow_schedule_moves_one_player_at_a_time():
    model = build("segmentation", shape=(16, 16, 3), alternation=5, steps=12)
    plan = model.stages()
    assert [(stage.name, stage.steps) for stage in plan] == [
        (name, steps) for steps in (5, 5, 2) for name in ("segmenter", "adversary")
    ]
    for stage in plan[:2]:
        before = each(model)
        stage.step(BatchesOf(truth(model)))
        assert {name for name, bits in each(model).items() if bits != before[name]} == {stage.name}


def test_too_many_turns_are_refused():
    with pytest.raises(OptionError, match="more than 2,000 turns"):
        build("segmentation", alternation=2, steps=5_000)


# --- scores


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), classes=st.integers(2, 6))
def test_scores_agree_with_scikit_learn(seed, classes):
    random = np.random.default_rng(seed)
    true, found = random.integers(0, classes, (2, 9, 11)).astype(np.uint8)
    true[true == random.integers(0, classes)] = random.integers(0, classes)  # perhaps one is absent
    true[0] = 255
    matrix = mean_iou.confusion_matrix(true, found, classes)
    told = true != 255
    assert np.array_equal(matrix, confusion_matrix(true[told], found[told], labels=range(classes)))
    scores = mean_iou.scores(matrix)
    present = np.unique(true[told])
    assert scores.pixel_accuracy == pytest.approx((true == found)[told].mean())
    assert scores.mean_iou == pytest.approx(jaccard_score(true[told], found[told], labels=present, average="macro"))
    assert np.flatnonzero(scores.present).tolist() == present.tolist()
    if set(np.unique(found[told])) <= set(present):
        assert scores.class_accuracy == pytest.approx(balanced_accuracy_score(true[told], found[told]))


def test_no_labelled_pixel_is_no_score():
    with pytest.raises(ValueError, match="no pixel"):
        mean_iou.scores(np.zeros((3, 3), int))


# --- trainings


@pytest.fixture(scope="module")
def knowing(tmp_path_factory):
    """The folder of a run that knows streets."""
    outdir = tmp_path_factory.mktemp("runs")
    chosen = {"steps": 150, "width": 8, "adversarial_weight": 0.0, "eval_every": 50, "save_every": 50}
    return finish_in(outdir, streets.write(outdir / "streets.h5"), **chosen)


def finish_in(outdir, source, **chosen):
    started = start(outdir, source, "segmentation", batch_size=8, **chosen)
    finish(started)
    return started.run


def test_streets_are_learned_and_the_curve_of_both_parts_is_recorded(knowing):
    scores = [record for record in knowing.metrics() if "score" in record]
    assert scores[-1]["score"] > 0.8
    assert {"iou_training", "accuracy_validation", "accuracy_training"} <= scores[-1].keys()
    assert (knowing.path / "losses.png").is_file()
    assert max((knowing.path / "samples").glob("train-*.png")).stat().st_size > 1000


def test_turns_are_resumed_to_the_same_bits(tmp_path):
    chosen = {"alternation": 5, "label_input": "scaling", "segmenter": "multiscale"}
    whole = start(tmp_path / "a", "", "segmentation", **chosen)
    finish(whole)
    cut = start(tmp_path / "b", "", "segmentation", **chosen)
    run_until(cut, 6)
    finish(resume(cut.run))
    assert digest(whole.run) == digest(cut.run)


def test_any_size_is_named_and_brought_to_the_size_of_the_training(knowing):
    model = knowing.model()[0]
    pixels, maps = streets.draw(1, 60, 72, seed=5)
    near = SegmentationPredictor(model, side=20)(pixels[0])
    assert near.shape == (60, 72)
    assert (near == maps[0])[maps[0] != 255].mean() > 0.8
    assert SegmentationPredictor(model)(pixels[0][:7, :9]).shape == (7, 9)


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"image_size": 16}, "--crop"),
        ({"alternation": 5, "adversarial_weight": 0.0}, "--adversarial-weight"),
        ({"jit": "on"}, "XLA"),
    ],
)
def test_options_that_do_not_go_together_are_refused(tmp_path, chosen, words):
    with pytest.raises(OptionError, match=words):
        start(tmp_path, "", "segmentation", **chosen)


def test_data_without_maps_are_refused(tmp_path):
    with pytest.raises(DataError, match="needs map, but"):
        start(tmp_path, "", "segmentation", data="glyphs:40")


# --- commands


def test_segment_writes_a_map_that_reads_back_and_a_picture_of_it(knowing, tmp_path, gancli):
    pixels, maps = streets.draw(1, seed=9)
    Image.fromarray(pixels[0]).save(tmp_path / "street.png")
    told = json.loads(gancli("segment", tmp_path / "street.png", "--run", knowing.path, "--json").out)
    with Image.open(tmp_path / "street-labels.png") as made:
        assert made.mode == "P"
        found = np.asarray(made)
        assert np.array_equal(np.asarray(made.convert("RGB"))[0, 0], streets.PALETTE[found[0, 0]])
    assert (found == maps[0])[maps[0] != 255].mean() > 0.8
    assert sum(told["pictures"][0]["shares"].values()) == pytest.approx(1, abs=1e-3)
    assert (tmp_path / "street-labels-shown.png").is_file()


def test_segment_of_a_folder_names_what_is_no_picture(knowing, tmp_path, gancli):
    folder = tmp_path / "streets"
    folder.mkdir()
    Image.fromarray(streets.draw(1)[0][0]).save(folder / "a.png")
    (folder / "b.jpg").write_text("no picture")
    answer = gancli("segment", folder, "--run", knowing.path, "--no-preview")
    assert answer.code == 3
    assert (tmp_path / "streets-labels" / "a.png").is_file()
    assert not (tmp_path / "streets-labels" / "a-shown.png").exists()
    assert "b.jpg" in answer.err


def test_eval_segmentation_tells_each_class_and_keeps_the_result(knowing, gancli):
    told = gancli("eval-segmentation", "--run", knowing.path).out
    assert all(name in told for name in (*streets.CLASSES, "mean", "8 test images"))
    kept = json.loads((knowing.path / "eval" / "segmentation-test.json").read_text())
    assert kept["mean_iou"] > 0.8
    assert np.sum(kept["confusion"]) == 8 * 20 * 23


@pytest.mark.parametrize("split", ["validation", "train"])
def test_eval_segmentation_of_other_parts(knowing, gancli, split):
    answer = gancli("eval-segmentation", "--run", knowing.path, "--split", split, "--json")
    assert json.loads(answer.out)["images"] == {"validation": 12, "train": 24}[split]


def test_eval_segmentation_says_which_classes_are_absent(knowing, tmp_path, gancli):
    streets.lay(tmp_path)
    for path in tmp_path.glob("*annot/*.png"):
        values = np.asarray(Image.open(path)).copy()
        values[values == 2] = 1
        Image.fromarray(values).save(path)
    answer = gancli("eval-segmentation", "--run", knowing.path, "--data", tmp_path)
    assert "excluded from the means: car" in answer.out


def test_data_that_lack_a_class_are_read_in_the_run_s_numbers(tmp_path):
    facts = DataFacts("run", (8, 8, 3), 1, classes=("0", "7", "21"), palette=((1, 1, 1),) * 3, numbers=(0, 7, 21))
    for name, values in (("some", [[0, 21, 255]]), ("further", [[0, 7, 9]])):
        for folder, pixels in (("images", np.zeros((1, 3, 3), np.uint8)), ("masks", np.array(values, np.uint8))):
            (tmp_path / name / folder).mkdir(parents=True)
            Image.fromarray(pixels).save(tmp_path / name / folder / "0.png")
    made = map_classes(data.load(str(tmp_path / "some"), data.Request(least=1)), facts)
    assert made.train["map"].tolist() == [[[0, 2, 255]]]
    assert made.classes == facts.classes
    with pytest.raises(DataError, match="the run does not know: 9"):
        map_classes(data.load(str(tmp_path / "further"), data.Request(least=1)), facts)


@pytest.mark.parametrize(
    "change",
    [{"palette": [[1, 2, 3]]}, {"frequencies": []}, {"numbers": [0, 1, 70000]}, {"validation": -5}, {"side": "x"}],
)
def test_facts_of_maps_that_gancli_did_not_write_are_refused(knowing, tmp_path, change):
    record = json.loads((knowing.path / "run.json").read_text())
    record["data"] |= change
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=r"data: |side = "):
        metadata.read_run(tmp_path / "run.json")


def test_other_classes_are_refused(knowing, tmp_path, gancli):
    streets.lay(tmp_path, listed=False)
    answer = gancli("eval-segmentation", "--run", knowing.path, "--data", tmp_path)
    assert answer.code == 3
    assert "classes that the run does not know: 0, 1, 2" in answer.err


def test_data_check_shows_how_often_classes_are_met(tmp_path, gancli):
    told = gancli("data", "check", streets.lay(tmp_path)).out
    assert "classes of pixels" in told
    assert "car" in told


def test_numbers_above_a_byte_are_written_with_16_bits():
    facts = DataFacts("x", (4, 4, 3), 1, classes=("a", "b"), palette=((1, 2, 3), (4, 5, 6)), numbers=(7, 900))
    with Image.open(io.BytesIO(label_map_png(np.array([[0, 1]], np.uint8), facts))) as made:
        assert np.asarray(made).tolist() == [[7, 900]]


def test_what_is_not_as_in_the_file_is_said_of_single_pictures(knowing, tmp_path, gancli):
    frames = [Image.fromarray(one) for one in streets.draw(2)[0]]
    frames[0].save(tmp_path / "film.gif", save_all=True, append_images=frames[1:])
    frames[0].convert("RGBA").save(tmp_path / "clear.png")
    for name, words in (("film.gif", "film.gif: animated, first frame"), ("clear.png", "put on white")):
        assert words in gancli("segment", tmp_path / name, "--run", knowing.path, "--no-preview").err
    remarks = []
    data.open_images([tmp_path / "film.gif", tmp_path / "clear.png"], (8, 8, 3), tell=remarks.extend)
    assert [remark.text.split(":")[0] for remark in remarks] == ["film.gif", "film.gif", "clear.png", "clear.png"]
