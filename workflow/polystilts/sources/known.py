"""What a file is known to be, and the comparison of a file with it."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Known:
    """A file's sha256 and size in bytes.

    `parts` tells of how many published files it was put together; sha256 and size are then those
    of the published files one after the other, since what is made of them depends on the
    software that makes it.
    """

    sha256: str
    size: int
    parts: int = 1

    def __str__(self) -> str:
        text = f"{self.sha256}/{self.size}"
        return text if self.parts == 1 else f"{text}/{self.parts}"

    @classmethod
    def parse(cls, text: str) -> "Known":
        """Read what `str` writes: sha256/size and, unless it is 1, /parts.

        Raises:
            ValueError: it is something else.
        """
        sha256, *numbers = text.split("/")
        if len(sha256) != 64 or set(sha256) - set("0123456789abcdef") or len(numbers) not in (1, 2):
            raise ValueError(text)
        return cls(sha256, *map(int, numbers))


def measure(files: Path | Iterable[Path]) -> Known:
    """Return what a file is, or several files one after the other."""
    paths = [files] if isinstance(files, Path) else list(files)
    sha, size = hashlib.sha256(), 0
    for path in paths:
        with path.open("rb") as handle:
            while block := handle.read(_BLOCK):
                sha.update(block)
                size += len(block)
    return Known(sha.hexdigest(), size, len(paths))


def difference(found: Known, wanted: Known | None) -> str | None:
    """Return what distinguishes a file from what is known of it; None if nothing does."""
    if wanted is None or found == wanted:
        return None
    if found.parts != wanted.parts:
        return f"it is published in {found.parts} parts, {wanted.parts} were recorded"
    if found.size != wanted.size:
        return f"it has {found.size} bytes, {wanted.size} were recorded"
    return f"its sha256 is {found.sha256}, {wanted.sha256} was recorded"
