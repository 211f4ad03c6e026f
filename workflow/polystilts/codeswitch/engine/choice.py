"""What a unit that is switched becomes: a language, then one of its translations.

The language is drawn by a race of those that have the word; see `race`.
"""

import numpy as np
from numpy.typing import NDArray

from polystilts.codeswitch.decisions import Hashes, mix, salt, share
from polystilts.codeswitch.dictionaries.dictionary import Dictionary
from polystilts.codeswitch.engine.chunks import Places
from polystilts.codeswitch.engine.race import LanguageRace

_SENSE = salt("sense")


def choose(
    dictionary: Dictionary,
    race: LanguageRace,
    entry: NDArray[np.int32],
    draw: Hashes,
    base: Hashes,
    part: NDArray[np.int8],
) -> Places:
    """Return the candidate that each unit becomes.

    Args:
        dictionary, race: what there is to choose from.
        entry: per unit its entry, which has candidates.
        draw: per unit its own draw.
        base: per unit the base of its language race.
        part: per unit the part of speech in its place; see `batch.Items`.
    """
    if not len(entry):
        return np.zeros(0, np.int64)
    first = dictionary.slot_first[entry]
    widths = dictionary.slot_first[entry + 1] - first
    starts = np.cumsum(widths) - widths
    slots = np.arange(starts[-1] + widths[-1]) + np.repeat(first - starts, widths)
    numbers = race.numbers(np.repeat(base, widths), dictionary.slot_language[slots])
    best = np.repeat(np.minimum.reduceat(numbers, starts), widths)
    # of two equal numbers the first in the alphabet wins
    winners = np.flatnonzero(numbers == best)
    owner = np.repeat(np.arange(len(entry)), widths)[winners]
    leads = np.ones(len(owner), bool)
    leads[1:] = owner[1:] != owner[:-1]
    slot = slots[winners[leads]]
    point = slot + share(mix(draw, _SENSE))
    if len(dictionary.bounds) == 1:
        return _find(dictionary.bounds[0], point, slot, dictionary)
    candidate = np.zeros(len(slot), np.int64)
    for number in np.unique(part).tolist():
        members = part == number
        candidate[members] = _find(
            dictionary.bounds[number], point[members], slot[members], dictionary
        )
    return candidate


def _find(
    bounds: NDArray[np.float64], point: NDArray[np.float64], slot: Places, dictionary: Dictionary
) -> Places:
    """Return the first candidate of each slot whose bound lies above the point, or the last one.

    Slots have few candidates, and most draws end at the first or second.
    """
    found = dictionary.candidate_first[slot]
    last = dictionary.candidate_first[slot + 1] - 1  # slot + share may round up to the next slot
    going = np.flatnonzero((found < last) & (bounds[found] <= point))
    while len(going):
        found[going] += 1
        at = found[going]
        going = going[(at < last[going]) & (bounds[at] <= point[going])]
    return found
