"""Ledig et al. 2017 (arXiv:1609.04802), super-resolution: the table, the comparison of losses, and image details.

    python -m experiments.ledig2017.run --train t91.zip --test set5_set14.zip     SRResNet, then further losses
    python -m experiments.ledig2017.run --mnist                                    digits from 14 to 28 pixels

The first command trains SRResNet at x4 and continues from it with other losses: pixels or classifier features, with and
without a discriminator. It writes PSNR and SSIM on Set5 and Set14 beside the published ones, the power of fine detail,
and the Fréchet distance of patches in the features of CIFAR-10's classifier.
"""

from __future__ import annotations

import tempfile
import zipfile
from pathlib import Path

import click
from PIL import Image

from experiments._harness import gancli, save, table, train

OUT = Path(__file__).parent
STEPS = 12_000
FINE_TUNING = ["--steps", "1400", "--learning-rate", "2e-4", "--lr-drop-step", "1200"]  # starting from SRResNet
ADVERSARIAL = ["--adversarial-weight", "2e-2", "--d-learning-rate", "5e-4"]
FEATURES = "cifar10"  # the labeled data set whose classifier provides the features
LOSSES = {  # for models that start from SRResNet
    "SRGAN, pixels": ["--content", "pixels", *ADVERSARIAL],
    "SRGAN, classifier features and pixels": ["--content", FEATURES, "--pixel-weight", "1", *ADVERSARIAL],
    "SRResNet, classifier features": ["--content", FEATURES, "--adversarial-weight", "0"],
}
PUBLISHED = {  # PSNR and SSIM on Set5 and on Set14, x4
    "nearest": (26.26, 0.7552, 24.64, 0.7100),
    "bicubic": (28.43, 0.8211, 25.99, 0.7486),
    "ESPCN": (30.76, 0.8784, 27.66, 0.8004),
    "SRCNN": (30.07, 0.8627, 27.18, 0.7861),
    "SRResNet": (32.05, 0.9019, 28.49, 0.8184),
    "SRGAN": (29.40, 0.8472, 26.02, 0.7397),
}
SHOWN_RUN = "SRGAN, classifier features and pixels"
SHOWN = {"butterfly": ("Set5/img_003.png", "22,24,16"), "comic": ("Set14/img_005.png", "34,12,18")}


def row(name: str, arguments: list[str], minutes: float | str, found: dict[str, dict[str, float]]) -> list[object]:
    """A row of the table, with the scores on both sets."""
    scores = [f"{found[part][key]:{form}}" for part in ("Set5", "Set14") for key, form in COLUMNS]
    command = f"`gancli train {' '.join(arguments)}`" if arguments else ""
    return [name, command, f"{minutes:.0f}" if isinstance(minutes, float) else minutes, *scores]


COLUMNS = (
    ("psnr", ".2f"),
    ("ssim_daala", ".4f"),
    ("ssim", ".4f"),
    ("fine", ".2f"),
    ("lattice", ".2f"),
    ("frechet", ".2f"),
)
TITLES = ("PSNR", "SSIM, daala", "SSIM", "fine detail", "checkerboard", "Fréchet")


def photographs(data: str, test: str, only: tuple[str, ...]) -> None:
    """The table and the figures."""
    arguments = ["--model", "srresnet", "--steps", str(STEPS)]
    first = train("ledig2017-srresnet", arguments, data)
    measured = gancli("eval-psnr", "--run", first["path"], "--data", test, "--patches", FEATURES)["sets"]
    ways = {
        name: {part: found[name] for part, found in measured.items()} for name in ("nearest", "bicubic", "srresnet")
    }
    lines = [row(name, [], "", ways[name]) for name in ("nearest", "bicubic")]
    light = ["--model", "espcn", "--steps", str(STEPS)]
    second = train("ledig2017-espcn", light, data)
    found = gancli("eval-psnr", "--run", second["path"], "--data", test, "--patches", FEATURES)["sets"]
    found = {part: scores["espcn"] for part, scores in found.items()}
    lines.append(row("ESPCN, pixels", light, second["last"]["seconds"] / 60, found))
    lines.append(row("SRResNet, pixels", arguments, first["last"]["seconds"] / 60, ways["srresnet"]))
    runs = {"srresnet": first["path"]}
    for name, more in LOSSES.items():
        if only and name not in only:
            continue
        arguments = ["--model", "srgan", *FINE_TUNING, *more]
        run = train(f"ledig2017-{name}", [*arguments, "--init-from", first["path"]], data)
        found = gancli("eval-psnr", "--run", run["path"], "--data", test, "--patches", FEATURES)["sets"]
        found = {part: ways["srgan"] for part, ways in found.items()}
        lines.append(row(name, [*arguments, "--init-from RUN"], run["last"]["seconds"] / 60, found))
        runs[name] = run["path"]
    for name, (psnr, ssim, psnr_14, ssim_14) in PUBLISHED.items():
        scores = [psnr, f"{ssim:.4f}", *[""] * 4, psnr_14, f"{ssim_14:.4f}", *[""] * 4]
        lines.append([f"*published: {name}*", "", "", *scores])
    head = ["model", f"command, `--data {Path(data).name}`", "minutes"]
    head += [f"{part}: {title}" for part in ("Set5", "Set14") for title in TITLES]
    save("ledig2017", "psnr", table(head, lines))
    shown = SHOWN_RUN if SHOWN_RUN in runs else next(reversed(runs))
    for name, (member, window) in SHOWN.items():
        draw(name, test, member, window, runs["srresnet"], runs[shown])


def draw(name: str, test: str, member: str, window: str, first: str, second: str) -> None:
    """The same window of a reduced picture: nearest, bicubic, SRResNet, SRGAN, original."""
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(test) as archive:
        high, low = Path(folder, "high.png"), Path(folder, "low.png")
        with archive.open(member) as file, Image.open(file) as picture:
            width, height = (side - side % 4 for side in picture.size)
            whole = picture.convert("RGB").crop((0, 0, width, height))
        whole.save(high)
        whole.resize((width // 4, height // 4), Image.Resampling.BICUBIC).save(low)
        look = ["--comparison", OUT / f"{name}.png", "--original", high, "--window", window]
        gancli("upscale", low, "--run", first, "--beside", second, *look, "--out", Path(folder, "made.png"))


def digits() -> None:
    """MNIST reduced to 14 x 14 and enlarged to 28 x 28."""
    sizes = ["--scale", "2", "--crop", "28", "--no-rotate", "--batch-size", "64"]
    arguments = ["--model", "srresnet", *sizes, "--depth", "4", "--steps", "2000"]
    run = train("ledig2017-mnist", arguments, "mnist")
    found = gancli("eval-psnr", "--run", run["path"], "--data", "mnist")["sets"]["mnist"]
    lines = [[name, f"{one['psnr']:.2f}", f"{one['ssim']:.4f}", f"{one['fine']:.2f}" if "fine" in one else ""]
             for name, one in found.items()]  # fmt: skip
    text = table(["MNIST, 14 to 28 pixels, 1,000 test digits", "PSNR", "SSIM", "fine detail"], lines)
    text += f"\n\n`gancli train {' '.join(arguments)} --data mnist`, {run['last']['seconds'] / 60:.1f} minutes"
    save("ledig2017", "mnist", text)
    latest = max((Path(run["path"]) / "samples").glob("train-*.png"))
    (OUT / "mnist.png").write_bytes(latest.read_bytes())


@click.command()
@click.option("--train", "data", metavar="PATH", help="Training pictures, such as t91.zip.")
@click.option("--test", metavar="PATH", help="Zip file with the folders Set5 and Set14.")
@click.option("--only", type=click.Choice(list(LOSSES)), multiple=True, help="Losses to compare [default: all].")
@click.option("--mnist", is_flag=True, help="Digits from 14 to 28 pixels instead.")
def main(data: str | None, test: str | None, only: tuple[str, ...], mnist: bool) -> None:
    """Train SRResNet and SRGAN, and score them as in the paper."""
    if mnist:
        digits()
    elif data is None or test is None:
        raise click.UsageError("pass --train and --test, or --mnist")
    else:
        photographs(data, test, only)


if __name__ == "__main__":
    main()
