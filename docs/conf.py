"""Settings of Sphinx. The source folder is the repository: a link that works there works on the site, and the READMEs
and results of experiments are pages of it.

    make docs    →  docs/_build/index.html

Nothing is fetched from a network, and TensorFlow is not imported.
"""

from __future__ import annotations

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

import gancli  # noqa: E402 (from this checkout)

project = "gancli"
version = release = gancli.__version__

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx_design",
    "extensions.public_names",
]
root_doc = "docs/index"
include_patterns = ["docs/**.md", "experiments/**.md", "CHANGELOG.md"]
exclude_patterns = ["docs/_build", "**/.*", ".*", "**/runs", "build", "**/__pycache__", "gancli", "tests", "findings"]
myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 4
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
autodoc_preserve_defaults = True
default_role = "code"
smartquotes = False  # two dashes are a flag
suppress_warnings = ["toc.not_included"]  # of experiments, which their index links; tests/docs lists the pages of docs
pygments_style = "friendly"

html_theme = "furo"
html_title = "gancli"
html_static_path: list[str] = []
html_extra_path = ["start"]  # docs/_build/index.html leads to docs/_build/docs/index.html
html_show_copyright = False
html_show_sourcelink = False
html_copy_source = False
