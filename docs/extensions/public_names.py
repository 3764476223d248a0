"""The directive `public-names`: one autodoc entry for each public name of a module; and docstrings as text.

    .. public-names:: gancli.nn.losses

For `gancli` the names are those of `__all__`; for other modules the classes and functions that they define. Unlike
autodoc's `automodule`, it reads no other names, of which some would import TensorFlow.

Docstrings of gancli are plain text with code between backticks: stars, bars and underscores are no markup in them.
"""

from __future__ import annotations

import importlib
import inspect
import re
from types import FunctionType, ModuleType

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gancli


class PublicNames(SphinxDirective):
    """Document the public names of a module: functions, classes, errors, others."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Parse an autodoc directive for each name."""
        module = importlib.import_module(self.arguments[0])
        kinds: dict[str, list[str]] = {"autofunction": [], "autoclass": [], "autoexception": [], "autodata": []}
        for name in _names(module):
            kinds[_directive(getattr(module, name))].append(name)
        lines = [] if hasattr(module, "__all__") else [*inspect.cleandoc(module.__doc__ or "").split("\n"), ""]
        for directive, names in kinds.items():
            for name in names:
                options = ["   :members:"] if directive == "autoclass" else []
                if module is not gancli and name in getattr(gancli, "__all__", ()):
                    options.append("   :no-index:")  # links lead to the public name
                lines += [f".. {directive}:: {module.__name__}.{name}", *options, ""]
        node = nodes.container()
        self.state.nested_parse(StringList(lines, source=module.__name__), self.content_offset, node)
        return node.children


def _names(module: ModuleType) -> list[str]:
    """The public names of a module, in their order."""
    if hasattr(module, "__all__"):
        return list(module.__all__)
    kinds, own = (type, FunctionType), module.__name__
    defined = [name for name, item in vars(module).items() if isinstance(item, kinds) and item.__module__ == own]
    return [name for name in defined if not name.startswith("_")]


def _directive(item: object) -> str:
    """The directive of autodoc that documents an object."""
    if inspect.isclass(item):
        return "autoexception" if issubclass(item, BaseException) else "autoclass"
    return "autofunction" if callable(item) else "autodata"


def _as_text(app: Sphinx, what: str, name: str, item: object, options: object, lines: list[str]) -> None:
    """A docstring as text: markup outside of backticks is escaped; what is returned and raised begins a paragraph."""
    parts = "\n".join(lines).split("`")
    parts[::2] = [re.sub(r"[*|]|_(?=\W|$)", r"\\\g<0>", part) for part in parts[::2]]
    text = re.sub(r"(?:^|(?<=\s))(Raises|Returns|Attributes|Keywords): ", r"\n\n**\1:** ", "`".join(parts))
    lines[:] = text.split("\n")


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive, and the event that prepares docstrings."""
    app.add_directive("public-names", PublicNames)
    app.connect("autodoc-process-docstring", _as_text)
    return {"parallel_read_safe": True}
