"""Scores of generated images: one module for each `gancli eval-…` command that scores samples."""
