"""CUB-200-2011 with its lists."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo, put

NAME = "CUB-200-2011's lists"
BIRDS = ("001.Black_footed_Albatross", "002.Laysan_Albatross", "010.Red_winged_Blackbird")


def cub(folder: Path) -> Path:
    root = folder / "CUB_200_2011"
    names = [f"{bird}/{bird[4:]}_{number:04}_7{number}.jpg" for bird in BIRDS for number in range(3)]
    for name in names:
        photo(root / "images" / name)
    numbered = list(enumerate(names, start=1))
    put(root / "images.txt", "".join(f"{number} {name}\n" for number, name in numbered))
    put(root / "train_test_split.txt", "".join(f"{number} {int(number % 3 > 0)}\n" for number, _ in numbered))
    classes = {bird: number for number, bird in enumerate(BIRDS, start=1)}
    put(root / "classes.txt", "".join(f"{number} {bird}\n" for bird, number in classes.items()))
    put(root / "image_class_labels.txt", "".join(f"{n} {classes[name.split('/')[0]]}\n" for n, name in numbered))
    put(root / "bounding_boxes.txt", "".join(f"{number} 60.0 27.0 325.0 304.0\n" for number, _ in numbered))
    put(root / "attributes/class_attribute_labels_continuous.txt", "0.0 2.77\n")
    put(root / "README", "CUB")
    return root


SPECIMENS = [Specimen("CUB-200-2011", cub, NAME, {"train": 6, "test": 3}, ("image", "label"), BIRDS)]
