"""Text to image and sentence vectors: what the papers say of a step, and the commands that take texts."""

import json

import numpy as np
import pytest
from helpers.captions import zip_of_reed
from helpers.tiny import BatchesOf, build, data
from helpers.trainings import finish, start

from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.data.texts.tokenization import END, Vocabulary
from gancli.inference import sampling
from gancli.models.base import parameter_count
from gancli.models.families.sentence_triples import _with_end
from gancli.models.families.text_conditional import other_texts
from gancli.models.skip_thoughts import _negative_log_likelihood
from gancli.nn import losses
from gancli.nn.architectures import text_conditional, text_encoders
from gancli.runs.run import Run
from gancli.training import setup


def batch_of(model):
    return {
        name: tf.cast(column[:8], tf.float32) if name == "image" else column[:8] for name, column in data(model).items()
    }


# --- networks


def test_the_networks_of_reed_have_their_shapes_and_parameters():
    generator = text_conditional.generator((64, 64, 3), 100, 1024, width=128)
    sides = [layer.output.shape[1:] for layer in generator.layers if layer.name.startswith("up_")]
    assert sides == [(8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 3)]
    squeeze, project = 1024 * 128 + 128, 228 * 16 * 1024
    residuals = sum(c * c // 4 + 9 * (c // 4) ** 2 + 9 * c * c // 4 + 2 * (c // 4 + c // 4 + c) for c in (1024, 512))
    ups = 16 * (1024 * 512 + 512 * 256 + 256 * 128 + 128 * 3)
    norms = 2 * (1024 + 512 + 256 + 128)
    assert parameter_count(generator)[0] == squeeze + project + residuals + ups + norms
    seen = text_conditional.discriminator((64, 64, 3), width=64)
    assert seen.output.shape == (None, 4, 4, 512)


@pytest.mark.parametrize(("side", "floors"), [(8, 1), (16, 2), (32, 3), (128, 5)])
def test_every_power_of_two_is_halved_to_four(side, floors):
    assert text_conditional.generator((side, side, 1), 5, 6, width=2).output.shape == (None, side, side, 1)
    assert len(text_conditional.sides_of(side)) == floors + 1


def test_a_text_s_vector_does_not_depend_on_what_is_beyond_its_end():
    reader = text_encoders.of_words(9, word_size=4, units=3)
    short = reader(tf.constant([[3, 4, 5]])).numpy()
    long = reader(tf.constant([[3, 4, 5, 0, 0], [3, 4, 5, 6, 7]])).numpy()
    assert np.allclose(short[0], long[0], atol=1e-6)
    assert not np.allclose(long[0], long[1], atol=1e-3)
    turned = reader(tf.constant([[5, 4, 3]])).numpy()
    assert not np.allclose(short, turned, atol=1e-3)  # the order of words counts


def test_units_that_read_backwards_are_those_of_keras():
    rows, keras_rows = tf.constant([[3, 4, 5, 0]]), tf.constant([[3, 4, 5]])
    reader = text_encoders.of_words(9, word_size=4, units=3, ways=("backwards",))
    table, *weights = reader.get_weights()
    plain = keras.layers.GRU(3, go_backwards=True, reset_after=False)
    inputs = tf.gather(table, keras_rows)
    plain(inputs)
    plain.set_weights(weights)
    assert np.allclose(reader(rows), plain(inputs), atol=1e-6)


def test_letters_are_read_in_any_number():
    reader = text_encoders.of_letters(71, units=6, share=0.02)
    assert reader(tf.zeros((2, 201), tf.int32)).shape == (2, 6)


def test_whitened_texts_have_mean_0_variance_1_and_no_correlation():
    plain = text_encoders.of_words(12, word_size=6, units=3)
    reader, rows = text_encoders.whitening(plain), np.random.default_rng(0).integers(1, 12, (500, 7))
    assert np.allclose(reader(rows), plain(rows), atol=1e-6)  # until it is told texts nothing is changed
    for _ in range(2):  # told again it does the same
        text_encoders.whiten(reader, rows)
        said = reader(rows).numpy()
        assert np.allclose(said.mean(axis=0), 0, atol=1e-4)
        assert np.allclose(np.cov(said.T), np.eye(6), atol=0.03)


def test_the_judge_adds_how_well_what_is_seen_fits_the_text():
    judge = text_conditional.matching_head(3, 5)
    random = np.random.default_rng(0)
    maps, texts = random.normal(size=(2, 4, 4, 3)).astype(np.float32), random.normal(size=(2, 5)).astype(np.float32)
    whole, looks = judge([maps, texts]).numpy(), judge.get_layer("looks").kernel.numpy()
    judge.get_layer("looks").kernel.assign(np.zeros_like(looks))
    fits = (maps.reshape(2, -1) @ looks * texts).sum(axis=1) / np.sqrt(5)
    assert np.allclose(whole[:, 0] - judge([maps, texts]).numpy()[:, 0], fits, atol=1e-4)


# --- GAN-CLS


def test_right_pairs_are_to_score_one_more_than_wrong_ones():
    images = tf.constant([[2.0, 0.0], [0.0, 2.0]])
    assert float(losses.joint_embedding_hinge_loss(images, images)) == 0.0
    worse = float(losses.joint_embedding_hinge_loss(images, images[::-1]))
    assert worse == pytest.approx(2 * 5.0)  # each wrong pair scores 4, each right one 0: 1 + 4, of both sides


@pytest.mark.parametrize(("mismatched_pair", "kinds"), [("text", 3), ("image", 3), ("none", 2)])
def test_the_judge_is_shown_three_kinds_of_pairs(monkeypatch, mismatched_pair, kinds):
    model, shown = build("gan-cls", mismatched_pair=mismatched_pair), []
    call = type(model.matching_head).__call__

    def watched(network, *inputs):
        if network is model.matching_head:
            shown.append([value.numpy() for value in inputs])
        return call(network, *inputs)

    monkeypatch.setattr(type(model.matching_head), "__call__", watched)
    told = model.train_step(BatchesOf(batch_of(model)))
    assert len(shown) == kinds
    assert ("p_wrong" in told) == (kinds == 3)
    (maps, text), (of_fakes, of_fake) = shown[:2]
    assert np.array_equal(text, of_fake)
    assert not np.allclose(maps, of_fakes)
    if mismatched_pair == "text":
        assert np.array_equal(shown[2][0], maps)
        assert np.array_equal(shown[2][1], text[other_texts(tf.constant(text), "near")])
    if mismatched_pair == "image":
        assert np.array_equal(shown[2][1], text)
        assert np.array_equal(shown[2][0], maps[other_texts(tf.constant(text), "near")])


def test_every_second_wrong_text_is_the_most_alike_that_says_something_else():
    model = build("gan-cls", negatives="near")
    said = np.random.default_rng(0).normal(size=(8, model.text_size)).astype(np.float32)
    said[4], said[6] = said[1], said[3] + 0.3 * said[0]  # the fourth says the same as the first
    said /= np.sqrt((said**2).mean(axis=1, keepdims=True))
    others = other_texts(tf.constant(said), "near").numpy()
    assert others[::2].tolist() == [1, 3, 5, 7]
    likeness = said @ said.T
    likeness[likeness > 0.999 * model.text_size] = -np.inf
    assert others[1::2].tolist() == likeness.argmax(axis=1)[1::2].tolist()
    assert others[3] == 6
    assert others[1] != 4
    assert other_texts(tf.constant(said), "any").numpy().tolist() == [1, 2, 3, 4, 5, 6, 7, 0]


def test_images_are_mirrored_where_that_is_asked_for_and_left_alone_otherwise():
    image = tf.constant(np.random.default_rng(0).normal(size=(8, 4, 4, 1)).astype(np.float32))
    assert build("gan-cls").mirrored(image) is image
    turned, plain = build("gan-cls", mirror=True).mirrored(image).numpy(), image.numpy()
    is_turned = [not np.array_equal(*pair) for pair in zip(turned, plain, strict=True)]
    assert 0 < sum(is_turned) < 8
    for at, whether in enumerate(is_turned):
        assert np.array_equal(turned[at], plain[at, :, ::-1] if whether else plain[at])


def test_a_style_that_was_not_learned_is_not_told():
    with pytest.raises(OptionError, match="style encoder is not trained yet"):
        build("gan-cls").style(tf.zeros((1, 8, 8, 1)))


def test_too_few_letters_to_read_are_refused():
    with pytest.raises(OptionError, match="--max-words 1: too few"):
        build("gan-cls", text_encoder="letters", max_words=1)


def test_scores_are_taken_where_what_is_drawn_learns(speaking):
    records = Run(next(speaking.iterdir())).metrics()
    scored = [(record["stage"], record["step"]) for record in records if "score" in record]
    assert scored == [("train", 12), ("train", 16), ("train", 20), ("style", 22)]  # the last at the training's end


def test_wrong_pairs_and_generated_ones_weigh_half_each():
    model = build("gan-cls")
    for weight in model.matching_head.model.trainable_variables:
        if "logit" in weight.path or "looks" in weight.path:
            weight.assign(tf.zeros_like(weight.value))
    told = model.train_step(BatchesOf(batch_of(model)))
    assert float(told["discriminator_loss"]) == pytest.approx(np.log(2) * (0.5 + 0.25 + 0.25), rel=1e-3)


def test_between_two_texts_the_generator_makes_half_as_many_again(monkeypatch):
    counts = []
    for mixes in (False, True):
        model = build("gan-cls", interpolate_text=mixes)
        made = type(model.generator).__call__

        def watched(network, *inputs, made=made, model=model):
            if network is model.generator:
                counts.append(len(inputs[0]))
            return made(network, *inputs)

        with monkeypatch.context() as patched:
            patched.setattr(type(model.generator), "__call__", watched)
            model.train_step(BatchesOf(batch_of(model)))
    assert counts == [8, 12]


def test_the_reader_stands_still_in_the_game_and_texts_have_a_mean_square_of_one():
    model = build("gan-cls")
    before = model.reader.model.get_weights()
    model.train_step(BatchesOf(batch_of(model)))
    assert all(np.array_equal(old, new) for old, new in zip(before, model.reader.model.get_weights(), strict=True))
    said = model.read(tf.constant(model.text_rows(["a b", "c a"]))).numpy()
    assert np.allclose((said**2).mean(axis=1), 1, atol=1e-3)


def test_styles_have_mean_0_and_variance_1_over_a_batch():
    styler = text_conditional.styler((32, 32, 3), 5, width=4)
    z = styler(tf.random.stateless_normal((64, 32, 32, 3), (1, 2)), training=True).numpy()
    assert np.allclose(z.mean(axis=0), 0, atol=1e-4)
    assert np.allclose(z.std(axis=0), 1, atol=1e-2)


def test_a_coarse_image_is_the_mean_of_its_pixels():
    images = np.random.default_rng(0).normal(size=(2, 64, 64, 3)).astype(np.float32)
    assert np.allclose(text_conditional.coarse(images), images.reshape(2, 16, 4, 16, 4, 3).mean(axis=(2, 4)), atol=1e-6)
    assert np.array_equal(text_conditional.coarse(images[:, :8, :8]), images[:, :8, :8])


def test_with_a_style_weight_the_ground_is_taken_from_a_picture():
    """Pictures that differ in their ground alone, of which the text says nothing: the style must tell it."""
    model = build("gan-cls", style_weight=3.0, z_dim=2, width=16, learning_rate=1e-3, ema=0.9)
    assert [stage.name for stage in model.stages() if stage.is_asked] == ["text", "train"]
    grounds = np.linspace(-0.9, 0.9, 8, dtype=np.float32)[:, None, None, None] * np.ones((8, 8, 8, 1), np.float32)
    batch = {"image": tf.constant(grounds), "caption": tf.ones((8, 1, 2), tf.int32)}
    step = tf.function(lambda: model.train_step(BatchesOf(batch)))
    for _ in range(200):
        told = step()
    said = model.read(tf.ones((8, 2), tf.int32))
    again = model.decode(model.style(batch["image"]), said).numpy().mean(axis=(1, 2, 3))
    assert np.corrcoef(again, grounds[:, 0, 0, 0])[0, 1] > 0.9
    assert float(told["rebuilt_loss"]) < 0.1  # 0.34 is the grounds' variance
    assert float(told["style_loss"]) < 0.8  # 1 tells nothing of z


def test_each_caption_of_a_picture_is_drawn(stripes):
    model = build("gan-cls")
    captions = tf.reshape(tf.range(1, 13), (2, 2, 3))
    seen = {tuple(model.sample_captions(captions).numpy()[0]) for _ in range(30)}
    assert seen == {(1, 2, 3), (4, 5, 6)}


def test_a_picture_with_fewer_captions_has_some_again():
    from gancli.data import Dataset

    captions = np.array([["a", "b", "c"], ["a", "", ""]], object)
    held = build("gan-cls").pipeline.columns_to_load(
        Dataset("x", {"image": np.zeros((2, 8, 8, 1), np.uint8), "caption": captions})
    )
    assert held["caption"][0, :, 0].tolist() == [3, 4, 5]
    assert held["caption"][1, :, 0].tolist() == [3, 3, 3]


# --- skip-thoughts


def test_the_end_stands_after_the_last_word_and_is_foretold_too():
    rows = np.array([[3, 4, 0], [5, 6, 7]], np.int32)
    assert _with_end(rows).tolist() == [[3, 4, END, 0], [5, 6, 7, END]]


def test_the_surprise_of_words_is_their_cross_entropy():
    model = build("skip-thoughts")
    after, words, encoder = (model.networks[f"uni_{name}"] for name in ("after", "words", "encoder"))
    rows, thought = tf.constant([[3, 4, END], [5, END, 0]]), encoder(tf.constant([[3, 4], [5, 0]]))
    each = _negative_log_likelihood(after, words, thought, rows, by_row=True).numpy()
    states = after(thought, tf.constant([[0, 3, 4], [0, 5, END]]))
    for row, length in ((0, 3), (1, 2)):
        logits = words(states[row, :length]).numpy()
        expected = -sum(logits[at][int(rows[row, at])] - np.log(np.exp(logits[at]).sum()) for at in range(length))
        assert each[row] == pytest.approx(expected, rel=1e-4)
    logs = model.log_next(tf.constant([[3, 4, 0], [5, 0, 0]]), tf.constant([[3, 4, 0], [5, 0, 0]])).numpy()
    assert logs.shape == (2, 2)
    assert -logs[0, 0] == pytest.approx(each[0], rel=1e-3)
    assert -logs[1, 1] == pytest.approx(each[1], rel=1e-3)


def test_some_words_are_hidden_from_the_decoders_and_none_from_the_encoder():
    rows = tf.constant(np.tile([3, 4, END, 0], (500, 1)))
    told = build("skip-thoughts", word_dropout=0.3)._with_dropout(rows).numpy()
    assert (told[:, 3] == 0).all()
    assert set(told[:, 0]) == {3, 1}
    assert (told[:, :3] == 1).mean() == pytest.approx(0.3, abs=0.05)
    assert np.array_equal(build("skip-thoughts", word_dropout=0.0)._with_dropout(rows), rows)


@pytest.mark.parametrize(("form", "size"), [("uni", 6), ("bi", 6), ("combine", 12)])
def test_a_vector_has_length_one_of_combine_each_half(form, size):
    model = build("skip-thoughts", form=form)
    said = model.read(tf.constant(model.text_rows(["a b", "c"]))).numpy()
    assert said.shape == (2, size)
    halves = said.reshape(2, -1, 6)
    assert np.allclose(np.linalg.norm(halves, axis=2), 1, atol=1e-5)


def test_batches_hold_sentences_of_like_lengths():
    model = build("skip-thoughts")
    model.pipeline._lengths = np.random.default_rng(0).integers(1, 30, 64)
    order = np.random.default_rng(1).permutation(64)
    arranged = model.pipeline.order_epoch(order, np.random.default_rng(2))
    assert sorted(arranged) == list(range(64))
    lengths = model.pipeline._lengths[arranged].reshape(8, 8)
    assert np.ptp(lengths, axis=1).max() < 8
    assert lengths.max(axis=1).tolist() != sorted(lengths.max(axis=1))  # the batches themselves come in any order


def test_nothing_is_foretold_where_a_text_begins_or_ends():
    from gancli.data import Dataset

    model = build("skip-thoughts")
    sentences = Dataset("x", {"sentence": np.array(["a", "b", "c a"], object), "line": np.array([0, 1, 3], np.int32)})
    held = model.pipeline.columns_to_load(sentences)
    assert held["sentence"][:, :2].tolist() == [[3, 0], [4, 0], [5, 3]]
    assert held["after"][:, :2].tolist() == [[4, END], [0, 0], [0, 0]]
    assert held["before"][:, :2].tolist() == [[0, 0], [3, END], [0, 0]]
    alone = {name: tf.repeat(rows[2:], 8, axis=0) for name, rows in held.items()}
    assert float(model.train_step(BatchesOf(alone))["uni_loss"]) == 0.0


def test_words_that_were_not_trained_are_learned_by_a_linear_map():
    model = build("skip-thoughts", form="combine")
    random = np.random.default_rng(0)
    tables = {part: model.networks[f"{part}_encoder"].model.get_weights()[0] for part in ("uni", "bi")}
    given = random.normal(size=(4, 2)).astype(np.float32)
    for table in tables.values():  # as if a linear map had made them
        table[3:6] = given[:3] @ random.normal(size=(2, table.shape[1]))
    for part, table in tables.items():
        layers = model.networks[f"{part}_encoder"].model
        layers.set_weights([table, *layers.get_weights()[1:]])
    known = sampling.encode_texts(model, ["a b"])
    assert model.vocabulary.unknown("d") == ["d"]
    twice = np.concatenate([given[:3], given[:1]])  # the new word has the vector of the first
    rows = tf.constant([[3, 4, 0]])
    logs = model.log_next(rows, rows).numpy()
    assert model.learn_words(["a", "b", "c", "d"], twice) == 1
    learned = tf.constant(model.text_rows(["a b", "a d"]))
    assert np.allclose(model.log_next(learned[:1], learned).numpy()[0, :1], logs[0], rtol=1e-4)  # decoders read on
    assert model.vocabulary.unknown("d") == []
    assert np.allclose(sampling.encode_texts(model, ["a b"]), known, atol=1e-5)
    assert np.allclose(sampling.encode_texts(model, ["d b"]), known, atol=1e-4)
    with pytest.raises(OptionError, match="too few"):
        model.learn_words(["a", "x"], random.normal(size=(2, 5)))


# --- runs and commands


@pytest.fixture(scope="module")
def thinking(tmp_path_factory):
    """A folder with a run of skip-thoughts."""
    outdir = tmp_path_factory.mktemp("thinking")
    finish(start(outdir, "", "skip-thoughts", form="combine"))
    return outdir


@pytest.fixture(scope="module")
def speaking(tmp_path_factory):
    """A folder with a run of gan-cls, scored as it was trained."""
    outdir = tmp_path_factory.mktemp("speaking")
    scores = {"eval_every": 4, "eval_score": "parzen", "eval_samples": 50}
    finish(start(outdir, "", "gan-cls", data="glyphs:64", **scores))
    return outdir


def test_samples_are_drawn_by_text(gancli, speaking, tmp_path):
    text = "a small red seven above a large blue square on a green ground"
    answer = gancli("sample", "--outdir", speaking, "--text", text, "--seeds", "0-3", "--out", "a.npz", "--json")
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["texts"] == [text]
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["images"].shape == (4, 8, 8, 3)
        first = arrays["images"]
    two = ["--text", "a large red one in the middle on a blue ground"]
    answer = gancli("sample", "--outdir", speaking, "--text", text, *two, "--seeds", "0-3", "--out", "b.npz")
    assert answer.code == 0, answer.err
    with np.load(tmp_path / "b.npz") as arrays:
        assert np.array_equal(arrays["images"][:4], first)
        assert arrays["labels"].tolist() == [0] * 4 + [1] * 4
        assert not np.array_equal(arrays["images"][4:], first)
    for way in (["--text", text], ["--text", text, "--style-of", Run(next(speaking.iterdir())).pictures()[0]], []):
        answer = gancli("sample", "--outdir", speaking, *way, "--out", "c.png")
        assert answer.code == 0, answer.err
        assert (tmp_path / "c.png").stat().st_size > 1000
    assert "a " in answer.out.splitlines()[1]  # the captions that the run remembers


def test_a_walk_goes_between_texts_and_between_seeds_of_one(gancli, speaking, tmp_path):
    first, second = "a small red seven in the middle on a blue ground", "a large red one in the middle on a blue ground"
    walk = ["interpolate", "--outdir", speaking, "--steps", "4", "--json", "--out"]
    answer = gancli(*walk, "a.png", "--seeds", "0-2", "--text", first, "--text", second)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["images"] == 12
    answer = gancli(*walk, "b.png", "--seeds", "3,11", "--text", first)
    assert answer.code == 0, answer.err
    assert json.loads(answer.out)["texts"] == [first]


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (["sample", "--text", " "], "--text is empty"),
        (["sample", "--text", "quick brown foxes"], "knows no word of 'quick brown foxes'"),
        (["sample", "--class", "3"], "takes texts, not classes"),
        (["sample", "--style-of", "x.png"], "needs a text: add --text"),
        (["sample", "--text", "red", "--style-of", "x.png", "--seeds", "3"], "give one"),
        (["sample", "--text", "red", "--grid", "2x2"], "leave out --class"),
        (["sample", "--text", "red", "--show-pyramid"], "leave out --class"),
        (["sample", "--text", "red", "--num-samples", "65"], "more than a picture holds"),
        (["encode", "--text", "red", "--class", "1"], "give one of them"),
        (["sample", "--text", "red", "--style-of", "x.png"], "x.png does not exist"),
        (["interpolate", "--seeds", "3,4"], "takes texts: give --text"),
        (["interpolate", "--seeds", "3,4", "--text", "red", "--text", "one", "--text", "two"], "was given 3 times"),
        (["interpolate", "--seeds", "3,4", "--text", "red", "--class", "2"], "--text or --class"),
        (["project"], "takes texts"),
        (["interpolate", "--from-images", "x.png", "y.png", "--text", "red"], "x.png does not exist"),
        (["eval-labels"], "has no labels"),
        (["zvector-arith", "[1] - [2] + [3]"], "is conditioned on the text"),
        (["encode", "--text", "red", "x.png"], "give one of them"),
        (["eval-sentences"], "no trained run of skip-thoughts in"),
    ],
)
def test_what_cannot_be_said_is_told_in_one_sentence(gancli, speaking, words, wrong):
    answer = gancli(words[0], "--outdir", speaking, *words[1:])
    assert answer.code in (2, 3, 4)
    assert wrong in answer.err
    assert "Traceback" not in answer.err


def test_text_for_a_run_that_takes_none_is_refused(gancli, trained):
    answer = gancli("sample", "--outdir", trained, "--text", "red")
    assert answer.code == 2
    assert "takes no text" in answer.err


def test_an_unknown_word_is_told(gancli, speaking):
    answer = gancli("sample", "--outdir", speaking, "--text", "a red fox", "--out", "x.png")
    assert answer.code == 0
    assert "encoded as unknown: fox" in answer.err


def test_obedience_is_told_by_group_beside_real_pictures_and_chance(gancli, speaking, monkeypatch):
    monkeypatch.setattr("gancli.data.datasets.glyphs.COUNT", 256)
    answer = gancli("eval-captions", "--outdir", speaking, "--num-samples", "60", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert {"seen", "held_out", "real", "by_chance"} <= found.keys()
    assert set(found["by_group"]["seen"]) == {
        "first size",
        "first colour",
        "first shape",
        "second size",
        "second colour",
        "second shape",
        "place",
        "ground",
    }


def test_captions_of_other_data_are_matched(gancli, tmp_path, monkeypatch):
    monkeypatch.setattr("gancli.evaluation.image_text_matcher.STEPS", 3)
    monkeypatch.setattr("gancli.evaluation.image_text_matcher.CANDIDATES", 10)
    path = zip_of_reed(tmp_path, classes=30)
    finish(start(tmp_path / "runs", "", "gan-cls", data=str(path), batch_size=8))
    answer = gancli("eval-captions", "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert 0 <= found["r_precision"] <= 1
    assert found["of"] == "test"
    monkeypatch.setattr("gancli.evaluation.image_text_matcher.CANDIDATES", 100)
    answer = gancli("eval-captions")
    assert answer.code == 3
    assert "12 different test captions are too few: R-precision needs 100" in answer.err


def test_sentences_are_encoded_and_compared(gancli, thinking, tmp_path):
    texts = ["the cat is red .", "the dog is blue .", "the cat is red"]
    asked = [word for text in texts for word in ("--text", text)]
    answer = gancli("encode", "--outdir", thinking, *asked, "--out", "a.npz", "--json")
    assert answer.code == 0, answer.err
    cosines = np.array(json.loads(answer.out)["cosines"])
    assert np.allclose(np.diagonal(cosines), 1, atol=1e-3)
    with np.load(tmp_path / "a.npz") as arrays:
        assert arrays["z"].shape == (3, 12)
    (tmp_path / "v.txt").write_text("cat 1 0\ndog 0 1\nwolf 1 1\n", encoding="utf-8")
    answer = gancli("encode", "--outdir", thinking, "--text", "the wolf", "--word-vectors", "v.txt")
    assert answer.code == 0, answer.err
    assert "1 words learned" in answer.err
    assert "unknown" not in answer.err


def test_the_sentence_that_follows_is_looked_for_in_three_ways(gancli, thinking):
    answer = gancli("eval-sentences", "--outdir", thinking, "--num-samples", "100", "--text", "the cat")
    assert answer.code == 0, answer.err
    assert "chance" in answer.out
    found = json.loads((next(thinking.iterdir()) / "eval" / "sentences.json").read_text(encoding="utf-8"))
    assert {"vectors", "likelihood", "words_in_common"} <= found.keys()
    assert found["sentences"] == 100
    (text, near), *others = found["nearest"]
    assert (text, len(near), others) == ("the cat", 3, [])
    assert near[0][1] in answer.out


def test_letters_learn_to_belong_to_images_too():
    model = build("gan-cls", text_encoder="letters", max_words=4)
    assert model.text_rows(["a small red seven"]).shape == (1, 20)
    before = model.reader.model.get_weights()
    rows = tf.constant(np.random.default_rng(0).integers(1, 70, (8, 2, 20)).astype(np.int32))
    told = model.text_step(BatchesOf({**batch_of(model), "caption": rows}))
    assert np.isfinite(float(told["text_loss"]))
    assert any(not np.array_equal(*pair) for pair in zip(before, model.reader.model.get_weights(), strict=True))


def test_a_run_of_skip_thoughts_reads_what_is_asked_for(tmp_path, thinking):
    lender = next(thinking.iterdir())
    model = start(tmp_path, "", "gan-cls", text_encoder=str(lender), max_words=5).model
    lent = Run(lender).model()[0]
    assert model.options.text_encoder == "skip-combine"
    assert model.data.words == lent.vocabulary.words
    assert [stage.name for stage in model.stages() if stage.is_asked] == ["train", "style"]
    both = sampling.encode_texts(model, ["the cat is red"]), sampling.encode_texts(lent, ["the cat is red"])
    assert np.allclose(both[0] / np.linalg.norm(both[0]), both[1] / np.linalg.norm(both[1]), atol=1e-5)
    again = Run(next(tmp_path.iterdir()))  # from the run alone, without the other
    assert again.model_class(*again.settings(), again.facts).text_size == model.text_size


def test_a_reader_that_is_no_run_of_skip_thoughts_is_refused(tmp_path, speaking):
    with pytest.raises(OptionError, match="neither a name"):
        setup.prepare("gan-cls", {"data": "glyphs:40", "text_encoder": "skip-uni"}, data_dir=None)
    with pytest.raises(OptionError, match="a run of gan-cls, not of skip-thoughts"):
        setup.prepare("gan-cls", {"data": "glyphs:40", "text_encoder": str(next(speaking.iterdir()))}, data_dir=None)


def test_texts_are_white_in_the_game_for_raw_and_averaged_weights_alike(speaking):
    run = Run(next(speaking.iterdir()))
    model = run.model()[0]
    texts = tf.constant(model.text_rows(run.dataset(None).train["caption"][:, 0]))
    said = model.reader.infer(texts).numpy()
    assert np.abs(said.mean(axis=0)).max() < 1e-3
    assert np.allclose(np.diagonal(np.cov(said.T))[:2].max(), 1, atol=0.1)
    assert np.array_equal(said, model.reader.model(texts).numpy())


def test_a_vocabulary_is_part_of_the_run(speaking):
    run = Run(next(speaking.iterdir()))
    assert "seven" in run.facts.words
    assert run.model()[0].vocabulary.words == Vocabulary(run.facts.words).words
