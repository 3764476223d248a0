"""What the subcommands share: flags made from options, the bar, a run opened for drawing."""
