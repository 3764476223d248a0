"""The names of the classes of well-known data sets whose files have none, by label from 0 on."""

from __future__ import annotations

import string

DIGITS = tuple(string.digits)
FASHION_MNIST = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
KMNIST = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")  # the file kmnist_classmap.csv, in Latin letters
NOTMNIST = tuple("ABCDEFGHIJ")
CIFAR10 = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
STL10 = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")
_MERGED = (*string.digits, *string.ascii_uppercase, *"abdefghnqrt")
EMNIST = {  # by split, as its mapping files have them; Cohen et al. 2017, arXiv:1702.05373
    "balanced": _MERGED,
    "byclass": (*string.digits, *string.ascii_uppercase, *string.ascii_lowercase),
    "bymerge": _MERGED,
    "digits": DIGITS,
    "letters": tuple(string.ascii_uppercase),
    "mnist": DIGITS,
}
