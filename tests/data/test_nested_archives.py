"""A folder of archives is read as if they were unpacked in it, one level deep."""

import io
import tarfile
import zipfile

import numpy as np
import pytest
import scipy.io

from gancli import data
from gancli.core.errors import DataError
from gancli.data import Request
from tests.helpers.specimens import encoded, pixels, put

PNG = encoded(pixels(1, 8, 8, 3)[0])


def pack(path, *names, content=PNG):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w") as archive:
            for name in names:
                archive.writestr(name, content)
        return path
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return path


def test_celeba_as_on_the_drive_of_its_authors(tmp_path):
    names = [f"{number:06}.jpg" for number in range(1, 5)]
    pack(tmp_path / "Img" / "img_align_celeba.zip", *(f"img_align_celeba/{name}" for name in names))
    put(tmp_path / "Anno" / "list_attr_celeba.txt", "4\nBald Male\n" + "".join(f"{name} 1 -1\n" for name in names))
    found = data.inspect(str(tmp_path))
    assert found.attributes == ("Bald", "Male")
    assert [file.name for file in found.pictures.pictures] == [f"Img/img_align_celeba/{name}" for name in names]
    assert "an archive in the folder is read as a folder: Img/img_align_celeba.zip" in [
        remark.text for remark in found.remarks
    ]
    assert len(data.load(str(tmp_path), Request(image_size=8))) == 4


def test_tables_beside_an_archive_of_pictures_are_no_arrays(tmp_path):
    pack(tmp_path / "102flowers.tgz", *(f"jpg/image_{number:05}.jpg" for number in range(1, 7)))
    scipy.io.savemat(tmp_path / "imagelabels.mat", {"labels": np.array([[1, 1, 2, 2, 3, 3]], np.uint8)})
    sets = {"trnid": np.array([[1, 3, 5]]), "valid": np.array([[2]]), "tstid": np.array([[4, 6]])}
    scipy.io.savemat(tmp_path / "setid.mat", sets)
    found = data.inspect(str(tmp_path))
    assert (len(found.classes), found.parts) == (3, {"train": 3, "validation": 1, "test": 2})
    scipy.io.savemat(tmp_path / "imagelabels.mat", {"labels": np.zeros((1, 6))})
    (tmp_path / "102flowers.tgz").unlink()
    with pytest.raises(DataError):
        data.inspect(str(tmp_path))


@pytest.mark.parametrize("ending", ["zip", "tar", "tar.gz", "tgz"])
@pytest.mark.parametrize("above", ["", "{}/"], ids=["flat", "in a folder of its name"])
def test_archives_of_splits_and_of_classes_are_folders(tmp_path, ending, above):
    for split, count in (("train", 3), ("test", 2)):
        names = [f"{above.format(split)}{kind}/{number}.png" for kind in ("cat", "dog") for number in range(count)]
        pack(tmp_path / "splits" / f"{split}.{ending}", *names)
    found = data.inspect(str(tmp_path / "splits"))
    assert (found.parts, found.classes) == ({"train": 6, "test": 4, "validation": 0}, ("cat", "dog"))
    for kind in ("n01440764", "n01443537", "n01484850"):  # ImageNet's
        names = [f"{above.format(kind)}{kind}_{number}.JPEG" for number in range(2)]
        pack(tmp_path / "classes" / f"{kind}.{ending}", *names)
    found = data.inspect(str(tmp_path / "classes"))
    assert found.classes == ("n01440764", "n01443537", "n01484850")


def test_pictures_beside_archives_are_read_and_the_archives_named(tmp_path):
    put(tmp_path / "a.png", PNG)
    pack(tmp_path / "more.zip", "b.png")
    found = data.inspect(str(tmp_path))
    assert found.parts["train"] == 1
    assert any("1 of .zip" in remark.text for remark in found.remarks)


@pytest.mark.parametrize("outer", ["all.zip", "all.tar"])
def test_an_archive_in_an_archive_is_not_opened(tmp_path, outer):
    inner = pack(tmp_path / "train.zip", "a.png").read_bytes()
    path = pack(tmp_path / "set" / outer, "train.zip", content=inner)
    for place in (path, path.parent):
        with pytest.raises(DataError, match=r"unpack .*train\.zip"):
            data.load(str(place))


def test_a_damaged_archive_in_a_folder_is_named(tmp_path):
    put(tmp_path / "a.zip", b"PK")
    with pytest.raises(DataError, match=r"a\.zip is not a readable"):
        data.inspect(str(tmp_path))


def test_the_cache_notices_a_changed_archive(tmp_path):
    pack(tmp_path / "set" / "a.tar", "a.png")
    assert data.load(str(tmp_path / "set"), Request(image_size=8)).items[:].std() > 0
    pack(tmp_path / "set" / "a.tar", "a.png", content=encoded(pixels(1, 8, 8, 3)[0] // 200 * 0 + 7))
    assert data.load(str(tmp_path / "set"), Request(image_size=8)).items[:].std() == 0
