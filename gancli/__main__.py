"""`python -m gancli` is `gancli`."""

from gancli.cli.main import main

main()
