"""Agreement of features and scores with the programs whose FIDs are published, and speed beside them."""
