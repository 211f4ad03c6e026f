"""Decompressed streams that stay within limits and know whether the file was whole."""

import bz2
import io
import lzma
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from polystilts.errors import InputError

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Limits:
    """How much may come out of an archive, in bytes, and how many times its own size.

    The ratio counts only above `free` bytes: a small file of spaces compresses a thousand times.
    """

    member: int = 16 << 30
    total: int = 64 << 30
    ratio: int = 200
    free: int = 64 << 20


DEFAULT_LIMITS = Limits()


def check_amount(path: Path, amount: int, packed: int, limits: Limits) -> None:
    """Refuse an archive that unpacks to more than it should.

    Raises:
        InputError: `amount` bytes from an archive of `packed` bytes are over a limit.
    """
    if amount > limits.total or amount > max(limits.free, packed * limits.ratio):
        reason = f"it unpacks to {amount} bytes or more from {packed}: that is no data set."
        raise InputError(path, reason, hint="Delete it and fetch it again from its publisher.")


class Unpacked(io.RawIOBase):
    """The content of a gzip, bzip2 or xz file as a stream, in blocks of bounded size.

    Streams one after the other are one content, as the formats say. Raises InputError for a file
    that ends early, is damaged, has anything but zeros after its end, or unpacks to too much.
    """

    def __init__(self, path: Path, kind: str, limits: Limits) -> None:
        super().__init__()
        self._path, self._new, self._limits = path, _DECOMPRESSORS[kind], limits
        self._packed = path.stat().st_size
        self._file = path.open("rb")
        self._decompressor: Any = self._new()
        self._waiting = b""
        self._amount = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def close(self) -> None:
        self._file.close()
        super().close()

    def readinto(self, buffer: Any) -> int:
        block = self._next(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def _next(self, size: int) -> bytes:
        """Return up to `size` bytes, none at the end."""
        while size and not self._ended:
            if self._decompressor.eof:
                self._begin_another_stream()
                continue
            fresh = self._waiting
            if not fresh and getattr(self._decompressor, "needs_input", True):
                fresh = self._file.read(_BLOCK)
            try:
                block = self._decompressor.decompress(fresh, size)
            except (OSError, EOFError, ValueError, zlib.error, lzma.LZMAError) as error:
                reason = f"it is damaged or no such archive ({error})."
                raise InputError(self._path, reason, hint=_FETCH_AGAIN) from None
            self._waiting = getattr(self._decompressor, "unconsumed_tail", b"")
            if block:
                self._amount += len(block)
                check_amount(self._path, self._amount, self._packed, self._limits)
                return bytes(block)
            if not fresh and not self._decompressor.eof:
                raise InputError(self._path, "it is cut short.", hint=_FETCH_AGAIN)
        return b""

    def _begin_another_stream(self) -> None:
        rest = self._decompressor.unused_data or self._file.read(_BLOCK)
        while rest and not rest.strip(b"\0"):
            rest = self._file.read(_BLOCK)
        rest = rest.lstrip(b"\0")
        if not rest:
            self._ended = True
            return
        if len(rest) < len(_LONGEST_MAGIC):
            rest += self._file.read(_BLOCK)
        if not rest.startswith(_MAGIC[self._new]):
            reason = "something follows after its end."
            raise InputError(self._path, reason, hint=_FETCH_AGAIN)
        self._decompressor, self._waiting = self._new(), rest


class _Gzip:
    """zlib's decompressor of one gzip member, with the interface of the other two."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=31)

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        return self._inner.unconsumed_tail

    def decompress(self, data: bytes, size: int) -> bytes:
        return self._inner.decompress(data, size)


_FETCH_AGAIN = "Delete it and fetch it again."
_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "gz": _Gzip,
    "bz2": bz2.BZ2Decompressor,
    "xz": lzma.LZMADecompressor,
}
_MAGIC: dict[Callable[[], Any], bytes] = {
    _Gzip: b"\x1f\x8b",
    bz2.BZ2Decompressor: b"BZh",
    lzma.LZMADecompressor: b"\xfd7zXZ\0",
}
_LONGEST_MAGIC = b"\xfd7zXZ\0"
