"""Networks of the levels of a Laplacian pyramid in the manner of DCGAN, which learn faster than those of 2015.

The coarsest image comes from a DCGAN. Each further generator works at half of its level's resolution: a strided
convolution, others of 3x3, and a transposed one to the details; BatchNorm and LeakyReLU between them. The
discriminators are those of DCGAN (Radford et al. 2015). Sides below SMALLEST have the dense networks of `laplacian`.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.architectures import dcgan, laplacian
from gancli.nn.architectures.dcgan import BATCH_NORM_MOMENTUM, LEAK, labels
from gancli.nn.layers import strided_conv
from gancli.nn.layers.batch_norm import batch_norm

SMALLEST = 8  # of a side with convolutions
KERNEL = 5
COARSE_WIDTH, COARSE_KERNEL = 4, 3  # of the coarsest level: its width relative to that of the others


def networks(
    shape: tuple[int, int, int], sizes: laplacian.Sizes, *, is_coarsest: bool
) -> tuple[keras.Model, keras.Model]:
    """Generator and discriminator of a level with images of this shape."""
    if shape[0] < SMALLEST:
        return laplacian.networks(shape, sizes, is_coarsest=is_coarsest)
    classes, norm = sizes.classes, sizes.d_norm
    if is_coarsest:
        same = {"width": COARSE_WIDTH * sizes.width, "kernel": COARSE_KERNEL, "classes": classes}
        norm = "none" if shape[0] == SMALLEST else norm  # one convolution, with a bias, else contrast would be free
        return dcgan.generator(shape, sizes.z_dim, **same), dcgan.discriminator(shape, norm=norm, **same)
    return (
        generator(shape, width=sizes.width, classes=sizes.classes, depth=sizes.depth),
        dcgan.discriminator(shape, width=sizes.width, kernel=KERNEL, classes=classes, norm=norm),
    )


def generator(shape: tuple[int, int, int], *, width: int, classes: int, depth: int) -> keras.Model:
    """Noise float32 (batch, side, side, 1) and the upsampled coarse image (batch, *shape) -> its sum with details.

    width: channels of the strided convolution, and half of those after it. depth: convolutions of 3x3 between the
    strided ones. classes: if not 0, one-hot labels float32 (batch, classes) are joined to the input of every layer.
    """
    layers, label, side = keras.layers, labels(classes), shape[0]
    noise, coarse = keras.Input((side, side, 1), name="noise"), keras.Input(shape, name="coarse")
    net = dcgan.joined(layers.Concatenate(name="join")([coarse, noise]), label, into="down")
    net = strided_conv.down_layer(width, KERNEL, use_bias=False, **laplacian.he(), name="down")(net)
    net = _normed(net, "down")
    for number in range(1, depth + 1):
        name = f"convolve_{number}"
        net = dcgan.joined(net, label, into=name)
        net = layers.Conv2D(2 * width, 3, padding="same", use_bias=False, **laplacian.he(), name=name)(net)
        net = _normed(net, name)
    net = dcgan.joined(net, label, into="details")
    details = strided_conv.up_layer(shape[2], KERNEL, side, **laplacian.faint(), name="details")(net)
    image = layers.Add(dtype="float32", name="image")([coarse, details])
    return keras.Model([noise, coarse] if label is None else [noise, coarse, label], image, name="generator")


def _normed(net: Tensor, name: str) -> Tensor:
    net = batch_norm(momentum=BATCH_NORM_MOMENTUM, epsilon=1e-5, name=f"norm_{name}")(net)
    return keras.layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{name}")(net)
