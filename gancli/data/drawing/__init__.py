"""Drawings: pictures that are computed, for data sets of any size whose content is known."""
