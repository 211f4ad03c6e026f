"""Tables, files and figures that people read."""
