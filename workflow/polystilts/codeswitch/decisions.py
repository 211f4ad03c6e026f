"""Decisions drawn from hashes: no random stream, hence no order and no shards to depend on.

An example's decisions start from one 64-bit base: XXH3 (Collet, github.com/Cyan4973/xxHash) of its
id under a seed that stands for the recipe's seed, the data set and the split, mixed with the number
of the copy. Everything that is decided is a unit with a 64-bit hash of its own (a word, a position,
a language) that is mixed with the base by the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast
splittable pseudorandom number generators", OOPSLA 2014). Arrays are decided on at once.
"""

from collections.abc import Iterable

import numpy as np
import xxhash
from numpy.typing import NDArray

from polystilts.provenance.hashing import unit_hash

Hashes = NDArray[np.uint64]

_SHIFTS = tuple(np.uint64(bits) for bits in (30, 27, 31))
_FACTORS = (np.uint64(0xBF58_476D_1CE4_E5B9), np.uint64(0x94D0_49BB_1331_11EB))
_MANTISSA = np.uint64(11)


def mix(bases: Hashes, units: Hashes | np.uint64) -> Hashes:
    """Return the draws of `units` under `bases`, arrays of 64-bit hashes (or one for all)."""
    bits = bases ^ units
    bits ^= bits >> _SHIFTS[0]
    bits *= _FACTORS[0]
    bits ^= bits >> _SHIFTS[1]
    bits *= _FACTORS[1]
    bits ^= bits >> _SHIFTS[2]
    return bits


def share(draws: Hashes) -> NDArray[np.float64]:
    """Return draws as numbers in [0, 1), of 53 bits."""
    numbers: NDArray[np.float64] = (draws >> _MANTISSA).astype(np.float64)
    numbers *= 2.0**-53
    return numbers


def salt(*names: str | int) -> np.uint64:
    """Return the unit hash of a purpose or a thing that has a name."""
    return np.uint64(unit_hash(*names))


def word_hash(word: str) -> int:
    """Return the unit hash of a dictionary's source word, or of a word without entry."""
    return xxhash.xxh3_64_intdigest(word.encode("utf-8", "surrogatepass"))


def example_hashes(identities: Iterable[str], seed: int, dataset: str, split: str) -> Hashes:
    """Return the hash of each example's id within (seed, data set, split)."""
    start = unit_hash("example", seed, dataset, split)
    digest = xxhash.xxh3_64_intdigest
    return np.array(
        [digest(identity.encode("utf-8", "surrogatepass"), start) for identity in identities],
        np.uint64,
    )
