"""The networks and training step of `stylegan2` in PyTorch, as its users write them, for comparisons of speed.

channels_last, fused Adam, bfloat16 by autocast; modulation as scales of inputs and outputs around one convolution,
which is faster than a kernel for each image; R1 every 16 steps, path lengths every 4, an EMA by `torch._foreach_lerp_`.
Penalties are in float32, as in gancli. Needs torch.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

SQRT2 = math.sqrt(2.0)
Sizes = Sequence[tuple[int, int]]  # side and channels, the smallest first


def smooth(maps: Tensor, before: int, after: int, *, gain: float = 1.0, stride: int = 1) -> Tensor:
    """Each channel convolved with [1, 3, 3, 1]."""
    taps = torch.tensor([1.0, 3.0, 3.0, 1.0])
    kernel = torch.outer(taps, taps) * (gain / 64)
    kernel = kernel.to(maps.dtype).expand(maps.shape[1], 1, 4, 4)
    padded = functional.pad(maps, (before, after, before, after))
    return functional.conv2d(padded, kernel, stride=stride, groups=maps.shape[1])


class Conv(nn.Module):
    """A convolution from N(0, 1 / inputs), with filtered resampling."""

    def __init__(self, inputs: int, outputs: int, size: int = 3, *, direction: str = "", bias: bool = True) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(outputs, inputs, size, size) * (SQRT2 / math.sqrt(inputs * size**2)))
        self.bias = nn.Parameter(torch.zeros(outputs)) if bias else None
        self.direction, self.padding = direction, size // 2

    def forward(self, maps: Tensor) -> Tensor:
        if self.direction == "up":
            wide = functional.conv_transpose2d(maps, self.weight.transpose(0, 1), stride=2)
            net = smooth(wide, 1, 1, gain=4.0)
        elif self.direction == "down":
            net = functional.conv2d(smooth(maps, 2, 2), self.weight, stride=2)
        else:
            net = functional.conv2d(maps, self.weight, padding=self.padding)
        return net if self.bias is None else net + self.bias.to(net.dtype).view(1, -1, 1, 1)


class Styled(nn.Module):
    """A modulated convolution, noise, bias and LeakyReLU."""

    def __init__(self, inputs: int, outputs: int, w_size: int, *, direction: str = "") -> None:
        super().__init__()
        self.style = nn.Linear(w_size, inputs)
        nn.init.ones_(self.style.bias)
        self.conv = Conv(inputs, outputs, direction=direction, bias=False)
        self.bias, self.strength = nn.Parameter(torch.zeros(outputs)), nn.Parameter(torch.zeros(()))

    def forward(self, maps: Tensor, w: Tensor) -> Tensor:
        with torch.autocast("cpu", enabled=False):
            style = self.style(w.float())
            scale = torch.rsqrt(style.square() @ self.conv.weight.square().sum((2, 3)).T + 1e-8)
        net = self.conv(maps * style.to(maps.dtype)[:, :, None, None]) * scale.to(maps.dtype)[:, :, None, None]
        noise = torch.randn(net.shape[0], 1, *net.shape[2:], dtype=net.dtype)
        net = net + noise * self.strength.to(net.dtype) + self.bias.to(net.dtype).view(1, -1, 1, 1)
        return functional.leaky_relu(net, 0.2) * SQRT2


class ToImage(nn.Module):
    """A modulated 1x1 convolution without demodulation."""

    def __init__(self, inputs: int, channels: int, w_size: int) -> None:
        super().__init__()
        self.style, self.conv = nn.Linear(w_size, inputs), nn.Conv2d(inputs, channels, 1)
        nn.init.ones_(self.style.bias)

    def forward(self, maps: Tensor, w: Tensor) -> Tensor:
        return self.conv(maps * self.style(w).to(maps.dtype)[:, :, None, None]).float()


class Synthesis(nn.Module):
    """Styles (batch, layers, size) -> images."""

    def __init__(self, maps: Sizes, channels: int, w_size: int) -> None:
        super().__init__()
        (side, width), *larger = maps
        self.constant = nn.Parameter(torch.randn(1, width, side, side))
        self.first, self.first_image = Styled(width, width, w_size), ToImage(width, channels, w_size)
        self.ups, self.convs, self.images = nn.ModuleList(), nn.ModuleList(), nn.ModuleList()
        for _, outputs in larger:
            self.ups.append(Styled(width, outputs, w_size, direction="up"))
            self.convs.append(Styled(outputs, outputs, w_size))
            self.images.append(ToImage(outputs, channels, w_size))
            width = outputs

    def forward(self, styles: Tensor) -> Tensor:
        net = self.constant.expand(len(styles), -1, -1, -1).contiguous(memory_format=torch.channels_last)
        if torch.is_autocast_enabled("cpu"):
            net = net.bfloat16()
        net = self.first(net, styles[:, 0])
        image = self.first_image(net, styles[:, 1])
        for number, (up, conv, to_image) in enumerate(zip(self.ups, self.convs, self.images, strict=True), start=1):
            net = conv(up(net, styles[:, 2 * number - 1]), styles[:, 2 * number])
            batch, channels, height, width = image.shape
            spread = image.new_zeros(batch, channels, 2 * height, 2 * width)
            spread[:, :, ::2, ::2] = image
            image = smooth(spread, 2, 1, gain=4.0) + to_image(net, styles[:, 2 * number + 1])
        return image


class Generator(nn.Module):
    """z -> image, with style mixing."""

    def __init__(self, maps: Sizes, channels: int, z_dim: int, w_size: int, depth: int, mixing: float) -> None:
        super().__init__()
        sizes = [z_dim] + [w_size] * depth
        self.mapping = nn.Sequential(
            *(part for one in itertools.pairwise(sizes) for part in (nn.Linear(*one), nn.LeakyReLU(0.2)))
        )
        self.synthesis, self.layers, self.mixing = Synthesis(maps, channels, w_size), 2 * len(maps), mixing
        self.register_buffer("mean", torch.zeros(w_size))

    def styles(self, z: Tensor) -> Tensor:
        """(batch, z_dim) -> (batch, layers, size)."""
        both = torch.cat([z, torch.randn_like(z)])
        with torch.autocast("cpu", enabled=False):
            w = self.mapping(both * torch.rsqrt(both.square().mean(1, keepdim=True) + 1e-8))
        self.mean.lerp_(w.detach().mean(0), 0.005)
        one, other = w.chunk(2)
        start = 1 + torch.randint(self.layers - 1, (len(z),))
        start = torch.where(torch.rand(len(z)) < self.mixing, start, self.layers)
        is_first = torch.arange(self.layers)[None] < start[:, None]
        return torch.where(is_first[:, :, None], one[:, None], other[:, None])

    def forward(self, z: Tensor) -> Tensor:
        return self.synthesis(self.styles(z))


class Block(nn.Module):
    """A residual block of the discriminator."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.skip = Conv(inputs, outputs, 1, bias=False)
        self.conv, self.down = Conv(inputs, inputs), Conv(inputs, outputs, direction="down")

    def forward(self, maps: Tensor) -> Tensor:
        short = self.skip(smooth(maps, 1, 1, stride=2))
        net = functional.leaky_relu(self.down(functional.leaky_relu(self.conv(maps), 0.2)), 0.2)
        return (net + short) * math.sqrt(0.5)


class Discriminator(nn.Module):
    """Images -> logits."""

    def __init__(self, maps: Sizes, channels: int, group: int) -> None:
        super().__init__()
        self.first, self.group = Conv(channels, maps[-1][1], 1), group
        self.blocks = nn.Sequential(
            *(Block(large, small) for (_, large), (_, small) in zip(maps[:0:-1], maps[-2::-1], strict=True))
        )
        side, width = maps[0]
        self.last = Conv(width + 1, width)
        self.dense, self.logit = nn.Linear(width * side**2, width), nn.Linear(width, 1)

    def forward(self, images: Tensor) -> Tensor:
        net = self.blocks(functional.leaky_relu(self.first(images), 0.2))
        rows = net.float().reshape(self.group, len(net) // self.group, -1)
        spread = (rows.var(0, correction=0) + 1e-8).sqrt().mean(1)
        spread = spread.repeat(self.group).view(-1, 1, 1, 1).expand(-1, 1, *net.shape[2:]).to(net.dtype)
        net = functional.leaky_relu(self.last(torch.cat([net, spread], 1)), 0.2)
        return self.logit(functional.leaky_relu(self.dense(net.flatten(1)), 0.2)).float()


class Training(nn.Module):
    """One step after the other, with the options of gancli's model."""

    def __init__(self, maps: Sizes, channels: int, options: dict[str, float]) -> None:
        super().__init__()
        self.options, self.batch = options, int(options["batch_size"])
        sizes = (int(options["z_dim"]), int(options["w_dim"]), int(options["mapping_layers"]), options["mixing"])
        self.generator = Generator(maps, channels, *sizes).to(memory_format=torch.channels_last)
        self.average = Generator(maps, channels, *sizes).to(memory_format=torch.channels_last)
        self.discriminator = Discriminator(maps, channels, 4).to(memory_format=torch.channels_last)
        self.optimizers = [
            torch.optim.Adam(one.parameters(), options["learning_rate"], betas=(0.0, 0.99), fused=True)
            for one in (self.generator, self.discriminator)
        ]
        self.path, self.steps = torch.zeros(()), 0

    def step(self, real: Tensor) -> None:
        """A discriminator step, then a generator step. real: float32 (batch, channels, side, side) in [-1, 1]."""
        of_generator, of_discriminator = self.optimizers
        self.discriminator.requires_grad_(True)
        with torch.autocast("cpu", torch.bfloat16):
            with torch.no_grad():
                fake = self.generator(self._noise(self.batch))
            loss = (
                functional.softplus(-self.discriminator(real)).mean()
                + functional.softplus(self.discriminator(fake)).mean()
            )
        loss = 0.5 * loss
        every = int(self.options["penalty_every"])
        if self.steps % every == 0:
            loss = loss + every * self.options["r1"] * self._r1(real)
        of_discriminator.zero_grad(set_to_none=True)
        loss.backward()
        of_discriminator.step()
        self.discriminator.requires_grad_(False)
        with torch.autocast("cpu", torch.bfloat16):
            made = functional.softplus(-self.discriminator(self.generator(self._noise(self.batch)))).mean()
        every = int(self.options["path_length_every"])
        if self.steps % every == 0:
            made = made + every * self.options["path_length"] * self._path_penalty(real.shape[1], real.shape[2])
        of_generator.zero_grad(set_to_none=True)
        made.backward()
        of_generator.step()
        with torch.no_grad():
            torch._foreach_lerp_(
                list(self.average.parameters()), list(self.generator.parameters()), 1 - self.options["ema"]
            )
        self.steps += 1

    def _noise(self, count: int) -> Tensor:
        return torch.randn(count, int(self.options["z_dim"]))

    def _r1(self, real: Tensor) -> Tensor:
        images = real.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(self.discriminator(images).sum(), images, create_graph=True)
        return 0.5 * slope.square().sum((1, 2, 3)).mean()

    def _path_penalty(self, channels: int, side: int) -> Tensor:
        styles = self.generator.styles(self._noise(self.batch // 2))
        images = self.generator.synthesis(styles)
        product = (images * torch.randn(len(styles), channels, side, side)).sum() / side
        (slope,) = torch.autograd.grad(product, styles, create_graph=True)
        lengths = (slope.square().sum(2).mean(1) + 1e-12).sqrt()
        self.path = self.path.lerp(lengths.detach().mean(), 0.01)
        return (lengths - self.path).square().mean()


def training(maps: Sizes, channels: int, options: dict[str, float]) -> Iterator[int]:
    """Train on noise forever; yields the number of images of each step."""
    job, side = Training(maps, channels, options), maps[-1][0]
    images = torch.randint(0, 256, (2048, channels, side, side), dtype=torch.uint8)
    while True:
        real = images[torch.randint(0, len(images), (job.batch,))].float() / 127.5 - 1
        job.step(real.contiguous(memory_format=torch.channels_last))
        yield job.batch
