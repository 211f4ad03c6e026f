"""From a pretrained encoder to intermediate checkpoints and fine-tuned target models."""
