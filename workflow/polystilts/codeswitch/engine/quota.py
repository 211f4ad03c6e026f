"""Which words are replaced: a quota per example, filled in an order drawn by hash.

The items of an example are ranked by their draws; equal units (the occurrences of a word that
shares one map) have one draw and stand or fall together. The walk goes down the ranking and tries
one unit after the other until the quota is full: a unit that cannot be switched is lost for its
reason. The last unit, with which the walk would pass the quota q, is taken with the probability
(q − C)/c, where c are its words and C those before it, by a number drawn for the example: the
expected number of words is then q exactly, whatever the sizes of units.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes
from polystilts.codeswitch.engine.chunks import Places

_DRAW_BITS = 48
_EXAMPLE_SHIFT = np.uint64(_DRAW_BITS)
_DRAW_SHIFT = np.uint64(64 - _DRAW_BITS)
MOST_EXAMPLES = 1 << (64 - _DRAW_BITS)


@dataclass(frozen=True, slots=True)
class Units:
    """Items in groups that are decided on together, in the order of the walk.

    Attributes:
        order: places of the items, unit by unit.
        first: items of unit u are order[first[u]:first[u + 1]].
        example: per unit.
        words: per unit, the words of its eligible items.
        lead: per unit, the place of its first item in the text.
    """

    order: Places
    first: Places
    example: Places
    words: NDArray[np.int64]
    lead: Places

    def of_items(self, units: NDArray[np.bool_]) -> Places:
        """Return the places of the items of some units."""
        return self.order[np.repeat(units, np.diff(self.first))]


def group(
    example: Places,
    draw: Hashes,
    unit: Hashes,
    width: NDArray[np.int64],
    eligible: NDArray[np.bool_],
) -> Units:
    """Return the units of items, given per item; there are fewer than 65,536 examples."""
    key = example.astype(np.uint64) << _EXAMPLE_SHIFT | draw >> _DRAW_SHIFT
    order = np.argsort(key)
    sorted_key, sorted_unit = key[order], unit[order]
    new = np.ones(len(order), bool)
    new[1:] = sorted_key[1:] != sorted_key[:-1]
    if ((sorted_unit[1:] != sorted_unit[:-1]) & ~new[1:]).any():
        # two units drew equal in the leading bits: rank by all of them
        order = np.lexsort((unit, draw, example))
        sorted_key, sorted_unit = key[order], unit[order]
        new[1:] = (sorted_key[1:] != sorted_key[:-1]) | (sorted_unit[1:] != sorted_unit[:-1])
    starts = np.flatnonzero(new)
    if not len(starts):
        nothing = np.zeros(0, np.int64)
        return Units(nothing, np.zeros(1, np.int64), nothing, nothing, nothing)
    return Units(
        order=order,
        first=np.append(starts, len(order)),
        example=example[order[starts]],
        words=np.add.reduceat((width * eligible)[order], starts),
        lead=np.minimum.reduceat(order, starts),
    )


def walk(
    units: Units, quota: NDArray[np.float64], rounding: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which units are taken and which are tried; `quota` and `rounding` per example."""
    before = np.cumsum(units.words) - units.words
    first = np.ones(len(before), bool)
    first[1:] = units.example[1:] != units.example[:-1]
    start = before[first]
    before -= np.repeat(start, np.diff(np.append(np.flatnonzero(first), len(before))))
    wanted = quota[units.example]
    eligible = units.words > 0
    taken = eligible & (before + rounding[units.example] * units.words < wanted)
    return taken, taken | (~eligible & (before < wanted))
