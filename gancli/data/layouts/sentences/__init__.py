"""Data sets of sentences in order."""
