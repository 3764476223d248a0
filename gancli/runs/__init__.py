"""Run folders: metadata, checkpoints, listing, verification and pruning."""
