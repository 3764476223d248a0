"""Folders and names that say what pictures are: splits, classes, domains, low-resolution copies."""
