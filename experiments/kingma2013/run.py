"""Autoencoders, VAEs and their combinations with GANs, on MNIST and faces (Kingma & Welling 2013, arXiv:1312.6114).

Also Burda et al. 2015, Larsen et al. 2015 and Rosca et al. 2017.

    python -m experiments.kingma2013.run
    python -m experiments.kingma2013.run --faces celeba.zip    faces with attributes: what each coordinate of z changes

It writes likelihood bounds for MNIST's test images, the same scores for all models beside the published rows of
Goodfellow et al. 2014, the plane of a VAE with two latent dimensions (Figure 4 of the paper), and reconstructions of
real digits by each model.
"""

from __future__ import annotations

from pathlib import Path

import click

from experiments._harness import data_option, gancli, save, table, train

MODELS = {
    "vae": ["--model", "vae"],
    "vae-2": ["--model", "vae", "--z-dim", "2", "--steps", "20000"],
    "autoencoder": ["--model", "autoencoder"],
    "vaegan": ["--model", "vaegan", "--steps", "1500"],
    "alpha-gan": ["--model", "alpha-gan", "--steps", "1500"],
}
FACES = ["--model", "vae", "--network", "convolutional", "--z-dim", "64", "--steps", "800", "--batch-size", "64"]
OUT = Path(__file__).parent
PICTURES = ("vae", "vae-2", "vaegan", "alpha-gan")


def row(name: str, data: str) -> list[object]:
    """Train if necessary, score, and return a row of the table."""
    run = train(f"kingma2013-{name}", MODELS[name], data)
    chosen = ["--run", run["path"]]
    bound = ["", ""]
    if name.startswith("vae-") or name == "vae":
        found = gancli("eval-elbo", *chosen, "--importance", 500, "--num-samples", 5000 if name == "vae" else 1000)
        bound = [f"{found['mean']:.2f} ± {found['standard_error']:.2f}", f"{found['importance_weighted']:.2f}"]
    out = ["--out", OUT / f"reconstruct-{name}.png"] if name in PICTURES else []
    again = gancli("reconstruct", *chosen, *out)
    parzen, fid = gancli("eval-parzen", *chosen), gancli("eval-fid", *chosen)
    if name in PICTURES:
        gancli("sample", *chosen, "--out", OUT / f"samples-{name}.png")
    return [
        f"`gancli train {' '.join(MODELS[name])}`",
        f"{run['last']['seconds'] / 60:.1f}",
        *bound,
        f"{again['mean']:.4f} ({again['pca']:.4f})",
        f"{parzen['mean']:.1f} ± {parzen['standard_error']:.1f}",
        f"{fid['frechet']:.2f}",
    ]


def digits(data: str, only: tuple[str, ...]) -> None:
    """The MNIST table and its figures."""
    head = ["command, `--data mnist`", "minutes", "ELBO, nats", "importance-weighted bound (500 samples), nats"]
    head += ["reconstruction MSE (PCA)", "Parzen, nats", "Fréchet distance, mnist-classifier features"]
    rows = [row(name, data) for name in only or MODELS]
    rows += [
        ["*adversarial nets (2014)*", "", "", "", "", "*225 ± 2*", ""],
        ["*deep GSN, DBN, stacked CAE (2014)*", "", "", "", "", "*214 ± 1.1, 138 ± 2, 121 ± 1.6*", ""],
    ]
    save("kingma2013", "mnist", table(head, rows), update=bool(only))
    plane = train("kingma2013-vae-2", MODELS["vae-2"], data)["path"]
    gancli("traverse", "--run", plane, "--plane", "--out", OUT / "plane.png")
    gancli("encode", "--run", plane, "--out", OUT / "codes.png")


def faces_table(data: str) -> None:
    """Faces: the attribute that changes with each coordinate."""
    run = train("kingma2013-faces", FACES, data)["path"]
    bound = gancli("eval-elbo", "--run", run, "--num-samples", 1000)
    moved = gancli("traverse", "--run", run, "--out", OUT / "traverse-faces.png")
    smile = gancli("traverse", "--run", run, "--of", "Smiling", "--out", OUT / "traverse-smiling.png")
    gancli("sample", "--run", run, "--num-samples", 32, "--grid", "4x8", "--out", OUT / "samples-faces.png")
    head = ["coordinate", "attribute", "r on real faces", "detected at -3, 0, 3", "r along the traversal"]
    rows = [
        [
            fact["coordinate"],
            fact["goes_with"],
            f"{fact['r']:+.2f}",
            ", ".join(f"{share:.0%}" for share in fact["found"]),
            f"{fact['moved_r']:+.2f}",
        ]
        for fact in (*moved["coordinates"], *smile["coordinates"])
    ]
    intro = f"`gancli train {' '.join(FACES)}`: at most {bound['bits_per_number']:.2f} bits per dimension"
    save("kingma2013", "faces", f"{intro}; r computed on {moved['r_over']}\n\n{table(head, rows)}")


@click.command()
@data_option
@click.option(
    "--only", type=click.Choice(list(MODELS)), multiple=True, help="Models to train and score [default: all]."
)
@click.option("--faces", metavar="PATH", help="Faces with attributes instead, such as celeba.zip.")
def main(data: str, only: tuple[str, ...], faces: str | None) -> None:
    """Train and score autoencoders and related models."""
    if faces:
        faces_table(faces)
    else:
        digits(data, only)


if __name__ == "__main__":
    main()
