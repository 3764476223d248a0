"""The abilities that commands ask for: small abstract classes that a model also inherits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import ClassVar

from gancli.core import latents
from gancli.core.backend import Tensor, np


class Latent(ABC):
    """Makes data from latent vectors: of `z_size` numbers, from the `prior`, which the model's options say."""

    lacking: ClassVar[str] = "it makes nothing from latent vectors"  # said of a model that is none

    @abstractmethod
    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """float32 (batch, z_size) -> float32 (batch, *shape of the data).

        condition: for models that take labels, one-hot rows float32 (batch, classes), or points between two of them.
        """

    @property
    def z_size(self) -> int:
        """Numbers in a latent vector."""
        return self.options.z_dim

    @property
    def prior(self) -> str:
        """The distribution of each of them: of latents.PRIORS."""
        return self.options.prior

    def noise(self, *shape: int) -> Tensor:
        """A batch from the prior, float32 (batch, *shape), (batch, z_size) if not given; moves the saved state of the
        noise."""
        shape = (self.options.batch_size, *(shape or (self.z_size,)))
        return self.random.normal(shape) if self.prior == "normal" else self.random.uniform(shape, -1.0, 1.0)

    def latents(self, seeds: Iterable[int]) -> np.ndarray:
        """One latent vector for each seed, float32 (seeds, z_size)."""
        return latents.from_seeds(seeds, self.z_size, self.prior)


class Decoder(Latent):
    """Can make images: `decode` gives float32 (batch, height, width, channels) in [-1, 1]."""

    lacking = "it draws no images from latent vectors"


class Encoder(ABC):
    """Can say which latent vectors images have."""

    lacking: ClassVar[str] = "it has no encoder; gancli project finds the z of an image by descent"

    @abstractmethod
    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> float32 (batch, z_size): what `decode` is given.

        condition: as of `decode`.
        """


class TextEncoder(ABC):
    """Can say what texts mean, as vectors. Attributes: `text_size`, numbers of one; `vocabulary`, what it spells by."""

    lacking: ClassVar[str] = "it reads no text; gan-cls and skip-thoughts do"
    text_size: int = 0

    @abstractmethod
    def text_rows(self, texts: Sequence[str]) -> np.ndarray:
        """Texts as rows of numbers, int32 (texts, longest), 0 beyond the end."""

    @abstractmethod
    def read(self, rows: Tensor) -> Tensor:
        """Rows as `text_rows` gives them -> vectors float32 (batch, text_size)."""


class SentencePredictor(ABC):
    """Can say how likely a sentence is to follow another, and learn words by the vectors of another training."""

    lacking: ClassVar[str] = "it foretells no sentences; skip-thoughts does"

    @abstractmethod
    def log_next(self, rows: Tensor, following: Tensor) -> Tensor:
        """log P in nats of each of `following` after each of `rows`, int32 (batch, longest) and (others, longest).

        Returns: float32 (batch, others).
        """

    @abstractmethod
    def learn_words(self, words: Sequence[str], vectors: np.ndarray) -> int:
        """Know further words by their vectors, float (words, size). Returns: how many were learned.

        Raises: OptionError if too few of the known words have a vector.
        """


class StyleEncoder(ABC):
    """Can say which z an image would be made from, whatever it shows."""

    lacking: ClassVar[str] = "it has no encoder of style; gan-cls does"

    @abstractmethod
    def style(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> float32 (batch, z_size)."""


class Upscaler(ABC):
    """Can enlarge images. Attributes: `scale`, how many times; `reach`, how many pixels around its own one of the
    result depends on, so that a large picture can be enlarged in parts."""

    lacking: ClassVar[str] = "it enlarges no images; srresnet, srgan and espcn do"
    scale: int = 1
    reach: int = 0

    @abstractmethod
    def upscale(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> (batch, scale height, scale width, channels)."""


class Segmenter(ABC):
    """Can say which class each pixel of an image shows: one of `data.classes`."""

    lacking: ClassVar[str] = "it names no classes of pixels; segmentation does"

    @abstractmethod
    def segment(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], of any size -> probabilities float32 (batch, height,
        width, classes)."""


class Translator(ABC):
    """Can turn images of one kind into those of another.

    Attributes: `directions`, of "a-to-b" and "b-to-a"; `multiple`, of which the sides of images must be multiples.
    """

    lacking: ClassVar[str] = "it translates no images; cyclegan and pix2pix do"
    directions: tuple[str, ...] = ()
    multiple: int = 1

    @abstractmethod
    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> the same shape."""


class LikelihoodBound(ABC):
    """Has a lower bound on the likelihood of an image."""

    lacking: ClassVar[str] = "it has no bound on the likelihood of an image; a vae has"

    @abstractmethod
    def observe(self, images: Tensor, seed: Tensor) -> Tensor:
        """What the likelihood is of: x, from images float32 in [-1, 1]. seed: int32 (2,), of its noise."""

    @abstractmethod
    def bound(self, x: Tensor, condition: Tensor | None, seed: Tensor) -> tuple[Tensor, Tensor]:
        """For each image log p(x | z) of one z of q(z | x), and KL(q(z | x) || p(z)), in nats, float32 (batch,).

        x: as observed; the ELBO is the mean of log p(x | z) - KL. seed: int32 (2,), of z.
        """

    @abstractmethod
    def bits_per_number(self, bound: float) -> float | None:
        """A bound in nats as bits for each number of an image of bytes; None where pixels are 0 or 1."""

    @abstractmethod
    def log_weights(self, x: Tensor, condition: Tensor | None, seed: Tensor, count: int) -> Tensor:
        """log p(x, z) / q(z | x) of `count` z's of q(z | x) for each image, nats, float32 (batch, count).

        Burda et al. 2015 (1509.00519), equation 7: the bound is the log of the mean of their exponentials.
        """


class Pyramid(ABC):
    """Makes images from coarse to fine.

    Attributes: `sides` of the images, the coarsest first.
    """

    lacking: ClassVar[str] = "it makes its images at one go, not from coarse to fine; lapgan does"
    sides: tuple[int, ...] = ()

    @abstractmethod
    def coarsest(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The first images, float32 (batch, sides[0], sides[0], channels). z, condition: as of `decode`."""

    @abstractmethod
    def refine(self, level: int, coarse: Tensor, z: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """One level: the coarse image enlarged, and the details that its generator adds.

        level: from 1 on. coarse: float32 (batch, side, side, channels) of the level before. z: float32 (batch, z_size).
        """

    @abstractmethod
    def reduced(self, images: Tensor, level: int) -> Tensor:
        """Images as a level has them, float32 (batch, sides[level], sides[level], channels)."""


class PointGenerator(Latent):
    """Can make points: `decode` gives float32 (batch, size)."""

    @abstractmethod
    def judge(self, points: Tensor) -> Tensor | None:
        """What the discriminator thinks of points, float32 (batch, size) -> (batch, 1); None if not of one alone."""
