"""Code-switching of people's own files, each in its format; one module a format."""
