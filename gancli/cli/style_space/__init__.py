"""Options of commands that use the style space w of a style-based model, and `gancli sample --mix`."""
