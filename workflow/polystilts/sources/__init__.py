"""Source files and encoders: from a mirror, an address or a package into `results/sources`.

This is the only room that may open a connection.
"""
