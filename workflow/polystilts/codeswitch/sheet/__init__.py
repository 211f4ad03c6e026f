"""The data sheet of a corpus: counts, mixing indices, associations, samples."""
