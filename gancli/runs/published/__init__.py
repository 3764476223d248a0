"""Published models: folders with weights for inference, as model hubs hold them."""
