"""What other programs compute, in the interpreter that has them: it needs no gancli and no TensorFlow.

    python -m experiments.oracles.torch_side JOB FOLDER

Jobs read and write files of the folder. weights: `weights.npz` -> `torch-fidelity.pth` and `pytorch-fid.pth`, saved by
torch.save from each program's own network. features: `images.npz` -> `features.npz`. scores: `sets.npz` ->
`scores.json`. speed: answers each line of input. The names in the files are described below.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import click
import numpy as np

BATCH = 50
MANY = 10  # images of a set for which all resizings are computed; of the others only torch-fidelity's
DIMS = (64, 192, 768, 2048)
TAPS = (*map(str, DIMS), "logits")
SUBSETS, RANDOM = 20, 2020  # torch-fidelity draws the subsets of KID with this seed


def ask(python: str, job: str, folder: Path) -> None:
    """Let the other interpreter do a job. Raises: click.ClickException with the end of its output."""
    command = [python, "-m", "experiments.oracles.torch_side", job, str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise click.ClickException(f"{job}: {done.stderr.strip()[-800:]}")


def fidelity_network(path: Path, features: tuple[str, ...]):  # noqa: ANN201 (torch is not installed everywhere)
    """torch-fidelity's network with the weights of a file."""
    import torch_fidelity.feature_extractor_inceptionv3 as source

    return source.FeatureExtractorInceptionV3(
        "inception-v3-compat", list(features), feature_extractor_weights_path=str(path)
    )


def pytorch_fid_network(path: Path, **settings: bool):  # noqa: ANN201
    """pytorch-fid's network with the weights of a file in place of a download, all of its features."""
    import torch
    from pytorch_fid import inception

    inception.load_state_dict_from_url = lambda *_, **__: torch.load(path)
    return inception.InceptionV3([0, 1, 2, 3], **settings).eval()


def _write_weights(folder: Path) -> None:
    import torch

    with np.load(folder / "weights.npz") as arrays:
        torch.save({name: torch.from_numpy(arrays[name]) for name in arrays.files}, folder / "plain.pth")
    fidelity = fidelity_network(folder / "plain.pth", ("2048",))
    torch.save(fidelity.state_dict(), folder / "torch-fidelity.pth")
    from pytorch_fid import inception

    inception.load_state_dict_from_url = lambda *_, **__: torch.load(folder / "plain.pth")
    torch.save(inception.fid_inception_v3().state_dict(), folder / "pytorch-fid.pth")


def _write_features(folder: Path) -> None:
    """`NAME` uint8 images -> `NAME/METHOD/TAP` for METHOD of gancli's resizings, TAP of DIMS or "logits"."""
    from cleanfid.resize import build_resizer

    own = fidelity_network(folder / "torch-fidelity.pth", (*TAPS[:-1], "logits_unbiased"))
    as_it_is = pytorch_fid_network(folder / "pytorch-fid.pth")
    resized = pytorch_fid_network(folder / "pytorch-fid.pth", resize_input=False, normalize_input=False)
    fc = own.fc.weight.T
    found: dict[str, np.ndarray] = {}
    with np.load(folder / "images.npz") as sets:
        for name in sets.files:
            pixels = sets[name]
            colors = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
            taps = {"legacy-tensorflow": list(_batched(own, colors))}
            clean = np.stack([build_resizer("clean")(image) for image in colors[:MANY]])
            colors = colors[:MANY]
            taps["legacy-pytorch"] = list(_batched(as_it_is, colors / np.float32(255)))
            taps["clean"] = list(_batched(resized, (clean - 128) / 128))
            for method, parts in taps.items():
                columns = [np.concatenate(part) for part in zip(*parts, strict=True)]
                if len(columns) == len(DIMS):
                    columns.append((columns[-1] @ fc.numpy()).astype(np.float32))
                found |= {f"{name}/{method}/{tap}": column for tap, column in zip(TAPS, columns, strict=True)}
            found |= {f"{name}/{method}": values for method, values in _resized(colors, clean).items()}
    np.savez(folder / "features.npz", **found)


def _resized(colors: np.ndarray, clean: np.ndarray) -> dict[str, np.ndarray]:
    """The first image, resized by each, float32 (299, 299, 3) in [0, 255]."""
    import torch
    from torch_fidelity.interpolate_compat_tensorflow import interpolate_bilinear_2d_like_tensorflow1x as like_tf1

    one, size = torch.from_numpy(colors[:1].transpose(0, 3, 1, 2).astype(np.float32)), (299, 299)
    both = {
        "legacy-tensorflow": like_tf1(one, size=size, align_corners=False),
        "legacy-pytorch": torch.nn.functional.interpolate(one, size=size, mode="bilinear", align_corners=False),
    }
    return {name: values[0].numpy().transpose(1, 2, 0) for name, values in both.items()} | {"clean": clean[0]}


def _batched(network, images: np.ndarray) -> Iterator[list[np.ndarray]]:
    import torch

    with torch.no_grad():
        for start in range(0, len(images), BATCH):
            batch = torch.from_numpy(np.ascontiguousarray(images[start : start + BATCH].transpose(0, 3, 1, 2)))
            yield [(part.mean((2, 3)) if part.ndim == 4 else part).numpy() for part in network(batch)]


def _write_scores(folder: Path) -> None:
    """`CASE/real`, `CASE/fake` features, `CASE/logits` in the order to cut -> {CASE: {program: {score: value}}}."""
    import torch

    found: dict[str, dict[str, dict[str, float]]] = {}
    with np.load(folder / "sets.npz") as sets:
        for case in sorted({name.split("/")[0] for name in sets.files}):
            real, fake = sets[f"{case}/real"], sets[f"{case}/fake"]
            found[case] = {
                "torch-fidelity": _of_fidelity(torch.from_numpy(fake), torch.from_numpy(real)),
                "pytorch-fid": _of_pytorch_fid(real, fake),
                "clean-fid": _of_clean_fid(real, fake),
                "torchmetrics": _of_torchmetrics(real, fake),
                "prdc": _of_prdc(real, fake),
            }
            if f"{case}/logits" in sets.files:
                found[case]["torch-fidelity"] |= _inception_score(torch.from_numpy(sets[f"{case}/logits"]))
    (folder / "scores.json").write_text(json.dumps(found), encoding="utf-8")


def _of_fidelity(fake, real) -> dict[str, float]:
    from torch_fidelity import metric_fid, metric_kid, metric_prc

    statistics = [metric_fid.fid_features_to_statistics(rows) for rows in (fake, real)]
    size = min(len(fake), len(real)) // 2
    settings = {"kid_subsets": SUBSETS, "kid_subset_size": size, "rng_seed": RANDOM, "verbose": False}
    kid = metric_kid.kid_features_to_metric(fake.double(), real.double(), **settings)
    neighbors = metric_prc.prc_features_to_metric(fake, real, verbose=False)
    return {
        "FID": metric_fid.fid_statistics_to_metric(*statistics, verbose=False)["frechet_inception_distance"],
        "KID": kid["kernel_inception_distance_mean"],
        "KID ±": kid["kernel_inception_distance_std"],
        "precision, k = 3": neighbors["precision"],
        "recall, k = 3": neighbors["recall"],
    }


def _inception_score(logits) -> dict[str, float]:
    from torch_fidelity.metric_isc import isc_features_to_metric

    found = isc_features_to_metric(logits, splits=10, shuffle=False)
    return {"IS": found["inception_score_mean"], "IS ±": found["inception_score_std"]}


def _of_pytorch_fid(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    from pytorch_fid.fid_score import calculate_frechet_distance

    sets = [rows.astype(np.float64) for rows in (fake, real)]  # as it keeps them
    moments = [part for rows in sets for part in (rows.mean(axis=0), np.cov(rows, rowvar=False))]
    return {"FID": float(calculate_frechet_distance(*moments))}


def _of_clean_fid(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    from cleanfid import fid

    np.random.seed(RANDOM)
    size = min(len(fake), len(real)) // 2
    kid = fid.kernel_distance(real.astype(np.float64), fake.astype(np.float64), SUBSETS, size)
    return {"FID": float(fid.fid_from_feats(fake, real)), "KID": kid}


def _of_torchmetrics(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    import torch
    from torchmetrics.image.fid import _compute_fid
    from torchmetrics.image.kid import poly_mmd

    moments = [part for rows in (fake, real) for part in (rows.mean(axis=0, dtype=np.float64), np.cov(rows.T))]
    draws = np.random.RandomState(RANDOM)
    size = min(len(fake), len(real)) // 2
    pairs = [[torch.from_numpy(part[draws.choice(len(part), size, replace=False)]).double() for part in (fake, real)]
             for _ in range(SUBSETS)]  # fmt: skip
    kid = np.mean([poly_mmd(theirs, ours).item() for ours, theirs in pairs])
    return {"FID": _compute_fid(*map(torch.from_numpy, moments)).item(), "KID": float(kid)}


def _of_prdc(real: np.ndarray, fake: np.ndarray) -> dict[str, float]:
    from prdc import compute_prdc

    return {f"{name}, k = 5": float(value) for name, value in compute_prdc(real, fake, nearest_k=5).items()}


def _serve_speed(folder: Path) -> None:
    """For each line of input, the seconds and the processor's seconds that the features of `images.npy` take."""
    import torch
    from torch_fidelity.utils import get_featuresdict_from_dataset

    class Images(torch.utils.data.Dataset):
        pixels = torch.from_numpy(np.load(folder / "images.npy").transpose(0, 3, 1, 2).copy())

        def __len__(self) -> int:
            return len(self.pixels)

        def __getitem__(self, index: int):  # noqa: ANN204
            return self.pixels[index]

    network, images = fidelity_network(folder / "torch-fidelity.pth", ("2048",)), Images()
    for _ in sys.stdin:
        began, before = time.perf_counter(), _processor()
        get_featuresdict_from_dataset(images, network, 64, cuda=False, save_cpu_ram=False, verbose=False)
        print(json.dumps([time.perf_counter() - began, _processor() - before]), flush=True)


def _processor() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


JOBS = {"weights": _write_weights, "features": _write_features, "scores": _write_scores, "speed": _serve_speed}


@click.command()
@click.argument("job", type=click.Choice(JOBS))
@click.argument("folder", type=click.Path(path_type=Path))
def main(job: str, folder: Path) -> None:
    """Do a job on the files of a folder."""
    import torch

    torch.set_num_threads(2)
    JOBS[job](folder)


if __name__ == "__main__":
    main()
