"""Methods of gancli.TrainedModel on latent vectors: interpolation, arithmetic, and those of real images."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeGuard, cast

from gancli.api.model_methods import arguments
from gancli.api.model_methods.arguments import Label, Labels, SeedOrVectorOrImage, SeedsOrVectors, Texts
from gancli.api.model_methods.base import needs
from gancli.api.model_methods.style_space import StyleSpace
from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.inference.image_files import real_images
from gancli.inference.latent_space import sum_of_vectors
from gancli.models.capabilities import Decoder, Encoder, Latent, TextEncoder

if TYPE_CHECKING:
    from gancli.inference.image_inputs import Images, OneImage

MODES: tuple[Literal["lerp", "slerp"], ...] = ("lerp", "slerp")
MOST_STEPS, MOST_STARTS, MOST_DESCENT, MOST_AVERAGE = 1000, 1000, 100_000, 64


class LatentSpace(StyleSpace):
    """What latent vectors are used for."""

    @needs(Decoder)
    def interpolate(
        self,
        first: SeedOrVectorOrImage,
        second: SeedOrVectorOrImage | None = None,
        steps: int = 10,
        *,
        mode: Literal["lerp", "slerp"] = "lerp",
        label: Label | tuple[Label, Label] | None = None,
        text: str | tuple[str, str] | None = None,
        space: Literal["z", "w"] = "z",
    ) -> np.ndarray:
        """The images between two seeds, latent vectors or real images; or between two classes or texts.

        first, second: a seed; z, floating-point numbers (z_size,); or an image, which is encoded, by gradient descent
        if the model has no encoder. steps: images, both ends included. mode: linear or spherical interpolation. label,
        text: of all images, for models that take them; or a pair, from the one to the other at fixed z, which is
        `first`: leave out `second`. space: "w" for a straight line between styles, of a style-based model; vectors are
        then styles (w_size,), and images are projected to w.

        Returns: uint8 (steps, height, width, channels), those of `gancli interpolate`. Raises: OptionError, DataError.
        """
        from gancli.inference.latent_space import walks

        steps = arguments.whole_number(steps, "steps", 2, MOST_STEPS)
        mode, space = arguments.choice(mode, MODES, "mode"), arguments.choice(space, ("z", "w"), "space")
        pairs = [name for name, value in (("label", label), ("text", text)) if _is_pair(value)]
        if (second is None) != bool(pairs):
            what = "second and a pair of labels or texts exclude each other: give one of them"
            raise OptionError(what if pairs else "interpolation needs second, or a pair of labels or texts")
        if space == "w":
            if pairs or mode != "lerp":
                raise OptionError('space="w" is a straight line between two styles: leave out mode, and give second')
            return self._between_styles(first, second, steps, label)
        with self._conditions(label, text) as numbers:
            number = None if numbers is None else numbers[0]
            ends = {"first": first} | ({} if second is None else {"second": second})
            stops = np.concatenate([self._vector(value, number, name) for name, value in ends.items()])
            sampler = self._trained.sampler
            if pairs and numbers is not None:
                walk = walks.between_classes(sampler, stops, steps, first=numbers[0], last=numbers[1])
            else:
                walk = walks.between_seeds(walks.decoder(sampler, number), stops, steps, mode=mode)
        return walk.rows

    @needs(Decoder, check=sum_of_vectors.need_unconditional)
    def arithmetic(
        self, /, expression: str, *, average: int = 3, as_z: bool = False, **vectors: SeedsOrVectors
    ) -> np.ndarray:
        """Add and subtract mean latent vectors, as `gancli zvector-arith` does.

        expression: a sum such as "7 - 1 + 4" of classes, or of attributes ("smiling woman - neutral woman + man"), for
        which classifiers find samples as in `sample`; of seeds, "[3,5,9] - [1,2,4]"; of image files, "[me.png]"; or of
        names, "a - b + c", whose values are given by name. average: samples per class. as_z: return z itself.
        vectors: for each name a seed, a list of seeds, or latent vectors (z_size,) or (count, z_size), averaged.

        Returns: uint8 (height, width, channels), or float32 (z_size,). Raises: OptionError, DataError, CheckpointError.
        """
        from gancli.inference.latent_space import latent_arithmetic

        if not isinstance(expression, str):
            raise OptionError(f'expression is {arguments.in_words(expression)}: expected a sum such as "7 - 1 + 4"')
        average = arguments.whole_number(average, "average", 1, MOST_AVERAGE)
        rows = {name: self._rows(value, name) for name, value in vectors.items()}
        names = {name: tuple(f"{name}/{at}" for at in range(len(z))) for name, z in rows.items()}
        sum_ = latent_arithmetic.parse(expression, self._trained.run.facts, names)
        used = {name for term in sum_.terms for name in term.files}
        if unused := [name for name, parts in names.items() if not used.intersection(parts)]:
            raise OptionError(f"{unused[0]} is no term of the sum {arguments.in_words(expression)}: leave it out")
        decode = self._trained.sampler.decode
        inverted: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        for name, z in rows.items():
            inverted |= dict(zip(names[name], zip(z, decode(z), strict=True), strict=True))
        sums = sum_of_vectors.add_terms(
            self._trained, sum_, self._classifiers(), average=average, inverted=inverted
        ).sums
        return sums.z[0] if as_z else sums.of_latents[0]

    @needs(Encoder, TextEncoder)
    def encode(self, inputs: Images | Texts, *, label: Labels | None = None) -> np.ndarray:
        """The latent vectors of images, by a model with an encoder of images; or the vectors of texts.

        inputs: images as of gancli.inference.image_inputs, or one or several texts. label: the class of all images, or
        one for each, for a class-conditional model. Returns: float32 (images, z_size), which `decode` takes, or
        float32 (texts, text_size). Raises: OptionError, DataError.
        """
        if self._can(Encoder):
            return self._encode_images(*self._images(inputs, label))
        from gancli.inference.sampling import encode_texts

        if label is not None:
            raise OptionError(f"label={arguments.in_words(label)}: {self._trained.outline.name()} encodes texts alone")
        texts = arguments.text_list(self._trained, inputs, "inputs")
        return encode_texts(TextEncoder.of(self._trained.model), texts)

    @needs(Encoder, check=real_images.check_takes_images)
    def reconstruct(self, images: Images, *, label: Labels | None = None) -> np.ndarray:
        """Encode and decode images. Arguments: as of `encode`.

        Returns: uint8 (images, height, width, channels). Raises: OptionError, DataError.
        """
        pixels, labels = self._images(images, label)
        return self._trained.sampler.decode(self._encode_images(pixels, labels), labels)

    @needs(Decoder, check=real_images.check_takes_images)
    def project(
        self,
        images: Images,
        *,
        label: Labels | None = None,
        starts: int | None = None,
        steps: int | None = None,
        space: Literal["z", "w", "w+"] = "z",
    ) -> np.ndarray:
        """Find the latent vectors of images by gradient descent, for any generator, in seconds for each image.

        images, label: as of `encode`. starts: points from which Adam starts, of which the best end counts, by default
        16. steps: of Adam; by default 300. space: z; or, of a style-based model, w, which is found from its mean in by
        default 1,000 steps (Karras et al. 2020, appendix D): one for all style layers, or for "w+" one for each; leave
        out label and starts. Returns: float32 (images, z_size), which `decode` takes; (images, w_size) or, for "w+",
        (images, style_layers, w_size), which `from_w` takes. Raises: OptionError, DataError.
        """
        from gancli.inference.latent_space import inversion

        space = arguments.choice(space, ("z", "w", "w+"), "space")
        steps = None if steps is None else arguments.whole_number(steps, "steps", 1, MOST_DESCENT)
        if space != "z":
            if starts is not None or label is not None:
                raise OptionError(f'space="{space}" starts from the mean w alone: leave out starts and label')
            return self._project_to_w(images, space, steps)
        starts = arguments.whole_number(inversion.STARTS if starts is None else starts, "starts", 1, MOST_STARTS)
        pixels, labels = self._images(images, label)
        model = Latent.of(self._trained.model)
        return inversion.project(model, pixels, labels, starts=starts, steps=steps or inversion.STEPS).z

    @contextlib.contextmanager
    def _conditions(
        self, label: Label | tuple[Label, Label] | None, text: str | tuple[str, str] | None
    ) -> Iterator[list[int] | None]:
        """The numbers of the condition of all images, or of the first and the last; None for an unconditional model."""
        from gancli.inference import text_conditions

        if text is None and not self._trained.takes_texts:
            several: Labels | None = list(label) if _is_pair(label) else label
            rows = arguments.label_rows(self._trained, several, 2 if _is_pair(label) else 1)
            yield None if rows is None else rows.tolist()
            return
        self._need_texts(text)
        if label is not None:
            raise OptionError("label and text exclude each other: give one of them")
        texts = arguments.text_list(self._trained, text)
        if len(texts) > 2:
            raise OptionError(f"text has {len(texts)} entries: expected one text, or a pair to interpolate between")
        with text_conditions.using(self._trained.sampler, texts):
            yield list(range(len(texts)))

    def _images(self, images: Images, label: Labels | None) -> tuple[np.ndarray, np.ndarray | None]:
        """Images in the size of the model, and their labels for a class-conditional one."""
        from gancli.inference import image_inputs

        pixels = image_inputs.of_model_size(self._trained, images)
        return pixels, arguments.label_rows(self._trained, label, len(pixels))

    def _encode_images(self, pixels: np.ndarray, labels: np.ndarray | None) -> np.ndarray:
        from gancli.inference.latent_space import inversion

        return inversion.encode(Encoder.of(self._trained.model), pixels, labels)

    def _vector(self, value: SeedOrVectorOrImage, number: int | None, name: str) -> np.ndarray:
        """z of a seed, a latent vector or an image, float32 (1, z_size). number: the class of an image."""
        from gancli.inference import image_inputs

        outline = Latent.of(self._trained.outline)
        if arguments.is_whole(value):
            return outline.latents(arguments.seed_list(value, name))
        shape = arguments.shape_of(value)
        if shape is not None and (len(shape) == 1 or shape == (1, outline.z_size)):
            return arguments.z_rows(value, outline.z_size, name)
        image = cast("OneImage", value)  # or a nested list, which is read as an array
        pixels = image_inputs.of_model_size(self._trained, image)
        if len(pixels) != 1:
            raise OptionError(f"{name} holds {len(pixels)} images: expected a seed, a latent vector or one image")
        return real_images.invert(self._trained, pixels, number)


def _is_pair(value: object) -> TypeGuard[Sequence[Any]]:
    return isinstance(value, list | tuple) and len(value) == 2
