"""A capability narrows a model to itself, and the error for other models is that of the commands."""

import pytest
from helpers import tiny

from gancli.core.errors import OptionError
from gancli.models.capabilities import Decoder, Encoder, Latent, Upscaler


def test_a_model_is_returned_as_it_is_if_it_has_the_capability():
    model = tiny.build("vae")
    assert all(one.of(model) is model for one in (Decoder, Encoder, Latent))
    with pytest.raises(OptionError, match=r"^vae cannot do this: it does not upscale images; srresnet, srgan"):
        Upscaler.of(model)
