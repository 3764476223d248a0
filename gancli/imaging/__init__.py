"""Images as arrays: PNG and GIF, grids, resampling, crops and plots."""
