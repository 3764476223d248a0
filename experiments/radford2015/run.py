"""Radford et al. 2015, arXiv:1511.06434: its figures and tests, on faces, synthetic rooms and digits.

    python -m experiments.radford2015.run --faces celeba.zip
    python -m experiments.radford2015.run --faces celeba.zip --only faces

Figures 2 and 3 are samples, 4 an interpolation, 5 discriminator features, 6 the ablation of windows, 7 sums of latent
vectors, 8 the turn vector (of a smile: CelebA has no pose labels). Sections: 4.1 (near-duplicates), 5 (the SVM) and 8.1
(nearest neighbors). Runs are trained once and found again by their options. The preset faces-hour.toml is for two
cores; faces-night.toml and faces-paper.toml, for a night and for a GPU, are alternatives (--preset).
"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from experiments._harness import MNIST, data_option, gancli, on_mnist, save, table, train

OUT = Path(__file__).parent
PRESETS = OUT.parent / "presets"
SUMS = (
    "smiling woman - neutral woman + neutral man",
    "smiling man - neutral man + neutral woman",
    "man with glasses - man + woman",
    "woman with bangs - woman + man",
)
HEAD = ["paper", "command", "published", "ours"]
Row = list[object]


def figure(name: str) -> list[object]:
    """Options that write a figure next to the results."""
    return ["--out", OUT / f"{name}.png"]


def short(*words: object) -> str:
    """A command as a reader would type it."""
    return f"`{shlex.join(['gancli', *map(str, words)])}`"


def on_faces(faces: str, preset: str) -> list[Row]:
    """Samples, interpolation, features, sums, turn vector and ablation of hats and glasses, on faces."""
    run = train(f"faces-{preset}", ["--config", PRESETS / f"faces-{preset}.toml"], faces)["path"]
    samples = Path(run) / "samples" / "snapshots.png"
    if samples.exists():
        (OUT / "snapshots.png").write_bytes(samples.read_bytes())
    gancli("sample", "--run", run, *figure("faces"))
    gancli("interpolate", "--run", run, "--seeds", "0-8", "--steps", 8, *figure("walk"))
    rows = [_features(run, "faces", "--guided-only")]
    rows += [_sum(run, text, number) for number, text in enumerate(SUMS)]
    words = ["interpolate", "--seeds", "0-5", "--along", "smiling - not smiling", "--average", 4]
    found = gancli(*words, "--run", run, "--steps", 9, *figure("turn"))
    shown = found["shown"]
    ours = f"smiling {shown[0]:.0%}, {shown[len(shown) // 2]:.0%}, {shown[-1]:.0%} at -1, 0, +1: [figure](turn.png)"
    rows.append(["Fig. 8, a direction", short(*words), "faces turn", ours])
    for thing in ("hat", "glasses"):
        found = gancli("ablate", thing, "--run", run, *figure(f"ablate-{thing}"))
        rows.append(_ablated(found, thing, f"ablate-{thing}"))
    rows.append(_edited("glasses", run, "ablate-glasses-latent"))
    found = gancli("eval-neighbors", "--run", run)
    ratio = "no test split to compare with" if found["ratio"] is None else f"{found['ratio']:.3f}"
    ours = f"distance to the nearest training image {found['mean_distance']:.2f} (L2; {ratio})"
    rows.append(["memorization", short("eval-neighbors"), "", ours])
    found = gancli("data", "duplicates", faces, "--image-size", 64)
    ours = f"{found['duplicates']} of {found['images']:,}"
    rows.append(["§4.1, near-duplicates", short("data", "duplicates", "celeba.zip"), "275,000 of 3 million", ours])
    return rows


def on_rooms() -> list[Row]:
    """Ablation of windows, by feature maps and by a learned edit of z, and features, on synthetic rooms."""
    run = train("rooms", ["--model", "dcgan", "--learning-rate", "4e-4", "--steps", 4000], "rooms")["path"]
    gancli("sample", "--run", run, "--grid", "4x8", *figure("rooms"))
    by_maps = gancli("ablate", "window", "--run", run, *figure("ablate-window"))
    plain = gancli("ablate", "window", "--run", run, "--regularization", "l2", *figure("ablate-window-l2"))
    return [
        _features(run, "rooms"),
        _ablated(by_maps, "window", "ablate-window"),
        _ablated(plain, "window --regularization l2", "ablate-window-l2"),
        _edited("window", run, "ablate-window-latent"),
    ]


def on_digits(data: str) -> list[Row]:
    """A sum of digits, the SVM on discriminator features, and nearest neighbors among labeled samples."""
    run = train("mnist-dcgan", ["--model", "dcgan"], data)["path"]
    words = ["zvector-arith", "7 - 1 + 4"]
    found = gancli(*words, "--run", run, "--repeat", 100, *figure("digits"))
    reads = {how: ", ".join(f"{name} {share:.0%}" for name, share in found[how].items()) for how in ("latent", "pixel")}
    ours = f"classified as {reads['latent']}; pixel sums: {reads['pixel']}: [figure](digits.png)"
    rows = [["Fig. 7, on digits", short(*words, "--repeat", 100), "", ours]]
    svm = gancli("eval-probe", "--run", run)["svm"]
    errors = "; ".join(
        f"{what} {svm[name]['error']:.2%} ± {svm[name]['deviation']:.2%}"
        for name, what in (("discriminator", "trained"), ("untrained", "untrained"), ("pixels", "pixels"))
    )
    ours = f"MNIST, error: {errors}"
    rows.append(["§5, SVM on 1,000 labels", short("eval-probe"), "SVHN 22.48 %, supervised CNN 28.87 %", ours])
    for which, paper in (("dcgan-conditional", "2.98 %"), ("cgan", "6.28 %")):
        run, _ = on_mnist(which, data)
        found = gancli("eval-probe", "--run", run)["nearest"]
        ours = f"{found['error']:.2%}; real images {found['real']:.2%}"
        what = f"§8.1, 1-NN on {found['samples']:,} samples of {which}"
        rows.append([what, f"`gancli train {' '.join(MNIST[which])} --data mnist`", f"{paper}; real 3.1 %", ours])
    return rows


def _features(run: str, what: str, *more: str) -> Row:
    name = f"features-{what}"
    found = gancli("visualize-features", "--run", run, *more, *figure(name))
    ours = f"Moran's I {found['trained']['structure']:.3f}, untrained {found['untrained']['structure']:.3f}: "
    return [
        f"Fig. 5, {what}",
        short("visualize-features"),
        "beds and windows; random filters: nothing",
        f"{ours}[figure]({name}.png)",
    ]


def _sum(run: str, text: str, number: int) -> Row:
    words = ["zvector-arith", text, "--repeat", 100]
    found = gancli(*words, "--run", run, *figure(f"sum-{number}"))
    shares = ", ".join(
        f"{how} {found[how]['share']:.0%} ({found[how]['low']:.0%} to {found[how]['high']:.0%}), likely "
        f"{found[how]['likely']:.0%}"
        for how in ("latent", "pixel")
    )
    return ["Fig. 7", short(*words), "works; pixel sums overlap", f"{shares}: [figure](sum-{number}.png)"]


def _ablated(found: dict, words: str, name: str) -> Row:
    random = sum(found["random"]) / len(found["random"])
    ours = f"in {found['before']:.1%} → {found['after']:.1%} of samples; random maps {random:.1%}"
    ours += f"; decrease {found['times']:.1f} times as large" if "times" in found else ""
    ours += f" ({len(found['dropped'])} of {found['maps']} maps): [figure]({name}.png)"
    return ["Fig. 6", f"`gancli ablate {words}`", "200 maps; most windows disappear", ours]


def _edited(thing: str, run: str, name: str) -> Row:
    words = ["ablate", thing, "--method", "latent"]
    found = gancli(*words, "--run", run, *figure(name))
    ours = f"in {found['before']:.1%} → {found['after']:.1%} of samples, z moved by {found['moved']:.2f} "
    ours += f"(two samples are {found['apart']:.2f} apart): [figure]({name}.png)"
    return ["a learned edit of z", short(*words), "", ours]


@click.command()
@data_option
@click.option("--faces", help="CelebA as distributed: folder or zip with its attribute list.")
@click.option("--preset", type=click.Choice(["hour", "night", "paper"]), default="hour", show_default=True)
@click.option("--only", type=click.Choice(["faces", "rooms", "digits"]), help="Run one part only.")
def main(data: str, faces: str | None, preset: str, only: str | None) -> None:
    """Train or find the runs, draw every figure, and compare the numbers with the paper's."""
    if faces is None and only in (None, "faces"):
        raise click.UsageError("pass CelebA with --faces, or use --only rooms or --only digits")
    parts = {
        "faces": lambda: on_faces(faces, preset),
        "rooms": on_rooms,
        "digits": lambda: on_digits(data),
    }
    for part, make in parts.items():
        if only in (None, part):
            save("radford2015", part, table(HEAD, make()))


if __name__ == "__main__":
    main()
