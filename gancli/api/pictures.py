"""Pictures in notebooks."""

from gancli.imaging.inline import MOST_CELLS, html_picture, png

__all__ = ["MOST_CELLS", "html_picture", "png"]
