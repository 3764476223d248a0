"""The directive `public-names`: one autodoc entry for each name in `gancli.__all__`."""

from __future__ import annotations

import inspect
import types

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import gancli


class PublicNames(SphinxDirective):
    """Document every public name of gancli, in the order of `__all__`."""

    def run(self) -> list[nodes.Node]:
        """Parse an autodoc directive for each name."""
        lines: list[str] = []
        for name in getattr(gancli, "__all__", ()):
            lines += [f".. {_directive(getattr(gancli, name))}:: gancli.{name}", "   :members:", ""]
        node = nodes.container()
        self.state.nested_parse(StringList(lines, source="gancli.__all__"), self.content_offset, node)
        return node.children


def _directive(item: object) -> str:
    """The directive of autodoc that documents an object."""
    if inspect.isclass(item):
        return "autoexception" if issubclass(item, BaseException) else "autoclass"
    if isinstance(item, types.ModuleType):
        return "automodule"
    return "autofunction" if callable(item) else "autodata"


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the directive."""
    app.add_directive("public-names", PublicNames)
    return {"parallel_read_safe": True}
