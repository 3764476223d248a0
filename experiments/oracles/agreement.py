"""Do gancli's features and scores agree with those of the programs whose FIDs are published?

    python -m experiments.oracles.agreement --oracles PYTHON [--count 300] [--full] [--folder DIR] [--json FILE]

PYTHON is the interpreter of an environment with `pip install 'gancli[oracles]'`. pytorch-fid's and torch-fidelity's own
networks get seeded random weights and save them in their own format; gancli reads these files. Then both sides compute
features of the same images, and scores of the same features and of their own.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click
import numpy as np

from experiments import results
from experiments.oracles import seeded
from experiments.oracles.torch_side import RANDOM, SUBSETS, TAPS, ask
from gancli.core import backend
from gancli.core.backend import tf
from gancli.evaluation.feature_extractors.inception import network, resizing, weights
from gancli.evaluation.metrics import class_statistics, frechet, kid, precision_recall

SIZES = {  # images of every size, by height, width and channels
    "28x28 gray": (28, 28, 1),
    "32x32": (32, 32, 3),
    "64x64": (64, 64, 3),
    "218x178": (218, 178, 3),
    "299x299": (299, 299, 3),
    "400x400": (400, 400, 3),
}
EACH = 4  # images of each size
HEAD = ["images", "resizing", "pixels", *TAPS]
FILES = ("torch-fidelity.pth", "pytorch-fid.pth")
SCORED = "legacy-tensorflow"
Sets = dict[str, np.ndarray]


def error(ours: np.ndarray, theirs: np.ndarray) -> tuple[float, float]:
    """The largest difference over the largest value, and the same of the worst column that is not about 0."""
    gaps, sizes = np.abs(ours - theirs).max(axis=0), np.abs(theirs).max(axis=0)
    usual = sizes > 1e-3 * sizes.max()
    return float(gaps.max() / sizes.max()), float((gaps[usual] / sizes[usual]).max())


def our_features(tensors: Sets, images: Sets) -> Sets:
    """As torch_side writes them: `NAME/METHOD/TAP`, and `NAME/METHOD` of the first image, resized."""
    model, found = network.build(tensors), {}
    for method in resizing.METHODS:
        run = tf.function(lambda pixels, way=method: model(resizing.network_input(pixels, way), training=False))
        for name, pixels in images.items():
            if method != SCORED and name not in SIZES:
                continue
            with ThreadPoolExecutor(2) as workers:
                ready = resizing.resized(pixels, workers=workers) if method == "clean" else pixels
            parts = [run(tf.constant(ready[start : start + EACH])) for start in range(0, len(ready), EACH)]
            found |= {f"{name}/{method}/{tap}": np.concatenate([part[tap] for part in parts]) for tap in TAPS}
            values = resizing.network_input(tf.constant(ready[:1]), method).numpy()[0]
            found[f"{name}/{method}"] = (values + 1) * 127.5 if method == "legacy-pytorch" else values * 128 + 128
    return found


def feature_rows(ours: Sets, theirs: Sets, images: Sets) -> Iterator[list[str]]:
    """A row for each size and resizing: the errors of resized pixels and of each tap."""
    for name in images:
        for method in resizing.METHODS:
            key = f"{name}/{method}"
            pixels = np.abs(ours[key] - theirs[key]).max() / 255
            pairs = [error(ours[f"{key}/{tap}"], theirs[f"{key}/{tap}"]) for tap in TAPS]
            yield [name, method, f"{pixels:.0e}", *(f"{worst:.0e}, {column:.0e}" for worst, column in pairs)]


def our_scores(real: np.ndarray, fake: np.ndarray, logits: np.ndarray | None) -> dict[str, float]:
    """The same scores as torch_side's, with torch-fidelity's subsets of KID."""
    random, size = np.random.RandomState(RANDOM), min(len(fake), len(real)) // 2
    values = [
        kid.squared_mmd(*(part[random.choice(len(part), size, replace=False)].astype(np.float64) for part in pair))
        for pair in [(fake, real)] * SUBSETS
    ]
    found = {"FID": frechet.distance(fake, real), "KID": float(np.mean(values)), "KID ±": float(np.std(values))}
    for neighbors, names in ((3, ("precision", "recall")), (5, ("precision", "recall", "density", "coverage"))):
        measures = precision_recall.measures(real, fake, neighbors=neighbors)
        found |= {f"{name}, k = {neighbors}": getattr(measures, name) for name in names}
    if logits is not None:
        shares = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf).astype(np.float64))
        score, deviation = class_statistics.inception_score(shares / shares.sum(axis=1, keepdims=True))
        found |= {"IS": score, "IS ±": deviation}
    return found


def random_features(count: int, size: int, *, seed: int) -> np.ndarray:
    """float32 rows of fewer directions than columns, and a little of all, 0 or more, as those of a network."""
    random = np.random.default_rng([seed, size])
    directions = np.random.default_rng(size).standard_normal((size // 8, size))
    rows = random.standard_normal((count, size // 8)) * (0.3 + 0.02 * seed) @ directions / np.sqrt(size // 8)
    return np.maximum(rows + 0.4 + 0.01 * seed + 0.05 * random.standard_normal((count, size)), 0).astype(np.float32)


def cases(
    ours: Sets, theirs: Sets, *, full: bool
) -> Iterator[tuple[str, list[np.ndarray | None], list[np.ndarray | None]]]:
    """Name, our and their real features, fake features and logits."""
    for size, count in ((192, 2000), (768, 2000), (2048, 3000))[: 3 if full else 2]:
        pair = [random_features(count, size, seed=seed) for seed in (0, 1)]
        yield f"{count:,} rows of {size}, the same", [*pair, None], [*pair, None]
    for tap in TAPS[: 4 if full else 3]:
        both = []
        for side in (ours, theirs):
            logits = _spread(side[f"fake/{SCORED}/logits"]) if tap == TAPS[0] else None
            both.append([side[f"{name}/{SCORED}/{tap}"] for name in ("real", "fake")] + [logits])
        yield f"images, {tap} features of each", *both


def _spread(logits: np.ndarray) -> np.ndarray:
    """Logits whose images have different classes: random weights give nearly the same ones to all."""
    return 3 * (logits - logits.mean(axis=0))


def compare(python: str, folder: Path, ours: Sets, theirs: Sets, *, full: bool) -> list[list[str]]:
    """Rows: case, score, gancli's value, another program, its value, relative difference."""
    sets: Sets = {}
    found: dict[str, dict[str, float]] = {}
    for case, mine, others in cases(ours, theirs, full=full):
        found[case] = our_scores(*mine)
        sets |= {f"{case}/real": others[0], f"{case}/fake": others[1]}
        if others[2] is not None:
            sets[f"{case}/logits"] = others[2][np.random.default_rng(0).permutation(len(others[2]))]
    np.savez(folder / "sets.npz", **sets)
    ask(python, "scores", folder)
    rows = []
    for case, programs in json.loads((folder / "scores.json").read_text(encoding="utf-8")).items():
        for program, scores in programs.items():
            for score, value in scores.items():
                mine = found[case][score]
                gap = "equal" if mine == value else f"{abs(mine - value) / max(abs(value), 1e-12):.0e}"
                rows.append([case, score, f"{mine:.6g}", program, f"{value:.6g}", gap])
    return rows


@click.command()
@click.option("--oracles", required=True, help="Python with the extra gancli[oracles].")
@click.option("--count", default=300, show_default=True, help="Number of images to score.")
@click.option("--full", is_flag=True, help="Score 2048 features, too: minutes of matrix roots.")
@click.option("--folder", type=click.Path(path_type=Path), help="Folder that keeps the other side's features.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="File for the rows as JSON.")
def main(oracles: str, count: int, full: bool, folder: Path | None, json_file: Path | None) -> None:
    """Compute on both sides, print and save the tables."""
    backend.own_process()
    with tempfile.TemporaryDirectory() as temporary:
        place = folder or Path(temporary)
        place.mkdir(parents=True, exist_ok=True)
        images = {name: seeded.images(EACH, *size) for name, size in SIZES.items()}
        scored = {name: seeded.images(count, 32, 32, seed=number) for number, name in enumerate(("real", "fake"), 1)}
        if not (place / "features.npz").exists():
            _fill(place, oracles, images | scored)
        both = [weights.load(place / name, note=lambda warning: None).tensors for name in FILES]
        same = all(np.array_equal(both[0][name], both[1][name]) for name in network.expected_shapes())
        ours = our_features(both[0], images | scored)
        with np.load(place / "features.npz") as file:
            theirs = {name: file[name] for name in file.files}
        features = list(feature_rows(ours, theirs, images))
        click.echo(results.table(HEAD, features))
        scores = compare(oracles, place, ours, theirs, full=full)
    parts = [
        f"Tensors of {' and '.join(FILES)} {'equal' if same else 'different'}, {len(both[0])} each.",
        results.table(HEAD, features),
        results.table(["features", "score", "gancli", "program", "its value", "relative difference"], scores),
    ]
    results.save("oracles", "agreement", "\n\n".join(parts))
    if json_file:
        json_file.write_text(json.dumps({"features": features, "scores": scores}, indent=1), encoding="utf-8")


def _fill(folder: Path, oracles: str, images: Sets) -> None:
    """Write the weights and images, and let the other side write its files."""
    np.savez(folder / "weights.npz", **seeded.weights(network.expected_shapes()))
    np.savez(folder / "images.npz", **images)
    for job in ("weights", "features"):
        ask(oracles, job, folder)


if __name__ == "__main__":
    main()
