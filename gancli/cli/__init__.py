"""The command line: options, output and one file for each command. The only package that imports Click and rich."""
