"""One module per metric of the task registry, found by name: `measure(language, splits)`."""
