"""A synthetic world in five languages, written as a mirror of files in the published formats."""
