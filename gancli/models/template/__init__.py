"""A model file to start from: my_gan.py of this folder, written under another name."""

from __future__ import annotations

from pathlib import Path

from gancli import models
from gancli.core.errors import OptionError
from gancli.models import model_files

TEMPLATE = Path(__file__).with_name("my_gan.py")


def write(name: str) -> Path:
    """Write the template as NAME.py, with a class of that name. Returns: the path.

    name: of the model, or a path. Raises: OptionError if the name is taken or no name of a model; OSError.
    """
    path = Path(name if model_files.is_path(name) else f"{name}.py")
    if not model_files.STEM.fullmatch(path.stem):
        raise OptionError(f"'{name}': expected a name of letters, digits, - and _, such as my_gan")
    if path.stem.replace("_", "-") in models.names():
        raise OptionError(f"gancli has a model '{path.stem}': choose another name, such as my_{path.stem}")
    words = path.stem.replace("-", "_").split("_")
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("MyGAN", "".join(word[:1].upper() + word[1:] for word in words)).replace("my_gan.py", path.name)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise OptionError(f"{path} exists and is left as it is: choose another name") from error
    return path
