"""Which words are replaced: a quota per example, filled in an order drawn by hash.

The items of an example are ranked by their draws; equal units (the occurrences of a word that
shares one map) have one draw and stand or fall together. The quota q is rounded to a whole number
of words, up with the probability of its fraction. The walk goes down the ranking and tries one unit
after the other until the quota is full: a unit that cannot be switched is lost for its reason, and
one that holds more words than the quota has left is passed over. So the number of switched words is
the quota wherever units of one word are left to fill it, and does not say how many words of an
example occur twice: pairs of texts with one meaning share more words than others, and their label
must not be read off that number. Where nothing fits the rest r of the quota, the first unit that
was passed over, of c words, takes the place of the last one of c - r words; where there is none,
it is taken with probability r/c: the expected number of words is q exactly, whatever the sizes of
units.
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
    """Return which units are taken and which are tried; `quota` and `rounding` per example.

    `rounding` is a number from [0, 1) per example; both of its uses are independent.
    """
    part = quota - np.floor(quota)
    up = rounding < part
    whole = np.floor(quota) + up
    spare = np.where(up, rounding, rounding - part) / np.where(up, part, 1.0 - part)
    before, passed = _passed_over(units, whole)
    within = before < whole[units.example]
    taken = within & (units.words > 0)
    if passed:
        taken[np.concatenate(passed)] = False
        _fill_rest(units, whole, spare, passed[0], taken)
    return taken, taken | (within & (units.words == 0))


def _passed_over(
    units: Units, whole: NDArray[np.float64]
) -> tuple[NDArray[np.int64], list[Places]]:
    """Return the words taken before each unit, and the units that are too large for the rest.

    The latter come in rounds, of each example at most one a round: the first that is too large,
    then the first behind it, and so on.
    """
    wanted = whole[units.example]
    before = _words_before(units.example, units.words)
    passed: list[Places] = []
    at = np.arange(len(before))
    while True:
        # at most one an example: behind it the quota is full
        large = at[(before[at] < wanted[at]) & (before[at] + units.words[at] > wanted[at])]
        if not len(large):
            return before, passed
        passed.append(large)
        busy = np.zeros(len(whole), bool)
        busy[units.example[large]] = True
        at = at[busy[units.example[at]]]
        kept = np.ones(len(before), bool)
        kept[np.concatenate(passed)] = False
        before[at] = _words_before(units.example[at], np.where(kept, units.words, 0)[at])
        at = at[kept[at]]


def _fill_rest(
    units: Units,
    whole: NDArray[np.float64],
    spare: NDArray[np.float64],
    first: Places,
    taken: NDArray[np.bool_],
) -> None:
    """Fill what is left of a quota with the first unit that was passed over; changes `taken`."""
    owner = units.example[first]
    held = np.bincount(units.example[taken], units.words[taken], minlength=len(whole))
    rest = (whole - held)[owner]
    # give one back that makes the place of the first that was passed over, if there is one
    spared = np.full(len(whole), -1.0)
    spared[owner] = units.words[first] - rest
    given = np.flatnonzero(taken & (units.words == spared[units.example]))
    back = np.full(len(whole), -1, np.int64)
    back[units.example[given]] = given  # the last one stays
    swapped = (back[owner] >= 0) & (rest > 0)
    taken[back[owner[swapped]]] = False
    taken[first] = swapped | (spare[owner] * units.words[first] < rest)


def _words_before(example: Places, words: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return how many words the units before each have in its example; equal examples adjoin."""
    before = np.cumsum(words) - words
    first = np.ones(len(before), bool)
    first[1:] = example[1:] != example[:-1]
    starts = np.flatnonzero(first)
    return before - np.repeat(before[first], np.diff(np.append(starts, len(before))))
