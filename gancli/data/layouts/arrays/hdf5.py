"""Arrays in a `.h5` file: in gancli's own keys, read from disk as they are needed, or in other people's."""

from __future__ import annotations

from functools import partial

from gancli.data.array_files import hdf5_tree, roles, siblings
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import hdf5, hdf5_reading

NAME = "a .h5 file of arrays"
EXAMPLE = (
    "faces.h5 with images, labels, attributes, tests\ndsprites.hdf5 with imgs, latents/classes\n"
    "camelyonpatch_level_2_split_valid_x.h5 with x, and …_y.h5 with y"
)
BECOMES = (
    "images with labels, attributes, captions and label maps; images in keys of `gancli data pack` are read "
    "from the disk while training"
)


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of a `.h5` or `.hdf5` file. Raises: DataError."""
    path = entries.path
    if entries.kind != "file" or path.suffix.lower() not in (".h5", ".hdf5"):
        return None
    if not hdf5_reading.has_own_keys(path):
        columns, remarks = siblings.with_labels(
            entries.files[0], hdf5_tree.columns(path), lambda file: hdf5_tree.columns(file.path)
        )
        return roles.array_set(columns, name=str(path), remarks=remarks).as_source(path, NAME)
    dataset = hdf5_reading.read(path)
    counts = {"train": len(dataset) - dataset.validation, "validation": dataset.validation}
    return DataSource(
        path,
        (NAME,),
        counts | {"test": len(dataset.test.get("image", ()))},
        tuple(dataset.train),
        partial(hdf5.load, path),
        dataset.classes,
        dataset.attributes,
        () if "size" in dataset.train else dataset.shape,
        dataset.remarks,
    )
