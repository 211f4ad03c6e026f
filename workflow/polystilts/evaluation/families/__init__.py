"""From a head's logits to predictions, one module per task family."""
