"""`python -m gancli` is `gancli`."""

from gancli.cli import main

main()
