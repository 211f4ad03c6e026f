"""The stages of switching a batch, from chunks of text to rewritten text, as columns."""
