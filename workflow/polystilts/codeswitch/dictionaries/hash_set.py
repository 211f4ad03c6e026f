"""A fixed set of 64-bit hashes, asked for many at once."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes

_FILTER_BITS = np.uint64(20)


@dataclass(frozen=True, slots=True)
class HashSet:
    """Sorted different hashes; their lowest bits tell at once that most others are not among them.

    Looking into the filter takes a tenth of the time of a search, which is left to what passes it.
    """

    hashes: Hashes
    _filter: NDArray[np.bool_] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        listed = np.zeros(1 << int(_FILTER_BITS), bool)
        listed[_low(self.hashes)] = True
        object.__setattr__(self, "_filter", listed)

    def __len__(self) -> int:
        return len(self.hashes)

    def contains(self, hashes: Hashes) -> NDArray[np.bool_]:
        """Say which of some hashes are in the set."""
        found = self._filter[_low(hashes)]
        passed = np.flatnonzero(found)
        if len(passed):
            asked = hashes[passed]
            place = np.searchsorted(self.hashes, asked)
            place[place == len(self.hashes)] = 0
            found[passed] = self.hashes[place] == asked
        return found


def _low(hashes: Hashes) -> NDArray[np.int64]:
    return (hashes & np.uint64((1 << int(_FILTER_BITS)) - 1)).astype(np.int64)
