"""Retrieval targets: from sentence vectors to prediction rows, one module per way to retrieve."""
