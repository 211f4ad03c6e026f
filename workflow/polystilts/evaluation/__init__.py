"""Predictions of trained cells, and their scores by XTREME's rules."""
