"""Reading text files in chunks of whole units, plain or compressed, and writing them."""

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, cast

from polystilts.errors import InputError
from polystilts.sources.lines import BOM

CHUNK = 1 << 20
LARGEST = 1 << 26
COMPRESSED = ".gz"
MARK = BOM.encode("utf-8")
# Where the last whole unit of some bytes ends; 0 where none does.
Cut = Callable[[bytes], int]


def read_chunks(path: Path, cut: Cut, what: str) -> Iterator[tuple[int, bytes]]:
    """Yield (number of its first line, bytes) of chunks that end where `cut` says.

    A byte order mark in front of a file is part of the first chunk.

    Raises:
        InputError: the file is empty, is not there, cannot be unpacked, or `what`, the thing that
            ends a chunk, does not come for too long.
    """
    line, rest = 1, b""
    with open_input(path) as handle:
        while data := handle.read(CHUNK):
            rest += data
            end = cut(rest)
            if end:
                yield line, rest[:end]
                line += rest.count(b"\n", 0, end)
                rest = rest[end:]
            elif len(rest) > LARGEST:
                raise InputError(path, f"{what} within {LARGEST >> 20} MiB.", line)
    if rest:
        yield line, rest
    elif line == 1:
        raise InputError(path, "the file is empty.", hint="There is nothing to switch in it.")


@contextmanager
def open_input(path: Path) -> Iterator[IO[bytes]]:
    """Open a file for reading, unpacked if its name ends in `.gz`.

    Raises:
        InputError: it cannot be read or unpacked.
    """
    try:
        if path.suffix == COMPRESSED:
            with gzip.open(path) as handle:
                yield cast(IO[bytes], handle)
        else:
            with path.open("rb") as handle:
                yield handle
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(path, f"not a whole gzip file ({error}).", hint="Get it again.") from None
    except OSError as error:
        raise InputError(path, f"cannot be read ({error.strerror or error}).") from None


@contextmanager
def open_output(path: Path, compressed: bool) -> Iterator[IO[bytes]]:
    """Open a file for writing; a compressed one holds neither a name nor a time."""
    with path.open("wb") as handle:
        if compressed:
            with gzip.GzipFile("", "wb", fileobj=handle, mtime=0) as packed:
                yield cast(IO[bytes], packed)
        else:
            yield handle


def decode(data: bytes, path: Path, line: int) -> str:
    """Return the text of a chunk.

    Raises:
        InputError: it is not UTF-8, with the line.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = line + data.count(b"\n", 0, error.start)
        reason = f"not UTF-8 (byte {data[error.start]:#04x})."
        raise InputError(path, reason, number, "Convert the file to UTF-8.") from None


def last_line_end(data: bytes) -> int:
    """Return where the last whole line ends."""
    return data.rfind(b"\n") + 1
