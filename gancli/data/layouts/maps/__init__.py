"""Pictures with label maps: which maps belong to which pictures, and what their numbers mean."""
