"""Near-duplicates in data: planted ones are found, others are not, and the data are packed without them."""

import json

import numpy as np
import pytest

from gancli import data
from gancli.evaluation import near_duplicates


@pytest.fixture(scope="module")
def planted():
    """200 images of blobs, of which the last 30 are the first 30 anew, a little brighter and noisier."""
    random = np.random.default_rng(0)
    y, x = np.mgrid[:16, :16]
    blobs = [
        sum(
            random.uniform(60, 120) * np.exp(-((x - at[0]) ** 2 + (y - at[1]) ** 2) / random.uniform(4, 20))
            for at in random.uniform(0, 16, (4, 2))
        )
        for _ in range(170)
    ]
    images = np.stack([*blobs, *blobs[:30]]).clip(0, 245)[..., None]
    images[170:] += 2 + random.normal(0, 1, images[170:].shape)
    return images.clip(0, 255).astype(np.uint8)


def test_planted_duplicates_are_found_and_nothing_else(planted):
    found = near_duplicates.groups(near_duplicates.codes(planted), 8)
    pairs = {tuple(rows.tolist()) for rows in found}
    true = {(row, row + 170) for row in range(30)}
    assert len(pairs & true) >= 28
    assert len(pairs - true) <= 1


def test_groups_join_what_is_near_to_any_of_them():
    held = np.zeros((5, 128), bool)
    held[1, :2] = held[2, :4] = True  # each two bits from the one before
    held[3, 64:] = held[4, 64:] = True
    assert [rows.tolist() for rows in near_duplicates.groups(held, 2)] == [[0, 1, 2], [3, 4]]
    assert [rows.tolist() for rows in near_duplicates.groups(held, 0)] == [[3, 4]]
    assert near_duplicates.groups(np.eye(4, 128, dtype=bool), 1) == []


def test_the_data_are_packed_without_them(gancli, tmp_path, planted):
    labels = np.arange(200) % 3
    np.savez(tmp_path / "blobs.npz", images=planted, labels=labels)
    words = ["--out", tmp_path / "groups.png", "--pack", tmp_path / "kept.h5", "--json"]
    found = json.loads(gancli("data", "duplicates", tmp_path / "blobs.npz", *words).out)
    assert found["duplicates"] == sum(len(rows) - 1 for rows in found["groups"]) >= 28
    kept = data.load(str(tmp_path / "kept.h5"))
    assert len(kept) == 200 - found["duplicates"]
    gone = {row for rows in found["groups"] for row in rows[1:]}
    assert kept.train["label"].tolist() == [label for row, label in enumerate(labels) if row not in gone]
    assert (tmp_path / "groups.png").stat().st_size > 1000
    refused = gancli("data", "duplicates", "ring8")
    assert (refused.code, "holds no images" in refused.err) == (3, True)
