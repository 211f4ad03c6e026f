"""Decisions drawn from hashes: no random stream, hence no order and no shards to depend on.

An example's draws start from one base, `polystilts.provenance.hashing.unit_hash` of (seed, data
set, example, copy, field). Each unit (a word type, or the ordinal of an occurrence) is mixed with
the base by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
generators", OOPSLA 2014). The upper half of the 64 bits opens the gate, the lower half chooses.
"""

_MASK = 0xFFFF_FFFF_FFFF_FFFF
_LOW = 0xFFFF_FFFF
_STEP = 0x9E37_79B9_7F4A_7C15


def mix(base: int, unit: int) -> int:
    """Return the 64-bit draw of `unit` under `base`; both are non-negative."""
    bits = (base + (unit + 1) * _STEP) & _MASK
    bits = ((bits ^ (bits >> 30)) * 0xBF58_476D_1CE4_E5B9) & _MASK
    bits = ((bits ^ (bits >> 27)) * 0x94D0_49BB_1331_11EB) & _MASK
    return bits ^ (bits >> 31)


def threshold(share: float) -> int:
    """Return the bound below which `gate` is open for `share` of all draws."""
    return round(share * (_LOW + 1))


def gate(draw: int) -> int:
    """Return the upper 32 bits: a draw passes when they are below `threshold(share)`."""
    return draw >> 32


def choose(draw: int, languages: int, senses: tuple[int, ...]) -> tuple[int, int]:
    """Return (language, sense): uniform over languages, then over that language's senses.

    `senses` holds the number of senses of each of the `languages` languages. The lower 32 bits
    are split by division, so both choices are independent of each other and of the gate.
    """
    rest, language = divmod(draw & _LOW, languages)
    return language, rest % senses[language]
