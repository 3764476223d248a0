"""Networks whose maps say how alike two images look: parts of VGG19 (Simonyan & Zisserman 2015), or of a classifier."""

from __future__ import annotations

import re

from gancli.core.backend import keras
from gancli.nn.architectures.classifier import convolutions

VGG = {"vgg22": "block2_conv2", "vgg54": "block5_conv4"}
VGG_SCALE = 1 / 12.75  # Ledig et al. 2017, section 3.2
BGR_MEANS = (103.939, 116.779, 123.68)  # of ImageNet, in Keras' order
OF_CLASSIFIER = re.compile(r"classifier-(\d)-of-(.+)")


def is_of_classifier(content: str) -> bool:
    """Whether this names the maps of a classifier, as `name_of_classifier` does."""
    return OF_CLASSIFIER.fullmatch(content) is not None


def name_of_classifier(depth: int, data: str) -> str:
    """What the maps of a classifier of so many convolutions are called."""
    return f"classifier-{depth}-of-{data}"


def features(content: str) -> keras.Model:
    """Images float32 (batch, height, width, 3) in [-1, 1] -> maps float32 (batch, h, w, channels).

    content: vgg22 or vgg54, the output of the second convolution before the second pooling or the fourth before the
    fifth, after its rectifier; or a classifier's name: that of its last convolution, after its rectifier.
    """
    layers = keras.layers
    if content in VGG:
        image = keras.Input((None, None, 3), name="image")
        turned = keras.ops.flip(layers.Rescaling(127.5, 127.5, name="bytes")(image), axis=-1)
        net = layers.Rescaling(1.0, [-mean for mean in BGR_MEANS], name="centred")(turned)
        whole = keras.applications.VGG19(weights=None, include_top=False)
        part = keras.Model(whole.inputs, whole.get_layer(VGG[content]).output, name="vgg19")
        return keras.Model(image, _scaled(part(net), VGG_SCALE), name="features")
    depth = int(OF_CLASSIFIER.fullmatch(content)[1])
    image = keras.Input((None, None, 3), name="image")
    return keras.Model(image, _scaled(convolutions(depth)(image), 1.0), name="features")


def _scaled(maps: object, factor: float) -> object:
    return keras.layers.Rescaling(factor, dtype="float32", name="scaled")(maps)


def all_convolutions(network: keras.Model) -> list[keras.Layer]:
    """The convolutions of a network and of the networks in it, in order."""
    found = []
    for layer in network.layers:
        if isinstance(layer, keras.Model):
            found += all_convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            found.append(layer)
    return found
