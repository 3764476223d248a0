"""Segmentation: label maps and their faults, joint crops, the paper's costs, scores, and the commands."""

import dataclasses
import functools
import json

import numpy as np
import pytest
import streets
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, confusion_matrix, jaccard_score
from tiny import BatchesOf, build, each
from trainings import STREETS, digest, finish, resume, run_until, start

from gancli import cuts, data, images, launch, records
from gancli.backend import tf
from gancli.data import hdf5, label_maps
from gancli.data.dataset import Request
from gancli.errors import CheckpointError, DataError, OptionError
from gancli.labelling import Labeller
from gancli.metrics import segmentation

NONE = label_maps.IGNORED


def lay(folder, *, layout="segnet", listed=True, count=12):
    """Streets as files, in one of the layouts."""
    pixels, maps = streets.draw(count)
    for row, (image, classes) in enumerate(zip(pixels, maps, strict=True)):
        part = ("train", "train", "val", "test")[row % 4]
        there = {"segnet": (part, f"{part}annot"), "pair": (f"images/{part}", f"labels/{part}")}[layout]
        for place, values in zip(there, (image, classes), strict=True):
            (folder / place).mkdir(parents=True, exist_ok=True)
            Image.fromarray(values).save(folder / place / f"{row:03}.png")
    if listed:
        colors = zip(streets.CLASSES, streets.PALETTE, strict=True)
        lines = [f"{number} {name} {' '.join(map(str, color))}" for number, (name, color) in enumerate(colors)]
        (folder / "classes.txt").write_text("\n".join(lines))
    return folder


# --- label maps


@pytest.mark.parametrize("layout", ["segnet", "pair"])
def test_both_layouts_give_the_same_pictures_maps_and_parts(tmp_path, layout):
    pixels, maps = streets.draw(12)
    found = data.load(str(lay(tmp_path, layout=layout)), Request(least=16))
    order = [row for part in ((0, 1), (2,)) for row in range(12) if row % 4 in part]
    assert np.array_equal(found.train["image"], pixels[order])
    assert np.array_equal(found.train["map"], maps[order])
    assert np.array_equal(found.test["map"], maps[3::4])
    assert (found.classes, found.palette, found.validation) == (streets.CLASSES, streets.PALETTE, 3)
    assert [rows.tolist() for rows in found.split()] == [list(range(6)), [6, 7, 8]]


def test_without_a_list_classes_are_numbers_and_255_is_none(tmp_path):
    found = data.load(str(lay(tmp_path, listed=False)), Request(least=16))
    assert found.classes == ("0", "1", "2")
    assert len(set(found.palette)) == 3
    assert (found.train["map"] == label_maps.IGNORED).any()


def test_maps_in_colours_are_read_by_the_list(tmp_path):
    lay(tmp_path)
    plain = data.load(str(tmp_path), Request(least=16)).train["map"]
    table = np.zeros((256, 3), np.uint8)
    table[:3] = streets.PALETTE
    for path in tmp_path.glob("*annot/*.png"):
        Image.fromarray(table[np.asarray(Image.open(path))]).save(path)
    with (tmp_path / "classes.txt").open("a") as file:
        file.write("\n3 Void 0 0 0")
    assert np.array_equal(data.load(str(tmp_path), Request(least=16)).train["map"], plain)


@pytest.mark.parametrize("name", ["Unlabelled", "void", "Ignore"])
def test_a_class_that_is_none_is_left_out(tmp_path, name):
    lay(tmp_path)
    (tmp_path / "classes.txt").write_text(f"0 {name} 0 0 0\n1 road 1 1 1\n2 car 2 2 2")
    found = data.load(str(tmp_path), Request(least=16))
    assert found.classes == ("road", "car")
    assert set(np.unique(found.train["map"])) == {0, 1, label_maps.IGNORED}


def test_a_square_of_a_picture_and_of_its_map_show_the_same(tmp_path):
    found = data.load(str(lay(tmp_path)), Request(image_size=10))
    near = np.abs(found.train["image"].astype(int) - np.array(streets.PALETTE)[found.train["map"] % 3]).max(axis=-1)
    assert np.median(near) < 25  # edges aside
    assert (near[found.train["map"] != label_maps.IGNORED] < 60).mean() > 0.85


def test_pictures_with_maps_come_back_from_an_h5_file(tmp_path, gancli):
    lay(tmp_path / "a")
    assert gancli("data", "pack", tmp_path / "a", tmp_path / "b.h5", "--image-size", 16).code == 0
    packed, plain = data.load(str(tmp_path / "b.h5"), Request()), data.load(str(tmp_path / "a"), Request(image_size=16))
    assert packed.facts().fingerprint == plain.facts().fingerprint
    assert (packed.palette, packed.classes, packed.validation) == (plain.palette, plain.classes, plain.validation)


def test_frequencies_are_of_the_pictures_in_which_a_class_is():
    maps = np.array([[[0, 0], [0, 1]], [[0, 0], [0, 0]], [[2, 255], [255, 255]]], np.uint8)
    assert label_maps.frequencies(maps, 4) == pytest.approx((7 / 8, 1 / 4, 1.0, 0.0))
    assert label_maps.shares(maps, 4) == pytest.approx([7 / 9, 1 / 9, 1 / 9, 0])


def _lose(folder):
    (folder / "trainannot" / "000.png").unlink()


def _strange(folder):
    Image.fromarray(np.full((20, 24), 37, np.uint8)).save(folder / "trainannot" / "000.png")


def _small(folder):
    Image.fromarray(np.zeros((10, 24), np.uint8)).save(folder / "trainannot" / "000.png")


def _more(folder):
    Image.fromarray(np.zeros((20, 24), np.uint8)).save(folder / "trainannot" / "more.png")


def _coloured(folder):
    Image.fromarray(np.full((20, 24, 3), 9, np.uint8)).save(folder / "trainannot" / "000.png")


def _twice(folder):
    Image.fromarray(np.zeros((20, 24, 3), np.uint8)).save(folder / "train" / "000.jpg")


def _list(text):
    return lambda folder: (folder / "classes.txt").write_text(text)


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (_lose, "train/000.png: no label map"),
        (_strange, "trainannot/000.png: label 37, none of the 3 classes"),
        (_small, "trainannot/000.png has 24x10 pixels, and train/000.png 24x20"),
        (_more, "trainannot/more.png: a label map, and no picture"),
        (_coloured, "the colour 090909"),
        (_twice, "which one has the label map"),
        (_list("0 sky 1\n1 road"), "expected a number, a name"),
        (_list("0 sky\n0 road"), "the number 0 is that of two classes"),
        (_list("0 sky\n1 sky"), "the name 'sky' is that of two classes"),
        (_list("0 sky"), "1 classes"),
    ],
)
def test_wrong_maps_are_named_in_a_sentence(tmp_path, spoil, words):
    spoil(lay(tmp_path))
    with pytest.raises(DataError, match=words):
        data.load(str(tmp_path), Request(least=16))


def test_a_colour_of_two_classes_is_refused_where_it_is_met(tmp_path):
    lay(tmp_path)
    (tmp_path / "classes.txt").write_text("0 sky 9 9 9\n1 road 9 9 9\n2 car 1 2 3")
    assert data.load(str(tmp_path), Request(least=16)).classes == ("sky", "road", "car")  # maps of numbers
    _coloured(tmp_path)
    with pytest.raises(DataError, match="the colour 090909, which the list gives to two"):
        data.load(str(tmp_path), Request(least=16))


def test_a_palette_in_any_order_is_read_by_its_colours(tmp_path):
    lay(tmp_path)
    plain = data.load(str(tmp_path), Request(least=16)).train["map"]
    (tmp_path / "classes.txt").open("a").write("\n3 Void 0 0 0")
    for path in tmp_path.glob("*annot/*.png"):
        colors = label_maps.colored(np.asarray(Image.open(path)), streets.PALETTE)
        Image.fromarray(colors).convert("P", palette=Image.Palette.ADAPTIVE, colors=4).save(path)
    assert np.array_equal(data.load(str(tmp_path), Request(least=16)).train["map"], plain)


@pytest.mark.parametrize(("folder", "maps"), [("Images/Test", "Labels/Test"), ("test", "test_annot")])
def test_case_and_underscores_do_not_matter_and_what_has_no_maps_is_named(tmp_path, folder, maps):
    lay(tmp_path)
    (tmp_path / folder).parent.mkdir(exist_ok=True)
    (tmp_path / maps).parent.mkdir(exist_ok=True)
    (tmp_path / "test").rename(tmp_path / folder)
    (tmp_path / "testannot").rename(tmp_path / maps)
    (tmp_path / "more").mkdir()
    Image.fromarray(streets.draw(1)[0][0]).save(tmp_path / "more" / "a.png")
    found = data.load(str(tmp_path), Request(least=16))
    assert len(found.test["map"]) == 3
    assert "more/a.png" in " ".join(found.notes)


def test_a_map_is_written_in_the_numbers_of_the_list(tmp_path, gancli):
    lay(tmp_path)
    for path in tmp_path.glob("*annot/*.png"):
        values = np.asarray(Image.open(path))
        Image.fromarray(np.where(values == NONE, 0, 7 * values + 3).astype(np.uint8)).save(path)
    (tmp_path / "classes.txt").write_text("0 void 0 0 0\n3 sky 1 1 1\n10 road 2 2 2\n17 car 3 3 3")
    started = start(tmp_path / "runs", "", "segmentation", data=str(tmp_path), batch_size=2, steps=2)
    finish(started)
    assert started.model.data.numbers == (3, 10, 17)
    assert gancli("segment", tmp_path / "test" / "003.png", "--run", started.run.path).code == 0
    with Image.open(tmp_path / "test" / "003-labels.png") as made:
        assert set(np.unique(made)) <= {3, 10, 17}


def test_no_validation_picture_of_the_data_s_own_is_trained_on():
    model = start_of("segmentation", hold_out=False)
    assert model.training_count() == 24
    assert model.training_rows(data.load(str(STREETS), Request(least=16))).tolist() == list(range(24))


def start_of(name, **chosen):
    return launch.plan(name, {"data": str(STREETS), "crop": 16, "batch_size": 4, **chosen}, data_dir=None).model


def test_colours_without_a_list_are_refused(tmp_path):
    _coloured(lay(tmp_path, listed=False))
    with pytest.raises(DataError, match=r"classes\.txt"):
        data.load(str(tmp_path), Request(least=16))


def test_other_models_take_the_pictures_and_leave_the_maps(tmp_path):
    started = start(tmp_path / "runs", lay(tmp_path / "a"), steps=2, batch_size=4, image_size=8)
    finish(started)
    assert started.model.data.classes == streets.CLASSES


def test_what_is_packed_again_keeps_maps_and_what_they_mean(tmp_path):
    from gancli.commands.data import _pack

    found = data.load(str(STREETS), Request(least=16))
    _pack(found, np.arange(5), tmp_path / "few.h5")
    few = data.load(str(tmp_path / "few.h5"), Request(least=16))
    assert np.array_equal(few.train["map"], found.train["map"][:5])
    assert (few.palette, few.numbers, few.classes) == (found.palette, found.numbers, found.classes)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"maps": np.zeros((4, 8, 7), np.uint8)}, "'maps' has shape"),
        ({"maps": np.full((4, 8, 8), 9, np.uint8)}, "label 9, which is none of the 2 classes"),
        ({"others": np.zeros((4, 8, 8, 1), np.uint8)}, "'others' has shape"),
        ({"tests": np.full(4, 7, np.uint8)}, "'tests' must be"),
        ({"palette": ((1, 2, 3),)}, "'palette' must be"),
        ({"numbers": (1, 1)}, "'numbers' must be"),
        ({"classes": ("a", "a")}, "a name for each"),
    ],
)
def test_what_is_wrong_in_a_h5_file_is_told(tmp_path, change, words):
    columns = {"maps": np.zeros((4, 8, 8), np.uint8), "tests": np.array([0, 0, 1, 2], np.uint8)}
    told = {"classes": ("a", "b"), "palette": ((1, 2, 3), (4, 5, 6)), "numbers": (0, 1)}
    columns |= {name: value for name, value in change.items() if isinstance(value, np.ndarray)}
    told |= {name: value for name, value in change.items() if not isinstance(value, np.ndarray)}
    hdf5.write(tmp_path / "x.h5", np.zeros((4, 8, 8, 3), np.uint8), (4, 8, 8, 3), columns=columns, **told)
    with pytest.raises(DataError, match=words):
        data.load(str(tmp_path / "x.h5"), Request())


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
    batch = model.gathered(held, tf.zeros(8, tf.int32))
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
        at = cuts.places(random, tf.constant([shape] * 3000), 16, zoom=zoom)
        assert cuts.cut(white, tf.zeros(3000, tf.int32), at, 16).numpy().min() > 254.9


def test_crops_of_one_to_one_are_pixels_of_the_picture():
    model = build("segmentation", zoom=1.0, flip=False)
    values = np.random.default_rng(0).integers(0, 256, (1, 20, 24, 3), np.uint8)
    held = {"image": tf.constant(values), "map": tf.zeros((1, 20, 24, 1), tf.uint8), "size": tf.constant([[18, 20]])}
    at = tf.constant([[2.0, 3.0, 17.0, 18.0]] * 8)
    made = cuts.cut(held["image"], tf.zeros(8, tf.int32), at, 16).numpy()
    np.testing.assert_allclose(made[0], values[0, 2:18, 3:19], atol=1e-3)
    model.gathered(held, tf.zeros(8, tf.int32))
    places = cuts.places(model.random, tf.constant([[18, 20]] * 500), 16, zoom=(1.0, 1.0)).numpy()
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
    model = build("segmentation", label_input="scaling")
    y, s = tf.one_hot([0, 1, 0], 3), tf.constant([[0.5, 0.3, 0.2], [0.01, 0.97, 0.02], [0.0, 1.0, 0.0]])
    soft = model._softened(y, s).numpy()
    np.testing.assert_allclose(soft, [[0.9, 0.06, 0.04], [0.01, 0.97, 0.02], [0.9, 0.1, 0.0]], atol=1e-6)


def test_product_shows_each_class_with_the_image_under_it():
    model = build("segmentation", label_input="product")
    x, maps = tf.constant([[[[1.0, 0.0, -1.0]]]]), tf.constant([[[[1.0, 0.5]]]])
    np.testing.assert_allclose(model._shown(x, maps)[0, 0, 0], [1, 0.5, 0, 0.5, 0.25, 0])


def test_the_adversary_cannot_tell_by_pixels_without_a_label(monkeypatch):
    model = build("segmentation", shape=(16, 16, 3), precision="float32")
    given, judge = [], model.adversary
    monkeypatch.setattr(type(judge), "__call__", lambda net, *inputs: given.append(inputs) or net.layers(list(inputs)))
    model._taught_adversary(truth(model))
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
    with pytest.raises(OptionError, match="turns at most"):
        build("segmentation", alternation=2, steps=5_000)


# --- scores


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**31), classes=st.integers(2, 6))
def test_scores_agree_with_scikit_learn(seed, classes):
    random = np.random.default_rng(seed)
    true, found = random.integers(0, classes, (2, 9, 11)).astype(np.uint8)
    true[true == random.integers(0, classes)] = random.integers(0, classes)  # perhaps one is absent
    true[0] = 255
    matrix = segmentation.confusion(true, found, classes)
    told = true != 255
    assert np.array_equal(matrix, confusion_matrix(true[told], found[told], labels=range(classes)))
    scores = segmentation.scores(matrix)
    present = np.unique(true[told])
    assert scores.pixel_accuracy == pytest.approx((true == found)[told].mean())
    assert scores.mean_iou == pytest.approx(jaccard_score(true[told], found[told], labels=present, average="macro"))
    assert np.flatnonzero(scores.present).tolist() == present.tolist()
    if set(np.unique(found[told])) <= set(present):
        assert scores.class_accuracy == pytest.approx(balanced_accuracy_score(true[told], found[told]))


def test_no_labelled_pixel_is_no_score():
    with pytest.raises(ValueError, match="no pixel"):
        segmentation.scores(np.zeros((3, 3), int))


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
    near = Labeller(model, side=20)(pixels[0])
    assert near.shape == (60, 72)
    assert (near == maps[0])[maps[0] != 255].mean() > 0.8
    assert Labeller(model)(pixels[0][:7, :9]).shape == (7, 9)


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
    with pytest.raises(DataError, match="needs map and"):
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
    answer = gancli("segment", folder, "--run", knowing.path, "--no-shown")
    assert answer.code == 3
    assert (tmp_path / "streets-labels" / "a.png").is_file()
    assert not (tmp_path / "streets-labels" / "a-shown.png").exists()
    assert "b.jpg" in answer.err


def test_eval_segmentation_tells_each_class_and_keeps_the_result(knowing, gancli):
    told = gancli("eval-segmentation", "--run", knowing.path).out
    assert all(name in told for name in (*streets.CLASSES, "mean", "8 test pictures"))
    kept = json.loads((knowing.path / "eval" / "segmentation-test.json").read_text())
    assert kept["mean_iou"] > 0.8
    assert np.sum(kept["confusion"]) == 8 * 20 * 23


@pytest.mark.parametrize("split", ["validation", "train"])
def test_eval_segmentation_of_other_parts(knowing, gancli, split):
    answer = gancli("eval-segmentation", "--run", knowing.path, "--split", split, "--json")
    assert json.loads(answer.out)["images"] == {"validation": 12, "train": 24}[split]


def test_eval_segmentation_says_which_classes_are_absent(knowing, tmp_path, gancli):
    lay(tmp_path)
    for path in tmp_path.glob("*annot/*.png"):
        values = np.asarray(Image.open(path)).copy()
        values[values == 2] = 1
        Image.fromarray(values).save(path)
    answer = gancli("eval-segmentation", "--run", knowing.path, "--data", tmp_path)
    assert "left out of the means: car" in answer.out


@pytest.mark.parametrize(
    "change",
    [{"palette": [[1, 2, 3]]}, {"frequencies": []}, {"numbers": [0, 1, 900]}, {"validation": -5}, {"side": "x"}],
)
def test_facts_of_maps_that_gancli_did_not_write_are_refused(knowing, tmp_path, change):
    record = json.loads((knowing.path / "run.json").read_text())
    record["data"] |= change
    (tmp_path / "run.json").write_text(json.dumps(record))
    with pytest.raises(CheckpointError, match=r"data: |side = "):
        records.read_run(tmp_path / "run.json")


def test_other_classes_are_refused(knowing, tmp_path, gancli):
    lay(tmp_path, listed=False)
    answer = gancli("eval-segmentation", "--run", knowing.path, "--data", tmp_path)
    assert answer.code == 3
    assert "other classes" in answer.err


def test_data_check_shows_how_often_classes_are_met(tmp_path, gancli):
    told = gancli("data", "check", lay(tmp_path)).out
    assert "classes of pixels" in told
    assert "car" in told
