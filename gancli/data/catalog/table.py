"""The table of well-known data sets: names of their files and folders, and the public site that hands them out.

The files are read by the recognizers in `layouts`, as any other path.
"""

from __future__ import annotations

from typing import NamedTuple

from gancli.data.labels import known_names

CHOICE = "{choice}"  # in a pattern: what follows the colon of a name
NAMES = {"kmnist": known_names.KMNIST, "notmnist": known_names.NOTMNIST, "stl10": known_names.STL10}
EMNIST = ("letters", "balanced", "byclass", "bymerge", "digits", "mnist")
MEDMNIST = (
    *("pathmnist", "chestmnist", "dermamnist", "octmnist", "pneumoniamnist", "retinamnist", "breastmnist"),
    *("bloodmnist", "tissuemnist", "organamnist", "organcmnist", "organsmnist", "organmnist3d", "nodulemnist3d"),
    *("adrenalmnist3d", "fracturemnist3d", "vesselmnist3d", "synapsemnist3d"),
)
ARCHIVES = ("", ".zip", ".tar", ".tar.gz", ".tgz")


class KnownSet(NamedTuple):
    """How a data set is found in a folder.

    title: its name in words. put: what to put into the folder, and site: from where. patterns: names of a folder or
    file below it, whatever their case, with * and ?; "a/b" is b in a folder a. loose: patterns of files that lie in the
    folder itself among others. choices: what may follow the colon; needed: whether it must. tfds: its folder in
    TensorFlow Datasets, with {choice} for a configuration. keras: patterns in Keras' cache.
    """

    title: str
    put: str
    site: str
    patterns: tuple[str, ...]
    loose: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    needed: bool = False
    tfds: str = ""
    keras: tuple[str, ...] = ()

    @property
    def is_several(self) -> bool:
        """Whether what follows the colon says which of several data sets is meant."""
        return any(CHOICE in pattern for pattern in self.patterns)


def class_names(name: str, choice: str) -> tuple[tuple[str, ...], int]:
    """The names of a data set's classes, if its files have only numbers, and the number of the first; () if unknown."""
    names = known_names.EMNIST.get(choice, ()) if name == "emnist" else NAMES.get(name, ())
    return names, int(name == "emnist" and choice == "letters")


def _archives(*names: str) -> tuple[str, ...]:
    """Each name as a folder and as an archive."""
    return tuple(name + ending for name in names for ending in ARCHIVES)


IDX = "train-images-idx3-ubyte.gz and its three siblings"
LOOSE_IDX = ("train-images?idx3-*", "train-labels?idx1-*", "t10k-images?idx3-*", "t10k-labels?idx1-*")
OWN = {  # gancli's data sets that are also found in the field's own files
    "mnist": KnownSet(
        "MNIST",
        IDX,
        "yann.lecun.com/exdb/mnist",
        ("MNIST/raw", *_archives("mnist"), "mnist.pkl.gz"),
        LOOSE_IDX,
        tfds="mnist",
        keras=("mnist.npz",),
    ),
    "fashion_mnist": KnownSet(
        "Fashion-MNIST",
        IDX,
        "github.com/zalandoresearch/fashion-mnist",
        ("FashionMNIST/raw", *_archives("fashion-mnist", "fashion_mnist", "fashionmnist")),
        LOOSE_IDX,
        tfds="fashion_mnist",
        keras=("fashion-mnist",),
    ),
    "cifar10": KnownSet(
        "CIFAR-10",
        "cifar-10-python.tar.gz",
        "www.cs.toronto.edu/~kriz/cifar.html",
        (
            "cifar-10-batches-py",
            "cifar-10-batches-bin",
            *_archives("cifar-10-python", "cifar-10-binary", "cifar10", "cifar-10"),
        ),
        tfds="cifar10",
        keras=("cifar-10-batches-py-target", "cifar-10-batches-py"),
    ),
}
KNOWN = {
    "cifar100": KnownSet(
        "CIFAR-100",
        "cifar-100-python.tar.gz",
        "www.cs.toronto.edu/~kriz/cifar.html",
        _archives("cifar-100-python", "cifar-100-binary", "cifar100", "cifar-100"),
        choices=("coarse", "fine"),
        tfds="cifar100",
        keras=("cifar-100-python-target", "cifar-100-python"),
    ),
    "celeba": KnownSet(
        "CelebA",
        "img_align_celeba.zip and list_attr_celeba.txt",
        "mmlab.ie.cuhk.edu.hk/projects/CelebA.html",
        _archives("celeba"),
        ("img_align_celeba*", "list_attr_celeba.*", "list_eval_partition.*"),
        tfds="celeb_a",
    ),
    "cub200": KnownSet(
        "CUB-200-2011",
        "CUB_200_2011.tgz",
        "www.vision.caltech.edu/datasets/cub_200_2011",
        _archives("CUB_200_2011", "cub200"),
        tfds="caltech_birds2011",
    ),
    "dsprites": KnownSet(
        "dSprites",
        "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz",
        "github.com/google-deepmind/dsprites-dataset",
        ("dsprites_ndarray*.npz", "dsprites_ndarray*.hdf5", "dsprites.npz"),
        tfds="dsprites",
    ),
    "emnist": KnownSet(
        "EMNIST",
        "gzip.zip",
        "www.nist.gov/itl/products-and-services/emnist-dataset",
        ("EMNIST/raw", *_archives("emnist"), "gzip.zip", "gzip", f"emnist-{CHOICE}.mat"),
        (f"emnist-{CHOICE}-*",),
        choices=EMNIST,
        tfds=f"emnist/{CHOICE}",
    ),
    "k49": KnownSet(
        "Kuzushiji-49", "k49-train-imgs.npz and its three siblings", "codh.rois.ac.jp/kmnist", ("k49",), ("k49-*.npz",)
    ),
    "kmnist": KnownSet(
        "Kuzushiji-MNIST",
        f"KMNIST/raw with {IDX}",
        "codh.rois.ac.jp/kmnist",
        ("KMNIST/raw", *_archives("kmnist", "kuzushiji-mnist")),
        ("kmnist-*.npz",),
        tfds="kmnist",
    ),
    "medmnist": KnownSet(
        "MedMNIST",
        f"{CHOICE}.npz",
        "medmnist.com",
        (f"{CHOICE}.npz", f"medmnist/{CHOICE}.npz", f".medmnist/{CHOICE}.npz"),
        choices=MEDMNIST,
        needed=True,
    ),
    "notmnist": KnownSet(
        "notMNIST",
        "notMNIST_small.tar.gz",
        "yaroslavvb.blogspot.com/2011/09/notmnist-dataset.html",
        _archives("notMNIST", "notMNIST_large", "notMNIST_small"),
    ),
    "qmnist": KnownSet(
        "QMNIST",
        "qmnist-train-images-idx3-ubyte.gz and its three siblings",
        "github.com/facebookresearch/qmnist",
        ("QMNIST/raw", *_archives("qmnist")),
        ("qmnist-*",),
    ),
    "shapes3d": KnownSet(
        "3D Shapes",
        "3dshapes.h5",
        "github.com/google-deepmind/3d-shapes",
        ("3dshapes.h5",),
        tfds="shapes3d",
    ),
    "stl10": KnownSet(
        "STL-10",
        "stl10_binary.tar.gz",
        "cs.stanford.edu/~acoates/stl10",
        _archives("stl10_binary", "stl10", "stl-10"),
        choices=("unlabeled",),
        tfds="stl10",
    ),
    "svhn": KnownSet(
        "SVHN",
        "train_32x32.mat and test_32x32.mat",
        "ufldl.stanford.edu/housenumbers",
        _archives("svhn"),
        ("train_32x32.mat", "test_32x32.mat"),
        tfds="svhn_cropped",
    ),
    "usps": KnownSet(
        "USPS",
        "usps_all.mat",
        "cs.nyu.edu/~roweis/data.html",
        ("usps_all.mat", "usps.*", "usps"),
    ),
}
