"""The public library: what `import gancli` offers, and how long work is shown."""
