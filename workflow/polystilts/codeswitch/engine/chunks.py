"""Chunks of plain English texts found in the codes of all their characters at once.

A text is plain if it is of ASCII characters and holds no mark-up, URL or the like. The chunks of
other texts are found by `words.chunked`, with the same result where both can be asked.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt
from polystilts.codeswitch.english.words import OPAQUE, OPAQUE_BEGINNINGS

Codes = NDArray[np.uint8] | NDArray[np.uint32]
Places = NDArray[np.int64]

_LETTER, _JOINER, _OPAQUE = 1, 2, 3
_LAST = 127  # stands for whatever is not ASCII as well
_KINDS = np.zeros(_LAST + 1, np.uint8)
_KINDS[[code for code in range(_LAST) if chr(code).isalnum() or chr(code) == "_"]] = _LETTER
_KINDS[[ord(character) for character in ".'-"]] = _JOINER
_KINDS[[_LAST, *map(ord, OPAQUE)]] = _OPAQUE
_CHARACTER = mix(np.arange(128, dtype=np.uint64), salt("purpose", "character"))
# Odd, hence invertible; 3 mod 4, so that its powers differ by few factors of two.
_BASE = 0x9E37_79B9_7F4A_7C17
_STRETCH = 1 << 16
_INVERSE = pow(_BASE, -1, 1 << 64)


def codes_of(text: str) -> Codes:
    """Return the code points of a text."""
    if text.isascii():
        return np.frombuffer(text.encode("ascii"), np.uint8)
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def kinds_of(codes: Codes) -> NDArray[np.uint8]:
    """Return what each character may be to a chunk of a plain text."""
    return _KINDS[np.minimum(codes, _LAST)]


def opaque(whole: str, kinds: NDArray[np.uint8]) -> Places:
    """Return where in a text, in order, something stands that makes it no plain one."""
    places = np.flatnonzero(kinds == _OPAQUE).tolist()
    for beginning in OPAQUE_BEGINNINGS:
        place = whole.find(beginning)
        while place >= 0:
            places.append(place)
            place = whole.find(beginning, place + 1)
    return np.array(sorted(places), np.int64)


def plain_chunks(kinds: NDArray[np.uint8]) -> tuple[Places, Places]:
    """Return where the chunks of plain texts begin and end.

    A chunk is letters, digits and underscores, with single `.`, `'` and `-` inside.
    """
    letter = kinds == _LETTER
    inside = np.zeros(len(kinds) + 2, bool)
    inside[1:-1] = letter
    inside[2:-2] |= (kinds[1:-1] == _JOINER) & letter[:-2] & letter[2:]
    edges = np.flatnonzero(inside[1:] != inside[:-1])
    return edges[::2], edges[1::2]


def chunk_hashes(codes: Codes, start: Places, end: Places) -> Hashes:
    """Return a hash of 64 bits per chunk: a polynomial in its characters, mixed with its length."""
    hashes = np.empty(len(start), np.uint64)
    first = 0
    while first < len(start):  # by stretches, so that all stays near the processor
        limit = start[first] + _STRETCH
        last = max(first + 1, int(np.searchsorted(end, limit, side="right")))
        begin = start[first]
        places = slice(first, last)
        hashes[places] = _hashes(
            codes[begin : end[last - 1]], start[places] - begin, end[places] - begin
        )
        first = last
    return hashes


def _hashes(codes: Codes, start: Places, end: Places) -> Hashes:
    powers, inverses = _powers(1 << (len(codes) - 1).bit_length())
    terms = _CHARACTER[np.minimum(codes, _LAST)]
    terms *= powers[: len(codes)]
    sums = np.zeros(len(codes) + 1, np.uint64)
    np.cumsum(terms, out=sums[1:])
    polynomial = (sums[end] - sums[start]) * inverses[start]
    return mix(polynomial, (end - start).astype(np.uint64))


@cache
def _powers(count: int) -> tuple[Hashes, Hashes]:
    """Return the powers of the base and of its inverse, from 0 on, modulo 2 to the 64."""
    found = []
    for factor in (_BASE, _INVERSE):
        factors = np.full(count, factor, np.uint64)
        factors[0] = 1
        found.append(np.multiply.accumulate(factors))
    return found[0], found[1]


class HashTable:
    """Numbers by hash, for the hashes that were met first in their slot; it only saves time."""

    _BITS = 19

    def __init__(self) -> None:
        self._hashes = np.zeros(1 << self._BITS, np.uint64)
        self._numbers = np.full(1 << self._BITS, -1, np.int32)

    def look_up(self, hashes: Hashes) -> NDArray[np.int32]:
        """Return the numbers of hashes, -1 where one is not here."""
        slot = self._slots(hashes)
        return np.where(self._hashes[slot] == hashes, self._numbers[slot], np.int32(-1))

    def learn(self, hashes: Hashes, numbers: NDArray[np.int32]) -> None:
        """Keep numbers whose slots are free."""
        slot = self._slots(hashes)
        free = np.flatnonzero(self._numbers[slot] < 0)
        # of several for one slot numpy keeps the last, in both
        self._hashes[slot[free]] = hashes[free]
        self._numbers[slot[free]] = numbers[free]

    def _slots(self, hashes: Hashes) -> NDArray[np.int64]:
        return (hashes >> np.uint64(64 - self._BITS)).astype(np.int64)
