"""English as the switcher sees it: its words, lemmas, parts of speech and protected classes."""
