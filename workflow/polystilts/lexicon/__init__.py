"""Bilingual dictionaries: readers, the ingestion gate, the normal form."""
