"""The style space w of style-based generators: truncation, style mixing, and w of real images."""
