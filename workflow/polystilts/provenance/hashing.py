"""Stable digests and hashes: equal on every machine, in every process, for every Python."""

import hashlib
import json
from pathlib import Path

KEY_LENGTH = 16
_BLOCK = 1 << 20


def digest(data: object) -> str:
    """Return the first 16 hexadecimal digits of the sha256 of `data` as canonical JSON."""
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:KEY_LENGTH]


def unit_hash(*parts: str | int) -> int:
    """Return a 64-bit hash of the parts.

    Decisions are drawn from it instead of from a random stream, so that they do not depend on
    order, sharding or the number of workers. Parts are separated by U+001F: ("ab", "c") and
    ("a", "bc") differ.
    """
    text = "\x1f".join(map(str, parts))
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8"), digest_size=8).digest(), "big")


def file_digest(path: Path) -> str:
    """Return the full sha256 of a file, read in blocks of 1 MiB."""
    sha = hashlib.sha256()
    with path.open("rb") as handle:
        while block := handle.read(_BLOCK):
            sha.update(block)
    return sha.hexdigest()
