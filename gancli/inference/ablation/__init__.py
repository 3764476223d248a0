"""Removing what a generator draws: ablation of its feature maps, or an edit of its latent vectors."""
