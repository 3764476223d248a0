"""SHA-256 digests of every model after 20 steps, and of what it generates: has a change moved a number?

    python experiments/benchmarks/digests.py --out before.json
    python experiments/benchmarks/digests.py --checkout ../other --against before.json

Each model is trained from seed 0 on tiny data through the command line of a checkout, and then used as it is meant:
`sample --seeds 0-7` for those with a z, else encode, upscale, segment, translate or eval-sentences. The digest of the
state covers the bits, shapes and types of all arrays of the checkpoint, not their names; that of the output covers
arrays and pixels, not file formats. Digests differ between CPUs and between versions of TensorFlow: compare two
checkouts on one machine. Exit code 1 if any differ.
"""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import h5py
import numpy as np
from PIL import Image

ROOT = Path(__file__).parents[2]
COMMON = ("--steps", "20", "--batch-size", "8", "--seed", "0", "--jit", "off", "-q")
SAMPLE = ("sample", "--seeds", "0-7", "--out", "out.npz")
UPSCALE = ("upscale", "small", "--out", "out")
SR_DATA = ("--data", "glyphs:40", "--crop", "24")
CASES = {  # the options of the training, and the command whose output is digested
    "acgan": (("--data", "digits", "--width", "4"), SAMPLE),
    "alpha-gan": (("--data", "digits", "--width", "4", "--code-units", "16"), SAMPLE),
    "autoencoder": (("--data", "digits", "--units", "16", "--noise", "0.5"), ("encode", "--out", "out.npz")),
    "bgan": (("--data", "digits", "--width", "4", "--samples", "5"), SAMPLE),
    "cgan": (("--data", "digits"), SAMPLE),
    "cyclegan": (("--data", "kinds", "--width", "4", "--depth", "1"), ("translate", "kinds/testA", "--out", "out")),
    "dcgan": (("--data", "digits", "--width", "4"), SAMPLE),
    "ebgan": (("--data", "digits"), SAMPLE),
    "espcn": (("--data", "digits", "--crop", "8", "--scale", "2"), UPSCALE),
    "f-gan": (("--data", "digits", "--units", "32,32", "--d-units", "16,16"), SAMPLE),
    "gan": (("--data", "digits"), SAMPLE),
    "gan-cls": (
        ("--data", "glyphs:40", "--image-size", "16", "--width", "4", "--text-units", "8", "--word-size", "8"),
        ("sample", "--seeds", "0-7", "--text", "a red seven", "--out", "out.npz"),
    ),
    "gogan": (("--data", "digits", "--width", "4"), SAMPLE),
    "goodfellow": (("--data", "digits", "--units", "32", "--d-units", "16"), SAMPLE),
    "infogan": (("--data", "digits", "--width", "4"), SAMPLE),
    "lapgan": (("--data", "digits", "--sizes", "4,8", "--units", "16", "--width", "8"), SAMPLE),
    "lsgan": (("--data", "digits", "--width", "4"), SAMPLE),
    "matching": (("--data", "digits", "--image-size", "28"), SAMPLE),
    "pix2pix": (("--data", "pairs", "--width", "4"), ("translate", "kinds/testA", "--out", "out")),
    "r3gan": (("--data", "digits", "--width", "4"), SAMPLE),
    "segmentation": (
        ("--data", "streets", "--crop", "16", "--width", "4", "--adversary-width", "4", "--adversarial-weight", "0.1"),
        ("segment", "kinds/testA", "--out", "out"),
    ),
    "skip-thoughts": (
        ("--data", "text.txt", "--units", "6", "--word-size", "4"),
        ("eval-sentences", "--text", "the cat sees 3 dogs .", "--json"),
    ),
    "sngan": (("--data", "digits", "--width", "4"), SAMPLE),
    "srgan": (
        (*SR_DATA, "--scale", "2", "--depth", "1", "--width", "4", "--content", "pixels", "--pretrain-steps", "8"),
        UPSCALE,
    ),
    "srresnet": (("--data", "digits", "--crop", "8", "--scale", "2", "--depth", "1", "--width", "4"), UPSCALE),
    "stylegan": (("--data", "digits", "--width", "4", "--max-width", "8"), SAMPLE),
    "stylegan2": (("--data", "digits", "--width", "4", "--max-width", "8"), SAMPLE),
    "toy": (("--data", "ring8"), ()),  # its output is the picture that the training draws
    "vae": (("--data", "digits", "--units", "16"), SAMPLE),
    "vaegan": (("--data", "digits", "--width", "4"), SAMPLE),
    "wgan": (("--data", "digits", "--width", "4"), SAMPLE),
    "wgan-gp": (("--data", "digits", "--width", "4"), SAMPLE),
}


def write_data(folder: Path) -> None:
    """Streets by day and night, pairs of them, label maps, small pictures and sentences."""
    random = np.random.default_rng(0)
    palette = np.array([(90, 140, 230), (110, 110, 110), (200, 30, 30)])
    for number in range(24):
        classes = np.zeros((16, 16), np.uint8)
        classes[random.integers(5, 8) :] = 1
        classes[8:12, random.integers(0, 8) :][:, :6] = 2
        day = np.clip(palette[classes] + random.integers(-20, 21, (16, 16, 3)), 0, 255).astype(np.uint8)
        part = "train" if number < 16 else "test"
        _save(folder / f"kinds/{part}A/{number}.png", day)
        _save(folder / f"kinds/{part}B/{number}.png", day[::-1] // 3)
        _save(folder / f"pairs/{part}/{number}.png", np.hstack([day, day // 3]))
        _save(folder / f"streets/{part}/{number}.png", day)
        _save(folder / f"streets/{part}annot/{number}.png", classes)
        if number < 4:
            _save(folder / f"small/{number}.png", day[..., 0])
    names = enumerate(zip(("sky", "road", "car"), palette.tolist(), strict=True))
    lines = [f"{number} {name} {' '.join(map(str, color))}" for number, (name, color) in names]
    (folder / "streets/classes.txt").write_text("\n".join(lines))
    words = [(who, does, what) for who in ("cat", "dog", "bird") for does in ("sees", "hears") for what in range(400)]
    (folder / "text.txt").write_text("\n".join(f"the {who} {does} {what} dogs ." for who, does, what in words))


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


def digest(arrays: Iterable[np.ndarray]) -> str:
    """SHA-256 of the arrays' types, shapes and bits, whatever their names and order."""
    ones = sorted(
        hashlib.sha256(f"{array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes()).hexdigest()
        for array in arrays
    )
    return hashlib.sha256("".join(ones).encode()).hexdigest()


def digests(model: str, checkout: Path, data: Path) -> dict[str, str]:
    """`state` and `output` of a model of a checkout."""
    training, use = CASES[model]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for file in data.iterdir():
            (folder / file.name).symlink_to(file)
        _gancli(checkout, folder, "train", "--model", model, *training, *COMMON)
        answer = _gancli(checkout, folder, *use) if use else ""
        (run,) = (path for path in (folder / "runs").iterdir() if path.is_dir())
        newest = max((run / "checkpoints").glob("*.h5"))
        return {"state": digest(_arrays(newest)), "output": digest(_output(folder, answer))}


def _gancli(checkout: Path, folder: Path, *words: str) -> str:
    environment = {key: value for key, value in os.environ.items() if not key.startswith("GANCLI_")}
    environment |= {"PYTHONPATH": str(checkout), "GANCLI_CACHE": str(folder / "cache"), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-m", "gancli", *words], cwd=folder, env=environment, capture_output=True, text=True
    )
    if done.returncode:
        raise click.ClickException(f"gancli {' '.join(words)}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout


def _arrays(path: Path) -> list[np.ndarray]:
    found = []
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.append(item[()]) if isinstance(item, h5py.Dataset) else None)
    return found


def _output(folder: Path, answer: str) -> list[np.ndarray]:
    if (folder / "out.npz").exists():
        with np.load(folder / "out.npz") as arrays:
            return [arrays[name] for name in arrays.files]
    images = sorted((folder / "out").rglob("*.png")) or sorted((folder / "runs").rglob("train-*.png"))
    if not answer or (folder / "out").exists():
        return [np.array(Image.open(path)) for path in images]
    return [np.frombuffer(json.dumps(_numbers(json.loads(answer))).encode(), np.uint8)]


def _numbers(value: object) -> list[object]:
    """The numbers in an answer, in order, without keys and words."""
    if isinstance(value, dict):
        return [number for key, one in value.items() if key != "seconds" for number in _numbers(one)]
    if isinstance(value, list):
        return [number for one in value for number in _numbers(one)]
    return [value] if isinstance(value, int | float) else []


@click.command(help=__doc__.partition("\n")[0])
@click.option("--checkout", type=click.Path(path_type=Path, exists=True), default=ROOT, help="Folder of the source.")
@click.option("--model", "models", multiple=True, type=click.Choice(list(CASES)), help="Only this model.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON file to write the digests to.")
@click.option("--against", type=click.Path(path_type=Path, exists=True), help="JSON file to compare with.")
def main(checkout: Path, models: tuple[str, ...], out: Path | None, against: Path | None) -> None:
    """Compute, write and compare."""
    with tempfile.TemporaryDirectory() as name, ThreadPoolExecutor(2) as pool:
        write_data(Path(name))
        made = {model: pool.submit(digests, model, checkout.resolve(), Path(name)) for model in models or CASES}
        found = {}
        for model, future in made.items():
            found[model] = future.result()
            click.echo(f"{model:14} state {found[model]['state'][:12]} output {found[model]['output'][:12]}")
    if out:
        out.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    if against:
        before = json.loads(against.read_text(encoding="utf-8"))
        moved = [model for model in found if found[model] != before.get(model)]
        click.echo(f"{len(found) - len(moved)} of {len(found)} equal" + (f"; not {', '.join(moved)}" if moved else ""))
        sys.exit(bool(moved))


if __name__ == "__main__":
    main()
