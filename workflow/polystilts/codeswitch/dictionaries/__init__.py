"""Lexicons compiled for look-up: entries as arrays, weights of senses, the shuffled control."""
