"""Small source locks for tests."""

from pathlib import Path
from typing import Any

from polystilts.sources.lock_file import dump
from polystilts.sources.source_lock import SourceLock, load

HEAD = "# Where things come from.\n# A second line.\n"


def write_lock(path: Path, *origins: dict[str, Any], **more: Any) -> Path:
    """Write a lock with one source of these origins."""
    source = {
        "title": "A data set",
        "homepage": "https://example.org",
        "licence": "CC0",
        "citation": "Nobody 2020",
        "languages": ["en", "de"],
        "origins": list(origins),
        **more,
    }
    path.write_text(dump({"sources": {"data": source}}, HEAD), encoding="utf-8")
    return path


def lock_of(path: Path, *origins: dict[str, Any], **more: Any) -> SourceLock:
    return load(write_lock(path, *origins, **more))
