"""What the resizing inside the Inception network changes: random weights, since the published ones need a download."""

from __future__ import annotations

from experiments._harness import table
from experiments.honest_scores._shared import distance, shuffled

COUNT, DIMS = 200, (64,)  # features of the first layers: those of the last one would need many more images
SETS = {"CIFAR-10, 32 pixels": "cifar10", "faces, 64 pixels": "celeba.zip"}


def part() -> str:
    """A table: the same images, resized in different ways, and other images."""
    from experiments.oracles import seeded
    from gancli.evaluation.feature_extractors.extractor import FeatureChoice
    from gancli.evaluation.feature_extractors.inception import extractor, network, resizing
    from gancli.evaluation.feature_extractors.inception.weights import InceptionWeights

    tensors = seeded.weights(network.expected_shapes())
    random = InceptionWeights(tensors, "0" * 64, False, "seeded random numbers")
    rows = {method: [method] for method in (*resizing.METHODS[1:], "other images, clean")}
    for dims in DIMS:
        extract = {
            method: extractor.of_weights(random, FeatureChoice("inception-2015", method, dims)).extract
            for method in resizing.METHODS
        }
        for file in SETS.values():
            first, other = shuffled(file)[:COUNT], shuffled(file)[COUNT : 2 * COUNT]
            clean = extract["clean"](first)[0]
            floor = distance(extract["clean"](other)[0], clean)
            for method in resizing.METHODS[1:]:
                rows[method].append(f"{distance(extract[method](first)[0], clean) / floor:.2f}")
            rows["other images, clean"].append("1")
    head = ["resized by", *(f"{title}, {dims} features" for dims in DIMS for title in SETS)]
    text = (
        f"{COUNT} images, compared with themselves resized by `clean`; 1 is the distance of other {COUNT} images. The "
    )
    text += "weights are random: the table shows that the way matters, and not by how much."
    return f"{text}\n\n{table(head, rows.values())}"
