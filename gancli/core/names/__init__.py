"""Names that people type: those of other tools, and misspelled ones."""
