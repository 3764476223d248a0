"""The promise of the library: its names and their signatures are those of api.txt, and each is documented.

After a wanted change: python tests/architecture/test_api.py writes api.txt anew.
"""

import ast
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import gancli

PROMISE = Path(__file__).with_name("api.txt")
SELF = ("self", "cls")
HEAVY = ("tensorflow", "keras", "numpy", "rich", "click", "scipy", "PIL", "importlib.metadata")


def members(item):
    """The public methods, properties and other attributes of a class that are its own, with what holds them."""
    for name in sorted(dir(item)):
        holder = next((base for base in item.__mro__ if name in vars(base)), object)
        if not name.startswith("_") and holder.__module__.partition(".")[0] == "gancli":
            yield name, vars(holder)[name]


class Raw(str):
    """A type hint that is printed as it was written."""

    __slots__ = ()

    def __repr__(self):
        return str(self).replace("'", '"')


def hint(annotation):
    """A type hint, a string or evaluated, as it was written."""
    return Raw(annotation if isinstance(annotation, str) else inspect.formatannotation(annotation))


def text_of(function):
    """Names, types and defaults of a function's parameters, and what it returns."""
    function = inspect.unwrap(getattr(function, "__func__", function))
    found = inspect.signature(function)
    hints = [one.replace(annotation=hint(one.annotation)) for one in found.parameters.values() if one.name not in SELF]
    return str(found.replace(parameters=hints, return_annotation=hint(found.return_annotation)))


def lines():
    """The promise: a line for each name, and for each public member of a class."""
    for name in sorted(gancli.__all__):
        item = getattr(gancli, name)
        if not isinstance(item, type):
            yield f"{name}{text_of(item)}" if callable(item) else f"{name}: {type(item).__name__}"
            continue
        bases = [base.__name__ for base in item.__mro__[1:] if base.__module__.partition(".")[0] == "gancli"]
        has_init = "__init__" in vars(item) and item.__init__ is not object.__init__
        yield f"class {name}({', '.join(bases)})" + (f", made by {text_of(item.__init__)}" if has_init else "")
        for member, value in members(item):
            if isinstance(value, property) or hasattr(value, "func"):  # of functools.cached_property
                function = getattr(value, "fget", None) or value.func
                yield f"    {member}: {hint(inspect.signature(function).return_annotation)!r}"
            elif callable(value) or isinstance(value, (classmethod, staticmethod)):
                yield f"    {member}{text_of(value)}"
            else:
                yield f"    {member} = {value!r}" if isinstance(value, int) else f"    {member}"


def test_names_and_signatures_are_the_promised_ones():
    promised = PROMISE.read_text(encoding="utf-8").splitlines()
    assert list(lines()) == promised, "if this change is wanted, run python tests/architecture/test_api.py"


def test_the_names_are_listed_in_order_and_each_is_there():
    assert gancli.__all__ == sorted(gancli.__all__)
    assert set(dir(gancli)) == set(gancli.__all__)
    with pytest.raises(AttributeError, match="module 'gancli' has no attribute 'trian'"):
        gancli.trian  # noqa: B018


def test_a_checker_finds_each_name_where_a_program_does():
    tree = ast.parse(inspect.getsource(gancli))
    (block,) = [node for node in tree.body if isinstance(node, ast.If) and isinstance(node.test, ast.Name)]
    seen = {name.name: node.module for node in block.body for name in node.names}
    assert seen == gancli._MODULES
    assert {*seen, "__version__"} == {*gancli.__all__}


@pytest.mark.parametrize("name", [name for name in gancli.__all__ if not name.startswith("__")])
def test_every_name_is_documented_with_its_parameters_and_members(name):
    item = getattr(gancli, name)
    assert inspect.getdoc(item), name
    functions = {name: item} if not isinstance(item, type) else {}
    for member, value in members(item) if isinstance(item, type) else ():
        function = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
        if inspect.isfunction(function):
            functions[f"{name}.{member}"] = function
    for place, function in functions.items():
        text = inspect.getdoc(inspect.unwrap(function))
        assert text and text[0].isupper(), place
        assert text.split("\n\n")[0].endswith((".", ":")), place


FUNCTIONS = [name for name in gancli.__all__ if inspect.isfunction(getattr(gancli, name))]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_parameter_of_a_function_is_explained(name):
    """In the form `name: …`, or the text names it with its article where it is the only one."""
    function = inspect.unwrap(getattr(gancli, name))
    text, parameters = inspect.getdoc(function), list(inspect.signature(function).parameters)
    for parameter in parameters if len(parameters) > 1 else ():
        assert f"{parameter}:" in text or f"{parameter}," in text or f"by its {parameter}" in text, parameter
    if "raise " in inspect.getsource(function):
        assert "Raises:" in text


def test_an_import_of_every_name_imports_nothing_heavy():
    code = f"from gancli import *\nimport gancli, sys\nprint([name for name in {HEAVY} if name in sys.modules])"
    environ = {"PYTHONPATH": str(Path(gancli.__file__).parents[1])}
    answer = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True)
    assert (answer.stdout.strip(), answer.stderr) == ("[]", "")


if __name__ == "__main__":
    PROMISE.write_text("\n".join(lines()) + "\n", encoding="utf-8")
