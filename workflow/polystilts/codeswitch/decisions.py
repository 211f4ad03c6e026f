"""Decisions drawn from hashes: no random stream, hence no order and no shards to depend on.

An example's draws start from one base, `polystilts.provenance.hashing.unit_hash` of (seed, data
set, example, copy, field). A word type is mixed with the base by the finaliser of SplitMix64
(Steele, Lea and Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014); occurrences
take the output of SHAKE-128 (FIPS 202) over the base, in order. Of the 64 bits of a draw the upper
half opens the gate and the lower half chooses.
"""

import hashlib
import struct

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_LOW = 0xFFFF_FFFF


def mix(base: int, unit: int) -> int:
    """Return the 64-bit draw of `unit` under `base`, both of them 64-bit hashes themselves."""
    bits = base ^ unit
    bits = ((bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return bits ^ (bits >> 31)


def stream(base: int, count: int) -> tuple[int, ...]:
    """Return the first `count` 64-bit draws under `base`; a longer stream begins with them."""
    digest = hashlib.shake_128(base.to_bytes(8, "little")).digest(8 * count)
    return struct.unpack(f"<{count}Q", digest)


def limit(share: float) -> int:
    """Return the bound below which `share` of all draws lie: those that pass the gate."""
    return round(share * (_LOW + 1)) << 32


def choose(draw: int, languages: int, senses: tuple[int, ...]) -> tuple[int, int]:
    """Return (language, sense): uniform over languages, then over that language's senses.

    `senses` holds the number of senses of each of the `languages` languages. The lower 32 bits
    are split by division, so both choices are independent of each other and of the gate.
    """
    rest, language = divmod(draw & _LOW, languages)
    return language, rest % senses[language]
