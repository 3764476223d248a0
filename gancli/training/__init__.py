"""The training loop: input pipeline, compiled steps, validation, monitoring and sample grids."""
