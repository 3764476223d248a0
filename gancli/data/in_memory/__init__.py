"""Data sets of arrays that a program has in memory: made, shown, saved, and recognized again."""
