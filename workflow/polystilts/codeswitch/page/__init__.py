"""The data sheet as a page to read in a browser."""
