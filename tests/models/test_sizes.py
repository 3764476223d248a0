"""Sizes of networks: --depth, --width and --units of every model, and depths that do not fit."""

import itertools

import pytest
from helpers.tiny import ALL, SHAPES, build, train

from gancli import models
from gancli.core import options
from gancli.core.errors import OptionError
from gancli.models.base import parameter_count
from gancli.models.capabilities import ConvolutionalNetworks
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

DEEP = {name: {field.name: field.default for field in options.fields(models.get(name).Options)} for name in ALL}
CONVOLUTIONAL = [name for name in ALL if {"depth", "width"} <= DEEP[name].keys()]
DENSE = [name for name in ALL if "units" in DEEP[name]]
AT_THESE_SIDES = {
    "gan-cls": 2,
    "pix2pix": 4,
    "segmentation": 5,
    "r3gan": 2,
    "sngan": 2,
}  # the depth of models that derive it; others: 1
FEW = dict.fromkeys(("cyclegan", "srgan", "srresnet"), 2)  # residual blocks, quicker than the default
IMPOSSIBLE = {("pix2pix", 5), ("r3gan", 3), ("sngan", 3)}
BIG = dict.fromkeys(("gan-cls", "lapgan", "r3gan", "sngan"), (16, 16, 1))
MORE = {"autoencoder": {"network": "convolutional"}, "vae": {"network": "convolutional"}}


@pytest.fixture
def _no_optimizers(monkeypatch):
    """Networks are counted here, and an optimizer has more variables than they do."""
    monkeypatch.setattr(Network, "__post_init__", lambda network: None)


def count(name, **chosen):
    """Trainable parameters of all networks."""
    model = build(name, BIG.get(name, SHAPES.get(name, (8, 8, 1))), **{"ema": 0.0, **chosen})
    return sum(parameter_count(network.model)[0] for network in model.networks.values())


def test_each_model_has_sizes():
    dense = {"cgan", "ebgan", "f-gan", "gan", "goodfellow", "skip-thoughts", "toy"}
    assert set(CONVOLUTIONAL) == set(ALL) - dense - {"progan"}  # which has a width for every side from 4 pixels on
    assert dense <= set(DENSE)
    assert all(name in CONVOLUTIONAL for name in ALL if issubclass(models.get(name), ConvolutionalNetworks))


@pytest.mark.usefixtures("_no_optimizers")
@pytest.mark.parametrize("name", CONVOLUTIONAL)
def test_a_level_more_or_less_changes_the_networks_and_the_default_depth_is_written_as_a_number_too(name):
    default = DEEP[name]["depth"]
    usual = FEW.get(name) or default or AT_THESE_SIDES.get(name, 1)
    small = {"width": 4, **MORE.get(name, {})}
    depths = [depth for depth in (usual - 1, usual + 1) if depth > 0 and (name, depth) not in IMPOSSIBLE]
    sizes = {depth: count(name, depth=depth, **small) for depth in (usual, *depths)}
    assert len(set(sizes.values())) == len(sizes) > 1
    assert default or sizes[usual] == count(name, **small)


@pytest.mark.usefixtures("_no_optimizers")
@pytest.mark.parametrize("name", ["espcn", "matching"])
def test_width_changes_the_networks(name):
    assert count(name, width=4) < count(name, width=8)


@pytest.mark.usefixtures("_no_optimizers")
@pytest.mark.parametrize("name", DENSE)
def test_units_change_the_networks(name):
    number = (lambda units: units) if isinstance(DEEP[name]["units"], int) else str
    more = {"network": "eyescream"} if name == "lapgan" else {}
    assert count(name, units=number(8), **more) < count(name, units=number(16), **more)
    if "d_units" in DEEP[name]:
        number = str if isinstance(DEEP[name]["d_units"], str) else int
        counts = [count(name, units=number(8), d_units=number(units), **more) for units in (8, 16)]
        assert counts[0] < counts[1]


@pytest.mark.usefixtures("_no_optimizers")
@pytest.mark.parametrize(
    ("name", "depth", "most"), [("dcgan", 3, 2), ("pix2pix", 5, 4), ("gan-cls", 4, 3), ("lapgan", 4, 3)]
)
def test_a_depth_that_does_not_fit_is_refused_with_the_largest_that_does(name, depth, most):
    more = {"network": "eyescream"} if name == "lapgan" else {}
    assert count(name, depth=most, **more)
    with pytest.raises(OptionError, match=f"--depth {depth}: images of .* are too small for it; give {most} or less"):
        count(name, depth=depth, **more)


@pytest.mark.parametrize("kernel", range(2, 10))
def test_each_weight_of_the_deepest_kernel_meets_a_pixel(kernel):
    """Else oneDNN leaves its bfloat16 gradient uninitialized."""
    for size in range(8, 70):
        sides = dcgan.ladder(size, dcgan.deepest(size, kernel))
        for half, side in itertools.pairwise(sides):
            before = max(0, 2 * (half - 1) + kernel - side) // 2  # TensorFlow's SAME
            met = {pixel + before - 2 * place for pixel in range(side) for place in range(half)}
            assert set(range(kernel)) <= met, (size, side)
        assert dcgan.deepest(size, kernel) >= len(dcgan.ladder(size)) - 1


def test_a_list_of_equal_units_has_a_layer_each():
    names = [layer.name for layer in build("gan", units="8,8,4", d_units="").networks["generator"].model.layers]
    assert [name for name in names if name.startswith("dense")] == ["dense_8", "dense_8_1", "dense_4"]
    with pytest.raises(OptionError, match="--d-units 8,x: expected numbers from 1 to 65536"):
        build("gan", d_units="8,x")


def test_a_deeper_network_trains():
    model = build("dcgan", (9, 9, 1), width=4, depth=2)
    done, _, last = train(model, model.stages()[0], 2)
    assert done == 2
    assert all(value == value for value in last.values())
