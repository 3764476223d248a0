"""Pictures with captions, as files."""

import io
import zipfile

from PIL import Image


def picture(colour):
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), colour).save(buffer, "PNG")
    return buffer.getvalue()


def zip_of_reed(folder, classes=6):
    """The layout of Reed et al. 2016, as a zip file: two pictures of each class, with one and two captions."""
    path = folder / "flowers.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(2 * classes):
            archive.writestr(f"jpg/image_{number:05}.png", picture((number * 20, 0, 0)))
            lines = [f"flower {number}"] + [f"again {number}"] * (number % 2)
            archive.writestr(f"text_c10/class_{number // 2:05}/image_{number:05}.txt", "\n".join(lines) + "\n")
    return path
