"""Super-resolution sets in the folders and names of their publishers."""

from pathlib import Path

from tests.helpers.specimens import Specimen, photo

NAME = "originals and low-resolution copies"


def div2k(folder: Path) -> Path:
    for part, numbers in (("train", (1, 2, 3)), ("valid", (801, 802))):
        for number in numbers:
            photo(folder / f"DIV2K_{part}_HR/{number:04}.png", side=24, seed=number)
            for scale in (2, 3, 4):
                for how in ("bicubic", "unknown"):
                    place = f"DIV2K_{part}_LR_{how}/X{scale}/{number:04}x{scale}.png"
                    photo(folder / place, side=24 // scale, seed=number)
    return folder


def flickr2k(folder: Path) -> Path:
    for number in (1, 2):
        photo(folder / f"Flickr2K/Flickr2K_HR/{number:06}.png", side=16, seed=number)
        photo(folder / f"Flickr2K/Flickr2K_LR_bicubic/X4/{number:06}x4.png", side=4, seed=number)
    return folder / "Flickr2K"


def edsr(folder: Path) -> Path:
    for one, names in (("Set5", ("baby", "bird")), ("B100", ("101085", "3096"))):
        for name in names:
            photo(folder / f"benchmark/{one}/HR/{name}.png", side=24)
            for scale in (2, 4):
                photo(folder / f"benchmark/{one}/LR_bicubic/X{scale}/{name}x{scale}.png", side=24 // scale)
    return folder / "benchmark"


def basicsr(folder: Path) -> Path:
    for name in ("baby", "bird"):
        photo(folder / f"Set5/GTmod12/{name}.png", side=24)
        for scale in (2, 3, 4):
            photo(folder / f"Set5/LRbicx{scale}/{name}.png", side=24 // scale)
    return folder / "Set5"


def selfexsr(folder: Path) -> Path:
    for scale in (2, 3, 4):
        for number in (1, 2):
            name = folder / f"Set5/image_SRF_{scale}/img_{number:03}_SRF_{scale}_HR.png"
            photo(name, side=26 // scale * scale, seed=number)
            photo(name.with_name(name.name.replace("HR", "LR")), side=26 // scale, seed=number)
    return folder / "Set5"


def side_by_side(folder: Path) -> Path:
    for number in (801, 802, 803):
        photo(folder / f"{number:04}.png", side=16, seed=number)
        photo(folder / f"{number:04}x4.png", side=4, seed=number)
        photo(folder / "LRx2" / f"{number:04}.png", side=8, seed=number)
    return folder


LOW, AGAIN = "low-resolution copies of others", "cropped for another scale"
SPECIMENS = [
    Specimen("DIV2K", div2k, NAME, {"train": 3, "validation": 2}, ("image",), remarks=(LOW,)),
    Specimen("Flickr2K", flickr2k, NAME, {"train": 2}, ("image",), remarks=(LOW,)),
    Specimen("EDSR's benchmark", edsr, NAME, {"train": 4}, ("image", "label"), ("B100", "Set5"), remarks=(LOW,)),
    Specimen("BasicSR's Set5", basicsr, NAME, {"train": 2}, ("image",), remarks=(LOW,)),
    Specimen("SelfExSR's Set5", selfexsr, NAME, {"train": 2}, ("image",), remarks=(LOW, AGAIN)),
    Specimen("copies by their endings", side_by_side, NAME, {"train": 3}, ("image",), remarks=(LOW,)),
]
