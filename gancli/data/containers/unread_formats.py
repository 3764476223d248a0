"""Files that are not read: what they are, and the lines that convert them. One table, by the endings of names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple


class Unread(NamedTuple):
    """A kind of file that is not read. how: what converts it; {name} is a file of this kind."""

    endings: tuple[str, ...]
    what: str
    how: str


TABLE = (
    Unread(
        (".pt", ".pth"),
        "tensors of PyTorch",
        "images = torch.load('{name}', weights_only=True)\nnumpy.savez('images.npz', images=images.numpy())",
    ),
    Unread(
        (".pkl.gz", ".pickle.gz"),
        "pickled Python objects, which can run code",
        "if you trust it, train = pickle.load(gzip.open('{name}'), encoding='latin1')[0]\n"
        "numpy.savez('images.npz', images=train[0], labels=train[1])",
    ),
    Unread(
        (".pkl", ".pickle", ".joblib"),
        "pickled Python objects, which can run code",
        "if you trust it, found = pickle.load(open('{name}', 'rb'), encoding='latin1')\n"
        "numpy.savez('images.npz', images=found['data'], labels=found['labels'])",
    ),
    Unread(
        (".amat",),
        "a matrix in text, a row of pixels and a label for each image",
        "rows = numpy.loadtxt('{name}')\nnumpy.savez('images.npz', images=rows[:, :-1], labels=rows[:, -1])",
    ),
    Unread(
        (".beton", ".rec"),
        "records of another library's loader",
        "read them with FFCV (.beton) or MXNet (.rec)\nPIL.Image.fromarray(image).save('0.png') stores each image",
    ),
    Unread(
        (".rds", ".rdata", ".rda"),
        "objects of R",
        "images <- readRDS('{name}')\nfor (i in 1:dim(images)[1]) png::writePNG(images[i,,], sprintf('%d.png', i))",
    ),
    Unread((".mp4", ".avi", ".mov", ".mkv", ".webm"), "videos", "ffmpeg -i '{name}' frame%05d.png stores the frames"),
    Unread((".7z", ".rar"), "archives", "unpack them first, with 7z x '{name}'"),
    Unread((".zst",), "compressed with zstd", "unzstd '{name}' unpacks it"),
    Unread(
        (".heic", ".heif", ".jxl", ".psd", ".tga", ".exr", ".dng", ".cr2", ".nef", ".arw", ".svg"),
        "images in another format",
        "magick '{name}' image.png converts one (ImageMagick)",
    ),
)


def advice(names: Iterable[str]) -> str:
    """What the most frequent kind of file that is not read is, how many there are, and how to convert them; "" if none
    of these names is of such a kind."""
    names = list(names)
    kinds = Counter(dict.fromkeys(TABLE, 0))
    for name in names:
        kinds.update(kind for kind in TABLE if name.lower().endswith(kind.endings))
    kind, count = kinds.most_common(1)[0]
    if not count:
        return ""
    found = [name for name in names if name.lower().endswith(kind.endings)]
    ending = next(ending for ending in kind.endings[::-1] if found[0].lower().endswith(ending))
    lines = kind.how.format(name=PurePosixPath(found[0]).name).replace("\n", ", then ")
    number = f"{count:,} files that end" if count > 1 else "a file that ends"
    return f"{number} in {ending} ({kind.what}): {lines}"
