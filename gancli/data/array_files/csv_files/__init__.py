"""CSV files with a row of pixels for each image."""
