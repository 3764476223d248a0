"""One file for each subcommand: check, call, print."""
